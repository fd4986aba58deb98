//! Reads a text of the language into its tree.
//!
//! The parser is written by hand: recursive descent for the forms, precedence climbing for the
//! operators ([`super::level`] holds the table). A generated or combinator parser would be
//! shorter, but its errors speak of tokens; the readers here are people who write their first
//! condition, and each place knows best what they may have meant.
//!
//! Signs and words of other languages are reported and read as what was meant; the first thing
//! that cannot be read ends the work (P7). Start at [`condition`]; `operators` reads what stands
//! between values, `forms` what begins with a word, `events` and `windows` what their names say.
//! Depth and length are bounded (P8).

mod each;
mod events;
mod forms;
mod literals;
mod operators;
mod windows;

use std::ops::Range;

use firsthand_model::Text;
use firsthand_model::diagnostic::{Code, Problem, codes};

use super::ast::{At, Events, Expr};
use super::token::{Kind, Token};
use super::{lexer, print, words};

/// The longest text that is read.
pub const LENGTH_MAX_BYTES: usize = 64 * 1024;
/// How deep forms may stand in each other.
pub const DEPTH_MAX: usize = 80;
/// How many `+ - * /` a text may hold; each makes the tree one deeper.
pub const ARITHMETIC_MAX: usize = 256;
/// How many problems are reported for one text.
pub const PROBLEMS_MAX: usize = 20;

/// Reads a condition.
///
/// # Errors
/// Returns all that could be found wrong, in the order of the text.
pub fn condition(text: &str) -> Result<At<Expr>, Vec<Problem>> {
    read(text, |it| it.with_properties(false, Parser::anything), print::expr)
}

/// Reads a value. Conditions and values are one grammar; which of the two it is, is a matter of
/// type.
///
/// # Errors
/// Returns all that could be found wrong, in the order of the text.
pub fn value(text: &str) -> Result<At<Expr>, Vec<Problem>> {
    condition(text)
}

/// Reads a condition or value that is asked of an event, such as a score's `if:` and `points:`:
/// bare words are the event's properties.
///
/// # Errors
/// Returns all that could be found wrong, in the order of the text.
pub fn at_event(text: &str) -> Result<At<Expr>, Vec<Problem>> {
    read(text, |it| it.with_properties(true, Parser::anything), print::expr)
}

/// Reads an event expression, such as a meter's `add:` or a score's `each:`.
///
/// # Errors
/// Returns all that could be found wrong, in the order of the text.
pub fn events(text: &str) -> Result<At<Events>, Vec<Problem>> {
    read(text, |it| it.with_properties(false, Parser::events), print::events)
}

/// Reads a text, of which `canonical` writes the canonical form.
fn read<T>(
    text: &str,
    form: impl Fn(&mut Parser<'_>) -> Parsed<At<T>>,
    canonical: fn(&T) -> String,
) -> Result<At<T>, Vec<Problem>> {
    let (tree, deepest) = read_once(text, &form)?;
    // The canonical form may need parentheses that were not written, one for each form at most;
    // what stands in evidence and versions must be readable too.
    if deepest > DEPTH_MAX / 2 && read_once(&canonical(&tree.node), &form).is_err() {
        return Err(vec![too_deep(0..text.len())]);
    }
    Ok(tree)
}

/// Reads a text, and tells how deep forms stand in each other.
fn read_once<T>(
    text: &str,
    form: &impl Fn(&mut Parser<'_>) -> Parsed<T>,
) -> Result<(T, usize), Vec<Problem>> {
    if text.len() > LENGTH_MAX_BYTES {
        let message = format!("this text has {} bytes, the most is {LENGTH_MAX_BYTES}", text.len());
        let problem = Problem::error(codes::TOO_LARGE, 0..0, message)
            .with_help("Split it into several definitions and join them with `qualified(…)`.");
        return Err(vec![problem]);
    }
    let (tokens, problems) = lexer::tokens(text);
    let mut parser = Parser {
        text,
        tokens,
        at: 0,
        problems,
        depth: 0,
        deepest: 0,
        arithmetic: 0,
        bare_properties: false,
        low_end: false,
    };
    let tree = form(&mut parser).and_then(|tree| parser.end().map(|()| tree));
    let mut problems = parser.problems;
    match tree {
        Ok(tree) if problems.is_empty() => Ok((tree, parser.deepest)),
        _ => {
            problems.sort_by_key(|it| it.span.start);
            problems.truncate(PROBLEMS_MAX);
            Err(problems)
        }
    }
}

fn too_deep(span: Range<usize>) -> Problem {
    let message = format!("forms stand in each other more than {DEPTH_MAX} deep here");
    let help = "Give a part a name: make it a definition and write `qualified(…)`.";
    Problem::error(codes::TOO_LARGE, span, message).with_help(help)
}

/// A problem was recorded and nothing more can be read.
#[derive(Debug)]
struct Stop;

type Parsed<T> = Result<T, Stop>;

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    at: usize,
    problems: Vec<Problem>,
    depth: usize,
    /// The greatest depth so far.
    deepest: usize,
    arithmetic: usize,
    /// Whether a bare word is a property: inside `where`, and where an aggregate names what it
    /// is taken over.
    bare_properties: bool,
    /// Whether what is read is the lower end of a `between`, up to whose `and` it goes.
    low_end: bool,
}

impl Parser<'_> {
    fn kind(&self) -> &Kind {
        &self.tokens[self.at].kind
    }

    /// The kind of the token that stands `ahead` further on.
    fn kind_at(&self, ahead: usize) -> &Kind {
        &self.tokens[(self.at + ahead).min(self.tokens.len() - 1)].kind
    }

    fn span(&self) -> Range<usize> {
        self.tokens[self.at].span.clone()
    }

    fn start(&self) -> usize {
        self.tokens[self.at].span.start
    }

    /// Whether no space parts this token from the one before it.
    fn is_adjacent(&self) -> bool {
        self.at > 0 && self.tokens[self.at - 1].span.end == self.start()
    }

    fn advance(&mut self) {
        // The end is never passed, so there is always a token to look at.
        self.at = (self.at + 1).min(self.tokens.len() - 1);
    }

    /// From a start to the end of the last token read.
    fn span_from(&self, start: usize) -> Range<usize> {
        start..self.tokens[self.at.saturating_sub(1)].span.end.max(start)
    }

    fn is(&self, kind: &Kind) -> bool {
        self.kind() == kind
    }

    fn is_word(&self, word: &str) -> bool {
        self.kind().is_word(word)
    }

    fn eat(&mut self, kind: &Kind) -> bool {
        let found = self.is(kind);
        if found {
            self.advance();
        }
        found
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.advance();
        }
        found
    }

    fn expect_word(&mut self, word: &str, help: &str) -> Parsed<()> {
        if self.eat_word(word) { Ok(()) } else { self.unexpected(&format!("`{word}`"), help) }
    }

    /// The parenthesis that begins what a form is about.
    fn open(&mut self, help: &str) -> Parsed<usize> {
        let at = self.start();
        if self.eat(&Kind::Open) { Ok(at) } else { self.unexpected("`(`", help) }
    }

    /// The parenthesis that ends what began at `open`.
    fn close(&mut self, open: usize, help: &str) -> Parsed<()> {
        if self.eat(&Kind::Close) {
            return Ok(());
        }
        if self.is(&Kind::End) {
            let message = "this `(` is never closed";
            return self.fail(codes::UNCLOSED, open..open + 1, message, "Close it with `)`.");
        }
        self.unexpected("`)`", help)
    }

    fn report(
        &mut self,
        code: Code,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.problems.push(Problem::error(code, span, message).with_help(help));
    }

    fn fail<T>(
        &mut self,
        code: Code,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Parsed<T> {
        self.report(code, span, message, help);
        Err(Stop)
    }

    /// The token as it stands in the text.
    fn written(&self) -> &str {
        &self.text[self.span()]
    }

    /// Fails at this token: something else was wanted.
    fn unexpected<T>(&mut self, wanted: &str, help: &str) -> Parsed<T> {
        let span = self.span();
        if self.is(&Kind::End) {
            let message = match self.at {
                0 => format!("expected {wanted}, but nothing is written here"),
                _ => format!("expected {wanted}, but the text ends here"),
            };
            return self.fail(codes::SYNTAX, span, message, help);
        }
        let message = format!("expected {wanted}, found `{}`", self.written());
        let help = self.advice().unwrap_or_else(|| help.to_owned());
        self.fail(codes::SYNTAX, span, message, help)
    }

    /// What the token at hand usually means where it has no place.
    fn advice(&self) -> Option<String> {
        let before = self.at.checked_sub(1).map(|at| &self.tokens[at].kind);
        let after_number = matches!(before, Some(Kind::Number(_)));
        match self.kind() {
            Kind::Comma if after_number && matches!(self.kind_at(1), Kind::Number(_)) => {
                Some("A decimal point is a point: `2.5`.".to_owned())
            }
            Kind::Word(word) => {
                let currency = word.to_uppercase();
                if after_number && words::is_foreign_size(word) {
                    return Some(words::SIZES.to_owned());
                }
                let slip = words::nearest(word, words::OPERATORS.iter().copied()).is_some();
                if after_number && !slip && words::amount_unit(&currency).is_some() {
                    return Some(format!("Write a currency in capitals: `20 {currency}`."));
                }
                words::advice(word).map(str::to_owned)
            }
            _ => None,
        }
    }

    /// Nothing may follow.
    fn end(&mut self) -> Parsed<()> {
        let span = self.span();
        match self.kind() {
            Kind::End => Ok(()),
            Kind::Close => {
                let help = "Remove it, or add the `(` that it belongs to.";
                self.fail(codes::UNCLOSED, span, "this `)` closes nothing", help)
            }
            Kind::Word(word) => {
                let word = word.clone();
                let near = words::nearest(&word, words::OPERATORS.iter().copied());
                let help = match near {
                    Some(near) if near != word => format!("Did you mean `{near}`?"),
                    _ => "Join conditions with `and` or `or`.".to_owned(),
                };
                self.unexpected("the end, `and` or `or`", &help)
            }
            _ => self.unexpected("the end, `and` or `or`", "Join conditions with `and` or `or`."),
        }
    }

    /// Runs a parser one level deeper, unless that is too deep.
    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == DEPTH_MAX {
            self.problems.push(too_deep(self.span()));
            return Err(Stop);
        }
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        let parsed = inner(self);
        self.depth -= 1;
        parsed
    }

    /// Runs a parser with or without bare properties.
    fn with_properties<T>(
        &mut self,
        bare_properties: bool,
        inner: impl FnOnce(&mut Self) -> Parsed<T>,
    ) -> Parsed<T> {
        let outer = std::mem::replace(&mut self.bare_properties, bare_properties);
        let parsed = inner(self);
        self.bare_properties = outer;
        parsed
    }

    /// A name that the configuration gives: `usage-points`, or anything between backticks or
    /// quotes.
    fn name(&mut self, what: &str) -> Parsed<Text> {
        let start = self.start();
        match self.kind().clone() {
            Kind::Name(name) | Kind::Text(name) => {
                self.advance();
                Ok(name)
            }
            Kind::Word(_) => {
                self.advance();
                while self.is(&Kind::Minus) && self.is_adjacent() && self.continues_name(1) {
                    self.advance();
                    self.advance();
                    // Of `v-2x`, the `x` is a token of its own.
                    while self.is_adjacent() && matches!(self.kind(), Kind::Word(_)) {
                        self.advance();
                    }
                }
                let name = &self.text[self.span_from(start)];
                if words::is_name(name) {
                    return Ok(name.into());
                }
                let message = format!("`{name}` cannot be written as a name");
                let help = format!("Put it between backticks: `` `{name}` ``.");
                self.fail(codes::SYNTAX, self.span_from(start), message, help)
            }
            _ => self.unexpected(
                &format!("the name of {what}"),
                "Write the name as the configuration does, such as `usage-points`.",
            ),
        }
    }

    fn continues_name(&self, ahead: usize) -> bool {
        let next = &self.tokens[(self.at + ahead).min(self.tokens.len() - 1)];
        next.span.start == self.tokens[self.at].span.end
            && matches!(next.kind, Kind::Word(_) | Kind::Number(_) | Kind::Date(_))
    }

    /// The parts after the first of a path such as `file.size`, joined by points.
    fn path(&mut self, first: &str) -> Parsed<Text> {
        let mut path = first.to_owned();
        while self.eat(&Kind::Dot) {
            path.push('.');
            path.push_str(&self.path_part()?);
        }
        Ok(path.into())
    }

    fn path_part(&mut self) -> Parsed<Text> {
        match self.kind().clone() {
            Kind::Word(part) | Kind::Name(part) => {
                self.advance();
                Ok(part)
            }
            _ => self.unexpected(
                "a name after the point",
                "Write a name such as `account.plan`; odd names stand between backticks.",
            ),
        }
    }
}
