//! What a change of a record replaced, for whoever takes it back.

use std::sync::Arc;

use kontor_model::access::FieldRight;
use kontor_model::kind::ParseContext;
use kontor_model::locale::Catalogue;
use kontor_model::value::AnyLink;
use kontor_model::{EntityModel, FieldModel, Json, Value};
use kontor_store::JournalChange;
use uuid::Uuid;

use super::batch::Batch;
use super::draft::Incoming;
use crate::Session;
use crate::error::Result;
use crate::permissions::field_right;

/// How many changes since are looked back over.
const LOOKED_BACK: i64 = 50;

/// The values that a change of the actor's own replaced, as far as they may write them; nothing when the version was made
/// by somebody or something else. What a link led to is put back even where the actor does not see it: it is no news of it.
///
/// # Errors
/// When the database does not answer.
pub async fn values_before(
    session: &Session,
    entity: &Arc<EntityModel>,
    id: Uuid,
    version: i64,
) -> Result<Vec<(String, Incoming)>> {
    let mut batch = Batch::default();
    if !super::parse::is_visible(session, &mut batch, entity, id).await? {
        return Ok(Vec::new());
    }
    let rows = session.workspace.store.journal_of(&session.model, entity, id, LOOKED_BACK).await?;
    let own = rows.into_iter().find(|row| {
        row.version == version
            && row.action == "update"
            && row.run.is_none()
            && row.actor == Some(session.actor.id)
    });
    let access = session.actor.access.entity(&entity.name);
    let mut values = Vec::new();
    for JournalChange { field, old, .. } in own.into_iter().flat_map(|row| row.changes) {
        let Some(model) = entity.field(&field).filter(|field| field.is_typed()) else { continue };
        if field_right(access, entity, model) == FieldRight::Edit {
            let before = before(session, &mut batch, model, old).await?;
            values.push((field, before));
        }
    }
    Ok(values)
}

/// A value of the journal as it is written again. One that leads to a record which is there is taken as it was.
async fn before(session: &Session, batch: &mut Batch, field: &FieldModel, old: Json) -> Result<Incoming> {
    if !field.kind.is_link() || old.is_null() {
        return Ok(Incoming::Json(old));
    }
    let catalogue = Catalogue::default();
    let Ok(value) = field.kind.parse_json(field, &old, &ParseContext::neutral(&catalogue)) else {
        return Ok(Incoming::Json(old));
    };
    let target = match (&value, field.targets.first()) {
        (Value::Id(id), Some(target)) => Some((target.as_str(), *id)),
        (Value::AnyLink(AnyLink { entity, id }), _) => Some((entity.as_str(), *id)),
        _ => None,
    };
    let found = target.and_then(|(name, id)| Some((Arc::clone(session.model.entity(name)?), id)));
    let is_there = match found {
        Some((target, id)) => batch.record(session, &target, id).await?.is_some(),
        None => false,
    };
    Ok(if is_there { Incoming::Value(value) } else { Incoming::Json(old) })
}
