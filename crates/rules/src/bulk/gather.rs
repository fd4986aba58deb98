//! From an account's columns to the events that measures take.
//!
//! An event's name tells where it goes. Measures of the same events, in other windows or of other
//! sides of them, share a feed.

use std::collections::BTreeMap;

use firsthand_model::fact::{Row, RowBody};
use firsthand_model::{Scalar, Text, Time};
use rustc_hash::FxHashMap;

use super::measure::Events;
use super::plan::BulkPlan;
use super::taker::{Event, Taker};
use super::whole::{Side, What, Whole};
use super::words::Words;
use super::{Columns, Definitions, NeedsRows};
use crate::eval::leaf::Measure;

/// Gathers events for the measures of a plan, account by account.
#[derive(Debug)]
pub(super) struct Gatherer<'p> {
    plan: &'p BulkPlan,
    takers: Vec<Taker<'p>>,
    /// Measures that want no more than the first few events.
    firsts: Vec<First>,
    feeds: Vec<Feed>,
    /// For each measure the feed of its events.
    feed_of: Vec<u32>,
    /// For each name met, the takers that want it, in the first turn and in the second.
    wanted_by: [Vec<Option<Box<[u32]>>>; 2],
    /// For each name met, the definitions that read its events or records.
    matters: Vec<Definitions>,
    accounts: u64,
    /// The first row of the account at hand.
    born: usize,
    row: Row,
}

/// The events that some measures take.
#[derive(Debug)]
struct Feed {
    events: Events,
    /// A number for each key met.
    keys: FxHashMap<Text, u32>,
    turn: Turn,
    /// Whether nobody asks for it at the account at hand.
    is_idle: bool,
    /// How many events it has taken so far.
    taken: u64,
}

/// Feeds are filled in two turns: first those that show most quickly that no definition can have
/// held. Which these are is learnt from the first accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    First,
    Second,
}

/// After so many accounts it is learnt which feeds come first.
const LEARNT_AFTER: u64 = 32;

/// A feed that takes the first few events of some names.
#[derive(Debug)]
struct First {
    feed: u32,
    measure: u32,
    pattern: u32,
    count: usize,
    /// For each name met, whether it is one.
    wants: Vec<bool>,
    /// The first ones of the account at hand, and whether one of them was known late: others may
    /// have been the first as long as it was not.
    found: Vec<usize>,
    found_late: bool,
}

impl<'p> Gatherer<'p> {
    pub fn new(plan: &'p BulkPlan) -> Self {
        let mut gatherer = Self {
            plan,
            takers: Vec::new(),
            firsts: Vec::new(),
            feeds: Vec::new(),
            feed_of: Vec::new(),
            wanted_by: [Vec::new(), Vec::new()],
            matters: Vec::new(),
            accounts: 0,
            born: 0,
            row: Row::bare(Time::MIN, nameless(plan.paths().len())),
        };
        let mut shared: BTreeMap<String, u32> = BTreeMap::new();
        for (measure, whole) in (0_u32..).zip(&plan.measures) {
            let feed = match whole {
                Whole::Leaf(leaf) => {
                    let Some(side) = whole.sides().next() else { continue };
                    let first = match leaf.measure {
                        Measure::Nth(n) if leaf.window.is_ever() && leaf.filter.is_none() => n,
                        _ => 0,
                    };
                    if first > 0 {
                        gatherer.add_first(measure, side.pattern, first as usize)
                    } else {
                        let key = key(side);
                        let feed = shared.get(&key).copied();
                        let feed = feed.unwrap_or_else(|| {
                            let feed = gatherer.add_feed();
                            gatherer.takers.push(Taker::new(feed, side, None));
                            feed
                        });
                        for taker in gatherer.takers.iter_mut().filter(|it| it.feed == feed) {
                            taker.persons |= matches!(side.what, What::Person);
                            taker.days |= matches!(side.what, What::Day);
                        }
                        shared.insert(key, feed);
                        feed
                    }
                }
                Whole::Level(_) => {
                    let feed = gatherer.add_feed();
                    for (place, side) in whole.sides().enumerate() {
                        gatherer.takers.push(Taker::new(feed, side, Some(place == 1)));
                    }
                    feed
                }
            };
            gatherer.feed_of.push(feed);
        }
        gatherer
    }

    fn add_feed(&mut self) -> u32 {
        self.feeds.push(Feed {
            events: Events::default(),
            keys: FxHashMap::default(),
            turn: Turn::First,
            is_idle: false,
            taken: 0,
        });
        u32::try_from(self.feeds.len() - 1).expect("as many as measures")
    }

    fn add_first(&mut self, measure: u32, pattern: u32, count: usize) -> u32 {
        let feed = self.add_feed();
        let (wants, found, found_late) = (Vec::new(), Vec::new(), false);
        self.firsts.push(First { feed, measure, pattern, count, wants, found, found_late });
        feed
    }

    /// The turn in which a measure's events are gathered.
    pub fn turn(&self, measure: u32) -> Turn {
        self.feeds[self.feed_of[measure as usize] as usize].turn
    }

    /// The events of a measure, once its turn has been.
    pub fn events(&self, measure: u32) -> &Events {
        &self.feeds[self.feed_of[measure as usize] as usize].events
    }

    /// Says that of the second turn only what some measures take is wanted.
    pub fn only(&mut self, measures: impl Iterator<Item = u32>) {
        self.feeds.iter_mut().for_each(|it| it.is_idle = true);
        for measure in measures {
            self.feeds[self.feed_of[measure as usize] as usize].is_idle = false;
        }
    }

    /// Whether a row of an account that was gathered can have changed the verdicts of a
    /// definition.
    pub fn matters(&self, definition: usize, row: usize, name: u32) -> bool {
        let reads = |it: &First| self.plan.reads()[definition].measures.contains(&it.measure);
        let takes =
            |it: &First| it.found.contains(&row) || it.found_late && it.wants[name as usize];
        // A life begins with its first row, whatever that is.
        row == self.born
            || self.matters[name as usize].contains(definition)
            || self.firsts.iter().any(|it| takes(it) && reads(it))
    }

    /// The definitions for which a row matters.
    pub fn matters_for(&self, row: usize, name: u32) -> Definitions {
        let mut them = Definitions::default();
        for definition in 0..self.plan.reads().len() {
            if self.matters(definition, row, name) {
                them.insert(definition);
            }
        }
        them
    }

    /// Begins an account.
    pub fn begin(&mut self, columns: &Columns<'_>, words: &Words) {
        self.firsts.iter_mut().for_each(|it| it.found.clear());
        self.takers.iter_mut().for_each(Taker::begin);
        for feed in &mut self.feeds {
            feed.events.clear();
            feed.is_idle = false;
        }
        self.born = columns.names.iter().position(|it| *it != Words::GAP).unwrap_or(0);
        if self.accounts == LEARNT_AFTER {
            self.choose_turns();
        }
        self.accounts += 1;
        self.learn_names(words);
    }

    /// Gathers the first so many rows of an account for the measures of a turn, but for those that
    /// are hidden. The second turn comes after the first.
    pub fn gather(
        &mut self,
        turn: Turn,
        columns: &Columns<'_>,
        words: &Words,
        count: usize,
        hidden: &impl Fn(usize) -> bool,
    ) -> Result<(), NeedsRows> {
        for first in &mut self.firsts {
            let feed = &mut self.feeds[first.feed as usize];
            if feed.turn == turn && !feed.is_idle {
                let names = columns.names[..count].iter().enumerate();
                let found = names.filter(|(_, name)| first.wants[**name as usize]);
                let found = found.map(|(row, _)| row).filter(|it| !hidden(*it));
                first.found.extend(found.take(first.count));
                let is_late = |row: &usize| columns.known.of(*row).is_some();
                first.found_late = first.found.iter().any(is_late);
                let times = first.found.iter().map(|it| columns.times[*it]);
                feed.events.times.extend(times);
            }
        }
        let wanted_by = &self.wanted_by[turn as usize];
        let of_turn = |it: &Feed| it.turn == turn && !it.is_idle;
        if !self.takers.iter().any(|it| of_turn(&self.feeds[it.feed as usize])) {
            return Ok(());
        }
        let calendar = &self.plan.rest.calendar;
        for (index, name) in columns.names[..count].iter().enumerate() {
            let Some(wanted_by) = &wanted_by[*name as usize] else { continue };
            if hidden(index) {
                continue;
            }
            for taker in wanted_by {
                let taker = &mut self.takers[*taker as usize];
                let feed = &mut self.feeds[taker.feed as usize];
                if feed.is_idle {
                    continue;
                }
                let event = Event { columns, words, index, calendar };
                taker.take(&event, &mut self.row, &mut feed.keys, &mut feed.events)?;
            }
        }
        if self.accounts <= LEARNT_AFTER {
            for feed in self.feeds.iter_mut().filter(|it| it.turn == turn) {
                feed.taken += feed.events.times.len() as u64;
            }
        }
        Ok(())
    }

    /// Of each definition the needed measure with the fewest events comes first, and all that is
    /// read by those that need none; the rest second.
    fn choose_turns(&mut self) {
        let taken = |it: u32| self.feeds[self.feed_of[it as usize] as usize].taken;
        let mut first = Vec::new();
        for (asked, needed) in self.plan.asked.iter().zip(self.plan.needed_series()) {
            match needed.into_iter().min_by_key(|it| taken(*it)) {
                Some(rarest) => first.push(rarest),
                None => first.extend(&self.plan.reads()[asked.place].measures),
            }
        }
        self.feeds.iter_mut().for_each(|it| it.turn = Turn::Second);
        for measure in first {
            self.feeds[self.feed_of[measure as usize] as usize].turn = Turn::First;
        }
        self.wanted_by = [Vec::new(), Vec::new()];
        self.matters.clear();
        self.firsts.iter_mut().for_each(|it| it.wants.clear());
    }

    /// Finds out which measures want the names that have come new.
    fn learn_names(&mut self, words: &Words) {
        for number in self.wanted_by[0].len()..words.names() {
            let number = u32::try_from(number).expect("numbers are 32 bits");
            let (name, record) = words.name_of(number);
            let class = self.plan.rest.classes.class(name, record);
            let is_none = number == Words::NONE;
            let is_name = !is_none && number != Words::GAP;
            let fits = |it| is_name && self.plan.fits(it, name, class);
            for first in &mut self.firsts {
                first.wants.push(fits(first.pattern));
            }
            let mut them = Definitions::default();
            for (place, reads) in self.plan.reads().iter().enumerate() {
                let mut takes = reads.measures.iter().filter(|it| !self.is_first(**it));
                let mut takes = takes
                    .any(|it| self.plan.measures[*it as usize].sides().any(|it| fits(it.pattern)));
                takes |= is_none || reads.patterns.iter().any(|it| fits(*it));
                if takes {
                    them.insert(place);
                }
            }
            self.matters.push(them);
            for (turn, wanted_by) in
                [Turn::First, Turn::Second].into_iter().zip(&mut self.wanted_by)
            {
                let wants = |it: &Taker<'_>| {
                    self.feeds[it.feed as usize].turn == turn && fits(it.side.pattern)
                };
                let takers = (0_u32..).zip(&self.takers);
                let all: Box<[u32]> =
                    takers.filter(|(_, it)| wants(it)).map(|(place, _)| place).collect();
                wanted_by.push((!all.is_empty()).then_some(all));
            }
        }
    }

    /// Whether a measure wants no more than the first few events.
    fn is_first(&self, measure: u32) -> bool {
        self.firsts.iter().any(|it| it.measure == measure)
    }
}

/// An event of no name, with a place for the value of each path.
fn nameless(paths: usize) -> RowBody {
    let values = vec![Scalar::Missing; paths].into();
    RowBody::Event { name: Text::default(), record: false, values }
}

/// What two sides must have in common to share a feed.
fn key(side: Side<'_>) -> String {
    let Side { pattern, filter, what } = side;
    let what = match what {
        What::Nothing | What::Person | What::Day => None,
        What::Key(_) | What::Amount(_) | What::Value(_) => Some(what),
    };
    format!("{pattern} {filter:?} {what:?}")
}
