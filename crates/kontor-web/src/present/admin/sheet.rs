//! A decision table as a sheet: the definition from the inputs of the page, and the page from a definition.

use kontor_model::table::Table;
use kontor_model::{FieldModel, Json, Problem, Problems, name};
use kontor_view::field::OptionView;
use kontor_view::page::admin::table::{TableCell, TableColumn, TablePage, TableRow};
use kontor_view::page::part::{Link, ProblemLine, Tab};
use serde_json::{Map, json};

use crate::extract::form::Form;
use crate::frame::address;
use crate::present::Reading;

/// Rows of one window.
pub const WINDOW: usize = 100;
/// Kinds of columns.
const KINDS: [&str; 8] = ["text", "integer", "decimal", "percent", "money", "boolean", "date", "choice"];
/// Before the number of a row, where each counts by itself.
const ROW: &str = "row.";
const MATCHES: [&str; 3] = ["eq", "at_least", "at_most"];

/// Where the rows of a version stand.
pub fn rows_at(body: &Json, version: &str) -> String {
    let versions = body.get("versions").and_then(Json::as_array).into_iter().flatten();
    let found = versions.into_iter().position(|one| text(one, "name") == version && !version.is_empty());
    found.map_or_else(|| "/rows".to_owned(), |index| format!("/versions/{index}/rows"))
}

fn text<'j>(json: &'j Json, key: &str) -> &'j str {
    json.get(key).and_then(Json::as_str).unwrap_or_default()
}

/// The definition that the page describes: columns, and the window's rows among the others.
pub fn read(reading: &Reading<'_>, body: &Json, sent: &Form) -> Json {
    let mut changed = body.as_object().cloned().unwrap_or_default();
    changed.insert("title".into(), sent.text("title").trim().into());
    for (key, side) in [("inputs", "in"), ("outputs", "out")] {
        let columns = columns(body, key, side, sent);
        changed.insert(key.into(), columns.into());
    }
    let mut changed = Json::Object(changed);
    let at = rows_at(&changed, sent.text("version"));
    let day = sent.text("valid_from").trim();
    let holder = at.strip_suffix("/rows").unwrap_or_default().to_owned();
    if let Some(object) = changed.pointer_mut(&holder).and_then(Json::as_object_mut) {
        if day.is_empty() {
            object.shift_remove("valid_from");
        } else {
            object.insert("valid_from".into(), day.into());
        }
    }
    let from = sent.text("from").parse::<usize>().unwrap_or(0);
    let stored = changed.pointer(&at).and_then(Json::as_array).cloned().unwrap_or_default();
    let mut rows: Vec<Json> = stored.iter().take(from).cloned().collect();
    rows.extend(window(reading, &changed, sent));
    rows.extend(stored.into_iter().skip(from + WINDOW));
    crate::routes::admin::condition::set(&mut changed, &at, Some(Json::Array(rows)));
    changed
}

/// What a page shows of a table: its columns, and one window of the rows of one version.
pub fn part(body: &Json, version: &str, from: usize) -> Json {
    let at = rows_at(body, version);
    let rows = body.pointer(&at).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let holder = body.pointer(at.strip_suffix("/rows").unwrap_or_default()).unwrap_or(&Json::Null);
    let window: Vec<Json> = rows.iter().skip(from).take(WINDOW).cloned().collect();
    json!({
        "title": text(body, "title"), "valid_from": text(holder, "valid_from"),
        "inputs": body.get("inputs").cloned().unwrap_or_else(|| json!([])),
        "outputs": body.get("outputs").cloned().unwrap_or_else(|| json!([])), "rows": window, "from": from
    })
}

/// A table with that window as a part says it.
pub fn with_part(body: &Json, version: &str, from: usize, part: &Json) -> Json {
    let mut whole = body.clone();
    let at = rows_at(body, version);
    let holder = at.strip_suffix("/rows").unwrap_or_default().to_owned();
    if let Some(object) = whole.as_object_mut() {
        for key in ["title", "inputs", "outputs"] {
            object.insert(key.to_owned(), part.get(key).cloned().unwrap_or_default());
        }
    }
    if let Some(object) = whole.pointer_mut(&holder).and_then(Json::as_object_mut) {
        match text(part, "valid_from") {
            "" => drop(object.shift_remove("valid_from")),
            day => drop(object.insert("valid_from".into(), day.into())),
        }
    }
    let stored = body.pointer(&at).and_then(Json::as_array).cloned().unwrap_or_default();
    let own = part.get("rows").and_then(Json::as_array).cloned().unwrap_or_default();
    let mut rows: Vec<Json> = stored.iter().take(from).cloned().collect();
    rows.extend(own);
    rows.extend(stored.into_iter().skip(from + WINDOW));
    crate::routes::admin::condition::set(&mut whole, &at, Some(Json::Array(rows)));
    whole
}

/// A part with each row at a key of its own, where all three have equally many: so two people change two rows. Where one
/// of them has more or fewer, a row's number says nothing of which row it is, and the rows count as one.
pub fn by_row(part: &Json, others: &[&Json]) -> Json {
    let count = |part: &Json| part.get("rows").and_then(Json::as_array).map_or(0, Vec::len);
    let mut flat = part.as_object().cloned().unwrap_or_default();
    if others.iter().any(|other| count(other) != count(part)) {
        return Json::Object(flat);
    }
    let from = part.get("from").and_then(Json::as_u64).unwrap_or(0);
    if let Some(Json::Array(rows)) = flat.shift_remove("rows") {
        flat.extend((from..).zip(rows).map(|(index, row)| (format!("{ROW}{index}"), row)));
    }
    Json::Object(flat)
}

/// The part again.
pub fn whole_rows(flat: Json) -> Json {
    let Json::Object(mut flat) = flat else { return flat };
    if !flat.contains_key("rows") {
        let keys: Vec<String> = flat.keys().filter(|key| key.starts_with(ROW)).cloned().collect();
        let mut rows: Vec<(usize, Json)> = keys
            .iter()
            .filter_map(|key| Some((key.strip_prefix(ROW)?.parse().ok()?, flat.shift_remove(key)?)))
            .collect();
        rows.sort_by_key(|(index, _)| *index);
        flat.insert("rows".into(), rows.into_iter().map(|(_, row)| row).collect());
    }
    Json::Object(flat)
}

fn columns(body: &Json, key: &str, side: &str, sent: &Form) -> Vec<Json> {
    let stored = body.get(key).and_then(Json::as_array).cloned().unwrap_or_default();
    let mut found: Vec<Json> = Vec::new();
    for number in 1..=20 {
        let input = |what: &str| sent.text(&format!("{side}.{number}.{what}")).trim().to_owned();
        let (own, title) = (input("name"), input("title"));
        if title.is_empty() {
            continue;
        }
        let is_taken = |name: &str| {
            let both =
                ["inputs", "outputs"].into_iter().filter_map(|key| body.get(key)?.as_array()).flatten();
            both.chain(&found).any(|column| text(column, "name") == name)
        };
        let name = if own.is_empty() { name::derive(&title, is_taken) } else { own };
        let known = stored.iter().find(|column| text(column, "name") == name);
        let mut column = known.and_then(Json::as_object).cloned().unwrap_or_default();
        column.insert("name".into(), name.into());
        column.insert("title".into(), title.into());
        column.insert("kind".into(), input("kind").into());
        match input("match").as_str() {
            "" | "eq" => drop(column.shift_remove("match")),
            matching => drop(column.insert("match".into(), matching.into())),
        }
        found.push(Json::Object(column));
    }
    found
}

/// The rows of the page; those without a cell are left out.
fn window(reading: &Reading<'_>, body: &Json, sent: &Form) -> Vec<Json> {
    let fields = fields_of(body);
    let mut numbers: Vec<usize> = sent
        .0
        .iter()
        .filter_map(|(name, _)| name.strip_prefix("row.")?.strip_suffix(".name")?.parse().ok())
        .collect();
    numbers.sort_unstable();
    let dropped = sent.text("_do").strip_prefix("drop.").and_then(|number| number.parse::<usize>().ok());
    let mut rows = Vec::new();
    for number in numbers.into_iter().filter(|number| Some(*number) != dropped) {
        let mut cells = Map::new();
        for field in &fields {
            let typed = sent.text(&format!("cell.{number}.{}", field.name)).trim().to_owned();
            if !typed.is_empty() {
                cells.insert(field.name.clone(), cell(reading, field, &typed));
            }
        }
        rows.extend(row(cells, sent.text(&format!("row.{number}.name"))));
    }
    rows
}

fn row(cells: Map<String, Json>, name: &str) -> Option<Json> {
    if cells.is_empty() {
        return None;
    }
    Some(if name.is_empty() { json!({ "cells": cells }) } else { json!({ "name": name, "cells": cells }) })
}

/// What was typed into a column of numbers as English is written.
pub fn written(reading: &Reading<'_>, field: &FieldModel, typed: &str) -> String {
    if field.kind.is_number() { reading.format.conventions.read(typed) } else { typed.to_owned() }
}

/// A value of a column as the reader types it.
pub fn shown(reading: &Reading<'_>, field: &FieldModel, text: &str) -> String {
    if field.kind.is_number() { reading.format.conventions.typed(text) } else { text.to_owned() }
}

/// Problems of a table with where they stand in words: the row and the column.
pub fn lines(reading: &Reading<'_>, body: &Json, problems: &Problems) -> Vec<ProblemLine> {
    let place = |path: &str| -> (String, String) {
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let at = parts.iter().position(|part| *part == "rows");
        let row = at.and_then(|at| parts.get(at + 1)?.parse::<usize>().ok());
        let (Some(at), Some(row)) = (at, row) else {
            return match parts.first() {
                Some(&"title") => ("t-title".to_owned(), reading.t("item.title")),
                Some(&"valid_from" | &"new_from") => ("t-from".to_owned(), reading.t("table.valid_from")),
                Some(&"rows") => (String::new(), reading.t("table.rows")),
                Some(row) if row.starts_with(ROW) => {
                    let number = row.strip_prefix(ROW).and_then(|row| row.parse::<usize>().ok());
                    let number = number.map_or(0, |number| number + 1).to_string();
                    (String::new(), reading.words().with("table.row", &[("row", &number)]))
                }
                Some(&"inputs" | &"outputs") => (String::new(), reading.t("table.columns")),
                Some(name) => (String::new(), title_of(body, name).unwrap_or_default()),
                None => (String::new(), String::new()),
            };
        };
        let number = (row + 1).to_string();
        let said = reading.words().with("table.row", &[("row", &number)]);
        let column = parts.iter().skip(at + 2).find(|part| **part != "cells").copied().unwrap_or_default();
        match title_of(body, column) {
            Some(title) => (format!("t-{number}-{column}"), format!("{said} · {title}")),
            None => (String::new(), said),
        }
    };
    let line = |problem: &Problem| {
        let (anchor, label) = place(&problem.path);
        ProblemLine { anchor, label, message: problem.message(&reading.labels), ..ProblemLine::default() }
    };
    problems.iter().map(line).collect()
}

/// What a column is called.
fn title_of(body: &Json, name: &str) -> Option<String> {
    let both = ["inputs", "outputs"].into_iter().filter_map(|key| body.get(key)?.as_array()).flatten();
    let column = both.into_iter().find(|column| text(column, "name") == name)?;
    let title = text(column, "title");
    Some(if title.is_empty() { name.to_owned() } else { title.to_owned() })
}

/// What was typed as definitions write it; what cannot be read stays as it is, and is refused by name.
fn cell(reading: &Reading<'_>, field: &FieldModel, typed: &str) -> Json {
    match field.kind.parse_text(field, &written(reading, field, typed), &reading.session.parse_context()) {
        Ok(value) if !value.is_empty() => field.kind.to_json(field, &value),
        _ => typed.into(),
    }
}

/// The columns as fields, inputs first; what does not compile has none.
fn fields_of(body: &Json) -> Vec<FieldModel> {
    let mut bare = body.as_object().cloned().unwrap_or_default();
    bare.insert("rows".into(), Json::Array(Vec::new()));
    bare.shift_remove("versions");
    bare.shift_remove("valid_from");
    Table::compile("", &Json::Object(bare)).map_or_else(
        |_| Vec::new(),
        |table| table.inputs.into_iter().map(|input| input.field).chain(table.outputs).collect(),
    )
}

/// Rows from a text that was copied from a spreadsheet: tabs, semicolons or commas. A first line of headings is left
/// out and says which column is which; else the columns follow one another.
pub fn pasted(reading: &Reading<'_>, body: &Json, text: &str) -> Vec<Json> {
    let fields = fields_of(body);
    let first = text.lines().next().unwrap_or_default();
    let delimiter =
        [b'\t', b';', b','].into_iter().find(|mark| first.as_bytes().contains(mark)).unwrap_or(b'\t');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut order: Vec<Option<&FieldModel>> = fields.iter().map(Some).collect();
    let mut rows = Vec::new();
    for (index, record) in reader.records().filter_map(Result::ok).enumerate() {
        let same = |field: &&FieldModel, head: &str| {
            let fold = kontor_model::value::fold;
            fold(&field.title) == fold(head.trim()) || field.name == head.trim()
        };
        if index == 0 && record.iter().all(|head| fields.iter().any(|field| same(&field, head))) {
            order = record.iter().map(|head| fields.iter().find(|field| same(field, head))).collect();
            continue;
        }
        let mut cells = Map::new();
        for (field, typed) in order.iter().zip(record.iter()) {
            if let (Some(field), false) = (field, typed.trim().is_empty()) {
                cells.insert(field.name.clone(), cell(reading, field, typed.trim()));
            }
        }
        rows.extend(row(cells, ""));
    }
    rows
}

/// The page of a definition. `blank` empty rows follow its own.
pub fn page(
    reading: &Reading<'_>,
    body: &Json,
    version: &str,
    from: usize,
    blank: usize,
    own: &str,
) -> TablePage {
    let fields = fields_of(body);
    let at = rows_at(body, version);
    let empty = Vec::new();
    let rows = body.pointer(&at).and_then(Json::as_array).unwrap_or(&empty);
    let holder = body.pointer(at.strip_suffix("/rows").unwrap_or_default()).unwrap_or(&Json::Null);
    let mut columns = Vec::new();
    for (key, side) in [("inputs", "in"), ("outputs", "out")] {
        let stored = body.get(key).and_then(Json::as_array).cloned().unwrap_or_default();
        let blank = json!({ "kind": "text" });
        for (index, column) in stored.iter().chain(std::iter::once(&blank)).enumerate() {
            let option =
                |one: &&str, word: &str, chosen: &str| OptionView::new(*one, reading.t(word), *one == chosen);
            columns.push(TableColumn {
                side: side.to_owned(),
                number: (index + 1).to_string(),
                name: text(column, "name").to_owned(),
                title: match text(column, "title") {
                    "" => text(column, "name").to_owned(),
                    title => title.to_owned(),
                },
                kinds: KINDS
                    .iter()
                    .map(|one| option(one, &format!("kind.{one}.title"), text(column, "kind")))
                    .collect(),
                matches: if side == "in" {
                    let chosen = Some(text(column, "match")).filter(|one| !one.is_empty()).unwrap_or("eq");
                    MATCHES.iter().map(|one| option(one, &format!("table.match_{one}"), chosen)).collect()
                } else {
                    Vec::new()
                },
                asked: String::new(),
            });
        }
    }
    let shown = rows.iter().skip(from).take(WINDOW);
    let nothing = Json::Null;
    let mut lines = Vec::new();
    for (index, one) in shown.chain(std::iter::repeat_n(&nothing, blank)).enumerate() {
        let cells = fields.iter().map(|field| shown_cell(reading, field, one)).collect();
        lines.push(TableRow {
            number: (from + index + 1).to_string(),
            name: text(one, "name").to_owned(),
            cells,
        });
    }
    let is_input = |index: usize| index < body.get("inputs").and_then(Json::as_array).map_or(0, Vec::len);
    let heads = fields
        .iter()
        .enumerate()
        .map(|(index, field)| {
            let side = if is_input(index) { "table.in" } else { "table.out" };
            Link { note: reading.t(side), ..Link::new("", field.title.clone(), "") }
        })
        .collect();
    let query = |from: usize, version: &str| {
        address::with_query(own, [("version", version.to_owned()), ("from", from.to_string())])
    };
    let windows = (0..rows.len().div_ceil(WINDOW))
        .map(|window| Tab {
            href: query(window * WINDOW, version),
            title: format!("{}–{}", window * WINDOW + 1, rows.len().min((window + 1) * WINDOW)),
            current: window * WINDOW == from,
            ..Tab::default()
        })
        .collect();
    let mut versions = vec![Tab {
        href: query(0, ""),
        title: day_title(reading, text(body, "valid_from")),
        current: version.is_empty(),
        ..Tab::default()
    }];
    for one in body.get("versions").and_then(Json::as_array).into_iter().flatten() {
        versions.push(Tab {
            href: query(0, text(one, "name")),
            title: day_title(reading, text(one, "valid_from")),
            current: text(one, "name") == version,
            ..Tab::default()
        });
    }
    TablePage {
        table_title: text(body, "title").to_owned(),
        versions,
        version: version.to_owned(),
        valid_from: text(holder, "valid_from").to_owned(),
        columns,
        heads,
        rows: lines,
        from: from.to_string(),
        windows,
        ..TablePage::default()
    }
}

fn day_title(reading: &Reading<'_>, day: &str) -> String {
    match day.parse::<chrono::NaiveDate>() {
        Ok(day) => reading.words().with("table.from_day", &[("day", &reading.format.date(day))]),
        Err(_) => reading.t("table.always"),
    }
}

fn shown_cell(reading: &Reading<'_>, field: &FieldModel, row: &Json) -> TableCell {
    let json = row.get("cells").and_then(|cells| cells.get(&field.name)).unwrap_or(&Json::Null);
    let read = field.kind.parse_json(field, json, &reading.session.parse_context());
    let (value, wrong) = match (json, read) {
        (Json::Null, _) => (String::new(), false),
        (_, Ok(value)) => {
            let text = field.kind.to_text(field, &value, reading.session.actor.zone);
            (shown(reading, field, &text), false)
        }
        (Json::String(text), Err(_)) => (text.clone(), true),
        (json, Err(_)) => (json.to_string(), true),
    };
    TableCell { column: field.name.clone(), label: field.title.clone(), value, wrong }
}
