//! Packs: which there are, what a change would do, and doing it.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::definitions::folder::FolderError;
use kontor_core::definitions::packs::{self, Choices, PackChange};
use kontor_model::layer::Side;
use kontor_model::{Json, Problem, Problems};
use serde::Deserialize;
use serde_json::json;

use super::answer;
use crate::error::Failure;
use crate::extract::input::{OptionalInput, object};
use crate::extract::query::Query;
use crate::visit::Caller;

#[derive(Deserialize)]
pub struct PackPath {
    name: String,
}

/// `GET packs`: the installed ones, and those that can be installed or upgraded to.
pub async fn list_packs(caller: Caller) -> Result<Response, Failure> {
    let session = &caller.session;
    let available = packs::available(session).await?;
    let title = |json: &Json| json.get("title").cloned().unwrap_or_default();
    let mut list: Vec<Json> = packs::list(session)?
        .into_iter()
        .map(|row| {
            let upgrade =
                available.iter().find(|one| one.pack.name() == row.name).map(|one| one.pack.version());
            json!({ "name": row.name, "title": title(&row.body), "version": row.version, "upgrade": upgrade })
        })
        .collect();
    list.extend(available.iter().filter(|one| one.installed.is_none()).map(|one| {
        let manifest = &one.pack.manifest;
        json!({ "name": one.pack.name(), "title": title(manifest), "version": null, "upgrade": one.pack.version() })
    }));
    Ok(answer::data(list))
}

/// `GET packs/{name}/plan`: of installing or upgrading; with `?remove`, and `?prune`, of removing.
pub async fn show_plan(
    caller: Caller,
    Path(path): Path<PackPath>,
    query: Query,
) -> Result<Response, Failure> {
    let change = if query.get("remove").is_some() {
        PackChange::Remove { name: path.name, prune: query.get("prune").is_some() }
    } else {
        bring(&caller, &path.name, &serde_json::Map::new()).await?
    };
    let plan = packs::plan(&caller.session, change).await.map_err(failure)?;
    Ok(answer::json(&plan.to_json(&caller.visit.catalogue())))
}

/// `POST packs/{name}` `{ "use": { "PLACE": "theirs" }, "accept_loss": true }`: installs or upgrades.
pub async fn bring_pack(
    caller: Caller,
    Path(path): Path<PackPath>,
    OptionalInput(body): OptionalInput,
) -> Result<Response, Failure> {
    let body = object(body)?;
    let change = bring(&caller, &path.name, &body).await?;
    apply(&caller, change, &body).await
}

/// `DELETE packs/{name}`: `?accept_loss`, `?prune`.
pub async fn remove_pack(
    caller: Caller,
    Path(path): Path<PackPath>,
    query: Query,
) -> Result<Response, Failure> {
    let change = PackChange::Remove { name: path.name, prune: query.get("prune").is_some() };
    let mut body = serde_json::Map::new();
    body.insert("accept_loss".into(), query.get("accept_loss").is_some().into());
    apply(&caller, change, &body).await
}

async fn apply(
    caller: &Caller,
    change: PackChange,
    body: &serde_json::Map<String, Json>,
) -> Result<Response, Failure> {
    let accept_loss = body.get("accept_loss").and_then(Json::as_bool).unwrap_or(false);
    let version = packs::apply(&caller.session, change, accept_loss).await.map_err(failure)?;
    Ok(answer::json(&json!({ "version": version })))
}

async fn bring(
    caller: &Caller,
    name: &str,
    body: &serde_json::Map<String, Json>,
) -> Result<PackChange, Failure> {
    let pack = packs::find(&caller.session, name).await?;
    let mut choices = Choices::default();
    for (place, side) in body.get("use").and_then(Json::as_object).into_iter().flatten() {
        let side = match side.as_str() {
            Some("theirs") => Side::Theirs,
            Some("ours") => Side::Ours,
            _ => {
                let problem =
                    Problem::new("not_an_option", "/use").with("value", side).with("options", "theirs, ours");
                return Err(kontor_core::Error::from(problem).into());
            }
        };
        choices.by_place.insert(place.clone(), side);
    }
    Ok(PackChange::Bring { pack: Box::new(pack), choices })
}

/// Problems of files are told with the file before the pointer.
fn failure(error: FolderError) -> Failure {
    match error {
        FolderError::Failed(error) => error.into(),
        FolderError::Wrong(wrong) => {
            let problems = wrong.into_iter().map(|one| one.problem.under(&format!("/{}", one.file)));
            kontor_core::Error::Problems(Problems(problems.collect())).into()
        }
    }
}
