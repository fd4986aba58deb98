//! The one thread that writes commits, so that others may think meanwhile.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use firsthand_model::Time;
use firsthand_store::{Commit, Receipt, Store, StoreError};

use crate::service::{Refused, Reply};

/// A commit to be written.
pub(crate) struct Job {
    pub commit: Arc<Commit>,
    /// Who is answered as soon as it is durable, or was refused.
    pub replies: Vec<Reply>,
    /// How many facts it holds.
    pub facts: u64,
    /// When it was sent off.
    pub begin: Time,
}

/// How a job has ended.
pub(crate) struct Done {
    pub written: Result<Receipt, StoreError>,
    pub facts: u64,
    pub begin: Time,
}

/// Writes one commit at a time.
pub(crate) struct Writer {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    done: Receiver<Done>,
    busy: bool,
}

impl Writer {
    /// Runs a writer in a thread of its own, until this is dropped. `wake` is called after each
    /// commit.
    pub fn run(
        store: Arc<impl Store + 'static>,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> std::io::Result<Self> {
        let (jobs, taken) = channel::<Job>();
        let (tell, done) = channel();
        let write = move || {
            for Job { commit, replies, facts, begin } in taken {
                let written = store.commit(&commit);
                // The engine is to be the only one that holds it.
                drop(commit);
                let answer = if written.is_ok() { Ok(()) } else { Err(Refused::Unwritten) };
                for reply in replies {
                    reply(answer);
                }
                if tell.send(Done { written, facts, begin }).is_err() {
                    return;
                }
                wake();
            }
        };
        let thread = std::thread::Builder::new().name("writer".to_owned()).spawn(write)?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), done, busy: false })
    }

    /// Sends a commit off. The one before must have been brought home.
    pub fn write(&mut self, job: Job) {
        debug_assert!(!self.busy, "one commit follows the other");
        self.busy = self.jobs.as_ref().is_some_and(|it| it.send(job).is_ok());
    }

    /// Whether a commit is on its way.
    pub fn is_busy(&self) -> bool {
        self.busy
    }

    /// How the commit on its way has ended, once it has; waits for that, if asked.
    pub fn done(&mut self, wait: bool) -> Option<Done> {
        if !self.busy {
            return None;
        }
        let done = if wait { self.done.recv().ok() } else { self.done.try_recv().ok() };
        self.busy = done.is_none();
        done
    }
}

impl Drop for Writer {
    /// Nothing is written any more once this is gone.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}
