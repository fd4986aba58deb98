//! `firsthand explain`: why somebody has qualified, or what is missing (P6).

use firsthand_model::{Calendar, Time};
use firsthand_rules::explain::{Conditions, Evidence, Explanation, Met, Part};
use firsthand_rules::timeline::Interval;
use firsthand_rules::world::Judged;
use serde_json::json;

use crate::args::Global;
use crate::exit::{Misuse, Status};
use crate::output::{Cell, Format, Output, Table, shown_time};
use crate::study::{Asked, Study};
use crate::values::Moment;

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
                        firsthand explain acme-bikes\n  \
                        firsthand explain acme-bikes outgrowing-free --at 2026-08-26")]
pub struct Args {
    /// An account or a person, by id
    #[arg(value_name = "SUBJECT")]
    subject: String,
    /// Which definition [default: all that have a track, in short]
    #[arg(value_name = "DEF")]
    definition: Option<String>,
    /// As of when: a date or an instant [default: the newest fact]
    #[arg(long, value_name = "TIME")]
    at: Option<Moment>,
}

pub fn run(args: &Args, global: &Global, output: Output) -> anyhow::Result<Status> {
    let study = Study::open(global.project.as_deref(), output)?;
    let named: Vec<String> = args.definition.iter().cloned().collect();
    let definitions = study.definitions(&named)?;
    let at = study.until(args.at.as_ref());
    let cases = cases(&study, &definitions, &args.subject, at)?;
    if output.format == Format::Json {
        output.text(&(serde_json::to_string_pretty(&to_json(&cases, at))? + "\n"))?;
    } else if args.definition.is_some() {
        cases.iter().try_for_each(|it| show(&study, it, at, output))?;
    } else {
        output.table(&in_short(&cases, &study.project.calendar))?;
    }
    Ok(Status::Done)
}

/// One definition, explained for one subject.
pub struct Case {
    judged: Judged,
    explanation: Explanation,
    intervals: Vec<Interval>,
}

/// Explains definitions for whoever has this id.
pub fn cases(
    study: &Study,
    definitions: &[Asked],
    id: &str,
    at: Time,
) -> anyhow::Result<Vec<Case>> {
    let found = study.replay(at).one(id)?;
    if found.is_empty() {
        let when = shown_time(at, &study.project.calendar);
        return Err(Misuse::new(format!("nothing was recorded of `{id}` by {when}"))
            .help("`firsthand accounts` lists all accounts.")
            .into());
    }
    let mut cases = Vec::new();
    for judged in &found {
        for asked in definitions.iter().filter(|it| it.kind == judged.subject.kind) {
            if let Some(explanation) = study.explain(&judged.stream, &asked.name) {
                let intervals = judged.timelines[asked.place].clone();
                cases.push(Case { judged: judged.clone(), explanation, intervals });
            }
        }
    }
    if cases.is_empty() {
        let kind = found[0].subject.kind;
        let message =
            format!("`{id}` is {} {kind}, and the definition judges others", article(kind.word()));
        return Err(Misuse::new(message).into());
    }
    Ok(cases)
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

/// Shows one case in full.
pub fn show(study: &Study, case: &Case, at: Time, output: Output) -> anyhow::Result<()> {
    let calendar = &study.project.calendar;
    let palette = output.palette();
    let Case { judged, explanation, intervals } = case;
    let holds = explanation.holds && judged.excluded.is_none();
    let state = state(case, calendar);
    let state = if holds { palette.good(&state) } else { state };
    output.say(&format!(
        "{} on {}: {state}, as of {}\n",
        palette.bold(&explanation.definition),
        palette.bold(&judged.subject.id),
        shown_time(at, calendar),
    ))?;
    output.table(&conditions(explanation))?;
    output.say("")?;
    if !holds {
        for evidence in explanation.when.missing() {
            output.say(&format!("Missing: {}", evidence.words))?;
        }
        if let Some(unless) = explanation.unless.as_ref().filter(|it| it.met() == Met::Met) {
            for evidence in unless.reasons() {
                output.say(&format!("Shut out: {}", evidence.words))?;
            }
        }
    }
    let past: Vec<String> = intervals.iter().map(|it| stretch(it, calendar)).collect();
    if past.len() > usize::from(holds) {
        output.say(&format!("Qualified {}.", past.join("; ")))?;
    }
    Ok(())
}

/// Whether it holds and since when, in a few words.
fn state(case: &Case, calendar: &Calendar) -> String {
    if let Some(exclusion) = &case.judged.excluded {
        return format!("excluded as {exclusion}");
    }
    match case.intervals.last() {
        Some(Interval { entered, left: None, .. }) => {
            format!("qualified since {}", shown_time(*entered, calendar))
        }
        Some(Interval { left: Some(left), .. }) => {
            format!("not qualified since {}", shown_time(*left, calendar))
        }
        None => "not qualified yet".to_owned(),
    }
}

fn stretch(interval: &Interval, calendar: &Calendar) -> String {
    let from = shown_time(interval.entered, calendar);
    interval.left.map_or_else(
        || format!("from {from} on"),
        |left| format!("from {from} to {}", shown_time(left, calendar)),
    )
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

/// A line for each definition: where it stands, and why.
pub fn in_short(cases: &[Case], calendar: &Calendar) -> Table {
    let columns =
        [("definition", "definition"), ("state", "state"), ("reasons", "why, or what is missing")];
    let mut table = Table::new(&columns);
    for case in cases {
        let when = &case.explanation.when;
        let evidence = if when.met() == Met::Met { when.reasons() } else { when.missing() };
        table.push([
            case.explanation.definition.as_str().into(),
            state(case, calendar).into(),
            Cell::List(evidence.iter().map(|it| it.words.clone()).collect()),
        ]);
    }
    table
}

fn to_json(cases: &[Case], at: Time) -> serde_json::Value {
    let one = |case: &Case| {
        let timeline = case.intervals.iter().map(|it| {
            json!({
                "entered": it.entered.to_string(),
                "left": it.left.map(|it| it.to_string()),
                "known_at": it.known_at.to_string(),
            })
        });
        json!({
            "subject": case.judged.subject.id,
            "kind": case.judged.subject.kind,
            "at": at.to_string(),
            "excluded": case.judged.excluded,
            "timeline": timeline.collect::<Vec<_>>(),
            "explanation": case.explanation,
            "missing": case.explanation.when.missing(),
        })
    };
    cases.iter().map(one).collect()
}
