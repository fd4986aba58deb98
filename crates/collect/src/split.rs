//! Cuts a text into parts that hold whole records, so that parts can be read in parallel.

use std::ops::Range;

/// How the records of a text follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// One a line.
    Lines,
    /// CSV rows, whose quoted cells may hold line ends.
    Rows { delimiter: u8 },
    /// JSON values, in a list or one after the other, over as many lines as they like.
    Values,
}

impl Framing {
    /// Where the last whole record of a text ends, which begins where a record begins. The end of
    /// the text counts as the end of a record only where it is the end of the file.
    pub(crate) fn last_end(self, text: &[u8], at_end: bool) -> usize {
        match self {
            Self::Lines if at_end => text.len(),
            Self::Lines => memchr::memrchr(b'\n', text).map_or(0, |at| at + 1),
            Self::Rows { delimiter } => last_row_end(text, delimiter, at_end),
            Self::Values => {
                let mut end = 0;
                while let Some(value) = next_value(text, end) {
                    if value.end == text.len() && !at_end && !closes_itself(text[value.end - 1]) {
                        break;
                    }
                    end = value.end;
                }
                // What is left holds no value: white space, commas and the list's brackets.
                if skip_between(text, end) == text.len() { text.len() } else { end }
            }
        }
    }
}

fn closes_itself(byte: u8) -> bool {
    matches!(byte, b'}' | b']' | b'"')
}

/// Follows the quotes as a CSV reader does: a quote counts only at the start of a cell.
fn last_row_end(text: &[u8], delimiter: u8, at_end: bool) -> usize {
    if memchr::memchr(b'"', text).is_none() {
        return if at_end {
            text.len()
        } else {
            memchr::memrchr(b'\n', text).map_or(0, |it| it + 1)
        };
    }
    let (mut at, mut end) = (0, 0);
    loop {
        // At the start of a cell.
        if text.get(at) == Some(&b'"') {
            at += 1;
            loop {
                let Some(quote) = memchr::memchr(b'"', &text[at..]) else {
                    return end;
                };
                at += quote + 1;
                if text.get(at) != Some(&b'"') {
                    break;
                }
                at += 1;
            }
        }
        match memchr::memchr2(delimiter, b'\n', &text[at..]) {
            None => return if at_end { text.len() } else { end },
            Some(found) => {
                at += found + 1;
                if text[at - 1] == b'\n' {
                    end = at;
                }
            }
        }
    }
}

fn skip_between(text: &[u8], from: usize) -> usize {
    let between = |it: &u8| it.is_ascii_whitespace() || matches!(it, b',' | b'[' | b']');
    from + text[from..].iter().take_while(|it| between(it)).count()
}

/// The next JSON value of a text, outside of the brackets of a list; `None` where no whole one is
/// left. A value that opens nothing runs to the end of its line.
pub(crate) fn next_value(text: &[u8], from: usize) -> Option<Range<usize>> {
    let start = skip_between(text, from);
    let first = *text.get(start)?;
    if first != b'{' {
        let end = memchr::memchr2(b'\n', b'{', &text[start..]);
        return Some(start..end.map_or(text.len(), |it| start + it));
    }
    let mut depth = 0_usize;
    let mut at = start;
    while at < text.len() {
        match text[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(start..at + 1);
                }
            }
            b'"' => at = string_end(text, at)?,
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where the string that opens at `at` closes.
fn string_end(text: &[u8], at: usize) -> Option<usize> {
    let mut from = at + 1;
    loop {
        let found = from + memchr::memchr2(b'"', b'\\', text.get(from..)?)?;
        if text[found] == b'"' {
            return Some(found);
        }
        from = found + 2;
    }
}

/// Counts the line ends of a text.
pub(crate) fn lines_in(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_ends_outside_of_quotes() {
        let rows = Framing::Rows { delimiter: b',' };
        let whole = |text: &'static str| &text[..rows.last_end(text.as_bytes(), false)];
        assert_eq!(whole("a,b\nc,d"), "a,b\n");
        assert_eq!(whole("a,\"b\nc\"\nd,\"e\n"), "a,\"b\nc\"\n");
        assert_eq!(whole("a,5\" pipe\nb,\"x\"\"\ny\"\n"), "a,5\" pipe\nb,\"x\"\"\ny\"\n");
        assert_eq!(rows.last_end(b"a,\"open\nb,c\n", true), 0);
    }

    #[test]
    fn values_are_found_in_lists_and_over_many_lines() {
        let text = b"[\n  {\"a\": \"}\\\"{\"},\n  {\"b\": {\"c\": []}} ]";
        let first = next_value(text, 0).unwrap();
        assert_eq!(&text[first.clone()], br#"{"a": "}\"{"}"#);
        let second = next_value(text, first.end).unwrap();
        assert_eq!(&text[second.clone()], br#"{"b": {"c": []}}"#);
        assert_eq!(next_value(text, second.end), None);
        assert_eq!(Framing::Values.last_end(text, false), text.len());
        assert_eq!(Framing::Values.last_end(b"{\"a\":1}\n{\"b\":", true), 7);
    }
}
