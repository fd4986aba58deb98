//! Bringing facts into the history while more arrive.
//!
//! What is sealed is what all has been decided of: late facts that wait hold up nothing but what came
//! after them. It is put into segments as it belonged by what was known before the place of the log up
//! to which is sealed. What was found to belong elsewhere by what came later is remembered by where it
//! lay (`lies_under` of an account).

use std::sync::Arc;

use firsthand_history::History;
use firsthand_model::{Calendar, Fact};

use super::Live;
use crate::error::Result;

/// Facts that are to come into the history. To run it takes a while, and nothing of the engine.
pub struct Sealing {
    history: History,
    calendar: Calendar,
    facts: Vec<Arc<Fact>>,
    until: u64,
}

/// What is of no use any more. To drop it takes a while, wherever that is done.
pub type Freed = Box<dyn Send>;

/// Facts that have come into the history.
pub struct Sealed {
    history: History,
    until: u64,
}

impl Sealing {
    /// Writes the segments, and has them count.
    ///
    /// # Errors
    /// The history is what it was, or another with the facts in it: it has to be opened anew.
    pub fn run(mut self) -> Result<Sealed> {
        let mut intake = self.history.intake(&self.calendar)?;
        intake.of_log_before(self.until);
        for fact in &self.facts {
            intake.take(fact)?;
        }
        intake.finish()?;
        Ok(Sealed { history: self.history, until: self.until })
    }
}

impl Sealed {
    /// Facts of the log before this offset are in the history.
    pub fn until(&self) -> u64 {
        self.until
    }

    /// The history that has them.
    pub(crate) fn history(&self) -> &History {
        &self.history
    }

    /// The same, for more to come into it.
    pub(crate) fn history_mut(&mut self) -> &mut History {
        &mut self.history
    }

    /// The same.
    pub(crate) fn into_history(self) -> History {
        self.history
    }
}

impl Live {
    /// Brings the facts of the tail into the history that all has been decided of. What is judged
    /// does not change by it.
    pub fn seal(&mut self) -> Result<()> {
        let sealed = self.begin_seal().run()?;
        self.end_seal(sealed).map(drop)
    }

    /// Begins to bring the facts of the tail into the history that all has been decided of.
    ///
    /// # Panics
    /// If another sealing has not ended yet.
    pub fn begin_seal(&mut self) -> Sealing {
        assert!(!self.is_sealing(), "one sealing follows the other");
        let until = self.decided();
        self.sealing = Some(until);
        Sealing {
            history: self.history.fork(),
            calendar: self.rules.project.calendar.clone(),
            facts: self.tail.before(until),
            until,
        }
    }

    /// Whether a sealing has begun and not ended.
    pub fn is_sealing(&self) -> bool {
        self.sealing.is_some()
    }

    /// Goes on with the history that has the facts; gives back what of the tail is of no use any
    /// more, because to free it takes a while.
    pub fn end_seal(&mut self, sealed: Sealed) -> Result<Freed> {
        let Sealed { history, until } = sealed;
        self.history = history;
        self.sealing = None;
        self.tidy_due = true;
        self.tidy_if_due()?;
        for account in self.customers.values_mut() {
            if !account.recent.is_empty() {
                account.recent = account.recent.split_off(&until);
            }
            // What moved by what came later lies where it lay.
            account.lies_under.retain(|_, it| it.moved_at >= until);
            account.lies_under.values_mut().for_each(|it| it.sealed = true);
        }
        Ok(Box::new(self.tail.take_before(until)))
    }

    /// Removes what a sealing has replaced, unless somebody still reads it, or another sealing has
    /// files of its own there by now: its end sees to that.
    pub(super) fn tidy_if_due(&mut self) -> Result<()> {
        if self.tidy_due && !self.is_judging() && !self.is_sealing() {
            self.tidy_due = false;
            self.reading = None;
            self.history.tidy()?;
        }
        Ok(())
    }
}
