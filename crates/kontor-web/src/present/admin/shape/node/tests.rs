//! Shapes: places with what may stand there, variants, and what is required.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
use super::*;
use serde_json::json;

fn node(kind: DefinitionKind, whole: &Json, pointer: &str) -> Node<'static> {
    at_pointer(Node::of_kind(kind).unwrap(), whole, pointer).unwrap_or_else(|| panic!("{pointer}"))
}

#[test]
fn places_are_found_with_what_may_stand_there() {
    let tiles = json!({ "tiles": [{ "report": "a" }, {}] });
    let sort = |pointer: &str| node(DefinitionKind::Dashboard, &tiles, pointer).sort();
    assert_eq!(sort("/tiles"), Sort::List);
    assert_eq!(sort("/tiles/0"), Sort::Object);
    assert_eq!(sort("/tiles/0/width"), Sort::Number(true));
    assert!(matches!(sort("/tiles/0/show"), Sort::Choice(words) if words.contains(&"chart".to_owned())));
    assert_eq!(sort("/tiles/1/text"), Sort::Text(true));
    let root = Node::of_kind(DefinitionKind::Dashboard).unwrap();
    // A tile that shows a report takes no view.
    assert!(at_pointer(root, &tiles, "/tiles/0/view").is_none());
    assert!(is_required(root, &tiles, "/title") && is_required(root, &tiles, "/filters/0/kind"));
    assert!(!is_required(root, &tiles, "/description") && !is_required(root, &tiles, "/tiles/0/width"));

    let view = json!({ "type": "list", "columns": ["name", { "field": "town" }] });
    assert_eq!(node(DefinitionKind::View, &view, "/columns/0").sort(), Sort::Short("field"));
    assert_eq!(node(DefinitionKind::View, &view, "/where").sort(), Sort::Condition);
    assert_eq!(node(DefinitionKind::View, &view, "/totals").sort(), Sort::Map);
    assert!(is_required(Node::of_kind(DefinitionKind::View).unwrap(), &view, "/columns"));
    let role = json!({});
    assert!(matches!(node(DefinitionKind::Role, &role, "/admin").sort(), Sort::Ticks(_)));
    assert_eq!(node(DefinitionKind::Setting, &role, "/default").sort(), Sort::Scalar);
}

#[test]
fn a_variant_is_chosen_by_what_stands_there() {
    let flow = json!({ "steps": [{ "do": "switch", "cases": [{ "then": [{ "do": "set" }] }] }, {}] });
    let keys = |pointer: &str| -> Vec<&str> {
        let node = node(DefinitionKind::Workflow, &flow, pointer);
        node.members(flow.pointer(pointer)).into_iter().map(|(key, _)| key).collect()
    };
    assert!(keys("/steps/0").contains(&"cases") && !keys("/steps/0").contains(&"values"));
    assert_eq!(keys("/steps/1"), ["do"]);
    assert!(keys("/steps/0/cases/0/then/0").contains(&"values"));
    assert_eq!(node(DefinitionKind::Workflow, &flow, "/steps/0/cases/0/is").sort(), Sort::Several);
    // What the kind of step that was there before knew, and this one does not.
    let steps = node(DefinitionKind::Workflow, &flow, "/steps/0");
    let changed =
        json!({ "do": "stop", "text": "a", "name": "b", "title": "c", "nonsense": 1, "values": {} });
    assert_eq!(steps.strange(&changed), ["text", "values"]);
    assert!(steps.strange(&json!({ "do": "log", "text": "a" })).is_empty());
}

#[test]
fn what_only_layers_say_is_told_apart_from_times() {
    let process = json!({ "stages": [{ "auto": [{}], "checklist": [{}] }] });
    let keys = |pointer: &str| -> Vec<&str> {
        let node = node(DefinitionKind::Process, &process, pointer);
        node.members(process.pointer(pointer)).into_iter().map(|(key, _)| key).collect()
    };
    assert_eq!(keys("/stages/0/auto/0"), ["name", "to", "after"]);
    assert_eq!(keys("/stages/0/checklist/0"), ["name", "title", "required"]);
    // The form and the layers agree on it in every list of every kind.
    let mut lists = 0;
    for kind in DefinitionKind::ALL {
        let Some(schema) = meta_schema(kind) else { continue };
        let mut open = vec![schema];
        while let Some(one) = open.pop() {
            for (key, own) in one.get("properties").and_then(Json::as_object).into_iter().flatten() {
                let place = Node::root(schema).at(own);
                let after = place
                    .item()
                    .and_then(|item| item.target.pointer("/properties/after").map(|after| item.at(after)));
                if let Some(after) = after {
                    lists += 1;
                    let is_placed = kontor_model::layer::is_placed(key);
                    assert_eq!(after.is_of_layers("after"), is_placed, "{kind} {key}");
                }
            }
            match one {
                Json::Object(object) => open.extend(object.values()),
                Json::Array(list) => open.extend(list),
                _ => {}
            }
        }
    }
    assert!(lists > 20, "{lists}");
}

#[test]
fn a_right_is_a_word_or_a_condition() {
    let role = json!({ "entities": { "deal": { "read": { "where": {} }, "fields": { "amount": "read" } } } });
    let sort = |pointer: &str| node(DefinitionKind::Role, &role, pointer).sort();
    assert!(matches!(sort("/entities/deal/read"), Sort::Either(words) if words.contains(&"own".to_owned())));
    assert_eq!(sort("/entities/deal/read/where"), Sort::Condition);
    assert!(matches!(sort("/entities/deal/fields/amount"), Sort::Either(_)));
    assert!(matches!(sort("/entities/deal/fields/amount/reveal"), Sort::Choice(_)));
    let root = Node::of_kind(DefinitionKind::Role).unwrap();
    assert!(is_required(root, &role, "/entities/deal/read/where"));
}
