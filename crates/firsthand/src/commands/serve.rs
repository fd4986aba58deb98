//! `firsthand serve`: takes events from clients, decides, and keeps ledger and leads.

use std::net::SocketAddr;
use std::sync::Arc;

use clap::ValueEnum;
use firsthand_web::log;

use crate::args::Global;
use crate::clock;
use crate::exit::Status;
use crate::output::Output;
use crate::project::Folder;
use crate::serve::running::Running;

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Stops gracefully on Ctrl-C or SIGTERM: what was accepted is decided and written down.\n\
                        Make a token for the API with `firsthand key add`.\n\n\
                        Examples:\n  \
                        firsthand serve\n  \
                        firsthand serve --listen 0.0.0.0:8787 --log json"
)]
pub struct Args {
    /// Where to listen; a proxy in front does TLS
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    /// Open leads also for who qualifies already when a definition is published
    #[arg(long)]
    apply_to_existing: bool,
    /// Answer `/metrics` without a token
    #[arg(long)]
    open_metrics: bool,
    /// How log lines look
    #[arg(long, value_name = "FORM", default_value = "text")]
    log: LogForm,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogForm {
    /// For people.
    Text,
    /// For programs: one JSON object a line.
    Json,
}

pub fn run(args: &Args, global: &Global, output: Output) -> anyhow::Result<Status> {
    let folder = Folder::find(global.project.as_deref())?;
    let form = match args.log {
        LogForm::Text => log::Format::Text,
        LogForm::Json => log::Format::Json,
    };
    let clock: firsthand_web::Clock = Arc::new(clock::now);
    log::start(form, log::LevelFilter::INFO, Arc::clone(&clock));
    let running = Running {
        apply_to_existing: args.apply_to_existing,
        open_metrics: args.open_metrics,
        ..Running::new(args.listen, clock)
    };
    running.run(&folder, output)?;
    Ok(Status::Done)
}
