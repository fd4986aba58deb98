//! Where uploaded files lie, each in a folder of its own: the file, what is known of it
//! (`state.json`) and what of it cannot be read (`rejects.ndjson`).
//!
//! Files of people hold personal data. One is thrown away as soon as it was taken in or stopped,
//! after a day in any case, and whenever somebody is erased ([`erase`]).

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use firsthand_engine::service::Clock;
use firsthand_model::config::Project;
use firsthand_model::{Mentions, Span};
use firsthand_web::backend::{Import, ImportProblem, ImportState};

use crate::rejects;

/// The folder in the project's data.
pub const FOLDER: &str = "imports";
/// Files that wait to be taken in, at most.
pub const WAITING_MAX: usize = 10;
/// Bytes of all of them, at most.
pub const WAITING_BYTES_MAX: u64 = 8 << 30;
/// For how long a file waits.
const WAITING_KEPT: Span = Span::DAY;
/// For how long it is remembered what became of a file.
const RECORD_KEPT: Span = Span(30 * Span::DAY.0);
/// Files of which that is remembered, at most.
const RECORDS_MAX: usize = 100;

const STATE: &str = "state.json";
const UPLOAD: &str = "upload";
const REJECTS: &str = "rejects.ndjson";

/// All uploaded files.
pub struct Shelf {
    dir: PathBuf,
    pub project: Arc<Project>,
    pub clock: Clock,
    items: Mutex<BTreeMap<String, Arc<Item>>>,
    /// One file is at work at a time.
    turn: Mutex<()>,
    /// The server ends: what goes on is put off.
    stopping: AtomicBool,
}

/// One of them.
pub struct Item {
    dir: PathBuf,
    import: Mutex<Import>,
    stop: AtomicBool,
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shelf {
    /// The files that lie in a folder of the project's data. What was going on when the last server
    /// ended waits to be asked for again.
    pub fn open(data: &Path, project: Arc<Project>, clock: Clock) -> io::Result<Self> {
        let dir = data.join(FOLDER);
        fs::create_dir_all(&dir)?;
        let mut items = BTreeMap::new();
        for entry in fs::read_dir(&dir)? {
            let dir = entry?.path();
            let read = fs::read(dir.join(STATE)).ok();
            let import = read.and_then(|it| serde_json::from_slice::<Import>(&it).ok());
            let Some(mut import) = import else {
                // An upload that did not come to its end.
                fs::remove_dir_all(&dir)?;
                continue;
            };
            if import.state.goes_on() {
                put_off(&mut import);
            }
            let (import, stop) = (Mutex::new(import), AtomicBool::new(false));
            let item = Arc::new(Item { dir, import, stop });
            items.insert(item.now().id, item);
        }
        let (items, turn, stopping) = (Mutex::new(items), Mutex::new(()), AtomicBool::new(false));
        let shelf = Self { dir, project, clock, items, turn, stopping };
        shelf.sweep();
        Ok(shelf)
    }

    /// Waits until no other file is at work.
    pub fn turn(&self) -> MutexGuard<'_, ()> {
        lock(&self.turn)
    }

    /// Puts off what goes on.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        lock(&self.items).values().for_each(|it| it.stop.store(true, Ordering::Relaxed));
    }

    /// Whether the server ends.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// The files, the newest first.
    pub fn all(&self) -> Vec<Arc<Item>> {
        lock(&self.items).values().rev().cloned().collect()
    }

    /// One of them.
    pub fn get(&self, id: &str) -> Option<Arc<Item>> {
        lock(&self.items).get(id).cloned()
    }

    /// The folder of a file that is to come.
    pub fn folder(&self, id: &str) -> io::Result<PathBuf> {
        let dir = self.dir.join(id);
        fs::create_dir(&dir)?;
        Ok(dir)
    }

    /// Puts a file up, of which all has come.
    pub fn put(&self, dir: PathBuf, import: Import) -> io::Result<Arc<Item>> {
        let id = import.id.clone();
        let item = Arc::new(Item { dir, import: Mutex::new(import), stop: AtomicBool::new(false) });
        item.write(&item.now())?;
        lock(&self.items).insert(id, Arc::clone(&item));
        Ok(item)
    }

    /// Throws a file away, with all that is known of it.
    pub fn remove(&self, id: &str) -> io::Result<()> {
        let Some(item) = lock(&self.items).remove(id) else { return Ok(()) };
        item.stop.store(true, Ordering::Relaxed);
        fs::remove_dir_all(&item.dir)
    }

    /// Throws away what has waited or was remembered long enough.
    pub fn sweep(&self) {
        let now = (self.clock)();
        let mut kept = 0;
        for item in self.all() {
            let import = item.now();
            let age = now - import.uploaded_at;
            let old = match import.state {
                ImportState::Checking | ImportState::Taking => false,
                ImportState::Ready | ImportState::Unclear => age > WAITING_KEPT,
                ImportState::Taken | ImportState::Stopped => {
                    kept += 1;
                    age > RECORD_KEPT || kept > RECORDS_MAX
                }
            };
            if old && let Err(error) = self.remove(&import.id) {
                tracing::warn!(%error, "an old upload cannot be removed");
            }
        }
    }

    /// How many files wait, and their bytes.
    pub fn waiting(&self) -> (usize, u64) {
        let all = self.all().into_iter().map(|it| it.now());
        let waiting =
            all.filter(|it| !matches!(it.state, ImportState::Taken | ImportState::Stopped));
        waiting.fold((0, 0), |(count, bytes), it| (count + 1, bytes + it.size_bytes))
    }

    /// Takes somebody out of all that lies here.
    pub fn erase(&self, mentions: &Mentions<'_>) -> io::Result<u64> {
        let erased = erase(&self.dir, mentions)?;
        let gone = |it: &Arc<Item>| !it.dir.exists();
        let mut items = lock(&self.items);
        items.retain(|_, it| !gone(it));
        for item in items.values() {
            forget_sample(&mut lock(&item.import));
        }
        Ok(erased)
    }
}

impl Item {
    /// What is known of it.
    pub fn now(&self) -> Import {
        lock(&self.import).clone()
    }

    /// Changes what is known of it, and writes that down.
    pub fn change(&self, change: impl FnOnce(&mut Import)) -> io::Result<()> {
        let mut import = lock(&self.import);
        change(&mut import);
        self.write(&import)
    }

    /// Changes it only where its state is one of some; whether it was.
    pub fn change_if(
        &self,
        states: &[ImportState],
        change: impl FnOnce(&mut Import),
    ) -> io::Result<bool> {
        let mut import = lock(&self.import);
        if !states.contains(&import.state) {
            return Ok(false);
        }
        change(&mut import);
        self.stop.store(false, Ordering::Relaxed);
        self.write(&import).map(|()| true)
    }

    /// Changes what is told of it while it goes on.
    pub fn tell(&self, change: impl FnOnce(&mut Import)) {
        change(&mut lock(&self.import));
    }

    /// Somebody wants it to stop.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Whether it is to stop.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// The file.
    pub fn upload(&self) -> PathBuf {
        self.dir.join(UPLOAD)
    }

    /// What of it cannot be read.
    pub fn rejects(&self) -> PathBuf {
        self.dir.join(REJECTS)
    }

    /// Throws the file itself away.
    pub fn drop_upload(&self) -> io::Result<()> {
        match fs::remove_file(self.upload()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn write(&self, import: &Import) -> io::Result<()> {
        write(&self.dir, import)
    }
}

fn write(dir: &Path, import: &Import) -> io::Result<()> {
    let temporary = dir.join("state.tmp");
    let file = File::create(&temporary)?;
    serde_json::to_writer(&file, import)?;
    file.sync_all()?;
    fs::rename(&temporary, dir.join(STATE))
}

/// The file of an upload in its folder.
pub fn upload_in(dir: &Path) -> PathBuf {
    dir.join(UPLOAD)
}

/// What was going on is to be asked for again.
pub fn put_off(import: &mut Import) {
    let was_taken = import.state == ImportState::Taking;
    import.state = if import.found.is_some() { ImportState::Ready } else { ImportState::Unclear };
    import.progress = None;
    let (message, help) = if was_taken {
        (
            "the server ended before the file was taken in",
            "Take it in again: what was taken in already counts once.",
        )
    } else {
        ("the server ended before the file was read", "Have it read again.")
    };
    import.problem =
        Some(ImportProblem { message: message.to_owned(), help: Some(help.to_owned()) });
}

/// Takes somebody out of a folder of uploads, with no server at work on it or by it: files that wait
/// are thrown away whole, for whom they are about is known only when they are read. How many records
/// went.
pub fn erase(dir: &Path, mentions: &Mentions<'_>) -> io::Result<u64> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let mut erased = 0;
    for entry in entries {
        let dir = entry?.path();
        let Ok(read) = fs::read(dir.join(STATE)) else { continue };
        let mut import: Import = serde_json::from_slice(&read)?;
        if matches!(import.state, ImportState::Taken | ImportState::Stopped) {
            forget_sample(&mut import);
            write(&dir, &import)?;
            erased += rejects::erase(&dir.join(REJECTS), mentions)?;
        } else {
            fs::remove_dir_all(&dir)?;
        }
    }
    Ok(erased)
}

/// Forgets what a file holds, but for figures.
pub fn forget_sample(import: &mut Import) {
    import.columns.iter_mut().for_each(|it| it.examples.clear());
    if let Some(found) = &mut import.found {
        found.sample.clear();
        found.notices.iter_mut().for_each(|it| it.example.clear());
    }
    if let Some(result) = &mut import.result {
        result.left_out.iter_mut().for_each(|it| it.example.clear());
    }
}
