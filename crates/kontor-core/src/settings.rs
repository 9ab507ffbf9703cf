//! What an administrator sets for the whole workspace, stored as texts of the workspace's own database.

use std::sync::Arc;

use chrono_tz::Tz;
use kontor_model::{Json, Problem, Problems};
use kontor_store::CommitUnit;
use kontor_store::system::SystemWrite;
use serde_json::json;

use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::demand_admin;
use crate::workspace::{Settings, Workspace};

/// Reads the settings into the workspace.
pub(crate) async fn load(workspace: &Workspace) -> Result<()> {
    let mut settings = Settings::default();
    for (name, value) in workspace.store.meta().await? {
        match name.as_str() {
            "title" => settings.title = value,
            "currency" => settings.currency = value,
            "zone" => settings.zone = value.parse().unwrap_or(Tz::UTC),
            "language" => settings.language = value,
            _ => {}
        }
    }
    workspace.set_settings(settings);
    Ok(())
}

/// Stores new settings.
///
/// # Errors
/// `unknown_currency` at `/currency`; [`Error::Forbidden`] without the right to design.
pub async fn save(session: &Session, settings: Settings) -> Result<()> {
    demand_admin(session, "design")?;
    store(&session.workspace, settings).await
}

/// Stores settings without asking who.
pub(crate) async fn store(workspace: &Arc<Workspace>, settings: Settings) -> Result<()> {
    check(&settings)?;
    let mut unit = CommitUnit::new();
    for (name, value) in [
        ("title", settings.title.clone()),
        ("currency", settings.currency.clone()),
        ("zone", settings.zone.name().to_owned()),
        ("language", settings.language.clone()),
    ] {
        unit.system(SystemWrite::SetMeta { name: name.to_owned(), value });
    }
    // Other processes read them again.
    unit.push(crate::identity::stamp::changed());
    workspace.store.commit(&workspace.model(), unit).await.map_err(Error::internal)?;
    workspace.set_settings(settings);
    Ok(())
}

/// Settings as a folder holds them.
pub fn to_json(settings: &Settings) -> Json {
    json!({
        "title": settings.title,
        "currency": settings.currency,
        "zone": settings.zone.name(),
        "language": settings.language,
    })
}

/// Takes the settings of a folder over, when the workspace has none of its own.
pub(crate) async fn adopt(session: &Session, json: Option<&Json>) -> Result<()> {
    let Some(json) = json else { return Ok(()) };
    let stored = session.workspace.store.meta().await?;
    if stored.iter().any(|(name, _)| matches!(name.as_str(), "title" | "currency" | "zone" | "language")) {
        return Ok(());
    }
    let mut settings = (*session.workspace.settings()).clone();
    let text = |key: &str| json.get(key).and_then(Json::as_str);
    if let Some(title) = text("title") {
        title.clone_into(&mut settings.title);
    }
    if let Some(currency) = text("currency") {
        currency.clone_into(&mut settings.currency);
    }
    if let Some(zone) = text("zone") {
        settings.zone =
            zone.parse().map_err(|_| Problem::new("unknown_zone", "/settings/zone").with("value", zone))?;
    }
    if let Some(language) = text("language") {
        language.clone_into(&mut settings.language);
    }
    store(&session.workspace, settings).await
}

/// Checks settings.
pub(crate) fn check(settings: &Settings) -> Result<(), Problems> {
    let mut problems = Problems::new();
    let is_code =
        settings.currency.len() == 3 && settings.currency.bytes().all(|byte| byte.is_ascii_uppercase());
    if !is_code {
        problems.push(Problem::at_field("unknown_currency", "currency").with("value", &settings.currency));
    }
    if settings.title.trim().is_empty() {
        problems.push(Problem::at_field("required", "workspace").with("field", "workspace"));
    }
    problems.into_result(())
}
