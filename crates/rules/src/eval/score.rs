//! Scores: points for what happens and for what is, capped, fading and reset.

use std::collections::BTreeMap;

use firsthand_model::config::{Bounds, Fade, FadeCurve};
use firsthand_model::time::Period;
use firsthand_model::{Date, Decimal, Span, Text, Time};
use serde::{Deserialize, Serialize};

use super::expr::{Expr, Ref, Scope};
use super::graph::Item;
use super::leaf::{Source, key_of};
use super::node::source_inputs;
use super::value::{Linear, Value};

/// Points of a subject.
#[derive(Clone, Debug)]
pub struct Score {
    /// Outside it the score is unknown.
    pub when: Option<Expr>,
    /// Bounds of the total.
    pub bounds: Bounds,
    /// Parts with bounds of their own, in the order in which the value lists them.
    pub parts: Vec<(Text, Bounds)>,
    /// What earns.
    pub rules: Vec<Rule>,
    /// The product events, by which an idle day is told.
    pub activity: u32,
}

/// One rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The part it belongs to, by its place in [`Score::parts`].
    pub part: Option<usize>,
    /// What it does.
    pub act: Act,
}

/// What a rule does.
#[derive(Clone, Debug)]
pub enum Act {
    /// Every such event earns.
    Each {
        /// Which events.
        source: Source,
        /// Which of them.
        filter: Option<Expr>,
        /// The condition at the event.
        when: Option<Expr>,
        /// How many points.
        points: Expr,
        /// How often.
        at_most: Option<Often>,
        /// How they wear off.
        fade: Option<Fade>,
    },
    /// Points while a condition holds; always without one.
    While(Option<Expr>, Expr),
    /// Replaces what events have earned so far, in the same part if the rule names one.
    Set {
        /// At which events.
        source: Source,
        /// Which of them.
        filter: Option<Expr>,
        /// The new amount.
        set: Expr,
    },
}

/// How often a rule may earn.
#[derive(Clone, Debug)]
pub enum Often {
    /// So many times in all.
    Ever(u32),
    /// So many times a calendar period.
    Period(u32, Period),
    /// So many times within a sliding duration.
    Span(u32, Span),
    /// So many times for each value of a property.
    Key(u32, Expr),
}

/// What a score remembers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ScoreState {
    rules: Vec<Earned>,
    /// What `set:` has put in the place of what was earned, by part; the last is for no part.
    put: Vec<i128>,
    /// Midnights so far that ended a day without a product event.
    idle_days: i32,
    today: Option<Date>,
    active_today: bool,
}

/// What one rule has earned.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Earned {
    /// Points that never fade.
    lasting: i128,
    /// Points that fade one by one, and how many alike: each is rounded on its own.
    fading: BTreeMap<Award, u64>,
    /// Whether it is more than can be counted, so that it is not known.
    overflow: bool,
    /// Points that lose an amount each span from the whole, times the days of the span.
    pool: i128,
    /// When it last earned, for `at_most`.
    times: Vec<Time>,
    /// How often it earned for each key.
    keys: BTreeMap<Text, u32>,
}

/// Points that fade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Award {
    day: Date,
    /// The idle days by then.
    idle: i32,
    /// In millionths.
    points: i128,
}

const THOUSANDTH: i128 = Decimal::SCALE / 1_000;
/// Most thousandths that a float holds exactly; of more points it cannot be told what is left.
const FADING_MAX: i128 = 1 << 53;

impl Score {
    /// Takes in the events of an instant; the value lists the total and then each part.
    pub fn update(
        &self,
        state: &mut ScoreState,
        scope: &Scope<'_>,
        items: &[Item<'_>],
    ) -> (Value, Time) {
        state.rules.resize_with(self.rules.len(), Earned::default);
        state.put.resize(self.parts.len() + 1, 0);
        self.pass_midnights(state, scope);
        state.active_today |= items.iter().any(|item| item.matches(self.activity));
        // Resets act before awards (T1).
        for rule in &self.rules {
            if let Act::Set { source, filter, set } = &rule.act {
                source.passing(filter.as_ref(), scope, items, &mut |_, scope| {
                    self.put(state, rule.part, set, scope);
                });
            }
        }
        let today = scope.calendar.date(scope.now);
        for (rule, earned) in self.rules.iter().zip(&mut state.rules) {
            if let Act::Each { source, filter, when, points, at_most, fade } = &rule.act {
                source.passing(filter.as_ref(), scope, items, &mut |_, scope| {
                    if when.as_ref().is_some_and(|it| !it.value_of(scope).is_true()) {
                        return;
                    }
                    let points = points.value_of(scope).number();
                    let Some(points) = points.and_then(|it| it.millionths(scope.now)) else {
                        return;
                    };
                    if !earned.may_earn(at_most.as_ref(), scope) {
                        return;
                    }
                    earned.earn(*fade, Award { day: today, idle: state.idle_days, points });
                });
            }
        }
        self.value(state, scope, today)
    }

    /// Every part's points from each rule, before any bounds; what evidence shows.
    pub fn by_rule(&self, state: &ScoreState, scope: &Scope<'_>) -> Vec<Value> {
        let today = scope.calendar.date(scope.now);
        let rules = self.rules.iter().zip(&state.rules);
        rules
            .map(|(rule, earned)| {
                rule.points(earned, state.idle_days, scope, today, &mut Time::MAX.clone())
            })
            .collect()
    }

    /// What `set:` has put in the place of earlier points, in all; `None` on overflow.
    pub fn put_in_all(&self, state: &ScoreState) -> Option<i128> {
        state.put.iter().try_fold(0_i128, |sum, it| sum.checked_add(*it))
    }

    /// What it reads: nodes and patterns of events.
    pub fn inputs(&self, read: &mut impl FnMut(Ref), fits: &mut impl FnMut(u32)) {
        fits(self.activity);
        if let Some(when) = &self.when {
            when.references(read);
        }
        for rule in &self.rules {
            match &rule.act {
                Act::Each { source, filter, when, points, at_most: _, fade: _ } => {
                    source_inputs(source, filter.as_ref(), read, fits);
                    if let Some(when) = when {
                        when.references(read);
                    }
                    points.references(read);
                }
                Act::While(condition, points) => {
                    if let Some(condition) = condition {
                        condition.references(read);
                    }
                    points.references(read);
                }
                Act::Set { source, filter, set } => {
                    source_inputs(source, filter.as_ref(), read, fits);
                    set.references(read);
                }
            }
        }
    }

    fn value(&self, state: &ScoreState, scope: &Scope<'_>, today: Date) -> (Value, Time) {
        let mut flip = Time::MAX;
        let mut parts =
            state.put.iter().map(|it| Value::Number(Linear::raw(*it))).collect::<Vec<_>>();
        let rest = self.parts.len();
        for (rule, earned) in self.rules.iter().zip(&state.rules) {
            let points = rule.points(earned, state.idle_days, scope, today, &mut flip);
            let part = &mut parts[rule.part.unwrap_or(rest)];
            *part = part.add(&points);
        }
        for (part, (_, bounds)) in parts.iter_mut().zip(&self.parts) {
            *part = clamp(part, *bounds, scope.now, &mut flip);
        }
        let total = parts.iter().fold(Value::Number(Linear::ZERO), |sum, part| sum.add(part));
        let total = clamp(&total, self.bounds, scope.now, &mut flip);
        let in_scope = self.when.as_ref().is_none_or(|when| when.eval(scope, &mut flip).is_true());
        if state.fades() {
            flip = flip.min(scope.calendar.next_midnight(scope.now));
        }
        parts.truncate(rest);
        parts.insert(0, total);
        if !in_scope {
            parts.fill(Value::Unknown);
        }
        (Value::List(parts.into()), flip)
    }

    /// Counts the midnights since the last look, and what they take from pools.
    fn pass_midnights(&self, state: &mut ScoreState, scope: &Scope<'_>) {
        let today = scope.calendar.date(scope.now);
        let before = state.today.replace(today).unwrap_or(today);
        let passed = today.0 - before.0;
        if passed <= 0 {
            return;
        }
        let idle = passed - i32::from(state.active_today);
        state.active_today = false;
        state.idle_days += idle;
        for (rule, earned) in self.rules.iter().zip(&mut state.rules) {
            if let Act::Each { fade: Some(fade), .. } = &rule.act
                && let FadeCurve::Amount(amount, _) = fade.curve
            {
                let days = if fade.while_idle { idle } else { passed };
                let lost = amount.raw().saturating_mul(i128::from(days));
                let lost = lost.min(earned.pool.saturating_abs());
                // Both points and penalties wear off towards nothing.
                earned.pool -= lost * earned.pool.signum();
            }
            if let Act::Each { fade: Some(fade), .. } = &rule.act {
                // What has worn off to nothing asks for no more midnights.
                earned.fading.retain(|award, _| {
                    let age = age(*fade, today, award, state.idle_days);
                    faded(award.points, age, fade.curve) != Some(0)
                });
            }
        }
    }

    fn put(&self, state: &mut ScoreState, part: Option<usize>, set: &Expr, scope: &Scope<'_>) {
        let today = scope.calendar.date(scope.now);
        let concerns = |of: Option<usize>| part.is_none() || of == part;
        let place = |of: Option<usize>| of.unwrap_or(self.parts.len());
        let mut present = Value::Number(Linear::ZERO);
        for (rule, earned) in self.rules.iter().zip(&state.rules) {
            if concerns(rule.part) && matches!(rule.act, Act::Each { .. }) {
                let points =
                    rule.points(earned, state.idle_days, scope, today, &mut Time::MAX.clone());
                present = present.add(&points);
            }
        }
        for (index, put) in state.put.iter().enumerate() {
            if part.is_none() || index == place(part) {
                present = present.add(&Value::Number(Linear::raw(*put)));
            }
        }
        let new = set.value_of(&Scope { it: Some(&present), ..*scope }).number();
        let Some(new) = new.and_then(|it| it.millionths(scope.now)) else { return };
        for (rule, earned) in self.rules.iter().zip(&mut state.rules) {
            if concerns(rule.part) && matches!(rule.act, Act::Each { .. }) {
                (earned.lasting, earned.pool, earned.overflow) = (0, 0, false);
                earned.fading.clear();
            }
        }
        if part.is_none() {
            state.put.fill(0);
        }
        state.put[place(part)] = new;
    }
}

impl Rule {
    fn points(
        &self,
        earned: &Earned,
        idle_days: i32,
        scope: &Scope<'_>,
        today: Date,
        flip: &mut Time,
    ) -> Value {
        match &self.act {
            Act::Each { fade, .. } => {
                let sum = earned.sum(*fade, idle_days, today);
                sum.map_or(Value::Unknown, |it| Value::Number(Linear::raw(it)))
            }
            Act::While(condition, points) => {
                let holds = condition.as_ref().is_none_or(|it| it.eval(scope, flip).is_true());
                match holds.then(|| points.eval(scope, flip)) {
                    Some(value) if !value.is_unknown() => value,
                    // What is not known earns nothing; the evidence says so.
                    _ => Value::Number(Linear::ZERO),
                }
            }
            Act::Set { .. } => Value::Number(Linear::ZERO),
        }
    }
}

impl ScoreState {
    /// Whether a midnight may change something.
    fn fades(&self) -> bool {
        self.rules.iter().any(|earned| earned.pool != 0 || !earned.fading.is_empty())
    }
}

impl Earned {
    /// Takes in an award.
    fn earn(&mut self, fade: Option<Fade>, award: Award) {
        let add = |to: &mut i128, points: Option<i128>| {
            let sum = points.and_then(|points| to.checked_add(points));
            sum.map(|sum| *to = sum).is_some()
        };
        let counted = match fade.map(|fade| fade.curve) {
            None => add(&mut self.lasting, Some(award.points)),
            Some(FadeCurve::Amount(_, span)) => {
                add(&mut self.pool, award.points.checked_mul(days_of(span)))
            }
            Some(_) => {
                *self.fading.entry(award).or_default() += 1;
                true
            }
        };
        self.overflow |= !counted;
    }

    /// What is left of all awards; `None` where that cannot be counted.
    fn sum(&self, fade: Option<Fade>, idle_days: i32, today: Date) -> Option<i128> {
        if self.overflow {
            return None;
        }
        let Some(fade) = fade else { return Some(self.lasting) };
        let mut sum = self.lasting;
        if let FadeCurve::Amount(_, span) = fade.curve {
            sum = sum.checked_add(thousandths(self.pool, days_of(span))?)?;
        }
        for (award, alike) in &self.fading {
            let left = faded(award.points, age(fade, today, award, idle_days), fade.curve)?;
            sum = sum.checked_add(left.checked_mul(i128::from(*alike))?)?;
        }
        Some(sum)
    }

    /// Whether the rule may earn once more now; notes that it does.
    fn may_earn(&mut self, often: Option<&Often>, scope: &Scope<'_>) -> bool {
        let Some(often) = often else { return true };
        if let Often::Key(times, property) = often {
            let Some(key) = key_of(std::slice::from_ref(property), scope) else { return false };
            let count = self.keys.entry(key).or_default();
            *count += 1;
            return *count <= *times;
        }
        let (times, from) = match often {
            Often::Ever(times) => (*times, Time::MIN),
            Often::Period(times, period) => {
                let start = scope.calendar.period_start(*period, scope.calendar.date(scope.now));
                (*times, scope.calendar.start_of(start))
            }
            Often::Span(times, span) => (*times, scope.now - *span + Span(1)),
            Often::Key(..) => unreachable!("answered above"),
        };
        self.times.retain(|at| *at >= from);
        let may = self.times.len() < times as usize;
        if may {
            self.times.push(scope.now);
        }
        may
    }
}

fn clamp(value: &Value, bounds: Bounds, now: Time, flip: &mut Time) -> Value {
    let mut value = value.clone();
    if let Some(floor) = bounds.floor {
        value = value.extreme(&Value::decimal(floor), std::cmp::Ordering::Greater, now, flip);
    }
    if let Some(cap) = bounds.cap {
        value = value.extreme(&Value::decimal(cap), std::cmp::Ordering::Less, now, flip);
    }
    value
}

/// By how many days an award has aged: all of them, or the idle ones.
fn age(fade: Fade, today: Date, award: &Award, idle_days: i32) -> i32 {
    if fade.while_idle { idle_days - award.idle } else { today.0 - award.day.0 }
}

/// Whole days of a span, at least one.
fn days_of(span: Span) -> i128 {
    i128::from((span.0 / Span::DAY.0).max(1))
}

/// `num / den` millionths, rounded half away from zero to whole thousandths; `None` on overflow.
fn thousandths(num: i128, den: i128) -> Option<i128> {
    let unit = den.checked_mul(THOUSANDTH)?;
    Some(num.checked_add(num.signum() * unit / 2)? / unit * THOUSANDTH)
}

/// What is left of some points so many days on, in whole thousandths; `None` where they are too
/// many to tell. The powers are computed by `libm`, in software, so that they are the same on
/// every machine.
fn faded(points: i128, age_days: i32, curve: FadeCurve) -> Option<i128> {
    if age_days <= 0 {
        return Some(points);
    }
    let age = f64::from(age_days);
    let left = |factor: f64| {
        if points.unsigned_abs() > (FADING_MAX * THOUSANDTH).unsigned_abs() {
            return None;
        }
        let thousandths = libm::round(points as f64 / THOUSANDTH as f64 * factor);
        #[expect(clippy::cast_possible_truncation, reason = "at most 2^53 thousandths")]
        let whole = thousandths as i64;
        Some(i128::from(whole) * THOUSANDTH)
    };
    match curve {
        FadeCurve::HalfLife(span) => left(libm::exp2(-age / days_of(span) as f64)),
        FadeCurve::Percent(percent, span) => {
            left(libm::pow(1.0 - percent.to_f64() / 100.0, age / days_of(span) as f64))
        }
        FadeCurve::Linear(span) => {
            let whole = days_of(span);
            thousandths(points.checked_mul((whole - i128::from(age_days)).max(0))?, whole)
        }
        FadeCurve::Amount(..) => Some(points),
    }
}
