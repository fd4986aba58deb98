//! `v0`: one event, a list, or a batch with its key, packed in any of the ways there have been.

use std::borrow::Cow;

use super::event;
use super::peel::peel;
use crate::json::{Members, Raw};
use crate::live::answer::Refusal;
use crate::live::call::{Context, alone, not_json, text};
use crate::live::clock::Clock;
use crate::live::intake::items;
use crate::live::query;
use crate::live::received::Received;
use crate::live::request::Method;
use crate::record::Value;

/// Reads events, from the body or, in a question, from the query.
pub(in crate::live) fn read(context: &Context<'_, '_>) -> Result<Received, Refusal> {
    let request = context.request;
    let hint = query::value(request.query, "compression").unwrap_or_default();
    let in_query;
    let body = if request.method == Method::Post {
        context.body()?
    } else {
        in_query = query::value(request.query, "data").unwrap_or_default();
        Cow::Borrowed(in_query.as_bytes())
    };
    if body.trim_ascii().is_empty() {
        return Err(Refusal::bad_body("the body is empty"));
    }
    let peeled = peel(&body, &hint)?;
    let text = text(&peeled.bytes);
    let whole = Raw::parse(text.trim()).map_err(|it| not_json(&it))?;
    let (envelope, events) = open(whole)?;
    if events.is_empty() {
        return Err(Refusal::bad_body("the batch is empty"));
    }
    let mut keys = keys(&envelope);
    keys.extend(peeled.key.map(|it| Some(Cow::Owned(it))));
    // Old clients of the browser send the key with each event only.
    keys.extend(events.first().map(|it| key_of_event(*it)));
    let source = context.source(&keys)?;
    let mut intake = context.intake(source);
    intake.expect(events.len());
    let clock = if envelope.flag("historical_migration") == Some(true) {
        Clock::of_past(request.received_at)
    } else {
        let sent_at = envelope.get("sent_at").or_else(|| envelope.get("sentAt"));
        let in_query = query::value(request.query, "sent_at").map(Value::Text);
        let sent_at = sent_at.map(Value::Json).or(in_query);
        context.clock(source).sent(&sent_at.unwrap_or(Value::Missing))
    };
    let event_alone = |raw: &str| event_alone(&envelope, raw);
    let group_type = &source.rules().account_group;
    let apart = Members::default();
    for raw in events {
        let raw = raw.get();
        // What becomes of it stands in the rejects.
        let _outcome = intake.item(raw, &event_alone, &mut |record, out, ids| {
            event(record, raw, &clock, &apart, group_type, out, ids)
        });
    }
    Ok(intake.finish(context.accepted()))
}

/// The envelope of a body, which may be none, and its events.
fn open(whole: Raw<'_>) -> Result<(Members<'_>, Vec<Raw<'_>>), Refusal> {
    if whole.get().starts_with('[') {
        return Ok((Members::default(), items(whole)?));
    }
    let Some(members) = Members::of(whole) else {
        return Err(Refusal::bad_body("the body is neither an object nor a list"));
    };
    match members.get("batch") {
        Some(batch) if batch.get().starts_with('[') => Ok((members, items(batch)?)),
        Some(_) => Err(Refusal::bad_body("`batch` is not a list")),
        // `/engage` and some clients put the list under `data`.
        None => match members.get("data") {
            Some(data) if data.get().starts_with('[') => Ok((members, items(data)?)),
            _ => Ok((members, vec![whole])),
        },
    }
}

fn keys<'a>(members: &Members<'a>) -> Vec<Option<Cow<'a, str>>> {
    ["api_key", "token", "$token"].iter().map(|it| members.text(it)).collect()
}

/// The key that an event carries itself, or among its properties.
fn key_of_event(event: Raw<'_>) -> Option<Cow<'_, str>> {
    let members = Members::of(event)?;
    let mut own = keys(&members);
    own.extend(keys(&members.object("properties").unwrap_or_default()));
    own.into_iter().flatten().next()
}

/// One event with what its envelope says of it, as a body of its own.
fn event_alone(envelope: &Members<'_>, raw: &str) -> String {
    // An event that came without an envelope says all of this itself.
    let is_batch = ["batch", "data"].iter().any(|it| envelope.get(it).is_some());
    let names: &[&str] =
        if is_batch { &["sent_at", "sentAt", "historical_migration"] } else { &[] };
    alone(envelope, names, "batch", raw)
}
