//! Claims about where facts come from.

use super::claims;
use super::sample::{commit, minute};
use crate::{Commit, Source, SourceMinute, SourceTally, Store};
use firsthand_model::{Span, Time};

claims![tallies_add_up_in_total_and_by_minute];

fn tally(source: &str, seen_at: Time, accepted: u64) -> SourceTally {
    SourceTally { source: source.into(), seen_at, accepted, rejected: 1, repeated: 2 }
}

fn tallies_add_up_in_total_and_by_minute(store: &dyn Store) {
    let within = |minutes, seconds| minute(minutes) + Span::SECOND.times(seconds);
    let tallies = vec![
        tally("web", within(5, 10), 100),
        tally("web", within(5, 59), 10),
        tally("api", within(5, 1), 7),
    ];
    commit(store, &Commit { tallies, ..Commit::default() });
    let late = vec![tally("web", within(4, 0), 1), tally("web", within(6, 0), 1_000)];
    commit(store, &Commit { tallies: late, ..Commit::default() });

    let source = |source: &str, first, last, accepted, rejected, repeated| Source {
        source: source.into(),
        first_seen_at: first,
        last_seen_at: last,
        accepted,
        rejected,
        repeated,
    };
    let wanted = [
        source("api", within(5, 1), within(5, 1), 7, 1, 2),
        source("web", within(4, 0), within(6, 0), 1_111, 4, 8),
    ];
    assert_eq!(store.sources().unwrap(), wanted);

    let in_minute = |at, source: &str, accepted, rejected, repeated| SourceMinute {
        source: source.into(),
        minute: minute(at),
        accepted,
        rejected,
        repeated,
    };
    let minutes = store.source_minutes(None, minute(4), minute(6)).unwrap();
    let wanted = [
        in_minute(4, "web", 1, 1, 2),
        in_minute(5, "api", 7, 1, 2),
        in_minute(5, "web", 110, 2, 4),
    ];
    assert_eq!(minutes, wanted);
    let api = store.source_minutes(Some("api"), minute(0), minute(9)).unwrap();
    assert_eq!(api, wanted[1..2]);
}
