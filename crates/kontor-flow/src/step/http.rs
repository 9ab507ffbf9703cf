//! `http`: asks a machine of somebody else, outside of every transaction, and lets later steps read what it said.
//! `{ "do": "http", "url": "https://erp.example/orders", "body": { "number": { "field": "name" } }, "sign": "erp", "as": "answer",
//! "read": { "order": { "kind": "text", "at": "/order/id" } } }`.

use std::time::Duration;

use kontor_model::{Json, Problem, Problems};

use super::values;
use crate::Template;
use crate::names::Names;
use crate::read::Reader;
use crate::value::ValueSource;

/// The field of an answer that is its HTTP status.
pub const STATUS: &str = "status";
/// The field that is its whole body, where that is JSON.
pub const WHOLE: &str = "body";
/// The key that says what is read from an answer.
pub(crate) const READ: &str = "read";
/// The key that says where in the body a field stands.
pub(crate) const AT: &str = "at";

const METHODS: [&str; 5] = ["POST", "GET", "PUT", "PATCH", "DELETE"];
/// How long an answer is waited for, in seconds: usually, and at most.
const USUAL: u64 = 10;
const LONGEST: u64 = 60;
/// What counts as done unless it is said.
const SUCCESS: (u16, u16) = (200, 299);
/// Most attempts that may be asked for.
const ATTEMPTS: u64 = 25;
/// Headers that belong to the connection, or to the signature.
const RESERVED: [&str; 10] = [
    "host",
    "content-length",
    "connection",
    "transfer-encoding",
    "te",
    "upgrade",
    "trailer",
    "keep-alive",
    "expect",
    "user-agent",
];

/// Asks a machine of somebody else.
#[derive(Clone, Debug, PartialEq)]
pub struct Http {
    /// GET, POST, PUT, PATCH or DELETE.
    pub method: String,
    /// Where; what fills its gaps is escaped.
    pub url: Template,
    /// By name.
    pub headers: Vec<(String, HeaderSource)>,
    /// What is sent.
    pub body: Option<BodySource>,
    /// The secret that signs it.
    pub sign: Option<String>,
    /// The name under which later steps know the answer.
    pub name_of_result: Option<String>,
    /// What is read from the answer: the field, and the JSON pointer of its value in the body.
    pub read: Vec<(String, String)>,
    /// How long the answer is waited for.
    pub timeout: Duration,
    /// The statuses that count as done, from and to.
    pub expect: Vec<(u16, u16)>,
    /// How often it is tried; as often as anything of a run unless it is said.
    pub attempts: Option<i64>,
}

/// Where the value of a header comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum HeaderSource {
    /// A text.
    Text(Template),
    /// A secret that administrators keep, behind a word such as `Bearer `.
    Secret {
        /// What stands before it.
        before: String,
        /// Its name.
        secret: String,
    },
}

/// What is sent.
#[derive(Clone, Debug, PartialEq)]
pub enum BodySource {
    /// JSON, with values in their places.
    Json(Node),
    /// A text as it is.
    Text(Template),
}

/// JSON with values in it.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// An object.
    Object(Vec<(String, Node)>),
    /// A list.
    List(Vec<Node>),
    /// A value.
    Value(ValueSource),
}

impl Http {
    /// Whether a status counts as done.
    pub fn expects(&self, status: u16) -> bool {
        self.expect.iter().any(|(from, to)| (*from..=*to).contains(&status))
    }
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Http> {
    let method = reader.text("method").unwrap_or_else(|| "POST".to_owned());
    if !METHODS.contains(&method.as_str()) {
        let problem =
            reader.problem("not_an_option", "method").with("value", &method).with("field", "method");
        reader.push(problem.with("options", METHODS.join(", ")));
    }
    let sign = reader.text("sign");
    let headers = headers(reader, names);
    let keeps = sign.is_some() || headers.iter().any(|(_, one)| matches!(one, HeaderSource::Secret { .. }));
    let url = address(reader, names, keeps);
    let body = body(reader, names, &method);
    let read = fields(reader);
    let name_of_result = values::name_of_answer(reader, names);
    if reader.member(READ).is_some() && reader.member("as").is_none() {
        reader.missing("as");
    }
    let timeout = timeout(reader);
    let expect = expected(reader);
    let attempts = reader.number("attempts", 1, ATTEMPTS).and_then(|number| i64::try_from(number).ok());
    Some(Http { method, url: url?, headers, body, sign, name_of_result, read, timeout, expect, attempts })
}

/// The address: which machine it is stands in it, so that nobody who may write a record chooses where a secret goes.
fn address(reader: &mut Reader<'_>, names: &Names<'_>, keeps_secrets: bool) -> Option<Template> {
    let text = reader.required_text("url")?;
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let Some(rest) = rest.filter(|rest| !rest.is_empty()) else {
        let problem = reader.problem("not_an_address", "url").with("value", &text);
        reader.push(problem.with("example", "https://erp.example/orders"));
        return None;
    };
    let machine = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if machine.contains('@') {
        let problem = reader.problem("address_with_password", "url").with("value", machine);
        reader.push(problem);
        return None;
    }
    if keeps_secrets && machine.contains("{{") {
        let problem = reader.problem("secret_to_anybody", "url").with("value", machine);
        reader.push(problem);
        return None;
    }
    template(reader, "url", &text, names)
}

fn template(reader: &mut Reader<'_>, key: &str, text: &str, names: &Names<'_>) -> Option<Template> {
    match Template::read(text, names) {
        Ok(template) => Some(template),
        Err(problems) => {
            let at = format!("{}/{key}", reader.at);
            reader.problems.extend_under(&at, problems);
            None
        }
    }
}

fn headers(reader: &mut Reader<'_>, names: &Names<'_>) -> Vec<(String, HeaderSource)> {
    let Some(json) = reader.member("headers") else { return Vec::new() };
    let Some(object) = json.as_object() else {
        let problem = reader.problem("wrong_type", "headers").with("expected", "object");
        reader.push(problem);
        return Vec::new();
    };
    let mut found: Vec<(String, HeaderSource)> = Vec::new();
    for (name, value) in object.iter().filter(|(_, value)| !value.is_null()) {
        let key = format!("headers/{}", crate::read::escape(name));
        let lower = name.to_ascii_lowercase();
        let is_word = !name.is_empty()
            && name
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "-_.!#$%&'*+^`|~".contains(letter));
        let is_reserved = RESERVED.contains(&lower.as_str())
            || lower.starts_with("webhook-")
            || lower.starts_with("proxy-");
        let is_twice = found.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        if !is_word || is_reserved || is_twice {
            let code = if is_twice { "duplicate_value" } else { "not_a_header" };
            let problem = reader.problem(code, &key).with("name", name).with("value", name);
            reader.push(problem);
            continue;
        }
        let source = match value {
            Json::String(text) => template(reader, &key, text, names).map(HeaderSource::Text),
            Json::Object(secret) => {
                let own = secret.get("secret").and_then(Json::as_str);
                if own.is_none() {
                    reader.missing(&format!("{key}/secret"));
                }
                let before = secret.get("before").and_then(Json::as_str).unwrap_or_default();
                own.map(|own| HeaderSource::Secret { before: before.to_owned(), secret: own.to_owned() })
            }
            _ => {
                let problem = reader.problem("wrong_type", &key).with("expected", "text");
                reader.push(problem);
                None
            }
        };
        found.extend(source.map(|source| (name.clone(), source)));
    }
    found
}

fn body(reader: &mut Reader<'_>, names: &Names<'_>, method: &str) -> Option<BodySource> {
    let json = reader.member("body")?;
    if method == "GET" {
        let problem = reader.problem("body_of_get", "body").with("value", method);
        reader.push(problem);
        return None;
    }
    if let Json::String(text) = json {
        return template(reader, "body", text, names).map(BodySource::Text);
    }
    let mut problems = Problems::new();
    let node = node(json, "", names, &mut problems);
    let at = format!("{}/body", reader.at);
    reader.problems.extend_under(&at, problems);
    Some(BodySource::Json(node))
}

/// Objects and lists are as they are written; what would be a value of a field is one here, too.
fn node(json: &Json, at: &str, names: &Names<'_>, problems: &mut Problems) -> Node {
    let is_source = |object: &serde_json::Map<String, Json>| {
        let mut members = object.iter();
        let Some((key, value)) = members.next() else { return false };
        members.next().is_none()
            && value.is_string()
            && matches!(key.as_str(), "field" | "formula" | "now" | "user")
    };
    match json {
        Json::Object(object) if !is_source(object) => {
            let members = object.iter().map(|(key, value)| {
                let here = format!("{at}/{}", crate::read::escape(key));
                (key.clone(), node(value, &here, names, problems))
            });
            Node::Object(members.collect())
        }
        Json::Array(list) => {
            let items = list.iter().enumerate();
            Node::List(
                items.map(|(index, item)| node(item, &format!("{at}/{index}"), names, problems)).collect(),
            )
        }
        value => match ValueSource::read(value, None, names) {
            Ok(source) => Node::Value(source),
            Err(found) => {
                problems.extend_under(at, found);
                Node::Value(ValueSource::Literal(Json::Null))
            }
        },
    }
}

/// What is read from the answer; its kinds were looked at with all that hangs on the record.
fn fields(reader: &mut Reader<'_>) -> Vec<(String, String)> {
    let Some(json) = reader.member(READ) else { return Vec::new() };
    let Some(object) = json.as_object() else {
        let problem = reader.problem("wrong_type", READ).with("expected", "object");
        reader.push(problem);
        return Vec::new();
    };
    let mut found = Vec::new();
    for (name, field) in object {
        let at = field.get(AT).and_then(Json::as_str).map_or_else(|| format!("/{name}"), str::to_owned);
        if !at.starts_with('/') {
            let problem = reader.problem("not_a_pointer", &format!("{READ}/{name}/{AT}"));
            reader.push(problem.with("value", &at).with("example", format!("/{name}")));
            continue;
        }
        found.push((name.clone(), at));
    }
    found
}

fn timeout(reader: &mut Reader<'_>) -> Duration {
    let Some(text) = reader.text("timeout") else { return Duration::from_secs(USUAL) };
    let seconds = text.strip_suffix('s').and_then(|number| number.parse::<u64>().ok());
    let seconds = seconds.filter(|seconds| (1..=LONGEST).contains(seconds));
    if seconds.is_none() {
        let problem = reader.problem("not_seconds", "timeout").with("value", &text);
        reader.push(problem.with("maximum", LONGEST));
    }
    Duration::from_secs(seconds.unwrap_or(USUAL))
}

/// `[200, "300-399"]`.
fn expected(reader: &mut Reader<'_>) -> Vec<(u16, u16)> {
    let Some(json) = reader.member("expect") else { return vec![SUCCESS] };
    let list = json.as_array().map_or_else(|| std::slice::from_ref(json), Vec::as_slice);
    let mut found = Vec::new();
    for (index, item) in list.iter().enumerate() {
        let status = |text: &str| text.parse::<u16>().ok().filter(|status| (100..=599).contains(status));
        let range = match item {
            Json::Number(number) => status(&number.to_string()).map(|one| (one, one)),
            Json::String(text) => match text.split_once('-') {
                Some((from, to)) => status(from).zip(status(to)).filter(|(from, to)| from <= to),
                None => status(text).map(|one| (one, one)),
            },
            _ => None,
        };
        if range.is_none() {
            let key = if json.is_array() { format!("expect/{index}") } else { "expect".to_owned() };
            let problem: Problem = reader.problem("not_a_status", &key).with("value", item);
            reader.push(problem.with("example", "200-299"));
        }
        found.extend(range);
    }
    if found.is_empty() { vec![SUCCESS] } else { found }
}
