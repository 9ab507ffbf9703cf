//! Derived values that are worked out anew in the background: after a change of a definition, when many records
//! follow one, and when the day comes. A job is a timer of the queue: leased, fenced, and moved on with each chunk, so
//! that it goes on where it was after a process died, and never keeps writers waiting for longer than one chunk.

mod day;
mod job;
mod publish;
mod settings;
mod under_way;

pub use day::{DAY, begin_day, watch_days};
pub(crate) use day::{another_day, next_midnight};
pub use job::{Job, TURN, advance};
pub(crate) use publish::{after_publish, jobs_of, queue};
pub(crate) use settings::{jobs_of_currency, jobs_of_settings, jobs_of_working_time};
pub(crate) use under_way::UnderWay;
pub use under_way::{Progress, of_entity, progress};

pub use kontor_store::RECOMPUTE;
pub use kontor_store::system::TimerRow;

use chrono::{DateTime, Utc};

use crate::error::Result;
use crate::workspace::Workspace;

/// Leases timers that are due.
///
/// # Errors
/// When the database does not answer.
pub async fn lease_timers(workspace: &Workspace, limit: i64) -> Result<Vec<TimerRow>> {
    Ok(workspace.store.lease_timers(workspace.clock.now(), limit).await?)
}

/// A timer that nobody has leased yet.
pub(crate) fn timer(
    key: String,
    topic: &str,
    payload: kontor_model::Json,
    due_at: DateTime<Utc>,
) -> TimerRow {
    TimerRow {
        id: uuid::Uuid::now_v7(),
        key,
        topic: topic.to_owned(),
        payload,
        due_at,
        attempts: 0,
        fence: 0,
        leased_until: None,
        dead: false,
        error: None,
    }
}
