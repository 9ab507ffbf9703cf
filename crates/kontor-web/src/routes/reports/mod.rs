//! Saved reports: the list, and one with its parameters.

pub mod builder;

use std::collections::HashMap;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_core::permissions::{Verb, allows};
use kontor_core::reports::{self, snapshot};
use kontor_core::saved::{self, Saved};
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::report::{Dimension, ReportDefinition, ReportType};
use kontor_model::{Json, Problem, Problems};
use kontor_view::page::part::Link;
use kontor_view::page::report::{ReportGroup, ReportsPage};
use serde::Deserialize;

use crate::error::Failure;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::{Reading, export, report, report_list, typed};
use crate::routes::admin::shape::NEW;
use crate::routes::own;
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
    let own = |entity: &str| -> Vec<Link> {
        let saved = saved::of_kind(&reader.session, DefinitionKind::Report);
        let saved = saved.filter(|saved| saved.entity == entity);
        saved.map(|saved| own_link(&reading, saved, "chart-column")).collect()
    };
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
                .chain(own(&entity.name))
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
        .chain(
            saved::of_kind(&reader.session, DefinitionKind::Dashboard)
                .map(|saved| own_link(&reading, saved, "chart-pie")),
        )
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
    // Who may not design begins one of their own.
    let new_href = if reading.may_design() {
        format!("{base}/reports/new")
    } else {
        own::own_href(&reading, DefinitionKind::Report, NEW)
    };
    let new_dashboard_href = own::own_href(&reading, DefinitionKind::Dashboard, NEW);
    let at = reader.visit.place();
    let page = ReportsPage { at, groups, dashboards, metrics, snapshots, new_href, new_dashboard_href };
    reader.draw().view(&page).await
}

/// What somebody saved, with whose it is.
fn own_link(reading: &Reading<'_>, saved: &Saved, icon: &str) -> Link {
    let href = own::shown_href(reading, saved.kind, &saved.name());
    Link { note: own::whose(reading, saved), ..Link::new(href, saved.title(), icon) }
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
    let is_own = saved::id_of(&definition.name).is_some() && query.text("format").is_empty();
    if definition.report_type == ReportType::List {
        return match show_records(&reader, &definition, &asked, &query).await {
            Err(Failure::Core(Error::Problems(wrong))) if is_own => {
                show_broken(&reader, &definition, &query, &wrong).await
            }
            done => done,
        };
    }
    let answer = match reports::run(session, &definition, &asked).await {
        Err(Error::Problems(wrong)) if is_own => {
            return show_broken(&reader, &definition, &query, &wrong).await;
        }
        answer => answer?,
    };
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

/// What people saved does not stand in the way of removing a field, so it is found without it: nothing is worked out, and
/// what is missing is told.
async fn show_broken(
    reader: &Reader,
    definition: &ReportDefinition,
    query: &Query,
    wrong: &Problems,
) -> Result<Response, Failure> {
    let page = report::broken_page(&reader.reading(), definition, query, wrong);
    let reports = format!("{}/reports", reader.visit.base);
    reader.draw().below(reader.reading().t("reports.title"), reports).refused().view(&page).await
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
