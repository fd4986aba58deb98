//! Laws, on facts of all kinds with few ids, so that repeats and identity are thick on the ground.

use firsthand_model::config::IdentityRules;
use firsthand_model::fact::{Body, Kind, Who};
use firsthand_model::{Fact, Json, Text};
use proptest::collection::vec;
use proptest::option::{self, weighted};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::{Fixture, day, distinct, expected_streams};
use crate::{Compaction, Projection, Scan};

/// Properties as the wild sends them.
const ODD: [&str; 14] = [
    "{}",
    " { } ",
    r#"{"format":"pdf","pages":3}"#,
    r#"{"pages":1.50,"format":"p\u0064f"}"#,
    r#"{"pages":-0,"format":null,"ok":true}"#,
    r#"{"pages":12345678901234567890123,"ok":false}"#,
    r#"{"pages":1e400,"format":["a","b"]}"#,
    r#"{"pages":0.1234567,"file":{"size":3000000,"n":{"x":"y"}}}"#,
    r#"{ "file" : { "size" : "big" } , "pages" : "3" }"#,
    r#"{"file.size":7,"file":{"size":8},"pages":999999999999.999999}"#,
    r#"{"pages":1,"pages":2,"format":"a","format":null}"#,
    r#"{"format":"żółw 🐢 \"quoted\" \\ \n","":1,"a\"b":[]}"#,
    r#"{"email":"ann@acme.com","role":"admin","plan":"free"}"#,
    r#"{"email":"bob@gmail.com","plan":null,"nested":{"deep":[{"x":1}]}}"#,
];

fn text(choices: &'static [&'static str]) -> impl Strategy<Value = Text> {
    select(choices).prop_map(Text::from)
}

fn any_json() -> impl Strategy<Value = Json> {
    let odd = select(&ODD[..]).prop_map(|it| Json::parse(it).unwrap());
    let free = (any::<i64>(), any::<f64>(), ".*", any::<bool>()).prop_map(|(a, b, c, d)| {
        let value = serde_json::json!({ "pages": a, "x": b, "format": c, "ok": d });
        Json::parse(value.to_string()).unwrap()
    });
    prop_oneof![3 => odd, 1 => free]
}

fn any_body() -> impl Strategy<Value = Body> {
    let name = || text(&["Report exported", "Signed up", "Łódź"]);
    let id = || text(&["u1", "u2", "u3", "a1"]);
    let role = option::of(text(&["admin", "member"]));
    prop_oneof![
        6 => (name(), any_json()).prop_map(|(name, properties)| Body::Event { name, properties }),
        1 => (name(), any_json()).prop_map(|(name, properties)| Body::Record { name, properties }),
        2 => (select(vec![Kind::Account, Kind::Person]), any_json())
            .prop_map(|(of, traits)| Body::Traits { of, traits }),
        1 => Just(Body::Link),
        1 => id().prop_map(|other| Body::Alias { other }),
        1 => id().prop_map(|other| Body::Split { other }),
        2 => (any::<bool>(), role).prop_map(|(joined, role)| Body::Membership { joined, role }),
    ]
}

fn any_fact() -> impl Strategy<Value = Fact> {
    let who = (
        weighted(0.7, text(&["u1", "u2", "u3", "u4", "null"])),
        weighted(0.4, text(&["a1", "a2", "a3"])),
        weighted(0.3, text(&["acme", "beta", "a much longer account id than fits a short text"])),
    );
    let known = weighted(0.7, 0_i64..400);
    (0..60_u32, select(vec!["web", "crm"]), 0_i64..300, known, who, any_body()).prop_map(
        |(id, source, time, known, (user, anonymous, account), body)| Fact {
            id: id.to_string().into(),
            source: source.into(),
            time: day(time),
            known_at: known.map(day),
            who: Who { user, anonymous, account },
            body,
        },
    )
}

/// Rules under which these facts are read in different ways.
pub fn any_rules() -> impl Strategy<Value = IdentityRules> {
    let several = |them: &'static [&'static str]| proptest::sample::subsequence(them, 0..=1);
    let texts = |them: Vec<&str>| them.into_iter().map(Text::from).collect();
    let limit = select(vec![1, 2, 100]);
    (any::<bool>(), several(&["gmail.com"]), several(&["u4"]), limit).prop_map(
        move |(company_domains, own, junk, ids_per_person_max)| IdentityRules {
            company_domains,
            own_domains: texts(own),
            junk_ids: texts(junk),
            ids_per_person_max,
            ..IdentityRules::default()
        },
    )
}

pub fn any_facts() -> impl Strategy<Value = Vec<Fact>> {
    vec(any_fact(), 0..120)
}

fn paths() -> Vec<Text> {
    ["pages", "file.size", "format", "ok", "absent"].map(Text::from).to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// HIST-3, HIST-4, with and without promoted columns.
    #[test]
    fn every_fact_comes_back_once_and_to_the_byte(facts in any_facts(), promote in any::<bool>()) {
        let mut fixture = Fixture::new();
        if promote {
            fixture.history.promote(&paths()).unwrap();
        }
        let summary = fixture.import(&facts);
        let expected = distinct(&facts);
        prop_assert_eq!(summary.taken - summary.repeated, expected.len() as u64);
        prop_assert_eq!(summary.added.values().sum::<u64>(), expected.len() as u64);
        prop_assert_eq!(fixture.history.facts(), expected.len() as u64);
        prop_assert_eq!(fixture.facts(), expected);
        fixture.assert_sound();
    }

    /// HIST-1: the streams are the resolver's, however the facts came.
    #[test]
    fn a_scan_shows_what_the_resolver_says_in_whatever_order_and_parts_facts_came(
        rules in any_rules(),
        facts in any_facts(),
        shuffled in Just(()).prop_perturb(|(), mut random| random.random::<u64>()),
        cuts in vec(any::<Index>(), 0..3),
        promote in any::<bool>(),
    ) {
        let expected = expected_streams(&facts, &rules, &paths());
        let mut facts = facts;
        let mut cuts: Vec<usize> = cuts.iter().map(|it| it.index(facts.len() + 1)).collect();
        cuts.sort_unstable();
        cuts.push(facts.len());
        // A cheap shuffle that every seed repeats.
        facts.sort_by_key(|it| {
            blake3::hash(format!("{shuffled}{it:?}").as_bytes()).as_bytes()[..8].to_vec()
        });
        let mut fixture = Fixture::under(&rules);
        let mut start = 0;
        for cut in cuts {
            fixture.import(&facts[start..cut]);
            if promote && start == 0 {
                fixture.history.promote(&paths()).unwrap();
            }
            fixture.reopen();
            start = cut;
        }
        prop_assert_eq!(&fixture.streams(&paths()), &expected);
        fixture.assert_sound();

        // HIST-5.
        fixture.history.promote(&paths()[..2]).unwrap();
        fixture.history.compact(Compaction::Everywhere).unwrap();
        prop_assert_eq!(&fixture.streams(&paths()), &expected);
        prop_assert_eq!(&fixture.facts(), &distinct(&facts));
        fixture.assert_sound();
        fixture.reopen();
        prop_assert_eq!(&fixture.streams(&paths()), &expected);
        for (account, rows) in &expected {
            let projection = Projection { paths: paths(), ..Projection::default() };
            prop_assert_eq!(&fixture.history.rows_of(account, &projection).unwrap(), rows);
        }
    }

    /// Other identity rules attribute everything anew.
    #[test]
    fn changed_identity_rules_show_the_streams_that_they_make(
        before in any_rules(),
        rules in any_rules(),
        facts in any_facts(),
    ) {
        let mut fixture = Fixture::under(&before);
        fixture.import(&facts);
        fixture.rules = rules.clone();
        fixture.reopen();
        prop_assert_eq!(fixture.streams(&[]), expected_streams(&facts, &rules, &[]));
        prop_assert_eq!(fixture.facts(), distinct(&facts));
        fixture.assert_sound();
    }

    #[test]
    fn travellers_are_the_persons_with_originals_in_several_accounts(facts in any_facts()) {
        let fixture = Fixture::with(&facts);
        let mut expected = std::collections::BTreeMap::<Text, Vec<_>>::new();
        for (account, rows) in expected_streams(&facts, &IdentityRules::default(), &[]) {
            for row in rows.into_iter().filter(|it| !it.copy) {
                if let Some(person) = row.person.clone() {
                    expected.entry(person).or_default().push((account.clone(), row));
                }
            }
        }
        expected.retain(|_, rows| rows.iter().any(|it| it.0 != rows[0].0));
        for rows in expected.values_mut() {
            rows.sort_by(|a, b| a.1.order().cmp(&b.1.order()));
        }
        let found = fixture.history.travellers(&Projection::default(), Scan::default()).unwrap();
        let found = found.into_iter().map(|it| (it.person, it.rows)).collect();
        prop_assert_eq!(expected, found);
    }
}
