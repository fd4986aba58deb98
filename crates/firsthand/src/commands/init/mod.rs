//! `firsthand init`: a project folder to start from; with `--from`, one proposed from event files.
//!
//! [`read`] takes the files into a temporary history, [`from`] has the lab propose a project and
//! tries its definitions there, [`yaml`] writes it down.

mod from;
mod read;
mod tell;
#[cfg(test)]
mod tests;
mod yaml;

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::exit::{Misuse, Status};
use crate::output::Output;

/// What a new project consists of: path and text.
const FILES: &[(&str, &str)] = &[
    ("firsthand.yaml", include_str!("../../../starter/firsthand.yaml")),
    ("definitions/near-limit.yaml", include_str!("../../../starter/definitions/near-limit.yaml")),
    (
        "definitions/steady-trial.yaml",
        include_str!("../../../starter/definitions/steady-trial.yaml"),
    ),
    (".gitignore", include_str!("../../../starter/gitignore")),
];

/// Arguments of `init`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Writes firsthand.yaml, two definitions with stories, and .gitignore. Refuses to overwrite anything.

With --from it reads your events first and proposes what is in them: event groups, plans and their
limits, meters, outcomes, and definitions whose thresholds are taken from the data. Every entry says
why it is there. The files are only read; import them afterwards.

Examples:
  firsthand init my-product
  firsthand init my-product --from events.ndjson.gz bills.csv")]
pub struct Args {
    /// Where; made if it is not there [default: here]
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Propose the project from these files, of any shape that `import` reads; `-` is standard input
    #[arg(long, value_name = "FILE", num_args = 1..)]
    from: Vec<String>,
    /// Say what a column of these files is, as for `import`
    #[arg(long, value_name = "KEY=VALUE", requires = "from")]
    map: Vec<String>,
    /// The type of group that is the account, in exports that know several
    #[arg(long, value_name = "TYPE", requires = "from")]
    group_type: Option<String>,
}

pub fn run(args: &Args, output: Output) -> anyhow::Result<Status> {
    let dir = args.dir.clone().unwrap_or_else(|| PathBuf::from("."));
    if !args.from.is_empty() {
        return from::run(args, &dir, output);
    }
    write_new(&dir, FILES)?;
    let palette = output.palette();
    output.say(&format!("A project in {}:\n", palette.bold(&dir.display().to_string())))?;
    for (path, _) in FILES {
        output.say(&format!("  {path}"))?;
    }
    output.say(
        "\nNext: put your plans and events into firsthand.yaml, then\n\
         \n  firsthand check\n  firsthand import FILE...\n  firsthand replay",
    )?;
    Ok(Status::Done)
}

/// Writes files into a folder in which none of them is yet.
///
/// # Errors
/// Names all that are there already, before anything is written.
pub fn write_new(dir: &Path, files: &[(&str, &str)]) -> anyhow::Result<()> {
    refuse_existing(dir, files.iter().map(|(path, _)| *path))?;
    for (path, text) in files {
        let path = dir.join(path);
        let folder = path.parent().unwrap_or(dir);
        fs::create_dir_all(folder)
            .with_context(|| format!("the folder `{}` cannot be made", folder.display()))?;
        // `create_new` holds even if somebody else writes here at the same time.
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => file.write_all(text.as_bytes()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(Misuse::new(format!("`{}` is there already", path.display())).into());
            }
            Err(error) => Err(error),
        }
        .with_context(|| format!("`{}` cannot be written", path.display()))?;
    }
    Ok(())
}

/// Refuses to go on where one of these files is there already.
fn refuse_existing<'p>(dir: &Path, paths: impl Iterator<Item = &'p str>) -> anyhow::Result<()> {
    let there: Vec<&str> = paths.filter(|path| dir.join(path).exists()).collect();
    if there.is_empty() {
        return Ok(());
    }
    let message = format!("`{}` already has {}", dir.display(), quoted(&there));
    Err(Misuse::new(message).help("Choose an empty folder, or move these away.").into())
}

fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|it| format!("`{it}`")).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
