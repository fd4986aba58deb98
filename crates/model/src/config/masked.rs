//! Files of a project as they may be shown: without the secrets that are written in them.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use super::keys::{Section, Takes};
use super::project::PROJECT;
use super::secret::Secret;
use super::yaml::{Node, Value, parse};
use crate::diagnostic::SourceFile;

/// What stands in the place of a secret.
const MASK: &str = "****";

/// The names of all keys behind which secrets stand.
static SECRETS: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    let mut names = BTreeSet::new();
    of_section(&PROJECT, &mut names, &mut Vec::new());
    names
});

fn of_section(
    section: &'static Section,
    names: &mut BTreeSet<&'static str>,
    met: &mut Vec<&'static str>,
) {
    if met.contains(&section.name) {
        return;
    }
    met.push(section.name);
    for key in section.keys {
        if is_secret(&key.takes) {
            names.insert(key.name);
        }
        of_value(&key.takes, names, met);
    }
}

fn is_secret(takes: &Takes) -> bool {
    match takes {
        Takes::Secret => true,
        Takes::List(of) | Takes::OneOrMany(of) | Takes::Map(_, of) => is_secret(of),
        Takes::Either(any) => any.iter().any(is_secret),
        _ => false,
    }
}

fn of_value(
    takes: &'static Takes,
    names: &mut BTreeSet<&'static str>,
    met: &mut Vec<&'static str>,
) {
    match takes {
        Takes::Section(section) => of_section(section, names, met),
        Takes::List(of) | Takes::OneOrMany(of) | Takes::Map(_, of) => of_value(of, names, met),
        Takes::Either(any) => any.iter().for_each(|it| of_value(it, names, met)),
        _ => {}
    }
}

/// A file without its secrets, and the environment variables that it names in their place, each
/// once and in order. `None` where it is not YAML as it stands: then nobody can tell what is secret.
pub fn masked(file: &Arc<SourceFile>) -> Option<(String, Vec<String>)> {
    let (documents, diagnostics) = parse(file);
    if !diagnostics.is_empty() {
        return None;
    }
    let mut found = Found::default();
    for document in &documents {
        // Above all others a key of such a name says where the server is, or the like.
        if let Value::Map(entries) = &document.value {
            for (_, value) in entries {
                found.look(value, false);
            }
        }
    }
    let mut text = file.text.clone();
    found.spans.sort_unstable_by_key(|it| std::cmp::Reverse(it.start));
    for span in found.spans {
        text.replace_range(span, MASK);
    }
    Some((text, found.variables))
}

#[derive(Default)]
struct Found {
    spans: Vec<Range<usize>>,
    variables: Vec<String>,
}

impl Found {
    fn look(&mut self, node: &Node, secret: bool) {
        match &node.value {
            Value::Scalar(scalar) if secret && !scalar.is_null() => {
                match Secret::new(scalar.text.text.clone()).variable() {
                    None => self.spans.push(scalar.span.clone()),
                    Some(name) if self.variables.iter().any(|it| it == name) => {}
                    Some(name) => self.variables.push(name.to_owned()),
                }
            }
            Value::Scalar(_) => {}
            Value::List(items) => items.iter().for_each(|it| self.look(it, secret)),
            Value::Map(entries) => {
                for (key, value) in entries {
                    self.look(value, secret || SECRETS.contains(key.text.text.as_str()));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Option<(String, Vec<String>)> {
        let name = "firsthand.yaml".to_owned();
        masked(&Arc::new(SourceFile { name, text: text.to_owned() }))
    }

    #[test]
    fn secrets_that_stand_in_a_file_are_not_shown_and_variables_are_named() {
        let (shown, variables) = check(
            "url: https://leads.acme.example\nsources:\n  web: { key: [wk_1, env:WEB], accepts: facts }\n  app:\n    key:\n      - \"wk_2\"\n      - 'env:WEB'\nchannels:\n  crm:\n    hubspot: { token: env:CRM }\n",
        )
        .unwrap();
        assert_eq!(
            shown,
            "url: https://leads.acme.example\nsources:\n  web: { key: [****, env:WEB], accepts: facts }\n  app:\n    key:\n      - ****\n      - 'env:WEB'\nchannels:\n  crm:\n    hubspot: { token: env:CRM }\n"
        );
        assert_eq!(variables, ["WEB", "CRM"]);
    }

    #[test]
    fn what_cannot_be_read_is_not_shown() {
        assert_eq!(check("sources: { web: { key: wk_1 }\n"), None);
    }

    #[test]
    fn every_key_that_takes_a_secret_is_known() {
        for name in ["key", "secret", "client_secret", "token", "webhook", "signing_secret", "url"]
        {
            assert!(SECRETS.contains(name), "{name}");
        }
    }
}
