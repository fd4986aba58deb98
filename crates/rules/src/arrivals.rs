//! A subject whose facts come as they become known, live or in a replay (P1).
//!
//! A fact on time steps the newest state. A late one goes back to a checkpoint before it and comes
//! forward again; what then differs from what was thought is told as revised or retracted. The
//! same machine judges a recorded history as it arrived and a running product, so the two cannot
//! come to different ends.

mod states;

use std::borrow::Borrow;
use std::collections::VecDeque;
use std::sync::Arc;

use firsthand_model::fact::{Kind, Row};
use firsthand_model::{Span, Time};
use serde::{Deserialize, Serialize};

use crate::compile::program::Program;
use crate::eval::value::Value;
use crate::judge::{Judge, Record, Stream};
use crate::ledger::{Change, Entry, SETTLE};
use states::{Checkpoint, Open, States};

/// How far back a subject can go once it was judged anew, without that being done again.
pub const MEMORY: Span = Span::DAY;
/// Rows and imports between two checkpoints, at least.
const CHECKPOINT_EVERY: usize = 32;
/// Room for so many rows is not worth giving back.
const ROWS_MIN: usize = 4;

/// What a subject is judged among.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// What other strata say: when, slot, value; in order of time.
    pub imports: &'a [(Time, u32, Value)],
    /// From when on `imports` may be others than at the last arrival.
    pub changed: Option<Time>,
    /// Up to when what `imports` say is so by facts, and need not settle.
    pub certain: Option<Time>,
    /// Pairs of slot and node whose changes are kept.
    pub watched: &'a [(u32, u32)],
}

impl Context<'_> {
    /// How many imports there are up to an instant.
    fn said(self, until: Time) -> usize {
        self.imports.partition_point(|(at, ..)| *at <= until)
    }

    /// Takes in rows in order of time, then time alone to `until`.
    pub(crate) fn take(
        self,
        judge: &mut Judge<'_>,
        stream: &mut Stream,
        record: &mut Record,
        rows: &[&Row],
        until: Time,
    ) {
        let root = judge.program().root(stream.kind());
        let from = stream.now();
        let born = stream.frame().is_born();
        let said = if born { self.said(from) } else { 0 };
        let mut note = |at, frame: &_| record.note(root, self.watched, at, frame);
        crate::judge::run(judge, stream, rows, &self.imports[said..], until, &mut note);
    }
}

/// One subject, with what it takes to go back some way. Packed, it can be written down and gone on
/// with by the same program.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Arrivals<R> {
    states: States,
    record: Record,
    /// The rows since the oldest checkpoint, in order.
    rows: Vec<R>,
    /// How many rows there were before these.
    forgotten: usize,
    /// How many rows the stream has taken in, the forgotten ones included.
    taken: usize,
    /// The same with the imports: what it takes to come here.
    steps: usize,
    /// For each definition, when it is thought to hold.
    thought: Vec<Vec<Stretch>>,
    /// For each definition, how many of the first of these are surely as recorded.
    alike: Vec<usize>,
}

/// An interval as it is thought to be: entered, left.
pub type Stretch = (Time, Option<Time>);

/// A fact lies before all that is remembered: the subject has to be judged anew from all its rows
/// ([`Arrivals::anew`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLate;

impl<R: Borrow<Row>> Arrivals<R> {
    /// A subject of which nothing has been heard yet.
    pub fn new(program: &Program, kind: Kind) -> Self {
        let record = Record::new(program.root(kind));
        Self {
            states: States::new(kind, record.mark()),
            thought: vec![Vec::new(); record.held.len()],
            alike: vec![0; record.held.len()],
            record,
            rows: Vec::new(),
            forgotten: 0,
            taken: 0,
            steps: 0,
        }
    }

    /// The state after all that was taken in.
    pub fn stream(&self) -> Arc<Stream> {
        self.states.newest()
    }

    /// The last instant that this state has taken in.
    pub fn now(&self) -> Time {
        self.states.now()
    }

    /// Packs the states, so that they take up little room until something happens to the subject.
    /// What lies before an instant is forgotten, and all that it has been since if no row is newer.
    pub fn pack(&mut self, forgotten_before: Time) {
        if self.is_packed() {
            return;
        }
        if self.rows.last().is_none_or(|it| it.borrow().time < forgotten_before) {
            self.forget_all();
        }
        self.forget_before(forgotten_before);
        self.rows.shrink_to_fit();
        self.states.pack(self.steps);
    }

    /// Whether the states are packed.
    pub fn is_packed(&self) -> bool {
        self.states.is_packed()
    }

    /// What it has come to.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The state and what it has come to.
    pub fn into_parts(self) -> (Stream, Record) {
        (self.states.into_newest(), self.record)
    }

    /// The rows that are remembered, in order.
    pub fn rows(&self) -> &[R] {
        &self.rows
    }

    /// The next instant at which time alone may change something.
    pub fn next(&self) -> Time {
        self.states.next()
    }

    /// The instant of the state to which something from an instant on leads back at most: what
    /// others said up to there is taken in already.
    pub fn back_to(&self, first: Time) -> Time {
        self.states.before(first).map_or(Time::MIN, |it| it.now)
    }

    /// Whether all rows from an instant on are remembered.
    pub fn remembers(&self, from: Time) -> bool {
        self.forgotten == 0 || self.states.oldest().now < from
    }

    /// How much is taken in once more, about, where a row of an instant comes in between.
    pub fn way_back(&self, to: Time) -> usize {
        self.steps - self.states.before(to).unwrap_or_else(|| self.states.oldest()).steps
    }

    /// Takes the place of a state that knows less. What differs from what that one thought is told
    /// as known at an instant.
    pub fn replace(&mut self, before: &mut Self, known_at: Time, ledger: &mut Vec<Entry>) {
        self.thought = std::mem::take(&mut before.thought);
        self.alike.fill(0);
        self.compare(Some(known_at), ledger);
    }

    /// Takes in rows that became known together, and tells what changes by them.
    ///
    /// What time alone did before they came was settled by then ([`SETTLE`]). Nothing is judged
    /// beyond `until`.
    ///
    /// # Errors
    /// [`TooLate`] if one of them lies before all that is remembered; then nothing has happened.
    pub fn arrive(
        &mut self,
        judge: &mut Judge<'_>,
        context: Context<'_>,
        rows: Vec<R>,
        known_at: Time,
        until: Time,
        ledger: &mut Vec<Entry>,
    ) -> Result<(), TooLate> {
        let first = rows.iter().map(|it| it.borrow().time).chain(context.changed).min();
        let oldest = self.states.oldest().now;
        if self.forgotten > 0 && first.is_some_and(|it| it <= oldest) {
            return Err(TooLate);
        }
        let Some(first) = first else { return Ok(()) };
        let settled = Time(known_at.0 - SETTLE.0 - 1).min(until);
        // What others say otherwise becomes known now.
        let as_told = context.changed.map_or(settled, |it| settled.min(it - Span(1)));
        self.settle(judge, context, as_told, ledger);
        let mut earliest = self.forgotten + self.rows.len();
        for row in rows {
            let order = row.borrow().order();
            // Mostly it is the newest.
            let newest = self.rows.last().is_none_or(|it| it.borrow().order() <= order);
            let at = if newest {
                self.rows.len()
            } else {
                self.rows.partition_point(|it| it.borrow().order() <= order)
            };
            earliest = earliest.min(self.forgotten + at);
            self.rows.insert(at, row);
        }
        self.go_back(earliest, first);
        self.come_forward(judge, context, Time::MIN);
        // A stream that went back comes forward again before it says what has changed.
        let certain = context.certain.map_or(settled, |it| it.max(settled)).min(until);
        self.pass(judge, context, certain);
        self.compare(Some(known_at), ledger);
        Ok(())
    }

    /// Lets time alone act up to an instant; each flip is known once it has settled.
    pub fn settle(
        &mut self,
        judge: &mut Judge<'_>,
        context: Context<'_>,
        until: Time,
        ledger: &mut Vec<Entry>,
    ) {
        self.pass(judge, context, until);
        self.compare(None, ledger);
    }

    /// Judges anew from all rows, in order, with time passed to `settled`; goes back to [`MEMORY`]
    /// before that and not much further. What differs from what was thought is told as known at
    /// `known_at`; nothing is told if that is `None`.
    pub fn anew(
        &mut self,
        judge: &mut Judge<'_>,
        context: Context<'_>,
        rows: Vec<R>,
        settled: Time,
        known_at: Option<(Time, &mut Vec<Entry>)>,
    ) {
        let fresh = Self::new(judge.program(), self.states.kind());
        let thought = std::mem::replace(self, Self { rows, ..fresh }).thought;
        self.come_forward(judge, context, settled - MEMORY);
        self.pass(judge, context, context.certain.map_or(settled, |it| it.max(settled)));
        match known_at {
            Some((known_at, ledger)) => {
                self.thought = thought;
                self.compare(Some(known_at), ledger);
            }
            None => self.compare(None, &mut Vec::new()),
        }
    }

    /// Forgets what lies before an instant, as far as it can still go back to it.
    pub fn forget_before(&mut self, instant: Time) {
        if self.is_packed() {
            return;
        }
        if self.now() < instant {
            self.forget_all();
        }
        let Open { checkpoints, .. } = self.states.open();
        let base = checkpoints.iter().rposition(|it| it.stream.now() < instant).unwrap_or(0);
        checkpoints.drain(..base);
        let gone = checkpoints[0].rows - self.forgotten;
        self.rows.drain(..gone);
        self.forgotten += gone;
        // A whole life may have been taken in at once, and most subjects do little in a day.
        if self.rows.capacity() > 4 * self.rows.len().max(ROWS_MIN) {
            self.rows.shrink_to(2 * self.rows.len());
        }
    }

    /// As it is now is as far back as it goes.
    fn forget_all(&mut self) {
        if self.steps > self.states.oldest().steps {
            let newest = self.checkpoint();
            self.states.open().checkpoints = vec![newest];
        }
    }

    /// Goes back to a state that has taken in neither the row of a number nor anything from an
    /// instant on.
    fn go_back(&mut self, earliest: usize, first: Time) {
        let Open { stream, checkpoints } = self.states.open();
        if earliest >= self.taken && first > stream.now() {
            return;
        }
        let before = |it: &Checkpoint| it.rows <= earliest && it.stream.now() < first;
        let back = checkpoints.iter().rposition(before).unwrap_or(0);
        checkpoints.truncate(back + 1);
        let to = &checkpoints[back];
        *stream = Arc::clone(&to.stream);
        self.record.rewind(&to.record);
        (self.taken, self.steps) = (to.rows, to.steps);
        for (alike, whole) in self.alike.iter_mut().zip(to.record.whole()) {
            *alike = whole.min(*alike);
        }
    }

    /// Takes in the rows that have not been taken in, all those before an instant at once.
    fn come_forward(&mut self, judge: &mut Judge<'_>, context: Context<'_>, at_once: Time) {
        while self.taken < self.forgotten + self.rows.len() {
            let rest = &self.rows[self.taken - self.forgotten..];
            let old = rest.partition_point(|it| it.borrow().time < at_once);
            let mut end = CHECKPOINT_EVERY.max(old).min(rest.len());
            // An instant is never cut.
            while end < rest.len() && rest[end].borrow().time == rest[end - 1].borrow().time {
                end += 1;
            }
            let last = rest[end - 1].borrow().time;
            let batch: Vec<&Row> = rest[..end].iter().map(Borrow::borrow).collect();
            let Open { stream, .. } = self.states.open();
            let said = context.said(stream.now());
            context.take(judge, Arc::make_mut(stream), &mut self.record, &batch, last);
            self.taken += end;
            self.steps += end + context.said(last).saturating_sub(said);
            self.keep_checkpoint();
        }
    }

    /// Keeps the state to go back to, if it is far enough from the newest.
    fn keep_checkpoint(&mut self) {
        let newest = self.states.open().checkpoints.last().map_or(0, |it| it.steps);
        if self.steps - newest >= CHECKPOINT_EVERY {
            let checkpoint = self.checkpoint();
            let Open { checkpoints, .. } = self.states.open();
            checkpoints.push(checkpoint);
            thin(checkpoints);
        }
    }

    fn checkpoint(&self) -> Checkpoint {
        let stream = self.states.newest();
        Checkpoint { stream, record: self.record.mark(), rows: self.taken, steps: self.steps }
    }

    fn pass(&mut self, judge: &mut Judge<'_>, context: Context<'_>, until: Time) {
        let silent = || context.said(self.now()) >= context.said(until);
        if self.is_packed() && until < self.next() && silent() {
            return;
        }
        while until > self.states.now() && self.states.open().stream.frame().is_born() {
            let Open { stream, .. } = self.states.open();
            let said = context.said(stream.now());
            let rest = &context.imports[said..context.said(until).max(said)];
            // Where much is said, there are states to go back to in between.
            let much = rest.get(CHECKPOINT_EVERY - 1).map(|(at, ..)| *at);
            let stream = Arc::make_mut(stream);
            context.take(judge, stream, &mut self.record, &[], much.unwrap_or(until));
            let Some(at) = much else {
                self.steps += rest.len();
                break;
            };
            self.steps += context.said(at) - said;
            self.keep_checkpoint();
        }
    }

    /// Writes down what differs from what was thought. What time alone did is known once it has
    /// settled, if `known_at` is `None`.
    fn compare(&mut self, known_at: Option<Time>, ledger: &mut Vec<Entry>) {
        let both = self.thought.iter_mut().zip(&self.record.held).zip(&mut self.alike);
        for (definition, ((old, new), alike)) in both.enumerate() {
            if old[*alike..] != new[*alike..] {
                let mut write = |change, held_at: Time| {
                    let known_at = known_at.unwrap_or(held_at + SETTLE);
                    ledger.push(Entry { definition, change, held_at, known_at });
                };
                let pairs = old[*alike..].iter().zip(&new[*alike..]);
                let same = *alike + pairs.take_while(|(a, b)| a == b).count();
                revise(&mut write, &old[same..], &new[same..]);
                old.truncate(same);
                old.extend_from_slice(&new[same..]);
            }
            // The newest may still be left.
            *alike = new.len().saturating_sub(1);
        }
    }
}

/// Writes down how some intervals turned into others: calls `write` with each change and when it
/// was so. An interval that is there before and after
/// is the same one if it is entered at the same instant, else if the two overlap.
pub fn revise(write: &mut impl FnMut(Change, Time), old: &[Stretch], new: &[Stretch]) {
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
    let newest = checkpoints.last().map_or(0, |it| it.steps);
    let back = |it: &Checkpoint| newest - it.steps;
    let mut index = checkpoints.len().saturating_sub(2);
    while index > 0 {
        let (before, after) = (&checkpoints[index - 1], &checkpoints[index + 1]);
        if back(before) <= 2 * back(after) {
            checkpoints.remove(index);
        }
        index -= 1;
    }
}
