//! Every text of the language in a project, with its tree.

use firsthand_model::config::{ConstantValues, GradeForm, Project, ScoreAct};
use firsthand_model::diagnostic::SourceText;
use firsthand_model::fact::Kind;

use crate::lang::ast::{At, Events, Expr};
use crate::lang::parse;
use crate::lang::walk::Part;

/// A text of the language. One that cannot be read is not listed: the compiler speaks of it.
#[derive(Debug)]
pub(super) struct Text<'p> {
    /// Where it stands.
    pub source: &'p SourceText,
    /// What it says.
    pub tree: Tree,
    /// On what it is judged.
    pub subject: Kind,
    /// The events whose properties its bare words are, as for `points:` of a score.
    pub at: Option<At<Events>>,
}

/// What a text says.
#[derive(Debug)]
pub(super) enum Tree {
    /// A condition or a value.
    Expr(At<Expr>),
    /// Events.
    Events(At<Events>),
}

impl Text<'_> {
    /// The whole tree.
    pub fn root(&self) -> Part<'_> {
        match &self.tree {
            Tree::Expr(tree) => Part::expr(tree),
            Tree::Events(tree) => Part::events(tree),
        }
    }
}

/// Lists the texts of a project, and tells whether all of them could be read.
pub(super) fn all(project: &Project) -> (Vec<Text<'_>>, bool) {
    let mut texts = Texts { read: Vec::new(), whole: true };
    texts.events(project.start.event.as_ref(), Kind::Account);
    for constant in project.constants.values() {
        if let ConstantValues::Literal(text) = &constant.values {
            texts.expr(Some(text), Kind::Account, None);
        }
    }
    for exclusion in &project.exclude {
        texts.expr(Some(&exclusion.when), exclusion.subject, None);
    }
    for outcome in project.outcomes.values() {
        texts.events(outcome.on.as_ref(), outcome.subject);
        texts.expr(outcome.when.as_ref(), outcome.subject, None);
    }
    for meter in project.meters.values() {
        texts.events(Some(&meter.add), Kind::Account);
        texts.events(meter.remove.as_ref(), Kind::Account);
    }
    for score in project.scores.values() {
        texts.expr(score.when.as_ref(), score.subject, None);
        for rule in &score.rules {
            texts.rule(&rule.act, score.subject);
        }
    }
    for grade in project.grades.values() {
        let parts = match &grade.form {
            GradeForm::Ladder(rungs) => {
                rungs.iter().flat_map(|it| [Some(&it.when), it.stay.as_ref()]).collect()
            }
            GradeForm::Matrix { rows, columns, .. } => vec![Some(rows), Some(columns)],
        };
        for text in parts {
            texts.expr(text, grade.subject, None);
        }
    }
    for it in project.definitions.values() {
        for text in [Some(&it.when), it.stay.as_ref(), it.unless.as_ref(), it.score.as_ref()] {
            texts.expr(text, it.subject, None);
        }
    }
    (texts.read, texts.whole)
}

struct Texts<'p> {
    read: Vec<Text<'p>>,
    whole: bool,
}

impl<'p> Texts<'p> {
    fn expr(&mut self, source: Option<&'p SourceText>, subject: Kind, at: Option<&At<Events>>) {
        let Some(source) = source else { return };
        let read = if at.is_some() { parse::at_event } else { parse::condition };
        match read(&source.text) {
            Ok(tree) => {
                self.read.push(Text { source, tree: Tree::Expr(tree), subject, at: at.cloned() });
            }
            Err(_) => self.whole = false,
        }
    }

    fn events(&mut self, source: Option<&'p SourceText>, subject: Kind) {
        let Some(source) = source else { return };
        match parse::events(&source.text) {
            Ok(tree) => {
                self.read.push(Text { source, tree: Tree::Events(tree), subject, at: None });
            }
            Err(_) => self.whole = false,
        }
    }

    fn rule(&mut self, act: &'p ScoreAct, subject: Kind) {
        match act {
            ScoreAct::Each { each, when, points, .. } => {
                self.events(Some(each), subject);
                let at = parse::events(&each.text).ok();
                self.expr(when.as_ref(), subject, at.as_ref());
                self.expr(Some(points), subject, at.as_ref());
            }
            ScoreAct::While { condition, points } => {
                self.expr(Some(condition), subject, None);
                self.expr(Some(points), subject, None);
            }
            ScoreAct::Now { points } => self.expr(Some(points), subject, None),
            ScoreAct::Set { on, set } => {
                self.events(Some(on), subject);
                let at = parse::events(&on.text).ok();
                self.expr(Some(set), subject, at.as_ref());
            }
        }
    }
}
