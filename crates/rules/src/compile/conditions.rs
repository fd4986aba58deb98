//! Conditions: what is true, false or unknown.

use std::sync::Arc;

use firsthand_model::diagnostic::{codes, nearest};
use firsthand_model::{Text, Time};

use super::lower::{Lower, Lowered, Refused};
use super::types::{Type, Typed, coerced};
use crate::eval::expr::{Choice, Coercion, Expr};
use crate::eval::value::{Value, same_text};
use crate::lang::ast::{self, Aggregate, At, Comparison};
use crate::lang::print;

/// Largest compiled size of a pattern, in bytes.
const PATTERN_BYTES_MAX: usize = 1 << 20;

impl Lower<'_> {
    /// A tree that must be a condition. What evidence names is marked on the way.
    pub fn condition(&mut self, tree: &At<ast::Expr>) -> Lowered<Expr> {
        self.deeper(tree, |this| this.condition_itself(tree))
    }

    fn condition_itself(&mut self, tree: &At<ast::Expr>) -> Lowered<Expr> {
        Ok(match &tree.node {
            ast::Expr::And(of) => Expr::And(self.conditions(of)?),
            ast::Expr::Or(of) => Expr::Or(self.conditions(of)?),
            ast::Expr::Not(of) => Expr::Not(Box::new(self.condition(of)?)),
            ast::Expr::AtLeast(needed, of) => Expr::AtLeast(*needed, self.conditions(of)?),
            ast::Expr::Bool(it) => Expr::Const(Value::Bool(*it)),
            _ => {
                let value = self.value(tree)?;
                if !matches!(value.ty, Type::Bool | Type::Loose) {
                    return Err(self.no_condition(tree, &value.ty));
                }
                let expr = coerced(value, &Type::Bool);
                if self.in_event { expr } else { self.atom(tree, expr) }
            }
        })
    }

    /// Notes that a value stands where a condition is needed.
    fn no_condition(&mut self, tree: &At<ast::Expr>, ty: &Type) -> Refused {
        let written = print::expr(&tree.node);
        let help = match ty {
            Type::Text => format!("Compare something with it: `account.plan = {written}`."),
            Type::Label(labels) => match labels.first() {
                Some(best) => format!("Compare it with a label: `{written} = \"{best}\"`."),
                None => "Compare it with a label.".to_owned(),
            },
            Type::Duration => format!("Compare it with a duration: `{written} >= 14d`."),
            Type::Time => {
                format!("Ask how long ago it was, or compare it: `{written} >= 2026-03-01`.")
            }
            Type::Percent | Type::Ratio => format!("Compare it with a share: `{written} >= 50%`."),
            _ if matches!(tree.node, ast::Expr::Number(_)) => {
                format!("Compare something with it: `count(any) >= {written}`.")
            }
            _ => format!("Compare it with a number: `{written} >= 3`."),
        };
        let message = format!("{} stands where a condition is needed", ty.word());
        self.error(codes::TYPE_MISMATCH, tree, message, help)
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
        let ty = self.comparable(op, (left, &a.ty), (right, &b.ty), tree)?;
        let runs = a.runs || b.runs;
        let pair = Box::new([coerced(a, &ty), coerced(b, &ty)]);
        Ok(Typed { expr: Expr::Compare(op, pair), ty: Type::Bool, runs })
    }

    /// The type by which two values can be compared.
    fn comparable(
        &mut self,
        op: Comparison,
        (left, a): (&At<ast::Expr>, &Type),
        (right, b): (&At<ast::Expr>, &Type),
        tree: &At<ast::Expr>,
    ) -> Lowered<Type> {
        let ty = self.common(a, b, right)?;
        let (share, amount) = if *a == Type::Percent { (left, right) } else { (right, left) };
        if ty == Type::Percent && is_amount(&amount.node) {
            let message = "a percentage alone says nothing about an amount";
            let help =
                format!("Say of what it is the share: `{} of limit(…)`.", print::expr(&share.node));
            return Err(self.error(codes::TYPE_MISMATCH, share, message, help));
        }
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
        Ok(ty)
    }

    /// `V between a and b`, inclusive.
    pub fn between(&mut self, of: &[&At<ast::Expr>; 3], tree: &At<ast::Expr>) -> Lowered<Typed> {
        let values = of.map(|it| self.value(it));
        let [value, low, high] = values;
        let (value, low, high) = (value?, low?, high?);
        self.common(&low.ty, &high.ty, of[2])?;
        let observed = (of[0], &value.ty);
        let least =
            self.comparable(Comparison::GreaterOrEqual, observed, (of[1], &low.ty), tree)?;
        let most = self.comparable(Comparison::LessOrEqual, observed, (of[2], &high.ty), tree)?;
        let ty = self.common(&least, &most, of[2])?;
        let runs = value.runs || low.runs || high.runs;
        let of = Box::new([coerced(value, &ty), coerced(low, &ty), coerced(high, &ty)]);
        Ok(Typed { expr: Expr::Between(of), ty: Type::Bool, runs })
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
        let word = match test {
            ast::TextTest::Contains => "contains",
            ast::TextTest::StartsWith => "starts with",
            ast::TextTest::EndsWith => "ends with",
        };
        let value = self.value(of)?;
        self.looks_into(word, of, &value.ty)?;
        let (choices, ty) = self.choices(std::slice::from_ref(what))?;
        if ty.common(&Type::Text).is_none() {
            let message = format!("`{word}` looks for a text, not for {}", ty.word());
            let help =
                format!("Write it in double quotes: `{word} \"{}\"`.", print::expr(&what.node));
            return Err(self.error(codes::TYPE_MISMATCH, what, message, help));
        }
        let text = Expr::Typed(Box::new(value.expr), Coercion::Text);
        Ok(Expr::TextTest(test, Box::new(text), choices))
    }

    /// Whether a value can be looked into as a text.
    fn looks_into(&mut self, word: &str, of: &At<ast::Expr>, ty: &Type) -> Lowered<()> {
        if ty.common(&Type::Text).is_some() {
            return Ok(());
        }
        let message = format!("`{word}` looks into texts, and this is {}", ty.word());
        let help = "Compare it with `=`, `>=`, `between` or `in`.";
        Err(self.error(codes::TYPE_MISMATCH, of, message, help))
    }

    /// `V matches /re/`.
    pub fn matches(
        &mut self,
        of: &At<ast::Expr>,
        pattern: &str,
        at: &At<ast::Expr>,
    ) -> Lowered<Expr> {
        let value = self.value(of)?;
        self.looks_into("matches", of, &value.ty)?;
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
        if !matches!(least.node, ast::Expr::Text(_)) {
            let known = listed(&labels);
            let message = "`at least` takes a label of the grade";
            let help = format!("Write one of its labels in double quotes: {known}.");
            return Err(self.error(codes::TYPE_MISMATCH, least, message, help));
        }
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
    pub fn known_label(&mut self, at: &At<ast::Expr>, labels: &[Text]) -> Lowered<usize> {
        let ast::Expr::Text(label) = &at.node else { return Ok(0) };
        if let Some(place) = labels.iter().position(|it| same_text(it, label)) {
            return Ok(place);
        }
        let known = listed(labels);
        // One letter is as near to any other as to the one that is meant.
        let near = nearest(label, labels.iter().map(Text::as_str));
        let help = near.filter(|it| it.chars().count() > 1).map_or_else(
            || format!("The labels are {known}."),
            |near| format!("Did you mean `{near}`? The labels are {known}."),
        );
        let message = format!("the grade has no label `{label}`");
        Err(self.error(codes::UNKNOWN_NAME, at, message, help))
    }
}

/// Whether a value is an amount of something and not itself a share.
fn is_amount(value: &ast::Expr) -> bool {
    let sum = |kind: &Aggregate| *kind == Aggregate::Sum;
    matches!(value, ast::Expr::Meter(..))
        || matches!(value, ast::Expr::Aggregate { kind, .. } if sum(kind))
}

fn listed(labels: &[Text]) -> String {
    labels.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
}
