//! The traditional way: a large company reads, talks to sales, and signs, or does not.

use firsthand_model::{Span, Time};

use super::{Life, Plan};
use crate::company::Persona;
use crate::hazard::HAZARDS;

/// From so many points on, a company would rather talk.
const INTEREST_MIN: i64 = 40;
/// The hazard of talking below that.
const UNASKED: i64 = 150;
/// How a deal goes on.
const STAGES: [&str; 3] = ["discovery", "evaluation", "negotiation"];

/// A deal that is being talked about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deal {
    opened: i64,
    closes: i64,
    amount: i64,
    won: bool,
    stage: usize,
}

impl Life<'_> {
    pub(super) fn talk_to_sales(&mut self, day: i64, drawn: i64) {
        if self.company.founding.persona != Persona::Enterprise {
            return;
        }
        match self.deal {
            Some(deal) if day >= deal.closes => self.close(day, deal),
            Some(deal) => self.go_on(day, deal),
            None => {
                let hazard =
                    if self.interest >= INTEREST_MIN { HAZARDS.deal_opened } else { UNASKED };
                self.fate.hazard += hazard;
                if drawn < hazard {
                    self.open(day);
                }
            }
        }
    }

    fn open(&mut self, day: i64) {
        let deal = Deal {
            opened: day,
            closes: day + self.sales.between(6, 30),
            amount: 1_200 + self.company.employees.min(20_000) * self.sales.between(8, 14),
            won: self.sales.hit(6_000),
            stage: 0,
        };
        let at = self.sales_hour(day);
        self.tape.recorded(at, &self.account, "Deal opened", |it| {
            it.text("stage", STAGES[0]).number("amount", deal.amount);
        });
        self.deal = Some(deal);
    }

    /// A call a week, and a stage at a time.
    fn go_on(&mut self, day: i64, deal: Deal) {
        let age = day - deal.opened;
        if age % 7 == 1 {
            self.sales_calls(day);
        } else if age % 7 == 3 {
            self.sales_writes(day, "follow-up");
        }
        let length = deal.closes - deal.opened;
        let stage = usize::try_from(age * 3 / length).expect("it has been opened").min(2);
        if stage > deal.stage {
            let at = self.sales_hour(day);
            self.tape.recorded(at, &self.account, "Deal stage changed", |it| {
                it.text("stage", STAGES[stage]).number("amount", deal.amount);
            });
            self.deal = Some(Deal { stage, ..deal });
        }
    }

    fn close(&mut self, day: i64, deal: Deal) {
        self.deal = None;
        let at = self.sales_hour(day);
        if !deal.won {
            let reason = self.sales.pick(&["no budget", "other product", "no decision"]);
            self.tape.recorded(at, &self.account, "Deal lost", |it| {
                it.number("amount", deal.amount).text("reason", reason);
            });
            self.interest = 0;
            return;
        }
        self.tape.recorded(at, &self.account, "Deal won", |it| {
            it.number("amount", deal.amount);
        });
        if self.people[0].joined.is_none() {
            self.arrive(at, day, 0);
        }
        self.bought(day);
        self.take(at, Plan::Pro);
        self.invoice(at + Span::HOUR, deal.amount, 1);
    }

    pub(super) fn sales_calls(&mut self, day: i64) {
        let (by, minutes) = (self.rep(), self.sales.between(4, 45));
        let at = self.sales_hour(day);
        self.tape.recorded(at, &self.account, "Sales call made", |it| {
            it.text("by", by).number("minutes", minutes);
        });
    }

    pub(super) fn sales_writes(&mut self, day: i64, template: &str) {
        let by = self.rep();
        let at = self.sales_hour(day);
        self.tape.recorded(at, &self.account, "Sales e-mail sent", |it| {
            it.text("by", by).text("template", template);
        });
    }

    fn rep(&self) -> &'static str {
        self.company.owner.unwrap_or("dana")
    }

    fn sales_hour(&mut self, day: i64) -> Time {
        self.world.calendar().office_hour(day, self.company.hours_east, &mut self.sales)
    }
}
