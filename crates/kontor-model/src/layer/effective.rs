//! The effective definitions of layers.

use serde_json::json;

use super::{EXTENDS, merge};
use crate::Json;
use crate::definition::{DefinitionKind, DefinitionSet};
use crate::model::Broken;
use crate::problem::Problem;

/// The key of an effective script that holds the sources of all its layers.
const LAYERS: &str = "layers";

/// The effective definitions of layers, lowest first. What refines nothing is set aside.
pub fn effective(layers: &[(String, DefinitionSet)]) -> (DefinitionSet, Vec<Broken>) {
    let mut whole = DefinitionSet::new();
    let mut broken = Vec::new();
    for (layer, set) in layers {
        for (id, json) in set {
            match apply(whole.remove(id), layer, id.0, json) {
                Ok(Some(one)) => {
                    whole.insert(id.clone(), one);
                }
                Ok(None) => {}
                Err(problem) => broken.push(Broken { id: id.clone(), problems: problem.into() }),
            }
        }
    }
    (whole, broken)
}

/// One definition after one more layer; `None` when the layer removes it.
pub(super) fn apply(
    below: Option<Json>,
    layer: &str,
    kind: DefinitionKind,
    json: &Json,
) -> Result<Option<Json>, Problem> {
    if json.is_null() {
        return Ok(None);
    }
    if !json.is_object() {
        // What somebody broke by hand. It stays known, so that what names it is not broken too; the texts of a language
        // go on without it, and a script must not look like one that says nothing.
        return match kind {
            DefinitionKind::Script => Err(Problem::new("wrong_type", "").with("expected", "object")),
            DefinitionKind::Locale => Ok(below),
            _ => Ok(Some(json.clone())),
        };
    }
    match kind {
        DefinitionKind::Script => Ok(Some(add_script(below, layer, json))),
        DefinitionKind::Locale => Ok(Some(match below {
            Some(below) => merge(&below, json),
            None => json.clone(),
        })),
        _ => match (json.get(EXTENDS).and_then(Json::as_str), below) {
            (Some(_), Some(below)) => Ok(Some(merge(&below, json))),
            (Some(base), None) => Err(Problem::new("extends_nothing", "/extends").with("name", base)),
            (None, _) => Ok(Some(json.clone())),
        },
    }
}

/// Scripts add up: `source` is the uppermost, `layers` holds all of them.
fn add_script(below: Option<Json>, layer: &str, json: &Json) -> Json {
    let source = json.get("source").and_then(Json::as_str).unwrap_or_default();
    let mut layers = match below.as_ref().and_then(|below| below.get(LAYERS)) {
        Some(Json::Array(layers)) => layers.clone(),
        _ => Vec::new(),
    };
    layers.push(json!({ "layer": layer, "source": source }));
    json!({ "source": source, LAYERS: layers })
}

/// The sources of an effective script with the names of their layers, lowest first.
pub fn script_sources(script: &Json) -> Vec<(&str, &str)> {
    match script.get(LAYERS).and_then(Json::as_array) {
        Some(layers) => layers
            .iter()
            .map(|one| {
                let of = |key: &str| one.get(key).and_then(Json::as_str).unwrap_or_default();
                (of("layer"), of("source"))
            })
            .collect(),
        None => script.get("source").and_then(Json::as_str).map(|source| ("", source)).into_iter().collect(),
    }
}
