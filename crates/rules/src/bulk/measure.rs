//! Whole timelines of measures, from the events they take.
//!
//! Counts, distinct counts and sums over all time and in sliding windows have loops of their own:
//! they are what most definitions ask, and cost a few nanoseconds an event. All else, and windows
//! with more events than are kept to the microsecond, goes through the leaf itself.

use std::ops::Range;

use firsthand_model::{Calendar, Decimal, Span, Time};
use smol_str::ToSmolStr;

use super::events::Events;
use super::whole::Whole;
use super::words::Words;
use super::{Life, NeedsRows};
use crate::eval::entries::{EXACT_ENTRIES_MAX, Entry, Millionths, What};
use crate::eval::expr::Expr;
use crate::eval::kept::Series;
use crate::eval::leaf::{Leaf, Measure};
use crate::eval::level::Level;
use crate::eval::value::Value;
use crate::eval::window::Part;
use crate::lang::ast::Field;

/// Memory that is used again for each account.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// How many events of each key are inside; all zero between two uses.
    inside: Vec<u32>,
}

impl Scratch {
    fn for_keys(&mut self, keys: &[u32]) -> &mut [u32] {
        let most = keys.iter().max().map_or(0, |it| *it as usize + 1);
        if self.inside.len() < most {
            self.inside.resize(most, 0);
        }
        &mut self.inside
    }

    fn clear(&mut self, keys: &[u32]) {
        for key in keys {
            self.inside[*key as usize] = 0;
        }
    }
}

/// What windows hang on: how many slots, and each change of one.
pub(super) type Moments<'a> = (usize, &'a [(Time, u32, Value)]);

/// Works out the timeline of a measure over a life.
pub(super) fn series(
    measure: &Whole,
    events: &Events,
    moments: Moments<'_>,
    life: Life,
    calendar: &Calendar,
    scratch: &mut Scratch,
    series: &mut Series,
) -> Result<(), NeedsRows> {
    let leaf = match measure {
        Whole::Level(level) => return self::level(level, events, life, scratch, series),
        Whole::Leaf(leaf) => leaf,
    };
    let done = match &leaf.window.parts[..] {
        [] => ever(leaf, events, life, scratch, series)?,
        [Part::Sliding { length, ago: Span(0) }] => {
            sliding(leaf, events, length.0, life, scratch, series)?
        }
        _ => false,
    };
    if !done {
        series.begin_any();
        let span = (life.birth, life.until);
        leaf.over(entries(leaf, events), moments, span, calendar, &mut |at, value| {
            series.push_value(at.0, value);
        });
    }
    Ok(())
}

impl Life {
    /// Says what stands before the first event, unless that comes at once.
    fn begin(self, events: &Events, series: &mut Series, value: i64) {
        if events.times.first() != Some(&self.birth.0) {
            series.push(self.birth.0, value);
        }
    }
}

/// A measure over all time; false if it has no loop here.
fn ever(
    leaf: &Leaf,
    events: &Events,
    life: Life,
    scratch: &mut Scratch,
    series: &mut Series,
) -> Result<bool, NeedsRows> {
    let times = &events.times;
    match &leaf.measure {
        Measure::Count => {
            series.begin_counts();
            life.begin(events, series, 0);
            events.each_instant(|_, to| series.push(times[to - 1], count(to)));
        }
        Measure::Distinct(parts) if is_days(parts) => {
            series.begin_counts();
            life.begin(events, series, 0);
            events.each_instant(|_, to| series.push(times[to - 1], days(events, 0..to)));
        }
        Measure::Distinct(_) => {
            series.begin_counts();
            life.begin(events, series, 0);
            let (inside, mut distinct) = (scratch.for_keys(&events.keys), 0);
            events.each_instant(|from, to| {
                for key in keys(&events.keys[from..to]) {
                    let inside = &mut inside[*key as usize];
                    distinct += i64::from(*inside == 0);
                    *inside = 1;
                }
                series.push(times[to - 1], distinct);
            });
            scratch.clear(&events.keys);
        }
        Measure::Sum(_) => {
            series.begin_raws();
            life.begin(events, series, 0);
            let mut sum = Some(0_i64);
            events.each_instant(|from, to| {
                for amount in &events.amounts[from..to] {
                    sum = sum.and_then(|sum| plus(sum, *amount));
                }
                series.push(times[to - 1], sum.unwrap_or_default());
            });
            sum.ok_or(NeedsRows)?;
        }
        Measure::Nth(n) => {
            series.begin_raws();
            let nth = times.get(*n as usize - 1);
            if nth != Some(&life.birth.0) {
                series.push_unknown(life.birth.0);
            }
            if let Some(at) = nth {
                series.push(*at, *at);
            }
        }
        Measure::Last => {
            series.begin_raws();
            if times.first() != Some(&life.birth.0) {
                series.push_unknown(life.birth.0);
            }
            for at in times {
                series.push(*at, *at);
            }
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// A measure in a sliding window; false if it has no loop here, or if there are too many events.
fn sliding(
    leaf: &Leaf,
    events: &Events,
    length: i64,
    life: Life,
    scratch: &mut Scratch,
    series: &mut Series,
) -> Result<bool, NeedsRows> {
    match &leaf.measure {
        Measure::Count => {
            series.begin_counts();
            life.begin(events, series, 0);
            Ok(slide(events, length, life, |came, gone, at| {
                series.push(at, count(came.end) - count(gone.end));
            }))
        }
        Measure::Distinct(parts) if is_days(parts) => {
            series.begin_counts();
            life.begin(events, series, 0);
            Ok(slide(events, length, life, |came, gone, at| {
                series.push(at, days(events, gone.end..came.end));
            }))
        }
        Measure::Distinct(_) => {
            series.begin_counts();
            life.begin(events, series, 0);
            let (inside, mut distinct) = (scratch.for_keys(&events.keys), 0);
            let done = slide(events, length, life, |came, gone, at| {
                for key in keys(&events.keys[came]) {
                    let inside = &mut inside[*key as usize];
                    distinct += i64::from(*inside == 0);
                    *inside += 1;
                }
                for key in keys(&events.keys[gone]) {
                    let inside = &mut inside[*key as usize];
                    *inside -= 1;
                    distinct -= i64::from(*inside == 0);
                }
                series.push(at, distinct);
            });
            scratch.clear(&events.keys);
            Ok(done)
        }
        Measure::Sum(_) => {
            series.begin_raws();
            life.begin(events, series, 0);
            let mut sum = Some(0_i64);
            let done = slide(events, length, life, |came, gone, at| {
                for amount in &events.amounts[came] {
                    sum = sum.and_then(|sum| plus(sum, *amount));
                }
                for amount in &events.amounts[gone] {
                    sum = sum.and_then(|sum| plus(sum, -*amount));
                }
                series.push(at, sum.unwrap_or_default());
            });
            sum.ok_or(NeedsRows)?;
            Ok(done)
        }
        _ => Ok(false),
    }
}

/// Goes through the instants at which events come into a sliding window or fall out of it: tells
/// which come, which go, and when. False if more are inside than a leaf keeps to the microsecond.
fn slide(
    events: &Events,
    length: i64,
    life: Life,
    mut tell: impl FnMut(Range<usize>, Range<usize>, i64),
) -> bool {
    let times = &events.times[..];
    let (mut came, mut gone) = (0, 0);
    let until = life.until.0;
    while gone < times.len() {
        let leaves = times[gone].saturating_add(length);
        let (from_came, from_gone) = (came, gone);
        let at = match times.get(came) {
            Some(comes) if *comes <= leaves => *comes,
            _ => leaves,
        };
        if at > until {
            return true;
        }
        while times.get(came) == Some(&at) {
            came += 1;
        }
        if came - from_gone > EXACT_ENTRIES_MAX {
            return false;
        }
        while gone < came && times[gone].saturating_add(length) == at {
            gone += 1;
        }
        tell(from_came..came, from_gone..gone, at);
    }
    true
}

fn level(
    level: &Level,
    events: &Events,
    life: Life,
    scratch: &mut Scratch,
    series: &mut Series,
) -> Result<(), NeedsRows> {
    let times = &events.times;
    if level.key.is_some() {
        series.begin_counts();
        life.begin(events, series, 0);
        let (inside, mut present) = (scratch.for_keys(&events.keys), 0);
        events.each_instant(|from, to| {
            // What is removed at the instant it is added is gone.
            for removes in [false, true] {
                let acts = (from..to).filter(|it| events.removes[*it] == removes);
                for key in acts.map(|it| events.keys[it] as usize) {
                    present += i64::from(!removes) - i64::from(inside[key]);
                    inside[key] = u32::from(!removes);
                }
            }
            series.push(times[to - 1], present);
        });
        scratch.clear(&events.keys);
        return Ok(());
    }
    series.begin_raws();
    life.begin(events, series, 0);
    let one = i64::try_from(Decimal::SCALE).expect("a million");
    let mut sum = Some(0_i64);
    events.each_instant(|from, to| {
        for act in from..to {
            let amount = events.amounts.get(act).map_or(one, |it| *it);
            let amount = if events.removes[act] { -amount } else { amount };
            sum = sum.and_then(|sum| plus(sum, amount));
        }
        series.push(times[to - 1], sum.unwrap_or_default());
    });
    sum.map(|_| ()).ok_or(NeedsRows)
}

/// The events as the leaf itself takes them.
fn entries<'a>(leaf: &'a Leaf, events: &'a Events) -> impl Iterator<Item = Entry> + 'a {
    events.times.iter().enumerate().filter_map(|(index, at)| {
        let amount = || Millionths::new(events.amounts[index].into());
        let what = match &leaf.measure {
            Measure::Count | Measure::Nth(_) | Measure::Last => What::Nothing,
            // Only whether two are the same counts.
            Measure::Distinct(parts) if is_days(parts) => What::Key(events.day(index).to_smolstr()),
            Measure::Distinct(_) if events.keys[index] == Words::NONE => return None,
            Measure::Distinct(_) => What::Key(events.keys[index].to_smolstr()),
            Measure::Sum(_) | Measure::Average(_) => What::Amount(amount()),
            Measure::Least(_) | Measure::Greatest(_) => What::Extreme(amount()),
            Measure::Latest(_) => What::Value(Box::new(events.values[index].clone())),
        };
        Some(Entry::of(Time(*at), what))
    })
}

/// Whether what is counted are days.
pub(super) fn is_days(parts: &[Expr]) -> bool {
    matches!(parts, [Expr::Field(Field::Day)])
}

/// On how many different days some events were.
fn days(events: &Events, them: Range<usize>) -> i64 {
    if them.is_empty() {
        return 0;
    }
    count(events.day(them.end - 1) - events.day(them.start) + 1)
}

/// Those keys that stand for something.
fn keys(them: &[u32]) -> impl Iterator<Item = &u32> {
    them.iter().filter(|it| **it != Words::NONE)
}

/// The sum, unless it is too large for a series of numbers.
fn plus(sum: i64, amount: i64) -> Option<i64> {
    // The least number stands for an unknown.
    sum.checked_add(amount).filter(|it| *it > i64::MIN)
}

fn count(of: usize) -> i64 {
    i64::try_from(of).expect("fewer than 2^63 events")
}
