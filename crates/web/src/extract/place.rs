//! Which parameter, or which place in a body, an error is about.

use std::fmt::Display;

use serde_path_to_error::Error;

/// The place that an error is about, and what is wrong with it; `whole` where no place is.
pub(super) fn place_of<E: Display>(error: &Error<E>, whole: &str) -> (String, String) {
    let detail = error.inner().to_string();
    match error.path().to_string() {
        // Of what is missing, unknown or repeated only the text knows the name.
        path if path == "." => {
            let name = detail.split('`').nth(1).filter(|_| detail.contains(" field `"));
            (name.unwrap_or(whole).to_owned(), detail)
        }
        path => (path, detail),
    }
}
