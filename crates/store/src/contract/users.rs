//! Claims about the people who work with Firsthand.

use firsthand_model::{Text, Time};

use super::claims;
use super::sample::minute;
use crate::users::VIEWS_MAX;
use crate::{
    AuditEntry, AuditFilter, Invitation, PageRequest, Retention, Role, Session, Store, StoreError,
    User, View,
};

claims![
    an_address_is_taken_once,
    another_systems_name_is_one_persons_for_ever,
    a_session_ends_when_it_is_ended_or_over_or_its_user_disabled,
    an_invitation_is_used_once_and_signs_out_everywhere,
    the_first_admin_comes_by_a_link_without_a_user,
    a_newer_link_takes_the_place_of_an_older_one,
    views_are_each_persons_own_and_bounded,
    the_audit_is_read_newest_first_and_forgotten_in_time,
    the_audit_is_found_by_who_what_and_when,
];

fn user(id: &str) -> User {
    User {
        id: id.into(),
        email: format!("{id}@example.com").into(),
        name: id.to_uppercase().into(),
        role: Role::Rep,
        password: None,
        created_at: minute(1),
        signed_in_at: None,
        disabled_at: None,
    }
}

fn session(hash: &str, user: &str, from: i64, until: i64) -> Session {
    Session {
        hash: hash.into(),
        user: user.into(),
        created_at: minute(from),
        expires_at: minute(until),
    }
}

fn link(hash: &str, user: Option<&str>) -> Invitation {
    Invitation {
        hash: hash.into(),
        user: user.map(Into::into),
        created_at: minute(1),
        expires_at: minute(60),
    }
}

fn another_systems_name_is_one_persons_for_ever(store: &dyn Store) {
    store.add_user(&user("ann")).unwrap();
    store.add_user(&user("bob")).unwrap();
    let (here, there) = ("https://login.example", "https://other.example");
    assert_eq!(store.user_by_identity(here, "248").unwrap(), None);
    store.link_identity(here, "248", "ann", minute(2)).unwrap();
    store.link_identity(there, "248", "bob", minute(2)).unwrap();
    let refused = |it| matches!(it, Err(StoreError::Refused { .. }));
    assert!(refused(store.link_identity(here, "248", "bob", minute(3))));
    assert!(refused(store.link_identity(here, "249", "nobody", minute(3))));
    assert_eq!(store.user_by_identity(here, "248").unwrap(), Some(user("ann")));
    assert_eq!(store.user_by_identity(there, "248").unwrap(), Some(user("bob")));
}

fn an_address_is_taken_once(store: &dyn Store) {
    store.add_user(&user("ann")).unwrap();
    let twin = User { id: "other".into(), ..user("ann") };
    assert!(matches!(store.add_user(&twin), Err(StoreError::Refused { .. })));
    assert_eq!(store.user_by_email("ann@example.com").unwrap(), Some(user("ann")));
    assert_eq!(store.user_by_email("bob@example.com").unwrap(), None);
    let promoted = User { role: Role::Admin, name: "Ann A".into(), ..user("ann") };
    assert!(store.change_user(&promoted).unwrap());
    assert!(!store.change_user(&user("bob")).unwrap());
    assert_eq!(store.users().unwrap(), [promoted]);
}

fn a_session_ends_when_it_is_ended_or_over_or_its_user_disabled(store: &dyn Store) {
    store.add_user(&user("ann")).unwrap();
    for (hash, from, until) in [("a", 1, 10), ("b", 2, 50), ("c", 3, 50)] {
        store.begin_session(&session(hash, "ann", from, until)).unwrap();
    }
    let in_force = |hash: &str, at: Time| store.session(hash, at).unwrap().is_some();
    let (found, of) = store.session("a", minute(9)).unwrap().unwrap();
    assert_eq!(found, session("a", "ann", 1, 10));
    assert_eq!(of.signed_in_at, Some(minute(3)), "the last sign-in is written down");
    assert!(!in_force("a", minute(10)), "it is over");
    assert!(store.end_session("b").unwrap());
    assert!(!store.end_session("b").unwrap());
    assert!(!in_force("b", minute(9)));
    assert!(in_force("c", minute(9)));
    let gone = User { disabled_at: Some(minute(9)), ..user("ann") };
    store.change_user(&gone).unwrap();
    assert!(!in_force("c", minute(9)));
    store.change_user(&user("ann")).unwrap();
    assert!(!in_force("c", minute(9)), "who comes back signs in anew");
}

fn an_invitation_is_used_once_and_signs_out_everywhere(store: &dyn Store) {
    store.add_user(&user("ann")).unwrap();
    store.begin_session(&session("a", "ann", 1, 50)).unwrap();
    store.invite(&link("l", Some("ann"))).unwrap();
    assert_eq!(store.invitation("l", minute(60)).unwrap(), None, "it is over");
    assert_eq!(store.invitation("l", minute(2)).unwrap(), Some(link("l", Some("ann"))));
    let set = User { password: Some("hashed".into()), ..user("ann") };
    assert!(!store.redeem("l", &user("bob"), minute(2)).unwrap(), "it is nobody else's");
    assert!(store.redeem("l", &set, minute(2)).unwrap());
    assert!(!store.redeem("l", &set, minute(3)).unwrap());
    assert_eq!(store.session("a", minute(3)).unwrap(), None);
    let now = store.user_by_email("ann@example.com").unwrap().unwrap();
    assert_eq!(now.password.as_deref(), Some("hashed"));
}

fn the_first_admin_comes_by_a_link_without_a_user(store: &dyn Store) {
    store.invite(&link("first", None)).unwrap();
    let admin = User { role: Role::Admin, ..user("ann") };
    assert!(store.redeem("first", &admin, minute(2)).unwrap());
    assert!(!store.redeem("first", &user("eve"), minute(2)).unwrap());
    assert_eq!(store.users().unwrap(), [admin]);
}

fn a_newer_link_takes_the_place_of_an_older_one(store: &dyn Store) {
    store.add_user(&user("ann")).unwrap();
    for it in [link("1", None), link("2", None), link("a", Some("ann")), link("b", Some("ann"))] {
        store.invite(&it).unwrap();
    }
    let works = |hash: &str| store.invitation(hash, minute(2)).unwrap().is_some();
    assert_eq!(["1", "2", "a", "b"].map(works), [false, true, false, true]);
}

fn views_are_each_persons_own_and_bounded(store: &dyn Store) {
    store.add_user(&user("ann")).unwrap();
    store.add_user(&user("bob")).unwrap();
    let view = |name: &str, query: &str| View {
        page: "leads".into(),
        name: name.into(),
        query: query.into(),
    };
    store.keep_view("ann", &view("mine", "owner=me")).unwrap();
    store.keep_view("ann", &view("mine", "owner=nobody")).unwrap();
    store.keep_view("bob", &view("his", "track=product")).unwrap();
    assert_eq!(store.views("ann", "leads").unwrap(), [view("mine", "owner=nobody")]);
    assert_eq!(store.views("ann", "accounts").unwrap(), []);
    for number in 1..VIEWS_MAX {
        store.keep_view("ann", &view(&number.to_string(), "")).unwrap();
    }
    let refused = store.keep_view("ann", &view("one too many", ""));
    assert!(matches!(refused, Err(StoreError::Refused { .. })));
    store.keep_view("ann", &view("mine", "sort=due")).unwrap();
    assert!(store.forget_view("ann", "leads", "mine").unwrap());
    assert!(!store.forget_view("ann", "leads", "mine").unwrap());
}

fn the_audit_is_read_newest_first_and_forgotten_in_time(store: &dyn Store) {
    let entry = |at: i64| AuditEntry {
        at: minute(at),
        by: "Ann".into(),
        act: "key made".into(),
        about: format!("key_{at}").into(),
    };
    (1..=5).for_each(|at| store.write_audit(&entry(at)).unwrap());
    let first = store.audit(&AuditFilter::default(), &PageRequest::first(3)).unwrap();
    assert_eq!(first.rows, [entry(5), entry(4), entry(3)]);
    let rest =
        store.audit(&AuditFilter::default(), &PageRequest::after(first.next.unwrap(), 3)).unwrap();
    assert_eq!(rest.rows, [entry(2), entry(1)]);
    assert_eq!(rest.next, None);
    let retention = Retention { audit_before: Some(minute(4)), ..Retention::default() };
    assert_eq!(store.sweep(&retention).unwrap(), 3);
    assert_eq!(
        store.audit(&AuditFilter::default(), &PageRequest::first(9)).unwrap().rows,
        [entry(5), entry(4)]
    );
}

fn the_audit_is_found_by_who_what_and_when(store: &dyn Store) {
    let entry = |at, by: &str, act: &str| AuditEntry {
        at: minute(at),
        by: by.into(),
        act: act.into(),
        about: "key_1".into(),
    };
    let all = [
        entry(1, "Ann", "key made"),
        entry(2, "Bo", "key made"),
        entry(3, "Ann", "key revoked"),
        entry(4, "Ann", "key made"),
    ];
    for it in &all {
        store.write_audit(it).unwrap();
    }
    let any = AuditFilter::default();
    let ann = AuditFilter { by: Some("Ann".into()), ..any.clone() };
    let cases = [
        (any.clone(), vec![4, 3, 2, 1]),
        (ann.clone(), vec![4, 3, 1]),
        (AuditFilter { act: Some("key made".into()), ..ann }, vec![4, 1]),
        (AuditFilter { from: Some(minute(2)), to: Some(minute(4)), ..any.clone() }, vec![3, 2]),
        (AuditFilter { by: Some("ann".into()), ..any }, vec![]),
    ];
    for (filter, wanted) in cases {
        let mut found = Vec::new();
        let mut page = PageRequest::first(2);
        loop {
            let part = store.audit(&filter, &page).unwrap();
            found.extend(part.rows.iter().map(|it| it.at));
            let Some(next) = part.next else { break };
            page = PageRequest::after(next, 2);
        }
        assert_eq!(found, wanted.into_iter().map(minute).collect::<Vec<_>>(), "{filter:?}");
    }
    let words = |all: &[&str]| all.iter().map(|it| (*it).into()).collect::<Vec<Text>>();
    let wanted = (words(&["Ann", "Bo"]), words(&["key made", "key revoked"]));
    assert_eq!(store.audit_words(9).unwrap(), wanted);
    assert_eq!(store.audit_words(1).unwrap().0, words(&["Ann"]));
}
