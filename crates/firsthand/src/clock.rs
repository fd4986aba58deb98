//! The program's one clock. Everything else is told the time.

use firsthand_model::{Span, Time};

/// Now.
#[expect(clippy::disallowed_methods, reason = "the edge at which time comes in")]
pub fn now() -> Time {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    // A clock before 1970 is wrong; the epoch is as good as any other guess.
    let micros = since.map_or(0, |it| i64::try_from(it.as_micros()).unwrap_or(i64::MAX));
    Time::default() + Span(micros)
}
