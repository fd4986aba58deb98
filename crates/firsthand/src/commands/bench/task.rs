//! What is measured in a process of its own: this program runs itself with `bench --task`, which
//! takes a [`Task`] as JSON and writes its answer as the last line of standard output.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::Parser;
use firsthand_history::{Compaction, History};
use firsthand_model::config::Project;
use firsthand_model::diagnostic::SourceText;
use firsthand_rules::change::change;
use firsthand_rules::eval::graph::Graph;
use firsthand_rules::eval::node::NodeKind;
use firsthand_rules::judge::Stream;
use postcard::ser_flavors::Size;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::child;
use super::entries;
use super::machine::{peak_bytes, resident_bytes};
use crate::args::Cli;
use crate::commands;
use crate::commands::import::promote;
use crate::commands::replay::entries::Entries;
use crate::exit::Status;
use crate::output::Output;
use crate::project::Folder;
use crate::study::Study;

/// Something to measure.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Task {
    /// Gives everything that definitions read a column of its own, in as few files as may be.
    Promote {
        /// The project's folder.
        project: PathBuf,
    },
    /// Replays definitions together, several times; answers with [`Replayed`].
    Replay {
        /// The project's folder.
        project: PathBuf,
        /// Which definitions.
        definitions: Vec<String>,
        /// A comparison that the first of them has instead of its own.
        change: Option<String>,
        /// Whether from timelines that were kept; these are worked out before.
        from_kept: bool,
        /// How often.
        runs: usize,
        /// Where the entries go.
        entries: Option<PathBuf>,
    },
    /// Keeps the state of every account as it is at the end; answers with [`Kept`].
    Keep {
        /// The project's folder.
        project: PathBuf,
        /// Which definition.
        definition: String,
    },
    /// Imports a file into a project; answers with [`Imported`].
    Import {
        /// The project's folder.
        project: PathBuf,
        /// The file.
        file: PathBuf,
    },
}

/// How a replay went.
#[derive(Debug, Serialize, Deserialize)]
pub struct Replayed {
    /// Of the best run.
    pub seconds: f64,
    /// How many facts the history has.
    pub facts: u64,
    /// How many times a definition was entered.
    pub entries: u64,
    /// Of the process.
    pub peak_bytes: Option<u64>,
}

/// What the states of all accounts take.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kept {
    /// How many accounts there are.
    pub accounts: u64,
    /// How many nodes of the graph remember events.
    pub leaves: u64,
    /// All states, as they would be saved.
    pub saved_bytes: u64,
    /// What the process grew by, with all states in it.
    pub resident_bytes: Option<u64>,
}

/// How an import went.
#[derive(Debug, Serialize, Deserialize)]
pub struct Imported {
    /// From the opening of the file to the end.
    pub seconds: f64,
    /// How many facts were recorded.
    pub facts: u64,
    /// Of the process.
    pub peak_bytes: Option<u64>,
}

impl Task {
    /// Has it done by a process of its own, on so many threads.
    pub fn ask<T: DeserializeOwned>(&self, threads: usize) -> anyhow::Result<T> {
        let mut command: Command = child::this_program(threads)?;
        command.args(["bench", "--task", &serde_json::to_string(self)?]);
        let printed = child::output(&mut command)?;
        let answer = printed.lines().last().unwrap_or_default();
        serde_json::from_str(answer).with_context(|| format!("`{answer}` is no answer"))
    }

    /// Does it here, and answers on standard output.
    pub fn run(&self, output: Output) -> anyhow::Result<()> {
        let answer = match self {
            Self::Promote { project } => {
                let (project, mut history) = open(project, output)?;
                promote(&mut history, &project)?;
                history.compact(Compaction::Everywhere)?;
                serde_json::to_string(&())
            }
            Self::Replay { project, definitions, change, from_kept, runs, entries } => {
                let mut study = study(project, definitions, change.as_deref(), output)?;
                if *from_kept {
                    study = study.keeping_timelines();
                    replay(&study, 1, None)?;
                }
                serde_json::to_string(&replay(&study, *runs, entries.as_deref())?)
            }
            Self::Keep { project, definition } => {
                let (mut project, history) = open(project, output)?;
                project.definitions.retain(|name, _| name == definition.as_str());
                // Only the definition's own memory counts.
                project.outcomes.clear();
                project.exclude.clear();
                let study = Study::new(project, history.into(), output)?;
                serde_json::to_string(&keep(&study)?)
            }
            Self::Import { project, file } => serde_json::to_string(&import(project, file)?),
        }?;
        output.text(&format!("{answer}\n"))
    }
}

fn open(folder: &Path, output: Output) -> anyhow::Result<(Project, History)> {
    let folder = Folder::find(Some(folder))?;
    let project = folder.sound_project(output)?;
    let history = History::open(folder.history(), &project.identity)?;
    Ok((project, history))
}

/// A project with no other definitions than these, the first of them with a comparison changed.
fn study(
    folder: &Path,
    definitions: &[String],
    changed: Option<&str>,
    output: Output,
) -> anyhow::Result<Study> {
    let (mut project, history) = open(folder, output)?;
    project.definitions.retain(|name, _| definitions.iter().any(|it| name == it));
    if let (Some(changed), Some(first)) = (changed, definitions.first()) {
        let condition = SourceText::inline("--set", changed);
        let Ok(changed) = change(&project, &[first.as_str().into()], &[condition]) else {
            bail!("`{changed}` changes nothing in `{first}`");
        };
        project = changed.project;
    }
    Study::new(project, history.into(), output)
}

/// Replays all definitions of a study, as the command does; the entries written are those of the
/// first.
fn replay(study: &Study, runs: usize, entries: Option<&Path>) -> anyhow::Result<Replayed> {
    let (asked, until) = (study.all_definitions()?, study.until(None));
    let mut seconds = f64::INFINITY;
    let mut found = None;
    for _ in 0..runs {
        // What was found before is given up first, as if it had been another process.
        drop(found.take());
        let start = Instant::now();
        found = Some(Entries::of(study, &asked, until)?);
        seconds = seconds.min(start.elapsed().as_secs_f64());
    }
    let answer = Replayed {
        seconds,
        facts: study.history.facts(),
        entries: found.as_ref().map_or(0, |it| it.len() as u64),
        peak_bytes: peak_bytes(),
    };
    if let (Some(path), Some(first), Some(found)) = (entries, asked.first(), &found) {
        let of_first = found.whole().filter(|it| it.definition == first.name);
        entries::write(path, of_first.map(entries::Entry::from))?;
    }
    Ok(answer)
}

/// Keeps every account's state; twice over the history, so that what judging itself takes has been
/// taken before.
fn keep(study: &Study) -> anyhow::Result<Kept> {
    let replay = study.replay(study.until(None));
    replay.everybody(|_| None::<()>)?;
    let before = resident_bytes();
    let states: Vec<Stream> = replay.everybody(|it| Some(it.stream.clone()))?.kept;
    let after = resident_bytes();
    let mut saved_bytes = 0;
    for state in &states {
        saved_bytes += postcard::serialize_with_flavor(state, Size::default())? as u64;
    }
    Ok(Kept {
        accounts: states.len() as u64,
        leaves: leaves(&study.program.account.graph),
        saved_bytes,
        resident_bytes: before.zip(after).map(|(before, after)| after.saturating_sub(before)),
    })
}

/// How many nodes remember events.
fn leaves(graph: &Graph) -> u64 {
    let nodes = 0..u32::try_from(graph.len()).expect("nodes are numbered by u32");
    let remembers = |it: &u32| matches!(graph.kind(*it), NodeKind::Leaf(_) | NodeKind::Level(_));
    nodes.filter(remembers).count() as u64
}

/// Runs the command itself, with nothing else in the process.
fn import(folder: &Path, file: &Path) -> anyhow::Result<Imported> {
    let start = Instant::now();
    let words = ["firsthand".as_ref(), "import".as_ref(), file.as_os_str()];
    let cli = Cli::parse_from(words.into_iter().chain(["--project".as_ref(), folder.as_os_str()]));
    if commands::run(&cli, cli.global.output())? != Status::Done {
        bail!("some records of `{}` were not taken in", file.display());
    }
    let (seconds, peak_bytes) = (start.elapsed().as_secs_f64(), peak_bytes());
    let folder = Folder::find(Some(folder))?;
    let history = History::open(folder.history(), &folder.load().project.identity)?;
    Ok(Imported { seconds, facts: history.facts(), peak_bytes })
}
