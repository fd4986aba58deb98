//! Finding and replacing values inside the text of a JSON object, byte for byte.
//!
//! The texts are well formed (they come out of [`firsthand_model::Json`]), so the walk only has to
//! skip, never to check. What a path means is what `Json::get` says, and a test holds the two
//! together.

use std::borrow::Cow;
use std::ops::Range;

/// The members of one object, each value as its place in the whole text.
pub(crate) struct Object<'a> {
    text: &'a str,
    members: Vec<(Cow<'a, str>, Range<usize>)>,
}

impl<'a> Object<'a> {
    /// Opens the object that a text is.
    pub fn new(text: &'a str) -> Self {
        Self::inside(text, 0..text.len())
    }

    /// Opens the value at a place; anything but an object has no members.
    fn inside(text: &'a str, place: Range<usize>) -> Self {
        let bytes = &text.as_bytes()[..place.end];
        let mut members = Vec::new();
        let mut at = skip_space(bytes, place.start);
        if bytes.get(at) != Some(&b'{') {
            return Self { text, members };
        }
        at = skip_space(bytes, at + 1);
        while bytes.get(at) == Some(&b'"') {
            let key_end = skip_string(bytes, at);
            let Some(key) = read_key(&text[at..key_end]) else {
                // A key that is no Unicode text hides its whole object, as `Json::get` has it.
                members.clear();
                break;
            };
            let value = skip_space(bytes, skip_space(bytes, key_end) + 1);
            let value_end = skip_value(bytes, value);
            members.push((key, value..value_end));
            at = skip_space(bytes, value_end);
            if bytes.get(at) == Some(&b',') {
                at = skip_space(bytes, at + 1);
            }
        }
        Self { text, members }
    }

    /// Where the value of a path stands.
    pub fn find(&self, path: &str) -> Option<Range<usize>> {
        if let Some(found) = self.by_name(path) {
            return Some(found);
        }
        path.match_indices('.').find_map(|(at, _)| {
            let inner = self.by_name(&path[..at])?;
            Object::inside(self.text, inner).find(&path[at + 1..])
        })
    }

    /// The text of a path's value.
    pub fn get(&self, path: &str) -> Option<&'a str> {
        self.find(path).map(|place| &self.text[place])
    }

    fn by_name(&self, name: &str) -> Option<Range<usize>> {
        self.members.iter().rev().find(|(key, _)| key == name).map(|(_, place)| place.clone())
    }
}

/// Puts other texts in place of some values; the places do not overlap.
pub(crate) fn splice(text: &str, mut changes: Vec<(Range<usize>, Cow<'_, str>)>) -> String {
    changes.sort_by_key(|(place, _)| place.start);
    let mut spliced = String::with_capacity(text.len());
    let mut done = 0;
    for (place, value) in changes {
        spliced.push_str(&text[done..place.start]);
        spliced.push_str(&value);
        done = place.end;
    }
    spliced.push_str(&text[done..]);
    spliced
}

fn read_key(quoted: &str) -> Option<Cow<'_, str>> {
    let inner = quoted.get(1..quoted.len() - 1)?;
    if inner.contains('\\') {
        serde_json::from_str::<String>(quoted).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

fn skip_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn skip_value(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    let mut depth = 0_usize;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = skip_string(bytes, at);
                if depth == 0 {
                    return at;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return if depth == 1 { at + 1 } else { at },
            b'}' | b']' => depth -= 1,
            b',' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use firsthand_model::{Json, Scalar};

    use super::*;

    fn scalar(text: &str, path: &str) -> Scalar {
        Object::new(text).get(path).map_or(Scalar::Missing, Scalar::from_json_text)
    }

    #[test]
    fn a_path_means_what_the_model_says() {
        let texts = [
            r#"{"a":{"b":{"c":1.50}},"a.b":2,"t":"x","n":null,"l":[1,"z}"],"a":{"b.c":3}}"#,
            r#" { "a" : [ { "b" : "}" } , 2 ] , "x\n" : "\"" , "b" : { } } "#,
            r#"{"a.b":{"c":true},"a":{"b":{"c":false,"d":-1e3}},"":{"":7}}"#,
            r#"{"a":{"\ud800":1,"b":2},"l":{"\u0061":{"b":"\\"}}}"#,
            "{}",
        ];
        let paths =
            ["a", "a.b", "a.b.c", "a.b.d", "t", "n", "l", "x\n", "b", ".", "", "l.a.b", "a..b"];
        for text in texts {
            let json = Json::parse(text).unwrap();
            for path in paths {
                assert_eq!(scalar(text, path), json.get(path), "`{path}` of {text}");
            }
        }
    }

    #[test]
    fn splicing_touches_nothing_else() {
        let text = r#"{ "a": 1, "b":{"c": "two"} , "a": 3 }"#;
        let object = Object::new(text);
        let changes = vec![
            (object.find("b.c").unwrap(), Cow::Borrowed("null")),
            (object.find("a").unwrap(), Cow::Borrowed("null")),
        ];
        assert_eq!(splice(text, changes), r#"{ "a": 1, "b":{"c": null} , "a": null }"#);
    }
}
