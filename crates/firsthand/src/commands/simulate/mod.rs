//! `firsthand simulate`: a company whose hidden truth is known, at any size.

mod bar;
mod numbers;
mod target;
mod truth;

use std::path::PathBuf;

use anyhow::Context;
use firsthand_model::Date;
use firsthand_simulate::{DAYS_MAX, DAYS_MIN, Mess, Options, PROJECT, Share, Size, World};

use super::init::write_new;
use crate::exit::{Misuse, Status};
use crate::output::{Output, counted};

pub use numbers::count;
use target::Shape;

/// Arguments of `simulate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The company is Postbox, which sells e-mail marketing. What really makes its customers buy is planted, and is
written beside the data (NAME.truth.json, NAME.truth.ndjson; truth.json and truth.ndjson in a project). Nothing
of Firsthand reads it: it is there to be compared with.

The same options give the same bytes, on every machine and for any number of threads.

Examples:
  firsthand simulate --events 1M --into postbox && cd postbox && firsthand replay --backtest
  firsthand simulate --events 10M --seed 7 events.ndjson.zst
  firsthand simulate --events 10k --shape segment --messy - | firsthand import -")]
pub struct Args {
    /// Where the events go; `.gz` and `.zst` are compressed, `-` is standard output
    #[arg(value_name = "FILE", required_unless_present = "into", conflicts_with = "into")]
    file: Option<String>,
    /// Make a project in this folder, with the events in its history
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
    /// Write the project's files into this folder, ready to import FILE
    #[arg(long, value_name = "DIR", conflicts_with = "into")]
    with_project: Option<PathBuf>,
    /// What FILE looks like: ours, or the export of another tool [default: csv for `.csv`, else own]
    #[arg(long, value_name = "SHAPE", conflicts_with = "into")]
    shape: Option<Shape>,

    /// How many events, such as 10k, 10M or 1B; reached to within a few percent
    #[arg(long, value_name = "COUNT", default_value = "100k", value_parser = numbers::count,
          help_heading = "How much")]
    events: u64,
    /// How many companies, instead of how many events
    #[arg(long, value_name = "COUNT", value_parser = numbers::count, conflicts_with = "events",
          help_heading = "How much")]
    companies: Option<u64>,
    /// Which of all worlds
    #[arg(long, value_name = "NUMBER", default_value_t = 1, help_heading = "How much")]
    seed: u64,
    /// The first day
    #[arg(long, value_name = "DATE", default_value = "2025-09-01", value_parser = numbers::date,
          help_heading = "How much")]
    from: Date,
    /// How many days, from 28 to 3660
    #[arg(long, value_name = "COUNT", default_value_t = 365, help_heading = "How much",
          value_parser = clap::value_parser!(i64).range(DAYS_MIN..=DAYS_MAX))]
    days: i64,
    /// How many threads [default: one a core]
    #[arg(long, value_name = "COUNT", help_heading = "How much")]
    threads: Option<usize>,

    /// Some of everything: --late 5% --repeated 1% --clocks 0.5% --junk 0.5% --shuffled
    #[arg(long, help_heading = "What goes wrong")]
    messy: bool,
    /// Share of the facts that arrive late, by ten minutes up to sixty days
    #[arg(long, value_name = "SHARE", help_heading = "What goes wrong")]
    late: Option<Share>,
    /// Share of the facts that arrive twice
    #[arg(long, value_name = "SHARE", help_heading = "What goes wrong")]
    repeated: Option<Share>,
    /// Share of the events whose clock is wrong, by up to a month
    #[arg(long, value_name = "SHARE", help_heading = "What goes wrong")]
    clocks: Option<Share>,
    /// Share of the events whose person is `null`, `guest` or the like
    #[arg(long, value_name = "SHARE", help_heading = "What goes wrong")]
    junk: Option<Share>,
    /// The facts of a company come in any order
    #[arg(long, help_heading = "What goes wrong")]
    shuffled: bool,
}

pub fn run(args: &Args, output: Output) -> anyhow::Result<Status> {
    let world = World::new(args.options());
    let work = || match (&args.into, args.file.as_deref()) {
        (Some(dir), _) => target::into_project(&world, dir, output),
        (None, Some(file)) => {
            if let Some(dir) = &args.with_project {
                write_new(dir, PROJECT)?;
            }
            let shape = args.shape.unwrap_or_else(|| Shape::of_name(file));
            target::to_file(&world, file, shape)
        }
        (None, None) => Err(Misuse::new("neither a file nor a folder was named").into()),
    };
    let totals = match args.threads {
        None => work(),
        Some(threads) => {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.context("so many threads cannot be started")?.install(work)
        }
    }?;
    output.note(&format!(
        "{} in {} of {}, {} in all",
        counted(totals.events, "event"),
        counted(totals.accounts, "account"),
        counted(totals.companies, "firm"),
        counted(totals.facts, "fact"),
    ));
    Ok(Status::Done)
}

impl Args {
    fn options(&self) -> Options {
        let mess = if self.messy { Mess::MESSY } else { Mess::default() };
        Options {
            seed: self.seed,
            size: self.companies.map_or(Size::Events(self.events), Size::Companies),
            first_day: self.from,
            days: self.days,
            mess: Mess {
                late: self.late.unwrap_or(mess.late),
                repeated: self.repeated.unwrap_or(mess.repeated),
                clocks: self.clocks.unwrap_or(mess.clocks),
                junk: self.junk.unwrap_or(mess.junk),
                shuffled: self.shuffled || mess.shuffled,
            },
        }
    }
}
