//! P8: where too much waits, who sends is told to come again, and loses nothing.

use std::sync::Arc;
use std::sync::mpsc::channel;

use firsthand_engine::service::{Clock, Handle, Limits, Refused, Service};
use firsthand_engine::{Batch, EarlyService, Engine, StartOptions};
use firsthand_history::{History, Scan};
use firsthand_model::Span;
use firsthand_store::SqliteStore;

use crate::server::Server;
use crate::service::{exported, send, ticking};

/// A server that has not begun, with its history.
fn fresh() -> (Server, History) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new(folder, SqliteStore::in_memory().unwrap());
    let history = server.folder.path().join("history");
    let history = History::open(history, &server.rules.project.identity).unwrap();
    (server, history)
}

/// A server that runs within limits.
fn run(limits: Limits) -> (Server, Service<SqliteStore>, Clock) {
    let (server, history) = fresh();
    let (clock, options) = (ticking(), StartOptions::default());
    let (rules, store) = (server.rules.clone(), Arc::clone(&server.store));
    let (engine, _) =
        Engine::start(rules, history, store, &options, clock(), Scan::default()).unwrap();
    let service = Service::run_within(engine, Arc::clone(&clock), limits).unwrap();
    (server, service, clock)
}

/// Waits until the engine has gone round once more.
fn round(handle: &Handle<SqliteStore>) {
    let (tell, told) = channel();
    handle.ask(move |_| tell.send(()).unwrap()).unwrap();
    told.recv().unwrap();
}

/// Sends until it is taken; how often it was refused.
fn insist(handle: &Handle<SqliteStore>, batch: &Batch) -> usize {
    let mut refused = 0;
    loop {
        match send(handle, batch.clone()).recv().unwrap() {
            Ok(()) => return refused,
            Err(Refused::Full) => refused += 1,
            Err(error) => panic!("{error}"),
        }
        std::thread::yield_now();
    }
}

#[test]
fn a_log_that_is_full_takes_nothing_in_until_it_is_in_the_history() {
    let limits = Limits { unsealed_facts_max: 3, seal_facts_busy: usize::MAX, ..Limits::default() };
    let (mut server, service, clock) = run(limits);
    let handle = service.handle().clone();
    for id in 0..3 {
        assert_eq!(send(&handle, exported(id, clock())).recv().unwrap(), Ok(()));
    }
    // The third is decided in the first round; what that makes of it is told after it.
    round(&handle);
    round(&handle);
    let more = exported(3, clock());
    assert_eq!(send(&handle, more.clone()).recv().unwrap(), Err(Refused::Full));
    // Whoever only asks is answered all the same.
    round(&handle);
    handle.wish_sealed();
    insist(&handle, &more);
    service.stop().unwrap();
    let now = clock();
    server.start(now);
    assert_eq!(server.engine().live().history().facts(), 4);
}

#[test]
fn a_log_that_fills_up_while_the_state_is_rebuilt_takes_no_more_in_until_it_is_in_the_history() {
    let (mut server, history) = fresh();
    let (clock, store) = (ticking(), Arc::clone(&server.store));
    let limits = Limits { unsealed_facts_max: 2, seal_facts_busy: 2, ..Limits::default() };
    let early = EarlyService::run_within(Arc::clone(&store), Arc::clone(&clock), limits).unwrap();
    let handle = early.handle().clone();
    for id in 0..2 {
        assert_eq!(send(&handle, exported(id, clock())).recv().unwrap(), Ok(()));
    }
    let more = exported(2, clock());
    // The limit is told by the time the second one is answered.
    assert_eq!(send(&handle, more.clone()).recv().unwrap(), Err(Refused::Full));
    let options = StartOptions::default();
    let rebuilt =
        Engine::rebuild(server.rules.clone(), history, store, &options, clock(), Scan::default());
    let (engine, mut started) = rebuilt.unwrap();
    let service = early.hand_over(engine, &mut started).unwrap();
    insist(&handle, &more);
    service.stop().unwrap();
    let now = clock();
    server.start(now);
    assert_eq!(server.engine().live().history().facts(), 3);
}

#[test]
fn a_full_late_lane_refuses_what_is_sent_until_less_waits() {
    let (mut server, service, clock) = run(Limits { late_max: 1, ..Limits::default() });
    let handle = service.handle().clone();
    // What comes late goes back behind all of these.
    for id in 0..8 {
        assert_eq!(send(&handle, exported(id, clock())).recv().unwrap(), Ok(()));
    }
    round(&handle);
    // The engine is held up until a late fact has come, and somebody who takes its judging away.
    let (go_on, held_up) = channel::<()>();
    handle.ask(move |_| held_up.recv().unwrap()).unwrap();
    let late = send(&handle, exported(8, clock() - Span::DAY.times(3)));
    let (give, job) = channel();
    let now = clock();
    let take = move |engine: &mut Engine<SqliteStore>| {
        while engine.decide_near(now).unwrap() {}
        give.send(engine.begin_judging(usize::MAX).unwrap().unwrap()).unwrap();
    };
    handle.ask(take).unwrap();
    go_on.send(()).unwrap();
    let job = job.recv().unwrap();
    assert_eq!(late.recv().unwrap(), Ok(()));
    // That one waits is told by the end of a turn.
    round(&handle);
    round(&handle);
    let more = exported(9, clock());
    assert_eq!(send(&handle, more.clone()).recv().unwrap(), Err(Refused::Full));
    job.run();
    round(&handle);
    insist(&handle, &more);
    service.stop().unwrap();
    let now = clock();
    let started = server.start(now);
    assert_eq!((started.differences, started.from_log), (vec![], 0));
    assert_eq!(server.engine().live().history().facts(), 10);
}

#[test]
fn a_full_late_lane_holds_senders_up_and_loses_nothing() {
    let (mut server, service, clock) = run(Limits { late_max: 1, ..Limits::default() });
    let handle = service.handle().clone();
    for id in 0..60 {
        let now = clock();
        let late = if id % 2 == 0 { Span(0) } else { Span::DAY.times(3) };
        insist(&handle, &exported(id, now - late));
    }
    service.stop().unwrap();
    let now = clock();
    let started = server.start(now);
    assert_eq!((started.differences, started.from_log), (vec![], 0));
    assert_eq!(server.engine().live().history().facts(), 60);
}
