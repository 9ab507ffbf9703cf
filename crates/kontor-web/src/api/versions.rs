//! The workspace's published versions, and going back to the state after one of them.

use axum::extract::{Path, Query};
use axum::response::Response;
use kontor_core::definitions::parked::{self, Parked};
use kontor_core::definitions::versions;
use kontor_model::Problem;
use serde::Deserialize;
use serde_json::json;

use super::answer;
use super::changes::{moment, published};
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

#[derive(Deserialize)]
pub struct Compared {
    with: Option<String>,
}

/// `GET versions/{n}/diff?with=m`: what lies between the state after `n` and that after `m`.
pub async fn show_difference(
    caller: Caller,
    Path(path): Path<VersionPath>,
    Query(compared): Query<Compared>,
) -> Result<Response, Failure> {
    let number = |text: &str| text.parse::<i64>().map_err(|_| Failure::not_found());
    let with = compared.with.ok_or_else(|| Problem::new("required", "/with").with("key", "with"))?;
    let (from, to) = (number(&path.n)?, number(&with)?);
    let changes = versions::difference(&caller.session, from, to).await?;
    let catalogue = caller.visit.catalogue();
    let list = changes
        .into_iter()
        .map(|change| {
            json!({
                "kind": change.kind.as_str(),
                "name": change.name,
                "pointer": change.pointer,
                "what": change.what,
                "message": catalogue.text_with(&format!("change.{}", change.what), &change.parameters),
            })
        })
        .collect();
    Ok(answer::data(list))
}

/// `GET parked`: what the database keeps although no definition names it.
pub async fn list_parked(caller: Caller) -> Result<Response, Failure> {
    let list = parked::list(&caller.session).await?.iter().map(parked_json).collect();
    Ok(answer::data(list))
}

/// `POST parked/purge` `{ "table", "column", "confirm": true }`: for good.
pub async fn purge_parked(caller: Caller, OptionalInput(body): OptionalInput) -> Result<Response, Failure> {
    let body = object(body)?;
    let text = |key: &str| body.get(key).and_then(kontor_model::Json::as_str).unwrap_or_default();
    if body.get("confirm").and_then(kontor_model::Json::as_bool) != Some(true) {
        return Err(kontor_core::Error::from(Problem::new("purge_unconfirmed", "/confirm")).into());
    }
    let one = parked::purge(&caller.session, text("table"), text("column")).await?;
    Ok(answer::json(&parked_json(&one)))
}

fn parked_json(one: &Parked) -> kontor_model::Json {
    json!({
        "table": one.held.table,
        "column": one.held.column,
        "entity": one.entity,
        "title": one.title,
        "rows": one.held.rows,
        "bytes": one.held.bytes,
        "since": one.since.map(moment),
    })
}

/// `POST versions/{n}/restore` `{ "without_purged": true }`.
pub async fn restore_version(
    caller: Caller,
    Path(path): Path<VersionPath>,
    OptionalInput(body): OptionalInput,
) -> Result<Response, Failure> {
    let number = path.n.parse::<i64>().map_err(|_| Failure::not_found())?;
    let without = object(body)?.get("without_purged").and_then(kontor_model::Json::as_bool).unwrap_or(false);
    Ok(published(versions::restore_or_begin(&caller.session, number, without).await?))
}
