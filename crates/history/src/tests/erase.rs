//! HIST-7: after an erasure the history is one that never had who was erased.

use std::collections::BTreeSet;
use std::path::Path;

use firsthand_model::config::IdentityRules;
use firsthand_model::fact::{Body, Kind, Who};
use firsthand_model::{Calendar, Fact, Text};
use firsthand_rules::resolve::Resolver;
use proptest::prelude::*;
use proptest::sample::select;

use super::laws::{any_facts, any_rules};
use super::{
    Fixture, anonymous, day, distinct, event, expected_streams, fact, traits, user, within,
};
use crate::{Gone, Scan};

const ANA: &str = "user-ana-4711";
const BOB: &str = "user-bob-0815";

impl Fixture {
    fn who_is(&self, kind: Kind, id: &str) -> Option<Gone> {
        self.history.who_is(kind, id, Scan::default()).unwrap()
    }

    fn erase(&mut self, gone: &Gone) -> crate::Rewritten {
        let calendar = Calendar::default();
        let would = self.history.would_erase(gone, &calendar, Scan::default()).unwrap();
        let erased = self.history.erase(gone, &calendar, Scan::default()).unwrap();
        assert_eq!((would.gone, would.changed), (erased.gone, erased.changed));
        assert_eq!(self.history.traces(gone, &calendar, Scan::default()).unwrap(), 0);
        erased
    }

    /// Holds the history against one that was made from the same facts.
    fn assert_never_otherwise(&self, paths: &[Text]) {
        self.assert_sound();
        let left = self.facts();
        let mut fresh = Fixture::under(&self.rules);
        fresh.import(&left);
        let expected = expected_streams(&left, &self.rules, paths);
        assert_eq!(self.streams(paths), expected);
        assert_eq!(self.history.seen(), fresh.history.seen());
        assert_eq!(self.history.facts(), left.len() as u64);
    }

    /// The ids of the facts, in order.
    fn ids(&self) -> Vec<Text> {
        self.facts().into_iter().map(|it| it.id).collect()
    }
}

/// All bytes of all files under a folder hold none of these, as far as they are not compressed.
fn assert_not_in_files(folder: &Path, texts: &[&str]) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_not_in_files(&path, texts);
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        for text in texts {
            let found = bytes.windows(text.len()).any(|it| it == text.as_bytes());
            assert!(!found, "`{text}` in {}", path.display());
        }
    }
}

fn company() -> Vec<Fact> {
    let shared = Who { anonymous: Some("device-shared".into()), ..user(ANA) };
    vec![
        fact("1", day(0), within("acme", user(ANA)), event("Signed up", "{}")),
        fact("2", day(0), user(ANA), traits(Kind::Person, r#"{"email":"ana@acme.example"}"#)),
        fact("3", day(1), anonymous("device-of-ana"), event("Visited", "{}")),
        fact("4", day(2), Who { anonymous: Some("device-of-ana".into()), ..user(ANA) }, Body::Link),
        fact("5", day(2), shared, Body::Link),
        fact(
            "6",
            day(3),
            within("acme", user(BOB)),
            event("Invited", r#"{"n":1.50,"who":"ana@acme.example"}"#),
        ),
        fact("7", day(4), Who { anonymous: Some("device-shared".into()), ..user(BOB) }, Body::Link),
        fact("8", day(5), anonymous("device-shared"), event("Visited", "{}")),
        fact(
            "9",
            day(5),
            within("acme", Who::default()),
            traits(Kind::Account, r#"{"plan":"free","owner":"user-ana-4711"}"#),
        ),
        fact("for user-ana-4711", day(6), within("acme", user(BOB)), event("Invited", "{}")),
        fact("11", day(7), user(BOB), Body::Split { other: ANA.into() }),
        fact("12", day(8), within("beta", user("zoe")), event("Signed up", "{}")),
    ]
}

#[test]
fn of_an_erased_person_nothing_is_left_and_the_others_keep_what_is_theirs() {
    let mut fixture = Fixture::with(&company());
    let gone = fixture.who_is(Kind::Person, "device-of-ana").unwrap();
    assert_eq!(gone.users, [ANA.into()].into());
    assert_eq!(gone.anonymous, ["device-of-ana".into()].into(), "the other device is Bob's too");
    assert_eq!(gone.emails, ["ana@acme.example".into()].into());
    let erased = fixture.erase(&gone);
    // Her sign-up, e-mail, visit and links, and the split of the two.
    assert_eq!((erased.gone, erased.changed), (6, 3));
    assert!(erased.accounts.contains("acme") && !erased.accounts.contains("beta"));
    let ids = fixture.ids();
    assert_eq!(ids.len(), 6);
    assert!(ids.last().unwrap().starts_with("erased:"), "{ids:?}");
    let invited = fixture.facts().into_iter().find(|it| it.id == "6").unwrap();
    assert_eq!(invited.body, event("Invited", r#"{"n":1.50,"who":null}"#), "all else to the byte");
    fixture.assert_never_otherwise(&["who".into(), "owner".into()]);
    assert_not_in_files(fixture.dir.path(), &[ANA, "device-of-ana", "ana@acme.example"]);
    assert_eq!(fixture.who_is(Kind::Person, ANA), None, "nobody has that id any more");
}

#[test]
fn with_an_account_go_the_people_who_are_nowhere_else() {
    let mut facts = company();
    facts.push(fact("13", day(9), within("beta", user(BOB)), event("Signed up", "{}")));
    let mut fixture = Fixture::with(&facts);
    let gone = fixture.who_is(Kind::Account, "acme").unwrap();
    assert_eq!(gone.persons, [ANA.into()].into(), "Bob is in another account as well");
    fixture.erase(&gone);
    assert!(!fixture.streams(&[]).contains_key("acme"));
    assert!(fixture.ids().iter().any(|it| it == "13"));
    fixture.assert_never_otherwise(&[]);
}

/// A consultant works at one company and in the account of another.
#[test]
fn an_account_that_a_domain_forms_goes_with_the_addresses_that_form_it() {
    let email = |it: &str| traits(Kind::Person, &format!(r#"{{"email":"{it}","role":"admin"}}"#));
    let facts = [
        fact("1", day(0), user(ANA), email("ana@acme.example")),
        fact("2", day(1), user(ANA), event("Visited", "{}")),
        fact("3", day(0), user(BOB), email("Bob@Acme.Example")),
        fact("4", day(1), user(BOB), event("Visited", "{}")),
        fact("5", day(200), within("beta", user(BOB)), event("Signed up", "{}")),
        fact("6", day(201), user(BOB), email("bob@mail.acme.example")),
    ];
    let rules = IdentityRules { company_domains: true, ..IdentityRules::default() };
    let mut fixture = Fixture::under(&rules);
    fixture.import(&facts);
    let gone = fixture.who_is(Kind::Account, "domain:acme.example").unwrap();
    assert_eq!(gone.persons, [ANA.into()].into(), "Bob is in another account as well");
    let erased = fixture.erase(&gone);
    assert_eq!((erased.gone, erased.changed), (3, 1));
    let left = fixture.facts();
    assert_eq!(left[0].body, traits(Kind::Person, r#"{"email":null,"role":"admin"}"#));
    assert_eq!(left[1..], facts[4..]);
    let accounts: Vec<Text> = fixture.streams(&[]).into_keys().collect();
    assert_eq!(accounts, ["beta", "domain:mail.acme.example"]);
    fixture.assert_never_otherwise(&["email".into()]);
    assert_eq!(fixture.who_is(Kind::Account, "domain:acme.example"), None);
}

#[test]
fn a_short_id_is_not_looked_for_in_what_others_did() {
    let facts = [
        fact("1", day(0), user("7"), event("Signed up", "{}")),
        fact("2", day(0), user("8"), event("Exported", r#"{"pages":"7"}"#)),
    ];
    let mut fixture = Fixture::with(&facts);
    let gone = fixture.who_is(Kind::Person, "7").unwrap();
    let erased = fixture.erase(&gone);
    assert_eq!((erased.gone, erased.changed), (1, 0));
    assert_eq!(fixture.facts(), facts[1..]);
}

#[test]
fn what_came_under_an_id_that_names_nobody_can_be_erased_too() {
    let of_nobody = Who { user: Some("guest".into()), ..anonymous("device-of-bob") };
    let facts = [
        fact("1", day(0), of_nobody, event("Visited", "{}")),
        fact("2", day(1), anonymous("device-of-bob"), event("Visited", "{}")),
    ];
    let mut fixture = Fixture::with(&facts);
    let gone = fixture.who_is(Kind::Person, "guest").unwrap();
    assert_eq!(fixture.erase(&gone).gone, 1);
    assert_eq!(fixture.facts(), facts[1..]);
}

#[test]
fn what_comes_later_for_an_erased_id_is_new() {
    let mut fixture = Fixture::with(&company());
    let gone = fixture.who_is(Kind::Person, ANA).unwrap();
    fixture.erase(&gone);
    fixture.import(&[fact("1", day(20), within("acme", user(ANA)), event("Signed up", "{}"))]);
    assert_eq!(fixture.facts().iter().filter(|it| it.who.user.as_deref() == Some(ANA)).count(), 1);
    fixture.assert_never_otherwise(&[]);
}

#[test]
fn what_a_crash_after_the_commit_left_behind_goes_when_it_is_erased_once_more() {
    let mut fixture = Fixture::with(&company());
    let gone = fixture.who_is(Kind::Person, ANA).unwrap();
    let segments = fixture.dir.path().join("segments");
    let old = std::fs::read_dir(&segments).unwrap().next().unwrap().unwrap().path();
    let content = std::fs::read(&old).unwrap();
    fixture.erase(&gone);
    let left = segments.join("00000009-00099.parquet");
    std::fs::write(&left, content).unwrap();
    fixture.reopen();
    let calendar = Calendar::default();
    assert_eq!(fixture.history.traces(&gone, &calendar, Scan::default()).unwrap(), 1);
    fixture.erase(&gone);
    assert!(!left.exists());
}

/// The client of Sam's browser says that its device is he, beside a user id that names nobody. As
/// long as the split stands that means nothing; once the split goes with who is erased, it must not
/// bring them back.
#[test]
fn an_alias_by_a_device_goes_with_whom_it_names_although_a_split_undid_it() {
    let device = |user: &str| Who { user: Some(user.into()), ..anonymous("device-of-ana") };
    let facts = [
        fact("1", day(0), device("null"), Body::Alias { other: "sam".into() }),
        fact("2", day(1), user("sam"), Body::Split { other: "device-of-ana".into() }),
        fact("3", day(2), user(ANA), Body::Alias { other: "device-of-ana".into() }),
        fact("4", day(3), within("acme", user("sam")), event("Exported", "{}")),
        fact("5", day(4), within("acme", device("null")), event("Visited", "{}")),
    ];
    let mut fixture = Fixture::with(&facts);
    let gone = fixture.who_is(Kind::Person, ANA).unwrap();
    assert_eq!(gone.users, ["device-of-ana".into(), ANA.into()].into());
    assert!(gone.anonymous.contains("device-of-ana"), "`null` is nobody else: {gone:?}");
    assert_eq!(fixture.erase(&gone).gone, 4);
    assert_eq!(fixture.facts(), facts[3..4]);
    fixture.assert_never_otherwise(&[]);
    assert_not_in_files(fixture.dir.path(), &[ANA, "device-of-ana"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// HIST-7, and nothing of anybody else goes.
    #[test]
    fn an_erased_history_is_one_that_never_had_them(
        rules in any_rules(),
        parts in proptest::collection::vec(any_facts(), 1..4),
        who in select(vec![
            (Kind::Person, "u1"), (Kind::Person, "u3"), (Kind::Person, "a1"), (Kind::Account, "acme"),
            (Kind::Account, "domain:acme.com"), (Kind::Account, "own:u2"),
        ]),
    ) {
        let mut fixture = Fixture::under(&rules);
        for part in &parts {
            fixture.import(part);
        }
        let all = distinct(&parts.concat());
        let Some(gone) = fixture.who_is(who.0, who.1) else { return Ok(()) };
        fixture.erase(&gone);
        fixture.assert_never_otherwise(&["email".into(), "plan".into()]);
        let streams = fixture.streams(&[]);
        prop_assert_eq!(gone.accounts.iter().find(|it| streams.contains_key(*it)), None);
        let left: BTreeSet<(Text, Text)> =
            fixture.facts().into_iter().map(|it| (it.source, it.id)).collect();
        let mut resolver = Resolver::new(&rules);
        for fact in &all {
            _ = resolver.learn(fact);
        }
        for it in &all {
            let attribution = resolver.attribute(it);
            let theirs = it.who.user.as_ref().is_some_and(|id| gone.users.contains(id))
                || attribution.person.as_ref().is_some_and(|id| gone.persons.contains(id));
            let stays = left.contains(&(it.source.clone(), it.id.clone()));
            prop_assert!(!(theirs && stays), "{:?}", it);
            let named = [&it.who.account, &it.who.anonymous];
            let in_account = attribution.accounts.iter().any(|it| gone.accounts.contains(&it.account))
                || named.into_iter().flatten().any(|id| {
                    gone.accounts.contains(id) || gone.anonymous.contains(id)
                });
            let of_two = matches!(it.body, Body::Alias { .. } | Body::Split { .. });
            prop_assert!(theirs || in_account || of_two || stays, "{:?}", it);
        }
    }
}
