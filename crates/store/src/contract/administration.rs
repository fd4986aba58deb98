//! Claims about what people set up: keys, definitions, who is who, settings.

use std::collections::BTreeMap;
use std::slice::from_ref;

use firsthand_model::Time;
use firsthand_model::fact::Kind;

use super::claims;
use super::sample::{commit, minute};
use crate::{
    ActKind, ActState, Commit, Erasure, IdentityAct, Key, KeyKind, PageRequest, Published,
    PublishedState, Store, StoreError,
};

claims![
    keys_are_found_by_hash_and_never_twice,
    a_key_is_revoked_once_and_its_last_use_only_moves_on,
    one_version_of_a_definition_runs,
    identity_acts_are_kept_as_they_now_are,
    settings_are_set_read_and_removed,
    erasures_are_kept_without_whom_once_they_are_done,
    the_first_who_gives_a_name_its_text_wins,
];

fn key(id: &str, kind: KeyKind, created_at: Time) -> Key {
    Key {
        id: id.into(),
        kind,
        name: "web".into(),
        hash: format!("hash of {id}").into(),
        hint: "x7Qp".into(),
        scopes: vec!["leads:read".into(), "ledger:read".into()],
        created_by: "ann".into(),
        created_at,
        expires_at: Some(minute(900)),
        last_used_at: None,
        revoked_at: None,
    }
}

fn keys_are_found_by_hash_and_never_twice(store: &dyn Store) {
    let write = Key { scopes: vec![], ..key("b", KeyKind::Write, minute(1)) };
    let api = key("a", KeyKind::Api, minute(2));
    store.add_key(&write).unwrap();
    store.add_key(&api).unwrap();
    assert_eq!(store.key_by_hash("hash of a").unwrap(), Some(api.clone()));
    assert_eq!(store.key_by_hash("a").unwrap(), None);
    assert_eq!(store.keys(None).unwrap(), [write.clone(), api.clone()]);
    assert_eq!(store.keys(Some(KeyKind::Write)).unwrap(), [write]);
    let unsound = [
        Key { hash: "new".into(), ..api.clone() },
        Key { id: "new".into(), ..api.clone() },
        Key { scopes: vec!["two words".into()], ..key("c", KeyKind::Api, minute(3)) },
    ];
    for key in unsound {
        assert!(matches!(store.add_key(&key), Err(StoreError::Refused { .. })), "{key:?}");
    }
    assert_eq!(store.keys(None).unwrap().len(), 2);
}

fn a_key_is_revoked_once_and_its_last_use_only_moves_on(store: &dyn Store) {
    store.add_key(&key("a", KeyKind::Api, minute(1))).unwrap();
    for (at, last) in [(5, 5), (3, 5), (8, 8)] {
        store.note_key_uses(&[("a".into(), minute(at)), ("gone".into(), minute(at))]).unwrap();
        let key = store.key_by_hash("hash of a").unwrap().unwrap();
        assert_eq!(key.last_used_at, Some(minute(last)));
    }
    assert!(store.revoke_key("a", minute(9)).unwrap());
    assert!(!store.revoke_key("a", minute(10)).unwrap());
    assert!(!store.revoke_key("gone", minute(10)).unwrap());
    assert_eq!(store.keys(None).unwrap()[0].revoked_at, Some(minute(9)));
}

fn one_version_of_a_definition_runs(store: &dyn Store) {
    let published = |version: &str, state, at| Published {
        name: "power".into(),
        version: version.into(),
        text: format!("the text of {version}"),
        published_by: "ann".into(),
        published_at: minute(at),
        state,
        state_at: minute(at),
        applied_to_existing: version == "v2",
    };
    let definitions = |definitions: Vec<Published>| Commit { definitions, ..Commit::default() };
    let first = published("v1", PublishedState::Running, 1);
    let second = published("v2", PublishedState::Backfilling, 2);
    commit(store, &definitions(vec![first.clone(), second.clone()]));
    assert_eq!(store.current_definitions().unwrap(), [first.clone(), second.clone()]);
    let turn = |it: &Published, state| Published { state, state_at: minute(9), ..it.clone() };
    let running = turn(&second, PublishedState::Running);
    let refused = store.commit(&definitions(vec![running.clone()]));
    assert!(matches!(refused, Err(StoreError::Refused { .. })), "{refused:?}");
    let applying = turn(&second, PublishedState::Applying);
    let refused = store.commit(&definitions(vec![applying.clone()]));
    assert!(matches!(refused, Err(StoreError::Refused { .. })), "it decides too: {refused:?}");
    // In one commit the old one retires first, whatever the order.
    let retired = turn(&first, PublishedState::Retired);
    commit(store, &definitions(vec![applying.clone(), retired.clone()]));
    assert_eq!(store.current_definitions().unwrap(), from_ref(&applying));
    commit(store, &definitions(vec![running.clone()]));
    assert_eq!(store.current_definitions().unwrap(), from_ref(&running));
    assert_eq!(store.definition_versions("power").unwrap(), [running, retired.clone()]);
    assert_eq!(store.definition("power", "v1").unwrap(), Some(retired));
    assert_eq!(store.definition("power", "v3").unwrap(), None);
}

fn identity_acts_are_kept_as_they_now_are(store: &dyn Store) {
    let act = |id: &str, at| IdentityAct {
        id: id.into(),
        kind: ActKind::Merge,
        of: Kind::Person,
        one: "a".into(),
        other: "b".into(),
        state: ActState::Proposed,
        proposed_by: "firsthand".into(),
        proposed_at: minute(at),
        decided_by: None,
        decided_at: None,
        why: "same address".into(),
    };
    let acts = |identity_acts: Vec<IdentityAct>| Commit { identity_acts, ..Commit::default() };
    let split = IdentityAct { kind: ActKind::Split, of: Kind::Account, ..act("z", 2) };
    commit(store, &acts(vec![act("a", 1), act("b", 1), split.clone()]));
    let made = IdentityAct {
        state: ActState::Made,
        decided_by: Some("ann".into()),
        decided_at: Some(minute(4)),
        ..act("a", 1)
    };
    commit(store, &acts(vec![made.clone()]));
    assert_eq!(store.identity_act("a").unwrap(), Some(made.clone()));
    assert_eq!(store.identity_act("x").unwrap(), None);
    let first = store.identity_acts(None, &PageRequest::first(2)).unwrap();
    assert_eq!(first.rows, [split.clone(), act("b", 1)]);
    let rest = store.identity_acts(None, &PageRequest::after(first.next.unwrap(), 2)).unwrap();
    assert_eq!(rest.rows, [made]);
    let page = PageRequest::first(9);
    let proposed = store.identity_acts(Some(ActState::Proposed), &page).unwrap();
    assert_eq!(proposed.rows, [split, act("b", 1)]);
}

fn settings_are_set_read_and_removed(store: &dyn Store) {
    assert_eq!(store.setting("a").unwrap(), None);
    store.set_setting("b", Some("1")).unwrap();
    store.set_setting("a", Some("")).unwrap();
    store.set_setting("b", Some("2")).unwrap();
    assert_eq!(store.setting("b").unwrap().as_deref(), Some("2"));
    let all = [("a".into(), String::new()), ("b".into(), "2".to_owned())];
    assert_eq!(store.settings().unwrap(), all);
    store.set_setting("b", None).unwrap();
    store.set_setting("c", None).unwrap();
    assert_eq!(store.settings().unwrap(), all[..1]);
}

fn erasures_are_kept_without_whom_once_they_are_done(store: &dyn Store) {
    let begun = |id: &str, at: Time| Erasure {
        id: id.into(),
        kind: Kind::Person,
        subject_hash: format!("hash of {id}").into(),
        asked_by: "ann".into(),
        asked_at: at,
        ids: Some(r#"["zoe"]"#.to_owned()),
        done_at: None,
        erased: BTreeMap::new(),
        left: None,
    };
    let (first, second) = (begun("erase_b", minute(1)), begun("erase_a", minute(2)));
    store.put_erasure(&second).unwrap();
    store.put_erasure(&first).unwrap();
    assert_eq!(store.unfinished_erasures().unwrap(), [first.clone(), second.clone()]);
    let done = Erasure {
        ids: None,
        done_at: Some(minute(3)),
        erased: BTreeMap::from([("facts".into(), 7)]),
        left: Some(0),
        ..first.clone()
    };
    store.put_erasure(&done).unwrap();
    assert_eq!(store.erasure("erase_b").unwrap(), Some(done.clone()));
    assert_eq!(store.erasure("erase_c").unwrap(), None);
    assert_eq!(store.unfinished_erasures().unwrap(), from_ref(&second));
    let page = store.erasures(&PageRequest::first(1)).unwrap();
    assert_eq!(page.rows, [second]);
    let page = PageRequest::after(page.next.unwrap(), 1);
    assert_eq!(store.erasures(&page).unwrap().rows, [done]);
    let half = Erasure { done_at: Some(minute(3)), ..first };
    assert!(store.put_erasure(&half).is_err(), "done, and still known whom");
}

fn the_first_who_gives_a_name_its_text_wins(store: &dyn Store) {
    assert_eq!(store.setting_or("root", "first").unwrap(), "first");
    assert_eq!(store.setting_or("root", "second").unwrap(), "first");
    assert_eq!(store.setting("root").unwrap().as_deref(), Some("first"));
}
