//! `refuse`: the run ends with a message.

use crate::{Error, Result, Session};
use kontor_flow::step::Refuse;
use kontor_model::Problem;
use kontor_model::filter::matches;
use serde_json::json;

use super::Effect;
use super::scope::RunScope;

/// The code of a refusal; its words are the workflow's own.
pub const REFUSED: &str = "refused_by_workflow";

/// Refuses, when the condition holds.
///
/// # Errors
/// The refusal.
pub fn run(session: &Session, scope: &RunScope, refuse: &Refuse) -> Result<Effect> {
    let holds = |filter| matches(filter, scope.subject(), &session.filter_context());
    if !refuse.condition.as_ref().is_none_or(holds) {
        return Ok(Effect { output: json!({ "refused": false }), ..Effect::default() });
    }
    let said = refuse.message.resolve(None, scope, scope.model());
    let said = said.as_str().map_or_else(|| said.to_string(), str::to_owned);
    let mut problem = Problem::new(REFUSED, "");
    problem.message = Some(said.into());
    Err(Error::from(problem))
}
