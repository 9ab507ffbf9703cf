//! What can fail in the store, sorted by what the caller can do about it.

use sea_orm::sqlx;
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};

/// What the store gives back.
pub type Result<T> = std::result::Result<T, Error>;

/// What failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// Another process holds the database for longer than the store is ready to wait. Temporary.
    #[error("the database is locked by another process; try again in a moment")]
    Locked,
    /// The disk has no room left. Nothing was written. Temporary.
    #[error("the disk that holds the database is full; free some space and try again")]
    Full,
    /// The server does not answer, or the file has gone. Temporary.
    #[error("the database cannot be reached: {0}")]
    Gone(String),
    /// The file or folder cannot be opened or written.
    #[error("the database {place} cannot be opened: {reason}")]
    Unreadable {
        /// The file or address, without a password.
        place: String,
        /// Why.
        reason: String,
    },
    /// The data was written by a newer program.
    #[error(
        "the data has format {found}, but this program knows formats up to {known}: \
         install the newer Kontor that wrote it, or restore a backup made before"
    )]
    Newer {
        /// The format of the data.
        found: i64,
        /// The newest format that this program understands.
        known: i64,
    },
    /// The model has no such entity.
    #[error("there is no entity `{0}`")]
    UnknownEntity(String),
    /// The entity has no such field, or the reader may not know of it.
    #[error("`{entity}` has no field `{field}`")]
    UnknownField {
        /// The entity's name.
        entity: String,
        /// The field's name.
        field: String,
    },
    /// A cursor that this query did not give out.
    #[error("the cursor does not belong to this list")]
    Cursor,
    /// A query that cannot be answered as asked, for example the sum of a text.
    #[error("{0}")]
    Query(String),
    /// A sum that does not fit 64 bits of units.
    #[error("a number is too large")]
    Overflow,
    /// The store was closed.
    #[error("the workspace is closing")]
    Closed,
    /// The workspace was published anew while the call was under way: what it was about to write was worked out for
    /// columns that have other types now. Nothing was written. Temporary: the newest model knows.
    #[error("the workspace was published anew meanwhile; try again")]
    Outdated,
    /// What is stored cannot be understood.
    #[error("the stored {what} cannot be read: {reason}")]
    Corrupt {
        /// A table and column, or a file.
        what: String,
        /// Why.
        reason: String,
    },
    /// A sealed value that cannot be opened: it was changed, moved, or sealed with a key that is not there.
    #[error("the encrypted value at {place} cannot be read: {reason}")]
    Unsealed {
        /// Table, column and record.
        place: String,
        /// Why.
        reason: String,
    },
    /// The key of encrypted values is missing, or not the right one.
    #[error("{0}")]
    Key(String),
    /// Anything else that the database said.
    #[error("the database refused: {0}")]
    Database(String),
}

impl Error {
    /// Whether the same call may succeed a little later (HTTP 503).
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Locked | Self::Full | Self::Gone(_) | Self::Closed | Self::Outdated)
    }

    /// Whether this is what a statement for the columns of an older model meets.
    pub fn may_be_outdated(&self) -> bool {
        matches!(self, Self::Outdated | Self::Database(_) | Self::Corrupt { .. } | Self::Overflow)
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match &error {
            DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => {
                Self::Gone("no connection became free in time".into())
            }
            DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => Self::Closed,
            DbErr::Conn(RuntimeErr::SqlxError(inner))
            | DbErr::Exec(RuntimeErr::SqlxError(inner))
            | DbErr::Query(RuntimeErr::SqlxError(inner)) => from_sqlx(inner),
            _ => Self::Database(error.to_string()),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        from_sqlx(&error)
    }
}

/// SQLite's primary result codes (sqlite.org/rescode.html) and PostgreSQL's SQLSTATE classes
/// (appendix A of its manual) that mean something to the caller.
fn from_sqlx(error: &sqlx::Error) -> Error {
    match error {
        sqlx::Error::PoolTimedOut => Error::Gone("no connection became free in time".into()),
        sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Error::Closed,
        sqlx::Error::Io(io) if io.kind() == std::io::ErrorKind::StorageFull => Error::Full,
        sqlx::Error::Io(io) => Error::Gone(io.to_string()),
        sqlx::Error::Tls(tls) => Error::Gone(tls.to_string()),
        sqlx::Error::Database(database) => from_database(database.as_ref()),
        other => Error::Database(other.to_string()),
    }
}

fn from_database(error: &dyn sqlx::error::DatabaseError) -> Error {
    let code = error.code().unwrap_or_default();
    let message = error.message().to_owned();
    if error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
        return match &*code {
            // serialization_failure, deadlock_detected, lock_not_available
            "40001" | "40P01" | "55P03" => Error::Locked,
            "53100" => Error::Full,
            // numeric_value_out_of_range
            "22003" => Error::Overflow,
            // character_not_in_repertoire: only U+0000 comes that far
            "22021" => Error::Query("a text holds the character U+0000, which no text may hold".into()),
            _ if code.starts_with("53") || code.starts_with("57P") || code.starts_with("08") => {
                Error::Gone(message)
            }
            _ => Error::Database(message),
        };
    }
    // Extended codes carry the primary one in the low byte.
    match code.parse::<i32>().unwrap_or(0) & 0xff {
        5 | 6 => Error::Locked,
        13 => Error::Full,
        10 => Error::Gone(message),
        8 => {
            let reason = "it is read-only; let this user write to it and to its folder".into();
            Error::Unreadable { place: "file".into(), reason }
        }
        14 => {
            let reason = format!("{message}; let this user read and write its folder");
            Error::Unreadable { place: "file".into(), reason }
        }
        1 if message == "integer overflow" => Error::Overflow,
        11 | 26 => Error::Corrupt { what: "database file".into(), reason: message },
        _ => Error::Database(message),
    }
}

/// Whether the database refused because a unique index already holds the values.
pub(crate) fn is_unique_violation(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner))) = error
    else {
        return None;
    };
    let sqlx::Error::Database(database) = inner.as_ref() else { return None };
    if !database.is_unique_violation() {
        return None;
    }
    Some(database.constraint().map_or_else(|| database.message().to_owned(), str::to_owned))
}
