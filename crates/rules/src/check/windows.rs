//! Windows in which nothing can lie.

use std::ops::Range;

use crate::compile::exact;
use crate::lang::ast::{At, Expr, Length, Moment, Window};
use crate::lang::walk::Part;

/// A window, or several together, that is always empty.
#[derive(Debug)]
pub(super) struct Empty {
    /// Where it stands.
    pub span: Range<usize>,
    /// What is so.
    pub message: String,
    /// What to do.
    pub help: &'static str,
}

/// Finds the windows of a part that are empty whatever happens.
pub(super) fn empty(part: Part<'_>) -> Option<Empty> {
    let Part::Expr(expr, _) = part else { return None };
    let windows: &[At<Window>] = match expr {
        Expr::Aggregate { windows, .. }
        | Expr::Sequence { windows, .. }
        | Expr::Was(_, windows) => windows,
        _ => return None,
    };
    for window in windows {
        let nothing = match &window.node {
            Window::Last(length)
            | Window::First(length)
            | Window::After(length, _)
            | Window::LengthBefore(length, _) => length.count == 0,
            Window::LastFull(count, _) | Window::LastFullBillingPeriods(count) => *count == 0,
            Window::FromToAfter(from, to, _) => micros(*from)? >= micros(*to)?,
            _ => false,
        };
        if nothing {
            return Some(Empty {
                span: window.span.clone(),
                message: "this window is always empty: it ends where it begins, or before"
                    .to_owned(),
                help: "Let it end later than it begins, such as `3d to 10d after start`.",
            });
        }
    }
    apart(windows)
}

/// Finds two windows around one moment that have nothing in common.
fn apart(windows: &[At<Window>]) -> Option<Empty> {
    for (place, later) in windows.iter().enumerate() {
        let Some((moment, ours)) = around(&later.node) else { continue };
        let meets = windows[..place].iter().find(|earlier| {
            around(&earlier.node).is_some_and(|(other, theirs)| {
                other == moment && (ours.0 >= theirs.1 || theirs.0 >= ours.1)
            })
        });
        if meets.is_some() {
            return Some(Empty {
                span: later.span.clone(),
                message: "these windows have no moment in common, so nothing lies in both"
                    .to_owned(),
                help: "Several windows mean their overlap; keep one, or ask twice and join with `or`.",
            });
        }
    }
    None
}

/// The moment a window hangs on, and from how long after it to before how long after it it goes.
fn around(window: &Window) -> Option<(&Moment, (i64, i64))> {
    Some(match window {
        Window::First(length) => (&Moment::Start, (0, micros(*length)?)),
        Window::After(length, moment) => (moment, (0, micros(*length)?)),
        Window::FromToAfter(from, to, moment) => (moment, (micros(*from)?, micros(*to)?)),
        Window::LengthBefore(length, moment) => (moment, (-micros(*length)?, 0)),
        Window::Since(moment) => (moment, (1, i64::MAX)),
        Window::Before(moment) => (moment, (i64::MIN, 0)),
        _ => return None,
    })
}

fn micros(length: Length) -> Option<i64> {
    exact(length).map(|it| it.0)
}
