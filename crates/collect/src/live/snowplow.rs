//! The Snowplow tracker protocol.
//!
//! An event is a flat list of short parameters, all texts. What is structured comes as JSON in a
//! parameter, plain (`co`, `ue_pr`) or in base64 (`cx`, `ue_px`), and wrapped twice: an envelope whose
//! schema says *an event* or *contexts*, and in it the real schema with its data. Trackers send no
//! key; whose a call is follows from its app id (`aid`), or from a key in the path.

use std::borrow::Cow;

use firsthand_model::Text;
use firsthand_model::config::SnowplowRules;
use firsthand_model::fact::{Body, Who};

use super::answer::{Answer, Refusal};
use super::call::{Context, object, text};
use super::clock::Clock;
use super::intake::{StandIns, items};
use super::received::Received;
use super::{base64, query};
use crate::draft::{Fault, Head, Out, must_name_someone};
use crate::json::{Members, ObjectWriter, Raw, write_string};
use crate::record::{Record, Value};
use crate::report::RejectCode;

/// Reads a list of events.
pub(super) fn payload(context: &Context<'_, '_>) -> Result<Received, Refusal> {
    let body = context.body()?;
    let text = text(&body);
    let envelope = object(&text)?;
    let Some(data) = envelope.get("data").filter(|it| it.get().starts_with('[')) else {
        return Err(Refusal::bad_body("the payload has no `data`"));
    };
    let events: Vec<&str> = items(data)?.into_iter().map(Raw::get).collect();
    let app_id =
        events.iter().find_map(|it| Members::parse(it).ok()?.text("aid").map(Cow::into_owned));
    take(context, &events, app_id.as_deref(), context.accepted())
}

/// Reads one event from the query; the answer is a picture.
pub(super) fn ping(context: &Context<'_, '_>) -> Result<Received, Refusal> {
    let query = context.request.query;
    let mut event = ObjectWriter::new();
    for (name, value) in query::pairs(query) {
        write_string(event.member(&name), &value);
    }
    let event = event.finish();
    let app_id = query::value(query, "aid");
    take(context, &[event.as_str()], app_id.as_deref(), Answer::pixel())
}

fn take(
    context: &Context<'_, '_>,
    events: &[&str],
    app_id: Option<&str>,
    answer: Answer,
) -> Result<Received, Refusal> {
    let by_app_id = context.find(|it| it.by_app_id(app_id?));
    let source = match by_app_id.filter(|it| it.accepts(context.protocol())) {
        Some(source) => source,
        None => context.source(&[])?,
    };
    let mut intake = context.intake(source);
    intake.expect(events.len());
    let clock = context.clock(source);
    let rules = &source.rules().snowplow;
    for raw in events {
        // What becomes of it stands in the rejects.
        let _outcome = intake
            .item(raw, &alone, &mut |record, out, ids| event(record, raw, &clock, rules, out, ids));
    }
    let mut received = intake.finish(answer);
    for reject in &mut received.rejects {
        reject.path = PAYLOAD_PATH.into();
    }
    Ok(received)
}

/// Where a rejected event is read again, in whichever way it came.
const PAYLOAD_PATH: &str = "/com.snowplowanalytics.snowplow/tp2";

fn alone(raw: &str) -> String {
    format!("{{\"data\":[{raw}]}}")
}

fn event(
    record: &Record<'_>,
    raw: &str,
    clock: &Clock,
    rules: &SnowplowRules,
    out: &mut Out<'_>,
    ids: &mut StandIns,
) -> Result<(), Fault> {
    let clock = clock.sent(record.field("stm"));
    let (time, says_when) = if !record.field("ttm").is_absent() {
        (clock.stated("ttm", record.field("ttm"), out)?, true)
    } else if !record.field("dtm").is_absent() {
        (clock.corrected("dtm", record.field("dtm"), out)?, true)
    } else {
        (clock.received_at, false)
    };
    let id = match out.record_id("eid", record.field("eid"))? {
        Some(id) => id,
        None => ids.of(raw, (!says_when).then_some(clock.received_at)),
    };
    let contexts = described(record, "co", "cx")?;
    let contexts = contexts.as_deref().map_or_else(Vec::new, entities);
    let account = match &rules.account_context {
        Some(schema) => account(&contexts, schema, &rules.account_key, out)?,
        None => None,
    };
    let (device, device_id) = ["duid", "nuid", "tnuid", "sid"]
        .into_iter()
        .map(|it| (it, record.field(it)))
        .find(|(_, value)| !value.is_absent())
        .unwrap_or(("duid", &Value::Missing));
    let who = Who {
        user: out.id("uid", record.field("uid"))?,
        anonymous: out.id(device, device_id)?,
        account,
    };
    must_name_someone(&who)?;
    let envelope = Head { id: Some(id), time, known_at: None }.of(who);
    let (name, mut properties) = what(record, out)?;
    let others = contexts.iter().filter(|it| rules.account_context.as_deref() != Some(it.schema()));
    let mut seen = ObjectWriter::new();
    for entity in others {
        seen.member(entity.name()).push_str(entity.data.get());
    }
    let seen = seen.finish();
    if !seen.is_empty() {
        properties.member("contexts").push_str(seen.as_str());
    }
    let body = Body::Event { name, properties: properties.finish() };
    out.fact(&envelope, "", envelope.who.clone(), body);
    Ok(())
}

/// What happened: the event's name and what it says.
fn what(record: &Record<'_>, out: &mut Out<'_>) -> Result<(Text, ObjectWriter), Fault> {
    let Some(kind) = record.text("e") else {
        return Err(Fault::at(RejectCode::OtherShape, "e", "the event has no `e`"));
    };
    let mut properties = ObjectWriter::new();
    let mut add = |names: &[(&str, &str)]| {
        for (from, to) in names {
            let value = record.field(from);
            if !value.is_absent() {
                value.write_json(properties.member(to));
            }
        }
    };
    let page = [("url", "url"), ("page", "title"), ("refr", "referrer")];
    let name = match &*kind {
        "pv" => {
            add(&page);
            "Page viewed".into()
        }
        "pp" => {
            add(&page);
            "Page pinged".into()
        }
        "se" => {
            add(&[("se_ca", "category"), ("se_la", "label"), ("se_pr", "property")]);
            let value =
                record.text("se_va").filter(|it| it.parse::<f64>().is_ok_and(f64::is_finite));
            if let Some(value) = value {
                Value::Cell(&value).write_json(properties.member("value"));
            }
            match out.name("se_ac", record.field("se_ac"))? {
                Some(name) => name,
                None => return Err(no_name("se_ac")),
            }
        }
        "ue" => {
            let Some(described) = described(record, "ue_pr", "ue_px")? else {
                return Err(no_name("ue_pr"));
            };
            let inner = Members::parse(&described).ok().and_then(|it| it.get("data"));
            let Some(entity) = inner.and_then(Entity::of) else {
                return Err(Fault::at(RejectCode::BadValue, "ue_pr", "no event is described"));
            };
            if let Some(data) = Members::of(entity.data) {
                for (name, raw) in data.iter() {
                    Value::Json(raw).write_json(properties.member(name));
                }
            }
            entity.name().into()
        }
        "tr" | "ti" => {
            for field in record.fields.iter().filter(|it| it.name.starts_with('t')) {
                if let Some((_, name)) = field.name.split_once('_') {
                    field.value.write_json(properties.member(name));
                }
            }
            if kind == "tr" { "Transaction".into() } else { "Transaction item".into() }
        }
        other => {
            let reason = format!("`{other}` is no kind of event");
            return Err(Fault::at(RejectCode::OtherShape, "e", reason));
        }
    };
    Ok((name, properties))
}

fn no_name(column: &str) -> Fault {
    Fault::at(RejectCode::NoEventName, column, "the event has no name")
}

/// The JSON of a parameter, plain or in base64.
fn described(record: &Record<'_>, plain: &str, packed: &str) -> Result<Option<String>, Fault> {
    if let Some(text) = record.text(plain) {
        return checked(text.into_owned(), plain).map(Some);
    }
    let Some(text) = record.text(packed) else {
        return Ok(None);
    };
    let unpacked = base64::decode(text.as_bytes()).and_then(|it| String::from_utf8(it).ok());
    let Some(json) = unpacked else {
        let reason = format!("`{packed}` is not base64");
        return Err(Fault::at(RejectCode::BadValue, packed, reason));
    };
    checked(json, packed).map(Some)
}

fn checked(json: String, column: &str) -> Result<String, Fault> {
    if crate::json::too_deep(&json) {
        let reason = format!("`{column}` is nested too deeply");
        return Err(Fault::at(RejectCode::TooDeep, column, reason));
    }
    let json = crate::json::without_lone_surrogates(&json).unwrap_or(json);
    if Raw::parse(&json).is_err() {
        let reason = format!("`{column}` is not JSON");
        return Err(Fault::at(RejectCode::BadJson, column, reason));
    }
    Ok(json)
}

/// Something that a schema describes.
struct Entity<'a> {
    /// `iglu:com.acme/account/jsonschema/1-0-0`.
    schema: Cow<'a, str>,
    data: Raw<'a>,
}

impl<'a> Entity<'a> {
    fn of(raw: Raw<'a>) -> Option<Self> {
        let members = Members::of(raw)?;
        Some(Self { schema: members.text("schema")?, data: members.get("data")? })
    }

    /// The schema without its version.
    fn schema(&self) -> &str {
        self.schema.rsplit_once('/').map_or(&self.schema, |(schema, _)| schema)
    }

    /// What the schema is called.
    fn name(&self) -> &str {
        self.schema.split('/').nth(1).unwrap_or(&self.schema)
    }
}

/// What describes the circumstances of an event.
fn entities(contexts: &str) -> Vec<Entity<'_>> {
    let data = Members::parse(contexts).ok().and_then(|it| it.get("data"));
    data.map_or_else(Vec::new, |it| it.items().into_iter().filter_map(Entity::of).collect())
}

fn account(
    contexts: &[Entity<'_>],
    schema: &str,
    key: &str,
    out: &mut Out<'_>,
) -> Result<Option<Text>, Fault> {
    let Some(entity) = contexts.iter().find(|it| it.schema() == schema) else {
        return Ok(None);
    };
    let data = Members::of(entity.data).unwrap_or_default();
    data.get(key).map_or(Ok(None), |raw| out.id(key, &Value::Json(raw)))
}
