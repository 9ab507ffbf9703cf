//! `update_where`: every record that meets a condition.

use crate::records::batch::Batch;
use crate::records::{Save, save};
use crate::{Result, Session};
use kontor_flow::step::UpdateWhere;
use serde_json::json;

use super::Effect;
use super::RunScope;

/// Changes the records.
pub async fn run(
    session: &Session,
    batch: &mut Batch,
    scope: &RunScope,
    update: &UpdateWhere,
) -> Result<Effect> {
    let (entity, ids) =
        super::matching(session, scope, &update.entity, &update.filter, &[], update.limit).await?;
    let count = ids.len();
    for id in ids {
        let values = super::values(scope, &entity, &update.values);
        save::prepare(session, batch, Save::update(&entity, id, values)).await?;
    }
    Ok(Effect { output: json!({ "entity": entity.name, "records": count }), ..Effect::default() })
}
