//! Records that people share by hand, with a person or a team, for reading or changing, for ever or until a day.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use kontor_model::filter::{FieldPath, Filter};
use kontor_model::{EntityModel, Problem, Problems};
use kontor_store::system::{ShareRow, SystemWrite};
use kontor_store::{CommitUnit, JournalChange, Write};
use serde_json::json;
use uuid::Uuid;

use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::{Verb, allows, demand};
use crate::records::batch::Batch;
use crate::records::save::reach;
use crate::records::{PageRequest, RecordView, Sort, Titles, add_titles, get, journal_row};

/// What the journal calls it when a record is shared.
pub const SHARED: &str = "share";
/// What it calls the end of it.
pub const UNSHARED: &str = "unshare";
/// Most people and teams that one record is shared with.
const MOST: usize = 100;
/// The built-in entities whose records are shared with.
pub const PEOPLE: [&str; 2] = ["user", "team"];

/// With whom a record is shared.
#[derive(Clone, Debug)]
pub struct Share {
    /// Its id.
    pub id: Uuid,
    /// `user` or `team`.
    pub entity: &'static str,
    /// Who; the id.
    pub with: Uuid,
    /// Their name, when the reader may see it.
    pub title: Option<String>,
    /// Whether for changing, too.
    pub edits: bool,
    /// The last day.
    pub until: Option<NaiveDate>,
    /// Who shared it, when the reader may see that.
    pub by: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// What somebody shares.
#[derive(Clone, Debug)]
pub struct NewShare {
    /// `user` or `team`.
    pub entity: String,
    /// Who.
    pub with: Uuid,
    /// Whether for changing, too.
    pub edits: bool,
    /// The last day.
    pub until: Option<NaiveDate>,
}

/// Whether records of the entity are shared by hand at all.
pub fn is_shared(entity: &EntityModel) -> bool {
    entity.definition.sharing.is_some()
}

/// Whether who asks may share records of the entity.
pub fn may_share(session: &Session, entity: &EntityModel) -> bool {
    is_shared(entity) && allows(session, entity, Verb::Share)
}

/// Most people, and most teams, that are offered.
const OFFERED: u32 = 500;

/// Whom a record can be shared with, by name: people who may act, and teams. Entity, id and name.
///
/// # Errors
/// When the database does not answer.
pub async fn offered(session: &Session) -> Result<Vec<(&'static str, Uuid, String)>> {
    let mut found = Vec::new();
    for name in PEOPLE {
        let Ok(entity) = session.entity(name) else { continue };
        let display = entity.display_field();
        let path = FieldPath::own(name, display.index);
        if !crate::permissions::is_readable_path(session, &path) {
            continue;
        }
        let mut filter = Filter::True;
        if entity.field("active").is_some() {
            let acts = json!({ "not": { "field": "active", "eq": false } });
            filter = Filter::parse(&acts, &entity, &session.model).unwrap_or_default();
        }
        let request = PageRequest {
            columns: vec![path.clone()],
            filter,
            sort: vec![Sort { path, descending: false }],
            limit: OFFERED,
            ..PageRequest::default()
        };
        for row in crate::records::page(session, &entity, request).await?.rows {
            let title = row.values.first().filter(|value| !value.is_empty());
            let title = title.map(|value| display.kind.title(display, value, session.actor.zone));
            found.extend(title.map(|title| (name, row.id, title)));
        }
    }
    Ok(found)
}

/// With whom a record is shared that was read for who asks.
///
/// # Errors
/// [`Error::NotFound`] when its entity shares nothing.
pub async fn list_of(session: &Session, view: &RecordView) -> Result<Vec<Share>> {
    let entity = &view.entity;
    if !is_shared(entity) {
        return Err(Error::NotFound);
    }
    let rows = session.workspace.store.shares_of(&entity.key, view.record.id()).await?;
    let mut titles = Titles::new();
    let links = rows.iter().filter_map(whom).map(|(entity, id)| (entity.to_owned(), id));
    let authors = rows.iter().filter_map(|row| row.shared_by).map(|id| ("user".to_owned(), id));
    add_titles(session, links.chain(authors).collect(), &mut titles).await?;
    let shares = rows.into_iter().filter_map(|row| {
        let (entity, with) = whom(&row)?;
        Some(Share {
            id: row.id,
            entity,
            with,
            title: titles.get(&with).cloned(),
            edits: row.edits,
            until: row.until,
            by: row.shared_by.and_then(|by| titles.get(&by).cloned()),
            at: row.shared_at,
        })
    });
    Ok(shares.collect())
}

/// With whom a record is shared.
///
/// # Errors
/// [`Error::NotFound`] when who asks does not see the record, or its entity shares nothing.
pub async fn list(session: &Session, entity: &Arc<EntityModel>, id: Uuid) -> Result<Vec<Share>> {
    list_of(session, &get(session, entity, id).await?).await
}

fn whom(row: &ShareRow) -> Option<(&'static str, Uuid)> {
    row.user.map(|user| ("user", user)).or(row.team.map(|team| ("team", team)))
}

/// Shares a record; who has it shared already has it as it is said now. Nobody gives what they have not: who may not change
/// the record shares it for reading; who has it by a share alone, for no longer, and neither to themselves nor over others'.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Forbidden`]; problems at `/with`, `/right`, `/until`.
pub async fn add(session: &Session, entity: &Arc<EntityModel>, id: Uuid, new: NewShare) -> Result<Uuid> {
    let version = demand_share(session, entity, id).await?;
    let mut batch = Batch::default();
    let mut problems = Problems::new();
    let person = PEOPLE.into_iter().find(|known| *known == new.entity);
    let is_there = match person.and_then(|name| session.model.entity(name).cloned()) {
        Some(people) => crate::records::is_visible(session, &mut batch, &people, new.with).await?,
        None => false,
    };
    if !is_there {
        problems.push(Problem::at_field("link_not_found", "with").with("value", new.with));
    }
    if new.edits && reach(session, &mut batch, entity, id, Verb::Update).await.is_err() {
        problems.push(Problem::at_field("may_not_give", "right"));
    }
    let today = session.filter_context().today();
    if new.until.is_some_and(|until| until < today) {
        problems.push(Problem::at_field("too_early", "until").with("limit", today));
    }
    let rows = session.workspace.store.shares_of(&entity.key, id).await?;
    let known = rows.iter().find(|row| whom(row).is_some_and(|(_, with)| with == new.with));
    if known.is_none() && rows.len() >= MOST {
        problems.push(Problem::at_field("too_many_items", "with").with("limit", MOST));
    }
    if problems.is_empty()
        && let Some(record) = batch.record(session, entity, id).await?
    {
        let passed = crate::passed_on::problems(session, &mut batch, &record, &rows, &new, known).await?;
        problems.0.extend(passed.0);
    }
    problems.into_result(())?;
    let is_user = new.entity == "user";
    let row = ShareRow {
        id: known.map_or_else(Uuid::now_v7, |known| known.id),
        entity: entity.key.clone(),
        record: id,
        user: is_user.then_some(new.with),
        team: (!is_user).then_some(new.with),
        edits: new.edits,
        until: new.until,
        shared_by: (!session.actor.id.is_nil()).then_some(session.actor.id),
        shared_at: session.now,
    };
    let share = row.id;
    let told = told(&row);
    commit(session, entity, id, version, SHARED, told, SystemWrite::PutShare(row)).await?;
    Ok(share)
}

/// Ends it.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Forbidden`].
pub async fn remove(session: &Session, entity: &Arc<EntityModel>, id: Uuid, share: Uuid) -> Result<()> {
    let version = demand_share(session, entity, id).await?;
    let rows = session.workspace.store.shares_of(&entity.key, id).await?;
    let row = rows.iter().find(|row| row.id == share).ok_or(Error::NotFound)?;
    let mut batch = Batch::default();
    let record = batch.record(session, entity, id).await?.ok_or(Error::NotFound)?;
    if !crate::passed_on::may_end(session, &mut batch, &record, row).await? {
        return Err(Error::Forbidden(Verb::Share.as_str()));
    }
    commit(session, entity, id, version, UNSHARED, told(row), SystemWrite::DeleteShare { id: share }).await
}

/// The record's version, for who sees it and may share it.
async fn demand_share(session: &Session, entity: &Arc<EntityModel>, id: Uuid) -> Result<i64> {
    let view = get(session, entity, id).await?;
    if !is_shared(entity) {
        return Err(Error::NotFound);
    }
    demand(session, entity, Verb::Share)?;
    Ok(view.record.version())
}

/// What the history says of a share.
fn told(row: &ShareRow) -> kontor_model::Json {
    let with = whom(row).map(|(entity, id)| json!({ "entity": entity, "id": id }));
    json!({ "with": with, "right": if row.edits { "edit" } else { "read" }, "until": row.until.map(|day| day.to_string()) })
}

async fn commit(
    session: &Session,
    entity: &EntityModel,
    id: Uuid,
    version: i64,
    action: &str,
    told: kontor_model::Json,
    write: SystemWrite,
) -> Result<()> {
    let owner = entity.fields.get(kontor_model::entity::system::OWNER).map_or("owner", |field| &field.name);
    let (old, new) = if action == SHARED { (json!(null), told) } else { (told, json!(null)) };
    let change = JournalChange { field: owner.to_owned(), old, new };
    let mut unit = CommitUnit::from(write);
    unit.push(Write::Journal(journal_row(session, entity, id, version, action, vec![change])));
    session.commit(unit).await.map_err(Error::internal)?;
    Ok(())
}
