//! What tests and measurements need around the built program: throw-away databases, a running server,
//! a visitor without JavaScript, an API client and a real browser. It knows the promises of the product
//! (addresses, commands, environment), never its code.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::return_self_not_must_use,
    reason = "a harness fails by panicking, with what it saw"
)]

pub mod answer;
pub mod api;
pub mod authenticator;
pub mod axe;
pub mod browser;
pub mod engine;
pub mod form;
pub mod formulas;
pub mod installation;
pub mod machine;
pub mod page;
pub mod postgres;
pub mod program;
pub mod repository;
pub mod seed;
pub mod server;
pub mod sql;
pub mod visitor;
pub mod wait;

pub use answer::Answer;
pub use api::Api;
pub use authenticator::Authenticator;
pub use browser::Browser;
pub use engine::{Engine, say};
pub use form::Form;
pub use installation::{Installation, Person};
pub use machine::{Heard, Machine, signature};
pub use page::Page;
pub use program::Finished;
pub use seed::{Dice, runner, seed};
pub use server::Server;
pub use visitor::Visitor;
pub use wait::{eventually, until};

/// What a client is built with. The product's own client chooses the cryptography of TLS itself; where both are built
/// together, it has to be chosen here, too.
pub fn client() -> reqwest::ClientBuilder {
    rustls::crypto::ring::default_provider().install_default().ok();
    reqwest::Client::builder()
}
