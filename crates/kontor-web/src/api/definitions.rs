//! `GET definitions/…`: what is effective, or what one layer says.

use std::str::FromStr;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::definitions;
use kontor_model::definition::DefinitionKind;
use serde::Deserialize;

use super::answer;
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

/// A kind of an address; what is none names nothing.
pub fn kind_of(word: &str) -> Result<DefinitionKind, Failure> {
    DefinitionKind::from_str(word).map_err(|_| Failure::not_found())
}

/// `GET definitions/{kind}`: bare effective definitions.
pub async fn list_definitions(caller: Caller, Path(path): Path<KindPath>) -> Result<Response, Failure> {
    let list = definitions::list(&caller.session, kind_of(&path.kind)?)?;
    Ok(answer::data(list))
}

/// `GET definitions/{kind}/{name}`, `?layer=` for what that layer says alone.
pub async fn show_definition(
    caller: Caller,
    Path(path): Path<DefinitionPath>,
    query: Query,
) -> Result<Response, Failure> {
    let kind = kind_of(&path.kind)?;
    let json = match query.get("layer").filter(|layer| !layer.is_empty()) {
        Some(layer) => definitions::of_layer(&caller.session, layer, kind, &path.name)?,
        None => definitions::effective(&caller.session, kind, &path.name)?,
    };
    Ok(answer::json(&json))
}
