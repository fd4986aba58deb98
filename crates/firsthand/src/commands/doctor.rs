//! `firsthand doctor`: looks for damage, and for what is set up wrongly.

use firsthand_history::{History, HistoryError, Scan};
use firsthand_model::diagnostic::Severity;

use super::check::diagnose;
use crate::args::Global;
use crate::exit::Status;
use crate::output::{Output, Table, counted};
use crate::project::Folder;

/// Arguments of `doctor`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Reads all of the history, which takes a while for a large one. Changes nothing.\n\
                        Exit status: 0 all is well, 1 something is wrong."
)]
pub struct Args {}

pub fn run(_: &Args, global: &Global, output: Output) -> anyhow::Result<Status> {
    let folder = Folder::find(global.project.as_deref())?;
    let mut findings = Findings::default();
    let loaded = folder.load();
    let diagnostics = diagnose(&loaded);
    let errors = diagnostics.iter().filter(|it| it.problem.severity == Severity::Error).count();
    if errors > 0 {
        findings.bad("configuration", counted(errors, "error"), "Run `firsthand check`.");
    } else {
        findings.good("configuration", counted(loaded.project.definitions.len(), "definition"));
    }
    match History::open(folder.history(), &loaded.project.identity) {
        Ok(history) => {
            findings.good("history", counted(history.facts(), "fact"));
            for problem in history.verify(Scan::default())? {
                let what = format!("{}: {}", problem.path.display(), problem.what);
                findings.bad("segments", what, problem.remedy);
            }
            if findings.well("segments") {
                findings.good("segments", "every file is whole".to_owned());
            }
        }
        Err(HistoryError::Absent(_)) => {
            findings.good("history", "empty: nothing was imported yet".to_owned());
        }
        Err(error) => {
            let help = error.help().unwrap_or("Import the events again into a new folder.");
            findings.bad("history", error.to_string(), help);
        }
    }
    output.table(&findings.table)?;
    Ok(if findings.wrong.is_empty() { Status::Done } else { Status::Problems })
}

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

    fn bad(&mut self, part: &'static str, found: String, remedy: &str) {
        self.wrong.push(part);
        self.table.push([part.into(), "wrong".into(), found.into(), remedy.into()]);
    }

    fn well(&self, part: &str) -> bool {
        !self.wrong.contains(&part)
    }
}
