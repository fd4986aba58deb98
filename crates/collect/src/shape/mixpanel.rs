//! Mixpanel: the raw event export (`{"event": …, "properties": {…}}`) and the export of user
//! profiles (`{"$distinct_id": …, "$properties": {…}}`).
//!
//! Exports of projects made before 2023 count `time` in the project's zone, not in UTC. Nothing in
//! the file says so; `docs/import.md` does.

use firsthand_model::Text;
use firsthand_model::fact::{Body, Kind, Who};

use super::{alias, link, member_id, whole_raw};
use crate::draft::{Envelope, Fault, Out, must_name_someone};
use crate::instant::TimeReader;
use crate::json::{Members, Raw};
use crate::record::{Record, Value};
use crate::report::{NoticeCode, RejectCode};

const DEVICE_PREFIX: &str = "$device:";

pub(super) fn is_one(record: &Record<'_>) -> bool {
    if is_profile(record) {
        return true;
    }
    let Some(properties) = record.field("properties").object() else {
        return false;
    };
    !record.field("event").is_absent()
        && properties.get("time").is_some()
        && ["distinct_id", "$user_id", "$device_id", "$insert_id"]
            .iter()
            .any(|it| properties.get(it).is_some())
}

fn is_profile(record: &Record<'_>) -> bool {
    !record.field("$distinct_id").is_absent() && record.field("$properties").object().is_some()
}

pub(super) fn facts(
    record: &Record<'_>,
    group_key: Option<&Text>,
    times: &TimeReader,
    out: &mut Out<'_>,
) -> Result<(), Fault> {
    if is_profile(record) {
        return profile(record, times, out);
    }
    let Some(raw) = record.field("properties").object_text() else {
        let reason = "`properties` is not an object";
        return Err(Fault::at(RejectCode::OtherShape, "properties", reason));
    };
    let properties = Members::of(raw).unwrap_or_default();
    let Some(name) = out.name("event", record.field("event"))? else {
        return Err(Fault::at(RejectCode::NoEventName, "event", "the event has no name"));
    };
    let member = |name| properties.get(name).map_or(Value::Missing, Value::Json);
    let time = out.time(times, "time", &member("time"))?;
    let known_at =
        out.known_at(times, "mp_processing_time_ms", &member("mp_processing_time_ms"), time)?;
    let envelope = Envelope {
        id: out.record_id("$insert_id", &member("$insert_id"))?,
        time,
        known_at,
        who: who(&properties, group_key, out)?,
    };
    match &*name {
        "$identify" => {
            let user = member_id(out, "$identified_id", &properties)?;
            let anonymous = match member_id(out, "$anon_id", &properties)? {
                Some(id) => Some(without_prefix(&id)),
                None => envelope.who.anonymous.clone(),
            };
            let who = Who { user: user.or(envelope.who.user.clone()), anonymous, account: None };
            if who.user.is_none() || who.anonymous.is_none() {
                return Err(Fault::new(RejectCode::NoSubject, "an identification needs two ids"));
            }
            link(out, &Envelope { who, ..envelope });
            Ok(())
        }
        "$create_alias" => {
            let one = member_id(out, "distinct_id", &properties)?;
            let other = member_id(out, "alias", &properties)?;
            alias(out, &envelope, one, other)
        }
        "$merge" => merge(&properties, &envelope, out),
        _ => {
            must_name_someone(&envelope.who)?;
            let properties = whole_raw(out, "properties", raw);
            out.fact(&envelope, "", envelope.who.clone(), Body::Event { name, properties });
            Ok(())
        }
    }
}

fn who(
    properties: &Members<'_>,
    group_key: Option<&Text>,
    out: &mut Out<'_>,
) -> Result<Who, Fault> {
    let distinct = member_id(out, "distinct_id", properties)?;
    let mut user = member_id(out, "$user_id", properties)?;
    let mut anonymous = member_id(out, "$device_id", properties)?;
    match distinct {
        Some(id) if id.starts_with(DEVICE_PREFIX) => {
            anonymous = anonymous.or_else(|| Some(without_prefix(&id)));
        }
        Some(id) if user.is_none() && anonymous.as_ref() != Some(&id) => user = Some(id),
        _ => {}
    }
    let account = match group_key.and_then(|key| properties.get(key)) {
        // An event may belong to several groups; it counts for the first.
        Some(raw) if raw.get().starts_with('[') => {
            let first: Option<String> = serde_json::from_str::<Vec<String>>(raw.get())
                .ok()
                .and_then(|it| it.into_iter().next());
            first.map(Text::from)
        }
        Some(raw) => out.id(group_key.map_or("", Text::as_str), &Value::Json(raw))?,
        None => None,
    };
    Ok(Who { user, anonymous, account })
}

fn without_prefix(id: &Text) -> Text {
    id.strip_prefix(DEVICE_PREFIX).map_or_else(|| id.clone(), Text::new)
}

fn merge(properties: &Members<'_>, envelope: &Envelope, out: &mut Out<'_>) -> Result<(), Fault> {
    let ids = properties.get("$distinct_ids").map_or("[]", Raw::get);
    let ids: Vec<String> = serde_json::from_str(ids).unwrap_or_default();
    let [one, other] = ids.as_slice() else {
        return Err(Fault::at(RejectCode::BadValue, "$distinct_ids", "a merge needs two ids"));
    };
    alias(out, envelope, Some(one.as_str().into()), Some(other.as_str().into()))
}

/// A user profile: traits as of when the person was last seen, else as of the import.
fn profile(record: &Record<'_>, times: &TimeReader, out: &mut Out<'_>) -> Result<(), Fault> {
    let Some(raw) = record.field("$properties").object_text() else {
        return Err(Fault::new(RejectCode::OtherShape, "the record is no event and no profile"));
    };
    let properties = Members::of(raw).unwrap_or_default();
    let time = if let Some(seen) = properties.get("$last_seen") {
        out.time(times, "$last_seen", &Value::Json(seen))?
    } else {
        out.notice(NoticeCode::TimeOfImport, || "the profile has no `$last_seen`".to_owned());
        times.now()
    };
    let user = out.id("$distinct_id", record.field("$distinct_id"))?;
    let who = Who { user, ..Who::default() };
    must_name_someone(&who)?;
    let envelope = Envelope { id: None, time, known_at: None, who };
    let traits = whole_raw(out, "$properties", raw);
    super::traits(out, &envelope, "", Kind::Person, traits);
    Ok(())
}
