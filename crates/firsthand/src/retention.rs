//! Forgetting what is old enough, a little at a time.

use std::time::{Duration, Instant};

use firsthand_model::config::RetentionRules;
use firsthand_model::{Span, Time};
use firsthand_store::{Retain, Retention, SWEEP_ROWS_MAX, StoreError};

/// How often it is looked for what has become old.
const EVERY: Duration = Duration::from_hours(1);

/// Until when things are forgotten, at an instant.
pub fn until(rules: &RetentionRules, now: Time) -> Retention {
    let before = |period: Option<Span>| period.map(|it| now - it);
    Retention {
        ledger_before: before(rules.ledger),
        quarantine_before: before(rules.quarantine),
        minutes_before: before(rules.minutes),
        leads_before: before(rules.leads),
        deliveries_before: before(rules.deliveries),
        audit_before: before(rules.audit),
    }
}

/// Sweeps beside a running server: a small step with each look, until nothing is left for an hour.
pub struct Sweeper {
    rules: RetentionRules,
    next: Instant,
}

impl Sweeper {
    /// Begins with the first look.
    pub fn new(rules: RetentionRules) -> Self {
        Self { rules, next: Instant::now() }
    }

    /// Does the next step, if it is time.
    pub fn look(&mut self, store: &dyn Retain, now: Time) {
        if self.rules == RetentionRules::default() || Instant::now() < self.next {
            return;
        }
        match store.sweep(&until(&self.rules, now)) {
            Ok(rows) if rows >= u64::from(SWEEP_ROWS_MAX) => {}
            Ok(_) => self.next = Instant::now() + EVERY,
            Err(error) => {
                tracing::warn!(%error, "what is old could not be forgotten; it is tried again");
                self.next = Instant::now() + EVERY;
            }
        }
    }
}

/// Sweeps until nothing is left; how many rows went.
pub fn sweep_all(store: &dyn Retain, until: &Retention) -> Result<u64, StoreError> {
    let mut all = 0;
    loop {
        match store.sweep(until)? {
            0 => return Ok(all),
            rows => all += rows,
        }
    }
}

#[cfg(test)]
mod tests {
    use firsthand_store::SqliteStore;
    use firsthand_store::{Commit, Log, PageRequest, Quarantine, QuarantineFilter, Quarantined};

    use super::*;

    #[test]
    fn what_is_older_than_its_period_goes_and_the_rest_is_kept() {
        let store = SqliteStore::in_memory().unwrap();
        let now: Time = "2026-03-01T00:00:00Z".parse().unwrap();
        let refused = |days: i64| Quarantined {
            source: "web".into(),
            received_at: now - Span::DAY.times(days),
            code: "no-name".into(),
            reason: "it has no name".into(),
            raw: b"{}".to_vec(),
        };
        let quarantined = vec![refused(40), refused(31), refused(29)];
        store.commit(&Commit { quarantined, ..Commit::default() }).unwrap();
        let left = || {
            let page = PageRequest::first(9);
            store.quarantined(&QuarantineFilter::default(), &page).unwrap().rows.len()
        };
        let mut idle = Sweeper::new(RetentionRules::default());
        idle.look(&store, now);
        assert_eq!(left(), 3, "what nobody limits is kept");
        let rules =
            RetentionRules { quarantine: Some(Span::DAY.times(30)), ..RetentionRules::default() };
        let mut sweeper = Sweeper::new(rules);
        sweeper.look(&store, now);
        assert_eq!(left(), 1);
        let rules = RetentionRules { quarantine: Some(Span::DAY), ..rules };
        assert_eq!(sweep_all(&store, &until(&rules, now)).unwrap(), 1);
        assert_eq!(left(), 0);
    }
}
