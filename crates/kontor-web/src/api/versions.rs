//! The workspace's published versions, and going back to the state after one of them.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::definitions::versions;
use serde::Deserialize;
use serde_json::json;

use super::answer;
use super::changes::moment;
use crate::error::Failure;
use crate::extract::input::{OptionalInput, object};
use crate::visit::Caller;

#[derive(Deserialize)]
pub struct VersionPath {
    n: String,
}

/// `GET versions`: `{ "n", "title", "by", "at" }`, the latest first.
pub async fn list_versions(caller: Caller) -> Result<Response, Failure> {
    let found = versions::list(&caller.session).await?;
    let people =
        crate::present::people::names(&caller.session, found.iter().filter_map(|version| version.author))
            .await;
    let list = found
        .into_iter()
        .map(|version| {
            // What the engine or a command of the program published has no author.
            let by = match version.author {
                Some(id) => json!({ "id": id, "title": people.get(&id) }),
                None => json!({ "id": null, "title": "Kontor" }),
            };
            json!({ "n": version.n, "title": version.title, "by": by, "at": moment(version.at) })
        })
        .collect();
    Ok(answer::data(list))
}

/// `POST versions/{n}/restore`.
pub async fn restore_version(
    caller: Caller,
    Path(path): Path<VersionPath>,
    OptionalInput(body): OptionalInput,
) -> Result<Response, Failure> {
    let number = path.n.parse::<i64>().map_err(|_| Failure::not_found())?;
    object(body)?;
    let version = versions::restore(&caller.session, number).await?;
    Ok(answer::json(&json!({ "version": version })))
}
