//! Tells what was found, what a person should look at, and what comes next.

use std::path::Path;

use firsthand_lab::propose::{Proposal, say};

use crate::output::Output;

use super::from::Files;
use super::read::Reading;

/// What there is to tell.
pub struct Told<'t> {
    /// Where the project is.
    pub dir: &'t Path,
    /// What it was proposed from, in words.
    pub from: &'t str,
    /// What was proposed.
    pub proposal: &'t Proposal,
    /// What was written.
    pub files: &'t Files,
    /// What was read.
    pub reading: &'t Reading,
}

/// Tells all of it.
pub fn tell(told: &Told<'_>, output: Output) -> anyhow::Result<()> {
    let palette = output.palette();
    let dir = palette.bold(&told.dir.display().to_string());
    output.say(&format!("A project in {dir}, proposed from {}:\n", told.from))?;
    let definitions = &told.files.definitions;
    let paths = definitions.iter().map(|it| it.path.as_str()).chain(["firsthand.yaml"]);
    let width = paths.map(str::len).max().unwrap_or(0);
    let line =
        |path: &str, words: &str| output.paragraph(&format!("  {path:width$}  "), words, width + 4);
    line("firsthand.yaml", &settings(told.proposal))?;
    for it in definitions {
        line(&it.path, &it.held)?;
    }
    let unsure = unsure(told);
    if !unsure.is_empty() {
        output.heading("What the data does not tell")?;
        for words in unsure {
            output.paragraph("  - ", &words, 4)?;
        }
    }
    output.say("\nNext: read the files, change what you know better, then\n")?;
    for command in next(told) {
        output.say(&format!("  {command}"))?;
    }
    Ok(())
}

/// What is in the settings, in a line.
fn settings(proposal: &Proposal) -> String {
    let limits: usize = proposal.meters.iter().map(|it| it.limits.len()).sum();
    let counts = [
        (proposal.groups.core.len(), "core event"),
        (proposal.groups.marketing.len(), "marketing event"),
        (proposal.plans.len(), "plan"),
        (proposal.meters.len(), "meter"),
        (limits, "limit"),
        (proposal.outcomes.len(), "outcome"),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let words: Vec<String> =
        counts.map(|(count, what)| say::counted(*count as u64, what)).collect();
    words.join(", ")
}

fn unsure(told: &Told<'_>) -> Vec<String> {
    let mut unsure = told.proposal.unsure.clone();
    for file in told.reading.files.iter().filter(|it| it.guessed) {
        if let Some((name, mapping)) = &file.mapping {
            let rows = mapping.event_name.as_ref();
            let rows =
                rows.map_or_else(String::new, |it| format!(", and so were its rows: `{it}`"));
            unsure.push(format!(
                "`{}` has a shape that is not known. Which column is what was guessed{rows}; see \
                 `import: {name}`.",
                file.file
            ));
        }
    }
    if told.reading.rejects > 0 {
        unsure.push(format!(
            "{} could not be read; `firsthand import` says which and why.",
            say::counted(told.reading.rejects, "record")
        ));
    }
    if told.files.definitions.iter().all(|it| it.held.starts_with("held for 0 ")) {
        unsure.push("None of the definitions that were tried held for anybody.".to_owned());
    }
    unsure
}

/// The commands that come next, to be run from here.
fn next(told: &Told<'_>) -> Vec<String> {
    let here = told.dir == Path::new(".");
    let project = if here {
        String::new()
    } else {
        format!(" --project {}", shell(&told.dir.display().to_string()))
    };
    let mut commands = Vec::new();
    let known: Vec<String> = told
        .reading
        .files
        .iter()
        .filter(|it| it.mapping.is_none())
        .map(|it| shell(&it.file))
        .collect();
    if !known.is_empty() {
        commands.push(format!("firsthand import {}{project}", known.join(" ")));
    }
    for file in &told.reading.files {
        if let Some((name, _)) = &file.mapping {
            commands.push(format!("firsthand import {} --as {name}{project}", shell(&file.file)));
        }
    }
    commands.push(format!("firsthand check{project}"));
    commands.push(format!("firsthand replay{project}"));
    commands.extend(backtest(told.proposal).map(|it| format!("firsthand {it}{project}")));
    commands
}

/// The backtest, where there is an outcome of the subjects that definitions judge; named, where
/// there are several.
fn backtest(proposal: &Proposal) -> Option<String> {
    let subject = proposal.drafts.first()?.subject;
    let mut outcomes = proposal.outcomes.iter().filter(|it| it.subject == subject);
    let first = outcomes.next()?;
    Some(match outcomes.next() {
        Some(_) => format!("replay --backtest --outcome {}", first.name),
        None => "replay --backtest".to_owned(),
    })
}

/// A word of the command line, in quotes where the shell needs them.
fn shell(word: &str) -> String {
    let plain = word.chars().all(|it| it.is_ascii_alphanumeric() || "_-.,:=/".contains(it));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}
