//! Single stories: crashes, limits, late identity.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use firsthand_model::config::IdentityRules;
use firsthand_model::fact::{Body, Kind, RowBody};
use firsthand_model::{Calendar, Fact};

use super::*;
use crate::catalogue::ColumnKind;
use crate::error::HistoryError;
use crate::history::Limits;
use crate::{Compaction, LeftOut, SEGMENTS_PER_BUCKET_MAX, Tally};

fn exports(count: usize) -> Vec<Fact> {
    let body = |n: usize| event("Report exported", &format!(r#"{{"pages":{n},"format":"pdf"}}"#));
    (0..count)
        .map(|n| {
            let who = within(&format!("acct-{}", n % 37), user(&format!("user-{}", n % 101)));
            fact(&format!("id-{n}"), day(i64::try_from(n % 90).unwrap()), who, body(n))
        })
        .collect()
}

/// What was done anonymously moves to the account once the person is known.
#[test]
fn a_link_that_comes_in_later_moves_anonymous_events_to_their_account() {
    let visit =
        |n: i64| fact(&format!("v{n}"), day(n), anonymous("device"), event("Visited", "{}"));
    let mut fixture = Fixture::with(&[visit(1), visit(2)]);
    assert_eq!(fixture.streams(&[]).keys().collect::<Vec<_>>(), ["own:anon:device"]);

    let link = Who { anonymous: Some("device".into()), ..user("ann") };
    let join = Body::Membership { joined: true, role: None };
    fixture.import(&[
        fact("link", day(3), link, Body::Link),
        fact("join", day(3), within("acme", user("ann")), join),
    ]);
    let streams = fixture.streams(&[]);
    assert_eq!(streams.keys().collect::<Vec<_>>(), ["acme"]);
    let rows = &streams["acme"];
    assert_eq!(rows.len(), 3);
    // P3: what was done on the first day was known to be theirs on the third.
    assert_eq!((rows[0].time, rows[0].known_at), (day(1), Some(day(3))));
    assert_eq!(rows[0].person.as_deref(), Some("ann"));
    fixture.assert_sound();
}

#[test]
fn a_few_moved_rows_stay_in_the_overlay_until_compaction_and_show_nowhere_twice() {
    let visits = (0..50).chain([101, 102]);
    let visit =
        |n: i64| fact(&format!("v{n}"), day(n), anonymous("device"), event("Visited", "{}"));
    let link = |id: &str, n: i64, to: &str| {
        fact(id, day(n), Who { anonymous: Some("device".into()), ..user(to) }, Body::Link)
    };
    let mut facts: Vec<Fact> = visits.map(visit).collect();
    facts.push(link("1", 3, "ann"));
    let mut fixture = Fixture::with(&facts);
    assert_eq!(fixture.streams(&[])["own:ann"].len(), 52);

    // From day 100 on the device is somebody else's.
    fixture.import(&[link("2", 100, "bob")]);
    for overlay_segments in [1, 0] {
        let streams = fixture.streams(&[]);
        assert_eq!((streams["own:ann"].len(), streams["own:bob"].len()), (50, 2));
        assert_eq!(fixture.facts().len(), 54);
        assert_eq!(fixture.history.state.overlay.segments().count(), overlay_segments);
        fixture.assert_sound();
        fixture.reopen();
        fixture.history.compact(Compaction::Everywhere).unwrap();
    }
}

/// HIST-2.
#[test]
fn an_intake_that_is_interrupted_anywhere_leaves_the_history_as_it_was() {
    let facts = exports(300);
    let mut fixture = Fixture::with(&facts[..100]);
    let before = fixture.streams(&[]);
    for prepared in [false, true] {
        let mut intake = fixture.history.intake(&Calendar::default()).unwrap();
        for fact in &facts {
            intake.take(fact).unwrap();
        }
        if prepared {
            // Everything is on disk but the catalogue.
            intake.prepare().unwrap();
        }
        drop(intake);
        fixture.reopen();
        assert_eq!(fixture.streams(&[]), before);
    }
    assert!(!fixture.history.verify(Scan::default()).unwrap().is_empty(), "leftovers are reported");
    let summary = fixture.import(&facts);
    assert_eq!((summary.taken, summary.already_there, summary.repeated), (300, 100, 0));
    assert_eq!(fixture.facts().len(), 300);
    fixture.assert_sound();
}

#[test]
fn only_one_process_writes_at_a_time_and_none_on_a_stale_view() {
    let mut fixture = Fixture::new();
    let mut other = History::open(fixture.dir.path(), &IdentityRules::default()).unwrap();
    let mut intake = fixture.history.intake(&Calendar::default()).unwrap();
    assert!(matches!(other.intake(&Calendar::default()), Err(HistoryError::Busy(_))));
    intake.take(&exports(1)[0]).unwrap();
    intake.finish().unwrap();
    assert!(matches!(other.intake(&Calendar::default()), Err(HistoryError::Changed(_))));
    // What it knows nothing of is not its to remove.
    other.tidy().unwrap();
    assert!(fixture.history.verify(Scan::default()).unwrap().is_empty());
    assert_eq!(fixture.facts(), exports(1));
}

#[test]
fn the_same_id_known_earlier_replaces_the_one_stored_even_in_another_account() {
    let late = Fact {
        known_at: Some(day(9)),
        ..fact("1", day(1), within("beta", user("ann")), event("A", r#"{"n":1}"#))
    };
    let early = Fact {
        known_at: Some(day(2)),
        ..fact("1", day(1), within("acme", user("ann")), event("A", r#"{"n":2}"#))
    };
    for facts in [[&late, &early], [&early, &late]] {
        let mut fixture = Fixture::new();
        for fact in facts {
            let summary = fixture.import(std::slice::from_ref(fact));
            let added: u64 = summary.added.values().sum();
            assert_eq!(summary.already_there + added, summary.taken);
        }
        assert_eq!(fixture.facts(), std::slice::from_ref(&early));
        assert_eq!(fixture.streams(&[]).keys().collect::<Vec<_>>(), ["acme"]);
        assert_eq!(fixture.history.facts(), 1);
        // What the copy that counts no more has taught is forgotten too.
        assert_eq!(fixture.history.resolver().accounts_of("ann"), ["acme"]);
        fixture.assert_sound();
    }
}

#[test]
fn a_bucket_is_compacted_once_it_has_gathered_many_segments() {
    let mut fixture = Fixture::new();
    let facts = exports(400);
    for part in facts.chunks(20) {
        fixture.import(part);
    }
    let state = &fixture.history.state;
    for bucket in 0..state.catalogue.buckets {
        assert!(state.catalogue.in_bucket(bucket).count() <= SEGMENTS_PER_BUCKET_MAX);
    }
    assert_eq!(fixture.streams(&[]), Fixture::with(&facts).streams(&[]));
    fixture.assert_sound();
}

#[test]
fn damage_is_found_and_named() {
    let fixture = Fixture::with(&exports(500));
    let entry = fixture.history.state.catalogue.segments[0].clone();
    let path = fixture.dir.path().join(&entry.file.file);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let problems = fixture.history.verify(Scan::default()).unwrap();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].path, path);
    assert!(problems[0].what.contains("checksums differ"));
}

#[test]
fn a_lost_identity_snapshot_is_worked_out_again() {
    let join = Body::Membership { joined: true, role: None };
    let mut fixture = Fixture::with(&[
        fact("1", day(1), within("acme", user("ann")), join),
        fact("2", day(2), user("ann"), event("A", "{}")),
    ]);
    let before = fixture.streams(&[]);
    let file = fixture.history.state.catalogue.identity.clone().unwrap();
    std::fs::remove_file(fixture.dir.path().join(file.file)).unwrap();
    fixture.reopen();
    assert_eq!(fixture.history.resolver().accounts_of("ann"), ["acme"]);
    fixture.import(&[fact("3", day(3), user("ann"), event("B", "{}"))]);
    assert_eq!(before["acme"], fixture.streams(&[])["acme"][..2]);
    fixture.assert_sound();
}

#[test]
fn a_scan_reads_only_the_wanted_names_reports_progress_and_can_be_stopped() {
    let mut facts = exports(200);
    facts.push(fact("s", day(0), within("acct-1", user("u")), event("Signed up", "{}")));
    facts.push(fact(
        "t",
        day(0),
        within("acct-1", user("u")),
        traits(Kind::Account, r#"{"a":{"b":1}}"#),
    ));
    let fixture = Fixture::with(&facts);
    let done = AtomicU64::new(0);
    let progress = |rows| _ = done.fetch_add(rows, Ordering::Relaxed);
    let stop = AtomicBool::new(false);
    let scan = Scan { threads: 2, cancelled: Some(&stop), progress: Some(&progress) };
    let names =
        Projection { names: Some(Arc::new(|it| it == "Signed up")), ..Projection::default() };
    let rows = fixture.history.for_each_account(&names, scan, |it| it.rows.to_vec()).unwrap();
    assert_eq!(rows.len(), 37);
    let rows: Vec<Row> = rows.into_iter().flatten().collect();
    assert_eq!(rows.len(), 2);
    assert!(matches!(&rows[0].body, RowBody::Traits { traits, .. } if traits[0].0 == "a.b"));
    assert_eq!(done.load(Ordering::Relaxed), 202);

    stop.store(true, Ordering::Relaxed);
    let stopped = fixture.history.for_each_account(&names, scan, |_| ());
    assert!(matches!(stopped, Err(HistoryError::Cancelled)));
}

#[test]
fn facts_of_one_account_and_the_list_of_accounts_agree_with_the_scan() {
    let facts = exports(1000);
    let fixture = Fixture::with(&facts);
    let accounts = fixture.history.accounts(Scan::default()).unwrap();
    assert_eq!(accounts.len(), 37);
    for it in accounts {
        let found = fixture.history.facts_of(&it.account).unwrap();
        assert_eq!(found.len() as u64, it.facts);
        assert!(found.iter().all(|fact| fact.who.account.as_ref() == Some(&it.account)));
        assert_eq!((found[0].time, found[found.len() - 1].time), (it.first, it.last));
    }
    assert_eq!(fixture.history.facts_of("nobody").unwrap(), []);
    assert_eq!(fixture.history.seen().events["Report exported"].count, 1000);
}

/// HIST-6: every limit of memory is met here, and changes nothing but the way.
#[test]
fn an_intake_larger_than_memory_gives_the_same_history() {
    let mut facts = exports(3000);
    // Repeats, some known earlier than the first to come.
    let repeats = facts[..1000].iter().map(|it| Fact { known_at: None, ..it.clone() });
    let earlier = facts[1000..1500].iter().map(|it| Fact { known_at: Some(day(-1)), ..it.clone() });
    let more: Vec<Fact> = repeats.chain(earlier).collect();
    facts.extend(more);
    let mut small = Fixture::new();
    small.history.limits = Limits { spool_bytes: 10_000, run_bytes: 2_000, keys_per_pass: 100 };
    let (first, second) = facts.split_at(2500);
    small.import(first);
    small.import(second);
    let large = Fixture::with(&facts);
    assert_eq!(small.streams(&["pages".into()]), large.streams(&["pages".into()]));
    assert_eq!(small.facts(), distinct(&facts));
    small.assert_sound();
}

#[test]
fn facts_whose_ids_name_nobody_are_kept_counted_and_in_no_stream() {
    let mut fixture = Fixture::new();
    let summary = fixture.import(&[
        fact("1", day(1), user("null"), event("A", "{}")),
        fact("2", day(1), user("null"), Body::Link),
    ]);
    let left_out = &summary.left_out;
    assert_eq!(left_out.refused["junk_id"].facts, 2);
    assert_eq!(left_out.refused["junk_id"].examples.len(), 1, "of each kind one");
    assert_eq!(left_out.nobody.facts, 1);
    assert_eq!(left_out.nobody.examples[0].seen, "person `null`");
    assert_eq!(fixture.streams(&[]), Streams::new());
    assert_eq!(fixture.facts().len(), 2);
}

#[test]
fn what_is_left_out_is_told_by_the_intake_and_by_the_whole_history_alike() {
    let rules = IdentityRules { own_domains: vec!["we.example".into()], ..Default::default() };
    let staff = traits(Kind::Person, r#"{"email":"bob@we.example"}"#);
    let facts = [
        fact("1", day(1), within("0", user("ann")), event("A", "{}")),
        fact("2", day(2), user("0"), event("A", "{}")),
        fact("3", day(2), user("bob"), staff),
        fact("4", day(3), user("bob"), event("A", "{}")),
        fact("5", day(3), within("acme", user("0")), Body::Membership { joined: true, role: None }),
        fact("6", day(4), user("0"), Body::Link),
        fact("7", day(4), within("acme", user("ann")), event("A", "{}")),
    ];
    let dir = tempfile::tempdir().unwrap();
    let mut history = History::create(dir.path(), &rules, 0).unwrap();
    let mut intake = history.intake(&Calendar::default()).unwrap();
    for fact in &facts {
        intake.take(fact).unwrap();
    }
    let told = intake.finish().unwrap().left_out;
    let whole = history.left_out(Scan::default()).unwrap();
    for it in [&told, &whole] {
        let junk = &it.refused["junk_id"];
        assert_eq!((junk.facts, it.nobody.facts, it.own_staff.facts), (4, 2, 2));
        let mut seen: Vec<&str> = junk.examples.iter().map(|it| it.seen.as_str()).collect();
        seen.sort_unstable();
        assert_eq!(seen, ["account `0`", "person `0`"]);
        assert_eq!(it.own_staff.examples[0].seen, "person `bob`");
    }

    // What is real after all comes into its streams, with the facts that were there already.
    let real = IdentityRules { real_ids: vec!["0".into()], ..rules };
    let history = History::open(dir.path(), &real).unwrap();
    let left_out = history.left_out(Scan::default()).unwrap();
    assert_eq!(left_out.refused["missing_id"].examples[0].seen, "no anonymous id given");
    assert_eq!((left_out.refused.len(), left_out.nobody.facts), (1, 0));
    let accounts = history.accounts(Scan::default()).unwrap();
    let accounts: Vec<&str> = accounts.iter().map(|it| it.account.as_str()).collect();
    assert_eq!(accounts, ["0", "acme"]);
    assert_eq!(history.verify(Scan::default()).unwrap(), []);
}

#[test]
fn the_documentation_lists_every_reason_with_its_meaning() {
    let tally = Tally { facts: 1, examples: Vec::new() };
    let codes = ["junk_id", "missing_id", "too_many_ids"];
    let refused = codes.map(|code| (code, tally.clone())).into();
    let all = LeftOut { refused, nobody: tally.clone(), own_staff: tally };
    let docs = include_str!("../../../../docs/import.md");
    assert_eq!(all.reasons().len(), 5);
    for it in all.reasons() {
        let row = format!("| `{}` | {} |", it.code, it.meaning);
        assert!(docs.contains(&row), "docs/import.md lacks {row}");
    }
}

/// The type of a column is decided by the intake that first holds the property.
#[test]
fn what_is_promoted_before_an_intake_has_columns_after_it() {
    let mut fixture = Fixture::new();
    // No event has a `person.role`: the evaluator fills it in. Asking for it costs nothing.
    let paths = ["pages".into(), "person.role".into()];
    fixture.history.promote(&paths).unwrap();
    let generation = fixture.history.generation();
    fixture.history.promote(&paths).unwrap();
    assert_eq!(fixture.history.generation(), generation, "asked for again: nothing is written");

    fixture.import(&exports(10));
    for entry in &fixture.history.state.catalogue.segments {
        let columns: Vec<&str> = entry.promoted.iter().map(|it| it.path.as_str()).collect();
        assert_eq!(columns, ["pages"]);
        assert_eq!(
            (entry.promoted[0].kind, entry.promoted[0].complete),
            (ColumnKind::Number, true)
        );
    }
    fixture.assert_sound();
}

#[test]
fn copies_of_one_intake_are_told_apart_from_facts_that_are_there_already() {
    let facts = exports(10);
    let mut fixture = Fixture::with(&facts[..4]);
    let twice: Vec<Fact> = facts.iter().chain(&facts[..6]).cloned().collect();
    let summary = fixture.import(&twice);
    assert_eq!((summary.taken, summary.already_there, summary.repeated), (16, 4, 6));
    assert_eq!(summary.added["event"], 6);
}

#[test]
fn an_intake_without_facts_changes_nothing() {
    let mut fixture = Fixture::with(&exports(3));
    let generation = fixture.history.generation();
    assert_eq!(fixture.import(&[]), Summary::default());
    assert_eq!(fixture.history.generation(), generation);
    assert_eq!(fixture.import(&exports(3)).already_there, 3);
    assert_eq!(fixture.history.generation(), generation, "nor do facts that are there already");
    fixture.assert_sound();
}
