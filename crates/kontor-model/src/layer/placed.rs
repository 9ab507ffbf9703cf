//! What a refinement says about where its members stand, and behind what.

use super::array::{identity, is_placed};
use super::order;
use crate::Json;
use crate::filter::escape;
use crate::problem::{Problem, Problems};

/// The key that places a member or an item behind another one; an empty text places it first.
const AFTER: &str = "after";

/// Members and items that stand behind one which is neither below nor in the refinement, with their pointers.
pub fn misplaced(below: &Json, patch: &Json) -> Problems {
    let mut problems = Problems::new();
    visit("", "", Some(below), patch, &mut problems);
    problems
}

fn visit(key: &str, at: &str, below: Option<&Json>, patch: &Json, problems: &mut Problems) {
    match patch {
        Json::Object(object) => {
            for (name, value) in object {
                let at = format!("{at}/{}", escape(name));
                let under = below.and_then(|below| below.get(name));
                if order::matters(key) {
                    let own = object.keys().map(String::as_str);
                    let known = below.and_then(Json::as_object).into_iter().flatten();
                    let known = known.map(|(name, _)| name.as_str()).chain(own);
                    behind(&at, value, known, problems);
                }
                visit(name, &at, under, value, problems);
            }
        }
        Json::Array(list) if is_placed(key) => {
            let below_list = below.and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
            for (index, item) in list.iter().enumerate() {
                let Some(own) = identity(item).filter(|_| item.is_object()) else { continue };
                let at = format!("{at}/{index}");
                behind(&at, item, below_list.iter().chain(list).filter_map(identity), problems);
                let under = below_list.iter().find(|one| identity(one) == Some(own));
                visit("", &at, under, item, problems);
            }
        }
        _ => {}
    }
}

/// Items that a refinement takes away and that are not there, with their pointers: whoever writes it has misspelt one.
pub fn vain_removals(below: &Json, patch: &Json) -> Problems {
    let mut problems = Problems::new();
    removals("", "", Some(below), patch, &mut problems);
    problems
}

fn removals(key: &str, at: &str, below: Option<&Json>, patch: &Json, problems: &mut Problems) {
    match patch {
        Json::Object(object) => {
            for (name, value) in object {
                let under = below.and_then(|below| below.get(name));
                removals(name, &format!("{at}/{}", escape(name)), under, value, problems);
            }
        }
        Json::Array(list) if is_placed(key) => {
            let known = below.and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
            for (index, item) in list.iter().enumerate() {
                let Some(own) = identity(item).filter(|_| item.is_object()) else { continue };
                let at = format!("{at}/{index}");
                let under = known.iter().find(|one| identity(one) == Some(own));
                if under.is_none() && item.get("remove") == Some(&Json::Bool(true)) {
                    let options: Vec<&str> = known.iter().filter_map(identity).collect();
                    let problem = Problem::new("not_an_option", at).with("value", own);
                    problems.push(problem.with("options", options.join(", ")));
                } else {
                    removals("", &at, under, item, problems);
                }
            }
        }
        _ => {}
    }
}

fn behind<'j>(at: &str, value: &Json, known: impl Iterator<Item = &'j str>, problems: &mut Problems) {
    let Some(after) = value.get(AFTER).and_then(Json::as_str).filter(|after| !after.is_empty()) else {
        return;
    };
    let mut options: Vec<&str> = known.collect();
    if options.contains(&after) {
        return;
    }
    options.sort_unstable();
    options.dedup();
    let problem = Problem::new("not_an_option", format!("{at}/{AFTER}")).with("value", after);
    problems.push(problem.with("options", options.join(", ")));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_stands_behind_nothing_is_told() {
        let below = json!({ "properties": { "a": {}, "b": {} }, "rules": [{ "name": "one" }] });
        let at = |patch: Json| -> Vec<String> {
            misplaced(&below, &patch).iter().map(|problem| problem.path.clone()).collect()
        };
        let nothing: [&str; 0] = [];
        assert_eq!(at(json!({ "properties": { "c": { "after": "a" }, "d": { "after": "c" } } })), nothing);
        assert_eq!(at(json!({ "properties": { "c": { "after": "" } } })), nothing);
        assert_eq!(at(json!({ "properties": { "c": { "after": "zz" } } })), ["/properties/c/after"]);
        assert_eq!(at(json!({ "rules": [{ "name": "two", "after": "one" }] })), nothing);
        assert_eq!(at(json!({ "rules": [{ "name": "two", "after": "zz" }] })), ["/rules/0/after"]);
    }

    #[test]
    fn what_takes_nothing_away_is_told() {
        let below = json!({ "columns": ["a", "b"], "rules": [{ "name": "one" }] });
        let at = |patch: Json| -> Vec<String> {
            vain_removals(&below, &patch).iter().map(|problem| problem.path.clone()).collect()
        };
        let nothing: [&str; 0] = [];
        assert_eq!(at(json!({ "columns": [{ "name": "a", "remove": true }] })), nothing);
        assert_eq!(at(json!({ "columns": [{ "name": "nope", "remove": true }] })), ["/columns/0"]);
        assert_eq!(at(json!({ "rules": [{ "name": "two" }] })), nothing);
        assert_eq!(at(json!({ "rules": [{ "name": "two", "remove": true }] })), ["/rules/0"]);
    }
}
