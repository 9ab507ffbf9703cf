//! Reports and their tables: parameters, chart, drill-down, matrix.

use kontor_core::permissions::{Verb, allows};
use kontor_core::saved;
use kontor_model::Problems;
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::report::{ReportDefinition, ReportType};
use kontor_model::query::{Answer, Group};
use kontor_view::Html;
use kontor_view::chart;
use kontor_view::field::{FieldView, OptionView};
use kontor_view::page::part::{Link, Notice};
use kontor_view::page::report::{ReportPage, ReportTable};
use kontor_view::present::report as present;

use super::report_list::Found;
use super::{Reading, address as listing, cohort, export, matrix};
use crate::extract::query::Query;
use crate::frame::address;
use crate::routes::own;

/// The page.
pub fn page(reading: &Reading<'_>, report: &ReportDefinition, answer: &Answer, query: &Query) -> ReportPage {
    let base = address_of(reading, report);
    let chart = chart_html(reading, report, answer, true);
    ReportPage {
        notices: notices(reading, answer),
        table: table(reading, report, answer, &base, query),
        summary: summary(reading, report, answer),
        ..empty_page(reading, report, query, chart)
    }
}

/// The page of a report that cannot be worked out for the reader any more: what it names is gone, or not for them.
pub fn broken_page(
    reading: &Reading<'_>,
    report: &ReportDefinition,
    query: &Query,
    problems: &Problems,
) -> ReportPage {
    let lines = problems.iter().map(|problem| problem.message(&reading.labels)).collect();
    let title = reading.t("own.cannot_run");
    ReportPage {
        notices: vec![Notice { tone: "t-amber".to_owned(), title, lines }],
        exports: Vec::new(),
        ..empty_page(reading, report, query, Html::default())
    }
}

/// The page of a report that shows records. Who may not take records away gets no files.
pub fn list_page(
    reading: &Reading<'_>,
    report: &ReportDefinition,
    found: &Found,
    query: &Query,
) -> ReportPage {
    let base = address_of(reading, report);
    let page = empty_page(reading, report, query, Html::default());
    let entity = reading.session.model.entity(&report.entity);
    let may_export = entity.is_some_and(|entity| allows(reading.session, entity, Verb::Export));
    let told = found.told();
    let mut notices = notices(reading, &Answer { capped: false, ..told.clone() });
    if let Some(title) = found.some_of(reading, "report.capped_records") {
        notices.insert(0, Notice { tone: "t-amber".to_owned(), title, lines: Vec::new() });
    }
    ReportPage {
        notices,
        table: found.table(reading, report, &base, query),
        summary: found.summary(reading),
        exports: if may_export { page.exports } else { Vec::new() },
        ..page
    }
}

fn address_of(reading: &Reading<'_>, report: &ReportDefinition) -> String {
    format!("{}/reports/{}", reading.visit.base, address::segment(&report.name))
}

/// Everything of a page but what was found.
fn empty_page(reading: &Reading<'_>, report: &ReportDefinition, query: &Query, chart: Html) -> ReportPage {
    let base = address_of(reading, report);
    let format_href = |format: &str| {
        let mut pairs = query.0.clone();
        pairs.push(("format".to_owned(), format.to_owned()));
        address::with_query(&base, pairs)
    };
    let mut exports = vec![
        Link::new(format_href("csv"), "CSV", "download"),
        Link::new(format_href("xlsx"), "XLSX", "download"),
    ];
    if !chart.is_empty() {
        exports.push(Link::new(format_href("svg"), "SVG", "image"));
    }
    let name = address::segment(&report.name);
    ReportPage {
        at: reading.visit.place(),
        name: report.name.clone(),
        title: title(reading, report),
        description: reading.label(
            DefinitionKind::Report,
            &report.name,
            "description",
            report.description.as_deref().unwrap_or_default(),
        ),
        action: base.clone(),
        parameters: parameters(reading, report, query),
        chart,
        exports,
        customise: if saved::id_of(&report.name).is_some() {
            Vec::new()
        } else {
            reading.customise(&[
                ("customise.edit_report", format!("{base}/edit"), "pencil"),
                ("builder.source", reading.admin_href(&format!("source/report/{name}")), "code"),
            ])
        },
        own: own::links(reading, DefinitionKind::Report, &report.name),
        ..ReportPage::default()
    }
}

/// The title of a report in the reader's language.
pub fn title(reading: &Reading<'_>, report: &ReportDefinition) -> String {
    reading.label(DefinitionKind::Report, &report.name, "title", &report.title)
}

/// The address of the records behind a group.
pub fn drill(reading: &Reading<'_>, entity: &str, group: &Group) -> String {
    if !reading.has_pages(entity) {
        return String::new();
    }
    let list = reading.list_href(entity);
    match reading.session.model.entity(entity) {
        Some(model) => {
            address::with_query(&list, listing::pairs_of(&reading.session.model, model, &group.filter))
        }
        None => address::with_query(&list, [("filter", group.filter.to_string())]),
    }
}

/// The address of the records behind a measure of a report over several entities; empty where there are none.
fn behind(reading: &Reading<'_>, answer: &Answer, group: &Group, measure: usize) -> String {
    let Some(found) = answer.behind(group, measure) else { return String::new() };
    drill(reading, &found.entity, &Group { filter: found.filter.clone(), ..Group::default() })
}

/// The chart; empty when the report has none.
pub fn chart_html(
    reading: &Reading<'_>,
    report: &ReportDefinition,
    answer: &Answer,
    with_table: bool,
) -> Html {
    let drawn = report.chart.as_ref().and_then(|chart| answer.measure_index(chart.y.first()?)).unwrap_or(0);
    let drill = |group: &Group| {
        if answer.blocks.is_empty() {
            drill(reading, &report.entity, group)
        } else {
            behind(reading, answer, group, drawn)
        }
    };
    if answer.rows.is_empty() {
        // The table says that there is nothing; a picture of nothing would say it again.
        return Html::default();
    }
    match export::chart_of(reading, report, answer, &drill) {
        Some((kind, mut data)) => {
            data.with_table = with_table
                && data.categories.len() > 1
                && matches!(report.report_type, ReportType::Matrix | ReportType::Trend);
            chart::draw(kind, &data, reading.words())
        }
        None => Html::default(),
    }
}

/// What is to be known of the answer.
pub fn notices(reading: &Reading<'_>, answer: &Answer) -> Vec<Notice> {
    let notice = |key: &str| Notice { tone: "t-amber".to_owned(), title: reading.t(key), lines: Vec::new() };
    let mut notices = Vec::new();
    if answer.capped {
        notices.push(notice("report.capped"));
    }
    if answer.mixed {
        let currency =
            answer.measures.iter().find(|head| head.converted).and_then(|head| head.currency.clone());
        notices.push(match currency {
            Some(currency) => Notice {
                tone: "t-grey".to_owned(),
                title: reading.words().with("report.converted", &[("currency", &currency)]),
                lines: Vec::new(),
            },
            None => notice("report.mixed"),
        });
    }
    if answer.missing > 0 {
        let count = usize::try_from(answer.missing).unwrap_or(usize::MAX);
        let title = reading.words().count("report.without_rate", count);
        notices.push(Notice { title, ..notice("report.mixed") });
    }
    if answer.too_large {
        notices.push(notice("report.too_large"));
    }
    notices
}

/// "15 groups", of what is laid out as rows and columns "6 rows · 4 columns"; nothing where there are none, because the table
/// says so.
pub fn summary(reading: &Reading<'_>, report: &ReportDefinition, answer: &Answer) -> String {
    if answer.rows.is_empty() {
        return String::new();
    }
    if is_grid(report, answer) {
        let (rows, columns) = matrix::size(report, answer);
        let words = reading.words();
        return format!("{} · {}", words.count("report.rows", rows), words.count("report.columns", columns));
    }
    reading.words().count("report.groups", answer.rows.len())
}

/// The address that sorts by a column, turned round where it is sorted by already, and the order in which it stands; without
/// a `base` there is none.
pub fn sort_link(report: &ReportDefinition, base: &str, query: &Query, name: &str) -> (String, String) {
    let present =
        query.get("sort").map_or_else(|| report.sort.first().cloned().unwrap_or_default(), str::to_owned);
    let (wanted, sorted) = if present == name {
        (format!("-{name}"), "ascending")
    } else if present.strip_prefix('-') == Some(name) {
        (name.to_owned(), "descending")
    } else {
        (name.to_owned(), "")
    };
    let mut pairs = query.without(&["sort", "format"]);
    pairs.push(("sort".to_owned(), wanted));
    let href = if base.is_empty() { String::new() } else { address::with_query(base, pairs) };
    (href, sorted.to_owned())
}

/// Whether an answer is laid out as rows and columns: a matrix, or a trend of one measure by one dimension.
fn is_grid(report: &ReportDefinition, answer: &Answer) -> bool {
    let (down, across) = (report.rows.len(), report.columns.len());
    match report.report_type {
        ReportType::Matrix => down > 0 && across > 0 && answer.dimensions.len() == down + across,
        ReportType::Trend => answer.measures.len() == 1 && down == 1 && across == 1,
        _ => false,
    }
}

/// The rows: a grid for a matrix, else a line per group.
pub fn table(
    reading: &Reading<'_>,
    report: &ReportDefinition,
    answer: &Answer,
    base: &str,
    query: &Query,
) -> ReportTable {
    if report.report_type == ReportType::Cohort {
        return cohort::table(reading, report, answer);
    }
    if is_grid(report, answer) {
        return matrix::table(reading, report, answer);
    }
    let sort = |name: &str| sort_link(report, base, query, name);
    if answer.blocks.is_empty() {
        return present::table(&reading.format, answer, |group| drill(reading, &report.entity, group), sort);
    }
    // Each number leads to the records of its own entity.
    let mut table = present::table(&reading.format, answer, |_| String::new(), sort);
    let numbers = answer.dimensions.len();
    for (row, group) in table.rows.iter_mut().zip(&answer.rows) {
        for (measure, cell) in row.cells.iter_mut().skip(numbers).enumerate() {
            cell.href = behind(reading, answer, group, measure);
        }
    }
    table
}

fn parameters(reading: &Reading<'_>, report: &ReportDefinition, query: &Query) -> Vec<FieldView> {
    report
        .parameters
        .iter()
        .map(|parameter| {
            let path = format!("parameters.{}.title", parameter.name);
            let own = parameter.title.as_deref().unwrap_or(&parameter.name);
            let default = parameter
                .default
                .as_ref()
                .map(|json| json.as_str().map_or_else(|| json.to_string(), str::to_owned))
                .unwrap_or_default();
            FieldView {
                name: parameter.name.clone(),
                label: reading.label(DefinitionKind::Report, &report.name, &path, own),
                kind: if parameter.kind.is_empty() { "text".to_owned() } else { parameter.kind.clone() },
                value: query.get(&parameter.name).map_or(default, str::to_owned),
                link_entity: parameter.to.clone().unwrap_or_default(),
                ..FieldView::default()
            }
        })
        .collect()
}

/// A choice field's options, or the periods, for a filter of a dashboard.
pub fn period_options(reading: &Reading<'_>, chosen: &str) -> Vec<OptionView> {
    const PERIODS: [&str; 8] = [
        "this_month",
        "last_month",
        "this_quarter",
        "last_quarter",
        "this_year",
        "last_year",
        "past",
        "future",
    ];
    let none = OptionView::new("", reading.t("value.all"), chosen.is_empty());
    std::iter::once(none)
        .chain(PERIODS.iter().map(|period| {
            // The words are made for the middle of a sentence; alone they begin one.
            let words = reading.t(&format!("period.{period}"));
            let mut letters = words.chars();
            let first = letters.next().map(char::to_uppercase).into_iter().flatten();
            OptionView::new(*period, first.chain(letters).collect::<String>(), *period == chosen)
        }))
        .collect()
}
