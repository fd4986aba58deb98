//! The ledger: how knowledge of a subject's timelines grew (T6).
//!
//! Facts arrive in another order than they happened. [`judge`] takes them as they arrive, steps
//! the newest state where a fact is on time, and goes back to a checkpoint where it is late; what
//! then differs from what was thought is revised or retracted. Folding the entries gives the
//! timeline ([`fold`]), which is what a replay of all facts in order gives (P1, P2).

use std::collections::{BTreeMap, VecDeque};

use firsthand_model::fact::{Kind, Row};
use firsthand_model::{Span, Time};
use serde::{Deserialize, Serialize};

use crate::eval::value::Value;
use crate::judge::{Judge, Record, Stream};
use crate::timeline::Interval;

/// How long flips by time alone wait for facts that are under way (T5).
pub const SETTLE: Span = Span::MINUTE;
/// Rows between two checkpoints, at least.
const CHECKPOINT_EVERY: usize = 32;

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
fn known(row: &Row) -> Time {
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
    let mut run = Run::new(judge, kind, imports, watched);
    let mut ledger = Vec::new();
    if late {
        run.by_arrival(rows, until, &mut ledger);
    } else {
        run.take(rows, until);
        let known_at = |held_at| if told { on_time(rows, held_at) } else { held_at };
        for (definition, held) in run.record.held.iter().enumerate() {
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
    }
    // Each definition's entries are in order already, and stay so.
    ledger.sort_by_key(|entry| entry.known_at);
    let definitions = run.record.held.len();
    let timelines = fold(&ledger, definitions);
    Judgement { timelines, ledger, record: run.record, stream: run.stream }
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

/// A state to go back to.
#[derive(Clone)]
struct Checkpoint {
    stream: Stream,
    record: Record,
    /// How many of the rows known in order of time it has taken in.
    rows: usize,
}

struct Run<'j, 'p, 'i> {
    judge: &'j mut Judge<'p>,
    imports: &'i [(Time, u32, Value)],
    watched: &'i [(u32, u32)],
    stream: Stream,
    record: Record,
}

impl<'j, 'p, 'i> Run<'j, 'p, 'i> {
    fn new(
        judge: &'j mut Judge<'p>,
        kind: Kind,
        imports: &'i [(Time, u32, Value)],
        watched: &'i [(u32, u32)],
    ) -> Self {
        let record = Record::new(judge.program().root(kind));
        Self { judge, imports, watched, stream: Stream::new(kind), record }
    }

    /// Takes in rows in order of time, then time alone to `until`.
    fn take(&mut self, rows: &[&Row], until: Time) {
        let root = self.judge.program().root(self.stream.kind());
        let (record, watched) = (&mut self.record, self.watched);
        let from = self.stream.now();
        let born = self.stream.frame().is_born();
        let imports = &self.imports[self.imports.partition_point(|(at, ..)| born && *at <= from)..];
        let mut note = |at, frame: &_| record.note(root, watched, at, frame);
        crate::judge::run(self.judge, &mut self.stream, rows, imports, until, &mut note);
    }

    /// Takes in rows as they became known.
    fn by_arrival(&mut self, rows: &[&Row], until: Time, ledger: &mut Vec<Entry>) {
        let mut arrivals = (0..rows.len()).collect::<Vec<_>>();
        arrivals.sort_by_key(|index| (known(rows[*index]), *index));
        let mut in_order: Vec<usize> = Vec::with_capacity(rows.len());
        let mut checkpoints = vec![self.checkpoint(0)];
        let mut taken = 0;
        let mut thought = Vec::new();
        for group in arrivals.chunk_by(|a, b| known(rows[*a]) == known(rows[*b])) {
            let known_at = known(rows[group[0]]);
            // What time alone did before this arrival was settled by then.
            let settled = Time(known_at.0 - SETTLE.0 - 1).min(until);
            self.settle(settled, &mut thought, ledger);
            let earliest = group.iter().map(|index| in_order.partition_point(|it| it < index));
            let earliest = earliest.min().unwrap_or(0);
            for index in group {
                let at = in_order.partition_point(|it| it < index);
                in_order.insert(at, *index);
            }
            let first = rows[in_order[earliest]].time;
            let back =
                checkpoints.iter().rposition(|it| it.rows <= earliest && it.stream.now() < first);
            let back = back.unwrap_or(0);
            if earliest < taken || first <= self.stream.now() {
                self.stream = checkpoints[back].stream.clone();
                self.record = checkpoints[back].record.clone();
                taken = checkpoints[back].rows;
                checkpoints.truncate(back + 1);
            }
            while taken < in_order.len() {
                let mut end = (taken + CHECKPOINT_EVERY).min(in_order.len());
                // An instant is never cut.
                while end < in_order.len()
                    && rows[in_order[end]].time == rows[in_order[end - 1]].time
                {
                    end += 1;
                }
                let batch = in_order[taken..end].iter().map(|it| rows[*it]).collect::<Vec<_>>();
                let last = batch.last().expect("a batch has a row").time;
                self.take(&batch, last);
                taken = end;
                let newest = checkpoints.last().map_or(0, |it| it.rows);
                if taken - newest >= CHECKPOINT_EVERY {
                    checkpoints.push(self.checkpoint(taken));
                    thin(&mut checkpoints);
                }
            }
            // A stream that went back comes forward again before it says what has changed.
            self.pass(settled);
            self.compare(known_at, &mut thought, ledger);
        }
        self.settle(until, &mut thought, ledger);
    }

    fn checkpoint(&self, rows: usize) -> Checkpoint {
        Checkpoint { stream: self.stream.clone(), record: self.record.clone(), rows }
    }

    /// Lets time alone act up to an instant; each flip is known once it has settled.
    fn settle(&mut self, until: Time, thought: &mut Vec<Vec<Stretch>>, ledger: &mut Vec<Entry>) {
        self.pass(until);
        self.compare(Time::MIN, thought, ledger);
    }

    fn pass(&mut self, until: Time) {
        if until > self.stream.now() && self.stream.frame().is_born() {
            self.take(&[], until);
        }
    }

    /// Writes down what differs from what was thought.
    fn compare(
        &mut self,
        known_at: Time,
        thought: &mut Vec<Vec<Stretch>>,
        ledger: &mut Vec<Entry>,
    ) {
        thought.resize(self.record.held.len(), Vec::new());
        for (definition, (old, new)) in thought.iter_mut().zip(&self.record.held).enumerate() {
            if old == new {
                continue;
            }
            let mut write = |change, held_at: Time| {
                let known_at = if known_at == Time::MIN { held_at + SETTLE } else { known_at };
                ledger.push(Entry { definition, change, held_at, known_at });
            };
            let same = old.iter().zip(new).take_while(|(a, b)| a == b).count();
            revise(&mut write, &old[same..], &new[same..]);
            old.clone_from(new);
        }
    }
}

/// An interval as it is thought to be: entered, left.
type Stretch = (Time, Option<Time>);

/// Writes down how some intervals turned into others. An interval that is there before and after
/// is the same one if it is entered at the same instant, else if the two overlap.
fn revise(write: &mut impl FnMut(Change, Time), old: &[Stretch], new: &[Stretch]) {
    let overlap =
        |a: &Stretch, b: &Stretch| a.0 < b.1.unwrap_or(Time::MAX) && b.0 < a.1.unwrap_or(Time::MAX);
    let among = |of: &[Stretch], entered| of.binary_search_by_key(&entered, |it| it.0).ok();
    let mut gone = old.iter().filter(|it| among(new, it.0).is_none()).collect::<VecDeque<_>>();
    let mut never_was = Vec::new();
    let mut turned = Vec::with_capacity(new.len());
    for it in new {
        if let Some(same) = among(old, it.0) {
            turned.push((Some(&old[same]), it));
            continue;
        }
        while gone.front().is_some_and(|old| old.1.is_some_and(|left| left <= it.0)) {
            never_was.extend(gone.pop_front());
        }
        let moved = gone.front().is_some_and(|old| overlap(old, it));
        turned.push((if moved { gone.pop_front() } else { None }, it));
    }
    never_was.extend(gone);
    // What never was goes first, so that no exit is put down to it.
    for (entered, _) in never_was {
        write(Change::Retracted, entered);
    }
    for (old, (entered, left)) in turned {
        let was_left = match old {
            None => {
                write(Change::Entered, *entered);
                None
            }
            Some((was, was_left)) => {
                if was != entered {
                    let revised = Change::Revised { was: *was, entry: true, reopened: false };
                    write(revised, *entered);
                }
                *was_left
            }
        };
        match (was_left, *left) {
            (None, Some(left)) => write(Change::Left, left),
            (Some(was), Some(left)) if was != left => {
                write(Change::Revised { was, entry: false, reopened: false }, left);
            }
            (Some(was), None) => {
                write(Change::Revised { was, entry: false, reopened: true }, was);
            }
            _ => {}
        }
    }
}

/// Keeps fewer checkpoints the further back they lie, at least every doubling: a late fact costs
/// about twice the way back, and a long history costs little memory.
fn thin(checkpoints: &mut Vec<Checkpoint>) {
    let newest = checkpoints.last().map_or(0, |it| it.rows);
    let back = |it: &Checkpoint| newest - it.rows;
    let mut index = checkpoints.len().saturating_sub(2);
    while index > 0 {
        let (before, after) = (&checkpoints[index - 1], &checkpoints[index + 1]);
        if back(before) <= 2 * back(after) {
            checkpoints.remove(index);
        }
        index -= 1;
    }
}
