//! Contacts in `HubSpot`: whom they are, what is read from them and what is written to them.

use std::collections::BTreeMap;

use super::super::keys::{Key, Section, Takes};
use super::super::read::Fields;
use super::super::value::{Plain, pick};
use super::{CrmField, read_field};
use crate::Text;

/// What is done about contacts.
#[derive(Clone, Debug, Default)]
pub struct HubSpotContacts {
    /// The property that holds the product's own id of the person, if there is one.
    pub user: Option<Text>,
    /// The properties that become person traits, by property.
    pub traits: BTreeMap<Text, Text>,
    /// Whether contacts that are nobody here become people.
    pub make_people: bool,
    /// Who becomes a member of the account of their company.
    pub members: Members,
    /// What is written, by the contact's property there.
    pub properties: BTreeMap<Text, PersonField>,
}

/// Who becomes a member of the account of their company.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Members {
    /// Who is a person by being a contact.
    #[default]
    New,
    /// Everybody.
    All,
}

impl Plain for Members {
    fn read(text: &str) -> Option<Self> {
        pick(text, &[("new", Self::New), ("all", Self::All)])
    }
}

/// What can be written into a property of a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonField {
    /// Whether they are the one to talk to: the most active of late.
    Champion,
    /// When they were last active, in milliseconds since 1970.
    LastSeen,
    /// What they do most, in plain words.
    Does,
    /// A trait of the person.
    Trait(Text),
    /// The same as of their account and its lead.
    OfAccount(CrmField),
}

impl Plain for PersonField {
    fn read(text: &str) -> Option<Self> {
        if let Some(name) = text.strip_prefix("person.").filter(|it| !it.is_empty()) {
            return Some(Self::Trait(name.into()));
        }
        let words =
            [("champion", Self::Champion), ("last_seen", Self::LastSeen), ("does", Self::Does)];
        let own = words.into_iter().find(|(word, _)| *word == text).map(|(_, field)| field);
        own.or_else(|| CrmField::read(text).map(Self::OfAccount))
    }
}

const MEMBERS: &[(&str, &str)] = &[
    ("new", "who is a person only because of `new: true`"),
    ("all", "everybody; the product's own word on who is a member stands beside it"),
];

pub(super) static CONTACTS: Section = Section {
    name: "contacts in HubSpot",
    doc: "Contacts are found by their address. Their owner, stage and opt-out become person traits.",
    keys: &[
        Key::optional(
            "user",
            Takes::Text,
            "The contacts' property that holds your product's own id of the person, if there is \
             one; it goes before the address.",
        ),
        Key::optional(
            "traits",
            Takes::Map("properties of contacts", &Takes::Property),
            "The person traits that properties become; owner, stage and opt-out always become \
             `crm_owner`, `crm_stage` and `crm_opt_out`.",
        ),
        Key::or(
            "new",
            Takes::Bool,
            "false",
            "Whether contacts of known companies that are nobody here become people.",
        ),
        Key::or(
            "members",
            Takes::Choice(MEMBERS),
            "new",
            "Who becomes a member of the account of their company.",
        ),
        Key::optional(
            "properties",
            Takes::Map("properties of contacts", &Takes::Text),
            "What is written into which property of the people to talk to: `champion`, \
             `last_seen`, `does`, `person.TRAIT`, and all that is written to companies; nothing if \
             left out.",
        ),
    ],
};

/// Reads the section of a channel; `None` where there is none.
pub(super) fn read(channel: &Fields<'_>) -> Option<HubSpotContacts> {
    if !channel.mentions("contacts") {
        return None;
    }
    let fields = channel.section("contacts")?;
    if !channel.has("read_every") {
        let why = "does nothing: contacts are not read";
        let help = "Add `read_every: 15min` beside `contacts:`.";
        fields.refuse(&["user", "traits", "new", "members"], why, help);
    }
    let traits = fields.entries("traits");
    let mut properties = BTreeMap::new();
    for (name, slot) in fields.entries("properties") {
        let help = "Write `champion`, `last_seen`, `does`, `person.TRAIT`, `score`, `status`, \
                    `track`, `stage`, `reasons`, `qualified_at`, `plan`, `link`, `usage.METER`, \
                    `limit.METER` or `account.TRAIT`.";
        let of_account = |it: &PersonField| match it {
            PersonField::OfAccount(it) => Some(it.clone()),
            _ => None,
        };
        if let Some(field) = read_field(&fields, &slot, help, of_account) {
            properties.insert(name.text, field);
        }
    }
    Some(HubSpotContacts {
        user: fields.text("user"),
        traits: traits
            .iter()
            .filter_map(|(it, slot)| Some((it.text.clone(), slot.text()?)))
            .collect(),
        make_people: fields.value("new").unwrap_or(false),
        members: fields.value("members").unwrap_or_default(),
        properties,
    })
}
