//! What rings: a new day, deadlines of approvals, files that nobody holds, and derived values that are worked out anew.

use std::sync::Arc;

use kontor_core::approvals::{self, DEADLINES};
use kontor_core::derived::{self, DAY, RECOMPUTE, TURN, TimerRow};
use kontor_core::files::{self, SWEEP};
use kontor_core::queue;
use kontor_core::records::stages::{self, STAGES};
use kontor_core::reports::snapshot::{self, SNAPSHOTS};
use kontor_core::{Result, Workspace};

use crate::clock::{self, CLOCK};
use crate::fault::Faults;

/// Serves a leased timer.
pub async fn ring(workspace: &Arc<Workspace>, faults: &Faults, row: TimerRow) -> Result<()> {
    match row.topic.as_str() {
        SWEEP => files::sweep(workspace, &row).await,
        DAY => derived::begin_day(workspace, &row).await,
        SNAPSHOTS => snapshot::ring(workspace, &row).await,
        CLOCK => clock::ring(workspace, faults, row).await,
        STAGES => {
            faults.point("before_stages");
            let ended = stages::ring(workspace, &row).await;
            faults.point("after_stages");
            ended
        }
        DEADLINES => {
            faults.point("before_deadline");
            let ended = Box::pin(approvals::ring(workspace, &row)).await;
            faults.point("after_deadline");
            ended
        }
        RECOMPUTE => {
            let ended = derived::advance(workspace, row, faults.slice(TURN)).await;
            faults.point("recomputed_a_while");
            ended
        }
        topic => {
            // A newer program queued it: it waits for that one.
            let error = format!("this program knows no timer of the sort {topic}");
            queue::fail(workspace, row.claim(), &error, None).await
        }
    }
}
