//! Fields that the draft removes: they stay in the list of the entity, marked, until that is published.

use kontor_model::Json;
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::entity::arranged;
use kontor_view::page::admin::DraftState;
use kontor_view::page::admin::entity::FieldLine;

use super::entity::facets_text;
use crate::frame::address;
use crate::present::Reading;
use crate::routes::admin::draft::{Draft, text};
use crate::routes::admin::field_page::Place;

/// The permanent name of what is called `name`.
fn key_of<'f>(name: &'f str, written: &'f Json) -> &'f str {
    Some(text(written, "key")).filter(|key| !key.is_empty()).unwrap_or(name)
}

/// What is published of an entity, whatever it is called there.
fn published<'a>(draft: &Draft<'a>, name: &str) -> Option<(&'a str, &'a Json)> {
    let written = draft.definition(DefinitionKind::Entity, name)?;
    let key = key_of(name, written).to_owned();
    draft.standing(DefinitionKind::Entity).find(|(known, json)| key_of(known, json) == key)
}

/// The names and columns of all fields that are published, whatever the draft makes of them.
pub fn names(draft: &Draft<'_>, place: &Place) -> Vec<String> {
    let Some((_, known)) = published(draft, &place.entity) else { return Vec::new() };
    let holder = place.holder(known).and_then(|holder| holder.get("properties")).and_then(Json::as_object);
    let all = holder.into_iter().flatten();
    all.flat_map(|(name, field)| [name.clone(), key_of(name, field).to_owned()]).collect()
}

/// Puts the removed fields into the list, each behind the one that it stood behind.
pub fn insert(
    reading: &Reading<'_>,
    draft: &Draft<'_>,
    (name, json): (&str, &Json),
    base: &str,
    lines: &mut Vec<FieldLine>,
) {
    let Some((known_name, known)) = published(draft, name) else { return };
    let left = arranged(json);
    let mut behind = String::new();
    for (field, facets) in arranged(known) {
        let key = key_of(field, facets);
        if let Some((now, _)) = left.iter().find(|(now, written)| key_of(now, written) == key) {
            (*now).clone_into(&mut behind);
            continue;
        }
        let path = format!("properties.{field}.title");
        let line = FieldLine {
            name: field.to_owned(),
            label: reading.label(DefinitionKind::Entity, known_name, &path, text(facets, "title")),
            kind: text(facets, "kind").to_owned(),
            facets: facets_text(reading, draft, facets),
            take_back_action: format!("{base}/fields/{}/return", address::segment(field)),
            draft: DraftState::Removed,
            ..FieldLine::default()
        };
        let at = lines.iter().position(|line| line.name == behind).map_or(0, |at| at + 1);
        lines.insert(at, line);
        field.clone_into(&mut behind);
    }
}

/// Whether the draft removes a field that is published under this name.
pub fn is_removed(draft: &Draft<'_>, entity: &str, field: &str) -> bool {
    let Some((_, known)) = published(draft, entity) else { return false };
    let Some(written) = known.get("properties").and_then(|fields| fields.get(field)) else { return false };
    let key = key_of(field, written);
    let left = draft.definition(DefinitionKind::Entity, entity).map(arranged).unwrap_or_default();
    !left.iter().any(|(name, written)| key_of(name, written) == key)
}
