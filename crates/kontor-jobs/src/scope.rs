//! What the values of a step may look at: the record that started the workflow, records that steps named, the user
//! and the moment.

use std::collections::HashMap;
use std::sync::Arc;

use kontor_core::records::LazySubject;
use kontor_core::records::batch::Batch;
use kontor_core::{Error, Result, Session};
use kontor_flow::{RunState, Scope};
use kontor_model::filter::{FilterContext, Subject};
use uuid::Uuid;

use crate::event::old_of;

/// What the values of a step may look at.
pub struct RunScope {
    entity: String,
    id: Uuid,
    record: LazySubject,
    named: HashMap<String, (String, Uuid, Option<LazySubject>)>,
    context: FilterContext,
}

impl RunScope {
    /// Reads the record and what earlier steps named.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the record has gone.
    pub async fn new(session: &Session, state: &RunState) -> Result<Self> {
        let entity = session.model.entity(&state.entity).cloned().ok_or(Error::NotFound)?;
        let mut batch = Batch::default();
        let record = batch.record(session, &entity, state.record).await?.ok_or(Error::NotFound)?;
        let old = old_of(session, &entity, &record, &state.old);
        let mut named = HashMap::new();
        for (name, known) in &state.names {
            let Some(known) = known else { continue };
            let Some(other) = session.model.entity(&known.entity).cloned() else { continue };
            let found = batch.record(session, &other, known.id).await?;
            let subject = found.map(|record| LazySubject::new(session, &other, (*record).clone(), None));
            named.insert(name.clone(), (known.entity.clone(), known.id, subject));
        }
        Ok(Self {
            entity: entity.name.clone(),
            id: state.record,
            record: LazySubject::new(session, &entity, (*record).clone(), old),
            named,
            context: session.filter_context(),
        })
    }

    /// The record that started the workflow.
    pub fn subject(&self) -> &LazySubject {
        &self.record
    }

    /// The entity of the record that started the workflow.
    pub fn entity(&self) -> &Arc<kontor_model::EntityModel> {
        &self.record.entity
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
