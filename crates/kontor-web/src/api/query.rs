//! `POST query`: counts and sums over records by groups, a report that nobody saved.

use std::collections::HashMap;

use axum::response::Response;
use kontor_core::Session;
use kontor_core::reports;
use kontor_model::check::check_definition;
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::read;
use kontor_model::definition::report::ReportDefinition;
use kontor_model::{Json, Problem, Problems};
use serde_json::{Map, json};

use super::{answer, rows};
use crate::error::Failure;
use crate::extract::input::{Input, object};
use crate::extract::list;
use crate::visit::Caller;

/// `{ "data": [ … ] }`, one object per group.
pub async fn run_query(caller: Caller, Input(body): Input) -> Result<Response, Failure> {
    let session = &caller.session;
    let report = report_of(session, object(body)?)?;
    let entity = session.entity(&report.entity)?;
    let found = reports::run(session, &report, &HashMap::new()).await.map_err(named_as_sent)?;
    Ok(answer::json(&json!({
        "data": rows::rows(session, &entity, &found),
        "capped": found.capped,
        "currency": found.measures.iter().find_map(|head| head.currency.clone()),
        "mixed_currencies": found.mixed,
        "without_rate": found.missing,
        "too_large": found.too_large,
    })))
}

/// The question as a report: `group` is what a report calls `rows`.
fn report_of(session: &Session, body: Map<String, Json>) -> Result<ReportDefinition, Failure> {
    let mut problems = Problems::new();
    let mut written = Map::new();
    written.insert("name".into(), "query".into());
    written.insert("title".into(), "Query".into());
    written.insert("type".into(), "summary".into());
    written.insert("totals".into(), false.into());
    for (key, value) in body {
        match key.as_str() {
            "where" if !matches!(value, Json::Object(_) | Json::Null) => {
                problems.push(Problem::at_field("not_a_filter", &key));
                None
            }
            // As in an address: `-total,name`.
            "sort" => written.insert(key, listed(value, |name| name.into())),
            "group" => written.insert("rows".into(), listed(value, |name| json!({ "field": name }))),
            "entity" | "where" | "measures" | "limit" => written.insert(key, value),
            _ => {
                problems.push(Problem::at_field("unknown_field", &key).with("field", &key));
                None
            }
        };
    }
    if let Some(name) = written.get("entity").and_then(Json::as_str) {
        session.entity(name)?;
    }
    if let Some(name) = written.get("entity").and_then(Json::as_str).map(str::to_owned)
        && let Some(filter) = written.get("where")
        && let Err(wrong) = list::filter_json(session, &*session.entity(&name)?, filter)
    {
        // What a filter looks like is said by whoever reads it, better than by the schema of reports.
        written.shift_remove("where");
        problems.extend_under("/where", wrong);
    }
    let written = Json::Object(written);
    problems.0.extend(check_definition(DefinitionKind::Report, "query", &written));
    if problems.has_errors() {
        return Err(named_as_sent(kontor_core::Error::Problems(problems)));
    }
    let report: ReportDefinition = read(&written)?;
    let known = |name: &str| {
        report.rows.iter().any(|dimension| dimension.name() == name)
            || report.measures.iter().any(|measure| measure.name == name)
    };
    // What stands under one name would hide what stands there already.
    for (index, measure) in report.measures.iter().enumerate() {
        let taken = report.rows.iter().any(|dimension| dimension.name() == measure.name)
            || report.measures.iter().take(index).any(|other| other.name == measure.name);
        if taken {
            let at = format!("/measures/{index}/as");
            problems.push(Problem::new("given_twice", at).with("field", &measure.name));
        }
    }
    for (index, key) in report.sort.iter().enumerate() {
        let name = key.strip_prefix('-').unwrap_or(key);
        if !known(name) {
            problems.push(Problem::new("unknown_field", format!("/sort/{index}")).with("field", name));
        }
    }
    if problems.has_errors() { Err(problems.into()) } else { Ok(report) }
}

/// One name, or several separated by commas, as the list that is meant; names in a list as `item` writes them.
fn listed(value: Json, item: impl Fn(&str) -> Json) -> Json {
    match value {
        Json::String(text) => {
            text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(item).collect()
        }
        Json::Array(list) => list
            .into_iter()
            .map(|one| match one {
                Json::String(name) => item(&name),
                other => other,
            })
            .collect(),
        other => other,
    }
}

/// Problems point into what was sent.
fn named_as_sent(error: kontor_core::Error) -> Failure {
    let kontor_core::Error::Problems(mut problems) = error else { return error.into() };
    for problem in &mut problems.0 {
        if let Some(rest) = problem.path.strip_prefix("/rows") {
            problem.path = format!("/group{rest}");
        }
    }
    problems.into()
}
