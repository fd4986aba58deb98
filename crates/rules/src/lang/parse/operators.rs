//! What stands between values: arithmetic, comparisons, `and`, `or`, `not`, `if`.

use std::mem;

use firsthand_model::diagnostic::codes;

use super::{ARITHMETIC_MAX, Parsed, Parser};
use crate::lang::ast::{Arithmetic, At, Expr, TextTest, Window};
use crate::lang::level::{self, Level};
use crate::lang::print;
use crate::lang::token::Kind;

/// The longest compiled form of one pattern.
const PATTERN_SIZE_MAX_BYTES: usize = 1 << 20;

impl Parser<'_> {
    /// Reads an expression whose operators bind at least as tightly as `floor`.
    pub(super) fn expression(&mut self, floor: Level) -> Parsed<At<Expr>> {
        self.deeper(|it| {
            let start = it.start();
            let mut left = it.operand(floor)?;
            while let Some(level) = it.infix() {
                if level < floor {
                    break;
                }
                if it.is_word("in") && it.misplaced_window(&mut left) {
                    continue;
                }
                let whole = it.infix_form(level, left)?;
                left = At::new(whole, it.span_from(start));
                if level == Level::Compare {
                    it.after_comparison(&mut left)?;
                }
            }
            if floor <= Level::Not {
                it.loose_postfix(&left)?;
            }
            Ok(left)
        })
    }

    /// A full condition or value.
    pub(super) fn anything(&mut self) -> Parsed<At<Expr>> {
        self.expression(Level::If)
    }

    /// An operand: a value, or one behind `not` or `-`.
    fn operand(&mut self, floor: Level) -> Parsed<At<Expr>> {
        let start = self.start();
        if self.is_word("not") {
            if floor > Level::Not {
                let help = "Put the negated condition between parentheses: `(not …)`.";
                let message = "`not` has no place here";
                return self.fail(codes::SYNTAX, self.span(), message, help);
            }
            self.advance();
            let inner = self.expression(Level::Not)?;
            return Ok(At::new(Expr::Not(Box::new(inner)), self.span_from(start)));
        }
        if self.eat(&Kind::Minus) {
            let inner = self.expression(Level::Negate)?;
            let negated = match inner.node {
                // A literal with its sign is one literal, however it was written.
                Expr::Number(it) => Expr::Number(negate(it)),
                Expr::Percent(it) => Expr::Percent(negate(it)),
                Expr::Amount(it, unit) => Expr::Amount(negate(it), unit),
                _ => Expr::Negate(Box::new(inner)),
            };
            return Ok(At::new(negated, self.span_from(start)));
        }
        self.postfixed()
    }

    /// The level of the operator at hand, if there is one.
    fn infix(&self) -> Option<Level> {
        Some(match self.kind() {
            Kind::Compare(_) => Level::Compare,
            Kind::Plus | Kind::Minus => Level::Add,
            Kind::Star | Kind::Slash => Level::Multiply,
            Kind::Word(word) => match word.as_str() {
                "if" => Level::If,
                "or" => Level::Or,
                "and" => Level::And,
                "of" => Level::Share,
                "between" | "in" | "contains" | "starts" | "ends" | "matches" | "is" => {
                    Level::Compare
                }
                "at" if self.kind_at(1).is_word("least") => Level::Compare,
                "not" if self.is_negated_test() => Level::Compare,
                _ => return None,
            },
            _ => return None,
        })
    }

    /// `not in`, `not contains` and their kin.
    fn is_negated_test(&self) -> bool {
        let tests = ["in", "between", "contains", "starts", "ends", "matches"];
        self.kind_at(1).word().is_some_and(|it| tests.contains(&it))
    }

    /// Reads the operator at hand and what follows it.
    fn infix_form(&mut self, level: Level, left: At<Expr>) -> Parsed<Expr> {
        match level {
            Level::If => {
                self.advance();
                let when = self.expression(Level::Or)?;
                let help = "A choice names both values: `20 if account.plan = \"pro\" else 0`.";
                self.expect_word("else", help)?;
                let otherwise = self.anything()?;
                Ok(Expr::If {
                    then: Box::new(left),
                    when: Box::new(when),
                    otherwise: Box::new(otherwise),
                })
            }
            Level::Or => self.joined("or", left),
            Level::And => self.joined("and", left),
            Level::Add | Level::Multiply => self.arithmetic(left),
            Level::Share => {
                self.advance();
                let whole = self.expression(Level::Share)?;
                Ok(Expr::Share(Box::new(left), Box::new(whole)))
            }
            _ => self.comparison(left),
        }
    }

    /// `C and C …`, flattened.
    fn joined(&mut self, word: &str, left: At<Expr>) -> Parsed<Expr> {
        let is_and = word == "and";
        let side = if is_and { Level::Not } else { Level::And };
        let mut parts = Vec::new();
        flatten_into(&mut parts, left, is_and);
        while self.is_word(word) {
            let operator = self.span();
            self.advance();
            let part = self.expression(side)?;
            if matches!(part.node, Expr::Text(_) | Expr::Number(_)) {
                return self.half_comparison(parts.last(), &part, operator);
            }
            flatten_into(&mut parts, part, is_and);
        }
        Ok(if is_and { Expr::And(parts) } else { Expr::Or(parts) })
    }

    /// `account.plan = "pro" or "business"`: the second half says nothing by itself.
    fn half_comparison(
        &mut self,
        before: Option<&At<Expr>>,
        part: &At<Expr>,
        operator: std::ops::Range<usize>,
    ) -> Parsed<Expr> {
        let shown = print::expr(&part.node);
        let join = &self.text[operator];
        let help = match before.map(|it| &it.node) {
            Some(Expr::Compare(crate::lang::ast::Comparison::Equal, left, right))
                if join == "or" =>
            {
                let (left, right) = (print::expr(&left.node), print::expr(&right.node));
                format!("Write `{left} in ({right}, {shown})`.")
            }
            Some(Expr::Compare(comparison, left, _)) => {
                let left = print::expr(&left.node);
                format!("Repeat what is compared: `{left} {comparison} {shown}`.")
            }
            _ => "Say what it is compared with, such as `account.plan = \"pro\"`.".to_owned(),
        };
        let message = format!("`{shown}` alone is no condition");
        self.fail(codes::SYNTAX, part.span.clone(), message, help)
    }

    fn arithmetic(&mut self, left: At<Expr>) -> Parsed<Expr> {
        let (operator, side) = match self.kind() {
            Kind::Plus => (Arithmetic::Add, Level::Multiply),
            Kind::Minus => (Arithmetic::Subtract, Level::Multiply),
            Kind::Star => (Arithmetic::Multiply, Level::Negate),
            _ => (Arithmetic::Divide, Level::Negate),
        };
        self.arithmetic += 1;
        if self.arithmetic > ARITHMETIC_MAX {
            return self.fail(
                codes::TOO_LARGE,
                self.span(),
                format!("there are more than {ARITHMETIC_MAX} sums and products in one text"),
                "Make a score of it, with one rule for each part.",
            );
        }
        self.advance();
        let right = self.expression(side)?;
        Ok(Expr::Arithmetic(operator, Box::new(left), Box::new(right)))
    }

    fn comparison(&mut self, left: At<Expr>) -> Parsed<Expr> {
        let start = left.span.start;
        if let Kind::Compare(comparison) = *self.kind() {
            self.advance();
            let right = self.expression(Level::Add)?;
            return Ok(Expr::Compare(comparison, Box::new(left), Box::new(right)));
        }
        let negated = self.eat_word("not");
        let word = self.kind().word().unwrap_or_default().to_owned();
        self.advance();
        let test = match word.as_str() {
            "between" => {
                let around = mem::replace(&mut self.low_end, true);
                let low = self.expression(Level::Add)?;
                self.low_end = around;
                self.expect_word("and", "Name both ends: `between 200 and 5000`.")?;
                let high = self.expression(Level::Add)?;
                Expr::Between(Box::new(left), Box::new(low), Box::new(high))
            }
            "in" => return self.membership(left, negated),
            "contains" => self.text_test(TextTest::Contains, left)?,
            "starts" | "ends" => {
                let test = if word == "starts" { TextTest::StartsWith } else { TextTest::EndsWith };
                self.expect_word("with", "Write `starts with` or `ends with`.")?;
                self.text_test(test, left)?
            }
            "matches" => self.pattern(left)?,
            "is" => return self.known(left),
            _ => {
                // `at least`: the word `least` was looked at before.
                self.advance();
                let right = self.expression(Level::Add)?;
                Expr::AtLeastGrade(Box::new(left), Box::new(right))
            }
        };
        Ok(if negated { Expr::Not(Box::new(At::new(test, self.span_from(start)))) } else { test })
    }

    fn text_test(&mut self, test: TextTest, left: At<Expr>) -> Parsed<Expr> {
        let right = self.expression(Level::Add)?;
        Ok(Expr::TextTest(test, Box::new(left), Box::new(right)))
    }

    /// `in (…)`, `in @list`.
    fn membership(&mut self, left: At<Expr>, negated: bool) -> Parsed<Expr> {
        let start = left.span.start;
        let values = match self.kind() {
            Kind::At => vec![self.primary()?],
            Kind::Open => {
                let open = self.open("")?;
                let values = self.list()?;
                self.close(open, "Part the values by commas: `in (\"pro\", \"business\")`.")?;
                values
            }
            _ => {
                let help = match self.kind() {
                    Kind::Text(_) => format!("Write `in ({})` or use `=`.", self.written()),
                    _ => "Write `in (\"pro\", \"business\")` or `in @list`.".to_owned(),
                };
                return self.unexpected("a list", &help);
            }
        };
        let test = Expr::In(Box::new(left), values);
        Ok(if negated { Expr::Not(Box::new(At::new(test, self.span_from(start)))) } else { test })
    }

    /// One or more expressions, parted by commas.
    pub(super) fn list(&mut self) -> Parsed<Vec<At<Expr>>> {
        let mut values = vec![self.anything()?];
        while self.eat(&Kind::Comma) {
            values.push(self.anything()?);
        }
        Ok(values)
    }

    fn pattern(&mut self, left: At<Expr>) -> Parsed<Expr> {
        let span = self.span();
        let Kind::Pattern(pattern) = self.kind().clone() else {
            let help = "A pattern stands between slashes: `person.role matches /(vp|head) of/`.";
            return self.unexpected("a pattern", help);
        };
        self.advance();
        let built = regex::RegexBuilder::new(&pattern)
            .case_insensitive(true)
            .size_limit(PATTERN_SIZE_MAX_BYTES)
            .build();
        match built {
            Ok(_) => {}
            Err(regex::Error::CompiledTooBig(_)) => {
                let message = "this pattern is too large";
                self.report(codes::BAD_PATTERN, span, message, "Make its repetitions smaller.");
            }
            Err(error) => {
                let error = error.to_string();
                // The last line says what is wrong; those before it draw the pattern again.
                let why = error.lines().last().unwrap_or_default();
                let why = why.strip_prefix("error: ").unwrap_or(why);
                let message = format!("this pattern cannot be read: {why}");
                let help = "Put `\\` before a sign that stands for itself, such as `\\(`.";
                self.report(codes::BAD_PATTERN, span, message, help);
            }
        }
        Ok(Expr::Matches(Box::new(left), pattern))
    }

    /// `is known`, `is unknown`, `is not known`.
    fn known(&mut self, left: At<Expr>) -> Parsed<Expr> {
        let negated = self.eat_word("not");
        let known = if self.eat_word("known") {
            true
        } else if self.eat_word("unknown") {
            false
        } else {
            let value = self.kind().word().unwrap_or_default().to_lowercase();
            let help = match value.as_str() {
                "null" | "nil" | "none" | "empty" | "missing" | "blank" | "undefined" => {
                    let (left, right) =
                        (print::expr(&left.node), if negated { "known" } else { "unknown" });
                    format!("Write `{left} is {right}`.")
                }
                _ => {
                    let sign = if negated { "!=" } else { "=" };
                    format!("Compare with `{sign}`; `is` asks only `is known` or `is unknown`.")
                }
            };
            let message = format!("expected `known` or `unknown`, found `{}`", self.written());
            return self.fail(codes::SYNTAX, self.span(), message, help);
        };
        Ok(if known == negated {
            Expr::IsUnknown(Box::new(left))
        } else {
            Expr::IsKnown(Box::new(left))
        })
    }

    /// What people put behind a comparison: a second one, or a window.
    fn after_comparison(&mut self, left: &mut At<Expr>) -> Parsed<()> {
        if self.infix() == Some(Level::Compare) {
            if self.is_word("in") && self.misplaced_window(left) {
                return Ok(());
            }
            return self.fail(
                codes::SYNTAX,
                self.span(),
                format!("`{}` cannot follow a comparison", self.written()),
                "Write `x between 1 and 5`, or join two comparisons with `and`.",
            );
        }
        self.misplaced_window(left);
        Ok(())
    }

    /// Takes in `for 7d` or `30d ago` behind something without parentheses, and reports it.
    fn loose_postfix(&mut self, left: &At<Expr>) -> Parsed<()> {
        let is_for = self.is_word("for") && matches!(self.kind_at(1), Kind::Number(_));
        if !is_for && !self.is_ago() {
            return Ok(());
        }
        let (span, start) = (self.span(), self.start());
        let word = if is_for { "for" } else { "ago" };
        self.eat_word("for");
        self.length("`for`")?;
        self.eat_word("ago");
        let postfix = &self.text[self.span_from(start)];
        let help = format!("Write `({}) {postfix}`.", print::expr(&left.node));
        let message = format!("`{word}` follows what stands between parentheses");
        self.report(codes::SYNTAX, span, message, help);
        Ok(())
    }

    /// Takes in a window that stands outside the call it belongs to, and reports it.
    pub(super) fn misplaced_window(&mut self, left: &mut At<Expr>) -> bool {
        const LEADS: &[&str] = &["in", "within", "during", "over", "the", "last", "this", "past"];
        let starts_window = self.kind().word().is_some_and(|it| LEADS.contains(&it))
            || matches!(self.kind(), Kind::Number(_))
                && self.at > 0
                && self.tokens[self.at - 1].kind.is_word("in");
        let target = match &mut left.node {
            Expr::Compare(_, inner, _) | Expr::Between(inner, ..) => &mut inner.node,
            other => other,
        };
        let (Expr::Aggregate { windows, .. } | Expr::Sequence { windows, .. }) = target else {
            return false;
        };
        if !starts_window || matches!(self.kind_at(1), Kind::Open | Kind::At) {
            return false;
        }
        let (at, problems, span) = (self.at, self.problems.len(), self.span());
        while ["in", "within", "during", "over", "the", "past"].iter().any(|it| self.eat_word(it)) {
        }
        let start = self.start();
        let window = match self.kind() {
            Kind::Number(_) => self.length("`last`").map(Window::Last),
            _ => self.window().map(|it| it.node),
        };
        let Ok(window) = window else {
            self.at = at;
            self.problems.truncate(problems);
            return false;
        };
        windows.push(At::new(window, self.span_from(start)));
        let call = mem::replace(target, Expr::Now);
        let help = format!("Write `{}`.", print::expr(&call));
        *target = call;
        let message = "a window stands inside the call";
        self.report(codes::SYNTAX, span.start..self.span_from(start).end, message, help);
        true
    }

    /// A value with `30d ago`, `at M` or `for 7d` behind it, at most one of them.
    fn postfixed(&mut self) -> Parsed<At<Expr>> {
        let start = self.start();
        let enclosed = self.is(&Kind::Open);
        let value = self.primary()?;
        let takes_moment = enclosed || level::is_value_call(&value.node);
        let takes_for = enclosed || level::is_condition_call(&value.node);
        let postfix = if takes_moment && self.is_ago() {
            let length = self.length("`ago`")?;
            self.expect_word("ago", "Write `(…) 30d ago`.")?;
            Expr::Ago(Box::new(value), length)
        } else if takes_moment && self.is_word("at") && !self.kind_at(1).is_word("least") {
            self.advance();
            let moment = self.moment()?;
            Expr::AtMoment(Box::new(value), Box::new(moment))
        } else if takes_for && self.is_word("for") {
            self.advance();
            Expr::For(Box::new(value), self.length("`for`")?)
        } else {
            return Ok(value);
        };
        if self.is_ago() || self.is_word("for") || self.is_word("at") && self.infix().is_none() {
            let help = "Put the first part between parentheses.";
            let message = format!("`{}` cannot follow here", self.written());
            return self.fail(codes::SYNTAX, self.span(), message, help);
        }
        Ok(At::new(postfix, self.span_from(start)))
    }

    /// Whether `30d ago` follows.
    fn is_ago(&self) -> bool {
        matches!(self.kind(), Kind::Number(_))
            && self.kind_at(1).word().is_some()
            && self.kind_at(2).is_word("ago")
    }
}

fn negate(number: firsthand_model::Decimal) -> firsthand_model::Decimal {
    firsthand_model::Decimal::from_raw(-number.raw())
}

fn flatten_into(parts: &mut Vec<At<Expr>>, part: At<Expr>, is_and: bool) {
    match part.node {
        Expr::And(inner) if is_and => parts.extend(inner),
        Expr::Or(inner) if !is_and => parts.extend(inner),
        _ => parts.push(part),
    }
}
