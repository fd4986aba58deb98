//! Ids that name nobody.
//!
//! A client that sends `"undefined"` for everybody must not make one person of them all.

use firsthand_model::Text;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

/// What clients are known to send when they have no id, in lower case. After `PostHog`'s list of
/// illegal ids, with the empty values of other languages.
const JUNK_IDS: [&str; 20] = [
    "-1",
    "[object object]",
    "anonymous",
    "distinct_id",
    "distinctid",
    "email",
    "false",
    "guest",
    "id",
    "n/a",
    "nan",
    "nil",
    "none",
    "not_authenticated",
    "null",
    "true",
    "undefined",
    "unknown",
    "user_id",
    "userid",
];

/// The built-in list, without what is real in this project, and the project's own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct JunkIds {
    ids: FxHashSet<Text>,
    /// Real ids that are nothing but zeros, which no list holds.
    real_zeros: FxHashSet<Text>,
    /// The longest of them, so that most ids need no second look.
    chars_max: usize,
}

impl JunkIds {
    /// `own` are the project's own; `real` are those of the built-in list that name somebody here.
    pub fn new(own: &[Text], real: &[Text]) -> Self {
        let plain = |them: &[Text]| -> FxHashSet<Text> {
            let plain = them.iter().map(|it| lower_case(bare(it)));
            plain.filter(|it| !it.is_empty()).collect()
        };
        let (own, real) = (plain(own), plain(real));
        let built_in = JUNK_IDS.into_iter().map(Text::new_static).filter(|it| !real.contains(it));
        let real_zeros = real.iter().filter(|it| is_zeros(it) && !own.contains(*it)).cloned();
        let real_zeros = real_zeros.collect();
        let ids: FxHashSet<Text> = built_in.chain(own).collect();
        let chars_max = ids.iter().map(|it| it.chars().count()).max().unwrap_or(0);
        Self { ids, real_zeros, chars_max }
    }

    /// Whether the id names nobody: without case, outer spaces and quotes. Nothing at all, and
    /// nothing but zeros (`0`, the nil UUID), is no name either.
    pub fn contains(&self, id: &str) -> bool {
        let bare = bare(id);
        if is_zeros(bare) {
            return !self.real_zeros.contains(bare);
        }
        if bare.is_ascii() && !bare.bytes().any(|it| it.is_ascii_uppercase()) {
            return bare.len() <= self.chars_max && self.ids.contains(bare);
        }
        let too_long = bare.chars().nth(self.chars_max).is_some();
        !too_long && self.ids.contains(&lower_case(bare))
    }
}

/// Whether there is nothing but zeros, with or without hyphens; or nothing at all.
fn is_zeros(bare: &str) -> bool {
    bare.bytes().all(|it| matches!(it, b'0' | b'-'))
}

fn bare(id: &str) -> &str {
    let ends = [id.as_bytes().first(), id.as_bytes().last()];
    if ends.into_iter().flatten().all(u8::is_ascii_alphanumeric) {
        return id;
    }
    id.trim_matches(|it: char| it.is_whitespace() || matches!(it, '"' | '\'' | '`'))
}

fn lower_case(text: &str) -> Text {
    text.chars().flat_map(char::to_lowercase).collect()
}
