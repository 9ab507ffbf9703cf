//! What a workspace can do: identity, records, definitions, permissions, reports, imports, the queue.
//!
//! Records are read and written only through [`records`], definitions only through [`definitions`]. This crate knows
//! neither HTTP nor templates, and SQL only through `kontor-store`.

pub mod approvals;
pub mod apps;
pub mod clock;
pub mod comments;
pub mod definitions;
pub mod demo;
pub mod derived;
pub mod error;
pub mod files;
pub mod following;
pub mod idempotency;
pub mod identity;
pub mod imports;
pub mod incoming;
pub mod notices;
pub mod pack;
mod passed_on;
pub mod permissions;
pub mod portal;
pub mod questions;
pub mod queue;
pub mod records;
pub mod reports;
pub mod saved;
pub mod search;
pub mod secrets;
pub mod session;
pub mod settings;
pub mod sharing;
pub mod steps;
pub mod views;
pub mod workspace;

pub use error::{Error, Result};
pub use kontor_outbound::Slot;
pub use session::{Actor, Cause, Origin, Session};
pub use workspace::{Settings, Workspace};

/// Rows and summaries of the store that this crate's functions give out.
pub mod rows {
    pub use kontor_store::system::{
        ChangeRow, ChangeSetRow, EventRow, ImportLineRow, ImportRow, PackRow, ParkedRow, RunRow, RunStepRow,
        TokenRow, VersionRow, VersionSummary,
    };
}
