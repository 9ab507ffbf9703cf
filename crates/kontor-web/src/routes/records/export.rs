//! `GET r/{entity}/export.csv`: the rows of a list as a file, page by page.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::permissions::{Verb, demand};
use kontor_core::records::{self, Count, PageRequest};
use kontor_model::filter::FieldPath;
use kontor_model::kind::NumberStyle;
use kontor_model::{EntityModel, Value};

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
    let mut headings = Vec::new();
    for (index, title) in titles.into_iter().enumerate() {
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
        for row in &page.rows {
            let cells = wanted.cells(&reading, &page, &row.values);
            let mut line: Vec<Cell> = Vec::new();
            for (index, ((cell, value), (_, path))) in
                cells.into_iter().zip(&row.values).zip(wanted.named()).enumerate()
            {
                line.push(match typed(&reading, path, value) {
                    Some(text) => Cell::Text(text),
                    None => {
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
fn typed(reading: &Reading<'_>, path: &FieldPath, value: &Value) -> Option<String> {
    let field = path.resolve(&reading.session.model)?;
    let is_number = field.kind.is_number() && field.kind.style() == NumberStyle::Plain;
    let differs = field.kind.is_write_only() || field.kind.shown(field, value, &reading.labels).is_some();
    (!value.is_empty() && !is_number && differs)
        .then(|| export::text_of(field, value, reading.session.actor.zone))
}
