//! A row group, decoded for judging in bulk: columns of whole numbers, and rows made whole.

use std::ops::Range;

use bytes::Bytes;
use firsthand_model::fact::{Kind, Row, RowBody};
use firsthand_model::{Decimal, Json, Scalar, Text, Time};
use firsthand_rules::bulk::Known;
use firsthand_rules::bulk::plan::BulkPlan;
use firsthand_rules::bulk::words::Words;
use parquet::errors::Result;
use rustc_hash::FxHashMap;

use super::Segment;
use super::columns::RowKind;
use super::later::Later;
use super::pages::{PageWords, Pages, Runs};
use super::schema::promoted_name;
use super::values::Few;
use crate::catalogue::{ColumnKind, PromotedColumn};
use crate::json::Object;

/// What a plan reads of a segment.
pub(super) struct Reading<'p> {
    pub plan: &'p BulkPlan,
    paths: Vec<Path>,
    /// Whether traits of accounts and of persons are asked for, and memberships.
    wants: [bool; 2],
    wants_memberships: bool,
    /// Whether it asks who persons are.
    pub reads_person_names: bool,
    /// For each name met what it means to the plan, by [`Words`].
    named: Vec<Named>,
    /// The numbers of the amounts met, by [`Words`].
    amounts: FxHashMap<i64, u32>,
}

/// A path of the program, and where its values are in this segment.
struct Path {
    name: Text,
    column: Option<PromotedColumn>,
    /// Whether anything reads it.
    read: bool,
}

impl Path {
    /// Whether the JSON may hold values that no column does.
    fn is_in_json(&self) -> bool {
        self.read && self.column.as_ref().is_none_or(|it| !it.complete)
    }
}

/// What a name means to a plan: whether its rows or its values are asked for.
#[derive(Clone, Copy, Default)]
struct Named {
    row: bool,
    values: bool,
}

impl<'p> Reading<'p> {
    pub fn new(segment: &Segment, plan: &'p BulkPlan) -> Self {
        let column = |path: &Text| segment.promoted().iter().find(|it| it.path == *path).cloned();
        let measured = plan.values_read();
        let paths = (0..).zip(plan.paths()).map(|(number, path)| Path {
            name: path.clone(),
            column: column(path),
            read: plan.reads_events() || measured.contains(&number),
        });
        Self {
            paths: paths.collect(),
            wants: [Kind::Account, Kind::Person].map(|it| plan.wants_standing(Some(it))),
            wants_memberships: plan.wants_standing(None),
            reads_person_names: plan.reads_person_names(),
            plan,
            named: Vec::new(),
            amounts: FxHashMap::default(),
        }
    }

    /// Finds out what the names mean that have come new.
    fn learn_names(&mut self, words: &Words) {
        for number in self.named.len()..words.names() {
            let (name, record) = words.name_of(u32::try_from(number).unwrap_or_default());
            self.named.push(Named {
                row: self.plan.wants_row(name, record),
                values: self.plan.wants_values(name, record),
            });
        }
    }
}

/// A decoded row group, and how far it has been read.
pub(super) struct Group {
    /// The number of its first row within the segment, and its rows.
    pub first: usize,
    pub rows: usize,
    /// The next row, and the run of accounts that it is in.
    pub next: usize,
    pub run: usize,
    pub account: Runs,
    accounts: PageWords,
    kind: Runs,
    kinds: Vec<Option<RowKind>>,
    pub time: Vec<i64>,
    later: Later,
    /// By [`Words`].
    pub names: Vec<u32>,
    /// By [`Words`] if the plan asks who they are, else by the group's own words.
    pub persons: Vec<u32>,
    pub person_words: PageWords,
    source: (Runs, PageWords),
    of: (Runs, PageWords),
    memberships: Option<Memberships>,
    traits: Few<Bytes>,
    /// For each path the numbers of its values by [`Words`]; nothing, if nothing reads it.
    pub values: Vec<Few<u32>>,
}

/// Memory of a row group that is used again for the next: of what every row has.
#[derive(Default)]
pub(super) struct Spare {
    time: Vec<i64>,
    names: Vec<u32>,
    persons: Vec<u32>,
}

/// Whether each row's person joined, and their roles.
type Memberships = (Few<bool>, Runs, PageWords);

fn memberships(pages: &Pages<'_>) -> Result<Memberships> {
    let (role, roles) = pages.runs("role")?;
    Ok((pages.flags("joined")?, role, roles))
}

impl Group {
    /// Decodes a row group whose first row has a number within the segment.
    pub fn decode(
        pages: &Pages<'_>,
        first: usize,
        reading: &mut Reading<'_>,
        words: &mut Words,
        spare: Spare,
    ) -> Result<Self> {
        let (account, accounts) = pages.runs("account")?;
        let (kind, kinds) = pages.runs("kind")?;
        let kind_of = |it| kinds.word(it).and_then(RowKind::of);
        let kinds = (0..kinds.len()).map(|it| kind_of(u32::try_from(it).ok()?));
        let kinds: Vec<Option<RowKind>> = kinds.collect();
        let names = names(pages, &kind, &kinds, words, spare.names)?;
        reading.learn_names(words);
        let (mut persons, person_words) = pages.words("person", spare.persons)?;
        if reading.reads_person_names {
            let of = |it| person_words.word(it).map_or(Words::NONE, |it| words.person(it));
            let numbers = 0..u32::try_from(person_words.len()).unwrap_or(u32::MAX);
            let numbers: Vec<u32> = numbers.map(of).collect();
            for person in &mut persons {
                *person = numbers[*person as usize];
            }
        }
        let time = pages.instants("time", spare.time)?;
        Ok(Self {
            first,
            rows: pages.rows(),
            next: 0,
            run: 0,
            account,
            accounts,
            kinds,
            kind,
            later: pages.later("attributed_after", &time)?,
            time,
            values: values(pages, &names, reading, words)?,
            names,
            persons,
            person_words,
            source: pages.runs("source")?,
            of: pages.runs("of")?,
            memberships: reading.wants_memberships.then(|| memberships(pages)).transpose()?,
            traits: pages.texts("traits")?,
        })
    }

    /// What the next row group can use again.
    pub fn into_spare(self) -> Spare {
        Spare { time: self.time, names: self.names, persons: self.persons }
    }

    /// The account of the next row.
    pub fn account_here(&self) -> Text {
        let number = self.account.all()[self.run].1;
        self.accounts.word(number).unwrap_or_default().into()
    }

    /// When some rows were known.
    pub fn known(&self, rows: &Range<usize>) -> Known<'_> {
        let told = self.kinds(rows).any(|(run, _)| self.later.any_told(&run));
        let first = u32::try_from(rows.start).expect("a row group has fewer than 2^32 rows");
        Known { told, later: self.later.within(rows), first }
    }

    /// The stretches of some rows that are of one kind; those of no kind that streams take are left
    /// out.
    pub fn kinds(&self, rows: &Range<usize>) -> impl Iterator<Item = (Range<usize>, RowKind)> {
        let mut at = rows.start;
        let end = rows.end;
        let runs = self.kind.all()[self.kind.place(rows.start)..].iter();
        runs.map_while(move |(run_end, kind)| {
            let run = at..end.min(*run_end as usize);
            at = run.end;
            (!run.is_empty()).then_some((run, *kind))
        })
        .filter_map(|(run, kind)| Some((run, (*self.kinds.get(kind as usize)?)?)))
    }

    /// Some rows, whole but for their ids: their order is their place. Those that a plan asks for,
    /// or all.
    pub fn whole_rows(
        &self,
        rows: &Range<usize>,
        all: bool,
        reading: &Reading<'_>,
        words: &Words,
    ) -> Vec<Row> {
        let any_event = all || reading.named.iter().any(|it| it.row);
        let mut whole = Vec::new();
        for (run, kind) in self.kinds(rows) {
            match kind {
                RowKind::Event { record } if any_event => {
                    let wanted = |it: &usize| all || reading.named[self.names[*it] as usize].row;
                    for row in run.filter(wanted) {
                        let name = words.name_of(self.names[row]).0.clone();
                        let value = |of: &Few<u32>| of.get(row).copied().unwrap_or(Words::NONE);
                        let values = self.values.iter().map(value);
                        let values = values.map(|it| words.value_of(it).clone()).collect();
                        let body = RowBody::Event { name, record, values };
                        whole.push(self.whole(row, body, reading, words));
                    }
                }
                RowKind::Traits => {
                    let asked = |it: &usize| all || reading.wants[self.trait_kind(*it) as usize];
                    let rows = run.filter(asked);
                    whole.extend(rows.map(|it| self.whole(it, self.traits(it), reading, words)));
                }
                RowKind::Membership if all || reading.wants_memberships => {
                    whole.extend(run.map(|it| self.whole(it, self.membership(it), reading, words)));
                }
                RowKind::Event { .. } | RowKind::Membership => {}
            }
        }
        whole
    }

    /// Whose traits a row tells.
    fn trait_kind(&self, row: usize) -> Kind {
        let of_account = self.of.1.word(self.of.0.get(row)) == Some(Kind::Account.word());
        if of_account { Kind::Account } else { Kind::Person }
    }

    fn traits(&self, row: usize) -> RowBody {
        let traits = self.traits.get(row).and_then(|it| std::str::from_utf8(it).ok());
        let traits = traits.and_then(|it| Json::parse(it).ok()).unwrap_or_default();
        RowBody::Traits { of: self.trait_kind(row), traits: traits.flatten().into() }
    }

    /// A membership; what it says only if that is asked for.
    fn membership(&self, row: usize) -> RowBody {
        let told = self.memberships.as_ref().map(|(joined, role, roles)| {
            let role = roles.word(role.get(row)).map(Text::from);
            (joined.get(row).copied().unwrap_or_default(), role)
        });
        let (joined, role) = told.unwrap_or_default();
        RowBody::Membership { joined, role }
    }

    /// A row with a body. Its id is left out: the segment's order is its place in the stream.
    fn whole(&self, row: usize, body: RowBody, reading: &Reading<'_>, words: &Words) -> Row {
        let here = row..row + 1;
        let time = self.time[row];
        let later = self.later.within(&here).first().map_or(time, |it| it.1);
        let person = if reading.reads_person_names {
            words.person_of(self.persons[row]).cloned()
        } else {
            self.person_words.word(self.persons[row]).map(Text::from)
        };
        Row {
            known_at: self.later.any_told(&here).then_some(Time(later)),
            source: self.source.1.word(self.source.0.get(row)).unwrap_or_default().into(),
            person,
            ..Row::bare(Time(time), body)
        }
    }
}

/// The names of events and records by their numbers; [`Words::NONE`] for what is neither, and
/// [`Words::GAP`] for what streams do not take.
fn names(
    pages: &Pages<'_>,
    kind: &Runs,
    kinds: &[Option<RowKind>],
    words: &mut Words,
    spare: Vec<u32>,
) -> Result<Vec<u32>> {
    let (mut names, page_words) = pages.words("name", spare)?;
    let mut numbers_of = |record: bool| {
        let numbers = 0..u32::try_from(page_words.len()).unwrap_or(u32::MAX);
        let of = |it| page_words.word(it).map_or(Words::NONE, |it| words.name(it, record));
        numbers.map(of).collect::<Vec<u32>>()
    };
    // Numbers are given to those that occur.
    let mut numbers: [Option<Vec<u32>>; 2] = [None, None];
    let mut from = 0;
    for (end, kind) in kind.all() {
        let run = &mut names[from..*end as usize];
        from = *end as usize;
        match kinds.get(*kind as usize).copied().flatten() {
            Some(RowKind::Event { record }) => {
                let numbers =
                    numbers[usize::from(record)].get_or_insert_with(|| numbers_of(record));
                for name in run {
                    *name = numbers[*name as usize];
                }
            }
            Some(_) => run.fill(Words::NONE),
            None => run.fill(Words::GAP),
        }
    }
    Ok(names)
}

/// Puts the number of each row's value, which is asked for once for each place that occurs.
fn each_once(places: Few<u32>, count: usize, mut number: impl FnMut(u32) -> u32) -> Few<u32> {
    let mut known = vec![u32::MAX; count];
    places.map(|place| {
        let known = &mut known[place as usize];
        if *known == u32::MAX {
            *known = number(place);
        }
        *known
    })
}

/// For each path the numbers of its values; nothing, if nothing reads it.
fn values(
    pages: &Pages<'_>,
    names: &[u32],
    reading: &mut Reading<'_>,
    words: &mut Words,
) -> Result<Vec<Few<u32>>> {
    let Reading { paths, named, amounts, .. } = reading;
    let asked = |name: u32| named[name as usize].row || named[name as usize].values;
    let any_asked = names.iter().any(|it| asked(*it));
    let mut all = Vec::with_capacity(paths.len());
    for path in paths.iter() {
        let column = path.column.as_ref().filter(|_| path.read && any_asked);
        all.push(match column {
            None => Few::default(),
            Some(column) => {
                let name = promoted_name(&column.path);
                match column.kind {
                    ColumnKind::Text => {
                        let (places, texts) = pages.few_words(&name)?;
                        let text = |it| Scalar::Text(texts.word(it).unwrap_or_default().into());
                        each_once(places, texts.len(), |it| words.value(text(it)))
                    }
                    ColumnKind::Number => {
                        let (places, met) = pages.numbers(&name)?;
                        each_once(places, met.len(), |it| {
                            let amount = met[it as usize];
                            let of = || Scalar::Number(Decimal::from_raw(i128::from(amount)));
                            *amounts.entry(amount).or_insert_with(|| words.value(of()))
                        })
                    }
                    ColumnKind::Bool => {
                        pages.flags(&name)?.map(|flag| words.value(Scalar::Bool(flag)))
                    }
                }
            }
        });
    }
    let in_json: Vec<usize> = (0..paths.len()).filter(|it| paths[*it].is_in_json()).collect();
    if any_asked && !in_json.is_empty() {
        let mut found: Vec<Vec<(u32, u32)>> = vec![Vec::new(); in_json.len()];
        let properties = pages.texts("properties")?;
        let asked = properties.all().filter(|(row, _)| asked(names[*row as usize]));
        for (row, json) in asked {
            let Ok(json) = std::str::from_utf8(json) else { continue };
            let object = Object::new(json);
            for (path, found) in in_json.iter().zip(&mut found) {
                if all[*path].get(row as usize).is_none()
                    && let Some(value) = object.get(&paths[*path].name)
                {
                    found.push((row, words.value(Scalar::from_json_text(value))));
                }
            }
        }
        for (path, found) in in_json.into_iter().zip(found) {
            all[path].merge(found);
        }
    }
    Ok(all)
}
