//! Laws of identity, for any facts.

use firsthand_model::config::IdentityRules;
use firsthand_model::fact::{Body, Kind, Who};
use firsthand_model::{Fact, Json, Span, Text, Time};
use proptest::prelude::*;

use super::{Attribution, RawId, Resolver};

const HOUR: i64 = Span::HOUR.0;

fn rules() -> IdentityRules {
    IdentityRules {
        own_domains: vec!["firsthand.example".into()],
        company_domains: true,
        // So few that the limit is met.
        ids_per_person_max: 3,
        membership_reach: Span::DAY,
        ..IdentityRules::default()
    }
}

/// Few ids, so that facts meet; some of them junk, some both a user's and a device's.
fn any_id() -> impl Strategy<Value = Text> {
    prop::sample::select(vec!["a", "b", "c", "d", "e", "f", "null"]).prop_map(Text::new_static)
}

fn any_who() -> impl Strategy<Value = Who> {
    let account =
        prop::sample::select(vec!["acme", "beta", "undefined"]).prop_map(Text::new_static);
    (prop::option::of(any_id()), prop::option::of(any_id()), prop::option::of(account))
        .prop_map(|(user, anonymous, account)| Who { user, anonymous, account })
}

fn any_body() -> impl Strategy<Value = Body> {
    let email = prop::sample::select(vec!["x@acme.example", "x@gmail.com", "x@firsthand.example"]);
    let name = || Text::new_static("Clicked");
    prop_oneof![
        4 => Just(Body::Event { name: name(), properties: Json::default() }),
        1 => Just(Body::Record { name: name(), properties: Json::default() }),
        3 => Just(Body::Link),
        3 => any_id().prop_map(|other| Body::Alias { other }),
        2 => any_id().prop_map(|other| Body::Split { other }),
        3 => any::<bool>().prop_map(|joined| Body::Membership { joined, role: None }),
        2 => email.prop_map(|it| Body::Traits {
            of: Kind::Person,
            traits: Json::parse(format!(r#"{{"email":"{it}"}}"#)).unwrap(),
        }),
        1 => Just(Body::Traits { of: Kind::Account, traits: Json::default() }),
    ]
}

/// Facts within a few days, some of one instant, some known late, some nobody knows when.
fn any_facts() -> impl Strategy<Value = Vec<Fact>> {
    let fact = (0..100_i64, prop::option::weighted(0.8, 0..50_i64), any_who(), any_body());
    prop::collection::vec(fact, 0..40).prop_map(|facts| {
        let facts = facts.into_iter().enumerate();
        facts
            .map(|(index, (hour, delay, who, body))| Fact {
                id: smol_str::format_smolstr!("{index}"),
                source: "test".into(),
                time: Time(hour * HOUR),
                known_at: delay.map(|delay| Time((hour + delay) * HOUR)),
                who,
                body,
            })
            .collect()
    })
}

fn any_facts_shuffled() -> impl Strategy<Value = (Vec<Fact>, Vec<Fact>)> {
    any_facts().prop_flat_map(|facts| (Just(facts.clone()), Just(facts).prop_shuffle()))
}

fn learnt<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> Resolver {
    let mut resolver = Resolver::new(&rules());
    for fact in facts {
        let _ = resolver.learn(fact);
    }
    resolver
}

fn attributions(resolver: &Resolver, facts: &[Fact]) -> Vec<Attribution> {
    facts.iter().map(|it| resolver.attribute(it)).collect()
}

fn ids(fact: &Fact) -> impl Iterator<Item = RawId> {
    let user = fact.who.user.clone().map(RawId::User);
    user.into_iter().chain(fact.who.anonymous.clone().map(RawId::Anonymous))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// P2.
    #[test]
    fn the_order_of_learning_never_matters((facts, shuffled) in any_facts_shuffled()) {
        let (one, other) = (learnt(&facts), learnt(&shuffled));
        prop_assert_eq!(attributions(&one, &facts), attributions(&other, &facts));
        prop_assert_eq!(
            one.persons_with_several_accounts(),
            other.persons_with_several_accounts()
        );
    }

    /// P2.
    #[test]
    fn repetition_never_matters((facts, shuffled) in any_facts_shuffled()) {
        let (once, twice) = (learnt(&facts), learnt(facts.iter().chain(&shuffled)));
        prop_assert_eq!(attributions(&once, &facts), attributions(&twice, &facts));
    }

    #[test]
    fn merging_is_learning_both(facts in any_facts(), cut in any::<prop::sample::Index>()) {
        let (before, after) = facts.split_at(cut.index(facts.len() + 1));
        let whole = attributions(&learnt(&facts), &facts);
        let mut forwards = learnt(before);
        forwards.merge(&learnt(after));
        prop_assert_eq!(attributions(&forwards, &facts), &whole[..]);
        let mut backwards = learnt(after);
        backwards.merge(&learnt(before));
        prop_assert_eq!(attributions(&backwards, &facts), whole);
    }

    #[test]
    fn saving_and_loading_changes_nothing(facts in any_facts()) {
        let resolver = learnt(&facts);
        let saved = postcard::to_allocvec(&resolver).unwrap();
        let loaded: Resolver = postcard::from_bytes(&saved).unwrap();
        prop_assert_eq!(attributions(&loaded, &facts), attributions(&resolver, &facts));
    }

    /// P3: nothing belongs anywhere before it was known itself, nor at an instant at which
    /// nothing became known.
    #[test]
    fn nothing_is_known_before_what_teaches_it(facts in any_facts()) {
        let resolver = learnt(&facts);
        for fact in &facts {
            for home in resolver.attribute(fact).accounts {
                prop_assert!(home.known_at >= fact.known_at);
                prop_assert!(facts.iter().any(|it| it.known_at == home.known_at));
            }
        }
    }

    /// P3: with only what was known by then, the fact belongs to somebody else, or the same, but
    /// never to this account by knowledge still to come.
    #[test]
    fn a_fact_of_one_account_was_there_already_when_it_says_so(facts in any_facts()) {
        // Corrections (splits, leaving, a second owner) may come and go; without them knowledge
        // only grows.
        let grows = |it: &&Fact| matches!(it.body, Body::Event { .. } | Body::Record { .. });
        let mut facts: Vec<Fact> = facts.iter().filter(grows).cloned().collect();
        for fact in &mut facts {
            let user = fact.who.anonymous.clone();
            fact.who.user = fact.who.user.is_some().then_some(user).flatten();
            fact.who.account = fact.who.account.as_ref().map(|_| "acme".into());
        }
        let resolver = learnt(&facts);
        for fact in &facts {
            for home in resolver.attribute(fact).accounts {
                let then = learnt(facts.iter().filter(|it| it.known_at <= home.known_at));
                prop_assert_eq!(&then.attribute(fact).accounts[0].account, &home.account);
            }
        }
    }

    #[test]
    fn what_moved_was_announced(facts in any_facts()) {
        let mut resolver = Resolver::new(&rules());
        for fact in &facts {
            let before = attributions(&resolver, &facts);
            let touched = resolver.learn(fact).unwrap_or_default();
            for (it, before) in std::iter::zip(&facts, before) {
                // Why a link is refused is told anew each time it is asked; nothing moves by it.
                let place = |it: Attribution| Attribution { refused: None, ..it };
                let moved = place(resolver.attribute(it)) != place(before);
                prop_assert!(
                    !moved || ids(it).any(|id| touched.contains(&id)),
                    "{fact:?} moved {it:?} but announced only {touched:?}"
                );
            }
        }
    }

    #[test]
    fn a_split_after_all_undoes_an_alias(facts in any_facts(), alias in (any_id(), any_id())) {
        let only = |facts: &[Fact]| -> Vec<Fact> {
            let aliases = |it: &&Fact| !matches!(it.body, Body::Alias { .. } | Body::Split { .. });
            facts.iter().filter(aliases).cloned().collect()
        };
        let facts = only(&facts);
        let said = |hour: i64, body| Fact {
            id: "said".into(),
            source: "test".into(),
            time: Time(hour * HOUR),
            known_at: None,
            who: Who { user: Some(alias.0.clone()), ..Who::default() },
            body,
        };
        let mut resolver = learnt(&facts);
        let _ = resolver.learn(&said(1_000, Body::Alias { other: alias.1.clone() }));
        let _ = resolver.learn(&said(1_001, Body::Split { other: alias.1.clone() }));
        prop_assert_eq!(attributions(&resolver, &facts), attributions(&learnt(&facts), &facts));
    }

    /// The limit holds for both kinds of ids, whatever is said.
    #[test]
    fn no_person_exceeds_the_limit(facts in any_facts()) {
        let resolver = learnt(&facts);
        for fact in &facts {
            let Some(person) = resolver.attribute(fact).person else { continue };
            let ids = resolver.ids_of(&person);
            let users = ids.iter().filter(|it| matches!(it, RawId::User(_))).count();
            prop_assert!(users <= rules().ids_per_person_max);
        }
    }
}
