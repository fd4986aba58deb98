//! When: moments and windows.

use firsthand_model::diagnostic::codes;
use firsthand_model::time::Period;

use super::{Parsed, Parser};
use crate::lang::ast::{At, Length, Moment, Window};
use crate::lang::token::Kind;
use crate::lang::words;

const WINDOWS: &str = "Windows are written `last 14d`, `first 10d`, `last full week`, \
                       `this month`, `since M`, `before M`, `7d after M` or `ever`.";
const MOMENTS: &str = "Moments are `start`, `first \"Signed up\"`, `last \"Signed up\"`, \
                       `3rd \"Signed up\"`, `account.renews_at`, `now` or a date.";

impl Parser<'_> {
    /// The windows behind the first argument, each after a comma.
    pub(super) fn windows(&mut self) -> Parsed<Vec<At<Window>>> {
        let mut windows = Vec::new();
        while self.eat(&Kind::Comma) {
            windows.push(self.window()?);
        }
        Ok(windows)
    }

    /// One window.
    pub(super) fn window(&mut self) -> Parsed<At<Window>> {
        let start = self.start();
        let window = match self.kind().clone() {
            Kind::Number(_) => self.window_by_moment()?,
            Kind::Word(word) => self.window_word(&word)?,
            Kind::Text(_) => {
                let message = format!("expected a window, found `{}`", self.written());
                let help = "Several events stand between parentheses: `count((\"A\", \"B\"), \
                            last 7d)`.";
                return self.fail(codes::SYNTAX, self.span(), message, help);
            }
            _ => return self.unexpected("a window", WINDOWS),
        };
        Ok(At::new(window, self.span_from(start)))
    }

    fn window_word(&mut self, word: &str) -> Parsed<Window> {
        match word {
            "last" => self.last_window(),
            "this" => {
                self.advance();
                if self.eat_word("billing") {
                    self.expect_word("period", "Write `this billing period`.")?;
                    return Ok(Window::ThisBillingPeriod);
                }
                let help = "Write `this day`, `this week`, `this month`, `this year` or `this \
                            billing period`.";
                Ok(Window::This(self.period(help)?))
            }
            "first" if matches!(self.kind_at(1), Kind::Number(_)) => {
                self.advance();
                let length = self.length("`first`")?;
                if self.eat_word("after") {
                    return Ok(after(length, self.moment()?.node));
                }
                Ok(Window::First(length))
            }
            "first" => {
                let message = "a moment is no window";
                let help = "Write `since first …`, `before first …` or `7d after first …`.";
                self.fail(codes::SYNTAX, self.span(), message, help)
            }
            "since" => {
                self.advance();
                Ok(Window::Since(self.moment_or_event()?.node))
            }
            "after" => {
                self.advance();
                Ok(Window::Since(self.moment()?.node))
            }
            "before" => {
                self.advance();
                Ok(Window::Before(self.moment()?.node))
            }
            "ever" => {
                self.advance();
                Ok(Window::Ever)
            }
            _ => self.no_window(word),
        }
    }

    fn no_window(&mut self, word: &str) -> Parsed<Window> {
        let help = match word {
            "in" | "within" | "during" | "over" | "the" | "past" | "previous" => {
                let from = self.tokens[self.at..].iter().find_map(|it| match it.kind {
                    Kind::Number(_) => Some(it.span.start),
                    Kind::Close | Kind::Comma => Some(usize::MAX),
                    _ => None,
                });
                let rest = from.and_then(|from| self.text.get(from..)).unwrap_or_default();
                let end = rest.find([',', ')']).unwrap_or(rest.len());
                match rest[..end].trim() {
                    "" => WINDOWS.to_owned(),
                    length => format!("Write `last {length}`."),
                }
            }
            "today" => "Write `this day`.".to_owned(),
            "yesterday" => "Write `last full day`.".to_owned(),
            "between" | "from" => {
                "Write two windows: `since 2026-01-01, before 2026-02-01`.".to_owned()
            }
            "where" => "`where` stands right behind the events, before the comma.".to_owned(),
            _ => {
                let known = ["last", "first", "this", "since", "before", "ever"];
                words::nearest(word, known.into_iter())
                    .map_or_else(|| WINDOWS.to_owned(), |near| format!("Did you mean `{near}`?"))
            }
        };
        let message = format!("expected a window, found `{word}`");
        self.fail(codes::SYNTAX, self.span(), message, help)
    }

    /// `last 14d`, `last full week`, `last 4 full months`.
    fn last_window(&mut self) -> Parsed<Window> {
        let start = self.start();
        self.advance();
        if self.eat_word("full") {
            return self.full_periods(1);
        }
        if matches!(self.kind(), Kind::Number(_)) && self.kind_at(1).is_word("full") {
            let count = self.written().replace('_', "").parse().ok().filter(|it| *it > 0_u32);
            let Some(count) = count else {
                return self.unexpected("a whole number", "Write `last 4 full weeks`.");
            };
            self.advance();
            self.advance();
            return self.full_periods(count);
        }
        if let Some(period) = self.kind().word().and_then(words::period) {
            let word = words::period_word(period);
            self.advance();
            let message = format!("`last {word}` could mean two things");
            let short = word.get(..if period == Period::Month { 2 } else { 1 }).unwrap_or(word);
            let help = format!(
                "Write `last full {word}` for the one of the calendar, or `last 1{short}` for the \
                 time up to now."
            );
            return self.fail(codes::SYNTAX, self.span_from(start), message, help);
        }
        if let (Kind::Text(_), _) | (Kind::Word(_), true) = (self.kind(), !self.is_word("billing"))
        {
            let message = "a moment is no window";
            let help = "Write `since last …`, `before last …` or `7d after last …`.";
            return self.fail(codes::SYNTAX, self.span_from(start), message, help);
        }
        if self.is_word("billing") {
            let help = "Write `last full billing period`.";
            return self.unexpected("`full`", help);
        }
        Ok(Window::Last(self.length("`last`")?))
    }

    fn full_periods(&mut self, count: u32) -> Parsed<Window> {
        if self.eat_word("billing") {
            if !self.eat_word("periods") {
                self.expect_word("period", "Write `last full billing period`.")?;
            }
            return Ok(Window::LastFullBillingPeriods(count));
        }
        let help = "Write `last full week`, `last 4 full months` or `last full billing period`.";
        Ok(Window::LastFull(count, self.period(help)?))
    }

    fn period(&mut self, help: &str) -> Parsed<Period> {
        match self.kind().word().and_then(words::period) {
            Some(period) => {
                self.advance();
                Ok(period)
            }
            None => self.unexpected("a period", help),
        }
    }

    /// `10d after M`, `3d to 10d after M`, `14d before M`.
    fn window_by_moment(&mut self) -> Parsed<Window> {
        let start = self.start();
        let length = self.length("the comma")?;
        if self.eat_word("to") {
            let end = self.length("`to`")?;
            self.expect_word("after", "Write `3d to 10d after first \"Signed up\"`.")?;
            return Ok(Window::FromToAfter(length, end, self.moment()?.node));
        }
        if self.eat_word("after") {
            return Ok(after(length, self.moment()?.node));
        }
        if self.eat_word("before") {
            return Ok(Window::LengthBefore(length, self.moment()?.node));
        }
        let shown = crate::lang::print::length(length);
        let message = format!("`{shown}` alone is no window");
        let help = format!("Write `last {shown}`, `first {shown}` or `{shown} after …`.");
        self.fail(codes::SYNTAX, self.span_from(start), message, help)
    }

    /// A moment, or an event expression that means its last one.
    pub(super) fn moment_or_event(&mut self) -> Parsed<At<Moment>> {
        let is_event = match self.kind() {
            Kind::Text(_) | Kind::Open | Kind::Name(_) => true,
            Kind::Word(word) => {
                matches!(word.as_str(), "any" | "becomes" | "every") || !words::is_taken(word)
            }
            _ => false,
        };
        if !is_event {
            return self.moment();
        }
        let events = self.events()?;
        Ok(At::new(Moment::Last(events.node), events.span))
    }

    /// One moment.
    pub(super) fn moment(&mut self) -> Parsed<At<Moment>> {
        let start = self.start();
        let moment = match self.kind().clone() {
            Kind::Date(date) => {
                self.advance();
                Moment::Date(date)
            }
            Kind::At => Moment::Constant(self.constant()?),
            Kind::Number(_) => self.nth()?,
            Kind::Word(word) => match word.as_str() {
                "start" => {
                    self.advance();
                    Moment::Start
                }
                "now" => {
                    self.advance();
                    Moment::Now
                }
                "first" => {
                    self.advance();
                    Moment::First(self.events()?.node)
                }
                "last" => {
                    self.advance();
                    Moment::Last(self.events()?.node)
                }
                "account" | "person" if *self.kind_at(1) == Kind::Dot => {
                    let (owner, name) = self.owned()?;
                    Moment::Trait(owner, name)
                }
                _ => return self.unexpected("a moment", MOMENTS),
            },
            Kind::Text(_) => {
                let written = self.written();
                let help = format!("Say which one: `first {written}` or `last {written}`.");
                return self.unexpected("a moment", &help);
            }
            _ => return self.unexpected("a moment", MOMENTS),
        };
        Ok(At::new(moment, self.span_from(start)))
    }

    /// `3rd E`.
    fn nth(&mut self) -> Parsed<Moment> {
        let count = self.written().parse().ok().filter(|it| *it > 0_u32);
        let ordinal =
            self.kind_at(1).word().is_some_and(|it| ["st", "nd", "rd", "th"].contains(&it));
        let Some(count) = count.filter(|_| ordinal) else {
            return self.unexpected("a moment", MOMENTS);
        };
        self.advance();
        self.advance();
        let events = self.events()?.node;
        Ok(if count == 1 { Moment::First(events) } else { Moment::Nth(count, events) })
    }
}

/// `10d after start` is `first 10d`.
fn after(length: Length, moment: Moment) -> Window {
    match moment {
        Moment::Start => Window::First(length),
        _ => Window::After(length, moment),
    }
}
