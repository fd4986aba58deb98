//! What people do with leads.

use firsthand_model::lead::{Lead, LeadId, LeadNote, LeadStatus};
use firsthand_model::{Text, Time};
use firsthand_store::Commit;

use super::Desk;

/// What somebody does with a lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Works on it.
    Accept,
    /// Finds that it is none.
    Reject {
        /// Why, by a word of the team's list.
        reason: Text,
    },
    /// Puts it off.
    Snooze {
        /// Until when.
        until: Time,
        /// Why.
        reason: Option<Text>,
    },
    /// Takes back a snooze or an acceptance.
    Reopen {
        /// Why.
        reason: Option<Text>,
    },
    /// It became a sale.
    Won {
        /// Why, or what was bought.
        reason: Option<Text>,
    },
    /// It became no sale.
    Lost {
        /// Why, by a word of the team's list.
        reason: Option<Text>,
    },
    /// Gives it to somebody, or to nobody.
    Assign {
        /// To whom.
        owner: Option<Text>,
    },
    /// Writes something down.
    Note {
        /// The words.
        text: Text,
    },
}

impl Act {
    /// The name of the record by which definitions can read it.
    pub fn record(&self) -> Option<&'static str> {
        Some(match self {
            Self::Accept => "Lead accepted",
            Self::Reject { .. } => "Lead rejected",
            Self::Snooze { .. } => "Lead snoozed",
            Self::Reopen { .. } => "Lead reopened",
            Self::Won { .. } => "Lead won",
            Self::Lost { .. } => "Lead lost",
            Self::Assign { .. } => "Lead assigned",
            Self::Note { .. } => return None,
        })
    }
}

/// Why something cannot be done with a lead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// It is closed, or there is none of that id.
    #[error("lead {0} is not open")]
    NotOpen(LeadId),
    /// It is that already.
    #[error("the lead is {0} already")]
    Already(LeadStatus),
    /// Another lead of its account and track is open.
    #[error("another lead of the account is open on that track")]
    Replaced,
    /// The time to put it off to lies behind.
    #[error("a lead can only be put off to a later time")]
    Past,
}

impl Desk {
    /// Does something with a lead, in somebody's name; tells how it then is.
    ///
    /// # Errors
    /// [`ActError`] if that cannot be done with it; then nothing has happened.
    pub fn act(
        &mut self,
        id: &LeadId,
        act: &Act,
        by: &Text,
        now: Time,
        to: &mut Commit,
    ) -> Result<Lead, ActError> {
        let key = self.by_id.get(id).cloned().ok_or_else(|| ActError::NotOpen(id.clone()))?;
        let status = self.open[&key].lead.status;
        let to_status = match act {
            Act::Accept => Some(LeadStatus::Accepted),
            Act::Reject { .. } => Some(LeadStatus::Rejected),
            Act::Snooze { .. } => Some(LeadStatus::Snoozed),
            Act::Reopen { .. } => Some(LeadStatus::Open),
            Act::Won { .. } => Some(LeadStatus::Won),
            Act::Lost { .. } => Some(LeadStatus::Lost),
            Act::Assign { .. } | Act::Note { .. } => None,
        };
        if let Some(already) = to_status.filter(|it| *it == status && *it != LeadStatus::Snoozed) {
            return Err(ActError::Already(already));
        }
        if matches!(act, Act::Snooze { until, .. } if *until <= now) {
            return Err(ActError::Past);
        }
        let mut open = self.lift(&key).expect("it was just there");
        let reason = match act {
            Act::Reject { reason } => Some(reason.clone()),
            Act::Lost { reason }
            | Act::Won { reason }
            | Act::Reopen { reason }
            | Act::Snooze { reason, .. } => reason.clone(),
            _ => None,
        };
        match act {
            Act::Assign { owner } => open.lead.owner.clone_from(owner),
            Act::Accept if open.lead.owner.is_none() => open.lead.owner = Some(by.clone()),
            _ => {}
        }
        match (act, to_status) {
            (Act::Note { text }, _) => to.lead_notes.push(LeadNote {
                lead: id.clone(),
                at: now,
                by: by.clone(),
                text: text.clone(),
            }),
            (_, Some(status)) => open.close(status, now, by.clone(), reason, None, to),
            (_, None) => open.log(status, now, by.clone(), None, None, to),
        }
        if let Act::Snooze { until, .. } = act {
            open.lead.snoozed_until = Some(*until);
        }
        open.lead.touched_at.get_or_insert(now);
        open.lead.changed_at = open.lead.changed_at.max(now);
        let lead = open.lead.clone();
        self.put_back(open, to);
        Ok(lead)
    }
}
