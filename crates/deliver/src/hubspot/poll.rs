//! Reads what has changed, page by page, and hands it over as facts.
//!
//! How far it has come is remembered only once the facts are durable. Each reading begins a little
//! before where the last one ended, because a search shows changes late; what is read twice has the
//! same ids, and counts once.

mod contacts;

use std::collections::BTreeMap;

use async_trait::async_trait;
use firsthand_model::{Fact, Span, Text, Time};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::api::{Api, ApiError, COMPANIES, CONTACTS, DEALS, Result};
use super::read::{Company, ContactRules, Deal, DealRules, Whose, company_facts, deal_facts};
use super::{ACCOUNT_PROPERTY, BATCH_MAX, HubSpotSettings, items, text_of};
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

    /// Whose contacts are, by the contact's id; those are left out that are nobody's, or of whom
    /// nobody can say.
    async fn people(&self, sought: Vec<Sought>) -> BTreeMap<Text, Whose>;

    /// Makes facts durable; whether they are.
    async fn submit(&self, facts: Vec<Fact>) -> bool;
}

/// A contact whose person is sought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    /// The contact's id there.
    pub contact: Text,
    /// The product's own id of the person, if the contact carries one.
    pub user: Option<Text>,
    /// The address, in lower case.
    pub email: Option<Text>,
}

/// What is read, and what becomes of it.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Account traits by the company's property.
    pub traits: BTreeMap<Text, Text>,
    /// Which stages of deals mean what.
    pub deals: DealRules,
    /// What becomes of contacts; they are not read if `None`.
    pub contacts: Option<ContactRules>,
}

/// How far it has been read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// The last change of a company that was read.
    pub companies: Time,
    /// The last change of a deal that was read.
    pub deals: Time,
    /// The last change of a contact that was read.
    pub contacts: Time,
    /// When contacts were last read from the beginning: for those whose person came after them.
    pub looked_again: Time,
}

/// Reads companies, contacts and deals of one portal.
pub struct Reader {
    api: Api,
    /// The name of the source that the facts come from.
    source: Text,
    rules: Rules,
}

impl Reader {
    /// Sets the reader up.
    ///
    /// # Errors
    /// Where the address is none.
    pub fn new(
        source: Text,
        settings: &HubSpotSettings,
        network: &Network,
        rules: Rules,
    ) -> Result<Self, SetupError> {
        let api = Api::new(settings, network)?;
        Ok(Self { api, source, rules })
    }

    /// Reads what has changed since, as far as it comes. `progress` moves on with each page whose
    /// facts are durable.
    ///
    /// # Errors
    /// Why it went no further, in words.
    pub async fn read(
        &self,
        progress: &mut Progress,
        now: Time,
        home: &dyn Home,
    ) -> Result<u64, String> {
        let read = async {
            let owners = self.owners().await?;
            let mut facts = self.companies(&mut progress.companies, &owners, home).await?;
            facts += self.deals(&mut progress.deals, home).await?;
            Ok::<_, ApiError>(facts + self.contacts(progress, now, &owners, home).await?)
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
                    company_facts(&self.source, it, account, &self.rules.traits, owners)
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
            let deals: Vec<Deal> = self
                .with_history(DEALS, "amount", page)
                .await?
                .iter()
                .filter_map(Deal::from_api)
                .collect();
            let accounts = self.accounts_of_deals(&deals, home).await?;
            let found = deals.iter().filter_map(|it| Some((it, accounts.get(&it.id)?)));
            let page: Vec<Fact> = found
                .flat_map(|(it, account)| deal_facts(&self.source, it, account, &self.rules.deals))
                .collect();
            facts += page.len() as u64;
            hand_over(home, page).await?;
            *since = deals.iter().map(|it| it.changed_at).fold(*since, Time::max);
        }
        Ok(facts)
    }

    /// Objects with what a property of theirs was: a search tells only what it is.
    async fn with_history(
        &self,
        kind: &str,
        property: &str,
        mut objects: Vec<Value>,
    ) -> Result<Vec<Value>> {
        for some in objects.chunks_mut(BATCH_MAX) {
            let inputs: Vec<Value> = some.iter().map(|it| json!({ "id": it["id"] })).collect();
            let body = json!({
                "inputs": inputs,
                "properties": [],
                "propertiesWithHistory": [property],
            });
            let told = self.api.post("objects", &format!("{kind}/batch/read"), &body).await?;
            for it in items(&told) {
                if let Some(object) = some.iter_mut().find(|object| object["id"] == it["id"]) {
                    object["propertiesWithHistory"] = it["propertiesWithHistory"].clone();
                }
            }
        }
        Ok(objects)
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
        let accounts = self.accounts_of_companies(company_of.values(), home).await?;
        let of_deal = company_of.into_iter();
        Ok(of_deal.filter_map(|(deal, it)| Some((deal, accounts.get(&it)?.clone()))).collect())
    }

    /// The accounts of companies, by the company's id.
    async fn accounts_of_companies(
        &self,
        companies: impl Iterator<Item = &Text> + Send,
        home: &dyn Home,
    ) -> Result<BTreeMap<Text, Text>> {
        let mut ids: Vec<&Text> = companies.collect();
        ids.sort();
        ids.dedup();
        let mut found = Vec::new();
        for ids in ids.chunks(PAGE_ROWS) {
            let inputs: Vec<Value> = ids.iter().map(|it| json!({ "id": it })).collect();
            let body = json!({
                "inputs": inputs,
                "properties": [ACCOUNT_PROPERTY, "domain"],
                "propertiesWithHistory": [],
            });
            let told = self.api.post("objects", &format!("{COMPANIES}/batch/read"), &body).await?;
            found.extend(items(&told).iter().filter_map(Company::from_api));
        }
        Ok(accounts(&found, home).await)
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
        always.chain(self.rules.traits.keys().cloned()).collect()
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

/// The property that tells when an object was changed: of contacts it has a name of its own.
fn changed_property(kind: &str) -> &'static str {
    if kind == CONTACTS { "lastmodifieddate" } else { "hs_lastmodifieddate" }
}

/// A search for what has changed, the longest ago first.
struct Search {
    kind: &'static str,
    /// The property that tells when an object was changed.
    changed: &'static str,
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
        let changed = changed_property(kind);
        Self { kind, changed, from, properties, after: None, rows: 0, newest: from, ended: false }
    }

    /// The next page; `None` after the last.
    async fn page(&mut self, api: &Api) -> Result<Option<Vec<Value>>> {
        if self.ended {
            return Ok(None);
        }
        let page = api.post("objects", &format!("{}/search", self.kind), &self.body()).await?;
        Ok(Some(self.take(&page)))
    }

    /// Takes note of how far a page goes; what is on it.
    fn take(&mut self, page: &Value) -> Vec<Value> {
        let found = items(page).to_vec();
        let changed = found.iter().filter_map(|it| {
            let at = it["properties"][self.changed].as_str();
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
        found
    }

    fn body(&self) -> Value {
        json!({
            "filterGroups": [{ "filters": [{
                "propertyName": self.changed,
                "operator": "GTE",
                "value": (self.from.micros() / 1_000).to_string(),
            }] }],
            "properties": self.properties,
            "sorts": [self.changed],
            "limit": PAGE_ROWS,
            "after": self.after.as_deref().unwrap_or("0"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// A page of a portal whose objects were changed at these seconds, in order.
    fn page(objects: &[i64], body: &Value) -> Value {
        let filter = &body["filterGroups"][0]["filters"][0];
        assert_eq!(filter["propertyName"], "lastmodifieddate", "contacts have a name of their own");
        let from: i64 = filter["value"].as_str().unwrap().parse().unwrap();
        let after: usize = body["after"].as_str().unwrap().parse().unwrap();
        assert!(after + PAGE_ROWS <= SEARCH_ROWS_MAX, "a search goes no further");
        let of = |(id, second): (usize, &i64)| {
            let at = Time(second * 1_000_000).to_string();
            json!({ "id": id.to_string(), "properties": { "lastmodifieddate": at } })
        };
        let all = objects.iter().enumerate().filter(|(_, second)| **second * 1_000 >= from);
        let all: Vec<(usize, &i64)> = all.collect();
        let end = (after + PAGE_ROWS).min(all.len());
        let found: Vec<Value> = all[after..end].iter().copied().map(of).collect();
        let mut page = json!({ "results": found });
        if end < all.len() {
            page["paging"] = json!({ "next": { "after": end.to_string() } });
        }
        page
    }

    fn found(objects: &[i64], since: Time) -> BTreeSet<String> {
        let mut search = Search::new(CONTACTS, since, Vec::new());
        let mut found = BTreeSet::new();
        while !search.ended {
            let page = page(objects, &search.body());
            found.extend(search.take(&page).iter().map(|it| it["id"].to_string()));
        }
        found
    }

    #[test]
    fn more_are_read_than_one_search_gives_out() {
        // Three of each second, so that a search ends in the middle of one.
        let objects: Vec<i64> = (0..25_030).map(|it| 1_000 + it / 3).collect();
        assert_eq!(found(&objects, Time(0)).len(), objects.len());
        let late = found(&objects, Time(9_000 * 1_000_000));
        let expected = objects.iter().filter(|it| **it >= 9_000 - 120).count();
        assert_eq!(late.len(), expected, "what a search showed late is read as well");
    }

    #[test]
    fn a_search_that_cannot_go_on_ends() {
        let objects = vec![1_000; 12_000];
        assert_eq!(found(&objects, Time(1_120 * 1_000_000)).len(), SEARCH_ROWS_MAX);
    }
}
