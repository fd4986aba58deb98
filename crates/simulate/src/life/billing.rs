//! Subscriptions and bills. What belongs to buying only buyers do.

use firsthand_model::Span;

use super::{Life, Plan};
use crate::company::Persona;

/// Days from one bill to the next.
const BILLED_EVERY: i64 = 30;

impl Life<'_> {
    pub(super) fn subscribe(&mut self, day: i64, plan: Plan) {
        let at = self.office_hour(day);
        let admin = self.admin();
        // The leak: part of buying, and so no reason for it.
        let before = at - Span::MINUTE.times(6);
        self.tape.did(before, &admin, &self.account, "Billing details entered", |it| {
            it.text("method", "card");
        });
        self.tape.recorded(at, &self.account, "Subscription started", |it| {
            it.text("plan", plan.id()).number("amount", plan.price());
        });
        self.bought(day);
        self.take(at, plan);
    }

    pub(super) fn bought(&mut self, day: i64) {
        self.fate.bought_day.get_or_insert(day);
        self.plan_day = day;
        self.dormant = false;
    }

    pub(super) fn change(&mut self, day: i64, plan: Plan, name: &'static str) {
        let at = self.office_hour(day);
        self.tape.recorded(at, &self.account, name, |it| {
            it.text("plan", plan.id()).number("amount", plan.price());
        });
        self.take(at, plan);
        self.contacts_above_the_limit_are_removed(at);
    }

    pub(super) fn cancel(&mut self, day: i64) {
        let at = self.office_hour(day);
        let reason = self.chance.pick(&["price", "not used", "other product", "closed"]);
        self.tape.recorded(at, &self.account, "Subscription cancelled", |it| {
            it.text("reason", reason);
        });
        self.fate.cancelled_day = Some(day);
        self.take(at, Plan::Free);
        self.contacts_above_the_limit_are_removed(at);
        self.dormant = true;
    }

    /// Every thirty days a bill; what was agreed with sales is billed for the year at once.
    pub(super) fn bill(&mut self, day: i64) {
        let by_deal = self.company.founding.persona == Persona::Enterprise;
        let age = day - self.plan_day;
        if !self.plan.is_paid() || by_deal || age % BILLED_EVERY != 0 {
            return;
        }
        let at = self.world.calendar().instant(day, 22 * 3_600);
        let (amount, number) = (self.plan.price(), age / BILLED_EVERY + 1);
        self.invoice(at, amount, number);
        if self.chance.hit(3_000) {
            let admin = self.admin();
            let at = self.office_hour(day + 2);
            self.tape.did(at, &admin, &self.account, "Invoice downloaded", |it| {
                it.number("number", number);
            });
        }
    }

    pub(super) fn invoice(&mut self, at: firsthand_model::Time, amount: i64, number: i64) {
        self.fate.revenue += amount;
        self.tape.recorded(at, &self.account, "Invoice paid", |it| {
            it.number("number", number).number("amount", amount).text("currency", "USD");
        });
    }
}
