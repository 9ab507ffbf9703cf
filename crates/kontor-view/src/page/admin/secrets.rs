//! Hooks and the secrets that they and steps of workflows speak of.

use serde::Serialize;

use crate::page::part::Place;
use crate::{View, Words};

/// A workflow that a machine of somebody else begins.
#[derive(Clone, Debug, Default, Serialize)]
pub struct HookLine {
    /// The title of the workflow.
    pub title: String,
    /// Its page.
    pub href: String,
    /// Where messages are sent, from the root of the site.
    pub address: String,
    /// Whether it listens.
    pub active: bool,
    /// The name of the secret that signs.
    pub secret: String,
    /// Whether there is no such secret.
    pub lacks: bool,
    /// What was refused lately, in words; empty for nothing.
    pub refused: String,
}

/// A secret, without itself. `POST {action}/rotation` with `secret`, `POST {action}/deletion`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SecretLine {
    /// Its name.
    pub name: String,
    /// What it can do, in words.
    pub sort: String,
    /// When it became what it is, and by whom.
    pub changed: String,
    /// Until when the one before is taken; empty when it is not.
    pub follows: String,
    /// The workflows that speak of it.
    pub users: Vec<String>,
    /// Where its forms are posted.
    pub action: String,
}

/// Context of `admin/secrets.html`. `POST {action}` with `name` and `secret`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SecretsPage {
    /// Where the page is.
    pub at: Place,
    /// The hooks.
    pub hooks: Vec<HookLine>,
    /// The secrets.
    pub secrets: Vec<SecretLine>,
    /// Names that definitions speak of and that nothing is kept under.
    pub missing: Vec<String>,
    /// Where a new one is posted.
    pub action: String,
    /// The name of the one that was just made or changed; else empty.
    pub made_name: String,
    /// What it is, where the machine drew it; shown this once.
    pub made: String,
    /// What was typed as a name.
    pub name: String,
    /// What is wrong with what was typed.
    pub problems: Vec<String>,
}

impl View for SecretsPage {
    const TEMPLATE: &'static str = "admin/secrets.html";

    fn title(&self, words: &Words) -> String {
        words.t("secrets.title")
    }
}
