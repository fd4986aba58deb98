//! Reports of a running server.
//!
//! What they are made of is a [`Snapshot`]: everybody judged over the history, beside the engine and
//! never on its thread. It is made when somebody first asks, kept for all questions, and made anew
//! in the background once the history or a definition has changed; until then the old one answers. So
//! a page costs no more than adding up what is in memory. The log's newest facts are not in the history
//! yet: whoever asks has them brought there soon.

mod answers;
mod health;
mod nouns;
mod snapshot;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use firsthand_engine::service::Handle;
use firsthand_engine::{Live, Rules};
use firsthand_history::History;
use firsthand_model::Time;
use firsthand_rules::compile::program::Program;
use firsthand_store::SqliteStore;
use firsthand_web::{Answer, Failure};
use tokio::sync::{Notify, oneshot};

use super::Server;
use snapshot::Snapshot;

/// How long what was found of the history is believed.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How long somebody waits for the first snapshot before they are told to come again.
const FIRST_WAIT: Duration = Duration::from_secs(3);
/// After how long it is worth coming again.
const COME_AGAIN: Duration = Duration::from_secs(3);
/// How often the log is brought into the history for reports, where it is short.
const WISH_EVERY: Duration = Duration::from_mins(10);
/// How often where it is a good part of everything, as in the first hours of a project.
const WISH_EVERY_AT_FIRST: Duration = Duration::from_secs(5);
/// A good part of everything: one fact in so many.
const GOOD_PART: u64 = 20;
/// Snapshots take no more than one part in so many of the time.
const REST: u32 = 10;
/// A history that changes while it is read (a segment was rewritten) is read again so often.
const TRIES: usize = 3;

/// Keeps the snapshot.
#[derive(Default)]
pub(super) struct Reporting {
    state: Mutex<State>,
    made: Notify,
}

#[derive(Default)]
struct State {
    current: Option<Arc<Snapshot>>,
    making: bool,
    looked_at: Option<Instant>,
    wished_at: Option<Instant>,
    /// Nothing is made before this.
    rests_until: Option<Instant>,
    open_leads: health::OpenLeads,
}

/// What a snapshot was made of.
#[derive(Clone)]
struct Origin {
    generation: u64,
    program: Arc<Program>,
}

impl Origin {
    fn of(live: &Live) -> Self {
        let program = Arc::clone(&live.rules().program);
        Self { generation: live.history().generation(), program }
    }

    fn is(&self, other: &Self) -> bool {
        self.generation == other.generation && Arc::ptr_eq(&self.program, &other.program)
    }
}

impl Reporting {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The snapshot, if it need not be looked whether it still holds.
    fn fresh(&self) -> Option<Arc<Snapshot>> {
        let state = self.state();
        let fresh = state.looked_at.is_some_and(|at| at.elapsed() < LOOK_EVERY);
        state.current.clone().filter(|_| fresh)
    }

    /// Forgets everybody: the next who asks has them judged anew.
    pub fn forget(&self) {
        self.state().current = None;
    }

    fn current(&self) -> Option<Arc<Snapshot>> {
        self.state().current.clone()
    }
}

impl Server {
    /// Everybody as they were judged last.
    async fn snapshot(&self) -> Answer<Arc<Snapshot>> {
        self.snapshot_within(FIRST_WAIT).await
    }

    /// The same; the first one is waited for so long.
    async fn snapshot_within(&self, first_wait: Duration) -> Answer<Arc<Snapshot>> {
        let reporting = &self.reporting;
        if let Some(fresh) = reporting.fresh() {
            return Ok(fresh);
        }
        let looked = self.ask(|engine| {
            let live = engine.live();
            (Origin::of(live), live.unsealed() as u64, live.history().facts())
        });
        let (origin, unsealed, facts) = match (looked.await, reporting.current()) {
            (Ok(looked), _) => looked,
            // While the engine is busy, or stops, what is known is better than nothing.
            (Err(_), Some(current)) => return Ok(current),
            (Err(failure), None) => return Err(failure),
        };
        let engine = self.engine()?;
        let wait = reporting.made.notified();
        let current = {
            let mut state = reporting.state();
            let now = Instant::now();
            state.looked_at = Some(now);
            let often = unsealed * GOOD_PART > facts;
            let every = if often { WISH_EVERY_AT_FIRST } else { WISH_EVERY };
            if unsealed > 0 && state.wished_at.is_none_or(|at| now - at >= every) {
                state.wished_at = Some(now);
                engine.wish_sealed();
            }
            let stale = state.current.as_ref().is_none_or(|it| !it.origin.is(&origin));
            let rested = state.rests_until.is_none_or(|at| at <= now);
            if stale && rested && !state.making {
                state.making = true;
                tokio::spawn(make(Arc::clone(reporting), engine.clone(), self.now()));
            }
            state.current.clone()
        };
        if let Some(current) = current {
            return Ok(current);
        }
        tokio::time::timeout(first_wait, wait).await.ok();
        reporting.current().ok_or(Failure::Busy { retry_after: COME_AGAIN })
    }
}

/// Makes a snapshot, and puts it in place of the one before.
async fn make(reporting: Arc<Reporting>, engine: Handle<SqliteStore>, now: Time) {
    let began = Instant::now();
    let mut made = None;
    for _ in 0..TRIES {
        let Some((history, rules, origin)) = fork(&engine).await else { break };
        let work = move || Snapshot::of(history, &rules, origin, now);
        match tokio::task::spawn_blocking(work).await {
            Ok(Ok(snapshot)) => {
                made = Some(Arc::new(snapshot));
                break;
            }
            Ok(Err(error)) => tracing::warn!(error = &*error, "reports could not be made"),
            Err(error) => tracing::error!(error = %error, "reports could not be made"),
        }
    }
    let mut state = reporting.state();
    state.making = false;
    state.rests_until = Some(Instant::now() + began.elapsed() * REST);
    if made.is_some() {
        state.current = made;
    }
    drop(state);
    reporting.made.notify_waiters();
}

/// The history as it is now, and what is judged by; `None` where the engine does not answer.
async fn fork(engine: &Handle<SqliteStore>) -> Option<(History, Rules, Origin)> {
    let (answer, asked) = oneshot::channel();
    let question = move |engine: &mut super::LiveEngine| {
        let live = engine.live();
        // Whoever asked may have gone away.
        answer.send((live.history().fork(), live.rules().clone(), Origin::of(live))).ok();
    };
    engine.ask(question).ok()?;
    asked.await.ok()
}
