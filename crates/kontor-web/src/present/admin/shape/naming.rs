//! Names for new items of lists: people type labels.

use kontor_model::layer::identity;
use kontor_model::{Json, name};

use super::node::{Node, Sort};

/// Gives names to new items that have none: from what they are called, or what they show.
pub fn name_items(node: Node<'_>, whole: &mut Json, base: Option<&Json>) {
    match node.sort() {
        Sort::Object => {
            let Json::Object(_) = whole else { return };
            for (key, member) in node.members(Some(&whole.clone())) {
                if let Some(value) = whole.get_mut(key) {
                    name_items(member, value, base.and_then(|base| base.get(key)));
                }
            }
        }
        Sort::Map => {
            let Some(entry) = node.entry() else { return };
            for (key, value) in whole.as_object_mut().into_iter().flatten() {
                name_items(entry, value, base.and_then(|base| base.get(key)));
            }
        }
        Sort::List => {
            let (Some(item), Some(items)) = (node.item(), whole.as_array_mut()) else { return };
            for index in 0..items.len() {
                name_item(item, items, index, base);
            }
            for (index, value) in items.iter_mut().enumerate() {
                let was = base.and_then(|base| {
                    let known = identity(value);
                    let list = base.as_array()?;
                    list.iter()
                        .find(|one| known.is_some() && identity(one) == known)
                        .or_else(|| list.get(index))
                });
                name_items(item, value, was);
            }
        }
        _ => {}
    }
}

fn name_item(node: Node<'_>, items: &mut [Json], index: usize, base: Option<&Json>) {
    let Some(item) = items.get(index).filter(|item| item.is_object()).cloned() else { return };
    let members = node.members(Some(&item));
    let Some(key) = ["name", "const"].into_iter().find(|key| members.iter().any(|(known, _)| known == key))
    else {
        return;
    };
    let is_named = |item: &Json| item.get(key).and_then(Json::as_str).is_some_and(|text| !text.is_empty());
    // A list whose items have no names is left as it is.
    let before = base.and_then(Json::as_array);
    if is_named(&item) || before.is_some_and(|list| list.iter().any(|one| one.is_object() && !is_named(one)))
    {
        return;
    }
    let said = ["title", "label"].into_iter().find_map(|key| item.get(key).and_then(Json::as_str));
    let shown = || {
        let mut texts = item
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(key, _)| !matches!(key.as_str(), "icon" | "kind"));
        texts.find_map(|(_, one)| one.as_str())
    };
    let Some(label) = said.or_else(shown) else { return };
    let taken: Vec<String> =
        items.iter().filter_map(|one| one.get(key)?.as_str().map(str::to_owned)).collect();
    let derived = name::derive(label, |name| taken.iter().any(|one| one == name));
    if let Some(Json::Object(object)) = items.get_mut(index) {
        object.shift_remove(key);
        object.shift_insert(0, key.to_owned(), derived.into());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use kontor_model::definition::DefinitionKind;
    use serde_json::json;

    #[test]
    fn new_items_get_names_and_others_keep_theirs() {
        let root = Node::of_kind(DefinitionKind::Dashboard).unwrap();
        let base = json!({ "tiles": [{ "name": "won", "report": "won" }] });
        let mut whole = json!({ "tiles": [{ "name": "won", "report": "won" }, { "report": "won" }, { "title": "Open deals", "view": "x" }] });
        name_items(root, &mut whole, Some(&base));
        let names: Vec<_> = (0..3)
            .map(|n| whole.pointer(&format!("/tiles/{n}/name")).unwrap().as_str().unwrap().to_owned())
            .collect();
        assert_eq!(names, ["won", "won_2", "open_deals"]);
        // Steps without names stay without.
        let base = json!({ "steps": [{ "do": "stop" }] });
        let mut flow = json!({ "steps": [{ "do": "stop" }, { "do": "log", "text": "x" }] });
        name_items(Node::of_kind(DefinitionKind::Workflow).unwrap(), &mut flow, Some(&base));
        assert!(flow.pointer("/steps/1/name").is_none());
    }
}
