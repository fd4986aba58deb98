//! Whether a text mentions somebody, and the same text without that.

use std::borrow::Cow;

use serde_json::Value;

/// The name, in JSON, of a member whose own name mentioned somebody.
const ERASED_NAME: &str = r#""(erased)""#;

/// Ids to look for. An id is mentioned where it stands by itself: letters, digits, `_` and `-` on
/// either side make it another word. Of JSON the texts are looked at, however they are escaped.
#[derive(Clone, Debug)]
pub struct Mentions<'i> {
    ids: Vec<&'i str>,
}

impl<'i> Mentions<'i> {
    /// Looks for these ids; one without letters is none.
    pub fn of(ids: impl IntoIterator<Item = &'i str>) -> Self {
        Self { ids: ids.into_iter().filter(|id| !id.is_empty()).collect() }
    }

    /// Whether a text of ours or of people mentions one of them. Numbers in JSON are measures.
    pub fn in_text(&self, text: &str) -> bool {
        self.anywhere(text, false)
    }

    /// Whether bytes as they were received mention one of them. Numbers in JSON may be ids.
    pub fn in_bytes(&self, bytes: &[u8]) -> bool {
        let text: Cow<'_, str> = String::from_utf8_lossy(bytes);
        self.anywhere(&text, true)
    }

    /// The text of a JSON value with `null` in the place of every text that mentions one of them,
    /// and another name for every member whose name does; all else to the byte. `None` where none
    /// does. Numbers are measures.
    pub fn blanked(&self, json: &str) -> Option<String> {
        if !json.contains('\\') && !self.ids.iter().any(|id| json.contains(id)) {
            return None;
        }
        let (mut blanked, mut done) = (String::new(), 0);
        let mut at = 0;
        while let Some(quote) = json[at..].find('"') {
            let begin = at + quote;
            at = string_end(json, begin);
            let text: Cow<'_, str> = match serde_json::from_str(&json[begin..at]) {
                Ok(text) => Cow::Owned(text),
                // What is no Unicode text is looked at as it is written.
                Err(_) => Cow::Borrowed(&json[begin..at]),
            };
            if self.in_words(&text) {
                let is_name = json[at..].trim_start().starts_with(':');
                blanked.push_str(&json[done..begin]);
                blanked.push_str(if is_name { ERASED_NAME } else { "null" });
                done = at;
            }
        }
        (done > 0).then(|| blanked + &json[done..])
    }

    fn anywhere(&self, text: &str, numbers: bool) -> bool {
        // Without escapes, what is not in the text is not in its JSON.
        if !text.contains('\\') && !self.ids.iter().any(|id| text.contains(id)) {
            return false;
        }
        let begins = text.trim_start().starts_with(['{', '[', '"']);
        match begins.then(|| serde_json::from_str::<Value>(text)) {
            Some(Ok(json)) => self.in_json(&json, numbers),
            _ => self.in_words(text),
        }
    }

    fn in_json(&self, json: &Value, numbers: bool) -> bool {
        match json {
            Value::String(text) => self.in_words(text),
            Value::Number(number) => numbers && self.ids.contains(&number.to_string().as_str()),
            Value::Array(items) => items.iter().any(|it| self.in_json(it, numbers)),
            Value::Object(members) => members
                .iter()
                .any(|(name, value)| self.in_words(name) || self.in_json(value, numbers)),
            Value::Null | Value::Bool(_) => false,
        }
    }

    /// Whether plain words mention one of them.
    pub fn in_words(&self, text: &str) -> bool {
        let part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
        self.ids.iter().any(|id| {
            text.match_indices(id).any(|(start, _)| {
                let (before, after) = (&text[..start], &text[start + id.len()..]);
                !before.ends_with(part) && !after.starts_with(part)
            })
        })
    }
}

/// The place behind a JSON string that begins at a place.
fn string_end(json: &str, begin: usize) -> usize {
    let mut escaped = false;
    for (place, byte) in json.bytes().enumerate().skip(begin + 1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return place + 1,
            _ => {}
        }
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_mentioned_where_it_stands_by_itself() {
        let mentions = Mentions::of(["ann", "7", ""]);
        for text in ["ann", "call ann.", "(ann)", "ann@acme.example", "7 calls", r#"{"who":"ann"}"#]
        {
            assert!(mentions.in_text(text), "{text}");
        }
        for text in ["", "anna", "joann", "ann-2", "x_ann", "77", "Ann"] {
            assert!(!mentions.in_text(text), "{text}");
        }
    }

    #[test]
    fn json_is_read_however_it_is_escaped() {
        let mentions = Mentions::of(["zoë \"z\""]);
        assert!(mentions.in_text(r#"{"names": ["zo\u00eb \"z\""]}"#));
        assert!(mentions.in_bytes(br#"{"zo\u00eb \u0022z\u0022": 1}"#));
        assert!(!mentions.in_text(r#"{"names": ["zo\u00eb"]}"#));
    }

    #[test]
    fn numbers_are_ids_only_in_what_was_received() {
        let mentions = Mentions::of(["7"]);
        assert!(mentions.in_bytes(br#"{"userId": 7}"#));
        assert!(!mentions.in_text(r#"{"needed": 7}"#));
        assert!(!mentions.in_bytes(br#"{"userId": 77}"#));
    }

    #[test]
    fn bytes_that_are_no_text_are_looked_at_all_the_same() {
        assert!(Mentions::of(["ann"]).in_bytes(b"\xff\xfeann\xff"));
    }

    #[test]
    fn what_mentions_somebody_is_blanked_and_the_rest_stays_to_the_byte() {
        let mentions = Mentions::of(["ann@acme.example", "zo\u{eb}"]);
        let json = r#"{ "to": "ann@acme.example",  "n":1.50, "cc":["bob", "for zo\u00eb"], "ann@acme.example" : [7] }"#;
        let wanted = r#"{ "to": null,  "n":1.50, "cc":["bob", null], "(erased)" : [7] }"#;
        assert_eq!(mentions.blanked(json).as_deref(), Some(wanted));
        assert_eq!(mentions.blanked(wanted), None);
        assert_eq!(mentions.blanked(r#"{"a":"\"quoted\"","b":"zoe"}"#), None);
    }
}
