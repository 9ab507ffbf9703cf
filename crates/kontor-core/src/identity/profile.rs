//! What users set for themselves.

use chrono_tz::Tz;
use kontor_model::{Problem, Problems};
use kontor_store::system::SystemWrite;

use super::actor::preference;
use crate::Session;
use crate::error::{Error, Result};
use crate::records::batch::Batch;
use crate::records::refused::commit_told;
use crate::records::save::prepare;
use crate::records::{Incoming, Save};

/// What users set for themselves; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// The name on screen.
    pub name: Option<String>,
    /// One of the languages that there are texts for.
    pub language: Option<String>,
    /// An IANA time zone.
    pub zone: Option<String>,
    /// light, dark, or empty for the system's.
    pub theme: Option<String>,
    /// compact, or empty for comfortable.
    pub density: Option<String>,
    /// The language whose way of writing numbers and days is used, or empty for that of the texts.
    pub formats: Option<String>,
}

/// Stores a profile of the acting user.
///
/// # Errors
/// `unknown_language`, `unknown_zone`, `unknown_option` at their fields.
pub async fn update(session: &Session, profile: Profile) -> Result<()> {
    let mut problems = Problems::new();
    let mut values = Vec::new();
    if let Some(name) = profile.name {
        values.push(("name".to_owned(), Incoming::Text(name)));
    }
    if let Some(language) = profile.language {
        if !session.model.catalogues.contains_key(&language) {
            problems.push(Problem::at_field("unknown_language", "language").with("value", &language));
        }
        values.push(("language".to_owned(), Incoming::Text(language)));
    }
    if let Some(zone) = profile.zone {
        if zone.parse::<Tz>().is_err() {
            problems.push(Problem::at_field("unknown_zone", "time_zone").with("value", &zone));
        }
        values.push(("time_zone".to_owned(), Incoming::Text(zone)));
    }
    if let Some(theme) =
        profile.theme.as_deref().filter(|theme| !["", "system", "light", "dark"].contains(theme))
    {
        problems.push(
            Problem::at_field("unknown_option", "theme")
                .with("value", theme)
                .with("options", "system, light, dark"),
        );
    }
    if let Some(density) = profile.density.as_deref().filter(|density| !["", "compact"].contains(density)) {
        problems.push(
            Problem::at_field("unknown_option", "density").with("value", density).with("options", "compact"),
        );
    }
    let formats = profile.formats;
    let is_known =
        |formats: &str| formats.is_empty() || kontor_model::conventions::OFFERED.contains(&formats);
    if let Some(wrong) = formats.as_deref().filter(|formats| !is_known(formats)) {
        problems.push(Problem::at_field("unknown_option", "formats").with("value", wrong));
    }
    problems.into_result(())?;
    let entity = session.model.entity("user").cloned().ok_or(Error::NotFound)?;
    let elevated = session.elevated();
    let mut batch = Batch::default();
    if !values.is_empty() {
        prepare(&elevated, &mut batch, Save::update(&entity, session.actor.id, values)).await?;
    }
    if let Some(theme) = profile.theme {
        let theme = if theme == "system" { String::new() } else { theme };
        batch.unit.system(SystemWrite::PutPreference(preference(session.actor.id, "theme", theme)));
    }
    if let Some(density) = profile.density {
        batch.unit.system(SystemWrite::PutPreference(preference(session.actor.id, "density", density)));
    }
    if let Some(formats) = formats {
        batch.unit.system(SystemWrite::PutPreference(preference(session.actor.id, "formats", formats)));
    }
    batch.unit.push(super::stamp::changed());
    commit_told(&elevated, session, &mut batch).await?;
    Ok(())
}
