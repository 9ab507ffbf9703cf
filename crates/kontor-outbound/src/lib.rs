//! The one way out: HTTP to machines of others. Where a name leads is looked up once, looked at, and connected to as it was
//! looked at; what lies inside the operator's own network is not reached unless the operator lists it; nothing is followed
//! to another place. This crate knows nothing of workspaces.

mod allow;
mod client;
mod range;

pub use allow::{Allow, NotAllowable};
pub use client::{Answer, Client, Failure, Request, Slot};
