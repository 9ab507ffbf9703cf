//! Fields that a new version of a pack calls otherwise: their key says that they are the same.

use kontor_model::Json;
use serde_json::Map;

/// A field that was renamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renamed {
    from: String,
    to: String,
    key: String,
}

/// The fields of an entity whose names differ and whose keys do not.
pub fn between(before: Option<&Json>, after: Option<&Json>) -> Vec<Renamed> {
    let fields =
        |json: Option<&Json>| json.and_then(|json| json.get("properties")).and_then(Json::as_object).cloned();
    let (Some(before), Some(after)) = (fields(before), fields(after)) else { return Vec::new() };
    let key_of =
        |name: &str, field: &Json| field.get("key").and_then(Json::as_str).unwrap_or(name).to_owned();
    after
        .iter()
        .filter(|(name, _)| !before.contains_key(*name))
        .filter_map(|(to, field)| {
            let key = key_of(to, field);
            let (from, _) =
                before.iter().find(|(from, old)| key_of(from, old) == key && !after.contains_key(*from))?;
            Some(Renamed { from: from.clone(), to: to.clone(), key })
        })
        .collect()
}

/// The same entity with the new names.
pub fn follow(entity: &Json, renamed: &[Renamed]) -> Json {
    let mut entity = entity.clone();
    for one in renamed {
        rename(&mut entity, one);
    }
    entity
}

fn rename(entity: &mut Json, one: &Renamed) {
    let Some(properties) = entity.get_mut("properties").and_then(Json::as_object_mut) else { return };
    if properties.contains_key(&one.to) {
        return;
    }
    let mut fields = Map::new();
    for (name, mut field) in std::mem::take(properties) {
        if name != one.from {
            fields.insert(name, field);
            continue;
        }
        if let Some(field) = field.as_object_mut().filter(|_| one.key != one.to) {
            field.insert("key".into(), one.key.clone().into());
        }
        fields.insert(one.to.clone(), field);
    }
    *properties = fields;
    let is_it = |json: &Json| json.as_str() == Some(one.from.as_str());
    if entity.get("display").is_some_and(is_it)
        && let Some(display) = entity.get_mut("display")
    {
        *display = one.to.clone().into();
    }
    for list in ["required", "search", "unique", "indexes"] {
        let Some(list) = entity.get_mut(list).and_then(Json::as_array_mut) else { continue };
        for item in list.iter_mut() {
            match item {
                Json::Array(names) => {
                    names
                        .iter_mut()
                        .filter(|name| is_it(name))
                        .for_each(|name| *name = one.to.clone().into());
                }
                item if is_it(item) => *item = one.to.clone().into(),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_renamed_field_is_the_same_field() {
        let before =
            json!({ "properties": { "a": { "kind": "text" }, "b": { "kind": "text" } }, "required": ["a"] });
        let after = json!({ "properties": { "z": { "kind": "text", "key": "a" }, "b": { "kind": "text" } } });
        let renamed = between(Some(&before), Some(&after));
        assert_eq!(renamed, [Renamed { from: "a".into(), to: "z".into(), key: "a".into() }]);
        let ours = json!({ "properties": { "a": { "kind": "text", "title": "Mine" } }, "required": ["a"], "unique": [["a", "b"]] });
        assert_eq!(
            follow(&ours, &renamed),
            json!({ "properties": { "z": { "kind": "text", "title": "Mine", "key": "a" } }, "required": ["z"], "unique": [["z", "b"]] })
        );
        assert!(between(Some(&before), Some(&before)).is_empty());
    }
}
