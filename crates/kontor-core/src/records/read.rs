//! Reading: one record, a page of them, the choices of a link.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use kontor_model::access::FieldRight;
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter};
use kontor_model::{EntityModel, Record, Value};
pub use kontor_store::{Count, Sort};
use uuid::Uuid;

use super::select::{Selection, own_paths};
use super::view::{RecordView, Titles, rights_of};
use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::{Verb, demand};

/// What a page of records shall hold.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// The columns, in order; id and version come by themselves. Of a masked field there are masks. Of a list of links there
    /// are the titles of what is linked, of rows how many there are.
    pub columns: Vec<FieldPath>,
    /// Which records.
    pub filter: Filter,
    /// Words to find in the entity's search fields.
    pub search: Option<String>,
    /// By what they are sorted; the id comes last by itself.
    pub sort: Vec<Sort>,
    /// How many at most, 1–500.
    pub limit: u32,
    /// Where the page before ended.
    pub after: Option<String>,
    /// Whether to count all that match.
    pub count: Count,
    /// The bin instead of what lives.
    pub bin: bool,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self {
            columns: Vec::new(),
            filter: Filter::True,
            search: None,
            sort: Vec::new(),
            limit: 50,
            after: None,
            count: Count::None,
            bin: false,
        }
    }
}

/// One record of a page.
#[derive(Clone, Debug)]
pub struct PageRow {
    /// Its id.
    pub id: Uuid,
    /// Its version.
    pub version: i64,
    /// One value per column asked for.
    pub values: Vec<Value>,
}

/// A page of records.
#[derive(Clone, Debug)]
pub struct RecordPage {
    /// The records, in order.
    pub rows: Vec<PageRow>,
    /// Titles of what they link to.
    pub titles: Titles,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
    /// How many match, when it was asked for.
    pub count: Option<u64>,
    /// Whether there are more than were counted.
    pub capped: bool,
}

/// One record.
///
/// # Errors
/// [`Error::NotFound`] when there is none that the reader may see, or it is in the bin.
pub async fn get(session: &Session, entity: &Arc<EntityModel>, id: Uuid) -> Result<RecordView> {
    demand(session, entity, Verb::Read)?;
    let rights = rights_of(session, entity);
    let readable = |index: usize| rights.get(index).is_some_and(|right| *right > FieldRight::None);
    let columns: Vec<usize> = (0..entity.fields.len()).filter(|index| readable(*index)).collect();
    let selection = Selection::new(session, own_paths(entity, readable));
    let row = session
        .workspace
        .store
        .get(
            &session.model,
            &session.actor.access,
            &entity.name,
            id,
            &selection.paths,
            &session.filter_context(),
        )
        .await?
        .ok_or(Error::NotFound)?;
    let mut titles = Titles::new();
    let (values, hidden) = selection.split(session, row, &mut titles);
    let mut record = Record::empty(entity);
    let mut links = Vec::new();
    for (column, value) in values.into_iter().enumerate() {
        if let Value::AnyLink(link) = &value {
            links.push((link.entity.clone(), link.id));
        }
        if let Some(index) = columns.get(column) {
            record.set(*index, value);
        }
    }
    add_titles(session, links, &mut titles).await?;
    let mut hidden: Vec<usize> = hidden.iter().filter_map(|column| columns.get(*column).copied()).collect();
    hide_unseen(entity, &mut record, &titles, &mut hidden);
    super::mask::fill(session, entity, id, &mut record).await?;
    let lists = super::lists::load(session, entity, id, &rights).await?;
    Ok(RecordView { entity: Arc::clone(entity), record, titles, rights, hidden, lists })
}

/// A link to one of several entities whose record the reader may not see is empty too.
fn hide_unseen(entity: &EntityModel, record: &mut Record, titles: &Titles, hidden: &mut Vec<usize>) {
    for field in &entity.fields {
        if matches!(record.at(field.index), Value::AnyLink(link) if !titles.contains_key(&link.id)) {
            record.set(field.index, Value::Empty);
            hidden.push(field.index);
        }
    }
}

/// A page of records.
///
/// # Errors
/// [`Error::NotFound`] when the entity may not be read, [`Error::Unreadable`] for a cursor of another query.
pub async fn page(session: &Session, entity: &Arc<EntityModel>, request: PageRequest) -> Result<RecordPage> {
    let limit = request.limit.clamp(1, 500);
    let columns = request.columns.clone();
    let mut page = page_of(session, entity, PageRequest { limit, ..request }).await?;
    super::lists::tell(session, entity, &columns, &mut page.rows).await?;
    Ok(page)
}

/// A page that may be longer than those that are asked for from outside.
pub(super) async fn page_of(
    session: &Session,
    entity: &Arc<EntityModel>,
    request: PageRequest,
) -> Result<RecordPage> {
    demand(session, entity, Verb::Read)?;
    let wanted = request.columns.len();
    let mut columns = request.columns;
    let masked = super::mask::taken_out(session, entity, &mut columns);
    columns.push(FieldPath::own(entity.name.clone(), system::ID));
    columns.push(FieldPath::own(entity.name.clone(), system::VERSION));
    let selection = Selection::new(session, columns);
    let query = kontor_store::PageQuery {
        entity: entity.name.clone(),
        select: selection.paths.clone(),
        filter: request.filter,
        search: request.search,
        sort: request.sort,
        limit: u64::from(request.limit),
        after: request.after.map(kontor_store::Cursor),
        count: request.count,
        bin: request.bin,
    };
    let store = &session.workspace.store;
    let found = store.page(&session.model, &session.actor.access, &query, &session.filter_context()).await?;
    let mut titles = Titles::new();
    let mut links = Vec::new();
    let mut rows = Vec::with_capacity(found.rows.len());
    for row in found.rows {
        let (mut values, _) = selection.split(session, row, &mut titles);
        let version = values.pop().and_then(|value| value.as_integer()).unwrap_or(0);
        let id = values.pop().and_then(|value| value.as_id()).unwrap_or_default();
        values.truncate(wanted);
        for value in &values {
            if let Value::AnyLink(link) = value {
                links.push((link.entity.clone(), link.id));
            }
        }
        rows.push(PageRow { id, version, values });
    }
    add_titles(session, links, &mut titles).await?;
    for row in &mut rows {
        for value in &mut row.values {
            if matches!(value, Value::AnyLink(link) if !titles.contains_key(&link.id)) {
                *value = Value::Empty;
            }
        }
    }
    super::mask::fill_rows(session, entity, &masked, &mut rows, request.bin).await?;
    Ok(RecordPage {
        rows,
        titles,
        next: found.next.map(|cursor| cursor.0),
        count: found.count,
        capped: found.capped,
    })
}

/// Looks up the titles of records that no join reached.
pub(crate) async fn add_titles(
    session: &Session,
    links: Vec<(String, Uuid)>,
    titles: &mut Titles,
) -> Result<()> {
    let mut by_entity: HashMap<String, HashSet<Uuid>> = HashMap::new();
    for (entity, id) in links {
        if !titles.contains_key(&id) {
            by_entity.entry(entity).or_default().insert(id);
        }
    }
    for (name, ids) in by_entity {
        let Ok(entity) = session.entity(&name) else { continue };
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let store = &session.workspace.store;
        let context = session.filter_context();
        titles
            .extend(store.titles(&session.model, &session.actor.access, &entity.name, &ids, &context).await?);
    }
    Ok(())
}

/// Records to choose from for a link: those that the words find, or the latest; id and title.
///
/// # Errors
/// [`Error::NotFound`] when the entity may not be read.
pub async fn options(
    session: &Session,
    entity: &Arc<EntityModel>,
    words: Option<&str>,
    limit: u32,
) -> Result<Vec<(Uuid, String)>> {
    let display = FieldPath::own(entity.name.clone(), entity.display);
    let sort = match words {
        Some(_) => Sort { path: display.clone(), descending: false },
        None => Sort { path: FieldPath::own(entity.name.clone(), system::UPDATED_AT), descending: true },
    };
    let request = PageRequest {
        columns: vec![display],
        search: words.filter(|words| !words.trim().is_empty()).map(str::to_owned),
        sort: vec![sort],
        limit,
        ..PageRequest::default()
    };
    let field = entity.display_field();
    let found = page(session, entity, request).await?;
    Ok(found
        .rows
        .into_iter()
        .map(|row| {
            let title = match row.values.first() {
                Some(value) if !value.is_empty() => field.kind.to_text(field, value, session.actor.zone),
                _ => row.id.to_string(),
            };
            (row.id, title)
        })
        .collect())
}
