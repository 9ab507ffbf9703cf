//! A workflow drawn as a flow, and its runs.

use kontor_core::queue;
use kontor_core::records;
use kontor_core::rows::{RunRow, RunStepRow};
use kontor_model::Json;
use kontor_model::definition::DefinitionKind;
use kontor_view::page::admin::workflows::{FlowBranch, FlowNode, RunCard, RunStep};
use kontor_view::page::part::{ActionButton, Hidden};

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
    let note = [fields.join(", "), stage]
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
        note: condition_text(reading, listened(workflow), when),
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
    let own = reading.admin_href(&format!("condition/workflow/{}", address::segment(text(workflow, "name"))));
    address::with_query(&own, [("at", "/when"), ("back", &base(reading, workflow))])
}

/// A condition in words.
fn condition_text(reading: &Reading<'_>, entity: &str, filter: &Json) -> String {
    let published = Draft::published(reading.session);
    Said::new(reading, &published).condition(entity, filter)
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
    let (icon, tone) = match action {
        "wait" => ("clock", "t-grey"),
        "branch" | "switch" => ("workflow", "t-blue"),
        "create" | "task" => ("plus", "t-green"),
        "delete" => ("trash-2", "t-red"),
        "script" | "call" => ("code", "t-violet"),
        "stop" | "refuse" => ("square", "t-red"),
        "message" | "notify" => ("mail", "t-blue"),
        _ => ("pencil", "t-blue"),
    };
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
        note: note(reading, step),
        ..FlowNode::default()
    };
    if action == "branch" {
        let condition = step.get("if").map(|filter| condition_text(reading, listened(workflow), filter));
        let condition = condition.unwrap_or_default();
        for (key, title) in [("then", condition), ("else", reading.t("workflows.else"))] {
            if step.get(key).is_some() || key == "else" {
                node.branches.push(FlowBranch {
                    title,
                    add_href: address::with_query(&steps, [("in", format!("{position}/{key}"))]),
                    nodes: nodes_in(
                        reading,
                        workflow,
                        step.get(key),
                        &format!("{position}/{key}/"),
                        &format!("{path}.{key}"),
                    ),
                });
            }
        }
    } else if let Some(inner) = step.get("steps") {
        node.branches.push(FlowBranch {
            title: reading.t("workflows.then"),
            add_href: address::with_query(&steps, [("in", format!("{position}/steps"))]),
            nodes: nodes_in(
                reading,
                workflow,
                Some(inner),
                &format!("{position}/steps/"),
                &format!("{path}.steps"),
            ),
        });
    }
    node
}

/// With what a step works.
fn note(reading: &Reading<'_>, step: &Json) -> String {
    let entity = step.get("entity").and_then(Json::as_str).map(|name| {
        reading.session.model.entity(name).map_or_else(|| name.to_owned(), |entity| reading.title_of(entity))
    });
    let values = step.get("values").and_then(Json::as_object).map(|values| {
        let pairs = values.iter().map(|(field, value)| format!("{field} = {}", value_text(value)));
        pairs.collect::<Vec<_>>().join(", ")
    });
    let other = ["for", "until", "subject", "function", "workflow"]
        .into_iter()
        .find_map(|key| step.get(key))
        .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    [entity, values, other]
        .into_iter()
        .flatten()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

/// A value of a step as people write it: a field by its path, a formula, a moment, or the text itself.
fn value_text(value: &Json) -> String {
    let part = |key: &str| value.get(key).and_then(Json::as_str);
    match (part("field"), part("formula"), part("now")) {
        (Some(path), ..) => format!("{{{path}}}"),
        (_, Some(formula), _) => formula.to_owned(),
        (.., Some(offset)) => format!("{{now {offset}}}"),
        _ => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
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
            note: step.error.clone().unwrap_or_default(),
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
    if state == "failed" {
        actions.push(button(format!("runs/{}/retry", run.id), "workflows.retry", "play", false));
    }
    if matches!(state, "waiting" | "running" | "failed") {
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
