//! What the API answered, with the checks that every answer must pass.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// A complete answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// All headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
    /// The body as JSON; null when it is none.
    pub json: Value,
    request: String,
}

impl Answer {
    /// Reads an answer to its end.
    pub async fn read(request: String, response: reqwest::Response) -> Self {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await.unwrap_or_else(|error| panic!("{request}: {error}"));
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self { status, headers, text, json, request }
    }

    /// It has this status; gives itself back.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self}");
        self
    }

    /// A header as text; empty when absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The value at a JSON pointer.
    #[track_caller]
    pub fn at(&self, pointer: &str) -> &Value {
        self.json.pointer(pointer).unwrap_or_else(|| panic!("nothing at {pointer}\n{self}"))
    }

    /// The text at a JSON pointer.
    #[track_caller]
    pub fn word(&self, pointer: &str) -> &str {
        self.at(pointer).as_str().unwrap_or_else(|| panic!("no text at {pointer}\n{self}"))
    }

    /// The number at a JSON pointer.
    #[track_caller]
    pub fn number(&self, pointer: &str) -> f64 {
        number(self.at(pointer)).unwrap_or_else(|| panic!("no number at {pointer}\n{self}"))
    }

    /// The array at a JSON pointer.
    #[track_caller]
    pub fn list(&self, pointer: &str) -> &Vec<Value> {
        self.at(pointer).as_array().unwrap_or_else(|| panic!("no list at {pointer}\n{self}"))
    }

    /// `/id`.
    #[track_caller]
    pub fn id(&self) -> String {
        self.word("/id").to_owned()
    }

    /// It was refused with this status, in the form that every refusal has (RFC 9457); gives itself back.
    #[track_caller]
    pub fn refused(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self}");
        let media = self.header("content-type");
        assert!(media.starts_with("application/problem+json"), "content type {media:?}\n{self}");
        assert!(
            self.json.get("title").and_then(Value::as_str).is_some_and(|t| !t.is_empty()),
            "no title\n{self}"
        );
        if let Some(said) = self.json.get("status") {
            assert_eq!(number(said), Some(f64::from(status)), "{self}");
        }
        if status == 422 {
            assert!(!self.problems().is_empty(), "422 without problems\n{self}");
        }
        for problem in self.json.get("problems").and_then(Value::as_array).into_iter().flatten() {
            for key in ["code", "message"] {
                let filled = problem.get(key).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
                assert!(filled, "a problem without {key}\n{self}");
            }
        }
        self
    }

    /// All problems as (path, code), sorted.
    pub fn problems(&self) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = self
            .json
            .get("problems")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|problem| {
                let text = |key| problem.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
                (text("path"), text("code"))
            })
            .collect();
        found.sort();
        found
    }

    /// There is a problem at this path.
    #[track_caller]
    pub fn problem_at(&self, path: &str) -> &Value {
        self.json
            .get("problems")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .find(|problem| problem.get("path").and_then(Value::as_str) == Some(path))
            .unwrap_or_else(|| panic!("no problem at {path}\n{self}"))
    }

    /// The problems are at exactly these paths, in any order.
    #[track_caller]
    pub fn problems_at(&self, paths: &[&str]) {
        let mut found: Vec<String> = self.problems().into_iter().map(|(path, _)| path).collect();
        found.dedup();
        let mut wanted: Vec<String> = paths.iter().map(|&path| path.to_owned()).collect();
        wanted.sort();
        assert_eq!(found, wanted, "{self}");
    }
}

/// A JSON number, or a number written as text, as a float.
pub fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.to_string().parse().ok(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown: String = self.text.chars().take(4_000).collect();
        write!(formatter, "{} answered {}: {shown}", self.request, self.status)
    }
}
