//! Publishing: definitions that begin to decide, and versions that decide no more.
//!
//! A start and a running engine do the same, in four steps:
//!
//! 1. What begins is written down as *backfilling*.
//! 2. Every interval of it is recorded in the ledger, by difference to what stands there already;
//!    nobody is told ([`Recorder`]). A running engine has that done beside it
//!    ([`crate::backfill`]).
//! 3. In one commit it becomes *applying*, and the version before retires: from then on the new one
//!    decides.
//! 4. A few rows at a time ([`FINISH_ROWS`]), what the version before left open is ended, and leads
//!    open for who qualifies already where that was asked for. Then it is *running*.
//!
//! # Promises
//!
//! - PUBLISH-1: a crash leaves the version before deciding, or the new one, and the next start goes
//!   on where it was: steps 1 to 3 begin again, by difference, and step 4 goes on.
//! - PUBLISH-2 (P5): what holds when a version begins to decide is recorded and never told, unless
//!   that was asked for; however often it is tried, no lead opens twice.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use firsthand_model::config::{Project, Track, documents};
use firsthand_model::fact::Kind;
use firsthand_model::{Span, Text, Time};
use firsthand_rules::arrivals::{Stretch, revise};
use firsthand_rules::compile::program::DefinitionRoot;
use firsthand_rules::ledger::{Change, Entry};
use firsthand_rules::timeline::Subject;
use firsthand_store::{
    Cursor, LedgerFilter, LedgerLine, LedgerOrder, PAGE_ROWS_MAX, PageRequest, Published,
    PublishedState, Qualification, Store,
};

use crate::backfill::Backfill;
use crate::closed::Unwritten;
use crate::desk::Qualified;
use crate::engine::{Describe, Engine, line, qualified};
use crate::error::Result;
use crate::live::{Known, Live, Rules};

/// How many open intervals are ended, or leads opened, before chunks are taken in again.
pub const FINISH_ROWS: u32 = 100;

/// What is to decide from now on, and on whose word.
#[derive(Clone)]
pub struct Publication {
    /// What is judged. Who is who, and where recorded history begins, must be as they were.
    pub rules: Rules,
    /// How to say in a sentence why somebody has qualified.
    pub describe: Option<Describe>,
    /// Who asks for it, and how.
    pub order: Order,
    /// Whether plays, or the rules of leads, are others too.
    pub plays_changed: bool,
    /// Where it is told how far it is.
    pub progress: Arc<Progress>,
}

/// On whose word definitions are published, and how.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// Who asks for it.
    pub by: Text,
    /// Whether leads open for who qualifies already.
    pub apply_to_existing: bool,
}

/// How far a publication is.
#[derive(Debug, Default)]
pub struct Progress(Mutex<Step>);

/// What is being done for a publication.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Step {
    /// It waits, until what is under way is done.
    #[default]
    Waiting,
    /// The history is judged anew.
    Reading {
        /// Rows that have been read.
        rows: u64,
        /// Facts of the history; each makes a row, some make several.
        facts: u64,
    },
    /// Who qualifies is written down.
    Recording {
        /// Lines of the ledger that have been.
        lines: u64,
    },
    /// It decides, and what else was asked for is being done.
    Applying,
    /// All of it is done.
    Done,
    /// It could not be done; what decided before goes on.
    Failed(String),
}

impl Progress {
    /// How far it is.
    pub fn step(&self) -> Step {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set(&self, step: Step) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = step;
    }

    pub(crate) fn read(&self, more: u64, of: u64) {
        let mut step = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = if let Step::Reading { rows, .. } = *step { rows } else { 0 };
        *step = Step::Reading { rows: before + more, facts: of };
    }

    pub(crate) fn recorded(&self, more: u64) {
        let mut step = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = if let Step::Recording { lines } = *step { lines } else { 0 };
        *step = Step::Recording { lines: before + more };
    }
}

/// A publication is under way; the next one waits until it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a publication is under way")]
pub struct UnderWay;

/// The publication under way.
pub(crate) enum Publishing {
    Nothing,
    Wanted(Box<Publication>),
    Backfilling(Box<Backfill>),
    Finishing(Finishing),
}

/// What becomes of definitions when a program takes the place of another.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    /// Versions that begin to decide.
    pub new: Vec<New>,
    /// Versions that decided, or were to, and in whose place another one comes.
    pub replaced: Vec<Published>,
    /// The same of definitions that are gone.
    pub gone: Vec<Published>,
    /// Versions that decide already, of which not everything is done.
    pub unfinished: Vec<Published>,
}

/// A version that begins to decide.
#[derive(Clone, Debug)]
pub(crate) struct New {
    pub kind: Kind,
    /// Its place among the definitions of the kind.
    pub place: usize,
    pub published: Published,
    /// Whether it has been published before, so that something of it may be written down.
    pub again: bool,
}

impl Changes {
    /// What a program changes of the definitions that are written down.
    pub fn by(
        rules: &Rules,
        store: &impl Store,
        order: &Order,
        now: Time,
    ) -> Result<Self, firsthand_store::StoreError> {
        let current = store.current_definitions()?;
        let mut changes = Self::default();
        for kind in [Kind::Account, Kind::Person] {
            for (place, it) in rules.program.root(kind).definitions.iter().enumerate() {
                let (same, others): (Vec<&Published>, Vec<&Published>) = current
                    .iter()
                    .filter(|old| old.name == it.name)
                    .partition(|old| old.version == it.version);
                changes.replaced.extend(others.into_iter().cloned());
                let cut_off = match same.first() {
                    Some(old) if old.state == PublishedState::Running => continue,
                    Some(old) if old.state == PublishedState::Applying => {
                        changes.unfinished.push((*old).clone());
                        continue;
                    }
                    other => other,
                };
                // What was cut off goes on as it was asked for.
                let by = cut_off.map_or(&order.by, |it| &it.published_by).clone();
                let applied = cut_off.is_some_and(|it| it.applied_to_existing);
                let published = Published {
                    name: it.name.clone(),
                    version: it.version.clone(),
                    text: text_of(&rules.project, &it.name),
                    published_by: by,
                    published_at: now,
                    state: PublishedState::Backfilling,
                    state_at: now,
                    applied_to_existing: applied || order.apply_to_existing,
                };
                let again = store.definition(&it.name, &it.version)?.is_some();
                changes.new.push(New { kind, place, published, again });
            }
        }
        let is_gone = |it: &&Published| rules.program.definition(&it.name).is_none();
        changes.gone = current.iter().filter(is_gone).cloned().collect();
        Ok(changes)
    }

    /// The versions that begin, as they are written down while they are judged over the history.
    pub fn announced(&self) -> impl Iterator<Item = Published> {
        self.new.iter().map(|it| it.published.clone())
    }

    /// All versions as they are once what is new decides.
    fn switched(&self, now: Time) -> impl Iterator<Item = Published> {
        let turned = move |it: &Published, state| Published { state, state_at: now, ..it.clone() };
        let new = self.new.iter();
        let new = new.map(move |it| turned(&it.published, PublishedState::Applying));
        self.replaced.iter().map(move |it| turned(it, PublishedState::Retired)).chain(new)
    }
}

/// What is still to be done for versions that decide already.
#[derive(Default)]
pub(crate) struct Finishing {
    /// Since when they decide.
    at: Time,
    /// Versions that decide no more, whose open intervals are ended; those that are still to be
    /// written down as retired then.
    close: VecDeque<(Published, bool)>,
    /// Versions for which leads open, and behind which of their open intervals it goes on.
    apply: VecDeque<(Published, Option<Cursor>)>,
    /// Accounts that may be in another stage by what decides now. Nobody is told.
    restage: VecDeque<Text>,
    /// Versions that are running once all of it is done.
    running: Vec<Published>,
    progress: Option<Arc<Progress>>,
}

impl Finishing {
    /// What is left when what is new decides.
    pub fn of(changes: Changes, at: Time, progress: Option<Arc<Progress>>) -> Self {
        let Changes { new, replaced, gone, .. } = changes;
        let running: Vec<Published> = new.into_iter().map(|it| it.published).collect();
        let apply = running.iter().filter(|it| it.applied_to_existing);
        Self {
            at,
            close: (replaced.into_iter().map(|it| (it, false)))
                .chain(gone.into_iter().map(|it| (it, true)))
                .collect(),
            apply: apply.map(|it| (it.clone(), None)).collect(),
            restage: VecDeque::new(),
            running,
            progress,
        }
    }

    /// What is left of versions that were to be published and are not: they retire.
    pub fn giving_up(changes: Changes, at: Time) -> Self {
        let close = changes.new.into_iter().map(|it| (it.published, true)).collect();
        Self { at, close, ..Self::default() }
    }

    /// Takes up what a crash has cut off.
    fn take_up(&mut self, unfinished: Vec<Published>, store: &impl Store) -> Result<()> {
        for it in unfinished {
            let versions = store.definition_versions(&it.name)?.into_iter();
            let retired = versions.filter(|it| it.state == PublishedState::Retired);
            self.close.extend(retired.map(|it| (it, false)));
            if it.applied_to_existing {
                self.apply.push_back((it.clone(), None));
            }
            self.running.push(it);
        }
        Ok(())
    }
}

/// Writes down what versions that nobody has decided by come to.
pub(crate) struct Recorder<'e, S> {
    pub live: &'e Live,
    pub store: &'e S,
    pub describe: Option<&'e Describe>,
    /// When it becomes known.
    pub now: Time,
}

impl<S: Store> Recorder<'_, S> {
    /// All of whom something may have to be written down, in order.
    pub fn subjects(&self, new: &New) -> Result<BTreeSet<Subject>> {
        let of = |id: &Text| Subject { kind: new.kind, id: id.clone() };
        let mut subjects: BTreeSet<Subject> = match new.kind {
            Kind::Account => {
                let all = self.live.customers().map(|(id, it)| (id, it.stream()));
                let held = all.filter(|(_, it)| !it.record().held[new.place].is_empty());
                held.map(|(id, _)| of(id)).collect()
            }
            Kind::Person => {
                let all = self.live.people().map(|(id, it)| (id, it.stream()));
                let held = all.filter(|(_, it)| !it.record().held[new.place].is_empty());
                held.map(|(id, _)| of(id)).collect()
            }
        };
        if new.again {
            let filter = LedgerFilter {
                definition: Some(new.published.name.clone()),
                version: Some(new.published.version.clone()),
                ..LedgerFilter::default()
            };
            let mut page = PageRequest::first(PAGE_ROWS_MAX);
            loop {
                let found = self.store.ledger(&filter, LedgerOrder::OldestFirst, &page)?;
                subjects.extend(found.rows.into_iter().map(|it| it.line.subject));
                let Some(next) = found.next else { break };
                page = PageRequest::after(next, PAGE_ROWS_MAX);
            }
        }
        Ok(subjects)
    }

    /// The lines that bring what is written down of a subject to what it has come to.
    pub fn lines(&self, subject: &Subject, new: &New) -> Result<Vec<LedgerLine>> {
        let root = self.live.rules().program.root(subject.kind);
        let definition = &root.definitions[new.place];
        let written = timeline(&self.store.qualifications_of(subject)?, definition);
        let held = self.live.subject(subject).map(|it| it.record().held[new.place].as_slice());
        let held = held.unwrap_or_default();
        if written == held {
            return Ok(Vec::new());
        }
        let mut known = Vec::new();
        differing(self.now, subject, new.place, &written, held, &mut known);
        let offset = self.live.taken().saturating_sub(1);
        let lines = known.into_iter().filter_map(|it| qualified(self.live, self.describe, it));
        Ok(lines.map(|it| line(&it, offset)).collect())
    }
}

/// What brings a timeline that is written down to what was held, known now.
pub(crate) fn differing(
    now: Time,
    subject: &Subject,
    definition: usize,
    written: &[Stretch],
    held: &[Stretch],
    known: &mut Vec<Known>,
) {
    let mut write = |change, held_at| {
        let entry = Entry { definition, change, held_at, known_at: now };
        known.push(Known { subject: subject.clone(), entry });
    };
    revise(&mut write, written, held);
}

/// When a version of a definition holds for a subject, by all that is written down of them.
pub(crate) fn timeline(written: &[Qualification], of: &DefinitionRoot) -> Vec<Stretch> {
    let of = written.iter().filter(|it| it.definition == of.name && it.version == of.version);
    of.map(|it| (it.interval.entered, it.interval.left)).collect()
}

impl<S: Store> Engine<S> {
    /// Has other rules decide from now on. They are judged over the history beside the ones that
    /// decide ([`Engine::begin_backfill`]), and then take their place.
    ///
    /// # Errors
    /// [`UnderWay`] if that is being done for others already.
    pub fn publish(&mut self, publication: Publication) -> Result<(), UnderWay> {
        if self.is_publishing() {
            return Err(UnderWay);
        }
        self.publishing = Publishing::Wanted(Box::new(publication));
        Ok(())
    }

    /// Whether a publication is under way.
    pub fn is_publishing(&self) -> bool {
        !matches!(self.publishing, Publishing::Nothing)
    }

    /// Whether what is published decides already, and something is left to do for it.
    pub fn is_finishing(&self) -> bool {
        matches!(self.publishing, Publishing::Finishing(_))
    }

    /// Publishes what is new in the rules that this engine has begun with, and goes on with what was
    /// cut off; each version with how many lines were recorded.
    pub(crate) fn publish_at_start(&mut self, order: &Order) -> Result<Vec<(Text, u64)>> {
        let changes = Changes::by(self.live.rules(), &*self.store, order, self.now)?;
        self.pending.definitions.extend(changes.announced());
        self.flush()?;
        let mut published = Vec::new();
        for new in &changes.new {
            let recorder = Recorder {
                live: &self.live,
                store: &*self.store,
                describe: self.describe.as_ref(),
                now: self.now,
            };
            let mut recorded = 0;
            let mut lines = Vec::new();
            for subject in recorder.subjects(new)? {
                lines.extend(recorder.lines(&subject, new)?);
                if lines.len() >= crate::backfill::LINES_PER_COMMIT {
                    recorded += crate::backfill::write(&*self.store, &mut lines)?;
                }
            }
            recorded += crate::backfill::write(&*self.store, &mut lines)?;
            published.push((new.published.name.clone(), recorded));
        }
        let unfinished = changes.unfinished.clone();
        let mut finishing = self.switch(changes, None);
        finishing.take_up(unfinished, &*self.store)?;
        self.flush()?;
        self.publishing = Publishing::Finishing(finishing);
        while self.finish_publication()? {}
        Ok(published)
    }

    /// Writes down that what is new decides from now on; tells what is left to do.
    pub(crate) fn switch(
        &mut self,
        changes: Changes,
        progress: Option<Arc<Progress>>,
    ) -> Finishing {
        self.pending.definitions.extend(changes.switched(self.now));
        let restage = self.concerned_by(&changes);
        Finishing { restage, ..Finishing::of(changes, self.now, progress) }
    }

    /// The accounts that may be in another stage by what decides from now on.
    fn concerned_by(&self, changes: &Changes) -> VecDeque<Text> {
        let Changes { new, replaced, gone, unfinished } = changes;
        if [replaced, gone, unfinished].iter().all(|it| it.is_empty()) && new.is_empty() {
            return VecDeque::new();
        }
        // Where nothing decides any less, only whoever qualifies can have come further.
        let only_new = replaced.is_empty() && gone.is_empty();
        let all = self.live.customers().map(|(id, _)| id);
        all.filter(|id| !only_new || self.has_qualified(id)).cloned().collect()
    }

    /// Does some of what is left of a publication whose versions decide already, and writes it down;
    /// whether there was something to do. Nothing may be on its way into the store.
    ///
    /// # Errors
    /// It goes on where it was when this is called once more.
    pub fn finish_publication(&mut self) -> Result<bool> {
        self.flush()?;
        let Publishing::Finishing(finishing) = &mut self.publishing else { return Ok(false) };
        let mut finishing = std::mem::take(finishing);
        let left = self.finish_some(&mut finishing);
        let is_over = matches!(left, Ok(false));
        if is_over && let Some(progress) = &finishing.progress {
            progress.set(Step::Done);
        }
        self.publishing =
            if is_over { Publishing::Nothing } else { Publishing::Finishing(finishing) };
        left
    }

    fn finish_some(&mut self, finishing: &mut Finishing) -> Result<bool> {
        if let Some((version, retires)) = finishing.close.front() {
            let of = Some((version.name.as_str(), version.version.as_str()));
            let open = self.store.open_qualifications(of, &PageRequest::first(FINISH_ROWS))?;
            if open.rows.is_empty() {
                if *retires {
                    let (state, state_at) = (PublishedState::Retired, self.now);
                    let retired = Published { state, state_at, ..version.clone() };
                    self.pending.definitions.push(retired);
                }
                finishing.close.pop_front();
            }
            for it in open.rows {
                self.close(it, finishing.at);
            }
        } else if let Some((version, after)) = finishing.apply.front_mut() {
            let of = Some((version.name.as_str(), version.version.as_str()));
            let page = after.take().map_or(PageRequest::first(FINISH_ROWS), |after| {
                PageRequest::after(after, FINISH_ROWS)
            });
            let open = self.store.open_qualifications(of, &page)?;
            match open.next {
                Some(next) => *after = Some(next),
                None => _ = finishing.apply.pop_front(),
            }
            let mut unwritten = Unwritten::default();
            for it in open.rows {
                self.open_for(it, &mut unwritten)?;
            }
        } else if let Some(account) = finishing.restage.pop_front() {
            let mut next = Some(account);
            for _ in 0..FINISH_ROWS {
                let Some(account) = next else { break };
                self.restage_quietly(&account)?;
                next = finishing.restage.pop_front();
            }
            finishing.restage.extend(next);
        } else if finishing.running.is_empty() {
            return Ok(false);
        } else {
            let running = std::mem::take(&mut finishing.running).into_iter();
            let (state, state_at) = (PublishedState::Running, self.now);
            let running = running.map(|it| Published { state, state_at, ..it });
            self.pending.definitions.extend(running);
        }
        self.plan(self.now);
        self.flush()?;
        Ok(true)
    }

    /// Ends what a version that decides no more has left open. A lead that rests on it rests on what
    /// the version that decides now says: on its interval, or on one that has been left.
    fn close(&mut self, it: Qualification, at: Time) {
        let left = at.max(it.interval.entered + Span(1));
        let line = LedgerLine {
            definition: it.definition,
            version: it.version,
            subject: it.subject,
            account: it.account,
            change: Change::Left,
            held_at: left,
            known_at: self.now,
            offset: self.next.saturating_sub(1),
            evidence: None,
        };
        let was = it.interval.entered;
        let still = self.held_since(&line.definition, &line.subject).and_then(|(place, since)| {
            let change = Change::Revised { was, entry: true, reopened: false };
            self.qualified(known_of(&line.subject, place, change, since, self.now))
        });
        let turned = still.unwrap_or_else(|| Qualified {
            account: line.account.clone().unwrap_or_else(|| line.subject.id.clone()),
            // Who leaves is found by what leads rest on, not by the track.
            track: Track::Product,
            definition: line.definition.clone(),
            version: line.version.clone(),
            subject: line.subject.clone(),
            change: Change::Left,
            held_at: line.held_at,
            known_at: line.known_at,
            holds: false,
            score: None,
            evidence: None,
        });
        self.desk.take(&turned, &[], &mut self.pending);
        self.pending.ledger.push(line);
    }

    /// Since when a definition has held for somebody, if it does, with its place.
    fn held_since(&self, definition: &str, subject: &Subject) -> Option<(usize, Time)> {
        let definitions = &self.live.rules().program.root(subject.kind).definitions;
        let place = definitions.iter().position(|it| it.name == definition)?;
        match self.live.subject(subject)?.record().held[place].last() {
            Some((since, None)) => Some((place, *since)),
            _ => None,
        }
    }

    /// Opens a lead for who qualifies already, if the definition still holds for them.
    fn open_for(&mut self, it: Qualification, unwritten: &mut Unwritten) -> Result<()> {
        let Qualification { definition, subject, .. } = it;
        let Some((place, since)) = self.held_since(&definition, &subject) else { return Ok(()) };
        // A person may have come to another account since their lead opened.
        if self.desk.rests_on(&definition, &subject, since) {
            return Ok(());
        }
        let known = known_of(&subject, place, Change::Entered, since, self.now);
        if let Some(qualified) = self.qualified(known).filter(|it| it.holds) {
            let closed = self.closed_evidence(&qualified, unwritten)?;
            self.desk.take(&qualified, &closed, &mut self.pending);
            self.restage_by(&qualified)?;
        }
        Ok(())
    }
}

/// The text of a definition, as its document has it; of one within the settings, its condition.
fn text_of(project: &Project, name: &str) -> String {
    let Some(definition) = project.definitions.get(name) else { return String::new() };
    let file = &definition.declared.file;
    let mut documents = documents(file).into_iter();
    let own = documents.find(|it| it.defines == Some(("definition", definition.name.clone())));
    own.map_or_else(|| definition.when.text.to_string(), |it| file.text[it.bytes].to_owned())
}

fn known_of(
    subject: &Subject,
    definition: usize,
    change: Change,
    held_at: Time,
    known_at: Time,
) -> Known {
    let entry = Entry { definition, change, held_at, known_at };
    Known { subject: subject.clone(), entry }
}
