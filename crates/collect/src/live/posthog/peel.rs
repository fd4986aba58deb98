//! Takes the wrappers off a body: forms, base64, gzip and LZ-string, one inside the other.

use std::borrow::Cow;

use super::lz;
use crate::live::answer::Refusal;
use crate::live::base64;
use crate::live::query;
use crate::live::unpack::{gunzip, is_gzip, is_json};

/// Most characters of a body once LZ-string is unpacked: only old browsers pack like this, which
/// send little at a time.
const LZ_CHARACTERS_MAX: usize = 2 << 20;
/// Wrappers that are taken off at most.
const LAYERS_MAX: usize = 5;

/// What was in the wrappers.
pub(super) struct Peeled<'a> {
    pub bytes: Cow<'a, [u8]>,
    /// The key that stood in the form.
    pub key: Option<String>,
}

/// Takes the wrappers off. `hint` is what the query says of the compression, if it says anything.
pub(super) fn peel<'a>(body: &'a [u8], hint: &str) -> Result<Peeled<'a>, Refusal> {
    let mut bytes = Cow::Borrowed(body);
    let mut key = None;
    for _ in 0..LAYERS_MAX {
        if is_json(&bytes) {
            return Ok(Peeled { bytes, key });
        }
        if is_gzip(&bytes) {
            bytes = Cow::Owned(gunzip(&bytes)?);
        } else if let Some(form) = form(&bytes) {
            key = key.or(form.key);
            bytes = Cow::Owned(form.data);
        } else if let Some(text) = text_of(&bytes)
            && is_lz(hint)
        {
            let unpacked = lz::decompress_base64(text, LZ_CHARACTERS_MAX);
            bytes = Cow::Owned(unpacked.ok_or_else(unreadable)?.into_bytes());
        } else {
            let decoded = base64::decode(&bytes).ok_or_else(unreadable)?;
            // Very old clients packed like this without saying so.
            bytes = match text_of(&bytes) {
                Some(text) if !is_json(&decoded) && !is_gzip(&decoded) => {
                    let unpacked = lz::decompress_base64(text, LZ_CHARACTERS_MAX);
                    unpacked.map_or(Cow::Owned(decoded), |it| Cow::Owned(it.into_bytes()))
                }
                _ => Cow::Owned(decoded),
            };
        }
    }
    Err(unreadable())
}

fn is_lz(hint: &str) -> bool {
    matches!(hint, "lz64" | "lz" | "lz-string")
}

fn text_of(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok().map(str::trim)
}

fn unreadable() -> Refusal {
    Refusal::bad_body("the body is neither JSON nor packed in a way that is known")
}

struct Form {
    data: Vec<u8>,
    key: Option<String>,
}

/// A form with a field `data`.
fn form(bytes: &[u8]) -> Option<Form> {
    let is_form = bytes.starts_with(b"data=") || memchr::memmem::find(bytes, b"&data=").is_some();
    let text = is_form.then(|| text_of(bytes)).flatten()?;
    let data = query::value(text, "data")?.into_owned().into_bytes();
    let key = query::value(text, "api_key").or_else(|| query::value(text, "token"));
    Some(Form { data, key: key.map(Cow::into_owned) })
}
