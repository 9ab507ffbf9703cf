//! Publications that take a while: values of large tables are carried over, and their indexes built, a few rows at a
//! time while everybody goes on writing, and the tables change hands in one short transaction at the end. What is half done when the program is
//! killed goes on at the next start; until the last transaction nothing of it is in use.

mod copy;
mod indexes;
mod slice;
mod work;

use std::time::{Duration, Instant};

use kontor_model::{Model, Problem};
use kontor_store::system::{ChangeSetRow, PublicationRow, SystemWrite};
use kontor_store::{Beforehand, CommitError, CommitUnit, Fill, FillRows, NewEvent, Staged, Write};
use uuid::Uuid;

use self::work::Work;
use super::candidate::Candidate;
use super::convert::Conversion;
use super::plan::{self, Plan};
use super::publish;
use super::{DESIGN, change_sets, drafts, turn, versions};
use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::demand_admin;

/// The topic of the events that move publications on.
pub const TOPIC: &str = "publication";
/// What a plan and a page need to know of a publication.
#[derive(Clone, Debug)]
pub struct Progress {
    /// The publication.
    pub row: PublicationRow,
    /// Rows that were carried over.
    pub done: u64,
    /// Rows in all, as counted when it began.
    pub total: u64,
}

/// What has to be done beforehand, where conversions or indexes are too large for one transaction.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn work_of(session: &Session, candidate: &Candidate, plan: &Plan) -> Result<Option<Work>> {
    let conversions = Box::pin(copy::of_plan(session, candidate, plan)).await?;
    let staged: Vec<Staged> = conversions.iter().flat_map(|(one, _)| one.staged(session)).collect();
    let changed = plan.changes.iter().map(|one| &one.change);
    let carried: Vec<&Conversion> = conversions.iter().map(|(one, _)| one).collect();
    let changes = copy::schema_changes(candidate, changed, &carried);
    let beside = indexes::large(session, candidate, &changes, &staged).await?;
    let most = session.workspace.online_rows();
    if beside.indexes.is_empty() && conversions.iter().all(|(_, rows)| *rows <= most) {
        return Ok(None);
    }
    Ok(Some(Work {
        copies: conversions.iter().map(|(one, rows)| copy::of_conversion(one, *rows)).collect(),
        added: beside.added.iter().map(|one| (one.table.clone(), one.field.key.clone())).collect(),
        indexes: indexes::of_indexes(&beside.indexes),
    }))
}

/// Begins a publication that the job runner carries out.
///
/// # Errors
/// [`Error::DefinitionMoved`] when the change set is being published already.
pub(super) async fn begin(
    session: &Session,
    work: &Work,
    title: &str,
    set: Option<&ChangeSetRow>,
    restores: Option<i64>,
    accept_loss: bool,
) -> Result<Uuid> {
    let id = Uuid::now_v7();
    let row = PublicationRow {
        id,
        change_set: set.map(|set| set.id),
        restores,
        title: title.to_owned(),
        author: (!session.actor.id.is_nil()).then_some(session.actor.id),
        accept_loss,
        state: "running".into(),
        work: work.to_json(),
        error: None,
        created_at: session.now,
        updated_at: session.now,
        version: None,
    };
    let mut unit = CommitUnit::new();
    unit.system(SystemWrite::AddPublication(row));
    if let Some(set) = set {
        unit.push(turn::see(session, set));
        let updated_at = turn::later(set.updated_at, session.now);
        let set = ChangeSetRow { state: "publishing".into(), updated_at, ..set.clone() };
        unit.system(SystemWrite::PutChangeSet(set));
    }
    unit.push(Write::Event(NewEvent {
        id: Uuid::now_v7(),
        at: session.now,
        due_at: session.now,
        topic: TOPIC.into(),
        entity: None,
        record: None,
        actor: (!session.actor.id.is_nil()).then_some(session.actor.id),
        payload: serde_json::json!({ "publication": id }),
        key: Some(format!("{TOPIC}:{id}")),
    }));
    match session.workspace.store.commit(&session.model, unit).await {
        Ok(_) => Ok(id),
        Err(CommitError::SetMoved(_)) => Err(Problem::new("change_set_moved", "").into()),
        Err(error) => Err(Error::internal(error)),
    }
}

/// A publication, for who may design.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn progress(session: &Session, id: Uuid) -> Result<Progress> {
    demand_admin(session, DESIGN)?;
    let row = session.workspace.store.publication(id).await?.ok_or(Error::NotFound)?;
    Ok(of_row(row))
}

/// The publications that run.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn running(session: &Session) -> Result<Vec<Progress>> {
    demand_admin(session, DESIGN)?;
    Ok(session.workspace.store.running_publications().await?.into_iter().map(of_row).collect())
}

/// The publication that carries a change set out.
pub(super) async fn of_set(session: &Session, set: Uuid) -> Result<Option<Uuid>> {
    let running = session.workspace.store.running_publications().await?;
    Ok(running.into_iter().find(|row| row.change_set == Some(set)).map(|row| row.id))
}

fn of_row(row: PublicationRow) -> Progress {
    let (done, total) = Work::of(&row).progress();
    Progress { row, done, total }
}

/// Stops a publication; the change set is open again, and nothing of it is in use.
///
/// # Errors
/// [`Error::NotFound`] when it does not run.
pub async fn cancel(session: &Session, id: Uuid) -> Result<()> {
    let progress = progress(session, id).await?;
    if progress.row.state != "running" {
        return Err(Error::NotFound);
    }
    end(session, progress.row, "cancelled", None).await
}

/// Moves a publication on for about as long as is given; says whether it has ended.
///
/// # Errors
/// When the database does not answer. What is wrong with the publication itself ends it and is kept with it.
pub async fn advance(session: &Session, id: Uuid, budget: Duration) -> Result<bool> {
    let Some(row) = session.workspace.store.publication(id).await? else { return Ok(true) };
    if row.state != "running" {
        return Ok(true);
    }
    match Box::pin(step(session, row.clone(), budget)).await {
        // Somebody else had the rows: the same is done again, from where it stood.
        Err(error) if error.is_temporary() => {
            tracing::info!(%error, "a publication goes on in a moment");
            Ok(false)
        }
        Err(error @ (Error::Store(_) | Error::Internal(_))) => Err(error),
        Err(error) => {
            end(session, row, "failed", Some(error.words(&session.catalogue))).await?;
            Ok(true)
        }
        ended => ended,
    }
}

async fn step(session: &Session, mut row: PublicationRow, budget: Duration) -> Result<bool> {
    let began = Instant::now();
    let set = match row.change_set {
        Some(id) => session.workspace.store.change_set(id).await?,
        None => None,
    };
    let candidate = match (&set, row.restores) {
        (Some((_, changes)), _) => change_sets::candidate_of(session, changes).await?,
        (None, Some(n)) => versions::candidate(session, n).await?,
        (None, None) => return Err(Error::NotFound),
    };
    let mut work = Work::of(&row);
    let conversions = Box::pin(copy::still_wanted(session, &candidate, &work.copies)).await?;
    for (index, conversion) in conversions.iter().enumerate() {
        if !copy::carry_over(session, conversion, &mut work, index, &mut row, began, budget).await? {
            return Ok(false);
        }
    }
    let added = indexes::still_wanted(session, &candidate, &conversions, &work).await?;
    for one in &added {
        let columns = std::slice::from_ref(&one.target);
        let made = session.workspace.store.make_columns(&session.model, &one.table, columns).await;
        gone_on(&candidate.model, made)?;
    }
    for index in 0..work.indexes.len() {
        if !indexes::grow(session, &mut work, index, &mut row, began, budget).await? {
            return Ok(false);
        }
    }
    // What was written while the indexes grew, so that little is left for the end.
    if !work.indexes.is_empty() {
        for (index, conversion) in conversions.iter().enumerate() {
            copy::carry_over(session, conversion, &mut work, index, &mut row, began, budget).await?;
        }
    }
    let lost: u64 = work.copies.iter().map(|copy| copy.lost).sum();
    if lost > 0 && !row.accept_loss {
        return Err(Error::LossNotAccepted);
    }
    Box::pin(switch(session, candidate, row, &work, &conversions, set.map(|(set, _)| set))).await
}

/// A publication that was cancelled meanwhile is not written any more, and one whose values occur more often than they
/// will be allowed to ends.
fn gone_on<T>(model: &Model, result: std::result::Result<T, CommitError>) -> Result<T> {
    result.map_err(|error| match error {
        CommitError::LeaseLost(_) => Error::NotFound,
        CommitError::Exists(constraint) => publish::not_unique(model, &constraint),
        CommitError::Store(error) => Error::Store(error),
        other => Error::internal(other),
    })
}

/// The short transaction at the end.
async fn switch(
    session: &Session,
    candidate: Candidate,
    mut row: PublicationRow,
    work: &Work,
    conversions: &[Conversion],
    set: Option<ChangeSetRow>,
) -> Result<bool> {
    let old = session.workspace.model();
    let mut plan = Box::pin(plan::of_candidate(session, &candidate)).await?;
    publish::refuse(&old, &candidate, &plan)?;
    if plan.is_lossy() && !row.accept_loss {
        return Err(Error::LossNotAccepted);
    }
    let store = &session.workspace.store;
    let staged = conversions.iter().flat_map(|conversion| conversion.staged(session));
    let staged = staged.map(|one| (one.table, one.field.key));
    let beforehand = Beforehand {
        columns: staged.chain(work.added.iter().cloned()).collect(),
        indexes: work.indexes.iter().flat_map(work::Growth::names).collect(),
    };
    let mut statements = Vec::new();
    for copy in &work.copies {
        statements.extend(store.unwatch_statements(&copy.table, copy.id));
    }
    for one in &work.indexes {
        statements.extend(store.grown_statements(one.growing()));
    }
    statements.extend(plan::statements(session, &old, &candidate, &plan.changes, &beforehand).await?);
    plan.sql = statements;
    let fills = conversions
        .iter()
        .zip(&work.copies)
        .map(|(conversion, copy)| {
            let fill = conversion.inside(FillRows::Touched { copy: copy.id, limit: u64::MAX });
            Fill { forget: fill.forget && copy.lost == 0, ..fill }
        })
        .collect();
    let title = row.title.clone();
    let mut unit = publish::writes(session, &old, &candidate, &plan, &title, set).await?;
    row.state = "done".into();
    row.version = Some(candidate.layers.version);
    row.updated_at = session.workspace.clock.now();
    // First, so that one that was cancelled is found out before anything is written.
    unit.writes.insert(0, Write::System(Box::new(SystemWrite::SavePublication(row))));
    match Box::pin(publish::commit(session, candidate, plan, fills, unit)).await {
        Ok(_) => Ok(true),
        // Somebody else published in between: the same is tried on top of that.
        Err(Error::DefinitionMoved { kind, .. }) if kind == "version" => {
            session.workspace.current().await?;
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Ends a publication that is not in use: its copies are forgotten, its change set is open again.
async fn end(session: &Session, mut row: PublicationRow, state: &str, error: Option<String>) -> Result<()> {
    let store = &session.workspace.store;
    let work = Work::of(&row);
    state.clone_into(&mut row.state);
    row.error = error;
    row.updated_at = session.workspace.clock.now();
    let mut unit = CommitUnit::new();
    if let Some(id) = row.change_set
        && let Some((set, _)) = store.change_set(id).await?
        && set.state == "publishing"
    {
        // Its author may have begun another draft meanwhile, and has one.
        let open = store.change_sets("open").await?;
        let has_another = open.iter().any(|one| one.author == set.author && one.origin == drafts::DRAFT);
        let is_second = has_another && set.origin == drafts::DRAFT;
        let origin = if is_second { drafts::LAID_ASIDE.to_owned() } else { set.origin.clone() };
        unit.system(SystemWrite::PutChangeSet(ChangeSetRow { state: "open".into(), origin, ..set }));
    }
    unit.writes.insert(0, Write::System(Box::new(SystemWrite::SavePublication(row))));
    gone_on(&session.model, store.commit(&session.model, unit).await)?;
    for copy in &work.copies {
        gone_on(
            &session.model,
            store.unwatch(&session.model, &copy.table, copy.id, CommitUnit::new()).await,
        )?;
    }
    for one in &work.indexes {
        gone_on(&session.model, store.forget_index(&session.model, one.growing()).await)?;
    }
    Ok(())
}

/// Runs a publication to its end, for commands, which have nobody to wait for.
///
/// # Errors
/// What ended it.
pub async fn run_to_end(session: &Session, id: Uuid) -> Result<i64> {
    while !advance(session, id, Duration::from_secs(5)).await? {}
    let row = session.workspace.store.publication(id).await?.ok_or(Error::NotFound)?;
    row.version.ok_or_else(|| {
        let reason = row.error.unwrap_or(row.state);
        Problem::new("publication_failed", "").with("reason", reason).into()
    })
}
