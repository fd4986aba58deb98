//! What happened in the fake's accounts: the same in each.

use firsthand_web::noun::{
    AccountFact, AccountFacts, FactFilter, FactKind, Listing, Page, SubjectKind, TraitChange,
};
use serde_json::json;

use super::at;

/// Minutes of a day.
const DAY: i64 = 24 * 60;

fn fact(kind: FactKind, minutes: i64, known_after: i64) -> AccountFact {
    AccountFact {
        id: Some(format!("fact_{minutes}")),
        source: Some("web".to_owned()),
        known_at: Some(at(minutes + known_after)),
        ..AccountFact::new(kind, at(minutes))
    }
}

fn by_ana(it: AccountFact) -> AccountFact {
    let person_name = Some("Ana \"A\" Haddad".to_owned());
    AccountFact { person: Some("u1".to_owned()), person_name, ..it }
}

fn event(name: &str, minutes: i64, known_after: i64) -> AccountFact {
    let properties = json!({"format": "pdf & <b>", "pages": 3, "$lib": "js", "deep": {"er": 1}});
    AccountFact {
        name: Some(name.to_owned()),
        properties: properties.as_object().cloned(),
        ..by_ana(fact(FactKind::Event, minutes, known_after))
    }
}

fn change(name: &str, from: Option<&str>, to: Option<&str>) -> TraitChange {
    let value = |it: Option<&str>| it.map(|it| json!(it));
    TraitChange { name: name.to_owned(), from: value(from), to: value(to) }
}

/// The newest first: two days with a few of every kind, and before them a visit each day.
fn all() -> Vec<AccountFact> {
    let plan = AccountFact {
        of: Some(SubjectKind::Account),
        changes: vec![change("plan", Some("free"), Some("pro")), change("seats", Some("3"), None)],
        ..fact(FactKind::Traits, -90, 0)
    };
    let paid = AccountFact {
        name: Some("Subscription started".to_owned()),
        properties: json!({"value": 49}).as_object().cloned(),
        ..fact(FactKind::Record, -95, 0)
    };
    let acted = AccountFact {
        name: Some("Lead accepted".to_owned()),
        source: Some("firsthand".to_owned()),
        ..fact(FactKind::Record, -96, 0)
    };
    let joined = AccountFact {
        role: Some("owner <b>".to_owned()),
        ..by_ana(fact(FactKind::Joined, -DAY - 30, 0))
    };
    let linked = AccountFact {
        id: None,
        source: None,
        other: Some("device-7".to_owned()),
        ..by_ana(fact(FactKind::Linked, -DAY - 31, 0))
    };
    let mut all = vec![
        event("Report <exported>", -10, 0),
        event("Login", -20, 0),
        event("Report <exported>", -30, 0),
        event("Report <exported>", -60, 0),
        plan,
        paid,
        acted,
        joined,
        linked,
        // What a phone sent once it was online again.
        event("Report <exported>", -DAY - 40, 300),
    ];
    all.extend((2..400).map(|day| event("Visited", -day * DAY, 0)));
    all
}

pub fn of(filter: &FactFilter, listing: &Listing) -> AccountFacts {
    let found: Vec<AccountFact> = all().into_iter().filter(|it| filter.admits(it)).collect();
    let from = listing.after.as_ref().map_or(0, |it| it.parse().expect("it is a number"));
    let to = from + listing.limit as usize;
    let next = (to < found.len()).then(|| to.to_string());
    let items = found.into_iter().skip(from).take(listing.limit as usize).collect();
    AccountFacts {
        page: Page { items, next },
        read_from: None,
        names: vec![("Visited".to_owned(), 398), ("Report <exported>".to_owned(), 4)],
        people: vec![("u1".to_owned(), Some("Ana \"A\" Haddad".to_owned()))],
    }
}
