//! Values and conditions that begin with a literal, a word or a parenthesis.

use firsthand_model::Text;
use firsthand_model::diagnostic::codes;

use super::{Parsed, Parser};
use crate::lang::ast::{Aggregate, At, Expr, Owner};
use crate::lang::level::Level;
use crate::lang::token::Kind;
use crate::lang::words;

impl Parser<'_> {
    /// The smallest complete value.
    pub(super) fn primary(&mut self) -> Parsed<At<Expr>> {
        let start = self.start();
        let expr = match self.kind().clone() {
            Kind::Open => {
                let open = self.open("")?;
                let inner = self.anything()?;
                self.close(open, "Join conditions with `and` or `or`.")?;
                // The parentheses are the place, not part of what is said.
                return Ok(At::new(inner.node, self.span_from(start)));
            }
            Kind::Number(_) => self.number()?,
            Kind::Date(it) => self.literal(Expr::Date(it)),
            Kind::Text(it) => self.literal(Expr::Text(it)),
            Kind::At => Expr::Constant(self.constant()?),
            Kind::Name(name) => self.property(&name)?,
            Kind::Word(word) => self.word(&word)?,
            _ => {
                let help = "Write a value, such as a number, a text in double quotes, \
                            `account.plan` or `count(\"Report exported\", last 7d)`.";
                return self.unexpected("a value", help);
            }
        };
        Ok(At::new(expr, self.span_from(start)))
    }

    fn literal(&mut self, expr: Expr) -> Expr {
        self.advance();
        expr
    }

    /// `@name`.
    pub(super) fn constant(&mut self) -> Parsed<Text> {
        self.advance();
        if !self.is_adjacent() {
            return self.unexpected("a name right after `@`", "Write it like `@competitors`.");
        }
        self.name("a constant")
    }

    /// A value that begins with a word.
    fn word(&mut self, word: &str) -> Parsed<Expr> {
        if words::OPERATORS.contains(&word) {
            if word == "at" && self.kind_at(1).is_word("least") {
                return self.at_least();
            }
            return self.stray_word(word);
        }
        let opens = *self.kind_at(1) == Kind::Open;
        match word {
            "true" => return Ok(self.literal(Expr::Bool(true))),
            "false" => return Ok(self.literal(Expr::Bool(false))),
            "now" => return Ok(self.literal(Expr::Now)),
            "it" => return Ok(self.literal(Expr::It)),
            "unlimited" => return Ok(self.literal(Expr::Unlimited)),
            "trial_age" => return Ok(self.literal(Expr::TrialAge)),
            "trial_left" => return Ok(self.literal(Expr::TrialLeft)),
            "account" | "person" if *self.kind_at(1) == Kind::Dot => {
                let (owner, name) = self.owned()?;
                return Ok(Expr::Trait(owner, name));
            }
            "account" if opens => {
                self.advance();
                return Ok(Expr::OfAccount(Box::new(self.enclosed()?)));
            }
            _ => {}
        }
        if let Some(each) = self.for_each(word)? {
            return Ok(each);
        }
        if opens {
            return self.call(word);
        }
        if self.bare_properties {
            if word == "account" {
                let help = "Name a trait of the account, such as `account.plan`.";
                self.advance();
                return self.unexpected("`.` and the name of a trait", help);
            }
            if let Some(field) = words::field(word).filter(|_| *self.kind_at(1) != Kind::Dot) {
                return Ok(self.literal(Expr::Field(field)));
            }
            return self.property(word);
        }
        self.stray_word(word)
    }

    /// `file.size`, from its first part on.
    fn property(&mut self, first: &str) -> Parsed<Expr> {
        if !self.bare_properties {
            return self.stray_word(first);
        }
        self.advance();
        Ok(Expr::Property(self.path(first)?))
    }

    /// `account.T`, `person.T`, from the owner on.
    pub(super) fn owned(&mut self) -> Parsed<(Owner, Text)> {
        let owner = if self.is_word("account") { Owner::Account } else { Owner::Person };
        self.advance();
        self.advance();
        let first = self.path_part()?;
        Ok((owner, self.path(&first)?))
    }

    /// A word that means nothing where a value is wanted.
    fn stray_word(&mut self, word: &str) -> Parsed<Expr> {
        let span = self.span();
        if words::OPERATORS.contains(&word) {
            let help = words::advice(word).unwrap_or(
                "Write a value on each side; names that are words of the language stand \
                         between backticks.",
            );
            let message = format!("expected a value, found `{word}`");
            return self.fail(codes::SYNTAX, span, message, help);
        }
        let known = words::FUNCTIONS.iter().chain(words::VALUES).chain(words::OPERATORS);
        let help = if let Some(advice) = words::advice(word) {
            advice.to_owned()
        } else if words::FUNCTIONS.contains(&word) || words::aggregate(word).is_some() {
            format!("Parentheses follow it: `{word}(…)`.")
        } else if let Some(near) = words::nearest(word, known.copied()) {
            format!("Did you mean `{near}`?")
        } else {
            format!(
                "A text stands between double quotes, a trait is written `account.{word}` or \
                 `person.{word}`, and a property of an event is read inside `where`."
            )
        };
        self.fail(codes::UNKNOWN_WORD, span, format!("`{word}` means nothing here"), help)
    }

    /// `( … )`.
    pub(super) fn enclosed(&mut self) -> Parsed<At<Expr>> {
        let help = "Put the condition between parentheses: `any member has (…)`, `becomes (…)`.";
        let open = self.open(help)?;
        let inner = self.anything()?;
        self.close(open, "Join conditions with `and` or `or`.")?;
        Ok(inner)
    }

    /// `at least 2 of (C1, C2, C3)`.
    fn at_least(&mut self) -> Parsed<Expr> {
        let help = "Write `at least 2 of (…, …, …)`.";
        self.advance();
        self.advance();
        let count = match *self.kind() {
            Kind::Number(count) if count.is_integer() => {
                u32::try_from(count.raw() / firsthand_model::Decimal::SCALE).ok()
            }
            _ => None,
        };
        let Some(count) = count else {
            return self.unexpected("a whole number", help);
        };
        self.advance();
        self.expect_word("of", help)?;
        let open = self.open(help)?;
        let conditions = self.list()?;
        self.close(open, "Part the conditions by commas.")?;
        Ok(Expr::AtLeast(count, conditions))
    }

    /// A word with parentheses behind it.
    fn call(&mut self, word: &str) -> Parsed<Expr> {
        if let Some(kind) = words::aggregate(word) {
            return self.aggregate(kind);
        }
        let span = self.span();
        self.advance();
        if word == "was" {
            return self.was();
        }
        let open = self.open("")?;
        let expr = match word {
            "since" => Expr::Since(Box::new(self.moment_or_event()?)),
            "until" => Expr::Until(Box::new(self.moment()?)),
            "score" => {
                let name = self.name("a score")?;
                let part =
                    if self.eat(&Kind::Comma) { Some(self.name("a part of it")?) } else { None };
                Expr::Score(name, part)
            }
            "grade" => Expr::Grade(self.name("a grade")?),
            "qualified" => Expr::Qualified(self.name("a definition")?),
            "number" => Expr::NumberFrom(self.name("a number")?),
            "propensity" => Expr::Propensity(self.name("a model")?),
            "growth" => {
                let value = self.anything()?;
                let length =
                    if self.eat(&Kind::Comma) { Some(self.length("the comma")?) } else { None };
                Expr::Growth(Box::new(value), length)
            }
            "streak" => {
                let help = "Write `streak(week, …)`, with `day`, `week`, `month` or `year`.";
                let Some(period) = self.kind().word().and_then(words::period) else {
                    return self.unexpected("a period", help);
                };
                self.advance();
                self.comma(help)?;
                Expr::Streak(period, Box::new(self.anything()?))
            }
            "percentile" => {
                let value = self.anything()?;
                self.expect_word("among", "Name the population: `percentile(… among (…))`.")?;
                Expr::Percentile(Box::new(value), Box::new(self.anything()?))
            }
            "rank" => {
                let value = self.anything()?;
                self.expect_word("among", "Write `rank(… among members)`.")?;
                self.expect_word("members", "A rank is taken `among members`.")?;
                Expr::Rank(Box::new(value))
            }
            "default" => {
                let value = self.anything()?;
                self.comma("Name the value to use instead: `default(account.seats, 0)`.")?;
                Expr::Default(Box::new(value), Box::new(self.anything()?))
            }
            "round" => Expr::Round(Box::new(self.anything()?)),
            _ => {
                let Some(asked) = words::meter_value(word) else {
                    let message = format!("`{word}` is no function");
                    let help =
                        words::advice(word).map_or_else(|| near_function(word), str::to_owned);
                    return self.fail(codes::UNKNOWN_WORD, span, message, help);
                };
                Expr::Meter(asked, self.name("a meter")?)
            }
        };
        self.close(open, "Close the parenthesis here.")?;
        Ok(expr)
    }

    fn comma(&mut self, help: &str) -> Parsed<()> {
        if self.eat(&Kind::Comma) { Ok(()) } else { self.unexpected("`,`", help) }
    }

    /// `was (C, W, …)`.
    fn was(&mut self) -> Parsed<Expr> {
        let open = self.open("")?;
        let condition = self.anything()?;
        let windows = self.windows()?;
        self.close(open, "Put a comma before the window: `was (…, last 30d)`.")?;
        Ok(Expr::Was(Box::new(condition), windows))
    }

    /// `count(E, W, …)`, `sum(p, E, W, …)`, `min(a, b)` and the sequence of `seen`.
    fn aggregate(&mut self, kind: Aggregate) -> Parsed<Expr> {
        let word = words::aggregate_word(kind);
        self.advance();
        let open = self.open("")?;
        if matches!(kind, Aggregate::Min | Aggregate::Max) && !self.second_argument_is_event() {
            let values = self.list()?;
            if values.len() < 2 {
                let help = format!(
                    "Write `{word}(a, b)` for values, or `{word}(amount, \"Invoice paid\")` for a \
                     property of events."
                );
                return self.unexpected("`,` and another value", &help);
            }
            self.close(open, "Part the values by commas.")?;
            return Ok(if kind == Aggregate::Min { Expr::Min(values) } else { Expr::Max(values) });
        }
        let of = if words::has_property(kind) {
            let help = format!(
                "Name the property first, then the events: `{word}(amount, \"Invoice paid\")`."
            );
            let ends = matches!(self.kind_at(1), Kind::Comma | Kind::Close);
            if matches!(self.kind(), Kind::Text(_)) && (ends || self.kind_at(1).is_word("where")) {
                return self.unexpected("a property", &help);
            }
            let of = self.with_properties(true, Self::properties)?;
            self.comma(&help)?;
            of
        } else {
            Vec::new()
        };
        let events = self.events()?;
        if self.is_word("then") || self.is_word("within") {
            return self.sequence(kind, open, events);
        }
        if let Kind::Word(next) = self.kind()
            && matches!(next.as_str(), "last" | "this" | "first" | "since" | "before" | "ever")
        {
            let message = format!("expected `,` before `{next}`");
            let help = "Put a comma between the events and the window.";
            return self.fail(codes::SYNTAX, self.span(), message, help);
        }
        let windows = self.windows()?;
        self.close(open, &after_events(word))?;
        Ok(Expr::Aggregate { kind, of, events, windows })
    }

    /// What an aggregate is taken over: `amount`, or `(p, day)` for a combination.
    fn properties(&mut self) -> Parsed<Vec<At<Expr>>> {
        if self.is(&Kind::Open) && self.comma_inside(0) {
            let open = self.open("")?;
            let properties = self.list()?;
            self.close(open, "Part the properties by commas: `(p, day)`.")?;
            return Ok(properties);
        }
        Ok(vec![self.expression(Level::Add)?])
    }

    fn sequence(
        &mut self,
        kind: Aggregate,
        open: usize,
        first: At<crate::lang::ast::Events>,
    ) -> Parsed<Expr> {
        if kind != Aggregate::Seen {
            let message = format!("`{}` takes no sequence", words::aggregate_word(kind));
            let help = "Write `seen(\"A\" then \"B\" within 3d)`, with `not` before it if need be.";
            return self.fail(codes::SYNTAX, self.span(), message, help);
        }
        let mut steps = vec![first];
        while self.eat_word("then") {
            steps.push(self.events()?);
        }
        let place = self.span();
        let within = if self.eat_word("within") { Some(self.length("`within`")?) } else { None };
        if steps.len() < 2 {
            let help =
                "Write `seen(\"A\", last 3d)`; `within` is for `\"A\" then \"B\" within 3d`.";
            let message = "`within` needs a sequence";
            return self.fail(codes::SYNTAX, place, message, help);
        }
        let windows = self.windows()?;
        self.close(open, &after_events("seen"))?;
        Ok(Expr::Sequence { steps, within, windows })
    }

    /// Decides between `min(p, E)` and `min(a, b)` by how the second argument begins.
    fn second_argument_is_event(&self) -> bool {
        let Some(mut at) = self.comma_after(0) else {
            return false;
        };
        at += 1;
        while *self.kind_at(at) == Kind::Open {
            at += 1;
        }
        match self.kind_at(at) {
            Kind::Text(_) => true,
            Kind::Name(_) => !self.bare_properties,
            Kind::Word(word) => match word.as_str() {
                "becomes" => true,
                "every" => matches!(self.kind_at(at + 1), Kind::Number(_)),
                "any" => !self.is_key_at(at + 1),
                _ => {
                    let follows = self.kind_at(at + 1);
                    let is_form = words::is_taken(word)
                        || matches!(follows, Kind::Open | Kind::Dot)
                        || follows.is_word("of");
                    !self.bare_properties && !is_form
                }
            },
            _ => false,
        }
    }

    /// Whether the word there is the key of a for-each and not the end of `any`.
    fn is_key_at(&self, ahead: usize) -> bool {
        let names = matches!(self.kind_at(ahead), Kind::Word(_) | Kind::Name(_));
        let after = self.kind_at(ahead + 1);
        names
            && !self.kind_at(ahead).is_word("where")
            && (after.is_word("has") || after.is_word("in") || *after == Kind::Dot)
    }

    /// Where, counted from here, the next comma stands that no parentheses enclose.
    fn comma_after(&self, from: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for ahead in from..self.tokens.len() - self.at {
            match self.kind_at(ahead) {
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.checked_sub(1)?,
                Kind::Comma if depth == 0 => return Some(ahead),
                _ => {}
            }
        }
        None
    }

    /// Whether the parenthesis at hand encloses a list.
    fn comma_inside(&self, ahead: usize) -> bool {
        self.comma_after(ahead + 1).is_some()
    }
}

fn near_function(word: &str) -> String {
    words::nearest(word, words::FUNCTIONS.iter().copied()).map_or_else(
        || {
            "Functions are `count`, `people`, `days`, `sum`, `usage`, `score` and others."
                .to_owned()
        },
        |near| format!("Did you mean `{near}`?"),
    )
}

fn after_events(word: &str) -> String {
    format!(
        "Windows follow the events behind a comma: `{word}(\"Report exported\", last 7d)`. Event \
         names stand between double quotes."
    )
}
