//! Leads: the open case on an account and a track that people work on.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::config::Track;
use crate::{Decimal, Text, Time};

/// Names a lead: `lead_` and 24 letters and digits. Sorts by when the lead was known, to the
/// microsecond.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Text", into = "Text")]
pub struct LeadId(Text);

/// The text is not the id of a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a lead, such as `lead_1m5ge3n6g0000000000000fz`")]
pub struct LeadIdError;

impl LeadId {
    const PREFIX: &str = "lead_";
    /// Without letters that look like digits; in ASCII's order, so that ids sort as numbers do.
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    /// Eleven digits of five bits hold every microsecond up to the year 3111.
    const TIME_DIGITS: u32 = 11;
    const SALT_DIGITS: u32 = 13;

    /// Makes the id of a lead from when it was known and a number that tells it from others of
    /// that instant: chance, or a hash of account and track. The same two make the same id.
    pub fn mint(known_at: Time, salt: u64) -> Self {
        let mut text = String::from(Self::PREFIX);
        let micros = known_at.0.max(0).unsigned_abs();
        for (number, digits) in [(micros, Self::TIME_DIGITS), (salt, Self::SALT_DIGITS)] {
            for place in (0..digits).rev() {
                let digit = usize::try_from((number >> (5 * place)) & 31).expect("five bits");
                text.push(char::from(Self::DIGITS[digit]));
            }
        }
        Self(text.into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LeadId {
    type Err = LeadIdError;

    fn from_str(text: &str) -> Result<Self, LeadIdError> {
        let digits = text.strip_prefix(Self::PREFIX).ok_or(LeadIdError)?.as_bytes();
        let length = usize::try_from(Self::TIME_DIGITS + Self::SALT_DIGITS).unwrap_or(0);
        let fits = digits.len() == length && digits.iter().all(|it| Self::DIGITS.contains(it));
        if fits { Ok(Self(text.into())) } else { Err(LeadIdError) }
    }
}

impl TryFrom<Text> for LeadId {
    type Error = LeadIdError;

    fn try_from(text: Text) -> Result<Self, LeadIdError> {
        text.parse()
    }
}

impl From<LeadId> for Text {
    fn from(id: LeadId) -> Self {
        id.0
    }
}

impl fmt::Display for LeadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Where a lead stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LeadStatus {
    /// Nobody has decided yet.
    Open,
    /// A rep works on it: sales-qualified.
    Accepted,
    /// Put off until a time.
    Snoozed,
    /// A rep found that it is none; says why.
    Rejected,
    /// It became a sale.
    Won,
    /// It became no sale.
    Lost,
    /// Nobody did anything about it in time.
    Expired,
    /// The data it rested on changed before anybody touched it.
    Withdrawn,
    /// It goes on in another lead.
    Merged,
}

impl LeadStatus {
    /// All of them, those that are not closed first.
    pub const ALL: [Self; 9] = [
        Self::Open,
        Self::Accepted,
        Self::Snoozed,
        Self::Rejected,
        Self::Won,
        Self::Lost,
        Self::Expired,
        Self::Withdrawn,
        Self::Merged,
    ];

    /// The word in files, the API and messages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Snoozed => "snoozed",
            Self::Rejected => "rejected",
            Self::Won => "won",
            Self::Lost => "lost",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Merged => "merged",
        }
    }

    /// The status of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word() == word)
    }

    /// Whether nothing more is to be done. Of an account and track, one lead at most is not
    /// closed.
    pub const fn is_closed(self) -> bool {
        !matches!(self, Self::Open | Self::Accepted | Self::Snoozed)
    }
}

impl fmt::Display for LeadStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// The case on an account and track.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lead {
    /// Its name, for ever.
    pub id: LeadId,
    /// The account.
    pub account: Text,
    /// The track.
    pub track: Track,
    /// Where it stands.
    pub status: LeadStatus,
    /// From when on what opened it held.
    pub opened_at: Time,
    /// When that was known.
    pub known_at: Time,
    /// Orders leads, the greatest first.
    pub score: Option<Decimal>,
    /// The rep it belongs to.
    pub owner: Option<Text>,
    /// Until when it is put off; only while snoozed.
    pub snoozed_until: Option<Time>,
    /// By when somebody must have answered.
    pub due_at: Option<Time>,
    /// When a person first did something about it.
    pub touched_at: Option<Time>,
    /// When anything about it changed last.
    pub changed_at: Time,
    /// When it was closed; there exactly while its status is a closed one.
    pub closed_at: Option<Time>,
    /// Why it has this status, by a word of the team's list.
    pub reason: Option<Text>,
    /// The lead that it goes on in, if merged.
    pub merged_into: Option<LeadId>,
    /// Whether its account is held out on its track: it is measured, and nobody is told.
    pub held_out: bool,
}

/// A step in the life of a lead: a new status, a new owner, or a decision without either.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadChange {
    /// The lead.
    pub lead: LeadId,
    /// When.
    pub at: Time,
    /// Who did it: a user, a connected system, or `firsthand`.
    pub by: Text,
    /// The status before; `None` where the lead was opened.
    pub from: Option<LeadStatus>,
    /// The status after.
    pub to: LeadStatus,
    /// Whose it was from then on, where that changed; `None` also where it became nobody's.
    pub owner: Option<Text>,
    /// Why, by a word of the team's list.
    pub reason: Option<Text>,
    /// Why, in free words.
    pub note: Option<Text>,
}

/// What a person wrote down about a lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadNote {
    /// The lead.
    pub lead: LeadId,
    /// When.
    pub at: Time,
    /// Who.
    pub by: Text,
    /// The words.
    pub text: Text,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_come_back_from_text() {
        let ids = [
            LeadId::mint(Time(0), u64::MAX),
            LeadId::mint(Time(1), 0),
            LeadId::mint(Time(1_790_000_000_000_000), 7),
            LeadId::mint(Time(1_790_000_000_000_000), 8),
            LeadId::mint(Time(1_790_000_000_000_001), 0),
        ];
        assert!(ids.is_sorted());
        for id in ids {
            assert_eq!(id.as_str().parse(), Ok(id.clone()));
            let json = serde_json::to_string(&id).unwrap();
            assert_eq!(serde_json::from_str::<LeadId>(&json).unwrap(), id);
        }
    }

    #[test]
    fn other_texts_are_no_ids_of_leads() {
        let id = LeadId::mint(Time(1), 1);
        let longer = format!("{id}0");
        let upper = id.as_str().to_uppercase();
        for text in ["", "lead_", "acct_1", &longer, &upper] {
            assert_eq!(text.parse::<LeadId>(), Err(LeadIdError), "{text}");
        }
    }

    #[test]
    fn every_status_has_its_own_word() {
        for status in LeadStatus::ALL {
            assert_eq!(LeadStatus::from_word(status.word()), Some(status));
        }
    }
}
