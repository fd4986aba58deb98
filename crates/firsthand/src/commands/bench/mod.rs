//! `firsthand bench`: how fast it is here, beside yardsticks that are run in the same minutes.
//!
//! What is measured runs in processes of its own ([`task`]), so that each has its memory to
//! itself; [`replaying`], [`importing`], [`simulating`], [`live`],
//! [`delivering`] and [`paging`] say what, [`report`] makes the table.

mod child;
mod company;
mod delivering;
mod entries;
mod importing;
mod live;
mod machine;
mod paging;
mod receiver;
mod replaying;
mod report;
mod server;
mod simulating;
mod starting;
mod task;
mod yardstick;

use std::path::PathBuf;

use clap::ValueEnum;

use super::simulate::count;
use crate::exit::Status;
use crate::output::Output;

use company::Place;
use machine::Machine;
use report::Report;
use task::Task;

/// Arguments of `bench`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The company is simulated and the same for everybody. Of several runs the best counts; the files are in memory
then. Where DuckDB (`duckdb`) or ClickHouse (`chdb`) is installed for `python3`, or for the Python that
FIRSTHAND_PYTHON names, the best SQL that we know for the same question is timed over the same files, on as many
threads, and must find the same entries.

Exit status: 1 if entries or bytes differ that must be the same; with --strict also if a target is missed.

Examples:
  firsthand bench --events 1M
  firsthand bench replay --events 10M --keep bench --runs 5 --json")]
pub struct Args {
    /// What to measure: replay, import, simulate, live, deliver, pages, or all
    #[arg(value_name = "WHAT", default_value = "all", hide_possible_values = true)]
    what: What,
    /// How many events, such as 100k or 10M
    #[arg(long, value_name = "COUNT", default_value = "10M", value_parser = count)]
    events: u64,
    /// Keep what is made in this folder, and use it again the next time [default: a temporary one]
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// How often each replay and each query is run
    #[arg(long, value_name = "COUNT", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=1000))]
    runs: u16,
    /// How many threads, ours and theirs
    #[arg(long, value_name = "COUNT", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: u16,
    /// Exit with status 1 if a target is missed
    #[arg(long)]
    strict: bool,
    /// Do one task in this process: how the command calls itself
    #[arg(long, value_name = "JSON", hide = true)]
    task: Option<String>,
}

/// What to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    Replay,
    Import,
    Simulate,
    Live,
    Deliver,
    Pages,
    All,
}

/// How much, on how many threads, how often.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    events: u64,
    threads: usize,
    runs: usize,
}

pub fn run(args: &Args, output: Output) -> anyhow::Result<Status> {
    if let Some(task) = &args.task {
        serde_json::from_str::<Task>(task)?.run(output)?;
        return Ok(Status::Done);
    }
    let sizes = Sizes { events: args.events, threads: args.threads.into(), runs: args.runs.into() };
    if cfg!(debug_assertions) {
        output.note("this build is made for finding mistakes; only a release build is quick");
    }
    let place = Place::new(args.keep.as_deref())?;
    let mut report = Report::default();
    let asked = |what| args.what == What::All || args.what == what;
    if asked(What::Replay) {
        replaying::measure(&place, sizes, &mut report, output)?;
    }
    if asked(What::Import) {
        importing::measure(&place, sizes, &mut report, output)?;
    }
    if asked(What::Simulate) {
        simulating::measure(sizes, &mut report, output)?;
    }
    if asked(What::Live) {
        live::measure(&place, &mut report, output)?;
        starting::measure(&place, sizes, &mut report, output)?;
    }
    if asked(What::Deliver) {
        delivering::measure(&place, sizes.runs, &mut report, output)?;
    }
    if asked(What::Pages) {
        paging::measure(&place, sizes, &mut report, output)?;
    }
    report.show(&Machine::this(), sizes.threads, output)?;
    let bad = report.differs() || args.strict && report.misses();
    Ok(if bad { Status::Problems } else { Status::Done })
}
