//! What every request shares: the open workspaces, the views, and the operator's settings.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use axum::Router;
use kontor_core::Workspace;
use kontor_view::Views;

use crate::frame::metrics::Metrics;
use crate::uploads::Uploads;

/// What the operator decides about the web part.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Addresses of reverse proxies whose `X-Forwarded-…` headers are believed.
    pub trusted_proxies: Vec<IpAddr>,
}

/// What looks for a workspace that is not open: one that a command made while the server ran.
pub trait Opener: Debug + Send + Sync {
    /// Opens the workspace of that name, if there is one.
    fn open<'a>(&'a self, name: &'a str)
    -> Pin<Box<dyn Future<Output = Option<Arc<Workspace>>> + Send + 'a>>;
}

/// The open workspaces by name.
#[derive(Debug, Default)]
pub struct Workspaces {
    open: RwLock<BTreeMap<String, Arc<Workspace>>>,
    opener: OnceLock<Box<dyn Opener>>,
}

impl Workspaces {
    /// Says who opens workspaces that are asked for and not open; only the first to say so is heard.
    pub fn opened_by(&self, opener: impl Opener + 'static) {
        self.opener.set(Box::new(opener)).ok();
    }

    /// The workspace of that name; one that was made since is opened first.
    pub async fn find(&self, name: &str) -> Option<Arc<Workspace>> {
        if let Some(open) = self.get(name) {
            return Some(open);
        }
        self.opener.get()?.open(name).await
    }

    /// The open workspace of that name.
    pub fn get(&self, name: &str) -> Option<Arc<Workspace>> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Opens a workspace to requests.
    pub fn insert(&self, name: impl Into<String>, workspace: Arc<Workspace>) {
        self.open.write().unwrap_or_else(PoisonError::into_inner).insert(name.into(), workspace);
    }

    /// Closes a workspace to requests; running ones finish.
    pub fn remove(&self, name: &str) -> Option<Arc<Workspace>> {
        self.open.write().unwrap_or_else(PoisonError::into_inner).remove(name)
    }

    /// Names of all open workspaces.
    pub fn names(&self) -> Vec<String> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }
}

/// The web application: cheap to clone, shared by all connections.
#[derive(Clone)]
pub struct App {
    /// The open workspaces.
    pub workspaces: Arc<Workspaces>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) views: Arc<Views>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) uploads: Arc<Uploads>,
}

impl App {
    /// An application over the open workspaces.
    ///
    /// # Errors
    /// When a built-in view or catalogue does not compile.
    pub fn new(workspaces: Arc<Workspaces>, settings: Settings) -> Result<Self, kontor_view::Error> {
        Ok(Self {
            workspaces,
            settings: Arc::new(settings),
            views: Arc::new(Views::built_in()?),
            metrics: Arc::new(Metrics::default()),
            uploads: Arc::default(),
        })
    }

    /// The whole application as one service, for [`crate::serve`] and for tests that need no socket.
    pub fn router(&self) -> Router {
        crate::router::router(self.clone())
    }
}
