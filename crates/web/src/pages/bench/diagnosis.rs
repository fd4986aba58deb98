//! What is wrong with a text, as the pages draw it.

use super::super::error::capital;
use super::super::texts::{Texts, fill};
use crate::noun::{CheckedDraft, Diagnosis, DiagnosisSeverity};

/// Longest part of a line that is shown, in characters.
const SHOWN_CHARS: usize = 60;

/// One diagnostic.
pub struct Told {
    pub class: &'static str,
    pub icon: &'static str,
    pub message: Vec<Piece>,
    pub place: String,
    pub line: u32,
    /// As wide as its number.
    pub blank: String,
    /// Around what is to blame: before, itself, behind.
    pub before: String,
    pub marked: String,
    pub behind: String,
    /// Blanks up to what is to blame, then carets.
    pub indent: String,
    pub carets: String,
    pub help: Vec<Piece>,
    /// What a button does: which bytes are replaced, and by what.
    pub fix: Option<Fix>,
    /// The byte at which the caret is to stand; `None` where it is about another file.
    pub at: Option<usize>,
}

/// A part of a sentence: words, or something between backticks.
pub struct Piece {
    pub code: bool,
    pub text: String,
}

/// A sentence in its parts.
fn pieces(text: &str) -> Vec<Piece> {
    let parts = text.split('`').enumerate().filter(|(_, it)| !it.is_empty());
    parts.map(|(at, it)| Piece { code: at % 2 == 1, text: it.to_owned() }).collect()
}

/// The pieces as a sentence begins: with a capital, but for code, which is as it is.
fn opening(mut pieces: Vec<Piece>) -> Vec<Piece> {
    if let Some(first) = pieces.first_mut().filter(|it| !it.code) {
        first.text = capital(&first.text);
    }
    pieces
}

/// A replacement that a button makes.
pub struct Fix {
    pub value: String,
    pub label: String,
}

/// All that is told of a text.
pub struct Diagnostics {
    pub all: Vec<Told>,
    pub summary: String,
    pub class: &'static str,
    pub icon: &'static str,
    /// The lines of the editor, each with how bad it is.
    pub lines: Vec<(usize, &'static str)>,
}

impl Diagnostics {
    /// Of a checked text.
    pub fn of(t: &'static Texts, checked: &CheckedDraft, text: &str) -> Self {
        let b = &t.bench;
        let of = |severity| checked.diagnostics.iter().filter(|it| it.severity == severity).count();
        let (errors, warnings) = (of(DiagnosisSeverity::Error), of(DiagnosisSeverity::Warning));
        let count =
            |one, many, n: usize| super::super::texts::counted(one, many, n as u64, &n.to_string());
        let mut parts = Vec::new();
        if errors > 0 {
            parts.push(count(b.error_one, b.error_many, errors));
        }
        if warnings > 0 {
            parts.push(count(b.warning_one, b.warning_many, warnings));
        }
        let (class, icon) = match (errors, warnings) {
            (0, 0) => ("", "check"),
            (0, _) => ("warn-text", "alert"),
            _ => ("bad-text", "stop"),
        };
        let worst = |line: usize| {
            let here = checked.diagnostics.iter().filter(|it| it.file.is_none());
            let mut here = here.filter(|it| it.line as usize == line);
            if here.clone().any(|it| it.severity == DiagnosisSeverity::Error) {
                "has-bad"
            } else if here.next().is_some() {
                "has-warn"
            } else {
                ""
            }
        };
        let lines = text.lines().count().max(1) + usize::from(text.ends_with('\n'));
        Self {
            all: checked.diagnostics.iter().map(|it| told(t, it)).collect(),
            summary: if parts.is_empty() { b.no_problems.to_owned() } else { parts.join(", ") },
            class,
            icon,
            lines: (1..=lines).map(|it| (it, worst(it))).collect(),
        }
    }
}

fn told(t: &'static Texts, it: &Diagnosis) -> Told {
    let b = &t.bench;
    let (class, icon) = match it.severity {
        DiagnosisSeverity::Error => ("bad", "stop"),
        DiagnosisSeverity::Warning => ("warn", "alert"),
    };
    let values = [("line", &*it.line.to_string()), ("column", &*it.column.to_string())];
    let place = fill(b.place, &values);
    let place = match &it.file {
        Some(file) => format!("{}, {file}, {place}", it.code),
        None => format!("{}, {place}", it.code),
    };
    let snippet: Vec<char> = it.snippet.chars().collect();
    let column = (it.column as usize).saturating_sub(1).min(snippet.len());
    let length = (it.length as usize).min(snippet.len() - column);
    // A long line is cut around what is to blame.
    let from = if snippet.len() > SHOWN_CHARS {
        column.saturating_sub((SHOWN_CHARS.saturating_sub(length)) / 2)
    } else {
        0
    };
    let to = (from + SHOWN_CHARS).max(column + length).min(snippet.len());
    let part = |from: usize, to: usize| snippet[from..to].iter().collect::<String>();
    let cut = if from > 0 { "… " } else { "" };
    let before = format!("{cut}{}", part(from, column));
    let fix = it.replacement.as_ref().map(|by| Fix {
        value: format!("{}-{}:{by}", it.from_byte, it.to_byte),
        label: fill(b.apply, &[("text", by)]),
    });
    Told {
        class,
        icon,
        message: opening(pieces(&it.message)),
        place,
        line: it.line,
        blank: " ".repeat(it.line.to_string().len()),
        indent: before.chars().map(|_| ' ').collect(),
        carets: "^".repeat(length.max(1)),
        before,
        marked: part(column, column + length),
        behind: format!(
            "{}{}",
            part(column + length, to),
            if to < snippet.len() { " …" } else { "" }
        ),
        help: it.help.as_deref().map(pieces).unwrap_or_default(),
        fix,
        at: it.file.is_none().then_some(it.from_byte),
    }
}

/// The text with a replacement that a button asked for, as [`Fix::value`] has it; `None` if it
/// does not fit the text any more.
pub fn fixed(text: &str, asked: &str) -> Option<String> {
    let (bytes, by) = asked.split_once(':')?;
    let (from, to) = bytes.split_once('-')?;
    let (from, to): (usize, usize) = (from.parse().ok()?, to.parse().ok()?);
    text.get(from..to)?;
    Some(format!("{}{by}{}", &text[..from], &text[to..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_begins_with_a_capital_and_code_stays_as_it_is() {
        let told = |text| opening(pieces(text)).into_iter().map(|it| it.text).collect::<String>();
        assert_eq!(told("the event `x` is new"), "The event x is new");
        assert_eq!(told("`account.plan` has never been `fre`"), "account.plan has never been fre");
    }

    #[test]
    fn a_replacement_takes_its_place_or_none() {
        assert_eq!(fixed("hold_for: 2d", "0-8:holds_for").as_deref(), Some("holds_for: 2d"));
        for wrong in ["", "0-99:x", "2-1:x", "a-b:c"] {
            assert_eq!(fixed("ä: 2d", wrong), None, "{wrong}");
        }
        assert_eq!(fixed("ä: 2d", "1-2:x"), None, "in the middle of a letter");
    }
}
