//! Charts of a preview, as positions: x in percent, y in pixels.

/// Something along the y axis.
pub struct Tick {
    pub y: String,
    pub label: String,
}

/// A bar.
pub struct Bar {
    pub x: String,
    pub y: String,
    pub width: String,
    pub height: String,
    pub class: &'static str,
    pub title: String,
}

/// A label along the x axis.
pub struct Label {
    pub x: String,
    pub text: String,
}

/// A number with at most two places, as SVG takes it.
pub fn place(it: f64) -> String {
    let text = format!("{it:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A scale from 0 to a round number that is not below `most`, with three steps or so.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    pub top: f64,
    pub step: f64,
}

impl Scale {
    /// Round steps of 1, 2 or 5 with zeros; whole ones where `whole`.
    pub fn to(most: f64, whole: bool) -> Self {
        let least = if whole { 1.0 } else { f64::MIN_POSITIVE };
        let aim = (most / 3.0).max(least);
        let ten = 10_f64.powf(aim.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|it| it * ten).find(|it| *it >= aim);
        let step = step.unwrap_or(aim).max(least);
        Self { top: step * (most / step).ceil().max(1.0), step }
    }

    /// The values at which lines are drawn, from 0.
    pub fn ticks(self) -> impl Iterator<Item = f64> {
        (0..).map(move |it| f64::from(it) * self.step).take_while(move |it| *it <= self.top * 1.001)
    }

    /// Where a value lies between two heights in pixels, the lower one (`bottom`) being 0.
    pub fn y(self, value: f64, bottom: f64, top: f64) -> f64 {
        bottom - (bottom - top) * (value / self.top).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_round_and_reach_the_most() {
        for (most, whole, top, step) in [
            (26.0, true, 30.0, 10.0),
            (0.42, false, 0.6, 0.2),
            (0.0, true, 1.0, 1.0),
            (2.0, true, 2.0, 1.0),
        ] {
            let scale = Scale::to(most, whole);
            assert!(
                (scale.top - top).abs() < 1e-9 && (scale.step - step).abs() < 1e-9,
                "{most}: {scale:?}"
            );
        }
        assert_eq!(Scale::to(26.0, true).ticks().count(), 4);
        assert_eq!(place(Scale::to(26.0, true).y(15.0, 120.0, 8.0)), "64");
    }
}
