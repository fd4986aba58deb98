//! How definitions are judged in bulk: what is measured, what is asked, and what remains.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use firsthand_model::Text;
use firsthand_model::fact::Kind;

use super::direct::AtLeast;
use super::question::{Judgement, Question, Threshold, Watched};
use super::split::{Split, least, series_read};
use super::whole::{Side, Whole, any, properties};
use crate::compile::names::Class;
use crate::compile::program::{DefinitionRoot, Program, Root};
use crate::eval::expr::{Expr, Ref};
use crate::eval::graph::Graph;
use crate::eval::kept::{Series, least_raw};
use crate::eval::leaf::Measure;
use crate::eval::node::NodeKind;
use crate::eval::value::Value;
use crate::lang::ast::{Comparison, Field};

/// Counts the changes of what kept timelines mean.
const KEPT_FORMAT: u32 = 2;

/// A program split into measures over events, questions about their timelines, and a graph.
#[derive(Debug)]
pub struct BulkPlan {
    /// The graph that remains; nothing is judged on persons.
    pub(super) rest: Program,
    /// The part of it that tells what windows hang on; nothing, if none does.
    pub(super) moments: Option<Moments>,
    /// The same without bulk, for the accounts that need their rows.
    by_rows: Program,
    /// Parts of it for some definitions, by these.
    narrowed: Mutex<BTreeMap<Vec<usize>, Arc<Program>>>,
    /// What is measured; the place is that of the series.
    pub(super) measures: Vec<Whole>,
    /// The series that the remaining graph reads.
    pub(super) read_by_rest: Vec<u32>,
    pub(super) questions: Vec<Question>,
    /// For each question the fewest events with which it may be true.
    pub(super) events_least: Vec<usize>,
    /// For each question that is one: how many there must have been.
    pub(super) at_least: Vec<Option<AtLeast>>,
    /// For each measure whether its window hangs on moments.
    pub(super) has_moments: Vec<bool>,
    /// The nodes of the remaining graph that questions watch, by slot, as pairs of slot and node.
    pub(super) watched: Vec<(u32, u32)>,
    pub(super) asked: Vec<Asked>,
    /// The patterns of events whose rows the remaining graph reads.
    rows_of: Vec<u32>,
    /// What each definition of the program reads.
    reads: Vec<Reads>,
    /// Plans for each definition of the program alone.
    alone: Vec<OnceLock<Option<Box<BulkPlan>>>>,
}

/// What windows hang on.
#[derive(Debug)]
pub(super) struct Moments {
    pub program: Program,
    /// Pairs of slot and node.
    pub slots: Vec<(u32, u32)>,
    /// The series that it reads.
    pub reads: Vec<u32>,
}

/// A definition that was asked for.
#[derive(Debug)]
pub(super) struct Asked {
    /// Its place in the root.
    pub place: usize,
    pub how: How,
}

/// How a definition is judged.
#[derive(Debug)]
pub(super) enum How {
    /// By when what it asks turns.
    ByQuestions(Box<Judgement>),
    /// By stepping the remaining graph, if all of this may have been so.
    Stepped(Vec<Must>),
}

/// The events that a definition reads: those of some measures, and those of some patterns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reads {
    pub measures: BTreeSet<u32>,
    pub patterns: BTreeSet<u32>,
}

/// A comparison of a measure without which a definition is never entered.
#[derive(Clone, Debug)]
pub(super) struct Must {
    pub series: u32,
    op: Comparison,
    /// What it is compared with; for a threshold that moves, the least that it can be.
    threshold: Value,
}

impl Must {
    /// Whether it is so at any time.
    pub fn may_be(&self, kept: &[Series]) -> bool {
        kept[self.series as usize].ever(self.op, &self.threshold)
    }
}

impl BulkPlan {
    /// A plan for judging some definitions of a program on accounts. `None` if they ask for more
    /// than one account's own facts, or for its people one by one. The others never hold; outcomes
    /// are looked for only if they are asked for.
    pub fn of(
        program: &Program,
        asked: impl Fn(&DefinitionRoot) -> bool,
        with_outcomes: bool,
    ) -> Option<Self> {
        let root = &program.account;
        let places = (0..root.definitions.len()).filter(|it| asked(&root.definitions[*it]));
        let places: Vec<usize> = places.collect();
        let gates: Vec<u32> = places.iter().map(|it| root.definitions[*it].node).collect();
        let outcomes = root.outcomes.iter().map(|(_, node)| *node).filter(|_| with_outcomes);
        let exclusions = root.exclusions.iter().map(|(_, node)| *node);
        let others: Vec<u32> = outcomes.chain(exclusions).chain([root.start]).collect();
        let filled = program.person_paths.iter().map(|(path, _)| *path).collect();
        let split = Split::of(&root.graph, &gates, &others, &filled);
        if split.rest.stepped().any(needs_more) {
            return None;
        }
        let judged = places.iter().zip(&gates).zip(split.judgements);
        let asked = judged.map(|((place, gate), judgement)| Asked {
            place: *place,
            how: match judgement {
                Some(it) => How::ByQuestions(Box::new(it)),
                None => How::Stepped(musts(&split.rest, *gate)),
            },
        });
        let mut rows_of: Vec<u32> =
            split.rest.patterns().chain(split.moments.0.patterns()).collect();
        rows_of.sort_unstable();
        rows_of.dedup();
        let of_definition = |it: &DefinitionRoot| Reads::of(&root.graph, it.node, &split.series);
        let least = |it: &Question| events_least(it, &split.measures);
        let by_rows = root.graph.needed_part(gates.iter().copied().chain(others));
        let (moments, slots) = split.moments;
        let moments = (!slots.is_empty()).then(|| {
            let reads = moments.stepped().filter_map(series_read).collect();
            let (program, slots) = small(program, moments, slots);
            Moments { program, slots, reads }
        });
        let read_by_rest: BTreeSet<u32> = split.rest.stepped().filter_map(series_read).collect();
        let asked = asked.collect();
        let (rest, watched) = small(program, split.rest, split.watched);
        Some(Self {
            asked,
            events_least: split.questions.iter().map(least).collect(),
            at_least: split.questions.iter().map(|it| at_least(it, &split.measures)).collect(),
            has_moments: split.measures.iter().map(Whole::has_moments).collect(),
            reads: root.definitions.iter().map(of_definition).collect(),
            alone: root.definitions.iter().map(|_| OnceLock::new()).collect(),
            read_by_rest: read_by_rest.into_iter().collect(),
            rest,
            moments,
            by_rows: with_graph(program, by_rows),
            narrowed: Mutex::default(),
            measures: split.measures,
            questions: split.questions,
            watched,
            rows_of,
        })
    }

    /// The program without bulk, for accounts that need their rows.
    pub fn by_rows(&self) -> &Program {
        &self.by_rows
    }

    /// The same of some definitions alone, by their places.
    pub fn by_rows_of(&self, definitions: &[usize]) -> Arc<Program> {
        // What another thread has left there is whole, whatever became of it.
        let mut narrowed = self.narrowed.lock().unwrap_or_else(PoisonError::into_inner);
        let narrow = || {
            let root = &self.by_rows.account;
            let gates = definitions.iter().map(|it| root.definitions[*it].node);
            let graph = root.graph.needed_part(gates.chain([root.start]));
            Arc::new(with_graph(&self.by_rows, graph))
        };
        Arc::clone(narrowed.entry(definitions.to_vec()).or_insert_with(narrow))
    }

    /// A plan for one of the definitions that were asked for alone.
    pub(super) fn alone(&self, definition: usize) -> Option<&Self> {
        let alone = self.alone[definition].get_or_init(|| {
            let node = self.by_rows.account.definitions[definition].node;
            Self::of(&self.by_rows, |it| it.node == node, false).map(Box::new)
        });
        alone.as_deref()
    }

    /// Whether the rows of events of this name are asked for.
    pub fn wants_row(&self, name: &str, record: bool) -> bool {
        let class = self.rest.classes.class(name, record);
        self.rows_of.iter().any(|it| self.fits(*it, name, class))
    }

    /// Whether traits of this kind of subject, or memberships if of neither, are asked for.
    pub fn wants_standing(&self, kind: Option<Kind>) -> bool {
        let of_people = !self.rest.person_paths.is_empty();
        let reads = |of: Kind| {
            self.stepped().any(|it| matches!(it, NodeKind::Trait(kind, _) if *kind == of))
        };
        match kind {
            Some(Kind::Account) => reads(Kind::Account) || self.reads_inside(),
            // A membership tells the person's role.
            Some(Kind::Person) | None => of_people || reads(Kind::Person) || self.reads_inside(),
        }
    }

    /// Whether some graph lies within another: it may read any row that is no event.
    fn reads_inside(&self) -> bool {
        self.stepped().any(|it| matches!(it, NodeKind::Each(_) | NodeKind::EachPeriod(_)))
    }

    /// All nodes that are stepped.
    fn stepped(&self) -> impl Iterator<Item = &NodeKind> {
        let moments = self.moments.iter().flat_map(|it| it.program.account.graph.stepped());
        self.rest.account.graph.stepped().chain(moments)
    }

    /// What each definition of the program reads.
    pub(super) fn reads(&self) -> &[Reads] {
        &self.reads
    }

    /// For each definition asked for, the series without which it is never entered.
    pub(super) fn needed_series(&self) -> impl Iterator<Item = Vec<u32>> {
        self.asked.iter().map(|it| match &it.how {
            How::Stepped(musts) => musts.iter().map(|it| it.series).collect(),
            How::ByQuestions(it) => {
                let mut series = Vec::new();
                it.when.musts(&mut |it| {
                    let question = &self.questions[it as usize];
                    if let Question::Crossing { with, .. } = question
                        && with.least().is_some()
                    {
                        series.extend(question.series());
                    }
                });
                series
            }
        })
    }

    /// What is taken of events.
    fn sides(&self) -> impl Iterator<Item = Side<'_>> {
        self.measures.iter().flat_map(Whole::sides)
    }

    /// Whether the values of events of this name are asked for.
    pub fn wants_values(&self, name: &str, record: bool) -> bool {
        let class = self.rest.classes.class(name, record);
        let mut sides = self.sides();
        sides.any(|it| it.reads_properties() && self.fits(it.pattern, name, class))
    }

    /// The paths of the properties that measures read, by their place among the program's.
    pub fn values_read(&self) -> BTreeSet<u32> {
        let mut read = BTreeSet::new();
        for side in self.sides() {
            side.exprs().for_each(|it| properties(it, &mut |path| _ = read.insert(path)));
        }
        read
    }

    /// Whether a measure asks who a person is, and not only whether two are the same. If not, the
    /// numbers of persons need to mean the same within an account only.
    pub fn reads_person_names(&self) -> bool {
        let person = |it: &Expr| matches!(it, Expr::Field(Field::Person));
        self.sides().flat_map(Side::exprs).any(|it| any(it, &mut |it| person(it)))
    }

    /// Identifies everything that kept timelines depend on: plans that are alike but for what
    /// measures are compared with have the same key.
    pub fn measures_key(&self) -> blake3::Hash {
        let Program { paths, patterns, classes, calendar, .. } = &self.rest;
        let standing = [Some(Kind::Account), Some(Kind::Person), None];
        let standing = standing.map(|it| self.wants_standing(it));
        let moments = self.moments.iter().flat_map(|it| it.program.account.graph.stepped());
        let text = format!(
            "{:?}",
            (
                (env!("CARGO_PKG_VERSION"), KEPT_FORMAT, &self.reads),
                (&self.measures, &self.rows_of, standing, paths, patterns, classes, calendar),
                moments.collect::<Vec<_>>(),
            )
        );
        blake3::hash(text.as_bytes())
    }

    /// Whether the remaining graph reads rows of events, and so maybe any path.
    pub fn reads_events(&self) -> bool {
        !self.rows_of.is_empty()
    }

    /// The paths of the program, with their names.
    pub fn paths(&self) -> &[Text] {
        &self.rest.paths
    }

    /// A series for each measure, as it begins.
    pub(super) fn empty_series(&self) -> Vec<Series> {
        self.measures.iter().map(|_| Series::default()).collect()
    }

    /// What has been seen of each watched node, as it begins.
    pub(super) fn nothing_watched(&self) -> Vec<Watched> {
        self.watched.iter().map(|_| Vec::new()).collect()
    }

    pub(super) fn fits(&self, pattern: u32, name: &str, class: Class) -> bool {
        self.rest.patterns[pattern as usize].fits(name, class)
    }
}

impl Reads {
    fn of(graph: &Graph, definition: u32, series: &[Option<u32>]) -> Self {
        let mut reads = Self::default();
        for node in graph.needed([definition]) {
            match series[node as usize] {
                Some(series) => _ = reads.measures.insert(series),
                None => reads.patterns.extend(graph.patterns_of(node)),
            }
        }
        reads
    }
}

/// A program with another graph of accounts, of which only what is stepped is kept, and some of its
/// nodes by slot: pairs of slot and node.
fn small(program: &Program, graph: Graph, nodes: Vec<u32>) -> (Program, Vec<(u32, u32)>) {
    let Some((graph, places)) = graph.without_idle() else {
        return (with_graph(program, graph), (0..).zip(nodes).collect());
    };
    let mut program = with_graph(program, graph);
    // What is not there says nothing.
    let place = |it: &u32| places.get(*it as usize).copied().flatten().unwrap_or(u32::MAX);
    let Root { definitions, outcomes, exclusions, start, .. } = &mut program.account;
    let gates = definitions.iter_mut().map(|it| &mut it.node);
    let named = outcomes.iter_mut().chain(exclusions).map(|(_, node)| node);
    for node in gates.chain(named).chain([start]) {
        *node = place(node);
    }
    (program, (0..).zip(nodes.iter().map(place)).collect())
}

/// A program with another graph of accounts, which judges nobody else.
fn with_graph(program: &Program, graph: Graph) -> Program {
    Program {
        account: Root { graph, ..program.account.clone() },
        person: Root::default(),
        paths: program.paths.clone(),
        person_paths: program.person_paths.clone(),
        patterns: program.patterns.clone(),
        classes: program.classes.clone(),
        atoms: Vec::new(),
        families: Vec::new(),
        populations: Vec::new(),
        calendar: program.calendar.clone(),
    }
}

/// The comparisons of measures that all must be true for a definition that is stepped to be entered.
fn musts(graph: &Graph, definition: u32) -> Vec<Must> {
    let NodeKind::Gate(gate) = graph.kind(definition) else { return Vec::new() };
    let mut musts = Vec::new();
    all_of(&gate.when, &mut |it| {
        let Expr::Node(Ref { up: 0, node }) = it else { return };
        let NodeKind::Crossing(crossing) = graph.kind(*node) else { return };
        let rises = matches!(crossing.op, Comparison::GreaterOrEqual | Comparison::Greater);
        let threshold = match &crossing.threshold {
            Expr::Const(value) => Some(value.clone()),
            moving if rises => least(graph, moving).map(Value::Number),
            _ => None,
        };
        if let Some(threshold) = threshold {
            musts.push(Must { series: crossing.series, op: crossing.op, threshold });
        }
    });
    musts
}

/// Calls `visit` with the conditions of a conjunction.
fn all_of<'e>(expr: &'e Expr, visit: &mut dyn FnMut(&'e Expr)) {
    match expr {
        Expr::And(of) => of.iter().for_each(|it| all_of(it, visit)),
        Expr::Atom(_, of) => all_of(of, visit),
        other => visit(other),
    }
}

/// A question as one of how much there must have been, if it is one.
fn at_least(question: &Question, measures: &[Whole]) -> Option<AtLeast> {
    let Question::Crossing { series, op, with: Threshold::Still(threshold) } = question else {
        return None;
    };
    let measure = &measures[*series as usize];
    let of_count = AtLeast::count(*series, measure, events_least(question, measures));
    of_count.or_else(|| AtLeast::sum(*series, measure, least_raw(*op, threshold)?))
}

/// The fewest events of a measure with which a question may be true.
fn events_least(question: &Question, measures: &[Whole]) -> usize {
    let Question::Crossing { series, op, with } = question else { return 0 };
    let rises = matches!(op, Comparison::GreaterOrEqual | Comparison::Greater);
    let Some(least) = with.least().filter(|_| rises) else { return 0 };
    let passes = |count: usize| {
        let count = Value::count(count as u64);
        count.compare(*op, least, firsthand_model::Time(0), &mut firsthand_model::Time::MAX.clone())
    };
    let never_without = |it: usize| passes(it) == Value::Bool(false);
    match &measures[*series as usize] {
        Whole::Leaf(leaf) if matches!(leaf.measure, Measure::Count | Measure::Distinct(_)) => {
            // As many as it must count.
            let mut most = 1;
            while never_without(most) && most < 1 << 40 {
                most *= 2;
            }
            let (mut fewest, mut enough) = (0, most);
            while fewest < enough {
                let middle = usize::midpoint(fewest, enough);
                if never_without(middle) { fewest = middle + 1 } else { enough = middle }
            }
            fewest
        }
        Whole::Level(_) => usize::from(never_without(0)),
        Whole::Leaf(leaf) if matches!(leaf.measure, Measure::Sum(_)) => {
            usize::from(never_without(0))
        }
        Whole::Leaf(_) => 0,
    }
}

/// Whether a node looks at every row, whatever its name, to know who the people are; or at what
/// other subjects say.
fn needs_more(kind: &NodeKind) -> bool {
    match kind {
        NodeKind::Members | NodeKind::Ranks(_) | NodeKind::Imported(_) => true,
        NodeKind::Each(each) => each.property.is_none() || each.inner.stepped().any(needs_more),
        NodeKind::EachPeriod(each) => each.inner.stepped().any(needs_more),
        _ => false,
    }
}
