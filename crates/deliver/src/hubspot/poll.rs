//! Reads what has changed, page by page, and hands it over as facts.
//!
//! How far it has come is remembered only once the facts are durable. Each reading begins a little
//! before where the last one ended, because a search shows changes late; what is read twice has the
//! same ids, and counts once.

use std::collections::BTreeMap;

use async_trait::async_trait;
use firsthand_model::{Fact, Span, Text, Time};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::api::{Api, ApiError, COMPANIES, DEALS, Result};
use super::read::{Company, Deal, DealRules, company_facts, deal_facts};
use super::{ACCOUNT_PROPERTY, BATCH_MAX, HubSpotSettings, text_of};
use crate::SetupError;
use crate::http::Network;

/// How late a search may show a change.
const OVERLAP: Span = Span(2 * Span::MINUTE.0);
/// Objects of one page.
const PAGE_ROWS: usize = 100;
/// A search gives out no more than this; then it goes on from the last change.
const SEARCH_ROWS_MAX: usize = 10_000;
/// Pages of owners, at most.
const OWNER_PAGES_MAX: usize = 50;

/// What the reader asks of the rest of the program.
#[async_trait]
pub trait Home: Send + Sync {
    /// The accounts of these domains, as far as they are known.
    async fn accounts(&self, domains: Vec<Text>) -> BTreeMap<Text, Text>;

    /// Makes facts durable; whether they are.
    async fn submit(&self, facts: Vec<Fact>) -> bool;
}

/// How far it has been read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The last change of a company that was read.
    pub companies: Time,
    /// The last change of a deal that was read.
    pub deals: Time,
}

/// Reads companies and deals of one portal.
pub struct Reader {
    api: Api,
    /// The name of the source that the facts come from.
    source: Text,
    traits: BTreeMap<Text, Text>,
    deals: DealRules,
}

impl Reader {
    /// Sets the reader up. `traits` are account traits by the company's property.
    ///
    /// # Errors
    /// Where the address is none.
    pub fn new(
        source: Text,
        settings: &HubSpotSettings,
        network: &Network,
        traits: BTreeMap<Text, Text>,
        deals: DealRules,
    ) -> Result<Self, SetupError> {
        let api = Api::new(settings, network)?;
        Ok(Self { api, source, traits, deals })
    }

    /// Reads what has changed since, as far as it comes. `progress` moves on with each page whose
    /// facts are durable.
    ///
    /// # Errors
    /// Why it went no further, in words.
    pub async fn read(&self, progress: &mut Progress, home: &dyn Home) -> Result<u64, String> {
        let read = async {
            let owners = self.owners().await?;
            let companies = self.companies(&mut progress.companies, &owners, home).await?;
            Ok::<_, ApiError>(companies + self.deals(&mut progress.deals, home).await?)
        };
        read.await.map_err(|it| it.to_string())
    }

    /// The addresses of all owners, by id.
    async fn owners(&self) -> Result<BTreeMap<Text, Text>> {
        let mut owners = BTreeMap::new();
        let mut after = String::new();
        for _ in 0..OWNER_PAGES_MAX {
            let mut query = vec![("limit", "100")];
            if !after.is_empty() {
                query.push(("after", &after));
            }
            let page = self.api.get("owners", "", &query).await?;
            for owner in items(&page) {
                owners.extend(text_of(&owner["id"]).zip(text_of(&owner["email"])));
            }
            match page["paging"]["next"]["after"].as_str() {
                Some(next) => next.clone_into(&mut after),
                None => break,
            }
        }
        Ok(owners)
    }

    async fn companies(
        &self,
        since: &mut Time,
        owners: &BTreeMap<Text, Text>,
        home: &dyn Home,
    ) -> Result<u64> {
        let mut search = Search::new(COMPANIES, *since, self.company_properties());
        let mut facts = 0;
        while let Some(page) = search.page(&self.api).await? {
            let companies: Vec<Company> = page.iter().filter_map(Company::from_api).collect();
            let accounts = accounts(&companies, home).await;
            let found = companies.iter().filter_map(|it| Some((it, accounts.get(&it.id)?)));
            let page: Vec<Fact> = found
                .flat_map(|(it, account)| {
                    company_facts(&self.source, it, account, &self.traits, owners)
                })
                .collect();
            facts += page.len() as u64;
            hand_over(home, page).await?;
            *since = companies.iter().map(|it| it.changed_at).fold(*since, Time::max);
        }
        Ok(facts)
    }

    async fn deals(&self, since: &mut Time, home: &dyn Home) -> Result<u64> {
        let mut search =
            Search::new(DEALS, *since, Deal::PROPERTIES.map(Text::new_static).to_vec());
        let mut facts = 0;
        while let Some(page) = search.page(&self.api).await? {
            let deals: Vec<Deal> =
                self.with_amounts(page).await?.iter().filter_map(Deal::from_api).collect();
            let accounts = self.accounts_of_deals(&deals, home).await?;
            let found = deals.iter().filter_map(|it| Some((it, accounts.get(&it.id)?)));
            let page: Vec<Fact> = found
                .flat_map(|(it, account)| deal_facts(&self.source, it, account, &self.deals))
                .collect();
            facts += page.len() as u64;
            hand_over(home, page).await?;
            *since = deals.iter().map(|it| it.changed_at).fold(*since, Time::max);
        }
        Ok(facts)
    }

    /// Deals with what their amounts were: a search tells only what they are.
    async fn with_amounts(&self, mut deals: Vec<Value>) -> Result<Vec<Value>> {
        for some in deals.chunks_mut(BATCH_MAX) {
            let inputs: Vec<Value> = some.iter().map(|it| json!({ "id": it["id"] })).collect();
            let body = json!({
                "inputs": inputs,
                "properties": [],
                "propertiesWithHistory": ["amount"],
            });
            let told = self.api.post("objects", &format!("{DEALS}/batch/read"), &body).await?;
            for it in items(&told) {
                if let Some(deal) = some.iter_mut().find(|deal| deal["id"] == it["id"]) {
                    deal["propertiesWithHistory"] = it["propertiesWithHistory"].clone();
                }
            }
        }
        Ok(deals)
    }

    /// The accounts of deals, by way of their companies.
    async fn accounts_of_deals(
        &self,
        deals: &[Deal],
        home: &dyn Home,
    ) -> Result<BTreeMap<Text, Text>> {
        if deals.is_empty() {
            return Ok(BTreeMap::new());
        }
        let inputs: Vec<Value> = deals.iter().map(|it| json!({ "id": it.id })).collect();
        let path = format!("{DEALS}/{COMPANIES}/batch/read");
        let told = self.api.post("associations", &path, &json!({ "inputs": inputs })).await?;
        let mut company_of = BTreeMap::<Text, Text>::new();
        for it in items(&told) {
            // The first is the one that was given first; a deal of two companies counts once.
            let to = &it["to"][0]["toObjectId"];
            let to = text_of(to).or_else(|| Some(Text::new(to.as_u64()?.to_string())));
            company_of.extend(text_of(&it["from"]["id"]).zip(to));
        }
        let mut ids: Vec<&Text> = company_of.values().collect();
        ids.sort();
        ids.dedup();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let inputs: Vec<Value> = ids.iter().map(|it| json!({ "id": it })).collect();
        let body = json!({
            "inputs": inputs,
            "properties": [ACCOUNT_PROPERTY, "domain"],
            "propertiesWithHistory": [],
        });
        let told = self.api.post("objects", &format!("{COMPANIES}/batch/read"), &body).await?;
        let companies: Vec<Company> = items(&told).iter().filter_map(Company::from_api).collect();
        let accounts = accounts(&companies, home).await;
        let of_deal = company_of.into_iter();
        Ok(of_deal.filter_map(|(deal, it)| Some((deal, accounts.get(&it)?.clone()))).collect())
    }

    fn company_properties(&self) -> Vec<Text> {
        let always = [
            ACCOUNT_PROPERTY,
            "domain",
            "hubspot_owner_id",
            "lifecyclestage",
            "hs_lastmodifieddate",
        ];
        let always = always.into_iter().map(Text::new_static);
        always.chain(self.traits.keys().cloned()).collect()
    }
}

/// The accounts of companies, by the company's id: the one that it carries, else that of its
/// domain.
async fn accounts(companies: &[Company], home: &dyn Home) -> BTreeMap<Text, Text> {
    let carries = companies.iter().filter_map(|it| Some((it.id.clone(), it.account.clone()?)));
    let mut accounts: BTreeMap<Text, Text> = carries.collect();
    let others = || companies.iter().filter(|it| it.account.is_none());
    let domains: Vec<Text> = others().filter_map(|it| it.domain.clone()).collect();
    if !domains.is_empty() {
        let known = home.accounts(domains).await;
        for it in others() {
            let account = it.domain.as_ref().and_then(|domain| known.get(domain));
            accounts.extend(account.map(|account| (it.id.clone(), account.clone())));
        }
    }
    accounts
}

async fn hand_over(home: &dyn Home, facts: Vec<Fact>) -> Result<()> {
    if facts.is_empty() || home.submit(facts).await {
        return Ok(());
    }
    Err(ApiError::Impossible("what was read could not be written down; it will be read again"))
}

/// The list of an answer.
fn items(page: &Value) -> &[Value] {
    page["results"].as_array().map_or(&[], Vec::as_slice)
}

/// A search for what has changed, the longest ago first.
struct Search {
    kind: &'static str,
    from: Time,
    properties: Vec<Text>,
    after: Option<String>,
    rows: usize,
    newest: Time,
    ended: bool,
}

impl Search {
    fn new(kind: &'static str, since: Time, properties: Vec<Text>) -> Self {
        let from = if since > Time(0) { since - OVERLAP } else { since };
        Self { kind, from, properties, after: None, rows: 0, newest: from, ended: false }
    }

    /// The next page; `None` after the last.
    async fn page(&mut self, api: &Api) -> Result<Option<Vec<Value>>> {
        if self.ended {
            return Ok(None);
        }
        let page = api.post("objects", &format!("{}/search", self.kind), &self.body()).await?;
        let found = items(&page).to_vec();
        let changed = found.iter().filter_map(|it| {
            let at = it["properties"]["hs_lastmodifieddate"].as_str();
            at.or(it["updatedAt"].as_str())?.parse::<Time>().ok()
        });
        self.newest = changed.fold(self.newest, Time::max);
        self.rows += found.len();
        self.after = page["paging"]["next"]["after"].as_str().map(str::to_owned);
        if self.after.is_none() {
            self.ended = true;
        } else if self.rows + PAGE_ROWS > SEARCH_ROWS_MAX {
            // As far as one search goes; another begins where it ends. If that is where it began,
            // so many have changed at one instant that they cannot be told apart.
            self.ended = self.newest <= self.from;
            (self.from, self.after, self.rows) = (self.newest, None, 0);
        }
        Ok(Some(found))
    }

    fn body(&self) -> Value {
        json!({
            "filterGroups": [{ "filters": [{
                "propertyName": "hs_lastmodifieddate",
                "operator": "GTE",
                "value": (self.from.micros() / 1_000).to_string(),
            }] }],
            "properties": self.properties,
            "sorts": ["hs_lastmodifieddate"],
            "limit": PAGE_ROWS,
            "after": self.after.as_deref().unwrap_or("0"),
        })
    }
}
