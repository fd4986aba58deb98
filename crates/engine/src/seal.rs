//! Bringing the log into the history, by somebody else while the engine goes on.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use firsthand_store::Store;

use crate::engine::Engine;
use crate::error::Result;
use crate::import::Brought;
use crate::live::{Freed, Sealing};

/// A sealing that is to be run, by whoever has the time.
pub struct SealJob<S> {
    sealing: Sealing,
    store: Arc<S>,
    tell: Sender<Result<Brought>>,
}

impl<S: Store> SealJob<S> {
    /// Brings the facts into the history, drops them from the log, and tells the engine.
    pub fn run(self) {
        let Self { sealing, store, tell } = self;
        let sealed = sealing.run().and_then(|sealed| {
            if let Some(last) = sealed.until().checked_sub(1) {
                store.drop_log(last)?;
            }
            Ok(sealed)
        });
        // Where the engine has gone, the next start will see.
        tell.send(sealed.map(|it| Brought::Sealed(Box::new(it)))).ok();
    }
}

impl<S: Store> Engine<S> {
    /// Brings what is in the log into the history, and drops it from the log.
    pub fn seal(&mut self) -> Result<()> {
        self.make_way()?;
        self.begin_seal()?.run();
        self.end_seal(true).map(drop)
    }

    /// Brings what is in the log into the history. What the log still holds of it does not count
    /// twice.
    pub fn seal_history(&mut self) -> Result<()> {
        self.make_way()?;
        self.live.seal()
    }

    /// Begins to bring into the history what of the log is decided and written down by then. What
    /// late facts wait behind stays in the log.
    pub fn begin_seal(&mut self) -> Result<SealJob<S>> {
        self.end_seal(true)?;
        self.end_backfill(true)?;
        self.decide()?;
        self.pending.applied = self.live.decided().checked_sub(1);
        self.flush()?;
        let (tell, told) = channel();
        self.sealing = Some(told);
        Ok(SealJob { sealing: self.live.begin_seal(), store: Arc::clone(&self.store), tell })
    }

    /// Goes on with the history that has the facts, once the sealing under way is done; waits for
    /// that, if asked. Gives back what is of no use any more: to free it takes a while.
    ///
    /// # Errors
    /// That it has failed. The engine has to be started anew.
    pub fn end_seal(&mut self, wait: bool) -> Result<Option<Freed>> {
        if !self.has_sealed(wait) {
            return Ok(None);
        }
        self.sealing = None;
        match self.brought.take() {
            None => Ok(None),
            Some(Ok(Brought::Sealed(sealed))) => self.live.end_seal(*sealed).map(Some),
            Some(Ok(Brought::Anew(anew))) => self.take_over(*anew).map(Some),
            Some(Err(error)) => Err(error),
        }
    }

    /// Whether the sealing under way is done; waits for that, if asked. Where it is, no commit may
    /// be on its way when [`Engine::end_seal`] is called.
    pub(crate) fn has_sealed(&mut self, wait: bool) -> bool {
        if self.brought.is_none()
            && let Some(told) = &self.sealing
        {
            self.brought = if wait { told.recv().ok() } else { told.try_recv().ok() };
        }
        self.brought.is_some()
    }

    /// Waits for who works on the history or the log, and decides what is to be sealed.
    pub(crate) fn make_way(&mut self) -> Result<()> {
        self.end_seal(true)?;
        self.end_backfill(true)?;
        self.decide_all()
    }

    pub(crate) fn decide_all(&mut self) -> Result<()> {
        self.decide()?;
        while self.decide_late(self.now)? {}
        self.flush()
    }
}
