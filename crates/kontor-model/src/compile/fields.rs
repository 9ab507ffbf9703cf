//! The fields of an entity: those that every entity has, its own, and the companions that kinds bring.

use std::collections::{HashMap, HashSet};

use super::{MAX_FIELDS, keys};
use crate::definition::entity::{EntityDefinition, FieldDefinition, OptionDefinition};
use crate::entity::{Conditions, Encryption, FieldModel, Source, system};
use crate::filter::address::RESERVED;
use crate::kind::{self, FieldKind};
use crate::problem::{Problem, Problems};

/// The name of the field that says which variant a record is.
pub(crate) const RECORD_TYPE: &str = "record_type";

/// All fields in order, and where each name stands.
pub(super) fn build(
    definition: &EntityDefinition,
    problems: &mut Problems,
) -> (Vec<FieldModel>, HashMap<String, usize>) {
    let mut list = List { entity: &definition.name, fields: Vec::new(), by_name: HashMap::new() };
    for (name, kind, title) in SYSTEM {
        let field = FieldDefinition { kind: kind.into(), title: title.into(), ..FieldDefinition::default() };
        if let Some(kind) = kind::find(kind) {
            list.push(name, name.into(), kind, field, true, None);
        }
    }
    if !definition.record_types.is_empty() {
        push_record_type(definition, &mut list);
    }
    let own = &definition.properties;
    if own.len() > MAX_FIELDS {
        let found =
            Problem::new("too_many_fields", "/properties").with("limit", MAX_FIELDS).with("count", own.len());
        problems.push(found);
    }
    let keys = keys::of_fields(own);
    check_names(definition, &keys, problems);
    for ((name, field), key) in own.iter().zip(keys) {
        let at = format!("/properties/{name}");
        let Some(kind) = kind::find(&field.kind).filter(|kind| !kind.is_internal()) else {
            let known: Vec<&str> =
                kind::KINDS.iter().filter(|kind| !kind.is_internal()).map(|kind| kind.name()).collect();
            let problem = Problem::new("unknown_kind", format!("{at}/kind")).with("value", &field.kind);
            problems.push(problem.with("options", known.join(", ")));
            continue;
        };
        let mut found = Problems::new();
        kind.check_definition(field, &mut found);
        let sources = [field.formula.is_some(), field.rollup.is_some(), field.copy.is_some()];
        if field.ignore_case && !kind.is_folded() {
            found.push(Problem::new("only_for_texts", "/ignore_case").with("kind", kind.name()));
        }
        check_encryption(field, kind, &mut found);
        if sources.into_iter().filter(|given| *given).count() > 1 {
            found.push(Problem::new("one_source", ""));
        }
        problems.extend_under(&at, found);
        let companion = kind.companion(name, field);
        let index = list.push(name, key.clone(), kind, field.clone(), false, None);
        if let Some((companion_name, companion)) = companion
            && let Some(companion_kind) = kind::find(&companion.kind)
        {
            let suffix = companion_name.strip_prefix(name.as_str()).unwrap_or("_companion");
            let companion_key = format!("{key}{suffix}");
            list.push(&companion_name, companion_key, companion_kind, companion, false, Some(index));
        }
        let converted = kind.is_converted().then_some(&kind::CONVERTED);
        for part in kind.parts().iter().chain(converted) {
            let Some(part_kind) = kind::find(part.kind) else { continue };
            let (name, key) = (format!("{name}.{}", part.name), format!("{key}__{}", part.name));
            let at = list.push(&name, key, part_kind, part.definition(field), false, Some(index));
            if let Some(made) = list.fields.get_mut(at) {
                made.part = Some(*part);
            }
        }
    }
    (list.fields, list.by_name)
}

/// Whether the kind can be sealed, and what sealed values cannot do.
fn check_encryption(field: &FieldDefinition, kind: &dyn FieldKind, problems: &mut Problems) {
    let encryption = Encryption::of(field, kind);
    if kind.is_write_only() && field.encrypted.as_ref().is_some_and(crate::Json::is_object) {
        problems.push(Problem::new("secret_no_lookup", "/encrypted"));
    }
    if encryption == Encryption::None || kind.is_write_only() {
        return;
    }
    if !kind.may_be_sealed() {
        let fit = kind::definable().filter(|kind| kind.may_be_sealed() && !kind.is_write_only());
        let fit: Vec<&str> = fit.map(FieldKind::name).collect();
        let problem = Problem::new("encrypted_kind", "/encrypted").with("kind", kind.name());
        problems.push(problem.with("options", fit.join(", ")));
    }
    if field.rollup.is_some() {
        problems.push(Problem::new("encrypted_rollup", "/rollup"));
    }
    if field.unique && encryption != Encryption::Lookup {
        problems.push(Problem::new("encrypted_unique", "/unique"));
    }
}

/// Name, kind and title of what every entity has, in the order of [`system`].
const SYSTEM: [(&str, &str, &str); system::COUNT] = [
    ("id", "identifier", "Id"),
    ("version", "integer", "Version"),
    ("owner", "user", "Owner"),
    ("created_at", "datetime", "Created"),
    ("created_by", "user", "Created by"),
    ("updated_at", "datetime", "Changed"),
    ("updated_by", "user", "Changed by"),
    ("deleted_at", "datetime", "Deleted"),
];

/// A field that no entity has: a setting, a column of a decision table. `None` when there is no such kind.
pub(crate) fn alone(name: &str, definition: FieldDefinition) -> Option<FieldModel> {
    let kind = kind::find(&definition.kind).filter(|kind| !kind.is_internal())?;
    let mut list = List { entity: "", fields: Vec::new(), by_name: HashMap::new() };
    list.push(name, name.to_owned(), kind, definition, false, None);
    list.fields.pop()
}

struct List<'a> {
    entity: &'a str,
    fields: Vec<FieldModel>,
    by_name: HashMap<String, usize>,
}

impl List<'_> {
    fn push(
        &mut self,
        name: &str,
        key: String,
        kind: &'static dyn FieldKind,
        definition: FieldDefinition,
        system: bool,
        companion_of: Option<usize>,
    ) -> usize {
        let index = self.fields.len();
        self.by_name.insert(name.to_owned(), index);
        self.fields.push(FieldModel {
            entity: self.entity.to_owned(),
            index,
            name: name.to_owned(),
            key,
            title: definition.title.clone(),
            kind,
            required: false,
            source: Source::Typed,
            conditions: Conditions::default(),
            targets: kind.targets(&definition),
            list: None,
            system,
            companion_of,
            part: None,
            beside_derived: false,
            encryption: if companion_of.is_some() {
                Encryption::None
            } else {
                Encryption::of(&definition, kind)
            },
            pattern: definition.pattern.as_deref().and_then(|pattern| regex::Regex::new(pattern).ok()),
            definition,
            rank: 0,
        });
        index
    }
}

/// The choice of a variant; it is fixed once a record is created.
fn push_record_type(definition: &EntityDefinition, list: &mut List<'_>) {
    let option = |variant: &crate::definition::entity::RecordTypeDefinition| OptionDefinition {
        value: variant.name.clone(),
        title: variant.title.clone(),
        retired: variant.retired,
        ..OptionDefinition::default()
    };
    let first = definition.record_types.iter().find(|variant| variant.default && !variant.retired);
    let first = first.or_else(|| definition.record_types.iter().find(|variant| !variant.retired));
    let field = FieldDefinition {
        kind: "choice".into(),
        title: "Type".into(),
        one_of: definition.record_types.iter().map(option).collect(),
        default: first.map(|variant| variant.name.as_str().into()),
        set_once: true,
        ..FieldDefinition::default()
    };
    if let Some(kind) = kind::find("choice") {
        list.push(RECORD_TYPE, RECORD_TYPE.into(), kind, field, false, None);
    }
}

/// Whether a field may not have a name because addresses or the engine use it.
pub fn is_reserved(name: &str) -> bool {
    system::NAMES.contains(&name) || RESERVED.contains(&name) || name == "bulk"
}

/// Names and keys that are taken, reserved, or that would collide with a column of the engine.
fn check_names(definition: &EntityDefinition, keys: &[String], problems: &mut Problems) {
    let companions: HashSet<String> = definition
        .properties
        .iter()
        .filter_map(|(name, field)| Some(kind::find(&field.kind)?.companion(name, field)?.0))
        .collect();
    let mut seen: HashSet<&str> = HashSet::new();
    for ((name, field), key) in definition.properties.iter().zip(keys) {
        let at = format!("/properties/{name}");
        let is_record_type = name == RECORD_TYPE && !definition.record_types.is_empty();
        if is_reserved(name) || is_record_type || companions.contains(name) {
            problems.push(Problem::new("reserved_name", &at).with("name", name));
        }
        if !crate::name::is_name(name) {
            problems.push(Problem::new("not_a_name", &at).with("name", name));
        }
        let at = if field.key.is_some() { format!("{at}/key") } else { at };
        // Two underscores stand between a column and those that belong to it.
        if field.key.is_some() && !crate::name::is_name(key) {
            problems.push(Problem::new("not_a_name", &at).with("name", key));
        }
        let is_engine_column =
            system::NAMES.contains(&key.as_str()) || key == RECORD_TYPE || companions.contains(key);
        if is_engine_column && !is_reserved(name) {
            problems.push(Problem::new("reserved_name", &at).with("name", key));
        }
        if !seen.insert(key) {
            problems.push(Problem::new("duplicate_key", at).with("key", key));
        }
    }
}
