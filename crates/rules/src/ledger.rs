//! The ledger: how knowledge of a subject's timelines grew (T6).
//!
//! Facts arrive in another order than they happened. [`judge`] takes them as they arrived
//! ([`Arrivals`]); what then differs from what was thought is revised or retracted. Folding the
//! entries gives the timeline ([`fold`]), which is what a replay of all facts in order gives
//! (P1, P2).

use std::collections::BTreeMap;

use firsthand_model::fact::{Kind, Row};
use firsthand_model::{Span, Time};
use serde::{Deserialize, Serialize};

use crate::arrivals::{Arrivals, Context};
use crate::eval::value::Value;
use crate::judge::{Judge, Record, Stream};
use crate::timeline::Interval;

/// How long flips by time alone wait for facts that are under way (T5).
pub const SETTLE: Span = Span::MINUTE;

/// What became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// The definition was entered at `held_at`.
    Entered,
    /// It was left at `held_at`; the newest interval begun before then ends.
    Left,
    /// The entry thought to be at `was` was at `held_at`, or the exit thought to be at `was` is.
    Revised {
        /// What was thought.
        was: Time,
        /// Whether an entry is revised, or an exit.
        entry: bool,
        /// Whether there is no exit after all.
        reopened: bool,
    },
    /// The interval entered at `held_at` never was.
    Retracted,
}

/// One line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Entry {
    /// The definition, by its place in its root.
    pub definition: usize,
    /// What became known.
    pub change: Change,
    /// When it was so.
    pub held_at: Time,
    /// When it was known.
    pub known_at: Time,
}

/// A subject's finished judgement.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// For each definition of the root, its timeline with what was known when.
    pub timelines: Vec<Vec<Interval>>,
    /// The ledger, in order of knowledge.
    pub ledger: Vec<Entry>,
    /// Outcomes and exported changes, as finally known.
    pub record: Record,
    /// The stream's state at the end.
    pub stream: Stream,
}

/// When a fact was known: never before it was so.
pub(crate) fn known(row: &Row) -> Time {
    row.known_at.unwrap_or(row.time).max(row.time)
}

/// Whether a fact was known before one that comes before it, or apart from one of its instant.
fn overtaken(row: &Row, next: &Row) -> bool {
    known(row) > known(next) || row.time == next.time && known(row) < known(next)
}

/// Judges a subject from its rows, in the order of [`Row::order`], up to `until`.
pub fn judge(
    judge: &mut Judge<'_>,
    kind: Kind,
    rows: &[&Row],
    imports: &[(Time, u32, Value)],
    watched: &[(u32, u32)],
    until: Time,
) -> Judgement {
    let told = rows.iter().any(|row| row.known_at.is_some());
    let late = rows.iter().any(|row| known(row) > row.time + SETTLE)
        || rows.windows(2).any(|pair| overtaken(pair[0], pair[1]));
    let context = Context { imports, watched, ..Context::default() };
    let mut ledger = Vec::new();
    let (stream, record) = if late {
        by_arrival(judge, kind, rows, context, until, &mut ledger)
    } else {
        let (mut stream, mut record) = (Stream::new(kind), Record::new(judge.program().root(kind)));
        context.take(judge, &mut stream, &mut record, rows, until);
        let known_at = |held_at| if told { on_time(rows, held_at) } else { held_at };
        for (definition, held) in record.held.iter().enumerate() {
            for (entered, left) in held {
                let entry = |change, held_at| Entry {
                    definition,
                    change,
                    held_at,
                    known_at: known_at(held_at),
                };
                ledger.push(entry(Change::Entered, *entered));
                ledger.extend(left.map(|left| entry(Change::Left, left)));
            }
        }
        (stream, record)
    };
    // Each definition's entries are in order already, and stay so.
    ledger.sort_by_key(|entry| entry.known_at);
    let timelines = fold(&ledger, record.held.len());
    Judgement { timelines, ledger, record, stream }
}

/// Takes rows as they became known.
fn by_arrival(
    judge: &mut Judge<'_>,
    kind: Kind,
    rows: &[&Row],
    context: Context<'_>,
    until: Time,
    ledger: &mut Vec<Entry>,
) -> (Stream, Record) {
    let mut arrivals: Vec<&Row> = rows.to_vec();
    arrivals.sort_by_key(|row| known(row));
    let mut subject = Arrivals::new(judge.program(), kind);
    for group in arrivals.chunk_by(|a, b| known(a) == known(b)) {
        let known_at = known(group[0]);
        let arrived = subject.arrive(judge, context, group.to_vec(), known_at, until, ledger);
        arrived.expect("nothing was forgotten");
    }
    subject.settle(judge, context, until, ledger);
    subject.into_parts()
}

/// When a flip was known in a stream whose facts all came before they would have settled: with the facts of its instant, or, by
/// time alone, once nothing more could come before it.
fn on_time(rows: &[&Row], held_at: Time) -> Time {
    let after = rows.partition_point(|row| row.time <= held_at);
    match after.checked_sub(1).map(|index| rows[index]) {
        Some(row) if row.time == held_at => known(row),
        before => {
            let settled = held_at + SETTLE;
            let next = rows.get(after).map_or(settled, |row| known(row).min(settled));
            next.max(before.map_or(held_at, known)).max(held_at)
        }
    }
}

/// Folds a ledger into the timelines it tells of.
pub fn fold(ledger: &[Entry], definitions: usize) -> Vec<Vec<Interval>> {
    let mut timelines = vec![BTreeMap::<Time, Interval>::new(); definitions];
    for entry in ledger {
        let Entry { definition, change, held_at, known_at } = entry;
        let timeline = &mut timelines[*definition];
        match change {
            Change::Entered => {
                let interval = Interval { entered: *held_at, left: None, known_at: *known_at };
                timeline.insert(*held_at, interval);
            }
            Change::Left => {
                if let Some((_, open)) = timeline.range_mut(..*held_at).next_back() {
                    open.left = Some(*held_at);
                }
            }
            Change::Revised { was, entry: true, .. } => {
                if let Some(old) = timeline.remove(was) {
                    let new = Interval { entered: *held_at, known_at: *known_at, ..old };
                    timeline.insert(*held_at, new);
                }
            }
            Change::Revised { was, entry: false, reopened } => {
                if let Some(old) = timeline.values_mut().find(|it| it.left == Some(*was)) {
                    old.left = (!reopened).then_some(*held_at);
                }
            }
            Change::Retracted => {
                timeline.remove(held_at);
            }
        }
    }
    timelines.into_iter().map(|timeline| timeline.into_values().collect()).collect()
}
