//! The body of a form: its pairs in order, with the token checked before anybody looks at them.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{HeaderMap, header};
use kontor_core::identity::secret;

use super::{body, multipart};
use crate::error::Failure;
use crate::frame::{address, security};
use crate::visit::{Entered, Visit};

/// Most pairs of one form.
const MOST_PAIRS: usize = 10_000;

/// The pairs of a form that was sent by a page of ours, without its token.
#[derive(Clone, Debug, Default)]
pub struct Form(pub Vec<(String, String)>);

impl Form {
    /// The last value of a name; a box that is ticked comes after its hidden `false`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The last value of a name without blanks around it, empty when there is none.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default().trim()
    }

    /// All values of a name that are not empty.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// Whether the name came at all.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// Names that begin with `prefix`, the rest of each, in order and once.
    pub fn below(&self, prefix: &str) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for (key, _) in &self.0 {
            if let Some(rest) = key.strip_prefix(prefix)
                && !names.contains(&rest)
            {
                names.push(rest);
            }
        }
        names
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let Entered(visit) = Entered::from_request_parts(&mut parts, state).await?;
        let media = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if let (Some(session), true) = (&visit.session, multipart::is_multipart(media.unwrap_or_default())) {
            if !security::is_same_origin(&parts.headers, visit.transport.proxied) {
                return Err(Failure::Forged);
            }
            let request = Request::from_parts(parts, body);
            let pairs = multipart::read(session, request, &visit.csrf).await?;
            return Self::bounded(pairs)?.checked(&visit.csrf);
        }
        let form = read(&visit, &parts.headers, body).await?;
        form.checked(&visit.csrf)
    }
}

impl Form {
    fn bounded(pairs: Vec<(String, String)>) -> Result<Self, Failure> {
        if pairs.len() > MOST_PAIRS {
            return Err(Failure::Unreadable(format!("a form has at most {MOST_PAIRS} values")));
        }
        Ok(Self(pairs))
    }

    /// The form without its token, when that is the expected one.
    ///
    /// # Errors
    /// [`Failure::Forged`].
    pub fn checked(mut self, expected: &str) -> Result<Self, Failure> {
        let given = self.get("csrf").unwrap_or_default();
        if expected.is_empty() || !secret::same(given, expected) {
            return Err(Failure::Forged);
        }
        self.0.retain(|(name, _)| name != "csrf");
        Ok(self)
    }
}

/// Reads a form whose token is still to be checked.
///
/// # Errors
/// When it is no form, too large, or comes from another site.
pub async fn read(visit: &Visit, headers: &HeaderMap, body: axum::body::Body) -> Result<Form, Failure> {
    if !security::is_same_origin(headers, visit.transport.proxied) {
        return Err(Failure::Forged);
    }
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !media.trim_start().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
        return Err(Failure::Unreadable("a form is sent as application/x-www-form-urlencoded".to_owned()));
    }
    let bytes = body::read(headers, body, body::ORDINARY).await?;
    Form::bounded(address::pairs(&bytes))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn form(body: &str) -> Form {
        Form(address::pairs(body.as_bytes()))
    }

    #[test]
    fn the_last_value_counts_and_order_stays() {
        let form = form("done=false&done=true&tags=&tags=a&tags=b&name=+x+");
        assert_eq!(form.get("done"), Some("true"));
        assert_eq!(form.text("name"), "x");
        assert_eq!(form.all("tags").collect::<Vec<_>>(), ["a", "b"]);
        assert!(form.has("tags") && !form.has("other"));
        assert_eq!(Form(address::pairs(b"map.1=a&map.2=b&map.1=c")).below("map."), ["1", "2"]);
    }

    #[test]
    fn without_its_token_a_form_is_forged() {
        assert!(form("csrf=abc&a=1").checked("abc").unwrap().get("csrf").is_none());
        for (body, expected) in [("csrf=abd", "abc"), ("a=1", "abc"), ("csrf=", ""), ("csrf=x", "")] {
            assert!(matches!(form(body).checked(expected), Err(Failure::Forged)), "{body}");
        }
    }
}
