//! What the values of a step may look at: the record that started the workflow, records that steps named, the user
//! and the moment.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use kontor_flow::{RunState, Scope};
use kontor_model::filter::{FieldPath, Filter, FilterContext, Has, Subject};
use kontor_model::inputs::{Hanging, Inputs};
use kontor_model::{EntityModel, Json, Model, Record, Value};
use uuid::Uuid;

use super::named::{NamedRecord, seen_title};
use crate::Session;
use crate::error::{Error, Result};
use crate::records::LazySubject;
use crate::records::batch::{Batch, deleted};

/// What the values of a step may look at.
pub struct RunScope {
    entity: String,
    id: Uuid,
    record: WithHanging,
    named: HashMap<String, (String, Uuid, Option<Arc<NamedRecord>>)>,
    session: Session,
    context: FilterContext,
    model: Arc<Model>,
}

/// A record, and what hangs on it, each behind its way: paths that begin with the name of the way lead there.
struct WithHanging {
    record: LazySubject,
    hanging: Vec<(usize, Behind)>,
}

/// What lies behind a way.
enum Behind {
    /// What was typed, sent or answered; blank as long as it was not.
    Values { of: Box<LazySubject>, are_given: bool },
    /// A record that a step named; none where it found none, or the record has gone.
    Record(Option<Arc<NamedRecord>>),
}

/// What a path is asked of.
enum Asked<'a> {
    /// Of a record or of values, with what is left of the path.
    Subject(&'a dyn Subject, Cow<'a, FieldPath>),
    /// The path is a way and nothing more.
    Way(&'a Behind),
    Nothing,
}

impl WithHanging {
    fn asked<'a>(&'a self, path: &'a FieldPath) -> Asked<'a> {
        let Some((_, behind)) = self.hanging.iter().find(|(link, _)| *link == path.first()) else {
            return Asked::Subject(&self.record, Cow::Borrowed(path));
        };
        let Some((_, rest)) = path.hops.split_first() else { return Asked::Way(behind) };
        let rest = FieldPath { hops: rest.to_vec(), entity: path.entity.clone(), field: path.field };
        match behind {
            Behind::Values { of, .. } => Asked::Subject(of.as_ref(), Cow::Owned(rest)),
            Behind::Record(Some(record)) => Asked::Subject(record.as_ref(), Cow::Owned(rest)),
            Behind::Record(None) => Asked::Nothing,
        }
    }
}

impl Behind {
    /// What stands at the way itself: the record, or that there is an answer.
    fn value(&self) -> Value {
        let id = match self {
            Self::Record(record) => record.as_ref().and_then(|record| record.id()),
            Self::Values { are_given, .. } => are_given.then(Uuid::nil),
        };
        id.map_or(Value::Empty, Value::Id)
    }
}

impl Subject for WithHanging {
    fn value(&self, path: &FieldPath) -> Value {
        match self.asked(path) {
            Asked::Subject(subject, path) => subject.value(&path),
            Asked::Way(behind) => behind.value(),
            Asked::Nothing => Value::Empty,
        }
    }

    fn count(&self, has: &Has) -> u64 {
        self.record.count(has)
    }

    fn is_under(&self, path: &FieldPath, top: Uuid) -> bool {
        match self.asked(path) {
            Asked::Subject(subject, path) => subject.is_under(&path, top),
            Asked::Way(Behind::Record(Some(record))) => record.is_itself_under(top),
            Asked::Way(_) | Asked::Nothing => false,
        }
    }

    fn old(&self, path: &FieldPath) -> Option<Value> {
        self.record.old(path)
    }

    fn past(&self, path: &FieldPath) -> Vec<Value> {
        match self.asked(path) {
            Asked::Subject(subject, path) => subject.past(&path),
            Asked::Way(_) | Asked::Nothing => Vec::new(),
        }
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
        // Where no record began the run, nothing of it can be asked: a blank one stands for it.
        let name = if state.entity.is_empty() { kontor_flow::step::PERSON } else { state.entity.as_str() };
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
            let found = NamedRecord::read(session, batch, &other, known.id).await?.map(Arc::new);
            named.insert(name.clone(), (known.entity.clone(), known.id, found));
        }
        let record = LazySubject::new(session, &entity, (*record).clone(), old);
        Ok(Self {
            entity: entity.name.clone(),
            id: state.record,
            record: WithHanging { record, hanging: Vec::new() },
            named,
            session: session.clone(),
            context: session.filter_context(),
            model: Arc::clone(&session.model),
        })
    }

    /// The same, with what was typed for an action.
    #[must_use]
    pub fn with_inputs(mut self, session: &Session, inputs: &Inputs, typed: Record) -> Self {
        let typed = LazySubject::new(session, &inputs.entity, typed, None);
        self.record.hanging.push((inputs.link, Behind::Values { of: Box::new(typed), are_given: true }));
        self.model = Arc::clone(&inputs.model);
        self
    }

    /// The same, with what hangs on the record of a run; what was not answered yet, and what no step has named, is empty. What
    /// was typed for an action hangs there already.
    #[must_use]
    pub fn with_hanging(mut self, session: &Session, hanging: Option<&Hanging>, state: &RunState) -> Self {
        let Some(hanging) = hanging else { return self };
        let typed: Vec<usize> = self.record.hanging.iter().map(|(link, _)| *link).collect();
        for way in hanging.ways.iter().filter(|way| !typed.contains(&way.link)) {
            let values = state.values.get(&way.name);
            let mut record = Record::empty(&way.entity);
            set(session, &way.entity, &mut record, values.unwrap_or(&Json::Null));
            kontor_model::kind::settle(&way.entity, &mut record);
            let of = Box::new(LazySubject::new(session, &way.entity, record, None));
            self.record.hanging.push((way.link, Behind::Values { of, are_given: values.is_some() }));
        }
        for way in &hanging.records {
            let named = self.named.get(&way.name).filter(|(entity, ..)| *entity == way.entity);
            let record = named.and_then(|(_, _, record)| record.clone());
            self.record.hanging.push((way.link, Behind::Record(record)));
        }
        self.model = Arc::clone(&hanging.model);
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
        subject.as_ref().map(|subject| subject.as_ref() as &dyn Subject)
    }

    fn named_id(&self, name: &str) -> Option<(String, Uuid)> {
        self.named.get(name).map(|(entity, id, _)| (entity.clone(), *id))
    }

    fn record_id(&self) -> (String, Uuid) {
        (self.entity.clone(), self.id)
    }

    fn title_of(&self, entity: &str, id: Uuid) -> Option<String> {
        seen_title(&self.session, entity, id)
    }

    fn context(&self) -> &FilterContext {
        &self.context
    }
}

/// The record before the change: as it is now, with the old values of what changed.
pub fn old_of(session: &Session, entity: &EntityModel, record: &Record, old: &Json) -> Option<Record> {
    old.as_object()?;
    let mut before = record.clone();
    set(session, entity, &mut before, old);
    Some(before)
}

/// Sets fields to values in their JSON form; what cannot be read is empty.
fn set(session: &Session, entity: &EntityModel, record: &mut Record, values: &Json) {
    for (name, json) in values.as_object().into_iter().flatten() {
        let Some(field) = entity.field(name) else { continue };
        let value = if json.is_null() {
            Value::Empty
        } else {
            field.kind.parse_json(field, json, &session.parse_context()).unwrap_or_default()
        };
        record.set(field.index, value);
    }
}
