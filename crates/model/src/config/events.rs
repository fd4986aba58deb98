//! Events: groups, classes, and where the life of a customer begins.

use std::collections::BTreeMap;

use super::definition::instant;
use super::keys::{Key, Section, Takes};
use super::project::named;
use super::read::{Fields, Slot};
use crate::diagnostic::{Problem, SourceText, codes};
use crate::{Text, Time};

/// Event groups, and which events are what.
#[derive(Clone, Debug, Default)]
pub struct Events {
    /// Named groups: event names and globs such as `Dashboard *`.
    pub groups: BTreeMap<Text, Vec<SourceText>>,
    /// Names and globs of events on the marketing side; all others are product events.
    pub marketing: Vec<SourceText>,
    /// Names and globs that are records although they arrive as events: bills, acts on leads.
    pub records: Vec<SourceText>,
    /// Names and globs that are dropped at the door.
    pub ignore: Vec<SourceText>,
}

/// Where a subject's life begins: the moment `start`.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// The event that is a sign-up, in the language (`"Signed up"`); the first one counts.
    pub event: Option<SourceText>,
    /// A trait that holds the instant, such as `created_at`.
    pub trait_name: Option<Text>,
    /// The start of recorded history, where it is later than the first fact; windows that reach
    /// before it are short.
    pub history_from: Option<Time>,
}

/// Words that stand where the name of a group would, and mean something else.
const WORDS_OF_THE_LANGUAGE: [&str; 7] =
    ["any", "becomes", "every", "first", "last", "now", "start"];

pub(super) static EVENTS: Section = Section {
    name: "the events",
    doc: "Groups of events, and which events are what. `*` in a name stands for any letters.",
    keys: &[
        Key::optional(
            "groups",
            Takes::Map("names", &Takes::OneOrMany(&Takes::EventNames)),
            "Named groups, read in conditions by their name: `days(core)`.",
        ),
        Key::optional(
            "marketing",
            Takes::OneOrMany(&Takes::EventNames),
            "Events on the marketing side; all others are product events.",
        ),
        Key::optional(
            "records",
            Takes::OneOrMany(&Takes::EventNames),
            "Records that arrive as events but that nobody did in the product, such as bills; \
             `any` never counts them.",
        ),
        Key::optional(
            "ignore",
            Takes::OneOrMany(&Takes::EventNames),
            "Events dropped at the door.",
        ),
    ],
};

pub(super) static START: Section = Section {
    name: "the start",
    doc: "When the life of a customer begins: the moment `start`. Without it that is the first \
          product event.",
    keys: &[
        Key::optional("event", Takes::Events, "The event that is a sign-up; the first one counts."),
        Key::optional(
            "trait",
            Takes::Property,
            "A trait that holds the instant, for subjects without such an event.",
        ),
        Key::optional(
            "history_from",
            Takes::Instant,
            "The start of recorded history, if it is later than the first fact.",
        ),
    ],
};

pub(super) fn read_events(fields: &Fields<'_>) -> Events {
    let groups = named(fields, "groups", "an event group", |name, slot| {
        if WORDS_OF_THE_LANGUAGE.contains(&name.text.as_str()) {
            let message = format!("`{}` cannot be the name of an event group", name.text);
            let help = "The language has a meaning for this word; choose another name.";
            let problem = Problem::error(codes::WRONG_VALUE, 0..name.text.len(), message);
            fields.reader.note(name.locate(problem.with_help(help)));
        }
        Some(slot.one_or_many().iter().filter_map(Slot::source).collect())
    });
    Events {
        groups,
        marketing: fields.sources("marketing"),
        records: fields.sources("records"),
        ignore: fields.sources("ignore"),
    }
}

pub(super) fn read_start(fields: &Fields<'_>) -> Start {
    Start {
        event: fields.source("event"),
        trait_name: fields.text("trait"),
        history_from: instant(fields, "history_from"),
    }
}
