//! What the pages need of the rest of the program, beside what the API needs.

use std::collections::BTreeMap;

use async_trait::async_trait;
use firsthand_model::{Calendar, Text, Time};

use super::{Answer, TokenHash};
use crate::noun::{Explanation, LeadFilter, Listing, Page, Subject};

/// What somebody may do on the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Everything, people and keys included.
    Admin,
    /// Looks at everything and writes definitions; neither answers leads nor sends.
    Analyst,
    /// Works on leads.
    Rep,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Analyst, Self::Rep];

    /// The word in forms and commands.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Analyst => "analyst",
            Self::Rep => "rep",
        }
    }

    /// The role of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word() == word)
    }
}

/// Somebody who works with Firsthand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Their id.
    pub id: String,
    /// By which they sign in.
    pub email: String,
    /// Their name, for people.
    pub name: String,
    /// The name under which they own leads and act on them: that of the configured owner with their
    /// address, else their own.
    pub owner: String,
    /// What they may do.
    pub role: Role,
    /// When they signed in last.
    pub signed_in_at: Option<Time>,
    /// Whether they have set a password.
    pub joined: bool,
    /// Whether they may no longer sign in.
    pub disabled: bool,
}

/// A session that has begun.
#[derive(Clone)]
pub struct SignedIn {
    /// What the browser is to keep; told this once.
    pub token: String,
    /// Until when it is taken.
    pub expires_at: Time,
}

/// A link by which somebody sets a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    /// Who they are; `None` for the first admin, who says so themselves.
    pub user: Option<User>,
}

/// What somebody says of themselves on the page that a link leads to.
#[derive(Clone)]
pub struct Joining {
    /// Their name; counts for the first admin only.
    pub name: String,
    /// Their address; counts for the first admin only.
    pub email: String,
    /// The password that they chose.
    pub password: String,
}

/// The company whose leads these are.
#[derive(Clone, Debug)]
pub struct About {
    /// Its name, as the configuration has it.
    pub name: Text,
    /// In which its people read times.
    pub calendar: Calendar,
}

/// An account in a few words, as lists show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brief {
    /// Its name, where one is known.
    pub name: Option<String>,
    /// Its plan.
    pub plan: Option<String>,
    /// How many people have been active in it.
    pub people: u64,
}

/// A person of an account, as its page shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Someone {
    /// Their id.
    pub id: String,
    /// Their name, where one is known.
    pub name: Option<String>,
    /// What they are, where that is known: a trait such as `role` or `title`.
    pub role: Option<String>,
    /// When they last did something.
    pub last_seen_at: Option<Time>,
    /// What they did most in the last 30 days, with how often.
    pub does: Vec<(String, u64)>,
}

/// What a closer look at an account's facts tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CloseUp {
    /// Its people, those last seen first.
    pub people: Vec<Someone>,
    /// How much each meter gains a day, by name; `None` where the account has too many facts to
    /// read them all for a page.
    pub paces: Option<BTreeMap<String, f64>>,
}

/// Filters of a page, saved under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedView {
    /// What its owner calls it.
    pub name: String,
    /// The query of the page's address.
    pub query: String,
}

/// Something that somebody did on the pages or with a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audited {
    /// When.
    pub at: Time,
    /// Who.
    pub by: String,
    /// What.
    pub act: String,
    /// With what.
    pub about: String,
}

/// What of the audit is asked for; what is `None` does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditAsked {
    /// By whom.
    pub by: Option<String>,
    /// What.
    pub act: Option<String>,
    /// At or after.
    pub from: Option<Time>,
    /// Before.
    pub to: Option<Time>,
}

/// A token of the API, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its last letters.
    pub hint: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Time,
    /// From when on it is no longer taken.
    pub expires_at: Option<Time>,
    /// When it was taken back.
    pub revoked_at: Option<Time>,
}

/// What the pages need of the rest of the program: the second half of [`super::Backend`].
#[async_trait]
pub trait People: Send + Sync + 'static {
    /// The company whose leads these are.
    fn about(&self) -> About;

    /// Lets somebody in who knows their password, for a month if `stay`, else for half a day.
    /// `None` where address and password do not match; how long that takes tells nothing.
    async fn sign_in(&self, email: &str, password: &str, stay: bool) -> Answer<Option<SignedIn>>;

    /// Who is signed in with this token.
    async fn signed_in(&self, token: TokenHash) -> Answer<Option<User>>;

    /// Ends a session.
    async fn sign_out(&self, token: TokenHash) -> Answer<()>;

    /// The link with this secret, if it can still be used.
    async fn invitation(&self, secret: TokenHash) -> Answer<Option<Invited>>;

    /// Uses a link up: sets the password and lets its owner in. `None` if it cannot be used;
    /// [`super::Failure::Invalid`] if what was said does not do.
    async fn join(&self, secret: TokenHash, joining: Joining) -> Answer<Option<SignedIn>>;

    /// Everybody, those who may sign in first.
    async fn users(&self) -> Answer<Vec<User>>;

    /// Adds somebody; answers the secret of the link by which they set their password.
    async fn add_user(&self, name: &str, email: &str, role: Role, by: &User) -> Answer<String>;

    /// Makes a new link for somebody; `None` if there is nobody of that id.
    async fn invite(&self, id: &str, by: &User) -> Answer<Option<String>>;

    /// Gives somebody a role, or takes the right to sign in away with `None` and back with a role.
    /// [`super::Failure::Conflict`] if no admin would be left.
    async fn set_role(&self, id: &str, role: Option<Role>, by: &User) -> Answer<Option<()>>;

    /// What was done on the pages and with commands, newest first.
    async fn audit(&self, filter: &AuditAsked, listing: &Listing) -> Answer<Page<Audited>>;

    /// Who is met in it, and what they did: what it can be narrowed to.
    async fn audit_words(&self) -> Answer<(Vec<String>, Vec<String>)>;

    /// What somebody keeps of a page, by name.
    async fn views(&self, user: &User, page: &str) -> Answer<Vec<SavedView>>;

    /// Keeps a view, in place of one of the same name.
    async fn keep_view(&self, user: &User, page: &str, view: SavedView) -> Answer<()>;

    /// Forgets a view.
    async fn forget_view(&self, user: &User, page: &str, name: &str) -> Answer<()>;

    /// How many leads fit, counted up to `most`.
    async fn count_leads(&self, filter: &LeadFilter, most: u32) -> Answer<u64>;

    /// Accounts in a few words, by id; those of which nothing is known are left out. Answered from
    /// memory; nothing while that is being rebuilt.
    async fn briefs(&self, accounts: Vec<String>) -> Answer<BTreeMap<String, Brief>>;

    /// A closer look at an account, with at most `most` of its people.
    async fn close_up(&self, account: &str, most: usize) -> Answer<CloseUp>;

    /// Every definition that opens leads, explained for a subject as of now, by name.
    async fn explanations(&self, subject: &Subject) -> Answer<Vec<Explanation>>;

    /// The tokens of the API, by creation.
    async fn api_keys(&self) -> Answer<Vec<ApiKey>>;

    /// Makes a token and answers its secret, which is told this once.
    async fn add_api_key(&self, name: &str, scopes: Vec<String>, by: &User) -> Answer<String>;

    /// Takes a token back; `None` if there is none of that id.
    async fn revoke_api_key(&self, id: &str, by: &User) -> Answer<Option<()>>;
}
