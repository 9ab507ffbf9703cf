//! What is asked of a script: which function, on which record, on whose behalf. Knows nothing of Rhai.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use kontor_model::working_time::WorkingTime;
use kontor_model::{EntityModel, Json, Model, Record};
use uuid::Uuid;

use crate::Limits;

/// One script text and the name that errors give: `entities/<name>`.
#[derive(Clone, Debug)]
pub struct Script {
    /// The path below `scripts/`, without its ending; with a layer in front where several define the same one.
    pub name: String,
    /// The source. Compiled sources are remembered by their content.
    pub source: Arc<str>,
}

/// One call of a hook, action or function.
pub struct Call<'a> {
    /// The scripts of the entity, the lowest layer first.
    pub scripts: &'a [Script],
    /// The pinned model: links are followed in it, `import "lib/…"` finds its scripts.
    pub model: &'a Arc<Model>,
    /// The record's entity.
    pub entity: &'a Arc<EntityModel>,
    /// The function: `before_save`, `validate`, `before_delete`, `action_<name>`, `field_<name>`.
    pub function: &'a str,
    /// The record. `before_save` and actions may change it; to everything else it is read-only.
    pub record: &'a mut Record,
    /// The record as it was; `None` while it is being created.
    pub old: Option<&'a Record>,
    /// The inputs of an action, as an object; `Null` for everything else.
    pub input: Json,
    /// Who, when, where.
    pub context: &'a ScriptContext,
    /// What the call may use up.
    pub limits: Limits,
}

/// On whose behalf and when a script runs: the script's `ctx`.
#[derive(Clone, Debug)]
pub struct ScriptContext {
    /// The acting user; `None` for the workspace itself.
    pub user_id: Option<Uuid>,
    /// What the user is called.
    pub user_name: String,
    /// The names of the user's roles.
    pub roles: Vec<String>,
    /// Now.
    pub now: DateTime<Utc>,
    /// The zone that says what today is.
    pub zone: Tz,
    /// When the workspace works.
    pub working: Arc<WorkingTime>,
    /// The user's language: `en`, `zh-CN`.
    pub language: String,
    /// How the save came: `form`, `api`, `import`, `script`, `workflow`, …
    pub origin: String,
}
