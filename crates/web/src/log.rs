//! The log: lines of text or JSON on stderr.
//!
//! What this crate logs names routes by their templates and requests by their ids (WEB-4). Paths
//! with ids in them, queries, bodies, tokens and addresses never reach it.

use std::io;

use tracing::Subscriber;
pub use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
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

/// Begins to log everything at `level` and above to stderr, for the whole process. If somebody logs
/// already, they go on.
pub fn start(format: Format, level: LevelFilter, clock: Clock) {
    let _ = tracing::subscriber::set_global_default(subscriber(format, level, clock, io::stderr));
}

/// What writes the log, for those who want it somewhere else.
pub fn subscriber(
    format: Format,
    level: LevelFilter,
    clock: Clock,
    to: impl for<'w> MakeWriter<'w> + Send + Sync + 'static,
) -> Box<dyn Subscriber + Send + Sync> {
    let lines = tracing_subscriber::fmt()
        .with_writer(to)
        .with_ansi(false)
        .with_max_level(level)
        .with_timer(Stamp(clock))
        .with_target(false);
    match format {
        Format::Text => Box::new(lines.finish()),
        Format::Json => Box::new(lines.json().flatten_event(true).with_span_list(false).finish()),
    }
}

struct Stamp(Clock);

impl FormatTime for Stamp {
    fn format_time(&self, to: &mut Writer<'_>) -> std::fmt::Result {
        write!(to, "{}", (self.0)())
    }
}
