//! `log`: a line in the run.

use kontor_flow::step::Log;
use serde_json::json;

use super::Effect;
use super::scope::RunScope;

/// Renders the line.
pub fn run(scope: &RunScope, log: &Log) -> Effect {
    let text = log.text.resolve(None, scope, scope.model());
    Effect { output: json!({ "text": text }), ..Effect::default() }
}
