//! Judging many at a time.
//!
//! What facts do to one account has nothing to do with another, once families have told them what
//! they are told, nor one person with another. So of a chunk with many of them each thread takes a
//! share. What came of it is taken up in order, as if they had been judged one after the other
//! (LIVE-3).

use std::sync::{Arc, LazyLock};
use std::thread::available_parallelism;

use firsthand_model::fact::Row;
use firsthand_model::{Fact, Text, Time};
use firsthand_rules::arrivals::{MEMORY, TooLate};
use firsthand_rules::compile::names::Fits;
use firsthand_rules::judge::Judge;
use firsthand_rules::world::Imports;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::accounts::{Account, Came, context};
use super::{Known, Live, lane};
use crate::customer::{Customer, Judging};
use crate::stir::Stirs;

/// Most threads that judge, the engine's own included.
const THREADS_MAX: usize = 8;
/// The least that makes up for waking a thread. Tests wake one for next to nothing.
const SHARE_MIN: usize = if cfg!(feature = "canary") { 1 } else { 32 };

/// Threads that judge beside the engine's own, and do nothing else: a long report must not keep
/// decisions waiting. None where there is one core, or where none could be started.
static BESIDE: LazyLock<Option<ThreadPool>> = LazyLock::new(|| {
    let beside = threads() - 1;
    let named = ThreadPoolBuilder::new().thread_name(|_| "judging".to_owned());
    (beside > 0).then(|| named.num_threads(beside).build().ok()).flatten()
});

fn threads() -> usize {
    available_parallelism().map_or(1, usize::from).min(THREADS_MAX)
}

/// The names that each thread has met.
pub(super) fn names() -> Vec<Fits> {
    (0..threads()).map(|_| Fits::default()).collect()
}

/// Has all of some tasks done, each thread with something of its own.
pub(super) fn share<T: Send, S: Send>(
    tasks: &mut [T],
    own: &mut [S],
    work: impl Fn(&mut [T], &mut S) + Sync,
) {
    let threads = own.len().min(tasks.len() / SHARE_MIN);
    let Some(beside) = BESIDE.as_ref().filter(|_| threads > 1) else {
        return work(tasks, &mut own[0]);
    };
    let size = tasks.len().div_ceil(threads);
    let mut shares = tasks.chunks_mut(size).zip(own);
    let first = shares.next();
    let work = &work;
    beside.in_place_scope(|scope| {
        for (share, own) in shares {
            scope.spawn(move |_| work(share, own));
        }
        if let Some((share, own)) = first {
            work(share, own);
        }
    });
}

/// A new fact, and where it stands.
pub(super) type Placed = (u64, Arc<Fact>, Vec<(Text, Row)>);

/// Rows for an account, and from when on its family tells it something else, if it does.
pub(super) type Arrival = (Text, Vec<Row>, Option<Time>);

/// An account at which rows arrive.
struct Arriving {
    id: Text,
    account: Box<Account>,
    rows: Vec<Row>,
    told: (Imports, Option<Time>),
    arrived: Result<(), TooLate>,
    came: Came,
}

impl Live {
    /// The rows of facts of the tail.
    pub(super) fn rows_of_fresh(&mut self, offsets: Vec<u64>) -> Vec<Placed> {
        let fact = |offset| self.tail.get(offset).map(|it| (offset, Arc::clone(it), Vec::new()));
        let mut placed: Vec<Placed> = offsets.into_iter().filter_map(fact).collect();
        let (resolver, paths) = (&self.resolver, &self.rules.program.paths);
        share(&mut placed, &mut self.names, |share, _| {
            for (_, fact, rows) in share {
                *rows = resolver.rows(fact, paths);
            }
        });
        placed
    }

    /// Has rows arrive at accounts, each of which comes once; those that do not reach back to them
    /// wait for the history.
    pub(super) fn arrive(
        &mut self,
        arrivals: impl Iterator<Item = Arrival>,
        stirs: &mut Stirs,
        known: &mut Vec<Known>,
    ) {
        let mut arriving: Vec<Arriving> = Vec::new();
        for (id, rows, changed) in arrivals {
            let first = rows.iter().map(|it| it.time).min();
            if self.account(&id).customer.reaches(first, changed) {
                self.lane.keep_aside(&lane::account(&id), &rows, changed);
                arriving.push(self.arriving((id, rows, changed)));
            } else {
                self.wait_for_history(&id, rows);
            }
        }
        let known_at = self.known_at;
        self.judge_together(arriving, stirs, known, |rows, customer, judging| {
            customer.arrive(judging, rows, known_at)
        });
    }

    /// Lets time alone act on accounts up to an instant; each comes once, with from when on others
    /// tell it something else, which is after all that it has come to.
    pub(super) fn settle_together(
        &mut self,
        told: impl Iterator<Item = (Text, Time)>,
        until: Time,
        stirs: &mut Stirs,
        known: &mut Vec<Known>,
    ) {
        let mut settling: Vec<Arriving> = Vec::new();
        for (id, changed) in told {
            self.lane.keep_aside(&lane::account(&id), &[], Some(changed));
            settling.push(self.arriving((id, Vec::new(), Some(changed))));
        }
        self.judge_together(settling, stirs, known, |_, customer, judging| {
            customer.settle(judging, until);
            Ok(())
        });
    }

    /// Has accounts that were taken out judged, and puts them back.
    fn judge_together(
        &mut self,
        mut arriving: Vec<Arriving>,
        stirs: &mut Stirs,
        known: &mut Vec<Known>,
        judge_it: impl Fn(Vec<Row>, &mut Customer, &mut Judging<'_, '_>) -> Result<(), TooLate> + Sync,
    ) {
        let memory = self.known_at - MEMORY;
        let (program, from, watched) =
            (&self.rules.program, self.rules.history_from, &self.watched);
        share(&mut arriving, &mut self.names, |share, names| {
            let mut judge = Judge::new(program, from).with_names(std::mem::take(names));
            for it in share {
                let (rows, context) = (std::mem::take(&mut it.rows), context(&it.told, watched));
                let judge_it = |customer: &mut Customer, judging: &mut Judging<'_, '_>| {
                    judge_it(rows, customer, judging)
                };
                (it.arrived, it.came) = it.account.judge(&mut judge, context, memory, judge_it);
            }
            *names = judge.into_names();
        });
        let mut came = Vec::with_capacity(arriving.len());
        for Arriving { id, account, arrived, came: of, .. } in arriving {
            self.customers.insert(id.clone(), account);
            came.push((id, arrived, of));
        }
        for (id, arrived, of) in came {
            debug_assert!(arrived.is_ok(), "it reaches so far");
            self.note(&id, of, stirs, known);
            if arrived.is_err() {
                // All of its rows are read again then.
                self.lane.far.insert(self.at, lane::account(&id));
            }
        }
    }

    /// Takes an account out, to be put back once it is judged.
    fn arriving(&mut self, (id, rows, changed): Arrival) -> Arriving {
        let first = rows.iter().map(|it| it.time).chain(changed).min().unwrap_or(Time::MAX);
        let after = self.account(&id).customer.stream().back_to(first);
        let told = (self.others_tell(&id, after), changed);
        let account = self.customers.remove(&id).expect("it was just made sure of");
        Arriving { id, account, rows, told, arrived: Ok(()), came: Came::default() }
    }
}
