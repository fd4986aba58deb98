//! Bars of text, for a terminal or a plain file.

use std::fmt::Write;

/// One bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// What stands before it.
    pub label: String,
    /// Its length.
    pub value: u64,
    /// What stands behind it.
    pub note: String,
}

/// How bars are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Cells of the longest bar.
    pub width_max: usize,
    /// Only ASCII, for terminals and files that know no more.
    pub ascii: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { width_max: 32, ascii: false }
    }
}

/// Eighths of a cell, one to seven.
const EIGHTHS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// Draws one line a bar, all to the scale of the longest. A value above zero always shows.
pub fn bars(bars: &[Bar], style: Style) -> Vec<String> {
    let longest = bars.iter().map(|it| it.value).max().unwrap_or(0).max(1);
    let label_width = bars.iter().map(|it| it.label.chars().count()).max().unwrap_or(0);
    bars.iter()
        .map(|bar| {
            let mut line = format!("{:label_width$}  ", bar.label);
            let drawn = draw(bar.value, longest, style);
            let _ = write!(line, "{drawn:width$}  {}", bar.note, width = style.width_max);
            line.truncate(line.trim_end().len());
            line
        })
        .collect()
}

fn draw(value: u64, longest: u64, style: Style) -> String {
    if value == 0 {
        return String::new();
    }
    let steps_a_cell = if style.ascii { 1 } else { 8 };
    let steps_max = u128::from(steps_a_cell * style.width_max as u64);
    // Rounded to the nearest step, in whole numbers.
    let (value, longest) = (u128::from(value), u128::from(longest));
    let steps = ((2 * value * steps_max + longest) / (2 * longest)).max(1);
    let steps = usize::try_from(steps).expect("no bar is longer than the longest");
    if style.ascii {
        return "#".repeat(steps);
    }
    let mut drawn = "█".repeat(steps / 8);
    drawn.extend((steps % 8).checked_sub(1).map(|eighths| EIGHTHS[eighths]));
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(values: &[u64], style: Style) -> String {
        let all: Vec<Bar> = values
            .iter()
            .enumerate()
            .map(|(index, value)| Bar {
                label: format!("week {}", index + 1),
                value: *value,
                note: value.to_string(),
            })
            .collect();
        bars(&all, style).join("\n")
    }

    #[test]
    fn bars_share_one_scale_and_the_least_of_them_shows() {
        let style = Style { width_max: 8, ascii: false };
        insta::assert_snapshot!(drawn(&[800, 450, 100, 1, 0], style), @r"
        week 1  ████████  800
        week 2  ████▌     450
        week 3  █         100
        week 4  ▏         1
        week 5            0
        ");
    }

    #[test]
    fn plain_terminals_get_plain_bars() {
        let style = Style { width_max: 8, ascii: true };
        insta::assert_snapshot!(drawn(&[800, 450, 100, 1, 0], style), @r"
        week 1  ########  800
        week 2  #####     450
        week 3  #         100
        week 4  #         1
        week 5            0
        ");
        assert!(drawn(&[3, 9], style).is_ascii());
    }

    #[test]
    fn no_bars_and_only_empty_bars_draw_nothing() {
        assert!(bars(&[], Style::default()).is_empty());
        assert_eq!(drawn(&[0], Style { width_max: 4, ascii: false }), "week 1        0");
        let full = drawn(&[u64::MAX], Style { width_max: 4, ascii: true });
        assert!(full.contains("####"), "{full}");
    }
}
