//! Cookies: reading one from a request, writing one into an answer. Always `HttpOnly` and `SameSite=Lax`.

use std::fmt::Write;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

/// The value of the cookie `name`; the first one wins when a client sends several.
pub fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.trim().trim_matches('"'))
        .filter(|value| !value.is_empty())
}

/// The full name of a cookie: with the `__Host-` prefix where the request is known to be TLS, so that no other host and no
/// plain connection can set it.
pub fn full_name(name: &str, secure: bool) -> String {
    if secure { format!("__Host-{name}") } else { name.to_owned() }
}

/// `Set-Cookie` for a cookie that scripts cannot read; without a lifetime it ends with the browser.
pub fn set(name: &str, value: &str, lifetime: Option<Duration>, secure: bool) -> Option<HeaderValue> {
    let name = full_name(name, secure);
    let mut text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax");
    if let Some(lifetime) = lifetime {
        write!(text, "; Max-Age={}", lifetime.as_secs()).ok()?;
    }
    if secure {
        text.push_str("; Secure");
    }
    HeaderValue::from_str(&text).ok()
}

/// `Set-Cookie` that takes a cookie away.
pub fn clear(name: &str, secure: bool) -> Option<HeaderValue> {
    set(name, "", Some(Duration::ZERO), secure)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn one_cookie_among_many() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; kontor_main=secret ;b"));
        headers.append(header::COOKIE, HeaderValue::from_static("kontor_main=other; empty="));
        assert_eq!(read(&headers, "kontor_main"), Some("secret"));
        assert_eq!(read(&headers, "kontor"), None);
        assert_eq!(read(&headers, "empty"), None);
    }

    #[test]
    fn a_secure_cookie_belongs_to_this_host_alone() {
        let text = set("k", "v", None, true).unwrap();
        assert_eq!(text.to_str().unwrap(), "__Host-k=v; Path=/; HttpOnly; SameSite=Lax; Secure");
        let text = clear("k", false).unwrap();
        assert_eq!(text.to_str().unwrap(), "k=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
        assert!(set("k", "a\nb", None, false).is_none());
    }
}
