//! Answers to the commonest question without a timeline: whether there have been so many.
//!
//! "At least 3 people in the last 7 days" holds from an event on as long as the third newest person
//! was seen within 7 days. So it is enough to know, at each event, when that was: what falls out of
//! the window need not be followed.

use firsthand_model::Span;

use super::Life;
use super::measure::{Events, is_days};
use super::question::{Answer, Answers};
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
            Measure::Distinct(parts) if is_days(parts) => What::Days,
            Measure::Distinct(_) if count <= KEYS_MAX => What::Keys,
            _ => return None,
        };
        (count > 0).then_some(Self { series, count, length, what })
    }

    /// Works out the answers over a life; false if there are more events in the window than a leaf
    /// keeps to the microsecond.
    pub fn answer(&self, events: &Events, life: Life, answers: &mut Answers) -> bool {
        let times = &events.times[..];
        let length = self.length.map_or(i64::MAX, |it| it.0);
        let too_many = |from: usize| times[from + EXACT_ENTRIES_MAX] - times[from] <= length;
        let pairs = times.len().saturating_sub(EXACT_ENTRIES_MAX);
        if self.length.is_some() && (0..pairs).any(too_many) {
            return false;
        }
        answers.clear();
        let mut turns = Turns { answers, length, until: life.until.0, ends: None };
        if times.first() != Some(&life.birth.0) {
            turns.put(life.birth.0, false);
        }
        match self.what {
            What::Events => {
                turns.follow(times, |it| Some(times[(it + 1).checked_sub(self.count)?]));
            }
            What::Days => {
                let first = events.days.first().copied().unwrap_or_default();
                // The newest event of each day.
                let mut newest: Vec<i64> = Vec::new();
                turns.follow(times, |it| {
                    let day = (events.days[it] - first) as usize;
                    newest.truncate(day);
                    newest.push(times[it]);
                    Some(newest[(day + 1).checked_sub(self.count)?])
                });
            }
            What::Keys => {
                // The newest event of each of the newest keys, the newest first.
                let mut newest: Vec<(u32, i64)> = Vec::with_capacity(self.count + 1);
                turns.follow(times, |it| {
                    let key = events.keys[it];
                    if key != Words::NONE {
                        let place = newest.iter().position(|(it, _)| *it == key);
                        let place = place.unwrap_or_else(|| {
                            newest.truncate(self.count - 1);
                            newest.push((key, 0));
                            newest.len() - 1
                        });
                        newest[..=place].rotate_right(1);
                        newest[0].1 = times[it];
                    }
                    newest.get(self.count - 1).map(|it| it.1)
                });
            }
        }
        turns.end();
        true
    }
}

/// The answers as they turn.
struct Turns<'a> {
    answers: &'a mut Answers,
    length: i64,
    until: i64,
    /// While it is so: when it is so no longer, if nothing comes.
    ends: Option<i64>,
}

impl Turns<'_> {
    fn put(&mut self, at: i64, answer: bool) {
        let answer: Answer = Some(answer);
        if self.answers.last().is_none_or(|(_, last)| *last != answer) {
            self.answers.push((at, answer));
        }
    }

    /// Goes through events; `since` tells, at each, since when there have been enough.
    fn follow(&mut self, times: &[i64], mut since: impl FnMut(usize) -> Option<i64>) {
        for (place, at) in times.iter().enumerate() {
            let since = since(place);
            // All events of an instant are taken together.
            if times.get(place + 1) == Some(at) {
                continue;
            }
            if let Some(ends) = self.ends.filter(|it| it < at) {
                self.put(ends, false);
            }
            let ends = since.map(|it| it.saturating_add(self.length));
            self.ends = ends.filter(|it| it > at);
            self.put(*at, self.ends.is_some());
        }
    }

    fn end(mut self) {
        if let Some(ends) = self.ends.filter(|it| *it <= self.until && *it < i64::MAX) {
            self.put(ends, false);
        }
    }
}
