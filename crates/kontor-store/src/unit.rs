//! The commit unit: everything that one save writes, all or nothing. Plain data; how it reaches the database
//! is the writer's part.

use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use std::sync::Arc;

use chrono_tz::Tz;
use kontor_model::filter::FilterContext;
use kontor_model::guard::Says;
use kontor_model::setting::SettingValues;
use kontor_model::working_time::WorkingTime;
use kontor_model::{Json, Problem, Record, Value};
use uuid::Uuid;

use crate::error::Error;
use crate::fill::Filled;
use crate::system::{FileWrite, SystemWrite};

/// Writes that become durable together or not at all.
#[derive(Clone, Debug, Default)]
pub struct CommitUnit {
    /// In order, with two liberties: inserts may be gathered into fewer statements, and [`Write::Unique`] is
    /// checked after all other writes of the unit.
    pub writes: Vec<Write>,
    /// Who and when, for the derived values that follow from the writes.
    pub deriving: Deriving,
}

/// Under what circumstances derived values are worked out.
#[derive(Clone, Debug)]
pub struct Deriving {
    /// Now.
    pub now: DateTime<Utc>,
    /// The workspace's zone: it decides what today is.
    pub zone: Tz,
    /// The values of the workspace's settings, which formulas read.
    pub settings: Arc<SettingValues>,
    /// The month with which the fiscal year begins, 1 to 12.
    pub fiscal_start: u32,
    /// When the workspace works.
    pub working: Arc<WorkingTime>,
    /// The workspace's currency, for calculated amounts that have no other.
    pub currency: String,
    /// Who caused it all.
    pub actor: Option<Uuid>,
    /// What the journal says of where it came from.
    pub cause: Option<String>,
    /// The run that did it.
    pub run: Option<Uuid>,
    /// The causes that led here, as workflows count them.
    pub chain: Json,
    /// Entities to which a workflow listens: what changes there is told.
    pub listening: Arc<BTreeSet<String>>,
    /// Whether changes of derived values are written into the journal.
    pub journal: bool,
    /// The most records that may follow one change inside the unit; more are left to a job.
    pub limit: usize,
    /// For whom the rules and limits of records are asked whose roll-ups or rows the unit changes; `None` for work
    /// that nobody could put right, which is done whatever they say.
    pub asks: Option<Arc<FilterContext>>,
    /// Whether formulas over many records may be computed by the database. The unit fails when one meets a value that
    /// the database does not compute exactly; without this it succeeds. Not together with `journal`.
    pub in_sql: bool,
}

impl Default for Deriving {
    fn default() -> Self {
        Self {
            now: DateTime::UNIX_EPOCH,
            zone: Tz::UTC,
            settings: Arc::default(),
            fiscal_start: 1,
            working: Arc::default(),
            currency: String::new(),
            actor: None,
            cause: None,
            run: None,
            chain: Json::Array(Vec::new()),
            listening: Arc::default(),
            journal: true,
            limit: FOLLOWING,
            asks: None,
            in_sql: false,
        }
    }
}

/// The topic of timers that work derived values out anew.
pub const RECOMPUTE: &str = "recompute";

/// So many records follow a change inside its own unit.
pub const FOLLOWING: usize = 200;

impl CommitUnit {
    /// A unit with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a write.
    pub fn push(&mut self, write: Write) -> &mut Self {
        self.writes.push(write);
        self
    }

    /// Adds a write to a system table.
    pub fn system(&mut self, write: impl Into<SystemWrite>) -> &mut Self {
        self.push(Write::System(Box::new(write.into())))
    }
}

impl From<SystemWrite> for CommitUnit {
    fn from(write: SystemWrite) -> Self {
        Self { writes: vec![Write::System(Box::new(write))], ..Self::default() }
    }
}

impl From<FileWrite> for CommitUnit {
    fn from(write: FileWrite) -> Self {
        Self::from(SystemWrite::from(write))
    }
}

/// One write. Entities go by name; the store keeps keys, so that a rename touches no row.
#[derive(Clone, Debug)]
pub enum Write {
    /// A new record, complete with its system fields. Empty autonumbers are drawn in the unit.
    Insert {
        /// The entity's name.
        entity: String,
        /// The record.
        record: Record,
    },
    /// New values of some fields. Deleting and restoring are updates of `deleted_at`.
    Update {
        /// The entity's name.
        entity: String,
        /// The record.
        id: Uuid,
        /// The version that the writer saw; [`CommitError::Conflict`] when it is another one by now.
        expected_version: Option<i64>,
        /// Field indexes and values.
        set: Vec<(usize, Value)>,
        /// Whether the version rises by one.
        bump: bool,
    },
    /// Removes a record for good, with everything that tells of its contents; of its journal, who and when stays.
    Purge {
        /// The entity's name.
        entity: String,
        /// The record.
        id: Uuid,
        /// The version that the writer saw; [`CommitError::Conflict`] when it is another one by now.
        expected_version: Option<i64>,
        /// When.
        at: DateTime<Utc>,
    },
    /// No other living record has the values that this record has in these fields by the end of the unit.
    /// A record with one of them empty is free.
    Unique {
        /// The entity's name.
        entity: String,
        /// Field indexes.
        fields: Vec<usize>,
        /// The record.
        id: Uuid,
    },
    /// A record that is written in this unit changed in these fields: derived values of others follow, in this unit
    /// or, when they are many, by a job.
    Changed {
        /// The entity's name.
        entity: String,
        /// The record.
        id: Uuid,
        /// Field indexes.
        fields: Vec<usize>,
        /// Where its links point, and where those pointed that were changed.
        links: Vec<(usize, Value)>,
        /// It is new: nobody points at it yet.
        created: bool,
        /// Whether its own formulas over links and roll-ups are worked out again, on what is stored now.
        settle: bool,
    },
    /// Derived values of these records are worked out anew, and what follows from them.
    Derive {
        /// The entity's name.
        entity: String,
        /// Field indexes.
        fields: Vec<usize>,
        /// The records.
        ids: Vec<Uuid>,
    },
    /// What changed, for history, audit and undo.
    Journal(JournalRow),
    /// Work for the job runner, due at once or later.
    Event(NewEvent),
    /// What the search finds a record by; replaces what was there.
    Search {
        /// The entity's name.
        entity: String,
        /// The record.
        id: Uuid,
        /// The searchable text as written, `None` to forget the record.
        text: Option<String>,
    },
    /// A row of a system table.
    System(Box<SystemWrite>),
}

/// One changed record in the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct JournalRow {
    /// UUIDv7, given by the writer.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// The entity's name.
    pub entity: String,
    /// The record.
    pub record: Uuid,
    /// The record's version after the change.
    pub version: i64,
    /// create, update, delete, restore, purge.
    pub action: String,
    /// The user who did it; empty for the engine itself.
    pub actor: Option<Uuid>,
    /// The user on whose behalf.
    pub on_behalf: Option<Uuid>,
    /// Where it came from: `page`, `api`, `import:<id>`, `script`, `workflow:<name>` …
    pub cause: Option<String>,
    /// The run that did it.
    pub run: Option<Uuid>,
    /// What changed.
    pub changes: Vec<JournalChange>,
}

/// One changed field.
#[derive(Clone, Debug, PartialEq)]
pub struct JournalChange {
    /// The field's name.
    pub field: String,
    /// The JSON form before; `null` when empty.
    pub old: Json,
    /// The JSON form after.
    pub new: Json,
}

/// Something that the job runner shall look at.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    /// UUIDv7, given by the writer.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Not before.
    pub due_at: DateTime<Utc>,
    /// What kind of work: `record`, `message`, `webhook`, `import` …
    pub topic: String,
    /// The entity's name.
    pub entity: Option<String>,
    /// The record.
    pub record: Option<Uuid>,
    /// The user who caused it.
    pub actor: Option<Uuid>,
    /// Everything else; the store does not look into it.
    pub payload: Json,
    /// At most one waiting event has this key; a second one is dropped silently.
    pub key: Option<String>,
}

/// What a committed unit brought about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Committed {
    /// Autonumbers drawn by inserts.
    pub drawn: Vec<Drawn>,
    /// How far each fill came, in their order.
    pub filled: Vec<Filled>,
}

/// A number drawn for a field of a new record.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// The entity's name.
    pub entity: String,
    /// The record.
    pub id: Uuid,
    /// The field's index.
    pub field: usize,
    /// The number as stored.
    pub value: Value,
}

/// Why a unit was not committed. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Somebody else changed the record since it was read.
    #[error("the {entity} {id} was changed by somebody else")]
    Conflict {
        /// The entity's name.
        entity: String,
        /// The record.
        id: Uuid,
    },
    /// There is no such record.
    #[error("there is no {entity} {id}")]
    Missing {
        /// The entity's name.
        entity: String,
        /// The record.
        id: Uuid,
    },
    /// Other records have the same values.
    #[error("{} values that must be unique occur already", .0.len())]
    Duplicates(Vec<Duplicate>),
    /// Rules and limits of other records speak against it.
    #[error("what {} records say is against it", .0.len())]
    Against(Vec<Against>),
    /// Somebody else published in between: the version that was to be written is taken.
    #[error("version {0} was published by somebody else")]
    Moved(i64),
    /// Somebody else changed the change set since it was read, or it is gone.
    #[error("the change set {0} was changed by somebody else")]
    SetMoved(Uuid),
    /// The lease on a piece of work has passed to somebody else.
    #[error("the lease on {0} was lost")]
    LeaseLost(Uuid),
    /// A row of a system table exists already: an address key of a session, a token …
    #[error("{0} exists already")]
    Exists(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

/// Values that must be unique and occur already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The entity's name.
    pub entity: String,
    /// Field indexes.
    pub fields: Vec<usize>,
    /// The record that was to have them.
    pub of: Uuid,
    /// The other record; nil when it could not be told any more.
    pub id: Uuid,
}

/// What another record has against a unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Against {
    /// The record's entity.
    pub entity: String,
    /// The record.
    pub id: Uuid,
    /// What would be wrong there.
    pub wrong: Wrong,
}

/// What would be wrong with a record.
#[derive(Clone, Debug, PartialEq)]
pub enum Wrong {
    /// One of its rules or conditions.
    Says(Says),
    /// A calculated value.
    Value(Problem),
}

impl CommitError {
    /// Whether the same unit may succeed a little later.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_temporary())
    }
}

impl From<sea_orm::DbErr> for CommitError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}
