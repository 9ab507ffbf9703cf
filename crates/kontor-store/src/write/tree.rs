//! Trees stay trees: of two saves that each move a record below the other's, the second is told that the world has moved,
//! and looks again. Whoever saves alone was refused before, with the path.

use kontor_model::EntityModel;
use kontor_model::entity::system;
use sea_orm::Value as Bound;
use uuid::Uuid;

use super::apply::{Applying, Failure};
use crate::names::quoted;
use crate::query::system_column;
use crate::unit::{CommitError, CommitUnit, Write};

/// The record, when a write moves one below another.
pub(super) fn moved(write: &Write, tree: impl Fn(&str) -> Option<usize>) -> Option<(&str, Uuid)> {
    let Write::Update { entity, id, set, .. } = write else { return None };
    let tree = tree(entity)?;
    set.iter().any(|(index, value)| *index == tree && !value.is_empty()).then_some((entity, *id))
}

/// Refuses a unit after which a record stands below itself.
pub(super) async fn check(applying: &mut Applying<'_>, unit: &CommitUnit) -> Result<(), Failure> {
    let model = applying.model;
    for write in &unit.writes {
        let Some((name, id)) = moved(write, |name| model.entity(name)?.tree) else { continue };
        let Some(entity) = model.entity(name).cloned() else { continue };
        applying.settle().await?;
        let Some(sql) = way_back(applying, &entity) else { continue };
        if !applying.query(&sql, vec![Bound::from(id)]).await?.is_empty() {
            return Err(Failure::Refused(CommitError::Conflict { entity: name.to_owned(), id }));
        }
    }
    Ok(())
}

/// A row, when the way up from a record comes back to it. A record in the bin ends the way.
fn way_back(applying: &Applying<'_>, entity: &EntityModel) -> Option<String> {
    let up = quoted(&entity.fields.get(entity.tree?)?.key);
    let table = applying.names.record_table(&entity.key);
    let id = quoted(system_column(entity, system::ID));
    let deleted = quoted(system_column(entity, system::DELETED_AT));
    Some(format!(
        "WITH RECURSIVE \"above\"(\"id\") AS (SELECT {up} FROM {table} WHERE {id} = $1 UNION \
         SELECT \"next\".{up} FROM {table} AS \"next\" JOIN \"above\" ON \"next\".{id} = \"above\".\"id\" \
         WHERE \"next\".{deleted} IS NULL) SELECT 1 FROM \"above\" WHERE \"id\" = $1 LIMIT 1"
    ))
}
