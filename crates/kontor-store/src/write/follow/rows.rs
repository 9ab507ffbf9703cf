//! The records whose derived values a unit works out: read once, locked where others write too, and told about at
//! the end with one row of the journal each.

use std::collections::HashMap;

use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, FilterContext, Leaf, Operand, Operator};
use kontor_model::{Access, EntityModel, Json, Record, Value};
use sea_orm::Value as Bound;
use serde_json::json;
use uuid::Uuid;

use super::super::apply::{Applying, Failure};
use crate::names::quoted;
use crate::query::types::PageQuery;
use crate::query::{run_page, system_column};
use crate::shape::entity_key;
use crate::system::journal::Stored;
use crate::target::Dialect;
use crate::unit::{Deriving, JournalChange, JournalRow, NewEvent};

/// A record as it was when the unit first looked at it, and as it is now.
struct Row {
    before: Record,
    now: Record,
}

/// The records by entity and id.
#[derive(Default)]
pub(super) struct Rows(HashMap<(String, Uuid), Row>);

impl Rows {
    /// Reads the living ones among these records, unless they were read before.
    pub(super) async fn load(
        &mut self,
        applying: &mut Applying<'_>,
        entity: &EntityModel,
        ids: &[Uuid],
        context: &FilterContext,
    ) -> Result<(), Failure> {
        let missing: Vec<Uuid> =
            ids.iter().copied().filter(|id| !self.0.contains_key(&(entity.name.clone(), *id))).collect();
        if missing.is_empty() {
            return Ok(());
        }
        lock(applying, entity, &missing, "UPDATE").await?;
        let select: Vec<FieldPath> =
            (0..entity.fields.len()).map(|index| FieldPath::own(entity.name.clone(), index)).collect();
        for values in read(applying, entity, &missing, select, context).await? {
            let record = Record { values };
            let key = (entity.name.clone(), record.id());
            self.0.insert(key, Row { before: record.clone(), now: record });
        }
        Ok(())
    }

    /// Reads these anew when they are needed again.
    pub(super) fn forget(&mut self, entity: &str, ids: &[Uuid]) {
        for id in ids {
            self.0.remove(&(entity.to_owned(), *id));
        }
    }

    pub(super) fn record(&self, entity: &str, id: Uuid) -> Option<&Record> {
        self.0.get(&(entity.to_owned(), id)).map(|row| &row.now)
    }

    pub(super) fn set(&mut self, entity: &str, id: Uuid, field: usize, value: Value) {
        if let Some(row) = self.0.get_mut(&(entity.to_owned(), id)) {
            row.now.set(field, value);
        }
    }
}

/// The given fields, the id included, of the living records among these.
pub(super) async fn read(
    applying: &mut Applying<'_>,
    entity: &EntityModel,
    ids: &[Uuid],
    select: Vec<FieldPath>,
    context: &FilterContext,
) -> Result<Vec<Vec<Value>>, Failure> {
    applying.settle().await?;
    let query = PageQuery {
        entity: entity.name.clone(),
        select,
        filter: Filter::Leaf(Leaf {
            path: FieldPath::own(entity.name.clone(), system::ID),
            operator: Operator::In,
            operand: Operand::Many(ids.iter().map(|id| Value::Id(*id)).collect()),
        }),
        limit: ids.len() as u64,
        ..PageQuery::default()
    };
    let (transaction, names) = (applying.statements.transaction, applying.names);
    Ok(run_page(transaction, names, applying.model, &Access::everything(), &query, context).await?)
}

/// Keeps other transactions from writing these records until this one has ended. SQLite has one writer anyway.
pub(super) async fn lock(
    applying: &mut Applying<'_>,
    entity: &EntityModel,
    ids: &[Uuid],
    strength: &str,
) -> Result<(), Failure> {
    if applying.names.dialect == Dialect::Sqlite || ids.is_empty() {
        return Ok(());
    }
    let id = quoted(system_column(entity, system::ID));
    let places: Vec<String> = (1..=ids.len()).map(|place| format!("${place}")).collect();
    // In one order everywhere, so that two transactions do not wait for each other.
    let sql = format!(
        "SELECT {id} FROM {} WHERE {id} IN ({}) ORDER BY {id} FOR {strength}",
        applying.names.record_table(&entity.key),
        places.join(", ")
    );
    applying.query(&sql, ids.iter().map(|id| Bound::from(*id)).collect()).await?;
    Ok(())
}

/// Writes what has changed into the journal, tells workflows that listen, and renews what the search knows.
pub(super) fn tell(applying: &mut Applying<'_>, rows: Rows, deriving: &Deriving) -> Result<(), Failure> {
    let mut rows: Vec<((String, Uuid), Row)> = rows.0.into_iter().collect();
    rows.sort_by(|left, right| left.0.cmp(&right.0));
    for ((name, id), row) in rows {
        let Some(entity) = applying.model.entity(&name).cloned() else { continue };
        let changed: Vec<usize> =
            (0..entity.fields.len()).filter(|index| row.before.at(*index) != row.now.at(*index)).collect();
        if changed.is_empty() {
            continue;
        }
        if entity.search.iter().any(|index| changed.contains(index)) {
            let key = entity_key(applying.model, &name)?;
            applying.searched.insert((key, id), search_text(&entity, &row.now, deriving));
        }
        // The parts of values are told by the whole.
        let told = |index: &usize| entity.fields.get(*index).is_some_and(|field| field.part.is_none());
        let changed: Vec<usize> = changed.into_iter().filter(told).collect();
        if !deriving.journal || changed.is_empty() {
            continue;
        }
        let journal = JournalRow {
            id: Uuid::now_v7(),
            at: deriving.now,
            entity: name.clone(),
            record: id,
            version: row.now.version(),
            action: "update".into(),
            actor: deriving.actor,
            on_behalf: None,
            cause: deriving.cause.clone(),
            run: deriving.run,
            changes: changes(&entity, &row, &changed),
        };
        applying.journal.push(Stored::of(journal, applying.model, &applying.names.vault)?);
        if deriving.listening.contains(&name) {
            let event = applying.event(&event(&entity, id, &row, &changed, deriving))?;
            applying.events.push(event);
        }
    }
    Ok(())
}

fn form(entity: &EntityModel, record: &Record, index: usize) -> Json {
    let value = record.at(index);
    match entity.fields.get(index) {
        Some(field) if !value.is_empty() => field.kind.to_json(field, value),
        _ => Json::Null,
    }
}

fn changes(entity: &EntityModel, row: &Row, changed: &[usize]) -> Vec<JournalChange> {
    changed
        .iter()
        .filter_map(|index| entity.fields.get(*index))
        .map(|field| JournalChange {
            field: field.name.clone(),
            old: form(entity, &row.before, field.index),
            new: form(entity, &row.now, field.index),
        })
        .collect()
}

fn event(entity: &EntityModel, id: Uuid, row: &Row, changed: &[usize], deriving: &Deriving) -> NewEvent {
    let names: Vec<&str> = changed
        .iter()
        .filter_map(|index| entity.fields.get(*index))
        .map(|field| field.name.as_str())
        .collect();
    let forms = |record: &Record| {
        let fields = changed.iter().filter_map(|index| entity.fields.get(*index));
        Json::Object(fields.map(|field| (field.name.clone(), form(entity, record, field.index))).collect())
    };
    NewEvent {
        id: Uuid::now_v7(),
        at: deriving.now,
        due_at: deriving.now,
        topic: "record".into(),
        entity: Some(entity.name.clone()),
        record: Some(id),
        actor: deriving.actor,
        payload: json!({
            "event": "updated",
            "changed": names,
            "old": forms(&row.before),
            "new": forms(&row.now),
            "chain": deriving.chain,
        }),
        key: None,
    }
}

/// What the search finds a record by; nothing when all its search fields are empty.
fn search_text(entity: &EntityModel, record: &Record, deriving: &Deriving) -> Option<String> {
    let words: Vec<String> = entity
        .search
        .iter()
        .filter_map(|index| entity.fields.get(*index))
        .filter(|field| !record.at(field.index).is_empty())
        .map(|field| field.searched(record.at(field.index), deriving.zone))
        .collect();
    (!words.is_empty()).then(|| words.join("\n"))
}
