//! Indexes of large tables that are built while everybody goes on writing.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use kontor_model::diff::SchemaChange;
use kontor_model::filter::Filter;
use kontor_store::system::PublicationRow;
use kontor_store::{Dialect, Grown};
use uuid::Uuid;

use super::super::candidate::Candidate;
use super::super::moved;
use super::super::plan::{self, Plan};
use super::gone_on;
use super::work::{Growth, Work};
use crate::Session;
use crate::error::Result;

/// Records of one transaction.
const CHUNK: u64 = 1_000;

/// The indexes of a plan over fields that large tables have already, with the rows of each. PostgreSQL refuses what a
/// unique one does not allow by itself; SQLite looks at all records at once, in the transaction of the publish.
pub(super) async fn large(session: &Session, plan: &Plan) -> Result<Vec<(SchemaChange, u64)>> {
    let mut found = Vec::new();
    let takes_unique = session.workspace.store.dialect() == Dialect::Postgres;
    let old = session.workspace.model();
    for one in &plan.changes {
        let Some(schema @ SchemaChange::AddIndex { entity, fields, unique }) = &one.change.schema else {
            continue;
        };
        if *unique && !takes_unique {
            continue;
        }
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
            found.push((schema.clone(), rows));
        }
    }
    Ok(found)
}

/// The indexes that SQLite builds a few records at a time, none of them begun.
pub(super) async fn of_plan(session: &Session, candidate: &Candidate, plan: &Plan) -> Result<Vec<Growth>> {
    if session.workspace.store.dialect() != Dialect::Sqlite {
        return Ok(Vec::new());
    }
    let old = session.workspace.model();
    let mut tables: BTreeMap<String, (Vec<SchemaChange>, u64)> = BTreeMap::new();
    for (schema, rows) in large(session, plan).await? {
        let SchemaChange::AddIndex { entity, .. } = &schema else { continue };
        let Some(entity) = candidate.model.entity(entity) else { continue };
        let (changes, total) = tables.entry(entity.key.clone()).or_default();
        changes.push(schema);
        *total = rows;
    }
    let mut found = Vec::new();
    for (table, (changes, total)) in tables {
        let mut statements = session.workspace.store.statements(&old, &candidate.model, &changes).await?;
        statements.retain(|statement| statement.starts_with("CREATE "));
        if statements.is_empty() {
            continue;
        }
        found.push(Growth {
            id: Uuid::now_v7(),
            table,
            statements,
            begun: 0,
            place: 0,
            done: 0,
            total,
            passed: false,
        });
    }
    Ok(found)
}

/// Refuses to go on when a publication of somebody else made other indexes of these, or none.
pub(super) async fn still_wanted(session: &Session, candidate: &Candidate, work: &Work) -> Result<()> {
    if work.indexes.is_empty() {
        return Ok(());
    }
    let old = session.workspace.model();
    let changes = kontor_model::diff::plan(&old, &candidate.model).into_iter();
    let changes: Vec<SchemaChange> = changes
        .filter_map(|change| change.schema)
        .filter(|schema| matches!(schema, SchemaChange::AddIndex { .. }))
        .collect();
    let wanted = session.workspace.store.statements(&old, &candidate.model, &changes).await?;
    for growth in &work.indexes {
        if growth.statements.iter().any(|statement| !wanted.contains(statement)) {
            return Err(moved::error(session, "entity", growth.table.clone()));
        }
    }
    Ok(())
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
    loop {
        while growth.begun < growth.statements.len() {
            let at = growth.begun;
            growth.begun += 1;
            let unit = keep(&growth);
            gone_on(store.begin_index(&session.model, growth.growing(), at, unit).await)?;
        }
        while !growth.passed {
            // The place is kept with the next chunk: one that is done twice does no harm.
            let unit = keep(&growth);
            let marked = store.grow_index(&session.model, growth.growing(), growth.place, CHUNK, unit).await;
            match gone_on(marked)? {
                Some(marked) => {
                    growth.place = marked.place;
                    growth.done += marked.rows;
                }
                None => growth.passed = true,
            }
            if !growth.passed && began.elapsed() >= budget {
                let unit = keep(&growth);
                gone_on(store.commit(&session.model, unit).await)?;
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

/// Builds indexes in the way of PostgreSQL.
pub(super) async fn build_beside(session: &Session, candidate: &Candidate, plan: &Plan) -> Result<()> {
    let store = &session.workspace.store;
    if store.dialect() != Dialect::Postgres {
        return Ok(());
    }
    let indexes: Vec<SchemaChange> =
        large(session, plan).await?.into_iter().map(|(schema, _)| schema).collect();
    if indexes.is_empty() {
        return Ok(());
    }
    for statement in store.statements(&session.workspace.model(), &candidate.model, &indexes).await? {
        store.build_index_beside(&statement).await?;
    }
    Ok(())
}
