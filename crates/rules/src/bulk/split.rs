//! A graph in two: what is measured over whole lives, and what remains to be stepped.

use std::collections::{BTreeMap, BTreeSet};

use super::question::{Condition, Judgement, Question, Threshold};
use super::whole::{Side, Whole, any};
use crate::eval::expr::{Expr, Ref};
use crate::eval::gate::Gate;
use crate::eval::graph::Graph;
use crate::eval::kept::Crossing;
use crate::eval::leaf::Leaf;
use crate::eval::node::NodeKind;
use crate::eval::value::{Linear, Value};
use crate::eval::window::Part;
use crate::lang::ast::{Arithmetic, Comparison, Field};

/// A graph in two.
pub(super) struct Split {
    /// What remains, its nodes in the same places.
    pub rest: Graph,
    /// The part of it that tells what windows hang on; and the nodes that tell it, by slot.
    pub moments: (Graph, Vec<u32>),
    /// What is measured; the place is that of the series.
    pub measures: Vec<Whole>,
    /// For each node of the graph the series in its place.
    pub series: Vec<Option<u32>>,
    pub questions: Vec<Question>,
    /// The nodes of the rest that questions watch, by slot.
    pub watched: Vec<u32>,
    /// For each gate asked for how it is judged by questions; `None` if it is stepped.
    pub judgements: Vec<Option<Judgement>>,
}

impl Split {
    /// Takes the measures out of what some gates and other nodes need. `filled` are the paths that
    /// streams fill in.
    pub fn of(graph: &Graph, gates: &[u32], others: &[u32], filled: &BTreeSet<u32>) -> Self {
        let mut splitter = Splitter::new(graph, filled);
        let judgements: Vec<_> = gates.iter().map(|it| splitter.judgement(*it)).collect();
        let stepped = gates.iter().zip(&judgements).filter(|(_, it)| it.is_none());
        let wanted = stepped.map(|(gate, _)| *gate).chain(others.iter().copied());
        let wanted: Vec<u32> = wanted.chain(splitter.watched.iter().copied()).collect();
        let (rest, moments) = (splitter.remaining(&wanted), splitter.remaining(&splitter.slots));
        let Splitter { measures, series, slots, questions, watched, .. } = splitter;
        let moments = (moments, slots);
        let split = Self { rest, moments, measures, series, questions, watched, judgements };
        split.without_unread()
    }

    /// Leaves out the measures that nothing reads.
    fn without_unread(mut self) -> Self {
        let mut read = BTreeSet::new();
        let of_windows = |it: &u32| self.measures[*it as usize].has_moments();
        read.extend(self.rest.stepped().filter_map(series_read));
        read.extend(self.questions.iter().filter_map(Question::series));
        if read.iter().any(of_windows) {
            read.extend(self.moments.0.stepped().filter_map(series_read));
        } else {
            self.moments = (Graph::default(), Vec::new());
        }
        let places: BTreeMap<u32, u32> = read.iter().copied().zip(0..).collect();
        let renumber = |kind: &mut NodeKind| match kind {
            NodeKind::Kept(series) => *series = places[series],
            NodeKind::Crossing(it) => it.series = places[&it.series],
            _ => {}
        };
        for graph in [&mut self.rest, &mut self.moments.0] {
            graph.change_stepped(&mut &renumber);
        }
        for question in &mut self.questions {
            if let Question::Crossing { series, .. } = question {
                *series = places[series];
            }
        }
        for series in &mut self.series {
            *series = series.and_then(|it| places.get(&it).copied());
        }
        let measures = (0..).zip(self.measures);
        self.measures = measures.filter(|(it, _)| read.contains(it)).map(|(_, it)| it).collect();
        self
    }
}

struct Splitter {
    /// The graph, and behind it cells for what slots and questions read.
    graph: Graph,
    measures: Vec<Whole>,
    series: Vec<Option<u32>>,
    slots: Vec<u32>,
    questions: Vec<Question>,
    /// The numbers of questions, by their text.
    asked: BTreeMap<String, u32>,
    watched: Vec<u32>,
}

impl Splitter {
    fn new(graph: &Graph, filled: &BTreeSet<u32>) -> Self {
        let mut splitter = Self {
            graph: graph.clone(),
            measures: Vec::new(),
            series: vec![None; graph.len()],
            slots: Vec::new(),
            questions: Vec::new(),
            asked: BTreeMap::new(),
            watched: Vec::new(),
        };
        let nodes = || 0..u32::try_from(graph.len()).expect("places are 32 bits");
        for node in nodes() {
            if let Some(measure) = whole(graph, node, filled, simple) {
                splitter.add(node, measure);
            }
        }
        for node in nodes().filter(|it| splitter.series[*it as usize].is_none()).collect::<Vec<_>>()
        {
            if let Some(measure) = whole(graph, node, filled, |_| true) {
                splitter.add_of_moments(node, measure);
            }
        }
        splitter
    }

    fn add(&mut self, node: u32, measure: Whole) {
        let place = u32::try_from(self.measures.len()).expect("as many as nodes");
        self.series[node as usize] = Some(place);
        self.measures.push(measure);
    }

    /// Adds a measure whose window hangs on moments, if these can be told before it.
    fn add_of_moments(&mut self, node: u32, mut measure: Whole) {
        let tells = |it: &u32| match self.graph.kind(*it) {
            NodeKind::Cell(of) => !any(of, &mut |it| matches!(it, Expr::Now)),
            NodeKind::Trait(..) => true,
            _ => self.series[*it as usize]
                .is_some_and(|it| !self.measures[it as usize].has_moments()),
        };
        let runs = |it: &Expr| any(it, &mut |it| matches!(it, Expr::Now));
        let mut needed = self.graph.needed(self.graph.reads(node)).into_iter();
        if !needed.all(|it| tells(&it)) || measure.moments_mut().any(|it| runs(it)) {
            return;
        }
        for at in measure.moments_mut() {
            let node = node_of(&mut self.graph, at.clone());
            let slot = place_of(&mut self.slots, node);
            *at = Expr::Node(Ref { up: 0, node: slot });
        }
        self.add(node, measure);
    }

    /// The series that an expression is.
    fn series_of(&self, expr: &Expr) -> Option<u32> {
        match expr {
            Expr::Node(Ref { up: 0, node }) => self.series.get(*node as usize).copied().flatten(),
            _ => None,
        }
    }

    /// The part that some nodes need, with series in the place of measures.
    fn remaining(&self, wanted: &[u32]) -> Graph {
        let is_series = |it: u32| self.series.get(it as usize).is_some_and(Option::is_some);
        // Nodes from the last to the first: what reads one comes after it.
        let mut needed = vec![false; self.graph.len()];
        for node in wanted {
            needed[*node as usize] = true;
        }
        let nodes = 0..u32::try_from(self.graph.len()).expect("places are 32 bits");
        for node in nodes.clone().rev() {
            if !needed[node as usize] || is_series(node) {
                continue;
            }
            let mut kind = self.graph.kind(node).clone();
            // Where a measure is compared, only what it is compared with is read.
            self.cross(&mut kind, &mut |crossing| crossing.threshold);
            kind.inputs(
                &mut |it| {
                    if it.up == 0 {
                        needed[it.node as usize] = true;
                    }
                },
                &mut |_| {},
            );
        }
        let stepped: Vec<u32> = nodes.filter(|it| needed[*it as usize]).collect();
        self.graph.part(&stepped, |node, kind, add| {
            match self.series.get(node as usize).copied().flatten() {
                Some(series) => *kind = NodeKind::Kept(series),
                None => self.cross(kind, &mut |crossing| {
                    let node = add(NodeKind::Crossing(Box::new(crossing)));
                    Expr::Node(Ref { up: 0, node })
                }),
            }
        })
    }

    /// A gate that compares measures, as questions.
    fn judgement(&mut self, node: u32) -> Option<Judgement> {
        let NodeKind::Gate(gate) = self.graph.kind(node) else { return None };
        let gate = gate.clone();
        let conditions = || std::iter::once(&gate.when).chain(&gate.stay).chain(&gate.unless);
        let compares = |it: &Expr| match it {
            Expr::Compare(..) => self.comparison(it).is_some(),
            _ => false,
        };
        if !conditions().any(|it| any(it, &mut |it| compares(it))) {
            return None;
        }
        let mut questions = BTreeSet::new();
        let mut ask = |it: &Expr| self.condition(it, &mut questions);
        let when = ask(&gate.when);
        let stay = gate.stay.as_ref().map(&mut ask);
        let unless = gate.unless.as_ref().map(&mut ask);
        let questions = questions.into_iter().collect();
        Some(Judgement { gate: *gate, when, stay, unless, questions })
    }

    fn condition(&mut self, expr: &Expr, asked: &mut BTreeSet<u32>) -> Condition {
        let mut each = |of: &[Expr]| of.iter().map(|it| self.condition(it, asked)).collect();
        match expr {
            Expr::Atom(_, of) => self.condition(of, asked),
            Expr::Node(Ref { up: 0, node }) => match self.graph.kind(*node) {
                NodeKind::Cell(of) => self.condition(&of.clone(), asked),
                _ => self.ask(expr, asked),
            },
            Expr::Not(of) => Condition::Not(Box::new(self.condition(of, asked))),
            Expr::And(of) => Condition::All(each(of)),
            Expr::Or(of) => Condition::Any(each(of)),
            Expr::AtLeast(needed, of) => Condition::AtLeast(*needed, each(of)),
            other => self.ask(other, asked),
        }
    }

    fn ask(&mut self, expr: &Expr, asked: &mut BTreeSet<u32>) -> Condition {
        let question = self.question(expr);
        asked.insert(question);
        Condition::Ask(question)
    }

    /// The number of what an expression asks.
    fn question(&mut self, expr: &Expr) -> u32 {
        let key = format!("{expr:?}");
        if let Some(known) = self.asked.get(&key) {
            return *known;
        }
        let question = match self.comparison(expr) {
            Some((series, op, Expr::Const(value))) => {
                Question::Crossing { series, op, with: Threshold::Still(value) }
            }
            Some((series, op, moving)) if self.stands_still(&moving) => {
                let rises = matches!(op, Comparison::GreaterOrEqual | Comparison::Greater);
                let least = least(&self.graph, &moving).filter(|_| rises).map(Value::Number);
                let slot = self.watch(moving);
                Question::Crossing { series, op, with: Threshold::Watched(slot, least) }
            }
            _ => Question::Watched(self.watch(expr.clone())),
        };
        let number = u32::try_from(self.questions.len()).expect("fewer than characters written");
        self.questions.push(question);
        self.asked.insert(key, number);
        number
    }

    fn watch(&mut self, expr: Expr) -> u32 {
        let node = node_of(&mut self.graph, expr);
        place_of(&mut self.watched, node)
    }

    /// A comparison of a series with something else, as it reads with the series on the left.
    fn comparison(&self, expr: &Expr) -> Option<(u32, Comparison, Expr)> {
        let Expr::Compare(op, sides) = expr else { return None };
        let [left, right] = &**sides;
        let other = || self.compared(right, mirrored(*op), left);
        self.compared(left, *op, right).or_else(other)
    }

    /// The same where the series is on one side. `limit - usage <= 5` asks for `usage >= limit - 5`,
    /// which is worked out only where the limit changes.
    fn compared(
        &self,
        side: &Expr,
        op: Comparison,
        with: &Expr,
    ) -> Option<(u32, Comparison, Expr)> {
        if let Some(series) = self.series_of(side) {
            return self.series_of(with).is_none().then(|| (series, op, with.clone()));
        }
        let Expr::Arithmetic(Arithmetic::Subtract, of) = side else { return None };
        let [from, less] = &**of;
        let series = self.series_of(less)?;
        // A level is a plain number at all times, so that both sides can be moved.
        let is_plain = matches!(self.measures[series as usize], Whole::Level(_))
            && matches!(with, Expr::Const(Value::Number(it)) if !it.runs());
        let moved = || Box::new([from.clone(), with.clone()]);
        is_plain.then(|| (series, mirrored(op), Expr::Arithmetic(Arithmetic::Subtract, moved())))
    }

    /// Puts something else in the place of each comparison of a measure in a node's conditions.
    fn cross(&self, kind: &mut NodeKind, instead: &mut dyn FnMut(Crossing) -> Expr) {
        let mut change = |it: &mut Expr| self.cross_expr(it, instead);
        match kind {
            NodeKind::Cell(of) | NodeKind::Becomes(of) | NodeKind::Every(_, of) => change(of),
            NodeKind::Gate(gate) => {
                let Gate { when, stay, unless, .. } = &mut **gate;
                change(when);
                stay.iter_mut().chain(unless).for_each(change);
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

    fn cross_expr(&self, expr: &mut Expr, instead: &mut dyn FnMut(Crossing) -> Expr) {
        if let Some((series, op, threshold)) = self.comparison(expr) {
            *expr = instead(Crossing { series, op, threshold });
            return;
        }
        expr.children_mut(&mut |child| self.cross_expr(child, instead));
    }

    /// Whether an expression never runs with time.
    fn stands_still(&self, expr: &Expr) -> bool {
        !any(expr, &mut |it| match it {
            Expr::Node(Ref { up: 0, node }) => match self.graph.kind(*node) {
                NodeKind::Cell(of) => !self.stands_still(of),
                NodeKind::Trait(..) => false,
                _ => self.series[*node as usize].is_none(),
            },
            Expr::Now | Expr::Node(_) | Expr::Item(..) | Expr::OwnPlace(_) => true,
            _ => false,
        })
    }
}

/// The node of an expression.
fn node_of(graph: &mut Graph, expr: Expr) -> u32 {
    match expr {
        Expr::Node(Ref { up: 0, node }) => node,
        other => graph.add(NodeKind::Cell(other)),
    }
}

/// The place of a node among others, put behind them if it is not there.
fn place_of(nodes: &mut Vec<u32>, node: u32) -> u32 {
    let place = nodes.iter().position(|it| *it == node).unwrap_or_else(|| {
        nodes.push(node);
        nodes.len() - 1
    });
    u32::try_from(place).expect("as many as nodes")
}

/// The least number that an expression can be where it is one; `None` if that is not known.
pub(super) fn least(graph: &Graph, expr: &Expr) -> Option<Linear> {
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
        Expr::Arithmetic(Arithmetic::Subtract, of) => {
            let Expr::Const(Value::Number(less)) = &of[1] else { return None };
            let from = least(graph, &of[0])?;
            Value::Number(from).sub(&Value::Number(*less)).number().filter(|_| !less.runs())
        }
        _ => None,
    }
}

/// The series that a node reads.
pub(super) fn series_read(kind: &NodeKind) -> Option<u32> {
    match kind {
        NodeKind::Kept(series) => Some(*series),
        NodeKind::Crossing(it) => Some(it.series),
        _ => None,
    }
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

/// Whether a window hangs on time and the calendar alone.
fn simple(leaf: &Leaf) -> bool {
    leaf.window.parts.iter().all(|it| match it {
        Part::Sliding { .. } | Part::Dates { .. } | Part::Calendar { .. } => true,
        Part::Moment { at, .. } | Part::Billing { anchor: at, .. } => matches!(at, Expr::Const(_)),
    })
}

/// A node as a measure over events, if that is what it is, and its window will do.
fn whole(
    graph: &Graph,
    node: u32,
    filled: &BTreeSet<u32>,
    window: impl Fn(&Leaf) -> bool,
) -> Option<Whole> {
    let measure = match graph.kind(node) {
        NodeKind::Leaf(leaf) if window(leaf) => Whole::Leaf(leaf.clone()),
        NodeKind::Level(level) if level.window.is_ever() => Whole::Level(level.clone()),
        _ => return None,
    };
    // What is done by a pulse is done by no event; the source of an event, and what its person was,
    // are known of rows only; and what a filter says of the subject is known only once it is judged.
    let of_rows = |it: &Expr| match it {
        Expr::Field(Field::Source)
        | Expr::Node(_)
        | Expr::Item(..)
        | Expr::OwnPlace(_)
        | Expr::HistoryFrom => true,
        Expr::Property(path) => filled.contains(path),
        _ => false,
    };
    if pulses(graph.kind(node)) {
        return None;
    }
    let in_columns =
        measure.sides().flat_map(Side::exprs).all(|it| !any(it, &mut |it| of_rows(it)));
    in_columns.then_some(measure)
}

/// Whether a measure is of the instants at which a node fires.
fn pulses(kind: &NodeKind) -> bool {
    use crate::eval::leaf::Source;
    match kind {
        NodeKind::Leaf(leaf) => matches!(leaf.source, Source::Pulse(_)),
        NodeKind::Level(level) => std::iter::once(&level.add)
            .chain(&level.remove)
            .any(|(source, _)| matches!(source, Source::Pulse(_))),
        _ => false,
    }
}
