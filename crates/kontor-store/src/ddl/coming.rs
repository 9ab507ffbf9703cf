//! Indexes that a change of the model brings, as they can be built before it while everybody goes on writing.

use std::collections::{BTreeMap, BTreeSet};

use kontor_model::Model;
use kontor_model::diff::SchemaChange;
use kontor_model::entity::FieldModel;

use super::index::NewIndex;
use super::{Beforehand, entity_of};
use crate::error::Result;
use crate::shape::field_columns;
use crate::store::Store;

/// An index to come over a table that exists.
#[derive(Clone, Debug)]
pub struct ComingIndex {
    /// The key of the entity.
    pub table: String,
    /// Its name.
    pub name: String,
    /// The name under which it is built: another one where it is over columns that are in the making.
    pub beside: String,
    /// What builds it.
    pub statement: String,
}

/// Columns in the making.
#[derive(Clone, Debug)]
pub struct Staged {
    /// The key of the entity.
    pub table: String,
    /// The field as it will be.
    pub field: FieldModel,
    /// Where its columns are until then.
    pub target: FieldModel,
}

/// So an index is called while it is over columns in the making; names have room for it.
pub(crate) const BESIDE: &str = "__n";

impl Store {
    /// The indexes that changes bring to tables that exist, as far as their columns are there or in the making: those that
    /// were built beforehand, too.
    ///
    /// # Errors
    /// As [`Store::statements`].
    pub async fn coming_indexes(
        &self,
        old: &Model,
        new: &Model,
        changes: &[SchemaChange],
        staged: &[Staged],
        beforehand: &Beforehand,
    ) -> Result<Vec<ComingIndex>> {
        let coming = self.builder_after(old, new, changes, beforehand).await?.coming;
        let mut tables: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
        for index in &coming {
            if !tables.contains_key(index.table.as_str()) {
                tables.insert(&index.table, self.places(old, new, changes, staged, &index.table).await?);
            }
        }
        let names = &self.inner.names;
        let built = |index: &NewIndex| {
            let places = tables.get(index.table.as_str())?;
            let columns: Vec<String> =
                index.columns.iter().map(|column| places.get(column).cloned()).collect::<Option<_>>()?;
            let beside =
                if columns == index.columns { index.name.clone() } else { format!("{}{BESIDE}", index.name) };
            let statement = index.statement(names, &beside, &columns);
            Some(ComingIndex { table: index.table.clone(), name: index.name.clone(), beside, statement })
        };
        Ok(coming.iter().filter_map(built).collect())
    }

    /// Where the columns of a table are at present, by their names after the changes.
    async fn places(
        &self,
        old: &Model,
        new: &Model,
        changes: &[SchemaChange],
        staged: &[Staged],
        table: &str,
    ) -> Result<BTreeMap<String, String>> {
        let mut places: BTreeMap<String, String> =
            self.columns(table).await?.into_iter().map(|column| (column.clone(), column)).collect();
        // A table that is parked comes back as a whole, in one go.
        let Some(entity) = old.entities.values().find(|entity| entity.key == table) else {
            return Ok(BTreeMap::new());
        };
        let known: BTreeSet<&str> = entity.fields.iter().map(|field| field.key.as_str()).collect();
        for change in changes {
            let (SchemaChange::ConvertField { field, .. } | SchemaChange::AddField { field, .. }) = change
            else {
                continue;
            };
            let entity = entity_of(old, new, change)?;
            let Some(field) = entity.field(field).filter(|_| entity.key == table) else { continue };
            // Parked columns that come back as they are stay where they are.
            let is_back =
                matches!(change, SchemaChange::AddField { .. }) && !known.contains(field.key.as_str());
            if !is_back || self.is_unheard_of(table, field).await? {
                for (column, _) in field_columns(field) {
                    places.remove(&column);
                }
            }
        }
        for one in staged.iter().filter(|one| one.table == table) {
            for ((column, _), (place, _)) in
                field_columns(&one.field).into_iter().zip(field_columns(&one.target))
            {
                places.insert(column, place);
            }
        }
        Ok(places)
    }
}
