//! One file per page: the struct is the context of the view of the same name below `templates/views/`.
//!
//! Every value is already text in the reader's language; a template decides order and markup, never meaning.

pub mod action;
pub mod admin;
pub mod beside;
pub mod bin;
pub mod board;
pub mod bulk;
pub mod calendar;
pub mod cards;
pub mod choose;
pub mod conflict;
pub mod dashboard;
pub mod deleted;
pub mod deletion;
pub mod form;
pub mod history;
pub mod import;
pub mod job;
pub mod list;
pub mod lists;
pub mod merge;
pub mod metric;
pub mod part;
pub mod profile;
pub mod record;
pub mod report;
pub mod report_builder;
pub mod reveal;
pub mod search;
pub mod snapshot;
pub mod timeline;
pub mod tree;
pub mod view_menu;
pub mod views;
