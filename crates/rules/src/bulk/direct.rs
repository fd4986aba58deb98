//! Answers to the commonest question without a timeline: whether there have been so many.
//!
//! "At least 3 people in the last 7 days" holds from an event on as long as the third newest person
//! was seen within 7 days. So it is enough to know when that was, where it changes: what falls out
//! of the window need not be followed. Days change with their first event, and people where
//! somebody else acts than before.

use firsthand_model::Span;

use super::Life;
use super::events::Events;
use super::measure::is_days;
use super::question::Answers;
use super::whole::Whole;
use super::words::Words;
use crate::eval::entries::EXACT_ENTRIES_MAX;
use crate::eval::leaf::{Leaf, Measure};
use crate::eval::window::Part;

/// Most different keys that are looked through at each event.
const KEYS_MAX: usize = 16;

/// Whether a leaf has counted so many within a window that slides, or ever.
#[derive(Clone, Copy, Debug)]
pub(super) struct AtLeast {
    /// The series of the leaf.
    pub series: u32,
    count: usize,
    /// For ever, if there is no window.
    length: Option<Span>,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Events,
    Days,
    /// One event of any key.
    Key,
    Keys,
}

impl AtLeast {
    /// Of a measure; `None` if it has no such answers.
    pub fn of(series: u32, measure: &Whole, count: usize) -> Option<Self> {
        let Whole::Leaf(Leaf { measure, window, .. }) = measure else { return None };
        let length = match &window.parts[..] {
            [] => None,
            [Part::Sliding { length, ago: Span(0) }] => Some(*length),
            _ => return None,
        };
        let what = match measure {
            Measure::Count => What::Events,
            // Where there is an event, there is a day.
            Measure::Distinct(parts) if is_days(parts) && count == 1 => What::Events,
            Measure::Distinct(parts) if is_days(parts) => What::Days,
            Measure::Distinct(_) if count == 1 => What::Key,
            Measure::Distinct(_) if count <= KEYS_MAX => What::Keys,
            _ => return None,
        };
        (count > 0).then_some(Self { series, count, length, what })
    }

    /// Works out the answers over a life; false if there are more events in the window than a leaf
    /// keeps to the microsecond.
    pub fn answer(&self, events: &mut Events, life: Life, answers: &mut Answers) -> bool {
        let length = self.length.map_or(i64::MAX, |it| it.0);
        let times = &events.times[..];
        let too_many = |from: usize| times[from + EXACT_ENTRIES_MAX] - times[from] <= length;
        let pairs = times.len().saturating_sub(EXACT_ENTRIES_MAX);
        if self.length.is_some() && (0..pairs).any(too_many) {
            return false;
        }
        answers.clear();
        let mut turns = Turns { answers, length, life, ends: NOT };
        match self.what {
            What::Events => {
                let newest = times.iter().skip(self.count - 1);
                newest.zip(times).for_each(|(at, since)| turns.tell(*at, *since));
            }
            What::Days => {
                let last = |day: usize| times[events.days[day + 1] as usize - 1];
                for day in self.count - 1..events.days.len() {
                    turns.tell(times[events.days[day] as usize], last(day + 1 - self.count));
                }
            }
            What::Key => {
                let known = times.iter().zip(&events.keys).filter(|it| *it.1 != Words::NONE);
                known.for_each(|(at, _)| turns.tell(*at, *at));
            }
            What::Keys => {
                // When each of the newest keys was seen last, the newest first.
                let mut newest = [(Words::NONE, 0); KEYS_MAX];
                let mut found = 0;
                for stretch in events.stretches() {
                    let place = newest[..found].iter().position(|(it, _)| *it == stretch.key);
                    let place = place.unwrap_or_else(|| {
                        found = self.count.min(found + 1);
                        found - 1
                    });
                    newest.copy_within(..place, 1);
                    newest[0] = (stretch.key, stretch.to);
                    if found == self.count {
                        turns.tell(stretch.from, newest[found - 1].1);
                    }
                }
            }
        }
        turns.end();
        true
    }
}

/// In the place of an end: it is not so.
const NOT: i64 = i64::MIN;

/// The answers as they turn.
struct Turns<'a> {
    answers: &'a mut Answers,
    length: i64,
    life: Life,
    /// While it is so: when it is so no longer, if nothing comes.
    ends: i64,
}

impl Turns<'_> {
    /// Says that at an instant there have been enough since another. Instants come in order; of
    /// several at once the last tells.
    fn tell(&mut self, at: i64, since: i64) {
        let ends = since.saturating_add(self.length);
        if ends <= at && self.ends == NOT {
            return;
        }
        if self.ends < at && self.ends != NOT {
            self.put(self.ends, false);
            self.ends = NOT;
        }
        let was = self.ends != NOT;
        self.ends = if ends > at { ends } else { NOT };
        if was != (ends > at) {
            self.put(at, !was);
        }
    }

    fn put(&mut self, at: i64, answer: bool) {
        let birth = self.life.birth.0;
        if self.answers.is_empty() && at > birth {
            self.answers.push((birth, Some(false)));
        }
        // What was said of the same instant before is said no longer.
        if self.answers.last().is_some_and(|(last, _)| *last == at) {
            self.answers.pop();
        }
        if self.answers.last().is_none_or(|(_, last)| *last != Some(answer)) {
            self.answers.push((at, Some(answer)));
        }
    }

    fn end(mut self) {
        if self.ends != NOT && self.ends <= self.life.until.0 && self.ends < i64::MAX {
            self.put(self.ends, false);
        }
        if self.answers.is_empty() {
            self.answers.push((self.life.birth.0, Some(false)));
        }
    }
}
