//! The shapes of records that are recognised, and the mapped one for all others.
//!
//! A shape turns one record into facts. Start at [`Shape::of_sample`], which looks at the first
//! records of a file; each vendor has a file of its own.

pub(crate) mod amplitude;
pub(crate) mod fit;
pub(crate) mod mapped;
pub(crate) mod mixpanel;
pub(crate) mod own;
pub(crate) mod posthog;
pub(crate) mod segment;

use firsthand_model::fact::{Body, Kind, Who};
use firsthand_model::{Json, Text, members};

use crate::draft::{Envelope, Fault, Out};
use crate::instant::TimeReader;
use crate::json::{Members, Raw};
use crate::record::{Record, Value};
use crate::report::{NoticeCode, RejectCode};

/// What the records of a file are.
#[derive(Debug)]
pub(crate) enum Shape {
    Own,
    Segment,
    PostHog { group_type: Text },
    Mixpanel { group_key: Option<Text> },
    Amplitude { group_type: Text },
    Mapped(Box<mapped::Mapped>),
}

impl Shape {
    /// Recognises the shape of a file by its first records, or `None` where most of them are of no
    /// shape that is known. `group_type` is the type of group that is the account.
    pub(crate) fn of_sample(records: &[Record<'_>], group_type: Option<&Text>) -> Option<Self> {
        let most = |is: fn(&Record<'_>) -> bool| {
            let count = records.iter().filter(|record| is(record)).count();
            count > 0 && count * 2 >= records.len()
        };
        if most(own::is_one) {
            Some(Self::Own)
        } else if most(segment::is_one) {
            Some(Self::Segment)
        } else if most(posthog::is_one) {
            let group_type = account_group(records, group_type, posthog::groups);
            Some(Self::PostHog { group_type })
        } else if most(mixpanel::is_one) {
            Some(Self::Mixpanel { group_key: group_type.cloned() })
        } else if most(amplitude::is_one) {
            let group_type = account_group(records, group_type, amplitude::groups);
            Some(Self::Amplitude { group_type })
        } else {
            None
        }
    }

    /// The name for people.
    pub(crate) fn title(&self) -> &'static str {
        match self {
            Self::Own => "facts",
            Self::Segment => "Segment or RudderStack export",
            Self::PostHog { .. } => "PostHog export",
            Self::Mixpanel { .. } => "Mixpanel export",
            Self::Amplitude { .. } => "Amplitude export",
            Self::Mapped(_) => "by mapping",
        }
    }

    /// Makes the facts of one record; none where the record says nothing that is kept.
    pub(crate) fn facts(
        &self,
        record: &Record<'_>,
        times: &TimeReader,
        out: &mut Out<'_>,
    ) -> Result<(), Fault> {
        match self {
            Self::Own => own::facts(record, times, out),
            Self::Segment => segment::facts(record, times, out),
            Self::PostHog { group_type } => posthog::facts(record, group_type, times, out),
            Self::Mixpanel { group_key } => mixpanel::facts(record, group_key.as_ref(), times, out),
            Self::Amplitude { group_type } => amplitude::facts(record, group_type, times, out),
            Self::Mapped(mapped) => mapped.facts(record, out),
        }
    }
}

/// The type of group that is the account: the one configured, else `company`, else the first one
/// that the sample names.
fn account_group(
    records: &[Record<'_>],
    configured: Option<&Text>,
    groups: fn(&Record<'_>) -> Vec<Text>,
) -> Text {
    if let Some(configured) = configured {
        return configured.clone();
    }
    let seen: Vec<Text> = records.iter().flat_map(groups).collect();
    let company = Text::new_static("company");
    if seen.is_empty() || seen.contains(&company) { company } else { seen[0].clone() }
}

/// The whole of an object, or an empty one; repeated members are noticed.
pub(crate) fn whole(out: &mut Out<'_>, column: &str, value: &Value<'_>) -> Result<Json, Fault> {
    if value.is_absent() {
        return Ok(Json::default());
    }
    if let Value::Nested(text) = value {
        return Json::parse(text.as_str()).map_err(|_| {
            Fault::at(RejectCode::BadValue, column, format!("`{column}` is no object"))
        });
    }
    let raw = value.object_text().ok_or_else(|| {
        Fault::at(RejectCode::BadValue, column, format!("`{column}` is not an object"))
    })?;
    Ok(whole_raw(out, column, raw))
}

fn whole_raw(out: &mut Out<'_>, column: &str, raw: Raw<'_>) -> Json {
    // Names without escapes are compared as they stand, which is quick.
    let escaped = raw.get().contains('\\');
    if (escaped || may_repeat_a_name(raw.get()))
        && let Some(members) = Members::of(raw)
    {
        notice_repeated(out, column, &members);
    }
    one_line(raw)
}

/// Members of an object whose names are compared with each other.
const COMPARED_MAX: usize = 32;

/// Whether an object that is well formed and has no escapes may name a member twice: surely not, if
/// it has few and all differ.
fn may_repeat_a_name(object: &str) -> bool {
    let mut names = [""; COMPARED_MAX];
    for (at, (name, _)) in members::Members::of(object).enumerate() {
        if at == COMPARED_MAX || names[..at].contains(&name) {
            return true;
        }
        names[at] = name;
    }
    false
}

/// Keeps an object to the letter, on one line.
fn one_line(raw: Raw<'_>) -> Json {
    if memchr::memchr2(b'\n', b'\r', raw.get().as_bytes()).is_some() {
        let mut text = String::with_capacity(raw.get().len());
        crate::json::write_on_one_line(&mut text, raw.get());
        return Json::parse(text).unwrap_or_default();
    }
    raw.to_json().unwrap_or_default()
}

fn notice_repeated(out: &mut Out<'_>, column: &str, members: &Members<'_>) {
    if let Some(name) = members.repeated() {
        out.notice(NoticeCode::RepeatedMember, || format!("`{column}` has `{name}` twice"));
    }
}

/// An id inside of an object.
fn member_id(out: &mut Out<'_>, name: &str, members: &Members<'_>) -> Result<Option<Text>, Fault> {
    members.get(name).map_or(Ok(None), |raw| out.id(name, &Value::Json(raw)))
}

/// The anonymous id belongs to the user, if both are named.
fn link(out: &mut Out<'_>, envelope: &Envelope) {
    if envelope.who.user.is_some() && envelope.who.anonymous.is_some() {
        let who = Who { account: None, ..envelope.who.clone() };
        out.fact(envelope, "link", who, Body::Link);
    }
}

/// Two ids are one person.
fn alias(
    out: &mut Out<'_>,
    envelope: &Envelope,
    one: Option<Text>,
    other: Option<Text>,
) -> Result<(), Fault> {
    let (Some(one), Some(other)) = (one, other) else {
        return Err(Fault::new(RejectCode::NoSubject, "an alias needs two ids"));
    };
    if one == other {
        out.notice(NoticeCode::NothingToKeep, || format!("`{one}` is an alias of itself"));
        return Ok(());
    }
    let who = Who { user: Some(one), anonymous: None, account: None };
    out.fact(envelope, "", who, Body::Alias { other });
    Ok(())
}

/// Traits of a person or an account, by whatever ids the envelope has for them.
fn traits(out: &mut Out<'_>, envelope: &Envelope, part: &str, of: Kind, traits: Json) {
    out.fact(envelope, part, envelope.who.clone(), Body::Traits { of, traits });
}
