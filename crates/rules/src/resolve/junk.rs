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

/// The built-in list and a project's own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct JunkIds {
    ids: FxHashSet<Text>,
    /// The longest of them, so that most ids need no second look.
    chars_max: usize,
}

impl JunkIds {
    pub fn new(own: &[Text]) -> Self {
        let own = own.iter().map(|it| lower_case(bare(it)));
        let ids: FxHashSet<Text> = JUNK_IDS.into_iter().map(Text::new_static).chain(own).collect();
        let chars_max = ids.iter().map(|it| it.chars().count()).max().unwrap_or(0);
        Self { ids, chars_max }
    }

    /// Whether the id names nobody: without case, outer spaces and quotes. Nothing at all, and
    /// nothing but zeros (`0`, the nil UUID), is no name either.
    pub fn contains(&self, id: &str) -> bool {
        let bare = bare(id);
        if bare.bytes().all(|it| matches!(it, b'0' | b'-')) {
            return true;
        }
        let too_long = bare.chars().nth(self.chars_max).is_some();
        !too_long && self.ids.contains(&lower_case(bare))
    }
}

fn bare(id: &str) -> &str {
    id.trim_matches(|it: char| it.is_whitespace() || matches!(it, '"' | '\'' | '`'))
}

fn lower_case(text: &str) -> Text {
    text.chars().flat_map(char::to_lowercase).collect()
}
