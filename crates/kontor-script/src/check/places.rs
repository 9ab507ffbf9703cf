//! Where a source names an entity or a field, word by word, and whether that is certain.

use std::cell::RefCell;

use kontor_model::{EntityModel, Model, Problems};

use super::fields::Fields;
use crate::scan::{self, Kind, Word};

/// A word of a source that names what is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: u32,
    /// Of its first letter, from 1; for a text the quotation mark.
    pub column: u32,
    /// Whether the word is a text in quotation marks.
    pub quoted: bool,
    /// Whether the word surely means it: a property of the record that a hook gets, a key of what is written to the
    /// entity. Other words may mean a field of the same name elsewhere.
    pub certain: bool,
}

/// The words of a source that name a field of `entity`, or the entity itself when `field` is none. `own` is the entity
/// whose script it is.
pub fn places(
    source: &str,
    model: &Model,
    own: Option<&EntityModel>,
    entity: &str,
    field: Option<&str>,
) -> Vec<Place> {
    let words = scan::words(source);
    let mut found = Vec::new();
    let mut add = |word: &Word, certain: bool| {
        let quoted = matches!(word.kind, Kind::Text(_));
        let place = Place { line: word.line, column: word.column, quoted, certain };
        let known = found
            .iter_mut()
            .find(|other: &&mut Place| (other.line, other.column) == (place.line, place.column));
        match known {
            Some(known) => known.certain |= certain,
            None => found.push(place),
        }
    };
    let Some(field) = field else {
        for (index, word) in words.iter().enumerate().filter(|(_, word)| word.text() == Some(entity)) {
            add(word, is_argument_of_db(&words, index));
        }
        return found;
    };
    for index in certain(&words, model, own, entity, field) {
        if let Some(word) = words.get(index) {
            add(word, true);
        }
    }
    if may_mean(&words, model, own, entity) {
        for (index, word) in words.iter().enumerate() {
            if super::is_named(&words, index, word, field) {
                add(word, false);
            }
        }
    }
    found.sort_by_key(|place| (place.line, place.column));
    found
}

/// The first argument of `db::…(` names an entity.
fn is_argument_of_db(words: &[Word], index: usize) -> bool {
    let back = |by: usize| index.checked_sub(by).and_then(|at| words.get(at));
    back(1).is_some_and(|word| word.is("("))
        && back(3).is_some_and(|word| word.is("::"))
        && back(4).and_then(Word::name) == Some("db")
}

/// Words that surely name the field: what the checks of hooks resolve, and the keys of what a call writes or asks for.
fn certain(
    words: &[Word],
    model: &Model,
    own: Option<&EntityModel>,
    entity: &str,
    field: &str,
) -> Vec<usize> {
    let seen = RefCell::new(Vec::new());
    if let Some(own) = own {
        for function in &scan::functions_of(words) {
            Fields { words, function, model, entity: own, seen: &seen }.check(&mut Problems::new());
        }
    }
    let named = seen.into_inner().into_iter().filter(|(_, owner, name)| owner == entity && name == field);
    let mut found: Vec<usize> = named.map(|(index, _, _)| index).collect();
    for index in 0..words.len() {
        if words.get(index).and_then(Word::text) != Some(entity) || !is_argument_of_db(words, index) {
            continue;
        }
        let Some(close) = scan::closing(words, index - 1) else { continue };
        for inside in index + 1..close {
            let Some(word) = words.get(inside) else { break };
            let is_key = words.get(inside + 1).is_some_and(|next| next.kind == Kind::Other(':'));
            let after_field =
                inside.checked_sub(2).and_then(|at| words.get(at)).and_then(Word::name) == Some("field");
            if (is_key && (word.name() == Some(field) || word.text() == Some(field)))
                || (after_field && word.text() == Some(field))
            {
                found.push(inside);
            }
        }
    }
    found
}

/// Whether a word of the source may mean something of the entity: it is the entity's own script, it names the entity,
/// or it belongs to nobody and may be handed any record.
fn may_mean(words: &[Word], model: &Model, own: Option<&EntityModel>, entity: &str) -> bool {
    let Some(own) = own else { return true };
    if own.name == entity || words.iter().any(|word| word.text() == Some(entity)) {
        return true;
    }
    let leads = |name: &str| {
        own.field(name).is_some_and(|field| field.targets.iter().any(|target| target == entity))
            || model.entities.values().any(|other| {
                other.field(name).is_some_and(|field| field.targets.iter().any(|target| target == entity))
            })
    };
    words.iter().any(|word| word.name().is_some_and(leads))
}

/// Writes another word at certain places; the rest of the source stays as it is.
pub fn replace_places(source: &str, places: &[Place], from: &str, to: &str) -> String {
    let mut lines: Vec<String> = source.split('\n').map(str::to_owned).collect();
    // From the right, so that columns further left stay true.
    for place in places.iter().filter(|place| place.certain).rev() {
        let Some(line) = lines.get_mut(place.line.saturating_sub(1) as usize) else { continue };
        let skipped = place.column.saturating_sub(1) as usize + usize::from(place.quoted);
        let start = line.char_indices().nth(skipped).map_or(line.len(), |(at, _)| at);
        if line.get(start..).is_some_and(|rest| rest.starts_with(from)) {
            line.replace_range(start..start + from.len(), to);
        }
    }
    lines.join("\n")
}
