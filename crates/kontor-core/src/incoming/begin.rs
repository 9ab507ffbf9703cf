//! What a message says is read like the inputs of an action, the record that it is about is looked for, and the run begins.
//! The message's own name makes the run's: sent twice, it begins once.

use std::sync::Arc;

use kontor_flow::RunState;
use kontor_model::filter::{Filter, matches};
use kontor_model::{EntityModel, Json, Problem, Problems};
use serde_json::{Map, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::Listening;
use crate::error::{Error, Result};
use crate::identity::system_session;
use crate::queue::{self, Ended};
use crate::records::action::inputs;
use crate::records::batch::Batch;
use crate::records::{Incoming, PageRequest, Sort, page};
use crate::steps::{RunScope, beginning, makes_room, new_run, set_off};
use crate::{Origin, Session, Workspace};

/// It is looked at again so often when others begin runs for the same record.
const ATTEMPTS: u32 = 5;

/// Begins the workflow with what a message says; gives the run, `None` when the workflow does not begin with it. `id` is the
/// message's own name.
///
/// # Errors
/// [`Error::Problems`] with everything that does not fit the inputs, at the places where it was sent.
pub async fn begin(
    workspace: &Arc<Workspace>,
    listening: &Listening,
    id: &str,
    said: &Json,
) -> Result<Option<Uuid>> {
    for _ in 0..ATTEMPTS {
        let session = system_session(workspace, Origin::Workflow);
        // Another process began a run for the record at the same moment: what goes on is looked at anew.
        if let Some(begun) = once(&session, listening, id, said).await? {
            return Ok(begun);
        }
    }
    Err(Error::internal("other runs begin for the same record"))
}

/// `None` when it is to be tried again.
async fn once(
    session: &Session,
    listening: &Listening,
    id: &str,
    said: &Json,
) -> Result<Option<Option<Uuid>>> {
    let workflow = &listening.workflow;
    let run_id = run_of(&workflow.name, id);
    if queue::way(session, run_id).await?.is_some() {
        return Ok(Some(Some(run_id)));
    }
    let input = read(session, listening, said).await?;
    let record = record(session, listening, &input).await?;
    let state = RunState::of_hook(workflow, session.model.version, record, input);
    if let Ok(state) = &state {
        let scope = RunScope::new(session, &mut Batch::default(), state).await?;
        let scope = scope.with_hanging(session, workflow.hanging.as_ref(), state);
        if !matches(&workflow.when, scope.subject(), &session.filter_context()) {
            return Ok(Some(None));
        }
    }
    let key = format!("hook:{}:{run_id}", workflow.name);
    let replaced = match record {
        Some(record) => makes_room(session, workflow, record, &key).await?,
        None => Some(Vec::new()),
    };
    let Some(replaced) = replaced else { return Ok(Some(None)) };
    let about = workflow.entity.as_deref().zip(record);
    let mut run = new_run(session, workflow, None, None, about, key);
    run.id = run_id;
    set_off(session, &mut run, state);
    match queue::begin_asked(session, beginning(workflow, run, replaced)).await? {
        Ended::Conflict => Ok(None),
        _ => Ok(Some(Some(run_id))),
    }
}

/// The run that a message begins: always the same for its name.
fn run_of(workflow: &str, id: &str) -> Uuid {
    let digest = Sha256::digest(format!("kontor hook {workflow}\n{id}").as_bytes());
    let mut bytes = [0; 16];
    for (place, byte) in bytes.iter_mut().zip(digest.iter()) {
        *place = *byte;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// What was sent, as the inputs say it.
async fn read(session: &Session, listening: &Listening, said: &Json) -> Result<Json> {
    let Some(object) = said.as_object() else {
        return Err(Problem::new("wrong_type", "").with("expected", "object").into());
    };
    let hook = &listening.hook;
    let place_of =
        |name: &str| hook.places.iter().find(|(input, _)| input == name).map(|(_, place)| place.as_str());
    let Some(inputs) = &listening.workflow.inputs() else {
        return match object.keys().next().filter(|_| !hook.leaves_aside) {
            Some(key) => Err(Problem::at_field("unknown_field", key).with("field", key).into()),
            None => Ok(Json::Null),
        };
    };
    let mut given: Vec<(String, Incoming)> = Vec::new();
    for (input, place) in &hook.places {
        given.extend(said.pointer(place).map(|value| (input.clone(), Incoming::Json(value.clone()))));
        // The currency of an amount stands beside it, wherever that is.
        let amount = inputs.entity.field(input);
        let Some(currency) = amount.and_then(|amount| inputs.entity.currency_of(amount.index)) else {
            continue;
        };
        let suffix = currency.name.strip_prefix(input.as_str()).unwrap_or_default();
        let code = said.pointer(&format!("{place}{suffix}"));
        given.extend(code.map(|code| (currency.name.clone(), Incoming::Json(code.clone()))));
    }
    let is_place = |key: &str| {
        let top = format!("/{}", escaped(key));
        hook.places.iter().any(|(_, place)| *place == top || place.starts_with(&format!("{top}/")))
    };
    let others = object.iter().filter(|(key, _)| !is_place(key));
    let known =
        |key: &str| place_of(key).is_none() && inputs.entity.field(key).is_some_and(|field| !field.system);
    let others = others.filter(|(key, _)| !hook.leaves_aside || known(key));
    let is_given = |key: &str| given.iter().any(|(name, _)| name == key);
    let others: Vec<_> = others
        .filter(|(key, _)| !is_given(key))
        .map(|(key, value)| (key.clone(), Incoming::Json(value.clone())))
        .collect();
    given.extend(others);
    let mut problems = Problems::new();
    if !hook.leaves_aside {
        for (key, value) in object.iter().filter(|(key, _)| is_place(key)) {
            strange(value, &format!("/{}", escaped(key)), &hook.places, &mut problems);
        }
    }
    let typed = match inputs::read(session, inputs, given).await {
        Ok(typed) => Some(typed),
        Err(Error::Problems(found)) => {
            problems.0.extend(placed(found, &hook.places));
            None
        }
        Err(other) => return Err(other),
    };
    match typed.filter(|_| problems.is_empty()) {
        Some(typed) => Ok(inputs::to_json(inputs, &typed)),
        None => Err(Error::Problems(problems)),
    }
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// What was sent beside inputs, inside of what holds some of them.
fn strange(said: &Json, at: &str, places: &[(String, String)], problems: &mut Problems) {
    let leads_on = places.iter().any(|(_, place)| place.starts_with(&format!("{at}/")));
    // An input itself, and the currency beside an amount, which was read with it.
    let is_input = places.iter().any(|(_, place)| at == place || at == format!("{place}_currency"));
    match said.as_object() {
        Some(object) if leads_on && !is_input => {
            for (key, value) in object {
                strange(value, &format!("{at}/{}", escaped(key)), places, problems);
            }
        }
        _ if is_input || leads_on => {}
        _ => {
            let key = at.rsplit('/').next().unwrap_or_default().to_owned();
            problems.push(Problem::new("unknown_field", at.to_owned()).with("field", key));
        }
    }
}

/// Problems at the inputs, at the places where they were sent.
fn placed(problems: Problems, places: &[(String, String)]) -> Problems {
    let sent = |mut problem: Problem| {
        for (input, place) in places {
            let own = format!("/{input}");
            let rest =
                problem.path.strip_prefix(&own).filter(|rest| rest.is_empty() || rest.starts_with('/'));
            if let Some(rest) = rest {
                problem.path = format!("{place}{rest}");
                return problem;
            }
        }
        problem
    };
    Problems(problems.into_iter().map(sent).collect())
}

/// The record that a message is about: of several that match, the one that was changed last.
async fn record(session: &Session, listening: &Listening, input: &Json) -> Result<Option<Uuid>> {
    let Some(entity) = listening.workflow.entity.as_deref().and_then(|name| session.model.entity(name))
    else {
        return Ok(None);
    };
    let mut all = Vec::with_capacity(listening.hook.matching.len());
    for (field, name) in &listening.hook.matching {
        let Some(value) = input.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
        let mut leaf = Map::new();
        leaf.insert("field".into(), field.as_str().into());
        leaf.insert("eq".into(), value.clone());
        all.push(Json::Object(leaf));
    }
    let filter = Filter::parse(&json!({ "all": all }), entity, &session.model)?;
    let found = page(
        session,
        entity,
        PageRequest { filter, sort: lately(entity, session), limit: 1, ..PageRequest::default() },
    );
    Ok(found.await?.rows.first().map(|row| row.id))
}

fn lately(entity: &EntityModel, session: &Session) -> Vec<Sort> {
    let path = kontor_model::filter::FieldPath::parse("updated_at", entity, &session.model);
    path.map(|path| Sort { path, descending: true }).into_iter().collect()
}
