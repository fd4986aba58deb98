//! Claims about messages to be sent.

use std::slice::from_ref;

use super::claims;
use super::sample::{commit, delivery, lead, leads, minute};
use crate::{Commit, Delivery, DeliveryState, Store};

claims![
    messages_are_handed_out_when_they_are_due,
    the_same_message_is_never_pending_twice,
    an_attempt_is_written_down,
];

fn deliveries(deliveries: impl Into<Vec<Delivery>>) -> Commit {
    Commit { deliveries: deliveries.into(), ..Commit::default() }
}

fn due(store: &dyn Store, until: i64, rows: u32) -> Vec<String> {
    let due = store.due_deliveries(minute(until), rows).unwrap();
    due.into_iter().map(|it| it.id.to_string()).collect()
}

fn messages_are_handed_out_when_they_are_due(store: &dyn Store) {
    assert_eq!(store.next_delivery_due().unwrap(), None);
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
    assert_eq!(store.next_delivery_due().unwrap(), Some(minute(2)));
    assert_eq!(due(store, 1, 10), Vec::<String>::new());
    assert_eq!(store.due_deliveries(minute(2), 10).unwrap(), [about]);
    assert_eq!(due(store, 3, 10), ["b", "a", "c"]);
    assert_eq!(due(store, 3, 2), ["b", "a"]);
}

/// P5: the second is the same message, whatever it says, and even after it was sent.
fn the_same_message_is_never_pending_twice(store: &dyn Store) {
    let first = delivery("msg", "acme", minute(1));
    commit(store, &deliveries([first.clone()]));
    commit(store, &deliveries([Delivery { due_at: minute(9), ..first.clone() }]));
    assert_eq!(store.due_deliveries(minute(9), 10).unwrap(), from_ref(&first));
    let sent = Delivery { state: DeliveryState::Sent, attempts: 1, ..first.clone() };
    assert!(store.settle_delivery(&sent).unwrap());
    commit(store, &deliveries([first]));
    assert_eq!(due(store, 9, 10), Vec::<String>::new());
}

fn an_attempt_is_written_down(store: &dyn Store) {
    let first = delivery("msg", "acme", minute(1));
    commit(store, &deliveries([first.clone()]));
    let failed = Delivery {
        due_at: minute(6),
        attempts: 1,
        error: Some("answered 503".into()),
        ..first.clone()
    };
    assert!(store.settle_delivery(&failed).unwrap());
    assert_eq!(due(store, 5, 10), Vec::<String>::new());
    assert_eq!(store.due_deliveries(minute(6), 10).unwrap(), from_ref(&failed));
    for state in [DeliveryState::Sent, DeliveryState::Dead, DeliveryState::Cancelled] {
        assert!(store.settle_delivery(&Delivery { state, ..failed.clone() }).unwrap());
        assert_eq!(due(store, 9, 10), Vec::<String>::new());
        assert_eq!(store.next_delivery_due().unwrap(), None);
    }
    assert!(!store.settle_delivery(&delivery("unknown", "acme", minute(1))).unwrap());
}
