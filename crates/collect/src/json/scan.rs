//! Checks a JSON object and cuts it into its members, in one pass over its text.
//!
//! This is for what nearly all records are. Where anything is out of the ordinary (a name with
//! escapes, a fault of any kind) it says so, and [`Members::parse`](super::Members::parse) asks
//! `serde_json`, which knows all of JSON and what to say of a fault.

use std::borrow::Cow;

use super::{DEPTH_MAX, MEMBERS_MAX, Raw};

/// The members of a text that is one object; `None` where it takes a closer look.
pub(super) fn members(text: &str) -> Option<Vec<(Cow<'_, str>, Raw<'_>)>> {
    let mut scan = Scan { text, at: 0 };
    let mut list = Vec::with_capacity(16);
    scan.skip_space();
    scan.expect(b'{')?;
    scan.skip_space();
    if !scan.take(b'}') {
        loop {
            let key = scan.at;
            let escaped = scan.string()?;
            if escaped {
                return None;
            }
            let name = &text[key + 1..scan.at - 1];
            scan.skip_space();
            scan.expect(b':')?;
            scan.skip_space();
            let value = scan.at;
            scan.value(0)?;
            if list.len() == MEMBERS_MAX {
                return None;
            }
            list.push((Cow::Borrowed(name), Raw(&text[value..scan.at])));
            scan.skip_space();
            if scan.take(b'}') {
                break;
            }
            scan.expect(b',')?;
            scan.skip_space();
        }
    }
    scan.skip_space();
    (scan.at == text.len()).then_some(list)
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl Scan<'_> {
    fn rest(&self) -> &[u8] {
        &self.text.as_bytes()[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            b'"' => self.string().map(drop),
            b'{' if depth < DEPTH_MAX => self.object(depth + 1),
            b'[' if depth < DEPTH_MAX => self.list(depth + 1),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        self.expect(b'{')?;
        self.skip_space();
        if self.take(b'}') {
            return Some(());
        }
        loop {
            self.string()?;
            self.skip_space();
            self.expect(b':')?;
            self.skip_space();
            self.value(depth)?;
            self.skip_space();
            if self.take(b'}') {
                return Some(());
            }
            self.expect(b',')?;
            self.skip_space();
        }
    }

    fn list(&mut self, depth: usize) -> Option<()> {
        self.expect(b'[')?;
        self.skip_space();
        if self.take(b']') {
            return Some(());
        }
        loop {
            self.value(depth)?;
            self.skip_space();
            if self.take(b']') {
                return Some(());
            }
            self.expect(b',')?;
            self.skip_space();
        }
    }

    /// Passes over a string; tells whether there is an escape in it.
    fn string(&mut self) -> Option<bool> {
        self.expect(b'"')?;
        let mut escaped = false;
        loop {
            let special = |it: &u8| *it == b'"' || *it == b'\\' || *it < b' ';
            let found = self.rest().iter().position(special)?;
            self.at += found + 1;
            match self.text.as_bytes()[self.at - 1] {
                b'"' => return Some(escaped),
                b'\\' => {
                    escaped = true;
                    self.escape()?;
                }
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<()> {
        let byte = self.peek()?;
        self.at += 1;
        match byte {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => {
                let valid = self.rest().get(..4)?.iter().all(u8::is_ascii_hexdigit);
                self.at += 4;
                valid.then_some(())
            }
            _ => None,
        }
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let found = self.rest().starts_with(word.as_bytes());
        self.at += word.len();
        found.then_some(())
    }

    fn number(&mut self) -> Option<()> {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Some(())
    }

    /// Passes over one digit or more.
    fn digits(&mut self) -> Option<()> {
        let count = self.rest().iter().take_while(|it| it.is_ascii_digit()).count();
        self.at += count;
        (count > 0).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Pieces of JSON, whole and broken, so that many of the texts are nearly right.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            " ",
            "\n",
            "\"a\"",
            "\"b\\n\"",
            "\"\\u00e4\"",
            "\"\\ud800\"",
            "\"\\x\"",
            "\"\t\"",
            "\"",
            "\\",
            "0",
            "-1",
            "01",
            "1.5",
            "1.",
            ".5",
            "1e5",
            "1E+9",
            "-",
            "1e",
            "true",
            "tru",
            "false",
            "null",
            "ż",
            "{\"a\":1}",
            "\"k\":",
            "[1,2]",
            "\u{1}",
        ]);
        prop::collection::vec(piece, 0..12).prop_map(|it| it.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn what_is_taken_is_what_the_standard_parser_takes(inside in pieces()) {
            for text in [inside.clone(), format!("{{{inside}}}"), format!("{{\"a\":{inside}}}")] {
                let Some(members) = members(&text) else { continue };
                let known: super::super::Decoded<'_> = serde_json::from_str(&text).unwrap();
                let known: Vec<(&str, &str)> =
                    known.0.iter().map(|(name, value)| (&**name, value.get())).collect();
                let found: Vec<(&str, &str)> =
                    members.iter().map(|(name, value)| (&**name, value.get())).collect();
                prop_assert_eq!(found, known);
            }
        }
    }

    #[test]
    fn an_ordinary_record_needs_no_closer_look() {
        let text = r#" {"a" : "x\"y" , "b":{"c":[1,-2.5e3,true,null,{}]},"":"ż"} "#;
        let found = members(text).unwrap();
        let values: Vec<&str> = found.iter().map(|it| it.1.get()).collect();
        assert_eq!(values, [r#""x\"y""#, r#"{"c":[1,-2.5e3,true,null,{}]}"#, "\"ż\""]);
        assert!(members(r#"{"\u0061":1}"#).is_none());
        assert!(members(&format!("{{\"a\":{}}}", "[".repeat(1_000_000))).is_none());
    }
}
