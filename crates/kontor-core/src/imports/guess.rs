//! A first mapping of a file: the names of its columns propose, their values decide.

use super::columns::{Cells, fits, found_links};
use super::file::Table;
use super::mapping::{ColumnMapping, Mapping};
use super::names::{SAME, Thesaurus, is_closed, likeness};
use super::place::Place;
use crate::Session;
use crate::error::Result;
use crate::records::batch::Batch;
use kontor_model::EntityModel;
use std::sync::Arc;

/// Below this nothing is guessed.
const LEAST: u32 = 40;
/// What the values alone say.
const BY_VALUES: u32 = 45;
/// Different values that are looked at.
const VALUES: usize = 50;
/// Columns that no name explains and whose values are looked up among records.
const LOOKED_UP: usize = 20;

/// The mapping that the file suggests. A column that no field resembles stays out of it, and is then
/// reported by [`Mapping::check`].
///
/// # Errors
/// When the database does not answer.
pub async fn guess(session: &Session, entity: &Arc<EntityModel>, table: &Table) -> Result<Mapping> {
    let places = Place::all(&session.model, entity);
    let thesaurus = Thesaurus::of(session);
    let mut found: Vec<(u32, usize, usize)> = Vec::new();
    let columns = || table.columns.iter().enumerate().filter(|(_, column)| !column.is_empty());
    let cells: Vec<Cells> = (0..table.columns.len()).map(|index| Cells::of(table, index)).collect();
    // A column of a list's own rows, such as a second file brings, is no field of the record.
    let is_of_rows = |column: &str| {
        let head = column.split_once('.').map(|(head, _)| head);
        head.is_some_and(|head| places.iter().any(|place| place.list.is_some_and(|list| list.name == head)))
    };
    let closed: Vec<bool> = table
        .columns
        .iter()
        .map(|column| !is_of_rows(column) && is_closed(session, entity, column))
        .collect();
    let is_closed_column = |index: usize| closed.get(index).copied().unwrap_or_default();
    for (index, column) in columns() {
        for (number, place) in places.iter().enumerate() {
            let said = likeness(session, &thesaurus, place, column);
            // What is called as a field that nobody writes is that field: nothing that is called alike takes it.
            if is_closed_column(index) && (said != SAME || place.list.is_some()) {
                continue;
            }
            let values = cells.get(index);
            // A name that only resembles needs values that fit; one that is the same may have wrong ones.
            if said >= LEAST && (said == SAME || values.is_none_or(|cells| is_fitting(session, place, cells)))
            {
                found.push((said, index, number));
            }
        }
    }
    let mut taken = settle(&mut found, &places);
    let is_unknown =
        |index: usize| !is_closed_column(index) && !taken.iter().any(|(column, _)| *column == index);
    let unknown: Vec<usize> =
        columns().map(|(index, _)| index).filter(|index| is_unknown(*index)).take(LOOKED_UP).collect();
    for index in unknown {
        let Some(cells) = cells.get(index) else { continue };
        for (number, place) in places.iter().enumerate() {
            let is_free = place.list.is_none() && !taken.iter().any(|(_, other)| *other == number);
            if is_free && speak_for(session, place, cells).await? {
                found.push((BY_VALUES, index, number));
            }
        }
    }
    taken = settle(&mut found, &places);
    let mut mapping = Mapping { entity: entity.name.clone(), ..Mapping::default() };
    // What a list was exported with and nobody writes is left out without a question.
    let is_free = |index: usize| !taken.iter().any(|(column, _)| *column == index);
    let left_out = columns().filter(|(index, _)| is_free(*index) && is_closed_column(*index));
    mapping.ignore = left_out.map(|(_, column)| column.clone()).collect();
    // As in the file: what is shown and saved follows its columns.
    taken.sort_unstable();
    for (index, number) in taken {
        if let (Some(column), Some(place)) = (table.columns.get(index), places.get(number)) {
            mapping.columns.insert(place.name(), ColumnMapping::of_column(column));
        }
    }
    Ok(mapping)
}

/// Each column and each place once: the best pairs first, among equals the first column and the place that was defined
/// first. Parts of a whole that is given are not given again.
fn settle(found: &mut [(u32, usize, usize)], places: &[Place<'_>]) -> Vec<(usize, usize)> {
    found.sort_by_key(|(said, index, number)| (std::cmp::Reverse(*said), *index, *number));
    let mut taken: Vec<(usize, usize)> = Vec::new();
    for (_, index, number) in found.iter() {
        let is_taken = taken.iter().any(|(column, place)| column == index || place == number);
        if !is_taken && places.get(*number).is_some() {
            taken.push((*index, *number));
        }
    }
    taken
}

/// Whether half of the values at least are of the field's kind.
fn is_fitting(session: &Session, place: &Place<'_>, cells: &Cells) -> bool {
    if place.field.kind.is_link() || place.field.kind.is_list() {
        return true;
    }
    let values: Vec<&str> = cells.different().take(VALUES).collect();
    let good = values.iter().filter(|value| fits(session, place.field, value)).count();
    good * 2 >= values.len()
}

/// Whether values of which the name says nothing are known to this field alone: options that are all there, records
/// that are mostly found.
async fn speak_for(session: &Session, place: &Place<'_>, cells: &Cells) -> Result<bool> {
    let field = place.field;
    let values: Vec<&str> = cells.different().take(VALUES).collect();
    if values.len() < 2 || field.system {
        return Ok(false);
    }
    if !field.definition.one_of.is_empty() {
        return Ok(values.iter().all(|value| fits(session, field, value)));
    }
    if field.kind.is_link() && !field.kind.names_entity() {
        let mut batch = Batch::default();
        let found = found_links(session, &mut batch, field, &ColumnMapping::default(), &values).await?;
        return Ok(found * 2 > values.len());
    }
    Ok(false)
}
