//! What a report asks for and its writer may not see: it is told as what is not there.

use std::collections::HashMap;

use kontor_model::definition::report::{ReportDefinition, ReportType};
use kontor_model::filter::Filter;
use kontor_model::{EntityModel, Json, Problem, Problems};

use super::blocks::of_block;
use super::build::{question, visible_path};
use super::parameters::{filled, given};
use crate::Session;
use crate::permissions::is_readable_path;

/// The problems of a report that somebody saves for themselves, with pointers into it: entities, fields and conditions over
/// fields that they may not read.
pub fn unseen(session: &Session, report: &ReportDefinition) -> Problems {
    let mut problems = Problems::new();
    one(session, report, "", &mut problems);
    for (index, block) in report.blocks.iter().enumerate() {
        let asked = ReportDefinition { blocks: Vec::new(), ..of_block(report, block) };
        one(session, &asked, &format!("/blocks/{index}"), &mut problems);
    }
    problems
}

fn one(session: &Session, report: &ReportDefinition, at: &str, problems: &mut Problems) {
    let Ok(entity) = session.entity(&report.entity) else {
        let problem = Problem::new("unknown_entity", format!("{at}/entity"));
        problems.push(problem.with("entity", &report.entity));
        return;
    };
    for (index, path) in report.fields.iter().enumerate() {
        if let Err(problem) = visible_path(session, &entity, path) {
            problems.push(problem.under(&format!("{at}/fields/{index}")));
        }
    }
    let (filter, places) = filled(report, &given(report, &HashMap::new()));
    condition(session, &entity, &filter, &format!("{at}/where"), problems);
    for (index, measure) in report.measures.iter().enumerate() {
        if let Some(filter) = &measure.filter {
            condition(session, &entity, filter, &format!("{at}/measures/{index}/where"), problems);
        }
    }
    // Formulas speak of measures of other blocks, which a block by itself does not have.
    if report.report_type != ReportType::List && at.is_empty() && report.blocks.is_empty() {
        if let Err(wrong) = question(session, &entity, report, filter, &places) {
            let known: Vec<String> = problems.iter().map(|problem| problem.path.clone()).collect();
            problems.0.extend(wrong.0.into_iter().filter(|problem| !known.contains(&problem.path)));
        }
        return;
    }
    let rows = report.rows.iter().map(|row| &row.field);
    let paths = rows.chain(report.columns.iter().map(|column| &column.field)).map(String::as_str);
    let of_measures = report.measures.iter().filter_map(|measure| measure.function()?.1);
    for path in paths.chain(of_measures) {
        if let Err(problem) = visible_path(session, &entity, path) {
            problems.push(problem.under(at));
        }
    }
}

fn condition(session: &Session, entity: &EntityModel, json: &Json, at: &str, problems: &mut Problems) {
    let Ok(filter) = Filter::parse(json, entity, &session.model) else { return };
    for path in filter.paths().iter().filter(|path| !is_readable_path(session, path)) {
        let field = path.resolve(&session.model).map_or("", |field| field.name.as_str());
        let problem = Problem::new("unknown_field", at);
        problems.push(problem.with("field", field).with("entity", &entity.name));
    }
}
