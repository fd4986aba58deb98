//! `firsthand replay`: who would have qualified, and when; against outcomes with `--backtest`.

pub mod backtest;
pub mod leads;

use std::path::PathBuf;

use firsthand_lab::Dates;
use firsthand_model::config::Track;
use firsthand_model::{Date, Span, Text, Time};
use firsthand_rules::explain::{Explanation, Met};
use firsthand_rules::timeline::{Interval, Subject};
use firsthand_rules::world::Judged;

use crate::args::Global;
use crate::exit::Status;
use crate::output::{Cell, Output, Table};
use crate::study::{Asked, Study};
use crate::values::{self, Moment};

/// Arguments of `replay`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
                        firsthand replay\n  \
                        firsthand replay outgrowing-free --holding\n  \
                        firsthand replay outgrowing-free --backtest --outcome paid --within 28d\n  \
                        firsthand replay outgrowing-free --backtest --against old/outgrowing-free.yaml")]
pub struct Args {
    /// Which definitions [default: all that have a track]
    #[arg(value_name = "DEF")]
    definitions: Vec<String>,
    /// How far: a date or an instant [default: the newest fact]
    #[arg(long, value_name = "TIME")]
    until: Option<Moment>,
    /// Only these accounts or persons
    #[arg(long, value_name = "ID")]
    subject: Vec<String>,
    /// Only who qualifies at the end
    #[arg(long)]
    holding: bool,
    /// Show at most so many rows
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    #[command(flatten)]
    backtest: BacktestArgs,
}

/// What the replay is held against.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Backtest")]
pub struct BacktestArgs {
    /// Hold each definition against what happened afterwards
    #[arg(long)]
    pub backtest: bool,
    /// What counts as success [default: the project's only outcome]
    #[arg(long, value_name = "NAME", requires = "backtest")]
    pub outcome: Option<String>,
    /// How soon after the qualification it must come [default: 14d]
    #[arg(long, value_name = "LENGTH", requires = "backtest", value_parser = values::length)]
    pub within: Option<Span>,
    /// Only who began within these dates, both included
    #[arg(long, value_name = "FROM..TO", requires = "backtest")]
    pub cohort: Option<Dates>,
    /// Figures also for before this date and from it on
    #[arg(long, value_name = "DATE", requires = "backtest")]
    pub split: Option<Date>,
    /// Compare with another version of the definition: a file, or a project folder
    #[arg(long, value_name = "PATH", requires = "backtest")]
    pub against: Option<PathBuf>,
    /// List each qualification with what became of it
    #[arg(long, requires = "backtest")]
    pub each: bool,
}

pub fn run(args: &Args, global: &Global, output: Output) -> anyhow::Result<Status> {
    let study = Study::open(global.project.as_deref(), output)?;
    let definitions = study.definitions(&args.definitions)?;
    let until = study.until(args.until.as_ref());
    if args.backtest.backtest {
        return backtest::run(&study, &definitions, &args.backtest, until, output);
    }
    let mut qualifications = qualifications(&study, &definitions, until)?;
    qualifications.retain(|it| {
        let named = args.subject.is_empty() || args.subject.iter().any(|id| it.subject.id == *id);
        named && !(args.holding && it.interval.left.is_some())
    });
    let rows_max = output.rows_max(args.limit);
    if args.holding && output.for_people() {
        leads::show(&study, &qualifications, rows_max, output)?;
    } else {
        output.table(&table(&qualifications, &study, rows_max, output))?;
    }
    Ok(Status::Done)
}

/// One qualification of one subject.
pub struct Qualification {
    /// Which definition.
    pub definition: Text,
    /// Who.
    pub subject: Subject,
    /// When.
    pub interval: Interval,
    /// Why it holds, where it still does.
    pub reasons: Vec<String>,
}

/// Every qualification up to an instant, newest first; excluded subjects have none.
pub fn qualifications(
    study: &Study,
    definitions: &[Asked],
    until: Time,
) -> anyhow::Result<Vec<Qualification>> {
    let of_subject = |judged: &Judged| {
        let subject = &judged.subject;
        let asked = definitions.iter().filter(|it| it.kind == subject.kind);
        let found = asked.flat_map(|it| {
            judged.timelines[it.place].iter().map(|interval| Qualification {
                definition: it.name.clone(),
                subject: subject.clone(),
                interval: interval.clone(),
                reasons: match interval.left {
                    None => reasons(study, judged, &it.name),
                    Some(_) => Vec::new(),
                },
            })
        });
        judged.excluded.is_none().then(|| found.collect::<Vec<_>>())
    };
    let found = study.replay(until).everybody(of_subject)?;
    let mut all: Vec<Qualification> = found.kept.into_iter().flatten().collect();
    all.sort_by(|a, b| {
        let newest_first = b.interval.entered.cmp(&a.interval.entered);
        newest_first.then_with(|| (&a.definition, &a.subject).cmp(&(&b.definition, &b.subject)))
    });
    Ok(all)
}

/// Why a definition holds for a subject at the end.
fn reasons(study: &Study, judged: &Judged, definition: &str) -> Vec<String> {
    let Some(Explanation { when, stay, .. }) = study.explain(&judged.stream, definition) else {
        return Vec::new();
    };
    let met = [Some(when), stay].into_iter().flatten().find(|it| it.met() == Met::Met);
    let reasons = met.iter().flat_map(|it| it.reasons());
    reasons.map(|it| it.words.clone()).collect()
}

fn table(
    qualifications: &[Qualification],
    study: &Study,
    rows_max: usize,
    output: Output,
) -> Table {
    let mut columns = vec![
        ("definition", "definition"),
        ("track", "track"),
        ("kind", "kind"),
        ("subject", "subject"),
        ("entered", "entered"),
        ("left", "left"),
    ];
    // In a terminal the reasons would crowd out the rest; `--holding` gives them a line each.
    let reasons = !output.for_people();
    let known_late = qualifications.iter().any(|it| it.interval.known_at != it.interval.entered);
    let known = known_late || !output.for_people();
    if known {
        columns.push(("known_at", "known"));
    }
    if reasons {
        columns.push(("reasons", "why"));
    }
    let mut table = Table::new(&columns);
    let calendar = &study.project.calendar;
    for it in qualifications.iter().take(rows_max) {
        let mut row = vec![
            it.definition.as_str().into(),
            track(study.project.definitions[&it.definition].track).into(),
            it.subject.kind.word().into(),
            it.subject.id.as_str().into(),
            Cell::time(it.interval.entered, calendar),
            Cell::maybe_time(it.interval.left, calendar),
        ];
        if known {
            row.push(Cell::time(it.interval.known_at, calendar));
        }
        if reasons {
            row.push(Cell::List(it.reasons.clone()));
        }
        table.push(row);
    }
    table.left_out(qualifications.len().saturating_sub(rows_max) as u64);
    table
}

fn track(track: Track) -> &'static str {
    match track {
        Track::Product => "product",
        Track::Marketing => "marketing",
        Track::Expansion => "expansion",
        Track::None => "none",
    }
}
