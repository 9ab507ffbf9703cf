//! `follow`: people follow the record from now on. Who does not see it, does not; who follows it already, goes on.

use crate::records::batch::Batch;
use crate::{Result, Session, following};
use kontor_flow::RunState;
use kontor_flow::step::Follow;
use serde_json::json;

use super::Effect;
use super::people;
use super::scope::RunScope;

/// Lets them follow.
pub async fn run(
    session: &Session,
    batch: &mut Batch,
    scope: &RunScope,
    state: &RunState,
    follow: &Follow,
) -> Result<Effect> {
    let mut begun = 0;
    for person in people::find(session, scope, state, &follow.who).await? {
        if people::reader(session, batch, scope, state, person).await?.is_some() {
            begun +=
                u32::from(following::prepare(session, batch, scope.entity(), state.record, person).await?);
        }
    }
    Ok(Effect { output: json!({ "people": begun }), ..Effect::default() })
}
