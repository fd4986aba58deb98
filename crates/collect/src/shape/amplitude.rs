//! Amplitude: the export API's events.
//!
//! Every event repeats all properties of its user; they become traits only where they differ from
//! those of the event before, so that the history does not double.

use firsthand_model::fact::{Body, Kind, Who};
use firsthand_model::{Json, Text};

use super::{link, member_id, whole};
use crate::draft::{Envelope, Fault, Out, must_name_someone, names_anyone};
use crate::instant::TimeReader;
use crate::json::Members;
use crate::record::{Record, Value};
use crate::report::{NoticeCode, RejectCode};

const TIMES: [&str; 4] =
    ["event_time", "client_event_time", "server_received_time", "server_upload_time"];

pub(super) fn is_one(record: &Record<'_>) -> bool {
    let has = |name: &str| !record.field(name).is_absent();
    has("event_type")
        && TIMES.iter().any(|it| has(it))
        && ["user_id", "device_id", "amplitude_id"].iter().any(|it| has(it))
}

/// The types of groups that a record names.
pub(super) fn groups(record: &Record<'_>) -> Vec<Text> {
    let groups = record.field("groups").object().unwrap_or_default();
    groups.iter().map(|(name, _)| name.into()).collect()
}

pub(super) fn facts(
    record: &Record<'_>,
    group_type: &Text,
    times: &TimeReader,
    out: &mut Out<'_>,
) -> Result<(), Fault> {
    let Some(name) = out.name("event_type", record.field("event_type"))? else {
        return Err(Fault::at(RejectCode::NoEventName, "event_type", "the event has no name"));
    };
    let Some(column) = TIMES.into_iter().find(|it| !record.field(it).is_absent()) else {
        return Err(Fault::at(RejectCode::NoTime, "event_time", "`event_time` is empty"));
    };
    let time = out.time(times, column, record.field(column))?;
    let arrival = ["server_received_time", "server_upload_time"]
        .into_iter()
        .find(|it| !record.field(it).is_absent())
        .unwrap_or("server_received_time");
    let known_at = out.known_at(times, arrival, record.field(arrival), time)?;
    let id_column = if record.field("uuid").is_absent() { "$insert_id" } else { "uuid" };
    let groups = record.field("groups").object().unwrap_or_default();
    let envelope = Envelope {
        id: out.record_id(id_column, record.field(id_column))?,
        time,
        known_at,
        who: Who {
            user: out.id("user_id", record.field("user_id"))?,
            anonymous: out.id("device_id", record.field("device_id"))?,
            account: account(&groups, group_type, out)?,
        },
    };
    match &*name {
        "$groupidentify" => return group(record, &envelope, out),
        "$identify" => {
            must_name_someone(&envelope.who)?;
            let traits = whole(out, "user_properties", record.field("user_properties"))?;
            super::traits(out, &envelope, "", Kind::Person, traits);
            link(out, &envelope);
            return Ok(());
        }
        _ => {}
    }
    must_name_someone(&envelope.who)?;
    let properties = whole(out, "event_properties", record.field("event_properties"))?;
    out.fact(&envelope, "", envelope.who.clone(), Body::Event { name, properties });
    let traits = whole(out, "user_properties", record.field("user_properties"))?;
    if !traits.is_empty() {
        let who = Who { account: None, ..envelope.who.clone() };
        if names_anyone(&who) {
            out.repeating_traits(&envelope, who, Kind::Person, traits);
        } else {
            out.notice(NoticeCode::NothingToKeep, || "`user_properties` of nobody".to_owned());
        }
    }
    Ok(())
}

/// The account among the groups: `{"company": "acme"}` or `{"company": ["acme"]}`.
fn account(
    groups: &Members<'_>,
    group_type: &Text,
    out: &mut Out<'_>,
) -> Result<Option<Text>, Fault> {
    match groups.get(group_type) {
        Some(raw) if raw.get().starts_with('[') => {
            let first = raw.items().into_iter().next();
            first.map_or(Ok(None), |first| out.id(group_type, &Value::Json(first)))
        }
        Some(_) => member_id(out, group_type, groups),
        None => Ok(None),
    }
}

fn group(record: &Record<'_>, envelope: &Envelope, out: &mut Out<'_>) -> Result<(), Fault> {
    if envelope.who.account.is_none() {
        out.notice(NoticeCode::OtherGroup, || "a group of another type".to_owned());
        return Ok(());
    }
    let value = record.field("group_properties");
    let traits =
        if value.is_absent() { Json::default() } else { whole(out, "group_properties", value)? };
    let who = Who { account: envelope.who.account.clone(), ..Who::default() };
    out.fact(envelope, "", who, Body::Traits { of: Kind::Account, traits });
    Ok(())
}
