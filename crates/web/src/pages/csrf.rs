//! The secret of forms: what another site cannot know, and so cannot send in somebody's name.
//!
//! It is derived from the session's token, or for those who are not signed in from a random cookie.
//! Where the browser says that a request comes from another site, it is refused as well.

use axum::http::{HeaderMap, header};

use crate::backend::Failure;

/// The name of the field.
pub(crate) const FIELD: &str = "csrf";

/// What separates this use of the token from all others.
const CONTEXT: &str = "firsthand 2026 forms of pages";
/// Random bytes of a cookie.
const RANDOM_BYTES: usize = 16;

/// The secret that belongs to a session's token, or to a cookie.
pub(crate) fn secret_of(token: &str) -> String {
    let key = blake3::derive_key(CONTEXT, token.as_bytes());
    blake3::Hash::from_bytes(key).to_hex()[..32].to_owned()
}

/// A new cookie for somebody who is not signed in.
pub(crate) fn random() -> Result<String, Failure> {
    let mut bytes = [0; RANDOM_BYTES];
    getrandom::fill(&mut bytes).map_err(|it| Failure::broken(it.to_string()))?;
    Ok(blake3::hash(&bytes).to_hex()[..32].to_owned())
}

/// Whether a form carries the secret.
pub(crate) fn carries(form: &[u8], secret: &str) -> bool {
    let found = form_urlencoded::parse(form).find(|(name, _)| name == FIELD);
    found.is_some_and(|(_, value)| is(&value, secret))
}

/// Whether what a form carries is the secret.
pub(crate) fn is(given: &str, secret: &str) -> bool {
    // Hashes are compared in constant time.
    blake3::hash(given.as_bytes()) == blake3::hash(secret.as_bytes())
}

/// Whether the browser does not say that the request comes from elsewhere.
pub(crate) fn same_site(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|it| it.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = text(header::HOST.as_str()).unwrap_or_default();
            origin.split_once("://").is_some_and(|(_, it)| it == host)
        }
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_carries_the_secret_of_its_own_session_only() {
        let secret = secret_of("token");
        let form = format!("reason=early&csrf={secret}");
        assert!(carries(form.as_bytes(), &secret));
        assert!(!carries(form.as_bytes(), &secret_of("other")));
        assert!(!carries(b"reason=early", &secret));
        assert!(!carries(b"csrf=", &secret));
    }

    #[test]
    fn what_the_browser_says_of_another_site_counts() {
        let of = |pairs: &[(&'static str, &str)]| {
            let pairs = pairs.iter().map(|(name, value)| {
                (axum::http::HeaderName::from_static(name), value.parse().unwrap())
            });
            same_site(&pairs.collect())
        };
        assert!(of(&[]));
        assert!(of(&[("sec-fetch-site", "same-origin")]));
        assert!(!of(&[("sec-fetch-site", "cross-site")]));
        assert!(!of(&[("sec-fetch-site", "same-site")]));
        assert!(of(&[("host", "a.example:80"), ("origin", "http://a.example:80")]));
        assert!(!of(&[("host", "a.example"), ("origin", "http://b.example")]));
        assert!(!of(&[("host", "a.example"), ("origin", "null")]));
    }
}
