//! Kept timelines of measures, and the nodes that read them.
//!
//! What a measure over events comes to depends on the events alone, not on what it is compared
//! with. So it can be worked out once, for a whole life, and kept ([`Series`]). A graph over kept
//! series needs no events: a [`Crossing`] asks to be woken at exactly the instants at which its
//! comparison turns, as a window asks for the instant at which an event falls out.

use firsthand_model::Time;
use serde::{Deserialize, Serialize};

use super::expr::{Expr, Scope};
use super::value::{Linear, Value};
use crate::lang::ast::Comparison;

/// What a measure comes to over a subject's life: from the subject's first instant on, each
/// change with its instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    #[serde(with = "differences")]
    times: Vec<i64>,
    values: Values,
}

/// The values of a series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Values {
    /// Numbers that stand still, in so many millionths each; [`UNKNOWN`] where there is none.
    Numbers(i64, #[serde(with = "differences")] Vec<i64>),
    /// Anything.
    Any(Vec<Value>),
}

/// Stands for an unknown among numbers.
const UNKNOWN: i64 = i64::MIN;
/// A whole number in millionths.
const COUNT: i64 = 1_000_000;

impl Default for Series {
    fn default() -> Self {
        Self { times: Vec::new(), values: Values::Numbers(COUNT, Vec::new()) }
    }
}

impl Series {
    /// Begins anew with whole numbers.
    pub fn begin_counts(&mut self) {
        self.begin_numbers(COUNT);
    }

    /// Begins anew with millionths, or instants.
    pub fn begin_raws(&mut self) {
        self.begin_numbers(1);
    }

    fn begin_numbers(&mut self, of: i64) {
        self.times.clear();
        match &mut self.values {
            Values::Numbers(unit, numbers) => {
                numbers.clear();
                *unit = of;
            }
            Values::Any(_) => self.values = Values::Numbers(of, Vec::new()),
        }
    }

    /// Begins anew with any values.
    pub fn begin_any(&mut self) {
        self.times.clear();
        self.values = Values::Any(Vec::new());
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// Adds the value of a series of numbers from an instant on, later than those before.
    pub fn push(&mut self, at: i64, number: i64) {
        let Values::Numbers(_, numbers) = &mut self.values else {
            unreachable!("only numbers are pushed as such")
        };
        if numbers.last() != Some(&number) {
            self.times.push(at);
            numbers.push(number);
        }
    }

    /// Adds that a series of numbers is unknown from an instant on.
    pub fn push_unknown(&mut self, at: i64) {
        self.push(at, UNKNOWN);
    }

    /// Adds the value of a series of any values from an instant on, later than those before.
    pub fn push_value(&mut self, at: i64, value: Value) {
        let Values::Any(values) = &mut self.values else {
            unreachable!("only a series of any values takes any value")
        };
        if values.last() != Some(&value) {
            self.times.push(at);
            values.push(value);
        }
    }

    /// Whether a comparison with something that stands still is true at any time.
    pub(crate) fn ever(&self, op: Comparison, threshold: &Value) -> bool {
        let ask =
            |value: &Value| value.compare(op, threshold, Time(0), &mut Time::MAX.clone()).is_true();
        match (&self.values, Turns::of(op, self, threshold)) {
            (Values::Numbers(_, of), Turns::Within(range)) => {
                of.iter().any(|it| *it != UNKNOWN && range.contains(*it))
            }
            (Values::Numbers(_, of), Turns::Never) => {
                let known = of.iter().position(|it| *it != UNKNOWN);
                known.is_some_and(|it| ask(&self.value(it)))
            }
            _ => (0..self.len()).any(|it| ask(&self.value(it))),
        }
    }

    /// Tells each answer of a comparison with something that stands still, and from when on, for
    /// the instants from `from` to before `to`; `None` where it is unknown.
    pub(crate) fn answers(
        &self,
        op: Comparison,
        threshold: &Value,
        (from, to): (i64, i64),
        mut tell: impl FnMut(i64, Option<bool>),
    ) {
        let first = self.times.partition_point(|at| *at <= from).saturating_sub(1);
        let last =
            if to == i64::MAX { self.len() } else { self.times.partition_point(|at| *at < to) };
        let ask = |index| {
            let value = self.value(index);
            match value.compare(op, threshold, Time(from), &mut Time::MAX.clone()) {
                Value::Bool(it) => Some(it),
                _ => None,
            }
        };
        let turns = Turns::of(op, self, threshold);
        let mut told = None;
        let mut said = |at: i64, answer| {
            if told != Some(answer) {
                tell(at.max(from), answer);
                told = Some(answer);
            }
        };
        let times = self.times[first..last].iter().copied();
        match (&self.values, turns) {
            (Values::Numbers(_, of), Turns::Within(range)) => {
                for (at, number) in times.zip(&of[first..last]) {
                    said(at, (*number != UNKNOWN).then(|| range.contains(*number)));
                }
            }
            (Values::Numbers(_, of), Turns::Never) => {
                // What is known all answers alike.
                let mut known = None;
                for (index, at) in (first..).zip(times) {
                    let answer = if of[index] == UNKNOWN {
                        ask(index)
                    } else {
                        *known.get_or_insert_with(|| ask(index))
                    };
                    said(at, answer);
                }
            }
            _ => (first..).zip(times).for_each(|(index, at)| said(at, ask(index))),
        }
    }

    fn value(&self, index: usize) -> Value {
        match &self.values {
            Values::Numbers(_, of) if of[index] == UNKNOWN => Value::Unknown,
            Values::Numbers(unit, of) => {
                Value::Number(Linear::raw(i128::from(of[index]) * i128::from(*unit)))
            }
            Values::Any(of) => of[index].clone(),
        }
    }

    fn time(&self, index: usize) -> Time {
        self.times.get(index).map_or(Time::MAX, |it| Time(*it))
    }
}

/// Numbers that grow slowly are written as their differences, which are small.
pub(crate) mod differences {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(numbers: &[i64], to: S) -> Result<S::Ok, S::Error> {
        let before = std::iter::once(&0).chain(numbers);
        to.collect_seq(numbers.iter().zip(before).map(|(it, before)| it.wrapping_sub(*before)))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<i64>, D::Error> {
        let mut numbers = Vec::<i64>::deserialize(from)?;
        let mut last = 0_i64;
        for it in &mut numbers {
            last = last.wrapping_add(*it);
            *it = last;
        }
        Ok(numbers)
    }
}

/// How far a node has come in a series.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Place {
    here: usize,
}

impl Place {
    /// Goes on to the value that stands at an instant.
    fn seek(&mut self, series: &Series, now: Time) {
        if series.time(self.here + 1) <= now {
            let rest = &series.times[self.here + 1..];
            // Mostly it is the very next one.
            let passed = rest.iter().take(8).take_while(|at| **at <= now.0).count();
            self.here += if passed < 8 { passed } else { rest.partition_point(|at| *at <= now.0) };
        }
    }

    /// The value that stands at an instant, and the instant of the next.
    pub(super) fn value(&mut self, series: &Series, now: Time) -> (Value, Time) {
        self.seek(series, now);
        (series.value(self.here), series.time(self.here + 1))
    }
}

/// A comparison of a kept series with something that changes seldom.
#[derive(Clone, Debug)]
pub struct Crossing {
    /// Which series.
    pub series: u32,
    /// How it is compared: the series stands on the left.
    pub op: Comparison,
    /// With what.
    pub threshold: Expr,
}

/// What a crossing remembers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CrossingState {
    place: Place,
    /// What it was last compared with, what that answered, and the value of the series at which it
    /// answers something else.
    threshold: Option<Value>,
    answer: Value,
    turns: usize,
}

impl Crossing {
    /// What the comparison says at the scope's instant, and until when.
    pub(super) fn update(
        &self,
        state: &mut CrossingState,
        scope: &Scope<'_>,
        kept: &[Series],
    ) -> (Value, Time) {
        let mut flip = Time::MAX;
        let threshold = self.threshold.eval(scope, &mut flip);
        let series = &kept[self.series as usize];
        let stands = state.threshold.as_ref() == Some(&threshold);
        if stands && scope.now < series.time(state.turns) {
            return (state.answer.clone(), flip.min(series.time(state.turns)));
        }
        state.place.seek(series, scope.now);
        let here = state.place.here;
        if threshold.runs() {
            let answer = series.value(here).compare(self.op, &threshold, scope.now, &mut flip);
            return (answer, flip.min(series.time(here + 1)));
        }
        (state.answer, state.turns) = self.look_ahead(series, here, &threshold, scope.now);
        state.threshold = Some(threshold);
        (state.answer.clone(), flip.min(series.time(state.turns)))
    }

    /// What a value of the series answers, and the next one that answers something else.
    fn look_ahead(
        &self,
        series: &Series,
        here: usize,
        threshold: &Value,
        now: Time,
    ) -> (Value, usize) {
        let ask = |value: &Value| value.compare(self.op, threshold, now, &mut Time::MAX.clone());
        let answer = ask(&series.value(here));
        let rest = here + 1..series.len();
        let ahead = match (&series.values, Turns::of(self.op, series, threshold)) {
            (Values::Numbers(_, of), Turns::Never) => {
                of[rest].iter().position(|it| (*it == UNKNOWN) != (of[here] == UNKNOWN))
            }
            (Values::Numbers(_, of), Turns::Within(range)) => {
                let now = range.contains(of[here]);
                let unknown = of[here] == UNKNOWN;
                let differs = |it: i64| {
                    if unknown || it == UNKNOWN {
                        (it == UNKNOWN) != unknown
                    } else {
                        range.contains(it) != now
                    }
                };
                of[rest].iter().position(|it| differs(*it))
            }
            _ => rest.clone().position(|index| ask(&series.value(index)) != answer),
        };
        (answer, ahead.map_or(series.len(), |ahead| here + 1 + ahead))
    }
}

/// Where a comparison of known numbers turns.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Turns {
    /// It says the same of every number.
    Never,
    /// At the ends of a range of numbers.
    Within(Range),
    /// Each has to be asked.
    Anywhere,
}

/// The numbers from the first to the last, or all others.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Range {
    from: i64,
    to: i64,
    others: bool,
}

impl Range {
    fn contains(self, number: i64) -> bool {
        (self.from <= number && number <= self.to) != self.others
    }
}

/// The least millionths with which a comparison is true, if it is so with all that is more and with
/// nothing that is less.
pub(crate) fn least_raw(op: Comparison, threshold: &Value) -> Option<i64> {
    let mut millionths = Series::default();
    millionths.begin_raws();
    match Turns::of(op, &millionths, threshold) {
        Turns::Within(Range { from, to: i64::MAX, others: false }) => Some(from),
        _ => None,
    }
}

impl Turns {
    /// Of the numbers of a series held against a threshold, in the unit of the series.
    fn of(op: Comparison, series: &Series, threshold: &Value) -> Self {
        let (Values::Numbers(unit, _), Value::Number(number)) = (&series.values, threshold) else {
            return if matches!(threshold, Value::Between(_)) {
                Self::Anywhere
            } else {
                Self::Never
            };
        };
        let ratio = number.still_ratio();
        let ratio = ratio.and_then(|(num, den)| Some((num, den.checked_mul(i128::from(*unit))?)));
        let Some((num, den)) = ratio else { return Self::Anywhere };
        let (floor, exact) = (num.div_euclid(den), num.rem_euclid(den) == 0);
        let ceiling = if exact { floor } else { floor + 1 };
        let (least, most) = (i128::from(UNKNOWN) + 1, i128::from(i64::MAX));
        let (from, to) = match op {
            Comparison::GreaterOrEqual => (ceiling, most),
            Comparison::Greater => (floor + 1, most),
            Comparison::LessOrEqual => (least, floor),
            Comparison::Less => (least, ceiling - 1),
            Comparison::Equal | Comparison::NotEqual => (ceiling, floor),
        };
        let (from, to) = (from.max(least), to.min(most));
        let whole = |it: i128| i64::try_from(it).ok().filter(|_| from <= to);
        Self::Within(Range {
            from: whole(from).unwrap_or(1),
            to: whole(to).unwrap_or(0),
            others: op == Comparison::NotEqual,
        })
    }
}
