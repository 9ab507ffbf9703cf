//! `delete`: records go to the bin.

use crate::records::batch::Batch;
use crate::records::prepare_delete;
use crate::{Result, Session};
use kontor_flow::RunState;
use kontor_flow::step::Delete;
use serde_json::json;

use super::Effect;
use super::RunScope;

/// Most records that one step deletes.
const MOST_RECORDS: u64 = 10_000;

/// Deletes the records.
pub async fn run(
    session: &Session,
    batch: &mut Batch,
    scope: &RunScope,
    state: &RunState,
    delete: &Delete,
) -> Result<Effect> {
    let (entity, ids) = match delete {
        Delete::Record => (session.entity(&state.entity)?, vec![state.record]),
        Delete::Matching { entity, filter } => {
            super::matching(session, scope, entity, filter, &[], MOST_RECORDS).await?
        }
    };
    let count = ids.len();
    for id in ids {
        prepare_delete(session, batch, &entity, id, None).await?;
    }
    Ok(Effect { output: json!({ "entity": entity.name, "records": count }), ..Effect::default() })
}
