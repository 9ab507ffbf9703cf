//! Tables and charts as downloads: CSV, XLSX, SVG.

use std::cmp::Ordering;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use kontor_core::reports::table::{self, FileForm};
pub use kontor_core::reports::table::{Cell, Table, cell};
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::report::{Chart, ReportDefinition, ReportType};
use kontor_model::query::{Answer, DimensionValue, Group};
use kontor_model::{FieldModel, Value};
use kontor_view::chart::{self, ChartType};
use kontor_view::present::report;

use super::Reading;
use super::side_order::SideOrder;
use crate::error::Failure;

/// The text of a value in a file, which is read back to the same value; of files, the names alone.
pub fn text_of(field: &FieldModel, value: &Value, zone: chrono_tz::Tz) -> String {
    if field.kind.holds_files() {
        field.kind.title(field, value, zone)
    } else {
        field.kind.to_text(field, value, zone)
    }
}

/// The groups of an answer, as the reader reads them.
pub fn answer_table(reading: &Reading<'_>, answer: &Answer) -> Table {
    table::of_answer(&reading.format, answer)
}

/// The table as CSV.
///
/// # Errors
/// When the table cannot be written, which does not happen in memory.
pub fn csv(name: &str, table: &Table) -> Result<Response, Failure> {
    Ok(of(name, FileForm::Csv, table.csv()?))
}

/// The table as a workbook of one sheet.
///
/// # Errors
/// When the table is larger than a sheet can be.
pub fn xlsx(name: &str, table: &Table) -> Result<Response, Failure> {
    Ok(of(name, FileForm::Xlsx, table.xlsx()?))
}

fn of(name: &str, form: FileForm, bytes: Vec<u8>) -> Response {
    file(name, form.extension(), form.media_type(), bytes)
}

/// The chart of a report as a picture; `None` when it has none.
pub fn svg(reading: &Reading<'_>, definition: &ReportDefinition, answer: &Answer) -> Option<Response> {
    let (kind, data) = chart_of(reading, definition, answer, &|_| String::new())?;
    let picture = chart::file(kind, &data, reading.words());
    Some(file(&definition.name, "svg", "image/svg+xml", picture.into_bytes()))
}

/// How a report is drawn that does not say it: a trend is a line.
fn usual_chart(definition: &ReportDefinition) -> Option<Chart> {
    let time = definition.rows.first().filter(|_| definition.report_type == ReportType::Trend)?;
    Some(Chart {
        chart_type: "line".to_owned(),
        x: time.name().to_owned(),
        y: definition.measures.iter().take(1).map(|measure| measure.name.clone()).collect(),
        stack: definition.columns.first().map(|column| column.name().to_owned()),
    })
}

/// The chart of a report: its type and data; `drill` gives the address of the records behind a group.
pub fn chart_of(
    reading: &Reading<'_>,
    definition: &ReportDefinition,
    answer: &Answer,
    drill: &dyn Fn(&Group) -> String,
) -> Option<(ChartType, chart::ChartData)> {
    let usual = usual_chart(definition);
    let written = definition.chart.as_ref().or(usual.as_ref())?;
    let measure = written.y.first()?;
    let stack = written.stack.as_deref();
    let over_time = answer.dimensions.iter().any(|head| head.name == written.x && head.by.is_some());
    // A lying bar is called `row` in definitions; a pie is drawn as bars, which are easier to compare.
    let name = match written.chart_type.as_str() {
        "row" | "pie" => "bar",
        other => other,
    };
    let kind = ChartType::named(name, stack.is_some(), over_time)?;
    let orders: Vec<SideOrder> = (0..answer.dimensions.len())
        .map(|dimension| SideOrder::of(reading, definition, answer, dimension))
        .collect();
    let order = |dimension: usize, left: &DimensionValue, right: &DimensionValue| {
        orders.get(dimension).map_or(Ordering::Equal, |order| order.compare(left, right))
    };
    let mut data = report::chart(&reading.format, answer, (&written.x, stack), measure, drill, order)?;
    data.id = format!("chart-{}", definition.name);
    data.title = reading.label(DefinitionKind::Report, &definition.name, "title", &definition.title);
    Some((kind, data))
}

/// A download under a plain name.
pub fn file(name: &str, extension: &str, media: &'static str, bytes: Vec<u8>) -> Response {
    let plain: String = name
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' })
        .collect();
    let mut response = Body::from(bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{plain}.{extension}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
