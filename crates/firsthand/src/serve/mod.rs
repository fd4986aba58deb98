//! The running server: engine, store and HTTP face put together.
//!
//! The engine has a thread of its own ([`firsthand_engine::service`]); what is asked of its state
//! is asked there, between two commits. What was written down is read from the store. The HTTP
//! face sees both through [`Server`] alone.

mod accounts;
mod answers;
mod closeup;
mod configured;
pub mod crm;
mod entrance;
pub mod erasure;
mod events;
mod facts;
pub mod headlines;
mod hygiene;
mod identity;
pub mod imports;
pub mod inbound;
pub mod inbox;
mod leads;
mod optout;
mod outbox;
pub mod outgoing;
mod people;
mod play_detail;
mod plays;
mod preview;
mod publish;
mod reports;
pub mod running;
mod slack;
#[cfg(test)]
mod story;
mod usage;
mod workbench;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, RwLock};

use firsthand_collect::live::Sources;
use firsthand_deliver::Worker;
use firsthand_engine::service::{Clock, FACTS_WAITING_MAX, Handle, Refused};
use firsthand_engine::{Batch, Engine, LATE_MAX};
use firsthand_model::{Calendar, Text, Time};
use firsthand_store::{
    Commit, KeyKind, Keys, Log, Quarantined, SourceTally, SqliteStore, StoreError,
};
use firsthand_web::backend::{About, Scope, Submission, Token, TokenHash};
use firsthand_web::noun::{Phase, Queue, Readiness, ServerStatus};
use firsthand_web::{Answer, Failure};
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot};

use crate::oidc::Oidc;
use crate::project::Folder;
use crate::reading::Reading;
use crate::signing::Root;
use events::LeadEvents;
use imports::shelf::Shelf;
use inbound::Inbound;
use inbox::InboxChanges;
use publish::Publisher;
use workbench::Bench;
#[cfg(test)]
pub use workbench::on_newest;

/// After how long a client may come again where the server is busy.
const COME_AGAIN: Duration = Duration::from_secs(1);
/// After how long where its state is still being rebuilt.
const COME_AGAIN_LATER: Duration = Duration::from_secs(5);

/// Passwords that are hashed at a time; who comes then waits.
const HASHED_AT_A_TIME: usize = 2;

/// The engine, as this program runs it.
pub type LiveEngine = Engine<SqliteStore>;

/// Everything the HTTP face asks for.
pub struct Server {
    store: Arc<SqliteStore>,
    sources: Arc<Sources>,
    clock: Clock,
    started_at: Time,
    engine: OnceLock<Handle<SqliteStore>>,
    /// Whether the engine answers questions.
    decides: AtomicBool,
    readiness: RwLock<Readiness>,
    warnings: RwLock<Vec<String>>,
    events: Arc<LeadEvents>,
    /// What imports could not read.
    rejects: PathBuf,
    /// Where uploaded files lie.
    shelf: Option<Arc<Shelf>>,
    /// Where the project's files are.
    folder: Option<Folder>,
    /// The settings that it has started with.
    settings_fingerprint: Option<blake3::Hash>,
    bench: Bench,
    publisher: Arc<Publisher>,
    inbox_changes: Arc<InboxChanges>,
    inbound: Inbound,
    root: Root,
    outgoing: OnceLock<Arc<Worker>>,
    hygiene: hygiene::Looked,
    about: About,
    /// Whether passwords are taken.
    passwords: bool,
    /// The other system by which people may come in.
    oidc: Option<Arc<Oidc>>,
    /// One permit for each password that is hashed at a time: each takes 19 MB.
    hashing: Semaphore,
    reporting: Arc<reports::Reporting>,
}

impl Server {
    /// A server whose engine has not started yet.
    pub fn new(
        store: Arc<SqliteStore>,
        sources: Sources,
        inbound: Inbound,
        root: Root,
        clock: Clock,
    ) -> Self {
        let started_at = clock();
        Self {
            store,
            sources: Arc::new(sources),
            started_at,
            clock,
            engine: OnceLock::new(),
            decides: AtomicBool::new(false),
            readiness: RwLock::new(Readiness {
                ready: false,
                phase: Phase::Starting,
                done: 0,
                total: None,
            }),
            warnings: RwLock::new(Vec::new()),
            events: Arc::new(LeadEvents::new(started_at)),
            rejects: PathBuf::new(),
            shelf: None,
            folder: None,
            settings_fingerprint: None,
            bench: Bench::default(),
            publisher: Arc::default(),
            inbox_changes: Arc::new(InboxChanges::new()),
            inbound,
            root,
            outgoing: OnceLock::new(),
            hygiene: hygiene::Looked::default(),
            about: About { name: Text::default(), calendar: Calendar::default() },
            passwords: true,
            oidc: None,
            hashing: Semaphore::new(HASHED_AT_A_TIME),
            reporting: Arc::default(),
        }
    }

    /// Whose leads these are, and where they are.
    #[must_use]
    pub fn with_about(mut self, about: About) -> Self {
        self.about = about;
        self
    }

    /// Where the project's files are, as they were read: definitions are written there.
    #[must_use]
    pub fn with_folder(mut self, folder: Folder, read: Reading) -> Self {
        self.settings_fingerprint = configured::fingerprint(&folder);
        self.folder = Some(folder);
        self.publisher.has_read(read);
        self
    }

    /// Where the records lie that imports could not read: who is erased goes from there as well.
    #[must_use]
    pub fn with_rejects(mut self, path: PathBuf) -> Self {
        self.rejects = path;
        self
    }

    /// Where uploaded files lie.
    #[must_use]
    pub fn with_shelf(mut self, shelf: Shelf) -> Self {
        self.shelf = Some(Arc::new(shelf));
        self
    }

    /// How people come in.
    #[must_use]
    pub fn with_sign_in(mut self, passwords: bool, oidc: Option<Oidc>) -> Self {
        (self.passwords, self.oidc) = (passwords, oidc.map(Arc::new));
        self
    }

    /// Tells what the server is doing.
    pub fn enter(&self, phase: Phase) {
        let mut readiness =
            self.readiness.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        readiness.phase = phase;
        readiness.ready = phase == Phase::Live;
    }

    /// Tells how much of the history has been read again.
    pub fn progress(&self, rows: u64, of: u64) {
        let mut readiness =
            self.readiness.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        readiness.done += rows;
        readiness.total = Some(of);
    }

    /// Something an operator should know.
    pub fn warn(&self, warning: String) {
        let mut all = self.warnings.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !all.contains(&warning) {
            all.push(warning);
        }
    }

    /// Facts are taken in from now on; questions are answered only once the engine runs.
    pub fn takes_in(&self, engine: Handle<SqliteStore>) {
        // There is one engine in the life of a server.
        self.engine.set(engine).ok();
    }

    /// The engine runs from now on.
    pub fn decides(&self) {
        self.decides.store(true, Ordering::Release);
        self.enter(Phase::Live);
    }

    /// Messages are sent from now on.
    pub fn sends(&self, outgoing: Arc<Worker>) {
        // There is one worker in the life of a server.
        self.outgoing.set(outgoing).ok();
    }

    /// Takes in a commit that is durable: who listens is told, and what is to be sent is sent.
    pub fn listener(self: &Arc<Self>) -> impl Fn(&Commit) + Send + use<> {
        let server = Arc::clone(self);
        move |commit| server.hear(commit)
    }

    fn hear(&self, commit: &Commit) {
        self.events.hear(commit);
        self.inbox_changes.hear(commit, &*self.store);
        if let Some(worker) = self.outgoing.get() {
            outgoing::hear(worker, commit);
        }
    }

    /// The time that it goes by.
    pub fn now(&self) -> Time {
        (self.clock)()
    }

    fn engine(&self) -> Answer<&Handle<SqliteStore>> {
        let decides = self.decides.load(Ordering::Acquire);
        let engine = self.engine.get().filter(|_| decides);
        engine.ok_or(Failure::NotReady { retry_after: COME_AGAIN_LATER })
    }

    /// Asks the engine, between two commits.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut LiveEngine) -> T + Send + 'static,
    ) -> Answer<T> {
        let (answer, asked) = oneshot::channel();
        let put = self.engine()?.ask(move |engine| {
            // Whoever asked may have gone away.
            answer.send(question(engine)).ok();
        });
        put.map_err(busy)?;
        asked.await.map_err(|_| Failure::broken("the engine has stopped"))
    }

    /// Reads the store, on a thread that may wait.
    async fn stored<T: Send + 'static>(
        &self,
        read: impl FnOnce(&SqliteStore) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<T> {
        let store = Arc::clone(&self.store);
        let read = tokio::task::spawn_blocking(move || read(&store)).await;
        read.map_err(Failure::broken)?.map_err(store_failure)
    }

    async fn submit_batch(&self, batch: Batch) -> Answer<()> {
        let (answer, done) = oneshot::channel();
        let engine = self.engine.get();
        let engine = engine.ok_or(Failure::NotReady { retry_after: COME_AGAIN_LATER })?;
        engine.submit(batch, move |result| {
            answer.send(result).ok();
        });
        done.await.map_err(|_| Failure::broken("the engine has stopped"))?.map_err(busy)
    }

    pub(super) async fn submit(&self, submission: Submission) -> Answer<()> {
        let Submission { source, facts, rejects, received_at } = submission;
        let tally = SourceTally {
            source: source.clone(),
            seen_at: received_at,
            accepted: facts.len() as u64,
            rejected: rejects.len() as u64,
            repeated: 0,
        };
        let quarantined = rejects.into_iter().map(|it| Quarantined {
            source: source.clone(),
            received_at,
            code: it.code.code().into(),
            reason: it.reason.into(),
            raw: identity::Kept::bytes(&it.path, &it.raw),
        });
        let quarantined = quarantined.collect();
        self.submit_batch(Batch { facts, quarantined, tallies: vec![tally], ..Batch::default() })
            .await
    }

    pub(super) async fn token(&self, hash: TokenHash) -> Answer<Option<Token>> {
        let hash = blake3::Hash::from_bytes(hash.0).to_hex();
        let now = self.now();
        let key = self.stored(move |store| store.key_by_hash(&hash)).await?;
        let in_force = key.filter(|it| {
            it.kind == KeyKind::Api
                && it.revoked_at.is_none()
                && it.expires_at.is_none_or(|at| at > now)
        });
        Ok(in_force.map(|it| Token {
            name: it.name.to_string(),
            scopes: it.scopes.iter().filter_map(|it| it.parse::<Scope>().ok()).collect(),
        }))
    }

    pub(super) fn readiness(&self) -> Readiness {
        self.readiness.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    pub(super) async fn status(&self) -> Answer<ServerStatus> {
        let log = self.stored(Log::log_state).await?;
        let measures = self.engine.get().map(Handle::measures);
        let waiting = self.engine.get().map_or(0, Handle::waiting) as u64;
        let late = measures.map_or(0, |it| it.late.load(Ordering::Relaxed));
        let undecided_since = measures.map_or(0, |it| it.undecided_since.load(Ordering::Relaxed));
        let lag = if undecided_since == 0 { 0 } else { self.now().micros() - undecided_since };
        let queue = |name: &str, depth: u64, limit: usize| Queue {
            name: name.to_owned(),
            depth,
            limit: limit as u64,
        };
        Ok(ServerStatus {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: self.started_at.into(),
            readiness: self.readiness(),
            log_offset: log.next.saturating_sub(1),
            applied_offset: log.applied.unwrap_or(0),
            lag_ms: u64::try_from(lag / 1_000).unwrap_or(0),
            queues: vec![
                queue("facts", waiting, FACTS_WAITING_MAX),
                queue("late facts", late, LATE_MAX),
            ],
            warnings: self
                .warnings
                .read()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .clone(),
        })
    }
}

fn busy(refused: Refused) -> Failure {
    match refused {
        Refused::Full | Refused::Unwritten => Failure::Busy { retry_after: COME_AGAIN },
        Refused::Stopped => Failure::NotReady { retry_after: COME_AGAIN_LATER },
    }
}

fn store_failure(error: StoreError) -> Failure {
    match error {
        StoreError::BadCursor(_) => Failure::Cursor,
        other => Failure::broken(other),
    }
}
