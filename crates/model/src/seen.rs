//! What the data has shown so far: names, types and values, so that checks can say what was seen
//! (docs/language.md, section 5 and 9).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::fact::{BodyView, FactView, Kind};
use crate::scalar::plain_text;
use crate::{Calendar, Decimal, JsonView, Scalar, Span, Text, Time};

/// Most distinct texts remembered of one property.
pub const TEXTS_MAX: usize = 64;
/// Most names of events, properties of one event, or traits of one kind, that are remembered.
pub const NAMES_MAX: usize = 2_000;

/// The person trait that the role of a membership becomes.
const ROLE_TRAIT: &str = "role";

/// Everything seen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// Events and records by name.
    pub events: BTreeMap<Text, SeenEvent>,
    /// Account traits by dotted path.
    pub account_traits: BTreeMap<Text, SeenValues>,
    /// Person traits by dotted path.
    pub person_traits: BTreeMap<Text, SeenValues>,
    /// The earliest fact.
    pub first: Option<Time>,
    /// The latest fact.
    pub last: Option<Time>,
    /// Facts in all.
    pub facts: u64,
    /// Facts that fall exactly on a midnight of the project's zone.
    pub at_midnight: u64,
}

/// One event's name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SeenEvent {
    /// How often.
    pub count: u64,
    /// First time.
    pub first: Time,
    /// Last time.
    pub last: Time,
    /// Its properties by dotted path.
    pub properties: BTreeMap<Text, SeenValues>,
}

/// The values of one property or trait.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SeenValues {
    /// Values that were texts.
    pub texts: u64,
    /// Values that were numbers.
    pub numbers: u64,
    /// Values that were true or false.
    pub bools: u64,
    /// Values that were lists.
    pub lists: u64,
    /// Values that were null.
    pub nulls: u64,
    /// The first [`TEXTS_MAX`] distinct texts, with how often; empty once there were more.
    pub distinct_texts: BTreeMap<Text, u64>,
    /// Whether there were more distinct texts than are remembered.
    pub many_texts: bool,
    /// The smallest number.
    pub min: Option<Decimal>,
    /// The largest number.
    pub max: Option<Decimal>,
}

impl SeenValues {
    /// Takes one value in.
    pub fn add(&mut self, value: &Scalar) {
        match value {
            Scalar::Missing => self.nulls += 1,
            Scalar::Bool(_) => self.bools += 1,
            Scalar::Number(it) => {
                self.numbers += 1;
                self.min = Some(self.min.map_or(*it, |min| min.min(*it)));
                self.max = Some(self.max.map_or(*it, |max| max.max(*it)));
            }
            Scalar::Text(it) => self.add_text(it),
            Scalar::List(_) => self.lists += 1,
        }
    }

    /// Takes one text in.
    pub fn add_text(&mut self, text: &str) {
        self.texts += 1;
        if self.many_texts {
            return;
        }
        if let Some(count) = self.distinct_texts.get_mut(text) {
            *count += 1;
            return;
        }
        self.distinct_texts.insert(text.into(), 1);
        if self.distinct_texts.len() > TEXTS_MAX {
            self.distinct_texts.clear();
            self.many_texts = true;
        }
    }

    /// Adds what another part of the data has shown.
    pub fn merge(&mut self, other: &Self) {
        self.texts += other.texts;
        self.numbers += other.numbers;
        self.bools += other.bools;
        self.lists += other.lists;
        self.nulls += other.nulls;
        self.min = [self.min, other.min].into_iter().flatten().min();
        self.max = [self.max, other.max].into_iter().flatten().max();
        self.many_texts |= other.many_texts;
        for (text, count) in &other.distinct_texts {
            *self.distinct_texts.entry(text.clone()).or_default() += count;
        }
        if self.many_texts || self.distinct_texts.len() > TEXTS_MAX {
            self.distinct_texts.clear();
            self.many_texts = true;
        }
    }

    /// How many values there were, nulls left out.
    pub const fn known(&self) -> u64 {
        self.texts + self.numbers + self.bools + self.lists
    }
}

impl Seen {
    /// Takes one fact in. The calendar tells which instants are midnights.
    pub fn take<'a>(&mut self, fact: impl Into<FactView<'a>>, calendar: &Calendar) {
        let fact: FactView<'_> = fact.into();
        self.facts += 1;
        self.first = Some(self.first.map_or(fact.time, |it| it.min(fact.time)));
        self.last = Some(self.last.map_or(fact.time, |it| it.max(fact.time)));
        self.at_midnight += u64::from(is_midnight(fact.time, calendar));
        match fact.body {
            BodyView::Event { name, properties } | BodyView::Record { name, properties } => {
                self.take_event(name, fact.time, properties);
            }
            BodyView::Traits { of: Kind::Account, traits } => {
                take_values(&mut self.account_traits, traits);
            }
            BodyView::Traits { of: Kind::Person, traits } => {
                take_values(&mut self.person_traits, traits);
            }
            BodyView::Membership { role: Some(role), .. } => {
                // A role told with a membership is the person trait of that name.
                take_value(&mut self.person_traits, ROLE_TRAIT, |it| it.add_text(role));
            }
            BodyView::Membership { role: None, .. }
            | BodyView::Link
            | BodyView::Alias { .. }
            | BodyView::Split { .. } => {}
        }
    }

    fn take_event(&mut self, name: &str, time: Time, properties: JsonView<'_>) {
        let full = self.events.len() >= NAMES_MAX;
        let event = match self.events.get_mut(name) {
            Some(event) => event,
            None if full => return,
            None => {
                let event = SeenEvent { first: time, last: time, ..SeenEvent::default() };
                self.events.entry(name.into()).or_insert(event)
            }
        };
        event.count += 1;
        event.first = event.first.min(time);
        event.last = event.last.max(time);
        take_values(&mut event.properties, properties);
    }

    /// Adds what another part of the data has shown.
    pub fn merge(&mut self, other: &Self) {
        for (name, theirs) in &other.events {
            if self.events.len() >= NAMES_MAX && !self.events.contains_key(name) {
                continue;
            }
            let ours = self.events.entry(name.clone()).or_insert_with(|| SeenEvent {
                first: theirs.first,
                last: theirs.last,
                ..SeenEvent::default()
            });
            ours.count += theirs.count;
            ours.first = ours.first.min(theirs.first);
            ours.last = ours.last.max(theirs.last);
            merge_values(&mut ours.properties, &theirs.properties);
        }
        merge_values(&mut self.account_traits, &other.account_traits);
        merge_values(&mut self.person_traits, &other.person_traits);
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = [self.last, other.last].into_iter().flatten().max();
        self.facts += other.facts;
        self.at_midnight += other.at_midnight;
    }
}

/// Whether an instant is a midnight of the project's zone.
fn is_midnight(at: Time, calendar: &Calendar) -> bool {
    // No clock is set apart from another by a part of a second: most instants need no calendar.
    at.0 % Span::SECOND.0 == 0 && calendar.start_of(calendar.date(at)) == at
}

fn take_values(values: &mut BTreeMap<Text, SeenValues>, json: JsonView<'_>) {
    json.for_each(|path, value| {
        take_value(values, path, |it| match plain_text(value) {
            Some(text) => it.add_text(text),
            None => it.add(&Scalar::from_json_text(value)),
        });
    });
}

fn take_value(
    values: &mut BTreeMap<Text, SeenValues>,
    path: &str,
    add: impl FnOnce(&mut SeenValues),
) {
    if let Some(known) = values.get_mut(path) {
        add(known);
    } else if values.len() < NAMES_MAX {
        add(values.entry(path.into()).or_default());
    }
}

fn merge_values(ours: &mut BTreeMap<Text, SeenValues>, theirs: &BTreeMap<Text, SeenValues>) {
    for (name, values) in theirs {
        if ours.len() < NAMES_MAX || ours.contains_key(name) {
            ours.entry(name.clone()).or_default().merge(values);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::{Body, Who};
    use crate::{Fact, Json};

    fn event(id: u64, name: &str, time: Time, properties: &str) -> Fact {
        Fact {
            id: id.to_string().into(),
            source: "test".into(),
            time,
            known_at: None,
            who: Who { user: Some("u".into()), ..Who::default() },
            body: Body::Event { name: name.into(), properties: Json::parse(properties).unwrap() },
        }
    }

    #[test]
    fn parts_merged_show_what_the_whole_shows() {
        let facts: Vec<Fact> = (0..200_u64)
            .map(|n| {
                let name = if n % 3 == 0 { "A" } else { "B" };
                let json = format!(r#"{{"n":{n},"t":"text {}","d":{{"x":null}}}}"#, n % 70);
                event(n, name, Time(43_200_000_000 * n.cast_signed()), &json)
            })
            .collect();
        let calendar = Calendar::default();
        let mut whole = Seen::default();
        for fact in &facts {
            whole.take(fact, &calendar);
        }
        let mut parts = Seen::default();
        for chunk in facts.chunks(37) {
            let mut part = Seen::default();
            for fact in chunk {
                part.take(fact, &calendar);
            }
            parts.merge(&part);
        }
        assert_eq!(parts, whole);
        assert_eq!((whole.facts, whole.at_midnight), (200, 100));
        let a = &whole.events["A"];
        assert_eq!((a.count, a.properties["n"].max), (67, Some(Decimal::from(198_u64))));
        assert_eq!(a.properties["d.x"].nulls, 67);
        assert!(whole.events["B"].properties["t"].many_texts);
    }
}
