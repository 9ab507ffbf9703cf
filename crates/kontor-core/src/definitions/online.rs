//! Publications that take a while: values of large tables are carried over a few rows at a time while everybody goes
//! on writing, and the tables change hands in one short transaction at the end. What is half done when the program is
//! killed goes on at the next start; until the last transaction nothing of it is in use.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use kontor_model::diff::SchemaChange;
use kontor_model::filter::Filter;
use kontor_model::{Json, Problem};
use kontor_store::system::{ChangeSetRow, PublicationRow, SystemWrite};
use kontor_store::{CommitError, CommitUnit, Dialect, FillRows, NewEvent, Write};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::candidate::Candidate;
use super::convert::{self, Conversion};
use super::plan::{self, Plan};
use super::publish;
use super::{DESIGN, change_sets, moved, versions};
use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::demand_admin;

/// The topic of the events that move publications on.
pub const TOPIC: &str = "publication";
/// Rows of one transaction.
const CHUNK: u64 = 500;
/// So few rows may be left for the transaction that puts the new columns in use.
const FEW: u64 = 250;
/// How often it is tried to come down to so few, before the rest is done at once.
const ROUNDS: usize = 200;

/// One copy of a publication, as it is stored.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Copy {
    id: Uuid,
    table: String,
    field: String,
    kinds: (String, String),
    /// Whether writes are remembered, and so copying may begin.
    watched: bool,
    after: Option<Uuid>,
    done: u64,
    lost: u64,
    total: u64,
    /// Whether all rows were looked at once.
    passed: bool,
}

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

/// Whether conversions, or indexes that can be built beside, are too large for one transaction.
pub async fn is_long(session: &Session, plan: &Plan) -> Result<bool> {
    let most = session.workspace.online_rows();
    if plan.changes.iter().any(|one| one.is_conversion() && one.rows > most) {
        return Ok(true);
    }
    Ok(!large_indexes(session, plan).await?.is_empty())
}

/// The indexes of a plan over fields that large tables have already. Only PostgreSQL builds them beside.
async fn large_indexes(session: &Session, plan: &Plan) -> Result<Vec<SchemaChange>> {
    let mut found = Vec::new();
    if session.workspace.store.dialect() != Dialect::Postgres {
        return Ok(found);
    }
    let old = session.workspace.model();
    for one in &plan.changes {
        let Some(schema @ SchemaChange::AddIndex { entity, fields, .. }) = &one.change.schema else {
            continue;
        };
        // A converted field gets its indexes with its columns; a new one holds nothing yet.
        let Some(known) = old.entity(entity) else { continue };
        let touched = plan.changes.iter().any(|other| match &other.change.schema {
            Some(
                SchemaChange::ConvertField { entity: owner, field, .. }
                | SchemaChange::AddField { entity: owner, field },
            ) => owner == entity && fields.contains(field),
            _ => false,
        });
        if touched || fields.iter().any(|field| known.field(field).is_none()) {
            continue;
        }
        let rows = plan::count(session, &old, known, Filter::True).await?;
        if rows > session.workspace.online_rows() {
            found.push(schema.clone());
        }
    }
    Ok(found)
}

/// Begins a publication that the job runner carries out.
///
/// # Errors
/// [`Error::DefinitionMoved`] when the change set is being published already.
pub async fn begin(
    session: &Session,
    candidate: &Candidate,
    plan: &Plan,
    title: &str,
    set: Option<&ChangeSetRow>,
    restores: Option<i64>,
    accept_loss: bool,
) -> Result<Uuid> {
    let id = Uuid::now_v7();
    let mut copies = Vec::new();
    for (planned, conversion) in conversions(session, candidate, plan).await? {
        copies.push(Copy {
            id: Uuid::now_v7(),
            table: conversion.table,
            field: conversion.key,
            kinds: conversion.kinds,
            watched: false,
            after: None,
            done: 0,
            lost: 0,
            total: planned,
            passed: false,
        });
    }
    let row = PublicationRow {
        id,
        change_set: set.map(|set| set.id),
        restores,
        title: title.to_owned(),
        author: (!session.actor.id.is_nil()).then_some(session.actor.id),
        accept_loss,
        state: "running".into(),
        work: work_of(&copies),
        error: None,
        created_at: session.now,
        updated_at: session.now,
        version: None,
    };
    let mut unit = CommitUnit::new();
    unit.system(SystemWrite::AddPublication(row));
    if let Some(set) = set {
        let set = ChangeSetRow { state: "publishing".into(), updated_at: session.now, ..set.clone() };
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
    session.workspace.store.commit(&session.model, unit).await.map_err(Error::internal)?;
    Ok(id)
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

fn of_row(row: PublicationRow) -> Progress {
    let copies = copies_of(&row.work);
    Progress {
        done: copies.iter().map(|copy| copy.done).sum(),
        total: copies.iter().map(|copy| copy.total.max(copy.done)).sum(),
        row,
    }
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
            end(session, row, "failed", Some(error.to_string())).await?;
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
    let mut copies = copies_of(&row.work);
    let mut known = of_candidate(session, &candidate).await?;
    for index in 0..copies.len() {
        let Some(copy) = copies.get(index).cloned() else { break };
        let place = known
            .iter()
            .position(|one| one.table == copy.table && one.key == copy.field && one.kinds == copy.kinds);
        // Somebody else published meanwhile, and this conversion is another one now.
        let moved = || moved::error(session, "entity", copy.table.clone());
        let conversion = known.swap_remove(place.ok_or_else(moved)?);
        if !carry_over(session, &conversion, &mut copies, index, &mut row, began, budget).await? {
            return Ok(false);
        }
    }
    if !known.is_empty() {
        return Err(moved::error(session, "entity", String::new()));
    }
    let lost: u64 = copies.iter().map(|copy| copy.lost).sum();
    if lost > 0 && !row.accept_loss {
        return Err(Error::LossNotAccepted);
    }
    Box::pin(switch(session, candidate, row, &copies, set.map(|(set, _)| set))).await
}

/// One copy, as far as the time goes; says whether it is done but for what is written at this very moment.
async fn carry_over(
    session: &Session,
    conversion: &Conversion,
    copies: &mut [Copy],
    index: usize,
    row: &mut PublicationRow,
    began: Instant,
    budget: Duration,
) -> Result<bool> {
    let store = &session.workspace.store;
    let Some(mut copy) = copies.get(index).cloned() else { return Ok(true) };
    let keep = |copy: &Copy, copies: &mut [Copy], row: &mut PublicationRow| {
        if let Some(place) = copies.get_mut(index) {
            *place = copy.clone();
        }
        row.work = work_of(copies);
        row.updated_at = session.workspace.clock.now();
        CommitUnit::from(SystemWrite::SavePublication(row.clone()))
    };
    if !copy.watched {
        copy.watched = true;
        let unit = keep(&copy, copies, row);
        let target = conversion.target(session);
        let begun =
            store.watch(&session.model, &copy.table, copy.id, conversion.source(), &target, unit).await;
        gone_on(begun)?;
    }
    while !copy.passed {
        if began.elapsed() >= budget {
            return Ok(false);
        }
        // How far it came is written with what it did, but known only afterwards: the place of the last chunk is
        // kept, and a chunk that is done twice does no harm.
        let unit = keep(&copy, copies, row);
        let rows = FillRows::Next { after: copy.after, limit: CHUNK };
        let filled = store.fill(&session.model, vec![conversion.beforehand(session, rows)], unit).await;
        let filled = gone_on(filled)?.filled.first().copied().unwrap_or_default();
        copy.done += filled.rows;
        copy.lost += filled.lost;
        copy.after = filled.last.or(copy.after);
        copy.passed = filled.rows < CHUNK;
    }
    for _ in 0..ROUNDS {
        let unit = keep(&copy, copies, row);
        let rows = FillRows::Touched { copy: copy.id, limit: CHUNK };
        let filled = store.fill(&session.model, vec![conversion.beforehand(session, rows)], unit).await;
        let filled = gone_on(filled)?.filled.first().copied().unwrap_or_default();
        copy.lost += filled.lost;
        if filled.rows < FEW {
            break;
        }
    }
    keep(&copy, copies, row);
    Ok(true)
}

/// A publication that was cancelled meanwhile is not written any more.
fn gone_on<T>(result: std::result::Result<T, CommitError>) -> Result<T> {
    result.map_err(|error| match error {
        CommitError::LeaseLost(_) => Error::NotFound,
        CommitError::Store(error) => Error::Store(error),
        other => Error::internal(other),
    })
}

/// The short transaction at the end.
async fn switch(
    session: &Session,
    candidate: Candidate,
    mut row: PublicationRow,
    copies: &[Copy],
    set: Option<ChangeSetRow>,
) -> Result<bool> {
    let old = session.workspace.model();
    let mut plan = Box::pin(plan::of_candidate(session, &candidate)).await?;
    publish::refuse(&old, &candidate, &plan)?;
    if plan.is_lossy() && !row.accept_loss {
        return Err(Error::LossNotAccepted);
    }
    let indexes = large_indexes(session, &plan).await?;
    if !indexes.is_empty() {
        let store = &session.workspace.store;
        for statement in store.statements(&old, &candidate.model, &indexes).await? {
            store.build_index_beside(&statement).await?;
        }
    }
    let staged: BTreeSet<(String, String)> =
        copies.iter().map(|copy| (copy.table.clone(), copy.field.clone())).collect();
    let mut statements = Vec::new();
    for copy in copies {
        statements.extend(session.workspace.store.unwatch_statements(&copy.table, copy.id));
    }
    statements.extend(plan::statements(session, &old, &candidate, &plan.changes, &staged).await?);
    plan.sql = statements;
    let mut fills = Vec::new();
    for conversion in of_candidate(session, &candidate).await? {
        let copy = copies.iter().find(|copy| copy.table == conversion.table && copy.field == conversion.key);
        let Some(copy) = copy else { continue };
        fills.extend(conversion.inside(FillRows::Touched { copy: copy.id, limit: u64::MAX }));
    }
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
    let copies = copies_of(&row.work);
    state.clone_into(&mut row.state);
    row.error = error;
    row.updated_at = session.workspace.clock.now();
    let mut unit = CommitUnit::new();
    if let Some(id) = row.change_set
        && let Some((set, _)) = store.change_set(id).await?
        && set.state == "publishing"
    {
        unit.system(SystemWrite::PutChangeSet(ChangeSetRow { state: "open".into(), ..set }));
    }
    unit.writes.insert(0, Write::System(Box::new(SystemWrite::SavePublication(row))));
    gone_on(store.commit(&session.model, unit).await)?;
    for copy in copies {
        gone_on(store.unwatch(&session.model, &copy.table, copy.id, CommitUnit::new()).await)?;
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

async fn of_candidate(session: &Session, candidate: &Candidate) -> Result<Vec<Conversion>> {
    let old = session.workspace.model();
    let mut found = Vec::new();
    for change in kontor_model::diff::plan(&old, &candidate.model) {
        let Some(schema) = &change.schema else { continue };
        found.extend(convert::of_change(session, &old, candidate, schema).await?);
    }
    Ok(found)
}

/// The conversions of a plan with the number of rows of each.
async fn conversions(
    session: &Session,
    candidate: &Candidate,
    plan: &Plan,
) -> Result<Vec<(u64, Conversion)>> {
    let old = session.workspace.model();
    let mut found = Vec::new();
    for one in &plan.changes {
        let Some(schema) = &one.change.schema else { continue };
        if let Some(conversion) = convert::of_change(session, &old, candidate, schema).await? {
            found.push((one.rows, conversion));
        }
    }
    Ok(found)
}

fn copies_of(work: &Json) -> Vec<Copy> {
    Vec::deserialize(work).unwrap_or_default()
}

fn work_of(copies: &[Copy]) -> Json {
    serde_json::to_value(copies).unwrap_or(Json::Null)
}
