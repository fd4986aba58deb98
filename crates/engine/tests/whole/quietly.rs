//! What a publication does beside the definitions: stages follow, and imports wait.

use std::sync::Arc;

use firsthand_engine::{Chunk, Order, Progress, Publication};
use firsthand_model::fact::{Body, Who};
use firsthand_model::{Fact, Time};
use firsthand_store::{LeadFilter, LeadSort, Leads, PageRequest, SqliteStore, Stages};

use crate::publish::changed_rules;
use crate::server::Server;
use crate::world::json;

/// A server whose one account has exported one report, and the rules by which that is enough.
fn one_report() -> (Server, Publication) {
    let start: Time = "2026-01-05T00:00:00Z".parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::new(folder, SqliteStore::in_memory().unwrap());
    server.start(start);
    let fact = Fact {
        id: "1".into(),
        source: "test".into(),
        time: start,
        known_at: None,
        who: Who { user: Some("ana".into()), account: Some("acme".into()), ..Who::default() },
        body: Body::Event { name: "Report exported".into(), properties: json("{}") },
    };
    server.take(&Chunk::new(0, start, vec![fact]));
    let busy = "definition: busy\ntrack: product\nwhen: count(\"Report exported\", last 2d) >= ";
    let rules = changed_rules(&[(&format!("{busy}2"), &format!("{busy}1"))]);
    let publication = Publication {
        rules,
        describe: None,
        order: Order { by: "ann".into(), apply_to_existing: false },
        plays_changed: false,
        progress: Arc::<Progress>::default(),
    };
    (server, publication)
}

#[test]
fn who_qualifies_by_what_is_published_comes_to_the_stage_and_nobody_is_told() {
    let (mut server, publication) = one_report();
    assert_eq!(server.store.stage_of("acme").unwrap().map(|it| it.stage), None);
    let before = server.rules.clone();
    for (rules, wanted) in [(publication.rules.clone(), "pql"), (before, "subscriber")] {
        server.rules = rules.clone();
        let publication = Publication { rules, ..publication.clone() };
        server.engine().publish(publication).unwrap();
        server.engine().begin_backfill().unwrap().unwrap().run();
        server.engine().end_backfill(true).unwrap();
        while server.engine().finish_publication().unwrap() {}
        assert_eq!(server.store.stage_of("acme").unwrap().unwrap().stage, wanted);
    }
    let page = PageRequest::first(10);
    let leads = server.store.leads(&LeadFilter::default(), LeadSort::Oldest, &page).unwrap();
    assert_eq!(leads.rows.len(), 0);
}

#[test]
fn a_start_that_publishes_brings_accounts_to_their_stage() {
    let (mut server, publication) = one_report();
    server.rules = publication.rules;
    let now: Time = "2026-01-05T01:00:00Z".parse().unwrap();
    server.start(now);
    assert_eq!(server.store.stage_of("acme").unwrap().unwrap().stage, "pql");
}

/// P8: judging the history anew for both would hold up who writes.
#[test]
fn files_wait_while_other_rules_are_judged_and_rules_while_files_are_taken_in() {
    let (mut server, publication) = one_report();
    server.engine().publish(publication.clone()).unwrap();
    let job = server.engine().begin_backfill().unwrap().unwrap();
    assert!(server.engine().begin_import(false).unwrap().is_none());
    job.run();
    server.engine().end_backfill(true).unwrap();
    while server.engine().finish_publication().unwrap() {}
    let import = server.engine().begin_import(false).unwrap();
    server.engine().publish(publication).unwrap();
    assert!(server.engine().begin_backfill().unwrap().is_none());
    drop(import);
}
