//! The program's own shape, which `export` writes: one fact a line, every kind of fact, nothing
//! lost on the way out and in again. `docs/import.md` describes it for people.

use firsthand_model::fact::{Body, ID_BYTES_MAX, Kind, Who};
use firsthand_model::{Json, Text};

use super::{notice_repeated, whole};
use crate::draft::{Envelope, Fault, Out, must_name_someone};
use crate::instant::TimeReader;
use crate::json::ObjectWriter;
use crate::record::{Record, Value};
use crate::report::RejectCode;

/// What tells the kinds of facts apart: exactly one of these is there.
const KINDS: [&str; 7] = ["event", "record", "traits", "link", "alias", "split", "membership"];
/// What stands beside it. Everything else is a property.
const ENVELOPE: [&str; 10] = [
    "id",
    "source",
    "time",
    "known_at",
    "person",
    "anonymous",
    "account",
    "properties",
    "of",
    "role",
];

pub(super) fn is_one(record: &Record<'_>) -> bool {
    !record.field("time").is_absent()
        && KINDS.iter().any(|it| !record.field(it).is_absent())
        && ["person", "anonymous", "account"].iter().any(|it| !record.field(it).is_absent())
}

pub(super) fn facts(
    record: &Record<'_>,
    times: &TimeReader,
    out: &mut Out<'_>,
) -> Result<(), Fault> {
    let kind = only_kind(record)?;
    let time = out.time(times, "time", record.field("time"))?;
    let envelope = Envelope {
        id: exact(record, "id", usize::MAX)?,
        time,
        known_at: out.known_at(times, "known_at", record.field("known_at"), time)?,
        who: Who {
            user: exact(record, "person", ID_BYTES_MAX)?,
            anonymous: exact(record, "anonymous", ID_BYTES_MAX)?,
            account: exact(record, "account", ID_BYTES_MAX)?,
        },
    };
    must_name_someone(&envelope.who)?;
    let value = record.field(kind);
    let body = match kind {
        "event" | "record" => {
            let Some(name) = exact(record, kind, usize::MAX)? else {
                return Err(Fault::at(RejectCode::NoEventName, kind, "the event has no name"));
            };
            let properties = properties(record, out)?;
            if kind == "event" {
                Body::Event { name, properties }
            } else {
                Body::Record { name, properties }
            }
        }
        "traits" => {
            Body::Traits { of: of(record, &envelope.who)?, traits: whole(out, kind, value)? }
        }
        "link" => {
            if envelope.who.user.is_none() || envelope.who.anonymous.is_none() {
                let reason = "a link needs `person` and `anonymous`";
                return Err(Fault::new(RejectCode::NoSubject, reason));
            }
            Body::Link
        }
        "alias" | "split" => {
            let other = exact(record, kind, ID_BYTES_MAX)?;
            let (Some(other), Some(_)) = (other, &envelope.who.user) else {
                let reason = format!("`{kind}` needs `person` and another id");
                return Err(Fault::new(RejectCode::NoSubject, reason));
            };
            if kind == "alias" { Body::Alias { other } } else { Body::Split { other } }
        }
        _ => membership(record)?,
    };
    out.fact(&envelope, "", envelope.who.clone(), body);
    if let Some(source) = exact(record, "source", ID_BYTES_MAX)? {
        out.drafts.last_mut().expect("a fact was just added").fact.source = source;
    }
    Ok(())
}

fn only_kind(record: &Record<'_>) -> Result<&'static str, Fault> {
    let mut kinds = KINDS.into_iter().filter(|it| !record.field(it).is_absent());
    match (kinds.next(), kinds.next()) {
        (Some(kind), None) => Ok(kind),
        (None, _) => Err(Fault::new(
            RejectCode::OtherShape,
            format!("none of {} is there", KINDS.join(", ")),
        )),
        (Some(one), Some(other)) => {
            let reason = format!("`{one}` and `{other}` cannot both be there");
            Err(Fault::new(RejectCode::OtherShape, reason))
        }
    }
}

/// A text to the letter: what `export` wrote is not trimmed.
fn exact(record: &Record<'_>, name: &str, bytes_max: usize) -> Result<Option<Text>, Fault> {
    let value = record.field(name);
    if value.is_absent() {
        return Ok(None);
    }
    match value.text() {
        Some(text) if text.len() > bytes_max => {
            let reason = format!("the id in `{name}` is longer than {bytes_max} bytes");
            Err(Fault::at(RejectCode::IdTooLong, name, reason))
        }
        Some(text) => Ok(Some(text.into())),
        None => {
            let reason = format!("`{name}` holds neither a text nor a number");
            Err(Fault::at(RejectCode::BadValue, name, reason))
        }
    }
}

fn of(record: &Record<'_>, who: &Who) -> Result<Kind, Fault> {
    match record.text("of").as_deref() {
        Some("account") => Ok(Kind::Account),
        None if who.user.is_none() && who.anonymous.is_none() => Ok(Kind::Account),
        Some("person") | None => Ok(Kind::Person),
        Some(other) => {
            let reason = format!("`of` is `{other}`, not `account` or `person`");
            Err(Fault::at(RejectCode::BadValue, "of", reason))
        }
    }
}

fn membership(record: &Record<'_>) -> Result<Body, Fault> {
    let joined = match record.text("membership").as_deref() {
        Some("joined") => true,
        Some("left") => false,
        _ => {
            let reason = "`membership` is neither `joined` nor `left`";
            return Err(Fault::at(RejectCode::BadValue, "membership", reason));
        }
    };
    Ok(Body::Membership { joined, role: exact(record, "role", usize::MAX)? })
}

/// `properties` as it stands; what stands beside the envelope joins it.
fn properties(record: &Record<'_>, out: &mut Out<'_>) -> Result<Json, Fault> {
    let value = record.field("properties");
    let beside = || {
        record.fields.iter().filter(|it| {
            !ENVELOPE.contains(&&*it.name)
                && !KINDS.contains(&&*it.name)
                && !matches!(it.value, Value::Missing | Value::Cell(""))
        })
    };
    if beside().next().is_none() {
        return whole(out, "properties", value);
    }
    let inside = match value.object() {
        Some(members) => members,
        None if value.is_absent() => crate::json::Members::default(),
        None => {
            let reason = "`properties` is not an object";
            return Err(Fault::at(RejectCode::BadValue, "properties", reason));
        }
    };
    notice_repeated(out, "properties", &inside);
    let mut object = ObjectWriter::new();
    for (name, raw) in inside.iter() {
        Value::Json(raw).write_json(object.member(name));
    }
    for field in beside().filter(|it| inside.get(&it.name).is_none()) {
        field.value.write_json(object.member(&field.name));
    }
    Ok(object.finish())
}
