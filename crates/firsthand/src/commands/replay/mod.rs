//! `firsthand replay`: who would have qualified, and when; against outcomes with `--backtest`.

mod against;
pub mod backtest;
pub mod entries;
pub mod leads;
pub mod qualification;

use firsthand_lab::Dates;
use firsthand_model::config::Track;
use firsthand_model::{Date, Span};
use firsthand_rules::timeline::Subject;

use crate::args::Global;
use crate::exit::Status;
use crate::output::{Cell, Output, Table};
use crate::set::Set;
use crate::study::{Asked, Study};
use crate::values::{self, Moment};

use against::Other;
use entries::Entries;
use qualification::Qualification;

/// Arguments of `replay`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
                        firsthand replay\n  \
                        firsthand replay outgrowing-free --holding\n  \
                        firsthand replay outgrowing-free --set 'people(core, last 7d) >= 4'\n  \
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
    set: Set,
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
    /// Compare with another version: a definition of the project, a file, or a project folder
    #[arg(long, value_name = "OTHER", requires = "backtest", conflicts_with = "set")]
    pub against: Option<String>,
    /// List each qualification with what became of it, and all who enter and leave
    #[arg(long, requires = "backtest")]
    pub each: bool,
}

pub fn run(args: &Args, global: &Global, output: Output) -> anyhow::Result<Status> {
    let published = Study::open(global.project.as_deref(), output)?;
    let asked = published.definitions(&args.definitions)?;
    let changed = args.set.on(&published, &asked, output)?;
    let study = changed.as_ref().unwrap_or(&published);
    let definitions = study.definitions(&args.definitions)?;
    let until = study.until(args.until.as_ref());
    if args.backtest.backtest {
        let definitions = match args.definitions[..] {
            [] => backtest::with_outcome(study, reached(definitions, &asked), output),
            _ => definitions,
        };
        let other = match (&changed, &args.backtest.against) {
            (Some(_), _) => Some(Other::Published(&published)),
            (None, other) => other.as_deref().map(Other::Named),
        };
        return backtest::run(study, &definitions, &args.backtest, other, until, output);
    }
    let mut found = Entries::of(study, &definitions, until)?;
    let named =
        |it: &Subject| args.subject.is_empty() || args.subject.iter().any(|id| it.id == *id);
    found.retain(args.holding, named);
    let rows_max = output.rows_max(args.limit);
    // Of the table people see no reasons; programs get them, wherever a lead is open.
    let with_reasons = args.holding || !output.for_people();
    let by_score = args.holding && definitions.iter().any(Asked::has_score);
    let mut shown = found.newest(if by_score { found.len() } else { rows_max });
    if with_reasons {
        qualification::look_up(study, &definitions, &mut shown, until)?;
        if by_score {
            qualification::order(&mut shown);
            shown.truncate(rows_max);
        }
        qualification::tell(study, &mut shown, until)?;
    }
    if args.holding && output.for_people() {
        leads::show(study, &shown, found.len() - shown.len(), output)?;
    } else {
        output.table(&table(&shown, &found, study, output))?;
    }
    Ok(Status::Done)
}

/// Those that are another version than the published one, if any are: the others would be held
/// against themselves.
fn reached(definitions: Vec<Asked>, published: &[Asked]) -> Vec<Asked> {
    let is_new = |it: &Asked| published.iter().all(|old| old.version != it.version);
    if !definitions.iter().any(is_new) {
        return definitions;
    }
    definitions.into_iter().filter(is_new).collect()
}

fn table(shown: &[Qualification], found: &Entries, study: &Study, output: Output) -> Table {
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
    let known = found.any_known_late() || !output.for_people();
    if known {
        columns.push(("known_at", "known"));
    }
    if reasons {
        columns.insert(4, ("account", "account"));
        columns.extend([("score", "score"), ("headline", "headline"), ("reasons", "why")]);
    }
    let mut table = Table::new(&columns);
    let calendar = &study.project.calendar;
    for it in shown {
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
            row.insert(4, it.account.as_str().into());
            let lead = it.lead.as_ref();
            row.push(lead.and_then(|it| it.score).map_or(Cell::Empty, Cell::Number));
            row.push(lead.and_then(|it| it.headline.clone()).into());
            row.push(Cell::List(lead.map(|it| it.reasons.clone()).unwrap_or_default()));
        }
        table.push(row);
    }
    table.left_out((found.len() - shown.len()) as u64);
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
