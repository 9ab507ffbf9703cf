//! The loop: leases what is due, works on it, sleeps until there is more.

use std::sync::Arc;
use std::time::Duration;

use kontor_core::queue::{self, Claim, HEARTBEAT};
use kontor_core::records::stages;
use kontor_core::reports::snapshot;
use kontor_core::{Error, Result, Workspace, derived, files};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::CLOCK;
use crate::fault::Faults;
use crate::{event, run, timer};

/// Pieces of work that are leased at once.
const LEASED: i64 = 16;
/// Work of other processes is looked for this often.
const LOOK: Duration = Duration::from_secs(1);
/// After a failure of the database itself.
const PAUSE: Duration = Duration::from_secs(5);

/// A running job runner of one workspace.
#[derive(Debug)]
pub struct Runner {
    task: JoinHandle<()>,
    ending: watch::Sender<bool>,
}

impl Runner {
    /// Lets the step that runs finish, and ends.
    pub async fn stop(self) {
        // Nobody listens any more when the loop has ended by itself.
        self.ending.send(true).ok();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the job runner ended badly");
        }
    }
}

/// Starts the job runner of a workspace.
///
/// # Errors
/// When the database does not answer.
pub async fn start(workspace: &Arc<Workspace>) -> Result<Runner> {
    queue::take_back_leases(workspace).await?;
    derived::watch_days(workspace).await?;
    files::watch(workspace).await?;
    stages::watch(workspace).await?;
    snapshot::watch(workspace).await?;
    queue::watch(workspace, CLOCK).await?;
    let (ending, ended) = watch::channel(false);
    let workspace = Arc::clone(workspace);
    let task = tokio::spawn(work(workspace, ended));
    Ok(Runner { task, ending })
}

async fn work(workspace: Arc<Workspace>, mut ended: watch::Receiver<bool>) {
    let faults = Arc::new(Faults::of_environment());
    let woken = queue::work(&workspace);
    while !*ended.borrow() {
        let wake = woken.notified();
        let pause = match Box::pin(round(&workspace, &faults)).await {
            Ok(0) => LOOK,
            Ok(_) => continue,
            Err(error) => {
                tracing::error!(workspace = workspace.name, %error, "work could not be leased");
                PAUSE
            }
        };
        tokio::select! {
            () = wake => {}
            () = tokio::time::sleep(pause) => {}
            _ = ended.changed() => {}
        }
    }
}

/// Works on what is due now; says how much that was.
async fn round(workspace: &Arc<Workspace>, faults: &Arc<Faults>) -> Result<usize> {
    let model = workspace.current().await?;
    let events = queue::lease_events(workspace, &model, LEASED).await?;
    let runs = queue::lease_runs(workspace, &model, LEASED).await?;
    let timers = derived::lease_timers(workspace, LEASED).await?;
    let count = events.len() + runs.len() + timers.len();
    let claims: Vec<Claim> = events
        .iter()
        .map(kontor_core::rows::EventRow::claim)
        .chain(runs.iter().map(kontor_core::rows::RunRow::claim))
        .chain(timers.iter().map(derived::TimerRow::claim))
        .collect();
    // Leases are kept alive for as long as this is here, however the round ends.
    let _beating = Beating::over(Arc::clone(workspace), claims);
    for one in events {
        let claim = one.claim();
        faults.point("event_leased");
        let (at, points) = (Arc::clone(workspace), Arc::clone(faults));
        if let Err(error) = piece(async move { event::handle(&at, &points, one).await }).await {
            tracing::warn!(%error, "an event could not be handled");
            give_up(workspace, claim, &error).await;
        }
    }
    for one in runs {
        let claim = one.claim();
        let (at, points) = (Arc::clone(workspace), Arc::clone(faults));
        match piece(async move { Box::pin(run::advance(&at, &points, one)).await }).await {
            Ok(()) => {}
            // Nobody's fault: the lease runs out, and the step is taken again as if nothing had been.
            Err(error) if error.is_temporary() => tracing::warn!(%error, "a run could not go on"),
            Err(error) => {
                tracing::warn!(%error, "a run could not go on");
                give_up(workspace, claim, &error).await;
            }
        }
    }
    for one in timers {
        let claim = one.claim();
        faults.point("timer_leased");
        let (at, points) = (Arc::clone(workspace), Arc::clone(faults));
        if let Err(error) = piece(async move { Box::pin(timer::ring(&at, &points, one)).await }).await {
            tracing::warn!(%error, "a timer could not be served");
            give_up(workspace, claim, &error).await;
        }
    }
    Ok(count)
}

/// One piece of work by itself: if it panics it has failed, and the others of the round go on.
async fn piece(work: impl Future<Output = Result<()>> + Send + 'static) -> Result<()> {
    match tokio::spawn(work).await {
        Ok(done) => done,
        Err(error) => Err(Error::Internal(format!("the work broke off: {error}"))),
    }
}

/// Counts a failed attempt. Where the database does not take even that, the lease runs out by itself.
pub(crate) async fn give_up(workspace: &Workspace, claim: Claim, why: &Error) {
    if let Err(error) = queue::fail(workspace, claim, &why.to_string(), None).await {
        tracing::warn!(%error, "a failed attempt could not be noted");
    }
}

/// Keeps leases alive until it is dropped.
pub(crate) struct Beating(JoinHandle<()>);

impl Beating {
    pub(crate) fn over(workspace: Arc<Workspace>, claims: Vec<Claim>) -> Self {
        Self(tokio::spawn(async move {
            loop {
                tokio::time::sleep(HEARTBEAT).await;
                if let Err(error) = queue::heartbeat(&workspace, &claims).await {
                    tracing::warn!(%error, "leases could not be kept alive");
                }
            }
        }))
    }
}

impl Drop for Beating {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;

    #[tokio::test]
    async fn what_panics_has_failed_and_what_beats_ends_with_its_round() {
        assert!(piece(async { Ok(()) }).await.is_ok());
        let broken = piece(async { panic!("on purpose") }).await;
        assert!(broken.unwrap_err().to_string().contains("broke off"));
        let (told, mut heard) = tokio::sync::oneshot::channel::<()>();
        let beating = Beating(tokio::spawn(async move {
            let _told = told;
            std::future::pending::<()>().await;
        }));
        assert!(heard.try_recv().is_err());
        drop(beating);
        // The other end is gone with the task.
        assert!(heard.await.is_err());
    }
}
