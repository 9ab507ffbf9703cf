//! The HTTP face of what went wrong: which status, and how it is told to a person or a program. The only place that decides.

use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use kontor_core::Error;
use kontor_model::{Json, Problem, Problems};
use kontor_view::page::part::Link;
use kontor_view::shell::ErrorPage;
use serde_json::json;

use crate::frame::address;
use crate::page;
use crate::visit::Visit;

/// Why a request was not answered as asked.
#[derive(Debug)]
pub enum Failure {
    /// What `kontor-core` said.
    Core(Error),
    /// A page could not be drawn.
    View(kontor_view::Error),
    /// A page that needs a session, without one.
    SignIn {
        /// Where the visitor wanted to go.
        next: String,
    },
    /// There is no such address.
    NoRoute,
    /// A word of the address that is none of those that could stand there.
    NoneOf {
        /// The word.
        word: String,
        /// What could stand there.
        options: String,
    },
    /// The address does not know this method.
    NoMethod,
    /// A body over the limit.
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// A body, path or header that cannot be read at all.
    Unreadable(String),
    /// A body that is to be JSON and does not say so.
    NotJson,
    /// A message of another machine that is not signed as it should be, or is not of now.
    Unsigned,
    /// A form without the token of its session, or sent by another site.
    Forged,
    /// `If-Match` names another version.
    Precondition {
        /// The version that is stored.
        found: i64,
    },
    /// The first request with this `Idempotency-Key` is not answered yet.
    UnderWay,
    /// Somebody of a portal asked for something of the inside.
    Outside,
    /// A handler panicked; the cause is in the log.
    Panic,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl From<kontor_view::Error> for Failure {
    fn from(error: kontor_view::Error) -> Self {
        Self::View(error)
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::Core(Error::Problems(problems))
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Core(Error::Problems(problem.into()))
    }
}

impl Failure {
    /// Nothing of that name, or nothing the reader may know of.
    pub fn not_found() -> Self {
        Self::Core(Error::NotFound)
    }

    /// The status and the stable word for it.
    pub fn status(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Core(error) => core_status(error),
            Self::View(_) | Self::Panic => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
            Self::SignIn { .. } => (StatusCode::UNAUTHORIZED, "unauthenticated"),
            Self::NoRoute => (StatusCode::NOT_FOUND, "no_such_address"),
            Self::NoneOf { .. } => (StatusCode::NOT_FOUND, "no_such_word"),
            Self::NoMethod => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
            Self::Unreadable(_) => (StatusCode::BAD_REQUEST, "unreadable"),
            Self::NotJson => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_sent_as_json"),
            Self::Unsigned => (StatusCode::UNAUTHORIZED, "unsigned"),
            Self::Forged => (StatusCode::FORBIDDEN, "forged_form"),
            Self::Outside => (StatusCode::FORBIDDEN, "outside"),
            Self::UnderWay => (StatusCode::CONFLICT, "under_way"),
            Self::Precondition { .. } => (StatusCode::PRECONDITION_FAILED, "precondition_failed"),
        }
    }

    /// What exactly is wrong, for the reader: a text of the catalogue with its parameters.
    fn detail(&self) -> Problem {
        let (_, code) = self.status();
        let problem = Problem::new(code, "");
        match self {
            Self::Core(Error::Forbidden(verb)) => problem.with("verb", verb),
            Self::Core(Error::Throttled(wait)) => problem.with("seconds", wait.as_secs().max(1)),
            Self::Core(Error::VersionConflict { found, .. }) | Self::Precondition { found } => {
                problem.with("found", found)
            }
            Self::NoneOf { word, options } => problem.with("value", word).with("options", options),
            Self::Core(Error::TooLarge { name, limit }) => {
                problem.with("name", name).with("limit", kontor_model::held_file::size_text(*limit))
            }
            Self::Core(Error::DefinitionMoved { kind, name, by }) => {
                problem.with("kind", kind).with("name", name).with("by", by)
            }
            Self::Core(Error::Unreadable(reason)) | Self::Unreadable(reason) => {
                problem.with("reason", reason)
            }
            Self::TooLarge { limit } => problem.with("limit", format!("{} MiB", limit / (1024 * 1024))),
            _ => problem,
        }
    }

    /// The same for a program: it ticks nothing, it sends a key.
    fn detail_of_call(&self) -> Problem {
        match self {
            Self::Core(Error::LossNotAccepted) => {
                Problem::new("loss_not_accepted_call", "").with("key", "\"accept_loss\": true")
            }
            _ => self.detail(),
        }
    }

    fn problems(&self) -> Option<&Problems> {
        match self {
            Self::Core(Error::Problems(problems)) => Some(problems),
            _ => None,
        }
    }

    /// What the operator must know of it.
    fn log(&self, reference: &str) {
        let (status, _) = self.status();
        if !status.is_server_error() {
            return;
        }
        match self {
            Self::Core(error) => tracing::error!(%error, reference, "a request failed"),
            Self::View(error) => tracing::error!(%error, reference, "a page could not be drawn"),
            _ => tracing::error!(reference, "a request panicked"),
        }
    }
}

fn core_status(error: &Error) -> (StatusCode, &'static str) {
    match error {
        Error::Problems(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
        Error::NotFound => (StatusCode::NOT_FOUND, "not_found"),
        Error::Forbidden(_) => (StatusCode::FORBIDDEN, "forbidden"),
        Error::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthenticated"),
        Error::Elsewhere => (StatusCode::FORBIDDEN, "address_refused"),
        Error::Throttled(_) => (StatusCode::TOO_MANY_REQUESTS, "throttled"),
        Error::VersionConflict { .. } => (StatusCode::CONFLICT, "version_conflict"),
        Error::DefinitionMoved { .. } => (StatusCode::CONFLICT, "definition_moved"),
        Error::LossNotAccepted => (StatusCode::CONFLICT, "loss_not_accepted"),
        Error::IdempotencyReused => (StatusCode::CONFLICT, "idempotency_key_reused"),
        Error::Unreadable(_) => (StatusCode::BAD_REQUEST, "unreadable"),
        Error::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "file_over_limit"),
        error if error.is_temporary() => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        Error::Store(_) | Error::File { .. } | Error::Internal(_) => {
            (StatusCode::INTERNAL_SERVER_ERROR, "internal")
        }
    }
}

/// A failure on its way to [`answer`], which knows who asked and in which language.
#[derive(Clone)]
struct Carried(Arc<Failure>);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, _) = self.status();
        let mut response = status.into_response();
        response.extensions_mut().insert(Carried(Arc::new(self)));
        response
    }
}

/// The failure that an answer carries, or stands for without saying so (what the router itself refuses).
pub fn carried(response: &mut Response) -> Option<Arc<Failure>> {
    if let Some(Carried(failure)) = response.extensions_mut().remove::<Carried>() {
        return Some(failure);
    }
    let is_plain = |response: &Response| {
        response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_none_or(|value| value.to_str().is_ok_and(|text| text.starts_with("text/plain")))
    };
    let failure = match response.status() {
        StatusCode::NOT_FOUND if is_plain(response) => Failure::NoRoute,
        StatusCode::METHOD_NOT_ALLOWED => Failure::NoMethod,
        StatusCode::BAD_REQUEST if is_plain(response) => Failure::Unreadable("the address".to_owned()),
        _ => return None,
    };
    Some(Arc::new(failure))
}

/// The answer to a failed request: problem+json for programs, a page that helps for people.
pub async fn answer(visit: &Visit, failure: &Failure, reference: &str) -> Response {
    failure.log(reference);
    let mut response = if visit.is_api {
        problem_json(visit, failure, reference)
    } else {
        error_page(visit, failure, reference).await
    };
    if let Failure::Core(Error::Throttled(wait)) = failure
        && let Ok(value) = HeaderValue::from_str(&wait.as_secs().max(1).to_string())
    {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    }
    response
}

/// The answer outside of any workspace: an address nobody knows.
pub fn outside(
    app: &crate::App,
    language: &str,
    failure: &Failure,
    reference: &str,
    is_api: bool,
) -> Response {
    failure.log(reference);
    let (status, code) = failure.status();
    if is_api {
        let body = json!({
            "type": format!("https://kontor.dev/problems/{code}"),
            "title": status.canonical_reason().unwrap_or_default(),
            "status": status.as_u16(),
            "code": code,
        });
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        return (status, kind, body.to_string()).into_response();
    }
    let page = app.views.words(language).map(|words| ErrorPage {
        words: Arc::clone(words),
        status: status.as_u16(),
        detail: String::new(),
        base: String::new(),
        links: app
            .workspaces
            .names()
            .into_iter()
            .take(5)
            .map(|name| {
                Link::new(format!("/w/{}/", address::segment(&name)), words.t("error.go_home"), "house")
            })
            .collect(),
        query: String::new(),
        reference: if status.is_server_error() { reference.to_owned() } else { String::new() },
    });
    match page.and_then(|page| page.bare().ok()) {
        Some(html) => (status, axum::response::Html(html)).into_response(),
        None => (status, status.canonical_reason().unwrap_or_default()).into_response(),
    }
}

/// RFC 9457.
fn problem_json(visit: &Visit, failure: &Failure, reference: &str) -> Response {
    let (status, _) = failure.status();
    let mut body = problem_body(visit, failure);
    if let (true, Some(object)) = (status.is_server_error(), body.as_object_mut()) {
        object.insert("reference".into(), reference.into());
    }
    problem_answer(status, &body)
}

/// The members of a problem+json answer, all problems among them.
pub fn problem_body(visit: &Visit, failure: &Failure) -> Json {
    let (status, code) = failure.status();
    let catalogue = visit.catalogue();
    let mut body = json!({
        "type": format!("https://kontor.dev/problems/{code}"),
        "title": status.canonical_reason().unwrap_or_default(),
        "status": status.as_u16(),
        "code": code,
        "detail": failure.detail_of_call().message(&catalogue),
    });
    if let (Some(problems), Some(object)) = (failure.problems(), body.as_object_mut()) {
        let list: Vec<Json> = problems.iter().map(|problem| problem.to_json(&catalogue)).collect();
        object.insert("problems".into(), list.into());
    }
    body
}

/// An answer of that status with such a body.
pub fn problem_answer(status: StatusCode, body: &Json) -> Response {
    let mut response = (status, body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"kontor\""));
    }
    response
}

async fn error_page(visit: &Visit, failure: &Failure, reference: &str) -> Response {
    if let Failure::SignIn { next } = failure {
        let login = address::with_query(&format!("{}/login", visit.root), [("next", next)]);
        return Redirect::to(&login).into_response();
    }
    if matches!(failure, Failure::Core(Error::Unauthenticated)) {
        return Redirect::to(&format!("{}/login", visit.root)).into_response();
    }
    let (status, _) = failure.status();
    let catalogue = visit.catalogue();
    let detail = match failure.problems() {
        Some(problems) => {
            problems.iter().map(|problem| problem.message(&catalogue)).collect::<Vec<_>>().join(" ")
        }
        // Elsewhere a search is offered.
        None if status == StatusCode::NOT_FOUND && visit.base != visit.root => {
            visit.words().t("portal.not_here")
        }
        None if status == StatusCode::NOT_FOUND || status.is_server_error() => String::new(),
        None => failure.detail().message(&catalogue),
    };
    let page = ErrorPage {
        words: visit.words(),
        status: status.as_u16(),
        detail,
        // A portal has no search.
        base: if visit.base == visit.root { visit.root.clone() } else { String::new() },
        links: crate::present::frame::ways_on(visit),
        query: if status == StatusCode::NOT_FOUND { visit.last_words() } else { String::new() },
        reference: if status.is_server_error() { reference.to_owned() } else { String::new() },
    };
    match page::error_html(visit, &page).await {
        Ok(html) => (status, axum::response::Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "the error page could not be drawn");
            (status, status.canonical_reason().unwrap_or_default()).into_response()
        }
    }
}
