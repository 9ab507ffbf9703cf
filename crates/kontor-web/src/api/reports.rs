//! `GET reports/{name}`: a saved report as JSON, CSV, XLSX or SVG.

use std::collections::HashMap;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::reports;
use kontor_model::definition::report::ReportType;
use kontor_model::{Json, Problem};
use serde::Deserialize;
use serde_json::json;

use super::{answer, rows};
use crate::error::Failure;
use crate::extract::query::Query;
use crate::present::{Reading, export, report_list};
use crate::visit::Caller;

/// Names of an address that every report knows.
const GENERAL: [&str; 1] = ["format"];

#[derive(Deserialize)]
pub struct ReportPath {
    name: String,
}

/// Parameters of the report are parameters of the address.
pub async fn show_report(
    caller: Caller,
    Path(path): Path<ReportPath>,
    query: Query,
) -> Result<Response, Failure> {
    let session = &caller.session;
    let report = reports::find(session, &path.name)?;
    let entity = session.entity(&report.entity)?;
    let sent: HashMap<String, String> = query.0.iter().cloned().collect();
    let names = query.0.iter().map(|(name, _)| name.as_str());
    reports::unknown_parameters(&report, &GENERAL, names).into_result(())?;
    let asked = reports::parameters_of(&report, &sent);
    let reading = Reading::new(&caller.visit, session);
    if report.report_type == ReportType::List {
        let found = report_list::find(&reading, &report, &asked).await?;
        return match query.text("format") {
            "" | "json" => Ok(answer::json(&found.json(&reading, &report))),
            "csv" => export::csv(&report.name, &found.file(&reading)?),
            "xlsx" => export::xlsx(&report.name, &found.file(&reading)?),
            other => Err(Problem::new("not_an_option", "/format")
                .with("value", other)
                .with("options", "json, csv, xlsx")
                .into()),
        };
    }
    let found = reports::run(session, &report, &asked).await?;
    match query.text("format") {
        "" | "json" => {
            let columns: Vec<Json> = found
                .dimensions
                .iter()
                .map(|head| json!({ "name": head.name, "title": head.title, "kind": head.kind }))
                .chain(found.measures.iter().map(|head| json!({ "name": head.name, "title": head.title, "kind": head.kind, "currency": head.currency, "converted": head.converted })))
                .collect();
            Ok(answer::json(&json!({
                "name": report.name,
                "title": report.title,
                "columns": columns,
                "data": rows::rows(session, &entity, &found),
                "totals": rows::totals(&found),
                "capped": found.capped,
                "mixed_currencies": found.mixed,
                "without_rate": found.missing,
                "too_large": found.too_large,
            })))
        }
        "csv" => export::csv(&report.name, &export::answer_table(&reading, &found)),
        "xlsx" => export::xlsx(&report.name, &export::answer_table(&reading, &found)),
        "svg" => export::svg(&reading, &report, &found)
            .ok_or_else(|| Problem::new("report_without_chart", "/format").into()),
        other => Err(Problem::new("not_an_option", "/format")
            .with("value", other)
            .with("options", "json, csv, xlsx, svg")
            .into()),
    }
}
