//! Snapshots: what is kept per day, and who sees it.

use super::questions::number_of_tile;
use super::{Checker, read};
use crate::Json;
use crate::definition::DefinitionKind;
use crate::definition::report::{ReportDefinition, ReportType};
use crate::definition::snapshot::SnapshotDefinition;
use crate::problem::Problem;

pub(super) fn snapshot(json: &Json, checker: &mut Checker<'_>) {
    let snapshot: SnapshotDefinition = read(json, checker);
    checker.roles(&snapshot.roles, "/roles");
    match (&snapshot.metric, &snapshot.report) {
        (Some(metric), None) => checker.definition(DefinitionKind::Metric, metric, "/metric"),
        (None, Some(report)) => kept(report, &snapshot, checker),
        _ => checker.add(Problem::new("one_of_keys", "").with("options", "metric, report")),
    }
}

/// A report whose figures can be kept: groups and measures that need no answers first.
fn kept(name: &str, snapshot: &SnapshotDefinition, checker: &mut Checker<'_>) {
    checker.definition(DefinitionKind::Report, name, "/report");
    if let Some(measure) = &snapshot.measure {
        number_of_tile(name, measure, "/measure", checker);
    }
    let json = checker.definitions.get(&(DefinitionKind::Report, name.to_owned()));
    let Some(report) = json.and_then(|json| crate::definition::read::<ReportDefinition>(json).ok()) else {
        return;
    };
    if !matches!(report.report_type, ReportType::Summary | ReportType::Matrix | ReportType::Funnel) {
        checker.add(Problem::new("report_not_kept", "/report").with("name", name));
    }
    if report.parameters.iter().any(|parameter| parameter.default.is_none()) {
        checker.add(Problem::new("report_asks", "/report").with("name", name));
    }
}
