//! People of several accounts: one stream over all of them.
//!
//! A person's definition is judged on all that the person does, wherever. What it reads of the
//! account (`account.plan`, `account (V)`) is that of the account the person was last active in.

use std::collections::{BTreeMap, BTreeSet};

use firsthand_model::fact::{Kind, Row, RowBody};
use firsthand_model::{Scalar, Text, Time};

use crate::eval::value::Value;
use crate::world::Imports;

/// Where a person's facts lie: account and row, in order of time.
pub type Journey = Vec<(Text, Row)>;

/// The people with facts of their own in more than one account, and those facts up to an instant:
/// what comes later says nothing about where a person is.
pub fn travellers(accounts: &BTreeMap<Text, Vec<Row>>, until: Time) -> BTreeMap<Text, Journey> {
    let mut at: BTreeMap<&Text, BTreeSet<&Text>> = BTreeMap::new();
    for (account, rows) in accounts {
        for person in rows.iter().filter(|row| !row.copy).filter_map(|row| row.person.as_ref()) {
            at.entry(person).or_default().insert(account);
        }
    }
    let several = at.into_iter().filter(|(_, accounts)| accounts.len() > 1);
    let journeys = several.map(|(person, at)| {
        let mut journey = Journey::new();
        for account in at {
            let own = accounts[account]
                .iter()
                .filter(|row| !row.copy && row.person.as_ref() == Some(person))
                .filter(|row| row.time <= until);
            journey.extend(own.map(|row| (account.clone(), row.clone())));
        }
        journey.sort_by(|a, b| a.1.order().cmp(&b.1.order()));
        (person.clone(), journey)
    });
    journeys.collect()
}

/// The account a person is in at each fact of a journey: the one they last did something in.
/// Being added to another moves nobody. Before they do anything it is each fact's own.
fn whereabouts(journey: &Journey) -> impl Iterator<Item = &Text> {
    let mut active = None;
    journey.iter().map(move |(account, row)| {
        if matches!(row.body, RowBody::Event { record: false, .. }) {
            active = Some(account);
        }
        active.unwrap_or(account)
    })
}

/// The account a person is in at the end of a journey.
pub fn newest(journey: &Journey) -> Option<&Text> {
    whereabouts(journey).last()
}

/// The stream of such a person: the journey's rows, with the account's traits and exported
/// values as they stand wherever the person is.
pub fn stream(
    journey: &Journey,
    accounts: &BTreeMap<Text, Vec<Row>>,
    exported: &BTreeMap<Text, Imports>,
) -> (Vec<Row>, Imports) {
    let (mut rows, mut imports) = (Vec::new(), Imports::new());
    let mut known: BTreeSet<Text> = BTreeSet::new();
    let at = whereabouts(journey).zip(journey).collect::<Vec<_>>();
    let mut stays = at.chunk_by(|a, b| a.0 == b.0).peekable();
    while let Some(stay) = stays.next() {
        let (account, (_, first)) = stay[0];
        let arrival = first.time;
        let until = stays.peek().map_or(Time::MAX, |next| next[0].1.1.time);
        let traits = accounts
            .get(account)
            .into_iter()
            .flatten()
            .filter(|row| matches!(row.body, RowBody::Traits { of: Kind::Account, .. }));
        let (before, during): (Vec<_>, Vec<_>) =
            traits.filter(|row| row.time < until).partition(|row| row.time <= arrival);
        rows.extend(on_arrival(&before, first, &mut known));
        for row in &during {
            known.extend(names(row).map(|(name, _)| name.clone()));
        }
        rows.extend(during.into_iter().cloned());
        rows.extend(stay.iter().map(|(_, (_, row))| row.clone()));

        let empty = Imports::new();
        let said = exported.get(account).unwrap_or(&empty);
        let here = said.partition_point(|(at, ..)| *at <= arrival);
        let mut standing: BTreeMap<u32, Value> = BTreeMap::new();
        for (_, slot, value) in &said[..here] {
            standing.insert(*slot, value.clone());
        }
        imports.extend(standing.into_iter().map(|(slot, value)| (arrival, slot, value)));
        imports.extend(said[here..].iter().filter(|(at, ..)| *at < until).cloned());
    }
    rows.sort_by(|a, b| a.order().cmp(&b.order()));
    imports.sort_by_key(|(at, slot, _)| (*at, *slot));
    (rows, imports)
}

/// One row that sets an account's traits as they stand at the arrival there, and takes back those
/// of the account before.
pub fn on_arrival(before: &[&Row], first: &Row, known: &mut BTreeSet<Text>) -> Option<Row> {
    let mut standing = std::mem::take(known)
        .into_iter()
        .map(|name| (name, Scalar::Missing))
        .collect::<BTreeMap<_, _>>();
    for (name, value) in before.iter().flat_map(|row| names(row)) {
        standing.insert(name.clone(), value.clone());
    }
    *known = standing.keys().cloned().collect();
    if standing.is_empty() {
        return None;
    }
    let traits = RowBody::Traits { of: Kind::Account, traits: standing.into_iter().collect() };
    let known_at = before.iter().filter_map(|row| row.known_at).chain(first.known_at).max();
    Some(Row { body: traits, known_at, ..first.clone() })
}

fn names(row: &Row) -> impl Iterator<Item = &(Text, Scalar)> {
    match &row.body {
        RowBody::Traits { traits, .. } => traits.iter(),
        _ => [].iter(),
    }
}
