//! Who is in an account, read from its history beside the engine.
//!
//! A planner that wants to see an account's people notes so ([`Readings::people`]) and goes on with what
//! it can do without. Whoever has the time reads them ([`ReadJob`]); with the answer the planner goes on
//! ([`Engine::end_reading`]), and what it then decides is in one commit with the step that is done by
//! it (P5). What waited for an answer at a crash is found due by the next start.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Receiver, Sender, channel};

use firsthand_model::{Span, Text, Time};
use firsthand_plays::PersonView;
use firsthand_store::Store;

use super::people::People;
use crate::engine::Engine;
use crate::error::Result;
use crate::live::{Live, Reading};

/// For how long it is known who is in an account: what is decided about it at one time is told of
/// the same people.
const KNOWN: Span = Span::SECOND.times(10);
/// Most accounts that are read together. Others come after them.
const ACCOUNTS_MAX: usize = 64;

/// Who is in which account, as far as it was read lately.
#[derive(Debug, Default)]
pub(crate) struct Readings {
    /// Whether somebody reads beside the engine; else it reads itself.
    aside: bool,
    wanted: RefCell<BTreeSet<Text>>,
    under_way: Option<Receiver<Vec<Read>>>,
    known: BTreeMap<Text, (Time, Vec<PersonView>)>,
}

/// An account that was read.
pub struct Read {
    account: Text,
    people: Result<People>,
    is_mixed: bool,
}

/// Accounts that are to be read, by whoever has the time.
pub struct ReadJob {
    readings: Vec<Reading>,
    now: Time,
    tell: Option<Sender<Vec<Read>>>,
}

impl ReadJob {
    /// Reads them, and tells the engine if it waits.
    pub fn run(self) -> Vec<Read> {
        let Self { readings, now, tell } = self;
        let read = |it: Reading| {
            let (account, is_mixed) = (it.account.clone(), it.is_mixed());
            let people = it.run().map(|rows| People::of(&rows, now));
            Read { account, people, is_mixed }
        };
        let read: Vec<Read> = readings.into_iter().map(read).collect();
        let Some(tell) = tell else { return read };
        // Where the engine has gone, the next start asks again.
        tell.send(read).ok();
        Vec::new()
    }
}

impl Readings {
    /// The people of an account, as they were read; else they are wanted, or read at once.
    pub fn people(&self, live: &Live, account: &str, now: Time) -> Option<Vec<PersonView>> {
        let known = self.known.get(account).filter(|(at, _)| *at + KNOWN > now);
        if let Some((_, people)) = known {
            return Some(people.clone());
        }
        if self.aside {
            self.wanted.borrow_mut().insert(account.into());
            return None;
        }
        let rows = live.rows_of(account).ok()?;
        Some(People::of(&rows, now).told(|it| Some(it.clone())))
    }

    fn put(&mut self, live: &Live, read: Read, now: Time) -> bool {
        let Read { account, people, is_mixed } = read;
        let (Ok(people), Some(customer)) = (people, live.customer(&account)) else { return false };
        // Of facts that lie under another account those count whose people are in this one.
        let people = people.told(|it| {
            let id = live.canonical(it);
            (!is_mixed || customer.people().contains(&id)).then_some(id)
        });
        self.known.insert(account, (now, people));
        true
    }

    /// Knows nothing any more: somebody may have gone from the history.
    pub fn reset(&mut self) {
        *self = Self { aside: self.aside, ..Self::default() };
    }

    fn forget(&mut self, now: Time) {
        self.known.retain(|_, (at, _)| *at + KNOWN > now);
    }
}

impl<S: Store> Engine<S> {
    /// Has who is in an account read by somebody else from now on.
    pub fn read_aside(&mut self) {
        self.readings.aside = true;
    }

    /// Begins to read the accounts whose people are wanted; `None` where there are none, or some
    /// are being read.
    pub fn begin_reading(&mut self) -> Option<ReadJob> {
        self.readings.forget(self.now);
        if self.readings.under_way.is_some() {
            return None;
        }
        let wanted = self.readings.wanted.get_mut();
        let accounts: Vec<Text> =
            std::iter::from_fn(|| wanted.pop_first()).take(ACCOUNTS_MAX).collect();
        if accounts.is_empty() {
            return None;
        }
        let (tell, told) = channel();
        self.readings.under_way = Some(told);
        let readings = accounts.iter().filter_map(|it| self.live.reading_of(it)).collect();
        Some(ReadJob { readings, now: self.now, tell: Some(tell) })
    }

    /// Goes on with what waited for accounts that have been read by now. What cannot be read the
    /// planner asks for again.
    pub fn end_reading(&mut self, now: Time) {
        let Some(told) = &self.readings.under_way else { return };
        let read = match told.try_recv() {
            Ok(read) => read,
            Err(std::sync::mpsc::TryRecvError::Empty) => return,
            // It broke off.
            Err(std::sync::mpsc::TryRecvError::Disconnected) => Vec::new(),
        };
        self.readings.under_way = None;
        let now = now.max(self.now);
        for it in read {
            let account = it.account.clone();
            if self.readings.put(&self.live, it, now) {
                self.planner.seen(&account);
            }
        }
        self.pass_plays(now);
    }

    /// Reads one account for somebody who wants to see it now: [`Engine::put_read`] takes the
    /// answer.
    pub fn read_one(&mut self, account: &str) -> ReadJob {
        let readings = self.live.reading_of(account).into_iter().collect();
        ReadJob { readings, now: self.now, tell: None }
    }

    /// Takes in who is in an account.
    pub fn put_read(&mut self, read: Vec<Read>, now: Time) {
        let now = now.max(self.now);
        for it in read {
            self.readings.put(&self.live, it, now);
        }
    }
}
