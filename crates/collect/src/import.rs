//! Runs an import: one thread reads and cuts, several make facts of the parts, and the caller's
//! thread hands them on in the order of the input.
//!
//! ```text
//!  reader ──► parts ──► workers ──┐
//!     └──► the same order ──► caller: ids, summary, sink
//! ```
//!
//! Both queues are bounded, so a file larger than memory needs no more of it than a small one, and
//! a slow sink slows the reader (P8). The order of the facts, and so their ids, never depends on
//! which worker was faster.

use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};
use std::thread;

use firsthand_model::config::ImportMapping;
use firsthand_model::{Calendar, Fact, Text, Time};

use crate::draft::Draft;
use crate::error::ImportError;
use crate::identity::Lately;
use crate::input::Input;
use crate::plan::{Batch, Reused, Settings};
use crate::reader::{Done, Job, Reader, Started, Step, work};
use crate::report::{FileSummary, NoticeCode, Position, Progress, Reject, Summary};

/// Files into facts.
#[derive(Debug)]
pub struct Import<'a> {
    /// What to read, in this order.
    pub inputs: Vec<Input>,
    /// The name of the source that the facts get; ids are unique within it.
    pub source: Text,
    /// How columns become facts; where it is `None` the shape is recognised.
    pub mapping: Option<&'a ImportMapping>,
    /// The type of group that is the account, for exports that know several; for Mixpanel, the
    /// property that names it.
    pub group_type: Option<Text>,
    /// The zone of times that have none.
    pub calendar: &'a Calendar,
    /// The time of the import: nothing can have happened more than a day later.
    pub now: Time,
    /// Threads that make facts of records.
    pub threads: usize,
    /// Stop where so many records at the beginning of a file are all rejects.
    pub give_up_after: Option<u64>,
}

impl<'a> Import<'a> {
    /// An import with the shape to be recognised, as many threads as the machine has, and the usual
    /// limit of rejects.
    pub fn new(inputs: Vec<Input>, source: Text, calendar: &'a Calendar, now: Time) -> Self {
        Self {
            inputs,
            source,
            mapping: None,
            group_type: None,
            calendar,
            now,
            threads: thread::available_parallelism().map_or(2, usize::from),
            give_up_after: Some(1_000),
        }
    }

    /// Reads everything and hands on each fact and each reject, in the order of the input. A bad
    /// record never stops it; a bad file does.
    pub fn run<E: Into<Box<dyn Error + Send + Sync>>>(
        self,
        facts: &mut dyn FnMut(Fact) -> Result<(), E>,
        rejects: &mut dyn FnMut(Reject) -> Result<(), E>,
        progress: &dyn Progress,
    ) -> Result<Summary, ImportError> {
        let threads = self.threads.max(1);
        let settings = Settings {
            source: self.source,
            mapping: self.mapping,
            group_type: self.group_type,
            calendar: self.calendar,
            now: self.now,
        };
        let read = Arc::new(AtomicU64::new(0));
        let bytes_total = self.inputs.iter().map(Input::size).sum();
        let (steps_in, steps) = sync_channel(2 * threads + 2);
        let (jobs_in, jobs) = sync_channel::<Job>(threads);
        let jobs = Arc::new(Mutex::new(jobs));
        let inputs = self.inputs;
        thread::scope(|scope| {
            for _ in 0..threads {
                let jobs = Arc::clone(&jobs);
                scope.spawn(move || work(&jobs));
            }
            // The workers hold the only ends, so that they end with the reader and it with them.
            drop(jobs);
            let reader = Reader {
                settings: &settings,
                read: Arc::clone(&read),
                steps: steps_in,
                jobs: jobs_in,
            };
            scope.spawn(move || reader.run(inputs));
            let mut taker = Taker {
                facts,
                rejects,
                progress,
                read: &read,
                bytes_total,
                give_up_after: self.give_up_after,
                lately: Lately::default(),
                summary: Summary::default(),
                first_reject: None,
            };
            // Dropping the receiver on an error stops the reader, and with it the workers.
            for step in steps {
                taker.take(step)?;
            }
            taker.summary.bytes = read.load(Ordering::Relaxed);
            Ok(taker.summary)
        })
    }
}

/// Takes what was read, in order, and hands it on.
struct Taker<'t, E> {
    facts: &'t mut dyn FnMut(Fact) -> Result<(), E>,
    rejects: &'t mut dyn FnMut(Reject) -> Result<(), E>,
    progress: &'t dyn Progress,
    read: &'t AtomicU64,
    bytes_total: Option<u64>,
    give_up_after: Option<u64>,
    lately: Lately,
    summary: Summary,
    /// The first reject of the file.
    first_reject: Option<Reject>,
}

impl<E: Into<Box<dyn Error + Send + Sync>>> Taker<'_, E> {
    fn take(&mut self, step: Step) -> Result<(), ImportError> {
        match step {
            Step::File(started) => {
                let Started { file, read_as, notices } = *started;
                self.summary.notices.merge(notices);
                self.summary.files.push(FileSummary {
                    name: file,
                    read_as,
                    records: 0,
                    facts: 0,
                    rejects: 0,
                });
                self.lately = Lately::default();
                self.first_reject = None;
            }
            Step::Part(done) => {
                let done = done.recv().expect("a worker replies unless it has panicked itself");
                self.part(done)?;
            }
            Step::Reject(reject) => {
                self.summary.records += 1;
                self.file().records += 1;
                self.reject(reject)?;
            }
            Step::End(notices) => {
                self.summary.notices.merge(notices);
                if self.file().records == 0 {
                    let file = Arc::clone(&self.file().name);
                    let seen = || "nothing was taken in".to_owned();
                    self.summary.notices.add(NoticeCode::NoRecords, &file, 0, seen);
                }
            }
            Step::Failed(error) => return Err(error),
        }
        let Summary { records, facts, .. } = self.summary;
        self.progress.update(&Position {
            bytes: self.read.load(Ordering::Relaxed),
            bytes_total: self.bytes_total,
            records,
            facts,
            rejects: self.summary.rejected(),
        });
        Ok(())
    }

    fn file(&mut self) -> &mut FileSummary {
        self.summary.files.last_mut().expect("a file begins before its first part")
    }

    fn part(&mut self, done: Done) -> Result<(), ImportError> {
        let Done { plan, chunk, batch } = done;
        let Batch { records, drafts, mut rejects, notices } = batch;
        self.summary.records += records;
        self.file().records += records;
        self.summary.notices.merge(notices);
        let mut reused: Vec<Reused> = Vec::new();
        let mut drafts = drafts.into_iter();
        while let Some(Draft { record, .. }) = drafts.as_slice().first() {
            let record = *record;
            let left = drafts.as_slice();
            let count = left.iter().take_while(|it| it.record == record).count();
            // A record is taken in whole or not at all.
            let reuses = left[..count].iter().find(|it| self.lately.is_reused(it));
            reused.extend(reuses.map(|it| Reused { record, id: it.fact.id.clone() }));
            let is_bad = reuses.is_some();
            for draft in drafts.by_ref().take(count).filter(|_| !is_bad) {
                self.draft(draft)?;
            }
        }
        rejects.extend(plan.reused(&chunk, &reused));
        rejects.sort_by_key(|it| it.line);
        for reject in rejects {
            self.reject(reject)?;
        }
        self.give_up()
    }

    fn draft(&mut self, mut draft: Draft) -> Result<(), ImportError> {
        let (keep, notice) = self.lately.settle(&mut draft);
        if let Some(code) = notice {
            let file = Arc::clone(&self.file().name);
            let seen = || format!("id `{}`", draft.fact.id);
            self.summary.notices.add(code, &file, draft.line, seen);
        }
        if keep {
            let time = draft.fact.time;
            let Summary { first, last, facts, .. } = &mut self.summary;
            *first = Some(first.map_or(time, |it| it.min(time)));
            *last = Some(last.map_or(time, |it| it.max(time)));
            *facts += 1;
            self.file().facts += 1;
            (self.facts)(draft.fact).map_err(|error| ImportError::Sink(error.into()))?;
        }
        Ok(())
    }

    fn reject(&mut self, reject: Reject) -> Result<(), ImportError> {
        *self.summary.rejects.entry(reject.code).or_default() += 1;
        self.file().rejects += 1;
        if self.first_reject.is_none() {
            self.first_reject = Some(reject.clone());
        }
        (self.rejects)(reject).map_err(|error| ImportError::Sink(error.into()))
    }

    fn give_up(&mut self) -> Result<(), ImportError> {
        let limit = self.give_up_after;
        let file = self.file();
        let (name, records) = (Arc::clone(&file.name), file.records);
        if limit.is_some_and(|limit| records >= limit)
            && file.rejects == records
            && let Some(first) = self.first_reject.take()
        {
            return Err(ImportError::NothingUsable { file: name, records, first: Box::new(first) });
        }
        Ok(())
    }
}
