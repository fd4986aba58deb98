//! The word in a link by which one person unsubscribes: their id, signed. It never runs out, because
//! mail is kept for years.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::backend::SigningSecret;

/// Bytes of the signature: 128 bits cannot be guessed.
const SIGNATURE_BYTES: usize = 16;
/// The longest id of a person, in bytes.
const ID_BYTES_MAX: usize = 255;

/// Signs a person's id.
///
/// ```
/// use firsthand_web::backend::SigningSecret;
/// use firsthand_web::unsubscribe;
///
/// let secret = SigningSecret::new("the server's own");
/// let token = unsubscribe::token(&secret, "u1");
/// assert_eq!(unsubscribe::person(&secret, &token).as_deref(), Some("u1"));
/// assert_eq!(unsubscribe::person(&SigningSecret::new("another"), &token), None);
/// ```
pub fn token(secret: &SigningSecret, person: &str) -> String {
    let signature = mac(secret, person).finalize().into_bytes();
    let part = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    format!("{}.{}", part(person.as_bytes()), part(&signature[..SIGNATURE_BYTES]))
}

/// The path of the page on which a person unsubscribes, with their token.
pub fn path(secret: &SigningSecret, person: &str) -> String {
    format!("/unsubscribe/{}", token(secret, person))
}

/// Whose token it is; `None` if the secret did not sign it.
pub fn person(secret: &SigningSecret, token: &str) -> Option<String> {
    let (person, signature) = token.split_once('.')?;
    let person = BASE64_URL_SAFE_NO_PAD.decode(person).ok()?;
    let person = String::from_utf8(person).ok()?;
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
    let whole =
        !person.is_empty() && person.len() <= ID_BYTES_MAX && signature.len() == SIGNATURE_BYTES;
    let signed = whole && mac(secret, &person).verify_truncated_left(&signature).is_ok();
    signed.then_some(person)
}

fn mac(secret: &SigningSecret, person: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::new_from_slice(secret.bytes()).expect("any key will do");
    mac.update(b"unsubscribe\n");
    mac.update(person.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_person_alone() {
        let secret = SigningSecret::new("s");
        for who in ["u1", "zoë@acme.example", "a.b", &"x".repeat(255)] {
            let token = token(&secret, who);
            assert!(token.chars().all(|it| it.is_ascii_alphanumeric() || "-_.".contains(it)));
            assert_eq!(person(&secret, &token).as_deref(), Some(who));
        }
        let (one, other) = (token(&secret, "u1"), token(&secret, "u2"));
        let crossed =
            format!("{}.{}", one.split_once('.').unwrap().0, other.split_once('.').unwrap().1);
        let cut = &one[..one.len() - 4];
        for wrong in ["", ".", "u1", &crossed, cut, &format!("{one}A"), &one.replace('.', "")] {
            assert_eq!(person(&secret, wrong), None, "{wrong}");
        }
        assert_eq!(person(&secret, &token(&secret, "")), None);
    }
}
