//! Write keys, API tokens and signing keys. Only their hashes are kept.

use firsthand_model::{Text, Time};
use serde::Serialize;

use crate::Result;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    /// May send events, as one source, and nothing else.
    Write,
    /// May ask and act, as far as its scopes go.
    Api,
    /// Signs tokens of persons, who read their messages inside the product with them.
    Sign,
}

impl KeyKind {
    /// The word in the API and messages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Api => "api",
            Self::Sign => "sign",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Write, Self::Api, Self::Sign].into_iter().find(|it| it.word() == word)
    }
}

/// A key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Key {
    /// Names it in lists and in the API; no secret.
    pub id: Text,
    /// What it is for.
    pub kind: KeyKind,
    /// What people call it; of a write key, its source.
    pub name: Text,
    /// The hash of the secret, in hexadecimal; no two keys have the same.
    #[serde(skip)]
    pub hash: Text,
    /// The secret's last few letters, so that people can tell keys apart.
    pub hint: Text,
    /// What it may do, in order; without spaces.
    pub scopes: Vec<Text>,
    /// Who made it.
    pub created_by: Text,
    /// When.
    pub created_at: Time,
    /// From when on it is no longer taken.
    pub expires_at: Option<Time>,
    /// When it was used last, as far as was written down.
    pub last_used_at: Option<Time>,
    /// When it was taken back.
    pub revoked_at: Option<Time>,
}

/// Keys and what they may do.
pub trait Keys {
    /// Adds a key.
    ///
    /// # Errors
    /// `Refused` where the id or the hash is there already.
    fn add_key(&self, key: &Key) -> Result<()>;

    /// The key of a hash, revoked or expired ones included; `None` where there is none.
    fn key_by_hash(&self, hash: &str) -> Result<Option<Key>>;

    /// All keys of a kind, or all, by creation.
    fn keys(&self, kind: Option<KeyKind>) -> Result<Vec<Key>>;

    /// Writes down when keys were used last; earlier times change nothing.
    fn note_key_uses(&self, uses: &[(Text, Time)]) -> Result<()>;

    /// Takes a key back. Returns whether it was in force; the first time counts.
    fn revoke_key(&self, id: &str, at: Time) -> Result<bool>;
}
