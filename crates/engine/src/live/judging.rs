//! Judging late facts beside the engine: anew from the history, or from far back in what an account
//! remembers.
//!
//! A job takes along all that it needs: a fork of the history, and what of the log is not in it
//! yet, as it was attributed when the job began; of an account that remembers how it was before its
//! late facts, a copy of that. So it judges what was so at one place of the log, however long it
//! takes. What comes to its subjects meanwhile is kept aside, goes on being judged by their old
//! states, and is taken up when the new ones take their place ([`super::handback`]).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use firsthand_history::{History, Projection};
use firsthand_model::fact::{Kind, Row};
use firsthand_model::{Text, Time};
use firsthand_rules::arrivals::{Context, MEMORY, TooLate};
use firsthand_rules::judge::Judge;
use firsthand_rules::timeline::Subject;
use firsthand_rules::travel::{self, Journey};
use firsthand_rules::world::Imports;
use rustc_hash::{FxHashMap, FxHashSet};

use super::accounts::context;
use super::lane::{self, Flight};
use super::standings::Others;
use super::{Asking, Live, Rules, settled};
use crate::customer::{Customer, Judging as JudgingOf, is_account_trait};
use crate::error::Result;
use crate::person::{Person, stream_rows};
use crate::stir::Stirs;

/// So many rows are copied at once, about, for accounts that remember: the engine waits for that.
const COPIED_MAX: usize = 10_000;

/// Subjects that are to be judged beside the engine, with what that takes but the history
/// itself. To run it takes a while, and nothing of the engine.
pub struct Judging {
    number: u64,
    history: Arc<History>,
    rules: Rules,
    watched: Vec<(u32, u32)>,
    known_at: Time,
    /// Accounts that remember how they were before their late rows.
    back: Vec<WayBack>,
    accounts: BTreeMap<Text, Task>,
    /// People, with the accounts in which they have facts of their own.
    people: Vec<(Text, BTreeSet<Text>)>,
    /// What others ask of people, if they do.
    asking: Option<Asking>,
}

/// A copy of an account, at which late rows arrive.
struct WayBack {
    id: Text,
    account: Customer,
    late: Vec<Row>,
    /// What its family tells it.
    told: Imports,
}

/// An account whose rows are read.
struct Task {
    rows: Rows,
    /// What is told to its people as it is; `None` if the account itself is to be judged anew.
    as_it_is: Option<Imports>,
    /// What its family tells it.
    told: Imports,
}

/// What rows an account has.
enum Rows {
    /// These, and those in the history.
    Recent(Vec<Row>),
    /// These alone.
    All(Vec<Row>),
}

/// An account as it was read.
struct Read {
    rows: Vec<Row>,
    exported: Imports,
}

/// Subjects that were judged anew, one unit after the other.
pub struct Judged {
    pub(super) number: u64,
    /// Up to when time had passed.
    pub(super) settled: Time,
    pub(super) units: VecDeque<Unit>,
}

/// What takes its place in one step.
#[derive(Default)]
pub(super) struct Unit {
    /// An account; an error if it could not be judged so.
    pub account: Option<(Text, Result<Customer, TooLate>)>,
    /// People; those of no other account, if the account is there.
    pub people: Vec<(Text, Person)>,
}

impl Judging {
    /// Reads and judges.
    pub fn run(mut self) -> Result<Judged> {
        let program = Arc::clone(&self.rules.program);
        let mut judge = Judge::new(&program, self.rules.history_from);
        let back = std::mem::take(&mut self.back).into_iter();
        let mut units: VecDeque<Unit> = back.map(|it| self.go_back(&mut judge, it)).collect();
        let (mut of_one, mut of_several) = (BTreeMap::<Text, Vec<Text>>::new(), Vec::new());
        for (id, homes) in std::mem::take(&mut self.people) {
            match homes.first() {
                Some(home) if homes.len() == 1 => {
                    of_one.entry(home.clone()).or_default().push(id);
                }
                _ => of_several.push((id, homes)),
            }
        }
        let kept: BTreeSet<Text> = of_several.iter().flat_map(|(_, it)| it).cloned().collect();
        let mut tasks = std::mem::take(&mut self.accounts);
        let whole = tasks.iter().filter(|(_, it)| matches!(it.rows, Rows::All(_)));
        let whole: BTreeSet<Text> = whole.map(|(id, _)| id.clone()).collect();
        let to_read = tasks.keys().filter(|it| !whole.contains(*it)).cloned().collect();
        let mut read = BTreeMap::new();
        let mut take = |id: &Text, task: Task, recorded: &[Row]| {
            let people = of_one.remove(id).unwrap_or_default();
            let (unit, known) = self.judge_account(&mut judge, id, task, recorded, people);
            if unit.account.is_some() || !unit.people.is_empty() {
                units.push_back(unit);
            }
            if kept.contains(id) {
                read.insert(id.clone(), known);
            }
        };
        let paths = program.paths.clone();
        let projection = Projection { paths, ..Projection::default() };
        self.history.for_accounts(&to_read, &projection, |it| {
            let id = Text::from(it.account);
            if let Some(task) = tasks.remove(&id) {
                take(&id, task, it.rows);
            }
        })?;
        for (id, task) in tasks {
            take(&id, task, &[]);
        }
        let people = of_several.into_iter().map(|(id, homes)| {
            let person = self.judge_traveller(&mut judge, &id, homes, &read);
            (id, person)
        });
        let travellers = people.map(|it| Unit { account: None, people: vec![it] });
        units.extend(travellers.collect::<Vec<_>>());
        Ok(Judged { number: self.number, settled: settled(self.known_at), units })
    }

    /// Has late rows come in between.
    fn go_back(&self, judge: &mut Judge<'_>, it: WayBack) -> Unit {
        let WayBack { id, mut account, late, told } = it;
        let told = (told, None);
        let context = context(&told, &self.watched);
        let (entries, mut stirs) = (Vec::new(), Stirs::default());
        let mut judging = JudgingOf { judge, context, entries, stirs: &mut stirs };
        let arrived = account.arrive(&mut judging, late, self.known_at);
        account.forget_before(self.known_at - MEMORY);
        Unit { account: Some((id, arrived.map(|()| account))), people: Vec::new() }
    }

    fn judge_account(
        &self,
        judge: &mut Judge<'_>,
        id: &Text,
        task: Task,
        recorded: &[Row],
        people: Vec<Text>,
    ) -> (Unit, Read) {
        let rows = task.rows.with(recorded);
        let (settled, memory) = (settled(self.known_at), self.known_at - MEMORY);
        let mut unit = Unit::default();
        let (exported, traits) = if let Some(exported) = task.as_it_is {
            let traits = rows.iter().filter(|it| is_account_trait(it)).cloned().collect();
            (exported, traits)
        } else {
            let mut customer = Customer::new(id.clone(), judge);
            let mut stirs = Stirs::default();
            let (imports, watched) = (&task.told, &self.watched);
            let certain = imports.last().map(|(at, ..)| *at);
            let context = Context { imports, certain, watched, changed: None };
            let entries = Vec::new();
            let mut judging = JudgingOf { judge, context, entries, stirs: &mut stirs };
            customer.anew(&mut judging, &rows, settled, None);
            customer.forget_before(memory);
            let told = (customer.exported().clone(), customer.traits().to_vec());
            unit.account = Some((id.clone(), Ok(customer)));
            told
        };
        for person_id in people {
            let mut person = Person::new(judge);
            person.homes.insert(id.clone());
            let own = stream_rows(&person_id, &rows, &traits);
            person.newest = Some(id.clone());
            let of = (&person_id, own);
            self.others().judge_anew(judge, &mut person, of, &exported, (settled, None));
            person.forget_before(memory);
            unit.people.push((person_id, person));
        }
        (unit, Read { rows, exported })
    }

    /// Judges a person of several accounts.
    fn judge_traveller(
        &self,
        judge: &mut Judge<'_>,
        id: &Text,
        homes: BTreeSet<Text>,
        read: &BTreeMap<Text, Read>,
    ) -> Person {
        let homes_read = || homes.iter().filter_map(|it| read.get_key_value(it));
        let own = homes_read().flat_map(|(home, it)| {
            let own = it.rows.iter().filter(|it| !it.copy && it.person.as_ref() == Some(id));
            own.map(|it| (home.clone(), it.clone()))
        });
        let mut journey: Journey = own.collect();
        journey.sort_by(|a, b| a.1.order().cmp(&b.1.order()));
        let rows = homes_read().map(|(home, it)| (home.clone(), it.rows.clone())).collect();
        let exported = homes_read().map(|(home, it)| (home.clone(), it.exported.clone())).collect();
        let (rows, imports) = travel::stream(&journey, &rows, &exported);
        let mut person = Person::new(judge);
        person.newest = travel::newest(&journey).cloned();
        person.homes = homes;
        let settled = settled(self.known_at);
        self.others().judge_anew(judge, &mut person, (id, rows), &imports, (settled, None));
        person.forget_before(self.known_at - MEMORY);
        person
    }

    fn others(&self) -> Others<'_> {
        Others::of(self.asking.as_ref(), self.rules.history_from, self.known_at - MEMORY)
    }
}

impl Rows {
    /// All rows in order, each fact once.
    fn with(self, recorded: &[Row]) -> Vec<Row> {
        match self {
            Self::All(rows) => rows,
            Self::Recent(recent) => {
                let mut rows = recorded.to_vec();
                if !recent.is_empty() {
                    let key = |it: &Row| (it.source.clone(), it.id.clone());
                    let mut met: FxHashSet<(Text, Text)> = rows.iter().map(key).collect();
                    rows.extend(recent.into_iter().filter(|it| met.insert(key(it))));
                    rows.sort_by(|a, b| a.order().cmp(&b.order()));
                }
                rows
            }
        }
    }
}

impl Live {
    /// Begins to judge who is marked, at most so many, those first that wait longest; `None` if
    /// nobody is, or if that is being done for others.
    pub fn begin_judging(&mut self, most: usize) -> Result<Option<Judging>> {
        let waiting = self.lane.far.len() + self.lane.back.len();
        if self.lane.under_way.is_some() || waiting == 0 {
            return Ok(None);
        }
        let (mut flights, mut anew) = (FxHashMap::<_, Flight>::default(), BTreeSet::new());
        let back = self.ways_back(most, &mut flights);
        let mut homes: BTreeMap<Text, BTreeSet<Text>> = BTreeMap::new();
        while flights.len() < most
            && let Some((offset, subject)) = self.lane.far.pop()
        {
            let mut flight = Flight { offset, ..Flight::default() };
            if subject.kind == Kind::Account {
                self.lane.back.remove(&subject);
                let Some(account) = self.customers.get(&subject.id) else { continue };
                flight.late = account.answered;
                for (person, enters) in self.people_concerned(&subject.id) {
                    let homes = homes.entry(person.clone()).or_default();
                    homes.extend(enters.then(|| subject.id.clone()));
                    let of_account = Flight { offset, ..Flight::default() };
                    flights.entry(lane::person(&person)).or_insert(of_account);
                }
                anew.insert(subject.id.clone());
            } else {
                homes.entry(subject.id.clone()).or_default();
            }
            flights.insert(subject, flight);
        }
        for (id, homes) in &mut homes {
            homes.extend(self.people.get(id).into_iter().flat_map(|it| it.it.homes.clone()));
            // Who is judged with an account needs not be judged once more.
            if let Some(offset) = self.lane.far.remove(&lane::person(id))
                && let Some(flight) = flights.get_mut(&lane::person(id))
            {
                flight.offset = flight.offset.min(offset);
            }
        }
        homes.retain(|_, homes| !homes.is_empty());
        let read: BTreeSet<&Text> = anew.iter().chain(homes.values().flatten()).collect();
        let mut accounts = BTreeMap::new();
        for id in read {
            accounts.insert(id.clone(), self.task(id, anew.contains(id))?);
        }
        let number = self.lane.begin(flights);
        Ok(Some(Judging {
            number,
            history: self.reading(),
            rules: self.rules.clone(),
            watched: self.watched.clone(),
            known_at: self.known_at,
            back,
            accounts,
            people: homes.into_iter().collect(),
            asking: self.asking.as_ref().filter(|it| it.stood.asks(Kind::Person)).cloned(),
        }))
    }

    /// Copies of accounts whose late rows come in between what they remember, as many as are made
    /// in a moment. Who has forgotten it meanwhile is judged from the history.
    fn ways_back(&mut self, most: usize, flights: &mut FxHashMap<Subject, Flight>) -> Vec<WayBack> {
        let (mut back, mut copied) = (Vec::new(), 0);
        while back.len() < most
            && copied < COPIED_MAX
            && let Some((offset, subject)) = self.lane.back.pop()
        {
            if self.lane.far.has(&subject) {
                continue;
            }
            let Some(account) = self.customers.get(&subject.id) else { continue };
            let late = account.late[..account.answered].to_vec();
            let first = late.iter().map(|it| it.time).min();
            if !account.customer.reaches(first, None) {
                self.lane.far.insert(offset, subject);
                continue;
            }
            let stream = account.customer.stream();
            copied += stream.rows().len();
            let after = stream.back_to(first.unwrap_or(Time::MAX));
            let told = self.others_tell(&subject.id, after);
            let account = account.customer.clone();
            let flight = Flight { offset, late: late.len(), ..Flight::default() };
            back.push(WayBack { id: subject.id.clone(), account, late, told });
            flights.insert(subject, flight);
        }
        back
    }

    /// Whom of its people the late rows of an account concern, and whether they have rows of their
    /// own among them.
    fn people_concerned(&self, account: &Text) -> BTreeMap<Text, bool> {
        let mut concerned = BTreeMap::new();
        let Some(it) = self.customers.get(account) else { return concerned };
        if self.rules.program.person.is_idle() {
            return concerned;
        }
        let people = it.customer.people();
        let late = &it.late[..it.answered];
        if late.iter().any(is_account_trait) {
            concerned.extend(people.iter().map(|it| (it.clone(), false)));
        }
        for row in late {
            let Some(id) = &row.person else { continue };
            if !row.copy || people.contains(id) {
                *concerned.entry(id.clone()).or_default() |= !row.copy;
            }
        }
        concerned
    }

    /// What a job takes along of an account.
    fn task(&self, id: &Text, anew: bool) -> Result<Task> {
        let Some(account) = self.customers.get(id) else {
            let (rows, nothing) = (Rows::All(Vec::new()), Imports::new());
            return Ok(Task { rows, as_it_is: Some(nothing.clone()), told: nothing });
        };
        // What waits in the late lane has yet to arrive.
        let waits = if anew { account.unanswered() } else { &account.late };
        let waits: FxHashSet<_> = waits.iter().map(Row::order).collect();
        let known = |rows: &mut Vec<Row>| {
            if !waits.is_empty() {
                rows.retain(|row| !waits.contains(&row.order()));
            }
        };
        let mut rows;
        let rows = if account.is_elsewhere() {
            // As the history has them, they are not as they are now.
            rows = self.rows_of(id)?;
            known(&mut rows);
            Rows::All(rows)
        } else {
            let recent = account.recent.iter().filter_map(|it| self.tail.get(*it));
            let attributed =
                recent.flat_map(|it| self.resolver.rows(it, &self.rules.program.paths));
            rows = attributed.filter(|(home, _)| home == id).map(|(_, row)| row).collect();
            known(&mut rows);
            Rows::Recent(rows)
        };
        let as_it_is = (!anew).then(|| account.customer.exported().clone());
        let told = if anew { self.others_tell(id, Time::MIN) } else { Imports::new() };
        Ok(Task { rows, as_it_is, told })
    }

    /// The history as it is, to be read by others.
    pub(super) fn reading(&mut self) -> Arc<History> {
        let now = self.history.generation();
        match &self.reading {
            Some(it) if it.generation() == now => Arc::clone(it),
            _ => Arc::clone(self.reading.insert(Arc::new(self.history.fork()))),
        }
    }
}
