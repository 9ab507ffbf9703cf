//! A save: steps 1–7 prepare, step 8 commits. A script or workflow that saves adds its own prepared writes to the
//! same batch.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kontor_model::access::{FieldRight, Scope};
use kontor_model::entity::system;
use kontor_model::{EntityModel, Problems, Record, Value};
use kontor_store::CommitError;
use kontor_store::Committed;
use uuid::Uuid;

use super::batch::Batch;
use super::draft::{Draft, Save, Saved};
use super::refused::refused;
use super::rehearse::Rehearsal;
use super::view::{RecordView, rights_of};
use super::{defaults, hooks, lists, parse, subject, validate, writes};
use crate::Session;
use crate::approvals::{self, Setter};
use crate::error::{Error, Result};
use crate::permissions::{Verb, demand, demand_people};

/// How often a save is tried again when somebody else's save came between its reading and its writing.
const ATTEMPTS: u32 = 3;

/// A save that is ready to be committed; its writes are in the batch.
#[derive(Debug)]
pub struct Prepared {
    /// The record as it will be.
    pub draft: Draft,
}

/// Saves a record through all ten steps.
///
/// # Errors
/// [`Error::Problems`] with everything that is wrong; [`Error::VersionConflict`] when `expected_version` is old;
/// [`Error::NotFound`], [`Error::Forbidden`].
pub async fn save(session: &Session, save: Save) -> Result<Saved> {
    let mut attempt = 1;
    loop {
        let mut batch = Batch::default();
        let prepared = match prepare(session, &mut batch, save.clone()).await {
            Ok(prepared) => prepared,
            Err(error) => return Err(session.unless_outdated(error).await),
        };
        lists::ask_together(session, &mut batch).await?;
        match commit(session, &mut batch).await {
            Ok(committed) => return finish(session, prepared, &committed).await,
            Err(CommitError::Conflict { .. }) if save.expected_version.is_none() && attempt < ATTEMPTS => {
                attempt += 1;
            }
            Err(error) => return Err(refused(session, &batch.places, error).await),
        }
    }
}

/// Steps 3–7 without the commit: what the record would become.
///
/// # Errors
/// As [`save`].
pub async fn preview(session: &Session, save: Save) -> Result<Saved> {
    let rehearsed = super::rehearse::rehearse(session, save).await?;
    if rehearsed.problems.has_errors() {
        return Err(Error::Problems(rehearsed.problems));
    }
    let Rehearsal { record, created, problems } = rehearsed;
    Ok(Saved { record, created, warnings: problems })
}

/// A new record as the form of a new record begins: with its defaults.
///
/// # Errors
/// [`Error::Forbidden`] when the actor may not create one.
pub async fn blank(session: &Session, entity: &Arc<EntityModel>) -> Result<Record> {
    let mut batch = Batch::default();
    let mut draft = begin(session, &mut batch, &Save::create(entity, Vec::new())).await?;
    defaults::fill(session, &mut batch, &mut draft).await?;
    draft.record.set(system::ID, Value::Empty);
    Ok(draft.record)
}

/// Steps 1–7: the writes go into the batch, what is wrong comes back whole.
///
/// # Errors
/// As [`save`].
pub async fn prepare(session: &Session, batch: &mut Batch, save: Save) -> Result<Prepared> {
    prepare_with(session, batch, save, Vec::new()).await
}

/// The same with values that automation had set: no right to their fields is asked, everything else is.
///
/// # Errors
/// As [`save`].
pub async fn prepare_with(
    session: &Session,
    batch: &mut Batch,
    save: Save,
    automated: Vec<(usize, Value)>,
) -> Result<Prepared> {
    let mut draft = begin(session, batch, &save).await?;
    parse::read_values(session, batch, &mut draft, save.values).await?;
    if !automated.is_empty() {
        let before = draft.record.clone();
        for (index, value) in automated {
            draft.record.set(index, value);
        }
        kontor_model::kind::settle(&save.entity, &mut draft.record);
        hooks::keep_stored_form(&mut draft, &before);
    }
    defaults::fill(session, batch, &mut draft).await?;
    lists::prefill(session, batch, &mut draft).await?;
    complete(session, batch, draft).await
}

/// Steps 5–7 and the writes, on a draft that holds its values.
pub async fn complete(session: &Session, batch: &mut Batch, mut draft: Draft) -> Result<Prepared> {
    work_out(session, batch, &mut draft).await?;
    lists::ask_documents(session, batch, &mut draft, lists::Asked::Scripts).await?;
    // What a script saves on the way warns nobody who could answer.
    let asks = session.refuse_warnings && batch.depth == 0;
    if draft.problems.has_errors() || (asks && !draft.problems.is_empty()) {
        batch.forget_foreseen();
        if !draft.lists.is_empty() {
            batch.unwrite(&draft.entity, draft.record.id());
        }
        return Err(Error::Problems(draft.problems));
    }
    lists::let_go(&mut draft);
    // What changes is counted before the rows are written, for writing gives them new versions.
    let changes = lists::changes(&draft);
    super::stages::note(session, batch, &draft).await?;
    writes::of_document(session, batch, &mut draft, &changes);
    lists::write(session, batch, &mut draft).await?;
    lists::hand_on(session, batch, &draft).await?;
    // A request is about a record that is there: it comes after it, and after the rows.
    approvals::write(batch, &mut draft);
    if batch.depth == 0 {
        let at = batch.at.clone();
        batch.places.add(&draft, &at);
    }
    Ok(Prepared { draft })
}

/// Steps 5–7, of the rows too: scripts, derived values, validation. What is wrong is in the draft's problems.
pub(super) async fn work_out(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
    hold_back(session, batch, draft, Setter::Writer).await?;
    // What cannot be read is not shown to scripts: they would report what follows from it.
    if !draft.has_errors() {
        hooks::before_save(session, batch, draft).await?;
        lists::before_save(session, batch, draft).await?;
        // What scripts set is held back like what people type.
        hold_back(session, batch, draft, Setter::Script).await?;
    }
    lists::follow_owner(draft);
    lists::take_in(session, draft).await?;
    Box::pin(lists::compute_within(session, batch, draft)).await?;
    lists::validate(session, batch, draft).await?;
    validate::validate(session, batch, draft).await?;
    // Most saves move nothing that somebody has to agree to.
    let written = draft.asks_to_move().then(|| batch.unit.clone());
    ask_scripts(session, batch, draft).await?;
    if let Some(written) = written
        && !draft.has_errors()
        && hold_moves(session, batch, draft).await?
    {
        // What came with the move has to be right in the stage that the record keeps, for nobody has agreed yet; what is right
        // only after the move waits with it. What scripts saved for the move is not saved.
        batch.unit = written.clone();
        as_kept(session, batch, draft).await?;
        if draft.has_errors() && approvals::hold_with_move(session, batch, draft).await? {
            batch.unit = written;
            as_kept(session, batch, draft).await?;
        }
    }
    batch.overlay.forget(draft.record.id());
    draft.gather_problems();
    Ok(())
}

/// Asks the scripts of a draft in which nothing else is wrong.
async fn ask_scripts(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
    if draft.has_errors() {
        return Ok(());
    }
    hooks::validate(session, batch, draft).await?;
    lists::hook_validate(session, batch, draft).await
}

/// Works out and checks a draft once more as it is now, but for moves.
async fn as_kept(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
    Box::pin(lists::compute_within(session, batch, draft)).await?;
    lists::validate_values(session, batch, draft).await?;
    validate::values(session, batch, draft).await?;
    ask_scripts(session, batch, draft).await?;
    draft.forget_repeated();
    Ok(())
}

/// Holds back what needs an approval, of the record and of its rows.
async fn hold_back(session: &Session, batch: &mut Batch, draft: &mut Draft, setter: Setter) -> Result<()> {
    if draft.has_errors() {
        return Ok(());
    }
    approvals::hold_back(session, batch, draft, setter).await?;
    let mut lists = std::mem::take(&mut draft.lists);
    for row in lists.iter_mut().flat_map(|list| &mut list.rows) {
        if row.old.is_none() || !row.changed().is_empty() || !row.lists.is_empty() {
            Box::pin(hold_back(session, batch, row, setter)).await?;
        }
    }
    draft.lists = lists;
    Ok(())
}

/// Holds back moves that need an approval, of the record and of its rows. Whether there were any.
async fn hold_moves(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<bool> {
    let mut is_held = approvals::hold_moves(session, batch, draft).await?;
    let mut lists = std::mem::take(&mut draft.lists);
    for row in lists.iter_mut().flat_map(|list| &mut list.rows) {
        is_held |= Box::pin(hold_moves(session, batch, row)).await?;
    }
    draft.lists = lists;
    Ok(is_held)
}

/// Steps 1 and 2: may they, and what is stored.
pub async fn begin(session: &Session, batch: &mut Batch, save: &Save) -> Result<Draft> {
    let entity = Arc::clone(&save.entity);
    demand_people(session, &entity)?;
    let Some(id) = save.id else {
        demand(session, &entity, Verb::Create)?;
        let mut record = Record::empty(&entity);
        record.set(system::ID, Value::Id(Uuid::now_v7()));
        return Ok(Draft {
            entity,
            old: None,
            record,
            given: BTreeSet::new(),
            problems: Problems::new(),
            lists: Vec::new(),
            held: Vec::new(),
            to_approve: Vec::new(),
            form: save.form.clone(),
        });
    };
    demand(session, &entity, Verb::Read)?;
    let old = reach(session, batch, &entity, id, Verb::Update).await?;
    if let Some(expected) = save.expected_version.filter(|expected| *expected != old.version()) {
        return Err(Error::VersionConflict { expected, found: old.version() });
    }
    Ok(Draft { form: save.form.clone(), ..Draft::stored(&entity, (*old).clone()) })
}

/// The stored record, when the actor may see it and the verb reaches it.
///
/// # Errors
/// [`Error::NotFound`] when it cannot be seen, [`Error::Forbidden`] when the verb does not reach it.
pub async fn reach(
    session: &Session,
    batch: &mut Batch,
    entity: &Arc<EntityModel>,
    id: Uuid,
    verb: Verb,
) -> Result<Arc<Record>> {
    let record = batch.record(session, entity, id).await?.ok_or(Error::NotFound)?;
    let access = session.actor.access.entity(&entity.name);
    if !is_within(session, batch, &record, &access.read).await? {
        return Err(Error::NotFound);
    }
    let scope = match verb {
        Verb::Delete => &access.delete,
        _ => &access.update,
    };
    if !is_within(session, batch, &record, scope).await? {
        return Err(Error::Forbidden(verb.as_str()));
    }
    Ok(record)
}

/// Whether the scope holds the record.
pub async fn is_within(session: &Session, batch: &mut Batch, record: &Record, scope: &Scope) -> Result<bool> {
    match scope {
        Scope::All => Ok(true),
        Scope::None => Ok(false),
        Scope::Where(filter) => subject::holds(session, batch, record, filter).await,
    }
}

/// Step 8.
pub async fn commit(session: &Session, batch: &mut Batch) -> Result<Committed, CommitError> {
    let unit = std::mem::take(&mut batch.unit);
    if unit.writes.is_empty() {
        return Ok(Committed::default());
    }
    session.commit(unit).await
}

/// The saved record as the writer may see it, with the numbers that were drawn.
pub async fn finish(session: &Session, mut prepared: Prepared, committed: &Committed) -> Result<Saved> {
    let id = prepared.draft.record.id();
    for drawn in committed.drawn.iter().filter(|drawn| drawn.id == id) {
        prepared.draft.record.set(drawn.field, drawn.value.clone());
    }
    let created = prepared.draft.old.is_none();
    // What is calculated from a number that was drawn was worked out in the commit.
    let entity = Arc::clone(&prepared.draft.entity);
    let follows = |field: usize| entity.dependents.iter().any(|dependent| dependent.on == field);
    if committed.drawn.iter().any(|drawn| drawn.id == id && follows(drawn.field))
        && let Ok(Some(stored)) = Batch::default().record(session, &entity, id).await
    {
        prepared.draft.record = (*stored).clone();
    }
    let record = match shown(session, &prepared.draft).await {
        Ok(record) => record,
        Err(error) => {
            // It is saved: somebody who publishes at this very moment must not make it look as if it were not.
            let error = session.unless_outdated(error).await;
            if !error.is_outdated() {
                return Err(error);
            }
            let session = session.renewed().await?;
            let entity = session.entity(&prepared.draft.entity.name)?;
            super::read::get(&session, &entity, id).await?
        }
    };
    Ok(Saved { record, created, warnings: prepared.draft.problems })
}

async fn shown(session: &Session, draft: &Draft) -> Result<RecordView> {
    let mut record = view(session, draft).await?;
    record.lists = lists::load(session, &record.entity, draft.record.id(), &record.rights).await?;
    Ok(record)
}

/// A draft as the writer may see it.
pub(super) async fn view(session: &Session, draft: &Draft) -> Result<RecordView> {
    let entity = Arc::clone(&draft.entity);
    let rights = rights_of(session, &entity);
    let mut record = draft.record.clone();
    let mut links = Vec::new();
    for field in &entity.fields {
        if rights.get(field.index).is_none_or(|right| *right == FieldRight::None) {
            record.set(field.index, Value::Empty);
        }
        match (record.at(field.index), field.targets.as_slice()) {
            (Value::Id(id), [target]) if field.kind.is_link() => links.push((target.clone(), *id)),
            (Value::AnyLink(link), _) => links.push((link.entity.clone(), link.id)),
            _ => {}
        }
    }
    super::mask::cover(session, &entity, &draft.record, &mut record);
    let mut titles = super::view::Titles::new();
    super::read::add_titles(session, links, &mut titles).await?;
    let mut hidden = Vec::new();
    for field in &entity.fields {
        let unseen = field.kind.is_link()
            && record.at(field.index).as_id().is_some_and(|id| !titles.contains_key(&id));
        if unseen {
            record.set(field.index, Value::Empty);
            hidden.push(field.index);
        }
    }
    Ok(RecordView { entity, record, titles, rights, hidden, lists: BTreeMap::new() })
}
