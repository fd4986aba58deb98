//! Claims about the ledger and the qualifications.

use std::collections::BTreeMap;

use firsthand_model::Time;
use firsthand_rules::ledger::{Change, Entry, fold};
use firsthand_rules::timeline::{Interval, Subject};

use super::claims;
use super::sample::{self, account, commit, line, minute, person};
use crate::{
    Commit, LedgerFilter, LedgerLine, LedgerOrder, LedgerRow, PageRequest, Qualification, Store,
};

claims![
    lines_come_back_as_they_went_in,
    qualifications_are_what_folding_the_ledger_gives,
    versions_are_folded_apart,
    lines_are_found_by_each_filter,
    what_was_written_since_is_found_by_number,
    open_qualifications_are_found_by_definition_subject_and_account,
];

fn read(store: &dyn Store, filter: &LedgerFilter) -> Vec<LedgerRow> {
    let page = PageRequest::first(1_000);
    store.ledger(filter, LedgerOrder::OldestFirst, &page).unwrap().rows
}

fn lines_come_back_as_they_went_in(store: &dyn Store) {
    let revised = |entry, reopened| Change::Revised { was: minute(3), entry, reopened };
    let changes = [
        Change::Entered,
        Change::Left,
        revised(true, false),
        revised(false, false),
        revised(false, true),
        Change::Retracted,
    ];
    let mut lines = changes.map(|change| line(person("zoë \"z\""), change, minute(4))).to_vec();
    lines[1].account = Some("acme".into());
    lines[2].evidence = None;
    lines[3].known_at = minute(90);
    lines[4].offset = 7;
    let receipt = store.commit(&sample::ledger(lines.clone())).unwrap();
    let rows = read(store, &LedgerFilter::default());
    assert_eq!(rows.iter().map(|it| it.line.clone()).collect::<Vec<_>>(), lines);
    let numbers = rows.iter().map(|it| it.id).collect::<Vec<_>>();
    assert_eq!(receipt.ledger.unwrap().collect::<Vec<_>>(), numbers);
}

/// Chance from a seed, so that a failure can be run again.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn time(&mut self) -> Time {
        minute(self.below(12).cast_signed())
    }

    fn change(&mut self) -> Change {
        let was = self.time();
        match self.below(6) {
            0 | 1 => Change::Entered,
            2 => Change::Left,
            3 => Change::Revised { was, entry: true, reopened: false },
            4 => Change::Revised { was, entry: false, reopened: self.below(2) == 0 },
            _ => Change::Retracted,
        }
    }
}

/// STORE-3, P1: any lines at all, in any order, however they are spread over commits.
fn qualifications_are_what_folding_the_ledger_gives(store: &dyn Store) {
    for seed in 0..60 {
        let mut chance = Chance(seed);
        let subjects = ["a", "b"].map(|name| person(&format!("{name}{seed}")));
        let mut entries = BTreeMap::<Subject, Vec<Entry>>::new();
        for _ in 0..8 {
            let mut lines = Vec::new();
            for _ in 0..chance.below(4) {
                let subject = subjects[usize::from(chance.below(2) == 0)].clone();
                let (change, held_at) = (chance.change(), chance.time());
                let known_at = chance.time();
                lines.push(LedgerLine { known_at, ..line(subject.clone(), change, held_at) });
                let entry = Entry { definition: 0, change, held_at, known_at };
                entries.entry(subject).or_default().push(entry);
            }
            commit(store, &sample::ledger(lines));
            for (subject, entries) in &entries {
                let kept = store.qualifications_of(subject).unwrap();
                let kept = kept.into_iter().map(|it| it.interval).collect::<Vec<_>>();
                assert_eq!(vec![kept], fold(entries, 1), "rerun with seed {seed}");
            }
        }
    }
}

fn versions_are_folded_apart(store: &dyn Store) {
    let entered = line(account("acme"), Change::Entered, minute(1));
    let newer = LedgerLine { version: "v2".into(), held_at: minute(0), ..entered.clone() };
    let left = LedgerLine { change: Change::Left, held_at: minute(5), ..entered.clone() };
    commit(store, &sample::ledger([entered, newer, left]));
    let kept = store.qualifications_of(&account("acme")).unwrap();
    let told = kept.iter().map(|it| (it.version.as_str(), it.interval.left)).collect::<Vec<_>>();
    assert_eq!(told, [("v1", Some(minute(5))), ("v2", None)]);
    assert_eq!(store.count_open_qualifications("power", "v1").unwrap(), 0);
    assert_eq!(store.count_open_qualifications("power", "v2").unwrap(), 1);
}

fn lines_are_found_by_each_filter(store: &dyn Store) {
    let lines = [
        line(account("acme"), Change::Entered, minute(1)),
        LedgerLine {
            account: Some("acme".into()),
            ..line(person("acme"), Change::Entered, minute(2))
        },
        LedgerLine { definition: "near".into(), ..line(account("b"), Change::Entered, minute(3)) },
        LedgerLine { version: "v2".into(), ..line(account("b"), Change::Entered, minute(4)) },
    ];
    commit(store, &sample::ledger(lines));
    let all = LedgerFilter::default();
    let cases = [
        (LedgerFilter { definition: Some("near".into()), ..all.clone() }, vec![3]),
        (LedgerFilter { version: Some("v1".into()), ..all.clone() }, vec![1, 2, 3]),
        (LedgerFilter { subject: Some(person("acme")), ..all.clone() }, vec![2]),
        (LedgerFilter { account: Some("acme".into()), ..all.clone() }, vec![1, 2]),
        (LedgerFilter { known_from: Some(minute(3)), ..all.clone() }, vec![3, 4]),
        (LedgerFilter { known_to: Some(minute(3)), ..all.clone() }, vec![1, 2]),
        (LedgerFilter { account: Some("c".into()), ..all }, vec![]),
    ];
    for (filter, minutes) in cases {
        let found = read(store, &filter);
        let wanted = minutes.into_iter().map(minute).collect::<Vec<_>>();
        assert_eq!(
            found.iter().map(|it| it.line.held_at).collect::<Vec<_>>(),
            wanted,
            "{filter:?}"
        );
    }
}

fn what_was_written_since_is_found_by_number(store: &dyn Store) {
    commit(store, &sample::ledger([line(account("a"), Change::Entered, minute(9))]));
    let end = store.ledger_end().unwrap();
    let since = LedgerFilter { after: Some(end), ..LedgerFilter::default() };
    assert!(read(store, &since).is_empty());
    // Known earlier, written later.
    commit(store, &sample::ledger([line(account("b"), Change::Entered, minute(1))]));
    let found = read(store, &since);
    assert_eq!(found.iter().map(|it| &*it.line.subject.id).collect::<Vec<_>>(), ["b"]);
}

fn open_qualifications_are_found_by_definition_subject_and_account(store: &dyn Store) {
    let of_person =
        LedgerLine { account: Some("a".into()), ..line(person("p"), Change::Entered, minute(3)) };
    let near = LedgerLine { definition: "near".into(), ..of_person.clone() };
    let lines = [
        line(account("a"), Change::Entered, minute(1)),
        line(account("a"), Change::Left, minute(2)),
        of_person,
        near,
        line(account("b"), Change::Entered, minute(4)),
    ];
    commit(store, &Commit { ledger: lines.to_vec(), ..Commit::default() });
    let page = PageRequest::first(10);
    let told = |found: Vec<Qualification>| {
        let name = |it: &Qualification| format!("{} {}", it.definition, it.subject.id);
        found.iter().map(name).collect::<Vec<_>>()
    };
    let open = |definition| told(store.open_qualifications(definition, &page).unwrap().rows);
    assert_eq!(open(None), ["near p", "power b", "power p"]);
    assert_eq!(open(Some(("power", "v1"))), ["power b", "power p"]);
    assert_eq!(open(Some(("power", "v2"))), Vec::<String>::new());
    assert_eq!(told(store.open_qualifications_in("a").unwrap()), ["near p", "power p"]);
    let interval = Interval { entered: minute(1), left: Some(minute(2)), known_at: minute(1) };
    let closed = store.qualifications_of(&account("a")).unwrap();
    assert_eq!(closed.into_iter().map(|it| it.interval).collect::<Vec<_>>(), [interval]);
}
