//! Before the engine is there: facts are taken in, and nothing is decided.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;

use firsthand_model::{Span, Time};
use firsthand_store::{Commit, Store};

use crate::chunk::Chunk;
use crate::engine::{Batch, Engine};
use crate::error::{EngineError, Result};
use crate::service::{Call, Clock, Gathered, Handle, Limits, Refused, Service};
use crate::start::Started;

/// Writes what is sent into the log while the state is rebuilt. The engine goes on with the same
/// queue, so that nobody who sends notices.
pub struct EarlyService<S> {
    handle: Handle<S>,
    clock: Clock,
    limits: Limits,
    thread: JoinHandle<Receiver<Call<S>>>,
}

impl<S: Store + 'static> EarlyService<S> {
    /// Takes facts in from now on, in a thread of its own.
    pub fn run(store: Arc<S>, clock: Clock) -> Result<Self> {
        Self::run_within(store, clock, Limits::default())
    }

    /// The same within other limits.
    pub fn run_within(store: Arc<S>, clock: Clock, limits: Limits) -> Result<Self> {
        let (handle, taken) = Handle::new();
        let (measured, now) = (handle.clone(), Arc::clone(&clock));
        let mut next = store.log_state()?.next;
        let last = next.checked_sub(1).map(|it| store.chunk_at(it)).transpose()?.flatten();
        let mut newest = last.map_or(Time::MIN, |it| it.received_at);
        // Nothing of the log comes into the history before the engine is there.
        let first = store.log_size()?.first.unwrap_or(next);
        let write = move || {
            let is_full = |next| next - first >= limits.unsealed_facts_max as u64;
            measured.set_full(is_full(next));
            while let Ok(call) = taken.recv() {
                // Nobody is there who could answer questions: they are dropped.
                let Gathered { batch, replies, ends, .. } = Gathered::from(Some(call), &taken);
                if !replies.is_empty() {
                    let Batch { facts, quarantined, tallies, identity_acts } = batch;
                    let count = facts.len() as u64;
                    let known_at = now().max(newest + Span(1));
                    let chunk = (count > 0).then(|| Chunk::new(next, known_at, facts).logged());
                    let commit =
                        Commit { chunk, quarantined, tallies, identity_acts, ..Commit::default() };
                    let answer = store.commit(&commit).map(drop).map_err(|_| Refused::Unwritten);
                    if answer.is_ok() {
                        (next, newest) = (next + count, known_at);
                        measured.set_full(is_full(next));
                        measured.measures().accepted.fetch_add(count, Ordering::Relaxed);
                    }
                    for reply in replies {
                        reply(answer);
                    }
                }
                if ends {
                    break;
                }
            }
            taken
        };
        let thread = std::thread::Builder::new().name("early".to_owned()).spawn(write);
        Ok(Self { handle, clock, limits, thread: thread.map_err(EngineError::Thread)? })
    }

    /// How to reach it, and later the engine.
    pub fn handle(&self) -> &Handle<S> {
        &self.handle
    }

    /// Hands the queue over to an engine that was rebuilt, after what has been logged meanwhile.
    pub fn hand_over(self, mut engine: Engine<S>, started: &mut Started) -> Result<Service<S>> {
        let Self { handle, clock, limits, thread } = self;
        let taken = stop(&handle, thread, Call::TakeOver);
        started.erased = engine.catch_up(clock())?;
        Service::go_on(handle, taken, engine, clock, limits).map_err(EngineError::Thread)
    }

    /// Takes nothing in any more.
    pub fn stop(self) {
        stop(&self.handle, self.thread, Call::Stop);
    }
}

fn stop<S>(
    handle: &Handle<S>,
    thread: JoinHandle<Receiver<Call<S>>>,
    call: Call<S>,
) -> Receiver<Call<S>> {
    handle.send(call);
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
