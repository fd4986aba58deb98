//! Ladders: the first rung that matches wins; a rung may be kept below the height it is won at.

use firsthand_model::{Text, Time};

use super::expr::{Expr, Scope};
use super::value::Value;

/// Rungs, best first.
#[derive(Clone, Debug)]
pub struct Ladder {
    /// Label, condition, and what keeps it.
    pub rungs: Vec<(Text, Expr, Option<Expr>)>,
}

impl Ladder {
    /// Judges at an instant. `held` is the rung held until now: its own `stay`, and those of the
    /// rungs below it, still count, for who held A also had what B takes.
    pub fn update(&self, held: &mut Option<u32>, scope: &Scope<'_>) -> (Value, Time) {
        let mut flip = Time::MAX;
        let found = self.rungs.iter().enumerate().find(|(index, (_, when, stay))| {
            when.eval(scope, &mut flip).is_true()
                || held.is_some_and(|held| held as usize <= *index)
                    && stay.as_ref().is_some_and(|stay| stay.eval(scope, &mut flip).is_true())
        });
        *held = found.and_then(|(index, _)| u32::try_from(index).ok());
        let value = found.map_or(Value::Unknown, |(_, (label, ..))| Value::Text(label.clone()));
        (value, flip)
    }
}
