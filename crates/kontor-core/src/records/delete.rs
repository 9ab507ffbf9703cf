//! Into the bin and out of it again. What others point at is restricted, emptied or taken along, as the links say.

use std::sync::Arc;

use kontor_model::entity::{BackLink, DuplicateAnswer, DuplicateRule, Rule, system};
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::value::AnyLink;
use kontor_model::{EntityModel, FieldModel, Json, Problem, Problems, Record, Value};
use kontor_store::PageQuery;
use uuid::Uuid;

use super::batch::Batch;
use super::draft::{Draft, Incoming, Save};
use super::effects::{MAX_REACHED, named, pointing_at, rule_of};
use super::refused::commit_told;
use super::save::{is_within, prepare as prepare_save, reach};
use super::select::own_paths;
use super::subject::RecordSubject;
use super::{duplicates, emptied, hooks, lists, writes};
use crate::Session;
use crate::approvals::Granted;
use crate::error::{Error, Result};
use crate::permissions::{Verb, demand, demand_people};

/// The problem of whoever puts into the bin what others point at.
const RESTRICTED: &str = "restricted";

/// Puts a record into the bin.
///
/// # Errors
/// `restricted` problems when others point at it; [`Error::VersionConflict`], [`Error::NotFound`],
/// [`Error::Forbidden`].
pub async fn delete(
    session: &Session,
    entity: &Arc<EntityModel>,
    id: Uuid,
    expected: Option<i64>,
) -> Result<()> {
    let mut batch = Batch::default();
    if let Err(error) = prepare(session, &mut batch, entity, id, expected).await {
        return Err(session.unless_outdated(error).await);
    }
    commit_told(session, session, &mut batch).await?;
    Ok(())
}

/// The writes of a deletion, into a batch.
///
/// # Errors
/// As [`delete`].
pub async fn prepare(
    session: &Session,
    batch: &mut Batch,
    entity: &Arc<EntityModel>,
    id: Uuid,
    expected: Option<i64>,
) -> Result<()> {
    demand(session, entity, Verb::Delete)?;
    demand_people(session, entity)?;
    let record = reach(session, batch, entity, id, Verb::Delete).await?;
    if let Some(expected) = expected.filter(|expected| *expected != record.version()) {
        return Err(Error::VersionConflict { expected, found: record.version() });
    }
    if entity.name == "user" {
        let mut problems = Problems::new();
        crate::identity::users::keep_an_administrator(session, id, "", &mut problems).await?;
        problems.into_result(())?;
    }
    if entity.definition.append_only {
        return Err(Problem::new("append_only", "").with("entity", &entity.title).into());
    }
    if batch.depth == 0 {
        let at = batch.at.clone();
        batch.places.add_gone(entity, &record, &at);
    }
    put_away(session, batch, entity, &record).await
}

/// The writes that put a record into the bin which the actor may delete, with what follows from its links.
///
/// # Errors
/// What scripts and links have against it.
pub(super) async fn put_away(
    session: &Session,
    batch: &mut Batch,
    entity: &Arc<EntityModel>,
    record: &Record,
) -> Result<()> {
    let id = record.id();
    crate::approvals::refuse_deletion(session, entity, record).await?;
    let mut draft = Draft::stored(entity, record.clone());
    hooks::run(session, batch, &mut draft, "before_delete", Json::Null).await?;
    if draft.problems.has_errors() {
        return Err(Error::Problems(draft.problems));
    }
    lists::remember(session, batch, entity, &[record]);
    batch.wrote(entity, id, None);
    follow_links(session, batch, entity, id, &mut draft).await?;
    if draft.problems.has_errors() {
        batch.unwrite(entity, id);
        return Err(Error::Problems(draft.problems));
    }
    writes::of_bin(session, batch, entity, record, true);
    Ok(())
}

/// What points at the record goes with it, loses its link, or stands in the way: then everything that does is told.
async fn follow_links(
    session: &Session,
    batch: &mut Batch,
    entity: &Arc<EntityModel>,
    id: Uuid,
    draft: &mut Draft,
) -> Result<()> {
    let mut others = Vec::new();
    for link in &entity.back_links {
        let Some(other) = session.model.entity(&link.entity).cloned() else { continue };
        let Some(field) = other.field(&link.field) else { continue };
        let rule = rule_of(link, field);
        if rule == "keep" {
            continue;
        }
        let mut pointing = pointing_at(session, entity, &other, field, &[id]).await?;
        pointing.retain(|one| {
            !batch.is_gone(&other, *one) && !batch.leads_elsewhere(&other, *one, field.index, id)
        });
        if pointing.is_empty() {
            continue;
        }
        // What is only ever added stays as it is, whatever its link says.
        if rule == "restrict" || other.definition.append_only {
            draft.problems.push(restricted(session, RESTRICTED, &other, field, &pointing).await?);
        }
        others.push((Arc::clone(&other), field.name.clone(), rule, pointing));
    }
    if draft.problems.has_errors() {
        return Ok(());
    }
    let elevated = session.elevated();
    for (other, field, rule, pointing) in others {
        for one in pointing {
            if batch.is_gone(&other, one) {
                continue;
            }
            if rule == "cascade" {
                let Some(record) = batch.record(&elevated, &other, one).await? else { continue };
                Box::pin(put_away(&elevated, batch, &other, &record)).await?;
            } else {
                let values = vec![(field.clone(), Incoming::Value(Value::Empty))];
                // Nobody can be asked whether what has gone is still linked.
                let mut unasked = elevated.clone();
                unasked.cause.granted =
                    other.field(&field).map(|link| Arc::new(Granted::consequence(one, link)));
                let emptied =
                    Box::pin(prepare_save(&unasked, batch, Save::update(&other, one, values))).await;
                match (emptied, other.field(&field)) {
                    // It must not be empty under a condition, or something else is against it: that one stands in the way.
                    (Err(Error::Problems(_)), Some(link)) => {
                        draft.problems.push(restricted(session, RESTRICTED, &other, link, &[one]).await?);
                    }
                    (emptied, _) => drop(emptied?),
                }
            }
        }
    }
    Ok(())
}

/// What stands in the way, as a problem of this code: how many there are, and the names of those that the actor may see. In a
/// cascade nobody in particular looks, so there are no names.
pub(super) async fn restricted(
    session: &Session,
    code: &'static str,
    other: &EntityModel,
    field: &FieldModel,
    pointing: &[Uuid],
) -> Result<Problem> {
    let is_person = !session.is_elevated;
    let named = if is_person { named(session, other, pointing).await? } else { Vec::new() };
    let titles: Vec<&str> = named.iter().map(|(_, title)| title.as_str()).collect();
    let more = if titles.len() < pointing.len() && !titles.is_empty() { ", …" } else { "" };
    let listed = if titles.is_empty() { String::new() } else { format!(" ({}{more})", titles.join(", ")) };
    Ok(Problem::new(code, "")
        .with("count", pointing.len())
        .with("entity", other.plural_label(&session.catalogue))
        .with("field", field.label(&session.catalogue))
        .with("records", listed))
}

/// Takes a record out of the bin, with what went there because of it. What must be unique is checked again,
/// and duplicate rules that block.
///
/// # Errors
/// [`Error::NotFound`] when it is not in the bin or cannot be seen.
pub async fn restore(session: &Session, entity: &Arc<EntityModel>, id: Uuid) -> Result<()> {
    demand(session, entity, Verb::Delete)?;
    demand_people(session, entity)?;
    let own = Leaf {
        path: FieldPath::own(entity.name.clone(), system::ID),
        operator: Operator::Eq,
        operand: Operand::One(Value::Id(id)),
    };
    let mut batch = Batch::default();
    let record =
        binned(session, entity, Filter::Leaf(own)).await?.into_iter().next().ok_or(Error::NotFound)?;
    let access = session.actor.access.entity(&entity.name);
    if !is_within(session, &mut batch, &record, &access.read).await? {
        return Err(Error::NotFound);
    }
    if !is_within(session, &mut batch, &record, &access.delete).await? {
        return Err(Error::Forbidden(Verb::Delete.as_str()));
    }
    whole_again(session, entity, &record).await?;
    batch.places.add_gone(entity, &record, "");
    if let Err(error) = bring_back(session, &mut batch, entity, record).await {
        return Err(session.unless_outdated(error).await);
    }
    commit_told(session, session, &mut batch).await?;
    Ok(())
}

/// Refuses what went into the bin with the record that it belongs to, while that one is there: alone it would be a part of
/// nothing. It comes back with the whole.
async fn whole_again(session: &Session, entity: &EntityModel, record: &Record) -> Result<()> {
    let mut problems = Problems::new();
    for field in entity.fields.iter().filter(|field| field.kind.is_link()) {
        let (name, id) = match (record.at(field.index), field.targets.as_slice()) {
            (Value::Id(id), [target]) => (target, *id),
            (Value::AnyLink(link), _) => (&link.entity, link.id),
            _ => continue,
        };
        let Some(target) = session.model.entity(name) else { continue };
        let points_here = |link: &&BackLink| link.entity == entity.name && link.field == field.name;
        let Some(link) = target.back_links.iter().find(points_here) else { continue };
        if rule_of(link, field) != "cascade" {
            continue;
        }
        let own = Filter::Leaf(Leaf {
            path: FieldPath::own(target.name.clone(), system::ID),
            operator: Operator::Eq,
            operand: Operand::One(Value::Id(id)),
        });
        if !binned(session, target, own).await?.is_empty() {
            let at = format!("/{}", field.name);
            let named = field.label(&session.catalogue).to_owned();
            problems.push(Problem::new("restore_whole", at).with("field", named));
        }
    }
    Ok(problems.into_result(())?)
}

/// The rules that a record of the bin breaks as they are today. Those over its rows and roll-ups are asked in the commit,
/// when these are there again.
async fn broken_rules(
    session: &Session,
    batch: &mut Batch,
    entity: &EntityModel,
    record: &Record,
) -> Result<Vec<Problem>> {
    let is_fed = |rule: &Rule| {
        let mut paths = rule.when.paths().into_iter();
        paths.any(|path| path.is_own() && entity.fed.contains(&path.field))
    };
    let is_asked = |rule: &&Rule| !rule.warning && rule.when.has_conditions().is_empty() && !is_fed(rule);
    let rules: Vec<&Rule> = entity.rules.iter().filter(is_asked).collect();
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    let filters: Vec<&Filter> = rules.iter().map(|rule| &rule.when).collect();
    let subject = RecordSubject::new(session, batch, record, None, &filters, &[]).await?;
    let broken = rules.into_iter().filter(|rule| subject.matches(session, &rule.when));
    Ok(broken.map(|rule| rule.problem(entity, &session.catalogue)).collect())
}

/// The record, and everything that went into the bin together with it because it pointed at it.
async fn bring_back(
    session: &Session,
    batch: &mut Batch,
    entity: &Arc<EntityModel>,
    mut record: Record,
) -> Result<()> {
    let (id, deleted_at) = (record.id(), record.at(system::DELETED_AT).clone());
    record.set(system::DELETED_AT, Value::Empty);
    let blocking: Vec<&DuplicateRule> =
        entity.duplicates.iter().filter(|rule| rule.then == DuplicateAnswer::Block).collect();
    let mut found = duplicates::find(session, batch, entity, &record, &blocking).await?;
    found.0.extend(broken_rules(session, batch, entity, &record).await?);
    if found.has_errors() {
        return Err(Error::Problems(found));
    }
    writes::of_bin(session, batch, entity, &record, false);
    for link in &entity.back_links {
        let Some(other) = session.model.entity(&link.entity).cloned() else { continue };
        let Some(field) = other.field(&link.field) else { continue };
        match rule_of(link, field) {
            "cascade" => {}
            "empty" => {
                let taken = Value::clone(&deleted_at);
                Box::pin(emptied::link_again(session, batch, &other, field, id, &taken)).await?;
                continue;
            }
            _ => continue,
        }
        let pointer = if field.kind.names_entity() {
            Value::AnyLink(AnyLink { entity: entity.name.clone(), id })
        } else {
            Value::Id(id)
        };
        let leaf = |index: usize, value: Value| {
            Filter::Leaf(Leaf {
                path: FieldPath::own(other.name.clone(), index),
                operator: Operator::Eq,
                operand: Operand::One(value),
            })
        };
        // One deletion gives all that it takes along the same moment.
        let together = leaf(field.index, pointer).and(leaf(system::DELETED_AT, deleted_at.clone()));
        for one in binned(session, &other, together).await? {
            if !batch.has_written(&other, one.id()) {
                Box::pin(bring_back(session, batch, &other, one)).await?;
            }
        }
    }
    Ok(())
}

/// Records of the bin that match.
async fn binned(session: &Session, entity: &EntityModel, filter: Filter) -> Result<Vec<Record>> {
    let query = PageQuery {
        entity: entity.name.clone(),
        select: own_paths(entity, |_| true),
        filter,
        limit: MAX_REACHED,
        bin: true,
        ..PageQuery::default()
    };
    let workspace = &session.workspace;
    let context = session.filter_context();
    let page = workspace.store.page(&session.model, &workspace.full_access, &query, &context).await?;
    Ok(page.rows.into_iter().map(|values| Record { values }).collect())
}
