//! Differences between entities, by key.

use super::conversion::{convertible, is_calculated, why_not};
use super::{Change, Class, SchemaChange, same, uses};
use crate::Json;
use crate::definition::DefinitionKind;
use crate::entity::{EntityModel, FieldModel, Source};
use crate::formula::Formula;
use crate::model::Model;

/// All differences between the entities of two models.
pub(super) fn changes(old: &Model, new: &Model) -> Vec<Change> {
    let mut changes = Vec::new();
    for entity in new.entities.values() {
        match by_key(old, &entity.key) {
            None => changes.push(Change {
                schema: Some(SchemaChange::CreateEntity { entity: entity.name.clone() }),
                ..change(entity, "", "entity_added", Class::Safe)
            }),
            Some(before) => between(old, before, new, entity, &mut changes),
        }
    }
    for entity in old.entities.values() {
        let is_broken =
            new.broken.iter().any(|broken| broken.id == (DefinitionKind::Entity, entity.name.clone()));
        if by_key(new, &entity.key).is_none() && !is_broken {
            changes.push(Change {
                schema: Some(SchemaChange::ParkEntity { entity: entity.name.clone() }),
                used_by: uses(old, &entity.name, None),
                ..change(entity, "", "entity_removed", Class::Lossy)
            });
        }
    }
    changes
}

fn by_key<'m>(model: &'m Model, key: &str) -> Option<&'m EntityModel> {
    model.entities.values().find(|entity| entity.key == key).map(AsRef::as_ref)
}

fn change(entity: &EntityModel, pointer: &str, what: &str, class: Class) -> Change {
    Change {
        kind: DefinitionKind::Entity,
        name: entity.name.clone(),
        pointer: pointer.to_owned(),
        what: what.to_owned(),
        parameters: vec![("entity", entity.title.clone())],
        class,
        schema: None,
        used_by: Vec::new(),
    }
}

fn between(
    old_model: &Model,
    old: &EntityModel,
    new_model: &Model,
    new: &EntityModel,
    changes: &mut Vec<Change>,
) {
    if old.name != new.name {
        let mut renamed = change(new, "/name", "entity_renamed", Class::Safe);
        renamed.parameters.push(("from", old.name.clone()));
        renamed.parameters.push(("to", new.name.clone()));
        changes.push(renamed);
    }
    // Indexes go first and come last, so that no column loses one that it still has.
    index_changes(old, new, changes, false);
    for field in &new.fields {
        match old.fields.iter().find(|before| before.key == field.key) {
            None => changes.push(added(new, field)),
            Some(before) => field_changes((old_model, old, before), (new_model, new, field), changes),
        }
    }
    for field in old.fields.iter().filter(|field| !is_left_out(old, field, new_model, &new.name)) {
        if !new.fields.iter().any(|after| after.key == field.key) {
            changes.push(removed(old_model, old, field));
        }
    }
    index_changes(old, new, changes, true);
    definition_changes(old_model, old, new_model, new, changes);
}

/// Whether a field is still written down, and not there only because it is wrong.
fn is_left_out(old: &EntityModel, field: &FieldModel, new_model: &Model, new: &str) -> bool {
    let whole = field.companion_of.and_then(|index| old.fields.get(index)).unwrap_or(field);
    let id = (DefinitionKind::Entity, new.to_owned());
    let written = new_model.definitions.get(&id).and_then(|json| json.get("properties")?.get(&whole.name));
    written.is_some() && new_model.broken.iter().any(|one| one.id == id)
}

fn about(entity: &EntityModel, field: &FieldModel, what: &str, class: Class) -> Change {
    let mut one = change(entity, &format!("/properties/{}", field.name), what, class);
    one.parameters.push(("field", field.title.clone()));
    one.parameters.push(("kind", field.kind.name().to_owned()));
    one
}

fn added(entity: &EntityModel, field: &FieldModel) -> Change {
    let what = match (field.part, field.companion_of) {
        (Some(_), _) => "part_added",
        (None, Some(_)) => "currency_added",
        (None, None) => "field_added",
    };
    let schema = SchemaChange::AddField { entity: entity.name.clone(), field: field.name.clone() };
    Change { schema: Some(schema), ..about(entity, field, what, Class::Safe) }
}

fn removed(model: &Model, entity: &EntityModel, field: &FieldModel) -> Change {
    let (what, class) = match (field.companion_of, &field.source) {
        // What the parts say, the whole says too.
        (Some(_), _) if field.part.is_some() => ("part_removed", Class::Safe),
        (Some(_), _) => ("currency_removed", Class::Lossy),
        // A calculated value can be calculated again.
        (None, Source::Formula(_) | Source::Rollup(_) | Source::Converted(_)) => {
            ("field_removed", Class::Safe)
        }
        (None, _) => ("field_removed", Class::Lossy),
    };
    let schema = SchemaChange::ParkField { entity: entity.name.clone(), field: field.name.clone() };
    Change {
        schema: Some(schema),
        used_by: uses(model, &entity.name, Some(&field.name)),
        ..about(entity, field, what, class)
    }
}

fn field_changes(
    (old_model, old_entity, old): (&Model, &EntityModel, &FieldModel),
    (new_model, entity, new): (&Model, &EntityModel, &FieldModel),
    changes: &mut Vec<Change>,
) {
    if let (Source::Converted(before), Source::Converted(after)) = (&old.source, &new.source) {
        let keys = |entity: &EntityModel, days: &[usize]| -> Vec<String> {
            days.iter().filter_map(|day| Some(entity.fields.get(*day)?.key.clone())).collect()
        };
        if keys(old_entity, &before.days) != keys(entity, &after.days) {
            let schema = SchemaChange::Recompute { entity: entity.name.clone(), field: new.name.clone() };
            changes.push(Change {
                schema: Some(schema),
                ..about(entity, new, "rate_date_changed", Class::Safe)
            });
        }
    }
    changes.extend(currency_moved(entity, old, new));
    if new.companion_of.is_some() || new.system {
        return;
    }
    if old.name != new.name {
        let mut renamed = about(entity, new, "field_renamed", Class::Safe);
        renamed.parameters.push(("from", old.name.clone()));
        renamed.parameters.push(("to", new.name.clone()));
        changes.push(renamed);
    }
    if old.kind.name() != new.kind.name() {
        let is_convertible = convertible(old, new);
        let fits = old.columns() == new.columns()
            && new.kind.takes(old.kind)
            && is_convertible
            && !is_calculated(old)
            && !is_calculated(new);
        let class = match (fits, is_convertible) {
            (true, _) => Class::Safe,
            // How many values do not convert is counted by whoever has the records.
            // What does not convert would stay behind in the clear: one after the other.
            (false, true) if old.is_sealed() != new.is_sealed() => Class::Refused,
            (false, true) => Class::Lossy,
            (false, false) => Class::Refused,
        };
        let mut kind = about(entity, new, "field_kind_changed", class);
        kind.parameters.push(("from", old.kind.name().to_owned()));
        kind.used_by = uses(old_model, &old_entity.name, Some(&old.name));
        if class == Class::Refused {
            let why = if is_convertible { "sealed" } else { why_not(old, new) };
            kind.parameters.push(("why", why.to_owned()));
        }
        if class == Class::Lossy {
            kind.schema = Some(SchemaChange::ConvertField {
                entity: entity.name.clone(),
                field: new.name.clone(),
                from: old.kind.name().to_owned(),
            });
        }
        changes.push(kind);
        if !fits {
            return;
        }
    }
    let is_same_kind = old.kind.name() == new.kind.name();
    if is_same_kind && (old.encryption, old.columns()) != (new.encryption, new.columns()) {
        changes.push(encryption_change(entity, old, new));
    }
    if let (Some(from), Some(to)) = (old.kind.scale(old), new.kind.scale(new))
        && from != to
        && is_calculated(old) == is_calculated(new)
    {
        let class = match (old.is_sealed(), new.is_sealed()) {
            (before, after) if before != after => Class::Refused,
            _ if to > from => Class::Safe,
            _ => Class::Lossy,
        };
        let schema = if new.is_sealed() {
            let from = old.kind.name().to_owned();
            SchemaChange::ConvertField { entity: entity.name.clone(), field: new.name.clone(), from }
        } else {
            SchemaChange::RescaleField { entity: entity.name.clone(), field: new.name.clone(), from, to }
        };
        let mut scale = Change { schema: Some(schema), ..about(entity, new, "field_scale_changed", class) };
        scale.parameters.push(("from", from.to_string()));
        scale.parameters.push(("to", to.to_string()));
        changes.push(scale);
    }
    let source = source_change(entity, (old_model, old), (new_model, new));
    changes.extend(source.or_else(|| types_change((old_entity, old), (entity, new))));
    option_changes(entity, old, new, changes);
    if new.required && !old.required {
        changes.push(about(entity, new, "required_added", Class::Safe));
    }
    let json = |model: &Model, entity: &EntityModel, name: &str| {
        let path = format!("/properties/{name}");
        model.definition(DefinitionKind::Entity, &entity.name).and_then(|json| json.pointer(&path)).cloned()
    };
    let (before, after) = (json(old_model, old_entity, &old.name), json(new_model, entity, &new.name));
    let mut passed_over = vec!["kind", "key", "formula", "rollup", "scale", "encrypted"];
    if entity.is_kept_by_engine() {
        // What the history of stages belongs to follows from the processes.
        passed_over.push("to");
    }
    let facets = differing(before.as_ref(), after.as_ref(), &passed_over);
    if !facets.is_empty() {
        let mut facet = about(entity, new, "field_changed", Class::Safe);
        facet.parameters.push(("facets", facets.join(", ")));
        changes.push(facet);
    }
}

/// The currencies that people chose go aside with the amounts that they typed, and come back with them.
fn currency_moved(entity: &EntityModel, old: &FieldModel, new: &FieldModel) -> Option<Change> {
    let is_moved = old.beside_derived != new.beside_derived && old.columns() == new.columns();
    let schema = SchemaChange::ConvertField {
        entity: entity.name.clone(),
        field: new.name.clone(),
        from: old.kind.name().to_owned(),
    };
    let change = || Change { schema: Some(schema), ..about(entity, new, "currency_moved", Class::Safe) };
    is_moved.then(change)
}

/// Values are sealed, or no longer, or looked up by another digest: they are carried over into other columns.
fn encryption_change(entity: &EntityModel, old: &FieldModel, new: &FieldModel) -> Change {
    let what = match (old.is_sealed(), new.is_sealed()) {
        (false, true) => "field_encrypted",
        (true, false) => "field_decrypted",
        _ => "field_lookup_changed",
    };
    let schema = SchemaChange::ConvertField {
        entity: entity.name.clone(),
        field: new.name.clone(),
        from: old.kind.name().to_owned(),
    };
    // What was typed in the clear before a field is calculated and sealed would stay behind so: one after the other.
    let stays_behind = !is_calculated(old) && is_calculated(new) && !old.is_sealed() && new.is_sealed();
    let class = if stays_behind { Class::Refused } else { Class::Safe };
    // A field that is typed again, or no more, gets other columns for that alone.
    let schema = (is_calculated(old) == is_calculated(new)).then_some(schema);
    Change { schema, ..about(entity, new, what, class) }
}

/// Options that are gone. Records keep the value; whoever has the records says how many hold it.
fn option_changes(entity: &EntityModel, old: &FieldModel, new: &FieldModel, changes: &mut Vec<Change>) {
    for option in &old.definition.one_of {
        if new.definition.one_of.iter().any(|other| other.value == option.value) {
            continue;
        }
        let mut one = about(entity, new, "option_removed", Class::Safe);
        one.parameters.push(("option", option.value.clone()));
        changes.push(one);
    }
}

/// Where the values come from has changed.
fn source_change(
    entity: &EntityModel,
    (old_model, old): (&Model, &FieldModel),
    (new_model, new): (&Model, &FieldModel),
) -> Option<Change> {
    let recompute = SchemaChange::Recompute { entity: entity.name.clone(), field: new.name.clone() };
    let moved = SchemaChange::ConvertField {
        entity: entity.name.clone(),
        field: new.name.clone(),
        from: old.kind.name().to_owned(),
    };
    match (&old.source, &new.source) {
        (Source::Formula(before), Source::Formula(after)) => {
            let is_same = same::formulas((old_model, before), (new_model, after));
            let is_same_table = before.asks().tables == after.asks().tables;
            if is_same && is_same_table && !asks_other_settings((old_model, before), (new_model, after)) {
                return None;
            }
            if is_same && is_same_table {
                return Some(Change {
                    schema: Some(recompute),
                    ..about(entity, new, "setting_of_formula_changed", Class::Safe)
                });
            }
            if is_same {
                // It asks a decision table that answers differently.
                return Some(Change {
                    schema: Some(recompute),
                    ..about(entity, new, "table_of_formula_changed", Class::Safe)
                });
            }
            let mut one =
                Change { schema: Some(recompute), ..about(entity, new, "formula_changed", Class::Safe) };
            one.parameters.push(("from", before.source.clone()));
            one.parameters.push(("to", after.source.clone()));
            Some(one)
        }
        (Source::Rollup(before), Source::Rollup(after)) => {
            let is_same = same::rollups((old_model, before), (new_model, after));
            (!is_same).then(|| Change {
                schema: Some(recompute),
                ..about(entity, new, "formula_changed", Class::Safe)
            })
        }
        (Source::Typed | Source::Copy(..), Source::Formula(_) | Source::Rollup(_)) => {
            // What people typed moves aside.
            Some(Change { schema: Some(moved), ..about(entity, new, "field_calculated", Class::Lossy) })
        }
        (Source::Formula(_) | Source::Rollup(_), Source::Typed | Source::Copy(..)) => {
            // What was typed before it was calculated comes back.
            Some(Change { schema: Some(moved), ..about(entity, new, "field_typed", Class::Safe) })
        }
        (Source::Formula(_), Source::Rollup(_))
        | (Source::Rollup(_), Source::Formula(_))
        | (Source::Kept, Source::Formula(_) | Source::Rollup(_)) => {
            Some(Change { schema: Some(recompute), ..about(entity, new, "formula_changed", Class::Safe) })
        }
        // The parts of amounts come and go with them.
        (Source::Converted(_), _)
        | (_, Source::Converted(_) | Source::Kept)
        | (Source::Kept | Source::Typed | Source::Copy(..), Source::Typed | Source::Copy(..)) => None,
    }
}

/// What is calculated for the records of other types now.
fn types_change(
    (old_entity, old): (&EntityModel, &FieldModel),
    (entity, new): (&EntityModel, &FieldModel),
) -> Option<Change> {
    let having = |entity: &EntityModel, field: &FieldModel| -> Option<Vec<String>> {
        let mut names: Vec<String> =
            entity.types_with(field)?.into_iter().map(|one| one.name.clone()).collect();
        names.sort_unstable();
        Some(names)
    };
    let is_other = old.is_derived() && new.is_derived() && having(old_entity, old) != having(entity, new);
    is_other.then(|| {
        let schema = SchemaChange::Recompute { entity: entity.name.clone(), field: new.name.clone() };
        Change { schema: Some(schema), ..about(entity, new, "types_of_formula_changed", Class::Safe) }
    })
}

/// Whether the definition of a setting that a formula reads gives another value now.
fn asks_other_settings(
    (old_model, before): (&Model, &Formula),
    (new_model, after): (&Model, &Formula),
) -> bool {
    let given = |model: &Model, name: &str| model.settings.get(name).map(|setting| setting.default.clone());
    let (before, after) = (before.asks(), after.asks());
    before.settings.iter().chain(&after.settings).any(|name| given(old_model, name) != given(new_model, name))
}

/// Indexes by the keys of their fields: those that only the new entity has, or only the old one.
fn index_changes(old: &EntityModel, new: &EntityModel, changes: &mut Vec<Change>, added: bool) {
    let (entity, other) = if added { (new, old) } else { (old, new) };
    for (unique, own, others) in
        [(true, &entity.unique, &other.unique), (false, &entity.indexes, &other.indexes)]
    {
        for set in own {
            let keys = keys(entity, set, unique);
            if others.iter().any(|one| self::keys(other, one, unique) == keys) {
                continue;
            }
            let fields: Vec<String> = set
                .iter()
                .filter_map(|index| entity.fields.get(*index))
                .map(|field| field.name.clone())
                .collect();
            let what = match (added, unique) {
                (true, true) => "unique_added",
                (true, false) => "index_added",
                (false, true) => "unique_removed",
                (false, false) => "index_removed",
            };
            let pointer = if unique { "/unique" } else { "/indexes" };
            let mut one = change(entity, pointer, what, Class::Safe);
            one.parameters.push(("fields", fields.join(", ")));
            let name = entity.name.clone();
            one.schema = Some(if added {
                SchemaChange::AddIndex { entity: name, fields, unique }
            } else {
                SchemaChange::DropIndex { entity: name, fields, unique }
            });
            changes.push(one);
        }
    }
}

/// What tells indexes apart; a unique one also by how its texts are compared.
fn keys<'e>(entity: &'e EntityModel, set: &[usize], unique: bool) -> Vec<(&'e str, bool)> {
    set.iter()
        .filter_map(|index| entity.fields.get(*index))
        .map(|field| (field.key.as_str(), unique && field.ignores_case()))
        .collect()
}

/// Everything of the definition that is neither a field nor an index.
fn definition_changes(
    old_model: &Model,
    old: &EntityModel,
    new_model: &Model,
    new: &EntityModel,
    changes: &mut Vec<Change>,
) {
    let before = old_model.definition(DefinitionKind::Entity, &old.name);
    let after = new_model.definition(DefinitionKind::Entity, &new.name);
    let parts = differing(before, after, &["properties", "unique", "indexes", "name", "key"]);
    for part in parts {
        let mut one = change(new, &format!("/{part}"), "entity_changed", Class::Safe);
        one.parameters.push(("part", part));
        changes.push(one);
    }
}

/// The keys whose values differ, the given ones aside.
fn differing(before: Option<&Json>, after: Option<&Json>, aside: &[&str]) -> Vec<String> {
    let (before, after) = (before.and_then(Json::as_object), after.and_then(Json::as_object));
    let mut keys: Vec<String> = Vec::new();
    for key in after
        .into_iter()
        .flat_map(|object| object.keys())
        .chain(before.into_iter().flat_map(|object| object.keys()))
    {
        let differs = before.and_then(|object| object.get(key)) != after.and_then(|object| object.get(key));
        if differs && !aside.contains(&key.as_str()) && !keys.contains(key) {
            keys.push(key.clone());
        }
    }
    keys
}
