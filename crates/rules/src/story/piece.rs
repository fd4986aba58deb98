//! Parts of a text that know where they stand, so that every problem points at its bytes.

use firsthand_model::diagnostic::{Problem, codes};

/// A part of a story's text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    pub text: &'a str,
    /// Its first byte in the story.
    pub from: usize,
}

/// The lines that say something, numbered from 1, without comments and outer spaces.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, Piece<'_>)> {
    let mut from = 0;
    text.split('\n').enumerate().filter_map(move |(index, line)| {
        let piece = Piece { text: line, from };
        from += line.len() + 1;
        let said = piece.without_comment().trim();
        (!said.text.is_empty()).then_some((index + 1, said))
    })
}

impl<'a> Piece<'a> {
    /// An error that points at the whole piece.
    pub(super) fn error(self, message: impl Into<String>) -> Problem {
        Problem::error(codes::BAD_STORY, self.from..self.from + self.text.len(), message)
    }

    pub(super) fn skip(self, bytes: usize) -> Self {
        Self { text: &self.text[bytes..], from: self.from + bytes }
    }

    pub(super) fn take(self, bytes: usize) -> Self {
        Self { text: &self.text[..bytes], ..self }
    }

    pub(super) fn trim(self) -> Self {
        let text = self.text.trim_start();
        Self { text: text.trim_end(), from: self.from + self.text.len() - text.len() }
    }

    /// Splits at the first separator; both parts are trimmed.
    pub(super) fn split_once(self, separator: &str) -> Option<(Self, Self)> {
        let at = self.text.find(separator)?;
        Some((self.take(at).trim(), self.skip(at + separator.len()).trim()))
    }

    /// All parts between the separators, trimmed.
    pub(super) fn split(self, separator: char) -> impl Iterator<Item = Self> {
        let mut from = self.from;
        self.text.split(separator).map(move |text| {
            let piece = Self { text, from };
            from += text.len() + separator.len_utf8();
            piece.trim()
        })
    }

    /// The first word, and what stands behind it.
    pub(super) fn first_word(self) -> (Self, Self) {
        let end = self.text.find(char::is_whitespace).unwrap_or(self.text.len());
        (self.take(end), self.skip(end).trim())
    }

    /// The first column, which ends at two spaces or a tab, and what stands behind it.
    pub(super) fn column(self) -> (Self, Self) {
        let end = [self.text.find("  "), self.text.find('\t')].into_iter().flatten().min();
        let end = end.unwrap_or(self.text.len());
        (self.take(end).trim(), self.skip(end).trim())
    }

    /// A first column that may be quoted, and what stands behind it.
    pub(super) fn name_column(self) -> Result<(Self, Self), Problem> {
        if !self.text.starts_with('"') {
            return Ok(self.column());
        }
        match self.text[1..].find('"') {
            Some(end) => Ok((self.take(end + 2), self.skip(end + 2).trim())),
            None => Err(self.error("the quote is not closed").with_help("Add a `\"`.")),
        }
    }

    /// What stands between quotes, if the piece is quoted.
    pub(super) fn unquoted(self) -> Option<&'a str> {
        self.text.strip_prefix('"')?.strip_suffix('"')
    }

    /// A `#` begins a comment at the start of a line and behind a space, but not inside quotes.
    fn without_comment(self) -> Self {
        let (mut quoted, mut escaped, mut before) = (false, false, ' ');
        for (at, char) in self.text.char_indices() {
            match char {
                '#' if !quoted && before.is_whitespace() => return self.take(at),
                '"' if !escaped => quoted = !quoted,
                _ => {}
            }
            escaped = quoted && char == '\\' && !escaped;
            before = char;
        }
        self
    }
}
