//! `score`: a number of the record grows, or shrinks.

use crate::records::batch::Batch;
use crate::records::{Incoming, Save, save};
use crate::{Error, Result, Session};
use kontor_flow::RunState;
use kontor_flow::step::Score;
use kontor_model::{Decimal, Json, Problem};
use serde_json::json;

use super::Effect;
use super::scope::RunScope;

/// Adds to the field. Nothing to add leaves it as it is.
pub async fn run(
    session: &Session,
    batch: &mut Batch,
    scope: &RunScope,
    state: &RunState,
    score: &Score,
) -> Result<Effect> {
    let entity = scope.entity();
    let field = entity.field(&score.field).ok_or(Error::NotFound)?;
    let record = batch.record(session, entity, state.record).await?.ok_or(Error::NotFound)?;
    let before = record.at(field.index).as_decimal().unwrap_or(Decimal::from(0_i64));
    let added = score.add.resolve(Some(field), scope, scope.model());
    let text = match &added {
        Json::Null => return Ok(Effect::default()),
        Json::Number(number) => number.to_string(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let wrong = || Problem::at_field("not_a_number", &score.field).with("value", &text);
    let added: Decimal = text.parse().map_err(|_| Error::from(wrong()))?;
    let after = before.checked_add(added).ok_or_else(|| Error::from(wrong()))?;
    let values = vec![(score.field.clone(), Incoming::Text(after.to_string()))];
    save::prepare(session, batch, Save::update(entity, state.record, values)).await?;
    Ok(Effect { output: json!({ "field": score.field, "value": after.to_string() }), ..Effect::default() })
}
