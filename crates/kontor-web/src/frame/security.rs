//! The headers that every answer carries, and whether a request was really made by one of our own pages.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderValue, header};

/// Nothing but our own files; no inline script or style, no framing, forms only to ourselves.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'; font-src 'self'";

/// Adds what protects the browser. An answer that says nothing about caching is not kept anywhere.
pub fn protect(headers: &mut HeaderMap) {
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A file that somebody sent says more strictly what it may do: nothing.
    let policy = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// Where a request comes from, as far as we may believe it.
#[derive(Clone, Copy, Debug)]
pub struct Transport {
    /// The client's address: the proxy's word for it when the proxy is one of ours.
    pub address: IpAddr,
    /// Whether the client speaks TLS, to us or to a proxy of ours.
    pub secure: bool,
    /// Whether the headers of a proxy of ours are believed.
    pub proxied: bool,
}

impl Transport {
    /// Reads the peer and, when it is one of `trusted`, what it forwards.
    pub fn read(headers: &HeaderMap, peer: IpAddr, trusted: &[IpAddr]) -> Self {
        if !trusted.contains(&peer) {
            return Self { address: peer, secure: false, proxied: false };
        }
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        // The last entry is the one that our own proxy wrote; those before it are the client's word.
        let address = text("x-forwarded-for")
            .and_then(|list| list.rsplit(',').next())
            .and_then(|last| last.trim().parse().ok())
            .unwrap_or(peer);
        let secure =
            text("x-forwarded-proto").is_some_and(|scheme| scheme.trim().eq_ignore_ascii_case("https"));
        Self { address, secure, proxied: true }
    }
}

/// Whether a form was sent by a page of this very site, as far as the browser says. A client that says nothing is no
/// browser; the token decides alone there.
pub fn is_same_origin(headers: &HeaderMap, proxied: bool) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text("origin") else { return true };
    let Some((_, authority)) = origin.split_once("://") else { return false };
    let forwarded = if proxied { text("x-forwarded-host") } else { None };
    [forwarded, text("host")].into_iter().flatten().any(|host| host.eq_ignore_ascii_case(authority))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn forms_of_other_sites_are_known() {
        let host = ("host", "crm.example:8080");
        assert!(is_same_origin(&headers(&[host]), false));
        assert!(is_same_origin(&headers(&[host, ("origin", "http://crm.example:8080")]), false));
        assert!(is_same_origin(
            &headers(&[host, ("sec-fetch-site", "same-origin"), ("origin", "http://other")]),
            false
        ));
        for bad in
            ["http://evil.example", "null", "http://crm.example", "http://crm.example:8080.evil.example"]
        {
            let mut map = headers(&[host]);
            map.insert(header::ORIGIN, HeaderValue::from_static(bad));
            assert!(!is_same_origin(&map, false), "{bad}");
        }
        assert!(!is_same_origin(&headers(&[host, ("sec-fetch-site", "cross-site")]), false));
        assert!(!is_same_origin(&headers(&[host, ("sec-fetch-site", "same-site")]), false));
        let behind = headers(&[
            ("host", "127.0.0.1:8080"),
            ("x-forwarded-host", "crm.example"),
            ("origin", "https://crm.example"),
        ]);
        assert!(is_same_origin(&behind, true));
        assert!(!is_same_origin(&behind, false));
    }

    #[test]
    fn only_our_own_proxy_is_believed() {
        let peer: IpAddr = "10.0.0.1".parse().unwrap();
        let map = headers(&[("x-forwarded-proto", "https"), ("x-forwarded-for", "6.6.6.6, 203.0.113.9")]);
        let direct = Transport::read(&map, peer, &[]);
        assert!(!direct.secure && direct.address == peer);
        let behind = Transport::read(&map, peer, &[peer]);
        assert!(behind.secure && behind.address == "203.0.113.9".parse::<IpAddr>().unwrap());
    }
}
