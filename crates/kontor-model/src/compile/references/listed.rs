//! Reports that show records themselves.

use super::{Checker, fields_of};
use crate::definition::report::ReportDefinition;
use crate::entity::{EntityModel, FieldModel};
use crate::filter::FieldPath;
use crate::problem::Problem;

/// A list has fields; what groups records has no place in it. Its measures are over all that match.
pub(super) fn list(entity: &EntityModel, report: &ReportDefinition, checker: &mut Checker<'_>) {
    let grouped = [
        ("rows", !report.rows.is_empty()),
        ("columns", !report.columns.is_empty()),
        ("blocks", !report.blocks.is_empty()),
        ("chart", report.chart.is_some()),
    ];
    for (key, is_there) in grouped {
        if is_there {
            checker.add(Problem::new("not_in_list", format!("/{key}")));
        }
    }
    for (index, measure) in report.measures.iter().enumerate() {
        if let Some((key, _)) = measure.compares() {
            checker.add(Problem::new("not_in_list", format!("/measures/{index}/{key}")));
        }
    }
    for (index, path) in report.fields.iter().enumerate() {
        let found = FieldPath::parse(path, entity, checker.model).ok();
        let field = found.as_ref().and_then(|path| path.resolve(checker.model));
        if field.is_some_and(|field| field.kind.is_list()) {
            let at = format!("/fields/{index}");
            let problem = Problem::new("not_an_option", at).with("value", path);
            checker.add(problem.with("options", fields_of(entity, &|field| !field.kind.is_list())));
        }
    }
}

/// A field that the records of a list are sorted by.
pub(super) fn order(entity: &EntityModel, name: &str, at: &str, checker: &mut Checker<'_>) {
    if let Some(field) = checker.open(entity, name, at)
        && !field.is_sealed()
        && !field.is_sortable()
    {
        let problem = Problem::new("not_an_option", at).with("value", name);
        checker.add(problem.with("options", fields_of(entity, &FieldModel::is_sortable)));
    }
}
