//! What is read becomes facts. Pure: the same objects give the same facts, with the same ids.
//!
//! A company sets traits of its account: the owner, the stage there, and whatever the team asked
//! for; a contact those of its person. A deal leaves records: that it was created, won or lost, each
//! once.

mod contact;

use std::collections::BTreeMap;

use firsthand_model::fact::{Body, Kind, Who};
use firsthand_model::{Fact, Json, Text, Time};
use serde_json::{Map, Value, json};

use super::{ACCOUNT_PROPERTY, list, text_of};

pub use contact::{Contact, ContactRules, Whose, contact_facts};

/// The trait that is the e-mail address of the owner there.
pub const OWNER_TRAIT: &str = "crm_owner";
/// The trait that is the lifecycle stage there.
pub const STAGE_TRAIT: &str = "crm_stage";
/// The account trait that is the company's id there.
pub const COMPANY_TRAIT: &str = "crm_company";

/// A company as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Company {
    /// Its id there.
    pub id: Text,
    /// Our account's id, where it carries one.
    pub account: Option<Text>,
    /// Its domain.
    pub domain: Option<Text>,
    /// When it was changed last.
    pub changed_at: Time,
    /// All properties that were asked for.
    pub properties: Value,
}

impl Company {
    /// Reads an object of the API; `None` where it has no id or no time.
    pub fn from_api(object: &Value) -> Option<Self> {
        let properties = &object["properties"];
        Some(Self {
            id: text_of(&object["id"])?,
            account: text_of(&properties[ACCOUNT_PROPERTY]),
            domain: text_of(&properties["domain"]),
            changed_at: time_of(&properties["hs_lastmodifieddate"])
                .or_else(|| time_of(&object["updatedAt"]))?,
            properties: properties.clone(),
        })
    }
}

/// A deal as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Deal {
    /// Its id there.
    pub id: Text,
    /// When it was changed last.
    pub changed_at: Time,
    /// All properties that were asked for.
    pub properties: Value,
    /// The amounts that it has had, each from when on, the oldest first.
    pub amounts: Vec<(Time, Value)>,
}

impl Deal {
    /// The properties that are read.
    pub const PROPERTIES: [&str; 8] = [
        "amount",
        "deal_currency_code",
        "dealstage",
        "pipeline",
        "createdate",
        "closedate",
        "hs_is_closed_won",
        "hs_lastmodifieddate",
    ];

    /// Reads an object of the API; `None` where it has no id or no time.
    pub fn from_api(object: &Value) -> Option<Self> {
        let properties = &object["properties"];
        Some(Self {
            id: text_of(&object["id"])?,
            changed_at: time_of(&properties["hs_lastmodifieddate"])
                .or_else(|| time_of(&object["updatedAt"]))?,
            properties: properties.clone(),
            amounts: amounts(&object["propertiesWithHistory"]["amount"]),
        })
    }
}

/// What an amount was, from its history, the oldest first.
fn amounts(history: &Value) -> Vec<(Time, Value)> {
    versions(history, |it| Some(scalar(it)))
}

/// What a value was, from its history, the oldest first; not twice in a row the same.
fn versions<V: PartialEq>(history: &Value, read: impl Fn(&Value) -> Option<V>) -> Vec<(Time, V)> {
    let version = |it: &Value| Some((time_of(&it["timestamp"])?, read(&it["value"])?));
    // They come newest first; of two within an instant the later one is the later.
    let mut versions: Vec<(Time, V)> = list(history).iter().rev().filter_map(version).collect();
    versions.sort_by_key(|it| it.0);
    versions.dedup_by(|later, earlier| later.1 == earlier.1);
    versions
}

/// Which stages of deals mean what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DealRules {
    /// Stages that are a sale, by their ids there.
    pub won: Vec<Text>,
    /// Stages that are no sale.
    pub lost: Vec<Text>,
}

/// The traits that a company sets of its account. `owners` are addresses by id.
pub fn company_facts(
    source: &Text,
    company: &Company,
    account: &Text,
    traits: &BTreeMap<Text, Text>,
    owners: &BTreeMap<Text, Text>,
) -> Vec<Fact> {
    let properties = &company.properties;
    let owner = text_of(&properties["hubspot_owner_id"]).and_then(|it| owners.get(&it));
    // What is not set there is removed here: `null`.
    let mut set = Map::new();
    set.insert(OWNER_TRAIT.to_owned(), json!(owner));
    set.insert(STAGE_TRAIT.to_owned(), json!(text_of(&properties["lifecyclestage"])));
    set.insert(COMPANY_TRAIT.to_owned(), json!(company.id));
    for (property, name) in traits {
        set.insert(name.to_string(), scalar(&properties[property.as_str()]));
    }
    let body = Body::Traits { of: Kind::Account, traits: Json::from_members(&set) };
    // Two changes within the same instant differ in what they say.
    let said = digest(&Value::Object(set).to_string());
    let id = format!("company:{}:{}:{said}", company.id, company.changed_at.micros());
    vec![fact(source, id, company.changed_at, account, body)]
}

/// Tells apart what was said of one object at one instant.
fn digest(said: &str) -> String {
    blake3::hash(said.as_bytes()).to_hex()[..16].to_owned()
}

/// The records that a deal leaves in an account.
pub fn deal_facts(source: &Text, deal: &Deal, account: &Text, rules: &DealRules) -> Vec<Fact> {
    let properties = &deal.properties;
    let stage = text_of(&properties["dealstage"]).unwrap_or_default();
    let won = rules.won.contains(&stage) || properties["hs_is_closed_won"] == "true";
    let lost = !won && rules.lost.contains(&stage);
    let told = json!({
        "deal": deal.id,
        "amount": scalar(&properties["amount"]),
        "currency": text_of(&properties["deal_currency_code"]),
        "stage": stage,
        "pipeline": text_of(&properties["pipeline"]),
    });
    let record_of = |told: &Value, name: &'static str, word: &str, at: Time| {
        let properties = Json::parse(told.to_string()).expect("it was just written");
        let body = Body::Record { name: Text::new_static(name), properties };
        fact(source, format!("deal:{}:{word}", deal.id), at, account, body)
    };
    let record = |name, word: &str, at| record_of(&told, name, word, at);
    let mut facts = Vec::new();
    if let Some(created) = time_of(&properties["createdate"]) {
        facts.push(record("Deal created", "created", created));
    }
    // The day of closing is planned ahead: it is over when it was noticed, at the latest.
    let closed =
        time_of(&properties["closedate"]).map_or(deal.changed_at, |it| it.min(deal.changed_at));
    if won {
        facts.push(record("Deal won", "won", closed));
    }
    if lost {
        facts.push(record("Deal lost", "lost", closed));
    }
    // Records count once, as they were when they were first read; what an amount becomes later is
    // a record of its own.
    for pair in deal.amounts.windows(2) {
        let [(_, was), (at, amount)] = pair else { continue };
        let mut told = told.clone();
        told["amount"] = amount.clone();
        told["was"] = was.clone();
        let word = format!("amount:{}", at.micros());
        facts.push(record_of(&told, "Deal amount changed", &word, *at));
    }
    facts
}

fn fact(source: &Text, id: String, time: Time, account: &Text, body: Body) -> Fact {
    let who = Who { account: Some(account.clone()), ..Who::default() };
    fact_of(source, id, time, who, body)
}

fn fact_of(source: &Text, id: String, time: Time, who: Who, body: Body) -> Fact {
    Fact { id: id.into(), source: source.clone(), time, known_at: None, who, body }
}

/// All values come as texts; those that are numbers or yes and no are taken as such.
fn scalar(value: &Value) -> Value {
    let Some(text) = value.as_str() else { return value.clone() };
    match text {
        "" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        // An id or a telephone number with a leading nought is no number.
        _ if text.len() < 16 && text.trim_start_matches('0') == text || text == "0" => {
            serde_json::from_str::<serde_json::Number>(text)
                .map_or_else(|_| json!(text), Value::Number)
        }
        _ => json!(text),
    }
}

/// An instant, written out or in milliseconds since 1970.
fn time_of(value: &Value) -> Option<Time> {
    let text = value.as_str()?;
    match text.parse::<i64>() {
        Ok(millis) => Some(Time(millis.checked_mul(1_000)?)),
        Err(_) => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: Text = Text::new_static("hubspot");

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    #[test]
    fn a_company_sets_the_traits_of_its_account() {
        let object = json!({
            "id": "77", "archived": false,
            "createdAt": "2026-03-01T00:00:00Z", "updatedAt": "2026-03-08T10:00:00.123Z",
            "properties": {
                "firsthand_account": "acme", "domain": "acme.com", "lifecyclestage": "opportunity",
                "hubspot_owner_id": "5", "numberofemployees": "250", "industry": "",
                "zip": "01067", "hs_lastmodifieddate": "2026-03-08T10:00:00.123Z",
            },
        });
        let company = Company::from_api(&object).unwrap();
        assert_eq!(company.account.as_deref(), Some("acme"));
        let traits = [("numberofemployees", "employees"), ("industry", "industry"), ("zip", "zip")];
        let traits = traits.map(|(property, name)| (property.into(), name.into())).into();
        let owners = [("5".into(), "ann@ours.example".into())].into();
        let facts = company_facts(&SOURCE, &company, &"acme".into(), &traits, &owners);
        let [fact] = facts.as_slice() else { panic!("{facts:?}") };
        assert_eq!(fact.time, at("2026-03-08T10:00:00.123Z"));
        assert_eq!(fact.who.account.as_deref(), Some("acme"));
        let Body::Traits { of: Kind::Account, traits: set } = &fact.body else {
            panic!("{fact:?}")
        };
        assert_eq!(
            set.as_str(),
            r#"{"crm_owner":"ann@ours.example","crm_stage":"opportunity","crm_company":"77","industry":null,"employees":250,"zip":"01067"}"#
        );
        let again = company_facts(&SOURCE, &company, &"acme".into(), &traits, &owners);
        assert_eq!(facts, again, "read twice, it is the same fact");
        let nobody = company_facts(&SOURCE, &company, &"acme".into(), &traits, &BTreeMap::new());
        assert_ne!(nobody[0].id, fact.id, "another owner is another fact");
    }

    #[test]
    fn a_deal_is_created_and_won_once_however_often_it_is_read() {
        let deal = |stage: &str, amount: &str, changed: &str| {
            let object = json!({ "id": "9", "properties": {
                "amount": amount, "dealstage": stage, "pipeline": "default",
                "createdate": "2026-03-01T00:00:00Z", "closedate": "2026-03-31T00:00:00Z",
                "hs_lastmodifieddate": changed, "hs_is_closed_won": "false",
            } });
            Deal::from_api(&object).unwrap()
        };
        let rules = DealRules { won: vec!["closedwon".into()], lost: vec!["closedlost".into()] };
        let of = |deal: &Deal| {
            let facts = deal_facts(&SOURCE, deal, &"acme".into(), &rules);
            facts.into_iter().map(|it| (it.id.to_string(), it.time)).collect::<Vec<_>>()
        };
        let created = ("deal:9:created".to_owned(), at("2026-03-01T00:00:00Z"));
        let open = of(&deal("appointment", "100", "2026-03-02T00:00:00Z"));
        assert_eq!(open, std::slice::from_ref(&created));
        let won = ("deal:9:won".to_owned(), at("2026-03-08T00:00:00Z"));
        assert_eq!(of(&deal("closedwon", "100", "2026-03-08T00:00:00Z")), [created.clone(), won]);
        let lost = ("deal:9:lost".to_owned(), at("2026-03-31T00:00:00Z"));
        assert_eq!(of(&deal("closedlost", "1e3", "2026-04-08T00:00:00Z")), [created, lost]);
    }

    #[test]
    fn an_amount_that_changes_is_told_once_for_each_change() {
        let version = |value: &str, at: &str| json!({ "value": value, "timestamp": at });
        let object = json!({
            "id": "9",
            "properties": { "amount": "1500", "dealstage": "closedwon",
                "hs_lastmodifieddate": "2026-03-08T00:00:00Z" },
            // The newest first, as the API tells it; one was saved again as it was.
            "propertiesWithHistory": { "amount": [
                version("1500", "2026-03-08T00:00:00Z"), version("1200", "2026-03-04T00:00:00Z"),
                version("1200", "2026-03-03T00:00:00Z"), version("", "2026-03-01T00:00:00Z"),
            ] },
        });
        let deal = Deal::from_api(&object).unwrap();
        let facts = deal_facts(&SOURCE, &deal, &"acme".into(), &DealRules::default());
        let told = facts.iter().map(|it| {
            let Body::Record { name, properties } = &it.body else { panic!("{it:?}") };
            let properties: Value = serde_json::from_str(properties.as_str()).unwrap();
            (name.to_string(), it.time, properties["was"].clone(), properties["amount"].clone())
        });
        let changed =
            |at_: &str, was, amount| ("Deal amount changed".to_owned(), at(at_), was, amount);
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                changed("2026-03-03T00:00:00Z", Value::Null, json!(1200)),
                changed("2026-03-08T00:00:00Z", json!(1200), json!(1500)),
            ]
        );
    }
}
