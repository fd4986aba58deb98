//! Stages: how far an account has come on its way to being a customer.

use serde::{Deserialize, Serialize};

use crate::{Text, Time};

/// The stages of a team that has named no others, the lowest first. The last is reached by
/// leaving, not by rising.
pub const STAGES: [&str; 8] =
    ["subscriber", "lead", "mql", "pql", "sql", "opportunity", "customer", "former"];

/// Records of other systems that say how far an account has come, and where it is by that.
pub const RECORDS: [(&str, &str); 4] = [
    ("Deal created", "opportunity"),
    ("Deal opened", "opportunity"),
    ("Deal lost", "lead"),
    ("Subscription cancelled", "former"),
];

/// Records of what people did with a lead, and where its account is by that.
pub const ACTS: [(&str, &str); 3] =
    [("Lead accepted", "sql"), ("Lead won", "customer"), ("Lead lost", "lead")];

/// An account came to another stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageMove {
    /// The account.
    pub account: Text,
    /// The stage before; `None` where it had none.
    pub from: Option<Text>,
    /// The stage after.
    pub to: Text,
    /// From when on it was so.
    pub held_at: Time,
    /// When that was known.
    pub known_at: Time,
    /// What brought it about, for people: a definition, an act of a rep, an outcome.
    pub why: Text,
    /// Whether corrected data moved it, not something that happened.
    pub correction: bool,
}
