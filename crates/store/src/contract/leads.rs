//! Claims about leads.

use firsthand_model::Decimal;
use firsthand_model::config::Track;
use firsthand_model::lead::{Lead, LeadChange, LeadId, LeadNote, LeadStatus};

use super::claims;
use super::sample::{account, commit, evidence, lead, leads, minute, person, scored, turned};
use crate::{
    Commit, LeadCount, LeadEvidence, LeadFilter, LeadSheet, LeadSort, OwnerFilter, PageRequest,
    Store, StoreError,
};

claims![
    a_second_lead_that_is_not_closed_is_refused,
    a_lead_may_be_closed_and_the_next_opened_in_one_commit,
    closing_and_status_go_together,
    a_lead_on_no_track_is_refused,
    a_lead_comes_back_with_all_that_belongs_to_it,
    evidence_is_kept_once_and_updated,
    leads_are_found_by_each_filter,
    leads_are_counted_by_track_and_status,
    open_leads_are_counted_by_what_they_rest_on,
    a_great_score_is_held_within_what_can_be_ordered,
];

/// STORE-2, P5: whatever not-closed status the two have.
fn a_second_lead_that_is_not_closed_is_refused(store: &dyn Store) {
    let first = lead("acme", 1);
    commit(store, &leads([first.clone()]));
    for status in LeadStatus::ALL.into_iter().filter(|it| !it.is_closed()) {
        commit(store, &leads([turned(&first, status, minute(2))]));
        for second in LeadStatus::ALL.into_iter().filter(|it| !it.is_closed()) {
            let second = turned(&lead("acme", 2), second, minute(3));
            let refused = store.commit(&leads([second]));
            assert!(matches!(refused, Err(StoreError::LeadOpen { .. })), "{refused:?}");
        }
    }
    let elsewhere = Lead { track: Track::Marketing, ..lead("acme", 2) };
    commit(store, &leads([elsewhere.clone(), lead("other", 3)]));
    assert_eq!(store.unclosed_lead("acme", Track::Marketing).unwrap(), Some(elsewhere));
    assert_eq!(store.unclosed_lead("acme", Track::Product).unwrap().unwrap().id, first.id);
    assert_eq!(store.unclosed_lead("acme", Track::Expansion).unwrap(), None);
}

fn a_lead_may_be_closed_and_the_next_opened_in_one_commit(store: &dyn Store) {
    let old = lead("acme", 1);
    commit(store, &leads([old.clone()]));
    let next = lead("acme", 2);
    // The new one is named first on purpose.
    commit(store, &leads([next.clone(), turned(&old, LeadStatus::Lost, minute(5))]));
    assert_eq!(store.unclosed_lead("acme", Track::Product).unwrap(), Some(next));
    let reopened = store.commit(&leads([old]));
    assert!(matches!(reopened, Err(StoreError::LeadOpen { .. })), "{reopened:?}");
}

fn closing_and_status_go_together(store: &dyn Store) {
    for status in LeadStatus::ALL {
        let sound = turned(&lead(status.word(), 1), status, minute(1));
        let closed_at = if status.is_closed() { None } else { Some(minute(1)) };
        let unsound = Lead { closed_at, ..sound };
        let refused = store.commit(&leads([unsound]));
        assert!(matches!(refused, Err(StoreError::LeadClosing { .. })), "{status}");
    }
}

fn a_lead_on_no_track_is_refused(store: &dyn Store) {
    let refused = store.commit(&leads([Lead { track: Track::None, ..lead("acme", 1) }]));
    assert!(matches!(refused, Err(StoreError::Refused { .. })), "{refused:?}");
}

fn a_lead_comes_back_with_all_that_belongs_to_it(store: &dyn Store) {
    let other = turned(&lead("acme", 2), LeadStatus::Open, minute(2));
    let merged = Lead {
        owner: Some("ann@firm.example".into()),
        snoozed_until: Some(minute(30)),
        due_at: Some(minute(40)),
        touched_at: Some(minute(3)),
        reason: Some("same customer".into()),
        merged_into: Some(other.id.clone()),
        ..scored(&turned(&lead("acme", 1), LeadStatus::Merged, minute(9)), -12)
    };
    let change = |at, from, to| LeadChange {
        lead: merged.id.clone(),
        at: minute(at),
        by: "ann".into(),
        from,
        to,
        owner: None,
        reason: Some("duplicate".into()),
        note: None,
    };
    let note = |at, text: &str| LeadNote {
        lead: merged.id.clone(),
        at: minute(at),
        by: "ann".into(),
        text: text.into(),
    };
    let sheet = LeadSheet {
        evidence: vec![
            evidence(&merged, person("p"), minute(1)),
            evidence(&merged, account("acme"), minute(2)),
        ],
        changes: vec![
            change(1, None, LeadStatus::Open),
            change(9, Some(LeadStatus::Open), LeadStatus::Merged),
        ],
        notes: vec![note(5, "later written, earlier meant"), note(4, "call in May")],
        lead: merged,
    };
    commit(
        store,
        &Commit {
            leads: vec![sheet.lead.clone(), other],
            evidence: sheet.evidence.iter().rev().cloned().collect(),
            lead_changes: sheet.changes.clone(),
            lead_notes: sheet.notes.clone(),
            ..Commit::default()
        },
    );
    assert_eq!(store.lead(&sheet.lead.id).unwrap(), Some(sheet));
    assert_eq!(store.lead(&LeadId::mint(minute(0), 9)).unwrap(), None);
}

fn evidence_is_kept_once_and_updated(store: &dyn Store) {
    let lead = lead("acme", 1);
    let first = evidence(&lead, account("acme"), minute(1));
    commit(store, &Commit { evidence: vec![first.clone()], ..leads([lead.clone()]) });
    let mut last = first;
    last.left = Some(minute(5));
    last.retracted_at = Some(minute(6));
    last.version = "v2".into();
    commit(store, &Commit { evidence: vec![last.clone()], ..Commit::default() });
    assert_eq!(store.lead(&lead.id).unwrap().unwrap().evidence, [last]);
    let orphan = evidence(&super::sample::lead("acme", 2), account("acme"), minute(1));
    let refused = store.commit(&Commit { evidence: vec![orphan], ..Commit::default() });
    assert!(matches!(refused, Err(StoreError::Refused { .. })), "{refused:?}");
}

fn leads_are_found_by_each_filter(store: &dyn Store) {
    let them = [
        Lead { owner: Some("ann".into()), ..lead("Acme_GmbH", 1) },
        Lead {
            track: Track::Marketing,
            ..turned(&lead("Acme_GmbH", 2), LeadStatus::Won, minute(9))
        },
        Lead {
            owner: Some("bob".into()),
            ..turned(&lead("beta%", 3), LeadStatus::Snoozed, minute(9))
        },
        Lead { track: Track::Expansion, due_at: Some(minute(8)), ..lead("acmeXgmbh", 4) },
    ];
    commit(store, &leads(them));
    let all = LeadFilter::default();
    let search = |text: &str| LeadFilter { search: Some(text.into()), ..all.clone() };
    let status = |statuses: &[LeadStatus]| LeadFilter { statuses: statuses.into(), ..all.clone() };
    let owner = |owner| LeadFilter { owner: Some(owner), ..all.clone() };
    let cases = [
        (all.clone(), vec![1, 2, 3, 4]),
        (LeadFilter { track: Some(Track::Marketing), ..all.clone() }, vec![2]),
        (status(&[LeadStatus::Open]), vec![1, 4]),
        (status(&[LeadStatus::Won, LeadStatus::Snoozed]), vec![2, 3]),
        (owner(OwnerFilter::Of("ann".into())), vec![1]),
        (owner(OwnerFilter::Nobody), vec![2, 4]),
        (LeadFilter { account: Some("Acme_GmbH".into()), ..all.clone() }, vec![1, 2]),
        (LeadFilter { account: Some("Acme".into()), ..all.clone() }, vec![]),
        (search("aCmE"), vec![1, 2, 4]),
        (search("e_g"), vec![1, 2]),
        (search("%"), vec![3]),
        (search("\\"), vec![]),
        (LeadFilter { named: vec!["beta%".into()], ..search("e_g") }, vec![1, 2, 3]),
        (LeadFilter { named: vec!["beta%".into()], ..all.clone() }, vec![1, 2, 3, 4]),
        (LeadFilter { due_to: Some(minute(9)), ..all.clone() }, vec![4]),
        (LeadFilter { due_to: Some(minute(8)), ..all.clone() }, vec![]),
        (LeadFilter { opened_from: Some(minute(3)), ..all.clone() }, vec![3, 4]),
        (LeadFilter { opened_to: Some(minute(3)), ..all.clone() }, vec![1, 2]),
        (LeadFilter { track: Some(Track::Product), opened_to: Some(minute(3)), ..all }, vec![1]),
    ];
    for (filter, salts) in cases {
        let found = store.leads(&filter, LeadSort::Oldest, &PageRequest::first(10)).unwrap();
        let counted = store.count_leads_of(&filter, 3).unwrap();
        assert_eq!(counted, found.rows.len().min(3) as u64, "{filter:?}");
        let wanted = salts.into_iter().map(minute).collect::<Vec<_>>();
        assert_eq!(
            found.rows.iter().map(|it| it.known_at).collect::<Vec<_>>(),
            wanted,
            "{filter:?}"
        );
    }
}

fn leads_are_counted_by_track_and_status(store: &dyn Store) {
    assert_eq!(store.count_leads().unwrap(), []);
    let lost = turned(&lead("a", 3), LeadStatus::Lost, minute(9));
    let marketing = Lead { track: Track::Marketing, ..lead("a", 4) };
    commit(store, &leads([lead("a", 1), lead("b", 2), lost, marketing]));
    let count = |track, status, leads| LeadCount { track, status, leads };
    let wanted = [
        count(Track::Marketing, LeadStatus::Open, 1),
        count(Track::Product, LeadStatus::Lost, 1),
        count(Track::Product, LeadStatus::Open, 2),
    ];
    assert_eq!(store.count_leads().unwrap(), wanted);
}

fn open_leads_are_counted_by_what_they_rest_on(store: &dyn Store) {
    assert_eq!(store.count_open_leads_by_definition().unwrap(), []);
    let (a, b, won) =
        (lead("a", 1), lead("b", 2), turned(&lead("c", 3), LeadStatus::Won, minute(9)));
    let held_out = Lead { held_out: true, ..lead("d", 4) };
    let of = |lead: &Lead, subject, at| evidence(lead, subject, minute(at));
    let rests = vec![
        of(&a, account("a"), 1),
        of(&a, person("ann"), 2),
        LeadEvidence { definition: "seats".into(), ..of(&a, account("a"), 3) },
        of(&b, account("b"), 2),
        LeadEvidence {
            definition: "seats".into(),
            retracted_at: Some(minute(5)),
            ..of(&b, account("b"), 3)
        },
        of(&won, account("c"), 3),
        of(&held_out, account("d"), 4),
    ];
    commit(store, &Commit { evidence: rests, ..leads([a, b, won, held_out]) });
    let counted = store.count_open_leads_by_definition().unwrap();
    assert_eq!(counted, [("power".into(), 2), ("seats".into(), 1)]);
}

fn a_great_score_is_held_within_what_can_be_ordered(store: &dyn Store) {
    let beyond = |sign| Some(Decimal::from_raw(i128::from(i64::MAX) * 5 * sign));
    let great = Lead { score: beyond(1), ..lead("great", 1) };
    let small = Lead { score: beyond(-1), ..lead("small", 2) };
    commit(store, &leads([lead("none", 3), small, great, scored(&lead("some", 4), 5)]));
    let page = PageRequest::first(10);
    let found = store.leads(&LeadFilter::default(), LeadSort::Score, &page).unwrap().rows;
    let order = found.iter().map(|it| it.account.as_str()).collect::<Vec<_>>();
    assert_eq!(order, ["great", "some", "small", "none"]);
}
