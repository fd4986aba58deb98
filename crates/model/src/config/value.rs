//! Values of a fixed form: numbers, money, durations, dates.
//!
//! These are written as people write them (`10,000`, `$49`, `14 days`); the definition language
//! has its own, stricter literals.

use super::plan::Limit;
use crate::fact::Kind;
use crate::time::Weekday;
use crate::{Calendar, Date, Decimal, Scalar, Span, Time};

/// Something that is read from one scalar, whatever the rest of the file says.
pub(super) trait Plain: Sized {
    /// Reads a trimmed text; `None` if it is not one.
    fn read(text: &str) -> Option<Self>;
}

/// Finds a word in a table of words.
pub(super) fn pick<T: Copy>(text: &str, words: &[(&str, T)]) -> Option<T> {
    words.iter().find(|(word, _)| text.eq_ignore_ascii_case(word)).map(|(_, value)| *value)
}

impl Plain for bool {
    fn read(text: &str) -> Option<Self> {
        pick(text, &[("true", true), ("false", false)])
    }
}

impl Plain for Kind {
    fn read(text: &str) -> Option<Self> {
        pick(text, &[("account", Self::Account), ("person", Self::Person)])
    }
}

impl Plain for Weekday {
    fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| text.eq_ignore_ascii_case(it.name()))
    }
}

impl Plain for Decimal {
    /// Takes commas between thousands, and only there.
    fn read(text: &str) -> Option<Self> {
        if !text.contains(',') {
            return text.parse().ok();
        }
        let digits = text.strip_prefix('-').unwrap_or(text);
        let whole = digits.split('.').next().unwrap_or_default();
        let mut groups = whole.split(',');
        let first = groups.next().unwrap_or_default();
        let fits = (1..=3).contains(&first.len()) && groups.all(|it| it.len() == 3);
        if !fits || digits[whole.len()..].contains(',') {
            return None;
        }
        text.replace(',', "").parse().ok()
    }
}

/// A whole number from 1.
pub(super) struct Count(pub u32);

impl Plain for Count {
    fn read(text: &str) -> Option<Self> {
        let number = Decimal::read(text)?;
        let whole = u32::try_from(number.raw() / Decimal::SCALE).ok()?;
        (number.is_integer() && whole > 0).then_some(Self(whole))
    }
}

/// An amount of money as written, with its currency if that was written too.
pub(super) struct Money<'t> {
    pub amount: Decimal,
    pub currency: Option<&'t str>,
}

impl<'t> Money<'t> {
    /// Reads `49`, `49 USD`, `USD 49`, `$49`, `1,200 €`.
    pub fn read(text: &'t str) -> Option<Self> {
        let is_number = |it: char| it.is_ascii_digit() || matches!(it, '.' | ',' | '-');
        let start = text.find(is_number)?;
        let end = text.rfind(is_number)? + 1;
        let (before, behind) = (text[..start].trim(), text[end..].trim());
        let currency = match (before, behind) {
            ("", "") => None,
            (it, "") | ("", it) => Some(it),
            _ => return None,
        };
        let known = currency.is_none_or(|it| is_currency(it) || !currencies_of(it).is_empty());
        let amount = Decimal::read(&text[start..end]).filter(|it| *it >= Decimal::ZERO)?;
        known.then_some(Self { amount, currency })
    }

    /// Whether what was written can stand for this currency.
    pub fn is_of(&self, currency: &str) -> bool {
        self.currency.is_none_or(|it| it == currency || currencies_of(it).contains(&currency))
    }
}

/// Whether a text is three capital letters.
pub(super) fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|it| it.is_ascii_uppercase())
}

/// The currencies that are written with a sign.
fn currencies_of(sign: &str) -> &'static [&'static str] {
    match sign {
        "$" => &["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "BRL", "ARS", "CLP", "COP"],
        "€" => &["EUR"],
        "£" => &["GBP"],
        "¥" => &["JPY", "CNY"],
        "₹" => &["INR"],
        "₩" => &["KRW"],
        "₺" => &["TRY"],
        _ => &[],
    }
}

impl Plain for Limit {
    fn read(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("unlimited") {
            return Some(Self::Unlimited);
        }
        let amount = bytes(text).or_else(|| Decimal::read(text))?;
        (amount >= Decimal::ZERO).then_some(Self::AtMost(amount))
    }
}

/// An amount of bytes: `5 GB`. Prefixes are powers of ten, as in the language.
fn bytes(text: &str) -> Option<Decimal> {
    let unit_at = text.find(|it: char| it.is_ascii_alphabetic())?;
    let power = pick(&text[unit_at..], &[("B", 0), ("KB", 3), ("MB", 6), ("GB", 9), ("TB", 12)])?;
    let number = Decimal::read(text[..unit_at].trim())?;
    number.raw().checked_mul(10_i128.pow(power)).map(Decimal::from_raw)
}

impl Plain for Span {
    /// Reads `14d`, `14 days`, `2d 6h`, and `0`.
    fn read(text: &str) -> Option<Self> {
        if text == "0" {
            return Some(Self::ZERO);
        }
        let mut total: i64 = 0;
        let mut rest = text;
        while !rest.is_empty() {
            let digits = rest.len() - rest.trim_start_matches(|it: char| it.is_ascii_digit()).len();
            let count: i64 = rest[..digits].parse().ok()?;
            let behind = rest[digits..].trim_start();
            let letters =
                behind.len() - behind.trim_start_matches(|it: char| it.is_ascii_alphabetic()).len();
            let unit = unit(&behind[..letters])?;
            total = total.checked_add(count.checked_mul(unit.0)?)?;
            rest = behind[letters..].trim_start();
        }
        (!text.is_empty()).then_some(Self(total))
    }
}

fn unit(word: &str) -> Option<Span> {
    Some(match word {
        "s" | "sec" | "second" | "seconds" => Span::SECOND,
        "min" | "minute" | "minutes" => Span::MINUTE,
        "h" | "hour" | "hours" => Span::HOUR,
        "d" | "day" | "days" => Span::DAY,
        "w" | "week" | "weeks" => Span::WEEK,
        _ => return None,
    })
}

impl Plain for Date {
    fn read(text: &str) -> Option<Self> {
        // Only the plain form: the parser of dates would also take `2026-03-08T09:00`.
        (text.len() == "2026-03-08".len()).then(|| text.parse().ok()).flatten()
    }
}

/// An instant as written.
pub(super) enum Moment {
    /// With an offset from UTC.
    Instant(Time),
    /// A date, or a date and a time, on the clocks of the project's zone.
    Local(jiff::civil::DateTime),
}

impl Plain for Moment {
    fn read(text: &str) -> Option<Self> {
        if let Ok(time) = text.parse() {
            return Some(Self::Instant(time));
        }
        let begins_with_year = text.len() >= 10 && text.as_bytes()[4] == b'-';
        begins_with_year.then(|| text.parse().ok().map(Self::Local)).flatten()
    }
}

impl Moment {
    /// The instant that is meant. A time that the clocks skip moves on by the gap; of one that comes
    /// twice the first is meant.
    pub fn resolve(&self, calendar: &Calendar) -> Option<Time> {
        match self {
            Self::Instant(time) => Some(*time),
            Self::Local(local) if local.time() == jiff::civil::Time::midnight() => {
                let date = local.date();
                let date = Date::from_civil(date.year(), date.month(), date.day())?;
                Some(calendar.start_of(date))
            }
            Self::Local(local) => {
                let zone = jiff::tz::TimeZone::get(calendar.zone_name()).ok()?;
                let zoned = local.to_zoned(zone).ok()?;
                Some(Time(zoned.timestamp().as_microsecond()))
            }
        }
    }
}

/// An instant, or never.
pub(super) enum MomentOrNever {
    Moment(Moment),
    Never,
}

impl Plain for MomentOrNever {
    fn read(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("never") {
            return Some(Self::Never);
        }
        Moment::read(text).map(Self::Moment)
    }
}

/// Takes a text that is not in quotes for what it looks like: a number, true or false, or a text.
///
/// Ids with leading zeros stay texts: `007` is not seven.
pub(super) fn plain_scalar(text: &str) -> Scalar {
    if let Some(truth) = bool::read(text) {
        return Scalar::Bool(truth);
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let like_number = digits.starts_with(|it: char| it.is_ascii_digit())
        && digits.bytes().all(|it| it.is_ascii_digit() || matches!(it, b'.' | b','))
        && !(digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0."));
    match Decimal::read(text) {
        Some(number) if like_number => Scalar::Number(number),
        _ => Scalar::Text(text.into()),
    }
}

/// Whether a text is a literal of the language that is no plain number: `80%`, `3 MB`, `20 USD`,
/// `14d`, `2026-03-01`.
pub(super) fn is_literal(text: &str) -> bool {
    let percent = || text.strip_suffix('%').is_some_and(|it| Decimal::read(it.trim()).is_some());
    let money = || {
        let behind_number = text.rsplit_once(' ').is_some_and(|(_, unit)| is_currency(unit));
        behind_number && Money::read(text).is_some()
    };
    let duration = || text != "0" && Span::read(text).is_some();
    percent() || bytes(text).is_some() || money() || duration() || Moment::read(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_commas_between_thousands_only() {
        for (text, shown) in [("10,000", "10000"), ("1,234,567.5", "1234567.5"), ("-2", "-2")] {
            assert_eq!(Decimal::read(text).unwrap().to_string(), shown);
        }
        for text in ["10,00", ",000", "1,2345", "1000,000", "1.5,000", ""] {
            assert_eq!(Decimal::read(text), None, "{text}");
        }
    }

    #[test]
    fn durations_take_the_units_of_the_language_and_their_long_names() {
        for (text, span) in [
            ("0", Span::ZERO),
            ("0s", Span::ZERO),
            ("90min", Span::MINUTE.times(90)),
            ("14 days", Span::DAY.times(14)),
            ("2w", Span::WEEK.times(2)),
            ("2d 6h", Span(Span::DAY.0 * 2 + Span::HOUR.0 * 6)),
        ] {
            assert_eq!(Span::read(text), Some(span), "{text}");
        }
        for text in ["", "14", "3mo", "1y", "d", "-2d", "99999999999999w", "2d6"] {
            assert_eq!(Span::read(text), None, "{text}");
        }
    }

    #[test]
    fn money_is_an_amount_with_or_without_its_currency() {
        let read = |text| Money::read(text).map(|it| (it.amount.to_string(), it.currency));
        assert_eq!(read("49"), Some(("49".to_owned(), None)));
        assert_eq!(read("1,200.50 USD"), Some(("1200.5".to_owned(), Some("USD"))));
        assert_eq!(read("USD 5"), Some(("5".to_owned(), Some("USD"))));
        assert_eq!(read("$49"), Some(("49".to_owned(), Some("$"))));
        assert!(Money::read("$49").unwrap().is_of("CAD"));
        assert!(!Money::read("49 EUR").unwrap().is_of("USD"));
        for text in ["", "free", "-5", "$49 USD", "5 usd", "1 2"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn limits_are_numbers_bytes_or_unlimited() {
        assert_eq!(Limit::read("10,000"), Some(Limit::AtMost(Decimal::from(10_000_u64))));
        assert_eq!(Limit::read("5 GB"), Some(Limit::AtMost(Decimal::from(5_000_000_000_u64))));
        assert_eq!(Limit::read("Unlimited"), Some(Limit::Unlimited));
        for text in ["-1", "lots", "5 parsec", "9".repeat(40).as_str()] {
            assert_eq!(Limit::read(text), None, "{text}");
        }
    }

    #[test]
    fn an_instant_without_offset_is_on_the_clocks_of_the_project() {
        let berlin = Calendar::new("Europe/Berlin", Weekday::Monday).unwrap();
        let at = |text| Moment::read(text)?.resolve(&berlin).map(|it| it.to_string());
        assert_eq!(at("2026-03-08").as_deref(), Some("2026-03-07T23:00:00Z"));
        assert_eq!(at("2026-07-08T09:30").as_deref(), Some("2026-07-08T07:30:00Z"));
        assert_eq!(at("2026-07-08 09:30").as_deref(), Some("2026-07-08T07:30:00Z"));
        assert_eq!(at("2026-03-08T09:00:00Z").as_deref(), Some("2026-03-08T09:00:00Z"));
        assert_eq!(at("tomorrow"), None);
        assert_eq!(at("20260308"), None);
    }

    #[test]
    fn ids_with_leading_zeros_stay_texts() {
        assert_eq!(plain_scalar("007"), Scalar::Text("007".into()));
        assert_eq!(plain_scalar("0.5"), Scalar::Number("0.5".parse().unwrap()));
        assert_eq!(plain_scalar("1e3"), Scalar::Text("1e3".into()));
        assert_eq!(plain_scalar("true"), Scalar::Bool(true));
        for text in ["80%", "3 MB", "20 USD", "14d", "2026-03-01"] {
            assert!(is_literal(text), "{text}");
        }
        for text in ["pro", "50", "acme.com", "a b"] {
            assert!(!is_literal(text), "{text}");
        }
    }
}
