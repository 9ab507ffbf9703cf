//! `create` and `task`: a new record.

use crate::records::batch::Batch;
use crate::records::{Save, save};
use crate::{Result, Session};
use kontor_flow::Named;
use kontor_flow::step::Create;
use serde_json::json;

use super::Effect;
use super::RunScope;
use super::values::values;

/// Creates the record.
pub async fn run(session: &Session, batch: &mut Batch, scope: &RunScope, create: &Create) -> Result<Effect> {
    let entity = session.entity(&create.entity)?;
    let values = values(session, scope, scope, &entity, &create.values).await?;
    let prepared = save::prepare(session, batch, Save::create(&entity, values)).await?;
    let id = prepared.draft.record.id();
    let named = Named { entity: entity.name.clone(), id };
    Ok(Effect {
        result: Some(named),
        output: json!({ "entity": entity.name, "id": id }),
        ..Effect::default()
    })
}
