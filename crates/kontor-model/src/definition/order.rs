//! Whether two definitions are the same to the letter: the order of their keys counts, for fields, options and columns keep it.

use serde_json::Value as Json;

use super::DefinitionSet;

/// Whether two definitions say the same in the same order.
#[must_use]
pub fn is_same(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Object(one), Json::Object(other)) => {
            let pairs = one.iter().zip(other);
            one.len() == other.len() && pairs.into_iter().all(|((a, x), (b, y))| a == b && is_same(x, y))
        }
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(x, y)| is_same(x, y))
        }
        _ => one == other,
    }
}

/// Whether two sets hold the same definitions, each in the same order.
#[must_use]
pub fn are_same(one: &DefinitionSet, other: &DefinitionSet) -> bool {
    one.len() == other.len()
        && one.iter().all(|(key, body)| other.get(key).is_some_and(|known| is_same(body, known)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::is_same;

    #[test]
    fn order_counts_in_objects_at_any_depth() {
        let one = json!({ "properties": { "a": { "kind": "text" }, "b": [1, { "x": 1, "y": 2 }] } });
        assert!(is_same(&one, &one.clone()));
        let turned = json!({ "properties": { "b": [1, { "x": 1, "y": 2 }], "a": { "kind": "text" } } });
        assert_eq!(one, turned);
        assert!(!is_same(&one, &turned));
        let deeper = json!({ "properties": { "a": { "kind": "text" }, "b": [1, { "y": 2, "x": 1 }] } });
        assert!(!is_same(&one, &deeper));
    }
}
