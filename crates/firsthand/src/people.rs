//! People who work with Firsthand: passwords, sessions, links and roles, for the pages and for
//! `firsthand user`.
//!
//! Passwords are hashed by Argon2id; sessions and links are long and random, so that their plain hash is
//! enough. Whatever proves who somebody is, a session begins in [`begin`] alone.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use firsthand_model::{Span, Text, Time};
use firsthand_store::{
    AuditEntry, Invitation, Key, KeyKind, Role, Session, StoreError, User, Users,
};
use firsthand_web::backend::TokenHash;

/// The shortest password, in characters, and the longest.
const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 12..=256;
/// The longest name, in characters.
const NAME_CHARS_MAX: usize = 80;
/// The longest address, in characters.
const ADDRESS_CHARS_MAX: usize = 254;
/// For how long a link can be used.
const LINK_LASTS: Span = Span(7 * Span::DAY.0);
/// Random bytes of tokens and links.
const SECRET_BYTES: usize = 32;
/// Random bytes of a salt.
const SALT_BYTES: usize = 16;
/// What every token of the API begins with, so that it is recognised where it has no business to be.
const KEY_PREFIX: &str = "fh_";
/// So many of its last letters are kept, so that people can tell keys apart.
pub const HINT_LETTERS: usize = 4;
/// Hashed in place of a password that nobody has, so that an unknown address takes as long.
const NOBODY: &str = "nobody has this password";

/// Why something cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The name is empty or too long.
    #[error("a name has 1 to 80 characters")]
    Name,
    /// That is no e-mail address.
    #[error("that is no e-mail address")]
    Address,
    /// Somebody has the address already.
    #[error("somebody has this address already")]
    Taken,
    /// The password is too short or too long.
    #[error("a password has 12 to 256 characters")]
    Password,
    /// Nobody could administer any more.
    #[error("one admin has to stay")]
    LastAdmin,
    /// There is no room for more.
    #[error("that is one too many")]
    Full,
    /// The system has no random numbers, or the hashing failed.
    #[error("something broke: {0}")]
    Broken(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Error {
    /// What to do, as a whole sentence.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Name => "Write a shorter one.",
            Self::Address => "Write it as `ann@example.com`.",
            Self::Taken => "Every person has an address of their own.",
            Self::Password => "A few words that you can remember are best.",
            Self::LastAdmin => "Make somebody else an admin first.",
            Self::Full => "Remove one first.",
            Self::Broken(_) | Self::Store(_) => "The server's log tells more.",
        }
    }
}

type Result<T> = std::result::Result<T, Error>;

/// For how long somebody stays signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// For a working day.
    HalfDay,
    /// For 30 days.
    Month,
}

/// What the store refused because something of the kind is there.
pub fn refused(error: StoreError) -> Error {
    match error {
        StoreError::Refused { .. } => Error::Full,
        other => Error::Store(other),
    }
}

/// A hash as the store keeps it.
pub fn hex(hash: TokenHash) -> String {
    blake3::Hash::from_bytes(hash.0).to_hex().to_string()
}

/// An address as it is kept: in small letters, without spaces around it.
pub fn address(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Somebody new, who has no password yet.
pub fn new(name: &str, email: &str, role: Role, now: Time) -> Result<User> {
    let (name, email) = (name.trim(), address(email));
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.contains(char::is_control) {
        return Err(Error::Name);
    }
    let is_address = email.chars().count() <= ADDRESS_CHARS_MAX
        && !email.contains(|it: char| it.is_whitespace() || it.is_control())
        && email
            .split_once('@')
            .is_some_and(|(who, host)| !who.is_empty() && !host.is_empty() && !host.contains('@'));
    if !is_address {
        return Err(Error::Address);
    }
    Ok(User {
        id: format!("user_{}", &random()?[..12]).into(),
        email: email.into(),
        name: name.into(),
        role,
        password: None,
        created_at: now,
        signed_in_at: None,
        disabled_at: None,
    })
}

/// Adds somebody.
pub fn add(store: &impl Users, name: &str, email: &str, role: Role, now: Time) -> Result<User> {
    let user = new(name, email, role, now)?;
    match store.add_user(&user) {
        Err(StoreError::Refused { .. }) => Err(Error::Taken),
        Err(error) => Err(error.into()),
        Ok(()) => Ok(user),
    }
}

/// Makes a link by which somebody sets a password; for the first admin without a user. Answers its
/// secret.
pub fn invite(store: &impl Users, user: Option<&User>, now: Time) -> Result<String> {
    let secret = random()?;
    store.invite(&Invitation {
        hash: hex(TokenHash::of(&secret)).into(),
        user: user.map(|it| it.id.clone()),
        created_at: now,
        expires_at: now + LINK_LASTS,
    })?;
    Ok(secret)
}

/// Gives somebody a role, or takes the right to sign in away.
pub fn set_role(
    store: &impl Users,
    user: User,
    role: Option<Role>,
    by: &str,
    now: Time,
) -> Result<()> {
    let admins = store.users()?.into_iter();
    let mut admins = admins.filter(|it| it.role == Role::Admin && it.disabled_at.is_none());
    if role != Some(Role::Admin) && admins.all(|it| it.id == user.id) {
        return Err(Error::LastAdmin);
    }
    let act = match role {
        Some(role) => format!("role: {}", role.word()),
        None => "access taken away".to_owned(),
    };
    let about = user.email.clone();
    let disabled_at = role.is_none().then(|| user.disabled_at.unwrap_or(now));
    store.change_user(&User { role: role.unwrap_or(user.role), disabled_at, ..user })?;
    write_down(store, by, &act, &about, now)
}

/// Writes down what somebody did.
pub fn write_down(store: &impl Users, by: &str, act: &str, about: &str, at: Time) -> Result<()> {
    let entry = AuditEntry { at, by: by.into(), act: act.into(), about: about.into() };
    Ok(store.write_audit(&entry)?)
}

/// Begins a session. Answers the token that the browser keeps, and until when it is taken.
pub fn begin(
    store: &impl Users,
    user: &User,
    lifetime: Lifetime,
    now: Time,
) -> Result<(String, Time)> {
    let lasts = match lifetime {
        Lifetime::HalfDay => Span::HOUR.times(12),
        Lifetime::Month => Span::DAY.times(30),
    };
    let (token, expires_at) = (random()?, now + lasts);
    let hash = hex(TokenHash::of(&token)).into();
    store.begin_session(&Session { hash, user: user.id.clone(), created_at: now, expires_at })?;
    write_down(store, &user.name, "signed in", &user.email, now)?;
    Ok((token, expires_at))
}

/// Hashes a password.
pub fn hashed(password: &str) -> Result<Text> {
    if !PASSWORD_CHARS.contains(&password.chars().count()) {
        return Err(Error::Password);
    }
    hash(password)
}

fn hash(password: &str) -> Result<Text> {
    let mut salt = [0; SALT_BYTES];
    getrandom::fill(&mut salt).map_err(|it| Error::Broken(it.to_string()))?;
    let hashed = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
    Ok(hashed.map_err(|it| Error::Broken(it.to_string()))?.to_string().into())
}

/// Whether a password is the one that was hashed. Without one it takes as long, and is not.
pub fn matches(password: &str, hashed: Option<&str>) -> Result<bool> {
    let Some(hashed) = hashed else {
        hash(NOBODY)?;
        return Ok(false);
    };
    let hashed = PasswordHash::new(hashed).map_err(|it| Error::Broken(it.to_string()))?;
    // A password that is too long was never set: it costs no more than another one.
    let password: String = password.chars().take(*PASSWORD_CHARS.end() + 1).collect();
    Ok(Argon2::default().verify_password(password.as_bytes(), &hashed).is_ok())
}

/// A new key of the API, and its secret, which is not kept.
pub fn new_key(
    name: &str,
    scopes: Vec<Text>,
    by: &str,
    expires_at: Option<Time>,
    now: Time,
) -> Result<(Key, String)> {
    let secret = format!("{KEY_PREFIX}{}", random()?);
    let hash = hex(TokenHash::of(&secret));
    let key = Key {
        id: format!("key_{}", &hash[..12]).into(),
        kind: KeyKind::Api,
        name: name.into(),
        hash: hash.as_str().into(),
        hint: secret[secret.len() - HINT_LETTERS..].into(),
        scopes,
        created_by: by.into(),
        created_at: now,
        expires_at,
        last_used_at: None,
        revoked_at: None,
    };
    Ok((key, secret))
}

/// A long random text.
fn random() -> Result<String> {
    let mut secret = [0; SECRET_BYTES];
    getrandom::fill(&mut secret).map_err(|it| Error::Broken(it.to_string()))?;
    Ok(blake3::Hash::from_bytes(secret).to_hex().to_string())
}

#[cfg(test)]
mod tests {
    use firsthand_store::SqliteStore;

    use super::*;

    fn at(minutes: i64) -> Time {
        Time::default() + Span::MINUTE.times(minutes)
    }

    #[test]
    fn a_password_is_known_again_and_no_other_is() {
        let hashed = hashed("correct horse battery").unwrap();
        assert!(hashed.starts_with("$argon2id$"));
        assert!(matches("correct horse battery", Some(&hashed)).unwrap());
        assert!(!matches("correct horse batterY", Some(&hashed)).unwrap());
        assert!(!matches("correct horse battery", None).unwrap());
        assert!(matches!(super::hashed("too short"), Err(Error::Password)));
    }

    #[test]
    fn addresses_and_names_that_are_none_are_refused() {
        for email in ["", "ann", "@example.com", "ann@", "a b@example.com", "a@b@c"] {
            let refused = new("Ann", email, Role::Rep, at(0));
            assert!(matches!(refused, Err(Error::Address)), "{email}");
        }
        assert!(matches!(new(" ", "ann@example.com", Role::Rep, at(0)), Err(Error::Name)));
        let ann = new(" Ann ", " Ann@Example.com", Role::Rep, at(0)).unwrap();
        assert_eq!((&*ann.name, &*ann.email), ("Ann", "ann@example.com"));
    }

    #[test]
    fn the_last_admin_stays() {
        let store = SqliteStore::in_memory().unwrap();
        let ann = add(&store, "Ann", "ann@example.com", Role::Admin, at(0)).unwrap();
        let bob = add(&store, "Bob", "bob@example.com", Role::Rep, at(1)).unwrap();
        let change = |user: &User, role| set_role(&store, user.clone(), role, "Ann", at(2));
        assert!(matches!(change(&ann, Some(Role::Rep)), Err(Error::LastAdmin)));
        assert!(matches!(change(&ann, None), Err(Error::LastAdmin)));
        change(&bob, Some(Role::Admin)).unwrap();
        change(&ann, None).unwrap();
        let bob = store.user_by_email("bob@example.com").unwrap().unwrap();
        assert!(matches!(change(&bob, None), Err(Error::LastAdmin)));
        assert!(matches!(
            add(&store, "Twin", "BOB@example.com", Role::Rep, at(3)),
            Err(Error::Taken)
        ));
    }
}
