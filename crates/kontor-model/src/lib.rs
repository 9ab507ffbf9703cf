//! The model of a workspace: definitions, field kinds, values, filters and formulas, compiled into one
//! immutable [`Model`].
//!
//! This crate is pure. It knows no database, no script engine, no template and no network; whoever needs
//! one of those takes a `&Model` and does its own part.

pub mod access;
mod allowed;
pub mod amount;
pub mod built_in;
pub mod by_entity;
pub mod check;
mod compile;
pub mod conventions;
pub mod country;
pub mod currency;
pub mod decimal;
pub mod definition;
pub mod dependent;
pub mod diff;
pub mod entity;
pub mod filter;
pub mod form;
pub mod format;
pub mod formula;
pub mod guard;
pub mod held_file;
pub mod icon;
pub mod inputs;
pub mod json_fault;
pub mod json_schema;
pub mod kept;
pub mod kind;
pub mod labels;
pub mod layer;
pub mod likeness;
pub mod locale;
pub mod model;
pub mod name;
pub mod network;
pub mod portal;
pub mod problem;
pub mod query;
pub mod record;
pub mod rollup;
pub mod setting;
pub mod stages;
pub mod table;
pub mod territory;
pub mod tile_date;
pub mod value;
pub mod view;
pub mod words;
pub mod working_time;

pub use access::Access;
pub use compile::{MAX_ENTITIES, MAX_FIELDS, is_reserved as is_reserved_field};
pub use decimal::Decimal;
pub use entity::{EntityModel, FieldModel};
pub use filter::Filter;
pub use kind::FieldKind;
pub use model::Model;
pub use problem::{Problem, Problems};
pub use record::Record;
pub use value::Value;
pub use words::Words;

/// JSON as definitions and the API speak it: keys keep their order, numbers keep their digits.
pub type Json = serde_json::Value;
