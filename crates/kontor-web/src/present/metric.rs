//! Metrics: a number with its comparison and its target, on a page of its own and on tiles.

use kontor_core::reports::metric::{Before, Figure, Reached};
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::metric::{Better, MetricDefinition};
use kontor_model::definition::report::ReportDefinition;
use kontor_model::filter::{Against, Period};
use kontor_model::kind::{self, NumberStyle};
use kontor_model::query::{Answer, Group, MeasureHead};
use kontor_model::{Decimal, Value};
use kontor_view::chart::sparkline;
use kontor_view::field::{FieldView, OptionView};
use kontor_view::page::dashboard::{Metric, Progress};
use kontor_view::page::metric::{MetricLine, MetricPage};
use kontor_view::page::part::Notice;
use kontor_view::present::report::measure_text;

use super::{Reading, report, tile};
use crate::extract::query::Query;
use crate::frame::address;

/// The title of a metric in the reader's language.
pub fn title(reading: &Reading<'_>, metric: &MetricDefinition) -> String {
    reading.label(DefinitionKind::Metric, &metric.name, "title", &metric.title)
}

/// The page.
pub fn page(
    reading: &Reading<'_>,
    metric: &MetricDefinition,
    figure: &Figure,
    line: Option<&(ReportDefinition, Answer)>,
    query: &Query,
) -> MetricPage {
    let name = address::segment(&metric.name);
    let base = format!("{}/metrics/{name}", reading.visit.base);
    let own = metric.description.as_deref().unwrap_or_default();
    let chart = line.map(|(written, answer)| report::chart_html(reading, written, answer, true));
    MetricPage {
        at: reading.visit.place(),
        title: title(reading, metric),
        description: reading.label(DefinitionKind::Metric, &metric.name, "description", own),
        action: base,
        period: period(reading, figure, query),
        notices: notices(reading, figure),
        metric: of_tile(reading, metric, figure, None),
        lines: lines(reading, metric, figure),
        chart: chart.unwrap_or_default(),
        customise: reading.customise(&[
            ("customise.edit_metric", reading.admin_href(&format!("edit/metric/{name}")), "pencil"),
            ("builder.source", reading.admin_href(&format!("source/metric/{name}")), "code"),
        ]),
    }
}

/// The number as a tile shows it.
pub fn of_tile(
    reading: &Reading<'_>,
    metric: &MetricDefinition,
    figure: &Figure,
    line: Option<&Answer>,
) -> Metric {
    let exact = measure_text(&reading.format, &figure.head, &figure.value);
    let short = tile::short(reading, &figure.head, &figure.value);
    let (comparison, tone) =
        figure.before.as_ref().map_or_else(Default::default, |before| compared(reading, figure, before));
    let points: Vec<f64> = line
        .into_iter()
        .flat_map(|answer| &answer.rows)
        .filter_map(|group| group.values.first()?.as_decimal())
        .map(Decimal::to_f64)
        .collect();
    Metric {
        value: if short.is_empty() { "–".to_owned() } else { short.clone() },
        exact: if exact == short { String::new() } else { exact },
        time: time(reading, figure),
        comparison,
        tone,
        spark: sparkline(&points),
        progress: figure.target.as_ref().map(|target| progress(reading, metric, figure, target)),
    }
}

/// What became of amounts, on a tile.
pub fn note(reading: &Reading<'_>, figure: &Figure) -> String {
    notices(reading, figure).into_iter().map(|notice| notice.title).collect::<Vec<_>>().join(" ")
}

/// "This quarter"; empty for all times and for times without a word of their own.
fn time(reading: &Reading<'_>, figure: &Figure) -> String {
    let within = figure.period.as_ref().map(|span| span.within.as_str()).unwrap_or_default();
    let period = report::period_options(reading, within).into_iter().find(|option| option.selected);
    period.filter(|option| !option.value.is_empty()).map(|option| option.title).unwrap_or_default()
}

fn notices(reading: &Reading<'_>, figure: &Figure) -> Vec<Notice> {
    let answer = Answer {
        measures: vec![figure.head.clone()],
        mixed: figure.mixed,
        missing: figure.missing,
        ..Answer::default()
    };
    report::notices(reading, &answer)
}

/// "▲ 12% against the period before", and its tone.
fn compared(reading: &Reading<'_>, figure: &Figure, before: &Before) -> (String, String) {
    let head = &figure.head;
    let unit = figure.period.as_ref().and_then(|span| span.within.strip_prefix("this_"));
    let against = match (before.with, unit) {
        (Against::YearBefore, _) => reading.t("metric.against_year"),
        (Against::Previous, Some(unit @ ("week" | "month" | "quarter" | "year"))) => {
            let last = reading.t(&format!("period.last_{unit}"));
            reading.words().with("metric.against", &[("period", &last)])
        }
        (Against::Previous, _) => reading.t("dashboard.against"),
    };
    let Some(change) = before.change else { return Default::default() };
    if change.is_zero() {
        return (reading.words().with("metric.unchanged", &[("against", &against)]), String::new());
    }
    let is_percent = kind::find(&head.kind).is_some_and(|kind| kind.style() == NumberStyle::Percent);
    let size = match before.percent.filter(|_| !is_percent) {
        Some(percent) => reading.format.percent(absolute(percent)),
        None => difference(reading, head, absolute(change)),
    };
    let arrow = if change > Decimal::ZERO { "▲" } else { "▼" };
    let tone = match before.is_good {
        Some(true) => "up",
        Some(false) => "down",
        None => "",
    };
    (format!("{arrow} {size} {against}"), tone.to_owned())
}

/// A difference: of percentages it is in points.
fn difference(reading: &Reading<'_>, head: &MeasureHead, number: Decimal) -> String {
    let is_percent = kind::find(&head.kind).is_some_and(|kind| kind.style() == NumberStyle::Percent);
    if is_percent {
        let number = reading.format.decimal(number.rescale(head.scale.min(2)).unwrap_or(number));
        return reading.words().with("metric.points", &[("number", &number)]);
    }
    tile::short(reading, head, &Value::Decimal(number))
}

fn absolute(number: Decimal) -> Decimal {
    if number < Decimal::ZERO { Decimal::ZERO.checked_sub(number).unwrap_or(number) } else { number }
}

fn progress(reading: &Reading<'_>, metric: &MetricDefinition, figure: &Figure, target: &Reached) -> Progress {
    let wanted = tile::short(reading, &figure.head, &Value::Decimal(target.value));
    let text = match (target.percent, metric.better) {
        (Some(percent), Better::More) => reading
            .words()
            .with("metric.progress", &[("percent", &reading.format.percent(percent)), ("target", &wanted)]),
        (_, Better::Less) => reading.words().with("metric.at_most", &[("target", &wanted)]),
        (None, Better::More) => reading.words().with("metric.of_target", &[("target", &wanted)]),
    };
    let state = reading.t(if target.is_reached { "metric.reached" } else { "metric.not_reached" });
    let whole = target.percent.and_then(|percent| percent.rescale(0)).map_or(0, Decimal::units);
    Progress {
        bar: metric.better == Better::More && target.percent.is_some(),
        percent: u8::try_from(whole.clamp(0, 100)).unwrap_or(0),
        text: format!("{text} · {state}"),
        reached: target.is_reached,
    }
}

fn lines(reading: &Reading<'_>, metric: &MetricDefinition, figure: &Figure) -> Vec<MetricLine> {
    let text = |value: &Value| measure_text(&reading.format, &figure.head, value);
    let days = |first, last| match (first, last) {
        (Some(first), Some(last)) => {
            let (first, last) = (reading.format.date(first), reading.format.date(last));
            reading.words().with("metric.days", &[("first", &first), ("last", &last)])
        }
        _ => String::new(),
    };
    let group = Group { filter: figure.filter.clone(), ..Group::default() };
    let mut lines = vec![MetricLine {
        title: reading.t("metric.now"),
        value: text(&figure.value),
        note: figure.period.as_ref().map_or_else(String::new, |span| days(span.first, span.last)),
        href: report::drill(reading, &metric.entity, &group),
    }];
    if let Some(before) = &figure.before {
        let key = match before.with {
            Against::Previous => "metric.before",
            Against::YearBefore => "metric.year_before",
        };
        lines.push(MetricLine {
            title: reading.t(key),
            value: text(&before.value),
            note: days(Some(before.first), Some(before.last)),
            href: String::new(),
        });
        let change = before.change.map(|change| {
            let sign = match change.cmp(&Decimal::ZERO) {
                std::cmp::Ordering::Greater => "+",
                std::cmp::Ordering::Less => "−",
                std::cmp::Ordering::Equal => "",
            };
            format!("{sign}{}", difference_in_full(reading, &figure.head, absolute(change)))
        });
        lines.push(MetricLine {
            title: reading.t("metric.change"),
            value: change.unwrap_or_default(),
            note: before.percent.map_or_else(String::new, |percent| reading.format.percent(percent)),
            href: String::new(),
        });
    }
    if let Some(target) = &figure.target {
        lines.push(MetricLine {
            title: reading.t("metric.target"),
            value: text(&Value::Decimal(target.value)),
            note: progress(reading, metric, figure, target).text,
            href: String::new(),
        });
    }
    lines
}

fn difference_in_full(reading: &Reading<'_>, head: &MeasureHead, number: Decimal) -> String {
    match kind::find(&head.kind).map(kontor_model::FieldKind::style) {
        Some(NumberStyle::Percent) => difference(reading, head, number),
        _ => measure_text(&reading.format, head, &Value::Decimal(number)),
    }
}

/// The choice of another period; the definition's own stands in it even when it is none of the usual ones.
fn period(reading: &Reading<'_>, figure: &Figure, query: &Query) -> Option<FieldView> {
    let chosen = figure.period.as_ref()?.within.clone();
    let usual = report::period_options(reading, &chosen);
    // Not choosing one means the definition's own.
    let mut options: Vec<OptionView> = usual.into_iter().filter(|option| !option.value.is_empty()).collect();
    if !options.iter().any(|option| option.selected) {
        let word = Period::parse(&chosen).map_or_else(|| chosen.clone(), Period::word);
        options.insert(0, OptionView::new(chosen.clone(), word, true));
    }
    let value = query.get("within").filter(|word| !word.is_empty()).unwrap_or(&chosen).to_owned();
    Some(FieldView {
        name: "within".to_owned(),
        label: reading.t("metric.period"),
        kind: "choice".to_owned(),
        value,
        options,
        closed: true,
        ..FieldView::default()
    })
}
