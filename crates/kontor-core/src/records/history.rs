//! What happened to a record, as the reader may see it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use kontor_model::access::FieldRight;
use kontor_model::{EntityModel, Json};
use uuid::Uuid;

use super::read::{add_titles, get};
use super::view::{RecordView, Titles};
use crate::Session;
use crate::error::Result;

/// One change of a record.
#[derive(Clone, Debug)]
pub struct Revision {
    /// The version after it.
    pub version: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// create, update, delete, restore.
    pub action: String,
    /// Who; nobody for the engine itself.
    pub actor: Option<Uuid>,
    /// The name of the actor, when the reader may see it.
    pub actor_name: Option<String>,
    /// How it came: page, api, import, a workflow.
    pub cause: Option<String>,
    /// Fields with their JSON forms before and after.
    pub changes: Vec<(String, Json, Json)>,
}

/// The changes of a record, the latest first, and titles of records that they name.
///
/// # Errors
/// [`crate::Error::NotFound`] when the reader may not see the record.
pub async fn history(
    session: &Session,
    entity: &Arc<EntityModel>,
    id: Uuid,
    limit: i64,
) -> Result<(Vec<Revision>, Titles)> {
    let record = get(session, entity, id).await?;
    history_of(session, &record, limit).await
}

/// The changes of a record that the reader was just given.
///
/// # Errors
/// When the database does not answer.
pub async fn history_of(
    session: &Session,
    record: &RecordView,
    limit: i64,
) -> Result<(Vec<Revision>, Titles)> {
    let (entity, id, rights) = (&record.entity, record.record.id(), &record.rights);
    let is_seen = |name: &str| {
        entity
            .field_index(name)
            .and_then(|index| rights.get(index))
            .is_some_and(|right| *right > FieldRight::None)
    };
    let rows = session.workspace.store.journal_of(&session.model, entity, id, limit).await?;
    let mut titles = Titles::new();
    let mut links = Vec::new();
    for row in &rows {
        if let Some(actor) = row.actor {
            links.push(("user".to_owned(), actor));
        }
        for change in &row.changes {
            let Some(field) = entity.field(&change.field).filter(|field| field.kind.is_link()) else {
                continue;
            };
            for json in [&change.old, &change.new] {
                let text = json.as_str().or_else(|| json.get("id").and_then(Json::as_str));
                let Some(id) = text.and_then(|text| text.parse::<Uuid>().ok()) else { continue };
                let target = json.get("entity").and_then(Json::as_str).map(str::to_owned);
                if let Some(target) = target.or_else(|| field.targets.first().cloned()) {
                    links.push((target, id));
                }
            }
        }
    }
    add_titles(session, links, &mut titles).await?;
    let revisions = rows
        .into_iter()
        .map(|row| Revision {
            version: row.version,
            at: row.at,
            action: row.action,
            actor_name: row.actor.and_then(|actor| titles.get(&actor).cloned()),
            actor: row.actor,
            cause: row.cause,
            changes: row
                .changes
                .into_iter()
                .filter(|change| is_seen(&change.field))
                .map(|change| (change.field, change.old, change.new))
                .collect(),
        })
        .collect();
    Ok((revisions, titles))
}
