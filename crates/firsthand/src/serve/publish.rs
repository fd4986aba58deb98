//! Publishing while the server runs: into the project's files first, then into the engine.
//!
//! The files are the source of truth. Nothing is published over files that the server has not read,
//! so that nobody's work is lost; and a crash at any instant leaves files that the next start
//! publishes. The engine judges what is new beside what decides ([`firsthand_engine::Publication`]).

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use async_trait::async_trait;
use firsthand_engine::service::{Handle, Refused};
use firsthand_engine::{Order, Progress, Rules, Step};
use firsthand_model::config::{Files, Project};
use firsthand_model::diagnostic::{Diagnostic, Severity, Style, render};
use firsthand_model::{Text, Time};
use firsthand_rules::compile::compile;
use firsthand_rules::compile::program::Program;
use firsthand_store::SqliteStore;
use firsthand_web::backend::{Caller, Publishing};
use firsthand_web::noun::{NewVersion, Publication, PublicationState};
use firsthand_web::{Answer, Failure};

use super::headlines::describe;
use super::workbench::failure;
use super::{Server, busy};
use crate::checked::Checked;
use crate::draft::{Change, DraftError, Drafted, WriteError, draft, without};
use crate::people;
use crate::project::Folder;
use crate::reading::{Reading, Settings};

/// How often it is looked how far a publication is.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What the server has read, and what it publishes.
#[derive(Default)]
pub struct Publisher {
    /// The project's files as they were read or written last.
    read: Mutex<Reading>,
    newest: Mutex<Option<Newest>>,
    /// Who publishes.
    turn: tokio::sync::Mutex<()>,
}

/// The newest publication.
#[derive(Clone)]
struct Newest {
    definitions: Vec<String>,
    by: String,
    asked_at: Time,
    apply_to_existing: bool,
    needs_restart: Vec<String>,
    progress: Arc<Progress>,
}

/// A project that is to take the place of the one that runs.
struct Next {
    project: Project,
    program: Program,
    plays_changed: bool,
    /// What is written first.
    change: Option<Change>,
}

impl Publisher {
    /// Notes which files the project that runs has been read from.
    pub fn has_read(&self, reading: Reading) {
        *self.read() = reading;
    }

    fn read(&self) -> MutexGuard<'_, Reading> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn newest(&self) -> Option<Newest> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Publishing for Server {
    async fn publish(&self, name: &str, new: NewVersion, by: &Caller) -> Answer<Publication> {
        let _turn = self.turn()?;
        let running = self.versions().await?;
        let running = running.into_iter().find(|it| it.0 == *name).map(|it| it.1);
        if let Some(base) = &new.base
            && running.as_deref() != Some(base)
        {
            return Err(Failure::Conflict {
                code: "version_changed",
                detail: "another version decides than the one that this text began from".to_owned(),
                help: "Look at what has changed, and publish from that.".to_owned(),
            });
        }
        let (folder, name, text) = (self.folder()?, name.to_owned(), new.text);
        let publisher = Arc::clone(&self.publisher);
        let of = name.clone();
        let drafted = blocking(move || {
            unchanged(&publisher, &folder)?;
            draft(&folder, &of, &text, None).map_err(|it| failure(&it))
        });
        let drafted = drafted.await??;
        if drafted.publishable().is_none() {
            return Err(Failure::Invalid {
                parameter: "text",
                detail: told(&drafted.diagnostics),
                help: "Mend what is told, and publish it again.".to_owned(),
            });
        }
        let same = drafted.change.contents.as_deref().map(|it| blake3::hash(it.as_bytes()));
        if same == drafted.change.before {
            return Err(nothing_changed());
        }
        self.publish_drafted(drafted, name, new.apply_to_existing, by).await
    }

    async fn retire(&self, name: &str, by: &Caller) -> Answer<Option<Publication>> {
        let _turn = self.turn()?;
        let (folder, name) = (self.folder()?, name.to_owned());
        let (publisher, of) = (Arc::clone(&self.publisher), name.clone());
        let drafted = blocking(move || {
            unchanged(&publisher, &folder)?;
            match without(&folder, &of) {
                Ok(drafted) => Ok(Some(drafted)),
                Err(DraftError::Unknown(_)) => Ok(None),
                Err(other) => Err(failure(&other)),
            }
        });
        let Some(drafted) = drafted.await?? else { return Ok(None) };
        if drafted.publishable().is_none() {
            return Err(Failure::Conflict {
                code: "definition_in_use",
                detail: told(&drafted.diagnostics),
                help: "Change what reads it first.".to_owned(),
            });
        }
        self.publish_drafted(drafted, name, false, by).await.map(Some)
    }

    async fn reload(&self, apply_to_existing: bool, by: &Caller) -> Answer<Publication> {
        let _turn = self.turn()?;
        let before = self.versions().await?;
        let running = self.ask(|engine| Arc::clone(&engine.live().rules().project)).await?;
        let (folder, publisher) = (self.folder()?, Arc::clone(&self.publisher));
        let reloaded = blocking(move || reloaded(&folder, &publisher, &running));
        let (next, reading, needs_restart) = reloaded.await??;
        let after = versions(&next.program);
        let changed = before.symmetric_difference(&after).map(|it| it.0.clone());
        let definitions = changed.collect::<BTreeSet<String>>().into_iter().collect();
        let newest = Newest {
            definitions,
            by: by.name.clone(),
            asked_at: self.now(),
            apply_to_existing,
            needs_restart,
            progress: Arc::default(),
        };
        for key in &newest.needs_restart {
            self.warn(format!("`{key}` has changed in the files and counts after a restart only."));
        }
        self.take_up(next, newest.clone(), Some(reading)).await?;
        Ok(noun(&newest))
    }

    async fn publication(&self) -> Answer<Option<Publication>> {
        Ok(self.publisher.newest().as_ref().map(noun))
    }
}

impl Server {
    fn turn(&self) -> Answer<tokio::sync::MutexGuard<'_, ()>> {
        let under_way = self.publisher.newest().is_some_and(|it| noun(&it).state.goes_on());
        self.publisher.turn.try_lock().ok().filter(|_| !under_way).ok_or_else(under_way_failure)
    }

    /// The definitions that decide, and their versions.
    async fn versions(&self) -> Answer<BTreeSet<(String, String)>> {
        self.ask(|engine| versions(&engine.live().rules().program)).await
    }

    async fn publish_drafted(
        &self,
        drafted: Drafted,
        name: String,
        apply_to_existing: bool,
        by: &Caller,
    ) -> Answer<Publication> {
        let Drafted { change, sound, .. } = drafted;
        let Some(sound) = sound else { return Err(Failure::broken("a draft that is not sound")) };
        let next = Next {
            project: sound.project,
            program: sound.program,
            plays_changed: false,
            change: Some(change),
        };
        let newest = Newest {
            definitions: vec![name],
            by: by.name.clone(),
            asked_at: self.now(),
            apply_to_existing,
            needs_restart: Vec::new(),
            progress: Arc::default(),
        };
        self.take_up(next, newest.clone(), None).await?;
        Ok(noun(&newest))
    }

    /// Writes what is to be published and hands it to the engine; both are done even if whoever
    /// asked goes away meanwhile.
    async fn take_up(&self, next: Next, newest: Newest, reading: Option<Reading>) -> Answer<()> {
        let (folder, engine) = (self.folder()?, self.engine()?.clone());
        let (publisher, store) = (Arc::clone(&self.publisher), Arc::clone(&self.store));
        blocking(move || {
            let written = next.change.as_ref().map(|it| it.write(&folder)).transpose();
            let back = written.map_err(unwritten)?;
            let before = publisher.read().clone();
            *publisher.read() = match reading {
                Some(reading) => reading,
                None => Reading::of(&folder.load().files),
            };
            if let Err(failure) = hand_over(&engine, next, &newest) {
                if let Some(back) = back {
                    back.put(&folder).map_err(unwritten)?;
                }
                *publisher.read() = before;
                return Err(failure);
            }
            let about = newest.definitions.join(", ");
            let (by, at) = (&newest.by, newest.asked_at);
            if let Err(error) = people::write_down(&*store, by, "published", &about, at) {
                tracing::error!(%error, "a publication is missing in the audit log");
            }
            *publisher.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some(newest.clone());
            let failed = move || {
                if let Some(back) = back
                    && let Err(error) = back.put(&folder)
                {
                    tracing::error!(%error, "the file of a failed publication was not put back");
                }
                *publisher.read() = before;
            };
            watch(&newest.progress, failed);
            Ok(())
        })
        .await?
    }
}

/// Looks how a publication goes; where it fails, the files are what they were.
fn watch(progress: &Arc<Progress>, failed: impl FnOnce() + Send + 'static) {
    let progress = Arc::clone(progress);
    let look = async move {
        loop {
            match progress.step() {
                Step::Done => return,
                Step::Failed(error) => {
                    tracing::error!(error, "a publication has failed; what decided before goes on");
                    // A short write; nothing else waits for this thread.
                    tokio::task::spawn_blocking(failed).await.ok();
                    return;
                }
                _ => tokio::time::sleep(LOOK_EVERY).await,
            }
        }
    };
    tokio::runtime::Handle::current().spawn(look);
}

/// Asks the engine to publish, and waits until it has heard.
fn hand_over(engine: &Handle<SqliteStore>, next: Next, newest: &Newest) -> Answer<()> {
    let Next { project, program, plays_changed, .. } = next;
    let (project, program) = (Arc::new(project), Arc::new(program));
    let order =
        Order { by: Text::from(newest.by.as_str()), apply_to_existing: newest.apply_to_existing };
    let progress = Arc::clone(&newest.progress);
    let (answer, heard) = mpsc::channel();
    let put = engine.ask(move |engine| {
        let history_from = engine.live().rules().history_from;
        let describe = Some(describe(&project));
        let rules = Rules { project, program, history_from };
        let publication =
            firsthand_engine::Publication { rules, describe, order, plays_changed, progress };
        answer.send(engine.publish(publication)).ok();
    });
    put.map_err(busy)?;
    match heard.recv() {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(under_way_failure()),
        Err(_) => Err(busy(Refused::Stopped)),
    }
}

/// The project that the files say now, as far as a running server can take it up; and the settings
/// that count only after a restart.
fn reloaded(
    folder: &Folder,
    publisher: &Publisher,
    running: &Project,
) -> Answer<(Next, Reading, Vec<String>)> {
    let loaded = Folder::loaded(&Files::read(folder.path()));
    let checked = Checked::of(&loaded, None);
    if !checked.can_run() {
        return Err(Failure::Conflict {
            code: "project_unsound",
            detail: told(&checked.diagnostics),
            help: "Mend what is told; `firsthand check` shows it with its lines.".to_owned(),
        });
    }
    let reading = Reading::of(&loaded.files);
    let before = publisher.read().clone();
    if before == reading {
        return Err(nothing_changed());
    }
    let changed = before.changed_settings(&reading);
    let of = |kind| changed.iter().filter(move |it| Settings::of(it) == kind);
    if of(Settings::Fixed).next().is_some() {
        let keys: Vec<String> = of(Settings::Fixed).map(|it| format!("`{it}`")).collect();
        return Err(Failure::Conflict {
            code: "restart_needed",
            detail: format!("everything hangs on what has changed: {}", keys.join(", ")),
            help: "Restart the server: it takes up all that has changed.".to_owned(),
        });
    }
    // What was set up when the server began stays as it was until the next start.
    let project = Project {
        name: running.name.clone(),
        imports: running.imports.clone(),
        sources: running.sources.clone(),
        retention: running.retention,
        url: running.url.clone(),
        channels: running.channels.clone(),
        ..loaded.project
    };
    let program = compile(&project).program;
    let plays_changed = of(Settings::Plays).next().is_some();
    let needs_restart = of(Settings::AtStart).cloned().collect();
    Ok((Next { project, program, plays_changed, change: None }, reading, needs_restart))
}

fn versions(program: &Program) -> BTreeSet<(String, String)> {
    let both = program.account.definitions.iter().chain(&program.person.definitions);
    both.map(|it| (it.name.to_string(), it.version.to_string())).collect()
}

/// What is wrong, as the command line tells it, without colours.
fn told(diagnostics: &[Diagnostic]) -> String {
    let wrong = diagnostics.iter().filter(|it| it.problem.severity == Severity::Error);
    let wrong: Vec<Diagnostic> = wrong.cloned().collect();
    render(&wrong, Style { color: false })
}

fn noun(it: &Newest) -> Publication {
    let (state, done, total, problem) = match it.progress.step() {
        Step::Waiting => (PublicationState::Waiting, 0, None, None),
        Step::Reading { rows, facts } => (PublicationState::Reading, rows, Some(facts), None),
        Step::Recording { lines } => (PublicationState::Recording, lines, None, None),
        Step::Applying => (PublicationState::Applying, 0, None, None),
        Step::Done => (PublicationState::Done, 0, None, None),
        Step::Failed(problem) => (PublicationState::Failed, 0, None, Some(problem)),
    };
    Publication {
        definitions: it.definitions.clone(),
        by: it.by.clone(),
        asked_at: it.asked_at.into(),
        apply_to_existing: it.apply_to_existing,
        state,
        done,
        total,
        problem,
        needs_restart: it.needs_restart.clone(),
    }
}

fn under_way_failure() -> Failure {
    Failure::Conflict {
        code: "publication_under_way",
        detail: "another publication is under way".to_owned(),
        help: "Wait until it is done: `GET /api/v1/publication` tells.".to_owned(),
    }
}

fn nothing_changed() -> Failure {
    Failure::Conflict {
        code: "nothing_changed",
        detail: "the project's files say this already".to_owned(),
        help: "Change something first.".to_owned(),
    }
}

fn unwritten(error: WriteError) -> Failure {
    match error {
        WriteError::Changed(file) => files_changed(&[file]),
        WriteError::Io(error) => Failure::broken(error),
    }
}

/// Nothing is published over files that the server has not read.
fn unchanged(publisher: &Publisher, folder: &Folder) -> Answer<()> {
    let changed = publisher.read().changed_files(&Reading::of(&folder.load().files));
    if changed.is_empty() { Ok(()) } else { Err(files_changed(&changed)) }
}

/// The files are others than those that the server has read.
fn files_changed(files: &[String]) -> Failure {
    let files: Vec<String> = files.iter().map(|it| format!("`{it}`")).collect();
    Failure::Conflict {
        code: "files_changed",
        detail: format!("files have changed since the server read them: {}", files.join(", ")),
        help: "Have the server read them with `POST /api/v1/project/reload`, then try again."
            .to_owned(),
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Answer<T> {
    tokio::task::spawn_blocking(work).await.map_err(Failure::broken)
}
