//! `firsthand backup`: a copy of a project's data, also while a server runs.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use firsthand_history::{History, HistoryError, Scan};
use firsthand_model::config::Project;
use firsthand_store::BackupSummary;

use crate::args::Global;
use crate::exit::{Misuse, Status};
use crate::output::{Cell, Output, Table, counted};
use crate::project::Folder;
use crate::serve::running::open_store;

/// How often it is tried again where the server brought its log into the history meanwhile.
const TRIES: usize = 5;

/// Arguments of `backup`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Copies and checks the history, and the server's log, ledger and leads, as they are at one moment. A server may run.\n\
                        To restore: stop the server, put the folder in the place of the project's `data`, start it again."
)]
pub struct Args {
    /// The folder to make
    #[arg(value_name = "DIR")]
    to: PathBuf,
}

pub fn run(args: &Args, global: &Global, output: Output) -> anyhow::Result<Status> {
    let folder = Folder::find(global.project.as_deref())?;
    let project = folder.sound_project(output)?;
    if args.to.exists() {
        return Err(Misuse::new(format!("`{}` is there already", args.to.display()))
            .help("Name a folder that is not there yet.")
            .into());
    }
    for _ in 0..TRIES {
        if let Some((facts, store)) = copy(&folder, &project, &args.to)? {
            show(facts, store, output)?;
            return Ok(Status::Done);
        }
        clear(&args.to)?;
    }
    Err(Misuse::new("the server brought facts into the history again and again")
        .help("Try again when it is less busy.")
        .into())
}

/// Copies it all; `None` if the history went on meanwhile, and the store may have let facts go that
/// the copy of the history has not.
fn copy(
    folder: &Folder,
    project: &Project,
    to: &Path,
) -> anyhow::Result<Option<(u64, Option<BackupSummary>)>> {
    fs::create_dir_all(to).with_context(|| format!("cannot make the folder `{}`", to.display()))?;
    let copied = to.join("history");
    let history = match History::open(folder.history(), &project.identity) {
        Ok(history) => Some(history),
        Err(HistoryError::Absent(_)) => None,
        Err(error) => return Err(error.into()),
    };
    if let Some(history) = &history {
        match history.copy_to(&copied) {
            Ok(()) => {}
            Err(HistoryError::Changed(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    }
    let store = if folder.store().exists() {
        Some(open_store(&folder.store())?.backup(&to.join("store.db"))?)
    } else {
        None
    };
    let Some(history) = history else { return Ok(Some((0, store))) };
    let now = History::open(folder.history(), &project.identity)?;
    if now.generation() != history.generation() {
        return Ok(None);
    }
    let copy = History::open(&copied, &project.identity)?;
    if let Some(problem) = copy.verify(Scan::default())?.first() {
        anyhow::bail!("the copy is damaged: {}", problem.what);
    }
    Ok(Some((copy.facts(), store)))
}

fn clear(folder: &Path) -> anyhow::Result<()> {
    fs::remove_dir_all(folder)
        .with_context(|| format!("the folder `{}` cannot be removed", folder.display()))
}

fn show(facts: u64, store: Option<BackupSummary>, output: Output) -> anyhow::Result<()> {
    let mut table = Table::new(&[
        ("facts", "facts in the history"),
        ("logged", "facts ever logged"),
        ("ledger_lines", "ledger lines"),
        ("leads", "leads"),
    ]);
    let of = |read: fn(&BackupSummary) -> u64| store.as_ref().map_or(0, read);
    table.push([
        Cell::Count(facts),
        Cell::Count(of(|it| it.logged)),
        Cell::Count(of(|it| it.ledger_lines)),
        Cell::Count(of(|it| it.leads)),
    ]);
    output.table(&table)?;
    output.note(&format!("copied and checked: {}", counted(facts, "fact")));
    Ok(())
}
