//! Tables as files: CSV and XLSX that no spreadsheet takes for formulas. Pages, the API and steps write with this.

use kontor_model::Value;
use kontor_model::format::Format;
use kontor_model::format::report::{dimension_text, measure_text};
use kontor_model::query::Answer;

use crate::error::{Error, Result};

/// What a table is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileForm {
    /// Lines of text (RFC 4180).
    Csv,
    /// A workbook of one sheet.
    Xlsx,
}

impl FileForm {
    /// The ending of the file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

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

/// The groups of an answer.
pub fn of_answer(format: &Format, answer: &Answer) -> Table {
    let dimensions = answer.dimensions.iter().map(|head| head.title.clone());
    let headings = dimensions.chain(answer.measures.iter().map(|head| head.title.clone())).collect();
    let rows = answer
        .rows
        .iter()
        .map(|group| {
            let keys = group.keys.iter().map(|key| match &key.value {
                Value::Integer(_) | Value::Decimal(_) => cell(&key.value, String::new),
                _ => Cell::Text(dimension_text(format, key)),
            });
            let values = group
                .values
                .iter()
                .zip(&answer.measures)
                .map(|(value, head)| cell(value, || measure_text(format, head, value)));
            keys.chain(values).collect()
        })
        .collect();
    Table { headings, rows }
}

/// A text that a spreadsheet must not run (OWASP, "CSV Injection"): a leading `= + - @`, tab or return gets an apostrophe.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

impl Table {
    /// The table in a form.
    ///
    /// # Errors
    /// When the table is larger than a file of the form can be.
    pub fn bytes(&self, form: FileForm) -> Result<Vec<u8>> {
        match form {
            FileForm::Csv => self.csv(),
            FileForm::Xlsx => self.xlsx(),
        }
    }

    /// The table as CSV (RFC 4180, UTF-8 with the mark that spreadsheets look for).
    ///
    /// # Errors
    /// When the table cannot be written, which does not happen in memory.
    pub fn csv(&self) -> Result<Vec<u8>> {
        let failed = |error: csv::Error| Error::internal(error);
        let mut bytes = "\u{feff}".as_bytes().to_vec();
        {
            let mut writer =
                csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(&mut bytes);
            writer.write_record(self.headings.iter().map(|heading| harmless(heading))).map_err(failed)?;
            for row in &self.rows {
                let cells = row.iter().map(|cell| match cell {
                    Cell::Text(text) => harmless(text),
                    Cell::Number(digits) => digits.clone(),
                });
                writer.write_record(cells).map_err(failed)?;
            }
        }
        Ok(bytes)
    }

    /// The table as a workbook of one sheet.
    ///
    /// # Errors
    /// When the table is larger than a sheet can be.
    pub fn xlsx(&self) -> Result<Vec<u8>> {
        let failed = |error: rust_xlsxwriter::XlsxError| Error::internal(error);
        let mut workbook = rust_xlsxwriter::Workbook::new();
        let sheet = workbook.add_worksheet();
        let bold = rust_xlsxwriter::Format::new().set_bold();
        for (column, heading) in (0_u16..).zip(&self.headings) {
            sheet.write_string_with_format(0, column, heading, &bold).map_err(failed)?;
        }
        for (row, cells) in (1_u32..).zip(&self.rows) {
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
        workbook.save_to_buffer().map_err(failed)
    }
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
