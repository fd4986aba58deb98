//! What the shapes write: facts on their way out, with what is needed to give each its id.

use std::sync::Arc;

use firsthand_model::fact::{Body, ID_BYTES_MAX, Kind, Who};
use firsthand_model::{Fact, Json, Text, Time};

use crate::instant::{TimeFault, TimeReader};
use crate::record::Value;
use crate::report::{NoticeCode, Notices, RejectCode};

/// A fact on its way out.
#[derive(Debug)]
pub(crate) struct Draft {
    pub fact: Fact,
    pub line: u64,
    /// Which record of its part it was made of, counted from 0.
    pub record: u64,
    /// A number for its source and id.
    pub key: u64,
    pub identity: Identity,
}

/// How a fact got its id, for the stage that looks at the whole file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// The file gave it; the number stands for what the fact says.
    Given(u32),
    /// It is the hash of what the fact says.
    Hashed,
    /// Traits that the vendor repeats with every event: kept only where they differ from the last
    /// ones of the same subject, whom the first number stands for.
    Repeating(u64, u32),
}

/// Why a record was refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub code: RejectCode,
    pub column: Option<Text>,
    pub reason: String,
}

impl Fault {
    pub(crate) fn new(code: RejectCode, reason: impl Into<String>) -> Self {
        Self { code, column: None, reason: reason.into() }
    }

    pub(crate) fn at(code: RejectCode, column: &str, reason: impl Into<String>) -> Self {
        Self { column: Some(column.into()), ..Self::new(code, reason) }
    }
}

/// Where a shape puts what it makes of one record.
pub(crate) struct Out<'a> {
    pub source: &'a Text,
    pub file: &'a Arc<str>,
    pub line: u64,
    /// Which record of the part this is, counted from 0.
    pub record: u64,
    pub drafts: &'a mut Vec<Draft>,
    pub notices: &'a mut Notices,
}

/// What a record says of itself before it says anything of anybody. Files and calls read it
/// differently; what follows from it is the same.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub id: Option<Text>,
    pub time: Time,
    pub known_at: Option<Time>,
}

impl Head {
    /// The envelope of a record that names these.
    pub(crate) fn of(self, who: Who) -> Envelope {
        let Self { id, time, known_at } = self;
        Envelope { id, time, known_at, who }
    }
}

/// What the facts of one record have in common.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    pub id: Option<Text>,
    pub time: Time,
    pub known_at: Option<Time>,
    pub who: Who,
}

impl Out<'_> {
    /// The same once more, to be changed in a part.
    pub(crate) fn again(&mut self) -> Out<'_> {
        Out {
            source: self.source,
            file: self.file,
            line: self.line,
            record: self.record,
            drafts: self.drafts,
            notices: self.notices,
        }
    }

    /// Notices something about the record.
    pub(crate) fn notice(&mut self, code: NoticeCode, seen: impl FnOnce() -> String) {
        self.notices.add(code, self.file, self.line, seen);
    }

    /// Adds a fact. `part` tells the facts of one record apart: empty for the main one.
    pub(crate) fn fact(&mut self, envelope: &Envelope, part: &str, who: Who, body: Body) {
        let mut fact = Fact {
            id: Text::default(),
            source: self.source.clone(),
            time: envelope.time,
            known_at: envelope.known_at,
            who,
            body,
        };
        let identity = if let Some(id) = &envelope.id {
            fact.id = self.part_id(id, part);
            Identity::Given(crate::identity::content_short(&fact))
        } else {
            fact.id = crate::identity::hashed_id(&fact, part);
            Identity::Hashed
        };
        let key = crate::identity::key_of(&fact);
        self.drafts.push(Draft { fact, line: self.line, record: self.record, key, identity });
    }

    /// Adds traits that the vendor repeats with every event.
    pub(crate) fn repeating_traits(
        &mut self,
        envelope: &Envelope,
        who: Who,
        of: Kind,
        traits: Json,
    ) {
        self.fact(envelope, "traits", who, Body::Traits { of, traits });
        let draft = self.drafts.last_mut().expect("a fact was just added");
        let (subject, said) = crate::identity::state_of(&draft.fact);
        draft.identity = Identity::Repeating(subject, said);
    }

    fn part_id(&mut self, id: &Text, part: &str) -> Text {
        let whole =
            if part.is_empty() { id.clone() } else { smol_str::format_smolstr!("{id}#{part}") };
        if whole.len() <= ID_BYTES_MAX {
            return whole;
        }
        self.notice(NoticeCode::LongRecordId, || whole.to_string());
        crate::identity::hashed_text(&whole)
    }

    /// Reads an id or a name: white space around it is left out, nothing is `None`.
    pub(crate) fn id(&mut self, column: &str, value: &Value<'_>) -> Result<Option<Text>, Fault> {
        let id = self.name(column, value)?;
        match &id {
            Some(id) if id.len() > ID_BYTES_MAX => Err(Fault::at(
                RejectCode::IdTooLong,
                column,
                format!(
                    "the id in `{column}` is {} bytes long; {ID_BYTES_MAX} are allowed",
                    id.len()
                ),
            )),
            Some(id) if is_decimal_id(id) => {
                self.notice(NoticeCode::DecimalId, || format!("`{column}` is `{id}`"));
                Ok(Some(id.clone()))
            }
            _ => Ok(id),
        }
    }

    /// Reads the id of a record; a longer one than allowed is hashed later on.
    pub(crate) fn record_id(
        &mut self,
        column: &str,
        value: &Value<'_>,
    ) -> Result<Option<Text>, Fault> {
        self.name(column, value)
    }

    /// Reads a name: white space around it is left out, nothing is `None`.
    pub(crate) fn name(&mut self, column: &str, value: &Value<'_>) -> Result<Option<Text>, Fault> {
        if value.is_absent() {
            return Ok(None);
        }
        let Some(text) = value.text() else {
            let reason = format!("`{column}` holds neither a text nor a number");
            return Err(Fault::at(RejectCode::BadValue, column, reason));
        };
        let trimmed = text.trim();
        if trimmed.len() < text.len() {
            self.notice(NoticeCode::Trimmed, || format!("`{column}` is `{text}`"));
        }
        Ok((!trimmed.is_empty()).then(|| trimmed.into()))
    }

    /// Reads the time of a record, which must have one.
    pub(crate) fn time(
        &mut self,
        reader: &TimeReader,
        column: &str,
        value: &Value<'_>,
    ) -> Result<Time, Fault> {
        if value.is_absent() {
            return Err(Fault::at(RejectCode::NoTime, column, format!("`{column}` is empty")));
        }
        match reader.read(value) {
            Ok(reading) => {
                if reading.clock_change {
                    let seen = || format!("`{column}` is `{}`", shown(value));
                    self.notice(NoticeCode::ClockChange, seen);
                }
                Ok(reading.time)
            }
            Err(fault) => Err(time_fault(fault, column, value)),
        }
    }

    /// Reads when a record arrived, if it says so, and holds its time against it.
    pub(crate) fn known_at(
        &mut self,
        reader: &TimeReader,
        column: &str,
        value: &Value<'_>,
        time: Time,
    ) -> Result<Option<Time>, Fault> {
        if value.is_absent() {
            return Ok(None);
        }
        let known_at = self.time(reader, column, value)?;
        reader.not_after(time, known_at).map_err(|_| {
            let reason = format!("the time {time} lies more than a day after arrival, {known_at}");
            Fault::new(RejectCode::TimeInFuture, reason)
        })?;
        Ok(Some(known_at))
    }
}

/// Whether somebody or something is named.
pub(crate) fn names_anyone(who: &Who) -> bool {
    who.user.is_some() || who.anonymous.is_some() || who.account.is_some()
}

/// Refuses a record that names nobody.
pub(crate) fn must_name_someone(who: &Who) -> Result<(), Fault> {
    if names_anyone(who) {
        return Ok(());
    }
    Err(Fault::new(RejectCode::NoSubject, "the record names no person and no account"))
}

fn is_decimal_id(id: &str) -> bool {
    id.strip_suffix(".0").is_some_and(|it| !it.is_empty() && it.bytes().all(|b| b.is_ascii_digit()))
}

fn shown(value: &Value<'_>) -> String {
    let mut text = String::new();
    match value.text() {
        Some(it) => text.push_str(&it),
        None => value.write_json(&mut text),
    }
    crate::report::cut(&mut text, 60);
    text
}

fn time_fault(fault: TimeFault, column: &str, value: &Value<'_>) -> Fault {
    let shown = shown(value);
    let (code, reason) = match fault {
        TimeFault::Unreadable => {
            (RejectCode::BadTime, format!("`{shown}` in `{column}` is not a time"))
        }
        TimeFault::Ambiguous => (
            RejectCode::BadTime,
            format!("`{shown}` in `{column}` may have the day or the month first"),
        ),
        TimeFault::TooEarly => {
            (RejectCode::TimeTooEarly, format!("`{shown}` in `{column}` lies before 1990"))
        }
        TimeFault::InFuture => (
            RejectCode::TimeInFuture,
            format!("`{shown}` in `{column}` lies more than a day in the future"),
        ),
    };
    Fault::at(code, column, reason)
}
