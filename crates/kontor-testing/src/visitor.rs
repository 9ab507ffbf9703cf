//! Somebody with a browser in which JavaScript is off: keeps cookies, follows links and redirects, sends
//! forms with the headers that browsers send.

use reqwest::cookie::{CookieStore as _, Jar};
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, Url};
use std::sync::Arc;

use crate::form::{Form, Part};
use crate::installation::Person;
use crate::page::Page;

/// One browser profile.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// `http://127.0.0.1:PORT`.
    pub address: String,
    /// The language that the browser prefers.
    pub language: String,
    client: reqwest::Client,
    cookies: Arc<Jar>,
}

impl Visitor {
    /// A fresh profile.
    pub fn new(address: &str) -> Self {
        let cookies = Arc::new(Jar::default());
        let client = crate::client()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .cookie_provider(Arc::clone(&cookies))
            .build()
            .expect("a client");
        Self { address: address.to_owned(), language: "en".to_owned(), client, cookies }
    }

    /// The cookies as they would be sent now.
    pub fn cookies(&self) -> String {
        let url = Url::parse(&self.address).and_then(|url| url.join("/w/main/")).expect("an address");
        self.cookies
            .cookies(&url)
            .and_then(|value| value.to_str().map(str::to_owned).ok())
            .unwrap_or_default()
    }

    /// A request as this browser would begin it.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url =
            if path.starts_with("http://") { path.to_owned() } else { format!("{}{path}", self.address) };
        self.client
            .request(method, url)
            .header("accept", "text/html,application/xhtml+xml")
            .header("accept-language", &self.language)
    }

    /// Sends a request and reads the whole answer; redirects are not followed.
    pub async fn send_request(&self, request: RequestBuilder) -> Page {
        let request = request.build().expect("a request");
        let path = match request.url().query() {
            Some(query) => format!("{}?{query}", request.url().path()),
            None => request.url().path().to_owned(),
        };
        let response = self.client.execute(request).await.unwrap_or_else(|error| panic!("{path}: {error:?}"));
        let status = response.status().as_u16();
        let headers: HeaderMap = response.headers().clone();
        let body = response.text().await.unwrap_or_else(|error| panic!("{path}: {error}"));
        Page { status, path, headers, body }
    }

    /// Asks for a path and stays there.
    pub async fn look(&self, path: &str) -> Page {
        self.send_request(self.request(Method::GET, path)).await
    }

    /// Asks for a path and goes where redirects lead.
    pub async fn visit(&self, path: &str) -> Page {
        let page = self.look(path).await;
        self.follow(page).await
    }

    /// The same for a page of workspace `main`, which must be there.
    pub async fn open(&self, path: &str) -> Page {
        self.visit(&format!("/w/main/{path}")).await.is(200)
    }

    /// Goes where a page redirects to, until it does not.
    pub async fn follow(&self, mut page: Page) -> Page {
        for _ in 0..10 {
            if !(300..400).contains(&page.status) || page.header("location").is_empty() {
                return page;
            }
            let here = Url::parse(&self.address).and_then(|url| url.join(&page.path)).expect("an address");
            let next = here.join(page.header("location")).expect("a location");
            assert!(next.as_str().starts_with(&self.address), "led away to {next}");
            page = self.look(next.as_str()).await;
        }
        panic!("redirected without end\n{page}");
    }

    /// Sends a form and stays at the answer.
    pub async fn submit(&self, form: &Form) -> Page {
        let target = form.target();
        if !form.post {
            let path = target.split('?').next().unwrap_or_default();
            return self.send_request(self.request(Method::GET, path).query(&form.pairs())).await;
        }
        let request = self
            .request(Method::POST, target)
            .header("origin", &self.address)
            .header("sec-fetch-site", "same-origin");
        if !form.multipart {
            return self.send_request(request.form(&form.pairs())).await;
        }
        let mut body = reqwest::multipart::Form::new();
        for part in form.parts() {
            body = match part {
                Part::Text(name, value) => body.text(name, value),
                Part::File(name, file_name, bytes) => {
                    body.part(name, reqwest::multipart::Part::bytes(bytes).file_name(file_name))
                }
            };
        }
        self.send_request(request.multipart(body)).await
    }

    /// Sends a form that must be accepted, which is told by 303, and goes where it leads.
    #[track_caller]
    pub fn send<'a>(&'a self, form: &'a Form) -> impl Future<Output = Page> + 'a {
        let caller = std::panic::Location::caller();
        async move {
            let page = self.submit(form).await;
            if form.post {
                assert_eq!(page.status, 303, "at {caller}: {}\n{page}", form.outline());
            }
            self.follow(page).await
        }
    }

    /// Signs in and gives the page that follows.
    pub async fn sign_in(&self, person: &Person) -> Page {
        let page = self.visit("/w/main/login").await.is(200);
        let form = page.form_with("password").set("email", &person.email).set("password", &person.password);
        let page = self.send(&form).await;
        assert!(!page.path.contains("/login"), "not signed in\n{page}");
        page.is(200)
    }
}
