//! Many saves at once: all or nothing, or each for itself.

use std::sync::Arc;

use kontor_model::{EntityModel, Json, Problem, Problems, Value};
use serde_json::Map;
use uuid::Uuid;

use super::batch::{Batch, Found};
use super::draft::{Incoming, Save};
use super::refused::commit_told;
use super::save::{Prepared, prepare};
use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::{Verb, demand};

/// The most records of one request.
pub const MAX_RECORDS: usize = 10_000;

/// What shall be done.
#[derive(Clone, Debug, Default)]
pub struct Bulk {
    /// New records.
    pub create: Vec<Map<String, Json>>,
    /// Changes; each object has an `id`.
    pub update: Vec<Map<String, Json>>,
    /// Changes with values as forms send them.
    pub change: Vec<Change>,
    /// Ids.
    pub delete: Vec<Uuid>,
    /// Ids of records of the bin that are removed for good.
    pub purge: Vec<Uuid>,
    /// Creates become updates where a record has the same value in this field.
    pub upsert_by: Option<String>,
    /// Each for itself.
    pub partial: bool,
    /// Parts that could not even be read: nothing is written then, and they are told beside what else is wrong.
    pub unreadable: Problems,
}

/// A record with the values that shall change.
#[derive(Clone, Debug)]
pub struct Change {
    /// The record.
    pub id: Uuid,
    /// The version that it must still have.
    pub version: Option<i64>,
    /// The values.
    pub values: Vec<(String, Incoming)>,
}

/// What became of one of them.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Done: the record, what rules warned of, and the version that was written; none where
    /// nothing changed, and for one that went to the bin.
    Done(Uuid, Problems, Option<i64>),
    /// Not done.
    Refused(Problems),
}

/// What became of all, in the order create, update, change, delete, purge. What is removed for good is so behind
/// everything else, all at once.
///
/// # Errors
/// Without `partial`: [`Error::Problems`] with paths such as `/create/3/amount`, and nothing was written.
pub async fn bulk(session: &Session, entity: &Arc<EntityModel>, bulk: Bulk) -> Result<Vec<Outcome>> {
    demand(session, entity, Verb::Bulk)?;
    let count =
        bulk.create.len() + bulk.update.len() + bulk.change.len() + bulk.delete.len() + bulk.purge.len();
    if count > MAX_RECORDS {
        return Err(Problem::new("too_many", "").with("limit", MAX_RECORDS).into());
    }
    let Bulk { create, update, change, delete, purge, .. } = bulk;
    let mut items = items(create, update, change, delete);
    let mut batch = Batch::default();
    let mut problems = bulk.unreadable;
    let upsert_by = bulk.upsert_by.as_deref();
    if bulk.partial && problems.is_empty() {
        let places = purge.into_iter().enumerate();
        items.extend(places.map(|(n, id)| (format!("/purge/{n}"), Item::Purge(id))));
        return one_by_one(session, entity, items, upsert_by).await;
    }
    let mut outcomes = Vec::with_capacity(items.len());
    for (path, item) in items {
        batch.at.clone_from(&path);
        match one(session, &mut batch, entity, item, upsert_by).await {
            Ok((id, warnings, version)) => outcomes.push(Outcome::Done(id, warnings, version)),
            Err(error) => match problems_of(error) {
                Ok(wrong) => problems.extend_under(&path, wrong),
                Err(error) => return Err(session.unless_outdated(error).await),
            },
        }
    }
    if !purge.is_empty() {
        match super::purge::prepare(session, &mut batch, entity, &purge).await {
            Ok(()) => outcomes.extend(purge.into_iter().map(|id| Outcome::Done(id, Problems::new(), None))),
            Err(Error::Problems(wrong)) => problems.0.extend(wrong.0),
            Err(error) => return Err(session.unless_outdated(error).await),
        }
    }
    // Warnings are among them only when the caller wants to be asked.
    if !problems.is_empty() {
        return Err(Error::Problems(problems));
    }
    commit_told(session, session, &mut batch).await?;
    Ok(outcomes)
}

/// Each by itself, committed before the next. When somebody publishes meanwhile, the rest is done on the newest model.
async fn one_by_one(
    session: &Session,
    entity: &Arc<EntityModel>,
    items: Vec<(String, Item)>,
    upsert_by: Option<&str>,
) -> Result<Vec<Outcome>> {
    let (mut session, mut entity) = (session.clone(), Arc::clone(entity));
    let mut outcomes = Vec::with_capacity(items.len());
    for (_, item) in items {
        let mut done = alone(&session, &entity, item.clone(), upsert_by).await;
        if matches!(&done, Err(error) if error.is_outdated()) {
            session = session.renewed().await?;
            entity = session.entity(&entity.name)?;
            done = alone(&session, &entity, item, upsert_by).await;
        }
        outcomes.push(match done {
            Ok((id, warnings, version)) => Outcome::Done(id, warnings, version),
            // What was written before stays written: it must not look as if all of it had failed.
            Err(error) if error.is_outdated() => Outcome::Refused(Problem::new("unavailable", "").into()),
            Err(error) => Outcome::Refused(problems_of(error)?),
        });
    }
    Ok(outcomes)
}

/// What became of one record: its id, warnings, and the version that was written.
type OneDone = (Uuid, Problems, Option<i64>);

/// One record of many, with a commit of its own.
async fn alone(
    session: &Session,
    entity: &Arc<EntityModel>,
    item: Item,
    upsert_by: Option<&str>,
) -> Result<OneDone> {
    let mut batch = Batch::default();
    match one(session, &mut batch, entity, item, upsert_by).await {
        Ok(done) => {
            commit_told(session, session, &mut batch).await?;
            Ok(done)
        }
        Err(error) => Err(session.unless_outdated(error).await),
    }
}

#[derive(Clone)]
enum Item {
    Create(Map<String, Json>),
    Update(Map<String, Json>),
    Change(Change),
    Delete(Uuid),
    Purge(Uuid),
}

fn items(
    create: Vec<Map<String, Json>>,
    update: Vec<Map<String, Json>>,
    change: Vec<Change>,
    delete: Vec<Uuid>,
) -> Vec<(String, Item)> {
    let create =
        create.into_iter().enumerate().map(|(n, values)| (format!("/create/{n}"), Item::Create(values)));
    let update =
        update.into_iter().enumerate().map(|(n, values)| (format!("/update/{n}"), Item::Update(values)));
    let change =
        change.into_iter().enumerate().map(|(n, change)| (format!("/change/{n}"), Item::Change(change)));
    let delete = delete.into_iter().enumerate().map(|(n, id)| (format!("/delete/{n}"), Item::Delete(id)));
    create.chain(update).chain(change).chain(delete).collect()
}

async fn one(
    session: &Session,
    batch: &mut Batch,
    entity: &Arc<EntityModel>,
    item: Item,
    upsert_by: Option<&str>,
) -> Result<OneDone> {
    let saved = |Prepared { draft }: Prepared| {
        let (before, now) = (draft.old.as_ref().map(kontor_model::Record::version), draft.record.version());
        (draft.record.id(), draft.problems, (before != Some(now)).then_some(now))
    };
    match item {
        Item::Create(values) => {
            let existing = match upsert_by {
                Some(by) => existing(session, batch, entity, by, &values).await?,
                None => None,
            };
            let save = Save {
                entity: Arc::clone(entity),
                id: existing,
                expected_version: None,
                values: Save::values_of(&values),
                form: None,
            };
            prepare(session, batch, save).await.map(saved)
        }
        Item::Update(mut values) => {
            let id = values
                .shift_remove("id")
                .and_then(|id| id.as_str().and_then(|text| text.parse::<Uuid>().ok()));
            let id =
                id.ok_or_else(|| Error::from(Problem::at_field("required", "id").with("field", "id")))?;
            let version = values.shift_remove("version").and_then(|version| version.as_i64());
            let save = Save {
                entity: Arc::clone(entity),
                id: Some(id),
                expected_version: version,
                values: Save::values_of(&values),
                form: None,
            };
            prepare(session, batch, save).await.map(saved)
        }
        Item::Change(Change { id, version, values }) => {
            let save = Save { expected_version: version, ..Save::update(entity, id, values) };
            prepare(session, batch, save).await.map(saved)
        }
        Item::Delete(id) => {
            super::delete::prepare(session, batch, entity, id, None).await?;
            Ok((id, Problems::new(), None))
        }
        Item::Purge(id) => {
            super::purge::prepare(session, batch, entity, &[id]).await?;
            Ok((id, Problems::new(), None))
        }
    }
}

async fn existing(
    session: &Session,
    batch: &mut Batch,
    entity: &Arc<EntityModel>,
    by: &str,
    values: &Map<String, Json>,
) -> Result<Option<Uuid>> {
    let Some(field) = entity.field(by) else {
        return Err(Problem::new("unknown_field", "/upsert_by").with("field", by).into());
    };
    let Some(json) = values.get(by) else { return Ok(None) };
    let value = match super::parse::read_value(session, batch, field, Incoming::Json(json.clone())).await? {
        Ok(value) => value,
        Err(problem) => return Err(problem.into()),
    };
    if matches!(value, Value::Empty) {
        return Ok(None);
    }
    match batch.find(session, entity, field.index, &value).await? {
        Found::One(id) => Ok(Some(id)),
        Found::None => Ok(None),
        Found::Several => Err(Problem::at_field("link_ambiguous", by).with("value", json).into()),
    }
}

/// What the person can put right; everything else stays a failure of the whole request.
pub(super) fn problems_of(error: Error) -> Result<Problems> {
    match error {
        Error::Problems(problems) => Ok(problems),
        Error::NotFound => Ok(Problem::new("not_found", "").into()),
        Error::Forbidden(verb) => Ok(Problem::new("forbidden", "").with("verb", verb).into()),
        Error::VersionConflict { .. } => Ok(Problem::new("version_conflict", "").into()),
        error => Err(error),
    }
}
