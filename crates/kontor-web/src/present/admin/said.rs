//! Conditions and values of definitions as people say them: "Stage is Won and Amount more than 1,000".
//!
//! It reads the JSON as written, not the compiled filter: in a draft the field may be a minute old.

use kontor_model::Json;
use kontor_model::definition::DefinitionKind;

use crate::present::Reading;
use crate::routes::admin::draft::{Draft, text};

/// Deepest nesting that is put into words; what lies below shows as "…".
const DEEPEST: usize = 4;

/// Says conditions in a reader's words, with the definitions of a draft.
pub struct Said<'a> {
    reading: &'a Reading<'a>,
    draft: &'a Draft<'a>,
    workflow: Option<&'a Json>,
}

impl<'a> Said<'a> {
    /// In these words.
    pub fn new(reading: &'a Reading<'a>, draft: &'a Draft<'a>) -> Self {
        Self { reading, draft, workflow: None }
    }

    /// The same for conditions of a workflow, which may read what people answered to its questions.
    #[must_use]
    pub fn in_workflow(self, workflow: &'a Json) -> Self {
        Self { workflow: Some(workflow), ..self }
    }

    /// A condition on records of an entity.
    pub fn condition(&self, entity: &str, filter: &Json) -> String {
        self.inside(entity, filter, 0)
    }

    fn inside(&self, entity: &str, filter: &Json, depth: usize) -> String {
        if depth > DEEPEST {
            return "…".to_owned();
        }
        let joined = |list: &Json, key: &str| -> String {
            let parts: Vec<String> = list
                .as_array()
                .into_iter()
                .flatten()
                .map(|one| {
                    let said = self.inside(entity, one, depth + 1);
                    let is_group = ["all", "any"]
                        .iter()
                        .any(|key| one.get(*key).and_then(Json::as_array).is_some_and(|list| list.len() > 1));
                    if is_group { format!("({said})") } else { said }
                })
                .collect();
            parts.join(&self.reading.t(key))
        };
        if let Some(list) = filter.get("all") {
            return joined(list, "said.and");
        }
        if let Some(list) = filter.get("any") {
            return joined(list, "said.or");
        }
        if let Some(inner) = filter.get("not") {
            let said = self.inside(entity, inner, depth + 1);
            return self.reading.words().with("said.not", &[("condition", &said)]);
        }
        for has in ["has", "has_no"] {
            if let Some(list) = filter.get(has).and_then(Json::as_str) {
                return format!("{} {list}", self.reading.t(&format!("operator.{has}")));
            }
        }
        self.leaf(entity, filter)
    }

    fn leaf(&self, entity: &str, filter: &Json) -> String {
        let path = text(filter, "field");
        let (mut label, holder, field) = self.path(entity, path);
        let answer = self.answer(path);
        if let Some((_, title)) = &answer {
            label.clone_from(title);
        }
        let Some((operator, operand)) = filter
            .as_object()
            .into_iter()
            .flatten()
            .find(|(key, _)| !matches!(key.as_str(), "field" | "name" | "title"))
        else {
            return label;
        };
        let (word, shows) = match (operator.as_str(), operand.as_bool()) {
            ("empty", Some(false)) => ("not_empty", false),
            ("empty", _) => ("empty", false),
            (other, _) => (other, true),
        };
        let key = format!("operator.{word}");
        let word = if self.reading.words().has(&key) { self.reading.t(&key) } else { word.to_owned() };
        if !shows {
            return format!("{label} {word}");
        }
        if operator == "within" {
            // "Close date in the past": the period says how by itself.
            return format!("{label} {}", self.value(&holder, &field, operand));
        }
        let option = answer.and_then(|(input, _)| option_of(input, operand));
        let operand = option.unwrap_or_else(|| self.value(&holder, &field, operand));
        format!("{label} {word} {operand}")
    }

    /// The question whose answer a path reads, `answer.mood`, with its label.
    fn answer(&self, path: &str) -> Option<(&'a Json, String)> {
        let (name, asked) = path.split_once('.')?;
        let workflow = self.workflow?;
        let step = asking(workflow.get("steps")?, name)?;
        let input = step.get("inputs")?.get(asked)?;
        let at = format!("steps.{}.inputs.{asked}.title", text(step, "name"));
        let own = Some(text(input, "title")).filter(|title| !title.is_empty()).unwrap_or(asked);
        let title = self.reading.label(DefinitionKind::Workflow, text(workflow, "name"), &at, own);
        Some((input, title))
    }

    /// The labels of a path, links joined; the name of what is no field.
    pub fn path_label(&self, entity: &str, path: &str) -> String {
        self.path(entity, path).0
    }

    /// The labels of a path, the entity that holds its last field, and that field's name.
    fn path(&self, entity: &str, path: &str) -> (String, String, String) {
        let mut holder = entity.to_owned();
        let mut labels = Vec::new();
        let mut last = String::new();
        for part in path.split('.') {
            labels.push(self.field(&holder, part));
            part.clone_into(&mut last);
            let to = self
                .draft
                .definition(DefinitionKind::Entity, &holder)
                .and_then(|json| json.get("properties")?.get(part)?.get("to")?.as_str());
            if labels.len() < path.split('.').count() {
                holder = match (to, part) {
                    (Some(to), _) => to.to_owned(),
                    (None, "owner" | "created_by" | "updated_by") => "user".to_owned(),
                    (None, "team") => "team".to_owned(),
                    _ => holder,
                };
            }
        }
        (labels.join(" › "), holder, last)
    }

    /// The label of a field of an entity as the draft has it; its name when there is none.
    pub fn field(&self, entity: &str, name: &str) -> String {
        let json = self.draft.definition(DefinitionKind::Entity, entity);
        if let Some(field) = json.and_then(|json| json.get("properties")?.get(name)) {
            let path = format!("properties.{name}.title");
            return self.reading.label(DefinitionKind::Entity, entity, &path, text(field, "title"));
        }
        let system = format!("system.{name}");
        if self.reading.words().has(&system) {
            return self.reading.t(&system);
        }
        // What the draft takes out is still called what it was.
        let published = self.reading.session.model.entity(entity).and_then(|entity| entity.field(name));
        published.map_or_else(|| name.to_owned(), |field| field.label(&self.reading.labels).to_owned())
    }

    /// A value as a condition or a default writes it.
    pub fn value(&self, entity: &str, field: &str, json: &Json) -> String {
        match json {
            Json::Null => self.reading.t("value.empty"),
            Json::Bool(is) => self.reading.t(if *is { "value.yes" } else { "value.no" }),
            Json::Number(number) => number.to_string(),
            Json::Array(list) => {
                let parts: Vec<String> = list.iter().map(|one| self.value(entity, field, one)).collect();
                parts.join(", ")
            }
            Json::Object(object) => self.dynamic(entity, object),
            Json::String(own) => self.word(entity, field, own),
        }
    }

    /// `{ "now": "+3d" }`, `{ "user": "team" }`, `{ "field": "…" }`.
    fn dynamic(&self, entity: &str, object: &serde_json::Map<String, Json>) -> String {
        let Some((key, value)) = object.iter().next() else { return String::new() };
        if let Some(path) = value.as_str().filter(|_| key == "field") {
            return self.path(entity, path).0;
        }
        let own = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let word = format!("said.{key}");
        if !self.reading.words().has(&word) {
            return own;
        }
        self.reading.words().with(&word, &[("value", &own)]).trim().to_owned()
    }

    fn word(&self, entity: &str, field: &str, own: &str) -> String {
        for group in ["period", "is"] {
            let key = format!("{group}.{own}");
            if self.reading.words().has(&key) {
                return self.reading.t(&key);
            }
        }
        let option = self
            .draft
            .definition(DefinitionKind::Entity, entity)
            .and_then(|json| json.get("properties")?.get(field)?.get("oneOf")?.as_array())
            .into_iter()
            .flatten()
            .find(|option| text(option, "const") == own);
        match option {
            Some(option) => self.reading.label(
                DefinitionKind::Entity,
                entity,
                &format!("properties.{field}.oneOf.{own}.title"),
                text(option, "title"),
            ),
            None => own.to_owned(),
        }
    }
}

/// The step, among others and below them, that keeps answers under a name.
fn asking<'j>(steps: &'j Json, name: &str) -> Option<&'j Json> {
    match steps {
        Json::Array(list) => list.iter().find_map(|one| asking(one, name)),
        Json::Object(_) if text(steps, "do") == "ask" && text(steps, "as") == name => Some(steps),
        Json::Object(step) => step.values().find_map(|one| asking(one, name)),
        _ => None,
    }
}

/// The title of a question's option.
fn option_of(input: &Json, value: &Json) -> Option<String> {
    let options = input.get("oneOf")?.as_array()?;
    let option = options.iter().find(|option| option.get("const") == Some(value))?;
    Some(text(option, "title").to_owned()).filter(|title| !title.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_question_is_found_below_other_steps() {
        let input = json!({ "title": "Mood", "oneOf": [{ "const": "good", "title": "Fine" }] });
        let ask = json!({ "do": "ask", "as": "answer", "inputs": { "mood": input.clone() } });
        let steps = json!([{ "do": "branch", "then": [ask.clone()], "else": [] }]);
        assert_eq!(asking(&steps, "answer"), Some(&ask));
        assert_eq!(asking(&steps, "other"), None);
        assert_eq!(option_of(&input, &json!("good")).as_deref(), Some("Fine"));
        assert_eq!(option_of(&input, &json!("bad")), None);
    }
}
