//! What an action asks for before it runs: its inputs, whether somebody is sure, and what rules warn of.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::response::Response;
use kontor_core::records::{self, ActionButton, Titles};
use kontor_model::inputs::Inputs;
use kontor_model::{EntityModel, Problem, Problems};
use kontor_view::field::FieldView;
use kontor_view::page::action::ActionPage;
use kontor_view::page::part::{Hidden, ProblemLine};
use uuid::Uuid;

use super::form::Filling;
use super::{Reading, address as listing};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::list_form::DO;
use crate::extract::query::Query;
use crate::frame::address;
use crate::routes::records::{form, once};
use crate::visit::Reader;

/// Titles that the page names.
const NAMED: usize = 8;

/// An action with what it shall be run on.
pub struct Asked<'a> {
    /// The action.
    pub button: &'a ActionButton,
    /// The records with their titles.
    pub records: Vec<(Uuid, String)>,
    /// Whether they were selected in a list.
    pub is_many: bool,
    /// The list that they were selected in.
    pub query: Option<&'a Query>,
}

/// The page; 422 when there are problems or warnings.
///
/// # Errors
/// When the page cannot be drawn.
pub async fn draw(
    reader: &Reader,
    entity: &Arc<EntityModel>,
    asked: Asked<'_>,
    typed: Option<&Form>,
    problems: Problems,
) -> Result<Response, Failure> {
    let reading = reader.reading();
    let (of_inputs, others) = split(&asked, problems);
    let is_refused = !of_inputs.is_empty() || !others.is_empty();
    let (fields, mut lines, mut warnings) = match asked.button.inputs() {
        Some(form) => inputs(reader, form, typed, of_inputs).await?,
        None => Default::default(),
    };
    lines.extend(lines_of(&reading, entity, &others, false));
    if lines.is_empty() {
        warnings.extend(lines_of(&reading, entity, &others, true));
    } else {
        warnings.clear();
    }
    let list = reading.list_href(&entity.name);
    let name = address::segment(&asked.button.name);
    let back = asked.query.map_or_else(
        || asked.records.first().map(|(id, _)| reading.record_href(&entity.name, *id)).unwrap_or_default(),
        |query| address::with_query(&list, listing::kept(query)),
    );
    let action = match asked.query {
        Some(query) => address::with_query(&format!("{list}/actions/{name}"), listing::kept(query)),
        None => format!("{back}/actions/{name}"),
    };
    let key = typed.map(|typed| typed.text(once::KEY).to_owned()).filter(|key| !key.is_empty());
    let mut hidden = vec![Hidden {
        name: once::KEY.to_owned(),
        value: key.unwrap_or_else(|| Uuid::new_v4().simple().to_string()),
    }];
    if asked.is_many {
        let ids = asked.records.iter().map(|(id, _)| id.to_string());
        hidden.extend(ids.map(|value| Hidden { name: "id".to_owned(), value }));
    }
    let page = ActionPage {
        at: reader.visit.place(),
        entity: reading.head(entity),
        heading: asked.button.title.clone(),
        button: String::new(),
        icon_name: asked.button.icon.clone(),
        text: asked.button.description.clone(),
        question: asked.button.confirm.clone(),
        titles: asked.records.iter().take(NAMED).map(|(_, title)| title.clone()).collect(),
        record_href: if asked.is_many { String::new() } else { back.clone() },
        count: asked.records.len(),
        fields,
        problems: lines,
        warnings,
        action,
        hidden,
        cancel_href: back.clone(),
    };
    let mut draw = reader.draw().below(reading.plural_of(entity), list);
    if let (false, Some((_, title))) = (asked.is_many, asked.records.first()) {
        draw = draw.below(title.clone(), back);
    }
    if is_refused { draw.refused().view(&page).await } else { draw.view(&page).await }
}

/// Problems of the inputs, and those of what would be saved.
fn split(asked: &Asked<'_>, problems: Problems) -> (Problems, Problems) {
    let is_input = |problem: &Problem| {
        let entity = asked.button.inputs().map(|inputs| &inputs.entity);
        let field = problem.field().and_then(|name| entity?.field(name));
        field.is_some_and(|field| !field.system)
    };
    let (own, others): (Vec<Problem>, Vec<Problem>) = problems.into_iter().partition(is_input);
    (Problems(own), Problems(others))
}

/// The controls of the inputs, with what is wrong with them.
///
/// # Errors
/// When the database does not answer.
pub async fn inputs(
    reader: &Reader,
    inputs: &Inputs,
    typed: Option<&Form>,
    problems: Problems,
) -> Result<(Vec<FieldView>, Vec<ProblemLine>, Vec<ProblemLine>), Failure> {
    let session = records::of_inputs(&reader.session, inputs);
    let reading = Reading::new(&reader.visit, &session);
    let entity = &inputs.entity;
    let filling = match typed {
        Some(typed) => form::filling(&reading, entity, None, typed, problems).await?,
        None => Filling {
            entity,
            stored: None,
            record: records::blank_inputs(&reader.session, inputs).await?,
            titles: Titles::new(),
            typed: None,
            problems,
            unsaid: Problems::new(),
            version: String::new(),
            next: String::new(),
            worked_out: None,
            says_so: false,
            blank: BTreeMap::new(),
            quick: false,
            copied: None,
        },
    };
    let page = super::form::page(&reading, filling).await;
    let all = page.sections.into_iter().flat_map(|section| section.fields);
    let is_input = |view: &FieldView| entity.field(&view.name).is_some_and(|field| !field.system);
    // A record on the way needs a form of a record to come back to.
    let own = all.filter(is_input).map(|view| FieldView { quick: String::new(), ..view });
    Ok((own.collect(), page.problems, page.warnings))
}

/// What is wrong with a form that came by a button which it has not: nothing is done then.
pub fn unknown_button(sent: &Form) -> Option<Problems> {
    let pressed = sent.text(DO);
    (!pressed.is_empty()).then(|| Problem::new("unknown_button", "").with("button", pressed).into())
}

/// Problems of a record that no form shows, each with the label of its field.
pub fn lines_of(
    reading: &Reading<'_>,
    entity: &EntityModel,
    problems: &Problems,
    warnings: bool,
) -> Vec<ProblemLine> {
    let titles = Titles::new();
    let presenter = reading.presenter(&titles);
    let mut lines = presenter.place_problems(problems, &mut [], warnings);
    let chosen = problems.iter().filter(|problem| problem.warning == warnings);
    for (line, problem) in lines.iter_mut().zip(chosen) {
        line.label = label_of(reading, entity, problem);
    }
    lines
}

/// The label of the field that a problem is about; empty where it is about the whole.
fn label_of(reading: &Reading<'_>, entity: &EntityModel, problem: &Problem) -> String {
    let field = problem.field().and_then(|name| entity.field(name));
    let is_seen = |field: &&kontor_model::FieldModel| {
        super::values::right(reading, entity, field) > kontor_model::access::FieldRight::None
    };
    field.filter(is_seen).map(|field| field.full_label(entity, &reading.labels)).unwrap_or_default()
}
