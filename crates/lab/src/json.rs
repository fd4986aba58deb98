//! How figures are written for programs: instants and dates as ISO texts, spans in days.

use std::fmt::Display;

use firsthand_model::{Decimal, Span};
use serde::Serializer;

/// A day in microseconds, for figures in days.
const DAY_MICROS: f64 = Span::DAY.0 as f64;

/// A span as a number of days of 24 hours.
pub(crate) fn days(span: Span) -> f64 {
    span.0 as f64 / DAY_MICROS
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's `serialize_with` passes references")]
pub(crate) fn span_in_days<S: Serializer>(span: &Span, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(days(*span))
}

pub(crate) fn text<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

#[expect(clippy::ref_option, reason = "serde's `serialize_with` passes references")]
pub(crate) fn text_or_null<T: Display, S: Serializer>(
    value: &Option<T>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(it) => to.collect_str(it),
        None => to.serialize_none(),
    }
}

pub(crate) fn number<S: Serializer>(value: &Decimal, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(value.to_f64())
}

#[expect(clippy::ref_option, reason = "serde's `serialize_with` passes references")]
pub(crate) fn number_or_null<S: Serializer>(
    value: &Option<Decimal>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(it) => to.serialize_f64(it.to_f64()),
        None => to.serialize_none(),
    }
}
