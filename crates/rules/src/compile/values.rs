//! Values: every form of docs/language.md, section 4.

use std::cmp::Ordering;

use firsthand_model::diagnostic::codes;
use firsthand_model::fact::{Kind, number_trait};
use firsthand_model::{Decimal, Text};

use super::lower::{Lower, Lowered, number, span_value};
use super::types::{Type, Typed, coerced};
use crate::eval::expr::{Coercion, Expr};
use crate::eval::leaf::Measure;
use crate::eval::memory::AtMoment;
use crate::eval::node::NodeKind;
use crate::eval::sequence::Sequence;
use crate::eval::value::Value;
use crate::eval::window::Window;
use crate::lang::ast::{self, Aggregate, Arithmetic, At, Comparison, Field, Unit};

impl Lower<'_> {
    /// A tree of any type.
    pub fn value(&mut self, tree: &At<ast::Expr>) -> Lowered<Typed> {
        self.deeper(tree, |this| this.value_itself(tree))
    }

    fn value_itself(&mut self, tree: &At<ast::Expr>) -> Lowered<Typed> {
        use ast::Expr as E;
        let still = |expr, ty| Ok(Typed::still(expr, ty));
        match &tree.node {
            E::Number(it) => still(number(*it), Type::Number),
            E::Percent(it) => {
                let share = Value::decimal(*it).div(&Value::decimal(Decimal::from(100_i64)));
                still(Expr::Const(share), Type::Percent)
            }
            E::Amount(it, unit) => {
                let scale = match unit {
                    Unit::Bytes(power) => {
                        Decimal::from_raw(Decimal::SCALE * 10_i128.pow(u32::from(*power)))
                    }
                    Unit::Money(currency) => {
                        self.known_currency(tree, currency)?;
                        Decimal::ONE
                    }
                };
                let amount = Value::decimal(*it).mul(&Value::decimal(scale));
                still(Expr::Const(amount), Type::of_unit(unit))
            }
            E::Length(length) => {
                let span = self.span(tree, *length)?;
                still(span_value(span), Type::Duration)
            }
            E::Text(it) => still(Expr::Const(Value::Text(it.clone())), Type::Text),
            E::Bool(it) => still(Expr::Const(Value::Bool(*it)), Type::Bool),
            E::Date(it) => {
                let time = self.date(tree, it)?;
                still(Expr::Const(Value::time(time)), Type::Time)
            }
            E::Constant(name) => self.constant_value(tree, name),
            E::Unlimited => still(Expr::Const(Value::Unlimited), Type::LooseNumber),
            E::Property(path) if self.in_event => {
                let expr = self.path(path);
                still(expr, Type::Loose)
            }
            E::Property(path) => Err(self.error(
                codes::WRONG_PLACE,
                tree,
                format!("`{path}` is a property of events, and there is no event here"),
                "Use properties inside `where`, or a trait: `account.…`, `person.…`.",
            )),
            E::Field(field) => {
                let ty = match field {
                    Field::Event | Field::Source | Field::Person | Field::Weekday => Type::Text,
                    Field::Time | Field::Day | Field::Week | Field::Month => Type::Time,
                    Field::Hour => Type::Number,
                };
                still(Expr::Field(*field), ty)
            }
            E::It if self.in_set => still(Expr::It, Type::Number),
            E::It => Err(self.error(
                codes::WRONG_PLACE,
                tree,
                "`it` stands for nothing here",
                "`it` is the present amount inside `set:` of a score.",
            )),
            E::Trait(owner, path) => self.trait_value(tree, *owner, path),
            E::TrialAge => self.trial(tree, false),
            E::TrialLeft => self.trial(tree, true),
            E::Now => Ok(Typed { expr: Expr::Now, ty: Type::Time, runs: true }),
            E::Aggregate { kind, of, events, windows } => {
                self.aggregate(*kind, of, events, windows)
            }
            E::Sequence { steps, within, windows } => {
                let steps = steps
                    .iter()
                    .map(|step| self.events(step, &step.node))
                    .collect::<Lowered<Vec<_>>>()?;
                let within = within.map(|it| self.span(tree, it)).transpose()?;
                let window = self.windows(windows)?;
                let sequence = Sequence { steps, within, window };
                still(self.scopes.node(NodeKind::Sequence(sequence)), Type::Bool)
            }
            E::Since(moment) => {
                let (at, _) = self.moment(moment, &moment.node)?;
                Ok(difference(Expr::Now, at))
            }
            E::Until(moment) => {
                let (at, _) = self.moment(moment, &moment.node)?;
                Ok(difference(at, Expr::Now))
            }
            E::Meter(what, name) => self.meter_value(tree, *what, name),
            E::Score(name, part) => self.score_value(tree, name, part.as_ref()),
            E::Grade(name) => self.grade_value(tree, name),
            E::Qualified(name) => self.qualified(tree, name),
            E::NumberFrom(name) => self.outside_number(tree, &number_trait(name)),
            E::Propensity(model) => {
                let name = smol_str::format_smolstr!("propensity {model}");
                let value = self.outside_number(tree, &number_trait(&name))?;
                Ok(Typed { ty: Type::Ratio, ..value })
            }
            E::Share(share, of) => {
                let (share, of) = (self.value(share)?, self.value(of)?);
                let ty = if of.ty == Type::Loose { Type::LooseNumber } else { of.ty.clone() };
                if !ty.is_numeric() || ty == Type::Time {
                    let message = format!("there is no share of {}", of.ty.word());
                    let help = "Take a share of a number or amount: `80% of limit(contacts)`.";
                    return Err(self.error(codes::TYPE_MISMATCH, tree, message, help));
                }
                let runs = of.runs;
                let share = coerced(share, &Type::Percent);
                let pair = Box::new([share, coerced(of, &ty)]);
                Ok(Typed { expr: Expr::Arithmetic(Arithmetic::Multiply, pair), ty, runs })
            }
            E::OfAccount(of) => self.of_account(tree, of),
            E::Ago(of, by) => {
                let by = self.span(tree, *by)?;
                let value = self.value(of)?;
                let node = self.scopes.followed(value.expr);
                let expr = self.scopes.node(NodeKind::Ago(node, by));
                Ok(Typed { expr, ..value })
            }
            E::AtMoment(of, moment) if moment.node == ast::Moment::Now => self.value(of),
            E::AtMoment(of, moment) => {
                let value = self.value(of)?;
                let of = self.scopes.followed(value.expr);
                let (at, moves) = self.moment(moment, &moment.node)?;
                let kind = NodeKind::AtMoment(AtMoment { of, at, moves });
                still(self.scopes.node(kind), value.ty)
            }
            E::Growth(of, over) => self.growth(tree, of, *over),
            E::Was(of, windows) => {
                let condition = self.condition(of)?;
                let node = self.scopes.followed(condition);
                let window = self.windows(windows)?;
                still(self.scopes.node(NodeKind::Was(node, window)), Type::Bool)
            }
            E::For(of, length) => {
                let length = self.span(tree, *length)?;
                let condition = self.condition(of)?;
                let node = self.scopes.followed(condition);
                still(self.scopes.node(NodeKind::HeldFor(node, length)), Type::Bool)
            }
            E::Streak(unit, of) => {
                let start = self.start()?;
                self.each_period(*unit, of, None, Window::default(), start)
            }
            E::Each { over, key, inner, within } => {
                self.each(tree, *over, key, inner, within.as_ref())
            }
            E::Percentile(of, among) => self.percentile(tree, of, among),
            E::Rank(of) => self.rank(tree, of),
            E::If { then, when, otherwise } => {
                let when = self.condition(when)?;
                let (then, other) = (self.value(then)?, self.value(otherwise)?);
                let ty = self.either(&then.ty, &other.ty, otherwise)?;
                let runs = then.runs || other.runs;
                let expr = Expr::If(Box::new([coerced(then, &ty), when, coerced(other, &ty)]));
                Ok(Typed { expr, ty, runs })
            }
            E::Default(of, otherwise) => {
                let (value, other) = (self.value(of)?, self.value(otherwise)?);
                let ty = self.either(&value.ty, &other.ty, otherwise)?;
                let runs = value.runs || other.runs;
                let expr = Expr::Default(Box::new([coerced(value, &ty), coerced(other, &ty)]));
                Ok(Typed { expr, ty, runs })
            }
            E::Min(of) => self.extreme(tree, of, Ordering::Less),
            E::Max(of) => self.extreme(tree, of, Ordering::Greater),
            E::Round(of) => {
                let value = self.value(of)?;
                if value.runs {
                    return Err(
                        self.not_linear(tree, "a value that runs with time cannot be rounded")
                    );
                }
                let ty = if value.ty == Type::Loose { Type::Number } else { value.ty.clone() };
                still(Expr::Round(Box::new(coerced(value, &ty))), ty)
            }
            E::Arithmetic(op, left, right) => self.arithmetic(tree, *op, left, right),
            E::Negate(of) => {
                let value = self.value(of)?;
                let Some(ty) = value.ty.common(&Type::LooseNumber) else {
                    let message = format!("`-` takes a number, not {}", value.ty.word());
                    let help = "Negate numbers, amounts, percentages and durations only.";
                    return Err(self.error(codes::TYPE_MISMATCH, of, message, help));
                };
                let runs = value.runs;
                Ok(Typed { expr: Expr::Negate(Box::new(coerced(value, &ty))), ty, runs })
            }
            E::Compare(op, left, right) => self.comparison(*op, left, right, tree),
            E::Between(of, low, high) => self.between(&[of, low, high], tree),
            E::In(of, list) => self.membership(of, list).map(condition),
            E::TextTest(test, of, what) => self.text_test(*test, of, what).map(condition),
            E::Matches(of, pattern) => self.matches(of, pattern, tree).map(condition),
            E::IsKnown(of) => {
                let value = self.value(of)?;
                Ok(condition(Expr::IsKnown(Box::new(value.expr))))
            }
            E::IsUnknown(of) => {
                let value = self.value(of)?;
                Ok(condition(Expr::Not(Box::new(Expr::IsKnown(Box::new(value.expr))))))
            }
            E::AtLeastGrade(of, least) => self.at_least_grade(of, least).map(condition),
            E::Not(_) | E::And(_) | E::Or(_) | E::AtLeast(..) => {
                self.condition(tree).map(condition)
            }
        }
    }

    /// The type of a value that is one of two.
    fn either(&mut self, a: &Type, b: &Type, at: &At<ast::Expr>) -> Lowered<Type> {
        a.common(b).ok_or_else(|| {
            let (code, _, _) = a.mismatch(b);
            let message = format!("this is {}, where the other value is {}", b.word(), a.word());
            self.error(code, at, message, "Give two values of the same kind.")
        })
    }

    fn known_currency(&mut self, tree: &At<ast::Expr>, currency: &Text) -> Lowered<()> {
        match &self.project.currency {
            Some(ours) if ours != currency => {
                let message = format!("amounts are in {ours}, not {currency}");
                let help = format!("Write the amount in {ours}; nothing is converted.");
                Err(self.error(codes::UNIT_MISMATCH, tree, message, help))
            }
            _ => Ok(()),
        }
    }

    fn aggregate(
        &mut self,
        kind: Aggregate,
        of: &[At<ast::Expr>],
        events: &At<ast::Events>,
        windows: &[At<ast::Window>],
    ) -> Lowered<Typed> {
        let source = self.events(events, &events.node);
        let window = self.windows(windows);
        let (source, window) = (source?, window?);
        let of = self.in_event(true, |this| {
            of.iter().map(|it| this.value(it)).collect::<Lowered<Vec<_>>>()
        })?;
        let numeric = |of: &[Typed]| {
            let only = of.first().expect("the parser asks for a property").clone();
            Expr::Typed(Box::new(only.expr), Coercion::Number)
        };
        let (measure, ty) = match kind {
            Aggregate::Count | Aggregate::Seen | Aggregate::Never => (Measure::Count, Type::Number),
            Aggregate::People => {
                (Measure::Distinct([Expr::Field(Field::Person)].into()), Type::Number)
            }
            Aggregate::Days => (Measure::Distinct([Expr::Field(Field::Day)].into()), Type::Number),
            Aggregate::Distinct => {
                (Measure::Distinct(of.into_iter().map(|it| it.expr).collect()), Type::Number)
            }
            Aggregate::Sum => (Measure::Sum(numeric(&of)), Type::LooseNumber),
            Aggregate::Avg => (Measure::Average(numeric(&of)), Type::LooseNumber),
            Aggregate::Min => (Measure::Least(numeric(&of)), Type::LooseNumber),
            Aggregate::Max => (Measure::Greatest(numeric(&of)), Type::LooseNumber),
            Aggregate::Latest => {
                let only = of.into_iter().next().expect("the parser asks for a property");
                (Measure::Latest(only.expr), Type::Loose)
            }
        };
        let leaf = self.leaf(source, measure, window);
        let against = |op, count| {
            condition(Expr::Compare(op, Box::new([leaf.clone(), number(Decimal::from(count))])))
        };
        Ok(match kind {
            Aggregate::Seen => against(Comparison::GreaterOrEqual, 1_i64),
            Aggregate::Never => against(Comparison::Equal, 0_i64),
            _ => Typed::still(leaf, ty),
        })
    }

    fn outside_number(&mut self, tree: &At<ast::Expr>, name: &Text) -> Lowered<Typed> {
        let kind = self.scopes.subject();
        let Some(value) = self.subject_trait(kind, name) else {
            let message = format!("there is no subject for `{name}` here");
            return Err(self.error(
                codes::WRONG_PLACE,
                tree,
                message,
                "Ask it of an account or a person.",
            ));
        };
        Ok(Typed::still(Expr::Typed(Box::new(value), Coercion::Number), Type::LooseNumber))
    }

    fn of_account(&mut self, tree: &At<ast::Expr>, of: &At<ast::Expr>) -> Lowered<Typed> {
        let mut ty = (Type::Loose, false);
        let mut build = |this: &mut Self| {
            let value = this.value(of)?;
            ty = (value.ty, value.runs);
            Ok(this.scopes.as_node(value.expr))
        };
        let expr = match self.scopes.depth_of(Kind::Account) {
            Some(_) if self.scopes.subject() == Kind::Account => {
                let message = "`account (…)` stands in a definition of persons";
                return Err(self.error(
                    codes::WRONG_PLACE,
                    tree,
                    message,
                    "Leave `account ( )` out.",
                ));
            }
            Some(depth) => {
                let node = self.at_depth(depth, build)?;
                Expr::Node(self.scopes.seen_from_here(depth, node))
            }
            None => self.import_account(&mut build)?,
        };
        Ok(Typed { expr, ty: ty.0, runs: ty.1 })
    }

    /// A value of the person's account, brought over from the stratum of accounts.
    pub fn import_account(
        &mut self,
        build: impl FnOnce(&mut Self) -> Lowered<u32>,
    ) -> Lowered<Expr> {
        let node = self.afresh(|this| this.in_other_root(build))?;
        let known = self.exports.iter().find(|(_, it)| *it == node).map(|(slot, _)| *slot);
        let slot = known.unwrap_or_else(|| {
            let slot = self.slot();
            self.exports.push((slot, node));
            slot
        });
        Ok(self.node_at(0, NodeKind::Imported(slot)))
    }
}

/// A condition as a typed expression.
fn condition(expr: Expr) -> Typed {
    Typed::still(expr, Type::Bool)
}

/// The duration between two instants, one of them now.
fn difference(to: Expr, from: Expr) -> Typed {
    let expr = Expr::Arithmetic(Arithmetic::Subtract, Box::new([to, from]));
    Typed { expr, ty: Type::Duration, runs: true }
}
