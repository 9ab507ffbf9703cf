//! A step that asks for an approval: the run is parked with the request, and woken when others have decided.

use kontor_core::approvals::{self, Asking, Stands};
use kontor_core::records::batch::Batch;
use kontor_core::rows::RunRow;
use kontor_core::steps::RunScope;
use kontor_core::{Result, Session};
use kontor_flow::step::Approve;
use kontor_model::Json;
use uuid::Uuid;

/// The request that a run waits for at a step, when it waits there.
pub fn known(row: &RunRow, path: &str) -> Option<Uuid> {
    let waiting = row.data.get("waiting")?;
    let here = waiting.get("path").and_then(Json::as_str)? == path;
    waiting.get("request").and_then(Json::as_str).filter(|_| here)?.parse().ok()
}

/// Makes the request, in the batch that parks the run; `None` when nobody has to decide about this record.
pub async fn ask(
    session: &Session,
    batch: &mut Batch,
    scope: &RunScope,
    (row, path): (&RunRow, &str),
    (approve, about): (&Approve, &str),
) -> Result<Option<Uuid>> {
    let entity = session.entity(&scope.entity().name)?;
    let asking = Asking { run: row.id, requester: row.actor, path, about };
    let of = (&entity, scope.stored());
    approvals::ask_for_run(session, batch, of, &approve.approval, asking).await
}

/// How it stands.
pub async fn stands(session: &Session, request: Uuid) -> Result<Stands> {
    approvals::stands(session, request).await
}
