//! Persons, and what all ids of one person taught together.

use std::borrow::Cow;

use firsthand_model::{Text, Time};
use smol_str::format_smolstr;

use super::names::Name;
use super::series::{Known, Point, Run, Series};
use super::stays::Stays;
use super::{Id, Resolver};

/// The prefix of a person who is only known by an anonymous id.
const ANONYMOUS_PREFIX: &str = "anon:";

/// A person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Person {
    /// By the canonical one of their user ids.
    User(Name),
    /// By an anonymous id that nobody has claimed.
    Anonymous(Name),
}

impl Resolver {
    /// The person whose an id was at `time`, and since when that is known.
    pub(super) fn person_at(&self, id: Id, time: Time) -> (Person, Known) {
        let (user, known) = match id {
            Id::User(name) => (name, Known::UNTOLD),
            Id::Anonymous(name) => match self.links.owner(name, time) {
                Some(run) => (run.value, run.known),
                None if self.is_aliased(name) => (name, Known::UNTOLD),
                None => return (Person::Anonymous(name), Known::UNTOLD),
            },
        };
        let canonical = self.aliases.canonical(user);
        (Person::User(canonical.name), known.max(canonical.known))
    }

    /// Every person whose an id ever was.
    pub(super) fn persons_of(&self, id: Id) -> Vec<Person> {
        match id {
            Id::User(name) => vec![Person::User(self.aliases.canonical(name).name)],
            Id::Anonymous(name) => {
                let mut persons: Vec<Person> = self
                    .links
                    .owners(name)
                    .map(|user| Person::User(self.aliases.canonical(user).name))
                    .collect();
                if persons.is_empty() {
                    persons.push(self.person_at(id, Time::MIN).0);
                }
                persons.dedup();
                persons
            }
        }
    }

    /// Every id that was ever a person's.
    pub(super) fn sources(&self, person: Person) -> impl Iterator<Item = Id> {
        let (user, anonymous) = match person {
            Person::User(name) => (Some(name), None),
            Person::Anonymous(name) => (None, Some(name)),
        };
        let users = user.into_iter().flat_map(|canonical| self.aliases.members(canonical));
        users
            .flat_map(|user| {
                let unclaimed = self.is_aliased(user) && self.links.owners(user).next().is_none();
                [Some(Id::User(user)), unclaimed.then_some(Id::Anonymous(user))]
                    .into_iter()
                    .flatten()
                    .chain(self.links.devices(user).map(Id::Anonymous))
            })
            .chain(anonymous.map(Id::Anonymous))
    }

    /// Whether the id is united with another. Some clients name an anonymous id in an alias, so
    /// that an anonymous id without a link goes by its aliases.
    fn is_aliased(&self, name: Name) -> bool {
        self.aliases.is_united(name)
    }

    /// Whether an id taught anything that is shared by all ids of its person.
    pub(super) fn is_teacher(&self, id: Id) -> bool {
        self.stays.contains_key(&id) || self.domains.contains_key(&id)
    }

    /// What is known of a person in each account.
    pub(super) fn stays_of(&self, person: Person) -> Vec<(Name, Cow<'_, Stays>)> {
        let mut all: Vec<(Name, Cow<'_, Stays>)> = Vec::new();
        for id in self.sources(person) {
            let plain = self.is_plain(id);
            for (account, stays) in self.stays.get(&id).into_iter().flatten() {
                let at = all.iter().position(|it| it.0 == *account);
                if plain && at.is_none() {
                    all.push((*account, Cow::Borrowed(stays)));
                    continue;
                }
                let at = at.unwrap_or_else(|| {
                    all.push((*account, Cow::Owned(Stays::default())));
                    all.len() - 1
                });
                all[at].1.to_mut().add(stays, |time, known| self.part(person, id, time, known));
            }
        }
        all
    }

    /// The domain of a person's e-mail at `time`: the latest told, else the first told after.
    pub(super) fn domain_of(&self, person: Person, time: Time) -> Option<Run<Name>> {
        let mut all: Option<Cow<'_, Series<Name>>> = None;
        for id in self.sources(person) {
            let Some(series) = self.domains.get(&id) else {
                continue;
            };
            if self.is_plain(id) && all.is_none() {
                all = Some(Cow::Borrowed(series));
                continue;
            }
            let all = all.get_or_insert_with(|| Cow::Owned(Series::default())).to_mut();
            for point in series.points() {
                if let Some(known) = self.part(person, id, point.time, point.known) {
                    all.insert(Point { known, ..*point }, |a, b| self.names.order(a, b));
                }
            }
        }
        all?.at_or_first(time, |_| true)
    }

    /// Whether all that an id taught is its person's, and known as such as soon as it was said.
    fn is_plain(&self, id: Id) -> bool {
        match id {
            Id::User(name) => self.aliases.canonical(name).known == Known::UNTOLD,
            Id::Anonymous(_) => false,
        }
    }

    /// When something that an id taught was known of a person; `None` if the id was not theirs.
    fn part(&self, person: Person, id: Id, time: Time, known: Known) -> Option<Known> {
        let (owner, tied) = self.person_at(id, time);
        (owner == person).then(|| known.max(tied))
    }

    /// The canonical id, as rows and pages carry it.
    pub(super) fn person_text(&self, person: Person) -> Text {
        match person {
            Person::User(name) => self.names.text(name).clone(),
            Person::Anonymous(name) => anonymous_person(self.names.text(name)),
        }
    }

    /// The person of a canonical id, or of any user id of theirs.
    pub(super) fn find_person(&self, text: &str) -> Option<Person> {
        if let Some(user) = self.names.find(text) {
            return Some(Person::User(self.aliases.canonical(user).name));
        }
        let anonymous = text.strip_prefix(ANONYMOUS_PREFIX)?;
        self.names.find(anonymous).map(Person::Anonymous)
    }
}

/// The canonical id of a person who is only known by an anonymous id.
pub(super) fn anonymous_person(anonymous: &str) -> Text {
    format_smolstr!("{ANONYMOUS_PREFIX}{anonymous}")
}
