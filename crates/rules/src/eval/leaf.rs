//! Leaves: what is measured over events in a window. Each is an instance of one form with four
//! slots: filter, window, group key (the graph it stands in) and stratum (the stream it reads).

use std::sync::Arc;

use firsthand_model::fact::{Row, RowBody};
use firsthand_model::{Calendar, Decimal, Text, Time};
use smol_str::format_smolstr;

use super::entries::{Entry, LeafState, Millionths, Total, What};
use super::expr::{Expr, Ref, Scope};
use super::graph::Item;
use super::value::{Bound, Linear, Value};
use super::window::{Bounds, Window};
use crate::lang::ast::Field;

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
                    let (name, values) = (Text::default(), Arc::default());
                    let body = RowBody::Event { name, record: false, values };
                    visit(&Row::bare(scope.now, body));
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
            // Ids are opaque: `aB3` and `Ab3` are two people.
            Value::Text(id) if matches!(part, Expr::Field(Field::Person)) => key.push_str(&id),
            Value::Text(text) => key.extend(text.chars().flat_map(char::to_lowercase)),
            // An id is the same whether it came as a number or as a text.
            other => match other.number().and_then(|it| it.millionths(scope.now)) {
                Some(raw) => key.push_str(&Decimal::from_raw(raw).to_string()),
                None => key.push_str(&format_smolstr!("{other:?}")),
            },
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
        let bounds = self.window.bounds(scope);
        self.source.passing(self.filter.as_ref(), scope, items, &mut |row, scope| {
            if let Some(what) = self.measured(scope) {
                self.take(state, Entry::of(row.time, what), &bounds);
            }
        });
        self.says(state, &bounds, scope.now)
    }

    /// Tells each value over a whole life, from the events alone that it measures, in order of
    /// time. What its window hangs on is told by `moments`: each change of the nodes that it reads,
    /// numbered from 0 to before `slots`.
    pub(crate) fn over(
        &self,
        entries: impl Iterator<Item = Entry>,
        (slots, moments): (usize, &[(Time, u32, Value)]),
        (birth, until): (Time, Time),
        calendar: &Calendar,
        tell: &mut dyn FnMut(Time, Value),
    ) {
        let mut state = LeafState::default();
        let mut entries = entries.peekable();
        let mut moments = moments.iter().peekable();
        let mut values = vec![Value::Unknown; slots];
        let mut now = birth;
        while now <= until && now < Time::MAX {
            while let Some((_, slot, value)) = moments.next_if(|(at, ..)| *at <= now) {
                values[*slot as usize] = value.clone();
            }
            let scope = Scope { values: &values, ..Scope::bare(now, calendar) };
            let bounds = self.window.bounds(&scope);
            while let Some(entry) = entries.next_if(|it| it.first <= now) {
                self.take(&mut state, entry, &bounds);
            }
            let (value, next) = self.says(&mut state, &bounds, now);
            tell(now, value);
            if moments.peek().is_none() && self.window.is_over(&bounds, now) {
                break;
            }
            let comes = entries.peek().map(|it| it.first).into_iter();
            let moves = moments.peek().map(|(at, ..)| *at);
            now = comes.chain(moves).fold(next, Time::min);
        }
    }

    fn take(&self, state: &mut LeafState, entry: Entry, bounds: &Bounds) {
        state.negative |= matches!(entry.what(), What::Amount(it) if it.number() < 0);
        if self.window.is_ever() {
            self.add_for_ever(&mut state.total, &entry);
        } else if !bounds.closed {
            state.push(entry, &self.measure);
        }
    }

    /// What the leaf says, and until when if nothing else happens.
    fn says(&self, state: &mut LeafState, bounds: &Bounds, now: Time) -> (Value, Time) {
        if self.window.is_ever() {
            return (self.value_for_ever(&state.total), Time::MAX);
        }
        state.follow(bounds);
        let value = if bounds.known { self.value(state, bounds) } else { Value::Unknown };
        (value, state.next(bounds, now))
    }

    /// What one event adds; `None` where it lacks what is measured.
    fn measured(&self, scope: &Scope<'_>) -> Option<What> {
        let number = |of: &Expr| {
            let value = of.value_of(scope).number()?;
            value.millionths(scope.now)
        };
        match &self.measure {
            Measure::Count | Measure::Nth(_) | Measure::Last => Some(What::Nothing),
            Measure::Distinct(parts) => key_of(parts, scope).map(What::Key),
            Measure::Sum(of) | Measure::Average(of) => {
                number(of).map(|it| What::Amount(Millionths::new(it)))
            }
            Measure::Least(of) | Measure::Greatest(of) => {
                number(of).map(|it| What::Extreme(Millionths::new(it)))
            }
            Measure::Latest(of) => match of.value_of(scope) {
                Value::Unknown => None,
                known => Some(What::Value(Box::new(known))),
            },
        }
    }

    fn add_for_ever(&self, total: &mut Total, entry: &Entry) {
        match (&self.measure, entry.what()) {
            (Measure::Nth(n), _) => {
                total.count += 1;
                if total.count == u64::from(*n) {
                    total.ever().moment = Some(entry.first);
                }
            }
            (Measure::Last, _) => total.ever().moment = Some(entry.last()),
            (Measure::Least(_), What::Extreme(it)) => {
                let (ever, it) = (total.ever(), it.number());
                ever.best = Some(ever.best.map_or(it, |best| best.min(it)));
            }
            (Measure::Greatest(_), What::Extreme(it)) => {
                let (ever, it) = (total.ever(), it.number());
                ever.best = Some(ever.best.map_or(it, |best| best.max(it)));
            }
            (_, What::Value(it)) => total.ever().newest = Value::clone(it),
            _ => total.add(entry),
        }
    }

    fn value_for_ever(&self, total: &Total) -> Value {
        let ever = total.ever.as_deref();
        match &self.measure {
            Measure::Count => Value::count(total.count),
            Measure::Distinct(_) => Value::count(total.keys.len() as u64),
            Measure::Sum(_) => {
                total.sum().map_or(Value::Unknown, |it| Value::Number(Linear::raw(it)))
            }
            Measure::Average(_) => total.mean(),
            Measure::Least(_) | Measure::Greatest(_) => {
                let best = ever.and_then(|it| it.best);
                best.map_or(Value::Unknown, |it| Value::Number(Linear::raw(it)))
            }
            Measure::Latest(_) => ever.map_or(Value::Unknown, |it| it.newest.clone()),
            Measure::Nth(_) | Measure::Last => {
                ever.and_then(|it| it.moment).map_or(Value::Unknown, Value::time)
            }
        }
    }

    fn value(&self, state: &LeafState, bounds: &Bounds) -> Value {
        let total = &state.total;
        let inside = || state.entries.range(state.inside_from..state.inside_to);
        let doubt = state.doubt(bounds);
        // From what is surely inside to all that may be, and to what may still come.
        let between = |sure, most| {
            Value::between(
                Bound::At(sure),
                if bounds.open { Bound::Highest } else { Bound::At(most) },
            )
        };
        match &self.measure {
            Measure::Count => {
                between(Linear::count(total.count - doubt.count), Linear::count(total.count))
            }
            Measure::Distinct(_) => {
                let all = total.keys.len() as u64;
                let sure = all.saturating_sub(doubt.entries);
                between(Linear::count(sure), Linear::count(all))
            }
            Measure::Sum(_) if state.negative && (bounds.open || doubt.entries > 0) => {
                Value::Unknown
            }
            // As long as nothing negative has come, a running sum only grows.
            Measure::Sum(_) => match total.sum() {
                Some(sum) => {
                    between(Linear::raw(sum.saturating_sub(doubt.amount)), Linear::raw(sum))
                }
                None => Value::Unknown,
            },
            Measure::Average(_) if bounds.open || doubt.entries > 0 => Value::Unknown,
            Measure::Average(_) => total.mean(),
            Measure::Least(_) | Measure::Greatest(_) => {
                let least = matches!(self.measure, Measure::Least(_));
                let best = |sure: bool| {
                    let them = inside().filter(|it| !sure || !doubt.concerns(it, bounds));
                    let them = them.filter_map(|it| it.what().extreme());
                    if least { them.min() } else { them.max() }.map(Linear::raw)
                };
                let all = best(false);
                let sure = if doubt.entries == 0 { all } else { best(true) };
                match (all, sure) {
                    // Later events can only go beyond what there is.
                    (_, sure) if bounds.open && least => {
                        Value::between(Bound::Lowest, sure.map_or(Bound::Highest, Bound::At))
                    }
                    (_, sure) if bounds.open => {
                        Value::between(sure.map_or(Bound::Lowest, Bound::At), Bound::Highest)
                    }
                    (Some(all), Some(sure)) if least => {
                        Value::between(Bound::At(all), Bound::At(sure))
                    }
                    (Some(all), Some(sure)) => Value::between(Bound::At(sure), Bound::At(all)),
                    _ => Value::Unknown,
                }
            }
            Measure::Latest(_) if bounds.open => Value::Unknown,
            Measure::Latest(_) => match inside().next_back().map(Entry::what) {
                Some(What::Value(it)) => Value::clone(it),
                _ => Value::Unknown,
            },
            Measure::Nth(n) => match inside().nth(*n as usize - 1) {
                Some(entry) => Value::time(entry.first),
                None => Value::Unknown,
            },
            Measure::Last => {
                inside().next_back().map_or(Value::Unknown, |it| Value::time(it.last()))
            }
        }
    }
}
