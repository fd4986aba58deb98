//! The engine: chunks into the log, what they make known into the ledger, leads onto the desk.
//!
//! One owner calls it, one call after the other; it reads no clock and starts no thread. A commit
//! holds a chunk and what was decided since the last one, so that there is one sync for both, and
//! nothing is ever told twice (P4, P5).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use firsthand_model::fact::{Body, Kind, Who};
use firsthand_model::lead::{Lead, LeadId};
use firsthand_model::stage::StageMove;
use firsthand_model::{Decimal, Fact, Json, Span, Text, Time};
use firsthand_plays::Planner;
use firsthand_rules::arrivals::Arrivals;
use firsthand_rules::explain::explain;
use firsthand_rules::ledger::Change;
use firsthand_store::{
    Commit, IdentityAct, LeadSheet, LedgerLine, Quarantined, Receipt, SourceTally, Store,
    StoreError,
};

use crate::chunk::Chunk;
use crate::closed::Unwritten;
use crate::desk::{Act, ActError, Desk, Qualified};
use crate::error::{EngineError, Result};
use crate::import::Brought;
use crate::lane::Beside;
use crate::live::{CUSTOMER, Known, Live};
use crate::plays::{Readings, holds as holds_now};
use crate::publish::Publishing;
use crate::saved::StateFile;
use crate::stages::{self, Milestone};

/// Everything that was sent to the server and waits to be made durable.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Facts, each with the name of its source.
    pub facts: Vec<Fact>,
    /// What was refused.
    pub quarantined: Vec<Quarantined>,
    /// What was counted by source.
    pub tallies: Vec<SourceTally>,
    /// What people decided about who is who, with the facts it makes.
    pub identity_acts: Vec<IdentityAct>,
}

/// Takes facts in, durably, and decides.
pub struct Engine<S> {
    pub(crate) live: Live,
    pub(crate) desk: Desk,
    pub(crate) planner: Planner,
    /// The planner knows leads and nothing else: the rest is still to be read again.
    pub(crate) planner_is_bare: bool,
    /// Who is in which account, for messages.
    pub(crate) readings: Readings,
    /// Accounts that came to another stage, of which the planner has not been told.
    pub(crate) untold_moves: Vec<StageMove>,
    pub(crate) store: Arc<S>,
    /// The offset behind the last fact of the log.
    pub(crate) next: u64,
    /// Chunks that are in the log and not yet decided.
    pub(crate) undecided: Vec<Chunk>,
    /// What was decided and is not yet written down.
    pub(crate) pending: Commit,
    /// What is on its way into the store.
    pub(crate) writing: Option<Writing>,
    /// What is to decide from now on, and how far that is.
    pub(crate) publishing: Publishing,
    /// Who tells how the sealing under way has ended.
    pub(crate) sealing: Option<Receiver<Result<Brought>>>,
    /// What it has told, until it is gone on with.
    pub(crate) brought: Option<Result<Brought>>,
    /// Who is being judged anew beside the engine.
    pub(crate) beside: Option<Beside>,
    /// Where the state is written down at the end.
    pub(crate) state_file: Option<StateFile>,
    /// When the newest chunk was known, or time was last passed.
    pub(crate) now: Time,
    /// Who is told what was written down.
    pub(crate) listener: Option<Listener>,
    /// How to say why somebody has qualified.
    pub(crate) describe: Option<Describe>,
}

/// A commit on its way into the store.
pub(crate) struct Writing {
    pub(crate) commit: Arc<Commit>,
    /// Its chunk, still to be decided.
    chunk: Option<Chunk>,
    /// Facts that were found to be repeated, by source, among its tallies.
    repeated: BTreeMap<Text, u64>,
}

/// Says in a sentence why somebody has qualified, for people.
pub type Describe = Arc<dyn Fn(&Live, &Qualified) -> Option<String> + Send + Sync>;

/// Is told of every commit once it is durable.
pub type Listener = Box<dyn Fn(&Commit) + Send>;

impl<S: Store> Engine<S> {
    /// Everybody as they are thought to be.
    pub fn live(&self) -> &Live {
        &self.live
    }

    /// The leads that are not closed.
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Where everything is written down.
    pub fn store(&self) -> &Arc<S> {
        &self.store
    }

    /// Whether something was decided that is not yet written down.
    pub fn has_pending(&self) -> bool {
        self.pending != Commit::default()
    }

    /// Makes a batch durable, with all that was decided since the last commit. Facts are known
    /// at `now`, or right after the chunk before.
    ///
    /// # Errors
    /// Nothing of the batch was taken; it may be tried again as it is, and so is what was decided.
    pub fn accept(&mut self, batch: Batch, now: Time) -> Result<Receipt> {
        let commit = self.prepare(batch, now);
        let done = self.store.commit(&commit);
        self.written(done)
    }

    /// Writes down what was decided.
    ///
    /// # Errors
    /// It stays pending, and may be tried again.
    pub fn flush(&mut self) -> Result<()> {
        if self.has_pending() {
            self.accept(Batch::default(), self.now)?;
        }
        Ok(())
    }

    /// The commit that makes a batch durable, as [`Engine::accept`] does, for somebody else to
    /// write; [`Engine::written`] is told how that ended. Until then what was accepted before may
    /// be decided, and nothing else done.
    ///
    /// # Panics
    /// If another commit is on its way.
    pub fn prepare(&mut self, batch: Batch, now: Time) -> Arc<Commit> {
        assert!(self.writing.is_none(), "one commit follows the other");
        let Batch { facts, quarantined, mut tallies, identity_acts } = batch;
        let repeated = self.live.take_repeated();
        tallies.extend(repeated.iter().map(|(source, repeated)| SourceTally {
            source: source.clone(),
            seen_at: self.now,
            accepted: 0,
            rejected: 0,
            repeated: *repeated,
        }));
        let chunk = (!facts.is_empty()).then(|| {
            let known_at = now.max(self.now + Span(1));
            Chunk::new(self.next, known_at, facts)
        });
        // Nothing that was decided is of these kinds, so that it can be told apart again.
        let decided = std::mem::take(&mut self.pending);
        let mut commit = Commit { quarantined, tallies, identity_acts, ..decided };
        commit.chunk = chunk.as_ref().map(Chunk::logged);
        let commit = Arc::new(commit);
        self.writing = Some(Writing { commit: Arc::clone(&commit), chunk, repeated });
        commit
    }

    /// Is told how the commit on its way has ended.
    ///
    /// # Errors
    /// That it has not been written: nothing of its batch was taken, and what was decided is
    /// pending again.
    ///
    /// # Panics
    /// If none is on its way.
    pub fn written(&mut self, done: Result<Receipt, StoreError>) -> Result<Receipt> {
        let Writing { commit, chunk, repeated } =
            self.writing.take().expect("a commit is on its way");
        match done {
            Ok(receipt) => {
                if let Some(listener) = &self.listener {
                    listener(&commit);
                }
                if let Some(chunk) = chunk {
                    self.next = chunk.end();
                    self.now = self.now.max(chunk.known_at);
                    self.undecided.push(chunk);
                }
                Ok(receipt)
            }
            Err(error) => {
                let decided = Commit {
                    chunk: None,
                    quarantined: Vec::new(),
                    tallies: Vec::new(),
                    identity_acts: Vec::new(),
                    ..Arc::unwrap_or_clone(commit)
                };
                self.pending = decided.then(std::mem::take(&mut self.pending));
                self.live.give_back_repeated(repeated);
                Err(error.into())
            }
        }
    }

    /// Breaks something on purpose: what holds the engine to its promises must see it.
    #[cfg(feature = "canary")]
    pub fn break_on_purpose(&mut self, canary: crate::live::Canary) {
        self.live.canary = Some(canary);
    }

    /// Has somebody told of every commit from now on.
    pub fn listen(&mut self, listener: Listener) {
        self.listener = Some(listener);
    }

    /// How far time may have passed: what is on its way into the log comes before all that is
    /// later.
    pub(crate) fn until(&self, now: Time) -> Time {
        let chunk = self.writing.as_ref().and_then(|it| it.chunk.as_ref());
        chunk.map_or(Time::MAX, |it| it.known_at - Span(1)).min(now.max(self.now))
    }

    /// What was decided and may not be in the store yet, the oldest first.
    pub(crate) fn unwritten(&self) -> impl DoubleEndedIterator<Item = &Commit> {
        let writing = self.writing.as_ref().map(|it| &*it.commit);
        writing.into_iter().chain([&self.pending])
    }

    /// Decides what the chunks that were accepted make known.
    pub fn decide(&mut self) -> Result<()> {
        for chunk in std::mem::take(&mut self.undecided) {
            let known = self.live.take(&chunk)?;
            self.react(&chunk.facts);
            self.note(known, chunk.end() - 1)?;
            self.pending.applied = self.live.decided().checked_sub(1);
        }
        Ok(())
    }

    /// Lets time alone act, as far as it has settled by now.
    pub fn pass(&mut self, now: Time) -> Result<()> {
        self.decide()?;
        self.now = self.until(now);
        let known = self.live.pass(self.now)?;
        self.note(known, self.next.saturating_sub(1))?;
        self.desk.pass(self.now, &mut self.pending);
        self.plan(self.now);
        self.pass_plays(self.now);
        Ok(())
    }

    /// The instant at which time is next to be passed.
    pub fn next_pass(&self) -> Time {
        self.live.next().min(self.desk.next()).min(self.planner.next())
    }

    /// Does something with a lead, in somebody's name; durable once this returns.
    pub fn act(&mut self, id: &LeadId, act: &Act, by: &Text, now: Time) -> Result<Lead, Refusal> {
        self.decide()?;
        let now = now.max(self.now);
        let mut closed = None;
        if matches!(act, Act::Reopen { .. }) {
            // A closed lead is taken back as it is written down: all of it must be.
            self.flush()?;
            let written = self.store.lead(id).map_err(EngineError::from)?;
            closed = written.filter(|it| it.lead.status.is_closed());
        }
        // What is due in any case is no part of it.
        self.plan(now);
        self.pass_plays(now);
        let before = self.desk.before(id, closed.as_ref().map(|it| &it.lead));
        let (pending, untold) = (self.pending.clone(), self.untold_moves.len());
        let done = self.act_now(id, closed, act, by, now);
        if let Err(refusal) = &done {
            // Who is told that it failed must not find it done later.
            self.pending = pending;
            self.untold_moves.truncate(untold);
            // What the desk refuses, the planner has not heard of.
            if matches!(refusal, Refusal::Engine(_)) {
                self.plan_anew(id, before.lead());
            }
            self.desk.put_as_it_was(before);
        }
        done
    }

    fn act_now(
        &mut self,
        id: &LeadId,
        closed: Option<LeadSheet>,
        act: &Act,
        by: &Text,
        now: Time,
    ) -> Result<Lead, Refusal> {
        if let Some(LeadSheet { lead, evidence, .. }) = closed
            && !self.desk.take_back(lead, evidence)
        {
            return Err(ActError::Replaced.into());
        }
        let lead = self.desk.act(id, act, by, now, &mut self.pending)?;
        let stage = match act {
            Act::Accept => Some(("sql", "a lead was accepted")),
            Act::Won { .. } => Some((CUSTOMER, "a lead was won")),
            Act::Lost { .. } => Some((stages::RECYCLED, "a lead was lost")),
            _ => None,
        };
        if let Some((stage, why)) = stage {
            let milestone = Milestone { stage: stage.into(), at: now, why: why.into() };
            self.reach(&lead.account, milestone, now)?;
        }
        self.plan(now);
        // What somebody did with a lead is a fact, which definitions can read.
        let facts = act.record().map(|name| record(name, &lead, by, self.next, now));
        let facts = facts.into_iter().collect();
        self.accept(Batch { facts, ..Batch::default() }, now)?;
        Ok(lead)
    }

    /// Writes what became known into the ledger, and onto the desk.
    pub(crate) fn note(&mut self, known: Vec<Known>, offset: u64) -> Result<()> {
        for success in self.live.successes() {
            let now = self.now.max(success.at);
            // What was bought before a lead opened has not come of it: a start that takes facts in
            // once more, of which only some were decided, must not win later leads by them.
            let since = self.desk.since(&success.account);
            if success.stage == CUSTOMER && since.is_some_and(|it| it <= success.at) {
                self.desk.succeeded(&success.account, &success.outcome, now, &mut self.pending);
            }
            self.reach_by(&success, now)?;
        }
        let mut unwritten = Unwritten::default();
        for it in known {
            let Some(qualified) = self.qualified(it) else { continue };
            self.pending.ledger.push(line(&qualified, offset));
            let closed = self.closed_evidence(&qualified, &mut unwritten)?;
            self.desk.take(&qualified, &closed, &mut self.pending);
            self.restage_by(&qualified)?;
        }
        self.pending.standings.extend(self.live.take_standings());
        self.plan(self.now);
        Ok(())
    }

    /// Writes down the state for the next start, if that is wanted and nothing waits to change it. At
    /// the end only: what is decided afterwards is not in it.
    ///
    /// # Errors
    /// The system's reason. Then the next start makes the state again.
    pub fn save_state(&mut self) -> std::io::Result<bool> {
        let is_done = self.undecided.is_empty() && !self.has_pending() && !self.is_publishing();
        match self.state_file.take().filter(|_| is_done) {
            Some(file) => file.write(&mut self.live),
            None => Ok(false),
        }
    }

    /// Packs some of the accounts and people to whom nothing has come for a while.
    pub(crate) fn pack_quiet(&mut self, most: usize) {
        self.live.pack_quiet(most);
    }

    /// What became known, with all that the ledger and the desk keep of it.
    pub(crate) fn qualified(&self, known: Known) -> Option<Qualified> {
        qualified(&self.live, self.describe.as_ref(), known)
    }
}

/// What became known, with all that the ledger and the desk keep of it.
pub(crate) fn qualified(
    live: &Live,
    describe: Option<&Describe>,
    Known { subject, entry }: Known,
) -> Option<Qualified> {
    let rules = live.rules();
    let root = rules.program.root(subject.kind);
    let definition = root.definitions.get(entry.definition)?;
    let state = live.subject(&subject);
    let account = live.account_of(&subject).unwrap_or_else(|| subject.id.clone());
    let record = state.map(|it| it.record().held[entry.definition].as_slice());
    let newest = record.and_then(|it| it.last());
    let holds = newest.is_some_and(|(at, left)| *at == entry.held_at && left.is_none());
    // Only what still holds hangs on how somebody is now: who is packed is opened for that.
    let stream = state.filter(|_| holds).map(Arrivals::stream);
    let excluded = stream.as_ref().is_some_and(|it| {
        root.exclusions.iter().any(|(_, node)| it.frame().value(*node).is_true())
    });
    // An enterprise may go the traditional way: leads on the other tracks do not open for it.
    let uses = rules
        .project
        .leads
        .uses(definition.track, |segment| holds_now(live, segment, Kind::Account, &account));
    let entered = matches!(entry.change, Change::Entered | Change::Revised { entry: true, .. });
    let judge = live.judge();
    let explained = stream
        .as_ref()
        .filter(|_| entered)
        .and_then(|it| explain(&rules.project, &judge, it, &definition.name));
    let score = stream.as_ref().and_then(|it| {
        let number = it.frame().value(definition.score?).number()?;
        number.millionths(it.now()).map(Decimal::from_raw)
    });
    let mut qualified = Qualified {
        account,
        track: definition.track,
        definition: definition.name.clone(),
        version: definition.version.clone(),
        subject,
        change: entry.change,
        held_at: entry.held_at,
        known_at: entry.known_at,
        holds: holds && !excluded && uses,
        score,
        evidence: None,
    };
    qualified.evidence = explained.and_then(|explanation| {
        let mut evidence = serde_json::to_value(&explanation).ok()?;
        let headline = describe.and_then(|it| it(live, &qualified));
        if let (Some(headline), Some(evidence)) = (headline, evidence.as_object_mut()) {
            evidence.insert(HEADLINE.to_owned(), headline.into());
        }
        Some(evidence.to_string())
    });
    Some(qualified)
}

/// Why something could not be done with a lead.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It cannot be done with the lead as it is.
    #[error(transparent)]
    Act(#[from] ActError),
    /// Something broke.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// The member of evidence that says it all in a sentence.
pub const HEADLINE: &str = "headline";
/// The source of facts that the server makes itself.
pub const OWN_SOURCE: Text = Text::new_static("firsthand");

/// The fact that somebody did something with a lead. Its place in the log makes its id its own.
fn record(name: &'static str, lead: &Lead, by: &Text, offset: u64, now: Time) -> Fact {
    let properties = serde_json::json!({
        "lead": lead.id,
        "track": lead.track.word(),
        "by": by,
        "owner": lead.owner,
        "reason": lead.reason,
    });
    Fact {
        id: format!("{}:{offset}", lead.id).into(),
        source: OWN_SOURCE,
        time: now,
        known_at: Some(now),
        who: Who { account: Some(lead.account.clone()), ..Who::default() },
        body: Body::Record {
            name: Text::new_static(name),
            properties: Json::parse(properties.to_string()).expect("it was just written"),
        },
    }
}

/// A line of the ledger.
pub(crate) fn line(it: &Qualified, offset: u64) -> LedgerLine {
    LedgerLine {
        definition: it.definition.clone(),
        version: it.version.clone(),
        subject: it.subject.clone(),
        account: Some(it.account.clone()),
        change: it.change,
        held_at: it.held_at,
        known_at: it.known_at,
        offset,
        evidence: it.evidence.clone(),
    }
}
