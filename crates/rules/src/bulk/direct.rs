//! Answers to the commonest question without a timeline: whether there have been so many.
//!
//! "At least 3 people in the last 7 days" holds from an event on as long as the third newest person
//! was seen within 7 days. So it is enough to know when that was, where it changes: what falls out
//! of the window need not be followed. Days change with their first event, and people where
//! somebody else acts than before. The same goes for sums of amounts that are never below zero.

use firsthand_model::Span;

use super::Life;
use super::events::{Events, Stretch};
use super::measure::is_days;
use super::question::Answers;
use super::whole::Whole;
use super::words::Words;
use crate::eval::entries::EXACT_ENTRIES_MAX;
use crate::eval::leaf::{Leaf, Measure};
use crate::eval::window::Part;

/// Most different keys that are looked through at each event.
const KEYS_MAX: usize = 16;

/// Of so many events that must be near each other so many are looked at, to see whether that may be;
/// fewer than the least are looked at one by one later anyway.
const LOOKED_AT: usize = 4;
const LOOKED_AT_MIN: usize = 8;

/// Whether a leaf has measured so much within a window that slides, or ever.
#[derive(Clone, Copy, Debug)]
pub(super) struct AtLeast {
    /// The series of the leaf.
    pub series: u32,
    /// For ever, if there is no window.
    length: Option<Span>,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Events(usize),
    Days(usize),
    /// One event of any key.
    Key,
    Keys(usize),
    /// Millionths.
    Sum(i64),
}

impl AtLeast {
    /// Of a measure that must have counted so many events, days or keys; `None` if it has no such
    /// answers.
    pub fn count(series: u32, measure: &Whole, count: usize) -> Option<Self> {
        let (measure, length) = slides(measure)?;
        let what = match measure {
            Measure::Count => What::Events(count),
            // Where there is an event, there is a day.
            Measure::Distinct(parts) if is_days(parts) && count == 1 => What::Events(count),
            Measure::Distinct(parts) if is_days(parts) => What::Days(count),
            Measure::Distinct(_) if count == 1 => What::Key,
            Measure::Distinct(_) if count <= KEYS_MAX => What::Keys(count),
            _ => return None,
        };
        (count > 0).then_some(Self { series, length, what })
    }

    /// Of a measure that must come to so many millionths; `None` if it has no such answers.
    pub fn sum(series: u32, measure: &Whole, least: i64) -> Option<Self> {
        let (measure, length) = slides(measure)?;
        let is_sum = matches!(measure, Measure::Sum(_)) && least > 0;
        is_sum.then_some(Self { series, length, what: What::Sum(least) })
    }

    /// Whether it may have been so, as far as a few of so many events tell that it may have been
    /// of: with them, or with fewer. They come in order.
    pub fn may_be(&self, count: usize, at: impl Fn(usize) -> i64) -> bool {
        let events = match self.what {
            What::Events(count) | What::Days(count) | What::Keys(count) => count,
            What::Key | What::Sum(_) => return true,
        };
        let (Some(Span(length)), true) = (self.length, events >= LOOKED_AT_MIN) else {
            return count >= events;
        };
        // So many events one after the other hold at least so many that are looked at.
        let (stride, looked_at) = (events / LOOKED_AT, LOOKED_AT);
        let between = (looked_at - 1) * stride;
        let near = |from: usize| at(from + between).wrapping_sub(at(from)) < length;
        (0..count.saturating_sub(between)).step_by(stride).any(near)
    }

    /// Works out the answers over a life; false if there are more events in the window than a leaf
    /// keeps to the microsecond, or amounts below zero.
    pub fn answer(&self, events: &mut Events, life: Life, answers: &mut Answers) -> bool {
        let length = self.length.map_or(i64::MAX, |it| it.0);
        let times = &events.times[..];
        let much_later = times.get(EXACT_ENTRIES_MAX..).unwrap_or_default();
        let too_many = |(later, at): (&i64, &i64)| later - at <= length;
        if self.length.is_some() && much_later.iter().zip(times).any(too_many) {
            return false;
        }
        answers.clear();
        let mut turns = Turns { answers, length, life, ends: NOT };
        match self.what {
            What::Events(count) => {
                let newest = times.get(count - 1..).unwrap_or_default();
                let since = &times[..newest.len()];
                turns.each(newest.len(), |it| newest[it], |it| since[it]);
            }
            What::Days(count) => {
                let days = events.days.get(count - 1..).unwrap_or_default();
                let last = |day: usize| times[events.days[day + 1] as usize - 1];
                turns.each(days.len(), |it| times[days[it] as usize], last);
            }
            What::Key => {
                let known = times.iter().zip(&events.keys).filter(|it| *it.1 != Words::NONE);
                known.for_each(|(at, _)| turns.tell(*at, *at));
            }
            What::Keys(count) => turns.keys(events.stretches(), count),
            What::Sum(least) => {
                // The newest event from which on the amounts come to enough.
                let (mut from, mut sum) = (0, 0_i64);
                for (place, (at, amount)) in times.iter().zip(&events.amounts).enumerate() {
                    let Some(more) = sum.checked_add(*amount).filter(|_| *amount >= 0) else {
                        return false;
                    };
                    sum = more;
                    while from < place && sum - events.amounts[from] >= least {
                        sum -= events.amounts[from];
                        from += 1;
                    }
                    if sum >= least {
                        turns.tell(*at, times[from]);
                    }
                }
            }
        }
        turns.end();
        true
    }
}

/// What a leaf measures, and for how long back if not for ever, where its window slides.
fn slides(measure: &Whole) -> Option<(&Measure, Option<Span>)> {
    let Whole::Leaf(Leaf { measure, window, .. }) = measure else { return None };
    match &window.parts[..] {
        [] => Some((measure, None)),
        [Part::Sliding { length, ago: Span(0) }] => Some((measure, Some(*length))),
        _ => None,
    }
}

/// In the place of an end: it is not so.
const NOT: i64 = i64::MIN;

/// The answers as they turn.
struct Turns<'a> {
    answers: &'a mut Answers,
    length: i64,
    life: Life,
    /// While it is so: when it is so no longer, if nothing comes.
    ends: i64,
}

impl Turns<'_> {
    /// Says of each of so many instants since when there have been enough. Neither goes back.
    fn each(&mut self, count: usize, at: impl Fn(usize) -> i64, since: impl Fn(usize) -> i64) {
        let length = self.length;
        let ends = |it: usize| since(it).saturating_add(length);
        // Whether an instant is before an end. It is never before the beginning, so that what goes
        // round is far from it.
        let near = |it: usize, of: usize| {
            at(it).wrapping_sub(since(of)).cast_unsigned() < length.cast_unsigned()
        };
        let mut first = 0;
        // Most instants say the same as the one before.
        while let Some(enters) = (first..count).find(|it| near(*it, *it)) {
            self.tell(at(enters), since(enters));
            let Some(turns) = (enters + 1..count).find(|it| !near(*it, *it - 1)) else {
                self.ends = ends(count - 1);
                return;
            };
            self.ends = ends(turns - 1);
            self.tell(at(turns), since(turns));
            first = turns + 1;
        }
    }

    /// Says when so many different keys have been seen. Where not even so many stretches are near
    /// enough to each other, nobody has to know of which keys they are.
    fn keys(&mut self, stretches: &[Stretch], count: usize) {
        // When each of the newest keys was seen last, the newest first.
        let mut newest = [(Words::NONE, 0); KEYS_MAX];
        let (mut found, mut taken) = (0, 0);
        for (last, first) in (count - 1..stretches.len()).zip(0..) {
            if stretches[last].from >= stretches[first].to.saturating_add(self.length) {
                continue;
            }
            if taken < last {
                (found, taken) = (0, first);
            }
            for stretch in &stretches[taken..=last] {
                let place = newest[..found].iter().position(|(it, _)| *it == stretch.key);
                let place = place.unwrap_or_else(|| {
                    found = count.min(found + 1);
                    found - 1
                });
                newest.copy_within(..place, 1);
                newest[0] = (stretch.key, stretch.to);
            }
            taken = last + 1;
            if found == count {
                self.tell(stretches[last].from, newest[found - 1].1);
            }
        }
    }

    /// Says that at an instant there have been enough since another. Instants come in order; of
    /// several at once the last tells.
    fn tell(&mut self, at: i64, since: i64) {
        let ends = since.saturating_add(self.length);
        if ends <= at && self.ends == NOT {
            return;
        }
        if self.ends < at && self.ends != NOT {
            self.put(self.ends, false);
            self.ends = NOT;
        }
        let was = self.ends != NOT;
        self.ends = if ends > at { ends } else { NOT };
        if was != (ends > at) {
            self.put(at, !was);
        }
    }

    fn put(&mut self, at: i64, answer: bool) {
        let birth = self.life.birth.0;
        if self.answers.is_empty() && at > birth {
            self.answers.push((birth, Some(false)));
        }
        // What was said of the same instant before is said no longer.
        if self.answers.last().is_some_and(|(last, _)| *last == at) {
            self.answers.pop();
        }
        if self.answers.last().is_none_or(|(_, last)| *last != Some(answer)) {
            self.answers.push((at, Some(answer)));
        }
    }

    fn end(mut self) {
        if self.ends != NOT && self.ends <= self.life.until.0 && self.ends < i64::MAX {
            self.put(self.ends, false);
        }
        if self.answers.is_empty() {
            self.answers.push((self.life.birth.0, Some(false)));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// To look at a few events never leaves out what is so.
        #[test]
        fn what_is_so_may_be_so(
            gaps in vec(0..9_i64, 0..150),
            count in 1..60_usize,
            length in 1..200_i64,
        ) {
            let times = gaps.iter().scan(0, |at, gap| { *at += gap; Some(*at) });
            let times: Vec<i64> = times.collect();
            let what = What::Events(count);
            let question = AtLeast { series: 0, length: Some(Span(length)), what };
            let is_so = times.windows(count).any(|it| it[count - 1] - it[0] < length);
            let may_be = question.may_be(times.len(), |it| times[it]);
            prop_assert!(may_be || !is_so);
            // Where nothing is near anything, that is seen.
            let far = |event: usize| 1000 * i64::try_from(event).unwrap();
            prop_assert!(!question.may_be(times.len(), far) || count < LOOKED_AT_MIN);
        }
    }
}
