//! Tables and charts as files: CSV and XLSX that no spreadsheet takes for formulas, SVG.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::report::{Chart, ReportDefinition, ReportType};
use kontor_model::query::{Answer, Group};
use kontor_model::{FieldModel, Value};
use kontor_view::chart::{self, ChartType};
use kontor_view::present::report;

use super::Reading;
use crate::error::Failure;

/// A cell of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Text as it is.
    Text(String),
    /// A number with exactly its digits.
    Number(String),
}

/// Headings and rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The first line.
    pub headings: Vec<String>,
    /// The others.
    pub rows: Vec<Vec<Cell>>,
}

/// The cell of a value: numbers stay numbers, everything else is the text that it is given.
pub fn cell(value: &Value, text: impl FnOnce() -> String) -> Cell {
    match value {
        Value::Integer(number) => Cell::Number(number.to_string()),
        Value::Decimal(number) => Cell::Number(number.normalized().to_string()),
        _ => Cell::Text(text()),
    }
}

/// The text of a value in a file, which is read back to the same value; of files, the names alone.
pub fn text_of(field: &FieldModel, value: &Value, zone: chrono_tz::Tz) -> String {
    if field.kind.holds_files() {
        field.kind.title(field, value, zone)
    } else {
        field.kind.to_text(field, value, zone)
    }
}

/// The groups of an answer.
pub fn answer_table(reading: &Reading<'_>, answer: &Answer) -> Table {
    let dimensions = answer.dimensions.iter().map(|head| head.title.clone());
    let headings = dimensions.chain(answer.measures.iter().map(|head| head.title.clone())).collect();
    let rows = answer
        .rows
        .iter()
        .map(|group| {
            let keys = group.keys.iter().map(|key| match &key.value {
                Value::Integer(_) | Value::Decimal(_) => cell(&key.value, String::new),
                _ => Cell::Text(report::dimension_text(&reading.format, key)),
            });
            let values = group
                .values
                .iter()
                .zip(&answer.measures)
                .map(|(value, head)| cell(value, || report::measure_text(&reading.format, head, value)));
            keys.chain(values).collect()
        })
        .collect();
    Table { headings, rows }
}

/// A text that a spreadsheet must not run (OWASP, "CSV Injection"): a leading `= + - @`, tab or return gets an apostrophe.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

/// The table as CSV (RFC 4180, UTF-8 with the mark that spreadsheets look for).
///
/// # Errors
/// When the table cannot be written, which does not happen in memory.
pub fn csv(name: &str, table: &Table) -> Result<Response, Failure> {
    let failed = |error: csv::Error| Failure::Core(kontor_core::Error::internal(error));
    let mut bytes = "\u{feff}".as_bytes().to_vec();
    {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(&mut bytes);
        writer.write_record(table.headings.iter().map(|heading| harmless(heading))).map_err(failed)?;
        for row in &table.rows {
            let cells = row.iter().map(|cell| match cell {
                Cell::Text(text) => harmless(text),
                Cell::Number(digits) => digits.clone(),
            });
            writer.write_record(cells).map_err(failed)?;
        }
    }
    Ok(file(name, "csv", "text/csv; charset=utf-8", bytes))
}

/// The table as a workbook of one sheet.
///
/// # Errors
/// When the table is larger than a sheet can be.
pub fn xlsx(name: &str, table: &Table) -> Result<Response, Failure> {
    let failed = |error: rust_xlsxwriter::XlsxError| Failure::Core(kontor_core::Error::internal(error));
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    let bold = rust_xlsxwriter::Format::new().set_bold();
    for (column, heading) in (0_u16..).zip(&table.headings) {
        sheet.write_string_with_format(0, column, heading, &bold).map_err(failed)?;
    }
    for (row, cells) in (1_u32..).zip(&table.rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            match cell {
                Cell::Number(digits) => match digits.parse::<f64>() {
                    Ok(number) => sheet.write_number(row, column, number).map_err(failed)?,
                    Err(_) => sheet.write_string(row, column, digits).map_err(failed)?,
                },
                // A string cell is never taken for a formula.
                Cell::Text(text) => sheet.write_string(row, column, text).map_err(failed)?,
            };
        }
    }
    let bytes = workbook.save_to_buffer().map_err(failed)?;
    Ok(file(name, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", bytes))
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
    let mut data = report::chart(&reading.format, answer, &written.x, measure, stack, drill)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_runs_as_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert!(harmless(text).starts_with('\''), "{text:?}");
        }
        assert_eq!(harmless("a=b"), "a=b");
        assert_eq!(cell(&Value::Integer(-5), String::new), Cell::Number("-5".into()));
    }
}
