//! PostHog: events as its clients send them.
//!
//! All speak `v0` ([`v0`]), which packs the same events in many ways; the newest may speak `v1`
//! ([`v1`]), which says of each event what became of it.

mod lz;
mod peel;
pub(super) mod start;
pub(super) mod v0;
pub(super) mod v1;

use firsthand_model::{Span, Text, Time};

use super::clock::Clock;
use super::intake::StandIns;
use crate::draft::{Fault, Head, Out};
use crate::json::Members;
use crate::record::Record;
use crate::shape::posthog;

/// Reads one event whose clocks are known. `apart` is what the event says beside its properties of
/// how it wants to be read: the options of `v1`.
fn event(
    record: &Record<'_>,
    raw: &str,
    clock: &Clock,
    apart: &Members<'_>,
    group_type: &Text,
    out: &mut Out<'_>,
    ids: &mut StandIns,
) -> Result<(), Fault> {
    let properties = posthog::properties(record)?;
    let says = |name: &str| properties.flag(name) == Some(true);
    let believed = says("$ignore_sent_at") || apart.flag("disable_skew_correction") == Some(true);
    let is_server = says("$is_server");
    let clock = if believed { clock.believed() } else { clock.of_server(is_server) };
    let (time, says_when) = when(record, &clock, out)?;
    let id = match posthog::id(record, out)? {
        Some(id) => id,
        None => ids.of(raw, (!says_when).then_some(clock.received_at)),
    };
    let head = Head { id: Some(id), time, known_at: None };
    let nobody = apart.flag("process_person_profile") == Some(false);
    posthog::meaning(record, &properties, head, group_type, nobody, out)
}

/// When an event was, by our clock, and whether it said so itself.
fn when(record: &Record<'_>, clock: &Clock, out: &mut Out<'_>) -> Result<(Time, bool), Fault> {
    let timestamp = record.field("timestamp");
    if !timestamp.is_absent() {
        return Ok((clock.corrected("timestamp", timestamp, out)?, true));
    }
    // How long ago it was, in milliseconds.
    let offset = record.text("offset").and_then(|it| it.parse::<i64>().ok());
    let offset = offset.filter(|it| (0..=OFFSET_MS_MAX).contains(it));
    let time = clock.received_at - Span(offset.unwrap_or(0) * 1_000);
    Ok((time, false))
}

/// An event that happened longer ago than a year says when it was.
const OFFSET_MS_MAX: i64 = 366 * 24 * 3_600 * 1_000;
