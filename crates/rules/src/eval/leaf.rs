//! Leaves: what is measured over events in a window. Each is an instance of one form with four
//! slots: filter, window, group key (the graph it stands in) and stratum (the stream it reads).

use std::collections::{BTreeMap, VecDeque};

use firsthand_model::fact::{Row, RowBody};
use firsthand_model::{Span, Text, Time};
use serde::{Deserialize, Serialize};

use super::expr::{Expr, Ref, Scope};
use super::graph::Item;
use super::value::{Bound, Linear, Value};
use super::window::{Bounds, Moves, Part, Window};

/// Entries of a window that are kept to the microsecond; beyond, to the minute.
pub const EXACT_ENTRIES_MAX: usize = 4_096;

/// Which events.
#[derive(Clone, Debug)]
pub enum Source {
    /// Those whose name fits one of the program's patterns.
    Named(u32),
    /// The instants at which a pulse node fires.
    Pulse(Ref),
}

/// What is measured.
#[derive(Clone, Debug)]
pub enum Measure {
    /// How many.
    Count,
    /// How many different combinations of these; events that lack one do not count.
    Distinct(Box<[Expr]>),
    /// The total of a number.
    Sum(Expr),
    /// The mean of a number.
    Average(Expr),
    /// The least of a number.
    Least(Expr),
    /// The greatest of a number.
    Greatest(Expr),
    /// The newest value.
    Latest(Expr),
    /// The instant of the n-th; over all time.
    Nth(u32),
    /// The instant of the newest; over all time.
    Last,
}

/// A measure over the events of a source that pass a filter, inside a window.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// Which events.
    pub source: Source,
    /// Which of them.
    pub filter: Option<Expr>,
    /// What about them.
    pub measure: Measure,
    /// When.
    pub window: Window,
}

/// What a leaf remembers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LeafState {
    /// Events by time: those that have left (kept only where the window may go back), those
    /// inside, those not yet inside.
    entries: VecDeque<Entry>,
    inside_from: usize,
    inside_to: usize,
    from: Time,
    to: Time,
    total: Total,
    negative: bool,
}

/// One event, or several of one minute and key where there are too many.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    first: Time,
    last: Time,
    count: u64,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum What {
    Nothing,
    Amount(i128),
    Key(Text),
    Value(Value),
}

/// What the entries inside come to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Total {
    count: u64,
    amount: i128,
    overflow: bool,
    keys: BTreeMap<Text, u64>,
    /// Over all time only: the extreme so far, the newest value, the n-th or last instant.
    best: Option<i128>,
    newest: Value,
    moment: Option<Time>,
}

impl Source {
    /// Calls `visit` with each event of this instant, pulses as rows without properties.
    pub fn each(&self, scope: &Scope<'_>, items: &[Item<'_>], visit: &mut dyn FnMut(&Row)) {
        match self {
            Self::Named(pattern) => {
                for item in items.iter().filter(|item| item.matches(*pattern)) {
                    visit(item.row);
                }
            }
            Self::Pulse(node) => {
                if scope.value(*node).is_true() {
                    visit(&Row {
                        time: scope.now,
                        known_at: None,
                        id: Text::default(),
                        source: Text::default(),
                        person: None,
                        copy: false,
                        body: RowBody::Event {
                            name: Text::default(),
                            record: false,
                            values: Box::default(),
                        },
                    });
                }
            }
        }
    }

    /// The events of this instant that also pass a filter.
    pub fn passing(
        &self,
        filter: Option<&Expr>,
        scope: &Scope<'_>,
        items: &[Item<'_>],
        visit: &mut dyn FnMut(&Row, &Scope<'_>),
    ) {
        self.each(scope, items, &mut |row| {
            let scope = scope.with_event(row);
            if filter.is_none_or(|it| it.value_of(&scope).is_true()) {
                visit(row, &scope);
            }
        });
    }
}

/// A key as text: without case, parts kept apart.
pub fn key_of(parts: &[Expr], scope: &Scope<'_>) -> Option<Text> {
    let mut key = String::new();
    for part in parts {
        match part.value_of(scope) {
            Value::Unknown => return None,
            Value::Text(text) => key.extend(text.chars().flat_map(char::to_lowercase)),
            other => key.push_str(&format!("{other:?}")),
        }
        if parts.len() > 1 {
            key.push('\u{1f}');
        }
    }
    Some(key.into())
}

impl Measure {
    /// Calls `visit` with the expressions evaluated for each event.
    pub fn exprs<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        match self {
            Self::Count | Self::Nth(_) | Self::Last => {}
            Self::Distinct(parts) => parts.iter().for_each(visit),
            Self::Sum(of)
            | Self::Average(of)
            | Self::Least(of)
            | Self::Greatest(of)
            | Self::Latest(of) => visit(of),
        }
    }
}

impl Leaf {
    /// Takes in the events of an instant; returns what the leaf says from then on, and until when
    /// if nothing else happens.
    pub fn update(
        &self,
        state: &mut LeafState,
        scope: &Scope<'_>,
        items: &[Item<'_>],
    ) -> (Value, Time) {
        let ever = self.window.is_ever();
        let bounds = self.window.bounds(scope);
        let closed = !ever && self.is_over(&bounds, scope.now);
        self.source.passing(self.filter.as_ref(), scope, items, &mut |row, scope| {
            let Some(what) = self.measured(scope) else { return };
            state.negative |= matches!(what, What::Amount(it) if it < 0);
            let entry = Entry { first: row.time, last: row.time, count: 1, what };
            if ever {
                self.add_for_ever(&mut state.total, &entry);
            } else if !closed {
                state.push(entry);
            }
        });
        if ever {
            return (self.value_for_ever(&state.total), Time::MAX);
        }
        state.follow(&bounds, self.window.only_forward());
        let value = if bounds.known { self.value(state, &bounds) } else { Value::Unknown };
        (value, state.next(&bounds, scope.now))
    }

    /// Whether no further event can ever come inside.
    fn is_over(&self, bounds: &Bounds, now: Time) -> bool {
        bounds.known
            && now >= bounds.to
            && self.window.parts.iter().any(|part| {
                matches!(part, Part::Moment { at: _, to: Some(_), moves: Moves::Never, .. })
            })
            && !self.window.parts.iter().any(|part| matches!(part, Part::Moment { moves, to: Some(_), .. } if *moves != Moves::Never))
    }

    /// What one event adds; `None` where it lacks what is measured.
    fn measured(&self, scope: &Scope<'_>) -> Option<What> {
        let number = |of: &Expr| {
            let value = of.value_of(scope).number()?;
            value.millionths(scope.now).map(What::Amount)
        };
        match &self.measure {
            Measure::Count | Measure::Nth(_) | Measure::Last => Some(What::Nothing),
            Measure::Distinct(parts) => key_of(parts, scope).map(What::Key),
            Measure::Sum(of)
            | Measure::Average(of)
            | Measure::Least(of)
            | Measure::Greatest(of) => number(of),
            Measure::Latest(of) => match of.value_of(scope) {
                Value::Unknown => None,
                known => Some(What::Value(known)),
            },
        }
    }

    fn add_for_ever(&self, total: &mut Total, entry: &Entry) {
        match (&self.measure, &entry.what) {
            (Measure::Nth(n), _) => {
                total.count += 1;
                if total.count == u64::from(*n) {
                    total.moment = Some(entry.first);
                }
            }
            (Measure::Last, _) => total.moment = Some(entry.last),
            (Measure::Least(_), What::Amount(it)) => {
                total.best = Some(total.best.map_or(*it, |best| best.min(*it)));
            }
            (Measure::Greatest(_), What::Amount(it)) => {
                total.best = Some(total.best.map_or(*it, |best| best.max(*it)));
            }
            (_, What::Value(it)) => total.newest = it.clone(),
            _ => total.add(entry),
        }
    }

    fn value_for_ever(&self, total: &Total) -> Value {
        match &self.measure {
            Measure::Count => Value::count(total.count),
            Measure::Distinct(_) => Value::count(total.keys.len() as u64),
            Measure::Sum(_) => total.sum(),
            Measure::Average(_) => total.mean(),
            Measure::Least(_) | Measure::Greatest(_) => {
                total.best.map_or(Value::Unknown, |it| Value::Number(Linear::raw(it)))
            }
            Measure::Latest(_) => total.newest.clone(),
            Measure::Nth(_) | Measure::Last => total.moment.map_or(Value::Unknown, Value::time),
        }
    }

    fn value(&self, state: &LeafState, bounds: &Bounds) -> Value {
        let total = &state.total;
        let inside = || state.entries.range(state.inside_from..state.inside_to);
        let extreme = |pick: fn(i128, i128) -> i128| {
            inside().filter_map(|entry| entry.what.amount()).reduce(pick)
        };
        let (doubtful_count, doubtful_amount) = state.doubt(bounds);
        match &self.measure {
            Measure::Count => {
                let sure = Bound::At(Linear::count(total.count - doubtful_count));
                let most = if bounds.open {
                    Bound::Highest
                } else {
                    Bound::At(Linear::count(total.count))
                };
                Value::between(sure, most)
            }
            Measure::Distinct(_) => {
                let count = Linear::count(total.keys.len() as u64);
                let most = if bounds.open { Bound::Highest } else { Bound::At(count) };
                Value::between(Bound::At(count), most)
            }
            Measure::Sum(_) if state.negative && (bounds.open || doubtful_count > 0) => {
                Value::Unknown
            }
            Measure::Sum(_) => match total.sum() {
                Value::Number(sum) => {
                    let least =
                        Value::Number(sum).sub(&Value::Number(Linear::raw(doubtful_amount)));
                    let least = least.number().map_or(Bound::Lowest, Bound::At);
                    // As long as nothing negative has come, a running sum only grows.
                    Value::between(least, if bounds.open { Bound::Highest } else { Bound::At(sum) })
                }
                other => other,
            },
            Measure::Average(_) if bounds.open || doubtful_count > 0 => Value::Unknown,
            Measure::Average(_) => total.mean(),
            Measure::Least(_) | Measure::Greatest(_) => {
                let least = matches!(self.measure, Measure::Least(_));
                let best = extreme(if least { i128::min } else { i128::max }).map(Linear::raw);
                match (best, bounds.open) {
                    (best, true) if least => {
                        Value::between(Bound::Lowest, best.map_or(Bound::Highest, Bound::At))
                    }
                    (best, true) => {
                        Value::between(best.map_or(Bound::Lowest, Bound::At), Bound::Highest)
                    }
                    (Some(best), false) => Value::Number(best),
                    (None, false) => Value::Unknown,
                }
            }
            Measure::Latest(_) if bounds.open => Value::Unknown,
            Measure::Latest(_) => match inside().next_back().map(|entry| &entry.what) {
                Some(What::Value(it)) => it.clone(),
                _ => Value::Unknown,
            },
            Measure::Nth(n) => match inside().nth(*n as usize - 1) {
                Some(entry) => Value::time(entry.first),
                None => Value::Unknown,
            },
            Measure::Last => inside().next_back().map_or(Value::Unknown, |it| Value::time(it.last)),
        }
    }
}

impl What {
    fn amount(&self) -> Option<i128> {
        match self {
            Self::Amount(it) => Some(*it),
            _ => None,
        }
    }
}

impl Total {
    fn add(&mut self, entry: &Entry) {
        self.count += entry.count;
        match &entry.what {
            What::Amount(it) => match self.amount.checked_add(*it) {
                Some(sum) => self.amount = sum,
                None => self.overflow = true,
            },
            What::Key(key) => *self.keys.entry(key.clone()).or_default() += 1,
            What::Nothing | What::Value(_) => {}
        }
    }

    fn remove(&mut self, entry: &Entry) {
        self.count -= entry.count;
        match &entry.what {
            What::Amount(it) => self.amount -= it,
            What::Key(key) => {
                if let Some(count) = self.keys.get_mut(key) {
                    *count -= 1;
                    if *count == 0 {
                        self.keys.remove(key);
                    }
                }
            }
            What::Nothing | What::Value(_) => {}
        }
    }

    fn sum(&self) -> Value {
        if self.overflow { Value::Unknown } else { Value::Number(Linear::raw(self.amount)) }
    }

    fn mean(&self) -> Value {
        match Linear::ratio(self.amount, i128::from(self.count)) {
            Some(mean) if !self.overflow => Value::Number(mean),
            _ => Value::Unknown,
        }
    }
}

impl LeafState {
    fn push(&mut self, entry: Entry) {
        let minute = |at: Time| at.0.div_euclid(Span::MINUTE.0);
        if self.entries.len() >= EXACT_ENTRIES_MAX {
            let same = |old: &&mut Entry| match (&old.what, &entry.what) {
                (What::Key(old), What::Key(new)) => old == new,
                (What::Value(_), _) => false,
                _ => true,
            };
            let pending = self.entries.len().saturating_sub(self.inside_to.max(1));
            let recent = self.entries.iter_mut().rev().take(pending.max(1));
            let mut of_the_minute =
                recent.take_while(|old| minute(old.first) == minute(entry.first));
            // Only what is not yet inside may grow, or the total would have to follow.
            if let Some(old) = of_the_minute.find(same)
                && pending > 0
            {
                old.last = entry.last;
                old.count += entry.count;
                if let (What::Amount(a), What::Amount(b)) = (&mut old.what, &entry.what) {
                    *a = a.saturating_add(*b);
                }
                return;
            }
        }
        self.entries.push_back(entry);
    }

    /// Lets entries in and out as the bounds have moved.
    fn follow(&mut self, bounds: &Bounds, forward: bool) {
        if !bounds.known {
            return;
        }
        if bounds.from < self.from || bounds.to < self.to {
            self.total = Total::default();
            self.inside_from = self.entries.partition_point(|entry| entry.last < bounds.from);
            self.inside_to = self.inside_from;
        }
        (self.from, self.to) = (bounds.from, bounds.to);
        while self.entries.get(self.inside_to).is_some_and(|entry| entry.first < bounds.to) {
            self.total.add(&self.entries[self.inside_to]);
            self.inside_to += 1;
        }
        while self.inside_from < self.inside_to && self.entries[self.inside_from].last < bounds.from
        {
            self.total.remove(&self.entries[self.inside_from]);
            self.inside_from += 1;
        }
        if forward {
            self.entries.drain(..self.inside_from);
            self.inside_to -= self.inside_from;
            self.inside_from = 0;
        }
    }

    /// How much of the count and the amount may lie just outside, in entries kept to the minute.
    fn doubt(&self, bounds: &Bounds) -> (u64, i128) {
        let Some(entry) = self.entries.get(self.inside_from) else { return (0, 0) };
        if self.inside_from < self.inside_to && entry.first < bounds.from {
            (entry.count - 1, entry.what.amount().unwrap_or(0))
        } else {
            (0, 0)
        }
    }

    fn next(&self, bounds: &Bounds, now: Time) -> Time {
        let mut next = bounds.next;
        let oldest =
            self.entries.get(self.inside_from).filter(|_| self.inside_from < self.inside_to);
        if let (Some(oldest), Some(span)) = (oldest, bounds.leaves_after) {
            let leaves = oldest.first + span;
            next = next.min(if leaves > now { leaves } else { oldest.last + span });
        }
        if let (Some(pending), Some(span)) = (self.entries.get(self.inside_to), bounds.enters_after)
        {
            next = next.min(pending.first + span);
        }
        next
    }
}
