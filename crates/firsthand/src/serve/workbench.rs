//! Writing definitions: texts are read from the project's files, checked, and tried over all that
//! is recorded, beside the engine and never on its thread.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use firsthand_history::History;
use firsthand_model::diagnostic::{Diagnostic, Severity};
use firsthand_rules::change::thresholds;
use firsthand_store::{self as store, Definitions, Drafts};
use firsthand_web::backend::{User, Workbench};
use firsthand_web::noun::{
    CheckedDraft, Diagnosis, DiagnosisSeverity, Draft, MovableNumber, Preview, PreviewAsked,
    StoryRun, SubjectKind, Tried, Withheld, WrittenDefinition,
};
use firsthand_web::{Answer, Failure};
use tokio::sync::Semaphore;

use super::{COME_AGAIN, Server};
use crate::draft::{DraftError, Drafted, draft, written};
use crate::preview::{Past, PreviewError};
use crate::project::Folder;

/// Texts that are tried at a time; who comes then is told to come again.
const TRIED_AT_A_TIME: usize = 2;
/// How long a text may be tried; a definition on persons over a long history takes longer.
const TRIED_MAX: Duration = Duration::from_secs(20);

/// How often work over the history begins anew where the history has changed under it.
const TRIES: usize = 3;

/// What is kept between two questions.
#[derive(Default)]
pub struct Bench {
    recorded: tokio::sync::Mutex<Option<Recorded>>,
    /// By whom something is tried, and what ends it.
    trying: Mutex<HashMap<String, Arc<AtomicBool>>>,
    room: Room,
}

struct Room(Semaphore);

impl Default for Room {
    fn default() -> Self {
        Self(Semaphore::new(TRIED_AT_A_TIME))
    }
}

/// The history as it was when somebody asked last, under the rules that ran then.
#[derive(Clone)]
pub(super) struct Recorded {
    /// Which commit of the history, and which program.
    state: (u64, usize),
    pub history: Arc<History>,
    /// `None` while nothing is recorded.
    past: Option<Arc<Past>>,
}

/// Works on what is recorded now. Where that fails in a way that is worth it, and the history has
/// changed meanwhile (what it had replaced is gone from the disk), it begins anew on what is
/// recorded then. Each is told apart by its state.
pub async fn on_newest<S, R, T, E, N, W>(
    newest: impl Fn() -> N,
    work: impl Fn(R) -> W,
    worth_it: impl Fn(&E) -> bool,
) -> Answer<Result<T, E>>
where
    S: PartialEq,
    N: Future<Output = Answer<(S, R)>>,
    W: Future<Output = Answer<Result<T, E>>>,
{
    let (mut state, mut recorded) = newest().await?;
    let mut tries = 1;
    loop {
        match work(recorded).await? {
            Err(error) if tries < TRIES && worth_it(&error) => {
                let now = newest().await?;
                if now.0 == state {
                    return Ok(Err(error));
                }
                (state, recorded) = now;
                tries += 1;
            }
            done => return Ok(done),
        }
    }
}

/// Ends what is being tried once nobody waits for it any more.
struct Ends(Arc<AtomicBool>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[async_trait]
impl Workbench for Server {
    async fn written(&self, definition: &str) -> Answer<Option<WrittenDefinition>> {
        let (folder, name) = (self.folder()?, definition.to_owned());
        let found = blocking(move || written(&folder, &name)).await?.map_err(|it| failure(&it))?;
        Ok(found.map(|it| WrittenDefinition {
            text: it.text,
            file: it.path.display().to_string(),
            hash: it.hash.to_hex().to_string(),
        }))
    }

    async fn check(&self, definition: &str, text: &str) -> Answer<CheckedDraft> {
        let drafted = self.drafted(definition, text).await?;
        let running = self.running_version(definition).await?;
        Ok(checked(definition, &drafted, running))
    }

    async fn try_out(
        &self,
        definition: &str,
        text: &str,
        asked: &PreviewAsked,
        by: &str,
    ) -> Answer<Tried> {
        let drafted = self.drafted(definition, text).await?;
        let running = self.running_version(definition).await?;
        let checked = checked(definition, &drafted, running);
        let without = |withheld| Tried { checked: checked.clone(), preview: None, withheld };
        if drafted.sound.is_none() {
            return Ok(without(None));
        }
        let stop = Arc::new(AtomicBool::new(false));
        let _ends = Ends(Arc::clone(&stop));
        if let Some(older) = self.bench.begin(by, &stop) {
            older.store(true, Ordering::Relaxed);
        }
        // The older one of the same person makes room at once.
        let room = tokio::time::timeout(COME_AGAIN, self.bench.room.0.acquire()).await;
        let _room = room
            .map_err(|_| Failure::Busy { retry_after: COME_AGAIN })?
            .map_err(Failure::broken)?;
        let drafted = Arc::new(drafted);
        let preview = |recorded: Recorded| {
            let (name, asked, flag) = (definition.to_owned(), asked.clone(), Arc::clone(&stop));
            let drafted = Arc::clone(&drafted);
            blocking(move || {
                let past = recorded.past.ok_or(PreviewError::Empty)?;
                past.preview(&name, &drafted, &asked, &flag)
            })
        };
        let broken = |it: &PreviewError| matches!(it, PreviewError::Broken(_));
        let work = on_newest(|| self.newest(), preview, broken);
        let previewed = tokio::time::timeout(TRIED_MAX, work).await;
        let superseded = stop.load(Ordering::Relaxed);
        self.bench.end(by, &stop);
        match previewed {
            Err(_) => Ok(without(Some(Withheld::TooLong))),
            Ok(answer) => match answer? {
                Ok(Some(mut preview)) => {
                    self.name_all(&mut preview).await?;
                    Ok(Tried { preview: Some(preview), ..without(None) })
                }
                Ok(None) => Ok(without(None)),
                Err(PreviewError::Stopped) if superseded => Ok(without(Some(Withheld::Superseded))),
                Err(PreviewError::Stopped) => Ok(without(Some(Withheld::TooLong))),
                Err(PreviewError::Empty) => Ok(without(Some(Withheld::NothingRecorded))),
                Err(error @ PreviewError::UnknownOutcome(_)) => Err(Failure::Invalid {
                    parameter: "outcome",
                    detail: error.to_string(),
                    help: "Choose one that the project defines for this kind of subject."
                        .to_owned(),
                }),
                Err(PreviewError::Broken(error)) => {
                    Err(Failure::broken(error.into_boxed_dyn_error()))
                }
            },
        }
    }

    async fn drafts(&self, user: &User) -> Answer<Vec<Draft>> {
        let user = user.id.clone();
        let all = self.stored(move |store| store.drafts(&user)).await?;
        Ok(all.into_iter().map(draft_noun).collect())
    }

    async fn draft(&self, user: &User, definition: &str) -> Answer<Option<Draft>> {
        let (user, definition) = (user.id.clone(), definition.to_owned());
        let found = self.stored(move |store| store.draft(&user, &definition)).await?;
        Ok(found.map(draft_noun))
    }

    async fn keep_draft(
        &self,
        user: &User,
        definition: &str,
        text: &str,
        base: Option<&str>,
    ) -> Answer<()> {
        let draft = store::Draft {
            definition: definition.into(),
            text: text.to_owned(),
            base: base.map(Into::into),
            saved_at: self.now(),
        };
        let user = user.id.clone();
        self.stored(move |store| store.keep_draft(&user, &draft)).await
    }

    async fn discard_draft(&self, user: &User, definition: &str) -> Answer<()> {
        let (user, definition) = (user.id.clone(), definition.to_owned());
        self.stored(move |store| store.drop_draft(&user, &definition)).await.map(drop)
    }
}

impl Server {
    pub(super) fn folder(&self) -> Answer<Folder> {
        self.folder.clone().ok_or_else(|| Failure::broken("the server knows no project folder"))
    }

    /// The project's files with a text in them. Warnings that rest on data come with it once there
    /// is a history.
    async fn drafted(&self, definition: &str, text: &str) -> Answer<Drafted> {
        let (folder, name, text) = (self.folder()?, definition.to_owned(), text.to_owned());
        let history = match self.recorded().await {
            Ok(recorded) => Some(recorded.history),
            Err(Failure::NotReady { .. }) => None,
            Err(other) => return Err(other),
        };
        let work = move || draft(&folder, &name, &text, history.as_deref().map(History::seen));
        blocking(work).await?.map_err(|it| failure(&it))
    }

    async fn running_version(&self, definition: &str) -> Answer<Option<String>> {
        let name = definition.to_owned();
        let current = self.stored(Definitions::current_definitions).await?;
        let running = current.into_iter().filter(|it| it.state.decides());
        let mut running = running.filter(|it| it.name == *name);
        Ok(running.next().map(|it| it.version.to_string()))
    }

    /// The history as it is now. It is taken from the engine only where it has changed.
    pub(super) async fn recorded(&self) -> Answer<Recorded> {
        let mut kept = self.bench.recorded.lock().await;
        let before = kept.as_ref().map(|it| it.state);
        let now = self.ask(move |engine| {
            let live = engine.live();
            let rules = live.rules();
            let state = (live.history().generation(), Arc::as_ptr(&rules.program).addr());
            let changed = before != Some(state);
            changed.then(|| {
                let (project, program) = (Arc::clone(&rules.project), Arc::clone(&rules.program));
                (state, project, program, live.history().fork())
            })
        });
        if let Some((state, project, program, history)) = now.await? {
            let history = Arc::new(history);
            let past = Past::new((*project).clone(), program, Arc::clone(&history));
            *kept = Some(Recorded { state, history, past: past.ok().map(Arc::new) });
        }
        kept.clone().ok_or_else(|| Failure::broken("no history was kept"))
    }

    /// The same with what tells it from the next.
    pub(super) async fn newest(&self) -> Answer<((u64, usize), Recorded)> {
        let recorded = self.recorded().await?;
        Ok((recorded.state, recorded))
    }

    /// Fills in what accounts are called.
    async fn name_all(&self, preview: &mut Preview) -> Answer<()> {
        let movers = preview.movers.iter_mut();
        let movers = movers.flat_map(|it| it.enters.some.iter_mut().chain(&mut it.leaves.some));
        let movers = movers.map(|it| (&it.subject, &mut it.name));
        let near = preview.near.iter_mut().flat_map(|it| it.some.iter_mut());
        let near = near.map(|it| (&it.subject, &mut it.name));
        let mut all: Vec<_> = movers.chain(near).collect();
        all.retain(|(subject, _)| subject.kind == SubjectKind::Account);
        let ids = all.iter().map(|(subject, _)| subject.id.clone()).collect();
        let briefs = firsthand_web::backend::People::briefs(self, ids).await?;
        for (subject, name) in all {
            *name = briefs.get(&subject.id).and_then(|it| it.name.clone());
        }
        Ok(())
    }
}

impl Bench {
    /// Notes that somebody tries something; what ends the older thing that they still try.
    fn begin(&self, by: &str, stop: &Arc<AtomicBool>) -> Option<Arc<AtomicBool>> {
        let mut trying = self.trying.lock().unwrap_or_else(PoisonError::into_inner);
        trying.insert(by.to_owned(), Arc::clone(stop))
    }

    /// Notes that it has ended.
    fn end(&self, by: &str, stop: &Arc<AtomicBool>) {
        let mut trying = self.trying.lock().unwrap_or_else(PoisonError::into_inner);
        if trying.get(by).is_some_and(|it| Arc::ptr_eq(it, stop)) {
            trying.remove(by);
        }
    }
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Answer<T> {
    tokio::task::spawn_blocking(work).await.map_err(Failure::broken)
}

/// Why a text can be put nowhere, as the HTTP face tells it.
pub fn failure(error: &DraftError) -> Failure {
    let (detail, help) = (error.to_string(), error.help().to_owned());
    match error {
        DraftError::TooLarge(_) => Failure::Invalid { parameter: "text", detail, help },
        DraftError::BadName(_) => Failure::Invalid { parameter: "definition", detail, help },
        DraftError::InSettings(_) => {
            Failure::Conflict { code: "definition_in_settings", detail, help }
        }
        DraftError::FileTaken(_) => Failure::Conflict { code: "file_taken", detail, help },
        DraftError::Unknown(_) => Failure::Conflict { code: "unknown_definition", detail, help },
    }
}

fn draft_noun(it: store::Draft) -> Draft {
    Draft {
        definition: it.definition.to_string(),
        text: it.text,
        base: it.base.map(|it| it.to_string()),
        saved_at: it.saved_at.into(),
    }
}

/// What is to be said of a draft.
pub fn checked(definition: &str, drafted: &Drafted, running: Option<String>) -> CheckedDraft {
    let sound = drafted.sound.as_ref();
    let version = sound.and_then(|it| it.program.definition(definition));
    let found = sound.and_then(|it| it.project.definitions.get(definition));
    let stories = drafted.stories.iter().map(|(title, outcome)| StoryRun {
        title: title.clone(),
        outcome: outcome.word().to_owned(),
    });
    let numbers = found.into_iter().flat_map(|of| {
        thresholds(of).into_iter().filter_map(move |it| {
            let bytes = drafted.place.of(it.clause.text(of)?, &it.span)?;
            Some(MovableNumber {
                clause: it.clause.word().to_owned(),
                from_byte: bytes.start,
                to_byte: bytes.end,
                number: it.number.to_string(),
                figure: it.number.figure().to_f64(),
                value: it.value,
                condition: it.condition,
                at_least: it.at_least,
            })
        })
    });
    CheckedDraft {
        definition: definition.to_owned(),
        version: version.map(|(_, it)| it.version.to_string()),
        publishable: drafted.publishable().is_some(),
        running,
        file: drafted.change.path.display().to_string(),
        title: found.and_then(|it| it.title.as_ref().map(ToString::to_string)),
        diagnostics: drafted.diagnostics.iter().map(|it| diagnosis(drafted, it)).collect(),
        stories: stories.collect(),
        thresholds: numbers.collect(),
    }
}

fn diagnosis(drafted: &Drafted, told: &Diagnostic) -> Diagnosis {
    let Diagnostic { problem, file } = told;
    let own = Arc::ptr_eq(file, &drafted.place.text);
    let (line, column) = file.place(problem.span.start);
    let snippet = file.text.lines().nth(line - 1).unwrap_or_default();
    let rest = snippet.chars().count().saturating_sub(column - 1).max(1);
    let marked = file.text.get(problem.span.clone()).unwrap_or_default();
    let marked = marked.lines().next().unwrap_or_default().chars().count();
    let count = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
    Diagnosis {
        severity: match problem.severity {
            Severity::Error => DiagnosisSeverity::Error,
            Severity::Warning => DiagnosisSeverity::Warning,
        },
        code: problem.code.0.to_owned(),
        message: problem.message.clone(),
        help: problem.help.clone(),
        file: (!own).then(|| file.name.clone()),
        line: count(line),
        column: count(column),
        snippet: snippet.to_owned(),
        length: count(marked.clamp(1, rest)),
        from_byte: if own { problem.span.start } else { 0 },
        to_byte: if own { problem.span.end } else { 0 },
        replacement: told.replacement().filter(|_| own),
    }
}
