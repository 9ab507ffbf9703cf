//! Reports that show records: their rows on a page, in a file, as JSON and on a dashboard.

use std::collections::HashMap;

use kontor_core::Error;
use kontor_core::permissions::{Verb, demand};
use kontor_core::records::{self, RecordPage};
use kontor_core::reports::list::{self, Listed};
use kontor_model::Json;
use kontor_model::definition::report::ReportDefinition;
use kontor_model::query::Answer;
use kontor_model::value::Value;
use kontor_view::page::dashboard::TileList;
use kontor_view::page::part::Column;
use kontor_view::page::report::{ReportCell, ReportColumn, ReportRow, ReportTable};
use kontor_view::present::report::measure_text;
use serde_json::{Map, json};

use super::Reading;
use super::export::{self, Table};
use super::report::sort_link;
use super::table::Wanted;
use crate::api::rows;
use crate::extract::query::Query;

/// The records of a report, and what of them is shown.
pub struct Found {
    wanted: Wanted,
    listed: Listed,
}

/// Asks for the records of a report; columns that the reader may not see are left out.
///
/// # Errors
/// What [`list::listed`] refuses.
pub async fn find(
    reading: &Reading<'_>,
    report: &ReportDefinition,
    parameters: &HashMap<String, Json>,
) -> Result<Found, Error> {
    let entity = reading.session.entity(&report.entity)?;
    let wanted = Wanted::new(reading, &entity, &report.fields);
    let listed = list::listed(reading.session, report, parameters, wanted.paths()).await?;
    Ok(Found { wanted, listed })
}

impl Found {
    /// The measures over everything, as an answer without groups.
    pub fn totals(&self) -> &Answer {
        &self.listed.totals
    }

    /// What is to be known of it beside the rows: the answer that notices are told of.
    pub fn told(&self) -> Answer {
        Answer { capped: self.listed.page.capped, rows: Vec::new(), ..self.listed.totals.clone() }
    }

    fn page(&self) -> &RecordPage {
        &self.listed.page
    }

    /// The table of a page; the first column leads to the record.
    pub fn table(
        &self,
        reading: &Reading<'_>,
        report: &ReportDefinition,
        base: &str,
        query: &Query,
    ) -> ReportTable {
        let columns = self.wanted.columns(reading, |name| sort_link(report, base, query, name));
        let numbers: Vec<bool> = columns.iter().map(|column| column.number).collect();
        let head = |column: Column| ReportColumn {
            title: column.title,
            number: column.number,
            sort_href: column.sort_href,
            sorted: column.sorted,
        };
        let rows = self.wanted.rows(reading, self.page()).into_iter().map(|row| {
            let cells = row.cells.into_iter().zip(&numbers).enumerate().map(|(index, (cell, number))| {
                let href = if index == 0 { row.href.clone() } else { cell.href };
                ReportCell { text: cell.text, href, number: *number, ..ReportCell::default() }
            });
            ReportRow { cells: cells.collect(), ..ReportRow::default() }
        });
        ReportTable {
            columns: columns.into_iter().map(head).collect(),
            rows: rows.collect(),
            ..ReportTable::default()
        }
    }

    /// "15 records · Total €1,200".
    pub fn summary(&self, reading: &Reading<'_>) -> String {
        let mut parts = match self.some_of(reading, "report.some_records") {
            Some(said) => vec![said],
            None if self.page().rows.is_empty() => Vec::new(),
            None => vec![reading.words().count("report.records", self.page().rows.len())],
        };
        let totals = self.listed.totals.rows.first();
        let values =
            totals.into_iter().flat_map(|group| self.listed.totals.measures.iter().zip(&group.values));
        parts.extend(
            values.filter(|(_, value)| !value.is_empty()).map(|(head, value)| {
                format!("{} {}", head.title, measure_text(&reading.format, head, value))
            }),
        );
        parts.join(" · ")
    }

    /// How many of how many there are, in the words of a key; `None` when these are all.
    pub fn some_of(&self, reading: &Reading<'_>, key: &str) -> Option<String> {
        let page = self.page();
        let total = page.count.filter(|_| page.capped)?;
        let (shown, total) = (reading.format.count(page.rows.len() as u64), reading.format.count(total));
        Some(reading.words().with(key, &[("shown", &shown), ("total", &total)]))
    }

    /// The rows of a tile.
    pub fn tile(&self, reading: &Reading<'_>) -> TileList {
        TileList {
            columns: self.wanted.columns(reading, |_| (String::new(), String::new())),
            rows: self.wanted.rows(reading, self.page()),
        }
    }

    /// A file takes records away: whoever may not do that with a list may not with a report. Of masked fields there is
    /// nothing in it.
    ///
    /// # Errors
    /// [`Error::Forbidden`] without the right to export.
    pub fn file(&self, reading: &Reading<'_>) -> Result<Table, Error> {
        demand(reading.session, &self.listed.entity, Verb::Export)?;
        let columns = self.wanted.columns(reading, |_| (String::new(), String::new()));
        let masked = self.masked(reading);
        let kept = |index: &usize| !masked.contains(index);
        let headings = columns.into_iter().enumerate().filter(|(index, _)| kept(index));
        let rows = self.page().rows.iter().map(|row| {
            let cells = self.wanted.cells(reading, self.page(), &row.values);
            let cells = cells.into_iter().zip(&row.values).enumerate().filter(|(index, _)| kept(index));
            let cell = |(_, (cell, value)): (usize, (kontor_view::field::Cell, &Value))| {
                export::cell(value, || if cell.exact.is_empty() { cell.text } else { cell.exact })
            };
            cells.map(cell).collect()
        });
        let rows = rows.collect();
        Ok(Table { headings: headings.map(|(_, column)| column.title).collect(), rows })
    }

    /// The places of columns that are masked for the reader.
    fn masked(&self, reading: &Reading<'_>) -> Vec<usize> {
        let access = reading.session.actor.access.entity(&self.listed.entity.name);
        let is_masked = |path: &kontor_model::filter::FieldPath| {
            let field = path.resolve(&reading.session.model);
            path.is_own() && field.is_some_and(|field| access.is_masked(&field.name))
        };
        let columns = self.wanted.named().enumerate();
        columns.filter(|(_, (_, path))| is_masked(path)).map(|(index, _)| index).collect()
    }

    /// `columns`, `data`, `totals` and what is to be known of them, as of reports that count.
    pub fn json(&self, reading: &Reading<'_>, report: &ReportDefinition) -> Json {
        let session = reading.session;
        let masked = self.masked(reading);
        let titles = self.wanted.columns(reading, |_| (String::new(), String::new()));
        let shown: Vec<_> = self
            .wanted
            .named()
            .zip(titles)
            .enumerate()
            .filter(|(index, _)| !masked.contains(index))
            .filter_map(|(index, ((name, path), column))| {
                Some((index, name, path.resolve(&session.model)?, column.title))
            })
            .collect();
        let heads: Vec<Json> = shown
            .iter()
            .map(|(_, name, field, title)| json!({ "name": name, "title": title, "kind": field.kind.name() }))
            .collect();
        let row = |row: &records::PageRow| {
            let mut object = Map::new();
            object.insert("id".into(), row.id.to_string().into());
            for (index, name, field, _) in &shown {
                let value = row.values.get(*index).unwrap_or(&Value::Empty);
                let json = records::value_to_json(field, value, &self.page().titles);
                object.insert((*name).to_owned(), json);
            }
            Json::Object(object)
        };
        let totals = self.listed.totals.rows.first().map(|group| {
            let pairs = self.listed.totals.measures.iter().zip(&group.values);
            Json::Object(pairs.map(|(head, value)| (head.name.clone(), rows::number(value))).collect())
        });
        json!({
            "name": report.name,
            "title": report.title,
            "columns": heads,
            "data": self.page().rows.iter().map(row).collect::<Vec<Json>>(),
            "totals": totals,
            "capped": self.page().capped,
            "mixed_currencies": self.listed.totals.mixed,
            "without_rate": self.listed.totals.missing,
        })
    }
}
