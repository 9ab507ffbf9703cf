//! What a report asks before it runs: `{ "parameter": "name" }` in its filters is replaced by what was given.

use std::collections::HashMap;

use kontor_model::Json;
use kontor_model::definition::report::ReportDefinition;

/// The value of each parameter: what was given, or its default.
#[expect(clippy::implicit_hasher, reason = "nobody brings another hasher")]
pub fn given(report: &ReportDefinition, sent: &HashMap<String, String>) -> HashMap<String, Json> {
    report
        .parameters
        .iter()
        .filter_map(|parameter| {
            let sent = sent
                .get(&parameter.name)
                .filter(|text| !text.is_empty())
                .map(|text| Json::String(text.clone()));
            Some((parameter.name.clone(), sent.or_else(|| parameter.default.clone())?))
        })
        .collect()
}

/// The filter with parameters replaced. A condition whose parameter has no value is left out.
pub fn fill(filter: &Json, values: &HashMap<String, Json>) -> Option<Json> {
    match filter {
        Json::Object(object) => {
            if let Some(name) = object.get("parameter").and_then(Json::as_str) {
                return values.get(name).cloned();
            }
            let mut filled = serde_json::Map::new();
            for (key, value) in object {
                filled.insert(key.clone(), fill(value, values)?);
            }
            Some(Json::Object(filled))
        }
        Json::Array(list) => Some(Json::Array(list.iter().filter_map(|item| fill(item, values)).collect())),
        other => Some(other.clone()),
    }
}
