//! The parts of a path that are ids or names.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// The longest id or name in a path, in characters.
const CHARS_MAX: usize = 255;

/// One id or name, or a tuple of them, out of the path.
pub(crate) struct Path<T>(pub T);

impl<T, S> FromRequestParts<S> for Path<T>
where
    T: DeserializeOwned + Send + Ids,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let axum::extract::Path(ids) = axum::extract::Path::<T>::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::invalid_parameter("path", "the path is not UTF-8"))?;
        // What can be nobody's id is answered like an id that nobody has.
        if !ids.all(possible) {
            return Err(Problem::not_found("id"));
        }
        Ok(Self(ids))
    }
}

/// Whether anything can be called that.
fn possible(id: &str) -> bool {
    id.chars().take(CHARS_MAX + 1).count() <= CHARS_MAX && !id.contains(char::is_control)
}

/// Ids or names in a path.
pub(crate) trait Ids {
    fn all(&self, test: fn(&str) -> bool) -> bool;
}

impl Ids for String {
    fn all(&self, test: fn(&str) -> bool) -> bool {
        test(self)
    }
}

impl Ids for (String, String) {
    fn all(&self, test: fn(&str) -> bool) -> bool {
        test(&self.0) && test(&self.1)
    }
}
