//! What can be asked of the program. Each command's own arguments stand in its own file.

use std::path::PathBuf;

use clap::builder::Styles;
use clap::builder::styling::AnsiColor;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands::{
    accounts, backup, bench, check, config, demo, doctor, erase, explain, export, funnel, import,
    init, key, plays, replay, retain, serve, simulate, user,
};
use crate::output::{Format, Output};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Yellow.on_default().bold())
    .usage(AnsiColor::Yellow.on_default().bold())
    .literal(AnsiColor::Cyan.on_default())
    .placeholder(AnsiColor::Green.on_default());

/// Finds the people who have experienced your product's value at first hand.
///
/// Firsthand reads product usage, decides by definitions that your team writes who is ready to
/// buy, and says why. It holds every definition against what really happened.
#[derive(Debug, Parser)]
#[command(
    name = "firsthand",
    version,
    styles = STYLES,
    arg_required_else_help = true,
    subcommand_required = true,
    disable_help_subcommand = true,
    after_help = "Start with `firsthand demo`: a simulated company, nothing to set up.\n\
                  Exit status: 0 done, 1 found problems, 2 misuse, 130 interrupted."
)]
pub struct Cli {
    /// Options that every command takes.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Options that every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// The project folder [default: this one or the nearest above it with `firsthand.yaml`]
    #[arg(long, global = true, value_name = "DIR")]
    pub project: Option<PathBuf>,
    /// Write results as JSON: an array of objects
    #[arg(long, global = true, conflicts_with = "csv")]
    pub json: bool,
    /// Write results as CSV with a header
    #[arg(long, global = true)]
    pub csv: bool,
    /// When to colour: auto, always or never; `NO_COLOR` is obeyed
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true
    )]
    pub color: When,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Global {
    /// The output that was asked for.
    pub fn output(&self) -> Output {
        let format = match (self.json, self.csv) {
            (true, _) => Format::Json,
            (_, true) => Format::Csv,
            _ => Format::People,
        };
        let colour = match self.color {
            When::Auto => None,
            When::Always => Some(true),
            When::Never => Some(false),
        };
        Output::new(format, colour)
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show it all on a simulated company; nothing to set up
    Demo(demo::Args),
    /// Make a project folder with two definitions to start from
    Init(init::Args),
    /// Take in files: events, traits, plans, outcomes
    Import(import::Args),
    /// Check configuration and definitions, and run their stories
    Check(check::Args),
    /// Who would have qualified, and when; `--backtest` holds it against what happened
    Replay(replay::Args),
    /// Why somebody has qualified, or what is missing
    Explain(explain::Args),
    /// The accounts with their plan, people and activity
    Accounts(accounts::Args),
    /// How accounts go from stage to stage, and whether those found buy more often
    Funnel(funnel::Args),
    /// The configuration's schema, its defaults, and the codes of errors
    Config(config::Args),
    /// Write the recorded facts out again
    Export(export::Args),
    /// Simulate a company of any size, whose hidden truth is known
    Simulate(simulate::Args),
    /// Measure how fast it is here, beside DuckDB and ClickHouse
    Bench(bench::Args),
    /// Take events from clients, decide, and keep ledger and leads
    Serve(serve::Args),
    /// What is done about leads, and what it would send now
    Plays(plays::Args),
    /// Make, show and take back tokens for the API
    Key(key::Args),
    /// Add people who work with the pages, and say what they may do
    User(user::Args),
    /// Copy a project's data, also while a server runs
    Backup(backup::Args),
    /// Forget what is older than the configuration allows
    Retain(retain::Args),
    /// Forget a person or an account everywhere, and prove it
    Erase(erase::Args),
    /// Look for damage and for what is set up wrongly
    Doctor(doctor::Args),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn the_command_tree_is_sound() {
        Cli::command().debug_assert();
    }
}
