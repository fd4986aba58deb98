//! The simulated world: who is in it follows from a seed and a size, and from nothing else.
//!
//! Companies are made one by one from (seed, number), in parallel and in batches: no more than two
//! batches are in memory at a time, however large the world is (P8). A world of so many *events*
//! has as many companies as it takes to reach them.

use firsthand_model::{Date, Fact};
use rayon::prelude::*;
use serde::Serialize;

use crate::calendar::Calendar;
use crate::chance::Chance;
use crate::company::Company;
use crate::life;
use crate::mess::Mess;
use crate::tape::Tape;
use crate::truth::AccountTruth;

/// Companies that are made at a time. Batches are the same for any number of threads.
const BATCH: u64 = 64;
/// Most events of one company, however large the world.
pub const COMPANY_EVENTS_MAX: u64 = 50_000;
/// Fewest that a company may have, however small the world.
const COMPANY_EVENTS_MIN: u64 = 400;
/// No company has more than one of so many events of the world.
const COMPANY_SHARE: u64 = 40;
/// Longest that may be simulated: ten years.
pub const DAYS_MAX: i64 = 3_660;
/// Shortest: from a sign-up to the end of a trial, and a little more.
pub const DAYS_MIN: i64 = 28;

/// How large a world is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Size {
    /// So many events and records; reached to within a few percent.
    Events(u64),
    /// So many companies.
    Companies(u64),
}

/// What a world is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Options {
    /// Which of all worlds it is.
    pub seed: u64,
    /// How large it is.
    pub size: Size,
    /// Its first day.
    #[serde(serialize_with = "date")]
    pub first_day: Date,
    /// How many days it has, from [`DAYS_MIN`] to [`DAYS_MAX`].
    pub days: i64,
    /// What goes wrong on the way.
    pub mess: Mess,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn date<S: serde::Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}

/// A simulated world.
#[derive(Clone, Debug)]
pub struct World {
    options: Options,
    chance: Chance,
    calendar: Calendar,
}

/// One company, with all that was recorded of it and the truth about it.
#[derive(Debug)]
pub struct Recorded {
    /// In order of time; of arrival, where there is mess.
    pub facts: Vec<Fact>,
    /// Of each of its accounts.
    pub truths: Vec<AccountTruth>,
    /// How many events and records are among the facts.
    pub events: u64,
}

/// How much came out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Companies; each has one e-mail domain.
    pub companies: u64,
    /// Accounts.
    pub accounts: u64,
    /// Events and records.
    pub events: u64,
    /// Facts: events, records, traits, memberships and links.
    pub facts: u64,
}

impl World {
    /// The world that follows from these options. Days are held within their limits.
    pub fn new(options: Options) -> Self {
        let days = options.days.clamp(DAYS_MIN, DAYS_MAX);
        let options = Options { days, ..options };
        Self {
            chance: Chance::from_seed(options.seed),
            calendar: Calendar::new(options.first_day, days),
            options,
        }
    }

    /// What it was made from.
    pub const fn options(&self) -> &Options {
        &self.options
    }

    /// Makes the company of a number.
    pub fn company(&self, number: u64) -> Recorded {
        let company = Company::draw(self, number);
        let mut tape = Tape::new(company.founding.key.clone());
        let truths = life::play(self, &company, &mut tape);
        let mut facts = tape.into_facts();
        // What was planned for days beyond the edges is not recorded.
        let (start, end) = (self.calendar.start(), self.calendar.end());
        facts.retain(|it| start <= it.time && it.time < end);
        // Stable: what was told first of one instant stays first.
        facts.sort_by_key(|it| it.time);
        self.options.mess.make(&mut facts, self.chance(number).fork(3));
        let events = facts.iter().filter(|it| is_event(it)).count() as u64;
        Recorded { facts, truths, events }
    }

    /// Makes all companies in the order of their numbers. `make` turns each into whatever is
    /// wanted of it, on many threads; `take` gets the results one by one, in order, until the
    /// world is as large as was asked for or `take` fails.
    ///
    /// Which results come, and in which order, is the same for any number of threads.
    pub fn stream<T, E>(
        &self,
        make: impl Fn(Recorded) -> T + Sync,
        mut take: impl FnMut(T) -> Result<(), E> + Send,
    ) -> Result<Totals, E>
    where
        T: Send,
        E: Send,
    {
        let batch = |first: u64| -> Vec<(Totals, T)> {
            let last = match self.options.size {
                Size::Companies(count) => count.min(first + BATCH),
                Size::Events(_) => first + BATCH,
            };
            (first..last)
                .into_par_iter()
                .map(|number| {
                    let recorded = self.company(number);
                    (recorded.totals(), make(recorded))
                })
                .collect()
        };
        let mut totals = Totals::default();
        let mut next = 0;
        let mut made = batch(next);
        while !made.is_empty() && !self.is_reached(&totals) {
            next += BATCH;
            // The next batch is made while this one is taken.
            let (taken, following) = rayon::join(
                || {
                    for (part, it) in made {
                        if self.is_reached(&totals) {
                            break;
                        }
                        take(it)?;
                        totals.add(part);
                    }
                    Ok(())
                },
                || batch(next),
            );
            taken?;
            made = following;
        }
        Ok(totals)
    }

    fn is_reached(&self, totals: &Totals) -> bool {
        match self.options.size {
            Size::Events(events) => totals.events >= events,
            Size::Companies(companies) => totals.companies >= companies,
        }
    }

    pub(crate) const fn seed(&self) -> u64 {
        self.options.seed
    }

    pub(crate) const fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The stream of chance of one company.
    pub(crate) fn chance(&self, number: u64) -> Chance {
        self.chance.fork(number)
    }

    /// Most events of one company, so that a small world is not made of one giant.
    pub(crate) fn company_events_max(&self) -> u64 {
        match self.options.size {
            Size::Events(events) => {
                (events / COMPANY_SHARE).clamp(COMPANY_EVENTS_MIN, COMPANY_EVENTS_MAX)
            }
            Size::Companies(_) => COMPANY_EVENTS_MAX,
        }
    }
}

impl Recorded {
    fn totals(&self) -> Totals {
        Totals {
            companies: 1,
            accounts: self.truths.len() as u64,
            events: self.events,
            facts: self.facts.len() as u64,
        }
    }
}

impl Totals {
    /// Adds another part.
    pub const fn add(&mut self, other: Self) {
        self.companies += other.companies;
        self.accounts += other.accounts;
        self.events += other.events;
        self.facts += other.facts;
    }
}

fn is_event(fact: &Fact) -> bool {
    use firsthand_model::fact::Body;
    matches!(fact.body, Body::Event { .. } | Body::Record { .. })
}
