//! `seen("A" then "B" then "C" within 3d, W)`: one step after the other, each strictly later.

use std::collections::VecDeque;

use firsthand_model::{Span, Time};
use serde::{Deserialize, Serialize};

use super::expr::{Expr, Scope};
use super::graph::Item;
use super::leaf::Source;
use super::value::Value;
use super::window::{Bounds, Window};

/// Steps in order, first to last within a duration.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// Source and filter of each step.
    pub steps: Vec<(Source, Option<Expr>)>,
    /// First to last; no bound if `None`.
    pub within: Option<Span>,
    /// Both ends must lie inside.
    pub window: Window,
}

/// Most complete chains that are remembered; the oldest is forgotten first, and what hangs on it
/// is unknown.
pub const CHAINS_MAX: usize = 4_096;

/// What a sequence remembers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SequenceState {
    /// For each step but the last, when the latest-begun chain that has reached it began. A chain
    /// begun later is never worse: it is nearer to every end.
    begun: Vec<Option<Time>>,
    /// Complete chains: begin and end, both ascending.
    complete: VecDeque<(Time, Time)>,
    /// Of the chains that were forgotten, the earliest end and the latest begin.
    forgotten: Option<(Time, Time)>,
}

impl SequenceState {
    /// Whether chains had to be forgotten.
    pub fn has_forgotten(&self) -> bool {
        self.forgotten.is_some()
    }

    fn remember(&mut self, begin: Time, end: Time, bounds: &Bounds) {
        self.complete.push_back((begin, end));
        if self.complete.len() <= CHAINS_MAX {
            return;
        }
        // The oldest that is inside stays: where the window stays, it is enough.
        let first =
            self.complete.front().is_some_and(|it| bounds.holds(it.0) && bounds.holds(it.1));
        if let Some((begin, end)) = self.complete.remove(usize::from(first)) {
            self.forgotten = Some((self.forgotten.map_or(end, |(first, _)| first), begin));
        }
    }
}

impl Sequence {
    /// Takes in the events of an instant; returns whether the sequence was seen.
    pub fn update(
        &self,
        state: &mut SequenceState,
        scope: &Scope<'_>,
        items: &[Item<'_>],
    ) -> (Value, Time) {
        let last = self.steps.len() - 1;
        let ever = self.window.is_ever();
        let bounds = self.window.bounds(scope);
        state.begun.resize(last, None);
        // From the last step back, so that a step of this instant never builds on another of it.
        for (step, (source, filter)) in self.steps.iter().enumerate().rev() {
            let mut happened = false;
            source.passing(filter.as_ref(), scope, items, &mut |_, _| happened = true);
            let begun = if step == 0 { Some(scope.now) } else { state.begun[step - 1] };
            let in_time =
                |begun: &Time| self.within.is_none_or(|within| scope.now - *begun <= within);
            let Some(begun) = begun.filter(in_time).filter(|_| happened) else { continue };
            if step < last {
                state.begun[step] = state.begun[step].max(Some(begun));
            } else if ever {
                if state.complete.is_empty() {
                    state.complete.push_back((begun, scope.now));
                }
            } else if !bounds.closed && state.complete.back().is_none_or(|it| it.0 < begun) {
                state.remember(begun, scope.now, &bounds);
            }
        }
        if ever {
            return ((!state.complete.is_empty()).into(), Time::MAX);
        }
        while state.complete.front().is_some_and(|chain| chain.0 < bounds.gone_before) {
            state.complete.pop_front();
        }
        let inside = |chain: &&(Time, Time)| bounds.holds(chain.0) && bounds.holds(chain.1);
        let found = state.complete.iter().rev().find(inside);
        // One that was forgotten may have been inside.
        let missed =
            state.forgotten.is_some_and(|(end, begin)| begin >= bounds.from && bounds.to > end);
        let value = match found {
            _ if !bounds.known => Value::Unknown,
            Some(_) => true.into(),
            None if bounds.open || missed => Value::Unknown,
            None => false.into(),
        };
        let mut next = bounds.next;
        if let (Some(chain), Some(span)) = (found, bounds.leaves_after) {
            next = next.min(chain.0 + span);
        }
        if let Some(span) = bounds.enters_after {
            let ends = state.complete.iter().map(|chain| chain.1);
            let enters = ends.chain(state.forgotten.map(|(end, _)| end)).map(|end| end + span);
            next = next.min(enters.filter(|at| *at > scope.now).min().unwrap_or(Time::MAX));
        }
        if let (Some((_, begin)), Some(span)) = (state.forgotten, bounds.leaves_after)
            && begin + span > scope.now
        {
            next = next.min(begin + span);
        }
        (value, next)
    }
}
