//! What a workflow listens to.

use kontor_model::definition::DefinitionKind;
use kontor_model::filter::{FieldPath, Offset};
use kontor_model::formula::Type;
use kontor_model::{EntityModel, Json, Model, Problem, Problems};

use crate::read::{Reader, is_absent};
use crate::step::http::AT;
use crate::{Cron, Event, EventKind};

/// What starts a workflow.
#[derive(Clone, Debug, PartialEq)]
pub enum Trigger {
    /// A record was created.
    Created,
    /// A record was changed; in one of these fields, when there are any.
    Updated(Vec<String>),
    /// A record was created or changed; in one of these fields, when there are any.
    Saved(Vec<String>),
    /// A record went to the bin.
    Deleted,
    /// A choice field took one of these values; any value when there are none.
    StageEntered {
        /// The choice field.
        field: String,
        /// Its values.
        stages: Vec<String>,
    },
    /// The day of a date field has come, moved by an offset; every year when said so.
    Date {
        /// The date or datetime field.
        field: FieldPath,
        /// How long after (or before) the date.
        at: Offset,
        /// Whether only day and month count.
        every_year: bool,
    },
    /// Times of the clock, five fields as in cron, in the workspace's zone.
    Schedule(Cron),
    /// A record was created or changed through the page of this form.
    Form(String),
    /// Somebody presses a button.
    Button(Pressed),
    /// A machine of somebody else says that something happened, signed as Standard Webhooks are.
    Webhook(Hook),
    /// Another workflow or an action starts it.
    Called,
}

/// The button of a workflow. It has its name, and its title unless it says another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pressed {
    /// What stands on it; the title of the workflow where it says nothing.
    pub title: Option<String>,
    /// The question that is asked before.
    pub confirm: Option<String>,
    /// Whether it stands on the page of a record.
    pub on_record: bool,
    /// Whether it stands at the rows selected in a list.
    pub on_list: bool,
}

/// Where a machine says that something happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hook {
    /// The last part of the address, unique in the workspace.
    pub name: String,
    /// The name of the secret that signs what is said.
    pub secret: String,
    /// How the record is found that it is about: a field, and the input that it equals.
    pub matching: Vec<(String, String)>,
    /// Where inputs stand in what is sent, as JSON pointers, where that is not below their own names.
    pub places: Vec<(String, String)>,
    /// Whether what is no input is left aside instead of being refused.
    pub leaves_aside: bool,
}

/// What starts a workflow.
const EVENTS: [&str; 11] = [
    "created",
    "updated",
    "saved",
    "deleted",
    "called",
    "stage_entered",
    "date",
    "schedule",
    "form",
    "button",
    "webhook",
];

/// Triggers that are part of the language and that this version does not run.
const LATER: [&str; 1] = ["message"];

impl Trigger {
    /// Whether an event of the trigger's entity starts the workflow. Dates, schedules and calls are not events.
    pub fn matches(&self, event: &Event) -> bool {
        let touches = |fields: &[String]| {
            fields.is_empty() || fields.iter().any(|field| event.changed_to(field).is_some())
        };
        match (self, event.kind) {
            (Self::Created, EventKind::Created) | (Self::Deleted, EventKind::Deleted) => true,
            (Self::Updated(fields), EventKind::Updated)
            | (Self::Saved(fields), EventKind::Updated | EventKind::Created) => touches(fields),
            (Self::Form(form), EventKind::Created | EventKind::Updated) => event.form.as_ref() == Some(form),
            (Self::StageEntered { field, stages }, EventKind::Created | EventKind::Updated) => {
                let Some(entered) = event.changed_to(field).and_then(Json::as_str) else { return false };
                stages.is_empty() || stages.iter().any(|stage| stage == entered)
            }
            _ => false,
        }
    }
}

/// Reads `on`; the problems' paths begin below it.
pub(crate) fn read(
    on: &Json,
    (name, entity, inputs): (&str, Option<&EntityModel>, Option<&EntityModel>),
    model: &Model,
) -> Result<Trigger, Problems> {
    let mut reader = Reader::new(on, "");
    let event = reader.text("event");
    let Some(event) = event else {
        reader.missing("event");
        return Err(reader.problems);
    };
    of_others(&mut reader, on, &event);
    let trigger = match event.as_str() {
        "created" => Trigger::Created,
        "updated" => Trigger::Updated(fields(&mut reader, entity)),
        "saved" => Trigger::Saved(fields(&mut reader, entity)),
        "deleted" => Trigger::Deleted,
        "called" => Trigger::Called,
        "stage_entered" => stage_entered(&mut reader, entity, model),
        "date" => date(&mut reader, entity, model),
        "schedule" => schedule(&mut reader),
        "form" => Trigger::Form(form(&mut reader, entity, model)),
        "button" => button(&mut reader, name, entity, model),
        "webhook" => hook(&mut reader, name, (entity, inputs), model),
        other => {
            let code = if LATER.contains(&other) { "not_available_yet" } else { "unknown_event" };
            reader
                .problems
                .push(Problem::new(code, "/event").with("name", other).with("options", EVENTS.join(", ")));
            Trigger::Called
        }
    };
    reader.problems.into_result(trigger)
}

/// What only some events ask for, beside the entity: a key that stands with another one would be passed over.
const KEYS: [(&str, &[&str]); 16] = [
    ("fields", &["updated", "saved"]),
    ("field", &["stage_entered", "date"]),
    ("stage", &["stage_entered"]),
    ("at", &["date"]),
    ("every", &["date"]),
    ("cron", &["schedule"]),
    ("form", &["form"]),
    ("title", &["button"]),
    ("on", &["button"]),
    ("confirm", &["button"]),
    ("name", &["webhook"]),
    ("secret", &["webhook"]),
    ("inputs", &["webhook"]),
    ("required", &["webhook"]),
    ("others", &["webhook"]),
    ("match", &["webhook"]),
];

fn of_others(reader: &mut Reader<'_>, on: &Json, event: &str) {
    if !EVENTS.contains(&event) {
        return;
    }
    for (key, events) in KEYS {
        let is_said = on.get(key).is_some_and(|value| !value.is_null());
        if is_said && !events.contains(&event) {
            let problem = Problem::new("key_of_other_event", format!("/{key}")).with("name", key);
            reader.problems.push(problem.with("event", event).with("options", events.join(", ")));
        }
    }
}

fn fields(reader: &mut Reader<'_>, entity: Option<&EntityModel>) -> Vec<String> {
    let names = reader.texts("fields");
    for (index, name) in names.iter().enumerate() {
        reader.check_field(entity, name, &format!("/fields/{index}"));
    }
    names
}

fn stage_entered(reader: &mut Reader<'_>, entity: Option<&EntityModel>, model: &Model) -> Trigger {
    let named = reader.text("field").or_else(|| process_field(entity?, model));
    let stages = reader.one_or_many("stage");
    let Some(field) = named else {
        reader.missing("field");
        return Trigger::StageEntered { field: String::new(), stages };
    };
    if let Some(model) = reader.check_field(entity, &field, "/field") {
        if model.definition.one_of.is_empty() {
            reader.problems.push(Problem::new("not_a_choice", "/field").with("field", &field));
        }
        let unknown: Vec<String> = stages
            .iter()
            .filter(|stage| !model.definition.one_of.iter().any(|option| option.value == **stage))
            .cloned()
            .collect();
        let known: Vec<&str> = model.definition.one_of.iter().map(|option| option.value.as_str()).collect();
        for stage in unknown {
            let problem = Problem::new("not_an_option", "/stage").with("value", stage).with("field", &field);
            reader.problems.push(problem.with("options", known.join(", ")));
        }
    }
    Trigger::StageEntered { field, stages }
}

/// The field of the entity's process, the first by name.
fn process_field(entity: &EntityModel, model: &Model) -> Option<String> {
    model.definitions_of(DefinitionKind::Process).find_map(|(_, process)| {
        let of = process.get("entity")?.as_str()?;
        if of == entity.name { Some(process.get("field")?.as_str()?.to_owned()) } else { None }
    })
}

fn date(reader: &mut Reader<'_>, entity: Option<&EntityModel>, model: &Model) -> Trigger {
    let at = match reader.text("at") {
        None => Offset::default(),
        Some(text) => Offset::parse(&text).unwrap_or_else(|| {
            reader.problems.push(Problem::new("not_a_duration", "/at").with("value", text));
            Offset::default()
        }),
    };
    let every = reader.text("every");
    if let Some(other) = every.as_deref().filter(|every| *every != "year") {
        let problem = Problem::new("not_an_option", "/every").with("value", other).with("field", "every");
        reader.problems.push(problem.with("options", "year"));
    }
    let mut path = FieldPath::own("", 0);
    match (reader.text("field"), entity) {
        (Some(name), Some(entity)) => match FieldPath::parse(&name, entity, model) {
            Ok(found) => {
                let kind = found.resolve(model).map(|field| field.kind.formula_type());
                if !matches!(kind, Some(Type::Date | Type::DateTime)) {
                    let times = entity.own_fields().filter(|field| {
                        matches!(field.kind.formula_type(), Type::Date | Type::DateTime) && !field.is_sealed()
                    });
                    let times: Vec<&str> = times.map(|field| field.name.as_str()).collect();
                    let problem = Problem::new("not_a_moment", "/field");
                    reader.problems.push(problem.with("options", times.join(", ")));
                } else if found.resolve(model).is_some_and(kontor_model::FieldModel::is_sealed) {
                    reader.problems.push(Problem::new("encrypted_uses", "/field").with("field", &name));
                }
                if every.is_some() && matches!(kind, Some(Type::DateTime)) {
                    reader.problems.push(Problem::new("year_of_moment", "/every").with("field", &name));
                }
                path = found;
            }
            Err(problem) => reader.problems.push(problem.under("/field")),
        },
        (None, _) => reader.missing("field"),
        (Some(_), None) => {}
    }
    Trigger::Date { field: path, at, every_year: every.is_some() }
}

fn schedule(reader: &mut Reader<'_>) -> Trigger {
    let cron = reader.text("cron").unwrap_or_default();
    if cron.is_empty() {
        reader.missing("cron");
    }
    if reader.member("entity").is_some() {
        reader.problems.push(Problem::new("schedule_of_entity", "/entity"));
    }
    match Cron::parse(&cron) {
        Some(schedule) => Trigger::Schedule(schedule),
        None if cron.is_empty() => Trigger::Called,
        None => {
            let problem = Problem::new("not_a_schedule", "/cron").with("value", &cron);
            reader.problems.push(problem.with("example", "0 8 * * 1-5"));
            Trigger::Called
        }
    }
}

/// The form whose page is listened to: one of the entity's.
fn form(reader: &mut Reader<'_>, entity: Option<&EntityModel>, model: &Model) -> String {
    let Some(name) = reader.text("form") else {
        reader.missing("form");
        return String::new();
    };
    let Some(entity) = entity else { return name };
    let of = |json: &Json| json.get("entity").and_then(Json::as_str) == Some(entity.name.as_str());
    match model.definition(DefinitionKind::Form, &name) {
        Some(found) if of(found) => {}
        Some(_) => {
            let problem = Problem::new("form_of_other", "/form").with("name", &name);
            reader.problems.push(problem.with("entity", &entity.name));
        }
        None => {
            let own = model.definitions_of(DefinitionKind::Form).filter(|(_, json)| of(json));
            let problem = Problem::new("unknown_definition", "/form").with("kind", DefinitionKind::Form);
            reader.problems.push(problem.with("name", &name).among(&name, own.map(|(name, _)| name)));
        }
    }
    name
}

/// Where a button stands.
const PLACES: [&str; 3] = ["record", "selection", "both"];

fn button(reader: &mut Reader<'_>, name: &str, entity: Option<&EntityModel>, model: &Model) -> Trigger {
    let place = reader.text("on").unwrap_or_else(|| "record".to_owned());
    if !PLACES.contains(&place.as_str()) {
        let problem = Problem::new("not_an_option", "/on").with("value", &place).with("field", "on");
        reader.problems.push(problem.with("options", PLACES.join(", ")));
    }
    if let Some(entity) = entity {
        not_taken(reader, name, entity, model);
    }
    let said = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    Trigger::Button(Pressed {
        title: said(reader.text("title")),
        confirm: said(reader.text("confirm")),
        on_record: place != "selection",
        on_list: matches!(place.as_str(), "selection" | "both"),
    })
}

/// A button has its own address, `records/{entity}/{id}/actions/{name}`: no action and no function of a script may have it.
fn not_taken(reader: &mut Reader<'_>, name: &str, entity: &EntityModel, model: &Model) {
    let action = model.definition(DefinitionKind::Action, name);
    let is_action = action.and_then(|json| json.get("entity")?.as_str()) == Some(entity.name.as_str());
    let function = format!("action_{name}");
    if is_action || crate::step::functions_of(entity, model).contains(&function) {
        let what = if is_action { name } else { &function };
        let problem = Problem::new("button_taken", "/event").with("name", what);
        reader.problems.push(problem.with("entity", &entity.name));
    }
}

fn hook(
    reader: &mut Reader<'_>,
    workflow: &str,
    (entity, inputs): (Option<&EntityModel>, Option<&EntityModel>),
    model: &Model,
) -> Trigger {
    let name = reader.text("name").unwrap_or_else(|| workflow.to_owned());
    let others = model.definitions_of(DefinitionKind::Workflow).filter(|(other, _)| *other != workflow);
    let taken = others.into_iter().find(|(other, json)| {
        let on = json.get("on").unwrap_or(&Json::Null);
        let own = on.get("name").and_then(Json::as_str).unwrap_or(other);
        on.get("event").and_then(Json::as_str) == Some("webhook") && own == name
    });
    if let Some((other, _)) = taken {
        reader.problems.push(Problem::new("hook_taken", "/name").with("name", &name).with("workflow", other));
    }
    let secret = reader.text("secret").unwrap_or_else(|| name.clone());
    let matching = matching(reader, entity, inputs, model);
    let places = places(reader);
    let leaves_aside = reader.member("others").and_then(Json::as_str) == Some("ignore");
    Trigger::Webhook(Hook { name, secret, matching, places, leaves_aside })
}

/// Inputs that stand elsewhere: `{ "kind": "email", "at": "/data/email" }`.
fn places(reader: &mut Reader<'_>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (name, input) in reader.member("inputs").and_then(Json::as_object).into_iter().flatten() {
        let Some(place) = input.get(AT).and_then(Json::as_str) else { continue };
        if place.starts_with('/') {
            found.push((name.clone(), place.to_owned()));
        } else {
            let problem = Problem::new("not_a_pointer", format!("/inputs/{name}/{AT}")).with("value", place);
            reader.problems.push(problem.with("example", format!("/{name}")));
        }
    }
    found
}

/// `{ "email": "sender" }`: which field of the record is which input.
fn matching(
    reader: &mut Reader<'_>,
    entity: Option<&EntityModel>,
    inputs: Option<&EntityModel>,
    model: &Model,
) -> Vec<(String, String)> {
    let written = reader.member("match").and_then(Json::as_object).filter(|object| !object.is_empty());
    let (Some(entity), Some(written)) = (entity, written) else {
        if entity.is_some() {
            // What is named without a way to find it would be of no use.
            reader.missing("match");
        } else if written.is_some() {
            reader.problems.push(Problem::new("required", "/entity"));
        }
        return Vec::new();
    };
    let mut found = Vec::new();
    for (field, input) in written {
        let at = format!("/match/{}", crate::read::escape(field));
        let input = input.as_str().unwrap_or_default();
        let Some(own) = reader.check_field(Some(entity), field, &at) else { continue };
        let given = inputs.and_then(|inputs| inputs.field(input)).filter(|given| !given.system);
        let Some(given) = given else {
            let problem = Problem::new("unknown_input_of_hook", at).with("name", input);
            let known = inputs.into_iter().flat_map(EntityModel::own_fields);
            let known: Vec<&str> = known.map(|field| field.name.as_str()).collect();
            reader.problems.push(problem.with("options", known.join(", ")));
            continue;
        };
        // Whether it can be asked for at all: compared with itself.
        let trial = serde_json::json!({ "field": field, "eq": { "field": field } });
        let can_be_asked = kontor_model::Filter::parse(&trial, entity, model).is_ok();
        let fits = own.kind.formula_type() == given.kind.formula_type()
            && (!own.kind.is_link() || own.targets.iter().any(|target| given.targets.contains(target)));
        if !can_be_asked || !fits {
            let problem = Problem::new("source_does_not_fit", at).with("from", format!("input.{input}"));
            reader.problems.push(problem.with("field", field).with("expected", own.kind.name()));
            continue;
        }
        found.push((field.clone(), input.to_owned()));
    }
    found
}

/// The entity that `on` names.
pub(crate) fn entity<'m>(on: &Json, model: &'m Model, problems: &mut Problems) -> Option<&'m EntityModel> {
    let given = on.get("entity").filter(|json| !is_absent(json));
    let event = on.get("event").and_then(Json::as_str);
    let is_schedule = matches!(event, Some("schedule" | "webhook"));
    let Some(name) = given.and_then(Json::as_str) else {
        if !is_schedule {
            problems.push(Problem::new("required", "/entity"));
        }
        return None;
    };
    let found = model.entity(name).map(AsRef::as_ref);
    if found.is_none() {
        problems.push(Problem::new("unknown_entity", "/entity").with("entity", name));
    }
    found
}
