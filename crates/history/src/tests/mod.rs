//! What the crate promises, held against a history that is kept in memory and simply written.

mod bulk;
mod erase;
mod laws;
mod readers;
mod scale;
mod stories;

use std::collections::BTreeMap;

use firsthand_model::config::IdentityRules;
use firsthand_model::fact::{Body, Kind, Row, Who};
use firsthand_model::{Calendar, Fact, Json, Span, Text, Time};
use firsthand_rules::resolve::Resolver;
use tempfile::TempDir;

use crate::repeats::Rank;
use crate::{History, Projection, Scan, Summary};

/// A history in a folder that goes with it.
struct Fixture {
    dir: TempDir,
    rules: IdentityRules,
    history: History,
}

impl Fixture {
    fn new() -> Self {
        Self::under(&IdentityRules::default())
    }

    fn under(rules: &IdentityRules) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let history = History::create(dir.path(), rules, 0).unwrap();
        Self { dir, rules: rules.clone(), history }
    }

    fn with(facts: &[Fact]) -> Self {
        let mut fixture = Self::new();
        fixture.import(facts);
        fixture
    }

    fn import(&mut self, facts: &[Fact]) -> Summary {
        let mut intake = self.history.intake(&Calendar::default()).unwrap();
        for fact in facts {
            intake.take(fact).unwrap();
        }
        intake.finish().unwrap()
    }

    fn reopen(&mut self) {
        self.history = History::open(self.dir.path(), &self.rules).unwrap();
    }

    fn streams(&self, paths: &[Text]) -> Streams {
        let projection = Projection { paths: paths.to_vec(), ..Projection::default() };
        let all = self.history.for_each_account(&projection, Scan::default(), |it| {
            (Text::from(it.account), it.rows.to_vec())
        });
        all.unwrap().into_iter().filter(|(_, rows)| !rows.is_empty()).collect()
    }

    /// The facts in no order.
    fn facts(&self) -> Vec<Fact> {
        let mut facts: Vec<Fact> = self.history.export().map(Result::unwrap).collect();
        facts.sort_by(|a, b| (&a.source, &a.id).cmp(&(&b.source, &b.id)));
        facts
    }

    fn assert_sound(&self) {
        assert_eq!(self.history.verify(Scan::default()).unwrap(), []);
    }
}

/// The rows of every account that has any.
type Streams = BTreeMap<Text, Vec<Row>>;

/// The facts that count, by source and id.
fn distinct(facts: &[Fact]) -> Vec<Fact> {
    let mut best: BTreeMap<(Text, Text), Fact> = BTreeMap::new();
    for fact in facts {
        let key = (fact.source.clone(), fact.id.clone());
        let held = best.entry(key).or_insert_with(|| fact.clone());
        if Rank::of(fact) < Rank::of(held) {
            *held = fact.clone();
        }
    }
    best.into_values().collect()
}

/// The streams as the resolver alone makes them.
fn expected_streams(facts: &[Fact], rules: &IdentityRules, paths: &[Text]) -> Streams {
    let facts = distinct(facts);
    let mut resolver = Resolver::new(rules);
    for fact in &facts {
        _ = resolver.learn(fact);
    }
    let mut streams = Streams::new();
    for (account, row) in facts.iter().flat_map(|it| resolver.rows(it, paths)) {
        streams.entry(account).or_default().push(row);
    }
    for rows in streams.values_mut() {
        rows.sort_by(|a, b| a.order().cmp(&b.order()));
    }
    streams
}

fn day(day: i64) -> Time {
    "2026-01-01T00:00:00Z".parse::<Time>().unwrap() + Span::DAY.times(day)
}

fn fact(id: &str, time: Time, who: Who, body: Body) -> Fact {
    Fact { id: id.into(), source: "test".into(), time, known_at: Some(time), who, body }
}

fn user(id: &str) -> Who {
    Who { user: Some(id.into()), ..Who::default() }
}

fn anonymous(id: &str) -> Who {
    Who { anonymous: Some(id.into()), ..Who::default() }
}

fn within(account: &str, who: Who) -> Who {
    Who { account: Some(account.into()), ..who }
}

fn event(name: &str, properties: &str) -> Body {
    Body::Event { name: name.into(), properties: Json::parse(properties).unwrap() }
}

fn traits(of: Kind, json: &str) -> Body {
    Body::Traits { of, traits: Json::parse(json).unwrap() }
}
