//! Values: every form of LANGUAGE.md, section 4.

use std::cmp::Ordering;

use firsthand_model::diagnostic::{Problem, codes};
use firsthand_model::fact::{Kind, number_trait};
use firsthand_model::{Decimal, Span, Text};

use super::lower::{Lower, Lowered, Shift, exact, number, span_value};
use super::program::{Family, Population};
use super::scopes::ScopeKind;
use super::types::{Type, Typed, coerced};
use crate::eval::each::{Each, EachPeriod};
use crate::eval::expr::{Coercion, Expr, Ref};
use crate::eval::graph::NodeKind;
use crate::eval::leaf::Measure;
use crate::eval::memory::AtMoment;
use crate::eval::sequence::Sequence;
use crate::eval::value::Value;
use crate::eval::window::Window;
use crate::lang::ast::{self, Aggregate, Arithmetic, At, Comparison, Field, Key, Quantifier, Unit};
use crate::lang::walk;

impl Lower<'_> {
    /// A tree of any type.
    pub fn value(&mut self, tree: &At<ast::Expr>) -> Lowered<Typed> {
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
                let node = self.scopes.as_node(value.expr);
                let expr = self.scopes.node(NodeKind::Ago(Ref { up: 0, node }, by));
                Ok(Typed { expr, ..value })
            }
            E::AtMoment(of, moment) => {
                let value = self.value(of)?;
                let node = self.scopes.as_node(value.expr);
                let (at, moves) = self.moment(moment, &moment.node)?;
                let kind = NodeKind::AtMoment(AtMoment { of: Ref { up: 0, node }, at, moves });
                still(self.scopes.node(kind), value.ty)
            }
            E::Growth(of, over) => self.growth(tree, of, *over),
            E::Was(of, windows) => {
                let condition = self.condition(of)?;
                let node = self.scopes.as_node(condition);
                let window = self.windows(windows)?;
                still(self.scopes.node(NodeKind::Was(Ref { up: 0, node }, window)), Type::Bool)
            }
            E::For(of, length) => {
                let length = self.span(tree, *length)?;
                let condition = self.condition(of)?;
                let node = self.scopes.as_node(condition);
                still(self.scopes.node(NodeKind::HeldFor(Ref { up: 0, node }, length)), Type::Bool)
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

    fn extreme(
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

    fn not_linear(&mut self, tree: &At<ast::Expr>, message: &str) -> super::lower::Refused {
        let help = "Take it per day, for example by comparing each side with a fixed number.";
        self.error(codes::NOT_PIECEWISE_LINEAR, tree, message, help)
    }

    fn arithmetic(
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
    ) -> super::lower::Refused {
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
    fn growth(
        &mut self,
        tree: &At<ast::Expr>,
        of: &At<ast::Expr>,
        over: Option<ast::Length>,
    ) -> Lowered<Typed> {
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
            ast::Window::Last(length) => exact(*length),
            _ => None,
        });
        let node = self.scopes.as_node(value.expr);
        let now = Expr::Node(Ref { up: 0, node });
        let (earlier, whole) =
            match (over.map(|it| self.span(tree, it)).transpose()?, &own, own_span) {
                (Some(over), _, own) => {
                    let back = Span(over.0 + own.unwrap_or(Span::ZERO).0);
                    (
                        self.scopes.node(NodeKind::Ago(Ref { up: 0, node }, over)),
                        self.reaches(back)?,
                    )
                }
                (None, _, Some(own)) => {
                    let earlier = self.scopes.node(NodeKind::Ago(Ref { up: 0, node }, own));
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
        let node = self.scopes.as_node(expr);
        Ok(Typed::still(Expr::Node(Ref { up: 0, node }), Type::Ratio))
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
        let (in_event, shift) = (self.in_event, self.shift);
        (self.in_event, self.shift) = (false, Shift::None);
        let node = self.in_other_root(build);
        (self.in_event, self.shift) = (in_event, shift);
        let node = node?;
        let known = self.exports.iter().find(|(_, it)| *it == node).map(|(slot, _)| *slot);
        let slot = known.unwrap_or_else(|| {
            let slot = self.slot();
            self.exports.push((slot, node));
            slot
        });
        Ok(self.node_at(0, NodeKind::Imported(slot)))
    }

    fn each(
        &mut self,
        tree: &At<ast::Expr>,
        over: Quantifier,
        key: &Key,
        inner: &At<ast::Expr>,
        within: Option<&At<ast::Window>>,
    ) -> Lowered<Typed> {
        let kind = match key {
            Key::Period(unit) => {
                let window = self.windows(within.map_or(&[], std::slice::from_ref))?;
                let start = self.start()?;
                return self.each_period(*unit, inner, Some(over), window, start);
            }
            Key::Sibling => return self.family(tree, over, inner),
            Key::Member
                if self.scopes.depth_of(Kind::Account) != Some(self.scopes.subject_depth()) =>
            {
                let message = "only an account has members";
                let help = "Ask it of the person directly, or of the account: `account (…)`.";
                return Err(self.error(codes::WRONG_PLACE, tree, message, help));
            }
            Key::Member => ScopeKind::Member,
            Key::Property(_) => ScopeKind::Key,
        };
        if let Some(within) = within {
            let message = "only days, weeks, months and years lie in a window";
            let help = "Put the window into the events that are counted.";
            return Err(self.error(codes::WRONG_PLACE, within, message, help));
        }
        self.scopes.open(kind);
        let answer = self.in_event(false, |this| this.answer(over, inner));
        let root = answer.map(|it| (self.scopes.as_node(it.expr), it.ty, it.runs));
        let graph = self.scopes.close();
        let (root, ty, runs) = root?;
        let property = match key {
            Key::Property(path) => Some(self.path(path)),
            _ => None,
        };
        let each = Each { property, inner: graph, root, over };
        let expr = self.scopes.node(NodeKind::Each(Box::new(each)));
        Ok(Typed { expr, ty: combined(over, ty), runs })
    }

    /// What is asked of each key: a condition, or a value that stands still between facts.
    fn answer(&mut self, over: Quantifier, inner: &At<ast::Expr>) -> Lowered<Typed> {
        if matches!(over, Quantifier::Any | Quantifier::Every | Quantifier::Number) {
            return self.condition(inner).map(condition);
        }
        let value = self.value(inner)?;
        // Durations all run alike, so that the greatest stays the greatest between facts.
        let alike = matches!(inner.node, ast::Expr::Since(_) | ast::Expr::Until(_));
        if value.runs && !alike {
            let message = "values that run with time differently cannot be brought together";
            return Err(self.not_linear(inner, message));
        }
        let Some(ty) = value.ty.common(&Type::LooseNumber) else {
            let message = format!("{} stands where a number is needed", value.ty.word());
            let help = if value.ty == Type::Bool {
                "Count those for which it is true: `number of … has (…)`."
            } else {
                "Write a number or a formula."
            };
            return Err(self.error(codes::TYPE_MISMATCH, inner, message, help));
        };
        let runs = value.runs;
        Ok(Typed { expr: coerced(value, &ty), ty, runs })
    }

    fn each_period(
        &mut self,
        unit: firsthand_model::time::Period,
        inner: &At<ast::Expr>,
        over: Option<Quantifier>,
        window: Window,
        start: Expr,
    ) -> Lowered<Typed> {
        self.scopes.open(ScopeKind::Period);
        let answer =
            self.in_event(false, |this| this.answer(over.unwrap_or(Quantifier::Any), inner));
        let root = answer.map(|it| (self.scopes.as_node(it.expr), it.ty));
        let graph = self.scopes.close();
        let (root, ty) = root?;
        let node = EachPeriod { unit, inner: graph, root, over, window, start };
        let ty = over.map_or(Type::Number, |over| combined(over, ty));
        Ok(Typed::still(self.scopes.node(NodeKind::EachPeriod(Box::new(node))), ty))
    }

    fn family(
        &mut self,
        tree: &At<ast::Expr>,
        over: Quantifier,
        inner: &At<ast::Expr>,
    ) -> Lowered<Typed> {
        if self.scopes.root() != Kind::Account || self.scopes.subject_depth() != 0 {
            let message = "only an account has siblings";
            return Err(self.error(
                codes::WRONG_PLACE,
                tree,
                message,
                "Ask it of the account: `account (…)`.",
            ));
        }
        let before = self.families.len();
        let (node, ty, runs) = self.at_depth(0, |this| {
            let answer = this.answer(over, inner)?;
            Ok((this.scopes.as_node(answer.expr), answer.ty, answer.runs))
        })?;
        if self.families.len() > before {
            let message = "a family's value cannot be asked of a family again";
            return Err(self.error(codes::LIMIT, tree, message, "Ask each question on its own."));
        }
        let found = self.families.iter().find(|it| it.node == node && it.over == over);
        let slot = match found {
            Some(family) => family.slot,
            None => {
                let slot = self.slot();
                self.families.push(Family { slot, node, over });
                slot
            }
        };
        let expr = self.node_at(0, NodeKind::Imported(slot));
        Ok(Typed { expr, ty: combined(over, ty), runs })
    }

    fn percentile(
        &mut self,
        tree: &At<ast::Expr>,
        of: &At<ast::Expr>,
        among: &At<ast::Expr>,
    ) -> Lowered<Typed> {
        let (value, among) = self.at_depth(0, |this| {
            let value = this.answer(Quantifier::Max, of)?;
            let among = this.condition(among)?;
            Ok((this.scopes.as_node(value.expr), this.scopes.as_node(among)))
        })?;
        let population =
            |slot, kind| Population { slot, kind, value, among: Some(among), rank: false };
        let expr = self.population(tree, population)?;
        Ok(Typed::still(expr, Type::Percent))
    }

    /// The place from the top among the people of the account, taken daily. Inside `member` it is
    /// worked out in the account's own graph; for a person's own definition the account tells it.
    fn rank(&mut self, tree: &At<ast::Expr>, of: &At<ast::Expr>) -> Lowered<Typed> {
        if self.scopes.subject() != Kind::Person {
            let message = "a rank among members is a person's";
            let help = "Use it inside `member`, or in a definition with `subject: person`.";
            return Err(self.error(codes::WRONG_SUBJECT, tree, message, help));
        }
        if let Some(depth) = self.scopes.depth_of(Kind::Account) {
            let node = self.at_depth(depth, |this| {
                this.scopes.open(ScopeKind::Member);
                let answer = this.answer(Quantifier::Max, of);
                let root = answer.map(|it| this.scopes.as_node(it.expr));
                let inner = this.scopes.close();
                let each = Each { property: None, inner, root: root?, over: Quantifier::Max };
                Ok(this.scopes.innermost().node(NodeKind::Ranks(Box::new(each))))
            })?;
            let place = Expr::OwnPlace(self.scopes.seen_from_here(depth, node));
            return Ok(Typed::still(place, Type::Number));
        }
        let value = self.at_depth(0, |this| {
            let value = this.answer(Quantifier::Max, of)?;
            Ok(this.scopes.as_node(value.expr))
        })?;
        let population = |slot, kind| Population { slot, kind, value, among: None, rank: true };
        let expr = self.population(tree, population)?;
        Ok(Typed::still(expr, Type::Number))
    }

    fn population(
        &mut self,
        tree: &At<ast::Expr>,
        make: impl FnOnce(u32, Kind) -> Population,
    ) -> Lowered<Expr> {
        if self.scopes.depth() > self.scopes.subject_depth() || self.scopes.subject_depth() != 0 {
            let message = "a standing is asked of the whole subject, not of a part of it";
            return Err(self.error(
                codes::WRONG_PLACE,
                tree,
                message,
                "Move it out of the for-each.",
            ));
        }
        let kind = self.scopes.root();
        let slot = self.slot();
        let new = make(slot, kind);
        let same = |it: &&Population| {
            (it.kind, it.value, it.among, it.rank) == (new.kind, new.value, new.among, new.rank)
        };
        let slot = match self.populations.iter().find(same) {
            Some(known) => known.slot,
            None => {
                self.populations.push(new);
                slot
            }
        };
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

/// The type of what comes out of a for-each.
fn combined(over: Quantifier, ty: Type) -> Type {
    match over {
        Quantifier::Any | Quantifier::Every => Type::Bool,
        Quantifier::Number => Type::Number,
        _ => ty,
    }
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
