//! Runs a program over the stream of one subject: `step`, the same live and in replay (P1).
//!
//! A [`Stream`] is all that is remembered of a subject; it can be saved anywhere and go on. Facts
//! come in order of time; between them the stream is woken at exactly the instants at which time
//! alone may change something (T2), so looking more often changes nothing.
//!
//! # Promises
//!
//! - P1, P9: time comes only with facts and with `until`; there is no clock here.
//! - T1: all facts of one instant are taken together, then everything is judged once.

use std::collections::BTreeMap;
use std::sync::Arc;

use firsthand_model::fact::{Kind, Row, RowBody};
use firsthand_model::{Decimal, Scalar, Text, Time};
use serde::{Deserialize, Serialize};

use crate::compile::names::Fits;
use crate::compile::program::{Program, Root};
use crate::eval::expr::{Expr, Scope};
use crate::eval::graph::{Frame, Instant, Item};
use crate::eval::kept::Series;
use crate::eval::value::Value;
use crate::timeline::OutcomeAt;

/// All that is remembered of one subject.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stream {
    kind: Kind,
    frame: Frame,
    /// The last instant taken in.
    now: Time,
    /// How far time has passed without anything further happening.
    passed: Time,
    /// The traits of an account's people that event filters read, in the program's order.
    people: BTreeMap<Text, Vec<Scalar>>,
}

impl Stream {
    /// A subject of which nothing has been heard yet.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            frame: Frame::default(),
            now: Time::MIN,
            passed: Time::MIN,
            people: BTreeMap::new(),
        }
    }

    /// What the subject's graph says now.
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// What the subject is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The last instant taken in.
    pub fn now(&self) -> Time {
        self.now
    }

    /// The next instant at which time alone may change something.
    pub fn next(&self) -> Time {
        self.frame.next()
    }
}

/// Judges streams by one program. Holds only what is worked out from the program and the names
/// met, so one may serve any number of subjects, one after the other.
#[derive(Debug)]
pub struct Judge<'p> {
    program: &'p Program,
    history_from: Time,
    fits: Fits,
    /// The kept timelines of the subject's measures, if the program reads any.
    pub(crate) kept: Vec<Series>,
}

/// What is told after each instant: the frame as it now stands.
pub type OnInstant<'a> = dyn FnMut(Time, &Frame) + 'a;

impl<'p> Judge<'p> {
    /// Judges by a program over a history that begins at an instant.
    pub fn new(program: &'p Program, history_from: Time) -> Self {
        Self { program, history_from, fits: Fits::default(), kept: Vec::new() }
    }

    /// The same with the names that another judge of the program has met.
    #[must_use]
    pub fn with_names(self, fits: Fits) -> Self {
        Self { fits, ..self }
    }

    /// The names met, for [`Self::with_names`].
    pub fn into_names(self) -> Fits {
        self.fits
    }

    /// The program.
    pub fn program(&self) -> &'p Program {
        self.program
    }

    /// Where recorded history begins.
    pub fn history_from(&self) -> Time {
        self.history_from
    }

    /// Takes in the facts of one instant, in the order of [`Row::order`], after everything that
    /// time alone changes before it. `imports` is what other strata say from that instant on.
    pub fn step(
        &mut self,
        stream: &mut Stream,
        at: Time,
        rows: &[&Row],
        imports: &[(u32, Value)],
        on_instant: &mut OnInstant<'_>,
    ) {
        debug_assert!(at >= stream.now, "facts come in order of time");
        self.advance_before(stream, at, on_instant);
        let filled = self.fill_person_traits(stream, rows);
        let rows: Vec<&Row> = match &filled {
            Some(filled) => filled.iter().collect(),
            None => rows.to_vec(),
        };
        let Program { patterns, classes, .. } = self.program;
        for row in &rows {
            if let RowBody::Event { name, record, .. } = &row.body {
                self.fits.of(name, *record, patterns, classes);
            }
        }
        let items = rows.iter().map(|row| {
            let fits = match &row.body {
                RowBody::Event { name, record, .. } => self.fits.known(name, *record),
                _ => &[],
            };
            Item { row, fits }
        });
        let items = items.collect::<Vec<_>>();
        self.instant(stream, at, &items, imports, on_instant);
    }

    /// Takes in everything that time alone changes up to and including an instant.
    pub fn advance(&self, stream: &mut Stream, until: Time, on_instant: &mut OnInstant<'_>) {
        // What next happens at the end of time never happens.
        while stream.frame.is_born() && stream.next() <= until && stream.next() < Time::MAX {
            let at = stream.next().max(stream.now);
            self.instant(stream, at, &[], &[], on_instant);
        }
        stream.passed = stream.passed.max(until);
    }

    /// What an expression of the subject's graph comes to, as the stream stands.
    pub fn evaluate(&self, stream: &Stream, expr: &Expr) -> Value {
        expr.value_of(&self.scope(stream))
    }

    /// What an expression of the subject's graph may look at, as the stream stands. What runs with
    /// time has run on since the last instant.
    pub fn scope<'a>(&'a self, stream: &'a Stream) -> Scope<'a> {
        Scope {
            now: stream.now.max(stream.passed),
            calendar: &self.program.calendar,
            history_from: self.history_from,
            values: stream.frame.values(),
            changed: &[],
            outer: None,
            member: None,
            event: None,
            it: None,
        }
    }

    fn advance_before(&self, stream: &mut Stream, at: Time, on_instant: &mut OnInstant<'_>) {
        if at > Time::MIN {
            self.advance(stream, Time(at.0 - 1), on_instant);
        }
    }

    fn instant(
        &self,
        stream: &mut Stream,
        at: Time,
        items: &[Item<'_>],
        imports: &[(u32, Value)],
        on_instant: &mut OnInstant<'_>,
    ) {
        let instant = Instant {
            now: at,
            items,
            imports,
            calendar: &self.program.calendar,
            history_from: self.history_from,
            member: None,
            kept: &self.kept,
        };
        stream.now = at;
        self.program.root(stream.kind).graph.step(&mut stream.frame, &instant, None);
        on_instant(at, &stream.frame);
    }

    /// Fills the traits that people had at their events into the events of an account.
    fn fill_person_traits(&self, stream: &mut Stream, rows: &[&Row]) -> Option<Vec<Row>> {
        let wanted = &self.program.person_paths;
        if wanted.is_empty() || stream.kind == Kind::Person {
            return None;
        }
        let fresh = || vec![Scalar::Missing; wanted.len()];
        let filled = rows.iter().map(|row| {
            let mut row = (*row).clone();
            let Some(person) = &row.person else { return row };
            let known = stream.people.entry(person.clone()).or_insert_with(fresh);
            match &mut row.body {
                RowBody::Traits { of: Kind::Person, traits } => {
                    for (held, (_, path)) in known.iter_mut().zip(wanted) {
                        for (_, value) in traits.iter().filter(|(name, _)| name == path) {
                            *held = value.clone();
                        }
                    }
                }
                RowBody::Membership { joined: true, role: Some(role) } => {
                    for (held, (_, path)) in known.iter_mut().zip(wanted) {
                        if path == "role" {
                            *held = Scalar::Text(role.clone());
                        }
                    }
                }
                RowBody::Event { values, .. } => {
                    let values = Arc::make_mut(values);
                    for (held, (slot, _)) in known.iter().zip(wanted) {
                        if let Some(value) = values.get_mut(*slot as usize) {
                            *value = held.clone();
                        }
                    }
                }
                _ => {}
            }
            row
        });
        Some(filled.collect())
    }
}

/// Runs a whole stream: facts and imports merged in order of time, then time alone to `until`.
pub fn run(
    judge: &mut Judge<'_>,
    stream: &mut Stream,
    rows: &[&Row],
    imports: &[(Time, u32, Value)],
    until: Time,
    on_instant: &mut OnInstant<'_>,
) {
    let (mut rows, mut imports) = (rows, imports);
    // Nothing is judged before the subject's first fact; what others said by then stands.
    let mut born = stream.frame.is_born();
    loop {
        let row_at = rows.first().map(|row| row.time);
        let import_at = imports.first().map(|(at, ..)| *at).filter(|_| born);
        let Some(at) = row_at.into_iter().chain(import_at).min().filter(|at| *at <= until) else {
            break;
        };
        let here = rows.partition_point(|row| row.time <= at);
        let said = imports.partition_point(|(when, ..)| *when <= at);
        let values = imports[..said].iter().map(|(_, slot, value)| (*slot, value.clone()));
        let values = values.collect::<Vec<_>>();
        judge.step(stream, at, &rows[..here], &values, on_instant);
        (rows, imports) = (&rows[here..], &imports[said..]);
        born = true;
    }
    judge.advance(stream, until, on_instant);
}

/// Gathers what a stream comes to: for each definition when it held, for each outcome when it
/// happened, and how the exported values changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// For each definition of the root: entered, left.
    pub held: Vec<Vec<(Time, Option<Time>)>>,
    /// For each outcome of the root.
    pub outcomes: Vec<Vec<OutcomeAt>>,
    /// Changes of the watched nodes: when, slot, value.
    pub changes: Vec<(Time, u32, Value)>,
}

impl Record {
    /// Begins a record of a root.
    pub fn new(root: &Root) -> Self {
        Self {
            held: vec![Vec::new(); root.definitions.len()],
            outcomes: vec![Vec::new(); root.outcomes.len()],
            changes: Vec::new(),
        }
    }

    /// Takes in one instant; `watched` are pairs of slot and node whose changes are kept.
    pub fn note(&mut self, root: &Root, watched: &[(u32, u32)], at: Time, frame: &Frame) {
        for (definition, held) in root.definitions.iter().zip(&mut self.held) {
            if frame.has_changed(definition.node) {
                let holds = frame.value(definition.node).is_true();
                match held.last_mut() {
                    Some((_, left @ None)) if !holds => *left = Some(at),
                    Some((_, None)) => {}
                    _ if holds => held.push((at, None)),
                    _ => {}
                }
            }
        }
        for ((_, node), found) in root.outcomes.iter().zip(&mut self.outcomes) {
            found.extend(frame.outcomes(*node).iter().cloned());
        }
        let first = self.changes.is_empty();
        for (slot, node) in watched {
            if first || frame.has_changed(*node) {
                self.changes.push((at, *slot, frame.value(*node).clone()));
            }
        }
    }
}

/// How far a record had come.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Mark {
    /// For each definition how many intervals it had, and whether the last was open.
    held: Vec<(usize, bool)>,
    outcomes: Vec<usize>,
    changes: usize,
}

impl Mark {
    /// For each definition how many intervals had come to their end.
    pub(crate) fn whole(&self) -> impl Iterator<Item = usize> {
        self.held.iter().map(|(count, open)| count - usize::from(*open))
    }
}

impl Record {
    /// How far it has come.
    pub(crate) fn mark(&self) -> Mark {
        let open = |held: &[(Time, Option<Time>)]| held.last().is_some_and(|it| it.1.is_none());
        Mark {
            held: self.held.iter().map(|it| (it.len(), open(it))).collect(),
            outcomes: self.outcomes.iter().map(Vec::len).collect(),
            changes: self.changes.len(),
        }
    }

    /// Makes it again what it was at a mark.
    pub(crate) fn rewind(&mut self, to: &Mark) {
        for (held, (count, open)) in self.held.iter_mut().zip(&to.held) {
            held.truncate(*count);
            if let Some((_, left)) = held.last_mut().filter(|_| *open) {
                *left = None;
            }
        }
        for (found, count) in self.outcomes.iter_mut().zip(&to.outcomes) {
            found.truncate(*count);
        }
        self.changes.truncate(to.changes);
    }
}

/// The numbers a template may name, of an account at its newest instant.
pub fn meters(root: &Root, stream: &Stream) -> Vec<(Text, Option<Decimal>, Option<Decimal>, bool)> {
    let number = |value: &Value| {
        value.number().and_then(|it| it.millionths(stream.now)).map(Decimal::from_raw)
    };
    let meters = root.meters.iter().map(|meter| {
        let limit = stream.frame.value(meter.limit);
        let unlimited = matches!(limit, Value::Unlimited);
        (meter.name.clone(), number(stream.frame.value(meter.usage)), number(limit), unlimited)
    });
    meters.collect()
}
