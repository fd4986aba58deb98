//! Reading a segment account by account into columns of whole numbers, for judging in bulk.
//!
//! Most rows are events that nobody looks at one by one: of these only the time and the numbers
//! of name and person are taken, a whole run at a time. Rows that somebody asks for are made
//! whole. A row group is decoded at a time ([`super::pages`]).

use std::collections::VecDeque;
use std::fs::File;
use std::ops::Range;

use bytes::Bytes;
use firsthand_model::fact::{Kind, Row, RowBody};
use firsthand_model::{Decimal, Json, Scalar, Text, Time};
use firsthand_rules::bulk::Columns;
use firsthand_rules::bulk::plan::Plan;
use firsthand_rules::bulk::words::Words;
use parquet::errors::Result as ParquetResult;
use rustc_hash::FxHashMap;

use super::Segment;
use super::columns::RowKind;
use super::pages::{Dictionary, Few, Pages, Runs};
use super::schema::promoted_name;
use crate::catalogue::{ColumnKind, PromotedColumn};
use crate::error::{HistoryError, Result};
use crate::json::Object;

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
    /// The numbers of people, where the rows come from more than one row group.
    people: FxHashMap<Text, u32>,
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
        self.people.clear();
    }

    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// The rows that a plan asks for, where they are not at hand any more.
    pub fn rows(&self) -> &[Row] {
        &self.rows
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
        }
    }

    /// Numbers persons anew, from a place on: each row group has a dictionary of its own, and the
    /// account's rows come from more than one.
    fn number_people(&mut self, dictionary: &Dictionary, from: usize) {
        for number in &mut self.persons[from..] {
            let Some(person) = dictionary.word(*number) else { continue };
            let next = u32::try_from(self.people.len() + 1).expect("fewer people than 2^32");
            *number = *self.people.entry(person.into()).or_insert(next);
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

/// Goes through a segment account by account.
pub(crate) struct BulkCursor<'p> {
    segment: Segment,
    file: File,
    plan: &'p Plan,
    paths: Vec<Path>,
    /// Whether traits of accounts and of persons are asked for, and memberships.
    wants: [bool; 2],
    wants_memberships: bool,
    /// Whether rows of events are asked for, and whether who their persons are.
    reads_events: bool,
    reads_person_names: bool,
    /// The stretches of rows that count, those to come.
    live: VecDeque<Range<usize>>,
    /// The next row group, and the number of its first row.
    next_group: usize,
    next_first: usize,
    group: Option<Group>,
    account: Option<Text>,
    /// The rows of the account taken last, within the group at hand; `None` if there are others.
    taken: Option<Range<usize>>,
}

/// A path of the program, and where its values are in this segment.
struct Path {
    name: Text,
    column: Option<PromotedColumn>,
    /// Whether a measure reads it.
    measured: bool,
}

/// A decoded row group, and how far it has been read.
struct Group {
    /// The number of its first row within the segment, and its rows.
    first: usize,
    rows: usize,
    /// The next row, and the run of accounts that it is in.
    next: usize,
    run: usize,
    account: Runs,
    accounts: Dictionary,
    kind: Runs,
    kinds: Vec<Option<RowKind>>,
    time: Vec<i64>,
    attributed_at: Option<Vec<i64>>,
    name: Vec<u32>,
    names: Dictionary,
    /// What each name means to the plan, as an event and as a record.
    events: Vec<Named>,
    records: Vec<Named>,
    person: Vec<u32>,
    persons: Dictionary,
    source: (Runs, Dictionary),
    of: (Runs, Dictionary),
    memberships: Option<Memberships>,
    traits: Few<Bytes>,
    values: Vec<Column>,
    properties: Option<Few<Bytes>>,
}

/// Whether each row's person joined, and their roles.
type Memberships = (Few<bool>, Runs, Dictionary);

fn memberships(pages: &Pages<'_>) -> ParquetResult<Memberships> {
    let (role, roles) = pages.runs("role")?;
    Ok((pages.flags("joined")?, role, roles))
}

/// The values of one path.
enum Column {
    /// Nothing but what the JSON holds.
    Json,
    Text(Vec<u32>, Dictionary, Vec<u32>),
    Number(Few<i64>),
    Bool(Few<bool>),
}

/// What a name means to a plan.
#[derive(Clone, Copy, Default)]
struct Named {
    number: u32,
    /// Whether its rows or values are asked for.
    row: bool,
    values: bool,
}

impl<'p> BulkCursor<'p> {
    pub fn new(segment: Segment, live: Vec<Range<usize>>, plan: &'p Plan) -> Result<Self> {
        let column = |path: &Text| segment.promoted().iter().find(|it| it.path == *path).cloned();
        let measured = plan.values_read();
        let paths = (0..).zip(plan.paths()).map(|(number, path)| Path {
            name: path.clone(),
            column: column(path),
            measured: measured.contains(&number),
        });
        Ok(Self {
            paths: paths.collect(),
            file: File::open(segment.path()).map_err(HistoryError::io("open", segment.path()))?,
            segment,
            wants: [Kind::Account, Kind::Person].map(|it| plan.wants_standing(Some(it))),
            wants_memberships: plan.wants_standing(None),
            reads_events: plan.reads_events(),
            reads_person_names: plan.reads_person_names(),
            plan,
            live: live.into(),
            next_group: 0,
            next_first: 0,
            group: None,
            account: None,
            taken: None,
        })
    }

    /// The account it stands at; `None` at the end.
    pub fn account(&mut self, words: &mut Words) -> Result<Option<&Text>> {
        if self.account.is_none() && self.seek(words)? {
            let group = self.group.as_ref().expect("it was just found");
            let number = group.account.all()[group.run].1;
            self.account = Some(group.accounts.word(number).unwrap_or_default().into());
        }
        Ok(self.account.as_ref())
    }

    /// Goes to the next row that counts; false at the end.
    fn seek(&mut self, words: &mut Words) -> Result<bool> {
        loop {
            let Some(live) = self.live.front() else { return Ok(false) };
            let Some(group) = self.group.as_mut().filter(|it| it.next < it.rows) else {
                let groups = self.segment.metadata().row_groups();
                let Some(group) = groups.get(self.next_group) else { return Ok(false) };
                let pages = Pages::of(&self.file, group);
                let (first, rows) = (self.next_first, pages.rows());
                (self.next_group, self.next_first) = (self.next_group + 1, first + rows);
                if first + rows > live.start {
                    let group = self.decode(&pages, first, words);
                    self.group = Some(group.map_err(HistoryError::parquet(self.segment.path()))?);
                }
                continue;
            };
            let at = group.first + group.next;
            if live.end <= at {
                self.live.pop_front();
            } else if at < live.start {
                group.next = (live.start - group.first).min(group.rows);
                group.run = group.account.place(group.next);
            } else {
                return Ok(true);
            }
        }
    }

    /// Appends the rows of the account it stands at, and goes on to the next. `alone` tells
    /// whether no other segment has rows of that account.
    pub fn take_account(
        &mut self,
        words: &mut Words,
        into: &mut AccountColumns,
        alone: bool,
    ) -> Result<()> {
        let Some(account) = self.account(words)?.cloned() else { return Ok(()) };
        let mut times = 0;
        // An account may go on in the next row group, or behind rows that count no more.
        while self.account(words)? == Some(&account) {
            let live_end = self.live.front().map_or(0, |it| it.end);
            let Some(mut group) = self.group.take() else { break };
            let run_end = group.account.all()[group.run].0 as usize;
            let end = run_end.min(live_end - group.first);
            let rows = group.next..end;
            group.next = end;
            times += 1;
            let at_hand = alone && times == 1 && end == run_end && end < group.rows;
            self.taken = at_hand.then(|| rows.clone());
            if end == run_end {
                group.run += 1;
            }
            let first_person = into.persons.len();
            self.take_rows(&mut group, rows.clone(), words, into);
            if !at_hand {
                into.rows.extend(self.whole_rows(&group, rows, false));
            }
            if self.reads_person_names {
                for number in &mut into.persons[first_person..] {
                    *number =
                        group.persons.word(*number).map_or(Words::NONE, |it| words.person(it));
                }
            } else if !at_hand {
                into.number_people(&group.persons, first_person);
            }
            self.group = Some(group);
            self.account = None;
            if at_hand {
                // To seek the next account may mean to leave the row group.
                break;
            }
        }
        Ok(())
    }

    /// The rows of the account taken last, whole but for their ids: those that the plan asks for,
    /// or all. `None` where they are no longer at hand.
    pub fn rows_again(&self, all: bool) -> Option<Vec<Row>> {
        let group = self.group.as_ref()?;
        Some(self.whole_rows(group, self.taken.clone()?, all))
    }

    /// Some rows of a group, whole but for their ids: their order is their place.
    fn whole_rows(&self, group: &Group, rows: Range<usize>, all: bool) -> Vec<Row> {
        let mut whole = Vec::new();
        let mut kind_run = group.kind.place(rows.start);
        let mut at = rows.start;
        while at < rows.end {
            let (end, kind) = group.kind.all()[kind_run];
            kind_run += 1;
            let run = at..rows.end.min(end as usize);
            at = run.end;
            match group.kinds.get(kind as usize).copied().flatten() {
                Some(RowKind::Event { record }) => {
                    let named = if record { &group.records } else { &group.events };
                    if !all && !named.iter().any(|it| it.row) {
                        continue;
                    }
                    for row in run.filter(|it| all || named[group.name[*it] as usize].row) {
                        let name = group.names.word(group.name[row]).unwrap_or_default().into();
                        let values = self.paths.iter().zip(0..);
                        let values = values.map(|(path, from)| group.value(from, path, row));
                        let values = values.collect();
                        whole.push(group.whole(row, RowBody::Event { name, record, values }));
                    }
                }
                Some(RowKind::Traits) => {
                    let asked = |it: &usize| all || self.wants[group.trait_kind(*it) as usize];
                    whole.extend(run.filter(asked).map(|it| group.traits(it)));
                }
                Some(RowKind::Membership) if all || self.wants_memberships => {
                    whole.extend(run.map(|it| group.membership(it)));
                }
                _ => {}
            }
        }
        whole
    }

    fn take_rows(
        &self,
        group: &mut Group,
        rows: Range<usize>,
        words: &mut Words,
        into: &mut AccountColumns,
    ) {
        let mut kind_run = group.kind.place(rows.start);
        let mut at = rows.start;
        while at < rows.end {
            let (end, kind) = group.kind.all()[kind_run];
            kind_run += 1;
            let run = at..rows.end.min(end as usize);
            at = run.end;
            let Some(kind) = group.kinds.get(kind as usize).copied().flatten() else { continue };
            into.times.extend_from_slice(&group.time[run.clone()]);
            into.persons.extend_from_slice(&group.person[run.clone()]);
            if let Some(known) = &group.attributed_at {
                into.known.resize(into.times.len() - run.len(), Columns::UNTOLD);
                into.known.extend_from_slice(&known[run.clone()]);
            }
            let RowKind::Event { record } = kind else {
                into.names.resize(into.times.len(), Words::NONE);
                continue;
            };
            let named = if record { &group.records } else { &group.events };
            let first = into.names.len();
            into.names.extend(group.name[run.clone()].iter().map(|it| named[*it as usize].number));
            if !named.iter().any(|it| it.values) {
                continue;
            }
            for (place, row) in run.enumerate() {
                let named = if record { &group.records } else { &group.events };
                if !named[group.name[row] as usize].values {
                    continue;
                }
                for (path, to) in self.paths.iter().zip(0..).filter(|(it, _)| it.measured) {
                    let column = &mut into.values[to];
                    column.resize(first + place, Words::NONE);
                    column.push(group.number(to, path, row, words));
                }
            }
        }
        for (_, column) in self.paths.iter().zip(&mut into.values).filter(|(it, _)| it.measured) {
            column.resize(into.names.len(), Words::NONE);
        }
        if !into.known.is_empty() {
            into.known.resize(into.times.len(), Columns::UNTOLD);
        }
    }

    fn decode(&self, pages: &Pages<'_>, first: usize, words: &mut Words) -> ParquetResult<Group> {
        let (account, accounts) = pages.runs("account")?;
        let (kind, kinds) = pages.runs("kind")?;
        let kind_of = |it| kinds.word(it).and_then(RowKind::of);
        let (name, names) = pages.words("name")?;
        let (person, persons) = pages.words("person")?;
        let mut meaning = |record: bool| {
            let mut of = |number: u32| {
                let word = names.word(number)?;
                Some(Named {
                    number: words.name(word, record),
                    row: self.plan.wants_row(word, record),
                    values: self.plan.wants_values(word, record),
                })
            };
            let numbers = 0..u32::try_from(names.len()).unwrap_or(u32::MAX);
            numbers.map(|it| of(it).unwrap_or_default()).collect()
        };
        let (events, records): (Vec<Named>, Vec<Named>) = (meaning(false), meaning(true));
        let asked = events.iter().chain(&records).any(|it| it.row || it.values);
        let reads = |it: &Path| asked && (it.measured || self.reads_events);
        let values = self.paths.iter().map(|path| match &path.column {
            Some(column) if reads(path) => {
                let name = promoted_name(&column.path);
                Ok(match column.kind {
                    ColumnKind::Text => {
                        let (numbers, texts) = pages.words(&name)?;
                        let known = vec![u32::MAX; texts.len()];
                        Column::Text(numbers, texts, known)
                    }
                    ColumnKind::Number => Column::Number(pages.numbers(&name)?),
                    ColumnKind::Bool => Column::Bool(pages.flags(&name)?),
                })
            }
            _ => Ok(Column::Json),
        });
        let in_json = |it: &Path| it.column.as_ref().is_none_or(|it| !it.complete);
        let reads_json = self.paths.iter().any(|it| reads(it) && in_json(it));
        Ok(Group {
            first,
            rows: pages.rows(),
            next: 0,
            run: 0,
            account,
            accounts,
            kinds: (0..kinds.len()).map(|it| kind_of(u32::try_from(it).ok()?)).collect(),
            kind,
            time: pages.instants("time")?,
            attributed_at: pages.some_instants("attributed_at", Columns::UNTOLD)?,
            name,
            names,
            events,
            records,
            person,
            persons,
            source: pages.runs("source")?,
            of: pages.runs("of")?,
            memberships: self.wants_memberships.then(|| memberships(pages)).transpose()?,
            traits: pages.texts("traits")?,
            values: values.collect::<ParquetResult<_>>()?,
            properties: if reads_json { Some(pages.texts("properties")?) } else { None },
        })
    }
}

impl Group {
    /// Whose traits a row tells.
    fn trait_kind(&self, row: usize) -> Kind {
        let of_account = self.of.1.word(self.of.0.get(row)) == Some(Kind::Account.word());
        if of_account { Kind::Account } else { Kind::Person }
    }

    fn traits(&self, row: usize) -> Row {
        let traits = self.traits.get(row).and_then(|it| std::str::from_utf8(it).ok());
        let traits = traits.and_then(|it| Json::parse(it).ok()).unwrap_or_default();
        let body = RowBody::Traits { of: self.trait_kind(row), traits: traits.flatten().into() };
        self.whole(row, body)
    }

    /// A membership; what it says only if that is asked for.
    fn membership(&self, row: usize) -> Row {
        let told = self.memberships.as_ref().map(|(joined, role, roles)| {
            let role = roles.word(role.get(row)).map(Text::from);
            (joined.get(row).copied().unwrap_or_default(), role)
        });
        let (joined, role) = told.unwrap_or_default();
        self.whole(row, RowBody::Membership { joined, role })
    }

    /// A row with a body. Its id is left out: the segment's order is its place in the stream.
    fn whole(&self, row: usize, body: RowBody) -> Row {
        let known = self.attributed_at.as_ref().map(|it| it[row]);
        Row {
            time: Time(self.time[row]),
            known_at: known.filter(|it| *it != Columns::UNTOLD).map(Time),
            id: Text::default(),
            source: self.source.1.word(self.source.0.get(row)).unwrap_or_default().into(),
            person: self.persons.word(self.person[row]).map(Text::from),
            copy: false,
            body,
        }
    }

    /// The value of a path.
    fn value(&self, place: usize, path: &Path, row: usize) -> Scalar {
        let value = match &self.values[place] {
            Column::Json => Scalar::Missing,
            Column::Text(numbers, texts, _) => {
                texts.word(numbers[row]).map_or(Scalar::Missing, |it| Scalar::Text(it.into()))
            }
            Column::Number(numbers) => numbers
                .get(row)
                .map_or(Scalar::Missing, |it| Scalar::Number(Decimal::from_raw(i128::from(*it)))),
            Column::Bool(flags) => flags.get(row).map_or(Scalar::Missing, |it| Scalar::Bool(*it)),
        };
        let complete = path.column.as_ref().is_some_and(|it| it.complete);
        if !value.is_missing() || complete {
            return value;
        }
        let json = self.properties.as_ref().and_then(|it| it.get(row));
        let json = json.and_then(|it| std::str::from_utf8(it).ok());
        json.and_then(|it| Object::new(it).get(&path.name).map(Scalar::from_json_text))
            .unwrap_or_default()
    }

    /// The number of the value of a path.
    fn number(&mut self, place: usize, path: &Path, row: usize, words: &mut Words) -> u32 {
        if let Column::Text(numbers, texts, known) = &mut self.values[place] {
            let number = numbers[row];
            if let Some(word) = texts.word(number) {
                let known = &mut known[number as usize];
                if *known == u32::MAX {
                    *known = words.value(Scalar::Text(word.into()));
                }
                return *known;
            }
        }
        words.value(self.value(place, path, row))
    }
}
