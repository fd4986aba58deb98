//! The scale on which a number is moved.

use firsthand_model::Decimal;
use firsthand_rules::change::Number;

/// Most marks of a scale.
pub const MARKS_MAX: usize = 17;

/// The marks of a scale around a number, ascending, each a number of the same kind; none around
/// zero and below.
pub fn marks(anchor: &Number) -> Vec<Number> {
    let figure = anchor.figure();
    if figure <= Decimal::ZERO {
        return Vec::new();
    }
    let percent = matches!(anchor, Number::Percent(_));
    let (step, first, last) = if percent && (20..=100).contains(&whole(figure)) {
        (5 * Decimal::SCALE, 20 * Decimal::SCALE, 100 * Decimal::SCALE)
    } else {
        let most = figure.raw().saturating_mul(2);
        let most = if anchor.is_whole() { most.max(10 * Decimal::SCALE) } else { most };
        let step = nice(most / 16, anchor.is_whole());
        (step, step, most)
    };
    let mut marks = Vec::new();
    let mut at = first;
    while at <= last && marks.len() < MARKS_MAX {
        marks.extend(anchor.with(Decimal::from_raw(at)));
        at += step;
    }
    marks
}

/// By how much a number is moved between two marks.
pub fn step(marks: &[Number]) -> Decimal {
    let [first, second, ..] = marks else { return Decimal::ONE };
    let between = second.figure().raw() - first.figure().raw();
    let whole = first.is_whole() || matches!(first, Number::Percent(_));
    let fine = between / 10;
    match whole {
        true if between <= 10 * Decimal::SCALE => Decimal::ONE,
        true => Decimal::from_raw(nice(fine, true)),
        false => Decimal::from_raw(fine.max(1)),
    }
}

fn whole(figure: Decimal) -> i128 {
    figure.raw() / Decimal::SCALE
}

/// The next 1, 2 or 5 with zeros that is not below, in millionths.
fn nice(least: i128, whole: bool) -> i128 {
    let floor = if whole { Decimal::SCALE } else { 1 };
    let mut ten = 1_i128;
    loop {
        for of in [1, 2, 5] {
            let it = of * ten;
            if it >= least && it >= floor {
                return it;
            }
        }
        ten *= 10;
    }
}

#[cfg(test)]
mod tests {
    use firsthand_rules::change::Number;

    use super::*;

    fn shown(number: &Number) -> String {
        let marks = marks(number);
        let all: Vec<String> = marks.iter().map(ToString::to_string).collect();
        format!("{} by {}", all.join(" "), step(&marks))
    }

    fn plain(text: &str) -> Number {
        Number::Plain(text.parse().unwrap())
    }

    #[test]
    fn scales_have_round_marks_around_the_number() {
        assert_eq!(shown(&plain("3")), "1 2 3 4 5 6 7 8 9 10 by 1");
        assert_eq!(
            shown(&plain("8000")),
            "1000 2000 3000 4000 5000 6000 7000 8000 9000 10000 11000 12000 13000 14000 15000 16000 by 100"
        );
        let percent = shown(&Number::Percent("80".parse().unwrap()));
        assert!(percent.starts_with("20% 25%") && percent.ends_with("100% by 1"), "{percent}");
        assert_eq!(shown(&plain("0.5")), "0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1 by 0.01");
    }

    #[test]
    fn there_is_no_scale_around_nothing() {
        assert!(marks(&plain("0")).is_empty());
        assert!(marks(&plain("-3")).is_empty());
    }

    #[test]
    fn no_scale_has_more_marks_than_can_be_drawn() {
        for figure in ["1", "7", "13", "99", "101", "12345", "999999999"] {
            let count = marks(&plain(figure)).len();
            assert!((5..=MARKS_MAX).contains(&count), "{figure}: {count}");
        }
    }
}
