//! Taking facts in.

use std::collections::BTreeMap;
use std::sync::Arc;

use firsthand_model::seen::Seen;
use firsthand_model::{Calendar, Fact};
use firsthand_rules::resolve::Resolver;
use serde::Serialize;

use crate::attribute::{self, Touched};
use crate::compact::Compaction;
use crate::error::Result;
use crate::hash::FactKey;
use crate::history::{Change, History};
use crate::identity;
use crate::repeats::{self, Settled};
use crate::spool::Spool;
use crate::stored::kind_word;

/// Parts of the spool.
const SPOOL_PARTS: usize = 64;

/// Takes in facts of any number and order. Nothing of it is seen before [`Intake::finish`], which
/// adds all at once; an intake that is dropped or interrupted leaves the history as it was.
pub struct Intake<'h> {
    change: Change<'h>,
    calendar: Calendar,
    spool: Spool<Fact>,
    summary: Summary,
}

/// What an intake has done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Facts that were handed over.
    pub taken: u64,
    /// Of these, facts that count no more than once: there already, or several times among these.
    pub repeated: u64,
    /// Facts that were there already, and that a copy known earlier has replaced.
    pub replaced: u64,
    /// Facts added, by kind: `event`, `record`, `traits`, `link`, `alias`, `split`, `membership`.
    pub added: BTreeMap<&'static str, u64>,
    /// Facts added that taught nothing about identity although they should have, by the code of
    /// the reason ([`Refused::code`](firsthand_rules::resolve::Refused::code)).
    pub refused: BTreeMap<&'static str, u64>,
}

impl History {
    /// Begins to take facts in. The calendar tells which times are midnights, for the statistics.
    pub fn intake(&mut self, calendar: &Calendar) -> Result<Intake<'_>> {
        let change = Change::begin(self)?;
        let limits = change.limits();
        let spool = Spool::new(&change.work_dir(), "facts", SPOOL_PARTS, limits.spool_bytes);
        Ok(Intake { change, calendar: calendar.clone(), spool, summary: Summary::default() })
    }
}

impl Intake<'_> {
    /// Takes in one fact.
    pub fn take(&mut self, fact: &Fact) -> Result<()> {
        self.summary.taken += 1;
        self.spool.push(FactKey::of(fact).part(SPOOL_PARTS), fact)
    }

    /// Adds all facts taken in to the history, at once and for good.
    pub fn finish(mut self) -> Result<Summary> {
        self.prepare()?;
        let Self { change, summary, .. } = self;
        if summary.added.is_empty() {
            change.abandon()?;
        } else {
            change.commit()?.compact(Compaction::WhereDue)?;
        }
        Ok(summary)
    }

    /// Does everything but the commit.
    pub(crate) fn prepare(&mut self) -> Result<()> {
        let keys_per_pass = self.change.limits().keys_per_pass;
        let settled = repeats::settle(&self.spool, self.change.now(), keys_per_pass)?;
        for (segment, rows) in &settled.superseded {
            self.change.next.overlay.add(segment, rows.iter().copied());
        }
        let touched = self.learn(&settled)?;
        for_each_new(&self.spool, &settled, |fact| self.change.add(fact))?;
        // After the new facts, so that the facts moved are not moved twice.
        attribute::attribute_anew(&mut self.change, touched.as_ref())?;
        self.change.seal()?;

        self.summary.repeated = settled.repeated();
        self.summary.replaced = settled.superseded_facts;
        let facts = &mut self.change.next.catalogue.facts;
        *facts += self.summary.added.values().sum::<u64>();
        *facts -= self.summary.replaced;
        Ok(())
    }

    /// Teaches the resolver and the statistics; tells whose stored facts may belong elsewhere
    /// now, `None` for anybody's.
    fn learn(&mut self, settled: &Settled) -> Result<Option<Touched>> {
        let next = &mut self.change.next;
        // What a superseded fact has taught cannot be taken back, only learnt anew without it.
        let start_over = !settled.superseded.is_empty();
        let mut resolver = if start_over {
            identity::rebuild(&next.dir, &next.rules, &next.catalogue, &next.overlay)?
        } else {
            Resolver::clone(&next.resolver)
        };
        let mut seen = Seen::clone(&next.seen);
        let mut touched = Touched::default();
        let is_first = next.catalogue.segments.is_empty();
        for_each_new(&self.spool, settled, |fact| {
            let refused = identity::learn(&mut resolver, &fact, |id| {
                if !is_first {
                    touched.add(id);
                }
            });
            if let Some(refused) = refused {
                *self.summary.refused.entry(refused.code()).or_default() += 1;
            }
            seen.take(&fact, &self.calendar);
            *self.summary.added.entry(kind_word(&fact.body)).or_default() += 1;
            Ok(())
        })?;
        (next.resolver, next.seen) = (Arc::new(resolver), Arc::new(seen));
        (self.change.identity_changed, self.change.seen_changed) = (true, true);
        Ok(if start_over { None } else { Some(touched) })
    }
}

/// Calls `take` with every fact of a spool that counts.
fn for_each_new(
    spool: &Spool<Fact>,
    settled: &Settled,
    mut take: impl FnMut(Fact) -> Result<()>,
) -> Result<()> {
    for part in 0..spool.parts() {
        for (number, fact) in (0..).zip(spool.read(part)?) {
            if settled.counts(part, number) {
                take(fact?)?;
            }
        }
    }
    Ok(())
}
