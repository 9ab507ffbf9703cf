//! Values over the records that point at a record: of the record itself when it is saved, and of the records that it
//! points at, in the same commit.

use kontor_model::entity::{Rollup, Source};
use kontor_model::{EntityModel, Record, Value};
use kontor_store::{Write, rollup_query};
use uuid::Uuid;

use super::batch::Batch;
use crate::Session;
use crate::error::Result;

/// The value over what is stored now.
pub async fn compute(session: &Session, entity: &EntityModel, id: Uuid, rollup: &Rollup) -> Result<Value> {
    let Some(query) = rollup_query(&session.model, entity, id, rollup) else { return Ok(Value::Empty) };
    let workspace = &session.workspace;
    let context = session.filter_context();
    let rows = workspace.store.aggregate(&session.model, &workspace.full_access, &query, &context).await?;
    Ok(rows.into_iter().next().and_then(|row| row.into_iter().next()).unwrap_or_default())
}

/// Asks the commit to bring the roll-ups of every record up to date that this one points at, or pointed at.
pub fn follow(session: &Session, batch: &mut Batch, child: &EntityModel, old: Option<&Record>, new: &Record) {
    for parent in session.model.entities.values() {
        for field in &parent.fields {
            let Source::Rollup(rollup) = &field.source else { continue };
            if rollup.entity != child.name {
                continue;
            }
            let Some(link) = child.field_index(&rollup.field) else { continue };
            for record in [old, Some(new)].into_iter().flatten() {
                let id = match record.at(link) {
                    Value::Id(id) => *id,
                    Value::AnyLink(link) if link.entity == parent.name => link.id,
                    _ => continue,
                };
                batch.unit.push(Write::Rollup { entity: parent.name.clone(), id, field: field.index });
            }
        }
    }
}
