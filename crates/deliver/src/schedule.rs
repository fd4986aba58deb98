//! When a failed message is tried again.

use std::time::Duration;

use firsthand_model::Span;

/// Waits before the second try, the third, and so on; after the last of them it is given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule(pub Vec<Duration>);

/// The most by which a wait is lengthened, in hundredths: those that failed together do not come
/// back together.
const JITTER_PERCENT: u64 = 20;
/// The longest wait that a receiver may ask for.
pub const ASKED_MAX: Duration = Duration::from_hours(24);

impl Schedule {
    /// Of Standard Webhooks: ten tries over three days.
    pub fn webhook() -> Self {
        Self::seconds(&[5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400])
    }

    /// Of e-mail: a relay that is down is tried for two days.
    pub fn email() -> Self {
        Self::seconds(&[60, 300, 900, 3_600, 14_400, 43_200, 86_400])
    }

    /// Of services that people wait for: a few quick tries, then for a day.
    pub fn service() -> Self {
        Self::seconds(&[5, 30, 120, 600, 1_800, 7_200, 21_600, 43_200])
    }

    fn seconds(seconds: &[u64]) -> Self {
        Self(seconds.iter().map(|it| Duration::from_secs(*it)).collect())
    }

    /// How long to wait after so many tries, the last of which failed; `None` gives up. What the
    /// receiver asked for is held to, within [`ASKED_MAX`]. The chance that spreads waits hangs on
    /// the key and the try alone.
    pub fn after(&self, tries: u32, asked: Option<Duration>, key: &str) -> Option<Span> {
        let index = usize::try_from(tries.saturating_sub(1)).ok()?;
        let wait = *self.0.get(index)?;
        let wait = asked.map_or(wait, |asked| asked.min(ASKED_MAX).max(wait));
        let chance =
            blake3::Hasher::new().update(key.as_bytes()).update(&tries.to_le_bytes()).finalize();
        let chance = u64::from(u16::from_le_bytes([chance.as_bytes()[0], chance.as_bytes()[1]]));
        let wait = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX >> 32);
        let jitter = wait * JITTER_PERCENT * chance / 100 / u64::from(u16::MAX);
        Some(Span(i64::try_from((wait + jitter) * 1_000).unwrap_or(i64::MAX)))
    }
}

/// A wait as the clock of facts counts it.
pub(crate) fn span(duration: Duration) -> Span {
    Span(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_as_standard_webhooks_says_and_come_to_an_end() {
        let schedule = Schedule::webhook();
        let waits: Vec<i64> =
            (1..).map_while(|tries| schedule.after(tries, None, "k")).map(|it| it.0).collect();
        assert_eq!(waits.len(), 9, "ten tries");
        for (wait, seconds) in waits.iter().zip([5, 300, 1_800, 7_200, 18_000]) {
            let least = seconds * 1_000_000;
            assert!((least..=least * 12 / 10).contains(wait), "{wait} after {seconds} s");
        }
    }

    #[test]
    fn those_that_failed_together_do_not_come_back_together() {
        let waits: std::collections::BTreeSet<_> =
            (0..50).map(|it| Schedule::webhook().after(2, None, &format!("k{it}"))).collect();
        assert!(waits.len() > 45, "{waits:?}");
        let again = Schedule::webhook().after(2, None, "k7");
        assert!(waits.contains(&again), "the same message waits the same time in every run");
    }

    #[test]
    fn what_the_receiver_asks_for_is_held_to_but_not_for_ever() {
        let schedule = Schedule::webhook();
        let after = |asked| schedule.after(1, Some(Duration::from_secs(asked)), "k").unwrap();
        assert!(after(3_600) >= Span::HOUR);
        assert!(after(1) >= Span::SECOND.times(5), "never sooner than we would have");
        assert!(after(u64::MAX) <= Span::DAY.times(2));
    }
}
