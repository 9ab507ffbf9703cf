//! What the rules, conditions and limits of records say to a unit that changes their roll-ups or rows without saving
//! them: asked on what is stored by then, inside the transaction, and told all at once.

use std::collections::{BTreeMap, BTreeSet};

use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, FilterContext, Leaf, Operand, Operator};
use kontor_model::{Access, EntityModel, Problem, Value};
use uuid::Uuid;

use super::super::apply::{Applying, Failure};
use super::{CHUNK, rows};
use crate::query::run_page;
use crate::query::types::PageQuery;
use crate::unit::{Against, CommitError, Wrong};

/// What is to be asked at the end, and what was found on the way.
#[derive(Default)]
pub(super) struct Guards {
    /// Records by entity and the place of the guard.
    asked: BTreeMap<(String, usize), BTreeSet<Uuid>>,
    found: Vec<Against>,
}

impl Guards {
    /// Calculated fields of some records changed.
    pub(super) fn changed(&mut self, entity: &EntityModel, field: usize, ids: &BTreeSet<Uuid>) {
        for (place, guard) in entity.guards.iter().enumerate() {
            if guard.reads.contains(&field) {
                self.asked.entry((entity.name.clone(), place)).or_default().extend(ids);
            }
        }
    }

    /// Records that point at some came, went or changed.
    pub(super) fn rows(
        &mut self,
        entity: &EntityModel,
        child: &str,
        link: usize,
        ids: impl Iterator<Item = Uuid> + Clone,
    ) {
        for (place, guard) in entity.guards.iter().enumerate() {
            if guard.rows.iter().any(|(name, by)| name == child && *by == link) {
                self.asked.entry((entity.name.clone(), place)).or_default().extend(ids.clone());
            }
        }
    }

    /// A calculated value that is wrong.
    pub(super) fn value(&mut self, entity: &str, id: Uuid, problem: Problem) {
        let against = Against { entity: entity.to_owned(), id, wrong: Wrong::Value(problem) };
        if !self.found.contains(&against) {
            self.found.push(against);
        }
    }

    /// Asks, and refuses the unit when anything is wrong. Records in the bin say nothing.
    pub(super) async fn ask(
        mut self,
        applying: &mut Applying<'_>,
        context: &FilterContext,
    ) -> Result<(), Failure> {
        for ((entity, place), ids) in std::mem::take(&mut self.asked) {
            let Some(entity) = applying.model.entity(&entity).cloned() else { continue };
            let Some(guard) = entity.guards.get(place) else { continue };
            let ids: Vec<Uuid> = ids.into_iter().collect();
            for chunk in ids.chunks(CHUNK) {
                let among = Leaf {
                    path: FieldPath::own(entity.name.clone(), system::ID),
                    operator: Operator::In,
                    operand: Operand::Many(chunk.iter().map(|id| Value::Id(*id)).collect()),
                };
                let query = PageQuery {
                    entity: entity.name.clone(),
                    select: vec![FieldPath::own(entity.name.clone(), system::ID)],
                    filter: Filter::Leaf(among).and(guard.wrong.clone()),
                    limit: chunk.len() as u64,
                    ..PageQuery::default()
                };
                if !guard.rows.is_empty() {
                    // Two rows that go at once would each see the other.
                    rows::lock(applying, &entity, chunk, "UPDATE").await?;
                }
                applying.settle().await?;
                let (transaction, names) = (applying.statements.transaction, applying.names);
                let access = Access::everything();
                let rows = run_page(transaction, names, applying.model, &access, &query, context).await?;
                self.found.extend(rows.into_iter().filter_map(|row| row.first()?.as_id()).map(|id| {
                    Against { entity: entity.name.clone(), id, wrong: Wrong::Says(guard.says.clone()) }
                }));
            }
        }
        if self.found.is_empty() { Ok(()) } else { Err(CommitError::Against(self.found).into()) }
    }
}
