//! The rows of a record on their way in: lines become items of its lists, which find the stored rows that they change.

use std::collections::BTreeMap;

use kontor_model::entity::system;
use kontor_model::{EntityModel, Json, Problem, Problems, Record, Value};
use serde_json::json;
use uuid::Uuid;

use super::document::{Document, ListPlan, Plan, Wrong};
use super::row::{Row, values_of};
use crate::Session;
use crate::error::Result;
use crate::records::batch::Batch;
use crate::records::{Draft, Incoming, ItemInput, ListInput, lists_of};

/// The rows of one list as they are saved, and from which line each came.
#[derive(Debug)]
pub struct Sent {
    /// The list's name.
    pub name: String,
    /// What is saved.
    pub input: ListInput,
    /// The line of each item; `None` for a stored row that the file says nothing of.
    pub lines: Vec<Option<usize>>,
}

/// The rows of all lists of a document. What is wrong with them is added to the problems.
///
/// # Errors
/// When the database does not answer.
pub async fn read(
    session: &Session,
    batch: &mut Batch,
    plan: &Plan,
    document: &Document<'_>,
    columns: &[String],
    existing: Option<(&EntityModel, Uuid)>,
    wrong: &mut Wrong,
) -> Result<Vec<Sent>> {
    let mut all = Vec::new();
    for list in &plan.lists {
        let rows = list.rows(document);
        if rows.is_empty() {
            // A file that says nothing of a list does not empty it.
            continue;
        }
        let mut items = Vec::new();
        let mut lines = Vec::new();
        for (line, cells) in rows {
            let (values, problems) =
                values_of(session, batch, &list.child, &list.columns, Row { columns, cells }).await?;
            for problem in problems {
                wrong.add(line, in_list(list, problem));
            }
            items.push(ItemInput { values, ..ItemInput::default() });
            lines.push(Some(line));
        }
        let mut input = ListInput { items, whole: true, removed: Vec::new() };
        if let Some((entity, id)) = existing {
            find(session, list, entity, id, &mut input, &mut lines).await?;
        }
        all.push(Sent { name: list.list.name.clone(), input, lines });
    }
    Ok(all)
}

/// A problem with a field of a row names the list too.
fn in_list(list: &ListPlan, problem: Problem) -> Problem {
    let path = format!("/{}.{}", list.list.name, problem.path.trim_start_matches('/'));
    Problem { path, ..problem }
}

/// Gives items the stored rows that they are about: those with the same value in the field that rows are matched by,
/// without one those that say the same already. So the same file brought in twice changes nothing.
async fn find(
    session: &Session,
    list: &ListPlan,
    entity: &EntityModel,
    id: Uuid,
    input: &mut ListInput,
    lines: &mut Vec<Option<usize>>,
) -> Result<()> {
    let mut stored = stored(session, entity, id, list.list.index).await?;
    for item in &mut input.items {
        let is_it = |record: &Record| match &list.match_field {
            Some(name) => {
                item.values.iter().any(|(own, value)| own == name && says(session, list, record, own, value))
            }
            None => item.values.iter().all(|(name, value)| says(session, list, record, name, value)),
        };
        if let Some(place) = stored.iter().position(is_it) {
            item.id = Some(stored.remove(place).id());
        }
    }
    if list.keep {
        // They keep their places: what the file adds comes behind them.
        let kept = stored.iter().map(|record| ItemInput { id: Some(record.id()), ..ItemInput::default() });
        input.items.splice(0..0, kept.collect::<Vec<_>>());
        lines.splice(0..0, stored.iter().map(|_| None).collect::<Vec<_>>());
    }
    Ok(())
}

/// The rows of a list that the actor sees, in order.
async fn stored(session: &Session, entity: &EntityModel, id: Uuid, list: usize) -> Result<Vec<Record>> {
    let mut lists = lists_of(session, entity, &[id], &[list]).await?;
    let found = lists.remove(&id).and_then(|mut lists| lists.remove(&list)).unwrap_or_default();
    Ok(found.into_iter().map(|view| view.record).collect())
}

/// Whether a stored row holds what a line says of a field.
fn says(session: &Session, list: &ListPlan, record: &Record, name: &str, incoming: &Incoming) -> bool {
    let Some(field) = list.child.field(name) else { return false };
    let mut value = match incoming {
        Incoming::Text(text) if text.trim().is_empty() => Value::Empty,
        // An exported list names files.
        Incoming::Text(text) if field.kind.holds_files() => {
            return field.kind.title(field, record.at(field.index), chrono_tz::UTC) == text.trim();
        }
        Incoming::Text(text) => match field.kind.parse_text(field, text.trim(), &session.parse_context()) {
            Ok(value) => value,
            Err(_) => return false,
        },
        Incoming::Value(value) => value.clone(),
        _ => return false,
    };
    if !value.is_empty() {
        field.kind.check(field, &mut value, &mut Problems::new());
    }
    *record.at(field.index) == value
}

/// Puts what a save found wrong at the lines that it came from.
pub fn placed(problems: Problems, first: usize, sent: &[Sent], wrong: &mut Wrong) {
    for problem in problems {
        let mut parts = problem.path.trim_start_matches('/').splitn(3, '/');
        let (list, item, rest) = (parts.next(), parts.next(), parts.next());
        let rows = sent.iter().find(|rows| Some(rows.name.as_str()) == list);
        let line = rows
            .zip(item.and_then(|item| item.parse::<usize>().ok()))
            .map(|(rows, item)| (rows.name.clone(), rows.lines.get(item).copied().flatten()));
        match line {
            Some((list, line)) => {
                let path = rest.map_or_else(|| format!("/{list}"), |rest| format!("/{list}.{rest}"));
                wrong.add(line.unwrap_or(first), Problem { path, ..problem });
            }
            None => wrong.add(first, problem),
        }
    }
}

/// What an undo needs to know of the rows of a saved document: how they were, and how they are left.
pub fn remembered(draft: &Draft) -> Json {
    let mut lists = serde_json::Map::new();
    for list in &draft.lists {
        let Some(field) = draft.entity.fields.get(list.field) else { continue };
        let old = list.rows.iter().filter_map(|row| row.old.as_ref()).chain(&list.kept).chain(&list.removed);
        let mut old: Vec<&Record> = old.collect();
        let order = field.list.as_ref().and_then(|list| list.order);
        let place = |record: &Record| match order.map(|order| record.at(order)) {
            Some(Value::Integer(number)) => *number,
            _ => 0,
        };
        old.sort_by_key(|record| (place(record), record.id()));
        let child = list.rows.first().map(|row| &row.entity);
        let by = field.list.as_ref().map(|list| list.by);
        let before: Vec<Json> =
            old.into_iter().filter_map(|record| Some(as_json(child?, record, by, order))).collect();
        let after: BTreeMap<String, i64> =
            list.records().map(|record| (record.id().to_string(), record.version())).collect();
        lists.insert(field.name.clone(), json!({ "before": before, "after": after }));
    }
    Json::Object(lists)
}

fn as_json(child: &EntityModel, record: &Record, by: Option<usize>, order: Option<usize>) -> Json {
    let mut object = serde_json::Map::new();
    object.insert("id".into(), json!(record.id()));
    let is_own = |index: usize| Some(index) != by && Some(index) != order;
    for field in child.own_fields() {
        let is_plain =
            field.is_typed() && field.part.is_none() && !field.kind.is_list() && is_own(field.index);
        let value = record.at(field.index);
        if is_plain && !value.is_empty() {
            object.insert(field.name.clone(), field.kind.to_json(field, value));
        }
    }
    Json::Object(object)
}

/// The rows of a document as an import left them: `false` when somebody changed one since.
///
/// # Errors
/// When the database does not answer.
pub async fn is_as_left(session: &Session, entity: &EntityModel, id: Uuid, lists: &Json) -> Result<bool> {
    for (name, said) in lists.as_object().into_iter().flatten() {
        let Some(field) = entity.field(name) else { return Ok(false) };
        let now: BTreeMap<String, Json> = stored(session, entity, id, field.index)
            .await?
            .iter()
            .map(|record| (record.id().to_string(), json!(record.version())))
            .collect();
        let then: BTreeMap<String, Json> = said
            .get("after")
            .and_then(Json::as_object)
            .into_iter()
            .flatten()
            .map(|(id, version)| (id.clone(), version.clone()))
            .collect();
        if now != then {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The rows as they were before: those that are gone come back as new ones.
///
/// # Errors
/// When the database does not answer.
pub async fn before(
    session: &Session,
    entity: &EntityModel,
    id: Uuid,
    lists: &Json,
) -> Result<Vec<(String, Incoming)>> {
    let mut values = Vec::new();
    for (name, said) in lists.as_object().into_iter().flatten() {
        let Some(field) = entity.field(name) else { continue };
        let there: Vec<String> = stored(session, entity, id, field.index)
            .await?
            .iter()
            .map(|record| record.id().to_string())
            .collect();
        let mut rows = said.get("before").and_then(Json::as_array).cloned().unwrap_or_default();
        for row in rows.iter_mut().filter_map(Json::as_object_mut) {
            let is_there =
                row.get("id").and_then(Json::as_str).is_some_and(|id| there.iter().any(|one| one == id));
            if !is_there {
                row.remove("id");
            }
        }
        values.push((name.clone(), Incoming::Json(Json::Array(rows))));
    }
    Ok(values)
}

/// Takes back that the batch wrote a document: the record and its rows.
pub fn unwrite(batch: &mut Batch, draft: &Draft) {
    batch.unwrite(&draft.entity, draft.record.at(system::ID).as_id().unwrap_or_default());
    for row in draft.lists.iter().flat_map(|list| &list.rows) {
        unwrite(batch, row);
    }
}
