//! Scripts: compiles and runs Rhai source under limits against a narrow host.
//!
//! This crate knows the model and Rhai. It knows no database, no rights and no save path: what a script reads or
//! writes goes through [`Host`], which the core implements with the rights of whoever caused the call.

#![expect(
    clippy::unnecessary_box_returns,
    reason = "errors of the script engine are boxed wherever they are handed on"
)]

mod api;
mod call;
mod check;
mod convert;
mod engine;
mod error;
mod hook;
mod host;
mod in_place;
mod library;
mod limits;
mod meter;
mod outcome;
mod problem;
mod rows;
mod run;
mod scan;
mod source;
mod stack;
mod types;

pub use api::description::host_api;
pub use call::{Call, Script, ScriptContext};
pub use check::mentions;
pub use check::places::{Place, places, replace_places};
pub use error::{ErrorKind, ScriptError};
pub use hook::{Function, Hook, functions};
pub use host::{Host, HostError, NoHost};
pub use in_place::InPlace;
pub use limits::{Limit, Limits};
pub use outcome::{Bill, Outcome};
pub use rows::{ChangedList, DocumentList, DocumentRow};

use std::sync::Arc;

use kontor_model::{EntityModel, Model, Problems};

/// Runs scripts. [`InPlace`] does so in this process; worker processes come behind the same trait.
pub trait Runner: Send + Sync {
    /// Calls one function of all scripts that define it, the lowest layer first. For `action_…` and `field_…` only
    /// the uppermost layer that defines it is called. A function that no script defines is no error: nothing changes.
    ///
    /// The record is changed in place; after an error its content is undefined.
    ///
    /// # Errors
    /// What went wrong in the script or its host, with script, line and column.
    fn call(&self, call: Call<'_>, host: Arc<dyn Host>) -> Result<Outcome, ScriptError>;

    /// Whether any of the scripts defines the function. Remembered, so it may be asked on every save.
    fn defines(&self, scripts: &[Script], function: &str) -> bool;

    /// What is wrong with a source: syntax, undefined variables, unknown functions, and for the script of an entity
    /// unknown fields of `record` and `old`. Every problem has a line.
    fn check(&self, name: &str, source: &str, model: &Model, entity: Option<&EntityModel>) -> Problems;
}
