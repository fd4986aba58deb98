//! Persons whose facts are spread over several accounts.
//!
//! Most persons live in one account, and their stream is part of its stream. A few change
//! accounts, or begin on their own before they join one; their streams are gathered here.

use firsthand_model::Text;
use firsthand_model::fact::Row;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::error::Result;
use crate::history::{History, State};
use crate::scan::{Projection, Scan};
use crate::segment::Segment;

/// A person's whole stream, with the account of each row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traveller {
    /// The person.
    pub person: Text,
    /// The rows by [`Row::order`], originals only, each with its account.
    pub rows: Vec<(Text, Row)>,
}

/// Rows by person, each with its account.
type Streams = FxHashMap<Text, Vec<(Text, Row)>>;

impl History {
    /// The streams of all persons with facts in more than one account, by person.
    pub fn travellers(&self, projection: &Projection, scan: Scan<'_>) -> Result<Vec<Traveller>> {
        let several = self.in_several_accounts(scan)?;
        if several.is_empty() {
            return Ok(Vec::new());
        }
        let parts = self.fold_accounts(projection, scan, Streams::default, |streams, it| {
            for row in it.rows.iter().filter(|it| !it.copy) {
                let Some(person) = &row.person else { continue };
                if several.contains(person) {
                    let stream = streams.entry(person.clone()).or_default();
                    stream.push((it.account.into(), row.clone()));
                }
            }
        })?;
        let mut streams = Streams::default();
        for (person, rows) in parts.into_iter().flatten() {
            streams.entry(person).or_default().extend(rows);
        }
        let mut travellers: Vec<Traveller> = streams
            .into_iter()
            .map(|(person, mut rows)| {
                rows.sort_by(|a, b| a.1.order().cmp(&b.1.order()));
                Traveller { person, rows }
            })
            .collect();
        travellers.sort_unstable_by(|a, b| a.person.cmp(&b.person));
        Ok(travellers)
    }

    /// The persons with facts in more than one account, whatever they are about.
    fn in_several_accounts(&self, scan: Scan<'_>) -> Result<FxHashSet<Text>> {
        let parts =
            self.in_buckets(scan, |bucket| accounts_by_person(&self.state, bucket, scan))?;
        let mut all: FxHashMap<Text, Accounts> = FxHashMap::default();
        for (person, accounts) in parts.into_iter().flatten() {
            all.entry(person).and_modify(|it| it.join(&accounts)).or_insert(accounts);
        }
        let several = all.into_iter().filter(|(_, it)| matches!(it, Accounts::Several));
        Ok(several.map(|(person, _)| person).collect())
    }
}

/// The accounts that a person's facts are in.
enum Accounts {
    One(Text),
    Several,
}

impl Accounts {
    fn join(&mut self, other: &Self) {
        match (&*self, other) {
            (Self::One(a), Self::One(b)) if a == b => {}
            _ => *self = Self::Several,
        }
    }
}

fn accounts_by_person(
    state: &State,
    bucket: u32,
    scan: Scan<'_>,
) -> Result<FxHashMap<Text, Accounts>> {
    let mut found: FxHashMap<Text, Accounts> = FxHashMap::default();
    for entry in state.catalogue.in_bucket(bucket) {
        let segment = Segment::open(&state.dir, entry)?;
        let live = state.overlay.live(&entry.file.file, 0..segment.rows());
        for batch in segment.batches(Some(&["account", "person", "copy"]), &live)? {
            scan.check()?;
            let batch = batch?;
            let (accounts, persons) = (batch.words("account")?, batch.words("person")?);
            let copies = batch.flags("copy")?;
            let mut last = None;
            for row in 0..batch.len() {
                let keys = (accounts.key(row), persons.key(row));
                if copies.value(row) || last == Some(keys) {
                    continue;
                }
                last = Some(keys);
                let (account, person) = (accounts.get(row), persons.get(row));
                let Some((account, person)) = account.zip(person) else {
                    continue;
                };
                if account.is_empty() {
                    continue;
                }
                match found.get_mut(person) {
                    None => _ = found.insert(person.into(), Accounts::One(account.into())),
                    Some(Accounts::One(known)) if known == account => {}
                    Some(other) => *other = Accounts::Several,
                }
            }
        }
    }
    Ok(found)
}
