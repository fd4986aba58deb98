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
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use firsthand_model::config::ImportMapping;
use firsthand_model::{Calendar, Fact, Text, Time};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;

use crate::columns::BATCH_ROWS;
use crate::draft::Fault;
use crate::error::ImportError;
use crate::identity::Lately;
use crate::input::{self, Input, Opened, TextInput};
use crate::plan::{Batch, Beginning, Chunk, Plan, Settings};
use crate::report::{
    FileSummary, NoticeCode, Notices, Position, Progress, Reject, RejectCode, Summary,
};
use crate::split::{Framing, lines_in};

/// Bytes of text that are read at a time.
pub const CHUNK_BYTES: usize = 1 << 20;
/// Longest record that is taken in.
pub const RECORD_BYTES_MAX: usize = 16 << 20;

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

/// What comes out of the reader, in the order of the input.
enum Step {
    /// A file begins.
    File(Box<Started>),
    /// A part of it, being read by a worker.
    Part(Receiver<Batch>),
    /// A record that no worker will see.
    Reject(Reject),
    /// The file has ended.
    End(Notices),
    /// The input cannot be read on.
    Failed(ImportError),
}

struct Started {
    file: Arc<str>,
    read_as: String,
    notices: Notices,
}

struct Job {
    plan: Arc<Plan>,
    chunk: Chunk,
    reply: SyncSender<Batch>,
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

fn work(jobs: &Mutex<Receiver<Job>>) {
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { plan, chunk, reply }) = next else {
            return;
        };
        // Nobody waits for the reply once the import has failed.
        reply.send(plan.read(&chunk)).ok();
    }
}

/// Reads the inputs and cuts them into parts.
struct Reader<'s> {
    settings: &'s Settings<'s>,
    read: Arc<AtomicU64>,
    steps: SyncSender<Step>,
    jobs: SyncSender<Job>,
}

/// The import has failed elsewhere: there is nobody left to read for.
struct Gone;

impl Reader<'_> {
    fn run(self, inputs: Vec<Input>) {
        for input in inputs {
            let file = input.name();
            match self.file(input, &file) {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    self.steps.send(Step::Failed(error)).ok();
                    return;
                }
                Err(Gone) => return,
            }
        }
    }

    fn send(&self, step: Step) -> Result<(), Gone> {
        self.steps.send(step).map_err(|_| Gone)
    }

    fn part(&self, plan: &Arc<Plan>, chunk: Chunk) -> Result<(), Gone> {
        let (reply, batch) = sync_channel(1);
        self.send(Step::Part(batch))?;
        self.jobs
            .send(Job {
                plan: Arc::clone(plan),
                chunk,
                reply,
            })
            .map_err(|_| Gone)
    }

    fn start(&self, plan: &Plan, mut notices: Notices) -> Result<(), Gone> {
        notices.merge(plan.notices.clone());
        let file = Arc::clone(&plan.file);
        let read_as = plan.read_as.clone();
        self.send(Step::File(Box::new(Started {
            file,
            read_as,
            notices,
        })))
    }

    fn file(&self, input: Input, file: &Arc<str>) -> Result<Result<(), ImportError>, Gone> {
        let encoding = self.settings.mapping.and_then(|it| it.encoding.as_deref());
        match input::open(input, encoding, &self.read) {
            Ok(Opened::Text(text)) => self.text(text, file),
            Ok(Opened::Parquet(opened)) => self.parquet(opened, file),
            Err(error) => Ok(Err(error)),
        }
    }

    fn text(&self, input: TextInput, file: &Arc<str>) -> Result<Result<(), ImportError>, Gone> {
        let mut notices = Notices::default();
        if input.mark {
            notices.add(NoticeCode::ByteOrderMark, file, 0, || {
                "at the beginning".to_owned()
            });
        }
        let encoding = input.encoding.map(|it| it.name().to_owned());
        let transport: Vec<String> = input
            .compression
            .map(str::to_owned)
            .into_iter()
            .chain(encoding)
            .collect();
        let mut feed = Feed {
            reader: input.reader,
            held: Vec::new(),
            ended: false,
            failed: None,
        };
        feed.fill(CHUNK_BYTES);
        if feed.held.is_empty()
            && let Some(source) = feed.failed.take()
        {
            return Ok(Err(ImportError::Read {
                file: Arc::clone(file),
                line: 1,
                source,
            }));
        }

        let beginning = Beginning::of(&feed.held, file, self.settings);
        let framing = beginning.framing;
        let mut line = 1 + lines_in(&feed.held[..beginning.header_bytes]);
        feed.held.drain(..beginning.header_bytes);
        // Even a sample needs whole records; where there is not one, all of it must do.
        let whole = match framing.last_end(&feed.held, feed.ended) {
            0 => feed.held.len(),
            whole => whole,
        };
        let sample = &feed.held[..whole];
        let plan = match Plan::for_text(beginning, sample, file, &transport, self.settings) {
            Ok(plan) => Arc::new(plan),
            Err(error) => return Ok(Err(error)),
        };
        self.start(&plan, notices)?;

        loop {
            let end = framing.last_end(&feed.held, feed.ended);
            if end > 0 {
                let rest = feed.held.split_off(end);
                let bytes = std::mem::replace(&mut feed.held, rest);
                let lines = lines_in(&bytes);
                self.part(
                    &plan,
                    Chunk::Text {
                        bytes,
                        first_line: line,
                    },
                )?;
                line += lines;
            } else if feed.ended && feed.held.is_empty() {
                break;
            } else if feed.ended || feed.held.len() >= RECORD_BYTES_MAX {
                // No record ends here. Its first line is given up, and reading goes on behind it.
                let reject = feed.skip_line(framing, &plan, line);
                self.send(Step::Reject(reject))?;
                line += 1;
                continue;
            }
            feed.fill(CHUNK_BYTES);
        }
        if let Some(source) = feed.failed.take() {
            return Ok(Err(ImportError::Read {
                file: Arc::clone(file),
                line,
                source,
            }));
        }
        let mut notices = Notices::default();
        let undecodable = input.undecodable.load(Ordering::Relaxed);
        if undecodable > 0 {
            let seen = || "see the texts that hold U+FFFD".to_owned();
            notices.add(NoticeCode::Undecodable, file, 0, seen);
            if let Some(notice) = notices.0.get_mut(&NoticeCode::Undecodable) {
                notice.count = undecodable;
            }
        }
        self.send(Step::End(notices))?;
        Ok(Ok(()))
    }

    fn parquet(
        &self,
        opened: std::fs::File,
        file: &Arc<str>,
    ) -> Result<Result<(), ImportError>, Gone> {
        let failed = |source: ParquetError| ImportError::Parquet {
            file: Arc::clone(file),
            source,
        };
        let size = opened.metadata().map_or(0, |it| it.len());
        let builder = match ParquetRecordBatchReaderBuilder::try_new(opened) {
            Ok(builder) => builder,
            Err(source) => return Ok(Err(failed(source))),
        };
        let rows_total = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
        let mut batches = match builder.with_batch_size(BATCH_ROWS).build() {
            Ok(batches) => batches,
            Err(source) => return Ok(Err(failed(source))),
        };
        let mut next = || batches.next().transpose().map_err(|it| failed(it.into()));
        let mut batch = match next() {
            Ok(batch) => batch,
            Err(error) => return Ok(Err(error)),
        };
        let plan = match Plan::for_parquet(batch.as_ref(), file, self.settings) {
            Ok(plan) => Arc::new(plan),
            Err(error) => return Ok(Err(error)),
        };
        self.start(&plan, Notices::default())?;
        let before = self.read.load(Ordering::Relaxed);
        let mut row = 1;
        while let Some(found) = batch {
            let rows = found.num_rows() as u64;
            self.part(
                &plan,
                Chunk::Rows {
                    batch: found,
                    first_row: row,
                },
            )?;
            row += rows;
            // The reader jumps about in the file, so its share of rows stands for that of bytes.
            let share = (row - 1).min(rows_total) * size / rows_total.max(1);
            self.read.store(before + share, Ordering::Relaxed);
            batch = match next() {
                Ok(batch) => batch,
                Err(error) => return Ok(Err(error)),
            };
        }
        self.read.store(before + size, Ordering::Relaxed);
        self.send(Step::End(Notices::default()))?;
        Ok(Ok(()))
    }
}

/// A text being read: what is held is not yet cut into parts.
struct Feed {
    reader: Box<dyn Read + Send>,
    held: Vec<u8>,
    ended: bool,
    failed: Option<io::Error>,
}

impl Feed {
    /// Reads on. An error ends the text; what came before it is kept.
    fn fill(&mut self, bytes: usize) {
        if self.ended {
            return;
        }
        let before = self.held.len();
        self.held.reserve(bytes);
        match self
            .reader
            .by_ref()
            .take(bytes as u64)
            .read_to_end(&mut self.held)
        {
            Ok(_) => self.ended = self.held.len() - before < bytes,
            Err(error) => {
                self.failed = Some(error);
                self.ended = true;
            }
        }
    }

    /// Gives up the line that begins what is held.
    fn skip_line(&mut self, framing: Framing, plan: &Plan, line: u64) -> Reject {
        let raw = String::from_utf8_lossy(&self.held[..self.held.len().min(4_000)]);
        let raw = raw.lines().next().unwrap_or_default().to_owned();
        let fault = if !self.ended {
            let reason = format!("the record is longer than {RECORD_BYTES_MAX} bytes");
            Fault::new(RejectCode::TooLong, reason)
        } else if matches!(framing, Framing::Rows { .. }) {
            Fault::new(
                RejectCode::UnclosedQuote,
                "a quote is opened here and never closed",
            )
        } else {
            Fault::new(
                RejectCode::BadJson,
                "an object is opened here and never closed",
            )
        };
        if let Some(at) = memchr::memchr(b'\n', &self.held) {
            self.held.drain(..=at);
        } else {
            self.held.clear();
            self.skip_to_line_end();
        }
        plan.reject(line, fault, raw)
    }

    fn skip_to_line_end(&mut self) {
        while !self.ended {
            self.fill(CHUNK_BYTES);
            if let Some(at) = memchr::memchr(b'\n', &self.held) {
                self.held.drain(..=at);
                return;
            }
            self.held.clear();
        }
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
                let Started {
                    file,
                    read_as,
                    notices,
                } = *started;
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
            Step::Part(batch) => {
                // A worker that panicked takes the import down with it when the scope ends.
                if let Ok(batch) = batch.recv() {
                    self.batch(batch)?;
                }
            }
            Step::Reject(reject) => {
                self.summary.records += 1;
                self.file().records += 1;
                self.reject(reject)?;
            }
            Step::End(notices) => self.summary.notices.merge(notices),
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
        self.summary
            .files
            .last_mut()
            .expect("a file begins before its first part")
    }

    fn batch(&mut self, batch: Batch) -> Result<(), ImportError> {
        let Batch {
            records,
            drafts,
            rejects,
            notices,
        } = batch;
        self.summary.records += records;
        self.file().records += records;
        self.summary.notices.merge(notices);
        for reject in rejects {
            self.reject(reject)?;
        }
        for mut draft in drafts {
            let (keep, notice) = self.lately.settle(&mut draft);
            if let Some(code) = notice {
                let file = Arc::clone(&self.file().name);
                let seen = || format!("id `{}`", draft.fact.id);
                self.summary.notices.add(code, &file, draft.line, seen);
            }
            if keep {
                let time = draft.fact.time;
                let Summary {
                    first, last, facts, ..
                } = &mut self.summary;
                *first = Some(first.map_or(time, |it| it.min(time)));
                *last = Some(last.map_or(time, |it| it.max(time)));
                *facts += 1;
                self.file().facts += 1;
                (self.facts)(draft.fact).map_err(|error| ImportError::Sink(error.into()))?;
            }
        }
        self.give_up()
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
            return Err(ImportError::NothingUsable {
                file: name,
                records,
                first: Box::new(first),
            });
        }
        Ok(())
    }
}
