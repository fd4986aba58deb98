//! `HubSpot`: what a lead is worth goes to its company there, and what sales does comes back.
//!
//! Writing ([`HubSpot`] as a channel): a company is found by our own property, else by domain, else
//! made; a contact by its id, else by its address ([`people`]). Of the properties only those are
//! written that differ, and none over a value that a person set, unless told so ([`mod@write`]).
//! Reading ([`Reader`]): companies, contacts and deals that changed become facts ([`read`], which is
//! pure), page by page ([`poll`]).

mod api;
mod find;
mod people;
mod poll;
mod read;
mod task;
mod write;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use async_trait::async_trait;
use firsthand_model::message::{CrmWrite, Outgoing};
use firsthand_model::{Span, Text, Time};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::channel::wrong_kind;
use crate::http::Network;
use crate::{Channel, Limits, Message, Outcome, Schedule, SetupError, Tried, mask};

use api::Api;
use people::Row as PeopleRow;
use write::Objects;

pub use poll::{Home, Progress, Reader, Rules, Sought};
pub use read::{
    Company, Contact, ContactRules, Deal, DealRules, Whose, company_facts, contact_facts,
    deal_facts,
};

/// The property of companies by which an account is known there.
pub const ACCOUNT_PROPERTY: &str = "firsthand_account";
/// Most objects of one call: more cannot be read with their histories.
const BATCH_MAX: usize = 50;
/// Companies and owners that are remembered.
const KNOWN_MAX: usize = 50_000;

/// How to reach `HubSpot`, and what may be done there.
#[derive(Clone)]
pub struct HubSpotSettings {
    /// The token of a private app.
    pub token: String,
    /// Where its API is: `https://api.hubapi.com`.
    pub base_url: String,
    /// The version in its paths: `v3`, or a dated one such as `2026-03`.
    pub version: String,
    /// What is done about a value that somebody changed there.
    pub overwrite: Overwrite,
    /// The kind of each property of companies that is made where it does not exist.
    pub properties: BTreeMap<Text, PropertyKind>,
    /// The same of contacts.
    pub contact_properties: BTreeMap<Text, PropertyKind>,
}

/// What is done about a value that somebody changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overwrite {
    /// It stays as it is.
    Ours,
    /// It is written over.
    Always,
    /// Only empty values are written.
    Empty,
}

/// What a property of ours holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertyKind {
    /// A text.
    Text,
    /// A number.
    Number,
    /// An instant, in milliseconds since 1970.
    Instant,
    /// Yes or no: `true` or `false`.
    YesNo,
}

/// Writes to one portal.
pub struct HubSpot {
    api: Api,
    settings: HubSpotSettings,
    known: Mutex<Known>,
}

/// What has been learnt of the portal.
#[derive(Default)]
struct Known {
    /// The company of an account.
    companies: HashMap<Text, Text>,
    /// The owner with an address; `None` where nobody has it.
    owners: HashMap<Text, Option<Text>>,
    /// Properties that are there, by kind of object.
    properties: BTreeMap<Objects, Vec<Text>>,
}

/// One write on its way.
struct Row<'m> {
    write: &'m CrmWrite,
    /// The company, once it is found or made.
    company: Option<Text>,
    /// What came of it, once that is known.
    outcome: Option<Outcome>,
    /// What was written, for the record.
    written: Vec<Text>,
}

impl HubSpot {
    /// Sets the channel up.
    ///
    /// # Errors
    /// Where the address is none.
    pub fn new(settings: HubSpotSettings, network: &Network) -> Result<Self, SetupError> {
        let api = Api::new(&settings, network)?;
        Ok(Self { api, settings, known: Mutex::default() })
    }

    /// Writes rows, each as far as it comes.
    async fn write_rows(&self, rows: &mut [Row<'_>], now: Time) {
        // One call at a time: what was found or made by one is known to the next.
        let mut known = self.known.lock().await;
        let mut wanted = vec![Text::new_static(ACCOUNT_PROPERTY)];
        wanted.extend(rows.iter().flat_map(|it| it.write.properties.keys().cloned()));
        let there = self.ensure_properties(&mut known, Objects::Companies, wanted).await;
        if let Err(error) = there {
            let outcome = error.outcome();
            for row in rows {
                row.outcome = Some(outcome.clone());
            }
            return;
        }
        for row in rows.iter_mut() {
            match self.company_of(&mut known, row.write).await {
                Ok(company) => row.company = Some(company),
                Err(error) => row.outcome = Some(error.outcome()),
            }
        }
        self.write_properties(rows).await;
        for row in rows.iter_mut().filter(|it| it.outcome.is_none()) {
            let (Some(task), Some(company)) = (&row.write.task, &row.company) else { continue };
            if let Err(error) = self.ensure_task(&mut known, company, task, now).await {
                row.outcome = Some(error.outcome());
            }
        }
    }
}

#[async_trait]
impl Channel for HubSpot {
    fn limits(&self) -> Limits {
        Limits {
            batch: BATCH_MAX,
            calls: 1,
            spacing: Duration::ZERO,
            schedule: Schedule::service(),
            age_max: Span::DAY.times(3),
        }
    }

    async fn send(&self, messages: &[Message]) -> Vec<Tried> {
        let (mut rows, mut people) = (Vec::new(), Vec::new());
        for message in messages {
            match &message.outgoing {
                Outgoing::Crm(write) => {
                    rows.push(Row { write, company: None, outcome: None, written: Vec::new() });
                }
                Outgoing::CrmPeople(write) => people.push(PeopleRow::new(write)),
                _ => {}
            }
        }
        let now = messages.first().map_or(Time(0), |it| it.now);
        if !rows.is_empty() {
            self.write_rows(&mut rows, now).await;
        }
        if !people.is_empty() {
            self.write_people(&mut people).await;
        }
        let (mut rows, mut people) = (rows.into_iter(), people.into_iter());
        let tried = messages.iter().map(|message| {
            let tried = match &message.outgoing {
                Outgoing::Crm(_) => rows.next().map(told),
                Outgoing::CrmPeople(_) => people.next().map(PeopleRow::told),
                _ => None,
            };
            tried.unwrap_or_else(|| wrong_kind("HubSpot"))
        });
        tried.collect()
    }
}

/// What is kept of a write: which properties, never their values.
fn told(row: Row<'_>) -> Tried {
    let written = match row.written.as_slice() {
        [] => "no property, all are as they should be".to_owned(),
        names => names.iter().map(Text::as_str).collect::<Vec<_>>().join(", "),
    };
    let company = row.company.as_deref().unwrap_or("not found");
    let task = if row.write.task.is_some() { ", and a task" } else { "" };
    let request = format!("company {company}: {written}{task}");
    let outcome = row.outcome.unwrap_or(Outcome::Sent);
    let answer = outcome.reason().map(mask::text);
    Tried { outcome, request: Some(request), answer, note: None }
}

/// The list of an answer.
fn items(told: &Value) -> &[Value] {
    list(&told["results"])
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A member of an object that is a text.
fn text_of(value: &Value) -> Option<Text> {
    value.as_str().filter(|it| !it.is_empty()).map(Text::new)
}
