//! Judging what came late, by somebody else while the engine goes on.

use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

use firsthand_model::Time;
use firsthand_store::Store;

use crate::engine::Engine;
use crate::error::Result;
use crate::live::{Judged, JudgingAnew, Known};

/// Subjects that are to be judged beside the engine, by whoever has the time.
pub struct JudgeJob {
    judging: JudgingAnew,
    tell: Sender<Result<Judged>>,
}

/// How far a job is that was given out.
pub(crate) enum Beside {
    UnderWay(Receiver<Result<Judged>>),
    /// It has come to its end, and not all who were judged have taken their places yet.
    Done(Result<Judged>),
    /// It is gone without a word.
    Gone,
}

impl JudgeJob {
    /// Reads and judges, and tells the engine.
    pub fn run(self) {
        // Where the engine has no use for it any more, nobody listens.
        self.tell.send(self.judging.run()).ok();
    }
}

impl<S: Store> Engine<S> {
    /// Begins to judge anew who has to be, at most so many; `None` if nobody has, or if that is
    /// being done for others.
    pub fn begin_judging(&mut self, most: usize) -> Result<Option<JudgeJob>> {
        let judging = self.live.begin_judging(most)?;
        Ok(judging.map(|judging| {
            let (tell, told) = channel();
            self.beside = Some(Beside::UnderWay(told));
            JudgeJob { judging, tell }
        }))
    }

    /// Whether late facts can be decided about at once.
    pub fn has_near(&mut self) -> bool {
        self.live.has_near() || self.has_judged()
    }

    /// Decides about some of those who were judged anew beside the engine, or about the late facts
    /// of an account that remembers them; whether there were any.
    ///
    /// # Errors
    /// That the history cannot be read, as well.
    pub fn decide_near(&mut self, now: Time) -> Result<bool> {
        let now = self.until(now);
        if self.has_judged()
            && let Some(known) = self.take_judged(now)?
        {
            return self.note_late(known).map(|()| true);
        }
        let Some(known) = self.live.take_near(now)? else { return Ok(false) };
        self.note_late(known).map(|()| true)
    }

    /// Decides about the late facts of somebody who waits, whatever it takes; whether there were
    /// any. Who is being judged beside the engine is not waited for, but judged here.
    pub fn decide_late(&mut self, now: Time) -> Result<bool> {
        if self.decide_near(now)? {
            return Ok(true);
        }
        if self.beside.take().is_some() {
            self.live.abandon_judging()?;
        }
        let Some(known) = self.live.take_late(self.until(now))? else { return Ok(false) };
        self.note_late(known).map(|()| true)
    }

    fn note_late(&mut self, known: Vec<Known>) -> Result<()> {
        self.note(known, self.next.saturating_sub(1))?;
        self.pending.applied = self.live.decided().checked_sub(1);
        Ok(())
    }

    /// Whether a job has come to its end.
    fn has_judged(&mut self) -> bool {
        if let Some(Beside::UnderWay(told)) = &self.beside {
            match told.try_recv() {
                Ok(judged) => self.beside = Some(Beside::Done(judged)),
                Err(TryRecvError::Disconnected) => self.beside = Some(Beside::Gone),
                Err(TryRecvError::Empty) => return false,
            }
        }
        self.beside.is_some()
    }

    fn take_judged(&mut self, now: Time) -> Result<Option<Vec<Known>>> {
        match self.beside.take() {
            Some(Beside::Done(judged)) => {
                let mut judged = judged?;
                let known = self.live.take_judged(&mut judged, now)?;
                if self.live.is_judging() {
                    self.beside = Some(Beside::Done(Ok(judged)));
                }
                Ok(known)
            }
            Some(Beside::Gone) => self.live.abandon_judging().map(|()| None),
            under_way => {
                self.beside = under_way;
                Ok(None)
            }
        }
    }
}
