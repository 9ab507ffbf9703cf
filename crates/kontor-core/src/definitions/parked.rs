//! What the database keeps although no definition names it, and its end: a separate act that nothing can undo.

use kontor_model::diff::{Class, SchemaChange};
use kontor_model::{Json, Problem};
use kontor_store::system::{FileWrite, ParkedRow, SystemWrite};
use kontor_store::{CommitUnit, Remainder};
use serde_json::json;

use super::candidate::Candidate;
use super::plan::Plan;
use super::{DESIGN, online};
use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::demand_admin;

/// Parked columns, or a parked table.
#[derive(Clone, Debug)]
pub struct Parked {
    /// What the database holds.
    pub held: Remainder,
    /// The entity as it is called, or was.
    pub entity: String,
    /// The label that the field had, where that is known.
    pub title: String,
    /// Since when, where that is known.
    pub since: Option<chrono::DateTime<chrono::Utc>>,
    /// The kind that the values had, for columns that a change of kind moved aside.
    pub kind: String,
}

/// Everything that is parked.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn list(session: &Session) -> Result<Vec<Parked>> {
    demand_admin(session, DESIGN)?;
    let store = &session.workspace.store;
    let model = session.workspace.model();
    let rows = store.parked().await?;
    let found = store.remainders(&model).await?;
    Ok(found
        .into_iter()
        .map(|held| {
            let row = rows.iter().find(|row| row.entity == held.table && row.field == held.column);
            let entity = model.entities.values().find(|entity| entity.key == held.table);
            let (field, kind) = held.column.split_once("__was_").unwrap_or((&held.column, ""));
            // Behind the kind are the digits of its units, and which of several it is.
            let kind = kind.split_once('_').map_or(kind, |(kind, _)| kind);
            let kind = kind.trim_end_matches(|letter: char| letter.is_ascii_digit());
            let kind = kind.strip_prefix("derived").unwrap_or(kind);
            let known = entity.and_then(|entity| entity.fields.iter().find(|one| one.key == field));
            let written = row.and_then(|row| row.body.get("title")).and_then(Json::as_str);
            Parked {
                entity: entity.map_or_else(|| held.table.clone(), |entity| entity.name.clone()),
                title: written
                    .map(str::to_owned)
                    .or_else(|| known.map(|field| field.title.clone()))
                    .unwrap_or_else(|| if field.is_empty() { held.table.clone() } else { field.to_owned() }),
                since: row.map(|row| row.at),
                kind: kind.to_owned(),
                held,
            }
        })
        .collect())
}

/// Drops parked columns, or a parked table, for good. What is left is a note, so that going back to a version that had
/// them can say what is missing.
///
/// # Errors
/// [`Error::NotFound`] when nothing of that name is parked; a problem while a publication runs.
pub async fn purge(session: &Session, table: &str, column: &str) -> Result<Parked> {
    let parked = list(session).await?;
    let one = parked.into_iter().find(|one| one.held.table == table && one.held.column == column);
    let one = one.ok_or(Error::NotFound)?;
    if !online::running(session).await?.is_empty() {
        return Err(Problem::new("publication_runs", "").into());
    }
    let mut unit = CommitUnit::new();
    unit.system(SystemWrite::Park(ParkedRow {
        entity: table.to_owned(),
        field: column.to_owned(),
        name: one.title.clone(),
        body: json!({ "purged": true, "by": session.actor.id, "rows": one.held.rows }),
        at: session.now,
    }));
    // Files that only those values named go with the next sweep.
    unit.system(FileWrite::LetGoOfFiles {
        entity: table.to_owned(),
        field: column.to_owned(),
        at: session.now,
    });
    let model = session.workspace.model();
    session.workspace.store.drop_remainder(&model, table, column, unit).await.map_err(Error::internal)?;
    tracing::info!(table, column, rows = one.held.rows, "parked values were purged");
    Ok(one)
}

/// Refuses what a plan would bring back empty, because its values were purged.
pub async fn refuse_purged(session: &Session, candidate: &Candidate, plan: &mut Plan) -> Result<()> {
    let rows = session.workspace.store.parked().await?;
    let is_purged = |row: &&ParkedRow| row.body.get("purged").is_some();
    for planned in &mut plan.changes {
        let (entity, field) = match &planned.change.schema {
            Some(SchemaChange::CreateEntity { entity }) => (entity, None),
            Some(SchemaChange::AddField { entity, field }) => (entity, Some(field)),
            _ => continue,
        };
        let Some(entity) = candidate.model.entity(entity) else { continue };
        let key = field.and_then(|field| entity.field(field)).map_or("", |field| &field.key);
        let row = rows.iter().filter(is_purged).find(|row| row.entity == entity.key && row.field == key);
        let Some(row) = row else { continue };
        planned.change.class = Class::Refused;
        let count = row.body.get("rows").and_then(Json::as_u64).unwrap_or(0);
        planned.problem = Some(
            Problem::new("values_purged", &planned.change.pointer)
                .with("name", &row.name)
                .with("at", row.at.format("%Y-%m-%d"))
                .with("count", count),
        );
    }
    Ok(())
}
