//! What is done with an uploaded file: read to see what is in it, and taken in.
//!
//! Both read all of the file, the same way as `firsthand import`; the first keeps nothing but
//! figures. So it is known before what will come of it, and nothing has to be kept in between.

use std::io;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::Context;
use firsthand_collect::{
    FileSummary, Import as Reader, ImportError, Input, Position, Progress, Proposal, Summary,
    mapping,
};
use firsthand_engine::service::Handle;
use firsthand_engine::{ImportJob, Imported};
use firsthand_history::Summary as Added;
use firsthand_model::config::{ImportMapping, Project};
use firsthand_model::fact::Body;
use firsthand_model::{Fact, Text};
use firsthand_store::SqliteStore;
use firsthand_web::backend::{
    Counted, Import, ImportColumn, ImportFound, ImportPhase, ImportProblem, ImportProgress,
    ImportResult, ImportState, Reading, SampleFact,
};

use super::shelf::{Item, Shelf, forget_sample, put_off};
use crate::commands::import::{Rejects, SOURCE_DEFAULT, is_ignored};

/// Facts that are shown.
const SAMPLE_FACTS: usize = 10;
/// The most that is shown of one, in characters.
const SAMPLE_CHARS_MAX: usize = 200;
/// Records that cannot be read and are kept to be looked at; all are counted.
pub const REJECTS_KEPT_MAX: u64 = 10_000;
/// How often the engine is reminded that something has come into the history.
const REMIND_EVERY: Duration = Duration::from_millis(500);

/// Somebody wants it to stop.
#[derive(Debug, thiserror::Error)]
#[error("it was stopped")]
struct Stopped;

/// Reads a file to see what is in it.
pub fn check(shelf: &Shelf, item: &Item) {
    let _turn = shelf.turn();
    let checked = if item.is_stopped() { Err(Stopped.into()) } else { look(shelf, item) };
    let changed = match checked {
        Ok(()) => Ok(()),
        Err(_) if item.is_stopped() && shelf.is_stopping() => item.change(put_off),
        // It is thrown away.
        Err(_) if item.is_stopped() => Ok(()),
        Err(error) => item.change(|it| {
            it.state = ImportState::Unclear;
            it.progress = None;
            it.problem = Some(problem(&error));
        }),
    };
    report(changed);
}

/// Takes a file in.
pub fn take(shelf: &Shelf, item: &Item, engine: &Handle<SqliteStore>, apply: bool) {
    let turn = shelf.turn();
    let taken =
        if item.is_stopped() { Err(Stopped.into()) } else { take_in(shelf, item, engine, apply) };
    drop(turn);
    let now = (shelf.clock)();
    let changed = match taken {
        Ok((added, imported)) => item
            .change(|it| {
                it.state = ImportState::Taken;
                it.progress = None;
                it.problem = None;
                it.result = Some(result(&added, imported, apply, now));
                forget_sample(it);
            })
            .and_then(|()| item.drop_upload()),
        Err(_) if item.is_stopped() && shelf.is_stopping() => item.change(put_off),
        Err(_) if item.is_stopped() => item
            .change(|it| {
                it.state = ImportState::Stopped;
                it.progress = None;
                forget_sample(it);
            })
            .and_then(|()| item.drop_upload()),
        Err(error) => item.change(|it| {
            it.state = ImportState::Ready;
            it.progress = None;
            it.problem = Some(problem(&error));
        }),
    };
    report(changed);
}

fn report(changed: io::Result<()>) {
    if let Err(error) = changed {
        tracing::error!(%error, "what became of an upload cannot be written down");
    }
}

/// Finds out how a file is read and what is in it.
fn look(shelf: &Shelf, item: &Item) -> anyhow::Result<()> {
    let reading = item.now().reading;
    let given = mapping_of(&reading, &shelf.project)?;
    match read_through(shelf, item, given.as_ref()) {
        Err(error) => match proposal_of(&error) {
            None => Err(error),
            Some(proposal) => {
                let (mut reading, missing) = (proposed(&reading, proposal), missing(proposal));
                let columns = columns(proposal);
                let is_clear = missing.is_empty();
                if !is_clear {
                    // Nothing in the file says so: it is the people's to say.
                    reading.mapping.retain(|(key, _)| key != "time_format");
                }
                item.change(|it| {
                    (it.reading, it.missing, it.columns) = (reading.clone(), missing, columns);
                    if !is_clear {
                        it.state = ImportState::Unclear;
                        it.progress = None;
                    }
                })?;
                if !is_clear {
                    return Ok(());
                }
                let mapping = mapping_of(&reading, &shelf.project)?;
                found(item, read_through(shelf, item, mapping.as_ref())?)
            }
        },
        Ok(read) => found(item, read),
    }
}

fn found(item: &Item, (read, sample): (Summary, Vec<SampleFact>)) -> anyhow::Result<()> {
    let found = summary(&read, sample);
    item.change(|it| {
        it.state = if found.facts > 0 { ImportState::Ready } else { ImportState::Unclear };
        it.problem = (found.facts == 0).then(|| ImportProblem {
            message: "nothing in the file can be taken in".to_owned(),
            help: None,
        });
        it.missing.clear();
        it.progress = None;
        it.found = Some(found);
    })?;
    Ok(())
}

/// Reads all of a file, and keeps what cannot be read and the first facts.
fn read_through(
    shelf: &Shelf,
    item: &Item,
    mapping: Option<&ImportMapping>,
) -> anyhow::Result<(Summary, Vec<SampleFact>)> {
    match std::fs::remove_file(item.rejects()) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let (mut rejects, mut kept) = (Rejects::new(item.rejects()), 0);
    let mut sample = Vec::new();
    let read = reader(shelf, item, mapping).run::<anyhow::Error>(
        &mut |fact| {
            if sample.len() < SAMPLE_FACTS {
                sample.push(in_words(&fact));
            }
            go_on(item)
        },
        &mut |reject| {
            kept += 1;
            if kept <= REJECTS_KEPT_MAX {
                rejects.add(&reject)?;
            }
            go_on(item)
        },
        &Told { item, phase: ImportPhase::Reading },
    )?;
    rejects.finish()?;
    Ok((read, sample))
}

fn go_on(item: &Item) -> anyhow::Result<()> {
    if item.is_stopped() { Err(Stopped.into()) } else { Ok(()) }
}

fn reader<'r>(shelf: &'r Shelf, item: &Item, mapping: Option<&'r ImportMapping>) -> Reader<'r> {
    let import = item.now();
    let input = Input::Named { name: import.file, path: item.upload() };
    let source = Text::from(import.reading.source);
    let mut reader = Reader::new(vec![input], source, &shelf.project.calendar, (shelf.clock)());
    reader.mapping = mapping;
    reader.threads = threads();
    reader
}

/// Half of the machine: the other half is for who sends and asks meanwhile.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, |it| (it.get() / 2).max(1))
}

fn take_in(
    shelf: &Shelf,
    item: &Item,
    engine: &Handle<SqliteStore>,
    apply: bool,
) -> anyhow::Result<(Added, Imported)> {
    let mapping = mapping_of(&item.now().reading, &shelf.project)?;
    let job = begin(engine, apply)?;
    let (tell, told) = channel();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads()).build()?;
    let phase = |phase| {
        item.tell(|it| {
            it.progress = Some(ImportProgress { phase, ..it.progress.unwrap_or_default() });
        });
    };
    let (_, added) = pool.install(|| {
        job.run(
            |take| {
                let told = Told { item, phase: ImportPhase::Reading };
                let read = reader(shelf, item, mapping.as_ref()).run::<anyhow::Error>(
                    &mut |fact| {
                        if !is_ignored(&fact, &shelf.project) {
                            take(fact)?;
                        }
                        go_on(item)
                    },
                    &mut |_| go_on(item),
                    &told,
                )?;
                phase(ImportPhase::Writing);
                anyhow::Ok(read)
            },
            |_, _| phase(ImportPhase::Judging),
            move |imported| _ = tell.send(imported),
        )
    })?;
    loop {
        // Where nobody writes, the engine sleeps.
        engine.ask(|_| ()).ok();
        match told.recv_timeout(REMIND_EVERY) {
            Ok(imported) => return Ok((added, imported)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => anyhow::bail!("the engine has stopped"),
        }
    }
}

/// Asks the engine for an import; waits for a publication that is being judged.
fn begin(engine: &Handle<SqliteStore>, apply: bool) -> anyhow::Result<ImportJob<SqliteStore>> {
    loop {
        let (answer, begun) = channel();
        engine.ask(move |engine| _ = answer.send(engine.begin_import(apply)))?;
        let begun = begun.recv().context("the engine has stopped")?;
        if let Some(job) = begun.context("it cannot be begun")? {
            return Ok(job);
        }
        std::thread::sleep(REMIND_EVERY);
    }
}

/// The mapping that a reading says.
pub fn mapping_of(reading: &Reading, project: &Project) -> anyhow::Result<Option<ImportMapping>> {
    let mut mapping = match &reading.named {
        None if reading.mapping.is_empty() => return Ok(None),
        None => ImportMapping::default(),
        Some(name) => project
            .imports
            .get(name.as_str())
            .cloned()
            .with_context(|| format!("there is no mapping `{name}` in the configuration"))?,
    };
    for (key, value) in &reading.mapping {
        mapping::set(&mut mapping, key, value)?;
    }
    Ok(Some(mapping))
}

fn proposal_of(error: &anyhow::Error) -> Option<&Proposal> {
    match error.downcast_ref()? {
        ImportError::NeedsMapping { proposal, .. } => Some(proposal),
        _ => None,
    }
}

fn proposed(reading: &Reading, proposal: &Proposal) -> Reading {
    let pairs = mapping::pairs(&proposal.mapping).into_iter();
    let mapping = pairs.map(|(key, value)| (key.to_owned(), value)).collect();
    // Two files may both have a row 1: without a name for each, one of the two would be lost.
    let own = proposal.mapping.id.is_some() && reading.source == SOURCE_DEFAULT;
    let source = if own { proposal.name.to_string() } else { reading.source.clone() };
    Reading { source, named: None, mapping }
}

fn missing(proposal: &Proposal) -> Vec<String> {
    proposal.missing.iter().map(|it| (*it).to_owned()).collect()
}

fn columns(proposal: &Proposal) -> Vec<ImportColumn> {
    let columns = proposal.columns.iter().map(|it| ImportColumn {
        name: it.name.to_string(),
        examples: it.examples.iter().map(|it| cut(it)).collect(),
    });
    columns.collect()
}

fn problem(error: &anyhow::Error) -> ImportProblem {
    let help = error.downcast_ref::<ImportError>().and_then(ImportError::help);
    ImportProblem { message: format!("{error:#}"), help }
}

fn summary(read: &Summary, sample: Vec<SampleFact>) -> ImportFound {
    let read_as: Vec<&str> =
        read.files.iter().map(|it: &FileSummary| it.read_as.as_str()).collect();
    ImportFound {
        read_as: read_as.join(", "),
        records: read.records,
        facts: read.facts,
        rejects: read
            .rejects
            .iter()
            .map(|(code, count)| counted(code.code(), code.meaning(), *count, String::new()))
            .collect(),
        notices: read
            .notices
            .0
            .iter()
            .map(|(code, notice)| {
                let example = notice.examples.first();
                let example = example.map(|it| cut(&it.seen)).unwrap_or_default();
                counted(code.code(), code.meaning(), notice.count, example)
            })
            .collect(),
        first: read.first,
        last: read.last,
        sample,
    }
}

fn counted(code: &str, meaning: &str, count: u64, example: String) -> Counted {
    Counted { code: code.to_owned(), meaning: meaning.to_owned(), count, example }
}

fn result(
    added: &Added,
    imported: Imported,
    told: bool,
    at: firsthand_model::Time,
) -> ImportResult {
    ImportResult {
        at,
        added: added.added.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect(),
        already_there: added.already_there,
        repeated: added.repeated,
        left_out: added
            .left_out
            .reasons()
            .into_iter()
            .map(|it| counted(it.code, it.meaning, it.tally.facts, String::new()))
            .collect(),
        subjects: imported.subjects,
        lines: imported.lines,
        told,
    }
}

/// A fact in a few words.
fn in_words(fact: &Fact) -> SampleFact {
    let who = [&fact.who.user, &fact.who.anonymous, &fact.who.account];
    let who: Vec<&str> = who.into_iter().flatten().map(Text::as_str).collect();
    let (kind, what, more) = match &fact.body {
        Body::Event { name, properties } => ("event", name.to_string(), properties.as_str()),
        Body::Record { name, properties } => ("record", name.to_string(), properties.as_str()),
        Body::Traits { of, traits } => ("traits", of.word().to_owned(), traits.as_str()),
        Body::Link => ("link", String::new(), ""),
        Body::Alias { other } => ("alias", other.to_string(), ""),
        Body::Split { other } => ("split", other.to_string(), ""),
        Body::Membership { joined, role } => {
            let what = if *joined { "joined" } else { "left" };
            ("membership", what.to_owned(), role.as_deref().unwrap_or_default())
        }
    };
    SampleFact {
        time: fact.time,
        who: cut(&who.join(" · ")),
        kind: kind.to_owned(),
        what: cut(&what),
        more: cut(more),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SAMPLE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Tells people how far a file was read.
struct Told<'i> {
    item: &'i Item,
    phase: ImportPhase,
}

impl Progress for Told<'_> {
    fn update(&self, position: &Position) {
        let (bytes, records) = (position.bytes, position.records);
        let progress = ImportProgress { phase: self.phase, bytes, records };
        self.item.tell(|it: &mut Import| it.progress = Some(progress));
    }
}

/// Runs work in a thread of its own, beside who sends and asks.
pub fn spawn(work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    std::thread::Builder::new().name("import".to_owned()).spawn(work).map(drop)
}
