//! A record as scripts hold it: the one being saved, its former self, or one that was found or is linked.

use std::sync::{Arc, OnceLock};

use kontor_model::{EntityModel, Record};
use uuid::Uuid;

use crate::run::Run;

/// A record in a script. Cheap to clone; clones are the same record.
#[derive(Clone)]
pub(crate) struct Handle {
    pub(crate) run: Arc<Run>,
    pub(crate) entity: Arc<EntityModel>,
    pub(crate) place: Place,
}

/// Where the record's values are.
#[derive(Clone)]
pub(crate) enum Place {
    /// The record being saved, in the run.
    Current,
    /// Its former self, in the run.
    Old,
    /// A record of a list of the record being saved, in the run: the field, and the record's id.
    Row(usize, Uuid),
    /// Another record: read when a field is asked for. `None` inside: there is none that the caller may see.
    Stored(Uuid, Arc<OnceLock<Option<Arc<Record>>>>),
}

impl Handle {
    pub(crate) fn current(run: &Arc<Run>) -> Self {
        Self { run: Arc::clone(run), entity: Arc::clone(&run.entity), place: Place::Current }
    }

    pub(crate) fn old(run: &Arc<Run>) -> Self {
        Self { run: Arc::clone(run), entity: Arc::clone(&run.entity), place: Place::Old }
    }

    /// A record that is read when it is needed.
    pub(crate) fn stored(run: &Arc<Run>, entity: Arc<EntityModel>, id: Uuid) -> Self {
        Self { run: Arc::clone(run), entity, place: Place::Stored(id, Arc::default()) }
    }

    /// A record that has been read.
    pub(crate) fn loaded(run: &Arc<Run>, entity: Arc<EntityModel>, record: Arc<Record>) -> Self {
        let id = record.id();
        let cell = OnceLock::from(Some(record));
        Self { run: Arc::clone(run), entity, place: Place::Stored(id, Arc::new(cell)) }
    }

    pub(crate) fn id(&self) -> Uuid {
        match &self.place {
            Place::Current => self.run.read_record(Record::id),
            Place::Old => self.run.old.as_ref().map(Record::id).unwrap_or_default(),
            Place::Row(_, id) | Place::Stored(id, _) => *id,
        }
    }
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.entity.name, self.id())
    }
}
