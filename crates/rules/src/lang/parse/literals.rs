//! Numbers with what follows them: `80%`, `3 MB`, `20 USD`, `14d`.

use firsthand_model::Decimal;
use firsthand_model::diagnostic::codes;

use super::{Parsed, Parser, Stop};
use crate::lang::ast::{Expr, Length, LengthUnit};
use crate::lang::token::Kind;
use crate::lang::words;

impl Parser<'_> {
    /// A number and its unit, if it has one.
    pub(super) fn number(&mut self) -> Parsed<Expr> {
        let start = self.start();
        let number = self.digits()?;
        if self.eat(&Kind::Percent) {
            return Ok(Expr::Percent(number));
        }
        let Some(word) = self.kind().word().map(str::to_owned) else {
            return Ok(Expr::Number(number));
        };
        if words::length_unit(&word).is_some() || word == "m" {
            self.at -= 1;
            return self.length("a number").map(Expr::Length);
        }
        if let Some(unit) = words::amount_unit(&word) {
            self.advance();
            return Ok(Expr::Amount(number, unit));
        }
        if self.is_glued() {
            return self.unknown_unit(start);
        }
        Ok(Expr::Number(number))
    }

    /// The digits alone. A leading zero is a date or a thousands group that went wrong.
    fn digits(&mut self) -> Parsed<Decimal> {
        let Kind::Number(number) = *self.kind() else {
            return self.unexpected("a number", "Write digits, such as `14`.");
        };
        let written = self.written();
        if written.matches('.').count() > 1 {
            // The lexer has said so.
            return Err(Stop);
        }
        let mut leading = written.bytes();
        if leading.next() == Some(b'0') && leading.next().is_some_and(|it| it.is_ascii_digit()) {
            let message = format!("`{written}` begins with a zero");
            let help = "Write numbers like `8000`, and dates like `2026-03-01`.";
            return self.fail(codes::BAD_LITERAL, self.span(), message, help);
        }
        self.advance();
        Ok(number)
    }

    /// A duration such as `14d`, `14 days`. `after` is what it stands behind, for the message.
    pub(super) fn length(&mut self, after: &str) -> Parsed<Length> {
        let start = self.start();
        if !matches!(self.kind(), Kind::Number(_)) {
            let help = "Write a number and a unit, such as `14d`, `12h` or `3mo`.";
            return self.unexpected(&format!("a duration after {after}"), help);
        }
        let number = self.digits()?;
        let word = self.kind().word().unwrap_or_default().to_owned();
        if word == "m" {
            self.advance();
            let help = "Write `min` for minutes or `mo` for months.";
            let span = self.span_from(start);
            let message = format!("`{}` could be minutes or months", &self.text[span.clone()]);
            self.report(codes::BAD_LITERAL, span, message, help);
            return Ok(Length { count: 1, unit: LengthUnit::Minutes });
        }
        let Some(unit) = words::length_unit(&word) else {
            if self.is_glued() {
                return self.unknown_unit(start);
            }
            let help = format!("Say of what: `{number}d` for days, `{number}h` for hours.");
            return self.unexpected("a unit of time", &help);
        };
        self.advance();
        self.single_unit(start, number, unit)?;
        let whole = u32::try_from(number.raw() / Decimal::SCALE).ok();
        if let Some(count) = whole.filter(|_| number.is_integer()) {
            return Ok(Length { count, unit });
        }
        let span = self.span_from(start);
        let message = format!("`{}` is no whole duration", &self.text[span.clone()]);
        let help = in_smaller_unit(number, unit).map_or_else(
            || "Write a whole number of a smaller unit.".to_owned(),
            |it| format!("Write `{it}`."),
        );
        self.report(codes::BAD_LITERAL, span, message, help);
        Ok(Length { count: 1, unit })
    }

    /// `2d 6h` is refused with the sum.
    fn single_unit(&mut self, start: usize, number: Decimal, unit: LengthUnit) -> Parsed<()> {
        let Kind::Number(more) = *self.kind() else {
            return Ok(());
        };
        let Some(second) = self.kind_at(1).word().and_then(words::length_unit) else {
            return Ok(());
        };
        if self.kind_at(2).is_word("ago") {
            return Ok(());
        }
        self.advance();
        self.advance();
        let help = match (seconds(unit), seconds(second)) {
            (Some(first), Some(per)) => {
                let sum = number.raw() * i128::from(first) / i128::from(per) + more.raw();
                let sum = Decimal::from_raw(sum);
                format!("Write it in one unit: `{sum}{}`.", crate::lang::print::length_unit(second))
            }
            _ => "Write it in one unit.".to_owned(),
        };
        let message = "a duration has one unit";
        self.fail(codes::BAD_LITERAL, self.span_from(start), message, help)
    }

    /// Whether a word that is no operator follows without a space, as in `8k`.
    fn is_glued(&self) -> bool {
        let is_word = self.kind().word().is_some_and(|it| !words::OPERATORS.contains(&it));
        is_word && self.is_adjacent()
    }

    /// Fails at the word behind a number, which is no unit.
    fn unknown_unit<T>(&mut self, start: usize) -> Parsed<T> {
        let digits = &self.text[start..self.start()];
        let word = self.written().to_owned();
        self.advance();
        let span = self.span_from(start);
        let written = &self.text[span.clone()];
        let help = match word.as_str() {
            "k" | "K" => format!("Write the number out: `{digits}000`."),
            "M" | "mio" | "mn" | "Mio" => format!("Write the number out: `{digits}_000_000`."),
            size if words::is_foreign_size(size) => words::SIZES.to_owned(),
            _ => "Units of time are `s`, `min`, `h`, `d`, `w`, `dates`, `mo` and `y`; sizes are \
                  `B`, `KB`, `MB`, `GB` and `TB`; money is written `20 USD`."
                .to_owned(),
        };
        let message = format!("`{word}` in `{written}` is no unit");
        self.fail(codes::BAD_LITERAL, span, message, help)
    }
}

/// Seconds in a unit; calendar units have no fixed number.
const fn seconds(unit: LengthUnit) -> Option<u32> {
    Some(match unit {
        LengthUnit::Seconds => 1,
        LengthUnit::Minutes => 60,
        LengthUnit::Hours => 3_600,
        LengthUnit::Days => 86_400,
        LengthUnit::Weeks => 604_800,
        LengthUnit::Dates | LengthUnit::Months | LengthUnit::Years => return None,
    })
}

/// `1.5d` as `36h`, in the largest unit that makes it whole.
fn in_smaller_unit(number: Decimal, unit: LengthUnit) -> Option<String> {
    use LengthUnit::{Days, Hours, Minutes, Seconds, Weeks};
    let whole = number.raw().checked_mul(i128::from(seconds(unit)?))?;
    [Weeks, Days, Hours, Minutes, Seconds].into_iter().find_map(|smaller| {
        let unit_raw = i128::from(seconds(smaller)?) * Decimal::SCALE;
        let count = u32::try_from(whole / unit_raw).ok()?;
        let exact = whole % unit_raw == 0 && count > 0;
        exact.then(|| crate::lang::print::length(Length { count, unit: smaller }))
    })
}
