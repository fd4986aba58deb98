//! From an account's columns to the events that measures take.
//!
//! An event's name tells where it goes. Measures of the same events, in other windows or of other
//! sides of them, share a feed.

use std::collections::BTreeMap;

use firsthand_model::fact::{Row, RowBody};
use firsthand_model::{Scalar, Text, Time};
use rustc_hash::FxHashMap;

use super::direct::AtLeast;
use super::events::Events;
use super::lists::{Lists, Memory, Shown};
use super::plan::BulkPlan;
use super::taker::{Account, Taker};
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
    /// The rows of the account at hand, by who takes them: the takers, then the firsts.
    lists: Lists,
    /// Memory that is used again for the rows of what adds, and of what removes.
    memory: [Memory; 2],
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
    /// Who fills it: what adds, and for a level what removes; nobody, if it takes the first few.
    takers: Vec<u32>,
    events: Events,
    /// A number for each key met.
    keys: FxHashMap<Text, u32>,
    turn: Turn,
    /// Whether the events of the account at hand are there.
    is_filled: bool,
    /// How many events it has taken so far.
    taken: u64,
}

/// Measures are looked at in two turns: first those that show most quickly that no definition can
/// have held. Which these are is learnt from the first accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    First,
    Second,
}

/// After so many accounts it is learnt which measures come first.
const LEARNT_AFTER: u64 = 32;

/// A feed that takes the first few events of some names.
#[derive(Debug)]
struct First {
    feed: u32,
    measure: u32,
    pattern: u32,
    count: usize,
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
            lists: Lists::default(),
            memory: <[Memory; 2]>::default(),
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
                            gatherer.add_taker(Taker::new(feed, side, None));
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
                        gatherer.add_taker(Taker::new(feed, side, Some(place == 1)));
                    }
                    feed
                }
            };
            gatherer.feed_of.push(feed);
        }
        gatherer.lists = Lists::new(gatherer.takers.len() + gatherer.firsts.len());
        gatherer
    }

    fn add_feed(&mut self) -> u32 {
        self.feeds.push(Feed {
            takers: Vec::new(),
            events: Events::default(),
            keys: FxHashMap::default(),
            turn: Turn::First,
            is_filled: false,
            taken: 0,
        });
        u32::try_from(self.feeds.len() - 1).expect("as many as measures")
    }

    fn add_taker(&mut self, taker: Taker<'p>) {
        let place = u32::try_from(self.takers.len()).expect("at most two a measure");
        self.feeds[taker.feed as usize].takers.push(place);
        self.takers.push(taker);
    }

    fn add_first(&mut self, measure: u32, pattern: u32, count: usize) -> u32 {
        let feed = self.add_feed();
        let (found, found_late) = (Vec::new(), false);
        self.firsts.push(First { feed, measure, pattern, count, found, found_late });
        feed
    }

    /// The turn in which a measure is looked at.
    pub fn turn(&self, measure: u32) -> Turn {
        self.feeds[self.feed_of[measure as usize] as usize].turn
    }

    /// How many events a measure has at most.
    pub fn events_max(&self, measure: u32) -> usize {
        let feed = &self.feeds[self.feed_of[measure as usize] as usize];
        if feed.is_filled {
            return feed.events.times.len();
        }
        feed.takers.iter().map(|it| self.lists.count(*it as usize)).sum()
    }

    /// Whether there may have been so much, as far as its rows tell that have not been taken in.
    pub fn may_be(&self, it: &AtLeast, times: &[i64], shown: Shown<'_>) -> bool {
        let feed = &self.feeds[self.feed_of[it.series as usize] as usize];
        let [taker] = feed.takers[..] else { return true };
        match self.lists.of_one_kind(taker as usize) {
            Some(rows) => it.may_be(rows.len(), |event| times[rows[event] as usize]),
            // Where it takes most rows, all together tell as much.
            None if 2 * self.lists.count(taker as usize) > shown.count => {
                it.may_be(shown.count, |row| times[row])
            }
            None => true,
        }
    }

    /// The events of a measure, of the rows that the account was begun with.
    pub fn events(
        &mut self,
        measure: u32,
        columns: &Columns<'_>,
        words: &Words,
        shown: Shown<'_>,
    ) -> Result<&mut Events, NeedsRows> {
        let feed = self.feed_of[measure as usize] as usize;
        if !self.feeds[feed].is_filled {
            let calendar = &self.plan.rest.calendar;
            self.fill(feed, Account { columns, words, calendar }, shown)?;
        }
        Ok(&mut self.feeds[feed].events)
    }

    /// Takes in the rows of a feed's takers.
    fn fill(
        &mut self,
        feed: usize,
        account: Account<'_>,
        shown: Shown<'_>,
    ) -> Result<(), NeedsRows> {
        let Feed { takers, events, keys, is_filled, .. } = &mut self.feeds[feed];
        *is_filled = true;
        let [of_first, of_second] = &mut self.memory;
        let Some(first) = takers.first().map(|it| *it as usize) else { return Ok(()) };
        let adding = self.lists.of(first, shown, of_first);
        let Some(second) = takers.get(1).map(|it| *it as usize) else {
            return self.takers[first].take(adding, account, &mut self.row, keys, events);
        };
        let removing = self.lists.of(second, shown, of_second);
        let mut removing = removing.chunks(1).peekable();
        let mut adding = adding.chunks(1).peekable();
        loop {
            // Of one event what it adds comes first.
            let removes = match (adding.peek(), removing.peek()) {
                (None, None) => return Ok(()),
                (Some(adds), Some(removes)) => removes < adds,
                (adds, _) => adds.is_none(),
            };
            let (rows, taker) =
                if removes { (&mut removing, second) } else { (&mut adding, first) };
            let Some(row) = rows.next() else { return Ok(()) };
            self.takers[taker].take(row, account, &mut self.row, keys, events)?;
        }
    }

    /// Whether a row of an account that was gathered can have changed the verdicts of a
    /// definition.
    pub fn matters(&self, definition: usize, row: usize, name: u32) -> bool {
        let reads = |it: &First| self.plan.reads()[definition].measures.contains(&it.measure);
        let wants = |it: usize| self.lists.wants(self.takers.len() + it, name);
        let takes = |(place, it): (usize, &First)| {
            reads(it) && (it.found.contains(&row) || it.found_late && wants(place))
        };
        // A life begins with its first row, whatever that is.
        row == self.born
            || self.matters[name as usize].contains(definition)
            || self.firsts.iter().enumerate().any(takes)
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

    /// Begins an account: tells apart those of its rows that are shown.
    pub fn begin(&mut self, columns: &Columns<'_>, words: &Words, shown: Shown<'_>) {
        if self.accounts == LEARNT_AFTER {
            self.choose_turns();
        }
        self.accounts += 1;
        self.learn_names(words);
        self.takers.iter_mut().for_each(Taker::begin);
        for feed in &mut self.feeds {
            feed.events.clear();
            feed.is_filled = false;
        }
        self.born = columns.names.iter().position(|it| *it != Words::GAP).unwrap_or(0);
        self.lists.sort(columns.names, shown);
        for (place, first) in self.firsts.iter_mut().enumerate() {
            first.found.clear();
            self.lists.first(self.takers.len() + place, first.count, &mut first.found);
            first.found_late = first.found.iter().any(|it| columns.known.of(*it).is_some());
            let feed = &mut self.feeds[first.feed as usize];
            feed.events.times.extend(first.found.iter().map(|it| columns.times[*it]));
            feed.is_filled = true;
        }
        if self.accounts <= LEARNT_AFTER {
            for (place, taker) in self.takers.iter().enumerate() {
                self.feeds[taker.feed as usize].taken += self.lists.count(place) as u64;
            }
        }
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
    }

    /// Finds out which measures want the names that have come new.
    fn learn_names(&mut self, words: &Words) {
        for number in self.lists.names()..words.names() {
            let number = u32::try_from(number).expect("numbers are 32 bits");
            let (name, record) = words.name_of(number);
            let class = self.plan.rest.classes.class(name, record);
            let is_none = number == Words::NONE;
            let is_name = !is_none && number != Words::GAP;
            let fits = |it| is_name && self.plan.fits(it, name, class);
            let of_takers = self.takers.iter().map(|it| it.side.pattern);
            let of_firsts = self.firsts.iter().map(|it| it.pattern);
            let wanted: Vec<bool> = of_takers.chain(of_firsts).map(fits).collect();
            self.lists.learn(wanted.into());
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
