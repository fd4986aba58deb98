//! Constants and lists: one value, the value in force, or the entries to choose from.

use std::sync::Arc;

use firsthand_model::config::{Constant, ConstantValues, DatedValue};
use firsthand_model::diagnostic::codes;
use firsthand_model::{Scalar, Text, Time};

use super::lower::{Lower, Lowered, Refused};
use super::types::{Type, Typed};
use crate::eval::expr::{Choice, Dated, Expr, read_time};
use crate::eval::value::Value;
use crate::lang::ast::{self, At};
use crate::lang::parse;

impl<'a> Lower<'a> {
    /// A constant by name.
    pub fn constant<T>(&mut self, at: &At<T>, name: &str) -> Lowered<&'a Constant> {
        let Some(constant) = self.project.constants.get(name) else {
            return Err(self.unknown_name(at, "constant", name, self.project.constants.keys()));
        };
        if matches!(constant.values, ConstantValues::Unset) {
            return Err(self.error(
                codes::UNSET_CONSTANT,
                at,
                format!("the constant `@{name}` is not set"),
                format!("Give `{name}` a value under `constants:` in firsthand.yaml."),
            ));
        }
        Ok(constant)
    }

    /// The entries of a list: written out, or a constant's.
    pub fn choices(&mut self, list: &[At<ast::Expr>]) -> Lowered<(Arc<[Choice]>, Type)> {
        let always = |value| Choice { value, from: Time::MIN, to: Time::MAX };
        let mut choices = Vec::new();
        let mut ty = Type::Loose;
        for entry in list {
            if let ast::Expr::Constant(name) = &entry.node {
                let constant = self.constant(entry, name)?;
                if let ConstantValues::List(values) = &constant.values {
                    for it in values {
                        ty = self.alike(entry, name, &ty, &scalar_type(&it.value))?;
                        let calendar = &self.project.calendar;
                        choices.push(Choice {
                            value: Value::from_scalar(&it.value),
                            from: it.from.map_or(Time::MIN, |date| calendar.start_of(date)),
                            to: it.to.map_or(Time::MAX, |date| calendar.start_of(date)),
                        });
                    }
                    continue;
                }
            }
            let value = self.value(entry)?;
            ty = self.common(&ty, &value.ty, entry)?;
            match value.expr {
                Expr::Const(value) => choices.push(always(value)),
                _ => {
                    return Err(self.error(
                        codes::WRONG_PLACE,
                        entry,
                        "a list holds fixed values only",
                        "Write the values out, or name a list of the configuration with `@`.",
                    ));
                }
            }
        }
        Ok((choices.into(), ty))
    }

    /// The value of a constant that is one value.
    pub fn constant_value<T>(&mut self, at: &At<T>, name: &str) -> Lowered<Typed> {
        let constant = self.constant(at, name)?;
        match &constant.values {
            ConstantValues::One(scalar) => {
                Ok(Typed::still(Expr::Const(Value::from_scalar(scalar)), scalar_type(scalar)))
            }
            ConstantValues::Literal(text) => self.value_text(&text.clone()),
            ConstantValues::List(values) if values.iter().any(|it| it.from.is_some()) => {
                self.in_force(at, name, values)
            }
            ConstantValues::List(_) | ConstantValues::Unset => Err(self.error(
                codes::TYPE_MISMATCH,
                at,
                format!("`@{name}` is a list"),
                format!(
                    "Ask whether a value is in it: `… in @{name}`. If it is one value that changed \
                     over time, date its entries: `{{ value: …, from: 2026-03-01 }}`."
                ),
            )),
        }
    }

    /// The type that two entries of a list share.
    fn alike<T>(&mut self, at: &At<T>, name: &str, a: &Type, b: &Type) -> Lowered<Type> {
        a.common(b).ok_or_else(|| {
            let message = format!("`@{name}` holds both {} and {}", a.word(), b.word());
            self.error(codes::TYPE_MISMATCH, at, message, "Give all its values the same kind.")
        })
    }

    /// A list of dated values as the one that is in force: each until its own end, or until the
    /// next begins.
    fn in_force<T>(&mut self, at: &At<T>, name: &str, values: &[DatedValue]) -> Lowered<Typed> {
        let mut values = values.iter().collect::<Vec<_>>();
        values.sort_by_key(|it| it.from);
        let mut ty: Option<Type> = None;
        let mut table = Vec::new();
        for (place, it) in values.iter().enumerate() {
            let next = values.get(place + 1).and_then(|next| next.from);
            if place > 0 && it.from.is_none() {
                let message =
                    format!("`@{name}` has several values that are in force from the beginning");
                let help = "Give all of them but the first a date: `from: 2026-03-01`.";
                return Err(self.error(codes::TYPE_MISMATCH, at, message, help));
            }
            let value = self.dated(&it.value);
            ty = Some(match ty {
                Some(ty) => self.alike(at, name, &ty, &value.ty)?,
                None => value.ty,
            });
            let Expr::Const(value) = value.expr else { return Err(Refused) };
            let calendar = &self.project.calendar;
            table.push(Dated {
                key: Text::default(),
                from: it.from.map_or(Time::MIN, |date| calendar.start_of(date)),
                to: it
                    .to
                    .into_iter()
                    .chain(next)
                    .min()
                    .map_or(Time::MAX, |date| calendar.start_of(date)),
                value,
            });
        }
        let key = Expr::Const(Value::Text(Text::default()));
        let lookup = Expr::Lookup(Box::new(key), table.into());
        Ok(Typed::still(lookup, ty.unwrap_or(Type::Loose)))
    }

    /// One entry of such a list; amounts, percentages and durations stand in it as texts.
    fn dated(&mut self, value: &Scalar) -> Typed {
        use ast::Expr as E;
        if let Scalar::Text(text) = value
            && let Ok(tree) = parse::condition(text)
            && matches!(tree.node, E::Amount(..) | E::Percent(_) | E::Length(_) | E::Date(_))
            && let Ok(typed) = self.value(&tree)
        {
            return typed;
        }
        Typed::still(Expr::Const(Value::from_scalar(value)), scalar_type(value))
    }

    /// A date or instant as written.
    pub fn date<T>(&mut self, at: &At<T>, text: &str) -> Lowered<Time> {
        read_time(text, &self.project.calendar).ok_or_else(|| {
            self.error(
                codes::BAD_LITERAL,
                at,
                format!("`{text}` is no date"),
                "Write dates as `2026-03-01` and instants as `2026-03-01T09:00`.",
            )
        })
    }
}

/// The type of a configured value.
pub fn scalar_type(scalar: &Scalar) -> Type {
    match scalar {
        Scalar::Missing | Scalar::List(_) => Type::Loose,
        Scalar::Bool(_) => Type::Bool,
        Scalar::Number(_) => Type::LooseNumber,
        Scalar::Text(_) => Type::Text,
    }
}
