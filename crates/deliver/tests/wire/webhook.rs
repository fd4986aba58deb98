//! Webhooks as their receivers see them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use firsthand_model::Span;
use firsthand_store::{AttemptOutcome, Deliveries, DeliveryState};
use serde_json::Value;

use crate::receiver::Receiver;
use crate::{count, enqueue, message, now, open, start, until};

#[test]
fn a_repetition_has_the_same_id_and_body_and_a_new_time() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let receiver = Receiver::start(|_, before| {
        Some(if before == 0 { "500 broken" } else { "200 OK" }.to_owned())
    });
    enqueue(&store, vec![message("dlv_1", "hook")]);
    let worker = start(&store, receiver.port, ["hook"]);
    // The first wait of the schedule is 5 s.
    until("it was sent", || count(&store, DeliveryState::Sent) == 1);
    worker.stop();
    let calls = receiver.calls();
    assert_eq!(calls.len(), 2);
    assert_eq!((calls[0].id(), calls[1].id()), ("dlv_1", "dlv_1"));
    assert_eq!(calls[0].body, calls[1].body);
    let time = |index: usize| calls[index].header("webhook-timestamp").parse::<i64>().unwrap();
    assert!(time(1) >= time(0) + 5);
    assert_ne!(calls[0].header("webhook-signature"), calls[1].header("webhook-signature"));
    let body: Value = serde_json::from_slice(&calls[0].body).unwrap();
    assert_eq!((&body["type"], &body["data"]["account"]), (&"lead.opened".into(), &"acme".into()));
    let (_, attempts) = store.delivery("dlv_1").unwrap().unwrap();
    let outcomes: Vec<_> = attempts.iter().map(|it| it.outcome).collect();
    assert_eq!(outcomes, [AttemptOutcome::Again, AttemptOutcome::Sent]);
    let kept = format!("{attempts:?}");
    assert!(!kept.contains("acme") && !kept.contains("v1,"), "nothing personal is kept: {kept}");
}

#[test]
fn redirects_are_not_followed_and_what_is_gone_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let receiver = Receiver::start(|call, _| {
        Some(match call.path.as_str() {
            "moved" => "302 Found\r\nlocation: /stolen".to_owned(),
            "gone" => "410 Gone".to_owned(),
            "busy" => "429 Too Many Requests\r\nretry-after: 600".to_owned(),
            _ => "200 OK".to_owned(),
        })
    });
    let names = ["moved", "gone", "busy"];
    enqueue(&store, names.iter().map(|it| message(it, it)).collect());
    let worker = start(&store, receiver.port, names);
    until("each was tried", || {
        names.iter().all(|it| store.delivery(it).unwrap().unwrap().1.len() == 1)
    });
    until("it is disabled", || store.disabled_channels().unwrap().len() == 1);
    worker.stop();
    let paths: Vec<_> = receiver.calls().into_iter().map(|it| it.path).collect();
    assert_eq!(paths.len(), 3, "{paths:?}");
    assert!(!paths.contains(&"stolen".to_owned()));
    let of = |id: &str| store.delivery(id).unwrap().unwrap().0;
    assert_eq!(of("moved").state, DeliveryState::Pending);
    assert_eq!(of("gone").state, DeliveryState::Dead);
    assert_eq!(store.disabled_channels().unwrap()[0].channel, "gone");
    assert!(of("busy").due_at >= now() + Span::MINUTE.times(9), "as it asked");
}

#[test]
fn a_receiver_that_was_down_gets_everything_once_it_is_up() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let up = Arc::new(AtomicBool::new(false));
    let is_up = Arc::clone(&up);
    let receiver = Receiver::start(move |_, _| {
        let up = is_up.load(Ordering::SeqCst);
        Some(if up { "204 No Content" } else { "503 down" }.to_owned())
    });
    enqueue(&store, (0..100).map(|it| message(&format!("m{it}"), "hook")).collect());
    let worker = start(&store, receiver.port, ["hook"]);
    until("the breaker is open", || worker.lanes()[0].paused_until.is_some());
    let tries = receiver.calls().len();
    assert!(tries < 20, "{tries} calls of a server that is down");
    up.store(true, Ordering::SeqCst);
    // Those that were tried come back by their schedule, some after five minutes; the others wait
    // for the breaker alone.
    until("the others are sent", || count(&store, DeliveryState::Sent) >= 80);
}
