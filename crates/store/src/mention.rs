//! Whether a text mentions somebody.

use std::borrow::Cow;

use serde_json::Value;

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

    fn in_words(&self, text: &str) -> bool {
        let part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
        self.ids.iter().any(|id| {
            text.match_indices(id).any(|(start, _)| {
                let (before, after) = (&text[..start], &text[start + id.len()..]);
                !before.ends_with(part) && !after.starts_with(part)
            })
        })
    }
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
}
