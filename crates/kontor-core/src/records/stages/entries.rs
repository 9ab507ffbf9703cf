//! What the history holds of records, read with full rights: who asks has been let in to the record before.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::stages::{STAGE_LOG, STAY, TICK, log};
use kontor_model::value::AnyLink;
use kontor_model::{EntityModel, FieldModel, Record, Value};
use kontor_store::{Cursor, PageQuery, Sort};
use uuid::Uuid;

use crate::Session;
use crate::error::{Error, Result};
use crate::records::select::own_paths;

/// Most stays of one record that are looked at.
const MOST_STAYS: u64 = 1_000;

/// The entity of the history.
pub(super) fn history(session: &Session) -> Result<Arc<EntityModel>> {
    let missing = || Error::Internal("the model has no history of stages".into());
    session.model.entity(STAGE_LOG).cloned().ok_or_else(missing)
}

/// The value of a field of an entry.
pub(super) fn value<'r>(history: &EntityModel, entry: &'r Record, name: &str) -> &'r Value {
    entry.get(history, name)
}

/// A condition on a field of the history.
pub(super) fn is(history: &EntityModel, name: &str, operator: Operator, operand: Operand) -> Filter {
    let field = history.field_index(name).unwrap_or_default();
    Filter::Leaf(Leaf { path: FieldPath::own(history.name.clone(), field), operator, operand })
}

/// Equality with one value.
pub(super) fn equals(history: &EntityModel, name: &str, value: Value) -> Filter {
    is(history, name, Operator::Eq, Operand::One(value))
}

/// The link of an entry to its record.
pub(super) fn link(entity: &EntityModel, record: Uuid) -> Value {
    Value::AnyLink(AnyLink { entity: entity.name.clone(), id: record })
}

/// The entries that match, the oldest first.
pub(super) async fn found(
    session: &Session,
    history: &EntityModel,
    filter: Filter,
    limit: u64,
) -> Result<Vec<Record>> {
    Ok(found_after(session, history, filter, limit, None).await?.0)
}

/// The same behind a place of the list, and where the next begin.
pub(super) async fn found_after(
    session: &Session,
    history: &EntityModel,
    filter: Filter,
    limit: u64,
    after: Option<Cursor>,
) -> Result<(Vec<Record>, Option<Cursor>)> {
    let query = PageQuery { limit, after, ..in_time(history, filter, false) };
    let workspace = &session.workspace;
    let context = session.filter_context();
    let page = workspace.store.page(&session.model, &workspace.full_access, &query, &context).await?;
    Ok((page.rows.into_iter().map(|values| Record { values }).collect(), page.next))
}

fn in_time(history: &EntityModel, filter: Filter, descending: bool) -> PageQuery {
    let at = history.field_index(log::AT).unwrap_or_default();
    PageQuery {
        entity: history.name.clone(),
        select: own_paths(history, |_| true),
        filter,
        sort: vec![Sort { path: FieldPath::own(history.name.clone(), at), descending }],
        ..PageQuery::default()
    }
}

/// The stage that a record was in last, as far as the history knows.
pub(in crate::records) async fn last_stage(
    session: &Session,
    entity: &EntityModel,
    record: Uuid,
    field: &FieldModel,
) -> Result<Option<String>> {
    let history = history(session)?;
    let filter = Filter::All(vec![
        equals(&history, log::RECORD, link(entity, record)),
        equals(&history, log::FIELD, Value::text(&field.key)),
        equals(&history, log::WHAT, Value::text(STAY)),
    ]);
    let query = PageQuery { limit: 1, ..in_time(&history, filter, true) };
    let workspace = &session.workspace;
    let context = session.filter_context();
    let page = workspace.store.page(&session.model, &workspace.full_access, &query, &context).await?;
    let entry = page.rows.into_iter().next().map(|values| Record { values });
    Ok(entry.and_then(|entry| value(&history, &entry, log::TO).as_text().map(str::to_owned)))
}

/// The entries of a record and a stage field that still hold: its stay, or its ticks.
pub(super) async fn current(
    session: &Session,
    entity: &EntityModel,
    record: Uuid,
    field: &FieldModel,
    what: &str,
) -> Result<Vec<Record>> {
    let history = history(session)?;
    let filter = Filter::All(vec![
        equals(&history, log::RECORD, link(entity, record)),
        equals(&history, log::FIELD, Value::text(&field.key)),
        equals(&history, log::WHAT, Value::text(what)),
        equals(&history, log::CURRENT, Value::Boolean(true)),
    ]);
    found(session, &history, filter, 500).await
}

/// The ticks of a record in a stage that hold.
pub(super) async fn ticks(
    session: &Session,
    entity: &EntityModel,
    record: Uuid,
    field: &FieldModel,
    stage: &str,
) -> Result<Vec<Record>> {
    let history = history(session)?;
    let mut ticks = current(session, entity, record, field, TICK).await?;
    ticks.retain(|tick| value(&history, tick, log::TO).as_text() == Some(stage));
    Ok(ticks)
}

/// The stages that a record was ever in, for an asker who may read it; `None` where the history does not reach back to when
/// the record was made.
///
/// # Errors
/// When the database does not answer.
pub async fn entered(
    session: &Session,
    entity: &EntityModel,
    record: &Record,
    field: &FieldModel,
) -> Result<Option<HashSet<String>>> {
    let history = history(session)?;
    let filter = Filter::All(vec![
        equals(&history, log::RECORD, link(entity, record.id())),
        equals(&history, log::FIELD, Value::text(&field.key)),
        equals(&history, log::WHAT, Value::text(STAY)),
    ]);
    let entries = found(session, &history, filter, MOST_STAYS).await?;
    let made = record.at(system::CREATED_AT);
    let is_whole = entries.first().is_some_and(|first| {
        value(&history, first, log::FROM).is_empty() && value(&history, first, log::AT) == made
    });
    let stages = entries.iter().filter_map(|entry| value(&history, entry, log::TO).as_text());
    Ok(is_whole.then(|| stages.map(str::to_owned).collect()))
}

/// Since when a record is in its stage, and how that goes on.
#[derive(Clone, Debug)]
pub struct Stay {
    /// Since when.
    pub since: DateTime<Utc>,
    /// When its time is over; `None` without a limit.
    pub due: Option<DateTime<Utc>>,
    /// Why it could not be moved by itself; may be empty.
    pub note: String,
}

impl Stay {
    /// Whether its time is over.
    pub fn is_late(&self, now: DateTime<Utc>) -> bool {
        self.due.is_some_and(|due| due <= now)
    }
}

/// The stay of a record, which the asker may read, in its stage; `None` when it began before there was a history.
///
/// # Errors
/// When the database does not answer.
pub async fn stay_of(
    session: &Session,
    entity: &EntityModel,
    record: &Record,
    field: &FieldModel,
) -> Result<Option<Stay>> {
    let history = history(session)?;
    let entries = current(session, entity, record.id(), field, STAY).await?;
    let Some(entry) = entries.last() else { return Ok(None) };
    if value(&history, entry, log::TO).as_text() != record.at(field.index).as_text() {
        return Ok(None);
    }
    let moment = |name: &str| match value(&history, entry, name) {
        Value::DateTime(moment) => Some(*moment),
        _ => None,
    };
    let note = value(&history, entry, log::NOTE).as_text().unwrap_or_default().to_owned();
    Ok(moment(log::AT).map(|since| Stay { since, due: moment(log::DUE), note }))
}

/// Which of these records, which the asker may read, have been in their stage for too long.
///
/// # Errors
/// When the database does not answer.
pub async fn late_among(
    session: &Session,
    entity: &EntityModel,
    field: &FieldModel,
    records: &[Uuid],
) -> Result<HashSet<Uuid>> {
    let processes = super::of_entity(&session.model, entity);
    let is_limited = processes
        .iter()
        .filter(|process| process.field == field.name)
        .any(|process| process.stages.iter().any(|stage| stage.limit.is_some()));
    if !is_limited || records.is_empty() {
        return Ok(HashSet::new());
    }
    let history = history(session)?;
    let records: Vec<Value> = records.iter().map(|id| link(entity, *id)).collect();
    let filter = Filter::All(vec![
        is(&history, log::RECORD, Operator::In, Operand::Many(records)),
        equals(&history, log::FIELD, Value::text(&field.key)),
        equals(&history, log::WHAT, Value::text(STAY)),
        equals(&history, log::CURRENT, Value::Boolean(true)),
        is(&history, log::DUE, Operator::Lte, Operand::One(Value::DateTime(session.now))),
    ]);
    let late = found(session, &history, filter, 5_000).await?;
    Ok(late.iter().filter_map(|entry| value(&history, entry, log::RECORD).as_id()).collect())
}
