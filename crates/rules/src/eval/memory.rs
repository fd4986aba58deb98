//! Values as they were: `(V) 30d ago`, `(V) at M`, `was (C, W)`, `(C) for 7d`.

use std::collections::VecDeque;

use firsthand_model::{Span, Time};
use serde::{Deserialize, Serialize};

use super::expr::{Expr, Ref, Scope};
use super::value::Value;
use super::window::{Bounds, Moves, Window};

/// Changes of a value that are remembered; older ones become unknown.
pub const CHANGES_MAX: usize = 4_096;

/// The changes of a value, oldest first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Log {
    changes: VecDeque<(Time, Value)>,
}

impl Log {
    /// Whether older changes had to be forgotten, or will be with the next.
    pub fn is_full(&self) -> bool {
        self.changes.len() >= CHANGES_MAX
    }

    /// Notes what the value is from now on.
    fn note(&mut self, now: Time, value: &Value) {
        match self.changes.back_mut() {
            Some((_, newest)) if newest == value => return,
            Some((at, newest)) if *at == now => {
                *newest = value.clone();
                return;
            }
            _ => self.changes.push_back((now, value.clone())),
        }
        if self.changes.len() > CHANGES_MAX {
            // Two stretches become one of which nothing is known: in doubt, never wrong.
            self.changes.remove(1);
            self.changes[0].1 = Value::Unknown;
        }
    }

    /// Forgets what came before the change that was in force at an instant.
    fn forget_before(&mut self, at: Time) {
        while self.changes.get(1).is_some_and(|(next, _)| *next <= at) {
            self.changes.pop_front();
        }
    }

    fn at(&self, at: Time) -> Value {
        let after = self.changes.partition_point(|(from, _)| *from <= at);
        after.checked_sub(1).map_or(Value::Unknown, |index| self.changes[index].1.clone())
    }
}

/// What a node said a while ago.
pub fn ago(of: Ref, by: Span, log: &mut Log, scope: &Scope<'_>) -> (Value, Time) {
    log.note(scope.now, scope.value(of));
    let then = scope.now - by;
    log.forget_before(then);
    let value = match log.at(then) {
        Value::Number(it) => it.delayed(by.0).map_or(Value::Unknown, Value::Number),
        other => other,
    };
    let next = log.changes.iter().map(|(at, _)| *at + by).find(|at| *at > scope.now);
    (value, next.unwrap_or(Time::MAX))
}

/// What a node said at a moment.
#[derive(Clone, Debug)]
pub struct AtMoment {
    /// The node.
    pub of: Ref,
    /// The moment's instant.
    pub at: Expr,
    /// Whether the moment may move.
    pub moves: Moves,
}

impl AtMoment {
    /// Unknown before the moment; from then on, the value at it.
    pub fn update(&self, log: &mut Log, scope: &Scope<'_>) -> (Value, Time) {
        log.note(scope.now, scope.value(self.of));
        let mut next = Time::MAX;
        let Some(moment) = self.at.eval(scope, &mut next).as_time() else {
            if self.moves != Moves::Anyhow {
                // An event's moment is the instant it happens: nothing older will be asked for.
                log.forget_before(scope.now);
            }
            return (Value::Unknown, next);
        };
        if moment > scope.now {
            if self.moves != Moves::Anyhow {
                log.forget_before(scope.now);
            }
            return (Value::Unknown, next.min(moment));
        }
        if self.moves == Moves::Never {
            log.changes.truncate(log.changes.partition_point(|(from, _)| *from <= moment));
        }
        if self.moves != Moves::Anyhow {
            log.forget_before(moment);
        }
        // A value that runs with time is taken as it stood at the moment.
        let value = match log.at(moment) {
            Value::Number(it) if it.runs() => it
                .millionths(moment)
                .map_or(Value::Unknown, |raw| Value::Number(super::value::Linear::raw(raw))),
            other => other,
        };
        (value, next)
    }
}

/// The stretches in which a condition was true, oldest first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Stretches {
    /// From, to; the last one is still running if `to` is `None`.
    held: VecDeque<(Time, Option<Time>)>,
    /// The stretch of time of which it is no longer known when the condition was true.
    lost: Option<(Time, Time)>,
}

impl Stretches {
    /// Whether stretches had to be forgotten.
    pub fn has_forgotten(&self) -> bool {
        self.lost.is_some()
    }

    /// Forgets what can never be inside again; and, where there is too much, the oldest.
    fn forget(&mut self, ever: bool, bounds: &Bounds) {
        if ever {
            // Once is enough.
            self.held.truncate(1);
        }
        let gone = |to: Time| to <= bounds.gone_before - Span(1);
        while self.held.front().is_some_and(|(_, to)| to.is_some_and(gone)) {
            self.held.pop_front();
        }
        if self.held.len() > CHANGES_MAX
            && let Some((from, Some(to))) = self.held.pop_front()
        {
            self.lost = Some((self.lost.map_or(from, |it| it.0), to));
        }
    }
}

/// Whether a condition held at some time in a window.
pub fn was(
    of: Ref,
    window: &Window,
    stretches: &mut Stretches,
    scope: &Scope<'_>,
) -> (Value, Time) {
    let holds = scope.value(of).is_true();
    match stretches.held.back_mut() {
        Some((_, to @ None)) if !holds => *to = Some(scope.now),
        Some((_, None)) => {}
        _ if holds => stretches.held.push_back((scope.now, None)),
        _ => {}
    }
    let bounds = window.bounds(scope);
    stretches.forget(window.is_ever(), &bounds);
    if !bounds.known {
        return (Value::Unknown, bounds.next);
    }
    let inside = |(from, to): &(Time, Option<Time>)| bounds.touches(*from, to.unwrap_or(Time::MAX));
    let doubtful = stretches.lost.is_some_and(|(from, to)| bounds.touches(from, to));
    let value = match stretches.held.iter().rev().any(inside) {
        true => true.into(),
        false if bounds.open || doubtful => Value::Unknown,
        false => false.into(),
    };
    let mut next = bounds.next;
    if let Some(span) = bounds.leaves_after {
        let ends = stretches.held.iter().filter_map(|(_, to)| to.map(|to| to + span));
        next = next.min(ends.filter(|at| *at > scope.now).min().unwrap_or(Time::MAX));
    }
    if let Some(span) = bounds.enters_after {
        let begins = stretches.held.iter().map(|(from, _)| *from + span);
        next = next.min(begins.filter(|at| *at > scope.now).min().unwrap_or(Time::MAX));
    }
    (value, next)
}

/// Whether a condition has held without a break for a duration; unknown breaks it.
pub fn held_for(
    of: Ref,
    length: Span,
    since: &mut Option<Time>,
    scope: &Scope<'_>,
) -> (Value, Time) {
    match scope.value(of) {
        Value::Bool(true) => {
            let full = *since.get_or_insert(scope.now) + length;
            if scope.now >= full { (true.into(), Time::MAX) } else { (false.into(), full) }
        }
        other => {
            *since = None;
            (if other.is_unknown() { Value::Unknown } else { false.into() }, Time::MAX)
        }
    }
}
