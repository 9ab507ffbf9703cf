//! Derived values follow what a unit wrote, in the same transaction: formulas through links, roll-ups, and what is
//! made of those. The model knows who follows whom and in which order; here it is done, each derived field once for
//! all records that are concerned. What concerns too many records is left to a job, which is queued in the unit.

mod defer;
mod guards;
mod reach;
mod rolled;
mod rows;
mod sql;
mod turns;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kontor_model::dependent::{Dependent, Step};
use kontor_model::entity::Source;
use kontor_model::filter::{FieldPath, FilterContext};
use kontor_model::{EntityModel, FieldModel, Value};
use uuid::Uuid;

pub(super) use self::turns::hold_turns;

use self::guards::Guards;
use self::rows::Rows;
use super::apply::{Applying, Failure};
use super::record;
use crate::error::Error;
use crate::query::query_working_time;
use crate::unit::{CommitError, CommitUnit, Deriving, Write};

/// Records that are worked on at once.
const CHUNK: usize = 200;

/// Derived values that wait, by the place of their field in the order of all.
#[derive(Default)]
struct Waiting(BTreeMap<usize, Node>);

/// A derived field with the records for which it is worked out.
struct Node {
    entity: String,
    field: usize,
    ids: BTreeSet<Uuid>,
}

impl Waiting {
    fn add(&mut self, rank: usize, entity: &str, field: usize, ids: impl IntoIterator<Item = Uuid>) {
        let node = self.0.entry(rank).or_insert_with(|| Node {
            entity: entity.to_owned(),
            field,
            ids: BTreeSet::new(),
        });
        node.ids.extend(ids);
    }
}

/// Work on one unit.
struct Follow<'u> {
    deriving: &'u Deriving,
    context: FilterContext,
    waiting: Waiting,
    rows: Rows,
    guards: Guards,
    /// Whether the working time of the context was read inside this transaction.
    is_working_time_read: bool,
    /// Calculated fields of records that this unit changed.
    touched: BTreeSet<(String, usize, Uuid)>,
}

/// Brings every derived value up to date that follows from the unit's writes.
pub(super) async fn follow(applying: &mut Applying<'_>, unit: &CommitUnit) -> Result<(), Failure> {
    if !unit.writes.iter().any(|write| matches!(write, Write::Changed { .. } | Write::Derive { .. })) {
        return Ok(());
    }
    let context = FilterContext {
        settings: Arc::clone(&unit.deriving.settings),
        fiscal_start: unit.deriving.fiscal_start,
        working: Arc::clone(&unit.deriving.working),
        ..FilterContext::at(unit.deriving.now, unit.deriving.zone)
    };
    let mut follow = Follow {
        deriving: &unit.deriving,
        context,
        waiting: Waiting::default(),
        rows: Rows::default(),
        guards: Guards::default(),
        is_working_time_read: false,
        touched: BTreeSet::new(),
    };
    let mut starts: BTreeMap<(&str, usize), BTreeSet<Uuid>> = BTreeMap::new();
    for write in &unit.writes {
        match write {
            Write::Changed { entity, id, fields, links, created, settle } => {
                let Some(model) = applying.model.entity(entity) else { continue };
                for asked in &model.asked {
                    let Some(parent) = applying.model.entity(&asked.entity) else { continue };
                    let ids: Vec<Uuid> = pointed_at(links, asked.link, &asked.entity).collect();
                    follow.guards.rows(parent, entity, asked.link, ids.into_iter());
                }
                for (index, dependent) in model.dependents.iter().enumerate() {
                    // The record's own values were worked out before it was written.
                    if dependent.route.is_empty() || !fields.contains(&dependent.on) {
                        continue;
                    }
                    if *created && matches!(dependent.route.first(), Some(Step::Back { .. })) {
                        continue;
                    }
                    let from = starts.entry((entity, index)).or_default();
                    match dependent.route.first() {
                        Some(Step::Forward { field, to }) => from.extend(pointed_at(links, *field, to)),
                        _ => drop(from.insert(*id)),
                    }
                }
                if *settle {
                    for index in model.unsettled.iter().chain(&model.rated) {
                        let Some(field) = model.fields.get(*index) else { continue };
                        follow.waiting.add(field.rank, entity, *index, [*id]);
                    }
                }
            }
            Write::Derive { entity, fields, ids } => {
                let Some(model) = applying.model.entity(entity) else { continue };
                for field in fields.iter().filter_map(|index| model.fields.get(*index)) {
                    if field.is_worked_out() {
                        follow.waiting.add(field.rank, entity, field.index, ids.iter().copied());
                    }
                }
            }
            _ => {}
        }
    }
    applying.settle().await?;
    for ((entity, index), ids) in starts {
        let Some(entity) = applying.model.entity(entity).cloned() else { continue };
        let Some(dependent) = entity.dependents.get(index) else { continue };
        follow.reach(applying, &entity, dependent, ids, true).await?;
    }
    follow.work(applying).await?;
    if let Some(context) = &unit.deriving.asks {
        std::mem::take(&mut follow.guards).ask(applying, context).await?;
    }
    rows::tell(applying, follow.rows, &unit.deriving)
}

/// The records of an entity among what some links point at.
fn pointed_at<'l>(
    links: &'l [(usize, Value)],
    field: usize,
    to: &'l str,
) -> impl Iterator<Item = Uuid> + use<'l> {
    links.iter().filter(move |(index, _)| *index == field).filter_map(move |(_, value)| match value {
        Value::Id(id) => Some(*id),
        Value::AnyLink(link) if link.entity == to => Some(link.id),
        _ => None,
    })
}

impl Follow<'_> {
    /// One derived field after the other, what it needs before it.
    async fn work(&mut self, applying: &mut Applying<'_>) -> Result<(), Failure> {
        while let Some((_, node)) = self.waiting.0.pop_first() {
            let Some(entity) = applying.model.entity(&node.entity).cloned() else { continue };
            if entity.fields.get(node.field).is_some_and(FieldModel::reads_working_time) {
                self.read_working_time(applying).await?;
            }
            let ids: Vec<Uuid> = node.ids.into_iter().collect();
            let mut changed: BTreeMap<usize, BTreeSet<Uuid>> = BTreeMap::new();
            for chunk in ids.chunks(CHUNK) {
                self.chunk(applying, &entity, node.field, chunk, &mut changed).await?;
            }
            for (field, ids) in changed {
                self.guards.changed(&entity, field, &ids);
                self.touched.extend(ids.iter().map(|id| (entity.name.clone(), field, *id)));
                for dependent in entity.dependents.iter().filter(|dependent| dependent.on == field) {
                    if dependent.route.is_empty() {
                        let Dependent { rank, entity, field, .. } = dependent;
                        self.waiting.add(*rank, entity, *field, ids.iter().copied());
                    } else {
                        self.reach(applying, &entity, dependent, ids.clone(), false).await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Reads hours and holidays as they are inside this transaction, once.
    async fn read_working_time(&mut self, applying: &mut Applying<'_>) -> Result<(), Failure> {
        if self.is_working_time_read {
            return Ok(());
        }
        applying.settle().await?;
        let (transaction, names) = (applying.statements.transaction, applying.names);
        let working = query_working_time(transaction, names, applying.model, self.deriving.zone).await?;
        self.context.working = Arc::new(working);
        self.is_working_time_read = true;
        Ok(())
    }

    /// Whether a value that is wrong is not this unit's doing: a number outside its limits that stays what it was, and a
    /// formula that is only worked out again because its record is saved.
    fn was_so(&self, entity: &EntityModel, field: usize, id: Uuid, values: &values::Sets) -> bool {
        if let Some(Source::Formula(formula)) = entity.fields.get(field).map(|field| &field.source) {
            let is_touched = |path: &FieldPath| self.touched.contains(&(entity.name.clone(), path.field, id));
            return !formula.reads.iter().any(|path| path.is_own() && is_touched(path));
        }
        let stored = self.rows.record(&entity.name, id);
        let is_stored = |(index, value): &(usize, Value)| {
            !value.is_empty() && stored.is_some_and(|record| record.at(*index) == value)
        };
        let found = values.iter().find(|(other, _)| *other == id);
        found.and_then(|(_, set)| set.first()).is_some_and(is_stored)
    }

    /// One derived field of some records: only values that differ are written.
    async fn chunk(
        &mut self,
        applying: &mut Applying<'_>,
        entity: &EntityModel,
        field: usize,
        ids: &[Uuid],
        changed: &mut BTreeMap<usize, BTreeSet<Uuid>>,
    ) -> Result<(), Failure> {
        if self.deriving.in_sql
            && !self.deriving.journal
            && let Some(touched) = sql::update(self, applying, entity, field, ids).await?
        {
            self.rows.forget(&entity.name, &touched);
            if let Some(currency) = entity.currency_of(field) {
                changed.entry(currency.index).or_default().extend(touched.iter().copied());
            }
            changed.entry(field).or_default().extend(touched);
            return Ok(());
        }
        self.rows.load(applying, entity, ids, &self.context).await?;
        let mut wrong = Vec::new();
        let values = values::of(self, applying, entity, field, ids, &mut wrong).await?;
        for (id, problem) in wrong {
            if !self.was_so(entity, field, id, &values) {
                self.guards.value(&entity.name, id, problem);
            }
        }
        for (id, set) in values {
            let Some(record) = self.rows.record(&entity.name, id) else { continue };
            let set: Vec<(usize, Value)> =
                set.into_iter().filter(|(index, value)| record.at(*index) != value).collect();
            if set.is_empty() {
                continue;
            }
            match record::update(applying, &entity.name, id, None, &set, false).await {
                Ok(()) => {}
                // It was purged in the meantime.
                Err(Failure::Refused(
                    CommitError::Missing { .. } | CommitError::Store(Error::UnknownEntity(_)),
                )) => continue,
                Err(failure) => return Err(failure),
            }
            for (index, value) in set {
                self.rows.set(&entity.name, id, index, value);
                changed.entry(index).or_default().insert(id);
            }
        }
        Ok(())
    }
}
