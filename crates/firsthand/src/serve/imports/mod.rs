//! Files that people upload: put on a shelf, looked through, taken in beside the engine.
//!
//! Start at [`work`]; [`shelf`] keeps the files.

pub mod shelf;
mod work;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use firsthand_web::backend::{
    FILE_NAME_CHARS_MAX, Import, ImportReject, ImportState, Imports, Reading, UPLOAD_BYTES_MAX,
    Upload,
};
use firsthand_web::{Answer, Failure};
use serde::Deserialize;

use super::Server;
use crate::commands::import::SOURCE_DEFAULT;
use crate::people;
use shelf::{Item, Shelf, WAITING_BYTES_MAX, WAITING_MAX, upload_in};

/// Bytes that are gathered before they are written.
const WRITTEN_AT_A_TIME: usize = 1 << 20;
/// States in which people say what is done with a file.
const WAITING: [ImportState; 2] = [ImportState::Ready, ImportState::Unclear];

impl Server {
    fn shelf(&self) -> Answer<&Arc<Shelf>> {
        self.shelf.as_ref().ok_or_else(|| Failure::broken("there is no place for uploads"))
    }

    fn item(&self, id: &str) -> Answer<Option<Arc<Item>>> {
        Ok(self.shelf()?.get(id))
    }

    /// Puts off what goes on with uploads: the server ends.
    pub fn stop_imports(&self) {
        if let Some(shelf) = &self.shelf {
            shelf.stop();
        }
    }

    async fn write_import_down(&self, act: &'static str, item: &Item, by: &str) -> Answer<()> {
        let (by, file, now) = (by.to_owned(), item.now().file, self.now());
        self.people(move |store| people::write_down(store, &by, act, &file, now)).await
    }
}

#[async_trait]
impl Imports for Server {
    async fn imports(&self) -> Answer<Vec<Import>> {
        Ok(self.shelf()?.all().iter().map(|it| it.now()).collect())
    }

    async fn import(&self, id: &str) -> Answer<Option<Import>> {
        Ok(self.item(id)?.map(|it| it.now()))
    }

    async fn import_rejects(
        &self,
        id: &str,
        skip: usize,
        most: usize,
    ) -> Answer<Option<Vec<ImportReject>>> {
        let Some(item) = self.item(id)? else { return Ok(None) };
        let path = item.rejects();
        blocking(move || rejects(&path, skip, most)).await.map(Some)
    }

    fn import_mappings(&self) -> Vec<String> {
        let shelf = self.shelf.as_ref();
        shelf.map_or_else(Vec::new, |it| {
            it.project.imports.keys().map(ToString::to_string).collect()
        })
    }

    async fn begin_upload(&self, file: &str, by: &str) -> Answer<Box<dyn Upload>> {
        let shelf = Arc::clone(self.shelf()?);
        shelf.sweep();
        let (waiting, waiting_bytes) = shelf.waiting();
        if waiting >= WAITING_MAX || waiting_bytes >= WAITING_BYTES_MAX {
            return Err(Failure::Conflict {
                code: "uploads_wait",
                detail: format!(
                    "{waiting} files wait to be taken in, and there is no room for more"
                ),
                help: "Take them in, or throw them away.".to_owned(),
            });
        }
        let mut random = [0; 4];
        getrandom::fill(&mut random).map_err(|it| Failure::broken(it.to_string()))?;
        let now = self.now();
        let id = format!("imp_{:013x}{:08x}", now.micros(), u32::from_le_bytes(random));
        let dir = shelf.folder(&id).map_err(Failure::broken)?;
        let to = File::create(upload_in(&dir)).map_err(Failure::broken)?;
        let import = Import {
            id,
            file: file_name(file),
            size_bytes: 0,
            by: by.to_owned(),
            uploaded_at: now,
            state: ImportState::Checking,
            reading: Reading { source: SOURCE_DEFAULT.to_owned(), ..Reading::default() },
            progress: None,
            columns: Vec::new(),
            missing: Vec::new(),
            found: None,
            problem: None,
            result: None,
        };
        let (held, room) = (Vec::new(), WAITING_BYTES_MAX - waiting_bytes);
        let most = UPLOAD_BYTES_MAX.min(room);
        Ok(Box::new(Coming { shelf, dir: Some(dir), to: Some(to), held, import, most }))
    }

    async fn read_import(&self, id: &str, reading: Reading, by: &str) -> Answer<Option<()>> {
        let Some(item) = self.item(id)? else { return Ok(None) };
        let shelf = Arc::clone(self.shelf()?);
        work::mapping_of(&reading, &shelf.project).map_err(|error| Failure::Invalid {
            parameter: "mapping",
            detail: format!("{error:#}"),
            help: "See docs/import.md for the keys of a mapping.".to_owned(),
        })?;
        let change = |it: &mut Import| {
            it.state = ImportState::Checking;
            it.reading = reading;
            (it.found, it.problem, it.progress) = (None, None, None);
        };
        if !item.change_if(&WAITING, change).map_err(Failure::broken)? {
            return Err(not_now());
        }
        self.write_import_down("upload read anew", &item, by).await?;
        work::spawn(move || work::check(&shelf, &item)).map_err(Failure::broken)?;
        Ok(Some(()))
    }

    async fn take_import(&self, id: &str, apply: bool, by: &str) -> Answer<Option<()>> {
        let Some(item) = self.item(id)? else { return Ok(None) };
        let (shelf, engine) = (Arc::clone(self.shelf()?), self.engine()?.clone());
        let change = |it: &mut Import| {
            it.state = ImportState::Taking;
            (it.problem, it.progress) = (None, None);
        };
        if !item.change_if(&[ImportState::Ready], change).map_err(Failure::broken)? {
            return Err(not_now());
        }
        self.write_import_down("file taken in", &item, by).await?;
        work::spawn(move || work::take(&shelf, &item, &engine, apply)).map_err(Failure::broken)?;
        Ok(Some(()))
    }

    async fn drop_import(&self, id: &str, by: &str) -> Answer<Option<()>> {
        let Some(item) = self.item(id)? else { return Ok(None) };
        self.write_import_down("upload thrown away", &item, by).await?;
        if item.now().state == ImportState::Taking {
            // It goes on to the next record, and is thrown away by whoever works on it.
            item.stop();
            return Ok(Some(()));
        }
        self.shelf()?.remove(id).map_err(Failure::broken)?;
        Ok(Some(()))
    }
}

fn not_now() -> Failure {
    Failure::Conflict {
        code: "import_goes_on",
        detail: "the file is at work, or was taken in".to_owned(),
        help: "Look at the file again.".to_owned(),
    }
}

/// A file on its way in.
struct Coming {
    shelf: Arc<Shelf>,
    /// Gone once all has come.
    dir: Option<PathBuf>,
    to: Option<File>,
    held: Vec<u8>,
    import: Import,
    most: u64,
}

impl Coming {
    /// Writes what is held.
    async fn flush(&mut self, sync: bool) -> Answer<()> {
        let (held, mut to) = (std::mem::take(&mut self.held), self.to.take());
        self.to = blocking(move || {
            if let Some(to) = &mut to {
                to.write_all(&held)?;
                if sync {
                    to.sync_all()?;
                }
            }
            Ok(to)
        })
        .await?;
        Ok(())
    }
}

#[async_trait]
impl Upload for Coming {
    async fn write(&mut self, bytes: Bytes) -> Answer<()> {
        self.import.size_bytes += bytes.len() as u64;
        if self.import.size_bytes > self.most {
            return Err(Failure::Invalid {
                parameter: "file",
                detail: format!("the file is larger than {} MB", self.most >> 20),
                help: "Compress or split it, or stop the server and use `firsthand import`."
                    .to_owned(),
            });
        }
        self.held.extend_from_slice(&bytes);
        if self.held.len() < WRITTEN_AT_A_TIME { Ok(()) } else { self.flush(false).await }
    }

    async fn finish(mut self: Box<Self>, source: &str) -> Answer<String> {
        self.flush(true).await?;
        let Some(dir) = self.dir.take() else { return Err(Failure::broken("it came twice")) };
        let (mut import, shelf) = (self.import.clone(), Arc::clone(&self.shelf));
        let id = import.id.clone();
        if !source.trim().is_empty() {
            import.reading.source = source.trim().chars().take(FILE_NAME_CHARS_MAX).collect();
        }
        let item = shelf.put(dir, import).map_err(Failure::broken)?;
        work::spawn(move || work::check(&shelf, &item)).map_err(Failure::broken)?;
        Ok(id)
    }
}

impl Drop for Coming {
    /// What did not come to its end is not kept.
    fn drop(&mut self) {
        if let Some(dir) = &self.dir {
            std::fs::remove_dir_all(dir).ok();
        }
    }
}

/// The last part of a file's name, without what could mean something else.
fn file_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String =
        last.chars().filter(|it| !it.is_control()).take(FILE_NAME_CHARS_MAX).collect();
    if name.trim().is_empty() { "upload".to_owned() } else { name }
}

/// A reject as `firsthand import` writes it.
#[derive(Deserialize)]
struct Written {
    line: u64,
    column: Option<String>,
    code: String,
    reason: String,
    record: String,
}

fn rejects(path: &Path, skip: usize, most: usize) -> io::Result<Vec<ImportReject>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let lines = BufReader::new(file).lines().skip(skip).take(most);
    let rejects = lines.map(|it| {
        let Written { line, column, code, reason, record } = serde_json::from_str(&it?)?;
        Ok(ImportReject { line, column, code, reason, record })
    });
    rejects.collect()
}

/// Does what waits for the disk on a thread that may wait.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Answer<T> {
    tokio::task::spawn_blocking(work).await.map_err(Failure::broken)?.map_err(Failure::broken)
}
