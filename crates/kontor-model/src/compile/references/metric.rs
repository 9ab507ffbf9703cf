//! Metrics: one number, with what it is compared, and what it should reach.

use super::questions::measure;
use super::{Checker, fields_of, read};
use crate::Json;
use crate::definition::metric::{MetricDefinition, Target};
use crate::definition::report::Measure;
use crate::entity::{EntityModel, FieldModel};
use crate::filter::Period;
use crate::formula::Type;
use crate::problem::Problem;

pub(super) fn metric(json: &Json, checker: &mut Checker<'_>) {
    let metric: MetricDefinition = read(json, checker);
    let Some(entity) = checker.entity(&metric.entity, "/entity") else { return };
    checker.filter(entity, metric.filter.as_ref(), "/where");
    checker
        .distinct(metric.parts.iter().map(|part| part.name.as_str()), &|index| format!("/parts/{index}/as"));
    let mut names: Vec<&str> = Vec::new();
    for (index, part) in metric.parts.iter().enumerate() {
        number(entity, part, &names, &format!("/parts/{index}"), checker);
        names.push(&part.name);
    }
    number(entity, &metric.measure, &names, "/measure", checker);
    let period = metric.period.as_ref().and_then(|period| {
        date(entity, &period.field, "/period/field", checker);
        let found = Period::parse(&period.within);
        if found.is_none() {
            let problem = Problem::new("not_a_period", "/period/within").with("value", &period.within);
            checker.add(problem.with("options", crate::filter::PERIODS));
        }
        found
    });
    if let Some(compare) = &metric.compare {
        match period {
            None if metric.period.is_none() => {
                checker.add(Problem::new("required", "/period").with("key", "period"));
            }
            Some(period) if !period.has_before() => {
                checker
                    .add(Problem::new("period_without_before", "/compare/with").with("value", period.word()));
            }
            Some(period) if compare.so_far && !period.is_running() => {
                checker.add(Problem::new("period_is_over", "/compare/so_far").with("value", period.word()));
            }
            _ => {}
        }
    }
    if let Some(wanted) = &metric.target {
        target(wanted, metric.period.is_some(), checker);
    }
}

/// A measure whose outcome is a number: of a date there is no change, and nothing to reach.
fn number(entity: &EntityModel, written: &Measure, before: &[&str], at: &str, checker: &mut Checker<'_>) {
    measure(entity, written, before, at, checker);
    if let Some((function @ ("min" | "max"), Some(path))) = written.function()
        && let Ok(path) = crate::filter::FieldPath::parse(path, entity, checker.model)
        && let Some(field) = path.resolve(checker.model)
    {
        checker.number(entity, field, &format!("{at}/{function}"));
    }
}

/// A field that says when.
fn date(entity: &EntityModel, path: &str, at: &str, checker: &mut Checker<'_>) {
    let is_time = |field: &FieldModel| matches!(field.kind.formula_type(), Type::Date | Type::DateTime);
    let Some(field) = checker.open(entity, path, at) else { return };
    if !is_time(field) {
        let problem = Problem::new("only_for_dates", at).with("kind", field.kind.name());
        checker.add(problem.with("options", fields_of(entity, &is_time)));
    }
}

fn target(wanted: &Target, has_period: bool, checker: &mut Checker<'_>) {
    if wanted.value.is_some() {
        if wanted.number().is_none() {
            checker.add(Problem::new("not_a_number", "/target/value"));
        }
        return;
    }
    let Some(entity) = checker.entity(&wanted.entity, "/target/entity") else { return };
    checker.filter(entity, wanted.filter.as_ref(), "/target/where");
    match &wanted.measure {
        Some(measured) => number(entity, measured, &[], "/target/measure", checker),
        None => checker.add(Problem::new("required", "/target/measure").with("key", "measure")),
    }
    if let Some(field) = &wanted.field {
        date(entity, field, "/target/field", checker);
        if !has_period {
            checker.add(Problem::new("required", "/period").with("key", "period"));
        }
    }
}
