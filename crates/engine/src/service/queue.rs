//! The bounded queue in front of the engine (P8), and what is taken from it at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use super::{CALLS_MAX, CHUNK_FACTS_MAX, FACTS_WAITING_MAX};
use crate::engine::{Batch, Engine};
use crate::error::Result;
use crate::measures::Measures;

/// Why a call was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Too many wait already; it may be tried again.
    #[error("too many calls wait to be written down")]
    Full,
    /// The log could not be written; it may be tried again.
    #[error("the log could not be written")]
    Unwritten,
    /// The engine has stopped.
    #[error("the engine has stopped")]
    Stopped,
}

pub(crate) type Reply = Box<dyn FnOnce(Result<(), Refused>) + Send>;
pub(crate) type Question<S> = Box<dyn FnOnce(&mut Engine<S>) + Send>;

pub(crate) enum Call<S> {
    Submit(Batch, Reply),
    Ask(Question<S>),
    /// Somebody has done what they were to do.
    Awake,
    /// The engine is there: it goes on with what waits.
    TakeOver,
    Stop,
}

/// What was waiting in the queue, at most a chunk of it.
pub(crate) struct Gathered<S> {
    pub batch: Batch,
    pub replies: Vec<Reply>,
    pub questions: Vec<Question<S>>,
    /// Whether the next calls are for somebody else, or for nobody.
    pub ends: bool,
}

impl<S> Gathered<S> {
    /// Takes from the queue, after a first call.
    pub fn from(mut call: Option<Call<S>>, queue: &Receiver<Call<S>>) -> Self {
        let (batch, replies, questions) = (Batch::default(), Vec::new(), Vec::new());
        let mut all = Self { batch, replies, questions, ends: false };
        while let Some(it) = call {
            match it {
                Call::Submit(it, reply) => {
                    all.batch.facts.extend(it.facts);
                    all.batch.quarantined.extend(it.quarantined);
                    all.batch.tallies.extend(it.tallies);
                    all.batch.identity_acts.extend(it.identity_acts);
                    all.replies.push(reply);
                }
                Call::Ask(question) => all.questions.push(question),
                Call::Awake => {}
                Call::TakeOver | Call::Stop => all.ends = true,
            }
            let full = all.ends || all.batch.facts.len() >= CHUNK_FACTS_MAX;
            call = if full { None } else { queue.try_recv().ok() };
        }
        all
    }

    /// Whether nobody wants anything: whoever is only woken by its own helpers has been left alone.
    pub fn is_left_alone(&self) -> bool {
        self.replies.is_empty() && self.questions.is_empty()
    }
}

/// How to reach the engine; may be cloned and used from anywhere.
pub struct Handle<S> {
    pub(super) calls: Arc<SyncSender<Call<S>>>,
    pub(super) waiting: Arc<AtomicUsize>,
    pub(super) measures: Arc<Measures>,
    /// Whether somebody wants the log in the history.
    pub(super) seal_wished: Arc<AtomicBool>,
    /// Whether no facts are taken in until less of them wait.
    pub(super) full: Arc<AtomicBool>,
}

impl<S> Clone for Handle<S> {
    fn clone(&self) -> Self {
        Self {
            calls: Arc::clone(&self.calls),
            waiting: Arc::clone(&self.waiting),
            measures: Arc::clone(&self.measures),
            seal_wished: Arc::clone(&self.seal_wished),
            full: Arc::clone(&self.full),
        }
    }
}

impl<S> Handle<S> {
    /// A queue, and how to reach it.
    pub(crate) fn new() -> (Self, Receiver<Call<S>>) {
        let (calls, taken) = sync_channel(CALLS_MAX);
        let (waiting, measures, seal_wished, full) = Default::default();
        (Self { calls: Arc::new(calls), waiting, measures, seal_wished, full }, taken)
    }

    /// Waits for room, unless nobody reads any more.
    pub(crate) fn send(&self, call: Call<S>) {
        self.calls.send(call).ok();
    }

    /// Hands a batch over; `reply` is called once it is durable, or was not taken. Never blocks.
    pub fn submit(&self, batch: Batch, reply: impl FnOnce(Result<(), Refused>) + Send + 'static) {
        let facts = batch.facts.len();
        if facts > 0 && self.full.load(Ordering::Relaxed) {
            return reply(Err(Refused::Full));
        }
        let waiting = self.waiting.fetch_add(facts, Ordering::Relaxed);
        let waits = Arc::clone(&self.waiting);
        let reply: Reply = Box::new(move |done| {
            waits.fetch_sub(facts, Ordering::Relaxed);
            reply(done);
        });
        if waiting > 0 && waiting + facts > FACTS_WAITING_MAX {
            return reply(Err(Refused::Full));
        }
        match self.calls.try_send(Call::Submit(batch, reply)) {
            Ok(()) => {}
            Err(TrySendError::Full(Call::Submit(_, reply))) => reply(Err(Refused::Full)),
            Err(TrySendError::Disconnected(Call::Submit(_, reply))) => reply(Err(Refused::Stopped)),
            Err(_) => unreachable!("what was sent comes back"),
        }
    }

    /// Says whether nothing is to be taken in until less waits.
    pub(crate) fn set_full(&self, full: bool) {
        self.full.store(full, Ordering::Relaxed);
    }

    /// Has something done with the engine, between two commits. What waited before is decided by
    /// then.
    ///
    /// # Errors
    /// [`Refused`] if too many wait, or it has stopped.
    pub fn ask(
        &self,
        question: impl FnOnce(&mut Engine<S>) + Send + 'static,
    ) -> Result<(), Refused> {
        self.calls.try_send(Call::Ask(Box::new(question))).map_err(|error| match error {
            TrySendError::Full(_) => Refused::Full,
            TrySendError::Disconnected(_) => Refused::Stopped,
        })
    }

    /// Asks for the log to be brought into the history as soon as nothing else is to be done: whoever
    /// reads the history wants to see what is new. To be asked now and then, not for every fact.
    pub fn wish_sealed(&self) {
        self.seal_wished.store(true, Ordering::Relaxed);
    }

    /// What the engine measures of itself.
    pub fn measures(&self) -> &Measures {
        &self.measures
    }

    /// How many facts wait.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}
