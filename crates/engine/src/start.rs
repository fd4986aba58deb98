//! Starting: the state rebuilt from history and log, held against what was written down (P1).

use std::collections::BTreeSet;
use std::sync::Arc;

use firsthand_history::{History, Scan};
use firsthand_model::fact::Kind;
use firsthand_model::lead::LeadStatus;
use firsthand_model::{Text, Time};
use firsthand_plays::Planner;
use firsthand_rules::ledger::{Change, Entry};
use firsthand_rules::timeline::Subject;
use firsthand_store::{
    Commit, LeadFilter, LeadSort, PAGE_ROWS_MAX, PageRequest, Qualification, Store,
};
use rustc_hash::FxHashSet;

use crate::backfill::{drain, drain_if_full};
use crate::chunk::Chunk;
use crate::desk::{BY_ITSELF, Desk};
use crate::engine::{Describe, Engine};
use crate::error::Result;
use crate::live::{Known, Live, Rules, standings};
use crate::plays::Readings;
use crate::publish::{Order, Publishing, differing, timeline};
use crate::saved::StateFile;

/// What a start has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Started {
    /// Whether the state was taken up as it had been written down, and not made again.
    pub remembered: bool,
    /// Facts of the log that are not in the history yet.
    pub from_log: u64,
    /// Of these, facts that nothing had been decided about.
    pub undecided: u64,
    /// Definitions that decide from now on, and how many intervals of theirs were written down
    /// without anybody being told.
    pub published: Vec<(Text, u64)>,
    /// Erasures that were under way when it ended, and are done now.
    pub erased: usize,
    /// Where what was written down and what was rebuilt differ. There should be none.
    pub differences: Vec<Difference>,
}

/// An open interval that is written down and does not hold, or the other way round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The definition.
    pub definition: Text,
    /// Whose.
    pub subject: Subject,
    /// When it was entered.
    pub entered: Time,
    /// Whether it is written down, and does not hold.
    pub written: bool,
}

/// How to start.
#[derive(Clone, Default)]
pub struct StartOptions {
    /// Whether leads open for who qualifies already when a definition is published.
    pub apply_to_existing: bool,
    /// Where the state was written down when the engine before this one ended, and is to be again.
    pub state: Option<StateFile>,
    /// How to say in a sentence why somebody has qualified.
    pub describe: Option<Describe>,
}

impl StartOptions {
    /// On whose word a start publishes what is new.
    fn order(&self) -> Order {
        Order { by: BY_ITSELF, apply_to_existing: self.apply_to_existing }
    }
}

impl<S: Store> Engine<S> {
    /// Starts, with nobody writing to the log meanwhile.
    pub fn start(
        rules: Rules,
        history: History,
        store: Arc<S>,
        options: &StartOptions,
        now: Time,
        scan: Scan<'_>,
    ) -> Result<(Self, Started)> {
        let (mut engine, mut started) = Self::rebuild(rules, history, store, options, now, scan)?;
        started.erased = engine.catch_up(now)?;
        Ok((engine, started))
    }

    /// Decides about what has been put into the log meanwhile, and goes on with erasures that were
    /// cut off; how many these were.
    pub fn catch_up(&mut self, now: Time) -> Result<usize> {
        while let Some(chunk) = self.store.chunk_at(self.next)? {
            let chunk = Chunk::decode(chunk.first, chunk.received_at, &chunk.bytes)?;
            self.next = chunk.end();
            self.undecided.push(chunk);
            self.decide()?;
            self.flush()?;
        }
        // A history that was put in place of another has not heard of the log.
        self.next = self.next.max(self.store.log_state()?.next);
        let erased = self.take_up_erasures(now)?;
        self.flush()?;
        Ok(erased)
    }

    /// Rebuilds the state, catches up with the log and with time, and says what was found. What is
    /// put into the log meanwhile, [`Engine::catch_up`] takes up.
    pub fn rebuild(
        rules: Rules,
        history: History,
        store: Arc<S>,
        options: &StartOptions,
        now: Time,
        scan: Scan<'_>,
    ) -> Result<(Self, Started)> {
        let newest = history.seen().last.unwrap_or(Time::MIN);
        let taken = standings(&rules.program, &*store)?;
        let remembered = options.state.as_ref().and_then(|it| it.take(&rules, &history, &taken));
        let mut started = Started { remembered: remembered.is_some(), ..Started::default() };
        let live = match remembered {
            Some(it) => Live::remember(rules, history, &taken, it)?,
            None => Live::rebuild_with(rules, history, &taken, newest, scan)?,
        };
        let (decided, now_of) =
            (store.log_state()?.applied.map_or(0, |it| it + 1), live.known_at());
        let mut engine = Self::rebuilt(live, store, now_of, options.describe.clone());
        engine.state_file.clone_from(&options.state);
        engine.take_up_leads()?;
        engine.take_up_plays()?;
        engine.live.count_judged();
        let logged = engine.next;
        let mut is_decided = false;
        while let Some(chunk) = engine.store.chunk_at(engine.next)? {
            let chunk = Chunk::decode(chunk.first, chunk.received_at, &chunk.bytes)?;
            engine.next = chunk.end();
            if chunk.first < logged {
                continue;
            }
            let facts = chunk.facts.len() as u64;
            started.from_log += facts;
            engine.now = chunk.known_at;
            if chunk.end() <= decided {
                engine.live.take(&chunk)?;
                engine.live.successes();
                engine.live.take_repeated();
                drain_if_full(&mut engine.live)?;
                is_decided = true;
            } else {
                if std::mem::take(&mut is_decided) {
                    engine.forget_decided()?;
                }
                engine.live.take(&chunk)?;
                drain_if_full(&mut engine.live)?;
                engine.react(&chunk.facts);
                started.undecided += facts;
            }
        }
        if is_decided {
            engine.forget_decided()?;
        }
        engine.now = engine.now.max(now);
        engine.live.pass(engine.now)?;
        drain(&mut engine.live)?;
        let judged = engine.live.counted_judged();
        engine.reconcile(judged)?;
        engine.pending.applied = engine.next.checked_sub(1);
        engine.flush()?;
        started.published = engine.publish_at_start(&options.order())?;
        // What an erasure that was cut off has left half done is brought to an end when the engine
        // catches up.
        if engine.store.unfinished_erasures()?.is_empty() {
            started.differences = engine.differences()?;
        }
        engine.heal(&started.differences)?;
        let now = engine.now;
        engine.desk.pass(now, &mut engine.pending);
        engine.plan(now);
        engine.pass_plays(now);
        engine.flush()?;
        Ok((engine, started))
    }

    /// All that was taken in so far had been decided: nothing of it is new.
    fn forget_decided(&mut self) -> Result<()> {
        drain(&mut self.live)?;
        self.live.count_judged();
        self.live.successes();
        Ok(())
    }

    /// With a state that was rebuilt, and of what is written down nothing yet.
    fn rebuilt(live: Live, store: Arc<S>, now: Time, describe: Option<Describe>) -> Self {
        Self {
            desk: Desk::new(live.rules().project.leads.clone()),
            planner: Planner::new(live.rules().project.clone()),
            planner_is_bare: false,
            readings: Readings::default(),
            untold_moves: Vec::new(),
            next: live.history().logged(),
            undecided: Vec::new(),
            pending: Commit::default(),
            writing: None,
            publishing: Publishing::Nothing,
            sealing: None,
            brought: None,
            beside: None,
            state_file: None,
            now,
            live,
            store,
            listener: None,
            describe,
        }
    }

    /// Rebuilds the state as it is written down, deciding nothing: to be looked at only. What is
    /// done with it must not be written.
    pub fn look(
        rules: Rules,
        history: History,
        store: Arc<S>,
        now: Time,
        scan: Scan<'_>,
    ) -> Result<Self> {
        let newest = history.seen().last.unwrap_or(Time::MIN);
        let taken = standings(&rules.program, &*store)?;
        let live = Live::rebuild_with(rules, history, &taken, newest, scan)?;
        let mut engine = Self::rebuilt(live, store, newest, None);
        engine.take_up_leads()?;
        let logged = engine.next;
        while let Some(chunk) = engine.store.chunk_at(engine.next)? {
            let chunk = Chunk::decode(chunk.first, chunk.received_at, &chunk.bytes)?;
            engine.next = chunk.end();
            if chunk.first >= logged {
                engine.now = chunk.known_at;
                engine.live.take(&chunk)?;
            }
        }
        engine.now = engine.now.max(now);
        engine.live.pass(engine.now)?;
        drain(&mut engine.live)?;
        engine.take_up_plays()?;
        Ok(engine)
    }

    pub(crate) fn take_up_leads(&mut self) -> Result<()> {
        let statuses =
            LeadStatus::ALL.into_iter().filter(|it| !it.is_closed() || *it == LeadStatus::Rejected);
        let filter = LeadFilter { statuses: statuses.collect(), ..LeadFilter::default() };
        let mut page = PageRequest::first(PAGE_ROWS_MAX);
        loop {
            let leads = self.store.leads(&filter, LeadSort::Oldest, &page)?;
            for lead in leads.rows {
                if lead.status.is_closed() {
                    self.desk.remember_rejected(&lead);
                } else if let Some(sheet) = self.store.lead(&lead.id)? {
                    self.desk.take_up(sheet.lead, sheet.evidence);
                }
            }
            match leads.next {
                Some(cursor) => page = PageRequest::after(cursor, PAGE_ROWS_MAX),
                None => return Ok(()),
            }
        }
    }

    /// Brings what is written down of some subjects to what they came to: what became known
    /// meanwhile becomes known now.
    pub(crate) fn reconcile(&mut self, subjects: BTreeSet<Subject>) -> Result<()> {
        let running = self.running()?;
        let mut known = Vec::new();
        for subject in subjects {
            self.unlike(&subject, &running, &mut known)?;
        }
        self.note(known, self.next.saturating_sub(1))
    }

    /// The versions of definitions that decide, as it is written down.
    pub(crate) fn running(&self) -> Result<FxHashSet<(Text, Text)>> {
        let current = self.store.current_definitions()?.into_iter();
        let running = current.filter(|it| it.state.decides());
        Ok(running.map(|it| (it.name, it.version)).collect())
    }

    /// What brings all that is written down of a subject to what it came to.
    pub(crate) fn unlike(
        &self,
        subject: &Subject,
        running: &FxHashSet<(Text, Text)>,
        known: &mut Vec<Known>,
    ) -> Result<()> {
        let written = self.store.qualifications_of(subject)?;
        let state = self.live.subject(subject);
        let root = self.live.rules().program.root(subject.kind);
        for (place, definition) in root.definitions.iter().enumerate() {
            // What nobody has decided yet is published as a whole.
            if running.contains(&(definition.name.clone(), definition.version.clone())) {
                let held = state.map_or(&[][..], |it| &it.record().held[place]);
                let written = timeline(&written, definition);
                differing(self.now, subject, place, &written, held, known);
            }
        }
        Ok(())
    }

    /// Writes something into the ledger, and nowhere else.
    fn write_line(&mut self, known: Known) {
        if let Some(qualified) = self.qualified(known) {
            let quiet = crate::engine::line(&qualified, self.next.saturating_sub(1));
            self.pending.ledger.push(quiet);
        }
    }

    /// The qualifications that are written down as open.
    fn open(&self) -> Result<Vec<Qualification>> {
        let (mut open, mut page) = (Vec::new(), PageRequest::first(PAGE_ROWS_MAX));
        loop {
            let found = self.store.open_qualifications(None, &page)?;
            open.extend(found.rows);
            match found.next {
                Some(cursor) => page = PageRequest::after(cursor, PAGE_ROWS_MAX),
                None => return Ok(open),
            }
        }
    }

    /// Holds what is written down as open against what was rebuilt.
    pub fn differences(&self) -> Result<Vec<Difference>> {
        let program = &self.live.rules().program;
        let mut written: FxHashSet<(Text, Subject, Time)> = self
            .open()?
            .into_iter()
            .map(|it| (it.definition, it.subject, it.interval.entered))
            .collect();
        let mut differences = Vec::new();
        let customers = self.live.customers().map(|(id, it)| (Kind::Account, id, it.stream()));
        let people = self.live.people().map(|(id, it)| (Kind::Person, id, it.stream()));
        for (kind, id, stream) in customers.chain(people) {
            let subject = Subject { kind, id: id.clone() };
            for (definition, held) in
                program.root(kind).definitions.iter().zip(&stream.record().held)
            {
                let Some((entered, None)) = held.last() else { continue };
                if !written.remove(&(definition.name.clone(), subject.clone(), *entered)) {
                    differences.push(Difference {
                        definition: definition.name.clone(),
                        subject: subject.clone(),
                        entered: *entered,
                        written: false,
                    });
                }
            }
        }
        differences.extend(written.into_iter().map(|(definition, subject, entered)| Difference {
            definition,
            subject,
            entered,
            written: true,
        }));
        differences.sort_by(|a, b| (&a.subject, &a.definition).cmp(&(&b.subject, &b.definition)));
        Ok(differences)
    }

    /// Brings the ledger to what was rebuilt; people are not told.
    fn heal(&mut self, differences: &[Difference]) -> Result<()> {
        let program = Arc::clone(&self.live.rules().program);
        for it in differences {
            let Some((kind, _)) = program.definition(&it.definition) else { continue };
            let definitions = &program.root(kind).definitions;
            let Some(definition) = definitions.iter().position(|of| of.name == it.definition)
            else {
                continue;
            };
            let change = if it.written { Change::Retracted } else { Change::Entered };
            let entry = Entry { definition, change, held_at: it.entered, known_at: self.now };
            self.write_line(Known { subject: it.subject.clone(), entry });
        }
        self.flush()
    }
}
