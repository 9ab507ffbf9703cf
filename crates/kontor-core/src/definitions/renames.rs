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
    let (followed, edits, moved) = prepare(session, id).await?;
    change_sets::put_all(session, id, edits).await?;
    for name in moved {
        change_sets::delete(session, id, DefinitionKind::Script, &name).await?;
    }
    Ok(followed)
}

/// How many definitions still say old names of what the change set renames.
///
/// # Errors
/// [`crate::Error::NotFound`] when the set is not open.
pub async fn left_behind(session: &Session, id: Uuid) -> Result<usize> {
    Ok(prepare(session, id).await?.1.len())
}

/// Definitions to be written anew.
type Edits = Vec<(DefinitionKind, String, Json)>;

/// What is to be written anew, and the scripts that are called otherwise from now on.
async fn prepare(session: &Session, id: Uuid) -> Result<(Followed, Edits, Vec<String>)> {
    let (_, changes) = change_sets::get(session, id).await?;
    let model = &session.model;
    let mut followed = Followed { renames: of_changes(model, &changes), ..Followed::default() };
    let (mut edits, mut moved) = (Vec::new(), Vec::new());
    if followed.renames.is_empty() {
        return Ok((followed, edits, moved));
    }
    let drafted = drafted(model, &changes);
    for (kind, name, mut body) in drafted.clone() {
        let known_as = old_name(kind, &name, &followed.renames);
        let known_as = known_as.as_str();
        if let Some(new_name) = moved_to(kind, &name, &followed.renames) {
            // The hooks of an entity belong to it by its name.
            let is_taken = drafted.iter().any(|(other, taken, _)| *other == kind && *taken == new_name);
            if let Some(source) = whole_source(model, &name, &body, &followed.renames).filter(|_| !is_taken) {
                followed.changed.push((kind, new_name.clone()));
                edits.push((kind, new_name, serde_json::json!({ "source": source })));
                moved.push(name);
                continue;
            }
            followed.left.push(Use { kind, name: name.clone(), pointer: String::new(), line: Some(1) });
        }
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
    Ok((followed, edits, moved))
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

fn old_name(kind: DefinitionKind, name: &str, renames: &[Rename]) -> String {
    let of = |name: &str| {
        let found = renames.iter().find(|one| one.field.is_none() && one.to == name);
        found.map_or_else(|| name.to_owned(), |one| one.entity.clone())
    };
    match (kind, mentions::own_entity(name)) {
        (DefinitionKind::Entity, _) => of(name),
        (DefinitionKind::Script, Some(own)) => mentions::script_of(&of(own)),
        _ => name.to_owned(),
    }
}

/// What the script of a renamed entity is called from now on.
fn moved_to(kind: DefinitionKind, name: &str, renames: &[Rename]) -> Option<String> {
    let own = mentions::own_entity(name).filter(|_| kind == DefinitionKind::Script)?;
    let rename = renames.iter().find(|one| one.field.is_none() && one.entity == own)?;
    Some(mentions::script_of(&rename.to))
}

/// The sources of all layers as one, with the new names: what a pack says of the entity goes with it. `None` where two of
/// them have a function of the same name, which only they themselves can be brought together.
fn whole_source(model: &Model, name: &str, json: &Json, renames: &[Rename]) -> Option<String> {
    let own = mentions::own_entity(name).and_then(|own| model.entity(own)).map(AsRef::as_ref);
    let sources = script_sources(json);
    let mut functions: Vec<&str> = Vec::new();
    for (_, source) in &sources {
        let named =
            source.lines().filter_map(|line| line.trim_start().strip_prefix("fn ")?.split('(').next());
        let named: Vec<&str> = named.map(str::trim).collect();
        if sources.len() > 1 && named.iter().any(|name| functions.contains(name)) {
            return None;
        }
        functions.extend(named);
    }
    let mut parts = Vec::new();
    for (_, source) in sources {
        let mut text = source.to_owned();
        for rename in renames {
            let places = kontor_script::places(&text, model, own, &rename.entity, rename.field.as_deref());
            let from = rename.field.as_deref().unwrap_or(&rename.entity);
            text = kontor_script::replace_places(&text, &places, from, &rename.to);
        }
        parts.push(text);
    }
    Some(parts.join("\n"))
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
