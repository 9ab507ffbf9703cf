//! `tag`: tags on the record and off it.

use crate::records::batch::Batch;
use crate::records::{Incoming, Save, save};
use crate::{Error, Result, Session};
use kontor_flow::RunState;
use kontor_flow::step::{Tag, Word};
use kontor_model::Value;
use serde_json::json;

use super::Effect;
use super::scope::RunScope;

/// Changes the tags. What is there already, or not there, stays as it is.
pub async fn run(
    session: &Session,
    batch: &mut Batch,
    scope: &RunScope,
    state: &RunState,
    tag: &Tag,
) -> Result<Effect> {
    let entity = scope.entity();
    let field = entity.field(&tag.field).ok_or(Error::NotFound)?;
    let record = batch.record(session, entity, state.record).await?.ok_or(Error::NotFound)?;
    let before: Vec<String> = match record.at(field.index) {
        Value::List(list) => list.clone(),
        _ => Vec::new(),
    };
    let words = |list: &[Word]| -> Vec<String> {
        let said = list.iter().map(|word| word.said(scope, scope.model()));
        said.filter(|word| !word.is_empty()).collect()
    };
    let take = words(&tag.take);
    let mut after: Vec<String> = before.iter().filter(|one| !take.contains(one)).cloned().collect();
    for one in words(&tag.add) {
        if !after.contains(&one) {
            after.push(one);
        }
    }
    if after != before {
        let values = vec![(tag.field.clone(), Incoming::Json(json!(after)))];
        save::prepare(session, batch, Save::update(entity, state.record, values)).await?;
    }
    Ok(Effect { output: json!({ "field": tag.field, "values": after }), ..Effect::default() })
}
