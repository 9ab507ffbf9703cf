//! What a process that is new, or another one now, means for records that stand in its stages already: those whose stay
//! nobody noted begin one, and time limits are those that there are now.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use kontor_model::definition::process::{ProcessDefinition, Stage};
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, Has, Leaf, Offset, Operand, Operator};
use kontor_model::stages::{STAY, log};
use kontor_model::{EntityModel, FieldModel, Json, Record, Value};
use kontor_store::{CommitError, Cursor, PageQuery};

use super::clock::{Slice, Turn};
use super::entries::{current, equals, found, found_after, history, is, value};
use super::note::{begin, change, end};
use crate::Session;
use crate::error::{Error, Result};
use crate::records::batch::Batch;
use crate::records::save::commit;
use crate::records::select::own_paths;
use crate::workspace::Settings;

/// Entries that are looked at together.
const CHUNK: u64 = 500;
/// Records that begin their stay together.
const RECORDS: u64 = 100;
/// What a chunk costs of a turn.
const COST: u32 = 10;
/// A chunk that others write into is taken again so often in one turn.
const ATTEMPTS: u32 = 5;

/// What stays and limits of a process hang on, in short: where it is another, they are looked at anew.
pub(super) fn print(
    entity: &EntityModel,
    process: &ProcessDefinition,
    field: &FieldModel,
    settings: &Settings,
) -> Json {
    let mut hasher = DefaultHasher::new();
    (&entity.key, &field.key, settings.zone.name()).hash(&mut hasher);
    serde_json::to_string(process).unwrap_or_default().hash(&mut hasher);
    if process.stages.iter().filter_map(Stage::limit).any(Offset::is_working_time) {
        format!("{:?}", settings.working).hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish()).into()
}

impl Turn<'_> {
    /// Records that stand in a stage without a stay there begin one: the process, or the history, is younger than they are.
    /// They are known to have been there since they were saved last. Whether all of them have one now.
    pub(super) async fn stays_begin(&self, slice: &mut Slice) -> Result<bool> {
        for option in &self.field.definition.one_of {
            let mut after = None;
            loop {
                let (records, more) = self.without_stay(&option.value, after).await?;
                if !records.is_empty() && !self.begin_all(&records, slice).await? {
                    return Ok(false);
                }
                after = more;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(true)
    }

    async fn begin_all(&self, records: &[Record], slice: &mut Slice) -> Result<bool> {
        if !slice.take(COST) {
            return Ok(false);
        }
        let (session, mut batch) = (self.session, Batch::default());
        let (history, settings) = (history(session)?, session.workspace.settings());
        for record in records {
            for old in current(session, self.entity, record.id(), self.field, STAY).await? {
                end(session, &mut batch, &history, old);
            }
            let at = match record.at(system::UPDATED_AT) {
                Value::DateTime(at) => (*at).min(session.now),
                _ => session.now,
            };
            let stage = record.at(self.field.index).clone();
            let process = super::deciding(session, &mut batch, self.entity, record, &self.field.name).await?;
            let limit = process.as_ref().and_then(|process| process.stage(stage.as_text()?)?.limit());
            let due = limit.map(|limit| limit.apply(at, settings.zone, &settings.working));
            let values = vec![
                (log::WHAT, Value::text(STAY)),
                (log::TO, stage),
                (log::AT, Value::DateTime(at)),
                (log::DUE, due.map_or(Value::Empty, Value::DateTime)),
            ];
            begin(session, &mut batch, &history, (self.entity, record, self.field), values);
        }
        written(session, &mut batch).await
    }

    /// Records in a stage whose history does not say that they are there.
    async fn without_stay(
        &self,
        stage: &str,
        after: Option<Cursor>,
    ) -> Result<(Vec<Record>, Option<Cursor>)> {
        let session = self.session;
        let history = history(session)?;
        let own = FieldPath::own(self.entity.name.clone(), self.field.index);
        let stands = Leaf { path: own, operator: Operator::Eq, operand: Operand::One(Value::text(stage)) };
        let stay = Filter::All(vec![
            equals(&history, log::FIELD, Value::text(&self.field.key)),
            equals(&history, log::CURRENT, Value::Boolean(true)),
            equals(&history, log::WHAT, Value::text(STAY)),
            equals(&history, log::TO, Value::text(stage)),
        ]);
        let has = Has {
            entity: history.name.clone(),
            field: history.field_index(log::RECORD).unwrap_or_default(),
            filter: Box::new(stay),
            at_least: None,
            at_most: Some(0),
        };
        let query = PageQuery {
            entity: self.entity.name.clone(),
            select: own_paths(self.entity, |_| true),
            filter: Filter::All(vec![Filter::Leaf(stands), Filter::Has(has)]),
            limit: RECORDS,
            after,
            ..PageQuery::default()
        };
        let workspace = &session.workspace;
        let context = session.filter_context();
        let page = workspace.store.page(&session.model, &workspace.full_access, &query, &context).await?;
        Ok((page.rows.into_iter().map(|values| Record { values }).collect(), page.next))
    }

    /// Stays that began under another time limit get the one that there is now; whether all have it.
    pub(super) async fn limits(&self, slice: &mut Slice) -> Result<bool> {
        let session = self.session;
        let history = history(session)?;
        for stage in &self.process.stages {
            let mut filter = self.stays(&history, &stage.value);
            if stage.limit().is_none() {
                filter = filter.and(is(&history, log::DUE, Operator::Empty, Operand::Flag(false)));
            }
            let (mut after, mut attempts) = (None, 0);
            loop {
                let (entries, more) =
                    found_after(session, &history, filter.clone(), CHUNK, after.clone()).await?;
                let mut batch = self.renewed(&history, &stage.value, entries).await?;
                // What is as it should be costs nothing: the next turn comes this far for sure.
                if !batch.unit.writes.is_empty() {
                    if attempts > ATTEMPTS || !slice.take(COST) {
                        return Ok(false);
                    }
                    if !written(session, &mut batch).await? {
                        // Whoever moved a record meanwhile wrote what counts; the others are looked at anew.
                        attempts += 1;
                        continue;
                    }
                }
                attempts = 0;
                after = more;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(true)
    }

    /// The writes for entries of a stage whose limit is another one.
    async fn renewed(&self, history: &Arc<EntityModel>, stage: &str, entries: Vec<Record>) -> Result<Batch> {
        let session = self.session;
        let settings = session.workspace.settings();
        let of = |process: &ProcessDefinition, at: DateTime<Utc>| {
            let limit = process.stage(stage).and_then(Stage::limit);
            let until = limit.map(|limit| limit.apply(at, settings.zone, &settings.working));
            until.map_or(Value::Empty, Value::DateTime)
        };
        let mut batch = Batch::default();
        for entry in entries {
            let Value::DateTime(at) = *value(history, &entry, log::AT) else { continue };
            let known = value(history, &entry, log::DUE).clone();
            if of(self.process, at) == known {
                continue;
            }
            let due = match self.deciding(&mut batch, &entry, history).await? {
                Some(process) if process.name != self.process.name => continue,
                Some(process) => of(&process, at),
                None => Value::Empty,
            };
            if due != known {
                change(session, &mut batch, history, entry, [(log::DUE, due)]);
            }
        }
        Ok(batch)
    }
}

/// Takes time limits away from stays in stages that no process limits any more; whether none is left.
pub(super) async fn without_limit(
    session: &Session,
    processes: &[(Arc<EntityModel>, Arc<ProcessDefinition>)],
    slice: &mut Slice,
) -> Result<bool> {
    let history = history(session)?;
    let limited = processes.iter().filter_map(|(entity, process)| {
        let field = entity.field(&process.field)?;
        let stages = process.stages.iter().filter(|stage| stage.limit().is_some());
        let stages: Vec<Value> = stages.map(|stage| Value::text(&stage.value)).collect();
        (!stages.is_empty()).then(|| {
            Filter::All(vec![
                equals(&history, log::ENTITY, Value::text(&entity.key)),
                equals(&history, log::FIELD, Value::text(&field.key)),
                is(&history, log::TO, Operator::In, Operand::Many(stages)),
            ])
        })
    });
    // The history of what is parked stays as it is.
    let entities: Vec<Value> =
        session.model.entities.values().map(|entity| Value::text(&entity.key)).collect();
    let mut all = vec![
        equals(&history, log::CURRENT, Value::Boolean(true)),
        equals(&history, log::WHAT, Value::text(STAY)),
        is(&history, log::DUE, Operator::Empty, Operand::Flag(false)),
        is(&history, log::ENTITY, Operator::In, Operand::Many(entities)),
    ];
    all.extend(limited.map(|limited| Filter::Not(Box::new(limited))));
    let (filter, mut attempts) = (Filter::All(all), 0);
    loop {
        let entries = found(session, &history, filter.clone(), CHUNK).await?;
        if entries.is_empty() {
            return Ok(true);
        }
        if attempts > ATTEMPTS || !slice.take(COST) {
            return Ok(false);
        }
        let mut batch = Batch::default();
        for entry in entries {
            change(session, &mut batch, &history, entry, [(log::DUE, Value::Empty)]);
        }
        attempts = if written(session, &mut batch).await? { 0 } else { attempts + 1 };
    }
}

/// Commits; false when somebody else wrote one of the entries in between, and nothing was done.
async fn written(session: &Session, batch: &mut Batch) -> Result<bool> {
    match commit(session, batch).await {
        Ok(_) => Ok(true),
        Err(CommitError::Conflict { .. }) => Ok(false),
        Err(CommitError::Store(error)) => Err(error.into()),
        Err(error) => Err(Error::internal(error)),
    }
}
