//! Messages: the words that plays send, one text for every channel.

use std::collections::BTreeMap;

use super::check::Referent;
use super::keys::{Key, Section, Takes};
use super::read::{Fields, Slot};
use super::value::{Plain, pick};
use super::yaml::shorten;
use crate::diagnostic::{SourceText, codes};
use crate::message::InAppForm;
use crate::{Span, Text};

/// The words of a message.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its name.
    pub name: Text,
    /// How it is shown inside the product.
    pub form: InAppForm,
    /// The meter whose gauge is shown; the one nearest to its limit if `None`.
    pub meter: Option<Text>,
    /// Where its button leads, a template.
    pub link: Option<SourceText>,
    /// For how long it is of use inside the product.
    pub lasts: Span,
    /// The words.
    pub words: Words,
    /// The words in other languages, by language tag.
    pub languages: BTreeMap<Text, Words>,
    /// Where it was declared.
    pub declared: SourceText,
}

/// The words of a message in one language; each is a template.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// One line: the title, the subject of an e-mail.
    pub title: Option<SourceText>,
    /// The sentences below; paragraphs are parted by an empty line.
    pub body: Option<SourceText>,
    /// Reasons, or steps of a checklist; one that comes out empty is left out.
    pub points: Vec<SourceText>,
    /// The words on the button.
    pub button: Option<SourceText>,
}

impl Words {
    /// Every template of them.
    pub fn all(&self) -> impl Iterator<Item = &SourceText> {
        let one = [&self.title, &self.body, &self.button].into_iter().flatten();
        one.chain(&self.points)
    }
}

impl Message {
    /// Every template of it.
    pub fn templates(&self) -> impl Iterator<Item = &SourceText> {
        let words = [&self.words].into_iter().chain(self.languages.values());
        self.link.iter().chain(words.flat_map(Words::all))
    }
}

/// How long a message inside the product is of use.
const LASTS: Span = Span::DAY.times(14);

impl Plain for InAppForm {
    fn read(text: &str) -> Option<Self> {
        let words =
            [("banner", Self::Banner), ("modal", Self::Modal), ("checklist", Self::Checklist)];
        pick(text, &words)
    }
}

const FORMS: &[(&str, &str)] = &[
    ("banner", "a line at the edge of the page"),
    ("modal", "a dialog over it"),
    ("checklist", "its points as steps"),
];

const TITLE: Key = Key::optional(
    "title",
    Takes::Template,
    "One line: the title in the product and in Slack, the subject of an e-mail.",
);
const BODY: Key = Key::optional(
    "body",
    Takes::Template,
    "The sentences below it; paragraphs are parted by an empty line.",
);
const POINTS: Key = Key::optional(
    "points",
    Takes::OneOrMany(&Takes::Template),
    "Reasons, a line each, or the steps of a checklist; one that comes out empty is left out.",
);
const BUTTON: Key = Key::optional("button", Takes::Template, "The words on its button.");

pub(super) static MESSAGE: Section = Section {
    name: "a message",
    doc: "Words that plays send. One message serves every channel: it is drawn as the channel shows it.",
    keys: &[
        TITLE,
        BODY,
        POINTS,
        BUTTON,
        Key::optional("link", Takes::Template, "Where the button leads."),
        Key::or("form", Takes::Choice(FORMS), "banner", "How it is shown inside the product."),
        Key::optional(
            "meter",
            Takes::Reference("a meter"),
            "The meter whose usage is shown; the one nearest to its limit if left out.",
        ),
        Key::or("lasts", Takes::Duration, "14d", "For how long it is of use inside the product."),
        Key::optional(
            "in",
            Takes::Map("languages", &Takes::Section(&WORDS)),
            "The same words in other languages, such as `zh-Hans`; what is left out there is said \
             as above.",
        ),
    ],
};

static WORDS: Section = Section {
    name: "a translation",
    doc: "The words of a message in another language.",
    keys: &[TITLE, BODY, POINTS, BUTTON],
};

pub(super) fn read(name: &SourceText, slot: &Slot<'_>) -> Option<Message> {
    let fields = slot.fields()?;
    let meter = fields.source("meter");
    if let Some(meter) = &meter {
        fields.reader.refer(Referent::Meter, meter.clone());
    }
    let mut languages = BTreeMap::new();
    for (language, slot) in fields.entries("in") {
        if !is_language(&language.text) {
            let message = format!("`{}` is not a language", shorten(&language.text));
            let help = "Write a language tag such as `de`, `pt-BR` or `zh-Hans`.";
            slot.error(codes::WRONG_VALUE, message, help);
        } else if let Some(fields) = slot.fields() {
            languages.insert(language.text, read_words(&fields));
        }
    }
    let words = read_words(&fields);
    if words.title.is_none() && words.body.is_none() {
        let help = "Add `title:` with one line, or `body:` with some sentences.";
        fields.error(codes::MISSING_KEY, "a message without words", help);
        return None;
    }
    if words.button.is_some() != fields.has("link") {
        let help = "Write both: `button:` with its words and `link:` with where it leads.";
        fields.error(codes::MISSING_KEY, "a button needs `button` and `link`", help);
    }
    Some(Message {
        name: name.text.clone(),
        form: fields.value("form").unwrap_or(InAppForm::Banner),
        meter: meter.map(|it| it.text),
        link: fields.source("link"),
        lasts: fields.value("lasts").unwrap_or(LASTS),
        words,
        languages,
        declared: name.clone(),
    })
}

fn read_words(fields: &Fields<'_>) -> Words {
    Words {
        title: fields.source("title"),
        body: fields.source("body"),
        points: fields.sources("points"),
        button: fields.source("button"),
    }
}

/// Whether a text looks like a language tag: letters, and further parts of letters and digits.
fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    (2..=3).contains(&first.len())
        && first.bytes().all(|it| it.is_ascii_alphabetic())
        && parts.all(|it| {
            (2..=8).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_alphanumeric())
        })
}
