//! Subscriptions: the plan, the trial, and what became of them.

use firsthand_model::{Decimal, Json, Span, Time};
use serde_json::Value;

use super::event::{Event, Said, seconds};
use super::money::amount;
use crate::draft::Out;

/// What a subscription sells, and for how much.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Offer {
    plan: String,
    amount: Option<Decimal>,
    currency: String,
    interval: String,
    /// How many intervals are billed at a time.
    intervals: i64,
    quantity: Option<i64>,
}

impl Offer {
    /// Reads the items of a subscription, or the one plan of an older one.
    fn of(event: &Event<'_>, subscription: &Value) -> Option<Self> {
        let items = subscription["items"]["data"].as_array().filter(|it| !it.is_empty());
        let lines: Vec<(&Value, Option<i64>)> = match items {
            Some(items) => items
                .iter()
                .map(|it| {
                    let price = if it["price"].is_object() { &it["price"] } else { &it["plan"] };
                    (price, it["quantity"].as_i64())
                })
                .collect(),
            None => vec![(&subscription["plan"], subscription["quantity"].as_i64())],
        };
        let (main, quantity) = *lines.first().filter(|(price, _)| price.is_object())?;
        let named = lines.iter().find_map(|(price, _)| plan_of(event, price));
        let own = || main["lookup_key"].as_str().or_else(|| main["id"].as_str()).map(str::to_owned);
        let currency = main["currency"].as_str().unwrap_or_default().to_owned();
        let costs = lines.iter().map(|(price, quantity)| {
            let each = ["unit_amount", "amount"].iter().find_map(|it| price[it].as_i64())?;
            each.checked_mul(quantity.unwrap_or(1))
        });
        let total = costs.sum::<Option<i64>>().and_then(|it| amount(&it.into(), &currency));
        let recurring = if main["recurring"].is_object() { &main["recurring"] } else { main };
        Some(Self {
            plan: named.map(str::to_owned).or_else(own)?,
            amount: total,
            currency: currency.to_ascii_uppercase(),
            interval: recurring["interval"].as_str().unwrap_or("month").to_owned(),
            intervals: recurring["interval_count"].as_i64().unwrap_or(1).max(1),
            quantity,
        })
    }

    /// What a day of it costs, to tell more from less.
    fn daily(&self) -> Option<i128> {
        let days = match self.interval.as_str() {
            "day" => 1,
            "week" => 7,
            "year" => 365,
            _ => 30,
        };
        self.amount.map(|it| it.raw() / (days * i128::from(self.intervals)))
    }

    fn said(&self) -> Said {
        let currency = Some(self.currency.as_str()).filter(|it| !it.is_empty());
        Said::new()
            .text("plan", Some(&self.plan))
            .plain("amount", self.amount)
            .text("currency", currency)
            .text("interval", Some(&self.interval))
            .plain("quantity", self.quantity)
    }
}

/// Our plan for a price: by its id, its lookup key or its product.
fn plan_of<'e>(event: &'e Event<'_>, price: &Value) -> Option<&'e str> {
    let product = &price["product"];
    let names = [&price["id"], &price["lookup_key"], product, &product["id"]];
    let found = names.iter().find_map(|it| event.rules.plans.get(it.as_str()?));
    found.map(firsthand_model::Text::as_str)
}

pub(super) fn created(event: &Event<'_>, out: &mut Out<'_>) {
    event.ties_customer(out);
    state(event, out);
    match status(event.object) {
        "trialing" => trial_started(event, out),
        "active" => started(event, out),
        _ => {}
    }
}

pub(super) fn updated(event: &Event<'_>, out: &mut Out<'_>) {
    state(event, out);
    let now = status(event.object);
    match (event.previous["status"].as_str(), now) {
        (Some("trialing" | "incomplete"), "active") => started(event, out),
        (Some("incomplete"), "trialing") => trial_started(event, out),
        (Some("paused" | "past_due" | "unpaid"), "active") => {
            told(event, "Subscription recovered", out);
        }
        _ => {}
    }
    if matches!(now, "active" | "trialing" | "past_due") {
        changed(event, out);
    }
    let ends = &event.object["cancel_at_period_end"];
    match (event.previous["cancel_at_period_end"].as_bool(), ends.as_bool()) {
        (Some(false), Some(true)) => told(event, "Cancellation scheduled", out),
        (Some(true), Some(false)) if now == "active" => {
            told(event, "Cancellation withdrawn", out);
        }
        _ => {}
    }
}

pub(super) fn deleted(event: &Event<'_>, out: &mut Out<'_>) {
    let said = Said::new().text("subscription_status", Some("canceled"));
    let said = match &event.rules.plan_after {
        Some(plan) => said.text("plan", Some(plan)),
        None => said.none("plan"),
    };
    event.traits(said.none("renews_at").none("cancels_at").done(), out);
    let details = &event.object["cancellation_details"];
    let said = Said::new()
        .text("plan", Offer::of(event, event.object).as_ref().map(|it| it.plan.as_str()))
        .text("reason", details["reason"].as_str())
        .text("feedback", details["feedback"].as_str());
    let name = if ended_in_trial(event.object) { "Trial ended" } else { "Subscription cancelled" };
    event.record("", name, said.done(), out);
}

/// A record that says only which subscription it is about.
pub(super) fn told(event: &Event<'_>, name: &str, out: &mut Out<'_>) {
    let said = Offer::of(event, event.object).map_or_else(Said::new, |it| it.said());
    let said = said
        .time("trial_ends_at", time(event.object, "trial_end"))
        .time("ends_at", time(event.object, "cancel_at").or_else(|| period_end(event.object)));
    event.record(&part_of(name), name, said.done(), out);
}

fn started(event: &Event<'_>, out: &mut Out<'_>) {
    let said = Offer::of(event, event.object).map_or_else(Said::new, |it| it.said());
    let had_trial = event.object["trial_end"].is_i64();
    let said = said.plain("after_trial", Some(had_trial));
    event.record("", "Subscription started", said.done(), out);
}

fn trial_started(event: &Event<'_>, out: &mut Out<'_>) {
    let said = Offer::of(event, event.object).map_or_else(Said::new, |it| it.said());
    let said = said.time("trial_ends_at", time(event.object, "trial_end"));
    event.record("", "Trial started", said.done(), out);
}

/// Another plan, or more or fewer seats of the same.
fn changed(event: &Event<'_>, out: &mut Out<'_>) {
    let Some((before, now)) = Offer::of(event, event.previous).zip(Offer::of(event, event.object))
    else {
        return;
    };
    let (name, from): (&str, Json) = if before.plan != now.plan || before.interval != now.interval {
        let name = match before.daily().zip(now.daily()) {
            Some((before, now)) if now > before => "Plan upgraded",
            Some((before, now)) if now < before => "Plan downgraded",
            _ => "Plan changed",
        };
        (name, now.said().text("from", Some(&before.plan)).done())
    } else if before.quantity != now.quantity {
        ("Seats changed", now.said().plain("from", before.quantity).done())
    } else {
        return;
    };
    event.record("changed", name, from, out);
}

/// What is so of the account from now on.
fn state(event: &Event<'_>, out: &mut Out<'_>) {
    let subscription = event.object;
    let status = status(subscription);
    let said = Said::new().text("subscription_status", Some(status));
    // Until the first payment is made nothing has been bought.
    if matches!(status, "incomplete" | "incomplete_expired") {
        return event.traits(said.done(), out);
    }
    let offer = Offer::of(event, subscription);
    let said = match status {
        "canceled" => said,
        _ => said.text("plan", offer.as_ref().map(|it| it.plan.as_str())),
    };
    let said = said
        .text("billing_interval", offer.as_ref().map(|it| it.interval.as_str()))
        .plain("seats", offer.as_ref().and_then(|it| it.quantity))
        .time("billing_anchor", time(subscription, "billing_cycle_anchor"))
        .time("renews_at", period_end(subscription));
    let said = match time(subscription, "trial_end") {
        Some(at) => said.time("trial_ends_at", Some(at)),
        None => said.none("trial_ends_at"),
    };
    let said = match time(subscription, "cancel_at") {
        Some(at) => said.time("cancels_at", Some(at)),
        None if subscription["cancel_at_period_end"] == true => {
            said.time("cancels_at", period_end(subscription))
        }
        None => said.none("cancels_at"),
    };
    event.traits(said.done(), out);
}

fn status(subscription: &Value) -> &str {
    subscription["status"].as_str().unwrap_or("unknown")
}

fn time(subscription: &Value, name: &str) -> Option<Time> {
    subscription[name].as_i64().map(seconds)
}

/// The end of the period that is paid for: with the items since 2025, with the subscription before.
fn period_end(subscription: &Value) -> Option<Time> {
    let name = "current_period_end";
    time(subscription, name).or_else(|| time(&subscription["items"]["data"][0], name))
}

/// Whether a subscription ended with or before its trial: nothing had been bought.
fn ended_in_trial(subscription: &Value) -> bool {
    let ended = time(subscription, "ended_at").or_else(|| time(subscription, "canceled_at"));
    let Some((trial, ended)) = time(subscription, "trial_end").zip(ended) else {
        return false;
    };
    ended <= trial + Span::HOUR
}

/// The part of an id that tells the records of one event apart.
fn part_of(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}
