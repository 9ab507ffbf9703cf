//! `comment`: something is said about the record, with the rights of whoever it is done for.

use crate::records::batch::Batch;
use crate::{Result, Session, comments};
use kontor_flow::RunState;
use kontor_flow::step::Comment;
use serde_json::json;

use super::Effect;
use super::scope::RunScope;

/// Writes the comment.
pub async fn run(
    session: &Session,
    batch: &mut Batch,
    scope: &RunScope,
    state: &RunState,
    comment: &Comment,
) -> Result<Effect> {
    let text = comment.text.render(scope, scope.model());
    let id = comments::prepare(session, batch, scope.entity(), state.record, &text).await?;
    Ok(Effect { output: json!({ "comment": id }), ..Effect::default() })
}
