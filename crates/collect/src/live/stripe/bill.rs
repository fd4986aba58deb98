//! Customers, checkouts and invoices.

use super::event::{Event, Said};
use super::money::amount;
use crate::draft::Out;

pub(super) fn customer(event: &Event<'_>, out: &mut Out<'_>) {
    event.ties_customer(out);
    let said = Said::new()
        .text("stripe_customer", event.object["id"].as_str())
        .plain("delinquent", event.object["delinquent"].as_bool());
    event.traits(said.done(), out);
}

pub(super) fn checkout(event: &Event<'_>, out: &mut Out<'_>) {
    event.ties_customer(out);
    let session = event.object;
    let currency = session["currency"].as_str().unwrap_or_default();
    let said = Said::new()
        .text("mode", session["mode"].as_str())
        .plain("amount", amount(&session["amount_total"], currency))
        .text("currency", shown(currency).as_deref());
    event.record("", "Checkout completed", said.done(), out);
}

/// A bill was paid. Bills over nothing, such as that of a trial's first day, are no payments.
pub(super) fn paid(event: &Event<'_>, out: &mut Out<'_>) {
    let invoice = event.object;
    if invoice["amount_paid"].as_i64().is_none_or(|it| it > 0) {
        event.record("", "Invoice paid", invoiced(event, "amount_paid").done(), out);
    }
}

pub(super) fn failed(event: &Event<'_>, out: &mut Out<'_>) {
    let said =
        invoiced(event, "amount_due").plain("attempt", event.object["attempt_count"].as_i64());
    event.record("", "Payment failed", said.done(), out);
}

fn invoiced(event: &Event<'_>, amount_name: &str) -> Said {
    let invoice = event.object;
    let currency = invoice["currency"].as_str().unwrap_or_default();
    Said::new()
        .text("number", invoice["number"].as_str())
        .plain("amount", amount(&invoice[amount_name], currency))
        .text("currency", shown(currency).as_deref())
        .text("reason", invoice["billing_reason"].as_str())
}

fn shown(currency: &str) -> Option<String> {
    (!currency.is_empty()).then(|| currency.to_ascii_uppercase())
}
