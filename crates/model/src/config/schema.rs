//! The JSON Schema of the configuration, so that editors complete, explain and check while a
//! person types (`firsthand config schema`).
//!
//! It is drawn from the description of keys and takes no more than the reader does. What a schema
//! cannot say (that a plan exists, that a condition makes sense) is left to `firsthand check`.

use serde_json::{Map, Value, json};

use super::keys::{Key, Need, Section, Takes, sections};
use super::project::Word;

/// The schema of one YAML document of `firsthand.yaml` or `definitions/*.yaml`, in draft-07.
pub fn json_schema() -> Value {
    let mut definitions = Map::new();
    for section in sections() {
        definitions.insert(slug(section.name), section_schema(section, None));
    }
    for word in Word::ALL {
        let name = format!("{}-document", word.singular());
        definitions.insert(name, section_schema(word.section(), Some(word.singular())));
    }
    // A chain of conditions, and no `oneOf`: editors then complain of the keys of the one form
    // that is meant, and not of all forms that are not.
    let settings = json!({ "$ref": "#/definitions/the-settings" });
    let by_word = Word::ALL.into_iter().rev().fold(settings, |otherwise, word| {
        let word = word.singular();
        json!({
            "if": { "type": "object", "required": [word] },
            "then": { "$ref": format!("#/definitions/{word}-document") },
            "else": otherwise,
        })
    });
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Firsthand configuration",
        "description": "A document of `firsthand.yaml` or `definitions/*.yaml`.",
    });
    if let (Some(schema), Value::Object(by_word)) = (schema.as_object_mut(), by_word) {
        schema.extend(by_word);
        schema.insert("definitions".to_owned(), Value::Object(definitions));
    }
    schema
}

/// `a plan` becomes `plan`.
fn slug(name: &str) -> String {
    let bare = name.strip_prefix("an ").or_else(|| name.strip_prefix("a ")).unwrap_or(name);
    bare.replace(' ', "-")
}

fn section_schema(section: &Section, word: Option<&str>) -> Value {
    let mut properties = Map::new();
    if let Some(word) = word {
        let doc = format!("Its name: small letters, digits, `-` and `_`. It makes this {word}.");
        properties.insert(word.to_owned(), described(takes_schema(&Takes::Name), &doc));
    }
    for key in section.keys {
        properties.insert(key.name.to_owned(), key_schema(key));
    }
    let needed = section.keys.iter().filter(|it| it.need == Need::Required).map(|it| it.name);
    let required: Vec<_> = word.into_iter().chain(needed).collect();
    // Where nothing is required, nothing may be written: `events:` with all its keys commented.
    let kind = if required.is_empty() { json!(["object", "null"]) } else { json!("object") };
    json!({
        "type": kind,
        "description": section.doc,
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    })
}

fn key_schema(key: &Key) -> Value {
    let doc = match (&key.takes, key.need) {
        (Takes::Choice(words), _) => {
            let words: Vec<_> = words
                .iter()
                .filter(|(_, meaning)| !meaning.is_empty())
                .map(|(word, meaning)| format!("`{word}`: {meaning}"))
                .collect();
            format!("{} {}.", key.doc, words.join("; "))
        }
        (
            takes @ (Takes::Duration
            | Takes::AtMost
            | Takes::Fade
            | Takes::Form(_)
            | Takes::Limit
            | Takes::Secret),
            _,
        ) => {
            format!("{} {}", key.doc, takes.help())
        }
        _ => key.doc.to_owned(),
    };
    let mut schema = described(takes_schema(&key.takes), &doc);
    if let (Need::Default(default), Some(schema)) = (key.need, schema.as_object_mut()) {
        let default = serde_json::from_str(default).unwrap_or_else(|_| json!(default));
        schema.insert("default".to_owned(), default);
    }
    schema
}

/// Adds a description; beside `$ref` draft-07 would not see it.
fn described(schema: Value, doc: &str) -> Value {
    let mut schema = match schema {
        Value::Object(it) if it.contains_key("$ref") => json!({ "allOf": [it] }),
        other => other,
    };
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".to_owned(), json!(doc));
    }
    schema
}

fn takes_schema(takes: &Takes) -> Value {
    // To YAML `20`, `2.5` and `true` are no texts, but they are written where texts are wanted.
    let scalar = || json!({ "type": ["string", "number", "boolean"] });
    let pattern = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    let number_or = |pattern: &str| {
        json!({ "anyOf": [
            { "type": "number", "minimum": 0 },
            { "type": "string", "pattern": pattern },
        ] })
    };
    match takes {
        Takes::Text
        | Takes::Reference(_)
        | Takes::Property
        | Takes::Condition
        | Takes::Events
        | Takes::Value
        | Takes::Template
        | Takes::Story
        | Takes::EventNames
        | Takes::Scalar => scalar(),
        Takes::Zone | Takes::File | Takes::Secret => json!({ "type": "string" }),
        Takes::Name => pattern("^[a-z0-9][a-z0-9_-]*$"),
        Takes::Bool => json!({ "type": "boolean" }),
        Takes::Choice(words) => {
            let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            json!({ "type": "string", "enum": words })
        }
        Takes::Count => json!({ "type": "integer", "minimum": 1 }),
        Takes::Number => json!({ "anyOf": [
            { "type": "number" },
            { "type": "string", "pattern": r"^-?\d{1,3}(,\d{3})*(\.\d+)?$" },
        ] }),
        Takes::Money => number_or(r"^\D{0,4}\d[\d,]*(\.\d+)?\D{0,4}$"),
        Takes::Limit => {
            number_or(r"^(unlimited|\d{1,3}(,\d{3})*(\.\d+)?|\d[\d,]*(\.\d+)? ?[KMGT]?B)$")
        }
        Takes::Duration => json!({ "anyOf": [
            { "const": 0 },
            { "type": "string", "pattern": r"^(\d+ ?(s|min|h|d|w|sec|(second|minute|hour|day|week)s?) ?)+$" },
        ] }),
        Takes::Date => pattern(r"^\d{4}-\d{2}-\d{2}$"),
        Takes::Instant => pattern(r"^\d{4}-\d{2}-\d{2}([T ]\d.*)?$"),
        Takes::InstantOrNever => pattern(r"^(never|\d{4}-\d{2}-\d{2}([T ]\d.*)?)$"),
        Takes::Currency => pattern("^[A-Z]{3}$"),
        Takes::Domain => pattern(r"^[^\s@/]+\.[^\s@/]+$"),
        Takes::AtMost => pattern(r"^(once|(once|[\d,]+) per \S.*)$"),
        Takes::Fade => {
            pattern(r"^(never|(half life .+|linear .+|[\d.,]+ ?%? per .+?)( while idle)?)$")
        }
        Takes::Form(form) => pattern(form.pattern),
        Takes::Section(section) => {
            json!({ "$ref": format!("#/definitions/{}", slug(section.name)) })
        }
        Takes::Map(_, of) => json!({
            "type": ["object", "null"],
            "additionalProperties": takes_schema(of),
        }),
        Takes::List(of) => json!({ "type": ["array", "null"], "items": takes_schema(of) }),
        Takes::OneOrMany(of) => json!({ "anyOf": [
            takes_schema(of),
            { "type": "array", "items": takes_schema(of) },
        ] }),
        Takes::Either(all) => {
            let all: Vec<_> = all.iter().map(takes_schema).collect();
            json!({ "anyOf": all })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::config::DEFAULTS;
    use crate::config::page::{examples, shown_settings};
    use crate::config::yaml::{self, Node, Scalar};
    use crate::diagnostic::SourceFile;

    /// What an editor makes of a node: YAML 1.2's core schema.
    fn to_json(node: &Node) -> Value {
        match &node.value {
            yaml::Value::Scalar(scalar) => scalar_to_json(scalar),
            yaml::Value::List(items) => items.iter().map(to_json).collect(),
            yaml::Value::Map(entries) => {
                let entries = entries.iter();
                Value::Object(
                    entries
                        .map(|(key, value)| (key.text.text.to_string(), to_json(value)))
                        .collect(),
                )
            }
        }
    }

    fn scalar_to_json(scalar: &Scalar) -> Value {
        let text = scalar.text.text.as_str();
        let plain = || match text {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => serde_json::from_str::<serde_json::Number>(text).ok().map(Value::Number),
        };
        if scalar.is_null() {
            return Value::Null;
        }
        scalar.plain.then(plain).flatten().unwrap_or_else(|| text.into())
    }

    /// What the schema has to say about each document of a text.
    fn complaints(text: &str) -> Vec<String> {
        let file = Arc::new(SourceFile { name: "a.yaml".to_owned(), text: text.to_owned() });
        let (documents, found) = yaml::parse(&file);
        assert_eq!(found, [], "{text}");
        let validator = jsonschema::draft7::new(&json_schema()).unwrap();
        let documents: Vec<_> = documents.iter().map(to_json).collect();
        let errors = documents.iter().flat_map(|it| validator.iter_errors(it));
        errors.map(|it| format!("{} {it}", it.instance_path())).collect()
    }

    #[test]
    fn the_schema_is_one_of_draft_07() {
        let schema = json_schema();
        assert!(jsonschema::draft7::meta::is_valid(&schema));
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    }

    #[test]
    fn every_key_is_explained_to_the_editor() {
        let schema = json_schema();
        for (name, definition) in schema["definitions"].as_object().unwrap() {
            for (key, value) in definition["properties"].as_object().unwrap() {
                assert!(value["description"].is_string(), "{key} of {name}");
            }
        }
        let grace = &schema["definitions"]["definition-document"]["properties"]["grace"];
        assert_eq!(grace["default"], "0s");
    }

    #[test]
    fn the_schema_takes_the_defaults_and_every_example_of_the_docs() {
        for text in examples().into_iter().chain([DEFAULTS.to_owned(), shown_settings()]) {
            assert_eq!(complaints(&text), [""; 0], "{text}");
        }
    }

    #[test]
    fn the_schema_takes_every_file_of_the_golden_corpus() {
        let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../golden");
        let mut files = 0;
        for entry in std::fs::read_dir(corpus).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|it| it == "yaml") {
                let text = std::fs::read_to_string(&path).unwrap();
                assert_eq!(complaints(&text), [""; 0], "{}", path.display());
                files += 1;
            }
        }
        assert!(files > 0);
    }

    #[test]
    fn the_schema_refuses_what_the_reader_refuses() {
        for text in [
            "zoen: UTC",
            "week_starts: Mon",
            "definition: A b\nwhen: true",
            "definition: a",
            "definition: a\nwhen: true\ngrace: 3 months",
            "score: a\nrules: [{each: any, points: 1, fades: slowly}]",
            "plans: {free: {limits: {contacts: many}}}",
            "meter: a\nkind: tally\nadd: any",
        ] {
            assert!(!complaints(text).is_empty(), "{text}");
        }
    }
}
