//! From the files of a project folder to a [`Project`].

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use super::keys::listed;
use super::project::{self, PROJECT, Project, Word};
use super::read::{Open, Reader};
use super::yaml::{self, FILE_BYTES_MAX, Node, Value, shorten};
use super::{check, grade};
use crate::Text;
use crate::diagnostic::{Diagnostic, Problem, SourceFile, codes, nearest, sort};

/// The file of the settings.
pub const SETTINGS_FILE: &str = "firsthand.yaml";

/// The folder of the definitions, inside the project folder.
pub const DEFINITIONS_FOLDER: &str = "definitions";

/// What was read, whole or in part.
#[derive(Debug)]
pub struct Loaded {
    /// All that could be read. Where there are errors it is incomplete: what is wrong is left out.
    pub project: Project,
    /// All that is wrong, by file and place.
    pub diagnostics: Vec<Diagnostic>,
    /// Every file that was read: settings, definitions, lists, stories.
    pub files: Vec<Arc<SourceFile>>,
    /// Names that are declared, but whose text is wrong and therefore left out. Whoever looks for
    /// unknown names is silent about these: the cause has been told already.
    pub broken: BTreeSet<Text>,
}

/// The files of a project folder as they are on disk, before anything is made of them.
#[derive(Clone, Debug)]
pub struct Files {
    /// The folder.
    pub folder: PathBuf,
    /// Settings and definitions, named as a user would type them.
    pub files: Vec<Arc<SourceFile>>,
    /// What could not be read.
    pub unreadable: Vec<Diagnostic>,
}

impl Files {
    /// Reads `firsthand.yaml` and `definitions/*.yaml`.
    pub fn read(folder: &Path) -> Self {
        let mut files = Vec::new();
        let mut unreadable = Vec::new();
        let settings = folder.join(SETTINGS_FILE);
        let mut paths = vec![(shown(folder, Path::new(SETTINGS_FILE)), settings)];
        match definition_files(folder) {
            Ok(more) => paths.extend(more),
            Err(error) => {
                let name = shown(folder, Path::new(DEFINITIONS_FOLDER));
                unreadable.push(cannot_read(&name, &error));
            }
        }
        for (name, path) in paths {
            match read_text(&path, &name) {
                Ok(file) => files.push(Arc::new(file)),
                Err(diagnostic) => unreadable.push(diagnostic),
            }
        }
        Self { folder: folder.to_owned(), files, unreadable }
    }

    /// What a file inside the folder is named here.
    pub fn name_of(&self, inside: &Path) -> String {
        shown(&self.folder, inside)
    }

    /// Makes a project of them; lists and stories that they name are read from the folder.
    pub fn load(&self) -> Loaded {
        let open = |path: &str| read_bounded(&self.folder.join(path)).and_then(utf8);
        let mut loaded = Project::from_files(&self.files, &open);
        loaded.diagnostics.extend(self.unreadable.iter().cloned());
        sort(&mut loaded.diagnostics);
        loaded
    }
}

impl Project {
    /// Reads a project folder: `firsthand.yaml` and `definitions/*.yaml`.
    pub fn load(folder: &Path) -> Loaded {
        Files::read(folder).load()
    }

    /// Reads files that are at hand already; `open` gives those that they name, lists and stories,
    /// by their path inside the project folder.
    ///
    /// The settings are the first document of the file `firsthand.yaml`; all other documents
    /// define something. Touches no disk but through `open`.
    pub fn from_files(files: &[Arc<SourceFile>], open: &Open<'_>) -> Loaded {
        let settings = files.iter().find(|it| is_settings(it));
        let folder =
            settings.and_then(|it| it.name.strip_suffix(SETTINGS_FILE)).unwrap_or_default();
        let reader = Reader::new(open, folder.to_owned());

        let mut project = Self::default();
        let mut documents = Vec::new();
        let mut whole = true;
        // The settings come first: times in definitions are read in the project's zone.
        let in_order = settings.into_iter().chain(files.iter().filter(|it| !is_settings(it)));
        for file in in_order {
            let (nodes, refused) = yaml::parse(file);
            whole &= refused.is_empty();
            for diagnostic in refused {
                reader.note(diagnostic);
            }
            let mut nodes = nodes.into_iter().peekable();
            let settled = is_settings(file) && nodes.peek().is_some_and(|it| word_of(it).is_none());
            if let Some(node) = nodes.next_if(|_| settled)
                && let Some(fields) = reader.open(&node, &PROJECT)
            {
                project = project::read(&fields);
            }
            documents.extend(nodes);
        }
        for node in &documents {
            read_document(&reader, &mut project, node);
        }
        grade::settle_subjects(&mut project.grades);
        // What a file that is no YAML would have defined is not known.
        if whole {
            check::references(&reader, &project);
        }
        let (mut diagnostics, broken, opened) = reader.finish();
        sort(&mut diagnostics);
        Loaded {
            project,
            diagnostics,
            files: files.iter().cloned().chain(opened).collect(),
            broken,
        }
    }
}

fn is_settings(file: &Arc<SourceFile>) -> bool {
    Path::new(&file.name).file_name().is_some_and(|it| it == SETTINGS_FILE)
}

/// What a document defines: by its first key, even if that is misspelt, else by any key.
pub(super) fn word_of(node: &Node) -> Option<Word> {
    let Value::Map(entries) = &node.value else {
        return None;
    };
    let named = |key: &str| Word::ALL.into_iter().find(|it| it.singular() == key);
    let first = entries.first()?.0.text.text.as_str();
    let settings = PROJECT.keys.iter().map(|it| it.name);
    let known = settings.chain(Word::ALL.map(Word::singular));
    if let Some(near) = nearest(first, known) {
        return named(near);
    }
    let has = |word: &Word| entries.iter().any(|(key, _)| key.text.text == word.singular());
    Word::ALL.into_iter().find(has)
}

fn read_document(reader: &Reader<'_>, project: &mut Project, node: &Node) {
    let words = Word::ALL.map(Word::singular);
    let Some(word) = word_of(node) else {
        let (message, help) = match &node.value {
            Value::Map(entries)
                if entries.iter().any(|(key, _)| PROJECT.key(&key.text.text).is_some()) =>
            {
                (
                    "settings outside the first document of `firsthand.yaml`".to_owned(),
                    "Move these keys there; further documents define one thing each.".to_owned(),
                )
            }
            Value::Map(_) => (
                "a document that does not say what it defines".to_owned(),
                format!("Begin it with one of {} and a name.", listed(&words)),
            ),
            _ => (
                format!("a document takes keys, not {}", node.describe()),
                format!("Begin it with one of {} and a name.", listed(&words)),
            ),
        };
        let problem = Problem::error(codes::MISSING_KEY, 0..0, message).with_help(help);
        reader.note(node.diagnostic(problem));
        return;
    };
    let Value::Map(entries) = &node.value else {
        return;
    };
    let key = word.singular();
    let Some(fields) = reader.open_with(node, word.section(), Some(key)) else {
        return;
    };
    let Some((_, name)) = entries.iter().find(|(it, _)| it.text.text == key) else {
        return;
    };
    match &name.value {
        Value::Scalar(scalar) if !scalar.is_null() && !scalar.text.text.is_empty() => {
            project.add(word, &scalar.text, &fields);
        }
        _ => {
            let message = format!("`{key}` takes a name, not {}", shorten(&name.describe()));
            let help = format!("Write its name behind it: `{key}: my-{key}`.");
            let problem = Problem::error(codes::WRONG_VALUE, 0..0, message).with_help(help);
            reader.note(name.diagnostic(problem));
        }
    }
}

/// The YAML files of the definitions folder, by name; none if there is no such folder.
fn definition_files(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let entries = match fs::read_dir(folder.join(DEFINITIONS_FOLDER)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        let is_yaml = path.extension().is_some_and(|it| it == "yaml" || it == "yml");
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if is_yaml && !hidden && path.is_file() {
            let inside = Path::new(DEFINITIONS_FOLDER).join(entry.file_name());
            files.push((shown(folder, &inside), path));
        }
    }
    files.sort();
    Ok(files)
}

/// A path as the user would type it.
fn shown(folder: &Path, inside: &Path) -> String {
    let path = if folder == Path::new(".") { inside.to_owned() } else { folder.join(inside) };
    path.to_string_lossy().into_owned()
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let size = fs::metadata(path)?.len();
    if usize::try_from(size).unwrap_or(usize::MAX) > FILE_BYTES_MAX {
        return Err(io::Error::other(format!("{size} bytes, more than {FILE_BYTES_MAX}")));
    }
    fs::read(path)
}

fn utf8(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|_| io::ErrorKind::InvalidData.into())
}

fn read_text(path: &Path, name: &str) -> Result<SourceFile, Diagnostic> {
    let bytes = read_bounded(path).map_err(|error| cannot_read(name, &error))?;
    String::from_utf8(bytes).map(|text| SourceFile { name: name.to_owned(), text }).map_err(
        |error| {
            // Shown with the bytes replaced; up to the first of them the offsets are the same.
            let at = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let message = "not text in UTF-8";
            let problem = Problem::error(codes::NOT_YAML, at..at + '\u{fffd}'.len_utf8(), message)
                .with_help("Save the file in the encoding UTF-8.");
            Diagnostic { problem, file: Arc::new(SourceFile { name: name.to_owned(), text }) }
        },
    )
}

fn cannot_read(name: &str, error: &io::Error) -> Diagnostic {
    let missing = error.kind() == io::ErrorKind::NotFound;
    let (message, help) = if missing {
        let help = "Run `firsthand init` to make a project folder, or name another folder.";
        (format!("there is no `{name}`"), help)
    } else {
        (format!("cannot read `{name}`: {error}"), "Check the file and its permissions.")
    };
    let problem = Problem::error(codes::UNREADABLE_FILE, 0..0, message).with_help(help);
    Diagnostic {
        problem,
        file: Arc::new(SourceFile { name: name.to_owned(), text: String::new() }),
    }
}
