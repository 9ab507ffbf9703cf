//! The path of a record through the stages of its process: where it is, since when, what is done there, where it may go.

use std::sync::Arc;

use kontor_core::records::{self, RecordView, stages};
use kontor_model::{EntityModel, FieldModel, Problems};
use kontor_view::page::part::{Link, Notice};
use kontor_view::page::record::{CheckItem, PathStep, StagePath};

use super::{Reading, moves, values};

/// The code of what says that an item is not ticked.
const NOT_TICKED: &str = "not_ticked";

fn readable<'a>(reading: &Reading<'_>, entity: &'a EntityModel, name: &str) -> Option<&'a FieldModel> {
    entity.field(name).filter(|field| values::is_readable(reading, entity, field))
}

/// Whether nothing but items of a checklist stands in the way.
pub fn are_of_checklist(problems: &Problems) -> bool {
    problems.has_errors() && problems.iter().all(|problem| problem.code == NOT_TICKED)
}

/// What else stands in the way of a move.
pub fn others(reading: &Reading<'_>, problems: &Problems) -> Vec<Notice> {
    let others = problems.iter().filter(|problem| problem.code != NOT_TICKED);
    let told = others.map(|problem| Notice {
        tone: "t-red".to_owned(),
        title: problem.message(&reading.labels),
        lines: Vec::new(),
    });
    told.collect()
}

/// Says at the items that they stand in the way.
pub fn mark(reading: &Reading<'_>, path: &mut StagePath, problems: &Problems) {
    for problem in problems.iter().filter(|problem| problem.code == NOT_TICKED) {
        let name = problem.path.rsplit('/').next().unwrap_or_default();
        if let Some(item) = path.checklist.iter_mut().find(|item| item.name == name) {
            item.problem = problem.message(&reading.session.catalogue);
        }
    }
}

async fn checklist(reading: &Reading<'_>, view: &RecordView, field: &FieldModel) -> Vec<CheckItem> {
    let session = reading.session;
    let items = stages::checklist(session, &view.entity, &view.record, field).await.unwrap_or_default();
    let mut shown = Vec::with_capacity(items.len());
    for item in items {
        let note = match item.ticked {
            Some((by, at)) => {
                let when = reading.format.when(at).text;
                let who = match by {
                    Some(by) => person(reading, by).await,
                    None => String::new(),
                };
                let parts = [who, when];
                parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
            }
            None => String::new(),
        };
        shown.push(CheckItem {
            done: item.ticked.is_some(),
            name: item.name,
            title: item.title,
            required: item.required,
            note,
            problem: String::new(),
        });
    }
    shown
}

/// The name of a person whom the reader may see.
async fn person(reading: &Reading<'_>, id: uuid::Uuid) -> String {
    let Ok(users) = reading.session.entity("user") else { return String::new() };
    let found = records::get(reading.session, &users, id).await;
    found.map(|view| view.title(reading.session)).unwrap_or_default()
}

/// The path of a record through its process, with what is done in the stage where it is. It is moved by who may change it.
pub async fn path(reading: &Reading<'_>, view: &RecordView, may_change: bool) -> Option<StagePath> {
    let entity: &Arc<EntityModel> = &view.entity;
    let process = moves::process_of(reading, entity, &view.record)?;
    let field = readable(reading, entity, &process.field)?;
    let presenter = reading.presenter(&view.titles);
    let current = view.record.at(field.index).as_text().unwrap_or_default();
    let here = process.stages.iter().position(|stage| stage.value == current);
    // Which stages were passed on the way to a loss is not known: none of them is ticked.
    let outcome = field.definition.one_of.iter().find(|option| option.value == current);
    let is_lost = outcome.and_then(|option| option.outcome.as_deref()) == Some("lost");
    // What a record jumped over, or was made beyond, was not done.
    let entered = stages::entered(reading.session, entity, &view.record, field).await.ok().flatten();
    let was_in = |value: &str| entered.as_ref().is_none_or(|entered| entered.contains(value));
    let step = |value: &str| {
        let option = field.definition.one_of.iter().find(|option| option.value == value);
        let place = process.stages.iter().position(|stage| stage.value == value);
        let state = match (place, here) {
            (Some(place), Some(here)) if place < here && !is_lost && was_in(value) => "done",
            (Some(place), Some(here)) if place < here && !is_lost => "passed",
            (Some(place), Some(here)) if place == here => "current",
            _ => "open",
        };
        PathStep {
            value: value.to_owned(),
            title: option.map_or_else(
                || value.to_owned(),
                |option| field.option_label(&option.value, &reading.labels).to_owned(),
            ),
            state: state.to_owned(),
            label: String::new(),
        }
    };
    let is_closing = |value: &str| {
        field
            .definition
            .one_of
            .iter()
            .find(|option| option.value == value)
            .and_then(|option| option.outcome.as_deref())
            .is_some_and(|outcome| outcome != "open")
    };
    let steps: Vec<PathStep> = process
        .stages
        .iter()
        .filter(|stage| stage.value == current || !is_closing(&stage.value))
        .map(|stage| step(&stage.value))
        .collect();
    let may_move =
        may_change && values::right(reading, entity, field) == kontor_model::access::FieldRight::Edit;
    let to = |value: &str| {
        let label = moves::title(reading, entity, &view.record, &process, current, value)?;
        Some(PathStep { label, ..step(value) })
    };
    let reachable: Vec<PathStep> = process
        .stages
        .iter()
        .filter(|stage| may_move && stage.value != current)
        .filter_map(|stage| to(&stage.value))
        .collect();
    let next = reachable.iter().find(|step| step.state == "open").filter(|_| !is_closing(current)).cloned();
    let edit = format!("{}/edit", reading.record_href(&entity.name, view.record.id()));
    let missing = process
        .stage(current)
        .map(|stage| stage.require_leave.as_slice())
        .unwrap_or_default()
        .iter()
        .filter_map(|name| entity.field(name))
        .filter(|field| may_move && view.record.at(field.index).is_empty())
        .map(|field| Link::new(format!("{edit}#f-{}", field.name), presenter.label(field), ""))
        .collect();
    let checklist = checklist(reading, view, field).await;
    let stay = stages::stay_of(reading.session, entity, &view.record, field).await.ok().flatten();
    let since = stay.as_ref().map(|stay| reading.format.when(stay.since));
    let due = stay.as_ref().and_then(|stay| stay.due);
    Some(StagePath {
        can_tick: may_move,
        checklist,
        since: since.as_ref().map(|since| since.text.clone()).unwrap_or_default(),
        since_exact: since.map(|since| since.exact).unwrap_or_default(),
        due: due.map(|due| reading.format.when(due).text).unwrap_or_default(),
        late: stay.as_ref().is_some_and(|stay| stay.is_late(reading.session.now)),
        note: stay.map(|stay| stay.note).unwrap_or_default(),
        field: field.name.clone(),
        label: presenter.label(field),
        current: steps
            .iter()
            .find(|step| step.state == "current")
            .map(|step| step.title.clone())
            .unwrap_or_default(),
        others: reachable
            .iter()
            .filter(|step| next.as_ref().is_none_or(|next| next.value != step.value))
            .cloned()
            .collect(),
        next,
        steps,
        missing,
    })
}
