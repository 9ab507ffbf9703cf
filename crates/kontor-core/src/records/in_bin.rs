//! A record that is asked for and lies in the bin: told to whoever may take it out again or remove it for good, and
//! to nobody else.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use kontor_model::EntityModel;
use kontor_model::entity::system;
use kontor_model::filter::FieldPath;
use uuid::Uuid;

use crate::Session;
use crate::error::Result;
use crate::permissions::{Verb, allows};

/// What is told of a deleted record.
#[derive(Clone, Debug)]
pub struct InBin {
    /// Its title; the id when it has none.
    pub title: String,
    /// When it was deleted.
    pub deleted_at: Option<DateTime<Utc>>,
}

/// The deleted record of that id; `None` when there is none that the reader may see and restore.
///
/// # Errors
/// When the database does not answer.
pub async fn in_bin(session: &Session, entity: &Arc<EntityModel>, id: Uuid) -> Result<Option<InBin>> {
    if !allows(session, entity, Verb::Delete) && !allows(session, entity, Verb::Purge) {
        return Ok(None);
    }
    let display = entity.display_field();
    let right = session.actor.access.entity(&entity.name).field(&display.name);
    let is_readable = right > kontor_model::access::FieldRight::None;
    let mut select = vec![FieldPath::own(entity.name.clone(), system::DELETED_AT)];
    if is_readable {
        select.push(FieldPath::own(entity.name.clone(), display.index));
    }
    let store = &session.workspace.store;
    let found = store
        .get_deleted(
            &session.model,
            &session.actor.access,
            &entity.name,
            id,
            &select,
            &session.filter_context(),
        )
        .await?;
    Ok(found.map(|values| InBin {
        title: values
            .get(1)
            .filter(|value| !value.is_empty())
            .map_or_else(|| id.to_string(), |value| display.kind.to_text(display, value, session.actor.zone)),
        deleted_at: values.first().and_then(kontor_model::Value::as_datetime),
    }))
}
