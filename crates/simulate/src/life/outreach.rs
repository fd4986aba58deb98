//! Sales contacts some of those who have begun in earnest; who, is drawn by lot.
//!
//! So whether outreach helps can be told from the data alone, and the truth says whether the answer
//! is right.

use super::{Life, Plan};
use crate::company::Persona;

/// How long it works, in days.
const WORKS_DAYS: i64 = 28;
/// Nobody is contacted in the first week.
const AGE_MIN: i64 = 7;

/// What sales does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    Mail,
    Call,
}

impl Life<'_> {
    /// Draws the lot, once, when the account has two people at work or half of its contacts used.
    pub(super) fn draw_lot(&mut self, day: i64) {
        let free = matches!(self.plan, Plan::Free | Plan::Trial);
        let drawn = self.fate.lot_day.is_some() || self.fate.bought_day.is_some();
        let buys = self.company.may_buy() && self.company.founding.persona != Persona::Enterprise;
        if drawn || !free || !buys || day < self.first_day + AGE_MIN {
            return;
        }
        let half_full = self.contacts * 2 >= self.plan.contacts();
        if !half_full && self.active_since(day - 13) < 2 {
            return;
        }
        self.fate.lot_day = Some(day);
        let at = self.world.calendar().instant(day, 6 * 3_600);
        let arm = if self.contacted { "contact" } else { "hold out" };
        self.tape.recorded(at, &self.account, "Outreach assigned", |it| {
            it.text("experiment", "first-call").text("arm", arm);
        });
        if self.contacted {
            let call = day + self.sales.between(3, 6);
            self.acts = vec![(day + 1, Act::Mail), (call, Act::Call)];
        }
    }

    /// Does what sales has planned for the day, unless the account has bought already.
    pub(super) fn act(&mut self, day: i64) {
        let due: Vec<Act> = self.acts.iter().filter(|it| it.0 == day).map(|it| it.1).collect();
        for act in due {
            if self.plan.is_paid() {
                continue;
            }
            match act {
                Act::Mail => self.sales_writes(day, "first-call"),
                Act::Call => self.sales_calls(day),
            }
        }
    }

    pub(super) fn is_contacted(&self, day: i64) -> bool {
        self.contacted
            && self.fate.lot_day.is_some_and(|lot| (1..=WORKS_DAYS).contains(&(day - lot)))
    }
}
