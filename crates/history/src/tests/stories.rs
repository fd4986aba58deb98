//! Single stories: crashes, limits, late identity.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use firsthand_model::config::IdentityRules;
use firsthand_model::fact::{Body, Kind, RowBody};
use firsthand_model::{Calendar, Fact};

use super::*;
use crate::error::HistoryError;
use crate::history::Limits;
use crate::{Compaction, SEGMENTS_PER_BUCKET_MAX};

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
    assert_eq!((summary.taken, summary.repeated), (300, 100));
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
            assert_eq!(summary.repeated + summary.added.values().sum::<u64>(), summary.taken);
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
    let names = Projection { paths: vec![], names: Some(Arc::new(|it| it == "Signed up")) };
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
    assert_eq!(summary.refused, [("junk_id", 1)].into());
    assert_eq!(fixture.streams(&[]), Streams::new());
    assert_eq!(fixture.facts().len(), 2);
}

#[test]
fn an_intake_without_facts_changes_nothing() {
    let mut fixture = Fixture::with(&exports(3));
    let generation = fixture.history.generation();
    assert_eq!(fixture.import(&[]), Summary::default());
    assert_eq!(fixture.history.generation(), generation);
    assert_eq!(fixture.import(&exports(3)).repeated, 3);
    assert_eq!(fixture.history.generation(), generation, "nor do facts that are there already");
    fixture.assert_sound();
}
