//! The loop: leases what is due, works on it, sleeps until there is more.

use std::sync::Arc;
use std::time::Duration;

use kontor_core::queue::{self, Claim, HEARTBEAT};
use kontor_core::records::stages;
use kontor_core::{Result, Workspace, derived, files};
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
    let beating = beat(Arc::clone(workspace), claims);
    for one in events {
        let claim = one.claim();
        faults.point("event_leased");
        if let Err(error) = event::handle(workspace, faults, one).await {
            tracing::warn!(%error, "an event could not be handled");
            queue::fail(workspace, claim, &error.to_string(), None).await?;
        }
    }
    for one in runs {
        Box::pin(run::advance(workspace, faults, one)).await?;
    }
    for one in timers {
        let claim = one.claim();
        faults.point("timer_leased");
        if let Err(error) = Box::pin(timer::ring(workspace, faults, one)).await {
            tracing::warn!(%error, "a timer could not be served");
            queue::fail(workspace, claim, &error.to_string(), None).await?;
        }
    }
    beating.abort();
    Ok(count)
}

/// Keeps leases alive while their work goes on.
fn beat(workspace: Arc<Workspace>, claims: Vec<Claim>) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            if let Err(error) = queue::heartbeat(&workspace, &claims).await {
                tracing::warn!(%error, "leases could not be kept alive");
            }
        }
    })
}
