//! Goes through a tree, for checks and for the names that a text reads.
//!
//! [`parts`] visits everything below and including a part, a parent before its children.
//! [`children`] names only what stands directly in a part, for walks that need their own order.

use std::ops::Range;

use super::ast::{At, EventName, Events, Expr, Moment, Window};

/// A part of a tree, with the bytes it stands on. Where the tree keeps no place of its own, as
/// for the moment of a window, it is that of the part around it.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each holds the node it is named after")]
pub enum Part<'a> {
    Expr(&'a Expr, &'a Range<usize>),
    Events(&'a Events, &'a Range<usize>),
    Name(&'a EventName, &'a Range<usize>),
    Window(&'a Window, &'a Range<usize>),
    Moment(&'a Moment, &'a Range<usize>),
}

impl<'a> Part<'a> {
    /// An expression as a part.
    pub const fn expr(at: &'a At<Expr>) -> Self {
        Self::Expr(&at.node, &at.span)
    }

    /// An event expression as a part.
    pub const fn events(at: &'a At<Events>) -> Self {
        Self::Events(&at.node, &at.span)
    }

    /// The name of an event as a part.
    pub const fn name(at: &'a At<EventName>) -> Self {
        Self::Name(&at.node, &at.span)
    }

    /// A window as a part.
    pub const fn window(at: &'a At<Window>) -> Self {
        Self::Window(&at.node, &at.span)
    }

    /// A moment as a part.
    pub const fn moment(at: &'a At<Moment>) -> Self {
        Self::Moment(&at.node, &at.span)
    }

    /// The bytes it stands on.
    pub const fn span(self) -> &'a Range<usize> {
        match self {
            Self::Expr(_, span)
            | Self::Events(_, span)
            | Self::Name(_, span)
            | Self::Window(_, span)
            | Self::Moment(_, span) => span,
        }
    }
}

/// Visits a part and everything in it, in the order of the text, a parent before its children.
pub fn parts<'a>(root: Part<'a>, visit: &mut dyn FnMut(Part<'a>)) {
    visit(root);
    children(root, &mut |child| parts(child, visit));
}

/// Visits what stands directly in a part.
pub fn children<'a>(part: Part<'a>, visit: &mut dyn FnMut(Part<'a>)) {
    match part {
        Part::Expr(expr, _) => of_expr(expr, visit),
        Part::Events(events, _) => of_events(events, visit),
        Part::Name(..) => {}
        Part::Window(window, span) => {
            if let Some(moment) = moment_of(window) {
                visit(Part::Moment(moment, span));
            }
        }
        Part::Moment(moment, span) => match moment {
            Moment::First(events) | Moment::Last(events) | Moment::Nth(_, events) => {
                visit(Part::Events(events, span));
            }
            Moment::Start
            | Moment::Now
            | Moment::Trait(..)
            | Moment::Date(_)
            | Moment::Constant(_) => {}
        },
    }
}

/// The moment that a window hangs on, if it is written out; `first 10d` hangs on `start`.
pub const fn moment_of(window: &Window) -> Option<&Moment> {
    match window {
        Window::After(_, moment)
        | Window::FromToAfter(_, _, moment)
        | Window::LengthBefore(_, moment)
        | Window::Since(moment)
        | Window::Before(moment) => Some(moment),
        Window::First(_) => Some(&Moment::Start),
        Window::Last(_)
        | Window::This(_)
        | Window::ThisBillingPeriod
        | Window::LastFull(..)
        | Window::LastFullBillingPeriods(_)
        | Window::Ever => None,
    }
}

fn of_expr<'a>(expr: &'a Expr, visit: &mut dyn FnMut(Part<'a>)) {
    match expr {
        Expr::Number(_)
        | Expr::Percent(_)
        | Expr::Amount(..)
        | Expr::Length(_)
        | Expr::Text(_)
        | Expr::Bool(_)
        | Expr::Date(_)
        | Expr::Constant(_)
        | Expr::Unlimited
        | Expr::Property(_)
        | Expr::Field(_)
        | Expr::It
        | Expr::Trait(..)
        | Expr::TrialAge
        | Expr::TrialLeft
        | Expr::Now
        | Expr::Meter(..)
        | Expr::Score(..)
        | Expr::Grade(_)
        | Expr::Qualified(_)
        | Expr::NumberFrom(_)
        | Expr::Propensity(_) => {}

        Expr::Aggregate { kind: _, of, events, windows } => {
            all(of, Part::expr, visit);
            visit(Part::events(events));
            all(windows, Part::window, visit);
        }
        Expr::Sequence { steps, within: _, windows } => {
            all(steps, Part::events, visit);
            all(windows, Part::window, visit);
        }
        Expr::Since(moment) | Expr::Until(moment) => visit(Part::moment(moment)),
        Expr::AtMoment(inner, moment) => {
            visit(Part::expr(inner));
            visit(Part::moment(moment));
        }
        Expr::Was(inner, windows) => {
            visit(Part::expr(inner));
            all(windows, Part::window, visit);
        }
        Expr::Each { over: _, key: _, inner, within } => {
            visit(Part::expr(inner));
            all(within, Part::window, visit);
        }
        Expr::OfAccount(inner)
        | Expr::Ago(inner, _)
        | Expr::Growth(inner, _)
        | Expr::For(inner, _)
        | Expr::Streak(_, inner)
        | Expr::Rank(inner)
        | Expr::Round(inner)
        | Expr::Negate(inner)
        | Expr::Not(inner)
        | Expr::Matches(inner, _)
        | Expr::IsKnown(inner)
        | Expr::IsUnknown(inner) => visit(Part::expr(inner)),
        Expr::Share(left, right)
        | Expr::Percentile(left, right)
        | Expr::Default(left, right)
        | Expr::Arithmetic(_, left, right)
        | Expr::Compare(_, left, right)
        | Expr::TextTest(_, left, right)
        | Expr::AtLeastGrade(left, right) => {
            visit(Part::expr(left));
            visit(Part::expr(right));
        }
        Expr::If { then: first, when: second, otherwise: third }
        | Expr::Between(first, second, third) => {
            for part in [first, second, third] {
                visit(Part::expr(part));
            }
        }
        Expr::In(left, values) => {
            visit(Part::expr(left));
            all(values, Part::expr, visit);
        }
        Expr::AtLeast(_, values)
        | Expr::Min(values)
        | Expr::Max(values)
        | Expr::And(values)
        | Expr::Or(values) => all(values, Part::expr, visit),
    }
}

fn of_events<'a>(events: &'a Events, visit: &mut dyn FnMut(Part<'a>)) {
    match events {
        Events::Named { names, filter } => {
            all(names, Part::name, visit);
            all(filter.as_deref(), Part::expr, visit);
        }
        Events::Becomes(condition) | Events::EveryWhile(_, condition) => {
            visit(Part::expr(condition));
        }
    }
}

/// Visits each of several nodes.
fn all<'a, T: 'a>(
    nodes: impl IntoIterator<Item = &'a T>,
    part: impl Fn(&'a T) -> Part<'a>,
    visit: &mut dyn FnMut(Part<'a>),
) {
    for node in nodes {
        visit(part(node));
    }
}
