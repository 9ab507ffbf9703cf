//! Field rights: a field that the reader has no right to is an unknown field, wherever it is named.

use kontor_model::EntityModel;
use kontor_model::access::{FieldRight, Scope};
use kontor_model::entity::FieldModel;

use super::Plan;
use crate::error::{Error, Result};

/// For whom a part of a question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// The asker: rights and scopes hold.
    Asker,
    /// A rule of the workspace, such as a scope: it sees every living record.
    Rule,
}

impl Reader {
    /// The field at an index of an entity, if the reader may know of it.
    pub(crate) fn field<'a>(
        self,
        plan: &Plan<'_>,
        entity: &'a EntityModel,
        index: usize,
    ) -> Result<&'a FieldModel> {
        let unknown =
            |field: &str| Error::UnknownField { entity: entity.name.clone(), field: field.to_owned() };
        let Some(field) = entity.fields.get(index) else { return Err(unknown(&format!("#{index}"))) };
        if self == Self::Asker && !may_read(plan, entity, field) {
            return Err(unknown(&field.name));
        }
        Ok(field)
    }

    /// Which records of an entity the reader sees.
    pub(crate) fn scope<'a>(self, plan: &Plan<'a>, entity: &EntityModel) -> &'a Scope {
        match self {
            Self::Asker => &plan.access.entity(&entity.name).read,
            Self::Rule => &Scope::All,
        }
    }
}

/// Whether the asker may read a field. The currency beside an amount of money follows the amount.
pub(crate) fn may_read(plan: &Plan<'_>, entity: &EntityModel, field: &FieldModel) -> bool {
    let access = plan.access.entity(&entity.name);
    let owner = field.companion_of.and_then(|index| entity.fields.get(index));
    access.field(&field.name) >= FieldRight::Read
        && owner.is_none_or(|owner| access.field(&owner.name) >= FieldRight::Read)
}
