//! The places that a draft changes: a field, another part of an entity, or a whole definition. Each is shown, counted and
//! put back by itself.

use kontor_model::definition::DefinitionKind;
use kontor_model::diff::Rename;
use kontor_model::{Json, Problems};
use kontor_store::CommitUnit;
use kontor_store::system::{ChangeRow, SystemWrite};
use serde_json::{Map, json};
use uuid::Uuid;

use super::candidate::problems_of;
use super::edit::stand_again;
use super::turn::Turn;
use super::{change_sets, renames};
use crate::Session;
use crate::error::{Error, Result};

/// Lists of an entity that name its fields.
const LISTS: [&str; 5] = ["required", "search", "order", "unique", "indexes"];

/// One place that a draft changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The kind of the definition.
    pub kind: DefinitionKind,
    /// Its name.
    pub name: String,
    /// JSON pointer into it: empty for all of it, `/properties/amount` for a field (by its old name when it is removed).
    pub pointer: String,
    /// What is published there. A field stands below its name, so that a new name can be seen.
    pub before: Option<Json>,
    /// What the draft says there.
    pub after: Option<Json>,
}

impl Place {
    /// Whether it is what a plan's change is about.
    pub fn holds(&self, kind: DefinitionKind, name: &str, pointer: &str) -> bool {
        if self.kind != kind || self.name != name {
            return false;
        }
        let Some(field) = self.pointer.strip_prefix("/properties/") else {
            return self.pointer.is_empty() || within(pointer, &self.pointer);
        };
        // Columns beside a field go with it: its currency, its parts.
        let Some(other) = pointer.strip_prefix("/properties/") else { return false };
        let other = other.split('/').next().unwrap_or_default();
        other == field
            || other.strip_prefix(field).is_some_and(|rest| rest == "_currency" || rest.starts_with('.'))
    }

    /// The field, when it is one.
    pub fn field(&self) -> Option<&str> {
        self.pointer.strip_prefix("/properties/")
    }
}

fn within(pointer: &str, place: &str) -> bool {
    pointer.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// All places that changes touch. What was changed and changed back is none.
pub fn of(changes: &[ChangeRow]) -> Vec<Place> {
    let mut places = Vec::new();
    for change in changes {
        let Ok(kind) = change.kind.parse::<DefinitionKind>() else { continue };
        if change.body == change.base || old_half(changes, change) {
            continue;
        }
        match (&change.base, &change.body) {
            (Some(base), Some(body)) if kind == DefinitionKind::Entity => {
                of_entity(&change.name, base, body, &mut places);
            }
            (base, body) => places.push(Place {
                kind,
                name: change.name.clone(),
                pointer: String::new(),
                before: base.clone(),
                after: body.clone(),
            }),
        }
    }
    places
}

/// Whether the row only takes away the old name of an entity that another row gives a new one.
fn old_half(changes: &[ChangeRow], change: &ChangeRow) -> bool {
    change.body.is_none() && renamed_to(changes, change).is_some()
}

fn renamed_to<'c>(changes: &'c [ChangeRow], old: &ChangeRow) -> Option<&'c ChangeRow> {
    let key = old.base.as_ref()?.get("key").and_then(Json::as_str).unwrap_or(&old.name);
    changes.iter().find(|other| {
        other.kind == old.kind
            && other.name != old.name
            && other.base.is_none()
            && other.body.as_ref().and_then(|body| body.get("key")).and_then(Json::as_str) == Some(key)
    })
}

fn of_entity(name: &str, base: &Json, body: &Json, places: &mut Vec<Place>) {
    let place = |pointer: String, before: Option<Json>, after: Option<Json>| Place {
        kind: DefinitionKind::Entity,
        name: name.to_owned(),
        pointer,
        before,
        after,
    };
    let (old, new) = (fields(base), fields(body));
    for (field, definition) in &new {
        let before = same_field(&old, field, definition);
        let shown = shown(body, field, definition);
        let known = before.map(|(known, definition)| self::shown(base, known, definition));
        if known.as_ref() != Some(&shown) {
            places.push(place(format!("/properties/{field}"), known, Some(shown)));
        }
    }
    for (field, definition) in &old {
        if same_field(&new, field, definition).is_none() {
            let shown = shown(base, field, definition);
            places.push(place(format!("/properties/{field}"), Some(shown), None));
        }
    }
    let mut keys: Vec<&String> = Vec::new();
    for key in [body, base].into_iter().filter_map(Json::as_object).flat_map(Map::keys) {
        let is_told = keys.contains(&key) || matches!(key.as_str(), "properties" | "required" | "$schema");
        if !is_told && base.get(key) != body.get(key) {
            keys.push(key);
        }
    }
    for key in keys {
        let side = |json: &Json| json.get(key).map(|value| json!({ (key.as_str()): value }));
        places.push(place(format!("/{key}"), side(base), side(body)));
    }
}

fn fields(entity: &Json) -> Vec<(&String, &Json)> {
    entity.get("properties").and_then(Json::as_object).into_iter().flatten().collect()
}

fn key_of<'f>(name: &'f str, definition: &'f Json) -> &'f str {
    definition.get("key").and_then(Json::as_str).unwrap_or(name)
}

/// The field with the same key, whatever it is called.
fn same_field<'f>(
    others: &[(&'f String, &'f Json)],
    name: &str,
    definition: &Json,
) -> Option<(&'f String, &'f Json)> {
    let key = key_of(name, definition);
    others.iter().find(|(other, definition)| key_of(other, definition) == key).copied()
}

/// A field below its name, with whether it must be filled, which the entity says in a list.
fn shown(entity: &Json, name: &str, definition: &Json) -> Json {
    let mut definition = definition.clone();
    if lists(entity, "required", name)
        && let Some(object) = definition.as_object_mut()
    {
        object.insert("required".into(), true.into());
    }
    json!({ (name): definition })
}

fn lists(entity: &Json, list: &str, name: &str) -> bool {
    let list = entity.get(list).and_then(Json::as_array);
    list.is_some_and(|list| list.iter().any(|one| one.as_str() == Some(name)))
}

/// Puts one place back as it is published, a removed field also on the forms and views that it was taken off; the rest of the
/// draft stays.
///
/// # Errors
/// [`Error::NotFound`] when the draft does not change it; [`Error::Problems`] when something else in the draft needs it,
/// and nothing is changed then.
pub async fn put_back(
    session: &Session,
    id: Uuid,
    kind: DefinitionKind,
    name: &str,
    pointer: &str,
) -> Result<()> {
    let mut turn = Turn::wait(session, id).await;
    loop {
        let (set, changes) = turn.read().await?;
        let unit = without(session, id, &changes, (kind, name, pointer)).await?;
        if turn.end(&set, unit).await? {
            return Ok(());
        }
    }
}

/// The writes that take one place out of a set.
async fn without(
    session: &Session,
    id: Uuid,
    changes: &[ChangeRow],
    (kind, name, pointer): (DefinitionKind, &str, &str),
) -> Result<CommitUnit> {
    let place = of(changes)
        .into_iter()
        .find(|place| place.kind == kind && place.name == name && place.pointer == pointer)
        .ok_or(Error::NotFound)?;
    let before = change_sets::candidate_on_top(session, changes).await?;
    let mut rows = changes.to_vec();
    let own = |row: &ChangeRow| row.kind == kind.as_str() && row.name == name;
    if pointer.is_empty() {
        let renamed = rows.iter().find(|row| own(row)).cloned();
        let halves: Vec<String> = changes
            .iter()
            .filter(|row| old_half(changes, row) && renamed_to(changes, row) == renamed.as_ref())
            .map(|row| row.name.clone())
            .collect();
        let is_half = |row: &ChangeRow| row.kind == kind.as_str() && halves.contains(&row.name);
        rows.retain(|row| !own(row) && !is_half(row));
    } else {
        if let (Some(was), Some(is)) = (field_name(place.before.as_ref()), field_name(place.after.as_ref()))
            && was != is
        {
            // Whatever followed the new name follows back; the field itself is put back below.
            let back = Rename { entity: name.to_owned(), field: Some(is.to_owned()), to: was.to_owned() };
            renames::write_anew(&before.model, &mut rows, &[back]);
        }
        let row = rows.iter_mut().find(|row| own(row)).ok_or(Error::NotFound)?;
        let (Some(base), Some(body)) = (&row.base, &mut row.body) else { return Err(Error::NotFound) };
        restore(base, body, &place);
        if let Some(field) = place.field().filter(|_| place.after.is_none()) {
            stand_again(session, &mut rows, name, field);
        }
    }
    let after = change_sets::candidate_on_top(session, &rows).await?;
    let broken = after.newly_broken(&session.model);
    let broken: Vec<_> = broken
        .into_iter()
        .filter(|one| !before.model.broken.iter().any(|known| known.id == one.id))
        .collect();
    if !broken.is_empty() {
        return Err(Error::Problems(Problems(problems_of(&broken))));
    }
    let mut unit = CommitUnit::new();
    for old in changes {
        let kept = rows.iter().find(|row| row.kind == old.kind && row.name == old.name);
        match kept.filter(|row| row.body != row.base) {
            Some(row) if row.body != old.body => {
                unit.system(SystemWrite::PutChange(ChangeRow { at: session.now, ..row.clone() }));
            }
            Some(_) => {}
            None => {
                let (kind, name) = (old.kind.clone(), old.name.clone());
                unit.system(SystemWrite::DeleteChange { change_set: id, kind, name });
            }
        }
    }
    Ok(unit)
}

fn field_name(shown: Option<&Json>) -> Option<&str> {
    shown?.as_object()?.keys().next().map(String::as_str)
}

/// Writes what the base says at a place into a body.
fn restore(base: &Json, body: &mut Json, place: &Place) {
    let Some(object) = body.as_object_mut() else { return };
    if place.field().is_none() {
        let key = place.pointer.trim_start_matches('/');
        match base.get(key) {
            Some(value) => {
                object.insert(key.to_owned(), value.clone());
            }
            None => {
                object.shift_remove(key);
            }
        }
        return;
    }
    let (was, is) = (field_name(place.before.as_ref()), field_name(place.after.as_ref()));
    let definition = was.and_then(|was| base.get("properties")?.get(was));
    if let Some(properties) = object.get_mut("properties").and_then(Json::as_object_mut) {
        // In its place again: where it stands now, or where it stood.
        let at = is.or(was).and_then(|name| properties.keys().position(|key| key == name));
        let mut renewed: Vec<(String, Json)> = std::mem::take(properties)
            .into_iter()
            .filter(|(name, _)| Some(name.as_str()) != is && Some(name.as_str()) != was)
            .collect();
        if let (Some(was), Some(definition)) = (was, definition) {
            let stood = base.get("properties").and_then(Json::as_object);
            let stood = stood.and_then(|fields| fields.keys().position(|key| key == was));
            let at = at.or(stood).unwrap_or(renewed.len()).min(renewed.len());
            renewed.insert(at, (was.to_owned(), definition.clone()));
        }
        properties.extend(renewed);
    }
    for list in LISTS {
        relist(base, object, list, was, is);
    }
}

/// Lets a list of the entity name the field as it did.
fn relist(base: &Json, body: &mut Map<String, Json>, list: &str, was: Option<&str>, is: Option<&str>) {
    let names = |one: &Json, name: Option<&str>| match (one, name) {
        (_, None) => false,
        (Json::Array(set), Some(name)) => set.iter().any(|one| one.as_str() == Some(name)),
        (one, Some(name)) => one.as_str() == Some(name),
    };
    let empty = Vec::new();
    let old = base.get(list).and_then(Json::as_array).unwrap_or(&empty);
    let had = body.contains_key(list);
    let mut new: Vec<Json> = match body.get(list) {
        Some(Json::Array(list)) => list.clone(),
        Some(_) => return,
        None => Vec::new(),
    };
    // Only what speaks of the field is touched: of the others the list says what it said.
    new.retain(|one| !names(one, is) || old.contains(one));
    for (at, one) in old.iter().enumerate() {
        if names(one, was) && !new.contains(one) {
            new.insert(at.min(new.len()), one.clone());
        }
    }
    if list == "required" && !old.iter().any(|one| names(one, was)) {
        new.retain(|one| !names(one, was));
    }
    if new.is_empty() && (!had || base.get(list).is_none()) {
        body.shift_remove(list);
    } else {
        body.insert(list.to_owned(), Json::Array(new));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests")]
    use super::*;

    fn change(base: Option<Json>, body: Option<Json>) -> ChangeRow {
        ChangeRow {
            change_set: Uuid::nil(),
            kind: "entity".into(),
            name: "visit".into(),
            body,
            base,
            at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    fn base() -> Json {
        json!({
            "name": "visit", "title": "Visit", "required": ["b"], "indexes": [["a", "b"]],
            "properties": { "a": { "kind": "text" }, "b": { "kind": "text", "title": "B" }, "c": { "kind": "date" } }
        })
    }

    fn changed() -> Json {
        json!({
            "name": "visit", "title": "Site visit", "required": ["e"], "indexes": [],
            "properties": {
                "a": { "kind": "text" }, "d": { "kind": "text", "title": "D", "key": "b" }, "e": { "kind": "integer" }
            }
        })
    }

    #[test]
    fn each_field_and_each_part_is_a_place() {
        let places = of(&[change(Some(base()), Some(changed()))]);
        let pointers: Vec<&str> = places.iter().map(|place| place.pointer.as_str()).collect();
        assert_eq!(pointers, ["/properties/d", "/properties/e", "/properties/c", "/title", "/indexes"]);
        assert_eq!(
            places[0].before,
            Some(json!({ "b": { "kind": "text", "title": "B", "required": true } }))
        );
        assert_eq!(places[0].after, Some(json!({ "d": { "kind": "text", "title": "D", "key": "b" } })));
        assert_eq!(places[1].after, Some(json!({ "e": { "kind": "integer", "required": true } })));
        assert!(places[1].holds(DefinitionKind::Entity, "visit", "/properties/e_currency"));
        assert!(!places[1].holds(DefinitionKind::Entity, "visit", "/properties/ee"));
        assert_eq!(of(&[change(Some(base()), Some(base()))]), []);
    }

    #[test]
    fn putting_every_place_back_gives_what_was() {
        let places = of(&[change(Some(base()), Some(changed()))]);
        for turned in [false, true] {
            let mut body = changed();
            let mut order = places.clone();
            if turned {
                order.reverse();
            }
            for place in order {
                restore(&base(), &mut body, &place);
                assert!(!of(&[change(Some(base()), Some(body.clone()))]).contains(&place));
            }
            assert_eq!(body, base());
        }
    }
}
