//! What a template is filled with, and how each value is written.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use firsthand_model::{Decimal, Scalar, Span, Text};
use firsthand_rules::explain::Words;
use minijinja::value::{Enumerator, Object, Value, ValueKind};
use minijinja::{Environment, Error, Output, State};

/// What is said in place of a value that is not known.
const UNKNOWN: &str = "unknown";

/// An amount that may have no bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// So much.
    Of(Decimal),
    /// As much as one likes.
    Unlimited,
}

/// What a template is filled with: all that is known of a subject at an instant.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// The account's traits by dotted path.
    pub account: Arc<BTreeMap<Text, Scalar>>,
    /// The person's traits by dotted path.
    pub person: Arc<BTreeMap<Text, Scalar>>,
    /// How much of each meter is used.
    pub usage: BTreeMap<Text, Decimal>,
    /// What the plan allows of each meter.
    pub limit: BTreeMap<Text, Amount>,
    /// The definition's score.
    pub score: Option<Decimal>,
    /// How long the account has been on trial.
    pub trial_age: Option<Span>,
    /// How long its trial still lasts.
    pub trial_left: Option<Span>,
    /// How many people belong to the account.
    pub members: Option<u64>,
}

impl Values {
    /// The values under the names that templates know.
    pub(super) fn to_context(&self) -> Value {
        let left = self.limit.iter().filter_map(|(meter, limit)| {
            let used = *self.usage.get(meter)?;
            let left = match limit {
                Amount::Of(limit) => Amount::Of(Decimal::from_raw(limit.raw() - used.raw())),
                Amount::Unlimited => Amount::Unlimited,
            };
            Some((meter.to_string(), amount(left)))
        });
        let usage = self.usage.iter().map(|(meter, used)| (meter.to_string(), number(*used)));
        let limit = self.limit.iter().map(|(meter, limit)| (meter.to_string(), amount(*limit)));
        let days = |span: Option<Span>, days: fn(Span) -> i64| {
            span.map_or_else(unknown, |it| Value::from(days(it)))
        };
        Value::from_iter([
            ("account", traits(&self.account)),
            ("person", traits(&self.person)),
            ("usage", Value::from_object(Meters(usage.collect()))),
            ("limit", Value::from_object(Meters(limit.collect()))),
            ("left", Value::from_object(Meters(left.collect()))),
            ("score", self.score.map_or_else(unknown, number)),
            // Whole days over; and a day that has begun is still there.
            ("trial_age", days(self.trial_age, |it| it.0.div_euclid(Span::DAY.0))),
            ("trial_left", days(self.trial_left, |it| -(-it.0).div_euclid(Span::DAY.0))),
            ("members", self.members.map_or_else(unknown, Value::from)),
        ])
    }
}

/// Gives an engine the filters and tests of the language, and the way in which values are written.
pub(super) fn furnish(engine: &mut Environment<'static>) {
    use minijinja::{filters, tests};
    engine.set_formatter(|out, _: &State<'_, '_>, value| write(out, value));
    engine.add_filter("default", or_else);
    engine.add_filter("upper", filters::upper);
    engine.add_filter("lower", filters::lower);
    engine.add_filter("title", filters::title);
    engine.add_filter("capitalize", filters::capitalize);
    engine.add_filter("replace", filters::replace);
    engine.add_filter("round", filters::round);
    engine.add_filter("abs", filters::abs);
    engine.add_filter("first", filters::first);
    engine.add_filter("join", filters::join);
    engine.add_filter("length", filters::length);
    engine.add_test("known", |it: &Value| is_known(it));
    engine.add_test("unknown", |it: &Value| !is_known(it));
    engine.add_test("in", tests::is_in);
}

/// A person or an account's traits below a path; by itself a value that is not known.
#[derive(Debug)]
struct Traits {
    all: Arc<BTreeMap<Text, Scalar>>,
    path: String,
}

impl Object for Traits {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        let path =
            if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        Some(match self.all.get(path.as_str()) {
            Some(value) if !value.is_missing() => scalar(value),
            _ => Value::from_object(Self { all: self.all.clone(), path }),
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Empty
    }

    fn is_true(self: &Arc<Self>) -> bool {
        false
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(UNKNOWN)
    }
}

/// The amounts of meters; one without is not known.
#[derive(Debug)]
struct Meters(BTreeMap<String, Value>);

impl Object for Meters {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(self.0.get(key.as_str()?).cloned().unwrap_or_else(unknown))
    }

    fn is_true(self: &Arc<Self>) -> bool {
        false
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(UNKNOWN)
    }
}

fn traits(all: &Arc<BTreeMap<Text, Scalar>>) -> Value {
    Value::from_object(Traits { all: all.clone(), path: String::new() })
}

fn unknown() -> Value {
    traits(&Arc::default())
}

fn is_known(value: &Value) -> bool {
    !value.is_undefined()
        && !value.is_none()
        && value.downcast_object_ref::<Traits>().is_none()
        && value.downcast_object_ref::<Meters>().is_none()
}

fn scalar(value: &Scalar) -> Value {
    match value {
        Scalar::Missing => unknown(),
        Scalar::Bool(it) => Value::from(*it),
        Scalar::Number(it) => number(*it),
        Scalar::Text(it) => Value::from(it.as_str()),
        Scalar::List(them) => them.iter().map(scalar).collect::<Vec<_>>().into(),
    }
}

fn number(value: Decimal) -> Value {
    let whole = value.is_integer().then(|| value.raw() / Decimal::SCALE);
    match whole.and_then(|it| i64::try_from(it).ok()) {
        Some(whole) => Value::from(whole),
        None => Value::from(value.to_f64()),
    }
}

fn amount(amount: Amount) -> Value {
    match amount {
        Amount::Of(it) => number(it),
        Amount::Unlimited => Value::from("unlimited"),
    }
}

/// Writes numbers with separators between thousands, and lists as people do.
fn write(out: &mut Output<'_>, value: &Value) -> Result<(), Error> {
    match value.kind() {
        ValueKind::Number => {
            let decimal = i64::try_from(value.clone())
                .map(Decimal::from)
                .ok()
                .or_else(|| f64::try_from(value.clone()).ok().and_then(Decimal::from_f64));
            match decimal {
                Some(decimal) => out.write_str(&Words::number(decimal))?,
                None => write!(out, "{value}")?,
            }
        }
        ValueKind::Bool => out.write_str(if value.is_true() { "true" } else { "false" })?,
        ValueKind::Seq => {
            for (place, item) in value.try_iter()?.enumerate() {
                if place > 0 {
                    out.write_str(", ")?;
                }
                write(out, &item)?;
            }
        }
        _ => write!(out, "{value}")?,
    }
    Ok(())
}

/// `{{ account.city | default("somewhere") }}`.
fn or_else(value: Value, other: Value) -> Value {
    if is_known(&value) { value } else { other }
}
