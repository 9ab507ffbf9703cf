//! The tree of a view: the first level page by page, and below it the branches that the address opens. Three questions
//! to the database, however many branches are open.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use axum::response::Response;
use kontor_core::records::{
    self, AggregateQuery, Count, Group, Measure, MeasureFunction, PageRequest, PageRow, RecordPage,
};
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, Hop, Leaf, Operand, Operator};
use kontor_model::{EntityModel, Value};
use uuid::Uuid;

use super::chosen::Chosen;
use super::list::wanted;
use crate::error::Failure;
use crate::extract::list as reading_list;
use crate::extract::query::Query;
use crate::present::{Reading, tree};
use crate::visit::Reader;

/// Records of the first level when the view says nothing.
const USUAL_ROWS: u32 = 50;
/// Most records below the first level.
const MOST_BELOW: u32 = 500;
/// Most branches that an address opens.
const MOST_OPEN: usize = 100;

/// The page.
pub async fn show_tree(
    reader: &Reader,
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    chosen: &Chosen,
    query: &Query,
) -> Result<Response, Failure> {
    let session = reading.session;
    let up = entity.tree.ok_or_else(Failure::not_found)?;
    let wanted = wanted(reading, entity, &chosen.view);
    let mut columns = wanted.paths();
    let link = columns.len();
    columns.push(FieldPath::own(entity.name.clone(), up));
    // What somebody looks for is shown wherever it stands.
    let is_filtered =
        chosen.search.is_some() || reading_list::filter(session, entity, &query.0)? != Filter::True;
    let first = if is_filtered { Filter::True } else { first_level(entity, up, &chosen.filter) };
    let request = PageRequest {
        columns: columns.clone(),
        filter: chosen.filter.clone().and(first),
        search: chosen.search.clone(),
        sort: chosen.sort.clone(),
        limit: chosen.view.limit.unwrap_or(USUAL_ROWS).min(100),
        after: query.get("after").map(str::to_owned).filter(|after| !after.is_empty()),
        count: Count::Capped,
        bin: false,
    };
    let top = records::page(session, entity, request).await?;
    let open: Vec<Uuid> = open(query).into_iter().collect();
    let mut page =
        RecordPage { rows: Vec::new(), titles: top.titles.clone(), next: None, count: None, capped: false };
    if !open.is_empty() && !is_filtered {
        let request = PageRequest {
            columns,
            filter: chosen.filter.clone().and(right_below(entity, up, &open)),
            sort: chosen.sort.clone(),
            limit: MOST_BELOW,
            ..PageRequest::default()
        };
        page = records::page(session, entity, request).await?;
        page.titles.extend(top.titles.clone());
    }
    let has_more = page.next.is_some();
    let mut below: HashMap<Uuid, Vec<PageRow>> = HashMap::new();
    for row in std::mem::take(&mut page.rows) {
        if let Some(parent) = row.values.get(link).and_then(Value::as_id) {
            below.entry(parent).or_default().push(row);
        }
    }
    let mut levels = Vec::new();
    let mut seen = HashSet::new();
    for row in top.rows.clone() {
        arrange(row, 0, &mut below, &mut seen, &mut page.rows, &mut levels);
    }
    let counts = if is_filtered {
        BTreeMap::new()
    } else {
        let ids: Vec<Uuid> = page.rows.iter().map(|row| row.id).collect();
        counts(reading, entity, up, &chosen.filter, &ids).await?
    };
    let parts = tree::Parts {
        entity,
        chosen,
        query,
        wanted: &wanted,
        top: &top,
        page: &page,
        levels: &levels,
        counts: &counts,
        open: &open,
        up,
        is_filtered,
        has_more,
    };
    reader.draw().view(&tree::page(reading, parts).await).await
}

/// The branches that the address opens.
fn open(query: &Query) -> HashSet<Uuid> {
    let ids = query.text(tree::OPEN).split(',').filter_map(|id| Uuid::parse_str(id).ok());
    ids.take(MOST_OPEN).collect()
}

/// Puts a record and what is open below it in the order of the page.
fn arrange(
    row: PageRow,
    level: usize,
    below: &mut HashMap<Uuid, Vec<PageRow>>,
    seen: &mut HashSet<Uuid>,
    rows: &mut Vec<PageRow>,
    levels: &mut Vec<usize>,
) {
    if !seen.insert(row.id) {
        return;
    }
    let children = below.remove(&row.id).unwrap_or_default();
    rows.push(row);
    levels.push(level);
    for child in children {
        arrange(child, level + 1, below, seen, rows, levels);
    }
}

/// Records above which the reader sees nothing, or nothing that the view shows.
fn first_level(entity: &EntityModel, up: usize, view: &Filter) -> Filter {
    let hop = Hop { entity: entity.name.clone(), field: up, to: entity.name.clone() };
    let above = FieldPath { hops: vec![hop.clone()], entity: entity.name.clone(), field: system::ID };
    let alone = Filter::Leaf(Leaf { path: above, operator: Operator::Empty, operand: Operand::Flag(true) });
    if *view == Filter::True {
        return alone;
    }
    Filter::Any(vec![alone, Filter::Not(Box::new(view.clone().behind(&hop)))])
}

fn right_below(entity: &EntityModel, up: usize, parents: &[Uuid]) -> Filter {
    Filter::Leaf(Leaf {
        path: FieldPath::own(entity.name.clone(), up),
        operator: Operator::In,
        operand: Operand::Many(parents.iter().copied().map(Value::Id).collect()),
    })
}

/// How many records stand right below each of these.
async fn counts(
    reading: &Reading<'_>,
    entity: &EntityModel,
    up: usize,
    view: &Filter,
    ids: &[Uuid],
) -> Result<BTreeMap<Uuid, u64>, Failure> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let count =
        Measure { function: MeasureFunction::Count, path: None, filter: Filter::True, name: "n".to_owned() };
    let query = AggregateQuery {
        entity: entity.name.clone(),
        group: vec![Group { path: FieldPath::own(entity.name.clone(), up), by: None }],
        measures: vec![count],
        filter: view.clone().and(right_below(entity, up, ids)),
        ..AggregateQuery::default()
    };
    let rows = records::totals(reading.session, &query).await?;
    Ok(rows
        .into_iter()
        .filter_map(|total| {
            let id = total.values.first()?.as_id()?;
            let count = total.values.get(1)?.as_integer().and_then(|count| u64::try_from(count).ok())?;
            Some((id, count))
        })
        .collect())
}
