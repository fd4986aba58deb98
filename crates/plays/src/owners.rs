//! Who owns a lead.

use std::collections::BTreeMap;

use firsthand_model::config::{LeadRules, Owner, OwnerRule};
use firsthand_model::{Scalar, Text, Time};

/// Finds the owner of a lead by the rules, in their order. `load` tells how many leads somebody
/// works on; `salt` decides between those with equally little to do.
pub(crate) fn find(
    rules: &LeadRules,
    assign: &[OwnerRule],
    traits: &BTreeMap<Text, Scalar>,
    now: Time,
    load: impl Fn(&str) -> u32,
    salt: &str,
) -> Option<Text> {
    let free = |it: &&Owner| {
        let room = it.capacity.is_none_or(|most| load(&it.name) < most);
        let today = rules.work.calendar.date(now);
        room && !it.away.iter().any(|away| away.from <= today && today <= away.to)
    };
    let busy = |it: &&Owner| {
        // In thousandths of the capacity; who has none counts as if it were a hundred.
        let busy = u64::from(load(&it.name)) * 1_000 / u64::from(it.capacity.unwrap_or(100));
        (busy, *blake3::hash(format!("{salt}\n{}", it.name).as_bytes()).as_bytes())
    };
    let found = |rule: &OwnerRule| match rule {
        OwnerRule::CrmOwner => {
            let Some(Scalar::Text(named)) = traits.get(&rules.crm_owner_trait) else { return None };
            let named = named.trim();
            match by_name(rules, named) {
                Some(it) => Some(it).filter(free).map(|it| it.name.clone()),
                // Somebody whom the CRM knows and the settings do not.
                None => (!named.is_empty()).then(|| named.into()),
            }
        }
        OwnerRule::Territory => {
            let theirs = |it: &&Owner| !it.territory.is_empty() && lies_in(traits, &it.territory);
            let owners = rules.owners.values().filter(theirs).filter(free);
            owners.min_by_key(busy).map(|it| it.name.clone())
        }
        OwnerRule::RoundRobin => {
            rules.owners.values().filter(free).min_by_key(busy).map(|it| it.name.clone())
        }
        OwnerRule::Named(name) => rules.owners.get(name).filter(free).map(|it| it.name.clone()),
    };
    assign.iter().find_map(found).or_else(|| rules.fallback.clone())
}

/// An owner by name, e-mail address or name for people.
pub(crate) fn by_name<'r>(rules: &'r LeadRules, named: &str) -> Option<&'r Owner> {
    let is = |it: &str| it.eq_ignore_ascii_case(named);
    rules.owners.get(named).or_else(|| {
        let mut owners = rules.owners.values();
        owners.find(|it| it.email.as_deref().is_some_and(is) || is(&it.title) || is(&it.name))
    })
}

/// Where an owner is written to by e-mail.
pub(crate) fn email_of(rules: &LeadRules, owner: &Text) -> Option<Text> {
    match by_name(rules, owner) {
        Some(it) => it.email.clone(),
        None => owner.contains('@').then(|| owner.clone()),
    }
}

fn lies_in(traits: &BTreeMap<Text, Scalar>, territory: &BTreeMap<Text, Vec<Text>>) -> bool {
    territory.iter().all(|(name, values)| {
        let is = |wanted: &Text| match traits.get(name) {
            Some(Scalar::Text(it)) => it.trim().to_lowercase() == wanted.trim().to_lowercase(),
            Some(Scalar::Number(it)) => it.to_string() == *wanted,
            Some(Scalar::Bool(it)) => it.to_string() == *wanted,
            _ => false,
        };
        values.iter().any(is)
    })
}

#[cfg(test)]
mod tests {
    use firsthand_model::config::Dates;

    use super::*;

    fn owner(name: &str) -> Owner {
        Owner { name: name.into(), title: name.into(), ..Owner::default() }
    }

    fn rules(owners: impl IntoIterator<Item = Owner>) -> LeadRules {
        let owners = owners.into_iter().map(|it| (it.name.clone(), it)).collect();
        LeadRules { owners, ..LeadRules::default() }
    }

    fn who(rules: &LeadRules, traits: &[(&str, &str)], loads: &[(&str, u32)]) -> Option<String> {
        let text = |it: &str| Scalar::Text(it.into());
        let traits = traits.iter().map(|(name, value)| ((*name).into(), text(value))).collect();
        let load = |name: &str| loads.iter().find(|(it, _)| *it == name).map_or(0, |it| it.1);
        let now = "2026-08-03T10:00:00Z".parse().unwrap();
        find(rules, &rules.assign, &traits, now, load, "lead").map(|it| it.to_string())
    }

    #[test]
    fn the_owner_in_the_crm_comes_first_by_address_or_name() {
        let ana = Owner { email: Some("ana@acme.example".into()), ..owner("ana") };
        let rules = rules([ana, owner("ben")]);
        assert_eq!(who(&rules, &[("crm_owner", "Ana@acme.example")], &[]).as_deref(), Some("ana"));
        assert_eq!(who(&rules, &[("crm_owner", "ben")], &[]).as_deref(), Some("ben"));
        let stranger = who(&rules, &[("crm_owner", "zoe@acme.example")], &[]);
        assert_eq!(stranger.as_deref(), Some("zoe@acme.example"));
    }

    #[test]
    fn a_territory_fits_only_whole_and_those_away_or_full_are_passed_over() {
        let at = |text: &str| text.parse().unwrap();
        let away = vec![Dates { from: at("2026-08-01"), to: at("2026-08-03") }];
        let dach = |name| {
            let territory = [("country".into(), vec!["DE".into(), "AT".into()])].into();
            Owner { territory, ..owner(name) }
        };
        let rules = rules([
            Owner { away, ..dach("away") },
            Owner { capacity: Some(2), ..dach("full") },
            dach("ana"),
            owner("ben"),
        ]);
        assert_eq!(who(&rules, &[("country", "de")], &[("full", 2)]).as_deref(), Some("ana"));
        let loads = [("full", 1), ("ana", 5), ("ben", 4), ("away", 0)];
        assert_eq!(who(&rules, &[("country", "FR")], &loads).as_deref(), Some("ben"));
    }

    #[test]
    fn leads_go_round_by_load_for_capacity_and_nobody_free_means_the_fallback() {
        let small = Owner { capacity: Some(10), ..owner("small") };
        let large = Owner { capacity: Some(40), ..owner("large") };
        let mut rules = rules([small, large]);
        rules.fallback = Some("boss".into());
        let turn = |small, large| who(&rules, &[], &[("small", small), ("large", large)]).unwrap();
        assert_eq!(turn(1, 3), "large");
        assert_eq!(turn(1, 5), "small");
        assert_eq!(turn(10, 40), "boss");
    }
}
