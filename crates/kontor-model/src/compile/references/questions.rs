//! Reports and dashboards.

use super::{Checker, read};
use crate::Json;
use crate::definition::DefinitionKind;
use crate::definition::dashboard::DashboardDefinition;
use crate::definition::report::{Dimension, Measure, ReportDefinition, ReportType};
use crate::entity::EntityModel;
use crate::filter::FieldPath;
use crate::formula::{MeasureFormula, Type};
use crate::kind;
use crate::problem::Problem;

pub(super) fn report(json: &Json, checker: &mut Checker<'_>) {
    let report: ReportDefinition = read(json, checker);
    let Some(entity) = checker.entity(&report.entity, "/entity") else { return };
    checker.filter(entity, report.filter.as_ref(), "/where");
    for (index, parameter) in report.parameters.iter().enumerate() {
        if kind::find(&parameter.kind).is_none() {
            checker.add(
                Problem::new("unknown_kind", format!("/parameters/{index}/kind"))
                    .with("value", &parameter.kind),
            );
        }
        if let Some(target) = &parameter.to {
            checker.entity(target, &format!("/parameters/{index}/to"));
        }
    }
    dimensions(entity, &report.rows, "/rows", checker);
    dimensions(entity, &report.columns, "/columns", checker);
    checker.paths(entity, &report.fields, "/fields");
    let names: Vec<&str> = report
        .rows
        .iter()
        .chain(&report.columns)
        .map(Dimension::name)
        .chain(report.measures.iter().map(|measure| measure.name.as_str()))
        .collect();
    let sides = report.rows.len();
    let crosses = report.columns.len();
    checker.distinct(names.iter().copied(), &|index| match index {
        index if index < sides => format!("/rows/{index}"),
        index if index < sides + crosses => format!("/columns/{}", index - sides),
        index => format!("/measures/{}/as", index - sides - crosses),
    });
    for (index, written) in report.measures.iter().enumerate() {
        let before: Vec<&str> =
            report.measures.iter().take(index).map(|measure| measure.name.as_str()).collect();
        measure(entity, written, &before, &format!("/measures/{index}"), checker);
    }
    for (index, sort) in report.sort.iter().enumerate() {
        let name = sort.trim_start_matches('-');
        let at = format!("/sort/{index}");
        // A list is sorted by fields, a summary by what it shows.
        if report.report_type == ReportType::List {
            checker.open(entity, name, &at);
        } else {
            known(name, &names, &at, checker);
        }
    }
    if let Some(chart) = &report.chart {
        known(&chart.x, &names, "/chart/x", checker);
        let is_list = json.pointer("/chart/y").is_some_and(Json::is_array);
        for (index, y) in chart.y.iter().enumerate() {
            let at = if is_list { format!("/chart/y/{index}") } else { "/chart/y".to_owned() };
            known(y, &names, &at, checker);
        }
        if let Some(stack) = &chart.stack {
            known(stack, &names, "/chart/stack", checker);
        }
    }
}

fn known(name: &str, names: &[&str], at: &str, checker: &mut Checker<'_>) {
    if !names.contains(&name) {
        checker.add(Problem::new("not_an_option", at).with("value", name).with("options", names.join(", ")));
    }
}

fn dimensions(entity: &EntityModel, dimensions: &[Dimension], at: &str, checker: &mut Checker<'_>) {
    for (index, dimension) in dimensions.iter().enumerate() {
        let at = format!("{at}/{index}");
        let Some(field) = checker.open(entity, &dimension.field, &format!("{at}/field")) else { continue };
        let is_date = matches!(field.kind.formula_type(), Type::Date | Type::DateTime);
        if dimension.by.is_some() && !is_date {
            checker.add(Problem::new("only_for_dates", format!("{at}/by")).with("kind", field.kind.name()));
        }
    }
}

fn measure(entity: &EntityModel, measure: &Measure, before: &[&str], at: &str, checker: &mut Checker<'_>) {
    checker.filter(entity, measure.filter.as_ref(), &format!("{at}/where"));
    if let Some(formula) = &measure.formula {
        if let Err(found) = MeasureFormula::parse(formula, before) {
            checker.problems.extend_under(&format!("{at}/formula"), found);
        }
        return;
    }
    match measure.function() {
        Some((function, Some(path))) => {
            let at = format!("{at}/{function}");
            let field = checker.open(entity, path, &at);
            if let Some(field) = field.filter(|_| matches!(function, "sum" | "avg" | "median")) {
                checker.number(field, &at);
            }
        }
        Some((_, None)) => {}
        None => {
            let options = "count, count_distinct, sum, avg, min, max, median, formula";
            checker.add(Problem::new("one_of_keys", at).with("options", options));
        }
    }
}

pub(super) fn dashboard(json: &Json, checker: &mut Checker<'_>) {
    let dashboard: DashboardDefinition = read(json, checker);
    checker.distinct(dashboard.tiles.iter().map(|tile| tile.name.as_str()), &|index| {
        format!("/tiles/{index}/name")
    });
    for (index, tile) in dashboard.tiles.iter().enumerate() {
        let at = format!("/tiles/{index}");
        if let Some(report) = &tile.report {
            checker.definition(DefinitionKind::Report, report, &format!("{at}/report"));
        }
        if let Some(view) = &tile.view {
            checker.definition(DefinitionKind::View, view, &format!("{at}/view"));
        }
    }
    for (index, filter) in dashboard.filters.iter().enumerate() {
        // A filter narrows the tiles whose entity has the field; there has to be at least one entity that has it.
        let model = checker.model;
        let fits =
            model.entities.values().any(|entity| FieldPath::parse(&filter.field, entity, model).is_ok());
        if !fits {
            let problem =
                Problem::new("unknown_field", format!("/filters/{index}/field")).with("field", &filter.field);
            checker.add(problem.with("entity", ""));
        }
    }
}
