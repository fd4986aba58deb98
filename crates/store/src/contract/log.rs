//! Claims about the log and about commits as such.

use firsthand_model::config::Track;
use firsthand_model::lead::{LeadChange, LeadNote, LeadStatus};
use firsthand_model::stage::StageMove;
use firsthand_rules::ledger::Change;

use super::claims;
use super::sample::{self, account, chunk, commit, lead, line, minute, person, refused};
use crate::{
    ActKind, ActState, Commit, IdentityAct, LedgerFilter, LedgerOrder, LogSize, LogState,
    PageRequest, PlayFilter, Published, PublishedState, QuarantineFilter, SourceTally, Store,
    StoreError, TakenStanding,
};

claims![
    an_empty_store_has_an_empty_log,
    chunks_come_back_as_they_went_in,
    a_chunk_that_does_not_go_on_where_the_log_ends_is_refused,
    nothing_is_decided_before_it_is_logged_nor_taken_back,
    what_is_decided_can_be_dropped_and_offsets_go_on,
    every_part_of_a_commit_is_written,
    a_commit_that_fails_leaves_nothing_and_succeeds_when_the_reason_is_gone,
    readers_see_whole_commits_only,
];

fn an_empty_store_has_an_empty_log(store: &dyn Store) {
    assert_eq!(store.log_state().unwrap(), LogState { next: 0, applied: None });
    assert_eq!(store.log_size().unwrap(), LogSize::default());
    assert_eq!(store.chunk_at(0).unwrap(), None);
    assert_eq!(store.chunk_at(u64::MAX).unwrap(), None);
    assert_eq!(store.problems().unwrap(), Vec::<String>::new());
}

fn chunks_come_back_as_they_went_in(store: &dyn Store) {
    let chunks = [chunk(0, 9), chunk(10, 10), chunk(11, 300)];
    for it in &chunks {
        commit(store, &Commit { chunk: Some(it.clone()), ..Commit::default() });
    }
    assert_eq!(store.log_state().unwrap().next, 301);
    let mut read = Vec::new();
    let mut offset = 0;
    while let Some(chunk) = store.chunk_at(offset).unwrap() {
        offset = chunk.last + 1;
        read.push(chunk);
    }
    assert_eq!(read, chunks);
    assert_eq!(store.chunk_at(12).unwrap(), Some(chunks[2].clone()));
    let bytes = chunks.iter().map(|it| it.bytes.len() as u64).sum();
    assert_eq!(store.log_size().unwrap(), LogSize { chunks: 3, bytes, first: Some(0) });
}

fn a_chunk_that_does_not_go_on_where_the_log_ends_is_refused(store: &dyn Store) {
    commit(store, &sample::log(0, 9));
    for (first, last) in [(0, 9), (9, 12), (11, 12)] {
        let refused = store.commit(&sample::log(first, last));
        assert!(
            matches!(refused, Err(StoreError::LogGap { expected: 10, found }) if found == first)
        );
    }
    assert!(matches!(store.commit(&sample::log(10, 8)), Err(StoreError::EmptyChunk { .. })));
    assert_eq!(store.log_state().unwrap().next, 10);
    assert_eq!(store.chunk_at(10).unwrap(), None);
}

fn nothing_is_decided_before_it_is_logged_nor_taken_back(store: &dyn Store) {
    let decide = |offset| store.commit(&Commit { applied: Some(offset), ..Commit::default() });
    assert!(matches!(decide(0), Err(StoreError::Decided { logged: 0, .. })));
    commit(store, &sample::log(0, 9));
    assert!(matches!(decide(10), Err(StoreError::Decided { found: 10, decided: 0, logged: 10 })));
    decide(4).unwrap();
    assert_eq!(store.log_state().unwrap(), LogState { next: 10, applied: Some(4) });
    decide(4).expect("saying the same again is no mistake");
    assert!(matches!(decide(3), Err(StoreError::Decided { found: 3, decided: 5, logged: 10 })));
    // A commit holds a chunk and what became of the one before, or even of itself.
    commit(store, &Commit { applied: Some(12), ..sample::log(10, 12) });
    assert_eq!(store.log_state().unwrap(), LogState { next: 13, applied: Some(12) });
}

fn what_is_decided_can_be_dropped_and_offsets_go_on(store: &dyn Store) {
    for first in (0..1_000).step_by(10) {
        commit(store, &sample::log(first, first + 9));
    }
    assert!(matches!(store.drop_log(0), Err(StoreError::Undecided { found: 0, decided: 0 })));
    commit(store, &Commit { applied: Some(994), ..Commit::default() });
    assert!(matches!(store.drop_log(995), Err(StoreError::Undecided { .. })));
    assert_eq!(store.log_size().unwrap().chunks, 100);
    assert_eq!(store.drop_log(994).unwrap(), 99, "the last chunk holds more");
    assert_eq!(store.drop_log(994).unwrap(), 0);
    assert_eq!(store.log_size().unwrap().first, Some(990));
    assert_eq!(store.chunk_at(0).unwrap(), Some(chunk(990, 999)));
    commit(store, &Commit { applied: Some(999), ..Commit::default() });
    assert_eq!(store.drop_log(999).unwrap(), 1);
    assert_eq!(store.log_state().unwrap(), LogState { next: 1_000, applied: Some(999) });
    commit(store, &sample::log(1_000, 1_001));
    assert_eq!(store.problems().unwrap(), Vec::<String>::new());
}

/// A commit with something in each of its parts.
fn full(first: u64) -> Commit {
    let salt = first;
    let lead = lead("acme", salt);
    let at = minute(1);
    let played = super::plays::played(&lead, "zoë", salt);
    Commit {
        chunk: Some(chunk(first, first + 9)),
        applied: Some(first + 5),
        quarantined: vec![refused("web", "no-name", "{}")],
        tallies: vec![SourceTally {
            source: "web".into(),
            seen_at: at,
            accepted: 10,
            rejected: 1,
            repeated: 2,
        }],
        definitions: vec![Published {
            name: "power".into(),
            version: "v1".into(),
            text: "when: count(export) >= 3 in 7d".into(),
            published_by: "ann".into(),
            published_at: at,
            state: PublishedState::Running,
            state_at: at,
            applied_to_existing: true,
        }],
        ledger: vec![line(account("acme"), Change::Entered, at)],
        evidence: vec![sample::evidence(&lead, account("acme"), at)],
        lead_changes: vec![LeadChange {
            lead: lead.id.clone(),
            at,
            by: "firsthand".into(),
            from: None,
            to: LeadStatus::Open,
            owner: Some("kim".into()),
            reason: None,
            note: Some("opened".into()),
        }],
        lead_notes: vec![LeadNote {
            lead: lead.id.clone(),
            at,
            by: "ann".into(),
            text: "call in May".into(),
        }],
        stage_moves: vec![StageMove {
            account: "acme".into(),
            from: None,
            to: "pql".into(),
            held_at: at,
            known_at: at,
            why: "power".into(),
            correction: false,
        }],
        deliveries: vec![
            sample::delivery(&format!("msg_{salt}"), "acme", at),
            sample::delivery(&format!("called_back_{salt}"), "acme", at),
        ],
        cancelled: vec![format!("called_back_{salt}").into()],
        play_runs: played.play_runs,
        contacts: played.contacts,
        suppressed: played.suppressed,
        exposures: played.exposures,
        identity_acts: vec![IdentityAct {
            id: "act_1".into(),
            kind: ActKind::Merge,
            of: person("a").kind,
            one: "a".into(),
            other: "b".into(),
            state: ActState::Proposed,
            proposed_by: "ann".into(),
            proposed_at: at,
            decided_by: None,
            decided_at: None,
            why: "same address".into(),
        }],
        standings: vec![TakenStanding {
            population: "usage".into(),
            at,
            account: "".into(),
            spread: vec![1, 2, 3],
        }],
        leads: vec![lead],
    }
}

fn every_part_of_a_commit_is_written(store: &dyn Store) {
    let commit = full(0);
    let receipt = store.commit(&commit).unwrap();
    let first = PageRequest::first(10);
    let ledger = store.ledger(&LedgerFilter::default(), LedgerOrder::OldestFirst, &first).unwrap();
    assert_eq!(ledger.rows.iter().map(|it| it.line.clone()).collect::<Vec<_>>(), commit.ledger);
    assert_eq!(receipt.ledger, Some(ledger.rows[0].id..=ledger.rows[0].id));
    assert_eq!(store.ledger_end().unwrap(), ledger.rows[0].id);
    assert_eq!(receipt.quarantined.len(), 1);
    assert!(store.quarantined_row(receipt.quarantined[0]).unwrap().is_some());
    let sheet = store.lead(&commit.leads[0].id).unwrap().unwrap();
    assert_eq!(sheet.lead, commit.leads[0]);
    assert_eq!(sheet.evidence, commit.evidence);
    assert_eq!(sheet.changes, commit.lead_changes);
    assert_eq!(sheet.notes, commit.lead_notes);
    assert_eq!(store.stage_moves("acme").unwrap(), commit.stage_moves);
    assert_eq!(store.due_deliveries(None, minute(1), 10).unwrap(), commit.deliveries[..1]);
    let plays = PlayFilter::default();
    assert_eq!(store.play_runs(&plays, None, &first).unwrap().rows, commit.play_runs);
    assert_eq!(store.contacts_since(minute(0), &first).unwrap().rows, commit.contacts);
    assert_eq!(store.suppressed(&plays, &first).unwrap().rows, commit.suppressed);
    assert_eq!(store.exposures(&plays, None, &first).unwrap().rows, commit.exposures);
    assert_eq!(store.sources().unwrap().len(), 1);
    assert_eq!(store.current_definitions().unwrap(), commit.definitions);
    assert_eq!(store.identity_acts(None, &first).unwrap().rows, commit.identity_acts);
    assert_eq!(store.standings("usage").unwrap(), commit.standings);
}

/// STORE-1, P4, P5: a second open lead, refused late in the commit, takes the rest with it.
fn a_commit_that_fails_leaves_nothing_and_succeeds_when_the_reason_is_gone(store: &dyn Store) {
    let in_the_way = lead("acme", 1_000);
    commit(store, &sample::leads([in_the_way.clone()]));
    let refused = full(0);
    for _ in 0..2 {
        let error = store.commit(&refused).unwrap_err();
        assert!(
            matches!(&error, StoreError::LeadOpen { account, track: Track::Product } if account == "acme"),
            "{error:?}"
        );
    }
    let first = PageRequest::first(10);
    assert_eq!(store.log_state().unwrap(), LogState::default());
    assert_eq!(store.chunk_at(0).unwrap(), None);
    assert_eq!(store.ledger_end().unwrap(), 0);
    assert!(store.open_qualifications(None, &first).unwrap().rows.is_empty());
    let quarantined = store.quarantined(&QuarantineFilter::default(), &first).unwrap();
    assert!(quarantined.rows.is_empty() && store.sources().unwrap().is_empty());
    assert!(store.current_definitions().unwrap().is_empty());
    assert_eq!(store.next_delivery_due(None).unwrap(), None);
    assert!(store.stage_moves("acme").unwrap().is_empty());
    assert!(store.identity_acts(None, &first).unwrap().rows.is_empty());

    let done = sample::turned(&in_the_way, LeadStatus::Won, minute(9));
    commit(store, &sample::leads([done]));
    store.commit(&refused).expect("the reason is gone");
    assert_eq!(store.log_state().unwrap(), LogState { next: 10, applied: Some(5) });
}

/// A lead's score and the number of its rows of evidence are written together; whoever reads both
/// sees them agree.
fn readers_see_whole_commits_only(store: &dyn Store) {
    const COMMITS: i64 = 100;
    let lead = lead("acme", 1);
    commit(store, &sample::leads([sample::scored(&lead, 0)]));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for score in 1..=COMMITS {
                let evidence = sample::evidence(&lead, account("acme"), minute(score));
                let lead = sample::scored(&lead, score);
                let commit = Commit { evidence: vec![evidence], ..sample::leads([lead]) };
                store.commit(&commit).unwrap();
            }
        });
        for _ in 0..2 {
            scope.spawn(|| {
                let mut seen = 0;
                for _ in 0..3 * COMMITS {
                    let sheet = store.lead(&lead.id).unwrap().unwrap();
                    let rows = i64::try_from(sheet.evidence.len()).unwrap();
                    assert_eq!(sheet.lead.score, sample::scored(&lead, rows).score);
                    assert!(rows >= seen, "what was there stays there");
                    seen = rows;
                }
            });
        }
    });
    let sheet = store.lead(&lead.id).unwrap().unwrap();
    assert_eq!(sheet.evidence.len(), usize::try_from(COMMITS).unwrap());
}
