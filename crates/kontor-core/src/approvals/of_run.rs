//! Approvals that a run of a workflow asks for: nothing is wanted of the record, the run goes on as others decide. A request of a
//! run that has ended meanwhile asks nobody any more.

use std::sync::Arc;

use kontor_model::{EntityModel, Json, Record};
use kontor_store::SystemWrite;
use kontor_store::system::ApprovalRow;
use serde_json::Map;
use uuid::Uuid;

use super::{Request, deadline, definition_of, people, round};
use crate::Session;
use crate::error::{Error, Result};
use crate::records::batch::Batch;

/// What the guard of such a request begins with.
const RUN: &str = "run:";

/// How a request stands for the run that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// Nobody has decided yet.
    Open,
    /// It is granted.
    Granted,
    /// It is not, for whatever reason.
    Refused,
}

/// The step of a run that asks.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// The run.
    pub run: Uuid,
    /// Whoever set it off.
    pub requester: Option<Uuid>,
    /// Where the step stands.
    pub path: &'a str,
    /// What people read of it.
    pub about: &'a str,
}

impl Request {
    /// The run that waits for it.
    pub fn run(&self) -> Option<Uuid> {
        self.row.guard.strip_prefix(RUN)?.split(':').next()?.parse().ok()
    }

    /// The write by which the run that waits looks again.
    pub(super) fn wake(&self, session: &Session) -> Option<SystemWrite> {
        Some(SystemWrite::WakeRun { id: self.run()?, now: session.now })
    }
}

/// Asks for an approval about a record, in the batch that parks the run; `None` when no level is needed for it.
///
/// # Errors
/// [`Error::Problems`] when the approval has gone or nobody may decide.
pub async fn ask_for_run(
    session: &Session,
    batch: &mut Batch,
    (entity, record): (&Arc<EntityModel>, &Record),
    approval: &str,
    asking: Asking<'_>,
) -> Result<Option<Uuid>> {
    let guard = format!("{RUN}{}:{}", asking.run, asking.path);
    let earlier = session.workspace.store.approvals_of(&entity.key, record.id()).await?;
    if let Some(row) = earlier.into_iter().find(|row| row.state == "open" && row.guard == guard) {
        return Ok(Some(row.id));
    }
    let definition = definition_of(&session.model, approval).ok_or(Error::NotFound)?;
    let requester = asking.requester.unwrap_or_default();
    let asks = (entity, record, requester);
    let Some((level, people)) = people::next_level(session, batch, &definition, 0, asks).await? else {
        return Ok(None);
    };
    let row = ApprovalRow {
        id: Uuid::now_v7(),
        entity: entity.key.clone(),
        record: record.id(),
        guard,
        requester,
        state: "open".to_owned(),
        turn: 1,
        body: Json::Null,
        made_at: session.now,
        updated_at: session.now,
    };
    let mut request = Request::new(row, approval, Map::new(), Map::new());
    asking.about.clone_into(&mut request.about);
    round::begin(session, &definition, &mut request, level, people)?;
    batch.unit.system(SystemWrite::AddApproval(request.write()));
    batch.unit.system(deadline::timer(&request));
    Ok(Some(request.row.id))
}

/// How the request of a run stands.
///
/// # Errors
/// When the database does not answer.
pub async fn stands(session: &Session, id: Uuid) -> Result<Stands> {
    let row = session.workspace.store.approval(id).await?;
    Ok(match row.map(|row| row.state).as_deref() {
        Some("open") => Stands::Open,
        Some("granted") => Stands::Granted,
        _ => Stands::Refused,
    })
}

/// Takes requests as taken back whose runs have ended without them.
pub(super) async fn settle(session: &Session, requests: &mut [Request]) -> Result<()> {
    for request in requests.iter_mut().filter(|request| request.row.state == "open") {
        let Some(run) = request.run() else { continue };
        let run = session.workspace.store.run(&session.model, run).await?;
        if run.is_none_or(|run| run.ended_at.is_some()) {
            "withdrawn".clone_into(&mut request.row.state);
            request.waiting.clear();
            request.due = None;
        }
    }
    Ok(())
}

/// One request as it is read.
pub(super) async fn settled(session: &Session, row: ApprovalRow) -> Result<Request> {
    let mut requests = [Request::read(row)];
    settle(session, &mut requests).await?;
    let [request] = requests;
    Ok(request)
}
