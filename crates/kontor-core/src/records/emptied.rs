//! Links that were emptied because the record they led to went into the bin: when it comes back, they lead there again.

use std::sync::Arc;

use chrono::Duration;
use kontor_model::kind::ParseContext;
use kontor_model::locale::Catalogue;
use kontor_model::{EntityModel, FieldModel, Value};
use kontor_store::system::JournalQuery;
use uuid::Uuid;

use super::batch::Batch;
use super::draft::{Incoming, Save};
use super::effects::MAX_REACHED;
use super::save::prepare;
use crate::Session;
use crate::approvals::Granted;
use crate::error::Result;

/// Lets the records whose link was emptied by a deletion lead to the record again, as far as nobody has linked them to
/// something else since. The journal knows which: a deletion gives everything that it changes the same moment.
///
/// # Errors
/// What has to be right of a record that is linked again.
pub(super) async fn link_again(
    session: &Session,
    batch: &mut Batch,
    other: &Arc<EntityModel>,
    field: &FieldModel,
    id: Uuid,
    deleted_at: &Value,
) -> Result<()> {
    let Some(moment) = deleted_at.as_datetime() else { return Ok(()) };
    let query = JournalQuery {
        entity: Some(other.name.clone()),
        since: Some(moment),
        before: Some((moment + Duration::milliseconds(1), Uuid::nil())),
        limit: i64::try_from(MAX_REACHED).unwrap_or(i64::MAX),
        ..JournalQuery::default()
    };
    let elevated = session.elevated();
    let wanted = id.to_string();
    for row in session.workspace.store.journal(&session.model, &query).await? {
        let old = row.changes.iter().find(|change| change.field == field.name && change.new.is_null());
        let Some(old) = old.map(|change| change.old.clone()) else { continue };
        let led_here = old.as_str() == Some(&wanted)
            || old.get("id").and_then(kontor_model::Json::as_str) == Some(&wanted);
        if !led_here || batch.has_written(other, row.record) {
            continue;
        }
        let Some(record) = batch.record(&elevated, other, row.record).await? else { continue };
        if record.at(field.index).is_empty() {
            let catalogue = Catalogue::default();
            let Ok(value) = field.kind.parse_json(field, &old, &ParseContext::neutral(&catalogue)) else {
                continue;
            };
            let values = vec![(field.name.clone(), Incoming::Value(value))];
            let mut unasked = elevated.clone();
            unasked.cause.granted = Some(Arc::new(Granted::consequence(row.record, field)));
            Box::pin(prepare(&unasked, batch, Save::update(other, row.record, values))).await?;
        }
    }
    Ok(())
}
