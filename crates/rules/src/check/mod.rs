//! What a project says that is allowed but hardly meant, and what its data contradicts.
//!
//! Errors are found where texts are read: by the configuration, the parser and the compiler.
//! [`check`] adds the warnings of docs/language.md, sections 5 and 9: names never received, comparisons
//! that the data cannot meet, conditions that never or always hold, bands with gaps, names that
//! nothing reads. [`report`] puts all of it together: it is what `firsthand check` prints.
//!
//! [`texts`] lists every text of the language with its tree. Each other file is one kind of
//! warning; [`band`] and [`mod@test`] are what they reckon with.

mod band;
mod bands;
mod data;
mod history;
mod holds;
mod range;
mod shown;
mod test;
#[cfg(test)]
mod tests;
mod texts;
mod unused;
mod values;
mod windows;

pub(crate) use shown::word_in;

use std::ops::Range;

use firsthand_model::config::{Loaded, Project};
use firsthand_model::diagnostic::{
    Code, Diagnostic, Problem, Severity, SourceText, codes, has_errors, sort,
};
use firsthand_model::seen::Seen;

use crate::compile::compile_loaded;
use crate::expect;

/// All warnings about a project, by file and place. `seen` is what the data has shown, where there
/// is data.
pub fn check(project: &Project, seen: Option<&Seen>) -> Vec<Diagnostic> {
    let (texts, whole) = texts::all(project);
    let mut notes = Notes::default();
    holds::check(project, &texts, &mut notes);
    bands::check(project, &texts, &mut notes);
    // What a text that cannot be read would have read is not known.
    if whole {
        unused::check(project, &texts, &mut notes);
    }
    if let Some(seen) = seen.filter(|it| it.facts > 0) {
        data::check(project, seen, &texts, &mut notes);
    }
    let mut found = notes.found;
    sort(&mut found);
    found
}

/// Everything that can be said about a project: what is wrong with its files and its texts, which
/// of its stories come out differently, and the warnings of [`check`]; by file and place.
pub fn report(loaded: &Loaded, seen: Option<&Seen>) -> Vec<Diagnostic> {
    let compiled = compile_loaded(loaded);
    let mut found = loaded.diagnostics.clone();
    found.extend(compiled.diagnostics);
    let errors = found.clone();
    let whole = loaded.broken.is_empty();
    found.extend(check(&loaded.project, seen).into_iter().filter(|warning| {
        let unused = warning.problem.code == codes::UNUSED;
        (whole || !unused) && !errors.iter().any(|error| overlap(warning, error))
    }));
    // Stories would fail for the reasons that the errors tell.
    if !has_errors(&found) {
        for definition in loaded.project.definitions.values() {
            found.extend(expect::run(&loaded.project, &compiled.program, definition));
        }
    }
    sort(&mut found);
    found
}

/// Whether a warning is about the place of an error, which says what is behind it.
fn overlap(warning: &Diagnostic, error: &Diagnostic) -> bool {
    let (ours, theirs) = (&warning.problem.span, &error.problem.span);
    error.problem.severity == Severity::Error
        && warning.file.name == error.file.name
        && ours.start < theirs.end
        && theirs.start < ours.end
}

/// The warnings found so far.
#[derive(Debug, Default)]
struct Notes {
    found: Vec<Diagnostic>,
}

impl Notes {
    /// Notes a warning at bytes of a text.
    fn warn(
        &mut self,
        text: &SourceText,
        code: Code,
        span: &Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let problem = Problem::warning(code, span.clone(), message).with_help(help);
        self.found.push(text.locate(problem));
    }
}
