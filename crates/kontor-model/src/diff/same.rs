//! Whether calculations are the same though what they name is called otherwise now.

use crate::filter::{FieldPath, Filter, Operand};
use crate::formula::Formula;
use crate::model::Model;
use crate::rollup::Rollup;

/// Whether two formulas say the same of the same columns. The same words may name other columns now.
pub(super) fn formulas((old_model, old): (&Model, &Formula), (new_model, new): (&Model, &Formula)) -> bool {
    let reads = |formula: &Formula, model: &Model| -> Vec<String> {
        formula.reads.iter().map(|path| keys_of(path, model)).collect()
    };
    by_keys(old, old_model) == by_keys(new, new_model) && reads(old, old_model) == reads(new, new_model)
}

/// Whether two roll-ups ask the same of the same columns.
pub(super) fn rollups((old_model, old): (&Model, &Rollup), (new_model, new): (&Model, &Rollup)) -> bool {
    let keys = |model: &Model, rollup: &Rollup| {
        let entity = model.entity(&rollup.entity)?;
        let key = |name: &str| entity.field(name).map(|field| field.key.clone());
        let (of, by) = (rollup.of.as_deref().map(key), rollup.by.as_deref().map(key));
        let filter = condition(&rollup.filter, model);
        Some((entity.key.clone(), key(&rollup.field)?, rollup.function.clone(), of, by, rollup.limit, filter))
    };
    keys(old_model, old).is_some_and(|known| Some(known) == keys(new_model, new))
}

/// A condition with the columns in place of the names and places of fields.
fn condition(filter: &Filter, model: &Model) -> String {
    let all = |filters: &[Filter]| -> String {
        filters.iter().map(|filter| condition(filter, model)).collect::<Vec<_>>().join(", ")
    };
    match filter {
        Filter::True => "true".to_owned(),
        Filter::All(filters) => format!("all({})", all(filters)),
        Filter::Any(filters) => format!("any({})", all(filters)),
        Filter::Not(filter) => format!("not({})", condition(filter, model)),
        Filter::Leaf(leaf) => {
            let operand = match &leaf.operand {
                Operand::Field(path) => keys_of(path, model),
                other => format!("{other:?}"),
            };
            format!("{} {:?} {operand}", keys_of(&leaf.path, model), leaf.operator)
        }
        Filter::Has(has) => {
            let field = key_of(&has.entity, has.field, model);
            let inner = condition(&has.filter, model);
            format!("has({field} {:?} {:?} {inner})", has.at_least, has.at_most)
        }
        Filter::Shared(shared) => format!("shared({:?})", shared.right),
        Filter::Linked(linked) => {
            let inner = condition(&linked.filter, model);
            format!("linked({} {inner})", keys_of(&linked.link, model))
        }
    }
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
    let hops = path.hops.iter().map(|hop| key_of(&hop.entity, hop.field, model));
    let keys: Vec<String> = hops.chain([key_of(&path.entity, path.field, model)]).collect();
    format!("\u{1}{}", keys.join("."))
}

/// The table and the column of a field.
fn key_of(entity: &str, field: usize, model: &Model) -> String {
    let entity = model.entity(entity);
    let field = entity.and_then(|entity| entity.fields.get(field));
    let key = |of: Option<&String>| of.cloned().unwrap_or_default();
    format!("{}/{}", key(entity.map(|entity| &entity.key)), key(field.map(|field| &field.key)))
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
