//! Erasing people: nothing of them is left anywhere, and everybody else is as if they had never
//! been there (P1).

use std::path::Path;

use crate::server::Server;
use crate::world::{World, any_world, cases, chunks, json, replayed, stretches};
use crate::written::written;
use firsthand_engine::{Chunk, ErasureOrder};
use firsthand_history::{History, Scan};
use firsthand_model::fact::{Body, Kind, Who};
use firsthand_model::lead::LeadStatus;
use firsthand_model::{Fact, Span, Time};
use firsthand_rules::ledger::SETTLE;
use firsthand_rules::timeline::Subject;
use firsthand_store::{
    Erasures, LeadFilter, LeadSort, Leads, Ledger, LedgerFilter, LedgerOrder, PageRequest,
    SqliteOptions, SqliteStore,
};
use proptest::prelude::*;
use proptest::sample::select;

fn with_files() -> Server {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = SqliteStore::open(&path, &SqliteOptions::default()).unwrap();
    Server::new(folder, store)
}

fn erase(server: &mut Server, kind: Kind, id: &str, now: Time) -> bool {
    let order = order(kind, id);
    let Some(erasure) = server.engine().order_erasure(&order, now).unwrap() else { return false };
    let done = server.engine().erase(erasure, now).unwrap();
    assert_eq!((done.left, &done.ids), (Some(0), &None));
    true
}

fn facts(server: &mut Server) -> Vec<Fact> {
    server.engine().live().history().export().map(Result::unwrap).collect()
}

fn order(kind: Kind, id: &str) -> ErasureOrder {
    ErasureOrder {
        id: "erase_1".into(),
        subject: Subject { kind, id: id.into() },
        subject_hash: "a hash".into(),
        by: "ann".into(),
    }
}

/// The facts as chunks that a replay can take.
fn as_chunks(facts: &[Fact]) -> Vec<Chunk> {
    facts.iter().map(|it| Chunk { first: 0, known_at: it.time, facts: vec![it.clone()] }).collect()
}

fn in_files(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder).unwrap().map(Result::unwrap).any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return in_files(&path, text);
        }
        let bytes = std::fs::read(&path).unwrap();
        bytes.windows(text.len()).any(|it| it == text.as_bytes())
    })
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn the_others_are_as_if_the_erased_had_never_been_there(
        world in any_world(),
        cut in any::<prop::sample::Index>(),
        who in select(vec![
            (Kind::Person, "ana"), (Kind::Person, "bob"), (Kind::Person, "a1"), (Kind::Account, "acme"),
            (Kind::Account, "domain:acme.example"),
        ]),
    ) {
        let World(draws) = &world;
        let all = chunks(draws);
        let (before, after) = all.split_at(cut.index(all.len() + 1));
        let mut server = with_files();
        let begin = all.first().map_or(Time(0), |it| it.known_at) - Span::HOUR;
        server.start(begin);
        for it in before {
            server.take(it);
        }
        let now = before.last().map_or(begin, |it| it.known_at) + Span::MINUTE.times(20);
        erase(&mut server, who.0, who.1, now);
        for it in after {
            server.take(it);
        }
        let end = all.last().map_or(begin, |it| it.known_at) + Span::DAY.times(20);
        server.engine().pass(end).unwrap();
        server.engine().seal().unwrap();
        server.settle(end);
        let left = as_chunks(&facts(&mut server));
        let replay = replayed(&server.rules, &left, end - SETTLE - Span(1));
        let found = written(&server.rules, &*server.store);
        prop_assert_eq!(stretches(&found), stretches(&replay));
        server.start(end);
    }
}

const ANA: &str = "user-ana-4711";
const EMAIL: &str = "ana@acme.example";

fn company() -> Vec<Chunk> {
    let start: Time = "2026-01-05T00:00:00Z".parse().unwrap();
    let who = |user: &str, account: &str| Who {
        user: Some(user.into()),
        account: Some(account.into()),
        ..Who::default()
    };
    let event = |name: &str, text: &str| Body::Event { name: name.into(), properties: json(text) };
    let invited = format!(r#"{{"email":"{EMAIL}"}}"#);
    let email = format!(r#"{{"email":"{EMAIL}"}}"#);
    let bodies = [
        (who(ANA, "acme"), event("Signed up", "{}")),
        (who(ANA, "acme"), Body::Traits { of: Kind::Person, traits: json(&email) }),
        (who(ANA, "acme"), event("Report exported", "{}")),
        (who(ANA, "acme"), event("Report exported", "{}")),
        (who("bob", "acme"), event("Invited", &invited)),
        (who("zoe", "beta"), event("Report exported", "{}")),
        (who("zoe", "beta"), event("Report exported", "{}")),
    ];
    let facts = bodies.into_iter().enumerate().map(|(index, (who, body))| Fact {
        id: index.to_string().into(),
        source: "test".into(),
        time: start,
        known_at: None,
        who,
        body,
    });
    vec![Chunk::new(0, start, facts.collect())]
}

/// Somebody was in an account only by what is erased with it.
#[test]
fn who_was_in_an_erased_account_is_judged_without_it() {
    let start: Time = "2026-01-05T00:00:00Z".parse().unwrap();
    let fact = |index: i64, account: &str, name: &str| Fact {
        id: index.to_string().into(),
        source: "test".into(),
        time: start + Span::HOUR.times(index),
        known_at: None,
        who: Who { user: Some("bob".into()), account: Some(account.into()), ..Who::default() },
        body: Body::Event { name: name.into(), properties: json("{}") },
    };
    let names = [
        ("acme", "Signed up"),
        ("acme", "Report exported"),
        ("beta", "Report exported"),
        ("beta", "Invited"),
    ];
    let all: Vec<Fact> =
        (0..).zip(names).map(|(index, (account, name))| fact(index, account, name)).collect();
    let mut server = with_files();
    server.start(start - Span::HOUR);
    for (first, it) in (0..).zip(&all) {
        server.take(&Chunk::new(first, it.time, vec![it.clone()]));
    }
    let now = start + Span::HOUR.times(5);
    server.settle(now);
    let before = written(&server.rules, &*server.store);
    erase(&mut server, Kind::Account, "acme", now);
    let left = as_chunks(&facts(&mut server));
    let replay = replayed(&server.rules, &left, now - SETTLE - Span(1));
    let after = written(&server.rules, &*server.store);
    let of_bob = |all: &_| -> Vec<_> {
        let all = stretches(all).into_iter();
        all.filter(|((it, _), _)| it.kind == Kind::Person).map(|(_, held)| held.clone()).collect()
    };
    assert_ne!(of_bob(&before), of_bob(&replay), "it makes a difference");
    assert_eq!(stretches(&after), stretches(&replay));
}

#[test]
fn siblings_of_an_erased_account_are_judged_without_it() {
    let start: Time = "2026-01-05T00:00:00Z".parse().unwrap();
    let event = |name: &str| Body::Event { name: name.into(), properties: json("{}") };
    let parent = || Body::Traits { of: Kind::Account, traits: json(r#"{"parent":"Holding"}"#) };
    let bodies = [
        ("acme", parent()),
        ("beta", parent()),
        ("acme", event("Report exported")),
        ("acme", event("Report exported")),
        ("beta", event("Report exported")),
    ];
    let mut server = with_files();
    server.start(start - Span::HOUR);
    for (first, (account, body)) in (0..).zip(bodies) {
        let fact = Fact {
            id: first.to_string().into(),
            source: "test".into(),
            time: start + Span::MINUTE.times(first),
            known_at: None,
            who: Who { account: Some(account.into()), ..Who::default() },
            body,
        };
        server.take(&Chunk::new(first.cast_unsigned(), fact.time, vec![fact]));
    }
    let now = start + Span::HOUR;
    let of_beta = |all: &_| {
        let all = stretches(all).into_iter().filter(|((it, _), _)| it.id == "beta");
        all.map(|(which, held)| (which.clone(), held.clone())).collect::<Vec<_>>()
    };
    let before = written(&server.rules, &*server.store);
    assert!(!of_beta(&before).is_empty(), "the two are busy together");
    erase(&mut server, Kind::Account, "acme", now);
    let left = as_chunks(&facts(&mut server));
    let replay = replayed(&server.rules, &left, now - SETTLE - Span(1));
    let after = written(&server.rules, &*server.store);
    assert_ne!(of_beta(&before), of_beta(&after), "alone beta is not");
    assert_eq!(stretches(&after), stretches(&replay));
}

#[test]
fn what_came_more_than_once_is_still_counted_after_an_erasure() {
    let mut server = with_files();
    let chunks = company();
    let (first, facts) = (&chunks[0], chunks[0].facts.clone());
    server.start(first.known_at);
    server.take(first);
    server.take(&Chunk::new(7, first.known_at + Span::MINUTE, facts));
    assert_eq!(server.engine().live().repeated(), 7);
    erase(&mut server, Kind::Person, ANA, first.known_at + Span::HOUR);
    assert_eq!(server.engine().live().repeated(), 7);
}

#[test]
fn of_the_erased_no_byte_is_left_and_their_lead_is_withdrawn() {
    let mut server = with_files();
    let chunks = company();
    let now = chunks[0].known_at + Span::HOUR;
    server.start(chunks[0].known_at);
    server.take(&chunks[0]);
    assert!(in_files(server.folder.path(), ANA));
    let ledger = |server: &Server, account: &str| {
        let filter = LedgerFilter { account: Some(account.into()), ..LedgerFilter::default() };
        let page = PageRequest::first(100);
        server.store.ledger(&filter, LedgerOrder::OldestFirst, &page).unwrap().rows
    };
    let beta = ledger(&server, "beta");
    assert!(!beta.is_empty() && !ledger(&server, "acme").is_empty());
    assert!(erase(&mut server, Kind::Person, ANA, now));
    for text in [ANA, EMAIL] {
        assert!(!in_files(server.folder.path(), text), "{text}");
    }
    assert_eq!(ledger(&server, "beta"), beta, "nothing has become known of the others");
    let leads =
        server.store.leads(&LeadFilter::default(), LeadSort::Oldest, &PageRequest::first(9));
    for lead in leads.unwrap().rows {
        let wanted = if lead.account == "beta" { LeadStatus::Open } else { LeadStatus::Withdrawn };
        assert_eq!(lead.status, wanted, "{}", lead.account);
    }
    let record = server.store.erasure("erase_1").unwrap().unwrap();
    assert_eq!(record.erased.get("facts"), Some(&4));
    assert_eq!(record.erased.get("facts_changed"), Some(&1));
    assert!(!erase(&mut server, Kind::Person, ANA, now), "nobody has that id any more");
}

#[test]
fn an_erasure_that_was_cut_off_is_taken_up_by_the_next_start() {
    let chunks = company();
    let now = chunks[0].known_at + Span::HOUR;
    // Cut off before anything was done, and between the history and the store.
    for history_is_done in [false, true] {
        let mut server = with_files();
        server.start(chunks[0].known_at);
        server.take(&chunks[0]);
        server.engine().order_erasure(&order(Kind::Person, ANA), now).unwrap().unwrap();
        server.engine = None;
        if history_is_done {
            let folder = server.folder.path().join("history");
            let mut history = History::open(folder, &server.rules.project.identity).unwrap();
            let gone = history.who_is(Kind::Person, ANA, Scan::default()).unwrap().unwrap();
            history.erase(&gone, &server.rules.project.calendar, Scan::default()).unwrap();
        }
        assert_eq!(server.start(now).erased, 1);
        assert!(!in_files(server.folder.path(), ANA));
        assert_eq!(server.store.unfinished_erasures().unwrap(), []);
        let left = as_chunks(&facts(&mut server));
        let until = server.engine().live().rules().history_from.max(now) - SETTLE - Span(1);
        let replay = replayed(&server.rules, &left, until);
        assert_eq!(stretches(&written(&server.rules, &*server.store)), stretches(&replay));
        assert_eq!(server.start(now).erased, 0);
    }
}

#[test]
fn a_store_that_cannot_be_written_leaves_the_erasure_under_way() {
    let mut server = with_files();
    let chunks = company();
    let now = chunks[0].known_at + Span::HOUR;
    server.start(chunks[0].known_at);
    server.take(&chunks[0]);
    let erasure = server.engine().order_erasure(&order(Kind::Person, ANA), now).unwrap().unwrap();
    server.store.fail_commits(1);
    assert!(server.engine().erase(erasure.clone(), now).is_err());
    let again = server.engine().order_erasure(&order(Kind::Person, ANA), now).unwrap().unwrap();
    assert_eq!(again, erasure, "it is the same");
    assert_eq!(server.engine().erase(again, now).unwrap().left, Some(0));
    assert!(!in_files(server.folder.path(), ANA));
}
