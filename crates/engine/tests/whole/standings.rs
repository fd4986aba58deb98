//! Where accounts and people stand among others, taken at midnight as they were known that day: the
//! exception that P2 names, and no other.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::server::Server;
use crate::world::{Stretches, World, any_world, cases, chunks, json, rules_of, stretches};
use crate::written::written;
use firsthand_engine::{Chunk, ErasureOrder, Order, Publication, Rules};
use firsthand_history::History;
use firsthand_model::fact::{Body, Kind, Who};
use firsthand_model::{Fact, Span, Time};
use firsthand_rules::timeline::Subject;
use firsthand_store::{SqliteStore, Standings, Store};
use proptest::prelude::*;

const STANDINGS: &str = include_str!("../world/standings.yaml");

const TOP: &str = r#"
project: top
definitions:
  top-tenth:
    track: expansion
    when: percentile(count("Report exported", last 30d) among (seen(any))) > 90%
"#;

fn server(text: &str) -> Server {
    let rules = rules_of(text);
    let folder = tempfile::tempdir().unwrap();
    History::create(folder.path().join("history"), &rules.project.identity, 100).unwrap();
    let store = SqliteStore::in_memory().unwrap();
    Server { rules, folder, store: store.into(), engine: None }
}

/// What everybody is thought to have come to.
fn held(server: &mut Server) -> BTreeMap<(Subject, usize), Stretches> {
    let live = server.engine().live();
    let accounts = live.customers().map(|(id, it)| (Kind::Account, id, it.stream()));
    let people = live.people().map(|(id, it)| (Kind::Person, id, it.stream()));
    let mut held = BTreeMap::new();
    for (kind, id, stream) in accounts.chain(people) {
        for (place, it) in stream.record().held.iter().enumerate().filter(|(_, it)| !it.is_empty())
        {
            held.insert((Subject { kind, id: id.clone() }, place), it.clone());
        }
    }
    held
}

fn folded(rules: &Rules, store: &impl Store) -> BTreeMap<(Subject, usize), Stretches> {
    let written = written(rules, store);
    stretches(&written).into_iter().map(|(key, it)| (key.clone(), it)).collect()
}

proptest! {
    #![proptest_config(cases(40))]

    /// P1, P5: however late facts come, and wherever it is cut off, the server is told by its ledger
    /// what it is told by its state: of no standing it thinks otherwise later.
    #[test]
    fn a_start_goes_on_with_the_standings_that_were_taken(
        world in any_world(),
        starts in prop::collection::vec(0..4_u8, 1..9),
    ) {
        let mut server = server(STANDINGS);
        let World(draws) = &world;
        let chunks = chunks(draws);
        let mut now = chunks[0].known_at;
        server.start(now);
        for (index, chunk) in chunks.iter().enumerate() {
            server.take(chunk);
            now = chunk.known_at + Span::MINUTE.times(20);
            while server.engine().decide_late(now).unwrap() {}
            server.engine().flush().unwrap();
            match starts[index % starts.len()] {
                // The state is made from the log alone, or from the history.
                0 => drop(server.start(now)),
                1 => {
                    server.engine().seal().unwrap();
                    server.start(now);
                }
                2 => server.restart(now),
                _ => {}
            }
        }
        now = now + Span::DAY.times(20);
        server.settle(now);
        let before = held(&mut server);
        prop_assert_eq!(&folded(&server.rules, &*server.store), &before, "the ledger");
        server.engine().seal().unwrap();
        server.start(now);
        prop_assert_eq!(held(&mut server), before, "the state");
    }
}

/// Twenty accounts, `a01` to `a20`, of which each exports as often as its number says.
struct Field {
    server: Server,
    now: Time,
    facts: u64,
}

impl Field {
    fn new() -> Self {
        let mut server = server(TOP);
        let now: Time = "2026-01-05T09:00:00Z".parse().unwrap();
        server.start(now);
        let mut field = Self { server, now, facts: 0 };
        for number in 1..=20 {
            field.exports(number, number, Span(0));
        }
        field
    }

    fn exports(&mut self, account: u32, times: u32, late: Span) {
        self.now = self.now + Span::MINUTE;
        let facts = (0..times).map(|_| {
            self.facts += 1;
            Fact {
                id: self.facts.to_string().into(),
                source: "test".into(),
                time: self.now - late,
                known_at: None,
                who: Who {
                    user: Some(format!("ana{account}").into()),
                    account: Some(format!("a{account:02}").into()),
                    ..Who::default()
                },
                body: Body::Event { name: "Report exported".into(), properties: json("{}") },
            }
        });
        let chunk = Chunk::new(0, self.now, facts.collect());
        self.server.take(&chunk);
        while self.server.engine().decide_late(self.now).unwrap() {}
        self.server.engine().flush().unwrap();
    }

    fn until(&mut self, time: &str) {
        self.now = time.parse().unwrap();
        self.server.engine().pass(self.now).unwrap();
        self.server.engine().flush().unwrap();
    }

    fn starts_anew(&mut self) {
        self.server.engine().seal().unwrap();
        self.server.start(self.now);
    }

    /// Other rules decide from now on: by a start, or beside the ones that did.
    fn publishes(&mut self, rules: Rules, beside: bool) {
        self.server.rules = rules.clone();
        if !beside {
            self.starts_anew();
            return;
        }
        let publication = Publication {
            rules,
            describe: None,
            order: Order { by: "ann".into(), apply_to_existing: false },
            plays_changed: false,
            progress: Arc::default(),
        };
        let engine = self.server.engine();
        engine.publish(publication).unwrap();
        engine.begin_backfill().unwrap().unwrap().run();
        engine.end_backfill(true).unwrap().unwrap();
        while engine.finish_publication().unwrap() {}
        engine.flush().unwrap();
        assert!(engine.differences().unwrap().is_empty());
    }

    /// Who is in the top tenth by the ledger, and since when.
    fn top(&self) -> Vec<String> {
        let of = folded(&self.server.rules, &*self.server.store);
        let top = of.iter().filter_map(|((subject, _), stretches)| {
            let (entered, _) = stretches.iter().find(|(_, left)| left.is_none())?;
            Some(format!("{} since {}", subject.id, &entered.to_string()[..16]))
        });
        top.collect()
    }

    /// The midnights that were taken since there was somebody.
    fn taken(&self) -> Vec<Time> {
        let key = &self.server.rules.program.populations[0].key;
        let taken = self.server.store.standings(key).unwrap();
        let begin: Time = "2026-01-05T09:00:00Z".parse().unwrap();
        taken.iter().map(|it| it.at).filter(|it| *it > begin).collect()
    }
}

#[test]
fn the_top_tenth_by_usage_is_known_after_midnight_and_not_before() {
    let mut field = Field::new();
    field.until("2026-01-06T00:00:30Z");
    assert_eq!(field.top(), [""; 0], "the midnight has not settled");
    field.until("2026-01-06T00:01:01Z");
    assert_eq!(field.top(), ["a19 since 2026-01-06T00:00", "a20 since 2026-01-06T00:00"]);
    field.exports(1, 30, Span(0));
    assert_eq!(field.top().len(), 2, "it is taken daily");
    field.until("2026-01-07T00:02:00Z");
    assert_eq!(field.top(), ["a01 since 2026-01-07T00:00", "a20 since 2026-01-06T00:00"]);
}

#[test]
fn what_comes_late_moves_who_did_it_and_nobody_else() {
    let mut field = Field::new();
    field.until("2026-01-06T06:00:00Z");
    field.exports(5, 30, Span::HOUR.times(10));
    let late = ["a05", "a19", "a20"].map(|it| format!("{it} since 2026-01-06T00:00"));
    assert_eq!(field.top(), late, "the others stand where they stood that day");
    field.starts_anew();
    assert_eq!(field.top(), late, "and so they do after a start");
    field.until("2026-01-07T00:02:00Z");
    assert_eq!(field.top().len(), 2, "the next midnight knows of it");
}

/// Twice, so that what is kept cannot be what was made again.
#[test]
fn a_start_takes_no_standing_a_second_time() {
    let mut field = Field::new();
    field.until("2026-01-08T06:00:00Z");
    let taken = field.taken();
    assert_eq!(taken.len(), 3);
    field.exports(7, 50, Span::DAY.times(2));
    field.starts_anew();
    field.starts_anew();
    assert_eq!(field.taken(), taken);
    let top = ["a07 since 2026-01-07T00:00", "a19 since 2026-01-06T00:00"];
    assert_eq!(field.top()[..2], top);
}

#[test]
fn a_server_that_was_away_takes_the_midnights_that_it_missed() {
    let mut field = Field::new();
    field.until("2026-01-06T06:00:00Z");
    field.now = "2026-01-09T06:00:00Z".parse().unwrap();
    field.starts_anew();
    assert_eq!(field.taken().len(), 4);
    assert_eq!(field.top().len(), 2);
}

/// Who asks the same of the same population stands where it was taken, by whatever threshold.
#[test]
fn a_changed_threshold_is_held_against_the_standings_that_were_taken() {
    for beside in [false, true] {
        let mut field = Field::new();
        field.until("2026-01-07T06:00:00Z");
        let taken = field.taken();
        field.exports(7, 50, Span::DAY.times(1));
        let rules = rules_of(&TOP.replace("> 90%", ">= 90%"));
        field.publishes(rules, beside);
        assert_eq!(field.taken(), taken);
        let since = |(account, day)| format!("{account} since 2026-01-{day}T00:00");
        let top = [("a07", "07"), ("a18", "06"), ("a19", "06"), ("a20", "06")].map(since);
        assert_eq!(field.top(), top, "beside: {beside}");
    }
}

#[test]
fn what_was_never_asked_is_taken_over_the_whole_history_when_it_is_published() {
    for beside in [false, true] {
        let mut field = Field::new();
        field.until("2026-01-09T06:00:00Z");
        let rules = rules_of(&TOP.replace("last 30d", "last 40d"));
        field.publishes(rules, beside);
        assert_eq!(field.taken().len(), 4);
        assert_eq!(field.top(), ["a19", "a20"].map(|it| format!("{it} since 2026-01-06T00:00")));
        field.until("2026-01-10T00:02:00Z");
        assert_eq!(field.taken().len(), 5);
    }
}

#[test]
fn of_whom_is_erased_only_a_number_without_a_name_is_left() {
    let mut field = Field::new();
    field.until("2026-01-06T06:00:00Z");
    let order = ErasureOrder {
        id: "erase_1".into(),
        subject: Subject { kind: Kind::Account, id: "a20".into() },
        subject_hash: "a hash".into(),
        by: "ann".into(),
    };
    let now = field.now;
    let erasure = field.server.engine().order_erasure(&order, now).unwrap().unwrap();
    assert_eq!(field.server.engine().erase(erasure, now).unwrap().left, Some(0));
    assert_eq!(field.top(), ["a19 since 2026-01-06T00:00"], "it stands where it stood");
    assert_eq!(field.taken().len(), 1);
}
