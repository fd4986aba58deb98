//! Grades: ordered judgements, as a ladder or as a matrix of two others.

use std::collections::BTreeMap;

use super::keys::{Key, Section, Takes};
use super::read::{Fields, Slot};
use crate::Text;
use crate::diagnostic::{SourceText, codes};
use crate::fact::Kind;

/// An ordered judgement.
#[derive(Clone, Debug)]
pub struct Grade {
    /// Its name.
    pub name: Text,
    /// Whose grade; for a matrix, that of its axes.
    pub subject: Kind,
    /// Ladder or matrix.
    pub form: GradeForm,
    /// Where it was declared.
    pub declared: SourceText,
}

/// The two forms of a grade.
#[derive(Clone, Debug)]
pub enum GradeForm {
    /// Best first; the first that matches wins.
    Ladder(Vec<Rung>),
    /// By two other grades.
    Matrix {
        /// The grade whose labels are the outer keys, in the language: `grade(fit)`.
        rows: SourceText,
        /// The grade whose labels are the inner keys.
        columns: SourceText,
        /// Row label, column label, cell label; in the order written.
        cells: Vec<(Text, Text, Text)>,
        /// The labels of the rows at their places.
        row_labels: Vec<SourceText>,
        /// The labels of the columns at their places, for each row anew.
        column_labels: Vec<SourceText>,
    },
}

/// One rung of a ladder.
#[derive(Clone, Debug)]
pub struct Rung {
    /// Its label.
    pub label: Text,
    /// The condition, in the language.
    pub when: SourceText,
    /// Kept while `when or stay`.
    pub stay: Option<SourceText>,
}

pub(super) static GRADE: Section = Section {
    name: "a grade",
    doc: "An ordered judgement, read as `grade(name)`. It has either a `ladder` or a `matrix`.",
    keys: &[
        Key::or(
            "subject",
            super::definition::SUBJECT_CHOICE,
            "account",
            "Whose grade; a matrix takes it from its axes.",
        ),
        Key::optional(
            "ladder",
            Takes::Map("labels", &Takes::Either(&[Takes::Condition, Takes::Section(&RUNG)])),
            "Labels with their conditions, best first. The first that is true wins.",
        ),
        Key::optional("matrix", Takes::Section(&MATRIX), "A table over two other grades."),
    ],
};

static RUNG: Section = Section {
    name: "a rung of a ladder",
    doc: "A condition whose border differs going up and going down.",
    keys: &[
        Key::required("when", Takes::Condition, "True: the rung is reached."),
        Key::optional("stay", Takes::Condition, "Once reached, kept while `when or stay`."),
    ],
};

static MATRIX: Section = Section {
    name: "a matrix",
    doc: "A table over two grades.",
    keys: &[
        Key::required("rows", Takes::Value, "The grade of the rows: `grade(fit)`."),
        Key::required("columns", Takes::Value, "The grade of the columns: `grade(adoption)`."),
        Key::required(
            "cells",
            Takes::Map("row labels", &Takes::Map("column labels", &Takes::Text)),
            "For each row label the cells by column label: `{A: {A: hot, B: warm}}`.",
        ),
    ],
};

pub(super) fn read(name: &SourceText, fields: &Fields<'_>) -> Option<Grade> {
    let subject = fields.value("subject").unwrap_or(Kind::Account);
    let form = match (fields.get("ladder"), fields.fields("matrix")) {
        (Some(ladder), None) => read_ladder(&ladder),
        (None, Some(matrix)) => read_matrix(&matrix),
        (Some(_), Some(_)) => {
            fields.refuse(&["matrix"], "has no place beside `ladder`", "Make two grades of it.");
            None
        }
        (None, None) => {
            // A matrix that could not be read has been spoken of already.
            if !fields.has("matrix") {
                fields.error(
                    codes::MISSING_KEY,
                    "a grade needs `ladder` or `matrix`",
                    "Add `ladder:` with labels and their conditions, best first.",
                );
            }
            None
        }
    };
    Some(Grade { name: name.text.clone(), subject, form: form?, declared: name.clone() })
}

fn read_ladder(slot: &Slot<'_>) -> Option<GradeForm> {
    let entries = slot.entries();
    let count = entries.len();
    let rungs: Vec<_> = entries.iter().filter_map(|(label, it)| read_rung(label, it)).collect();
    (count > 0 && rungs.len() == count).then_some(GradeForm::Ladder(rungs))
}

fn read_rung(label: &SourceText, slot: &Slot<'_>) -> Option<Rung> {
    let label = label.text.clone();
    if slot.is_map() {
        let fields = slot.fields()?;
        return Some(Rung { label, stay: fields.source("stay"), when: fields.source("when")? });
    }
    Some(Rung { label, when: slot.source()?, stay: None })
}

fn read_matrix(fields: &Fields<'_>) -> Option<GradeForm> {
    let mut cells = Vec::new();
    let (mut row_labels, mut column_labels) = (Vec::new(), Vec::new());
    for (row, slot) in fields.entries("cells") {
        for (column, cell) in slot.entries() {
            if let Some(label) = cell.text() {
                cells.push((row.text.clone(), column.text.clone(), label));
            }
            column_labels.push(column);
        }
        row_labels.push(row);
    }
    Some(GradeForm::Matrix {
        rows: fields.source("rows")?,
        columns: fields.source("columns")?,
        cells,
        row_labels,
        column_labels,
    })
}

/// Gives each matrix the subject of its axes, where these are plainly named.
///
/// An axis that is more than `grade(name)` is for the language to judge.
pub(super) fn settle_subjects(grades: &mut BTreeMap<Text, Grade>) {
    // A matrix may stand on a matrix: as many rounds as there are grades settle them all.
    for _ in 0..grades.len() {
        let mut changed = false;
        let known: BTreeMap<Text, Kind> =
            grades.iter().map(|(name, it)| (name.clone(), it.subject)).collect();
        for grade in grades.values_mut() {
            let GradeForm::Matrix { rows, .. } = &grade.form else {
                continue;
            };
            let axis = rows.text.trim().strip_prefix("grade(").and_then(|it| it.strip_suffix(')'));
            if let Some(subject) = axis.and_then(|it| known.get(it.trim()).copied()) {
                changed |= grade.subject != subject;
                grade.subject = subject;
            }
        }
        if !changed {
            return;
        }
    }
}
