//! Signed webhooks of Stripe: what is paid for becomes traits and records of the account.
//!
//! Each event of Stripe carries the whole object it is about, so it says what is so by itself: its
//! order of arrival does not matter. What changed is taken from `previous_attributes`. Nothing here
//! remembers which customer is which account. Where an object does not say it, its facts name the
//! customer as a person, whom another event makes a member of the account; identity ties the two
//! together, whichever comes first.

mod bill;
mod event;
mod money;
mod signature;
mod subscription;

use super::answer::Refusal;
use super::call::{Context, text};
use super::received::Received;
use crate::draft::{Fault, Out};
use crate::report::{NoticeCode, RejectCode};
use event::Event;

/// Reads one event.
pub(super) fn read(context: &Context<'_, '_>, name: &str) -> Result<Received, Refusal> {
    let source = context.find(|it| it.by_name(name)).ok_or(Refusal::NoSuchPath)?;
    let Some(rules) = &source.rules().stripe else {
        return Err(Refusal::NoSuchPath);
    };
    let request = context.request;
    let body = context.body()?;
    if !context.is_trusted() {
        let header = request.header("stripe-signature").unwrap_or_default();
        signature::check(header, &body, &source.signing, request.received_at)
            .map_err(Refusal::BadSignature)?;
    }
    let text = text(&body);
    let mut intake = context.intake(source);
    // What becomes of it stands in the rejects.
    let _outcome = intake.item(&text, &str::to_owned, &mut |_, out, _| {
        let value: serde_json::Value = serde_json::from_str(&text)
            .map_err(|it| Fault::new(RejectCode::BadJson, it.to_string()))?;
        let event = Event::of(&value, rules, request.received_at)?;
        take(&event, out);
        Ok(())
    });
    Ok(intake.finish(context.accepted()))
}

fn take(event: &Event<'_>, out: &mut Out<'_>) {
    let before = out.drafts.len();
    match event.kind {
        "customer.created" | "customer.updated" => bill::customer(event, out),
        "checkout.session.completed" => bill::checkout(event, out),
        "invoice.paid" => bill::paid(event, out),
        "invoice.payment_failed" => bill::failed(event, out),
        "customer.subscription.created" => subscription::created(event, out),
        "customer.subscription.updated" => subscription::updated(event, out),
        "customer.subscription.deleted" => subscription::deleted(event, out),
        "customer.subscription.trial_will_end" => {
            subscription::told(event, "Trial ending", out);
        }
        "customer.subscription.paused" => subscription::told(event, "Subscription paused", out),
        "customer.subscription.resumed" => subscription::told(event, "Subscription resumed", out),
        _ => {}
    }
    if out.drafts.len() == before {
        out.notice(NoticeCode::NothingToKeep, || format!("`{}`", event.kind));
    }
}
