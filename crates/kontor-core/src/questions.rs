//! Questions that runs of workflows put to people (`ask`): a small form like that of an action. The first answer counts; rights
//! are asked when a question is read: who does not see the record is not shown it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use kontor_flow::Workflow;
use kontor_flow::step::{Action, Ask};
use kontor_flow::{Position, RunState};
use kontor_model::inputs::{Inputs, place_of_texts};
use kontor_model::{EntityModel, Json, Problem};
use kontor_store::system::{NoticeRow, QuestionRow};
use kontor_store::{CommitError, CommitUnit, SystemWrite};
use serde_json::json;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::identity::session_of_user;
use crate::permissions::{Verb, allows};
use crate::records::batch::Batch;
use crate::records::{Incoming, get, inputs_json, is_visible, read_inputs};
use crate::steps::{NO_RECORD, RunScope, people};
use crate::{Origin, Session};

/// A question as the actor reads it.
#[derive(Clone, Debug)]
pub struct Question {
    /// Its id.
    pub id: Uuid,
    /// What is asked, in the actor's language.
    pub title: String,
    /// The workflow that asks.
    pub workflow: String,
    /// The record that it is about, and what that is called.
    pub entity: Arc<EntityModel>,
    /// See [`Self::entity`].
    pub record: Uuid,
    /// See [`Self::entity`].
    pub about: String,
    /// open, answered, late, withdrawn.
    pub state: String,
    /// When it was asked.
    pub made_at: DateTime<Utc>,
    /// Until when it can be answered.
    pub until: Option<DateTime<Utc>>,
    /// Who answered it.
    pub answered_by: Option<String>,
    /// What it asks for; `None` when its run is not there any more.
    pub inputs: Option<Inputs>,
}

/// How a question stands for the run that asked it.
#[derive(Clone, Debug)]
pub enum Stands {
    /// Nobody has answered yet.
    Open,
    /// Somebody has: what, and who.
    Answered(Json, String),
    /// It is not there any more.
    Gone,
}

/// The step of a run that asks.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// The run.
    pub run: Uuid,
    /// The workflow's name.
    pub workflow: &'a str,
    /// Where the step stands.
    pub path: &'a str,
    /// Until when it can be answered.
    pub until: Option<DateTime<Utc>>,
}

/// Asks whoever the step names and sees the record, in the batch that parks the run.
///
/// # Errors
/// `nobody_to_ask` when that is nobody, `no_record` where there is nothing to ask about.
pub async fn ask(
    session: &Session,
    batch: &mut Batch,
    (scope, state): (&RunScope, &RunState),
    asking: Asking<'_>,
    step: &Ask,
) -> Result<Uuid> {
    if !state.has_record() {
        return Err(Problem::new(NO_RECORD, "").into());
    }
    let mut asked = Vec::new();
    for person in people::find(session, scope, state, &step.who).await? {
        if people::reader(session, batch, scope, state, person).await?.is_some() {
            asked.push(person);
        }
    }
    if asked.is_empty() {
        return Err(Problem::new("nobody_to_ask", "").with("name", &step.title).into());
    }
    let row = QuestionRow {
        id: Uuid::now_v7(),
        run: asking.run,
        entity: scope.entity().key.clone(),
        record: state.record,
        state: "open".to_owned(),
        body: json!({
            "title": step.title, "workflow": asking.workflow, "path": asking.path, "people": asked,
            "until": asking.until.map(|until| until.to_rfc3339()),
        }),
        made_at: session.now,
        updated_at: session.now,
    };
    let id = row.id;
    batch.unit.system(SystemWrite::AddQuestion { row, people: asked });
    Ok(id)
}

/// How the question of a run stands.
///
/// # Errors
/// When the database does not answer.
pub async fn stands(session: &Session, id: Uuid) -> Result<Stands> {
    let Some(row) = session.workspace.store.question(id).await? else { return Ok(Stands::Gone) };
    Ok(match row.state.as_str() {
        "open" => Stands::Open,
        "answered" => {
            let given = row.body.get("answer").cloned().unwrap_or(Json::Null);
            Stands::Answered(given, text(&row, "by_name").to_owned())
        }
        _ => Stands::Gone,
    })
}

/// The time for an answer is over: in the batch that lets the run go on.
///
/// # Errors
/// When the database does not answer.
pub async fn close_late(session: &Session, batch: &mut Batch, id: Uuid) -> Result<()> {
    if let Some(row) = session.workspace.store.question(id).await? {
        let row = QuestionRow { state: "late".to_owned(), updated_at: session.now, ..row };
        batch.unit.system(SystemWrite::CloseQuestion(row));
    }
    Ok(())
}

/// What waits for an answer of the actor, the oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(session: &Session) -> Result<Vec<Question>> {
    shown(session, session.workspace.store.open_questions(session.actor.id).await?).await
}

/// What waits for an answer of the actor about a record, the oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting_about(session: &Session, entity: &EntityModel, record: Uuid) -> Result<Vec<Question>> {
    let store = &session.workspace.store;
    shown(session, store.open_questions_about(session.actor.id, &entity.key, record).await?).await
}

/// Those that the actor may answer.
async fn shown(session: &Session, rows: Vec<QuestionRow>) -> Result<Vec<Question>> {
    let mut found = Vec::new();
    for row in rows {
        if is_asked(session, &row)
            && let Some(question) = read(session, &row).await?
            && question.inputs.is_some()
        {
            found.push(question);
        }
    }
    Ok(found)
}

/// One question that was put to the actor, whatever became of it.
///
/// # Errors
/// [`Error::NotFound`] also for who does not see the record, or was not asked.
pub async fn one(session: &Session, id: Uuid) -> Result<Question> {
    let row = session.workspace.store.question(id).await?.ok_or(Error::NotFound)?;
    if !is_asked(session, &row) {
        return Err(Error::NotFound);
    }
    read(session, &row).await?.ok_or(Error::NotFound)
}

/// Answers a question; the others who were asked are told.
///
/// # Errors
/// As [`one`]; problems at the inputs, and `answered_already` or `not_asked_any_more` for who comes too late.
pub async fn answer(session: &Session, id: Uuid, given: Vec<(String, Incoming)>) -> Result<Question> {
    let question = one(session, id).await?;
    let row = session.workspace.store.question(id).await?.ok_or(Error::NotFound)?;
    let Some(inputs) = question.inputs.as_ref().filter(|_| row.state == "open") else {
        return Err(too_late(&row));
    };
    let typed = read_inputs(session, inputs, given).await?;
    let mut body = row.body.clone();
    if let Some(object) = body.as_object_mut() {
        object.insert("answer".into(), inputs_json(inputs, &typed));
        object.insert("by".into(), json!(session.actor.id));
        object.insert("by_name".into(), session.actor.name.as_str().into());
    }
    let mut unit = CommitUnit::new();
    let closed = QuestionRow { state: "answered".to_owned(), body, updated_at: session.now, ..row.clone() };
    unit.system(SystemWrite::CloseQuestion(closed));
    unit.system(SystemWrite::WakeRun { id: row.run, now: session.now });
    for notice in news(session, &question, &row).await? {
        unit.system(SystemWrite::AddNotice(notice));
    }
    match session.commit(unit).await {
        Ok(_) => one(session, id).await,
        Err(CommitError::Exists(_)) => {
            let row = session.workspace.store.question(id).await?.ok_or(Error::NotFound)?;
            Err(too_late(&row))
        }
        Err(CommitError::Store(error)) => Err(error.into()),
        Err(error) => Err(Error::internal(error)),
    }
}

fn too_late(row: &QuestionRow) -> Error {
    match row.state.as_str() {
        "answered" => Problem::new("answered_already", "").with("person", text(row, "by_name")).into(),
        _ => Problem::new("not_asked_any_more", "").into(),
    }
}

/// What the others are told, each in their language.
async fn news(session: &Session, question: &Question, row: &QuestionRow) -> Result<Vec<NoticeRow>> {
    let mut notices = Vec::new();
    for person in asked(row).into_iter().filter(|one| *one != session.actor.id) {
        let reader = match session_of_user(&session.workspace, person, Origin::Workflow).await {
            Ok(reader) => reader,
            Err(Error::Unauthenticated) => continue,
            Err(error) => return Err(error),
        };
        let said = reader.catalogue.find("ui.question.answered_by").unwrap_or("{question}: {person}");
        let title = title(&reader, row, question.inputs.as_ref());
        notices.push(NoticeRow {
            id: Uuid::now_v7(),
            user: person,
            entity: Some(row.entity.clone()),
            record: Some(row.record),
            body: said.replace("{person}", &session.actor.name).replace("{question}", &title),
            at: session.now,
            seen_at: None,
        });
    }
    Ok(notices)
}

fn text<'r>(row: &'r QuestionRow, key: &str) -> &'r str {
    row.body.get(key).and_then(Json::as_str).unwrap_or_default()
}

fn asked(row: &QuestionRow) -> Vec<Uuid> {
    let people = row.body.get("people").and_then(Json::as_array).into_iter().flatten();
    people.filter_map(|id| id.as_str()?.parse().ok()).collect()
}

fn is_asked(session: &Session, row: &QuestionRow) -> bool {
    !session.actor.id.is_nil() && asked(row).contains(&session.actor.id)
}

/// The question as the actor reads it; `None` when they do not see its record.
async fn read(session: &Session, row: &QuestionRow) -> Result<Option<Question>> {
    let Some(entity) = session.model.entities.values().find(|entity| entity.key == row.entity).cloned()
    else {
        return Ok(None);
    };
    let sees = allows(session, &entity, Verb::Read)
        && is_visible(session, &mut Batch::default(), &entity, row.record).await?;
    if !sees {
        return Ok(None);
    }
    let about = get(session, &entity, row.record).await?.title(session);
    let inputs = if row.state == "open" { inputs_of(session, row).await? } else { None };
    let until = row.body.get("until").and_then(Json::as_str);
    Ok(Some(Question {
        id: row.id,
        title: title(session, row, inputs.as_ref()),
        workflow: text(row, "workflow").to_owned(),
        entity,
        record: row.record,
        about,
        state: row.state.clone(),
        made_at: row.made_at,
        until: until.and_then(|until| DateTime::parse_from_rfc3339(until).ok()).map(|until| until.to_utc()),
        answered_by: Some(text(row, "by_name").to_owned()).filter(|name| !name.is_empty()),
        inputs,
    }))
}

/// What is asked for, as the run has it that asks.
async fn inputs_of(session: &Session, row: &QuestionRow) -> Result<Option<Inputs>> {
    let run = session.workspace.store.run(&session.model, row.run).await?;
    let Some(run) = run.filter(|run| run.ended_at.is_none()) else { return Ok(None) };
    let definition = run.data.get("definition").unwrap_or(&Json::Null);
    let Ok(workflow) = Workflow::parse(&run.workflow, definition, &session.model) else { return Ok(None) };
    let Ok(position) = text(row, "path").parse::<Position>() else { return Ok(None) };
    let Some(Action::Ask(step)) = position.step(&workflow.steps).map(|step| &step.action) else {
        return Ok(None);
    };
    Ok(workflow.hanging.as_ref().and_then(|hanging| hanging.inputs(&step.name)))
}

/// What is asked, in the language of a reader.
fn title(session: &Session, row: &QuestionRow, inputs: Option<&Inputs>) -> String {
    let own = text(row, "title");
    let place = inputs.and_then(|inputs| place_of_texts(&inputs.entity.name));
    let Some((_, workflow, list)) = place else { return own.to_owned() };
    let step = list.strip_suffix(".inputs").unwrap_or(list);
    session.catalogue.label("workflow", workflow, &format!("{step}.title"), own).to_owned()
}
