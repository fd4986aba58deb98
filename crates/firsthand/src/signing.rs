//! Secrets that this program makes: all come from one root, which is kept in the store.
//!
//! So the store keeps one secret, what is derived needs no place of its own, and a key that is taken
//! back is gone although its secret could still be worked out.

use std::fmt::Write as _;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use firsthand_deliver::email::UnsubscribeLink;
use firsthand_store::Settings;
use firsthand_web::backend::SigningSecret;
use firsthand_web::unsubscribe;

/// The setting that holds the root, in hexadecimal.
const SETTING: &str = "root_secret";
/// What every secret that signs tokens of persons begins with.
const SIGNING_PREFIX: &str = "fhs_";

/// The one secret from which the others come.
#[derive(Clone)]
pub struct Root([u8; 32]);

impl Root {
    /// Reads the root, which is made where there is none.
    pub fn of(store: &impl Settings) -> anyhow::Result<Self> {
        let kept = match store.setting(SETTING)? {
            Some(kept) => kept,
            None => store.setting_or(SETTING, &hex(&random()?))?,
        };
        Ok(Self(parse(&kept).context("the store's root secret is damaged")?))
    }

    /// The secret with which the product signs tokens of persons, by the key's id.
    pub fn signing_secret(&self, key: &str) -> String {
        format!("{SIGNING_PREFIX}{}", hex(&self.derive("in-app signing key", key)))
    }

    /// The secret with which links to unsubscribe are signed.
    pub fn unsubscribe_secret(&self) -> SigningSecret {
        SigningSecret::from_bytes(self.derive("unsubscribe", "").to_vec())
    }

    /// Makes the addresses by which people unsubscribe, of a server that they reach at `url`.
    pub fn unsubscribe_link(&self, url: &str) -> UnsubscribeLink {
        let (url, secret) = (url.trim_end_matches('/').to_owned(), self.unsubscribe_secret());
        Arc::new(move |person| format!("{url}{}", unsubscribe::path(&secret, person)))
    }

    /// The key from which what goes back and forth with an OpenID provider is made.
    pub fn oidc_key(&self) -> [u8; 32] {
        self.derive("openid connect", "")
    }

    fn derive(&self, purpose: &str, name: &str) -> [u8; 32] {
        *blake3::keyed_hash(&self.0, format!("{purpose}\n{name}").as_bytes()).as_bytes()
    }
}

/// Random bytes from the system.
pub fn random() -> anyhow::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("no random numbers: {error}"))?;
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}"); // Writing to a text never fails.
        digits
    })
}

fn parse(digits: &str) -> Option<[u8; 32]> {
    blake3::Hash::from_hex(digits).ok().map(|it| *it.as_bytes())
}

#[cfg(test)]
mod tests {
    use firsthand_store::SqliteStore;

    use super::*;

    #[test]
    fn secrets_stay_the_same_and_differ_by_key_purpose_and_store() {
        let (one, other) = (SqliteStore::in_memory().unwrap(), SqliteStore::in_memory().unwrap());
        let root = Root::of(&one).unwrap();
        let secret = root.signing_secret("key_1");
        assert!(secret.starts_with("fhs_") && secret.len() == 68);
        assert_eq!(Root::of(&one).unwrap().signing_secret("key_1"), secret);
        assert_ne!(root.signing_secret("key_2"), secret);
        assert_ne!(root.unsubscribe_secret(), Root::of(&other).unwrap().unsubscribe_secret());
        let link = root.unsubscribe_link("https://leads.acme.example/")("u1");
        let token = link.strip_prefix("https://leads.acme.example/unsubscribe/").unwrap();
        let whose = unsubscribe::person(&root.unsubscribe_secret(), token);
        assert_eq!(whose.as_deref(), Some("u1"));
        assert_ne!(Root::of(&other).unwrap().signing_secret("key_1"), secret);
    }
}
