//! Every request has an id: the client's, or one of ours.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderName};

/// The header in which it comes and goes.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest id that is taken over.
const CHARS_MAX: usize = 128;

/// Makes ids that no other start of the server makes.
pub(crate) struct RequestIds {
    start: u64,
    next: AtomicU64,
}

impl Default for RequestIds {
    fn default() -> Self {
        // The standard library seeds its hash maps from the system: no crate is needed for that.
        let start = RandomState::new().build_hasher().finish();
        Self { start, next: AtomicU64::new(1) }
    }
}

impl RequestIds {
    /// The id that came with the request, if it is a plain word; else a new one.
    pub fn of(&self, headers: &HeaderMap) -> String {
        let given = headers.get(X_REQUEST_ID).and_then(|it| it.to_str().ok());
        if let Some(given) = given.filter(|it| plain(it)) {
            return given.to_owned();
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        format!("req_{:016x}{number:08x}", self.start)
    }
}

/// Whether it can be logged and sent back without a second thought.
fn plain(id: &str) -> bool {
    let fits = (1..=CHARS_MAX).contains(&id.len());
    fits && id.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.:/+=".contains(&it))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(id: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(X_REQUEST_ID, id.parse().unwrap());
        RequestIds::default().of(&headers)
    }

    #[test]
    fn a_plain_id_is_taken_over_and_any_other_is_replaced() {
        assert_eq!(with("0f3c-7:a/b"), "0f3c-7:a/b");
        for strange in ["", "a b", "a\"b", &"x".repeat(CHARS_MAX + 1)] {
            assert!(with(strange).starts_with("req_"), "{strange:?}");
        }
    }

    #[test]
    fn no_two_requests_have_the_same_id() {
        let ids = RequestIds::default();
        assert_ne!(ids.of(&HeaderMap::new()), ids.of(&HeaderMap::new()));
        assert_ne!(RequestIds::default().start, ids.start);
    }
}
