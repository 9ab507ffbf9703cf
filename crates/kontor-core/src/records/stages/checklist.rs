//! The checklist of the stage that a record is in: its items, and who ticked which.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use kontor_model::access::FieldRight;
use kontor_model::definition::process::{ProcessDefinition, Stage};
use kontor_model::stages::{TICK, log};
use kontor_model::{EntityModel, FieldModel, Problem, Record, Value};
use kontor_store::CommitError;
use uuid::Uuid;

use super::entries::{history, ticks, value};
use super::note::{begin, end};
use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::{Verb, demand, demand_people, field_right};
use crate::records::batch::Batch;
use crate::records::save::{commit, reach};

/// An item of a checklist.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its name.
    pub name: String,
    /// What is to be done, in the asker's language.
    pub title: String,
    /// Whether the record does not leave the stage without it.
    pub required: bool,
    /// Who ticked it, and when; `None` while it is open.
    pub ticked: Option<(Option<Uuid>, DateTime<Utc>)>,
}

/// The items of the stage that a record is in, which the asker may read.
///
/// # Errors
/// When the database does not answer.
pub async fn checklist(
    session: &Session,
    entity: &EntityModel,
    record: &Record,
    field: &FieldModel,
) -> Result<Vec<Item>> {
    let mut batch = Batch::default();
    // Which process decides follows from fields, too, that the asker does not see.
    let stored = batch.record(session, entity, record.id()).await?;
    let record = stored.as_deref().unwrap_or(record);
    let process = super::deciding(session, &mut batch, entity, record, &field.name).await?;
    let stage = record.at(field.index).as_text().unwrap_or_default();
    let Some((process, stage)) = process.as_ref().and_then(|process| Some((process, process.stage(stage)?)))
    else {
        return Ok(Vec::new());
    };
    if stage.checklist.is_empty() {
        return Ok(Vec::new());
    }
    let history = history(session)?;
    let ticks = ticks(session, entity, record.id(), field, &stage.value).await?;
    let ticked = |name: &str| {
        let tick = ticks.iter().find(|tick| value(&history, tick, log::ITEM).as_text() == Some(name))?;
        match value(&history, tick, log::AT) {
            Value::DateTime(at) => Some((value(&history, tick, log::BY).as_id(), *at)),
            _ => None,
        }
    };
    let item = |check: &kontor_model::definition::process::Check| Item {
        title: title_of(session, process, stage, &check.name),
        ticked: ticked(&check.name),
        name: check.name.clone(),
        required: check.required,
    };
    Ok(stage.checklist.iter().map(item).collect())
}

fn title_of(session: &Session, process: &ProcessDefinition, stage: &Stage, name: &str) -> String {
    let own = stage.checklist.iter().find(|check| check.name == name).map_or(name, |check| &check.title);
    let path = format!("stages.{}.checklist.{name}.title", stage.value);
    session.catalogue.label("process", &process.name, &path, own).to_owned()
}

/// What stands in the way of leaving a stage: required items that nobody ticked.
pub async fn unticked(
    session: &Session,
    entity: &EntityModel,
    record: Uuid,
    field: &FieldModel,
    stage: Option<&Stage>,
) -> Result<Vec<Problem>> {
    let Some(stage) = stage.filter(|stage| stage.checklist.iter().any(|check| check.required)) else {
        return Ok(Vec::new());
    };
    let history = history(session)?;
    let ticks = ticks(session, entity, record, field, &stage.value).await?;
    let processes = super::of_entity(&session.model, entity);
    let is_ticked =
        |name: &str| ticks.iter().any(|tick| value(&history, tick, log::ITEM).as_text() == Some(name));
    let open = stage.checklist.iter().filter(|check| check.required && !is_ticked(&check.name));
    let problem = |check: &kontor_model::definition::process::Check| {
        let process = processes.iter().find(|process| {
            process.field == field.name
                && process.stage(&stage.value).is_some_and(|own| std::ptr::eq(own, stage))
        });
        let title = process
            .map_or_else(|| check.title.clone(), |process| title_of(session, process, stage, &check.name));
        let path = format!("/{}/checklist/{}", field.name, check.name);
        Problem::new("not_ticked", path).with("item", title)
    };
    Ok(open.map(problem).collect())
}

/// Ticks an item of the stage that a record is in, or takes its tick back. Whoever may change the record may do so.
///
/// # Errors
/// [`Error::NotFound`] for a record that cannot be seen and for an item that its stage does not have,
/// [`Error::Forbidden`].
pub async fn tick(
    session: &Session,
    entity: &Arc<EntityModel>,
    id: Uuid,
    field: &str,
    item: &str,
    done: bool,
) -> Result<()> {
    demand(session, entity, Verb::Read)?;
    let mut batch = Batch::default();
    let record = reach(session, &mut batch, entity, id, Verb::Update).await?;
    demand(session, entity, Verb::Update)?;
    demand_people(session, entity)?;
    let field = entity.field(field).ok_or(Error::NotFound)?;
    match field_right(session.actor.access.entity(&entity.name), entity, field) {
        FieldRight::None | FieldRight::Masked => return Err(Error::NotFound),
        FieldRight::Read => return Err(Error::Forbidden(Verb::Update.as_str())),
        FieldRight::Edit => {}
    }
    let items = checklist(session, entity, &record, field).await?;
    let known = items.iter().find(|known| known.name == item).ok_or(Error::NotFound)?;
    if known.ticked.is_some() == done {
        return Ok(());
    }
    let history = history(session)?;
    let stage = record.at(field.index).clone();
    if done {
        let values = vec![(log::WHAT, Value::text(TICK)), (log::TO, stage), (log::ITEM, Value::text(item))];
        begin(session, &mut batch, &history, (entity, &record, field), values);
    } else {
        let stage = stage.as_text().unwrap_or_default();
        for entry in ticks(session, entity, id, field, stage).await? {
            if value(&history, &entry, log::ITEM).as_text() == Some(item) {
                end(session, &mut batch, &history, entry);
            }
        }
    }
    match commit(session, &mut batch).await {
        // Somebody else took the same tick back at the same moment.
        Ok(_) | Err(CommitError::Conflict { .. }) => Ok(()),
        Err(CommitError::Store(error)) => Err(error.into()),
        Err(error) => Err(session.unless_outdated(Error::internal(error)).await),
    }
}
