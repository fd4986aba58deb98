//! What is read from the CRM becomes facts, every few minutes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use firsthand_deliver::hubspot::{
    ContactRules, DealRules, Home, Progress, Reader, Rules, Sought, Whose,
};
use firsthand_engine::{Batch, Live};
use firsthand_model::config::{ChannelKind, Environment, HubSpotChannel, Members, Project};
use firsthand_model::{Fact, Span, Text, Time};
use firsthand_rules::resolve::Addressee;
use firsthand_store::{Settings, SourceTally};
use tokio::sync::watch;

use super::usage::trait_of;
use super::{Server, outgoing};

/// How soon after the start, and after a failure, it is read.
const SOON: Duration = Duration::from_secs(10);
/// The least time between two readings.
const EVERY_MIN: Duration = Duration::from_secs(30);

/// A CRM that is read.
pub struct Crm {
    /// The channel's name, which is that of the facts' source too.
    name: Text,
    reader: Reader,
    every: Duration,
    domain_trait: Text,
}

/// Every CRM of the configuration that is to be read.
///
/// # Errors
/// Where a secret is missing or a channel cannot be set up, with the channel's name.
pub fn readers(project: &Project, environment: &Environment<'_>) -> anyhow::Result<Vec<Crm>> {
    let mut readers = Vec::new();
    for channel in project.channels.values().filter(|it| it.enabled) {
        let ChannelKind::HubSpot(hubspot) = &channel.kind else { continue };
        let Some(every) = hubspot.read_every else { continue };
        let settings = outgoing::hubspot_settings(channel, hubspot, environment)?;
        let name = channel.name.clone();
        let reader = Reader::new(name.clone(), &settings, &outgoing::network()?, rules(hubspot))
            .map_err(|it| outgoing::bad_channel(channel, &it))?;
        let micros = u64::try_from(every.0).unwrap_or(0);
        let every = Duration::from_micros(micros).max(EVERY_MIN);
        readers.push(Crm { name, reader, every, domain_trait: hubspot.domain_trait.clone() });
    }
    Ok(readers)
}

/// What is read, and what becomes of it.
fn rules(hubspot: &HubSpotChannel) -> Rules {
    let contacts = hubspot.contacts.as_ref();
    Rules {
        traits: hubspot.traits.clone(),
        deals: DealRules { won: hubspot.won_stages.clone(), lost: hubspot.lost_stages.clone() },
        contacts: contacts.map(|it| ContactRules {
            user: it.user.clone(),
            traits: it.traits.clone(),
            make_people: it.make_people,
            all_join: it.members == Members::All,
        }),
    }
}

impl Crm {
    /// Reads until the server stops.
    pub async fn run(self, server: Arc<Server>, mut stopped: watch::Receiver<bool>) {
        let mut wait = SOON;
        loop {
            tokio::select! {
                _ = stopped.wait_for(|it| *it) => return,
                () = tokio::time::sleep(wait) => {}
            }
            wait = if self.read(&server).await { self.every } else { SOON.max(self.every / 4) };
        }
    }

    /// Reads once; whether it came to the end.
    async fn read(&self, server: &Arc<Server>) -> bool {
        // There is nobody to hand facts to before the engine runs.
        if server.engine().is_err() {
            return false;
        }
        let setting = format!("crm.{}.read", self.name);
        let kept = {
            let setting = setting.clone();
            server.stored(move |it| it.setting(&setting)).await
        };
        let Ok(kept) = kept else { return false };
        let mut progress: Progress =
            kept.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default();
        let before = progress;
        let home = Here { server, crm: self };
        let read = self.reader.read(&mut progress, server.now(), &home).await;
        if progress != before
            && let Ok(now) = serde_json::to_string(&progress)
        {
            let kept = server.stored(move |it| it.set_setting(&setting, Some(&now))).await;
            if kept.is_err() {
                tracing::warn!(channel = %self.name, "it is not remembered how far was read");
            }
        }
        let ended = read.is_ok();
        match read {
            Ok(facts) => tracing::info!(channel = %self.name, facts, "the CRM was read"),
            Err(error) => tracing::warn!(channel = %self.name, error, "the CRM was not read"),
        }
        ended
    }
}

/// Whose a contact is: who has the id that it carries, else the address.
fn whose(live: &Live, sought: &Sought) -> Option<Whose> {
    let resolver = live.resolver();
    // Who has done nothing but act without an account has one of their own.
    let acts = |id: &str| live.customer(&format!("own:{id}")).is_some();
    let user = sought.user.as_ref();
    if let Some(id) = user.and_then(|it| resolver.user(it).or_else(|| acts(it).then(|| it.clone())))
    {
        return Some(Whose::Person { id, made: false, namesake: None, since: Time::MIN });
    }
    let email = sought.email.as_ref()?;
    match resolver.addressee(email) {
        Addressee::Person { id, namesake, since } => {
            let made = id == *email || namesake.is_some();
            Some(Whose::Person { id, made, namesake, since })
        }
        Addressee::Stranger if acts(email) => {
            Some(Whose::Person { id: email.clone(), made: false, namesake: None, since: Time::MIN })
        }
        Addressee::Stranger => Some(Whose::Stranger),
        Addressee::Several | Addressee::Nobody => None,
    }
}

/// The running server, as the reader sees it.
struct Here<'s> {
    server: &'s Arc<Server>,
    crm: &'s Crm,
}

#[async_trait]
impl Home for Here<'_> {
    async fn accounts(&self, domains: Vec<Text>) -> BTreeMap<Text, Text> {
        let lower = |it: &str| it.trim().to_ascii_lowercase();
        let wanted: BTreeMap<String, Text> =
            domains.into_iter().map(|it| (lower(&it), it)).collect();
        let domain_trait = self.crm.domain_trait.clone();
        let found = self.server.ask(move |engine| {
            let mut found = BTreeMap::new();
            let mut several = BTreeSet::new();
            for (id, customer) in engine.live().customers() {
                let domain = trait_of(customer.traits(), &domain_trait).map(|(it, _)| it);
                let own = domain.as_ref().unwrap_or(id);
                if let Some(domain) = wanted.get(&lower(own))
                    && found.insert(domain.clone(), id.clone()).is_some()
                {
                    several.insert(domain.clone());
                }
            }
            // Where several accounts have a domain, nobody can say whose the company is.
            found.retain(|domain, _| !several.contains(domain));
            found
        });
        found.await.unwrap_or_default()
    }

    async fn people(&self, sought: Vec<Sought>) -> BTreeMap<Text, Whose> {
        let found = self.server.ask(move |engine| {
            let whose = |it: Sought| Some((it.contact.clone(), whose(engine.live(), &it)?));
            sought.into_iter().filter_map(whose).collect()
        });
        found.await.unwrap_or_default()
    }

    async fn submit(&self, facts: Vec<Fact>) -> bool {
        let now = self.server.now();
        // Nothing has happened in the future, whatever a clock says.
        let facts: Vec<Fact> = facts
            .into_iter()
            .map(|it| Fact { time: it.time.min(now + Span::MINUTE), ..it })
            .collect();
        let tally = SourceTally {
            source: self.crm.name.clone(),
            seen_at: now,
            accepted: facts.len() as u64,
            rejected: 0,
            repeated: 0,
        };
        let batch = Batch { facts, tallies: vec![tally], ..Batch::default() };
        self.server.submit_batch(batch).await.is_ok()
    }
}
