//! Random facts about a few people and accounts, as they arrive, and what a replay makes of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use firsthand_engine::{Chunk, Rules};
use firsthand_model::config::Project;
use firsthand_model::diagnostic::SourceFile;
use firsthand_model::fact::{Body, Kind, Row, Who};
use firsthand_model::{Fact, Json, Span, Text, Time};
use firsthand_rules::compile::compile;
use firsthand_rules::resolve::Resolver;
use firsthand_rules::timeline::{Interval, Subject};
use firsthand_rules::world;
use proptest::prelude::*;

pub const PROJECT: &str = include_str!("project.yaml");
/// A Monday.
const FROM: &str = "2026-01-05T00:00:00Z";

pub fn rules() -> Rules {
    rules_of(PROJECT)
}

pub fn rules_of(text: &str) -> Rules {
    let file = SourceFile { name: "firsthand.yaml".into(), text: text.into() };
    let loaded = Project::from_files(&[Arc::new(file)], &|path| {
        Err(std::io::Error::new(std::io::ErrorKind::NotFound, path.to_owned()))
    });
    let compiled = compile(&loaded.project);
    let diagnostics = loaded.diagnostics.iter().chain(&compiled.diagnostics);
    let wrong: Vec<&str> = diagnostics.map(|it| it.problem.message.as_str()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    Rules {
        project: Arc::new(loaded.project),
        program: Arc::new(compiled.program),
        history_from: Time::MIN,
    }
}

/// Facts, and how they come.
#[derive(Clone)]
pub struct World(pub Vec<Draw>);

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut hours = 0;
        for Draw { gap, delay, again, who, body } in &self.0 {
            hours += gap;
            writeln!(f, "{hours} h, {delay} late, again {again:?}: {who:?} {body:?}")?;
        }
        Ok(())
    }
}

/// A few random worlds; as many as `PROPTEST_CASES` says, where it is set.
pub fn cases(few: u32) -> ProptestConfig {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let config = ProptestConfig::default();
    if asked { config } else { ProptestConfig { cases: few, ..config } }
}

pub fn any_world() -> impl Strategy<Value = World> {
    prop::collection::vec(any_draw(), 1..30).prop_map(World)
}

/// One fact, and how it comes.
#[derive(Clone, Debug)]
pub struct Draw {
    /// Hours since the one before.
    pub gap: i64,
    /// Hours until it arrives.
    pub delay: i64,
    /// Hours until it arrives once more.
    pub again: Option<i64>,
    pub who: Who,
    pub body: Body,
}

pub fn any_draw() -> impl Strategy<Value = Draw> {
    // The last names nobody.
    let users = vec!["ana", "ana", "bob", "bob", "cleo", "cleo", "undefined"];
    let user = prop::option::weighted(0.8, prop::sample::select(users));
    let anonymous = prop::option::weighted(0.5, prop::sample::select(vec!["a1", "a2"]));
    let account = prop::option::weighted(0.6, prop::sample::select(vec!["acme", "beta"]));
    let event =
        prop::sample::select(vec!["Signed up", "Report exported", "Report exported", "Invited"]);
    let event = event.prop_map(|name| Body::Event { name: name.into(), properties: json("{}") });
    let traits = |of: Kind, text: &'static str| Body::Traits { of, traits: json(text) };
    let family = prop::sample::select(vec![
        r#"{"parent":"Holding"}"#,
        r#"{"parent":"Holding"}"#,
        r#"{"parent":null}"#,
        r#"{"domain":"acme.example"}"#,
    ]);
    let body = prop_oneof![
        12 => event,
        1 => Just(Body::Record { name: "Bought".into(), properties: json(r#"{"amount":5}"#) }),
        2 => Just(traits(Kind::Account, r#"{"plan":"free"}"#)),
        1 => Just(traits(Kind::Account, r#"{"plan":"pro"}"#)),
        2 => family.prop_map(move |it| traits(Kind::Account, it)),
        1 => Just(traits(Kind::Person, r#"{"role":"manager"}"#)),
        1 => Just(traits(Kind::Person, r#"{"email":"ana@acme.example"}"#)),
        1 => Just(traits(Kind::Person, r#"{"email":"bob@ours.example"}"#)),
        1 => Just(Body::Link),
        1 => Just(Body::Alias { other: "bob".into() }),
        1 => Just(Body::Split { other: "bob".into() }),
        2 => any::<bool>().prop_map(|joined| Body::Membership { joined, role: None }),
    ];
    let delay = prop_oneof![5 => Just(0), 2 => 1..30_i64, 1 => 30..200_i64];
    let gap = prop_oneof![2 => Just(0_i64), 4 => 1..9_i64, 1 => 9..60_i64];
    let again = prop::option::weighted(0.15, 0..40_i64);
    let who = (user, anonymous, account).prop_map(|(user, anonymous, account)| Who {
        user: user.map(Text::from),
        anonymous: anonymous.map(Text::from),
        account: account.map(Text::from),
    });
    (gap, delay, again, who, body).prop_map(|(gap, delay, again, who, body)| Draw {
        gap,
        delay,
        again,
        who,
        body,
    })
}

pub fn json(text: &str) -> Json {
    Json::parse(text).unwrap()
}

/// The facts as they arrive, in chunks of one instant each.
pub fn chunks(draws: &[Draw]) -> Vec<Chunk> {
    let mut time: Time = FROM.parse().unwrap();
    let mut arrivals: BTreeMap<Time, Vec<Fact>> = BTreeMap::new();
    for (index, draw) in draws.iter().enumerate() {
        time = time + Span::HOUR.times(draw.gap);
        let fact = Fact {
            id: format!("{index:03}").into(),
            source: "test".into(),
            time,
            known_at: None,
            who: draw.who.clone(),
            body: draw.body.clone(),
        };
        for delay in [Some(draw.delay), draw.again.map(|it| it + draw.delay)].into_iter().flatten()
        {
            let at = time + Span::HOUR.times(delay);
            arrivals.entry(at).or_default().push(fact.clone());
        }
    }
    let mut offset = 0;
    let chunk = |(known_at, facts): (Time, Vec<Fact>)| {
        let chunk = Chunk::new(offset, known_at, facts);
        offset = chunk.end();
        chunk
    };
    arrivals.into_iter().map(chunk).collect()
}

pub type Stretches = Vec<(Time, Option<Time>)>;
pub type Timelines = BTreeMap<(Subject, usize), Vec<Interval>>;

/// What a replay of all facts comes to, by nothing but the resolver and the judge.
pub fn replayed(rules: &Rules, chunks: &[Chunk], until: Time) -> Timelines {
    let Rules { project, program, history_from } = rules;
    let mut facts: BTreeMap<Text, Fact> = BTreeMap::new();
    for fact in chunks.iter().flat_map(|it| &it.facts) {
        facts.entry(fact.id.clone()).or_insert_with(|| fact.clone());
    }
    let mut resolver = Resolver::new(&project.identity);
    for fact in facts.values() {
        resolver.learn(fact).ok();
    }
    let mut accounts: BTreeMap<Text, Vec<Row>> = BTreeMap::new();
    for fact in facts.values() {
        for (account, row) in resolver.rows(fact, &program.paths) {
            accounts.entry(account).or_default().push(row);
        }
    }
    for rows in accounts.values_mut() {
        rows.sort_by(|a, b| a.order().cmp(&b.order()));
    }
    let parent = &project.identity.parent_trait;
    let judged = world::judge_all(program, &accounts, parent, *history_from, until);
    let mut timelines = Timelines::new();
    for it in judged {
        for (place, timeline) in it.timelines.into_iter().enumerate() {
            if !timeline.is_empty() {
                timelines.insert((it.subject.clone(), place), timeline);
            }
        }
    }
    timelines
}

pub fn stretches(timelines: &Timelines) -> BTreeMap<&(Subject, usize), Stretches> {
    let stretches = |it: &Vec<Interval>| it.iter().map(|it| (it.entered, it.left)).collect();
    timelines.iter().map(|(key, it)| (key, stretches(it))).collect()
}
