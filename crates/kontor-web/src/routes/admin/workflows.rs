//! `admin/workflows`: what happens by itself, drawn as a flow, with its runs.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::queue;
use kontor_model::Json;
use kontor_model::definition::DefinitionKind;
use kontor_view::page::admin::workflows::{WorkflowLine, WorkflowPage, WorkflowsPage};
use kontor_view::page::part::{Notice, Place, Tab};
use serde::Deserialize;

use super::draft::{self, Draft};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::admin::{source, workflow};
use crate::present::flash;
use crate::visit::Reader;

/// Runs beside a flow.
const FIRST: usize = 8;
const MOST: i64 = 50;

#[derive(Deserialize)]
pub struct WorkflowPath {
    name: String,
}

fn is_active(json: &Json) -> bool {
    json.get("active").and_then(Json::as_bool).unwrap_or(true)
}

/// The list.
pub async fn list_workflows(reader: Reader) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let drafted = reader.drafted().await?;
    let (reading, designed) = (reader.reading(), drafted.reading());
    let mut workflows = Vec::new();
    for (name, json) in draft.all(DefinitionKind::Workflow) {
        let runs = queue::runs(&reader.session, Some(name), MOST).await?;
        let failed = runs.iter().filter(|run| run.dead || run.state == "failed").count();
        workflows.push(WorkflowLine {
            href: reading.admin_href(&format!("workflows/{}", address::segment(name))),
            title: reading.definition_title(DefinitionKind::Workflow, name, json),
            trigger: workflow::trigger_text(&designed, json),
            active: is_active(json),
            runs: if runs.is_empty() { String::new() } else { reading.format.count(runs.len() as u64) },
            failed: if failed == 0 { String::new() } else { reading.format.count(failed as u64) },
            layer: draft::layer(&reading, DefinitionKind::Workflow, name),
            draft: draft.state(DefinitionKind::Workflow, name),
        });
    }
    let page = WorkflowsPage {
        at: reader.visit.place(),
        workflows,
        new_href: reading.admin_href(&format!("workflows/{}/trigger", super::trigger::NEW)),
    };
    reader.draw().view(&page).await
}

/// One workflow: `?tab=flow`, `runs` or `source`.
pub async fn show_workflow(
    reader: Reader,
    Path(path): Path<WorkflowPath>,
    query: Query,
) -> Result<Response, Failure> {
    draw_workflow(&reader, &path.name, query.text("tab"), None).await
}

/// The page of a workflow, with what was refused.
pub async fn draw_workflow(
    reader: &Reader,
    name: &str,
    tab: &str,
    refused: Option<Notice>,
) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let json = draft.demand(DefinitionKind::Workflow, name)?;
    let drafted = reader.drafted().await?;
    let (reading, designed) = (reader.reading(), drafted.reading());
    let base = reading.admin_href(&format!("workflows/{}", address::segment(name)));
    let runs = queue::runs(&reader.session, Some(name), MOST).await?;
    let shown = if tab == "runs" { runs.as_slice() } else { runs.get(..FIRST).unwrap_or(&runs) };
    let tabs =
        [("flow", "workflows.tab_flow"), ("runs", "workflows.runs"), ("source", "workflows.tab_source")];
    let page = WorkflowPage {
        // The buttons of the steps go by their places.
        at: Place {
            read: json.get("steps").map(ToString::to_string).unwrap_or_default(),
            ..reader.visit.place()
        },
        name: name.to_owned(),
        title: reading.definition_title(DefinitionKind::Workflow, name, json),
        about: workflow::about(&designed, json),
        active: is_active(json),
        toggle_action: format!("{base}/active"),
        tabs: tabs
            .into_iter()
            .map(|(one, key)| Tab {
                href: if one == "flow" { base.clone() } else { address::with_query(&base, [("tab", one)]) },
                title: reading.t(key),
                count: String::new(),
                current: one == tab || (one == "flow" && !matches!(tab, "runs" | "source")),
            })
            .collect(),
        trigger: workflow::trigger(&designed, json),
        condition: workflow::condition(&designed, json),
        nodes: workflow::nodes(&designed, json, json.get("steps")),
        steps_action: format!("{base}/steps"),
        add_href: address::with_query(&format!("{base}/step"), [("in", "")]),
        add_condition_href: if json.pointer("/on/entity").is_some() {
            workflow::condition_href(&reading, json)
        } else {
            String::new()
        },
        ends: workflow::ends(&designed, json),
        add_ends: workflow::add_ends(&designed, json),
        runs: workflow::run_cards(&reading, shown).await,
        runs_note: String::new(),
        all_runs_href: if runs.len() > shown.len() {
            address::with_query(&base, [("tab", "runs")])
        } else {
            String::new()
        },
        source: (tab == "source").then(|| {
            source::editor(
                &reading,
                name,
                json,
                reading.admin_href(&format!("source/workflow/{}", address::segment(name))),
            )
        }),
        draft: draft.state(DefinitionKind::Workflow, name),
        notices: refused.iter().cloned().collect(),
    };
    let mut draw = reader.draw().below(reading.t("workflows.title"), reading.admin_href("workflows"));
    if refused.is_some() {
        draw = draw.refused();
    }
    draw.view(&page).await
}

/// `POST …/active`: `1` or `0`, into the draft.
pub async fn toggle_workflow(
    reader: Reader,
    Path(path): Path<WorkflowPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let mut body = draft.demand(DefinitionKind::Workflow, &path.name)?.clone();
    if let Some(object) = body.as_object_mut() {
        object.insert("active".into(), (sent.text("active") == "1").into());
    }
    draft.put(DefinitionKind::Workflow, &path.name, body).await?;
    let base = reader.reading().admin_href(&format!("workflows/{}", address::segment(&path.name)));
    Ok(reader.go_saying(&base, &flash::done("admin.saved_draft", &[])))
}
