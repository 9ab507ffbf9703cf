//! Work that waits: events, runs and timers are leased, kept alive, given back. Leases carry a fencing number:
//! whoever lost a lease cannot commit under it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use kontor_model::Model;
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use crate::error::Result;
use crate::names::Names;
use crate::row::{self, Row, Table, moment};
use crate::shape::entity_name;
use crate::store::Store;
use crate::system::{EventRow, RunRow, TimerRow};
use crate::target::Dialect;

/// How long a lease lasts without a heartbeat.
pub const LEASE: Duration = Duration::from_secs(30);
/// How often a worker says that it lives.
pub const HEARTBEAT: Duration = Duration::from_secs(10);
/// After so many failed attempts work is dead.
pub const MAX_ATTEMPTS: i64 = 25;

/// The three queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Queue {
    /// Events.
    Event,
    /// Runs.
    Run,
    /// Timers.
    Timer,
}

impl Queue {
    pub(crate) const ALL: [Self; 3] = [Self::Event, Self::Run, Self::Timer];

    pub(crate) fn table(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Run => "run",
            Self::Timer => "timer",
        }
    }

    /// What a row must be, besides due and free, to be leased.
    fn open(self) -> &'static str {
        match self {
            Self::Run => "ended_at IS NULL AND NOT dead",
            Self::Event | Self::Timer => "NOT dead",
        }
    }
}

/// A lease on a piece of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    /// The queue.
    pub queue: Queue,
    /// The work.
    pub id: Uuid,
    /// The fencing number of the lease.
    pub fence: i64,
}

impl EventRow {
    /// The lease under which this row was given out.
    pub fn claim(&self) -> Claim {
        Claim { queue: Queue::Event, id: self.id, fence: self.fence }
    }
}

impl RunRow {
    /// The lease under which this row was given out.
    pub fn claim(&self) -> Claim {
        Claim { queue: Queue::Run, id: self.id, fence: self.fence }
    }
}

impl TimerRow {
    /// The lease under which this row was given out.
    pub fn claim(&self) -> Claim {
        Claim { queue: Queue::Timer, id: self.id, fence: self.fence }
    }
}

/// What the writer is asked to do with leases.
#[derive(Clone, Debug)]
pub(crate) enum LeaseRequest {
    Take { queue: Queue, now: DateTime<Utc>, limit: i64 },
    Keep { claims: Vec<Claim>, now: DateTime<Utc> },
    TakeBack,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Lease {
    pub(crate) rows: Vec<Row>,
    /// The claims that still hold.
    pub(crate) kept: Vec<Claim>,
}

impl Store {
    /// Leases events that are due, the oldest first, for [`LEASE`]. Entities are named as in `model`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lease_events(&self, model: &Model, now: DateTime<Utc>, limit: i64) -> Result<Vec<EventRow>> {
        let mut rows: Vec<EventRow> = self.lease(Queue::Event, now, limit).await?;
        for row in &mut rows {
            row.entity = row.entity.take().map(|key| entity_name(model, &key));
        }
        rows.sort_by_key(|row| (row.due_at, row.id));
        Ok(rows)
    }

    /// Leases runs that are due and have not ended, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lease_runs(&self, model: &Model, now: DateTime<Utc>, limit: i64) -> Result<Vec<RunRow>> {
        let mut rows: Vec<RunRow> = self.lease(Queue::Run, now, limit).await?;
        for row in &mut rows {
            row.entity = row.entity.take().map(|key| entity_name(model, &key));
        }
        rows.sort_by_key(|row| (row.due_at, row.id));
        Ok(rows)
    }

    /// Leases timers that are due, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lease_timers(&self, now: DateTime<Utc>, limit: i64) -> Result<Vec<TimerRow>> {
        let mut rows: Vec<TimerRow> = self.lease(Queue::Timer, now, limit).await?;
        rows.sort_by_key(|row| (row.due_at, row.id));
        Ok(rows)
    }

    /// Says that the holder of these leases lives; gives back those that still hold.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn heartbeat(&self, claims: &[Claim], now: DateTime<Utc>) -> Result<Vec<Claim>> {
        if claims.is_empty() {
            return Ok(Vec::new());
        }
        let request = LeaseRequest::Keep { claims: claims.to_vec(), now };
        Ok(self.inner.writer.lease(request).await?.kept)
    }

    /// Frees all leases at once: for the job runner of a SQLite workspace as it starts, because whoever held
    /// them has died with the process before. On PostgreSQL, where other processes may live, it does nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_back_leases(&self) -> Result<()> {
        if self.dialect() == Dialect::Sqlite {
            self.inner.writer.lease(LeaseRequest::TakeBack).await?;
        }
        Ok(())
    }

    /// When the next work is due, leased or not; `None` when none waits.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_due(&self) -> Result<Option<DateTime<Utc>>> {
        let parts: Vec<String> = Queue::ALL
            .iter()
            .map(|queue| format!("SELECT MIN(due_at) AS due FROM @{} WHERE {}", queue.table(), queue.open()))
            .collect();
        let sql = format!("SELECT MIN(due) FROM ({}) AS waiting", parts.join(" UNION ALL "));
        let rows = row::query(&self.inner.readers, &self.inner.names, &sql, vec![]).await?;
        rows.first().map_or(Ok(None), |row| row.moment_or_none(0))
    }

    async fn lease<T: Table>(&self, queue: Queue, now: DateTime<Utc>, limit: i64) -> Result<Vec<T>> {
        if self.dialect() == Dialect::Sqlite && !self.is_due(queue, now).await? {
            // Looking costs a reader; taking costs the writer and a sync of the disk.
            return Ok(Vec::new());
        }
        let lease = self.inner.writer.lease(LeaseRequest::Take { queue, now, limit }).await?;
        lease.rows.iter().map(T::read).collect()
    }

    async fn is_due(&self, queue: Queue, now: DateTime<Utc>) -> Result<bool> {
        let sql = format!("SELECT 1 FROM @{} WHERE {DUE} AND {} LIMIT 1", queue.table(), queue.open());
        let rows = row::query(&self.inner.readers, &self.inner.names, &sql, vec![moment(now)]).await?;
        Ok(!rows.is_empty())
    }
}

const DUE: &str = "due_at <= $1 AND (leased_until IS NULL OR leased_until < $1)";

/// Does what is asked with leases, inside whatever transaction the connection is in.
pub(crate) async fn lease<C: ConnectionTrait>(
    connection: &C,
    names: &Names,
    request: &LeaseRequest,
) -> Result<Lease> {
    match request {
        LeaseRequest::Take { queue, now, limit } => {
            let skip = if names.dialect == Dialect::Postgres { " FOR UPDATE SKIP LOCKED" } else { "" };
            let columns = match queue {
                Queue::Event => EventRow::COLUMNS,
                Queue::Run => RunRow::COLUMNS,
                Queue::Timer => TimerRow::COLUMNS,
            };
            let sql = format!(
                "UPDATE @{table} SET fence = fence + 1, leased_until = $2 WHERE id IN \
                 (SELECT id FROM @{table} WHERE {DUE} AND {open} ORDER BY due_at, id LIMIT $3{skip}) RETURNING {}",
                columns.join(", "),
                table = queue.table(),
                open = queue.open(),
            );
            let values = vec![moment(*now), moment(*now + LEASE), Value::from(*limit)];
            Ok(Lease { rows: row::query(connection, names, &sql, values).await?, kept: Vec::new() })
        }
        LeaseRequest::Keep { claims, now } => {
            let mut kept = Vec::with_capacity(claims.len());
            for claim in claims {
                let sql = format!(
                    "UPDATE @{} SET leased_until = $1 WHERE id = $2 AND fence = $3 AND leased_until IS NOT NULL",
                    claim.queue.table()
                );
                let values = vec![moment(*now + LEASE), Value::from(claim.id), Value::from(claim.fence)];
                if row::execute(connection, names, &sql, values).await? > 0 {
                    kept.push(*claim);
                }
            }
            Ok(Lease { rows: Vec::new(), kept })
        }
        LeaseRequest::TakeBack => {
            for queue in Queue::ALL {
                let sql = format!(
                    "UPDATE @{} SET leased_until = NULL, fence = fence + 1 WHERE leased_until IS NOT NULL",
                    queue.table()
                );
                row::execute(connection, names, &sql, vec![]).await?;
            }
            Ok(Lease::default())
        }
    }
}
