//! `firsthand erase`: forgets a person or an account everywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use firsthand_engine::{Engine, ErasureOrder, Rules, history_from, identities};
use firsthand_history::{Gone, History, HistoryError, Scan};
use firsthand_model::config::Project;
use firsthand_model::diagnostic::Severity;
use firsthand_model::fact::Kind;
use firsthand_rules::compile::compile;
use firsthand_rules::timeline::Subject;
use firsthand_store::{Erase as _, Erasure, Erasures, PageRequest, SqliteStore};

use crate::args::Global;
use crate::clock;
use crate::exit::{Misuse, Status, Told};
use crate::output::{Cell, Output, Table, counted};
use crate::project::{Folder, tell};
use crate::serve::erasure::{erase_rejects, order};
use crate::serve::running::{open_store, start_options};

/// Most erasures that `--record` shows.
const RECORD_MAX: u32 = 1_000;

/// Arguments of `erase`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Without --yes nothing is erased: it is only counted what would go.\n\
                        While a server runs, ask it: POST /api/v1/erasures with a token that may `admin`.\n\
                        Backups keep what they have: delete those that are older.\n\n\
                        Examples:\n  \
                        firsthand erase ana@acme.example\n  \
                        firsthand erase user-4711 --yes --by 'request 17'\n  \
                        firsthand erase --account acme --yes")]
pub struct Args {
    /// The person, by any of their ids
    #[arg(value_name = "PERSON", required_unless_present_any = ["account", "record"])]
    person: Option<String>,
    /// The account to erase, with the people who are in no other
    #[arg(long, value_name = "ID", conflicts_with = "person")]
    account: Option<String>,
    /// Erase, and do not only count
    #[arg(long)]
    yes: bool,
    /// On whose word; for the record
    #[arg(long, value_name = "NAME", default_value = "firsthand erase")]
    by: String,
    /// Show what was erased when: how much, not whom
    #[arg(long, conflicts_with_all = ["person", "account", "yes"])]
    record: bool,
}

pub fn run(args: &Args, global: &Global, output: Output) -> anyhow::Result<Status> {
    let folder = Folder::find(global.project.as_deref())?;
    if args.record {
        return record(&folder, output);
    }
    let project = Arc::new(folder.sound_project(output)?);
    let subject = match (&args.account, &args.person) {
        (Some(id), _) => Subject { kind: Kind::Account, id: id.as_str().into() },
        (None, id) => {
            let id = id.as_deref().unwrap_or_default();
            Subject { kind: Kind::Person, id: id.into() }
        }
    };
    if args.yes {
        erase(&folder, &project, &subject, &args.by, output)
    } else {
        count(&folder, &project, &subject, output)
    }
}

fn nobody(subject: &Subject) -> Misuse {
    Misuse::new(format!("nothing is recorded of {} `{}`", subject.kind, subject.id))
        .help("Ids are looked up exactly; `firsthand explain` and `firsthand accounts` show them.")
}

/// Counts what would go.
fn count(
    folder: &Folder,
    project: &Project,
    subject: &Subject,
    output: Output,
) -> anyhow::Result<Status> {
    let scan = Scan::default();
    let history = History::open(folder.history(), &project.identity)?;
    let gone = history.who_is(subject.kind, &subject.id, scan)?;
    let gone = gone.ok_or_else(|| nobody(subject))?;
    let would = history.would_erase(&gone, &project.calendar, scan)?;
    let mut counts = vec![("facts", would.gone), ("facts_changed", would.changed)];
    if folder.store().exists() {
        let store = open_store(&folder.store())?;
        let traces = store.traces(&identities(&gone), &mut |_| false)?;
        let of_store: u64 = traces.iter().map(|it| it.rows).sum();
        counts.push(("rows_of_the_store", of_store));
    }
    show(counts.into_iter().map(|(what, count)| (what.to_owned(), count)), output)?;
    tell_ids(&gone, output);
    output.note("Nothing was erased. Add --yes to do it.");
    Ok(Status::Done)
}

fn tell_ids(gone: &Gone, output: Output) {
    let ids = gone.of_persons().chain(&gone.accounts).collect::<BTreeSet<_>>();
    output.note(&format!("known by {}", counted(ids.len() as u64, "id")));
}

fn erase(
    folder: &Folder,
    project: &Arc<Project>,
    subject: &Subject,
    by: &str,
    output: Output,
) -> anyhow::Result<Status> {
    let _claim = folder.claim().map_err(|error| match error.downcast::<Misuse>() {
        Ok(busy) => busy
            .help(
                "If it is a server, ask it: POST /api/v1/erasures, with a token that may `admin`.",
            )
            .into(),
        Err(error) => error,
    })?;
    let compiled = compile(project);
    if compiled.diagnostics.iter().any(|it| it.problem.severity == Severity::Error) {
        tell(compiled.diagnostics, output);
        return Err(Told.into());
    }
    let had_store = folder.store().exists();
    let store = Arc::new(open_store(&folder.store())?);
    let history = match History::open(folder.history(), &project.identity) {
        Ok(history) => history,
        Err(HistoryError::Absent(_)) => return Err(nobody(subject).into()),
        Err(error) => return Err(error.into()),
    };
    let now = clock::now();
    let ordered = order(&store, subject.clone(), by, now)?;
    let done = if had_store {
        let rules = Rules {
            history_from: history_from(project, &history),
            project: Arc::clone(project),
            program: Arc::new(compiled.program),
        };
        let options = start_options(folder, project, false);
        let scan = Scan::default();
        let (mut engine, _) =
            Engine::start(rules, history, Arc::clone(&store), &options, now, scan)?;
        let erasure = engine.order_erasure(&ordered, now)?;
        let mut erasure = erasure.ok_or_else(|| nobody(subject))?;
        erase_rejects(&folder.rejects(), None, &mut erasure)?;
        engine.erase(erasure, now)?
    } else {
        // Nothing was ever decided here: there is only the history.
        erase_history(history, &ordered, project, &folder.rejects(), &store)?
    };
    show(done.erased.iter().map(|(what, count)| (what.to_string(), *count)), output)?;
    match done.left {
        Some(0) => {
            output.note("erased; nothing of them is left. Backups keep what they have.");
            Ok(Status::Done)
        }
        left => {
            let left = counted(left.unwrap_or_default(), "trace");
            output.note(&format!("erased, but {left} were found afterwards; run it once more"));
            Ok(Status::Problems)
        }
    }
}

/// Erases from the recorded history alone, and records it.
fn erase_history(
    mut history: History,
    order: &ErasureOrder,
    project: &Project,
    rejects: &Path,
    store: &SqliteStore,
) -> anyhow::Result<Erasure> {
    let ErasureOrder { id, subject, subject_hash, by } = order;
    let (scan, now) = (Scan::default(), clock::now());
    let gone = history.who_is(subject.kind, &subject.id, scan)?;
    let gone = gone.ok_or_else(|| nobody(subject))?;
    let mut erasure = Erasure {
        id: id.clone(),
        kind: subject.kind,
        subject_hash: subject_hash.clone(),
        asked_by: by.clone(),
        asked_at: now,
        ids: Some(serde_json::to_string(&gone)?),
        done_at: None,
        erased: BTreeMap::new(),
        left: None,
    };
    erase_rejects(rejects, None, &mut erasure)?;
    let rewritten = history.erase(&gone, &project.calendar, scan)?;
    for (what, count) in [("facts", rewritten.gone), ("facts_changed", rewritten.changed)] {
        if count > 0 {
            erasure.erased.insert(what.into(), count);
        }
    }
    erasure.left = Some(history.traces(&gone, &project.calendar, scan)?);
    (erasure.ids, erasure.done_at) = (None, Some(now));
    store.put_erasure(&erasure)?;
    Ok(erasure)
}

fn show(counts: impl Iterator<Item = (String, u64)>, output: Output) -> anyhow::Result<()> {
    let mut table = Table::new(&[("what", "what"), ("count", "count")]);
    for (what, count) in counts {
        table.push([Cell::Text(what), Cell::Count(count)]);
    }
    output.table(&table)?;
    Ok(())
}

/// Shows the record of erasures.
fn record(folder: &Folder, output: Output) -> anyhow::Result<Status> {
    let store: SqliteStore = open_store(&folder.store())?;
    let mut table = Table::new(&[
        ("id", "id"),
        ("kind", "of"),
        ("asked_by", "asked by"),
        ("asked_at", "asked"),
        ("done_at", "done"),
        ("facts", "facts"),
        ("left", "left"),
    ]);
    let calendar = firsthand_model::Calendar::default();
    for it in store.erasures(&PageRequest::first(RECORD_MAX))?.rows {
        table.push([
            Cell::Text(it.id.to_string()),
            Cell::Text(it.kind.to_string()),
            Cell::Text(it.asked_by.to_string()),
            Cell::time(it.asked_at, &calendar),
            Cell::maybe_time(it.done_at, &calendar),
            Cell::Count(it.erased.get("facts").copied().unwrap_or(0)),
            it.left.map_or(Cell::Empty, Cell::Count),
        ]);
    }
    output.table(&table)?;
    Ok(Status::Done)
}
