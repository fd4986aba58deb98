//! A definition's own state: entered and left (T4).

use firsthand_model::{Span, Time};
use serde::{Deserialize, Serialize};

use super::expr::{Expr, Scope};
use super::value::Value;

/// When a definition is entered and left.
#[derive(Clone, Debug)]
pub struct Gate {
    /// Enters.
    pub when: Expr,
    /// Keeps, beside `when`.
    pub stay: Option<Expr>,
    /// Shuts out.
    pub unless: Option<Expr>,
    /// How long `when` must hold without a break.
    pub holds_for: Span,
    /// How long nothing must keep it without a break.
    pub grace: Span,
}

/// Where a subject stands with a definition.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum GateState {
    /// Outside; since when `when and not unless` has been true.
    Out(Option<Time>),
    /// Inside; since when nothing has kept it.
    In(Option<Time>),
}

impl Gate {
    /// Judges at an instant; returns whether the definition holds from now on.
    pub fn update(&self, state: &mut GateState, scope: &Scope<'_>) -> (Value, Time) {
        let mut flip = Time::MAX;
        let mut holds = |of: &Expr| of.eval(scope, &mut flip).is_true();
        let when = holds(&self.when);
        let shut = self.unless.as_ref().is_some_and(&mut holds);
        let inside = matches!(state, GateState::In(_));
        let kept = when || (inside && self.stay.as_ref().is_some_and(&mut holds));
        let wake = self.turn(state, scope.now, when, shut, kept);
        flip = flip.min(wake);
        (matches!(state, GateState::In(_)).into(), flip)
    }

    /// Moves on at an instant, by what its conditions say: whether `when` is true, whether it is
    /// `shut` out, and whether `when` or `stay` has it `kept`. Returns the instant at which waiting
    /// ends.
    pub(crate) fn turn(
        &self,
        state: &mut GateState,
        now: Time,
        when: bool,
        shut: bool,
        kept: bool,
    ) -> Time {
        let mut wake = Time::MAX;
        let mut waited = |since: &mut Option<Time>, length: Span| {
            let full = *since.get_or_insert(now) + length;
            if now < full {
                wake = full;
            }
            now >= full
        };
        *state = match *state {
            GateState::Out(mut since) if when && !shut => {
                if waited(&mut since, self.holds_for) {
                    GateState::In(None)
                } else {
                    GateState::Out(since)
                }
            }
            GateState::Out(_) => GateState::Out(None),
            GateState::In(_) if shut => GateState::Out(None),
            GateState::In(_) if kept => GateState::In(None),
            GateState::In(mut since) => {
                if waited(&mut since, self.grace) {
                    GateState::Out(None)
                } else {
                    GateState::In(since)
                }
            }
        };
        wake
    }
}
