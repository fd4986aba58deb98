//! Size: the same bytes on any number of threads, few segments, work that can be stopped.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use firsthand_model::config::IdentityRules;
use firsthand_model::{Calendar, Fact, Text};

use super::{Fixture, anonymous, day, event, fact, user, within};
use crate::history::Limits;
use crate::{Compaction, History, HistoryError, Projection, SEGMENTS_PER_BUCKET_MAX, Scan};

/// What people of 50 accounts do, some of it before they sign in, some of it told twice.
fn busy(count: usize) -> Vec<Fact> {
    let one = |n: usize| {
        let person = user(&format!("user-{}", n % 211));
        let who = match n % 5 {
            0 => anonymous(&format!("device-{}", n % 211)),
            1 => super::Who { anonymous: Some(format!("device-{}", n % 211).into()), ..person },
            _ => within(&format!("acct-{}", n % 50), person),
        };
        let properties = format!(r#"{{"pages":{},"format":"f{}"}}"#, n % 7, n % 90);
        let at = day(i64::try_from(n % 120).unwrap());
        fact(&format!("id-{}", n % (count - count / 10)), at, who, event("Opened", &properties))
    };
    (0..count).map(one).collect()
}

/// Every file of a history, by name.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let folders = ["segments", "knowledge"].map(|it| dir.join(it));
    let inside = folders.iter().flat_map(|it| std::fs::read_dir(it).unwrap());
    let paths = inside.map(|it| it.unwrap().path()).chain([dir.join("catalogue.json")]);
    paths
        .map(|it| (it.display().to_string(), it))
        .map(|(name, path)| {
            let name = name.strip_prefix(&dir.display().to_string()).unwrap().to_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect()
}

#[test]
fn the_same_facts_give_the_same_bytes_on_any_number_of_threads() {
    let facts = busy(4_000);
    let by_threads = [1, 2, 4].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut fixture = Fixture::new();
            fixture.history.promote(&["pages".into()]).unwrap();
            // So small that parts are spilt and runs are merged.
            fixture.history.limits =
                Limits { spool_bytes: 20_000, run_bytes: 5_000, keys_per_pass: 300 };
            fixture.import(&facts[..3_000]);
            fixture.import(&facts[2_500..]);
            fixture.history.promote(&["format".into()]).unwrap();
            fixture.history.compact(Compaction::Everywhere).unwrap();
            files(fixture.dir.path())
        })
    });
    assert!(by_threads[0].len() > 10);
    assert!(by_threads[0] == by_threads[1] && by_threads[1] == by_threads[2]);
}

#[test]
fn many_small_intakes_leave_few_segments_and_rewrite_each_row_a_few_times() {
    let mut fixture = Fixture::new();
    let one = |n: usize| {
        let at = day(i64::try_from(n).unwrap());
        fact(&n.to_string(), at, within("acme", user("ann")), event("A", "{}"))
    };
    let mut written = 0;
    for intake in 0..256 {
        let before = fixture.history.generation();
        fixture.import(&(4 * intake..4 * intake + 4).map(one).collect::<Vec<_>>());
        let segments = &fixture.history.state.catalogue.segments;
        let new = segments.iter().filter(|it| it.generation > before);
        written += new.map(|it| it.rows).sum::<u64>();
        assert!(segments.len() <= SEGMENTS_PER_BUCKET_MAX, "{} segments", segments.len());
    }
    // Twice four is what doubling 1,024 rows from 4 takes, with room for one more.
    assert!(written < 9 * 1_024, "{written} rows were written");
    assert_eq!(fixture.facts().len(), 1_024);
    fixture.assert_sound();
}

#[test]
fn a_compaction_that_is_stopped_keeps_what_it_has_done_and_goes_on_there() {
    let dir = tempfile::tempdir().unwrap();
    let buckets = 64_000_000;
    let mut history = History::create(dir.path(), &IdentityRules::default(), buckets).unwrap();
    let facts: Vec<Fact> = (0..400)
        .map(|n| {
            let who = within(&format!("acct-{n}"), user("ann"));
            fact(&n.to_string(), day(1), who, event("A", r#"{"pages":3}"#))
        })
        .collect();
    let mut intake = history.intake(&Calendar::default()).unwrap();
    for fact in &facts {
        intake.take(fact).unwrap();
    }
    intake.finish().unwrap();
    let paths: [Text; 1] = ["pages".into()];
    history.promote(&paths).unwrap();
    assert_eq!(history.rows_to_compact(Compaction::Everywhere), 400);

    let stop = AtomicBool::new(false);
    let progress = |_| stop.store(true, Ordering::Relaxed);
    let scan = Scan { cancelled: Some(&stop), progress: Some(&progress), ..Scan::default() };
    let stopped = history.compact_with(Compaction::Everywhere, scan);
    assert!(matches!(stopped, Err(HistoryError::Cancelled)));
    let left = history.rows_to_compact(Compaction::Everywhere);
    assert!(0 < left && left < 400, "{left} rows are left");
    assert_eq!(history.verify(Scan::default()).unwrap(), []);

    // Another process goes on.
    let mut history = History::open(dir.path(), &IdentityRules::default()).unwrap();
    let done = history.compact_with(Compaction::Everywhere, Scan::default()).unwrap();
    assert_eq!(done.rows, left);
    assert_eq!(history.rows_to_compact(Compaction::Everywhere), 0);
    assert_eq!(history.export().count(), 400);
    assert_eq!(history.verify(Scan::default()).unwrap(), []);
}

/// P4: whatever an interrupted compaction has written belongs to nobody.
#[test]
fn a_compaction_that_ends_within_a_bucket_leaves_the_history_as_it_was() {
    let mut fixture = Fixture::with(&busy(2_000));
    fixture.history.promote(&["pages".into()]).unwrap();
    let before = fixture.streams(&[]);
    let stop = AtomicBool::new(true);
    let scan = Scan { cancelled: Some(&stop), ..Scan::default() };
    let stopped = fixture.history.compact_with(Compaction::Everywhere, scan);
    assert!(matches!(stopped, Err(HistoryError::Cancelled)));
    // What a crash in the middle leaves: a segment that no catalogue names.
    std::fs::write(fixture.dir.path().join("segments/00000099-00001.parquet"), "half").unwrap();
    fixture.reopen();
    assert_eq!(fixture.streams(&[]), before);
    fixture.history.compact(Compaction::Everywhere).unwrap();
    assert_eq!(fixture.streams(&[]), before);
    fixture.assert_sound();
}

/// Facts that have moved, and accounts that nobody has heard of, are among them.
#[test]
fn some_accounts_are_read_as_all_are() {
    let facts = busy(4_000);
    let mut fixture = Fixture::new();
    fixture.import(&facts[..1_500]);
    fixture.history.promote(&["pages".into()]).unwrap();
    fixture.import(&facts[1_000..]);
    let paths = ["pages".into(), "format".into()];
    let all = fixture.streams(&paths);
    let projection = Projection { paths: paths.to_vec(), ..Projection::default() };
    for step in [1, 3, 40] {
        let mut some: BTreeSet<Text> = all.keys().step_by(step).cloned().collect();
        some.insert("nobody".into());
        let mut read = BTreeMap::new();
        let take = |it: &crate::AccountRows<'_>| {
            assert!(read.insert(Text::from(it.account), it.rows.to_vec()).is_none());
        };
        fixture.history.for_accounts(&some, &projection, take).unwrap();
        let wanted: BTreeMap<_, _> =
            all.clone().into_iter().filter(|(id, _)| some.contains(id)).collect();
        assert_eq!(read, wanted);
    }
}
