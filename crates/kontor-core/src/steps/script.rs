//! `script`: a function of the entity's script, on the record.

use crate::records::batch::Batch;
use crate::records::{Save, hooks, save};
use crate::{Error, Result, Session};
use kontor_flow::RunState;
use kontor_flow::step::Script;
use kontor_model::Json;
use serde_json::json;

use super::Effect;

/// Calls the function; what it changed in the record is saved.
pub async fn run(session: &Session, batch: &mut Batch, state: &RunState, script: &Script) -> Result<Effect> {
    let entity = session.entity(&state.entity)?;
    let save = Save::update(&entity, state.record, Vec::new());
    let mut draft = save::begin(session, batch, &save).await?;
    let outcome = hooks::run(session, batch, &mut draft, &script.function, Json::Null).await?;
    if draft.problems.has_errors() {
        return Err(Error::Problems(draft.problems));
    }
    let log = outcome.map(|outcome| outcome.log).unwrap_or_default();
    let prepared = save::complete(session, batch, draft).await?;
    let output = json!({ "function": script.function, "log": log });
    Ok(Effect { output, warnings: prepared.draft.problems, ..Effect::default() })
}
