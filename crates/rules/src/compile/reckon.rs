//! Arithmetic, the least and the greatest, and growth.

use std::cmp::Ordering;

use firsthand_model::Span;
use firsthand_model::diagnostic::{Problem, codes};

use super::lower::{Lower, Lowered, Refused, Shift, exact};
use super::types::{Type, Typed, coerced};
use crate::eval::expr::Expr;
use crate::eval::node::NodeKind;
use crate::eval::value::Value;
use crate::lang::ast::{self, Arithmetic, At};
use crate::lang::walk;

impl Lower<'_> {
    pub fn extreme(
        &mut self,
        tree: &At<ast::Expr>,
        of: &[At<ast::Expr>],
        want: Ordering,
    ) -> Lowered<Typed> {
        let values = of.iter().map(|it| self.value(it)).collect::<Lowered<Vec<_>>>()?;
        let mut ty = Type::LooseNumber;
        for (value, at) in values.iter().zip(of) {
            ty = self.common(&ty, &value.ty, at)?;
        }
        if values.is_empty() {
            return Err(self.error(
                codes::SYNTAX,
                tree,
                "nothing to choose from",
                "Give two values.",
            ));
        }
        let runs = values.iter().any(|it| it.runs);
        let exprs = values.into_iter().map(|it| coerced(it, &ty)).collect();
        Ok(Typed { expr: Expr::Extreme(want, exprs), ty, runs })
    }

    pub fn not_linear(&mut self, tree: &At<ast::Expr>, message: &str) -> Refused {
        let help = "Take it per day, for example by comparing each side with a fixed number.";
        self.error(codes::NOT_PIECEWISE_LINEAR, tree, message, help)
    }

    pub fn arithmetic(
        &mut self,
        tree: &At<ast::Expr>,
        op: Arithmetic,
        left: &At<ast::Expr>,
        right: &At<ast::Expr>,
    ) -> Lowered<Typed> {
        use Type as T;
        let (a, b) = (self.value(left), self.value(right));
        let (a, b) = (a?, b?);
        let plain =
            |ty: &T| matches!(ty, T::Number | T::Ratio | T::Percent | T::Loose | T::LooseNumber);
        let ty = match (op, &a.ty, &b.ty) {
            (Arithmetic::Subtract, T::Time, T::Time) => T::Duration,
            (Arithmetic::Add | Arithmetic::Subtract, T::Time, T::Duration)
            | (Arithmetic::Add, T::Duration, T::Time) => T::Time,
            (Arithmetic::Add | Arithmetic::Subtract, a, b)
                if a.common(b).is_some_and(|it| it.is_numeric() || it == T::Loose) =>
            {
                match a.common(b) {
                    None | Some(T::Loose) => T::LooseNumber,
                    Some(ty) => ty,
                }
            }
            (Arithmetic::Multiply, it, factor) | (Arithmetic::Multiply, factor, it)
                if plain(factor) && it.is_numeric() && *it != T::Percent =>
            {
                it.clone()
            }
            (Arithmetic::Multiply, x, y) if plain(x) && plain(y) => T::Number,
            (Arithmetic::Divide, x, y) if x.common(y).is_some() && x != &T::Time => T::Ratio,
            (Arithmetic::Divide, it, divisor) if plain(divisor) && it.is_numeric() => it.clone(),
            (_, a, b) => {
                return Err(self.cannot_reckon(tree, op, a, b));
            }
        };
        if !ty.is_numeric() {
            return Err(self.cannot_reckon(tree, op, &a.ty, &b.ty));
        }
        let runs = a.runs || b.runs;
        if op == Arithmetic::Multiply && a.runs && b.runs {
            return Err(
                self.not_linear(tree, "a product of two running values is not linear in time")
            );
        }
        if op == Arithmetic::Divide && b.runs {
            return Err(
                self.not_linear(tree, "a quotient by a running value is not linear in time")
            );
        }
        let loose = |value: Typed| coerced(value, &T::LooseNumber);
        let pair = Box::new([loose(a), loose(b)]);
        Ok(Typed { expr: Expr::Arithmetic(op, pair), ty, runs })
    }

    /// Notes that two values cannot be added, subtracted, multiplied or divided.
    fn cannot_reckon(
        &mut self,
        tree: &At<ast::Expr>,
        op: Arithmetic,
        a: &Type,
        b: &Type,
    ) -> Refused {
        let verb = match op {
            Arithmetic::Add => "added",
            Arithmetic::Subtract => "subtracted",
            Arithmetic::Multiply => "multiplied",
            Arithmetic::Divide => "divided",
        };
        let message = if a == b {
            format!("two values that are each {} cannot be {verb}", a.word())
        } else {
            format!("{} and {} cannot be {verb}", a.word(), b.word())
        };
        let (code, _, help) = a.mismatch(b);
        let plain = |it: &Type| !it.is_numeric() && *it != Type::Loose;
        let help = if plain(a) || plain(b) {
            "Reckon with numbers, amounts, percentages and durations only.".to_owned()
        } else if matches!(op, Arithmetic::Multiply | Arithmetic::Divide) {
            "Multiply and divide by a plain number, or divide two amounts of the same unit."
                .to_owned()
        } else {
            help
        };
        self.error(code, tree, message, help)
    }

    /// `growth(V)`: V against itself one window earlier; unknown where that window is short.
    pub fn growth(
        &mut self,
        tree: &At<ast::Expr>,
        of: &At<ast::Expr>,
        over: Option<ast::Length>,
    ) -> Lowered<Typed> {
        if grows(of) {
            let message = "growth of a growth cannot be asked";
            let help = "Ask for each growth on its own.";
            return Err(self.error(codes::LIMIT, tree, message, help));
        }
        let value = self.value(of)?;
        if value.runs {
            return Err(
                self.not_linear(tree, "growth of a value that runs with time is not linear")
            );
        }
        let own = first_window(of);
        if let Some(at @ At { node: ast::Window::This(_) | ast::Window::ThisBillingPeriod, .. }) =
            &own
        {
            let problem = Problem::warning(
                codes::RUNNING_GROWTH,
                at.span.clone(),
                "this period is still running, so it is compared with a whole one",
            );
            self.note(problem.with_help("Compare full periods: `last full month`."));
        }
        let own_span = own.as_ref().and_then(|it| match &it.node {
            ast::Window::Last(length) | ast::Window::LengthBefore(length, ast::Moment::Now) => {
                exact(*length)
            }
            _ => None,
        });
        let own = own.filter(|it| has_predecessor(&it.node));
        let node = self.scopes.followed(value.expr);
        let now = Expr::Node(node);
        let (earlier, whole) =
            match (over.map(|it| self.span(tree, it)).transpose()?, &own, own_span) {
                (Some(over), _, own) => {
                    let back = over.saturating_add(own.unwrap_or(Span::ZERO));
                    (self.scopes.node(NodeKind::Ago(node, over)), self.reaches(back)?)
                }
                (None, _, Some(own)) => {
                    let earlier = self.scopes.node(NodeKind::Ago(node, own));
                    (earlier, self.reaches(own.times(2))?)
                }
                (None, Some(window), None) => {
                    let before = std::mem::replace(&mut self.shift, Shift::OneWindow);
                    let earlier = self.value(of);
                    let window = self.windows(std::slice::from_ref(window));
                    self.shift = before;
                    let start = self.start()?;
                    (earlier?.expr, self.scopes.node(NodeKind::Whole(window?, start)))
                }
                (None, None, None) => {
                    let help = "Say over how long: `growth(…, 30d)`.";
                    let message = "there is no window to compare with the one before";
                    return Err(self.error(codes::WRONG_PLACE, tree, message, help));
                }
            };
        let gain = Expr::Arithmetic(Arithmetic::Subtract, Box::new([now, earlier.clone()]));
        let share = Expr::Arithmetic(Arithmetic::Divide, Box::new([gain, earlier]));
        let expr = Expr::If(Box::new([share, whole, Expr::Const(Value::Unknown)]));
        // The age decides by time alone, so the whole is a node of its own with its own wakes.
        let node = self.scopes.followed(expr);
        Ok(Typed::still(Expr::Node(node), Type::Ratio))
    }
}

/// Whether a window has another of its kind before it. What begins or ends at a moment has none.
fn has_predecessor(window: &ast::Window) -> bool {
    use ast::Window as W;
    match window {
        W::Last(_)
        | W::LengthBefore(_, ast::Moment::Now)
        | W::This(_)
        | W::LastFull(..)
        | W::ThisBillingPeriod
        | W::LastFullBillingPeriods(_) => true,
        W::First(_)
        | W::After(..)
        | W::FromToAfter(..)
        | W::LengthBefore(..)
        | W::Since(_)
        | W::Before(_)
        | W::Ever => false,
    }
}

/// Whether a tree asks for growth.
fn grows(tree: &At<ast::Expr>) -> bool {
    let mut found = false;
    walk::parts(walk::Part::expr(tree), &mut |part| {
        found |= matches!(part, walk::Part::Expr(ast::Expr::Growth(..), _));
    });
    found
}

/// The first window in a tree, by which `growth` knows what one window is.
fn first_window(tree: &At<ast::Expr>) -> Option<At<ast::Window>> {
    let mut found = None;
    walk::parts(walk::Part::expr(tree), &mut |part| {
        if let walk::Part::Window(window, span) = part
            && found.is_none()
        {
            found = Some(At::new(window.clone(), span.clone()));
        }
    });
    found
}
