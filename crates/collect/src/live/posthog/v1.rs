//! `v1`: a batch whose answer says of each event what became of it.
//!
//! The client sends again what is said to be retried, and tells its user of what is dropped. A
//! dropped event is kept as a reject here all the same.

use firsthand_model::Text;
use rustc_hash::FxHashSet;

use super::event;
use crate::json::{Members, ObjectWriter, write_string};
use crate::live::answer::{Answer, Refusal};
use crate::live::call::{Context, object, text};
use crate::live::clock::Clock;
use crate::live::intake::items;
use crate::live::received::Received;
use crate::record::Value;

/// When the request was sent, by the client's clock.
const SENT_AT_HEADER: &str = "posthog-request-timestamp";

/// Reads a batch.
pub(in crate::live) fn read(context: &Context<'_, '_>) -> Result<Received, Refusal> {
    let body = context.body()?;
    let text = text(&body);
    let envelope = object(&text)?;
    let source = context.source(&[envelope.text("api_key")])?;
    let Some(batch) = envelope.get("batch").filter(|it| it.get().starts_with('[')) else {
        return Err(Refusal::bad_body("the body has no `batch`"));
    };
    let events = items(batch)?;
    if events.is_empty() {
        return Err(Refusal::bad_body("the batch is empty"));
    }
    let mut intake = context.intake(source);
    intake.expect(events.len());
    let uuids = uuids(&events)?;
    // A body that is read again has no headers any more, and says so itself.
    let in_header = context.request.header(SENT_AT_HEADER);
    let sent_at = match in_header {
        Some(sent_at) => Value::Text(sent_at.into()),
        None => envelope.get("sent_at").map_or(Value::Missing, Value::Json),
    };
    let is_past = envelope.flag("historical_migration") == Some(true);
    let clock = if is_past {
        Clock::of_past(context.request.received_at)
    } else {
        context.clock(source).sent(&sent_at)
    };
    let alone = |raw: &str| alone(&sent_at, is_past, raw);
    let group_type = &source.rules().account_group;
    let mut results = ObjectWriter::new();
    for (raw, uuid) in events.into_iter().zip(&uuids) {
        let raw = raw.get();
        let outcome = intake.item(raw, &alone, &mut |record, out, ids| {
            let apart = record.field("options").object().unwrap_or_default();
            event(record, raw, &clock, &apart, group_type, out, ids)
        });
        let result = results.member(uuid);
        if outcome.is_ok() {
            result.push_str("{\"result\":\"ok\"}");
        } else {
            result.push_str("{\"result\":\"drop\",\"details\":");
            write_string(result, intake.last_reason());
            result.push('}');
        }
    }
    let body = format!("{{\"results\":{}}}", results.finish().as_str());
    Ok(intake.finish(Answer::json(200, body)))
}

/// The ids of all events, which the answer names them by: each has one, and none twice.
fn uuids(events: &[crate::json::Raw<'_>]) -> Result<Vec<Text>, Refusal> {
    let mut seen = FxHashSet::default();
    let mut uuids = Vec::with_capacity(events.len());
    for event in events {
        let uuid = Members::of(*event).and_then(|it| it.text("uuid").map(Text::from));
        let Some(uuid) = uuid.filter(|it| !it.is_empty()) else {
            return Err(Refusal::bad_body("an event has no `uuid`"));
        };
        if !seen.insert(uuid.clone()) {
            return Err(Refusal::bad_body("two events have the same `uuid`"));
        }
        uuids.push(uuid);
    }
    Ok(uuids)
}

/// One event with what its request says of it, as a body of its own.
fn alone(sent_at: &Value<'_>, is_past: bool, raw: &str) -> String {
    let mut body = ObjectWriter::new();
    if !sent_at.is_absent() {
        sent_at.write_json(body.member("sent_at"));
    }
    if is_past {
        body.member("historical_migration").push_str("true");
    }
    let batch = body.member("batch");
    for part in ["[", raw, "]"] {
        batch.push_str(part);
    }
    body.finish().as_str().to_owned()
}
