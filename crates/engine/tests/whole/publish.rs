//! PUBLISH-1, PUBLISH-2 (P1, P5): other rules take the place of those that decide, at any instant,
//! whatever comes meanwhile and wherever the plug is pulled.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::server::Server;
use crate::world::{
    Draw, PROJECT, Timelines, World, any_world, cases, chunks, json, replayed, rules_of, stretches,
};
use firsthand_engine::{
    BackfillJob, Batch, Chunk, Order, Progress, Publication, Rules, Step, UnderWay,
};
use firsthand_model::fact::{Body, Kind, Who};
use firsthand_model::lead::{Lead, LeadStatus};
use firsthand_model::{Span, Text, Time};
use firsthand_rules::ledger::{Change, SETTLE};
use firsthand_rules::timeline::Subject;
use firsthand_store::{
    Definitions, LeadEvidence, LeadFilter, LeadSort, Leads, Ledger, LedgerFilter, LedgerLine,
    LedgerOrder, PageRequest, PublishedState, SqliteStore,
};
use proptest::prelude::*;

/// What the team changes: two definitions, one is gone, one is new; the others stay as they are.
const CHANGES: [(&str, &str); 4] = [
    (
        "definition: busy\ntrack: product\nwhen: count(\"Report exported\", last 2d) >= 2",
        "definition: busy\ntrack: product\nwhen: count(\"Report exported\", last 3d) >= 1",
    ),
    (
        "when: count(\"Report exported\", last 3d) >= 2",
        "when: count(\"Report exported\", last 9d) >= 2",
    ),
    (
        "definition: a-team\ntrack: product\nwhen: people(core, last 7d) >= 2\n---\n",
        "definition: invites\ntrack: expansion\nwhen: seen(\"Invited\", last 6d)\n---\n",
    ),
    ("title: Free", "title: Gratis"),
];
const CHANGED: [&str; 3] = ["busy", "keen-person", "invites"];
const GONE: &str = "a-team";

/// The rules with some parts of their text replaced.
pub fn changed_rules(changes: &[(&str, &str)]) -> Rules {
    let mut text = PROJECT.to_owned();
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, new);
    }
    rules_of(&text)
}

/// Where the plug is pulled.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Crash {
    Never,
    /// Before anything was read.
    Asked,
    /// Before or after all of it was read and written down.
    Backfilling,
    /// The new rules decide, and not everything is done.
    Applying,
    /// Once all of it is done.
    Done,
}

#[derive(Clone, Debug)]
struct Plan {
    apply: bool,
    /// By which chunk it is asked for, and after how many more each of the next steps comes.
    asked: usize,
    read: usize,
    switched: usize,
    crash: Crash,
    seal_every: usize,
    /// How often what the job writes down fails.
    fails: bool,
}

fn any_plan() -> impl Strategy<Value = Plan> {
    let crash = prop_oneof![
        4 => Just(Crash::Never),
        1 => Just(Crash::Asked),
        1 => Just(Crash::Backfilling),
        1 => Just(Crash::Applying),
        1 => Just(Crash::Done),
    ];
    let fails = prop::bool::weighted(0.1);
    (any::<bool>(), 0..30_usize, 0..4_usize, 0..4_usize, crash, 1..12_usize, fails).prop_map(
        |(apply, asked, read, switched, crash, seal_every, fails)| Plan {
            apply,
            asked,
            read,
            switched,
            crash,
            seal_every,
            fails,
        },
    )
}

/// A publication that is made step by step, between chunks.
struct Team {
    server: Server,
    plan: Plan,
    job: Option<BackfillJob<SqliteStore>>,
    progress: Arc<Progress>,
    now: Time,
}

impl Team {
    fn new(plan: Plan, now: Time) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Server::new(folder, SqliteStore::in_memory().unwrap());
        server.start(now);
        Self { server, plan, job: None, progress: Arc::default(), now }
    }

    fn take(&mut self, chunk: &Chunk) {
        let engine = self.server.engine();
        let batch = Batch { facts: chunk.facts.clone(), ..Batch::default() };
        engine.accept(batch, chunk.known_at).unwrap();
        self.now = chunk.known_at + Span::MINUTE.times(20);
        engine.pass(self.now).unwrap();
        while engine.decide_late(self.now).unwrap() {}
        engine.flush().unwrap();
    }

    fn publication(&self) -> Publication {
        Publication {
            rules: changed_rules(&CHANGES),
            describe: None,
            order: Order { by: "ann".into(), apply_to_existing: self.plan.apply },
            plays_changed: false,
            progress: Arc::clone(&self.progress),
        }
    }

    /// The files are others from now on: a start finds them.
    fn ask(&mut self) {
        let publication = self.publication();
        self.server.rules = publication.rules.clone();
        self.server.engine().publish(publication.clone()).unwrap();
        assert_eq!(self.server.engine().publish(publication), Err(UnderWay));
        if self.plan.crash == Crash::Asked {
            self.restart();
            return self.look();
        }
        self.job = self.server.engine().begin_backfill().unwrap();
        let states = self.states("busy");
        assert_eq!(states, [PublishedState::Backfilling, PublishedState::Running]);
    }

    fn read(&mut self) {
        let Some(job) = self.job.take() else { return };
        if self.plan.fails {
            // It is given up, and asked for once more.
            self.server.store.fail_commits(1);
            job.run();
            self.server.store.fail_commits(0);
            if self.server.engine().end_backfill(true).unwrap().is_some() {
                return self.finish();
            }
            assert!(matches!(self.progress.step(), Step::Failed(_)));
            while self.server.engine().finish_publication().unwrap() {}
            assert_eq!(self.states("busy"), [PublishedState::Retired, PublishedState::Running]);
            assert!(self.server.engine().differences().unwrap().is_empty());
            self.progress = Arc::default();
            let publication = self.publication();
            self.server.engine().publish(publication).unwrap();
            self.server.engine().begin_backfill().unwrap().unwrap().run();
        } else {
            job.run();
        }
        if self.plan.crash == Crash::Backfilling {
            self.restart();
            self.look();
        }
    }

    fn switch(&mut self) {
        if self.server.engine().end_backfill(false).unwrap().is_some() {
            self.finish();
        }
        assert!(!self.server.engine().is_publishing());
    }

    fn finish(&mut self) {
        assert_eq!(self.states("busy"), [PublishedState::Applying, PublishedState::Retired]);
        if self.plan.crash == Crash::Applying {
            self.server.engine().finish_publication().unwrap();
            self.restart();
        }
        while self.server.engine().finish_publication().unwrap() {}
        if self.plan.crash == Crash::Done {
            self.restart();
        }
        self.look();
    }

    fn restart(&mut self) {
        self.job = None;
        self.server.start(self.now);
    }

    /// The states of a definition's versions, the one published last first.
    fn states(&self, name: &str) -> Vec<PublishedState> {
        let versions = self.server.store.definition_versions(name).unwrap();
        versions.into_iter().map(|it| it.state).collect()
    }

    /// What is written down when the new rules have just begun to decide.
    fn look(&mut self) {
        let published = self.server.store.current_definitions().unwrap();
        let all_run = published.iter().all(|it| it.state == PublishedState::Running);
        assert!(all_run, "{published:?}");
        let asked = published.iter().filter(|it| CHANGED.contains(&it.name.as_str()));
        assert!(
            asked
                .clone()
                .all(|it| it.applied_to_existing == self.plan.apply
                    || self.plan.crash == Crash::Asked)
        );
        assert_eq!(self.states(GONE), [PublishedState::Retired]);
        let engine = self.server.engine.as_ref().unwrap();
        assert_eq!(engine.differences().unwrap(), [], "what is written down is what is so");
        let open = self.open();
        for (lead, evidence) in leads(&self.server.store) {
            for it in evidence.iter().filter(|_| !lead.status.is_closed()) {
                let of = (it.definition.clone(), it.subject.clone());
                let stands = it.retracted_at.is_none() && it.left.is_none();
                assert!(!stands || open.contains(&of), "it rests on what holds: {of:?}");
            }
        }
        if self.plan.apply && self.plan.crash != Crash::Asked {
            self.look_at_leads(&open);
        }
    }

    /// A lead is open for who qualifies by what was published.
    fn look_at_leads(&self, open: &BTreeSet<(Text, Subject)>) {
        let engine = self.server.engine.as_ref().unwrap();
        let leads = engine.desk().leads().flat_map(|it| engine.desk().evidence_of(&it.id));
        let standing = leads.filter(|it| it.retracted_at.is_none() && it.left.is_none());
        let led: BTreeSet<(Text, Subject)> =
            standing.map(|it| (it.definition.clone(), it.subject.clone())).collect();
        for (name, subject) in open.iter().filter(|it| CHANGED.contains(&it.0.as_str())) {
            let root = self.server.rules.program.root(subject.kind);
            let state = engine.live().subject(subject).unwrap();
            let stream = state.stream();
            let excluded =
                root.exclusions.iter().any(|(_, node)| stream.frame().value(*node).is_true());
            let found = led.contains(&(name.clone(), subject.clone()));
            assert!(excluded || found, "no lead for {subject:?} by {name}");
        }
    }

    /// Who qualifies by what, as it is written down.
    fn open(&self) -> BTreeSet<(Text, Subject)> {
        let page = PageRequest::first(1_000);
        let open = self.server.store.open_qualifications(None, &page).unwrap();
        open.rows.into_iter().map(|it| (it.definition, it.subject)).collect()
    }

    /// The timelines of the versions that decide.
    fn written(&self) -> Timelines {
        let mut timelines = Timelines::new();
        let subjects: BTreeSet<Subject> =
            lines(&self.server.store).into_iter().map(|it| it.subject).collect();
        for subject in subjects {
            let definitions = &self.server.rules.program.root(subject.kind).definitions;
            for it in self.server.store.qualifications_of(&subject).unwrap() {
                let of = definitions
                    .iter()
                    .position(|of| (&of.name, &of.version) == (&it.definition, &it.version));
                match of {
                    Some(place) => {
                        timelines.entry((subject.clone(), place)).or_default().push(it.interval);
                    }
                    None => assert!(it.interval.left.is_some(), "nobody decides on {it:?}"),
                }
            }
        }
        timelines
    }
}

fn lines(store: &SqliteStore) -> Vec<LedgerLine> {
    let (mut all, mut page) = (Vec::new(), PageRequest::first(1_000));
    loop {
        let found =
            store.ledger(&LedgerFilter::default(), LedgerOrder::OldestFirst, &page).unwrap();
        all.extend(found.rows.into_iter().map(|it| it.line));
        match found.next {
            Some(cursor) => page = PageRequest::after(cursor, 1_000),
            None => return all,
        }
    }
}

fn leads(store: &SqliteStore) -> Vec<(Lead, Vec<LeadEvidence>)> {
    let page = PageRequest::first(1_000);
    let leads = store.leads(&LeadFilter::default(), LeadSort::Oldest, &page).unwrap();
    let sheets = leads.rows.into_iter().map(|it| store.lead(&it.id).unwrap().unwrap());
    sheets.map(|it| (it.lead, it.evidence)).collect()
}

/// Holds every line against those before it: nothing is entered that is, and nothing else happens to
/// what is not.
fn follow(lines: Vec<LedgerLine>) -> Result<(), TestCaseError> {
    let mut known: BTreeMap<(Text, Text, Subject), BTreeMap<Time, Option<Time>>> = BTreeMap::new();
    for line in lines {
        let told = format!("{line:?}");
        let of = known.entry((line.definition, line.version, line.subject)).or_default();
        let follows = match line.change {
            Change::Entered => of.insert(line.held_at, None).is_none(),
            Change::Left => of
                .range_mut(..line.held_at)
                .next_back()
                .is_some_and(|(_, left)| left.replace(line.held_at).is_none()),
            Change::Revised { was, entry: true, .. } => {
                let left = of.remove(&was);
                left.is_some_and(|left| of.insert(line.held_at, left).is_none())
            }
            Change::Revised { was, entry: false, reopened } => {
                let exit = of.values_mut().find(|left| **left == Some(was));
                exit.is_some_and(|it| {
                    *it = (!reopened).then_some(line.held_at);
                    true
                })
            }
            Change::Retracted => of.remove(&line.held_at).is_some(),
        };
        prop_assert!(follows, "{told}");
    }
    Ok(())
}

fn check(World(draws): &World, plan: &Plan) -> Result<(), TestCaseError> {
    let chunks = chunks(draws);
    let begin = chunks.first().map_or(Time(0), |it| it.known_at) - Span::HOUR;
    let mut team = Team::new(plan.clone(), begin);
    let asked = plan.asked % chunks.len();
    let (read, switched) = (asked + plan.read, asked + plan.read + plan.switched);
    let steps = chunks.len().max(switched + 1);
    for index in 0..steps {
        if let Some(chunk) = chunks.get(index) {
            team.take(chunk);
        }
        if index == asked {
            team.ask();
        }
        if index == read {
            team.read();
        }
        if index == switched {
            let before = leads(&team.server.store).len();
            team.switch();
            let after = leads(&team.server.store).len();
            prop_assert!(plan.apply || before == after, "nobody is told");
        }
        // Sealing waits for a backfill, and here nobody would run it.
        if (index + 1) % plan.seal_every == 0 && team.job.is_none() {
            team.server.engine().seal().unwrap();
            if team.server.engine().is_finishing() {
                team.finish();
            }
        }
    }
    let end = team.now + Span::DAY.times(20);
    team.server.settle(end);
    let replay = replayed(&team.server.rules, &chunks, end - SETTLE - Span(1));
    let written = team.written();
    prop_assert_eq!(stretches(&written), stretches(&replay), "P1");
    follow(lines(&team.server.store))?;
    let mut rests_on = BTreeSet::new();
    for (lead, evidence) in leads(&team.server.store) {
        prop_assert!(!evidence.is_empty(), "a lead rests on something");
        let counts = lead.status != LeadStatus::Withdrawn;
        for it in evidence.into_iter().filter(|it| counts && it.retracted_at.is_none()) {
            let of = (it.definition, it.version, it.subject, it.entered);
            prop_assert!(rests_on.insert(of), "no lead twice");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn changed_rules_decide_from_any_instant_on_as_if_they_always_had(
        world in any_world(),
        plan in any_plan(),
    ) {
        check(&world, &plan)?;
    }
}

#[test]
fn a_definition_that_comes_back_goes_on_where_it_was() {
    let start: Time = "2026-01-05T00:00:00Z".parse().unwrap();
    let world = World(exports("ana", "acme", 3));
    let chunks = chunks(&world.0);
    let plan = Plan {
        apply: false,
        asked: 0,
        read: 0,
        switched: 0,
        crash: Crash::Never,
        seal_every: 100,
        fails: false,
    };
    let mut team = Team::new(plan, start);
    let before = team.server.rules.clone();
    for (index, chunk) in chunks.iter().enumerate() {
        team.take(chunk);
        if index == 1 {
            team.ask();
            team.read();
            team.switch();
        }
    }
    assert!(team.states("busy").contains(&PublishedState::Retired));
    team.progress = Arc::default();
    let back = Publication { rules: before.clone(), ..team.publication() };
    team.server.rules = before;
    team.server.engine().publish(back).unwrap();
    team.server.engine().begin_backfill().unwrap().unwrap().run();
    team.server.engine().end_backfill(true).unwrap();
    while team.server.engine().finish_publication().unwrap() {}
    assert_eq!(team.progress.step(), Step::Done);
    assert_eq!(team.server.engine().differences().unwrap(), []);
    let replay = replayed(&team.server.rules, &chunks, team.now - SETTLE - Span(1));
    assert_eq!(stretches(&team.written()), stretches(&replay));
    let person = Subject { kind: Kind::Person, id: "ana".into() };
    assert!(!team.server.store.qualifications_of(&person).unwrap().is_empty());
}

/// Reports that somebody exports, one an hour.
fn exports(user: &str, account: &str, count: usize) -> Vec<Draw> {
    let event = Body::Event { name: "Report exported".into(), properties: json("{}") };
    let who = Who { user: Some(user.into()), account: Some(account.into()), ..Who::default() };
    vec![Draw { gap: 1, delay: 0, again: None, who, body: event }; count]
}
