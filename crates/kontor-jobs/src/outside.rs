//! Runs that ask machines of others go on beside the round in which they were leased: nobody else waits for an answer that
//! takes its time. Each keeps its own lease alive; a process that dies meanwhile leaves the step as it was, and it is asked
//! again under the same name.

use std::pin::Pin;
use std::sync::Arc;

use kontor_core::{Result, Workspace};

use crate::fault::Faults;
use crate::run::{self, Run};
use crate::runner::{Beating, give_up};

/// Lets a run go on by itself. Where too many are out already it is given back for a moment.
///
/// # Errors
/// When the database does not answer.
pub async fn leave(workspace: &Arc<Workspace>, faults: &Arc<Faults>, mut run: Run) -> Result<()> {
    let Some(slot) = workspace.outbound.slot() else { return run.later().await };
    run.slot = Some(slot);
    let claim = run.row.claim();
    let (workspace, faults) = (Arc::clone(workspace), Arc::clone(faults));
    let beating = Beating::over(Arc::clone(&workspace), vec![claim]);
    tokio::spawn(async move {
        match out(Arc::clone(&workspace), faults, run).await {
            Ok(()) => {}
            // Nobody's fault: the lease runs out, and the step is taken again as if nothing had been.
            Err(error) if error.is_temporary() => tracing::warn!(%error, "a run could not go on"),
            Err(error) => {
                tracing::warn!(%error, "a run could not go on");
                give_up(&workspace, claim, &error).await;
            }
        }
        drop(beating);
    });
    Ok(())
}

/// The same way as inside; a future with a name, because it may lead out again.
fn out(
    workspace: Arc<Workspace>,
    faults: Arc<Faults>,
    run: Run,
) -> Pin<Box<dyn Future<Output = Result<()>> + Send>> {
    Box::pin(async move { Box::pin(run::go(&workspace, &faults, run)).await })
}
