//! Whether calculations are the same though what they name is called otherwise now.

use crate::filter::FieldPath;
use crate::formula::Formula;
use crate::model::Model;
use crate::rollup::Rollup;

/// Whether two formulas say the same of the same columns.
pub(super) fn formulas((old_model, old): (&Model, &Formula), (new_model, new): (&Model, &Formula)) -> bool {
    old.source == new.source || by_keys(old, old_model) == by_keys(new, new_model)
}

/// Whether two roll-ups ask the same of the same columns.
pub(super) fn rollups((old_model, old): (&Model, &Rollup), (new_model, new): (&Model, &Rollup)) -> bool {
    let keys = |model: &Model, rollup: &Rollup| {
        let entity = model.entity(&rollup.entity)?;
        let key = |name: &str| entity.field(name).map(|field| field.key.clone());
        let (of, by) = (rollup.of.as_deref().map(key), rollup.by.as_deref().map(key));
        Some((entity.key.clone(), key(&rollup.field)?, rollup.function.clone(), of, by, rollup.limit))
    };
    let same = keys(old_model, old).is_some_and(|known| Some(known) == keys(new_model, new));
    same && format!("{:?}", old.filter) == format!("{:?}", new.filter)
}

/// The source with the columns in place of the names that it reads, and without blanks.
fn by_keys(formula: &Formula, model: &Model) -> Vec<String> {
    let reads: Vec<(String, String)> =
        formula.reads.iter().map(|path| (path.name(model), keys_of(path, model))).collect();
    words(&formula.source)
        .into_iter()
        .map(|word| match reads.iter().find(|(name, _)| *name == word) {
            Some((_, key)) => key.clone(),
            None => word.to_owned(),
        })
        .collect()
}

/// The columns on the way of a path; the sign before them is no letter of formulas.
fn keys_of(path: &FieldPath, model: &Model) -> String {
    let key = |entity: &str, field: usize| {
        let entity = model.entity(entity);
        let field = entity.and_then(|entity| entity.fields.get(field));
        field.map(|field| field.key.clone()).unwrap_or_default()
    };
    let hops = path.hops.iter().map(|hop| key(&hop.entity, hop.field));
    let keys: Vec<String> = hops.chain([key(&path.entity, path.field)]).collect();
    format!("\u{1}{}", keys.join("."))
}

/// Names with their dots, texts, and everything else letter by letter.
fn words(source: &str) -> Vec<&str> {
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '.';
    let mut words = Vec::new();
    let mut rest = source.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = if matches!(first, '"' | '\'' | '`') {
            let mut escaped = false;
            let close = rest.char_indices().skip(1).find(|(_, letter)| {
                let closes = !escaped && *letter == first;
                escaped = !escaped && *letter == '\\';
                closes
            });
            close.map_or(rest.len(), |(at, letter)| at + letter.len_utf8())
        } else if is_name(first) {
            rest.find(|letter| !is_name(letter)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (word, behind) = rest.split_at(end);
        words.push(word);
        rest = behind.trim_start();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn formulas_fall_into_words() {
        assert_eq!(words("a.b*2 + \"x y\\\"\" "), ["a.b", "*", "2", "+", "\"x y\\\"\""]);
    }
}
