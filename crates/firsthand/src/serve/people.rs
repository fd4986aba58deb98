//! The second half of what the HTTP face asks: people, and what the pages tell of customers.

use std::collections::BTreeMap;

use async_trait::async_trait;
use firsthand_model::config::Track;
use firsthand_model::{Text, Time};
use firsthand_store::{AuditFilter, Key, KeyKind, Keys, Leads, Users, View};
use firsthand_web::backend::{
    About, ApiKey, AuditAsked, Audited, Brief, CloseUp, Invited, Joining, People, Role, SavedView,
    SignedIn, TokenHash, User,
};
use firsthand_web::noun::{Explanation, LeadFilter, Listing, Page, Subject};
use firsthand_web::{Answer, Failure};

use super::Server;
use super::accounts::explain_one;
use super::inbound::Rep;
use super::leads::{page_request, row_filter};
use super::usage::trait_of;
use crate::people::{self, Lifetime};

/// Most names and acts by which the audit can be narrowed.
const AUDIT_WORDS_MAX: u32 = 200;

#[async_trait]
impl People for Server {
    fn about(&self) -> About {
        self.about.clone()
    }

    async fn sign_in(&self, email: &str, password: &str, stay: bool) -> Answer<Option<SignedIn>> {
        let (email, password, now) = (email.to_owned(), password.to_owned(), self.now());
        // Hashing takes a while and much memory: only a few at a time.
        let _turn = self.hashing.acquire().await.map_err(Failure::broken)?;
        self.people(move |store| {
            let user = store.user_by_email(&people::address(&email))?;
            let hashed = user.as_ref().and_then(|it| it.password.as_deref());
            let is_them = people::matches(&password, hashed)?;
            let Some(user) = user.filter(|it| is_them && it.disabled_at.is_none()) else {
                return Ok(None);
            };
            let lifetime = if stay { Lifetime::Month } else { Lifetime::HalfDay };
            people::begin(store, &user, lifetime, now).map(|it| Some(signed_in(it)))
        })
        .await
    }

    async fn signed_in(&self, token: TokenHash) -> Answer<Option<User>> {
        let (hash, now) = (people::hex(token), self.now());
        let found = self.stored(move |store| store.session(&hash, now)).await?;
        Ok(found.map(|(_, user)| self.as_owner(user_noun(&user))))
    }

    async fn sign_out(&self, token: TokenHash) -> Answer<()> {
        let hash = people::hex(token);
        self.stored(move |store| store.end_session(&hash)).await?;
        Ok(())
    }

    async fn invitation(&self, secret: TokenHash) -> Answer<Option<Invited>> {
        let (hash, now) = (people::hex(secret), self.now());
        self.stored(move |store| {
            let Some(found) = store.invitation(&hash, now)? else { return Ok(None) };
            let user = match found.user {
                None => None,
                Some(id) => store.users()?.iter().find(|it| it.id == id).map(user_noun),
            };
            Ok(Some(Invited { user }))
        })
        .await
    }

    async fn join(&self, secret: TokenHash, joining: Joining) -> Answer<Option<SignedIn>> {
        let (hash, now) = (people::hex(secret), self.now());
        let _turn = self.hashing.acquire().await.map_err(Failure::broken)?;
        self.people(move |store| {
            let Some(found) = store.invitation(&hash, now)? else { return Ok(None) };
            let Joining { name, email, password } = joining;
            let hashed = people::hashed(&password)?;
            let user = match found.user {
                None => people::new(&name, &email, firsthand_store::Role::Admin, now)?,
                Some(id) => match store.users()?.into_iter().find(|it| it.id == id) {
                    Some(user) => user,
                    None => return Ok(None),
                },
            };
            let user = firsthand_store::User { password: Some(hashed), ..user };
            if user.disabled_at.is_some() || !store.redeem(&hash, &user, now)? {
                return Ok(None);
            }
            people::write_down(store, &user.name, "password set", &user.email, now)?;
            people::begin(store, &user, Lifetime::HalfDay, now).map(|it| Some(signed_in(it)))
        })
        .await
    }

    async fn users(&self) -> Answer<Vec<User>> {
        let users = self.stored(Users::users).await?;
        let mut users: Vec<User> = users.iter().map(|it| self.as_owner(user_noun(it))).collect();
        users.sort_by_key(|it| it.disabled);
        Ok(users)
    }

    async fn add_user(&self, name: &str, email: &str, role: Role, by: &User) -> Answer<String> {
        let (name, email, by) = (name.to_owned(), email.to_owned(), by.name.clone());
        let now = self.now();
        self.people(move |store| {
            let user = people::add(store, &name, &email, role_row(role), now)?;
            people::write_down(store, &by, "user added", &user.email, now)?;
            people::invite(store, Some(&user), now)
        })
        .await
    }

    async fn invite(&self, id: &str, by: &User) -> Answer<Option<String>> {
        let (id, by, now) = (id.to_owned(), by.name.clone(), self.now());
        self.people(move |store| {
            let Some(user) = store.users()?.into_iter().find(|it| it.id == *id) else {
                return Ok(None);
            };
            people::write_down(store, &by, "link made", &user.email, now)?;
            people::invite(store, Some(&user), now).map(Some)
        })
        .await
    }

    async fn set_role(&self, id: &str, role: Option<Role>, by: &User) -> Answer<Option<()>> {
        let (id, by, now) = (id.to_owned(), by.name.clone(), self.now());
        self.people(move |store| {
            let found = store.users()?.into_iter().find(|it| it.id == *id);
            let Some(user) = found else { return Ok(None) };
            people::set_role(store, user, role.map(role_row), &by, now).map(Some)
        })
        .await
    }

    async fn audit(&self, filter: &AuditAsked, listing: &Listing) -> Answer<Page<Audited>> {
        let page = page_request(listing);
        let AuditAsked { by, act, from, to } = filter.clone();
        let (by, act) = (by.map(Into::into), act.map(Into::into));
        let filter = AuditFilter { by, act, from, to };
        let found = self.stored(move |store| store.audit(&filter, &page)).await?;
        let items = found.rows.into_iter().map(|it| Audited {
            at: it.at,
            by: it.by.to_string(),
            act: it.act.to_string(),
            about: it.about.to_string(),
        });
        Ok(Page { items: items.collect(), next: found.next.map(|it| it.to_string()) })
    }

    async fn audit_words(&self) -> Answer<(Vec<String>, Vec<String>)> {
        let (by, acts) = self.stored(|store| store.audit_words(AUDIT_WORDS_MAX)).await?;
        let strings = |all: Vec<Text>| all.iter().map(ToString::to_string).collect();
        Ok((strings(by), strings(acts)))
    }

    async fn views(&self, user: &User, page: &str) -> Answer<Vec<SavedView>> {
        let (user, page) = (user.id.clone(), page.to_owned());
        let views = self.stored(move |store| store.views(&user, &page)).await?;
        let view = |it: View| SavedView { name: it.name.to_string(), query: it.query.to_string() };
        Ok(views.into_iter().map(view).collect())
    }

    async fn keep_view(&self, user: &User, page: &str, view: SavedView) -> Answer<()> {
        let user = user.id.clone();
        let view = View { page: page.into(), name: view.name.into(), query: view.query.into() };
        self.people(move |store| store.keep_view(&user, &view).map_err(people::refused)).await
    }

    async fn forget_view(&self, user: &User, page: &str, name: &str) -> Answer<()> {
        let (user, page, name) = (user.id.clone(), page.to_owned(), name.to_owned());
        self.stored(move |store| store.forget_view(&user, &page, &name)).await?;
        Ok(())
    }

    async fn count_leads(&self, filter: &LeadFilter, most: u32) -> Answer<u64> {
        let filter = self.with_names(row_filter(filter)?).await?;
        self.stored(move |store| store.count_leads_of(&filter, most)).await
    }

    async fn briefs(&self, accounts: Vec<String>) -> Answer<BTreeMap<String, Brief>> {
        let asked = self.ask(move |engine| {
            let live = engine.live();
            let brief = |id: String| {
                let customer = live.customer(&id)?;
                let text = |name| trait_of(customer.traits(), name).map(|it| it.0.to_string());
                let people = customer.people().len() as u64;
                Some((id, Brief { name: text("name"), plan: text("plan"), people }))
            };
            accounts.into_iter().filter_map(brief).collect()
        });
        match asked.await {
            Err(Failure::NotReady { .. }) => Ok(BTreeMap::new()),
            other => other,
        }
    }

    async fn close_up(&self, account: &str, most: usize) -> Answer<CloseUp> {
        self.look_closely(account, most).await
    }

    async fn explanations(&self, subject: &Subject) -> Answer<Vec<Explanation>> {
        let (subject, now) = (subject.clone(), self.now());
        self.ask(move |engine| {
            let live = engine.live();
            let kind = super::accounts::kind_row(subject.kind);
            let definitions = live.rules().project.definitions.values();
            let names: Vec<Text> = definitions
                .filter(|it| it.track != Track::None && it.subject == kind)
                .map(|it| it.name.clone())
                .collect();
            let explain = |name: &Text| explain_one(live, &subject, name, None, now).transpose();
            names.iter().filter_map(explain).collect::<Result<Vec<_>, _>>()
        })
        .await?
        .map_err(Failure::broken)
    }

    async fn api_keys(&self) -> Answer<Vec<ApiKey>> {
        let keys = self.stored(|store| store.keys(Some(KeyKind::Api))).await?;
        Ok(keys.iter().map(key_noun).collect())
    }

    async fn add_api_key(&self, name: &str, scopes: Vec<String>, by: &User) -> Answer<String> {
        let (name, by, now) = (name.to_owned(), by.name.clone(), self.now());
        self.people(move |store| {
            let scopes = scopes.into_iter().map(Text::from).collect();
            let (key, secret) = people::new_key(&name, scopes, &by, None, now)?;
            store.add_key(&key)?;
            people::write_down(store, &by, "key made", &format!("{} {name}", key.id), now)?;
            Ok(secret)
        })
        .await
    }

    async fn revoke_api_key(&self, id: &str, by: &User) -> Answer<Option<()>> {
        let (id, by, now) = (id.to_owned(), by.name.clone(), self.now());
        self.people(move |store| {
            let keys = store.keys(Some(KeyKind::Api))?;
            let Some(key) = keys.into_iter().find(|it| it.id == *id) else { return Ok(None) };
            store.revoke_key(&id, now)?;
            people::write_down(store, &by, "key revoked", &format!("{id} {}", key.name), now)?;
            Ok(Some(()))
        })
        .await
    }
}

impl Server {
    /// Does something with people, on a thread that may wait.
    pub(super) async fn people<T: Send + 'static>(
        &self,
        act: impl FnOnce(&firsthand_store::SqliteStore) -> Result<T, people::Error> + Send + 'static,
    ) -> Answer<T> {
        self.stored(move |store| match act(store) {
            Ok(done) => Ok(Ok(done)),
            Err(people::Error::Store(error)) => Err(error),
            Err(other) => Ok(Err(other)),
        })
        .await?
        .map_err(failure)
    }
}

fn failure(error: people::Error) -> Failure {
    let detail = error.to_string();
    let help = error.help().to_owned();
    match error {
        people::Error::Name => Failure::Invalid { parameter: "name", detail, help },
        people::Error::Address | people::Error::Taken => {
            Failure::Invalid { parameter: "email", detail, help }
        }
        people::Error::Password => Failure::Invalid { parameter: "password", detail, help },
        people::Error::LastAdmin => Failure::Conflict { code: "last_admin", detail, help },
        people::Error::Full => Failure::Conflict { code: "too_many", detail, help },
        people::Error::Broken(_) | people::Error::Store(_) => Failure::broken(error),
    }
}

pub(super) fn signed_in((token, expires_at): (String, Time)) -> SignedIn {
    SignedIn { token, expires_at }
}

impl Server {
    /// Somebody with the name under which leads carry them: owners of the configuration are known by
    /// their addresses.
    fn as_owner(&self, user: User) -> User {
        let has =
            |it: &&Rep| it.email.as_deref().is_some_and(|it| it.eq_ignore_ascii_case(&user.email));
        match self.inbound.reps.iter().find(has) {
            Some(rep) => User { owner: rep.name.to_string(), ..user },
            None => user,
        }
    }
}

fn user_noun(it: &firsthand_store::User) -> User {
    User {
        id: it.id.to_string(),
        email: it.email.to_string(),
        name: it.name.to_string(),
        owner: it.name.to_string(),
        role: match it.role {
            firsthand_store::Role::Admin => Role::Admin,
            firsthand_store::Role::Analyst => Role::Analyst,
            firsthand_store::Role::Rep => Role::Rep,
        },
        signed_in_at: it.signed_in_at,
        joined: it.password.is_some(),
        disabled: it.disabled_at.is_some(),
    }
}

fn role_row(role: Role) -> firsthand_store::Role {
    match role {
        Role::Admin => firsthand_store::Role::Admin,
        Role::Analyst => firsthand_store::Role::Analyst,
        Role::Rep => firsthand_store::Role::Rep,
    }
}

fn key_noun(it: &Key) -> ApiKey {
    ApiKey {
        id: it.id.to_string(),
        name: it.name.to_string(),
        hint: it.hint.to_string(),
        scopes: it.scopes.iter().map(ToString::to_string).collect(),
        created_by: it.created_by.to_string(),
        created_at: it.created_at,
        expires_at: it.expires_at,
        revoked_at: it.revoked_at,
    }
}
