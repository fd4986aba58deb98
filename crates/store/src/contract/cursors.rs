//! Claims about lists in pages (STORE-4).

use std::collections::BTreeSet;

use firsthand_model::Text;
use firsthand_model::lead::{Lead, LeadStatus};
use firsthand_rules::ledger::Change;

use super::claims;
use super::sample::{account, commit, lead, leads, ledger, line, minute, scored, turned};
use crate::{
    Cursor, LeadFilter, LeadSort, LedgerFilter, LedgerOrder, PAGE_ROWS_MAX, Page, PageRequest,
    QuarantineFilter, Result, Store, StoreError,
};

claims![
    pages_of_leads_are_the_list_cut_up_in_every_order,
    pages_of_the_ledger_are_the_list_cut_up_in_both_orders,
    pages_of_qualifications_are_the_list_cut_up,
    what_is_added_between_pages_neither_repeats_nor_hides_a_lead,
    pages_stay_whole_while_others_write,
    a_cursor_of_another_list_is_refused,
    a_page_is_never_longer_than_the_limit,
];

const SORTS: [LeadSort; 5] =
    [LeadSort::Newest, LeadSort::Oldest, LeadSort::Score, LeadSort::Due, LeadSort::Changed];

/// Reads a list page by page.
fn paged<T>(rows: u32, read: impl Fn(&PageRequest) -> Result<Page<T>>) -> Vec<T> {
    let mut all = Vec::new();
    let mut request = PageRequest::first(rows);
    loop {
        let page = read(&request).unwrap();
        assert!(page.rows.len() <= rows as usize);
        all.extend(page.rows);
        match page.next {
            Some(next) => request = PageRequest::after(next, rows),
            None => return all,
        }
    }
}

/// Leads of which many are alike in what they are ordered by.
fn many(store: &dyn Store) -> Vec<Lead> {
    let them = (0..30_u32).map(|number| {
        let salt = u64::from(number);
        let made = lead(&format!("account {number}"), salt);
        let at = minute(i64::from(number / 7));
        let score =
            (number % 4 > 0).then(|| scored(&made, i64::from(number % 4))).and_then(|it| it.score);
        let due_at = (number % 3 > 0).then(|| minute(i64::from(number % 3)));
        Lead { known_at: at, changed_at: at, score, due_at, ..made }
    });
    let them = them.collect::<Vec<_>>();
    commit(store, &leads(them.clone()));
    them
}

fn pages_of_leads_are_the_list_cut_up_in_every_order(store: &dyn Store) {
    let them = many(store);
    let all = LeadFilter::default();
    for sort in SORTS {
        let whole = store.leads(&all, sort, &PageRequest::first(100)).unwrap();
        assert_eq!(whole.next, None);
        let mut wanted = them.clone();
        wanted.sort_by_key(|it| it.id.clone());
        match sort {
            LeadSort::Oldest => wanted.sort_by_key(|it| it.known_at),
            LeadSort::Due => wanted.sort_by_key(|it| (it.due_at.is_none(), it.due_at)),
            LeadSort::Newest => wanted.sort_by_key(|it| it.known_at),
            LeadSort::Changed => wanted.sort_by_key(|it| it.changed_at),
            LeadSort::Score => wanted.sort_by_key(|it| it.score),
        }
        if !matches!(sort, LeadSort::Oldest | LeadSort::Due) {
            wanted.reverse();
        }
        assert_eq!(whole.rows, wanted, "{sort:?}");
        for rows in [1, 7, 29, 30] {
            assert_eq!(paged(rows, |page| store.leads(&all, sort, page)), wanted, "{sort:?}");
        }
    }
}

fn pages_of_the_ledger_are_the_list_cut_up_in_both_orders(store: &dyn Store) {
    let lines = (0..25).map(|it| line(account("acme"), Change::Entered, minute(it)));
    commit(store, &ledger(lines));
    commit(store, &ledger([line(account("other"), Change::Entered, minute(0))]));
    let filter = LedgerFilter { account: Some("acme".into()), ..LedgerFilter::default() };
    let oldest = paged(4, |page| store.ledger(&filter, LedgerOrder::OldestFirst, page));
    let times = oldest.iter().map(|it| it.line.held_at).collect::<Vec<_>>();
    assert_eq!(times, (0..25).map(minute).collect::<Vec<_>>());
    let mut newest = paged(6, |page| store.ledger(&filter, LedgerOrder::NewestFirst, page));
    newest.reverse();
    assert_eq!(newest, oldest);
}

fn pages_of_qualifications_are_the_list_cut_up(store: &dyn Store) {
    let subjects = (0..25).map(|it| format!("a{it}"));
    let lines = subjects.flat_map(|it| {
        let entered = line(account(&it), Change::Entered, minute(1));
        let near = crate::LedgerLine { definition: "near".into(), ..entered.clone() };
        [entered, near]
    });
    commit(store, &ledger(lines));
    let whole = store.open_qualifications(None, &PageRequest::first(100)).unwrap().rows;
    assert_eq!(whole.len(), 50);
    assert!(whole.is_sorted_by_key(|it| (it.definition.clone(), it.subject.clone())));
    for rows in [1, 6, 49] {
        assert_eq!(paged(rows, |page| store.open_qualifications(None, page)), whole);
    }
    let near = paged(6, |page| store.open_qualifications(Some(("near", "v1")), page));
    assert_eq!(near, whole[..25]);
}

fn what_is_added_between_pages_neither_repeats_nor_hides_a_lead(store: &dyn Store) {
    let mut wanted = many(store).into_iter().map(|it| it.account).collect::<BTreeSet<_>>();
    let mut salt = 1_000;
    for sort in SORTS {
        let all = LeadFilter::default();
        let mut page = store.leads(&all, sort, &PageRequest::first(4)).unwrap();
        let mut seen = Vec::<Text>::new();
        let mut added = Vec::new();
        loop {
            seen.extend(page.rows.into_iter().map(|it| it.account));
            let Some(next) = page.next else { break };
            // One at either end of every order, as long as the list is short.
            let ends: &[i64] = if added.len() < 10 { &[-1_000, 1_000] } else { &[] };
            for at in ends.iter().copied() {
                salt += 1;
                let made = scored(&lead(&format!("later {salt}"), salt), at);
                let (known_at, due_at) = (minute(at), Some(minute(at)));
                let made = Lead { known_at, changed_at: known_at, due_at, ..made };
                added.push(made.account.clone());
                commit(store, &leads([made]));
            }
            page = store.leads(&all, sort, &PageRequest::after(next, 4)).unwrap();
        }
        let distinct = seen.iter().cloned().collect::<BTreeSet<_>>();
        assert_eq!(distinct.len(), seen.len(), "{sort:?}: none twice");
        assert!(wanted.is_subset(&distinct), "{sort:?}: none is missing");
        wanted.extend(added);
    }
}

fn pages_stay_whole_while_others_write(store: &dyn Store) {
    let them = many(store);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for salt in 2_000..2_100_u64 {
                let made = lead(&format!("later {salt}"), salt);
                let lost = turned(&made, LeadStatus::Lost, minute(5_000));
                commit(store, &leads([if salt % 2 == 0 { made } else { lost }]));
            }
        });
        let mut rounds = 0;
        while rounds == 0 || !writer.is_finished() {
            let page =
                |page: &PageRequest| store.leads(&LeadFilter::default(), LeadSort::Newest, page);
            let seen = paged(5, page).into_iter().map(|it| it.account).collect::<Vec<_>>();
            let distinct = seen.iter().collect::<BTreeSet<_>>();
            assert_eq!(distinct.len(), seen.len(), "none twice");
            assert!(them.iter().all(|it| distinct.contains(&it.account)), "none is missing");
            rounds += 1;
        }
    });
}

fn a_cursor_of_another_list_is_refused(store: &dyn Store) {
    many(store);
    let all = LeadFilter::default();
    let page = store.leads(&all, LeadSort::Newest, &PageRequest::first(4)).unwrap();
    let next = page.next.unwrap();
    let made_up = ["", "zz", "7", "5b5d", "é"].map(|it| Cursor(it.into()));
    for cursor in made_up.into_iter().chain([next]) {
        let request = PageRequest::after(cursor, 4);
        let by_score = store.leads(&all, LeadSort::Score, &request);
        assert!(matches!(by_score, Err(StoreError::BadCursor(_))), "{by_score:?}");
        let filter = QuarantineFilter::default();
        let other = store.quarantined(&filter, &request);
        assert!(matches!(other, Err(StoreError::BadCursor(_))), "{other:?}");
    }
}

fn a_page_is_never_longer_than_the_limit(store: &dyn Store) {
    let lines = (0..1_200).map(|it| line(account("acme"), Change::Entered, minute(it)));
    commit(store, &ledger(lines));
    let read = |rows| {
        let request = PageRequest::first(rows);
        let page = store.ledger(&LedgerFilter::default(), LedgerOrder::default(), &request);
        page.unwrap().rows.len()
    };
    assert_eq!(read(u32::MAX), PAGE_ROWS_MAX as usize);
    assert_eq!(read(0), 1);
}
