//! Sends one request and reads one answer, both within their limits.

use std::error::Error as _;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url, redirect};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::allow::Allow;

/// Most requests that are under way at once.
const AT_ONCE: usize = 32;
/// How the program names itself.
const AGENT: &str = concat!("Kontor/", env!("CARGO_PKG_VERSION"));

/// What is sent.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// GET, POST, PUT, PATCH or DELETE.
    pub method: String,
    /// With `http` or `https`, without a name and password.
    pub url: String,
    /// By name; values may be secret and are never told.
    pub headers: Vec<(String, String)>,
    /// The body; empty for none.
    pub body: Vec<u8>,
    /// How long it may take until the whole answer is there.
    pub timeout: Duration,
    /// Most bytes of the answer's body.
    pub most: usize,
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Request").field("method", &self.method).finish_non_exhaustive()
    }
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// What the body says it is; empty when it says nothing.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The address cannot be asked at all.
    #[error("{0}")]
    Address(String),
    /// The machine lies where nothing is asked.
    #[error("{host} is at {address}, which is not reached from here")]
    Inside {
        /// As the address names it.
        host: String,
        /// Where it is.
        address: IpAddr,
    },
    /// The answer is larger than may be.
    #[error("the answer has more than {0} bytes")]
    TooLarge(usize),
    /// It took too long.
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    /// The machine was not found, did not answer, or broke off.
    #[error("{0}")]
    Broken(String),
}

impl Failure {
    /// Whether it may be better a little later.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::TimedOut(_) | Self::Broken(_))
    }
}

/// The right to have a request under way.
#[derive(Debug)]
pub struct Slot {
    _permit: OwnedSemaphorePermit,
}

/// The one client. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    allow: Arc<Allow>,
    /// Made on the first need: not every program that is started asks somebody.
    http: Arc<OnceLock<Result<reqwest::Client, String>>>,
    slots: Arc<Semaphore>,
}

impl Default for Client {
    fn default() -> Self {
        Self::new(Allow::default())
    }
}

impl Client {
    /// A client that reaches the internet at large, and what is listed.
    pub fn new(allow: Allow) -> Self {
        Self { allow: Arc::new(allow), http: Arc::default(), slots: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// The same with slots of its own, so that one workspace does not keep another waiting.
    #[must_use]
    pub fn apart(&self) -> Self {
        Self { slots: Arc::new(Semaphore::new(AT_ONCE)), ..self.clone() }
    }

    fn made(&self) -> Result<reqwest::Client, String> {
        // Whoever comes first chooses for the whole process, and always the same.
        rustls::crypto::ring::default_provider().install_default().ok();
        let client = reqwest::Client::builder()
            .dns_resolver(Arc::new(Checked { allow: Arc::clone(&self.allow) }))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            // What was looked at for one request is not kept for the next.
            .pool_max_idle_per_host(0)
            .user_agent(AGENT)
            .build()
            .map_err(|error| told(&error));
        if let Err(error) = &client {
            tracing::error!(error, "nothing can be asked of other machines");
        }
        client
    }

    /// The right to have a request under way; `None` while too many are.
    pub fn slot(&self) -> Option<Slot> {
        Arc::clone(&self.slots).try_acquire_owned().ok().map(|permit| Slot { _permit: permit })
    }

    /// Sends a request and reads the answer, whatever its status is.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn send(&self, request: Request) -> Result<Answer, Failure> {
        let url = self.checked(&request.url)?;
        let client = self.http.get_or_init(|| self.made());
        let client = client.as_ref().map_err(|error| Failure::Broken(error.clone()))?;
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| Failure::Address(format!("{} is no method", request.method)))?;
        let headers = headers(&request.headers)?;
        let timeout = request.timeout;
        let asked = client.request(method, url).headers(headers).body(request.body);
        let whole = async {
            let mut answer = asked.send().await.map_err(|error| failure(&error))?;
            let too_large = || Failure::TooLarge(request.most);
            if answer.content_length().is_some_and(|length| length > request.most as u64) {
                return Err(too_large());
            }
            let mut body = Vec::new();
            while let Some(part) = answer.chunk().await.map_err(|error| failure(&error))? {
                if body.len() + part.len() > request.most {
                    return Err(too_large());
                }
                body.extend_from_slice(&part);
            }
            let content_type = answer.headers().get(reqwest::header::CONTENT_TYPE);
            let content_type =
                content_type.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
            Ok(Answer { status: answer.status().as_u16(), content_type, body })
        };
        tokio::time::timeout(timeout, whole).await.unwrap_or(Err(Failure::TimedOut(timeout)))
    }

    /// An address that may be asked. One that names a machine by its number is looked at here, because nothing looks it up.
    fn checked(&self, text: &str) -> Result<Url, Failure> {
        let wrong = |why: &str| Failure::Address(why.to_owned());
        let url =
            Url::parse(text).map_err(|error| Failure::Address(format!("this is no address: {error}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Failure::Address(format!("{}: is not asked, only http: and https:", url.scheme())));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("an address holds no name and password"));
        }
        let host = url.host_str().ok_or_else(|| wrong("the address names no machine"))?;
        let number = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        if let Ok(address) = number
            && !self.allow.admits(&address.to_string(), address)
        {
            return Err(Failure::Inside { host: host.to_owned(), address });
        }
        Ok(url)
    }
}

fn headers(list: &[(String, String)]) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    for (name, value) in list {
        let wrong = |_| Failure::Address(format!("the header {name} holds what no header may"));
        let key = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| Failure::Address(format!("{name} is no header")))?;
        let mut value = HeaderValue::from_str(value).map_err(wrong)?;
        value.set_sensitive(true);
        headers.insert(key, value);
    }
    Ok(headers)
}

/// Looks a name up and gives what was looked at: the connection goes there and nowhere else.
struct Checked {
    allow: Arc<Allow>,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let allow = Arc::clone(&self.allow);
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            // One that leads inside spoils them all: a name that means both is not to be trusted.
            if let Some(inside) = found.iter().find(|one| !allow.admits(&host, one.ip())) {
                return Err(Failure::Inside { host, address: inside.ip() }.into());
            }
            let all: Addrs = Box::new(found.into_iter());
            Ok(all)
        })
    }
}

/// What went wrong, without the address: its query may hold what is nobody's business.
fn failure(error: &reqwest::Error) -> Failure {
    let mut cause = error.source();
    while let Some(one) = cause {
        if let Some(own) = one.downcast_ref::<Failure>() {
            return own.clone();
        }
        cause = one.source();
    }
    Failure::Broken(told(error))
}

fn told(error: &reqwest::Error) -> String {
    let mut text = match () {
        () if error.is_connect() => "the machine cannot be reached".to_owned(),
        () if error.is_body() || error.is_decode() => "the answer broke off".to_owned(),
        () if error.is_builder() => "the request cannot be made".to_owned(),
        () => "the request failed".to_owned(),
    };
    // The innermost says most.
    let mut cause = error.source();
    let mut last = None;
    while let Some(one) = cause {
        last = Some(one.to_string());
        cause = one.source();
    }
    if let Some(last) = last {
        text = format!("{text}: {last}");
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    fn request(url: &str) -> Request {
        Request {
            method: "POST".into(),
            url: url.into(),
            timeout: Duration::from_secs(2),
            most: 100,
            ..Request::default()
        }
    }

    /// Answers every connection with a text; tells the port.
    async fn answering(text: String) -> u16 {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let text = text.clone();
                tokio::spawn(async move {
                    let mut heard = [0; 4096];
                    let _ = stream.read(&mut heard).await;
                    if text.is_empty() {
                        tokio::time::sleep(Duration::from_mins(1)).await;
                    }
                    let _ = stream.write_all(text.as_bytes()).await;
                });
            }
        });
        port
    }

    fn said(status: &str, more: &str, body: &str) -> String {
        format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{more}\r\n{body}",
            body.len()
        )
    }

    #[tokio::test]
    async fn nothing_inside_is_reached_unless_it_is_listed() {
        let port = answering(said("200 OK", "content-type: application/json\r\n", "{}")).await;
        let closed = Client::default();
        for host in [
            "127.0.0.1",
            "[::1]",
            "localhost",
            "[::ffff:127.0.0.1]",
            "0x7f.1",
            "2130706433",
            "127.1",
            "0177.0.0.1",
        ] {
            let failure = closed.send(request(&format!("http://{host}:{port}/"))).await.unwrap_err();
            assert!(matches!(failure, Failure::Inside { .. }), "{host}: {failure:?}");
            assert!(!failure.may_pass());
        }
        let metadata = closed.send(request("http://169.254.169.254/latest/meta-data/")).await.unwrap_err();
        assert!(matches!(metadata, Failure::Inside { .. }));
        for listed in ["127.0.0.0/8", "localhost"] {
            let open = Client::new(Allow::parse([listed, "::1"]).unwrap());
            let answer = open.send(request(&format!("http://localhost:{port}/"))).await.unwrap();
            assert_eq!((answer.status, answer.body.as_slice()), (200, b"{}".as_slice()), "{listed}");
            assert_eq!(answer.content_type, "application/json");
        }
    }

    #[tokio::test]
    async fn other_ways_and_secrets_in_addresses_are_refused() {
        let client = Client::default();
        for wrong in [
            "file:///etc/passwd",
            "ftp://a.example/",
            "gopher://a.example/",
            "http://user:word@a.example/",
            "x",
            "",
        ] {
            let failure = client.send(request(wrong)).await.unwrap_err();
            assert!(matches!(failure, Failure::Address(_)), "{wrong}: {failure:?}");
        }
        let split =
            Request { headers: vec![("x-a".into(), "1\r\nx-b: 2".into())], ..request("http://a.example/") };
        assert!(matches!(client.send(split).await, Err(Failure::Address(_))));
    }

    #[tokio::test]
    async fn answers_have_limits_and_lead_nowhere_else() {
        let open = Client::new(Allow::parse(["127.0.0.1"]).unwrap());
        let at = |port: u16| request(&format!("http://127.0.0.1:{port}/"));
        let away = answering(said("302 Found", "location: http://169.254.169.254/\r\n", "")).await;
        assert_eq!(open.send(at(away)).await.unwrap().status, 302);
        let large = answering(said("200 OK", "", &"x".repeat(101))).await;
        assert_eq!(open.send(at(large)).await, Err(Failure::TooLarge(100)));
        let endless =
            answering(format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", "x".repeat(5000))).await;
        assert_eq!(open.send(at(endless)).await, Err(Failure::TooLarge(100)));
        let silent = answering(String::new()).await;
        let short = Request { timeout: Duration::from_millis(200), ..at(silent) };
        let late = open.send(short).await.unwrap_err();
        assert!(matches!(late, Failure::TimedOut(_)) && late.may_pass());
        let nobody = open.send(at(1)).await.unwrap_err();
        assert!(matches!(nobody, Failure::Broken(_)) && nobody.may_pass(), "{nobody:?}");
    }

    #[test]
    fn only_so_many_are_under_way() {
        let client = Client::default();
        let held: Vec<_> = std::iter::from_fn(|| client.slot()).take(AT_ONCE + 1).collect();
        assert_eq!(held.len(), AT_ONCE);
        drop(held);
        assert!(client.slot().is_some());
    }
}
