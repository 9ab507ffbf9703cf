//! The parts of an entity that have a page of their own: rules, duplicate rules, record types. Their inputs from a
//! definition, and a definition from their inputs.

use kontor_model::definition::DefinitionKind;
use kontor_model::{EntityModel, FieldModel, Json};
use kontor_view::field::{FieldView, OptionView};
use serde_json::{Map, json};

use crate::extract::form::Form;
use crate::present::{Reading, filters};

/// Which part of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Validation without code.
    Rule,
    /// When two records are the same.
    Duplicate,
    /// A variant.
    RecordType,
}

impl Part {
    /// The part of that address.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "rules" => Some(Self::Rule),
            "duplicates" => Some(Self::Duplicate),
            "types" => Some(Self::RecordType),
            _ => None,
        }
    }

    /// The word in addresses.
    pub fn path(self) -> &'static str {
        match self {
            Self::Rule => "rules",
            Self::Duplicate => "duplicates",
            Self::RecordType => "types",
        }
    }

    /// The list in the definition.
    pub fn key(self) -> &'static str {
        match self {
            Self::Rule => "rules",
            Self::Duplicate => "duplicates",
            Self::RecordType => "record_types",
        }
    }

    /// The keys of its words: `item.rule`, `item.rule_lead`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Duplicate => "duplicate",
            Self::RecordType => "record_type",
        }
    }

    /// The key of the text that names a new one.
    pub fn label_key(self) -> &'static str {
        match self {
            Self::Rule => "message",
            Self::Duplicate => "name",
            Self::RecordType => "title",
        }
    }
}

/// The list of an entity's parts.
pub fn list_of(body: &Json, part: Part) -> Vec<Json> {
    body.get(part.key()).and_then(Json::as_array).cloned().unwrap_or_default()
}

/// What a part is called on screen.
pub fn title_of(reading: &Reading<'_>, entity: &str, part: Part, item: &Json) -> String {
    let text = |key: &str| item.get(key).and_then(Json::as_str).unwrap_or_default();
    let name = text("name");
    match part {
        Part::Duplicate => name.replace('_', " "),
        Part::Rule | Part::RecordType => {
            let path = format!("{}.{name}.{}", part.key(), part.label_key());
            reading.label(DefinitionKind::Entity, entity, &path, text(part.label_key()))
        }
    }
}

/// The inputs.
pub fn views(
    reading: &Reading<'_>,
    part: Part,
    entity: Option<&EntityModel>,
    item: &Json,
    typed: Option<&Form>,
) -> Vec<FieldView> {
    let inputs = Inputs { reading, item, typed };
    let all = |chosen: &[String]| entity.map(|entity| fields(reading, entity, chosen)).unwrap_or_default();
    match part {
        Part::Rule => vec![
            FieldView { required: true, full: true, ..inputs.line("message") },
            inputs.choice("level", &["error", "warn"], "error"),
            FieldView {
                kind: "choice".into(),
                closed: true,
                options: std::iter::once(OptionView::new(
                    "",
                    reading.t("item.at_form"),
                    inputs.text("at").is_empty(),
                ))
                .chain(all(&[inputs.text("at")]))
                .collect(),
                ..inputs.line("at")
            },
        ],
        Part::Duplicate => vec![
            FieldView { required: true, ..inputs.line("name") },
            inputs.choice("then", &["warn", "block", "allow"], "warn"),
            inputs.many("match", all(&inputs.list("match"))),
        ],
        Part::RecordType => {
            // What titles records, and what none is without, belongs to all types.
            let titles = |name: &str| entity.is_some_and(|entity| entity.display_field().name == name);
            // A part goes with its whole. What is chosen already is there in any case, so that it can be taken out.
            let whole = |key: &str, fits: fn(&FieldModel) -> bool| -> Vec<OptionView> {
                let mut options = all(&inputs.list(key));
                options.retain(|option| {
                    option.selected
                        || entity
                            .and_then(|entity| entity.field(&option.value))
                            .is_some_and(|field| field.companion_of.is_none() && fits(field))
                            && !(key == "fields" && titles(&option.value))
                });
                options
            };
            let mut views = vec![
                FieldView { required: true, ..inputs.line("title") },
                inputs.line("icon"),
                inputs.flag("default"),
                inputs.flag("retired"),
                inputs.many("fields", whole("fields", |field| !field.required)),
                // The program fills in the others itself.
                inputs
                    .many("required", whole("required", |field| field.is_typed() && !field.kind.is_drawn())),
            ];
            let choices = entity.into_iter().flat_map(EntityModel::own_fields);
            for field in
                choices.filter(|field| !field.definition.one_of.is_empty() && field.name != "record_type")
            {
                let name = format!("options.{}", field.name);
                let written = item.pointer(&format!("/options/{}", field.name)).and_then(Json::as_array);
                let stored: Option<Vec<String>> =
                    written.map(|list| list.iter().filter_map(Json::as_str).map(str::to_owned).collect());
                let chosen = match typed {
                    Some(form) if form.has(&name) => {
                        Some(form.all(&name).filter(|one| !one.is_empty()).map(str::to_owned).collect())
                    }
                    _ => stored,
                };
                let options = field
                    .definition
                    .one_of
                    .iter()
                    .map(|option| {
                        let is_on =
                            chosen.as_ref().is_none_or(|chosen: &Vec<String>| chosen.contains(&option.value));
                        OptionView::new(
                            &option.value,
                            field.option_label(&option.value, &reading.labels),
                            is_on,
                        )
                    })
                    .collect();
                let label =
                    reading.words().with("item.options_of", &[("field", field.label(&reading.labels))]);
                views.push(FieldView {
                    name,
                    label,
                    kind: "multi_choice".into(),
                    full: true,
                    options,
                    ..FieldView::default()
                });
            }
            views
        }
    }
}

/// The part that the inputs describe, on top of what is written of it: keys that have no input stay.
pub fn read(part: Part, entity: Option<&EntityModel>, item: &Json, sent: &Form) -> Map<String, Json> {
    let mut object = item.as_object().cloned().unwrap_or_default();
    let mut put = |key: &str, value: Option<Json>| match value {
        Some(value) => drop(object.insert(key.to_owned(), value)),
        None => drop(object.shift_remove(key)),
    };
    let text = |key: &str| Some(sent.text(key).trim()).filter(|text| !text.is_empty()).map(Json::from);
    let list = |key: &str| -> Vec<String> {
        sent.all(key).filter(|one| !one.is_empty()).map(str::to_owned).collect()
    };
    let filled = |key: &str| Some(list(key)).filter(|list| !list.is_empty()).map(|list| json!(list));
    match part {
        Part::Rule => {
            put("message", text("message"));
            put("level", text("level").filter(|level| level != "error"));
            put("at", text("at"));
        }
        Part::Duplicate => {
            put("match", Some(json!(list("match"))));
            put("then", text("then"));
        }
        Part::RecordType => {
            put("title", text("title"));
            put("icon", text("icon"));
            put("default", sent.all("default").any(|one| one == "true").then_some(Json::Bool(true)));
            put("retired", sent.all("retired").any(|one| one == "true").then_some(Json::Bool(true)));
            put("fields", filled("fields"));
            put("required", filled("required"));
            let mut options = Map::new();
            let choices = entity.into_iter().flat_map(EntityModel::own_fields);
            for field in choices.filter(|field| !field.definition.one_of.is_empty()) {
                let chosen = list(&format!("options.{}", field.name));
                if !chosen.is_empty() && chosen.len() < field.definition.one_of.len() {
                    options.insert(field.name.clone(), json!(chosen));
                }
            }
            put("options", (!options.is_empty()).then_some(Json::Object(options)));
        }
    }
    object
}

struct Inputs<'a> {
    reading: &'a Reading<'a>,
    item: &'a Json,
    typed: Option<&'a Form>,
}

impl Inputs<'_> {
    fn text(&self, key: &str) -> String {
        let stored = self.item.get(key).and_then(Json::as_str).unwrap_or_default();
        self.typed.and_then(|form| form.get(key)).unwrap_or(stored).to_owned()
    }

    fn list(&self, key: &str) -> Vec<String> {
        match self.typed {
            Some(form) if form.has(key) => {
                form.all(key).filter(|one| !one.is_empty()).map(str::to_owned).collect()
            }
            _ => {
                let stored = self.item.get(key).and_then(Json::as_array).into_iter().flatten();
                stored.filter_map(Json::as_str).map(str::to_owned).collect()
            }
        }
    }

    fn line(&self, key: &str) -> FieldView {
        let help = format!("item.{key}_help");
        let value = self.text(key);
        FieldView {
            name: key.to_owned(),
            label: self.reading.t(&format!("item.{key}")),
            kind: "text".to_owned(),
            help: if self.reading.words().has(&help) { self.reading.t(&help) } else { String::new() },
            text: value.clone(),
            value,
            ..FieldView::default()
        }
    }

    fn choice(&self, key: &str, options: &[&str], usual: &str) -> FieldView {
        let value = self.text(key);
        let value = if value.is_empty() { usual } else { &value };
        let options = options
            .iter()
            .map(|one| OptionView::new(*one, self.reading.t(&format!("item.{key}_{one}")), *one == value))
            .collect();
        FieldView { kind: "choice".to_owned(), closed: true, required: true, options, ..self.line(key) }
    }

    fn flag(&self, key: &str) -> FieldView {
        let stored = self.item.get(key).and_then(Json::as_bool).unwrap_or(false);
        let is_on = match self.typed {
            Some(form) if form.has(key) => form.all(key).any(|one| one == "true"),
            _ => stored,
        };
        FieldView { kind: "boolean".to_owned(), value: is_on.to_string(), ..self.line(key) }
    }

    fn many(&self, key: &str, options: Vec<OptionView>) -> FieldView {
        FieldView { kind: "multi_choice".to_owned(), full: true, options, ..self.line(key) }
    }
}

fn fields(reading: &Reading<'_>, entity: &EntityModel, chosen: &[String]) -> Vec<OptionView> {
    filters::fields(reading, entity, "")
        .into_iter()
        .filter(|option| {
            entity.field(&option.value).is_some_and(|field| !field.system && field.name != "record_type")
        })
        .map(|option| OptionView { selected: chosen.contains(&option.value), ..option })
        .collect()
}
