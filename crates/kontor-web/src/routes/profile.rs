//! The reader's own settings: name, language, time zone, theme, password, tokens.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::identity::profile::{self, Profile};
use kontor_core::identity::{second_factor, tokens, users};
use kontor_core::{Error, identity};
use kontor_model::definition::DefinitionKind;
use kontor_model::{Problem, Problems};
use kontor_view::field::OptionView;
use kontor_view::format::Format;
use kontor_view::page::profile::{FactorCard, ProfilePage, TokenLine, TokenList};
use serde::Deserialize;
use uuid::Uuid;

use crate::error::Failure;
use crate::extract::form::Form;
use crate::frame::address;
use crate::present::{Reading, flash, frame};
use crate::visit::Reader;

/// Days a token is valid when nothing is said.
const TOKEN_DAYS: u32 = 90;

#[derive(Deserialize)]
pub struct TokenPath {
    pub id: String,
}

/// The time zones to choose from.
pub fn zones(chosen: &str) -> Vec<OptionView> {
    chrono_tz::TZ_VARIANTS
        .iter()
        .map(|zone| zone.name())
        .filter(|name| name.contains('/') || *name == "UTC")
        .filter(|name| !name.starts_with("Etc/") && !name.starts_with("SystemV/") && !name.starts_with("US/"))
        .map(|name| OptionView::new(name, name.replace('_', " "), name == chosen))
        .collect()
}

/// `GET profile`.
pub async fn show_profile(reader: Reader) -> Result<Response, Failure> {
    draw(&reader, &Form::default(), &Problems::new(), "").await
}

/// `POST profile`.
pub async fn save_profile(reader: Reader, sent: Form) -> Result<Response, Failure> {
    let given = |name: &str| sent.get(name).map(|text| text.trim().to_owned());
    let wanted = Profile {
        name: given("name"),
        language: given("language"),
        zone: given("zone"),
        theme: given("theme"),
        density: given("density"),
        formats: given("formats"),
    };
    match profile::update(&reader.session, wanted).await {
        Ok(()) => {
            Ok(reader
                .go_saying(&format!("{}/profile", reader.visit.base), &flash::done("profile.saved", &[])))
        }
        Err(Error::Problems(problems)) => draw(&reader, &sent, &problems, "").await,
        Err(other) => Err(other.into()),
    }
}

/// `POST profile/theme`.
pub async fn choose_theme(reader: Reader, sent: Form) -> Result<Response, Failure> {
    let wanted = Profile { theme: Some(sent.text("theme").to_owned()), ..Profile::default() };
    profile::update(&reader.session, wanted).await?;
    Ok(reader.go(back(&reader, &sent).as_str()))
}

/// `POST profile/language`.
pub async fn choose_language(reader: Reader, sent: Form) -> Result<Response, Failure> {
    let wanted = Profile { language: Some(sent.text("language").to_owned()), ..Profile::default() };
    profile::update(&reader.session, wanted).await?;
    Ok(reader.go(back(&reader, &sent).as_str()))
}

fn back(reader: &Reader, sent: &Form) -> String {
    let home = format!("{}/", reader.visit.base);
    address::own_path_or(sent.text("next"), &home).to_owned()
}

/// `POST profile/password`: `current`, `password`, `again`.
pub async fn change_password(reader: Reader, sent: Form) -> Result<Response, Failure> {
    let session = &reader.session;
    let password = sent.get("password").unwrap_or_default();
    let mut problems = Problems::new();
    let words = reader.visit.words();
    if sent.get("again") != Some(password) {
        problems.push(Problem::at_field("passwords_differ", "again").saying(words.t("profile.not_same")));
    }
    let email = session.actor.email.clone().unwrap_or_default();
    let current = sent.get("current").unwrap_or_default();
    // The present password is proved the way everybody proves it, throttling included.
    let from = reader.visit.transport.address;
    match identity::check_password(&reader.visit.workspace, &email, current, from).await {
        Ok(_) => {}
        Err(Error::Unauthenticated) => {
            problems.push(
                Problem::at_field("wrong_password", "current").saying(words.t("profile.wrong_password")),
            );
        }
        Err(other) => return Err(other.into()),
    }
    if problems.is_empty() {
        match users::set_password(session, session.actor.id, password.to_owned()).await {
            Ok(()) => {}
            Err(Error::Problems(wrong)) => problems = wrong,
            Err(other) => return Err(other.into()),
        }
    }
    if !problems.is_empty() {
        return draw(&reader, &Form::default(), &problems, "").await;
    }
    Ok(reader
        .go_saying(&format!("{}/profile", reader.visit.base), &flash::done("profile.password_changed", &[])))
}

/// `POST profile/tokens`: `name`, `days`. The secret is shown on the page that follows at once, and never again.
pub async fn create_token(reader: Reader, sent: Form) -> Result<Response, Failure> {
    let days = sent.text("days").parse().unwrap_or(TOKEN_DAYS);
    match tokens::create(&reader.session, reader.session.actor.id, sent.text("name"), days).await {
        Ok(secret) => draw(&reader, &Form::default(), &Problems::new(), &secret).await,
        Err(Error::Problems(problems)) => draw(&reader, &Form::default(), &problems, "").await,
        Err(other) => Err(other.into()),
    }
}

/// `POST profile/tokens/{id}/deletion`.
pub async fn withdraw_token(
    reader: Reader,
    Path(path): Path<TokenPath>,
    _sent: Form,
) -> Result<Response, Failure> {
    let id = Uuid::parse_str(&path.id).map_err(|_| Failure::not_found())?;
    tokens::revoke(&reader.session, id).await?;
    Ok(reader.go_saying(&format!("{}/profile", reader.visit.base), &flash::done("tokens.withdrawn", &[])))
}

/// The page, with what was wrong elsewhere.
pub async fn draw_with(reader: &Reader, problems: &Problems) -> Result<Response, Failure> {
    draw(reader, &Form::default(), problems, "").await
}

async fn draw(reader: &Reader, typed: &Form, problems: &Problems, secret: &str) -> Result<Response, Failure> {
    let session = &reader.session;
    let actor = &session.actor;
    let reading = reader.reading();
    let rows = tokens::list(session, actor.id).await?;
    let factor = second_factor::of(&session.workspace, actor.id).await?;
    let given = |name: &str, own: &str| typed.get(name).map_or_else(|| own.to_owned(), str::to_owned);
    let theme = if actor.theme.is_empty() { "system" } else { actor.theme.as_str() };
    let page = ProfilePage {
        at: reader.visit.place(),
        email: actor.email.clone().unwrap_or_default(),
        name: given("name", &actor.name),
        languages: frame::languages(&reader.visit),
        formats: ways_of_writing(&reading, &given("formats", &actor.formats)),
        zones: zones(&given("zone", actor.zone.name())),
        themes: ["system", "light", "dark"]
            .map(|one| OptionView::new(one, reading.t(&format!("shell.theme_{one}")), one == theme))
            .to_vec(),
        densities: [("", "comfortable"), ("compact", "compact")]
            .map(|(value, word)| {
                OptionView::new(value, reading.t(&format!("profile.density_{word}")), value == actor.density)
            })
            .to_vec(),
        roles: actor.roles.iter().map(|role| role_title(&reading, role)).collect(),
        factor: FactorCard {
            since: factor.map(|factor| reading.format.when(factor.since).text).unwrap_or_default(),
            left: factor
                .map(|factor| reading.words().count("second_factor.left", factor.recovery_left))
                .unwrap_or_default(),
            demanded: actor.access.demands_second_factor(),
        },
        tokens: TokenList {
            // Programs do not act for people of a portal.
            action: if session.portal.is_none() {
                format!("{}/profile/tokens", reader.visit.base)
            } else {
                String::new()
            },
            tokens: rows
                .iter()
                .map(|row| {
                    token_line(&reading, row.id, &row.name, "", row.created_at, row.used_at, row.expires_at)
                })
                .collect(),
            secret: secret.to_owned(),
        },
        problems: reading.problem_lines(problems, "p-"),
    };
    let draw = reader.draw();
    if problems.is_empty() { draw.view(&page).await } else { draw.refused().view(&page).await }
}

/// The ways of writing numbers and days to choose from, each shown by an example.
fn ways_of_writing(reading: &Reading<'_>, chosen: &str) -> Vec<OptionView> {
    let day = reading.format.today();
    let own = reading.t("profile.formats_own");
    let offered = kontor_model::conventions::OFFERED.iter().map(|language| {
        let format =
            Format { conventions: kontor_model::conventions::of(language), ..reading.format.clone() };
        let number = format.decimal(kontor_model::Decimal::new(123_456, 2));
        OptionView::new(
            *language,
            format!("{number} · {} ({language})", format.date(day)),
            *language == chosen,
        )
    });
    std::iter::once(OptionView::new("", own, chosen.is_empty())).chain(offered).collect()
}

/// The title of a role in the reader's language.
pub fn role_title(reading: &Reading<'_>, role: &str) -> String {
    match reading.session.model.definition(DefinitionKind::Role, role) {
        Some(json) => reading.definition_title(DefinitionKind::Role, role, json),
        None => role.to_owned(),
    }
}

/// A token as a line of a list.
pub fn token_line(
    reading: &Reading<'_>,
    id: Uuid,
    name: &str,
    who: &str,
    created: chrono::DateTime<chrono::Utc>,
    used: Option<chrono::DateTime<chrono::Utc>>,
    expires: Option<chrono::DateTime<chrono::Utc>>,
) -> TokenLine {
    let when = |moment: Option<chrono::DateTime<chrono::Utc>>| {
        moment.map(|moment| reading.format.when(moment).text).unwrap_or_default()
    };
    TokenLine {
        id: id.to_string(),
        name: name.to_owned(),
        who: who.to_owned(),
        scopes: String::new(),
        created: when(Some(created)),
        used: when(used),
        expires: when(expires),
    }
}
