//! Charts as SVG, made on the server: geometry in attributes, colour through classes alone, every value reachable by a link.
//!
//! Takes plain numbers that are already shown as text beside them; knows neither report nor locale.

mod bar;
mod column;
mod entities;
mod funnel;
mod legend;
mod line;
mod scale;
mod spark;

pub use entities::{EntityBox, EntityDiagram, EntityEdge, EntityRow, entities};
pub use spark::sparkline;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::page::search::escape;
use crate::{Html, Words};

/// How a chart is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChartType {
    /// Lying bars, one line per category: for names.
    #[default]
    Bar,
    /// Lying bars of several series behind one another.
    StackedBar,
    /// Standing columns: for time, up to 24 categories.
    Column,
    /// Standing columns of several series on one another.
    StackedColumn,
    /// A line per series: for time.
    Line,
    /// Lying bars from large to small with the share of the one before.
    Funnel,
}

impl ChartType {
    /// The type of that name in a report definition; stacked when there is a second dimension.
    pub fn named(name: &str, stacked: bool, over_time: bool) -> Option<ChartType> {
        match name {
            "bar" | "bars" if over_time => {
                Some(if stacked { ChartType::StackedColumn } else { ChartType::Column })
            }
            "column" | "columns" => Some(if stacked { ChartType::StackedColumn } else { ChartType::Column }),
            "bar" | "bars" => Some(if stacked { ChartType::StackedBar } else { ChartType::Bar }),
            "stacked_bar" => Some(if over_time { ChartType::StackedColumn } else { ChartType::StackedBar }),
            "line" | "trend" | "area" => Some(ChartType::Line),
            "funnel" => Some(ChartType::Funnel),
            _ => None,
        }
    }
}

/// One mark of the axis of categories.
#[derive(Clone, Debug, Default)]
pub struct Category {
    /// What it says.
    pub title: String,
    /// The records behind it; may be empty.
    pub href: String,
}

/// One value.
#[derive(Clone, Debug, Default)]
pub struct Point {
    /// The number that is drawn; `None` for nothing.
    pub value: Option<f64>,
    /// The number as people read it.
    pub text: String,
    /// The records behind it; may be empty.
    pub href: String,
}

/// One row of values, one per category.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// What it says in the legend.
    pub title: String,
    /// The values.
    pub points: Vec<Point>,
}

/// What a chart draws.
#[derive(Clone, Debug, Default)]
pub struct ChartData {
    /// Unique on the page: the base of ids.
    pub id: String,
    /// Name of the chart, for screen readers.
    pub title: String,
    /// What it shows, in a sentence, for screen readers; empty is made from the data.
    pub description: String,
    /// Heading of the categories in the table.
    pub category_title: String,
    /// The categories.
    pub categories: Vec<Category>,
    /// The series; more than eight share the eight colours in turn.
    pub series: Vec<Series>,
    /// Unit of the axis ("€ thousand"); may be empty.
    pub unit: String,
    /// Whether the same data follows as a folded table.
    pub with_table: bool,
}

/// Draws a chart: the SVG, its legend, and the folded table where it is asked for. Empty data gives a sentence.
pub fn draw(chart: ChartType, data: &ChartData, words: &Words) -> Html {
    if data.categories.is_empty()
        || data.series.iter().all(|series| series.points.iter().all(|point| point.value.is_none()))
    {
        return Html(format!(r#"<p class="body soft">{}</p>"#, escape(&words.t("chart.empty"))));
    }
    let mut html = svg(chart, data, words);
    html.push_str(&legend::legend(data));
    if data.with_table {
        html.push_str(&legend::table(data, words));
    }
    Html(format!(r#"<div class="chart">{html}</div>"#))
}

/// The bare picture as a file of its own, for `?format=svg`: with the stylesheet's colours of the light theme inside.
pub fn file(chart: ChartType, data: &ChartData, words: &Words) -> String {
    let picture = svg(chart, data, words);
    let style = "<style>text{font:11px sans-serif;fill:#555960}.strong{fill:#1b1c1e;font-weight:600}.narrow{display:none}.end{text-anchor:end}.mid{text-anchor:middle}\
        .rule{stroke:#e9e8e4}.axis{stroke:#d9d8d3}.track{fill:#f2f2ee}.area{fill:#0e6a82;opacity:.07}.ln,.pt{fill:none;stroke:#0e6a82;stroke-width:2}.pt{fill:#fff}\
        .f1{fill:#0e6a82}.f2{fill:#b7791f}.f3{fill:#7257c0}.f4{fill:#2f8a5b}.f5{fill:#b8497f}.f6{fill:#5f6f80}.f7{fill:#a3442b}.f8{fill:#66791c}.s2{stroke:#b7791f}.s3{stroke:#7257c0}.s4{stroke:#2f8a5b}.s5{stroke:#b8497f}.s6{stroke:#5f6f80}.s7{stroke:#a3442b}.s8{stroke:#66791c}</style>";
    let opened = picture.replacen("<svg ", r#"<svg xmlns="http://www.w3.org/2000/svg" "#, 1);
    match opened.split_once('>') {
        Some((head, rest)) => format!("{head}>{style}{rest}"),
        None => opened,
    }
}

fn svg(chart: ChartType, data: &ChartData, words: &Words) -> String {
    let (height, body) = match chart {
        ChartType::Bar | ChartType::StackedBar => bar::body(data, words),
        ChartType::Column | ChartType::StackedColumn => column::body(data, words),
        ChartType::Line => line::body(data, words),
        ChartType::Funnel => funnel::body(data),
    };
    let description =
        if data.description.is_empty() { describe(data, words) } else { data.description.clone() };
    let (id, title, description) = (escape(&data.id), escape(&data.title), escape(&description));
    format!(
        r#"<svg viewBox="0 0 480 {height}" role="group" aria-labelledby="{id}-t" aria-describedby="{id}-d"><title id="{id}-t">{title}</title><desc id="{id}-d">{description}</desc>{body}</svg>"#
    )
}

/// A sentence about the largest value of the first series.
fn describe(data: &ChartData, words: &Words) -> String {
    let Some(series) = data.series.first() else { return String::new() };
    let largest = data
        .categories
        .iter()
        .zip(&series.points)
        .filter_map(|(category, point)| point.value.map(|value| (value, category, point)))
        .max_by(|left, right| left.0.total_cmp(&right.0));
    let Some((_, category, point)) = largest else { return String::new() };
    words.with(
        "chart.description",
        &[
            ("count", &data.categories.len().to_string()),
            ("category", &category.title),
            ("value", &point.text),
        ],
    )
}

/// Wraps a mark into its link; without an address it stands alone with its words as title.
pub(crate) fn linked(href: &str, label: &str, mark: &str) -> String {
    let label = escape(label);
    if href.is_empty() {
        return format!(r#"<g role="img" aria-label="{label}"><title>{label}</title>{mark}</g>"#);
    }
    format!(r#"<a href="{}" aria-label="{label}">{mark}</a>"#, escape(href))
}

/// Class of the colour of a series: `f1` to `f8`, in turn.
pub(crate) fn colour(index: usize) -> usize {
    index % 8 + 1
}

/// Words of one value for screen readers: "Propose, Automotive: €902k".
pub(crate) fn label(category: &Category, series: Option<&Series>, point: &Point) -> String {
    match series.filter(|series| !series.title.is_empty()) {
        Some(series) => format!("{}, {}: {}", category.title, series.title, point.text),
        None => format!("{}: {}", category.title, point.text),
    }
}

/// A coordinate with one digit behind the point and no needless zero.
pub(crate) fn at(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// A text shortened to about `limit` Latin characters; a Chinese one counts for two.
pub(crate) fn shortened(text: &str, limit: usize) -> String {
    let mut width = 0;
    let mut short = String::new();
    for letter in text.chars() {
        width += letter.width().unwrap_or(0);
        if width > limit {
            short.push('…');
            return short;
        }
        short.push(letter);
    }
    short
}

/// How much room a text takes, in half widths: a Chinese letter takes two.
pub(crate) fn room_of(text: &str) -> usize {
    text.width()
}

/// The name of a lying bar, beside it: a shorter one where the picture is narrow and its letters are larger.
pub(crate) fn name_beside(title: &str, y: f64) -> String {
    let name = |class: &str, limit: usize| {
        format!(
            r#"<text class="strong{class}" x="0" y="{}">{}</text>"#,
            at(y),
            escape(&shortened(title, limit))
        )
    };
    if room_of(title) <= NARROW {
        name("", BESIDE)
    } else {
        name(" minor", BESIDE) + &name(" narrow", NARROW)
    }
}

/// Half widths beside a bar, as a rule and where the picture is narrow.
const BESIDE: usize = 17;
const NARROW: usize = 13;
