//! The second factor: asked between the password and the session, set up there by whom a role demands it, and kept on one's own
//! profile.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use kontor_core::Error;
use kontor_core::identity::{self, Half, HalfSignedIn, second_factor};
use kontor_view::qr;
use kontor_view::shell::{Asking, SecondFactorPage};

use super::login;
use crate::error::Failure;
use crate::extract::form::{self, Form};
use crate::extract::query::Query;
use crate::frame::{address, cookie};
use crate::present::flash;
use crate::visit::{self, Entered, Reader, Visit};

/// The cookie of who has proved the password and not yet the second factor.
fn half_cookie(visit: &Visit) -> String {
    format!("{}_half", visit::session_cookie(&visit.name))
}

fn held<'a>(visit: &Visit, headers: &'a HeaderMap) -> Option<&'a str> {
    cookie::read(headers, &cookie::full_name(&half_cookie(visit), visit.transport.secure))
}

/// To the page that asks, with the cookie that opens it and nothing else.
pub fn begin(visit: &Visit, secret: &str, next: &str) -> Response {
    let mut response =
        Redirect::to(&address::with_query(&format!("{}/login/code", visit.base), [("next", next)]))
            .into_response();
    if let Some(value) = cookie::set(&half_cookie(visit), secret, None, visit.transport.secure) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

fn cleared(visit: &Visit, mut response: Response) -> Response {
    if let Some(value) = cookie::clear(&half_cookie(visit), visit.transport.secure) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// `GET login/code`.
pub async fn show_code(
    Entered(visit): Entered,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let next = query.text("next");
    if visit.session.is_some() {
        return Ok(Redirect::to(&login::after(&visit, next)).into_response());
    }
    match known(&visit, &headers).await? {
        Some((half, secret)) => draw(&visit, &half, secret, None, next, ""),
        None => Ok(to_login(&visit, next)),
    }
}

fn to_login(visit: &Visit, next: &str) -> Response {
    let login = address::with_query(&format!("{}/login", visit.base), [("next", next)]);
    cleared(visit, Redirect::to(&login).into_response())
}

async fn known<'a>(
    visit: &Visit,
    headers: &'a HeaderMap,
) -> Result<Option<(HalfSignedIn, &'a str)>, Failure> {
    let Some(secret) = held(visit, headers) else { return Ok(None) };
    let half = identity::half(&visit.workspace, secret, visit.transport.address).await?;
    Ok(half.map(|half| (half, secret)))
}

/// `POST login/code`: `code`, `said`, `next`.
pub async fn take_code(Entered(visit): Entered, request: Request) -> Result<Response, Failure> {
    let (parts, body) = request.into_parts();
    let sent = form::read(&visit, &parts.headers, body).await?;
    let Some((half, secret)) = known(&visit, &parts.headers).await? else {
        return Ok(to_login(&visit, sent.text("next")));
    };
    let sent = sent.checked(&half.csrf)?;
    let next = login::after(&visit, sent.text("next"));
    let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let (workspace, from) = (&visit.workspace, visit.transport.address);
    let typed = sent.text("code");
    let done = match half.asks {
        Half::Code => identity::complete(workspace, &half, secret, typed, from, agent)
            .await
            .map(|session| (session, Vec::new())),
        Half::SetUp => identity::enrol(workspace, &half, secret, sent.text("said"), typed, from, agent).await,
    };
    match done {
        Ok((session, codes)) if codes.is_empty() => {
            Ok(cleared(&visit, login::begin(&visit, &session.secret, &next)))
        }
        Ok((session, codes)) => {
            let page = page(&visit, String::new(), String::new(), &next, Asking::Recovery(codes));
            let shown = Html(page.render()?).into_response();
            Ok(cleared(&visit, login::keep(&visit, &session.secret, shown)))
        }
        Err(error) => refused(&visit, error, |problem| {
            draw(&visit, &half, secret, Some(sent.text("said")), sent.text("next"), problem)
        }),
    }
}

/// What a wrong code, or one too many, is answered with.
fn refused(
    visit: &Visit,
    error: Error,
    draw: impl FnOnce(&str) -> Result<Response, Failure>,
) -> Result<Response, Failure> {
    let words = visit.words();
    match error {
        Error::Unauthenticated => {
            let mut response = draw(&words.t("second_factor.wrong"))?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
        Error::Throttled(wait) => {
            let seconds = wait.as_secs().max(1).to_string();
            let mut response = draw(&words.with("sign_in.throttled", &[("seconds", &seconds)]))?;
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            if let Ok(value) = HeaderValue::from_str(&seconds) {
                response.headers_mut().insert(header::RETRY_AFTER, value);
            }
            Ok(response)
        }
        other => Err(other.into()),
    }
}

fn page(visit: &Visit, action: String, csrf: String, next: &str, asks: Asking) -> SecondFactorPage {
    SecondFactorPage {
        words: visit.words(),
        workspace: visit.workspace.settings().title.clone(),
        action,
        csrf,
        next: next.to_owned(),
        problem: String::new(),
        asks,
        cancel_href: String::new(),
    }
}

/// The picture and the key for an app that is set up.
fn set_up(visit: &Visit, account: &str, secret: &str, said: Option<&str>) -> Result<Asking, Failure> {
    let enrolment = second_factor::enrolment(&visit.workspace, account, secret, said)?;
    let picture = qr::svg(&enrolment.address, &visit.words().t("second_factor.picture"));
    Ok(Asking::SetUp { said: enrolment.said, key: enrolment.key, picture: picture.unwrap_or_default() })
}

fn draw(
    visit: &Visit,
    half: &HalfSignedIn,
    secret: &str,
    said: Option<&str>,
    next: &str,
    problem: &str,
) -> Result<Response, Failure> {
    let asks = match half.asks {
        Half::Code => Asking::Code,
        Half::SetUp => set_up(visit, &half.email, secret, said)?,
    };
    let action = format!("{}/login/code", visit.base);
    let next = address::own_path_or(next, "");
    let page = SecondFactorPage {
        problem: problem.to_owned(),
        cancel_href: format!("{}/login", visit.base),
        ..page(visit, action, half.csrf.clone(), next, asks)
    };
    Ok(Html(page.render()?).into_response())
}

/// The secret of the reader's own session.
fn own_secret<'a>(reader: &Reader, headers: &'a HeaderMap) -> Result<&'a str, Failure> {
    let visit = &reader.visit;
    let name = cookie::full_name(&visit::session_cookie(&visit.name), visit.transport.secure);
    cookie::read(headers, &name).ok_or_else(Failure::not_found)
}

/// `GET profile/second-factor`: sets one up, who has none.
pub async fn show_set_up(reader: Reader, headers: HeaderMap) -> Result<Response, Failure> {
    if second_factor::of(&reader.visit.workspace, reader.session.actor.id).await?.is_some() {
        return Ok(reader.go(&format!("{}/profile", reader.visit.base)));
    }
    draw_own(&reader, own_secret(&reader, &headers)?, None, "")
}

fn draw_own(reader: &Reader, secret: &str, said: Option<&str>, problem: &str) -> Result<Response, Failure> {
    let visit = &reader.visit;
    let account = reader.session.actor.email.clone().unwrap_or_default();
    let profile = format!("{}/profile", visit.base);
    let asks = set_up(visit, &account, secret, said)?;
    let page = SecondFactorPage {
        problem: problem.to_owned(),
        cancel_href: profile.clone(),
        ..page(visit, format!("{profile}/second-factor"), visit.csrf.clone(), &profile, asks)
    };
    Ok(Html(page.render()?).into_response())
}

/// `POST profile/second-factor`: `said`, `code`. All sessions end, and this browser gets a new one.
pub async fn save_set_up(reader: Reader, headers: HeaderMap, sent: Form) -> Result<Response, Failure> {
    let visit = &reader.visit;
    let secret = own_secret(&reader, &headers)?;
    let (user, from) = (reader.session.actor.id, visit.transport.address);
    let (said, typed) = (sent.text("said"), sent.text("code"));
    match second_factor::set_up(&visit.workspace, user, from, secret, said, typed).await {
        Ok(codes) => {
            let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
            let session = identity::begin_proved(&visit.workspace, user, from, agent).await?;
            Ok(login::keep(visit, &session.secret, show_codes(&reader, codes)?))
        }
        Err(error) => refused(visit, error, |problem| draw_own(&reader, secret, Some(said), problem)),
    }
}

fn show_codes(reader: &Reader, codes: Vec<String>) -> Result<Response, Failure> {
    let profile = format!("{}/profile", reader.visit.base);
    let page = page(&reader.visit, String::new(), String::new(), &profile, Asking::Recovery(codes));
    Ok(Html(page.render()?).into_response())
}

/// `POST profile/second-factor/codes`: `code`. New recovery codes.
pub async fn renew_codes(reader: Reader, sent: Form) -> Result<Response, Failure> {
    let from = reader.visit.transport.address;
    match second_factor::renew_recovery(&reader.session, from, sent.text("code")).await {
        Ok(codes) => show_codes(&reader, codes),
        Err(error) => wrong_code(&reader, error).await,
    }
}

/// `POST profile/second-factor/end`: `code`.
pub async fn end_own(reader: Reader, sent: Form) -> Result<Response, Failure> {
    let from = reader.visit.transport.address;
    match second_factor::end(&reader.session, from, sent.text("code")).await {
        Ok(()) => Ok(reader
            .go_saying(&format!("{}/profile", reader.visit.base), &flash::done("second_factor.ended", &[]))),
        Err(error) => wrong_code(&reader, error).await,
    }
}

/// The profile again, with what was wrong.
async fn wrong_code(reader: &Reader, error: Error) -> Result<Response, Failure> {
    match error {
        Error::Unauthenticated => {
            let words = reader.visit.words();
            let problem =
                kontor_model::Problem::at_field("wrong_code", "code").saying(words.t("second_factor.wrong"));
            super::profile::draw_with(reader, &problem.into()).await
        }
        other => Err(other.into()),
    }
}
