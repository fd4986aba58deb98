//! `firsthand check`: what is wrong with configuration and definitions, said all at once.

use firsthand_model::config::Loaded;
use firsthand_model::diagnostic::{
    Diagnostic, Problem, Severity, Style, codes, render, sort, to_json,
};
use firsthand_rules::compile::{Compiled, compile};
use firsthand_rules::expect;

use crate::args::Global;
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
    let diagnostics = run_in(&folder, output)?;
    let worst = if args.strict { Severity::Warning } else { Severity::Error };
    let refused = diagnostics.iter().any(|it| it.problem.severity <= worst);
    Ok(if refused { Status::Problems } else { Status::Done })
}

/// Checks a folder, shows what is wrong and how much was looked at.
pub fn run_in(folder: &Folder, output: Output) -> anyhow::Result<Vec<Diagnostic>> {
    let loaded = folder.load();
    let diagnostics = diagnose(&loaded);
    show(&diagnostics, output)?;
    summary(&loaded, &diagnostics, output)?;
    Ok(diagnostics)
}

/// All that is wrong with a project, in order of file and place. Stories run only where nothing
/// else is wrong: they would fail for the same reason.
pub fn diagnose(loaded: &Loaded) -> Vec<Diagnostic> {
    let Compiled { program, diagnostics: found } = compile(&loaded.project);
    let mut all = loaded.diagnostics.clone();
    all.extend(found.into_iter().filter(|it| !is_known_cause(&it.problem, loaded)));
    if all.iter().all(|it| it.problem.severity != Severity::Error) {
        for definition in loaded.project.definitions.values() {
            all.extend(expect::run(&loaded.project, &program, definition));
        }
    }
    sort(&mut all);
    all
}

/// Whether a name is unknown only because what it stands for could not be read.
fn is_known_cause(problem: &Problem, loaded: &Loaded) -> bool {
    problem.code == codes::UNKNOWN_NAME
        && loaded.broken.iter().any(|name| problem.message.contains(&format!("`{name}`")))
}

/// Writes diagnostics as results: they are what the command was asked for.
pub fn show(diagnostics: &[Diagnostic], output: Output) -> anyhow::Result<()> {
    match output.format {
        Format::People if diagnostics.is_empty() => Ok(()),
        Format::People => {
            output.text(&(render(diagnostics, Style { color: output.colour }) + "\n"))
        }
        Format::Json => output.text(&(serde_json::to_string_pretty(&to_json(diagnostics))? + "\n")),
        Format::Csv => output.table(&table(diagnostics)),
    }
}

/// How many things were looked at, and how many are wrong.
fn summary(loaded: &Loaded, diagnostics: &[Diagnostic], output: Output) -> anyhow::Result<()> {
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
    let stories: usize = project.definitions.values().map(|it| it.expect.len()).sum();
    output.say(&format!(
        "{} in {}: {} with {}, {}, {}, {}",
        verdict,
        counted(loaded.files.len(), "file"),
        counted(project.definitions.len(), "definition"),
        match stories {
            1 => "1 story".to_owned(),
            _ => format!("{stories} stories"),
        },
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
