//! Facts from files beside a running engine: what it comes to is what a replay of all facts comes to
//! (P1, P2), whoever writes meanwhile.

use crate::server::Server;
use crate::world::{World, any_world, cases, chunks, json, replayed, stretches};
use crate::written::written;
use firsthand_engine::{Chunk, EngineError, Imported};
use firsthand_history::{Scan, Summary};
use firsthand_model::fact::{Body, Who};
use firsthand_model::{Fact, Span, Time};
use firsthand_rules::ledger::SETTLE;
use firsthand_store::{
    LeadFilter, LeadSort, Leads, Ledger, LedgerFilter, LedgerOrder, PageRequest, SqliteStore,
    Stages,
};
use proptest::prelude::*;
use std::sync::mpsc::channel;

fn server() -> Server {
    Server::new(tempfile::tempdir().unwrap(), SqliteStore::in_memory().unwrap())
}

/// Takes facts in; what comes into the log meanwhile is said by `meanwhile`.
fn import(
    server: &mut Server,
    facts: &[Fact],
    apply: bool,
    meanwhile: impl FnOnce(&mut Server),
) -> (Summary, Imported) {
    let job = server.engine().begin_import(apply).unwrap().unwrap();
    meanwhile(server);
    let (tell, told) = channel();
    let read = job.run::<(), EngineError>(
        |take| facts.iter().cloned().try_for_each(take),
        |(), _| {},
        move |imported| tell.send(imported).unwrap(),
    );
    let ((), summary) = read.unwrap();
    server.engine().end_seal(true).unwrap();
    (summary, told.try_recv().unwrap())
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn what_files_tell_and_what_arrives_come_to_what_a_replay_of_all_comes_to(
        world in any_world(),
        of_files in prop::collection::vec(any::<bool>(), 30),
        cuts in any::<[prop::sample::Index; 2]>(),
    ) {
        let World(draws) = &world;
        let all = chunks(draws);
        let mut cuts = cuts.map(|it| it.index(all.len() + 1));
        cuts.sort_unstable();
        let (before, rest) = all.split_at(cuts[0]);
        let (during, after) = rest.split_at(cuts[1] - cuts[0]);
        let begin = all.first().map_or(Time(0), |it| it.known_at) - Span::HOUR;
        let now = before.last().map_or(begin, |it| it.known_at) + Span::MINUTE.times(20);
        // What has happened by now may stand in a file, and be sent as well: for two days after it
        // happened that is known for a repetition.
        let sent_late = |fact: &Fact| {
            let chunks = all.iter().filter(|it| it.known_at > fact.time + Span::HOUR.times(47));
            chunks.flat_map(|it| &it.facts).any(|it| it.id == fact.id)
        };
        let facts: Vec<Fact> = all
            .iter()
            .flat_map(|it| &it.facts)
            .filter(|it| it.time <= now && of_files[it.id.parse::<usize>().unwrap()])
            .filter(|it| !sent_late(it))
            .map(|it| Fact { known_at: None, ..it.clone() })
            .collect();
        let mut server = server();
        server.start(begin);
        for it in before {
            server.take(it);
        }
        server.engine().pass(now).unwrap();
        import(&mut server, &facts, true, |server| during.iter().for_each(|it| server.take(it)));
        for it in after {
            server.take(it);
        }
        let end = all.last().map_or(begin, |it| it.known_at) + Span::DAY.times(20);
        server.settle(end);
        let replay = replayed(&server.rules, &all, end - SETTLE - Span(1));
        let found = written(&server.rules, &*server.store);
        prop_assert_eq!(stretches(&found), stretches(&replay));
        server.start(end);
    }
}

fn at(text: &str) -> Time {
    text.parse().unwrap()
}

/// Acme's people export reports on a few days of January.
fn reports() -> Vec<Fact> {
    let event = |id: usize, name: &str, time: Time| Fact {
        id: id.to_string().into(),
        source: "file".into(),
        time,
        known_at: None,
        who: Who { user: Some("ana".into()), account: Some("acme".into()), ..Who::default() },
        body: Body::Event { name: name.into(), properties: json("{}") },
    };
    let start = at("2026-01-12T09:00:00Z");
    let mut facts = vec![event(0, "Signed up", start)];
    facts.extend((1..6).map(|it| {
        let time = start + Span::HOUR.times(i64::try_from(it).unwrap());
        event(it, "Report exported", time)
    }));
    facts
}

fn bought(time: Time) -> Fact {
    let mut fact = reports().remove(0);
    fact.id = "bought".into();
    fact.time = time;
    fact.body = Body::Record { name: "Bought".into(), properties: json(r#"{"amount":5}"#) };
    fact
}

fn leads(server: &Server) -> usize {
    let page = PageRequest::first(100);
    server.store.leads(&LeadFilter::default(), LeadSort::Oldest, &page).unwrap().rows.len()
}

fn lines(server: &Server) -> usize {
    let page = PageRequest::first(1_000);
    server
        .store
        .ledger(&LedgerFilter::default(), LedgerOrder::NewestFirst, &page)
        .unwrap()
        .rows
        .len()
}

const NOW: &str = "2026-01-12T20:00:00Z";

#[test]
fn nobody_is_told_who_qualifies_by_a_file_unless_that_is_asked_for() {
    let mut quiet = server();
    quiet.start(at(NOW));
    let (summary, imported) = import(&mut quiet, &reports(), false, |_| {});
    assert_eq!(summary.added["event"], 6);
    assert!(imported.subjects > 0 && imported.lines > 0, "{imported:?}");
    assert_eq!(leads(&quiet), 0);
    assert_eq!(quiet.store.stage_of("acme").unwrap().unwrap().stage, "pql");

    let mut told = server();
    told.start(at(NOW));
    import(&mut told, &reports(), true, |_| {});
    assert_eq!(leads(&told), 1);
    assert_eq!(lines(&told), lines(&quiet));
}

#[test]
fn a_file_that_is_taken_in_again_counts_once() {
    let mut server = server();
    server.start(at(NOW));
    import(&mut server, &reports(), true, |_| {});
    let before = lines(&server);
    let (summary, imported) = import(&mut server, &reports(), true, |_| {});
    assert_eq!((summary.already_there, summary.added.len()), (6, 0));
    assert_eq!((imported, lines(&server)), (Imported::default(), before));
}

#[test]
fn a_file_that_cannot_be_read_to_its_end_is_not_taken_in_and_the_log_is_all_the_same() {
    let mut server = server();
    server.start(at(NOW));
    let mut fact = reports().remove(0);
    fact.known_at = Some(at(NOW));
    server.take(&Chunk::new(0, at(NOW) + Span::MINUTE, vec![fact]));
    let job = server.engine().begin_import(true).unwrap().unwrap();
    let read = job.run::<(), EngineError>(
        |take| {
            reports().into_iter().try_for_each(take)?;
            Err(EngineError::Thread(std::io::Error::other("the disk is gone")))
        },
        |(), _| panic!("nothing was taken in"),
        |_| panic!("nothing has changed"),
    );
    assert!(read.unwrap_err().to_string().ends_with("the disk is gone"));
    server.engine().end_seal(true).unwrap();
    assert_eq!(server.engine().live().history().facts(), 1);
    assert_eq!(leads(&server), 0);
    import(&mut server, &reports(), true, |_| {});
    assert_eq!(leads(&server), 1);
}

#[test]
fn a_crash_before_or_after_the_history_has_the_facts_is_mended_by_doing_it_again() {
    let mut server = server();
    server.start(at(NOW));
    drop(server.engine().begin_import(false).unwrap().unwrap());
    server.start(at(NOW));
    let job = server.engine().begin_import(false).unwrap().unwrap();
    let read = |take: &mut firsthand_engine::Taker<'_>| reports().into_iter().try_for_each(take);
    job.run::<(), EngineError>(read, |(), _| {}, |_| {}).unwrap();
    // The history has them, and the engine never heard of it: the ledger is put right at the start.
    server.engine = None;
    let history = server.folder.path().join("history");
    let history =
        firsthand_history::History::open(history, &server.rules.project.identity).unwrap();
    let (engine, started) = firsthand_engine::Engine::start(
        server.rules.clone(),
        history,
        server.store.clone(),
        &firsthand_engine::StartOptions::default(),
        at(NOW),
        Scan::default(),
    )
    .unwrap();
    assert!(!started.differences.is_empty());
    server.engine = Some(engine);
    let (summary, imported) = import(&mut server, &reports(), false, |_| {});
    assert_eq!((summary.already_there, imported.subjects), (6, 0));
    server.start(at(NOW) + Span::HOUR);
}

#[test]
fn what_was_bought_long_ago_makes_a_customer_and_wins_no_lead_of_today() {
    let mut server = server();
    server.start(at(NOW));
    import(&mut server, &reports(), true, |_| {});
    import(&mut server, &[bought(at("2026-01-12T08:00:00Z"))], true, |_| {});
    assert_eq!(server.store.stage_of("acme").unwrap().unwrap().stage, "customer");
    assert_eq!(server.engine().desk().len(), 1);
    let later = Fact { id: "again".into(), ..bought(at("2026-01-12T19:00:00Z")) };
    import(&mut server, &[later], true, |_| {});
    assert_eq!(server.engine().desk().len(), 0);
}
