//! Records as rows of a table: which columns, what stands in the cells.

use kontor_core::records::{RecordPage, fields_beside, named, value_to_json};
use kontor_model::filter::FieldPath;
use kontor_model::kind::NumberStyle;
use kontor_model::{EntityModel, FieldModel, Value};
use kontor_view::field::Cell;
use kontor_view::page::part::{Column, Row, place_columns};

use super::{Reading, values};
use crate::extract::list;

/// The columns of a table, with what must be read beside them: currencies of money, the title of each record.
pub struct Wanted {
    columns: Vec<One>,
    title: usize,
    paths: Vec<FieldPath>,
    entity: String,
}

struct One {
    name: String,
    path: FieldPath,
    heading: Option<String>,
    currency: Option<usize>,
    is_masked: bool,
}

impl Wanted {
    /// Columns by the names of their paths; those that the reader may not see are left out, and those that are masked show
    /// their masks.
    pub fn new(reading: &Reading<'_>, entity: &EntityModel, names: &[String]) -> Self {
        Self::with_headings(reading, entity, names.iter().map(|name| (name.clone(), None)))
    }

    /// The same with headings of their own.
    pub fn with_headings(
        reading: &Reading<'_>,
        entity: &EntityModel,
        names: impl IntoIterator<Item = (String, Option<String>)>,
    ) -> Self {
        let mut columns: Vec<One> = names
            .into_iter()
            .filter_map(|(name, heading)| {
                let path = shown_path(reading, entity, &name)?;
                let is_masked = is_masked(reading, &path);
                Some(One { name, path, heading, currency: None, is_masked })
            })
            .collect();
        let mut paths: Vec<FieldPath> = columns.iter().map(|column| column.path.clone()).collect();
        for column in columns.iter_mut().filter(|column| !column.is_masked) {
            if let Some(path) = values::currency_path(reading, &column.path) {
                column.currency = Some(paths.len());
                paths.push(path);
            }
        }
        // A name says little without whose it is.
        let display = FieldPath::own(entity.name.clone(), entity.display);
        for path in columns.iter().map(|column| column.path.clone()).chain([display.clone()]) {
            for other in beside(reading, &path) {
                if !paths.contains(&other) {
                    paths.push(other);
                }
            }
        }
        let title = match paths.iter().position(|path| *path == display) {
            Some(index) => index,
            None if values::is_readable(reading, entity, entity.display_field()) => {
                paths.push(display);
                paths.len() - 1
            }
            None => usize::MAX,
        };
        Self { columns, title, paths, entity: entity.name.clone() }
    }

    /// What a query must give, in this order.
    pub fn paths(&self) -> Vec<FieldPath> {
        self.paths.clone()
    }

    /// Names and paths of the columns themselves.
    pub fn named(&self) -> impl Iterator<Item = (&str, &FieldPath)> {
        self.columns.iter().map(|column| (column.name.as_str(), &column.path))
    }

    /// The columns, by their places, that no file holds: rows have files of their own, and of a mask nothing could be brought
    /// in again.
    pub fn not_in_files(&self, reading: &Reading<'_>) -> Vec<usize> {
        let is_rows = |path: &FieldPath| {
            let list = path.resolve(&reading.session.model).and_then(|field| field.list.as_ref());
            list.is_some_and(|list| list.through.is_none())
        };
        let columns = self.columns.iter().enumerate();
        columns.filter(|(_, one)| one.is_masked || is_rows(&one.path)).map(|(place, _)| place).collect()
    }

    /// Headings; `sort` gives address and direction by a column's name.
    pub fn columns(&self, reading: &Reading<'_>, sort: impl Fn(&str) -> (String, String)) -> Vec<Column> {
        let mut columns: Vec<Column> = self
            .columns
            .iter()
            .map(|column| {
                let field = column.path.resolve(&reading.session.model);
                let can_sort = field.is_some_and(FieldModel::is_sortable) && !column.is_masked;
                let (sort_href, sorted) =
                    if can_sort { sort(&column.name) } else { (String::new(), String::new()) };
                Column {
                    name: column.name.clone(),
                    title: column.heading.clone().unwrap_or_else(|| short_label(reading, &column.path)),
                    sort_href,
                    sorted,
                    number: field.is_some_and(|field| field.kind.is_number()),
                    ..Column::default()
                }
            })
            .collect();
        let is_date: Vec<bool> = self
            .columns
            .iter()
            .map(|column| {
                column.path.resolve(&reading.session.model).is_some_and(|field| field.kind.is_temporal())
            })
            .collect();
        let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
        place_columns(&mut columns, |column| {
            let index = names.iter().position(|name| *name == column.name);
            column.number || index.and_then(|index| is_date.get(index)).copied().unwrap_or(false)
        });
        // A bare number says nothing by itself: on a phone its heading stands before it.
        for (column, wanted) in columns.iter_mut().zip(&self.columns) {
            let field = wanted.path.resolve(&reading.session.model);
            let is_bare = field.is_some_and(|field| {
                field.kind.is_number() && matches!(field.kind.style(), NumberStyle::Plain)
            });
            if is_bare && column.place.starts_with("end") {
                column.place.push_str(" said");
            }
        }
        columns
    }

    /// Rows of a page that was asked for with [`Wanted::paths`].
    pub fn rows(&self, reading: &Reading<'_>, page: &RecordPage) -> Vec<Row> {
        page.rows
            .iter()
            .map(|row| {
                let mut cells: Vec<Cell> = self.cells(reading, page, &row.values);
                let title = self.title(reading, page, &row.values).unwrap_or_else(|| row.id.to_string());
                // The first column leads to the record: an empty cell would be a link without words.
                if let Some(first) = cells.first_mut().filter(|cell| cell.text.is_empty()) {
                    first.text.clone_from(&title);
                }
                Row { id: row.id.to_string(), title, href: reading.link_href(&self.entity, row.id), cells }
            })
            .collect()
    }

    /// The cells of one row.
    pub fn cells(&self, reading: &Reading<'_>, page: &RecordPage, row: &[Value]) -> Vec<Cell> {
        let presenter = reading.presenter(&page.titles);
        self.columns
            .iter()
            .zip(row)
            .map(|(column, value)| {
                let Some(entity) = reading.session.model.entity(&column.path.entity) else {
                    return Cell::default();
                };
                let Some(field) = entity.fields.get(column.path.field) else { return Cell::default() };
                let currency = column
                    .currency
                    .and_then(|index| row.get(index))
                    .and_then(Value::as_text)
                    .unwrap_or_default();
                let mut cell = presenter.cell(entity, field, value, currency);
                if let Some(title) = self.name_of(reading, &column.path, field, value, row) {
                    cell.text = title;
                }
                cell
            })
            .collect()
    }

    /// The title of one row's record.
    pub fn title(&self, reading: &Reading<'_>, page: &RecordPage, row: &[Value]) -> Option<String> {
        let value = row.get(self.title).filter(|value| !value.is_empty())?;
        let entity = reading.session.model.entity(&self.entity)?;
        let field = entity.display_field();
        if field.kind.is_link() {
            return value_to_json(field, value, &page.titles)
                .get("title")
                .and_then(|title| title.as_str())
                .map(str::to_owned);
        }
        let own = FieldPath::own(entity.name.clone(), field.index);
        let named = self.name_of(reading, &own, field, value, row);
        Some(named.unwrap_or_else(|| field.kind.title(field, value, reading.session.actor.zone)))
    }

    /// The title of what a value names, by the values of the row that say whose it is.
    fn name_of(
        &self,
        reading: &Reading<'_>,
        path: &FieldPath,
        field: &FieldModel,
        value: &Value,
        row: &[Value],
    ) -> Option<String> {
        let entity = reading.session.model.entity(&path.entity)?;
        let said = |name: &str| {
            let other = FieldPath { field: entity.field_index(name)?, ..path.clone() };
            let at = self.paths.iter().position(|known| *known == other)?;
            row.get(at)?.as_text().map(str::to_owned)
        };
        named(reading.session, field, value.as_text()?, &said)
    }
}

/// The paths of the fields, of those that may be read, which say whose the names at the end of a path are.
fn beside(reading: &Reading<'_>, path: &FieldPath) -> Vec<FieldPath> {
    let Some(entity) = reading.session.model.entity(&path.entity) else { return Vec::new() };
    let Some(field) = entity.fields.get(path.field) else { return Vec::new() };
    fields_beside(entity, field)
        .filter(|other| values::is_readable(reading, entity, other))
        .map(|other| FieldPath { field: other.index, ..path.clone() })
        .collect()
}

/// The path of a column: what may be read, and a field of the records themselves that is masked.
fn shown_path(reading: &Reading<'_>, entity: &EntityModel, name: &str) -> Option<FieldPath> {
    list::path(reading.session, entity, name).ok().or_else(|| {
        let own = FieldPath::own(entity.name.clone(), entity.field_index(name)?);
        is_masked(reading, &own).then_some(own)
    })
}

fn is_masked(reading: &Reading<'_>, path: &FieldPath) -> bool {
    let field = path.resolve(&reading.session.model);
    let access = reading.session.actor.access.entity(&path.entity);
    path.is_own() && field.is_some_and(|field| access.is_masked(&field.name))
}

/// The label of the field at the end of a path; of a path through links, the last link too.
fn short_label(reading: &Reading<'_>, path: &FieldPath) -> String {
    reading.path_label(path)
}
