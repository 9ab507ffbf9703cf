//! Values of which the reader sees no more than that they are there: the mask on a record by itself and in the rows of lists, and
//! showing one once.

use std::collections::HashMap;
use std::sync::Arc;

use kontor_model::access::Reveal;
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::kind::mask::masked;
use kontor_model::{EntityModel, FieldModel, Problem, Record, Value};
use kontor_store::{CommitUnit, JournalChange, PageQuery, Write};
use serde_json::json;
use uuid::Uuid;

use super::read::PageRow;
use super::writes::journal_row;
use crate::Session;
use crate::error::{Error, Result};

/// What the journal calls it when somebody had a masked value shown.
pub const REVEAL: &str = "reveal";
/// Rows whose masks are read at once.
const CHUNK: usize = 500;
/// The longest reason that is kept.
const LONGEST: usize = 500;

/// A masked value that was shown.
#[derive(Clone, Debug)]
pub struct Revealed {
    /// The field's place in its entity.
    pub field: usize,
    /// The value.
    pub value: Value,
}

fn masked_fields<'e>(session: &Session, entity: &'e EntityModel) -> Vec<&'e FieldModel> {
    let access = session.actor.access.entity(&entity.name);
    entity.own_fields().filter(|field| access.is_masked(&field.name)).collect()
}

/// Puts masks into a record that the reader was just given. What is behind them is read with full rights and leaves
/// this function as a mask only.
pub(super) async fn fill(
    session: &Session,
    entity: &EntityModel,
    id: Uuid,
    record: &mut Record,
) -> Result<()> {
    let fields = masked_fields(session, entity);
    if fields.is_empty() {
        return Ok(());
    }
    let Some(values) = stored(session, entity, id, &fields).await? else { return Ok(()) };
    for (field, value) in fields.into_iter().zip(&values) {
        record.set(field.index, masked(field, value));
    }
    Ok(())
}

/// Puts masks into the copy of a record that somebody is about to see.
pub(super) fn cover(session: &Session, entity: &EntityModel, whole: &Record, shown: &mut Record) {
    for field in masked_fields(session, entity) {
        shown.set(field.index, masked(field, whole.at(field.index)));
    }
}

/// Which of these columns are masked for the reader: fields of the records themselves, never what is behind a link. The query
/// is given the id in their place, so that no value of theirs is ever asked for with the reader's rights.
pub(super) fn taken_out(
    session: &Session,
    entity: &EntityModel,
    columns: &mut [FieldPath],
) -> Vec<(usize, usize)> {
    let access = session.actor.access.entity(&entity.name);
    let mut masked = Vec::new();
    for (column, path) in columns.iter_mut().enumerate() {
        let field = entity.fields.get(path.field).filter(|_| path.is_own() && path.entity == entity.name);
        if field.is_some_and(|field| access.is_masked(&field.name)) {
            masked.push((column, path.field));
            path.field = system::ID;
        }
    }
    masked
}

/// Puts masks into the rows of a page that the reader was just given.
pub(super) async fn fill_rows(
    session: &Session,
    entity: &EntityModel,
    masked_columns: &[(usize, usize)],
    rows: &mut [PageRow],
    bin: bool,
) -> Result<()> {
    if masked_columns.is_empty() {
        return Ok(());
    }
    let own = |field: usize| FieldPath::own(entity.name.clone(), field);
    let mut hidden: HashMap<Uuid, Vec<Value>> = HashMap::new();
    for chunk in rows.chunks(CHUNK) {
        let ids = chunk.iter().map(|row| Value::Id(row.id)).collect();
        let query = PageQuery {
            entity: entity.name.clone(),
            select: std::iter::once(own(system::ID))
                .chain(masked_columns.iter().map(|(_, field)| own(*field)))
                .collect(),
            filter: Filter::Leaf(Leaf {
                path: own(system::ID),
                operator: Operator::In,
                operand: Operand::Many(ids),
            }),
            limit: CHUNK as u64,
            bin,
            ..PageQuery::default()
        };
        let store = &session.workspace.store;
        let full = &session.workspace.full_access;
        let page = store.page(&session.model, full, &query, &session.filter_context()).await?;
        for mut row in page.rows {
            let values = row.split_off(1.min(row.len()));
            if let Some(id) = row.first().and_then(Value::as_id) {
                hidden.insert(id, values);
            }
        }
    }
    for row in rows {
        let values = hidden.remove(&row.id).unwrap_or_default();
        let mut values = values.iter();
        for (column, field) in masked_columns {
            let value = values.next().unwrap_or(&Value::Empty);
            let mask = entity.fields.get(*field).map_or(Value::Empty, |field| masked(field, value));
            if let Some(cell) = row.values.get_mut(*column) {
                *cell = mask;
            }
        }
    }
    Ok(())
}

async fn stored(
    session: &Session,
    entity: &EntityModel,
    id: Uuid,
    fields: &[&FieldModel],
) -> Result<Option<Vec<Value>>> {
    let paths: Vec<FieldPath> =
        fields.iter().map(|field| FieldPath::own(entity.name.clone(), field.index)).collect();
    let store = &session.workspace.store;
    let full = &session.workspace.full_access;
    Ok(store.get(&session.model, full, &entity.name, id, &paths, &session.filter_context()).await?)
}

/// Shows a masked value once. That it was shown, to whom and why is in the record's history before anybody sees it.
///
/// # Errors
/// [`Error::NotFound`] when the reader sees no such record or field, [`Error::Forbidden`] when the role does not let it be
/// shown, `required` at `/reason`.
pub async fn reveal(
    session: &Session,
    entity: &Arc<EntityModel>,
    id: Uuid,
    field: &str,
    reason: &str,
) -> Result<Revealed> {
    let record = super::read::get(session, entity, id).await?;
    let access = session.actor.access.entity(&entity.name);
    let field = entity.field(field).filter(|field| access.is_masked(&field.name)).ok_or(Error::NotFound)?;
    let reason = reason.trim();
    match access.reveals(&field.name) {
        Reveal::Never => return Err(Error::Forbidden(REVEAL)),
        Reveal::WithReason if reason.is_empty() => {
            return Err(Problem::at_field("required", "reason").with("field", &field.title).into());
        }
        Reveal::WithReason | Reveal::Always => {}
    }
    if reason.chars().count() > LONGEST {
        return Err(Problem::at_field("too_long", "reason").with("limit", LONGEST).into());
    }
    let value = stored(session, entity, id, &[field]).await?.and_then(|mut values| values.pop());
    let change =
        JournalChange { field: field.name.clone(), old: json!(null), new: json!({ "reason": reason }) };
    let version = record.record.version();
    let row = journal_row(session, entity, id, version, REVEAL, vec![change]);
    let mut unit = CommitUnit::default();
    unit.push(Write::Journal(row));
    session.commit(unit).await.map_err(Error::internal)?;
    Ok(Revealed { field: field.index, value: value.unwrap_or_default() })
}
