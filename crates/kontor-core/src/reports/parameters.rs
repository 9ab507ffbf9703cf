//! What a report asks before it runs: `{ "parameter": "name" }` in its filters is replaced by what was given.

use std::collections::HashMap;

use kontor_model::definition::report::ReportDefinition;
use kontor_model::{Json, Problem, Problems};
use serde_json::json;

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

/// What was sent under names that the report does not ask for. `general` are names that every report knows.
pub fn unknown<'n>(
    report: &ReportDefinition,
    general: &[&str],
    names: impl IntoIterator<Item = &'n str>,
) -> Problems {
    let mut problems = Problems::new();
    let own = report.parameters.iter().map(|parameter| parameter.name.as_str());
    let known: Vec<&str> = own.chain(general.iter().copied()).collect();
    for name in names.into_iter().filter(|name| !known.contains(name)) {
        let at = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        problems
            .push(Problem::new("unknown_parameter", at).with("name", name).with("options", known.join(", ")));
    }
    problems
}

/// Where in a filled filter which parameter stands.
#[derive(Clone, Debug, Default)]
pub struct Places(Vec<(String, String)>, String);

impl Places {
    /// The filter has moved into another one, to the place `at`.
    pub fn move_to(&mut self, at: &str) {
        for (place, _) in &mut self.0 {
            place.insert_str(0, at);
        }
        self.1 += at;
    }

    /// Problems in the value of a parameter, with the parameter as their place; the others stay below `/where`.
    pub fn named(&self, problems: Problems) -> Problems {
        let mut named = Problems::new();
        for mut problem in problems.0 {
            let place = self.0.iter().find(|(at, _)| {
                problem.path == *at
                    || problem.path.strip_prefix(at.as_str()).is_some_and(|rest| rest.starts_with('/'))
            });
            problem.path = if let Some((_, name)) = place {
                format!("/{name}")
            } else {
                let own = problem.path.strip_prefix(&self.1).unwrap_or(&problem.path);
                format!("/where{own}")
            };
            named.push(problem);
        }
        named
    }
}

/// The filter of a report with its parameters replaced, everything when it has none, and where they stand in it.
pub fn filled(report: &ReportDefinition, values: &HashMap<String, Json>) -> (Json, Places) {
    let mut places = Places::default();
    let filter = report.filter.as_ref().and_then(|filter| fill(filter, values, "", &mut places));
    (filter.unwrap_or_else(|| json!({ "all": [] })), places)
}

/// The filter with parameters replaced. A condition whose parameter has no value is left out.
fn fill(filter: &Json, values: &HashMap<String, Json>, at: &str, places: &mut Places) -> Option<Json> {
    match filter {
        Json::Object(object) => {
            if let Some(name) = object.get("parameter").and_then(Json::as_str) {
                places.0.push((at.to_owned(), name.to_owned()));
                return values.get(name).cloned();
            }
            let mut filled = serde_json::Map::new();
            for (key, value) in object {
                filled.insert(key.clone(), fill(value, values, &format!("{at}/{key}"), places)?);
            }
            Some(Json::Object(filled))
        }
        Json::Array(list) => {
            let mut filled = Vec::new();
            for item in list {
                // What was left out before moves the places of what follows.
                let here = format!("{at}/{}", filled.len());
                let known = places.0.len();
                match fill(item, values, &here, places) {
                    Some(item) => filled.push(item),
                    None => places.0.truncate(known),
                }
            }
            Some(Json::Array(filled))
        }
        other => Some(other.clone()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn what_is_wrong_with_an_answer_is_told_at_the_parameter() {
        let filter = json!({ "all": [{ "field": "a", "eq": { "parameter": "one" } },
                                     { "field": "b", "gte": { "parameter": "two" } }] });
        let report = ReportDefinition { filter: Some(filter), ..ReportDefinition::default() };
        let values = HashMap::from([("two".to_owned(), json!("xx"))]);
        let (filled, places) = filled(&report, &values);
        assert_eq!(filled, json!({ "all": [{ "field": "b", "gte": "xx" }] }));
        let wrong = |at: &str| Problems::from(Problem::new("not_a_date", at));
        assert_eq!(places.named(wrong("/all/0/gte")).0.first().unwrap().path, "/two");
        assert_eq!(places.named(wrong("/all/0/field")).0.first().unwrap().path, "/where/all/0/field");
    }

    #[test]
    fn what_is_not_asked_for_is_told() {
        let report = ReportDefinition::default();
        assert_eq!(unknown(&report, &["format"], ["format", "fromm"]).0.first().unwrap().path, "/fromm");
    }
}
