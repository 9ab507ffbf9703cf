//! Step 7 of a save for guarded fields: the record keeps what it has, takes the rest, and a request is made.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use kontor_model::definition::approval::ApprovalDefinition;
use kontor_model::entity::Guarded;
use kontor_model::{EntityModel, FieldModel, Json, Problem, Record, Value};
use kontor_store::SystemWrite;
use kontor_store::system::ApprovalRow;
use serde_json::Map;
use uuid::Uuid;

use super::granted::How;
use super::{Request, deadline, definition_of, lock, of_run, people, round};
use crate::error::Result;
use crate::records::batch::Batch;
use crate::records::{Draft, defaults, subject_holds};
use crate::{Origin, Session};

/// What the guard of a move begins with.
const MOVE: &str = "stage:";
/// What is said of a value that is held back.
pub(super) const WAITS: &str = "waits_for_approval";

/// What was held back of a draft, and the writes that ask for it.
#[derive(Clone, Debug)]
pub struct Held {
    /// The guard.
    pub guard: String,
    /// The approval that decides.
    approval: String,
    /// What goes into the commit of the rest.
    pub writes: Vec<SystemWrite>,
    /// What is wanted, by the indexes of the fields.
    wanted: Vec<(usize, Value)>,
    /// The fields of it that automation set.
    automated: BTreeSet<usize>,
}

/// Who set what is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setter {
    /// Whoever saves.
    Writer,
    /// The scripts of the entity.
    Script,
}

/// Holds back what needs an approval. Everybody is held to it, scripts and workflows, too; what was granted is not.
///
/// The condition of a guard is asked of the record as it is wanted, whatever of that is held back, and as it would be stored:
/// one of them is enough.
pub(crate) async fn hold_back(
    session: &Session,
    batch: &mut Batch,
    draft: &mut Draft,
    setter: Setter,
) -> Result<()> {
    if draft.problems.has_errors() {
        return Ok(());
    }
    lock::refuse(session, draft).await?;
    let entity = Arc::clone(&draft.entity);
    if entity.guarded.is_empty() || draft.problems.has_errors() {
        return Ok(());
    }
    let before = before(session, batch, draft).await?;
    let typed = as_wanted(draft, &before);
    // What is held back may make the condition of another guard hold.
    for _ in &entity.guarded {
        let mut is_settled = true;
        for guard in &entity.guarded {
            let mut changed = all_of(&entity, guard);
            changed.retain(|index| draft.record.at(*index) != before.at(*index));
            let name = format!("guard:{}", guard.name);
            if changed.is_empty() || is_granted(session, draft, (&name, &guard.approval), &changed) {
                continue;
            }
            let holds = subject_holds(session, batch, &typed, &guard.when).await?
                || subject_holds(session, batch, &draft.record, &guard.when).await?;
            if holds {
                let approval = guard.approval.as_str();
                let guarding = Guarding { name, approval, changed, typed: &typed, before: &before, setter };
                is_settled &= !ask(session, batch, draft, guarding).await?;
            }
        }
        if is_settled || draft.problems.has_errors() {
            break;
        }
    }
    Ok(())
}

/// Holds back a move that its process lets through only with an approval: everything else that the move asks for was looked
/// at before. Whether anything was held back.
pub(crate) async fn hold_moves(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<bool> {
    let moves = std::mem::take(&mut draft.to_approve);
    if moves.is_empty() || draft.problems.has_errors() {
        return Ok(false);
    }
    let entity = Arc::clone(&draft.entity);
    let before = before(session, batch, draft).await?;
    let typed = as_wanted(draft, &before);
    let mut is_held = false;
    for (field, approval) in moves {
        let name = format!("{MOVE}{}", entity.fields.get(field).map_or("", |field| field.key.as_str()));
        if is_granted(session, draft, (&name, &approval), &[field]) {
            continue;
        }
        let (changed, setter) = (vec![field], Setter::Writer);
        let guarding =
            Guarding { name, approval: &approval, changed, typed: &typed, before: &before, setter };
        is_held |= ask(session, batch, draft, guarding).await?;
    }
    Ok(is_held)
}

/// Lets those values wait with a move that is held back that are wrong as long as it is not made. Whether there were any: then
/// what was wrong is forgotten, and has to be looked for again.
pub(crate) async fn hold_with_move(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<bool> {
    let entity = Arc::clone(&draft.entity);
    let Some(of_move) = draft.held.iter().find(|held| held.guard.starts_with(MOVE)) else { return Ok(false) };
    let (name, approval) = (of_move.guard.clone(), of_move.approval.clone());
    let wrong = draft.problems.iter().filter(|problem| !problem.warning);
    let wrong = wrong.filter_map(|problem| entity.field(problem.field()?));
    let wholes: BTreeSet<usize> = wrong.map(|field| whole_of(&entity, field).index).collect();
    let may_wait = |index: &usize| {
        let field = entity.fields.get(*index);
        let whole = field.map(|field| whole_of(&entity, field));
        draft.is_changed(*index)
            && field.is_some_and(FieldModel::is_typed)
            && whole.is_some_and(|whole| wholes.contains(&whole.index) && whole.can_wait())
    };
    let changed: Vec<usize> = (0..entity.fields.len()).filter(may_wait).collect();
    if changed.is_empty() {
        return Ok(false);
    }
    draft.problems.0.retain(|problem| problem.warning);
    let before = before(session, batch, draft).await?;
    let typed = as_wanted(draft, &before);
    let setter = Setter::Writer;
    let guarding = Guarding { name, approval: &approval, changed, typed: &typed, before: &before, setter };
    ask(session, batch, draft, guarding).await?;
    Ok(true)
}

/// Whether the workspace itself wanted this for a record since a moment, and somebody refused.
pub(crate) async fn was_refused(
    session: &Session,
    entity: &EntityModel,
    record: Uuid,
    (field, wanted): (&FieldModel, &Json),
    since: DateTime<Utc>,
) -> Result<bool> {
    let rows = session.workspace.store.approvals_of(&entity.key, record).await?;
    let rows = rows.into_iter().filter(|row| row.state == "refused" && row.requester.is_nil());
    let mut asked = rows.filter(|row| row.made_at >= since).map(Request::read);
    Ok(asked.any(|request| request.wanted.get(&field.key) == Some(wanted)))
}

fn is_granted(session: &Session, draft: &Draft, pass: (&str, &str), changed: &[usize]) -> bool {
    let granted = session.cause.granted.as_ref();
    granted.is_some_and(|granted| granted.lets_through(&draft.entity, draft.record.id(), pass, changed))
}

/// The record without what is being written: of a new one what its guarded fields hold when nobody gives them anything.
async fn before(session: &Session, batch: &mut Batch, draft: &Draft) -> Result<Record> {
    if let Some(old) = &draft.old {
        return Ok(old.clone());
    }
    let entity = &draft.entity;
    let mut fields: Vec<usize> = entity.guarded.iter().flat_map(|guard| all_of(entity, guard)).collect();
    fields.dedup();
    defaults::of_fields(session, batch, entity, &fields).await
}

/// The record as somebody wants it, with what is held back already.
fn as_wanted(draft: &Draft, before: &Record) -> Record {
    let mut typed = draft.record.clone();
    for (index, value) in draft.held.iter().flat_map(|held| &held.wanted) {
        if typed.at(*index) == before.at(*index) {
            typed.set(*index, value.clone());
        }
    }
    typed
}

/// What is held back, and what decides.
struct Guarding<'a> {
    name: String,
    approval: &'a str,
    changed: Vec<usize>,
    typed: &'a Record,
    before: &'a Record,
    setter: Setter,
}

/// Makes the request and puts the old values back; whether it did.
async fn ask(
    session: &Session,
    batch: &mut Batch,
    draft: &mut Draft,
    guarding: Guarding<'_>,
) -> Result<bool> {
    let entity = Arc::clone(&draft.entity);
    let Guarding { name, approval, changed, typed, before, setter } = guarding;
    // Nobody can agree where nobody is asked.
    let approval = definition_of(&session.model, approval).unwrap_or_default();
    let mut found = None;
    for record in [typed, &draft.record.clone()] {
        let asks = (&entity, record, session.actor.id);
        if found.is_none() {
            found = people::next_level(session, batch, &approval, 0, asks).await?;
        }
    }
    let told = changed.first().and_then(|index| entity.fields.get(*index));
    let Some(told) = told.map(|field| whole_of(&entity, field)) else { return Ok(false) };
    let (level, people) = match found {
        Some(found) => found,
        // No level is needed for these values.
        None if !approval.levels.is_empty() => return Ok(false),
        None => (0, Vec::new()),
    };
    let title = session.catalogue.label("approval", &approval.name, "title", &approval.title).to_owned();
    let mut automated: BTreeSet<usize> =
        changed.iter().copied().filter(|index| is_automated(session, draft, setter, *index)).collect();
    let earlier = draft.held.iter().position(|held| held.guard == name).map(|at| draft.held.remove(at));
    let mut fields = changed.clone();
    if let Some(earlier) = earlier {
        let kept: Vec<usize> =
            earlier.wanted.iter().map(|(index, _)| *index).filter(|index| !changed.contains(index)).collect();
        automated.extend(earlier.automated.iter().filter(|index| kept.contains(index)));
        fields.extend(kept);
    }
    let open = match draft.old {
        Some(_) => open_requests(session, &entity, draft.record.id()).await?,
        None => Vec::new(),
    };
    let form = draft.form.as_deref();
    let wanted = Wanted { fields: &fields, typed, before, automated: &automated, form };
    let asked = Asked { name: name.clone(), approval: &approval, level, people };
    let writes = match asked.writes(session, &entity, &wanted, &open) {
        Ok(writes) => writes,
        Err(problem) => {
            let at = if problem.code == "asked_already" { String::new() } else { format!("/{}", told.name) };
            draft.problems.push(Problem { path: at, ..problem });
            return Ok(false);
        }
    };
    let values = fields.iter().map(|index| (*index, typed.at(*index).clone())).collect();
    let approval = approval.name.clone();
    draft.held.push(Held { guard: name, approval, writes, wanted: values, automated });
    for index in changed {
        draft.record.set(index, before.at(index).clone());
        draft.given.remove(&index);
    }
    let label = told.label(&session.catalogue).to_owned();
    let problem = Problem::at_field(WAITS, &told.name).with("field", label);
    let problem = problem.with("name", title).as_warning();
    let is_told = |known: &Problem| known.code == problem.code && known.path == problem.path;
    if !draft.problems.iter().any(is_told) {
        draft.problems.push(problem);
    }
    Ok(true)
}

/// Whether a field was set by automation: by a workflow, an action, a script.
fn is_automated(session: &Session, draft: &Draft, setter: Setter, index: usize) -> bool {
    let cause = &session.cause;
    if session.origin == Origin::Workflow || cause.run.is_some() || cause.script || setter == Setter::Script {
        return true;
    }
    let whole = draft.entity.fields.get(index).and_then(|field| field.companion_of);
    !draft.given.contains(&index) && !whole.is_some_and(|whole| draft.given.contains(&whole))
}

/// What is wanted of a record.
struct Wanted<'a> {
    fields: &'a [usize],
    typed: &'a Record,
    before: &'a Record,
    automated: &'a BTreeSet<usize>,
    form: Option<&'a str>,
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
        asks: &Wanted<'_>,
        open: &[Request],
    ) -> std::result::Result<Vec<SystemWrite>, Problem> {
        let wanted = values_of(entity, asks.typed, asks.fields);
        let old = values_of(entity, asks.before, asks.fields);
        let mut writes = Vec::new();
        let name = self.name;
        if let Some(earlier) = open.iter().find(|request| request.row.guard == name) {
            if earlier.row.requester != session.actor.id {
                return Err(Problem::new("asked_already", ""));
            }
            if earlier.wanted == wanted {
                return Ok(writes);
            }
            writes.extend(earlier.clone().turn(session, "withdrawn"));
        }
        let record = asks.typed.id();
        let row = ApprovalRow {
            id: Uuid::now_v7(),
            entity: entity.key.clone(),
            record,
            guard: name,
            requester: session.actor.id,
            state: "open".to_owned(),
            turn: 1,
            body: Json::Null,
            made_at: session.now,
            updated_at: session.now,
        };
        let mut request = Request::new(row, &self.approval.name, wanted, old);
        let automated = |field: &FieldModel| asks.automated.contains(&field.index);
        request.how = How::of(session, entity, record, asks.fields, automated);
        request.how.form = asks.form.map(str::to_owned);
        round::begin(session, self.approval, &mut request, self.level, self.people)?;
        writes.push(SystemWrite::AddApproval(request.write()));
        writes.push(deadline::timer(&request));
        Ok(writes)
    }
}

/// The open requests about a record, but for the one that is being carried out.
pub(super) async fn open_requests(
    session: &Session,
    entity: &EntityModel,
    record: Uuid,
) -> Result<Vec<Request>> {
    let rows = session.workspace.store.open_approvals_of(&entity.key, record).await?;
    let mut requests: Vec<Request> = rows.into_iter().map(Request::read).collect();
    of_run::settle(session, &mut requests).await?;
    let granted = session.cause.granted.as_ref();
    requests.retain(|request| {
        request.row.state == "open" && !granted.is_some_and(|granted| granted.is_of(request))
    });
    Ok(requests)
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
pub(super) fn whole_of<'e>(entity: &'e EntityModel, field: &'e FieldModel) -> &'e FieldModel {
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
