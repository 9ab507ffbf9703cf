//! What one actor may see and do, as plain data: computed by the core, demanded by every query.

use std::collections::HashMap;
use std::sync::Arc;

use crate::Json;
use crate::filter::Filter;
use crate::network::Network;

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
    /// The reader knows that there is a value, and a few of its letters. To every query the field does not exist.
    Masked,
    /// The value is seen.
    Read,
    /// The value is seen and may be written.
    #[default]
    Edit,
}

/// Whether who sees a masked value may have it shown once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reveal {
    /// No.
    #[default]
    Never,
    /// When they say why.
    WithReason,
    /// Without a word.
    Always,
}

/// What a field of a new record holds, whoever of the role makes it.
#[derive(Clone, Debug, PartialEq)]
pub enum Preset {
    /// A value in its JSON form.
    Value(Json),
    /// An attribute of the one who makes the record.
    Reader(String),
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
    /// Which records of the bin may be removed for good.
    pub purge: Scope,
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
    /// Whether records may be shared with others by hand.
    pub share: bool,
    /// Whether comments may be written on records that are seen.
    pub comment: bool,
    /// Rights of fields by name where they differ from [`FieldRight::Edit`].
    pub fields: HashMap<String, FieldRight>,
    /// Which masked values may be shown once.
    pub reveal: HashMap<String, Reveal>,
    /// What fields of new records hold; the reader changes none of them.
    pub presets: HashMap<String, Preset>,
}

impl EntityAccess {
    /// Everything.
    pub fn full() -> Self {
        Self {
            read: Scope::All,
            update: Scope::All,
            delete: Scope::All,
            purge: Scope::All,
            create: true,
            record_types: None,
            import: true,
            export: true,
            bulk: true,
            run: true,
            assign: true,
            share: true,
            comment: true,
            fields: HashMap::new(),
            reveal: HashMap::new(),
            presets: HashMap::new(),
        }
    }

    /// Whether records of this type may be created.
    pub fn creates(&self, record_type: &str) -> bool {
        self.create
            && self.record_types.as_ref().is_none_or(|types| types.iter().any(|one| one == record_type))
    }

    /// The right to one field, as all know it that do not know of masks: what is masked is not there, so that it stays
    /// out of filters, orders, groups, searches, lists, files and histories. Who shows masks asks for [`Self::is_masked`].
    pub fn field(&self, name: &str) -> FieldRight {
        match self.right(name) {
            FieldRight::Masked => FieldRight::None,
            right => right,
        }
    }

    /// The right to one field as roles say it.
    pub fn right(&self, name: &str) -> FieldRight {
        self.fields.get(name).copied().unwrap_or_default()
    }

    /// Whether the reader is shown a mask in place of the field's value.
    pub fn is_masked(&self, name: &str) -> bool {
        self.right(name) == FieldRight::Masked
    }

    /// Whether a masked value may be shown once.
    pub fn reveals(&self, name: &str) -> Reveal {
        if self.is_masked(name) { self.reveal.get(name).copied().unwrap_or_default() } else { Reveal::Never }
    }
}

/// What one actor may see and do in the pinned model. An entity that is not listed does not exist for the actor.
#[derive(Clone, Debug, Default)]
pub struct Access {
    entities: HashMap<String, Arc<EntityAccess>>,
    /// Administrative rights: `design`, `users`, …
    pub admin: Vec<String>,
    /// From where the actor may come: an address in one network of each list. No list is no limit.
    networks: Vec<Vec<Network>>,
    /// Whether a role demands a second proof beside the password.
    second_factor: bool,
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

    /// The same from some addresses only.
    #[must_use]
    pub fn from_networks(mut self, networks: Vec<Vec<Network>>) -> Self {
        self.networks = networks;
        self
    }

    /// The same, whether or not a second proof beside the password is demanded.
    #[must_use]
    pub fn demanding_second_factor(mut self, demanded: bool) -> Self {
        self.second_factor = demanded;
        self
    }

    /// Whether people sign in with a second proof beside the password.
    pub fn demands_second_factor(&self) -> bool {
        self.second_factor
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

    /// The same with less: `narrow` takes away from the rights to each of these entities, and no administrative right is
    /// left. What `narrow` adds would count, too, so it must not.
    #[must_use]
    pub fn narrowed<'n>(
        &self,
        entities: impl Iterator<Item = &'n str>,
        narrow: impl Fn(&str, &mut EntityAccess),
    ) -> Self {
        let known = entities.filter(|name| self.everything || self.entities.contains_key(*name));
        let narrowed = known.map(|name| {
            let mut own = self.entity(name).clone();
            narrow(name, &mut own);
            (name.to_owned(), Arc::new(own))
        });
        Self { entities: narrowed.collect(), admin: Vec::new(), everything: false, ..self.clone() }
    }

    /// Whether the actor holds an administrative right.
    pub fn is_admin(&self, right: &str) -> bool {
        self.everything || self.admin.iter().any(|held| held == right || held == "*")
    }

    /// Whether the actor may come from this address.
    pub fn admits(&self, address: std::net::IpAddr) -> bool {
        self.networks.iter().all(|list| list.iter().any(|network| network.holds(address)))
    }

    /// Whether the actor holds everything.
    pub fn is_everything(&self) -> bool {
        self.everything
    }
}
