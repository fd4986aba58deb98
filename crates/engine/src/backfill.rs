//! Judging changed rules over the history, beside the ones that decide.
//!
//! [`Engine::begin_backfill`] gives out a job that needs nothing of the engine: on a fork of the
//! history it makes everybody's state anew by the new rules, takes in what the log holds, and
//! writes down who qualifies by what is new. Then [`Engine::end_backfill`], in one short step, takes
//! in the last chunks, passes to the same instant, and has the new state take the old one's place.
//! What has not changed goes on exactly: both states come from the same facts (P1), and what the
//! new one had to tell of it before, the old one has told.
//!
//! Sealing replaces files that the job reads, and drops chunks that it is still to take in; an
//! erasure takes facts out of both. So these wait for a job under way ([`Engine::begin_seal`],
//! [`Engine::seal`]), and a job begins when no sealing is under way. Where so much comes meanwhile
//! that nothing more may be taken in, the engine waits for the job, as it does for a sealing.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use firsthand_history::{History, HistoryError, Scan};
use firsthand_model::Time;
use firsthand_rules::timeline::Subject;
use firsthand_store::{Commit, LedgerLine, Store};

use crate::chunk::Chunk;
use crate::engine::{Describe, Engine};
use crate::error::{EngineError, Result};
use crate::live::{Freed, LATE_MAX, Live, Rules, standings};
use crate::publish::{Changes, Finishing, New, Progress, Publication, Publishing, Recorder, Step};

/// Most lines of the ledger that one commit writes: the engine's own commits wait for it.
pub const LINES_PER_COMMIT: usize = 500;
/// With so few subjects that have changed since they were written down, the new state may take the
/// old one's place: these are written down in that step.
const CHANGED_AT_SWITCH_MAX: usize = 64;
/// How often what has changed meanwhile is written down beside the engine, at most.
const ROUNDS_MAX: usize = 16;

/// A backfill under way.
pub(crate) struct Backfill {
    publication: Publication,
    changes: Changes,
    told: Receiver<Result<Backfilled>>,
    done: Option<Result<Backfilled>>,
    cancelled: Arc<AtomicBool>,
}

/// Everybody by the new rules, up to a chunk of the log.
struct Backfilled {
    live: Box<Live>,
}

/// A backfill that is to be run, by whoever has the time.
pub struct BackfillJob<S> {
    rules: Rules,
    history: History,
    store: Arc<S>,
    describe: Option<Describe>,
    new: Vec<New>,
    now: Time,
    progress: Arc<Progress>,
    cancelled: Arc<AtomicBool>,
    tell: Sender<Result<Backfilled>>,
}

impl<S: Store> BackfillJob<S> {
    /// Judges everybody, writes down who qualifies by what is new, and tells the engine.
    pub fn run(self) {
        let done = self.judge().map(|live| Backfilled { live: Box::new(live) });
        // Where the engine has gone, the next start begins again.
        self.tell.send(done).ok();
    }

    fn judge(&self) -> Result<Live> {
        let facts = self.history.facts();
        let progress = |rows: u64| self.progress.read(rows, facts);
        self.progress.set(Step::Reading { rows: 0, facts });
        let scan =
            Scan { progress: Some(&progress), cancelled: Some(&self.cancelled), ..Scan::default() };
        let newest = self.history.seen().last.unwrap_or(Time::MIN);
        let taken = standings(&self.rules.program, &*self.store)?;
        let (rules, history) = (self.rules.clone(), self.history.fork());
        let mut live = Live::rebuild_with(rules, history, &taken, newest, scan)?;
        self.catch_up(&mut live)?;
        // Chunks that come now are known later than this.
        if self.now > live.known_at() {
            live.pass(self.now)?;
            drain(&mut live)?;
        }
        self.progress.set(Step::Recording { lines: 0 });
        live.count_judged();
        for new in &self.new {
            let subjects = self.recorder(&live).subjects(new)?;
            self.record(&live, std::slice::from_ref(new), subjects)?;
        }
        for _ in 0..ROUNDS_MAX {
            self.catch_up(&mut live)?;
            if live.judged() <= CHANGED_AT_SWITCH_MAX {
                break;
            }
            let changed = live.counted_judged();
            live.count_judged();
            self.record(&live, &self.new, changed)?;
        }
        Ok(live)
    }

    fn recorder<'e>(&'e self, live: &'e Live) -> Recorder<'e, S> {
        let describe = self.describe.as_ref();
        Recorder { live, store: &self.store, describe, now: live.known_at() }
    }

    /// Brings the ledger to what some subjects came to by what is new.
    fn record(&self, live: &Live, new: &[New], subjects: BTreeSet<Subject>) -> Result<()> {
        let recorder = self.recorder(live);
        let mut lines = Vec::new();
        for subject in subjects {
            for new in new.iter().filter(|it| it.kind == subject.kind) {
                lines.extend(recorder.lines(&subject, new)?);
            }
            if lines.len() >= LINES_PER_COMMIT {
                self.go_on()?;
                self.progress.recorded(write(&*self.store, &mut lines)?);
            }
        }
        self.progress.recorded(write(&*self.store, &mut lines)?);
        Ok(())
    }

    /// Takes in what the log holds by now.
    fn catch_up(&self, live: &mut Live) -> Result<()> {
        while take_next(live, &*self.store)? {
            self.go_on()?;
        }
        drain(live)
    }

    fn go_on(&self) -> Result<()> {
        let cancelled = self.cancelled.load(Ordering::Relaxed);
        if cancelled { Err(HistoryError::Cancelled.into()) } else { Ok(()) }
    }
}

/// Takes in the next chunk of the log, telling nobody; whether there was one. What comes late is
/// left to [`drain`].
pub(crate) fn take_next(live: &mut Live, store: &impl Store) -> Result<bool> {
    let Some(chunk) = store.chunk_at(live.taken())? else { return Ok(false) };
    live.take(&Chunk::decode(chunk.first, chunk.received_at, &chunk.bytes)?)?;
    drain_if_full(live)?;
    Ok(true)
}

/// Judges all that waits in the late lane, if it is full, telling nobody.
pub(crate) fn drain_if_full(live: &mut Live) -> Result<()> {
    if live.late() < LATE_MAX { Ok(()) } else { drain(live) }
}

/// Judges all that waits in the late lane, telling nobody.
pub(crate) fn drain(live: &mut Live) -> Result<()> {
    while live.take_late(live.known_at())?.is_some() {}
    Ok(())
}

/// Writes lines into the ledger, nothing else; how many they were.
pub(crate) fn write(store: &impl Store, lines: &mut Vec<LedgerLine>) -> Result<u64> {
    let ledger = std::mem::take(lines);
    let count = ledger.len() as u64;
    if count > 0 {
        store.commit(&Commit { ledger, ..Commit::default() })?;
    }
    Ok(count)
}

impl<S: Store> Engine<S> {
    /// Begins to judge what is to be published over the history, if something is and nothing is in
    /// the way. All that was decided is written down by then; nothing may be on its way.
    pub fn begin_backfill(&mut self) -> Result<Option<BackfillJob<S>>> {
        if self.sealing.is_some() || !matches!(self.publishing, Publishing::Wanted(_)) {
            return Ok(None);
        }
        self.decide_all()?;
        let Publishing::Wanted(wanted) = &self.publishing else { return Ok(None) };
        let changes = Changes::by(&wanted.rules, &*self.store, &wanted.order, self.now)?;
        self.pending.definitions.extend(changes.announced());
        self.flush()?;
        let nothing = std::mem::replace(&mut self.publishing, Publishing::Nothing);
        let Publishing::Wanted(publication) = nothing else { return Ok(None) };
        let publication = *publication;
        let (tell, told) = channel();
        let cancelled = Arc::new(AtomicBool::new(false));
        let job = BackfillJob {
            rules: publication.rules.clone(),
            history: self.live.history().fork(),
            store: Arc::clone(&self.store),
            describe: publication.describe.clone(),
            new: changes.new.clone(),
            now: self.now,
            progress: Arc::clone(&publication.progress),
            cancelled: Arc::clone(&cancelled),
            tell,
        };
        let backfill = Backfill { publication, changes, told, done: None, cancelled };
        self.publishing = Publishing::Backfilling(Box::new(backfill));
        Ok(Some(job))
    }

    /// Whether a backfill is under way.
    pub fn is_backfilling(&self) -> bool {
        matches!(self.publishing, Publishing::Backfilling(_))
    }

    /// Whether something can be done for the publication under way.
    pub fn may_go_on_publishing(&mut self) -> bool {
        match &mut self.publishing {
            Publishing::Nothing => false,
            Publishing::Wanted(_) => self.sealing.is_none(),
            Publishing::Backfilling(it) => it.is_done(false),
            Publishing::Finishing(_) => true,
        }
    }

    /// Has the new rules decide, once they have been judged over the history; waits for that, if
    /// asked. Nothing may be on its way into the store. Gives back what is of no use any more: to
    /// free it takes a while.
    ///
    /// # Errors
    /// What was decided could not be written: it may be tried again, and what decided before goes
    /// on until then.
    pub fn end_backfill(&mut self, wait: bool) -> Result<Option<Freed>> {
        let Publishing::Backfilling(backfill) = &mut self.publishing else { return Ok(None) };
        if !backfill.is_done(wait) {
            return Ok(None);
        }
        self.decide_all()?;
        let publishing = std::mem::replace(&mut self.publishing, Publishing::Nothing);
        let Publishing::Backfilling(backfill) = publishing else { return Ok(None) };
        let Backfill { publication, changes, done, .. } = *backfill;
        let brought = done.unwrap_or_else(|| Err(HistoryError::Cancelled.into()));
        let describe = publication.describe.as_ref();
        let brought = brought.and_then(|it| self.bring_up(*it.live, describe, &changes));
        let (mut live, lines) = match brought {
            Ok(brought) => brought,
            Err(error) => {
                self.give_up(&publication.progress, changes, &error);
                return Ok(None);
            }
        };
        live.take_over(&mut self.live);
        let before = std::mem::replace(&mut self.live, live);
        self.pending.standings.extend(self.live.take_standings());
        self.describe = publication.describe;
        let project = Arc::clone(&self.live.rules().project);
        if publication.plays_changed {
            self.desk.set_rules(project.leads.clone());
            self.take_up_plays()?;
        } else {
            self.planner.set_project(project);
        }
        publication.progress.set(Step::Applying);
        self.pending.ledger.extend(lines);
        let finishing = self.switch(changes, Some(publication.progress));
        self.publishing = Publishing::Finishing(finishing);
        self.flush()?;
        Ok(Some(Box::new(before)))
    }

    /// Brings a state to where this engine's is; with the lines of what has changed since it was
    /// written down.
    fn bring_up(
        &self,
        mut live: Live,
        describe: Option<&Describe>,
        changes: &Changes,
    ) -> Result<(Live, Vec<LedgerLine>)> {
        while live.taken() < self.live.taken() && take_next(&mut live, &*self.store)? {}
        live.pass(self.now)?;
        drain(&mut live)?;
        let changed = live.counted_judged();
        let recorder = Recorder { live: &live, store: &*self.store, describe, now: self.now };
        let mut lines = Vec::new();
        for subject in changed {
            for new in changes.new.iter().filter(|it| it.kind == subject.kind) {
                lines.extend(recorder.lines(&subject, new)?);
            }
        }
        Ok((live, lines))
    }

    /// What was to be published is not; what decided before goes on.
    fn give_up(&mut self, progress: &Progress, changes: Changes, error: &EngineError) {
        progress.set(Step::Failed(error.to_string()));
        self.publishing = Publishing::Finishing(Finishing::giving_up(changes, self.now));
    }

    /// Ends a publication that has not come to decide yet. The next start takes it up, if its rules
    /// still have it.
    pub fn abandon_backfill(&mut self) {
        if let Publishing::Backfilling(backfill) = &mut self.publishing {
            backfill.cancelled.store(true, Ordering::Relaxed);
            // Nobody may read the history's files when they change.
            backfill.is_done(true);
        }
        if matches!(self.publishing, Publishing::Backfilling(_) | Publishing::Wanted(_)) {
            self.publishing = Publishing::Nothing;
        }
    }
}

impl Backfill {
    /// Whether its job has ended; waits for that, if asked.
    fn is_done(&mut self, wait: bool) -> bool {
        if self.done.is_none() {
            let done = if wait { self.told.recv().ok() } else { self.told.try_recv().ok() };
            // A job that is gone without a word is not coming back.
            self.done = done.or_else(|| wait.then(|| Err(HistoryError::Cancelled.into())));
        }
        self.done.is_some()
    }
}
