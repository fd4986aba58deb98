//! What goes wrong on the way from a browser to a file, in shares that are asked for.
//!
//! Mess is made of the finished facts of a company, by a stream of chance of its own: what is left
//! clean is the same as in the clean world.

use std::fmt;
use std::str::FromStr;

use firsthand_model::fact::{Body, Fact};
use firsthand_model::{Span, Text};
use serde::{Serialize, Serializer};

use crate::chance::Chance;

/// What clients send when they have no id.
pub const JUNK_IDS: [&str; 6] = ["null", "undefined", "guest", "0", "[object Object]", "anonymous"];
/// A clock that is ahead is so by less than a day: an import refuses what comes from the future.
const AHEAD_MAX: Span = Span(20 * Span::HOUR.0);

/// How much goes wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Mess {
    /// Facts that arrive late: by ten minutes up to sixty days.
    pub late: Share,
    /// Facts that arrive again, with the same id, later.
    pub repeated: Share,
    /// Events whose client has a clock that is wrong: up to a month behind, or hours ahead.
    pub clocks: Share,
    /// Events whose person is `null`, `undefined` or the like.
    pub junk: Share,
    /// Whether the facts of a company come in any order; else they come as they arrived.
    pub shuffled: bool,
}

impl Mess {
    /// A bad day.
    pub const MESSY: Self = Self {
        late: Share::from_millionths(50_000),
        repeated: Share::from_millionths(10_000),
        clocks: Share::from_millionths(5_000),
        junk: Share::from_millionths(5_000),
        shuffled: true,
    };

    /// Makes it of the facts of a company, which are in order of time.
    pub(crate) fn make(self, facts: &mut Vec<Fact>, mut chance: Chance) {
        if self == Self::default() {
            return;
        }
        let mut again = Vec::new();
        for fact in &mut *facts {
            let by_person = matches!(fact.body, Body::Event { .. }) && fact.who.user.is_some();
            if by_person && self.clocks.hits(&mut chance) {
                fact.time = fact.time + wrong(&mut chance);
            }
            if by_person && self.junk.hits(&mut chance) {
                fact.who.user = Some(Text::new_static(chance.pick(&JUNK_IDS)));
            }
            if self.late.hits(&mut chance) {
                let minutes = chance.heavy(10, 60 * 24 * 60, 0.5);
                fact.known_at = fact.known_at.map(|it| it + Span::MINUTE.times(minutes));
            }
            if self.repeated.hits(&mut chance) {
                let later = Span::SECOND.times(chance.heavy(1, 7 * 24 * 3_600, 0.4));
                again.push(Fact { known_at: fact.known_at.map(|it| it + later), ..fact.clone() });
            }
        }
        facts.append(&mut again);
        if self.shuffled {
            for last in (1..facts.len()).rev() {
                let other = chance.below(last as u64 + 1);
                facts.swap(last, usize::try_from(other).expect("a place in the list"));
            }
        } else {
            // Stable, so that of one instant what was told first comes first.
            facts.sort_by_key(|it| it.known_at);
        }
    }
}

/// By how much a clock is wrong.
fn wrong(chance: &mut Chance) -> Span {
    if chance.hit(7_000) {
        -Span::MINUTE.times(chance.heavy(2, 30 * 24 * 60, 0.5))
    } else {
        Span(chance.between(Span::MINUTE.0, AHEAD_MAX.0))
    }
}

/// A share of a whole, exact to a millionth: `5%`, `0.5 %` or `0.05`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share(u32);

const WHOLE: u32 = 1_000_000;

impl Share {
    /// So many of a million; not more than all.
    pub const fn from_millionths(millionths: u32) -> Self {
        Self(if millionths > WHOLE { WHOLE } else { millionths })
    }

    fn hits(self, chance: &mut Chance) -> bool {
        self.0 > 0 && chance.below(u64::from(WHOLE)) < u64::from(self.0)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", f64::from(self.0) / 10_000.0)
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / f64::from(WHOLE))
    }
}

/// The text is no share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a share such as `5%` or `0.05`")]
pub struct ShareError;

impl FromStr for Share {
    type Err = ShareError;

    fn from_str(text: &str) -> Result<Self, ShareError> {
        let text = text.trim();
        let (number, of) = match text.strip_suffix('%') {
            Some(percent) => (percent.trim_end(), 100.0),
            None => (text, 1.0),
        };
        let number: f64 = number.parse().map_err(|_| ShareError)?;
        let millionths = (number / of * f64::from(WHOLE)).round();
        if !(0.0..=f64::from(WHOLE)).contains(&millionths) {
            return Err(ShareError);
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it was just held against its bounds"
        )]
        Ok(Self(millionths as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_percentages_or_parts_of_one() {
        for (text, millionths) in [("5%", 50_000), ("0.5 %", 5_000), ("0.05", 50_000), ("1", WHOLE)]
        {
            assert_eq!(text.parse(), Ok(Share(millionths)), "{text}");
        }
        for text in ["", "%", "-1%", "101%", "2", "five", "NaN"] {
            assert_eq!(text.parse::<Share>(), Err(ShareError), "{text}");
        }
        assert_eq!(Share(5_000).to_string(), "0.5%");
    }
}
