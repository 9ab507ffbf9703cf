//! What conditions and formulas of a record read beyond it: values behind its links, what was before, and how many records
//! point at it.

use std::collections::HashMap;
use std::sync::Arc;

use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, Has, Leaf, Operand, Operator};
use kontor_model::{Record, Value};
use uuid::Uuid;

use super::batch::Batch;
use crate::Session;
use crate::error::Result;

impl Batch {
    /// The values behind links that conditions and formulas of this record read.
    pub async fn resolve(
        &mut self,
        session: &Session,
        record: &Record,
        paths: &[&FieldPath],
    ) -> Result<HashMap<FieldPath, Value>> {
        let mut resolved = HashMap::new();
        for path in paths {
            if path.hops.is_empty() || resolved.contains_key(*path) {
                continue;
            }
            let value = self.follow(session, record, path).await?;
            resolved.insert((*path).clone(), value);
        }
        Ok(resolved)
    }

    async fn follow(&mut self, session: &Session, record: &Record, path: &FieldPath) -> Result<Value> {
        let mut reached: Option<Arc<Record>> = None;
        for hop in &path.hops {
            let from = reached.as_deref().unwrap_or(record);
            let (Some(id), Some(target)) = (from.at(hop.field).as_id(), session.model.entity(&hop.to)) else {
                return Ok(Value::Empty);
            };
            let target = Arc::clone(target);
            let next = match self.foreseen.get(&(target.name.clone(), id)) {
                Some(foreseen) => Some(Arc::clone(foreseen)),
                None => self.record(session, &target, id).await?,
            };
            let Some(next) = next else { return Ok(Value::Empty) };
            reached = Some(next);
        }
        Ok(reached.map_or(Value::Empty, |record| record.at(path.field).clone()))
    }

    /// What the field at a path held before, as the history of its record tells.
    pub async fn past(&mut self, session: &Session, record: &Record, path: &FieldPath) -> Result<Vec<Value>> {
        let at_end = FieldPath { field: system::ID, ..path.clone() };
        let id = if path.is_own() {
            Some(record.id())
        } else {
            self.follow(session, record, &at_end).await?.as_id()
        };
        let found = id.zip(session.model.entity(&path.entity));
        let Some((id, entity)) = found else { return Ok(Vec::new()) };
        let Some(field) = entity.fields.get(path.field) else { return Ok(Vec::new()) };
        Ok(session.workspace.store.past_values(&session.model, entity, field, id).await?)
    }

    /// How many records point at this one and match, for each condition.
    pub async fn counts(
        &mut self,
        session: &Session,
        id: Uuid,
        conditions: &[&Has],
    ) -> Result<Vec<(Has, u64)>> {
        let mut counts = Vec::new();
        for has in conditions {
            if let Some(records) = self.overlay.of(id, &has.entity, has.field) {
                counts.push(((*has).clone(), self.count_among(session, &records, has).await?));
                continue;
            }
            let query = kontor_store::AggregateQuery {
                entity: has.entity.clone(),
                measures: vec![kontor_store::Measure {
                    function: kontor_store::MeasureFunction::Count,
                    path: None,
                    filter: Filter::True,
                    name: "n".into(),
                }],
                filter: (*has.filter).clone().and(Filter::Leaf(Leaf {
                    path: FieldPath::own(has.entity.clone(), has.field),
                    operator: Operator::Eq,
                    operand: Operand::One(Value::Id(id)),
                })),
                ..kontor_store::AggregateQuery::default()
            };
            let workspace = &session.workspace;
            let context = session.filter_context();
            let rows =
                workspace.store.aggregate(&session.model, &workspace.full_access, &query, &context).await?;
            let count = rows.first().and_then(|row| row.first()).and_then(Value::as_integer).unwrap_or(0);
            counts.push(((*has).clone(), u64::try_from(count).unwrap_or(0)));
        }
        Ok(counts)
    }

    /// How many of the records of a list that is being saved match.
    async fn count_among(&mut self, session: &Session, records: &[Record], has: &Has) -> Result<u64> {
        let mut count = 0;
        for record in records {
            count += u64::from(Box::pin(super::subject::holds(session, self, record, &has.filter)).await?);
        }
        Ok(count)
    }
}
