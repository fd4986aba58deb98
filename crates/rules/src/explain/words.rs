//! Plain words: what a rep reads in one line.

use firsthand_model::config::{Project, ScoreAct};
use firsthand_model::{Decimal, Span, Text, Time};

use super::{Met, whole};
use crate::eval::value::{Bound, Linear, Value};
use crate::lang::ast::{self, Aggregate, At, Comparison, EventName, Events, Expr, MeterValue};
use crate::lang::print;

/// Speaks of a project's things.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// For units and titles.
    pub project: &'a Project,
}

/// How a number is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// As it is, with what is counted, if that is known.
    Plain(Option<Text>),
    /// As a percentage.
    Percent,
    /// As a duration.
    Duration,
    /// As an instant.
    Time,
    /// As an amount of bytes.
    Bytes,
    /// As an amount of money.
    Money(Text),
}

impl Words<'_> {
    /// A number with separators between thousands: `8,000`.
    pub fn number(value: Decimal) -> String {
        let text = value.to_string();
        let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |it| ("-", it));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let mut grouped = String::new();
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        // People need three places; the exact value stands in the data.
        let fraction = &fraction[..fraction.len().min(3)];
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{sign}{grouped}{point}{fraction}")
    }

    /// What the numbers of a condition are counted in, as its sides tell.
    pub fn unit(&self, says: &Expr) -> Unit {
        self.unit_of(says).unwrap_or(Unit::Plain(None))
    }

    fn unit_of(self, of: &Expr) -> Option<Unit> {
        use ast::Arithmetic as A;
        Some(match of {
            Expr::Since(_)
            | Expr::Until(_)
            | Expr::TrialAge
            | Expr::TrialLeft
            | Expr::Length(_)
            | Expr::Meter(MeterValue::LimitReachedIn, _) => Unit::Duration,
            Expr::Percent(_) | Expr::Growth(..) | Expr::Percentile(..) | Expr::Propensity(_) => {
                Unit::Percent
            }
            Expr::Date(_) | Expr::Now => Unit::Time,
            Expr::Amount(_, ast::Unit::Bytes(_)) => Unit::Bytes,
            Expr::Amount(_, ast::Unit::Money(currency)) => Unit::Money(currency.clone()),
            Expr::Meter(_, name) => Unit::Plain(Some(self.counted(name))),
            Expr::Rank(_) | Expr::Streak(..) | Expr::Number(_) => Unit::Plain(None),
            Expr::Each { over, inner, .. } => match over {
                ast::Quantifier::Any | ast::Quantifier::Every | ast::Quantifier::Number => {
                    Unit::Plain(None)
                }
                _ => return self.unit_of(&inner.node),
            },
            Expr::Share(_, of)
            | Expr::OfAccount(of)
            | Expr::Ago(of, _)
            | Expr::AtMoment(of, _)
            | Expr::Round(of)
            | Expr::Negate(of)
            | Expr::IsKnown(of)
            | Expr::IsUnknown(of)
            | Expr::In(of, _)
            | Expr::Arithmetic(A::Multiply, _, of) => return self.unit_of(&of.node),
            Expr::Between(of, low, _) => {
                return self.unit_of(&of.node).or_else(|| self.unit_of(&low.node));
            }
            Expr::Default(a, b)
            | Expr::If { then: a, otherwise: b, .. }
            | Expr::Arithmetic(A::Add | A::Subtract, a, b) => {
                return self.unit_of(&a.node).or_else(|| self.unit_of(&b.node));
            }
            // A plain side, such as a ratio or a property, takes the unit of the other.
            Expr::Compare(_, a, b) => {
                let sides = [self.unit_of(&a.node), self.unit_of(&b.node)];
                let plain = |it: &Unit| *it == Unit::Plain(None);
                let telling = sides.iter().flatten().find(|it| !plain(it)).cloned();
                // What is counted stays a count, whatever it is compared with.
                let counted = matches!(a.node, Expr::Rank(_) | Expr::Streak(..));
                return telling.filter(|_| !counted).or(Some(Unit::Plain(None)));
            }
            Expr::Min(of) | Expr::Max(of) => {
                return of.iter().find_map(|it| self.unit_of(&it.node));
            }
            _ => return None,
        })
    }

    /// A value for people.
    pub fn value(&self, value: &Value, unit: &Unit, now: Time) -> String {
        match value {
            Value::Unknown => "unknown".to_owned(),
            Value::Bool(it) => it.to_string(),
            Value::Text(it) => format!("“{it}”"),
            Value::Unlimited => "unlimited".to_owned(),
            Value::List(items) => {
                let items = items.iter().map(|it| self.value(it, unit, now)).collect::<Vec<_>>();
                items.join(", ")
            }
            Value::Between(ends) => match (ends[0], ends[1]) {
                (Bound::At(least), Bound::Highest) => {
                    format!("{} so far", self.value(&Value::Number(least), unit, now))
                }
                (Bound::At(least), Bound::At(most)) => format!(
                    "{} to {}",
                    self.value(&Value::Number(least), unit, now),
                    self.value(&Value::Number(most), unit, now)
                ),
                _ => "unknown".to_owned(),
            },
            Value::Number(number) => {
                let Some(raw) = number.millionths(now) else { return "unknown".to_owned() };
                let decimal = Decimal::from_raw(raw);
                match unit {
                    Unit::Plain(_) => Self::number(decimal),
                    Unit::Percent => raw.checked_mul(100).map_or_else(
                        || "unknown".to_owned(),
                        |raw| format!("{} %", Self::number(Decimal::from_raw(raw))),
                    ),
                    Unit::Duration => match i64::try_from(raw) {
                        Ok(micros) => rough(Span(micros)),
                        Err(_) => "never".to_owned(),
                    },
                    Unit::Time => match i64::try_from(raw) {
                        Ok(micros) => self.project.calendar.show(Time(micros)),
                        Err(_) => "unknown".to_owned(),
                    },
                    Unit::Bytes => bytes(decimal),
                    Unit::Money(currency) => format!("{} {currency}", Self::number(decimal)),
                }
            }
        }
    }

    /// How far a comparison is from being met.
    #[expect(clippy::too_many_arguments, reason = "one comparison, taken apart")]
    pub fn gap(
        &self,
        op: Comparison,
        observed: &Value,
        needed: &Value,
        unit: &Unit,
        now: Time,
        flip: Time,
        says: &Expr,
    ) -> Option<String> {
        if flip < Time::MAX {
            let wait = rough(flip - now);
            return Some(format!("in {wait}, on {}", self.project.calendar.show(flip)));
        }
        let more = matches!(op, Comparison::GreaterOrEqual | Comparison::Greater);
        let difference = if more { needed.sub(observed) } else { observed.sub(needed) };
        let Value::Number(difference) = difference else { return None };
        let mut difference = difference.millionths(now)?;
        // What comes in whole numbers is short of a whole number.
        let counts = matches!(unit, Unit::Plain(_))
            && observed.number().is_some_and(|it| whole(it, now).is_some());
        if counts {
            let strict = matches!(op, Comparison::Greater | Comparison::Less);
            let floor = difference.div_euclid(Decimal::SCALE);
            let exact = difference.rem_euclid(Decimal::SCALE) == 0;
            let steps = floor + i128::from(strict || !exact);
            difference = steps.checked_mul(Decimal::SCALE)?;
        }
        let amount = self.value(&Value::Number(Linear::raw(difference)), unit, now);
        let noun = if counts { noun(says, difference == Decimal::SCALE) } else { String::new() };
        match op {
            Comparison::GreaterOrEqual | Comparison::Greater => {
                Some(format!("{amount} more{noun}"))
            }
            Comparison::LessOrEqual | Comparison::Less => Some(format!("{amount} fewer{noun}")),
            Comparison::Equal | Comparison::NotEqual => None,
        }
    }

    /// A condition in plain words, with what was observed.
    pub fn sentence(
        self,
        says: &Expr,
        observed: &str,
        needed: &str,
        met: Met,
        gap: Option<&str>,
    ) -> String {
        let told = match says {
            Expr::Compare(_, left, _) if observed == "unknown" => {
                format!("{} is unknown", self.thing(&left.node))
            }
            // What is just as it should be needs no second half.
            Expr::Compare(Comparison::Equal, left, _) if met == Met::Met => {
                format!("{} is {observed}", self.thing(&left.node))
            }
            Expr::Compare(op, left, right) => {
                self.comparison(*op, &left.node, &right.node, observed, needed)
            }
            Expr::Aggregate { kind: Aggregate::Seen, events, windows, .. } => {
                let when = windows_in_words(windows);
                let seen = if met == Met::Met { "has happened" } else { "has not happened" };
                format!("{} {seen}{when}", events_in_words(&events.node))
            }
            Expr::Aggregate { kind: Aggregate::Never, events, windows, .. } => {
                let when = windows_in_words(windows);
                let never = match met {
                    Met::Met => "never happened",
                    Met::NotMet => "has happened",
                    Met::Unknown => "has not happened yet, and still may",
                };
                format!("{} {never}{when}", events_in_words(&events.node))
            }
            Expr::In(..) | Expr::TextTest(..) | Expr::Matches(..) | Expr::AtLeastGrade(..) => {
                format!("{}: it is {observed}", print::expr(says))
            }
            Expr::Each { over: ast::Quantifier::Any, key, inner, .. } => {
                format!("{observed} {}s with ({})", print::key(key), print::expr(&inner.node))
            }
            Expr::Each { over: ast::Quantifier::Every, key, inner, .. } => {
                let (key, inner) = (print::key(key), print::expr(&inner.node));
                format!("{observed} {key}s with ({inner}); all needed")
            }
            Expr::Qualified(name) => {
                let title = self.project.definitions.get(name).and_then(|it| it.title.clone());
                let title = title.unwrap_or_else(|| name.clone());
                match met {
                    Met::Met => format!("qualified: {title}"),
                    _ => format!("not qualified: {title}"),
                }
            }
            _ => format!("{}: {observed}", print::expr(says)),
        };
        // Of what has not happened, "1 more" tells nothing.
        match gap.filter(|_| !matches!(says, Expr::Aggregate { .. })) {
            Some(gap) => format!("{told} ({gap})"),
            None => told,
        }
    }

    /// What is compared, as a thing one can speak of.
    fn thing(self, of: &Expr) -> String {
        match of {
            Expr::Score(name, None) => format!("score {name}"),
            Expr::Score(name, Some(part)) => format!("{part} in score {name}"),
            Expr::Grade(name) => format!("grade {name}"),
            Expr::TrialLeft => "what is left of the trial".to_owned(),
            Expr::TrialAge => "the age of the trial".to_owned(),
            Expr::Since(moment) => format!("time since {}", moment_in_words(&moment.node)),
            Expr::Until(moment) => format!("time until {}", moment_in_words(&moment.node)),
            Expr::NumberFrom(name) => name.to_string(),
            Expr::Meter(MeterValue::Usage, name) => format!("usage of {}", self.counted(name)),
            Expr::Meter(MeterValue::Limit, name) => format!("the limit of {}", self.counted(name)),
            Expr::Meter(MeterValue::Left, name) => {
                format!("what is left of {}", self.counted(name))
            }
            Expr::Meter(MeterValue::LimitReachedIn, name) => {
                format!("time to the limit of {}", self.counted(name))
            }
            Expr::Growth(of, _) => format!("growth of {}", print::expr(&of.node)),
            other => print::expr(other),
        }
    }

    /// What a meter counts.
    fn counted(self, meter: &Text) -> Text {
        let known = self.project.meters.get(meter);
        known.and_then(|it| it.unit.clone()).unwrap_or_else(|| meter.clone())
    }

    fn comparison(
        self,
        op: Comparison,
        left: &Expr,
        right: &Expr,
        observed: &str,
        needed: &str,
    ) -> String {
        let wants = match op {
            Comparison::GreaterOrEqual | Comparison::Equal => format!("{needed} needed"),
            Comparison::Greater => format!("more than {needed} needed"),
            Comparison::LessOrEqual => format!("{needed} at most"),
            Comparison::Less => format!("less than {needed} needed"),
            Comparison::NotEqual => format!("anything but {needed} needed"),
        };
        match left {
            Expr::Aggregate { kind, of, events, windows } => {
                let what = events_in_words(&events.node);
                let when = windows_in_words(windows);
                let one = observed == "1";
                let plural = |single: &str, many: &str| {
                    if one { single.to_owned() } else { many.to_owned() }
                };
                let property = of.first().map(|it| print::expr(&it.node)).unwrap_or_default();
                match kind {
                    Aggregate::Count => format!("{observed} × {what}{when}; {wants}"),
                    Aggregate::People => {
                        format!(
                            "{observed} {} did {what}{when}; {wants}",
                            plural("person", "people")
                        )
                    }
                    Aggregate::Days => {
                        format!("{what} on {observed} {}{when}; {wants}", plural("day", "days"))
                    }
                    Aggregate::Distinct => {
                        format!("{observed} different {property} of {what}{when}; {wants}")
                    }
                    Aggregate::Sum => {
                        format!("{observed} {property} of {what} in all{when}; {wants}")
                    }
                    _ => format!("{} is {observed}; {wants}", print::expr(left)),
                }
            }
            Expr::Meter(MeterValue::Usage, name) => {
                let unit = self.counted(name);
                match right {
                    Expr::Share(share, of)
                        if matches!(of.node, Expr::Meter(MeterValue::Limit, _)) =>
                    {
                        format!(
                            "{observed} {unit} used; {} of the limit is {needed}",
                            print::expr(&share.node)
                        )
                    }
                    _ => format!("{observed} {unit} used; {wants}"),
                }
            }
            Expr::Score(..) => format!("{observed} points, {}; {wants}", self.thing(left)),
            Expr::Since(moment) => {
                format!("{observed} since {}; {wants}", moment_in_words(&moment.node))
            }
            Expr::Until(moment) => {
                format!("{observed} until {}; {wants}", moment_in_words(&moment.node))
            }
            Expr::TrialLeft => format!("{observed} of the trial left; {wants}"),
            Expr::Each { over: ast::Quantifier::Number, key, inner, .. } => {
                let plural = if observed == "1" { "" } else { "s" };
                let (key, inner) = (print::key(key), print::expr(&inner.node));
                format!("{observed} {key}{plural} with ({inner}); {wants}")
            }
            _ => format!("{} is {observed}; {wants}", self.thing(left)),
        }
    }
}

/// What a rule of a score is about, in its own words.
pub fn rule(act: &ScoreAct) -> String {
    match act {
        ScoreAct::Each { each, .. } => each.text.to_string(),
        ScoreAct::While { condition, .. } => condition.text.to_string(),
        ScoreAct::Now { points } => points.text.to_string(),
        ScoreAct::Set { on, .. } => on.text.to_string(),
    }
}

fn noun(says: &Expr, one: bool) -> String {
    let Expr::Compare(_, left, _) = says else { return String::new() };
    let (single, many) = match &left.node {
        Expr::Aggregate { kind: Aggregate::People, .. } => (" person", " people"),
        Expr::Aggregate { kind: Aggregate::Days, .. } => (" day", " days"),
        Expr::Aggregate { kind: Aggregate::Count, .. } => (" time", " times"),
        Expr::Each { key: ast::Key::Member, .. } => (" member", " members"),
        _ => return String::new(),
    };
    if one { single.to_owned() } else { many.to_owned() }
}

fn events_in_words(events: &Events) -> String {
    match events {
        Events::Named { names, filter } => {
            let names = names.iter().map(|it| match &it.node {
                EventName::Name(name) => format!("“{name}”"),
                EventName::Group(name) => format!("{name} events"),
                EventName::Any => "anything".to_owned(),
                EventName::AnyMarketing => "any marketing event".to_owned(),
            });
            let names = names.collect::<Vec<_>>().join(" or ");
            match filter {
                Some(filter) => format!("{names} ({})", print::expr(&filter.node)),
                None => names,
            }
        }
        other => print::events(other),
    }
}

fn moment_in_words(moment: &ast::Moment) -> String {
    match moment {
        ast::Moment::Last(events) => events_in_words(events),
        other => print::moment(other),
    }
}

fn windows_in_words(windows: &[At<ast::Window>]) -> String {
    let words = windows.iter().map(|window| match &window.node {
        ast::Window::Ever => String::new(),
        ast::Window::Last(length) => format!(" in the last {}", length_in_words(*length)),
        ast::Window::First(length) => format!(" in the first {}", length_in_words(*length)),
        ast::Window::This(_) | ast::Window::ThisBillingPeriod => {
            format!(" {}", print::window(&window.node))
        }
        ast::Window::LastFull(..) | ast::Window::LastFullBillingPeriods(_) => {
            format!(" in the {}", print::window(&window.node))
        }
        other => format!(" {}", print::window(other)),
    });
    words.collect()
}

fn length_in_words(length: ast::Length) -> String {
    use ast::LengthUnit as U;
    let unit = match length.unit {
        U::Seconds => "second",
        U::Minutes => "minute",
        U::Hours => "hour",
        U::Days | U::Dates => "day",
        U::Weeks => "week",
        U::Months => "month",
        U::Years => "year",
    };
    match length.count {
        1 => unit.to_owned(),
        count => format!("{count} {unit}s"),
    }
}

/// A duration in its two largest units, as people say it.
fn rough(span: Span) -> String {
    let magnitude = span.0.unsigned_abs();
    let unit = if magnitude >= Span::DAY.0.unsigned_abs() {
        Span::HOUR
    } else if magnitude >= Span::HOUR.0.unsigned_abs() {
        Span::MINUTE
    } else {
        Span::SECOND
    };
    Span(span.0 - span.0 % unit.0).to_string()
}

fn bytes(value: Decimal) -> String {
    let units = [(12, "TB"), (9, "GB"), (6, "MB"), (3, "KB")];
    for (power, name) in units {
        let scale = 10_i128.pow(power);
        if value.raw().unsigned_abs() >= (scale * Decimal::SCALE).unsigned_abs() {
            return format!("{} {name}", Words::number(Decimal::from_raw(value.raw() / scale)));
        }
    }
    format!("{} B", Words::number(value))
}
