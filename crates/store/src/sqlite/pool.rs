//! The connections that read.

use std::path::PathBuf;
use std::sync::{Condvar, Mutex, PoisonError};

use rusqlite::Connection;

use super::fault::Fault;
use super::{SqliteOptions, connect};

/// A few connections, opened when they are first needed, each lent to one call at a time.
#[derive(Debug)]
pub(super) struct Pool {
    path: PathBuf,
    options: SqliteOptions,
    state: Mutex<State>,
    returned: Condvar,
}

#[derive(Debug, Default)]
struct State {
    idle: Vec<Connection>,
    lent: usize,
}

/// A connection that goes back to the pool, however its borrower ends.
struct Lent<'p> {
    pool: &'p Pool,
    connection: Option<Connection>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut state = self.pool.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.lent -= 1;
        state.idle.extend(self.connection.take());
        drop(state);
        self.pool.returned.notify_one();
    }
}

impl Pool {
    pub fn new(path: PathBuf, options: &SqliteOptions) -> Self {
        let options = SqliteOptions { readers: options.readers.max(1), ..options.clone() };
        Self { path, options, state: Mutex::default(), returned: Condvar::new() }
    }

    /// Lends a connection, waiting for one where all are lent.
    pub fn with<T>(&self, read: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = self.returned.wait_while(state, |it| it.lent >= self.options.readers);
        let mut state = wait.unwrap_or_else(PoisonError::into_inner);
        state.lent += 1;
        let idle = state.idle.pop();
        drop(state);
        let mut lent = Lent { pool: self, connection: idle };
        let connection = match lent.connection.take() {
            Some(connection) => connection,
            None => connect::reader(&self.path, &self.options)?,
        };
        read(lent.connection.insert(connection))
    }
}
