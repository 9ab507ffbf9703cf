//! Into the bin and out of it again. What others point at is restricted, emptied or taken along, as the links say.

use std::collections::BTreeSet;
use std::sync::Arc;

use kontor_model::entity::{DuplicateAnswer, DuplicateRule, system};
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::value::AnyLink;
use kontor_model::{EntityModel, Json, Problem, Record, Value};
use kontor_store::PageQuery;
use uuid::Uuid;

use super::batch::Batch;
use super::draft::{Draft, Incoming, Save};
use super::save::{commit, is_within, prepare as prepare_save, reach, refused};
use super::select::own_paths;
use super::{duplicates, hooks, writes};
use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::{Verb, demand, demand_people};

/// How many records one deletion may take along or empty.
const MAX_REACHED: u64 = 10_000;

/// Puts a record into the bin.
///
/// # Errors
/// `restricted` problems when others point at it; [`Error::VersionConflict`], [`Error::NotFound`],
/// [`Error::Forbidden`].
pub async fn delete(
    session: &Session,
    entity: &Arc<EntityModel>,
    id: Uuid,
    expected: Option<i64>,
) -> Result<()> {
    let mut batch = Batch::default();
    prepare(session, &mut batch, entity, id, expected).await?;
    commit(session, &mut batch).await.map_err(|error| refused(session, entity, error))?;
    Ok(())
}

/// The writes of a deletion, into a batch.
///
/// # Errors
/// As [`delete`].
pub async fn prepare(
    session: &Session,
    batch: &mut Batch,
    entity: &Arc<EntityModel>,
    id: Uuid,
    expected: Option<i64>,
) -> Result<()> {
    demand(session, entity, Verb::Delete)?;
    demand_people(session, entity)?;
    let record = reach(session, batch, entity, id, Verb::Delete).await?;
    if let Some(expected) = expected.filter(|expected| *expected != record.version()) {
        return Err(Error::VersionConflict { expected, found: record.version() });
    }
    if entity.name == "user" {
        let mut problems = kontor_model::Problems::new();
        crate::identity::users::keep_an_administrator(session, id, "", &mut problems).await?;
        problems.into_result(())?;
    }
    if entity.definition.append_only {
        return Err(Problem::new("append_only", "").with("entity", &entity.title).into());
    }
    let mut draft = Draft {
        entity: Arc::clone(entity),
        old: Some((*record).clone()),
        record: (*record).clone(),
        given: BTreeSet::new(),
        problems: kontor_model::Problems::new(),
    };
    hooks::run(session, batch, &mut draft, "before_delete", Json::Null).await?;
    if draft.problems.has_errors() {
        return Err(Error::Problems(draft.problems));
    }
    batch.wrote(entity, id, None);
    for link in &entity.back_links {
        let Some(other) = session.model.entity(&link.entity).cloned() else { continue };
        let Some(field) = other.field(&link.field) else { continue };
        let rule = field.definition.on_delete.as_deref().unwrap_or(if field.kind.names_entity() {
            "keep"
        } else {
            "empty"
        });
        if rule == "keep" {
            continue;
        }
        let pointing = pointing_at(session, entity, &other, field.index, id).await?;
        if pointing.is_empty() {
            continue;
        }
        match rule {
            "restrict" => {
                let problem = Problem::new("restricted", "")
                    .with("count", pointing.len())
                    .with("entity", &other.plural)
                    .with("field", &field.title);
                return Err(problem.into());
            }
            "cascade" => {
                for one in pointing {
                    Box::pin(prepare(&session.elevated(), batch, &other, one, None)).await?;
                }
            }
            _ => {
                for one in pointing {
                    let values = vec![(field.name.clone(), Incoming::Value(Value::Empty))];
                    let save = Save::update(&other, one, values);
                    Box::pin(prepare_save(&session.elevated(), batch, save)).await?;
                }
            }
        }
    }
    writes::of_bin(session, batch, entity, &record, true);
    Ok(())
}

async fn pointing_at(
    session: &Session,
    entity: &EntityModel,
    other: &EntityModel,
    field: usize,
    id: Uuid,
) -> Result<Vec<Uuid>> {
    let is_any = other.fields.get(field).is_some_and(|field| field.kind.names_entity());
    let value =
        if is_any { Value::AnyLink(AnyLink { entity: entity.name.clone(), id }) } else { Value::Id(id) };
    let query = PageQuery {
        entity: other.name.clone(),
        select: vec![FieldPath::own(other.name.clone(), system::ID)],
        filter: Filter::Leaf(Leaf {
            path: FieldPath::own(other.name.clone(), field),
            operator: Operator::Eq,
            operand: Operand::One(value),
        }),
        limit: MAX_REACHED,
        ..PageQuery::default()
    };
    let workspace = &session.workspace;
    let page = workspace
        .store
        .page(&session.model, &workspace.full_access, &query, &session.filter_context())
        .await?;
    Ok(page.rows.iter().filter_map(|row| row.first().and_then(Value::as_id)).collect())
}

/// Takes a record out of the bin. What must be unique is checked again, and duplicate rules that block.
///
/// # Errors
/// [`Error::NotFound`] when it is not in the bin or cannot be seen.
pub async fn restore(session: &Session, entity: &Arc<EntityModel>, id: Uuid) -> Result<()> {
    demand(session, entity, Verb::Delete)?;
    demand_people(session, entity)?;
    let query = PageQuery {
        entity: entity.name.clone(),
        select: own_paths(entity, |_| true),
        filter: Filter::Leaf(Leaf {
            path: FieldPath::own(entity.name.clone(), system::ID),
            operator: Operator::Eq,
            operand: Operand::One(Value::Id(id)),
        }),
        limit: 1,
        bin: true,
        ..PageQuery::default()
    };
    let workspace = &session.workspace;
    let page = workspace
        .store
        .page(&session.model, &workspace.full_access, &query, &session.filter_context())
        .await?;
    let mut record = Record { values: page.rows.into_iter().next().ok_or(Error::NotFound)? };
    let mut batch = Batch::default();
    let access = session.actor.access.entity(&entity.name);
    if !is_within(session, &mut batch, &record, &access.read).await? {
        return Err(Error::NotFound);
    }
    if !is_within(session, &mut batch, &record, &access.delete).await? {
        return Err(Error::Forbidden(Verb::Delete.as_str()));
    }
    record.set(system::DELETED_AT, Value::Empty);
    let blocking: Vec<&DuplicateRule> =
        entity.duplicates.iter().filter(|rule| rule.then == DuplicateAnswer::Block).collect();
    let found = duplicates::find(session, &mut batch, entity, &record, &blocking).await?;
    if found.has_errors() {
        return Err(Error::Problems(found));
    }
    writes::of_bin(session, &mut batch, entity, &record, false);
    commit(session, &mut batch).await.map_err(|error| refused(session, entity, error))?;
    Ok(())
}
