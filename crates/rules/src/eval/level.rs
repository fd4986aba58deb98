//! Level meters: what has been added and not yet removed.

use std::collections::{BTreeSet, VecDeque};

use firsthand_model::{Span, Text, Time};
use serde::{Deserialize, Serialize};

use super::expr::{Expr, Scope};
use super::graph::Item;
use super::leaf::{Source, key_of};
use super::value::{Linear, Value};
use super::window::Window;

/// How long what was added and removed is remembered one by one, by a level that begins anew: the
/// longest period and as much again, so that an anchor told late finds what it needs.
const REMEMBERED: Span = Span(62 * Span::DAY.0);

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
    /// Whether the amount is more than can be counted, so that it is not known.
    overflow: bool,
    /// The begin of the period that is counted.
    from: Option<Time>,
    /// For a level that begins anew, the latest acts.
    acts: VecDeque<(Time, Act)>,
}

/// One event's doing.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Act {
    Put(Text),
    Take(Text),
    Change(i128),
}

impl LevelState {
    fn act(&mut self, act: Act) {
        match act {
            Act::Put(key) => {
                self.keys.insert(key);
            }
            Act::Take(key) => {
                self.keys.remove(&key);
            }
            Act::Change(amount) => match self.amount.checked_add(amount) {
                Some(sum) => self.amount = sum,
                None => self.overflow = true,
            },
        }
    }

    /// Counts anew from the begin of a period.
    fn begin(&mut self, from: Time) {
        self.keys.clear();
        (self.amount, self.overflow) = (0, false);
        self.from = Some(from);
        for (_, act) in self.acts.clone().into_iter().filter(|(at, _)| *at >= from) {
            self.act(act);
        }
    }
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
        let ever = self.window.is_ever();
        while state.acts.front().is_some_and(|(at, _)| *at < scope.now - REMEMBERED) {
            state.acts.pop_front();
        }
        if !ever && bounds.known && state.from != Some(bounds.from) {
            state.begin(bounds.from);
        }
        let sides = [(Some(&self.add), 1), (self.remove.as_ref(), -1)];
        for (side, sign) in sides {
            let Some((source, filter)) = side else { continue };
            source.passing(filter.as_ref(), scope, items, &mut |_, scope| {
                let Some(act) = self.act(sign, scope) else { return };
                if !ever {
                    state.acts.push_back((scope.now, act.clone()));
                }
                state.act(act);
            });
        }
        let value = match self.key {
            _ if !bounds.known => Value::Unknown,
            Some(_) => Value::count(state.keys.len() as u64),
            None if state.overflow => Value::Unknown,
            None => Value::Number(Linear::raw(state.amount)),
        };
        (value, bounds.next)
    }

    /// What one event does; `None` where it lacks the key or the amount.
    fn act(&self, sign: i128, scope: &Scope<'_>) -> Option<Act> {
        if let Some(key) = &self.key {
            let key = key_of(std::slice::from_ref(key), scope)?;
            return Some(if sign > 0 { Act::Put(key) } else { Act::Take(key) });
        }
        let amount = match &self.amount {
            Some(amount) => amount.value_of(scope).number()?.millionths(scope.now)?,
            None => firsthand_model::Decimal::SCALE,
        };
        Some(Act::Change(amount.checked_mul(sign)?))
    }
}
