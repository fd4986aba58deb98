//! Tables for people: aligned, no lines but one, numbers to the right, as wide as the terminal.

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle, TableStyle,
    Width,
};

use super::Table;

/// A column is made no narrower than its longest word, up to so many letters.
const WORD_WIDTH_MAX: usize = 24;
/// Spaces behind each column.
const GAP: u16 = 2;

/// Spaces part the columns; the heading has a line under it and nothing else has.
const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none())
    .header_separator(LineStyle::none().fill('─'))
    .content_lines(ContentLineStyle::none());

/// Colours, or the same words without them.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    /// Whether there is colour at all.
    pub colour: bool,
}

impl Palette {
    /// For headings and names.
    pub fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    /// For what is well.
    pub fn good(self, text: &str) -> String {
        self.paint("32", text)
    }

    /// For what is wrong.
    pub fn bad(self, text: &str) -> String {
        self.paint("1;31", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// Draws a table. Cells that do not fit the width are wrapped, never cut; without a width each row
/// is one line, so that `grep` finds whole rows.
pub(super) fn render(table: &Table, width: Option<u16>, palette: Palette) -> String {
    if table.is_empty() {
        return "(none)\n".to_owned();
    }
    let mut drawn = comfy_table::Table::new();
    drawn.load_style(STYLE);
    if let Some(width) = width {
        drawn.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    drawn.set_header(table.columns.iter().map(|it| it.title.as_ref()));
    for row in &table.rows {
        drawn.add_row(row.iter().map(super::Cell::shown));
    }
    for (index, column) in drawn.column_iter_mut().enumerate() {
        column.set_padding((0, GAP));
        let mut cells = table.rows.iter().map(|row| &row[index]).filter(|it| it.is_content());
        if cells.clone().count() > 0 && cells.all(super::Cell::is_numeric) {
            column.set_cell_alignment(CellAlignment::Right);
            column.set_constraint(ColumnConstraint::ContentWidth);
        } else {
            let width = Width::Fixed(longest_word(table, index) + GAP);
            column.set_constraint(ColumnConstraint::LowerBoundary(width));
        }
    }
    let mut text = String::new();
    for (index, line) in drawn.to_string().lines().enumerate() {
        let line = line.trim_end();
        text.push_str(&if index == 0 { palette.bold(line) } else { line.to_owned() });
        text.push('\n');
    }
    text
}

fn longest_word(table: &Table, index: usize) -> u16 {
    let shown = table.rows.iter().map(|row| row[index].shown());
    let texts = shown.chain([table.columns[index].title.to_string()]);
    let longest = |text: String| text.split(' ').map(|it| it.chars().count()).max();
    let width = texts.filter_map(longest).max().unwrap_or(0).min(WORD_WIDTH_MAX);
    u16::try_from(width).unwrap_or(u16::MAX)
}

/// A number with its word: `1 error`, `2,000 errors`.
pub fn counted(count: impl TryInto<u64>, word: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    let ending = if count == 1 { "" } else { "s" };
    format!("{} {word}{ending}", grouped(&count.to_string()))
}

/// Parts the digits before the point by threes: `-1234567.5` is `-1,234,567.5`.
pub fn grouped(number: &str) -> String {
    let (sign, rest) = number.strip_prefix('-').map_or(("", number), |it| ("-", it));
    let (whole, fraction) = rest.find('.').map_or((rest, ""), |at| rest.split_at(at));
    let mut text = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + fraction
}

#[cfg(test)]
mod tests {
    use super::super::Cell;
    use super::*;

    fn sample() -> Table {
        let mut table = Table::new(&[("account", "account"), ("hits", "hits"), ("why", "why")]);
        table.push([
            Cell::from("acme-bikes"),
            Cell::Count(1_635),
            Cell::from("8,060 of 10,000 contacts, 4 people exported reports in the last 7 days"),
        ]);
        table.push([Cell::from("blue-door-yoga"), Cell::Count(7), Cell::Empty]);
        table
    }

    fn drawn(width: Option<u16>) -> String {
        render(&sample(), width, Palette { colour: false })
    }

    #[test]
    fn numbers_stand_right_and_words_left() {
        insta::assert_snapshot!(drawn(None), @r"
        account          hits  why
        ───────────────────────────────────────────────────────────────────────────────────────────────
        acme-bikes      1,635  8,060 of 10,000 contacts, 4 people exported reports in the last 7 days
        blue-door-yoga      7
        ");
    }

    #[test]
    fn a_narrow_terminal_wraps_words_and_keeps_numbers_whole() {
        let text = drawn(Some(50));
        assert!(text.lines().all(|line| line.chars().count() <= 50), "{text}");
        insta::assert_snapshot!(text, @r"
        account          hits  why
        ──────────────────────────────────────────────────
        acme-bikes      1,635  8,060 of 10,000 contacts,
                               4 people exported reports
                               in the last 7 days
        blue-door-yoga      7
        ");
    }

    #[test]
    fn digits_are_parted_by_threes() {
        for (plain, shown) in
            [("0", "0"), ("999", "999"), ("1000", "1,000"), ("-1234567.25", "-1,234,567.25")]
        {
            assert_eq!(grouped(plain), shown);
        }
    }
}
