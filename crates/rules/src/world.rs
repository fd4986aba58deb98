//! Judging accounts and their people, stratum by stratum (docs/language.md, section 7).
//!
//! [`account`] judges one account and the people who belong to it alone; it needs nothing else,
//! so any number of accounts can be judged side by side. People of several accounts, families
//! and populations need what accounts have said: [`travel`] and
//! [`crate::society`] bring it together, over changes only. [`judge_all`] does all of it
//! over rows in memory, for stories and tests; the history does the same bucket by bucket.

use std::collections::{BTreeMap, BTreeSet};

use firsthand_model::fact::{Kind, Row, RowBody};
use firsthand_model::{Scalar, Text, Time};

use crate::compile::program::Program;
use crate::eval::value::Value;
use crate::judge::{Judge, Record, Stream};
use crate::ledger::{self, Entry};
use crate::society::{Said, Society};
use crate::timeline::{Interval, OutcomeAt, Subject};
use crate::travel;

/// What other strata say to a subject: when, slot, value; in order of time.
pub type Imports = Vec<(Time, u32, Value)>;

/// What is told to the subjects of one account.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// To the account.
    pub account: Imports,
    /// To its people.
    pub persons: BTreeMap<Text, Imports>,
}

/// One subject, judged.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Who.
    pub subject: Subject,
    /// The account; for a person of several, the newest.
    pub account: Text,
    /// The subject's start, as the moment `start` tells it.
    pub started: Time,
    /// The first fact of the subject's own.
    pub first: Time,
    /// The last fact of the subject's own.
    pub last: Time,
    /// For each definition of its root, the timeline.
    pub timelines: Vec<Vec<Interval>>,
    /// How it became known.
    pub ledger: Vec<Entry>,
    /// Outcomes, and the values that others read.
    pub record: Record,
    /// The state at the end, for explaining.
    pub stream: Stream,
    /// The exclusion that holds at the end, if one does.
    pub excluded: Option<Text>,
}

/// What came out for a subject, without the state it was left in.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdicts {
    /// Who.
    pub subject: Subject,
    /// The account; for a person of several, the newest.
    pub account: Text,
    /// The subject's start, as the moment `start` tells it.
    pub started: Time,
    /// The first fact of the subject's own.
    pub first: Time,
    /// The last fact of the subject's own.
    pub last: Time,
    /// For each definition of its root, the timeline.
    pub timelines: Vec<Vec<Interval>>,
    /// For each outcome of its root, when it happened.
    pub outcomes: Vec<Vec<OutcomeAt>>,
    /// The exclusion that holds at the end, if one does.
    pub excluded: Option<Text>,
}

impl From<&Judged> for Verdicts {
    fn from(judged: &Judged) -> Self {
        Self {
            subject: judged.subject.clone(),
            account: judged.account.clone(),
            started: judged.started,
            first: judged.first,
            last: judged.last,
            timelines: judged.timelines.clone(),
            outcomes: judged.record.outcomes.clone(),
            excluded: judged.excluded.clone(),
        }
    }
}

/// An account and its people, judged.
#[derive(Clone, Debug)]
pub struct AccountJudged {
    /// The account.
    pub account: Judged,
    /// Those who belong to it alone.
    pub persons: Vec<Judged>,
}

/// Judges an account and the people who belong to it alone, up to `until`.
///
/// `rows` are the account's, in the order of [`Row::order`]; `travels` tells who has facts in
/// other accounts too and is judged elsewhere. `None` for an account without any fact by then.
pub fn account(
    judge: &mut Judge<'_>,
    name: &str,
    rows: &[Row],
    told: &Told,
    travels: &dyn Fn(&str) -> bool,
    until: Time,
) -> Option<AccountJudged> {
    let program = judge.program();
    let rows = &rows[..rows.partition_point(|row| row.time <= until)];
    if rows.is_empty() {
        return None;
    }
    let domain = name
        .strip_prefix("domain:")
        .map(|domain| domain_row(domain, rows[0].time, rows[0].known_at));
    let all = domain.iter().chain(rows).collect::<Vec<_>>();
    let watched = watched(program, Kind::Account);
    let judged = ledger::judge(judge, Kind::Account, &all, &told.account, &watched, until);
    let id = Subject { kind: Kind::Account, id: name.into() };
    let account = finish(program, id, name.into(), &all, judged);

    let mut persons = Vec::new();
    if !program.person.is_idle() {
        let exported = exports(program, &account.record);
        for (person, own) in by_person(rows, travels) {
            let mut imports = exported.clone();
            imports.extend(told.persons.get(&person).into_iter().flatten().cloned());
            imports.sort_by_key(|(at, slot, _)| (*at, *slot));
            let (arrival, own) = arrived(&person, &own);
            let id = Subject { kind: Kind::Person, id: person };
            let rows = arrival.iter().chain(own.iter().copied()).collect::<Vec<_>>();
            persons.push(self::person(judge, id, name.into(), &rows, &imports, until));
        }
    }
    Some(AccountJudged { account, persons })
}

/// Judges a person from the rows of the person's stream: the person's own, and the traits of the
/// person's account.
pub fn person(
    judge: &mut Judge<'_>,
    id: Subject,
    account: Text,
    rows: &[&Row],
    imports: &Imports,
    until: Time,
) -> Judged {
    let program = judge.program();
    let watched = watched(program, Kind::Person);
    let judged = ledger::judge(judge, Kind::Person, rows, imports, &watched, until);
    finish(program, id, account, rows, judged)
}

/// An account made of a company's domain has that domain as its trait, from its first fact on.
pub fn domain_row(domain: &str, time: Time, known_at: Option<Time>) -> Row {
    let traits = [("domain".into(), Scalar::Text(domain.into()))].into();
    Row {
        time,
        known_at,
        id: Text::default(),
        source: Text::default(),
        person: None,
        copy: false,
        body: RowBody::Traits { of: Kind::Account, traits },
    }
}

/// The changes that people of an account are told.
pub fn exports(program: &Program, record: &Record) -> Imports {
    let exported = |slot: &u32| program.account.exports.iter().any(|(it, _)| it == slot);
    record.changes.iter().filter(|(_, slot, _)| exported(slot)).cloned().collect()
}

/// The nodes whose changes the two passes over everybody read, with the slot each is told by.
pub fn watched(program: &Program, kind: Kind) -> Vec<(u32, u32)> {
    let mut watched = Vec::new();
    if kind == Kind::Account {
        watched.extend(program.account.exports.iter().copied());
        watched.extend(program.families.iter().map(|it| (it.slot, it.node)));
    }
    for population in program.populations.iter().filter(|it| it.kind == kind) {
        watched.push((population.slot, population.value));
        watched.extend(population.among.map(|node| (population.slot | AMONG, node)));
    }
    watched
}

/// Marks, in a watched slot, the condition for belonging to a population.
pub const AMONG: u32 = 1 << 31;

/// The rows of each person's stream.
fn by_person<'r>(rows: &'r [Row], travels: &dyn Fn(&str) -> bool) -> BTreeMap<Text, Vec<&'r Row>> {
    let people = rows.iter().filter(|row| !row.copy).filter_map(|row| row.person.as_ref());
    let people = people.filter(|person| !travels(person)).collect::<BTreeSet<_>>();
    let mut streams =
        people.into_iter().map(|it| (it.clone(), Vec::new())).collect::<BTreeMap<_, _>>();
    for row in rows {
        match (&row.person, &row.body) {
            (_, RowBody::Traits { of: Kind::Account, .. }) => {
                for stream in streams.values_mut() {
                    stream.push(row);
                }
            }
            (Some(person), _) => {
                if let Some(stream) = streams.get_mut(person) {
                    stream.push(row);
                }
            }
            (None, _) => {}
        }
    }
    streams
}

/// A person's life begins with the person's own first fact, not with the account's: what was
/// true of the account by then, as one row, and the rows from then on.
pub fn arrived<'o, 'r>(person: &Text, rows: &'o [&'r Row]) -> (Option<Row>, &'o [&'r Row]) {
    let own = |row: &&Row| row.person.as_ref() == Some(person);
    let (before, rest) = rows.split_at(rows.iter().position(own).unwrap_or(0));
    let arrival =
        rest.first().and_then(|first| travel::on_arrival(before, first, &mut BTreeSet::new()));
    (arrival, rest)
}

fn finish(
    program: &Program,
    subject: Subject,
    account: Text,
    rows: &[&Row],
    judged: ledger::Judgement,
) -> Judged {
    let root = program.root(subject.kind);
    let own =
        |row: &&&Row| subject.kind == Kind::Account || row.person.as_ref() == Some(&subject.id);
    let first = rows.iter().find(own).map_or(Time::MIN, |row| row.time);
    let last = rows.iter().rfind(own).map_or(first, |row| row.time);
    let frame = judged.stream.frame();
    let excluded = root.exclusions.iter().find(|(_, node)| frame.value(*node).is_true());
    Judged {
        account,
        started: frame.value(root.start).as_time().unwrap_or(first),
        first,
        last,
        timelines: judged.timelines,
        ledger: judged.ledger,
        record: judged.record,
        excluded: excluded.map(|(name, _)| name.clone()),
        stream: judged.stream,
        subject,
    }
}

/// Judges everybody over rows in memory, in as many passes as the program has strata.
pub fn judge_all(
    program: &Program,
    accounts: &BTreeMap<Text, Vec<Row>>,
    parent_trait: &str,
    history_from: Time,
    until: Time,
) -> Vec<Judged> {
    let mut judge = Judge::new(program, history_from);
    let travellers = travel::travellers(accounts, until);
    let travels = |person: &str| travellers.contains_key(person);
    let mut society = Society::new(program);
    let mut all = Vec::new();
    let passes = if society.is_asked() { 2 } else { 1 };
    for pass in 0..passes {
        let told = society.told(until);
        all.clear();
        let mut exported = BTreeMap::new();
        for (name, rows) in accounts {
            let nothing = Told::default();
            let told = told.get(name).unwrap_or(&nothing);
            let Some(judged) = account(&mut judge, name, rows, told, &travels, until) else {
                continue;
            };
            exported.insert(name.clone(), exports(program, &judged.account.record));
            if pass + 1 < passes {
                society.hear(Said::account(&judged.account, rows, parent_trait));
                judged.persons.iter().for_each(|it| society.hear(Said::person(it)));
            }
            all.push(judged.account);
            all.extend(judged.persons);
        }
        if !program.person.is_idle() {
            for (person, journey) in &travellers {
                let (rows, mut imports) = travel::stream(journey, accounts, &exported);
                let rows = rows.iter().filter(|row| row.time <= until).collect::<Vec<_>>();
                let Some(newest) = travel::newest(journey) else { continue };
                if rows.is_empty() {
                    continue;
                }
                let standing = told.get(newest).and_then(|it| it.persons.get(person));
                imports.extend(standing.into_iter().flatten().cloned());
                imports.sort_by_key(|(at, slot, _)| (*at, *slot));
                let id = Subject { kind: Kind::Person, id: person.clone() };
                let judged = self::person(&mut judge, id, newest.clone(), &rows, &imports, until);
                if pass + 1 < passes {
                    society.hear(Said::person(&judged));
                }
                all.push(judged);
            }
        }
    }
    all
}
