//! `log`: a line in the run.

use kontor_core::Session;
use kontor_flow::step::Log;
use serde_json::json;

use super::Effect;
use crate::scope::RunScope;

/// Renders the line.
pub fn run(session: &Session, scope: &RunScope, log: &Log) -> Effect {
    let text = log.text.resolve(None, scope, &session.model);
    Effect { output: json!({ "text": text }), ..Effect::default() }
}
