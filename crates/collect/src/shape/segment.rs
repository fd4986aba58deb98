//! Segment and RudderStack: `track`, `identify`, `group`, `page`, `screen` and `alias` calls, as
//! their raw exports and warehouses hold them, and as their clients send them ([`meaning`]).
//!
//! `timestamp` is already corrected for the device's clock in an export. Where it is missing, the
//! correction is done here, as both vendors document it.

use firsthand_model::fact::{Body, Kind, Who};
use firsthand_model::{Json, Span, Text, Time};

use super::{alias, link, notice_repeated, whole};
use crate::draft::{Envelope, Fault, Head, Out, must_name_someone};
use crate::instant::TimeReader;
use crate::json::{Members, ObjectWriter};
use crate::record::{Record, Value};
use crate::report::RejectCode;

/// A difference of clocks beyond this is no clock that is wrong but a batch sent late.
const SKEW_MAX: Span = Span::DAY;

pub(super) fn is_one(record: &Record<'_>) -> bool {
    let known = record.text("type").is_some_and(|it| {
        matches!(&*it, "track" | "identify" | "group" | "page" | "screen" | "alias")
    });
    known && ["userId", "anonymousId", "messageId"].iter().any(|it| !record.field(it).is_absent())
}

pub(super) fn facts(
    record: &Record<'_>,
    times: &TimeReader,
    out: &mut Out<'_>,
) -> Result<(), Fault> {
    let (time, known_at) = when(record, times, out)?;
    let id = out.record_id("messageId", record.field("messageId"))?;
    meaning(record, Head { id, time, known_at }, out)
}

/// What a call says, of which is known when it was made.
pub(crate) fn meaning(record: &Record<'_>, head: Head, out: &mut Out<'_>) -> Result<(), Fault> {
    let Some(call) = record.text("type") else {
        return Err(Fault::at(RejectCode::OtherShape, "type", "the record has no `type`"));
    };
    let context = record.field("context").object().unwrap_or_default();
    let account = match &*call {
        "group" => out.id("groupId", record.field("groupId"))?,
        _ => account_of(record, &context, out)?,
    };
    let envelope = head.of(Who {
        user: out.id("userId", record.field("userId"))?,
        anonymous: out.id("anonymousId", record.field("anonymousId"))?,
        account,
    });
    must_name_someone(&envelope.who)?;
    match &*call {
        "track" => {
            let Some(name) = out.name("event", record.field("event"))? else {
                return Err(Fault::at(RejectCode::NoEventName, "event", "the event has no name"));
            };
            let properties = whole(out, "properties", record.field("properties"))?;
            out.fact(&envelope, "", envelope.who.clone(), Body::Event { name, properties });
        }
        "page" | "screen" => {
            let name = if call == "page" { "Page viewed" } else { "Screen viewed" };
            let properties = viewed(record, out)?;
            let body = Body::Event { name: Text::new_static(name), properties };
            out.fact(&envelope, "", envelope.who.clone(), body);
        }
        "identify" => {
            let given = whole(out, "traits", record.field("traits"))?;
            // RudderStack keeps the traits in the context; its Python client only there.
            let traits = match context.get("traits") {
                Some(raw) if given.is_empty() => whole(out, "context.traits", &Value::Json(raw))?,
                _ => given,
            };
            super::traits(out, &envelope, "", Kind::Person, traits);
            link(out, &envelope);
        }
        "group" => group(record, &envelope, out)?,
        "alias" => {
            let previous = out.id("previousId", record.field("previousId"))?;
            let user = envelope.who.user.clone().or_else(|| envelope.who.anonymous.clone());
            alias(out, &envelope, user, previous)?;
        }
        other => {
            let reason = format!("`{other}` is no kind of call");
            return Err(Fault::at(RejectCode::OtherShape, "type", reason));
        }
    }
    Ok(())
}

/// The account that a call names: `context.groupId`, or `groupId` beside it.
fn account_of(
    record: &Record<'_>,
    context: &Members<'_>,
    out: &mut Out<'_>,
) -> Result<Option<Text>, Fault> {
    if let Some(raw) = context.get("groupId") {
        return out.id("context.groupId", &Value::Json(raw));
    }
    out.id("groupId", record.field("groupId"))
}

fn when(
    record: &Record<'_>,
    times: &TimeReader,
    out: &mut Out<'_>,
) -> Result<(Time, Option<Time>), Fault> {
    let received = record.field("receivedAt");
    let time = if !record.field("timestamp").is_absent() {
        out.time(times, "timestamp", record.field("timestamp"))?
    } else if !record.field("originalTimestamp").is_absent() {
        let original = out.time(times, "originalTimestamp", record.field("originalTimestamp"))?;
        let sent = times.read(record.field("sentAt")).ok();
        match (sent, times.read(received).ok()) {
            (Some(sent), Some(received)) => {
                let skew = received.time - sent.time;
                if skew.0.abs() <= SKEW_MAX.0 { original + skew } else { original }
            }
            _ => original,
        }
    } else if !received.is_absent() {
        out.time(times, "receivedAt", received)?
    } else {
        return Err(Fault::at(RejectCode::NoTime, "timestamp", "`timestamp` is empty"));
    };
    Ok((time, out.known_at(times, "receivedAt", received, time)?))
}

/// The properties of a page or screen, its name and category among them.
fn viewed(record: &Record<'_>, out: &mut Out<'_>) -> Result<Json, Fault> {
    let value = record.field("properties");
    let members = value.object().unwrap_or_default();
    let extra: Vec<&str> = ["name", "category"]
        .into_iter()
        .filter(|name| !record.field(name).is_absent() && members.get(name).is_none())
        .collect();
    if extra.is_empty() || !(value.is_absent() || value.object().is_some()) {
        return whole(out, "properties", value);
    }
    notice_repeated(out, "properties", &members);
    let mut object = ObjectWriter::new();
    for name in &extra {
        record.field(name).write_json(object.member(name));
    }
    for (name, raw) in members.iter().filter(|(name, _)| !extra.contains(name)) {
        Value::Json(raw).write_json(object.member(name));
    }
    Ok(object.finish())
}

/// A group call: the caller is a member of the account, and the account has these traits.
fn group(record: &Record<'_>, envelope: &Envelope, out: &mut Out<'_>) -> Result<(), Fault> {
    if envelope.who.account.is_none() {
        return Err(Fault::at(RejectCode::NoSubject, "groupId", "the group call names no group"));
    }
    let traits = whole(out, "traits", record.field("traits"))?;
    let who = Who { account: envelope.who.account.clone(), ..Who::default() };
    out.fact(envelope, "", who, Body::Traits { of: Kind::Account, traits });
    if envelope.who.user.is_some() || envelope.who.anonymous.is_some() {
        let body = Body::Membership { joined: true, role: None };
        out.fact(envelope, "member", envelope.who.clone(), body);
    }
    Ok(())
}
