//! For each K: `any K has (C)`, `number of K with (C)`, `sum of (V) per K`.

use super::{Parsed, Parser};
use crate::lang::ast::{At, Expr, Key, Quantifier, Window};
use crate::lang::token::Kind;
use crate::lang::words;

impl Parser<'_> {
    /// A for-each, if the word at hand begins one.
    pub(super) fn for_each(&mut self, word: &str) -> Parsed<Option<Expr>> {
        let quantifier = match word {
            "any" => Quantifier::Any,
            "every" => Quantifier::Every,
            _ if !self.kind_at(1).is_word("of") => return Ok(None),
            "number" => Quantifier::Number,
            "sum" => Quantifier::Sum,
            "avg" => Quantifier::Avg,
            "min" => Quantifier::Min,
            "max" => Quantifier::Max,
            _ => return Ok(None),
        };
        self.advance();
        let each = match quantifier {
            Quantifier::Any | Quantifier::Every => {
                let help = "Write `any member has (…)`. Events stand inside a call: `seen(any)`.";
                let (key, within) = self.keys(help)?;
                self.expect_word("has", help)?;
                self.condition_of(quantifier, key, within)?
            }
            Quantifier::Number => {
                self.advance();
                let help = "Write `number of members with (…)`.";
                let (key, within) = self.keys(help)?;
                self.expect_word("with", help)?;
                self.condition_of(quantifier, key, within)?
            }
            _ => {
                self.advance();
                let inner = Box::new(self.anything()?);
                let help = format!("Say for each what: `{word} of (…) per member`.");
                self.expect_word("per", &help)?;
                let (key, within) = self.keys(&help)?;
                Expr::Each { over: quantifier, key, inner, within }
            }
        };
        Ok(Some(each))
    }

    /// The condition on each key. Periods may also be named behind it.
    fn condition_of(
        &mut self,
        over: Quantifier,
        key: Key,
        within: Option<At<Window>>,
    ) -> Parsed<Expr> {
        let inner = Box::new(self.enclosed()?);
        let within = match within {
            None => self.periods()?,
            given => given,
        };
        Ok(Expr::Each { over, key, inner, within })
    }

    /// The keys and, behind them, `in last 4 full weeks`.
    fn keys(&mut self, help: &str) -> Parsed<(Key, Option<At<Window>>)> {
        let key = match self.kind().clone() {
            Kind::Name(first) => {
                self.advance();
                Key::Property(self.path(&first)?)
            }
            Kind::Word(word) if !words::OPERATORS.contains(&word.as_str()) => {
                self.advance();
                match word.as_str() {
                    _ if self.is(&Kind::Dot) => Key::Property(self.path(&word)?),
                    "member" | "members" => Key::Member,
                    "sibling" | "siblings" => Key::Sibling,
                    _ => words::period(&word).map_or(Key::Property(word), Key::Period),
                }
            }
            _ => {
                let wanted = "`member`, `sibling`, `day`, `week`, `month` or a property";
                return self.unexpected(wanted, help);
            }
        };
        Ok((key, self.periods()?))
    }

    /// `in last 4 full weeks`, but not the test `in (…)`.
    fn periods(&mut self) -> Parsed<Option<At<Window>>> {
        if !self.is_word("in") || matches!(self.kind_at(1), Kind::Open | Kind::At) {
            return Ok(None);
        }
        self.advance();
        self.window().map(Some)
    }
}
