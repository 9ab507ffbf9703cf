//! Out of the bin for good: records, and what is nothing without them. Who did it and when stays in the journal; what they
//! held does not.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::value::AnyLink;
use kontor_model::{EntityModel, FieldModel, Json, Problem, Problems, Record, Value};
use kontor_store::system::{Beside, JournalQuery};
use kontor_store::{JournalChange, PageQuery, Write};
use uuid::Uuid;

use super::batch::Batch;
use super::bulk::problems_of;
use super::delete::restricted;
use super::draft::{Incoming, Save};
use super::effects::{MAX_REACHED, rule_of};
use super::refused::commit_told;
use super::save::{is_within, prepare as prepare_save};
use super::select::own_paths;
use super::view::Titles;
use super::writes::journal_row;
use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::{Verb, demand};

/// Ids that go into one question.
const CHUNK: usize = 200;

/// A record, and the version in which it was seen.
type Seen = (Uuid, i64);

/// What removing records for good takes along.
#[derive(Clone, Debug, Default)]
pub struct Removal {
    /// Records that are nothing without them, by entity.
    pub along: Vec<(Arc<EntityModel>, usize)>,
    /// What lies beside them all.
    pub beside: Beside,
    /// What stands in the way.
    pub problems: Problems,
    gone: Vec<(Arc<EntityModel>, Vec<Seen>)>,
    emptied: Vec<Emptied>,
}

impl Removal {
    /// The version of the record that was asked for, when it is one.
    pub fn version(&self) -> Option<i64> {
        match self.gone.first().map(|(_, seen)| seen.as_slice()) {
            Some([(_, version)]) => Some(*version),
            _ => None,
        }
    }
}

/// A link to a record that goes.
#[derive(Clone, Debug)]
struct Emptied {
    entity: Arc<EntityModel>,
    field: FieldModel,
    old: Value,
    pointing: Seen,
    in_bin: bool,
}

/// What would happen, without doing it.
///
/// # Errors
/// As [`purge`]; what stands in the way is in the answer.
pub async fn removal(session: &Session, entity: &Arc<EntityModel>, ids: &[Uuid]) -> Result<Removal> {
    chosen(session, entity, ids, ids.len() == 1).await
}

/// The same; what is wrong with one of several is told at its place.
async fn chosen(
    session: &Session,
    entity: &Arc<EntityModel>,
    ids: &[Uuid],
    is_alone: bool,
) -> Result<Removal> {
    demand(session, entity, Verb::Purge)?;
    let mut batch = Batch::default();
    let mut problems = Problems::new();
    let mut chosen = Vec::with_capacity(ids.len());
    let mut known = HashSet::new();
    for (n, id) in ids.iter().enumerate().filter(|(_, id)| known.insert(**id)) {
        match found(session, &mut batch, entity, *id).await {
            Ok(record) => chosen.push((record.id(), record.version())),
            Err(Error::Problems(wrong)) if is_alone => problems.0.extend(wrong.0),
            Err(error) if is_alone => return Err(error),
            Err(error) => problems.extend_under(&format!("/purge/{n}"), problems_of(error)?),
        }
    }
    let mut removal = gather(session, entity, chosen).await?;
    removal.problems.0.extend(problems.0);
    Ok(removal)
}

/// Removes records of the bin for good.
///
/// # Errors
/// `not_in_bin` and `purge_restricted` problems; [`Error::VersionConflict`], [`Error::NotFound`], [`Error::Forbidden`].
pub async fn purge(
    session: &Session,
    entity: &Arc<EntityModel>,
    ids: &[Uuid],
    expected: Option<i64>,
) -> Result<()> {
    let removal = removal(session, entity, ids).await?;
    if removal.problems.has_errors() {
        return Err(Error::Problems(removal.problems));
    }
    let first = removal.gone.first().and_then(|(_, seen)| seen.first());
    if let (Some(expected), Some((_, version))) = (expected, first)
        && expected != *version
    {
        return Err(Error::VersionConflict { expected, found: *version });
    }
    let mut batch = Batch::default();
    write(session, &mut batch, removal).await?;
    commit_told(session, session, &mut batch).await?;
    Ok(())
}

/// The writes of removing several, into a batch; what is wrong is told at `/purge/n`.
///
/// # Errors
/// As [`purge`].
pub(super) async fn prepare(
    session: &Session,
    batch: &mut Batch,
    entity: &Arc<EntityModel>,
    ids: &[Uuid],
) -> Result<()> {
    let removal = chosen(session, entity, ids, false).await?;
    if removal.problems.has_errors() {
        return Err(Error::Problems(removal.problems));
    }
    write(session, batch, removal).await
}

/// The record, when it lies in the bin and the actor may remove it for good.
async fn found(session: &Session, batch: &mut Batch, entity: &Arc<EntityModel>, id: Uuid) -> Result<Record> {
    let own = leaf(entity, system::ID, vec![Value::Id(id)]);
    let paths = own_paths(entity, |_| true);
    let record = asked(session, entity, own, paths, true).await?.into_iter().next();
    let access = session.actor.access.entity(&entity.name);
    let Some(record) = record else {
        // Whoever sees that it is there is told where it has to go first.
        super::get(session, entity, id).await?;
        return Err(Problem::new("not_in_bin", "").into());
    };
    let record = Record { values: record };
    if !is_within(session, batch, &record, &access.read).await? {
        return Err(Error::NotFound);
    }
    if !is_within(session, batch, &record, &access.purge).await? {
        return Err(Error::Forbidden(Verb::Purge.as_str()));
    }
    Ok(record)
}

/// Everything that goes along, that loses its link, and that stands in the way.
async fn gather(session: &Session, entity: &Arc<EntityModel>, chosen: Vec<Seen>) -> Result<Removal> {
    let mut removal = Removal::default();
    let mut gone: HashSet<(String, Uuid)> = chosen.iter().map(|(id, _)| (entity.name.clone(), *id)).collect();
    let mut standing: Vec<(Arc<EntityModel>, FieldModel, Vec<Uuid>)> = Vec::new();
    let mut along: HashMap<String, usize> = HashMap::new();
    let mut front = vec![(Arc::clone(entity), chosen)];
    while let Some((entity, seen)) = front.pop() {
        let ids: Vec<Uuid> = seen.iter().map(|(id, _)| *id).collect();
        add(&mut removal.beside, session.workspace.store.beside(&entity.key, &ids).await?);
        for link in &entity.back_links {
            let Some(other) = session.model.entity(&link.entity).cloned() else { continue };
            let Some(field) = other.field(&link.field) else { continue };
            let is_own = other.is_kept_by_engine();
            let rule = if is_own { "cascade" } else { rule_of(link, field) };
            if rule == "keep" {
                continue;
            }
            for in_bin in [false, true] {
                let mut pointing = pointing(session, &entity, &other, field, &ids, in_bin).await?;
                pointing.retain(|(_, one)| !gone.contains(&(other.name.clone(), one.0)));
                if pointing.is_empty() {
                    continue;
                }
                match rule {
                    "cascade" if in_bin || is_own => {
                        gone.extend(pointing.iter().map(|(_, one)| (other.name.clone(), one.0)));
                        *along.entry(other.name.clone()).or_default() += pointing.len();
                        let all = pointing.into_iter().map(|(_, one)| one).collect();
                        front.push((Arc::clone(&other), all));
                    }
                    "empty" => removal.emptied.extend(pointing.into_iter().map(|(old, pointing)| Emptied {
                        entity: Arc::clone(&other),
                        field: field.clone(),
                        old,
                        pointing,
                        in_bin,
                    })),
                    _ => {
                        let ids = pointing.into_iter().map(|(_, one)| one.0).collect();
                        standing.push((Arc::clone(&other), field.clone(), ids));
                    }
                }
            }
            if gone.len() as u64 > MAX_REACHED {
                return Err(Problem::new("too_many", "").with("limit", MAX_REACHED).into());
            }
        }
        removal.gone.push((entity, seen));
    }
    removal.emptied.retain(|one| !gone.contains(&(one.entity.name.clone(), one.pointing.0)));
    for (other, field, mut ids) in standing {
        ids.retain(|id| !gone.contains(&(other.name.clone(), *id)));
        if !ids.is_empty() {
            removal.problems.push(restricted(session, "purge_restricted", &other, &field, &ids).await?);
        }
    }
    let counted = session.model.entities.values().filter(|other| !other.is_kept_by_engine());
    removal.along =
        counted.filter_map(|other| Some((Arc::clone(other), along.get(&other.name).copied()?))).collect();
    Ok(removal)
}

fn add(all: &mut Beside, more: Beside) {
    all.files += more.files;
    all.comments += more.comments;
    all.shares += more.shares;
    all.follows += more.follows;
}

/// Adds the writes.
async fn write(session: &Session, batch: &mut Batch, removal: Removal) -> Result<()> {
    let elevated = session.elevated();
    for Emptied { entity, field, old, pointing: (id, version), in_bin } in removal.emptied {
        if !in_bin {
            let values = vec![(field.name.clone(), Incoming::Value(Value::Empty))];
            Box::pin(prepare_save(&elevated, batch, Save::update(&entity, id, values))).await?;
            continue;
        }
        batch.unit.push(Write::Update {
            entity: entity.name.clone(),
            id,
            expected_version: Some(version),
            set: vec![(field.index, Value::Empty)],
            bump: true,
        });
        let change = JournalChange {
            field: field.name.clone(),
            old: field.kind.to_json(&field, &old),
            new: Json::Null,
        };
        let row = journal_row(session, &entity, id, version + 1, "update", vec![change]);
        batch.unit.push(Write::Journal(row));
    }
    for (entity, seen) in removal.gone {
        let is_own = entity.is_kept_by_engine();
        for (id, version) in seen {
            batch.unit.push(Write::Purge {
                entity: entity.name.clone(),
                id,
                // Nobody else writes what the engine keeps.
                expected_version: (!is_own).then_some(version),
                at: session.now,
            });
            batch.unit.push(Write::Search { entity: entity.name.clone(), id, text: None });
            if !is_own {
                let row = journal_row(session, &entity, id, version, PURGED, Vec::new());
                batch.unit.push(Write::Journal(row));
            }
        }
    }
    Ok(())
}

/// What the journal says of a record that was removed for good.
const PURGED: &str = "purge";

/// That a record was removed for good.
#[derive(Clone, Debug)]
pub struct Destroyed {
    /// The record.
    pub record: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Who did it, by name, when the reader may see it.
    pub who: Option<String>,
}

/// What was removed for good last, the latest first: told to those who may do so.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Forbidden`].
pub async fn destroyed(session: &Session, entity: &EntityModel, limit: i64) -> Result<Vec<Destroyed>> {
    demand(session, entity, Verb::Purge)?;
    let query =
        JournalQuery { entity: Some(entity.name.clone()), purged: true, limit, ..JournalQuery::default() };
    let rows = session.workspace.store.journal(&session.model, &query).await?;
    let mut titles = Titles::new();
    let people = rows.iter().filter_map(|row| Some(("user".to_owned(), row.actor?))).collect();
    super::read::add_titles(session, people, &mut titles).await?;
    Ok(rows
        .into_iter()
        .map(|row| Destroyed {
            record: row.record,
            at: row.at,
            who: row.actor.and_then(|actor| titles.get(&actor).cloned()),
        })
        .collect())
}

/// The records whose link reaches one of these, with what the link holds.
async fn pointing(
    session: &Session,
    entity: &EntityModel,
    other: &EntityModel,
    field: &FieldModel,
    ids: &[Uuid],
    in_bin: bool,
) -> Result<Vec<(Value, Seen)>> {
    let is_any = field.kind.names_entity();
    let value = |id: &Uuid| {
        if is_any { Value::AnyLink(AnyLink { entity: entity.name.clone(), id: *id }) } else { Value::Id(*id) }
    };
    let own = |index| FieldPath::own(other.name.clone(), index);
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let filter = leaf(other, field.index, chunk.iter().map(value).collect());
        let select = vec![own(system::ID), own(system::VERSION), own(field.index)];
        for row in asked(session, other, filter, select, in_bin).await? {
            let mut values = row.into_iter();
            if let (Some(Value::Id(id)), Some(Value::Integer(version)), Some(old)) =
                (values.next(), values.next(), values.next())
            {
                found.push((old, (id, version)));
            }
        }
    }
    Ok(found)
}

/// One of these values in a field.
fn leaf(entity: &EntityModel, field: usize, mut values: Vec<Value>) -> Filter {
    let (operator, operand) = match (values.len(), values.pop()) {
        (1, Some(one)) => (Operator::Eq, Operand::One(one)),
        (_, last) => {
            values.extend(last);
            (Operator::In, Operand::Many(values))
        }
    };
    Filter::Leaf(Leaf { path: FieldPath::own(entity.name.clone(), field), operator, operand })
}

/// Values of records that match, whoever may see them.
async fn asked(
    session: &Session,
    entity: &EntityModel,
    filter: Filter,
    select: Vec<FieldPath>,
    bin: bool,
) -> Result<Vec<Vec<Value>>> {
    let query = PageQuery {
        entity: entity.name.clone(),
        select,
        filter,
        limit: MAX_REACHED,
        bin,
        ..PageQuery::default()
    };
    let workspace = &session.workspace;
    let context = session.filter_context();
    let page = workspace.store.page(&session.model, &workspace.full_access, &query, &context).await?;
    Ok(page.rows)
}
