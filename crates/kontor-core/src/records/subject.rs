//! A record as filters and formulas see it: its own values, and values behind links that were fetched before.

use std::collections::HashMap;
use std::pin::Pin;

use kontor_model::filter::{FieldPath, Filter, Has, Subject, matches};
use kontor_model::{Record, Value};
use uuid::Uuid;

use super::batch::Batch;
use crate::Session;
use crate::error::Result;

/// A record with what was fetched for the conditions that look at it.
#[derive(Debug)]
pub struct RecordSubject<'a> {
    record: &'a Record,
    old: Option<&'a Record>,
    linked: HashMap<FieldPath, Value>,
    counts: Vec<(Has, u64)>,
    /// What links into trees reach, with everything above it.
    branches: HashMap<FieldPath, Vec<Uuid>>,
    /// What fields held before, where that is asked for.
    pasts: HashMap<FieldPath, Vec<Value>>,
    /// Conditions on sharing and on what links reach, with what came of them.
    reached: Vec<(Filter, bool)>,
}

impl<'a> RecordSubject<'a> {
    /// Fetches what the paths and filters need.
    pub async fn new(
        session: &Session,
        batch: &mut Batch,
        record: &'a Record,
        old: Option<&'a Record>,
        filters: &[&Filter],
        paths: &[FieldPath],
    ) -> Result<Self> {
        let mut read: Vec<&FieldPath> = paths.iter().collect();
        let mut conditions = Vec::new();
        for filter in filters {
            read.extend(filter.paths());
            conditions.extend(filter.has_conditions());
        }
        let linked = batch.resolve(session, record, &read).await?;
        let counts = if conditions.is_empty() {
            Vec::new()
        } else {
            batch.counts(session, record.id(), &conditions).await?
        };
        let mut branches = HashMap::new();
        for path in filters.iter().flat_map(|filter| filter.tree_paths()) {
            let value = if path.hops.is_empty() {
                record.at(path.field).clone()
            } else {
                linked.get(path).cloned().unwrap_or_default()
            };
            branches.insert(path.clone(), super::tree::upwards(session, batch, path, &value).await?);
        }
        let mut pasts = HashMap::new();
        for path in filters.iter().flat_map(|filter| filter.past_paths()) {
            pasts.insert(path.clone(), batch.past(session, record, path).await?);
        }
        let mut reached = Vec::new();
        for condition in filters.iter().flat_map(|filter| filter.far_conditions()) {
            let holds = far(session, batch, record, condition).await?;
            reached.push((condition.clone(), holds));
        }
        Ok(Self { record, old, linked, counts, branches, pasts, reached })
    }

    /// Whether a filter holds.
    pub fn matches(&self, session: &Session, filter: &Filter) -> bool {
        matches(filter, self, &session.filter_context())
    }
}

impl Subject for RecordSubject<'_> {
    fn value(&self, path: &FieldPath) -> Value {
        if path.hops.is_empty() {
            return self.record.at(path.field).clone();
        }
        self.linked.get(path).cloned().unwrap_or_default()
    }

    fn count(&self, has: &Has) -> u64 {
        self.counts.iter().find(|(other, _)| other == has).map_or(0, |(_, count)| *count)
    }

    fn reaches(&self, condition: &Filter) -> bool {
        self.reached.iter().any(|(known, holds)| *holds && known == condition)
    }

    fn is_under(&self, path: &FieldPath, top: Uuid) -> bool {
        self.branches.get(path).is_some_and(|branch| branch.contains(&top))
    }

    fn past(&self, path: &FieldPath) -> Vec<Value> {
        self.pasts.get(path).cloned().unwrap_or_default()
    }

    fn old(&self, path: &FieldPath) -> Option<Value> {
        if !path.hops.is_empty() {
            return None;
        }
        self.old.map(|old| old.at(path.field).clone())
    }
}

/// Whether a condition on sharing, or on what a link reaches, holds; it asks the database.
fn far<'f>(
    session: &'f Session,
    batch: &'f mut Batch,
    record: &'f Record,
    condition: &'f Filter,
) -> Pin<Box<dyn Future<Output = Result<bool>> + Send + 'f>> {
    Box::pin(async move {
        match condition {
            Filter::Shared(shared) => {
                let Some(entity) = session.model.entity(&shared.entity) else { return Ok(false) };
                let context = session.filter_context();
                let store = &session.workspace.store;
                Ok(store.is_shared(&entity.key, record.id(), shared.right, &context).await?)
            }
            Filter::Linked(linked) => {
                let reached = match record.at(linked.link.field) {
                    Value::Id(id) => Some(*id),
                    Value::AnyLink(link) => (link.entity == linked.to).then_some(link.id),
                    _ => None,
                };
                let target = session.model.entity(&linked.to).cloned();
                let (Some(id), Some(target)) = (reached, target) else { return Ok(false) };
                let Some(other) = batch.record(session, &target, id).await? else { return Ok(false) };
                holds(session, batch, &other, &linked.filter).await
            }
            _ => Ok(false),
        }
    })
}

/// Whether a filter holds for a record, with all that it needs fetched.
pub async fn holds(session: &Session, batch: &mut Batch, record: &Record, filter: &Filter) -> Result<bool> {
    if matches!(filter, Filter::True) {
        return Ok(true);
    }
    let subject = RecordSubject::new(session, batch, record, None, &[filter], &[]).await?;
    Ok(subject.matches(session, filter))
}
