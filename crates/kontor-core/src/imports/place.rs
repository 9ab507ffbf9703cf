//! Where a column goes: a field of the record, or one of its rows, written `lines.quantity`.

use std::sync::Arc;

use kontor_model::{EntityModel, FieldModel, Model};

/// A field that a column may fill.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The list whose rows have the field; `None` for a field of the record itself.
    pub list: Option<&'a FieldModel>,
    /// The entity that has the field.
    pub entity: &'a Arc<EntityModel>,
    /// The field.
    pub field: &'a FieldModel,
}

impl<'a> Place<'a> {
    /// The place of that name.
    pub fn find(model: &'a Model, entity: &'a Arc<EntityModel>, name: &str) -> Option<Self> {
        if let Some(field) = entity.field(name) {
            return Some(Self { list: None, entity, field });
        }
        let (list, own) = name.split_once('.')?;
        let (list, child) = rows(model, entity).find(|(field, _)| field.name == list)?;
        Some(Self { list: Some(list), entity: child, field: child.field(own)? })
    }

    /// Every place that a file may fill, those of the record itself first.
    pub fn all(model: &'a Model, entity: &'a Arc<EntityModel>) -> Vec<Self> {
        let own = entity.fields.iter().map(|field| Self { list: None, entity, field });
        let below = rows(model, entity).flat_map(|(list, child)| {
            child.fields.iter().map(move |field| Self { list: Some(list), entity: child, field })
        });
        own.chain(below).filter(Self::is_open).collect()
    }

    /// Whether a file may fill it: what is calculated is not, nor how a row finds its record and its place there.
    pub fn is_open(&self) -> bool {
        let is_filled = !is_worked_out(self.entity, self.field);
        let Some(list) = self.list.and_then(|list| list.list.as_ref()) else { return is_filled };
        let is_engine = self.field.index == list.by || list.order == Some(self.field.index);
        is_filled && !self.field.system && !is_engine && !self.field.kind.is_list()
    }

    /// The name in a mapping.
    pub fn name(&self) -> String {
        match self.list {
            Some(list) => format!("{}.{}", list.name, self.field.name),
            None => self.field.name.clone(),
        }
    }
}

/// Whether no file fills a field: what is calculated, what the engine keeps, and the currency of an amount that is
/// calculated.
pub fn is_worked_out(entity: &EntityModel, field: &FieldModel) -> bool {
    let whole = field.companion_of.and_then(|index| entity.fields.get(index));
    !field.is_typed() || whole.is_some_and(|whole| !whole.is_typed())
}

/// The lists whose rows are edited inside the record, with the entity of the rows.
pub fn rows<'a>(
    model: &'a Model,
    entity: &'a EntityModel,
) -> impl Iterator<Item = (&'a FieldModel, &'a Arc<EntityModel>)> {
    let is_rows = |list: &kontor_model::entity::ListModel| list.through.is_none();
    entity
        .lists()
        .filter(move |(_, list)| is_rows(list))
        .filter_map(|(field, list)| Some((field, model.entity(&list.entity)?)))
}
