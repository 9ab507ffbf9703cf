//! `http`: what is asked of a machine of somebody else, and what becomes of its answer. It is sent outside of every
//! transaction, at least once, each time under the same name (`webhook-id`), so that the other side knows it again.

use std::time::Duration;

use kontor_flow::step::{BodySource, HeaderSource, Http, Node, STATUS, WHOLE};
use kontor_flow::{Scope, ValueSource};
use kontor_model::inputs::Hanging;
use kontor_model::{Json, Model, Problem, Problems, Value};
use kontor_outbound::{Answer, Failure, Request};
use serde_json::{Map, json};
use uuid::Uuid;

use super::RunScope;
use crate::error::Result;
use crate::{Session, incoming, secrets};

/// The largest answer that is read.
const MOST: usize = 1024 * 1024;
/// Statuses that may be others a little later, beside those that begin with 5: too slow, too early, too often.
const PASSING: [u16; 3] = [408, 425, 429];

/// What came of it.
#[derive(Debug)]
pub enum Asked {
    /// The other side did it.
    Done {
        /// What later steps may read.
        values: Json,
        /// What the run's page shows.
        output: Json,
    },
    /// It did not, and may do so later.
    Later(Problem),
    /// It will not.
    Never(Problem),
}

/// Asks, and waits for the answer. `path` is where the step stands in the run.
///
/// # Errors
/// When the database does not answer.
pub async fn ask(
    session: &Session,
    scope: &RunScope,
    (run, path): (Uuid, &str),
    http: &Http,
    hanging: Option<&Hanging>,
) -> Result<Asked> {
    let request = match request(session, scope, (run, path), http).await? {
        Ok(request) => request,
        Err(problem) => return Ok(Asked::Never(problem)),
    };
    let address = plain(&request.url);
    let output = json!({ "method": request.method, "address": address, "id": name_of(run, path) });
    let answer = match session.workspace.outbound.send(request).await {
        Ok(answer) => answer,
        Err(failure) => {
            let problem = failed(&failure, &address);
            return Ok(if failure.may_pass() { Asked::Later(problem) } else { Asked::Never(problem) });
        }
    };
    if !http.expects(answer.status) {
        let problem = Problem::new("http_status", "").with("status", answer.status).with("address", &address);
        let may_pass = answer.status >= 500 || PASSING.contains(&answer.status);
        return Ok(if may_pass { Asked::Later(problem) } else { Asked::Never(problem) });
    }
    let output = with(output, &answer);
    match read(session, http, hanging, &answer) {
        Ok(values) => Ok(Asked::Done { values, output }),
        Err(problem) => Ok(Asked::Never(problem)),
    }
}

/// The name of what is asked: the same however often it is sent.
fn name_of(run: Uuid, path: &str) -> String {
    let place: String = path.chars().map(|one| if one.is_ascii_alphanumeric() { one } else { '-' }).collect();
    format!("msg_{}_{place}", run.simple())
}

async fn request(
    session: &Session,
    scope: &RunScope,
    (run, path): (Uuid, &str),
    http: &Http,
) -> Result<std::result::Result<Request, Problem>> {
    let model = scope.model();
    let mut headers = Vec::with_capacity(http.headers.len() + 5);
    for (name, source) in &http.headers {
        let value = match source {
            HeaderSource::Text(text) => text.render(scope, model),
            HeaderSource::Secret { before, secret } => {
                match secrets::current(&session.workspace, secret).await? {
                    Some(value) => format!("{before}{value}"),
                    None => return Ok(Err(Problem::new("no_secret", "").with("name", secret))),
                }
            }
        };
        headers.push((name.to_ascii_lowercase(), value));
    }
    let (body, content_type) = match &http.body {
        Some(BodySource::Json(node)) => {
            (filled(node, scope, model).to_string().into_bytes(), "application/json")
        }
        Some(BodySource::Text(text)) => (text.render(scope, model).into_bytes(), "text/plain; charset=utf-8"),
        None => (Vec::new(), ""),
    };
    let usual = [("content-type", content_type), ("accept", "application/json")];
    for (name, value) in usual.into_iter().filter(|(_, value)| !value.is_empty()) {
        if !headers.iter().any(|(known, _)| known == name) {
            headers.push((name.to_owned(), value.to_owned()));
        }
    }
    let id = name_of(run, path);
    if let Some(secret) = &http.sign {
        let Some(known) = secrets::current(&session.workspace, secret).await? else {
            return Ok(Err(Problem::new("no_secret", "").with("name", secret)));
        };
        let at = session.workspace.clock.now().timestamp();
        let signature = secrets::key(&known).and_then(|key| incoming::sign(&key, &id, at, &body));
        let Some(signature) = signature else {
            return Ok(Err(Problem::new("secret_signs_not", "").with("name", secret)));
        };
        headers.push(("webhook-timestamp".to_owned(), at.to_string()));
        headers.push(("webhook-signature".to_owned(), signature));
    }
    headers.push(("webhook-id".to_owned(), id));
    Ok(Ok(Request {
        method: http.method.clone(),
        url: http.url.render_address(scope, model),
        headers,
        body,
        timeout: http.timeout.max(Duration::from_secs(1)),
        most: MOST,
    }))
}

fn filled(node: &Node, scope: &dyn Scope, model: &Model) -> Json {
    match node {
        Node::Object(members) => {
            let members = members.iter().map(|(key, node)| (key.clone(), filled(node, scope, model)));
            Json::Object(members.collect())
        }
        Node::List(items) => items.iter().map(|item| filled(item, scope, model)).collect(),
        Node::Value(ValueSource::Literal(json)) => json.clone(),
        // What is worked out has no field that says how it is written.
        Node::Value(ValueSource::Formula(formula)) => {
            written(&formula.evaluate(scope.record(), scope.context()))
        }
        Node::Value(source) => source.resolve(None, scope, model),
    }
}

/// A value as JSON; numbers with all their digits.
fn written(value: &Value) -> Json {
    match value {
        Value::Text(text) => text.clone().into(),
        Value::Integer(number) => (*number).into(),
        Value::Decimal(number) => {
            let digits = number.normalized().to_string();
            digits.parse::<serde_json::Number>().map_or(Json::Null, Json::Number)
        }
        Value::Boolean(yes) => (*yes).into(),
        Value::Date(day) => day.to_string().into(),
        Value::DateTime(moment) => moment.to_rfc3339_opts(chrono::SecondsFormat::Millis, true).into(),
        Value::Id(id) => id.to_string().into(),
        _ => Json::Null,
    }
}

/// The machine of an address: what follows may hold values of records, which are nobody's business who looks at runs.
fn plain(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    format!("{scheme}://{}", rest.split(['/', '?', '#']).next().unwrap_or_default())
}

fn failed(failure: &Failure, address: &str) -> Problem {
    let code = match failure {
        Failure::Inside { .. } | Failure::Address(_) => "http_refused",
        Failure::TooLarge(_) => "answer_too_large",
        Failure::TimedOut(_) | Failure::Broken(_) => "http_failed",
    };
    Problem::new(code, "").with("address", address).with("reason", failure).with("limit", "1 MiB")
}

fn with(mut output: Json, answer: &Answer) -> Json {
    if let Some(object) = output.as_object_mut() {
        object.insert("status".into(), answer.status.into());
        object.insert("bytes".into(), answer.body.len().into());
    }
    output
}

/// What later steps may read of an answer: its status, its body where that is JSON, and the fields that are read from it.
fn read(
    session: &Session,
    http: &Http,
    hanging: Option<&Hanging>,
    answer: &Answer,
) -> std::result::Result<Json, Problem> {
    let Some(name) = &http.name_of_result else { return Ok(Json::Null) };
    let is_json = answer.content_type.contains("json") || answer.content_type.is_empty();
    let body: Json = match serde_json::from_slice(&answer.body) {
        Ok(json) => json,
        Err(_) if answer.body.is_empty() || !is_json => Json::Null,
        Err(error) => return Err(Problem::new("answer_unreadable", "").with("reason", error)),
    };
    let mut values = Map::new();
    values.insert(STATUS.into(), answer.status.into());
    let way = hanging.and_then(|hanging| hanging.way(name));
    for (field, place) in &http.read {
        let Some(field) = way.and_then(|way| way.entity.field(field)) else { continue };
        let Some(json) = body.pointer(place).filter(|json| !json.is_null()) else { continue };
        let misfit = |problem: &Problem| {
            let problem = Problem::new("answer_does_not_fit", place.clone())
                .with("field", &field.name)
                .with("reason", problem.message(&session.catalogue));
            problem.with("expected", field.kind.name())
        };
        let mut found = Problems::new();
        match field.kind.parse_json(field, json, &session.parse_context()) {
            Ok(mut value) => {
                field.kind.check(field, &mut value, &mut found);
                if let Some(problem) = found.iter().find(|problem| !problem.warning) {
                    return Err(misfit(problem));
                }
                values.insert(field.name.clone(), field.kind.to_json(field, &value));
            }
            Err(problem) => return Err(misfit(&problem)),
        }
    }
    values.insert(WHOLE.into(), body);
    Ok(Json::Object(values))
}
