//! Stripe: signed webhooks.

use firsthand_collect::live::{Request, read};
use firsthand_model::Span;
use hmac::{Hmac, KeyInit, Mac};

use super::support::{Call, NOW, lines, post, report};

fn sign(secret: &str, at: i64, body: &str) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{at}.{body}").as_bytes());
    let hex: Vec<String> =
        mac.finalize().into_bytes().iter().map(|it| format!("{it:02x}")).collect();
    hex.concat()
}

fn webhook(body: &str) -> Call {
    let at = NOW.micros() / 1_000_000;
    let signature = format!("t={at},v1={},v0=00", sign("whsec_new", at, body));
    post("/webhooks/billing", body).header("stripe-signature", signature)
}

fn event(kind: &str, object: &str, previous: &str) -> String {
    format!(
        r#"{{"id":"evt_1","object":"event","api_version":"2025-03-31.basil","created":1777888740,"type":"{kind}","data":{{"object":{object},"previous_attributes":{previous}}},"livemode":true}}"#
    )
}

fn subscription(status: &str, price: &str, unit: i64, quantity: i64, more: &str) -> String {
    format!(
        r#"{{"id":"sub_1","object":"subscription","status":"{status}","customer":"cus_1","metadata":{{"account_id":"acme"}},"billing_cycle_anchor":1777888740,"trial_end":null,"cancel_at_period_end":false,"cancel_at":null,{more}"items":{{"object":"list","data":[{}]}}}}"#,
        item(price, unit, quantity)
    )
}

fn item(price: &str, unit: i64, quantity: i64) -> String {
    format!(
        r#"{{"id":"si_1","quantity":{quantity},"current_period_end":1780567140,"price":{{"id":"{price}","product":"prod_{price}","lookup_key":null,"unit_amount":{unit},"currency":"usd","recurring":{{"interval":"month","interval_count":1}}}}}}"#
    )
}

#[test]
fn a_subscription_is_a_plan_and_a_record() {
    let object = subscription("active", "price_pro", 4_900, 2, "");
    let call = webhook(&event("customer.subscription.created", &object, "null"));
    insta::assert_snapshot!(lines(&call.facts()), @r#"
    {"id":"evt_1#customer","source":"billing","time":"2026-05-04T09:59:00Z","known_at":"2026-05-04T10:00:00Z","person":"cus_1","account":"acme","membership":"joined"}
    {"id":"evt_1#traits","source":"billing","time":"2026-05-04T09:59:00Z","known_at":"2026-05-04T10:00:00Z","account":"acme","of":"account","traits":{"subscription_status":"active","plan":"pro","billing_interval":"month","seats":2,"billing_anchor":"2026-05-04T09:59:00Z","renews_at":"2026-06-04T09:59:00Z","trial_ends_at":null,"cancels_at":null}}
    {"id":"evt_1","source":"billing","time":"2026-05-04T09:59:00Z","known_at":"2026-05-04T10:00:00Z","account":"acme","record":"Subscription started","properties":{"plan":"pro","amount":98,"currency":"USD","interval":"month","quantity":2,"after_trial":false}}
    "#);
}

#[test]
fn a_trial_ends_in_a_subscription() {
    let trial = subscription("trialing", "price_pro", 4_900, 1, r#""trial_end":1779098340,"#);
    let call = webhook(&event("customer.subscription.created", &trial, "null"));
    insta::assert_snapshot!(lines(&call.facts()), @r#"
    {"id":"evt_1#customer","source":"billing","time":"2026-05-04T09:59:00Z","known_at":"2026-05-04T10:00:00Z","person":"cus_1","account":"acme","membership":"joined"}
    {"id":"evt_1#traits","source":"billing","time":"2026-05-04T09:59:00Z","known_at":"2026-05-04T10:00:00Z","account":"acme","of":"account","traits":{"subscription_status":"trialing","plan":"pro","billing_interval":"month","seats":1,"billing_anchor":"2026-05-04T09:59:00Z","renews_at":"2026-06-04T09:59:00Z","trial_ends_at":"2026-05-18T09:59:00Z","cancels_at":null}}
    {"id":"evt_1","source":"billing","time":"2026-05-04T09:59:00Z","known_at":"2026-05-04T10:00:00Z","account":"acme","record":"Trial started","properties":{"plan":"pro","amount":49,"currency":"USD","interval":"month","quantity":1,"trial_ends_at":"2026-05-18T09:59:00Z"}}
    "#);
    let paid = subscription("active", "price_pro", 4_900, 1, r#""trial_end":1777888700,"#);
    let call = webhook(&event("customer.subscription.updated", &paid, r#"{"status":"trialing"}"#));
    insta::assert_snapshot!(lines(&call.facts()), @r#"
    {"id":"evt_1#traits","source":"billing","time":"2026-05-04T09:59:00.000001Z","known_at":"2026-05-04T10:00:00Z","account":"acme","of":"account","traits":{"subscription_status":"active","plan":"pro","billing_interval":"month","seats":1,"billing_anchor":"2026-05-04T09:59:00Z","renews_at":"2026-06-04T09:59:00Z","trial_ends_at":"2026-05-04T09:58:20Z","cancels_at":null}}
    {"id":"evt_1","source":"billing","time":"2026-05-04T09:59:00.000001Z","known_at":"2026-05-04T10:00:00Z","account":"acme","record":"Subscription started","properties":{"plan":"pro","amount":49,"currency":"USD","interval":"month","quantity":1,"after_trial":true}}
    "#);
}

#[test]
fn a_changed_price_is_an_upgrade_or_a_downgrade_and_more_seats_are_seats() {
    let names = |now: &str, before: &str| {
        let previous = format!(r#"{{"items":{{"data":[{before}]}}}}"#);
        let call = webhook(&event("customer.subscription.updated", now, &previous));
        let facts = call.facts().into_iter().filter_map(|it| match it.body {
            firsthand_model::fact::Body::Record { name, .. } => Some(name.to_string()),
            _ => None,
        });
        facts.collect::<Vec<_>>()
    };
    let pro = subscription("active", "price_pro", 4_900, 1, "");
    let team = subscription("active", "price_team", 9_900, 1, "");
    assert_eq!(names(&team, &item("price_pro", 4_900, 1)), ["Plan upgraded"]);
    assert_eq!(names(&pro, &item("price_team", 9_900, 1)), ["Plan downgraded"]);
    assert_eq!(names(&pro, &item("price_pro", 4_900, 5)), ["Seats changed"]);
    assert_eq!(names(&pro, &item("price_pro", 4_900, 1)), [""; 0]);
}

#[test]
fn an_ended_subscription_gives_the_plan_after_it_and_an_ended_trial_is_no_cancellation() {
    let ended = r#""ended_at":1777888740,"cancellation_details":{"reason":"cancellation_requested","feedback":"too_expensive"},"#;
    let object = subscription("canceled", "price_pro", 4_900, 1, ended);
    let call = webhook(&event("customer.subscription.deleted", &object, "null"));
    insta::assert_snapshot!(lines(&call.facts()), @r#"
    {"id":"evt_1#traits","source":"billing","time":"2026-05-04T09:59:00.000002Z","known_at":"2026-05-04T10:00:00Z","account":"acme","of":"account","traits":{"subscription_status":"canceled","plan":"free","renews_at":null,"cancels_at":null}}
    {"id":"evt_1","source":"billing","time":"2026-05-04T09:59:00.000002Z","known_at":"2026-05-04T10:00:00Z","account":"acme","record":"Subscription cancelled","properties":{"plan":"pro","reason":"cancellation_requested","feedback":"too_expensive"}}
    "#);
    let trial = r#""ended_at":1777888740,"trial_end":1777888740,"#;
    let object = subscription("canceled", "price_pro", 4_900, 1, trial);
    let call = webhook(&event("customer.subscription.deleted", &object, "null"));
    assert!(lines(&call.facts()).contains("Trial ended"));
}

#[test]
fn bills_and_checkouts_are_records_and_bills_over_nothing_are_none() {
    let bill = |paid: i64| {
        format!(
            r#"{{"object":"invoice","customer":"cus_1","number":"A-7","amount_paid":{paid},"amount_due":4900,"currency":"usd","billing_reason":"subscription_cycle","attempt_count":2,"parent":{{"subscription_details":{{"metadata":{{"account_id":"acme"}}}}}}}}"#
        )
    };
    let mut told = String::new();
    for (kind, object) in [
        ("invoice.paid", bill(4_900)),
        ("invoice.paid", bill(0)),
        ("invoice.payment_failed", bill(0)),
        (
            "checkout.session.completed",
            r#"{"object":"checkout.session","mode":"subscription","customer":"cus_1","client_reference_id":null,"metadata":{"account_id":"acme"},"amount_total":4900,"currency":"usd"}"#.to_owned(),
        ),
        ("product.created", r#"{"object":"product","customer":"cus_1"}"#.to_owned()),
    ] {
        told.push_str(&webhook(&event(kind, &object, "null")).report());
    }
    insta::assert_snapshot!(told, @r#"
    {"id":"evt_1","source":"billing","time":"2026-05-04T09:59:00.000001Z","known_at":"2026-05-04T10:00:00Z","account":"acme","record":"Invoice paid","properties":{"number":"A-7","amount":49,"currency":"USD","reason":"subscription_cycle"}}
    notice 1: nothing_to_keep: `invoice.paid`
    {"id":"evt_1","source":"billing","time":"2026-05-04T09:59:00.000001Z","known_at":"2026-05-04T10:00:00Z","account":"acme","record":"Payment failed","properties":{"number":"A-7","amount":49,"currency":"USD","reason":"subscription_cycle","attempt":2}}
    {"id":"evt_1#customer","source":"billing","time":"2026-05-04T09:59:00Z","known_at":"2026-05-04T10:00:00Z","person":"cus_1","account":"acme","membership":"joined"}
    {"id":"evt_1","source":"billing","time":"2026-05-04T09:59:00Z","known_at":"2026-05-04T10:00:00Z","account":"acme","record":"Checkout completed","properties":{"mode":"subscription","amount":49,"currency":"USD"}}
    notice 1: nothing_to_keep: `product.created`
    "#);
}

/// The account stands with the customer only; identity ties what else names the customer to it.
#[test]
fn an_object_that_names_only_the_customer_is_tied_to_the_account_by_the_customers_event() {
    let customer = r#"{"id":"cus_1","object":"customer","email":"ann@acme.com","delinquent":false,"metadata":{"account_id":"acme"}}"#;
    let bill = r#"{"object":"invoice","customer":"cus_1","number":"A-7","amount_paid":4900,"currency":"usd"}"#;
    let mut told = webhook(&event("customer.updated", customer, "null")).report();
    told.push_str(&webhook(&event("invoice.paid", bill, "null")).report());
    insta::assert_snapshot!(told, @r#"
    {"id":"evt_1#customer","source":"billing","time":"2026-05-04T09:59:00.000001Z","known_at":"2026-05-04T10:00:00Z","person":"cus_1","account":"acme","membership":"joined"}
    {"id":"evt_1#traits","source":"billing","time":"2026-05-04T09:59:00.000001Z","known_at":"2026-05-04T10:00:00Z","account":"acme","of":"account","traits":{"stripe_customer":"cus_1","delinquent":false}}
    {"id":"evt_1","source":"billing","time":"2026-05-04T09:59:00.000001Z","known_at":"2026-05-04T10:00:00Z","person":"cus_1","record":"Invoice paid","properties":{"number":"A-7","amount":49,"currency":"USD"}}
    "#);
}

#[test]
fn a_customer_can_be_known_by_e_mail() {
    let customer = r#"{"id":"cus_1","object":"customer","email":"ann@acme.com","metadata":{}}"#;
    let body = event("customer.created", customer, "null");
    let at = NOW.micros() / 1_000_000;
    let signature = format!("t={at},v1={}", sign("whsec_mail", at, &body));
    let call = post("/webhooks/billing-by-mail", body).header("stripe-signature", signature);
    insta::assert_snapshot!(lines(&call.facts()), @r#"
    {"id":"evt_1#customer","source":"billing-by-mail","time":"2026-05-04T09:59:00Z","known_at":"2026-05-04T10:00:00Z","person":"ann@acme.com","alias":"cus_1"}
    {"id":"evt_1#traits","source":"billing-by-mail","time":"2026-05-04T09:59:00Z","known_at":"2026-05-04T10:00:00Z","person":"ann@acme.com","of":"account","traits":{"stripe_customer":"cus_1"}}
    "#);
}

#[test]
fn only_what_is_signed_lately_with_one_of_the_secrets_is_taken() {
    let body = event("invoice.paid", r#"{"object":"invoice","customer":"cus_1"}"#, "null");
    let now = NOW.micros() / 1_000_000;
    let status = |header: String| {
        post("/webhooks/billing", &body).header("stripe-signature", header).status()
    };
    let signed = |secret: &str, at: i64| format!("t={at},v1={}", sign(secret, at, &body));
    assert_eq!(status(signed("whsec_new", now)), 200);
    assert_eq!(status(signed("whsec_old", now - 299)), 200);
    assert_eq!(status(signed("whsec_new", now - 301)), 400);
    assert_eq!(status(signed("whsec_new", now + 301)), 400);
    assert_eq!(status(signed("whsec_mail", now)), 400);
    // One of several fits, while a secret is being replaced.
    let other = sign("whsec_mail", now, &body);
    let two = format!("t={now},v1={other},v1={}", sign("whsec_new", now, &body));
    assert_eq!(status(two), 200);
    // The old scheme, a time that was not signed, and nothing.
    assert_eq!(status(signed("whsec_new", now).replace("v1", "v0")), 400);
    let old = sign("whsec_new", now - 1, &body);
    assert_eq!(status(format!("t={now},v1={old}")), 400);
    for header in ["", "t=,v1=", "v1=00", "t=1"] {
        assert_eq!(status(header.to_owned()), 400, "{header}");
    }
    let refused = post("/webhooks/billing", &body).send().unwrap_err();
    assert_eq!((refused.answer.status, refused.source.as_deref()), (400, Some("billing")));
    assert_eq!(post("/webhooks/web", &body).status(), 404);
}

/// Computed by Stripe's own library for Python, of the second at which it arrives.
#[test]
fn what_stripes_own_library_signs_fits() {
    let body = r#"{"id":"evt_1","type":"product.created","created":1777888740,"data":{"object":{"object":"product","customer":"cus_1"}}}"#;
    let signature =
        "t=1777888800,v1=78f13c41d94c3405351b550f913d498ab5110c85bd38c40a174c0f35a1583a80";
    let call = post("/webhooks/billing", body).header("stripe-signature", signature);
    assert_eq!(call.status(), 200);
}

#[test]
fn what_is_signed_but_cannot_be_read_is_kept() {
    let received = webhook(r#"{"id":"evt_1","type":"invoice.paid"}"#).received();
    assert_eq!(received.answer.status, 200);
    assert_eq!(report(&received), "reject 0: no_time: the event has no `created`\n");
}

/// Its events of one second come in any order.
#[test]
fn of_the_events_of_one_second_the_end_comes_last() {
    let object = subscription("active", "price_pro", 4_900, 1, "");
    let time = |kind: &str| webhook(&event(kind, &object, "null")).facts()[0].time;
    let [created, updated, deleted] =
        ["created", "updated", "deleted"].map(|it| time(&format!("customer.subscription.{it}")));
    assert!(created < updated && updated < deleted && deleted - created < Span::SECOND);
}

#[test]
fn the_signature_is_checked_over_the_bytes_as_they_came() {
    let body = event("invoice.paid", r#"{"object":"invoice","customer":"cus_1","x":1.0}"#, "null");
    let spaced = body.replace("\":", "\": ");
    let at = NOW.micros() / 1_000_000;
    let header = format!("t={at},v1={}", sign("whsec_new", at, &body));
    let request = Request {
        method: firsthand_collect::live::Method::Post,
        path: "/webhooks/billing",
        query: "",
        headers: &|name| (name == "stripe-signature").then_some(header.as_str()),
        body: spaced.as_bytes(),
        received_at: NOW,
    };
    assert_eq!(read(&request, super::support::sources()).unwrap_err().answer.status, 400);
}
