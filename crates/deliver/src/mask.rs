//! What is kept of a try, without secrets and without what it says about people (DELIVER-4).

use serde_json::Value;

/// Most that is kept of a request or an answer, in bytes.
const KEPT_BYTES_MAX: usize = 2_048;
/// Words longer than this that mix letters and digits are taken for secrets.
const WORD_BYTES_MAX: usize = 24;
/// Members whose values are words of the protocol, not of a person.
const PLAIN: [&str; 20] = [
    "type",
    "timestamp",
    "error",
    "errors",
    "category",
    "code",
    "status",
    "policyName",
    "warning",
    "needed",
    "provided",
    "ok",
    "associationCategory",
    "hs_task_status",
    "hs_task_type",
    "hs_task_priority",
    "operator",
    "propertyName",
    "action_id",
    "event_type",
];

/// The shape of a JSON body: keys, numbers and words of the protocol stay, texts become their
/// lengths.
pub(crate) fn json(body: &Value) -> String {
    cut(&shape(body, false).to_string())
}

fn shape(value: &Value, plain: bool) -> Value {
    match value {
        Value::String(text) if plain => Value::String(words(text)),
        Value::String(text) => Value::String(format!("({} characters)", text.chars().count())),
        Value::Array(items) => items.iter().map(|it| shape(it, plain)).collect(),
        Value::Object(members) => {
            let masked = members
                .iter()
                .map(|(key, value)| (key.clone(), shape(value, PLAIN.contains(&key.as_str()))));
            Value::Object(masked.collect())
        }
        other => other.clone(),
    }
}

/// A text of the other side, such as an error: its words stay, but for addresses and what looks
/// like a secret.
pub(crate) fn text(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(body @ (Value::Object(_) | Value::Array(_))) => cut(&told(&body).to_string()),
        _ => cut(&words(text)),
    }
}

/// Like [`shape`], for answers that tell of an error: messages stay readable.
fn told(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let masked = members.iter().map(|(key, value)| {
                let readable = key == "message" || PLAIN.contains(&key.as_str());
                let value = match value {
                    Value::String(text) if readable => Value::String(words(text)),
                    Value::String(_) => shape(value, false),
                    other => told(other),
                };
                (key.clone(), value)
            });
            Value::Object(masked.collect())
        }
        Value::Array(items) => items.iter().map(told).collect(),
        Value::String(_) => shape(value, false),
        other => other.clone(),
    }
}

/// An address of the web, without what follows the path; of a path that is itself a secret only
/// the first part stays.
pub(crate) fn url(url: &reqwest::Url, path_is_secret: bool) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|it| format!(":{it}")).unwrap_or_default();
    let path = if path_is_secret { "/****" } else { url.path() };
    let query = if url.query().is_some() { "?****" } else { "" };
    format!("{}://{host}{port}{}{query}", url.scheme(), words(path))
}

/// An e-mail address of which only the first letter and the domain can be read.
pub(crate) fn address(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => {
            format!("{}…@{domain}", local.chars().next().unwrap_or('…'))
        }
        None => "****".to_owned(),
    }
}

/// Masks the words of a text that are addresses or look like secrets.
fn words(text: &str) -> String {
    let is_inside = |it: char| it.is_alphanumeric() || "@._-+=".contains(it);
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_inside) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|it| !is_inside(it)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        masked.push_str(before);
        let is_mixed = word.bytes().any(|it| it.is_ascii_digit())
            && word.bytes().any(|it| it.is_ascii_alphabetic());
        if word.contains('@') {
            masked.push_str(&address(word));
        } else if word.len() > WORD_BYTES_MAX && is_mixed {
            masked.push_str("****");
        } else {
            masked.push_str(word);
        }
        rest = after;
    }
    masked + rest
}

fn cut(text: &str) -> String {
    if text.len() <= KEPT_BYTES_MAX {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(KEPT_BYTES_MAX);
    format!("{}… ({} bytes)", &text[..end], text.len())
}

#[cfg(test)]
mod tests {
    use super::json as shown;
    use super::*;
    use serde_json::json;

    #[test]
    fn of_a_body_only_the_shape_stays() {
        let body = json!({
            "type": "lead.opened",
            "data": { "account": "Acme", "people": ["zoë@acme.com"], "score": 12, "open": true },
        });
        let masked = shown(&body);
        assert!(masked.contains("lead.opened") && masked.contains("\"score\":12"), "{masked}");
        assert!(!masked.contains("Acme") && !masked.contains("acme.com"), "{masked}");
    }

    #[test]
    fn an_error_stays_readable_without_addresses_and_secrets() {
        let masked =
            text("550 5.1.1 <zoe@acme.com>: unknown; token xoxb-12345678901234567890abcdef");
        assert_eq!(masked, "550 5.1.1 <z…@acme.com>: unknown; token ****");
        let masked =
            text(r#"{"status":"error","message":"zoe@acme.com exists","id":"5","name":"Zoë"}"#);
        assert!(masked.contains("z…@acme.com exists") && !masked.contains("Zoë"), "{masked}");
    }

    #[test]
    fn what_follows_the_path_of_an_address_is_never_kept() {
        let at =
            reqwest::Url::parse("https://user:pass@hooks.example.com/T0/B1?key=secret").unwrap();
        assert_eq!(url(&at, false), "https://hooks.example.com/T0/B1?****");
        assert_eq!(url(&at, true), "https://hooks.example.com/****?****");
    }

    #[test]
    fn a_long_answer_is_cut() {
        let long = "é".repeat(5_000);
        assert!(text(&long).len() < KEPT_BYTES_MAX + 32);
    }
}
