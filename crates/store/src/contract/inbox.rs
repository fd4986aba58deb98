//! Claims about messages inside the product.

use firsthand_model::Time;
use firsthand_model::message::{InAppForm, InAppMessage, Outgoing};
use firsthand_model::play::Reaction;

use super::claims;
use super::sample::{commit, delivery, minute, settled};
use crate::{Commit, Delivery, DeliveryState, INBOX_ROWS_MAX, Identities, Retention, Store};

claims![
    a_message_waits_for_its_person_and_for_nobody_else,
    a_message_is_there_from_its_time_until_it_is_of_no_use,
    what_is_shown_inside_the_product_is_never_handed_out_to_be_sent,
    a_message_shown_stays_and_one_answered_goes,
    a_cancelled_message_is_gone_at_once,
    a_person_is_shown_a_bounded_number,
    messages_that_nobody_came_for_are_forgotten,
    of_an_erased_person_no_message_is_left,
];

fn message(id: &str, person: &str, due_at: Time, until: Option<Time>) -> Delivery {
    let message = Outgoing::InApp(InAppMessage {
        person: person.into(),
        account: "acme".into(),
        form: InAppForm::Banner,
        title: "8,140 of 10,000 contacts used".to_owned(),
        body: String::new(),
        points: Vec::new(),
        usage: None,
        action: None,
        language: "en".into(),
        until,
    });
    let payload = serde_json::to_vec(&message).unwrap();
    Delivery { channel: "product".into(), payload, ..delivery(id, "acme", due_at) }
}

fn add(store: &dyn Store, deliveries: impl Into<Vec<Delivery>>) {
    commit(store, &Commit { deliveries: deliveries.into(), ..Commit::default() });
}

fn waiting(store: &dyn Store, persons: &[&str], now: i64) -> Vec<String> {
    let persons = persons.iter().map(|it| (*it).into()).collect::<Vec<_>>();
    let rows = store.inbox(&persons, minute(now)).unwrap();
    rows.into_iter().map(|it| it.delivery.to_string()).collect()
}

fn a_message_waits_for_its_person_and_for_nobody_else(store: &dyn Store) {
    let first = message("b", "zoë", minute(1), None);
    add(store, [first.clone(), message("a", "zoe-2", minute(2), None)]);
    add(store, [message("c", "bob", minute(1), None), delivery("mail", "acme", minute(1))]);
    assert_eq!(waiting(store, &["zoë", "zoe-2"], 9), ["b", "a"], "by any of their ids");
    assert_eq!(waiting(store, &["bob"], 9), ["c"]);
    assert_eq!(waiting(store, &["acme", "zo", ""], 9), Vec::<String>::new());
    let row = store.inbox_message("b").unwrap().unwrap();
    assert_eq!((row.person.as_str(), row.account.as_deref()), ("zoë", Some("acme")));
    assert_eq!((row.channel.as_str(), &row.payload), ("product", &first.payload));
    assert_eq!(store.inbox_message("mail").unwrap(), None);
    assert_eq!(store.inbox_message("unknown").unwrap(), None);
}

fn a_message_is_there_from_its_time_until_it_is_of_no_use(store: &dyn Store) {
    add(store, [message("msg", "zoë", minute(2), Some(minute(5)))]);
    let there = (0..8).filter(|now| !waiting(store, &["zoë"], *now).is_empty());
    assert_eq!(there.collect::<Vec<_>>(), [2, 3, 4]);
}

fn what_is_shown_inside_the_product_is_never_handed_out_to_be_sent(store: &dyn Store) {
    add(store, [message("shown", "zoë", minute(1), None)]);
    assert_eq!(store.next_delivery_due(None).unwrap(), None);
    add(store, [delivery("sent", "acme", minute(2))]);
    assert_eq!(store.next_delivery_due(None).unwrap(), Some(minute(2)));
    let due = store.due_deliveries(None, minute(9), 10).unwrap();
    assert_eq!(due.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["sent"]);
}

fn a_message_shown_stays_and_one_answered_goes(store: &dyn Store) {
    for answer in [Reaction::Clicked, Reaction::Dismissed] {
        let id = answer.word();
        add(store, [message(id, id, minute(1), None)]);
        assert!(store.note_inbox(id, Reaction::Shown, minute(2)).unwrap());
        assert_eq!(waiting(store, &[id], 9), [id], "seen is not answered");
        assert!(!store.note_inbox(id, Reaction::Shown, minute(3)).unwrap(), "the first counts");
        assert!(store.note_inbox(id, answer, minute(4)).unwrap());
        assert_eq!(waiting(store, &[id], 9), Vec::<String>::new());
        let row = store.inbox_message(id).unwrap().unwrap();
        assert_eq!(row.done_at(Reaction::Shown), Some(minute(2)));
        assert_eq!(row.done_at(answer), Some(minute(4)));
    }
    assert!(!store.note_inbox("unknown", Reaction::Shown, minute(2)).unwrap());
}

fn a_cancelled_message_is_gone_at_once(store: &dyn Store) {
    let first = message("msg", "zoë", minute(1), None);
    add(store, [first.clone()]);
    let cancelled = settled(&first, DeliveryState::Cancelled, minute(1));
    assert_eq!(store.settle_deliveries(&[cancelled]).unwrap(), 1);
    assert_eq!(waiting(store, &["zoë"], 9), Vec::<String>::new());
    store.note_inbox("msg", Reaction::Shown, minute(2)).unwrap();
    assert_eq!(waiting(store, &["zoë"], 9), Vec::<String>::new(), "and does not come back");
}

fn a_person_is_shown_a_bounded_number(store: &dyn Store) {
    let many = (0..INBOX_ROWS_MAX + 5).map(|n| {
        let person = if n % 2 == 0 { "zoë" } else { "zoe-2" };
        message(&format!("{n:02}"), person, minute(n.into()), None)
    });
    add(store, many.collect::<Vec<_>>());
    let shown = waiting(store, &["zoë", "zoe-2"], 99);
    let longest_due = (0..INBOX_ROWS_MAX).map(|n| format!("{n:02}")).collect::<Vec<_>>();
    assert_eq!(shown, longest_due);
}

fn messages_that_nobody_came_for_are_forgotten(store: &dyn Store) {
    add(
        store,
        [
            message("old", "zoë", minute(1), None),
            message("past", "zoë", minute(1), Some(minute(5))),
            message("still good", "zoë", minute(1), Some(minute(50))),
            message("new", "zoë", minute(30), None),
        ],
    );
    let retention = Retention { deliveries_before: Some(minute(10)), ..Retention::default() };
    assert_eq!(store.sweep(&retention).unwrap(), 2);
    assert_eq!(waiting(store, &["zoë"], 40), ["still good", "new"]);
    assert_eq!(store.inbox_message("old").unwrap(), None);
}

fn of_an_erased_person_no_message_is_left(store: &dyn Store) {
    add(store, [message("hers", "zoë", minute(1), None), message("his", "bob", minute(1), None)]);
    let zoë = Identities { persons: vec!["zoë".into()], accounts: Vec::new() };
    assert!(!store.traces(&zoë, &mut |_| false).unwrap().is_empty());
    store.erase(&zoë, &mut |_| Ok(None)).unwrap();
    assert_eq!(store.traces(&zoë, &mut |_| false).unwrap(), []);
    assert_eq!(store.inbox_message("hers").unwrap(), None);
    assert_eq!(waiting(store, &["bob"], 9), ["his"]);
    assert_eq!(store.problems().unwrap(), Vec::<String>::new());
}
