//! Blocks of a report: measures of other entities beside its own, in the same rows.

use super::questions::measure;
use super::{Checker, parameters};
use crate::definition::report::{Block, Dimension, Measure, ReportDefinition, ReportType};
use crate::entity::{EntityModel, FieldModel};
use crate::filter::FieldPath;
use crate::formula::Type;
use crate::problem::Problem;

pub(super) fn blocks(entity: &EntityModel, report: &ReportDefinition, checker: &mut Checker<'_>) {
    if report.blocks.is_empty() {
        return;
    }
    if report.report_type != ReportType::Summary {
        checker.add(Problem::new("blocks_in_summary", "/type"));
    }
    if !report.columns.is_empty() {
        checker.add(Problem::new("blocks_in_summary", "/columns"));
    }
    if report.rows.is_empty() {
        checker.add(Problem::new("required", "/rows").with("key", "rows"));
    }
    checker.distinct(report.blocks.iter().map(|block| block.name.as_str()), &|index| {
        format!("/blocks/{index}/name")
    });
    alone(&report.measures, "", checker);
    for (index, one) in report.blocks.iter().enumerate() {
        block(entity, report, one, &format!("/blocks/{index}"), checker);
    }
}

/// Rows of several entities have no order and no whole of one of them.
fn alone(measures: &[Measure], at: &str, checker: &mut Checker<'_>) {
    for (index, measure) in measures.iter().enumerate() {
        if let Some((key, _)) = measure.compares() {
            checker.add(Problem::new("not_in_blocks", format!("{at}/measures/{index}/{key}")));
        }
    }
}

fn block(
    entity: &EntityModel,
    report: &ReportDefinition,
    block: &Block,
    at: &str,
    checker: &mut Checker<'_>,
) {
    let Some(other) = checker.entity(&block.entity, &format!("{at}/entity")) else { return };
    let place = format!("{at}/where");
    let filter =
        block.filter.as_ref().map(|filter| parameters::without(report, other, filter, &place, checker));
    checker.filter(other, filter.as_ref(), &place);
    if block.fields.len() != report.rows.len() {
        let problem = Problem::new("block_fields", format!("{at}/fields"));
        checker.add(problem.with("count", report.rows.len()));
    }
    for (index, (path, row)) in block.fields.iter().zip(&report.rows).enumerate() {
        let at = format!("{at}/fields/{index}");
        let Some(field) = checker.open(other, path, &at) else { continue };
        if !means_the_same(entity, row, field, checker) {
            checker
                .add(Problem::new("block_field_differs", at).with("field", path).with("other", &row.field));
        }
    }
    if block.measures.is_empty() {
        checker.add(Problem::new("required", format!("{at}/measures")).with("key", "measures"));
    }
    alone(&block.measures, at, checker);
    let mut before: Vec<&str> = Vec::new();
    for (index, written) in block.measures.iter().enumerate().filter(|(_, one)| one.compares().is_none()) {
        measure(other, written, &before, &format!("{at}/measures/{index}"), checker);
        before.push(&written.name);
    }
}

/// Whether values of a field stand in the same row as those of the report's own: links to the same, or values of one kind.
fn means_the_same(entity: &EntityModel, row: &Dimension, field: &FieldModel, checker: &Checker<'_>) -> bool {
    let own = FieldPath::parse(&row.field, entity, checker.model).ok();
    let Some(own) = own.as_ref().and_then(|path| path.resolve(checker.model)) else { return true };
    if row.by.is_some() {
        return matches!(field.kind.formula_type(), Type::Date | Type::DateTime);
    }
    if own.kind.is_link() || field.kind.is_link() {
        return own.kind.is_link() && field.kind.is_link() && own.targets == field.targets;
    }
    own.kind.name() == field.kind.name()
}
