//! Columns of a field that comes back, changes its kind or counts other digits: what is there is moved aside, and what was
//! moved aside before takes its place again.

use kontor_model::EntityModel;
use kontor_model::entity::{DIGEST, FOLDED_DIGEST, FieldModel};

use super::{Builder, free_key, index, moved, parked_keys, staging_key};
use crate::names::quoted;
use crate::shape::{ENTITY, FOLD, field_columns};

impl Builder<'_> {
    /// A field that was removed after its kind had changed left columns of another kind behind: they go aside, and what
    /// was moved aside of the kind that comes back takes their place.
    pub(super) fn make_room(&mut self, entity: &EntityModel, field: &FieldModel) {
        let Some(left) = self.parked.get(&(entity.key.clone(), field.key.clone())).copied() else { return };
        let as_left = left.field(field);
        let stays = left.kind.name() == field.kind.name() || left.kind.takes(field.kind);
        if stays && as_left.columns() == field.columns() {
            return self.rescale_from(entity, &as_left, field);
        }
        let known: Vec<String> = self
            .existing
            .get(&entity.key)
            .map(|existing| existing.columns.iter().map(|column| column.name.clone()).collect())
            .unwrap_or_default();
        let aside = free_key(&known, &as_left);
        for suffix in ["", FOLD, ENTITY, DIGEST, FOLDED_DIGEST] {
            let column = format!("{}{suffix}", field.key);
            if known.contains(&column) {
                self.rename(entity, &column, &format!("{aside}{suffix}"));
            }
        }
        let Some(key) = parked_keys(&known, field).into_iter().next() else { return };
        let from = moved(field, key);
        let columns = field_columns(&from).into_iter().zip(field_columns(field));
        for ((from, _), (to, _)) in columns.filter(|((from, _), _)| known.contains(from)) {
            self.rename(entity, &from, &to);
        }
        self.rescale_from(entity, &from, field);
    }

    /// The units of columns that are taken back, when they count other digits than the field does now. What is sealed
    /// says its digits itself.
    fn rescale_from(&mut self, entity: &EntityModel, from: &FieldModel, field: &FieldModel) {
        if field.is_sealed() || self.column(&entity.key, &field.key).is_none() {
            return;
        }
        if let (Some(from), Some(to)) = (from.kind.scale(from), field.kind.scale(field)) {
            self.rescale(entity, field, from, to);
        }
    }

    /// New columns for a field whose kind changed; the old ones are moved aside under the name of the old kind.
    /// Columns that were moved aside by an earlier change from the new kind come back with their values, and columns
    /// that were filled beforehand take their place.
    pub(super) fn convert(&mut self, entity: &EntityModel, field: &FieldModel) {
        let old_entity = self.old.entities.values().find(|old| old.key == entity.key);
        let old_field = old_entity.and_then(|old| old.fields.iter().find(|old| old.key == field.key));
        let (Some(old_entity), Some(old_field)) = (old_entity, old_field) else { return };
        // Indexes follow a column that is renamed, so those of the old columns go first.
        self.drop_index(old_entity, &[old_field], false);
        for (fields, unique) in index::over(old_entity, old_field.index) {
            self.drop_index(old_entity, &fields, unique);
        }
        let made = moved(field, staging_key(field));
        let known: Vec<String> = self
            .existing
            .get(&entity.key)
            .map(|existing| existing.columns.iter().map(|column| column.name.clone()).collect())
            .unwrap_or_default();
        let parked = parked_keys(&known, field).into_iter().map(|key| moved(field, key)).find(|parked| {
            field_columns(parked).iter().all(|(column, column_type)| {
                let type_name = self.type_name(*column_type);
                self.column(&entity.key, column)
                    .is_some_and(|known| known.column_type.eq_ignore_ascii_case(type_name))
            })
        });
        let aside = free_key(&known, old_field);
        for ((column, _), (to, _)) in
            field_columns(old_field).iter().zip(field_columns(&moved(old_field, aside)))
        {
            if self.column(&entity.key, column).is_some() {
                self.rename(entity, column, &to);
            }
        }
        let is_staged = self.is_staged(entity, field);
        let from = parked.or_else(|| is_staged.then_some(made));
        for (place, (column, column_type)) in field_columns(field).into_iter().enumerate() {
            match from.as_ref().and_then(|from| field_columns(from).into_iter().nth(place)) {
                Some((from, _)) => self.rename(entity, &from, &column),
                None => self.add_column(entity, &column, self.type_name(column_type)),
            }
        }
        if let Some(from) = &from {
            self.rescale_from(entity, from, field);
        }
        self.link_index(entity, field);
        for (fields, unique) in index::over(entity, field.index) {
            self.add_index(entity, &fields, unique);
        }
    }

    /// The same for a field in use. Rows are counted anew one after the other, and 1 may become 100 before 100 becomes
    /// 10,000: unique indexes look at them when all are done.
    pub(super) fn recount(&mut self, entity: &EntityModel, field: &FieldModel, from: u8, to: u8) {
        let old = self.old.entities.values().find(|old| old.key == entity.key);
        let before = old.and_then(|old| Some((old, old.fields.iter().find(|one| one.key == field.key)?)));
        let before = before.map(|(old, field)| index::over(old, field.index)).unwrap_or_default();
        for (fields, _) in before.into_iter().filter(|(_, unique)| *unique) {
            self.drop_index(entity, &fields, true);
        }
        self.rescale(entity, field, from, to);
        for (fields, _) in index::over(entity, field.index).into_iter().filter(|(_, unique)| *unique) {
            self.add_index(entity, &fields, true);
        }
    }

    /// Units of another scale, rounded half away from zero.
    fn rescale(&mut self, entity: &EntityModel, field: &FieldModel, from: u8, to: u8) {
        let table = self.names.record_table(&entity.key);
        let column = quoted(&field.key);
        let power = 10_i64.pow(u32::from(from.abs_diff(to)));
        let value = if to > from {
            format!("{column} * {power}")
        } else {
            let half = power / 2;
            format!(
                "CASE WHEN {column} < 0 THEN ({column} - {half}) / {power} ELSE ({column} + {half}) / {power} END"
            )
        };
        if from != to {
            self.statements.push(format!("UPDATE {table} SET {column} = {value} WHERE {column} IS NOT NULL"));
        }
    }
}
