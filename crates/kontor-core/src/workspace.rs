//! A workspace is a value: the store, the published model and the script runner of one tenant. Nothing is global.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use chrono_tz::Tz;
use kontor_flow::Workflows;
use kontor_model::definition::DefinitionKind;
use kontor_model::setting::SettingValues;
use kontor_model::working_time::WorkingTime;
use kontor_model::{Access, EntityModel, Json, Model};
use kontor_script::{Function, Runner, Script};
use kontor_store::system::{SessionRow, TokenRow};
use kontor_store::{Store, Target};
use uuid::Uuid;

use crate::clock::Clock;
use crate::definitions::candidate::LookedAt;
use crate::definitions::layers::Layers;
use crate::derived::UnderWay;
use crate::error::Result;
use crate::identity::password::Passwords;
use crate::session::Actor;

/// What an administrator sets for the whole workspace.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The organisation's name.
    pub title: String,
    /// ISO 4217.
    pub currency: String,
    /// Where scheduled and stored days are counted.
    pub zone: Tz,
    /// The language of who has chosen none.
    pub language: String,
    /// The month with which the fiscal year begins, 1 to 12.
    pub fiscal_start: u32,
    /// When people work: the hours, and the holidays that are written down.
    pub working: Arc<WorkingTime>,
    /// The largest file that is taken, in bytes.
    pub file_limit: u64,
    /// Chosen values of the settings that definitions bring, by name.
    pub chosen: BTreeMap<String, Json>,
}

/// The largest file, unless an administrator says otherwise.
const FILE_LIMIT: u64 = 25_000_000;

impl Default for Settings {
    fn default() -> Self {
        Self {
            title: "Kontor".into(),
            currency: "EUR".into(),
            zone: Tz::UTC,
            language: "en".into(),
            fiscal_start: 1,
            working: Arc::default(),
            file_limit: FILE_LIMIT,
            chosen: BTreeMap::new(),
        }
    }
}

/// One tenant.
pub struct Workspace {
    /// The name in addresses.
    pub name: String,
    /// Its database.
    pub store: Store,
    /// Runs its scripts.
    pub runner: Arc<dyn Runner>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// The way out to machines of others.
    pub outbound: kontor_outbound::Client,
    /// What hooks refused and is not written yet.
    pub(crate) turned_away: crate::incoming::TurnedAway,
    /// Everything, for the engine itself.
    pub(crate) full_access: Arc<Access>,
    /// Tables with more rows are converted while everybody goes on writing.
    online_rows: u64,
    published: ArcSwap<Published>,
    settings: ArcSwap<Settings>,
    /// Held from reading or writing settings in the database until they are set here, so that what was read before a
    /// change is never set after it.
    pub(crate) settings_turn: tokio::sync::Mutex<()>,
    /// Held while a change is put into a set, from reading what the set says until it says something else.
    pub(crate) design_turn: tokio::sync::Mutex<()>,
    /// Drafts as they would be.
    pub(crate) looked_at: LookedAt,
    parameters: ArcSwap<Parameters>,
    scripts: Mutex<ScriptCache>,
    people: Mutex<People>,
    /// Held while what was changed elsewhere is read.
    look_turn: tokio::sync::Mutex<()>,
    /// What is being worked out in the background.
    pub(crate) under_way: UnderWay,
    /// Faults of scripts that are not written yet.
    pub(crate) faults: tokio::sync::Mutex<crate::records::faults::Pending>,
}

/// Actors, sessions and tokens that were read since people were changed last.
#[derive(Debug, Default)]
struct People {
    stamp: Option<String>,
    version: i64,
    actors: HashMap<Uuid, Arc<Actor>>,
    sessions: HashMap<String, SessionRow>,
    tokens: HashMap<String, TokenRow>,
}

/// Up to so many rows are converted in the transaction that publishes: a fraction of a second.
const ONLINE_ROWS: u64 = 5_000;
/// The most actors that are remembered.
const MAX_ACTORS: usize = 10_000;

/// The values of settings in a model, for as long as neither the model nor what was chosen changes.
#[derive(Debug, Default)]
struct Parameters {
    version: i64,
    chosen: Option<Arc<Settings>>,
    values: Arc<SettingValues>,
}

/// What is published: the layers as stored, and the model that they make.
#[derive(Debug)]
pub struct Published {
    /// The definitions by layer.
    pub layers: Arc<Layers>,
    /// Compiled.
    pub model: Arc<Model>,
    /// Its workflows, read.
    pub workflows: Arc<Workflows>,
    /// The entities to which one of them listens.
    listening: Arc<BTreeSet<String>>,
}

#[derive(Debug, Default)]
struct ScriptCache {
    version: i64,
    by_entity: HashMap<String, Arc<EntityScripts>>,
}

/// The scripts of an entity, with the functions that they define.
#[derive(Debug, Default)]
pub struct EntityScripts {
    /// The lowest layer first.
    pub sources: Vec<Script>,
    /// All functions of all layers.
    pub functions: Vec<Function>,
    /// The name of the script, when it does not compile or was set aside.
    pub broken: Option<String>,
}

impl EntityScripts {
    /// Whether one of the layers defines the function.
    pub fn defines(&self, function: &str) -> bool {
        self.functions.iter().any(|one| one.name == function)
    }
}

impl fmt::Debug for Workspace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Workspace").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Workspace {
    /// Opens a workspace's database and compiles what is published. The key file is that of encrypted values. A database without definitions gives an empty
    /// workspace: see [`crate::definitions::install`].
    ///
    /// # Errors
    /// When the database cannot be opened, or was written by a newer program.
    pub async fn open(
        name: &str,
        target: &Target,
        key_file: Option<&Path>,
        clock: Arc<dyn Clock>,
        outbound: kontor_outbound::Client,
    ) -> Result<Arc<Self>> {
        let store = Store::open_with(target, key_file).await?;
        let published = Published::new(crate::definitions::layers::load(&store).await?);
        store.unlock(&published.model).await?;
        if let Err(error) = store.complete_indexes(&published.model).await {
            // They make drawing numbers fast; without them it is right all the same.
            tracing::warn!(%error, "indexes over drawn numbers could not be made");
        }
        let workspace = Arc::new(Self {
            name: name.to_owned(),
            store,
            runner: Arc::new(kontor_script::InPlace::new()),
            clock,
            passwords: Passwords::default(),
            outbound,
            turned_away: crate::incoming::TurnedAway::default(),
            full_access: Arc::new(Access::everything()),
            online_rows: std::env::var("KONTOR_ONLINE_ROWS")
                .ok()
                .and_then(|text| text.parse().ok())
                .unwrap_or(ONLINE_ROWS),
            published: ArcSwap::from_pointee(published),
            settings: ArcSwap::from_pointee(Settings::default()),
            settings_turn: tokio::sync::Mutex::default(),
            design_turn: tokio::sync::Mutex::default(),
            looked_at: LookedAt::default(),
            parameters: ArcSwap::default(),
            scripts: Mutex::default(),
            people: Mutex::default(),
            look_turn: tokio::sync::Mutex::default(),
            under_way: UnderWay::default(),
            faults: tokio::sync::Mutex::default(),
        });
        crate::settings::load(&workspace).await?;
        Ok(workspace)
    }

    /// The published model, pinned by whoever holds it.
    pub fn model(&self) -> Arc<Model> {
        Arc::clone(&self.published.load().model)
    }

    /// Tables with more rows are converted while everybody goes on writing; `KONTOR_ONLINE_ROWS` says otherwise.
    pub fn online_rows(&self) -> u64 {
        self.online_rows
    }

    /// The layers of the published model.
    pub fn layers(&self) -> Arc<Layers> {
        Arc::clone(&self.published.load().layers)
    }

    /// The published model, after a look whether another process published a newer one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn current(&self) -> Result<Arc<Model>> {
        let (version, stamp) = self.store.stamp().await?;
        if version != self.model().version {
            self.reload().await?;
        }
        let is_known = || {
            let people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
            people.stamp == stamp && people.version == version
        };
        if !is_known() {
            // Whoever looks meanwhile waits: nobody goes on with what was there before.
            let _turn = self.look_turn.lock().await;
            if !is_known() {
                // The settings of the workspace are under the same stamp.
                crate::settings::load(self).await?;
                let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
                *people = People { stamp, version, ..People::default() };
            }
        }
        Ok(self.model())
    }

    /// An actor that was read since people were changed last, as of the last look at the database.
    pub(crate) fn known_actor(&self, user: Uuid) -> Option<Arc<Actor>> {
        let people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        people.actors.get(&user).cloned()
    }

    /// A session that was read since people were changed last, by the hash of its secret.
    pub(crate) fn known_session(&self, hash: &str) -> Option<SessionRow> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner).sessions.get(hash).cloned()
    }

    /// Remembers a session that was read, or touched, under a stamp.
    pub(crate) fn remember_session(&self, stamp: Option<&String>, row: &SessionRow) {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        if people.stamp.as_ref() == stamp && people.sessions.len() < MAX_ACTORS {
            people.sessions.insert(row.hash.clone(), row.clone());
        }
    }

    /// A token that was read since people were changed last, by the hash of its secret.
    pub(crate) fn known_token(&self, hash: &str) -> Option<TokenRow> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner).tokens.get(hash).cloned()
    }

    /// Remembers a token that was read, or touched, under a stamp.
    pub(crate) fn remember_token(&self, stamp: Option<&String>, row: &TokenRow) {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        if people.stamp.as_ref() == stamp && people.tokens.len() < MAX_ACTORS {
            people.tokens.insert(row.hash.clone(), row.clone());
        }
    }

    /// The stamp under which an actor is about to be read.
    pub(crate) fn people_stamp(&self) -> Option<String> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner).stamp.clone()
    }

    /// Remembers an actor that was read under a stamp; one that is no longer valid is not.
    pub(crate) fn remember_actor(&self, stamp: Option<&String>, version: i64, actor: &Arc<Actor>) {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        if people.stamp.as_ref() == stamp && people.version == version && people.actors.len() < MAX_ACTORS {
            people.actors.insert(actor.id, Arc::clone(actor));
        }
    }

    /// Reads and compiles what is published, and swaps it in. Requests that run finish on what they pinned.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reload(&self) -> Result<()> {
        let layers = crate::definitions::layers::load(&self.store).await?;
        let published = Published::new(layers);
        self.store.unlock(&published.model).await?;
        self.published.store(Arc::new(published));
        crate::settings::load(self).await
    }

    /// Swaps in layers that were just published.
    pub(crate) fn swap(&self, published: Published) {
        self.published.store(Arc::new(published));
    }

    /// The workflows of the published model.
    pub fn workflows(&self) -> Arc<Workflows> {
        Arc::clone(&self.published.load().workflows)
    }

    /// The workflows of a model, which is the published one but for the moment of a publication.
    pub fn workflows_of(&self, model: &Model) -> Arc<Workflows> {
        let published = self.published.load();
        if published.model.version == model.version {
            return Arc::clone(&published.workflows);
        }
        Arc::new(Workflows::of(model))
    }

    /// What an administrator set for the whole workspace.
    pub fn settings(&self) -> Arc<Settings> {
        self.settings.load_full()
    }

    /// The values of the settings that a model defines.
    pub fn parameters(&self, model: &Model) -> Arc<SettingValues> {
        let known = self.parameters.load();
        let chosen = self.settings.load_full();
        let is_known = known.chosen.as_ref().is_some_and(|other| Arc::ptr_eq(other, &chosen));
        if is_known && known.version == model.version {
            return Arc::clone(&known.values);
        }
        let values = Arc::new(kontor_model::setting::values(model, &chosen.chosen));
        let parameters =
            Parameters { version: model.version, chosen: Some(chosen), values: Arc::clone(&values) };
        self.parameters.store(Arc::new(parameters));
        values
    }

    /// Replaces the settings in memory; they are stored by [`crate::settings`].
    pub(crate) fn set_settings(&self, settings: Settings) {
        self.settings.store(Arc::new(settings));
    }

    /// Whether a workflow of the model listens to the entity.
    pub fn listens(&self, model: &Model, entity: &str) -> bool {
        is_listened_to(&self.workflows_of(model), entity)
    }

    /// The entities to which a workflow of the model listens.
    pub(crate) fn listening(&self, model: &Model) -> Arc<BTreeSet<String>> {
        let published = self.published.load();
        if published.model.version == model.version {
            return Arc::clone(&published.listening);
        }
        Arc::new(listening(&Workflows::of(model)))
    }

    /// The scripts of an entity.
    pub fn scripts(&self, model: &Model, entity: &EntityModel) -> Arc<EntityScripts> {
        let mut cache = self.scripts.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.version != model.version {
            *cache = ScriptCache { version: model.version, by_entity: HashMap::new() };
        }
        let scripts = cache.by_entity.entry(entity.name.clone()).or_insert_with(|| {
            let sources = crate::records::hooks::scripts_of(model, entity);
            let functions =
                sources.iter().flat_map(|script| kontor_script::functions(&script.source)).collect();
            let name = format!("entities/{}", entity.name);
            let is_set_aside =
                model.broken.iter().any(|one| one.id.0 == DefinitionKind::Script && one.id.1 == name);
            let fails =
                |script: &Script| self.runner.check(&script.name, &script.source, model, None).has_errors();
            let broken = (is_set_aside || sources.iter().any(fails)).then_some(name);
            Arc::new(EntityScripts { sources, functions, broken })
        });
        Arc::clone(scripts)
    }
}

impl Published {
    /// Compiles layers.
    pub fn new(layers: Layers) -> Self {
        let model = layers.compile();
        Self::of(Arc::new(layers), Arc::new(model))
    }

    /// Layers and what they compile to.
    pub fn of(layers: Arc<Layers>, model: Arc<Model>) -> Self {
        let workflows = Workflows::of(&model);
        let listening = Arc::new(listening(&workflows));
        Self { layers, model, workflows: Arc::new(workflows), listening }
    }
}

fn listening(workflows: &Workflows) -> BTreeSet<String> {
    workflows
        .iter()
        .filter(|workflow| workflow.active)
        .filter_map(|workflow| workflow.entity.clone())
        .collect()
}

fn is_listened_to(workflows: &Workflows, entity: &str) -> bool {
    workflows.iter().any(|workflow| workflow.active && workflow.entity.as_deref() == Some(entity))
}
