//! Walks a marked tree along a description of keys, and notes all that is wrong at its place.
//!
//! [`Reader`] gathers the diagnostics behind a shared reference, so that the code that fills a
//! struct reads like the struct. A [`Fields`] is a mapping whose keys have been checked; a
//! [`Slot`] is one value together with what its key takes. Reading returns `None` where there is
//! nothing or where it has been said what is wrong.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Component, Path};
use std::sync::Arc;

use super::check::Referent;
use super::keys::{Key, Need, Section, Takes, listed};
use super::names::lacks_quotes;
use super::value::Plain;
use super::yaml::{Node, Scalar, Value, shorten};
use crate::diagnostic::{Code, Diagnostic, Problem, SourceFile, SourceText, codes, nearest};
use crate::{Calendar, Text};

/// How a file of the project folder is opened: by its path inside the folder.
pub type Open<'a> = dyn Fn(&str) -> io::Result<String> + 'a;

/// What all parts of one reading share.
pub(super) struct Reader<'a> {
    opener: &'a Open<'a>,
    /// What stands before a path inside the project folder when it is shown to the user.
    folder: String,
    found: RefCell<Vec<Diagnostic>>,
    files: RefCell<BTreeMap<String, Arc<SourceFile>>>,
    /// Names of what was declared but could not be read.
    broken: RefCell<BTreeSet<Text>>,
    references: RefCell<Vec<(Referent, SourceText)>>,
    calendar: OnceCell<Calendar>,
    currency: OnceCell<Text>,
}

impl<'a> Reader<'a> {
    pub fn new(opener: &'a Open<'a>, folder: String) -> Self {
        Self {
            opener,
            folder,
            found: RefCell::default(),
            files: RefCell::default(),
            broken: RefCell::default(),
            references: RefCell::default(),
            calendar: OnceCell::new(),
            currency: OnceCell::new(),
        }
    }

    pub fn note(&self, diagnostic: Diagnostic) {
        self.found.borrow_mut().push(diagnostic);
    }

    /// All that was noted, the names that are broken, and the files that were opened on the way.
    pub fn finish(self) -> (Vec<Diagnostic>, BTreeSet<Text>, Vec<Arc<SourceFile>>) {
        let files = self.files.into_inner().into_values().collect();
        (self.found.into_inner(), self.broken.into_inner(), files)
    }

    /// The project's calendar; UTC until the settings have been read.
    pub fn calendar(&self) -> Calendar {
        self.calendar.get().cloned().unwrap_or_default()
    }

    pub fn set_calendar(&self, calendar: Calendar) {
        let _first_wins = self.calendar.set(calendar);
    }

    pub fn currency(&self) -> Option<&Text> {
        self.currency.get()
    }

    pub fn set_currency(&self, currency: Text) {
        let _first_wins = self.currency.set(currency);
    }

    /// Remembers that a name was declared, though what it stands for could not be read, so that
    /// nobody is told it is unknown.
    pub fn set_broken(&self, name: &str) {
        self.broken.borrow_mut().insert(name.into());
    }

    pub fn is_broken(&self, name: &str) -> bool {
        self.broken.borrow().contains(name)
    }

    /// Remembers that a value names something, to be looked for when all is read.
    pub fn refer(&self, referent: Referent, name: SourceText) {
        self.references.borrow_mut().push((referent, name));
    }

    pub fn references(&self) -> Vec<(Referent, SourceText)> {
        self.references.take()
    }

    /// Reads a file that a value names; each file once.
    pub fn file(&self, slot: &Slot<'_>) -> Option<Arc<SourceFile>> {
        let path = slot.text()?;
        let inside = Path::new(path.as_str())
            .components()
            .all(|it| matches!(it, Component::Normal(_) | Component::CurDir));
        if !inside {
            slot.wrong();
            return None;
        }
        let shown = format!("{}{path}", self.folder);
        if let Some(file) = self.files.borrow().get(&shown) {
            return Some(file.clone());
        }
        match (self.opener)(&path) {
            Ok(text) => {
                let file = Arc::new(SourceFile { name: shown.clone(), text });
                self.files.borrow_mut().insert(shown, file.clone());
                Some(file)
            }
            Err(error) => {
                let message = format!("cannot read `{path}`: {}", plain_reason(&error));
                let help = "Paths are counted from the folder of `firsthand.yaml`.";
                slot.error(codes::UNREADABLE_FILE, message, help);
                None
            }
        }
    }

    /// Notes that a name is written twice in one place or over several files.
    pub fn repeated(&self, what: &str, name: &SourceText, first: &SourceText) {
        let (line, _) = first.file.place(first.file_offset(0));
        let message = format!("{what} `{}` is there twice", name.text);
        let help = format!(
            "Remove one of them or rename it; the first is in {}, line {line}.",
            first.file.name
        );
        let span = 0..name.text.len();
        self.note(name.locate(Problem::error(codes::REPEATED, span, message).with_help(help)));
    }

    /// Checks the keys of a mapping against a section.
    pub fn open<'r>(&'r self, node: &'r Node, section: &'static Section) -> Option<Fields<'r>> {
        self.open_with(node, section, None)
    }

    /// The same for a document, which may have one more key: the word that says what it is.
    pub fn open_with<'r>(
        &'r self,
        node: &'r Node,
        section: &'static Section,
        word: Option<&str>,
    ) -> Option<Fields<'r>> {
        let Value::Map(entries) = &node.value else {
            if node.is_null() {
                let fields = Fields { reader: self, section, node, found: Vec::new() };
                fields.check_required();
                return Some(fields);
            }
            let message =
                format!("expected the keys of {}, found {}", section.name, node.describe());
            let help = Takes::Section(section).help();
            let problem = Problem::error(codes::WRONG_VALUE, 0..0, message).with_help(help);
            self.note(node.diagnostic(problem));
            return None;
        };
        let mut found: Vec<(&'static Key, &Scalar, &Node)> = Vec::new();
        let mut seen: BTreeMap<&str, &Scalar> = BTreeMap::new();
        for (name, value) in entries {
            let text = name.text.text.as_str();
            if let Some(first) = seen.get(text) {
                self.repeated("key", &name.text, &first.text);
                continue;
            }
            seen.insert(text, name);
            match section.key(text) {
                Some(key) => found.push((key, name, value)),
                None if word == Some(text) => {}
                None => self.unknown_key(name, section, word),
            }
        }
        let fields = Fields { reader: self, section, node, found };
        fields.check_required();
        Some(fields)
    }

    fn unknown_key(&self, name: &Scalar, section: &'static Section, word: Option<&str>) {
        let known: Vec<_> = word.into_iter().chain(section.keys.iter().map(|it| it.name)).collect();
        let text = shorten(&name.text.text);
        let mut help = nearest(&text, known.iter().copied())
            .map(|it| format!("Did you mean `{it}`? "))
            .unwrap_or_default();
        help.push_str("Known keys: ");
        help.push_str(&listed(&known));
        help.push('.');
        let message = format!("unknown key `{text}` in {}", section.name);
        self.note(
            name.diagnostic(Problem::error(codes::UNKNOWN_KEY, 0..0, message).with_help(help)),
        );
    }
}

/// What the system says, without its number, which differs from one to the next.
fn plain_reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "not permitted".to_owned(),
        io::ErrorKind::InvalidData => "not text in UTF-8".to_owned(),
        _ => error.to_string(),
    }
}

/// A mapping whose keys are those of its section.
pub(super) struct Fields<'r> {
    pub reader: &'r Reader<'r>,
    section: &'static Section,
    node: &'r Node,
    found: Vec<(&'static Key, &'r Scalar, &'r Node)>,
}

impl<'r> Fields<'r> {
    fn check_required(&self) {
        for key in self.section.keys.iter().filter(|it| it.need == Need::Required) {
            let given = self.found.iter().find(|(found, ..)| found.name == key.name);
            if given.is_none_or(|(.., node)| node.is_null()) {
                let message = format!("{} needs `{}`", self.section.name, key.name);
                let help = format!("Add `{}:` with {}.", key.name, key.takes.expected());
                let problem = Problem::error(codes::MISSING_KEY, 0..0, message).with_help(help);
                self.reader.note(match given {
                    Some((_, name, _)) => name.diagnostic(problem),
                    None => self.node.diagnostic(problem),
                });
            }
        }
    }

    /// The value of a key; `None` where nothing is written behind it.
    pub fn get(&self, key: &str) -> Option<Slot<'r>> {
        let (key, name, node) = *self.found.iter().find(|(it, ..)| it.name == key)?;
        if node.is_null() {
            return None;
        }
        Some(Slot {
            reader: self.reader,
            node,
            name: Some(name),
            label: key.name,
            takes: &key.takes,
        })
    }

    /// Whether anything is written behind the key.
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Whether the key is there, even if nothing is written behind it.
    pub fn mentions(&self, key: &str) -> bool {
        self.found.iter().any(|(it, ..)| it.name == key)
    }

    /// The keys behind a key that is there, of which none may be written.
    pub fn section(&self, key: &str) -> Option<Fields<'r>> {
        let (key, _, node) = self.found.iter().find(|(it, ..)| it.name == key)?;
        self.reader.open(node, section_of(&key.takes)?)
    }

    pub fn value<T: Plain>(&self, key: &str) -> Option<T> {
        self.get(key)?.value()
    }

    pub fn text(&self, key: &str) -> Option<Text> {
        self.get(key)?.text()
    }

    pub fn source(&self, key: &str) -> Option<SourceText> {
        self.get(key)?.source()
    }

    pub fn texts(&self, key: &str) -> Vec<Text> {
        self.sources(key).into_iter().map(|it| it.text).collect()
    }

    pub fn sources(&self, key: &str) -> Vec<SourceText> {
        let slots = self.get(key).map(|it| it.one_or_many()).unwrap_or_default();
        slots.iter().filter_map(Slot::source).collect()
    }

    pub fn fields(&self, key: &str) -> Option<Fields<'r>> {
        self.get(key)?.fields()
    }

    pub fn entries(&self, key: &str) -> Vec<(SourceText, Slot<'r>)> {
        self.get(key).map(|it| it.entries()).unwrap_or_default()
    }

    pub fn items(&self, key: &str) -> Vec<Slot<'r>> {
        self.get(key).map(|it| it.items()).unwrap_or_default()
    }

    /// Notes an error at the beginning of the whole mapping.
    pub fn error(&self, code: Code, message: impl Into<String>, help: impl Into<String>) {
        let problem = Problem::error(code, 0..0, message).with_help(help);
        self.reader.note(self.node.diagnostic(problem));
    }

    /// Notes, at each of these keys that is there, that it does not belong here.
    pub fn refuse(&self, keys: &[&str], why: &str, help: &str) {
        for (key, name, _) in &self.found {
            if keys.contains(&key.name) {
                let message = format!("`{}` {why}", key.name);
                let problem = Problem::error(codes::WRONG_VALUE, 0..0, message).with_help(help);
                self.reader.note(name.diagnostic(problem));
            }
        }
    }

    /// The text at which the mapping begins; where it was declared, if it has no name.
    pub fn beginning(&self) -> SourceText {
        let span = self.node.span.clone();
        let text = self.node.file.text.get(span.clone()).unwrap_or_default();
        SourceText {
            text: text.into(),
            file: self.node.file.clone(),
            anchors: Arc::new([(0, span.start)]),
        }
    }
}

/// One value, with what its key takes.
pub(super) struct Slot<'r> {
    pub reader: &'r Reader<'r>,
    node: &'r Node,
    name: Option<&'r Scalar>,
    label: &'r str,
    takes: &'static Takes,
}

impl<'r> Slot<'r> {
    /// Notes that the value is not what the key takes.
    pub fn wrong(&self) {
        let found = self.node.describe();
        let message = match self.takes {
            // The help lists the words; once is enough.
            Takes::Choice(_) => format!("`{}` cannot be {found}", self.label),
            takes => format!("`{}` takes {}, not {found}", self.label, takes.expected()),
        };
        self.error(codes::WRONG_VALUE, message, self.takes.help());
    }

    /// Notes an error at this value, or at its key if nothing is written behind it.
    pub fn error(&self, code: Code, message: impl Into<String>, help: impl Into<String>) {
        let problem = Problem::error(code, 0..0, message).with_help(help);
        self.reader.note(match self.name {
            Some(name) if self.node.is_null() => name.diagnostic(problem),
            _ => self.node.diagnostic(problem),
        });
    }

    /// The scalar, if it is one and says anything.
    pub fn scalar(&self) -> Option<&'r Scalar> {
        match &self.node.value {
            Value::Scalar(scalar) if !scalar.is_null() && !scalar.text.text.trim().is_empty() => {
                Some(scalar)
            }
            _ => None,
        }
    }

    /// A text with its place.
    pub fn source(&self) -> Option<SourceText> {
        let Some(scalar) = self.scalar() else {
            self.wrong();
            return None;
        };
        if matches!(self.takes, Takes::Events) && lacks_quotes(&scalar.text.text) {
            let name = scalar.text.text.trim();
            let help = format!(
                "Write it as `'\"{name}\"'`: the outer quotes are for YAML, the inner ones make it an \
                 event."
            );
            let message = format!("`{}` is not in double quotes of its own", shorten(name));
            self.error(codes::WRONG_VALUE, message, help);
            return None;
        }
        Some(scalar.text.clone())
    }

    pub fn text(&self) -> Option<Text> {
        self.source().map(|it| it.text)
    }

    /// A value of a fixed form.
    pub fn value<T: Plain>(&self) -> Option<T> {
        let read = self.scalar().and_then(|it| T::read(it.text.text.trim()));
        if read.is_none() {
            self.wrong();
        }
        read
    }

    pub fn is_map(&self) -> bool {
        matches!(self.node.value, Value::Map(_))
    }

    pub fn is_list(&self) -> bool {
        matches!(self.node.value, Value::List(_))
    }

    /// A mapping with the keys of the section that the key takes.
    pub fn fields(&self) -> Option<Fields<'r>> {
        self.reader.open(self.node, section_of(self.takes)?)
    }

    /// A mapping with the keys of this section, where the key takes several forms.
    pub fn fields_of(&self, section: &'static Section) -> Option<Fields<'r>> {
        self.reader.open(self.node, section)
    }

    /// A mapping from names, each once (letter case does not tell names apart).
    pub fn entries(&self) -> Vec<(SourceText, Slot<'r>)> {
        let Value::Map(entries) = &self.node.value else {
            if !self.node.is_null() {
                self.wrong();
            }
            return Vec::new();
        };
        let takes = match self.takes {
            Takes::Map(_, of) => of,
            other => other,
        };
        let mut seen: BTreeMap<String, &Scalar> = BTreeMap::new();
        let mut slots = Vec::new();
        for (name, node) in entries {
            if let Some(first) = seen.get(&name.text.text.to_lowercase()) {
                self.reader.repeated("name", &name.text, &first.text);
                continue;
            }
            seen.insert(name.text.text.to_lowercase(), name);
            let (reader, label) = (self.reader, name.text.text.as_str());
            slots.push((name.text.clone(), Slot { reader, node, name: Some(name), label, takes }));
        }
        slots
    }

    /// The entries of a list.
    pub fn items(&self) -> Vec<Slot<'r>> {
        if self.is_list() {
            return self.one_or_many();
        }
        self.wrong();
        Vec::new()
    }

    /// The entries of a list, or the one value that stands in its place.
    pub fn one_or_many(&self) -> Vec<Slot<'r>> {
        let takes = match self.takes {
            Takes::List(of) | Takes::OneOrMany(of) => of,
            other => other,
        };
        let slot = |node| Slot { node, name: None, takes, ..*self };
        match &self.node.value {
            Value::List(items) => items.iter().map(slot).collect(),
            _ => vec![slot(self.node)],
        }
    }
}

fn section_of(takes: &'static Takes) -> Option<&'static Section> {
    match takes {
        Takes::Section(section) => Some(section),
        Takes::List(of) | Takes::OneOrMany(of) | Takes::Map(_, of) => section_of(of),
        Takes::Either(all) => all.iter().find_map(section_of),
        _ => None,
    }
}
