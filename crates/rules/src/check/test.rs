//! What a single comparison says about a value, where the other side is fixed.

use firsthand_model::config::{ConstantValues, GradeForm, Project};
use firsthand_model::{Decimal, Scalar, Text};

use super::band::{Band, End};
use crate::compile::exact;
use crate::eval::expr::read_time;
use crate::eval::value::same_text;
use crate::lang::ast::{At, Comparison, Expr, Unit};
use crate::lang::{parse, print};

/// A comparison of a value with something fixed.
#[derive(Clone, Debug)]
pub(super) struct Test<'t> {
    /// The value in canonical form: two tests of one key are of one value.
    pub key: String,
    /// The value.
    pub value: &'t At<Expr>,
    /// The comparison.
    pub whole: &'t At<Expr>,
    /// What it asks.
    pub asks: Asks,
}

/// What a comparison asks of a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Asks {
    /// To lie in a band.
    Band(Band),
    /// To be anything but a number, in millionths.
    NotNumber(i128),
    /// To be one of some texts.
    OneOf(Vec<Text>),
    /// To be none of some texts.
    NoneOf(Vec<Text>),
}

/// Reads a condition as a test, if it is one.
pub(super) fn test<'t>(project: &Project, tree: &'t At<Expr>) -> Option<Test<'t>> {
    let (value, asks) = match &tree.node {
        Expr::Compare(op, left, right) => {
            let (value, op, fixed) = match (fixed(project, left), fixed(project, right)) {
                (None, Some(fixed)) => (left, *op, fixed),
                (Some(fixed), None) => (right, turned(*op), fixed),
                _ => return None,
            };
            (value, asks(op, fixed)?)
        }
        Expr::Between(value, low, high) => {
            let ends = (fixed(project, low)?, fixed(project, high)?);
            let (Fixed::Number(low), Fixed::Number(high)) = ends else { return None };
            (value, Asks::Band(Band::between(low, high)))
        }
        Expr::In(value, list) => (value, Asks::OneOf(texts(project, list)?)),
        Expr::AtLeastGrade(value, least) => {
            let Expr::Grade(name) = &value.node else { return None };
            let GradeForm::Ladder(rungs) = &project.grades.get(name)?.form else { return None };
            let Some(Fixed::Text(least)) = fixed(project, least) else { return None };
            let place = rungs.iter().position(|rung| same_text(&rung.label, &least))?;
            (value, Asks::OneOf(rungs[..=place].iter().map(|it| it.label.clone()).collect()))
        }
        Expr::Not(inner) => {
            let inner = test(project, inner)?;
            return Some(Test { asks: inner.asks.opposite()?, whole: tree, ..inner });
        }
        _ => return None,
    };
    if fixed(project, value).is_some() {
        return None;
    }
    Some(Test { key: print::expr(&value.node), value, whole: tree, asks })
}

impl Asks {
    /// What the negated comparison asks, where that is one thing.
    fn opposite(self) -> Option<Self> {
        Some(match self {
            Self::OneOf(texts) => Self::NoneOf(texts),
            Self::NoneOf(texts) => Self::OneOf(texts),
            Self::NotNumber(it) => Self::Band(Band::between(it, it)),
            Self::Band(Band { low: Some(low), high: None }) => {
                Self::Band(Band { low: None, high: Some(End { open: !low.open, ..low }) })
            }
            Self::Band(Band { low: None, high: Some(high) }) => {
                Self::Band(Band { low: Some(End { open: !high.open, ..high }), high: None })
            }
            Self::Band(_) => return None,
        })
    }
}

/// Something fixed that a value is compared with.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fixed {
    /// A number, percentage, amount, duration (in seconds) or instant, in millionths.
    Number(i128),
    /// A text.
    Text(Text),
    /// True or false.
    Bool(bool),
}

/// What a tree comes to, if it is written out or a constant.
pub(super) fn fixed(project: &Project, tree: &At<Expr>) -> Option<Fixed> {
    let number = |it: Decimal| Some(Fixed::Number(it.raw()));
    match &tree.node {
        Expr::Number(it) | Expr::Amount(it, Unit::Money(_)) => number(*it),
        Expr::Percent(it) => Some(Fixed::Number(it.raw() / 100)),
        Expr::Amount(it, Unit::Bytes(power)) => {
            Some(Fixed::Number(it.raw().checked_mul(10_i128.pow(u32::from(*power)))?))
        }
        Expr::Length(length) => Some(Fixed::Number(i128::from(exact(*length)?.0))),
        Expr::Date(text) => Some(Fixed::Number(i128::from(read_time(text, &project.calendar)?.0))),
        Expr::Negate(inner) => match fixed(project, inner)? {
            Fixed::Number(it) => Some(Fixed::Number(-it)),
            _ => None,
        },
        Expr::Text(it) => Some(Fixed::Text(it.clone())),
        Expr::Bool(it) => Some(Fixed::Bool(*it)),
        Expr::Constant(name) => match &project.constants.get(name)?.values {
            ConstantValues::One(Scalar::Number(it)) => number(*it),
            ConstantValues::One(Scalar::Text(it)) => Some(Fixed::Text(it.clone())),
            ConstantValues::One(Scalar::Bool(it)) => Some(Fixed::Bool(*it)),
            // A literal is never a constant itself, so this ends.
            ConstantValues::Literal(text) => match parse::condition(&text.text).ok()? {
                At { node: Expr::Constant(_), .. } => None,
                tree => fixed(project, &tree),
            },
            _ => None,
        },
        _ => None,
    }
}

/// The texts of a list, if it holds nothing else.
fn texts(project: &Project, list: &[At<Expr>]) -> Option<Vec<Text>> {
    let mut texts = Vec::new();
    for entry in list {
        if let Expr::Constant(name) = &entry.node
            && let ConstantValues::List(values) = &project.constants.get(name)?.values
        {
            for it in values {
                let Scalar::Text(text) = &it.value else { return None };
                texts.push(text.clone());
            }
            continue;
        }
        let Some(Fixed::Text(text)) = fixed(project, entry) else { return None };
        texts.push(text);
    }
    Some(texts)
}

fn asks(op: Comparison, fixed: Fixed) -> Option<Asks> {
    use Comparison as C;
    Some(match (fixed, op) {
        (Fixed::Number(it), C::Equal) => Asks::Band(Band::between(it, it)),
        (Fixed::Number(it), C::NotEqual) => Asks::NotNumber(it),
        (Fixed::Number(it), C::Less) => Asks::Band(Band { low: None, high: Some(End::beyond(it)) }),
        (Fixed::Number(it), C::LessOrEqual) => {
            Asks::Band(Band { low: None, high: Some(End::at(it)) })
        }
        (Fixed::Number(it), C::Greater) => {
            Asks::Band(Band { low: Some(End::beyond(it)), high: None })
        }
        (Fixed::Number(it), C::GreaterOrEqual) => {
            Asks::Band(Band { low: Some(End::at(it)), high: None })
        }
        (Fixed::Text(it), C::Equal) => Asks::OneOf(vec![it]),
        (Fixed::Text(it), C::NotEqual) => Asks::NoneOf(vec![it]),
        _ => return None,
    })
}

/// The same comparison with its sides exchanged.
const fn turned(op: Comparison) -> Comparison {
    match op {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        Comparison::Equal | Comparison::NotEqual => op,
    }
}

/// Whether a comparison of two numbers is true.
pub(super) const fn compares(op: Comparison, left: i128, right: i128) -> bool {
    match op {
        Comparison::Equal => left == right,
        Comparison::NotEqual => left != right,
        Comparison::Less => left < right,
        Comparison::LessOrEqual => left <= right,
        Comparison::Greater => left > right,
        Comparison::GreaterOrEqual => left >= right,
    }
}
