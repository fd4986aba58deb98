//! Errors and warnings that a person reads: where, what is wrong, what to do (docs/language.md,
//! section 9).

mod render;

use std::ops::Range;
use std::sync::Arc;

use crate::Text;

pub use render::{Style, render, to_json};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing runs until it is mended.
    Error,
    /// It runs, but probably not as meant.
    Warning,
}

/// Something wrong inside a snippet, by byte offsets into that snippet. The language speaks in
/// these; [`SourceText::locate`] turns them into a [`Diagnostic`] in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Stable and documented in `docs/diagnostics.md`.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// One sentence in lower case, no full stop: what is so.
    pub message: String,
    /// A whole sentence: what to do.
    pub help: Option<String>,
    /// Bytes of the snippet that are to blame.
    pub span: Range<usize>,
}

impl Problem {
    /// An error without help.
    pub fn error(code: Code, span: Range<usize>, message: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, message: message.into(), help: None, span }
    }

    /// A warning without help.
    pub fn warning(code: Code, span: Range<usize>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// Adds what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A stable code such as `E201`; see [`codes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Code(pub &'static str);

/// Every code, by group. A code keeps its meaning for ever and is never used again for another.
pub mod codes {
    use super::Code;

    macro_rules! codes {
        ($($(#[doc = $doc:literal])+ $name:ident = $code:literal;)+) => {
            $($(#[doc = $doc])+ pub const $name: Code = Code($code);)+
            /// Every code with its one-line meaning, in order.
            pub const ALL: &[(Code, &str)] = &[$(($name, concat!($($doc),+))),+];
        };
    }

    codes! {
        /// The file is not YAML.
        NOT_YAML = "E101";
        /// A key that this place does not know.
        UNKNOWN_KEY = "E102";
        /// A key that must be there is missing.
        MISSING_KEY = "E103";
        /// A value of the wrong kind for its key.
        WRONG_VALUE = "E104";
        /// The same key or name twice.
        REPEATED = "E105";
        /// A file that is named cannot be read.
        UNREADABLE_FILE = "E106";
        /// The text is not in the language.
        SYNTAX = "E201";
        /// A word that no form of the language begins with.
        UNKNOWN_WORD = "E202";
        /// An unclosed text, parenthesis or pattern.
        UNCLOSED = "E203";
        /// A number, date or duration that cannot be read.
        BAD_LITERAL = "E204";
        /// A pattern between slashes that is no regular expression, or too large a one.
        BAD_PATTERN = "E205";
        /// The expression is nested too deeply or too long.
        TOO_LARGE = "E206";
        /// A meter, score, grade, definition, group, constant or plan that nobody defined.
        UNKNOWN_NAME = "E301";
        /// A constant that is declared but not set.
        UNSET_CONSTANT = "E302";
        /// Two kinds of values that cannot be compared or combined.
        TYPE_MISMATCH = "E303";
        /// Amounts of different units, such as money and bytes.
        UNIT_MISMATCH = "E304";
        /// A value that changes with time in a way that has no exact flips.
        NOT_PIECEWISE_LINEAR = "E305";
        /// Definitions that read each other in a circle.
        CYCLE = "E306";
        /// A form that makes no sense for this subject or at this place.
        WRONG_PLACE = "E307";
        /// A definition for persons read where accounts are judged, or the other way round.
        WRONG_SUBJECT = "E308";
        /// A limit of the language, such as keys or depth of a for-each.
        LIMIT = "E309";
        /// A comparison to be changed that no definition makes.
        UNKNOWN_COMPARISON = "E310";
        /// A story whose facts cannot be read.
        BAD_STORY = "E401";
        /// A story that came out differently.
        STORY_FAILED = "E402";
        /// An event that has never been received.
        UNKNOWN_EVENT = "W501";
        /// A property or trait that has never been received.
        UNKNOWN_PROPERTY = "W502";
        /// A comparison that the data seen can never meet.
        NEVER_SEEN_VALUE = "W503";
        /// A condition that can never hold.
        NEVER_TRUE = "W504";
        /// A condition that always holds.
        ALWAYS_TRUE = "W505";
        /// Bands of a ladder or an if-chain that overlap or leave a gap.
        BANDS = "W506";
        /// A window longer than the history there is.
        LONG_WINDOW = "W507";
        /// `growth` of a period that is still running.
        RUNNING_GROWTH = "W508";
        /// `!=` on a trait that is mostly unknown.
        MOSTLY_UNKNOWN = "W509";
        /// A name that nothing uses.
        UNUSED = "W510";
        /// Days of 24 hours on data that has only dates.
        DAYS_ON_DATES = "W511";
    }
}

/// A text that came out of a file, with the way back to its place there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceText {
    /// The text itself, as YAML gave it (folded, unescaped).
    pub text: Text,
    /// The file it stands in.
    pub file: Arc<SourceFile>,
    /// For byte offsets into `text`, ascending, the byte offset in the file from which on both
    /// run in step: a block scalar has one entry a line.
    pub anchors: Arc<[(usize, usize)]>,
}

/// A file that diagnostics can point into.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// As the user named it.
    pub name: String,
    /// The whole text.
    pub text: String,
}

impl SourceText {
    /// A text that came from a command line or a test, not out of a file.
    pub fn inline(name: &str, text: &str) -> Self {
        let file = SourceFile { name: name.to_owned(), text: text.to_owned() };
        Self { text: text.into(), file: Arc::new(file), anchors: Arc::new([(0, 0)]) }
    }

    /// The whole of a file, as it stands there.
    pub fn whole(file: Arc<SourceFile>) -> Self {
        Self { text: file.text.as_str().into(), file, anchors: Arc::new([(0, 0)]) }
    }

    /// The byte offset in the file of a byte offset in the text.
    pub fn file_offset(&self, offset: usize) -> usize {
        let at = self.anchors.partition_point(|(from, _)| *from <= offset).saturating_sub(1);
        let (from, to) = self.anchors.get(at).copied().unwrap_or((0, 0));
        (to + offset.saturating_sub(from)).min(self.file.text.len())
    }

    /// A part of it: a slice of its own text, with its place.
    #[must_use]
    pub fn part(&self, part: &str) -> Self {
        let at = self.text.find(part).unwrap_or(0);
        let anchors = Arc::new([(0, self.file_offset(at))]);
        Self { text: part.into(), file: self.file.clone(), anchors }
    }

    /// Puts a problem of this text at its place in the file.
    pub fn locate(&self, problem: Problem) -> Diagnostic {
        let start = self.file_offset(problem.span.start);
        // The end follows the last byte that is meant, not the first of the next line.
        let end = if problem.span.is_empty() {
            start
        } else {
            self.file_offset(problem.span.end - 1) + 1
        };
        Diagnostic { problem: Problem { span: start..end, ..problem }, file: self.file.clone() }
    }
}

/// A problem at its place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong; its span is in bytes of `file`.
    pub problem: Problem,
    /// Where.
    pub file: Arc<SourceFile>,
}

/// How help begins that names what was probably meant.
const MEANT: &str = "Did you mean `";

impl Diagnostic {
    /// What could take the place of the bytes to blame, where the help names something that is
    /// spelt nearly so: quotes and the `@` of a constant stay as they are.
    pub fn replacement(&self) -> Option<String> {
        let Problem { help, span, .. } = &self.problem;
        let (near, _) = help.as_deref()?.strip_prefix(MEANT)?.split_once('`')?;
        let wrong = self.file.text.get(span.clone())?;
        let quote = wrong.chars().next().filter(|it| matches!(it, '"' | '\''));
        let quote = quote.filter(|it| wrong.len() > 1 && wrong.ends_with(*it));
        let name = quote.map_or(wrong, |it| wrong.trim_matches(it));
        let constant = name.strip_prefix('@');
        // Where more than the name is marked, the name must not take the place of all of it.
        nearest(constant.unwrap_or(name), [near])?;
        let at = if constant.is_some() { "@" } else { "" };
        let quote = quote.map_or(String::new(), String::from);
        Some(format!("{quote}{at}{near}{quote}"))
    }
}

impl SourceFile {
    /// Line and column of a byte offset, both from 1; columns count characters.
    pub fn place(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..self.text.floor_char_boundary(offset)).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |it| it + 1);
        let line = 1 + before.bytes().filter(|it| *it == b'\n').count();
        (line, 1 + before[line_start..].chars().count())
    }
}

/// Whether anything here keeps the project from running.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|it| it.problem.severity == Severity::Error)
}

/// Puts diagnostics into the order in which they are shown: by file and place. What is said twice
/// of one place is said once.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| {
        let key = |it: &Diagnostic| (it.problem.span.start, it.problem.span.end, it.problem.code);
        let by_text = || a.problem.message.cmp(&b.problem.message);
        a.file.name.cmp(&b.file.name).then(key(a).cmp(&key(b))).then_with(by_text)
    });
    diagnostics.dedup();
}

/// The known name that a misspelt one is most likely meant to be.
///
/// Letter case does not count; one mistake in three letters is forgiven, an exchange of two
/// neighbours being one mistake.
pub fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let name = name.to_lowercase();
    let mistakes_max = (name.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|it| (strsim::damerau_levenshtein(&name, &it.to_lowercase()), it))
        .filter(|(mistakes, _)| *mistakes <= mistakes_max)
        .min_by_key(|(mistakes, _)| *mistakes)
        .map(|(_, it)| it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_probably_meant_takes_the_place_of_the_wrong_name_alone() {
        for (text, wrong, help, wanted) in [
            (
                "hold_for: 2d",
                "hold_for",
                "Did you mean `holds_for`? Known keys: …",
                Some("holds_for"),
            ),
            (
                "seen(\"Exportd\")",
                "\"Exportd\"",
                "Did you mean `Exported`, seen twice?",
                Some("\"Exported\""),
            ),
            ("x in @rivls", "@rivls", "Did you mean `rivals`?", Some("@rivals")),
            ("account.plan = \"fre\"", "account.plan = \"fre\"", "Did you mean `free`?", None),
            ("cuont(any)", "cuont", "Write a number.", None),
        ] {
            let start = text.find(wrong).unwrap();
            let problem = Problem::error(codes::SYNTAX, start..start + wrong.len(), "wrong");
            let told = SourceText::inline("a", text).locate(problem.with_help(help));
            assert_eq!(told.replacement().as_deref(), wanted, "{text}");
        }
    }
}
