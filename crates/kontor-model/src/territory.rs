//! Territories: records of the engine's own entity, which form a tree and have people as members. Which territory another
//! record belongs to, a link of it says.

use crate::entity::{EntityModel, FieldModel, system};

/// The entity whose records are territories.
pub const TERRITORIES: &str = "territory";
/// Its field with the people who look after it.
pub const MEMBERS: &str = "members";

/// The field that says to which territory a record belongs: the one that the definition names, else its only link to
/// territories. Territories belong to themselves. `None` when there is none, or nobody can tell which.
pub fn field_of(entity: &EntityModel) -> Option<&FieldModel> {
    if entity.name == TERRITORIES {
        return entity.fields.get(system::ID);
    }
    if let Some(name) = &entity.definition.territory {
        return entity.field(name).filter(|field| leads_to_one(field));
    }
    let mut links = entity.fields.iter().filter(|field| leads_to_one(field));
    let first = links.next()?;
    links.next().is_none().then_some(first)
}

/// Whether the field is a link to one territory, whose value the database can compare.
pub fn leads_to_one(field: &FieldModel) -> bool {
    field.targets == [TERRITORIES] && field.kind.is_link() && !field.kind.is_list() && !field.is_sealed()
}
