//! For each: the same inner graph for every key, and how their answers are brought together.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use firsthand_model::fact::{Row, RowBody};
use firsthand_model::time::Period;
use firsthand_model::{Date, Text, Time};
use serde::{Deserialize, Serialize};

use super::expr::{Expr, Scope};
use super::graph::{Frame, Graph, Instant, Item};
use super::leaf::key_of;
use super::value::{Bound, Linear, Value};
use super::window::Window;
use crate::lang::ast::Quantifier;

/// Most keys of one for-each; the least recently seen goes first.
pub const KEYS_MAX: usize = 10_000;
/// Forgotten keys that are recognised if they come back; of more than that, any might.
const FORGOTTEN_KEYS_MAX: usize = 65_536;

/// An inner graph for every value of a property, or for every member.
#[derive(Clone, Debug)]
pub struct Each {
    /// The property; members if `None`.
    pub property: Option<Expr>,
    /// What is asked of each key.
    pub inner: Graph,
    /// The node of the inner graph that answers.
    pub root: u32,
    /// How the answers are brought together.
    pub over: Quantifier,
}

/// What a for-each remembers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct EachState {
    keys: BTreeMap<Text, KeyState>,
    wakes: BTreeSet<(Time, Text)>,
    recent: BTreeSet<(Time, Text)>,
    /// How many times a key has been forgotten, the prints of those that are recognised, and
    /// whether there have been more than that.
    forgotten: u64,
    prints: BTreeSet<u64>,
    unrecognised: bool,
    /// The answers of all present keys, brought together, as far as they are conditions.
    tally: Tally,
    /// What all answers came to when last one of them changed.
    answer: Option<Value>,
    /// For ranks: names and places as they stood at the newest midnight, and the next one.
    places: Box<[Value]>,
    ranked_until: Time,
}

/// Whether a key counts. What is told of a person who has not joined or done anything yet is kept
/// for when they do; a record about them is nothing they did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Presence {
    Unheard,
    Here,
    Left,
}

impl Presence {
    /// The presence after a fact; it takes a joining to come back after leaving.
    fn after(self, fact: &RowBody) -> Self {
        match (self, fact) {
            (_, RowBody::Membership { joined: true, .. })
            | (Self::Unheard, RowBody::Event { record: false, .. }) => Self::Here,
            (_, RowBody::Membership { joined: false, .. }) => Self::Left,
            (presence, _) => presence,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct KeyState {
    frame: Frame,
    seen: Time,
    presence: Presence,
    /// Whether it may be one that was forgotten, so that what it answers is not all there is.
    doubtful: bool,
}

impl KeyState {
    /// What the key answers, if it counts.
    fn answer(&self, root: u32) -> Option<&Value> {
        let known = if self.doubtful { &Value::Unknown } else { self.frame.value(root) };
        (self.presence == Presence::Here).then_some(known)
    }
}

impl EachState {
    /// Whether keys had to be forgotten.
    pub fn has_forgotten(&self) -> bool {
        self.forgotten > 0
    }

    /// Whether a key that seems to be new may be one that was forgotten.
    fn may_know(&self, key: &Text) -> bool {
        self.unrecognised || !self.prints.is_empty() && self.prints.contains(&print_of(key))
    }

    fn forget(&mut self, key: &Text) {
        self.forgotten += 1;
        let print = print_of(key);
        if self.prints.len() < FORGOTTEN_KEYS_MAX {
            self.prints.insert(print);
        } else {
            self.unrecognised |= !self.prints.contains(&print);
        }
    }
}

/// Eight bytes by which a key is recognised; the same on every machine.
fn print_of(key: &Text) -> u64 {
    let hash = blake3::hash(key.as_bytes());
    let first = hash.as_bytes().first_chunk().expect("a hash has 32 bytes");
    u64::from_le_bytes(*first)
}

impl Each {
    /// Takes in the facts of an instant.
    pub fn update(
        &self,
        state: &mut EachState,
        scope: &Scope<'_>,
        instant: &Instant<'_>,
        outer_changed: bool,
    ) -> (Value, Time) {
        self.take(state, scope, instant, outer_changed);
        let value = match &state.answer {
            Some(answer) => answer.clone(),
            None => match self.over {
                Quantifier::Any | Quantifier::Every | Quantifier::Number => {
                    state.tally.answer(self.over, state.forgotten)
                }
                _ => {
                    let answers = state.keys.values().filter_map(|it| it.answer(self.root));
                    combine(self.over, answers, state.forgotten, instant.now)
                }
            },
        };
        state.answer = Some(value.clone());
        (value, state.wakes.first().map_or(Time::MAX, |(at, _)| *at))
    }

    /// The same, but the answer lists every key's place by its value, the greatest first, as it
    /// stood when the day began.
    pub fn rank(
        &self,
        state: &mut EachState,
        scope: &Scope<'_>,
        instant: &Instant<'_>,
        outer_changed: bool,
    ) -> (Value, Time) {
        if state.ranked_until <= instant.now && !state.keys.is_empty() {
            state.places = self.places(state, instant.now);
        }
        state.ranked_until = scope.calendar.next_midnight(instant.now);
        self.take(state, scope, instant, outer_changed);
        let next = state.wakes.first().map_or(Time::MAX, |(at, _)| *at);
        (Value::List(state.places.clone()), next.min(state.ranked_until))
    }

    fn places(&self, state: &EachState, now: Time) -> Box<[Value]> {
        if state.forgotten > 0 {
            // Whoever was forgotten may stand before anybody.
            return Box::default();
        }
        let values = state
            .keys
            .iter()
            .filter_map(|(key, it)| Some((key, it.answer(self.root)?.number()?.millionths(now)?)));
        let values = values.collect::<Vec<_>>();
        let mut sorted = values.iter().map(|(_, value)| *value).collect::<Vec<_>>();
        sorted.sort_unstable();
        let place = |value: &i128| {
            let not_above = sorted.partition_point(|it| it <= value);
            (sorted.len() - not_above) as u64 + 1
        };
        let pairs = values
            .iter()
            .map(|(key, value)| [Value::Text((*key).clone()), Value::count(place(value))]);
        pairs.flatten().collect()
    }

    fn take(
        &self,
        state: &mut EachState,
        scope: &Scope<'_>,
        instant: &Instant<'_>,
        outer_changed: bool,
    ) {
        let mut by_key: BTreeMap<Text, Vec<Item<'_>>> = BTreeMap::new();
        for item in instant.items {
            if let Some(key) = self.key(item, scope) {
                by_key.entry(key).or_default().push(*item);
            }
        }
        while let Some((at, key)) = state.wakes.first()
            && *at <= instant.now
        {
            let key = key.clone();
            state.wakes.pop_first();
            by_key.entry(key).or_default();
        }
        if outer_changed {
            for key in state.keys.keys() {
                by_key.entry(key.clone()).or_default();
            }
        }
        for (key, items) in by_key {
            self.step_key(state, &key, &items, scope, instant);
        }
    }

    /// The key of a fact, if it concerns one.
    fn key(&self, item: &Item<'_>, scope: &Scope<'_>) -> Option<Text> {
        match &self.property {
            None => item.row.person.clone(),
            Some(property) => {
                let event = matches!(item.row.body, RowBody::Event { .. });
                let wanted = event && self.inner.wants(item);
                let scope = scope.with_event(item.row);
                wanted.then(|| key_of(std::slice::from_ref(property), &scope)).flatten()
            }
        }
    }

    fn step_key(
        &self,
        state: &mut EachState,
        key: &Text,
        items: &[Item<'_>],
        scope: &Scope<'_>,
        instant: &Instant<'_>,
    ) {
        let doubtful = !state.keys.contains_key(key) && state.may_know(key);
        let known = state.keys.entry(key.clone()).or_insert_with(|| KeyState {
            frame: Frame::default(),
            seen: instant.now,
            presence: if self.property.is_some() { Presence::Here } else { Presence::Unheard },
            doubtful,
        });
        let before = known.frame.is_born().then(|| known.answer(self.root).cloned()).flatten();
        for item in items {
            known.presence = known.presence.after(&item.row.body);
        }
        state.wakes.remove(&(known.frame.next(), key.clone()));
        let member = if self.property.is_none() { Some(key.as_str()) } else { instant.member };
        self.inner.step(&mut known.frame, &Instant { items, member, ..*instant }, Some(scope));
        let after = known.answer(self.root);
        if before.as_ref() != after {
            if let Some(before) = &before {
                state.tally.remove(before);
            }
            if let Some(after) = after {
                state.tally.add(after);
            }
            state.answer = None;
        }
        let next = known.frame.next();
        if next < Time::MAX {
            state.wakes.insert((next, key.clone()));
        }
        if !items.is_empty() || known.seen == instant.now {
            state.recent.remove(&(known.seen, key.clone()));
            known.seen = instant.now;
            state.recent.insert((instant.now, key.clone()));
        }
        if state.keys.len() > KEYS_MAX
            && let Some((_, oldest)) = state.recent.pop_first()
            && let Some(gone) = state.keys.remove(&oldest)
        {
            state.forget(&oldest);
            if let Some(answer) = gone.answer(self.root) {
                state.tally.remove(answer);
            }
            state.answer = None;
            state.wakes.remove(&(gone.frame.next(), oldest));
        }
    }

    /// Each key with its frame, for evidence.
    pub fn frames<'a>(&self, state: &'a EachState) -> impl Iterator<Item = (&'a Text, &'a Frame)> {
        state
            .keys
            .iter()
            .filter(|(_, it)| it.presence == Presence::Here)
            .map(|(key, it)| (key, &it.frame))
    }
}

/// How many answers are true, how many are not known, and how many there are.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Tally {
    yes: u64,
    unknown: u64,
    all: u64,
}

impl Tally {
    fn add(&mut self, answer: &Value) {
        self.all += 1;
        self.yes += u64::from(answer.is_true());
        self.unknown += u64::from(answer.is_unknown());
    }

    fn remove(&mut self, answer: &Value) {
        self.all -= 1;
        self.yes -= u64::from(answer.is_true());
        self.unknown -= u64::from(answer.is_unknown());
    }

    /// What conditions come to; forgotten ones may have been either.
    fn answer(self, over: Quantifier, forgotten: u64) -> Value {
        let (unknown, all) = (self.unknown + forgotten, self.all + forgotten);
        let decide = |yes: bool, no: bool| match (yes, no) {
            (true, _) => true.into(),
            (_, true) => false.into(),
            _ => Value::Unknown,
        };
        match over {
            Quantifier::Any => decide(self.yes > 0, unknown == 0),
            // Of nobody nothing is known.
            Quantifier::Every => decide(all > 0 && self.yes == all, self.yes + unknown < all),
            _ => {
                let at = |count| Bound::At(Linear::count(count));
                Value::between(at(self.yes), at(self.yes + unknown))
            }
        }
    }
}

/// Brings answers together. Keys without a known value do not count; forgotten ones make doubtful
/// answers unknown, never wrong.
pub fn combine<'a>(
    over: Quantifier,
    answers: impl Iterator<Item = &'a Value>,
    forgotten: u64,
    now: Time,
) -> Value {
    let want = match over {
        Quantifier::Any | Quantifier::Every | Quantifier::Number => {
            let mut tally = Tally::default();
            answers.for_each(|it| tally.add(it));
            return tally.answer(over, forgotten);
        }
        _ if forgotten > 0 => return Value::Unknown,
        Quantifier::Sum | Quantifier::Avg => {
            let known = answers.filter(|it| !it.is_unknown());
            let start = (0, Value::Number(Linear::ZERO));
            let (count, sum) = known.fold(start, |(count, sum), it| (count + 1, sum.add(it)));
            return if over == Quantifier::Sum { sum } else { sum.div(&Value::count(count)) };
        }
        Quantifier::Min => Ordering::Less,
        Quantifier::Max => Ordering::Greater,
    };
    // What runs with time runs alike for every key, so the extreme stays the extreme.
    let mut flip = Time::MAX;
    let known = answers.filter(|it| !it.is_unknown()).cloned();
    known.reduce(|best, it| best.extreme(&it, want, now, &mut flip)).unwrap_or_default()
}

/// An inner graph for every calendar period, begun anew with each.
#[derive(Clone, Debug)]
pub struct EachPeriod {
    /// Which periods.
    pub unit: Period,
    /// What is asked of each.
    pub inner: Graph,
    /// The node of the inner graph that answers.
    pub root: u32,
    /// How the answers are brought together; `None` counts the newest full periods in a row that
    /// answered true.
    pub over: Option<Quantifier>,
    /// Which periods count.
    pub window: Window,
    /// The subject's start: a period that began before it is short and left out.
    pub start: Expr,
}

/// What a for-each over periods remembers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct EachPeriodState {
    current: Date,
    frame: Frame,
    /// Begin, end and answer of the full periods, oldest first.
    full: VecDeque<(Time, Time, Value)>,
}

impl EachPeriod {
    /// Takes in the facts of an instant.
    pub fn update(
        &self,
        state: &mut EachPeriodState,
        scope: &Scope<'_>,
        instant: &Instant<'_>,
    ) -> (Value, Time) {
        let calendar = scope.calendar;
        let now = scope.now;
        if !state.frame.is_born() {
            state.current = calendar.period_start(self.unit, calendar.date(now));
        }
        let mut end = self.end(state.current, scope);
        // The last period there is never ends.
        while now >= end && end < Time::MAX {
            // As at the period's last instant: what the graph said before this instant.
            let answer = match state.frame.value(self.root) {
                Value::Number(it) if it.runs() => it
                    .millionths(Time(end.0 - 1))
                    .map_or(Value::Unknown, |raw| Value::Number(Linear::raw(raw))),
                other => other.clone(),
            };
            state.full.push_back((calendar.start_of(state.current), end, answer));
            if state.full.len() > KEYS_MAX {
                state.full.pop_front();
            }
            state.frame = Frame::default();
            state.current = calendar.period_add(self.unit, state.current, 1);
            end = self.end(state.current, scope);
        }
        self.inner.step(&mut state.frame, instant, Some(scope));

        let mut next = end.min(state.frame.next());
        let begun = self.start.eval(scope, &mut next).as_time().unwrap_or(now);
        let whole = begun.max(scope.history_from);
        let bounds = self.window.bounds(scope);
        if !bounds.known {
            return (Value::Unknown, next.min(bounds.next));
        }
        // A full period counts if all of it lies inside; the bounds reach one step past now.
        let full = state
            .full
            .iter()
            .filter(|(from, to, _)| *from >= whole && *from >= bounds.from && *to <= bounds.to);
        let Some(over) = self.over else {
            let in_a_row =
                state.full.iter().rev().take_while(|(from, _, it)| *from >= whole && it.is_true());
            return (Value::count(in_a_row.count() as u64), next.min(bounds.next));
        };
        let this = calendar.start_of(state.current);
        let running = (bounds.to > now && this >= bounds.from && this >= whole)
            .then(|| state.frame.value(self.root));
        let value = combine(over, full.map(|(.., it)| it).chain(running), 0, now);
        (value, next.min(bounds.next))
    }

    fn end(&self, start: Date, scope: &Scope<'_>) -> Time {
        scope.calendar.start_of(scope.calendar.period_add(self.unit, start, 1))
    }

    /// The running period's frame, for evidence.
    pub fn frame<'a>(&self, state: &'a EachPeriodState) -> &'a Frame {
        &state.frame
    }
}

/// The people of an account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Members {
    people: BTreeMap<Text, Presence>,
    here: u64,
}

impl Members {
    /// Takes in the facts of an instant; returns how many people there are.
    pub fn update(&mut self, rows: &[&Row]) -> Value {
        for row in rows {
            let Some(person) = &row.person else { continue };
            let presence = self.people.entry(person.clone()).or_insert(Presence::Unheard);
            self.here -= u64::from(*presence == Presence::Here);
            *presence = presence.after(&row.body);
            self.here += u64::from(*presence == Presence::Here);
        }
        Value::count(self.here)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_forgotten_twice_makes_no_other_doubtful() {
        let mut state = EachState::default();
        let (key, other) = (Text::new("a"), Text::new("b"));
        state.forget(&key);
        state.forget(&key);
        assert!(state.may_know(&key));
        assert!(!state.may_know(&other));
    }

    #[test]
    fn of_more_forgotten_keys_than_are_recognised_any_may_come_back() {
        let mut state = EachState::default();
        for index in 0..=FORGOTTEN_KEYS_MAX {
            assert!(!state.may_know(&Text::new("another")));
            state.forget(&smol_str::format_smolstr!("{index}"));
        }
        assert!(state.may_know(&Text::new("another")));
    }
}
