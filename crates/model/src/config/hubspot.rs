//! `HubSpot` as a channel: what is read from it and what is written back.

mod contacts;

use std::collections::BTreeMap;

use super::keys::{Key, Section, Takes};
use super::read::{Fields, Slot};
use super::secret::Secret;
use super::value::{Plain, pick};
use super::yaml::shorten;
use crate::diagnostic::codes;
use crate::{Span, Text};

use contacts::CONTACTS;
pub use contacts::{HubSpotContacts, Members, PersonField};

/// `HubSpot`.
#[derive(Clone, Debug)]
pub struct HubSpotChannel {
    /// The token of a private app.
    pub token: Secret,
    /// Where its API is.
    pub base_url: Text,
    /// The version in the paths of objects: `v3`, or a dated one such as `2026-03`.
    pub version: Text,
    /// What is written, by the company's property there.
    pub properties: BTreeMap<Text, CrmField>,
    /// What is done about a value that somebody changed there.
    pub overwrite: Overwrite,
    /// The account trait that is the company's domain there.
    pub domain_trait: Text,
    /// The properties of companies that become account traits, by property.
    pub traits: BTreeMap<Text, Text>,
    /// How often companies, contacts, owners and deals are read; never if `None`.
    pub read_every: Option<Span>,
    /// Stages of deals that are a sale, by their ids there.
    pub won_stages: Vec<Text>,
    /// Stages of deals that are no sale.
    pub lost_stages: Vec<Text>,
    /// What is done about contacts; nothing if `None`.
    pub contacts: Option<HubSpotContacts>,
}

/// What can be written into a property of the CRM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CrmField {
    /// The lead's score.
    Score,
    /// The lead's status.
    Status,
    /// The lead's track.
    Track,
    /// The account's stage.
    Stage,
    /// Why, in plain words.
    Reasons,
    /// When the account qualified, in milliseconds since 1970.
    QualifiedAt,
    /// The account's plan.
    Plan,
    /// Where the lead is to be seen.
    Link,
    /// How much of a meter is used.
    Usage(Text),
    /// How much of a meter the plan allows.
    Limit(Text),
    /// A trait of the account.
    Trait(Text),
}

impl Plain for CrmField {
    fn read(text: &str) -> Option<Self> {
        if let Some((root, name)) = text.split_once('.').filter(|(_, name)| !name.is_empty()) {
            return match root {
                "usage" => Some(Self::Usage(name.into())),
                "limit" => Some(Self::Limit(name.into())),
                "account" => Some(Self::Trait(name.into())),
                _ => None,
            };
        }
        let words = [
            ("score", Self::Score),
            ("status", Self::Status),
            ("track", Self::Track),
            ("stage", Self::Stage),
            ("reasons", Self::Reasons),
            ("qualified_at", Self::QualifiedAt),
            ("plan", Self::Plan),
            ("link", Self::Link),
        ];
        words.into_iter().find(|(word, _)| *word == text).map(|(_, field)| field)
    }
}

/// What is done about a value that somebody changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overwrite {
    /// It stays as it is.
    #[default]
    Ours,
    /// It is written over.
    Always,
    /// Only empty values are written.
    Empty,
}

impl Plain for Overwrite {
    fn read(text: &str) -> Option<Self> {
        pick(text, &[("ours", Self::Ours), ("always", Self::Always), ("empty", Self::Empty)])
    }
}

const OVERWRITE: &[(&str, &str)] = &[
    ("ours", "only what we wrote last; what a person changed since stays"),
    ("always", "whatever stands there"),
    ("empty", "only where nothing stands"),
];

pub(super) static HUBSPOT: Section = Section {
    name: "a HubSpot channel",
    doc: "HubSpot: owners, stages and deals come in, status, score and reasons go out.",
    keys: &[
        Key::required("token", Takes::Secret, "The token of a private app."),
        Key::or("base_url", Takes::Text, "https://api.hubapi.com", "Where its API is."),
        Key::or("version", Takes::Text, "v3", "The version in its paths: `v3`, or `2026-03`."),
        Key::optional(
            "properties",
            Takes::Map("properties of companies", &Takes::Text),
            "What is written into which property: `score`, `status`, `track`, `stage`, `reasons`, \
             `qualified_at`, `plan`, `link`, `usage.METER`, `limit.METER`, `account.TRAIT`. The \
             first seven as `pql_…` if left out.",
        ),
        Key::or("overwrite", Takes::Choice(OVERWRITE), "ours", "What is written over."),
        Key::or(
            "domain_trait",
            Takes::Property,
            "domain",
            "The account trait that is the company's domain there.",
        ),
        Key::optional(
            "traits",
            Takes::Map("properties of companies", &Takes::Property),
            "The account traits that properties become; the owner always becomes `crm_owner`.",
        ),
        Key::optional(
            "read_every",
            Takes::Duration,
            "How often companies, contacts, owners and deals are read; never if left out.",
        ),
        Key::optional(
            "won_stages",
            Takes::OneOrMany(&Takes::Text),
            "The stages of deals that are a sale; `closedwon` if left out.",
        ),
        Key::optional(
            "lost_stages",
            Takes::OneOrMany(&Takes::Text),
            "The stages of deals that are no sale; `closedlost` if left out.",
        ),
        Key::optional(
            "contacts",
            Takes::Section(&CONTACTS),
            "What is read from contacts and written to them; nothing if left out.",
        ),
    ],
};

pub(super) fn read(fields: &Fields<'_>) -> Option<HubSpotChannel> {
    let stages = |key: &str, default: &'static str| {
        let all = fields.texts(key);
        if all.is_empty() { vec![Text::new_static(default)] } else { all }
    };
    let traits = fields.entries("traits");
    Some(HubSpotChannel {
        base_url: fields.text("base_url").unwrap_or_else(|| "https://api.hubapi.com".into()),
        version: fields.text("version").unwrap_or_else(|| "v3".into()),
        properties: read_properties(fields),
        overwrite: fields.value("overwrite").unwrap_or_default(),
        domain_trait: fields.text("domain_trait").unwrap_or_else(|| "domain".into()),
        traits: traits
            .iter()
            .filter_map(|(it, slot)| Some((it.text.clone(), slot.text()?)))
            .collect(),
        read_every: fields.value("read_every").filter(|it| *it > Span::ZERO),
        won_stages: stages("won_stages", "closedwon"),
        lost_stages: stages("lost_stages", "closedlost"),
        contacts: contacts::read(fields),
        token: fields.text("token").map(|it| Secret::new(it.trim()))?,
    })
}

fn read_properties(fields: &Fields<'_>) -> BTreeMap<Text, CrmField> {
    if !fields.has("properties") {
        let all = [
            ("pql_score", CrmField::Score),
            ("pql_status", CrmField::Status),
            ("pql_track", CrmField::Track),
            ("pql_stage", CrmField::Stage),
            ("pql_reasons", CrmField::Reasons),
            ("pql_qualified_at", CrmField::QualifiedAt),
            ("pql_plan", CrmField::Plan),
        ];
        return all.into_iter().map(|(name, field)| (Text::new_static(name), field)).collect();
    }
    let mut properties = BTreeMap::new();
    for (name, slot) in fields.entries("properties") {
        let help = "Write `score`, `status`, `track`, `stage`, `reasons`, `qualified_at`, \
                    `plan`, `link`, `usage.METER`, `limit.METER` or `account.TRAIT`.";
        if let Some(field) = read_field(fields, &slot, help, |it: &CrmField| Some(it.clone())) {
            properties.insert(name.text, field);
        }
    }
    properties
}

/// What is written into a property. `of_account` is what it says of the account, if it does.
fn read_field<F: Plain>(
    fields: &Fields<'_>,
    slot: &Slot<'_>,
    help: &str,
    of_account: impl Fn(&F) -> Option<CrmField>,
) -> Option<F> {
    let source = slot.source()?;
    let Some(field) = F::read(source.text.trim()) else {
        let message = format!("`{}` is nothing that can be written", shorten(&source.text));
        slot.error(codes::WRONG_VALUE, message, help);
        return None;
    };
    if let Some(CrmField::Usage(meter) | CrmField::Limit(meter)) = of_account(&field) {
        fields.reader.refer(super::check::Referent::Meter, source.part(&meter));
    }
    Some(field)
}
