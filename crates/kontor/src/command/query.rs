//! `query ENTITY`.

use kontor_core::Session;
use kontor_core::records::{self, Count, PageRequest, Sort, value_to_json};
use kontor_model::filter::FieldPath;
use kontor_model::{EntityModel, Filter, Json, Problem, Problems, Value};
use unicode_width::UnicodeWidthStr;

use crate::arguments::{Format, Query};
use crate::config::Config;
use crate::failure::Failure;
use crate::open;

/// A value, as JSON and as a text.
#[derive(Clone, Debug, Default)]
struct Cell {
    json: Json,
    text: String,
}

/// Prints records.
///
/// # Errors
/// A filter, sort or field that is wrong.
pub async fn run(config: &Config, query: Query) -> Result<(), Failure> {
    let workspace = open::existing(config, &config.workspace).await?;
    let session = open::operator(&workspace);
    let entity = session
        .entity(&query.entity)
        .map_err(|_| Failure::usage(format!("there is no entity `{}`", query.entity)))?;
    let names = names(&entity, query.fields.as_deref());
    let columns = paths(&session, &entity, &names)?;
    let filter = filter(&session, &entity, query.filter.as_deref())?;
    let sort = sort(&session, &entity, query.sort.as_deref())?;
    let mut after = None;
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    loop {
        let request = PageRequest {
            columns: columns.clone(),
            filter: filter.clone(),
            sort: sort.clone(),
            limit: 500,
            after,
            count: Count::None,
            ..PageRequest::default()
        };
        let page = records::page(&session, &entity, request).await?;
        for row in &page.rows {
            let values = columns.iter().zip(&row.values).map(|(path, value)| {
                let Some(field) = path.resolve(&session.model) else { return Cell::default() };
                let json = value_to_json(field, value, &page.titles);
                // What is made of parts, or is JSON itself, is written as its kind writes it, and read back as such.
                let text = match value {
                    Value::Json(_) => field.kind.to_text(field, value, session.actor.zone),
                    _ => plain(&json),
                };
                Cell { json, text }
            });
            rows.push(values.collect());
        }
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    print(&names, &rows, query.format);
    workspace.store.close().await;
    Ok(())
}

fn names(entity: &EntityModel, fields: Option<&str>) -> Vec<String> {
    match fields {
        Some(fields) => {
            fields.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
        }
        None => std::iter::once("id".to_owned())
            .chain(
                // What holds records of another object is asked for there.
                entity
                    .own_fields()
                    .filter(|field| field.part.is_none() && !field.kind.is_list())
                    .map(|field| field.name.clone()),
            )
            .collect(),
    }
}

fn paths(session: &Session, entity: &EntityModel, names: &[String]) -> Result<Vec<FieldPath>, Failure> {
    let parsed: Result<Vec<_>, Problem> =
        names.iter().map(|name| FieldPath::parse(name, entity, &session.model)).collect();
    parsed.map_err(|problem| Failure::of_problems(&Problems::from(problem), &open::english()))
}

fn filter(session: &Session, entity: &EntityModel, written: Option<&str>) -> Result<Filter, Failure> {
    let Some(written) = written else { return Ok(Filter::True) };
    let json = serde_json::from_str(written)
        .map_err(|error| Failure::usage(format!("--filter is no JSON: {error}")))?;
    Filter::parse(&json, entity, &session.model)
        .map_err(|problems| Failure::of_problems(&problems, &open::english()))
}

fn sort(session: &Session, entity: &EntityModel, written: Option<&str>) -> Result<Vec<Sort>, Failure> {
    let mut keys = Vec::new();
    for key in written.unwrap_or_default().split(',').filter(|key| !key.is_empty()) {
        let (descending, name) = key.strip_prefix('-').map_or((false, key), |name| (true, name));
        let path = FieldPath::parse(name, entity, &session.model)
            .map_err(|problem| Failure::of_problems(&Problems::from(problem), &open::english()))?;
        keys.push(Sort { path, descending });
    }
    Ok(keys)
}

/// Writes the rows to standard output.
fn print(names: &[String], rows: &[Vec<Cell>], format: Format) {
    let text = match format {
        Format::Json => {
            let list: Vec<Json> = rows
                .iter()
                .map(|row| {
                    let values = row.iter().map(|cell| cell.json.clone());
                    Json::Object(names.iter().cloned().zip(values).collect())
                })
                .collect();
            format!("{}\n", serde_json::to_string_pretty(&list).unwrap_or_default())
        }
        Format::Csv => {
            let line = |cells: Vec<String>| format!("{}\n", cells.join(","));
            let head = line(names.iter().map(|name| cell(name)).collect());
            let body = rows.iter().map(|row| line(row.iter().map(|one| cell(&one.text)).collect()));
            std::iter::once(head).chain(body).collect()
        }
        Format::Table => table(names, rows),
    };
    crate::output::write(format_args!("{text}"));
}

fn table(names: &[String], rows: &[Vec<Cell>]) -> String {
    let shown = |cell: &Cell| cell.text.replace(['\n', '\r'], " ");
    let texts: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(shown).collect()).collect();
    let width = |column: usize| {
        let cells = texts.iter().filter_map(|row| row.get(column)).map(|text| text.width());
        cells.chain(names.get(column).map(|name| name.width())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..names.len()).map(width).collect();
    let line = |cells: &[String]| {
        let mut line = String::new();
        for (text, width) in cells.iter().zip(&widths) {
            line.push_str(text);
            line.push_str(&" ".repeat(width.saturating_sub(text.width()) + 2));
        }
        format!("{}\n", line.trim_end())
    };
    std::iter::once(line(names)).chain(texts.iter().map(|row| line(row))).collect()
}

/// A value as a person reads it: a link by its title.
fn plain(json: &Json) -> String {
    match json {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Object(object) => {
            let title = object.get("title").or_else(|| object.get("id"));
            title.and_then(Json::as_str).unwrap_or_default().to_owned()
        }
        Json::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(" | "),
        other => other.to_string(),
    }
}

/// A cell of a file that a spreadsheet opens: quoted where needed, and never read as a formula.
pub(super) fn cell(text: &str) -> String {
    let is_number = text.parse::<f64>().is_ok();
    let text = if !is_number && text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}
