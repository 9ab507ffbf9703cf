//! What hangs on a record goes to another one: what points at it, and what lies beside it. Each record that points is saved
//! like any other, so everything that has to be right of it is asked.

use std::sync::Arc;

use kontor_model::entity::{BackLink, COMMENTS, FOLLOW};
use kontor_model::value::AnyLink;
use kontor_model::{EntityModel, FieldModel, Problem, Problems, Value};
use kontor_store::SystemWrite;
use uuid::Uuid;

use super::batch::Batch;
use super::draft::{Incoming, Save};
use super::effects::{MAX_REACHED, pointing_at};
use super::save::prepare;
use crate::Session;
use crate::approvals::Granted;
use crate::error::{Error, Result};
use crate::files::FEATURE as FILES;

/// One end of the way.
pub(crate) type Place<'a> = (&'a Arc<EntityModel>, Uuid);

/// Lets the records of one link that lead to the one record lead to the other. Of pairs that there are already for the other
/// one, the old stays behind.
///
/// # Errors
/// Everything that stands in the way, each with the record that it is about.
pub(super) async fn links(
    session: &Session,
    batch: &mut Batch,
    link: &BackLink,
    (entity, from): Place<'_>,
    (to_entity, to): Place<'_>,
) -> Result<usize> {
    let Some(other) = session.model.entity(&link.entity).cloned() else { return Ok(0) };
    let Some(field) = other.field(&link.field) else { return Ok(0) };
    // What was only ever added stays as it is; the engine keeps what is its own.
    if other.definition.append_only || other.is_kept_by_engine() || !field.is_typed() {
        return Ok(0);
    }
    let elevated = session.elevated();
    let mut pointing = pointing_at(session, entity, &other, field, &[from]).await?;
    pointing.retain(|one| !batch.is_gone(&other, *one) && *one != from && *one != to);
    if pointing.len() as u64 >= MAX_REACHED {
        return Err(Problem::new("too_many", "").with("limit", MAX_REACHED).into());
    }
    let twins = twins(&elevated, batch, (&other, field), (to_entity, to), &pointing).await?;
    let value = if field.kind.names_entity() {
        Value::AnyLink(AnyLink { entity: to_entity.name.clone(), id: to })
    } else {
        Value::Id(to)
    };
    let (mut moved, mut problems) = (0, Problems::new());
    for one in pointing.into_iter().filter(|one| !twins.contains(one)) {
        let mut unasked = elevated.clone();
        unasked.cause.granted = Some(Arc::new(Granted::consequence(one, field)));
        let values = vec![(field.name.clone(), Incoming::Value(value.clone()))];
        match Box::pin(prepare(&unasked, batch, Save::update(&other, one, values))).await {
            Ok(_) => moved += 1,
            Err(Error::Problems(wrong)) => {
                let reasons: Vec<String> = wrong
                    .iter()
                    .filter(|one| !one.warning)
                    .map(|one| one.message(&session.catalogue))
                    .collect();
                let problem = Problem::new("cannot_follow", "")
                    .with("entity", other.plural_label(&session.catalogue))
                    .with("field", field.label(&session.catalogue))
                    .with("reason", reasons.join("; "));
                if !problems.iter().any(|known| known.parameters == problem.parameters) {
                    problems.push(problem);
                }
            }
            Err(error) => return Err(error),
        }
    }
    problems.into_result(())?;
    Ok(moved)
}

/// Those among the records that would be a second of what must be unique beside the other one.
async fn twins(
    session: &Session,
    batch: &mut Batch,
    (other, field): (&Arc<EntityModel>, &FieldModel),
    (entity, to): Place<'_>,
    pointing: &[Uuid],
) -> Result<Vec<Uuid>> {
    let unique: Vec<&Vec<usize>> =
        other.unique.iter().filter(|fields| fields.contains(&field.index)).collect();
    if unique.is_empty() || pointing.is_empty() {
        return Ok(Vec::new());
    }
    let there = pointing_at(session, entity, other, field, &[to]).await?;
    let mut known = Vec::new();
    for one in there {
        known.extend(batch.record(session, other, one).await?);
    }
    let mut found = Vec::new();
    for one in pointing {
        let Some(record) = batch.record(session, other, *one).await? else { continue };
        let is_same = |fields: &&Vec<usize>| {
            let others = || fields.iter().filter(|index| **index != field.index);
            known.iter().any(|twin| others().all(|index| twin.at(*index) == record.at(*index)))
        };
        if unique.iter().any(is_same) {
            found.push(*one);
        }
    }
    Ok(found)
}

/// What lies beside a record: `comments`, `files`, `followers`. Where the other entity has no such thing, it stays.
pub(super) fn beside(batch: &mut Batch, what: &str, (entity, from): Place<'_>, (to_entity, to): Place<'_>) {
    let (table, has): (_, fn(&EntityModel) -> bool) = match what {
        "comments" => ("comment", |one| one.has_feature(COMMENTS)),
        "files" => ("file", |one| one.has_feature(FILES)),
        "followers" => ("follow", |one| one.has_feature(FOLLOW)),
        _ => return,
    };
    if has(entity) && has(to_entity) {
        batch.unit.system(SystemWrite::MoveBeside {
            what: table,
            from: (entity.key.clone(), from),
            to: (to_entity.key.clone(), to),
        });
    }
}

/// What a conversion takes along: `activities`, or what lies beside the record.
///
/// # Errors
/// As [`links`].
pub(crate) async fn carried(
    session: &Session,
    batch: &mut Batch,
    what: &str,
    from: Place<'_>,
    to: Place<'_>,
) -> Result<()> {
    if what != "activities" {
        beside(batch, what, from, to);
        return Ok(());
    }
    let Some(link) = from.0.activity_list() else { return Ok(()) };
    let other = session.model.entity(&link.entity);
    let field = other.and_then(|other| other.field(&link.field));
    // Activities that cannot be about the other one stay.
    if field.is_some_and(|field| field.targets.contains(&to.0.name)) {
        links(session, batch, link, from, to).await?;
    }
    Ok(())
}
