//! A record that a step named, as conditions, formulas and texts of later steps read it: with the rights of who the run acts
//! for. What they do not see is empty.

use std::sync::Arc;

use kontor_model::access::FieldRight;
use kontor_model::filter::{FieldPath, Has, Subject};
use kontor_model::{EntityModel, Value};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::people;
use crate::permissions::field_right;
use crate::records::batch::Batch;
use crate::records::{LazySubject, is_visible, title_of};
use crate::{Result, Session};

/// The record, with who reads it.
#[derive(Debug)]
pub struct NamedRecord {
    session: Session,
    subject: LazySubject,
    is_seen: bool,
}

impl NamedRecord {
    /// Reads the record as the batch has written it; `None` when it is no longer there.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn read(
        session: &Session,
        batch: &mut Batch,
        entity: &Arc<EntityModel>,
        id: Uuid,
    ) -> Result<Option<Self>> {
        let Some(record) = batch.record(session, entity, id).await? else { return Ok(None) };
        let is_seen = is_visible(session, batch, entity, id).await?;
        let subject = LazySubject::new(session, entity, (*record).clone(), None);
        Ok(Some(Self { session: session.clone(), subject, is_seen }))
    }

    /// Its id, for who sees it.
    pub fn id(&self) -> Option<Uuid> {
        self.is_seen.then(|| self.subject.record.id())
    }

    /// Whether it stands below another record of its tree, or is it.
    pub fn is_itself_under(&self, top: Uuid) -> bool {
        let entity = &self.subject.entity;
        let Some(id) = self.id() else { return false };
        let above = entity.tree.map(|tree| FieldPath::own(entity.name.clone(), tree));
        id == top || above.is_some_and(|above| self.is_under(&above, top))
    }

    /// Whether a path may be followed to its end, link by link.
    fn sees(&self, path: &FieldPath) -> bool {
        let entity = &self.subject.entity;
        let first = entity.fields.get(path.first());
        let access = self.session.actor.access.entity(&entity.name);
        let may = first.is_some_and(|field| field_right(access, entity, field) != FieldRight::None);
        if !self.is_seen || !may {
            return false;
        }
        let Some((hop, rest)) = path.hops.split_first() else { return true };
        // What lies behind is stored, though the record itself may be in the making.
        let Some(id) = self.subject.record.at(hop.field).as_id() else { return true };
        let Some(next) = self.session.model.entity(&hop.to) else { return false };
        let rest = FieldPath { hops: rest.to_vec(), ..path.clone() };
        let seen = tokio::task::block_in_place(|| {
            let ask =
                async { people::may_see(&self.session, &mut Batch::default(), (next, id), &rest).await };
            Handle::current().block_on(ask)
        });
        seen.unwrap_or_else(|error| {
            tracing::warn!(%error, "whether a value behind a link may be seen could not be read");
            false
        })
    }
}

/// What titles a record, for who may see it.
pub fn seen_title(session: &Session, entity: &str, id: Uuid) -> Option<String> {
    let entity = session.model.entity(entity)?;
    let ask = async {
        let mut batch = Batch::default();
        let title = FieldPath::own(entity.name.clone(), entity.display);
        if !people::may_see(session, &mut batch, (entity, id), &title).await? {
            return Ok(None);
        }
        let record = batch.record(session, entity, id).await?;
        Ok::<_, crate::Error>(record.map(|record| title_of(entity, &record, session)))
    };
    let found = tokio::task::block_in_place(|| Handle::current().block_on(ask));
    found.unwrap_or_else(|error| {
        tracing::warn!(%error, "the title of a record could not be read");
        None
    })
}

impl Subject for NamedRecord {
    fn value(&self, path: &FieldPath) -> Value {
        if self.sees(path) { self.subject.value(path) } else { Value::Empty }
    }

    fn count(&self, has: &Has) -> u64 {
        if self.is_seen { self.subject.count(has) } else { 0 }
    }

    fn is_under(&self, path: &FieldPath, top: Uuid) -> bool {
        self.sees(path) && self.subject.is_under(path, top)
    }

    fn past(&self, path: &FieldPath) -> Vec<Value> {
        if self.sees(path) { self.subject.past(path) } else { Vec::new() }
    }
}
