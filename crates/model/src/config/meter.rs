//! Meters: measured amounts of usage.

use super::keys::{Key, Section, Takes};
use super::read::Fields;
use super::value::{Plain, pick};
use crate::Text;
use crate::diagnostic::{SourceText, codes};

/// How a meter measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "docs/language.md, section 2")]
pub enum MeterKind {
    Count,
    Sum,
    Distinct,
    Latest,
    Max,
    Level,
}

/// When a meter begins anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Reset {
    #[default]
    Never,
    Month,
    Week,
    BillingPeriod,
}

/// A measured amount of usage, computed from events.
#[derive(Clone, Debug)]
pub struct Meter {
    /// Its name.
    pub name: Text,
    /// How it measures.
    pub kind: MeterKind,
    /// The events measured, in the language; for a level, those that add.
    pub add: SourceText,
    /// For a level, the events that remove.
    pub remove: Option<SourceText>,
    /// The property that is summed, or kept (sum, latest, max); for a level without a key, the
    /// amount added or removed (1 if `None`).
    pub value: Option<Text>,
    /// The property that tells things apart (distinct, level).
    pub key: Option<Text>,
    /// When it begins anew.
    pub reset: Reset,
    /// The unit for people: `contacts`, `GB`.
    pub unit: Option<Text>,
    /// Where it was declared.
    pub declared: SourceText,
}

impl Plain for MeterKind {
    fn read(text: &str) -> Option<Self> {
        pick(
            text,
            &[
                ("count", Self::Count),
                ("sum", Self::Sum),
                ("distinct", Self::Distinct),
                ("latest", Self::Latest),
                ("max", Self::Max),
                ("level", Self::Level),
            ],
        )
    }
}

impl Plain for Reset {
    fn read(text: &str) -> Option<Self> {
        pick(
            text,
            &[
                ("never", Self::Never),
                ("month", Self::Month),
                ("week", Self::Week),
                ("billing period", Self::BillingPeriod),
            ],
        )
    }
}

pub(super) static METER: Section = Section {
    name: "a meter",
    doc: "An amount of usage measured from events, read as `usage(name)` and held against the \
          limits of plans.",
    keys: &[
        Key::required(
            "kind",
            Takes::Choice(&[
                ("count", "how many events"),
                ("sum", "the sum of a property"),
                ("distinct", "how many different values of a property"),
                ("latest", "the latest value of a property"),
                ("max", "the greatest value of a property"),
                ("level", "what was added less what was removed"),
            ]),
            "How it measures.",
        ),
        Key::required(
            "add",
            Takes::Events,
            "The events that are measured; for a level, those that add.",
        ),
        Key::optional("remove", Takes::Events, "For a level: the events that take away."),
        Key::optional(
            "value",
            Takes::Property,
            "The property that is summed or kept; for a level without `key`, the amount of each event.",
        ),
        Key::optional(
            "key",
            Takes::Property,
            "The property that tells things apart, for `distinct` and `level`.",
        ),
        Key::or(
            "reset",
            Takes::Choice(&[
                ("never", "it goes on for ever"),
                ("month", "with each calendar month"),
                ("week", "with each calendar week"),
                ("billing period", "with each billing period of the account"),
            ]),
            "never",
            "When it begins anew.",
        ),
        Key::optional("unit", Takes::Text, "The unit for people, such as `contacts`."),
    ],
};

pub(super) fn read(name: &SourceText, fields: &Fields<'_>) -> Option<Meter> {
    let kind = fields.value("kind");
    if let Some(kind) = kind {
        check_kind(fields, kind);
    }
    // What must be there comes last, so that the rest is read and checked before it fails.
    Some(Meter {
        name: name.text.clone(),
        remove: fields.source("remove"),
        value: fields.text("value"),
        key: fields.text("key"),
        reset: fields.value("reset").unwrap_or_default(),
        unit: fields.text("unit"),
        declared: name.clone(),
        add: fields.source("add")?,
        kind: kind?,
    })
}

fn check_kind(fields: &Fields<'_>, kind: MeterKind) {
    let needs: &[&str] = match kind {
        MeterKind::Count => &[],
        MeterKind::Sum | MeterKind::Latest | MeterKind::Max => &["value"],
        MeterKind::Distinct => &["key"],
        MeterKind::Level => &["remove"],
    };
    for key in needs.iter().filter(|key| !fields.has(key)) {
        fields.error(
            codes::MISSING_KEY,
            format!("a meter of this kind needs `{key}`"),
            match *key {
                "remove" => {
                    "Add the event that takes away, such as `remove: '\"Contact deleted\"'`."
                }
                _ => {
                    "Name the property of the events, such as `value: amount` or `key: contact_id`."
                }
            },
        );
    }
    let (foreign, why): (&[&str], _) = match kind {
        MeterKind::Count => (&["remove", "value", "key"], "has no place in a meter that counts"),
        MeterKind::Sum | MeterKind::Latest | MeterKind::Max => {
            (&["remove", "key"], "has no place in a meter of one value")
        }
        MeterKind::Distinct => (&["remove", "value"], "has no place in a meter of distinct values"),
        MeterKind::Level if fields.has("key") => (&["value"], "has no place beside `key`"),
        MeterKind::Level => (&[], ""),
    };
    fields.refuse(foreign, why, "Remove it, or choose another `kind`.");
}
