//! P5 for plays: what is done about a lead is decided once, wherever the server is cut off, and
//! what people do with messages comes back.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use firsthand_engine::desk::Act;
use firsthand_engine::{Batch, Engine, Rules, StartOptions};
use firsthand_history::{History, Scan};
use firsthand_model::config::Project;
use firsthand_model::diagnostic::{SourceFile, Style, render};
use firsthand_model::fact::{Body, Kind, Who};
use firsthand_model::lead::LeadStatus;
use firsthand_model::message::Outgoing;
use firsthand_model::play::{Arm, Reason};
use firsthand_model::{Fact, Json, Span, Text, Time};
use firsthand_rules::compile::compile;
use firsthand_store::{
    Deliveries, Delivery, DeliveryFilter, DeliveryState, LeadFilter, LeadSort, Leads, PageRequest,
    PlayFilter, Plays, SqliteStore,
};

/// A Monday, at nine in the morning.
const FROM: &str = "2026-01-05T09:00:00Z";

const PROJECT: &str = r##"
project: Acme
plans:
  free: {title: Free, price: 0, limits: {contacts: 10}, next: pro}
  pro: {title: Pro, price: 49}
outcomes:
  bought: {on: '"Bought"'}
  trained: {subject: person, on: '"Course finished"'}
meters:
  contacts: {kind: count, add: '"Contact created"', unit: contacts}
definitions:
  near: {title: Near its limit, track: product, when: "usage(contacts) >= 80% of limit(contacts)"}
  enterprise: {when: account.employees >= 1000}
  heard: {track: marketing, when: "seen(\"Message clicked\")"}
channels:
  product: {in_app: }
  mail: {email: {smtp: "smtp://127.0.0.1:25", from: a@acme.example}}
  sales: {slack: {token: xoxb, channel: "#leads"}}
  hooks: {webhook: {url: env:U, secret: env:S, events: [stage.changed]}}
leads:
  owners: {ana: {email: ana@acme.example}}
  segments: [{segment: enterprise, tracks: marketing}]
contact: {person: 2 per week}
plays:
  grow:
    track: product
    holdout: 50%
    steps:
      - by: product
      - {wait: 1d, unless: seen, by: mail}
      - {wait: 1d, by: sales, to: owner}
"##;

/// What happens, in order.
enum Turn {
    Facts(Vec<Fact>),
    Pass(Span),
    /// The newest message of a channel is seen.
    Seen(&'static str),
    /// A rep does something with the lead of an account.
    Act(&'static str, Act),
    /// The same, but it cannot be written.
    Fails(&'static str, Act),
}

struct Server {
    rules: Rules,
    folder: tempfile::TempDir,
    store: Arc<SqliteStore>,
    engine: Option<Engine<SqliteStore>>,
    now: Time,
    facts: u32,
    /// Whether somebody else reads who is in accounts.
    aside: bool,
}

impl Server {
    fn new(project: &str) -> Self {
        let file = SourceFile { name: "firsthand.yaml".into(), text: project.into() };
        let loaded = Project::from_files(&[Arc::new(file)], &|_| Ok(String::new()));
        let compiled = compile(&loaded.project);
        let said: Vec<_> = loaded.diagnostics.into_iter().chain(compiled.diagnostics).collect();
        let errors: Vec<_> = said
            .into_iter()
            .filter(|it| it.problem.severity == firsthand_model::diagnostic::Severity::Error)
            .collect();
        assert_eq!(render(&errors, Style::default()), "");
        let rules = Rules {
            project: Arc::new(loaded.project),
            program: Arc::new(compiled.program),
            history_from: Time::MIN,
        };
        let folder = tempfile::tempdir().unwrap();
        let history: PathBuf = folder.path().join("history");
        History::create(history, &rules.project.identity, 100).unwrap();
        let store = Arc::new(SqliteStore::in_memory().unwrap());
        let now = FROM.parse().unwrap();
        let mut server = Self { rules, folder, store, engine: None, now, facts: 0, aside: false };
        server.start();
        server
    }

    /// Starts; whatever was not written down is gone.
    fn start(&mut self) {
        self.engine = None;
        let history = self.folder.path().join("history");
        let history = History::open(history, &self.rules.project.identity).unwrap();
        let (rules, store) = (self.rules.clone(), Arc::clone(&self.store));
        let options = StartOptions::default();
        let started = Engine::start(rules, history, store, &options, self.now, Scan::default());
        self.engine = Some(started.unwrap().0);
        if self.aside {
            self.engine().read_aside();
        }
    }

    /// Reads what the engine wants to see, beside it, until it wants nothing more. It may be cut
    /// off while it waits.
    fn read(&mut self, cut_off: bool) {
        let now = self.now;
        if cut_off {
            let _lost = self.engine().begin_reading();
            self.engine().flush().unwrap();
            self.start();
            self.engine().pass(now).unwrap();
        }
        while let Some(job) = self.engine().begin_reading() {
            assert!(self.engine().begin_reading().is_none(), "one reading follows the other");
            std::thread::spawn(|| job.run()).join().unwrap();
            self.engine().end_reading(now);
        }
    }

    fn engine(&mut self) -> &mut Engine<SqliteStore> {
        self.engine.as_mut().unwrap()
    }

    fn fact(&mut self, account: &str, person: &str, body: Body) -> Fact {
        self.facts += 1;
        let (account, user) = (Some(account.into()), Some(person.into()));
        let who = Who { user: user.filter(|it: &Text| !it.is_empty()), account, anonymous: None };
        let (id, time) = (self.facts.to_string().into(), self.now);
        Fact { id, source: "test".into(), time, known_at: None, who, body }
    }

    fn event(&mut self, account: &str, person: &str, name: &'static str) -> Fact {
        let (name, properties) = (name.into(), Json::default());
        self.fact(account, person, Body::Event { name, properties })
    }

    fn traits(&mut self, account: &str, person: &str, of: Kind, traits: &str) -> Fact {
        let traits = Json::parse(traits).unwrap();
        self.fact(account, person, Body::Traits { of, traits })
    }

    /// A free team of one, with so many contacts.
    fn team(&mut self, account: &str, person: &str, contacts: usize) -> Vec<Fact> {
        let email = format!(r#"{{"email": "{person}@x.example"}}"#);
        let mut facts = vec![
            self.traits(account, "", Kind::Account, r#"{"plan": "free"}"#),
            self.traits(account, person, Kind::Person, &email),
        ];
        facts.extend((0..contacts).map(|_| self.event(account, person, "Contact created")));
        facts
    }

    fn take(&mut self, turn: &Turn, cut_off: bool) {
        let now = self.now;
        match turn {
            Turn::Facts(facts) => {
                let batch = Batch { facts: facts.clone(), ..Batch::default() };
                self.engine().accept(batch, now).unwrap();
            }
            Turn::Pass(span) => self.now = self.now + *span,
            Turn::Seen(channel) => {
                let delivery = self.deliveries().into_iter().rfind(|it| it.channel == *channel);
                let delivery = delivery.expect("a message was sent").id;
                let properties = Json::parse(format!(r#"{{"delivery": "{delivery}"}}"#)).unwrap();
                let name = "Message shown".into();
                let seen = self.fact("acme", "zoe", Body::Record { name, properties });
                let batch = Batch { facts: vec![seen], ..Batch::default() };
                self.engine().accept(batch, now).unwrap();
            }
            Turn::Act(account, act) => {
                let lead = self.lead(account);
                self.engine().act(&lead, act, &"ana".into(), now).unwrap();
            }
            Turn::Fails(account, act) => {
                let lead = self.lead(account);
                self.store.fail_commits(1);
                self.engine().act(&lead, act, &"ana".into(), now).unwrap_err();
            }
        }
        let now = self.now;
        // Wherever it is cut off, what it has not written down it decides once more.
        if cut_off {
            self.start();
        }
        self.engine().pass(now).unwrap();
        if cut_off {
            self.start();
        }
        self.engine().pass(now).unwrap();
        if self.aside {
            self.read(cut_off);
        }
        self.engine().flush().unwrap();
    }

    fn deliveries(&self) -> Vec<Delivery> {
        let page = PageRequest::first(1_000);
        let mut all = self.store.deliveries(&DeliveryFilter::default(), &page).unwrap().rows;
        all.sort_by_key(|it| it.queued_at);
        all
    }

    fn leads(&self) -> Vec<(Text, firsthand_model::lead::LeadId, LeadStatus, Option<Text>)> {
        let page = PageRequest::first(1_000);
        let leads = self.store.leads(&LeadFilter::default(), LeadSort::Oldest, &page).unwrap();
        leads.rows.into_iter().map(|it| (it.account, it.id, it.status, it.owner)).collect()
    }

    fn lead(&self, account: &str) -> firsthand_model::lead::LeadId {
        self.leads().iter().find(|(of, ..)| of == account).unwrap().1.clone()
    }

    /// Everything that plays have written down, as text.
    fn written(&self) -> Vec<String> {
        let (any, page) = (PlayFilter::default(), PageRequest::first(1_000));
        let mut lines: Vec<String> = Vec::new();
        for it in self.deliveries() {
            lines.push(format!("{} {} {:?} {}", it.id, it.channel, it.state, it.queued_at));
        }
        for it in self.store.play_runs(&any, None, &page).unwrap().rows {
            lines.push(format!(
                "{} {} {:?} {} {:?} {:?}",
                it.lead, it.play, it.state, it.step, it.due_at, it.seen_at
            ));
        }
        for it in self.store.suppressed(&any, &page).unwrap().rows {
            lines.push(format!("{} {:?} {}", it.id, it.reason, it.at));
        }
        for it in self.store.exposures(&any, None, &page).unwrap().rows {
            lines.push(format!("{} {:?} {}", it.account, it.arm, it.at));
        }
        for it in self.store.contacts_since(Time::MIN, &page).unwrap().rows {
            lines.push(format!("{} {:?} {}", it.delivery, it.receiver, it.at));
        }
        lines.extend(self.leads().iter().map(|it| format!("{it:?}")));
        lines.sort_unstable();
        lines
    }
}

/// Twelve teams near their limit, one of which sees its banner and is then worked on by a rep.
fn story(server: &mut Server) -> Vec<Turn> {
    let mut turns = vec![Turn::Facts(server.team("acme", "zoe", 9)), Turn::Pass(Span::SECOND)];
    for number in 0..11 {
        let (account, person) = (format!("a{number}"), format!("p{number}"));
        turns.push(Turn::Facts(server.team(&account, &person, 8)));
    }
    turns.extend([
        Turn::Pass(Span::HOUR),
        Turn::Seen("product"),
        Turn::Pass(Span::DAY),
        Turn::Pass(Span::DAY),
        Turn::Act("a1", Act::Accept),
        Turn::Pass(Span::HOUR.times(3)),
        Turn::Act("acme", Act::Accept),
        Turn::Facts(vec![server.event("a2", "p2", "Bought")]),
        Turn::Pass(Span::DAY.times(3)),
    ]);
    turns
}

#[test]
fn wherever_the_server_is_cut_off_everything_is_decided_once() {
    let mut unbroken = Server::new(PROJECT);
    let turns = story(&mut unbroken);
    for it in &turns {
        unbroken.take(it, false);
    }
    let written = unbroken.written();
    assert!(unbroken.deliveries().len() > 10, "{written:#?}");
    for place in (0..turns.len()).chain([usize::MAX]) {
        let mut broken = Server::new(PROJECT);
        let turns = story(&mut broken);
        for (at, turn) in turns.iter().enumerate() {
            broken.take(turn, at == place || place == usize::MAX);
        }
        similar(&written, &broken.written(), place);
    }
}

fn similar(wanted: &[String], found: &[String], place: usize) {
    let set = |of: &[String]| of.iter().cloned().collect::<BTreeSet<_>>();
    let (wanted, found) = (set(wanted), set(found));
    let missing: Vec<_> = wanted.difference(&found).collect();
    let more: Vec<_> = found.difference(&wanted).collect();
    assert!(missing.is_empty() && more.is_empty(), "cut at {place}: -{missing:#?} +{more:#?}");
}

#[test]
fn what_is_read_beside_the_engine_is_decided_once_and_is_the_same() {
    let mut reads_itself = Server::new(PROJECT);
    for it in &story(&mut reads_itself) {
        reads_itself.take(it, false);
    }
    let payloads = |server: &Server| {
        let all = server.deliveries().into_iter();
        all.map(|it| (it.id, String::from_utf8(it.payload).unwrap())).collect::<BTreeSet<_>>()
    };
    let places = story(&mut Server::new(PROJECT)).len();
    for place in 0..=places {
        let mut server = Server::new(PROJECT);
        server.aside = true;
        server.start();
        let turns = story(&mut server);
        for (at, turn) in turns.iter().enumerate() {
            server.take(turn, at == place);
        }
        similar(&reads_itself.written(), &server.written(), place);
        assert_eq!(payloads(&server), payloads(&reads_itself), "cut at {place}");
    }
}

#[test]
fn while_an_account_is_read_all_else_goes_on() {
    let mut server = Server::new(&PROJECT.replace("holdout: 50%", "holdout: 0%"));
    server.aside = true;
    server.start();
    let facts = server.team("acme", "zoe", 9);
    let now = server.now;
    server.engine().accept(Batch { facts, ..Batch::default() }, now).unwrap();
    server.engine().pass(now).unwrap();
    server.engine().flush().unwrap();
    assert_eq!(server.leads().len(), 1, "the lead is there");
    let shown = |server: &Server| {
        let all = server.deliveries().into_iter().filter(|it| it.channel == "product");
        all.filter_map(|it| it.account).map(|it| it.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(shown(&server), [""; 0], "what is said to its people is not");
    let job = server.engine().begin_reading().unwrap();
    // It takes its time; meanwhile another team comes, and what is read goes into the history.
    let facts = server.team("beta", "bo", 9);
    server.engine().accept(Batch { facts, ..Batch::default() }, now).unwrap();
    server.engine().pass(now).unwrap();
    server.engine().seal().unwrap();
    assert_eq!(server.leads().len(), 2);
    server.engine().end_reading(now);
    assert_eq!(shown(&server), [""; 0], "nobody waits for it");
    job.run();
    server.engine().end_reading(now);
    server.engine().flush().unwrap();
    assert_eq!(shown(&server), ["acme"]);
    server.read(false);
    server.engine().flush().unwrap();
    assert_eq!(shown(&server), ["acme", "beta"]);
}

#[test]
fn an_act_that_could_not_be_written_leaves_plays_as_they_were() {
    let mut unbroken = Server::new(PROJECT);
    let turns = story(&mut unbroken);
    for it in &turns {
        unbroken.take(it, false);
    }
    let written = unbroken.written();
    // Any act, on any lead that is there, at any time: as if it had not been tried.
    let acts =
        || [Act::Accept, Act::Won { reason: None }, Act::Assign { owner: Some("bo".into()) }];
    for place in 1..turns.len() {
        let mut failing = Server::new(PROJECT);
        let turns = story(&mut failing);
        for (at, turn) in turns.iter().enumerate() {
            failing.take(turn, false);
            for account in ["acme", "a1"] {
                let leads = failing.leads();
                let is_open = leads.iter().any(|it| it.0 == account && it.2 == LeadStatus::Open);
                if at == place && is_open {
                    for act in acts() {
                        failing.take(&Turn::Fails(account, act), false);
                    }
                }
            }
        }
        similar(&written, &failing.written(), place);
    }
}

#[test]
fn webhooks_hear_of_stages_but_not_of_who_is_held_out() {
    let mut server = Server::new(PROJECT);
    let turns = story(&mut server);
    for it in &turns {
        server.take(it, false);
    }
    let page = PageRequest::first(100);
    let exposed = server.store.exposures(&PlayFilter::default(), None, &page).unwrap().rows;
    let held = |arm| exposed.iter().filter(move |it| it.arm == arm).map(|it| it.account.clone());
    let (treated, held_out): (BTreeSet<Text>, BTreeSet<Text>) =
        (held(Arm::Treated).collect(), held(Arm::HeldOut).collect());
    let told: Vec<(Text, String)> = server
        .deliveries()
        .into_iter()
        .filter(|it| it.channel == "hooks")
        .map(|it| {
            let Outgoing::Webhook(call) = serde_json::from_slice(&it.payload).unwrap() else {
                panic!("a call of a webhook")
            };
            assert_eq!(call.event, "stage.changed");
            let data: serde_json::Value = serde_json::from_str(call.data.as_str()).unwrap();
            (it.account.unwrap(), data["to"].as_str().unwrap().to_owned())
        })
        .collect();
    let of = |stage: &str| {
        told.iter().filter(|it| it.1 == stage).map(|it| it.0.clone()).collect::<BTreeSet<Text>>()
    };
    assert_eq!(of("pql"), treated);
    assert!(held_out.iter().all(|it| told.iter().all(|(account, _)| account != it)));
    let accepted: BTreeSet<Text> =
        ["acme", "a1"].map(Text::from).into_iter().filter(|it| treated.contains(it)).collect();
    assert_eq!(of("sql"), accepted, "{treated:?}");
    assert!(!accepted.is_empty());
    let leads = server.store.leads(&LeadFilter::default(), LeadSort::Oldest, &page).unwrap().rows;
    for it in leads {
        assert_eq!(it.held_out, held_out.contains(&it.account), "{it:?}");
    }
}

#[test]
fn what_one_of_its_people_has_achieved_is_asked_of_the_account() {
    let play = "
plays:
  grow:
    track: product
    steps:
      - {wait: 1d, unless: converted, by: product}
      - {wait: 1d, if: converted, by: mail}
";
    let project = format!("{}{play}", PROJECT.split("plays:").next().unwrap());
    let mut server = Server::new(&project);
    for (account, person) in [("acme", "zoe"), ("beta", "bea")] {
        let team = server.team(account, person, 9);
        server.take(&Turn::Facts(team), false);
    }
    let finished = server.event("acme", "zoe", "Course finished");
    server.take(&Turn::Facts(vec![finished]), false);
    for _ in 0..3 {
        server.take(&Turn::Pass(Span::DAY), false);
    }
    let told: Vec<_> =
        server.deliveries().into_iter().map(|it| (it.account.unwrap(), it.channel)).collect();
    let told: BTreeSet<_> = told.iter().filter(|it| it.1 != "hooks").collect();
    let wanted: [(Text, Text); 2] =
        [("acme".into(), "mail".into()), ("beta".into(), "product".into())];
    assert_eq!(told, wanted.iter().collect());
}

#[test]
fn a_free_team_at_its_limit_is_shown_a_banner_and_its_twin_is_held_out() {
    let mut server = Server::new(PROJECT);
    let turns = story(&mut server);
    for it in &turns {
        server.take(it, false);
    }
    let page = PageRequest::first(100);
    let exposed = server.store.exposures(&PlayFilter::default(), None, &page).unwrap().rows;
    assert_eq!(exposed.len(), 12, "every account was assigned");
    let told: BTreeSet<Text> =
        server.deliveries().into_iter().filter_map(|it| it.account).collect();
    for it in &exposed {
        assert_eq!(it.arm == Arm::Treated, told.contains(&it.account), "{it:?}");
    }
    let banner = server.deliveries().into_iter().find(|it| it.channel == "product").unwrap();
    let Outgoing::InApp(message) = serde_json::from_slice(&banner.payload).unwrap() else {
        panic!("a message inside the product")
    };
    assert!(message.title.ends_with("of 10 contacts are in use"), "{}", message.title);
    assert!(message.body.contains("Pro has room"), "{}", message.body);
    let owners: BTreeSet<_> = server
        .leads()
        .into_iter()
        .filter(|(_, _, status, _)| *status == LeadStatus::Open)
        .map(|(account, .., owner)| (told.contains(&account), owner))
        .collect();
    assert!(owners.contains(&(true, Some("ana".into()))) && owners.contains(&(false, None)));
}

#[test]
fn an_offer_that_waits_is_called_back_when_a_rep_takes_the_lead() {
    let mut server = Server::new(&PROJECT.replace("holdout: 50%", "holdout: 0%"));
    let facts = server.team("acme", "zoe", 9);
    server.take(&Turn::Facts(facts), false);
    server.take(&Turn::Act("acme", Act::Accept), false);
    // The mail is given up; a day later the owner is told.
    server.take(&Turn::Pass(Span::DAY.times(9)), false);
    server.take(&Turn::Pass(Span::DAY), false);
    let states: Vec<_> =
        server.deliveries().into_iter().map(|it| (it.channel.to_string(), it.state)).collect();
    assert_eq!(
        states,
        [
            ("hooks".to_owned(), DeliveryState::Pending),
            ("product".to_owned(), DeliveryState::Cancelled),
            ("hooks".to_owned(), DeliveryState::Pending),
            ("sales".to_owned(), DeliveryState::Pending),
        ]
    );
    let page = PageRequest::first(9);
    let kept = server.store.suppressed(&PlayFilter::default(), &page).unwrap().rows;
    assert_eq!(kept[0].reason, Reason::RepWorks);
}

#[test]
fn a_segment_that_does_not_use_the_track_has_no_leads_on_it() {
    let mut server = Server::new(PROJECT);
    let employees = server.traits("acme", "", Kind::Account, r#"{"employees": 5000}"#);
    let mut facts = server.team("acme", "zoe", 9);
    facts.insert(0, employees);
    server.take(&Turn::Facts(facts), false);
    server.take(&Turn::Pass(Span::HOUR), false);
    assert_eq!(server.leads(), []);
}
