//! Cuts a text into tokens.
//!
//! Signs of other languages (`==`, `&&`, curly quotes …) are reported and then read as what was
//! meant, so that the parser goes on and all that is wrong is said at once.

mod dates;

use std::ops::Range;

use firsthand_model::diagnostic::{Code, Problem, codes};
use firsthand_model::{Decimal, Text};

use crate::lang::ast::Comparison;
use crate::lang::token::{Kind, Token};
use crate::lang::words::{self, continues_word, starts_word};
use dates::{date_parts, is_date};

/// Cuts a text into tokens; the last one is [`Kind::End`].
pub(super) fn tokens(text: &str) -> (Vec<Token>, Vec<Problem>) {
    let mut lexer = Lexer { text, at: 0, tokens: Vec::new(), problems: Vec::new() };
    while lexer.token() {}
    let end = text.trim_end().len();
    lexer.tokens.push(Token { kind: Kind::End, span: end..end });
    (lexer.tokens, lexer.problems)
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    tokens: Vec<Token>,
    problems: Vec<Problem>,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn eat(&mut self, sign: &str) -> bool {
        let found = self.rest().starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    /// Moves past all characters that a test accepts, and returns them.
    fn eat_while(&mut self, test: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !test(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn push(&mut self, start: usize, kind: Kind) {
        self.tokens.push(Token { kind, span: start..self.at });
    }

    fn report(&mut self, code: Code, span: Range<usize>, message: String, help: &str) {
        self.problems.push(Problem::error(code, span, message).with_help(help));
    }

    /// Reads one token, or what is skipped before one; false at the end.
    fn token(&mut self) -> bool {
        self.eat_while(char::is_whitespace);
        let start = self.at;
        let Some(c) = self.peek() else { return false };
        match c {
            '0'..='9' => self.number(),
            '.' if self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) => self.number(),
            '"' | '\'' => self.text(c),
            '“' | '”' | '„' | '‘' | '’' | '‚' | '«' | '»' => self.curly_text(c),
            '`' => self.name(),
            '/' if self.after_matches() => self.pattern(),
            _ if starts_word(c) => self.word(),
            _ => {
                if !self.sign() {
                    self.stranger(start, c);
                }
            }
        }
        true
    }

    fn after_matches(&self) -> bool {
        self.tokens.last().is_some_and(|it| it.kind.is_word("matches"))
    }

    /// Operators and punctuation, those of other languages included.
    fn sign(&mut self) -> bool {
        const SIGNS: &[(&str, Kind, Option<&str>)] = &[
            ("===", Kind::Compare(Comparison::Equal), Some("=")),
            ("!==", Kind::Compare(Comparison::NotEqual), Some("!=")),
            ("==", Kind::Compare(Comparison::Equal), Some("=")),
            ("=<", Kind::Compare(Comparison::LessOrEqual), Some("<=")),
            ("=>", Kind::Compare(Comparison::GreaterOrEqual), Some(">=")),
            ("<>", Kind::Compare(Comparison::NotEqual), Some("!=")),
            ("!=", Kind::Compare(Comparison::NotEqual), None),
            ("<=", Kind::Compare(Comparison::LessOrEqual), None),
            (">=", Kind::Compare(Comparison::GreaterOrEqual), None),
            ("≠", Kind::Compare(Comparison::NotEqual), None),
            ("≤", Kind::Compare(Comparison::LessOrEqual), None),
            ("≥", Kind::Compare(Comparison::GreaterOrEqual), None),
            ("=", Kind::Compare(Comparison::Equal), None),
            ("<", Kind::Compare(Comparison::Less), None),
            (">", Kind::Compare(Comparison::Greater), None),
            ("&&", Kind::Word(Text::new_static("and")), Some("and")),
            ("||", Kind::Word(Text::new_static("or")), Some("or")),
            ("&", Kind::Word(Text::new_static("and")), Some("and")),
            ("|", Kind::Word(Text::new_static("or")), Some("or")),
            ("!", Kind::Word(Text::new_static("not")), Some("not")),
            ("+", Kind::Plus, None),
            ("-", Kind::Minus, None),
            ("−", Kind::Minus, Some("-")),
            ("–", Kind::Minus, Some("-")),
            ("*", Kind::Star, None),
            ("×", Kind::Star, Some("*")),
            ("%", Kind::Percent, None),
            ("@", Kind::At, None),
            (".", Kind::Dot, None),
            (",", Kind::Comma, None),
            ("(", Kind::Open, None),
            (")", Kind::Close, None),
            ("[", Kind::Open, Some("(")),
            ("]", Kind::Close, Some(")")),
            ("{", Kind::Open, Some("(")),
            ("}", Kind::Close, Some(")")),
            ("÷", Kind::Slash, Some("/")),
        ];
        if ["#", "//", "/*"].iter().any(|it| self.rest().starts_with(it)) {
            self.comment();
            return true;
        }
        let start = self.at;
        if self.eat("/") {
            self.push(start, Kind::Slash);
            return true;
        }
        let Some((sign, kind, meant)) = SIGNS.iter().find(|(sign, ..)| self.eat(sign)) else {
            return false;
        };
        self.push(start, kind.clone());
        if let Some(meant) = meant {
            let message = format!("`{sign}` is no sign of this language");
            self.report(codes::SYNTAX, start..self.at, message, &format!("Write `{meant}`."));
        }
        true
    }

    /// Reports a note and skips it. Notes are refused because a folded YAML text has no line
    /// ends: everything behind the `#` would silently be gone.
    fn comment(&mut self) {
        let start = self.at;
        let sign = if self.peek() == Some('#') { "#" } else { &self.rest()[..2] };
        let line = self.rest().lines().next().unwrap_or_default().trim_end();
        self.at += line.len();
        self.report(
            codes::SYNTAX,
            start..start + sign.len(),
            format!("`{sign}` is no sign of this language"),
            "A note cannot stand inside a text of the language. Put it on a YAML line of its own, \
             above the key.",
        );
    }

    /// A character that begins nothing.
    fn stranger(&mut self, start: usize, c: char) {
        self.at += c.len_utf8();
        let span = start..self.at;
        let currency = match c {
            '$' => Some("USD"),
            '€' => Some("EUR"),
            '£' => Some("GBP"),
            '¥' => Some("JPY"),
            _ => None,
        };
        let help = match (c, currency) {
            (_, Some(code)) => {
                format!("Write the three letters of the currency after the amount: `20 {code}`.")
            }
            (';', _) => "Join conditions with `and` or `or`.".to_owned(),
            ('?' | ':', _) => "A choice is written `V if C else V`.".to_owned(),
            ('~', _) => "A pattern is written `… matches /…/`.".to_owned(),
            ('^', _) => "There is no power; multiply instead.".to_owned(),
            _ => "Remove it.".to_owned(),
        };
        let message = if is_hidden(c) {
            format!("there is a hidden character here (U+{:04X})", u32::from(c))
        } else {
            format!("`{c}` is no sign of this language")
        };
        self.report(codes::SYNTAX, span, message, &help);
    }

    fn word(&mut self) {
        let start = self.at;
        let word = self.eat_while(continues_word);
        let kind = match self.shouted(word) {
            Some(lower) => {
                let message = format!("`{word}` is written in capitals");
                let help = format!("Words of the language are in lower case: write `{lower}`.");
                self.report(codes::UNKNOWN_WORD, start..self.at, message, &help);
                Kind::Word(lower.into())
            }
            None => Kind::Word(word.into()),
        };
        self.push(start, kind);
    }

    /// The word in lower case, if it is an operator or a function that was written in capitals
    /// and cannot be the name of a property.
    fn shouted(&self, word: &str) -> Option<String> {
        if self.tokens.last().is_some_and(|it| matches!(it.kind, Kind::Dot | Kind::At)) {
            return None;
        }
        let lower = word.to_lowercase();
        let calls = self.rest().trim_start().starts_with('(');
        let is_function = lower != word && words::FUNCTIONS.contains(&lower.as_str());
        let meant = words::is_capital_operator(word) || calls && is_function;
        meant.then_some(lower)
    }

    /// `"…"` or `'…'`; a text ends on its line.
    fn text(&mut self, quote: char) {
        let start = self.at;
        self.at += 1;
        if let Some(text) = self.quoted(quote) {
            self.push(start, Kind::Text(text));
            return;
        }
        let help = format!("Close it with `{quote}`.");
        self.unclosed(start, "text", &help);
        let inside = self.text[start + 1..self.at].trim_end();
        self.push(start, Kind::Text(inside.into()));
    }

    /// Reports something unclosed and skips to the end of its line.
    fn unclosed(&mut self, start: usize, what: &str, help: &str) {
        self.at = start;
        self.eat_while(|c| c != '\n');
        let message = format!("this {what} is never closed");
        self.report(codes::UNCLOSED, start..start + 1, message, help);
    }

    /// The inside of a text up to the closing quote, which is eaten; `None` if there is none.
    fn quoted(&mut self, quote: char) -> Option<Text> {
        let mut inside = String::new();
        loop {
            let at = self.at;
            let c = self.peek()?;
            self.at += c.len_utf8();
            match c {
                '\n' => return None,
                '\\' => {
                    let escaped = self.peek().filter(|it| *it != '\n')?;
                    self.at += escaped.len_utf8();
                    match escaped {
                        'n' => inside.push('\n'),
                        't' => inside.push('\t'),
                        'r' => inside.push('\r'),
                        '\\' | '"' | '\'' | '`' => inside.push(escaped),
                        _ => {
                            self.report(
                                codes::BAD_LITERAL,
                                at..self.at,
                                format!("`\\{escaped}` means nothing in a text"),
                                "Write `\\\\` for a backslash.",
                            );
                            inside.push(escaped);
                        }
                    }
                }
                _ if c == quote => return Some(inside.into()),
                _ => inside.push(c),
            }
        }
    }

    /// A text between the quotes of a word processor.
    fn curly_text(&mut self, open: char) {
        const CLOSE: &[char] = &['”', '“', '’', '‘', '«', '»', '"', '\''];
        let start = self.at;
        self.at += open.len_utf8();
        let inside = self.eat_while(|c| c != '\n' && !CLOSE.contains(&c));
        if let Some(close) = self.peek().filter(|c| CLOSE.contains(c)) {
            self.at += close.len_utf8();
        }
        self.report(
            codes::SYNTAX,
            start..self.at,
            format!("`{open}` is a quote for printing"),
            &format!("Write straight quotes: `\"{inside}\"`."),
        );
        self.push(start, Kind::Text(inside.into()));
    }

    /// `` `Plan Type` ``.
    fn name(&mut self) {
        let start = self.at;
        self.at += 1;
        let name = self.quoted('`').unwrap_or_else(|| {
            self.unclosed(start, "name", "Close it with a backtick.");
            self.text[start + 1..self.at].trim_end().into()
        });
        if name.is_empty() {
            let help = "Write the name between the backticks.";
            self.report(codes::BAD_LITERAL, start..self.at, "this name is empty".into(), help);
        }
        self.push(start, Kind::Name(name));
    }

    /// `/re/`; only `\/` is resolved, all else is the pattern's own business.
    fn pattern(&mut self) {
        let start = self.at;
        self.at += 1;
        let mut inside = String::new();
        loop {
            let Some(c) = self.peek().filter(|c| *c != '\n') else {
                self.unclosed(start, "pattern", "Close it with `/`.");
                break;
            };
            self.at += c.len_utf8();
            match (c, self.peek()) {
                ('/', _) => break,
                ('\\', Some(escaped)) if escaped != '\n' => {
                    self.at += escaped.len_utf8();
                    if escaped != '/' {
                        inside.push(c);
                    }
                    inside.push(escaped);
                }
                _ => inside.push(c),
            }
        }
        self.push(start, Kind::Pattern(inside.into()));
    }

    fn number(&mut self) {
        let start = self.at;
        if self.date() {
            return;
        }
        let whole = self.eat_while(|c| c.is_ascii_digit() || c == '_');
        if self.thousands_comma(start, whole) {
            return;
        }
        if self.rest().starts_with('.') {
            // All that looks like a number with points is one token, so that `1.2.3` and
            // `01.03.2026` are refused as a whole.
            self.eat_while(|c| c.is_ascii_digit() || c == '_' || c == '.');
        }
        let written = &self.text[start..self.at];
        let number = self.decimal(start, written);
        self.push(start, Kind::Number(number));
    }

    /// `8,000` could be one number or two, so it is neither.
    fn thousands_comma(&mut self, start: usize, whole: &str) -> bool {
        let mut written = whole.to_owned();
        if whole.is_empty() || whole.len() > 3 {
            return false;
        }
        let mut end = self.at;
        while let Some(group) = self.text[end..].strip_prefix(',') {
            let digits = group.bytes().take_while(u8::is_ascii_digit).count();
            if digits != 3 {
                break;
            }
            written.push_str(&group[..3]);
            end += 4;
        }
        if end == self.at {
            return false;
        }
        self.at = end;
        let shown = &self.text[start..end];
        let spaced = shown.replace(',', ", ");
        self.report(
            codes::BAD_LITERAL,
            start..end,
            format!("`{shown}` could be one number or several"),
            &format!("Write `{written}` for one number, or `{spaced}` for several."),
        );
        self.push(start, Kind::Number(written.parse().unwrap_or_default()));
        true
    }

    fn decimal(&mut self, start: usize, written: &str) -> Decimal {
        let span = start..self.at;
        let plain = written.replace('_', "");
        let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
        let misplaced = written.ends_with(['_', '.'])
            || written.contains("__")
            || written.contains("_.")
            || written.contains("._");
        if fraction.contains('.') || misplaced {
            let message = format!("`{written}` is no number");
            let help = "Write numbers like `8000` or `2.5`, and dates like `2026-03-01`.";
            self.report(codes::BAD_LITERAL, span, message, help);
            return Decimal::ZERO;
        }
        if fraction.len() > 6 {
            let message = format!("`{written}` has more than six decimal places");
            self.report(codes::BAD_LITERAL, span, message, "Round it to six places.");
            return Decimal::ZERO;
        }
        if whole.len() > 24 {
            let message = format!("`{written}` is too large a number");
            self.report(codes::BAD_LITERAL, span, message, "Use a number below 10^24.");
            return Decimal::ZERO;
        }
        plain.parse().unwrap_or_default()
    }

    /// `2026-03-01`, `2026-03-01T09:00`, with seconds and an offset if wanted.
    fn date(&mut self) -> bool {
        let start = self.at;
        let day = self.rest();
        let Some(rest) = date_parts(day) else {
            return false;
        };
        self.at += day.len() - rest.len();
        if self.rest().starts_with('T') {
            self.at += 1;
            self.eat_while(|c| c.is_ascii_digit() || matches!(c, ':' | '.' | '+' | '-' | 'Z'));
        }
        let written = &self.text[start..self.at];
        if !is_date(written) {
            let message = format!("`{written}` is no date");
            let help = "Write a date like `2026-03-01`, or a time like `2026-03-01T09:00`.";
            self.report(codes::BAD_LITERAL, start..self.at, message, help);
        }
        self.push(start, Kind::Date(written.into()));
        true
    }
}

/// Characters that show as nothing: controls, joiners and marks of direction.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
