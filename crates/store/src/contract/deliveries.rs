//! Claims about messages to be sent.

use std::slice::from_ref;

use super::claims;
use super::sample::{commit, delivery, lead, leads, minute, settled};
use crate::{
    ATTEMPTS_KEPT, Commit, Delivery, DeliveryCount, DeliveryFilter, DeliveryState, DisabledChannel,
    PageRequest, Retention, SWEEP_ROWS_MAX, Settlement, Store,
};

claims![
    messages_are_handed_out_when_they_are_due,
    one_channels_messages_are_handed_out_by_themselves,
    the_same_message_is_never_pending_twice,
    an_attempt_is_written_down,
    what_was_cancelled_meanwhile_stays_cancelled,
    a_message_put_off_was_not_tried,
    only_the_newest_attempts_are_kept,
    messages_are_listed_by_filter_newest_first,
    a_dead_message_is_sent_again_as_if_new,
    all_dead_messages_are_sent_again,
    what_waited_for_too_long_is_given_up,
    attempts_go_with_their_message,
    a_disabled_channel_keeps_its_first_reason,
];

fn deliveries(deliveries: impl Into<Vec<Delivery>>) -> Commit {
    Commit { deliveries: deliveries.into(), ..Commit::default() }
}

fn due(store: &dyn Store, until: i64, rows: u32) -> Vec<String> {
    ids(store.due_deliveries(None, minute(until), rows).unwrap())
}

fn ids(deliveries: Vec<Delivery>) -> Vec<String> {
    deliveries.into_iter().map(|it| it.id.to_string()).collect()
}

fn settle(store: &dyn Store, settlement: Settlement) -> u64 {
    store.settle_deliveries(&[settlement]).unwrap()
}

fn state(store: &dyn Store, id: &str) -> DeliveryState {
    store.delivery(id).unwrap().expect("it is there").0.state
}

fn messages_are_handed_out_when_they_are_due(store: &dyn Store) {
    assert_eq!(store.next_delivery_due(None).unwrap(), None);
    let lead = lead("acme", 1);
    let about = Delivery { lead: Some(lead.id.clone()), ..delivery("b", "acme", minute(2)) };
    commit(
        store,
        &Commit {
            deliveries: vec![
                delivery("c", "acme", minute(3)),
                about.clone(),
                delivery("a", "x", minute(3)),
            ],
            ..leads([lead])
        },
    );
    assert_eq!(store.next_delivery_due(None).unwrap(), Some(minute(2)));
    assert_eq!(due(store, 1, 10), Vec::<String>::new());
    assert_eq!(store.due_deliveries(None, minute(2), 10).unwrap(), [about]);
    assert_eq!(due(store, 3, 10), ["b", "a", "c"]);
    assert_eq!(due(store, 3, 2), ["b", "a"]);
}

fn one_channels_messages_are_handed_out_by_themselves(store: &dyn Store) {
    let mail = Delivery { channel: "mail".into(), ..delivery("m", "acme", minute(5)) };
    commit(store, &deliveries([delivery("s", "acme", minute(1)), mail.clone()]));
    assert_eq!(store.due_deliveries(Some("mail"), minute(9), 9).unwrap(), [mail]);
    assert_eq!(store.next_delivery_due(Some("mail")).unwrap(), Some(minute(5)));
    assert_eq!(store.next_delivery_due(Some("slack")).unwrap(), Some(minute(1)));
    assert_eq!(store.next_delivery_due(Some("none")).unwrap(), None);
}

/// P5: the second is the same message, whatever it says, and even after it was sent.
fn the_same_message_is_never_pending_twice(store: &dyn Store) {
    let first = delivery("msg", "acme", minute(1));
    commit(store, &deliveries([first.clone()]));
    commit(store, &deliveries([Delivery { due_at: minute(9), ..first.clone() }]));
    assert_eq!(store.due_deliveries(None, minute(9), 10).unwrap(), from_ref(&first));
    assert_eq!(settle(store, settled(&first, DeliveryState::Sent, minute(1))), 1);
    commit(store, &deliveries([first]));
    assert_eq!(due(store, 9, 10), Vec::<String>::new());
}

fn an_attempt_is_written_down(store: &dyn Store) {
    let first = delivery("msg", "acme", minute(1));
    commit(store, &deliveries([first.clone()]));
    let again = settled(&first, DeliveryState::Pending, minute(6));
    assert_eq!(settle(store, again.clone()), 1);
    assert_eq!(due(store, 5, 10), Vec::<String>::new());
    let failed =
        Delivery { due_at: minute(6), attempts: 1, error: again.error.clone(), ..first.clone() };
    assert_eq!(store.due_deliveries(None, minute(6), 10).unwrap(), from_ref(&failed));
    let sent = settled(&failed, DeliveryState::Sent, minute(6));
    assert_eq!(settle(store, sent.clone()), 1);
    assert_eq!(store.next_delivery_due(None).unwrap(), None);
    let (delivery, attempts) = store.delivery("msg").unwrap().unwrap();
    assert_eq!((delivery.state, delivery.attempts, delivery.error), (DeliveryState::Sent, 2, None));
    assert_eq!(attempts, [again.attempt.unwrap(), sent.attempt.unwrap()]);
    assert_eq!(store.delivery("unknown").unwrap(), None);
    let unknown = Delivery { id: "unknown".into(), ..first };
    assert_eq!(settle(store, settled(&unknown, DeliveryState::Sent, minute(1))), 0);
}

fn what_was_cancelled_meanwhile_stays_cancelled(store: &dyn Store) {
    let first = delivery("msg", "acme", minute(1));
    commit(store, &deliveries([first.clone()]));
    settle(store, settled(&first, DeliveryState::Cancelled, minute(1)));
    assert_eq!(settle(store, settled(&first, DeliveryState::Pending, minute(6))), 0);
    assert_eq!(state(store, "msg"), DeliveryState::Cancelled);
    assert_eq!(store.delivery("msg").unwrap().unwrap().1.len(), 2, "the try is told all the same");
}

fn a_message_put_off_was_not_tried(store: &dyn Store) {
    let first = delivery("msg", "acme", minute(1));
    commit(store, &deliveries([first.clone()]));
    let put_off = Settlement {
        attempts: 0,
        error: None,
        attempt: None,
        ..settled(&first, DeliveryState::Pending, minute(4))
    };
    assert_eq!(settle(store, put_off), 1);
    let expected = Delivery { due_at: minute(4), ..first };
    assert_eq!(store.delivery("msg").unwrap(), Some((expected, Vec::new())));
}

fn only_the_newest_attempts_are_kept(store: &dyn Store) {
    let mut message = delivery("msg", "acme", minute(1));
    let other = delivery("other", "acme", minute(1));
    commit(store, &deliveries([message.clone(), other.clone()]));
    settle(store, settled(&other, DeliveryState::Pending, minute(1)));
    for number in 0..i64::from(ATTEMPTS_KEPT) + 3 {
        message.due_at = minute(number);
        settle(store, settled(&message, DeliveryState::Pending, minute(number + 1)));
        message.attempts += 1;
    }
    let (_, attempts) = store.delivery("msg").unwrap().unwrap();
    assert_eq!(attempts.len(), ATTEMPTS_KEPT as usize);
    assert_eq!(attempts[0].at.0, minute(3).0 + 1_000_000, "the oldest are gone");
    assert_eq!(store.delivery("other").unwrap().unwrap().1.len(), 1, "others' stay");
}

fn messages_are_listed_by_filter_newest_first(store: &dyn Store) {
    let lead = lead("acme", 1);
    let about = Delivery { lead: Some(lead.id.clone()), ..delivery("b", "acme", minute(2)) };
    let mail = Delivery { channel: "mail".into(), ..delivery("c", "other", minute(3)) };
    let messages = vec![delivery("a", "acme", minute(2)), about, mail.clone()];
    commit(store, &Commit { deliveries: messages, ..leads([lead.clone()]) });
    settle(store, settled(&mail, DeliveryState::Dead, minute(3)));
    let list = |filter: &DeliveryFilter| {
        ids(store.deliveries(filter, &PageRequest::first(9)).unwrap().rows).concat()
    };
    let any = DeliveryFilter::default();
    assert_eq!(list(&any), "cba");
    let filters = [
        (DeliveryFilter { states: vec![DeliveryState::Dead], ..any.clone() }, "c"),
        (DeliveryFilter { channel: Some("slack".into()), ..any.clone() }, "ba"),
        (DeliveryFilter { lead: Some(lead.id), ..any.clone() }, "b"),
        (DeliveryFilter { account: Some("acme".into()), ..any.clone() }, "ba"),
        (DeliveryFilter { queued_from: Some(minute(3)), ..any.clone() }, "c"),
        (DeliveryFilter { queued_to: Some(minute(3)), ..any.clone() }, "ba"),
    ];
    for (filter, wanted) in filters {
        assert_eq!(list(&filter), wanted, "{filter:?}");
    }
    let first = store.deliveries(&any, &PageRequest::first(2)).unwrap();
    let rest = store.deliveries(&any, &PageRequest::after(first.next.unwrap(), 2)).unwrap();
    assert_eq!((ids(first.rows).concat(), ids(rest.rows).concat()), ("cb".into(), "a".into()));
    assert_eq!(rest.next, None);
    let count = |channel: &str, state, deliveries| DeliveryCount {
        channel: channel.into(),
        state,
        deliveries,
    };
    let wanted = [count("mail", DeliveryState::Dead, 1), count("slack", DeliveryState::Pending, 2)];
    assert_eq!(store.count_deliveries().unwrap(), wanted);
}

fn a_dead_message_is_sent_again_as_if_new(store: &dyn Store) {
    let first = delivery("msg", "acme", minute(1));
    commit(store, &deliveries([first.clone()]));
    assert!(!store.resend_delivery("msg", minute(8)).unwrap(), "it is pending");
    settle(store, settled(&first, DeliveryState::Dead, minute(2)));
    assert!(store.resend_delivery("msg", minute(8)).unwrap());
    let again = store.due_deliveries(None, minute(8), 9).unwrap();
    assert_eq!(again[0].attempts, 0);
    assert_eq!((again[0].queued_at, again[0].due_at), (minute(8), minute(8)));
    assert_eq!(store.delivery("msg").unwrap().unwrap().1.len(), 1, "what was tried stays told");
    settle(store, settled(&again[0], DeliveryState::Sent, minute(8)));
    assert!(!store.resend_delivery("msg", minute(9)).unwrap(), "the receiver has it");
    assert!(!store.resend_delivery("unknown", minute(9)).unwrap());
}

fn all_dead_messages_are_sent_again(store: &dyn Store) {
    let all = u64::from(SWEEP_ROWS_MAX) + 3;
    let mut many: Vec<_> =
        (0..all).map(|it| delivery(&format!("m{it}"), "acme", minute(1))).collect();
    many.push(Delivery { channel: "mail".into(), ..delivery("mail", "acme", minute(1)) });
    commit(store, &deliveries(many.clone()));
    let dead: Vec<_> = many.iter().map(|it| settled(it, DeliveryState::Dead, minute(1))).collect();
    assert_eq!(store.settle_deliveries(&dead).unwrap(), all + 1);
    assert_eq!(store.resend_dead(Some("slack"), minute(5)).unwrap(), u64::from(SWEEP_ROWS_MAX));
    assert_eq!(store.resend_dead(Some("slack"), minute(5)).unwrap(), 3);
    assert_eq!(store.resend_dead(Some("slack"), minute(5)).unwrap(), 0);
    assert_eq!(state(store, "mail"), DeliveryState::Dead);
    assert_eq!(store.resend_dead(None, minute(5)).unwrap(), 1);
}

fn what_waited_for_too_long_is_given_up(store: &dyn Store) {
    let later = Delivery { queued_at: minute(1), ..delivery("later", "acme", minute(90)) };
    let mail = Delivery { channel: "mail".into(), ..delivery("mail", "acme", minute(1)) };
    let messages = [delivery("old", "acme", minute(1)), delivery("new", "acme", minute(3)), later];
    commit(store, &deliveries(messages));
    commit(store, &deliveries([mail]));
    assert_eq!(store.expire_deliveries("slack", minute(2), minute(60)).unwrap(), 1);
    assert_eq!(state(store, "old"), DeliveryState::Dead);
    assert!(store.delivery("old").unwrap().unwrap().0.error.is_some(), "it says why");
    for id in ["new", "later", "mail"] {
        assert_eq!(state(store, id), DeliveryState::Pending, "{id}");
    }
}

fn attempts_go_with_their_message(store: &dyn Store) {
    let first = delivery("msg", "acme", minute(1));
    commit(store, &deliveries([first.clone()]));
    settle(store, settled(&first, DeliveryState::Sent, minute(1)));
    let old = Retention { deliveries_before: Some(minute(9)), ..Retention::default() };
    assert_eq!(store.sweep(&old).unwrap(), 1);
    assert_eq!(store.delivery("msg").unwrap(), None);
    commit(store, &deliveries([first]));
    assert_eq!(store.delivery("msg").unwrap().unwrap().1, [], "another one has none");
}

fn a_disabled_channel_keeps_its_first_reason(store: &dyn Store) {
    let disabled = |minutes, reason: &str| DisabledChannel {
        channel: "hooks".into(),
        at: minute(minutes),
        reason: reason.into(),
    };
    assert_eq!(store.disabled_channels().unwrap(), []);
    store.disable_channel(&disabled(1, "answered 410")).unwrap();
    store.disable_channel(&disabled(2, "again")).unwrap();
    assert_eq!(store.disabled_channels().unwrap(), [disabled(1, "answered 410")]);
    assert!(store.enable_channel("hooks").unwrap());
    assert!(!store.enable_channel("hooks").unwrap());
    assert_eq!(store.disabled_channels().unwrap(), []);
}
