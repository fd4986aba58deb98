//! Which events: `"A"`, `("A", core)`, `any marketing`, `… where …`, `becomes (C)`.

use std::ops::Range;

use firsthand_model::diagnostic::codes;

use super::{Parsed, Parser};
use crate::lang::ast::{At, EventName, Events};
use crate::lang::token::Kind;
use crate::lang::words;

impl Parser<'_> {
    /// An event expression.
    pub(super) fn events(&mut self) -> Parsed<At<Events>> {
        self.deeper(|it| {
            let start = it.start();
            let mut events = it.unfiltered()?;
            let place = it.span();
            if it.eat_word("where") {
                let condition = it.with_properties(true, Self::anything)?;
                if it.is_word("where") {
                    return it.second_filter(it.span());
                }
                match &mut events {
                    Events::Named { filter: filter @ None, .. } => {
                        *filter = Some(Box::new(condition));
                    }
                    Events::Named { .. } => return it.second_filter(place),
                    Events::Becomes(_) | Events::EveryWhile(..) => {
                        let message = "`where` cannot follow a condition";
                        let help = "Write it into the condition, with `and`.";
                        return it.fail(codes::SYNTAX, place, message, help);
                    }
                }
            }
            it.joined_events()?;
            Ok(At::new(events, it.span_from(start)))
        })
    }

    fn second_filter<T>(&mut self, place: Range<usize>) -> Parsed<T> {
        let message = "these events have a `where` already";
        self.fail(codes::SYNTAX, place, message, "Join both conditions with `and`.")
    }

    fn unfiltered(&mut self) -> Parsed<Events> {
        let start = self.start();
        let name = match self.kind().clone() {
            Kind::Open => return self.event_list(),
            Kind::Text(name) => {
                self.advance();
                EventName::Name(name)
            }
            Kind::Name(name) => {
                self.advance();
                EventName::Group(name)
            }
            Kind::Word(word) => match word.as_str() {
                "any" => {
                    self.advance();
                    if self.eat_word("marketing") {
                        EventName::AnyMarketing
                    } else {
                        EventName::Any
                    }
                }
                "becomes" => {
                    self.advance();
                    return Ok(Events::Becomes(Box::new(self.enclosed()?)));
                }
                "every" => {
                    self.advance();
                    let help = "Write `every 7d while (…)`.";
                    let length = self.length("`every`")?;
                    self.expect_word("while", help)?;
                    return Ok(Events::EveryWhile(length, Box::new(self.enclosed()?)));
                }
                _ => self.group(&word)?,
            },
            _ => {
                let help = "Name events between double quotes, such as `\"Report exported\"`, a \
                            group such as `core`, or `any`.";
                return self.unexpected("events", help);
            }
        };
        let names = vec![At::new(name, self.span_from(start))];
        Ok(Events::Named { names, filter: None })
    }

    /// A named group. Several words in a row are an event name without its quotes.
    fn group(&mut self, word: &str) -> Parsed<EventName> {
        let span = self.span();
        if words::is_taken(word) {
            let help = match word {
                "last" | "first" | "before" => {
                    "Name the events first, then the window: `count(\"Report exported\", last 7d)`."
                }
                _ => "Name events between double quotes, such as `\"Report exported\"`.",
            };
            let message = format!("expected events, found `{word}`");
            return self.fail(codes::SYNTAX, span, message, help);
        }
        let name = self.name("a group of events")?;
        let mut end = self.span_from(span.start).end;
        let mut several = false;
        while let Kind::Word(next) = self.kind() {
            if words::is_taken(next) {
                break;
            }
            several = true;
            end = self.span().end;
            self.advance();
        }
        if several {
            let message = "an event name stands between double quotes";
            let help = format!("Write `\"{}\"`.", &self.text[span.start..end]);
            self.report(codes::SYNTAX, span.start..end, message, help);
        }
        Ok(EventName::Group(name))
    }

    /// `("A", core)`; or one event expression between parentheses, for its filter.
    fn event_list(&mut self) -> Parsed<Events> {
        let open = self.open("")?;
        let mut first = self.events()?;
        while self.eat(&Kind::Comma) {
            let more = self.events()?;
            let place = more.span.clone();
            let (
                Events::Named { names, filter: None },
                Events::Named { names: more, filter: None },
            ) = (&mut first.node, more.node)
            else {
                let message = "a list holds only names and groups";
                let help = "One `where` is for the whole list: `(\"A\", \"B\") where …`. For \
                            different ones, add two counts.";
                return self.fail(codes::SYNTAX, place, message, help);
            };
            names.extend(more);
        }
        self.close(open, "Part the events by commas: `(\"A\", \"B\")`.")?;
        Ok(first.node)
    }

    /// `"A" and "B"`, `"A" or "B"`, `"A" "B"`, but not `… at first "A" and "B" = x`.
    fn joined_events(&mut self) -> Parsed<()> {
        // In `x between V at last "A" and "B"` the `and` is that of `between`.
        if self.low_end && self.is_word("and") {
            return Ok(());
        }
        let joined = usize::from(self.is_word("and") || self.is_word("or"));
        let ends = match self.kind_at(joined + 1) {
            Kind::Comma | Kind::Close | Kind::End => true,
            Kind::Word(word) => matches!(word.as_str(), "and" | "or" | "where" | "then"),
            _ => false,
        };
        if !matches!(self.kind_at(joined), Kind::Text(_)) || !ends {
            return Ok(());
        }
        let message = "events are not joined by words";
        let help = "List them between parentheses: `(\"A\", \"B\")` means any of these.";
        self.fail(codes::SYNTAX, self.span(), message, help)
    }
}
