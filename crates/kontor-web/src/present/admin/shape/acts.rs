//! What the buttons of the form do to a definition: add, take away, move, open, and give back to the layer below.

use kontor_model::Json;
use kontor_model::layer::{Place, identity, value_at, with_value_at};
use serde_json::Map;

use super::node::{Node, Sort, at_pointer};
use super::read::{INSIDE, escape, put};
use super::values::UNFILLED;
use crate::extract::form::Form;

/// Before the pointer of a list: the name to be added.
pub const PICK: &str = "_pick:";

/// Adds the names that were picked and not added yet.
pub fn add_picked(root: Node<'_>, whole: &mut Json, sent: &Form, pressed: &str) -> Option<String> {
    let mut opened = None;
    for list in sent.below(PICK) {
        let picked = sent.text(&format!("{PICK}{list}")).to_owned();
        let Some(node) = at_pointer(root, whole, list).filter(|_| !picked.is_empty()) else { continue };
        match node.sort() {
            Sort::List => {
                let count = whole.pointer(list).and_then(Json::as_array).map_or(0, Vec::len);
                let known = whole.pointer(list).and_then(Json::as_array).into_iter().flatten();
                let is_there = known.filter_map(identity).any(|one| one == picked);
                if !is_there {
                    put(whole, &format!("{list}/{count}"), Some(picked.into()));
                }
            }
            Sort::Map => {
                let at = format!("{list}/{}", escape(&picked));
                let is_object = node.entry().is_some_and(|entry| matches!(entry.sort(), Sort::Object));
                if whole.pointer(&at).is_none() {
                    let empty = if is_object { Json::Object(Map::new()) } else { UNFILLED.into() };
                    put(whole, &at, Some(empty));
                }
                if pressed == list && is_object {
                    opened = Some(at);
                }
            }
            _ => {}
        }
    }
    opened
}

/// Does what a button asks for. What is open afterwards; `None` when no such button was pressed.
pub fn act(root: Node<'_>, whole: &mut Json, below: Option<&Json>, sent: &Form) -> Option<String> {
    let open = sent.text("_at").to_owned();
    if sent.has("_do") {
        return Some(open);
    }
    if let Some(list) = sent.get("_add") {
        if let Some(at) = add_picked(root, whole, sent, list) {
            return Some(at);
        }
        let item = at_pointer(root, whole, list).filter(|node| node.sort() == Sort::List)?.item()?;
        if matches!(item.sort(), Sort::Object) {
            let count = whole.pointer(list).and_then(Json::as_array).map_or(0, Vec::len);
            let at = format!("{list}/{count}");
            put(whole, &at, Some(Json::Object(Map::new())));
            return Some(at);
        }
        return Some(open);
    }
    if let Some(at) = sent.get("_remove") {
        put(whole, at, None);
        let above = at.rsplit_once('/').map_or("", |(above, _)| above);
        let is_empty = whole.pointer(above).is_some_and(|one| {
            one.as_array().is_some_and(Vec::is_empty) || one.as_object().is_some_and(Map::is_empty)
        });
        if is_empty && !above.is_empty() {
            put(whole, above, None);
        }
        return Some(if open.starts_with(at) { outside(at) } else { open });
    }
    for (button, by) in [("_up", -1_isize), ("_down", 1)] {
        if let Some(at) = sent.get(button) {
            return Some(moved(whole, at, by, open));
        }
    }
    if let Some(at) = sent.get("_open") {
        return Some(if open == at { outside(at) } else { at.to_owned() });
    }
    if let Some(at) = sent.get("_reset") {
        let was = below.and_then(|below| Some(value_at(below, &Place::of_pointer(whole, at)?)?.clone()));
        put(whole, at, was);
        return Some(open);
    }
    if let Some((list, known)) = sent.get("_back").and_then(|text| text.split_once(INSIDE)) {
        let item = below
            .and_then(|below| value_at(below, &Place::of_pointer(whole, list)?))
            .and_then(Json::as_array)
            .and_then(|items| items.iter().find(|item| identity(item) == Some(known)).cloned());
        let place = Place::of_pointer(whole, list);
        if let (Some(item), Some(place)) = (item, place) {
            let mut items = whole.pointer(list).and_then(Json::as_array).cloned().unwrap_or_default();
            items.push(item);
            if let Some(changed) = with_value_at(whole, &place, Some(Json::Array(items))) {
                *whole = changed;
            }
        }
        return Some(open);
    }
    None
}

/// The item around a pointer; empty when none is.
fn outside(at: &str) -> String {
    let mut here = at;
    while let Some((above, _)) = here.rsplit_once('/') {
        here = above;
        let key = here.rsplit('/').next().unwrap_or_default();
        if key.parse::<usize>().is_ok() {
            return here.to_owned();
        }
    }
    String::new()
}

fn moved(whole: &mut Json, at: &str, by: isize, open: String) -> String {
    let Some((list, index)) = at.rsplit_once('/') else { return open };
    let Ok(index) = index.parse::<usize>() else { return open };
    let Some(items) = whole.pointer_mut(list).and_then(Json::as_array_mut) else { return open };
    let Some(other) = index.checked_add_signed(by).filter(|other| *other < items.len()) else { return open };
    if index >= items.len() {
        return open;
    }
    items.swap(index, other);
    let place = |number: usize| format!("{list}/{number}");
    // What is open stays open where it went.
    for (from, to) in [(index, other), (other, index)] {
        if let Some(rest) =
            open.strip_prefix(&place(from)).filter(|rest| rest.is_empty() || rest.starts_with('/'))
        {
            return format!("{}{rest}", place(to));
        }
    }
    open
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use kontor_model::definition::DefinitionKind;
    use serde_json::json;

    fn form(pairs: &[(&str, &str)]) -> Form {
        Form(pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn buttons_move_add_and_take_away() {
        let root = Node::of_kind(DefinitionKind::Dashboard).unwrap();
        let mut whole = json!({ "tiles": [{ "name": "a" }, { "name": "b" }] });
        let open = act(root, &mut whole, None, &form(&[("_up", "/tiles/1"), ("_at", "/tiles/1")])).unwrap();
        assert_eq!((open.as_str(), whole.pointer("/tiles/0/name")), ("/tiles/0", Some(&json!("b"))));
        assert_eq!(act(root, &mut whole, None, &form(&[("_add", "/tiles")])).unwrap(), "/tiles/2");
        assert_eq!(whole.pointer("/tiles/2"), Some(&json!({})));
        act(root, &mut whole, None, &form(&[("_remove", "/tiles/0")])).unwrap();
        assert_eq!(whole.pointer("/tiles/0/name"), Some(&json!("a")));
        // What is not there is nowhere moved to.
        act(root, &mut whole, None, &form(&[("_down", "/tiles/7")])).unwrap();
        act(root, &mut whole, None, &form(&[("_up", "/tiles/0")])).unwrap();
        assert_eq!(whole, json!({ "tiles": [{ "name": "a" }, {}] }));
        assert!(act(root, &mut whole, None, &form(&[("_save", "1")])).is_none());
        let below = json!({ "tiles": [{ "name": "a", "width": 6 }, { "name": "b" }] });
        act(root, &mut whole, Some(&below), &form(&[("_back", "/tiles:b")])).unwrap();
        assert_eq!(whole.pointer("/tiles/2"), Some(&json!({ "name": "b" })));
    }

    #[test]
    fn what_is_around_an_item_opens_when_it_is_closed() {
        assert_eq!(outside("/menu/0/items/3"), "/menu/0");
        assert_eq!(outside("/menu/0"), "");
    }
}
