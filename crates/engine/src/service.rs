//! The engine in a thread of its own, with a bounded queue in front of it (P8).
//!
//! Everything that waits in the queue goes into one commit, so the log's sync is shared by as many
//! callers as came while the last one ran. Another thread writes it ([`Writer`]); meanwhile it is decided
//! what the chunk before makes known. That is written down with the next commit, or at once if
//! nobody waits.

mod queue;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use firsthand_model::{Span, Time};
use firsthand_store::Store;
use rayon::{ThreadPool, ThreadPoolBuilder};

pub(crate) use queue::{Call, Gathered, Reply};
pub use queue::{Handle, Refused};

use crate::engine::{Batch, Engine};
use crate::error::{EngineError, Result};
use crate::live::LATE_MAX;
use crate::measures::Measures;
use crate::writer::{Done, Job, Writer};

/// Most calls that wait.
pub const CALLS_MAX: usize = 4_096;
/// Most facts that wait, in all calls.
pub const FACTS_WAITING_MAX: usize = 200_000;
/// Most facts of one chunk; what waits beyond goes into the next.
pub const CHUNK_FACTS_MAX: usize = 20_000;
/// So many facts of the log are brought into the history as soon as nobody waits.
pub const SEAL_FACTS: usize = 50_000;
/// So many are brought in although somebody waits.
pub const SEAL_FACTS_BUSY: usize = 250_000;
/// At so many nothing is taken in until they are in the history: log and memory are bounded.
pub const UNSEALED_FACTS_MAX: usize = 2_000_000;
/// Most accounts and people that are judged beside the engine at a time, by each of its ways.
pub const JUDGED_AT_ONCE: usize = 256;
/// How long nobody must have called before fewer facts are brought in.
const QUIET: Span = Span::MINUTE;
/// How long late facts may be decided about before what is on time goes on.
const LATE_TURN: Span = Span(500);
/// By how much the lane of late facts stands back: it gets a tenth of a core that others want too.
#[cfg(target_os = "linux")]
const LANE_NICENESS: i32 = 10;
/// So many quiet accounts and people are packed before it is seen whether somebody wants something:
/// a few milliseconds.
const PACKED_AT_ONCE: usize = 200;
/// How long to wait where the store could not be written.
const PATIENCE: Span = Span::SECOND;
/// How often time is passed where nothing asks for it earlier.
const TICK: Duration = Duration::from_secs(1);

/// How much is taken in before something has to be done with it.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Facts of the log that are not in the history: [`UNSEALED_FACTS_MAX`].
    pub unsealed_facts_max: usize,
    /// What waits in the late lane: [`LATE_MAX`].
    pub late_max: usize,
    /// Facts that are brought into the history although somebody waits: [`SEAL_FACTS_BUSY`].
    pub seal_facts_busy: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            unsealed_facts_max: UNSEALED_FACTS_MAX,
            late_max: LATE_MAX,
            seal_facts_busy: SEAL_FACTS_BUSY,
        }
    }
}

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Time + Send + Sync>;

/// The running engine.
pub struct Service<S> {
    handle: Handle<S>,
    thread: JoinHandle<Result<()>>,
}

impl<S: Store + 'static> Service<S> {
    /// Runs an engine in a thread of its own.
    pub fn run(engine: Engine<S>, clock: Clock) -> std::io::Result<Self> {
        Self::run_within(engine, clock, Limits::default())
    }

    /// The same within other limits.
    pub fn run_within(engine: Engine<S>, clock: Clock, limits: Limits) -> std::io::Result<Self> {
        let (handle, taken) = Handle::new();
        Self::go_on(handle, taken, engine, clock, limits)
    }

    /// Runs an engine that takes its calls from a queue.
    pub(crate) fn go_on(
        handle: Handle<S>,
        taken: Receiver<Call<S>>,
        engine: Engine<S>,
        clock: Clock,
        limits: Limits,
    ) -> std::io::Result<Self> {
        let worker = Worker::new(&handle, taken, engine, clock, limits)?;
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
        self.handle.send(Call::Stop);
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
    writer: Writer,
    limits: Limits,
    /// One thread, so that sealing and backfills take their time and no more than their share.
    aside: ThreadPool,
    /// One for who is judged beside the engine by what came late.
    lane: ThreadPool,
    /// One that reads who is in accounts: messages wait for that.
    readers: ThreadPool,
    /// Wakes the engine.
    wake: Arc<dyn Fn() + Send + Sync>,
    quiet_since: Time,
    measures: Arc<Measures>,
    seal_wished: Arc<AtomicBool>,
    full: Arc<AtomicBool>,
    /// When the oldest chunk was accepted whose outcome is on no commit yet.
    undecided: Option<Time>,
    /// The same for the commit on its way.
    settles: Option<Time>,
    /// The store could not be written: nothing is tried before this.
    patient_until: Time,
}

/// Lets other threads go first where they have something to do: what is late can wait a little,
/// what is on time cannot. Only Linux has this for one thread alone.
fn stand_back() {
    // Where it is forbidden, all are equal.
    #[cfg(target_os = "linux")]
    rustix::process::nice(LANE_NICENESS).ok();
}

impl<S: Store + 'static> Worker<S> {
    fn new(
        handle: &Handle<S>,
        taken: Receiver<Call<S>>,
        mut engine: Engine<S>,
        clock: Clock,
        limits: Limits,
    ) -> std::io::Result<Self> {
        let calls = Arc::downgrade(&handle.calls);
        // Where the queue is full, nobody sleeps.
        let wake = move || _ = calls.upgrade().map(|it| it.try_send(Call::Awake));
        let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(wake);
        let writer = Writer::run(Arc::clone(engine.store()), Arc::clone(&wake))?;
        let thread = |name: &'static str, begin: fn(usize)| {
            let pool = ThreadPoolBuilder::new().num_threads(1).thread_name(|_| name.to_owned());
            pool.start_handler(begin).build().map_err(std::io::Error::other)
        };
        let (aside, readers) = (thread("aside", |_| ())?, thread("readers", |_| ())?);
        let lane = thread("lane", |_| stand_back())?;
        engine.read_aside();
        Ok(Self {
            engine,
            clock,
            taken,
            writer,
            limits,
            aside,
            lane,
            readers,
            wake,
            quiet_since: Time::MIN,
            measures: Arc::clone(&handle.measures),
            seal_wished: Arc::clone(&handle.seal_wished),
            full: Arc::clone(&handle.full),
            undecided: None,
            settles: None,
            patient_until: Time::MIN,
        })
    }

    fn run(mut self) -> Result<()> {
        self.tell_figures();
        loop {
            let patience = self.patience();
            let call = match self.taken.recv_timeout(patience) {
                Ok(call) => Some(call),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return self.end(),
            };
            if self.turn(call)? {
                return self.end();
            }
        }
    }

    /// Does what a call asks, with all that waits behind it, and what is due; whether that was the
    /// last.
    fn turn(&mut self, call: Option<Call<S>>) -> Result<bool> {
        let gathered = Gathered::from(call, &self.taken);
        let idle = gathered.is_left_alone();
        let Gathered { batch, replies, questions, ends } = gathered;
        let is_submitted = !replies.is_empty();
        // One commit follows the other.
        self.bring_home(is_submitted)?;
        if is_submitted {
            self.send_off(batch, replies);
        }
        self.engine.decide()?;
        if ends || !questions.is_empty() {
            // What waited before is decided by then.
            self.bring_home(true)?;
            self.engine.decide()?;
        }
        for question in questions {
            question(&mut self.engine);
        }
        self.engine.pass((self.clock)())?;
        self.decide_late()?;
        self.read_people();
        if idle {
            self.engine.pack_quiet(PACKED_AT_ONCE);
        }
        if ends {
            return Ok(true);
        }
        if !is_submitted {
            self.try_flush();
        }
        self.go_on_publishing()?;
        self.seal_if_due(idle)?;
        Ok(false)
    }

    /// How long to wait for a call.
    fn patience(&mut self) -> Duration {
        let now = (self.clock)();
        let publishes = self.engine.is_finishing() && now >= self.patient_until;
        let has_to_do = self.engine.has_near() || self.engine.live().has_quiet();
        if has_to_do || self.may_flush(now) || publishes {
            return Duration::ZERO;
        }
        let wait = self.engine.next_pass() - now;
        Duration::from_micros(u64::try_from(wait.0).unwrap_or(0)).min(TICK)
    }

    /// Hands a batch to the writer, with all that was decided.
    fn send_off(&mut self, batch: Batch, replies: Vec<Reply>) {
        let (facts, begin) = (batch.facts.len() as u64, (self.clock)());
        let commit = self.engine.prepare(batch, begin);
        self.settles = self.undecided.take();
        self.writer.write(Job { commit, replies, facts, begin });
    }

    /// Takes note of how the commit on its way has ended, if it has; waits for that, if asked.
    fn bring_home(&mut self, wait: bool) -> Result<()> {
        let Some(Done { written, facts, begin }) = self.writer.done(wait) else { return Ok(()) };
        let settles = self.settles.take();
        match self.engine.written(written) {
            Ok(_) => self.count(facts, begin, settles),
            Err(EngineError::Store(_)) => {
                self.undecided = settles;
                self.patient_until = (self.clock)() + PATIENCE;
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Counts a commit that began at an instant and is durable.
    fn count(&mut self, facts: u64, begin: Time, settles: Option<Time>) {
        let now = (self.clock)();
        self.measures.accepted.fetch_add(facts, Ordering::Relaxed);
        self.measures.commits.fetch_add(1, Ordering::Relaxed);
        self.measures.commit.observe(now - begin);
        if let Some(accepted) = settles {
            self.measures.decision.observe(now - accepted);
        }
        if facts > 0 {
            self.undecided.get_or_insert(begin);
        }
        let since = self.undecided.map_or(0, Time::micros);
        self.measures.undecided_since.store(since, Ordering::Relaxed);
        self.tell_figures();
    }

    /// Tells what is as it is now.
    fn tell_figures(&self) {
        let live = self.engine.live();
        let set = |to: &AtomicU64, value: usize| to.store(value as u64, Ordering::Relaxed);
        set(&self.measures.unsealed, live.unsealed());
        set(&self.measures.late, live.late());
        let full = live.unsealed() >= self.limits.unsealed_facts_max
            || live.late() >= self.limits.late_max;
        self.full.store(full, Ordering::Relaxed);
        set(&self.measures.leads, self.engine.desk().len());
        set(&self.measures.accounts, live.accounts());
        self.measures.repeated.store(live.repeated(), Ordering::Relaxed);
    }

    fn may_flush(&self, now: Time) -> bool {
        self.engine.has_pending() && !self.writer.is_busy() && now >= self.patient_until
    }

    /// Sends off what was decided, if the writer has nothing to do.
    fn try_flush(&mut self) {
        if self.may_flush((self.clock)()) {
            self.send_off(Batch::default(), Vec::new());
        }
    }

    /// Decides about late facts for a while, and has judged anew beside the engine who has to be.
    fn decide_late(&mut self) -> Result<()> {
        let until = (self.clock)() + LATE_TURN;
        // Some are decided about however long everything else takes.
        while self.engine.decide_near(until)? && (self.clock)() < until {}
        if let Some(job) = self.engine.begin_judging(JUDGED_AT_ONCE)? {
            let wake = Arc::clone(&self.wake);
            self.lane.spawn(move || {
                job.run();
                wake();
            });
        }
        Ok(())
    }

    /// Has it read who is in accounts, where the planner wants to see that, and goes on with what
    /// was read.
    fn read_people(&mut self) {
        self.engine.end_reading((self.clock)());
        if let Some(job) = self.engine.begin_reading() {
            let wake = Arc::clone(&self.wake);
            self.readers.spawn(move || {
                job.run();
                wake();
            });
        }
    }

    fn seal_if_due(&mut self, idle: bool) -> Result<()> {
        let now = (self.clock)();
        if !idle {
            self.quiet_since = now;
        }
        let live = self.engine.live();
        // What late facts wait behind stays in the log.
        let decided = live.decided().saturating_sub(live.history().logged());
        let decided = usize::try_from(decided).unwrap_or(usize::MAX).min(live.unsealed());
        let quiet = now - self.quiet_since >= QUIET;
        let wished = self.seal_wished.load(Ordering::Relaxed);
        let old = live.oldest_unsealed() + Span::DAY < now;
        let due = decided >= self.limits.seal_facts_busy
            || idle && decided >= SEAL_FACTS
            || idle && decided > 0 && (wished || quiet && old);
        if self.engine.has_sealed(false) {
            self.bring_home(true)?;
            // What is of no use any more is freed elsewhere.
            if let Some(freed) = self.engine.end_seal(true)? {
                std::thread::spawn(|| drop(freed));
            }
        }
        self.tell_figures();
        // A backfill reads what sealing would take away.
        if due && !self.engine.is_backfilling() && !self.engine.live().is_sealing() {
            self.seal_wished.store(false, Ordering::Relaxed);
            self.bring_home(true)?;
            let job = self.engine.begin_seal()?;
            let wake = Arc::clone(&self.wake);
            let run = move || {
                job.run();
                wake();
            };
            self.aside.spawn(run);
        }
        Ok(())
    }

    /// Goes on with the publication under way, as far as that is possible now.
    fn go_on_publishing(&mut self) -> Result<()> {
        if (self.clock)() < self.patient_until || !self.engine.may_go_on_publishing() {
            return Ok(());
        }
        self.bring_home(true)?;
        self.engine.decide()?;
        match self.publish_some() {
            Err(EngineError::Store(_)) => {
                self.patient_until = (self.clock)() + PATIENCE;
                Ok(())
            }
            done => done,
        }
    }

    fn publish_some(&mut self) -> Result<()> {
        if let Some(job) = self.engine.begin_backfill()? {
            let wake = Arc::clone(&self.wake);
            self.aside.spawn(move || {
                job.run();
                wake();
            });
        }
        // What is of no use any more is freed elsewhere.
        if let Some(freed) = self.engine.end_backfill(false)? {
            std::thread::spawn(|| drop(freed));
        }
        self.engine.finish_publication().map(drop)
    }

    fn end(mut self) -> Result<()> {
        self.engine.abandon_backfill();
        self.bring_home(true)?;
        self.engine.decide()?;
        self.engine.flush()?;
        // What comes into the history beside the engine is gone on with, or is not there.
        self.engine.end_seal(true)?;
        // The next start has less to take in again, and other commands see all of it.
        if self.engine.live().unsealed() > 0 {
            self.engine.seal()?;
        }
        // Without it the next start makes the state again.
        self.engine.save_state().ok();
        Ok(())
    }
}
