//! Meters, trials, scores, grades and definitions as nodes of their subject's graph.

use std::sync::Arc;

use firsthand_model::config::{
    AtMost, Definition, GradeForm, Limit, Meter, MeterKind, Plan, PlanTerms, Reset, ScoreAct,
};
use firsthand_model::diagnostic::{SourceText, codes};
use firsthand_model::fact::Kind;
use firsthand_model::time::Period;
use firsthand_model::{Span, Text, Time};

use super::lower::{Lower, Lowered, Refused, span_value};
use super::names::Pattern;
use super::scopes::{CHAIN_MAX, NotBegun};
use super::scopes::{Named, Reach, Stratum};
use super::types::{Type, Typed, coerced};
use crate::eval::expr::{Coercion, Dated, Expr, Ref};
use crate::eval::gate::Gate;
use crate::eval::grade::Ladder;
use crate::eval::leaf::{Leaf, Measure};
use crate::eval::level::Level;
use crate::eval::node::NodeKind;
use crate::eval::score::{Act, Often, Rule, Score};
use crate::eval::value::{Linear, Value};
use crate::eval::window::{Part, Window};
use crate::lang::ast::{self, Arithmetic, At, Comparison, MeterValue};

/// The account trait that names the plan.
pub const PLAN: &str = "plan";
/// The account trait that holds the end of a trial, where billing knows it.
pub const TRIAL_ENDS: &str = "trial_ends_at";
/// How far back the pace of a forecast is taken.
pub const PACE: Span = Span(14 * Span::DAY.0);

impl Lower<'_> {
    /// A node of things said of a kind of subject, as seen from here: of the subject itself, or,
    /// from a person, of the person's account.
    fn of_subject<T>(
        &mut self,
        at: &At<T>,
        kind: Kind,
        what: &str,
        build: impl FnOnce(&mut Self) -> Lowered<u32>,
    ) -> Lowered<Expr> {
        if let Some(depth) = self.scopes.depth_of(kind) {
            let node = self.at_depth(depth, build)?;
            return Ok(Expr::Node(self.scopes.seen_from_here(depth, node)));
        }
        if kind == Kind::Account {
            return self.import_account(build);
        }
        let message = format!("{what} is judged on persons, and this is judged on accounts");
        let help = "Ask it of the account's people: `any member has (…)`.".to_owned();
        Err(self.error(codes::WRONG_SUBJECT, at, message, help))
    }

    /// Builds something with a name in the innermost graph, once, however often it is read.
    fn once<T>(
        &mut self,
        at: &At<T>,
        kind: &'static str,
        name: &Text,
        build: impl FnOnce(&mut Self) -> Lowered<(u32, Arc<[Text]>)>,
    ) -> Lowered<Named> {
        let key = (kind, name.clone());
        let known = self.scopes.innermost().named.get(&key).cloned();
        let named = if let Some(known) = known {
            known
        } else {
            self.begin(at, kind, name)?;
            let (built, reach) = self.apart(build);
            self.in_progress.end();
            let named =
                built.ok().map(|(node, labels)| Named { node, labels, stratum: reach.stratum });
            self.scopes.innermost().named.insert(key.clone(), named.clone());
            named
        };
        let named = named.ok_or(Refused)?;
        if named.stratum > Stratum::Own {
            self.reach.widen(Reach { stratum: named.stratum, through: Some(key) });
        }
        Ok(named)
    }

    /// Begins something that may read itself in a circle.
    fn begin<T>(&mut self, at: &At<T>, kind: &'static str, name: &str) -> Lowered<()> {
        let circle = match self.in_progress.begin(kind, name) {
            Ok(()) => return Ok(()),
            Err(NotBegun::Circle(circle)) => circle,
            Err(NotBegun::TooLong) if std::mem::replace(&mut self.chain_told, true) => {
                return Err(Refused);
            }
            Err(NotBegun::TooLong) => {
                let message = format!("more than {CHAIN_MAX} names read one another in a chain");
                let help = "Say in one condition what several names say of one another.";
                return Err(self.error(codes::LIMIT, at, message, help));
            }
        };
        // Whoever reads the circle from outside, or from another place on it, has no other fault.
        if !self.circles.insert(circle.iter().cloned().collect()) {
            return Err(Refused);
        }
        let message = if circle.len() == 1 {
            format!("the {kind} `{name}` reads itself")
        } else {
            let reads = circle.iter().chain(circle.first()).map(|(_, name)| format!("`{name}`"));
            let reads = reads.collect::<Vec<_>>().join(" reads ");
            let alike = circle.iter().all(|(other, _)| *other == kind);
            let what = if alike { format!("{kind}s") } else { "these".to_owned() };
            format!("{what} read each other in a circle: {reads}")
        };
        let help = "Break it: let one of them read events or traits instead.";
        Err(self.error(codes::CYCLE, at, message, help))
    }

    /// `usage(m)` and its kin.
    pub fn meter_value<T>(&mut self, at: &At<T>, what: MeterValue, name: &Text) -> Lowered<Typed> {
        let project = self.project;
        let Some(meter) = project.meters.get(name) else {
            return Err(self.unknown_name(at, "meter", name, project.meters.keys()));
        };
        let limited =
            matches!(what, MeterValue::Limit | MeterValue::Left | MeterValue::LimitReachedIn);
        if limited && !plans_limit(project.plans.values(), name) {
            let message = format!("no plan limits the meter `{name}`");
            let help = format!("Give a plan `limits: {{ {name}: … }}`.");
            return Err(self.error(codes::UNKNOWN_NAME, at, message, help));
        }
        let usage = |this: &mut Self| this.usage(at, meter);
        let subtract = |a, b| Expr::Arithmetic(Arithmetic::Subtract, Box::new([a, b]));
        Ok(match what {
            MeterValue::Usage => Typed::still(usage(self)?, Type::LooseNumber),
            MeterValue::Limit => Typed::still(self.limit(name)?, Type::LooseNumber),
            MeterValue::Left => {
                let left = subtract(self.limit(name)?, usage(self)?);
                Typed::still(left, Type::LooseNumber)
            }
            MeterValue::LimitReachedIn => {
                let left = subtract(self.limit(name)?, usage(self)?);
                let gained = self.gained(at, meter)?;
                let pace = |op, a, b| Expr::Arithmetic(op, Box::new([a, b]));
                let needed = pace(
                    Arithmetic::Divide,
                    pace(Arithmetic::Multiply, left.clone(), span_value(PACE)),
                    gained.clone(),
                );
                let zero = || Expr::Const(Value::Number(Linear::ZERO));
                let at_most_zero =
                    |it| Expr::Compare(Comparison::LessOrEqual, Box::new([it, zero()]));
                // At no pace the limit is never reached: later than every duration.
                let never = Expr::Const(Value::Unlimited);
                let forecast = Expr::If(Box::new([never, at_most_zero(gained), needed]));
                let expr = Expr::If(Box::new([zero(), at_most_zero(left), forecast]));
                Typed::still(expr, Type::Duration)
            }
        })
    }

    /// A meter's amount as a node of the nearest subject.
    fn usage<T>(&mut self, at: &At<T>, meter: &Meter) -> Lowered<Expr> {
        let depth = self.scopes.subject_depth();
        let build = |this: &mut Self| {
            let parts = match meter.reset {
                Reset::Never => Vec::new(),
                Reset::Month => vec![Part::Calendar { unit: Period::Month, full: 0, ago: 0 }],
                Reset::Week => vec![Part::Calendar { unit: Period::Week, full: 0, ago: 0 }],
                Reset::BillingPeriod => vec![this.billing(0, 0)?],
            };
            Ok((this.metered(meter, Window { parts })?, Arc::default()))
        };
        let named = self.at_depth(depth, |this| this.once(at, "meter", &meter.name, build))?;
        Ok(Expr::Node(self.scopes.seen_from_here(depth, named.node)))
    }

    /// How much a meter has gained over the time by which the pace is taken.
    fn gained<T>(&mut self, at: &At<T>, meter: &Meter) -> Lowered<Expr> {
        let depth = self.scopes.subject_depth();
        if matches!(meter.kind, MeterKind::Count | MeterKind::Sum) {
            let node = self.at_depth(depth, |this| {
                let parts = vec![Part::Sliding { length: PACE, ago: Span::ZERO }];
                this.metered(meter, Window { parts })
            })?;
            return Ok(Expr::Node(self.scopes.seen_from_here(depth, node)));
        }
        let usage = self.usage(at, meter)?;
        let Expr::Node(seen) = usage else { return Err(Refused) };
        let of = Ref { up: 0, node: seen.node };
        let before = self.node_at(depth, NodeKind::Ago(of, PACE));
        let zero = Expr::Const(Value::Number(Linear::ZERO));
        let before = Expr::Default(Box::new([before, zero]));
        Ok(Expr::Arithmetic(Arithmetic::Subtract, Box::new([usage, before])))
    }

    /// A meter over some window, as a node of the innermost graph.
    fn metered(&mut self, meter: &Meter, window: Window) -> Lowered<u32> {
        let (source, filter) =
            self.events_text(&meter.add, |this, tree| this.events(tree, &tree.node))?;
        let property = |this: &mut Self, name: &Option<Text>| name.as_ref().map(|it| this.path(it));
        let number = |expr| Expr::Typed(Box::new(expr), Coercion::Number);
        let value = property(self, &meter.value);
        let key = property(self, &meter.key);
        let needed = |of: Option<Expr>| of.ok_or(Refused);
        let measure = match meter.kind {
            MeterKind::Count => Measure::Count,
            MeterKind::Sum => Measure::Sum(number(needed(value)?)),
            MeterKind::Max => Measure::Greatest(number(needed(value)?)),
            MeterKind::Latest => Measure::Latest(number(needed(value)?)),
            MeterKind::Distinct => Measure::Distinct([needed(key)?].into()),
            MeterKind::Level => {
                let remove = match &meter.remove {
                    Some(text) => {
                        Some(self.events_text(text, |this, tree| this.events(tree, &tree.node))?)
                    }
                    None => None,
                };
                let amount = value.map(number);
                let level = Level { add: (source, filter), remove, key, amount, window };
                return Ok(self.scopes.innermost().node(NodeKind::Level(level)));
            }
        };
        let leaf = Leaf { source, filter, measure, window };
        Ok(self.scopes.innermost().node(NodeKind::Leaf(leaf)))
    }

    /// What the plan in force allows.
    fn limit(&mut self, meter: &Text) -> Lowered<Expr> {
        self.plan_table(|terms| {
            terms.limits.get(meter).map(|limit| match limit {
                Limit::AtMost(amount) => Value::decimal(*amount),
                Limit::Unlimited => Value::Unlimited,
            })
        })
    }

    /// What the plan in force gives, by the terms in force.
    fn plan_table(&mut self, read: impl Fn(&PlanTerms) -> Option<Value>) -> Lowered<Expr> {
        let calendar = &self.project.calendar;
        let mut table = Vec::new();
        for plan in self.project.plans.values() {
            for (index, terms) in plan.terms.iter().enumerate() {
                let until = plan.terms.get(index + 1).and_then(|next| next.from);
                let Some(value) = read(terms) else { continue };
                table.push(Dated {
                    key: plan.id.clone(),
                    from: terms.from.map_or(Time::MIN, |date| calendar.start_of(date)),
                    to: until.map_or(Time::MAX, |date| calendar.start_of(date)),
                    value,
                });
            }
        }
        let plan = self.subject_trait(Kind::Account, PLAN).ok_or(Refused)?;
        let plan = Expr::Typed(Box::new(plan), Coercion::Text);
        Ok(Expr::Lookup(Box::new(plan), table.into()))
    }

    /// `trial_age`: since the account came onto a plan that is a trial. `trial_left`: until the
    /// end that billing tells, else what is left of the plan's trial. Both are unknown off trial
    /// plans.
    pub fn trial<T>(&mut self, at: &At<T>, left: bool) -> Lowered<Typed> {
        if !self.project.plans.values().any(|plan| plan.terms.iter().any(|it| it.trial.is_some())) {
            let message = "no plan is a trial";
            let help = "Give a plan `trial: 14d` in firsthand.yaml.";
            return Err(self.error(codes::UNKNOWN_NAME, at, message, help));
        }
        let expr = self.of_subject(at, Kind::Account, "a trial", |this| {
            let length = this.plan_table(|terms| {
                terms.trial.map(|span| Value::Number(Linear::raw(i128::from(span.0))))
            })?;
            let on_trial = Expr::IsKnown(Box::new(length.clone()));
            let pulse = this.scopes.innermost().node(NodeKind::Becomes(on_trial.clone()));
            let source = crate::eval::leaf::Source::Pulse(Ref { up: 0, node: pulse });
            let began = this.leaf((source, None), Measure::Last, Window::default());
            let subtract = |a, b| Expr::Arithmetic(Arithmetic::Subtract, Box::new([a, b]));
            let age = subtract(Expr::Now, began);
            let expr = if left {
                let ends = this.subject_trait(Kind::Account, TRIAL_ENDS).ok_or(Refused)?;
                let ends = Expr::Typed(Box::new(ends), Coercion::Time);
                let told = subtract(ends, Expr::Now);
                Expr::Default(Box::new([told, subtract(length, age)]))
            } else {
                age
            };
            let expr = Expr::If(Box::new([expr, on_trial, Expr::Const(Value::Unknown)]));
            Ok(this.scopes.as_node(expr))
        })?;
        Ok(Typed { expr, ty: Type::Duration, runs: true })
    }

    /// `score(x)` or one of its parts.
    pub fn score_value<T>(
        &mut self,
        at: &At<T>,
        name: &Text,
        part: Option<&Text>,
    ) -> Lowered<Typed> {
        let project = self.project;
        let Some(score) = project.scores.get(name) else {
            return Err(self.unknown_name(at, "score", name, project.scores.keys()));
        };
        let item = match part {
            None => 0,
            Some(part) => {
                let Some(place) = score.groups.keys().position(|it| it == part) else {
                    let kind = format!("group of the score `{name}` called");
                    return Err(self.unknown_name(at, &kind, part, score.groups.keys()));
                };
                u32::try_from(place + 1).unwrap_or(u32::MAX)
            }
        };
        let what = format!("the score `{name}`");
        let expr = self.of_subject(at, score.subject, &what, |this| {
            let build = |this: &mut Self| Ok((this.score_node(score)?, Arc::default()));
            this.once(at, "score", name, build).map(|it| it.node)
        })?;
        let Expr::Node(node) = expr else { return Err(Refused) };
        Ok(Typed::still(Expr::Item(node, item), Type::Number))
    }

    fn score_node(&mut self, score: &firsthand_model::config::Score) -> Lowered<u32> {
        let parts = score.groups.iter().map(|(name, bounds)| (name.clone(), *bounds)).collect();
        let when = score.when.as_ref().map(|it| self.condition_text(it)).transpose();
        let rules = score.rules.iter().map(|rule| {
            let part =
                rule.group.as_ref().map(|group| score.groups.keys().position(|it| it == group));
            // The configuration has checked that the group is there.
            Ok(Rule { part: part.flatten(), act: self.score_act(&rule.act)? })
        });
        let rules = rules.collect::<Vec<_>>().into_iter().collect::<Lowered<Vec<_>>>()?;
        let activity = self.pattern(&Pattern { any_product: true, ..Pattern::default() });
        let bounds = firsthand_model::config::Bounds { cap: score.cap, floor: score.floor };
        let score = Score { when: when?, bounds, parts, rules, activity };
        Ok(self.scopes.innermost().node(NodeKind::Score(Box::new(score))))
    }

    fn score_act(&mut self, act: &ScoreAct) -> Lowered<Act> {
        Ok(match act {
            ScoreAct::Each { each, when, points, at_most, fades } => {
                let events = self.events_text(each, |this, tree| this.events(tree, &tree.node));
                let (when, points) = self.in_event(true, |this| {
                    let when = when.as_ref().map(|it| this.condition_text(it)).transpose();
                    (when, this.number_text(points))
                });
                let (source, filter) = events?;
                let points = points?.expr;
                let at_most = at_most.as_ref().map(|it| self.often(it));
                Act::Each { source, filter, when: when?, points, at_most, fade: *fades }
            }
            ScoreAct::While { condition, points } => {
                let condition = self.condition_text(condition);
                let points = self.points_now(points)?;
                Act::While(Some(condition?), points)
            }
            ScoreAct::Now { points } => Act::While(None, self.points_now(points)?),
            ScoreAct::Set { on, set } => {
                let events = self.events_text(on, |this, tree| this.events(tree, &tree.node));
                let set = self.in_event(true, |this| {
                    this.in_set = true;
                    this.number_text(set)
                });
                let (source, filter) = events?;
                Act::Set { source, filter, set: set?.expr }
            }
        })
    }

    /// Points that are added as they are now; points step, they do not run.
    fn points_now(&mut self, text: &SourceText) -> Lowered<Expr> {
        let points = self.number_text(text)?;
        if points.runs {
            return self.reading(text, |this, text| {
                let at = At::new((), 0..text.len());
                let message = "points cannot run with time";
                let help = "Take it per day, for example by counting days.";
                Err(this.error(codes::NOT_PIECEWISE_LINEAR, &at, message, help))
            });
        }
        Ok(points.expr)
    }

    fn often(&mut self, at_most: &AtMost) -> Often {
        match at_most {
            AtMost::Once => Often::Ever(1),
            AtMost::PerPeriod(times, period) => Often::Period(*times, *period),
            AtMost::PerSpan(times, span) => Often::Span(*times, *span),
            AtMost::PerProperty(times, property) => Often::Key(*times, self.path(property)),
        }
    }

    /// `grade(x)`.
    pub fn grade_value<T>(&mut self, at: &At<T>, name: &Text) -> Lowered<Typed> {
        let project = self.project;
        let Some(grade) = project.grades.get(name) else {
            return Err(self.unknown_name(at, "grade", name, project.grades.keys()));
        };
        let what = format!("the grade `{name}`");
        let mut labels = Arc::default();
        let expr = self.of_subject(at, grade.subject, &what, |this| {
            let named = this.once(at, "grade", name, |this| this.grade(&grade.form))?;
            labels = named.labels;
            Ok(named.node)
        })?;
        Ok(Typed::still(expr, Type::Label(labels)))
    }

    /// A grade as a node of the innermost graph, with its labels.
    fn grade(&mut self, form: &GradeForm) -> Lowered<(u32, Arc<[Text]>)> {
        match form {
            GradeForm::Ladder(rungs) => {
                let labels = rungs.iter().map(|rung| rung.label.clone()).collect();
                let rungs = rungs.iter().map(|rung| {
                    let when = self.condition_text(&rung.when);
                    let stay = rung.stay.as_ref().map(|it| self.condition_text(it)).transpose();
                    Ok((rung.label.clone(), when?, stay?))
                });
                let rungs = rungs.collect::<Vec<_>>().into_iter().collect::<Lowered<Vec<_>>>()?;
                let node = self.scopes.innermost().node(NodeKind::Ladder(Ladder { rungs }));
                Ok((node, labels))
            }
            GradeForm::Matrix { rows, columns, cells, row_labels, column_labels } => {
                let mut labels: Vec<Text> = Vec::new();
                for (_, _, label) in cells {
                    if !labels.contains(label) {
                        labels.push(label.clone());
                    }
                }
                let rows = self.axis(rows, row_labels);
                let columns = self.axis(columns, column_labels);
                let axes = Box::new([rows?, columns?]);
                let expr = Expr::Matrix(axes, cells.clone().into());
                Ok((self.scopes.as_node(expr), labels.into()))
            }
        }
    }

    /// One axis of a matrix. The labels in the table must be labels of its grade.
    fn axis(&mut self, text: &SourceText, labels: &[SourceText]) -> Lowered<Expr> {
        let value = self.reading(text, |this, _| {
            let value = this.value_text(text)?;
            if value.ty.common(&Type::Text).is_some() {
                return Ok(value);
            }
            let at = At::new((), 0..text.text.len());
            let message = format!("the axis of a matrix is a grade, not {}", value.ty.word());
            let help = "Name a grade, such as `grade(fit)`.";
            Err(this.error(codes::TYPE_MISMATCH, &at, message, help))
        })?;
        let mut known = true;
        if let Type::Label(ladder) = &value.ty {
            for label in labels {
                let at = At::new(ast::Expr::Text(label.text.clone()), 0..label.text.len());
                known &= self.reading(label, |this, _| this.known_label(&at, ladder)).is_ok();
            }
        }
        if known { Ok(coerced(value, &Type::Text)) } else { Err(Refused) }
    }

    /// `qualified(D)`.
    pub fn qualified<T>(&mut self, at: &At<T>, name: &Text) -> Lowered<Typed> {
        let project = self.project;
        let Some(definition) = project.definitions.get(name) else {
            return Err(self.unknown_name(at, "definition", name, project.definitions.keys()));
        };
        let what = format!("the definition `{name}`");
        let expr = self.of_subject(at, definition.subject, &what, |this| {
            let build = |this: &mut Self| Ok((this.gate(definition)?, Arc::default()));
            this.once(at, "definition", name, build).map(|it| it.node)
        })?;
        Ok(Typed::still(expr, Type::Bool))
    }

    /// A definition as a node of the innermost graph.
    pub fn gate(&mut self, definition: &Definition) -> Lowered<u32> {
        let when = self.condition_text(&definition.when);
        let stay = definition.stay.as_ref().map(|it| self.condition_text(it)).transpose();
        let unless = definition.unless.as_ref().map(|it| self.condition_text(it)).transpose();
        let mut shut = unless?.into_iter().collect::<Vec<_>>();
        let project = self.project;
        for exclusion in project.exclude.iter().filter(|it| it.subject == definition.subject) {
            shut.push(self.condition_text(&exclusion.when)?);
        }
        let unless = match shut.len() {
            0 => None,
            1 => shut.pop(),
            _ => Some(Expr::Or(shut.into())),
        };
        let gate = Gate {
            when: when?,
            stay: stay?,
            unless,
            holds_for: definition.holds_for,
            grace: definition.grace,
        };
        Ok(self.scopes.innermost().node(NodeKind::Gate(Box::new(gate))))
    }
}

fn plans_limit<'a>(plans: impl Iterator<Item = &'a Plan>, meter: &Text) -> bool {
    let mut plans = plans;
    plans.any(|plan| plan.terms.iter().any(|terms| terms.limits.contains_key(meter)))
}
