//! The administrator's pages: everything that shapes the workspace.
//!
//! Each form changes a draft (the open change set); nothing is in use before it is published.

pub mod changes;
pub mod definitions;
pub mod diagram;
pub mod dictionary;
pub mod entities;
pub mod entity;
pub mod field;
pub mod form_editor;
pub mod item;
pub mod jobs;
pub mod kind;
pub mod packs;
pub mod parked;
pub mod roles;
pub mod scripts;
pub mod secrets;
pub mod settings;
pub mod shape;
pub mod source;
pub mod table;
pub mod translations;
pub mod users;
pub mod view_editor;
pub mod workflows;

use serde::Serialize;

/// How a definition or a part of it stands against what is published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftState {
    /// As published.
    #[default]
    Same,
    /// Not yet published.
    New,
    /// Changed in the draft.
    Changed,
    /// To be removed by the draft.
    Removed,
}
