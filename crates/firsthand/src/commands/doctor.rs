//! `firsthand doctor`: looks for damage, and for what is set up wrongly.

use std::collections::BTreeMap;
use std::path::Path;

use firsthand_history::{AccountRows, Compaction, History, HistoryError, Projection, Scan};
use firsthand_model::Text;
use firsthand_model::diagnostic::{Diagnostic, Severity};
use firsthand_model::fact::RowBody;
use firsthand_store::{Log, Store};

use super::check::diagnose;
use super::import::progress::RowBar;
use super::import::promote;
use crate::args::Global;
use crate::exit::Status;
use crate::output::{Output, Table, counted};
use crate::project::Folder;
use crate::serve::running::open_store;

/// Free space below which the next import may not find room: it writes what it reads once more.
const FREE_BYTES_MIN: u64 = 1 << 30;
/// Where an import works until it is done.
const INTAKE: &str = "intake";

/// Arguments of `doctor`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Reads all of the history, which takes a while for a large one. Changes nothing, but with --compact.\n\
                        Exit status: 0 all is well, 1 something is wrong; notes are no fault."
)]
pub struct Args {
    /// Rewrite the history into as few files as it needs; what it says stays the same
    #[arg(long)]
    compact: bool,
}

pub fn run(args: &Args, global: &Global, output: Output) -> anyhow::Result<Status> {
    let folder = Folder::find(global.project.as_deref())?;
    let _claim = if args.compact { Some(folder.claim()?) } else { None };
    let mut findings = Findings::default();
    let loaded = folder.load();
    let checked = diagnose(&folder, &loaded);
    configuration(&checked.diagnostics, loaded.project.definitions.len(), &mut findings);
    match History::open(folder.history(), &loaded.project.identity) {
        Ok(mut history) => {
            findings.good("history", counted(history.facts(), "fact"));
            files(&history, &mut findings)?;
            if findings.wrong.is_empty() {
                doubles(&history, &mut findings)?;
                ids(&history, &mut findings)?;
                if args.compact {
                    promote(&mut history, &loaded.project)?;
                    compact(&mut history, &mut findings)?;
                }
            } else if args.compact {
                let why = "not done: what is damaged is not rewritten".to_owned();
                findings.note("compaction", why, "Mend what is wrong first.");
            }
            disk(&folder.history(), &mut findings);
        }
        Err(HistoryError::Absent(_)) => {
            findings.good("history", "empty: nothing was imported yet".to_owned());
        }
        Err(error) => {
            let help = error.help().unwrap_or("Import the events again into a new folder.");
            findings.bad("history", error.to_string(), help);
        }
    }
    store(&folder, &mut findings);
    output.table(&findings.table)?;
    Ok(if findings.wrong.is_empty() { Status::Done } else { Status::Problems })
}

/// What the server keeps, if one has ever run.
fn store(folder: &Folder, findings: &mut Findings) {
    if !folder.store().exists() {
        return;
    }
    let looked = open_store(&folder.store()).and_then(|store| {
        let log = store.log_state()?;
        Ok((store.problems()?, log))
    });
    match looked {
        Ok((problems, log)) if problems.is_empty() => {
            let undecided = log.next - log.applied.map_or(0, |it| it + 1);
            let undecided = counted(undecided, "fact");
            findings
                .good("store", format!("{}, {undecided} not decided", counted(log.next, "fact")));
        }
        Ok((problems, _)) => {
            for problem in problems {
                findings.bad("store", problem, "Restore the data from a backup.");
            }
        }
        Err(error) => {
            findings.bad("store", format!("{error:#}"), "Restore the data from a backup.");
        }
    }
}

fn configuration(diagnostics: &[Diagnostic], definitions: usize, findings: &mut Findings) {
    let of = |severity| diagnostics.iter().filter(|it| it.problem.severity == severity).count();
    match (of(Severity::Error), of(Severity::Warning)) {
        (0, 0) => findings.good("configuration", counted(definitions, "definition")),
        (0, warnings) => {
            let found = counted(warnings, "warning");
            findings.note("configuration", found, "Run `firsthand check`.");
        }
        (errors, _) => {
            findings.bad("configuration", counted(errors, "error"), "Run `firsthand check`.");
        }
    }
}

/// Whether every file is there and whole, and what an interrupted import has left.
fn files(history: &History, findings: &mut Findings) -> anyhow::Result<()> {
    let (mut left, mut damaged) = (0, false);
    for problem in history.verify(Scan::default())? {
        // What need not be mended is no fault.
        if problem.remedy.starts_with("Nothing need be done") {
            left += 1;
            continue;
        }
        damaged = true;
        let what = format!("{}: {}", problem.path.display(), problem.what);
        findings.bad("segments", what, problem.remedy);
    }
    if !damaged {
        findings.good("segments", "every file is whole".to_owned());
    }
    if history.dir().join(INTAKE).exists() || left > 0 {
        let found = match left {
            0 => "an import is under way, or was interrupted".to_owned(),
            _ => format!("{} of an interrupted import", counted(left, "file")),
        };
        findings.note("leftovers", found, "Run that import again: it clears up and goes on.");
    } else {
        findings.good("leftovers", "none".to_owned());
    }
    Ok(())
}

/// Events that two sources tell: the same person did the same at the same instant.
fn doubles(history: &History, findings: &mut Findings) -> anyhow::Result<()> {
    let found =
        history.for_each_account(&Projection::default(), Scan::default(), doubles_of_account)?;
    let mut pairs: BTreeMap<(Text, Text), u64> = BTreeMap::new();
    for (pair, count) in found.into_iter().flatten() {
        *pairs.entry(pair).or_default() += count;
    }
    if pairs.is_empty() {
        findings.good("sources", "no event is told by two of them".to_owned());
    }
    for ((one, other), count) in pairs {
        let found = format!("{} told by `{one}` and by `{other}`", counted(count, "event"));
        let remedy = "Each counts twice. Import such events from one source only.";
        findings.note("sources", found, remedy);
    }
    Ok(())
}

/// Facts that do not count for all that they name.
fn ids(history: &History, findings: &mut Findings) -> anyhow::Result<()> {
    for reason in history.left_out(Scan::default())?.reasons() {
        let found = format!("{}: {}", counted(reason.tally.facts, "fact"), reason.seen());
        findings.note("ids", found, reason.meaning);
    }
    Ok(())
}

fn doubles_of_account(stream: &AccountRows<'_>) -> BTreeMap<(Text, Text), u64> {
    let mut pairs: BTreeMap<(Text, Text), u64> = BTreeMap::new();
    // Rows of one instant stand side by side.
    for instant in stream.rows.chunk_by(|a, b| a.time == b.time) {
        let mut told: BTreeMap<(&Text, Option<&Text>), &Text> = BTreeMap::new();
        for row in instant.iter().filter(|it| !it.copy) {
            let RowBody::Event { name, .. } = &row.body else { continue };
            let first = told.entry((name, row.person.as_ref())).or_insert(&row.source);
            if **first != row.source {
                let pair = (
                    (*first).clone().min(row.source.clone()),
                    (*first).clone().max(row.source.clone()),
                );
                *pairs.entry(pair).or_default() += 1;
            }
        }
    }
    pairs
}

fn compact(history: &mut History, findings: &mut Findings) -> anyhow::Result<()> {
    let bar = RowBar::new("rewriting", history.rows_to_compact(Compaction::Everywhere));
    let progress = |rows| bar.add(rows);
    let scan = Scan { progress: Some(&progress), ..Scan::default() };
    let done = history.compact_with(Compaction::Everywhere, scan)?;
    bar.finish();
    let found = match done.buckets {
        0 => "nothing to gain".to_owned(),
        1 => "1 bucket rewritten".to_owned(),
        count => format!("{count} buckets rewritten"),
    };
    findings.good("compaction", found);
    Ok(())
}

#[cfg(unix)]
fn disk(path: &Path, findings: &mut Findings) {
    let Ok(room) = rustix::fs::statvfs(path) else { return };
    let free = room.f_bavail.saturating_mul(room.f_frsize);
    if free < FREE_BYTES_MIN {
        let found = format!("{} MB free", free / 1_000_000);
        findings.note("disk", found, "Make room before the next import.");
    } else {
        findings.good("disk", "room enough".to_owned());
    }
}

/// Other systems are asked by their own tools.
#[cfg(not(unix))]
fn disk(_: &Path, _: &mut Findings) {}

/// What was looked at, with what was found.
struct Findings {
    table: Table,
    wrong: Vec<&'static str>,
}

impl Default for Findings {
    fn default() -> Self {
        let columns =
            [("part", "part"), ("state", "state"), ("found", "found"), ("remedy", "what to do")];
        Self { table: Table::new(&columns), wrong: Vec::new() }
    }
}

impl Findings {
    fn good(&mut self, part: &'static str, found: String) {
        self.table.push([part.into(), "ok".into(), found.into(), None::<&str>.into()]);
    }

    fn note(&mut self, part: &'static str, found: String, remedy: &str) {
        self.table.push([part.into(), "note".into(), found.into(), remedy.into()]);
    }

    fn bad(&mut self, part: &'static str, found: String, remedy: &str) {
        self.wrong.push(part);
        self.table.push([part.into(), "wrong".into(), found.into(), remedy.into()]);
    }
}
