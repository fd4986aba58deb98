//! Claims about erasing people and accounts (STORE-5).

use std::collections::BTreeMap;

use firsthand_model::Text;
use firsthand_model::fact::Kind;
use firsthand_model::lead::{LeadChange, LeadNote, LeadStatus};
use firsthand_model::stage::StageMove;
use firsthand_rules::ledger::Change;

use super::claims;
use super::sample::{
    account, chunk, commit, delivery, evidence, lead, line, minute, person, refused, settled,
};
use crate::{
    ActKind, ActState, Chunk, Commit, Delivery, DeliveryState, Identities, IdentityAct,
    LedgerFilter, LedgerLine, LedgerOrder, PageRequest, Store, StoreError,
};

claims![
    of_an_erased_account_nothing_is_left,
    of_an_erased_person_nothing_is_left_but_the_accounts_lead_is,
    others_with_similar_ids_are_not_touched,
    an_erasure_that_fails_erases_nothing,
    erasing_nobody_changes_nothing,
];

/// Everything that can be known of an account and a person in it, in all the places there are.
fn known(store: &dyn Store, of: &str, who: &str, salt: u64) {
    let at = minute(1);
    let lead = lead(of, salt);
    let first = store.log_state().unwrap().next;
    let mut bytes = chunk(first, first);
    bytes.bytes = format!("{who} did something in {of}").into_bytes();
    let in_account =
        LedgerLine { account: Some(of.into()), ..line(person(who), Change::Entered, at) };
    let mentions = format!(r#"{{"who": ["{who}"], "of": "{of}"}}"#);
    let act = IdentityAct {
        id: format!("act {salt}").into(),
        kind: ActKind::Merge,
        of: Kind::Person,
        one: who.into(),
        other: "somebody".into(),
        state: ActState::Proposed,
        proposed_by: "firsthand".into(),
        proposed_at: at,
        decided_by: None,
        decided_at: None,
        why: format!("{who} writes like somebody").into(),
    };
    let accounts = IdentityAct {
        id: format!("act {salt} of accounts").into(),
        of: Kind::Account,
        one: "some account".into(),
        other: of.into(),
        ..act.clone()
    };
    let message = Delivery {
        lead: Some(lead.id.clone()),
        payload: mentions.clone().into_bytes(),
        ..delivery(&format!("msg {salt}"), of, at)
    };
    let mut of_account = line(account(of), Change::Entered, at);
    of_account.evidence = Some(mentions.clone());
    let mut rests_on = evidence(&lead, account(of), at);
    rests_on.evidence = Some(mentions.clone());
    commit(
        store,
        &Commit {
            chunk: Some(bytes),
            quarantined: vec![refused("web", "no-name", &mentions)],
            ledger: vec![of_account, in_account],
            evidence: vec![rests_on, evidence(&lead, person(who), at)],
            lead_changes: vec![LeadChange {
                lead: lead.id.clone(),
                at,
                by: "ann".into(),
                from: None,
                to: LeadStatus::Open,
                owner: None,
                reason: None,
                note: Some(format!("{who} asked").into()),
            }],
            lead_notes: vec![LeadNote {
                lead: lead.id.clone(),
                at,
                by: "ann".into(),
                text: format!("call {who}").into(),
            }],
            stage_moves: vec![StageMove {
                account: of.into(),
                from: None,
                to: "pql".into(),
                held_at: at,
                known_at: at,
                why: format!("{who} qualified").into(),
                correction: false,
            }],
            deliveries: vec![message.clone()],
            identity_acts: vec![act, accounts],
            leads: vec![lead],
            ..Commit::default()
        },
    );
    let mut tried = settled(&message, DeliveryState::Pending, minute(5));
    let attempt = tried.attempt.as_mut().expect("it was tried");
    attempt.answer = Some(mentions);
    store.settle_deliveries(&[tried]).unwrap();
}

/// The log of these claims is text.
fn mentions(chunk: &Chunk, ids: &[&str]) -> bool {
    let text = String::from_utf8_lossy(&chunk.bytes);
    text.split(' ').any(|word| ids.contains(&word))
}

fn erase(store: &dyn Store, who: &Identities) -> BTreeMap<&'static str, u64> {
    let ids = who.all().map(Text::as_str).collect::<Vec<_>>();
    let mut rewrite = |chunk: &Chunk| Ok(mentions(chunk, &ids).then(|| b"erased".to_vec()));
    let erased = store.erase(who, &mut rewrite).unwrap();
    let left = store.traces(who, &mut |chunk| mentions(chunk, &ids)).unwrap();
    assert_eq!(left, [], "nothing is left");
    assert_eq!(store.problems().unwrap(), Vec::<String>::new());
    erased.by_table
}

/// How many traces there are.
fn traces(store: &dyn Store, who: &Identities) -> u64 {
    let ids = who.all().map(Text::as_str).collect::<Vec<_>>();
    let found = store.traces(who, &mut |chunk| mentions(chunk, &ids)).unwrap();
    found.into_iter().map(|it| it.rows).sum()
}

fn identities(persons: &[&str], accounts: &[&str]) -> Identities {
    let texts = |ids: &[&str]| ids.iter().map(|it| (*it).into()).collect();
    Identities { persons: texts(persons), accounts: texts(accounts) }
}

fn of_an_erased_account_nothing_is_left(store: &dyn Store) {
    known(store, "acme", "zoë", 1);
    known(store, "other", "bob", 2);
    let other = identities(&["bob"], &["other"]);
    let before = traces(store, &other);
    let both = identities(&["zoë"], &["acme"]);
    assert!(traces(store, &both) > 12);
    let erased = erase(store, &both);
    let wanted = [
        ("account_stages", 1),
        ("deliveries", 1),
        ("identity_acts", 2),
        ("lead_changes", 1),
        ("lead_evidence", 2),
        ("lead_notes", 1),
        ("leads", 1),
        ("ledger", 2),
        ("log_chunks", 1),
        ("qualifications", 2),
        ("quarantine", 1),
        ("stage_moves", 1),
    ];
    assert_eq!(erased.into_iter().collect::<Vec<_>>(), wanted);
    assert_eq!(traces(store, &other), before, "the other account is as it was");
    assert_eq!(store.log_state().unwrap().next, 2, "offsets stay");
    assert_eq!(store.chunk_at(0).unwrap().unwrap().bytes, b"erased");
}

fn of_an_erased_person_nothing_is_left_but_the_accounts_lead_is(store: &dyn Store) {
    known(store, "acme", "zoë", 1);
    erase(store, &identities(&["zoë"], &[]));
    let sheet = store.lead(&lead("acme", 1).id).unwrap().expect("the account's lead stays");
    assert_eq!(sheet.evidence.len(), 1);
    assert_eq!(sheet.evidence[0].subject, account("acme"));
    assert_eq!(sheet.evidence[0].evidence, None, "it named the person");
    assert_eq!(sheet.changes.len(), 1);
    assert_eq!(sheet.changes[0].note, None);
    assert!(sheet.notes.is_empty());
    let page = PageRequest::first(9);
    let lines = store.ledger(&LedgerFilter::default(), LedgerOrder::default(), &page).unwrap().rows;
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].line.evidence, None);
    assert_eq!(store.stage_moves("acme").unwrap()[0].why, "");
    assert_eq!(store.next_delivery_due(None).unwrap(), None);
}

fn others_with_similar_ids_are_not_touched(store: &dyn Store) {
    known(store, "acme-2", "zoëline", 1);
    // The account has the id of the person, and the other way round.
    known(store, "zoë", "acme", 2);
    let others = [identities(&["zoëline"], &["acme-2"]), identities(&["acme"], &["zoë"])];
    let before = traces(store, &others[0]);
    let erased = erase(store, &identities(&["zoë"], &["acme"]));
    assert!(!erased.contains_key("leads"), "{erased:?}");
    assert!(!erased.contains_key("qualifications"), "{erased:?}");
    assert_eq!(traces(store, &others[0]), before);
    assert!(store.stage_of("zoë").unwrap().is_some());
    assert_eq!(store.qualifications_of(&person("acme")).unwrap().len(), 1);
}

fn an_erasure_that_fails_erases_nothing(store: &dyn Store) {
    known(store, "acme", "zoë", 1);
    let who = identities(&["zoë"], &["acme"]);
    let before = traces(store, &who);
    let failed = store.erase(&who, &mut |_| Err("the chunk is not ours".into()));
    assert!(matches!(failed, Err(StoreError::Rewrite(_))), "{failed:?}");
    assert_eq!(traces(store, &who), before);
}

fn erasing_nobody_changes_nothing(store: &dyn Store) {
    known(store, "acme", "zoë", 1);
    for nobody in [identities(&[], &[]), identities(&[""], &[""])] {
        assert_eq!(store.erase(&nobody, &mut |_| Ok(None)).unwrap().by_table, BTreeMap::new());
    }
    assert!(store.lead(&lead("acme", 1).id).unwrap().is_some());
}
