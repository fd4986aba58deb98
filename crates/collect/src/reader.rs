//! The reading end of an import: opens files one after the other, cuts them into parts of whole
//! records, and hands each part to a worker and its place in the order to the caller.

use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;

use crate::columns::BATCH_ROWS;
use crate::draft::Fault;
use crate::error::ImportError;
use crate::input::{self, Input, Opened, TextInput};
use crate::plan::{Batch, Beginning, Chunk, Plan, Settings};
use crate::report::{NoticeCode, Notices, Reject, RejectCode};
use crate::split::{Framing, lines_in};

/// Bytes of text that are read at a time.
pub const CHUNK_BYTES: usize = 1 << 20;
/// Longest record that is taken in.
pub const RECORD_BYTES_MAX: usize = 16 << 20;

/// What comes out of the reader, in the order of the input.
pub(crate) enum Step {
    /// A file begins.
    File(Box<Started>),
    /// A part of it, being read by a worker.
    Part(Receiver<Done>),
    /// A record that no worker will see.
    Reject(Reject),
    /// The file has ended.
    End(Notices),
    /// The input cannot be read on.
    Failed(ImportError),
}

/// What is said of a file when it begins.
pub(crate) struct Started {
    pub file: Arc<str>,
    pub read_as: String,
    pub notices: Notices,
}

/// A part for a worker, and where its answer goes.
pub(crate) struct Job {
    pub plan: Arc<Plan>,
    pub chunk: Chunk,
    pub reply: SyncSender<Done>,
}

/// A part that a worker has read.
pub(crate) struct Done {
    pub plan: Arc<Plan>,
    pub chunk: Chunk,
    pub batch: Batch,
}

/// Reads the inputs and cuts them into parts.
pub(crate) struct Reader<'s> {
    pub settings: &'s Settings<'s>,
    /// Bytes taken so far.
    pub read: Arc<AtomicU64>,
    pub steps: SyncSender<Step>,
    pub jobs: SyncSender<Job>,
}

/// The import has failed elsewhere: there is nobody left to read for.
struct Gone;

impl Reader<'_> {
    /// Reads all inputs, or up to the first that fails.
    pub(crate) fn run(self, inputs: Vec<Input>) {
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
        self.jobs.send(Job { plan: Arc::clone(plan), chunk, reply }).map_err(|_| Gone)
    }

    fn start(&self, plan: &Plan, mut notices: Notices) -> Result<(), Gone> {
        notices.merge(plan.notices.clone());
        let file = Arc::clone(&plan.file);
        let read_as = plan.read_as.clone();
        self.send(Step::File(Box::new(Started { file, read_as, notices })))
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
            notices.add(NoticeCode::ByteOrderMark, file, 0, || "at the beginning".to_owned());
        }
        let encoding = input.encoding.map(|it| it.name().to_owned());
        let transport: Vec<String> =
            input.compression.map(str::to_owned).into_iter().chain(encoding).collect();
        let mut feed = Feed { reader: input.reader, held: Vec::new(), ended: false, failed: None };
        feed.fill(CHUNK_BYTES);
        if feed.held.is_empty()
            && let Some(source) = feed.failed.take()
        {
            return Ok(Err(ImportError::Read { file: Arc::clone(file), line: 1, source }));
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
                self.part(&plan, Chunk::Text { bytes, first_line: line })?;
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
            return Ok(Err(ImportError::Read { file: Arc::clone(file), line, source }));
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
        let failed = |source: ParquetError| ImportError::Parquet { file: Arc::clone(file), source };
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
            self.part(&plan, Chunk::Rows { batch: found, first_row: row })?;
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
        match self.reader.by_ref().take(bytes as u64).read_to_end(&mut self.held) {
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
            Fault::new(RejectCode::UnclosedQuote, "a quote is opened here and never closed")
        } else {
            Fault::new(RejectCode::BadJson, "an object is opened here and never closed")
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

/// Reads parts until there are no more.
pub(crate) fn work(jobs: &Mutex<Receiver<Job>>) {
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { plan, chunk, reply }) = next else {
            return;
        };
        // Nobody waits for the reply once the import has failed.
        let batch = plan.read(&chunk);
        reply.send(Done { plan, chunk, batch }).ok();
    }
}
