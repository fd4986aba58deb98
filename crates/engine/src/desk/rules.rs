//! The rules of leads, by track.

use firsthand_model::config::Track;
use firsthand_model::time::Weekday;
use firsthand_model::{Calendar, Span, Time};

/// The rules of leads on one track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrackRules {
    /// How long no lead opens after one was rejected. Verdicts hold all the same.
    pub cool_down: Span,
    /// After how long without any news an open lead expires.
    pub expires: Span,
    /// Within how much working time a lead is to be answered.
    pub answer_within: Span,
}

impl Default for TrackRules {
    fn default() -> Self {
        Self {
            cool_down: Span::DAY.times(90),
            expires: Span::DAY.times(30),
            answer_within: Span::HOUR.times(8),
        }
    }
}

/// The rules of leads.
#[derive(Clone, Debug, Default)]
pub struct LeadRules {
    /// The zone in which people work.
    pub calendar: Calendar,
    /// On the product track.
    pub product: TrackRules,
    /// On the marketing track.
    pub marketing: TrackRules,
    /// On the expansion track.
    pub expansion: TrackRules,
}

/// When work begins and ends, as time of day.
const WORKING_HOURS: (Span, Span) = (Span::HOUR.times(9), Span::HOUR.times(17));
/// Most days that are looked ahead.
const DAYS_MAX: usize = 400;

impl LeadRules {
    /// Those of a track.
    pub fn of(&self, track: Track) -> &TrackRules {
        match track {
            Track::Product | Track::None => &self.product,
            Track::Marketing => &self.marketing,
            Track::Expansion => &self.expansion,
        }
    }

    /// By when a lead known at an instant is to be answered: only working time counts.
    pub fn due(&self, track: Track, known_at: Time) -> Time {
        let mut left = self.of(track).answer_within;
        let mut from = known_at;
        for _ in 0..DAYS_MAX {
            let date = self.calendar.date(from);
            let opens = self.calendar.instant(date, WORKING_HOURS.0);
            let closes = self.calendar.instant(date, WORKING_HOURS.1);
            let is_workday = !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
            let begins = from.max(opens);
            if is_workday && begins < closes {
                if left <= closes - begins {
                    return begins + left;
                }
                left = Span(left.0 - (closes - begins).0);
            }
            from = self.calendar.next_midnight(from);
        }
        from
    }
}
