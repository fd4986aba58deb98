//! The one contact budget (PLAYS-1).

use firsthand_model::config::{ContactRules, Rate};
use firsthand_model::play::Reason;
use firsthand_model::{Span, Text, Time};
use rustc_hash::FxHashMap;

/// Who was written to, as far back as any rate looks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Budget {
    people: FxHashMap<Text, Vec<Time>>,
    accounts: FxHashMap<Text, Vec<Time>>,
}

impl Budget {
    /// Counts a message to a person of an account.
    pub fn count(&mut self, account: &Text, person: &Text, at: Time) {
        for times in [
            self.people.entry(person.clone()).or_default(),
            self.accounts.entry(account.clone()).or_default(),
        ] {
            let place = times.partition_point(|it| *it <= at);
            times.insert(place, at);
        }
    }

    /// When the budget has room for a message; with the reason where that is later than now.
    pub fn room(
        &self,
        rules: &ContactRules,
        account: &str,
        person: &str,
        now: Time,
    ) -> Result<(), (Time, Reason)> {
        let none = Vec::new();
        let person = free_at(&rules.person, self.people.get(person).unwrap_or(&none), now);
        let account = free_at(&rules.account, self.accounts.get(account).unwrap_or(&none), now);
        match person.max(account) {
            at if at <= now => Ok(()),
            at if at == person => Err((at, Reason::PersonBudget)),
            at => Err((at, Reason::AccountBudget)),
        }
    }

    /// Forgets what no rate looks back to any more.
    pub fn forget_before(&mut self, before: Time) {
        for times in [&mut self.people, &mut self.accounts] {
            times.retain(|_, it| {
                it.drain(..it.partition_point(|at| *at < before));
                !it.is_empty()
            });
        }
    }
}

/// The first instant from now on at which another one fits all rates.
fn free_at(rates: &[Rate], times: &[Time], now: Time) -> Time {
    let of = |rate: &Rate| {
        // The newest `count` are what a further one must not fall together with.
        let oldest = times.len().checked_sub(rate.count as usize).and_then(|it| times.get(it));
        oldest.map_or(now, |at| *at + rate.span)
    };
    rates.iter().map(of).fold(now, Time::max)
}

/// The first instant from now on that is not in quiet hours on a zone's clock.
pub(crate) fn awake_at(
    hours: firsthand_model::config::Hours,
    calendar: &firsthand_model::Calendar,
    now: Time,
) -> Time {
    let date = calendar.date(now);
    let midnight = calendar.instant(date, Span::ZERO);
    if !hours.contain(now - midnight) {
        return now;
    }
    let today = calendar.instant(date, hours.to);
    if today > now {
        return today;
    }
    let tomorrow = calendar.date(calendar.next_midnight(now));
    calendar.instant(tomorrow, hours.to)
}

#[cfg(test)]
mod tests {
    use firsthand_model::Calendar;
    use firsthand_model::config::Hours;
    use firsthand_model::time::Weekday;

    use super::*;

    #[test]
    fn quiet_hours_end_in_the_morning_of_the_persons_zone() {
        let night = Hours { from: Span::HOUR.times(20), to: Span::HOUR.times(8) };
        let tokyo = Calendar::new("Asia/Tokyo", Weekday::Monday).unwrap();
        let awake = |at: &str| awake_at(night, &tokyo, at.parse().unwrap()).to_string();
        assert_eq!(awake("2026-03-08T03:00:00Z"), "2026-03-08T03:00:00Z", "noon there");
        assert_eq!(awake("2026-03-08T12:00:00Z"), "2026-03-08T23:00:00Z", "nine in the evening");
        assert_eq!(awake("2026-03-08T20:00:00Z"), "2026-03-08T23:00:00Z", "five in the morning");
    }

    #[test]
    fn what_was_sent_blocks_for_exactly_the_span() {
        let mut budget = Budget::default();
        let rate = |count, span| Rate { count, span };
        let rules = ContactRules {
            person: vec![rate(1, Span::DAY), rate(2, Span::WEEK)],
            account: vec![rate(3, Span::WEEK)],
            ..ContactRules::default()
        };
        let day = |it| Time(0) + Span::DAY.times(it);
        let room = |budget: &Budget, person: &str, at| budget.room(&rules, "acme", person, at);
        let (acme, ana, bob): (Text, Text, Text) = ("acme".into(), "ana".into(), "bob".into());
        budget.count(&acme, &ana, day(0));
        assert_eq!(room(&budget, "ana", day(0)), Err((day(1), Reason::PersonBudget)));
        assert_eq!(room(&budget, "ana", day(1)), Ok(()));
        budget.count(&acme, &ana, day(1));
        assert_eq!(room(&budget, "ana", day(2)), Err((day(7), Reason::PersonBudget)));
        budget.count(&acme, &bob, day(2));
        assert_eq!(room(&budget, "cleo", day(3)), Err((day(7), Reason::AccountBudget)));
        assert_eq!(room(&budget, "cleo", day(7)), Ok(()));
    }
}
