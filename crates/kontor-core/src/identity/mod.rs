//! Who somebody is: passwords, sessions, tokens, users, and the first administrator.

mod actor;
pub mod password;
pub mod profile;
pub mod secret;
mod sessions;
pub mod set_up;
pub(crate) mod stamp;
mod teams;
pub mod throttle;
pub mod tokens;
pub mod users;

pub use actor::{actor_of, session_of_user, system_session};
pub use sessions::{NewSession, SignedIn, session, sign_in, sign_out};
pub use tokens::token_session;
