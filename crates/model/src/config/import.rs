//! Import mappings: how the columns of a file become facts.

use std::collections::BTreeMap;

use super::keys::{Key, Section, Takes};
use super::project::zone_exists;
use super::read::{Fields, Slot};
use crate::Text;
use crate::diagnostic::codes;
use crate::fact::Kind;

/// How a file's columns become facts.
#[derive(Clone, Debug, Default)]
pub struct ImportMapping {
    /// What each row is: `event` (default), `record`, `traits`, `membership`, `number`, `link`.
    pub kind: Option<Text>,
    /// Column of the event's name, or …
    pub event: Option<Text>,
    /// … a constant name for every row.
    pub event_name: Option<Text>,
    /// Column of the instant or date.
    pub time: Option<Text>,
    /// A strptime-like format; `iso`, `epoch s|ms|us`, `day first` are understood by name.
    pub time_format: Option<Text>,
    /// Column of arrival, if there is one.
    pub known_at: Option<Text>,
    /// Column of the person.
    pub person: Option<Text>,
    /// Column of the anonymous id.
    pub anonymous: Option<Text>,
    /// Column of the account.
    pub account: Option<Text>,
    /// Column of the unique id.
    pub id: Option<Text>,
    /// For traits and numbers: whose.
    pub of: Option<Kind>,
    /// Wide tables: these columns become one event each, named by the column, where not empty.
    pub wide: Vec<Text>,
    /// Rename columns to property names.
    pub rename: BTreeMap<Text, Text>,
    /// Columns to leave out.
    pub drop: Vec<Text>,
    /// `utf-8` (default), `latin-1`, any label of the encoding standard.
    pub encoding: Option<Text>,
    /// The zone of times that have none; the project's if `None`.
    pub zone: Option<Text>,
    /// The column names of a file without a header row.
    pub header: Vec<Text>,
}

const KINDS: &[(&str, &str)] = &[
    ("event", "a person did something"),
    ("record", "something recorded that nobody did in the product, such as a bill"),
    ("traits", "properties of a person or an account"),
    ("membership", "a person belongs to an account"),
    ("number", "a figure from outside, such as a health score"),
    ("link", "an anonymous id belongs to a person"),
];

pub(super) static IMPORT: Section = Section {
    name: "an import mapping",
    doc: "How the columns of a file become facts, for files whose shape is not recognised.",
    keys: &[
        Key::or("kind", Takes::Choice(KINDS), "event", "What each row is."),
        Key::optional("event", Takes::Property, "The column of the event's name."),
        Key::optional("event_name", Takes::Text, "One name for the event of every row, instead."),
        Key::optional("time", Takes::Property, "The column of the instant or date."),
        Key::optional(
            "time_format",
            Takes::Text,
            "`iso`, `epoch s`, `epoch ms`, `epoch us`, `day first`, or a pattern such as \
             `%d/%m/%Y`; recognised if left out.",
        ),
        Key::optional("known_at", Takes::Property, "The column of the time of arrival."),
        Key::optional("person", Takes::Property, "The column of the person's id."),
        Key::optional("anonymous", Takes::Property, "The column of the anonymous id."),
        Key::optional("account", Takes::Property, "The column of the account's id."),
        Key::optional(
            "id",
            Takes::Property,
            "The column of the row's own id; repeated ids count once.",
        ),
        Key::optional(
            "of",
            super::definition::SUBJECT_CHOICE,
            "For `traits` and `number`: whose they are.",
        ),
        Key::optional(
            "wide",
            Takes::OneOrMany(&Takes::Property),
            "Columns that become an event each, named by the column, where they are not empty.",
        ),
        Key::optional(
            "rename",
            Takes::Map("columns", &Takes::Property),
            "New names for columns that become properties.",
        ),
        Key::optional("drop", Takes::OneOrMany(&Takes::Property), "Columns to leave out."),
        Key::or("encoding", Takes::Text, "utf-8", "How the file is encoded, such as `latin-1`."),
        Key::optional(
            "zone",
            Takes::Zone,
            "The zone of times that have none; the project's if left out.",
        ),
        Key::optional(
            "header",
            Takes::List(&Takes::Property),
            "The names of the columns, for a file without a first row of names.",
        ),
    ],
};

pub(super) fn read(slot: &Slot<'_>) -> Option<ImportMapping> {
    let fields = slot.fields()?;
    let kind = fields.get("kind").and_then(|it| read_kind(&it));
    if fields.has("event") {
        fields.refuse(&["event_name"], "has no place beside `event`", "Keep one of the two.");
    }
    let rename = fields.entries("rename");
    let rename = rename.into_iter().filter_map(|(from, to)| Some((from.text, to.text()?)));
    Some(ImportMapping {
        kind,
        event: fields.text("event"),
        event_name: fields.text("event_name"),
        time: fields.text("time"),
        time_format: fields.text("time_format"),
        known_at: fields.text("known_at"),
        person: fields.text("person"),
        anonymous: fields.text("anonymous"),
        account: fields.text("account"),
        id: fields.text("id"),
        of: fields.value("of"),
        wide: fields.texts("wide"),
        rename: rename.collect(),
        drop: fields.texts("drop"),
        encoding: fields.text("encoding"),
        zone: read_zone(&fields),
        header: fields.texts("header"),
    })
}

fn read_kind(slot: &Slot<'_>) -> Option<Text> {
    let kind = slot.text()?;
    if KINDS.iter().any(|(word, _)| *word == kind) {
        return Some(kind);
    }
    slot.wrong();
    None
}

fn read_zone(fields: &Fields<'_>) -> Option<Text> {
    let slot = fields.get("zone")?;
    let zone = slot.text()?;
    if !zone_exists(&zone) {
        let help = "Write a name such as `Europe/Berlin`, or `UTC`.";
        slot.error(codes::WRONG_VALUE, format!("unknown time zone `{zone}`"), help);
        return None;
    }
    Some(zone)
}
