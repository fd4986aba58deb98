//! Why a definition holds for a subject, or why not yet (P6).
//!
//! [`explain`] looks at a stream as it stands and says, for each comparison, what was observed,
//! what was needed, whether that is met, and for what is not met how far it is. [`Conditions::missing`] names
//! the fewest conditions that would do. The words are in [`words`].

mod words;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use firsthand_model::config::Project;
use firsthand_model::{Decimal, Text, Time};
use serde::Serialize;

use crate::compile::program::{Program, Root};
use crate::eval::expr::{Expr, Scope};
use crate::eval::gate::Gate;
use crate::eval::graph::Frame;
use crate::eval::node::NodeKind;
use crate::eval::value::{Linear, Value};
use crate::judge::{Judge, Stream};
use crate::lang::ast;

pub use words::Words;

/// Whether a condition is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Met {
    /// It is true.
    Met,
    /// It is false.
    NotMet,
    /// Neither: something it needs is missing, or it is too early to say.
    Unknown,
}

/// One condition with what was observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The condition in the language.
    pub condition: Text,
    /// Whether it is met.
    pub met: Met,
    /// What was observed, for people.
    pub observed: String,
    /// What was needed, for people; empty where the condition says it all.
    pub needed: String,
    /// How far it is, where it is not met and can be told: `1 more`, `in 3d (2026-03-08)`.
    pub gap: Option<String>,
    /// The whole in plain words.
    pub words: String,
    /// The limit that was reached on the way, by which the observation may be in doubt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<&'static str>,
    /// What it is made up of: the points of a score, another definition's conditions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

/// A part of a piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Part {
    /// Points from one rule, or from bounds.
    Points {
        /// Where they come from.
        from: String,
        /// How many.
        points: String,
    },
    /// Conditions of something else that is read.
    Conditions {
        /// What.
        of: String,
        /// Its conditions.
        conditions: Box<Conditions>,
    },
}

/// Conditions as they are joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Conditions {
    /// All of them are needed.
    All(Vec<Conditions>),
    /// One of them is enough.
    Any(Vec<Conditions>),
    /// So many of them are needed.
    AtLeast(u32, Vec<Conditions>),
    /// It must not be so.
    Not(Box<Conditions>),
    /// One condition.
    One(Evidence),
    /// Always so.
    Fixed(bool),
}

/// Why a definition holds, or why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The definition.
    pub definition: Text,
    /// Its version.
    pub version: Text,
    /// Whether it holds.
    pub holds: bool,
    /// What enters it.
    pub when: Conditions,
    /// What keeps it, beside `when`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stay: Option<Conditions>,
    /// What shuts it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unless: Option<Conditions>,
    /// The next instant at which time alone may change it.
    #[serde(skip)]
    pub next: Option<Time>,
}

impl fmt::Display for Met {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Met => "met",
            Self::NotMet => "not met",
            Self::Unknown => "unknown",
        })
    }
}

/// Explains a definition for a subject, as its stream stands. `None` if the program has no such
/// definition for that kind of subject.
pub fn explain(
    project: &Project,
    judge: &Judge<'_>,
    stream: &Stream,
    definition: &str,
) -> Option<Explanation> {
    let program = judge.program();
    let root = program.root(stream.kind());
    let found = root.definitions.iter().find(|it| it.name == definition)?;
    let gate = root.gate(found.node);
    let told = RefCell::default();
    let teller = Teller { project, program, root, frame: stream.frame(), told };
    let scope = judge.scope(stream);
    let next = stream.next();
    Some(Explanation {
        definition: found.name.clone(),
        version: found.version.clone(),
        holds: stream.frame().value(found.node).is_true(),
        when: teller.conditions(&gate.when, &scope),
        stay: gate.stay.as_ref().map(|it| teller.conditions(it, &scope)),
        unless: gate.unless.as_ref().map(|it| teller.conditions(it, &scope)),
        next: (next < Time::MAX).then_some(next),
    })
}

impl Conditions {
    /// Whether the whole is met.
    pub fn met(&self) -> Met {
        let all = |of: &[Self], whole: Met, part: Met| {
            let mets = of.iter().map(Self::met).collect::<Vec<_>>();
            if mets.contains(&part) {
                part
            } else if mets.contains(&Met::Unknown) {
                Met::Unknown
            } else {
                whole
            }
        };
        match self {
            Self::All(of) => all(of, Met::Met, Met::NotMet),
            Self::Any(of) => all(of, Met::NotMet, Met::Met),
            Self::AtLeast(needed, of) => {
                let count = |met| of.iter().filter(|it| it.met() == met).count();
                let (yes, unknown) = (count(Met::Met), count(Met::Unknown));
                if yes >= *needed as usize {
                    Met::Met
                } else if yes + unknown < *needed as usize {
                    Met::NotMet
                } else {
                    Met::Unknown
                }
            }
            Self::Not(of) => match of.met() {
                Met::Met => Met::NotMet,
                Met::NotMet => Met::Met,
                Met::Unknown => Met::Unknown,
            },
            Self::One(evidence) => evidence.met,
            Self::Fixed(it) => {
                if *it {
                    Met::Met
                } else {
                    Met::NotMet
                }
            }
        }
    }

    /// Every condition that helped to make the whole true: the reasons, in plain words.
    pub fn reasons(&self) -> Vec<&Evidence> {
        if self.met() != Met::Met {
            return Vec::new();
        }
        match self {
            Self::All(of) | Self::Any(of) | Self::AtLeast(_, of) => {
                of.iter().flat_map(Self::reasons).collect()
            }
            Self::Not(of) => of.all(),
            Self::One(evidence) => vec![evidence],
            Self::Fixed(_) => Vec::new(),
        }
    }

    /// The fewest conditions that are not met and would make the whole true.
    pub fn missing(&self) -> Vec<&Evidence> {
        self.way().lacks
    }

    /// The shortest way to make the whole true.
    fn way(&self) -> Way<'_> {
        match self {
            Self::All(of) => Way::together(of.iter().map(Self::way)),
            Self::Any(of) => Way::shortest(of, 1),
            Self::AtLeast(needed, of) => Way::shortest(of, *needed as usize),
            Self::Fixed(met) => Way { blocked: !met, lacks: Vec::new() },
            _ if self.met() == Met::Met => Way { blocked: false, lacks: Vec::new() },
            Self::Not(of) => {
                let lacks = of.all();
                Way { blocked: lacks.is_empty(), lacks }
            }
            Self::One(evidence) => Way { blocked: false, lacks: vec![evidence] },
        }
    }

    /// Every condition, in order.
    pub fn all(&self) -> Vec<&Evidence> {
        match self {
            Self::All(of) | Self::Any(of) | Self::AtLeast(_, of) => {
                of.iter().flat_map(Self::all).collect()
            }
            Self::Not(of) => of.all(),
            Self::One(evidence) => vec![evidence],
            Self::Fixed(_) => Vec::new(),
        }
    }
}

/// What would make a condition true.
struct Way<'a> {
    /// Nothing does: something on the way is never true.
    blocked: bool,
    /// What is not met yet.
    lacks: Vec<&'a Evidence>,
}

impl<'a> Way<'a> {
    /// So many of some conditions, those that lack least; of equals, those written first.
    fn shortest(of: &'a [Conditions], needed: usize) -> Self {
        let mut ways = of.iter().map(Conditions::way).collect::<Vec<_>>();
        ways.sort_by_key(|it| (it.blocked, it.lacks.len()));
        Self::together(ways.into_iter().take(needed))
    }

    /// All of some ways.
    fn together(ways: impl Iterator<Item = Self>) -> Self {
        let mut all = Self { blocked: false, lacks: Vec::new() };
        for way in ways {
            all.blocked |= way.blocked;
            all.lacks.extend(way.lacks);
        }
        all
    }
}

/// Tells what a graph says.
struct Teller<'a> {
    project: &'a Project,
    program: &'a Program,
    root: &'a Root,
    frame: &'a Frame,
    /// The definitions whose own conditions have been told.
    told: RefCell<BTreeSet<u32>>,
}

impl Teller<'_> {
    fn conditions(&self, expr: &Expr, scope: &Scope<'_>) -> Conditions {
        let all = |of: &[Expr]| of.iter().map(|it| self.conditions(it, scope)).collect();
        match expr {
            Expr::And(of) => Conditions::All(all(of)),
            Expr::Or(of) => Conditions::Any(all(of)),
            Expr::AtLeast(needed, of) => Conditions::AtLeast(*needed, all(of)),
            Expr::Not(of) => Conditions::Not(Box::new(self.conditions(of, scope))),
            Expr::Const(value) => Conditions::Fixed(value.is_true()),
            Expr::Atom(atom, of) => Conditions::One(self.evidence(*atom, of, scope)),
            // A whole condition kept in a node of its own: look inside.
            Expr::Node(node) if node.up == 0 => match self.root.cell(node.node) {
                Some(inner) => self.conditions(inner, scope),
                None => Conditions::Fixed(expr.value_of(scope).is_true()),
            },
            other => Conditions::Fixed(other.value_of(scope).is_true()),
        }
    }

    fn evidence(&self, atom: u32, expr: &Expr, scope: &Scope<'_>) -> Evidence {
        let atom = &self.program.atoms[atom as usize];
        let words = Words { project: self.project };
        let mut flip = Time::MAX;
        let value = expr.eval(scope, &mut flip);
        let met = match value {
            Value::Bool(true) => Met::Met,
            Value::Bool(false) => Met::NotMet,
            _ => Met::Unknown,
        };
        let unit = words.unit(&atom.says);
        let (mut observed, mut needed, mut gap) = (String::new(), String::new(), None);
        if let Expr::Compare(op, sides) = expr {
            let (left, right) = (sides[0].value_of(scope), sides[1].value_of(scope));
            observed = words.value(&left, &unit, scope.now);
            needed = words.value(&right, &unit, scope.now);
            gap = (met == Met::NotMet)
                .then(|| words.gap(*op, &left, &right, &unit, scope.now, flip, &atom.says))
                .flatten();
        } else if let Some(what) = observed_side(expr) {
            observed = words.value(&what.value_of(scope), &unit, scope.now);
        }
        let parts = self.parts(&atom.says, expr, scope);
        if observed.is_empty() {
            observed = parts_in_short(&parts).unwrap_or_else(|| met.to_string());
        }
        let limit = self.limit_reached(expr);
        let mut sentence = words.sentence(&atom.says, &observed, &needed, met, gap.as_deref());
        if let Some(limit) = limit {
            sentence = format!("{sentence}; a limit was reached: {limit}");
        }
        Evidence {
            condition: atom.text.clone(),
            met,
            observed,
            needed,
            gap,
            words: sentence,
            limit,
            parts,
        }
    }

    /// The limit that a memory this condition looks at has reached.
    fn limit_reached(&self, expr: &Expr) -> Option<&'static str> {
        let mut found = None;
        expr.references(&mut |node| {
            if node.up == 0 {
                found = found.or(self.frame.limit_reached(node.node));
            }
        });
        found
    }

    fn parts(&self, says: &ast::Expr, expr: &Expr, scope: &Scope<'_>) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut scores = Vec::new();
        collect_scores(says, &mut scores);
        for name in scores {
            parts.extend(self.points(&name, scope));
        }
        let mut nodes = Vec::new();
        expr.references(&mut |node| nodes.push(node));
        for node in nodes.into_iter().filter(|node| node.up == 0) {
            match self.root.graph.kind(node.node) {
                // Once is enough: definitions may read each other in many ways.
                NodeKind::Gate(gate) if self.told.borrow_mut().insert(node.node) => {
                    parts.push(self.gate(says, gate, scope));
                }
                NodeKind::Each(each) => {
                    let Some(state) = self.frame.each(node.node) else { continue };
                    let frames = each.frames(state).collect::<Vec<_>>();
                    let yes = frames.iter().filter(|(_, frame)| frame.value(each.root).is_true());
                    let yes = yes.map(|(key, _)| key.as_str()).collect::<Vec<_>>();
                    if matches!(frames.first(), Some((_, it)) if !matches!(it.value(each.root), Value::Number(_)))
                    {
                        let names = yes.iter().take(3).copied().collect::<Vec<_>>().join(", ");
                        let more = if yes.len() > 3 { ", …" } else { "" };
                        let who =
                            if yes.is_empty() { String::new() } else { format!(": {names}{more}") };
                        let from = format!("{} of {}{who}", yes.len(), frames.len());
                        parts.push(Part::Points { from, points: String::new() });
                    }
                }
                _ => {}
            }
        }
        parts
    }

    fn gate(&self, says: &ast::Expr, gate: &Gate, scope: &Scope<'_>) -> Part {
        let of = match says {
            ast::Expr::Qualified(name) => name.to_string(),
            _ => "definition".to_owned(),
        };
        Part::Conditions { of, conditions: Box::new(self.conditions(&gate.when, scope)) }
    }

    /// The points of a score by rule; with those that its bounds take or give, they add up to it.
    fn points(&self, name: &str, scope: &Scope<'_>) -> Vec<Part> {
        let Some((_, node)) = self.root.scores.iter().find(|(it, _)| it == name) else {
            return Vec::new();
        };
        let (NodeKind::Score(score), Some(state)) =
            (self.root.graph.kind(*node), self.frame.score(*node))
        else {
            return Vec::new();
        };
        let raw =
            |value: &Value| value.number().and_then(|it| it.millionths(scope.now)).unwrap_or(0);
        let shown = |points: i128| Words::number(Decimal::from_raw(points));
        // Of more points than can be counted there are no parts to tell.
        let Some(mut sum) = score.put_in_all(state) else { return Vec::new() };
        let mut parts = Vec::new();
        if sum != 0 {
            parts.push(Part::Points { from: "set by a reset".to_owned(), points: shown(sum) });
        }
        let configured = self.project.scores.get(name);
        for (index, points) in score.by_rule(state, scope).iter().enumerate() {
            let points = raw(points);
            let Some(so_far) = sum.checked_add(points) else { return Vec::new() };
            sum = so_far;
            if points != 0 {
                let rule = configured.and_then(|it| it.rules.get(index));
                let from = rule.map_or_else(String::new, |rule| words::rule(&rule.act));
                parts.push(Part::Points { from, points: shown(points) });
            }
        }
        if let Value::List(items) = self.frame.value(*node)
            && let Some(total @ Value::Number(_)) = items.first()
            && let Some(points) = raw(total).checked_sub(sum)
            && points != 0
        {
            let points = shown(points);
            parts.push(Part::Points { from: "caps and floors".to_owned(), points });
        }
        parts
    }
}

/// The side of a condition that is looked at, where it is no comparison of two.
fn observed_side(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::In(of, _) | Expr::TextTest(_, of, _) | Expr::Matches(of, _) | Expr::IsKnown(of) => {
            Some(of)
        }
        Expr::Not(of) => observed_side(of),
        Expr::Between(of) => Some(&of[0]),
        _ => None,
    }
}

fn parts_in_short(parts: &[Part]) -> Option<String> {
    parts.iter().find_map(|part| match part {
        Part::Points { from, points } if points.is_empty() => Some(from.clone()),
        _ => None,
    })
}

fn collect_scores(says: &ast::Expr, found: &mut Vec<Text>) {
    let at = ast::At::new(says.clone(), 0..0);
    crate::lang::walk::parts(crate::lang::walk::Part::expr(&at), &mut |part| {
        if let crate::lang::walk::Part::Expr(ast::Expr::Score(name, _), _) = part
            && !found.contains(name)
        {
            found.push(name.clone());
        }
    });
}

/// Whether a number is whole.
fn whole(value: Linear, now: Time) -> Option<i128> {
    value.millionths(now).filter(|it| it % Decimal::SCALE == 0).map(|it| it / Decimal::SCALE)
}
