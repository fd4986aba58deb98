//! Messages inside the product: what waits for a person, and what they did with it.

use std::hash::{DefaultHasher, Hash, Hasher};

use firsthand_engine::{Batch, OWN_SOURCE};
use firsthand_model::fact::{Body, Who};
use firsthand_model::message::{self, InAppForm as Form, Outgoing};
use firsthand_model::play::Reaction;
use firsthand_model::{Fact, Json, Text};
use firsthand_rules::resolve::RawId;
use firsthand_store::{Commit, Inbox, InboxRow, KeyKind, Keys};
use firsthand_web::Answer;
use firsthand_web::backend::SigningSecret;
use firsthand_web::noun::{
    At, InAppAct, InAppAction, InAppForm, InAppMessage, InAppPoint, InAppUsage,
};
use tokio::sync::watch;

use super::Server;

/// Those who listen are woken up by groups of people, of which there are so many. Who is woken up
/// for another reads the inbox in vain, and says nothing.
const GROUPS: usize = 1_024;
/// Schemes of addresses that an action may lead to; an address without one is a path of the product.
const SCHEMES: [&str; 3] = ["https:", "http:", "mailto:"];

/// Wakes up those who listen for messages.
pub struct InboxChanges(Vec<watch::Sender<u64>>);

impl InboxChanges {
    /// Nothing has changed yet.
    pub fn new() -> Self {
        Self((0..GROUPS).map(|_| watch::Sender::new(0)).collect())
    }

    /// Takes in a commit that is durable.
    pub fn hear(&self, commit: &Commit, store: &impl Inbox) {
        for id in &commit.cancelled {
            // Those who listen read again now and then in any case.
            if let Ok(Some(row)) = store.inbox_message(id) {
                self.wake(&row.person);
            }
        }
        for it in &commit.deliveries {
            if let Ok(Outgoing::InApp(message)) = serde_json::from_slice(&it.payload) {
                self.wake(&message.person);
            }
        }
    }

    fn wake(&self, person: &str) {
        self.of(person).send_modify(|it| *it = it.wrapping_add(1));
    }

    fn of(&self, person: &str) -> &watch::Sender<u64> {
        let mut hasher = DefaultHasher::new();
        person.hash(&mut hasher);
        &self.0[usize::try_from(hasher.finish() % GROUPS as u64).unwrap_or(0)]
    }
}

/// Somebody who reads: all ids that messages for them may name.
struct Person {
    canonical: Text,
    ids: Vec<Text>,
}

impl Server {
    pub(super) async fn signing_secrets(&self, kid: Option<&str>) -> Answer<Vec<SigningSecret>> {
        let (kid, now) = (kid.map(str::to_owned), self.now());
        let (root, configured) = (self.root.clone(), self.inbound.in_app_secrets.clone());
        self.stored(move |store| {
            let mut keys = store.keys(Some(KeyKind::Sign))?;
            keys.retain(|it| {
                let in_force =
                    it.revoked_at.is_none() && it.expires_at.is_none_or(|until| until > now);
                in_force && kid.as_ref().is_none_or(|kid| it.id == *kid)
            });
            let made = keys.iter().map(|it| SigningSecret::new(&root.signing_secret(&it.id)));
            Ok(made.chain(configured).collect())
        })
        .await
    }

    pub(super) async fn inbox(&self, person: &str) -> Answer<Vec<InAppMessage>> {
        let Person { ids, .. } = self.reader(person).await?;
        let now = self.now();
        let rows = self.stored(move |store| store.inbox(&ids, now)).await?;
        Ok(rows.iter().filter_map(message_noun).collect())
    }

    pub(super) async fn inbox_changes(&self, person: &str) -> Answer<watch::Receiver<u64>> {
        let person = self.reader(person).await?;
        Ok(self.inbox_changes.of(&person.canonical).subscribe())
    }

    pub(super) async fn act_on_message(
        &self,
        person: &str,
        message: &str,
        act: InAppAct,
    ) -> Answer<Option<()>> {
        let reaction = match act {
            InAppAct::Shown => Reaction::Shown,
            InAppAct::Clicked => Reaction::Clicked,
            InAppAct::Dismissed => Reaction::Dismissed,
        };
        let id = Text::from(message);
        let Some(row) = self.stored(move |store| store.inbox_message(&id)).await? else {
            return Ok(None);
        };
        let reader = self.reader(person).await?;
        if !reader.ids.contains(&row.person) {
            return Ok(None);
        }
        if row.done_at(reaction).is_some() {
            return Ok(Some(()));
        }
        // The fact first: if only that is written, it is said again, and counts once by its id.
        let now = self.now();
        let fact = reaction_fact(&row, reaction, person, now);
        self.submit_batch(Batch { facts: vec![fact], ..Batch::default() }).await?;
        let id = row.delivery;
        self.stored(move |store| store.note_inbox(&id, reaction, now)).await?;
        self.inbox_changes.wake(&reader.canonical);
        Ok(Some(()))
    }

    /// Who has this id. Somebody of whom nothing is known yet is who they say.
    async fn reader(&self, id: &str) -> Answer<Person> {
        let id = Text::from(id);
        self.ask(move |engine| {
            let resolver = engine.live().resolver();
            let canonical = resolver.person_of(&id).unwrap_or_else(|| id.clone());
            let of = resolver.ids_of(&canonical).into_iter();
            let mut ids: Vec<Text> =
                of.map(|(RawId::User(it) | RawId::Anonymous(it))| it).collect();
            ids.extend([id, canonical.clone()]);
            ids.sort_unstable();
            ids.dedup();
            Person { canonical, ids }
        })
        .await
    }
}

/// What is recorded of the person. It is a record and no event: what we show is not use of the
/// product, and must never make anybody look active.
pub fn reaction_fact(
    row: &InboxRow,
    reaction: Reaction,
    person: &str,
    now: firsthand_model::Time,
) -> Fact {
    let properties = serde_json::json!({
        "delivery": row.delivery,
        "channel": row.channel,
        "lead": row.lead.as_ref().map(firsthand_model::lead::LeadId::as_str),
    });
    Fact {
        id: format!("{}:{}", row.delivery, reaction.word()).into(),
        source: OWN_SOURCE,
        time: now,
        known_at: Some(now),
        who: Who { user: Some(person.into()), account: row.account.clone(), ..Who::default() },
        body: Body::Record {
            name: Text::new_static(reaction.word()),
            properties: Json::parse(properties.to_string()).expect("it was just written"),
        },
    }
}

/// A message as pages read it; `None` if it is none, which only another release could have written.
fn message_noun(row: &InboxRow) -> Option<InAppMessage> {
    let Ok(Outgoing::InApp(it)) = serde_json::from_slice(&row.payload) else { return None };
    let points = it.points.into_iter().map(|it| InAppPoint { text: it.text, done: it.done });
    let leads_somewhere = |it: &message::InAppAction| may_be_followed(&it.url);
    let action = it.action.filter(leads_somewhere);
    Some(InAppMessage {
        id: row.delivery.to_string(),
        form: match it.form {
            Form::Banner => InAppForm::Banner,
            Form::Modal => InAppForm::Modal,
            Form::Checklist => InAppForm::Checklist,
        },
        title: it.title,
        body: it.body,
        points: points.collect(),
        usage: it.usage.map(|it| InAppUsage {
            meter: it.meter,
            used: it.used,
            limit: it.limit,
            share: f64::from(it.thousandths) / 1_000.0,
        }),
        action: action.map(|it| InAppAction { label: it.label, url: it.url.to_string() }),
        language: it.language.to_string(),
        until: row.until.map(At),
        shown: row.shown_at.is_some(),
    })
}

/// Whether a page may follow an address: an address of the web or of mail, or a path.
fn may_be_followed(url: &str) -> bool {
    let lower = url.trim_start().to_ascii_lowercase();
    let scheme = lower.find([':', '/', '?', '#']).filter(|at| lower[*at..].starts_with(':'));
    !lower.contains(char::is_control) && scheme.is_none_or(|at| SCHEMES.contains(&&lower[..=at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_and_of_mail_are_followed() {
        for url in ["/plans?a=b:c", "plans", "?plan=pro", "#x:y", "HTTPS://acme.example", "//a.b/c"]
        {
            assert!(may_be_followed(url), "{url}");
        }
        assert!(may_be_followed("mailto:mara@acme.example"));
        for url in ["javascript:alert(1)", " JavaScript:x", "data:text/html,x", "java\nscript:x"] {
            assert!(!may_be_followed(url), "{url}");
        }
    }

    #[test]
    fn somebody_is_woken_up_by_what_is_for_them() {
        let changes = InboxChanges::new();
        let mut hers = changes.of("zoë").subscribe();
        changes.wake("zoë");
        assert!(hers.has_changed().unwrap());
        hers.borrow_and_update();
        let others = (0..100).map(|it| format!("u{it}"));
        let woken = others.filter(|it| {
            changes.wake(it);
            let woken = hers.has_changed().unwrap();
            hers.borrow_and_update();
            woken
        });
        assert!(woken.count() < 5, "hardly ever by what is for others");
    }
}
