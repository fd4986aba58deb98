//! How the program ends: 0 done, 1 found problems, 2 misuse, 130 interrupted.

use std::io::{self, Write};
use std::process::ExitCode;

use firsthand_collect::ImportError;
use firsthand_history::HistoryError;

use crate::output::{Closed, Output, Palette};

/// How a command ended that ran to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// All is well.
    Done,
    /// What the command looked at has problems; it has said which.
    Problems,
}

impl Status {
    const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Problems => 1,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status.code())
    }
}

/// 128 and the number of SIGINT, as shells have it.
pub const INTERRUPTED: u8 = 130;
const MISUSE: u8 = 2;

/// The command was asked for something that it cannot mean: exit status 2.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Misuse {
    message: String,
    help: Option<String>,
}

impl Misuse {
    /// What is so, in lower case and without a full stop.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    /// What to do, as a whole sentence.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// What to do, if that is known.
    pub fn advice(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// A name that stands for nothing, with the nearest that does, or all of them.
    pub fn unknown<'k>(
        kind: &str,
        name: &str,
        known: impl IntoIterator<Item = &'k str> + Clone,
    ) -> Self {
        let near = firsthand_model::diagnostic::nearest(name, known.clone());
        let all: Vec<String> = known.into_iter().map(|it| format!("`{it}`")).collect();
        let help = match near {
            Some(near) => format!("Did you mean `{near}`?"),
            None if all.is_empty() => format!("The project has no {kind}."),
            None => format!("There is {}.", all.join(", ")),
        };
        Self::new(format!("there is no {kind} `{name}`")).help(help)
    }
}

/// The command cannot go on, and everything about it has been said already: exit status 1.
#[derive(Debug, thiserror::Error)]
#[error("the problems were told")]
pub struct Told;

/// The command was asked for something that it cannot mean, and that has been said already: exit
/// status 2.
#[derive(Debug, thiserror::Error)]
#[error("the misuse was told")]
pub struct MisuseTold;

/// Says why a command could not run, and chooses the exit status.
pub fn report(error: &anyhow::Error, output: Output) -> ExitCode {
    if error.is::<Closed>() {
        return Status::Done.into();
    }
    if error.is::<Told>() {
        return Status::Problems.into();
    }
    if error.is::<MisuseTold>() {
        return ExitCode::from(MISUSE);
    }
    let palette = Palette { colour: output.colour_errors };
    let mut text = format!("{} {error}", palette.bad("error:"));
    for cause in error.chain().skip(1) {
        text.push_str(": ");
        text.push_str(&cause.to_string());
    }
    if let Some(help) = help(error) {
        text.push_str("\n\nhelp: ");
        text.push_str(&help);
    }
    let _ = writeln!(io::stderr().lock(), "{text}");
    ExitCode::from(if error.is::<Misuse>() { MISUSE } else { Status::Problems.code() })
}

/// What to do about an error, if whoever made it knows.
fn help(error: &anyhow::Error) -> Option<String> {
    if let Some(misuse) = error.downcast_ref::<Misuse>() {
        return misuse.help.clone();
    }
    error.chain().find_map(|cause| {
        let history = cause.downcast_ref::<HistoryError>().and_then(HistoryError::help);
        let import = cause.downcast_ref::<ImportError>().and_then(ImportError::help);
        history.map(str::to_owned).or(import)
    })
}
