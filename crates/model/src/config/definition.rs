//! Definitions, and the stories that test them.

use super::keys::{Key, Section, Takes};
use super::read::{Fields, Slot};
use super::value::{Moment, MomentOrNever, Plain, pick};
use crate::diagnostic::{SourceText, codes};
use crate::fact::Kind;
use crate::{Span, Text, Time};

/// The sales motion a definition serves.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Track {
    /// Product-qualified.
    Product,
    /// Marketing-qualified.
    Marketing,
    /// A paying account that outgrows its plan.
    Expansion,
    /// A named condition that opens no lead.
    #[default]
    None,
}

impl Track {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Product, Self::Marketing, Self::Expansion, Self::None];

    /// The word in files, the API and messages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Marketing => "marketing",
            Self::Expansion => "expansion",
            Self::None => "none",
        }
    }

    /// The track of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word() == word)
    }
}

/// A named, versioned condition on a subject.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Its name.
    pub name: Text,
    /// The title for people.
    pub title: Option<Text>,
    /// The track.
    pub track: Track,
    /// What it judges.
    pub subject: Kind,
    /// The condition.
    pub when: SourceText,
    /// Kept while `when or stay`.
    pub stay: Option<SourceText>,
    /// Shut out while true.
    pub unless: Option<SourceText>,
    /// How long `when` must hold before it counts as entered.
    pub holds_for: Span,
    /// How long nothing must keep it before it counts as left.
    pub grace: Span,
    /// A value that orders leads.
    pub score: Option<SourceText>,
    /// A template for people.
    pub why: Option<SourceText>,
    /// Examples, run by `check`.
    pub expect: Vec<Story>,
    /// Where it was declared.
    pub declared: SourceText,
}

/// An example of a definition: facts, and when it is entered and left.
#[derive(Clone, Debug)]
pub struct Story {
    /// What it tells.
    pub title: Text,
    /// The facts, in the form of `rules::story`, inline or read from the file named by `events`.
    pub facts: SourceText,
    /// Which subject is meant; the only one if `None`.
    pub subject: Option<Text>,
    /// Exact entries and exits; `None` where `enters` and `leaves` are given instead.
    pub timeline: Option<SourceText>,
    /// The first entry (`Some(None)` for "never").
    pub enters: Option<Option<Time>>,
    /// The first exit (`Some(None)` for "never").
    pub leaves: Option<Option<Time>>,
    /// How far to judge after the last fact.
    pub until: Option<Time>,
}

impl Plain for Track {
    fn read(text: &str) -> Option<Self> {
        pick(
            text,
            &[
                ("product", Self::Product),
                ("marketing", Self::Marketing),
                ("expansion", Self::Expansion),
                ("none", Self::None),
            ],
        )
    }
}

pub(super) const SUBJECT_CHOICE: Takes =
    Takes::Choice(&[("account", "a customer"), ("person", "a human user")]);

pub(super) const SUBJECT: Key =
    Key::or("subject", SUBJECT_CHOICE, "account", "Whom it judges: a customer or a human user.");

pub(super) static DEFINITION: Section = Section {
    name: "a definition",
    doc: "A named condition that says when an account or a person has qualified.",
    keys: &[
        Key::optional("title", Takes::Text, "The title for people."),
        Key::or(
            "track",
            Takes::Choice(&[
                ("product", "product-qualified: a PQL"),
                ("marketing", "marketing-qualified: an MQL"),
                ("expansion", "a paying account that outgrows its plan"),
                ("none", "a segment: a named condition that opens no lead"),
            ]),
            "none",
            "The sales motion it serves.",
        ),
        SUBJECT,
        Key::required("when", Takes::Condition, "True: qualified."),
        Key::optional("stay", Takes::Condition, "Once entered, kept while `when or stay`."),
        Key::optional("unless", Takes::Condition, "Shut out at once while this is true."),
        Key::or(
            "holds_for",
            Takes::Duration,
            "0s",
            "How long `when` must hold before it counts as entered.",
        ),
        Key::or(
            "grace",
            Takes::Duration,
            "0s",
            "How long nothing must keep it before it counts as left.",
        ),
        Key::optional("score", Takes::Value, "A value that orders the leads."),
        Key::optional("why", Takes::Template, "The reason in plain words, for people."),
        Key::optional(
            "expect",
            Takes::List(&Takes::Section(&STORY)),
            "Examples with what must come of them; `firsthand check` runs them.",
        ),
    ],
};

static STORY: Section = Section {
    name: "a story",
    doc: "Facts, and when the definition is entered and left over them.",
    keys: &[
        Key::required("story", Takes::Text, "What it tells, in a sentence."),
        Key::optional("facts", Takes::Story, "The facts, a line each. Give this or `events`."),
        Key::optional("events", Takes::File, "A file with the facts."),
        Key::optional("subject", Takes::Text, "Whose story it is, if the facts tell of several."),
        Key::optional("timeline", Takes::Story, "All entries and exits, a line each."),
        Key::optional(
            "enters",
            Takes::InstantOrNever,
            "The first entry, if there is no `timeline`.",
        ),
        Key::optional(
            "leaves",
            Takes::InstantOrNever,
            "The first exit, if there is no `timeline`.",
        ),
        Key::optional("until", Takes::Instant, "How far to judge after the last fact."),
    ],
};

pub(super) fn read(name: &SourceText, fields: &Fields<'_>) -> Option<Definition> {
    let stories = fields.items("expect");
    // What must be there comes last, so that the rest is read and checked before it fails.
    Some(Definition {
        name: name.text.clone(),
        title: fields.text("title"),
        track: fields.value("track").unwrap_or_default(),
        subject: fields.value("subject").unwrap_or(Kind::Account),
        stay: fields.source("stay"),
        unless: fields.source("unless"),
        holds_for: fields.value("holds_for").unwrap_or_default(),
        grace: fields.value("grace").unwrap_or_default(),
        score: fields.source("score"),
        why: fields.source("why"),
        expect: stories.iter().filter_map(read_story).collect(),
        declared: name.clone(),
        when: fields.source("when")?,
    })
}

fn read_story(slot: &Slot<'_>) -> Option<Story> {
    let fields = slot.fields()?;
    let facts = match (fields.get("facts"), fields.get("events")) {
        (Some(facts), None) => facts.source(),
        (None, Some(events)) => fields.reader.file(&events).map(SourceText::whole),
        (Some(_), Some(_)) => {
            fields.refuse(&["events"], "has no place beside `facts`", "Keep one of the two.");
            None
        }
        (None, None) => {
            let help = "Add `facts:` with a line for each fact, or `events:` with a file.";
            fields.error(codes::MISSING_KEY, "a story needs `facts` or `events`", help);
            None
        }
    };
    if fields.has("timeline") {
        let help = "A timeline says all entries and exits; remove it or the other.";
        fields.refuse(&["enters", "leaves"], "has no place beside `timeline`", help);
    } else if !fields.has("enters") && !fields.has("leaves") {
        fields.error(
            codes::MISSING_KEY,
            "a story that expects nothing",
            "Add `enters:` or `leaves:` with an instant or `never`, or a `timeline:`.",
        );
    }
    Some(Story {
        subject: fields.text("subject"),
        timeline: fields.source("timeline"),
        enters: instant_or_never(&fields, "enters"),
        leaves: instant_or_never(&fields, "leaves"),
        until: instant(&fields, "until"),
        facts: facts?,
        title: fields.text("story")?,
    })
}

#[expect(clippy::option_option, reason = "not said, said to be never, said when")]
fn instant_or_never(fields: &Fields<'_>, key: &str) -> Option<Option<Time>> {
    match fields.value(key)? {
        MomentOrNever::Never => Some(None),
        MomentOrNever::Moment(moment) => resolve(fields, key, &moment).map(Some),
    }
}

/// An instant, by the clocks of the project where it has no offset.
pub(super) fn instant(fields: &Fields<'_>, key: &str) -> Option<Time> {
    let moment: Moment = fields.value(key)?;
    resolve(fields, key, &moment)
}

fn resolve(fields: &Fields<'_>, key: &str, moment: &Moment) -> Option<Time> {
    let time = moment.resolve(&fields.reader.calendar());
    if time.is_none() {
        fields.get(key)?.wrong();
    }
    time
}
