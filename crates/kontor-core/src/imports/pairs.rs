//! Files whose lines are links: each names two records and says what the link itself has. Two records are linked once, so
//! that a line about two that are linked already changes that link.

use std::sync::Arc;

use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::{EntityModel, FieldModel, Problem, Value};
use kontor_store::PageQuery;
use uuid::Uuid;

use super::mapping::{ColumnMapping, Mapping};
use super::row::{Row, link, text_of};
use crate::Session;
use crate::error::Result;
use crate::records::batch::Batch;

/// The two ends of a link, where the records of an entity are links.
pub fn ends(entity: &EntityModel) -> Option<[&FieldModel; 2]> {
    let implied = entity.implied.as_ref()?;
    Some([entity.fields.get(implied.by)?, entity.fields.get(implied.through)?])
}

/// The link between the two records that a line names; nothing when the records are no links, or a line names only one.
///
/// # Errors
/// When the database does not answer.
pub async fn existing(
    session: &Session,
    batch: &mut Batch,
    entity: &Arc<EntityModel>,
    mapping: &Mapping,
    row: Row<'_>,
) -> Result<Result<Option<Uuid>, Problem>> {
    let Some(ends) = ends(entity) else { return Ok(Ok(None)) };
    let mut leaves = Vec::new();
    for end in ends {
        let Some(column) = mapping.columns.get(&end.name) else { return Ok(Ok(None)) };
        let Some(text) = text_of(column, row).filter(|text| !text.is_empty()) else { return Ok(Ok(None)) };
        let id = if let Ok(id) = text.parse::<Uuid>() {
            id
        } else {
            // A record that is made for this line is linked to nothing yet.
            let only_found = ColumnMapping { create_missing: false, ..column.clone() };
            match link(session, batch, end, &only_found, &text).await? {
                Ok(Value::Id(id)) => id,
                // What is wrong with it is told where the line's values are read.
                _ => return Ok(Ok(None)),
            }
        };
        let path = FieldPath::own(entity.name.clone(), end.index);
        leaves.push(Filter::Leaf(Leaf {
            path,
            operator: Operator::Eq,
            operand: Operand::One(Value::Id(id)),
        }));
    }
    let query = PageQuery {
        entity: entity.name.clone(),
        select: vec![FieldPath::own(entity.name.clone(), system::ID)],
        filter: Filter::All(leaves),
        limit: 1,
        ..PageQuery::default()
    };
    let access = &session.actor.access;
    let page =
        session.workspace.store.page(&session.model, access, &query, &session.filter_context()).await?;
    Ok(Ok(page.rows.first().and_then(|row| row.first().and_then(Value::as_id))))
}
