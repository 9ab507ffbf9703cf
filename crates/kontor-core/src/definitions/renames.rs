//! Following new names: every definition and script that refers to something renamed in a change set is written anew,
//! in the same change set.

use kontor_model::definition::DefinitionKind;
use kontor_model::diff::{self, Rename, Use};
use kontor_model::layer::script_sources;
use kontor_model::{Json, Model};
use kontor_store::system::ChangeRow;
use uuid::Uuid;

use super::layers::WORKSPACE;
use super::{change_sets, mentions};
use crate::Session;
use crate::error::Result;

/// What following the new names did.
#[derive(Clone, Debug, Default)]
pub struct Followed {
    /// What was renamed.
    pub renames: Vec<Rename>,
    /// Definitions that were written anew.
    pub changed: Vec<(DefinitionKind, String)>,
    /// Lines of scripts that may mean what was renamed and were left as they are.
    pub left: Vec<Use>,
}

/// Writes the new names into everything that refers to entities and fields which the change set renames.
///
/// # Errors
/// [`crate::Error::NotFound`] when the set is not open.
pub async fn follow(session: &Session, id: Uuid) -> Result<Followed> {
    let (followed, edits) = prepare(session, id).await?;
    change_sets::put_all(session, id, edits).await?;
    Ok(followed)
}

/// How many definitions still say old names of what the change set renames.
///
/// # Errors
/// [`crate::Error::NotFound`] when the set is not open.
pub async fn left_behind(session: &Session, id: Uuid) -> Result<usize> {
    Ok(prepare(session, id).await?.1.len())
}

/// What is to be written anew.
async fn prepare(session: &Session, id: Uuid) -> Result<(Followed, Vec<(DefinitionKind, String, Json)>)> {
    let (_, changes) = change_sets::get(session, id).await?;
    let model = &session.model;
    let mut followed = Followed { renames: of_changes(model, &changes), ..Followed::default() };
    let mut edits = Vec::new();
    if followed.renames.is_empty() {
        return Ok((followed, edits));
    }
    for (kind, name, mut body) in drafted(model, &changes) {
        let known_as = old_name(kind, &name, &followed.renames);
        let changed = match kind {
            DefinitionKind::Script => {
                let (source, left) = script(model, known_as, &body, &followed.renames);
                followed.left.extend(left);
                source.is_some_and(|source| {
                    body = serde_json::json!({ "source": source });
                    true
                })
            }
            DefinitionKind::Locale => labels(&mut body, &followed.renames),
            _ => diff::rename(model, kind, known_as, &mut body, &followed.renames),
        };
        if changed {
            followed.changed.push((kind, name.clone()));
            edits.push((kind, name, body));
        }
    }
    Ok((followed, edits))
}

/// Writes new names into changes that are gathered already, wherever they refer to what `model` knows by the old ones.
pub(super) fn write_anew(model: &Model, changes: &mut [ChangeRow], renames: &[Rename]) {
    for change in changes {
        let (Ok(kind), Some(body)) = (change.kind.parse::<DefinitionKind>(), &mut change.body) else {
            continue;
        };
        match kind {
            DefinitionKind::Script => {
                if let (Some(source), _) = script(model, &change.name, body, renames) {
                    *body = serde_json::json!({ "source": source });
                }
            }
            DefinitionKind::Locale => {
                labels(body, renames);
            }
            _ => {
                diff::rename(model, kind, &change.name, body, renames);
            }
        }
    }
}

/// Entities and fields that keep their key under another name.
fn of_changes(model: &Model, changes: &[ChangeRow]) -> Vec<Rename> {
    let mut renames = Vec::new();
    for change in changes.iter().filter(|change| change.kind == DefinitionKind::Entity.as_str()) {
        let Some(body) = &change.body else { continue };
        let key = body.get("key").and_then(Json::as_str).unwrap_or(&change.name);
        let Some(old) = model.entities.values().find(|entity| entity.key == key) else { continue };
        if old.name != change.name {
            let rename = Rename { entity: old.name.clone(), field: None, to: change.name.clone() };
            renames.push(rename);
        }
        for (name, field) in body.get("properties").and_then(Json::as_object).into_iter().flatten() {
            let key = field.get("key").and_then(Json::as_str).unwrap_or(name);
            let known = old.own_fields().find(|known| known.key == key && known.companion_of.is_none());
            if let Some(known) = known.filter(|known| known.name != *name) {
                let field = Some(known.name.clone());
                renames.push(Rename { entity: old.name.clone(), field, to: name.clone() });
            }
        }
    }
    renames
}

/// Entities and fields that another model calls otherwise: what a publication renames, be it forward or back.
pub(crate) fn between(old: &Model, new: &Model) -> Vec<Rename> {
    let mut renames = Vec::new();
    for entity in old.entities.values() {
        let Some(now) = new.entities.values().find(|now| now.key == entity.key) else { continue };
        if now.name != entity.name {
            renames.push(Rename { entity: entity.name.clone(), field: None, to: now.name.clone() });
        }
        for field in entity.own_fields().filter(|field| field.companion_of.is_none()) {
            let renamed = now.own_fields().find(|other| other.key == field.key && other.name != field.name);
            renames.extend(renamed.filter(|other| other.companion_of.is_none()).map(|other| Rename {
                entity: entity.name.clone(),
                field: Some(field.name.clone()),
                to: other.name.clone(),
            }));
        }
    }
    renames
}

/// All definitions as they stand in the change set.
fn drafted(model: &Model, changes: &[ChangeRow]) -> Vec<(DefinitionKind, String, Json)> {
    let change = |kind: DefinitionKind, name: &str| {
        changes.iter().find(|change| change.kind == kind.as_str() && change.name == name)
    };
    let mut found = Vec::new();
    for ((kind, name), json) in model.definitions.iter() {
        match change(*kind, name) {
            None => found.push((*kind, name.clone(), json.clone())),
            Some(change) => found.extend(change.body.clone().map(|body| (*kind, name.clone(), body))),
        }
    }
    for change in changes {
        let Ok(kind) = change.kind.parse::<DefinitionKind>() else { continue };
        if let (Some(body), None) = (&change.body, model.definition(kind, &change.name)) {
            found.push((kind, change.name.clone(), body.clone()));
        }
    }
    found
}

fn old_name<'a>(kind: DefinitionKind, name: &'a str, renames: &'a [Rename]) -> &'a str {
    let of = |name: &'a str| {
        renames.iter().find(|one| one.field.is_none() && one.to == name).map_or(name, |one| &one.entity)
    };
    if kind == DefinitionKind::Entity { of(name) } else { name }
}

/// The workspace's own source with the new names, and what was left. Sources of packs are not the workspace's to write.
fn script(model: &Model, name: &str, json: &Json, renames: &[Rename]) -> (Option<String>, Vec<Use>) {
    let own = mentions::own_entity(name).and_then(|own| model.entity(own)).map(AsRef::as_ref);
    let mut left = Vec::new();
    let mut written = None;
    for (layer, source) in script_sources(json) {
        let is_ours = layer == WORKSPACE || layer.is_empty();
        let mut text = source.to_owned();
        for rename in renames {
            let places = kontor_script::places(&text, model, own, &rename.entity, rename.field.as_deref());
            let from = rename.field.as_deref().unwrap_or(&rename.entity);
            left.extend(places.iter().filter(|place| !place.certain || !is_ours).map(|place| Use {
                kind: DefinitionKind::Script,
                name: name.to_owned(),
                pointer: String::new(),
                line: Some(place.line),
            }));
            if is_ours {
                text = kontor_script::replace_places(&text, &places, from, &rename.to);
            }
        }
        if is_ours && text != source {
            written = Some(text);
        }
    }
    left.dedup();
    (written, left)
}

/// Labels stand under the names that they label.
fn labels(body: &mut Json, renames: &[Rename]) -> bool {
    let mut changed = false;
    for rename in renames {
        let (at, from) = match &rename.field {
            Some(field) => (format!("/definitions/entity/{}/properties", rename.entity), field),
            None => ("/definitions/entity".to_owned(), &rename.entity),
        };
        let Some(Json::Object(object)) = body.pointer_mut(&at) else { continue };
        if let Some(labels) = object.shift_remove(from) {
            object.insert(rename.to.clone(), labels);
            changed = true;
        }
    }
    changed
}
