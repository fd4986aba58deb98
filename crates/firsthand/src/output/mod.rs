//! How results reach the person or program that asked: each command describes its rows once, as
//! a [`Table`], and the flags `--json` and `--csv` decide how they are written.
//!
//! Data goes to standard output and nothing else does; what is said *about* the data (progress,
//! cut rows, errors) goes to standard error. A reader that has seen enough closes the pipe: that
//! is [`Closed`], and no failure.

mod cell;
mod json;
mod people;
mod table;

use std::io::{self, IsTerminal, Write};

pub use cell::{Cell, printable, shown_time};
pub use people::{Palette, UNBROKEN, counted, grouped};
pub use table::Table;

/// Rows that a person is shown where `--limit` says nothing.
pub const ROWS_SHOWN: usize = 100;

/// What the results are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Aligned tables and sentences.
    People,
    /// An array of objects; of several tables, an object of such arrays.
    Json,
    /// Comma-separated values with a header; of several tables, the first.
    Csv,
}

/// Whoever read standard output has closed it.
#[derive(Debug, thiserror::Error)]
#[error("standard output was closed")]
pub struct Closed;

/// The two streams, and how to write on them.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// What the results are written as.
    pub format: Format,
    /// Whether standard output may be coloured.
    pub colour: bool,
    /// Whether standard error may be coloured.
    pub colour_errors: bool,
    width: Option<u16>,
}

impl Output {
    /// Looks at both streams once; `colour` overrules what is found there.
    pub fn new(format: Format, colour: Option<bool>) -> Self {
        // https://no-color.org: any value but an empty one.
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty());
        let terminal = io::stdout().is_terminal();
        // In a pipe each row stays one line, unless a width is asked for by name.
        let asked = std::env::var("COLUMNS").ok().and_then(|it| it.parse().ok());
        let width = asked.or_else(|| {
            let size = terminal.then(terminal_size::terminal_size).flatten();
            size.map(|(width, _)| width.0)
        });
        Self {
            format,
            colour: colour.unwrap_or(wanted && terminal),
            colour_errors: colour.unwrap_or(wanted && io::stderr().is_terminal()),
            width,
        }
    }

    /// Whether a person reads, rather than a program.
    pub const fn for_people(self) -> bool {
        matches!(self.format, Format::People)
    }

    /// The colours of standard output.
    pub const fn palette(self) -> Palette {
        Palette { colour: self.colour }
    }

    /// How many rows to make: as many as asked, else [`ROWS_SHOWN`] for people and all for programs.
    pub fn rows_max(self, limit: Option<usize>) -> usize {
        limit.unwrap_or(if self.for_people() { ROWS_SHOWN } else { usize::MAX })
    }

    /// Writes one table, and says on standard error if it was cut.
    pub fn table(self, table: &Table) -> anyhow::Result<()> {
        self.text(&match self.format {
            Format::People => people::render(table, self.width, self.palette()),
            Format::Json => json::array(table)? + "\n",
            Format::Csv => json::csv(table)?,
        })?;
        if let Some(notice) = table.cut_notice() {
            self.note(&notice);
        }
        Ok(())
    }

    /// Writes several named tables as one result.
    pub fn tables(self, tables: &[(&str, &Table)]) -> anyhow::Result<()> {
        match self.format {
            Format::People => {
                for (index, (_, table)) in tables.iter().enumerate() {
                    if index > 0 {
                        self.text("\n")?;
                    }
                    self.table(table)?;
                }
                Ok(())
            }
            Format::Json => self.text(&(json::object(tables)? + "\n")),
            Format::Csv => tables.first().map_or(Ok(()), |(_, table)| self.table(table)),
        }
    }

    /// Writes words between tables; only people get them.
    pub fn say(self, words: &str) -> anyhow::Result<()> {
        if self.for_people() { self.text(&format!("{words}\n")) } else { Ok(()) }
    }

    /// Writes words for people, broken into lines where the terminal is narrow; `head` is not
    /// broken and may carry colours, and further lines are set in by so many spaces.
    pub fn paragraph(self, head: &str, words: &str, indent: usize) -> anyhow::Result<()> {
        let width = self.width.map(usize::from);
        self.say(&people::wrapped(head, words, indent, width))
    }

    /// Writes a heading with an empty line before it; only people get it.
    pub fn heading(self, words: &str) -> anyhow::Result<()> {
        self.say(&format!("\n{}\n", self.palette().bold(words)))
    }

    /// Writes a text to standard output exactly as it is.
    #[expect(clippy::unused_self, reason = "who holds no output has nothing to write on")]
    pub fn text(self, text: &str) -> anyhow::Result<()> {
        write_to(&mut io::stdout().lock(), text)
    }

    /// Says something about the results on standard error. That nobody listens there is no failure.
    #[expect(clippy::unused_self, reason = "who holds no output has nothing to write on")]
    pub fn note(self, words: &str) {
        let _ = writeln!(io::stderr().lock(), "{words}");
    }
}

fn write_to(stream: &mut impl Write, text: &str) -> anyhow::Result<()> {
    stream.write_all(text.as_bytes()).and_then(|()| stream.flush()).map_err(from_write)
}

/// Tells a reader that went away from a disk that is full.
pub fn from_write(error: io::Error) -> anyhow::Error {
    if error.kind() == io::ErrorKind::BrokenPipe {
        Closed.into()
    } else {
        anyhow::Error::new(error).context("standard output cannot be written")
    }
}
