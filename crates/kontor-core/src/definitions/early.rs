//! Definitions that come into a change set before what they need: two that need each other have to begin somewhere. What
//! is missing is told, and stands in the way of publishing alone.

use kontor_model::definition::DefinitionKind;
use kontor_model::{Json, Problem, Problems};
use kontor_store::{CommitUnit, SystemWrite};
use uuid::Uuid;

use super::change_sets::kept;
use super::turn::Turn;
use crate::Session;
use crate::error::Result;

/// What is done about a definition that needs an entity which is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// It is wrong.
    Refused,
    /// The entity may still come into the set.
    MayCome,
}

impl Missing {
    /// What is wrong with a definition and may still come right; everything else is refused.
    pub(super) fn left(self, problems: Problems) -> std::result::Result<Problems, Problems> {
        if self == Self::MayCome && may_come(&problems) { Ok(problems) } else { Err(problems) }
    }
}

/// Whether all that is wrong may be so because entities are not there yet: names of entities that nobody knows, and with
/// them names of what they would have.
fn may_come(problems: &Problems) -> bool {
    let is_name = |problem: &Problem| {
        matches!(
            &*problem.code,
            "unknown_entity"
                | "unknown_field"
                | "does_not_point_here"
                | "formula_unknown_name"
                | "rows_by"
                | "rows_by_none"
        )
    };
    problems.iter().any(|problem| problem.code == "unknown_entity") && problems.iter().all(is_name)
}

/// Puts a full definition into a change set as [`super::change_sets::put`] does; a new entity also when another that it
/// names is not there yet. Gives what is missing.
///
/// # Errors
/// As there.
pub async fn put_early(
    session: &Session,
    id: Uuid,
    kind: DefinitionKind,
    name: &str,
    body: Json,
) -> Result<Problems> {
    // What is published already has all that it needs: a name that is not known there is a mistake.
    let missing = match session.workspace.model().definition(kind, name) {
        None if kind == DefinitionKind::Entity => Missing::MayCome,
        _ => Missing::Refused,
    };
    let mut turn = Turn::wait(session, id).await;
    loop {
        let (set, changes) = turn.read().await?;
        let (change, left) = kept(session, id, &changes, (kind, name), body.clone(), missing).await?;
        if turn.end(&set, CommitUnit::from(SystemWrite::PutChange(change))).await? {
            return Ok(left);
        }
    }
}
