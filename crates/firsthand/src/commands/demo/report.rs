//! The demo's report: the simulated company of a fixed year on the terminal, the same on every machine.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::slice;
use std::sync::Arc;

use anyhow::Context;
use firsthand_collect::{Import, Input, write_fact};
use firsthand_history::History;
use firsthand_model::config::Track;
use firsthand_model::{Date, Span, Text};
use firsthand_simulate::{CAST, NEIGHBOUR, PROJECT, QUALIFIED, SOURCE};

use super::company;
use crate::clock;
use crate::commands::import::{Rejects, take_in};
use crate::commands::init::write_new;
use crate::commands::replay::entries::Entries;
use crate::commands::replay::qualification;
use crate::commands::replay::{BacktestArgs, backtest, leads};
use crate::commands::{check, explain};
use crate::exit::Status;
use crate::output::{Output, counted};
use crate::project::Folder;
use crate::study::Study;

/// The recorded year, inside the folder.
const EVENTS: &str = "events.ndjson";

/// Firms beside those that are written out.
const FIRMS: u64 = 300;
/// A Monday: 2025-09-01; and 52 weeks.
const FIRST_DAY: Date = Date(20_332);
const DAYS: i64 = 364;

/// Leads shown of each track.
const LEADS_SHOWN: usize = 3;
/// The definition whose two neighbours are explained.
const EXPLAINED: &str = "outgrowing-free";

/// Makes the project in a folder, and tells of it.
pub fn run(named: Option<&Path>, output: Output) -> anyhow::Result<Status> {
    let temporary = match named {
        Some(_) => None,
        None => Some(tempfile::tempdir().context("no temporary folder can be made")?),
    };
    let dir = named.or(temporary.as_ref().map(tempfile::TempDir::path));
    let dir = dir.expect("a folder was given, or made");
    write_new(dir, PROJECT)?;
    write_events(&dir.join(EVENTS))?;

    let folder = Folder::find(Some(dir))?;
    let project = folder.sound_project(output)?;
    let mut history = History::create(folder.history(), &project.identity, 0)?;
    let inputs = vec![Input::File(dir.join(EVENTS))];
    let import = Import::new(inputs, SOURCE.into(), &project.calendar, clock::now());
    let mut rejects = Rejects::new(folder.rejects());
    let (read, _) = take_in(import, &mut history, &project, &mut rejects)?;
    output.say(&format!(
        "{} sells e-mail marketing, free up to 10,000 contacts. Its year: {} of {}, {} to {}.",
        output.palette().bold(&project.name),
        counted(read.facts, "fact"),
        counted(FIRMS + CAST as u64, "firm"),
        project.calendar.date(read.first.unwrap_or_default()),
        project.calendar.date(read.last.unwrap_or_default()),
    ))?;
    check::run_in(&folder, output)?;
    tell(&Study::new(project, Arc::new(history), output)?, output)?;
    let next = match named {
        Some(dir) => format!(
            "The project is in {0}: change its definitions, then\n\n  cd {0}\n  firsthand check\n  \
             firsthand replay --holding",
            dir.display()
        ),
        None => "To keep the project and play with it: firsthand demo postbox --report".to_owned(),
    };
    output.say(&format!("\n{next}"))?;
    Ok(Status::Done)
}

/// Leads with reasons, figures, and two explanations.
fn tell(study: &Study, output: Output) -> anyhow::Result<()> {
    let until = study.until(None);
    let definitions = study.definitions(&[])?;
    let mut holding = Entries::of(study, &definitions, until)?;
    holding.retain(true, |_| true);
    let mut leads = holding.newest(holding.len());
    qualification::look_up(study, &definitions, &mut leads, until)?;
    qualification::order(&mut leads);
    qualification::tell(study, &mut leads, until)?;
    for (title, track) in [
        ("Product-qualified leads", Track::Product),
        ("Marketing-qualified leads", Track::Marketing),
        ("Paying accounts that outgrow their plan", Track::Expansion),
    ] {
        let of_track = |name: &Text| study.project.definitions[name].track == track;
        let (these, others): (Vec<_>, Vec<_>) =
            leads.into_iter().partition(|it| of_track(&it.definition));
        leads = others;
        output.heading(&format!("{title}: {} now", these.len()))?;
        leads::show(study, &these[..these.len().min(LEADS_SHOWN)], 0, output)?;
    }

    output.heading("Was it right? Each definition against what happened within four weeks")?;
    let mut figures = Vec::new();
    for definition in &definitions {
        let expands = study.project.definitions[&definition.name].track == Track::Expansion;
        let question = BacktestArgs {
            outcome: Some(if expands { "upgraded" } else { "paid" }.to_owned()),
            within: Some(Span::WEEK.times(4)),
            ..BacktestArgs::default()
        };
        figures.extend(backtest::backtests(study, slice::from_ref(definition), &question, until)?);
    }
    output.table(&backtest::overview(&figures))?;

    output.heading("Why one qualifies, and its neighbour does not")?;
    let asked = study.definitions(&[EXPLAINED.to_owned()])?;
    let qualified = explain::cases(study, &asked, QUALIFIED, until)?;
    let neighbour = explain::cases(study, &asked, NEIGHBOUR, until)?;
    explain::show_all(study, qualified.iter().chain(&neighbour), until, output)?;
    Ok(())
}

fn write_events(path: &Path) -> anyhow::Result<()> {
    let problem = || format!("`{}` cannot be written", path.display());
    let mut file = BufWriter::new(File::create(path).with_context(problem)?);
    company::facts(FIRMS, FIRST_DAY, DAYS)
        .iter()
        .try_for_each(|fact| write_fact(&mut file, fact))
        .with_context(problem)?;
    file.flush().with_context(problem)
}
