//! A publication that takes a while goes on a little, and gives way to other work in between.

use std::sync::Arc;
use std::time::Duration;

use kontor_core::definitions::online;
use kontor_core::rows::EventRow;
use kontor_core::{Result, Workspace, queue};
use kontor_model::Json;
use uuid::Uuid;

use crate::event::session_of;
use crate::fault::Faults;

/// How long it goes on before others have their turn.
const SLICE: Duration = Duration::from_millis(700);

/// Moves the publication of an event on, and ends the event with it.
pub async fn handle(workspace: &Arc<Workspace>, faults: &Faults, row: EventRow) -> Result<()> {
    let session = session_of(workspace, row.actor).await?;
    let id = row.payload.get("publication").and_then(Json::as_str).and_then(|id| Uuid::parse_str(id).ok());
    let has_ended = match id {
        Some(id) => online::advance(&session, id, faults.slice(SLICE)).await?,
        None => true,
    };
    faults.point("publication_slice");
    if has_ended {
        queue::begin_runs(&session, row.claim(), Vec::new(), Vec::new()).await?;
    } else {
        queue::give_back(&session, row.claim()).await?;
    }
    Ok(())
}
