//! After a publish: calculated fields that are new or changed get their values in the records that exist.

use std::collections::BTreeMap;

use kontor_model::diff::SchemaChange;
use kontor_model::entity::{Source, system};
use kontor_model::filter::{FieldPath, Filter};
use kontor_model::{EntityModel, Record, Value};
use kontor_store::{CommitUnit, Write};
use kontor_store::{PageQuery, Sort};

use super::plan::Plan;
use crate::error::{Error, Result};
use crate::records::batch::Batch;
use crate::records::derive;
use crate::{Origin, Session};

/// Records that are read and written at once.
const CHUNK: u64 = 500;

/// Computes what the plan made necessary, in chunks, each in a unit of its own: writers wait for one chunk at most.
///
/// # Errors
/// When the database does not answer.
pub async fn after_publish(session: &Session, plan: &Plan) -> Result<()> {
    let session = Session { model: session.workspace.model(), origin: Origin::Command, ..session.clone() };
    let mut wanted: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for change in plan.changes.iter().filter_map(|one| one.change.schema.as_ref()) {
        let (SchemaChange::AddField { entity, field } | SchemaChange::Recompute { entity, field }) = change
        else {
            continue;
        };
        let Some(model) = session.model.entity(entity) else { continue };
        let Some(field) =
            model.field(field).filter(|field| matches!(field.source, Source::Formula(_) | Source::Rollup(_)))
        else {
            continue;
        };
        wanted.entry(entity.clone()).or_default().push(field.index);
    }
    for (name, fields) in wanted {
        let Some(entity) = session.model.entity(&name).cloned() else { continue };
        entity_fields(&session, &entity, &fields).await?;
    }
    Ok(())
}

/// Computes the fields whose formulas read one of these settings.
///
/// # Errors
/// When the database does not answer.
pub async fn after_settings(session: &Session, names: &[String]) -> Result<()> {
    let model = session.workspace.model();
    let parameters = session.workspace.parameters(&model);
    let session = Session { model, parameters, origin: Origin::Command, ..session.clone() };
    for entity in session.model.entities.values() {
        let reads = |field: &&kontor_model::FieldModel| match &field.source {
            Source::Formula(formula) => {
                formula.asks().settings.iter().any(|read| names.iter().any(|name| name == read))
            }
            _ => false,
        };
        let fields: Vec<usize> = entity.fields.iter().filter(reads).map(|field| field.index).collect();
        if !fields.is_empty() {
            entity_fields(&session, entity, &fields).await?;
        }
    }
    Ok(())
}

/// Computes the derived fields of all records of an entity; only values that differ are written.
async fn entity_fields(session: &Session, entity: &EntityModel, fields: &[usize]) -> Result<()> {
    let workspace = &session.workspace;
    let context = session.filter_context();
    let mut after = None;
    loop {
        let query = PageQuery {
            entity: entity.name.clone(),
            select: (0..entity.fields.len())
                .map(|index| FieldPath::own(entity.name.clone(), index))
                .collect(),
            filter: Filter::True,
            sort: vec![Sort { path: FieldPath::own(entity.name.clone(), system::ID), descending: false }],
            limit: CHUNK,
            after,
            ..PageQuery::default()
        };
        let page = workspace.store.page(&session.model, &workspace.full_access, &query, &context).await?;
        let mut batch = Batch::default();
        let mut unit = CommitUnit::new();
        for values in page.rows {
            let before = Record { values };
            let mut record = before.clone();
            derive(session, &mut batch, entity, &mut record).await?;
            let set: Vec<(usize, Value)> = fields
                .iter()
                .filter(|index| record.at(**index) != before.at(**index))
                .map(|index| (*index, record.at(*index).clone()))
                .collect();
            if !set.is_empty() {
                unit.push(Write::Update {
                    entity: entity.name.clone(),
                    id: before.id(),
                    expected_version: None,
                    set,
                    bump: false,
                });
            }
        }
        if !unit.writes.is_empty() {
            workspace.store.commit(&session.model, unit).await.map_err(Error::internal)?;
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(()),
        }
    }
}
