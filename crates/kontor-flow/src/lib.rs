//! Workflows: what a definition says, which of them an event starts, and what comes next in a run.
//!
//! This crate is pure. It reads definitions against the model and moves a [`RunState`] from step to step; what a step
//! does to records, when a wait is over and whether a condition holds is the part of the job runner.

mod action;
pub mod cause;
mod cron;
pub mod event;
mod hanging;
mod names;
mod next;
mod position;
mod read;
mod stage_steps;
pub mod state;
pub mod step;
mod template;
pub mod trigger;
pub mod value;
mod window;
mod workflow;
mod workflows;

pub use action::{Button, Buttons, Does, LABEL};
pub use cause::{Cause, LoopCut, MAX_CHAIN};
pub use cron::Cron;
pub use event::{Event, EventKind};
pub use next::{Next, next};
pub use position::Position;
pub use stage_steps::definition_of;
pub use state::{Named, RunState};
pub use step::{Action, Step, functions_of};
pub use template::{Gap, GapOf, Template};
pub use trigger::{Hook, Pressed, Trigger};
pub use value::{Scope, ValueSource};
pub use window::SendWindow;
pub use workflow::{Again, RunAs, Workflow};
pub use workflows::{Workflows, triggers};
