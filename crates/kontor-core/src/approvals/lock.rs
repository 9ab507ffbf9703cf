//! Records that stay as they are while an approval is open that says so: nobody changes them, puts them into the bin, or changes
//! the records of their lists, whichever way they come.

use std::collections::BTreeSet;
use std::sync::Arc;

use kontor_model::definition::DefinitionKind;
use kontor_model::definition::approval::ApprovalDefinition;
use kontor_model::definition::process::ProcessDefinition;
use kontor_model::{EntityModel, Json, Model, Problem, Record};
use uuid::Uuid;

use super::hold::open_requests;
use super::{Request, definition_of, problems};
use crate::Session;
use crate::error::Result;
use crate::records::Draft;
use crate::records::process::of_entity;

/// Which entities have approvals, by the names of those: worked out once for a model.
#[derive(Debug, Default)]
pub(super) struct Asking {
    /// Those whose records may wait for somebody.
    any: BTreeSet<String>,
    /// Those of them whose records may be locked meanwhile.
    locking: BTreeSet<String>,
}

impl Asking {
    /// Of a model.
    pub(super) fn of(model: &Model) -> Arc<Self> {
        model.kept.get_or(|| {
            let mut found = Self::default();
            for entity in model.entities.values() {
                let guards = entity.guarded.iter().map(|guard| guard.approval.clone());
                let moves = of_entity(model, entity);
                let moves = moves.iter().flat_map(|process: &Arc<ProcessDefinition>| &process.transitions);
                let moves = moves.filter_map(|step| step.approval.clone());
                found.add(model, &entity.name, guards.chain(moves));
            }
            for (_, json) in model.definitions_of(DefinitionKind::Workflow) {
                let Some(entity) = json.pointer("/on/entity").and_then(Json::as_str) else { continue };
                found.add(model, entity, named_by_steps(json).into_iter());
            }
            for (_, json) in model.definitions_of(DefinitionKind::Process) {
                let Some(entity) = json.get("entity").and_then(Json::as_str) else { continue };
                found.add(model, entity, named_by_steps(json).into_iter());
            }
            found
        })
    }

    fn add(&mut self, model: &Model, entity: &str, approvals: impl Iterator<Item = String>) {
        for name in approvals {
            self.any.insert(entity.to_owned());
            if definition_of(model, &name).is_some_and(|approval: ApprovalDefinition| approval.lock) {
                self.locking.insert(entity.to_owned());
            }
        }
    }

    /// Whether records of the entity may wait for somebody.
    pub(super) fn may_wait(&self, entity: &EntityModel) -> bool {
        self.any.contains(&entity.name)
    }
}

/// The approvals that steps ask for, wherever they stand in a definition.
fn named_by_steps(json: &Json) -> Vec<String> {
    problems::of_steps(json, "").into_iter().map(|(_, name)| name).collect()
}

fn locks(session: &Session, request: &Request) -> bool {
    definition_of(&session.model, &request.approval).is_some_and(|approval| approval.lock)
}

async fn is_locked(session: &Session, entity: &EntityModel, record: Uuid) -> Result<bool> {
    let is_free = session.cause.granted.as_ref().is_some_and(|granted| granted.unlocks(record));
    if is_free || !Asking::of(&session.model).locking.contains(&entity.name) {
        return Ok(false);
    }
    Ok(open_requests(session, entity, record).await?.iter().any(|request| locks(session, request)))
}

/// Refuses a draft of a locked record, or of a record of its lists.
pub(super) async fn refuse(session: &Session, draft: &mut Draft) -> Result<()> {
    let changes = !draft.changed().is_empty() || draft.lists.iter().any(|list| draft.is_changed(list.field));
    if !changes {
        return Ok(());
    }
    let entity = Arc::clone(&draft.entity);
    let mut locked = draft.old.is_some() && is_locked(session, &entity, draft.record.id()).await?;
    for record in draft.old.iter().chain([&draft.record]) {
        locked = locked || belongs_to_locked(session, &entity, record).await?;
    }
    let problem = Problem::new("locked_by_approval", "");
    if locked && !draft.problems.iter().any(|known| known.code == problem.code) {
        draft.problems.push(problem);
    }
    Ok(())
}

/// Refuses to put a record into the bin that is locked, or belongs to one that is.
pub(crate) async fn refuse_deletion(session: &Session, entity: &EntityModel, record: &Record) -> Result<()> {
    let is_locked =
        is_locked(session, entity, record.id()).await? || belongs_to_locked(session, entity, record).await?;
    if is_locked { Err(Problem::new("locked_by_approval", "").into()) } else { Ok(()) }
}

/// Whether a record is one of a list of a locked one.
async fn belongs_to_locked(session: &Session, entity: &EntityModel, record: &Record) -> Result<bool> {
    let asking = Asking::of(&session.model);
    for whole in asking.locking.iter().filter_map(|name| session.model.entity(name)) {
        for (_, list) in whole.lists().filter(|(_, list)| list.entity == entity.name) {
            let Some(id) = record.at(list.by).as_id() else { continue };
            if is_locked(session, whole, id).await? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
