//! What each step does. One step is one file; what it says is in `kontor-flow`.

mod assign;
mod begin;
mod call;
mod comment;
mod convert;
mod create;
mod delete;
mod find;
mod follow;
mod for_each;
pub mod http;
mod log;
mod merge;
mod named;
mod notify;
pub(crate) mod people;
pub mod refuse;
mod report;
mod scope;
mod score;
mod script;
mod set;
mod tag;
mod update_where;
mod values;

use std::sync::Arc;

use crate::records::batch::Batch;
use crate::records::{PageRequest, Sort, page};
use crate::{Error, Result, Session};
use kontor_flow::step::{Action, Where};
use kontor_flow::{Named, RunState};
use kontor_model::filter::{FieldPath, Filter};
use kontor_model::{EntityModel, Json, Problem, Problems};
use uuid::Uuid;

pub use begin::{beginning, makes_room, new_run, set_off};
pub use scope::{RunScope, old_of};

/// What came of a step; its writes are in the batch.
#[derive(Debug, Default)]
pub struct Effect {
    /// The record that the step made or found.
    pub result: Option<Named>,
    /// What the step called records besides.
    pub named: Vec<(String, Named)>,
    /// The records that a `for_each` goes through.
    pub records: Option<Vec<Uuid>>,
    /// What later steps know of what was done, by fields.
    pub answer: Option<Json>,
    /// What the run's page shows.
    pub output: Json,
    /// What rules and scripts warned of when the record that set it all going was saved.
    pub warnings: Problems,
}

/// The code of what cannot be done because there is no record.
pub const NO_RECORD: &str = "no_record";

/// Does a step, into the batch.
pub async fn run(
    session: &Session,
    batch: &mut Batch,
    scope: &RunScope,
    state: &RunState,
    action: &Action,
) -> Result<Effect> {
    // What a machine began may be about a record that is not there.
    if !state.has_record() && action.is_of_record() {
        return Err(Problem::new(NO_RECORD, "").into());
    }
    match action {
        Action::Set(set) => set::run(session, batch, scope, state, set).await,
        Action::Create(create) => create::run(session, batch, scope, create).await,
        Action::UpdateWhere(update) => update_where::run(session, batch, scope, update).await,
        Action::Delete(delete) => delete::run(session, batch, scope, state, delete).await,
        Action::Find(find) => find::run(session, scope, find).await,
        Action::ForEach(each) => for_each::run(session, scope, each).await,
        Action::Assign(assign) => assign::run(session, batch, scope, state, assign).await,
        Action::Script(script) => script::run(session, batch, state, script).await,
        Action::Call(call) => call::run(session, batch, state, call),
        Action::Log(log) => Ok(log::run(scope, log)),
        Action::Refuse(refuse) => refuse::run(session, scope, refuse),
        Action::Tag(tag) => tag::run(session, batch, scope, state, tag).await,
        Action::Score(score) => score::run(session, batch, scope, state, score).await,
        Action::Notify(notify) => notify::run(session, batch, scope, state, notify).await,
        Action::Comment(comment) => comment::run(session, batch, scope, state, comment).await,
        Action::Follow(follow) => follow::run(session, batch, scope, state, follow).await,
        Action::Merge(merge) => merge::run(session, batch, scope, state, merge).await,
        Action::Convert(convert) => convert::run(session, batch, scope, state, convert).await,
        Action::Report(report) => report::run(session, batch, scope, state, report).await,
        Action::Branch(_)
        | Action::Switch(_)
        | Action::Parallel(_)
        | Action::Try(_)
        | Action::Wait(_)
        | Action::Approve(_)
        | Action::Ask(_)
        | Action::Http(_)
        | Action::Stop(_) => {
            Err(Error::Internal(format!("the step `{}` has no effect of its own", action.word())))
        }
    }
}

/// The records that meet a condition, among those that the actor may see.
async fn matching(
    session: &Session,
    scope: &RunScope,
    name: &str,
    filter: &Where,
    sort: &[(FieldPath, bool)],
    limit: u64,
) -> Result<(Arc<EntityModel>, Vec<Uuid>)> {
    let entity = session.entity(name)?;
    let filter = Filter::parse(&filter.bound(scope, scope.model()), &entity, &session.model)?;
    let sort: Vec<Sort> =
        sort.iter().map(|(path, descending)| Sort { path: path.clone(), descending: *descending }).collect();
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let left = limit - found.len() as u64;
        let request = PageRequest {
            filter: filter.clone(),
            sort: sort.clone(),
            limit: u32::try_from(left.min(500)).unwrap_or(500),
            after,
            ..PageRequest::default()
        };
        let records = page(session, &entity, request).await?;
        found.extend(records.rows.iter().map(|row| row.id));
        match records.next {
            Some(next) if (found.len() as u64) < limit => after = Some(next),
            _ => return Ok((entity, found)),
        }
    }
}
