//! Claims about drafts of definitions.

use super::claims;
use super::sample::minute;
use crate::drafts::DRAFTS_MAX;
use crate::{Draft, Role, Store, StoreError, User};

claims![drafts_are_each_persons_own, drafts_are_bounded];

fn user(id: &str) -> User {
    User {
        id: id.into(),
        email: format!("{id}@example.com").into(),
        name: id.into(),
        role: Role::Analyst,
        password: None,
        created_at: minute(1),
        signed_in_at: None,
        disabled_at: None,
    }
}

fn draft(definition: &str, text: &str) -> Draft {
    Draft {
        definition: definition.into(),
        text: text.into(),
        base: (definition == "a").then(|| "7c1e9a".into()),
        saved_at: minute(2),
    }
}

fn drafts_are_each_persons_own(store: &dyn Store) {
    store.add_user(&user("ann")).unwrap();
    store.add_user(&user("bob")).unwrap();
    store.keep_draft("ann", &draft("a", "first")).unwrap();
    store.keep_draft("ann", &draft("a", "second")).unwrap();
    store.keep_draft("ann", &draft("b", "another")).unwrap();
    store.keep_draft("bob", &draft("a", "his")).unwrap();
    assert_eq!(store.drafts("ann").unwrap(), [draft("a", "second"), draft("b", "another")]);
    assert_eq!(store.draft("bob", "a").unwrap(), Some(draft("a", "his")));
    assert!(store.drop_draft("ann", "a").unwrap());
    assert!(!store.drop_draft("ann", "a").unwrap());
    assert_eq!(store.draft("ann", "a").unwrap(), None);
    assert_eq!(store.drafts("bob").unwrap(), [draft("a", "his")]);
}

fn drafts_are_bounded(store: &dyn Store) {
    store.add_user(&user("ann")).unwrap();
    for number in 0..DRAFTS_MAX {
        store.keep_draft("ann", &draft(&format!("d{number:02}"), "")).unwrap();
    }
    let refused = store.keep_draft("ann", &draft("one-too-many", ""));
    assert!(matches!(refused, Err(StoreError::Refused { .. })));
    store.keep_draft("ann", &draft("d00", "changed")).unwrap();
}
