//! Where a workspace's data lives. Knows nothing of what is inside.

use std::path::PathBuf;

/// The database of one workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// One file; created when it is missing.
    Sqlite {
        /// The file.
        path: PathBuf,
    },
    /// One schema of a PostgreSQL database; created when it is missing.
    Postgres {
        /// `postgres://user@host:port/database`.
        url: String,
        /// The schema, one per workspace: `[a-z][a-z0-9_]*`.
        schema: String,
    },
}

/// The language of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// SQLite 3.
    Sqlite,
    /// PostgreSQL 15 or newer.
    Postgres,
}
