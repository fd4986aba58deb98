//! What goes wrong inside, before the place is known.

use std::path::Path;

use rusqlite::ErrorCode;
use rusqlite::types::FromSqlError;

use crate::StoreError;

/// A failure, with or without the words that callers need.
#[derive(Debug)]
pub(super) enum Fault {
    /// The database's own.
    Sqlite(rusqlite::Error),
    /// A row that no release has written.
    BadRow { table: &'static str, column: &'static str, what: String },
    /// Said already.
    Store(StoreError),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<FromSqlError> for Fault {
    fn from(error: FromSqlError) -> Self {
        Self::Sqlite(error.into())
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Fault {
    /// Says where it happened.
    pub fn at(self, place: &str) -> StoreError {
        let place = place.to_owned();
        let error = match self {
            Self::Store(error) => return error,
            Self::BadRow { table, column, what } => {
                return StoreError::BadRow { place, table, column, what };
            }
            Self::Sqlite(error) => error,
        };
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                StoreError::Locked { place }
            }
            Some(ErrorCode::DiskFull) => StoreError::Full { place },
            Some(
                ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::ReadOnly
                | ErrorCode::SystemIoFailure,
            ) => StoreError::Unreachable { place, source: Box::new(error) },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                StoreError::Damaged { place, what: error.to_string() }
            }
            Some(ErrorCode::ConstraintViolation) => StoreError::Refused { what: error.to_string() },
            _ => StoreError::Database { place, source: Box::new(error) },
        }
    }

    /// Says where a store could not be opened.
    pub fn at_opening(self, place: &str, path: &Path) -> StoreError {
        match self {
            Self::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
                StoreError::NotAStore(path.to_owned())
            }
            fault => fault.at(place),
        }
    }

    /// Whether the database refused a row because there is one like it already.
    pub fn is_repetition(&self) -> bool {
        let code = match self {
            Self::Sqlite(error) => error.sqlite_error().map(|it| it.extended_code),
            _ => None,
        };
        code == Some(rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE)
    }
}
