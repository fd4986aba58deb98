//! What charts are drawn of: places in percent, heights in pixels.

use crate::noun::{CurvePoint, Difference};

/// The height of a plot, in pixels.
pub(super) const HEIGHT: f64 = 232.0;
/// Steps between the lines of a scale.
const STEPS: [f64; 12] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0];
/// Most lines of a scale above zero.
const LINES_MAX: f64 = 4.0;
/// Labels stand so far apart at least, in pixels.
const LABEL_GAP: f64 = 15.0;

/// A share of the width, as an attribute: `24.1%`.
pub(super) fn x(share: f64) -> String {
    let text = format!("{:.2}", share.clamp(0.0, 1.0) * 100.0);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A height, as an attribute.
pub(super) fn y(pixels: f64) -> String {
    let text = format!("{pixels:.1}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A scale from zero: its top, and the lines.
pub(super) struct Scale {
    pub top: f64,
    pub lines: Vec<f64>,
}

impl Scale {
    /// The smallest round scale on which a share still fits.
    pub fn to(largest: f64) -> Self {
        let fits = |step: &&f64| largest / **step <= LINES_MAX + 1e-9;
        let step = *STEPS.iter().find(fits).unwrap_or(&STEPS[STEPS.len() - 1]);
        let count = (largest / step - 1e-9).ceil().max(1.0);
        let mut lines = vec![0.0];
        while (lines.len() as f64) <= count {
            lines.push(step * lines.len() as f64);
        }
        Self { top: step * count, lines }
    }

    /// How far down a share stands.
    pub fn y(&self, share: f64) -> f64 {
        HEIGHT * (1.0 - share / self.top)
    }
}

/// The path of a curve over a width of 1000.
pub(super) fn path(points: &[CurvePoint], scale: &Scale) -> String {
    let last = points.last().map_or(1.0, |it| it.days).max(f64::MIN_POSITIVE);
    let place =
        |it: &CurvePoint| format!("{} {}", y(1_000.0 * it.days / last), y(scale.y(it.share)));
    let places: Vec<String> = points.iter().map(place).collect();
    format!("M{}", places.join(" "))
}

/// Heights of labels that stand above the ends of lines, moved apart where they would meet.
pub(super) fn labels(ends: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..ends.len()).collect();
    // The lowest keeps its place; those above give way upwards.
    order.sort_by(|a, b| ends[*b].total_cmp(&ends[*a]));
    let mut placed = vec![0.0; ends.len()];
    let mut above = HEIGHT + LABEL_GAP;
    for index in order {
        let wanted = (ends[index] - 7.0).min(HEIGHT - 4.0);
        above = wanted.min(above - LABEL_GAP);
        placed[index] = above;
    }
    placed
}

/// A difference as a dot with its interval, on one scale with others.
pub(super) struct Whisker {
    pub zero: String,
    pub low: String,
    pub high: String,
    pub value: String,
}

/// Draws differences on one scale, which holds zero.
pub(super) fn whiskers(of: &[Option<&Difference>]) -> Vec<Option<Whisker>> {
    let known = || of.iter().flatten();
    let low = known().map(|it| it.low).fold(0.0, f64::min);
    let high = known().map(|it| it.high).fold(0.0, f64::max);
    let room = ((high - low) * 0.06).max(0.005);
    let (low, high) = (low - room, high + room);
    let place = |value: f64| x((value - low) / (high - low));
    let whisker = |it: &&Difference| Whisker {
        zero: place(0.0),
        low: place(it.low),
        high: place(it.high),
        value: place(it.value),
    };
    of.iter().map(|it| it.as_ref().map(whisker)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noun::Reading;

    #[test]
    fn scales_are_round_and_hold_what_is_drawn() {
        for (largest, top, lines) in
            [(0.241, 0.3, 4), (0.048, 0.06, 4), (0.0, 0.001, 2), (1.0, 1.0, 5), (0.2, 0.2, 5)]
        {
            let scale = Scale::to(largest);
            assert!((scale.top - top).abs() < 1e-9, "{largest}: {}", scale.top);
            assert_eq!(scale.lines.len(), lines, "{largest}: {:?}", scale.lines);
            assert!(scale.y(0.0) - HEIGHT < 1e-9 && scale.y(scale.top).abs() < 1e-9);
        }
    }

    #[test]
    fn labels_never_meet() {
        let placed = labels(&[230.0, 228.0, 40.0]);
        assert!((placed[2] - 33.0).abs() < 1e-9);
        assert!((placed[0] - placed[1]).abs() >= LABEL_GAP - 1e-9, "{placed:?}");
        assert!(placed.iter().all(|it| *it <= HEIGHT));
    }

    #[test]
    fn a_scale_of_differences_holds_zero() {
        let of = |value: f64| Difference {
            value,
            low: value - 0.05,
            high: value + 0.05,
            reading: Reading::Unclear,
        };
        let (one, other) = (of(0.2), of(0.3));
        let drawn = whiskers(&[Some(&one), None, Some(&other)]);
        assert!(drawn[1].is_none());
        let zero: f64 = drawn[0].as_ref().unwrap().zero.trim_end_matches('%').parse().unwrap();
        assert!(zero > 0.0 && zero < 10.0, "{zero}");
    }

    #[test]
    fn attributes_are_short() {
        assert_eq!([x(0.24100), x(0.5), x(2.0), x(0.0)], ["24.1%", "50%", "100%", "0%"]);
        assert_eq!(y(12.0), "12");
    }
}
