//! The boxes of the page of a trigger, those that belong to some triggers alone in groups.

use kontor_model::check::meta_schema;
use kontor_model::definition::DefinitionKind;
use kontor_model::formula::Type;
use kontor_model::{EntityModel, FieldModel, Json, Model};
use kontor_view::field::{FieldView, OptionView};
use kontor_view::page::admin::item::FieldGroup;

use super::{source, steps};
use crate::extract::form::Form;
use crate::present::{Reading, filters};

/// What starts a workflow.
pub const EVENTS: [&str; 11] = [
    "created",
    "updated",
    "saved",
    "deleted",
    "stage_entered",
    "date",
    "schedule",
    "form",
    "button",
    "webhook",
    "called",
];

/// The forms of an entity by what they are called.
fn forms(reading: &Reading<'_>, model: &Model, entity: &EntityModel) -> Vec<(String, String)> {
    let all = model.definitions_of(DefinitionKind::Form);
    let own = all.filter(|(_, json)| json.get("entity").and_then(Json::as_str) == Some(entity.name.as_str()));
    own.map(|(name, json)| (name.to_owned(), reading.definition_title(DefinitionKind::Form, name, json)))
        .collect()
}

/// The boxes of the page of a trigger.
pub struct TriggerViews {
    /// What is asked of every trigger.
    pub fields: Vec<FieldView>,
    /// What is asked of some of them, and how the workflow runs.
    pub groups: Vec<FieldGroup>,
}

/// The boxes of the page of a trigger, as it is stored or as it was typed.
pub fn views(reading: &Reading<'_>, model: &Model, body: &Json, sent: Option<&Form>) -> TriggerViews {
    let boxes = Boxes { reading, model, body, sent };
    let entity = model.entity(&boxes.value("entity", "/on/entity")).map(AsRef::as_ref);
    let events = EVENTS.map(|event| (event.to_owned(), reading.t(&format!("trigger.{event}")))).to_vec();
    let fields = vec![
        FieldView { required: true, full: true, ..boxes.line("title", "/title") },
        FieldView { full: true, ..boxes.line("description", "/description") },
        boxes.choice("entity", "/on/entity", steps::entities(reading, model)),
        FieldView { required: true, ..boxes.choice("event", "/on/event", events) },
    ];
    let mut groups = entity.map(|entity| boxes.of_entity(entity)).unwrap_or_default();
    groups.push(boxes.group(&["schedule"], vec![boxes.line("cron", "/on/cron")]));
    let button = vec![
        boxes.choice("place", "/on/on", boxes.options(&["record", "selection", "both"])),
        boxes.line("button_title", "/on/title"),
        FieldView { full: true, ..boxes.line("confirm", "/on/confirm") },
    ];
    groups.push(boxes.group(&["button"], button));
    groups.push(boxes.group(&["webhook"], boxes.of_hook()));
    let runs = vec![
        boxes.choice("again", "/again", boxes.options(&["always", "never", "after_end", "restart"])),
        boxes.choice("run_as", "/run_as", boxes.options(&["caller", "workspace"])),
    ];
    let title = reading.t("workflows.trigger_runs");
    groups.push(FieldGroup { title, fields: runs, ..FieldGroup::default() });
    TriggerViews { fields, groups }
}

/// What the boxes are drawn from.
struct Boxes<'a> {
    reading: &'a Reading<'a>,
    model: &'a Model,
    body: &'a Json,
    sent: Option<&'a Form>,
}

impl Boxes<'_> {
    fn stored(&self, pointer: &str) -> String {
        match self.body.pointer(pointer) {
            Some(Json::Array(list)) => list.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(", "),
            Some(object @ Json::Object(_)) => source::text_of(object),
            other => other.and_then(Json::as_str).unwrap_or_default().to_owned(),
        }
    }

    /// What was typed, or what is stored.
    fn value(&self, key: &str, pointer: &str) -> String {
        let typed = self.sent.and_then(|sent| sent.get(key));
        typed.map_or_else(|| self.stored(pointer), str::to_owned)
    }

    fn line(&self, key: &str, pointer: &str) -> FieldView {
        let of_key = format!("/properties{}", pointer.replacen("/on/", "/on/properties/", 1));
        let schema = meta_schema(DefinitionKind::Workflow).and_then(|schema| schema.pointer(&of_key));
        let value = self.value(key, pointer);
        let labelled = steps::labelled(self.reading, key, key, schema.unwrap_or(&Json::Null));
        FieldView { text: value.clone(), value, ..labelled }
    }

    fn choice(&self, key: &str, pointer: &str, options: Vec<(String, String)>) -> FieldView {
        let chosen = self.value(key, pointer);
        let options = steps::choices(self.reading, options, &chosen);
        FieldView { kind: "choice".into(), closed: true, options, ..self.line(key, pointer) }
    }

    /// Two events keep their field under one key: each list knows its own.
    fn choice_of(&self, event: &str, key: &str, options: Vec<(String, String)>) -> FieldView {
        let is_stored = self.body.pointer("/on/event").and_then(Json::as_str) == Some(event);
        if is_stored || self.sent.is_some_and(|sent| sent.has(key)) {
            return self.choice(key, "/on/field", options);
        }
        let options = steps::choices(self.reading, options, "");
        let none = FieldView { value: String::new(), text: String::new(), ..self.line(key, "/on/field") };
        FieldView { kind: "choice".into(), closed: true, options, ..none }
    }

    fn options(&self, all: &[&str]) -> Vec<(String, String)> {
        all.iter().map(|one| ((*one).to_owned(), self.reading.t(&format!("step_option.{one}")))).collect()
    }

    fn group(&self, events: &[&str], fields: Vec<FieldView>) -> FieldGroup {
        let titles = events.iter().map(|event| self.reading.t(&format!("trigger.{event}")));
        FieldGroup { title: titles.collect::<Vec<_>>().join(" · "), of: events.join(" "), fields }
    }

    /// What can be said once it is known whose records start it.
    fn of_entity(&self, entity: &EntityModel) -> Vec<FieldGroup> {
        let listened = FieldView {
            kind: "multi_choice".into(),
            full: true,
            options: self.listened(entity),
            ..self.line("fields", "/on/fields")
        };
        let labelled =
            |field: &FieldModel| (field.name.clone(), field.label(&self.reading.labels).to_owned());
        let choices = entity.own_fields().filter(|field| !field.definition.one_of.is_empty());
        let stages = vec![
            self.choice_of("stage_entered", "field", choices.map(labelled).collect()),
            self.line("stage", "/on/stage"),
        ];
        let days = entity.fields.iter().filter(|field| {
            matches!(field.kind.formula_type(), Type::Date | Type::DateTime) && !field.is_sealed()
        });
        let days = vec![
            self.choice_of("date", "day", days.map(labelled).collect()),
            self.line("at", "/on/at"),
            self.choice("every", "/on/every", self.options(&["year"])),
        ];
        let form = self.choice("form", "/on/form", forms(self.reading, self.model, entity));
        vec![
            self.group(&["updated", "saved"], vec![listened]),
            self.group(&["stage_entered"], stages),
            self.group(&["date"], days),
            self.group(&["form"], vec![form]),
        ]
    }

    /// The fields whose changes are listened to, among all that there are.
    fn listened(&self, entity: &EntityModel) -> Vec<OptionView> {
        let listened: Vec<String> = match self.sent.filter(|sent| sent.has("fields")) {
            Some(sent) => sent.all("fields").map(str::to_owned).collect(),
            None => self.stored("/on/fields").split(", ").map(str::to_owned).collect(),
        };
        let all = filters::fields(self.reading, entity, "").into_iter();
        all.filter(|option| entity.field(&option.value).is_some_and(|field| !field.system))
            .map(|option| OptionView { selected: listened.contains(&option.value), ..option })
            .collect()
    }

    /// What a web call is asked for: these words mean something else of steps.
    fn of_hook(&self) -> Vec<FieldView> {
        let worded = |key: &str, of: FieldView| {
            let words = steps::labelled(self.reading, key, &format!("hook_{key}"), &Json::Null);
            FieldView { label: words.label, help: words.help, ..of }
        };
        let hook = |key: &str| worded(key, self.line(key, &format!("/on/{key}")));
        vec![
            hook("name"),
            hook("secret"),
            FieldView { kind: "long_text".into(), full: true, ..hook("inputs") },
            hook("required"),
            worded("others", self.choice("others", "/on/others", self.options(&["ignore"]))),
            FieldView { full: true, ..hook("match") },
        ]
    }
}
