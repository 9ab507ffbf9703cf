//! `admin/workflows/{name}/step`, `…/steps`: what a workflow does, one step a page, all in the draft.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_core::records::Titles;
use kontor_model::definition::DefinitionKind;
use kontor_model::{Json, Problem, Problems};
use kontor_view::page::admin::item::ItemPage;
use kontor_view::page::part::Notice;
use serde::Deserialize;
use serde_json::json;

use super::as_read;
use super::draft::{Draft, text};
use super::workflows::draw_workflow;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::admin::conditions::{self, Shown};
use crate::present::admin::step_cards;
use crate::present::admin::step_typed;
use crate::present::admin::steps::{self, Step};
use crate::present::{Reading, flash};
use crate::visit::Reader;

pub const KIND: DefinitionKind = DefinitionKind::Workflow;

#[derive(Deserialize)]
pub struct WorkflowPath {
    pub name: String,
}

impl WorkflowPath {
    /// The address of the workflow's page.
    pub fn href(&self, reading: &Reading<'_>) -> String {
        reading.admin_href(&format!("workflows/{}", address::segment(&self.name)))
    }
}

/// The place of a step, or of a list of steps, as a pointer.
fn pointer(position: &str) -> Result<String, Failure> {
    if position.is_empty() {
        return Ok("/steps".to_owned());
    }
    let fits = |part: &str| {
        matches!(part, "then" | "else" | "steps" | "cases" | "branches" | "on_timeout")
            || (!part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if position.split('/').all(fits) { Ok(format!("/steps/{position}")) } else { Err(Failure::not_found()) }
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
        if sent.text("do").is_empty() {
            let problem = Problem::at_field("required", "do").with("field", reading.t("step_key.do"));
            return draw_step(&reader, &path, &query, None, &problem.into()).await;
        }
        let own = format!("{}/step", path.href(&reading));
        let chosen = [("in", query.text("in")), ("do", sent.text("do"))];
        return Ok(reader.go(&address::with_query(&own, chosen)));
    }
    if matches!(sent.text("_do"), "more" | "json" | "rows") {
        return draw_step(&reader, &path, &query, Some(&sent), &Problems::new()).await;
    }
    let drafted = reader.drafted().await?;
    let reading = drafted.reading();
    let model = Arc::clone(&drafted.session.model);
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
    let read = match step_typed::read(&step, &sent) {
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
    let drafted = reader.drafted().await?;
    let reading = drafted.reading();
    let model = Arc::clone(&drafted.session.model);
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
        page.save = reading.t("workflows.next");
        page.cards = step_cards::groups(&reading);
        page.problems = reading.problem_lines(problems, "");
    } else {
        let (json, _) = step_of(body, query)?;
        page.at.read = as_read::carried(sent, &json);
        let kind = text(&json, "do").to_owned();
        let step = Step { reading: &reading, model: &model, own: own.map(AsRef::as_ref), json: &json, sent };
        page.heading = reading.t(&format!("step.{kind}"));
        page.lead = step_cards::about(&reading, &kind);
        page.fields = step.views();
        let mut places: Vec<_> = page.fields.iter_mut().collect();
        let at_inputs = Problems(problems.iter().map(|one| of_step(one.clone())).collect());
        page.problems = reading.presenter(&Titles::new()).place_problems(&at_inputs, &mut places, false);
        page.more = page.fields.iter().any(|field| {
            field.name.starts_with("value.")
                || ["case.", "way."].iter().any(|group| field.name.starts_with(group))
        });
        page.condition = steps::condition_key(&kind).map(|key| {
            let shown = Shown {
                legend: reading.t(&format!("step_key.{key}")),
                lead: String::new(),
                condition: json.get(key),
                entity: step_typed::condition_subject(&kind, &step),
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

/// Pointers into a step as names of inputs: `/steps/2/then/0/entity` is at `entity`.
fn of_step(problem: Problem) -> Problem {
    let mut parts = problem.path.split('/').skip(1).peekable();
    let mut key = "";
    while let Some(part) = parts.next() {
        let is_list = matches!(part, "steps" | "then" | "else" | "on_timeout");
        let is_case =
            matches!((part, parts.clone().nth(1)), ("cases", Some("then")) | ("branches", Some("steps")));
        if is_case {
            parts.next();
            continue;
        }
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
        return not_moved(&reader, &path, &body, &Problem::new("steps_moved", "/steps").into()).await;
    }
    if !moved(&mut body, act, &pointer(position)?) {
        return Err(Failure::not_found());
    }
    match draft.put(KIND, &path.name, body.clone()).await {
        Ok(()) => Ok(reader.go_saying(&href, &flash::done("admin.saved_draft", &[]))),
        // Another step uses what this one makes.
        Err(Error::Problems(problems)) => not_moved(&reader, &path, &body, &problems).await,
        Err(other) => Err(other.into()),
    }
}

/// The flow as it stands, and which steps of the one that was wanted do not work.
async fn not_moved(
    reader: &Reader,
    path: &WorkflowPath,
    wanted: &Json,
    problems: &Problems,
) -> Result<Response, Failure> {
    let reading = reader.reading();
    let mut lines: Vec<String> = Vec::new();
    for problem in problems.iter() {
        let message = problem.message(&reading.labels);
        let line = match step_above(wanted, &problem.path) {
            Some(step) => format!("{}{}{message}", titled(&reading, step), reading.t("form.colon")),
            None => message,
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    let title = reading.t("workflows.not_moved");
    let notice = Notice { tone: "t-red".to_owned(), title, lines };
    draw_workflow(reader, &path.name, "", Some(notice)).await
}

/// The innermost step around a place of a workflow.
fn step_above<'a>(body: &'a Json, place: &str) -> Option<&'a Json> {
    let mut place = place;
    loop {
        if let Some(found) = body.pointer(place).filter(|one| one.get("do").is_some()) {
            return Some(found);
        }
        place = place.rsplit_once('/')?.0;
    }
}

/// What a step is called.
fn titled(reading: &Reading<'_>, step: &Json) -> String {
    match text(step, "title") {
        "" => reading.t(&format!("step.{}", text(step, "do"))),
        own => own.to_owned(),
    }
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
