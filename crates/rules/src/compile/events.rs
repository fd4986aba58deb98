//! Events, moments and windows into what leaves are made of.

use std::cmp::Ordering;
use std::sync::Arc;

use firsthand_model::diagnostic::codes;
use firsthand_model::fact::Kind;
use firsthand_model::time::Period;
use firsthand_model::{Span, Text};

use super::lower::{Lower, Lowered, Refused, Shift, exact};
use super::names::Pattern;
use super::types::Type;
use crate::eval::expr::{Coercion, Expr};
use crate::eval::leaf::{Leaf, Measure, Source};
use crate::eval::node::NodeKind;
use crate::eval::value::Value;
use crate::eval::window::{Moves, Part, Window};
use crate::lang::ast::{self, At, EventName, Events, Length, LengthUnit, Moment, Owner};
use crate::lang::print;
use crate::resolve::Domains;

/// The account trait that anchors billing periods.
pub const BILLING_ANCHOR: &str = "billing_anchor";
/// Least time between two events of `every … while`: each of them is judged.
pub const EVERY_MIN: Span = Span::HOUR;

impl Lower<'_> {
    /// The source of some events, and the condition on each.
    pub fn events<T>(&mut self, at: &At<T>, events: &Events) -> Lowered<(Source, Option<Expr>)> {
        match events {
            Events::Named { names, filter } => {
                let mut pattern = Pattern::default();
                for name in names {
                    self.event_name(name, &mut pattern)?;
                }
                let source = Source::Named(self.pattern(&pattern));
                let filter = match filter {
                    Some(filter) => Some(self.in_event(true, |this| this.condition(filter))?),
                    None => None,
                };
                Ok((source, filter))
            }
            Events::Becomes(condition) => {
                let expr = self.in_event(false, |this| this.condition(condition))?;
                Ok((self.pulse(NodeKind::Becomes(expr)), None))
            }
            Events::EveryWhile(length, condition) => {
                let span = self.span(at, *length)?;
                if span < EVERY_MIN {
                    let message = format!("`every {}` comes too often", print::length(*length));
                    let help = format!("Let at least {EVERY_MIN} lie between: `every 1d while …`.");
                    return Err(self.error(codes::LIMIT, at, message, help));
                }
                let expr = self.in_event(false, |this| this.condition(condition))?;
                Ok((self.pulse(NodeKind::Every(span, expr)), None))
            }
        }
    }

    /// Compiles with bare words being properties of an event, or not. `it` is known only to the
    /// formula of a reset itself, not to the events it counts.
    pub fn in_event<T>(&mut self, inside: bool, build: impl FnOnce(&mut Self) -> T) -> T {
        let before = (self.in_event, self.in_set);
        (self.in_event, self.in_set) = (inside, false);
        let result = build(self);
        (self.in_event, self.in_set) = before;
        result
    }

    fn pulse(&mut self, kind: NodeKind) -> Source {
        Source::Pulse(self.scopes.place(kind))
    }

    fn event_name(&mut self, name: &At<EventName>, pattern: &mut Pattern) -> Lowered<()> {
        match &name.node {
            EventName::Name(text) => pattern.names.push(text.clone()),
            EventName::Any => pattern.any_product = true,
            EventName::AnyMarketing => pattern.any_marketing = true,
            EventName::Group(group) => {
                let Some(names) = self.project.events.groups.get(group) else {
                    let groups = self.project.events.groups.keys();
                    return Err(self.unknown_name(name, "event group", group, groups));
                };
                pattern.names.extend(names.iter().map(|it| it.text.clone()));
            }
        }
        Ok(())
    }

    /// A measure over events, as a node of the innermost graph.
    pub fn leaf(
        &mut self,
        (source, filter): (Source, Option<Expr>),
        measure: Measure,
        window: Window,
    ) -> Expr {
        self.scopes.node(NodeKind::Leaf(Leaf { source, filter, measure, window }))
    }

    /// The overlap of some windows.
    pub fn windows(&mut self, windows: &[At<ast::Window>]) -> Lowered<Window> {
        let mut parts = Vec::new();
        for window in windows {
            parts.extend(self.window(window)?);
        }
        Ok(Window { parts })
    }

    fn window(&mut self, window: &At<ast::Window>) -> Lowered<Option<Part>> {
        let back = i32::from(self.shift == Shift::OneWindow);
        Ok(Some(match &window.node {
            ast::Window::Ever => return Ok(None),
            ast::Window::Last(length) => {
                if exact(*length).is_some() {
                    let span = self.span(window, *length)?;
                    Part::Sliding { length: span, ago: span.times(i64::from(back)) }
                } else {
                    let unit = calendar_unit(*length);
                    let count = self.count(window, length.count, unit)?;
                    Part::Dates { count, unit, ago: back * count }
                }
            }
            ast::Window::This(unit) => Part::Calendar { unit: *unit, full: 0, ago: back },
            ast::Window::LastFull(full, unit) => {
                let full = self.count(window, *full, *unit)?;
                Part::Calendar { unit: *unit, full, ago: back * full }
            }
            ast::Window::ThisBillingPeriod => self.billing(0, back)?,
            ast::Window::LastFullBillingPeriods(full) => {
                let full = self.count(window, *full, Period::Month)?;
                self.billing(full, back * full)?
            }
            ast::Window::LengthBefore(length, Moment::Now) => {
                let last = ast::Window::Last(*length);
                return self.window(&At::new(last, window.span.clone()));
            }
            ast::Window::After(_, Moment::Now)
            | ast::Window::FromToAfter(.., Moment::Now)
            | ast::Window::Since(Moment::Now)
            | ast::Window::Before(Moment::Now) => return Err(self.no_stretch(window)),
            ast::Window::First(length) => {
                let to = self.span(window, *length)?;
                self.around(window, &Moment::Start, Some(Span::ZERO), Some(to))?
            }
            ast::Window::After(length, moment) => {
                let to = self.span(window, *length)?;
                self.around(window, moment, Some(Span::ZERO), Some(to))?
            }
            ast::Window::FromToAfter(from, to, moment) => {
                let (from, to) = (self.span(window, *from)?, self.span(window, *to)?);
                self.around(window, moment, Some(from), Some(to))?
            }
            ast::Window::LengthBefore(length, moment) => {
                let from = self.span(window, *length)?;
                self.around(window, moment, Some(-from), Some(Span::ZERO))?
            }
            // After the moment, itself left out.
            ast::Window::Since(moment) => self.around(window, moment, Some(Span(1)), None)?,
            ast::Window::Before(moment) => self.around(window, moment, None, Some(Span::ZERO))?,
        }))
    }

    /// Notes that a window begins or ends now, and so says nothing.
    fn no_stretch(&mut self, window: &At<ast::Window>) -> Refused {
        let written = print::window(&window.node);
        let (message, help) = if matches!(window.node, ast::Window::Before(_)) {
            let message = format!("`{written}` is always so: nothing later is known");
            (message, "Leave it out, or say how far back: `last 14d`.")
        } else {
            let message =
                format!("nothing ever lies in `{written}`: what is still to come is not known");
            (message, "Say how far back: `last 14d`.")
        };
        self.error(codes::WRONG_PLACE, window, message, help)
    }

    fn around<T>(
        &mut self,
        at: &At<T>,
        moment: &Moment,
        from: Option<Span>,
        to: Option<Span>,
    ) -> Lowered<Part> {
        let (at, moves) = self.moment(at, moment)?;
        Ok(Part::Moment { at, from, to, moves })
    }

    /// The billing period (T9): unknown without an anchor.
    pub fn billing(&mut self, full: i32, ago: i32) -> Lowered<Part> {
        let anchor = self.subject_trait(Kind::Account, BILLING_ANCHOR).ok_or(Refused)?;
        Ok(Part::Billing { anchor: Expr::Typed(Box::new(anchor), Coercion::Time), full, ago })
    }

    /// A trait of the nearest subject of a kind, as a node.
    pub fn subject_trait(&mut self, kind: Kind, path: &str) -> Option<Expr> {
        let depth = match kind {
            // A person's stream carries the traits of the person's account.
            Kind::Account => 0,
            Kind::Person => self.scopes.depth_of(Kind::Person)?,
        };
        Some(self.node_at(depth, NodeKind::Trait(kind, path.into())))
    }

    /// The instant of a moment, and whether it may move once it is set.
    pub fn moment<T>(&mut self, at: &At<T>, moment: &Moment) -> Lowered<(Expr, Moves)> {
        Ok(match moment {
            Moment::Start => {
                let start = &self.project.start;
                let moves = match (&start.trait_name, &start.event) {
                    (Some(_), _) => Moves::Anyhow,
                    // From the first thing done to the sign-up, once that comes.
                    (None, Some(_)) => Moves::Forward,
                    (None, None) => Moves::Never,
                };
                (self.start()?, moves)
            }
            Moment::Now => (Expr::Now, Moves::Forward),
            Moment::First(events) => (self.nth(at, events, 1)?, Moves::Never),
            Moment::Nth(n, events) => (self.nth(at, events, *n)?, Moves::Never),
            Moment::Last(events) => {
                let source = self.events(at, events)?;
                (self.leaf(source, Measure::Last, Window::default()), Moves::Forward)
            }
            Moment::Trait(owner, path) => {
                let value = self.trait_value(at, *owner, path)?;
                (Expr::Typed(Box::new(value.expr), Coercion::Time), Moves::Anyhow)
            }
            Moment::Date(text) => {
                let time = self.date(at, text)?;
                (Expr::Const(Value::time(time)), Moves::Never)
            }
            Moment::Constant(name) => {
                let value = self.constant_value(at, name)?;
                let moves = match value.expr {
                    Expr::Const(_) => Moves::Never,
                    // Another date comes into force.
                    _ => Moves::Anyhow,
                };
                let expr = match value.ty {
                    Type::Time => value.expr,
                    Type::Text | Type::Loose => {
                        let Expr::Const(Value::Text(text)) = &value.expr else {
                            return Err(self.not_a_moment(at, name));
                        };
                        Expr::Const(Value::time(self.date(at, &text.clone())?))
                    }
                    _ => return Err(self.not_a_moment(at, name)),
                };
                (expr, moves)
            }
        })
    }

    fn not_a_moment<T>(&mut self, at: &At<T>, name: &str) -> Refused {
        let message = format!("`@{name}` is no date");
        let help = format!("Set `{name}` to a date such as `2026-03-01`.");
        self.error(codes::TYPE_MISMATCH, at, message, help)
    }

    fn nth<T>(&mut self, at: &At<T>, events: &Events, n: u32) -> Lowered<Expr> {
        let source = self.events(at, events)?;
        Ok(self.leaf(source, Measure::Nth(n), Window::default()))
    }

    /// The subject's start: the first configured sign-up, else the configured trait, else the
    /// first product event.
    pub fn start(&mut self) -> Lowered<Expr> {
        let depth = self.scopes.subject_depth();
        let start = self.project.start.clone();
        let node = self.at_depth(depth, |this| {
            let any = this.pattern(&Pattern { any_product: true, ..Pattern::default() });
            let first = (Source::Named(any), None);
            let mut expr = this.leaf(first, Measure::Nth(1), Window::default());
            let or = |a: Expr, b: Expr| Expr::Default(Box::new([a, b]));
            if let Some(name) = &start.trait_name {
                let kind = this.scopes.subject();
                if let Some(value) = this.subject_trait(kind, name) {
                    expr = or(Expr::Typed(Box::new(value), Coercion::Time), expr);
                }
            }
            if let Some(event) = &start.event {
                let signup = this.events_text(event, |this, tree| {
                    let source = this.events(tree, &tree.node)?;
                    Ok(this.leaf(source, Measure::Nth(1), Window::default()))
                });
                // One that cannot be read is told once, and hides nothing that is wrong elsewhere.
                if let Ok(signup) = signup {
                    expr = or(signup, expr);
                }
            }
            Ok(this.scopes.as_node(expr))
        })?;
        Ok(Expr::Node(self.scopes.seen_from_here(depth, node)))
    }

    /// Whether so long a look back stays within the subject's life and the recorded history.
    pub fn reaches(&mut self, back: Span) -> Lowered<Expr> {
        let start = self.start()?;
        let begun = Expr::Extreme(Ordering::Greater, Box::new([start, Expr::HistoryFrom]));
        let age = Expr::Arithmetic(ast::Arithmetic::Subtract, Box::new([Expr::Now, begun]));
        let back = super::lower::span_value(back);
        Ok(Expr::Compare(ast::Comparison::GreaterOrEqual, Box::new([age, back])))
    }

    /// A trait, built-in ones included, as of now or as of the event.
    pub fn trait_value<T>(
        &mut self,
        at: &At<T>,
        owner: Owner,
        path: &Text,
    ) -> Lowered<super::types::Typed> {
        use super::types::Typed;
        let kind = match owner {
            Owner::Account => Kind::Account,
            Owner::Person => Kind::Person,
        };
        if owner == Owner::Account && path == "members" {
            let expr = if self.scopes.root() == Kind::Account {
                self.node_at(0, NodeKind::Members)
            } else {
                self.import_account(|this| Ok(this.scopes.innermost().node(NodeKind::Members)))?
            };
            return Ok(Typed::still(expr, Type::Number));
        }
        if owner == Owner::Person && path == "email_is_work" {
            let email = self.trait_value(at, owner, &"email".into())?;
            let text = Expr::Typed(Box::new(email.expr), Coercion::Text);
            let domains = Arc::new(Domains::new(&self.project.identity));
            return Ok(Typed::still(Expr::IsWorkEmail(Box::new(text), domains), Type::Bool));
        }
        if let Some(expr) = self.subject_trait(kind, path) {
            return Ok(Typed::still(expr, Type::Loose));
        }
        if self.in_event {
            return Ok(Typed::still(self.person_path(path), Type::Loose));
        }
        Err(self.error(
            codes::WRONG_PLACE,
            at,
            format!("`person.{path}` says nothing about a whole account"),
            format!("Ask for its people: `any member has (person.{path} = …)`."),
        ))
    }
}

fn calendar_unit(length: Length) -> Period {
    match length.unit {
        LengthUnit::Months => Period::Month,
        LengthUnit::Years => Period::Year,
        _ => Period::Day,
    }
}
