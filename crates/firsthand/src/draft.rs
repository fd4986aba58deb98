//! A definition's text on its way into the project's files, in memory alone.
//!
//! The files are the source of truth. A draft is the text of one definition, its own YAML with all
//! its comments; [`draft`] puts it into the place where the definition stands, leaves every other
//! byte as it is, and makes the whole project of it: sound and compiled, or with diagnostics whose
//! places are those of the draft's own text. [`without`] takes a definition out in the same way.
//! Nothing is written here: [`Change`] says what would be, and over what.

mod write;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use firsthand_model::config::{
    DEFINITIONS_FOLDER, Document, Files, Loaded, NAME_BYTES_MAX, Project, documents,
};
use firsthand_model::diagnostic::{
    Diagnostic, Problem, Severity, SourceFile, SourceText, codes, has_errors, sort,
};
use firsthand_model::seen::Seen;
use firsthand_rules::compile::compile;
use firsthand_rules::compile::program::Program;

use crate::checked::{Checked, Outcome};
use crate::project::Folder;

pub use write::WriteError;

/// Longest text of a draft, in bytes.
pub const DRAFT_BYTES_MAX: usize = 64 * 1024;

/// What a definition says in the project's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its own YAML, comments included; lines end as they do in an editor, with `\n` alone.
    pub text: String,
    /// The file that it stands in, inside the project folder.
    pub path: PathBuf,
    /// The hash of the whole file.
    pub hash: blake3::Hash,
}

/// What would become of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The file, inside the project folder.
    pub path: PathBuf,
    /// The hash of the file as it was read; `None` if there was none.
    pub before: Option<blake3::Hash>,
    /// What it would hold; `None` if it would hold nothing any more, and goes.
    pub contents: Option<String>,
}

/// A project with a draft in it.
pub struct Drafted {
    /// What publishing it would write.
    pub change: Change,
    /// Where the draft stands in that file; its text is a file of its own, where `diagnostics`
    /// point to, unless they are about another file.
    pub place: Place,
    /// All that is wrong with the draft, and what it breaks elsewhere; errors and warnings.
    pub diagnostics: Vec<Diagnostic>,
    /// The draft's stories in order, and how each came out.
    pub stories: Vec<(String, Outcome)>,
    /// The project, if nothing keeps it from running; a story that came out differently does not.
    pub sound: Option<Sound>,
}

impl Drafted {
    /// The project, if nothing at all is wrong with it: what may be published.
    pub fn publishable(&self) -> Option<&Sound> {
        self.sound.as_ref().filter(|_| !has_errors(&self.diagnostics))
    }
}

/// A project without errors.
pub struct Sound {
    /// What the team wrote.
    pub project: Project,
    /// The same, compiled.
    pub program: Program,
}

/// Why there can be no draft at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// The text is too long.
    #[error("a definition of {0} bytes, more than {DRAFT_BYTES_MAX}")]
    TooLarge(usize),
    /// Nothing can be called that.
    #[error("`{0}` cannot be the name of a definition")]
    BadName(String),
    /// The definition stands within the settings, where it has no text of its own.
    #[error("`{0}` is defined within the settings")]
    InSettings(String),
    /// The file that a new definition would have holds something else.
    #[error("`{0}` exists already and does not define this")]
    FileTaken(String),
    /// There is no such definition.
    #[error("no definition `{0}`")]
    Unknown(String),
}

impl DraftError {
    /// What to do about it, as a whole sentence.
    pub fn help(&self) -> &'static str {
        match self {
            Self::TooLarge(_) => "Keep long lists and stories in files of their own.",
            Self::BadName(_) => "Write small letters, digits, `-` and `_`, at most 100.",
            Self::InSettings(_) => {
                "Move it into a file of its own under `definitions/`, then it can be edited here."
            }
            Self::FileTaken(_) => "Choose another name, or rename that file.",
            Self::Unknown(_) => "Look at the list of definitions.",
        }
    }
}

/// What the project's files say of a definition; `None` if they do not define it.
///
/// # Errors
/// [`DraftError::InSettings`] where it has no text of its own.
pub fn written(folder: &Folder, name: &str) -> Result<Option<Written>, DraftError> {
    let files = Files::read(folder.path());
    let Some((file, document)) = place_of(&files, name) else {
        let elsewhere = files.load().project.definitions.contains_key(name);
        return if elsewhere { Err(DraftError::InSettings(name.to_owned())) } else { Ok(None) };
    };
    Ok(Some(Written {
        text: file.text[document.bytes].replace("\r\n", "\n"),
        path: inside(&files, file),
        hash: hash(file),
    }))
}

/// The project with this text as the definition `name`; `seen` is what the data has shown. A
/// definition that does not exist yet gets a file of its own.
///
/// # Errors
/// Where the text cannot be put anywhere. What is wrong with the text itself is told by
/// [`Drafted::diagnostics`].
pub fn draft(
    folder: &Folder,
    name: &str,
    text: &str,
    seen: Option<&Seen>,
) -> Result<Drafted, DraftError> {
    if text.len() > DRAFT_BYTES_MAX {
        return Err(DraftError::TooLarge(text.len()));
    }
    if !is_name(name) {
        return Err(DraftError::BadName(name.to_owned()));
    }
    let mut files = Files::read(folder.path());
    let text = text.replace("\r\n", "\n");
    let (path, before, spliced) = if let Some((file, document)) = place_of(&files, name) {
        let spliced = Place::into(file, &document, &text);
        (inside(&files, file), Some(hash(file)), spliced)
    } else {
        let path = new_file(folder, &files, name)?;
        let spliced = Place::alone(files.name_of(&path), &text);
        (path, None, spliced)
    };
    files.files.retain(|it| it.name != spliced.file.name);
    files.files.push(Arc::clone(&spliced.file));
    let change = Change { path, before, contents: Some(spliced.file.text.clone()) };
    let loaded = Folder::loaded(&files);
    let checked = Checked::of(&loaded, seen);
    Ok(spliced.drafted(name, change, loaded, checked))
}

/// The project without a definition.
///
/// # Errors
/// [`DraftError::Unknown`] if there is none of this name, [`DraftError::InSettings`] if it has no
/// text of its own.
pub fn without(folder: &Folder, name: &str) -> Result<Drafted, DraftError> {
    let mut files = Files::read(folder.path());
    let Some((file, document)) = place_of(&files, name) else {
        let elsewhere = files.load().project.definitions.contains_key(name);
        let why = if elsewhere { DraftError::InSettings } else { DraftError::Unknown };
        return Err(why(name.to_owned()));
    };
    let (file, path) = (Arc::clone(file), inside(&files, file));
    let others = documents(&file).len() > 1;
    let spliced = Place::into(&file, &document, "");
    files.files.retain(|it| it.name != file.name);
    if others {
        files.files.push(Arc::clone(&spliced.file));
    }
    let contents = others.then(|| spliced.file.text.clone());
    let change = Change { path, before: Some(hash(&file)), contents };
    let loaded = Folder::loaded(&files);
    let checked = Checked::of(&loaded, None);
    Ok(spliced.drafted(name, change, loaded, checked))
}

/// A file with a draft in it, and the way back to the draft's own places.
pub struct Place {
    file: Arc<SourceFile>,
    /// Where in the file the draft begins.
    from: usize,
    /// Where it ends.
    to: usize,
    /// The draft's text, under the name of the file.
    pub text: Arc<SourceFile>,
}

impl Place {
    /// A file that holds nothing else.
    fn alone(name: String, text: &str) -> Self {
        let mut contents = text.to_owned();
        if !contents.ends_with('\n') {
            contents.push('\n');
        }
        Self {
            from: 0,
            to: text.len(),
            file: Arc::new(SourceFile { name: name.clone(), text: contents }),
            text: Arc::new(SourceFile { name, text: text.to_owned() }),
        }
    }

    /// A file with the text in the place of one of its documents. Lines end as they did there.
    fn into(file: &SourceFile, document: &Document, text: &str) -> Self {
        let old = &file.text[document.bytes.clone()];
        let (before, behind) =
            (&file.text[..document.bytes.start], &file.text[document.bytes.end..]);
        let mut contents = before.to_owned();
        if !before.is_empty() && !before.ends_with(['\n', '\u{feff}']) && !text.starts_with(' ') {
            contents.push('\n');
        }
        let from = contents.len();
        let ending = if old.contains("\r\n") { "\r\n" } else { "\n" };
        contents.push_str(&text.replace('\n', ending));
        let to = contents.len();
        if !text.is_empty() && !text.ends_with('\n') && (!behind.is_empty() || old.ends_with('\n'))
        {
            contents.push_str(ending);
        }
        contents.push_str(behind);
        let name = file.name.clone();
        Self {
            from,
            to,
            file: Arc::new(SourceFile { name: name.clone(), text: contents }),
            text: Arc::new(SourceFile { name, text: text.to_owned() }),
        }
    }

    fn drafted(self, name: &str, change: Change, loaded: Loaded, checked: Checked) -> Drafted {
        let stories = checked.stories(&loaded.project).into_iter();
        let stories = stories.filter(|(of, ..)| *of == name);
        let stories = stories.map(|(_, story, it)| (story.title.to_string(), it)).collect();
        let mut diagnostics = self.of_one(name);
        let sound = checked.can_run() && diagnostics.is_empty();
        diagnostics.extend(checked.diagnostics.into_iter().filter_map(|it| self.brought_back(it)));
        sort(&mut diagnostics);
        // Of a sound project nothing is lost by compiling it once more; it takes a millisecond.
        let sound = sound.then(|| {
            let program = compile(&loaded.project).program;
            Sound { project: loaded.project, program }
        });
        Drafted { change, place: self, diagnostics, stories, sound }
    }

    /// What keeps the text from being the one definition that it is the draft of.
    fn of_one(&self, name: &str) -> Vec<Diagnostic> {
        let found = documents(&self.text);
        let wrong = |span, message: String, help: &str| {
            let problem = Problem::error(codes::WRONG_VALUE, span, message).with_help(help);
            vec![Diagnostic { problem, file: Arc::clone(&self.text) }]
        };
        if let Some(second) = found.get(1) {
            let span = second.bytes.start..second.bytes.start;
            let help = "Remove the line `---` and what follows it, or give that a file of its own.";
            return wrong(span, "a draft holds one definition, nothing else".to_owned(), help);
        }
        let Some(Document { defines: Some((word, found)), .. }) = found.first() else {
            // Why it defines nothing is told by who reads it.
            return Vec::new();
        };
        if (*word, found.as_str()) == ("definition", name) {
            return Vec::new();
        }
        let at = self.text.text.find(found.as_str()).unwrap_or(0);
        let message = format!("this is the draft of `{name}`, not of the {word} `{found}`");
        let help = "Begin it with its name; another name is another definition.";
        wrong(at..at + found.len(), message, help)
    }

    /// The bytes of the draft that bytes of one of its texts stand on; `None` for a text that is
    /// not the draft's.
    pub fn of(&self, text: &SourceText, bytes: &Range<usize>) -> Option<Range<usize>> {
        if text.file.name != self.file.name {
            return None;
        }
        let (start, end) = (text.file_offset(bytes.start), text.file_offset(bytes.end));
        (self.from <= start && end <= self.to).then(|| self.own(start)..self.own(end))
    }

    /// The byte of the draft at a byte of the file. Lines of the draft end with `\n` alone.
    fn own(&self, at: usize) -> usize {
        let part = &self.file.text[self.from..at.clamp(self.from, self.to)];
        part.len() - part.matches("\r\n").count()
    }

    /// A diagnostic at its place in the draft, if it stands there; errors elsewhere stay where
    /// they are, and warnings elsewhere are none of the draft's.
    fn brought_back(&self, told: Diagnostic) -> Option<Diagnostic> {
        let Diagnostic { problem, file } = told;
        let (start, end) = (problem.span.start, problem.span.end);
        if file.name != self.file.name || start < self.from || start > self.to {
            let elsewhere = problem.severity == Severity::Error;
            return elsewhere.then_some(Diagnostic { problem, file });
        }
        let span = self.own(start)..self.own(end);
        Some(Diagnostic { problem: Problem { span, ..problem }, file: Arc::clone(&self.text) })
    }
}

fn place_of<'f>(files: &'f Files, name: &str) -> Option<(&'f Arc<SourceFile>, Document)> {
    files.files.iter().find_map(|file| {
        let is_it = |it: &Document| {
            it.defines.as_ref().is_some_and(|(word, it)| *word == "definition" && it == name)
        };
        documents(file).into_iter().find(is_it).map(|it| (file, it))
    })
}

/// The file of a definition that does not exist yet.
fn new_file(folder: &Folder, files: &Files, name: &str) -> Result<PathBuf, DraftError> {
    let path = Path::new(DEFINITIONS_FOLDER).join(format!("{name}.yaml"));
    if folder.path().join(&path).exists() {
        return Err(DraftError::FileTaken(path.display().to_string()));
    }
    if files.load().project.definitions.contains_key(name) {
        return Err(DraftError::InSettings(name.to_owned()));
    }
    Ok(path)
}

/// The path of a file inside its folder.
fn inside(files: &Files, file: &SourceFile) -> PathBuf {
    let path = Path::new(&file.name);
    path.strip_prefix(&files.folder).unwrap_or(path).to_owned()
}

fn hash(file: &SourceFile) -> blake3::Hash {
    blake3::hash(file.text.as_bytes())
}

/// Whether something can be called this. It becomes the name of a file.
fn is_name(name: &str) -> bool {
    let fits = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit();
    name.starts_with(fits)
        && name.chars().all(|it| fits(it) || matches!(it, '-' | '_'))
        && name.len() <= NAME_BYTES_MAX
}

#[cfg(test)]
mod tests;
