//! Who somebody is: passwords, sessions, tokens, users, and the first administrator.

mod actor;
mod half;
mod one_time;
pub mod password;
pub mod profile;
pub mod second_factor;
pub mod secret;
mod sessions;
pub mod set_up;
pub(crate) mod stamp;
mod teams;
mod territories;
pub mod throttle;
pub mod tokens;
pub mod users;

pub use actor::{actor_of, session_of_beginner, session_of_user, system_session};
pub use half::{HalfSignedIn, complete, enrol, half};
pub use sessions::{
    Half, NewSession, Proved, SignedIn, begin_proved, check_password, session, sign_in, sign_out,
};
pub use tokens::token_session;
