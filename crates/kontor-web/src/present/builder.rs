//! The report builder: a definition from the inputs of a form, and the form from a definition.

use std::sync::Arc;

use kontor_core::permissions::{Verb, allows};
use kontor_model::definition::DefinitionKind;
use kontor_model::{EntityModel, Json, Problems};
use kontor_view::field::OptionView;
use kontor_view::page::report_builder::{DimensionChoice, MeasureChoice, ReportBuilderPage};
use serde_json::{Map, json};

use super::admin::conditions::told_of;
use super::condition_rows::{condition_inputs, conditions, conditions_json, numbers};
use super::{Reading, filters};
use crate::extract::query::Query;

/// Functions over fields; a count has none.
const FUNCTIONS: [&str; 6] = ["count", "sum", "avg", "min", "max", "count_distinct"];
/// Functions that compare groups by a measure above them.
const ALONG: [&str; 3] = ["share", "running", "change"];
const GRANULARITIES: [&str; 5] = ["day", "week", "month", "quarter", "year"];
const CHARTS: [&str; 6] = ["bar", "stacked_bar", "line", TREND, "funnel", "none"];
/// A line without gaps: a type of report of its own.
const TREND: &str = "trend";
/// The definition that the inputs describe.
pub fn definition(entity: &EntityModel, query: &Query, name: &str) -> Json {
    let mut report = Map::new();
    report.insert("name".into(), name.into());
    let title = query.text("title").trim();
    report.insert("title".into(), if title.is_empty() { entity.plural.clone().into() } else { title.into() });
    report.insert("entity".into(), entity.name.clone().into());
    let dimension = |input: &str| -> Option<Json> {
        let field = query.get(input).filter(|field| !field.is_empty())?;
        let is_date = entity.field(field).is_some_and(|field| field.kind.is_temporal());
        let by = if is_date {
            query.get(&format!("{input}.by")).filter(|by| !by.is_empty()).or(Some("month"))
        } else {
            None
        };
        Some(match by {
            Some(by) => json!({ "field": field, "by": by }),
            None => json!({ "field": field }),
        })
    };
    let rows: Vec<Json> = ["rows", "rows2"].into_iter().filter_map(dimension).collect();
    let columns: Vec<Json> = dimension("columns").into_iter().collect();
    let is_matrix = !columns.is_empty() && !rows.is_empty();
    report.insert(
        "type".into(),
        if query.text("chart") == "funnel" {
            "funnel"
        } else if query.text("chart") == TREND && rows.len() == 1 && is_time(&rows) {
            TREND
        } else if is_matrix {
            "matrix"
        } else {
            "summary"
        }
        .into(),
    );
    if let Some(all) = conditions_json(entity, query) {
        report.insert("where".into(), all);
    }
    let measures = measures_json(query);
    let chart = chart_json(query, &rows, &columns, &measures);
    report.insert("rows".into(), rows.into());
    if !columns.is_empty() && (is_matrix || report.get("type").and_then(Json::as_str) == Some(TREND)) {
        report.insert("columns".into(), columns.into());
    }
    report.insert("measures".into(), measures.into());
    if let Some(chart) = chart {
        report.insert("chart".into(), chart);
    }
    Json::Object(report)
}

/// Whether the rows of a report are times.
fn is_time(rows: &[Json]) -> bool {
    rows.iter().all(|row| row.get("by").is_some())
}

fn measures_json(query: &Query) -> Vec<Json> {
    let mut list = Vec::new();
    for number in numbers(query, "measure.") {
        let function = query.text(&format!("measure.{number}.function"));
        let field = query.text(&format!("measure.{number}.field"));
        if function == "count" {
            list.push(json!({ "as": if list.is_empty() { "count".to_owned() } else { format!("count_{number}") }, "count": true }));
        } else if FUNCTIONS.contains(&function) && !field.is_empty() {
            let name = format!("{function}_{}", field.replace('.', "_"));
            list.push(json!({ "as": name, function: field }));
        } else if ALONG.contains(&function)
            && let Some(of) = above(&list, function)
        {
            let name: String = format!("{function}_{of}").chars().take(LONGEST_NAME).collect();
            list.push(json!({ "as": name, function: of }));
        }
    }
    if list.is_empty() {
        list.push(json!({ "as": "count", "count": true }));
    }
    list
}

/// The nearest measure above that a function can compare groups by.
fn above(list: &[Json], function: &str) -> Option<String> {
    let adds_up = |measure: &&Json| measure.get("count").is_some() || measure.get("sum").is_some();
    let counts = |measure: &&Json| ALONG.iter().all(|along| measure.get(*along).is_none());
    let found = list.iter().rev().filter(counts).find(|one| function == "change" || adds_up(one))?;
    found.get("as").and_then(Json::as_str).map(str::to_owned)
}

/// Longest name of a measure.
const LONGEST_NAME: usize = 40;
fn chart_json(query: &Query, rows: &[Json], columns: &[Json], measures: &[Json]) -> Option<Json> {
    let wanted = query.text("chart");
    let kind = match wanted {
        "" | "stacked_bar" => "bar",
        TREND => "line",
        "none" => return None,
        other => other,
    };
    let x = rows.first()?.get("field")?.as_str()?;
    let y = measures.first()?.get("as")?.as_str()?;
    let stack =
        columns.first().or_else(|| rows.get(1)).and_then(|column| column.get("field")).and_then(Json::as_str);
    Some(match stack {
        Some(stack) => json!({ "type": kind, "x": x, "y": y, "stack": stack }),
        None => json!({ "type": kind, "x": x, "y": y }),
    })
}

/// The inputs of a report that nobody has begun: how many records there are of the first entity of the menu, by its
/// first choice.
pub fn beginning(reading: &Reading<'_>) -> Vec<(&'static str, String)> {
    let model = &reading.session.model;
    let readable = |entity: &&Arc<EntityModel>| allows(reading.session, entity, Verb::Read);
    let apps = super::frame::apps(reading);
    let of_menu = apps.iter().flat_map(|app| &app.menu).flat_map(|group| &group.items);
    let entity = of_menu
        .filter_map(|item| model.entity(item.entity.as_deref()?))
        .find(readable)
        .or_else(|| model.entities.values().filter(|entity| !entity.is_built_in()).find(readable));
    let Some(entity) = entity else { return vec![("entity", "user".to_owned())] };
    let mut inputs = vec![("entity", entity.name.clone())];
    let by = entity
        .own_fields()
        .filter(|field| super::values::is_readable(reading, entity, field))
        .find(|field| !field.definition.one_of.is_empty());
    inputs.push(("rows", by.map_or("owner", |field| field.name.as_str()).to_owned()));
    inputs.push(("measure.1.function", "count".to_owned()));
    inputs.push(("chart", "bar".to_owned()));
    inputs
}

/// The form, without its preview.
pub fn form(
    reading: &Reading<'_>,
    entity: Option<&Arc<EntityModel>>,
    query: &Query,
    problems: &Problems,
) -> ReportBuilderPage {
    let base = format!("{}/reports/new", reading.visit.base);
    let told = entity.map(|entity| told_of(reading, entity, problems));
    let problems = told.as_ref().unwrap_or(problems);
    let entities = reading
        .session
        .model
        .entities
        .values()
        .filter(|one| allows(reading.session, one, Verb::Read))
        .map(|one| {
            OptionView::new(
                one.name.clone(),
                reading.plural_of(one),
                entity.is_some_and(|entity| entity.name == one.name),
            )
        })
        .collect();
    let mut page = ReportBuilderPage {
        at: reading.visit.place(),
        action: base.clone(),
        save_action: base,
        heading: match reading.session.model.definition(DefinitionKind::Report, query.text("name")) {
            Some(stored) => reading.definition_title(DefinitionKind::Report, query.text("name"), stored),
            None => query.text("title").to_owned(),
        },
        report_title: query.text("title").to_owned(),
        name: query.text("name").to_owned(),
        entities,
        charts: CHARTS
            .iter()
            .map(|one| {
                OptionView::new(*one, reading.t(&format!("builder.chart_{one}")), *one == query.text("chart"))
            })
            .collect(),
        problems: reading.problem_lines(problems, "b-"),
        ..ReportBuilderPage::default()
    };
    let Some(entity) = entity else { return page };
    for (name, label) in [("rows", "rows"), ("rows2", "then_by"), ("columns", "columns")] {
        page.dimensions.push(dimension(reading, entity, query, name, label));
    }
    let mut number = 0;
    for old in numbers(query, "measure.") {
        if !query.text(&format!("measure.{old}.function")).is_empty() {
            number += 1;
            page.measures.push(measure(reading, entity, query, old, number));
        }
    }
    page.measures.push(measure(reading, entity, &Query::default(), 0, number + 1));
    page.conditions = conditions(reading, entity, query);
    page
}

fn dimension(
    reading: &Reading<'_>,
    entity: &EntityModel,
    query: &Query,
    name: &str,
    label: &str,
) -> DimensionChoice {
    let chosen = query.text(name);
    let mut fields = vec![OptionView::new("", reading.t("builder.none"), chosen.is_empty())];
    fields.extend(filters::fields(reading, entity, chosen));
    let is_date = entity.field(chosen).is_some_and(|field| field.kind.is_temporal());
    let by = query.get(&format!("{name}.by")).filter(|by| !by.is_empty()).unwrap_or("month");
    let granularities = if is_date {
        GRANULARITIES
            .iter()
            .map(|one| OptionView::new(*one, reading.t(&format!("builder.by_{one}")), *one == by))
            .collect()
    } else {
        Vec::new()
    };
    DimensionChoice { name: name.to_owned(), label: label.to_owned(), fields, granularities }
}

fn measure(
    reading: &Reading<'_>,
    entity: &EntityModel,
    query: &Query,
    old: usize,
    number: usize,
) -> MeasureChoice {
    let function = query.text(&format!("measure.{old}.function"));
    let chosen = query.text(&format!("measure.{old}.field"));
    let mut functions = vec![OptionView::new("", reading.t("builder.none"), function.is_empty())];
    functions.extend(
        FUNCTIONS.iter().chain(&ALONG).map(|one| {
            OptionView::new(*one, reading.t(&format!("builder.function_{one}")), *one == function)
        }),
    );
    let mut fields = vec![OptionView::new("", reading.t("builder.none"), chosen.is_empty())];
    fields.extend(filters::fields(reading, entity, chosen));
    MeasureChoice { number: number.to_string(), functions, fields }
}

/// The inputs that describe a saved report; `None` when the builder cannot say all that it says.
pub fn inputs(report: &Json) -> Option<Vec<(String, String)>> {
    let text = |key: &str| report.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    let mut pairs: Vec<(String, String)> =
        ["entity", "title", "name"].into_iter().map(|key| (key.to_owned(), text(key))).collect();
    let known = [
        "name",
        "title",
        "entity",
        "type",
        "rows",
        "columns",
        "measures",
        "where",
        "chart",
        "sort",
        "description",
    ];
    if report.as_object()?.keys().any(|key| !known.contains(&key.as_str())) {
        return None;
    }
    let dimensions = |key: &str| report.get(key).and_then(Json::as_array).cloned().unwrap_or_default();
    let rows = dimensions("rows");
    let columns = dimensions("columns");
    if rows.len() > 2 || columns.len() > 1 {
        return None;
    }
    for (name, dimension) in
        ["rows", "rows2"].into_iter().zip(&rows).chain(std::iter::once("columns").zip(&columns))
    {
        pairs.push((name.to_owned(), dimension.get("field")?.as_str()?.to_owned()));
        if let Some(by) = dimension.get("by").and_then(Json::as_str) {
            pairs.push((format!("{name}.by"), by.to_owned()));
        }
    }
    let measures = dimensions("measures");
    for (index, measure) in measures.iter().enumerate() {
        let number = index + 1;
        if measure.get("where").is_some() || measure.get("formula").is_some() {
            return None;
        }
        if let Some(along) = ALONG.iter().find(|along| measure.get(**along).is_some()) {
            // The builder says "of the one above": another one it cannot say.
            let of = above(measures.get(..index)?, along)?;
            if measure.get(*along)?.as_str()? != of {
                return None;
            }
            pairs.push((format!("measure.{number}.function"), (*along).to_owned()));
            continue;
        }
        let function = FUNCTIONS.iter().find(|function| measure.get(**function).is_some())?;
        pairs.push((format!("measure.{number}.function"), (*function).to_owned()));
        if *function != "count" {
            pairs.push((format!("measure.{number}.field"), measure.get(*function)?.as_str()?.to_owned()));
        }
    }
    pairs.extend(condition_inputs(report.get("where"))?);
    let chart = report.pointer("/chart/type").and_then(Json::as_str).unwrap_or("none");
    let chart = match chart {
        "row" => "bar",
        _ if text("type") == TREND => TREND,
        chart => chart,
    };
    pairs.push(("chart".to_owned(), chart.to_owned()));
    Some(pairs)
}
