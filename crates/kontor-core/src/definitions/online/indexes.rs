//! Indexes of large tables that are built while everybody goes on writing.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use kontor_model::Model;
use kontor_model::diff::SchemaChange;
use kontor_model::filter::Filter;
use kontor_store::system::PublicationRow;
use kontor_store::{Beforehand, ComingIndex, Dialect, Grown, Staged};
use uuid::Uuid;

use super::super::candidate::Candidate;
use super::super::convert::Conversion;
use super::super::{moved, plan};
use super::slice::Slice;
use super::work::{Growth, Work};
use super::{copy, gone_on};
use crate::Session;
use crate::error::Result;

/// What a plan makes of large tables beside the writers, besides conversions.
#[derive(Default)]
pub(super) struct Beside {
    /// New fields with an index: their columns are made first.
    pub(super) added: Vec<Staged>,
    /// The indexes, with the rows of their tables.
    pub(super) indexes: Vec<(ComingIndex, u64)>,
}

/// The indexes that changes bring to large tables.
pub(super) async fn large(
    session: &Session,
    candidate: &Candidate,
    changes: &[SchemaChange],
    conversions: &[Staged],
) -> Result<Beside> {
    let (old, new) = (session.workspace.model(), &candidate.model);
    let store = &session.workspace.store;
    let changes = &of_known(&old, new, changes);
    let added = added(session, candidate, changes).await?;
    let staged: Vec<Staged> = conversions.iter().chain(&added).cloned().collect();
    let mut rows: BTreeMap<String, u64> = BTreeMap::new();
    let mut beside = Beside::default();
    for index in store.coming_indexes(&old, new, changes, &staged, &Beforehand::default()).await? {
        let Some(entity) = old.entities.values().find(|entity| entity.key == index.table) else { continue };
        if !rows.contains_key(&index.table) {
            rows.insert(index.table.clone(), plan::count(session, &old, entity, Filter::True).await?);
        }
        let rows = rows.get(&index.table).copied().unwrap_or_default();
        if rows > session.workspace.online_rows() {
            beside.indexes.push((index, rows));
        }
    }
    let is_large = |table: &String| beside.indexes.iter().any(|(index, _)| index.table == *table);
    beside.added = added.into_iter().filter(|one| is_large(&one.table)).collect();
    Ok(beside)
}

/// The changes of entities that exist: a new one has no record yet, and they may be many.
fn of_known(old: &Model, new: &Model, changes: &[SchemaChange]) -> Vec<SchemaChange> {
    let is_new = |name: &String| {
        let key = new.entity(name).map(|entity| &entity.key);
        key.is_some_and(|key| !old.entities.values().any(|entity| entity.key == *key))
    };
    let is_known = |change: &&SchemaChange| match change {
        SchemaChange::CreateEntity { .. } => false,
        SchemaChange::AddIndex { entity, .. } => !is_new(entity),
        _ => true,
    };
    changes.iter().filter(is_known).cloned().collect()
}

/// The new fields of tables that exist.
async fn added(session: &Session, candidate: &Candidate, changes: &[SchemaChange]) -> Result<Vec<Staged>> {
    let store = &session.workspace.store;
    let mut found = Vec::new();
    for change in changes {
        let SchemaChange::AddField { entity, field } = change else { continue };
        let Some(entity) = candidate.model.entity(entity) else { continue };
        let Some(field) = entity.field(field) else { continue };
        if store.is_unheard_of(&entity.key, field).await? {
            let target = store.staged_field(field);
            found.push(Staged { table: entity.key.clone(), field: field.clone(), target });
        }
    }
    Ok(found)
}

/// What the job has to do for them, none of it begun.
pub(super) fn of_indexes(indexes: &[(ComingIndex, u64)]) -> Vec<Growth> {
    let mut tables: BTreeMap<&str, Growth> = BTreeMap::new();
    for (index, rows) in indexes {
        let growth = tables.entry(&index.table).or_insert_with(|| Growth {
            id: Uuid::now_v7(),
            table: index.table.clone(),
            statements: Vec::new(),
            names: Vec::new(),
            begun: 0,
            place: 0,
            done: 0,
            total: *rows,
            passed: false,
        });
        growth.statements.push(index.statement.clone());
        growth.names.push((index.name.clone(), index.beside.clone()));
    }
    tables.into_values().collect()
}

/// The new fields whose columns are made beforehand.
///
/// # Errors
/// [`crate::Error::DefinitionMoved`] when a publication of somebody else made other indexes of these, or none.
pub(super) async fn still_wanted(
    session: &Session,
    candidate: &Candidate,
    conversions: &[Conversion],
    work: &Work,
) -> Result<Vec<Staged>> {
    if work.indexes.is_empty() {
        return Ok(Vec::new());
    }
    let old = session.workspace.model();
    let carried: Vec<&Conversion> = conversions.iter().collect();
    let changes = kontor_model::diff::plan(&old, &candidate.model);
    let changes = copy::schema_changes(candidate, changes.iter(), &carried);
    let changes = of_known(&old, &candidate.model, &changes);
    let mut added = added(session, candidate, &changes).await?;
    added.retain(|one| work.added.contains(&(one.table.clone(), one.field.key.clone())));
    let staged: Vec<Staged> = conversions
        .iter()
        .flat_map(|conversion| conversion.staged(session))
        .chain(added.iter().cloned())
        .collect();
    // Those that are built already are wanted as well.
    let built = Beforehand {
        indexes: work.indexes.iter().flat_map(Growth::names).collect(),
        ..Beforehand::default()
    };
    let store = &session.workspace.store;
    let wanted = store.coming_indexes(&old, &candidate.model, &changes, &staged, &built).await?;
    for growth in &work.indexes {
        let is_wanted = |statement: &String| wanted.iter().any(|index| index.statement == *statement);
        if !growth.statements.iter().all(is_wanted) {
            return Err(moved::error(session, "entity", growth.table.clone()));
        }
    }
    Ok(added)
}

/// The indexes of one table, as far as the time goes; says whether they hold all records.
pub(super) async fn grow(
    session: &Session,
    work: &mut Work,
    index: usize,
    row: &mut PublicationRow,
    began: Instant,
    budget: Duration,
) -> Result<bool> {
    let store = &session.workspace.store;
    let Some(mut growth) = work.indexes.get(index).cloned() else { return Ok(true) };
    let mut keep = |growth: &Growth| {
        if let Some(place) = work.indexes.get_mut(index) {
            *place = growth.clone();
        }
        work.noted(session, row)
    };
    if store.dialect() == Dialect::Postgres {
        while let Some(statement) = growth.statements.get(growth.begun) {
            gone_on(&session.model, store.build_index_beside(statement).await)?;
            growth.begun += 1;
            growth.done = growth.total;
            let unit = keep(&growth);
            gone_on(&session.model, store.commit(&session.model, unit).await)?;
        }
        return Ok(true);
    }
    let mut slice = Slice::new();
    loop {
        while growth.begun < growth.statements.len() {
            let at = growth.begun;
            growth.begun += 1;
            let unit = keep(&growth);
            gone_on(&session.model, store.begin_index(&session.model, growth.growing(), at, unit).await)?;
        }
        while !growth.passed {
            // The place is kept with the next chunk: one that is done twice does no harm.
            let unit = keep(&growth);
            slice.begin();
            let marked =
                store.grow_index(&session.model, growth.growing(), growth.place, slice.rows, unit).await;
            slice.end();
            match gone_on(&session.model, marked)? {
                Some(marked) => {
                    growth.place = marked.place;
                    growth.done += marked.rows;
                }
                None => growth.passed = true,
            }
            if !growth.passed && began.elapsed() >= budget {
                let unit = keep(&growth);
                gone_on(&session.model, store.commit(&session.model, unit).await)?;
                return Ok(false);
            }
        }
        match store.grown(growth.growing()).await? {
            Grown::Whole => {
                keep(&growth);
                return Ok(true);
            }
            Grown::Gaps => {}
            Grown::Changed => growth.begun = 0,
        }
        growth.passed = false;
        growth.place = 0;
    }
}
