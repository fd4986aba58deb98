//! Values at an instant: three-valued truth, exact numbers that may run with time, and ranges.
//!
//! A number is `(num + slope · t) / den` in millionths, `t` in microseconds. Most have slope 0
//! and denominator 1. Averages and shares keep their denominator and are compared by
//! cross-multiplication, so no rounding moves a verdict; `since(M)` has slope 1, so the instant
//! at which it passes a threshold is exact (T3). What later events may still change, or what a
//! limit has made doubtful, is a range: a comparison that all of the range answers alike is
//! answered, any other is unknown (docs/language.md, section 5).

use std::cmp::Ordering;

use firsthand_model::{Decimal, Scalar, Text, Time};
use serde::{Deserialize, Serialize};

use crate::lang::ast::Comparison;

/// A value of the language at some instant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Value {
    /// Neither true nor false, neither this nor that.
    #[default]
    Unknown,
    /// A condition's answer.
    Bool(bool),
    /// A number, amount, share, duration (in seconds) or instant (in seconds since 1970).
    Number(Linear),
    /// Above every number.
    Unlimited,
    /// Somewhere from the first to the second, both included.
    Between(Box<[Bound; 2]>),
    /// A text.
    Text(Text),
    /// Several values: a list property, or the total and the parts of a score.
    List(Box<[Value]>),
}

/// A number that may run with time: `(num + slope · t) / den` millionths; `den` is positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Linear {
    num: i128,
    slope: i128,
    den: i128,
}

/// One end of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Bound {
    /// Below every number.
    Lowest,
    /// A number.
    At(Linear),
    /// Above every number.
    Highest,
}

impl Linear {
    /// Zero.
    pub const ZERO: Self = Self::raw(0);
    /// The instant of judging itself, as seconds since 1970.
    pub const NOW: Self = Self { num: 0, slope: 1, den: 1 };

    /// The number of this many millionths.
    pub const fn raw(num: i128) -> Self {
        Self { num, slope: 0, den: 1 }
    }

    /// A whole number.
    pub fn count(count: u64) -> Self {
        Self::raw(i128::from(count) * Decimal::SCALE)
    }

    /// An instant.
    pub fn time(at: Time) -> Self {
        Self::raw(i128::from(at.0))
    }

    /// `sum / count`, both exact; `None` where there is nothing to divide by.
    pub fn ratio(sum: i128, count: i128) -> Option<Self> {
        (count != 0).then(|| Self { num: sum, slope: 0, den: count }.reduced())
    }

    /// The numerator of a number that stands still, in millionths over its denominator.
    pub const fn still(self) -> i128 {
        self.num
    }

    /// Millionths and what they are divided by, if it stands still; the divisor is positive.
    pub const fn still_ratio(self) -> Option<(i128, i128)> {
        if self.slope == 0 { Some((self.num, self.den)) } else { None }
    }

    /// Whether it changes with time.
    pub const fn runs(self) -> bool {
        self.slope != 0
    }

    /// The numerator at an instant, over [`Self::den`]; `None` on overflow.
    fn at(self, t: Time) -> Option<i128> {
        if self.slope == 0 {
            return Some(self.num);
        }
        self.slope.checked_mul(i128::from(t.0))?.checked_add(self.num)
    }

    /// The value at an instant in whole millionths, rounded half away from zero.
    pub fn millionths(self, t: Time) -> Option<i128> {
        let num = self.at(t)?;
        if self.den == 1 {
            return Some(num);
        }
        let half = self.den / 2;
        Some(if num >= 0 {
            num.checked_add(half)? / self.den
        } else {
            num.checked_sub(half)? / self.den
        })
    }

    /// The same number read a while ago: what it was at `t - micros`, as a function of `t`.
    pub fn delayed(self, micros: i64) -> Option<Self> {
        let shift = self.slope.checked_mul(i128::from(micros))?;
        Some(Self { num: self.num.checked_sub(shift)?, ..self })
    }

    fn reduced(self) -> Self {
        let mut divisor = gcd(self.num.unsigned_abs(), self.den.unsigned_abs());
        if self.slope != 0 {
            divisor = gcd(divisor, self.slope.unsigned_abs());
        }
        let divisor = i128::try_from(divisor.max(1)).unwrap_or(1);
        let sign = if self.den < 0 { -1 } else { 1 };
        let divisor = divisor * sign;
        Self { num: self.num / divisor, slope: self.slope / divisor, den: self.den / divisor }
    }

    fn add(self, other: Self) -> Option<Self> {
        if self.den == other.den {
            return Some(Self {
                num: self.num.checked_add(other.num)?,
                slope: self.slope.checked_add(other.slope)?,
                den: self.den,
            });
        }
        Some(
            Self {
                num: cross(self.num, other.den, other.num, self.den)?,
                slope: cross(self.slope, other.den, other.slope, self.den)?,
                den: self.den.checked_mul(other.den)?,
            }
            .reduced(),
        )
    }

    fn negated(self) -> Self {
        Self { num: -self.num, slope: -self.slope, den: self.den }
    }

    /// The product; `None` on overflow or where both run with time, which the checks refuse.
    fn mul(self, other: Self) -> Option<Self> {
        let (run, still) = if self.slope == 0 { (other, self) } else { (self, other) };
        if still.slope != 0 {
            return None;
        }
        Some(
            Self {
                num: run.num.checked_mul(still.num)?,
                slope: run.slope.checked_mul(still.num)?,
                den: run.den.checked_mul(still.den)?.checked_mul(Decimal::SCALE)?,
            }
            .reduced(),
        )
    }

    /// The quotient; `None` on overflow, by zero, or where the divisor runs with time.
    fn div(self, other: Self) -> Option<Self> {
        if other.num == 0 || other.slope != 0 {
            return None;
        }
        let factor = other.den.checked_mul(Decimal::SCALE)?;
        Some(
            Self {
                num: self.num.checked_mul(factor)?,
                slope: self.slope.checked_mul(factor)?,
                den: self.den.checked_mul(other.num)?,
            }
            .reduced(),
        )
    }

    /// Compares at `t`, and lowers `flip` to the next instant at which the answer may differ.
    fn compare(self, other: Self, t: Time, flip: &mut Time) -> Option<Ordering> {
        if self.slope == 0 && other.slope == 0 && self.den == other.den {
            return Some(self.num.cmp(&other.num));
        }
        // The sign of (num + slope · t), the difference over a common positive denominator.
        let num = cross(self.num, other.den, -other.num, self.den)?;
        let slope = cross(self.slope, other.den, -other.slope, self.den)?;
        let now = slope.checked_mul(i128::from(t.0))?.checked_add(num)?;
        if slope != 0 {
            let root = num.checked_neg()?.checked_div_euclid(slope)?;
            // Between the root and the next whole microsecond both `>` and `>=` have turned.
            for at in [root, root.saturating_add(1), root.saturating_add(2)] {
                if let Ok(at) = i64::try_from(at)
                    && at > t.0
                {
                    *flip = (*flip).min(Time(at));
                    break;
                }
            }
        }
        Some(now.cmp(&0))
    }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// `a · b + c · d`, checked.
fn cross(a: i128, b: i128, c: i128, d: i128) -> Option<i128> {
    a.checked_mul(b)?.checked_add(c.checked_mul(d)?)
}

impl Bound {
    fn compare(self, other: Self, t: Time, flip: &mut Time) -> Option<Ordering> {
        let rank = |bound| match bound {
            Self::Lowest => 0,
            Self::At(_) => 1,
            Self::Highest => 2,
        };
        match (self, other) {
            (Self::At(a), Self::At(b)) => a.compare(b, t, flip),
            _ => Some(rank(self).cmp(&rank(other))),
        }
    }

    fn add(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::At(a), Self::At(b)) => a.add(b).map(Self::At),
            (Self::Lowest, Self::Highest) | (Self::Highest, Self::Lowest) => None,
            (Self::Lowest, _) | (_, Self::Lowest) => Some(Self::Lowest),
            (Self::Highest, _) | (_, Self::Highest) => Some(Self::Highest),
        }
    }

    fn negated(self) -> Self {
        match self {
            Self::Lowest => Self::Highest,
            Self::At(it) => Self::At(it.negated()),
            Self::Highest => Self::Lowest,
        }
    }

    fn mul(self, factor: Linear) -> Option<Self> {
        match self {
            Self::At(it) => it.mul(factor).map(Self::At),
            _ if factor.num == 0 => Some(Self::At(Linear::ZERO)),
            _ if factor.num < 0 => Some(self.negated()),
            _ => Some(self),
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl Value {
    /// A whole number.
    pub fn count(count: u64) -> Self {
        Self::Number(Linear::count(count))
    }

    /// An instant.
    pub fn time(at: Time) -> Self {
        Self::Number(Linear::time(at))
    }

    /// A decimal.
    pub fn decimal(value: Decimal) -> Self {
        Self::Number(Linear::raw(value.raw()))
    }

    /// A value from its bounds; the tightest form.
    pub fn between(lo: Bound, hi: Bound) -> Self {
        match (lo, hi) {
            (Bound::At(a), Bound::At(b)) if a == b => Self::Number(a),
            (Bound::Highest, Bound::Highest) => Self::Unlimited,
            (Bound::Lowest, Bound::Highest) => Self::Unknown,
            _ => Self::Between(Box::new([lo, hi])),
        }
    }

    /// A property or trait as it came; typed only where it is used.
    pub fn from_scalar(scalar: &Scalar) -> Self {
        match scalar {
            Scalar::Missing => Self::Unknown,
            Scalar::Bool(it) => Self::Bool(*it),
            Scalar::Number(it) => Self::decimal(*it),
            Scalar::Text(it) => Self::Text(it.clone()),
            Scalar::List(them) => Self::List(them.iter().map(Self::from_scalar).collect()),
        }
    }

    /// Whether it is true; unknown is not.
    pub const fn is_true(&self) -> bool {
        matches!(self, Self::Bool(true))
    }

    /// Whether nothing is known of it.
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// The exact number, if it is one.
    pub const fn number(&self) -> Option<Linear> {
        match self {
            Self::Number(it) => Some(*it),
            _ => None,
        }
    }

    /// Whether it changes with time, or an end of its range does.
    pub fn runs(&self) -> bool {
        let end_runs = |it: Bound| matches!(it, Bound::At(number) if number.runs());
        self.bounds().is_some_and(|(from, to)| end_runs(from) || end_runs(to))
    }

    /// The instant, if it is a number that stands still.
    pub fn as_time(&self) -> Option<Time> {
        let raw = self.number().filter(|it| !it.runs())?.millionths(Time(0))?;
        i64::try_from(raw).ok().map(|raw| Time(raw).clamp(Time::MIN, Time::MAX))
    }

    fn bounds(&self) -> Option<(Bound, Bound)> {
        match self {
            Self::Number(it) => Some((Bound::At(*it), Bound::At(*it))),
            Self::Unlimited => Some((Bound::Highest, Bound::Highest)),
            Self::Between(ends) => Some((ends[0], ends[1])),
            _ => None,
        }
    }

    /// The sum; unknown where either is, or on overflow.
    #[must_use]
    pub fn add(&self, other: &Self) -> Self {
        self.zip(other, |(a_lo, a_hi), (b_lo, b_hi)| Some((a_lo.add(b_lo)?, a_hi.add(b_hi)?)))
    }

    /// The difference; unknown where either is, or on overflow.
    #[must_use]
    pub fn sub(&self, other: &Self) -> Self {
        self.add(&other.negated())
    }

    /// The negative.
    #[must_use]
    pub fn negated(&self) -> Self {
        self.bounds().map_or(Self::Unknown, |(lo, hi)| Self::between(hi.negated(), lo.negated()))
    }

    /// The product; of two ranges it is unknown.
    #[must_use]
    pub fn mul(&self, other: &Self) -> Self {
        let (factor, value) = match (self.number(), other.number()) {
            (Some(factor), _) if !factor.runs() => (factor, other),
            (_, Some(factor)) if !factor.runs() => (factor, self),
            _ => return Self::Unknown,
        };
        let Some((lo, hi)) = value.bounds() else { return Self::Unknown };
        match (lo.mul(factor), hi.mul(factor)) {
            (Some(lo), Some(hi)) if factor.num < 0 => Self::between(hi, lo),
            (Some(lo), Some(hi)) => Self::between(lo, hi),
            _ => Self::Unknown,
        }
    }

    /// The quotient; by zero, by a range or by what runs with time it is unknown.
    #[must_use]
    pub fn div(&self, other: &Self) -> Self {
        if matches!((self, other), (Self::Number(_) | Self::Between(_), Self::Unlimited)) {
            return Self::Number(Linear::ZERO);
        }
        let Some(divisor) = other.number() else { return Self::Unknown };
        let one = Linear::raw(Decimal::SCALE);
        one.div(divisor).map_or(Self::Unknown, |inverse| self.mul(&Self::Number(inverse)))
    }

    /// Rounds half away from zero to a whole number; unknown for what runs with time.
    #[must_use]
    pub fn rounded(&self) -> Self {
        let round = |it: Linear| {
            let raw = it.millionths(Time(0)).filter(|_| !it.runs())?;
            // Rounding twice must not carry: 0.4999999 is below a half.
            let exact_half = it.den == 1;
            let whole = if exact_half {
                (raw + raw.signum() * Decimal::SCALE / 2) / Decimal::SCALE
            } else {
                let unit = it.den.checked_mul(Decimal::SCALE)?;
                (it.num + it.num.signum() * unit / 2) / unit
            };
            Some(Linear::raw(whole * Decimal::SCALE))
        };
        match self.number() {
            Some(it) => round(it).map_or(Self::Unknown, Self::Number),
            None if matches!(self, Self::Unlimited) => Self::Unlimited,
            None => Self::Unknown,
        }
    }

    /// The lesser (`Ordering::Less`) or greater of two numbers, end by end.
    #[must_use]
    pub fn extreme(&self, other: &Self, want: Ordering, t: Time, flip: &mut Time) -> Self {
        self.zip(other, |(a_lo, a_hi), (b_lo, b_hi)| {
            let mut pick =
                |a: Bound, b: Bound| Some(if a.compare(b, t, flip)? == want { a } else { b });
            Some((pick(a_lo, b_lo)?, pick(a_hi, b_hi)?))
        })
    }

    fn zip(
        &self,
        other: &Self,
        combine: impl FnOnce((Bound, Bound), (Bound, Bound)) -> Option<(Bound, Bound)>,
    ) -> Self {
        let (Some(a), Some(b)) = (self.bounds(), other.bounds()) else { return Self::Unknown };
        combine(a, b).map_or(Self::Unknown, |(lo, hi)| Self::between(lo, hi))
    }

    /// Compares two values at `t`, and lowers `flip` to the next instant at which time alone may
    /// change the answer.
    #[must_use]
    pub fn compare(&self, op: Comparison, other: &Self, t: Time, flip: &mut Time) -> Self {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => {
                let same = same_text(a, b);
                match op {
                    Comparison::Equal => same.into(),
                    Comparison::NotEqual => (!same).into(),
                    // Texts have no order in the language; the checks refuse this.
                    _ => Self::Unknown,
                }
            }
            (Self::Bool(a), Self::Bool(b)) => match op {
                Comparison::Equal => (a == b).into(),
                Comparison::NotEqual => (a != b).into(),
                _ => Self::Unknown,
            },
            _ => self.compare_numbers(op, other, t, flip).map_or(Self::Unknown, Self::Bool),
        }
    }

    fn compare_numbers(
        &self,
        op: Comparison,
        other: &Self,
        t: Time,
        flip: &mut Time,
    ) -> Option<bool> {
        let ((a_lo, a_hi), (b_lo, b_hi)) = (self.bounds()?, other.bounds()?);
        // How the least of `a` stands to the greatest of `b`, and the other way round; a range
        // answers only where both agree.
        let least = a_lo.compare(b_hi, t, flip)?;
        let most = a_hi.compare(b_lo, t, flip)?;
        let agree = |yes: bool, no: bool| if yes == no { None } else { Some(yes) };
        match op {
            Comparison::GreaterOrEqual => agree(least.is_ge(), most.is_lt()),
            Comparison::Greater => agree(least.is_gt(), most.is_le()),
            Comparison::LessOrEqual => agree(most.is_le(), least.is_gt()),
            Comparison::Less => agree(most.is_lt(), least.is_ge()),
            Comparison::Equal => {
                agree(least.is_eq() && most.is_eq(), least.is_gt() || most.is_lt())
            }
            Comparison::NotEqual => {
                agree(least.is_gt() || most.is_lt(), least.is_eq() && most.is_eq())
            }
        }
    }
}

/// Whether two texts are the same but for case.
pub fn same_text(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        return a.eq_ignore_ascii_case(b);
    }
    a.chars().flat_map(char::to_lowercase).eq(b.chars().flat_map(char::to_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Value {
        Value::decimal(text.parse().unwrap())
    }

    fn open(from: &str) -> Value {
        let Value::Number(it) = number(from) else { unreachable!() };
        Value::between(Bound::At(it), Bound::Highest)
    }

    fn compare(a: &Value, op: Comparison, b: &Value) -> Value {
        a.compare(op, b, Time(0), &mut Time::MAX.clone())
    }

    #[test]
    fn thirds_are_exact() {
        let third = number("1").div(&number("3"));
        let whole = third.add(&third).add(&third);
        assert_eq!(compare(&whole, Comparison::Equal, &number("1")), true.into());
        assert_eq!(compare(&third, Comparison::Greater, &number("0.333333")), true.into());
    }

    #[test]
    fn an_open_count_answers_only_what_no_later_event_can_change() {
        assert_eq!(compare(&open("3"), Comparison::GreaterOrEqual, &number("3")), true.into());
        assert_eq!(compare(&open("2"), Comparison::GreaterOrEqual, &number("3")), Value::Unknown);
        assert_eq!(compare(&open("3"), Comparison::Less, &number("3")), false.into());
        assert_eq!(compare(&open("2"), Comparison::Equal, &number("1")), false.into());
        let both = open("2").add(&number("3"));
        assert_eq!(compare(&both, Comparison::GreaterOrEqual, &number("5")), true.into());
    }

    #[test]
    fn unlimited_is_above_all() {
        let share = number("0.8").mul(&Value::Unlimited);
        assert_eq!(compare(&number("1e20"), Comparison::GreaterOrEqual, &share), false.into());
        assert_eq!(compare(&Value::Unlimited, Comparison::Equal, &share), true.into());
        assert_eq!(number("3").div(&number("0")), Value::Unknown);
    }

    #[test]
    fn a_running_number_names_the_instant_it_passes() {
        let since = Value::Number(Linear::NOW).sub(&Value::time(Time(10)));
        for (op, flips_at) in [(Comparison::GreaterOrEqual, 15), (Comparison::Greater, 15)] {
            let mut flip = Time::MAX;
            let five = Value::Number(Linear::raw(5));
            assert_eq!(since.compare(op, &five, Time(11), &mut flip), false.into());
            assert_eq!(flip, Time(flips_at));
            assert_eq!(since.compare(Comparison::Greater, &five, Time(16), &mut flip), true.into());
        }
    }

    #[test]
    fn rounding_never_carries_twice() {
        let almost_half = number("4999999").div(&number("10000000"));
        assert_eq!(almost_half.rounded(), number("0"));
        assert_eq!(number("2.5").rounded(), number("3"));
        assert_eq!(number("-2.5").rounded(), number("-3"));
    }
}
