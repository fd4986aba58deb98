//! Explanations for people.

use firsthand_model::Time;
use firsthand_rules::explain::{Conditions, Evidence, Explanation, Part};

use super::case::{Case, change};
use super::when;
use crate::output::{Cell, Output, Table, printable};
use crate::study::Study;

/// Changes shown of a definition's history, the newest ones.
const CHANGES_SHOWN: usize = 20;

/// Shows cases in full.
pub fn show_all<'c>(
    study: &Study,
    cases: impl IntoIterator<Item = &'c Case>,
    at: Time,
    output: Output,
) -> anyhow::Result<()> {
    for (number, case) in cases.into_iter().enumerate() {
        if number > 0 {
            output.say("")?;
        }
        show(study, case, at, output)?;
    }
    Ok(())
}

/// Shows one case in full.
fn show(study: &Study, case: &Case, at: Time, output: Output) -> anyhow::Result<()> {
    let palette = output.palette();
    let explanation = &case.explanation;
    let since = case.since().map(|it| format!(" since {}", when(study, it)));
    let state = case.state() + &since.unwrap_or_default();
    let state = if case.holds() { palette.good(&state) } else { state };
    output.say(&format!(
        "{} on {}: {state}, as of {}\n",
        palette.bold(&explanation.definition),
        palette.bold(&printable(&case.subject.id)),
        when(study, at),
    ))?;
    if let Some(headline) = &case.headline {
        output.paragraph("", &printable(headline), 0)?;
        output.say("")?;
    }
    output.table(&conditions(explanation))?;
    let lines = in_words(case);
    if !lines.is_empty() {
        output.say("")?;
    }
    lines.iter().try_for_each(|it| output.paragraph("", &printable(it), 2))?;
    // That somebody entered once, at the instant that the first line names, needs no table.
    if case.ledger.len() > 1 || case.ledger.iter().any(|it| it.known_at != it.held_at) {
        output.heading("History")?;
        output.table(&history(study, case))?;
    }
    Ok(())
}

/// What is missing, what shuts out, or what keeps it beside what entered it. Other reasons stand
/// in the table.
fn in_words(case: &Case) -> Vec<String> {
    let mut lines = Vec::new();
    if case.holds() {
        let kept = case.reasons.iter().filter_map(|it| it.strip_prefix("kept: "));
        lines.extend(kept.map(|it| format!("Kept: {it}")));
    } else {
        lines.extend(case.missing().iter().map(|it| format!("Missing: {}", it.words)));
        lines.extend(case.shut_out_by().iter().map(|it| format!("Shut out: {}", it.words)));
    }
    lines
}

/// A line for each definition: where it stands since when, and why, or what comes nearest.
pub fn in_short(study: &Study, cases: &[Case], with_kind: bool) -> Table {
    let mut columns = vec![
        ("definition", "definition"),
        ("state", "state"),
        ("since", "since"),
        ("reason", "why, or the nearest miss"),
    ];
    if with_kind {
        columns.insert(0, ("kind", "kind"));
    }
    let mut table = Table::new(&columns);
    for case in cases {
        let mut row = vec![
            case.explanation.definition.as_str().into(),
            case.state().into(),
            Cell::maybe_time(case.since(), &study.project.calendar),
            case.in_short().into(),
        ];
        if with_kind {
            row.insert(0, case.subject.kind.word().into());
        }
        table.push(row);
    }
    table
}

/// Every condition with what was observed.
fn conditions(explanation: &Explanation) -> Table {
    let mut table = Table::new(&[
        ("role", "role"),
        ("met", "state"),
        ("condition", "condition"),
        ("observed", "observed"),
        ("needed", "needed"),
        ("gap", "missing"),
    ]);
    let roles = [
        ("when", Some(&explanation.when)),
        ("stay", explanation.stay.as_ref()),
        ("unless", explanation.unless.as_ref()),
    ];
    for (role, conditions) in roles {
        for evidence in conditions.map(Conditions::all).into_iter().flatten() {
            push(&mut table, role, 0, evidence);
        }
    }
    table
}

/// One condition, and behind it what it is made up of.
fn push(table: &mut Table, role: &'static str, depth: usize, evidence: &Evidence) {
    let indent = "  ".repeat(depth);
    table.push([
        role.into(),
        evidence.met.to_string().into(),
        format!("{indent}{}", evidence.condition).into(),
        evidence.observed.as_str().into(),
        evidence.needed.as_str().into(),
        evidence.gap.as_deref().into(),
    ]);
    for part in &evidence.parts {
        match part {
            Part::Points { from, points } if !points.is_empty() => {
                table.push([
                    role.into(),
                    Cell::Empty,
                    format!("{indent}  {from}").into(),
                    points.as_str().into(),
                    Cell::Empty,
                    Cell::Empty,
                ]);
            }
            Part::Points { .. } => {}
            Part::Conditions { conditions, .. } => {
                for evidence in conditions.all() {
                    push(table, role, depth + 1, evidence);
                }
            }
        }
    }
}

/// How the timeline became known: the newest changes.
fn history(study: &Study, case: &Case) -> Table {
    let calendar = &study.project.calendar;
    let late = case.ledger.iter().any(|it| it.known_at != it.held_at);
    let mut columns = vec![("change", "change"), ("held_at", "at")];
    if late {
        columns.push(("known_at", "known"));
    }
    let mut table = Table::new(&columns);
    let before = case.ledger.len().saturating_sub(CHANGES_SHOWN);
    for entry in &case.ledger[before..] {
        let mut row = vec![change(entry.change).into(), Cell::time(entry.held_at, calendar)];
        if late {
            row.push(Cell::time(entry.known_at, calendar));
        }
        table.push(row);
    }
    table
}
