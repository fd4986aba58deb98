//! Numbers as people read them.

use crate::statistics::Rate;

/// `1,635`.
pub(super) fn count(value: u64) -> String {
    grouped(&value.to_string())
}

/// `6.42 %`, `30.5 %`, `0.031 %`, `100 %`: three figures.
pub(super) fn percent(share: f64) -> String {
    format!("{} %", three_figures(100.0 * share))
}

/// `2.84`, `106.5`, `36,780`, `3`: two places at most, and none that say nothing.
pub(super) fn decimal(value: f64) -> String {
    let places = if value.abs() < 100.0 { 2 } else { 1 };
    let text = format!("{value:.places$}");
    grouped(text.trim_end_matches('0').trim_end_matches('.'))
}

/// `2.84`, `1.00`.
pub(super) fn times(value: f64) -> String {
    grouped(&format!("{value:.2}"))
}

/// `12,480.50`.
pub(super) fn money(value: f64) -> String {
    grouped(&format!("{value:.2}"))
}

/// `6.42 % (5.33 % to 7.71 %), 105 of 1,635`.
pub(super) fn rate_of(it: Rate) -> String {
    let of = format!("{} of {}", count(it.count), count(it.of));
    match (it.rate, it.low, it.high) {
        (Some(rate), Some(low), Some(high)) => {
            format!("{}, {of}", with_interval(&percent(rate), &percent(low), &percent(high)))
        }
        _ => of,
    }
}

/// `2.84 (2.36 to 3.41)`.
pub(super) fn with_interval(value: &str, low: &str, high: &str) -> String {
    format!("{value} ({low} to {high})")
}

/// `+10.1`, `-2.0`: a share as points of a hundred, with its sign.
pub(super) fn signed_points(share: f64) -> String {
    format!("{:+.1}", 100.0 * share)
}

fn three_figures(value: f64) -> String {
    let magnitude = value.abs();
    let places = if magnitude >= 100.0 || magnitude == 0.0 {
        0
    } else if magnitude >= 10.0 {
        1
    } else if magnitude >= 0.1 {
        2
    } else {
        3
    };
    format!("{value:.places$}")
}

/// Sets commas between the thousands of a number that was written without.
fn grouped(number: &str) -> String {
    let end = number.find('.').unwrap_or(number.len());
    let start = usize::from(number.starts_with('-'));
    let mut text = String::with_capacity(number.len() * 4 / 3);
    for (index, character) in number.char_indices() {
        if index > start && index < end && (end - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(character);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_rounded_for_reading() {
        assert_eq!([0, 999, 1_635, 1_234_567].map(count), ["0", "999", "1,635", "1,234,567"]);
        assert_eq!(
            [0.064_220_18, 0.305_232_5, 0.000_314, 1.0, 0.0].map(percent),
            ["6.42 %", "30.5 %", "0.031 %", "100 %", "0 %"]
        );
        assert_eq!(
            [2.842_69, 3.0, 106.512, 36_780.0, 0.0].map(decimal),
            ["2.84", "3", "106.5", "36,780", "0"]
        );
        assert_eq!([1.0, 1_234.567].map(times), ["1.00", "1,234.57"]);
        assert_eq!([12_480.5, -3.0, -123_456.0].map(money), ["12,480.50", "-3.00", "-123,456.00"]);
    }

    #[test]
    fn a_rate_shows_its_interval_and_its_denominator() {
        assert_eq!(rate_of(Rate::new(15, 148)), "10.1 % (6.24 % to 16.0 %), 15 of 148");
        assert_eq!(rate_of(Rate::new(0, 0)), "0 of 0");
    }
}
