//! The HTTP face of Kontor: pages for people, a JSON API for programs, and what the operator watches.
//!
//! Handlers extract, make one call into `kontor-core`, and return one page or one JSON body. This crate knows neither SQL
//! nor scripts nor templates: records and definitions come from `kontor-core`, markup from `kontor-view`.

mod again;
mod api;
mod app;
mod channel;
mod download;
mod error;
mod extract;
mod frame;
mod page;
mod present;
mod router;
mod routes;
mod serve;
mod uploads;
mod visit;

pub use app::{App, Opener, Settings, Workspaces};
pub use serve::serve;
