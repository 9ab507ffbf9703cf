//! `find`: one record for later steps.

use crate::{Result, Session};
use kontor_flow::Named;
use kontor_flow::step::Find;
use serde_json::json;

use super::Effect;
use super::RunScope;

/// Finds the first record.
pub async fn run(session: &Session, scope: &RunScope, find: &Find) -> Result<Effect> {
    let (entity, ids) = super::matching(session, scope, &find.entity, &find.filter, &find.sort, 1).await?;
    let result = ids.first().map(|id| Named { entity: entity.name.clone(), id: *id });
    let output = json!({ "entity": entity.name, "id": ids.first() });
    Ok(Effect { result, output, ..Effect::default() })
}
