//! What was said over time of which ids are one person.

use std::collections::BTreeSet;

use firsthand_model::{Text, Time};

use super::person::Person;
use super::{RawId, Resolver};

/// What became of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MoveKind {
    /// An anonymous id turned out to be the person's.
    Linked,
    /// A user id is the person's as well.
    United,
    /// A user id is not the person's after all.
    Parted,
}

/// Something that was said of which ids are a person's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// From when on it is so.
    pub time: Time,
    /// What became of the id.
    pub kind: MoveKind,
    /// The id.
    pub id: RawId,
    /// When we heard it; `None` if nothing says when.
    pub known_at: Option<Time>,
}

impl Resolver {
    /// What was said of the ids of a person (by canonical id), the oldest first: of each anonymous
    /// id the first link, of each user id the alias that holds and the last split.
    pub fn moves_of(&self, person: &str) -> Vec<Move> {
        let Some(Person::User(canonical)) = self.find_person(person) else {
            return Vec::new();
        };
        let text = |name| -> Text { self.names.text(name).clone() };
        let mut moves = BTreeSet::new();
        for user in self.aliases.members(canonical) {
            for (device, time, known) in self.links.first_links(user) {
                let id = RawId::Anonymous(text(device));
                moves.insert(Move { time, kind: MoveKind::Linked, id, known_at: known.into() });
            }
            for (other, alias, (time, known)) in self.aliases.said_of(user) {
                // Both ids of an alias are the person's: the one that it is not named by joined it.
                let id = if alias && other == canonical { user } else { other };
                let kind = if alias { MoveKind::United } else { MoveKind::Parted };
                let id = RawId::User(text(id));
                moves.insert(Move { time, kind, id, known_at: known.into() });
            }
        }
        moves.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use firsthand_model::config::IdentityRules;
    use firsthand_model::fact::{Body, Fact, Who};

    use super::*;

    fn at(second: i64) -> Time {
        Time(second * 1_000_000)
    }

    fn taught(facts: &[(i64, &str, Option<&str>, Body)]) -> Resolver {
        let mut resolver = Resolver::new(&IdentityRules::default());
        for (second, user, anonymous, body) in facts {
            let who = Who {
                user: Some((*user).into()),
                anonymous: anonymous.map(Into::into),
                account: None,
            };
            let (time, known_at) = (at(*second), Some(at(second + 1)));
            let (id, source) = (second.to_string().into(), "test".into());
            let fact = Fact { id, source, time, known_at, who, body: body.clone() };
            resolver.learn(&fact).expect("it is taken in");
        }
        resolver
    }

    fn told(resolver: &Resolver, person: &str) -> Vec<(i64, MoveKind, String)> {
        let told = |it: Move| {
            assert_eq!(it.known_at, Some(it.time + firsthand_model::Span::SECOND));
            let (RawId::User(id) | RawId::Anonymous(id)) = it.id;
            (it.time.micros() / 1_000_000, it.kind, id.to_string())
        };
        resolver.moves_of(person).into_iter().map(told).collect()
    }

    #[test]
    fn a_link_is_told_once_as_first_said() {
        let link = |second| (second, "ana", Some("device"), Body::Link);
        let resolver = taught(&[link(5), link(3), link(100_000)]);
        assert_eq!(told(&resolver, "ana"), [(3, MoveKind::Linked, "device".to_owned())]);
        assert_eq!(told(&resolver, "ben"), []);
    }

    #[test]
    fn an_alias_is_told_of_the_person_that_it_made_until_a_split_undoes_it() {
        let alias = (5, "ana", None, Body::Alias { other: "ana2".into() });
        let split = (9, "ana", None, Body::Split { other: "ana2".into() });
        let united = taught(std::slice::from_ref(&alias));
        assert_eq!(told(&united, "ana"), [(5, MoveKind::United, "ana2".to_owned())]);
        let parted = taught(&[alias, split]);
        assert_eq!(told(&parted, "ana"), [(9, MoveKind::Parted, "ana2".to_owned())]);
        assert_eq!(told(&parted, "ana2"), [(9, MoveKind::Parted, "ana".to_owned())]);
    }
}
