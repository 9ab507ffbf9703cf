//! `update_where`: every record that meets a condition.

use crate::records::batch::Batch;
use crate::records::{Save, save};
use crate::{Result, Session};
use kontor_flow::step::UpdateWhere;
use serde_json::json;

use super::Effect;
use super::RunScope;
use super::values::values;

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
    let values = values(session, scope, scope, &entity, &update.values).await?;
    for id in ids {
        save::prepare(session, batch, Save::update(&entity, id, values.clone())).await?;
    }
    Ok(Effect { output: json!({ "entity": entity.name, "records": count }), ..Effect::default() })
}
