//! The administrator's pages: definitions as people read and change them.

pub mod changes;
pub mod conditions;
pub mod conflict;
pub mod diagram;
pub mod dictionary;
pub mod entity;
pub mod facets;
pub mod field_definition;
pub mod form_editor;
pub mod icons;
pub mod items;
pub mod kind;
pub mod lines;
pub mod packs;
pub mod relations;
pub mod role;
pub mod said;
pub mod save_steps;
pub mod settings;
pub mod sheet;
pub mod source;
pub mod steps;
pub mod translations;
pub mod view_editor;
pub mod workflow;
