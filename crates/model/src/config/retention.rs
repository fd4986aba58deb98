//! Retention: after how long what the server remembers is forgotten.

use super::keys::{Key, Section, Takes};
use super::read::Fields;
use crate::Span;

/// After how long things are forgotten; what is `None` is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RetentionRules {
    /// Lines of the ledger, and qualifications that were left.
    pub ledger: Option<Span>,
    /// Facts that were refused.
    pub quarantine: Option<Span>,
    /// Closed leads, with all that belongs to them.
    pub leads: Option<Span>,
    /// Messages that were sent or given up.
    pub deliveries: Option<Span>,
    /// What sources sent in each minute; the totals stay.
    pub minutes: Option<Span>,
    /// What people did on the pages.
    pub audit: Option<Span>,
}

pub(super) static RETENTION: Section = Section {
    name: "the retention",
    doc: "After how long what the server remembers is forgotten; what is left out is kept. The \
          recorded history is kept.",
    keys: &[
        Key::optional(
            "ledger",
            Takes::Duration,
            "Lines of the ledger, and qualifications since they were left; not what still holds.",
        ),
        Key::optional("quarantine", Takes::Duration, "Facts that were refused."),
        Key::optional(
            "leads",
            Takes::Duration,
            "Leads since they were closed, with all that belongs to them.",
        ),
        Key::optional(
            "deliveries",
            Takes::Duration,
            "Messages that were sent or given up, since they were due.",
        ),
        Key::optional(
            "minutes",
            Takes::Duration,
            "What each source sent in each minute; the totals stay.",
        ),
        Key::optional("audit", Takes::Duration, "What people did on the pages."),
    ],
};

pub(super) fn read(fields: &Fields<'_>) -> RetentionRules {
    RetentionRules {
        ledger: fields.value("ledger"),
        quarantine: fields.value("quarantine"),
        leads: fields.value("leads"),
        deliveries: fields.value("deliveries"),
        minutes: fields.value("minutes"),
        audit: fields.value("audit"),
    }
}
