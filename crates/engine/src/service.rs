//! The engine in a thread of its own, with a bounded queue in front of it (P8).
//!
//! Everything that waits in the queue goes into one commit, so the log's sync is shared by as many
//! callers as came while the last one ran. What the chunk makes known is written down with the
//! next commit, or at once if nobody waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use firsthand_model::{Span, Time};
use firsthand_store::Store;

use crate::engine::{Batch, Engine};
use crate::error::{EngineError, Result};
use crate::measures::Measures;

/// Most calls that wait.
pub const CALLS_MAX: usize = 4_096;
/// Most facts that wait, in all calls.
pub const FACTS_WAITING_MAX: usize = 200_000;
/// Most facts of one chunk; what waits beyond goes into the next.
pub const CHUNK_FACTS_MAX: usize = 20_000;
/// So many facts of the log are brought into the history as soon as nobody waits.
pub const SEAL_FACTS: usize = 50_000;
/// So many are brought in although somebody waits: the log and the memory are bounded.
pub const UNSEALED_FACTS_MAX: usize = 1_000_000;
/// How long nobody must have called before fewer facts are brought in.
const QUIET: Span = Span::MINUTE;
/// How long late facts may be decided about before what is on time goes on.
const LATE_TURN: Span = Span(3_000);
/// How often time is passed where nothing asks for it earlier.
const TICK: Duration = Duration::from_secs(1);

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Time + Send + Sync>;

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

type Reply = Box<dyn FnOnce(Result<(), Refused>) + Send>;
type Question<S> = Box<dyn FnOnce(&mut Engine<S>) + Send>;

enum Call<S> {
    Submit(Batch, Reply),
    Ask(Question<S>),
    Stop,
}

/// How to reach the engine; may be cloned and used from anywhere.
pub struct Handle<S> {
    calls: SyncSender<Call<S>>,
    waiting: Arc<AtomicUsize>,
    measures: Arc<Measures>,
}

impl<S> Clone for Handle<S> {
    fn clone(&self) -> Self {
        Self {
            calls: self.calls.clone(),
            waiting: Arc::clone(&self.waiting),
            measures: Arc::clone(&self.measures),
        }
    }
}

impl<S> Handle<S> {
    /// Hands a batch over; `reply` is called once it is durable, or was not taken. Never blocks.
    pub fn submit(&self, batch: Batch, reply: impl FnOnce(Result<(), Refused>) + Send + 'static) {
        let facts = batch.facts.len();
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

    /// What the engine measures of itself.
    pub fn measures(&self) -> &Measures {
        &self.measures
    }

    /// How many facts wait.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

/// The running engine.
pub struct Service<S> {
    handle: Handle<S>,
    thread: JoinHandle<Result<()>>,
}

impl<S: Store + 'static> Service<S> {
    /// Runs an engine in a thread of its own.
    pub fn run(engine: Engine<S>, clock: Clock) -> std::io::Result<Self> {
        let (calls, taken) = sync_channel(CALLS_MAX);
        let measures = Arc::new(Measures::default());
        let waiting = Arc::new(AtomicUsize::new(0));
        let handle = Handle { calls, waiting, measures: Arc::clone(&measures) };
        let worker =
            Worker { engine, clock, taken, quiet_since: Time::MIN, measures, undecided: None };
        let thread =
            std::thread::Builder::new().name("engine".to_owned()).spawn(move || worker.run())?;
        Ok(Self { handle, thread })
    }

    /// How to reach it.
    pub fn handle(&self) -> &Handle<S> {
        &self.handle
    }

    /// Whether it has come to an end.
    pub fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }

    /// Takes in what waits, writes down what it makes known, brings it into the history, and ends.
    pub fn stop(self) -> Result<()> {
        // If it has ended by itself, there is nobody to tell.
        self.handle.calls.send(Call::Stop).ok();
        match self.thread.join() {
            Ok(ended) => ended,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

struct Worker<S> {
    engine: Engine<S>,
    clock: Clock,
    taken: Receiver<Call<S>>,
    quiet_since: Time,
    measures: Arc<Measures>,
    /// When the oldest chunk was accepted whose outcome is not written down.
    undecided: Option<Time>,
}

impl<S: Store> Worker<S> {
    fn run(mut self) -> Result<()> {
        loop {
            let mut calls = match self.taken.recv_timeout(self.patience()) {
                Ok(call) => vec![call],
                Err(RecvTimeoutError::Timeout) => Vec::new(),
                Err(RecvTimeoutError::Disconnected) => return self.end(),
            };
            let mut facts = 0;
            while facts < CHUNK_FACTS_MAX
                && let Ok(call) = self.taken.try_recv()
            {
                facts += match &call {
                    Call::Submit(batch, _) => batch.facts.len(),
                    Call::Ask(_) | Call::Stop => 0,
                };
                calls.push(call);
            }
            let idle = calls.is_empty();
            let stop = self.take(calls)?;
            self.engine.pass((self.clock)())?;
            self.decide_late()?;
            if stop {
                return self.end();
            }
            if idle || facts == 0 {
                self.try_flush()?;
            }
            self.seal_if_due(idle)?;
        }
    }

    /// How long to wait for a call.
    fn patience(&self) -> Duration {
        if self.engine.has_pending() || self.engine.live().late() > 0 {
            return Duration::ZERO;
        }
        let wait = self.engine.next_pass() - (self.clock)();
        Duration::from_micros(u64::try_from(wait.0).unwrap_or(0)).min(TICK)
    }

    /// Makes what was submitted durable, answers, decides, and does what was asked. Whether to
    /// stop.
    fn take(&mut self, calls: Vec<Call<S>>) -> Result<bool> {
        let (mut batch, mut replies) = (Batch::default(), Vec::new());
        let (mut questions, mut stop) = (Vec::new(), false);
        for call in calls {
            match call {
                Call::Submit(it, reply) => {
                    batch.facts.extend(it.facts);
                    batch.quarantined.extend(it.quarantined);
                    batch.tallies.extend(it.tallies);
                    batch.identity_acts.extend(it.identity_acts);
                    replies.push(reply);
                }
                Call::Ask(question) => questions.push(question),
                Call::Stop => stop = true,
            }
        }
        if !replies.is_empty() {
            let (facts, begin) = (batch.facts.len() as u64, (self.clock)());
            let accepted = self.engine.accept(batch, begin);
            if accepted.is_ok() {
                self.written(begin);
                self.measures.accepted.fetch_add(facts, Ordering::Relaxed);
                self.undecided = (facts > 0).then_some(begin);
                let since = self.undecided.map_or(0, Time::micros);
                self.measures.undecided_since.store(since, Ordering::Relaxed);
            }
            let answer = match &accepted {
                Ok(_) => Ok(()),
                Err(EngineError::Store(_)) => Err(Refused::Unwritten),
                Err(_) => Err(Refused::Stopped),
            };
            for reply in replies {
                reply(answer);
            }
            match accepted {
                Ok(_) | Err(EngineError::Store(_)) => {}
                Err(error) => return Err(error),
            }
        }
        self.engine.decide()?;
        for question in questions {
            question(&mut self.engine);
        }
        Ok(stop)
    }

    /// Writes down what was decided; where the store cannot be written it is tried again later.
    fn try_flush(&mut self) -> Result<()> {
        let (pending, begin) = (self.engine.has_pending(), (self.clock)());
        match self.engine.flush() {
            Ok(()) if pending => {
                self.written(begin);
                Ok(())
            }
            Err(EngineError::Store(_)) => {
                std::thread::sleep(TICK);
                Ok(())
            }
            done => done,
        }
    }

    /// Decides about late facts for a while.
    fn decide_late(&mut self) -> Result<()> {
        let until = (self.clock)() + LATE_TURN;
        while (self.clock)() < until && self.engine.decide_late(until)? {}
        Ok(())
    }

    /// A commit that began at an instant is durable.
    fn written(&mut self, begin: Time) {
        let now = (self.clock)();
        self.measures.commits.fetch_add(1, Ordering::Relaxed);
        self.measures.commit.observe(now - begin);
        if let Some(accepted) = self.undecided.take() {
            self.measures.decision.observe(now - accepted);
            self.measures.undecided_since.store(0, Ordering::Relaxed);
        }
        let live = self.engine.live();
        let set = |to: &AtomicU64, value: usize| to.store(value as u64, Ordering::Relaxed);
        set(&self.measures.unsealed, live.unsealed());
        set(&self.measures.late, live.late());
        set(&self.measures.leads, self.engine.desk().len());
        set(&self.measures.accounts, live.accounts());
        self.measures.repeated.store(live.repeated(), Ordering::Relaxed);
    }

    fn seal_if_due(&mut self, idle: bool) -> Result<()> {
        let now = (self.clock)();
        if !idle {
            self.quiet_since = now;
        }
        let unsealed = self.engine.live().unsealed();
        let quiet = now - self.quiet_since >= QUIET;
        let due = unsealed >= UNSEALED_FACTS_MAX
            || idle && unsealed >= SEAL_FACTS
            || idle
                && quiet
                && unsealed > 0
                && self.engine.live().oldest_unsealed() + Span::DAY < now;
        if due && !self.engine.has_pending() {
            self.engine.seal()?;
        }
        Ok(())
    }

    fn end(mut self) -> Result<()> {
        self.engine.decide()?;
        self.engine.flush()?;
        // The next start has less to take in again, and other commands see all of it.
        if self.engine.live().unsealed() > 0 { self.engine.seal() } else { Ok(()) }
    }
}
