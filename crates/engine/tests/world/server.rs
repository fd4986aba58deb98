//! A server without a thread and a clock: an engine over a history and a store of its own.

use std::sync::Arc;

use firsthand_engine::{Batch, Chunk, Engine, Rules, StartOptions, Started, StateFile};
use firsthand_history::{History, Scan};
use firsthand_model::{Span, Time};
use firsthand_store::SqliteStore;

use crate::world::rules;

pub struct Server {
    pub rules: Rules,
    pub folder: tempfile::TempDir,
    pub store: Arc<SqliteStore>,
    pub engine: Option<Engine<SqliteStore>>,
}

impl Server {
    /// It has yet to be started.
    pub fn new(folder: tempfile::TempDir, store: SqliteStore) -> Self {
        let rules = rules();
        History::create(folder.path().join("history"), &rules.project.identity, 100).unwrap();
        Self { rules, folder, store: Arc::new(store), engine: None }
    }

    /// Starts for the first time, or after a crash.
    pub fn start(&mut self, now: Time) -> Started {
        self.engine = None;
        let folder = self.folder.path().join("history");
        let history = History::open(folder, &self.rules.project.identity).unwrap();
        let state = StateFile { path: self.folder.path().join("state"), made_by: String::new() };
        let (engine, started) = Engine::start(
            self.rules.clone(),
            history,
            Arc::clone(&self.store),
            &StartOptions { state: Some(state), ..StartOptions::default() },
            now,
            Scan::default(),
        )
        .unwrap();
        assert_eq!(started.differences, [], "what is written down is what was rebuilt");
        self.engine = Some(engine);
        started
    }

    /// Ends in order, and goes on with the state that is left.
    pub fn restart(&mut self, now: Time) {
        self.engine().seal().unwrap();
        assert!(self.engine().save_state().unwrap());
        assert!(self.start(now).remembered);
    }

    pub fn engine(&mut self) -> &mut Engine<SqliteStore> {
        self.engine.as_mut().unwrap()
    }

    /// Takes a chunk in, decides, and writes down.
    pub fn take(&mut self, chunk: &Chunk) {
        let batch = Batch { facts: chunk.facts.clone(), ..Batch::default() };
        self.engine().accept(batch, chunk.known_at).unwrap();
        self.engine().decide().unwrap();
        self.engine().pass(chunk.known_at + Span::MINUTE.times(20)).unwrap();
        self.engine().flush().unwrap();
    }

    /// Lets time pass and decides about all that waits.
    pub fn settle(&mut self, now: Time) {
        self.engine().pass(now).unwrap();
        while self.engine().decide_late(now).unwrap() {}
        self.engine().flush().unwrap();
    }
}
