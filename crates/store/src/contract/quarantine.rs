//! Claims about what was refused.

use firsthand_model::Span;

use super::claims;
use super::sample::{commit, minute, refused};
use crate::{Commit, PageRequest, QuarantineFilter, Quarantined, QuarantinedRow, Store};

claims![
    what_was_refused_is_found_the_newest_first,
    what_was_taken_in_after_all_is_marked_once,
    rows_are_deleted_by_number,
];

fn quarantine(store: &dyn Store, quarantined: Vec<Quarantined>) -> Vec<u64> {
    store.commit(&Commit { quarantined, ..Commit::default() }).unwrap().quarantined
}

fn found(store: &dyn Store, filter: &QuarantineFilter) -> Vec<QuarantinedRow> {
    store.quarantined(filter, &PageRequest::first(10)).unwrap().rows
}

fn what_was_refused_is_found_the_newest_first(store: &dyn Store) {
    let bytes = Quarantined { raw: vec![0, 255, 7], ..refused("api", "not-json", "") };
    let late = Quarantined { received_at: minute(5), ..refused("web", "no-name", "{}") };
    let ids = quarantine(store, vec![refused("web", "no-name", "{}"), bytes.clone(), late]);
    assert!(ids.is_sorted());
    let all = QuarantineFilter::default();
    let cases = [
        (all.clone(), vec![2, 1, 0]),
        (QuarantineFilter { source: Some("web".into()), ..all.clone() }, vec![2, 0]),
        (QuarantineFilter { code: Some("not-json".into()), ..all.clone() }, vec![1]),
        (QuarantineFilter { from: Some(minute(5)), ..all.clone() }, vec![2]),
        (QuarantineFilter { to: Some(minute(5)), ..all.clone() }, vec![1, 0]),
        (QuarantineFilter { replayed: Some(true), ..all.clone() }, vec![]),
    ];
    for (filter, places) in cases {
        let numbers = found(store, &filter).into_iter().map(|it| it.id).collect::<Vec<_>>();
        let wanted = places.into_iter().map(|it: usize| ids[it]).collect::<Vec<_>>();
        assert_eq!(numbers, wanted, "{filter:?}");
    }
    let first = store.quarantined(&all, &PageRequest::first(2)).unwrap();
    let second = store.quarantined(&all, &PageRequest::after(first.next.unwrap(), 2)).unwrap();
    assert_eq!(second.rows.iter().map(|it| it.id).collect::<Vec<_>>(), ids[..1]);
    assert_eq!(second.next, None);
    let row = store.quarantined_row(ids[1]).unwrap().unwrap();
    assert_eq!((row.raw, row.source, row.reason), (bytes.raw, bytes.source, bytes.reason));
    assert_eq!(store.quarantined_row(u64::MAX).unwrap(), None);
}

fn what_was_taken_in_after_all_is_marked_once(store: &dyn Store) {
    let ids = quarantine(store, vec![refused("web", "no-name", "{}"), refused("web", "x", "{}")]);
    assert_eq!(store.mark_replayed(&[ids[0], 99_999, u64::MAX], minute(3)).unwrap(), 1);
    assert_eq!(store.mark_replayed(&ids[..1], minute(3) + Span::DAY).unwrap(), 0);
    let filter = |replayed| QuarantineFilter { replayed: Some(replayed), ..Default::default() };
    let marked = found(store, &filter(true));
    assert_eq!(marked.iter().map(|it| it.replayed_at).collect::<Vec<_>>(), [Some(minute(3))]);
    assert_eq!(found(store, &filter(false)).iter().map(|it| it.id).collect::<Vec<_>>(), ids[1..]);
}

fn rows_are_deleted_by_number(store: &dyn Store) {
    let ids = quarantine(store, vec![refused("web", "a", "{}"), refused("web", "b", "{}")]);
    assert_eq!(store.delete_quarantined(&[ids[1], 99_999]).unwrap(), 1);
    let left = found(store, &QuarantineFilter::default());
    assert_eq!(left.iter().map(|it| it.id).collect::<Vec<_>>(), ids[..1]);
    // A number is never given out again, or a link would lead to another row.
    commit(store, &Commit::default());
    assert!(quarantine(store, vec![refused("web", "c", "{}")])[0] > ids[1]);
}
