//! `admin/workflows/{name}/trigger`: what starts a workflow, in the draft. Under the name `new` a workflow begins.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_core::definitions::drafts;
use kontor_core::records::Titles;
use kontor_model::{Json, Model, Problem, Problems, name};
use kontor_view::page::admin::item::ItemPage;
use kontor_view::page::part::Place;
use serde_json::json;

use super::as_read;
use super::draft::Draft;
use super::steps::{KIND, WorkflowPath};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::json as strict;
use crate::present::admin::trigger::{self, EVENTS};
use crate::present::admin::{conditions, step_typed};
use crate::present::flash;
use crate::visit::Reader;

/// The name in the address of one that has none yet.
pub const NEW: &str = "new";

/// Keys of a button under the names of their inputs: a workflow has a title of its own.
const OF_BUTTON: [(&str, &str); 3] = [("title", "button_title"), ("on", "place"), ("confirm", "confirm")];

/// What belongs to hooks alone, and whether it is written as JSON.
const OF_HOOKS: [(&str, bool); 5] =
    [("name", false), ("secret", false), ("inputs", true), ("others", false), ("match", true)];

/// What the page of a trigger says of the workflow itself.
const SAID: [&str; 4] = ["title", "description", "run_as", "again"];

/// `GET …/trigger`.
pub async fn show_trigger(reader: Reader, Path(path): Path<WorkflowPath>) -> Result<Response, Failure> {
    draw_trigger(&reader, &path, None, &Problems::new()).await
}

/// `POST …/trigger`.
pub async fn save_trigger(
    reader: Reader,
    Path(path): Path<WorkflowPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let session = &reader.session;
    let draft = Draft::open(session).await?;
    if sent.text("_do") == "more" {
        return draw_trigger(&reader, &path, Some(&sent), &Problems::new()).await;
    }
    let is_new = path.name == NEW;
    let mut body = if is_new {
        begun(sent.text("title"), sent.text("event"))
    } else {
        draft.demand(KIND, &path.name)?.clone()
    };
    let mut problems = Problems::new();
    for key in ["title", "entity"] {
        if sent.text(key).trim().is_empty()
            && (key != "entity" || !matches!(sent.text("event"), "called" | "schedule" | "webhook"))
        {
            let label = reader.reading().t(&format!("step_key.{key}"));
            problems.push(Problem::at_field("required", key).with("field", label));
        }
    }
    for (key, _) in OF_HOOKS.iter().filter(|(_, is_json)| *is_json && sent.text("event") == "webhook") {
        let text = sent.text(key).trim();
        if let (true, Err(problem)) = (step_typed::is_object(text), step_typed::written_json(text)) {
            problems.push(Problem { path: format!("/{key}"), ..problem });
        }
    }
    if problems.has_errors() {
        return draw_trigger(&reader, &path, Some(&sent), &problems).await;
    }
    let model = drafts::model(session).await?;
    let name = if is_new {
        let is_taken = |name: &str| name == NEW || draft.definition(KIND, name).is_some();
        name::derive(sent.text("title"), is_taken)
    } else {
        path.name.clone()
    };
    // What others changed while the page stood open stays where its writer changed nothing.
    let standing = trigger_of(&body);
    let base = as_read::sent(&sent).filter(|_| !is_new).unwrap_or_else(|| standing.clone());
    let mut mine = with_trigger(&body, &base);
    write_trigger(&mut mine, &model, &sent);
    match as_read::settle(&base, &standing, &trigger_of(&mine), &sent) {
        Ok(settled) => body = with_trigger(&body, &settled),
        Err((problems, sent)) => return draw_trigger(&reader, &path, Some(&sent), &problems).await,
    }
    if let Some(object) = body.as_object_mut() {
        object.insert("name".into(), name.as_str().into());
    }
    match draft.put(KIND, &name, body).await {
        Ok(()) => {
            let href = WorkflowPath { name }.href(&reader.reading());
            Ok(reader.go_saying(&href, &flash::done("admin.saved_draft", &[])))
        }
        Err(Error::Problems(problems)) => draw_trigger(&reader, &path, Some(&sent), &problems).await,
        Err(other) => Err(other.into()),
    }
}

/// A workflow has a step: a line in its run, until it has others.
fn begun(title: &str, event: &str) -> Json {
    let title = title.trim();
    // Times of the clock are of no record, nor is all that machines say.
    let text = if matches!(event, "schedule" | "webhook") {
        title.to_owned()
    } else {
        format!("{title}: {{{{ record.id }}}}")
    };
    json!({ "steps": [{ "do": "log", "text": text }] })
}

/// What the page of a trigger shows, each by the name of its input; what else stands in the trigger goes with it.
fn trigger_of(body: &Json) -> Json {
    let own = as_read::part(body, &SAID);
    let mut flat = own.as_object().cloned().unwrap_or_default();
    let on = body.get("on").and_then(Json::as_object).cloned().unwrap_or_default();
    flat.extend(on.into_iter().map(|(key, json)| (input_of(&key).to_owned(), json)));
    Json::Object(flat)
}

fn input_of(key: &str) -> &str {
    OF_BUTTON.iter().find(|(own, _)| *own == key).map_or(key, |(_, input)| input)
}

fn key_of(input: &str) -> &str {
    OF_BUTTON.iter().find(|(_, own)| *own == input).map_or(input, |(key, _)| key)
}

/// A workflow with a trigger as [`trigger_of`] says it.
fn with_trigger(body: &Json, flat: &Json) -> Json {
    let mut whole = as_read::with_part(body, &SAID, flat);
    let on = flat.as_object().into_iter().flatten().filter(|(key, _)| !SAID.contains(&key.as_str()));
    let on: serde_json::Map<String, Json> =
        on.map(|(key, json)| (key_of(key).to_owned(), json.clone())).collect();
    if let Some(object) = whole.as_object_mut() {
        object.insert("on".into(), Json::Object(on));
    }
    whole
}

fn write_trigger(body: &mut Json, model: &Model, sent: &Form) {
    let Some(object) = body.as_object_mut() else { return };
    for key in SAID {
        match sent.text(key).trim() {
            "" => drop(object.shift_remove(key)),
            text => drop(object.insert(key.to_owned(), text.into())),
        }
    }
    let mut on = object.get("on").and_then(Json::as_object).cloned().unwrap_or_default();
    let event = EVENTS.into_iter().find(|event| *event == sent.text("event")).unwrap_or("created");
    on.insert("event".into(), event.into());
    let entity = model.entity(sent.text("entity"));
    match sent.text("entity") {
        _ if event == "schedule" => drop(on.shift_remove("entity")),
        "" => drop(on.shift_remove("entity")),
        name => drop(on.insert("entity".into(), name.into())),
    }
    let fields: Vec<&str> = sent.all("fields").filter(|field| !field.is_empty()).collect();
    if fields.is_empty() || !matches!(event, "updated" | "saved") {
        on.shift_remove("fields");
    } else {
        on.insert("fields".into(), json!(fields));
    }
    let field = sent.text("field");
    let choice = entity.and_then(|entity| entity.field(field));
    let stages: Vec<Json> = sent
        .text("stage")
        .split([',', '，'])
        .map(str::trim)
        .filter(|stage| !stage.is_empty())
        .map(|stage| conditions::typed(kontor_model::conventions::of(""), choice, stage))
        .collect();
    for key in ["field", "stage"] {
        on.shift_remove(key);
    }
    for (key, is_json) in OF_HOOKS {
        match sent.text(key).trim() {
            "" => drop(on.shift_remove(key)),
            _ if event != "webhook" => drop(on.shift_remove(key)),
            // What cannot be read stays a text, and is refused as one.
            text if is_json => drop(
                on.insert(key.to_owned(), strict::parse(text.as_bytes()).unwrap_or_else(|_| text.into())),
            ),
            text => drop(on.insert(key.to_owned(), text.into())),
        }
    }
    let required: Vec<&str> =
        sent.text("required").split([',', '，']).map(str::trim).filter(|one| !one.is_empty()).collect();
    if event == "webhook" && !required.is_empty() {
        on.insert("required".into(), json!(required));
    } else {
        on.shift_remove("required");
    }
    for (key, of) in [("at", "date"), ("every", "date"), ("cron", "schedule"), ("form", "form")] {
        match sent.text(key).trim() {
            text if event == of && !text.is_empty() => drop(on.insert(key.to_owned(), text.into())),
            _ => drop(on.shift_remove(key)),
        }
    }
    for (key, input) in OF_BUTTON {
        match sent.text(input).trim() {
            text if event == "button" && !text.is_empty() => drop(on.insert(key.to_owned(), text.into())),
            _ => drop(on.shift_remove(key)),
        }
    }
    let day = sent.text("day");
    if event == "date" && !day.is_empty() {
        on.insert("field".into(), day.into());
    }
    if event == "stage_entered" {
        if !field.is_empty() {
            on.insert("field".into(), field.into());
        }
        match stages.as_slice() {
            [] => {}
            [one] => drop(on.insert("stage".into(), one.clone())),
            several => drop(on.insert("stage".into(), several.to_vec().into())),
        }
    }
    object.insert("on".into(), Json::Object(on));
}

async fn draw_trigger(
    reader: &Reader,
    path: &WorkflowPath,
    sent: Option<&Form>,
    problems: &Problems,
) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let drafted = reader.drafted().await?;
    let reading = drafted.reading();
    let model = Arc::clone(&drafted.session.model);
    let is_new = path.name == NEW;
    let empty = json!({});
    let body = if is_new { &empty } else { draft.demand(KIND, &path.name)? };
    let mut drawn = trigger::views(&reading, &model, body, sent);
    let grouped = drawn.groups.iter_mut().flat_map(|group| &mut group.fields);
    let mut places: Vec<_> = drawn.fields.iter_mut().chain(grouped).collect();
    let at_inputs = Problems(problems.iter().map(|one| of_trigger(one.clone())).collect());
    let lines = reading.presenter(&Titles::new()).place_problems(&at_inputs, &mut places, false);
    let list = reading.admin_href("workflows");
    let read = if is_new { String::new() } else { as_read::carried(sent, &trigger_of(body)) };
    let page = ItemPage {
        at: Place { read, ..reader.visit.place() },
        what: reading.t("definition.workflow.one"),
        heading: if is_new {
            reading.t("workflows.new")
        } else {
            reading.words().with(
                "workflows.trigger_of",
                &[("workflow", &reading.definition_title(KIND, &path.name, body))],
            )
        },
        lead: if is_new { reading.t("workflows.new_lead") } else { String::new() },
        action: format!("{}/trigger", path.href(&reading)),
        back_href: if is_new { list.clone() } else { path.href(&reading) },
        fields: drawn.fields,
        groups: drawn.groups,
        redraws: true,
        problems: lines,
        ..ItemPage::default()
    };
    let mut draw = reader.draw().below(reading.t("workflows.title"), list);
    if !problems.is_empty() {
        draw = draw.refused();
    }
    draw.view(&page).await
}

/// Pointers into the trigger as names of inputs.
fn of_trigger(problem: Problem) -> Problem {
    let rest = problem.path.strip_prefix("/on/").map(|rest| rest.split('/').next().unwrap_or_default());
    match rest {
        // What is wrong with the field is wrong with the day, where one is waited for.
        Some("field") if problem.code == "not_a_moment" => Problem { path: "/day".into(), ..problem },
        Some(key) => Problem { path: format!("/{}", input_of(key)), ..problem },
        None => problem,
    }
}
