//! Views in small, on dashboards: how many records each lane of a board and each day of a calendar has.

use kontor_model::Json;
use kontor_model::definition::report::{Chart, Dimension, Measure, ReportDefinition, ReportType};
use kontor_model::definition::view::{ViewDefinition, ViewType};
use serde_json::json;

/// Days of a calendar that are shown.
pub const DAYS: u32 = 14;

/// The question whose answer shows a view in small; `None` for views that show their first rows instead.
pub fn question(view: &ViewDefinition, title: String, mut filters: Vec<Json>) -> Option<ReportDefinition> {
    let count = Measure { name: "n".to_owned(), count: true, ..Measure::default() };
    let mut measures = vec![count];
    let (report_type, field, by, chart) = match view.view_type {
        ViewType::Board => {
            let sum = view.sum.clone().map(|field| Measure {
                name: "sum".to_owned(),
                sum: Some(field),
                ..Measure::default()
            });
            measures.extend(sum);
            (ReportType::Summary, view.by.clone()?, None, "row")
        }
        ViewType::Calendar => {
            let start = view.start.clone()?;
            filters.push(json!({ "field": start, "within": format!("next_n_days:{DAYS}") }));
            (ReportType::Trend, start, Some("day".to_owned()), "bar")
        }
        ViewType::List | ViewType::Tree | ViewType::Timeline | ViewType::Cards => return None,
    };
    filters.extend(view.filter.clone());
    // Of lanes with a total both numbers are read, in a table.
    let chart = (measures.len() == 1).then(|| Chart {
        chart_type: chart.to_owned(),
        x: field.clone(),
        y: vec!["n".to_owned()],
        stack: None,
    });
    Some(ReportDefinition {
        // No report can have this name, so its texts are not taken for those of one.
        name: format!("view-{}", view.name),
        title,
        entity: view.entity.clone(),
        report_type,
        filter: Some(json!({ "all": filters })),
        rows: vec![Dimension { field, by, ..Dimension::default() }],
        measures,
        totals: Some(false),
        chart,
        ..ReportDefinition::default()
    })
}
