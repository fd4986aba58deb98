//! What plays leave behind: how far each has come for a lead, who was written to, what was held
//! back and why, who was told nothing so that others can be compared with them.

use serde::{Deserialize, Serialize};

use crate::Time;
use crate::config::Track;
use crate::lead::LeadId;
use crate::{Scalar, Text};

/// Gives an enum its words, both ways.
macro_rules! words {
    ($of:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $of {
            /// All of them.
            pub const ALL: [Self; [$(Self::$variant),+].len()] = [$(Self::$variant),+];

            /// The word in the store, the API and messages.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// The one of a word.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|it| it.word() == word)
            }
        }
    };
}

/// How far a play has come for a lead. A lead has one run of a play at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayRun {
    /// The lead.
    pub lead: LeadId,
    /// The play.
    pub play: Text,
    /// The lead's account.
    pub account: Text,
    /// Where it stands.
    pub state: RunState,
    /// When it began.
    pub began_at: Time,
    /// The step that comes next, from 0.
    pub step: u32,
    /// When that step was first to be done; what has waited too long since is given up.
    pub wanted_at: Time,
    /// When it is looked at again; `None` once the run is over.
    pub due_at: Option<Time>,
    /// What the step waits for, if it is kept back.
    pub waits: Option<Reason>,
    /// When somebody first saw a message of it.
    pub seen_at: Option<Time>,
    /// When somebody first followed one.
    pub clicked_at: Option<Time>,
    /// When somebody first put one away.
    pub dismissed_at: Option<Time>,
    /// When it changed last.
    pub changed_at: Time,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Steps are still to come.
    Running,
    /// All steps are done.
    Done,
    /// The lead was closed before that, or the play is gone.
    Stopped,
    /// Its account is held out: nobody is told anything.
    HeldOut,
}

words!(RunState { Running = "running", Done = "done", Stopped = "stopped", HeldOut = "held_out" });

/// Why a message waits, or is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The person has heard of us often enough.
    PersonBudget,
    /// The account has.
    AccountBudget,
    /// It is night where the person is.
    QuietHours,
    /// A rep works on a lead of the account.
    RepWorks,
    /// Further leads of the same owner are gathered.
    Digest,
    /// They do not want to hear of us.
    OptedOut,
    /// Their address is not known.
    NoAddress,
    /// There is nobody to whom it could go.
    Nobody,
    /// The channel is off.
    ChannelOff,
    /// The message could not be written.
    Unwritten,
}

words!(Reason {
    PersonBudget = "person_budget",
    AccountBudget = "account_budget",
    QuietHours = "quiet_hours",
    RepWorks = "rep_works",
    Digest = "digest",
    OptedOut = "opted_out",
    NoAddress = "no_address",
    Nobody = "nobody",
    ChannelOff = "channel_off",
    Unwritten = "unwritten",
});

impl Reason {
    /// The same in plain words.
    pub const fn plain(self) -> &'static str {
        match self {
            Self::PersonBudget => "the person has heard from us often enough",
            Self::AccountBudget => "the account has heard from us often enough",
            Self::QuietHours => "these are quiet hours where the person is",
            Self::RepWorks => "a rep works on a lead of the account",
            Self::Digest => "further leads of the owner are gathered into one message",
            Self::OptedOut => "they do not want to hear from us",
            Self::NoAddress => "their address is not known",
            Self::Nobody => "there is nobody to whom it could go",
            Self::ChannelOff => "the channel is off",
            Self::Unwritten => "the message could not be written",
        }
    }
}

/// A message that was not sent, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppressed {
    /// The id that its delivery would have had.
    pub id: Text,
    /// The lead.
    pub lead: LeadId,
    /// The play.
    pub play: Text,
    /// The step, from 0.
    pub step: u32,
    /// The lead's account.
    pub account: Text,
    /// The person who would have got it, where it was known.
    pub person: Option<Text>,
    /// What the person was called then, where that was known.
    pub person_name: Option<Text>,
    /// The channel.
    pub channel: Text,
    /// When it was given up.
    pub at: Time,
    /// Why.
    pub reason: Reason,
}

/// A message that was decided on: what the contact budget counts, and by which reactions find the
/// run that they belong to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The delivery.
    pub delivery: Text,
    /// The lead.
    pub lead: LeadId,
    /// The play; `None` for what the rules of leads send: reminders, and the like.
    pub play: Option<Text>,
    /// The account.
    pub account: Text,
    /// The person of the account, or the owner, to whom it went; `None` where it went to the team
    /// or another system.
    pub receiver: Option<Text>,
    /// What the person was called then, where that was known.
    pub receiver_name: Option<Text>,
    /// Whether the receiver is of the team, so that the budget does not count it.
    pub of_team: bool,
    /// The channel.
    pub channel: Text,
    /// When.
    pub at: Time,
}

/// That an account was assigned to be told, or to be held out, for a play. The first assignment on
/// a track holds for ever; analyses go by it, whatever was sent (intent to treat).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposure {
    /// The account.
    pub account: Text,
    /// The track.
    pub track: Track,
    /// The play.
    pub play: Text,
    /// The lead by which it came to be.
    pub lead: LeadId,
    /// What it was assigned to.
    pub arm: Arm,
    /// The stratum within which arms are balanced: a band of sizes.
    pub size: Text,
    /// The share that was to be held out, in thousandths.
    pub share: u32,
    /// The variants' seed: accounts of an arm are parted by it evenly, from 0 to 999.
    pub part: u32,
    /// When.
    pub at: Time,
}

/// What an account was assigned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arm {
    /// It is told.
    Treated,
    /// It is not.
    HeldOut,
}

words!(Arm { Treated = "treated", HeldOut = "held_out" });

/// What a person did with a message. It comes back as a record of that name, with the property
/// `delivery`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reaction {
    /// It was on their screen.
    Shown,
    /// They followed it.
    Clicked,
    /// They put it away.
    Dismissed,
}

words!(Reaction {
    Shown = "Message shown",
    Clicked = "Message clicked",
    Dismissed = "Message dismissed",
});

/// Bands of account sizes (people or employees), within which arms are balanced.
const SIZES: [(u32, &str); 4] = [(1, "1"), (9, "2-9"), (49, "10-49"), (249, "50-249")];

/// The band of an account of so many people.
pub fn size_band(people: u32) -> Text {
    let band = SIZES.iter().find(|(most, _)| people <= *most);
    Text::new_static(band.map_or("250+", |(_, band)| band))
}

/// Whether a trait says yes.
pub fn is_yes(value: &Scalar) -> bool {
    match value {
        Scalar::Bool(it) => *it,
        Scalar::Text(it) => it.eq_ignore_ascii_case("true") || it.eq_ignore_ascii_case("yes"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_back_to_what_they_stand_for() {
        for it in Reason::ALL {
            assert_eq!(Reason::from_word(it.word()), Some(it));
            assert!(!it.plain().is_empty());
        }
        assert!(RunState::ALL.iter().all(|it| RunState::from_word(it.word()) == Some(*it)));
        assert!(Reaction::ALL.iter().all(|it| Reaction::from_word(it.word()) == Some(*it)));
    }

    #[test]
    fn sizes_fall_into_bands() {
        let bands = [0, 1, 2, 9, 10, 49, 250].map(|it| size_band(it).to_string());
        assert_eq!(bands, ["1", "1", "2-9", "2-9", "10-49", "10-49", "250+"]);
    }
}
