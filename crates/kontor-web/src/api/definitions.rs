//! `GET definitions/…`: what is effective, or what one layer says.

use std::str::FromStr;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::definitions;
use kontor_model::definition::DefinitionKind;
use serde::Deserialize;
use serde_json::json;

use super::answer;
use super::changes::moment;
use crate::error::Failure;
use crate::extract::query::Query;
use crate::visit::Caller;

#[derive(Deserialize)]
pub struct KindPath {
    kind: String,
}

#[derive(Deserialize)]
pub struct DefinitionPath {
    kind: String,
    name: String,
}

async fn origins(caller: &Caller, kind: DefinitionKind, name: &str) -> Result<Response, Failure> {
    let found = definitions::origins::origins(&caller.session, kind, name).await?;
    let authors = found.iter().filter_map(|one| one.since.as_ref()?.author);
    let people = crate::present::people::names(&caller.session, authors).await;
    let list = found
        .into_iter()
        .map(|one| {
            let since = one.since.map(|since| {
                let by = since.author.map(|id| json!({ "id": id, "title": people.get(&id) }));
                json!({ "n": since.n, "title": since.title, "by": by, "at": moment(since.at) })
            });
            let below = one.below.map(|(layer, value)| json!({ "layer": layer, "value": value }));
            json!({
                "pointer": one.pointer, "place": one.place, "value": one.value, "layer": one.layer,
                "pack_version": one.pack_version, "since": since, "below": below,
            })
        })
        .collect();
    Ok(answer::data(list))
}

/// A kind of an address; what is none names nothing, and is told the kinds that there are.
pub fn kind_of(word: &str) -> Result<DefinitionKind, Failure> {
    DefinitionKind::from_str(word).map_err(|_| {
        let kinds: Vec<&str> = DefinitionKind::ALL.iter().map(|kind| kind.as_str()).collect();
        Failure::NoneOf { word: word.to_owned(), options: kinds.join(", ") }
    })
}

/// `GET definitions/{kind}`: bare effective definitions, `?layer=` for what that layer says alone.
pub async fn list_definitions(
    caller: Caller,
    Path(path): Path<KindPath>,
    query: Query,
) -> Result<Response, Failure> {
    let kind = kind_of(&path.kind)?;
    let list = match query.get("layer").filter(|layer| !layer.is_empty()) {
        Some(layer) => definitions::list_of_layer(&caller.session, layer, kind)?,
        None => definitions::list(&caller.session, kind)?,
    };
    Ok(answer::data(list))
}

/// `GET definitions/{kind}/{name}`, `?layer=` for what that layer says alone, `?origin` for where each value comes from.
pub async fn show_definition(
    caller: Caller,
    Path(path): Path<DefinitionPath>,
    query: Query,
) -> Result<Response, Failure> {
    let kind = kind_of(&path.kind)?;
    if query.get("origin").is_some() {
        return origins(&caller, kind, &path.name).await;
    }
    let json = match query.get("layer").filter(|layer| !layer.is_empty()) {
        Some(layer) => definitions::of_layer(&caller.session, layer, kind, &path.name)?,
        None => definitions::effective(&caller.session, kind, &path.name)?,
    };
    let is_setting = kind == DefinitionKind::Setting && query.get("layer").is_none_or(str::is_empty);
    let json = if is_setting {
        kontor_core::settings::with_value_in_use(&caller.session, &path.name, json)
    } else {
        json
    };
    Ok(answer::json(&json))
}
