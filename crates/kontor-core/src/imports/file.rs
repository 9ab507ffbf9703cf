//! Reads CSV and XLSX files into rows of text, within bounds.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use kontor_model::Problem;

use crate::error::{Error, Result};

/// The largest file.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;
/// The most rows of a file.
const MAX_ROWS: usize = 500_000;
/// Where the lines of a second file begin to count, so that each line has a number of its own.
pub const SECOND: usize = 10_000_000;
/// The most columns.
const MAX_COLUMNS: usize = 500;

/// A file as rows of text.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The names of the columns, trimmed.
    pub columns: Vec<String>,
    /// The rows: the line in the file, from 1, and one cell per column.
    pub rows: Vec<(usize, Vec<String>)>,
}

/// Reads a file by its name's ending.
///
/// # Errors
/// `file_too_large`, `file_unreadable`, `too_many_rows`, `no_columns`, `column_twice`.
pub fn read(name: &str, bytes: &[u8]) -> Result<Table> {
    if bytes.len() > MAX_BYTES {
        return Err(Problem::new("file_too_large", "/file").with("limit", MAX_BYTES / 1024 / 1024).into());
    }
    let is_xlsx = name.to_lowercase().ends_with(".xlsx") || bytes.starts_with(b"PK\x03\x04");
    let table = if is_xlsx { xlsx(bytes)? } else { csv(bytes)? };
    check(&table)?;
    Ok(table)
}

/// The number of a line as people count: `2/12` is line 12 of the second file.
pub fn told_line(line: usize) -> String {
    if line < SECOND { line.to_string() } else { format!("2/{}", line - SECOND) }
}

impl Table {
    /// Adds the rows of a list from a file of their own: `key` is the column of this file that names a record, `column`
    /// that of the other. Its columns are named after the list: `lines.quantity`.
    ///
    /// # Errors
    /// `unknown_column`, `too_many_rows`, `column_twice`.
    pub fn join(mut self, list: &str, rows: &Self, key: &str, column: &str) -> Result<Self> {
        let unknown = |name: &str| Error::from(Problem::new("unknown_column", "/rows").with("column", name));
        let find = |table: &Self, name: &str| table.columns.iter().position(|own| own == name);
        let own = find(&self, key).ok_or_else(|| unknown(key))?;
        let other = find(rows, column).ok_or_else(|| unknown(column))?;
        if self.rows.len() + rows.rows.len() > MAX_ROWS {
            return Err(too_many());
        }
        let width = self.columns.len();
        let prefix = format!("{list}.");
        let others = || (0..rows.columns.len()).filter(move |index| *index != other);
        for name in others().filter_map(|index| rows.columns.get(index)) {
            let is_named = name.is_empty() || name.starts_with(&prefix);
            self.columns.push(if is_named { name.clone() } else { format!("{prefix}{name}") });
        }
        for (_, cells) in &mut self.rows {
            cells.resize(self.columns.len(), String::new());
        }
        for (line, cells) in &rows.rows {
            let mut joined = vec![String::new(); width];
            if let (Some(cell), Some(key)) = (joined.get_mut(own), cells.get(other)) {
                cell.clone_from(key);
            }
            joined.extend(others().map(|index| cells.get(index).cloned().unwrap_or_default()));
            self.rows.push((SECOND + line, joined));
        }
        check(&self)?;
        Ok(self)
    }
}

fn check(table: &Table) -> Result<()> {
    if table.columns.iter().all(String::is_empty) {
        return Err(Problem::new("no_columns", "/file").into());
    }
    if table.columns.len() > MAX_COLUMNS {
        return Err(Problem::new("too_many_columns", "/file").with("limit", MAX_COLUMNS).into());
    }
    for (index, column) in table.columns.iter().enumerate() {
        if !column.is_empty() && table.columns.iter().take(index).any(|other| other == column) {
            return Err(Problem::new("column_twice", "/file").with("column", column).into());
        }
    }
    Ok(())
}

fn too_many() -> Error {
    Problem::new("too_many_rows", "/file").with("limit", MAX_ROWS).into()
}

fn unreadable(reason: impl ToString) -> Error {
    Problem::new("file_unreadable", "/file").with("reason", reason.to_string()).into()
}

fn csv(bytes: &[u8]) -> Result<Table> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Error::from(Problem::new("file_not_utf8", "/file").with("position", error.valid_up_to()))
    })?;
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter(text)).flexible(true).from_reader(text.as_bytes());
    let columns: Vec<String> =
        reader.headers().map_err(unreadable)?.iter().map(|column| column.trim().to_owned()).collect();
    let mut rows = Vec::new();
    let mut lines = Lines::default();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        if rows.len() >= MAX_ROWS {
            return Err(too_many());
        }
        let start = record.position().map_or(0, csv::Position::byte);
        let line = lines.at(text, usize::try_from(start).unwrap_or(0));
        if record.len() > columns.len() {
            let problem =
                Problem::new("too_many_cells", "/file").with("line", line).with("count", columns.len());
            return Err(problem.into());
        }
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let mut cells: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
        cells.resize(columns.len(), String::new());
        rows.push((line, cells));
    }
    Ok(Table { columns, rows })
}

/// Counts lines on the way through a text. The reader's own count stands still inside a line end of two characters.
#[derive(Default)]
struct Lines {
    seen: usize,
    ends: usize,
}

impl Lines {
    /// The line, from 1, of the first letter at or after a byte that begins a record.
    fn at(&mut self, text: &str, start: usize) -> usize {
        let rest = text.as_bytes().get(start..).unwrap_or_default();
        let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let here = start + blank;
        let passed = text.get(self.seen..here).unwrap_or_default();
        self.ends += passed.matches('\n').count();
        self.seen = here;
        self.ends + 1
    }
}

/// What separates the cells: whichever of comma, semicolon and tab the first line holds most of.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|byte| (first.bytes().filter(|one| one == byte).count(), *byte == b','))
        .unwrap_or(b',')
}

fn xlsx(bytes: &[u8]) -> Result<Table> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let sheet = book.worksheet_range_at(0).ok_or_else(|| unreadable("no sheet"))?.map_err(unreadable)?;
    let mut lines = sheet.rows();
    let columns: Vec<String> =
        lines.next().unwrap_or_default().iter().map(|cell| text_of(cell).trim().to_owned()).collect();
    let mut rows = Vec::new();
    for (index, line) in lines.enumerate() {
        if rows.len() >= MAX_ROWS {
            return Err(too_many());
        }
        let mut cells: Vec<String> = line.iter().map(|cell| text_of(cell).trim().to_owned()).collect();
        if cells.iter().all(String::is_empty) {
            continue;
        }
        cells.resize(columns.len(), String::new());
        rows.push((index + 2, cells));
    }
    Ok(Table { columns, rows })
}

/// A cell as somebody would have typed it: whole numbers without a point, dates in ISO form.
fn text_of(cell: &Data) -> String {
    match cell {
        Data::Empty | Data::Error(_) => String::new(),
        Data::DateTime(moment) => match moment.as_datetime() {
            Some(moment) if moment.time() == chrono::NaiveTime::MIN => moment.date().to_string(),
            Some(moment) => moment.format("%Y-%m-%dT%H:%M:%S").to_string(),
            None => moment.to_string(),
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn reads_what_spreadsheets_write() {
        let table = read("a.csv", "\u{feff}name;price\r\n\"A; b\";1,5\r\n\r\n c ;2\r\n".as_bytes()).unwrap();
        assert_eq!(table.columns, ["name", "price"]);
        assert_eq!(
            table.rows,
            [(2, vec!["A; b".to_owned(), "1,5".into()]), (4, vec!["c".into(), "2".into()])]
        );
    }

    #[test]
    fn refuses_what_cannot_be_told_apart() {
        assert!(read("a.csv", b"a,a\n1,2\n").is_err());
        assert!(read("a.csv", b"a,b\n1,2,3\n").is_err());
        assert!(read("a.csv", b"a,b\n\xff,2\n").is_err());
        assert!(read("a.csv", b"").is_err());
        assert!(read("a.xlsx", b"PK\x03\x04nonsense").is_err());
    }
}
