//! Draws: page models, the views and field templates (minijinja), the shell (askama), charts as SVG, the browser's assets.
//!
//! Everything here takes plain data and gives text. The crate knows neither a database nor a request nor who may see what:
//! what a page struct holds is shown.

pub mod assets;
mod barcode;
pub mod chart;
mod error;
pub mod field;
mod fragment;
mod icon;
pub mod markdown;
pub mod page;
pub mod present;
pub mod qr;
pub mod shell;
mod views;
pub mod words;

pub use error::Error;
pub use field::FieldView;
pub use fragment::{Fragment, Html, Script};
pub use icon::names as icon_names;
/// Numbers, money, days and moments as one reader writes them.
pub use kontor_model::format;
pub use views::{BrokenTemplate, View, Views, check_template, initials};
pub use words::Words;
