//! Records that point at a record: a page of them as a table, with what their columns come to, the way to all and to a
//! new one. A list that fits on its page is one question to the database.

use std::sync::Arc;

use kontor_core::permissions::{Verb, allows};
use kontor_core::records::{
    self, AggregateQuery, Count, Measure, MeasureFunction, PageRequest, RecordPage, RecordView, Sort,
};
use kontor_model::entity::{BackLink, system};
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::value::AnyLink;
use kontor_model::{EntityModel, FieldModel, Value};
use kontor_view::page::part::Column;
use kontor_view::page::record::Related;
use serde_json::json;

use super::{Reading, address as listing, list, table};
use crate::extract::list as reading_list;
use crate::extract::query::Query;
use crate::frame::address;

/// Columns of a related list when nothing is said.
const USUAL_COLUMNS: usize = 4;
/// Before the name of a list in the input of an address that says where its page begins.
const AFTER: &str = "_after.";

/// What a related list shall show.
pub struct Wish<'a> {
    /// Another title than its own; may be empty.
    pub title: String,
    /// Its columns; the usual ones when empty.
    pub columns: &'a [String],
    /// Rows of a page.
    pub limit: u32,
    /// The address of the page that it stands on.
    pub query: &'a Query,
}

/// A list before it is asked for.
struct Asked<'a> {
    link: &'a BackLink,
    /// Whose records are the rows of the query.
    entity: &'a Arc<EntityModel>,
    /// Whose records are shown: of pairs those at their other end.
    other: Arc<EntityModel>,
    /// Of pairs: the link to what is shown.
    through: Option<&'a FieldModel>,
    filter: Filter,
    /// Columns with headings of their own.
    names: Vec<(String, Option<String>)>,
    title: String,
    new_href: String,
    all_href: String,
}

/// The related list of a back reference; `None` when the reader may not see those records.
pub async fn of_link(
    reading: &Reading<'_>,
    view: &RecordView,
    link: &BackLink,
    wish: Wish<'_>,
) -> Option<Related> {
    let session = reading.session;
    let entity = session.entity(&link.entity).ok()?;
    let field = entity.field(&link.field)?;
    let asked = match &link.through {
        Some(through) => pairs(reading, view, link, &entity, field, entity.field(through)?, &wish)?,
        None => pointing(reading, view, link, &entity, field, &wish),
    };
    let wanted = table::Wanted::with_headings(reading, &entity, asked.names.clone());
    let mut columns = wanted.paths();
    let target = columns.len();
    columns.extend(asked.through.map(|through| FieldPath::own(entity.name.clone(), through.index)));
    let after = wish.query.get(&format!("{AFTER}{}", link.name)).filter(|after| !after.is_empty());
    let request = PageRequest {
        columns,
        filter: asked.filter.clone(),
        sort: vec![Sort { path: FieldPath::own(entity.name.clone(), system::CREATED_AT), descending: true }],
        limit: wish.limit,
        after: after.map(str::to_owned),
        count: if after.is_some() { Count::Capped } else { Count::None },
        ..PageRequest::default()
    };
    let found = match records::page(session, &entity, request.clone()).await {
        Ok(found) => found,
        // A place in the list that is none any more is its beginning.
        Err(_) if after.is_some() => {
            records::page(session, &entity, PageRequest { after: None, ..request.clone() }).await.ok()?
        }
        Err(_) => return None,
    };
    let mut rows = wanted.rows(reading, &found);
    if asked.through.is_some() {
        for (row, record) in rows.iter_mut().zip(&found.rows) {
            let id = record.values.get(target).and_then(Value::as_id).unwrap_or_default();
            row.href = reading.record_href(&asked.other.name, id);
            row.id = id.to_string();
        }
    }
    let mut heads = wanted.columns(reading, |_| (String::new(), String::new()));
    totals(reading, &asked, &found, &mut heads).await;
    let place = |cursor: Option<&str>| {
        let name = format!("{AFTER}{}", link.name);
        let mut pairs = wish.query.0.clone();
        pairs.retain(|(known, _)| *known != name);
        pairs.extend(cursor.map(|cursor| (name, cursor.to_owned())));
        let here = reading.record_href(&view.entity.name, view.record.id());
        format!("{}#r-{}", address::with_query(&here, pairs), link.name)
    };
    Some(Related {
        name: link.name.clone(),
        count: count(reading, &entity, request, &found).await,
        columns: heads,
        rows,
        new_href: asked.new_href,
        new_title: reading.words().with("list.new", &[("entity", &reading.title_of(&asked.other))]),
        all_href: if found.next.is_some() || after.is_some() { asked.all_href } else { String::new() },
        next_href: found.next.as_deref().map(|next| place(Some(next))).unwrap_or_default(),
        first_href: if after.is_some() { place(None) } else { String::new() },
        title: if wish.title.is_empty() { asked.title } else { wish.title },
    })
}

/// Records whose link leads here.
fn pointing<'a>(
    reading: &Reading<'_>,
    view: &RecordView,
    link: &'a BackLink,
    entity: &'a Arc<EntityModel>,
    field: &FieldModel,
    wish: &Wish<'_>,
) -> Asked<'a> {
    let id = view.record.id();
    let is_any = field.kind.names_entity();
    let value =
        if is_any { Value::AnyLink(AnyLink { entity: view.entity.name.clone(), id }) } else { Value::Id(id) };
    let href = reading.list_href(&entity.name);
    let all_href = if is_any {
        let condition = json!({ "field": link.field, "eq": { "entity": view.entity.name, "id": id } });
        address::with_query(&href, listing::pairs_of(&reading.session.model, entity, &condition))
    } else {
        address::with_query(&href, [(link.field.as_str(), id.to_string())])
    };
    let given = if is_any { format!("{}:{id}", view.entity.name) } else { id.to_string() };
    let names = match wish.columns {
        [] => usual_columns(reading, entity, &link.field),
        named => named.to_vec(),
    };
    let path = format!("properties.{}.back.title", link.field);
    Asked {
        link,
        entity,
        other: Arc::clone(entity),
        through: None,
        filter: leaf(entity, field.index, value),
        names: names.into_iter().map(|name| (name, None)).collect(),
        title: reading.labels.label("entity", &entity.name, &path, &link.title).to_owned(),
        new_href: new_href(reading, view, entity, &link.field, &given),
        all_href,
    }
}

/// The records at the other end of pairs, with what the pairs keep of them.
fn pairs<'a>(
    reading: &Reading<'_>,
    view: &RecordView,
    link: &'a BackLink,
    entity: &'a Arc<EntityModel>,
    here: &FieldModel,
    there: &'a FieldModel,
    wish: &Wish<'_>,
) -> Option<Asked<'a>> {
    let session = reading.session;
    let id = view.record.id();
    let implied = entity.implied.as_ref()?;
    let other = session.entity(there.targets.first()?).ok()?;
    let of_other = match wish.columns {
        [] => usual_columns(reading, &other, ""),
        named => named.to_vec(),
    };
    let mut names: Vec<(String, Option<String>)> = of_other
        .into_iter()
        .filter_map(|name| {
            let path = reading_list::path(session, &other, &name).ok()?;
            Some((format!("{}.{name}", there.name), Some(reading.path_label(&path))))
        })
        .collect();
    let list = session.model.entity(&implied.entity)?.field(&implied.field)?;
    names.extend(list.definition.properties.keys().map(|name| (name.clone(), None)));
    let seen = kontor_model::filter::Has {
        entity: entity.name.clone(),
        field: there.index,
        filter: Box::new(leaf(entity, here.index, Value::Id(id))),
        at_least: Some(1),
        at_most: None,
    };
    let all = Filter::Has(seen).to_json(&other, &session.model).to_string();
    // Seen from what is linked, a new one is a new record whose list holds this one.
    let makes_new = there.index == implied.by;
    let path = format!("properties.{}.back.title", implied.field);
    Some(Asked {
        link,
        entity,
        through: Some(there),
        filter: leaf(entity, here.index, Value::Id(id)),
        names,
        title: reading.labels.label("entity", &implied.entity, &path, &link.title).to_owned(),
        new_href: if makes_new {
            new_href(reading, view, &other, &implied.field, &id.to_string())
        } else {
            String::new()
        },
        all_href: address::with_query(&reading.list_href(&other.name), [("filter", all)]),
        other,
    })
}

fn leaf(entity: &EntityModel, field: usize, value: Value) -> Filter {
    Filter::Leaf(Leaf {
        path: FieldPath::own(entity.name.clone(), field),
        operator: Operator::Eq,
        operand: Operand::One(value),
    })
}

/// The form of a new record whose link, or list, leads here already.
pub fn new_href(
    reading: &Reading<'_>,
    view: &RecordView,
    other: &EntityModel,
    field: &str,
    given: &str,
) -> String {
    if !allows(reading.session, other, Verb::Create) {
        return String::new();
    }
    let here = reading.record_href(&view.entity.name, view.record.id());
    let list = reading.list_href(&other.name);
    address::with_query(&format!("{list}/new"), [(field, given), ("_then", here.as_str())])
}

/// How many there are: known when they are all on the page.
async fn count(
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    request: PageRequest,
    found: &RecordPage,
) -> String {
    let number = |count: u64| reading.format.count(count);
    if found.next.is_none() && found.count.is_none() {
        return number(found.rows.len() as u64);
    }
    let (count, capped) = if let Some(count) = found.count {
        (count, found.capped)
    } else {
        let asked = PageRequest { columns: Vec::new(), limit: 1, count: Count::Capped, ..request };
        let Ok(counted) = records::page(reading.session, entity, asked).await else {
            return String::new();
        };
        (counted.count.unwrap_or(0), counted.capped)
    };
    if capped { format!("{}+", number(count)) } else { number(count) }
}

/// Puts below the columns what the entity's own list adds up.
async fn totals(reading: &Reading<'_>, asked: &Asked<'_>, found: &RecordPage, columns: &mut [Column]) {
    let views = kontor_core::views::of_entity(reading.session, &asked.other);
    let Some(view) = views.iter().find(|view| !view.columns.is_empty()) else { return };
    if found.rows.len() < 2 {
        return;
    }
    let mut measures = Vec::new();
    for (name, function) in &view.totals {
        let name = match asked.through {
            Some(through) => format!("{}.{name}", through.name),
            None => name.clone(),
        };
        if !columns.iter().any(|column| column.name == name) {
            continue;
        }
        let Ok(path) = reading_list::path(reading.session, asked.entity, &name) else { continue };
        let function = match function.as_str() {
            "sum" => MeasureFunction::Sum,
            "avg" => MeasureFunction::Avg,
            "min" => MeasureFunction::Min,
            "max" => MeasureFunction::Max,
            _ => MeasureFunction::Count,
        };
        measures.push(Measure { function, path: Some(path), filter: Filter::True, name });
    }
    if measures.is_empty() {
        return;
    }
    let names: Vec<String> = measures.iter().map(|measure| measure.name.clone()).collect();
    let query = AggregateQuery {
        entity: asked.entity.name.clone(),
        measures,
        filter: asked.filter.clone(),
        ..AggregateQuery::default()
    };
    let Ok(sums) = records::totals(reading.session, &query).await else {
        tracing::warn!(list = %asked.link.name, "a related list could not be added up");
        return;
    };
    let Some(sum) = sums.into_iter().next() else { return };
    let values = names.into_iter().zip(sum.values.into_iter().zip(sum.currencies));
    let values: Vec<_> = values.map(|(name, (value, currency))| (name, value, currency)).collect();
    list::add_totals(reading, asked.entity, columns, &values);
}

/// The first columns of the entity's own list, without the link that is the same in every row.
fn usual_columns(reading: &Reading<'_>, other: &Arc<EntityModel>, link: &str) -> Vec<String> {
    let views = kontor_core::views::of_entity(reading.session, other);
    let columns = views
        .iter()
        .find(|view| !view.columns.is_empty())
        .map(|view| view.columns.clone())
        .unwrap_or_default();
    columns.into_iter().map(|column| column.field).filter(|name| name != link).take(USUAL_COLUMNS).collect()
}
