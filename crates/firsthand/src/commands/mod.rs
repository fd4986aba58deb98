//! The commands, a file each: its arguments, what it does, how it shows it.

pub mod accounts;
pub mod backup;
pub mod bench;
pub mod check;
pub mod config;
pub mod demo;
pub mod doctor;
pub mod erase;
pub mod explain;
pub mod export;
pub mod funnel;
pub mod import;
pub mod init;
pub mod key;
pub mod plays;
pub mod replay;
pub mod retain;
pub mod serve;
pub mod simulate;
pub mod user;

use crate::args::{Cli, Command};
use crate::exit::Status;
use crate::output::Output;

/// Runs what was asked for.
pub fn run(cli: &Cli, output: Output) -> anyhow::Result<Status> {
    let global = &cli.global;
    match &cli.command {
        Command::Demo(args) => demo::run(args, output),
        Command::Init(args) => init::run(args, output),
        Command::Import(args) => import::run(args, global, output),
        Command::Check(args) => check::run(args, global, output),
        Command::Replay(args) => replay::run(args, global, output),
        Command::Explain(args) => explain::run(args, global, output),
        Command::Accounts(args) => accounts::run(args, global, output),
        Command::Funnel(args) => funnel::run(args, global, output),
        Command::Config(args) => config::run(args, output),
        Command::Export(args) => export::run(args, global, output),
        Command::Simulate(args) => simulate::run(args, output),
        Command::Bench(args) => bench::run(args, output),
        Command::Serve(args) => serve::run(args, global, output),
        Command::Backup(args) => backup::run(args, global, output),
        Command::Retain(args) => retain::run(args, global, output),
        Command::Erase(args) => erase::run(args, global, output),
        Command::Plays(args) => plays::run(args, global, output),
        Command::Key(args) => key::run(args, global, output),
        Command::User(args) => user::run(args, global, output),
        Command::Doctor(args) => doctor::run(args, global, output),
    }
}
