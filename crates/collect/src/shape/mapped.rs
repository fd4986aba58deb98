//! Files of any other shape, by a mapping: which column is what.
//!
//! Columns that the mapping does not name become properties, or traits, under their own names.

use firsthand_model::config::ImportMapping;
use firsthand_model::fact::{Body, Kind, Who, number_trait};
use firsthand_model::{Calendar, Decimal, Json, Text, Time};
use rustc_hash::FxHashSet;

use super::fit::{self, Misfit, RowKind, misfit};
use crate::draft::{Envelope, Fault, Out, must_name_someone};
use crate::instant::{DayOrder, TimeReader};
use crate::json::ObjectWriter;
use crate::record::{Record, Value};
use crate::report::{NoticeCode, RejectCode};

/// A mapping that was held against the columns of a file.
#[derive(Debug)]
pub(crate) struct Mapped {
    kind: RowKind,
    of: Kind,
    mapping: ImportMapping,
    times: TimeReader,
    /// Columns that are no properties.
    taken: FxHashSet<Text>,
    /// Columns with a meaning of their own to some kinds, after renaming.
    role: Text,
    joined: Text,
    other: Text,
    split: Text,
    value: Text,
    /// What was concluded from the sample about the order of day and month, and from which text.
    pub(crate) guessed: Option<(DayOrder, Text)>,
}

impl Mapped {
    /// Holds a mapping against the first records of a file.
    pub(crate) fn new(
        mapping: &ImportMapping,
        sample: &[Record<'_>],
        calendar: &Calendar,
        now: Time,
    ) -> Result<Self, Misfit> {
        let kind = fit::row_kind(mapping)?;
        fit::check_keys(mapping, kind)?;
        fit::check_columns(mapping, sample)?;
        let (format, guessed) = fit::time_format(mapping, sample)?;
        let times = match &mapping.zone {
            Some(zone) => TimeReader::new(format, zone, now),
            None => TimeReader::of_calendar(format, calendar, now),
        };
        let times = times.ok_or_else(|| {
            let zone = mapping.zone.as_deref().unwrap_or_default();
            misfit(format!("there is no zone `{zone}`"), "Write a zone such as `Europe/Berlin`.")
        })?;
        let column = |property: &'static str| {
            let renamed = mapping.rename.iter().find(|(_, to)| *to == property);
            renamed.map_or(Text::new_static(property), |(column, _)| column.clone())
        };
        let mut mapped = Self {
            kind,
            of: mapping.of.unwrap_or(match (&mapping.person, &mapping.anonymous) {
                (None, None) => Kind::Account,
                _ => Kind::Person,
            }),
            role: column("role"),
            joined: column("joined"),
            other: column("other"),
            split: column("split"),
            value: column("value"),
            times,
            taken: FxHashSet::default(),
            guessed,
            mapping: mapping.clone(),
        };
        mapped.taken.extend(fit::named(mapping).map(|(_, column)| column.clone()));
        mapped.taken.extend(mapping.wide.iter().chain(&mapping.drop).cloned());
        Ok(mapped)
    }

    /// The columns of a sample that rows of this kind have no place for, and that `drop` does not
    /// name.
    pub(crate) fn left_out(&self, sample: &[Record<'_>]) -> Vec<Text> {
        let mapping = &self.mapping;
        let own: &[&Text] = match self.kind {
            RowKind::Membership => &[&self.joined, &self.role],
            RowKind::Link => &[&self.other, &self.split],
            RowKind::Number if mapping.event.is_some() || mapping.event_name.is_some() => {
                &[&self.value]
            }
            RowKind::Event | RowKind::Record | RowKind::Traits | RowKind::Number => return vec![],
        };
        // A part of a nested value that is named stands for all of it.
        let is_part = |path: &Text, name: &str| {
            path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        // A link ties a person to an anonymous id, and to nothing else.
        let account = mapping.account.as_ref().filter(|_| self.kind == RowKind::Link);
        let mut left_out: Vec<Text> = account.cloned().into_iter().collect();
        for field in sample.iter().flat_map(|it| &it.fields) {
            let name = &*field.name;
            let used =
                own.iter().any(|it| *it == name) || self.taken.iter().any(|it| is_part(it, name));
            if !used && !left_out.iter().any(|it| it == name) {
                left_out.push(name.into());
            }
        }
        left_out
    }

    /// Makes the facts of one row.
    pub(crate) fn facts(&self, record: &Record<'_>, out: &mut Out<'_>) -> Result<(), Fault> {
        let mapping = &self.mapping;
        let who = Who {
            user: self.id(mapping.person.as_ref(), record, out)?,
            anonymous: self.id(mapping.anonymous.as_ref(), record, out)?,
            account: self.id(mapping.account.as_ref(), record, out)?,
        };
        must_name_someone(&who)?;
        let id = match &mapping.id {
            Some(column) => out.record_id(column, &record.path(column))?,
            None => None,
        };
        let time = match &mapping.time {
            Some(column) => Some(out.time(&self.times, column, &record.path(column))?),
            None if mapping.wide.is_empty() => {
                out.notice(NoticeCode::TimeOfImport, || "the mapping names no `time`".to_owned());
                Some(self.times.now())
            }
            None => None,
        };
        let known_at = match &mapping.known_at {
            Some(column) => {
                let value = record.path(column);
                out.known_at(&self.times, column, &value, time.unwrap_or(Time::MIN))?
            }
            None => None,
        };
        let envelope = Envelope { id, time: time.unwrap_or_default(), known_at, who };
        match self.kind {
            RowKind::Event | RowKind::Record if !mapping.wide.is_empty() => {
                self.wide(record, &envelope, time.is_some(), out)
            }
            RowKind::Event | RowKind::Record => self.event(record, &envelope, out),
            RowKind::Traits => {
                let traits = self.properties(record);
                super::traits(out, &envelope, "", self.of, traits);
                Ok(())
            }
            RowKind::Membership => self.membership(record, &envelope, out),
            RowKind::Number => self.numbers(record, &envelope, out),
            RowKind::Link => self.link(record, &envelope, out),
        }
    }

    #[expect(clippy::unused_self, reason = "reads as one of the row's steps")]
    fn id(
        &self,
        column: Option<&Text>,
        record: &Record<'_>,
        out: &mut Out<'_>,
    ) -> Result<Option<Text>, Fault> {
        column.map_or(Ok(None), |column| out.id(column, &record.path(column)))
    }

    fn properties(&self, record: &Record<'_>) -> Json {
        let mut object = ObjectWriter::new();
        for field in &record.fields {
            let absent = matches!(field.value, Value::Missing | Value::Cell(""));
            if !absent && !self.taken.contains(&*field.name) {
                let name = self.mapping.rename.get(&*field.name).map_or(&*field.name, Text::as_str);
                field.value.write_json(object.member(name));
            }
        }
        object.finish()
    }

    fn body(&self, name: Text, properties: Json) -> Body {
        if self.kind == RowKind::Record {
            Body::Record { name, properties }
        } else {
            Body::Event { name, properties }
        }
    }

    fn event(
        &self,
        record: &Record<'_>,
        envelope: &Envelope,
        out: &mut Out<'_>,
    ) -> Result<(), Fault> {
        let name = match (&self.mapping.event, &self.mapping.event_name) {
            (Some(column), constant) => {
                out.name(column, &record.path(column))?.or_else(|| constant.clone())
            }
            (None, constant) => constant.clone(),
        };
        let Some(name) = name else {
            let column = self.mapping.event.as_deref().unwrap_or_default();
            let reason = format!("`{column}` is empty, so the event has no name");
            return Err(Fault::at(RejectCode::NoEventName, column, reason));
        };
        let body = self.body(name, self.properties(record));
        out.fact(envelope, "", envelope.who.clone(), body);
        Ok(())
    }

    /// One event for each filled column. With a time column the cell is the event's `value`, and
    /// `0` and `false` say that nothing happened; without one the cell is the event's time.
    fn wide(
        &self,
        record: &Record<'_>,
        envelope: &Envelope,
        timed: bool,
        out: &mut Out<'_>,
    ) -> Result<(), Fault> {
        let before = out.drafts.len();
        for column in &self.mapping.wide {
            let value = record.path(column);
            if value.is_absent() || (timed && says_nothing(&value)) {
                continue;
            }
            let name = self.mapping.rename.get(column).unwrap_or(column).clone();
            let mut envelope = envelope.clone();
            let mut object = ObjectWriter::new();
            if timed {
                value.write_json(object.member("value"));
            } else {
                envelope.time = out.time(&self.times, column, &value).inspect_err(|_| {
                    // A row is taken in whole or not at all.
                    out.drafts.truncate(before);
                })?;
            }
            for field in &record.fields {
                let absent = matches!(field.value, Value::Missing | Value::Cell(""));
                if !absent && !self.taken.contains(&*field.name) {
                    let name = self.mapping.rename.get(&*field.name);
                    let name = name.map_or(&*field.name, Text::as_str);
                    field.value.write_json(object.member(name));
                }
            }
            let body = self.body(name, object.finish());
            out.fact(&envelope, column, envelope.who.clone(), body);
        }
        if out.drafts.len() == before {
            out.notice(NoticeCode::NothingToKeep, || "all of its columns are empty".to_owned());
        }
        Ok(())
    }

    fn membership(
        &self,
        record: &Record<'_>,
        envelope: &Envelope,
        out: &mut Out<'_>,
    ) -> Result<(), Fault> {
        let who = &envelope.who;
        if who.account.is_none() || (who.user.is_none() && who.anonymous.is_none()) {
            let reason = "a membership needs a person and an account";
            return Err(Fault::new(RejectCode::NoSubject, reason));
        }
        let value = record.field(&self.joined);
        let word = value.text().map(|it| it.trim().to_ascii_lowercase());
        let joined = match (value.flag(), word.as_deref()) {
            (Some(flag), _) => flag,
            (None, None | Some("joined" | "added" | "active")) => true,
            (None, Some("left" | "removed" | "inactive")) => false,
            (None, Some(word)) => {
                let reason = format!("`{word}` says neither joined nor left");
                return Err(Fault::at(RejectCode::BadValue, &self.joined, reason));
            }
        };
        let role = out.name(&self.role, record.field(&self.role))?;
        out.fact(envelope, "", who.clone(), Body::Membership { joined, role });
        Ok(())
    }

    /// Numbers from outside: one named by the mapping with its column `value`, or one a column.
    fn numbers(
        &self,
        record: &Record<'_>,
        envelope: &Envelope,
        out: &mut Out<'_>,
    ) -> Result<(), Fault> {
        let mut object = ObjectWriter::new();
        let mut count = 0;
        let mut add = |name: &str, column: &str, value: &Value<'_>| -> Result<(), Fault> {
            let text = value.text().unwrap_or_default();
            let text = text.trim();
            if text.parse::<Decimal>().is_err() || crate::record::literal(text).is_none() {
                let reason = format!("`{text}` in `{column}` is not a number");
                return Err(Fault::at(RejectCode::BadValue, column, reason));
            }
            object.member(&number_trait(name)).push_str(text);
            count += 1;
            Ok(())
        };
        let named = match &self.mapping.event {
            Some(column) => record.path(column).text().map(Text::new),
            None => self.mapping.event_name.clone(),
        };
        if let Some(name) = named {
            add(name.trim(), &self.value, record.field(&self.value))?;
        } else {
            for field in &record.fields {
                if !field.value.is_absent() && !self.taken.contains(&*field.name) {
                    let name = self.mapping.rename.get(&*field.name);
                    add(name.map_or(&*field.name, Text::as_str), &field.name, &field.value)?;
                }
            }
        }
        if count == 0 {
            return Err(Fault::new(RejectCode::BadValue, "the row holds no number"));
        }
        let body = Body::Traits { of: self.of, traits: object.finish() };
        out.fact(envelope, "", envelope.who.clone(), body);
        Ok(())
    }

    /// The anonymous id belongs to the person; or, with a column `other`, two ids are one person.
    fn link(
        &self,
        record: &Record<'_>,
        envelope: &Envelope,
        out: &mut Out<'_>,
    ) -> Result<(), Fault> {
        if self.mapping.anonymous.is_some() {
            if envelope.who.user.is_none() || envelope.who.anonymous.is_none() {
                let reason = "a link needs a person and an anonymous id";
                return Err(Fault::new(RejectCode::NoSubject, reason));
            }
            let who = Who { account: None, ..envelope.who.clone() };
            out.fact(envelope, "", who, Body::Link);
            return Ok(());
        }
        let other = out.id(&self.other, record.field(&self.other))?;
        if record.field(&self.split).flag() == Some(true) {
            let (Some(user), Some(other)) = (envelope.who.user.clone(), other) else {
                return Err(Fault::new(RejectCode::NoSubject, "a split needs two ids"));
            };
            let who = Who { user: Some(user), ..Who::default() };
            out.fact(envelope, "", who, Body::Split { other });
            return Ok(());
        }
        super::alias(out, envelope, envelope.who.user.clone(), other)
    }
}

fn says_nothing(value: &Value<'_>) -> bool {
    matches!(value.text().as_deref().map(str::trim), Some("0" | "0.0"))
        || value.flag() == Some(false)
}
