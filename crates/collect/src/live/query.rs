//! Query strings and forms: `a=1&b=two+words`.

use std::borrow::Cow;

/// The value of a name that says something; of the first where it is repeated.
pub(super) fn value<'a>(text: &'a str, name: &str) -> Option<Cow<'a, str>> {
    pairs(text).find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value)
}

/// The pairs of a query or form, decoded, in the order written. What is no code stays as it is;
/// bytes that are not UTF-8 become U+FFFD.
pub(super) fn pairs(text: &str) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(text.as_bytes())
}
