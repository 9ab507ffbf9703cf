//! Workspaces that a command makes while the server runs: opened, with their job runner, when they are first asked
//! for.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use kontor_core::Workspace;
use kontor_jobs::Runner;
use kontor_web::{Opener, Workspaces};

use crate::config::{Config, check_name};
use crate::failure::Failure;
use crate::open;

/// A database is asked for new workspaces this often at most: an address that anybody can invent must not make it work.
const PAUSE: Duration = Duration::from_secs(1);

/// The job runners of all open workspaces.
#[derive(Debug, Default)]
pub struct Runners(Mutex<Vec<Runner>>);

impl Runners {
    /// Adds one.
    pub fn add(&self, runner: Runner) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(runner);
    }

    /// Takes all out, to stop them.
    pub fn take(&self) -> Vec<Runner> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Opens what was made since the start.
#[derive(Debug)]
pub struct Later {
    config: Config,
    workspaces: Weak<Workspaces>,
    runners: Arc<Runners>,
    /// Held while one is opened, so that it is opened once; when the database was asked last.
    asked: tokio::sync::Mutex<Option<Instant>>,
}

impl Later {
    /// What opens workspaces for a server.
    pub fn new(config: Config, workspaces: &Arc<Workspaces>, runners: &Arc<Runners>) -> Self {
        Self {
            config,
            workspaces: Arc::downgrade(workspaces),
            runners: Arc::clone(runners),
            asked: tokio::sync::Mutex::default(),
        }
    }

    async fn try_open(&self, name: &str) -> Result<Option<Arc<Workspace>>, Failure> {
        let Some(workspaces) = self.workspaces.upgrade() else { return Ok(None) };
        let mut asked = self.asked.lock().await;
        if let Some(open) = workspaces.get(name) {
            return Ok(Some(open));
        }
        let exists = if self.config.database.is_none() {
            open::file(&self.config, name).exists()
        } else {
            if asked.is_some_and(|last| last.elapsed() < PAUSE) {
                return Ok(None);
            }
            *asked = Some(Instant::now());
            crate::command::workspaces::names(&self.config).await?.iter().any(|known| known == name)
        };
        if !exists {
            return Ok(None);
        }
        let workspace = open::as_it_is(&self.config, name).await?;
        // One that is still being made has no definitions yet; the command that makes it is not done.
        if workspace.model().version == 0 {
            workspace.store.close().await;
            return Ok(None);
        }
        self.runners.add(kontor_jobs::start(&workspace).await?);
        workspaces.insert(name, Arc::clone(&workspace));
        Ok(Some(workspace))
    }
}

impl Opener for Later {
    fn open<'a>(
        &'a self,
        name: &'a str,
    ) -> Pin<Box<dyn Future<Output = Option<Arc<Workspace>>> + Send + 'a>> {
        Box::pin(async move {
            check_name(name).ok()?;
            self.try_open(name).await.unwrap_or_else(|failure| {
                tracing::warn!(name, %failure, "a workspace cannot be opened");
                None
            })
        })
    }
}
