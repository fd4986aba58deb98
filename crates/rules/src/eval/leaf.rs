//! Leaves: what is measured over events in a window. Each is an instance of one form with four
//! slots: filter, window, group key (the graph it stands in) and stratum (the stream it reads).

use std::collections::{BTreeMap, VecDeque};

use firsthand_model::fact::{Row, RowBody};
use firsthand_model::{Decimal, Span, Text, Time};
use serde::{Deserialize, Serialize};
use smol_str::format_smolstr;

use super::expr::{Expr, Ref, Scope};
use super::graph::Item;
use super::value::{Bound, Linear, Value};
use super::window::{Bounds, Window};

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
    /// Whether entries have been kept together.
    coarse: bool,
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
    /// Adds up.
    Amount(i128),
    /// The least or greatest counts.
    Extreme(i128),
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
        let ever = self.window.is_ever();
        let bounds = self.window.bounds(scope);
        self.source.passing(self.filter.as_ref(), scope, items, &mut |row, scope| {
            let Some(what) = self.measured(scope) else { return };
            state.negative |= matches!(what, What::Amount(it) if it < 0);
            let entry = Entry { first: row.time, last: row.time, count: 1, what };
            if ever {
                self.add_for_ever(&mut state.total, &entry);
            } else if !bounds.closed {
                state.push(entry, &self.measure);
            }
        });
        if ever {
            return (self.value_for_ever(&state.total), Time::MAX);
        }
        state.follow(&bounds);
        let value = if bounds.known { self.value(state, &bounds) } else { Value::Unknown };
        (value, state.next(&bounds, scope.now))
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
            Measure::Sum(of) | Measure::Average(of) => number(of).map(What::Amount),
            Measure::Least(of) | Measure::Greatest(of) => number(of).map(What::Extreme),
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
            (Measure::Least(_), What::Extreme(it)) => {
                total.best = Some(total.best.map_or(*it, |best| best.min(*it)));
            }
            (Measure::Greatest(_), What::Extreme(it)) => {
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
            Measure::Sum(_) => {
                total.sum().map_or(Value::Unknown, |it| Value::Number(Linear::raw(it)))
            }
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
                Some(sum) => between(Linear::raw(sum - doubt.amount), Linear::raw(sum)),
                None => Value::Unknown,
            },
            Measure::Average(_) if bounds.open || doubt.entries > 0 => Value::Unknown,
            Measure::Average(_) => total.mean(),
            Measure::Least(_) | Measure::Greatest(_) => {
                let least = matches!(self.measure, Measure::Least(_));
                let best = |sure: bool| {
                    let them = inside().filter(|it| !sure || !doubt.concerns(it, bounds));
                    let them = them.filter_map(|it| it.what.extreme());
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
    fn amount(&self) -> i128 {
        match self {
            Self::Amount(it) => *it,
            _ => 0,
        }
    }

    fn extreme(&self) -> Option<i128> {
        match self {
            Self::Extreme(it) => Some(*it),
            _ => None,
        }
    }

    /// Takes in another of the same minute, if the two can be told as one.
    fn absorb(&mut self, other: &Self, measure: &Measure) -> bool {
        match (self, other) {
            (Self::Nothing, Self::Nothing) => true,
            (Self::Key(old), Self::Key(new)) => old == new,
            (Self::Amount(old), Self::Amount(new)) => match old.checked_add(*new) {
                Some(sum) => {
                    *old = sum;
                    true
                }
                None => false,
            },
            (Self::Extreme(old), Self::Extreme(new)) => {
                let least = matches!(measure, Measure::Least(_));
                *old = if least { *(&*old).min(new) } else { *(&*old).max(new) };
                true
            }
            _ => false,
        }
    }
}

impl Total {
    fn add(&mut self, entry: &Entry) {
        self.count += entry.count;
        match &entry.what {
            What::Amount(it) => self.add_amount(*it),
            What::Key(key) => *self.keys.entry(key.clone()).or_default() += 1,
            What::Nothing | What::Extreme(_) | What::Value(_) => {}
        }
    }

    fn add_amount(&mut self, amount: i128) {
        match self.amount.checked_add(amount) {
            Some(sum) => self.amount = sum,
            None => self.overflow = true,
        }
    }

    fn remove(&mut self, entry: &Entry) {
        self.count -= entry.count;
        match &entry.what {
            What::Amount(it) => self.amount = self.amount.saturating_sub(*it),
            What::Key(key) => {
                if let Some(count) = self.keys.get_mut(key) {
                    *count -= 1;
                    if *count == 0 {
                        self.keys.remove(key);
                    }
                }
            }
            What::Nothing | What::Extreme(_) | What::Value(_) => {}
        }
    }

    fn sum(&self) -> Option<i128> {
        (!self.overflow).then_some(self.amount)
    }

    fn mean(&self) -> Value {
        match Linear::ratio(self.amount, i128::from(self.count)) {
            Some(mean) if !self.overflow => Value::Number(mean),
            _ => Value::Unknown,
        }
    }
}

/// The minute of an instant, by which entries are kept together.
fn minute(at: Time) -> i64 {
    at.0.div_euclid(Span::MINUTE.0)
}

/// What of a total may lie just outside the window, in entries kept to the minute.
#[derive(Clone, Copy, Debug, Default)]
struct Doubt {
    entries: u64,
    count: u64,
    amount: i128,
}

impl Doubt {
    /// Whether a part of an entry, or all of it, may be outside.
    fn concerns(self, entry: &Entry, bounds: &Bounds) -> bool {
        self.entries > 0 && (entry.first < bounds.from || entry.last >= bounds.to)
    }
}

impl LeafState {
    /// Keeps an event; where there are too many, together with others of its minute.
    fn push(&mut self, entry: Entry, measure: &Measure) {
        if self.entries.len() >= EXACT_ENTRIES_MAX {
            let recent = self.entries.iter_mut().enumerate().rev();
            let mut recent = recent.take_while(|(_, it)| minute(it.first) == minute(entry.first));
            let same = recent.find_map(|(index, it)| {
                it.what.absorb(&entry.what, measure).then_some((index, it))
            });
            if let Some((index, old)) = same {
                old.last = entry.last;
                old.count += 1;
                self.coarse = true;
                if (self.inside_from..self.inside_to).contains(&index) {
                    self.total.count += 1;
                    self.total.add_amount(entry.what.amount());
                }
                return;
            }
        }
        self.entries.push_back(entry);
    }

    /// Lets entries in and out as the bounds have moved.
    fn follow(&mut self, bounds: &Bounds) {
        if bounds.known {
            if bounds.from < self.from || bounds.to < self.to {
                self.total = Total::default();
                let from = bounds.from - Span::MINUTE;
                self.inside_from = self.entries.partition_point(|entry| entry.first < from);
                self.inside_to = self.inside_from;
            }
            (self.from, self.to) = (bounds.from, bounds.to);
            while self.entries.get(self.inside_to).is_some_and(|it| it.first < bounds.to) {
                self.total.add(&self.entries[self.inside_to]);
                self.inside_to += 1;
            }
            while self.inside_from < self.inside_to
                && self.entries[self.inside_from].last < bounds.from
            {
                self.total.remove(&self.entries[self.inside_from]);
                self.inside_from += 1;
            }
        }
        while let Some(gone) = self.entries.pop_front_if(|it| it.last < bounds.gone_before) {
            if self.inside_from > 0 {
                self.inside_from -= 1;
                self.inside_to -= 1;
            } else if self.inside_to > 0 {
                self.total.remove(&gone);
                self.inside_to -= 1;
            }
        }
    }

    /// The entries inside that began before the window, and those that end after it. An entry
    /// that is kept to the microsecond is never one of them.
    fn at_the_edges(&self, bounds: &Bounds) -> impl Iterator<Item = &Entry> {
        let inside = || self.entries.range(self.inside_from..self.inside_to);
        let (from, to) = (bounds.from, bounds.to);
        let begun = inside().take_while(move |it| it.first < from);
        let end = minute(Time(to.0 - 1));
        let ends = inside().rev().take_while(move |it| self.coarse && minute(it.first) == end);
        begun.chain(ends.filter(move |it| it.first >= from && it.last >= to))
    }

    fn doubt(&self, bounds: &Bounds) -> Doubt {
        let mut doubt = Doubt::default();
        for entry in self.at_the_edges(bounds) {
            doubt.entries += 1;
            doubt.count += entry.count;
            doubt.amount += entry.what.amount();
        }
        doubt
    }

    fn next(&self, bounds: &Bounds, now: Time) -> Time {
        let mut next = bounds.next;
        let mut at = |instant: Time| {
            if instant > now {
                next = next.min(instant);
            }
        };
        if let Some(span) = bounds.leaves_after {
            let inside = self.entries.range(self.inside_from..self.inside_to);
            for entry in inside {
                at(entry.first + span);
                if entry.first + span > now {
                    break;
                }
                at(entry.last + span);
            }
        }
        if let Some(span) = bounds.enters_after {
            self.entries.get(self.inside_to).into_iter().for_each(|it| at(it.first + span));
            self.at_the_edges(bounds).for_each(|it| at(it.last + span));
        }
        next
    }
}
