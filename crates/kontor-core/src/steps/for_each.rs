//! `for_each`: the records that the rounds go through, found once.

use crate::{Result, Session};
use kontor_flow::step::ForEach;
use serde_json::json;

use super::Effect;
use super::RunScope;

/// Finds the records.
pub async fn run(session: &Session, scope: &RunScope, each: &ForEach) -> Result<Effect> {
    let (entity, ids) =
        super::matching(session, scope, &each.entity, &each.filter, &each.sort, each.limit).await?;
    let output = json!({ "entity": entity.name, "records": ids.len() });
    Ok(Effect { records: Some(ids), output, ..Effect::default() })
}
