//! Writes what is known of people to their contacts. A contact is found, never made: whom sales wants
//! in the CRM, is for sales to say.

use std::collections::BTreeMap;

use firsthand_model::Text;
use firsthand_model::message::{CrmPeople, CrmPerson};
use serde_json::Value;

use super::api::Result;
use super::write::{Objects, Wanted, Written, names};
use super::{HubSpot, Known, text_of};
use crate::{Outcome, Tried, mask};

/// The property of contacts that holds the address. Each address is one contact's alone.
const EMAIL: &str = "email";

/// One message about people on its way.
pub(super) struct Row<'m> {
    people: &'m CrmPeople,
    /// What came of it, once that is known.
    outcome: Option<Outcome>,
    /// How many contacts were found.
    found: usize,
    /// How many of these were written to.
    written: usize,
}

impl<'m> Row<'m> {
    pub fn new(people: &'m CrmPeople) -> Self {
        Self { people, outcome: None, found: 0, written: 0 }
    }

    /// What is kept of it: how many contacts, never who they are.
    pub fn told(self) -> Tried {
        let (found, people) = (self.found, self.people.people.len());
        let request = format!("{found} contacts of {people} people: {} written", self.written);
        let outcome = self.outcome.unwrap_or(Outcome::Sent);
        let answer = outcome.reason().map(mask::text);
        Tried { outcome, request: Some(request), answer, note: None }
    }
}

/// The contacts that were found, as they are.
struct Found {
    by_id: BTreeMap<Text, Value>,
    /// The id of the contact with an address.
    by_email: BTreeMap<Text, Text>,
}

impl Found {
    /// The contact of a person: the one that they were, else the one with their address.
    fn of(&self, person: &CrmPerson) -> Option<&Text> {
        let known = person.contact.as_ref().and_then(|it| self.by_id.get_key_value(it));
        known.map(|(id, _)| id).or_else(|| self.by_email.get(person.email.as_ref()?))
    }
}

impl HubSpot {
    /// Writes to the contacts of people, in as few calls as can be.
    pub(super) async fn write_people(&self, rows: &mut [Row<'_>]) {
        let mut known = self.known.lock().await;
        match self.try_people(&mut known, rows).await {
            Ok((found, written)) => {
                for row in rows {
                    settle(row, &found, &written);
                }
            }
            Err(error) => {
                let outcome = error.outcome();
                for row in rows {
                    row.outcome = Some(outcome.clone());
                }
            }
        }
    }

    async fn try_people(&self, known: &mut Known, rows: &[Row<'_>]) -> Result<(Found, Written)> {
        let people = || rows.iter().flat_map(|it| &it.people.people);
        let names = names(people().map(|it| &it.properties));
        self.ensure_properties(known, Objects::Contacts, names.clone()).await?;
        let found = self.find_contacts(&people().collect::<Vec<_>>(), names).await?;
        let mut wanted = BTreeMap::<Text, Wanted>::new();
        for row in rows {
            // Of people who share a contact the most active one counts; of messages the last word.
            for person in row.people.people.iter().rev() {
                if let Some(contact) = found.of(person) {
                    let of_contact = wanted.entry(contact.clone()).or_default();
                    of_contact.extend(person.properties.clone());
                }
            }
        }
        let written = self.write_changed(Objects::Contacts, wanted, &found.by_id).await?;
        Ok((found, written))
    }

    /// The contacts of people: by id, and those that are not found so by address.
    async fn find_contacts(&self, people: &[&CrmPerson], mut names: Vec<Text>) -> Result<Found> {
        names.push(Text::new_static(EMAIL));
        let mut found = Found { by_id: BTreeMap::new(), by_email: BTreeMap::new() };
        let ids = people.iter().filter_map(|it| it.contact.as_ref());
        let contacts = self.read(Objects::Contacts, "id", &distinct(ids), &names).await?;
        found.by_id.extend(contacts.into_iter().filter_map(|it| Some((text_of(&it["id"])?, it))));
        let others = people.iter().filter(|it| found.of(it).is_none());
        let emails = distinct(others.filter_map(|it| it.email.as_ref()));
        for contact in self.read(Objects::Contacts, EMAIL, &emails, &names).await? {
            let email = text_of(&contact["properties"][EMAIL]);
            if let (Some(id), Some(email)) = (text_of(&contact["id"]), email) {
                found.by_email.insert(email.to_lowercase().into(), id.clone());
                found.by_id.insert(id, contact);
            }
        }
        Ok(found)
    }
}

fn distinct<'t>(texts: impl Iterator<Item = &'t Text>) -> Vec<&'t Text> {
    let mut texts: Vec<&Text> = texts.collect();
    texts.sort();
    texts.dedup();
    texts
}

/// Says what came of a message: it is tried again where that may help one of its contacts.
fn settle(row: &mut Row<'_>, found: &Found, written: &Written) {
    let contacts = distinct(row.people.people.iter().filter_map(|it| found.of(it)));
    row.found = contacts.len();
    for outcome in contacts.into_iter().filter_map(|it| written.get(it)) {
        match outcome {
            Ok(names) => row.written += usize::from(!names.is_empty()),
            Err(outcome) => {
                if !matches!(row.outcome, Some(Outcome::Again(_))) {
                    row.outcome = Some(outcome.clone());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn person(id: &str, contact: Option<&str>, email: Option<&str>) -> CrmPerson {
        let [contact, email] = [contact, email].map(|it| it.map(Text::from));
        CrmPerson { person: id.into(), contact, email, properties: BTreeMap::new() }
    }

    #[test]
    fn a_contact_is_known_by_its_id_and_where_that_is_gone_by_its_address() {
        let found = Found {
            by_id: [("7".into(), json!({})), ("8".into(), json!({}))].into(),
            by_email: [("zoe@acme.example".into(), "8".into())].into(),
        };
        let of = |it: &CrmPerson| found.of(it).map(Text::to_string);
        assert_eq!(of(&person("a", Some("7"), Some("zoe@acme.example"))).as_deref(), Some("7"));
        assert_eq!(of(&person("b", Some("1"), Some("zoe@acme.example"))).as_deref(), Some("8"));
        assert_eq!(of(&person("c", Some("1"), None)), None);
    }

    #[test]
    fn one_refused_contact_does_not_hide_one_that_may_be_tried_again() {
        let all = CrmPeople {
            account: "acme".into(),
            people: ["1", "2", "3", "4"].map(|it| person(it, Some(it), None)).into(),
        };
        let found = Found {
            by_id: ["1", "2", "3"].map(|it| (it.into(), json!({}))).into(),
            by_email: BTreeMap::new(),
        };
        let mut written: Written = BTreeMap::new();
        written.insert("1".into(), Ok(vec!["pql_champion".into()]));
        written.insert("2".into(), Err(Outcome::Dead("no such property".to_owned())));
        written.insert("3".into(), Ok(Vec::new()));
        let mut row = Row::new(&all);
        settle(&mut row, &found, &written);
        assert_eq!((row.found, row.written), (3, 1));
        assert_eq!(row.outcome, Some(Outcome::Dead("no such property".to_owned())));
        written.insert("3".into(), Err(Outcome::again("busy")));
        let mut row = Row::new(&all);
        settle(&mut row, &found, &written);
        assert!(matches!(row.outcome, Some(Outcome::Again(_))));
    }
}
