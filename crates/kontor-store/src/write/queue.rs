//! Applies writes to what waits: events, runs with their steps, timers. What is done under a lease says so with its fence.

use sea_orm::Value;
use uuid::Uuid;

use super::apply::Applying;
use super::system::{Done, key, put, run, sealed};
use crate::queue::{Claim, MAX_ATTEMPTS, Queue};
use crate::row::{self, OnConflict, Table, moment, moment_or_null};
use crate::system::{RunRow, SystemWrite, TimerRow};
use crate::target::Dialect;
use crate::unit::CommitError;

/// Applies a write to what waits: events, runs with their steps, timers.
pub(super) async fn apply_queue(applying: &mut Applying<'_>, write: SystemWrite) -> Done {
    match write {
        SystemWrite::Finish(claim) => {
            let sql = match claim.queue {
                Queue::Run => format!("UPDATE @run SET leased_until = NULL WHERE {FENCED}"),
                queue => format!("DELETE FROM @{} WHERE {FENCED}", queue.table()),
            };
            fenced(applying, claim, &sql, vec![]).await
        }
        SystemWrite::Fail { claim, error, now } => {
            // The unit of the wait is a second give or take a tenth, so that what failed together does not
            // come back together.
            let unit = 900 + i64::from(Uuid::new_v4().as_bytes().first().copied().unwrap_or(0)) * 200 / 255;
            let sql = format!(
                "UPDATE @{} SET attempts = attempts + 1, leased_until = NULL, error = $3, \
                 due_at = $4 + (attempts + 1) * (attempts + 1) * (attempts + 1) * (attempts + 1) * $5, \
                 dead = (attempts + 1 >= {MAX_ATTEMPTS}) WHERE {FENCED}",
                claim.queue.table()
            );
            fenced(applying, claim, &sql, vec![error.into(), moment(now), unit.into()]).await
        }
        SystemWrite::Release { claim, due_at } => {
            applying.applied.queued = true;
            let sql = format!(
                "UPDATE @{} SET leased_until = NULL, due_at = $3 WHERE {FENCED}",
                claim.queue.table()
            );
            fenced(applying, claim, &sql, vec![moment(due_at)]).await
        }
        SystemWrite::Again { claim, due_at } => {
            let sql = format!(
                "UPDATE @{} SET leased_until = NULL, due_at = $3, attempts = 0, error = NULL WHERE {FENCED}",
                claim.queue.table()
            );
            fenced(applying, claim, &sql, vec![moment(due_at)]).await
        }
        SystemWrite::Retry { queue, id, now } => {
            applying.applied.queued = true;
            let sql = format!(
                "UPDATE @{} SET due_at = $1, attempts = 0, dead = $2, leased_until = NULL, fence = fence + 1 \
                 WHERE id = $3",
                queue.table()
            );
            run(applying, &sql, vec![moment(now), false.into(), id.into()]).await
        }
        SystemWrite::StartRun(mut run) => {
            applying.applied.queued = true;
            run.entity = key(applying, run.entity)?;
            applying.insert_rows(&[run], OnConflict::Keep).await
        }
        SystemWrite::SaveRun(run) => save_run(applying, run).await,
        SystemWrite::SetRunState { id, state, due_at, ended_at } => {
            applying.applied.queued = true;
            let sql = "UPDATE @run SET state = $1, due_at = $2, ended_at = $3, fence = fence + 1, \
                       leased_until = NULL, dead = $4 WHERE id = $5";
            let values =
                vec![state.into(), moment(due_at), moment_or_null(ended_at), false.into(), id.into()];
            run(applying, sql, values).await?;
            if ended_at.is_some() { withdraw_questions(applying, id).await } else { Ok(()) }
        }
        SystemWrite::WakeRun { id, now } => {
            applying.applied.queued = true;
            let sql = "UPDATE @run SET due_at = $1, fence = fence + 1, leased_until = NULL \
                       WHERE id = $2 AND state = $3 AND ended_at IS NULL AND NOT dead";
            run(applying, sql, vec![moment(now), id.into(), "waiting".into()]).await
        }
        SystemWrite::RunsAlone { workflow, record, entity } => {
            runs_alone(applying, &workflow, record, entity).await
        }
        SystemWrite::RewordRun(run) => reword_run(applying, run).await,
        SystemWrite::PutStep(row) => put(applying, row).await,
        SystemWrite::PutTimer(timer) => put_timer(applying, timer).await,
        SystemWrite::WakeTimer { key, now } => {
            applying.applied.queued = true;
            let sql = "UPDATE @timer SET due_at = $1, fence = fence + 1, leased_until = NULL, attempts = 0, \
                       dead = $3, error = NULL WHERE key = $2";
            run(applying, sql, vec![moment(now), key.into(), false.into()]).await
        }
        SystemWrite::MoveTimer { claim, payload } => {
            let sql = format!("UPDATE @timer SET payload = $3 WHERE {FENCED}");
            fenced(applying, claim, &sql, vec![row::json(&payload)]).await
        }
        SystemWrite::DeleteTimer { key } => {
            run(applying, "DELETE FROM @timer WHERE key = $1", vec![key.into()]).await
        }
        _ => Ok(()),
    }
}

/// Parameters 1 and 2 of every statement under a lease.
const FENCED: &str = "id = $1 AND fence = $2";

async fn fenced(applying: &mut Applying<'_>, claim: Claim, sql: &str, more: Vec<Value>) -> Done {
    let mut values = vec![claim.id.into(), claim.fence.into()];
    values.extend(more);
    let touched = applying.execute(sql, values).await?;
    if touched == 0 {
        return Err(CommitError::LeaseLost(claim.id).into());
    }
    Ok(())
}

async fn save_run(applying: &mut Applying<'_>, run: RunRow) -> Done {
    let claim = Claim { queue: Queue::Run, id: run.id, fence: run.fence };
    applying.applied.queued |= run.leased_until.is_none() && run.ended_at.is_none();
    let sql = format!(
        "UPDATE @run SET state = $3, position = $4, data = $5, updated_at = $6, ended_at = $7, due_at = $8, \
         attempts = $9, leased_until = $10, dead = $11, error = $12 WHERE {FENCED}"
    );
    let values = vec![
        run.state.into(),
        run.position.into(),
        sealed(applying, "run", "data", run.data.to_string())?,
        moment(run.updated_at),
        moment_or_null(run.ended_at),
        moment(run.due_at),
        run.attempts.into(),
        moment_or_null(run.leased_until),
        run.dead.into(),
        run.error.into(),
    ];
    let has_ended = run.ended_at.is_some();
    fenced(applying, claim, &sql, values).await?;
    if has_ended { withdraw_questions(applying, claim.id).await } else { Ok(()) }
}

/// Refuses a run beside another one of the same workflow for the same record.
async fn runs_alone(applying: &mut Applying<'_>, workflow: &str, record: Uuid, entity: String) -> Done {
    if applying.names.dialect == Dialect::Postgres {
        // What is not there cannot be locked: who begins a run holds a lock for the workflow and the record.
        let schema = applying.names.schema.as_deref().unwrap_or_default();
        let name = format!("kontor run {schema} {workflow} {record}");
        let sql = "SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtextextended($1, 0))) AS held";
        applying.query(sql, vec![name.into()]).await?;
    }
    let sql = "SELECT 1 FROM @run WHERE record = $1 AND workflow = $2 AND ended_at IS NULL LIMIT 1";
    if applying.query(sql, vec![record.into(), workflow.into()]).await?.is_empty() {
        return Ok(());
    }
    Err(CommitError::Conflict { entity, id: record }.into())
}

async fn reword_run(applying: &mut Applying<'_>, run: RunRow) -> Done {
    let sql = format!(
        "UPDATE @run SET data = $3, fence = fence + 1, leased_until = NULL \
         WHERE {FENCED} AND updated_at = $4 AND ended_at IS NULL"
    );
    let data = sealed(applying, "run", "data", run.data.to_string())?;
    applying.execute(&sql, vec![run.id.into(), run.fence.into(), data, moment(run.updated_at)]).await?;
    Ok(())
}

async fn put_timer(applying: &mut Applying<'_>, timer: TimerRow) -> Done {
    applying.applied.queued = true;
    let columns = TimerRow::COLUMNS;
    let mut sql = row::insert_text(applying.names.dialect, "@timer", columns, 1).replacen(
        "INTO @timer",
        "INTO @timer AS t",
        1,
    );
    sql.push_str(
        " ON CONFLICT (key) DO UPDATE SET topic = excluded.topic, payload = excluded.payload, \
         due_at = excluded.due_at, attempts = 0, fence = t.fence + 1, leased_until = NULL, \
         dead = excluded.dead, error = NULL",
    );
    let fresh = TimerRow { attempts: 0, fence: 0, leased_until: None, dead: false, error: None, ..timer };
    run(applying, &sql, fresh.values()).await
}

/// What a run asked that has ended is answered by nobody any more.
async fn withdraw_questions(applying: &mut Applying<'_>, id: Uuid) -> Done {
    let sql = "UPDATE @question SET state = 'withdrawn' WHERE run = $1 AND state = 'open'";
    run(applying, sql, vec![id.into()]).await
}
