//! The kinds of nodes: what each does at an instant, what it remembers, and what it reads.

use std::sync::Arc;

use firsthand_model::fact::{Kind, RowBody};
use firsthand_model::{Decimal, Span, Text, Time};
use serde::{Deserialize, Serialize};

use super::each::{Each, EachPeriod, EachPeriodState, EachState, Members};
use super::entries::LeafState;
use super::expr::{Expr, Ref, Scope};
use super::gate::{Gate, GateState};
use super::grade::Ladder;
use super::graph::Instant;
use super::kept::{Crossing, CrossingState, Place};
use super::leaf::{Leaf, Source};
use super::level::{Level, LevelState};
use super::memory::{AtMoment, Log, Stretches, ago, held_for, was};
use super::score::{Score, ScoreState};
use super::sequence::{Sequence, SequenceState};
use super::value::Value;
use super::window::{Part, Window};
use crate::timeline::OutcomeAt;

/// What a node does.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// Keeps an expression's value, so that others can follow its changes.
    Cell(Expr),
    /// A trait in force.
    Trait(Kind, Text),
    /// How many people the account has.
    Members,
    /// What another stratum says.
    Imported(u32),
    /// A measure over events.
    Leaf(Leaf),
    /// A measure whose timeline is kept: what its series says.
    Kept(u32),
    /// A comparison of such a series.
    Crossing(Box<Crossing>),
    /// A sequence of events.
    Sequence(Sequence),
    /// A level meter.
    Level(Level),
    /// A node's value a while ago.
    Ago(Ref, Span),
    /// A node's value at a moment.
    AtMoment(AtMoment),
    /// Whether a condition held at some time in a window.
    Was(Ref, Window),
    /// Whether a condition has held for a duration.
    HeldFor(Ref, Span),
    /// Whether a window lies wholly within the subject's life, whose start is given, and the
    /// recorded history.
    Whole(Window, Expr),
    /// Fires when a condition turns true.
    Becomes(Expr),
    /// Fires when a condition turns true and after every further span while it stays so.
    Every(Span, Expr),
    /// The same for every key.
    Each(Box<Each>),
    /// The places of the members by a value, taken daily.
    Ranks(Box<Each>),
    /// The same for every calendar period.
    EachPeriod(Box<EachPeriod>),
    /// Points.
    Score(Box<Score>),
    /// A grade.
    Ladder(Ladder),
    /// A definition.
    Gate(Box<Gate>),
    /// Outcomes: fires at each event of a source, keeping the worth it tells.
    Outcome(Source, Option<Expr>, Option<Expr>),
}

/// What a node remembers. What takes up room is shared between copies until one of them changes:
/// most of what two states of a subject remember is the same.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum NodeState {
    Nothing,
    Held(Arc<Value>),
    Leaf(Arc<LeafState>),
    Kept(Place),
    Crossing(Arc<CrossingState>),
    Sequence(Arc<SequenceState>),
    Level(Arc<LevelState>),
    Log(Arc<Log>),
    Stretches(Arc<Stretches>),
    Since(Option<Time>),
    Each(Arc<EachState>),
    EachPeriod(Arc<EachPeriodState>),
    Score(Arc<ScoreState>),
    Rung(Option<u32>),
    Gate(GateState),
    Members(Arc<Members>),
    Outcomes(Arc<Vec<OutcomeAt>>),
}

impl NodeKind {
    /// How many graphs further out everything lies that this node reads, if it only remembers
    /// what others say: 0 if it reads something of its own graph, or events. A memory belongs
    /// where its inputs are, or it would begin anew with each key or period.
    pub fn distance(&self, to_subject: u32) -> u32 {
        let remembers = matches!(
            self,
            Self::Cell(_)
                | Self::Ago(..)
                | Self::AtMoment(_)
                | Self::Was(..)
                | Self::HeldFor(..)
                | Self::Whole(..)
                | Self::Becomes(_)
                | Self::Every(..)
        );
        let own = match self {
            // A member's own place is told apart by the member, whose graph this must stay.
            Self::Cell(of) | Self::Becomes(of) | Self::Every(_, of) => of.asks_own_place(),
            _ => false,
        };
        if own || !remembers {
            return 0;
        }
        let (mut nearest, mut events) = (to_subject, false);
        self.inputs(&mut |read| nearest = nearest.min(read.up), &mut |_| events = true);
        if events { 0 } else { nearest }
    }

    /// The same node, as it reads from so many graphs further out.
    #[must_use]
    pub fn moved_out(mut self, by: u32) -> Self {
        self.change_references(&mut |node| node.up -= by);
        self
    }

    /// Calls `change` with each node that this one reads; false for those that measure events or
    /// have graphs inside, which stay as they are.
    pub(super) fn change_references(&mut self, change: &mut dyn FnMut(&mut Ref)) -> bool {
        match self {
            Self::Trait(..) | Self::Members | Self::Imported(_) | Self::Kept(_) => {}
            Self::Cell(of) | Self::Becomes(of) | Self::Every(_, of) => {
                of.change_references(change);
            }
            Self::Crossing(it) => it.threshold.change_references(change),
            Self::Ago(of, _) | Self::HeldFor(of, _) => change(of),
            Self::AtMoment(it) => {
                change(&mut it.of);
                it.at.change_references(change);
            }
            Self::Was(of, window) => {
                change(of);
                window.change_references(change);
            }
            Self::Whole(window, start) => {
                window.change_references(change);
                start.change_references(change);
            }
            Self::Ladder(ladder) => {
                for (_, when, stay) in &mut ladder.rungs {
                    when.change_references(change);
                    if let Some(stay) = stay {
                        stay.change_references(change);
                    }
                }
            }
            Self::Gate(gate) => {
                let Gate { when, stay, unless, .. } = &mut **gate;
                when.change_references(change);
                stay.iter_mut().chain(unless).for_each(|it| it.change_references(change));
            }
            Self::Leaf(_)
            | Self::Sequence(_)
            | Self::Level(_)
            | Self::Each(_)
            | Self::Ranks(_)
            | Self::EachPeriod(_)
            | Self::Score(_)
            | Self::Outcome(..) => return false,
        }
        true
    }

    /// Whether what it says is true only at the very instant.
    pub(super) fn fires(&self) -> bool {
        matches!(self, Self::Becomes(_) | Self::Every(..) | Self::Outcome(..))
    }

    pub(super) fn fresh(&self) -> NodeState {
        match self {
            Self::Cell(_) | Self::Whole(..) => NodeState::Nothing,
            Self::Trait(..) | Self::Imported(_) => NodeState::Held(Arc::default()),
            Self::Becomes(_) | Self::HeldFor(..) | Self::Every(..) => NodeState::Since(None),
            Self::Members => NodeState::Members(Arc::default()),
            Self::Leaf(_) => NodeState::Leaf(Arc::default()),
            Self::Kept(_) => NodeState::Kept(Place::default()),
            Self::Crossing(_) => NodeState::Crossing(Arc::default()),
            Self::Sequence(_) => NodeState::Sequence(Arc::default()),
            Self::Level(_) => NodeState::Level(Arc::default()),
            Self::Ago(..) | Self::AtMoment(_) => NodeState::Log(Arc::default()),
            Self::Was(..) => NodeState::Stretches(Arc::default()),
            Self::Each(_) | Self::Ranks(_) => NodeState::Each(Arc::default()),
            Self::EachPeriod(_) => NodeState::EachPeriod(Arc::default()),
            Self::Score(_) => NodeState::Score(Arc::default()),
            Self::Ladder(_) => NodeState::Rung(None),
            Self::Gate(_) => NodeState::Gate(GateState::Out(None)),
            Self::Outcome(..) => NodeState::Outcomes(Arc::default()),
        }
    }

    pub(super) fn update(
        &self,
        state: &mut NodeState,
        scope: &Scope<'_>,
        instant: &Instant<'_>,
        read_changed: bool,
    ) -> (Value, Time) {
        let items = instant.items;
        match (self, state) {
            (Self::Cell(of), _) => {
                let mut flip = Time::MAX;
                (of.eval(scope, &mut flip), flip)
            }
            (Self::Trait(kind, path), NodeState::Held(held)) => {
                let held = Arc::make_mut(held);
                for item in items {
                    take_trait(held, *kind, path, &item.row.body);
                }
                (held.clone(), Time::MAX)
            }
            (Self::Imported(slot), NodeState::Held(held)) => {
                if let Some((_, value)) = instant.imports.iter().rev().find(|(it, _)| it == slot) {
                    *held = Arc::new(value.clone());
                }
                (Value::clone(held), Time::MAX)
            }
            (Self::Members, NodeState::Members(members)) => {
                let rows = items.iter().map(|item| item.row).collect::<Vec<_>>();
                (Arc::make_mut(members).update(&rows), Time::MAX)
            }
            (Self::Leaf(leaf), NodeState::Leaf(state)) => {
                leaf.update(Arc::make_mut(state), scope, items)
            }
            (Self::Kept(series), NodeState::Kept(place)) => {
                place.value(&instant.kept[*series as usize], instant.now)
            }
            (Self::Crossing(it), NodeState::Crossing(state)) => {
                it.update(Arc::make_mut(state), scope, instant.kept)
            }
            (Self::Sequence(it), NodeState::Sequence(state)) => {
                it.update(Arc::make_mut(state), scope, items)
            }
            (Self::Level(it), NodeState::Level(state)) => {
                it.update(Arc::make_mut(state), scope, items)
            }
            (Self::Ago(of, by), NodeState::Log(log)) => ago(*of, *by, Arc::make_mut(log), scope),
            (Self::AtMoment(it), NodeState::Log(log)) => it.update(Arc::make_mut(log), scope),
            (Self::Was(of, window), NodeState::Stretches(held)) => {
                was(*of, window, Arc::make_mut(held), scope)
            }
            (Self::HeldFor(of, length), NodeState::Since(since)) => {
                held_for(*of, *length, since, scope)
            }
            (Self::Whole(window, start), NodeState::Nothing) => {
                let bounds = window.bounds(scope);
                let mut flip = bounds.next;
                let start = start.eval(scope, &mut flip).as_time();
                let whole =
                    start.map(|it| bounds.known && bounds.from >= it.max(scope.history_from));
                (whole.map_or(Value::Unknown, Value::Bool), flip)
            }
            (Self::Becomes(of), NodeState::Since(since)) => {
                let mut flip = Time::MAX;
                if of.eval(scope, &mut flip).is_true() {
                    (since.replace(scope.now).is_none().into(), flip)
                } else {
                    *since = None;
                    (false.into(), flip)
                }
            }
            (Self::Every(span, of), NodeState::Since(since)) => {
                let mut flip = Time::MAX;
                if !of.eval(scope, &mut flip).is_true() {
                    *since = None;
                    return (false.into(), flip);
                }
                let passed = scope.now - *since.get_or_insert(scope.now);
                let next = scope.now + Span(span.0 - passed.0 % span.0);
                ((passed.0 % span.0 == 0).into(), flip.min(next))
            }
            (Self::Each(it), NodeState::Each(state)) => {
                it.update(Arc::make_mut(state), scope, instant, read_changed)
            }
            (Self::Ranks(it), NodeState::Each(state)) => {
                it.rank(Arc::make_mut(state), scope, instant, read_changed)
            }
            (Self::EachPeriod(it), NodeState::EachPeriod(state)) => {
                it.update(Arc::make_mut(state), scope, instant)
            }
            (Self::Score(it), NodeState::Score(state)) => {
                it.update(Arc::make_mut(state), scope, items)
            }
            (Self::Ladder(it), NodeState::Rung(held)) => it.update(held, scope),
            (Self::Gate(it), NodeState::Gate(state)) => it.update(state, scope),
            (Self::Outcome(source, filter, worth), NodeState::Outcomes(found)) => {
                let found = Arc::make_mut(found);
                found.clear();
                source.passing(filter.as_ref(), scope, items, &mut |row, scope| {
                    let number = worth.as_ref().and_then(|it| it.value_of(scope).number());
                    let value = number.and_then(|it| it.millionths(row.time));
                    found.push(OutcomeAt { time: row.time, value: value.map(Decimal::from_raw) });
                });
                ((!found.is_empty()).into(), Time::MAX)
            }
            (kind, state) => unreachable!("{kind:?} keeps another memory than {state:?}"),
        }
    }

    /// Calls `read` with each node this one reads, and `fits` with each pattern of events.
    pub(crate) fn inputs(&self, read: &mut impl FnMut(Ref), fits: &mut impl FnMut(u32)) {
        match self {
            Self::Cell(of) | Self::Becomes(of) | Self::Every(_, of) => of.references(read),
            Self::Trait(..) | Self::Members | Self::Imported(_) | Self::Kept(_) => {}
            Self::Crossing(it) => it.threshold.references(read),
            Self::Leaf(leaf) => {
                source_inputs(&leaf.source, leaf.filter.as_ref(), read, fits);
                window_inputs(&leaf.window, read);
                leaf.measure.exprs(&mut |it| it.references(read));
            }
            Self::Sequence(it) => {
                for (source, filter) in &it.steps {
                    source_inputs(source, filter.as_ref(), read, fits);
                }
                window_inputs(&it.window, read);
            }
            Self::Level(it) => {
                for (source, filter) in std::iter::once(&it.add).chain(&it.remove) {
                    source_inputs(source, filter.as_ref(), read, fits);
                }
                window_inputs(&it.window, read);
            }
            Self::Ago(of, _) | Self::HeldFor(of, _) => read(*of),
            Self::AtMoment(it) => {
                read(it.of);
                it.at.references(read);
            }
            Self::Was(of, window) => {
                read(*of);
                window_inputs(window, read);
            }
            Self::Whole(window, start) => {
                start.references(read);
                window_inputs(window, read);
            }
            Self::Each(it) | Self::Ranks(it) => {
                it.inner.inputs(read, fits);
            }
            Self::EachPeriod(it) => {
                it.inner.inputs(read, fits);
                window_inputs(&it.window, read);
                it.start.references(read);
            }
            Self::Score(it) => it.inputs(read, fits),
            Self::Ladder(it) => {
                for (_, when, stay) in &it.rungs {
                    when.references(read);
                    if let Some(stay) = stay {
                        stay.references(read);
                    }
                }
            }
            Self::Gate(it) => {
                it.when.references(read);
                it.stay.iter().chain(&it.unless).for_each(|it| it.references(read));
            }
            Self::Outcome(source, filter, worth) => {
                source_inputs(source, filter.as_ref(), read, fits);
                if let Some(worth) = worth {
                    worth.references(read);
                }
            }
        }
    }
}

/// Takes over what a fact says of a trait; a membership tells the person's role.
fn take_trait(held: &mut Value, kind: Kind, path: &Text, fact: &RowBody) {
    match fact {
        RowBody::Traits { of, traits } if *of == kind => {
            for (_, scalar) in traits.iter().filter(|(name, _)| name == path) {
                *held = Value::from_scalar(scalar);
            }
        }
        RowBody::Membership { joined: true, role: Some(role) }
            if kind == Kind::Person && path == "role" =>
        {
            *held = Value::Text(role.clone());
        }
        _ => {}
    }
}

/// What a source of events and its filter read.
pub fn source_inputs(
    source: &Source,
    filter: Option<&Expr>,
    read: &mut impl FnMut(Ref),
    fits: &mut impl FnMut(u32),
) {
    match source {
        Source::Named(pattern) => fits(*pattern),
        Source::Pulse(node) => read(*node),
    }
    if let Some(filter) = filter {
        filter.references(read);
    }
}

fn window_inputs(window: &Window, read: &mut impl FnMut(Ref)) {
    for part in &window.parts {
        match part {
            Part::Moment { at, .. } | Part::Billing { anchor: at, .. } => at.references(read),
            Part::Sliding { .. } | Part::Dates { .. } | Part::Calendar { .. } => {}
        }
    }
}
