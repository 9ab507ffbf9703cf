//! Set-up of a fresh workspace: a page that only the printed one-time address opens.

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use kontor_core::Error;
use kontor_core::identity::set_up::{self, SetUp};
use kontor_core::pack::{Pack, embedded, read_pack};
use kontor_model::Problems;
use kontor_view::Words;
use kontor_view::field::OptionView;
use kontor_view::page::part::ProblemLine;
use kontor_view::shell::{SetUpPage, StartingPoint};

use super::login::{self, Unsigned};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::present::frame;
use crate::visit::{Entered, Visit};

/// Currencies to begin with; any other is typed in the settings later.
const CURRENCIES: [&str; 8] = ["EUR", "USD", "CNY", "GBP", "CHF", "JPY", "INR", "BRL"];
/// The sample workspace that "demo data" loads.
const DEMO: &str = "base";

/// `GET set-up?token=`.
pub async fn show_set_up(
    Entered(visit): Entered,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let token = query.get("token").unwrap_or_else(|| query.text("secret"));
    if !set_up::is_pending(&visit.workspace).await? {
        return Ok(Redirect::to(&format!("{}/login", visit.base)).into_response());
    }
    if !set_up::opens(&visit.workspace, token).await? {
        return login::wait_for_set_up(&visit, &headers, StatusCode::NOT_FOUND);
    }
    let title = visit.workspace.settings().title.clone();
    let first = Form(vec![
        ("token".to_owned(), token.to_owned()),
        ("workspace".to_owned(), title),
        ("language".to_owned(), visit.language.clone()),
        ("demo".to_owned(), "1".to_owned()),
    ]);
    draw(&visit, &headers, StatusCode::OK, &first, &Problems::new())
}

/// `POST set-up`.
pub async fn complete_set_up(Entered(visit): Entered, request: Request) -> Result<Response, Failure> {
    let (parts, body) = request.into_parts();
    let sent = login::unsigned_form(&visit, &parts.headers, body).await?;
    let wanted = SetUp {
        title: sent.text("workspace").to_owned(),
        name: sent.text("name").to_owned(),
        email: sent.text("email").to_owned(),
        password: sent.get("password").unwrap_or_default().to_owned(),
        language: sent.text("language").to_owned(),
        currency: sent.text("currency").to_owned(),
        zone: sent.text("zone").to_owned(),
        template: templates()
            .into_iter()
            .map(|template| template.name().to_owned())
            .find(|name| name == sent.text("template"))
            .unwrap_or_default(),
        demo: if sent.text("demo") == "1" { DEMO.to_owned() } else { String::new() },
    };
    match set_up::complete(&visit.workspace, sent.text("token"), wanted).await {
        Ok(session) => Ok(login::begin(&visit, &session.secret, &format!("{}/", visit.base))),
        Err(Error::Problems(problems)) => {
            draw(&visit, &parts.headers, StatusCode::UNPROCESSABLE_ENTITY, &sent, &problems)
        }
        Err(other) => Err(other.into()),
    }
}

/// The templates that the program brings beside the base pack.
fn templates() -> Vec<Pack> {
    embedded::templates().into_iter().filter_map(|files| read_pack(files).ok()).collect()
}

/// The base pack, and every template.
fn starting_points(words: &Words, chosen: &str) -> Vec<StartingPoint> {
    let text = |pack: &Pack, key: &str| {
        pack.manifest.get(key).and_then(kontor_model::Json::as_str).unwrap_or_default().to_owned()
    };
    let mut points = vec![StartingPoint {
        value: "base".to_owned(),
        title: words.t("set_up.template_base"),
        description: words.t("set_up.template_base_text"),
        icon: "handshake".to_owned(),
        tone: "t-accent".to_owned(),
        selected: true,
    }];
    for pack in templates() {
        let is_chosen = pack.name() == chosen;
        points.push(StartingPoint {
            value: pack.name().to_owned(),
            title: text(&pack, "title"),
            description: text(&pack, "description"),
            icon: "package".to_owned(),
            tone: "t-blue".to_owned(),
            selected: is_chosen,
        });
        if let Some(base) = points.first_mut().filter(|_| is_chosen) {
            base.selected = false;
        }
    }
    points
}

fn draw(
    visit: &Visit,
    headers: &HeaderMap,
    status: StatusCode,
    typed: &Form,
    problems: &Problems,
) -> Result<Response, Failure> {
    let unsigned = Unsigned::new(visit, headers)?;
    let words = visit.words();
    let catalogue = visit.catalogue();
    let languages = frame::languages(visit)
        .into_iter()
        .map(|one| OptionView { selected: one.value == typed.text("language"), ..one })
        .collect();
    let currency = if typed.text("currency").is_empty() { "EUR" } else { typed.text("currency") };
    let zone = if typed.text("zone").is_empty() { "UTC" } else { typed.text("zone") };
    let page = SetUpPage {
        action: format!("{}/set-up", visit.base),
        csrf: unsigned.csrf.clone(),
        token: typed.text("token").to_owned(),
        workspace: typed.text("workspace").to_owned(),
        name: typed.text("name").to_owned(),
        email: typed.text("email").to_owned(),
        languages,
        currencies: CURRENCIES.iter().map(|one| OptionView::new(*one, *one, *one == currency)).collect(),
        zones: super::profile::zones(zone),
        starting_points: starting_points(&words, typed.text("template")),
        demo: typed.text("demo") == "1",
        problems: problems
            .iter()
            .map(|problem| ProblemLine {
                anchor: problem.field().map(|field| format!("s-{field}")).unwrap_or_default(),
                label: String::new(),
                message: problem.message(&catalogue),
                ..Default::default()
            })
            .collect(),
        words,
    };
    Ok(unsigned.keep((status, Html(page.render()?)).into_response()))
}
