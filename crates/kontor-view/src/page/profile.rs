//! The reader's own settings: name, language, time zone, theme, password, API tokens.

use serde::Serialize;

use super::part::{Place, ProblemLine};
use crate::field::OptionView;
use crate::{View, Words};

/// An API token, without its secret.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TokenLine {
    /// Its id; withdrawing posts to `{action}/{id}/deletion`.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// Whose it is; empty on the reader's own page.
    pub who: String,
    /// What it may do, in the reader's words.
    pub scopes: String,
    /// When it was made.
    pub created: String,
    /// When it was last used; empty for never.
    pub used: String,
    /// When it ends; empty for never.
    pub expires: String,
}

/// Tokens and the form for a new one: `name`, `days`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TokenList {
    /// Where a new one is posted.
    pub action: String,
    /// The tokens.
    pub tokens: Vec<TokenLine>,
    /// The secret of the one just made; shown this once, else empty.
    pub secret: String,
}

/// The reader's second factor. It is set up on `{base}/profile/second-factor`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FactorCard {
    /// Since when there is one; empty for none.
    pub since: String,
    /// How many recovery codes are left, as people say it.
    pub left: String,
    /// Whether a role demands it.
    pub demanded: bool,
}

/// Context of `profile.html`. Three forms: `POST {base}/profile` with `name language formats zone theme density`, `POST
/// {base}/profile/password` with `current password again`, and the tokens.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ProfilePage {
    /// Where the page is.
    pub at: Place,
    /// E-mail; read only.
    pub email: String,
    /// Name.
    pub name: String,
    /// Languages.
    pub languages: Vec<OptionView>,
    /// Ways of writing numbers and days.
    pub formats: Vec<OptionView>,
    /// Time zones.
    pub zones: Vec<OptionView>,
    /// system, light, dark.
    pub themes: Vec<OptionView>,
    /// comfortable, compact.
    pub densities: Vec<OptionView>,
    /// Titles of the reader's roles.
    pub roles: Vec<String>,
    /// The second factor.
    pub factor: FactorCard,
    /// Tokens.
    pub tokens: TokenList,
    /// What was wrong; `anchor` is the id of the input (`p-name`, `p-current`, `p-password`, `p-again`).
    pub problems: Vec<ProblemLine>,
}

impl View for ProfilePage {
    const TEMPLATE: &'static str = "profile.html";

    fn title(&self, words: &Words) -> String {
        words.t("profile.title")
    }
}
