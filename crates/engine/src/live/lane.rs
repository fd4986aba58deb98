//! Who waits to be judged, in the order of the log.

use std::collections::BTreeSet;

use firsthand_model::fact::Row;
use firsthand_model::{Text, Time};
use firsthand_rules::timeline::Subject;
use rustc_hash::FxHashMap;

/// Who waits, and who is being judged beside the engine.
#[derive(Default)]
pub(super) struct Lane {
    /// Accounts with late rows that may still come in between what is remembered, at once.
    pub near: Queue,
    /// Accounts with late rows that come in between what is remembered a long way back: that is
    /// done beside the engine, as is what is judged from the history.
    pub back: Queue,
    /// Who is to be judged anew from the history.
    pub far: Queue,
    /// Who is being judged anew.
    pub under_way: Option<UnderWay>,
    /// How many times that was begun.
    pub begun: u64,
    /// Rows that wait, or are kept aside for who is being judged anew.
    pub rows: usize,
}

/// Subjects, each once, by the offset of the log behind which lies what they wait for.
#[derive(Default)]
pub(super) struct Queue {
    order: BTreeSet<(u64, Subject)>,
    offsets: FxHashMap<Subject, u64>,
}

/// Who is being judged anew by one job.
pub(super) struct UnderWay {
    /// Which job it is.
    pub number: u64,
    pub flights: FxHashMap<Subject, Flight>,
    /// The least offset of them all.
    first: u64,
}

/// A subject that is being judged anew, and what has come to it since that began.
#[derive(Clone, Debug, Default)]
pub(super) struct Flight {
    /// The offset that it waited at.
    pub offset: u64,
    /// How many of the late rows of an account are part of it.
    pub late: usize,
    /// Rows that have arrived since.
    pub since: Vec<Row>,
    /// From when on they have been told something else since, by their account or family.
    pub changed: Option<Time>,
    /// Whether a person has to be judged once more in any case.
    pub again: bool,
}

impl Lane {
    /// Whether a subject waits for what is done beside the engine.
    pub fn is_marked(&self, subject: &Subject) -> bool {
        self.far.has(subject) || self.back.has(subject)
    }

    /// The least offset at which somebody waits.
    pub fn first(&self) -> Option<u64> {
        let under_way = self.under_way.as_ref().map(|it| it.first);
        let waiting = [&self.near, &self.back, &self.far].map(Queue::first);
        waiting.into_iter().chain([under_way]).flatten().min()
    }

    /// How much waits: rows, and subjects to be judged anew.
    pub fn len(&self) -> usize {
        self.rows + self.far.len()
    }

    /// Says that some are being judged anew from now on; the number of the job.
    pub fn begin(&mut self, flights: FxHashMap<Subject, Flight>) -> u64 {
        let first = flights.values().map(|it| it.offset).min().unwrap_or(u64::MAX);
        self.begun += 1;
        self.under_way = Some(UnderWay { number: self.begun, flights, first });
        self.begun
    }

    /// What has come to a subject since it is being judged anew, if it is.
    pub fn flight(&mut self, subject: &Subject) -> Option<&mut Flight> {
        self.under_way.as_mut()?.flights.get_mut(subject)
    }

    /// Keeps aside what comes to a subject that is being judged anew; whether it is.
    pub fn keep_aside(&mut self, subject: &Subject, rows: &[Row], changed: Option<Time>) -> bool {
        let Some(flight) = self.flight(subject) else { return false };
        flight.since.extend(rows.iter().cloned());
        flight.changed = flight.changed.into_iter().chain(changed).min();
        self.rows += rows.len();
        true
    }

    /// Takes a subject out of what is being judged anew.
    pub fn land(&mut self, subject: &Subject) -> Option<Flight> {
        let flight = self.under_way.as_mut()?.flights.remove(subject)?;
        self.rows -= flight.since.len();
        Some(flight)
    }

    /// Has a subject wait to be judged anew once more: what is being made of it is in vain.
    pub fn again(&mut self, offset: u64, subject: Subject) {
        let flight = self.land(&subject).map(|it| it.offset);
        self.far.insert(flight.map_or(offset, |it| it.min(offset)), subject);
    }

    /// Nothing waits for a subject any more.
    pub fn leave(&mut self, subject: &Subject) {
        for queue in [&mut self.near, &mut self.back, &mut self.far] {
            queue.remove(subject);
        }
        self.land(subject);
    }

    /// Nobody is being judged anew any more. Nothing came of who is nowhere by now.
    pub fn end(&mut self) {
        let under_way = self.under_way.take().into_iter();
        let since = under_way.flat_map(|it| it.flights.into_values()).map(|it| it.since.len());
        self.rows -= since.sum::<usize>();
    }

    /// Has all who are being judged anew wait once more: what comes of it is of no use.
    pub fn abandon(&mut self) {
        let under_way = self.under_way.take();
        for (subject, flight) in under_way.into_iter().flat_map(|it| it.flights) {
            self.rows -= flight.since.len();
            self.far.insert(flight.offset, subject);
        }
    }
}

impl Queue {
    /// Adds a subject, or brings it forward.
    pub fn insert(&mut self, offset: u64, subject: Subject) {
        let offset = self.remove(&subject).map_or(offset, |it| it.min(offset));
        self.offsets.insert(subject.clone(), offset);
        self.order.insert((offset, subject));
    }

    /// Takes a subject out; the offset that it waited at.
    pub fn remove(&mut self, subject: &Subject) -> Option<u64> {
        let offset = self.offsets.remove(subject)?;
        self.order.remove(&(offset, subject.clone()));
        Some(offset)
    }

    /// Takes out the subject that waits longest.
    pub fn pop(&mut self) -> Option<(u64, Subject)> {
        let (offset, subject) = self.order.pop_first()?;
        self.offsets.remove(&subject);
        Some((offset, subject))
    }

    /// Whether a subject is in it.
    pub fn has(&self, subject: &Subject) -> bool {
        self.offsets.contains_key(subject)
    }

    /// The least offset.
    pub fn first(&self) -> Option<u64> {
        self.order.first().map(|(offset, _)| *offset)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.order.len()
    }
}

/// Names an account.
pub(super) fn account(id: &Text) -> Subject {
    Subject { kind: firsthand_model::fact::Kind::Account, id: id.clone() }
}

/// Names a person.
pub(super) fn person(id: &Text) -> Subject {
    Subject { kind: firsthand_model::fact::Kind::Person, id: id.clone() }
}
