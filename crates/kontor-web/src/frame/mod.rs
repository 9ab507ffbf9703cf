//! What surrounds every request: security headers, request ids, counters, cookies, languages, assets.

pub mod address;
pub mod assets;
pub mod cookie;
pub mod health;
pub mod language;
pub mod metrics;
pub mod security;
pub mod trailing;
