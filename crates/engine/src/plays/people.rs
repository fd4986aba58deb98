//! The people of an account as messages tell of them, from its facts.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use firsthand_model::fact::{Kind, Row, RowBody};
use firsthand_model::{Scalar, Span, Text, Time};
use firsthand_plays::PersonView;

/// How far back it is looked who is active.
const LATELY: Span = Span::DAY.times(30);
/// Most people of an account that are looked at.
const PEOPLE_MAX: usize = 1_000;
/// Most of what a person does that is told.
const DOES_MAX: usize = 5;

/// Who is in an account, by the ids under which their facts lie.
#[derive(Clone, Debug, Default)]
pub(crate) struct People(BTreeMap<Text, Found>);

/// What facts say of one of them.
#[derive(Clone, Debug, Default)]
struct Found {
    traits: BTreeMap<Text, (Time, Scalar)>,
    last_seen: Option<Time>,
    /// What they have done lately, and how often.
    does: BTreeMap<Text, u32>,
    /// When they last joined (`true`) or left.
    member: Option<(Time, bool)>,
}

impl People {
    /// Gathers them from the rows of an account. Of traits set at one instant the last one counts.
    pub fn of<'r>(rows: impl IntoIterator<Item = &'r Row>, now: Time) -> Self {
        let mut people = Self::default();
        for row in rows {
            people.take(row, now);
        }
        people
    }

    fn take(&mut self, row: &Row, now: Time) {
        let Some(id) = &row.person else { return };
        if self.0.len() >= PEOPLE_MAX && !self.0.contains_key(id) {
            return;
        }
        let person = self.0.entry(id.clone()).or_default();
        match &row.body {
            RowBody::Traits { of: Kind::Person, traits } => {
                for (name, value) in traits {
                    person.set(name, row.time, value);
                }
            }
            RowBody::Membership { joined, role } => {
                if person.member.is_none_or(|(at, _)| at <= row.time) {
                    person.member = Some((row.time, *joined));
                }
                if let Some(role) = role {
                    person.set("role", row.time, &Scalar::Text(role.clone()));
                }
            }
            RowBody::Event { name, record: false, .. } => {
                person.last_seen = person.last_seen.max(Some(row.time));
                if row.time > now - LATELY {
                    *person.does.entry(name.clone()).or_default() += 1;
                }
            }
            RowBody::Traits { .. } | RowBody::Event { .. } => {}
        }
    }

    /// Those who belong to the account, the most active of late first, each by their canonical id;
    /// what lies under several ids of a person is told together. Who has none is left out.
    pub fn told(self, canonical: impl Fn(&Text) -> Option<Text>) -> Vec<PersonView> {
        let mut all: BTreeMap<Text, Found> = BTreeMap::new();
        for (id, found) in self.0 {
            let Some(id) = canonical(&id) else { continue };
            match all.entry(id) {
                Entry::Vacant(it) => _ = it.insert(found),
                Entry::Occupied(mut it) => it.get_mut().join(found),
            }
        }
        let mut people: Vec<(u32, PersonView)> =
            all.into_iter().filter_map(|(id, it)| it.told(id)).collect();
        people.sort_by(|a, b| {
            let key = |it: &(u32, PersonView)| (it.0, it.1.last_seen);
            key(b).cmp(&key(a)).then_with(|| a.1.id.cmp(&b.1.id))
        });
        people.into_iter().map(|(_, it)| it).collect()
    }
}

impl Found {
    fn set(&mut self, name: &str, at: Time, value: &Scalar) {
        match self.traits.get_mut(name) {
            Some(known) if known.0 > at => {}
            Some(known) => *known = (at, value.clone()),
            None => _ = self.traits.insert(name.into(), (at, value.clone())),
        }
    }

    fn join(&mut self, other: Self) {
        for (name, (at, value)) in &other.traits {
            self.set(name, *at, value);
        }
        self.last_seen = self.last_seen.max(other.last_seen);
        for (name, count) in other.does {
            *self.does.entry(name).or_default() += count;
        }
        self.member = self.member.max(other.member);
    }

    /// How often they were active of late, and what is told of them. Who only has a device's id is
    /// nobody to write to or to talk with.
    fn told(self, id: Text) -> Option<(u32, PersonView)> {
        let is_gone = self.member.is_some_and(|(_, joined)| !joined);
        let traits = self.traits.into_iter().filter(|(_, (_, value))| !value.is_missing());
        let traits: BTreeMap<Text, Scalar> = traits.map(|(name, (_, it))| (name, it)).collect();
        if is_gone || self.last_seen.is_none() && traits.is_empty() {
            return None;
        }
        let acts = self.does.values().sum();
        let mut does: Vec<(Text, u32)> = self.does.into_iter().collect();
        does.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        does.truncate(DOES_MAX);
        Some((acts, PersonView { id, traits, last_seen: self.last_seen, does }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(100 * Span::DAY.0);

    fn row(person: &str, day: i64, body: RowBody) -> Row {
        let time = Time(day * Span::DAY.0);
        Row { person: Some(person.into()), ..Row::bare(time, body) }
    }

    fn does(person: &str, day: i64, name: &str) -> Row {
        let values = std::sync::Arc::default();
        row(person, day, RowBody::Event { name: name.into(), record: false, values })
    }

    fn is(person: &str, day: i64, name: &str, value: Scalar) -> Row {
        let traits = [(name.into(), value)].into();
        row(person, day, RowBody::Traits { of: Kind::Person, traits })
    }

    fn member(person: &str, day: i64, joined: bool) -> Row {
        row(person, day, RowBody::Membership { joined, role: joined.then(|| "admin".into()) })
    }

    fn text(it: &str) -> Scalar {
        Scalar::Text(it.into())
    }

    #[test]
    fn whatever_the_order_of_facts_the_same_is_told() {
        let mut rows = vec![
            does("ann", 99, "Export"),
            does("ann", 98, "Export"),
            does("ann", 97, "Invite"),
            does("ann", 10, "Invite"),
            is("ann", 5, "name", text("Ann")),
            is("ann", 6, "name", text("Ann Lee")),
            is("ann", 6, "phone", text("1")),
            is("ann", 7, "phone", Scalar::Missing),
            member("ann", 4, true),
            does("bob", 99, "Export"),
            member("gone", 5, true),
            member("gone", 50, false),
            does("gone", 6, "Export"),
            is("ghost", 5, "phone", Scalar::Missing),
        ];
        let told = |rows: &[Row]| People::of(rows, NOW).told(|it| Some(it.clone()));
        let people = told(&rows);
        let names: Vec<&str> = people.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(names, ["ann", "bob"]);
        assert_eq!(people[0].does, [("Export".into(), 2), ("Invite".into(), 1)]);
        assert_eq!(people[0].last_seen, Some(Time(99 * Span::DAY.0)));
        let traits: Vec<&str> = people[0].traits.keys().map(Text::as_str).collect();
        assert_eq!((traits, people[0].name()), (vec!["name", "role"], Some(&"Ann Lee".into())));
        rows.reverse();
        assert_eq!(told(&rows), people);
    }

    #[test]
    fn what_lies_under_several_ids_of_a_person_is_told_together() {
        let rows = [
            does("anon:d1", 99, "Export"),
            does("u1", 90, "Export"),
            is("u1", 5, "name", text("Ann")),
            does("else", 99, "Export"),
        ];
        let canonical = |id: &Text| (id != "else").then(|| Text::new_static("u1"));
        let people = People::of(&rows, NOW).told(canonical);
        let [ann] = people.as_slice() else { panic!("{people:?}") };
        assert_eq!(ann.does, [("Export".into(), 2)]);
        assert_eq!((ann.id.as_str(), ann.name()), ("u1", Some(&"Ann".into())));
    }
}
