//! `GET r/{entity}/export.csv`: the rows of a list as a file, page by page.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::permissions::{Verb, demand};
use kontor_core::records::{self, Count, PageRequest};
use kontor_model::Value;
use kontor_model::filter::FieldPath;
use kontor_model::kind::NumberStyle;

use super::EntityPath;
use super::chosen::choose;
use super::list::wanted;
use crate::error::Failure;
use crate::extract::query::Query;
use crate::present::Reading;
use crate::present::export::{self, Cell, Table};
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
    let headings = wanted
        .columns(&reading, |_| (String::new(), String::new()))
        .into_iter()
        .map(|column| column.title)
        .collect();
    let mut table = Table { headings, rows: Vec::new() };
    let mut after = None;
    loop {
        let request = PageRequest {
            columns: wanted.paths(),
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
            let line: Vec<Cell> = cells
                .into_iter()
                .zip(&row.values)
                .zip(wanted.named())
                .map(|((cell, value), (_, path))| {
                    if let Some(text) = typed(&reading, path, value) {
                        return Cell::Text(text);
                    }
                    export::cell(value, || if cell.exact.is_empty() { cell.text } else { cell.exact })
                })
                .collect();
            table.rows.push(line);
        }
        match page.next {
            Some(next) if table.rows.len() < MOST => after = Some(next),
            _ => break,
        }
    }
    export::csv(&entity.name, &table)
}

/// The text that is read back to the same value, of kinds that a page shows in another way than they are typed.
fn typed(reading: &Reading<'_>, path: &FieldPath, value: &Value) -> Option<String> {
    let field = path.resolve(&reading.session.model)?;
    let is_number = field.kind.is_number() && field.kind.style() == NumberStyle::Plain;
    let differs = field.kind.is_write_only() || field.kind.shown(field, value, &reading.labels).is_some();
    (!value.is_empty() && !is_number && differs)
        .then(|| export::text_of(field, value, reading.session.actor.zone))
}
