//! Reading a segment account by account into columns of whole numbers, for judging in bulk.
//!
//! Most rows are events that nobody looks at one by one: of these only the time and the numbers
//! of name, person and values are looked at, in place where they were decoded ([`super::group`]).
//! Rows that somebody asks for are made whole. A row group is decoded at a time.

use std::collections::VecDeque;
use std::fs::File;
use std::ops::Range;

use firsthand_model::Text;
use firsthand_model::fact::Row;
use firsthand_rules::bulk::plan::BulkPlan;
use firsthand_rules::bulk::words::Words;
use firsthand_rules::bulk::{Columns, Known, Sparse};
use rustc_hash::FxHashMap;

use super::Segment;
use super::group::{Group, Reading};
use super::pages::{PageWords, Pages};
use crate::error::{HistoryError, Result};

/// One account's rows as columns, put together from several row groups or segments.
#[derive(Debug, Default)]
pub(crate) struct AccountColumns {
    times: Vec<i64>,
    told: bool,
    later: Vec<(u32, i64)>,
    names: Vec<u32>,
    persons: Vec<u32>,
    /// For each path of the program the rows that have a value, with their numbers; nothing for
    /// those that nothing reads.
    values: Vec<(Vec<u32>, Vec<u32>)>,
    rows: Vec<Row>,
    /// The numbers of people, which each row group has of its own.
    people: FxHashMap<Text, u32>,
}

impl AccountColumns {
    /// For a program that reads so many paths.
    pub fn new(paths: usize) -> Self {
        Self { values: vec![Default::default(); paths], ..Self::default() }
    }

    pub fn clear(&mut self) {
        self.times.clear();
        self.told = false;
        self.later.clear();
        self.names.clear();
        self.persons.clear();
        for (rows, numbers) in &mut self.values {
            rows.clear();
            numbers.clear();
        }
        self.rows.clear();
        self.people.clear();
    }

    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// The rows that a plan asks for.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The columns, for judging.
    pub fn of<'a>(&'a self, account: &'a str) -> Columns<'a> {
        Columns {
            account,
            times: &self.times,
            known: Known { told: self.told, later: &self.later, first: 0 },
            names: &self.names,
            persons: &self.persons,
            values: self
                .values
                .iter()
                .map(|(rows, numbers)| Sparse { rows, numbers, first: 0 })
                .collect(),
        }
    }

    /// Appends some rows of a row group.
    fn take(&mut self, group: &Group, rows: &Range<usize>, reading: &Reading<'_>, words: &Words) {
        self.told |= group.known(rows).told;
        for (run, _) in group.kinds(rows) {
            let (first, begin) = (self.times.len(), run.start);
            let place = |row: u32| u32::try_from(row as usize - begin + first).unwrap_or(u32::MAX);
            let later = group.known(&run).later.iter().map(|(row, at)| (place(*row), *at));
            self.later.extend(later);
            self.times.extend_from_slice(&group.time[run.clone()]);
            self.names.extend_from_slice(&group.names[run.clone()]);
            self.persons.extend_from_slice(&group.persons[run.clone()]);
            if !reading.reads_person_names {
                self.number_people(&group.person_words, first);
            }
            for ((rows, numbers), of) in self.values.iter_mut().zip(&group.values) {
                let (of_rows, of_numbers) = of.at(of.places(&run, 0));
                rows.extend(of_rows.iter().map(|it| place(*it)));
                numbers.extend_from_slice(of_numbers);
            }
        }
        self.rows.extend(group.whole_rows(rows, false, reading, words));
    }

    /// Numbers persons anew, from a place on.
    fn number_people(&mut self, words: &PageWords, from: usize) {
        for number in &mut self.persons[from..] {
            let Some(person) = words.word(*number) else { continue };
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
        for column in [&mut self.names, &mut self.persons] {
            *column = order.iter().map(|it| column[*it as usize]).collect();
        }
        self.times = order.iter().map(|it| self.times[*it as usize]).collect();
        let mut places = vec![0; order.len()];
        for (to, from) in (0..).zip(&order) {
            places[*from as usize] = to;
        }
        self.later = renumbered(self.later.drain(..), &places);
        for (rows, numbers) in &mut self.values {
            let of = rows.drain(..).zip(numbers.drain(..));
            (*rows, *numbers) = renumbered(of, &places).into_iter().unzip();
        }
        self.rows.sort_by_key(|it| it.time);
        apart
    }
}

/// What some rows have, by the numbers that all rows get.
fn renumbered<T>(of: impl Iterator<Item = (u32, T)>, numbers: &[u32]) -> Vec<(u32, T)> {
    let mut all: Vec<(u32, T)> = of.map(|(row, it)| (numbers[row as usize], it)).collect();
    all.sort_unstable_by_key(|(row, _)| *row);
    all
}

/// Goes through a segment account by account.
pub(crate) struct BulkCursor<'p> {
    segment: Segment,
    file: File,
    reading: Reading<'p>,
    /// The stretches of rows that count, those to come.
    live: VecDeque<Range<usize>>,
    /// The next row group, and the number of its first row.
    next_group: usize,
    next_first: usize,
    group: Option<Group>,
    account: Option<Text>,
    /// The rows of the account taken last, where they stand together in the group at hand.
    taken: Option<Range<usize>>,
    /// For each path where the values of the account left in place last stand among the group's.
    values: Vec<Range<usize>>,
}

impl<'p> BulkCursor<'p> {
    pub fn new(segment: Segment, live: Vec<Range<usize>>, plan: &'p BulkPlan) -> Result<Self> {
        Ok(Self {
            reading: Reading::new(&segment, plan),
            file: File::open(segment.path()).map_err(HistoryError::io("open", segment.path()))?,
            segment,
            live: live.into(),
            next_group: 0,
            next_first: 0,
            group: None,
            account: None,
            taken: None,
            values: vec![0..0; plan.paths().len()],
        })
    }

    /// The account it stands at; `None` at the end.
    pub fn account(&mut self, words: &mut Words) -> Result<Option<&Text>> {
        if self.account.is_none() && self.seek(words)? {
            self.account = self.group.as_ref().map(Group::account_here);
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
                    let spare = self.group.take().map(Group::into_spare).unwrap_or_default();
                    let group = Group::decode(&pages, first, &mut self.reading, words, spare);
                    self.values.fill(0..0);
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

    /// Takes the rows of the account it stands at, and goes on to the next. Where they stand
    /// together, and no other segment has rows of that account (`alone`), they are left where they
    /// are ([`Self::in_place`]); else they are appended.
    pub fn take_account(
        &mut self,
        words: &mut Words,
        into: &mut AccountColumns,
        alone: bool,
    ) -> Result<()> {
        let Some(account) = self.account(words)?.cloned() else { return Ok(()) };
        let mut is_first = true;
        self.taken = None;
        // An account may go on in the next row group, or behind rows that count no more.
        while self.account(words)? == Some(&account) {
            let live_end = self.live.front().map_or(0, |it| it.end);
            let Some(group) = &mut self.group else { break };
            let run_end = group.account.all()[group.run].0 as usize;
            let end = run_end.min(live_end - group.first);
            let rows = group.next..end;
            group.next = end;
            if end == run_end {
                group.run += 1;
            }
            self.account = None;
            let together = end == run_end && end < group.rows;
            if alone && is_first && together {
                // To seek the next account may mean to leave the row group.
                for (places, of) in self.values.iter_mut().zip(&group.values) {
                    *places = of.places(&rows, places.end);
                }
                self.taken = Some(rows);
                break;
            }
            is_first = false;
            into.take(group, &rows, &self.reading, words);
        }
        Ok(())
    }

    /// The columns of the account taken last, where they were left in place.
    pub fn in_place<'a>(&'a self, account: &'a str) -> Option<Columns<'a>> {
        let (group, rows) = (self.group.as_ref()?, self.taken.clone()?);
        let first = u32::try_from(rows.start).expect("a row group has fewer than 2^32 rows");
        let values = group.values.iter().zip(&self.values).map(|(of, places)| {
            let (rows, numbers) = of.at(places.clone());
            Sparse { rows, numbers, first }
        });
        Some(Columns {
            account,
            times: &group.time[rows.clone()],
            known: group.known(&rows),
            names: &group.names[rows.clone()],
            persons: &group.persons[rows.clone()],
            values: values.collect(),
        })
    }

    /// The rows of the account taken last, whole but for their ids: those that the plan asks for,
    /// or all. `None` where they were not left in place.
    pub fn rows_in_place(&self, all: bool, words: &Words) -> Option<Vec<Row>> {
        let group = self.group.as_ref()?;
        Some(group.whole_rows(self.taken.as_ref()?, all, &self.reading, words))
    }
}
