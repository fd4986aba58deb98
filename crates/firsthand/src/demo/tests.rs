use std::collections::BTreeMap;

use firsthand_model::fact::Body;
use firsthand_model::{Decimal, Scalar, Text};

use super::*;

/// What became of an account, told by its facts alone.
#[derive(Default)]
struct Account {
    plan: Text,
    contacts: Decimal,
    /// Full to 80 % while free.
    near_limit: Option<Time>,
    paid: Option<Time>,
}

fn accounts(facts: &[Fact]) -> BTreeMap<Text, Account> {
    let mut accounts: BTreeMap<Text, Account> = BTreeMap::new();
    for fact in facts {
        let Some(id) = fact.who.account.clone() else {
            continue;
        };
        let account = accounts.entry(id).or_default();
        match &fact.body {
            Body::Traits { traits, .. } => {
                if let Scalar::Text(plan) = traits.get("plan") {
                    account.plan = plan;
                }
            }
            Body::Event { name, properties } => {
                let raw = account.contacts.raw();
                if let Scalar::Number(contacts) = properties.get("contacts") {
                    account.contacts = match name.as_str() {
                        "Contact list imported" => Decimal::from_raw(raw + contacts.raw()),
                        "Contacts removed" => Decimal::from_raw(raw - contacts.raw()),
                        _ => account.contacts,
                    };
                }
            }
            Body::Record { name, .. }
                if matches!(name.as_str(), "Subscription started" | "Deal won") =>
            {
                account.paid.get_or_insert(fact.time);
            }
            _ => {}
        }
        if account.plan == "free"
            && account.contacts >= Decimal::from(8_000_i64)
            && account.paid.is_none()
        {
            account.near_limit.get_or_insert(fact.time);
        }
    }
    accounts
}

/// A change of the world changes the README and the documentation: make it on purpose.
#[test]
fn everybody_sees_the_same_year() {
    let facts = facts();
    let mut sum: u64 = 0xCBF2_9CE4_8422_2325;
    for byte in format!("{facts:?}").bytes() {
        sum = (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    }
    insta::assert_snapshot!(format!("{} facts, sum {sum:016x}", facts.len()), @"51341 facts, sum 3bdf059e2389ad6d");
    assert!(facts.iter().all(|it| it.time >= FIRST_DAY && it.time < instant(DAYS, 0)));
    assert!(facts.is_sorted_by_key(|it| it.time));
}

#[test]
fn no_two_facts_have_one_id() {
    let facts = facts();
    let ids: BTreeSet<&Text> = facts.iter().map(|it| &it.id).collect();
    assert_eq!(ids.len(), facts.len());
}

#[test]
fn a_full_list_is_what_free_accounts_buy_for() {
    let facts = facts();
    let accounts = accounts(&facts);
    assert_eq!(accounts.len(), FIRMS);
    let share = |of: &dyn Fn(&&Account) -> bool| {
        let those: Vec<_> = accounts.values().filter(of).collect();
        let paid = those.iter().filter(|it| it.paid.is_some()).count();
        (those.len(), paid * 100 / those.len())
    };
    let (near, near_paid) = share(&|it| it.near_limit.is_some());
    let (_, far_paid) = share(&|it| it.near_limit.is_none());
    assert!((50..120).contains(&near), "{near} accounts near their limit");
    assert!((40..80).contains(&near_paid), "{near_paid} % of them pay");
    assert!((3..25).contains(&far_paid), "{far_paid} % of the others pay");
}

#[test]
fn the_two_neighbours_differ_in_their_contacts() {
    let accounts = accounts(&facts());
    for (id, contacts) in [(QUALIFIED, 8_060_i64), (NEIGHBOUR, 7_400)] {
        let account = &accounts[id];
        assert_eq!(account.contacts, Decimal::from(contacts), "{id}");
        assert_eq!(account.plan, "free");
        assert!(account.paid.is_none());
    }
}
