//! Contacts in HubSpot, over the wire: how many calls, and what is written and read by them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use firsthand_deliver::http::Network;
use firsthand_deliver::hubspot::{
    ContactRules, Home, HubSpot, HubSpotSettings, Overwrite, Progress, PropertyKind, Reader, Rules,
    Sought, Whose,
};
use firsthand_deliver::{Channel, Message, Outcome};
use firsthand_model::message::{CrmPeople, CrmPerson, Outgoing};
use firsthand_model::{Fact, Span, Text, Time};
use serde_json::{Value, json};

use crate::receiver::{Call, Receiver, with_body};

/// A portal's contacts: properties by id, and who wrote each last.
#[derive(Default)]
struct Portal {
    contacts: BTreeMap<String, BTreeMap<String, (String, &'static str)>>,
    properties: Vec<String>,
    /// Contacts that are refused.
    refused: Vec<String>,
}

impl Portal {
    fn with(people: impl IntoIterator<Item = usize>) -> Self {
        let mut portal = Self { properties: vec!["email".to_owned()], ..Self::default() };
        for at in people {
            let email = (format!("p{at}@acme.example"), "CRM_UI");
            let changed = (format!("2026-03-08T00:{:02}:{:02}Z", at / 60, at % 60), "CRM_UI");
            portal.contacts.insert(
                at.to_string(),
                [("email".to_owned(), email), ("lastmodifieddate".to_owned(), changed)].into(),
            );
        }
        portal
    }

    fn shown(&self, id: &str) -> Value {
        let contact = &self.contacts[id];
        let values = contact.iter().map(|(name, (value, _))| (name.clone(), json!(value)));
        let versions = contact.iter().map(|(name, (value, by))| {
            let at = "2026-03-07T00:00:00Z";
            (name.clone(), json!([{ "value": value, "timestamp": at, "sourceType": by }]))
        });
        json!({
            "id": id,
            "properties": values.collect::<serde_json::Map<_, _>>(),
            "propertiesWithHistory": versions.collect::<serde_json::Map<_, _>>(),
        })
    }

    fn answer(&mut self, call: &Call) -> (&'static str, Value) {
        let path = call.path.strip_prefix("crm/v3/").unwrap();
        let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
        let inputs = || body["inputs"].as_array().cloned().unwrap_or_default();
        match path {
            "properties/contacts" if body.is_null() => {
                let all: Vec<Value> =
                    self.properties.iter().map(|it| json!({ "name": it })).collect();
                ("200 OK", json!({ "results": all }))
            }
            "properties/contacts" => {
                self.properties.push(body["name"].as_str().unwrap().to_owned());
                ("201 Created", body)
            }
            "objects/contacts/batch/read" => {
                assert!(inputs().len() <= 50, "more are not read with their histories");
                let by_email = body["idProperty"] == "email";
                let fits = |id: &String, wanted: &Value| {
                    let own = if by_email { &self.contacts[id]["email"].0 } else { id };
                    wanted["id"] == own.as_str()
                };
                let found = inputs().into_iter().filter_map(|it| {
                    let id = self.contacts.keys().find(|id| fits(id, &it))?;
                    Some(self.shown(id))
                });
                let found: Vec<Value> = found.collect();
                let status =
                    if found.len() < inputs().len() { "207 Multi-Status" } else { "200 OK" };
                (status, json!({ "results": found }))
            }
            "objects/contacts/batch/update" => {
                assert!(inputs().len() <= 100, "a batch takes 100");
                let mut errors = Vec::new();
                for it in inputs() {
                    let id = it["id"].as_str().unwrap().to_owned();
                    if self.refused.contains(&id) {
                        errors.push(json!({ "category": "VALIDATION_ERROR", "message": "no",
                            "context": { "ids": [id] } }));
                        continue;
                    }
                    for (name, value) in it["properties"].as_object().unwrap() {
                        let value = (value.as_str().unwrap().to_owned(), "INTEGRATION");
                        self.contacts.get_mut(&id).unwrap().insert(name.clone(), value);
                    }
                }
                let status = if errors.is_empty() { "200 OK" } else { "207 Multi-Status" };
                (status, json!({ "results": [], "errors": errors }))
            }
            "objects/contacts/search" => {
                let from = &body["filterGroups"][0]["filters"][0]["value"];
                let from = Time(from.as_str().unwrap().parse::<i64>().unwrap() * 1_000);
                let changed = |id: &&String| {
                    self.contacts[*id]["lastmodifieddate"].0.parse::<Time>().unwrap() >= from
                };
                let found = self.contacts.keys().filter(changed).map(|it| self.shown(it));
                ("200 OK", json!({ "results": found.collect::<Vec<_>>() }))
            }
            // Owners, companies and deals: there are none.
            _ => ("200 OK", json!({ "results": [] })),
        }
    }
}

/// A server for a portal, and settings for it.
fn serve(portal: Portal) -> (Receiver, Arc<Mutex<Portal>>, HubSpotSettings) {
    let portal = Arc::new(Mutex::new(portal));
    let answers = Arc::clone(&portal);
    let receiver = Receiver::start(move |call, _| {
        let (status, body) = answers.lock().unwrap().answer(call);
        Some(with_body(status, &body.to_string()))
    });
    let settings = HubSpotSettings {
        token: "t".to_owned(),
        base_url: format!("http://127.0.0.1:{}", receiver.port),
        version: "v3".to_owned(),
        overwrite: Overwrite::Ours,
        properties: BTreeMap::new(),
        contact_properties: [
            ("champ".into(), PropertyKind::YesNo),
            ("does".into(), PropertyKind::Text),
        ]
        .into(),
    };
    (receiver, portal, settings)
}

/// A message about ten people, the first of whom is the champion.
fn message(from: usize) -> Message {
    let person = |at: usize| CrmPerson {
        person: format!("u{at}").into(),
        // Every other one is known by id.
        contact: at.is_multiple_of(2).then(|| at.to_string().into()),
        email: Some(format!("p{at}@acme.example").into()),
        properties: [
            ("champ".into(), (at == from).to_string()),
            ("does".into(), format!("Export ({at})")),
        ]
        .into(),
    };
    let people =
        CrmPeople { account: "acme".into(), people: (from..from + 10).map(person).collect() };
    let outgoing = Outgoing::CrmPeople(people);
    Message { key: format!("m{from}").into(), attempts: 0, now: Time(0), outgoing }
}

fn calls(receiver: &Receiver, path: &str) -> usize {
    receiver.calls().iter().filter(|it| it.path.ends_with(path)).count()
}

#[tokio::test]
async fn people_are_written_in_batches_only_what_differs_and_nothing_over_what_a_person_set() {
    let mut portal = Portal::with(0..125);
    portal.contacts.get_mut("3").unwrap().insert("does".into(), ("by hand".into(), "CRM_UI"));
    portal.refused = vec!["17".to_owned()];
    let (receiver, portal, settings) = serve(portal);
    let hubspot = HubSpot::new(settings, &Network::new().unwrap()).unwrap();
    let messages: Vec<Message> = (0..13).map(|it| message(it * 10)).collect();
    let tried = hubspot.send(&messages).await;
    let dead: Vec<usize> =
        (0..13).filter(|it| matches!(tried[*it].outcome, Outcome::Dead(_))).collect();
    assert_eq!(dead, [1], "the one with the contact that is refused: {tried:?}");
    assert_eq!(tried[0].request.as_deref(), Some("10 contacts of 10 people: 10 written"));
    let last = tried[12].request.as_deref();
    assert_eq!(last, Some("5 contacts of 10 people: 5 written"), "nobody is made");
    {
        let portal = portal.lock().unwrap();
        let value = |id: &str, name: &str| portal.contacts[id][name].0.clone();
        assert_eq!(value("3", "does"), "by hand");
        assert_eq!(value("3", "champ"), "false");
        assert_eq!((value("40", "champ"), value("41", "champ")), ("true".into(), "false".into()));
        assert_eq!(portal.contacts.len(), 125);
        assert_eq!(portal.properties, ["email", "champ", "does"]);
    }
    // 63 by id, then 62 of 67 by address; 125 in two calls.
    assert_eq!((calls(&receiver, "batch/read"), calls(&receiver, "batch/update")), (4, 2));
    let again = hubspot.send(&messages[..1]).await;
    assert_eq!(again[0].outcome, Outcome::Sent);
    assert_eq!(calls(&receiver, "batch/update"), 2, "all is as it should be");
}

#[tokio::test]
async fn too_many_calls_wait_as_long_as_the_portal_asks() {
    let limited = Receiver::start(|_, _| {
        Some(with_body("429 Too Many Requests\r\nretry-after: 17", r#"{"policyName":"SECONDLY"}"#))
    });
    let (_, _, settings) = serve(Portal::default());
    let base_url = format!("http://127.0.0.1:{}", limited.port);
    let settings = HubSpotSettings { base_url, ..settings };
    let hubspot = HubSpot::new(settings, &Network::new().unwrap()).unwrap();
    let tried = hubspot.send(&[message(0), message(10)]).await;
    assert_eq!(limited.calls().len(), 1, "one refusal is enough");
    for it in tried {
        let Outcome::Again(again) = it.outcome else { panic!("{it:?}") };
        assert_eq!(again.after, Some(Duration::from_secs(17)));
    }
}

/// Who is known here, and what was handed over.
#[derive(Default)]
struct Town {
    known: Mutex<BTreeMap<Text, Time>>,
    facts: Mutex<Vec<Fact>>,
}

#[async_trait]
impl Home for Town {
    async fn accounts(&self, _: Vec<Text>) -> BTreeMap<Text, Text> {
        BTreeMap::new()
    }

    async fn people(&self, sought: Vec<Sought>) -> BTreeMap<Text, Whose> {
        let known = self.known.lock().unwrap();
        let whose = |it: Sought| {
            let email = it.email?;
            let person = known.get(&email).map(|since| Whose::Person {
                id: format!("id of {email}").into(),
                made: false,
                namesake: None,
                since: *since,
            });
            Some((it.contact, person.unwrap_or(Whose::Stranger)))
        };
        sought.into_iter().filter_map(whose).collect()
    }

    async fn submit(&self, facts: Vec<Fact>) -> bool {
        self.facts.lock().unwrap().extend(facts);
        true
    }
}

#[tokio::test]
async fn contacts_are_read_once_and_those_whose_person_comes_later_as_well() {
    let (receiver, portal, settings) = serve(Portal::with(0..5));
    let rules = Rules { contacts: Some(ContactRules::default()), ..Rules::default() };
    let network = Network::new().unwrap();
    let reader = Reader::new("crm".into(), &settings, &network, rules).unwrap();
    let home = Town::default();
    let now: Time = "2026-03-09T00:00:00Z".parse().unwrap();
    home.known.lock().unwrap().insert("p1@acme.example".into(), Time::MIN);
    let mut progress = Progress::default();
    let mut read = async |now: Time| {
        let facts = reader.read(&mut progress, now, &home).await.unwrap();
        let who = |it: Fact| it.who.user.unwrap().to_string();
        (facts, home.facts.lock().unwrap().drain(..).map(who).collect::<Vec<_>>())
    };
    assert_eq!(read(now).await, (1, vec!["id of p1@acme.example".to_owned()]));
    // What was read is read again for two minutes: these have the same ids, and count once.
    let changed = ("2026-03-08T12:00:00Z".to_owned(), "CRM_UI");
    let change = |id: &str| {
        let contacts = &mut portal.lock().unwrap().contacts;
        contacts.get_mut(id).unwrap().insert("lastmodifieddate".to_owned(), changed.clone());
    };
    change("1");
    change("2");
    assert_eq!(read(now + Span::HOUR).await.1, ["id of p1@acme.example"], "strangers are nobody");
    home.known.lock().unwrap().insert("p3@acme.example".into(), now + Span::HOUR);
    assert!(!read(now + Span::HOUR.times(2)).await.1.contains(&"id of p3@acme.example".to_owned()));
    let later = read(now + Span::HOUR.times(25)).await.1;
    assert!(later.contains(&"id of p3@acme.example".to_owned()), "{later:?}");
    let searches = calls(&receiver, "contacts/search");
    read(now + Span::HOUR.times(26)).await;
    assert_eq!(calls(&receiver, "contacts/search"), searches + 1, "once a day is enough");
}
