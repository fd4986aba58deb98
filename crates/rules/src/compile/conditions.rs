//! Conditions: what is true, false or unknown.

use std::sync::Arc;

use firsthand_model::diagnostic::codes;
use firsthand_model::{Text, Time};

use super::lower::{Lower, Lowered, nearest};
use super::types::{Type, Typed, coerced};
use crate::eval::expr::{Choice, Coercion, Expr};
use crate::eval::value::{Value, same_text};
use crate::lang::ast::{self, At, Comparison};

/// Largest compiled size of a pattern, in bytes.
const PATTERN_BYTES_MAX: usize = 1 << 20;

impl Lower<'_> {
    /// A tree that must be a condition. What evidence names is marked on the way.
    pub fn condition(&mut self, tree: &At<ast::Expr>) -> Lowered<Expr> {
        Ok(match &tree.node {
            ast::Expr::And(of) => Expr::And(self.conditions(of)?),
            ast::Expr::Or(of) => Expr::Or(self.conditions(of)?),
            ast::Expr::Not(of) => Expr::Not(Box::new(self.condition(of)?)),
            ast::Expr::AtLeast(needed, of) => {
                if *needed as usize > of.len() || *needed == 0 {
                    let message = format!("`at least {needed}` of {} conditions", of.len());
                    let help = format!("Ask for 1 to {}.", of.len());
                    return Err(self.error(codes::NEVER_TRUE, tree, message, help));
                }
                Expr::AtLeast(*needed, self.conditions(of)?)
            }
            ast::Expr::Bool(it) => Expr::Const(Value::Bool(*it)),
            _ => {
                let value = self.value(tree)?;
                if self.common(&value.ty, &Type::Bool, tree).is_err() || value.ty == Type::Ratio {
                    return Err(super::lower::Refused);
                }
                let expr = coerced(value, &Type::Bool);
                if self.in_event { expr } else { self.atom(tree, expr) }
            }
        })
    }

    fn conditions(&mut self, of: &[At<ast::Expr>]) -> Lowered<Box<[Expr]>> {
        // All of them, so that everything that is wrong is said at once.
        let lowered = of.iter().map(|it| self.condition(it)).collect::<Vec<_>>();
        lowered.into_iter().collect()
    }

    /// `a >= b` and its kin.
    pub fn comparison(
        &mut self,
        op: Comparison,
        left: &At<ast::Expr>,
        right: &At<ast::Expr>,
        tree: &At<ast::Expr>,
    ) -> Lowered<Typed> {
        let (a, b) = (self.value(left), self.value(right));
        let (a, b) = (a?, b?);
        let ty = self.common(&a.ty, &b.ty, right)?;
        let ordered = !matches!(op, Comparison::Equal | Comparison::NotEqual);
        if ordered && matches!(ty, Type::Text | Type::Bool | Type::Label(_)) {
            let help = if matches!(ty, Type::Label(_)) {
                "Grades are compared by `at least`: `grade(x) at least \"B\"`."
            } else {
                "Only numbers, amounts, durations and instants have an order; use `=` or `in`."
            };
            let message = format!("{} has no order", ty.word());
            return Err(self.error(codes::TYPE_MISMATCH, tree, message, help));
        }
        if let Type::Label(labels) = &ty {
            self.known_label(right, labels)?;
        }
        let runs = a.runs || b.runs;
        let pair = Box::new([coerced(a, &ty), coerced(b, &ty)]);
        Ok(Typed { expr: Expr::Compare(op, pair), ty: Type::Bool, runs })
    }

    /// `V between a and b`, inclusive.
    pub fn between(&mut self, of: &[&At<ast::Expr>; 3], tree: &At<ast::Expr>) -> Lowered<Typed> {
        let above = self.comparison(Comparison::GreaterOrEqual, of[0], of[1], tree)?;
        let below = self.comparison(Comparison::LessOrEqual, of[0], of[2], tree)?;
        let runs = above.runs || below.runs;
        let expr = Expr::And(Box::new([above.expr, below.expr]));
        Ok(Typed { expr, ty: Type::Bool, runs })
    }

    /// `V in (…)`.
    pub fn membership(&mut self, of: &At<ast::Expr>, list: &[At<ast::Expr>]) -> Lowered<Expr> {
        let value = self.value(of)?;
        let (choices, listed) = self.choices(list)?;
        let at = list.first().unwrap_or(of);
        let ty = self.common(&value.ty, &listed, at)?;
        if let Type::Label(labels) = &ty {
            for entry in list {
                self.known_label(entry, labels)?;
            }
        }
        Ok(Expr::In(Box::new(coerced(value, &ty)), choices))
    }

    /// `V contains "x"` and its kin.
    pub fn text_test(
        &mut self,
        test: ast::TextTest,
        of: &At<ast::Expr>,
        what: &At<ast::Expr>,
    ) -> Lowered<Expr> {
        let value = self.value(of)?;
        self.common(&value.ty, &Type::Text, of)?;
        let (choices, ty) = self.choices(std::slice::from_ref(what))?;
        self.common(&ty, &Type::Text, what)?;
        let text = Expr::Typed(Box::new(value.expr), Coercion::Text);
        Ok(Expr::TextTest(test, Box::new(text), choices))
    }

    /// `V matches /re/`.
    pub fn matches(
        &mut self,
        of: &At<ast::Expr>,
        pattern: &str,
        at: &At<ast::Expr>,
    ) -> Lowered<Expr> {
        let value = self.value(of)?;
        self.common(&value.ty, &Type::Text, of)?;
        let built = regex::RegexBuilder::new(pattern)
            .case_insensitive(true)
            .size_limit(PATTERN_BYTES_MAX)
            .build();
        match built {
            Ok(regex) => {
                let text = Expr::Typed(Box::new(value.expr), Coercion::Text);
                Ok(Expr::Matches(Box::new(text), regex))
            }
            Err(error) => {
                let last = error.to_string();
                let reason = last.lines().last().unwrap_or("").trim_start_matches("error: ");
                let message = format!("the pattern cannot be read: {reason}");
                let help =
                    "Look-around and back-references are left out so that matching stays quick.";
                Err(self.error(codes::BAD_PATTERN, at, message, help))
            }
        }
    }

    /// `grade(x) at least "B"`.
    pub fn at_least_grade(&mut self, of: &At<ast::Expr>, least: &At<ast::Expr>) -> Lowered<Expr> {
        let value = self.value(of)?;
        let Type::Label(labels) = &value.ty else {
            let message = format!("{} has no ladder to stand on", value.ty.word());
            let help = "`at least` compares grades: `grade(adoption) at least \"B\"`.";
            return Err(self.error(codes::TYPE_MISMATCH, of, message, help));
        };
        let labels = labels.clone();
        let at = self.known_label(least, &labels)?;
        let choices = labels[..=at]
            .iter()
            .map(|label| Choice {
                value: Value::Text(label.clone()),
                from: Time::MIN,
                to: Time::MAX,
            })
            .collect::<Arc<[_]>>();
        Ok(Expr::In(Box::new(value.expr), choices))
    }

    /// The place of a label on its ladder.
    fn known_label(&mut self, at: &At<ast::Expr>, labels: &[Text]) -> Lowered<usize> {
        let ast::Expr::Text(label) = &at.node else { return Ok(0) };
        match labels.iter().position(|it| same_text(it, label)) {
            Some(place) => Ok(place),
            None => {
                let known =
                    labels.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
                let help = nearest(label, labels.iter()).map_or_else(
                    || format!("The labels are {known}."),
                    |near| format!("Did you mean `{near}`? The labels are {known}."),
                );
                let message = format!("the grade has no label `{label}`");
                Err(self.error(codes::UNKNOWN_NAME, at, message, help))
            }
        }
    }
}
