//! Types of the language, as far as they matter before anything runs.

use std::sync::Arc;

use firsthand_model::Text;
use firsthand_model::diagnostic::{Code, codes};

use crate::eval::expr::{Coercion, Expr};
use crate::lang::ast::Unit;

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// True or false.
    Bool,
    /// A plain number.
    Number,
    /// A quotient of two of a kind: a number and a percentage alike.
    Ratio,
    /// A percentage.
    Percent,
    /// An amount with its unit: bytes, or money of a currency (its code).
    Bytes,
    /// Money.
    Money(Text),
    /// A duration.
    Duration,
    /// An instant.
    Time,
    /// A text.
    Text,
    /// A label of a grade, best first.
    Label(Arc<[Text]>),
    /// A property or trait: whatever it is compared with.
    Loose,
    /// A number of whatever unit: a sum over a property, a meter.
    LooseNumber,
}

/// An expression with its type, and whether it runs with time.
#[derive(Clone, Debug)]
pub struct Typed {
    /// The expression.
    pub expr: Expr,
    /// What it is.
    pub ty: Type,
    /// Whether it changes between facts, linearly.
    pub runs: bool,
}

impl Typed {
    /// An expression that stands still between facts.
    pub fn still(expr: Expr, ty: Type) -> Self {
        Self { expr, ty, runs: false }
    }
}

impl Type {
    /// What a person calls it.
    pub fn word(&self) -> String {
        match self {
            Self::Bool => "a condition (true or false)".to_owned(),
            Self::Number | Self::LooseNumber => "a number".to_owned(),
            Self::Ratio => "a ratio".to_owned(),
            Self::Percent => "a percentage".to_owned(),
            Self::Bytes => "an amount of bytes".to_owned(),
            Self::Money(currency) => format!("an amount of {currency}"),
            Self::Duration => "a duration".to_owned(),
            Self::Time => "an instant".to_owned(),
            Self::Text => "a text".to_owned(),
            Self::Label(_) => "a grade".to_owned(),
            Self::Loose => "a property".to_owned(),
        }
    }

    /// The type of amounts of a unit.
    pub fn of_unit(unit: &Unit) -> Self {
        match unit {
            Unit::Bytes(_) => Self::Bytes,
            Unit::Money(currency) => Self::Money(currency.clone()),
        }
    }

    /// Whether it has an order.
    pub fn is_numeric(&self) -> bool {
        !matches!(self, Self::Bool | Self::Text | Self::Label(_) | Self::Loose)
    }

    /// What a loose value must be to stand beside this one.
    pub fn coercion(&self) -> Option<Coercion> {
        Some(match self {
            Self::Bool => Coercion::Bool,
            Self::Text | Self::Label(_) => Coercion::Text,
            Self::Time => Coercion::Time,
            Self::Duration => Coercion::Duration,
            Self::Loose => return None,
            _ => Coercion::Number,
        })
    }

    /// The type two values share when they are compared or added; `None` where they have none.
    pub fn common(&self, other: &Self) -> Option<Self> {
        use Type as T;
        Some(match (self, other) {
            (a, b) if a == b => a.clone(),
            (T::Loose, it)
            | (it, T::Loose)
            | (T::Ratio, it @ (T::Number | T::Percent))
            | (it @ (T::Number | T::Percent), T::Ratio) => it.clone(),
            (T::LooseNumber, it) | (it, T::LooseNumber) if it.is_numeric() && *it != T::Time => {
                it.clone()
            }
            (T::Label(labels), T::Text) | (T::Text, T::Label(labels)) => T::Label(labels.clone()),
            _ => return None,
        })
    }

    /// Why two values do not go together, and what to write instead.
    pub fn mismatch(&self, other: &Self) -> (Code, String, String) {
        use Type as T;
        let message = format!("{} cannot be compared with {}", self.word(), other.word());
        let units = |it: &Self| matches!(it, T::Bytes | T::Money(_));
        if units(self) && units(other) {
            let help = "Write both amounts in the same unit; nothing is converted.".to_owned();
            return (codes::UNIT_MISMATCH, message, help);
        }
        let pair = |a: &Self, b: &Self| self == a && other == b || self == b && other == a;
        let help = if pair(&T::Percent, &T::Number) {
            "Say of what the share is, such as `80% of limit(contacts)`."
        } else if pair(&T::Duration, &T::Number) {
            "Durations have a unit, such as `14d`; numbers have none. Write both in the same way."
        } else if units(self) || units(other) {
            "Give the number a unit, such as `3 MB` or `20 USD`."
        } else if pair(&T::Time, &T::Duration) {
            "Use `since(…)` or `until(…)` to get a duration from an instant."
        } else if [T::Number, T::LooseNumber].iter().any(|it| pair(it, &T::Text)) {
            "Write numbers without quotes, and texts in double quotes."
        } else if *self == T::Bool || *other == T::Bool {
            "Compare a value with a value, and join conditions with `and` or `or`."
        } else {
            "Compare two values of the same kind."
        };
        (codes::TYPE_MISMATCH, message, help.to_owned())
    }
}

/// Takes a loose value as the type it stands beside.
pub fn coerced(value: Typed, ty: &Type) -> Expr {
    match (&value.ty, ty.coercion()) {
        (Type::Loose, Some(coercion)) => Expr::Typed(Box::new(value.expr), coercion),
        _ => value.expr,
    }
}
