//! A machine of somebody else: remembers what it was asked, and answers as it was told to. And the signature of Standard
//! Webhooks, as such machines make and check it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

/// What the machine was asked.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The method.
    pub method: String,
    /// Path and query, as they were sent.
    pub path: String,
    /// All headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

impl Heard {
    /// A header as text; empty when absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }
}

#[derive(Debug, Default)]
struct Inner {
    heard: Vec<Heard>,
    answers: VecDeque<(u16, String)>,
}

/// The machine.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Its port on this computer.
    pub port: u16,
    inner: Arc<Mutex<Inner>>,
}

impl Machine {
    /// Starts it; it answers 200 and `{}` unless it was told to answer otherwise.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let inner: Arc<Mutex<Inner>> = Arc::default();
        let all = Router::new().fallback(hear).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, all).await });
        Self { port, inner }
    }

    /// Its address.
    pub fn at(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Answers one of the next requests so; the first told is the first answered.
    pub fn answers(&self, status: u16, body: &Value) {
        self.inner.lock().expect("nobody panicked").answers.push_back((status, body.to_string()));
    }

    /// What it was asked until now.
    pub fn heard(&self) -> Vec<Heard> {
        self.inner.lock().expect("nobody panicked").heard.clone()
    }
}

async fn hear(
    State(inner): State<Arc<Mutex<Inner>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut inner = inner.lock().expect("nobody panicked");
    let body = String::from_utf8_lossy(&body).into_owned();
    inner.heard.push(Heard { method: method.to_string(), path: uri.to_string(), headers, body });
    let (status, body) = inner.answers.pop_front().unwrap_or((200, "{}".to_owned()));
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// The signature over `id.timestamp.body` by a secret that begins with `whsec_`.
pub fn signature(secret: &str, id: &str, timestamp: i64, body: &str) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("a key")).expect("Base64");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}
