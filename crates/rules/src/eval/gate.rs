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
        let wait =
            |since: &mut Option<Time>, length: Span| *since.get_or_insert(scope.now) + length;
        *state = match *state {
            GateState::Out(mut since) if when && !shut => {
                let full = wait(&mut since, self.holds_for);
                if scope.now >= full {
                    GateState::In(None)
                } else {
                    flip = flip.min(full);
                    GateState::Out(since)
                }
            }
            GateState::Out(_) => GateState::Out(None),
            GateState::In(_) if shut => GateState::Out(None),
            GateState::In(_) if kept => GateState::In(None),
            GateState::In(mut since) => {
                let full = wait(&mut since, self.grace);
                if scope.now >= full {
                    GateState::Out(None)
                } else {
                    flip = flip.min(full);
                    GateState::In(since)
                }
            }
        };
        (matches!(state, GateState::In(_)).into(), flip)
    }
}
