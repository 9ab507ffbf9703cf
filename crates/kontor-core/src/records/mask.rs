//! Values of which the reader sees no more than that they are there: the mask on a record by itself, and showing one once.

use std::sync::Arc;

use kontor_model::access::Reveal;
use kontor_model::filter::FieldPath;
use kontor_model::kind::mask::masked;
use kontor_model::{EntityModel, FieldModel, Problem, Record, Value};
use kontor_store::{CommitUnit, JournalChange, Write};
use serde_json::json;
use uuid::Uuid;

use super::writes::journal_row;
use crate::Session;
use crate::error::{Error, Result};

/// What the journal calls it when somebody had a masked value shown.
pub const REVEAL: &str = "reveal";
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
