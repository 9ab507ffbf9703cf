//! What designers do most, as one call: rename or remove a field, with the places that refer to it.

use kontor_model::definition::DefinitionKind;
use kontor_model::diff::uses;
use kontor_model::{Filter, Json, Problem};
use kontor_store::system::ChangeRow;
use uuid::Uuid;

use super::{DESIGN, change_sets, places, plan, renames};
use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::demand_admin;

/// Renames a field inside a change set: its key stays, so that no data is touched, and every definition that refers
/// to it follows, the workspace's own scripts where it is certain what they mean.
///
/// # Errors
/// `name_taken` at `/name`; [`Error::NotFound`].
pub async fn rename_field(session: &Session, id: Uuid, entity: &str, field: &str, name: &str) -> Result<()> {
    let mut body = change_sets::definition(session, id, DefinitionKind::Entity, entity).await?;
    let properties = body.get_mut("properties").and_then(Json::as_object_mut).ok_or(Error::NotFound)?;
    if properties.contains_key(name) {
        return Err(Problem::at_field("name_taken", "name").with("name", name).into());
    }
    if !properties.contains_key(field) {
        return Err(Error::NotFound);
    }
    let mut renamed = serde_json::Map::new();
    for (own, mut definition) in std::mem::take(properties) {
        if own != field {
            renamed.insert(own, definition);
            continue;
        }
        if let Some(object) = definition.as_object_mut() {
            object.entry("key").or_insert_with(|| field.into());
        }
        renamed.insert(name.to_owned(), definition);
    }
    *properties = renamed;
    let order = body.get_mut("order").and_then(Json::as_array_mut).into_iter().flatten();
    for own in order.filter(|own| own.as_str() == Some(field)) {
        *own = name.into();
    }
    // The entity and what follows it are only right together, so it is kept before it is checked with the others.
    let mut edits = vec![(DefinitionKind::Entity, entity.to_owned(), body)];
    for language in
        session.model.definitions_of(DefinitionKind::Locale).map(|(language, _)| language.to_owned())
    {
        let mut texts = change_sets::definition(session, id, DefinitionKind::Locale, &language).await?;
        if rename_texts(&mut texts, entity, field, name) {
            edits.push((DefinitionKind::Locale, language, texts));
        }
    }
    change_sets::put_all(session, id, edits).await?;
    renames::follow(session, id).await?;
    Ok(())
}

/// Moves the texts of a field to its new name; whether there were any.
fn rename_texts(texts: &mut Json, entity: &str, field: &str, name: &str) -> bool {
    let pointer = format!("/definitions/entity/{entity}/properties");
    let Some(fields) = texts.pointer_mut(&pointer).and_then(Json::as_object_mut) else { return false };
    let Some(own) = fields.shift_remove(field) else { return false };
    fields.insert(name.to_owned(), own);
    true
}

/// Removes a field inside a change set, and takes it out of forms and views. What else refers to it is named by the
/// plan.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn remove_field(session: &Session, id: Uuid, entity: &str, field: &str) -> Result<()> {
    let mut body = change_sets::definition(session, id, DefinitionKind::Entity, entity).await?;
    let properties = body.get_mut("properties").and_then(Json::as_object_mut).ok_or(Error::NotFound)?;
    if properties.shift_remove(field).is_none() {
        return Err(Error::NotFound);
    }
    for list in ["required", "search", "order"] {
        if let Some(list) = body.get_mut(list).and_then(Json::as_array_mut) {
            list.retain(|name| name.as_str() != Some(field));
        }
    }
    for list in ["unique", "indexes"] {
        if let Some(list) = body.get_mut(list).and_then(Json::as_array_mut) {
            list.retain(|set| {
                set.as_array().is_none_or(|set| !set.iter().any(|name| name.as_str() == Some(field)))
            });
        }
    }
    let mut edits = vec![(DefinitionKind::Entity, entity.to_owned(), body)];
    for one in uses(&session.model, entity, Some(field)) {
        if !matches!(one.kind, DefinitionKind::Form | DefinitionKind::View) {
            continue;
        }
        if edits.iter().any(|(kind, name, _)| *kind == one.kind && *name == one.name) {
            continue;
        }
        let mut json = change_sets::definition(session, id, one.kind, &one.name).await?;
        remove_mentions(&mut json, field);
        edits.push((one.kind, one.name, json));
    }
    change_sets::put_all(session, id, edits).await
}

/// Takes back the removal of a field: the field is in the draft again as it is published, with the lists of the entity
/// that name it, and stands on forms and views where it stood.
///
/// # Errors
/// [`Error::NotFound`] when the draft does not remove it; [`Error::Problems`] when the draft needs its place.
pub async fn take_back_field(session: &Session, id: Uuid, entity: &str, field: &str) -> Result<()> {
    places::put_back(session, id, DefinitionKind::Entity, entity, &format!("/properties/{field}")).await
}

/// Lets a field whose removal is taken back stand on forms and views where it stood: its removal took it off them.
pub(super) fn stand_again(session: &Session, rows: &mut [ChangeRow], entity: &str, field: &str) {
    for one in uses(&session.model, entity, Some(field)) {
        if !matches!(one.kind, DefinitionKind::Form | DefinitionKind::View) {
            continue;
        }
        let own = |row: &&mut ChangeRow| row.kind == one.kind.as_str() && row.name == one.name;
        // What the draft does not change, or takes away as a whole, stays as it is.
        let Some(body) = rows.iter_mut().find(own).and_then(|row| row.body.as_mut()) else { continue };
        if let Some(published) = session.model.definition(one.kind, &one.name) {
            bring_mentions(published, body, field);
        }
    }
}

/// How many records there are of a published entity, or how many of them hold a value of a field; 0 for what only the
/// draft knows.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn held(session: &Session, entity: &str, field: Option<&str>) -> Result<u64> {
    demand_admin(session, DESIGN)?;
    let Some(known) = session.model.entity(entity) else { return Ok(0) };
    match field {
        None => plan::count(session, &session.model, known, Filter::True).await,
        Some(field) => {
            match known.field(field).filter(|field| field.kind.is_list() || !field.columns().is_empty()) {
                Some(field) => plan::count_filled(session, &session.model, known, field.index).await,
                None => Ok(0),
            }
        }
    }
}

/// Takes a field out of the lists of a form or view.
fn remove_mentions(json: &mut Json, field: &str) {
    match json {
        Json::Array(list) => {
            list.retain(|one| {
                let text = one.as_str().or_else(|| one.get("field").and_then(Json::as_str));
                text.is_none_or(|text| text.trim_start_matches('-') != field)
            });
            for one in list.iter_mut() {
                remove_mentions(one, field);
            }
        }
        Json::Object(object) => {
            if let Some(totals) = object.get_mut("totals").and_then(Json::as_object_mut) {
                totals.shift_remove(field);
            }
            for value in object.values_mut() {
                remove_mentions(value, field);
            }
        }
        _ => {}
    }
}

/// Whether an entry of a list of a form or view is about a field.
fn mentions(one: &Json, field: &str) -> bool {
    let text = one.as_str().or_else(|| one.get("field").and_then(Json::as_str));
    text.is_some_and(|text| text.trim_start_matches('-') == field)
}

/// Puts a field into the lists of a form or view that name it in `published`, behind what it stood behind there.
fn bring_mentions(published: &Json, json: &mut Json, field: &str) {
    match (published, json) {
        (Json::Array(old), Json::Array(new)) => {
            for (at, one) in old.iter().enumerate() {
                if mentions(one, field) {
                    if !new.iter().any(|other| mentions(other, field)) {
                        let mut before = old.iter().take(at).rev();
                        let behind = before.find_map(|one| new.iter().position(|other| same(other, one)));
                        let at = behind.map_or(0, |at| at + 1).min(new.len());
                        new.insert(at, one.clone());
                    }
                } else if let Some(other) = new.iter_mut().find(|other| same(other, one)) {
                    bring_mentions(one, other, field);
                }
            }
        }
        (Json::Object(old), Json::Object(new)) => {
            if let Some(total) = old.get("totals").and_then(|totals| totals.get(field))
                && let Some(totals) = new.get_mut("totals").and_then(Json::as_object_mut)
            {
                totals.insert(field.to_owned(), total.clone());
            }
            for (key, one) in old {
                if let Some(other) = new.get_mut(key) {
                    bring_mentions(one, other, field);
                }
            }
        }
        _ => {}
    }
}

/// Whether two entries of lists are the same thing: by name, by what they show, or wholly.
fn same(left: &Json, right: &Json) -> bool {
    let identity = |one: &Json| {
        let own = ["name", "field", "related"].into_iter().find_map(|key| one.get(key)?.as_str());
        own.or_else(|| one.as_str()).map(str::to_owned)
    };
    match (identity(left), identity(right)) {
        (Some(left), Some(right)) => left == right,
        _ => left == right,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn takes_a_field_out_of_a_form() {
        let mut form = json!({ "tabs": [{ "sections": [{ "items": ["a", { "field": "b" }, "c"] }] }], "totals": { "b": "sum" } });
        remove_mentions(&mut form, "b");
        assert_eq!(form, json!({ "tabs": [{ "sections": [{ "items": ["a", "c"] }] }], "totals": {} }));
    }

    #[test]
    fn puts_a_field_back_on_a_form_where_it_stood() {
        let published = json!({
            "columns": ["a", "b"], "sort": ["-b"], "totals": { "b": "sum" },
            "tabs": [{ "name": "t", "sections": [
                { "name": "s", "items": ["a", { "field": "b", "wide": true }, "c"] }, { "name": "u", "items": ["b"] } ] }]
        });
        let mut form = published.clone();
        remove_mentions(&mut form, "b");
        let mut whole = form.clone();
        bring_mentions(&published, &mut whole, "b");
        assert_eq!(whole, published);
        // What the draft did meanwhile stays: another order, a new item, a section that is gone.
        let mut changed = json!({
            "columns": ["d", "a"], "tabs": [{ "name": "t", "sections": [{ "name": "s", "items": ["c", "a", "d"] }] }]
        });
        bring_mentions(&published, &mut changed, "b");
        assert_eq!(
            changed,
            json!({ "columns": ["d", "a", "b"], "tabs": [{ "name": "t", "sections": [
                { "name": "s", "items": ["c", "a", { "field": "b", "wide": true }, "d"] }] }] })
        );
    }
}
