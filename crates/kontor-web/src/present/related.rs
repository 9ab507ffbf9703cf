//! Records that point at a record: the first of them as a table, with the way to all and to a new one.

use std::sync::Arc;

use kontor_core::permissions::{Verb, allows};
use kontor_core::records::{self, Count, PageRequest, RecordView, Sort};
use kontor_model::entity::{BackLink, system};
use kontor_model::filter::{FieldPath, Filter, Has, Leaf, Operand, Operator};
use kontor_model::value::AnyLink;
use kontor_model::{EntityModel, FieldModel, Value};
use kontor_view::page::record::Related;
use serde_json::json;

use super::{Reading, table};
use crate::frame::address;

/// Columns of a related list when nothing is said.
const USUAL_COLUMNS: usize = 4;

/// The related list of a back reference; `None` when the reader may not see those records.
pub async fn of_link(
    reading: &Reading<'_>,
    view: &RecordView,
    link: &BackLink,
    title: &str,
    columns: &[String],
    limit: u32,
) -> Option<Related> {
    let session = reading.session;
    let other = session.entity(&link.entity).ok()?;
    let field = other.field(&link.field)?;
    let id = view.record.id();
    if let Some(through) = &link.through {
        let ends = Ends { pairs: &other, here: field.index, there: other.field(through)? };
        return of_pairs(reading, view, link, &ends, title, columns, limit).await;
    }
    let is_any = field.kind.names_entity();
    let value =
        if is_any { Value::AnyLink(AnyLink { entity: view.entity.name.clone(), id }) } else { Value::Id(id) };
    let filter = Filter::Leaf(Leaf {
        path: FieldPath::own(other.name.clone(), field.index),
        operator: Operator::Eq,
        operand: Operand::One(value),
    });
    let names =
        if columns.is_empty() { usual_columns(reading, &other, &link.field) } else { columns.to_vec() };
    let wanted = table::Wanted::new(reading, &other, &names);
    let request = PageRequest {
        columns: wanted.paths(),
        filter,
        sort: vec![Sort { path: FieldPath::own(other.name.clone(), system::CREATED_AT), descending: true }],
        limit,
        count: Count::Capped,
        ..PageRequest::default()
    };
    let found = records::page(session, &other, request).await.ok()?;
    let count = found.count.unwrap_or(0);
    let list = reading.list_href(&other.name);
    let all = if is_any {
        let condition = json!({ "field": link.field, "eq": { "entity": view.entity.name, "id": id } });
        address::with_query(&list, [("filter", condition.to_string())])
    } else {
        address::with_query(&list, [(link.field.as_str(), id.to_string())])
    };
    let given = if is_any { format!("{}:{id}", view.entity.name) } else { id.to_string() };
    let here = reading.record_href(&view.entity.name, id);
    let new_href = if allows(session, &other, Verb::Create) {
        address::with_query(
            &format!("{list}/new"),
            [(link.field.as_str(), given.as_str()), ("_then", here.as_str())],
        )
    } else {
        String::new()
    };
    let own_title = reading.labels.label(
        "entity",
        &other.name,
        &format!("properties.{}.back.title", link.field),
        &link.title,
    );
    Some(Related {
        name: link.name.clone(),
        title: if title.is_empty() { own_title.to_owned() } else { title.to_owned() },
        count: if found.capped {
            format!("{}+", reading.format.count(count))
        } else {
            reading.format.count(count)
        },
        columns: wanted.columns(reading, |_| (String::new(), String::new())),
        rows: wanted.rows(reading, &found),
        new_href,
        new_title: reading.words().with("list.new", &[("entity", &reading.title_of(&other))]),
        all_href: if found.next.is_some() { all } else { String::new() },
    })
}

/// The two links of a pair: the one that leads here and the one that leads to what is listed.
struct Ends<'a> {
    pairs: &'a Arc<EntityModel>,
    here: usize,
    there: &'a FieldModel,
}

/// The records at the other end of pairs.
async fn of_pairs(
    reading: &Reading<'_>,
    view: &RecordView,
    link: &BackLink,
    ends: &Ends<'_>,
    title: &str,
    columns: &[String],
    limit: u32,
) -> Option<Related> {
    let session = reading.session;
    let id = view.record.id();
    let implied = ends.pairs.implied.as_ref()?;
    let other = session.entity(ends.there.targets.first()?).ok()?;
    let filter = Filter::Has(Has {
        entity: ends.pairs.name.clone(),
        field: ends.there.index,
        filter: Box::new(Filter::Leaf(Leaf {
            path: FieldPath::own(ends.pairs.name.clone(), ends.here),
            operator: Operator::Eq,
            operand: Operand::One(Value::Id(id)),
        })),
        at_least: Some(1),
        at_most: None,
    });
    let list = reading.list_href(&other.name);
    let all = address::with_query(&list, [("filter", filter.to_json(&other, &session.model).to_string())]);
    let names = if columns.is_empty() { usual_columns(reading, &other, "") } else { columns.to_vec() };
    let wanted = table::Wanted::new(reading, &other, &names);
    let request = PageRequest {
        columns: wanted.paths(),
        filter,
        sort: vec![Sort { path: FieldPath::own(other.name.clone(), system::CREATED_AT), descending: true }],
        limit,
        count: Count::Capped,
        ..PageRequest::default()
    };
    let found = records::page(session, &other, request).await.ok()?;
    let count = found.count.unwrap_or(0);
    // Seen from what is linked, a new one is a new record whose list holds this one.
    let makes_new = ends.there.index == implied.by && allows(session, &other, Verb::Create);
    let new_href = if makes_new {
        let here = reading.record_href(&view.entity.name, id);
        let given = id.to_string();
        let pairs = [(implied.field.as_str(), given.as_str()), ("_then", here.as_str())];
        address::with_query(&format!("{list}/new"), pairs)
    } else {
        String::new()
    };
    let path = format!("properties.{}.back.title", implied.field);
    let own_title = reading.labels.label("entity", &implied.entity, &path, &link.title);
    Some(Related {
        name: link.name.clone(),
        title: if title.is_empty() { own_title.to_owned() } else { title.to_owned() },
        count: if found.capped {
            format!("{}+", reading.format.count(count))
        } else {
            reading.format.count(count)
        },
        columns: wanted.columns(reading, |_| (String::new(), String::new())),
        rows: wanted.rows(reading, &found),
        new_href,
        new_title: reading.words().with("list.new", &[("entity", &reading.title_of(&other))]),
        all_href: if found.next.is_some() { all } else { String::new() },
    })
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
