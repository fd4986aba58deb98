//! `firsthand demo`: a simulated company with a year behind it, running, with nothing to set up.
//!
//! [`company`] makes what is recorded, [`past`] lets the last quarter happen as it would have on a
//! server, with reps and readers ([`cast`]) and receivers ([`post`]) that are simulated as well. Then the
//! real server runs on what has become of that, and [`traffic`] goes on sending. [`report`] is the same
//! company on the terminal.

mod cast;
mod company;
mod pace;
mod past;
mod post;
mod report;
mod traffic;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use firsthand_web::log;

use crate::clock;
use crate::exit::Status;
use crate::interrupt;
use crate::output::Output;
use crate::project::Folder;
use crate::serve::running::Running;
use company::Company;
use pace::Pace;

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Nothing leaves this machine: messages go to receivers that are simulated too.\n\n\
                        Examples:\n  \
                        firsthand demo\n  \
                        firsthand demo postbox --report && cd postbox && firsthand check"
)]
pub struct Args {
    /// Keep the project in this folder [default: a temporary one]
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Tell of it here instead of opening the pages; the same on every machine
    #[arg(long)]
    report: bool,
    /// Where to listen
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8787",
        conflicts_with = "report"
    )]
    listen: SocketAddr,
    /// How many seconds pass there in one second here
    #[arg(long, value_name = "COUNT", default_value_t = 60, conflicts_with = "report",
          value_parser = clap::value_parser!(u16).range(1..=600))]
    speed: u16,
}

pub fn run(args: &Args, output: Output) -> anyhow::Result<Status> {
    let dir = args.dir.as_deref();
    if args.report {
        return report::run(dir, output);
    }
    let temporary = match dir {
        Some(_) => None,
        None => Some(tempfile::tempdir().context("no temporary folder can be made")?),
    };
    let dir = dir.or(temporary.as_ref().map(tempfile::TempDir::path));
    let dir = dir.expect("a folder was given, or made").to_owned();
    if temporary.is_some() {
        let temporary = dir.clone();
        interrupt::before_end(move || _ = std::fs::remove_dir_all(temporary));
    }
    let company = Company::of(clock::now());
    company::write_project(&dir, args.listen)?;
    let folder = Folder::find(Some(&dir))?;
    past::play(&folder, &company, output)?;
    company.tell(output)?;
    output.say(&format!(
        "Open http://{}/sign-in as\n\n  {}  {}\n\n\
         A second here is {} there. Ctrl-C ends it{}.",
        args.listen,
        past::VISITOR_EMAIL,
        past::PASSWORD,
        if args.speed == 60 { "a minute".to_owned() } else { format!("{} seconds", args.speed) },
        if args.dir.is_none() { "; nothing is left behind" } else { "" },
    ))?;
    let pace = Pace::from(company.now, args.speed);
    let clock: firsthand_web::Clock = Arc::new(move || pace.now());
    log::start(log::Format::Text, log::LevelFilter::WARN, Arc::clone(&clock));
    let project = folder.sound_project(output)?;
    let running = Running {
        ways: Some(post::ways(&project)),
        tour: true,
        beside: Some(traffic::after(company)),
        ..Running::new(args.listen, clock)
    };
    running.run(&folder, output)?;
    Ok(Status::Done)
}
