//! The one contact budget: how often anybody hears of us, over all channels.

use super::form::{HOURS, Hours, RATE, Rate};
use super::keys::{Key, Section, Takes};
use super::read::{Fields, Slot};
use crate::{Span, Text};

/// The person trait that is true where a CRM says that they want no e-mail. It is the CRM's word
/// alone, and taken back where it is taken back there.
pub const CRM_OPT_OUT_TRAIT: &str = "crm_opt_out";

/// How often a person and an account are written to, whatever the play and the channel, and when
/// not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactRules {
    /// For each person; all hold.
    pub person: Vec<Rate>,
    /// For all people of an account together; all hold.
    pub account: Vec<Rate>,
    /// When nobody is written to, on the person's own clock; never if `None`.
    pub quiet_hours: Option<Hours>,
    /// How long a message waits for its turn before it is given up.
    pub patience: Span,
    /// The person trait that names the time zone.
    pub zone_trait: Text,
    /// The person trait that names the language.
    pub language_trait: Text,
    /// The language of people who name none.
    pub language: Text,
    /// The account or person trait that is true where nobody is to be written to.
    pub opt_out_trait: Text,
}

impl Default for ContactRules {
    fn default() -> Self {
        Self {
            person: vec![Rate { count: 1, span: Span::DAY }, Rate { count: 3, span: Span::WEEK }],
            account: vec![Rate { count: 5, span: Span::WEEK }],
            quiet_hours: None,
            patience: Span::DAY.times(3),
            zone_trait: Text::new_static("timezone"),
            language_trait: Text::new_static("language"),
            language: Text::new_static("en"),
            opt_out_trait: Text::new_static("unsubscribed"),
        }
    }
}

impl ContactRules {
    /// The longest time that the budget looks back.
    pub fn memory(&self) -> Span {
        let rates = self.person.iter().chain(&self.account);
        rates.map(|it| it.span).max().unwrap_or(Span::ZERO)
    }
}

pub(super) static CONTACT: Section = Section {
    name: "the contact budget",
    doc: "How often people hear of you, over all plays and channels, and when not. Messages to \
          your own team are not counted.",
    keys: &[
        Key::or(
            "person",
            Takes::OneOrMany(&RATE),
            "[1 per day, 3 per week]",
            "At most so many messages to a person; all that is written holds.",
        ),
        Key::or(
            "account",
            Takes::OneOrMany(&RATE),
            "5 per week",
            "At most so many messages to the people of an account together.",
        ),
        Key::optional(
            "quiet_hours",
            HOURS,
            "When nobody is written to, on the person's own clock; what is due waits.",
        ),
        Key::or(
            "patience",
            Takes::Duration,
            "3d",
            "How long a message waits for its turn; then it is given up, and that is written down.",
        ),
        Key::or(
            "zone_trait",
            Takes::Property,
            "timezone",
            "The person trait that names the time zone; the project's `zone` where there is none.",
        ),
        Key::or(
            "language_trait",
            Takes::Property,
            "language",
            "The person trait that names the language, such as `zh-Hans`.",
        ),
        Key::or(
            "language",
            Takes::Text,
            "en",
            "The language of people who name none: `en`, `zh-Hans`, `zh-Hant`, or another that \
             your messages have.",
        ),
        Key::or(
            "opt_out_trait",
            Takes::Property,
            "unsubscribed",
            "The trait of a person or an account that is `true` where nothing is to be sent.",
        ),
    ],
};

pub(super) fn read(fields: &Fields<'_>) -> ContactRules {
    let rules = ContactRules::default();
    let rates = |key: &str, otherwise: Vec<Rate>| match fields.get(key) {
        Some(slot) => slot.one_or_many().iter().filter_map(Slot::value).collect(),
        None => otherwise,
    };
    let text = |key: &str, otherwise: Text| fields.text(key).unwrap_or(otherwise);
    ContactRules {
        person: rates("person", rules.person),
        account: rates("account", rules.account),
        quiet_hours: fields.value("quiet_hours"),
        patience: fields.value("patience").unwrap_or(rules.patience),
        zone_trait: text("zone_trait", rules.zone_trait),
        language_trait: text("language_trait", rules.language_trait),
        language: text("language", rules.language),
        opt_out_trait: text("opt_out_trait", rules.opt_out_trait),
    }
}
