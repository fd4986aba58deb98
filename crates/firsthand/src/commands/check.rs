//! `firsthand check`: what is wrong with configuration and definitions, said all at once.

use firsthand_history::History;
use firsthand_model::config::{Loaded, Story};
use firsthand_model::diagnostic::{Diagnostic, Severity, Style, has_errors, render, to_json};
use serde_json::json;

use crate::args::Global;
use crate::checked::{Checked, Outcome};
use crate::exit::Status;
use crate::output::{Cell, Format, Output, Table, counted};
use crate::project::Folder;

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit status: 0 without errors, 1 with errors; with --strict also with warnings.\n\
                        `firsthand config codes` lists what each code means."
)]
pub struct Args {
    /// Take warnings for errors
    #[arg(long)]
    strict: bool,
}

pub fn run(args: &Args, global: &Global, output: Output) -> anyhow::Result<Status> {
    let folder = Folder::find(global.project.as_deref())?;
    let Checked { diagnostics, .. } = run_in(&folder, output)?;
    let worst = if args.strict { Severity::Warning } else { Severity::Error };
    let refused = diagnostics.iter().any(|it| it.problem.severity <= worst);
    Ok(if refused { Status::Problems } else { Status::Done })
}

/// Checks a folder, shows what is wrong and how much was looked at.
pub fn run_in(folder: &Folder, output: Output) -> anyhow::Result<Checked> {
    let loaded = folder.load();
    let checked = diagnose(folder, &loaded);
    let diagnostics = &checked.diagnostics;
    match output.format {
        Format::People => {
            if !diagnostics.is_empty() {
                output.text(&(render(diagnostics, Style { color: output.colour }) + "\n"))?;
            }
            summary(&loaded, &checked, output)?;
        }
        Format::Json => {
            let result = json!({
                "problems": to_json(diagnostics),
                "stories": stories(&loaded, &checked),
                "files": loaded.files.len(),
                "definitions": loaded.project.definitions.len(),
            });
            output.text(&(serde_json::to_string_pretty(&result)? + "\n"))?;
        }
        Format::Csv => output.table(&table(diagnostics))?,
    }
    Ok(checked)
}

/// All that is wrong with a project, held against the recorded facts where there are any.
pub fn diagnose(folder: &Folder, loaded: &Loaded) -> Checked {
    // A history is attributed anew where the rules of identity have changed: not by broken ones.
    let sound = !has_errors(&loaded.diagnostics);
    let history = sound.then(|| History::open(folder.history(), &loaded.project.identity).ok());
    Checked::of(loaded, history.flatten().as_ref().map(History::seen))
}

fn stories(loaded: &Loaded, checked: &Checked) -> serde_json::Value {
    let one = |(definition, story, outcome): (&str, &Story, Outcome)| json!({ "definition": definition, "story": story.title, "result": outcome.word() });
    checked.stories(&loaded.project).into_iter().map(one).collect()
}

/// How many things were looked at, and how many are wrong.
fn summary(loaded: &Loaded, checked: &Checked, output: Output) -> anyhow::Result<()> {
    let diagnostics = &checked.diagnostics;
    let of = |severity| diagnostics.iter().filter(|it| it.problem.severity == severity).count();
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    let project = &loaded.project;
    let palette = output.palette();
    let verdict = match (errors, warnings) {
        (0, 0) => palette.good("no problems"),
        (0, _) => counted(warnings, "warning"),
        (_, 0) => palette.bad(&counted(errors, "error")),
        _ => {
            format!("{}, {}", palette.bad(&counted(errors, "error")), counted(warnings, "warning"))
        }
    };
    let outcomes = checked.stories(project);
    let not_run = outcomes.iter().any(|(.., it)| *it == Outcome::NotRun);
    output.say(&format!(
        "{} in {}: {}, {}{}, {}, {}, {}",
        verdict,
        counted(loaded.files.len(), "file"),
        counted(project.definitions.len(), "definition"),
        match outcomes.len() {
            1 => "1 story".to_owned(),
            all => format!("{all} stories"),
        },
        if not_run { " not run" } else { " run" },
        counted(project.meters.len(), "meter"),
        counted(project.scores.len() + project.grades.len(), "score"),
        counted(project.outcomes.len(), "outcome"),
    ))
}

fn table(diagnostics: &[Diagnostic]) -> Table {
    let mut table = Table::new(&[
        ("severity", "severity"),
        ("code", "code"),
        ("file", "file"),
        ("line", "line"),
        ("column", "column"),
        ("message", "message"),
        ("help", "help"),
    ]);
    for Diagnostic { problem, file } in diagnostics {
        let (line, column) = file.place(problem.span.start);
        let severity = match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        table.push([
            severity.into(),
            problem.code.0.into(),
            file.name.as_str().into(),
            Cell::from(line),
            Cell::from(column),
            problem.message.as_str().into(),
            problem.help.as_deref().into(),
        ]);
    }
    table
}
