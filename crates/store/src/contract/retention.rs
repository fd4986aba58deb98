//! Claims about forgetting what is old.

use firsthand_model::lead::{LeadNote, LeadStatus};
use firsthand_rules::ledger::Change;

use super::claims;
use super::sample::{
    account, commit, delivery, evidence, lead, leads, ledger, line, minute, refused, turned,
};
use crate::{
    Commit, Delivery, DeliveryState, LeadFilter, LeadSort, LedgerFilter, LedgerLine, LedgerOrder,
    PageRequest, Published, PublishedState, QuarantineFilter, Retention, SWEEP_ROWS_MAX,
    SourceTally, Store,
};

claims![
    nothing_is_forgotten_that_is_to_be_kept,
    what_still_holds_is_not_forgotten,
    what_a_retired_version_left_open_is_forgotten,
    closed_leads_go_with_all_that_belongs_to_them,
    one_call_forgets_a_bounded_number,
];

fn held(store: &dyn Store) -> Vec<String> {
    let page = PageRequest::first(1_000);
    let lines = store.ledger(&LedgerFilter::default(), LedgerOrder::OldestFirst, &page).unwrap();
    lines.rows.into_iter().map(|it| it.line.subject.id.to_string()).collect()
}

fn nothing_is_forgotten_that_is_to_be_kept(store: &dyn Store) {
    let mut sent = delivery("sent", "acme", minute(1));
    sent.state = DeliveryState::Sent;
    let full = Commit {
        quarantined: vec![refused("web", "x", "{}")],
        tallies: vec![SourceTally {
            source: "web".into(),
            seen_at: minute(1),
            accepted: 1,
            rejected: 0,
            repeated: 0,
        }],
        ledger: vec![
            line(account("acme"), Change::Entered, minute(1)),
            line(account("acme"), Change::Left, minute(2)),
        ],
        leads: vec![turned(&lead("acme", 1), LeadStatus::Lost, minute(3)), lead("acme", 2)],
        deliveries: vec![Delivery { ..sent }, delivery("pending", "acme", minute(1))],
        ..Commit::default()
    };
    commit(store, &full);
    assert_eq!(store.sweep(&Retention::default()).unwrap(), 0);
    let all = |at| Retention {
        ledger_before: Some(minute(at)),
        quarantine_before: Some(minute(at)),
        minutes_before: Some(minute(at)),
        leads_before: Some(minute(at)),
        deliveries_before: Some(minute(at)),
        audit_before: Some(minute(at)),
    };
    assert_eq!(store.sweep(&all(0)).unwrap(), 0, "what is as old as the limit stays");
    // Two lines, the interval, what was refused, the minute, the lost lead, the sent message.
    assert_eq!(store.sweep(&all(100)).unwrap(), 7);
    assert_eq!(store.sweep(&all(100)).unwrap(), 0);
    let page = PageRequest::first(9);
    assert!(store.quarantined(&QuarantineFilter::default(), &page).unwrap().rows.is_empty());
    let left = store.leads(&LeadFilter::default(), LeadSort::Newest, &page).unwrap().rows;
    assert_eq!(left, [lead("acme", 2)]);
    assert_eq!(store.next_delivery_due(None).unwrap(), Some(minute(1)), "pending ones stay");
    assert_eq!(store.sources().unwrap()[0].accepted, 1, "totals stay");
}

fn what_still_holds_is_not_forgotten(store: &dyn Store) {
    let lines = [
        line(account("gone"), Change::Entered, minute(1)),
        line(account("gone"), Change::Left, minute(2)),
        line(account("holds"), Change::Entered, minute(1)),
        line(account("never was"), Change::Entered, minute(1)),
        line(account("never was"), Change::Retracted, minute(1)),
        line(account("late"), Change::Entered, minute(50)),
        line(account("late"), Change::Left, minute(60)),
    ];
    commit(store, &ledger(lines));
    let retention = Retention { ledger_before: Some(minute(55)), ..Retention::default() };
    store.sweep(&retention).unwrap();
    assert_eq!(held(store), ["holds", "late"]);
    assert!(store.qualifications_of(&account("gone")).unwrap().is_empty());
    assert_eq!(store.qualifications_of(&account("holds")).unwrap().len(), 1);
    assert_eq!(store.qualifications_of(&account("late")).unwrap().len(), 1);
}

fn what_a_retired_version_left_open_is_forgotten(store: &dyn Store) {
    let version = |version: &str, state| Published {
        name: "power".into(),
        version: version.into(),
        text: "when: count(export) >= 3 in 7d".to_owned(),
        published_by: "ann".into(),
        published_at: minute(0),
        state,
        state_at: minute(9),
        applied_to_existing: false,
    };
    let of = |version: &str, id: &str| LedgerLine {
        version: version.into(),
        ..line(account(id), Change::Entered, minute(1))
    };
    commit(
        store,
        &Commit {
            definitions: vec![
                version("v1", PublishedState::Retired),
                version("v2", PublishedState::Running),
            ],
            ledger: vec![of("v1", "old"), of("v2", "new")],
            ..Commit::default()
        },
    );
    let before = |at| Retention { ledger_before: Some(minute(at)), ..Retention::default() };
    assert_eq!(store.sweep(&before(9)).unwrap(), 0, "it has not been retired for so long");
    assert_eq!(store.sweep(&before(10)).unwrap(), 2, "the interval and the line");
    assert_eq!(held(store), ["new"]);
    assert_eq!(store.count_open_qualifications("power", "v1").unwrap(), 0);
    assert_eq!(store.count_open_qualifications("power", "v2").unwrap(), 1);
}

fn closed_leads_go_with_all_that_belongs_to_them(store: &dyn Store) {
    let lost = turned(&lead("acme", 1), LeadStatus::Lost, minute(3));
    let note = LeadNote {
        lead: lost.id.clone(),
        at: minute(1),
        by: "ann".into(),
        text: "no budget".into(),
    };
    let about = Delivery { lead: Some(lost.id.clone()), ..delivery("m", "acme", minute(1)) };
    commit(
        store,
        &Commit {
            evidence: vec![evidence(&lost, account("acme"), minute(1))],
            lead_notes: vec![note],
            deliveries: vec![about],
            ..leads([lost.clone()])
        },
    );
    let retention = Retention { leads_before: Some(minute(4)), ..Retention::default() };
    assert_eq!(store.sweep(&retention).unwrap(), 1);
    assert_eq!(store.lead(&lost.id).unwrap(), None);
    let pending = store.due_deliveries(None, minute(9), 9).unwrap();
    assert_eq!(pending.into_iter().map(|it| it.lead).collect::<Vec<_>>(), [None]);
    assert_eq!(store.problems().unwrap(), Vec::<String>::new());
}

fn one_call_forgets_a_bounded_number(store: &dyn Store) {
    let rows = u64::from(SWEEP_ROWS_MAX) + 10;
    let quarantined = (0..rows).map(|_| refused("web", "x", "{}")).collect();
    commit(store, &Commit { quarantined, ..Commit::default() });
    let retention = Retention { quarantine_before: Some(minute(4)), ..Retention::default() };
    assert_eq!(store.sweep(&retention).unwrap(), u64::from(SWEEP_ROWS_MAX));
    assert_eq!(store.sweep(&retention).unwrap(), 10);
}
