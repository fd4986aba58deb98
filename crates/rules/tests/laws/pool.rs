//! Definitions of the golden corpus, and random facts of the kinds that its stories tell.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use firsthand_model::config::Project;
use firsthand_model::diagnostic::{Severity, SourceFile};
use firsthand_model::fact::{Body, Fact, Kind, Row, RowBody, Who};
use firsthand_model::{Span, Text, Time};
use firsthand_rules::compile::compile;
use firsthand_rules::compile::program::Program;
use firsthand_rules::eval::graph::Graph;
use firsthand_rules::eval::node::NodeKind;
use firsthand_rules::resolve::Resolver;
use firsthand_rules::story;
use proptest::prelude::*;
use proptest::sample::Index;

/// One file of the corpus.
pub struct Shelf {
    pub name: String,
    pub project: Project,
    pub program: Program,
    /// For each definition, what its stories tell.
    told: Vec<Vec<(Who, Body)>>,
}

/// The whole corpus.
pub static POOL: LazyLock<Vec<Shelf>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden");
    let mut files = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect::<Vec<_>>();
    files.retain(|it| it.extension().is_some_and(|it| it == "yaml"));
    files.sort();
    files.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/laws/pool.yaml"));
    files.iter().map(|path| shelf(path)).collect()
});

fn shelf(path: &Path) -> Shelf {
    let (project, program) = compiled(&fs::read_to_string(path).unwrap());
    let told = project.definitions.values().map(|definition| {
        let mut told = Vec::new();
        for story in &definition.expect {
            let calendar = &project.calendar;
            let facts = story::facts(&story.facts.text, calendar, Some(story::DEFAULT_ACCOUNT));
            for fact in facts.unwrap() {
                if !told.contains(&(fact.who.clone(), fact.body.clone())) {
                    told.push((fact.who, fact.body));
                }
            }
        }
        told
    });
    Shelf {
        name: path.file_name().unwrap().to_string_lossy().into_owned(),
        told: told.filter(|it| !it.is_empty()).collect(),
        program,
        project,
    }
}

/// A project from its text.
pub fn load(text: &str) -> Project {
    let file = SourceFile { name: "firsthand.yaml".into(), text: text.into() };
    let loaded = Project::from_files(&[Arc::new(file)], &|path| {
        Err(std::io::Error::new(std::io::ErrorKind::NotFound, path.to_owned()))
    });
    loaded.project
}

/// A project from its text, with its program; nothing may be wrong with either.
pub fn compiled(text: &str) -> (Project, Program) {
    let project = load(text);
    let compiled = compile(&project);
    let errors = compiled.diagnostics.iter().filter(|it| it.problem.severity == Severity::Error);
    assert_eq!(errors.count(), 0, "{:#?}\n{text}", compiled.diagnostics);
    (project, compiled.program)
}

/// A Monday.
const FROM: &str = "2026-01-05T00:00:00Z";

/// One fact in the drawing: how long after the one before, what, and how late it is known.
#[derive(Clone, Debug)]
struct Draw {
    gap: i64,
    what: Index,
    delay: Option<i64>,
}

/// Random facts over one shelf of the pool.
#[derive(Clone)]
pub struct World {
    shelf: Index,
    definition: Index,
    unit: Span,
    draws: Vec<Draw>,
    /// How long after the last fact everything is judged to, in units; negative is before it.
    beyond: i64,
}

/// Facts an hour, six hours or a day apart, many at the same instant; `late` of ten are known
/// only some time after they happened.
pub fn any_world(late: u32) -> impl Strategy<Value = World> {
    let gap = prop_oneof![3 => Just(0_i64), 4 => 1..3_i64, 2 => 3..9_i64, 1 => 10..40_i64];
    let delay = prop::option::weighted(f64::from(late) / 10.0 + 0.001, 1..40_i64);
    let draw =
        (gap, any::<Index>(), delay).prop_map(|(gap, what, delay)| Draw { gap, what, delay });
    let unit = prop::sample::select(vec![Span::HOUR, Span::HOUR.times(6), Span::DAY]);
    let beyond = prop_oneof![1 => -10..10_i64, 3 => 10..60_i64];
    (any::<Index>(), any::<Index>(), unit, prop::collection::vec(draw, 1..40), beyond).prop_map(
        |(shelf, definition, unit, draws, beyond)| World { shelf, definition, unit, draws, beyond },
    )
}

impl World {
    pub fn shelf(&self) -> &'static Shelf {
        self.shelf.get(&POOL)
    }

    pub fn facts(&self) -> Vec<Fact> {
        let told = self.definition.get(&self.shelf().told);
        let mut time: Time = FROM.parse().unwrap();
        let facts = self.draws.iter().enumerate().map(|(index, draw)| {
            time = time + self.unit.times(draw.gap);
            let (who, body) = draw.what.get(told).clone();
            Fact {
                id: smol_str::format_smolstr!("{index:03}"),
                source: "test".into(),
                time,
                known_at: Some(draw.delay.map_or(time, |it| time + self.unit.times(it))),
                who,
                body,
            }
        });
        facts.collect()
    }

    /// How far everything is judged.
    pub fn until(&self) -> Time {
        let units = self.draws.iter().map(|it| it.gap).sum::<i64>() + self.beyond;
        FROM.parse::<Time>().unwrap() + self.unit.times(units)
    }

    /// The stream of every subject, as the world hands them to the judge, without imports.
    pub fn streams(&self) -> Vec<(Kind, Text, Vec<Row>)> {
        let mut streams = Vec::new();
        for (account, rows) in accounts(&self.shelf().project, &self.shelf().program, &self.facts())
        {
            let rows = rows.into_iter().filter(|row| row.time <= self.until()).collect::<Vec<_>>();
            let people = rows.iter().filter_map(|row| row.person.clone()).collect::<BTreeSet<_>>();
            for person in people {
                let of_account =
                    |row: &Row| matches!(row.body, RowBody::Traits { of: Kind::Account, .. });
                let own = rows
                    .iter()
                    .filter(|row| row.person.as_ref() == Some(&person) || of_account(row));
                streams.push((Kind::Person, person.clone(), own.cloned().collect()));
            }
            streams.push((Kind::Account, account, rows));
        }
        streams.retain(|(.., rows)| !rows.is_empty());
        streams
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.shelf().name)?;
        for fact in self.facts() {
            writeln!(f, "{} known {:?} {:?} {:?}", fact.time, fact.known_at, fact.who, fact.body)?;
        }
        Ok(())
    }
}

/// The rows of every account.
pub fn accounts(project: &Project, program: &Program, facts: &[Fact]) -> BTreeMap<Text, Vec<Row>> {
    let mut resolver = Resolver::new(&project.identity);
    for fact in facts {
        // What teaches nothing is still a fact.
        resolver.learn(fact).ok();
    }
    let mut accounts: BTreeMap<Text, Vec<Row>> = BTreeMap::new();
    for fact in facts {
        for (account, row) in resolver.rows(fact, &program.paths) {
            accounts.entry(account).or_default().push(row);
        }
    }
    for rows in accounts.values_mut() {
        rows.sort_by(|a, b| a.order().cmp(&b.order()));
    }
    accounts
}

fn count_kinds(graph: &Graph, counts: &mut BTreeMap<&'static str, usize>) {
    for node in 0..u32::try_from(graph.len()).unwrap() {
        let kind = graph.kind(node);
        *counts.entry(name_of(kind)).or_default() += 1;
        match kind {
            NodeKind::Each(it) | NodeKind::Ranks(it) => count_kinds(&it.inner, counts),
            NodeKind::EachPeriod(it) => count_kinds(&it.inner, counts),
            _ => {}
        }
    }
}

/// A name for each kind of node; a new kind does not compile until it is named here.
fn name_of(kind: &NodeKind) -> &'static str {
    match kind {
        NodeKind::Cell(_) => "cell",
        NodeKind::Trait(..) => "trait",
        NodeKind::Members => "members",
        NodeKind::Imported(_) => "imported",
        NodeKind::Leaf(_) => "leaf",
        NodeKind::Sequence(_) => "sequence",
        NodeKind::Level(_) => "level",
        NodeKind::Ago(..) => "ago",
        NodeKind::AtMoment(_) => "at moment",
        NodeKind::Was(..) => "was",
        NodeKind::HeldFor(..) => "held for",
        NodeKind::Whole(..) => "whole",
        NodeKind::Becomes(_) => "becomes",
        NodeKind::Every(..) => "every",
        NodeKind::Each(_) => "each",
        NodeKind::Ranks(_) => "ranks",
        NodeKind::EachPeriod(_) => "each period",
        NodeKind::Score(_) => "score",
        NodeKind::Ladder(_) => "ladder",
        NodeKind::Gate(_) => "gate",
        NodeKind::Outcome(..) => "outcome",
        NodeKind::Kept(_) | NodeKind::Crossing(_) => "kept",
    }
}

#[test]
fn the_pool_holds_every_kind_of_node() {
    let mut counts = BTreeMap::new();
    for shelf in POOL.iter() {
        count_kinds(&shelf.program.account.graph, &mut counts);
        count_kinds(&shelf.program.person.graph, &mut counts);
    }
    println!("{counts:#?}");
    assert_eq!(counts.len(), 21, "{counts:#?}");
}
