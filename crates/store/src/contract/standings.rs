//! Claims about standings.

use super::claims;
use super::sample::{commit, minute};
use crate::{Commit, Identities, Retention, Store, TakenStanding};

claims![
    a_standing_stays_as_it_was_taken,
    of_an_erased_account_no_standing_is_left,
    standings_that_nobody_takes_any_more_are_forgotten,
];

fn taken(population: &str, at: i64, account: &str, spread: &[u8]) -> TakenStanding {
    TakenStanding {
        population: population.into(),
        at: minute(at),
        account: account.into(),
        spread: spread.to_vec(),
    }
}

fn standings(standings: Vec<TakenStanding>) -> Commit {
    Commit { standings, ..Commit::default() }
}

fn a_standing_stays_as_it_was_taken(store: &dyn Store) {
    let first = taken("usage", 1, "", b"one");
    let second = taken("usage", 2, "", b"two");
    commit(store, &standings(vec![second.clone(), first.clone(), taken("other", 1, "", b"x")]));
    commit(store, &standings(vec![taken("usage", 1, "", b"otherwise")]));
    assert_eq!(store.standings("usage").unwrap(), [first, second]);
    assert_eq!(store.standings("unheard of").unwrap(), []);
}

fn of_an_erased_account_no_standing_is_left(store: &dyn Store) {
    let other = taken("rank", 1, "other", b"x");
    commit(store, &standings(vec![taken("rank", 1, "acme", b"x"), other.clone()]));
    let who = Identities { persons: Vec::new(), accounts: vec!["acme".into()] };
    let erased = store.erase(&who, &mut |_| Ok(None)).unwrap();
    assert_eq!(erased.by_table.get("standings"), Some(&1));
    assert_eq!(store.standings("rank").unwrap(), [other]);
}

/// What is still taken is kept whole: timelines begin where it says.
fn standings_that_nobody_takes_any_more_are_forgotten(store: &dyn Store) {
    let kept = [taken("usage", 1, "", b"x"), taken("usage", 9, "", b"x")];
    commit(store, &standings(kept.to_vec()));
    commit(store, &standings(vec![taken("gone", 1, "", b"x"), taken("gone", 3, "", b"x")]));
    let before = |at| Retention { ledger_before: Some(minute(at)), ..Retention::default() };
    assert_eq!(store.sweep(&before(3)).unwrap(), 0);
    assert_eq!(store.sweep(&before(4)).unwrap(), 2);
    assert_eq!(store.standings("gone").unwrap(), []);
    assert_eq!(store.standings("usage").unwrap(), kept);
}
