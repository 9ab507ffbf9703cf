//! What must work when a workspace's own definitions or templates are broken: the page frame, sign-in, set-up, errors, Problems.
//!
//! Drawn by askama, so it is checked when Kontor is built; nobody can override it.

mod error_page;
mod frame;
mod problems;
mod second_factor;
mod set_up;
mod sign_in;

pub use error_page::ErrorPage;
pub use frame::{AppLink, Conflict, Flash, Frame, NavigationGroup, NavigationItem, Pending, Person};
pub use problems::{ProblemGroup, ProblemItem, ProblemsPage};
pub use second_factor::{Asking, SecondFactorPage};
pub use set_up::{SetUpPage, StartingPoint};
pub use sign_in::SignInPage;

use crate::{assets, icon};

/// What shell templates say besides their own struct: icons and addresses of assets.
pub(crate) struct Tools;

#[expect(clippy::unused_self, reason = "a template calls methods of a value")]
impl Tools {
    /// Markup of an icon; the template prints it with `| safe`, for it is made here alone.
    pub(crate) fn icon(&self, name: &str) -> String {
        icon::markup(name, "")
    }

    /// Markup of an icon with classes.
    pub(crate) fn icon_with(&self, name: &str, class: &str) -> String {
        icon::markup(name, class)
    }

    /// Address of an asset.
    pub(crate) fn asset(&self, name: &str) -> String {
        assets::url(name)
    }
}
