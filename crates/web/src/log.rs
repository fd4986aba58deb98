//! The log: lines of text or JSON on stderr.
//!
//! What is logged names routes by their templates and requests by their ids. Paths with ids in
//! them, queries, bodies, tokens and addresses never reach it.

use std::io;

pub use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

use crate::settings::Clock;

/// How lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: one JSON object a line.
    Json,
}

/// Begins to log everything at `level` and above. Only the first call counts.
pub fn start(format: Format, level: LevelFilter, clock: Clock) {
    let lines = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(false)
        .with_max_level(level)
        .with_timer(Stamp(clock))
        .with_target(false);
    // An error means that somebody else in this process, a test perhaps, logs already.
    let _ = match format {
        Format::Text => lines.try_init(),
        Format::Json => lines.json().flatten_event(true).try_init(),
    };
}

struct Stamp(Clock);

impl FormatTime for Stamp {
    fn format_time(&self, to: &mut Writer<'_>) -> std::fmt::Result {
        write!(to, "{}", (self.0)())
    }
}
