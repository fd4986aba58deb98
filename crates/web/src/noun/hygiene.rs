//! How well people and accounts are told apart.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::At;

/// How well people and accounts are told apart, by all that was learnt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hygiene {
    /// When it was looked at.
    pub at: At,
    /// People with a user id of whom an account, an e-mail address or a device is known.
    pub persons: u64,
    /// Of these, those who belong to an account.
    pub with_account: u64,
    /// Of these, those who work for you, by the domain of their e-mail.
    pub own_staff: u64,
    /// Of these, those without an account who write from a public mail provider.
    pub free_mail: u64,
    /// Devices and browsers that are tied to a person.
    pub devices: u64,
    /// Devices that were used by several people, who are not merged for it.
    pub shared_devices: Found,
    /// People with many ids.
    pub many_ids: Found,
    /// People with as many ids as one may have: further ones are refused.
    pub full: Found,
    /// People who belong to several accounts.
    pub several_accounts: Found,
    /// Companies, by the domain of work e-mails, of whose people some have no account.
    pub unmatched_domains: Found,
    /// Companies, by domain, whose people are in several accounts.
    pub split_domains: Found,
    /// Ids that name nobody, such as `null`, met since the server started.
    pub junk_ids: Found,
    /// Links beyond the limit of ids a person, met since then.
    pub refused_links: u64,
}

/// How many there are of something, with the most striking of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Found {
    /// How many.
    pub count: u64,
    /// The most striking, at most 20.
    pub examples: Vec<Example>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Example {
    /// What: an id or a domain.
    pub id: String,
    /// How many it has: ids, people, accounts; how often it was met.
    pub count: u64,
    /// Some of these, where they have names.
    pub names: Vec<String>,
}
