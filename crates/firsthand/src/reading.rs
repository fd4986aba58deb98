//! Which files a project was read from, so that it can be told what has changed since.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use firsthand_model::config::{SETTINGS_FILE, documents};
use firsthand_model::diagnostic::SourceFile;

/// The files of a project as they were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The hash of each, by its name.
    files: BTreeMap<String, blake3::Hash>,
    /// The settings' text by their keys.
    settings: BTreeMap<String, String>,
}

/// When a setting that has changed counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settings {
    /// At once.
    Judged,
    /// At once, and plays begin anew from what is written down.
    Plays,
    /// From the next start on: the server has set it up when it began.
    AtStart,
    /// From the next start on, and all else with it: everything recorded hangs on it.
    Fixed,
}

impl Settings {
    /// When the setting of a key counts.
    pub fn of(key: &str) -> Self {
        match key {
            "zone" | "week_starts" | "currency" | "start" | "identity" => Self::Fixed,
            "project" | "import" | "sources" | "url" | "channels" | "retention" => Self::AtStart,
            "leads" | "contact" | "messages" | "plays" => Self::Plays,
            _ => Self::Judged,
        }
    }
}

impl Reading {
    /// What these files say.
    pub fn of(files: &[Arc<SourceFile>]) -> Self {
        let is_settings = |it: &&Arc<SourceFile>| {
            Path::new(&it.name).file_name().is_some_and(|it| it == SETTINGS_FILE)
        };
        let settings = files.iter().find(is_settings).map(|it| blocks(it)).unwrap_or_default();
        let hash = |it: &Arc<SourceFile>| (it.name.clone(), blake3::hash(it.text.as_bytes()));
        Self { files: files.iter().map(hash).collect(), settings }
    }

    /// The names of the files in which another reading differs.
    pub fn changed_files(&self, other: &Self) -> Vec<String> {
        let names: BTreeSet<&String> = self.files.keys().chain(other.files.keys()).collect();
        let differs = |it: &&&String| self.files.get(**it) != other.files.get(**it);
        names.iter().filter(differs).map(|it| (*it).clone()).collect()
    }

    /// The keys of the settings in which another reading differs, comments included.
    pub fn changed_settings(&self, other: &Self) -> Vec<String> {
        let keys: BTreeSet<&String> = self.settings.keys().chain(other.settings.keys()).collect();
        let differs = |it: &&&String| self.settings.get(**it) != other.settings.get(**it);
        keys.iter().filter(differs).map(|it| (*it).clone()).collect()
    }
}

/// The text of each key of the settings, which stand in a file's first document.
fn blocks(file: &SourceFile) -> BTreeMap<String, String> {
    let first = documents(file).into_iter().next().filter(|it| it.defines.is_none());
    let text = first.map_or("", |it| &file.text[it.bytes]);
    let mut blocks = BTreeMap::<String, String>::new();
    let mut key = None;
    for line in text.lines() {
        let begins = line.starts_with(|it: char| it.is_alphabetic() || matches!(it, '"' | '\''));
        if let Some((name, _)) = line.split_once(':').filter(|_| begins) {
            key = Some(name.trim().trim_matches(['"', '\'']).to_owned());
        }
        // What lies between two settings belongs to neither.
        let blank = line.trim().is_empty() || line.starts_with('#');
        if let Some(key) = key.as_ref().filter(|_| !blank) {
            let block = blocks.entry(key.clone()).or_default();
            block.push_str(line);
            block.push('\n');
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(settings: &str, more: &str) -> Reading {
        let file = |name: &str, text: &str| {
            Arc::new(SourceFile { name: name.to_owned(), text: text.to_owned() })
        };
        Reading::of(&[file("a/firsthand.yaml", settings), file("a/definitions/x.yaml", more)])
    }

    const BEFORE: &str = "\
project: Acme
# How they are told.
channels:
  hook: { webhook: { url: https://a.example } }

plays:
  call: { track: product }
---
definition: busy
when: count(any) >= 3
";

    #[test]
    fn what_differs_is_told_by_file_and_by_key() {
        let before = reading(BEFORE, "definition: x\n");
        assert_eq!(before.changed_settings(&before), Vec::<String>::new());
        let other = BEFORE.replace("https://a", "https://b").replace("# How", "# Why");
        let after = reading(&other, "definition: y\n");
        assert_eq!(before.changed_settings(&after), ["channels"]);
        assert_eq!(before.changed_files(&after), ["a/definitions/x.yaml", "a/firsthand.yaml"]);
        let gone = reading(&BEFORE.replace("project: Acme\n", ""), "definition: x\n");
        assert_eq!(before.changed_settings(&gone), ["project"]);
    }

    #[test]
    fn definitions_are_no_settings() {
        let other = BEFORE.replace(">= 3", ">= 4");
        let after = reading(&other, "definition: x\n");
        assert_eq!(
            reading(BEFORE, "definition: x\n").changed_settings(&after),
            Vec::<String>::new()
        );
        assert_eq!(Settings::of("definitions"), Settings::Judged);
        assert_eq!(Settings::of("identity"), Settings::Fixed);
    }
}
