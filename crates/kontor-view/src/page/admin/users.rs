//! People: the list, the form, and all API tokens.

use serde::Serialize;

use crate::field::{FieldView, OptionView};
use crate::page::part::{Pager, Place, ProblemLine};
use crate::page::profile::TokenList;
use crate::{Script, View, Words};

/// A person in the list.
#[derive(Clone, Debug, Default, Serialize)]
pub struct UserLine {
    /// Address of the form.
    pub href: String,
    /// Name.
    pub name: String,
    /// E-mail; empty for who cannot sign in.
    pub email: String,
    /// Titles of roles.
    pub roles: Vec<String>,
    /// Team; may be empty.
    pub team: String,
    /// When last seen; empty for never.
    pub seen: String,
    /// `active`, `disabled` or `no_sign_in`.
    pub state: String,
}

/// Context of `admin/users.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct UsersPage {
    /// Where the page is.
    pub at: Place,
    /// What is searched for.
    pub q: String,
    /// The people.
    pub users: Vec<UserLine>,
    /// Address of the form for a new one.
    pub new_href: String,
    /// Paging.
    pub pager: Pager,
}

impl View for UsersPage {
    const TEMPLATE: &'static str = "admin/users.html";

    fn title(&self, words: &Words) -> String {
        words.t("users.title")
    }
}

/// Context of `admin/user.html`. Posts `name email password role` (several) and the fields of the entity `user`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct UserPage {
    /// Where the page is.
    pub at: Place,
    /// Whether the person is new.
    pub is_new: bool,
    /// Where the form posts.
    pub action: String,
    /// Where "Cancel" leads.
    pub cancel_href: String,
    /// Version that was read; empty for a new one.
    pub version: String,
    /// Name, as typed.
    pub name: String,
    /// E-mail, as typed.
    pub email: String,
    /// Roles.
    pub roles: Vec<OptionView>,
    /// Further fields: team, manager, and what definitions add.
    pub fields: Vec<FieldView>,
    /// Where disabling (`active=0`) and enabling (`active=1`) posts; empty for a new person and for oneself.
    pub toggle_action: String,
    /// Where taking the second factor away is posted; empty for who has none.
    pub factor_action: String,
    /// Whether the person may sign in.
    pub active: bool,
    /// Secret of a password just made; shown this once, else empty.
    pub secret: String,
    /// What is wrong; `anchor` is `f-<input>`.
    pub problems: Vec<ProblemLine>,
}

impl View for UserPage {
    const TEMPLATE: &'static str = "admin/user.html";
    const SCRIPTS: &'static [Script] = &[Script::Form, Script::Lookup];

    fn title(&self, words: &Words) -> String {
        if self.is_new { words.t("users.new_title") } else { self.name.clone() }
    }
}

/// Context of `admin/tokens.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TokensPage {
    /// Where the page is.
    pub at: Place,
    /// Everybody's tokens.
    pub tokens: TokenList,
}

impl View for TokensPage {
    const TEMPLATE: &'static str = "admin/tokens.html";

    fn title(&self, words: &Words) -> String {
        words.t("tokens.title")
    }
}
