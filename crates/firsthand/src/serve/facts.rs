//! What happened in an account, fact by fact. As for a closer look ([`super::closeup`]), the facts are
//! read beside the engine, which says where they lie and, a few at a time, whose they are.
//!
//! Only the newest are read, up to where a page begins, so that an account may have any number.

use std::collections::{BTreeMap, HashMap};

use firsthand_engine::{FactsLie, Live, Stands};
use firsthand_history::HistoryError;
use firsthand_model::fact::{Body, Kind};
use firsthand_model::{Fact, Json, Scalar, Span, Text, Time};
use firsthand_rules::resolve::{Move, MoveKind, RawId};
use firsthand_web::noun::{
    AccountFact, AccountFacts, FactFilter, FactKind, Listing, Page, SubjectKind, TraitChange,
};
use firsthand_web::{Answer, Failure};
use serde_json::Value;

use super::Server;
use super::accounts::json;
use super::closeup::{FACTS_AT_ONCE, FACTS_MAX, NAME_TRAITS};
use super::workbench::{Recorded, blocking, on_newest};

/// Most people of whom it is told which ids turned out to be theirs.
const PEOPLE_MAX: usize = 200;
/// Most names of events, and most people, that a list can be narrowed to.
const WORDS_MAX: usize = 50;

/// What the engine knows without reading.
struct Known {
    lie: FactsLie,
    moves: Vec<(Text, Move)>,
}

impl Known {
    fn of(live: &Live, account: &str) -> Option<Self> {
        let people = live.customer(account)?.people().iter().take(PEOPLE_MAX);
        let of = |id: &Text| {
            let moves = live.resolver().moves_of(id).into_iter();
            moves.map(|it| (id.clone(), it)).collect::<Vec<_>>()
        };
        Some(Self { moves: people.flat_map(of).collect(), lie: live.where_facts_lie(account)? })
    }
}

/// Where a fact stands among the others: by time, then as the stream has it.
type Place = (i64, u8, Text, Text);

/// A fact with its place.
type Told = (Place, AccountFact);

impl Server {
    pub(super) async fn account_facts(
        &self,
        account: &str,
        filter: &FactFilter,
        listing: &Listing,
    ) -> Answer<Option<AccountFacts>> {
        let before = listing.after.as_deref().map(place_of).transpose()?;
        let mut until = before.as_ref().map_or(Time::MAX, last_before);
        if let Some(end) = filter.until {
            until = until.min(end.0 - Span(1));
        }
        let of = Text::from(account);
        let known = self.ask(move |engine| Known::of(engine.live(), &of)).await?;
        let Some(Known { lie, moves }) = known else { return Ok(None) };
        let read = |recorded: Recorded| {
            let lie = lie.clone();
            blocking(move || lie.read_newest(&recorded.history, until, FACTS_MAX))
        };
        let any = |_: &HistoryError| true;
        let read = on_newest(|| self.newest(), read, any).await?.map_err(Failure::broken)?;
        let (facts, reach) = read;
        let standing = self.standing(account, facts).await?;
        let (filter, limit) = (filter.clone(), listing.limit as usize);
        blocking(move || {
            Some(Reading { standing, moves, until, reach }.page(&filter, before.as_ref(), limit))
        })
        .await
    }

    /// Those of some facts that stand in an account, with whose they are.
    async fn standing(&self, account: &str, facts: Vec<Fact>) -> Answer<Vec<(Fact, Stands)>> {
        let mut standing = Vec::with_capacity(facts.len());
        let mut facts = facts.into_iter();
        loop {
            let some: Vec<Fact> = facts.by_ref().take(FACTS_AT_ONCE).collect();
            if some.is_empty() {
                return Ok(standing);
            }
            let of = Text::from(account);
            let asked = self.ask(move |engine| {
                let stands = engine.live().standing_in(&of, &some);
                let both = some.into_iter().zip(stands);
                both.filter_map(|(fact, stands)| Some((fact, stands?))).collect::<Vec<_>>()
            });
            standing.extend(asked.await?);
        }
    }
}

/// What was read of an account.
struct Reading {
    standing: Vec<(Fact, Stands)>,
    moves: Vec<(Text, Move)>,
    /// Up to which instant.
    until: Time,
    /// How far back; all if `None`.
    reach: Option<Time>,
}

impl Reading {
    fn page(self, filter: &FactFilter, before: Option<&Place>, limit: usize) -> AccountFacts {
        let (until, from) = (self.until, self.from());
        let names = self.names();
        let mut all = self.told();
        all.retain(|it| {
            it.0.0 <= until.micros() && from.is_none_or(|from| it.0.0 >= from.micros())
        });
        all.sort_by(|a, b| b.0.cmp(&a.0));
        for (_, it) in &mut all {
            it.person_name = it.person.as_ref().and_then(|id| names.get(id.as_str()).cloned());
        }
        let (names, people) = words(&all);
        let fits = |it: &Told| before.is_none_or(|before| it.0 < *before) && filter.admits(&it.1);
        let mut found: Vec<Told> = all.into_iter().filter(fits).take(limit + 1).collect();
        let next = if found.len() > limit {
            found.truncate(limit);
            found.last().map(|it| it.0.clone())
        } else {
            let wanted = |it: &Time| filter.since.is_none_or(|since| *it > since.0);
            from.filter(wanted).map(start_of)
        };
        let next = next.map(|it| serde_json::to_string(&it).unwrap_or_default());
        let items = found.into_iter().map(|it| it.1).collect();
        let read_from = from.map(Into::into);
        AccountFacts { page: Page { items, next }, read_from, names, people }
    }

    /// From which instant on all was read; `None` if all was. At its reach there may be more that
    /// was not; where all that was read is of that one instant, the rest is passed over.
    fn from(&self) -> Option<Time> {
        let reach = self.reach?;
        let past_it = self.standing.iter().any(|(fact, _)| fact.time > reach);
        Some(if past_it { reach + Span(1) } else { reach })
    }

    /// What people are called, as far as that was read.
    fn names(&self) -> HashMap<Text, String> {
        let mut traits: HashMap<Text, BTreeMap<usize, (Time, String)>> = HashMap::new();
        for (fact, stands) in &self.standing {
            let (Body::Traits { of: Kind::Person, traits: set }, Some(person)) =
                (&fact.body, &stands.person)
            else {
                continue;
            };
            let known = traits.entry(person.clone()).or_default();
            for (rank, name) in NAME_TRAITS.iter().enumerate() {
                if let Scalar::Text(text) = set.get(name)
                    && !text.is_empty()
                    && known.get(&rank).is_none_or(|it| it.0 <= fact.time)
                {
                    known.insert(rank, (fact.time, text.to_string()));
                }
            }
        }
        let best = |(person, known): (Text, BTreeMap<usize, (Time, String)>)| {
            Some((person, known.into_values().next()?.1))
        };
        traits.into_iter().filter_map(best).collect()
    }

    /// All of it as the API tells it, in no order.
    fn told(mut self) -> Vec<Told> {
        self.standing.sort_by_cached_key(|it| place(&it.0));
        let mut traits = Traits::default();
        let facts = self.standing.iter();
        let facts = facts.filter_map(|(fact, stands)| fact_noun(fact, stands, &mut traits));
        let facts: Vec<Told> = facts.collect();
        facts.into_iter().chain(self.moves.into_iter().map(move_noun)).collect()
    }
}

/// The traits of an account and of its people, as they stand while facts are gone through.
#[derive(Default)]
struct Traits(HashMap<(Option<Text>, Text), Scalar>);

impl Traits {
    /// Sets some, and tells which of them that changes.
    fn set(&mut self, whose: Option<&Text>, traits: &Json) -> Vec<TraitChange> {
        let value = |it: &Scalar| Some(json(it)).filter(|it| !it.is_null());
        let set = traits.flatten().into_iter().filter_map(|(name, to)| {
            let from = self.0.insert((whose.cloned(), name.clone()), to.clone());
            let before = from.as_ref().unwrap_or(&Scalar::Missing);
            (*before != to).then(|| TraitChange {
                name: name.to_string(),
                from: value(before),
                to: value(&to),
            })
        });
        set.collect()
    }
}

fn place(fact: &Fact) -> Place {
    let rank = match &fact.body {
        Body::Traits { .. } => 0,
        Body::Membership { .. } => 1,
        _ => 2,
    };
    (fact.time.micros(), rank, fact.source.clone(), fact.id.clone())
}

/// The first place of an instant.
fn start_of(instant: Time) -> Place {
    (instant.micros(), 0, Text::default(), Text::default())
}

/// The latest instant at which there is something before a place.
fn last_before(place: &Place) -> Time {
    let instant = Time(place.0);
    if *place == start_of(instant) { instant - Span(1) } else { instant }
}

/// The place that a cursor names.
fn place_of(cursor: &str) -> Answer<Place> {
    serde_json::from_str(cursor).map_err(|_| Failure::Invalid {
        parameter: "cursor",
        detail: "the cursor is of no page of this list".to_owned(),
        help: "Hand back `next` of the page before, word for word.".to_owned(),
    })
}

/// A fact as the API tells it; `None` for traits that were only said again.
fn fact_noun(fact: &Fact, stands: &Stands, traits: &mut Traits) -> Option<Told> {
    let mut it = AccountFact {
        id: Some(fact.id.to_string()),
        source: Some(fact.source.to_string()),
        known_at: stands.known_at.map(Into::into),
        person: stands.person.as_ref().map(ToString::to_string),
        ..AccountFact::new(FactKind::Event, fact.time.into())
    };
    match &fact.body {
        Body::Event { name, properties } | Body::Record { name, properties } => {
            if matches!(fact.body, Body::Record { .. }) {
                it.kind = FactKind::Record;
            }
            it.name = Some(name.to_string());
            it.properties = match serde_json::from_str(properties.as_str()) {
                Ok(Value::Object(members)) => Some(members),
                _ => Some(serde_json::Map::new()),
            };
        }
        Body::Traits { of, traits: set } => {
            it.kind = FactKind::Traits;
            let (of, whose) = match of {
                Kind::Account => (SubjectKind::Account, None),
                Kind::Person => (SubjectKind::Person, stands.person.as_ref()),
            };
            it.of = Some(of);
            it.changes = traits.set(whose, set);
            if it.changes.is_empty() {
                return None;
            }
        }
        Body::Membership { joined, role } => {
            it.kind = if *joined { FactKind::Joined } else { FactKind::Left };
            it.role = role.as_ref().map(ToString::to_string);
        }
        // These stand in nobody's stream.
        Body::Link | Body::Alias { .. } | Body::Split { .. } => return None,
    }
    Some((place(fact), it))
}

fn move_noun((person, it): (Text, Move)) -> Told {
    let kind = match it.kind {
        MoveKind::Linked => FactKind::Linked,
        MoveKind::United => FactKind::United,
        MoveKind::Parted => FactKind::Parted,
    };
    let (RawId::User(id) | RawId::Anonymous(id)) = it.id;
    let told = AccountFact {
        known_at: it.known_at.map(Into::into),
        person: Some(person.to_string()),
        other: Some(id.to_string()),
        ..AccountFact::new(kind, it.time.into())
    };
    ((it.time.micros(), 3, person, id), told)
}

/// What a list can be narrowed to.
type Words = (Vec<(String, u64)>, Vec<(String, Option<String>)>);

fn words(all: &[Told]) -> Words {
    let mut names: BTreeMap<&str, u64> = BTreeMap::new();
    let mut people: BTreeMap<&str, (u64, Option<&String>)> = BTreeMap::new();
    for (_, it) in all {
        if let Some(name) = &it.name {
            *names.entry(name).or_default() += 1;
        }
        if let Some(person) = &it.person {
            let known = people.entry(person).or_default();
            *known = (known.0 + 1, it.person_name.as_ref());
        }
    }
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort_by_key(|it| std::cmp::Reverse(it.1));
    let mut people: Vec<_> = people.into_iter().collect();
    people.sort_by_key(|it| std::cmp::Reverse(it.1.0));
    let names = names.into_iter().take(WORDS_MAX).map(|(it, count)| (it.to_owned(), count));
    let people = people.into_iter().take(WORDS_MAX);
    let people = people.map(|(id, (_, name))| (id.to_owned(), name.cloned()));
    (names.collect(), people.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use firsthand_model::fact::Who;

    fn at(second: i64) -> Time {
        Time(second * 1_000_000)
    }

    fn fact(number: i64, second: i64, body: Body) -> (Fact, Stands) {
        let fact = Fact {
            id: number.to_string().into(),
            source: "web".into(),
            time: at(second),
            known_at: Some(at(second)),
            who: Who::default(),
            body,
        };
        (fact, Stands { person: Some("ana".into()), known_at: Some(at(second)) })
    }

    fn event(number: i64, second: i64) -> (Fact, Stands) {
        let properties = Json::parse(r#"{"pages":3}"#).unwrap();
        fact(number, second, Body::Event { name: "Sold".into(), properties })
    }

    fn traits(number: i64, second: i64, of: Kind, json: &str) -> (Fact, Stands) {
        fact(number, second, Body::Traits { of, traits: Json::parse(json).unwrap() })
    }

    fn all_of(standing: Vec<(Fact, Stands)>) -> Vec<AccountFact> {
        let reading = Reading { standing, moves: Vec::new(), until: Time::MAX, reach: None };
        reading.page(&FactFilter::default(), None, 100).page.items
    }

    /// Page by page, reading at most `most` facts for each, as the history would.
    fn paged(all: &[(Fact, Stands)], most: usize, limit: usize) -> Vec<String> {
        let (mut told, mut cursor): (Vec<String>, Option<String>) = (Vec::new(), None);
        for _ in 0..1_000 {
            let before = cursor.as_deref().map(|it| place_of(it).unwrap());
            let until = before.as_ref().map_or(Time::MAX, last_before);
            let mut there: Vec<_> = all.iter().filter(|it| it.0.time <= until).cloned().collect();
            there.sort_by_key(|it| place(&it.0));
            let cut = there.len().saturating_sub(most);
            let standing = there.split_off(cut);
            let reach = (cut > 0).then(|| standing[0].0.time);
            let reading = Reading { standing, moves: Vec::new(), until, reach };
            let page = reading.page(&FactFilter::default(), before.as_ref(), limit).page;
            told.extend(page.items.into_iter().filter_map(|it| it.id));
            match page.next {
                Some(next) => cursor = Some(next),
                None => return told,
            }
        }
        panic!("the pages never end");
    }

    #[test]
    fn the_pages_are_the_whole_however_little_is_read_at_once() {
        let all: Vec<_> = (0..60).map(|it| event(it, it / 3)).collect();
        let whole = paged(&all, 100, 100);
        assert_eq!(whole.len(), 60);
        for most in [4, 7, 59] {
            for limit in [1, 5, 100] {
                assert_eq!(paged(&all, most, limit), whole, "{most} read, {limit} a page");
            }
        }
    }

    #[test]
    fn an_instant_with_more_than_is_read_at_once_does_not_hold_up_what_is_older() {
        let all: Vec<_> = (0..20).map(|it| event(it, i64::from(it >= 5))).collect();
        let told = paged(&all, 8, 3);
        assert_eq!(told.len(), 13, "eight of the instant, and the five before it");
    }

    #[test]
    fn traits_are_told_where_they_change() {
        let told = all_of(vec![
            traits(1, 1, Kind::Account, r#"{"plan":"free","seats":3}"#),
            traits(2, 2, Kind::Account, r#"{"plan":"free","seats":3}"#),
            traits(3, 3, Kind::Account, r#"{"plan":"pro","seats":3}"#),
            traits(4, 4, Kind::Person, r#"{"plan":"pro","name":"Ana"}"#),
            traits(5, 5, Kind::Account, r#"{"seats":null}"#),
        ]);
        let changes = |it: &AccountFact| {
            let text = |it: &Option<Value>| it.as_ref().map_or("-".to_owned(), Value::to_string);
            let of = |it: &TraitChange| format!("{} {} {}", it.name, text(&it.from), text(&it.to));
            it.changes.iter().map(of).collect::<Vec<_>>().join(", ")
        };
        let told: Vec<String> = told.iter().rev().map(changes).collect();
        let wanted = [
            r#"plan - "free", seats - 3"#,
            r#"plan "free" "pro""#,
            r#"plan - "pro", name - "Ana""#,
            "seats 3 -",
        ];
        assert_eq!(told, wanted);
    }

    #[test]
    fn people_are_called_by_their_newest_name() {
        let named = |number, second, json| traits(number, second, Kind::Person, json);
        let told = all_of(vec![
            named(1, 1, r#"{"email":"ana@acme.example","name":"Ana"}"#),
            event(2, 2),
            named(3, 3, r#"{"name":"Ana Lee"}"#),
        ]);
        assert!(told.iter().all(|it| it.person_name.as_deref() == Some("Ana Lee")), "{told:?}");
    }

    #[test]
    fn what_is_asked_for_narrows_and_an_id_that_turned_out_to_be_theirs_is_among_it() {
        let link = Move {
            time: at(2),
            kind: MoveKind::Linked,
            id: RawId::Anonymous("device".into()),
            known_at: None,
        };
        let reading = Reading {
            standing: vec![event(1, 1), event(2, 3)],
            moves: vec![("ana".into(), link)],
            until: Time::MAX,
            reach: None,
        };
        let found = reading.page(&FactFilter::default(), None, 100);
        let kinds: Vec<FactKind> = found.page.items.iter().map(|it| it.kind).collect();
        assert_eq!(kinds, [FactKind::Event, FactKind::Linked, FactKind::Event]);
        assert_eq!(found.page.items[1].other.as_deref(), Some("device"));
        assert_eq!(found.names, [("Sold".to_owned(), 2)]);
        assert_eq!(found.people, [("ana".to_owned(), None)]);
        let narrowed = FactFilter {
            kinds: vec![FactKind::Event],
            until: Some(at(3).into()),
            person: Some("ana".to_owned()),
            ..FactFilter::default()
        };
        let reading = Reading {
            standing: vec![event(1, 1), event(2, 3)],
            moves: Vec::new(),
            until: at(3) - Span(1),
            reach: None,
        };
        let ids: Vec<_> = reading.page(&narrowed, None, 100).page.items;
        assert_eq!(ids.iter().filter_map(|it| it.id.as_deref()).collect::<Vec<_>>(), ["1"]);
    }
}
