//! One person, as they are thought to be now.

use std::collections::BTreeSet;

use firsthand_model::fact::{Kind, Row};
use firsthand_model::{Text, Time};
use firsthand_rules::arrivals::{Arrivals, Context, TooLate};
use firsthand_rules::judge::Judge;
use firsthand_rules::ledger::Entry;
use firsthand_rules::world::{self, Imports};
use serde::{Deserialize, Serialize};

use crate::live::Touched;

/// One person.
#[derive(Debug, Serialize, Deserialize)]
pub struct Person {
    stream: Arrivals<Row>,
    /// What they answer by themselves, where others ask.
    pub(crate) answers: Option<Arrivals<Row>>,
    /// The accounts in which they have facts of their own.
    pub(crate) homes: BTreeSet<Text>,
    /// The time of the first row of their own.
    first: Time,
    /// The account they were last active in.
    pub(crate) newest: Option<Text>,
    /// What they are told by their accounts, where these are several; else the account itself
    /// knows.
    told: Imports,
    /// When something last came to them, or time did something.
    #[serde(skip)]
    pub(crate) touched: Touched,
}

impl Person {
    /// A person of whom nothing has been heard yet.
    pub(crate) fn new(judge: &Judge<'_>) -> Self {
        Self {
            stream: Arrivals::new(judge.program(), Kind::Person),
            answers: None,
            homes: BTreeSet::new(),
            first: Time::MAX,
            newest: None,
            told: Imports::new(),
            touched: Touched::default(),
        }
    }

    /// Their state.
    pub fn stream(&self) -> &Arrivals<Row> {
        &self.stream
    }

    /// The accounts in which they have facts of their own, in order.
    pub fn accounts(&self) -> &BTreeSet<Text> {
        &self.homes
    }

    /// The account they are in now: their one, or the one they were last active in.
    pub fn account(&self) -> Option<&Text> {
        self.newest.as_ref().filter(|_| self.homes.len() > 1).or_else(|| self.homes.first())
    }

    /// Whether nothing has been heard of them yet.
    pub(crate) fn is_new(&self) -> bool {
        self.first == Time::MAX
    }

    /// The rows of the stream of a person of one account, of those that became known together.
    /// `traits` are all the account's.
    ///
    /// # Errors
    /// [`TooLate`] if they have to be judged anew.
    pub(crate) fn rows_of(
        &mut self,
        id: &Text,
        mut rows: Vec<Row>,
        traits: &[Row],
    ) -> Result<Vec<Row>, TooLate> {
        if self.is_new() {
            rows = stream_rows(id, &rows, traits);
            self.first = first_own(id, &rows);
        } else if rows.iter().any(|it| it.time <= self.first) {
            // Their life would begin earlier, or with other traits of the account.
            return Err(TooLate);
        }
        Ok(rows)
    }

    /// Takes in rows of the stream that became known together.
    ///
    /// # Errors
    /// [`TooLate`] if they have to be judged anew; what has been told by then stands.
    pub(crate) fn arrive(
        &mut self,
        judge: &mut Judge<'_>,
        (rows, known_at): (Vec<Row>, Time),
        context: Context<'_>,
        entries: &mut Vec<Entry>,
    ) -> Result<(), TooLate> {
        self.stream.arrive(judge, context, rows, known_at, Time::MAX, entries)
    }

    /// Has another state take this one's place, which was judged anew and has taken in all since.
    /// What differs from what was thought becomes known at `known_at`.
    pub(crate) fn give_way(&mut self, mut to: Self, known_at: Time, entries: &mut Vec<Entry>) {
        to.stream.replace(&mut self.stream, known_at, entries);
        to.touched = self.touched;
        *self = to;
    }

    /// The time of the first row of their own; the end of time, if there is none.
    pub(crate) fn first(&self) -> Time {
        self.first
    }

    /// Whether they cannot be judged by what comes, but only anew: of several accounts, or not at
    /// all yet.
    pub(crate) fn is_blind(&self) -> bool {
        self.homes.len() > 1 || self.is_new()
    }

    /// Judges them anew from the rows of their stream.
    pub(crate) fn anew(
        &mut self,
        judge: &mut Judge<'_>,
        id: &Text,
        rows: Vec<Row>,
        imports: &Imports,
        settled: Time,
        told: Option<(Time, &mut Vec<Entry>)>,
    ) {
        self.first = first_own(id, &rows);
        self.told = if self.homes.len() > 1 { imports.clone() } else { Imports::new() };
        let context = Context { imports, ..Context::default() };
        self.stream.anew(judge, context, rows, settled, told);
    }

    /// Lets time alone act up to an instant. `of_account` is what the one account tells them.
    pub(crate) fn settle(
        &mut self,
        judge: &mut Judge<'_>,
        of_account: &Imports,
        until: Time,
        entries: &mut Vec<Entry>,
    ) {
        let imports = if self.homes.len() > 1 { &self.told } else { of_account };
        let context = Context { imports, ..Context::default() };
        self.stream.settle(judge, context, until, entries);
    }

    /// The next instant at which time alone may change something.
    pub(crate) fn next(&self, of_account: &Imports) -> Time {
        let imports = self.told_by(of_account);
        let next = |it: &Arrivals<Row>| {
            let now = it.now();
            let told = imports.get(imports.partition_point(|(at, ..)| *at <= now));
            it.next().min(told.map_or(Time::MAX, |(at, ..)| *at))
        };
        let answers = self.answers.as_ref().map_or(Time::MAX, next);
        next(&self.stream).min(answers)
    }

    /// What they are told by their account or their accounts.
    pub(crate) fn told_by<'i>(&'i self, of_account: &'i Imports) -> &'i Imports {
        if self.homes.len() > 1 { &self.told } else { of_account }
    }

    /// Packs them until something happens; what lies before an instant is forgotten.
    pub(crate) fn pack(&mut self, forgotten_before: Time) {
        self.stream.pack(forgotten_before);
        if let Some(answers) = &mut self.answers {
            answers.pack(forgotten_before);
        }
    }

    /// Forgets rows before an instant, as far as it can still go back to it.
    pub(crate) fn forget_before(&mut self, instant: Time) {
        self.stream.forget_before(instant);
    }
}

/// A person's stream: one's own rows, and the account's traits from one's first row on.
pub(crate) fn stream_rows(id: &Text, own: &[Row], traits: &[Row]) -> Vec<Row> {
    let others = traits.iter().filter(|it| it.person.as_ref() != Some(id));
    let own = own.iter().filter(|it| it.person.as_ref() == Some(id));
    let mut rows: Vec<&Row> = own.chain(others).collect();
    rows.sort_by(|a, b| a.order().cmp(&b.order()));
    let (arrival, rest) = world::arrived(id, &rows);
    arrival.into_iter().chain(rest.iter().copied().cloned()).collect()
}

fn first_own(id: &Text, rows: &[Row]) -> Time {
    let own = rows.iter().filter(|it| it.person.as_ref() == Some(id));
    own.map(|it| it.time).min().unwrap_or(Time::MAX)
}
