//! Lists page by page: opaque cursors that know which list they are of.

use std::fmt::Debug;
use std::fmt::Write as _;

use crate::extract::Limit;
use crate::noun::{Listing, Page};
use crate::problem::Problem;

/// Bytes of the hash by which a cursor knows its list.
const TAG_BYTES: usize = 6;

/// A list with its filters. Cursors handed out for it are good for no other.
pub(crate) struct List {
    tag: [u8; TAG_BYTES],
}

impl List {
    /// The list of this name with these filters.
    pub fn of(name: &str, filter: &impl Debug) -> Self {
        let hash = blake3::hash(format!("{name} {filter:?}").as_bytes());
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(&hash.as_bytes()[..TAG_BYTES]);
        Self { tag }
    }

    /// Which part is asked for.
    pub fn part(&self, limit: Limit, cursor: Option<&str>) -> Result<Listing, Problem> {
        let after = cursor.map(|it| self.open(it).ok_or_else(Problem::invalid_cursor));
        Ok(Listing { limit: limit.0, after: after.transpose()? })
    }

    /// Makes the page's own cursor one for clients.
    pub fn page<T>(&self, page: Page<T>) -> Page<T> {
        Page { next: page.next.map(|it| self.seal(&it)), ..page }
    }

    fn seal(&self, cursor: &str) -> String {
        let bytes = self.tag.iter().chain(cursor.as_bytes());
        bytes.fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}"); // Writing to a text never fails.
            hex
        })
    }

    fn open(&self, hex: &str) -> Option<String> {
        let digits = hex.as_bytes();
        let pairs = digits.chunks_exact(2);
        if !pairs.remainder().is_empty() {
            return None;
        }
        let bytes = pairs
            .map(|pair| {
                let digit = |it: u8| char::from(it).to_digit(16);
                u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()
            })
            .collect::<Option<Vec<_>>>()?;
        let (tag, cursor) = bytes.split_at_checked(TAG_BYTES)?;
        (tag == self.tag).then(|| String::from_utf8(cursor.to_vec()).ok())?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_in_its_own_list_alone() {
        let mine = List::of("leads", &("open", 1));
        let sealed = mine.seal("2026-03-08|lead_1 ü");
        assert_eq!(mine.open(&sealed).as_deref(), Some("2026-03-08|lead_1 ü"));
        for other in [List::of("leads", &("won", 1)), List::of("ledger", &("open", 1))] {
            assert_eq!(other.open(&sealed), None);
        }
        for broken in ["", "0", "zz", &sealed[1..], &sealed[..4], "é0"] {
            assert_eq!(mine.open(broken), None, "{broken:?}");
        }
    }
}
