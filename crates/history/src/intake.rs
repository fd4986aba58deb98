//! Taking facts in.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use firsthand_model::seen::Seen;
use firsthand_model::{Calendar, Fact};
use firsthand_rules::resolve::Resolver;
use rayon::prelude::*;
use serde::Serialize;

use crate::attribute::{self, Touched};
use crate::compact::Compaction;
use crate::error::Result;
use crate::hash::Buckets;
use crate::history::{Change, History};
use crate::identity;
use crate::left_out::LeftOut;
use crate::repeats::{self, Settled};
use crate::spool::{Feeder, Spool};
use crate::stored::kind_word;
use crate::wire::{read_bare, read_fact, write_row};

/// Parts of the spool. The keys of one are held in memory in each thread: of a billion facts four
/// million.
const SPOOL_PARTS: usize = 256;
/// Parts of the spool that are counted together.
const PARTS_COUNTED: usize = 16;

/// Takes in facts of any number and order. Nothing of it is seen before [`Intake::finish`], which
/// adds all at once; an intake that is dropped or interrupted leaves the history as it was.
pub struct Intake<'h> {
    change: Change<'h>,
    calendar: Calendar,
    spool: Spool,
    summary: Summary,
}

/// What an intake has done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Facts that were handed over.
    pub taken: u64,
    /// Of these, facts that the history has already.
    pub already_there: u64,
    /// Of these, copies of others among these: the same id from the same source.
    pub repeated: u64,
    /// Facts that were there already, and that a copy known earlier has replaced.
    pub replaced: u64,
    /// Facts added, by kind: `event`, `record`, `traits`, `link`, `alias`, `split`, `membership`.
    pub added: BTreeMap<&'static str, u64>,
    /// What of the facts added is left out, as things stand after them.
    pub left_out: LeftOut,
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
        repeats::put_aside(&mut self.spool, &fact.into())
    }

    /// Says that these are the facts of a server's log before an offset, those in the history
    /// already left out: [`History::logged`] once they are in.
    pub fn of_log_before(&mut self, offset: u64) {
        self.change.next.catalogue.logged = offset;
    }

    /// Adds all facts taken in to the history, at once and for good.
    pub fn finish(mut self) -> Result<Summary> {
        self.prepare()?;
        let Self { change, summary, .. } = self;
        let logged = change.next.catalogue.logged != change.now().catalogue.logged;
        if summary.added.is_empty() && !logged {
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
        self.summary.left_out = self.add(&settled)?;
        for part in 0..self.spool.parts() {
            self.spool.clear(part)?;
        }
        // After the new facts, so that the facts moved are not moved twice.
        attribute::attribute_anew(&mut self.change, touched.as_ref())?;
        self.change.seal()?;

        self.summary.already_there = settled.already_there;
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
        let mut touched = Touched::default();
        let is_first = next.catalogue.segments.is_empty();
        let new = New { spool: &self.spool, settled };
        let teach = || {
            (0..new.spool.parts()).try_for_each(|part| {
                new.for_each(part, |written| {
                    identity::learn(&mut resolver, &read_bare(written), |id| {
                        if !is_first {
                            touched.add(id);
                        }
                    });
                    Ok(())
                })
            })
        };
        let (taught, counted) = rayon::join(teach, || new.count(&self.calendar));
        taught?;
        let Counted { seen: new_seen, added } = counted?;
        let mut seen = Seen::clone(&next.seen);
        seen.merge(&new_seen);
        self.summary.added = added;
        (next.resolver, next.seen) = (Arc::new(resolver), Arc::new(seen));
        (self.change.identity_changed, self.change.seen_changed) = (true, true);
        Ok(if start_over { None } else { Some(touched) })
    }

    /// Adds the facts that count to the rows that will be sealed; tells what of them is left out.
    fn add(&mut self, settled: &Settled) -> Result<LeftOut> {
        let new = New { spool: &self.spool, settled };
        let Change { next, rows, .. } = &mut self.change;
        let (resolver, buckets) = (&next.resolver, next.catalogue.buckets);
        let rows = Mutex::new(rows);
        let put_aside =
            |feeder: &mut Feeder| rows.lock().unwrap_or_else(PoisonError::into_inner).take(feeder);
        let remembered = || Buckets::new(buckets);
        let parts = (0..new.spool.parts()).into_par_iter();
        let parts = parts.map_init(remembered, |buckets_of, part| {
            let mut left_out = LeftOut::default();
            let mut feeder = Feeder::new(buckets as usize);
            new.for_each(part, |written| {
                let fact = read_bare(written);
                let placed = identity::place(resolver, &fact);
                left_out.take(&fact, &placed);
                for place in placed.places() {
                    let bucket = buckets_of.of(place.account) as usize;
                    if feeder.push(bucket, |to| write_row(to, &place, written))? {
                        put_aside(&mut feeder)?;
                    }
                }
                Ok(())
            })?;
            put_aside(&mut feeder)?;
            Ok(left_out)
        });
        parts.try_reduce(LeftOut::default, |one, later| Ok(one.and(later)))
    }
}

/// The facts of a spool that count.
struct New<'a> {
    spool: &'a Spool,
    settled: &'a Settled,
}

/// What some facts have shown, and how many of each kind they are.
#[derive(Default)]
struct Counted {
    seen: Seen,
    added: BTreeMap<&'static str, u64>,
}

impl New<'_> {
    /// Calls `take` with those of one part, each as it was written.
    fn for_each(&self, part: usize, mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut records = self.spool.read(part)?;
        let mut number = 0;
        while let Some(record) = records.next()? {
            if self.settled.counts(part, number) {
                let (_, written) = repeats::split(record);
                take(written)?;
            }
            number += 1;
        }
        Ok(())
    }

    /// Counts all of them.
    fn count(&self, calendar: &Calendar) -> Result<Counted> {
        let parts: Vec<usize> = (0..self.spool.parts()).collect();
        // In groups that are the same for any number of threads: where names are too many to keep,
        // which ones are kept depends on the grouping.
        let groups = parts.par_chunks(PARTS_COUNTED).map(|parts| {
            let mut counted = Counted::default();
            for part in parts {
                self.for_each(*part, |written| {
                    let fact = read_fact(written);
                    counted.seen.take(fact, calendar);
                    *counted.added.entry(kind_word(&fact.body)).or_default() += 1;
                    Ok(())
                })?;
            }
            Ok(counted)
        });
        let groups: Vec<Counted> = groups.collect::<Result<_>>()?;
        Ok(groups.into_iter().fold(Counted::default(), Counted::and))
    }
}

impl Counted {
    fn and(mut self, later: Self) -> Self {
        self.seen.merge(&later.seen);
        for (kind, count) in later.added {
            *self.added.entry(kind).or_default() += count;
        }
        self
    }
}
