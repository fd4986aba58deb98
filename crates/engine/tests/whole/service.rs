//! P4, P8: whoever sends is answered once it is durable, also while the state is rebuilt.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, channel};

use firsthand_engine::service::{Clock, Handle, Refused, Service};
use firsthand_engine::{
    Batch, EarlyService, Engine, Order, Progress, Publication, StartOptions, Step,
};
use firsthand_history::{History, Scan};
use firsthand_model::fact::{Body, Who};
use firsthand_model::{Fact, Time};
use firsthand_store::{
    Definitions, LeadFilter, LeadSort, Leads, Log, PageRequest, PublishedState, SqliteStore,
};

use crate::publish::changed_rules;
use crate::world::{json, rules};

/// A clock that goes on by a millisecond each time it is looked at.
pub fn ticking() -> Clock {
    let now: Time = "2026-01-05T00:00:00Z".parse().unwrap();
    let micros = AtomicI64::new(now.micros());
    Arc::new(move || Time(micros.fetch_add(1_000, Ordering::Relaxed)))
}

pub fn exported(id: usize, now: Time) -> Batch {
    let who = Who { user: Some("ana".into()), account: Some("acme".into()), ..Who::default() };
    let body = Body::Event { name: "Report exported".into(), properties: json("{}") };
    let fact = Fact {
        id: id.to_string().into(),
        source: "test".into(),
        time: now,
        known_at: None,
        who,
        body,
    };
    Batch { facts: vec![fact], ..Batch::default() }
}

pub fn send(to: &Handle<SqliteStore>, batch: Batch) -> Receiver<Result<(), Refused>> {
    let (answer, answered) = channel();
    to.submit(batch, move |it| answer.send(it).unwrap());
    answered
}

#[test]
fn what_is_sent_while_the_state_is_rebuilt_is_durable_and_decided_later() {
    let (rules, folder, clock) = (rules(), tempfile::tempdir().unwrap(), ticking());
    let path = folder.path().join("history");
    let history = History::create(&path, &rules.project.identity, 100).unwrap();
    let store = Arc::new(SqliteStore::in_memory().unwrap());
    let options = StartOptions::default();
    let start = |history| {
        let (rules, store) = (rules.clone(), Arc::clone(&store));
        Engine::rebuild(rules, history, store, &options, clock(), Scan::default()).unwrap()
    };
    // The definitions are published.
    start(history);
    let early = EarlyService::run(Arc::clone(&store), Arc::clone(&clock)).unwrap();
    let handle = early.handle().clone();
    for id in 0..2 {
        assert_eq!(send(&handle, exported(id, clock())).recv().unwrap(), Ok(()));
    }
    assert_eq!(store.log_state().unwrap().next, 2);

    let history = History::open(&path, &rules.project.identity).unwrap();
    let (engine, mut started) = start(history);
    assert_eq!(started.from_log, 2);
    // Others come before it is all there.
    assert_eq!(send(&handle, exported(2, clock())).recv().unwrap(), Ok(()));
    let service = early.hand_over(engine, &mut started).unwrap();
    let waiting: Vec<_> = (3..200).map(|id| send(&handle, exported(id, clock()))).collect();
    for answer in waiting {
        assert_eq!(answer.recv().unwrap(), Ok(()));
    }
    service.stop().unwrap();

    let history = History::open(&path, &rules.project.identity).unwrap();
    assert_eq!(history.facts(), 200);
    assert_eq!(store.log_size().unwrap().chunks, 0, "all of it is in the history");
    let page = PageRequest::first(10);
    let leads = store.leads(&LeadFilter::default(), LeadSort::Oldest, &page).unwrap();
    assert_eq!(leads.rows.len(), 1, "a busy account");
}

#[test]
fn while_a_commit_fails_senders_are_told_and_come_again() {
    let (rules, folder, clock) = (rules(), tempfile::tempdir().unwrap(), ticking());
    let path = folder.path().join("history");
    let history = History::create(&path, &rules.project.identity, 100).unwrap();
    let store = Arc::new(SqliteStore::in_memory().unwrap());
    let early = EarlyService::run(Arc::clone(&store), Arc::clone(&clock)).unwrap();
    let handle = early.handle().clone();
    store.fail_commits(1);
    assert_eq!(send(&handle, exported(0, clock())).recv().unwrap(), Err(Refused::Unwritten));
    assert_eq!(send(&handle, exported(0, clock())).recv().unwrap(), Ok(()));

    let options = StartOptions::default();
    let rebuilt =
        Engine::rebuild(rules, history, Arc::clone(&store), &options, clock(), Scan::default());
    let (engine, mut started) = rebuilt.unwrap();
    let service = early.hand_over(engine, &mut started).unwrap();
    store.fail_commits(1);
    assert_eq!(send(&handle, exported(1, clock())).recv().unwrap(), Err(Refused::Unwritten));
    assert_eq!(send(&handle, exported(1, clock())).recv().unwrap(), Ok(()));
    service.stop().unwrap();
    assert_eq!(store.log_state().unwrap().next, 2);
}

/// PUBLISH-1: other rules take over in a running engine, by its own threads, while facts come.
#[test]
fn rules_change_while_facts_come() {
    let (rules, folder, clock) = (rules(), tempfile::tempdir().unwrap(), ticking());
    let path = folder.path().join("history");
    let history = History::create(&path, &rules.project.identity, 100).unwrap();
    let store = Arc::new(SqliteStore::in_memory().unwrap());
    let options = StartOptions::default();
    let (engine, _) =
        Engine::start(rules, history, Arc::clone(&store), &options, clock(), Scan::default())
            .unwrap();
    let service = Service::run(engine, Arc::clone(&clock)).unwrap();
    let handle = service.handle().clone();
    assert_eq!(send(&handle, exported(0, clock())).recv().unwrap(), Ok(()));
    // One report will do.
    let sooner = changed_rules(&[(
        "last 2d) >= 2\n---\ndefinition: a-team",
        "last 2d) >= 1\n---\ndefinition: a-team",
    )]);
    let progress = Arc::<Progress>::default();
    let publication = Publication {
        rules: sooner.clone(),
        describe: None,
        order: Order { by: "ann".into(), apply_to_existing: true },
        plays_changed: false,
        progress: Arc::clone(&progress),
    };
    handle.ask(move |engine| engine.publish(publication).unwrap()).unwrap();
    let mut sent = 1;
    while progress.step() != Step::Done {
        assert!(!matches!(progress.step(), Step::Failed(_)), "{:?}", progress.step());
        assert_eq!(send(&handle, exported(sent, clock())).recv().unwrap(), Ok(()));
        sent += 1;
    }
    assert_eq!(send(&handle, exported(sent, clock())).recv().unwrap(), Ok(()));
    service.stop().unwrap();
    let page = PageRequest::first(10);
    let leads = store.leads(&LeadFilter::default(), LeadSort::Oldest, &page).unwrap();
    assert_eq!(leads.rows.len(), 1, "of acme");
    let history = History::open(&path, &sooner.project.identity).unwrap();
    assert_eq!(history.facts(), sent as u64 + 1, "every fact once");
    let busy = &store.definition_versions("busy").unwrap()[0];
    assert_eq!((busy.published_by.as_str(), busy.state), ("ann", PublishedState::Running));
    let (_, started) =
        Engine::start(sooner, history, store, &options, clock(), Scan::default()).unwrap();
    assert_eq!((started.differences, started.published), (vec![], vec![]));
}
