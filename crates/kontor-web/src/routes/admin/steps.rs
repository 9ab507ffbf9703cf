//! `admin/workflows/{name}/trigger`, `…/step`, `…/steps`: what starts a workflow and what it does, one step a page, all in
//! the draft. Under the name `new` a workflow begins.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_core::definitions::drafts;
use kontor_core::records::Titles;
use kontor_model::check::meta_schema;
use kontor_model::definition::DefinitionKind;
use kontor_model::{EntityModel, Json, Model, Problem, Problems, name};
use kontor_view::field::{FieldView, OptionView};
use kontor_view::page::admin::item::ItemPage;
use kontor_view::page::part::Place;
use serde::Deserialize;
use serde_json::json;

use super::as_read;
use super::draft::{Draft, text};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::admin::conditions::{self, Shown};
use crate::present::admin::steps::{self, Step};
use crate::present::{Reading, filters, flash};
use crate::visit::Reader;

const KIND: DefinitionKind = DefinitionKind::Workflow;
/// The name in the address of one that has none yet.
pub const NEW: &str = "new";
/// What the page of a trigger says of the workflow itself.
const SAID: [&str; 3] = ["title", "description", "run_as"];
/// What starts a workflow.
const EVENTS: [&str; 6] = ["created", "updated", "saved", "deleted", "stage_entered", "called"];

#[derive(Deserialize)]
pub struct WorkflowPath {
    name: String,
}

impl WorkflowPath {
    fn href(&self, reading: &Reading<'_>) -> String {
        reading.admin_href(&format!("workflows/{}", address::segment(&self.name)))
    }
}

/// The place of a step, or of a list of steps, as a pointer.
fn pointer(position: &str) -> Result<String, Failure> {
    if position.is_empty() {
        return Ok("/steps".to_owned());
    }
    let fits = |part: &str| {
        matches!(part, "then" | "else" | "steps")
            || (!part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if position.split('/').all(fits) { Ok(format!("/steps/{position}")) } else { Err(Failure::not_found()) }
}

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
    let mut body = if is_new { begun(sent.text("title")) } else { draft.demand(KIND, &path.name)?.clone() };
    let mut problems = Problems::new();
    for key in ["title", "entity"] {
        if sent.text(key).trim().is_empty() && (key != "entity" || sent.text("event") != "called") {
            let label = reader.reading().t(&format!("step_key.{key}"));
            problems.push(Problem::at_field("required", key).with("field", label));
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
fn begun(title: &str) -> Json {
    json!({ "steps": [{ "do": "log", "text": format!("{}: {{{{ record.id }}}}", title.trim()) }] })
}

/// What the page of a trigger shows, each by the name of its input; what else stands in the trigger goes with it.
fn trigger_of(body: &Json) -> Json {
    let own = as_read::part(body, &SAID);
    let mut flat = own.as_object().cloned().unwrap_or_default();
    flat.extend(body.get("on").and_then(Json::as_object).cloned().unwrap_or_default());
    Json::Object(flat)
}

/// A workflow with a trigger as [`trigger_of`] says it.
fn with_trigger(body: &Json, flat: &Json) -> Json {
    let mut whole = as_read::with_part(body, &SAID, flat);
    let on = flat.as_object().into_iter().flatten().filter(|(key, _)| !SAID.contains(&key.as_str()));
    let on: serde_json::Map<String, Json> = on.map(|(key, json)| (key.clone(), json.clone())).collect();
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
    let reading = reader.reading();
    let model = drafts::model(&reader.session).await?;
    let is_new = path.name == NEW;
    let empty = json!({});
    let body = if is_new { &empty } else { draft.demand(KIND, &path.name)? };
    let mut fields = trigger_views(&reading, &model, body, sent);
    let mut places: Vec<_> = fields.iter_mut().collect();
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
        fields,
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
        Some(key) => Problem { path: format!("/{key}"), ..problem },
        None => problem,
    }
}

fn trigger_views(reading: &Reading<'_>, model: &Model, body: &Json, sent: Option<&Form>) -> Vec<FieldView> {
    let empty = json!({});
    let schema = meta_schema(KIND).unwrap_or(&empty);
    let stored = |pointer: &str| match body.pointer(pointer) {
        Some(Json::Array(list)) => list.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(", "),
        other => other.and_then(Json::as_str).unwrap_or_default().to_owned(),
    };
    let value = |key: &str, pointer: &str| {
        sent.and_then(|sent| sent.get(key)).map_or_else(|| stored(pointer), str::to_owned)
    };
    let line = |key: &str, pointer: &str| {
        let of_key = format!("/properties{}", pointer.replacen("/on/", "/on/properties/", 1));
        let value = value(key, pointer);
        let schema = schema.pointer(&of_key).unwrap_or(&empty);
        FieldView { text: value.clone(), value, ..steps::labelled(reading, key, key, schema) }
    };
    let choice = |key: &str, pointer: &str, options: Vec<(String, String)>| {
        let chosen = value(key, pointer);
        let options = steps::choices(reading, options, &chosen);
        FieldView { kind: "choice".into(), closed: true, options, ..line(key, pointer) }
    };
    let entity = model.entity(&value("entity", "/on/entity")).map(AsRef::as_ref);
    let events = EVENTS.map(|event| (event.to_owned(), reading.t(&format!("trigger.{event}")))).to_vec();
    let run_as = ["caller", "workspace"]
        .map(|one| (one.to_owned(), reading.t(&format!("step_option.{one}"))))
        .to_vec();
    let listened: Vec<String> = match sent.filter(|sent| sent.has("fields")) {
        Some(sent) => sent.all("fields").map(str::to_owned).collect(),
        None => stored("/on/fields").split(", ").map(str::to_owned).collect(),
    };
    let own = |entity: &EntityModel| -> Vec<OptionView> {
        let all = filters::fields(reading, entity, "").into_iter();
        all.filter(|option| entity.field(&option.value).is_some_and(|field| !field.system))
            .map(|option| OptionView { selected: listened.contains(&option.value), ..option })
            .collect()
    };
    let choices: Vec<(String, String)> = entity
        .into_iter()
        .flat_map(EntityModel::own_fields)
        .filter(|field| !field.definition.one_of.is_empty())
        .map(|field| (field.name.clone(), field.label(&reading.labels).to_owned()))
        .collect();
    let mut views = vec![
        FieldView { required: true, full: true, ..line("title", "/title") },
        FieldView { full: true, ..line("description", "/description") },
        FieldView { required: true, ..choice("entity", "/on/entity", steps::entities(reading, model)) },
        FieldView { required: true, ..choice("event", "/on/event", events) },
    ];
    if let Some(entity) = entity {
        views.push(FieldView {
            kind: "multi_choice".into(),
            full: true,
            options: own(entity),
            ..line("fields", "/on/fields")
        });
        views.push(choice("field", "/on/field", choices));
        views.push(line("stage", "/on/stage"));
    }
    views.push(choice("run_as", "/run_as", run_as));
    views
}

/// `GET …/step?at=` changes a step, `…/step?in=&do=` begins one at the end of a list.
pub async fn show_step(
    reader: Reader,
    Path(path): Path<WorkflowPath>,
    query: Query,
) -> Result<Response, Failure> {
    draw_step(&reader, &path, &query, None, &Problems::new()).await
}

/// `POST …/step`, at the same addresses.
pub async fn save_step(
    reader: Reader,
    Path(path): Path<WorkflowPath>,
    query: Query,
    sent: Form,
) -> Result<Response, Failure> {
    let session = &reader.session;
    let draft = Draft::open(session).await?;
    let body = draft.demand(KIND, &path.name)?;
    let reading = reader.reading();
    if query.get("at").is_none() && query.get("do").is_none() {
        let own = format!("{}/step", path.href(&reading));
        let chosen = [("in", query.text("in")), ("do", sent.text("do"))];
        return Ok(reader.go(&address::with_query(&own, chosen)));
    }
    if matches!(sent.text("_do"), "more" | "json" | "rows") {
        return draw_step(&reader, &path, &query, Some(&sent), &Problems::new()).await;
    }
    let model = drafts::model(session).await?;
    let (standing, place) = step_of(body, &query)?;
    let json = as_read::sent(&sent).unwrap_or_else(|| standing.clone());
    let own = body.pointer("/on/entity").and_then(Json::as_str).and_then(|name| model.entity(name));
    let step = Step {
        reading: &reading,
        model: &model,
        own: own.map(AsRef::as_ref),
        json: &json,
        sent: Some(&sent),
    };
    let read = match steps::read(&step, &sent) {
        Ok(read) => read,
        Err(problem) => return draw_step(&reader, &path, &query, Some(&sent), &problem.into()).await,
    };
    // The step that stood there may have moved, or been changed by somebody else.
    let read = match as_read::settle(&json, &standing, &read, &sent) {
        Ok(read) => read,
        Err((problems, sent)) => return draw_step(&reader, &path, &query, Some(&sent), &problems).await,
    };
    let mut changed = body.clone();
    if !put(&mut changed, &place, read) {
        return Err(Failure::not_found());
    }
    match draft.put(KIND, &path.name, changed).await {
        Ok(()) => Ok(reader.go_saying(&path.href(&reading), &flash::done("admin.saved_draft", &[]))),
        Err(Error::Problems(problems)) => draw_step(&reader, &path, &query, Some(&sent), &problems).await,
        Err(other) => Err(other.into()),
    }
}

/// Where a step is put.
enum Spot {
    /// In place of the one that is there.
    At(String),
    /// At the end of a list.
    In(String),
}

/// The step that the address means, and its place.
fn step_of(body: &Json, query: &Query) -> Result<(Json, Spot), Failure> {
    if let Some(position) = query.get("at") {
        let at = pointer(position)?;
        let step = body.pointer(&at).filter(|step| step.is_object()).ok_or_else(Failure::not_found)?;
        return Ok((step.clone(), Spot::At(at)));
    }
    let kind = steps::kinds().into_iter().find(|kind| *kind == query.text("do"));
    let kind = kind.ok_or_else(Failure::not_found)?;
    Ok((json!({ "do": kind }), Spot::In(pointer(query.text("in"))?)))
}

/// Whether the step could be put there.
fn put(body: &mut Json, place: &Spot, step: Json) -> bool {
    match place {
        Spot::At(at) => match body.pointer_mut(at) {
            Some(there) => *there = step,
            None => return false,
        },
        Spot::In(at) => {
            let (holder, key) = at.rsplit_once('/').unwrap_or(("", "steps"));
            let Some(holder) = body.pointer_mut(holder).and_then(Json::as_object_mut) else { return false };
            let list = holder.entry(key).or_insert_with(|| json!([]));
            let Some(list) = list.as_array_mut() else { return false };
            list.push(step);
        }
    }
    true
}

async fn draw_step(
    reader: &Reader,
    path: &WorkflowPath,
    query: &Query,
    sent: Option<&Form>,
    problems: &Problems,
) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let body = draft.demand(KIND, &path.name)?;
    let reading = reader.reading();
    let model = drafts::model(&reader.session).await?;
    let back_href = path.href(&reading);
    let own = body.pointer("/on/entity").and_then(Json::as_str).and_then(|name| model.entity(name));
    let mut page = ItemPage {
        at: reader.visit.place(),
        what: reading.definition_title(KIND, &path.name, body),
        heading: reading.t("workflows.new_step"),
        action: address::with_query(
            &format!("{back_href}/step"),
            query
                .0
                .iter()
                .filter(|(name, _)| matches!(name.as_str(), "at" | "in" | "do"))
                .map(|(name, value)| (name, value)),
        ),
        back_href: back_href.clone(),
        ..ItemPage::default()
    };
    if query.get("at").is_none() && query.text("do").is_empty() {
        pointer(query.text("in"))?;
        page.lead = reading.t("workflows.new_step_lead");
        page.action = address::with_query(&format!("{back_href}/step"), [("in", query.text("in"))]);
        page.fields.push(FieldView {
            kind: "choice".into(),
            closed: true,
            required: true,
            options: steps::choices(
                &reading,
                steps::kinds()
                    .into_iter()
                    .map(|kind| (kind.to_owned(), reading.t(&format!("step.{kind}"))))
                    .collect(),
                "",
            ),
            ..steps::labelled(&reading, "do", "do", &json!({}))
        });
    } else {
        let (json, _) = step_of(body, query)?;
        page.at.read = as_read::carried(sent, &json);
        let kind = text(&json, "do").to_owned();
        let step = Step { reading: &reading, model: &model, own: own.map(AsRef::as_ref), json: &json, sent };
        page.heading = reading.t(&format!("step.{kind}"));
        page.lead = about(&reading, &kind);
        page.fields = step.views();
        let mut places: Vec<_> = page.fields.iter_mut().collect();
        let at_inputs = Problems(problems.iter().map(|one| of_step(one.clone())).collect());
        page.problems = reading.presenter(&Titles::new()).place_problems(&at_inputs, &mut places, false);
        page.more = page.fields.iter().any(|field| field.name.starts_with("value."));
        page.condition = steps::condition_key(&kind).map(|key| {
            let shown = Shown {
                legend: reading.t(&format!("step_key.{key}")),
                lead: String::new(),
                condition: json.get(key),
                entity: steps::condition_subject(&kind, &step),
                about_changes: key != "where",
            };
            conditions::editor(&reading, &shown, sent)
        });
    }
    let mut draw = reader
        .draw()
        .below(reading.t("workflows.title"), reading.admin_href("workflows"))
        .below(page.what.clone(), back_href);
    if !problems.is_empty() {
        draw = draw.refused();
    }
    draw.view(&page).await
}

/// What a kind of step does, in the words of the meta-schema where the reader's language has none.
fn about(reading: &Reading<'_>, kind: &str) -> String {
    let key = format!("step_about.{kind}");
    if reading.words().has(&key) { reading.t(&key) } else { String::new() }
}

/// Pointers into a step as names of inputs: `/steps/2/then/0/entity` is at `entity`.
fn of_step(problem: Problem) -> Problem {
    let mut parts = problem.path.split('/').skip(1).peekable();
    let mut key = "";
    while let Some(part) = parts.next() {
        let is_list = matches!(part, "steps" | "then" | "else");
        if is_list && parts.peek().is_some_and(|next| next.bytes().all(|byte| byte.is_ascii_digit())) {
            parts.next();
            continue;
        }
        key = part;
        break;
    }
    Problem { path: format!("/{key}"), ..problem }
}

/// `POST …/steps`: `_do` is `up:POSITION`, `down:POSITION` or `remove:POSITION`.
pub async fn move_step(
    reader: Reader,
    Path(path): Path<WorkflowPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let session = &reader.session;
    let draft = Draft::open(session).await?;
    let mut body = draft.demand(KIND, &path.name)?.clone();
    let (act, position) = sent.text("_do").split_once(':').ok_or_else(Failure::not_found)?;
    let href = path.href(&reader.reading());
    // A position says which step it is only while the steps are those of the page.
    let standing = body.get("steps").cloned().unwrap_or_default();
    if as_read::sent(&sent).is_some_and(|read| read != standing) {
        return not_moved(&reader, &path, href, &Problem::new("steps_moved", "/steps").into()).await;
    }
    if !moved(&mut body, act, &pointer(position)?) {
        return Err(Failure::not_found());
    }
    match draft.put(KIND, &path.name, body).await {
        Ok(()) => Ok(reader.go_saying(&href, &flash::done("admin.saved_draft", &[]))),
        // Another step uses what this one makes: that is said where it is edited.
        Err(Error::Problems(problems)) => not_moved(&reader, &path, href, &problems).await,
        Err(other) => Err(other.into()),
    }
}

async fn not_moved(
    reader: &Reader,
    path: &WorkflowPath,
    back_href: String,
    problems: &Problems,
) -> Result<Response, Failure> {
    let reading = reader.reading();
    let page = ItemPage {
        at: reader.visit.place(),
        what: reading.definition_title(KIND, &path.name, &json!({})),
        heading: reading.t("workflows.not_moved"),
        back_href,
        problems: reading.problem_lines(problems, ""),
        ..ItemPage::default()
    };
    reader.draw().refused().view(&page).await
}

/// Moves a step inside its list or takes it out; whether there is one.
fn moved(body: &mut Json, act: &str, at: &str) -> bool {
    let Some((list, index)) = at.rsplit_once('/') else { return false };
    let Some(list) = body.pointer_mut(list).and_then(Json::as_array_mut) else { return false };
    let Some(index) = index.parse::<usize>().ok().filter(|index| *index < list.len()) else { return false };
    match act {
        "up" if index > 0 => list.swap(index - 1, index),
        "down" if index + 1 < list.len() => list.swap(index, index + 1),
        "up" | "down" => {}
        "remove" => drop(list.remove(index)),
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_move_and_go() {
        let mut body = json!({ "steps": [{ "do": "log" }, { "do": "branch", "then": [{ "do": "set" }, { "do": "stop" }] }] });
        assert!(moved(&mut body, "down", "/steps/1/then/0"));
        assert_eq!(body.pointer("/steps/1/then/0/do"), Some(&json!("stop")));
        assert!(moved(&mut body, "up", "/steps/1") && moved(&mut body, "up", "/steps/0"));
        assert_eq!(body.pointer("/steps/0/do"), Some(&json!("branch")));
        assert!(moved(&mut body, "remove", "/steps/1") && !moved(&mut body, "remove", "/steps/1"));
        assert!(put(&mut body, &Spot::In("/steps/0/else".into()), json!({ "do": "log" })));
        assert_eq!(body.pointer("/steps/0/else/0/do"), Some(&json!("log")));
        assert!(pointer("2/then/0").is_ok() && pointer("2/../name").is_err() && pointer("0//1").is_err());
    }
}
