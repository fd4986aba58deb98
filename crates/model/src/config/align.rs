//! Where each character of a YAML scalar stands in its file.
//!
//! YAML folds lines, drops indentation and resolves escapes; a caret must still point at the
//! letter that the author wrote. The decoded text is known, so nothing is decoded a second time:
//! it is walked beside the raw text, and each place where the two fall out of step is noted.

use std::sync::Arc;

use saphyr_parser::ScalarStyle;

/// Pairs of byte offsets, text and file, from which on both run in step.
///
/// `start` is the offset of the scalar: its opening quote, or its first character of content.
pub(super) fn anchors(
    raw: &str,
    start: usize,
    text: &str,
    style: ScalarStyle,
) -> Arc<[(usize, usize)]> {
    let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
    let at = if quoted { start + 1 } else { start };
    let mut walk = Walk { raw, text, style, taken: 0, at, anchors: Vec::new() };
    match style {
        ScalarStyle::Literal | ScalarStyle::Folded => walk.block(),
        _ => walk.flow(),
    }
    if walk.anchors.is_empty() {
        walk.anchors.push((0, at));
    }
    walk.anchors.into()
}

struct Walk<'t> {
    raw: &'t str,
    text: &'t str,
    style: ScalarStyle,
    /// How far the text has been followed, in bytes.
    taken: usize,
    /// The place in the file that the next character comes from.
    at: usize,
    anchors: Vec<(usize, usize)>,
}

impl Walk<'_> {
    fn next(&self) -> Option<char> {
        self.text[self.taken..].chars().next()
    }

    fn rest(&self) -> &str {
        self.raw.get(self.at..).unwrap_or_default()
    }

    /// Says that the next `length` bytes of the text come from `from`.
    fn take(&mut self, length: usize, from: usize) {
        let in_step = self
            .anchors
            .last()
            .is_some_and(|(text, file)| from.checked_sub(*file) == Some(self.taken - text));
        if !in_step {
            self.anchors.push((self.taken, from));
        }
        self.taken += length;
    }

    /// Follows one character that stands in both; false where they differ.
    fn step(&mut self, next: char) -> bool {
        if !self.rest().starts_with(next) {
            return false;
        }
        self.take(next.len_utf8(), self.at);
        self.at += next.len_utf8();
        true
    }

    /// Gives as many of these line breaks to the text as it has.
    fn take_breaks(&mut self, breaks: &[usize]) {
        for from in breaks {
            if self.next() == Some('\n') {
                self.take(1, *from);
            }
        }
    }

    /// Plain and quoted scalars: a run of blanks with one break is a space, with more it is one
    /// break less.
    fn flow(&mut self) {
        while let Some(next) = self.next() {
            let rest = self.rest();
            if self.style == ScalarStyle::SingleQuoted && rest.starts_with("''") {
                self.take(next.len_utf8(), self.at);
                self.at += 2;
            } else if self.style == ScalarStyle::DoubleQuoted && rest.starts_with('\\') {
                self.escape(next);
            } else {
                let blanks = &rest[..rest.len() - rest.trim_start_matches(is_blank).len()];
                let breaks = breaks(blanks, self.at);
                if let [first, more @ ..] = breaks.as_slice() {
                    self.at += blanks.len();
                    if more.is_empty() {
                        self.take(next.len_utf8(), *first);
                    } else {
                        self.take_breaks(more);
                    }
                } else if !self.step(next) {
                    return;
                }
            }
        }
    }

    fn escape(&mut self, next: char) {
        let behind = &self.rest()[1..];
        if break_length(behind) > 0 {
            // An escaped break is nothing; further ones behind it count.
            let length = behind.len() - behind.trim_start_matches(is_blank).len();
            let all = breaks(&behind[..length], self.at + 1);
            self.at += 1 + length;
            self.take_breaks(&all[1..]);
            return;
        }
        let length = match behind.chars().next() {
            Some('x') => 4,
            Some('u') => 6,
            Some('U') => 10,
            other => 1 + other.map_or(0, char::len_utf8),
        };
        self.take(next.len_utf8(), self.at);
        self.at += length;
    }

    /// Literal and folded blocks: lines without their indentation.
    fn block(&mut self) {
        let line_start = self.raw[..self.at].rfind(['\n', '\r']).map_or(0, |it| it + 1);
        let indentation = self.at - line_start;
        self.leading_breaks(line_start);
        while let Some(next) = self.next() {
            if break_length(self.rest()) == 0 {
                if !self.step(next) {
                    break;
                }
                continue;
            }
            let breaks = self.block_breaks(indentation);
            let behind = self.text[self.taken..].trim_start_matches('\n');
            let wanted = self.text.len() - self.taken - behind.len();
            if wanted == 0 {
                // Folded: one break became a space.
                self.take(next.len_utf8(), breaks[0]);
            } else if behind.is_empty() {
                self.take_breaks(&breaks);
            } else {
                // Folded: the first of several breaks is dropped, unless a line is indented more.
                self.take_breaks(&breaks[breaks.len().saturating_sub(wanted)..]);
            }
        }
        if self.taken < self.text.len() {
            self.take(0, self.at);
        }
    }

    /// Empty lines above the first line of content.
    fn leading_breaks(&mut self, line_start: usize) {
        let count = self.text.len() - self.text.trim_start_matches('\n').len();
        if count == self.text.len() {
            return;
        }
        let mut found = Vec::new();
        let mut end = line_start;
        while found.len() < count && end > 0 {
            let above = &self.raw[..end];
            end -= if above.ends_with("\r\n") { 2 } else { 1 };
            found.push(end);
            end = self.raw[..end].rfind(['\n', '\r']).map_or(0, |it| it + 1);
        }
        found.reverse();
        self.take_breaks(&found);
    }

    /// The breaks from here to the next line of content, whose indentation is passed over.
    fn block_breaks(&mut self, indentation: usize) -> Vec<usize> {
        let mut found = Vec::new();
        loop {
            let length = break_length(self.rest());
            if length == 0 {
                return found;
            }
            found.push(self.at);
            self.at += length;
            let rest = self.rest();
            let spaces = rest.len() - rest.trim_start_matches(' ').len();
            self.at += spaces.min(indentation);
        }
    }
}

fn is_blank(it: char) -> bool {
    matches!(it, ' ' | '\t' | '\n' | '\r')
}

/// Bytes of the line break that a text begins with.
fn break_length(text: &str) -> usize {
    match text.as_bytes() {
        [b'\r', b'\n', ..] => 2,
        [b'\n' | b'\r', ..] => 1,
        _ => 0,
    }
}

/// Offsets of the line breaks among blanks, counted from `base`.
fn breaks(blanks: &str, base: usize) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < blanks.len() {
        let length = break_length(&blanks[at..]);
        if length > 0 {
            found.push(base + at);
        }
        at += length.max(1);
    }
    found
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use crate::config::yaml::{Node, Value, parse};
    use crate::diagnostic::{SourceFile, SourceText};

    fn scalars(node: &Node, found: &mut Vec<SourceText>) {
        match &node.value {
            Value::Scalar(scalar) => found.push(scalar.text.clone()),
            Value::List(items) => items.iter().for_each(|it| scalars(it, found)),
            Value::Map(entries) => {
                for (key, value) in entries {
                    found.push(key.text.clone());
                    scalars(value, found);
                }
            }
        }
    }

    /// Every character of every scalar points at itself in the file, at the break it was folded
    /// from, or at the escape that stands for it.
    fn check(yaml: &str) -> Vec<SourceText> {
        let file = Arc::new(SourceFile { name: "a.yaml".to_owned(), text: yaml.to_owned() });
        let mut found = Vec::new();
        for node in &parse(&file).0 {
            scalars(node, &mut found);
        }
        // A block of nothing but empty lines says nothing that could be pointed at.
        for source in found.iter().filter(|it| !it.text.trim().is_empty()) {
            for (at, wanted) in source.text.char_indices() {
                let offset = source.file_offset(at);
                let there = yaml.get(offset..).expect("a character begins there").chars().next();
                let folded = matches!(wanted, ' ' | '\n') && matches!(there, Some('\n' | '\r'));
                // A block whose last line has no break of its own is given one.
                let ended = wanted == '\n' && at + 1 == source.text.len() && there.is_none();
                assert!(
                    there == Some(wanted) || there == Some('\\') || folded || ended,
                    "{wanted:?} at {at} of {:?} points at {there:?} in {yaml:?}",
                    source.text,
                );
            }
        }
        found
    }

    /// The text of the value of the key `k`.
    fn value(yaml: &str) -> String {
        let found = check(yaml);
        let at = found.iter().position(|it| it.text == "k").expect("there is a key `k`");
        found[at + 1].text.to_string()
    }

    #[test]
    fn plain_scalars_point_at_themselves_over_several_lines() {
        assert_eq!(value("k: abc"), "abc");
        assert_eq!(value("k: 20 # points"), "20");
        assert_eq!(value("k: aé b\n  c  d \n\n\n  e\nl: f"), "aé b c  d\n\ne");
        assert_eq!(value("{k: a b\r\n c, l: d}"), "a b c");
    }

    #[test]
    fn single_quotes_double_inside() {
        assert_eq!(value("k: 'it''s \"A\" b'''"), "it's \"A\" b'");
        assert_eq!(value("k: '\"A b\" where\n   c = ''d''\n\n   e'"), "\"A b\" where c = 'd'\ne");
    }

    #[test]
    fn double_quotes_take_escapes_of_every_length() {
        let yaml = r#"k: "a \"b\" \x41c \u00e9d \U0001F600e \\ f\tg""#;
        assert_eq!(value(yaml), "a \"b\" Ac éd 😀e \\ f\tg");
        assert_eq!(value("k: \"a \\\n   b\\\n\n   c\n   d\""), "a b\nc d");
    }

    #[test]
    fn literal_blocks_lose_their_indentation_only() {
        assert_eq!(value("k: |\n  ab\n    cd\n\n  e\nl: 1"), "ab\n  cd\n\ne\n");
        assert_eq!(value("k: |-\n\n\n  ab\n  \n  c\n\n"), "\n\nab\n\nc");
        assert_eq!(value("k: |+\n  a\n\n\nl: 1"), "a\n\n\n");
        assert_eq!(value("k: |2\n   a\n  b\n"), " a\nb\n");
        assert_eq!(value("k: |\r\n  ab\r\n  cd\r\n"), "ab\ncd\n");
        assert_eq!(value("- k: |\n    ab\n    cd"), "ab\ncd\n");
    }

    #[test]
    fn folded_blocks_join_their_lines() {
        assert_eq!(value("k: >\n  ab\n  cd\n\n  ef\n\n\n  gh\nl: 1"), "ab cd\nef\n\ngh\n");
        assert_eq!(value("k: >-\n  ab\n    more\n    yet\n  cd\n"), "ab\n  more\n  yet\ncd");
        assert_eq!(value("k: >\n\n  ab\n\n    more\n\n  cd"), "\nab\n\n  more\n\ncd\n");
        assert_eq!(value("k: >\r\n  ab\r\n  cd\r\n"), "ab cd\n");
    }

    #[test]
    fn a_byte_order_mark_shifts_nothing() {
        assert_eq!(value("\u{feff}k: 'é a'"), "é a");
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 2_000,
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        /// Whatever the YAML, each character points at its own place.
        #[test]
        fn every_character_points_at_its_place(
            head in "(k: ?|- ?|k: [|>][-+]?[1-3]?\n|\\{k: |\\[|k: \"|k: ')",
            body in "[ab é\"'\\\\:#,\\-\n ]{0,24}",
            tail in "(\n|\"\n|'\n|\\]|\\}|\r\n)?",
        ) {
            check(&format!("{head}{body}{tail}"));
            check(&format!("{head}{body}{tail}").replace('\n', "\r\n"));
        }
    }
}
