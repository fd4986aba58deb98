//! Diagnostics as a person reads them in a terminal, and as a program reads them.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde_json::{Value, json};

use super::{Diagnostic, Severity};

/// How diagnostics look in a terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether to colour with ANSI escapes.
    pub color: bool,
}

/// Draws diagnostics in the manner of rustc, in the order given: file, line, column, the line
/// with a caret, what is wrong, what to do. An empty line stands between two of them.
pub fn render(diagnostics: &[Diagnostic], style: Style) -> String {
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for diagnostic in diagnostics {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&renderer.render(&[group(diagnostic)]));
        text.push('\n');
    }
    text
}

fn group(diagnostic: &Diagnostic) -> Group<'_> {
    let Diagnostic { problem, file } = diagnostic;
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let group = level.primary_title(problem.message.as_str()).id(problem.code.0);
    let group = if file.text.is_empty() {
        group.element(Origin::path(file.name.as_str()))
    } else {
        let start = file.text.floor_char_boundary(problem.span.start);
        let end = file.text.ceil_char_boundary(problem.span.end).max(start);
        let caret = AnnotationKind::Primary.span(start..end);
        group
            .element(Snippet::source(file.text.as_str()).path(file.name.as_str()).annotation(caret))
    };
    match &problem.help {
        Some(help) => group.element(Level::HELP.message(help.as_str())),
        None => group,
    }
}

/// The diagnostics as a JSON array: `code`, `severity`, `message`, `help`, `file`, and lines and
/// columns from 1, columns counted in characters, the end exclusive.
pub fn to_json(diagnostics: &[Diagnostic]) -> Value {
    let one = |Diagnostic { problem, file }: &Diagnostic| {
        let (line, column) = file.place(problem.span.start);
        let (end_line, end_column) = file.place(problem.span.end);
        json!({
            "code": problem.code,
            "severity": problem.severity,
            "message": problem.message,
            "help": problem.help,
            "file": file.name,
            "line": line,
            "column": column,
            "end_line": end_line,
            "end_column": end_column,
        })
    };
    diagnostics.iter().map(one).collect()
}
