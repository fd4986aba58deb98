//! Compiled expressions: everything that has no memory of its own.
//!
//! An expression looks at the values of nodes ([`super::graph`]), at the event it filters, and at
//! the instant. Evaluating it also tells until when the answer stands if nothing else happens:
//! each comparison with something that runs in time lowers the caller's `flip`.

use std::cmp::Ordering;
use std::sync::Arc;

use firsthand_model::fact::{Row, RowBody};
use firsthand_model::time::Period;
use firsthand_model::{Calendar, Date, Text, Time};

use super::value::{Linear, Value, same_text};
use crate::lang::ast::{Arithmetic, Comparison, Field, TextTest};
use crate::resolve::Domains;

/// A node of this graph, or of one further out: `up` levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ref {
    /// How many graphs further out.
    pub up: u32,
    /// Its index there.
    pub node: u32,
}

/// A compiled expression.
#[derive(Clone, Debug)]
pub enum Expr {
    /// Always the same.
    Const(Value),
    /// What a node says.
    Node(Ref),
    /// One of several values a node says: the total or a part of a score.
    Item(Ref, u32),
    /// The member's own place in what a node of ranks says.
    OwnPlace(Ref),
    /// A property of the event, by its place among the program's paths.
    Property(u32),
    /// A field of the event.
    Field(Field),
    /// The amount that `set:` replaces.
    It,
    /// The instant.
    Now,
    /// Where recorded history begins.
    HistoryFrom,
    /// A property or trait taken as what it is compared with.
    Typed(Box<Expr>, Coercion),
    /// `+ - * /`.
    Arithmetic(Arithmetic, Box<[Expr; 2]>),
    /// `-V`.
    Negate(Box<Expr>),
    /// `round(V)`.
    Round(Box<Expr>),
    /// The least or greatest of several.
    Extreme(Ordering, Box<[Expr]>),
    /// `[then, when, otherwise]`.
    If(Box<[Expr; 3]>),
    /// `default(V, d)`.
    Default(Box<[Expr; 2]>),
    /// `a >= b`.
    Compare(Comparison, Box<[Expr; 2]>),
    /// `[value, least, most]`: `V between a and b`.
    Between(Box<[Expr; 3]>),
    /// `V in (…)`.
    In(Box<Expr>, Arc<[Choice]>),
    /// `V contains …`.
    TextTest(TextTest, Box<Expr>, Arc<[Choice]>),
    /// `V matches /re/`.
    Matches(Box<Expr>, regex::Regex),
    /// `V is known`.
    IsKnown(Box<Expr>),
    /// Whether an e-mail is a company's and not free mail's.
    IsWorkEmail(Box<Expr>, Arc<Domains>),
    /// Three-valued.
    Not(Box<Expr>),
    /// Three-valued.
    And(Box<[Expr]>),
    /// Three-valued.
    Or(Box<[Expr]>),
    /// At least so many of these are true.
    AtLeast(u32, Box<[Expr]>),
    /// The value in force for a key in a dated table: plan to limit, price or trial length.
    Lookup(Box<Expr>, Arc<[Dated]>),
    /// A cell by the labels of a row and a column.
    Matrix(Box<[Expr; 2]>, Arc<[(Text, Text, Text)]>),
    /// Something the evidence names, by its place among the program's atoms.
    Atom(u32, Box<Expr>),
}

/// What a loose value is taken as; one of another kind is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Coercion {
    Number,
    Text,
    Bool,
    Time,
    /// A number of days, hours …: traits hold durations as seconds.
    Duration,
}

/// One entry of a list, in force within its dates.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The entry.
    pub value: Value,
    /// In force from here …
    pub from: Time,
    /// … to before here.
    pub to: Time,
}

/// One entry of a table, in force within its dates.
#[derive(Clone, Debug, PartialEq)]
pub struct Dated {
    /// The key, compared without case.
    pub key: Text,
    /// In force from here …
    pub from: Time,
    /// … to before here.
    pub to: Time,
    /// What it gives.
    pub value: Value,
}

/// What an expression may look at.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The instant.
    pub now: Time,
    /// The project's calendar.
    pub calendar: &'a Calendar,
    /// Where recorded history begins.
    pub history_from: Time,
    /// What the nodes of this graph say.
    pub values: &'a [Value],
    /// Which of them said something else before this instant.
    pub changed: &'a [bool],
    /// The graph around this one.
    pub outer: Option<&'a Scope<'a>>,
    /// The member whose graph it is, inside `member`.
    pub member: Option<&'a str>,
    /// The event, inside a filter.
    pub event: Option<&'a Row>,
    /// The present amount, inside `set:`.
    pub it: Option<&'a Value>,
}

impl<'a> Scope<'a> {
    /// The graph `up` levels further out.
    fn at(&self, up: u32) -> &Scope<'a> {
        let mut scope = self;
        for _ in 0..up {
            scope = scope.outer.expect("references were resolved against the enclosing graphs");
        }
        scope
    }

    /// What a node says.
    pub fn value(&self, node: Ref) -> &Value {
        &self.at(node.up).values[node.node as usize]
    }

    /// Whether a node said something else before this instant.
    pub fn has_changed(&self, node: Ref) -> bool {
        self.at(node.up).changed[node.node as usize]
    }

    /// An instant, and nothing else to look at.
    pub(crate) fn bare(now: Time, calendar: &'a Calendar) -> Self {
        Self {
            now,
            calendar,
            history_from: Time::MIN,
            values: &[],
            changed: &[],
            outer: None,
            member: None,
            event: None,
            it: None,
        }
    }

    /// The same, looking at one event.
    #[must_use]
    pub fn with_event(&self, event: &'a Row) -> Self {
        Self { event: Some(event), ..*self }
    }
}

impl Expr {
    /// The conjunction of some conditions.
    pub fn all(mut of: Vec<Self>) -> Self {
        if of.len() == 1 { of.remove(0) } else { Self::And(of.into()) }
    }

    /// Evaluates at the scope's instant, and lowers `flip` to the next instant at which time
    /// alone may change the answer.
    pub fn eval(&self, scope: &Scope<'_>, flip: &mut Time) -> Value {
        match self {
            Self::Const(value) => value.clone(),
            Self::Node(node) => scope.value(*node).clone(),
            Self::Item(node, item) => match scope.value(*node) {
                Value::List(items) => items[*item as usize].clone(),
                _ => Value::Unknown,
            },
            Self::OwnPlace(node) => match (scope.value(*node), scope.member) {
                (Value::List(places), Some(member)) => place_of(places, member),
                _ => Value::Unknown,
            },
            Self::Property(path) => match scope.event.map(|row| &row.body) {
                Some(RowBody::Event { values, .. }) => {
                    values.get(*path as usize).map_or(Value::Unknown, Value::from_scalar)
                }
                _ => Value::Unknown,
            },
            Self::Field(field) => {
                scope.event.map_or(Value::Unknown, |row| field_of(row, *field, scope.calendar))
            }
            Self::It => scope.it.cloned().unwrap_or_default(),
            Self::Now => Value::Number(Linear::NOW),
            Self::HistoryFrom => Value::time(scope.history_from),
            Self::Typed(of, coercion) => coerce(of.eval(scope, flip), *coercion, scope.calendar),
            Self::Arithmetic(op, of) => {
                let (a, b) = (of[0].eval(scope, flip), of[1].eval(scope, flip));
                match op {
                    Arithmetic::Add => a.add(&b),
                    Arithmetic::Subtract => a.sub(&b),
                    Arithmetic::Multiply => a.mul(&b),
                    Arithmetic::Divide => a.div(&b),
                }
            }
            Self::Negate(of) => of.eval(scope, flip).negated(),
            Self::Round(of) => of.eval(scope, flip).rounded(),
            Self::Extreme(want, of) => {
                let mut values = of.iter().map(|it| it.eval(scope, &mut *flip)).collect::<Vec<_>>();
                let first = values.swap_remove(0);
                values.iter().fold(first, |best, it| best.extreme(it, *want, scope.now, flip))
            }
            Self::If(of) => match of[1].eval(scope, flip) {
                Value::Bool(true) => of[0].eval(scope, flip),
                Value::Bool(false) => of[2].eval(scope, flip),
                _ => Value::Unknown,
            },
            Self::Default(of) => match of[0].eval(scope, flip) {
                Value::Unknown => of[1].eval(scope, flip),
                known => known,
            },
            Self::Compare(op, of) => {
                let (a, b) = (of[0].eval(scope, flip), of[1].eval(scope, flip));
                a.compare(*op, &b, scope.now, flip)
            }
            Self::Between(of) => {
                let [value, least, most] = of.each_ref().map(|it| it.eval(scope, &mut *flip));
                let above = value.compare(Comparison::GreaterOrEqual, &least, scope.now, flip);
                if above == Value::Bool(false) {
                    return above;
                }
                match value.compare(Comparison::LessOrEqual, &most, scope.now, flip) {
                    Value::Bool(true) => above,
                    other => other,
                }
            }
            Self::In(of, choices) => {
                let value = of.eval(scope, flip);
                any_choice(&value, choices, scope.now, flip, |value, choice| {
                    value.compare(Comparison::Equal, choice, scope.now, &mut Time::MAX.clone())
                })
            }
            Self::TextTest(test, of, choices) => {
                let value = of.eval(scope, flip);
                any_choice(&value, choices, scope.now, flip, |value, choice| {
                    text_test(*test, value, choice)
                })
            }
            Self::Matches(of, pattern) => match of.eval(scope, flip) {
                Value::Text(text) => pattern.is_match(&text).into(),
                _ => Value::Unknown,
            },
            Self::IsKnown(of) => (!of.eval(scope, flip).is_unknown()).into(),
            Self::IsWorkEmail(of, domains) => match of.eval(scope, flip) {
                Value::Text(email) => {
                    domains.is_work_email(&email).map_or(Value::Unknown, Value::Bool)
                }
                _ => Value::Unknown,
            },
            Self::Not(of) => match of.eval(scope, flip) {
                Value::Bool(it) => (!it).into(),
                _ => Value::Unknown,
            },
            Self::And(of) => {
                let mut all = Value::Bool(true);
                for it in of {
                    match it.eval(scope, flip) {
                        Value::Bool(true) => {}
                        Value::Bool(false) => return false.into(),
                        _ => all = Value::Unknown,
                    }
                }
                all
            }
            Self::Or(of) => {
                let mut any = Value::Bool(false);
                for it in of {
                    match it.eval(scope, flip) {
                        Value::Bool(false) => {}
                        Value::Bool(true) => return true.into(),
                        _ => any = Value::Unknown,
                    }
                }
                any
            }
            Self::AtLeast(needed, of) => {
                let (mut met, mut unknown) = (0, 0);
                for it in of {
                    match it.eval(scope, flip) {
                        Value::Bool(true) => met += 1,
                        Value::Bool(false) => {}
                        _ => unknown += 1,
                    }
                }
                if met >= *needed {
                    true.into()
                } else if met + unknown < *needed {
                    false.into()
                } else {
                    Value::Unknown
                }
            }
            Self::Lookup(key, table) => {
                let Value::Text(key) = key.eval(scope, flip) else { return Value::Unknown };
                let mut found = Value::Unknown;
                for row in table.iter().filter(|row| same_text(&row.key, &key)) {
                    if in_force(row.from, row.to, scope.now, flip) {
                        found = row.value.clone();
                    }
                }
                found
            }
            Self::Matrix(axes, cells) => {
                let (row, column) = (axes[0].eval(scope, flip), axes[1].eval(scope, flip));
                let (Value::Text(row), Value::Text(column)) = (row, column) else {
                    return Value::Unknown;
                };
                let cell =
                    cells.iter().find(|(r, c, _)| same_text(r, &row) && same_text(c, &column));
                cell.map_or(Value::Unknown, |(_, _, label)| Value::Text(label.clone()))
            }
            Self::Atom(_, of) => of.eval(scope, flip),
        }
    }

    /// Evaluates at the scope's instant, however long the answer stands.
    pub fn value_of(&self, scope: &Scope<'_>) -> Value {
        self.eval(scope, &mut Time::MAX.clone())
    }

    /// Calls `visit` with every node this expression looks at.
    pub fn references(&self, visit: &mut impl FnMut(Ref)) {
        if let Self::Node(node) | Self::Item(node, _) | Self::OwnPlace(node) = self {
            visit(*node);
        }
        self.children(&mut |child| child.references(visit));
    }

    /// Whether a member's own place is asked somewhere inside.
    pub fn asks_own_place(&self) -> bool {
        let mut asks = matches!(self, Self::OwnPlace(_));
        self.children(&mut |child| asks |= child.asks_own_place());
        asks
    }

    /// Calls `change` with each reference to a node.
    pub fn change_references(&mut self, change: &mut dyn FnMut(&mut Ref)) {
        if let Self::Node(node) | Self::Item(node, _) | Self::OwnPlace(node) = self {
            change(node);
        }
        self.children_mut(&mut |child| child.change_references(change));
    }

    /// Calls `visit` with the expressions directly inside this one.
    pub(crate) fn children_mut(&mut self, visit: &mut dyn FnMut(&mut Self)) {
        match self {
            Self::Const(_)
            | Self::Node(_)
            | Self::Item(..)
            | Self::OwnPlace(_)
            | Self::Property(_)
            | Self::Field(_)
            | Self::It
            | Self::Now
            | Self::HistoryFrom => {}
            Self::Typed(of, _)
            | Self::Negate(of)
            | Self::Round(of)
            | Self::In(of, _)
            | Self::TextTest(_, of, _)
            | Self::Matches(of, _)
            | Self::IsKnown(of)
            | Self::IsWorkEmail(of, _)
            | Self::Not(of)
            | Self::Lookup(of, _)
            | Self::Atom(_, of) => visit(of),
            Self::Arithmetic(_, of)
            | Self::Compare(_, of)
            | Self::Default(of)
            | Self::Matrix(of, _) => of.iter_mut().for_each(visit),
            Self::If(of) | Self::Between(of) => of.iter_mut().for_each(visit),
            Self::Extreme(_, of) | Self::And(of) | Self::Or(of) | Self::AtLeast(_, of) => {
                of.iter_mut().for_each(visit);
            }
        }
    }

    /// Calls `visit` with the expressions directly inside this one.
    pub fn children<'a>(&'a self, visit: &mut dyn FnMut(&'a Self)) {
        match self {
            Self::Const(_)
            | Self::Node(_)
            | Self::Item(..)
            | Self::OwnPlace(_)
            | Self::Property(_)
            | Self::Field(_)
            | Self::It
            | Self::Now
            | Self::HistoryFrom => {}
            Self::Typed(of, _)
            | Self::Negate(of)
            | Self::Round(of)
            | Self::In(of, _)
            | Self::TextTest(_, of, _)
            | Self::Matches(of, _)
            | Self::IsKnown(of)
            | Self::IsWorkEmail(of, _)
            | Self::Not(of)
            | Self::Lookup(of, _)
            | Self::Atom(_, of) => visit(of),
            Self::Arithmetic(_, of)
            | Self::Compare(_, of)
            | Self::Default(of)
            | Self::Matrix(of, _) => of.iter().for_each(visit),
            Self::If(of) | Self::Between(of) => of.iter().for_each(visit),
            Self::Extreme(_, of) | Self::And(of) | Self::Or(of) | Self::AtLeast(_, of) => {
                of.iter().for_each(visit);
            }
        }
    }
}

/// The place of a member in a list of names and places, in order of the names.
fn place_of(places: &[Value], member: &str) -> Value {
    let mut pairs = places.chunks_exact(2);
    let own = pairs.find(|pair| matches!(&pair[0], Value::Text(name) if name == member));
    own.map_or(Value::Unknown, |pair| pair[1].clone())
}

fn in_force(from: Time, to: Time, now: Time, flip: &mut Time) -> bool {
    for edge in [from, to] {
        if edge > now {
            *flip = (*flip).min(edge);
        }
    }
    from <= now && now < to
}

fn any_choice(
    value: &Value,
    choices: &[Choice],
    now: Time,
    flip: &mut Time,
    mut test: impl FnMut(&Value, &Value) -> Value,
) -> Value {
    if value.is_unknown() {
        return Value::Unknown;
    }
    let mut any = Value::Bool(false);
    for choice in choices {
        if in_force(choice.from, choice.to, now, flip) {
            match test(value, &choice.value) {
                Value::Bool(true) => any = Value::Bool(true),
                Value::Unknown if !any.is_true() => any = Value::Unknown,
                _ => {}
            }
        }
    }
    any
}

fn text_test(test: TextTest, value: &Value, choice: &Value) -> Value {
    let Value::Text(part) = choice else { return Value::Unknown };
    match (test, value) {
        (TextTest::Contains, Value::List(items)) => {
            items.iter().any(|it| matches!(it, Value::Text(text) if same_text(text, part))).into()
        }
        (_, Value::Text(text)) => {
            let (text, part) = (text.to_lowercase(), part.to_lowercase());
            match test {
                TextTest::Contains => text.contains(&part),
                TextTest::StartsWith => text.starts_with(&part),
                TextTest::EndsWith => text.ends_with(&part),
            }
            .into()
        }
        _ => Value::Unknown,
    }
}

fn field_of(row: &Row, field: Field, calendar: &Calendar) -> Value {
    let period = |period| {
        let start = calendar.period_start(period, calendar.date(row.time));
        Value::time(calendar.start_of(start))
    };
    match field {
        Field::Event => match &row.body {
            RowBody::Event { name, .. } => Value::Text(name.clone()),
            _ => Value::Unknown,
        },
        Field::Source => Value::Text(row.source.clone()),
        Field::Person => row.person.clone().map_or(Value::Unknown, Value::Text),
        Field::Time => Value::time(row.time),
        Field::Day => period(Period::Day),
        Field::Week => period(Period::Week),
        Field::Month => period(Period::Month),
        Field::Hour => Value::count(u64::try_from(calendar.hour(row.time)).unwrap_or(0)),
        Field::Weekday => Value::Text(calendar.date(row.time).weekday().name().into()),
    }
}

fn coerce(value: Value, coercion: Coercion, calendar: &Calendar) -> Value {
    match (coercion, &value) {
        (Coercion::Number | Coercion::Duration, Value::Number(_))
        | (Coercion::Text, Value::Text(_) | Value::List(_))
        | (Coercion::Bool, Value::Bool(_)) => value,
        (Coercion::Time, Value::Text(text)) => {
            read_time(text, calendar).map_or(Value::Unknown, Value::time)
        }
        _ => Value::Unknown,
    }
}

/// Reads an instant from a text: RFC 3339, or a date or a date and time in the project's zone.
pub fn read_time(text: &str, calendar: &Calendar) -> Option<Time> {
    let text = text.trim();
    if let Ok(date) = text.parse::<Date>() {
        return Some(calendar.start_of(date));
    }
    if let Ok(time) = text.parse::<Time>() {
        return Some(time);
    }
    calendar.local(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_stay_small() {
        assert!(size_of::<Expr>() <= 64, "{}", size_of::<Expr>());
    }
}
