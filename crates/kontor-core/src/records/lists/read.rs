//! Steps 2 and 3 of a save for lists: which records are meant, what the writer may do with them, and their values.

use std::collections::BTreeSet;
use std::sync::Arc;

use kontor_model::access::Scope;
use kontor_model::entity::{ListModel, system};
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::kind::children::MOST;
use kontor_model::{EntityModel, FieldModel, Problem, Problems, Record, Value};
use kontor_store::{PageQuery, Sort};
use uuid::Uuid;

use super::{DraftList, ItemInput, ListInput};
use crate::Session;
use crate::error::Result;
use crate::permissions::{Verb, allows};
use crate::records::batch::Batch;
use crate::records::draft::{Draft, Incoming};
use crate::records::parse::{read_value, read_values};
use crate::records::save::is_within;
use crate::records::select::own_paths;

/// Reads what was sent for a list into the draft.
pub async fn read(
    session: &Session,
    batch: &mut Batch,
    draft: &mut Draft,
    field: &FieldModel,
    incoming: Incoming,
) -> Result<()> {
    let Some((list, child)) =
        field.list.as_ref().and_then(|list| Some((list, Arc::clone(session.model.entity(&list.entity)?))))
    else {
        draft.problems.push(Problem::at_field("unknown_field", &field.name).with("field", &field.name));
        return Ok(());
    };
    let input = match ListInput::of(field, incoming) {
        Ok(input) => input,
        Err(problems) => {
            draft.problems.0.extend(problems.0);
            return Ok(());
        }
    };
    let parent = draft.record.id();
    let stored = if draft.old.is_some() { stored(session, &child, list, parent).await? } else { Vec::new() };
    let mut reading = Reading {
        session,
        field,
        list,
        child: &child,
        parent,
        seen: Vec::new(),
        linked: BTreeSet::new(),
        problems: Problems::new(),
    };
    let mut found = DraftList { field: field.index, ..DraftList::default() };
    for record in stored {
        let read = &session.actor.access.entity(&child.name).read;
        if is_within(session, batch, &record, read).await? {
            reading.seen.push(record);
        } else {
            found.kept.push(record);
        }
    }
    let ListInput { items, whole, removed } = input;
    for (index, item) in items.into_iter().enumerate() {
        if let Some(row) = reading.item(session, batch, index, item).await? {
            found.rows.push(row);
        }
    }
    reading.rest(batch, &mut found, whole, &removed).await?;
    if found.rows.len() + found.kept.len() > MOST {
        reading.problems.push(Problem::at_field("too_many", &field.name).with("limit", MOST));
    }
    draft.problems.0.extend(reading.problems.0);
    draft.given.insert(field.index);
    draft.lists.push(found);
    Ok(())
}

/// Every record of the list, whatever the writer may see, in order.
pub(super) async fn stored(
    session: &Session,
    child: &EntityModel,
    list: &ListModel,
    parent: Uuid,
) -> Result<Vec<Record>> {
    let query = PageQuery {
        entity: child.name.clone(),
        select: own_paths(child, |_| true),
        filter: of_parent(list, parent),
        sort: order(list),
        limit: 10_000,
        ..PageQuery::default()
    };
    let workspace = &session.workspace;
    let context = session.filter_context();
    let page = workspace.store.page(&session.model, &workspace.full_access, &query, &context).await?;
    Ok(page.rows.into_iter().map(|values| Record { values }).collect())
}

/// The records of the list of one record.
pub(super) fn of_parent(list: &ListModel, parent: Uuid) -> Filter {
    Filter::Leaf(Leaf {
        path: FieldPath::own(list.entity.clone(), list.by),
        operator: Operator::Eq,
        operand: Operand::One(Value::Id(parent)),
    })
}

/// The order that the list keeps; without one, that in which its records were made.
pub(super) fn order(list: &ListModel) -> Vec<Sort> {
    let own = |index| Sort { path: FieldPath::own(list.entity.clone(), index), descending: false };
    list.order.into_iter().chain([system::CREATED_AT]).map(own).collect()
}

struct Reading<'a> {
    session: &'a Session,
    field: &'a FieldModel,
    list: &'a ListModel,
    child: &'a Arc<EntityModel>,
    parent: Uuid,
    /// Stored records that the writer sees and that no item has spoken of yet.
    seen: Vec<Record>,
    /// What the items so far link.
    linked: BTreeSet<Uuid>,
    problems: Problems,
}

impl Reading<'_> {
    /// One item as a draft; `None` when it is wrong, which the problems say.
    async fn item(
        &mut self,
        session: &Session,
        batch: &mut Batch,
        index: usize,
        item: ItemInput,
    ) -> Result<Option<Draft>> {
        let at = format!("/{}/{index}", self.field.name);
        let mut linked = None;
        if let Some(through) = self.list.through.and_then(|through| self.child.fields.get(through)) {
            let incoming = item.link.map_or(Incoming::Value(Value::Empty), |link| *link);
            match read_value(session, batch, through, incoming).await? {
                Ok(Value::Id(id)) if !self.linked.insert(id) => {
                    let label = self.field.label(&session.catalogue);
                    self.problems.push(Problem::new("given_twice", at).with("field", label));
                    return Ok(None);
                }
                Ok(Value::Id(id)) => linked = Some((through.index, id)),
                Ok(_) => {
                    let problem =
                        Problem::new("required", at).with("field", self.field.label(&session.catalogue));
                    self.problems.push(problem);
                    return Ok(None);
                }
                Err(problem) => {
                    self.problems.push(Problem { path: at, ..problem });
                    return Ok(None);
                }
            }
        }
        let is_it = |record: &Record| match linked {
            Some((through, id)) => record.at(through).as_id() == Some(id),
            None => item.id == Some(record.id()),
        };
        let place = self.seen.iter().position(is_it);
        let mut row = match place.map(|place| self.seen.remove(place)) {
            Some(record) => {
                if item.version.is_some_and(|version| version != record.version()) {
                    self.problems.push(Problem::new("version_conflict", at).with("found", record.version()));
                    return Ok(None);
                }
                draft_of(self.child, Some(record.clone()), record)
            }
            None if item.id.is_some() && linked.is_none() => {
                let problem = Problem::new("row_not_found", format!("{at}/id"));
                self.problems.push(problem.with("value", item.id.unwrap_or_default()));
                return Ok(None);
            }
            None => {
                if !allows(session, self.child, Verb::Create) {
                    self.problems.push(Problem::new("forbidden", at).with("verb", Verb::Create.as_str()));
                    return Ok(None);
                }
                let mut record = Record::empty(self.child);
                record.set(system::ID, Value::Id(Uuid::now_v7()));
                record.set(self.list.by, Value::Id(self.parent));
                draft_of(self.child, None, record)
            }
        };
        row.given.insert(self.list.by);
        if let Some((through, id)) = linked {
            row.given.insert(through);
            row.record.set(through, Value::Id(id));
        }
        Box::pin(read_values(session, batch, &mut row, item.values)).await?;
        if let Some(order) = self.list.order {
            // Counting from one is what people see when the number stands in a list of its own.
            row.record.set(order, Value::Integer(i64::try_from(index + 1).unwrap_or(i64::MAX)));
        }
        if let Some(old) = row.old.clone()
            && (!row.changed().is_empty() || !row.lists.is_empty())
            && !is_within(session, batch, &old, &session.actor.access.entity(&self.child.name).update).await?
        {
            self.problems.push(Problem::new("forbidden", at).with("verb", Verb::Update.as_str()));
            return Ok(None);
        }
        Ok(Some(row))
    }

    /// What no item spoke of: it goes when the items are the whole, or when it was named as going.
    async fn rest(
        &mut self,
        batch: &mut Batch,
        found: &mut DraftList,
        whole: bool,
        removed: &[Uuid],
    ) -> Result<()> {
        let ids: BTreeSet<Uuid> = removed.iter().copied().collect();
        for record in std::mem::take(&mut self.seen) {
            let linked = self.list.through.and_then(|through| record.at(through).as_id());
            if !whole && !ids.contains(&record.id()) && !linked.is_some_and(|id| ids.contains(&id)) {
                found.kept.push(record);
                continue;
            }
            let scope = &self.session.actor.access.entity(&self.child.name).delete;
            if matches!(scope, Scope::None) || !is_within(self.session, batch, &record, scope).await? {
                let problem = Problem::at_field("forbidden", &self.field.name);
                self.problems.push(problem.with("verb", Verb::Delete.as_str()));
                found.kept.push(record);
            } else {
                found.removed.push(record);
            }
        }
        Ok(())
    }
}

fn draft_of(child: &Arc<EntityModel>, old: Option<Record>, record: Record) -> Draft {
    Draft {
        entity: Arc::clone(child),
        old,
        record,
        given: BTreeSet::new(),
        problems: Problems::new(),
        lists: Vec::new(),
        held: Vec::new(),
        to_approve: Vec::new(),
        form: None,
    }
}
