//! Reports and dashboards.

use super::{Checker, fields_of, parameters, read};
use crate::Json;
use crate::definition::DefinitionKind;
use crate::definition::dashboard::DashboardDefinition;
use crate::definition::report::{Dimension, Measure, ReportDefinition, ReportType};
use crate::entity::{EntityModel, FieldModel};
use crate::filter::FieldPath;
use crate::formula::{MeasureFormula, Type};
use crate::problem::Problem;

pub(super) fn report(json: &Json, checker: &mut Checker<'_>) {
    let report: ReportDefinition = read(json, checker);
    let Some(entity) = checker.entity(&report.entity, "/entity") else { return };
    parameters::check(&report, checker);
    let filter =
        report.filter.as_ref().map(|filter| parameters::without(&report, entity, filter, "/where", checker));
    checker.filter(entity, filter.as_ref(), "/where");
    layout(entity, &report, checker);
    super::blocks::blocks(entity, &report, checker);
    dimensions(entity, &report.rows, "/rows", checker);
    dimensions(entity, &report.columns, "/columns", checker);
    checker.paths(entity, &report.fields, "/fields");
    let names: Vec<&str> = report
        .rows
        .iter()
        .chain(&report.columns)
        .map(Dimension::name)
        .chain(report.measures.iter().map(|measure| measure.name.as_str()))
        .chain(report.blocks.iter().flat_map(|block| &block.measures).map(|measure| measure.name.as_str()))
        .collect();
    let sides = report.rows.len();
    let crosses = report.columns.len();
    let counts = report.measures.len();
    checker.distinct(names.iter().copied(), &|index| match index {
        index if index < sides => format!("/rows/{index}"),
        index if index < sides + crosses => format!("/columns/{}", index - sides),
        index if index < sides + crosses + counts => format!("/measures/{}/as", index - sides - crosses),
        _ => "/blocks".to_owned(),
    });
    for (index, written) in report.measures.iter().enumerate() {
        let at = format!("/measures/{index}");
        let before: Vec<&Measure> =
            report.measures.iter().take(index).filter(|before| before.compares().is_none()).collect();
        if let Some((key, of)) = written.compares() {
            compares(entity, (key, of), &before, &at, checker);
            if report.rows.is_empty() && report.report_type != ReportType::List {
                checker.add(Problem::new("required", "/rows").with("key", "rows"));
            }
            continue;
        }
        // A formula of the report reaches the measures of its blocks too, in the same rows.
        let of_blocks = report.blocks.iter().flat_map(|block| &block.measures);
        let before: Vec<&str> =
            before.into_iter().chain(of_blocks).map(|measure| measure.name.as_str()).collect();
        measure(entity, written, &before, &at, checker);
    }
    // What is worked out in the order of the groups cannot be their order.
    let in_order = |name: &&str| {
        let measure = report.measures.iter().find(|measure| measure.name == **name);
        measure.is_some_and(|measure| measure.running.is_some() || measure.change.is_some())
    };
    // What is refused where it stands is none that could be named elsewhere.
    let wrong: Vec<&str> = [("rows", &report.rows), ("columns", &report.columns)]
        .into_iter()
        .flat_map(|(list, own)| own.iter().enumerate().map(move |(index, one)| (list, index, one)))
        .filter(|(list, index, _)| {
            let at = format!("/{list}/{index}/field");
            checker.problems.iter().any(|problem| problem.path == at)
        })
        .map(|(.., one)| one.name())
        .collect();
    let names: Vec<&str> = names.into_iter().filter(|name| !wrong.contains(name)).collect();
    let sorts: Vec<&str> = names.iter().copied().filter(|name| !in_order(name)).collect();
    for (index, sort) in report.sort.iter().enumerate() {
        let name = sort.trim_start_matches('-');
        let at = format!("/sort/{index}");
        // A list is sorted by fields, a summary by what it shows.
        if report.report_type == ReportType::List {
            super::listed::order(entity, name, &at, checker);
        } else if !wrong.contains(&name) {
            known(name, &sorts, &at, checker);
        }
    }
    if let Some(chart) = &report.chart {
        let mut drawn = |name: &str, at: &str| {
            if !wrong.contains(&name) {
                known(name, &names, at, checker);
            }
        };
        drawn(&chart.x, "/chart/x");
        let is_list = json.pointer("/chart/y").is_some_and(Json::is_array);
        for (index, y) in chart.y.iter().enumerate() {
            let at = if is_list { format!("/chart/y/{index}") } else { "/chart/y".to_owned() };
            drawn(y, &at);
        }
        if let Some(stack) = &chart.stack {
            drawn(stack, "/chart/stack");
        }
    }
}

/// What the type of a report needs: without it there is nothing to show.
fn layout(entity: &EntityModel, report: &ReportDefinition, checker: &mut Checker<'_>) {
    let mut needs = |key: &'static str, is_there: bool| {
        if !is_there {
            checker.add(Problem::new("required", format!("/{key}")).with("key", key));
        }
    };
    if report.report_type != ReportType::List {
        needs("measures", !report.measures.is_empty());
    }
    match report.report_type {
        ReportType::Matrix => {
            needs("rows", !report.rows.is_empty());
            needs("columns", !report.columns.is_empty());
        }
        ReportType::Funnel => {
            needs("rows", !report.rows.is_empty());
            if let Some(stages) = report.rows.first()
                && let Ok(path) = FieldPath::parse(&stages.field, entity, checker.model)
                && let Some(field) = path.resolve(checker.model)
                && !field.kind.is_choice()
            {
                checker.no_choice(entity, &stages.field, field, "/rows/0/field");
            }
        }
        ReportType::Trend => {
            needs("rows", !report.rows.is_empty());
            if report.rows.len() > 1 {
                checker.add(Problem::new("trend_has_one_time", "/rows"));
            }
            if report.rows.first().is_some_and(|time| time.by.is_none()) {
                checker.add(Problem::new("required", "/rows/0/by").with("key", "by"));
            }
        }
        ReportType::Cohort => cohort(report, checker),
        ReportType::List => {
            needs("fields", !report.fields.is_empty());
            super::listed::list(entity, report, checker);
        }
        ReportType::Summary => {}
    }
}

/// A cohort compares two dates by the same step; what follows the order of groups has no order there.
fn cohort(report: &ReportDefinition, checker: &mut Checker<'_>) {
    for (key, dimensions) in [("rows", &report.rows), ("columns", &report.columns)] {
        match dimensions.as_slice() {
            [time] if time.by.is_some() => {}
            [_] => checker.add(Problem::new("required", format!("/{key}/0/by")).with("key", "by")),
            [] => checker.add(Problem::new("required", format!("/{key}")).with("key", key)),
            _ => checker.add(Problem::new("cohort_has_two_dates", format!("/{key}"))),
        }
    }
    let by = |dimensions: &[Dimension]| dimensions.first().and_then(|one| one.by.clone());
    if by(&report.rows) != by(&report.columns) {
        checker.add(Problem::new("cohort_steps_differ", "/columns/0/by"));
    }
    for (index, measure) in report.measures.iter().enumerate() {
        if let Some((key @ ("running" | "change"), _)) = measure.compares() {
            checker.add(Problem::new("not_in_cohort", format!("/measures/{index}/{key}")));
        }
    }
    if !report.sort.is_empty() {
        checker.add(Problem::new("not_in_cohort", "/sort"));
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
        let is_time = |field: &FieldModel| matches!(field.kind.formula_type(), Type::Date | Type::DateTime);
        if dimension.by.is_some() && !is_time(field) {
            let problem = Problem::new("only_for_dates", format!("{at}/by")).with("kind", field.kind.name());
            checker.add(problem.with("options", fields_of(entity, &is_time)));
        }
    }
}

/// A measure that compares groups does so by one before it: by what can be added up, or for changes by any number.
fn compares(
    entity: &EntityModel,
    (key, of): (&str, &str),
    before: &[&Measure],
    at: &str,
    checker: &mut Checker<'_>,
) {
    let model = checker.model;
    let fits = |measure: &&&Measure| match (key, measure.function()) {
        ("change", Some(("min" | "max", Some(path)))) => FieldPath::parse(path, entity, model)
            .ok()
            .and_then(|path| path.resolve(model))
            .is_some_and(|field| field.kind.is_number()),
        (_, Some(("count" | "sum", _))) | ("change", _) => true,
        _ => false,
    };
    let names: Vec<&str> = before.iter().filter(fits).map(|measure| measure.name.as_str()).collect();
    known(of, &names, &format!("{at}/{key}"), checker);
}

/// A measure over records, or a formula over the measures before it.
pub(super) fn measure(
    entity: &EntityModel,
    measure: &Measure,
    before: &[&str],
    at: &str,
    checker: &mut Checker<'_>,
) {
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
                checker.number(entity, field, &at);
            }
        }
        Some((_, None)) => {}
        None => {
            let options =
                "count, count_distinct, sum, avg, min, max, median, formula, share, running, change";
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
            if let Some(measure) = &tile.measure {
                number_of_tile(report, measure, &format!("{at}/measure"), checker);
            }
        }
        if let Some(metric) = &tile.metric {
            checker.definition(DefinitionKind::Metric, metric, &format!("{at}/metric"));
        }
        if let Some(snapshot) = &tile.snapshot {
            checker.definition(DefinitionKind::Snapshot, snapshot, &format!("{at}/snapshot"));
        }
        if let Some(view) = &tile.view {
            checker.definition(DefinitionKind::View, view, &format!("{at}/view"));
        }
    }
    super::filters::filters(&dashboard, checker);
}

/// The measure that a tile shows as a number is one of its report's.
pub(super) fn number_of_tile(report: &str, measure: &str, at: &str, checker: &mut Checker<'_>) {
    let report = checker.definitions.get(&(DefinitionKind::Report, report.to_owned()));
    let Some(measures) = report.and_then(|report| report.get("measures")).and_then(Json::as_array) else {
        return;
    };
    let names: Vec<&str> = measures.iter().filter_map(|one| one.get("as")?.as_str()).collect();
    known(measure, &names, at, checker);
}
