//! Level meters: what has been added and not yet removed.

use std::collections::BTreeSet;

use firsthand_model::{Text, Time};
use serde::{Deserialize, Serialize};

use super::expr::{Expr, Scope};
use super::graph::Item;
use super::leaf::{Source, key_of};
use super::value::{Linear, Value};
use super::window::Window;

/// Adds minus removes, by key or by amount.
#[derive(Clone, Debug)]
pub struct Level {
    /// What adds.
    pub add: (Source, Option<Expr>),
    /// What removes.
    pub remove: Option<(Source, Option<Expr>)>,
    /// What is counted once, however often it is added.
    pub key: Option<Expr>,
    /// How much one event adds or removes, without a key; 1 if `None`.
    pub amount: Option<Expr>,
    /// When it begins anew: the running period, or ever.
    pub window: Window,
}

/// What a level remembers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LevelState {
    keys: BTreeSet<Text>,
    amount: i128,
    from: Time,
}

impl Level {
    /// Takes in the events of an instant; what is removed at the instant it is added is gone.
    pub fn update(
        &self,
        state: &mut LevelState,
        scope: &Scope<'_>,
        items: &[Item<'_>],
    ) -> (Value, Time) {
        let bounds = self.window.bounds(scope);
        if bounds.from > state.from {
            *state = LevelState { from: bounds.from, ..LevelState::default() };
        }
        let sides = [(Some(&self.add), 1), (self.remove.as_ref(), -1)];
        for (side, sign) in sides {
            let Some((source, filter)) = side else { continue };
            source.passing(filter.as_ref(), scope, items, &mut |_, scope| {
                if let Some(key) = &self.key {
                    let Some(key) = key_of(std::slice::from_ref(key), scope) else { return };
                    if sign > 0 {
                        state.keys.insert(key);
                    } else {
                        state.keys.remove(&key);
                    }
                    return;
                }
                let one = Linear::count(1);
                let amount = self
                    .amount
                    .as_ref()
                    .map_or(Some(one), |amount| amount.value_of(scope).number());
                if let Some(amount) = amount.and_then(|it| it.millionths(scope.now)) {
                    state.amount = state.amount.saturating_add(sign * amount);
                }
            });
        }
        let value = match self.key {
            _ if !bounds.known => Value::Unknown,
            Some(_) => Value::count(state.keys.len() as u64),
            None => Value::Number(Linear::raw(state.amount)),
        };
        (value, bounds.next)
    }
}
