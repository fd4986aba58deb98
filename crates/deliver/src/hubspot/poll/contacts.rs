//! Reads contacts: those that have changed, and now and then all, for those whose person came later.

use std::collections::{BTreeMap, BTreeSet};

use firsthand_model::{Fact, Span, Text, Time};
use serde_json::Value;

use super::super::api::{CONTACTS, Result};
use super::super::read::{Contact, ContactRules, Whose, contact_facts};
use super::{Home, OVERLAP, Progress, Reader, Search, Sought, hand_over};

/// How often contacts are read from the beginning. A contact may be there long before its person,
/// and nothing there changes when the person comes.
const LOOK_AGAIN: Span = Span::DAY;

/// Which contacts are of interest.
#[derive(Clone, Copy)]
enum Look {
    /// All that have changed.
    Changed,
    /// Those whose person was not known yet when contacts were last read from the beginning.
    KnownSince(Time),
}

impl Look {
    fn wants(self, whose: &Whose) -> bool {
        match (self, whose) {
            (Self::Changed, _) | (Self::KnownSince(_), Whose::Stranger) => true,
            (Self::KnownSince(before), Whose::Person { since, .. }) => *since >= before,
        }
    }
}

impl Reader {
    /// Contacts that have changed; `progress` moves on with each page whose facts are durable.
    pub(super) async fn contacts(
        &self,
        progress: &mut Progress,
        now: Time,
        owners: &BTreeMap<Text, Text>,
        home: &dyn Home,
    ) -> Result<u64> {
        let Some(rules) = &self.rules.contacts else { return Ok(0) };
        if progress.contacts == Time(0) {
            // All of them are about to be read.
            progress.looked_again = now;
        }
        let mut facts = 0;
        let mut search = Search::new(CONTACTS, progress.contacts, properties(rules));
        while let Some(page) = search.page(&self.api).await? {
            let newest = page.iter().filter_map(|it| Contact::from_api(it, rules));
            let newest = newest.map(|it| it.changed_at).fold(progress.contacts, Time::max);
            facts += self.take_contacts(page, rules, Look::Changed, owners, home).await?;
            progress.contacts = newest;
        }
        if now >= progress.looked_again + LOOK_AGAIN {
            // What became known while the last one went on, it may have passed by.
            let look = Look::KnownSince(progress.looked_again - OVERLAP);
            let mut search = Search::new(CONTACTS, Time(0), properties(rules));
            while let Some(page) = search.page(&self.api).await? {
                facts += self.take_contacts(page, rules, look, owners, home).await?;
            }
            progress.looked_again = now;
        }
        Ok(facts)
    }

    /// Hands over what the contacts of a page say.
    async fn take_contacts(
        &self,
        page: Vec<Value>,
        rules: &ContactRules,
        look: Look,
        owners: &BTreeMap<Text, Text>,
        home: &dyn Home,
    ) -> Result<u64> {
        let contact = |it: &Value| Contact::from_api(it, rules);
        let read: Vec<Contact> = page.iter().filter_map(contact).collect();
        let mut people = home.people(read.iter().map(Contact::sought).collect()).await;
        people.retain(|_, it| look.wants(it) && (rules.make_people || *it != Whose::Stranger));
        let join = |it: &Contact| people.get(&it.id).is_some_and(|whose| rules.joins(whose));
        let joining: BTreeSet<Text> =
            read.iter().filter(|it| join(it)).map(|it| it.id.clone()).collect();
        let (joining, others): (Vec<Value>, Vec<Value>) = page
            .into_iter()
            .partition(|it| it["id"].as_str().is_some_and(|it| joining.contains(it)));
        let joining = self.with_history(CONTACTS, Contact::COMPANY, joining).await?;
        let read: Vec<Contact> = joining.iter().chain(&others).filter_map(contact).collect();
        let companies = read.iter().flat_map(|it| &it.companies).filter_map(|it| it.1.as_ref());
        let accounts = self.accounts_of_companies(companies, home).await?;
        let found = read.iter().filter_map(|it| Some((it, people.get(&it.id)?)));
        let facts: Vec<Fact> = found
            .flat_map(|(it, whose)| {
                contact_facts(&self.source, it, whose, rules, owners, &accounts)
            })
            .collect();
        let count = facts.len() as u64;
        hand_over(home, facts).await?;
        Ok(count)
    }
}

impl Contact {
    /// Whom it asks for.
    fn sought(&self) -> Sought {
        Sought { contact: self.id.clone(), user: self.user.clone(), email: self.email.clone() }
    }
}

fn properties(rules: &ContactRules) -> Vec<Text> {
    let always = Contact::PROPERTIES.into_iter().map(Text::new_static);
    always.chain(rules.user.clone()).chain(rules.traits.keys().cloned()).collect()
}
