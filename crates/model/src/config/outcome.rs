//! Outcomes: what counts as success.

use super::keys::{Key, Section, Takes};
use super::read::Fields;
use crate::Text;
use crate::diagnostic::{SourceText, codes};
use crate::fact::Kind;

/// What counts as success.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its name.
    pub name: Text,
    /// Whose success it is.
    pub subject: Kind,
    /// Each such event (in the language, an event with its filter) is one; or …
    pub on: Option<SourceText>,
    /// … each instant at which this condition turns true. Exactly one of the two is given.
    pub when: Option<SourceText>,
    /// The numeric property of the event that is its worth.
    pub value: Option<Text>,
    /// Where it was declared.
    pub declared: SourceText,
}

pub(super) static OUTCOME: Section = Section {
    name: "an outcome",
    doc: "What counts as success, such as a subscription that starts. It has either `on` or `when`.",
    keys: &[
        super::definition::SUBJECT,
        Key::optional("on", Takes::Events, "Each such event is one."),
        Key::optional("when", Takes::Condition, "Each instant at which this turns true is one."),
        Key::optional(
            "value",
            Takes::Property,
            "With `on`: the property of the event that says what it is worth.",
        ),
    ],
};

pub(super) fn read(name: &SourceText, fields: &Fields<'_>) -> Option<Outcome> {
    let (on, when) = (fields.source("on"), fields.source("when"));
    let outcome = Outcome {
        name: name.text.clone(),
        subject: fields.value("subject").unwrap_or(Kind::Account),
        value: fields.text("value"),
        declared: name.clone(),
        on,
        when,
    };
    if fields.has("on") {
        fields.refuse(&["when"], "has no place beside `on`", "Keep one of the two.");
    } else if fields.has("when") {
        let help = "A condition has no properties; use `on:` with an event that has them.";
        fields.refuse(&["value"], "has no place beside `when`", help);
    } else {
        fields.error(
            codes::MISSING_KEY,
            "an outcome needs `on` or `when`",
            "Add `on:` with an event, such as `on: '\"Subscription started\"'`.",
        );
    }
    (outcome.on.is_some() != outcome.when.is_some()).then_some(outcome)
}
