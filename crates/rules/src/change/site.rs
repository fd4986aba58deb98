//! The comparisons of a text, and what each compares.

use std::ops::Range;

use firsthand_model::Text;
use firsthand_model::diagnostic::SourceText;

use crate::lang::ast::{At, Comparison, Events, Expr};
use crate::lang::walk::{Part, children, parts};
use crate::lang::{parse, print};

/// A comparison at its place.
#[derive(Clone, Debug)]
pub(super) struct Site {
    /// Its bytes in the text, with parentheses around it.
    pub span: Range<usize>,
    /// All of it, in canonical form.
    pub shown: String,
    /// The value that it compares, in canonical form.
    pub value: String,
    /// Which side of the border is meant.
    pub sense: Sense,
}

/// Which side of the border a comparison means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sense {
    /// As much as this, or more.
    Lower,
    /// As much as this, or less.
    Upper,
    /// Some values and not others.
    Exact,
}

/// What a comparison says.
pub(super) struct Compared<'t> {
    /// The value that it compares.
    pub value: &'t At<Expr>,
    /// Which side of the border is meant.
    pub sense: Sense,
}

/// What an expression compares, if it is a comparison. In `3 <= count(…)` that is the count.
pub(super) fn compared(expr: &Expr) -> Option<Compared<'_>> {
    let (value, sense) = match expr {
        Expr::Compare(operator, left, right) => {
            let sense = match operator {
                Comparison::Greater | Comparison::GreaterOrEqual => Sense::Lower,
                Comparison::Less | Comparison::LessOrEqual => Sense::Upper,
                Comparison::Equal | Comparison::NotEqual => Sense::Exact,
            };
            if is_written(left) && !is_written(right) {
                (right, sense.mirrored())
            } else {
                (left, sense)
            }
        }
        Expr::AtLeastGrade(value, _) => (value, Sense::Lower),
        Expr::Between(value, ..)
        | Expr::In(value, _)
        | Expr::TextTest(_, value, _)
        | Expr::Matches(value, _) => (value, Sense::Exact),
        // `V not in (…)`: the `not` is part of the comparison.
        Expr::Not(inner) if takes_not(&inner.node) => return compared(&inner.node),
        _ => return None,
    };
    Some(Compared { value, sense })
}

impl Sense {
    const fn mirrored(self) -> Self {
        match self {
            Self::Lower => Self::Upper,
            Self::Upper => Self::Lower,
            Self::Exact => Self::Exact,
        }
    }
}

/// Whether `not` stands inside: `V not in (…)`.
const fn takes_not(expr: &Expr) -> bool {
    matches!(expr, Expr::In(..) | Expr::Between(..) | Expr::TextTest(..) | Expr::Matches(..))
}

/// Whether a value is written out, and the same for everybody.
fn is_written(value: &At<Expr>) -> bool {
    let mut written = true;
    parts(Part::expr(value), &mut |part| {
        written &= matches!(
            part,
            Part::Expr(
                Expr::Number(_)
                    | Expr::Percent(_)
                    | Expr::Amount(..)
                    | Expr::Length(_)
                    | Expr::Text(_)
                    | Expr::Bool(_)
                    | Expr::Date(_)
                    | Expr::Constant(_)
                    | Expr::Unlimited
                    | Expr::Negate(_)
                    | Expr::Arithmetic(..),
                _
            )
        );
    });
    written
}

/// Every comparison of a condition, in the order of the text; those on single events left out.
pub(super) fn comparisons(text: &SourceText) -> Vec<Site> {
    // A score's `if:` is read at an event; all else reads the same there.
    let Ok(tree) = parse::at_event(&text.text) else { return Vec::new() };
    let mut found = Vec::new();
    visit(Part::expr(&tree), &mut found);
    found
}

fn visit(part: Part<'_>, found: &mut Vec<Site>) {
    let mut inside = part;
    match part {
        Part::Expr(expr, span) => {
            if let Some(Compared { value, sense }) = compared(expr) {
                let (shown, value) = (print::expr(expr), print::expr(&value.node));
                found.push(Site { span: span.clone(), shown, value, sense });
                if let Expr::Not(inner) = expr {
                    inside = Part::expr(inner);
                }
            }
        }
        Part::Events(Events::Named { .. }, _) => return,
        _ => {}
    }
    children(inside, &mut |child| visit(child, found));
}

/// Without those that stand inside another of them.
pub(super) fn outermost(mut sites: Vec<Site>) -> Vec<Site> {
    let mut end = 0;
    // In the order of the text what is around comes before what is inside.
    sites.retain(|it| {
        let outer = it.span.start >= end;
        end = end.max(it.span.end);
        outer
    });
    sites
}

/// The definitions that a condition reads by `qualified(D)`.
pub(super) fn definitions_read(text: &SourceText) -> Vec<Text> {
    let Ok(tree) = parse::condition(&text.text) else { return Vec::new() };
    let mut names = Vec::new();
    parts(Part::expr(&tree), &mut |part| {
        if let Part::Expr(Expr::Qualified(name), _) = part {
            names.push(name.clone());
        }
    });
    names
}
