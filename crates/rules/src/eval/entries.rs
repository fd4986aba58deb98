//! What a leaf remembers: the events of a window, and what those inside come to.
//!
//! Events are kept to the microsecond until there are too many; then those of a minute are kept
//! together, and what may lie on either side of the window's ends is in doubt, never wrong.

use std::collections::{BTreeMap, VecDeque};

use firsthand_model::{Span, Text, Time};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::leaf::Measure;
use super::value::{Linear, Value};
use super::window::Bounds;

/// Entries of a window that are kept to the microsecond; beyond, to the minute.
pub const EXACT_ENTRIES_MAX: usize = 4_096;
/// Room for so many entries is not worth giving back.
const ROOM_MIN: usize = 4;

/// What a leaf remembers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LeafState {
    /// Events by time: those that have left (kept only where the window may go back), those
    /// inside, those not yet inside.
    pub(super) entries: VecDeque<Entry>,
    pub(super) inside_from: usize,
    pub(super) inside_to: usize,
    /// Whether entries have been kept together.
    coarse: bool,
    /// Where there are too many: the keys of the newest minute.
    keys: Option<Box<MinuteKeys>>,
    /// The newest event that was kept.
    newest: Time,
    from: Time,
    to: Time,
    pub(super) total: Total,
    pub(super) negative: bool,
}

/// One event, or several of one minute and key where there are too many.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    pub(super) first: Time,
    of: Of,
}

/// Every account has thousands of these.
const _: () = assert!(size_of::<Entry>() == 32);

/// What an entry is made of.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Of {
    One(What),
    Several(Box<Several>),
}

/// Several events of one minute and key.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Several {
    last: Time,
    count: u64,
    what: What,
}

/// What an event adds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum What {
    /// Itself.
    Nothing,
    /// Adds up.
    Amount(Millionths),
    /// The least or greatest counts.
    Extreme(Millionths),
    /// Counts once, however often.
    Key(Text),
    /// The newest counts.
    Value(Box<Value>),
}

/// An exact number, in bytes: as a number it would make every entry half as large again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Millionths([u8; 16]);

impl Millionths {
    /// So many.
    pub fn new(number: i128) -> Self {
        Self(number.to_ne_bytes())
    }

    /// How many.
    pub fn number(self) -> i128 {
        i128::from_ne_bytes(self.0)
    }
}

/// What the entries inside come to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Total {
    pub(super) count: u64,
    pub(super) amount: i128,
    overflow: bool,
    pub(super) keys: FxHashMap<Text, u64>,
    /// Over all time only.
    pub(super) ever: Option<Box<Ever>>,
}

/// What cannot be added up over all time.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Ever {
    /// The extreme so far.
    pub(super) best: Option<i128>,
    /// The newest value.
    pub(super) newest: Value,
    /// The n-th or last instant.
    pub(super) moment: Option<Time>,
}

impl Entry {
    /// One event.
    pub fn of(at: Time, what: What) -> Self {
        Self { first: at, of: Of::One(what) }
    }

    pub(super) fn last(&self) -> Time {
        match &self.of {
            Of::One(_) => self.first,
            Of::Several(it) => it.last,
        }
    }

    pub(super) fn count(&self) -> u64 {
        match &self.of {
            Of::One(_) => 1,
            Of::Several(it) => it.count,
        }
    }

    pub(super) fn what(&self) -> &What {
        match &self.of {
            Of::One(what) => what,
            Of::Several(it) => &it.what,
        }
    }

    /// Takes in a later event of the same minute, if the two can be told as one.
    fn absorb(&mut self, later: &Self, measure: &Measure) -> bool {
        let Some(what) = self.what().with(later.what(), measure) else { return false };
        let count = self.count() + later.count();
        self.of = Of::Several(Box::new(Several { last: later.last(), count, what }));
        true
    }
}

impl What {
    fn amount(&self) -> i128 {
        match self {
            Self::Amount(it) => it.number(),
            _ => 0,
        }
    }

    pub(super) fn extreme(&self) -> Option<i128> {
        match self {
            Self::Extreme(it) => Some(it.number()),
            _ => None,
        }
    }

    /// The two told as one, if they can be.
    fn with(&self, other: &Self, measure: &Measure) -> Option<Self> {
        match (self, other) {
            (Self::Nothing, Self::Nothing) => Some(Self::Nothing),
            (Self::Key(old), Self::Key(new)) => (old == new).then(|| self.clone()),
            (Self::Amount(old), Self::Amount(new)) => {
                let sum = old.number().checked_add(new.number())?;
                Some(Self::Amount(Millionths::new(sum)))
            }
            (Self::Extreme(old), Self::Extreme(new)) => {
                let (old, new) = (old.number(), new.number());
                let least = matches!(measure, Measure::Least(_));
                let best = if least { old.min(new) } else { old.max(new) };
                Some(Self::Extreme(Millionths::new(best)))
            }
            _ => None,
        }
    }
}

impl Total {
    pub(super) fn add(&mut self, entry: &Entry) {
        self.count += entry.count();
        match entry.what() {
            What::Amount(it) => self.add_amount(it.number()),
            What::Key(key) => *self.keys.entry(key.clone()).or_default() += 1,
            What::Nothing | What::Extreme(_) | What::Value(_) => {}
        }
    }

    fn add_amount(&mut self, amount: i128) {
        match self.amount.checked_add(amount) {
            Some(sum) => self.amount = sum,
            None => self.overflow = true,
        }
    }

    fn remove(&mut self, entry: &Entry) {
        self.count -= entry.count();
        match entry.what() {
            What::Amount(it) => match self.amount.checked_sub(it.number()) {
                Some(rest) => self.amount = rest,
                None => self.overflow = true,
            },
            What::Key(key) => {
                if let Some(count) = self.keys.get_mut(key) {
                    *count -= 1;
                    if *count == 0 {
                        self.keys.remove(key);
                    }
                }
            }
            What::Nothing | What::Extreme(_) | What::Value(_) => {}
        }
    }

    pub(super) fn ever(&mut self) -> &mut Ever {
        self.ever.get_or_insert_default()
    }

    pub(super) fn sum(&self) -> Option<i128> {
        (!self.overflow).then_some(self.amount)
    }

    pub(super) fn mean(&self) -> Value {
        match Linear::ratio(self.amount, i128::from(self.count)) {
            Some(mean) if !self.overflow => Value::Number(mean),
            _ => Value::Unknown,
        }
    }
}

/// The minute of an instant, by which entries are kept together.
fn minute(at: Time) -> i64 {
    at.0.div_euclid(Span::MINUTE.0)
}

/// Where the entries of one minute are by their key.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct MinuteKeys {
    minute: i64,
    /// The place of each, counted from what was the first entry when the minute began.
    places: BTreeMap<Text, usize>,
    /// How many entries have gone since then.
    gone: usize,
}

/// What of a total may lie just outside the window, in entries kept to the minute.
#[derive(Clone, Copy, Debug, Default)]
pub struct Doubt {
    pub(super) entries: u64,
    pub(super) count: u64,
    pub(super) amount: i128,
}

impl Doubt {
    /// Whether a part of an entry, or all of it, may be outside.
    pub(super) fn concerns(self, entry: &Entry, bounds: &Bounds) -> bool {
        self.entries > 0 && (entry.first < bounds.from || entry.last() >= bounds.to)
    }
}

impl LeafState {
    /// Whether entries have been kept together, so that edges may be in doubt.
    pub fn is_coarse(&self) -> bool {
        self.coarse
    }

    /// Keeps an event; where there are too many, together with others of its minute.
    pub(super) fn push(&mut self, entry: Entry, measure: &Measure) {
        self.newest = entry.last();
        if self.entries.len() < EXACT_ENTRIES_MAX {
            self.keys = None;
        } else if let Some(index) = self.alike(&entry)
            && let Some(old) = self.entries.get_mut(index)
            && old.absorb(&entry, measure)
        {
            self.coarse = true;
            if (self.inside_from..self.inside_to).contains(&index) {
                self.total.count += 1;
                self.total.add_amount(entry.what().amount());
            }
            return;
        }
        if let (Some(keys), What::Key(key)) = (&mut self.keys, entry.what()) {
            keys.places.insert(key.clone(), keys.gone + self.entries.len());
        }
        self.entries.push_back(entry);
    }

    /// The place of the newest entry of the same minute with which an event may be kept.
    fn alike(&mut self, entry: &Entry) -> Option<usize> {
        let this = minute(entry.first);
        let of_minute = |(_, it): &(usize, &Entry)| minute(it.first) == this;
        let mut recent = self.entries.iter().enumerate().rev().take_while(of_minute);
        match entry.what() {
            What::Value(_) => None,
            What::Key(key) => {
                if self.keys.as_ref().is_none_or(|it| it.minute != this) {
                    let mut places = BTreeMap::new();
                    for (place, it) in recent {
                        if let What::Key(key) = it.what() {
                            places.entry(key.clone()).or_insert(place);
                        }
                    }
                    self.keys = Some(Box::new(MinuteKeys { minute: this, places, gone: 0 }));
                }
                let keys = self.keys.as_ref()?;
                keys.places.get(key)?.checked_sub(keys.gone)
            }
            What::Nothing | What::Amount(_) | What::Extreme(_) => {
                recent.next().map(|(place, _)| place)
            }
        }
    }

    /// Lets entries in and out as the bounds have moved.
    pub(super) fn follow(&mut self, bounds: &Bounds) {
        if bounds.known {
            if bounds.from < self.from || bounds.to < self.to {
                self.total = Total::default();
                let from = bounds.from - Span::MINUTE;
                self.inside_from = self.entries.partition_point(|entry| entry.first < from);
                self.inside_to = self.inside_from;
            }
            (self.from, self.to) = (bounds.from, bounds.to);
            while self.entries.get(self.inside_to).is_some_and(|it| it.first < bounds.to) {
                self.total.add(&self.entries[self.inside_to]);
                self.inside_to += 1;
            }
            while self.inside_from < self.inside_to
                && self.entries[self.inside_from].last() < bounds.from
            {
                self.total.remove(&self.entries[self.inside_from]);
                self.inside_from += 1;
            }
        }
        while let Some(gone) = self.entries.pop_front_if(|it| it.last() < bounds.gone_before) {
            if let Some(keys) = &mut self.keys {
                keys.gone += 1;
            }
            if self.inside_from > 0 {
                self.inside_from -= 1;
                self.inside_to -= 1;
            } else if self.inside_to > 0 {
                self.total.remove(&gone);
                self.inside_to -= 1;
            }
        }
        // A busy time is over.
        if self.entries.capacity() > 4 * self.entries.len().max(ROOM_MIN) {
            self.entries.shrink_to(2 * self.entries.len());
        }
    }

    /// The entries inside that began before the window, and those that end after it. An entry
    /// that is kept to the microsecond is never one of them.
    fn at_the_edges(&self, bounds: &Bounds) -> impl Iterator<Item = &Entry> {
        let inside = || self.entries.range(self.inside_from..self.inside_to);
        let (from, to) = (bounds.from, bounds.to);
        let begun = inside().take_while(move |it| it.first < from);
        let end = minute(Time(to.0 - 1));
        let any = self.coarse && self.newest >= to;
        let ends = inside().rev().take_while(move |it| any && minute(it.first) == end);
        begun.chain(ends.filter(move |it| it.first >= from && it.last() >= to))
    }

    pub(super) fn doubt(&self, bounds: &Bounds) -> Doubt {
        let mut doubt = Doubt::default();
        for entry in self.at_the_edges(bounds) {
            doubt.entries += 1;
            doubt.count += entry.count();
            // Only sums of nothing negative ask: what is too much here is too much in the total.
            doubt.amount = doubt.amount.saturating_add(entry.what().amount());
        }
        doubt
    }

    pub(super) fn next(&self, bounds: &Bounds, now: Time) -> Time {
        let mut next = bounds.next;
        let mut at = |instant: Time| {
            if instant > now {
                next = next.min(instant);
            }
        };
        if let Some(span) = bounds.leaves_after {
            let inside = self.entries.range(self.inside_from..self.inside_to);
            for entry in inside {
                at(entry.first + span);
                if entry.first + span > now {
                    break;
                }
                at(entry.last() + span);
            }
        }
        if let Some(span) = bounds.enters_after {
            self.entries.get(self.inside_to).into_iter().for_each(|it| at(it.first + span));
            self.at_the_edges(bounds).for_each(|it| at(it.last() + span));
        }
        next
    }
}
