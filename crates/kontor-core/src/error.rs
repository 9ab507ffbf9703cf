//! What can go wrong in a workspace. HTTP statuses and exit codes are decided elsewhere, each in one place.

use std::time::Duration;

use kontor_model::locale::Catalogue;
use kontor_model::{Problem, Problems};

/// The result of what a workspace can do.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The person can put it right.
    #[error("{0}")]
    Problems(Problems),
    /// There is no such thing, or the reader may not know of it.
    #[error("not found")]
    NotFound,
    /// The verb is not granted.
    #[error("`{0}` is not granted")]
    Forbidden(&'static str),
    /// Nobody is signed in, or the token is not known.
    #[error("not signed in")]
    Unauthenticated,
    /// Who asks is known, and may not come from that address.
    #[error("no access from this address")]
    Elsewhere,
    /// Too many attempts.
    #[error("too many attempts; try again in {} s", .0.as_secs())]
    Throttled(Duration),
    /// Somebody saved first.
    #[error("the record was changed meanwhile: expected version {expected}, found {found}")]
    VersionConflict {
        /// The version that the writer had seen.
        expected: i64,
        /// The version that is stored.
        found: i64,
    },
    /// A definition was changed by another publish.
    #[error("the {kind} `{name}` was changed by another publish")]
    DefinitionMoved {
        /// The kind of definition.
        kind: String,
        /// Its name.
        name: String,
        /// Who published it, in words; empty when that is not known.
        by: String,
    },
    /// The change set holds lossy changes that were not accepted.
    #[error("the change loses data and was not accepted")]
    LossNotAccepted,
    /// A cursor, a date or a body that cannot be read at all.
    #[error("{0}")]
    Unreadable(String),
    /// The same `Idempotency-Key` came with another content.
    #[error("this idempotency key was used for another request")]
    IdempotencyReused,
    /// A file is larger than the workspace takes.
    #[error("{name} is larger than {}", kontor_model::held_file::size_text(*.limit))]
    TooLarge {
        /// The name of the file.
        name: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// The database said no.
    #[error(transparent)]
    Store(kontor_store::Error),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Something that must not happen; the text is for the log.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// In the words of a catalogue, as far as people can do something about it.
    pub fn words(&self, catalogue: &Catalogue) -> String {
        match self {
            Self::Problems(problems) => {
                let wrong = problems.iter().filter(|problem| !problem.warning);
                wrong.map(|problem| problem.message(catalogue)).collect::<Vec<_>>().join(" · ")
            }
            Self::LossNotAccepted => Problem::new("loss_not_accepted", "").message(catalogue),
            Self::DefinitionMoved { kind, name, by } => Problem::new("definition_moved", "")
                .with("kind", kind)
                .with("name", name)
                .with("by", by)
                .message(catalogue),
            error => error.to_string(),
        }
    }
}

impl From<Problems> for Error {
    fn from(problems: Problems) -> Self {
        Self::Problems(problems)
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Problems(problem.into())
    }
}

impl From<kontor_store::Error> for Error {
    fn from(error: kontor_store::Error) -> Self {
        match error {
            kontor_store::Error::Cursor => Self::Unreadable(error.to_string()),
            kontor_store::Error::UnknownField { field, entity } => {
                Problem::new("unknown_field", "").with("field", field).with("entity", entity).into()
            }
            kontor_store::Error::UnknownEntity(entity) => {
                Problem::new("unknown_entity", "").with("entity", entity).into()
            }
            kontor_store::Error::Query(reason) => {
                Problem::new("query_refused", "").with("reason", reason).into()
            }
            kontor_store::Error::Unsealed { place, reason } => {
                Problem::new("encrypted_unreadable", "").with("place", place).with("reason", reason).into()
            }
            error => Self::Store(error),
        }
    }
}

impl Error {
    /// Whether the same call may succeed a little later.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_temporary())
    }

    /// Whether nothing was done because the workspace was published anew meanwhile: the newest model knows how.
    pub fn is_outdated(&self) -> bool {
        matches!(self, Self::Store(kontor_store::Error::Outdated))
    }

    /// Something that must not happen, told to the log.
    pub fn internal(what: impl std::fmt::Display) -> Self {
        Self::Internal(what.to_string())
    }
}
