//! What a form makes of a definition: every control that was sent is put at its pointer.

use std::collections::BTreeMap;

use kontor_model::conventions::Conventions;
use kontor_model::layer::identity;
use kontor_model::{Json, Problem, Problems};
use serde_json::Map;

use super::names::Known;
use super::node::{Node, Sort, at_pointer};
use super::values::{self, UNFILLED};
use crate::extract::form::Form;
use crate::present::admin::conditions;

/// Stands in a list where a control was emptied, until the button has been heeded.
const EMPTIED: &str = "\u{0}emptied";
/// Between the pointer of a condition and the name of its input.
pub const INSIDE: char = ':';

/// What a form says.
pub struct Typed {
    /// The definition.
    pub whole: Json,
    /// What cannot be read, at its pointer.
    pub problems: Problems,
    /// The texts of those controls.
    pub texts: BTreeMap<String, String>,
}

/// Puts what was sent into the definition that the page was drawn of. What is sent as it was drawn stays as it is
/// written, whatever the control could make of it.
pub fn read(known: &Known<'_>, root: Node<'_>, sent: &Form) -> Typed {
    let drawn = known.whole;
    let mut typed = Typed { whole: drawn.clone(), problems: Problems::new(), texts: BTreeMap::new() };
    let mut pointers: Vec<&str> = Vec::new();
    let mut held: Vec<&str> = Vec::new();
    for (key, _) in sent.0.iter().filter(|(key, _)| key.starts_with('/')) {
        let (list, pointer) = match key.split_once(INSIDE) {
            Some((pointer, _)) => (&mut held, pointer),
            None => (&mut pointers, key.as_str()),
        };
        if !list.contains(&pointer) {
            list.push(pointer);
        }
    }
    // What a neighbour explains comes after the neighbour.
    let is_told =
        |pointer: &&str| at_pointer(root, drawn, pointer).is_some_and(|node| node.sort() == Sort::Scalar);
    let (later, first): (Vec<&str>, Vec<&str>) = pointers.iter().copied().partition(is_told);
    for pointer in first.into_iter().chain(later) {
        if let Some(node) = at_pointer(root, drawn, pointer)
            && !is_under_word(root, drawn, &typed.whole, pointer)
        {
            one(known, &node, pointer, sent, &mut typed);
        }
    }
    for pointer in held {
        let is_condition =
            at_pointer(root, drawn, pointer).is_some_and(|node| node.sort() == Sort::Condition);
        if is_condition && !is_under_word(root, drawn, &typed.whole, pointer) {
            let inner = inside(sent, pointer);
            let standing = drawn.pointer(pointer);
            match conditions::read_over(known.reading, known.subject(pointer), standing, &inner) {
                // It was added, and nothing was said of it yet.
                Ok(None) if standing.and_then(Json::as_str) == Some(UNFILLED) => {}
                Ok(condition) => put(&mut typed.whole, pointer, condition),
                Err(problem) => typed.problems.push(Problem { path: pointer.to_owned(), ..problem }),
            }
        }
    }
    tidy(&mut typed.whole, drawn, &pointers);
    typed
}

/// The inputs of a condition without its pointer.
pub fn inside(sent: &Form, pointer: &str) -> Form {
    let own = |key: &str| key.strip_prefix(pointer)?.strip_prefix(INSIDE).map(str::to_owned);
    Form(sent.0.iter().filter_map(|(key, value)| Some((own(key)?, value.clone()))).collect())
}

/// Whether a control stands in an object in whose place a word was chosen, or nothing.
fn is_under_word(root: Node<'_>, drawn: &Json, whole: &Json, pointer: &str) -> bool {
    let mut here = pointer;
    while let Some((above, _)) = here.rsplit_once('/') {
        here = above;
        let is_either =
            at_pointer(root, drawn, here).is_some_and(|node| matches!(node.sort(), Sort::Either(_)));
        if is_either && !whole.pointer(here).is_some_and(Json::is_object) {
            return true;
        }
    }
    false
}

fn one(known: &Known<'_>, node: &Node<'_>, pointer: &str, sent: &Form, typed: &mut Typed) {
    let conventions = known.reading.format.conventions;
    let sort = node.sort();
    let text = sent.get(pointer).unwrap_or_default();
    let before = known.whole.pointer(pointer);
    let above = pointer.rsplit_once('/').map_or("", |(above, _)| above);
    let told = values::told(typed.whole.pointer(above));
    let is_told_alike = sort != Sort::Scalar || told == values::told(known.whole.pointer(above));
    let value = match &sort {
        Sort::Ticks(words) => {
            let chosen: Vec<&str> =
                sent.all(pointer).filter(|one| words.iter().any(|word| word == one)).collect();
            Ok(in_order(before, &chosen, words))
        }
        Sort::Several => {
            let offered = known.options(pointer, &known.named(pointer, node), "").is_some();
            let only_texts = offered || node.is_of_texts();
            Ok(several(before, sent.all(pointer), only_texts, conventions))
        }
        // Its own controls say what stands there.
        Sort::Object | Sort::Map | Sort::List | Sort::Condition | Sort::Fixed => return,
        Sort::Short(_) => Ok(Some(text.trim()).filter(|text| !text.is_empty()).map(Json::from)),
        sort if is_told_alike && values::is_untouched(sort, before, text, conventions) => return,
        Sort::Either(_) if text.trim() == values::OBJECT => {
            let object = before.filter(|before| before.is_object()).cloned();
            Ok(Some(object.unwrap_or_else(|| Json::Object(Map::new()))))
        }
        sort => values::read(sort, text, told, conventions),
    };
    match value {
        Ok(None) if is_item(&typed.whole, pointer) => put(&mut typed.whole, pointer, Some(EMPTIED.into())),
        Ok(value) => put(&mut typed.whole, pointer, value),
        Err(problem) => {
            typed.texts.insert(pointer.to_owned(), text.to_owned());
            typed.problems.push(Problem { path: pointer.to_owned(), ..problem });
        }
    }
}

fn is_item(whole: &Json, pointer: &str) -> bool {
    let Some((above, key)) = pointer.rsplit_once('/') else { return false };
    key.parse::<usize>().is_ok() && whole.pointer(above).is_none_or(Json::is_array)
}

/// Ticked words: those that were there keep their order, others follow in that of the schema.
fn in_order(before: Option<&Json>, chosen: &[&str], words: &[String]) -> Option<Json> {
    if chosen.is_empty() && before.and_then(Json::as_array).is_some_and(Vec::is_empty) {
        return before.cloned();
    }
    let before: Vec<&str> =
        before.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect();
    let mut list: Vec<Json> =
        before.iter().filter(|one| chosen.contains(one)).map(|one| (*one).into()).collect();
    for word in words {
        if chosen.contains(&word.as_str()) && !before.contains(&word.as_str()) {
            list.push(word.as_str().into());
        }
    }
    if list.is_empty() { None } else { Some(Json::Array(list)) }
}

fn several<'a>(
    before: Option<&Json>,
    chosen: impl Iterator<Item = &'a str>,
    only_texts: bool,
    conventions: Conventions,
) -> Option<Json> {
    let known: &[Json] = match before {
        Some(Json::Array(list)) => list,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let chosen: Vec<&str> = chosen.collect();
    let drawn = known.iter().map(|one| values::one_of_several(one, only_texts, conventions));
    if before.is_some() && drawn.eq(chosen.iter().copied()) {
        return before.cloned();
    }
    let mut list: Vec<Json> = Vec::new();
    for value in chosen.iter().filter_map(|one| values::several_one(one, known, only_texts, conventions)) {
        if !list.contains(&value) {
            list.push(value);
        }
    }
    match (list.len(), before) {
        (0, _) => None,
        (1, Some(Json::Array(_))) => Some(Json::Array(list)),
        (1, _) => list.pop(),
        _ => Some(Json::Array(list)),
    }
}

/// The JSON pointer of a place whose steps into lists are what items are known by; as far as it leads.
pub fn pointer_of(whole: &Json, place: &str) -> String {
    let mut here = Some(whole);
    let mut pointer = String::new();
    for part in place.split('/').skip(1) {
        let key = part.replace("~1", "/").replace("~0", "~");
        let step = match here {
            Some(Json::Array(list)) => {
                match list.iter().position(|item| identity(item) == Some(key.as_str())) {
                    Some(at) => at.to_string(),
                    None => part.to_owned(),
                }
            }
            _ => part.to_owned(),
        };
        here = here.and_then(|here| match here {
            Json::Array(list) => list.get(step.parse::<usize>().ok()?),
            other => other.get(&key),
        });
        pointer.push('/');
        pointer.push_str(&step);
    }
    pointer
}

/// A key as a part of a pointer.
pub fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Puts a value at a pointer; what leads there is made. `None` takes it away.
pub fn put(whole: &mut Json, pointer: &str, value: Option<Json>) {
    let parts: Vec<String> =
        pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
    let Some((last, way)) = parts.split_last() else { return };
    let mut here = whole;
    for (depth, part) in way.iter().enumerate() {
        let next_is_index = parts.get(depth + 1).is_some_and(|next| next.parse::<usize>().is_ok());
        let made = || if next_is_index { Json::Array(Vec::new()) } else { Json::Object(Map::new()) };
        here = match here {
            Json::Array(list) => {
                let Ok(index) = part.parse::<usize>() else { return };
                if index == list.len() && value.is_some() {
                    list.push(made());
                }
                match list.get_mut(index) {
                    Some(item) => item,
                    None => return,
                }
            }
            Json::Object(object) => match (object.get(part), &value) {
                (Some(_), _) | (None, Some(_)) => object.entry(part.clone()).or_insert_with(made),
                (None, None) => return,
            },
            _ => return,
        };
        // The short form becomes the long one where another key is said.
        if let Json::String(text) = here {
            if value.is_none() && last != "field" {
                return;
            }
            let mut object = Map::new();
            object.insert("field".into(), text.clone().into());
            *here = Json::Object(object);
        }
    }
    match (here, value) {
        (Json::Object(object), Some(value)) => drop(object.insert(last.clone(), value)),
        (Json::Object(object), None) => drop(object.shift_remove(last)),
        (Json::Array(list), value) => {
            let Ok(index) = last.parse::<usize>() else { return };
            let count = list.len();
            match (list.get_mut(index), value) {
                (Some(item), Some(value)) => *item = value,
                (Some(_), None) => drop(list.remove(index)),
                (None, Some(value)) if index == count => list.push(value),
                (None, _) => {}
            }
        }
        _ => {}
    }
}

/// Groups that say nothing any more go, and what only names a field is written short, as it was.
fn tidy(whole: &mut Json, drawn: &Json, pointers: &[&str]) {
    for pointer in pointers {
        let mut here = *pointer;
        while let Some((above, _)) = here.rsplit_once('/') {
            here = above;
            if here.is_empty() {
                break;
            }
            let was = drawn.pointer(here);
            let Some(now) = whole.pointer_mut(here) else { continue };
            let only_field =
                now.as_object().filter(|object| object.len() == 1).and_then(|object| object.get("field"));
            if let (Some(field), Some(Json::String(_))) = (only_field, was) {
                *now = field.clone();
                continue;
            }
            let is_said = match now {
                Json::Object(object) => !object.is_empty(),
                Json::Array(list) => list.iter().any(|one| one.as_str() != Some(EMPTIED)),
                _ => true,
            };
            let was_empty = was.is_some_and(|was| {
                was.as_object().is_some_and(Map::is_empty) || was.as_array().is_some_and(Vec::is_empty)
            });
            if !is_said && !was_empty && !is_item(whole, here) {
                put(whole, here, None);
            }
        }
    }
}

/// Takes out what only another kind of step knows than the one that was chosen: there is no control for it any more.
pub fn without_strange(node: Node<'_>, whole: &mut Json) {
    let strange = node.strange(whole);
    if let Json::Object(object) = whole {
        object.retain(|key, _| !strange.contains(key));
    }
    let keys: Vec<String> = match &*whole {
        Json::Object(object) => object.keys().cloned().collect(),
        Json::Array(list) => (0..list.len()).map(|index| index.to_string()).collect(),
        _ => return,
    };
    for key in keys {
        let Some(inner) = node.step(&key, Some(whole)) else { continue };
        let value = match &mut *whole {
            Json::Array(list) => key.parse::<usize>().ok().and_then(|index| list.get_mut(index)),
            other => other.get_mut(&key),
        };
        if let Some(value) = value {
            without_strange(inner, value);
        }
    }
}

/// Takes out what was emptied.
pub fn without_emptied(whole: &mut Json) {
    match whole {
        Json::Array(list) => {
            list.retain(|one| one.as_str() != Some(EMPTIED));
            list.iter_mut().for_each(without_emptied);
        }
        Json::Object(object) => {
            object.retain(|_, one| one.as_str() != Some(EMPTIED));
            object.values_mut().for_each(without_emptied);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_is_put_where_it_belongs() {
        let mut whole = json!({ "columns": ["name", "town"] });
        put(&mut whole, "/columns/1/title", Some("Place".into()));
        put(&mut whole, "/columns/0/title", None);
        put(&mut whole, "/columns/2", Some("floors".into()));
        put(&mut whole, "/columns/9", Some("lost".into()));
        put(&mut whole, "/home/dashboard", Some("sales".into()));
        put(&mut whole, "/menu/0/items/0/entity", Some("deal".into()));
        put(&mut whole, "/chart/type", None);
        assert_eq!(
            whole,
            json!({ "columns": ["name", { "field": "town", "title": "Place" }, "floors"], "home": { "dashboard": "sales" },
                "menu": [{ "items": [{ "entity": "deal" }] }] })
        );
        put(&mut whole, "/home/dashboard", None);
        let drawn = json!({ "home": { "dashboard": "sales" } });
        tidy(&mut whole, &drawn, &["/home/dashboard"]);
        assert!(whole.get("home").is_none(), "{whole}");
    }

    #[test]
    fn a_place_of_layers_leads_to_its_control() {
        let whole = json!({ "tiles": [{ "name": "a" }, { "name": "b", "width": 3 }] });
        assert_eq!(pointer_of(&whole, "/tiles/b/width"), "/tiles/1/width");
        assert_eq!(pointer_of(&whole, "/tiles/gone/width"), "/tiles/gone/width");
        assert_eq!(pointer_of(&whole, ""), "");
    }

    #[test]
    fn what_is_emptied_goes() {
        let mut whole = json!({ "sort": ["-amount", EMPTIED, "name"], "a": { "b": [EMPTIED] } });
        without_emptied(&mut whole);
        assert_eq!(whole, json!({ "sort": ["-amount", "name"], "a": { "b": [] } }));
    }
}
