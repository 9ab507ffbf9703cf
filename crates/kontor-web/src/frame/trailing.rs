//! Addresses that end with a slash where the page has none: people type it, and proxies add it.

use axum::http::{Method, Uri};
use axum::response::{IntoResponse, Redirect, Response};

use crate::error::Failure;

/// What is answered where no page is: the way to the one without the slash, or that there is none.
pub async fn show_nothing(method: Method, uri: Uri) -> Response {
    let is_read = method == Method::GET || method == Method::HEAD;
    match without(uri.path()).filter(|_| is_read) {
        Some(path) => {
            let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
            Redirect::permanent(&format!("{path}{query}")).into_response()
        }
        None => Failure::NoRoute.into_response(),
    }
}

/// The address of a page of a workspace without the slash at its end. Whatever a browser could take for another site
/// leads nowhere, and programs are told of their mistake.
fn without(path: &str) -> Option<&str> {
    let short = path.strip_suffix('/')?;
    let mut parts = short.strip_prefix("/w/")?.split('/');
    let is_page = parts.nth(1).is_some_and(|part| part != "api");
    let is_plain = !short.ends_with('/') && !path.contains("//") && !path.contains('\\');
    (is_page && is_plain).then_some(short)
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn pages_alone_lose_their_slash() {
        assert_eq!(without("/w/main/admin/"), Some("/w/main/admin"));
        assert_eq!(without("/w/main/r/deal/"), Some("/w/main/r/deal"));
        for other in [
            "/w/main/",
            "/w/main/admin",
            "/w/main/api/v1/",
            "//evil.example/",
            "/w//evil/x/",
            "/w/main/a//",
            "/",
        ] {
            assert_eq!(without(other), None, "{other}");
        }
    }
}
