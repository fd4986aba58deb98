//! Numbers, names and pieces of text as messages show them.

use std::ops::Range;

/// Longest piece of a text that a message quotes, in characters.
const QUOTED_MAX: usize = 60;
/// Most names that a message lists.
const LISTED_MAX: usize = 6;

/// `1204` as `1,204`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// `once`, `12 times`.
pub(super) fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{} times", grouped(count)) }
}

/// Names in backticks; of many, the first few.
pub(super) fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let mut names = names.into_iter();
    let mut shown = names.by_ref().take(LISTED_MAX).map(|it| format!("`{it}`")).collect::<Vec<_>>();
    let more = names.count();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    shown.join(", ")
}

/// A piece of a text in backticks, on one line, cut where it is long.
pub(super) fn quoted(text: &str, span: &Range<usize>) -> String {
    let piece = text.get(span.clone()).unwrap_or(text);
    let piece = piece.split_whitespace().collect::<Vec<_>>().join(" ");
    if piece.chars().count() <= QUOTED_MAX {
        return format!("`{piece}`");
    }
    let start = piece.chars().take(QUOTED_MAX - 2).collect::<String>();
    format!("`{} …`", start.trim_end())
}

/// Narrows a span to a word inside it, where the tree keeps no place of its own for the word.
pub(crate) fn word_in(text: &str, span: &Range<usize>, word: &str) -> Range<usize> {
    let is_part = |it: char| it.is_alphanumeric() || it == '_';
    let Some(inside) = text.get(span.clone()) else { return span.clone() };
    let found = inside.match_indices(word).find(|(at, _)| {
        let before = inside[..*at].chars().next_back();
        let after = inside[at + word.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    });
    found.map_or_else(|| span.clone(), |(at, _)| span.start + at..span.start + at + word.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lists_and_quotes_stay_short() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1_204), "1,204");
        assert_eq!(grouped(12_345_678), "12,345,678");
        assert_eq!((times(1), times(2)), ("once".to_owned(), "2 times".to_owned()));
        assert_eq!(listed(["a", "b"]), "`a`, `b`");
        assert_eq!(
            listed(["a", "b", "c", "d", "e", "f", "g", "h"]),
            "`a`, `b`, `c`, `d`, `e`, `f`, 2 more"
        );
        assert_eq!(quoted("a  and\n b", &(0..9)), "`a and b`");
        assert_eq!(word_in("any projects_id has project_id", &(0..30), "project_id"), 20..30);
    }
}
