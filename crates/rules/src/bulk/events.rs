//! The events that a measure takes.

use super::words::Words;
use crate::eval::value::Value;

/// The events that a measure takes, in order of time.
#[derive(Debug, Default)]
pub(super) struct Events {
    pub times: Vec<i64>,
    /// What is counted once, by number, where that is measured; [`Words::NONE`] for nobody.
    pub keys: Vec<u32>,
    /// The first event of each day that has any, where days are counted.
    pub days: Vec<u32>,
    /// Millionths, where amounts are measured.
    pub amounts: Vec<i64>,
    /// Values, where those are measured.
    pub values: Vec<Value>,
    /// Whether each removes from a level, where that is measured.
    pub removes: Vec<bool>,
    /// Worked out when they are first asked for.
    stretches: Option<Vec<Stretch>>,
    /// Memory for them that is used again.
    spare: Vec<Stretch>,
}

/// Events of the same key, one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    pub key: u32,
    /// When its first event was, and its last.
    pub from: i64,
    pub to: i64,
}

impl Events {
    pub fn clear(&mut self) {
        self.times.clear();
        self.keys.clear();
        self.days.clear();
        self.amounts.clear();
        self.values.clear();
        self.removes.clear();
        self.spare = self.stretches.take().unwrap_or_else(|| std::mem::take(&mut self.spare));
    }

    /// The number of an event's day, counted on with each day that has events.
    pub fn day(&self, event: usize) -> usize {
        self.days.partition_point(|it| *it as usize <= event)
    }

    /// The stretches of events of the same key, without those of nobody.
    pub fn stretches(&mut self) -> &[Stretch] {
        let Self { times, keys, stretches, spare, .. } = self;
        stretches.get_or_insert_with(|| {
            let mut all = std::mem::take(spare);
            all.clear();
            let mut from = 0;
            for same in keys.chunk_by(|a, b| a == b) {
                let last = from + same.len() - 1;
                if same[0] != Words::NONE {
                    all.push(Stretch { key: same[0], from: times[from], to: times[last] });
                }
                from = last + 1;
            }
            all
        })
    }

    /// Calls `tell` with the events of each instant, from the first to behind the last.
    pub fn each_instant(&self, mut tell: impl FnMut(usize, usize)) {
        let mut from = 0;
        for to in 1..=self.times.len() {
            if self.times.get(to) != Some(&self.times[from]) {
                tell(from, to);
                from = to;
            }
        }
    }
}
