//! `set`: fields of the record that started the workflow.

use crate::records::batch::Batch;
use crate::records::{Save, save};
use crate::{Result, Session};
use kontor_flow::RunState;
use kontor_flow::step::Set;
use serde_json::json;

use super::Effect;
use super::RunScope;
use super::values::values;

/// Sets the fields.
pub async fn run(
    session: &Session,
    batch: &mut Batch,
    scope: &RunScope,
    state: &RunState,
    set: &Set,
) -> Result<Effect> {
    let entity = scope.entity();
    let values = values(session, scope, scope, entity, &set.values).await?;
    let fields: Vec<&str> = set.values.iter().map(|value| value.field.as_str()).collect();
    let output = json!({ "fields": fields });
    let prepared = save::prepare(session, batch, Save::update(entity, state.record, values)).await?;
    Ok(Effect { output, warnings: prepared.draft.problems, ..Effect::default() })
}
