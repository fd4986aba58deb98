//! The people who work with Firsthand: who they are, what lets them in, what they keep, and what
//! they did that others should be able to look up.
//!
//! Of whatever lets somebody in only the hash is kept. A session begins in one place,
//! [`Users::begin_session`], whatever proved who it is.

use firsthand_model::{Text, Time};
use serde::Serialize;

use crate::{Page, PageRequest, Result};

/// Most views that one person keeps of a page.
pub const VIEWS_MAX: u32 = 20;

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
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

    /// The word in commands and messages.
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct User {
    /// Names them for ever; no secret.
    pub id: Text,
    /// By which they sign in: in small letters; nobody else has it.
    pub email: Text,
    /// What people call them. Leads are owned, and acts recorded, under this.
    pub name: Text,
    /// What they may do.
    pub role: Role,
    /// Their password, hashed; `None` until they have set one.
    #[serde(skip)]
    pub password: Option<Text>,
    /// When they were added.
    pub created_at: Time,
    /// When they signed in last.
    pub signed_in_at: Option<Time>,
    /// Since when they may no longer sign in.
    pub disabled_at: Option<Time>,
}

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The hash of what their browser holds, in hexadecimal.
    pub hash: Text,
    /// Who.
    pub user: Text,
    /// Since when.
    pub created_at: Time,
    /// Until when.
    pub expires_at: Time,
}

/// A link by which somebody sets a password, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The hash of the link's secret, in hexadecimal.
    pub hash: Text,
    /// Whose password; `None` for the first admin, who is not there yet.
    pub user: Option<Text>,
    /// When it was made.
    pub created_at: Time,
    /// Until when it can be used.
    pub expires_at: Time,
}

/// Filters of a page, saved under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct View {
    /// Of which page.
    pub page: Text,
    /// What its owner calls it.
    pub name: Text,
    /// The query of the page's address, without words that were searched for: these may name a
    /// customer.
    pub query: Text,
}

/// Something that somebody did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    /// When.
    pub at: Time,
    /// Who, by name.
    pub by: Text,
    /// What: a short word, such as `user added`.
    pub act: Text,
    /// With what; never a customer's name or address.
    pub about: Text,
}

/// Which entries of the audit; what is not set does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// By whom.
    pub by: Option<Text>,
    /// What.
    pub act: Option<Text>,
    /// At or after this.
    pub from: Option<Time>,
    /// Before this.
    pub to: Option<Time>,
}

/// The people who work with Firsthand.
pub trait Users {
    /// Everybody, by creation.
    fn users(&self) -> Result<Vec<User>>;

    /// The one with this address; `None` where there is none.
    fn user_by_email(&self, email: &str) -> Result<Option<User>>;

    /// The one whom another system calls so; `None` where it was never linked to anybody.
    fn user_by_identity(&self, issuer: &str, subject: &str) -> Result<Option<User>>;

    /// Takes it down for ever that another system calls somebody so.
    ///
    /// # Errors
    /// `Refused` where it calls somebody else so, or nobody has the id.
    fn link_identity(&self, issuer: &str, subject: &str, user: &str, at: Time) -> Result<()>;

    /// Adds somebody.
    ///
    /// # Errors
    /// `Refused` where the id or the address is there already.
    fn add_user(&self, user: &User) -> Result<()>;

    /// Writes somebody as they now are; whoever is disabled is signed out. Returns whether they are
    /// there.
    fn change_user(&self, user: &User) -> Result<bool>;

    /// Begins a session and writes down that its user signed in; forgets what has expired.
    fn begin_session(&self, session: &Session) -> Result<()>;

    /// The session of a hash, with its user, if both are in force.
    fn session(&self, hash: &str, now: Time) -> Result<Option<(Session, User)>>;

    /// Ends a session. Returns whether it was there.
    fn end_session(&self, hash: &str) -> Result<bool>;

    /// Makes a link; earlier ones for the same user no longer work.
    fn invite(&self, invitation: &Invitation) -> Result<()>;

    /// The link of a hash, if it can be used.
    fn invitation(&self, hash: &str, now: Time) -> Result<Option<Invitation>>;

    /// Uses a link up: writes its user as they now are, who is new where there was none, and signs
    /// them out everywhere. Returns whether the link could be used.
    fn redeem(&self, hash: &str, user: &User, now: Time) -> Result<bool>;

    /// What somebody keeps of a page, by name.
    fn views(&self, user: &str, page: &str) -> Result<Vec<View>>;

    /// Keeps a view, in place of one of the same name.
    ///
    /// # Errors
    /// `Refused` beyond [`VIEWS_MAX`].
    fn keep_view(&self, user: &str, view: &View) -> Result<()>;

    /// Forgets a view. Returns whether it was there.
    fn forget_view(&self, user: &str, page: &str, name: &str) -> Result<bool>;

    /// Writes down what somebody did.
    fn write_audit(&self, entry: &AuditEntry) -> Result<()>;

    /// What people did, newest first.
    fn audit(&self, filter: &AuditFilter, page: &PageRequest) -> Result<Page<AuditEntry>>;

    /// Who is met in the audit, and what they did, in order; at most `most` of each.
    fn audit_words(&self, most: u32) -> Result<(Vec<Text>, Vec<Text>)>;
}
