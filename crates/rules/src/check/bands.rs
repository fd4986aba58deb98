//! Bands that overlap or leave a gap (W506): the rungs of a ladder, an `if … else` chain, and the
//! `while:` rules of a score.
//!
//! Only bands of one value are compared, and only where they are nothing but comparisons with
//! fixed numbers.

use firsthand_model::config::{Grade, GradeForm, Project, Score, ScoreAct};
use firsthand_model::diagnostic::{SourceText, codes};
use firsthand_model::fact::Kind;

use super::Notes;
use super::band::{Band, cover};
use super::range::range;
use super::shown::quoted;
use super::test::{Asks, test};
use super::texts::{Text, Tree};
use crate::lang::ast::{At, Expr, Owner};
use crate::lang::parse;
use crate::lang::walk::{Part, parts};

/// Looks at every ladder, score and chain.
pub(super) fn check(project: &Project, texts: &[Text<'_>], notes: &mut Notes) {
    for grade in project.grades.values() {
        ladder(project, grade, notes);
    }
    for score in project.scores.values() {
        rules(project, score, notes);
    }
    for text in texts {
        let Tree::Expr(tree) = &text.tree else { continue };
        chains(project, text.source, text.subject, tree, notes);
    }
}

/// A condition that is a band of one value.
struct Step<'t> {
    key: String,
    band: Band,
    /// Whether the value is always whole.
    whole: bool,
    source: &'t SourceText,
    span: std::ops::Range<usize>,
}

impl<'t> Step<'t> {
    /// Reads a condition: one comparison, or several of one value joined by `and`.
    fn read(
        project: &Project,
        subject: Kind,
        source: &'t SourceText,
        tree: &At<Expr>,
    ) -> Option<Self> {
        let parts = match &tree.node {
            Expr::And(of) => of.iter().collect(),
            _ => vec![tree],
        };
        let mut found: Option<Self> = None;
        for part in parts {
            let test = test(project, part)?;
            let Asks::Band(band) = test.asks else { return None };
            match &mut found {
                Some(step) if step.key == test.key => step.band = step.band.and(band),
                Some(_) => return None,
                None => {
                    let whole = range(project, subject, test.value).whole || is_count(test.value);
                    let span = tree.span.clone();
                    found = Some(Self { key: test.key, band, whole, source, span });
                }
            }
        }
        let step = found?;
        Some(if step.whole { Self { band: step.band.whole(), ..step } } else { step })
    }

    /// Whether it has both ends.
    fn is_closed(&self) -> bool {
        self.band.low.is_some() && self.band.high.is_some()
    }

    fn quote(&self) -> String {
        quoted(&self.source.text, &self.span)
    }
}

/// A trait such as `account.employees`: bands of it that end in 50 and begin with 51 leave no gap.
fn is_count(value: &At<Expr>) -> bool {
    matches!(&value.node, Expr::Trait(Owner::Account | Owner::Person, _))
}

/// Of several steps of one value, of which the first that holds counts: those that never do.
fn first_wins(steps: &[Step<'_>], what: &str, notes: &mut Notes) {
    for (place, step) in steps.iter().enumerate().skip(1) {
        let before = steps[..place].iter().map(|it| it.band).collect::<Vec<_>>();
        if !step.band.is_empty() && cover(&before, step.band, step.whole) {
            let earlier = steps[..place].iter().find(|it| it.band.holds(step.band));
            let by = earlier.map_or("those above it".to_owned(), Step::quote);
            let message =
                format!("this {what} is never reached: {by} comes first and takes all of it");
            let help = "Put the narrower condition first, or make it differ.";
            notes.warn(step.source, codes::BANDS, &step.span, message, help);
        }
    }
}

/// Gaps between bands of one value, each told at the band above the gap.
fn gaps(steps: &[Step<'_>], in_gap: &str, notes: &mut Notes) {
    let mut sorted = steps.iter().collect::<Vec<_>>();
    sorted.sort_by_key(|it| it.band.low.map(|end| (end.at, end.open)));
    let Some((first, rest)) = sorted.split_first() else { return };
    let mut below = *first;
    for step in rest {
        if !below.band.touches(step.band, step.whole) {
            let (low, high) = (below.quote(), step.quote());
            let message = format!("there is a gap between {low} and {high}: {in_gap}");
            let help = "Let one of them begin where the other ends.";
            notes.warn(step.source, codes::BANDS, &step.span, message, help);
        }
        let higher = match (below.band.high, step.band.high) {
            (Some(ours), Some(theirs)) => theirs.at > ours.at,
            (ours, theirs) => ours.is_some() && theirs.is_none(),
        };
        if higher {
            below = step;
        }
    }
}

fn same_value(steps: &[Step<'_>]) -> bool {
    steps.windows(2).all(|pair| pair[0].key == pair[1].key)
}

fn ladder(project: &Project, grade: &Grade, notes: &mut Notes) {
    let GradeForm::Ladder(rungs) = &grade.form else { return };
    let steps = rungs.iter().filter(|rung| rung.stay.is_none()).filter_map(|rung| {
        let tree = parse::condition(&rung.when.text).ok()?;
        Step::read(project, grade.subject, &rung.when, &tree)
    });
    let steps = steps.collect::<Vec<_>>();
    if steps.len() == rungs.len() && same_value(&steps) {
        first_wins(&steps, "rung", notes);
        gaps(&steps, "there the grade is unknown", notes);
    }
}

/// Rules that give points for bands of one value. Open-ended ones add up on purpose.
fn rules(project: &Project, score: &Score, notes: &mut Notes) {
    let bands = score.rules.iter().filter_map(|rule| {
        let ScoreAct::While { condition, .. } = &rule.act else { return None };
        let tree = parse::condition(&condition.text).ok()?;
        let step = Step::read(project, score.subject, condition, &tree)?;
        step.is_closed().then_some(step)
    });
    let mut bands = bands.collect::<Vec<_>>();
    bands.sort_by(|a, b| {
        let place = |it: &Step<'_>| it.band.low.map(|end| (end.at, end.open));
        a.key.cmp(&b.key).then_with(|| place(a).cmp(&place(b)))
    });
    for steps in bands.chunk_by(|a, b| a.key == b.key) {
        for pair in steps.windows(2) {
            if !pair[0].band.and(pair[1].band).is_empty() {
                let (a, b) = (pair[0].quote(), pair[1].quote());
                let message = format!("{a} and {b} overlap: where they do, both give points");
                let help = "Let one of them begin above the end of the other.";
                notes.warn(pair[1].source, codes::BANDS, &pair[1].span, message, help);
            }
        }
        gaps(steps, "there neither gives points", notes);
    }
}

/// `a if C else b if D else c`: each chain once, from its first condition on.
fn chains(
    project: &Project,
    source: &SourceText,
    subject: Kind,
    tree: &At<Expr>,
    notes: &mut Notes,
) {
    let mut inner = Vec::new();
    parts(Part::expr(tree), &mut |part| {
        let Part::Expr(expr @ Expr::If { otherwise, .. }, span) = part else { return };
        if inner.contains(span) {
            inner.push(otherwise.span.clone());
            return;
        }
        inner.push(otherwise.span.clone());
        let mut conditions = Vec::new();
        let mut next = expr;
        while let Expr::If { when, otherwise, .. } = next {
            conditions.push(when);
            next = &otherwise.node;
        }
        let steps = conditions.iter().filter_map(|it| Step::read(project, subject, source, it));
        let steps = steps.collect::<Vec<_>>();
        if steps.len() == conditions.len() && steps.len() > 1 && same_value(&steps) {
            first_wins(&steps, "branch", notes);
            // What open-ended branches leave in the middle is what `else` is for.
            if steps.iter().all(Step::is_closed) {
                gaps(&steps, "there the last `else` counts", notes);
            }
        }
    });
}
