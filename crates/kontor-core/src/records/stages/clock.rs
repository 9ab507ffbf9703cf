//! What time does to stages: records move by themselves when they have stayed for long enough, and time limits follow
//! their definitions. One timer looks at what the history says now, with the processes as they are now: whoever moves a
//! record, or changes its process, cancels what was to come.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use kontor_model::definition::process::{AutoMove, ProcessDefinition};
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, Hop, Leaf, Offset, Operand, Operator};
use kontor_model::stages::{STAY, log};
use kontor_model::{EntityModel, FieldModel, Json, Model, Record, Value};
use kontor_store::system::{SystemWrite, TimerRow};
use kontor_store::{CommitError, CommitUnit};
use serde_json::json;

use super::entries::{equals, found, found_after, history, is, value};
use super::note::change;
use crate::error::{Error, Result};
use crate::identity::system_session;
use crate::records::batch::Batch;
use crate::records::draft::{Incoming, Save};
use crate::records::save::{commit, save};
use crate::workspace::Settings;
use crate::{Origin, Session, Workspace};

/// The topic of the timer.
pub const STAGES: &str = "stages";
/// A record that could not be moved is tried again after that.
const AGAIN: i64 = 60;
/// Records that are read at once.
const AT_ONCE: u64 = 100;
/// The timer looks that often when nothing is due before.
const LOOK: i64 = 24 * 60;

/// The write by which the timer looks at once, with new processes.
pub(crate) fn another_look(now: DateTime<Utc>) -> SystemWrite {
    SystemWrite::PutTimer(crate::derived::timer(STAGES.into(), STAGES, json!({}), now))
}

/// Sees to it that there is a timer: when the runner starts.
///
/// # Errors
/// When the database does not answer.
pub async fn watch(workspace: &Arc<Workspace>) -> Result<()> {
    if workspace.store.timer(STAGES).await?.is_some() {
        return Ok(());
    }
    let unit = CommitUnit::from(another_look(workspace.clock.now()));
    workspace.store.commit(&workspace.model(), unit).await.map_err(Error::internal)?;
    Ok(())
}

/// One turn of the timer.
///
/// # Errors
/// When the database does not answer.
pub async fn ring(workspace: &Arc<Workspace>, row: &TimerRow) -> Result<()> {
    let mut session = system_session(workspace, Origin::Workflow);
    session.cause.by_process = true;
    let version = session.model.version;
    let is_new = row.payload.get("version").and_then(Json::as_i64) != Some(version);
    let mut next = session.now + Duration::minutes(LOOK);
    for (entity, process) in processes(&session.model) {
        let Some(field) = entity.field(&process.field) else { continue };
        let turn = Turn { session: &session, entity: &entity, process: &process, field };
        if is_new {
            turn.limits().await?;
        }
        for stage in &process.stages {
            for auto in &stage.auto {
                if let Some(due) = turn.moves(&stage.value, auto).await? {
                    next = next.min(due);
                }
            }
        }
    }
    let due_at = next.max(session.now + Duration::seconds(1));
    let mut unit = CommitUnit::from(SystemWrite::MoveTimer {
        claim: row.claim(),
        payload: json!({ "version": version }),
    });
    unit.system(SystemWrite::Again { claim: row.claim(), due_at });
    match workspace.store.commit(&session.model, unit).await {
        Ok(_) | Err(CommitError::LeaseLost(_)) => Ok(()),
        Err(CommitError::Store(error)) => Err(error.into()),
        Err(error) => Err(Error::internal(error)),
    }
}

/// All processes with what they are about.
fn processes(model: &Model) -> Vec<(Arc<EntityModel>, Arc<ProcessDefinition>)> {
    let of = |entity: &Arc<EntityModel>| {
        let own = model.about::<ProcessDefinition>(&entity.name);
        own.iter().map(|process| (Arc::clone(entity), Arc::clone(process))).collect::<Vec<_>>()
    };
    model.entities.values().flat_map(of).collect()
}

/// The moment that long before another: moved on again it is not after that one.
fn before(moment: DateTime<Utc>, span: Offset, settings: &Settings) -> DateTime<Utc> {
    span.reversed().apply(moment, settings.zone, &settings.working)
}

/// One process in a turn of the timer.
struct Turn<'a> {
    session: &'a Session,
    entity: &'a Arc<EntityModel>,
    process: &'a ProcessDefinition,
    field: &'a FieldModel,
}

impl Turn<'_> {
    /// Which stays go on in a stage, of records that are there.
    fn stays(&self, history: &EntityModel, stage: &str) -> Filter {
        let hop = Hop {
            entity: history.name.clone(),
            field: history.field_index(log::RECORD).unwrap_or_default(),
            to: self.entity.name.clone(),
        };
        let there = FieldPath { hops: vec![hop], entity: self.entity.name.clone(), field: system::ID };
        Filter::All(vec![
            equals(history, log::ENTITY, Value::text(&self.entity.key)),
            equals(history, log::FIELD, Value::text(&self.field.key)),
            equals(history, log::CURRENT, Value::Boolean(true)),
            equals(history, log::WHAT, Value::text(STAY)),
            equals(history, log::TO, Value::text(stage)),
            Filter::Leaf(Leaf { path: there, operator: Operator::Empty, operand: Operand::Flag(false) }),
        ])
    }

    /// Stays that began under another time limit get the one that there is now.
    async fn limits(&self) -> Result<()> {
        let session = self.session;
        let history = history(session)?;
        let settings = session.workspace.settings();
        let until = |limit: Offset, at| Value::DateTime(limit.apply(at, settings.zone, &settings.working));
        for stage in &self.process.stages {
            let mut after = None;
            loop {
                let filter = self.stays(&history, &stage.value);
                let (entries, next) = found_after(session, &history, filter, 500, after).await?;
                let mut batch = Batch::default();
                for entry in entries {
                    let Value::DateTime(at) = *value(&history, &entry, log::AT) else { continue };
                    if !self.decides(&mut batch, &entry, &history).await? {
                        continue;
                    }
                    let due = stage.limit().map_or(Value::Empty, |limit| until(limit, at));
                    if due != *value(&history, &entry, log::DUE) {
                        change(session, &mut batch, &history, entry, [(log::DUE, due)]);
                    }
                }
                // Whoever moved a record meanwhile wrote what counts: the next turn sees it.
                match commit(session, &mut batch).await {
                    Ok(_) | Err(CommitError::Conflict { .. }) => {}
                    Err(CommitError::Store(error)) => return Err(error.into()),
                    Err(error) => return Err(Error::internal(error)),
                }
                after = next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Whether this process is the one that decides over the record of an entry.
    async fn decides(&self, batch: &mut Batch, entry: &Record, history: &EntityModel) -> Result<bool> {
        let Some(id) = value(history, entry, log::RECORD).as_id() else { return Ok(false) };
        let Some(record) = batch.record(self.session, self.entity, id).await? else { return Ok(false) };
        let deciding = super::deciding(self.session, batch, self.entity, &record, &self.field.name).await?;
        Ok(deciding.is_some_and(|process| process.name == self.process.name))
    }

    /// Moves the records that have stayed for long enough; says when the next one will have.
    async fn moves(&self, stage: &str, auto: &AutoMove) -> Result<Option<DateTime<Utc>>> {
        let Some(span) = auto.span() else { return Ok(None) };
        let session = self.session;
        let history = history(session)?;
        let (now, settings) = (session.now, session.workspace.settings());
        let end = |at| span.apply(at, settings.zone, &settings.working);
        let moment = |name: &str, operator, moment| {
            is(&history, name, operator, Operand::One(Value::DateTime(moment)))
        };
        let untried = Filter::Any(vec![
            is(&history, log::TRIED, Operator::Empty, Operand::Flag(true)),
            moment(log::TRIED, Operator::Lte, now - Duration::minutes(AGAIN)),
        ]);
        let bound = before(now, span, &settings);
        let mut after = None;
        loop {
            let due =
                self.stays(&history, stage).and(moment(log::AT, Operator::Lte, bound)).and(untried.clone());
            let (entries, next) = found_after(session, &history, due, AT_ONCE, after).await?;
            for entry in entries {
                // Where the clocks were changed meanwhile, the end of the span decides.
                let is_due = |since: &Value| matches!(since, Value::DateTime(at) if end(*at) <= now);
                if is_due(value(&history, &entry, log::AT)) {
                    self.one(&history, entry, stage, &auto.to).await?;
                }
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
        let later = self.stays(&history, stage).and(moment(log::AT, Operator::Gt, bound));
        let later = found(session, &history, later, 1).await?;
        let first = later.first().and_then(|entry| match value(&history, entry, log::AT) {
            Value::DateTime(at) => Some(end(*at)),
            _ => None,
        });
        // Records that stay in spite of everything are looked at again later, new ones after the whole span.
        let again = (now + Duration::minutes(AGAIN)).min(end(now));
        Ok(Some(first.map_or(again, |first| first.min(again))))
    }

    /// Moves one record. What stands in the way is kept with its stay.
    async fn one(&self, history: &Arc<EntityModel>, entry: Record, stage: &str, to: &str) -> Result<()> {
        let session = self.session;
        let Some(id) = value(history, &entry, log::RECORD).as_id() else { return Ok(()) };
        let mut batch = Batch::default();
        let Some(record) = batch.record(session, self.entity, id).await? else { return Ok(()) };
        if record.at(self.field.index).as_text() != Some(stage)
            || !self.decides(&mut batch, &entry, history).await?
        {
            return Ok(());
        }
        let mut mover = session.clone();
        mover.cause.label = Some(format!("process:{}", self.process.name));
        let values = vec![(self.field.name.clone(), Incoming::Json(to.into()))];
        let expected_version = Some(record.version());
        let move_on = Save { expected_version, ..Save::update(self.entity, id, values) };
        let problems = match save(&mover, move_on).await {
            Ok(_) | Err(Error::NotFound | Error::VersionConflict { .. }) => return Ok(()),
            Err(Error::Problems(problems)) => problems,
            Err(error) => return Err(error),
        };
        let said = problems.iter().filter(|problem| !problem.warning);
        let note = said.map(|problem| problem.message(&session.catalogue)).collect::<Vec<_>>().join(" ");
        let mut batch = Batch::default();
        let values = [(log::TRIED, Value::DateTime(session.now)), (log::NOTE, Value::text(&note))];
        change(session, &mut batch, history, entry, values);
        match commit(session, &mut batch).await {
            Ok(_) | Err(CommitError::Conflict { .. }) => Ok(()),
            Err(CommitError::Store(error)) => Err(error.into()),
            Err(error) => Err(Error::internal(error)),
        }
    }
}
