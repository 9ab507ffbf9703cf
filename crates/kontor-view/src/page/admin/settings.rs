//! What an administrator sets for the whole workspace, and the parameters that packs bring. Saved at once.

use serde::Serialize;

use crate::field::FieldView;
use crate::page::part::{Place, ProblemLine};
use crate::{View, Words};

/// Context of `admin/settings.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SettingsPage {
    /// Where the page is.
    pub at: Place,
    /// Where the form posts.
    pub action: String,
    /// Name, currency, zone, language, fiscal year.
    pub general: Vec<FieldView>,
    /// The working hours of each weekday.
    pub working: Vec<FieldView>,
    /// The parameters of packs; the remark says who chose the value last, or that it is the default.
    pub own: Vec<FieldView>,
    /// What currencies are worth.
    pub rates_href: String,
    /// When nobody works.
    pub holidays_href: String,
    /// The list of territories.
    pub territories_href: String,
    /// Where settings are defined; empty for who may not see it.
    pub definitions_href: String,
    /// What is wrong.
    pub problems: Vec<ProblemLine>,
}

impl View for SettingsPage {
    const TEMPLATE: &'static str = "admin/settings.html";

    fn title(&self, words: &Words) -> String {
        words.t("settings.title")
    }
}
