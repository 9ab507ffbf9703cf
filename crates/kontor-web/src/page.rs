//! A finished page: the fragment of a view in the frame of its reader.

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use kontor_view::page::part::Link;
use kontor_view::shell::ErrorPage;
use kontor_view::{Fragment, View};

use crate::error::Failure;
use crate::present::flash::{self, Done};
use crate::present::{Reading, frame};
use crate::visit::{Reader, Visit};

/// A page on its way.
pub struct Draw<'a> {
    reader: &'a Reader,
    crumbs: Vec<Link>,
    status: StatusCode,
    query: String,
}

impl Reader {
    /// How this reader reads.
    pub fn reading(&self) -> Reading<'_> {
        Reading::new(&self.visit, &self.session)
    }

    /// The same reader before the model of their draft: what is made there has its labels, published or not. Only what a
    /// designer draws is read so; records, and the frame of the page, are those of what is published.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn drafted(&self) -> Result<Self, Failure> {
        let session = kontor_core::definitions::drafts::session(&self.session).await?;
        Ok(Self { visit: std::sync::Arc::clone(&self.visit), session })
    }

    /// Begins a page for this reader.
    pub fn draw(&self) -> Draw<'_> {
        Draw { reader: self, crumbs: Vec::new(), status: StatusCode::OK, query: String::new() }
    }

    /// 303 to a path of this site, without words.
    #[expect(clippy::unused_self, reason = "said of the reader, like `go_saying`")]
    pub fn go(&self, path: &str) -> Response {
        Redirect::to(path).into_response()
    }

    /// 303, and the next page says what was done.
    pub fn go_saying(&self, path: &str, done: &Done) -> Response {
        let mut response = self.go(path);
        if let Some(value) = done.cookie(self.visit.transport.secure) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
        response
    }
}

impl Draw<'_> {
    /// A place above this page.
    #[must_use]
    pub fn below(mut self, title: impl Into<String>, href: impl Into<String>) -> Self {
        self.crumbs.push(Link::new(href, title, ""));
        self
    }

    /// 422 for a form that comes back.
    #[must_use]
    pub fn refused(mut self) -> Self {
        self.status = StatusCode::UNPROCESSABLE_ENTITY;
        self
    }

    /// Another status than 200.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// What stands in the search of the top bar.
    #[must_use]
    pub fn searched(mut self, query: &str) -> Self {
        query.clone_into(&mut self.query);
        self
    }

    /// The page with a view in its slot.
    ///
    /// # Errors
    /// When the view cannot be drawn.
    pub async fn view<V: View>(self, page: &V) -> Result<Response, Failure> {
        let visit = &self.reader.visit;
        let fragment = visit.app.views.render(page, &visit.language)?;
        self.fragment(&fragment).await
    }

    /// The page with a ready fragment in its slot.
    ///
    /// # Errors
    /// When the frame cannot be drawn.
    pub async fn fragment(self, fragment: &Fragment) -> Result<Response, Failure> {
        let visit = &self.reader.visit;
        let reading = self.reader.reading();
        let mut frame = frame::frame(&reading).await;
        frame.crumbs = self.crumbs;
        frame.crumbs.push(Link::new("", fragment.crumb.clone(), ""));
        frame.query = self.query;
        frame.flash = visit.done.as_ref().map(|done| flash::flash(done, &frame.words));
        let html = frame.page(fragment)?;
        let mut response = (self.status, Html(html)).into_response();
        if visit.done.is_some()
            && let Some(value) = flash::clear(visit.transport.secure)
        {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
        Ok(response)
    }
}

/// An error page: with navigation for who is signed in, unless the database or a template failed.
///
/// # Errors
/// When it cannot be drawn.
pub async fn error_html(visit: &Visit, page: &ErrorPage) -> Result<String, kontor_view::Error> {
    match &visit.session {
        Some(session) if page.status < 500 => {
            let reading = Reading::new(visit, session);
            let mut frame = frame::frame(&reading).await;
            let fragment = page.fragment()?;
            frame.crumbs = vec![Link::new("", fragment.crumb.clone(), "")];
            frame.page(&fragment)
        }
        _ => page.bare(),
    }
}
