//! Bringing facts into the history while more arrive.
//!
//! What is sealed is put into segments as it belonged when the sealing began. Facts that are found to
//! belong elsewhere meanwhile are remembered by where they lay (`moved_from` of an account).

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
    /// Brings all facts of the tail into the history. What is judged does not change by it. No
    /// fact may wait in the late lane.
    pub fn seal(&mut self) -> Result<()> {
        let sealed = self.begin_seal().run()?;
        self.end_seal(sealed).map(drop)
    }

    /// Begins to bring all facts of the tail into the history. No fact may wait in the late lane:
    /// what is sealed is decided.
    ///
    /// # Panics
    /// If another sealing has not ended yet.
    pub fn begin_seal(&mut self) -> Sealing {
        assert!(!self.is_sealing(), "one sealing follows the other");
        debug_assert_eq!(self.waiting, 0, "what is sealed is decided");
        self.sealing = Some(self.taken);
        Sealing {
            history: self.history.fork(),
            calendar: self.rules.project.calendar.clone(),
            facts: self.tail.before(self.taken),
            until: self.taken,
        }
    }

    /// Whether a sealing has begun and not ended.
    pub fn is_sealing(&self) -> bool {
        self.sealing.is_some()
    }

    /// Goes on with the history that has the facts; gives back what of the tail is of no use any
    /// more, because to free it takes a while.
    pub fn end_seal(&mut self, sealed: Sealed) -> Result<Freed> {
        let Sealed { mut history, until } = sealed;
        history.tidy()?;
        self.history = history;
        self.sealing = None;
        for (id, account) in &mut self.customers {
            if !account.recent.is_empty() {
                account.recent = account.recent.split_off(&until);
            }
            let lies_at_home = account.sealed_under.len() == 1
                && account.sealed_under.contains(id)
                && account.moved_from.is_empty();
            if !lies_at_home {
                account.sealed_under = std::mem::take(&mut account.moved_from);
                account.sealed_under.insert(id.clone());
            }
        }
        Ok(Box::new(self.tail.take_before(until)))
    }
}
