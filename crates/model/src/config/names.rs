//! What a name may look like.

use super::keys::Takes;
use super::read::Reader;
use super::yaml::shorten;
use crate::diagnostic::{Problem, SourceText, codes};

/// Longest name of anything, in bytes.
pub const NAME_BYTES_MAX: usize = 100;

/// Checks that a name can be referred to in the language; notes how it could be spelt if not.
pub(super) fn check_name(reader: &Reader<'_>, what: &str, name: &SourceText) -> bool {
    let text = name.text.as_str();
    let fits = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit();
    let rest = |it: char| fits(it) || it == '-' || it == '_';
    if text.starts_with(fits) && text.chars().all(rest) && text.len() <= NAME_BYTES_MAX {
        return true;
    }
    let mut slug = String::new();
    for part in text.to_lowercase().split(|it: char| !rest(it)).filter(|it| !it.is_empty()) {
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(part);
    }
    let slug: String = slug.trim_start_matches(['-', '_']).chars().take(NAME_BYTES_MAX).collect();
    let help = if slug.is_empty() {
        Takes::Name.help()
    } else {
        format!("Write it as `{slug}`: small letters, digits, `-` and `_`.")
    };
    let message = format!("`{}` cannot be the name of {what}", shorten(text));
    let problem = Problem::error(codes::WRONG_VALUE, 0..text.len(), message).with_help(help);
    reader.note(name.locate(problem));
    false
}

/// Whether a text can only be the name of an event without the quotes that the language wants.
///
/// YAML takes the quotes of `add: "Contact created"` for its own. Without quotes an event is a
/// group, `any`, or begins with a word of the language and goes on in parentheses.
pub(super) fn lacks_quotes(text: &str) -> bool {
    let text = text.trim();
    let is_word = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || "-_".contains(it);
    let says_more = ["any ", "every "].iter().any(|it| text.starts_with(it))
        || text.contains(['"', '('])
        || text.contains(" where ");
    !says_more && !text.chars().all(is_word)
}
