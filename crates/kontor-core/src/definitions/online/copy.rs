//! Values of a column that are carried over into another one while everybody goes on writing.

use std::time::{Duration, Instant};

use kontor_store::FillRows;
use kontor_store::system::PublicationRow;
use uuid::Uuid;

use super::super::candidate::Candidate;
use super::super::convert::{self, Conversion};
use super::super::plan::Plan;
use super::gone_on;
use super::work::{Copy, Work};
use crate::Session;
use crate::error::Result;

/// Rows of one transaction.
const CHUNK: u64 = 500;
/// So few rows may be left for the transaction that puts the new columns in use.
const FEW: u64 = 250;
/// How often it is tried to come down to so few, before the rest is done at once.
const ROUNDS: usize = 200;

/// The copies of a plan, none of them begun.
pub(super) async fn of_plan(session: &Session, candidate: &Candidate, plan: &Plan) -> Result<Vec<Copy>> {
    let old = session.workspace.model();
    let mut copies = Vec::new();
    for one in &plan.changes {
        let Some(schema) = &one.change.schema else { continue };
        let Some(conversion) = convert::of_change(session, &old, candidate, schema).await? else { continue };
        copies.push(Copy {
            id: Uuid::now_v7(),
            table: conversion.table,
            field: conversion.key,
            kinds: conversion.kinds,
            watched: false,
            after: None,
            done: 0,
            lost: 0,
            total: one.rows,
            passed: false,
        });
    }
    Ok(copies)
}

/// The conversions that a candidate asks for.
pub(super) async fn of_candidate(session: &Session, candidate: &Candidate) -> Result<Vec<Conversion>> {
    let old = session.workspace.model();
    let mut found = Vec::new();
    for change in kontor_model::diff::plan(&old, &candidate.model) {
        let Some(schema) = &change.schema else { continue };
        found.extend(convert::of_change(session, &old, candidate, schema).await?);
    }
    Ok(found)
}

/// One copy, as far as the time goes; says whether it is done but for what is written at this very moment.
pub(super) async fn carry_over(
    session: &Session,
    conversion: &Conversion,
    work: &mut Work,
    index: usize,
    row: &mut PublicationRow,
    began: Instant,
    budget: Duration,
) -> Result<bool> {
    let store = &session.workspace.store;
    let Some(mut copy) = work.copies.get(index).cloned() else { return Ok(true) };
    let keep = |copy: &Copy, work: &mut Work, row: &mut PublicationRow| {
        if let Some(place) = work.copies.get_mut(index) {
            *place = copy.clone();
        }
        work.noted(session, row)
    };
    if !copy.watched {
        copy.watched = true;
        let unit = keep(&copy, work, row);
        let target = conversion.target(session);
        let begun =
            store.watch(&session.model, &copy.table, copy.id, conversion.source(), &target, unit).await;
        gone_on(begun)?;
    }
    while !copy.passed {
        // How far it came is written with what it did, but known only afterwards: the place of the last chunk is
        // kept, and a chunk that is done twice does no harm.
        let unit = keep(&copy, work, row);
        let rows = FillRows::Next { after: copy.after, limit: CHUNK };
        let filled = store.fill(&session.model, vec![conversion.beforehand(session, rows)], unit).await;
        let filled = gone_on(filled)?.filled.first().copied().unwrap_or_default();
        copy.done += filled.rows;
        copy.lost += filled.lost;
        copy.after = filled.last.or(copy.after);
        copy.passed = filled.rows < CHUNK;
        // However short the time is, one chunk is done in it.
        if !copy.passed && began.elapsed() >= budget {
            let unit = keep(&copy, work, row);
            gone_on(store.commit(&session.model, unit).await)?;
            return Ok(false);
        }
    }
    for _ in 0..ROUNDS {
        let unit = keep(&copy, work, row);
        let rows = FillRows::Touched { copy: copy.id, limit: CHUNK };
        let filled = store.fill(&session.model, vec![conversion.beforehand(session, rows)], unit).await;
        let filled = gone_on(filled)?.filled.first().copied().unwrap_or_default();
        copy.lost += filled.lost;
        if filled.rows < FEW {
            break;
        }
    }
    keep(&copy, work, row);
    Ok(true)
}
