//! What is striking about who is who: a look at all that was learnt, a stretch at a time.
//!
//! It goes over the names in the order in which they were learnt, so that whoever asks can stop
//! after each stretch and go on later. What is learnt meanwhile is seen or not; nothing is decided
//! by it.

use std::collections::BTreeSet;

use firsthand_model::{Text, Time};
use rustc_hash::FxHashMap;

use super::domains::Class;
use super::names::Name;
use super::person::Person;
use super::{Id, Resolver};

/// Most examples of each finding.
pub const EXAMPLES_MAX: usize = 20;
/// Most names beside an example.
const NAMES_MAX: usize = 5;
/// Most domains that are told apart; those met later are left out.
const DOMAINS_MAX: usize = 50_000;
/// From so many ids on a person has many.
const MANY_IDS: usize = 8;

/// What was found so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// How many names were looked at.
    looked_at: usize,
    /// Persons with a user id of whom an account, an e-mail or a device is known.
    pub persons: u64,
    /// Of these, those who belong to an account.
    pub with_account: u64,
    /// Of these, those who work for us.
    pub own_staff: u64,
    /// Of these, those without an account who write from a public mail provider.
    pub free_mail: u64,
    /// Anonymous ids that are tied to a person.
    pub devices: u64,
    /// Anonymous ids that were several persons'.
    pub shared_devices: Finding,
    /// Persons with many ids.
    pub many_ids: Finding,
    /// Users with as many anonymous ids as one may have.
    pub full: Finding,
    /// Persons in several accounts.
    pub several_accounts: Finding,
    domains: FxHashMap<Name, Domain>,
}

/// How many there are of something, with the most striking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finding {
    /// How many.
    pub count: u64,
    /// The most striking first, at most [`EXAMPLES_MAX`].
    pub examples: Vec<Striking>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Striking {
    /// The id, or domain.
    pub id: Text,
    /// How many it has.
    pub count: u64,
    /// Some of these.
    pub names: Vec<Text>,
}

/// The people of a company, by the domain of their e-mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Domain {
    /// Those without an account.
    without: u64,
    /// The accounts of the others, some of them.
    accounts: BTreeSet<Text>,
}

impl Finding {
    /// Takes one more in, and keeps it if it is more striking than another.
    fn add(&mut self, id: Text, count: usize, names: impl FnOnce() -> Vec<Text>) {
        self.count += 1;
        let count = count as u64;
        let place = self.examples.partition_point(|it| it.count >= count);
        if place < EXAMPLES_MAX {
            let names = names();
            self.examples.insert(place, Striking { id, count, names });
            self.examples.truncate(EXAMPLES_MAX);
        }
    }
}

impl Survey {
    /// Companies of whose people some have no account, by how many.
    pub fn unmatched_domains(&self, resolver: &Resolver) -> Finding {
        self.by_domain(resolver, |it| it.without, |_| Vec::new(), 1)
    }

    /// Companies whose people are in several accounts, by how many.
    pub fn split_domains(&self, resolver: &Resolver) -> Finding {
        let names = |it: &Domain| it.accounts.iter().take(NAMES_MAX).cloned().collect();
        self.by_domain(resolver, |it| it.accounts.len() as u64, names, 2)
    }

    fn by_domain(
        &self,
        resolver: &Resolver,
        count: impl Fn(&Domain) -> u64,
        names: impl Fn(&Domain) -> Vec<Text>,
        from: u64,
    ) -> Finding {
        let mut found: Vec<(u64, &Text, &Domain)> = self
            .domains
            .iter()
            .map(|(name, it)| (count(it), resolver.names.text(*name), it))
            .filter(|it| it.0 >= from)
            .collect();
        found.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        let striking = |&(count, id, it): &(u64, &Text, &Domain)| Striking {
            id: id.clone(),
            count,
            names: names(it),
        };
        let examples = found.iter().take(EXAMPLES_MAX).map(striking).collect();
        Finding { count: found.len() as u64, examples }
    }
}

impl Resolver {
    /// Goes on with a survey by so many names; whether there are more.
    pub fn survey(&self, survey: &mut Survey, names: usize) -> bool {
        let all = self.names.iter().len();
        let to = survey.looked_at.saturating_add(names).min(all);
        for index in survey.looked_at..to {
            let name = self.names.at(index);
            self.look_at_device(name, survey);
            self.look_at_user(name, survey);
        }
        survey.looked_at = to;
        to < all
    }

    fn look_at_device(&self, device: Name, survey: &mut Survey) {
        let owners = self.links.owners(device);
        let mut persons: Vec<Name> = owners.map(|it| self.aliases.canonical(it).name).collect();
        persons.sort_unstable_by(|a, b| self.names.order(*a, *b));
        persons.dedup();
        survey.devices += u64::from(!persons.is_empty());
        if persons.len() > 1 {
            let names = || self.texts(persons.iter().copied());
            survey.shared_devices.add(self.names.text(device).clone(), persons.len(), names);
        }
    }

    fn look_at_user(&self, user: Name, survey: &mut Survey) {
        let devices = self.links.devices(user).count();
        if devices >= self.rules.ids_per_person_max {
            let names = || self.texts(self.links.devices(user));
            survey.full.add(self.names.text(user).clone(), devices, names);
        }
        let person = Person::User(user);
        let is_known =
            devices > 0 || self.aliases.is_united(user) || self.is_teacher(Id::User(user));
        if !is_known || self.aliases.canonical(user).name != user {
            return;
        }
        survey.persons += 1;
        let ids = self.sources(person).count();
        if ids >= MANY_IDS {
            let of = |it| match it {
                Id::User(name) | Id::Anonymous(name) => name,
            };
            let names = || self.texts(self.sources(person).map(of).filter(|it| *it != user));
            survey.many_ids.add(self.names.text(user).clone(), ids, names);
        }
        let stays = self.stays_of(person);
        let accounts = stays.iter().filter(|it| it.1.ever().is_some()).map(|it| it.0);
        let accounts: Vec<Name> = accounts.collect();
        survey.with_account += u64::from(!accounts.is_empty());
        if accounts.len() > 1 {
            let names = || self.texts(accounts.iter().copied());
            survey.several_accounts.add(self.names.text(user).clone(), accounts.len(), names);
        }
        let Some(domain) = self.domain_of(person, Time::MAX) else { return };
        match self.rules.domains.class(self.names.text(domain.value)) {
            Class::Own => survey.own_staff += 1,
            Class::Anybody => survey.free_mail += u64::from(accounts.is_empty()),
            Class::Work => {
                let known = survey.domains.len() < DOMAINS_MAX
                    || survey.domains.contains_key(&domain.value);
                if !known {
                    return;
                }
                let it = survey.domains.entry(domain.value).or_default();
                it.without += u64::from(accounts.is_empty());
                let free = EXAMPLES_MAX.saturating_sub(it.accounts.len());
                it.accounts.extend(self.texts(accounts.into_iter().take(free)));
            }
        }
    }

    fn texts(&self, names: impl Iterator<Item = Name>) -> Vec<Text> {
        names.take(NAMES_MAX).map(|it| self.names.text(it).clone()).collect()
    }

    /// The first id of a fact that names nobody, such as `null`.
    pub fn junk_of<'f>(&self, fact: &'f firsthand_model::Fact) -> Option<&'f Text> {
        let who = &fact.who;
        let ids = [&who.user, &who.anonymous, &who.account].into_iter().flatten();
        ids.into_iter().find(|it| self.rules.junk.contains(it))
    }
}

#[cfg(test)]
mod tests {
    use firsthand_model::config::IdentityRules;
    use firsthand_model::fact::{Body, Kind, Who};
    use firsthand_model::{Fact, Json};

    use super::*;

    fn fact(
        user: Option<&str>,
        anonymous: Option<&str>,
        account: Option<&str>,
        body: Body,
    ) -> Fact {
        let text = |it: Option<&str>| it.map(Text::from);
        Fact {
            id: "f".into(),
            source: "test".into(),
            time: Time(0),
            known_at: Some(Time(0)),
            who: Who { user: text(user), anonymous: text(anonymous), account: text(account) },
            body,
        }
    }

    fn joins(user: &str, account: &str) -> Fact {
        fact(Some(user), None, Some(account), Body::Membership { joined: true, role: None })
    }

    fn writes_from(user: &str, email: &str) -> Fact {
        let traits = Json::parse(format!(r#"{{"email":"{email}"}}"#)).unwrap();
        fact(Some(user), None, None, Body::Traits { of: Kind::Person, traits })
    }

    fn taught(facts: &[Fact]) -> Resolver {
        let mut resolver = Resolver::new(&IdentityRules::default());
        for it in facts {
            resolver.learn(it).unwrap();
        }
        resolver
    }

    fn surveyed(resolver: &Resolver, names: usize) -> Survey {
        let mut survey = Survey::default();
        while resolver.survey(&mut survey, names) {}
        survey
    }

    #[test]
    fn what_is_striking_is_found_whatever_the_stretches() {
        let link = |user: &str, device: &str| fact(Some(user), Some(device), None, Body::Link);
        let mut facts = vec![
            joins("ana", "acme"),
            joins("ana", "beta"),
            joins("ben", "acme"),
            link("ana", "tablet"),
            link("ben", "tablet"),
            link("ben", "phone"),
            writes_from("ana", "ana@acme.example"),
            writes_from("ben", "ben@acme.example"),
            writes_from("cy", "cy@corp.example"),
            writes_from("dot", "dot@gmail.com"),
        ];
        facts.extend((0..9).map(|it| link("eve", &format!("browser-{it}"))));
        let resolver = taught(&facts);
        let all = surveyed(&resolver, 1_000);
        assert_eq!((all.persons, all.with_account, all.free_mail), (5, 2, 1));
        assert_eq!((all.devices, all.shared_devices.count), (11, 1));
        let tablet = &all.shared_devices.examples[0];
        assert_eq!((tablet.id.as_str(), tablet.count), ("tablet", 2));
        assert_eq!(tablet.names, ["ana", "ben"]);
        assert_eq!(all.several_accounts.examples[0].id, "ana");
        assert_eq!(all.many_ids.examples[0].id, "eve");
        assert_eq!(all.many_ids.examples[0].count, 10);
        let ids = |it: Finding| it.examples.into_iter().map(|it| it.id).collect::<Vec<_>>();
        assert_eq!(ids(all.unmatched_domains(&resolver)), ["corp.example"]);
        assert_eq!(ids(all.split_domains(&resolver)), ["acme.example"]);
        assert_eq!(surveyed(&resolver, 1), all);
    }

    #[test]
    fn the_most_striking_are_kept() {
        let mut finding = Finding::default();
        for count in 0..50 {
            finding.add(count.to_string().into(), count, Vec::new);
        }
        assert_eq!(finding.count, 50);
        assert_eq!(finding.examples.len(), EXAMPLES_MAX);
        assert_eq!(finding.examples[0].id, "49");
    }

    #[test]
    fn an_id_that_names_nobody_is_told() {
        let resolver = taught(&[]);
        let said = fact(Some("undefined"), None, Some("acme"), Body::Link);
        assert_eq!(resolver.junk_of(&said).map(Text::as_str), Some("undefined"));
        assert_eq!(resolver.junk_of(&joins("ana", "acme")), None);
    }
}
