//! The program `firsthand`: reads the command line, wires the crates together, prints.
//!
//! Start at [`args::Cli`] for what can be asked, then at the command's own file in [`commands`].
//! Data goes to standard output, everything else to standard error ([`output`]); how a run ends
//! is in [`exit`].

mod args;
mod checked;
mod clock;
mod commands;
mod draft;
mod exit;
mod headline;
mod interrupt;
mod judgements;
mod oidc;
mod output;
mod people;
mod preview;
mod project;
mod reading;
mod rejects;
mod retention;
mod serve;
mod set;
mod signing;
mod study;
mod template;
mod values;

use std::process::ExitCode;

use clap::Parser;

/// Replays and imports allocate from many threads; this allocator lets them not wait for each other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    interrupt::install();
    let cli = args::Cli::parse();
    let output = cli.global.output();
    match commands::run(&cli, output) {
        Ok(status) => status.into(),
        Err(error) => exit::report(&error, output),
    }
}
