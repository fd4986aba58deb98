//! What people do with leads.

use super::At;

/// What somebody does with a lead.
#[derive(Clone, Debug, PartialEq)]
pub enum LeadAct {
    /// Takes it on; the account becomes sales-qualified.
    Accept,
    /// Turns it down.
    Reject {
        /// Why.
        reason: String,
    },
    /// Puts it off.
    Snooze {
        /// Until when.
        until: At,
        /// Why.
        reason: Option<String>,
    },
    /// Opens it again.
    Reopen {
        /// Why.
        reason: Option<String>,
    },
    /// It was won.
    Won {
        /// Why, or what was bought.
        reason: Option<String>,
    },
    /// It was lost.
    Lost {
        /// Why.
        reason: Option<String>,
    },
    /// Gives it to somebody, or with `None` to nobody.
    Assign {
        /// Who owns it from now on.
        owner: Option<String>,
    },
    /// Writes a note.
    Note {
        /// What it says.
        text: String,
    },
}
