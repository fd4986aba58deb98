//! How fast messages go: so many a minute through the channel, and so far apart to one destination.
//!
//! A message whose turn has not come gets an instant of its own and is put off until then. It keeps
//! this promise when it comes back, so that later ones cannot overtake it for ever.

use std::collections::HashMap;

use firsthand_model::{Span, Text, Time};

/// Promises that are remembered; beyond that all are forgotten, and made anew.
const PROMISES_MAX: usize = 20_000;
/// Destinations that are remembered before those are forgotten that may be written to at once.
const DESTINATIONS_MAX: usize = 10_000;

/// What a message has been promised.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Promise {
    Nothing,
    Destination,
    Channel,
}

/// The pace of one channel.
#[derive(Default)]
pub(super) struct Pace {
    /// Between two messages of the channel.
    interval: Span,
    /// Between two messages to one destination.
    spacing: Span,
    next: Time,
    destinations: HashMap<Text, Time>,
    promises: HashMap<Text, Promise>,
}

impl Pace {
    pub fn new(per_minute: Option<u32>, spacing: Span) -> Self {
        let interval =
            per_minute.map_or(Span::ZERO, |it| Span(Span::MINUTE.0 / i64::from(it.max(1))));
        Self { interval, spacing, ..Self::default() }
    }

    /// When a message may go: now, or at an instant that is kept for it.
    pub fn slot(&mut self, id: &Text, destination: Option<&Text>, now: Time) -> Time {
        let promised = self.promises.remove(id).unwrap_or(Promise::Nothing);
        if promised < Promise::Destination
            && let Some(destination) = destination
            && self.spacing > Span::ZERO
        {
            self.forget(now);
            let next = self.destinations.entry(destination.clone()).or_insert(now);
            let at = now.max(*next);
            *next = at + self.spacing;
            if at > now {
                return self.promise(id, Promise::Destination, at);
            }
        }
        if promised < Promise::Channel && self.interval > Span::ZERO {
            let at = now.max(self.next);
            self.next = at + self.interval;
            if at > now {
                return self.promise(id, Promise::Channel, at);
            }
        }
        now
    }

    /// A destination asks to be left alone until an instant.
    pub fn hold(&mut self, destination: &Text, until: Time) {
        let next = self.destinations.entry(destination.clone()).or_insert(until);
        *next = until.max(*next);
    }

    fn promise(&mut self, id: &Text, promise: Promise, at: Time) -> Time {
        if self.promises.len() >= PROMISES_MAX {
            self.promises.clear();
        }
        self.promises.insert(id.clone(), promise);
        at
    }

    fn forget(&mut self, now: Time) {
        if self.destinations.len() >= DESTINATIONS_MAX {
            self.destinations.retain(|_, next| *next > now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time(0) + Span::SECOND.times(seconds)
    }

    #[test]
    fn messages_to_one_destination_keep_apart_and_others_go_at_once() {
        let mut pace = Pace::new(None, Span::SECOND);
        let (sales, team) = (Text::new("#sales"), Text::new("#team"));
        let slots: Vec<_> =
            ["a", "b", "c"].map(|id| pace.slot(&id.into(), Some(&sales), at(0))).to_vec();
        assert_eq!(slots, [at(0), at(1), at(2)]);
        assert_eq!(pace.slot(&"d".into(), Some(&team), at(0)), at(0));
    }

    #[test]
    fn a_message_that_was_put_off_goes_when_it_was_promised() {
        let mut pace = Pace::new(Some(60), Span::SECOND);
        let sales = Text::new("#sales");
        let mut waiting: Vec<(Text, Time)> =
            (0..20).map(|it| (Text::new(it.to_string()), at(0))).collect();
        let mut sent = Vec::new();
        for second in 0..40 {
            for (id, due) in std::mem::take(&mut waiting) {
                if due > at(second) {
                    waiting.push((id, due));
                    continue;
                }
                match pace.slot(&id, Some(&sales), at(second)) {
                    now if now == at(second) => sent.push((id, second)),
                    later => waiting.push((id, later)),
                }
            }
            // Those that keep coming do not overtake.
            if second < 10 {
                waiting.push((Text::new(format!("late {second}")), at(second)));
            }
        }
        assert_eq!(sent.len(), 30);
        let mut seconds: Vec<_> = sent.iter().map(|(_, second)| *second).collect();
        seconds.dedup();
        assert_eq!(seconds.len(), 30, "one a second");
        let first_late = sent.iter().position(|(id, _)| id.starts_with("late")).unwrap();
        assert!(first_late >= 19, "{sent:?}");
    }

    #[test]
    fn a_destination_that_asks_for_it_is_left_alone() {
        let mut pace = Pace::new(None, Span::SECOND);
        let sales = Text::new("#sales");
        pace.hold(&sales, at(30));
        assert_eq!(pace.slot(&"a".into(), Some(&sales), at(0)), at(30));
    }
}
