//! Walks the members of a JSON object that is known to be well formed: it skips, and checks
//! nothing.

/// The members of an object's text, in order: each key with its quotes, and each value, as they
/// stand. Anything but an object has none.
#[derive(Clone, Debug)]
pub struct Members<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Members<'a> {
    /// Begins before the first member.
    pub fn of(text: &'a str) -> Self {
        let at = skip_space(text.as_bytes(), 0);
        // A text that is no object is at its end.
        let at = if text.as_bytes().get(at) == Some(&b'{') { at + 1 } else { text.len() };
        Self { text, at }
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.text.as_bytes();
        let key = skip_space(bytes, self.at);
        if bytes.get(key) != Some(&b'"') {
            self.at = bytes.len();
            return None;
        }
        let key_end = skip_string(bytes, key);
        let colon = skip_space(bytes, key_end);
        let value = skip_space(bytes, colon + 1);
        let value_end = skip_value(bytes, value);
        let comma = skip_space(bytes, value_end);
        self.at = if bytes.get(comma) == Some(&b',') { comma + 1 } else { bytes.len() };
        Some((self.text.get(key..key_end)?, self.text.get(value..value_end)?))
    }
}

fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// Where the string that opens at `start` ends, its quotes included.
fn skip_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(rest) = bytes.get(at..) {
        let Some(found) = rest.iter().position(|it| matches!(it, b'"' | b'\\')) else {
            break;
        };
        match rest[found] {
            b'"' => return at + found + 1,
            // The next byte is escaped, whatever it is.
            _ => at += found + 2,
        }
    }
    bytes.len()
}

fn skip_value(bytes: &[u8], start: usize) -> usize {
    match bytes.get(start) {
        Some(b'"') => return skip_string(bytes, start),
        Some(b'{' | b'[') => {}
        _ => {
            let rest = bytes.get(start..).unwrap_or_default();
            let ends = |it: &u8| matches!(it, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
            return start + rest.iter().position(ends).unwrap_or(rest.len());
        }
    }
    let mut at = start;
    let mut depth = 0_usize;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = skip_string(bytes, at);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return at + 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_shown_as_they_stand() {
        let text = r#" { "a" : {"x":[1,"}"]} ,"b\"":-1.5e3, "" : "\\" }"#;
        let members: Vec<_> = Members::of(text).collect();
        assert_eq!(
            members,
            [(r#""a""#, r#"{"x":[1,"}"]}"#), (r#""b\"""#, "-1.5e3"), (r#""""#, r#""\\""#)]
        );
        assert_eq!(Members::of("{ }").next(), None);
        assert_eq!(Members::of("[1]").next(), None);
        assert_eq!(Members::of("").next(), None);
    }
}
