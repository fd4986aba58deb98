//! `CloudEvents` in JSON: one event (structured), a list (batched), or an event whose attributes are
//! headers and whose data is the body (binary).
//!
//! The body tells the three apart, not its content type. Whom an event is about is told by rules of
//! the source: the specification knows only a `subject`.

use firsthand_model::Text;
use firsthand_model::config::CloudEventRules;
use firsthand_model::fact::{Body, Who};

use super::answer::Refusal;
use super::call::{Context, not_json, text};
use super::clock::Clock;
use super::intake::{StandIns, items};
use super::query;
use super::received::Received;
use crate::draft::{Fault, Head, Out, must_name_someone};
use crate::json::{ObjectWriter, Raw, write_string};
use crate::record::Record;
use crate::report::RejectCode;

/// The attributes that are looked for among the headers; those that rules name are added.
const ATTRIBUTES: [&str; 7] =
    ["specversion", "id", "source", "type", "time", "subject", "datacontenttype"];

/// Reads events.
pub(super) fn read(context: &Context<'_, '_>) -> Result<Received, Refusal> {
    let body = context.body()?;
    let source = context.source(&[])?;
    let rules = &source.rules().cloudevents;
    let text = text(&body);
    let binary;
    let text = if context.request.header("ce-specversion").is_some() {
        binary = of_headers(context, rules, text.trim());
        &binary
    } else {
        text.trim()
    };
    let whole = Raw::parse(text).map_err(|it| not_json(&it))?;
    let events = match text.as_bytes().first() {
        Some(b'[') => items(whole)?,
        Some(b'{') => vec![whole],
        _ => return Err(Refusal::bad_body("the body is neither an event nor a list of events")),
    };
    let mut intake = context.intake(source);
    intake.expect(events.len());
    let clock = context.clock(source).believed();
    for raw in events {
        let raw = raw.get();
        // What becomes of it stands in the rejects.
        let _outcome = intake.item(raw, &str::to_owned, &mut |record, out, ids| {
            event(record, raw, &clock, rules, out, ids)
        });
    }
    Ok(intake.finish(context.accepted()))
}

/// The event of a body whose attributes are headers, as if it had come in one piece.
fn of_headers(context: &Context<'_, '_>, rules: &CloudEventRules, data: &str) -> String {
    let mut event = ObjectWriter::new();
    let named = [&rules.person, &rules.anonymous, &rules.account].map(Text::as_str);
    let mut seen: Vec<&str> = Vec::new();
    for name in ATTRIBUTES.into_iter().chain(named) {
        let is_attribute = !seen.contains(&name) && !name.contains('.');
        let header = is_attribute.then(|| context.request.header(&format!("ce-{name}"))).flatten();
        if let Some(value) = header {
            // Values are percent-encoded; a plus sign stands for itself.
            let value = value.replace('+', "%2B");
            let decoded = query::pairs(&value).next().map(|it| it.0.into_owned());
            write_string(event.member(name), &decoded.unwrap_or(value));
        }
        seen.push(name);
    }
    if Raw::parse(data).is_ok() {
        event.member("data").push_str(data);
    } else if !data.is_empty() {
        write_string(event.member("data"), data);
    }
    event.finish().as_str().to_owned()
}

fn event(
    record: &Record<'_>,
    raw: &str,
    clock: &Clock,
    rules: &CloudEventRules,
    out: &mut Out<'_>,
    ids: &mut StandIns,
) -> Result<(), Fault> {
    if record.field("specversion").is_absent() {
        let reason = "the event has no `specversion`";
        return Err(Fault::at(RejectCode::OtherShape, "specversion", reason));
    }
    let Some(name) = out.name("type", record.field("type"))? else {
        return Err(Fault::at(RejectCode::NoEventName, "type", "the event has no `type`"));
    };
    let says_when = !record.field("time").is_absent();
    let time = if says_when {
        clock.stated("time", record.field("time"), out)?
    } else {
        clock.received_at
    };
    // An id is unique within what the event calls its source.
    let id = match (out.record_id("id", record.field("id"))?, record.text("source")) {
        (Some(id), Some(source)) => smol_str::format_smolstr!("{source} {id}"),
        (Some(id), None) => id,
        (None, _) => ids.of(raw, (!says_when).then_some(clock.received_at)),
    };
    let mut named = |path: &Text| out.id(path, &record.path(path));
    let who = Who {
        user: named(&rules.person)?,
        anonymous: named(&rules.anonymous)?,
        account: named(&rules.account)?,
    };
    must_name_someone(&who)?;
    let envelope = Head { id: Some(id), time, known_at: None }.of(who);
    let data = record.field("data");
    let properties = if data.is_absent() || data.object_text().is_some() {
        crate::shape::whole(out, "data", data)?
    } else {
        let mut object = ObjectWriter::new();
        data.write_json(object.member("data"));
        object.finish()
    };
    out.fact(&envelope, "", envelope.who.clone(), Body::Event { name, properties });
    Ok(())
}
