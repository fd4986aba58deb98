//! What of a program can be measured in bulk, and the program that remains.

use std::collections::BTreeSet;

use firsthand_model::Text;
use firsthand_model::fact::Kind;

use crate::compile::names::Class;
use crate::compile::program::{DefinitionRoot, Program, Root};
use crate::eval::expr::{Expr, Ref};
use crate::eval::graph::Graph;
use crate::eval::kept::{Crossing, Series};
use crate::eval::leaf::{Leaf, Measure, Source};
use crate::eval::level::Level;
use crate::eval::node::NodeKind;
use crate::eval::value::{Linear, Value};
use crate::eval::window::Part;
use crate::lang::ast::{Arithmetic, Comparison, Field};

/// Counts the changes of what kept timelines mean.
const KEPT_FORMAT: u32 = 1;

/// A program split into measures over events and a graph that reads their kept timelines.
#[derive(Debug)]
pub struct Plan {
    /// The graph that remains; nothing is judged on persons.
    pub program: Program,
    /// The same without bulk, for the accounts that need their rows.
    pub by_rows: Program,
    /// What is measured; the place is that of the series.
    pub(crate) measures: Vec<Bulk>,
    /// The patterns of events whose rows the remaining graph reads.
    rows_of: Vec<u32>,
    /// What must have been so for each definition that was asked for.
    musts: Vec<Vec<Must>>,
    /// What each definition of the program reads.
    reads: Vec<Reads>,
}

/// The events that a definition reads: those of some measures, and those of some patterns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reads {
    pub measures: BTreeSet<u32>,
    pub patterns: BTreeSet<u32>,
}

/// A comparison of a measure without which a definition is never entered.
#[derive(Clone, Debug)]
pub(crate) struct Must {
    pub series: u32,
    op: Comparison,
    /// What it is compared with; for a threshold that moves, the least that it can be.
    threshold: Value,
}

/// One thing measured over a whole life.
#[derive(Clone, Debug)]
pub(crate) enum Bulk {
    Leaf(Leaf),
    Level(Level),
}

impl Plan {
    /// A plan for judging some definitions of a program on accounts. `None` if they ask for more
    /// than one account's own facts, or for its people one by one. The others never hold; outcomes
    /// are looked for only if they are asked for.
    pub fn of(
        program: &Program,
        asked: impl Fn(&DefinitionRoot) -> bool,
        with_outcomes: bool,
    ) -> Option<Self> {
        let root = &program.account;
        let asked: Vec<u32> =
            root.definitions.iter().filter(|it| asked(it)).map(|it| it.node).collect();
        let outcomes = root.outcomes.iter().map(|(_, node)| *node).filter(|_| with_outcomes);
        let exclusions = root.exclusions.iter().map(|(_, node)| *node);
        let wanted = asked.iter().copied().chain(outcomes).chain(exclusions).chain([root.start]);
        let filled = program.person_paths.iter().map(|(path, _)| *path).collect();
        let wanted: Vec<u32> = wanted.collect();
        let whole = root.graph.needed_part(wanted.iter().copied());
        let Split { graph, measures } = split(&root.graph, wanted, &filled);
        if graph.stepped().any(needs_more) {
            return None;
        }
        let mut rows_of: Vec<u32> = graph.patterns().collect();
        rows_of.sort_unstable();
        rows_of.dedup();
        let musts = asked.iter().map(|it| musts(&graph, *it)).collect();
        let reads = root.definitions.iter().map(|it| Reads::of(&graph, it.node)).collect();
        let of = |graph| Program {
            account: Root { graph, ..root.clone() },
            person: Root::default(),
            paths: program.paths.clone(),
            person_paths: program.person_paths.clone(),
            patterns: program.patterns.clone(),
            classes: program.classes.clone(),
            atoms: Vec::new(),
            families: Vec::new(),
            populations: Vec::new(),
            calendar: program.calendar.clone(),
        };
        Some(Self { program: of(graph), by_rows: of(whole), measures, rows_of, musts, reads })
    }

    /// Whether the rows of events of this name are asked for.
    pub fn wants_row(&self, name: &str, record: bool) -> bool {
        let class = self.program.classes.class(name, record);
        self.rows_of.iter().any(|it| self.fits(*it, name, class))
    }

    /// Whether traits of this kind of subject, or memberships if of neither, are asked for.
    pub fn wants_standing(&self, kind: Option<Kind>) -> bool {
        let of_people = !self.program.person_paths.is_empty();
        let reads = |of: Kind| {
            let nodes = self.program.account.graph.stepped();
            let mut traits =
                nodes.filter(|it| matches!(it, NodeKind::Trait(kind, _) if *kind == of));
            traits.next().is_some()
        };
        match kind {
            Some(Kind::Account) => reads(Kind::Account) || self.reads_inside(),
            // A membership tells the person's role.
            Some(Kind::Person) | None => of_people || reads(Kind::Person) || self.reads_inside(),
        }
    }

    /// Whether some graph lies within another: it may read any row that is no event.
    fn reads_inside(&self) -> bool {
        let mut nodes = self.program.account.graph.stepped();
        nodes.any(|it| matches!(it, NodeKind::Each(_) | NodeKind::EachPeriod(_)))
    }

    /// Whether some definition may have been entered, as far as the series that are `known` tell.
    pub(crate) fn may_hold(&self, kept: &[Series], known: impl Fn(u32) -> bool) -> bool {
        let possible =
            |it: &Must| !known(it.series) || kept[it.series as usize].ever(it.op, &it.threshold);
        self.musts.iter().any(|them| them.iter().all(possible))
    }

    /// What each definition of the program reads.
    pub(crate) fn reads(&self) -> &[Reads] {
        &self.reads
    }

    /// For each definition asked for, the series without which it is never entered.
    pub(crate) fn needed_series(&self) -> impl Iterator<Item = impl Iterator<Item = u32>> {
        self.musts.iter().map(|them| them.iter().map(|it| it.series))
    }

    /// Whether the values of events of this name are asked for.
    pub fn wants_values(&self, name: &str, record: bool) -> bool {
        let class = self.program.classes.class(name, record);
        self.measures
            .iter()
            .flat_map(Bulk::sides)
            .any(|side| side.exprs().any(reads_properties) && self.fits(side.pattern, name, class))
    }

    /// The paths of the properties that measures read, by their place among the program's.
    pub fn values_read(&self) -> BTreeSet<u32> {
        let mut read = BTreeSet::new();
        for side in self.measures.iter().flat_map(Bulk::sides) {
            side.exprs().for_each(|it| properties(it, &mut |path| _ = read.insert(path)));
        }
        read
    }

    /// Whether a measure asks who a person is, and not only whether two are the same. If not, the
    /// numbers of persons need to mean the same within an account only.
    pub fn reads_person_names(&self) -> bool {
        let person = |it: &Expr| matches!(it, Expr::Field(Field::Person));
        let exprs = || self.measures.iter().flat_map(Bulk::sides).flat_map(Side::exprs);
        exprs().any(|it| any(it, &mut |it| person(it)))
    }

    /// Identifies everything that kept timelines depend on: plans that are alike but for what
    /// measures are compared with have the same key.
    pub fn measures_key(&self) -> blake3::Hash {
        let Program { paths, patterns, classes, calendar, .. } = &self.program;
        let standing = [Some(Kind::Account), Some(Kind::Person), None];
        let standing = standing.map(|it| self.wants_standing(it));
        let text = format!(
            "{:?}",
            (
                (env!("CARGO_PKG_VERSION"), KEPT_FORMAT, &self.reads),
                (&self.measures, &self.rows_of, standing, paths, patterns, classes, calendar),
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
        &self.program.paths
    }

    /// A series for each measure, as it begins.
    pub(crate) fn empty_series(&self) -> Vec<Series> {
        self.measures.iter().map(|_| Series::default()).collect()
    }

    pub(crate) fn fits(&self, pattern: u32, name: &str, class: Class) -> bool {
        self.program.patterns[pattern as usize].fits(name, class)
    }
}

impl Reads {
    fn of(graph: &Graph, definition: u32) -> Self {
        let mut reads = Self::default();
        for node in graph.needed([definition]) {
            match graph.kind(node) {
                NodeKind::Kept(series) => _ = reads.measures.insert(*series),
                NodeKind::Crossing(it) => _ = reads.measures.insert(it.series),
                _ => reads.patterns.extend(graph.patterns_of(node)),
            }
        }
        reads
    }
}

/// The events that one side of a measure takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Side<'a> {
    /// The pattern of their names.
    pub pattern: u32,
    pub filter: Option<&'a Expr>,
    pub what: What<'a>,
}

/// What a side takes of each event.
#[derive(Clone, Copy, Debug)]
pub(crate) enum What<'a> {
    Nothing,
    Person,
    Day,
    Key(&'a [Expr]),
    Amount(&'a Expr),
    Value(&'a Expr),
}

impl<'a> Side<'a> {
    /// What is evaluated for each event.
    pub fn exprs(self) -> impl Iterator<Item = &'a Expr> {
        let of: &[Expr] = match self.what {
            What::Nothing | What::Person | What::Day => &[],
            What::Key(parts) => parts,
            What::Amount(of) | What::Value(of) => std::slice::from_ref(of),
        };
        self.filter.into_iter().chain(of)
    }
}

impl Bulk {
    /// What adds, and for a level what removes.
    pub fn sides(&self) -> impl Iterator<Item = Side<'_>> {
        let (first, second) = match self {
            Self::Leaf(leaf) => {
                let what = match &leaf.measure {
                    Measure::Count | Measure::Nth(_) | Measure::Last => What::Nothing,
                    Measure::Distinct(parts) => match &parts[..] {
                        [Expr::Field(Field::Person)] => What::Person,
                        [Expr::Field(Field::Day)] => What::Day,
                        parts => What::Key(parts),
                    },
                    Measure::Sum(of)
                    | Measure::Average(of)
                    | Measure::Least(of)
                    | Measure::Greatest(of) => What::Amount(of),
                    Measure::Latest(of) => What::Value(of),
                };
                (side(&leaf.source, leaf.filter.as_ref(), what), None)
            }
            Self::Level(level) => {
                let what = match (&level.key, &level.amount) {
                    (Some(key), _) => What::Key(std::slice::from_ref(key)),
                    (None, Some(amount)) => What::Amount(amount),
                    (None, None) => What::Nothing,
                };
                let add = side(&level.add.0, level.add.1.as_ref(), what);
                let remove = level.remove.as_ref();
                (add, remove.map(|(source, filter)| side(source, filter.as_ref(), what)))
            }
        };
        std::iter::once(first).chain(second)
    }
}

fn side<'a>(source: &Source, filter: Option<&'a Expr>, what: What<'a>) -> Side<'a> {
    Side { pattern: named(source), filter, what }
}

fn named(source: &Source) -> u32 {
    match source {
        Source::Named(pattern) => *pattern,
        Source::Pulse(_) => unreachable!("only what is measured over events is taken in bulk"),
    }
}

/// The comparisons of measures that all must be true for a definition to be entered.
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

/// The least number that an expression can be where it is one; `None` if that is not known.
fn least(graph: &Graph, expr: &Expr) -> Option<Linear> {
    match expr {
        Expr::Const(value) => value.number().filter(|it| !it.runs()),
        Expr::Typed(of, _) | Expr::Atom(_, of) => least(graph, of),
        Expr::Node(Ref { up: 0, node }) => match graph.kind(*node) {
            NodeKind::Cell(of) => least(graph, of),
            _ => None,
        },
        Expr::Lookup(_, table) => {
            let numbers = table.iter().filter_map(|it| it.value.number());
            numbers.min_by(|a, b| a.still().cmp(&b.still())).filter(|_| {
                let plain = |it: &Value| match it {
                    Value::Number(it) => it.still_ratio().is_some_and(|(_, den)| den == 1),
                    Value::Unlimited | Value::Unknown => true,
                    _ => false,
                };
                table.iter().all(|it| plain(&it.value))
            })
        }
        Expr::Arithmetic(Arithmetic::Multiply, of) => {
            let (a, b) = (least(graph, &of[0])?, least(graph, &of[1])?);
            let is_const = |it: &Expr| matches!(it, Expr::Const(_));
            let rises = is_const(&of[0]) && a.still() >= 0 || is_const(&of[1]) && b.still() >= 0;
            Value::Number(a).mul(&Value::Number(b)).number().filter(|_| rises)
        }
        _ => None,
    }
}

/// A graph in two.
struct Split {
    graph: Graph,
    measures: Vec<Bulk>,
}

/// Takes the measures out of what some nodes need. `filled` are the paths that streams fill in.
fn split(graph: &Graph, wanted: Vec<u32>, filled: &BTreeSet<u32>) -> Split {
    let count = u32::try_from(graph.len()).expect("places are 32 bits");
    let mut measures: Vec<Bulk> = Vec::new();
    let mut series: Vec<Option<u32>> = vec![None; graph.len()];
    for node in 0..count {
        if let Some(bulk) = bulk(graph, node, filled) {
            series[node as usize] = Some(u32::try_from(measures.len()).expect("as many as nodes"));
            measures.push(bulk);
        }
    }
    let of = |it: &Expr| match it {
        Expr::Node(Ref { up: 0, node }) => series[*node as usize],
        _ => None,
    };
    // Nodes from the last to the first: what reads one comes after it.
    let mut needed = vec![false; graph.len()];
    for node in wanted {
        needed[node as usize] = true;
    }
    for node in (0..count).rev() {
        if !needed[node as usize] {
            continue;
        }
        let mut kind = graph.kind(node).clone();
        // Where a measure is compared, only what it is compared with is read.
        cross(&mut kind, &of, &mut |crossing| crossing.threshold);
        kind.inputs(
            &mut |it| {
                if it.up == 0 {
                    needed[it.node as usize] = true;
                }
            },
            &mut |_| {},
        );
    }
    let stepped: Vec<u32> = (0..count).filter(|it| needed[*it as usize]).collect();
    let graph = graph.part(&stepped, |node, kind, add| match series[node as usize] {
        Some(series) => *kind = NodeKind::Kept(series),
        None => cross(kind, &of, &mut |crossing| {
            let node = add(NodeKind::Crossing(Box::new(crossing)));
            Expr::Node(Ref { up: 0, node })
        }),
    });
    drop_unread(graph, measures)
}

/// Leaves out the measures that nothing reads.
fn drop_unread(graph: Graph, measures: Vec<Bulk>) -> Split {
    let mut read = BTreeSet::new();
    for kind in graph.stepped() {
        match kind {
            NodeKind::Kept(series) => _ = read.insert(*series),
            NodeKind::Crossing(it) => _ = read.insert(it.series),
            _ => {}
        }
    }
    let read: Vec<u32> = read.into_iter().collect();
    let place = |series: u32| {
        let place = read.binary_search(&series).expect("what is stepped was gathered");
        u32::try_from(place).expect("as many as series")
    };
    let mut graph = graph;
    graph.change_stepped(&mut |kind| match kind {
        NodeKind::Kept(series) => *series = place(*series),
        NodeKind::Crossing(it) => it.series = place(it.series),
        _ => {}
    });
    let measures = measures.into_iter().enumerate();
    let measures = measures.filter(|(it, _)| read.iter().any(|read| *read as usize == *it));
    Split { graph, measures: measures.map(|(_, it)| it).collect() }
}

/// Puts something else in the place of each comparison of a measure in a node's conditions.
fn cross(
    kind: &mut NodeKind,
    series: &impl Fn(&Expr) -> Option<u32>,
    instead: &mut dyn FnMut(Crossing) -> Expr,
) {
    let mut change = |it: &mut Expr| cross_expr(it, series, instead);
    match kind {
        NodeKind::Cell(of) | NodeKind::Becomes(of) | NodeKind::Every(_, of) => change(of),
        NodeKind::Gate(gate) => {
            change(&mut gate.when);
            gate.stay.iter_mut().chain(&mut gate.unless).for_each(change);
        }
        NodeKind::Ladder(ladder) => {
            for (_, when, stay) in &mut ladder.rungs {
                change(when);
                stay.iter_mut().for_each(&mut change);
            }
        }
        _ => {}
    }
}

fn cross_expr(
    expr: &mut Expr,
    series: &impl Fn(&Expr) -> Option<u32>,
    instead: &mut dyn FnMut(Crossing) -> Expr,
) {
    if let Expr::Compare(op, sides) = expr {
        let [left, right] = &mut **sides;
        let crossing = match (series(left), series(right)) {
            (Some(series), None) => Some((series, *op, right)),
            (None, Some(series)) => Some((series, mirrored(*op), left)),
            _ => None,
        };
        if let Some((series, op, threshold)) = crossing {
            let threshold = threshold.clone();
            *expr = instead(Crossing { series, op, threshold });
            return;
        }
    }
    expr.children_mut(&mut |child| cross_expr(child, series, instead));
}

/// The comparison as it reads from the other side.
fn mirrored(op: Comparison) -> Comparison {
    match op {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        same => same,
    }
}

/// A node as a measure over events alone, if that is what it is.
fn bulk(graph: &Graph, node: u32, filled: &BTreeSet<u32>) -> Option<Bulk> {
    let alone = graph.reads(node).next().is_none();
    let simple = |parts: &[Part]| {
        parts.iter().all(|it| {
            matches!(it, Part::Sliding { .. } | Part::Dates { .. } | Part::Calendar { .. })
        })
    };
    let bulk = match graph.kind(node) {
        NodeKind::Leaf(leaf) if alone && simple(&leaf.window.parts) => Bulk::Leaf(leaf.clone()),
        NodeKind::Level(level) if alone && level.window.is_ever() => Bulk::Level(level.clone()),
        _ => return None,
    };
    // The source of an event, and what its person was, are known of rows only.
    let of_rows = |it: &Expr| match it {
        Expr::Field(Field::Source) => true,
        Expr::Property(path) => filled.contains(path),
        _ => false,
    };
    let in_columns = bulk.sides().flat_map(Side::exprs).all(|it| !any(it, &mut |it| of_rows(it)));
    in_columns.then_some(bulk)
}

pub(crate) fn any(expr: &Expr, test: &mut dyn FnMut(&Expr) -> bool) -> bool {
    let mut found = test(expr);
    expr.children(&mut |child| found |= any(child, test));
    found
}

fn reads_properties(expr: &Expr) -> bool {
    any(expr, &mut |it| matches!(it, Expr::Property(_)))
}

pub(crate) fn properties(expr: &Expr, visit: &mut dyn FnMut(u32)) {
    any(expr, &mut |it| {
        if let Expr::Property(path) = it {
            visit(*path);
        }
        false
    });
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
