//! `admin/tables/{name}`: a decision table as a sheet, into the draft.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_model::definition::DefinitionKind;
use kontor_model::table::Table;
use kontor_model::{Json, Problem, Problems, name};
use kontor_view::page::part::Place;
use serde::Deserialize;
use serde_json::{Map, json};

use super::as_read;
use super::condition::set;
use super::draft::{self, Draft, text};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::Reading;
use crate::present::admin::sheet;
use crate::present::flash;
use crate::visit::Reader;

#[derive(Deserialize)]
pub struct TablePath {
    name: String,
}

/// The name in the address of one that has none yet.
const NEW: &str = "new";

/// What a new table begins with.
fn blank() -> Json {
    json!({
        "$schema": "https://kontor.dev/schemas/table.schema.json",
        "name": "", "title": "", "inputs": [], "outputs": [], "rows": []
    })
}

/// `GET`.
pub async fn show_table(
    reader: Reader,
    Path(path): Path<TablePath>,
    query: Query,
) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let body = match draft.definition(DefinitionKind::Table, &path.name) {
        Some(body) => body.clone(),
        None if path.name == NEW => blank(),
        None => return Err(Failure::not_found()),
    };
    let shown = Shown {
        version: query.text("version").to_owned(),
        from: query.text("from").parse().unwrap_or(0),
        ..Shown::default()
    };
    draw(&reader, &path.name, &body, shown).await
}

/// `POST`.
pub async fn save_table(
    reader: Reader,
    Path(path): Path<TablePath>,
    sent: Form,
) -> Result<Response, Failure> {
    let session = &reader.session;
    let draft = Draft::open(session).await?;
    let stored = match draft.definition(DefinitionKind::Table, &path.name) {
        Some(body) => body.clone(),
        None if path.name == NEW => blank(),
        None => return Err(Failure::not_found()),
    };
    let reading = reader.reading();
    let mut shown = Shown {
        version: sent.text("version").to_owned(),
        from: sent.text("from").parse().unwrap_or(0),
        ..Shown::default()
    };
    // The page acts on what it was drawn of; what others changed beside that stays.
    let standing = sheet::part(&stored, &shown.version, shown.from);
    let base = as_read::sent(&sent).unwrap_or_else(|| standing.clone());
    shown.read = as_read::carried(Some(&sent), &base);
    let drawn = sheet::with_part(&stored, &shown.version, shown.from, &base);
    let mut body = sheet::read(&reading, &drawn, &sent);
    if !matches!(sent.text("_do"), "row" | "columns" | "ask") && !sent.text("_do").starts_with("drop.") {
        let mine = sheet::part(&body, &shown.version, shown.from);
        let of = |part: &Json| sheet::by_row(part, &[&base, &standing, &mine]);
        match as_read::settle(&of(&base), &of(&standing), &of(&mine), &sent) {
            Ok(settled) => {
                let settled = sheet::whole_rows(settled);
                body = sheet::with_part(&stored, &shown.version, shown.from, &settled);
            }
            Err((problems, asked)) => {
                shown.problems = problems;
                shown.read = sheet::whole_rows(as_read::sent(&asked).unwrap_or_default()).to_string();
                return draw(&reader, &path.name, &body, shown).await;
            }
        }
    }
    let at = sheet::rows_at(&body, &shown.version);
    match sent.text("_do") {
        "row" => shown.blank = 5,
        "columns" => {}
        drop if drop.starts_with("drop.") => {}
        "paste" => {
            let mut rows = if sent.text("replace") == "1" {
                Vec::new()
            } else {
                body.pointer(&at).and_then(Json::as_array).cloned().unwrap_or_default()
            };
            rows.extend(sheet::pasted(&reading, &body, sent.text("paste")));
            set(&mut body, &at, Some(Json::Array(rows)));
            // A pasted table may be longer than a page can carry back, so it goes into the draft at once.
            return save(&reader, &path.name, body, shown).await;
        }
        "version" => {
            let Ok(day) = sent.text("new_from").parse::<chrono::NaiveDate>() else {
                shown.problems.push(Problem::at_field("not_a_date", "new_from"));
                return draw(&reader, &path.name, &body, shown).await;
            };
            let rows = body.pointer(&at).cloned().unwrap_or_default();
            let name = format!("from_{}", day.format("%Y_%m_%d"));
            let mut versions = body.get("versions").and_then(Json::as_array).cloned().unwrap_or_default();
            versions.push(json!({ "name": name, "valid_from": day.to_string(), "rows": rows }));
            set(&mut body, "/versions", Some(Json::Array(versions)));
            shown.version = name;
            shown.from = 0;
            shown.read = String::new();
            return save(&reader, &path.name, body, shown).await;
        }
        "ask" => {
            shown.answer = answer(&reading, &body, &sent, &mut shown.problems);
            shown.asked = sent.0.iter().filter(|(name, _)| name.starts_with("ask.")).cloned().collect();
        }
        _ => return save(&reader, &path.name, body, shown).await,
    }
    draw(&reader, &path.name, &body, shown).await
}

async fn save(reader: &Reader, name: &str, mut body: Json, mut shown: Shown) -> Result<Response, Failure> {
    let session = &reader.session;
    let title = text(&body, "title").to_owned();
    if title.is_empty() {
        shown
            .problems
            .push(Problem::at_field("required", "title").with("field", reader.reading().t("item.title")));
        return draw(reader, name, &body, shown).await;
    }
    let mut wanted = name.to_owned();
    if name == NEW {
        let draft = Draft::open(session).await?;
        let is_taken = |name: &str| name == NEW || draft.definition(DefinitionKind::Table, name).is_some();
        wanted = name::derive(&title, is_taken);
        set(&mut body, "/name", Some(wanted.clone().into()));
    }
    match draft::put(session, DefinitionKind::Table, &wanted, body.clone()).await {
        Ok(()) => {
            let own = reader.reading().admin_href(&format!("tables/{}", address::segment(&wanted)));
            let next = address::with_query(&own, [("version", shown.version.as_str())]);
            Ok(reader.go_saying(&next, &flash::done("admin.saved_draft", &[])))
        }
        Err(Error::Problems(problems)) => {
            shown.problems = problems;
            draw(reader, name, &body, shown).await
        }
        Err(other) => Err(other.into()),
    }
}

/// What the page shows beside the definition.
#[derive(Default)]
struct Shown {
    version: String,
    from: usize,
    blank: usize,
    answer: String,
    asked: Vec<(String, String)>,
    problems: Problems,
    /// What the page was drawn of.
    read: String,
}

/// What the table as it stands on the page answers.
fn answer(reading: &Reading<'_>, body: &Json, sent: &Form, problems: &mut Problems) -> String {
    let table = match Table::compile(text(body, "name"), body) {
        Ok(table) => table,
        Err(found) => {
            *problems = found;
            return String::new();
        }
    };
    let mut inputs = Map::new();
    let context = reading.session.parse_context();
    for input in &table.inputs {
        let typed = sent.text(&format!("ask.{}", input.field.name)).trim();
        if typed.is_empty() {
            continue;
        }
        let typed = sheet::written(reading, &input.field, typed);
        match input.field.kind.parse_text(&input.field, &typed, &context) {
            Ok(value) => {
                inputs.insert(input.field.name.clone(), input.field.kind.to_json(&input.field, &value));
            }
            Err(problem) => problems.push(problem),
        }
    }
    let day = reading.session.filter_context().today();
    match table.ask(&Json::Object(inputs), day, &context) {
        Ok(Json::Null) => reading.t("table.no_answer"),
        Ok(found) => {
            let parts: Vec<String> = table
                .outputs
                .iter()
                .map(|field| {
                    let value = found.get(&field.name).unwrap_or(&Json::Null);
                    let read = field.kind.parse_json(field, value, &context).unwrap_or_default();
                    let shown = if read.is_empty() {
                        reading.t("value.none")
                    } else {
                        let text = field.kind.to_text(field, &read, reading.session.actor.zone);
                        sheet::shown(reading, field, &text)
                    };
                    format!("{}: {shown}", field.title)
                })
                .collect();
            parts.join(" · ")
        }
        Err(found) => {
            problems.0.extend(found.0);
            String::new()
        }
    }
}

async fn draw(reader: &Reader, name: &str, body: &Json, shown: Shown) -> Result<Response, Failure> {
    let reading = reader.reading();
    let own = reading.admin_href(&format!("tables/{}", address::segment(name)));
    let blank = if shown.blank == 0 { 1 } else { shown.blank };
    let mut page = sheet::page(&reading, body, &shown.version, shown.from, blank, &own);
    let read = match shown.read.as_str() {
        "" => sheet::part(body, &shown.version, shown.from).to_string(),
        read => read.to_owned(),
    };
    page.at = Place { read, ..reader.visit.place() };
    page.heading = match text(body, "title") {
        "" => reading.t("table.new"),
        title => title.to_owned(),
    };
    page.action.clone_from(&own);
    page.back_href = reading.admin_href("definitions/table");
    if name != NEW {
        page.origin_href = super::origin::known_href(&reading, DefinitionKind::Table, name);
        page.source_href = reading.admin_href(&format!("source/table/{}", address::segment(name)));
    }
    page.answer = shown.answer;
    for column in &mut page.columns {
        let asked = shown.asked.iter().find(|(input, _)| *input == format!("ask.{}", column.name));
        column.asked = asked.map(|(_, typed)| typed.clone()).unwrap_or_default();
    }
    if let Ok(table) = Table::compile(name, body) {
        page.warnings = sheet::lines(&reading, body, &table.warnings);
    }
    page.problems = sheet::lines(&reading, body, &shown.problems);
    let mut draw = reader.draw().below(reading.t("definition.table.plural"), page.back_href.clone());
    if !shown.problems.is_empty() {
        draw = draw.refused();
    }
    draw.view(&page).await
}
