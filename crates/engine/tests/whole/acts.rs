//! What people do with leads, and what that makes of an account's stage.

use crate::server::Server;
use crate::world::json;
use firsthand_engine::desk::Act;
use firsthand_engine::{Batch, Chunk};
use firsthand_model::fact::{Body, Who};
use firsthand_model::lead::{Lead, LeadStatus};
use firsthand_model::{Fact, Span, Text, Time};
use firsthand_store::{LeadFilter, LeadSort, Leads, PageRequest, Sources, SqliteStore, Stages};

const ACCOUNT: &str = "acme";

struct Office {
    server: Server,
    now: Time,
    count: usize,
}

impl Office {
    /// Somebody has qualified.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Server::new(folder, SqliteStore::in_memory().unwrap());
        let now: Time = "2026-01-05T00:00:00Z".parse().unwrap();
        server.start(now);
        let mut office = Self { server, now, count: 0 };
        office.export();
        office
    }

    fn fact(&mut self, body: &Body) -> Fact {
        self.count += 1;
        Fact {
            id: self.count.to_string().into(),
            source: "test".into(),
            time: self.now,
            known_at: None,
            who: Who { user: Some("ana".into()), account: Some(ACCOUNT.into()), ..Who::default() },
            body: body.clone(),
        }
    }

    fn tell(&mut self, body: &Body) {
        self.now = self.now + Span::DAY.times(4);
        let facts = vec![self.fact(body), self.fact(body)];
        let chunk = Chunk::new(0, self.now, facts);
        self.server.take(&chunk);
    }

    fn export(&mut self) {
        self.tell(&Body::Event { name: "Report exported".into(), properties: json("{}") });
    }

    fn record(&mut self, name: &str) {
        self.tell(&Body::Record { name: name.into(), properties: json("{}") });
    }

    fn lead(&self) -> Lead {
        let page = PageRequest::first(9);
        let leads = self.server.store.leads(&LeadFilter::default(), LeadSort::Newest, &page);
        leads.unwrap().rows.into_iter().find(|it| it.account == ACCOUNT).unwrap()
    }

    fn act(&mut self, act: &Act) -> bool {
        let (lead, now) = (self.lead(), self.now);
        self.server.engine().act(&lead.id, act, &"rep".into(), now).is_ok()
    }

    /// Where the account is, and whether corrected data brought it there.
    fn stage(&self) -> (Text, bool) {
        let last = self.server.store.stage_moves(ACCOUNT).unwrap().pop().unwrap();
        assert_eq!(self.server.store.stage_of(ACCOUNT).unwrap().unwrap().stage, last.to);
        (last.to, last.correction)
    }

    fn stages(&self) -> Vec<Text> {
        self.server.store.stage_moves(ACCOUNT).unwrap().into_iter().map(|it| it.to).collect()
    }
}

#[test]
fn what_was_said_to_have_failed_is_not_done_later() {
    let mut office = Office::new();
    office.server.store.fail_commits(1);
    assert!(!office.act(&Act::Accept));
    office.server.engine().flush().unwrap();
    office.export();
    assert_eq!(office.lead().status, LeadStatus::Open);
    assert_eq!(office.stage().0, "pql");
    assert!(office.act(&Act::Accept), "it can be done once more");
    assert_eq!(office.lead().status, LeadStatus::Accepted);
    assert!(!office.act(&Act::Accept), "it is accepted already");
    assert_eq!(office.lead().status, LeadStatus::Accepted);
}

#[test]
fn a_rejection_that_failed_leaves_the_way_free_for_another_lead() {
    let mut office = Office::new();
    assert!(office.act(&Act::Reject { reason: "no_fit".into() }));
    office.server.store.fail_commits(1);
    assert!(!office.act(&Act::Reopen { reason: None }));
    office.server.engine().flush().unwrap();
    assert_eq!(office.lead().status, LeadStatus::Rejected);
    assert!(office.act(&Act::Reopen { reason: None }));
    assert_eq!(office.lead().status, LeadStatus::Open);
}

#[test]
fn a_lead_that_was_just_closed_is_taken_back_although_that_is_not_written_yet() {
    let mut office = Office::new();
    office.now = office.now + Span::DAY;
    let bought = office.fact(&Body::Record { name: "Bought".into(), properties: json("{}") });
    let (now, batch) = (office.now, Batch { facts: vec![bought], ..Batch::default() });
    let engine = office.server.engine();
    engine.accept(batch, now).unwrap();
    engine.decide().unwrap();
    assert_eq!(office.lead().status, LeadStatus::Open, "that it is won is not written yet");
    assert!(office.act(&Act::Reopen { reason: None }), "it is won, and taken back");
    assert_eq!(office.lead().status, LeadStatus::Open);
    let id = office.lead().id;
    let changes = office.server.store.lead(&id).unwrap().unwrap().changes;
    let statuses: Vec<LeadStatus> = changes.iter().map(|it| it.to).collect();
    assert_eq!(statuses, [LeadStatus::Open, LeadStatus::Won, LeadStatus::Open]);
}

#[test]
fn two_acts_of_one_instant_are_two_facts() {
    let mut office = Office::new();
    assert!(office.act(&Act::Assign { owner: Some("ann".into()) }));
    assert!(office.act(&Act::Assign { owner: Some("bob".into()) }));
    office.server.engine().seal().unwrap();
    let facts = office.server.engine().live().history().export();
    let assigned = facts.filter(|it| {
        matches!(&it.as_ref().unwrap().body, Body::Record { name, .. } if name == "Lead assigned")
    });
    assert_eq!(assigned.count(), 2);
}

#[test]
fn repeats_are_counted_by_their_source_once() {
    let mut office = Office::new();
    let told = |office: &Office| {
        let sources = office.server.store.sources().unwrap();
        sources.iter().find(|it| it.source == "test").map(|it| it.repeated)
    };
    // What is sent again is known by its ids.
    office.count = 0;
    office.export();
    office.server.store.fail_commits(1);
    assert!(!office.act(&Act::Accept), "what could not be written is not lost");
    assert!(office.act(&Act::Accept));
    assert_eq!(told(&office), Some(2));
    let now = office.now + Span::HOUR;
    office.server.start(now);
    office.export();
    assert_eq!(told(&office), Some(2), "a start counts nothing again");
}

#[test]
fn an_account_rises_by_what_it_does_and_what_is_told_and_begins_anew() {
    let mut office = Office::new();
    assert!(office.act(&Act::Accept));
    office.record("Deal created");
    office.record("Deal lost");
    office.export();
    office.record("Bought");
    office.record("Subscription cancelled");
    office.export();
    let wanted = ["pql", "sql", "opportunity", "lead", "pql", "customer", "former", "pql"];
    assert_eq!(office.stages(), wanted);
    // A start finds it as it was.
    let now = office.now + Span::HOUR;
    office.server.start(now);
    assert_eq!(office.stages(), wanted);
}

#[test]
fn corrected_data_lowers_the_stage_and_says_so() {
    let mut office = Office::new();
    assert_eq!(office.stage(), ("pql".into(), false));
    // The exports turn out to be of somebody of our own, who never counts.
    let email = Body::Traits {
        of: firsthand_model::fact::Kind::Person,
        traits: json(r#"{"email":"ana@ours.example"}"#),
    };
    office.tell(&email);
    assert_eq!(office.stage(), ("subscriber".into(), true));
}
