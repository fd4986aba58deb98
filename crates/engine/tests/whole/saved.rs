//! What a server leaves to the next: its state, of use only where all is as it was.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use firsthand_engine::service::Service;
use firsthand_engine::{Engine, Rules, StartOptions, Started, StateFile};
use firsthand_history::{History, Scan};
use firsthand_model::fact::Kind;
use firsthand_rules::timeline::Subject;
use firsthand_store::SqliteStore;

use crate::publish::changed_rules;
use crate::service::{exported, send, ticking};
use crate::world::rules;

/// A project whose servers come and go.
struct Place {
    folder: tempfile::TempDir,
    store: Arc<SqliteStore>,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        History::create(folder.path().join("history"), &rules().project.identity, 100).unwrap();
        Self { folder, store: Arc::new(SqliteStore::in_memory().unwrap()) }
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn history(&self) -> History {
        History::open(self.folder.path().join("history"), &rules().project.identity).unwrap()
    }

    fn start(&self, rules: Rules, made_by: &str) -> (Engine<SqliteStore>, Started) {
        let state = StateFile { path: self.state(), made_by: made_by.into() };
        let options = StartOptions { state: Some(state), ..StartOptions::default() };
        let (store, now) = (Arc::clone(&self.store), ticking()());
        Engine::start(rules, self.history(), store, &options, now, Scan::default()).unwrap()
    }

    /// Runs a server that takes in a report and is asked to end.
    fn serve(&self, id: usize) -> Started {
        let (clock, (engine, started)) = (ticking(), self.start(rules(), "this build"));
        let service = Service::run(engine, Arc::clone(&clock)).unwrap();
        assert_eq!(send(service.handle(), exported(id, clock())).recv().unwrap(), Ok(()));
        service.stop().unwrap();
        started
    }
}

#[test]
fn a_server_goes_on_where_the_last_one_has_ended() {
    let place = Place::new();
    assert!(!place.serve(0).remembered, "there is nothing to go on with");
    assert!(place.serve(1).remembered);
    let (engine, started) = place.start(rules(), "this build");
    assert!(started.remembered);
    assert_eq!(started.differences, []);
    assert!(!place.state().exists(), "what people did stays behind in no file");
    let acme = Subject { kind: Kind::Account, id: "acme".into() };
    let held = |of: &Engine<_>| of.live().subject(&acme).unwrap().record().held.clone();
    let before = held(&engine);
    assert!(before.iter().any(|it| !it.is_empty()), "two reports are enough to be busy");
    // Without the file it is all made again, and comes to the same; what an end has left that was
    // cut off goes as well.
    let cut_off = place.state().with_extension("tmp");
    fs::write(&cut_off, "half of it").unwrap();
    let (engine, started) = place.start(rules(), "this build");
    assert!(!cut_off.exists());
    assert!(!started.remembered);
    assert_eq!(held(&engine), before);
}

#[test]
fn a_state_is_made_again_where_anything_is_not_as_it_was() {
    let one_is_enough = changed_rules(&[(
        "last 2d) >= 2\n---\ndefinition: a-team",
        "last 2d) >= 1\n---\ndefinition: a-team",
    )]);
    let place = Place::new();
    let mut id = 0;
    let mut remembers = |rules: Rules, build: &str, change: &dyn Fn(&Place)| {
        place.serve(id);
        id += 1;
        change(&place);
        place.start(rules, build).1.remembered
    };
    assert!(!remembers(rules(), "another build", &|_| ()));
    assert!(!remembers(rules(), "this build", &|it| {
        let mut history = it.history();
        let batch = exported(1_000, "2026-01-04T00:00:00Z".parse().unwrap());
        let mut intake = history.intake(&rules().project.calendar).unwrap();
        intake.take(&batch.facts[0]).unwrap();
        intake.finish().unwrap();
    }));
    assert!(!remembers(one_is_enough, "this build", &|_| ()));
    assert!(remembers(rules(), "this build", &|_| ()), "nothing was changed");
}

#[test]
fn a_damaged_state_is_made_again_wherever_the_damage_lies() {
    let place = Place::new();
    place.serve(0);
    place.serve(1);
    let whole = fs::read(place.state()).unwrap();
    let (mut cut, mut places) = (vec![whole[..whole.len() / 2].to_vec(), Vec::new()], 0);
    for at in (0..whole.len()).step_by(7) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        cut.push(bytes);
    }
    for bytes in cut {
        fs::write(place.state(), bytes).unwrap();
        assert!(!place.start(rules(), "this build").1.remembered);
        places += 1;
    }
    assert!(places > 50, "{places} kinds of damage were tried");
    fs::write(place.state(), whole).unwrap();
    assert!(place.start(rules(), "this build").1.remembered);
}
