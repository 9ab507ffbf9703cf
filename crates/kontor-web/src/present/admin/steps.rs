//! A step of a workflow as inputs. Which keys a kind of step has, the meta-schema says.

use kontor_model::check::meta_schema;
use kontor_model::definition::DefinitionKind;
use kontor_model::{EntityModel, Json, Model};
use kontor_view::field::{FieldView, OptionView};

use super::step_texts::text_of;
use super::step_typed::{case_text, typed_lines, typed_rows, way_title};
use crate::extract::form::Form;
use crate::present::{Reading, filters};

/// Keys that every step has, or that are steps themselves: these are drawn in the flow.
const ASIDE: [&str; 9] = ["name", "do", "after", "remove", "then", "else", "steps", "on_timeout", "title"];
/// Rows for values beyond those that are filled.
const SPARE: usize = 2;

/// The kinds of step there are.
pub fn kinds() -> Vec<&'static str> {
    let schema = meta_schema(DefinitionKind::Workflow);
    let kinds = schema.and_then(|schema| schema.pointer("/$defs/step_kind/enum")).and_then(Json::as_array);
    kinds.into_iter().flatten().filter_map(Json::as_str).collect()
}

/// The keys of a kind of step that have inputs, each with its schema, the title first.
pub(super) fn keys(kind: &str) -> Vec<(&'static str, &'static Json)> {
    let schema = meta_schema(DefinitionKind::Workflow);
    let at = format!("/$defs/step_{kind}/properties");
    let all = schema.and_then(|schema| schema.pointer(&at)).and_then(Json::as_object);
    let title = all.and_then(|all| all.get_key_value("title"));
    let others = all.into_iter().flatten().filter(|(key, _)| !ASIDE.contains(&key.as_str()));
    title.into_iter().chain(others).map(|(key, schema)| (key.as_str(), schema)).collect()
}

/// Whether a kind of step must have a key.
pub(super) fn is_required(kind: &str, key: &str) -> bool {
    let schema = meta_schema(DefinitionKind::Workflow);
    let required = schema.and_then(|schema| schema.pointer(&format!("/$defs/step_{kind}/required")));
    required.and_then(Json::as_array).is_some_and(|list| list.iter().any(|one| one.as_str() == Some(key)))
}

/// The key of a kind of step that holds a condition.
pub fn condition_key(kind: &str) -> Option<&'static str> {
    let is_filter = |schema: &Json| schema.get("$ref").and_then(Json::as_str) == Some("#/$defs/filter");
    keys(kind).into_iter().find(|(_, schema)| is_filter(schema)).map(|(key, _)| key)
}

/// What a step is drawn with.
pub struct Step<'a> {
    /// The words.
    pub reading: &'a Reading<'a>,
    /// The model as the draft would make it.
    pub model: &'a Model,
    /// The entity whose records start the workflow.
    pub own: Option<&'a EntityModel>,
    /// The step as it is written.
    pub json: &'a Json,
    /// What was typed.
    pub sent: Option<&'a Form>,
}

impl<'a> Step<'a> {
    /// What it does.
    pub(super) fn kind(&self) -> &'a str {
        self.json.get("do").and_then(Json::as_str).unwrap_or_default()
    }

    /// The entity on whose fields the step works.
    pub fn subject(&self) -> Option<&'a EntityModel> {
        let chosen = self.sent.and_then(|sent| sent.get("entity"));
        let name = chosen.or_else(|| self.json.get("entity").and_then(Json::as_str)).unwrap_or_default();
        if !name.is_empty() {
            return self.model.entity(name).map(AsRef::as_ref);
        }
        if self.kind() == "task" {
            let list = self.own?.activity_list()?;
            return self.model.entity(&list.entity).map(AsRef::as_ref);
        }
        self.own
    }

    /// The inputs, those of the values aside.
    pub fn views(&self) -> Vec<FieldView> {
        let mut views = Vec::new();
        let mut values = Vec::new();
        for (key, schema) in keys(self.kind()) {
            if key == "values" {
                values = self.values();
            } else if key == "cases" {
                values.extend(self.cases());
            } else if key == "branches" {
                values.extend(self.ways());
            } else if schema.get("$ref").and_then(Json::as_str) != Some("#/$defs/filter") {
                views.push(self.input(key, schema));
            }
        }
        // Fields and what goes into them stand side by side.
        let singles = views.iter().filter(|view| !view.full).count();
        if let Some(last) = views.last_mut().filter(|_| !values.is_empty() && singles % 2 == 1) {
            last.full = true;
        }
        views.extend(values);
        views
    }

    /// What is written at a key, as its input shows it.
    pub(super) fn written(&self, key: &str) -> String {
        match self.json.get(key) {
            Some(Json::Array(list)) if list.iter().all(Json::is_string) => {
                list.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(", ")
            }
            Some(json @ Json::Array(_)) => super::source::text_of(json),
            // An object that says where a value comes from has a short form; others are written over several lines.
            Some(json @ Json::Object(object)) => {
                let (short, whole) = (text_of(self.reading.format.conventions, json), json.to_string());
                if short != whole || object.is_empty() { short } else { super::source::text_of(json) }
            }
            Some(json) => text_of(self.reading.format.conventions, json),
            None => String::new(),
        }
    }

    fn input(&self, key: &str, schema: &Json) -> FieldView {
        let stored = self.written(key);
        let value = self.sent.and_then(|sent| sent.get(key)).map_or(stored, str::to_owned);
        let view = FieldView {
            text: value.clone(),
            value: value.clone(),
            required: is_required(self.kind(), key),
            full: matches!(key, "title" | "url"),
            ..labelled(self.reading, key, own_key(self.kind(), key), schema)
        };
        let options: Option<Vec<(String, String)>> = match (key, schema.get("enum").and_then(Json::as_array))
        {
            ("entity", _) => Some(entities(self.reading, self.model)),
            ("workflow", _) => Some(self.named(DefinitionKind::Workflow)),
            ("report", _) => Some(self.named(DefinitionKind::Report)),
            ("to", _) if self.kind() == "report" => Some(self.holding_files()),
            (_, Some(list)) => {
                // What is meant where nothing is said stands in place of "none".
                let usual = usual(self.kind(), key).filter(|usual| *usual != value);
                let words = list.iter().filter_map(Json::as_str).filter(|one| Some(*one) != usual);
                let title = |one: &str| self.reading.t(&format!("step_option.{one}"));
                Some(words.map(|one| (one.to_owned(), title(one))).collect())
            }
            _ => None,
        };
        if let Some(options) = options {
            let kind = if key == "to" && self.kind() != "report" { "text" } else { "choice" };
            return FieldView {
                kind: kind.into(),
                closed: true,
                options: choices(self.reading, options, &value)
                    .into_iter()
                    .map(|option| self.usual_named(key, option))
                    .collect(),
                ..view
            };
        }
        match schema
            .get("type")
            .and_then(Json::as_array)
            .and_then(|types| types.first())
            .and_then(Json::as_str)
        {
            Some("boolean") => FieldView { kind: "boolean".into(), ..view },
            // What is more than a word is written as in a definition.
            Some("object") => FieldView { kind: "long_text".into(), full: true, ..view },
            Some("array") if view.text.starts_with('[') || key == "to" => {
                FieldView { kind: "long_text".into(), full: true, ..view }
            }
            _ => view,
        }
    }

    /// The empty option of a key that means something where nothing is said, as what it means.
    fn usual_named(&self, key: &str, option: OptionView) -> OptionView {
        match usual(self.kind(), key) {
            Some(usual) if option.value.is_empty() => {
                OptionView { title: self.reading.t(&format!("step_option.{usual}")), ..option }
            }
            _ => option,
        }
    }

    /// All definitions of a kind by what they are called.
    fn named(&self, kind: DefinitionKind) -> Vec<(String, String)> {
        let all = self.model.definitions_of(kind);
        all.map(|(name, json)| (name.to_owned(), self.reading.definition_title(kind, name, json))).collect()
    }

    /// The fields of the record that hold files, as a value names them.
    fn holding_files(&self) -> Vec<(String, String)> {
        let fields = self.own.into_iter().flat_map(EntityModel::own_fields);
        let fields = fields.filter(|field| field.kind.holds_files() && !field.kind.is_signed());
        let labels = &self.reading.labels;
        fields.map(|field| (format!("{{{}}}", field.name), field.label(labels).to_owned())).collect()
    }

    /// An input for each case: the value for which it is taken. Its steps are drawn in the flow.
    fn cases(&self) -> Vec<FieldView> {
        let conventions = self.reading.format.conventions;
        let written = if let Some(sent) = self.sent.filter(|sent| sent.has("case.1.is")) {
            typed_lines(sent, "case", "is").into_iter().map(|(_, text)| text).collect()
        } else {
            let cases = self.json.get("cases").and_then(Json::as_array).into_iter().flatten();
            cases.map(|case| case_text(conventions, case)).collect::<Vec<_>>()
        };
        self.lines(written, ("case", "is"), ("step_key.case_is", "step_help.cases"))
    }

    /// An input for each way: what it is called.
    fn ways(&self) -> Vec<FieldView> {
        let written = if let Some(sent) = self.sent.filter(|sent| sent.has("way.1.title")) {
            typed_lines(sent, "way", "title").into_iter().map(|(_, text)| text).collect()
        } else {
            let ways = self.json.get("branches").and_then(Json::as_array).into_iter().flatten();
            ways.enumerate().map(|(index, way)| way_title(index, way)).collect::<Vec<_>>()
        };
        self.lines(written, ("way", "title"), ("step_key.way_title", "step_help.branches"))
    }

    fn lines(
        &self,
        written: Vec<String>,
        (group, part): (&str, &str),
        (label, help): (&str, &str),
    ) -> Vec<FieldView> {
        let spare = std::iter::repeat_n(String::new(), SPARE);
        let line = |(index, text): (usize, String)| {
            let number = (index + 1).to_string();
            FieldView {
                name: format!("{group}.{number}.{part}"),
                label: self.reading.words().with(label, &[("number", &number)]),
                help: if index == 0 { self.reading.t(help) } else { String::new() },
                kind: "text".into(),
                text: text.clone(),
                value: text,
                ..FieldView::default()
            }
        };
        written.into_iter().chain(spare).enumerate().map(line).collect()
    }

    /// Two inputs for each value: the field, and what is written into it.
    fn values(&self) -> Vec<FieldView> {
        let rows: Vec<(String, String)> =
            if let Some(sent) = self.sent.filter(|sent| sent.has("value.1.field")) {
                typed_rows(sent).into_iter().filter(|(field, _)| !field.is_empty()).collect()
            } else {
                let conventions = self.reading.format.conventions;
                let written = self.json.get("values").and_then(Json::as_object).into_iter().flatten();
                written.map(|(field, value)| (field.clone(), text_of(conventions, value))).collect()
            };
        let subject = self.subject();
        let spare = std::iter::repeat_n((String::new(), String::new()), SPARE);
        let mut views = Vec::new();
        for (index, (field, value)) in rows.into_iter().chain(spare).enumerate() {
            let number = (index + 1).to_string();
            let mut options: Vec<(String, String)> = subject
                .map(|entity| filters::fields(self.reading, entity, ""))
                .unwrap_or_default()
                .into_iter()
                .filter(|option| {
                    let found = subject.and_then(|entity| entity.field(&option.value));
                    found.is_some_and(|field| field.is_typed() && field.part.is_none())
                })
                .map(|option| (option.value, option.title))
                .collect();
            if !field.is_empty() && !options.iter().any(|(known, _)| *known == field) {
                options.push((field.clone(), field.clone()));
            }
            let words = self.reading.words();
            views.push(FieldView {
                name: format!("value.{number}.field"),
                label: words.with("step_key.value_field", &[("number", &number)]),
                kind: "choice".into(),
                closed: true,
                options: choices(self.reading, options, &field),
                value: field,
                ..FieldView::default()
            });
            views.push(FieldView {
                name: format!("value.{number}.value"),
                label: words.with("step_key.value_value", &[("number", &number)]),
                kind: "text".into(),
                help: if index == 0 { self.reading.t("step_key.value_help") } else { String::new() },
                text: value.clone(),
                value,
                ..FieldView::default()
            });
        }
        views
    }
}

/// The label and the help of a key: the catalogue's words, or those of the meta-schema.
pub fn labelled(reading: &Reading<'_>, name: &str, key: &str, schema: &Json) -> FieldView {
    let words = reading.words();
    let said = |group: &str, own: &str| {
        let place = format!("{group}.{key}");
        let own = schema.get(own).and_then(Json::as_str).unwrap_or_default();
        if words.has(&place) { words.t(&place) } else { own.to_owned() }
    };
    FieldView {
        name: name.to_owned(),
        label: said("step_key", "title"),
        help: said("step_help", "description"),
        kind: "text".to_owned(),
        ..FieldView::default()
    }
}

/// Options with an empty one above.
pub fn choices(reading: &Reading<'_>, options: Vec<(String, String)>, chosen: &str) -> Vec<OptionView> {
    let none = OptionView::new("", reading.t("builder.none"), chosen.is_empty());
    let is_known = options.iter().any(|(value, _)| value == chosen) || chosen.is_empty();
    let unknown = (!is_known).then(|| OptionView::new(chosen, chosen, true));
    let known = options.into_iter().map(|(value, title)| {
        let is_chosen = value == chosen;
        OptionView::new(value, title, is_chosen)
    });
    std::iter::once(none).chain(known).chain(unknown).collect()
}

/// All entities by what they are called.
pub fn entities(reading: &Reading<'_>, model: &Model) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> =
        model.entities.values().map(|entity| (entity.name.clone(), reading.title_of(entity))).collect();
    found.sort_by(|left, right| left.1.cmp(&right.1));
    found
}

/// The key under which the words for a key of a kind of step stand, where it means something else than for others.
fn own_key<'k>(kind: &str, key: &'k str) -> &'k str {
    match (kind, key) {
        ("tag" | "score", "field") => "own_field",
        ("wait", "event") => "wait_event",
        ("merge", "fields") => "merge_fields",
        ("convert", "to") => "convert_to",
        ("ask", "timeout") => "ask_timeout",
        ("ask", "as") => "ask_as",
        ("http", "timeout") => "http_timeout",
        ("report", "to") => "report_to",
        ("report", "as") => "report_as",
        ("notify" | "follow", "fields") => "people_fields",
        _ => key,
    }
}

/// The word that is meant where a step does not say one.
fn usual(kind: &str, key: &str) -> Option<&'static str> {
    (kind == "http" && key == "method").then_some("POST")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_step_has_inputs() {
        for kind in kinds() {
            assert!(keys(kind).iter().any(|(key, _)| *key == "title"), "{kind}");
        }
        assert_eq!(condition_key("branch"), Some("if"));
        assert_eq!(condition_key("find"), Some("where"));
        assert_eq!(condition_key("set"), None);
    }
}
