//! Erasing a person or an account everywhere, while the engine runs.
//!
//! The log is brought into the history first, so that every fact lies in one place. Then the
//! history gives them up in one commit, and the store in another; everybody is judged anew from
//! what is left, as at a start (P1), and what that makes of the others goes into the ledger and
//! onto the desk. What was asked for is written down before anything is done, with all ids, and
//! without them once it is done: an erasure that a crash has cut off is taken up by the next
//! start.
//!
//! Facts that come later for an erased id are new facts of somebody new.

use std::collections::{BTreeMap, BTreeSet};

use firsthand_history::{Gone, History, Scan};
use firsthand_model::config::Project;
use firsthand_model::fact::Kind;
use firsthand_model::{Text, Time};
use firsthand_rules::timeline::Subject;
use firsthand_store::{Erasure, Identities, Store};

use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::live::{Live, standings};

/// Who is to be erased, and on whose word.
#[derive(Clone, Debug)]
pub struct ErasureOrder {
    /// The erasure's name.
    pub id: Text,
    /// The account, or the person by any of their ids.
    pub subject: Subject,
    /// A keyed hash of it, for the record.
    pub subject_hash: Text,
    /// Who asks.
    pub by: Text,
}

/// Where recorded history begins: as it is configured, else with the first fact.
pub fn history_from(project: &Project, history: &History) -> Time {
    let first = history.seen().first.unwrap_or(Time::MIN);
    project.start.history_from.unwrap_or(first)
}

/// All ids by which the store may know somebody.
pub fn identities(gone: &Gone) -> Identities {
    let mut persons: Vec<Text> = gone.of_persons().cloned().collect();
    persons.sort_unstable();
    persons.dedup();
    Identities { persons, accounts: gone.accounts.iter().cloned().collect() }
}

impl<S: Store> Engine<S> {
    /// Writes down that somebody is to be erased; [`Engine::erase`] does it. One that is under way
    /// already is given as it is. `None` if nobody has that id.
    pub fn order_erasure(&mut self, order: &ErasureOrder, now: Time) -> Result<Option<Erasure>> {
        let ErasureOrder { id, subject, subject_hash, by } = order;
        let mut under_way = self.store.unfinished_erasures()?.into_iter();
        if let Some(known) = under_way.find(|it| it.subject_hash == *subject_hash) {
            return Ok(Some(known));
        }
        self.seal()?;
        let history = self.live.history();
        let Some(gone) = history.who_is(subject.kind, &subject.id, Scan::default())? else {
            return Ok(None);
        };
        let erasure = Erasure {
            id: id.clone(),
            kind: subject.kind,
            subject_hash: subject_hash.clone(),
            asked_by: by.clone(),
            asked_at: now,
            ids: Some(serde_json::to_string(&gone).expect("ids serialise")),
            done_at: None,
            erased: BTreeMap::new(),
            left: None,
        };
        self.store.put_erasure(&erasure)?;
        Ok(Some(erasure))
    }

    /// Erases whom an order names, and looks for what is left of them; tells how it was done.
    ///
    /// # Errors
    /// It stays under way: doing it once more, or the next start, goes on with it.
    pub fn erase(&mut self, erasure: Erasure, now: Time) -> Result<Erasure> {
        self.erase_and_judge(erasure, false, now)
    }

    /// Goes on with what was cut off; how many there were.
    pub(crate) fn take_up_erasures(&mut self, now: Time) -> Result<usize> {
        let under_way = self.store.unfinished_erasures()?;
        let count = under_way.len();
        for erasure in under_way {
            // Whom it concerned is not known any more if the history was done with it.
            self.erase_and_judge(erasure, true, now)?;
        }
        Ok(count)
    }

    fn erase_and_judge(
        &mut self,
        mut erasure: Erasure,
        everybody: bool,
        now: Time,
    ) -> Result<Erasure> {
        let ids = erasure.ids.as_deref().unwrap_or_default();
        let gone: Gone = serde_json::from_str(ids).map_err(EngineError::DamagedErasure)?;
        let who = identities(&gone);
        self.seal()?;
        let calendar = self.live.rules().project.calendar.clone();
        let scan = Scan::default();
        let rewritten = self.live.history_mut().erase(&gone, &calendar, scan)?;
        let unsealed = "the log holds facts that are not in the history";
        let rows = self.store.erase(&who, &mut |_| Err(unsealed.into()))?;
        let concerned = (!everybody).then_some(rewritten.accounts);
        self.judge_anew(concerned, now)?;

        let traces = self.store.traces(&who, &mut |_| true)?;
        let traces: u64 = traces.iter().map(|it| it.rows).sum();
        let found = self.live.history().traces(&gone, &calendar, scan)?;
        erasure.left = Some(traces + found);
        let facts = [("facts", rewritten.gone), ("facts_changed", rewritten.changed)];
        for (what, count) in facts.into_iter().chain(rows.by_table) {
            *erasure.erased.entry(what.into()).or_default() += count;
        }
        erasure.erased.retain(|_, count| *count > 0);
        erasure.ids = None;
        erasure.done_at = Some(now.max(erasure.asked_at));
        self.store.put_erasure(&erasure)?;
        Ok(erasure)
    }

    /// Makes everybody's state anew from a history that has become another, all of the log
    /// included, and brings what is written down of those in some accounts to it; of everybody, if
    /// these are not known.
    pub(crate) fn judge_anew(
        &mut self,
        concerned: Option<BTreeSet<Text>>,
        now: Time,
    ) -> Result<()> {
        let rules = self.live.rules().clone();
        self.now = self.now.max(now);
        let before = self.live.history();
        let history = History::open(before.dir(), &rules.project.identity)?;
        let from = rules.history_from;
        let rules = rules.over(&history);
        let moved = rules.history_from != from;
        let taken = standings(&rules.program, &*self.store)?;
        let mut live = Live::rebuild_with(rules, history, &taken, self.now, Scan::default())?;
        live.count_on(&mut self.live);
        self.readings.reset();
        // What somebody is told by siblings may have come from who is gone.
        let concerned = concerned.filter(|_| !moved && live.asking.is_none());
        // Who was in an account only by what is gone is judged without it all the same.
        let mut subjects = self.subjects_in(concerned.as_ref());
        self.live = live;
        self.desk = self.desk.emptied();
        self.take_up_leads()?;
        self.take_up_plays()?;
        subjects.extend(self.subjects_in(concerned.as_ref()));
        self.reconcile(subjects)?;
        self.desk.drop_unfounded(self.now, &mut self.pending);
        self.flush()
    }

    /// Who is judged in some accounts, or in all.
    fn subjects_in(&self, accounts: Option<&BTreeSet<Text>>) -> BTreeSet<Subject> {
        let of = |kind: Kind, id: &Text| Subject { kind, id: id.clone() };
        let mut subjects = BTreeSet::new();
        for (account, customer) in self.live.customers() {
            if accounts.is_none_or(|it| it.contains(account)) {
                subjects.insert(of(Kind::Account, account));
                subjects.extend(customer.people().iter().map(|it| of(Kind::Person, it)));
            }
        }
        // Accounts that nothing is left of are in the ledger all the same.
        let gone = accounts.into_iter().flatten();
        subjects.extend(gone.map(|it| of(Kind::Account, it)));
        subjects
    }
}
