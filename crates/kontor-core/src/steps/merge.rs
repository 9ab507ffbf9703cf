//! `merge`: two records become one. Where one of them is not there, nothing is done.

use crate::records::batch::Batch;
use crate::records::{Choice, Merge as Wanted, prepare_merge};
use crate::{Result, Session};
use kontor_flow::step::{Known, Merge};
use kontor_flow::{RunState, Scope};
use serde_json::json;
use uuid::Uuid;

use super::Effect;
use super::RunScope;

/// Merges them.
pub async fn run(
    session: &Session,
    batch: &mut Batch,
    scope: &RunScope,
    state: &RunState,
    merge: &Merge,
) -> Result<Effect> {
    let ids = (id_of(scope, state, &merge.into), id_of(scope, state, &merge.from));
    let (Some(into), Some(from)) = ids else {
        return Ok(Effect { output: json!({ "merged": false }), ..Effect::default() });
    };
    // One that was found may be the very record.
    if into == from {
        return Ok(Effect { output: json!({ "merged": false }), ..Effect::default() });
    }
    let fields = merge.fields.iter().filter_map(|(name, word)| Some((name.clone(), Choice::parse(word)?)));
    let wanted = Wanted { entity: session.entity(&merge.entity)?, into, from, fields: fields.collect() };
    let warnings = Box::pin(prepare_merge(session, batch, &wanted)).await?;
    let output = json!({ "merged": true, "entity": merge.entity, "into": into, "from": from });
    Ok(Effect { output, warnings, ..Effect::default() })
}

fn id_of(scope: &RunScope, state: &RunState, known: &Known) -> Option<Uuid> {
    match known {
        Known::Record => state.has_record().then_some(state.record),
        Known::Named(name) => scope.named_id(name).map(|(_, id)| id),
        Known::Linked(path) => scope.record().value(path).as_id(),
    }
}
