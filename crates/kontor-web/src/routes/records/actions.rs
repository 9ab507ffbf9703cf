//! `r/{entity}/{id}/actions/{name}` and `r/{entity}/actions/{name}`: a button on a record, and on the rows selected in a list.
//! What it asks for, and whether somebody is sure, is a page of its own.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::permissions::{Verb, demand};
use kontor_core::records::{self, ActionButton, Incoming};
use kontor_core::{Error, Session, questions};
use kontor_model::definition::DefinitionKind;
use kontor_model::inputs::Inputs;
use kontor_model::{EntityModel, Json, Problems};
use serde::Deserialize;
use uuid::Uuid;

use super::once::once;
use super::outcome::{self, Kind, Outcome};
use super::{RecordPath, bulk, form};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::extract::record_form;
use crate::frame::address;
use crate::present::action::{self as page, Asked};
use crate::present::{address as listing, flash, formats};
use crate::visit::Reader;

#[derive(Deserialize)]
pub struct ActionPath {
    entity: String,
    id: String,
    name: String,
}

#[derive(Deserialize)]
pub struct ManyPath {
    entity: String,
    name: String,
}

impl ActionPath {
    fn find(&self, reader: &Reader) -> Result<(Arc<EntityModel>, Uuid), Failure> {
        RecordPath { entity: self.entity.clone(), id: self.id.clone() }.find(reader)
    }
}

/// The inputs that an action asks for, and its question.
pub async fn ask_one(reader: Reader, Path(path): Path<ActionPath>) -> Result<Response, Failure> {
    let (entity, id) = path.find(&reader)?;
    let session = &reader.session;
    let view = records::get(session, &entity, id).await?;
    let button = find(session, &entity, &path.name)?;
    let asked =
        Asked { button: &button, records: vec![(id, view.title(session))], is_many: false, query: None };
    page::draw(&reader, &entity, asked, None, Problems::new()).await
}

/// Runs an action on a record. What it still has to know is asked first.
pub async fn run_one(reader: Reader, Path(path): Path<ActionPath>, sent: Form) -> Result<Response, Failure> {
    let (entity, id) = path.find(&reader)?;
    let session = &reader.session;
    let view = records::get(session, &entity, id).await?;
    let button = find(session, &entity, &path.name)?;
    let asked =
        Asked { button: &button, records: vec![(id, view.title(session))], is_many: false, query: None };
    if button.asks() && sent.text("_apply") != "1" {
        return page::draw(&reader, &entity, asked, None, Problems::new()).await;
    }
    if let Some(problems) = page::unknown_button(&sent) {
        return page::draw(&reader, &entity, asked, Some(&sent), problems).await;
    }
    let given = given(&reader, &button, &sent);
    let acting = acting(session, &sent);
    let work = async {
        match Box::pin(records::action(&acting, &entity, id, &path.name, given)).await {
            Ok(done) => {
                if asks_first(session, &button) {
                    asked_soon(session, &entity, id).await?;
                }
                let reading = reader.reading();
                let list = reading.list_href(&entity.name);
                let own = done.record.map_or(list, |_| reading.record_href(&entity.name, id));
                Ok(reader.go_saying(&own, &flash::done(said(&button), &[("action", &button.title)])))
            }
            // What is wrong with the record is put right in its form; what rules only warn of is asked here.
            Err(Error::Problems(problems)) if !button.asks() && !button.begins() && problems.has_errors() => {
                let typed = Form(vec![("version".to_owned(), view.record.version().to_string())]);
                form::come_back(&reader, &entity, Some(&view), &typed, problems).await
            }
            Err(Error::Problems(problems)) => {
                page::draw(&reader, &entity, asked, Some(&sent), problems).await
            }
            Err(error) => Err(error.into()),
        }
    };
    Box::pin(once(&reader, &sent, work)).await
}

/// Runs an action on the rows selected in a list.
pub async fn run_many(
    reader: Reader,
    Path(path): Path<ManyPath>,
    query: Query,
    sent: Form,
) -> Result<Response, Failure> {
    let session = &reader.session;
    let entity = session.entity(&path.entity)?;
    let button = find(session, &entity, &path.name)?;
    demand(session, &entity, Verb::Bulk)?;
    if !button.on_list {
        return Err(Failure::not_found());
    }
    let reading = reader.reading();
    let ids = bulk::chosen(&reading, &entity, &query, &sent).await?;
    if ids.is_empty() {
        let list = reading.list_href(&entity.name);
        return Ok(reader.go(&address::with_query(&list, listing::kept(&query))));
    }
    let records = bulk::titles(&reading, &entity, &ids).await?;
    let asked = Asked { button: &button, records, is_many: true, query: Some(&query) };
    if sent.text("_apply") != "1" {
        return page::draw(&reader, &entity, asked, None, Problems::new()).await;
    }
    if let Some(problems) = page::unknown_button(&sent) {
        return page::draw(&reader, &entity, asked, Some(&sent), problems).await;
    }
    let given = given(&reader, &button, &sent);
    let acting = acting(session, &sent);
    let work = async {
        let outcomes =
            match Box::pin(records::action_on_many(&acting, &entity, &ids, &path.name, given)).await {
                Err(Error::Problems(problems)) => {
                    return page::draw(&reader, &entity, asked, Some(&sent), problems).await;
                }
                outcomes => outcomes?.into_iter().map(|(id, problems)| (id, None, problems)).collect(),
            };
        let kind = Kind::Action(path.name.clone());
        let outcome = Outcome::of(&reading, &entity, kind, &query, &sent, outcomes);
        if outcome.done.is_empty() {
            let problems = outcome.problems();
            return page::draw(&reader, &entity, asked, Some(&sent), problems).await;
        }
        outcome::go(&reader, &entity, &outcome).await
    };
    Box::pin(once(&reader, &sent, work)).await
}

/// The button, when the reader has it.
fn find(session: &Session, entity: &EntityModel, name: &str) -> Result<ActionButton, Failure> {
    demand(session, entity, Verb::Run)?;
    let found = records::actions(session, entity).into_iter().find(|button| button.name == name);
    found.ok_or_else(Failure::not_found)
}

/// How long the page waits for the question with which a workflow begins.
const PATIENCE: Duration = Duration::from_millis(900);

/// Whether the button begins a workflow that asks somebody at once: that may be who pressed it.
fn asks_first(session: &Session, button: &ActionButton) -> bool {
    let workflow =
        session.model.definition(DefinitionKind::Workflow, &button.name).filter(|_| button.begins());
    workflow.and_then(|json| json.pointer("/steps/0/do")).and_then(Json::as_str) == Some("ask")
}

/// Waits a moment for a question to the actor about a record, so that the page which comes shows it.
async fn asked_soon(session: &Session, entity: &EntityModel, record: Uuid) -> Result<(), Error> {
    let began = tokio::time::Instant::now();
    while questions::waiting_about(session, entity, record).await?.is_empty() && began.elapsed() < PATIENCE {
        tokio::time::sleep(PATIENCE / 15).await;
    }
    Ok(())
}

/// What is said of a button that did what it does.
fn said(button: &ActionButton) -> &'static str {
    if button.begins() { "record.action_begun" } else { "record.action_done" }
}

/// Who was told of warnings and goes on says so.
fn acting(session: &Session, sent: &Form) -> Session {
    Session { refuse_warnings: sent.text("_accept_warnings") != "1", ..session.clone() }
}

/// What was typed: for the inputs of an action, or whatever a function of a script is given.
fn given(reader: &Reader, button: &ActionButton, sent: &Form) -> Vec<(String, Incoming)> {
    match button.inputs() {
        Some(inputs) => of_inputs(reader, inputs, sent),
        None if button.is_defined() => Vec::new(),
        None => sent
            .0
            .iter()
            .filter(|(name, _)| name != "version" && name != "id" && !name.starts_with('_'))
            .map(|(name, value)| (name.clone(), Incoming::Json(Json::from(value.as_str()))))
            .collect(),
    }
}

/// What was typed into a small form.
pub fn of_inputs(reader: &Reader, inputs: &Inputs, sent: &Form) -> Vec<(String, Incoming)> {
    let session = records::of_inputs(&reader.session, inputs);
    let formats = formats(&reader.visit, &reader.session);
    record_form::values(&session, &inputs.entity, sent, formats)
}
