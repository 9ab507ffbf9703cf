//! The administrator's pages: definitions as people read and change them.

pub mod changes;
pub mod conditions;
pub mod entity;
pub mod facets;
pub mod field_definition;
pub mod form_editor;
pub mod items;
pub mod kind;
pub mod lines;
pub mod packs;
pub mod role;
pub mod sheet;
pub mod source;
pub mod view_editor;
pub mod workflow;
