//! Reading a segment account by account into columns of whole numbers, for judging in bulk.
//!
//! Most rows are events that nobody looks at one by one: of these only the time and the numbers
//! of name and person are taken. Rows that somebody asks for are made whole.

use std::ops::Range;

use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{Array, BooleanArray, Int32Array, PrimitiveArray, StringArray};
use firsthand_model::fact::{Kind, Row, RowBody};
use firsthand_model::{Json, Text, Time};
use firsthand_rules::bulk::plan::Plan as BulkPlan;
use firsthand_rules::bulk::words::Words as Numbers;
use firsthand_rules::bulk::Columns;

use super::Segment;
use super::batch::{Batch, Batches, Words, text_at, time_at};
use super::columns::{Dictionary, Plan, RowKind, Values};
use crate::error::Result;
use crate::scan::Projection;

/// What a bulk scan always reads.
const ALWAYS: [&str; 11] = [
    "account",
    "time",
    "attributed_at",
    "source",
    "kind",
    "name",
    "person",
    "of",
    "joined",
    "role",
    "traits",
];

/// One account's rows as columns.
#[derive(Debug, Default)]
pub(crate) struct AccountColumns {
    times: Vec<i64>,
    /// Empty as long as no row has told when it was known.
    known: Vec<i64>,
    names: Vec<u32>,
    persons: Vec<u32>,
    /// For each path of the program; those that no measure reads stay empty.
    values: Vec<Vec<u32>>,
    rows: Vec<Row>,
}

impl AccountColumns {
    /// For a program that reads so many paths.
    pub fn new(paths: usize) -> Self {
        Self { values: vec![Vec::new(); paths], ..Self::default() }
    }

    pub fn clear(&mut self) {
        self.times.clear();
        self.known.clear();
        self.names.clear();
        self.persons.clear();
        self.values.iter_mut().for_each(Vec::clear);
        self.rows.clear();
    }

    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// The columns, for judging.
    pub fn of<'a>(&'a self, account: &'a str) -> Columns<'a> {
        Columns {
            account,
            times: &self.times,
            known: &self.known,
            names: &self.names,
            persons: &self.persons,
            values: &self.values,
            rows: &self.rows,
        }
    }

    /// Puts rows of several segments into order. False where two of different segments are of one
    /// instant: only whole rows have an order then.
    pub fn sort(&mut self, parts: &[usize]) -> bool {
        let mut order: Vec<u32> = (0..u32::try_from(self.len()).unwrap_or(u32::MAX)).collect();
        order.sort_by_key(|it| self.times[*it as usize]);
        let part = |it: u32| parts.partition_point(|end| *end <= it as usize);
        let apart = order.windows(2).all(|it| {
            self.times[it[0] as usize] != self.times[it[1] as usize] || part(it[0]) == part(it[1])
        });
        let numbers = [&mut self.names, &mut self.persons].into_iter().chain(&mut self.values);
        for column in numbers.filter(|it| !it.is_empty()) {
            *column = order.iter().map(|it| column[*it as usize]).collect();
        }
        for column in [&mut self.known, &mut self.times] {
            if !column.is_empty() {
                *column = order.iter().map(|it| column[*it as usize]).collect();
            }
        }
        self.rows.sort_by_key(|it| it.time);
        apart
    }
}

/// What a name means to a plan.
#[derive(Clone, Copy)]
struct Named {
    number: u32,
    wants_row: bool,
    wants_values: bool,
}

/// Goes through a segment account by account.
pub(crate) struct BulkCursor<'p> {
    batches: Batches,
    plan: &'p BulkPlan,
    columns: Plan,
    /// The paths that measures read, by their place.
    values_read: Vec<usize>,
    events: Dictionary<Named>,
    records: Dictionary<Named>,
    persons: Dictionary<(u32, Text)>,
    loaded: Option<Loaded>,
    next: usize,
    account: Option<Text>,
}

/// The columns of the batch at hand.
struct Loaded {
    batch: Batch,
    account: Int32Array,
    accounts: StringArray,
    time: PrimitiveArray<TimestampMicrosecondType>,
    attributed_at: PrimitiveArray<TimestampMicrosecondType>,
    kinds: Vec<Option<RowKind>>,
    kind: Int32Array,
    joined: BooleanArray,
    traits: StringArray,
}

impl Loaded {
    fn of(batch: Batch) -> Result<Self> {
        let account = batch.words("account")?;
        let kind = batch.words("kind")?;
        Ok(Self {
            account: account.keys.clone(),
            accounts: account.values.clone(),
            time: batch.instants("time")?.clone(),
            attributed_at: batch.instants("attributed_at")?.clone(),
            kinds: kind.values.iter().map(|it| it.and_then(RowKind::of)).collect(),
            kind: kind.keys.clone(),
            joined: batch.flags("joined")?.clone(),
            traits: batch.texts("traits")?.clone(),
            batch,
        })
    }

    fn account_at(&self, row: usize) -> &str {
        let key = usize::try_from(self.account.value(row)).unwrap_or_default();
        if self.account.is_valid(row) { self.accounts.value(key) } else { "" }
    }

    /// The end of the rows with the same key as this one's.
    fn run_end(&self, row: usize) -> usize {
        let keys = self.account.values();
        let key = keys[row];
        row + keys[row..].iter().position(|it| *it != key).unwrap_or(keys.len() - row)
    }
}

impl<'p> BulkCursor<'p> {
    pub fn new(segment: &Segment, live: &[Range<usize>], plan: &'p BulkPlan) -> Result<Self> {
        let columns = Plan::new(segment, &Projection { paths: plan.paths().to_vec(), ..Projection::default() });
        let names = columns.columns(&ALWAYS);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let values_read = plan.values_read().into_iter().map(|it| it as usize).collect();
        Ok(Self {
            batches: segment.batches(Some(&names), live)?,
            plan,
            columns,
            values_read,
            events: Dictionary::default(),
            records: Dictionary::default(),
            persons: Dictionary::default(),
            loaded: None,
            next: 0,
            account: None,
        })
    }

    /// The account it stands at; `None` at the end.
    pub fn account(&mut self) -> Result<Option<&Text>> {
        while self.loaded.as_ref().is_none_or(|it| self.next >= it.batch.len()) {
            let Some(batch) = self.batches.next().transpose()? else {
                self.account = None;
                return Ok(None);
            };
            let loaded = Loaded::of(batch)?;
            self.events.renew(loaded.batch.words("name")?.values);
            self.records.renew(loaded.batch.words("name")?.values);
            self.persons.renew(loaded.batch.words("person")?.values);
            (self.loaded, self.next) = (Some(loaded), 0);
            self.account = None;
        }
        if let (None, Some(loaded)) = (&self.account, &self.loaded) {
            self.account = Some(loaded.account_at(self.next).into());
        }
        Ok(self.account.as_ref())
    }

    /// Appends the rows of the account it stands at, and goes on to the next.
    pub fn take_account(&mut self, numbers: &mut Numbers, into: &mut AccountColumns) -> Result<()> {
        let Some(account) = self.account()?.cloned() else { return Ok(()) };
        // An account may go on in the next batch, or under another key of the dictionary.
        while self.account()? == Some(&account) {
            let Some(loaded) = self.loaded.take() else { break };
            let rows = self.next..loaded.run_end(self.next);
            self.next = rows.end;
            self.take_rows(&loaded, rows, numbers, into)?;
            self.loaded = Some(loaded);
            self.account = None;
        }
        Ok(())
    }

    fn take_rows(
        &mut self,
        loaded: &Loaded,
        rows: Range<usize>,
        numbers: &mut Numbers,
        into: &mut AccountColumns,
    ) -> Result<()> {
        let Self { plan, columns, values_read, events, records, persons, .. } = self;
        let Loaded { batch, time, attributed_at, .. } = loaded;
        let (name, person) = (batch.words("name")?, batch.words("person")?);
        let mut values = None;
        let told = attributed_at.null_count() < attributed_at.len();
        for row in rows {
            let kind = loaded.kinds[usize::try_from(loaded.kind.value(row)).unwrap_or_default()];
            let Some(kind) = kind else { continue };
            if told {
                into.known.resize(into.times.len(), Columns::UNTOLD);
                into.known.push(time_at(attributed_at, row).map_or(Columns::UNTOLD, |it| it.0));
            }
            into.times.push(time.value(row));
            let who = persons.get(&person, row, |it| (numbers.person(it), it.into()));
            into.persons.push(who.map_or(Numbers::NONE, |it| it.0));
            let RowKind::Event { record } = kind else {
                into.names.push(Numbers::NONE);
                into.rows.push(standing(loaded, kind, row, who.map(|it| &it.1))?);
                continue;
            };
            let names = if record { &mut *records } else { &mut *events };
            let named = names.get(&name, row, |it| Named {
                number: numbers.name(it, record),
                wants_row: plan.wants_row(it, record),
                wants_values: plan.wants_values(it, record),
            });
            let Some(Named { number, wants_row, wants_values }) = named.copied() else {
                return Err(batch.damaged("an event has no name"));
            };
            into.names.push(number);
            if !wants_row && !wants_values {
                continue;
            }
            let values = match &mut values {
                Some(values) => values,
                none => none.insert(Values::of(batch, columns)?),
            };
            let of_row = values.get(row);
            if wants_values {
                for path in &*values_read {
                    let column = &mut into.values[*path];
                    column.resize(into.names.len() - 1, Numbers::NONE);
                    column.push(numbers.value(of_row[*path].clone()));
                }
            }
            if wants_row {
                let (name, _) = numbers.name_of(number);
                let body = RowBody::Event { name: name.clone(), record, values: of_row };
                into.rows.push(whole(loaded, row, who.map(|it| &it.1), body)?);
            }
        }
        for path in &*values_read {
            into.values[*path].resize(into.names.len(), Numbers::NONE);
        }
        if !into.known.is_empty() {
            into.known.resize(into.times.len(), Columns::UNTOLD);
        }
        Ok(())
    }
}

/// A row that is no event.
fn standing(loaded: &Loaded, kind: RowKind, row: usize, person: Option<&Text>) -> Result<Row> {
    let body = match kind {
        RowKind::Membership => RowBody::Membership {
            joined: loaded.joined.value(row),
            role: loaded.batch.words("role")?.text(row),
        },
        _ => {
            let account = loaded.batch.words("of")?.get(row) == Some(Kind::Account.word());
            let of = if account { Kind::Account } else { Kind::Person };
            let traits = text_at(&loaded.traits, row).and_then(|it| Json::parse(it).ok());
            RowBody::Traits { of, traits: traits.unwrap_or_default().flatten().into() }
        }
    };
    whole(loaded, row, person, body)
}

/// A row with a body. Its id is left out: the segment's order is its place in the stream.
fn whole(loaded: &Loaded, row: usize, person: Option<&Text>, body: RowBody) -> Result<Row> {
    let source: Words<'_> = loaded.batch.words("source")?;
    Ok(Row {
        time: Time(loaded.time.value(row)),
        known_at: time_at(&loaded.attributed_at, row),
        id: Text::default(),
        source: source.text(row).unwrap_or_default(),
        person: person.cloned(),
        copy: false,
        body,
    })
}
