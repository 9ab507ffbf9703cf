//! What an administrator sets for the whole workspace, stored as texts of the workspace's own database.

use std::sync::Arc;

use chrono_tz::Tz;
use kontor_model::held_file::bytes_of;
use kontor_model::working_time::{WorkingHours, WorkingTime};
use kontor_model::{Json, Model, Problem, Problems};
use kontor_store::system::{JournalQuery, SystemWrite};
use kontor_store::{CommitUnit, JournalChange, JournalRow, WORKING_HOURS, Write};
use serde_json::json;
use uuid::Uuid;

use crate::Session;
use crate::definitions::catch_up;
use crate::error::{Error, Result};
use crate::permissions::demand_admin;
use crate::workspace::{Settings, Workspace};

/// What the journal calls settings: no entity has such a name.
const JOURNALLED: &str = "@setting";
/// Before the names of settings that definitions bring.
const CHOSEN: &str = "setting:";

/// What may be chosen as the largest file: a file must pass through the database of the workspace.
const FILE_LIMITS: std::ops::RangeInclusive<u64> = 1_000..=1_000_000_000;

/// Reads the settings into the workspace.
pub(crate) async fn load(workspace: &Workspace) -> Result<()> {
    let _turn = workspace.settings_turn.lock().await;
    let mut settings = Settings::default();
    let mut is_complete = false;
    for (name, value) in workspace.store.meta().await? {
        match name.as_str() {
            "title" => settings.title = value,
            "currency" => settings.currency = value,
            "zone" => settings.zone = value.parse().unwrap_or(Tz::UTC),
            "language" => settings.language = value,
            "fiscal_start" => {
                settings.fiscal_start =
                    value.parse().ok().filter(|month| (1..=12).contains(month)).unwrap_or(1);
            }
            "file_limit" => {
                if let Some(limit) = bytes_of(&value).filter(|limit| FILE_LIMITS.contains(limit)) {
                    settings.file_limit = limit;
                }
            }
            catch_up::NAME => is_complete = value == catch_up::PRESENT,
            name => {
                let own: Option<(&str, Json)> =
                    name.strip_prefix(CHOSEN).zip(serde_json::from_str(&value).ok());
                let own = own.filter(|(_, value)| !value.is_null());
                settings.chosen.extend(own.map(|(name, value)| (name.to_owned(), value)));
            }
        }
    }
    // A workspace of an older program has no table of holidays yet, and no hours.
    if is_complete {
        let model = workspace.model();
        settings.working = Arc::new(workspace.store.working_time(&model, settings.zone).await?);
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
    // What amounts are worth is counted anew in another currency; in another zone a moment may be of another day.
    let before = session.workspace.settings();
    let is_same = before.currency == settings.currency && before.zone == settings.zone;
    let mut jobs = if is_same { Vec::new() } else { crate::derived::jobs_of_currency(&session.model) };
    if before.zone != settings.zone || before.working.hours() != settings.working.hours() {
        jobs.extend(crate::derived::jobs_of_working_time(&session.model));
    }
    let mut unit = CommitUnit::new();
    crate::derived::queue(&mut unit, &jobs, session);
    // It may be another day there, or another quarter: what depends on that is looked at as soon as they are stored.
    if before.zone != settings.zone || before.fiscal_start != settings.fiscal_start {
        unit.system(crate::derived::another_day(settings.zone, session.now));
    }
    // What is counted in working time, or on the clocks of the zone, comes at other times.
    if before.zone != settings.zone || before.working.hours() != settings.working.hours() {
        crate::queue::working_time_changed(&mut unit, session.now);
    }
    store_with(&session.workspace, settings, unit).await?;
    crate::derived::after_publish(session, jobs).await
}

/// Stores settings without asking who.
pub(crate) async fn store(workspace: &Arc<Workspace>, settings: Settings) -> Result<()> {
    store_with(workspace, settings, CommitUnit::new()).await
}

async fn store_with(workspace: &Arc<Workspace>, mut settings: Settings, mut unit: CommitUnit) -> Result<()> {
    check(&settings)?;
    for (name, value) in [
        ("title", settings.title.clone()),
        ("currency", settings.currency.clone()),
        ("zone", settings.zone.name().to_owned()),
        ("language", settings.language.clone()),
        ("fiscal_start", settings.fiscal_start.to_string()),
        ("file_limit", settings.file_limit.to_string()),
        (WORKING_HOURS, settings.working.hours().to_json().to_string()),
    ] {
        unit.system(SystemWrite::SetMeta { name: name.to_owned(), value });
    }
    // Other processes read them again.
    unit.push(crate::identity::stamp::changed());
    let _turn = workspace.settings_turn.lock().await;
    let model = workspace.model();
    workspace.store.commit(&model, unit).await.map_err(Error::internal)?;
    if model.version > 0 {
        settings.working = Arc::new(workspace.store.working_time(&model, settings.zone).await?);
    }
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
        "working_hours": settings.working.hours().to_json(),
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
    if let Some(hours) = json.get("working_hours") {
        let mut problems = Problems::new();
        match WorkingHours::from_json(hours) {
            Ok(hours) => settings.working = Arc::new(WorkingTime::new(settings.zone, hours, &[])),
            Err(found) => problems.extend_under("/settings/working_hours", found),
        }
        problems.into_result(())?;
    }
    store(&session.workspace, settings).await
}

/// Checks settings.
pub(crate) fn check(settings: &Settings) -> Result<(), Problems> {
    let mut problems = Problems::new();
    if !kontor_model::currency::is_known(&settings.currency) {
        problems.push(Problem::at_field("unknown_currency", "currency").with("value", &settings.currency));
    }
    if !(1..=12).contains(&settings.fiscal_start) {
        let problem = Problem::at_field("out_of_range", "fiscal_start");
        problems.push(problem.with("minimum", 1).with("maximum", 12));
    }
    if !FILE_LIMITS.contains(&settings.file_limit) {
        let problem = Problem::at_field("out_of_range", "file_limit");
        let text = kontor_model::held_file::size_text;
        problems.push(
            problem.with("minimum", text(*FILE_LIMITS.start())).with("maximum", text(*FILE_LIMITS.end())),
        );
    }
    if settings.title.trim().is_empty() {
        problems.push(Problem::at_field("required", "workspace").with("field", "workspace"));
    }
    problems.into_result(())
}

/// A setting as its page shows it.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// Who chose the present value last, and when; nobody while it is the default.
    pub last: Option<JournalRow>,
    /// Whether it is the default.
    pub is_default: bool,
}

/// The record under which the journal keeps a setting: always the same for a name.
pub(crate) fn place_of(name: &str) -> Uuid {
    let hash = name.bytes().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
    });
    Uuid::from_u128(hash)
}

/// Whether a setting was chosen, and who did it.
///
/// # Errors
/// [`Error::Forbidden`] without the right to design.
pub async fn chosen(session: &Session, name: &str) -> Result<Chosen> {
    demand_admin(session, "design")?;
    let query = JournalQuery {
        entity: Some(JOURNALLED.to_owned()),
        record: Some(place_of(name)),
        limit: 1,
        ..JournalQuery::default()
    };
    let rows = session.workspace.store.journal(&session.model, &query).await?;
    let is_default = !session.workspace.settings().chosen.contains_key(name);
    Ok(Chosen { last: rows.into_iter().next(), is_default })
}

/// Chooses values of settings, typed into a form; an empty text takes the default again. All of them or none; what was
/// chosen is in the journal. Calculated fields that read them are worked out anew.
///
/// # Errors
/// What does not fit, by the names of the settings; [`Error::Forbidden`] without the right to design.
pub async fn choose(session: &Session, values: &[(String, String)]) -> Result<()> {
    demand_admin(session, "design")?;
    let before = session.workspace.settings();
    let mut settings = (*before).clone();
    let mut problems = Problems::new();
    let mut unit = CommitUnit::new();
    let mut changed = Vec::new();
    for (name, text) in values {
        let Some(setting) = session.model.settings.get(name) else {
            let known = session.model.settings.keys().map(String::as_str);
            problems.push(Problem::at_field("unknown_setting", name).with("name", name).among(name, known));
            continue;
        };
        let text = text.trim();
        let mut json = Json::Null;
        if !text.is_empty() {
            let mut found = Problems::new();
            match setting.field.kind.parse_text(&setting.field, text, &session.parse_context()) {
                Ok(mut value) => {
                    setting.field.kind.check(&setting.field, &mut value, &mut found);
                    json = setting.field.kind.to_json(&setting.field, &value);
                }
                Err(problem) => found.push(problem),
            }
            problems.0.extend(found.0);
        }
        let old = before.chosen.get(name).cloned().unwrap_or(Json::Null);
        if old == json {
            continue;
        }
        if json.is_null() {
            settings.chosen.remove(name);
        } else {
            settings.chosen.insert(name.clone(), json.clone());
        }
        unit.system(SystemWrite::SetMeta { name: format!("{CHOSEN}{name}"), value: json.to_string() });
        unit.push(told(session, name, old, json));
        changed.push(name.clone());
    }
    problems.into_result(())?;
    if changed.is_empty() {
        return Ok(());
    }
    // Other processes on the same data read settings anew when this stamp moves.
    unit.push(crate::identity::stamp::changed());
    let jobs = crate::derived::jobs_of_settings(&session.model, &changed);
    crate::derived::queue(&mut unit, &jobs, session);
    let turn = session.workspace.settings_turn.lock().await;
    session.workspace.store.commit(&session.model, unit).await.map_err(Error::internal)?;
    session.workspace.set_settings(settings);
    drop(turn);
    crate::derived::after_publish(session, jobs).await
}

/// What a publication says with `value` stands in the place of what was chosen before it: what is said last holds. The
/// settings as they are then, where a choice ends.
pub(crate) fn say_anew(
    session: &Session,
    old: &Model,
    new: &Model,
    unit: &mut CommitUnit,
) -> Option<Settings> {
    let mut settings = (*session.workspace.settings()).clone();
    let mut is_changed = false;
    for (name, setting) in &new.settings {
        let before = old.settings.get(name).and_then(|setting| setting.said.as_ref());
        if setting.said.is_none() || before == setting.said.as_ref() {
            continue;
        }
        let Some(chosen) = settings.chosen.remove(name) else { continue };
        is_changed = true;
        unit.system(SystemWrite::SetMeta { name: format!("{CHOSEN}{name}"), value: Json::Null.to_string() });
        unit.push(told(session, name, chosen, Json::Null));
    }
    if is_changed {
        unit.push(crate::identity::stamp::changed());
    }
    is_changed.then_some(settings)
}

/// A definition of a setting with the value that is in use here, where one was chosen.
pub fn with_value_in_use(session: &Session, name: &str, mut definition: Json) -> Json {
    let settings = session.workspace.settings();
    if let (Some(chosen), Some(object)) = (settings.chosen.get(name), definition.as_object_mut()) {
        object.insert("value".into(), chosen.clone());
    }
    definition
}

/// The line of the journal about a setting.
fn told(session: &Session, name: &str, old: Json, new: Json) -> Write {
    Write::Journal(JournalRow {
        id: Uuid::now_v7(),
        at: session.now,
        entity: JOURNALLED.to_owned(),
        record: place_of(name),
        version: 1,
        action: "update".into(),
        actor: (!session.actor.id.is_nil()).then_some(session.actor.id),
        on_behalf: None,
        cause: Some(session.origin.as_str().to_owned()),
        run: None,
        changes: vec![JournalChange { field: name.to_owned(), old, new }],
    })
}
