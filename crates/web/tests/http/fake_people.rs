//! The fake backend's people: one of each role, and whoever a link lets in.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use firsthand_model::{Calendar, Span};
use firsthand_web::Backend;
use firsthand_web::backend::{
    About, Answer, ApiKey, AuditAsked, Audited, Begun, Brief, CloseUp, Configuration, Configured,
    ConfiguredFile, Entrance, Failure, Invited, Joining, NotIn, People, Role, SavedView, SignedIn,
    Someone, TokenHash, User, WaysIn,
};
use firsthand_web::noun::{Draft, Explanation, LeadFilter, Listing, Page, Subject};

use crate::fake::{Fake, now};

/// The password of everybody.
pub const PASSWORD: &str = "correct horse battery";
/// The secret of the link for the first admin.
pub const FIRST_LINK: &str = "first-link";

/// What of people a test may look at.
#[derive(Default)]
pub struct Kept {
    pub views: Mutex<Vec<(String, SavedView)>>,
    pub signed_out: Mutex<Vec<TokenHash>>,
    pub joined: Mutex<bool>,
    /// By whom, and what.
    pub drafts: Mutex<Vec<(String, Draft)>>,
    pub no_passwords: Mutex<bool>,
}

/// The one of a role.
pub fn user(role: Role) -> User {
    let name = match role {
        Role::Admin => "Ines Duarte",
        Role::Analyst => "Priya Raman",
        Role::Rep => "Kim Sand",
    };
    User {
        id: format!("user_{}", role.word()),
        email: format!("{}@example.com", role.word()),
        name: name.to_owned(),
        owner: if role == Role::Rep { "kim".to_owned() } else { name.to_owned() },
        role,
        signed_in_at: Some(now()),
        joined: true,
        disabled: false,
    }
}

/// The token of the session of the one of a role.
pub fn session_of(role: Role) -> String {
    format!("session-of-{}", role.word())
}

fn signed_in(role: Role) -> SignedIn {
    SignedIn { token: session_of(role), expires_at: now() + Span::HOUR.times(12) }
}

fn api_key() -> ApiKey {
    ApiKey {
        id: "key_1".to_owned(),
        name: "crm".to_owned(),
        hint: "a91c".to_owned(),
        scopes: vec!["leads:read".to_owned()],
        created_by: "Ines Duarte".to_owned(),
        created_at: now(),
        expires_at: None,
        revoked_at: None,
    }
}

#[async_trait]
impl People for Fake {
    fn about(&self) -> About {
        About { name: "Acme <Forms>".into(), calendar: Calendar::default() }
    }

    async fn sign_in(&self, email: &str, password: &str, _: bool) -> Answer<Option<SignedIn>> {
        let found = Role::ALL.into_iter().find(|it| user(*it).email == email);
        Ok(found.filter(|_| password == PASSWORD).map(signed_in))
    }

    async fn signed_in(&self, token: TokenHash) -> Answer<Option<User>> {
        if self.kept.signed_out.lock().unwrap().contains(&token) {
            return Ok(None);
        }
        let found = Role::ALL.into_iter().find(|it| TokenHash::of(&session_of(*it)) == token);
        Ok(found.map(user))
    }

    async fn sign_out(&self, token: TokenHash) -> Answer<()> {
        self.kept.signed_out.lock().unwrap().push(token);
        Ok(())
    }

    async fn invitation(&self, secret: TokenHash) -> Answer<Option<Invited>> {
        let works = secret == TokenHash::of(FIRST_LINK) && !*self.kept.joined.lock().unwrap();
        Ok(works.then_some(Invited { user: None }))
    }

    async fn join(&self, secret: TokenHash, joining: Joining) -> Answer<Option<SignedIn>> {
        if self.invitation(secret).await?.is_none() {
            return Ok(None);
        }
        if joining.password.len() < 12 {
            return Err(Failure::Invalid {
                parameter: "password",
                detail: "too short".to_owned(),
                help: "Write a longer one.".to_owned(),
            });
        }
        *self.kept.joined.lock().unwrap() = true;
        Ok(Some(signed_in(Role::Admin)))
    }

    async fn users(&self) -> Answer<Vec<User>> {
        Ok(Role::ALL.map(user).to_vec())
    }

    async fn add_user(&self, _: &str, email: &str, _: Role, _: &User) -> Answer<String> {
        if !email.contains('@') {
            return Err(Failure::Invalid {
                parameter: "email",
                detail: "that is no address".to_owned(),
                help: "Write another one.".to_owned(),
            });
        }
        Ok("a-link".to_owned())
    }

    async fn invite(&self, id: &str, _: &User) -> Answer<Option<String>> {
        Ok(Role::ALL.into_iter().any(|it| user(it).id == id).then(|| "a-link".to_owned()))
    }

    async fn set_role(&self, id: &str, _: Option<Role>, _: &User) -> Answer<Option<()>> {
        Ok(Role::ALL.into_iter().any(|it| user(it).id == id).then_some(()))
    }

    async fn audit(&self, filter: &AuditAsked, _: &Listing) -> Answer<Page<Audited>> {
        let by = "Ines Duarte".to_owned();
        let (act, about) = ("key made".to_owned(), "key_1".to_owned());
        let fits = filter.by.as_ref().is_none_or(|it| *it == by)
            && filter.act.as_ref().is_none_or(|it| *it == act)
            && filter.from.is_none_or(|it| it <= now())
            && filter.to.is_none_or(|it| now() < it);
        let all = fits.then(|| Audited { at: now(), by, act, about });
        Ok(Page::last(all.into_iter().collect()))
    }

    async fn audit_words(&self) -> Answer<(Vec<String>, Vec<String>)> {
        Ok((vec!["Ines Duarte".to_owned(), "Jo <b>".to_owned()], vec!["key made".to_owned()]))
    }

    async fn views(&self, user: &User, _: &str) -> Answer<Vec<SavedView>> {
        let views = self.kept.views.lock().unwrap();
        Ok(views.iter().filter(|it| it.0 == user.id).map(|it| it.1.clone()).collect())
    }

    async fn keep_view(&self, user: &User, _: &str, view: SavedView) -> Answer<()> {
        self.kept.views.lock().unwrap().push((user.id.clone(), view));
        Ok(())
    }

    async fn forget_view(&self, user: &User, _: &str, name: &str) -> Answer<()> {
        self.kept.views.lock().unwrap().retain(|it| it.0 != user.id || it.1.name != name);
        Ok(())
    }

    async fn count_leads(&self, filter: &LeadFilter, most: u32) -> Answer<u64> {
        let listing = Listing { limit: most, after: None };
        Ok(self.leads(filter, &listing).await?.items.len() as u64)
    }

    async fn briefs(&self, accounts: Vec<String>) -> Answer<BTreeMap<String, Brief>> {
        let brief = |id: String| {
            let name = Some(format!("<b>{id}</b> & sons"));
            (id, Brief { name, plan: Some("free".to_owned()), people: 3 })
        };
        Ok(accounts.into_iter().map(brief).collect())
    }

    async fn close_up(&self, _: &str, _: usize) -> Answer<CloseUp> {
        let ana = Someone {
            id: "u1".to_owned(),
            name: Some("Ana \"A\" Haddad".to_owned()),
            role: Some("owner".to_owned()),
            last_seen_at: Some(now()),
            does: vec![("Report <exported>".to_owned(), 12), ("Login".to_owned(), 3)],
        };
        let paces = BTreeMap::from([("contacts".to_owned(), 116.0), ("exports".to_owned(), 0.0)]);
        Ok(CloseUp { people: vec![ana], paces: Some(paces) })
    }

    async fn explanations(&self, subject: &Subject) -> Answer<Vec<Explanation>> {
        Ok(self.explain(subject, "outgrowing-free", None).await?.into_iter().collect())
    }

    async fn api_keys(&self) -> Answer<Vec<ApiKey>> {
        Ok(vec![api_key()])
    }

    async fn add_api_key(&self, _: &str, _: Vec<String>, _: &User) -> Answer<String> {
        Ok("fh_secret".to_owned())
    }

    async fn revoke_api_key(&self, id: &str, _: &User) -> Answer<Option<()>> {
        Ok((id == "key_1").then_some(()))
    }
}

/// What the browser keeps of a sign-in elsewhere, and the query by which that one comes in.
pub const SEALED: &str = "sealed-by-the-fake";
pub const GOOD_QUERY: &str = "code=good&state=right";

#[async_trait]
impl Entrance for Fake {
    fn ways_in(&self) -> WaysIn {
        let passwords = !*self.kept.no_passwords.lock().unwrap();
        WaysIn { passwords, other: Some("Acme <SSO>".to_owned()) }
    }

    async fn begin_elsewhere(&self, to: &str) -> Answer<Result<Begun, NotIn>> {
        let url = format!("https://login.example/authorize?to={}", to.replace('/', "%2F"));
        Ok(Ok(Begun { url, sealed: SEALED.to_owned() }))
    }

    async fn end_elsewhere(
        &self,
        sealed: &str,
        query: &str,
    ) -> Answer<Result<(SignedIn, String), NotIn>> {
        if sealed != SEALED {
            return Ok(Err(NotIn::Stale));
        }
        if query != GOOD_QUERY {
            return Ok(Err(NotIn::Denied));
        }
        Ok(Ok((signed_in(Role::Rep), "/accounts".to_owned())))
    }
}

#[async_trait]
impl Configuration for Fake {
    async fn configured(&self) -> Answer<Configured> {
        let file = |name: &str, text: Option<&str>| ConfiguredFile {
            name: name.to_owned(),
            text: text.map(str::to_owned),
        };
        Ok(Configured {
            files: vec![
                file("firsthand.yaml", Some("project: <b>\nsources:\n  web: { key: **** }\n")),
                file("definitions/broken.yaml", None),
            ],
            variables: vec![("STRIPE".to_owned(), true), ("CRM".to_owned(), false)],
            changed: true,
        })
    }
}
