//! What a script may ask of its surroundings. The core implements it with the caller's rights and buffers writes;
//! nothing here knows of Rhai.

use kontor_model::{Decimal, Json, Problem, Problems, Record, Value};
use uuid::Uuid;

use crate::rows::DocumentList;

/// The door from a script to records. Calls block; implementations use interior mutability for the write buffer.
///
/// Records come back in the order of the fields of the pinned model's entity; a field that the caller may not see is
/// empty. Reads see the writes that the same host has buffered. An entity that the caller may not see does not exist.
pub trait Host: Send + Sync {
    /// A record; `None` when there is none that the caller may see.
    ///
    /// # Errors
    /// See [`HostError`]; so for all calls.
    fn get(&self, entity: &str, id: Uuid) -> Result<Option<Record>, HostError>;

    /// The records that match a filter in JSON form (`null` for all), by `sort` (`-total`), at most `limit`.
    fn find(
        &self,
        entity: &str,
        filter: &Json,
        sort: &[String],
        limit: u64,
    ) -> Result<Vec<Record>, HostError>;

    /// How many records match.
    fn count(&self, entity: &str, filter: &Json) -> Result<u64, HostError>;

    /// The sum of a number field over the records that match; zero when there are none.
    fn sum(&self, entity: &str, field: &str, filter: &Json) -> Result<Decimal, HostError>;

    /// Creates a record from its JSON form, through the whole save path, into the buffer; returns its id.
    fn create(&self, entity: &str, values: Json) -> Result<Uuid, HostError>;

    /// Changes fields of a record, through the whole save path, into the buffer.
    fn update(&self, entity: &str, id: Uuid, values: Json) -> Result<(), HostError>;

    /// Moves a record to the bin, in the buffer.
    fn delete(&self, entity: &str, id: Uuid) -> Result<(), HostError>;

    /// What titles a record; `None` when there is none that the caller may see.
    fn title(&self, entity: &str, id: Uuid) -> Result<Option<String>, HostError>;

    /// The outputs of the first row of a decision table that fits the inputs; `Null` when none fits.
    fn lookup(&self, table: &str, inputs: &Json) -> Result<Json, HostError>;

    /// What an amount is worth today in the workspace's currency; nothing where no rate is known.
    fn worth(&self, _amount: Decimal, _currency: &str) -> Result<Option<Decimal>, HostError> {
        Ok(None)
    }

    /// The value of a setting of the workspace in JSON form; `Null` when it is empty.
    fn setting(&self, name: &str) -> Result<Json, HostError> {
        Err(HostError::Problems(Problem::new("unknown_setting", "").with("name", name).into()))
    }

    /// A list of the record being saved, by its field, as the save has it so far: whoever saves, all of it.
    fn document_list(&self, _field: usize) -> Result<DocumentList, HostError> {
        Err(no_lists())
    }

    /// A list of the record being saved as it is stored.
    fn stored_list(&self, _field: usize) -> Result<Vec<Record>, HostError> {
        Err(no_lists())
    }

    /// A new record for a list of the record being saved, which stands as `current`: with these values, and the
    /// defaults of its fields.
    fn new_row(
        &self,
        _field: usize,
        _current: &Record,
        _values: &[(usize, Value)],
    ) -> Result<Record, HostError> {
        Err(no_lists())
    }

    /// The seed of the random numbers of this call.
    fn seed(&self) -> u64;
}

fn no_lists() -> HostError {
    HostError::Failed("no record is being saved here".to_owned())
}

/// Why a host does not do what a script asks.
#[derive(Clone, Debug, thiserror::Error)]
pub enum HostError {
    /// The script may catch it: a filter, a value or a right is wrong.
    #[error("{0}")]
    Problems(Problems),
    /// The script ends: the database is gone, the cascade is too deep.
    #[error("{0}")]
    Failed(String),
}

/// A host without records: for checks and for expressions that stand alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHost;

impl NoHost {
    fn refuse<T>() -> Result<T, HostError> {
        Err(HostError::Failed("there are no records here".to_owned()))
    }
}

impl Host for NoHost {
    fn get(&self, _: &str, _: Uuid) -> Result<Option<Record>, HostError> {
        Self::refuse()
    }

    fn find(&self, _: &str, _: &Json, _: &[String], _: u64) -> Result<Vec<Record>, HostError> {
        Self::refuse()
    }

    fn count(&self, _: &str, _: &Json) -> Result<u64, HostError> {
        Self::refuse()
    }

    fn sum(&self, _: &str, _: &str, _: &Json) -> Result<Decimal, HostError> {
        Self::refuse()
    }

    fn create(&self, _: &str, _: Json) -> Result<Uuid, HostError> {
        Self::refuse()
    }

    fn update(&self, _: &str, _: Uuid, _: Json) -> Result<(), HostError> {
        Self::refuse()
    }

    fn delete(&self, _: &str, _: Uuid) -> Result<(), HostError> {
        Self::refuse()
    }

    fn title(&self, _: &str, _: Uuid) -> Result<Option<String>, HostError> {
        Self::refuse()
    }

    fn lookup(&self, _: &str, _: &Json) -> Result<Json, HostError> {
        Self::refuse()
    }

    fn seed(&self) -> u64 {
        0
    }
}
