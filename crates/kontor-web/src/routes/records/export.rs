//! `GET r/{entity}/export.csv`: the rows of a list as a file, page by page.

use std::collections::HashMap;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::permissions::{Verb, demand};
use kontor_core::records::{self, Count, PageRequest};
use kontor_model::filter::FieldPath;
use kontor_model::kind::NumberStyle;
use kontor_model::{EntityModel, Json, Value};
use kontor_view::field::Cell as Shown;
use uuid::Uuid;

use super::EntityPath;
use super::chosen::choose;
use super::list::wanted;
use crate::error::Failure;
use crate::extract::query::Query;
use crate::present::export::{self, Cell, Table};
use crate::present::table::Wanted;
use crate::present::{Reading, values};
use crate::visit::Reader;

/// Rows of one query.
const ROWS: u32 = 500;
/// Records whose links are read at once: together they hold no more than one answer may.
const AT_ONCE: usize = 20;
/// Most rows of a file.
const MOST: usize = 100_000;

/// The file.
pub async fn export_list(
    reader: Reader,
    Path(path): Path<EntityPath>,
    query: Query,
) -> Result<Response, Failure> {
    let entity = path.find(&reader)?;
    demand(&reader.session, &entity, Verb::Export)?;
    let reading = reader.reading();
    let chosen = choose(&reading, &entity, &query)?;
    let wanted = wanted(&reading, &entity, &chosen.view);
    let titles: Vec<String> = wanted
        .columns(&reading, |_| (String::new(), String::new()))
        .into_iter()
        .map(|column| column.title)
        .collect();
    let beside = beside_amounts(&reading, &entity, &wanted, &titles);
    let lists = list_columns(&reading, &entity, &wanted);
    let left_out = wanted.not_in_files(&reading);
    let is_left_out = |column: usize| left_out.contains(&column);
    let mut headings = Vec::new();
    for (index, title) in titles.into_iter().enumerate().filter(|(index, _)| !is_left_out(*index)) {
        headings.push(title);
        headings.extend(beside.iter().filter(|one| one.column == index).map(|one| one.heading.clone()));
    }
    let mut columns = wanted.paths();
    let first = columns.len();
    columns.extend(beside.iter().map(|one| one.path.clone()));
    let mut table = Table { headings, rows: Vec::new() };
    let mut after = None;
    loop {
        let request = PageRequest {
            columns: columns.clone(),
            filter: chosen.filter.clone(),
            search: chosen.search.clone(),
            sort: chosen.sort.clone(),
            limit: ROWS,
            after: after.take(),
            count: Count::None,
            bin: false,
        };
        let page = records::page(&reader.session, &entity, request).await?;
        let ids: Vec<Uuid> = page.rows.iter().map(|row| row.id).collect();
        let linked = linked(&reading, &entity, &lists, &ids).await?;
        for row in &page.rows {
            let cells = wanted.cells(&reading, &page, &row.values);
            let mut line: Vec<Cell> = Vec::new();
            for (index, ((cell, value), (_, path))) in
                cells.into_iter().zip(&row.values).zip(wanted.named()).enumerate()
            {
                if is_left_out(index) {
                    continue;
                }
                line.push(match (linked.get(&(row.id, index)), typed(&reading, path, value, &cell)) {
                    (Some(titles), _) => Cell::Text(titles.clone()),
                    (None, Some(text)) => Cell::Text(text),
                    (None, None) => {
                        export::cell(value, || if cell.exact.is_empty() { cell.text } else { cell.exact })
                    }
                });
                let values = row.values.iter().skip(first);
                let own = beside.iter().zip(values).filter(|(one, _)| one.column == index);
                line.extend(own.map(|(_, value)| {
                    export::cell(value, || value.as_text().unwrap_or_default().to_owned())
                }));
            }
            table.rows.push(line);
        }
        match page.next {
            Some(next) if table.rows.len() < MOST => after = Some(next),
            _ => break,
        }
    }
    export::csv(&entity.name, &table)
}

/// A column that holds records of another table.
struct ListColumn {
    column: usize,
    field: usize,
    /// Of links: what leads to the linked record.
    through: Option<usize>,
}

fn list_columns(reading: &Reading<'_>, entity: &EntityModel, wanted: &Wanted) -> Vec<ListColumn> {
    let columns =
        wanted.named().enumerate().filter(|(_, (_, path))| path.is_own() && path.entity == entity.name);
    let lists = columns.filter_map(|(column, (_, path))| {
        let field = path.resolve(&reading.session.model)?;
        let list = field.list.as_ref()?;
        Some(ListColumn { column, field: field.index, through: list.through })
    });
    lists.collect()
}

/// The titles of what records link to, by record and column, as an import reads them; what a link itself says is in the
/// file of the links.
async fn linked(
    reading: &Reading<'_>,
    entity: &EntityModel,
    lists: &[ListColumn],
    ids: &[Uuid],
) -> Result<HashMap<(Uuid, usize), String>, Failure> {
    let mut found = HashMap::new();
    let links: Vec<&ListColumn> = lists.iter().filter(|list| list.through.is_some()).collect();
    let fields: Vec<usize> = links.iter().map(|list| list.field).collect();
    if fields.is_empty() {
        return Ok(found);
    }
    for some in ids.chunks(AT_ONCE) {
        for (id, held) in records::lists_of(reading.session, entity, some, &fields).await? {
            for list in &links {
                let views = held.get(&list.field).map(Vec::as_slice).unwrap_or_default();
                let ends = views.iter().filter_map(|view| {
                    let end = view.record.at(list.through?).as_id()?;
                    Some((end, view.titles.get(&end).map(String::as_str).unwrap_or_default()))
                });
                found.insert((id, list.column), told(&ends.collect::<Vec<_>>()));
            }
        }
    }
    Ok(found)
}

/// Titles with a stroke between them; ids where a title says nothing, or has such a sign itself.
fn told(ends: &[(Uuid, &str)]) -> String {
    let is_clear = |title: &str| {
        !title.is_empty() && !title.starts_with('[') && !title.contains(['|', '\n', '｜', ';', '；'])
    };
    if ends.iter().all(|(_, title)| is_clear(title)) {
        return ends.iter().map(|(_, title)| *title).collect::<Vec<_>>().join(" | ");
    }
    Json::from(ends.iter().map(|(id, _)| Json::from(id.to_string())).collect::<Vec<_>>()).to_string()
}

/// A column of the file that no page shows by itself.
struct Beside {
    /// The column of the amount.
    column: usize,
    path: FieldPath,
    heading: String,
}

/// The currency of each amount, and what it is worth in the workspace's, unless they are columns already.
fn beside_amounts(
    reading: &Reading<'_>,
    entity: &EntityModel,
    wanted: &Wanted,
    titles: &[String],
) -> Vec<Beside> {
    let paths: Vec<&FieldPath> = wanted.named().map(|(_, path)| path).collect();
    let mut beside = Vec::new();
    for (column, path) in paths.iter().enumerate() {
        let holder = reading.session.model.entity(&path.entity).filter(|_| path.is_own());
        let Some(holder) = holder.filter(|holder| holder.name == entity.name) else { continue };
        let both = [holder.currency_of(path.field), holder.converted_of(path.field)];
        for field in both.into_iter().flatten() {
            let path = FieldPath::own(holder.name.clone(), field.index);
            if paths.contains(&&path) || !values::is_readable(reading, holder, field) {
                continue;
            }
            let title = titles.get(column).map(String::as_str).unwrap_or_default();
            let words = [("whole", title), ("part", field.label(&reading.labels))];
            beside.push(Beside { column, path, heading: reading.words().with("part.joined", &words) });
        }
    }
    beside
}

/// The text that is read back to the same value, of kinds that a page shows in another way than they are typed.
fn typed(reading: &Reading<'_>, path: &FieldPath, value: &Value, shown: &Shown) -> Option<String> {
    let field = path.resolve(&reading.session.model)?;
    let has_titles = field.kind.is_link() || field.kind.is_choice() || matches!(value, Value::Boolean(_));
    if value.is_empty() || has_titles {
        return None;
    }
    let exact = || export::text_of(field, value, reading.session.actor.zone);
    if matches!(value, Value::List(_)) && !shown.options.is_empty() && !field.definition.one_of.is_empty() {
        let titles: Vec<&str> = shown.options.iter().map(|option| option.title.as_str()).collect();
        let is_clear = titles.iter().all(|title| !title.contains(['|', '\n', '｜']));
        return Some(if is_clear { titles.join(" | ") } else { exact() });
    }
    let is_number = matches!(value, Value::Integer(_) | Value::Decimal(_))
        && field.kind.shown(field, value, &reading.labels).is_none();
    let is_plain = field.kind.is_number() && field.kind.style() == NumberStyle::Plain;
    (!is_number && !is_plain).then(exact)
}
