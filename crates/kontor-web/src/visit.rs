//! One request to one workspace: which, by whom, in which language, from where. Resolved once, before any handler.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use kontor_core::{Origin, Session, Workspace, identity};
use kontor_model::locale::Catalogue;
use kontor_view::Words;
use kontor_view::page::part::Place;

use crate::again::{Sent, is_outdated};
use crate::app::App;
use crate::channel;
use crate::error::{self, Failure};
use crate::frame::security::{self, Transport};
use crate::frame::{cookie, language};
use crate::present::flash::{self, Done};
use crate::serve::Peer;

/// Languages that somebody who is not signed in may choose by `?language=`, remembered in this cookie.
pub const LANGUAGE_COOKIE: &str = "kontor_language";
/// The app whose menu was chosen last, where there are several.
pub const APP_COOKIE: &str = "kontor_app";

/// One request to one workspace.
pub struct Visit {
    /// What all requests share.
    pub app: App,
    /// The workspace.
    pub workspace: Arc<Workspace>,
    /// Its name.
    pub name: String,
    /// The path of the workspace without a slash at its end: `/w/main`.
    pub root: String,
    /// The beginning of all addresses of this channel: that path, or `/w/main/portal`.
    pub base: String,
    /// Path and query of the request.
    pub here: String,
    /// Whether a program asks (`…/api/v1/…`).
    pub is_api: bool,
    /// Whether a machine says that something happened (`…/api/v1/hooks/…`): it is known by its signature alone.
    pub is_hook: bool,
    /// Whether the request only looks.
    pub is_get: bool,
    /// The language that is answered in.
    pub language: String,
    /// Where the request comes from.
    pub transport: Transport,
    /// Who asks; nobody yet on the sign-in page.
    pub session: Option<Session>,
    /// The token that forms of this session carry.
    pub csrf: String,
    /// What the act before this page did.
    pub done: Option<Done>,
    /// The app whose menu is shown.
    pub app_name: Option<String>,
}

/// The base name of the session cookie of a workspace.
pub fn session_cookie(workspace: &str) -> String {
    format!("kontor_{workspace}")
}

impl Visit {
    /// The visit as far as the address and the headers tell; `None` outside of any open workspace.
    async fn begin(app: &App, parts: &Parts) -> Option<Self> {
        let path = parts.uri.path();
        let rest = path.strip_prefix("/w/")?;
        let name = rest.split('/').next().unwrap_or(rest);
        let workspace = app.workspaces.find(name).await?;
        let is_api = rest.get(name.len()..).is_some_and(|tail| tail.starts_with("/api/"));
        Some(Self {
            app: app.clone(),
            name: name.to_owned(),
            base: channel::base_of(&format!("/w/{name}"), path),
            root: format!("/w/{name}"),
            here: parts.uri.path_and_query().map_or(path, |whole| whole.as_str()).to_owned(),
            is_api,
            is_hook: rest.get(name.len()..).is_some_and(|tail| tail.starts_with("/api/v1/hooks/")),
            is_get: matches!(parts.method, Method::GET | Method::HEAD),
            language: preferred_language(app, &parts.headers),
            transport: transport(app, parts),
            session: None,
            csrf: String::new(),
            done: None,
            app_name: cookie::read(&parts.headers, APP_COOKIE).map(str::to_owned),
            workspace,
        })
    }

    /// Pins what is published now, and finds out who asks.
    async fn identify(&mut self, headers: &HeaderMap) -> Result<(), Failure> {
        self.workspace.current().await?;
        if self.is_hook {
            return Ok(());
        }
        if self.is_api { self.identify_program(headers).await } else { self.identify_person(headers).await }
    }

    async fn identify_program(&mut self, headers: &HeaderMap) -> Result<(), Failure> {
        let token = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim());
        let Some(token) = token else { return Ok(()) };
        match identity::token_session(&self.workspace, token, self.transport.address).await {
            Ok(session) => {
                if !headers.contains_key(header::ACCEPT_LANGUAGE) {
                    self.language.clone_from(&session.actor.language);
                }
                self.session = Some(session);
                Ok(())
            }
            Err(kontor_core::Error::Unauthenticated) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    async fn identify_person(&mut self, headers: &HeaderMap) -> Result<(), Failure> {
        let name = cookie::full_name(&session_cookie(&self.name), self.transport.secure);
        let Some(secret) = cookie::read(headers, &name) else { return Ok(()) };
        self.done = if self.is_get { flash::read(headers, self.transport.secure, &self.base) } else { None };
        if let Some(found) = identity::session(&self.workspace, secret, self.transport.address).await? {
            self.language.clone_from(&found.session.actor.language);
            self.csrf = found.csrf;
            self.session = Some(found.session);
        }
        Ok(())
    }

    /// The words that are answered with.
    pub fn words(&self) -> Arc<Words> {
        self.app
            .views
            .words(&self.language)
            .cloned()
            .unwrap_or_else(|| Arc::new(Words::new(Arc::new(Catalogue::default()))))
    }

    /// The workspace's texts, packs over the interface, in the language that is answered in.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        match &self.session {
            Some(session) if session.catalogue.language == self.language => Arc::clone(&session.catalogue),
            _ => self.workspace.model().catalogue(&self.language),
        }
    }

    /// The last part of the address as words to search for.
    pub fn last_words(&self) -> String {
        let path = self.here.split('?').next().unwrap_or_default();
        let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let text = percent_encoding::percent_decode_str(last).decode_utf8_lossy().replace(['_', '-'], " ");
        if uuid::Uuid::parse_str(last).is_ok() { String::new() } else { text }
    }

    /// What pages with links and forms need to know.
    pub fn place(&self) -> Place {
        Place { base: self.base.clone(), csrf: self.csrf.clone(), read: String::new() }
    }
}

/// The language that the browser asks for, or that was chosen on the sign-in page.
pub fn preferred_language(app: &App, headers: &HeaderMap) -> String {
    let known: Vec<&str> = app.views.languages().collect();
    if let Some(chosen) = cookie::read(headers, LANGUAGE_COOKIE)
        && known.contains(&chosen)
    {
        return chosen.to_owned();
    }
    let asked =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    language::choose(asked, &known).unwrap_or("en").to_owned()
}

/// Whether an address is one of the API, of whichever workspace.
fn is_api(path: &str) -> bool {
    path.strip_prefix("/w/")
        .and_then(|rest| rest.split_once('/'))
        .is_some_and(|(_, tail)| tail.starts_with("api/"))
}

fn transport(app: &App, parts: &Parts) -> Transport {
    let peer = parts.extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.0.ip());
    Transport::read(&parts.headers, peer, &app.settings.trusted_proxies)
}

/// Around every request: resolves the visit, counts, tells failures in the caller's way, adds the protecting headers.
pub async fn enter(State(app): State<App>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let running = app.metrics.begin();
    let reference = uuid::Uuid::now_v7().simple().to_string();
    let mut response = answered(&app, request, next, &reference).await;
    security::protect(response.headers_mut());
    if let Ok(value) = HeaderValue::from_str(&reference) {
        response.headers_mut().insert("x-request-id", value);
    }
    drop(running);
    app.metrics.answered(response.status().as_u16(), began.elapsed());
    response
}

/// How often a request is carried out when others publish while it runs.
const ATTEMPTS: u32 = 3;

async fn answered(app: &App, request: Request, next: Next, reference: &str) -> Response {
    let (parts, body) = request.into_parts();
    let spoken = preferred_language(app, &parts.headers);
    let Some(visit) = Visit::begin(app, &parts).await else {
        let is_api = is_api(parts.uri.path());
        let mut response = next.run(Request::from_parts(parts, body)).await;
        return match error::carried(&mut response) {
            Some(failure) => with_allow(
                response.headers().get(header::ALLOW).cloned(),
                error::outside(app, &spoken, &failure, reference, is_api),
            ),
            None => response,
        };
    };
    let mut visit = visit;
    let mut sent = Sent::Streamed(body);
    let mut attempt = 1;
    loop {
        let identified = visit.identify(&parts.headers).await;
        let admitted = identified.and_then(|()| channel::admit(&mut visit));
        let asked = Arc::new(visit);
        match admitted {
            Ok(None) => {}
            Ok(Some(elsewhere)) => return elsewhere,
            Err(failure) => return error::answer(&asked, &failure, reference).await,
        }
        if asked.is_api && !asked.is_hook && asked.session.is_none() {
            let failure = Failure::Core(kontor_core::Error::Unauthenticated);
            return error::answer(&asked, &failure, reference).await;
        }
        let version = asked.workspace.model().version;
        // Nothing is held for somebody whom nobody knows.
        if asked.session.is_some() {
            sent = match sent.held(&parts).await {
                Ok(held) => held,
                Err(failure) => return error::answer(&asked, &failure, reference).await,
            };
        }
        let again = sent.kept();
        let mut request = Request::from_parts(parts.clone(), sent.into_body());
        request.extensions_mut().insert(Arc::clone(&asked));
        let mut response = next.clone().run(request).await;
        let Some(failure) = error::carried(&mut response) else { return response };
        let allow = response.headers().get(header::ALLOW).cloned();
        drop(response);
        if attempt < ATTEMPTS
            && let Some(kept) = again
            && is_outdated(&asked, &failure, version).await
            && let Some(fresh) = Visit::begin(app, &parts).await
        {
            attempt += 1;
            sent = kept;
            visit = fresh;
            continue;
        }
        return with_allow(allow, error::answer(&asked, &failure, reference).await);
    }
}

/// The methods that an address knows are said along with 405.
fn with_allow(allow: Option<HeaderValue>, mut told: Response) -> Response {
    if let Some(allow) = allow {
        told.headers_mut().insert(header::ALLOW, allow);
    }
    told
}

impl<S: Send + Sync> FromRequestParts<S> for Entered {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts.extensions.get::<Arc<Visit>>().cloned().map(Entered).ok_or(Failure::NoRoute)
    }
}

/// The visit, whoever makes it.
pub struct Entered(pub Arc<Visit>);

/// A person who is signed in, looking at or sending a page.
pub struct Reader {
    /// The request.
    pub visit: Arc<Visit>,
    /// Who it is.
    pub session: Session,
}

impl<S: Send + Sync> FromRequestParts<S> for Reader {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Entered(visit) = Entered::from_request_parts(parts, state).await?;
        let Some(session) = visit.session.clone() else {
            let next = if visit.is_get { visit.here.clone() } else { String::new() };
            return Err(Failure::SignIn { next });
        };
        Ok(Self { visit, session })
    }
}

/// A program with a valid token.
pub struct Caller {
    /// Whom the token stands for.
    pub session: Session,
    /// The request.
    pub visit: Arc<Visit>,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Entered(visit) = Entered::from_request_parts(parts, state).await?;
        let mut session = visit.session.clone().ok_or(Failure::Core(kontor_core::Error::Unauthenticated))?;
        session.origin = Origin::Api;
        session.catalogue = visit.catalogue();
        Ok(Self { session, visit })
    }
}
