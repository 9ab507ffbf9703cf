//! Step 7 of a save for guarded fields: the record keeps what it has, takes the rest, and a request is made.

use std::sync::Arc;

use kontor_model::definition::approval::ApprovalDefinition;
use kontor_model::entity::Guarded;
use kontor_model::{EntityModel, FieldModel, Json, Problem, Record, Value};
use kontor_store::SystemWrite;
use kontor_store::system::ApprovalRow;
use serde_json::Map;
use uuid::Uuid;

use super::{Request, definition_of, people};
use crate::Session;
use crate::error::Result;
use crate::records::batch::Batch;
use crate::records::{Draft, subject_holds};

/// What was held back of a draft, and the writes that ask for it.
#[derive(Clone, Debug)]
pub struct Held {
    /// The guard.
    pub guard: String,
    /// What goes into the commit of the rest.
    pub writes: Vec<SystemWrite>,
}

/// Holds back what needs an approval. Everybody is held to it, scripts and workflows, too; what was granted is not.
pub(crate) async fn hold_back(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
    let entity = Arc::clone(&draft.entity);
    if entity.guarded.is_empty() || session.cause.granted || draft.problems.has_errors() {
        return Ok(());
    }
    let open = match draft.old {
        Some(_) => open_requests(session, &entity, draft.record.id()).await?,
        None => Vec::new(),
    };
    let is_locked = |request: &Request| {
        definition_of(&session.model, &request.approval).is_some_and(|approval| approval.lock)
    };
    if open.iter().any(is_locked) && !draft.changed().is_empty() {
        draft.problems.push(Problem::new("locked_by_approval", ""));
        return Ok(());
    }
    for guard in &entity.guarded {
        let changed: Vec<usize> =
            all_of(&entity, guard).into_iter().filter(|index| draft.is_changed(*index)).collect();
        if changed.is_empty() || !subject_holds(session, batch, &draft.record, &guard.when).await? {
            continue;
        }
        let name = format!("guard:{}", guard.name);
        ask(session, batch, draft, &open, Guarding { name, approval: &guard.approval, changed }).await?;
    }
    Ok(())
}

/// Holds back a move that its process lets through only with an approval: everything else that the move asks for was looked
/// at before. Whether anything was held back.
pub(crate) async fn hold_moves(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<bool> {
    let moves = std::mem::take(&mut draft.to_approve);
    if moves.is_empty() || session.cause.granted || draft.problems.has_errors() {
        return Ok(false);
    }
    let entity = Arc::clone(&draft.entity);
    let open = open_requests(session, &entity, draft.record.id()).await?;
    let before = draft.held.len();
    for (field, approval) in moves {
        let name = format!("stage:{}", entity.fields.get(field).map_or("", |field| field.key.as_str()));
        ask(session, batch, draft, &open, Guarding { name, approval: &approval, changed: vec![field] })
            .await?;
    }
    Ok(draft.held.len() > before)
}

/// What is held back, and what decides.
struct Guarding<'a> {
    name: String,
    approval: &'a str,
    changed: Vec<usize>,
}

/// Makes the request and puts the old values back.
async fn ask(
    session: &Session,
    batch: &mut Batch,
    draft: &mut Draft,
    open: &[Request],
    guarding: Guarding<'_>,
) -> Result<()> {
    let entity = Arc::clone(&draft.entity);
    let Guarding { name, approval, changed } = guarding;
    let wanted = draft.record.clone();
    // Nobody can agree where nobody is asked.
    let approval = definition_of(&session.model, approval).unwrap_or_default();
    let asks = (&*entity, &wanted, session.actor.id);
    let found = people::next_level(session, batch, &approval, 0, asks).await?;
    let told = changed.first().and_then(|index| entity.fields.get(*index));
    let Some(told) = told.map(|field| whole_of(&entity, field)) else { return Ok(()) };
    let (level, people) = match found {
        Some(found) => found,
        // No level is needed for these values.
        None if !approval.levels.is_empty() => return Ok(()),
        None => (0, Vec::new()),
    };
    let title = session.catalogue.label("approval", &approval.name, "title", &approval.title).to_owned();
    if people.is_empty() {
        draft.problems.push(Problem::at_field("nobody_may_decide", &told.name).with("name", title));
        return Ok(());
    }
    let asked = Asked { name: name.clone(), approval: &approval, level, people };
    match asked.writes(session, &entity, draft, &changed, open) {
        Ok(writes) => {
            draft.held.retain(|held| held.guard != name);
            draft.held.push(Held { guard: name, writes });
        }
        Err(problem) => {
            draft.problems.push(problem);
            return Ok(());
        }
    }
    for index in changed {
        let old = draft.old.as_ref().map(|old| old.at(index).clone()).unwrap_or_default();
        draft.record.set(index, old);
        draft.given.remove(&index);
    }
    let label = told.label(&session.catalogue).to_owned();
    let problem = Problem::at_field("waits_for_approval", &told.name).with("field", label);
    let problem = problem.with("name", title).as_warning();
    let is_told = |known: &Problem| known.code == problem.code && known.path == problem.path;
    if !draft.problems.iter().any(is_told) {
        draft.problems.push(problem);
    }
    Ok(())
}

struct Asked<'a> {
    name: String,
    approval: &'a ApprovalDefinition,
    level: usize,
    people: Vec<Uuid>,
}

impl Asked<'_> {
    /// The request, in place of an earlier one of the same person; none when it is asked already.
    fn writes(
        self,
        session: &Session,
        entity: &EntityModel,
        draft: &Draft,
        changed: &[usize],
        open: &[Request],
    ) -> std::result::Result<Vec<SystemWrite>, Problem> {
        let none = Record::empty(entity);
        let wanted = values_of(entity, &draft.record, changed);
        let old = values_of(entity, draft.old.as_ref().unwrap_or(&none), changed);
        let mut writes = Vec::new();
        let name = self.name;
        if let Some(earlier) = open.iter().find(|request| request.row.guard == name) {
            if earlier.row.requester != session.actor.id {
                return Err(Problem::new("asked_already", ""));
            }
            if earlier.wanted == wanted {
                return Ok(writes);
            }
            writes.push(SystemWrite::TurnApproval(earlier.turned(session, "withdrawn")));
        }
        let request = Request {
            row: ApprovalRow {
                id: Uuid::now_v7(),
                entity: entity.key.clone(),
                record: draft.record.id(),
                guard: name,
                requester: session.actor.id,
                state: "open".to_owned(),
                turn: 1,
                body: Json::Null,
                made_at: session.now,
                updated_at: session.now,
            },
            approval: self.approval.name.clone(),
            wanted,
            old,
            level: self.level,
            waiting: self.people,
            decisions: Vec::new(),
            reasons: Vec::new(),
        };
        writes.push(SystemWrite::AddApproval(request.write()));
        Ok(writes)
    }
}

/// The open requests about a record.
pub(super) async fn open_requests(
    session: &Session,
    entity: &EntityModel,
    record: Uuid,
) -> Result<Vec<Request>> {
    let rows = session.workspace.store.approvals_of(&entity.key, record).await?;
    Ok(rows.into_iter().filter(|row| row.state == "open").map(Request::read).collect())
}

/// The fields of a guard with what belongs to them: parts, currencies.
fn all_of(entity: &EntityModel, guard: &Guarded) -> Vec<usize> {
    let belongs = |field: &FieldModel| {
        guard.fields.contains(&field.index)
            || field.companion_of.is_some_and(|whole| guard.fields.contains(&whole) && field.is_typed())
    };
    entity.fields.iter().filter(|field| belongs(field)).map(|field| field.index).collect()
}

/// The field that a part or a currency belongs to; otherwise the field itself.
fn whole_of<'e>(entity: &'e EntityModel, field: &'e FieldModel) -> &'e FieldModel {
    field.companion_of.and_then(|whole| entity.fields.get(whole)).unwrap_or(field)
}

/// Values by the keys of their fields; of parts the whole says it.
fn values_of(entity: &EntityModel, record: &Record, fields: &[usize]) -> Map<String, Json> {
    let fields = fields.iter().filter_map(|index| entity.fields.get(*index));
    let form = |field: &FieldModel| match record.at(field.index) {
        Value::Empty => Json::Null,
        value => field.kind.to_json(field, value),
    };
    fields.filter(|field| field.part.is_none()).map(|field| (field.key.clone(), form(field))).collect()
}
