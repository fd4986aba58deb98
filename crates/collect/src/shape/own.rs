//! The program's own shape, which `export` writes: one fact a line, every kind of fact, nothing
//! lost on the way out and in again. `docs/import.md` describes it for people.

use firsthand_model::fact::{Body, ID_BYTES_MAX, Kind, Who};
use firsthand_model::{Json, Text};

use super::{notice_repeated, whole};
use crate::draft::{Fault, Head, Out, must_name_someone};
use crate::instant::TimeReader;
use crate::json::ObjectWriter;
use crate::record::{Field, Record, Value};
use crate::report::RejectCode;

/// What tells the kinds of facts apart: exactly one of these is there.
const KINDS: [&str; 7] = ["event", "record", "traits", "link", "alias", "split", "membership"];

/// The parts of a record by their names. Of a name that is repeated, the last one counts.
struct Parts<'r, 'a> {
    id: &'r Value<'a>,
    source: &'r Value<'a>,
    time: &'r Value<'a>,
    known_at: &'r Value<'a>,
    person: &'r Value<'a>,
    anonymous: &'r Value<'a>,
    account: &'r Value<'a>,
    properties: &'r Value<'a>,
    of: &'r Value<'a>,
    role: &'r Value<'a>,
    /// In the order of [`KINDS`].
    kinds: [&'r Value<'a>; KINDS.len()],
    /// Whether anything else is there: that is a property.
    beside: bool,
}

impl<'r, 'a> Parts<'r, 'a> {
    fn of(record: &'r Record<'a>) -> Self {
        const MISSING: &Value<'static> = &Value::Missing;
        let mut parts = Self {
            id: MISSING,
            source: MISSING,
            time: MISSING,
            known_at: MISSING,
            person: MISSING,
            anonymous: MISSING,
            account: MISSING,
            properties: MISSING,
            of: MISSING,
            role: MISSING,
            kinds: [MISSING; KINDS.len()],
            beside: false,
        };
        for Field { name, value } in &record.fields {
            match parts.place(name) {
                Some(place) => *place = value,
                None => parts.beside |= !matches!(value, Value::Missing | Value::Cell("")),
            }
        }
        parts
    }

    /// Where the value of a name goes; `None` for the name of a property.
    fn place(&mut self, name: &str) -> Option<&mut &'r Value<'a>> {
        Some(match name {
            "id" => &mut self.id,
            "source" => &mut self.source,
            "time" => &mut self.time,
            "known_at" => &mut self.known_at,
            "person" => &mut self.person,
            "anonymous" => &mut self.anonymous,
            "account" => &mut self.account,
            "properties" => &mut self.properties,
            "of" => &mut self.of,
            "role" => &mut self.role,
            _ => &mut self.kinds[KINDS.iter().position(|it| *it == name)?],
        })
    }

    /// Which kind of fact it is, and what it says of that.
    fn kind(&self) -> Result<(&'static str, &'r Value<'a>), Fault> {
        let all = KINDS.into_iter().zip(self.kinds);
        let mut kinds = all.filter(|(_, value)| !value.is_absent());
        match (kinds.next(), kinds.next()) {
            (Some(kind), None) => Ok(kind),
            (None, _) => Err(Fault::new(
                RejectCode::OtherShape,
                format!("none of {} is there", KINDS.join(", ")),
            )),
            (Some((one, _)), Some((other, _))) => {
                let reason = format!("`{one}` and `{other}` cannot both be there");
                Err(Fault::new(RejectCode::OtherShape, reason))
            }
        }
    }
}

pub(super) fn is_one(record: &Record<'_>) -> bool {
    let parts = Parts::of(record);
    !parts.time.is_absent()
        && parts.kinds.iter().any(|it| !it.is_absent())
        && [parts.person, parts.anonymous, parts.account].iter().any(|it| !it.is_absent())
}

pub(super) fn facts(
    record: &Record<'_>,
    times: &TimeReader,
    out: &mut Out<'_>,
) -> Result<(), Fault> {
    let parts = Parts::of(record);
    let time = out.time(times, "time", parts.time)?;
    let head = Head {
        id: exact("id", parts.id, usize::MAX)?,
        time,
        known_at: out.known_at(times, "known_at", parts.known_at, time)?,
    };
    match exact("source", parts.source, ID_BYTES_MAX)? {
        None => meaning(record, head, out),
        Some(source) => meaning(record, head, &mut Out { source: &source, ..out.again() }),
    }
}

/// What a fact says, of which is known when it was.
pub(crate) fn meaning(record: &Record<'_>, head: Head, out: &mut Out<'_>) -> Result<(), Fault> {
    let parts = Parts::of(record);
    let (kind, value) = parts.kind()?;
    let envelope = head.of(Who {
        user: exact("person", parts.person, ID_BYTES_MAX)?,
        anonymous: exact("anonymous", parts.anonymous, ID_BYTES_MAX)?,
        account: exact("account", parts.account, ID_BYTES_MAX)?,
    });
    must_name_someone(&envelope.who)?;
    let body = match kind {
        "event" | "record" => {
            let Some(name) = exact(kind, value, usize::MAX)? else {
                return Err(Fault::at(RejectCode::NoEventName, kind, "the event has no name"));
            };
            let properties = properties(record, &parts, out)?;
            if kind == "event" {
                Body::Event { name, properties }
            } else {
                Body::Record { name, properties }
            }
        }
        "traits" => {
            Body::Traits { of: of(parts.of, &envelope.who)?, traits: whole(out, kind, value)? }
        }
        "link" => {
            if envelope.who.user.is_none() || envelope.who.anonymous.is_none() {
                let reason = "a link needs `person` and `anonymous`";
                return Err(Fault::new(RejectCode::NoSubject, reason));
            }
            Body::Link
        }
        "alias" | "split" => {
            let other = exact(kind, value, ID_BYTES_MAX)?;
            let (Some(other), Some(_)) = (other, &envelope.who.user) else {
                let reason = format!("`{kind}` needs `person` and another id");
                return Err(Fault::new(RejectCode::NoSubject, reason));
            };
            if kind == "alias" { Body::Alias { other } } else { Body::Split { other } }
        }
        _ => membership(value, parts.role)?,
    };
    out.fact(&envelope, "", envelope.who.clone(), body);
    Ok(())
}

/// A text to the letter: what `export` wrote is not trimmed.
pub(crate) fn exact(
    name: &str,
    value: &Value<'_>,
    bytes_max: usize,
) -> Result<Option<Text>, Fault> {
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

fn of(value: &Value<'_>, who: &Who) -> Result<Kind, Fault> {
    match value.text().as_deref() {
        Some("account") => Ok(Kind::Account),
        None if who.user.is_none() && who.anonymous.is_none() => Ok(Kind::Account),
        Some("person") | None => Ok(Kind::Person),
        Some(other) => {
            let reason = format!("`of` is `{other}`, not `account` or `person`");
            Err(Fault::at(RejectCode::BadValue, "of", reason))
        }
    }
}

fn membership(value: &Value<'_>, role: &Value<'_>) -> Result<Body, Fault> {
    let joined = match value.text().as_deref() {
        Some("joined") => true,
        Some("left") => false,
        _ => {
            let reason = "`membership` is neither `joined` nor `left`";
            return Err(Fault::at(RejectCode::BadValue, "membership", reason));
        }
    };
    Ok(Body::Membership { joined, role: exact("role", role, usize::MAX)? })
}

/// `properties` as it stands; what stands beside the envelope joins it.
fn properties(
    record: &Record<'_>,
    parts: &Parts<'_, '_>,
    out: &mut Out<'_>,
) -> Result<Json, Fault> {
    let value = parts.properties;
    if !parts.beside {
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
    let mut places = Parts::of(record);
    let beside = record.fields.iter().filter(|it| {
        places.place(&it.name).is_none()
            && !matches!(it.value, Value::Missing | Value::Cell(""))
            && inside.get(&it.name).is_none()
    });
    for field in beside {
        field.value.write_json(object.member(&field.name));
    }
    Ok(object.finish())
}
