//! Who is who, and who is never judged.

use super::definition;
use super::keys::{Key, Section, Takes};
use super::read::{Fields, Slot};
use super::value::Count;
use crate::diagnostic::SourceText;
use crate::fact::Kind;
use crate::{Span, Text};

/// How persons and accounts are recognised (`rules::resolve`).
#[derive(Clone, Debug)]
pub struct IdentityRules {
    /// The company's own domains: staff, never an account.
    pub own_domains: Vec<Text>,
    /// Domains that never form an account (agencies, test domains).
    pub excluded_domains: Vec<Text>,
    /// Domains of free mail, beside the built-in list.
    pub free_mail_domains: Vec<Text>,
    /// Whether a work e-mail's domain makes an account where nothing better is known.
    pub company_domains: bool,
    /// Ids that name nobody, beside the built-in list (`null`, `undefined`, `guest`, `0` ...).
    pub junk_ids: Vec<Text>,
    /// Ids that the built-in list takes for nobody's, and that are real here.
    pub real_ids: Vec<Text>,
    /// Most ids that one person may have; a further link is refused as junk.
    pub ids_per_person_max: usize,
    /// How far back a first membership reaches: events before it belong to that account.
    pub membership_reach: Span,
    /// The account trait that names a parent, for `sibling`.
    pub parent_trait: Text,
}

impl Default for IdentityRules {
    fn default() -> Self {
        Self {
            own_domains: Vec::new(),
            excluded_domains: Vec::new(),
            free_mail_domains: Vec::new(),
            company_domains: false,
            junk_ids: Vec::new(),
            real_ids: Vec::new(),
            ids_per_person_max: 100,
            membership_reach: Span::DAY.times(90),
            parent_trait: "parent".into(),
        }
    }
}

/// A named rule for subjects that are never judged.
#[derive(Clone, Debug)]
pub struct Exclusion {
    /// Its name, shown as the reason.
    pub name: Text,
    /// Whom it shuts out.
    pub subject: Kind,
    /// The condition, in the language.
    pub when: SourceText,
}

pub(super) static IDENTITY: Section = Section {
    name: "the identity rules",
    doc: "How persons and accounts are recognised.",
    keys: &[
        Key::optional("own_domains", DOMAINS, "Your own domains: staff, never an account."),
        Key::optional("excluded_domains", DOMAINS, "Domains that never form an account."),
        Key::optional(
            "free_mail_domains",
            DOMAINS,
            "Domains of free mail, beside the built-in list.",
        ),
        Key::or(
            "company_domains",
            Takes::Bool,
            "false",
            "Whether the domain of a work e-mail makes an account where nothing better is known.",
        ),
        Key::optional(
            "junk_ids",
            Takes::OneOrMany(&Takes::Text),
            "Ids that name nobody, beside the built-in list (`null`, `undefined`, `guest`, `0` …).",
        ),
        Key::optional(
            "real_ids",
            Takes::OneOrMany(&Takes::Text),
            "Ids of the built-in list that do name somebody here, such as `0`.",
        ),
        Key::or(
            "ids_per_person_max",
            Takes::Count,
            "100",
            "Most ids that one person may have; a further link is refused as junk.",
        ),
        Key::or(
            "membership_reach",
            Takes::Duration,
            "90d",
            "How far back the first membership of a person reaches.",
        ),
        Key::or(
            "parent_trait",
            Takes::Property,
            "parent",
            "The account trait that names a parent account.",
        ),
    ],
};

const DOMAINS: Takes = Takes::OneOrMany(&Takes::Domain);

pub(super) static EXCLUSION: Section = Section {
    name: "an exclusion",
    doc: "A named rule for customers or users who are never judged.",
    keys: &[
        Key::required("name", Takes::Text, "Its name, shown as the reason."),
        definition::SUBJECT,
        Key::required("when", Takes::Condition, "Whom it shuts out."),
    ],
};

pub(super) fn read_identity(fields: &Fields<'_>) -> IdentityRules {
    let default = IdentityRules::default();
    let count: Option<Count> = fields.value("ids_per_person_max");
    IdentityRules {
        own_domains: read_domains(fields, "own_domains"),
        excluded_domains: read_domains(fields, "excluded_domains"),
        free_mail_domains: read_domains(fields, "free_mail_domains"),
        company_domains: fields.value("company_domains").unwrap_or(default.company_domains),
        junk_ids: fields.texts("junk_ids"),
        real_ids: fields.texts("real_ids"),
        ids_per_person_max: count
            .and_then(|it| usize::try_from(it.0).ok())
            .unwrap_or(default.ids_per_person_max),
        membership_reach: fields.value("membership_reach").unwrap_or(default.membership_reach),
        parent_trait: fields.text("parent_trait").unwrap_or(default.parent_trait),
    }
}

fn read_domains(fields: &Fields<'_>, key: &str) -> Vec<Text> {
    let slots = fields.get(key).map(|it| it.one_or_many()).unwrap_or_default();
    let read = |slot: &Slot<'_>| {
        let domain = slot.text()?.to_lowercase();
        let is_part = |it: char| it.is_alphanumeric() || it == '-' || it == '.';
        let fits = domain.contains('.') && domain.chars().all(is_part);
        if !fits {
            slot.wrong();
        }
        fits.then(|| domain.into())
    };
    slots.iter().filter_map(read).collect()
}

pub(super) fn read_exclusions(fields: &Fields<'_>) -> Vec<Exclusion> {
    let slots = fields.items("exclude");
    let read = |slot: &Slot<'_>| {
        let fields = slot.fields()?;
        Some(Exclusion {
            subject: fields.value("subject").unwrap_or(Kind::Account),
            name: fields.text("name")?,
            when: fields.source("when")?,
        })
    };
    slots.iter().filter_map(read).collect()
}
