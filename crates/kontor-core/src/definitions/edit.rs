//! What designers do most, as one call: rename or remove a field, with the places that refer to it.

use kontor_model::definition::DefinitionKind;
use kontor_model::diff::{Use, uses};
use kontor_model::{Json, Problem};
use uuid::Uuid;

use super::change_sets;
use crate::Session;
use crate::error::{Error, Result};

/// Renames a field inside a change set: its key stays, so that no data is touched, and every definition that refers
/// to it follows. Scripts are not rewritten; the plan names the lines that mention it.
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
    rename_inside(&mut body, field, name);
    let mut followers = Vec::new();
    for one in uses(&session.model, entity, Some(field)) {
        let is_self = one.kind == DefinitionKind::Entity && one.name == entity;
        if one.kind == DefinitionKind::Script || one.kind == DefinitionKind::Locale {
            continue;
        }
        if is_self {
            replace_at(&mut body, &one.pointer, field, name);
        } else {
            followers.push(one);
        }
    }
    // The entity and what follows it are only right together, so they are kept before they are checked.
    let mut edits = vec![(DefinitionKind::Entity, entity.to_owned(), body)];
    for Use { kind, name: follower, pointer, .. } in followers {
        let known = edits.iter_mut().find(|(other, own, _)| *other == kind && *own == follower);
        if let Some((_, _, json)) = known {
            replace_at(json, &pointer, field, name);
        } else {
            let mut json = change_sets::definition(session, id, kind, &follower).await?;
            replace_at(&mut json, &pointer, field, name);
            edits.push((kind, follower, json));
        }
    }
    change_sets::put_all(session, id, edits).await
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
    for list in ["required", "search"] {
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

/// Lists inside an entity's definition that name fields.
fn rename_inside(body: &mut Json, field: &str, name: &str) {
    if body.get("display").and_then(Json::as_str) == Some(field)
        && let Some(object) = body.as_object_mut()
    {
        object.insert("display".into(), name.into());
    }
    for list in ["required", "search"] {
        let Some(list) = body.get_mut(list).and_then(Json::as_array_mut) else { continue };
        for one in list.iter_mut().filter(|one| one.as_str() == Some(field)) {
            *one = name.into();
        }
    }
    for list in ["unique", "indexes"] {
        let Some(list) = body.get_mut(list).and_then(Json::as_array_mut) else { continue };
        for one in
            list.iter_mut().filter_map(Json::as_array_mut).flatten().filter(|one| one.as_str() == Some(field))
        {
            *one = name.into();
        }
    }
}

/// Replaces the field's name in the text at a pointer: a path, a sort key, a list of names, a formula.
fn replace_at(json: &mut Json, pointer: &str, field: &str, name: &str) {
    match json.pointer_mut(pointer) {
        Some(Json::String(text)) => *text = replace_word(text, field, name),
        Some(Json::Object(object)) => {
            // The pointer names the place whose keys are fields, such as `totals` or `values`.
            if let Some(value) = object.shift_remove(field) {
                object.insert(name.to_owned(), value);
            }
        }
        Some(_) => {}
        None => {
            // The last part of the pointer may be the field's own key.
            let Some((parent, last)) = pointer.rsplit_once('/') else { return };
            if last == field {
                replace_at(json, parent, field, name);
            }
        }
    }
}

/// Replaces whole words only: `amount` in `-amount`, `account.amount`, `amount * 2`, not in `amount_total`.
fn replace_word(text: &str, field: &str, name: &str) -> String {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(field) {
        let (before, from) = rest.split_at(at);
        let (word, after) = from.split_at(field.len());
        let joined = before.chars().next_back().or_else(|| replaced.chars().next_back()).is_some_and(is_part)
            || after.chars().next().is_some_and(is_part);
        replaced.push_str(before);
        replaced.push_str(if joined { word } else { name });
        rest = after;
    }
    replaced.push_str(rest);
    replaced
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn renames_whole_words_only() {
        assert_eq!(
            replace_word("amount * amount_total - amount", "amount", "value"),
            "value * amount_total - value"
        );
        assert_eq!(replace_word("-amount", "amount", "value"), "-value");
        assert_eq!(replace_word("total_amount", "amount", "value"), "total_amount");
    }

    #[test]
    fn takes_a_field_out_of_a_form() {
        let mut form = json!({ "tabs": [{ "sections": [{ "items": ["a", { "field": "b" }, "c"] }] }], "totals": { "b": "sum" } });
        remove_mentions(&mut form, "b");
        assert_eq!(form, json!({ "tabs": [{ "sections": [{ "items": ["a", "c"] }] }], "totals": {} }));
    }
}
