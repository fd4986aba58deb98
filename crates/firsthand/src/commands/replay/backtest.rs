//! `firsthand replay --backtest`: definitions held against what happened afterwards.

use firsthand_lab::{Backtest, Question, chart, report};
use firsthand_model::{Text, Time};

use super::BacktestArgs;
use super::against::{self, Other};
use crate::exit::Status;
use crate::judgements::{self, Judgements};
use crate::output::{Cell, Format, Output, Table};
use crate::study::{Asked, Study};

/// Runs the backtest of each definition, and compares with another version if asked.
pub fn run(
    study: &Study,
    definitions: &[Asked],
    args: &BacktestArgs,
    other: Option<Other<'_>>,
    until: Time,
    output: Output,
) -> anyhow::Result<Status> {
    let backtests = backtests(study, definitions, args, until)?;
    let compared = other.is_some();
    let comparisons = match other {
        None => Vec::new(),
        Some(other) => {
            against::compare_all(study, definitions, args, other, &backtests, until, output)?
        }
    };
    match output.format {
        Format::People => {
            match &backtests[..] {
                [only] => show(study, only, args.each, output)?,
                several => {
                    output.table(&overview(several))?;
                    output.say("\nName one definition to see all its figures.")?;
                }
            }
            comparisons.iter().try_for_each(|it| against::show(it, args.each, output))
        }
        Format::Json if compared => {
            json(&serde_json::json!({ "backtests": backtests, "comparisons": comparisons }), output)
        }
        Format::Json => json(&serde_json::json!(backtests), output),
        Format::Csv if compared => csv(
            comparisons.iter().map(|it| (&it.new.definition, report::comparison_csv(it))),
            output,
        ),
        Format::Csv => {
            let table = if args.each { report::qualifications } else { report::figures_csv };
            csv(backtests.iter().map(|it| (&it.question.definition, table(it))), output)
        }
    }?;
    Ok(Status::Done)
}

/// Those of all definitions that there is an outcome for; which are left out is said.
pub fn with_outcome(study: &Study, definitions: Vec<Asked>, output: Output) -> Vec<Asked> {
    let has = |it: &Asked| !study.program.root(it.kind).outcomes.is_empty();
    if !definitions.iter().any(has) {
        return definitions;
    }
    let (with, without): (Vec<Asked>, Vec<Asked>) = definitions.into_iter().partition(has);
    for Asked { name, kind, .. } in without {
        output.note(&format!("`{name}` is left out: the project has no outcome of {kind}s"));
    }
    with
}

/// Holds each definition against the outcome.
pub fn backtests(
    study: &Study,
    definitions: &[Asked],
    args: &BacktestArgs,
    until: Time,
) -> anyhow::Result<Vec<Backtest>> {
    // A question that cannot be answered is refused before anybody is judged.
    for it in definitions {
        judgements::outcome(study, it.kind, args.outcome.as_deref())?;
    }
    let judgements = Judgements::of(study, definitions, until)?;
    definitions.iter().map(|it| judgements.backtest(study, it, args)).collect()
}

/// A line for each definition; the lift is that over the unqualified of the same time and age.
pub fn overview(backtests: &[Backtest]) -> Table {
    let mut table = Table::new(&[
        ("definition", "definition"),
        ("outcome", "against"),
        ("within", "within"),
        ("qualified", "qualified"),
        ("hits", "hits"),
        ("precision", "precision"),
        ("recall", "recall"),
        ("matched_lift", "lift"),
        ("lead_days", "median lead, days"),
    ]);
    for Backtest { question, all, .. } in backtests {
        table.push([
            question.definition.as_str().into(),
            question.outcome.as_str().into(),
            Cell::Span(question.within),
            all.qualified.into(),
            all.hits.into(),
            all.precision.rate.map_or(Cell::Empty, Cell::Share),
            all.recall.rate.map_or(Cell::Empty, Cell::Share),
            all.matched_lift.map_or(Cell::Empty, |it| Cell::Figure(it.value)),
            all.lead_days.map_or(Cell::Empty, Cell::Figure),
        ]);
    }
    table
}

/// Shows one backtest to people.
pub fn show(study: &Study, backtest: &Backtest, each: bool, output: Output) -> anyhow::Result<()> {
    let Question { definition, outcome, within, .. } = &backtest.question;
    let title = study.project.definitions[definition].title.as_deref().unwrap_or(definition);
    output.heading(&format!("{title}: `{definition}` against `{outcome}` within {within}"))?;
    output.table(&written(report::figures(backtest)))?;
    let bars = chart::bars(&report::cohort_bars(backtest), chart::Style::default());
    if !bars.is_empty() {
        output.heading("Qualified of those who began in the week of")?;
        bars.iter().try_for_each(|it| output.say(it))?;
    }
    if each {
        output.heading("Qualifications")?;
        output.table(&written(report::qualifications(backtest)))?;
    }
    output.say("")?;
    backtest.notes.iter().try_for_each(|it| output.paragraph("", &format!("- {it}"), 2))
}

pub fn written(table: report::Table) -> Table {
    Table::written(table.header, table.rows)
}

fn json(value: &serde_json::Value, output: Output) -> anyhow::Result<()> {
    output.text(&(serde_json::to_string_pretty(value)? + "\n"))
}

/// Tables of several definitions as one, with the definition in the first column.
fn csv<'a>(
    tables: impl Iterator<Item = (&'a Text, report::Table)>,
    output: Output,
) -> anyhow::Result<()> {
    let (mut header, mut rows) = (vec!["definition".to_owned()], Vec::new());
    for (definition, table) in tables {
        header.truncate(1);
        header.extend(table.header);
        rows.extend(
            table
                .rows
                .into_iter()
                .map(|row| std::iter::once(definition.to_string()).chain(row).collect::<Vec<_>>()),
        );
    }
    output.table(&Table::written(header, rows))
}
