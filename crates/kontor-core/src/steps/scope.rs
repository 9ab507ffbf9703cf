//! What the values of a step may look at: the record that started the workflow, records that steps named, the user
//! and the moment.

use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;
use kontor_flow::{Answers, RunState, Scope};
use kontor_model::filter::{FieldPath, Filter, FilterContext, Has, Subject};
use kontor_model::inputs::Inputs;
use kontor_model::{EntityModel, Json, Model, Record, Value};
use uuid::Uuid;

use crate::Session;
use crate::error::{Error, Result};
use crate::records::LazySubject;
use crate::records::batch::{Batch, deleted};

/// What the values of a step may look at.
pub struct RunScope {
    entity: String,
    id: Uuid,
    record: WithInputs,
    named: HashMap<String, (String, Uuid, Option<LazySubject>)>,
    context: FilterContext,
    model: Arc<Model>,
}

/// A record, and beside it what was typed for an action, and answered: paths that begin with `input`, or with the name of an
/// answer, lead there.
struct WithInputs {
    record: LazySubject,
    inputs: Vec<(usize, LazySubject)>,
}

impl WithInputs {
    /// The subject that a path is asked of, and what is left of the path there.
    fn asked<'a>(&'a self, path: &'a FieldPath) -> (&'a LazySubject, std::borrow::Cow<'a, FieldPath>) {
        let first = path.hops.split_first();
        let found = first.and_then(|(first, _)| self.inputs.iter().find(|(link, _)| first.field == *link));
        match (found, first) {
            (Some((_, inputs)), Some((_, rest))) => {
                let rest = FieldPath { hops: rest.to_vec(), entity: path.entity.clone(), field: path.field };
                (inputs, std::borrow::Cow::Owned(rest))
            }
            _ => (&self.record, std::borrow::Cow::Borrowed(path)),
        }
    }
}

impl Subject for WithInputs {
    fn value(&self, path: &FieldPath) -> Value {
        let (subject, path) = self.asked(path);
        subject.value(&path)
    }

    fn count(&self, has: &Has) -> u64 {
        self.record.count(has)
    }

    fn is_under(&self, path: &FieldPath, top: Uuid) -> bool {
        let (subject, path) = self.asked(path);
        subject.is_under(&path, top)
    }

    fn old(&self, path: &FieldPath) -> Option<Value> {
        self.record.old(path)
    }

    fn past(&self, path: &FieldPath) -> Vec<Value> {
        let (subject, path) = self.asked(path);
        subject.past(&path)
    }

    fn reaches(&self, condition: &Filter) -> bool {
        self.record.reaches(condition)
    }
}

impl RunScope {
    /// Reads the record and what earlier steps named, as the batch has written them.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the record has gone.
    pub async fn new(session: &Session, batch: &mut Batch, state: &RunState) -> Result<Self> {
        // Where time began the run for no record, nothing of it can be asked: a blank one stands for it.
        let name = if state.has_record() { state.entity.as_str() } else { "user" };
        let entity = session.model.entity(name).cloned().ok_or(Error::NotFound)?;
        let record = if state.has_record() {
            let found = match batch.record(session, &entity, state.record).await? {
                // What its deletion set going is about it as it lies in the bin.
                None if state.of_deleted => deleted(session, &entity, state.record).await?,
                found => found,
            };
            found.ok_or(Error::NotFound)?
        } else {
            Arc::new(Record::empty(&entity))
        };
        let old = old_of(session, &entity, &record, &state.old);
        let mut named = HashMap::new();
        for (name, known) in &state.names {
            let Some(known) = known else { continue };
            let Some(other) = session.model.entity(&known.entity).cloned() else { continue };
            let found = batch.record(session, &other, known.id).await?;
            let subject = found.map(|record| LazySubject::new(session, &other, (*record).clone(), None));
            named.insert(name.clone(), (known.entity.clone(), known.id, subject));
        }
        let record = LazySubject::new(session, &entity, (*record).clone(), old);
        Ok(Self {
            entity: entity.name.clone(),
            id: state.record,
            record: WithInputs { record, inputs: Vec::new() },
            named,
            context: session.filter_context(),
            model: Arc::clone(&session.model),
        })
    }

    /// The same, with what was typed for an action.
    #[must_use]
    pub fn with_inputs(mut self, session: &Session, inputs: &Inputs, typed: Record) -> Self {
        let typed = LazySubject::new(session, &inputs.entity, typed, None);
        self.record.inputs.push((inputs.link, typed));
        self.model = Arc::clone(&inputs.model);
        self
    }

    /// The same, with what people have answered so far; what was not asked yet is empty.
    #[must_use]
    pub fn with_answers(
        mut self,
        session: &Session,
        answers: &Answers,
        given: &IndexMap<String, Json>,
    ) -> Self {
        for one in answers.iter() {
            let entity = &one.inputs.entity;
            let mut typed = Record::empty(entity);
            let values = given.get(&one.name).and_then(Json::as_object).into_iter().flatten();
            for (name, json) in values.filter(|(_, json)| !json.is_null()) {
                let Some(field) = entity.field(name).filter(|field| field.part.is_none()) else { continue };
                let value = field.kind.parse_json(field, json, &session.parse_context());
                typed.set(field.index, value.unwrap_or_default());
            }
            kontor_model::kind::settle(entity, &mut typed);
            self.record.inputs.push((one.inputs.link, LazySubject::new(session, entity, typed, None)));
        }
        if let Some(model) = answers.shared_model() {
            self.model = model;
        }
        self
    }

    /// The record that started the workflow.
    pub fn subject(&self) -> &dyn Subject {
        &self.record
    }

    /// That record with its own values.
    pub fn stored(&self) -> &Record {
        &self.record.record.record
    }

    /// The entity of the record that started the workflow.
    pub fn entity(&self) -> &Arc<EntityModel> {
        &self.record.record.entity
    }

    /// The model that the paths of the steps were read against.
    pub fn model(&self) -> &Model {
        &self.model
    }
}

impl Scope for RunScope {
    fn record(&self) -> &dyn Subject {
        &self.record
    }

    fn named(&self, name: &str) -> Option<&dyn Subject> {
        let (_, _, subject) = self.named.get(name)?;
        subject.as_ref().map(|subject| subject as &dyn Subject)
    }

    fn named_id(&self, name: &str) -> Option<(String, Uuid)> {
        self.named.get(name).map(|(entity, id, _)| (entity.clone(), *id))
    }

    fn record_id(&self) -> (String, Uuid) {
        (self.entity.clone(), self.id)
    }

    fn context(&self) -> &FilterContext {
        &self.context
    }
}

/// The record before the change: as it is now, with the old values of what changed.
pub fn old_of(session: &Session, entity: &EntityModel, record: &Record, old: &Json) -> Option<Record> {
    let values = old.as_object()?;
    let mut before = record.clone();
    for (name, json) in values {
        let Some(field) = entity.field(name) else { continue };
        let value = if json.is_null() {
            Value::Empty
        } else {
            field.kind.parse_json(field, json, &session.parse_context()).unwrap_or_default()
        };
        before.set(field.index, value);
    }
    Some(before)
}
