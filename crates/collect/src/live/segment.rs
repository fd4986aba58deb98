//! Segment's tracking API, which `RudderStack` speaks as well.
//!
//! The two differ in what `timestamp` means. Segment's clients put the time of the call there, and
//! it is corrected. `RudderStack`'s put it into `originalTimestamp`, which is corrected, and a time
//! that the program gave into `timestamp`, which counts as it is; its client for Python has only
//! that. They are told by `channel`, which Segment's clients do not send.
//!
//! A message is refused by itself and kept; the answer is 200 all the same, as at Segment: a client
//! could do nothing about it, and `RudderStack`'s for Python would send it again for ever.

use std::borrow::Cow;

use super::answer::Refusal;
use super::call::{Context, alone, object, text};
use super::clock::Clock;
use super::intake::{StandIns, items};
use super::received::Received;
use crate::draft::{Fault, Head, Out};
use crate::json::{Members, ObjectWriter, Raw};
use crate::record::{Field, Record, Value};
use crate::shape::segment::meaning;

/// What a body holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// One message of this type; a batch all the same where it holds one.
    One(&'static str),
    /// A batch, or one message that says its type.
    Batch,
    /// A batch of old events.
    Import,
}

/// Reads the body of a call.
pub(super) fn read(context: &Context<'_, '_>, form: Form) -> Result<Received, Refusal> {
    let body = context.body()?;
    read_text(context, form, &text(&body))
}

pub(super) fn read_text(
    context: &Context<'_, '_>,
    form: Form,
    text: &str,
) -> Result<Received, Refusal> {
    let envelope = object(text)?;
    let source = context.source(&[envelope.text("writeKey"), envelope.text("write_key")])?;
    let mut intake = context.intake(source);
    let clock = match form {
        Form::Import => Clock::of_past(context.request.received_at),
        _ => context.clock(source),
    };
    let sent = envelope.get("sentAt").map_or(Value::Missing, Value::Json);
    let clock = clock.sent(&sent);
    let kind = match form {
        Form::One(kind) => Some(kind),
        Form::Batch | Form::Import => None,
    };
    if let Some(batch) = envelope.get("batch").filter(|it| it.get().starts_with('[')) {
        let items = items(batch)?;
        intake.expect(items.len());
        let alone = |raw: &str| alone(&envelope, &["sentAt", "context"], "batch", raw);
        for raw in items {
            // What becomes of it stands in the rejects.
            let _outcome = intake.item(raw.get(), &alone, &mut |record, out, ids| {
                let message = Message { record, raw, envelope: Some(&envelope), kind };
                message.facts(&clock, out, ids)
            });
        }
    } else if matches!(form, Form::Import) || envelope.is_empty() {
        return Err(Refusal::bad_body("the body has no `batch`"));
    } else {
        let raw = Raw::parse(text).map_err(|it| super::call::not_json(&it))?;
        let _outcome = intake.item(raw.get(), &str::to_owned, &mut |record, out, ids| {
            Message { record, raw, envelope: None, kind }.facts(&clock, out, ids)
        });
    }
    Ok(intake.finish(context.accepted()))
}

/// One message, with what stands around it.
struct Message<'r, 'a> {
    record: &'r Record<'a>,
    raw: Raw<'r>,
    envelope: Option<&'r Members<'r>>,
    /// The type that the path says.
    kind: Option<&'static str>,
}

impl Message<'_, '_> {
    fn facts(self, clock: &Clock, out: &mut Out<'_>, ids: &mut StandIns) -> Result<(), Fault> {
        let record = self.record;
        let (time, says_when) = when(record, clock, out)?;
        let id = match out.record_id("messageId", record.field("messageId"))? {
            Some(id) => id,
            None => ids.of(self.raw.get(), (!says_when).then_some(clock.received_at)),
        };
        let head = Head { id: Some(id), time, known_at: None };
        let shared = self.shared_context();
        let kind = self.kind.filter(|_| record.field("type").is_absent());
        if kind.is_none() && shared.is_none() {
            return meaning(record, head, out);
        }
        let mut fields: Vec<Field<'_>> = record
            .fields
            .iter()
            .map(|it| Field { name: Cow::Borrowed(&*it.name), value: it.value.clone() })
            .collect();
        let add = |name, value| Field { name: Cow::Borrowed(name), value };
        fields.extend(kind.map(|it| add("type", Value::Text(Cow::Borrowed(it)))));
        if let Some(shared) = &shared {
            fields.push(add("context", Value::Text(Cow::Borrowed(shared))));
        }
        meaning(&Record { fields }, head, out)
    }

    /// The message's context with that of the envelope below it; `None` where the envelope has none.
    fn shared_context(&self) -> Option<String> {
        let shared = self.envelope?.object("context").filter(|it| !it.is_empty())?;
        let own = self.record.field("context").object().unwrap_or_default();
        let mut object = ObjectWriter::new();
        for (name, raw) in shared.iter().filter(|(name, _)| own.get(name).is_none()) {
            Value::Json(raw).write_json(object.member(name));
        }
        for (name, raw) in own.iter() {
            Value::Json(raw).write_json(object.member(name));
        }
        Some(object.finish().as_str().to_owned())
    }
}

/// When a message was, by our clock, and whether it said so itself.
fn when(
    record: &Record<'_>,
    clock: &Clock,
    out: &mut Out<'_>,
) -> Result<(firsthand_model::Time, bool), Fault> {
    let channel = record.text("channel");
    let clock = clock.sent(record.field("sentAt")).of_server(channel.as_deref() == Some("server"));
    let (stated, original) = (record.field("timestamp"), record.field("originalTimestamp"));
    let is_rudder = channel.is_some() || !original.is_absent();
    let time = if stated.is_absent() {
        if original.is_absent() {
            return Ok((clock.received_at, false));
        }
        clock.corrected("originalTimestamp", original, out)?
    } else if is_rudder {
        clock.stated("timestamp", stated, out)?
    } else {
        clock.corrected("timestamp", stated, out)?
    };
    Ok((time, true))
}
