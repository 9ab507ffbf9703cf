//! Who acts, on which model, at what time: the first argument of everything that a workspace can do.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use kontor_model::filter::FilterContext;
use kontor_model::kind::ParseContext;
use kontor_model::locale::Catalogue;
use kontor_model::setting::SettingValues;
use kontor_model::{Access, EntityModel, Model, Value};
use kontor_store::{CommitError, CommitUnit, Committed, Deriving};
use uuid::Uuid;

use crate::approvals::Granted;
use crate::error::{Error, Result};
use crate::portal::Portal;
use crate::saved::Own;
use crate::{Workspace, identity};

/// A person, or the workspace itself, with everything that decides what it may do.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The user's id.
    pub id: Uuid,
    /// The name on screen.
    pub name: String,
    /// Where mail goes; a user without one cannot sign in.
    pub email: Option<String>,
    /// Names of roles.
    pub roles: Vec<String>,
    /// The language of texts: `en`, `zh-CN`.
    pub language: String,
    /// The time zone in which "today" is meant and moments are shown.
    pub zone: Tz,
    /// light, dark, or empty for the system's.
    pub theme: String,
    /// compact, or empty: how close rows and controls stand.
    pub density: String,
    /// The language whose way of writing numbers, amounts and days is used; empty for that of the texts.
    pub formats: String,
    /// The team.
    pub team: Option<Uuid>,
    /// The team and all teams below it.
    pub teams: Arc<Vec<Uuid>>,
    /// The team and all teams above it.
    pub above: Arc<Vec<Uuid>>,
    /// The territories of which they are a member, and all below those.
    pub territories: Arc<Vec<Uuid>>,
    /// The user record's other fields by name, for `{ "user": "region" }` in filters.
    pub attributes: Arc<HashMap<String, Value>>,
    /// What may be seen and done in the pinned model.
    pub access: Arc<Access>,
    /// What they or their team saved, and which views they chose to see first.
    pub own: Arc<Own>,
}

/// How a change came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A form on a page.
    Page,
    /// The JSON API.
    Api,
    /// A file.
    Import,
    /// A workflow's step.
    Workflow,
    /// A command of the program.
    Command,
}

impl Origin {
    /// The word in the journal and in `ctx.origin` of scripts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Api => "api",
            Self::Import => "import",
            Self::Workflow => "workflow",
            Self::Command => "command",
        }
    }

    /// Reads that word.
    pub fn parse(word: &str) -> Option<Self> {
        let all = [Self::Page, Self::Api, Self::Import, Self::Workflow, Self::Command];
        all.into_iter().find(|origin| origin.as_str() == word)
    }
}

/// What led to a change: the runs that caused one another, oldest first, as `workflow:record`.
#[derive(Clone, Debug, Default)]
pub struct Cause {
    /// The run that acts now.
    pub run: Option<Uuid>,
    /// The chain that loops are cut by.
    pub chain: Vec<String>,
    /// What the journal says instead of the origin: `workflow:welcome`, `import:<id>`.
    pub label: Option<String>,
    /// A script writes: it may set what is left to automation.
    pub script: bool,
    /// A process moves the record by itself: nobody asks whether the move is open.
    pub by_process: bool,
    /// What was approved, and is saved now: guards let that through.
    pub granted: Option<Arc<Granted>>,
    /// Starts no workflow: the past that an import brings in has had its consequences.
    pub silent: bool,
}

/// One request or one step: an actor with a pinned model and a fixed time.
#[derive(Clone, Debug)]
pub struct Session {
    /// The workspace.
    pub workspace: Arc<Workspace>,
    /// The model that this request runs on, whatever is published meanwhile.
    pub model: Arc<Model>,
    /// Who acts.
    pub actor: Arc<Actor>,
    /// The actor's texts.
    pub catalogue: Arc<Catalogue>,
    /// When the request began.
    pub now: DateTime<Utc>,
    /// How it came in.
    pub origin: Origin,
    /// What led to it.
    pub cause: Cause,
    /// The values of the workspace's settings.
    pub parameters: Arc<SettingValues>,
    /// Whether a save stops at what rules only warn of: somebody is to be asked first.
    pub refuse_warnings: bool,
    /// Where the request came in by the portal: what that shows. The rights of the actor are narrowed then.
    pub portal: Option<Arc<Portal>>,
    /// Whether the engine itself looks, with full rights: what it sees is told to nobody by name.
    pub is_elevated: bool,
}

impl Session {
    /// A session of an actor on the workspace's current model.
    pub fn new(workspace: &Arc<Workspace>, actor: Arc<Actor>, origin: Origin) -> Self {
        let model = workspace.model();
        let catalogue = model.catalogue(&actor.language);
        let now = workspace.clock.now();
        let parameters = workspace.parameters(&model);
        Self {
            workspace: Arc::clone(workspace),
            model,
            actor,
            catalogue,
            now,
            origin,
            cause: Cause::default(),
            refuse_warnings: false,
            parameters,
            portal: None,
            is_elevated: false,
        }
    }

    /// The entity of that name, when it exists for the reader.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn entity(&self, name: &str) -> Result<Arc<EntityModel>> {
        let entity = self.model.entity(name).ok_or(Error::NotFound)?;
        crate::permissions::demand(self, entity, crate::permissions::Verb::Read)?;
        Ok(Arc::clone(entity))
    }

    /// What filters and formulas mean by now, today, me.
    pub fn filter_context(&self) -> FilterContext {
        FilterContext {
            now: self.now,
            zone: self.actor.zone,
            user: (!self.actor.id.is_nil()).then_some(self.actor.id),
            team: self.actor.team,
            teams: Arc::clone(&self.actor.teams),
            above: Arc::clone(&self.actor.above),
            territories: Arc::clone(&self.actor.territories),
            fiscal_start: self.workspace.settings().fiscal_start,
            attributes: Arc::clone(&self.actor.attributes),
            settings: Arc::clone(&self.parameters),
            working: Arc::clone(&self.workspace.settings().working),
        }
    }

    /// Writes a unit in this session's name: what follows from it says who and what caused it.
    pub(crate) async fn commit(&self, mut unit: CommitUnit) -> std::result::Result<Committed, CommitError> {
        unit.deriving = Deriving { asks: Some(Arc::new(self.filter_context())), ..self.deriving() };
        self.workspace.store.commit(&self.model, unit).await
    }

    /// Under what circumstances values follow from what this session writes.
    pub(crate) fn deriving(&self) -> Deriving {
        Deriving {
            now: self.now,
            zone: self.workspace.settings().zone,
            settings: Arc::clone(&self.parameters),
            fiscal_start: self.workspace.settings().fiscal_start,
            working: Arc::clone(&self.workspace.settings().working),
            currency: self.workspace.settings().currency.clone(),
            actor: (!self.actor.id.is_nil()).then_some(self.actor.id),
            cause: Some(self.cause.label.clone().unwrap_or_else(|| self.origin.as_str().to_owned())),
            run: self.cause.run,
            chain: self.cause.chain.clone().into(),
            listening: if self.cause.silent { Arc::default() } else { self.workspace.listening(&self.model) },
            ..Deriving::default()
        }
    }

    /// What reading typed texts depends on.
    pub fn parse_context(&self) -> ParseContext<'_> {
        ParseContext { zone: self.actor.zone, now: self.now, catalogue: &self.catalogue }
    }

    /// The same request on the model that is published now, with the rights that its actor has there.
    ///
    /// # Errors
    /// [`crate::Error::Unauthenticated`] when the actor may not act any more; when the database does not answer.
    pub async fn renewed(&self) -> Result<Self> {
        self.workspace.current().await?;
        let fresh = if self.actor.id.is_nil() {
            identity::system_session(&self.workspace, self.origin)
        } else {
            identity::session_of_user(&self.workspace, self.actor.id, self.origin).await?
        };
        let fresh =
            Self { now: self.now, cause: self.cause.clone(), refuse_warnings: self.refuse_warnings, ..fresh };
        let fresh = match &self.portal {
            Some(portal) => fresh.narrowed(Arc::clone(portal)),
            None => fresh,
        };
        Ok(if self.is_elevated { fresh.elevated() } else { fresh })
    }

    /// An error from before anything was committed, in better words when the reason is that the workspace was published
    /// anew meanwhile: statements for the columns of an older model fail in many ways.
    pub async fn unless_outdated(&self, error: Error) -> Error {
        match &error {
            Error::Store(inner) if inner.may_be_outdated() && !error.is_outdated() => {
                match self.workspace.store.published_version().await {
                    Ok(newest) if newest > self.model.version => Error::Store(kontor_store::Error::Outdated),
                    _ => error,
                }
            }
            _ => error,
        }
    }

    /// The same request with full rights, for what the engine itself looks up and what follows from a save: derived values,
    /// uniqueness, titles in the journal, records that go along. Warnings refuse nothing there: nobody could answer them.
    #[must_use]
    pub fn elevated(&self) -> Self {
        let mut actor = (*self.actor).clone();
        actor.access = Arc::new(Access::everything());
        Self { actor: Arc::new(actor), is_elevated: true, refuse_warnings: false, ..self.clone() }
    }
}
