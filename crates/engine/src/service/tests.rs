use std::path::Path;
use std::str::FromStr;
use std::sync::atomic::AtomicI64;
use std::sync::mpsc::sync_channel;

use firsthand_history::{History, Scan};
use firsthand_model::config::Project;
use firsthand_model::diagnostic::SourceFile;
use firsthand_model::fact::{Body, Who};
use firsthand_model::{Fact, Json};
use firsthand_rules::compile::compile;
use firsthand_store::SqliteStore;

use super::*;
use crate::{Rules, StartOptions};

fn gathered(calls: Vec<Call<SqliteStore>>) -> Gathered<SqliteStore> {
    let (send, queue) = sync_channel(CALLS_MAX);
    for it in calls {
        send.send(it).unwrap();
    }
    let first = queue.try_recv().ok();
    Gathered::from(first, &queue)
}

/// A worker whose clock is turned by hand, and how to reach it.
fn worker(rules: Rules, folder: &Path, clock: Clock) -> (Worker<SqliteStore>, Handle<SqliteStore>) {
    let history = History::create(folder.join("history"), &rules.project.identity, 10).unwrap();
    let store = Arc::new(SqliteStore::in_memory().unwrap());
    let options = StartOptions::default();
    let started = Engine::start(rules, history, store, &options, clock(), Scan::default());
    let (handle, taken) = Handle::new();
    let worker = Worker::new(&handle, taken, started.unwrap().0, clock, Limits::default()).unwrap();
    (worker, handle)
}

fn rules(definition: &str) -> Rules {
    let text = format!("definitions:\n  busy: {{track: product, when: '{definition}'}}\n");
    let file = SourceFile { name: "firsthand.yaml".to_owned(), text };
    let project = Project::from_files(&[Arc::new(file)], &|_| Ok(String::new())).project;
    let compiled = compile(&project);
    assert!(compiled.diagnostics.is_empty(), "{:?}", compiled.diagnostics);
    let program = Arc::new(compiled.program);
    Rules { project: Arc::new(project), program, history_from: Time::MIN }
}

#[test]
fn a_server_whose_timers_are_never_still_brings_old_facts_into_the_history() {
    const STEP: Span = Span(30 * Span::SECOND.0);
    let folder = tempfile::tempdir().unwrap();
    let now = Arc::new(AtomicI64::new(Time::from_str("2026-01-05T00:00:00Z").unwrap().micros()));
    let clock: Clock = {
        let now = Arc::clone(&now);
        Arc::new(move || Time(now.load(Ordering::Relaxed)))
    };
    let when = r#"count("Export", last 7d) >= 1"#;
    let (mut worker, handle) = worker(rules(when), folder.path(), Arc::clone(&clock));
    // Somebody lapses every half a minute, for more than a day.
    let export = |number: i64| Fact {
        id: number.to_string().into(),
        source: "test".into(),
        time: clock() - Span::WEEK + STEP.times(number),
        known_at: None,
        who: Who {
            user: Some(format!("u{number}").into()),
            account: Some(format!("a{number}").into()),
            ..Who::default()
        },
        body: Body::Event { name: "Export".into(), properties: Json::default() },
    };
    let facts = (1..=3_000).map(export).collect();
    handle.submit(Batch { facts, ..Batch::default() }, |done| done.unwrap());
    let (mut turns, mut woken) = (0, 0);
    while !worker.engine.live().is_sealing() {
        assert!(turns < 2_990, "a day later the facts are still not brought in");
        // Each commit ends by waking the engine.
        let waits = turns == 0 || worker.writer.is_busy();
        let call = if waits { worker.taken.recv().ok() } else { None };
        woken += usize::from(matches!(call, Some(Call::Awake)));
        worker.turn(call).unwrap();
        now.fetch_add(STEP.0, Ordering::Relaxed);
        turns += 1;
    }
    assert!(turns > 2_880, "not before they are a day old");
    assert!(woken > 2_800, "its timers were busy: woken {woken} times in {turns} turns");
    while worker.engine.live().is_sealing() {
        let call = worker.taken.recv().ok();
        worker.turn(call).unwrap();
    }
    assert_eq!(worker.engine.live().history().facts(), 3_000);
}

/// Else facts a day old would never come into the history of a server whose timers are busy:
/// each of its commits ends by waking it.
#[test]
fn who_is_only_woken_by_its_own_helpers_is_left_alone() {
    let submitted = || Call::Submit(Batch::default(), Box::new(|_| {}));
    assert!(gathered(vec![]).is_left_alone());
    assert!(gathered(vec![Call::Awake, Call::Awake]).is_left_alone());
    assert!(!gathered(vec![Call::Awake, submitted()]).is_left_alone());
    assert!(!gathered(vec![Call::Ask(Box::new(|_| {})), Call::Awake]).is_left_alone());
}
