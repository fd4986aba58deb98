//! Tables for people: aligned, no lines but one, numbers to the right, as wide as the terminal.

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle, TableStyle,
    Width,
};

use super::{Cell, Table};

/// A column is made no narrower than its longest word, up to so many letters.
const WORD_WIDTH_MAX: usize = 24;
/// A space at which a cell is not broken into lines.
pub const UNBROKEN: &str = "\u{a0}";
/// Columns of the narrowest terminal in which every cell may keep its unbroken spaces.
const WIDTH_USUAL: u16 = 80;
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
        drawn.add_row(row.iter().map(|it| shown(it, width)));
    }
    for (index, column) in drawn.column_iter_mut().enumerate() {
        column.set_padding((0, GAP));
        let mut cells = table.rows.iter().map(|row| &row[index]).filter(|it| it.is_content());
        if cells.clone().count() > 0 && cells.all(Cell::is_numeric) {
            column.set_cell_alignment(CellAlignment::Right);
            column.set_constraint(ColumnConstraint::ContentWidth);
        } else {
            let width = Width::Fixed(longest_word(table, index, width) + GAP);
            column.set_constraint(ColumnConstraint::LowerBoundary(width));
        }
    }
    let drawn = drawn.to_string();
    if width.is_some_and(|it| drawn.lines().any(|line| line.trim_end().chars().count() > it.into()))
    {
        return records(table, width, palette);
    }
    let mut text = String::new();
    for (index, line) in drawn.lines().enumerate() {
        let line = line.trim_end().replace(UNBROKEN, " ");
        let line = line.as_str();
        text.push_str(&if index == 0 { palette.bold(line) } else { line.to_owned() });
        text.push('\n');
    }
    text
}

/// A table that is too wide for the terminal, turned: a line for each value, a block for each row.
fn records(table: &Table, width: Option<u16>, palette: Palette) -> String {
    let titles = table.columns.iter().map(|it| it.title.chars().count());
    let margin = titles.max().unwrap_or(0) + usize::from(GAP);
    let mut text = String::new();
    for (number, row) in table.rows.iter().enumerate() {
        if number > 0 {
            text.push('\n');
        }
        for (column, cell) in table.columns.iter().zip(row).filter(|(_, it)| it.is_content()) {
            let value = cell.shown().replace(UNBROKEN, " ");
            let gap = " ".repeat(margin - column.title.chars().count());
            let title = palette.bold(&column.title) + &gap;
            text.push_str(wrapped(&title, &value, margin, width.map(usize::from)).trim_end());
            text.push('\n');
        }
    }
    text
}

/// A cell's words; a time stays on one line where the terminal is no narrower than most.
fn shown(cell: &Cell, width: Option<u16>) -> String {
    let narrow = width.is_some_and(|it| it < WIDTH_USUAL);
    match cell {
        Cell::Time(..) if !narrow => cell.shown().replace(' ', UNBROKEN),
        _ if narrow => cell.shown().replace(UNBROKEN, " "),
        _ => cell.shown(),
    }
}

fn longest_word(table: &Table, index: usize, width: Option<u16>) -> u16 {
    let shown = table.rows.iter().map(|row| shown(&row[index], width));
    let texts = shown.chain([table.columns[index].title.to_string()]);
    let longest = |text: String| text.split(' ').map(|it| it.chars().count()).max();
    let width = texts.filter_map(longest).max().unwrap_or(0).min(WORD_WIDTH_MAX);
    u16::try_from(width).unwrap_or(u16::MAX)
}

/// Breaks words into lines of a width; without one they stay one line. The head stands before them
/// and is as wide as it looks, its colours left aside.
pub(super) fn wrapped(head: &str, words: &str, indent: usize, width: Option<usize>) -> String {
    let mut text = String::from(head);
    let mut used = seen_width(head);
    let mut begun = false;
    for (place, word) in words.split(' ').enumerate() {
        let letters = word.chars().count();
        // Spaces that the words begin with are part of the first line.
        let space = usize::from(place > 0);
        if begun && width.is_some_and(|it| used + space + letters > it) {
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', indent));
            used = indent;
        } else if space == 1 {
            text.push(' ');
            used += 1;
        }
        text.push_str(word);
        used += letters;
        begun |= letters > 0;
    }
    text
}

/// Letters that are seen: colours are not.
fn seen_width(text: &str) -> usize {
    let (mut width, mut in_colour) = (0, false);
    for letter in text.chars() {
        match letter {
            '\u{1b}' => in_colour = true,
            'm' if in_colour => in_colour = false,
            _ if in_colour => {}
            _ => width += 1,
        }
    }
    width
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
    fn a_paragraph_keeps_to_the_width_and_its_head_keeps_its_colours() {
        let bold = Palette { colour: true }.bold("acme");
        let text = wrapped(&bold, "  uses 8,060 of 10,000 contacts", 4, Some(20));
        assert_eq!(text, "\u{1b}[1macme\u{1b}[0m  uses 8,060 of\n    10,000 contacts");
        assert_eq!(wrapped("", "  - one two", 4, None), "  - one two");
        assert_eq!(wrapped("", "  - abcdefghijkl", 4, Some(6)), "  -\n    abcdefghijkl");
    }

    #[test]
    fn a_table_too_wide_for_the_terminal_is_turned() {
        insta::assert_snapshot!(drawn(Some(30)), @r"
        account  acme-bikes
        hits     1,635
        why      8,060 of 10,000
                 contacts, 4 people
                 exported reports in
                 the last 7 days

        account  blue-door-yoga
        hits     7
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
