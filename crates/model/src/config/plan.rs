//! Plans: what a price tier costs, allows and switches on, and from when.

use std::collections::BTreeMap;

use super::check::Referent;
use super::keys::{Key, Section, Takes};
use super::read::{Fields, Slot};
use super::value::Money;
use crate::diagnostic::{SourceText, codes};
use crate::{Date, Decimal, Span, Text};

/// A price tier.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The id, compared with the account trait `plan` without case.
    pub id: Text,
    /// The name for people.
    pub title: Text,
    /// Its terms, oldest first; the first has no date unless the plan began on one.
    pub terms: Vec<PlanTerms>,
    /// Where it was declared.
    pub declared: SourceText,
}

/// What a plan gives, from a date on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanTerms {
    /// In force from the start of this date; from the beginning if `None`.
    pub from: Option<Date>,
    /// Price a month, in the project's currency.
    pub price: Option<Decimal>,
    /// The amount of each meter allowed; a meter not named is not limited by this plan, and
    /// reading its limit is unknown.
    pub limits: BTreeMap<Text, Limit>,
    /// What it switches on.
    pub features: Vec<Text>,
    /// How long a trial of it lasts; `None` if it is not a trial.
    pub trial: Option<Span>,
    /// The plan to move to next.
    pub next: Option<Text>,
}

/// An allowed amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// At most this much.
    AtMost(Decimal),
    /// As much as one likes: above every number.
    Unlimited,
}

const PRICE: Key =
    Key::optional("price", Takes::Money, "Price a month, in the currency of the project.");
const LIMITS: Key = Key::optional(
    "limits",
    Takes::Map("meters", &Takes::Limit),
    "The amount of each meter that the plan allows; the limit of a meter not named is unknown.",
);
const FEATURES: Key =
    Key::optional("features", Takes::OneOrMany(&Takes::Text), "What the plan switches on.");
const TRIAL: Key = Key::optional(
    "trial",
    Takes::Duration,
    "How long a trial of it lasts; leave it out if the plan is no trial.",
);
const NEXT: Key =
    Key::optional("next", Takes::Reference("a plan"), "The plan that customers move to next.");

pub(super) static PLAN: Section = Section {
    name: "a plan",
    doc: "A price tier. Its id is compared with the account trait `plan`, without case.",
    keys: &[
        Key::optional("title", Takes::Text, "The name for people; the id if left out."),
        PRICE,
        LIMITS,
        FEATURES,
        TRIAL,
        NEXT,
        Key::optional(
            "terms",
            Takes::List(&Takes::Section(&TERMS)),
            "Terms that came into force on a date, oldest first. Each says what changes; the rest \
             stays as it was.",
        ),
    ],
};

static TERMS: Section = Section {
    name: "terms of a plan",
    doc: "What a plan gives from a date on. What is left out stays as it was before.",
    keys: &[
        Key::optional(
            "from",
            Takes::Date,
            "The date on which they came into force; only the first terms may leave it out.",
        ),
        PRICE,
        LIMITS,
        FEATURES,
        TRIAL,
        NEXT,
    ],
};

pub(super) fn read(id: &SourceText, slot: &Slot<'_>) -> Option<Plan> {
    let fields = slot.fields()?;
    // What stands beside `terms` holds from the beginning; undated first terms only add to it.
    let beginning = read_terms(&fields, PlanTerms::default());
    let mut terms = Vec::new();
    for slot in fields.items("terms") {
        let Some(fields) = slot.fields() else {
            continue;
        };
        let before = terms.last().unwrap_or(&beginning);
        let next = read_terms(&fields, before.clone());
        let first = terms.is_empty();
        if !first && next.from <= before.from {
            slot.error(
                codes::WRONG_VALUE,
                "terms that are not later than those before them",
                "Give each a `from:` date and put the oldest first.",
            );
        }
        if first && next.from.is_some() && beginning != PlanTerms::default() {
            terms.push(beginning.clone());
        }
        terms.push(next);
    }
    if terms.is_empty() {
        terms.push(beginning);
    }
    let title = fields.text("title").unwrap_or_else(|| id.text.clone());
    Some(Plan { id: id.text.clone(), title, terms, declared: id.clone() })
}

/// Reads terms as changes to those before them.
fn read_terms(fields: &Fields<'_>, before: PlanTerms) -> PlanTerms {
    let mut limits = before.limits;
    for (meter, slot) in fields.entries("limits") {
        fields.reader.refer(Referent::Meter, meter.clone());
        if let Some(limit) = slot.value() {
            limits.insert(meter.text, limit);
        }
    }
    let next = fields.source("next");
    if let Some(next) = &next {
        fields.reader.refer(Referent::Plan, next.clone());
    }
    let features = if fields.has("features") { fields.texts("features") } else { before.features };
    PlanTerms {
        from: fields.value("from"),
        price: read_price(fields).or(before.price),
        limits,
        features,
        trial: fields.value("trial").or(before.trial),
        next: next.map(|it| it.text).or(before.next),
    }
}

fn read_price(fields: &Fields<'_>) -> Option<Decimal> {
    let slot = fields.get("price")?;
    let source = slot.source()?;
    let Some(money) = Money::read(source.text.trim()) else {
        slot.wrong();
        return None;
    };
    match (fields.reader.currency(), money.currency) {
        (Some(project), Some(written)) if !money.is_of(project) => {
            let message = format!("a price in `{written}`, but the project counts in `{project}`");
            let help = format!("Convert it to {project}, or change `currency` in the settings.");
            slot.error(codes::UNIT_MISMATCH, message, help);
            None
        }
        _ => Some(money.amount),
    }
}
