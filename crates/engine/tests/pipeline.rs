//! P1, P4, P5: crashes at any place, repeats and restarts lose nothing, double nothing, and the
//! ledger folds to the replay.

mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use firsthand_engine::{Batch, Engine, Rules, StartOptions, StateFile};
use firsthand_history::{History, Scan};
use firsthand_model::fact::{Body, Who};
use firsthand_model::{Fact, Json, Span, Text, Time};
use firsthand_rules::ledger::SETTLE;
use firsthand_rules::timeline::{Interval, Subject};
use firsthand_store::{
    LeadFilter, LeadSort, Leads, Ledger, LedgerFilter, LedgerOrder, Log, PageRequest, SqliteStore,
};
use proptest::prelude::*;
use world::{Timelines, World, any_world, cases, chunks, replayed, rules, stretches};

/// What goes wrong while a chunk is taken in.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mishap {
    None,
    /// The plug is pulled before anything is decided about the chunk.
    BeforeDeciding,
    /// It is pulled before what was decided is written down.
    BeforeWriting,
    /// It is pulled after all of it.
    AfterWriting,
    /// It is pulled between the history's commit and the log's.
    WhileSealing,
    /// The commit is written by somebody else meanwhile, and fails at first.
    WhileWriting,
    /// The server is stopped and started again.
    Restart,
    /// The answer is lost, and the client sends all of it once more.
    SentAgain,
}

/// How who is to be judged anew from the history is.
#[derive(Clone, Copy, Debug)]
enum Lane {
    /// In the engine's own time.
    AtOnce,
    /// Beside it, so many at a time, read after so many more chunks.
    Beside { reads: usize, most: usize },
}

struct Server {
    rules: Rules,
    folder: tempfile::TempDir,
    store: Arc<SqliteStore>,
    engine: Option<Engine<SqliteStore>>,
}

impl Server {
    fn new() -> Self {
        let rules = rules();
        let folder = tempfile::tempdir().unwrap();
        History::create(history(&folder), &rules.project.identity, 100).unwrap();
        let store = Arc::new(SqliteStore::in_memory().unwrap());
        Self { rules, folder, store, engine: None }
    }

    /// Starts after a crash, or for the first time; whether it went on with the state that had been
    /// written down.
    fn start(&mut self, now: Time) -> bool {
        self.engine = None;
        let history = History::open(history(&self.folder), &self.rules.project.identity).unwrap();
        let state = StateFile { path: self.folder.path().join("state"), made_by: String::new() };
        let options = StartOptions { state: Some(state.clone()), ..StartOptions::default() };
        let (engine, started) = Engine::start(
            self.rules.clone(),
            history,
            Arc::clone(&self.store),
            &options,
            now,
            Scan::default(),
        )
        .unwrap();
        assert_eq!(started.differences, [], "what is written down is what was rebuilt");
        self.engine = Some(engine);
        assert!(!state.path.exists(), "what people did stays behind in no file");
        started.remembered
    }

    /// Ends as a server does that is asked to, and starts again.
    fn restart(&mut self, now: Time) -> bool {
        self.engine().seal().unwrap();
        self.engine().save_state().unwrap();
        self.start(now)
    }

    fn engine(&mut self) -> &mut Engine<SqliteStore> {
        self.engine.as_mut().unwrap()
    }

    fn timelines(&self) -> Timelines {
        let mut timelines = Timelines::new();
        let program = &self.rules.program;
        let subjects: BTreeSet<Subject> = self.ledger_subjects();
        for subject in subjects {
            let mut of: BTreeMap<usize, Vec<Interval>> = BTreeMap::new();
            for it in self.store.qualifications_of(&subject).unwrap() {
                let definitions = &program.root(subject.kind).definitions;
                let place = definitions.iter().position(|of| of.name == it.definition).unwrap();
                of.entry(place).or_default().push(it.interval);
            }
            timelines.extend(of.into_iter().map(|(place, it)| ((subject.clone(), place), it)));
        }
        timelines
    }

    fn ledger_subjects(&self) -> BTreeSet<Subject> {
        let (mut subjects, mut page) = (BTreeSet::new(), PageRequest::first(1000));
        loop {
            let found = self
                .store
                .ledger(&LedgerFilter::default(), LedgerOrder::NewestFirst, &page)
                .unwrap();
            subjects.extend(found.rows.into_iter().map(|it| it.line.subject));
            match found.next {
                Some(cursor) => page = PageRequest::after(cursor, 1000),
                None => return subjects,
            }
        }
    }
}

fn history(folder: &tempfile::TempDir) -> std::path::PathBuf {
    Path::new(folder.path()).join("history")
}

fn any_mishap() -> impl Strategy<Value = Mishap> {
    prop_oneof![
        8 => Just(Mishap::None),
        1 => Just(Mishap::BeforeDeciding),
        1 => Just(Mishap::BeforeWriting),
        1 => Just(Mishap::AfterWriting),
        1 => Just(Mishap::WhileSealing),
        1 => Just(Mishap::SentAgain),
        2 => Just(Mishap::WhileWriting),
        2 => Just(Mishap::Restart),
    ]
}

fn any_lane() -> impl Strategy<Value = Lane> {
    let beside = (0..4_usize, 1..4_usize).prop_map(|(reads, most)| Lane::Beside { reads, most });
    prop_oneof![1 => Just(Lane::AtOnce), 2 => beside]
}

fn run(
    World(draws): &World,
    mishaps: &[Mishap],
    lane: Lane,
    seal_every: usize,
) -> Result<(), TestCaseError> {
    let mut server = Server::new();
    let chunks = chunks(draws);
    let begin = chunks.first().map_or(Time(0), |it| it.known_at) - Span::HOUR;
    server.start(begin);
    let (mut now, mut sent) = (begin, BTreeSet::<Text>::new());
    // Who is judged anew is so by somebody else, who takes a few chunks for it.
    let mut judging = None;
    for (index, chunk) in chunks.iter().enumerate() {
        let mishap = mishaps[index % mishaps.len()];
        let batch = || Batch { facts: chunk.facts.clone(), ..Batch::default() };
        let at = chunk.known_at;
        if mishap == Mishap::WhileWriting {
            // What was accepted before is decided while the next commit is on its way.
            let (before, after) = chunk.facts.split_at(chunk.facts.len() / 2);
            let batch = |facts: &[Fact]| Batch { facts: facts.to_vec(), ..Batch::default() };
            server.engine().accept(batch(before), at).unwrap();
            for fails in [true, false] {
                server.store.fail_commits(u32::from(fails));
                let commit = server.engine().prepare(batch(after), at);
                server.engine().pass(at).unwrap();
                server.engine().decide_near(at).unwrap();
                let done = server.store.commit(&commit);
                prop_assert_eq!(server.engine().written(done).is_err(), fails);
            }
        } else {
            server.engine().accept(batch(), at).unwrap();
        }
        sent.extend(chunk.facts.iter().map(|it| it.id.clone()));
        now = at + Span::MINUTE.times(20);
        match mishap {
            Mishap::BeforeDeciding => _ = server.start(now),
            Mishap::SentAgain => _ = server.engine().accept(batch(), at).unwrap(),
            _ => {}
        }
        server.engine().decide().unwrap();
        server.engine().pass(now).unwrap();
        match lane {
            Lane::AtOnce if index % 3 == 0 => _ = server.engine().decide_late(now).unwrap(),
            Lane::AtOnce => {}
            Lane::Beside { reads, most } => {
                server.engine().decide_near(now).unwrap();
                if judging.is_none() {
                    let begun = server.engine().begin_judging(most).unwrap();
                    judging = begun.map(|it| (index + reads, it));
                }
                if let Some((_, job)) = judging.take_if(|(done, _)| *done <= index) {
                    job.run();
                }
            }
        }
        if mishap == Mishap::BeforeWriting {
            server.start(now);
        }
        server.engine().flush().unwrap();
        match mishap {
            Mishap::AfterWriting => _ = server.start(now),
            Mishap::Restart => prop_assert!(server.restart(now), "it went on"),
            Mishap::WhileSealing => {
                // The whole seal, but for the log's part.
                let chunks = server.store.log_size().unwrap().chunks;
                server.engine().seal_history().unwrap();
                prop_assert_eq!(server.store.log_size().unwrap().chunks, chunks);
                server.start(now);
            }
            _ => {}
        }
        if (index + 1) % seal_every == 0 {
            match lane {
                Lane::AtOnce => server.engine().seal().unwrap(),
                // What late facts wait behind stays in the log.
                Lane::Beside { .. } => {
                    server.engine().begin_seal().unwrap().run();
                    server.engine().end_seal(true).unwrap();
                }
            }
        }
    }
    let end = now + Span::DAY.times(20);
    server.engine().pass(end).unwrap();
    while server.engine().decide_late(end).unwrap() {}
    server.engine().seal().unwrap();

    let replay = replayed(&server.rules, &chunks, end - SETTLE - Span(1));
    let found = server.timelines();
    prop_assert_eq!(stretches(&found), stretches(&replay));

    let stored = server.engine().live().history().export();
    let stored: Vec<Text> = stored.map(|it| it.unwrap().id).collect();
    prop_assert_eq!(stored.len(), sent.len(), "every fact once");
    prop_assert_eq!(stored.into_iter().collect::<BTreeSet<_>>(), sent);

    let filter = LeadFilter::default();
    let leads = server.store.leads(&filter, LeadSort::Oldest, &PageRequest::first(1000)).unwrap();
    let mut rests_on = BTreeSet::new();
    for lead in leads.rows {
        let sheet = server.store.lead(&lead.id).unwrap().unwrap();
        prop_assert!(!sheet.evidence.is_empty(), "a lead rests on something");
        for it in sheet.evidence {
            let of = (it.definition, it.subject, it.entered);
            let stands = it.retracted_at.is_none();
            prop_assert!(!stands || rests_on.insert(of), "no lead twice");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn nothing_is_lost_and_nothing_doubled(
        world in any_world(),
        mishaps in prop::collection::vec(any_mishap(), 1..12),
        lane in any_lane(),
        seal_every in 1..15_usize,
    ) {
        run(&world, &mishaps, lane, seal_every)?;
    }
}

/// P5: a commit that failed has taken nothing of the batch, and loses nothing that was decided.
#[test]
fn what_was_decided_outlives_a_commit_that_fails() {
    let mut server = Server::new();
    let start: Time = "2026-01-05T00:00:00Z".parse().unwrap();
    server.start(start);
    let fact = |id: &str| Fact {
        id: id.into(),
        source: "test".into(),
        time: start,
        known_at: None,
        who: Who { user: Some("ana".into()), account: Some("acme".into()), ..Who::default() },
        body: Body::Event {
            name: "Report exported".into(),
            properties: Json::parse("{}").unwrap(),
        },
    };
    let batch =
        |ids: &[&str]| Batch { facts: ids.iter().map(|it| fact(it)).collect(), ..Batch::default() };
    server.engine().accept(batch(&["1", "2"]), start).unwrap();
    server.engine().decide().unwrap();
    assert!(server.engine().has_pending(), "`busy` has been entered");
    server.store.fail_commits(2);
    let later = start + Span::MINUTE;
    assert!(server.engine().accept(batch(&["3"]), later).is_err());
    assert!(server.engine().flush().is_err());
    assert_eq!(server.store.log_state().unwrap().next, 2);
    server.engine().accept(batch(&["3"]), later).unwrap();
    server.engine().decide().unwrap();
    server.engine().flush().unwrap();
    assert_eq!(server.store.log_state().unwrap().applied, Some(2));
    let page = PageRequest::first(10);
    let ledger = server.store.ledger(&LedgerFilter::default(), LedgerOrder::OldestFirst, &page);
    let busy = ledger.unwrap().rows.into_iter().filter(|it| it.line.definition == "busy");
    assert_eq!(busy.count(), 1, "told once");
}
