//! A workflow drawn as a flow, and its runs.

use kontor_core::queue;
use kontor_core::records;
use kontor_core::rows::{RunRow, RunStepRow};
use kontor_model::Json;
use kontor_model::definition::DefinitionKind;
use kontor_view::page::admin::workflows::{FlowBranch, FlowNode, RunCard, RunStep};
use kontor_view::page::part::{ActionButton, Hidden, Link};

use super::said::Said;
use crate::frame::address;
use crate::present::Reading;
use crate::routes::admin::draft::{Draft, text};

/// What starts a workflow, in words.
pub fn trigger_text(reading: &Reading<'_>, workflow: &Json) -> String {
    let event = workflow.pointer("/on/event").and_then(Json::as_str).unwrap_or("called");
    let words = reading.t(&format!("trigger.{event}"));
    match about(reading, workflow) {
        about if about.is_empty() => words,
        about => format!("{about}{}{words}", reading.t("form.colon")),
    }
}

/// The title of the entity that a workflow listens to.
pub fn about(reading: &Reading<'_>, workflow: &Json) -> String {
    let Some(name) = workflow.pointer("/on/entity").and_then(Json::as_str) else { return String::new() };
    reading.session.model.entity(name).map_or_else(|| name.to_owned(), |entity| reading.title_of(entity))
}

/// The node of the trigger.
pub fn trigger(reading: &Reading<'_>, workflow: &Json) -> FlowNode {
    let on = workflow.get("on");
    let list = |key: &str| match on.and_then(|on| on.get(key)) {
        Some(Json::String(one)) => one.clone(),
        Some(Json::Array(many)) => many.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(", "),
        _ => String::new(),
    };
    let published = Draft::published(reading.session);
    let said = Said::new(reading, &published);
    let entity = on.map(|on| text(on, "entity")).unwrap_or_default();
    let fields: Vec<String> = list("fields")
        .split(", ")
        .filter(|field| !field.is_empty())
        .map(|field| said.field(entity, field))
        .collect();
    let stage = match list("stage") {
        stage if stage.is_empty() => stage,
        stage => said.value(entity, on.map(|on| text(on, "field")).unwrap_or_default(), &Json::from(stage)),
    };
    let on_text = |key: &str| on.map(|on| text(on, key)).unwrap_or_default().to_owned();
    let day = match on_text("field") {
        field if on_text("event") == "date" && !field.is_empty() => said.field(entity, &field),
        _ => String::new(),
    };
    let note = [fields.join(", "), stage, day, on_text("at"), on_text("cron")]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join(" · ");
    FlowNode {
        icon: "zap".to_owned(),
        tone: "t-amber".to_owned(),
        title: trigger_text(reading, workflow),
        note,
        edit_href: format!("{}/trigger", base(reading, workflow)),
        ..FlowNode::default()
    }
}

/// The node of the condition.
pub fn condition(reading: &Reading<'_>, workflow: &Json) -> Option<FlowNode> {
    let when = workflow.get("when").filter(|when| !when.is_null())?;
    Some(FlowNode {
        icon: "filter".to_owned(),
        tone: "t-grey".to_owned(),
        title: reading.t("workflows.only_if"),
        note: condition_text(reading, workflow, when),
        edit_href: condition_href(reading, workflow),
        ..FlowNode::default()
    })
}

/// The address of a workflow's page.
fn base(reading: &Reading<'_>, workflow: &Json) -> String {
    reading.admin_href(&format!("workflows/{}", address::segment(text(workflow, "name"))))
}

/// Where its condition is written.
pub fn condition_href(reading: &Reading<'_>, workflow: &Json) -> String {
    condition_at(reading, workflow, "/when")
}

fn condition_at(reading: &Reading<'_>, workflow: &Json, at: &str) -> String {
    let own = reading.admin_href(&format!("condition/workflow/{}", address::segment(text(workflow, "name"))));
    address::with_query(&own, [("at", at), ("back", &base(reading, workflow))])
}

/// The conditions that end a run, each with its key and its icon.
const ENDS: [(&str, &str); 2] = [("goal", "target"), ("exit_when", "square")];

/// What ends a run before its last step.
pub fn ends(reading: &Reading<'_>, workflow: &Json) -> Vec<FlowNode> {
    let node = |(key, icon): (&str, &str)| {
        let filter = workflow.get(key).filter(|filter| !filter.is_null())?;
        Some(FlowNode {
            icon: icon.to_owned(),
            tone: "t-grey".to_owned(),
            title: reading.t(&format!("workflows.{key}")),
            note: condition_text(reading, workflow, filter),
            edit_href: condition_at(reading, workflow, &format!("/{key}")),
            ..FlowNode::default()
        })
    };
    ENDS.into_iter().filter_map(node).collect()
}

/// Where those are begun that it does not have.
pub fn add_ends(reading: &Reading<'_>, workflow: &Json) -> Vec<Link> {
    if listened(workflow).is_empty() {
        return Vec::new();
    }
    let open = ENDS.into_iter().filter(|(key, _)| workflow.get(*key).is_none_or(Json::is_null));
    let link = |key: &str| {
        let title = reading.t(&format!("workflows.add_{key}"));
        Link::new(condition_at(reading, workflow, &format!("/{key}")), title, "")
    };
    open.map(|(key, _)| link(key)).collect()
}

/// A condition in words.
fn condition_text(reading: &Reading<'_>, workflow: &Json, filter: &Json) -> String {
    let published = Draft::published(reading.session);
    Said::new(reading, &published).in_workflow(workflow).condition(listened(workflow), filter)
}

/// The entity that a workflow listens to.
fn listened(workflow: &Json) -> &str {
    workflow.pointer("/on/entity").and_then(Json::as_str).unwrap_or_default()
}

/// The steps.
pub fn nodes(reading: &Reading<'_>, workflow: &Json, steps: Option<&Json>) -> Vec<FlowNode> {
    nodes_in(reading, workflow, steps, "", "steps")
}

/// The steps of a list: `prefix` begins their positions in a run, `path` is where their labels are.
fn nodes_in(
    reading: &Reading<'_>,
    workflow: &Json,
    steps: Option<&Json>,
    prefix: &str,
    path: &str,
) -> Vec<FlowNode> {
    let list = steps.and_then(Json::as_array).into_iter().flatten();
    list.enumerate()
        .map(|(index, step)| {
            let path = format!("{path}.{}", text(step, "name"));
            node(reading, workflow, step, &format!("{prefix}{index}"), &path)
        })
        .collect()
}

fn node(reading: &Reading<'_>, workflow: &Json, step: &Json, position: &str, path: &str) -> FlowNode {
    let action = text(step, "do");
    let (icon, tone) = super::step_cards::icon(action);
    let own = text(step, "title");
    let title = if own.is_empty() {
        reading.t(&format!("step.{action}"))
    } else {
        reading.label(DefinitionKind::Workflow, text(workflow, "name"), &format!("{path}.title"), own)
    };
    let steps = format!("{}/step", base(reading, workflow));
    let mut node = FlowNode {
        position: position.to_owned(),
        edit_href: address::with_query(&steps, [("at", position)]),
        can_move: true,
        icon: icon.to_owned(),
        tone: tone.to_owned(),
        title,
        note: super::step_notes::note(reading, listened(workflow), step),
        ..FlowNode::default()
    };
    for (key, title) in branches(reading, workflow, step) {
        let place = key.replace('/', ".");
        node.branches.push(FlowBranch {
            title,
            add_href: address::with_query(&steps, [("in", format!("{position}/{key}"))]),
            nodes: nodes_in(
                reading,
                workflow,
                step.pointer(&format!("/{key}")),
                &format!("{position}/{key}/"),
                &format!("{path}.{place}"),
            ),
        });
    }
    node
}

/// The lists of steps below a step: their places in it, and when they are done.
fn branches(reading: &Reading<'_>, workflow: &Json, step: &Json) -> Vec<(String, String)> {
    let named = |key: &str, title: &str| (key.to_owned(), reading.t(title));
    let otherwise = named("else", "workflows.else");
    match text(step, "do") {
        "branch" => {
            let condition = step.get("if").map(|filter| condition_text(reading, workflow, filter));
            vec![("then".to_owned(), condition.unwrap_or_default()), otherwise]
        }
        "switch" => {
            let published = Draft::published(reading.session);
            let said = Said::new(reading, &published);
            let cases = step.get("cases").and_then(Json::as_array).into_iter().flatten().enumerate();
            let title = |case: &Json| {
                let one = |value: &Json| said.value(listened(workflow), text(step, "on"), value);
                match case.get("is") {
                    Some(Json::Array(many)) => many.iter().map(one).collect::<Vec<_>>().join(", "),
                    Some(value) => one(value),
                    None => String::new(),
                }
            };
            let mut all: Vec<_> =
                cases.map(|(index, case)| (format!("cases/{index}/then"), title(case))).collect();
            all.push(otherwise);
            all
        }
        "parallel" => {
            let ways = step.get("branches").and_then(Json::as_array).into_iter().flatten().enumerate();
            let title = |way: &Json| match text(way, "title") {
                "" => reading.t("step.parallel"),
                title => title.to_owned(),
            };
            ways.map(|(index, way)| (format!("branches/{index}/steps"), title(way))).collect()
        }
        "try" => vec![named("steps", "workflows.tried"), named("else", "workflows.failed_else")],
        "approve" => vec![named("then", "workflows.granted"), named("else", "workflows.refused")],
        // Without an end of the time nothing happens at it.
        "ask" if step.get("timeout").is_none() && step.get("on_timeout").is_none() => Vec::new(),
        "ask" => vec![named("on_timeout", "workflows.timed_out")],
        "wait" if step.get("event").is_some() => {
            vec![named("then", "workflows.came"), named("else", "workflows.timed_out")]
        }
        _ if step.get("steps").is_some() => vec![named("steps", "workflows.then")],
        _ => Vec::new(),
    }
}

/// Runs as cards, with their steps and what can be done about them.
pub async fn run_cards(reading: &Reading<'_>, runs: &[RunRow]) -> Vec<RunCard> {
    let mut cards = Vec::new();
    for run in runs {
        let steps = queue::run(reading.session, run.id).await.map(|(_, steps)| steps).unwrap_or_default();
        cards.push(card(reading, run, &steps).await);
    }
    cards
}

/// What was asked of another machine, and what it answered.
fn asked(output: &Json) -> String {
    let part = |key: &str| {
        output.get(key).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    match (part("method"), part("address"), part("status")) {
        (Some(method), Some(address), Some(status)) => format!("{method} {address} → {status}"),
        _ => String::new(),
    }
}

async fn card(reading: &Reading<'_>, run: &RunRow, steps: &[RunStepRow]) -> RunCard {
    let when = reading.format.when(run.updated_at);
    let entity = run.entity.as_deref().and_then(|name| reading.session.entity(name).ok());
    let mut title = String::new();
    let mut href = String::new();
    if let (Some(entity), Some(id)) = (&entity, run.record) {
        href = reading.record_href(&entity.name, id);
        title = records::get(reading.session, entity, id)
            .await
            .map_or_else(|_| reading.title_of(entity), |view| view.title(reading.session));
    }
    if title.is_empty() {
        let json = reading.session.model.definition(DefinitionKind::Workflow, &run.workflow);
        title = json.map_or_else(
            || run.workflow.clone(),
            |json| reading.definition_title(DefinitionKind::Workflow, &run.workflow, json),
        );
    }
    let state = match run.state.as_str() {
        "stopped" => "cancelled",
        _ if run.dead => "failed",
        other => other,
    };
    let mut shown: Vec<RunStep> = steps
        .iter()
        .map(|step| RunStep {
            title: reading.t(&format!("step.{}", step.action)),
            state: step.state.clone(),
            note: step.error.clone().unwrap_or_else(|| asked(&step.output)),
            when: step
                .ended_at
                .map(|ended| format!("{} ms", (ended - step.started_at).num_milliseconds()))
                .unwrap_or_default(),
        })
        .collect();
    if state == "waiting" {
        shown.push(RunStep {
            title: reading.t("step.wait"),
            state: "waiting".to_owned(),
            note: String::new(),
            when: reading.format.when(run.due_at).text,
        });
    } else if let Some(error) =
        run.error.as_ref().filter(|_| state == "failed" && !shown.iter().any(|step| step.state == "failed"))
    {
        shown.push(RunStep {
            title: run.position.clone(),
            state: "failed".to_owned(),
            note: error.clone(),
            when: String::new(),
        });
    }
    let next = Hidden { name: "next".to_owned(), value: reading.visit.here.clone() };
    let button = |path: String, key: &str, icon: &str, danger: bool| ActionButton {
        action: reading.admin_href(&path),
        title: reading.t(key),
        icon: icon.to_owned(),
        hidden: vec![next.clone()],
        danger,
    };
    let mut actions = Vec::new();
    if state == "failed" && run.ended_at.is_none() {
        actions.push(button(format!("runs/{}/retry", run.id), "workflows.retry", "play", false));
    }
    if run.ended_at.is_none() {
        actions.push(button(format!("runs/{}/stop", run.id), "workflows.cancel", "x", true));
    }
    RunCard {
        id: run.id.to_string(),
        title,
        href,
        state: state.to_owned(),
        when: when.text,
        exact: when.exact,
        steps: shown,
        actions,
        open: state == "failed",
    }
}
