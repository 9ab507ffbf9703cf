//! `POST hooks/{name}`: a machine of somebody else says that something happened. Nobody is signed in; the message is signed
//! as Standard Webhooks are (`webhook-id`, `webhook-timestamp`, `webhook-signature`), and the same one twice is taken once.

use axum::extract::{Path, Request};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use kontor_core::Error;
use kontor_core::incoming::{self, Envelope};
use kontor_model::Json;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::answer;
use crate::error::Failure;
use crate::extract::{body, input, json as strict};
use crate::visit::{Entered, Visit};

/// How often a message is looked at again when others publish meanwhile.
const ATTEMPTS: u32 = 3;

#[derive(Deserialize)]
pub struct HookPath {
    name: String,
}

/// 202 with the run that began: `{ "run": ID }`, or `null` where the workflow does not begin with this message.
pub async fn take_message(
    Entered(visit): Entered,
    Path(path): Path<HookPath>,
    request: Request,
) -> Result<Response, Failure> {
    let workspace = &visit.workspace;
    let (parts, content) = request.into_parts();
    let listening = incoming::find(workspace, &path.name)?;
    if !input::says_json(&parts.headers) {
        return Err(Failure::NotJson);
    }
    let bytes = body::read(&parts.headers, content, body::ORDINARY).await?;
    let header = |name: &str| text(&parts.headers, name);
    let envelope = Envelope {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    incoming::verify(workspace, &listening, envelope, &bytes).await.map_err(|error| match error {
        Error::Unauthenticated => Failure::Unsigned,
        other => other.into(),
    })?;
    let said = match strict::parse(&bytes) {
        Ok(said) => said,
        Err(error) => {
            incoming::turn_away(workspace, &listening.hook.name, "content").await?;
            return Err(Failure::Unreadable(error.0));
        }
    };
    match begin(&visit, &path.name, envelope.id, &said).await {
        Ok(run) => Ok(answer::with_status(StatusCode::ACCEPTED, &json!({ "run": run }))),
        Err(error) => {
            if matches!(error, Error::Problems(_)) {
                incoming::turn_away(workspace, &listening.hook.name, "content").await?;
            }
            Err(error.into())
        }
    }
}

async fn begin(visit: &Visit, name: &str, id: &str, said: &Json) -> Result<Option<Uuid>, Error> {
    let mut attempt = 1;
    loop {
        // What was published meanwhile may have other inputs, or no hook any more.
        let listening = incoming::find(&visit.workspace, name)?;
        match incoming::begin(&visit.workspace, &listening, id, said).await {
            Err(error) if error.is_outdated() && attempt < ATTEMPTS => {
                attempt += 1;
                visit.workspace.current().await?;
            }
            other => return other,
        }
    }
}

/// A header that comes once; anything else is none.
fn text<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    let mut all = headers.get_all(name).iter();
    match (all.next(), all.next()) {
        (Some(one), None) => one.to_str().unwrap_or_default(),
        _ => "",
    }
}
