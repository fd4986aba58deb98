//! What a definition comes to, worked out from the list of facts at one instant at a time.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use firsthand_model::{Span, Time};

use super::STEP;
use super::definitions::{Condition, Definition, Measure, Number, Op, Steps, Window};

#[derive(Clone, Debug)]
pub struct Event {
    pub time: Time,
    pub name: &'static str,
    pub person: &'static str,
    pub key: Option<&'static str>,
    pub amount: Option<i64>,
}

/// All events, and all instants at which something may change.
pub struct History {
    events: Vec<Event>,
    instants: Vec<Time>,
    /// What conditions inside `for` and `was` came to, by their place in memory and instant.
    known: RefCell<HashMap<(*const Condition, Time), Option<bool>>>,
}

/// A number: somewhere from `low` to `high` over `of`, without upper end if there is none.
#[derive(Clone, Copy)]
enum Value {
    Unknown,
    Range { low: Option<i64>, high: Option<i64>, of: i64 },
}

/// The first instant inside, the first no longer inside, and whether later events may be inside.
struct Stretch {
    from: Time,
    to: Time,
    open: bool,
}

fn midnight(at: Time) -> Time {
    Time(at.0 - at.0.rem_euclid(Span::DAY.0))
}

/// The Monday of an instant's week; 5 January 1970 was one.
fn monday(at: Time) -> Time {
    Time(at.0 - (at.0 - 4 * Span::DAY.0).rem_euclid(Span::WEEK.0))
}

fn exactly(count: usize) -> Value {
    let count = i64::try_from(count).unwrap();
    Value::Range { low: Some(count), high: Some(count), of: 1 }
}

impl Value {
    /// What all numbers of the range answer alike.
    fn compare(self, op: Op, than: i64) -> Option<bool> {
        let Self::Range { low, high, of } = self else { return None };
        let than = than * of;
        let below = |end: Option<i64>| end.is_some_and(|it| it < than);
        let above = |end: Option<i64>| end.is_some_and(|it| it > than);
        let decide = |yes: bool, no: bool| (yes || no).then_some(yes);
        let (all_below, all_above) = (below(high), above(low));
        let (none_below, none_above) =
            (low.is_some_and(|it| it >= than), high.is_some_and(|it| it <= than));
        let same = none_below && none_above;
        match op {
            Op::AtLeast => decide(none_below, all_below),
            Op::Below => decide(all_below, none_below),
            Op::Above => decide(all_above, none_above),
            Op::AtMost => decide(none_above, all_above),
            Op::Equal => decide(same, all_below || all_above),
            Op::Other => decide(all_below || all_above, same),
        }
    }
}

fn steps(count: Steps) -> Span {
    STEP.times(count)
}

impl History {
    pub fn new(events: Vec<Event>, until: Time) -> Self {
        let mut instants = Vec::new();
        let mut at = events[0].time;
        while at <= until {
            instants.extend([at, at + Span(1)]);
            at = at + STEP;
        }
        instants.retain(|at| *at <= until);
        Self { events, instants, known: RefCell::default() }
    }

    /// T4, read aloud.
    pub fn timeline(&self, definition: &Definition) -> Vec<(Time, Option<Time>)> {
        let mut timeline: Vec<(Time, Option<Time>)> = Vec::new();
        let (mut met_since, mut unkept_since): (Option<Time>, Option<Time>) = (None, None);
        for at in &self.instants {
            let holds = |of: &Condition| self.holds(of, *at) == Some(true);
            let when = holds(&definition.when);
            let shut = definition.unless.as_ref().is_some_and(holds);
            if let Some((_, left @ None)) = timeline.last_mut() {
                let kept = when || definition.stay.as_ref().is_some_and(holds);
                unkept_since = if kept { None } else { unkept_since.or(Some(*at)) };
                let over = unkept_since.is_some_and(|it| *at - it >= steps(definition.grace));
                if shut || over {
                    *left = Some(*at);
                    (met_since, unkept_since) = (None, None);
                }
            } else {
                met_since = if when && !shut { met_since.or(Some(*at)) } else { None };
                if met_since.is_some_and(|it| *at - it >= steps(definition.holds_for)) {
                    timeline.push((*at, None));
                }
            }
        }
        timeline
    }

    fn happened(&self, name: &str, at: Time) -> impl DoubleEndedIterator<Item = &Event> {
        self.events.iter().filter(move |it| it.name == name && it.time <= at)
    }

    fn holds(&self, condition: &Condition, at: Time) -> Option<bool> {
        let place = (std::ptr::from_ref(condition), at);
        if let Some(known) = self.known.borrow().get(&place) {
            return *known;
        }
        let answer = self.judge(condition, at);
        self.known.borrow_mut().insert(place, answer);
        answer
    }

    fn judge(&self, condition: &Condition, at: Time) -> Option<bool> {
        let born = self.events[0].time;
        let since = |then: Option<&Event>, op: Op, than: Steps| {
            let passed = (at - then?.time).0;
            Value::Range { low: Some(passed), high: Some(passed), of: 1 }.compare(op, steps(than).0)
        };
        match condition {
            Condition::Compare(number, op, than) => self.number(number, at).compare(*op, *than),
            Condition::Growth(of, w, than) => {
                let count = |until: Time| {
                    let inside = |it: &&Event| until - it.time < steps(*w) && it.time <= until;
                    i64::try_from(self.happened(of, at).filter(inside).count()).unwrap()
                };
                let (now, before) = (count(at), count(at - steps(*w)));
                let whole = at - born >= steps(2 * w);
                (whole && before > 0).then(|| (now - before) * 100 >= than * before)
            }
            Condition::SinceLast(of, op, than) => {
                since(self.happened(of, at).next_back(), *op, *than)
            }
            Condition::SinceFirst(of, op, than) => since(self.happened(of, at).next(), *op, *than),
            Condition::Sequence(of, within, windows) => {
                let stretch = self.stretch(windows, at)?;
                let found = self.happened(of[0], at).any(|first| {
                    let last = self.runs(&of[1..], first.time, at);
                    last.into_iter().any(|last| {
                        within.is_none_or(|it| last - first.time <= steps(it))
                            && first.time >= stretch.from
                            && last < stretch.to
                    })
                });
                if found { Some(true) } else { (!stretch.open).then_some(false) }
            }
            Condition::For(of, long) => {
                let since = at - steps(*long);
                let mut before = self.instants.iter().filter(|it| (since..=at).contains(*it));
                let mut unbroken = || before.all(|it| self.holds(of, *it) == Some(true));
                self.holds(of, at).map(|now| now && since >= born && unbroken())
            }
            Condition::Was(of, w) => {
                // Each instant's answer stands until the next.
                let until = self.instants[1..].iter().copied().chain([Time::MAX]);
                let mut stretches = self.instants.iter().zip(until).filter(|(it, _)| **it <= at);
                Some(
                    stretches.any(|(from, to)| {
                        to > at - steps(*w) && self.holds(of, *from) == Some(true)
                    }),
                )
            }
            Condition::And(of) => self.at_least(of.len(), of, at),
            Condition::Or(of) => self.at_least(1, of, at),
            Condition::Not(of) => self.holds(of, at).map(|it| !it),
            Condition::AtLeast(k, of) => self.at_least(*k, of, at),
        }
    }

    fn at_least(&self, k: usize, of: &[Condition], at: Time) -> Option<bool> {
        let answers = of.iter().map(|it| self.holds(it, at)).collect::<Vec<_>>();
        let count = |wanted: Option<bool>| answers.iter().filter(|it| **it == wanted).count();
        let (met, unknown) = (count(Some(true)), count(None));
        if met >= k { Some(true) } else { (met + unknown < k).then_some(false) }
    }

    /// When steps that follow an instant, each strictly later than the one before, may end.
    fn runs(&self, of: &[&'static str], after: Time, at: Time) -> BTreeSet<Time> {
        let Some((next, rest)) = of.split_first() else { return [after].into() };
        let next = self.happened(next, at).filter(|it| it.time > after);
        next.flat_map(|it| self.runs(rest, it.time, at)).collect()
    }

    /// The overlap of some windows; `None` where it hangs on something that has not happened.
    fn stretch(&self, windows: &[Window], at: Time) -> Option<Stretch> {
        let mut all = Stretch { from: Time::MIN, to: at + Span(1), open: false };
        let (mut hangs, mut end) = (!windows.is_empty(), Time::MAX);
        for window in windows {
            let first = |of: &str| self.happened(of, at).next().map(|it| it.time);
            let last = |of: &str| self.happened(of, at).next_back().map(|it| it.time);
            let (from, to) = match window {
                Window::Last(w) => (at - steps(*w) + Span(1), None),
                Window::Dates(n) => (midnight(at) - Span::DAY.times(n - 1), None),
                Window::ThisDay => (midnight(at), None),
                Window::LastFullDays(n) => (midnight(at) - Span::DAY.times(*n), Some(midnight(at))),
                Window::LastFullWeek => (monday(at) - Span::WEEK, Some(monday(at))),
                Window::First(w) => (self.events[0].time, Some(self.events[0].time + steps(*w))),
                Window::AfterFirst(w, of) => (first(of)?, Some(first(of)? + steps(*w))),
                Window::BeforeFirst(of) => (Time::MIN, Some(first(of)?)),
                Window::BeforeLast(w, of) => (last(of)? - steps(*w), Some(last(of)?)),
                Window::SinceLast(of) => (last(of)? + Span(1), None),
            };
            let moment = matches!(
                window,
                Window::First(_)
                    | Window::AfterFirst(..)
                    | Window::BeforeFirst(_)
                    | Window::BeforeLast(..)
                    | Window::SinceLast(_)
            );
            hangs &= moment;
            all.from = all.from.max(from);
            all.to = all.to.min(to.unwrap_or(Time::MAX));
            if moment {
                end = end.min(to.unwrap_or(Time::MAX));
            }
        }
        // Only what hangs on moments alone waits for its end: any other window has one always.
        all.open = hangs && end < Time::MAX && end > at;
        Some(all)
    }

    fn number(&self, number: &Number, at: Time) -> Value {
        let born = self.events[0].time;
        let counted = |of: &str, from: Time, to: Time, only: &dyn Fn(&Event) -> bool| {
            self.happened(of, at).filter(|it| it.time >= from && it.time < to && only(it)).count()
        };
        let lately = |of: &str, w: Steps, only: &dyn Fn(&Event) -> bool| {
            exactly(counted(of, at - steps(w) + Span(1), at + Span(1), only))
        };
        match number {
            Number::Of(measure, of, windows) => self.measure(*measure, of, windows, at),
            Number::Ago(of, back) => {
                let then = at - steps(*back);
                if then < born { Value::Unknown } else { self.number(of, then) }
            }
            Number::Streak(of, least) => {
                let mut days = 0;
                let mut from = midnight(at) - Span::DAY;
                while from >= born
                    && exactly(counted(of, from, from + Span::DAY, &|_| true))
                        .compare(Op::AtLeast, *least)
                        == Some(true)
                {
                    days += 1;
                    from = from - Span::DAY;
                }
                exactly(days)
            }
            Number::Days(of, least, dates) => {
                let begins = (0..*dates).map(|back| midnight(at) - Span::DAY.times(back));
                let whole = begins.filter(|from| *from >= born);
                let enough = |from: &Time| {
                    exactly(counted(of, *from, *from + Span::DAY, &|_| true))
                        .compare(Op::AtLeast, *least)
                        == Some(true)
                };
                exactly(whole.filter(enough).count())
            }
            Number::Keys(of, w, op, than) => {
                let keys = self.happened(of, at).filter_map(|it| it.key).collect::<BTreeSet<_>>();
                let holds = |key: &&&str| {
                    lately(of, *w, &|it| it.key == Some(**key)).compare(*op, *than) == Some(true)
                };
                exactly(keys.iter().filter(holds).count())
            }
            Number::Members(of, w, op, than) => {
                let active = self.events.iter().filter(|it| it.time <= at).map(|it| it.person);
                let active = active.collect::<BTreeSet<_>>();
                let holds = |person: &&&str| {
                    lately(of, *w, &|it| it.person == **person).compare(*op, *than) == Some(true)
                };
                exactly(active.iter().filter(holds).count())
            }
        }
    }

    fn measure(&self, measure: Measure, of: &str, windows: &[Window], at: Time) -> Value {
        let Some(stretch) = self.stretch(windows, at) else { return Value::Unknown };
        let inside =
            self.happened(of, at).filter(|it| it.time >= stretch.from && it.time < stretch.to);
        let inside = inside.collect::<Vec<_>>();
        let amounts = inside.iter().filter_map(|it| it.amount).collect::<Vec<_>>();
        let growing =
            |low: i64| Value::Range { low: Some(low), high: (!stretch.open).then_some(low), of: 1 };
        let count = |count: usize| growing(i64::try_from(count).unwrap());
        match measure {
            Measure::Count => count(inside.len()),
            Measure::People => {
                count(inside.iter().map(|it| it.person).collect::<BTreeSet<_>>().len())
            }
            Measure::Days => {
                count(inside.iter().map(|it| midnight(it.time)).collect::<BTreeSet<_>>().len())
            }
            Measure::Distinct => {
                count(inside.iter().filter_map(|it| it.key).collect::<BTreeSet<_>>().len())
            }
            Measure::Sum => growing(amounts.iter().sum()),
            Measure::Average if stretch.open || amounts.is_empty() => Value::Unknown,
            Measure::Average => {
                let sum = Some(amounts.iter().sum());
                Value::Range { low: sum, high: sum, of: i64::try_from(amounts.len()).unwrap() }
            }
            Measure::Least => match amounts.iter().min() {
                None if !stretch.open => Value::Unknown,
                best => Value::Range {
                    low: best.copied().filter(|_| !stretch.open),
                    high: best.copied(),
                    of: 1,
                },
            },
            Measure::Greatest => match amounts.iter().max() {
                None if !stretch.open => Value::Unknown,
                best => Value::Range {
                    low: best.copied(),
                    high: best.copied().filter(|_| !stretch.open),
                    of: 1,
                },
            },
        }
    }
}
