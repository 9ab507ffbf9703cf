//! The workspace as it would be: a set of changes applied to the published layers and compiled, nothing stored.

use chrono::{DateTime, Utc};
use kontor_model::definition::{DefinitionId, DefinitionKind, DefinitionSet};
use kontor_model::layer::{difference, merge};
use kontor_model::model::Broken;
use kontor_model::{Json, Model, Problem};
use kontor_store::SystemWrite;

use super::keys;
use super::layers::Layers;
use crate::error::{Error, Result};
use crate::workspace::Workspace;

/// A changed definition: whole and effective, or gone.
#[derive(Clone, Debug)]
pub struct Edit {
    /// Kind and name.
    pub id: DefinitionId,
    /// The full definition; `None` deletes it.
    pub body: Option<Json>,
    /// The effective definition on which it was made, when that matters.
    pub base: Option<Option<Json>>,
}

/// The workspace as it would be.
#[derive(Debug)]
pub struct Candidate {
    /// The layers to be published.
    pub layers: Layers,
    /// Compiled.
    pub model: Model,
    /// What is written beside the layers.
    pub writes: Vec<SystemWrite>,
    /// When the earlier version ended that it equals: what nobody has changed since comes back as it was.
    pub back_to: Option<DateTime<Utc>>,
}

impl Candidate {
    /// Definitions that are broken and were not broken before.
    pub fn newly_broken(&self, old: &Model) -> Vec<&Broken> {
        self.model
            .broken
            .iter()
            .filter(|broken| {
                !old.broken.iter().any(|known| known.id == broken.id && known.problems == broken.problems)
            })
            .collect()
    }
}

/// Applies edits to the published layers.
///
/// # Errors
/// [`Error::DefinitionMoved`] when another publish changed the same place of a definition.
pub async fn of_edits(workspace: &Workspace, edits: Vec<Edit>) -> Result<Candidate> {
    let layers = workspace.layers();
    let model = workspace.model();
    let mut top = layers.workspace();
    for edit in edits {
        let current = model.definition(edit.id.0, &edit.id.1).cloned();
        let body = rebase(&edit, current.as_ref())?;
        let body = match body {
            Some(body) if edit.id.0 == DefinitionKind::Entity => {
                Some(keys::assign(workspace, &model, &edit.id.1, body, current.as_ref()).await?)
            }
            body => body,
        };
        put(&layers, &mut top, edit.id, body);
    }
    Ok(of_workspace_layer(&layers, top))
}

/// The candidate whose workspace layer is exactly this one.
pub fn of_workspace_layer(layers: &Layers, top: DefinitionSet) -> Candidate {
    of_layers(layers.with_workspace(layers.version + 1, top))
}

/// The candidate of layers.
pub fn of_layers(layers: Layers) -> Candidate {
    let model = layers.compile();
    Candidate { layers, model, writes: Vec::new(), back_to: None }
}

/// Stores a full definition in the workspace's layer: only its difference from the layers below.
pub(super) fn put(layers: &Layers, top: &mut DefinitionSet, id: DefinitionId, body: Option<Json>) {
    let below = layers.below(&id);
    match (below, body) {
        (None, None) => {
            top.remove(&id);
        }
        (Some(_), None) => {
            top.insert(id, Json::Null);
        }
        (None, Some(body)) => {
            top.insert(id, body);
        }
        (Some(below), Some(body)) => {
            let patch = if id.0 == DefinitionKind::Script {
                script_patch(&below, &body)
            } else {
                difference(&below, &body)
            };
            let is_same = patch.is_null()
                || patch
                    .as_object()
                    .is_some_and(|object| object.keys().all(|key| key == "extends" || key == "name"));
            if is_same {
                top.remove(&id);
            } else {
                top.insert(id, patch);
            }
        }
    }
}

/// Scripts of layers add up: the workspace's own source is what stands above the packs'.
fn script_patch(below: &Json, body: &Json) -> Json {
    if body.get("source") == below.get("source") {
        return Json::Null;
    }
    body.clone()
}

/// The edit on top of what is published now: unchanged when nobody else changed the definition, merged when others
/// changed other places of it.
pub(super) fn rebase(edit: &Edit, current: Option<&Json>) -> Result<Option<Json>> {
    let Some(base) = &edit.base else { return Ok(edit.body.clone()) };
    if base.as_ref() == current {
        return Ok(edit.body.clone());
    }
    let moved = || Error::DefinitionMoved { kind: edit.id.0.to_string(), name: edit.id.1.clone() };
    let (Some(base), Some(current), Some(body)) = (base, current, &edit.body) else { return Err(moved()) };
    let (mine, theirs) = (difference(base, body), difference(base, current));
    if overlaps(&mine, &theirs) {
        return Err(moved());
    }
    Ok(Some(merge(current, &mine)))
}

/// Whether two refinements say something different of the same place.
fn overlaps(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Object(left), Json::Object(right)) => left.iter().any(|(key, value)| {
            key != "extends" && key != "name" && right.get(key).is_some_and(|other| overlaps(value, other))
        }),
        (left, right) => left != right,
    }
}

/// The problems of a candidate as one list: each definition's own, named.
pub fn problems_of(broken: &[&Broken]) -> Vec<Problem> {
    broken
        .iter()
        .flat_map(|one| {
            one.problems.iter().cloned().map(|problem| {
                let (kind, name) = &one.id;
                problem.under(&format!("/{kind}/{name}"))
            })
        })
        .collect()
}
