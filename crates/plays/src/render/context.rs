//! What stands in braces: the names that templates know, and how values are written.

use std::collections::BTreeMap;

use firsthand_model::{Decimal, Scalar, Span, Text};
use minijinja::value::{Value, ValueKind};
use minijinja::{Error, Output, State};

use super::Telling;
use crate::world::MeterView;

/// Every name that a template knows.
pub(crate) mod names {
    /// Those without anything behind a dot.
    pub const PLAIN: [&str; 10] = [
        "project",
        "plan",
        "next_plan",
        "members",
        "score",
        "trial_days_left",
        "reasons",
        "people",
        "link",
        "track",
    ];
    /// Those with the name of a meter behind a dot.
    pub const METERS: [&str; 4] = ["usage", "limit", "left", "percent"];
    /// Those with the name of a trait behind a dot.
    pub const TRAITS: [&str; 2] = ["account", "person"];
    /// The one with a meter's parts behind a dot: the meter nearest to its limit.
    pub const NEAREST: &str = "nearest";
    /// Its parts.
    pub const NEAREST_PARTS: [&str; 5] = ["name", "used", "limit", "left", "percent"];
}

/// What a template is filled in from.
pub(super) fn context(telling: Telling<'_>) -> Value {
    let Telling { project, lead, picture, person } = telling;
    let account = &picture.account;
    let mut traits_of_account = traits(&account.traits);
    if let Some(name) = &account.name {
        set(&mut traits_of_account, "name", Value::from(name.as_str()));
    }
    let mut all: BTreeMap<String, Value> = BTreeMap::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            all.insert(name.to_owned(), value);
        }
    };
    let text = |it: &Option<Text>| it.as_ref().map(|it| Value::from(it.as_str()));
    put("account", Some(Value::from(traits_of_account)));
    put("person", Some(Value::from(person.map(|it| traits(&it.traits)).unwrap_or_default())));
    put("project", Some(Value::from(project.name.as_str())));
    put("plan", text(&account.plan));
    put("next_plan", text(&account.next_plan));
    put("members", Some(Value::from(account.members)));
    put("score", lead.score.map(number));
    put("track", Some(Value::from(lead.track.word())));
    put("trial_days_left", account.trial_left.map(|it| Value::from(days(it))));
    put("link", telling.link().map(|it| Value::from(it.as_str())));
    let reasons = picture.reasons.iter().filter(|it| it.holds).map(|it| Value::from(it.line()));
    put("reasons", Some(reasons.collect::<Vec<_>>().into()));
    let people = picture.people.iter().map(|it| Value::from(it.called().as_str()));
    put("people", Some(people.collect::<Vec<_>>().into()));
    let meters = |of: fn(&MeterView) -> Option<Value>| {
        let of_each = account.meters.iter();
        let values = of_each.filter_map(|it| Some((it.name.to_string(), of(it)?)));
        Value::from(values.collect::<BTreeMap<String, Value>>())
    };
    put("usage", Some(meters(|it| Some(number(it.used)))));
    put("limit", Some(meters(|it| it.limit.map(number))));
    put("left", Some(meters(left)));
    put("percent", Some(meters(percent)));
    let nearest = nearest(&account.meters).map(|it| {
        let parts = [
            ("name", Some(Value::from(it.unit.as_str()))),
            ("used", Some(number(it.used))),
            ("limit", it.limit.map(number)),
            ("left", left(it)),
            ("percent", percent(it)),
        ];
        let known = parts.into_iter().filter_map(|(name, it)| Some((name.to_owned(), it?)));
        Value::from(known.collect::<BTreeMap<String, Value>>())
    });
    put("nearest", nearest);
    Value::from(all)
}

/// The meter of whose limit most is used, if that is half of it at least.
pub(super) fn nearest(meters: &[MeterView]) -> Option<&MeterView> {
    let with_limit = meters.iter().filter_map(|it| Some((it.thousandths()?, it)));
    with_limit.filter(|(used, _)| *used >= 500).max_by_key(|(used, _)| *used).map(|(_, it)| it)
}

fn left(meter: &MeterView) -> Option<Value> {
    let left = meter.limit?.raw().checked_sub(meter.used.raw())?.max(0);
    Some(number(Decimal::from_raw(left)))
}

fn percent(meter: &MeterView) -> Option<Value> {
    meter.thousandths().map(|it| Value::from(it / 10))
}

/// Whole days, one that has begun counted.
fn days(span: Span) -> i64 {
    (span.0.max(0) + Span::DAY.0 - 1) / Span::DAY.0
}

/// Traits as a tree, by their dotted paths.
fn traits(all: &BTreeMap<Text, Scalar>) -> BTreeMap<String, Value> {
    let mut tree: BTreeMap<String, Value> = BTreeMap::new();
    let mut below: BTreeMap<&str, BTreeMap<Text, Scalar>> = BTreeMap::new();
    for (path, it) in all.iter().filter(|(_, it)| !it.is_missing()) {
        match path.split_once('.') {
            Some((root, rest)) => {
                _ = below.entry(root).or_default().insert(rest.into(), it.clone());
            }
            None => _ = tree.insert(path.to_string(), scalar(it)),
        }
    }
    for (root, inner) in below {
        tree.entry(root.to_owned()).or_insert_with(|| Value::from(traits(&inner)));
    }
    tree
}

fn set(tree: &mut BTreeMap<String, Value>, name: &str, value: Value) {
    tree.entry(name.to_owned()).or_insert(value);
}

fn scalar(value: &Scalar) -> Value {
    match value {
        Scalar::Missing => Value::UNDEFINED,
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

/// A number as people write it: `8,140`, `2.5`.
pub(crate) fn amount(value: Decimal) -> String {
    let text = value.to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |it| ("-", it));
    let (whole, fraction) = digits.split_once('.').map_or((digits, ""), |(it, rest)| (it, rest));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    // Two decimals are enough for people.
    let fraction: String = fraction.chars().take(2).collect();
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        format!("{sign}{grouped}")
    } else {
        format!("{sign}{grouped}.{fraction}")
    }
}

fn written(value: &Value) -> Option<String> {
    let whole = i64::try_from(value.clone()).map(Decimal::from).ok();
    let decimal = whole.or_else(|| Decimal::from_f64(f64::try_from(value.clone()).ok()?))?;
    Some(amount(decimal))
}

/// `{{ 8140 | amount }}`: a number as people write it.
pub(super) fn amount_filter(value: &Value) -> String {
    written(value).unwrap_or_else(|| value.to_string())
}

/// Writes numbers with separators between thousands, and lists as people do; what is missing is
/// an error.
pub(super) fn write(
    out: &mut Output<'_>,
    state: &State<'_, '_>,
    value: &Value,
) -> Result<(), Error> {
    match value.kind() {
        ValueKind::Number => match written(value) {
            Some(text) => out.write_str(&text)?,
            None => write!(out, "{value}")?,
        },
        ValueKind::Bool => out.write_str(if value.is_true() { "true" } else { "false" })?,
        ValueKind::Seq => {
            for (place, item) in value.try_iter()?.enumerate() {
                if place > 0 {
                    out.write_str(", ")?;
                }
                write(out, state, &item)?;
            }
        }
        _ => minijinja::escape_formatter(out, state, value)?,
    }
    Ok(())
}
