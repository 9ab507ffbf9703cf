//! Signing in and out. Whoever is not signed in yet has a cookie that the form's token is derived from.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use kontor_core::Error;
use kontor_core::identity::{self, Proved, secret, set_up};
use kontor_view::shell::SignInPage;

use crate::error::Failure;
use crate::extract::form::{self, Form};
use crate::extract::query::Query;
use crate::frame::{address, cookie};
use crate::present::frame;
use crate::visit::{self, Entered, LANGUAGE_COOKIE, Reader, Visit};

/// The cookie of who is not signed in yet.
const VISITOR: &str = "kontor_visitor";
/// How long a session's cookie lasts; the session itself may end earlier.
const COOKIE_DAYS: u64 = 14;

/// The token of forms before a session, and the cookie to set when there was none yet.
pub struct Unsigned {
    /// What the form carries.
    pub csrf: String,
    cookie: Option<HeaderValue>,
}

impl Unsigned {
    /// The token that belongs to the visitor's cookie.
    ///
    /// # Errors
    /// When the machine gives no randomness.
    pub fn new(visit: &Visit, headers: &HeaderMap) -> Result<Self, Failure> {
        let secure = visit.transport.secure;
        if let Some(known) = cookie::read(headers, &cookie::full_name(VISITOR, secure)) {
            return Ok(Self { csrf: secret::derived(known, "form"), cookie: None });
        }
        let fresh = secret::random()?;
        Ok(Self { csrf: secret::derived(&fresh, "form"), cookie: cookie::set(VISITOR, &fresh, None, secure) })
    }

    /// Adds the cookie to an answer.
    pub fn keep(self, mut response: Response) -> Response {
        if let Some(value) = self.cookie {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
        response
    }
}

/// A form of who is not signed in yet, with its token checked.
///
/// # Errors
/// [`Failure::Forged`].
pub async fn unsigned_form(visit: &Visit, headers: &HeaderMap, body: Body) -> Result<Form, Failure> {
    let sent = form::read(visit, headers, body).await?;
    let known =
        cookie::read(headers, &cookie::full_name(VISITOR, visit.transport.secure)).unwrap_or_default();
    let expected = if known.is_empty() { String::new() } else { secret::derived(known, "form") };
    sent.checked(&expected)
}

/// `GET login`; `?language=` changes the language of who is not signed in.
pub async fn show_login(
    Entered(visit): Entered,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let next = address::own_path_or(query.text("next"), "");
    if visit.session.is_some() {
        return Ok(Redirect::to(after(&visit, next).as_str()).into_response());
    }
    if let Some(language) =
        query.get("language").filter(|language| visit.app.views.languages().any(|known| known == *language))
    {
        let here = address::with_query(&format!("{}/login", visit.base), [("next", next)]);
        let mut response = Redirect::to(&here).into_response();
        let year = std::time::Duration::from_hours(8760);
        if let Some(value) = cookie::set(LANGUAGE_COOKIE, language, Some(year), false) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
        return Ok(response);
    }
    if set_up::is_pending(&visit.workspace).await? {
        return wait_for_set_up(&visit, &headers, StatusCode::OK);
    }
    let notice =
        if query.get("out").is_some() { visit.words().t("sign_in.signed_out") } else { String::new() };
    draw(&visit, &headers, StatusCode::OK, next, "", "", &notice)
}

/// The sign-in page of a workspace that nobody administers yet: says where the way in is printed.
///
/// # Errors
/// When the page cannot be drawn.
pub fn wait_for_set_up(visit: &Visit, headers: &HeaderMap, status: StatusCode) -> Result<Response, Failure> {
    draw(visit, headers, status, "", "", "", &visit.words().t("sign_in.set_up_first"))
}

/// `POST login`: `email`, `password`, `next`.
pub async fn sign_in(Entered(visit): Entered, request: Request) -> Result<Response, Failure> {
    let (parts, body) = request.into_parts();
    let words = visit.words();
    let sent = match unsigned_form(&visit, &parts.headers, body).await {
        Ok(sent) => sent,
        // A sign-in page that stood open while the browser forgot its cookie: a fresh one, not a riddle.
        Err(Failure::Forged)
            if cookie::read(&parts.headers, &cookie::full_name(VISITOR, visit.transport.secure))
                .is_none() =>
        {
            return draw(
                &visit,
                &parts.headers,
                StatusCode::FORBIDDEN,
                "",
                "",
                &words.t("sign_in.expired"),
                "",
            );
        }
        Err(other) => return Err(other),
    };
    let (email, next) = (sent.text("email"), sent.text("next"));
    let password = sent.get("password").unwrap_or_default();
    let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    match identity::sign_in(&visit.workspace, email, password, visit.transport.address, agent).await {
        Ok(Proved::Wholly(session)) => Ok(begin(&visit, &session.secret, &after(&visit, next))),
        Ok(Proved::Half(held)) => Ok(super::second_factor::begin(&visit, &held, &after(&visit, next))),
        Err(Error::Unauthenticated) => draw(
            &visit,
            &parts.headers,
            StatusCode::UNPROCESSABLE_ENTITY,
            next,
            email,
            &words.t("sign_in.wrong"),
            "",
        ),
        Err(Error::Elsewhere) => {
            let said = words.t("sign_in.elsewhere");
            draw(&visit, &parts.headers, StatusCode::FORBIDDEN, next, email, &said, "")
        }
        Err(Error::Throttled(wait)) => {
            let seconds = wait.as_secs().max(1).to_string();
            let problem = words.with("sign_in.throttled", &[("seconds", &seconds)]);
            let mut response =
                draw(&visit, &parts.headers, StatusCode::TOO_MANY_REQUESTS, next, email, &problem, "")?;
            if let Ok(value) = HeaderValue::from_str(&seconds) {
                response.headers_mut().insert(header::RETRY_AFTER, value);
            }
            Ok(response)
        }
        Err(other) => Err(other.into()),
    }
}

/// 303 with the cookie of a new session; the visitor's cookie goes.
pub fn begin(visit: &Visit, secret: &str, next: &str) -> Response {
    keep(visit, secret, Redirect::to(next).into_response())
}

/// Adds the cookie of a new session to an answer; the visitor's cookie goes.
pub fn keep(visit: &Visit, secret: &str, mut response: Response) -> Response {
    let secure = visit.transport.secure;
    let lifetime = std::time::Duration::from_secs(COOKIE_DAYS * 24 * 3600);
    let cookies = [
        cookie::set(&visit::session_cookie(&visit.name), secret, Some(lifetime), secure),
        cookie::clear(VISITOR, secure),
    ];
    for value in cookies.into_iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// `POST logout`.
pub async fn sign_out(reader: Reader, headers: HeaderMap, _sent: Form) -> Result<Response, Failure> {
    let visit = &reader.visit;
    let name = visit::session_cookie(&visit.name);
    let secure = visit.transport.secure;
    if let Some(secret) = cookie::read(&headers, &cookie::full_name(&name, secure)) {
        identity::sign_out(&visit.workspace, secret).await?;
    }
    let mut response = reader.go(&format!("{}/login?out=1", visit.root));
    if let Some(value) = cookie::clear(&name, secure) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

/// Where to go after signing in: a page of this workspace, or its home.
pub fn after(visit: &Visit, next: &str) -> String {
    let home = format!("{}/", visit.base);
    let is_inside =
        address::is_own_path(next) && next.starts_with(&home) && !next.starts_with(&format!("{home}login"));
    if is_inside { next.to_owned() } else { home }
}

fn draw(
    visit: &Visit,
    headers: &HeaderMap,
    status: StatusCode,
    next: &str,
    email: &str,
    problem: &str,
    notice: &str,
) -> Result<Response, Failure> {
    let unsigned = Unsigned::new(visit, headers)?;
    let page = SignInPage {
        words: visit.words(),
        base: visit.base.clone(),
        workspace: visit.workspace.settings().title.clone(),
        csrf: unsigned.csrf.clone(),
        next: address::own_path_or(next, "").to_owned(),
        email: email.to_owned(),
        problem: problem.to_owned(),
        notice: notice.to_owned(),
        languages: frame::languages(visit),
        demo: Vec::new(),
    };
    Ok(unsigned.keep((status, Html(page.render()?)).into_response()))
}
