//! What one actor may see and do, as plain data: computed by the core, demanded by every query.

use std::collections::HashMap;
use std::sync::Arc;

use crate::filter::Filter;

/// Which records of an entity a verb reaches.
#[derive(Clone, Debug, Default)]
pub enum Scope {
    /// None.
    #[default]
    None,
    /// Those that match; `own` is `owner is me`.
    Where(Arc<Filter>),
    /// All.
    All,
}

/// What may be done with one field. Ordered: the greater includes the lesser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldRight {
    /// The field does not exist for the reader.
    None,
    /// The value is seen.
    Read,
    /// The value is seen and may be written.
    #[default]
    Edit,
}

/// What may be done with the records of one entity.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each verb that knows only yes and no")]
pub struct EntityAccess {
    /// Which records are seen.
    pub read: Scope,
    /// Which records may be changed.
    pub update: Scope,
    /// Which records may be deleted and restored.
    pub delete: Scope,
    /// Whether records may be created.
    pub create: bool,
    /// The record types that may be created; `None` for all.
    pub record_types: Option<Vec<String>>,
    /// Whether many may be written at once: import.
    pub import: bool,
    /// Whether lists and reports may leave as files.
    pub export: bool,
    /// Whether many records may be written in one request.
    pub bulk: bool,
    /// Whether actions may be run.
    pub run: bool,
    /// Whether records may be given to somebody else.
    pub assign: bool,
    /// Rights of fields by name where they differ from [`FieldRight::Edit`].
    pub fields: HashMap<String, FieldRight>,
}

impl EntityAccess {
    /// Everything.
    pub fn full() -> Self {
        Self {
            read: Scope::All,
            update: Scope::All,
            delete: Scope::All,
            create: true,
            record_types: None,
            import: true,
            export: true,
            bulk: true,
            run: true,
            assign: true,
            fields: HashMap::new(),
        }
    }

    /// Whether records of this type may be created.
    pub fn creates(&self, record_type: &str) -> bool {
        self.create
            && self.record_types.as_ref().is_none_or(|types| types.iter().any(|one| one == record_type))
    }

    /// The right to one field.
    pub fn field(&self, name: &str) -> FieldRight {
        self.fields.get(name).copied().unwrap_or_default()
    }
}

/// What one actor may see and do in the pinned model. An entity that is not listed does not exist for the actor.
#[derive(Clone, Debug, Default)]
pub struct Access {
    entities: HashMap<String, Arc<EntityAccess>>,
    /// Administrative rights: `design`, `users`, …
    pub admin: Vec<String>,
    everything: bool,
    nothing: Arc<EntityAccess>,
    full: Arc<EntityAccess>,
}

impl Access {
    /// The access of the administrator and of the engine itself (derived values, uniqueness).
    pub fn everything() -> Self {
        Self { everything: true, full: Arc::new(EntityAccess::full()), ..Self::default() }
    }

    /// The same with other rights to one entity.
    #[must_use]
    pub fn with(mut self, entity: &str, access: EntityAccess) -> Self {
        self.entities.insert(entity.to_owned(), Arc::new(access));
        self
    }

    /// Access to the listed entities only.
    pub fn new(entities: HashMap<String, Arc<EntityAccess>>, admin: Vec<String>) -> Self {
        Self { entities, admin, ..Self::default() }
    }

    /// What may be done with the records of an entity.
    pub fn entity(&self, name: &str) -> &EntityAccess {
        let usual = if self.everything { &self.full } else { &self.nothing };
        self.entities.get(name).unwrap_or(usual)
    }

    /// The same, with everything allowed on an entity that is no record's: the inputs of an action.
    #[must_use]
    pub fn and_all_of(&self, name: &str) -> Self {
        let mut all = self.clone();
        all.entities.insert(name.to_owned(), Arc::new(EntityAccess::full()));
        all
    }

    /// Whether the actor holds an administrative right.
    pub fn is_admin(&self, right: &str) -> bool {
        self.everything || self.admin.iter().any(|held| held == right)
    }

    /// Whether the actor holds everything.
    pub fn is_everything(&self) -> bool {
        self.everything
    }
}
