//! What the lexer makes of a text.

use std::fmt;
use std::ops::Range;

use firsthand_model::{Decimal, Text};

use super::ast::Comparison;

/// A token and the bytes it stands on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

/// The kinds of tokens.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// Digits, with the fraction; never negative.
    Number(Decimal),
    /// A date, or a date with a time, as written.
    Date(Text),
    /// Between quotes.
    Text(Text),
    /// Between backticks.
    Name(Text),
    /// Between slashes, after `matches`.
    Pattern(Text),
    Word(Text),
    Compare(Comparison),
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    At,
    Dot,
    Comma,
    Open,
    Close,
    /// After the last one; always there.
    End,
}

impl Kind {
    /// The word, if it is one.
    pub(super) fn word(&self) -> Option<&str> {
        match self {
            Self::Word(it) => Some(it),
            _ => None,
        }
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.word() == Some(word)
    }
}

/// How a comparison is written.
impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        })
    }
}
