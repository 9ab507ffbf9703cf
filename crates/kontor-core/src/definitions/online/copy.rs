//! Values of a column that are carried over into another one while everybody goes on writing.

use std::time::{Duration, Instant};

use kontor_model::FieldModel;
use kontor_model::diff::{Change, SchemaChange};
use kontor_store::FillRows;
use kontor_store::system::PublicationRow;
use uuid::Uuid;

use super::super::candidate::Candidate;
use super::super::convert::{self, Conversion};
use super::super::moved;
use super::super::plan::Plan;
use super::gone_on;
use super::slice::Slice;
use super::work::{Copy, Work};
use crate::Session;
use crate::error::Result;

/// Rows of one transaction of those that were written meanwhile.
const CHUNK: u64 = 500;
/// So few rows may be left for the transaction that puts the new columns in use.
const FEW: u64 = 250;
/// How often it is tried to come down to so few, before the rest is done at once.
const ROUNDS: usize = 200;

/// The conversions of a plan that is carried out beside the writers, each with its rows: changes of kind, and numbers of
/// large tables that are counted in other units.
pub(super) async fn of_plan(
    session: &Session,
    candidate: &Candidate,
    plan: &Plan,
) -> Result<Vec<(Conversion, u64)>> {
    let old = session.workspace.model();
    let most = session.workspace.online_rows();
    let mut found = Vec::new();
    for one in &plan.changes {
        let (entity, field) = match &one.change.schema {
            Some(SchemaChange::ConvertField { entity, field, .. }) => (entity, field),
            Some(SchemaChange::RescaleField { entity, field, .. }) if one.rows > most => (entity, field),
            _ => continue,
        };
        let conversion = Box::pin(convert::of_field(session, &old, candidate, entity, field)).await?;
        found.extend(conversion.map(|conversion| (conversion, one.rows)));
    }
    Ok(found)
}

/// What changes make of the tables, where conversions are carried out as copies: a number that is counted in other units
/// is copied as well, and so is a value that comes back from where it was parked.
pub(super) fn schema_changes<'c>(
    candidate: &Candidate,
    changes: impl Iterator<Item = &'c Change>,
    conversions: &[&Conversion],
) -> Vec<SchemaChange> {
    let carried = |change: &Change| {
        let entity = candidate.model.entity(&change.name)?;
        let field = entity.field(change.pointer.strip_prefix("/properties/")?)?;
        let is_carried = |one: &&&Conversion| one.table == entity.key && one.key == field.key;
        let conversion = conversions.iter().find(is_carried)?;
        let becomes = change.what == "field_kind_changed"
            || matches!(
                change.schema,
                Some(SchemaChange::ConvertField { .. } | SchemaChange::RescaleField { .. })
            );
        becomes.then(|| SchemaChange::ConvertField {
            entity: entity.name.clone(),
            field: field.name.clone(),
            from: conversion.kinds.0.clone(),
        })
    };
    changes.filter_map(|change| carried(change).or_else(|| change.schema.clone())).collect()
}

/// The copy that carries a conversion out, not begun.
pub(super) fn of_conversion(conversion: &Conversion, total: u64) -> Copy {
    Copy {
        id: Uuid::now_v7(),
        table: conversion.table.clone(),
        field: conversion.key.clone(),
        kinds: conversion.kinds.clone(),
        watched: false,
        after: None,
        done: 0,
        lost: 0,
        total,
        passed: false,
    }
}

/// The conversions that copies carry out, in their order.
///
/// # Errors
/// [`Error::DefinitionMoved`] when somebody else published meanwhile and they are others now.
pub(super) async fn still_wanted(
    session: &Session,
    candidate: &Candidate,
    copies: &[Copy],
) -> Result<Vec<Conversion>> {
    let old = session.workspace.model();
    let changes = kontor_model::diff::plan(&old, &candidate.model);
    // Whether a field becomes another one, in whichever way: what is parked decides on that, too.
    let becomes = |entity: &str, field: &str| {
        changes.iter().any(|change| match &change.schema {
            Some(
                SchemaChange::ConvertField { entity: of, field: named, .. }
                | SchemaChange::RescaleField { entity: of, field: named, .. },
            ) => of == entity && named == field,
            _ => {
                change.what == "field_kind_changed"
                    && change.name == entity
                    && change.pointer.strip_prefix("/properties/") == Some(field)
            }
        })
    };
    let mut found = Vec::new();
    for copy in copies {
        let moved = || moved::error(session, "entity", copy.table.clone());
        let entity = candidate.model.entities.values().find(|entity| entity.key == copy.table);
        let field = entity.and_then(|entity| entity.fields.iter().find(|field| field.key == copy.field));
        let (Some(entity), Some(field)) = (entity, field) else { return Err(moved()) };
        if !becomes(&entity.name, &field.name) {
            return Err(moved());
        }
        let conversion =
            Box::pin(convert::of_field(session, &old, candidate, &entity.name, &field.name)).await?;
        found.push(conversion.filter(|one| one.kinds == copy.kinds).ok_or_else(moved)?);
    }
    for change in &changes {
        let Some(SchemaChange::ConvertField { entity, field, .. }) = &change.schema else { continue };
        let entity = candidate.model.entity(entity);
        let field = entity.and_then(|entity| Some((entity, entity.field(field)?)));
        let is_copied = field.is_some_and(|(entity, field)| {
            copies.iter().any(|copy| copy.table == entity.key && copy.field == field.key)
        });
        if !is_copied {
            return Err(moved::error(session, "entity", change.name.clone()));
        }
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
        let targets: Vec<FieldModel> =
            conversion.staged(session).into_iter().map(|staged| staged.target).collect();
        let begun =
            store.watch(&session.model, &copy.table, copy.id, conversion.source(), &targets, unit).await;
        gone_on(&session.model, begun)?;
    }
    let mut slice = Slice::new();
    while !copy.passed {
        // How far it came is written with what it did, but known only afterwards: the place of the last chunk is
        // kept, and a chunk that is done twice does no harm.
        let unit = keep(&copy, work, row);
        let rows = FillRows::Next { after: copy.after, limit: slice.rows };
        let asked = slice.rows;
        slice.begin();
        let filled = store.fill(&session.model, vec![conversion.beforehand(session, rows)], unit).await;
        slice.end();
        let filled = gone_on(&session.model, filled)?.filled.first().copied().unwrap_or_default();
        copy.done += filled.rows;
        copy.lost += filled.lost;
        copy.after = filled.last.or(copy.after);
        copy.passed = filled.rows < asked;
        // However short the time is, one chunk is done in it.
        if !copy.passed && began.elapsed() >= budget {
            let unit = keep(&copy, work, row);
            gone_on(&session.model, store.commit(&session.model, unit).await)?;
            return Ok(false);
        }
    }
    for _ in 0..ROUNDS {
        let unit = keep(&copy, work, row);
        let rows = FillRows::Touched { copy: copy.id, limit: CHUNK };
        let filled = store.fill(&session.model, vec![conversion.beforehand(session, rows)], unit).await;
        let filled = gone_on(&session.model, filled)?.filled.first().copied().unwrap_or_default();
        copy.lost += filled.lost;
        if filled.rows < FEW {
            break;
        }
    }
    keep(&copy, work, row);
    Ok(true)
}
