//! Following a new name: every place of a definition that names what was renamed is written anew.

use std::fmt::Write as _;

use super::spots::{self, Meaning, Shape, Spot};
use crate::Json;
use crate::definition::DefinitionKind;
use crate::model::Model;

/// A new name for an entity or for one of its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rename {
    /// The entity as the old model calls it.
    pub entity: String,
    /// The field as the old model calls it; `None` when the entity itself is renamed.
    pub field: Option<String>,
    /// The new name.
    pub to: String,
}

impl Rename {
    fn is_meant(&self, meaning: &Meaning) -> bool {
        match (meaning, &self.field) {
            (Meaning::Entity(entity), None) => *entity == self.entity,
            (Meaning::Field(entity, field), Some(wanted)) => *entity == self.entity && field == wanted,
            _ => false,
        }
    }
}

/// Writes the new names wherever the definition refers to what was renamed; `old` is the model in which the old names
/// are known, `name` the definition's name there. Says whether anything changed.
pub fn rename(old: &Model, kind: DefinitionKind, name: &str, json: &mut Json, renames: &[Rename]) -> bool {
    let mut changed = false;
    let spots = spots::of(old, kind, name, json);
    let is_meant =
        |spot: &Spot| spot.meanings.iter().any(|meaning| renames.iter().any(|one| one.is_meant(meaning)));
    // A dashboard's filter narrows the records of several entities by one name: it goes on narrowing those whose field
    // keeps it.
    let kept: Vec<String> = spots
        .iter()
        .filter(|spot| kind == DefinitionKind::Dashboard && !is_meant(spot))
        .map(|spot| spot.pointer.clone())
        .collect();
    // Deeper places first: a renamed key moves everything below it.
    for spot in spots.into_iter().rev() {
        if !is_meant(&spot) || kept.contains(&spot.pointer) {
            continue;
        }
        changed |= match spot.shape {
            // A related list without a name of its own is called after the link that makes it.
            Shape::Other => rewrite(json, &spot.pointer, |text| list_name(text, &spot.meanings, renames)),
            Shape::Key => rename_key(json, &spot.pointer, |key| written(old, &spot.entity, key, renames)),
            Shape::Whole => rewrite(json, &spot.pointer, |text| {
                // A field may be called like an entity: what names the entity is no path.
                if spot
                    .meanings
                    .iter()
                    .any(|meaning| matches!(meaning, Meaning::Entity(name) if name == text))
                {
                    return entity_name(text, renames).to_owned();
                }
                let sign = text.len() - text.trim_start_matches(['-', '@']).len();
                let (sign, path) = text.split_at(sign);
                let is_rolled = spot.pointer.ends_with("/of");
                let (first, rest) = match path.split_once('.') {
                    Some((first, rest)) if is_rolled => (Some(first), rest),
                    _ => (None, path),
                };
                let rest = match named_root(&spot, rest) {
                    Some((root, entity, rest)) => {
                        format!("{root}.{}", written(old, entity, rest, renames))
                    }
                    None => written(old, &spot.entity, rest, renames),
                };
                match first {
                    Some(first) => format!("{sign}{}.{rest}", entity_name(first, renames)),
                    None => format!("{sign}{rest}"),
                }
            }),
            Shape::Words => rewrite(json, &spot.pointer, |text| words(old, &spot, text, renames)),
        };
    }
    changed
}

fn list_name(text: &str, meanings: &[Meaning], renames: &[Rename]) -> String {
    for meaning in meanings {
        if let Meaning::Field(entity, field) = meaning
            && text == format!("{entity}_{field}")
        {
            return format!("{}_{}", entity_name(entity, renames), field_name(entity, field, renames));
        }
    }
    text.to_owned()
}

fn entity_name<'a>(name: &'a str, renames: &'a [Rename]) -> &'a str {
    renames.iter().find(|one| one.field.is_none() && one.entity == name).map_or(name, |one| &one.to)
}

fn field_name<'a>(entity: &str, name: &'a str, renames: &'a [Rename]) -> &'a str {
    let is_it = |one: &&Rename| one.entity == entity && one.field.as_deref() == Some(name);
    renames.iter().find(is_it).map_or(name, |one| &one.to)
}

/// A path with the new names in it, or the name of an entity: only the steps that reach what was renamed change.
fn written(old: &Model, entity: &str, path: &str, renames: &[Rename]) -> String {
    let mut reached = old.entity(entity);
    let first = path.split('.').next().unwrap_or(path);
    if reached.is_none_or(|entity| entity.field(first).is_none()) {
        return entity_name(path, renames).to_owned();
    }
    let mut steps = Vec::new();
    for step in path.split('.') {
        let Some(at) = reached else {
            steps.push(step.to_owned());
            continue;
        };
        let amount = step.strip_suffix("_currency").filter(|_| is_currency(at, step));
        steps.push(match amount {
            Some(amount) => format!("{}_currency", field_name(&at.name, amount, renames)),
            None => field_name(&at.name, step, renames).to_owned(),
        });
        reached = at.field(step).and_then(|field| match field.targets.as_slice() {
            [only] => old.entity(only),
            _ => None,
        });
    }
    steps.join(".")
}

fn is_currency(entity: &crate::EntityModel, name: &str) -> bool {
    entity.field(name).is_some_and(|field| field.companion_of.is_some())
}

/// The name with which a path begins at a place, the entity that it stands for, and the rest of the path.
fn named_root<'a>(spot: &'a Spot, path: &'a str) -> Option<(&'a str, &'a str, &'a str)> {
    let (root, rest) = path.split_once('.')?;
    let (_, entity) = spot.roots.iter().find(|(name, _)| name == root)?;
    Some((root, entity, rest))
}

/// A formula, or a text with gaps, with the new name in its paths. What stands in quotation marks is left alone.
fn words(old: &Model, spot: &Spot, text: &str, renames: &[Rename]) -> String {
    let mut out = String::with_capacity(text.len());
    let with_gaps = text.contains("{{");
    let mut inside = !with_gaps;
    for piece in pieces(text) {
        match piece {
            Piece::Sign("{{") => inside = true,
            Piece::Sign("}}") => inside = !with_gaps,
            _ => {}
        }
        match piece {
            Piece::Path(path) if inside => {
                match named_root(spot, path) {
                    // Writing to a text cannot fail.
                    Some((root, entity, rest)) => {
                        let _ = write!(out, "{root}.{}", written(old, entity, rest, renames));
                    }
                    None if with_gaps => out.push_str(path),
                    None => out.push_str(&written(old, &spot.entity, path, renames)),
                }
            }
            Piece::Path(text) | Piece::Sign(text) => out.push_str(text),
        }
    }
    out
}

/// The paths in an expression: names joined by dots, outside of quotation marks.
pub(super) fn paths(text: &str) -> Vec<&str> {
    pieces(text)
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Path(path) => Some(path),
            Piece::Sign(_) => None,
        })
        .collect()
}

#[derive(Clone, Copy)]
enum Piece<'a> {
    Path(&'a str),
    Sign(&'a str),
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_alphabetic() || first == '_' {
            let end = |letter: char| !(letter.is_ascii_alphanumeric() || letter == '_' || letter == '.');
            let whole = rest.find(end).unwrap_or(rest.len());
            rest.get(..whole).map_or(whole, |path| path.trim_end_matches('.').len())
        } else if first == '"' || first == '\'' {
            rest.char_indices()
                .skip(1)
                .find(|(_, letter)| *letter == first)
                .map_or(rest.len(), |(at, _)| at + 1)
        } else if rest.starts_with("{{") || rest.starts_with("}}") {
            2
        } else {
            first.len_utf8()
        };
        let (piece, after) = rest.split_at(length);
        let is_path = first.is_ascii_alphabetic() || first == '_';
        found.push(if is_path { Piece::Path(piece) } else { Piece::Sign(piece) });
        rest = after;
    }
    found
}

fn rewrite(json: &mut Json, pointer: &str, new: impl FnOnce(&str) -> String) -> bool {
    let Some(Json::String(text)) = json.pointer_mut(pointer) else { return false };
    let written = new(text);
    let changed = written != *text;
    *text = written;
    changed
}

/// Renames the last part of a pointer; the order of the members stays.
fn rename_key(json: &mut Json, pointer: &str, new: impl FnOnce(&str) -> String) -> bool {
    let Some((parent, last)) = pointer.rsplit_once('/') else { return false };
    let key = last.replace("~1", "/").replace("~0", "~");
    let written = new(&key);
    let Some(Json::Object(object)) = json.pointer_mut(parent) else { return false };
    if written == key || object.contains_key(&written) {
        return false;
    }
    *object = std::mem::take(object)
        .into_iter()
        .map(|(own, value)| if own == key { (written.clone(), value) } else { (own, value) })
        .collect();
    true
}
