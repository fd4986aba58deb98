//! Leads with what they rest on and what happened to them.

use firsthand_model::config::Track;
use firsthand_model::lead::{Lead, LeadChange, LeadId, LeadNote, LeadStatus};
use firsthand_model::{Text, Time};
use firsthand_rules::timeline::Subject;
use serde::{Deserialize, Serialize};

use crate::{Page, PageRequest, Result};

/// Longest text that accounts are searched for, in bytes; what is beyond is not looked at.
pub const SEARCH_BYTES_MAX: usize = 200;

/// A qualification that a lead rests on. One lead has one row of a definition, subject and entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeadEvidence {
    /// The lead.
    pub lead: LeadId,
    /// The definition's name.
    pub definition: Text,
    /// The version that decided it.
    pub version: Text,
    /// Who qualified: the account, or a person in it.
    pub subject: Subject,
    /// From when on.
    pub entered: Time,
    /// Until when; `None` while it holds.
    pub left: Option<Time>,
    /// When the entry was known.
    pub known_at: Time,
    /// When it turned out never to have been; it is kept, because people have seen it.
    pub retracted_at: Option<Time>,
    /// Each condition, what was observed and what was needed, as JSON.
    pub evidence: Option<String>,
}

/// A lead with all that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeadSheet {
    /// The lead.
    pub lead: Lead,
    /// What it rests on, the earliest entry first.
    pub evidence: Vec<LeadEvidence>,
    /// What happened to it, in order.
    pub changes: Vec<LeadChange>,
    /// What people wrote down, in order.
    pub notes: Vec<LeadNote>,
}

/// Whose leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnerFilter {
    /// Of one rep.
    Of(Text),
    /// Of nobody.
    Nobody,
}

/// Which leads; what is not set does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeadFilter {
    /// Only on this track.
    pub track: Option<Track>,
    /// Only with one of these statuses; empty means any.
    pub statuses: Vec<LeadStatus>,
    /// Only of this owner.
    pub owner: Option<OwnerFilter>,
    /// Only of this account.
    pub account: Option<Text>,
    /// Only of accounts whose id has this in it; A to Z without case.
    pub search: Option<Text>,
    /// Accounts that the search finds as well, whatever their ids: their names have it in them.
    pub named: Vec<Text>,
    /// Only opened at or after this.
    pub opened_from: Option<Time>,
    /// Only opened before this.
    pub opened_to: Option<Time>,
    /// Only to be answered before this.
    pub due_to: Option<Time>,
    /// Only of accounts that are held out, or only of others.
    pub held_out: Option<bool>,
}

/// How leads are ordered; leads that are alike in it, by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadSort {
    /// What was known last, first.
    #[default]
    Newest,
    /// What was known first, first.
    Oldest,
    /// The greatest score first, those without one last.
    Score,
    /// What must be answered soonest, first; what need not be, last.
    Due,
    /// What changed last, first.
    Changed,
}

/// How many leads there are of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LeadCount {
    /// The track.
    pub track: Track,
    /// The status.
    pub status: LeadStatus,
    /// How many.
    pub leads: u64,
}

/// The leads kept in one database.
pub trait Leads {
    /// A page of leads.
    fn leads(&self, filter: &LeadFilter, sort: LeadSort, page: &PageRequest) -> Result<Page<Lead>>;

    /// The lead of an account and track that is not closed, if there is one.
    fn unclosed_lead(&self, account: &str, track: Track) -> Result<Option<Lead>>;

    /// A lead with all that belongs to it; `None` where there is no such lead.
    fn lead(&self, id: &LeadId) -> Result<Option<LeadSheet>>;

    /// All that leads rest on or did by one version of a definition and one subject, with the
    /// status of each lead.
    fn evidence_of(
        &self,
        definition: &str,
        version: &str,
        subject: &Subject,
    ) -> Result<Vec<(LeadStatus, LeadEvidence)>>;

    /// How many leads there are, by track and status, in the order of their words; kinds without
    /// leads are left out.
    fn count_leads(&self) -> Result<Vec<LeadCount>>;

    /// How many open leads rest on each definition, by its name; on a lead that rests on several,
    /// each counts. Leads of accounts that are held out are nobody's work, and do not count.
    fn count_open_leads_by_definition(&self) -> Result<Vec<(Text, u64)>>;

    /// How many leads fit, counted up to `most`.
    fn count_leads_of(&self, filter: &LeadFilter, most: u32) -> Result<u64>;
}
