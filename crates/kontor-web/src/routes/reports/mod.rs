//! Saved reports: the list, and one with its parameters.

pub mod builder;

use std::collections::HashMap;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::permissions::{Verb, allows};
use kontor_core::reports::{self, snapshot};
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::report::{Dimension, ReportDefinition, ReportType};
use kontor_model::{Json, Problem};
use kontor_view::page::part::Link;
use kontor_view::page::report::{ReportGroup, ReportsPage};
use serde::Deserialize;

use crate::error::Failure;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::{export, report, report_list, typed};
use crate::visit::Reader;

#[derive(Deserialize)]
pub struct ReportPath {
    pub name: String,
}

/// `GET reports`.
pub async fn list_reports(reader: Reader) -> Result<Response, Failure> {
    let reading = reader.reading();
    let model = &reader.session.model;
    let base = &reader.visit.base;
    let all: Vec<ReportDefinition> =
        model.definitions_of(DefinitionKind::Report).filter_map(|(_, json)| typed(json)).collect();
    let groups = model
        .entities
        .values()
        .filter(|entity| allows(&reader.session, entity, Verb::Read))
        .filter_map(|entity| {
            let links: Vec<Link> = all
                .iter()
                .filter(|one| one.entity == entity.name)
                .map(|one| Link {
                    note: reading.label(
                        DefinitionKind::Report,
                        &one.name,
                        "description",
                        one.description.as_deref().unwrap_or_default(),
                    ),
                    ..Link::new(
                        format!("{base}/reports/{}", address::segment(&one.name)),
                        report::title(&reading, one),
                        "chart-column",
                    )
                })
                .collect();
            (!links.is_empty()).then(|| ReportGroup { title: reading.plural_of(entity), reports: links })
        })
        .collect();
    let dashboards = model
        .definitions_of(DefinitionKind::Dashboard)
        .map(|(name, json)| {
            let title = reading.definition_title(DefinitionKind::Dashboard, name, json);
            Link::new(format!("{base}/dashboards/{}", address::segment(name)), title, "chart-pie")
        })
        .collect();
    let metrics = model
        .definitions_of(DefinitionKind::Metric)
        .filter(|(_, json)| {
            let entity = json.get("entity").and_then(|name| model.entity(name.as_str()?));
            entity.is_some_and(|entity| allows(&reader.session, entity, Verb::Read))
        })
        .map(|(name, json)| {
            let own = json.get("description").and_then(|text| text.as_str()).unwrap_or_default();
            Link {
                note: reading.label(DefinitionKind::Metric, name, "description", own),
                ..Link::new(
                    format!("{base}/metrics/{}", address::segment(name)),
                    reading.definition_title(DefinitionKind::Metric, name, json),
                    "target",
                )
            }
        })
        .collect();
    let snapshots = model
        .definitions_of(DefinitionKind::Snapshot)
        .filter(|(name, _)| snapshot::find(&reader.session, name).is_ok())
        .map(|(name, json)| {
            let own = json.get("description").and_then(|text| text.as_str()).unwrap_or_default();
            Link {
                note: reading.label(DefinitionKind::Snapshot, name, "description", own),
                ..Link::new(
                    format!("{base}/snapshots/{}", address::segment(name)),
                    reading.definition_title(DefinitionKind::Snapshot, name, json),
                    "calendar-clock",
                )
            }
        })
        .collect();
    let new_href = if reading.may_design() { format!("{base}/reports/new") } else { String::new() };
    let page = ReportsPage { at: reader.visit.place(), groups, dashboards, metrics, snapshots, new_href };
    reader.draw().view(&page).await
}

/// `GET reports/{name}`, as a page or with `?format=` as a file.
pub async fn show_report(
    reader: Reader,
    Path(path): Path<ReportPath>,
    query: Query,
) -> Result<Response, Failure> {
    let session = &reader.session;
    let mut definition = reports::find(session, &path.name)?;
    session.entity(&definition.entity)?;
    if let Some(sort) = query.get("sort").filter(|sort| !sort.is_empty()) {
        if definition.report_type != ReportType::List {
            known_order(&definition, sort)?;
        }
        definition.sort = vec![sort.to_owned()];
    }
    let sent: HashMap<String, String> = query.0.iter().cloned().collect();
    let asked = reports::parameters_of(&definition, &sent);
    let reading = reader.reading();
    if definition.report_type == ReportType::List {
        return show_records(&reader, &definition, &asked, &query).await;
    }
    let answer = reports::run(session, &definition, &asked).await?;
    match query.text("format") {
        "" => {}
        "csv" => return export::csv(&definition.name, &export::answer_table(&reading, &answer)),
        "xlsx" => return export::xlsx(&definition.name, &export::answer_table(&reading, &answer)),
        "svg" => {
            return export::svg(&reading, &definition, &answer)
                .ok_or_else(|| Problem::new("report_without_chart", "/format").into());
        }
        other => {
            return Err(Problem::new("not_an_option", "/format")
                .with("value", other)
                .with("options", "csv, xlsx, svg")
                .into());
        }
    }
    let page = report::page(&reading, &definition, &answer, &query);
    reader
        .draw()
        .below(reading.t("reports.title"), format!("{}/reports", reader.visit.base))
        .view(&page)
        .await
}

/// Groups are sorted by what the report shows.
fn known_order(report: &ReportDefinition, sort: &str) -> Result<(), Problem> {
    let dimensions = report.rows.iter().chain(&report.columns).map(Dimension::name);
    let of_blocks = report.blocks.iter().flat_map(|block| &block.measures);
    let measures = report.measures.iter().chain(of_blocks).map(|measure| measure.name.as_str());
    let names: Vec<&str> = dimensions.chain(measures).collect();
    let name = sort.strip_prefix('-').unwrap_or(sort);
    if names.contains(&name) {
        return Ok(());
    }
    Err(Problem::new("not_an_option", "/sort").with("value", name).with("options", names.join(", ")))
}

/// The page, or a file, of a report that shows records.
async fn show_records(
    reader: &Reader,
    definition: &ReportDefinition,
    asked: &HashMap<String, Json>,
    query: &Query,
) -> Result<Response, Failure> {
    let reading = reader.reading();
    let found = report_list::find(&reading, definition, asked).await?;
    match query.text("format") {
        "" => {}
        "csv" => return export::csv(&definition.name, &found.file(&reading)?),
        "xlsx" => return export::xlsx(&definition.name, &found.file(&reading)?),
        other => {
            let problem = Problem::new("not_an_option", "/format").with("value", other);
            return Err(problem.with("options", "csv, xlsx").into());
        }
    }
    let page = report::list_page(&reading, definition, &found, query);
    reader
        .draw()
        .below(reading.t("reports.title"), format!("{}/reports", reader.visit.base))
        .view(&page)
        .await
}
