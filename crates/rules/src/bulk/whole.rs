//! What is measured over a whole life, and the events that it takes.

use crate::eval::expr::Expr;
use crate::eval::leaf::{Leaf, Measure, Source};
use crate::eval::level::Level;
use crate::eval::window::Part;
use crate::lang::ast::Field;

/// One thing measured over a whole life.
#[derive(Clone, Debug)]
pub(crate) enum Whole {
    /// Over the events of a leaf. What its window hangs on it reads as slots.
    Leaf(Leaf),
    Level(Level),
}

/// The events that one side of a measure takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Side<'a> {
    /// The pattern of their names.
    pub pattern: u32,
    pub filter: Option<&'a Expr>,
    pub what: What<'a>,
}

/// What a side takes of each event.
#[derive(Clone, Copy, Debug)]
pub(crate) enum What<'a> {
    Nothing,
    Person,
    Day,
    Key(&'a [Expr]),
    Amount(&'a Expr),
    Value(&'a Expr),
}

impl<'a> Side<'a> {
    /// What is evaluated for each event.
    pub fn exprs(self) -> impl Iterator<Item = &'a Expr> {
        let of: &[Expr] = match self.what {
            What::Nothing | What::Person | What::Day => &[],
            What::Key(parts) => parts,
            What::Amount(of) | What::Value(of) => std::slice::from_ref(of),
        };
        self.filter.into_iter().chain(of)
    }

    /// Whether it reads properties of events.
    pub fn reads_properties(self) -> bool {
        self.exprs().any(|it| any(it, &mut |it| matches!(it, Expr::Property(_))))
    }
}

impl Whole {
    /// What adds, and for a level what removes.
    pub fn sides(&self) -> impl Iterator<Item = Side<'_>> {
        let (first, second) = match self {
            Self::Leaf(leaf) => {
                let what = match &leaf.measure {
                    Measure::Count | Measure::Nth(_) | Measure::Last => What::Nothing,
                    Measure::Distinct(parts) => match &parts[..] {
                        [Expr::Field(Field::Person)] => What::Person,
                        [Expr::Field(Field::Day)] => What::Day,
                        parts => What::Key(parts),
                    },
                    Measure::Sum(of)
                    | Measure::Average(of)
                    | Measure::Least(of)
                    | Measure::Greatest(of) => What::Amount(of),
                    Measure::Latest(of) => What::Value(of),
                };
                (side(&leaf.source, leaf.filter.as_ref(), what), None)
            }
            Self::Level(level) => {
                let what = match (&level.key, &level.amount) {
                    (Some(key), _) => What::Key(std::slice::from_ref(key)),
                    (None, Some(amount)) => What::Amount(amount),
                    (None, None) => What::Nothing,
                };
                let add = side(&level.add.0, level.add.1.as_ref(), what);
                let remove = level.remove.as_ref();
                (add, remove.map(|(source, filter)| side(source, filter.as_ref(), what)))
            }
        };
        std::iter::once(first).chain(second)
    }

    /// What its window hangs on, beside the calendar: expressions of the graph that it stands in,
    /// or, once it has been taken out of it, slots.
    pub fn moments_mut(&mut self) -> impl Iterator<Item = &mut Expr> {
        let parts = match self {
            Self::Leaf(leaf) => &mut leaf.window.parts[..],
            Self::Level(_) => &mut [],
        };
        parts.iter_mut().filter_map(|it| match it {
            Part::Moment { at, .. } | Part::Billing { anchor: at, .. } => {
                (!matches!(at, Expr::Const(_))).then_some(at)
            }
            Part::Sliding { .. } | Part::Dates { .. } | Part::Calendar { .. } => None,
        })
    }

    /// Whether its window hangs on moments that are told by slots.
    pub fn has_moments(&self) -> bool {
        self.clone().moments_mut().next().is_some()
    }
}

fn side<'a>(source: &Source, filter: Option<&'a Expr>, what: What<'a>) -> Side<'a> {
    let Source::Named(pattern) = source else {
        unreachable!("only what is measured over events is taken in bulk")
    };
    Side { pattern: *pattern, filter, what }
}

/// Whether a test says so of an expression, or of one inside it.
pub(crate) fn any(expr: &Expr, test: &mut dyn FnMut(&Expr) -> bool) -> bool {
    let mut found = test(expr);
    expr.children(&mut |child| found |= any(child, test));
    found
}

/// Calls `visit` with the path of each property that an expression reads.
pub(crate) fn properties(expr: &Expr, visit: &mut dyn FnMut(u32)) {
    any(expr, &mut |it| {
        if let Expr::Property(path) = it {
            visit(*path);
        }
        false
    });
}
