//! Recorded facts from files, taken in while the engine goes on.
//!
//! They do not go through the log. A fact of the log is known when it arrives; what a file tells of
//! last year was known last year, and a backtest has to be able to say so (P3). And a year that
//! arrives late would have every account judged again and again. So the facts come into the
//! history as they do offline: in one commit, which counts as a whole or not at all. Beside the
//! engine everybody's state is then made anew from that history, as at a start (P1). What has come
//! into the log meanwhile is taken up after it, and the engine goes on with the new state. Only those
//! whose timelines have changed by it are brought into the ledger.
//!
//! To who writes facts nothing happens meanwhile: they go into the log, and are decided by the old
//! state until the new one takes over.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use firsthand_history::{History, Scan, Summary};
use firsthand_model::fact::{Kind, Row, RowBody};
use firsthand_model::{Fact, Text, Time};
use firsthand_rules::arrivals::Arrivals;
use firsthand_rules::ledger::Change;
use firsthand_rules::timeline::Subject;
use firsthand_store::Store;

use crate::backfill::{LINES_PER_COMMIT, drain, take_next};
use crate::engine::{Engine, line};
use crate::error::Result;
use crate::live::{CUSTOMER, Freed, Known, Live, Rules, Sealed, Sealing, Success, standings};
use crate::{EngineError, stages};

/// Takes the facts of an import, one after the other.
pub type Taker<'t> = dyn FnMut(Fact) -> Result<()> + 't;

/// What an import has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Persons and accounts whose timelines are others now.
    pub subjects: u64,
    /// Entries, exits and corrections that were written into the ledger.
    pub lines: u64,
}

/// Is told what an import has changed, once the engine goes on with it.
type Reply = Box<dyn FnOnce(Imported) + Send>;

/// What has come into the history beside the engine.
pub(crate) enum Brought {
    /// Facts of the log alone: nobody's state changes by it.
    Sealed(Box<Sealed>),
    /// Others as well.
    Anew(Box<Anew>),
}

/// Everybody as they are by a history with more facts than the log has brought.
pub(crate) struct Anew {
    live: Live,
    apply: bool,
    reply: Reply,
    /// What records of other systems say of stages.
    milestones: Vec<Fact>,
}

/// An import that is to be run, by whoever has the time.
pub struct ImportJob<S> {
    sealing: Sealing,
    rules: Rules,
    store: Arc<S>,
    at: Time,
    apply: bool,
    tell: Sender<Result<Brought>>,
}

impl<S: Store> ImportJob<S> {
    /// Takes in the facts that `read` hands over, and has the engine go on with a state that knows
    /// them; `reply` is told once it does. What happens later than now, or became known later, is
    /// taken as of now.
    ///
    /// Where `read` fails nothing of it was taken in.
    ///
    /// # Errors
    /// Those of `read`; those of the history, with which nothing was taken in as well.
    pub fn run<T, E: From<EngineError>>(
        self,
        read: impl FnOnce(&mut Taker<'_>) -> Result<T, E>,
        taken: impl FnOnce(&T, &Summary),
        reply: impl FnOnce(Imported) + Send + 'static,
    ) -> Result<(T, Summary), E> {
        let Self { sealing, rules, store, at, apply, tell } = self;
        let sealed = sealing.run().and_then(|sealed| {
            if let Some(last) = sealed.until().checked_sub(1) {
                store.drop_log(last)?;
            }
            Ok(sealed)
        });
        let mut sealed = match sealed {
            Ok(sealed) => sealed,
            Err(error) => {
                let told = EngineError::Import(error.to_string());
                tell.send(Err(error)).ok();
                return Err(told.into());
            }
        };
        let mut milestones = Vec::new();
        let read = take_in(sealed.history_mut(), &rules, at, &mut milestones, read);
        if let Ok((read, summary)) = &read {
            taken(read, summary);
        }
        let brought = if let Err(Failed::Read(_)) = &read {
            Ok(Brought::Sealed(Box::new(sealed)))
        } else {
            let history = match &read {
                Ok(_) => Ok(sealed.into_history()),
                // Whether it counts is known to nobody but the history itself.
                Err(_) => reopened(&sealed, &rules),
            };
            history.and_then(|history| rebuilt(rules, history, &*store, at)).map(|live| {
                let reply = Box::new(reply);
                Brought::Anew(Box::new(Anew { live, apply, reply, milestones }))
            })
        };
        // Where the engine has gone, the next start will see.
        tell.send(brought).ok();
        read.map_err(|failed| match failed {
            Failed::Read(error) => error,
            Failed::Finish(error) => error.into(),
        })
    }
}

/// Why facts were not taken in.
enum Failed<E> {
    /// They could not be read: the history is what it was.
    Read(E),
    /// They could not be written.
    Finish(EngineError),
}

fn take_in<T, E: From<EngineError>>(
    history: &mut History,
    rules: &Rules,
    at: Time,
    milestones: &mut Vec<Fact>,
    read: impl FnOnce(&mut Taker<'_>) -> Result<T, E>,
) -> Result<(T, Summary), Failed<E>> {
    let intake = history.intake(&rules.project.calendar);
    let mut intake = intake.map_err(|error| Failed::Read(EngineError::from(error).into()))?;
    let read = read(&mut |mut fact| {
        // A fact of the future would hold up all that is judged after it.
        fact.time = fact.time.min(at);
        fact.known_at = fact.known_at.map(|it| it.min(at));
        intake.take(&fact)?;
        if stages::of_record(&fact).is_some() {
            milestones.push(fact);
        }
        Ok(())
    });
    let read = read.map_err(Failed::Read)?;
    let summary = intake.finish().map_err(|error| Failed::Finish(error.into()))?;
    Ok((read, summary))
}

/// The history as it lies on the disk, without removing what the engine may still read.
fn reopened(sealed: &Sealed, rules: &Rules) -> Result<History> {
    let dir = sealed.history().dir();
    Ok(History::open(dir, &rules.project.identity)?.fork())
}

/// Everybody by a history.
fn rebuilt(rules: Rules, history: History, store: &impl Store, at: Time) -> Result<Live> {
    let taken = standings(&rules.program, store)?;
    Live::rebuild_with(rules.over(&history), history, &taken, at, Scan::default())
}

impl<S: Store> Engine<S> {
    /// Begins to take in facts that do not come through the log. Until the job has run nothing else
    /// comes into the history. Leads open for who qualifies by it only if `apply` says so: else it
    /// is written down, and nobody is told.
    ///
    /// `None` while other rules are judged over the history: it is to be asked for again then. What
    /// is to be published while the job runs waits for it, so that what is judged stays as it is.
    pub fn begin_import(&mut self, apply: bool) -> Result<Option<ImportJob<S>>> {
        if self.is_backfilling() {
            return Ok(None);
        }
        self.make_way()?;
        let (tell, told) = channel();
        self.sealing = Some(told);
        Ok(Some(ImportJob {
            sealing: self.live.begin_seal(),
            rules: self.live.rules().clone(),
            store: Arc::clone(&self.store),
            at: self.now,
            apply,
            tell,
        }))
    }

    /// Goes on with a state that was made beside this one. No commit may be on its way.
    pub(crate) fn take_over(&mut self, anew: Anew) -> Result<Freed> {
        let Anew { mut live, apply, reply, milestones } = anew;
        self.decide_all()?;
        debug_assert!(
            Arc::ptr_eq(&live.rules().program, &self.live.rules().program),
            "what is published waits for an import"
        );
        while take_next(&mut live, &*self.store)? {}
        live.pass(self.now)?;
        drain(&mut live)?;
        live.count_on(&mut self.live);
        self.readings.reset();
        live.history_mut().tidy()?;

        let changed = changed(&self.live, &live);
        let successes = successes(&self.live, &live, &milestones);
        let old = std::mem::replace(&mut self.live, live);
        self.pending.standings.extend(self.live.take_standings());
        let mut imported = Imported { subjects: changed.len() as u64, lines: 0 };
        for success in successes {
            let Success { account, outcome, stage, at } = &success;
            // What was bought before a lead opened has not come of it.
            if *stage == CUSTOMER && self.desk.since(account).is_some_and(|it| it <= *at) {
                self.desk.succeeded(account, outcome, self.now, &mut self.pending);
            }
            self.reach_by(&success, self.now)?;
        }
        let running = self.running()?;
        for subject in changed {
            let mut known = Vec::new();
            self.unlike(&subject, &running, &mut known)?;
            imported.lines += known.len() as u64;
            for it in known {
                self.note_imported(it, apply)?;
            }
            if self.pending.ledger.len() >= LINES_PER_COMMIT {
                self.flush()?;
            }
        }
        self.plan(self.now);
        self.flush()?;
        reply(imported);
        Ok(Box::new(old))
    }

    /// Writes down what an import has made known. An entry opens a lead only where that was asked
    /// for; a correction always reaches the lead that it is about.
    fn note_imported(&mut self, known: Known, apply: bool) -> Result<()> {
        let offset = self.next.saturating_sub(1);
        let entered = known.entry.change == Change::Entered;
        if apply || !entered {
            return self.note(vec![known], offset);
        }
        let Some(qualified) = self.qualified(known.clone()) else { return Ok(()) };
        if self.desk.has(&qualified.account, qualified.track) {
            return self.note(vec![known], offset);
        }
        self.pending.ledger.push(line(&qualified, offset));
        self.restage_by(&qualified)
    }
}

/// Whose timelines are others in one state than in another.
fn changed(old: &Live, new: &Live) -> BTreeSet<Subject> {
    let mut changed = BTreeSet::new();
    let mut take = |kind: Kind, id: &Text| {
        let subject = Subject { kind, id: id.clone() };
        let held = |it: &Arrivals<Row>| it.record().held.clone();
        let nothing = |it: &Vec<Vec<_>>| it.iter().all(Vec::is_empty);
        let (before, now) = (old.subject(&subject).map(held), new.subject(&subject).map(held));
        let same = match (&before, &now) {
            (Some(before), Some(now)) => before == now,
            (Some(one), None) | (None, Some(one)) => nothing(one),
            (None, None) => true,
        };
        if !same {
            changed.insert(subject);
        }
    };
    for live in [old, new] {
        live.customers().for_each(|(id, _)| take(Kind::Account, id));
        live.people().for_each(|(id, _)| take(Kind::Person, id));
    }
    changed
}

/// What counts as success in one state and did not in another: of each outcome of an account the
/// last; and what records say of stages.
fn successes(old: &Live, new: &Live, milestones: &[Fact]) -> Vec<Success> {
    let program = &new.rules().program;
    let mut successes = Vec::new();
    for (account, customer) in new.customers() {
        let before = old.customer(account).map(|it| &it.stream().record().outcomes);
        let found = &customer.stream().record().outcomes;
        for (place, ((outcome, _), found)) in program.account.outcomes.iter().zip(found).enumerate()
        {
            let before = before.and_then(|it| it.get(place)).map_or(0, Vec::len);
            if found.len() > before
                && let Some(last) = found.last()
            {
                successes.push(Success {
                    account: account.clone(),
                    outcome: outcome.clone(),
                    stage: CUSTOMER,
                    at: last.time,
                });
            }
        }
    }
    for fact in milestones {
        let Some(stage) = stages::of_record(fact) else { continue };
        for (account, row) in new.resolver().rows(fact, &program.paths) {
            if let RowBody::Event { name, .. } = row.body {
                successes.push(Success { account, outcome: name, stage, at: row.time });
            }
        }
    }
    successes.sort_by(|a, b| (a.at, &a.account).cmp(&(b.at, &b.account)));
    successes
}
