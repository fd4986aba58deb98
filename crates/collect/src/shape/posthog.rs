//! PostHog: batch exports, API exports and CSV downloads of events, and events as its clients send
//! them ([`meaning`]).
//!
//! The two server clients disagree on which side of `$create_alias` is which, so it is taken as a
//! union without direction. `$groupidentify` often carries a made-up distinct id: no person is
//! made of it.

use firsthand_model::fact::{Body, Kind, Who};
use firsthand_model::{Json, Text};

use super::{alias, link, member_id, notice_repeated, one_line, whole_raw};
use crate::draft::{Envelope, Fault, Head, Out, must_name_someone};
use crate::instant::TimeReader;
use crate::json::{Members, ObjectWriter};
use crate::record::{Record, Value};
use crate::report::{NoticeCode, RejectCode};

pub(super) fn is_one(record: &Record<'_>) -> bool {
    ["event", "distinct_id", "timestamp"].iter().all(|it| !record.field(it).is_absent())
}

/// The types of groups that a record names.
pub(super) fn groups(record: &Record<'_>) -> Vec<Text> {
    let properties = record.field("properties").object().unwrap_or_default();
    let groups = properties.object("$groups").unwrap_or_default();
    let kind = properties.text("$group_type");
    groups.iter().map(|(name, _)| Text::new(name)).chain(kind.map(Text::from)).collect()
}

pub(super) fn facts(
    record: &Record<'_>,
    group_type: &Text,
    times: &TimeReader,
    out: &mut Out<'_>,
) -> Result<(), Fault> {
    let time = out.time(times, "timestamp", record.field("timestamp"))?;
    let (arrival, known_at) = first_present(record, &["_inserted_at", "inserted_at", "created_at"]);
    let known_at = out.known_at(times, arrival, known_at, time)?;
    let id = id(record, out)?;
    let properties = properties(record)?;
    meaning(record, &properties, Head { id, time, known_at }, group_type, false, out)
}

/// The id of an event.
pub(crate) fn id(record: &Record<'_>, out: &mut Out<'_>) -> Result<Option<Text>, Fault> {
    let (column, id) = first_present(record, &["uuid", "id"]);
    out.record_id(column, id)
}

/// The properties of an event, opened.
pub(crate) fn properties<'a>(record: &Record<'a>) -> Result<Members<'a>, Fault> {
    let column = record.field("properties");
    match column.object() {
        Some(properties) => Ok(properties),
        None if column.is_absent() => Ok(Members::default()),
        None => {
            let reason = "`properties` is not an object";
            Err(Fault::at(RejectCode::BadValue, "properties", reason))
        }
    }
}

/// What an event says, of which is known when it was; `nobody` where it wants to make no person
/// known.
pub(crate) fn meaning(
    record: &Record<'_>,
    properties: &Members<'_>,
    head: Head,
    group_type: &Text,
    nobody: bool,
    out: &mut Out<'_>,
) -> Result<(), Fault> {
    let Some(name) = out.name("event", record.field("event"))? else {
        return Err(Fault::at(RejectCode::NoEventName, "event", "the event has no name"));
    };
    let envelope = head.of(who(record, properties, group_type, nobody, out)?);
    match &*name {
        "$groupidentify" => return group(&envelope, properties, group_type, out),
        "$create_alias" | "$merge_dangerously" => {
            let named = member_id(out, "distinct_id", properties)?;
            let outer = out.id("distinct_id", record.field("distinct_id"))?;
            let other = member_id(out, "alias", properties)?;
            return alias(out, &envelope, named.or(outer), other);
        }
        _ => {}
    }
    must_name_someone(&envelope.who)?;
    let identifies = matches!(&*name, "$identify" | "$set" | "$set_once");
    if identifies {
        let traits = person_traits(record, properties, true, out);
        super::traits(out, &envelope, "", Kind::Person, traits);
        if name == "$identify" {
            let anonymous = member_id(out, "$anon_distinct_id", properties)?;
            let who = Who { anonymous, ..envelope.who.clone() };
            link(out, &Envelope { who, ..envelope });
        }
        return Ok(());
    }
    let whole = match record.field("properties").object_text() {
        Some(raw) => whole_raw(out, "properties", raw),
        None => Json::default(),
    };
    out.fact(&envelope, "", envelope.who.clone(), Body::Event { name, properties: whole });
    let traits = person_traits(record, properties, false, out);
    if !traits.is_empty() {
        super::traits(out, &envelope, "traits", Kind::Person, traits);
    }
    Ok(())
}

fn first_present<'r, 'a>(
    record: &'r Record<'a>,
    names: &[&'static str],
) -> (&'static str, &'r Value<'a>) {
    let found = names.iter().find(|it| !record.field(it).is_absent()).unwrap_or(&names[0]);
    (found, record.field(found))
}

/// A distinct id is a device's until somebody signs in; the browser says so in several ways.
fn who(
    record: &Record<'_>,
    properties: &Members<'_>,
    group_type: &Text,
    nobody: bool,
    out: &mut Out<'_>,
) -> Result<Who, Fault> {
    let distinct = match out.id("distinct_id", record.field("distinct_id"))? {
        Some(id) => Some(id),
        // The browser's client says it only here.
        None => member_id(out, "distinct_id", properties)?,
    };
    let device = member_id(out, "$device_id", properties)?;
    let nobody = nobody
        || properties.flag("$process_person_profile") == Some(false)
        || properties.flag("$is_identified") == Some(false)
        || (device.is_some() && device == distinct);
    let account = match properties.object("$groups") {
        Some(groups) => member_id(out, group_type, &groups)?,
        None => None,
    };
    Ok(if nobody {
        Who { user: None, anonymous: distinct, account }
    } else {
        Who { user: distinct, anonymous: device, account }
    })
}

fn group(
    envelope: &Envelope,
    properties: &Members<'_>,
    group_type: &Text,
    out: &mut Out<'_>,
) -> Result<(), Fault> {
    let kind = properties.text("$group_type").unwrap_or_default();
    if kind != group_type.as_str() {
        out.notice(NoticeCode::OtherGroup, || format!("a group of type `{kind}`"));
        return Ok(());
    }
    let Some(account) = member_id(out, "$group_key", properties)? else {
        return Err(Fault::at(RejectCode::NoSubject, "$group_key", "the group has no key"));
    };
    let traits = properties.get("$group_set").map(|raw| whole_raw(out, "$group_set", raw));
    let who = Who { account: Some(account), ..Who::default() };
    let body = Body::Traits { of: Kind::Account, traits: traits.unwrap_or_default() };
    out.fact(envelope, "", who, body);
    Ok(())
}

/// Traits of the person: `$set`, in the properties or beside them. `$set_once` is meant for values
/// not set before, which a single record cannot know: it counts where the record is about the
/// person, and elsewhere stays with the event's properties.
fn person_traits(
    record: &Record<'_>,
    properties: &Members<'_>,
    about_person: bool,
    out: &mut Out<'_>,
) -> Json {
    let set = properties.get("$set").or_else(|| record.field("$set").object_text());
    let once = properties.get("$set_once").or_else(|| record.field("$set_once").object_text());
    let set_members = set.and_then(Members::of).unwrap_or_default();
    notice_repeated(out, "$set", &set_members);
    let once_members = once.and_then(Members::of).unwrap_or_default();
    if !about_person || once_members.is_empty() {
        return set.filter(|_| !set_members.is_empty()).map(one_line).unwrap_or_default();
    }
    out.notice(NoticeCode::SetOnce, || {
        let names: Vec<&str> = once_members.iter().map(|(name, _)| name).collect();
        names.join(", ")
    });
    let mut object = ObjectWriter::new();
    for (name, raw) in once_members.iter().filter(|(name, _)| set_members.get(name).is_none()) {
        Value::Json(raw).write_json(object.member(name));
    }
    for (name, raw) in set_members.iter() {
        Value::Json(raw).write_json(object.member(name));
    }
    object.finish()
}
