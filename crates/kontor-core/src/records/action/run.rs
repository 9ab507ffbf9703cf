//! An action is carried out: its steps go into one batch, one after the other, each seeing what those before it wrote, and
//! are committed together. Either all of it happens or nothing.

use std::sync::Arc;

use kontor_flow::step::Action;
use kontor_flow::{Does, Next, RunState, Workflow, next};
use kontor_model::filter::matches;
use kontor_model::{EntityModel, Json, Problem, Problems, Record};
use uuid::Uuid;

use super::super::batch::Batch;
use super::super::bulk::{MAX_RECORDS, problems_of};
use super::super::draft::{Incoming, Save};
use super::super::refused::refused;
use super::super::save::{begin, commit, complete};
use super::super::view::RecordView;
use super::super::{hooks, lists, parse, read};
use super::{ActionButton, Behind, actions, begin as run_of, holds, inputs};
use crate::error::{Error, Result};
use crate::permissions::{Verb, demand};
use crate::steps::{self, Effect, RunScope};
use crate::{Cause, Session};

/// How often it is tried again when somebody's save came between its reading and its writing.
const ATTEMPTS: u32 = 3;
/// The most steps of one action, rounds included.
const MOST_STEPS: usize = 1_000;

/// What came of an action.
#[derive(Clone, Debug)]
pub struct Done {
    /// The record as it is now; `None` when the action put it where the actor does not see it.
    pub record: Option<RecordView>,
    /// What rules and scripts warned of.
    pub warnings: Problems,
    /// Whether something has only begun, and goes on by itself.
    pub has_begun: bool,
}

/// Runs an action on a record.
///
/// # Errors
/// [`Error::NotFound`] when there is no such action or record, [`Error::Forbidden`] when it is for others;
/// [`Error::Problems`] with what is wrong with the inputs or with what the action would save.
pub async fn action(
    session: &Session,
    entity: &Arc<EntityModel>,
    id: Uuid,
    name: &str,
    given: Vec<(String, Incoming)>,
) -> Result<Done> {
    let button = find(session, entity, name)?;
    // Whoever does not see the record learns nothing of the action either.
    if !parse::is_visible(session, &mut Batch::default(), entity, id).await? {
        return Err(Error::NotFound);
    }
    let typed = Typed::read(session, &button, given).await?;
    let warnings = on_one(session, entity, id, &button, &typed).await?;
    let record = match read::get(session, entity, id).await {
        Ok(record) => Some(record),
        Err(Error::NotFound) => None,
        Err(error) => return Err(error),
    };
    Ok(Done { record, warnings, has_begun: button.begins() })
}

/// Runs an action on several records: each by itself, and of each it is told why nothing was done to it; nothing is told of
/// those that are done.
///
/// # Errors
/// As [`action`]; [`Error::Problems`] only for what is wrong with the inputs.
pub async fn action_on_many(
    session: &Session,
    entity: &Arc<EntityModel>,
    ids: &[Uuid],
    name: &str,
    given: Vec<(String, Incoming)>,
) -> Result<Vec<(Uuid, Problems)>> {
    let button = find(session, entity, name)?;
    demand(session, entity, Verb::Bulk)?;
    if !button.on_list {
        return Err(Error::NotFound);
    }
    if ids.len() > MAX_RECORDS {
        return Err(Problem::new("too_many", "").with("limit", MAX_RECORDS).into());
    }
    let typed = Typed::read(session, &button, given).await?;
    let mut outcomes = Vec::with_capacity(ids.len());
    for id in ids {
        let problems = match on_one(session, entity, *id, &button, &typed).await {
            Ok(_) => Problems::new(),
            // What was done before stays done: it must not look as if all of it had failed.
            Err(error) if error.is_outdated() => Problem::new("unavailable", "").into(),
            Err(error) => problems_of(error)?,
        };
        outcomes.push((*id, problems));
    }
    Ok(outcomes)
}

fn find(session: &Session, entity: &EntityModel, name: &str) -> Result<ActionButton> {
    let is_there = |name: &str| {
        kontor_flow::Buttons::of(&session.model)
            .of_entity(&entity.name)
            .any(|button| button.definition.name == name)
            || session
                .workspace
                .workflows_of(&session.model)
                .buttons_of(&entity.name)
                .any(|one| one.name == name)
            || session.workspace.scripts(&session.model, entity).defines(&format!("action_{name}"))
    };
    if !is_there(name) {
        return Err(Error::NotFound);
    }
    demand(session, entity, Verb::Run)?;
    let found = actions(session, entity).into_iter().find(|button| button.name == name);
    found.ok_or(Error::Forbidden(Verb::Run.as_str()))
}

/// What was typed before.
enum Typed {
    /// The inputs of a defined action.
    Record(Record),
    /// Whatever was sent to a function of a script.
    Json(Json),
}

impl Typed {
    async fn read(session: &Session, button: &ActionButton, given: Vec<(String, Incoming)>) -> Result<Self> {
        if let Some(inputs) = button.inputs() {
            return inputs::read(session, inputs, given).await.map(Self::Record);
        }
        if button.is_defined() {
            let unknown = |(name, _): (String, Incoming)| {
                Problem::at_field("unknown_field", &name).with("field", &name)
            };
            let problems = Problems(given.into_iter().map(unknown).collect());
            return problems.into_result(Self::Json(Json::Null)).map_err(Error::Problems);
        }
        let plain = |incoming| match incoming {
            Incoming::Json(json) => json,
            Incoming::Text(text) => text.into(),
            Incoming::Value(_) | Incoming::List(_) => Json::Null,
        };
        Ok(Self::Json(Json::Object(given.into_iter().map(|(name, one)| (name, plain(one))).collect())))
    }
}

/// On one record, committed; what was warned of.
async fn on_one(
    session: &Session,
    entity: &Arc<EntityModel>,
    id: Uuid,
    button: &ActionButton,
    typed: &Typed,
) -> Result<Problems> {
    if let Behind::Workflow(workflow) = &button.behind {
        let begun = run_of::begin(session, entity, id, button, workflow).await;
        return match begun {
            Err(error) => Err(session.unless_outdated(error).await),
            begun => begun,
        };
    }
    // What an action writes is written by automation on behalf of who pressed the button.
    let cause = Cause {
        run: Some(Uuid::now_v7()),
        label: button.is_defined().then(|| format!("action:{}", button.name)),
        ..session.cause.clone()
    };
    let acting = if button.is_defined() { Session { cause, ..session.clone() } } else { session.clone() };
    let mut attempt = 1;
    loop {
        let mut batch = Batch::default();
        let prepared = prepare(&acting, &mut batch, entity, id, button, typed).await;
        let warnings = match prepared {
            Ok(warnings) => warnings,
            Err(error) => return Err(session.unless_outdated(error).await),
        };
        lists::ask_together(&acting, &mut batch).await?;
        match commit(&acting, &mut batch).await {
            Ok(_) => return Ok(warnings),
            Err(kontor_store::CommitError::Conflict { .. }) if attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(refused(session, &batch.places, error).await),
        }
    }
}

async fn prepare(
    session: &Session,
    batch: &mut Batch,
    entity: &Arc<EntityModel>,
    id: Uuid,
    button: &ActionButton,
    typed: &Typed,
) -> Result<Problems> {
    if !parse::is_visible(session, batch, entity, id).await? {
        return Err(Error::NotFound);
    }
    let Some(record) = batch.record(session, entity, id).await? else { return Err(Error::NotFound) };
    if !holds(session, button, &record).await? {
        return Err(Problem::new("action_not_now", "").with("name", &button.title).into());
    }
    let Some(defined) = button.action() else {
        let Typed::Json(input) = typed else { return Err(Error::NotFound) };
        return call(session, batch, entity, id, &format!("action_{}", button.name), input.clone()).await;
    };
    match (&defined.does, typed, &defined.inputs) {
        (Does::Script(function), Typed::Record(typed), Some(inputs)) => {
            let input = inputs::to_json(inputs, typed);
            call(session, batch, entity, id, function, input).await
        }
        (Does::Script(function), ..) => {
            call(session, batch, entity, id, function, Json::Object(serde_json::Map::new())).await
        }
        (Does::Steps(workflow), ..) => take(session, batch, entity, id, (button, workflow), typed).await,
    }
}

/// Calls a function of the entity's script and saves what it changed.
async fn call(
    session: &Session,
    batch: &mut Batch,
    entity: &Arc<EntityModel>,
    id: Uuid,
    function: &str,
    input: Json,
) -> Result<Problems> {
    let save = Save::update(entity, id, Vec::new());
    let mut draft = begin(session, batch, &save).await?;
    let ran = hooks::run(session, batch, &mut draft, function, input).await?;
    if ran.is_none() && !draft.problems.has_errors() {
        draft.problems.push(Problem::new("not_found", ""));
    }
    if draft.problems.has_errors() {
        return Err(Error::Problems(draft.problems));
    }
    Ok(complete(session, batch, draft).await?.draft.problems)
}

/// Takes the steps, one after the other.
async fn take(
    session: &Session,
    batch: &mut Batch,
    entity: &Arc<EntityModel>,
    id: Uuid,
    (button, workflow): (&ActionButton, &Workflow),
    typed: &Typed,
) -> Result<Problems> {
    let event = run_of::press(session, entity, id);
    let began = RunState::begin(workflow, session.model.version, &event);
    let mut state = began.map_err(|cut| Problem::new("loop_cut", "").with("reason", cut))?;
    let mut warnings = Problems::new();
    for _ in 0..MOST_STEPS {
        let scope = match RunScope::new(session, batch, &state).await {
            // A step put the record into the bin: there is nothing left to do for it.
            Err(Error::NotFound) => return Ok(warnings),
            other => other?,
        };
        let scope = match (typed, button.inputs()) {
            (Typed::Record(typed), Some(inputs)) => scope.with_inputs(session, inputs, typed.clone()),
            _ => scope,
        };
        let scope = scope.with_hanging(session, workflow.hanging.as_ref(), &state);
        match next(workflow, &state) {
            Next::Done => return Ok(warnings),
            Next::Lost { path } => return Err(Error::Internal(format!("the action has no step at {path}"))),
            Next::Wait { path, .. } => {
                return Err(Error::Internal(format!("the action waits at {path}")));
            }
            Next::Choose { conditions, .. } => {
                let context = session.filter_context();
                let choice = conditions.iter().position(|filter| matches(filter, scope.subject(), &context));
                state.choose(workflow, choice);
            }
            Next::Effect { step, path } => {
                let done = steps::run(session, batch, &scope, &state, &step.action).await;
                let effect = done.map_err(|error| placed(error, &step.action, &path))?;
                add(&mut warnings, &effect);
                for (name, record) in effect.named {
                    state.name(&name, record);
                }
                match (&step.action, effect.records) {
                    (Action::ForEach(_), Some(records)) => state.go_through(workflow, records),
                    _ => state.finish(workflow, effect.result),
                }
            }
        }
    }
    Err(Problem::new("too_many_steps", "").with("limit", MOST_STEPS).into())
}

/// What is wrong with the record itself stands at its fields; what is wrong with another, at the step that saves it.
fn placed(error: Error, action: &Action, path: &str) -> Error {
    let is_own = matches!(
        action,
        Action::Set(_)
            | Action::Assign(_)
            | Action::Script(_)
            | Action::Refuse(_)
            | Action::Tag(_)
            | Action::Score(_)
            | Action::Merge(_)
    );
    match error {
        Error::Problems(problems) if !is_own => {
            let mut under = Problems::new();
            under.extend_under(&format!("/steps/{path}"), problems);
            Error::Problems(under)
        }
        other => other,
    }
}

/// The same warning of two saves of the record is told once.
fn add(warnings: &mut Problems, effect: &Effect) {
    for one in effect.warnings.iter() {
        let is_known = |known: &Problem| known.code == one.code && known.path == one.path;
        if !warnings.iter().any(is_known) {
            warnings.push(one.clone());
        }
    }
}
