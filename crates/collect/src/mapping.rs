//! Mappings as people write them: `key=value` flags and YAML, in both directions.

use std::fmt::Write as _;

use firsthand_model::Text;
use firsthand_model::config::ImportMapping;
use firsthand_model::fact::Kind;

/// Every key of a mapping, as it is written in YAML and in flags.
pub const KEYS: [&str; 17] = [
    "kind",
    "of",
    "event",
    "event_name",
    "time",
    "time_format",
    "zone",
    "known_at",
    "person",
    "anonymous",
    "account",
    "id",
    "wide",
    "rename",
    "drop",
    "encoding",
    "header",
];

/// The kinds of facts that rows can become.
pub const KINDS: [&str; 6] = ["event", "record", "traits", "membership", "number", "link"];

/// Why a flag was refused; lower case, no full stop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlagError {
    /// There is no such key.
    #[error("`{key}` is no key of a mapping{}", nearest(key))]
    UnknownKey {
        /// What was given.
        key: String,
    },
    /// The value does not fit the key.
    #[error("`{value}` is no value for `{key}`; {expected}")]
    BadValue {
        /// The key.
        key: String,
        /// What was given.
        value: String,
        /// What would have been right.
        expected: &'static str,
    },
}

fn nearest(key: &str) -> String {
    let near = crate::guess::nearest(key, KEYS);
    near.map_or_else(String::new, |it| format!("; did you mean `{it}`?"))
}

/// Sets one key of a mapping from a flag. Lists are separated by commas, renamings are written
/// `column:property`.
pub fn set(mapping: &mut ImportMapping, key: &str, value: &str) -> Result<(), FlagError> {
    let text = || Some(Text::new(value));
    let list = || value.split(',').map(|it| Text::new(it.trim()));
    let bad = |expected| FlagError::BadValue { key: key.into(), value: value.into(), expected };
    match key {
        "kind" if KINDS.contains(&value) => mapping.kind = text(),
        "kind" => {
            return Err(bad("it is one of event, record, traits, membership, number, link"));
        }
        "of" => {
            mapping.of = Some(match value {
                "account" => Kind::Account,
                "person" => Kind::Person,
                _ => return Err(bad("it is account or person")),
            });
        }
        "event" => mapping.event = text(),
        "event_name" => mapping.event_name = text(),
        "time" => mapping.time = text(),
        "time_format" => mapping.time_format = text(),
        "zone" => mapping.zone = text(),
        "known_at" => mapping.known_at = text(),
        "person" => mapping.person = text(),
        "anonymous" => mapping.anonymous = text(),
        "account" => mapping.account = text(),
        "id" => mapping.id = text(),
        "encoding" => mapping.encoding = text(),
        "wide" => mapping.wide.extend(list()),
        "drop" => mapping.drop.extend(list()),
        "header" => mapping.header.extend(list()),
        "rename" => {
            for pair in value.split(',') {
                let (column, property) =
                    pair.split_once(':').ok_or_else(|| bad("it is written `column:property`"))?;
                mapping.rename.insert(column.trim().into(), property.trim().into());
            }
        }
        _ => return Err(FlagError::UnknownKey { key: key.into() }),
    }
    Ok(())
}

/// The keys that are set, with their values as flags have them.
pub fn pairs(mapping: &ImportMapping) -> Vec<(&'static str, String)> {
    let list = |them: &[Text]| (!them.is_empty()).then(|| them.join(","));
    let of = mapping.of.map(|it| Text::new_static(it.word()));
    let renames: Vec<String> =
        mapping.rename.iter().map(|(column, to)| format!("{column}:{to}")).collect();
    let one = |text: &Option<Text>| text.as_ref().map(ToString::to_string);
    [
        ("kind", one(&mapping.kind)),
        ("of", one(&of)),
        ("event", one(&mapping.event)),
        ("event_name", one(&mapping.event_name)),
        ("time", one(&mapping.time)),
        ("time_format", one(&mapping.time_format)),
        ("zone", one(&mapping.zone)),
        ("known_at", one(&mapping.known_at)),
        ("person", one(&mapping.person)),
        ("anonymous", one(&mapping.anonymous)),
        ("account", one(&mapping.account)),
        ("id", one(&mapping.id)),
        ("wide", list(&mapping.wide)),
        ("rename", (!renames.is_empty()).then(|| renames.join(","))),
        ("drop", list(&mapping.drop)),
        ("encoding", one(&mapping.encoding)),
        ("header", list(&mapping.header)),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some((key, value?)))
    .collect()
}

/// The mapping as YAML for the configuration, under a name.
pub fn to_yaml(name: &str, mapping: &ImportMapping) -> String {
    let mut yaml = format!("import:\n  {}:\n", yaml_text(name));
    for (key, value) in pairs(mapping) {
        let value = match key {
            "wide" | "drop" | "header" => {
                let items: Vec<String> = value.split(',').map(yaml_text).collect();
                format!("[{}]", items.join(", "))
            }
            "rename" => {
                let items: Vec<String> = mapping
                    .rename
                    .iter()
                    .map(|(column, to)| format!("{}: {}", yaml_text(column), yaml_text(to)))
                    .collect();
                format!("{{ {} }}", items.join(", "))
            }
            _ => yaml_text(&value),
        };
        writeln!(yaml, "    {key}: {value}").expect("writing to a text cannot fail");
    }
    yaml
}

/// A text as a YAML scalar: bare where nothing in it could be taken for anything else.
fn yaml_text(text: &str) -> String {
    let bare = text.starts_with(|it: char| it.is_ascii_alphabetic())
        && text.chars().all(|it| it.is_ascii_alphanumeric() || " _-.".contains(it))
        && !text.ends_with(' ')
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "y" | "n"
        );
    if bare { text.to_owned() } else { format!("{text:?}") }
}

/// The mapping as flags for the command line.
pub fn to_flags(mapping: &ImportMapping) -> String {
    let flags: Vec<String> = pairs(mapping)
        .into_iter()
        .map(|(key, value)| format!("--map {}", quoted(&format!("{key}={value}"))))
        .collect();
    flags.join(" ")
}

/// A word of the command line, in quotes where the shell needs them.
pub(crate) fn quoted(word: &str) -> String {
    let plain = word.chars().all(|it| it.is_ascii_alphanumeric() || "_-.,:=".contains(it));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_set_what_pairs_list() {
        let mut mapping = ImportMapping::default();
        let given = [
            ("kind", "event"),
            ("event_name", "Lesson watched"),
            ("time", "date"),
            ("time_format", "day first"),
            ("person", "user id"),
            ("rename", "min:minutes,c:course"),
            ("drop", "a,b"),
        ];
        for (key, value) in given {
            set(&mut mapping, key, value).unwrap();
        }
        insta::assert_snapshot!(to_yaml("lessons", &mapping), @r#"
        import:
          lessons:
            kind: event
            event_name: Lesson watched
            time: date
            time_format: day first
            person: user id
            rename: { c: course, min: minutes }
            drop: [a, b]
        "#);
        insta::assert_snapshot!(to_flags(&mapping), @"--map kind=event --map 'event_name=Lesson watched' --map time=date --map 'time_format=day first' --map 'person=user id' --map rename=c:course,min:minutes --map drop=a,b");
    }

    #[test]
    fn a_misspelt_key_is_refused_with_the_nearest() {
        let error = set(&mut ImportMapping::default(), "persn", "x").unwrap_err();
        assert_eq!(error.to_string(), "`persn` is no key of a mapping; did you mean `person`?");
        let error = set(&mut ImportMapping::default(), "of", "team").unwrap_err();
        assert_eq!(error.to_string(), "`team` is no value for `of`; it is account or person");
    }
}
