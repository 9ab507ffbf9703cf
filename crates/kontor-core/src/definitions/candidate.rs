//! The workspace as it would be: a set of changes applied to the published layers and compiled, nothing stored.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use kontor_model::definition::order::are_same;
use kontor_model::definition::{DefinitionId, DefinitionKind, DefinitionSet};
use kontor_model::layer::{difference, merge, three_way};
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
    pub layers: Arc<Layers>,
    /// Compiled.
    pub model: Arc<Model>,
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
                let known = old.broken.iter().find(|known| known.id == broken.id);
                let is_known = |problem: &Problem| {
                    known.is_some_and(|known| known.problems.iter().any(|one| same(one, problem)))
                };
                !broken.problems.iter().all(is_known)
            })
            .collect()
    }
}

/// Whether two problems say the same. What could have been meant instead is another matter: that changes with every
/// definition.
fn same(left: &Problem, right: &Problem) -> bool {
    let said = |problem: &Problem| -> Vec<(&'static str, String)> {
        let of_itself = problem.parameters.iter().filter(|(name, _)| !matches!(*name, "options" | "like"));
        of_itself.cloned().collect()
    };
    (&left.code, &left.path, left.line) == (&right.code, &right.path, right.line) && said(left) == said(right)
}

/// Applies edits to the published layers.
///
/// # Errors
/// [`Error::DefinitionMoved`] when another publish changed the same place of a definition.
pub async fn of_edits(workspace: &Workspace, edits: Vec<Edit>) -> Result<Candidate> {
    let layers = workspace.layers();
    let top = apply(workspace, &layers, edits, rebase).await?;
    Ok(of_workspace_layer(&layers, top))
}

/// The same, however others have changed the same places: where both did, the edit is what counts. This is how a draft
/// is looked at; it is not published so.
///
/// # Errors
/// When the database does not answer.
pub async fn of_edits_on_top(workspace: &Workspace, edits: Vec<Edit>) -> Result<Candidate> {
    let on_top = |edit: &Edit, current: Option<&Json>| {
        Ok(rebase(edit, current).unwrap_or_else(|_| {
            let base = edit.base.as_ref().and_then(Option::as_ref);
            three_way(base, current, edit.body.as_ref(), &|_| None).whole
        }))
    };
    let layers = workspace.layers();
    let top = apply(workspace, &layers, edits, on_top).await?;
    Ok(workspace.looked_at.candidate(&layers, top))
}

/// The candidates that were looked at last: page after page shows the same draft, and compiling a large workspace takes
/// a good part of a second.
#[derive(Debug, Default)]
pub(crate) struct LookedAt(Mutex<Vec<Looked>>);

/// One of them, and the published layers on which it stands.
#[derive(Debug)]
struct Looked {
    published: Arc<Layers>,
    layers: Arc<Layers>,
    model: Arc<Model>,
}

/// How many are kept: each holds a whole model.
const KEPT: usize = 2;

impl LookedAt {
    fn candidate(&self, published: &Arc<Layers>, top: DefinitionSet) -> Candidate {
        let known = |one: &Looked| Arc::ptr_eq(&one.published, published) && are_same(one.layers.top(), &top);
        let found = {
            let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.iter().find(|one| known(one)).map(|one| (Arc::clone(&one.layers), Arc::clone(&one.model)))
        };
        if let Some((layers, model)) = found {
            return Candidate { layers, model, writes: Vec::new(), back_to: None };
        }
        let candidate = of_workspace_layer(published, top);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|one| Arc::ptr_eq(&one.published, published));
        kept.truncate(KEPT - 1);
        let (layers, model) = (Arc::clone(&candidate.layers), Arc::clone(&candidate.model));
        kept.insert(0, Looked { published: Arc::clone(published), layers, model });
        candidate
    }
}

/// What the workspace's own layer would say.
async fn apply(
    workspace: &Workspace,
    layers: &Layers,
    edits: Vec<Edit>,
    rebased: impl Fn(&Edit, Option<&Json>) -> Result<Option<Json>>,
) -> Result<DefinitionSet> {
    let model = workspace.model();
    let mut top = layers.workspace();
    for edit in edits {
        let current = model.definition(edit.id.0, &edit.id.1).cloned();
        let body = rebased(&edit, current.as_ref())?;
        let body = match body {
            Some(body) if edit.id.0 == DefinitionKind::Entity => {
                Some(keys::assign(workspace, &model, &edit.id.1, body, current.as_ref()).await?)
            }
            body => body,
        };
        put(layers, &mut top, edit.id, body);
    }
    Ok(top)
}

/// The candidate whose workspace layer is exactly this one.
pub fn of_workspace_layer(layers: &Layers, top: DefinitionSet) -> Candidate {
    of_layers(layers.with_workspace(layers.version + 1, top))
}

/// The candidate of layers.
pub fn of_layers(layers: Layers) -> Candidate {
    let model = Arc::new(layers.compile());
    Candidate { layers: Arc::new(layers), model, writes: Vec::new(), back_to: None }
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
    let moved =
        || Error::DefinitionMoved { kind: edit.id.0.to_string(), name: edit.id.1.clone(), by: String::new() };
    let (Some(base), Some(current), Some(body)) = (base, current, &edit.body) else { return Err(moved()) };
    let (mine, theirs) = (difference(base, body), difference(base, current));
    if overlaps(&without_head(mine.clone()), &without_head(theirs)) {
        return Err(moved());
    }
    Ok(Some(merge(current, &mine)))
}

/// A refinement without what says of which definition it is one. A field may be called `name`, too.
fn without_head(mut patch: Json) -> Json {
    if let Some(object) = patch.as_object_mut() {
        object.shift_remove("extends");
        object.shift_remove("name");
    }
    patch
}

/// Whether two refinements say something different of the same place.
fn overlaps(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Object(left), Json::Object(right)) => {
            left.iter().any(|(key, value)| right.get(key).is_some_and(|other| overlaps(value, other)))
        }
        (left, right) => left != right,
    }
}

/// Whether a problem only follows from another one: what it cannot find is broken itself, which is told at its own place.
pub fn is_consequence(problem: &Problem, broken: &[&Broken]) -> bool {
    let parameter = |wanted: &str| {
        problem.parameters.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.as_str())
    };
    let named = match problem.code.as_ref() {
        "unknown_entity" | "script_unknown_entity" => Some((DefinitionKind::Entity, parameter("entity"))),
        "unknown_table" => Some((DefinitionKind::Table, parameter("table"))),
        "unknown_setting" => Some((DefinitionKind::Setting, parameter("name"))),
        "unknown_definition" => {
            parameter("kind").and_then(|kind| kind.parse().ok()).map(|kind| (kind, parameter("name")))
        }
        _ => None,
    };
    let Some((kind, Some(name))) = named else { return names_refused_field(problem, broken) };
    // What says that it has the name, and stands under another one, is what is looked for in vain.
    let says_so = |one: &Broken| {
        one.problems.iter().any(|own| {
            own.code == "name_differs"
                && own.parameters.iter().any(|(key, said)| *key == "name" && said == name)
        })
    };
    broken.iter().any(|one| one.id.0 == kind && (one.id.1 == name || says_so(one)))
}

/// Whether a problem only misses a field, a link of rows or a name in a formula which was refused itself.
fn names_refused_field(problem: &Problem, broken: &[&Broken]) -> bool {
    const MISSING: [&str; 5] =
        ["unknown_field", "script_unknown_field", "formula_unknown_name", "rows_by", "rows_by_none"];
    if !MISSING.contains(&problem.code.as_ref()) {
        return false;
    }
    let parameter = |wanted: &str| {
        let found = problem.parameters.iter().find(|(name, _)| *name == wanted);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    };
    let Some(written) = parameter("field").or(parameter("name")).or(parameter("value")) else { return false };
    // Of a path, the part behind the last link is what is missing.
    let field = written.rsplit('.').next().unwrap_or(written);
    let own = format!("/properties/{field}");
    let is_refused = |one: &Problem| {
        let is_inside =
            one.path.strip_prefix(&own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        is_inside && !one.warning && !MISSING.contains(&one.code.as_ref())
    };
    broken.iter().any(|one| {
        one.id.0 == DefinitionKind::Entity
            && parameter("entity").is_none_or(|entity| entity == one.id.1)
            && one.problems.iter().any(is_refused)
    })
}

/// The problems of a candidate as one list: each definition's own, named.
pub fn problems_of(broken: &[&Broken]) -> Vec<Problem> {
    broken
        .iter()
        .flat_map(|one| {
            let own = one.problems.iter().filter(|problem| !is_consequence(problem, broken));
            own.cloned().map(|problem| {
                let (kind, name) = &one.id;
                problem.under(&format!("/{kind}/{name}"))
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_misses_a_refused_field_only_follows() {
        let refused = Broken {
            id: (DefinitionKind::Entity, "visit".to_owned()),
            problems: Problem::new("pattern", "/properties/no/pattern").into(),
        };
        let follows = |code: &'static str, key: &'static str, value: &str, entity: &str| {
            let problem = Problem::new(code, "/columns/0").with(key, value).with("entity", entity);
            is_consequence(&problem, &[&refused])
        };
        assert!(follows("unknown_field", "field", "no", "visit"));
        assert!(follows("unknown_field", "field", "trip.no", ""), "which entity is not said");
        assert!(follows("rows_by_none", "value", "no", "visit"));
        assert!(
            !follows("unknown_field", "field", "no", "trip")
                && !follows("unknown_field", "field", "n", "visit")
        );
        assert!(!follows("required", "field", "no", "visit"));
    }
}
