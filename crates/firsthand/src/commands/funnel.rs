//! `firsthand funnel`: how accounts go from stage to stage, and whether those that were found buy
//! more often than others.

use firsthand_lab::lifecycle::{By, Question, WINDOW_DEFAULT, lifecycle};
use firsthand_lab::{Dates, Lifecycle, holdout, holdouts, report};
use firsthand_model::play::Exposure;
use firsthand_model::{Span, Text};
use firsthand_store::{PAGE_ROWS_MAX, PageRequest, PlayFilter, Plays, SqliteStore, StoreError};

use super::replay::backtest::written;
use crate::args::Global;
use crate::exit::{Misuse, Status};
use crate::judgements::Judgements;
use crate::output::{Format, Output, counted};
use crate::project::Folder;
use crate::serve::running::open_store;
use crate::study::Study;
use crate::values::{self, Moment};

/// Arguments of `funnel`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A share counts only accounts that could be watched for the whole window; the others \
                        are told beside it. Intervals hold the true figure in 95 of 100 samples.\n\n\
                        Examples:\n  \
                        firsthand funnel\n  \
                        firsthand funnel --segment enterprise --outcome paid --within 90d\n  \
                        firsthand funnel --cohort 2026-01-01..2026-03-31 --by found --csv\n  \
                        firsthand funnel --holdouts"
)]
pub struct Args {
    /// Only accounts of these dates, both included
    #[arg(long, value_name = "FROM..TO")]
    cohort: Option<Dates>,
    /// Which date of an account that is: began, or found (by product or marketing)
    #[arg(
        long,
        value_name = "DATE",
        default_value = "began",
        value_parser = by,
        hide_possible_values = true
    )]
    by: By,
    /// Only accounts that were in this segment on their first day
    #[arg(long, value_name = "DEF")]
    segment: Option<Text>,
    /// What counts as success [default: any outcome of accounts]
    #[arg(long, value_name = "NAME")]
    outcome: Option<Text>,
    /// How soon it must come [default: 60d]
    #[arg(long, value_name = "LENGTH", value_parser = values::length)]
    within: Option<Span>,
    /// How far: a date or an instant [default: the newest fact]
    #[arg(long, value_name = "TIME")]
    until: Option<Moment>,
    /// What outreach caused: accounts that were told against those held out
    #[arg(long, conflicts_with_all = ["cohort", "by", "segment"])]
    holdouts: bool,
}

fn by(text: &str) -> Result<By, &'static str> {
    By::from_word(text).ok_or("write `began` or `found`")
}

pub fn run(args: &Args, global: &Global, output: Output) -> anyhow::Result<Status> {
    let folder = Folder::find(global.project.as_deref())?;
    let study = Study::open(global.project.as_deref(), output)?;
    let until = study.until(args.until.as_ref());
    let lives = Judgements::of(&study, &study.all_definitions()?, until)?.lives(&study)?;
    let question = Question {
        cohort: args.cohort,
        by: args.by,
        segment: args.segment.clone(),
        outcome: args.outcome.clone(),
        within: args.within.unwrap_or(WINDOW_DEFAULT),
    };
    // Also of holdouts an outcome that there is not is refused.
    let report = lifecycle(&lives, &question)
        .map_err(|error| Misuse::new(error.to_string()).help(error.help()))?;
    if !args.holdouts {
        show(&report, output)?;
        return Ok(Status::Done);
    }
    if !folder.store().exists() {
        return Err(Misuse::new("nothing was held out here: no server has run on this project")
            .help("Plays are carried out by `firsthand serve`; holdouts begin with it.")
            .into());
    }
    let mut exposures = exposures(&open_store(&folder.store())?)?;
    // What was assigned later than somebody asks about has not been so yet.
    exposures.retain(|it| args.until.is_none() || it.at <= until);
    let question = holdout::Question { outcome: question.outcome, within: question.within };
    show_holdouts(&holdouts(&lives, &exposures, &question), output)?;
    Ok(Status::Done)
}

/// All assignments that are written down.
pub fn exposures(store: &SqliteStore) -> Result<Vec<Exposure>, StoreError> {
    let mut all = Vec::new();
    let mut page = PageRequest::first(PAGE_ROWS_MAX);
    loop {
        let found = store.exposures(&PlayFilter::default(), None, &page)?;
        all.extend(found.rows);
        match found.next {
            Some(cursor) => page = PageRequest::after(cursor, PAGE_ROWS_MAX),
            None => return Ok(all),
        }
    }
}

fn show(report: &Lifecycle, output: Output) -> anyhow::Result<()> {
    match output.format {
        Format::Json => return output.text(&(serde_json::to_string_pretty(report)? + "\n")),
        Format::Csv => return output.table(&written(report::lifecycle_csv(report))),
        Format::People => {}
    }
    let Question { outcome, within, .. } = &report.question;
    let what = outcome.as_deref().map_or("any outcome".to_owned(), |it| format!("`{it}`"));
    output.heading(&format!("Who was found, and who bought: {what} within {within}"))?;
    output.table(&written(report::lifecycle_groups(report)))?;
    output.heading("Against each other")?;
    output.table(&written(report::lifecycle_contrasts(report)))?;
    output.heading("From stage to stage")?;
    output.table(&written(report::lifecycle_steps(report)))?;
    output.heading(match report.question.by {
        By::Began => "By the month in which they began",
        By::Found => "By the month in which they were found",
    })?;
    output.table(&written(report::lifecycle_months(report)))?;
    output.say("")?;
    let absent = report.left_out;
    for (count, why) in [
        (absent.excluded, "excluded by the project"),
        (absent.visitors, "visitors who never signed up"),
        (absent.older, "from before the recorded history: only those who lasted are known"),
    ] {
        if count > 0 {
            let line = format!("- Left out everywhere: {}, {why}.", counted(count, "account"));
            output.paragraph("", &line, 2)?;
        }
    }
    report.notes.iter().try_for_each(|it| output.paragraph("", &format!("- {it}"), 2))
}

fn show_holdouts(report: &firsthand_lab::Holdouts, output: Output) -> anyhow::Result<()> {
    match output.format {
        Format::Json => return output.text(&(serde_json::to_string_pretty(report)? + "\n")),
        Format::Csv => return output.table(&written(report::holdouts_csv(report))),
        Format::People => {}
    }
    if report.tracks.is_empty() {
        return output.say("No account was assigned to a play yet.");
    }
    output.table(&written(report::holdouts(report)))?;
    if report.tracks.iter().any(|it| it.share_changed) {
        output.say("")?;
        let note = "- The share held out was changed in between: earlier and later accounts are not \
                    mixed alike in both arms.";
        output.paragraph("", note, 2)?;
    }
    Ok(())
}
