//! How tightly each form binds: the one table that parser and printer share, so that the printer
//! writes exactly the parentheses that the parser needs.

use super::ast::{Aggregate, Expr};

/// From loose to tight. An operand of a lower level than its place asks for needs parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// `V if C else V`.
    If,
    Or,
    And,
    Not,
    /// Comparisons and tests; they do not chain.
    Compare,
    Add,
    Multiply,
    Negate,
    /// `p% of V`.
    Share,
    /// `(V) 30d ago`, `(V) at M`, `(C) for 7d`.
    Postfix,
    /// Literals, names, calls and whatever brings its own parentheses.
    Atom,
}

/// The level at which a form is printed.
pub(super) fn level(expr: &Expr) -> Level {
    match expr {
        Expr::If { .. } => Level::If,
        Expr::Or(_) => Level::Or,
        Expr::And(_) => Level::And,
        Expr::Not(inner) if negates_inside(&inner.node) => Level::Compare,
        Expr::Not(_) => Level::Not,
        Expr::Compare(..)
        | Expr::Between(..)
        | Expr::In(..)
        | Expr::TextTest(..)
        | Expr::Matches(..)
        | Expr::IsKnown(_)
        | Expr::IsUnknown(_)
        | Expr::AtLeastGrade(..) => Level::Compare,
        Expr::Arithmetic(operator, ..) => {
            use super::ast::Arithmetic::{Add, Divide, Multiply, Subtract};
            match operator {
                Add | Subtract => Level::Add,
                Multiply | Divide => Level::Multiply,
            }
        }
        Expr::Negate(_) => Level::Negate,
        Expr::Number(it) | Expr::Percent(it) | Expr::Amount(it, _) if it.raw() < 0 => Level::Negate,
        Expr::Share(..) => Level::Share,
        Expr::Ago(..) | Expr::AtMoment(..) | Expr::For(..) => Level::Postfix,
        _ => Level::Atom,
    }
}

/// Tests whose `not` stands in the middle: `V not in (…)`.
pub(super) fn negates_inside(expr: &Expr) -> bool {
    matches!(expr, Expr::In(..) | Expr::Between(..) | Expr::TextTest(..) | Expr::Matches(..))
}

/// Names and calls: what `30d ago` and `at M` may follow without parentheses.
///
/// A for-each is none of them: in `any member has (C) at start` nobody can tell what is meant.
pub(super) fn is_value_call(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Property(_)
            | Expr::Trait(..)
            | Expr::TrialAge
            | Expr::TrialLeft
            | Expr::Aggregate { .. }
            | Expr::Sequence { .. }
            | Expr::Since(_)
            | Expr::Until(_)
            | Expr::Meter(..)
            | Expr::Score(..)
            | Expr::Grade(_)
            | Expr::Qualified(_)
            | Expr::NumberFrom(_)
            | Expr::Propensity(_)
            | Expr::Growth(..)
            | Expr::Streak(..)
            | Expr::Percentile(..)
            | Expr::Rank(_)
            | Expr::Default(..)
            | Expr::Min(_)
            | Expr::Max(_)
            | Expr::Round(_)
    )
}

/// Calls that are conditions: what `for 7d` may follow without parentheses.
pub(super) fn is_condition_call(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Sequence { .. }
            | Expr::Qualified(_)
            | Expr::Aggregate { kind: Aggregate::Seen | Aggregate::Never, .. }
    )
}
