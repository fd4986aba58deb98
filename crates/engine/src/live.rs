//! Everybody as they are thought to be now: facts in, what became known out.
//!
//! [`Live`] is a plain state machine: time comes only with what it is given, and it writes nothing
//! but the history when it is told to seal. So a whole company can be run through it by a test, in
//! any order of arrival.
//!
//! # Promises
//!
//! - LIVE-1 (P1): folding what has become known gives the timelines that a replay gives.
//! - LIVE-2 (P2): repeats, and the order in which facts arrive, change no timeline.
//! - LIVE-3: what one chunk makes known depends only on the chunks before it and on its own facts
//!   and instant, not on when time was passed in between.

mod accounts;
mod begin;
mod families;
mod handback;
mod judging;
mod lane;
mod late;
mod learn;
mod people;
mod places;
mod quiet;
mod reading;
mod refusals;
mod sealing;
mod standings;
mod together;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::Arc;

use firsthand_history::History;
use firsthand_model::config::Project;
use firsthand_model::fact::{Kind, Row, RowBody};
use firsthand_model::{Span, Text, Time};
use firsthand_rules::arrivals::{Arrivals, MEMORY};
use firsthand_rules::compile::names::Fits;
use firsthand_rules::compile::program::Program;
use firsthand_rules::judge::Judge;
use firsthand_rules::ledger::{Entry, SETTLE};
use firsthand_rules::resolve::Resolver;
use firsthand_rules::timeline::Subject;
use rustc_hash::FxHashMap;

pub(crate) use families::Asking;
pub use judging::{Judged, Judging as JudgingAnew};
pub use places::{FactsLie, Stands};
pub(crate) use quiet::Touched;
pub(crate) use reading::Reading;
pub use refusals::Refusals;
pub use sealing::{Freed, Sealed, Sealing};
pub(crate) use standings::standings;

use self::accounts::Account;
use crate::chunk::Chunk;
use crate::customer::Customer;
use crate::erase::history_from;
use crate::error::Result;
use crate::person::Person;
use crate::seen::Seen;
use crate::stages;
use crate::stir::Stirs;
use crate::tail::Tail;
use crate::whereabouts::Whereabouts;
use lane::Lane;
use quiet::Open;

/// A fact that its account's state has passed by more than this waits in the late lane.
pub const LATE: Span = Span::SECOND.times(10);
/// So much may wait there, facts and whoever is to be judged anew, before nothing is taken in until
/// it has become less.
pub const LATE_MAX: usize = 100_000;
/// So many rows may be taken in once more by the engine itself for a late fact that comes in
/// between; else that is done beside it. Tests do it beside for next to nothing.
pub const WAY_BACK_MAX: usize = if cfg!(feature = "canary") { 2 } else { 100 };

/// The stage of who did what counts as success.
pub const CUSTOMER: &str = "customer";

/// Facts of somebody who is left out stand in no account, as in the history: they may count again
/// once more is known.
static NOWHERE: Text = Text::new_static("");

/// What is judged, and by what.
#[derive(Clone, Debug)]
pub struct Rules {
    /// What the team wrote.
    pub project: Arc<Project>,
    /// The same, compiled.
    pub program: Arc<Program>,
    /// Where recorded history begins.
    pub history_from: Time,
}

impl Rules {
    /// The same over another history. Where nobody has said when recorded history begins, it begins
    /// with the first fact, and that may be another one now.
    #[must_use]
    pub(crate) fn over(self, history: &History) -> Self {
        let begins = self.history_from > Time::MIN;
        let history_from =
            if begins { history_from(&self.project, history) } else { self.history_from };
        Self { history_from, ..self }
    }
}

/// Everybody as they are thought to be now.
pub struct Live {
    rules: Rules,
    watched: Vec<(u32, u32)>,
    /// The names met, for each thread that judges.
    names: Vec<Fits>,
    history: History,
    resolver: Resolver,
    tail: Tail,
    seen: Seen,
    whereabouts: Whereabouts,
    /// What siblings and populations are asked, if anything is.
    pub(crate) asking: Option<Asking>,
    customers: FxHashMap<Text, Box<Account>>,
    people: FxHashMap<Text, Timed>,
    timers: BinaryHeap<Reverse<(Time, Subject)>>,
    /// Who is not packed.
    open: Open,
    /// When the newest chunk was known, or time was last passed.
    known_at: Time,
    /// Behind which offset of the log nothing was taken in yet.
    taken: u64,
    /// The offset behind what is being sealed, while something is.
    sealing: Option<u64>,
    /// Behind which offset of the log lies what is being taken in.
    at: u64,
    /// Who waits to be judged by what came late.
    lane: Lane,
    /// The history, for who judges beside the engine.
    reading: Option<Arc<History>>,
    /// Whether files are still to be removed that a sealing has replaced.
    tidy_due: bool,
    /// Who was judged, where somebody keeps count.
    judged: Option<BTreeSet<Subject>>,
    successes: Vec<Success>,
    repeated: u64,
    /// The same by source, since it was last asked for.
    repeated_by: BTreeMap<Text, u64>,
    refusals: Refusals,
    #[cfg(feature = "canary")]
    pub(crate) canary: Option<Canary>,
}

/// What is broken on purpose.
#[cfg(feature = "canary")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Canary {
    /// A fact that came before counts again.
    Dedupe,
    /// Time alone does nothing.
    Timers,
}

/// What became known of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Of whom.
    pub subject: Subject,
    /// What.
    pub entry: Entry,
}

/// An account did what counts as success, or another system told how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Success {
    /// Which account.
    pub account: Text,
    /// Which outcome, or the name of the record that told it.
    pub outcome: Text,
    /// The stage that it brings the account to; of an outcome, [`CUSTOMER`].
    pub stage: &'static str,
    /// When.
    pub at: Time,
}

/// A person, and when they are to be woken.
struct Timed {
    it: Box<Person>,
    due: Time,
}

impl Live {
    /// Begins with a history, of which nothing has been judged yet.
    pub fn new(rules: Rules, history: History) -> Self {
        let resolver = history.resolver().clone();
        let taken = history.logged();
        let mut live = Self {
            watched: rules.program.account.exports.clone(),
            asking: Asking::of(&rules.program),
            rules,
            names: together::names(),
            resolver,
            history,
            tail: Tail::default(),
            seen: Seen::default(),
            whereabouts: Whereabouts::default(),
            customers: FxHashMap::default(),
            people: FxHashMap::default(),
            timers: BinaryHeap::new(),
            open: Open::default(),
            known_at: Time::MIN,
            taken,
            sealing: None,
            at: taken,
            lane: Lane::default(),
            reading: None,
            tidy_due: false,
            judged: None,
            successes: Vec::new(),
            repeated: 0,
            repeated_by: BTreeMap::new(),
            refusals: Refusals::default(),
            #[cfg(feature = "canary")]
            canary: None,
        };
        live.account(&NOWHERE);
        live
    }

    /// What is judged.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// A customer, by its account.
    pub fn customer(&self, account: &str) -> Option<&Customer> {
        self.customers.get(account).map(|it| &it.customer)
    }

    /// All customers, in no order.
    pub fn customers(&self) -> impl Iterator<Item = (&Text, &Customer)> {
        let customers = self.customers.iter().filter(|(id, _)| **id != NOWHERE);
        customers.map(|(id, it)| (id, &it.customer))
    }

    /// How many accounts there are, those included that nothing is known of any more.
    pub fn accounts(&self) -> usize {
        self.customers.len() - 1
    }

    /// A person, by canonical id; only if people are judged.
    pub fn person(&self, id: &str) -> Option<&Person> {
        self.people.get(id).map(|it| &*it.it)
    }

    /// All people, in no order; only if people are judged.
    pub fn people(&self) -> impl Iterator<Item = (&Text, &Person)> {
        self.people.iter().map(|(id, it)| (id, &*it.it))
    }

    /// The state of a subject.
    pub fn subject(&self, subject: &Subject) -> Option<&Arrivals<Row>> {
        match subject.kind {
            Kind::Account => self.customer(&subject.id).map(Customer::stream),
            Kind::Person => self.person(&subject.id).map(Person::stream),
        }
    }

    /// The account of a subject: itself, or the one the person is in now.
    pub fn account_of(&self, subject: &Subject) -> Option<Text> {
        match subject.kind {
            Kind::Account => Some(subject.id.clone()),
            Kind::Person => self.person(&subject.id)?.account().cloned(),
        }
    }

    /// A judge of the program, for explaining.
    pub fn judge(&self) -> Judge<'_> {
        Judge::new(&self.rules.program, self.rules.history_from)
    }

    /// What is known about who is who.
    pub fn resolver(&self) -> &Resolver {
        &self.resolver
    }

    /// The recorded history, without the facts of the tail.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The same, to take something out of it. What is judged here knows nothing of that.
    pub(crate) fn history_mut(&mut self) -> &mut History {
        &mut self.history
    }

    /// When the newest chunk was known, or time was last passed.
    pub(crate) fn known_at(&self) -> Time {
        self.known_at
    }

    /// Behind which offset of the log nothing was taken in yet.
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }

    /// Takes the place of a state that has come as far by other rules, from the same history.
    pub(crate) fn take_over(&mut self, before: &mut Self) {
        debug_assert_eq!(self.taken, before.taken, "it has come as far");
        // A fork reads the same files, but leaves behind what it replaces.
        std::mem::swap(&mut self.history, &mut before.history);
        self.count_on(before);
    }

    /// Goes on counting where a state ends whose place it takes. What that one has told is not told
    /// again.
    pub(crate) fn count_on(&mut self, before: &mut Self) {
        self.successes.clear();
        self.repeated = before.repeated;
        self.repeated_by = std::mem::take(&mut before.repeated_by);
        self.refusals = std::mem::take(&mut before.refusals);
        #[cfg(feature = "canary")]
        {
            self.canary = before.canary;
        }
    }

    /// How many facts are not in the history yet.
    pub fn unsealed(&self) -> usize {
        self.tail.len()
    }

    /// When the oldest of these became known; never, if there are none.
    pub fn oldest_unsealed(&self) -> Time {
        self.tail.oldest().unwrap_or(Time::MAX)
    }

    /// How many facts came more than once.
    pub fn repeated(&self) -> u64 {
        self.repeated
    }

    /// Ids that were not taken at their word, since the start.
    pub fn refusals(&self) -> &Refusals {
        &self.refusals
    }

    /// How many facts came more than once, by source, since this was last asked.
    pub(crate) fn take_repeated(&mut self) -> BTreeMap<Text, u64> {
        std::mem::take(&mut self.repeated_by)
    }

    /// What was asked of that and could not be written down.
    pub(crate) fn give_back_repeated(&mut self, repeated: BTreeMap<Text, u64>) {
        for (source, count) in repeated {
            *self.repeated_by.entry(source).or_default() += count;
        }
    }

    /// Pairs of slot and node of an account's graph whose changes are kept.
    pub(crate) fn watched(&self) -> &[(u32, u32)] {
        &self.watched
    }

    /// Takes in a chunk; tells what has become known by it, and by the time up to it.
    pub fn take(&mut self, chunk: &Chunk) -> Result<Vec<Known>> {
        let mut known = self.pass(chunk.known_at)?;
        self.known_at = chunk.known_at;
        self.taken = chunk.end();
        self.at = chunk.first;
        let learnt = self.learn(chunk);
        let mut arrivals: BTreeMap<Text, Vec<Row>> = BTreeMap::new();
        let moved = self.attribute_anew(&learnt, &mut arrivals)?;
        let mut placed: FxHashMap<Text, Vec<Row>> = FxHashMap::default();
        for (offset, fact, rows) in self.rows_of_fresh(learnt.fresh) {
            let stage = stages::of_record(&fact);
            self.stand(offset, &fact, &rows);
            for (account, row) in rows {
                if let (Some(stage), RowBody::Event { name, .. }) = (stage, &row.body) {
                    let (account, outcome) = (account.clone(), name.clone());
                    self.successes.push(Success { account, outcome, stage, at: row.time });
                }
                placed.entry(account).or_default().push(row);
            }
        }
        for (account, rows) in placed {
            arrivals.entry(account).or_default().extend(rows);
        }
        let mut stirs = Stirs::default();
        arrivals.retain(|account, _| !moved.contains(account));
        for (account, rows) in &mut arrivals {
            *rows = self.put_aside_late(account, std::mem::take(rows));
        }
        self.judge_accounts(&moved, arrivals, &mut stirs, &mut known)?;
        self.judge_people(stirs, &mut known);
        Ok(known)
    }

    /// What counts as success and has become known since this was last asked.
    pub fn successes(&mut self) -> Vec<Success> {
        std::mem::take(&mut self.successes)
    }

    /// Keeps count of who is judged from now on.
    pub(crate) fn count_judged(&mut self) {
        self.judged = Some(BTreeSet::new());
    }

    /// How many were judged since.
    pub(crate) fn judged(&self) -> usize {
        self.judged.as_ref().map_or(0, BTreeSet::len)
    }

    /// Who was judged since; nobody counts from now on.
    pub(crate) fn counted_judged(&mut self) -> BTreeSet<Subject> {
        self.judged.take().unwrap_or_default()
    }

    /// Lets time alone act, as far as it has settled by now.
    pub fn pass(&mut self, now: Time) -> Result<Vec<Known>> {
        let mut known = Vec::new();
        let settled = settled(now);
        self.known_at = self.known_at.max(now);
        self.at = self.taken;
        self.begin_midnights(settled);
        while let Some(midnight) = self.next_midnight().filter(|it| *it <= settled) {
            // What happens at the midnight itself belongs to the day that begins.
            self.pass_to(midnight - Span(1), &mut known);
            self.take_midnight(midnight, &mut known);
            // Of several midnights each counts people as the one before has left them.
            while self.next_midnight().is_some_and(|it| it <= settled)
                && let Some(more) = self.take_late(now)?
            {
                known.extend(more);
            }
            self.at = self.taken;
        }
        self.pass_to(settled, &mut known);
        self.pack_in_passing();
        Ok(known)
    }

    fn pass_to(&mut self, settled: Time, known: &mut Vec<Known>) {
        let (mut stirs, mut behind) = (Stirs::default(), Stirs::default());
        // Accounts come before people: what they say is told to these at the same instant.
        let mut due: BTreeSet<Text> =
            self.due(Kind::Account, settled).into_iter().map(|it| it.id).collect();
        let news = self.ask_until(due.iter(), settled);
        due.extend(news.keys().cloned());
        for account in due {
            let told = (news.get(&account).copied(), settled);
            self.settle_account(&account, told, &mut stirs, &mut behind, known);
        }
        self.judge_people(behind, known);
        self.judge_told(stirs, known);
        for subject in self.due(Kind::Person, settled) {
            self.settle_person(&subject.id, settled, known);
        }
    }

    /// Lets time alone act on an account up to an instant, with what others tell it otherwise. Whom
    /// of its people that concerns from the instant on at which they stand, or `behind` it.
    fn settle_account(
        &mut self,
        account: &Text,
        (changed, settled): (Option<Time>, Time),
        stirs: &mut Stirs,
        behind: &mut Stirs,
        known: &mut Vec<Known>,
    ) {
        if self.judge_behind(account, changed, behind, known) {
            return;
        }
        self.lane.keep_aside(&lane::account(account), &[], changed);
        let state = self.account(account).customer.stream();
        let (after, was_packed) = (state.now(), state.is_packed());
        let told = (self.others_tell(account, after), changed);
        let memory = self.known_at - MEMORY;
        self.have_judged(account, &told, stirs, known, |customer, judging| {
            customer.settle(judging, settled);
            // Time alone wakes nobody for long.
            if was_packed {
                customer.pack(memory);
            }
        });
    }

    /// Takes out the timers of a kind that are due; each subject once.
    fn due(&mut self, kind: Kind, settled: Time) -> BTreeSet<Subject> {
        let (mut due, mut others) = (BTreeSet::new(), Vec::new());
        #[cfg(feature = "canary")]
        if self.canary == Some(Canary::Timers) {
            return due;
        }
        while let Some(Reverse((at, _))) = self.timers.peek()
            && *at <= settled
        {
            let Some(Reverse((at, subject))) = self.timers.pop() else { break };
            let set_for = match subject.kind {
                Kind::Account => self.customers.get(&subject.id).map(|it| it.due),
                Kind::Person => self.people.get(&subject.id).map(|it| it.due),
            };
            match set_for {
                Some(set_for) if set_for == at && subject.kind == kind => _ = due.insert(subject),
                Some(set_for) if set_for == at => others.push(Reverse((at, subject))),
                _ => {}
            }
        }
        self.timers.extend(others);
        due
    }

    /// The instant at which time is next to be passed; never, if nothing waits for it.
    pub fn next(&self) -> Time {
        let due = self.timers.peek().map(|Reverse((due, _))| *due);
        let due = due.into_iter().chain(self.next_midnight()).min();
        due.map_or(Time::MAX, |it| it + SETTLE + Span(1))
    }

    /// Judges an account anew from all its rows.
    fn anew(&mut self, account: &Text, stirs: &mut Stirs, known: &mut Vec<Known>) -> Result<()> {
        if *account == NOWHERE {
            return Ok(());
        }
        self.leave_lane(account);
        let rows = self.rows_of(account)?;
        let known_at = self.known_at;
        let told = (self.others_tell(account, Time::MIN), None);
        self.have_judged(account, &told, stirs, known, |customer, judging| {
            customer.settle(judging, settled(known_at));
            customer.anew(judging, &rows, settled(known_at), Some(known_at));
        });
        Ok(())
    }
}

/// Counts a subject as judged, where that is counted.
fn count(judged: &mut Option<BTreeSet<Subject>>, kind: Kind, id: &Text) {
    if let Some(judged) = judged {
        judged.insert(Subject { kind, id: id.clone() });
    }
}

fn tell(kind: Kind, id: &Text, entries: Vec<Entry>, known: &mut Vec<Known>) {
    let of = |entry| Known { subject: Subject { kind, id: id.clone() }, entry };
    known.extend(entries.into_iter().map(of));
}

/// How far time has settled at an instant: nothing can come before it any more.
pub(crate) fn settled(now: Time) -> Time {
    now - SETTLE - Span(1)
}
