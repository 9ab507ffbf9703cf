//! The typed shape of a report definition (`schemas/meta/report.schema.json`).

use serde::{Deserialize, Deserializer, Serialize};

use crate::Json;
use crate::compile::field_alone;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;

/// A question over records.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ReportDefinition {
    /// The report's name.
    pub name: String,
    /// The label.
    pub title: String,
    /// Help on screen.
    pub description: Option<String>,
    /// The entity whose records it counts.
    pub entity: String,
    /// summary, matrix, funnel, trend, cohort or list.
    #[serde(rename = "type")]
    pub report_type: ReportType,
    /// Which records.
    #[serde(rename = "where")]
    pub filter: Option<Json>,
    /// What is asked before it runs.
    pub parameters: Vec<Parameter>,
    /// What it is grouped by.
    pub rows: Vec<Dimension>,
    /// What it is grouped by across, for a matrix.
    pub columns: Vec<Dimension>,
    /// The columns of a list.
    pub fields: Vec<String>,
    /// What is counted.
    pub measures: Vec<Measure>,
    /// Measures of other entities, grouped by what the rows stand for there.
    pub blocks: Vec<Block>,
    /// Whether totals are shown; yes when nothing is said.
    pub totals: Option<bool>,
    /// Names of dimensions and measures; a minus in front turns the order round.
    pub sort: Vec<String>,
    /// The most groups or rows.
    pub limit: Option<u32>,
    /// How it is drawn.
    pub chart: Option<Chart>,
}

/// How a report is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportType {
    /// A row per group.
    #[default]
    Summary,
    /// Groups down and across.
    Matrix,
    /// The options of a choice, in order.
    Funnel,
    /// Records.
    List,
    /// A row per day, week, month … without gaps, also where nothing is counted.
    Trend,
    /// A row per period of a first date, a column per period since, by a second date.
    Cohort,
}

/// What a report asks before it runs. Its value stands in filters as `{ "parameter": "name" }`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Parameter {
    /// The name in addresses.
    pub name: String,
    /// The label.
    pub title: Option<String>,
    /// The field kind of the value.
    pub kind: String,
    /// What a link points at.
    pub to: Option<String>,
    /// The value when none is given.
    pub default: Option<Json>,
}

impl Parameter {
    /// The parameter as a field of its kind, so that values can be read for it; `None` for a choice, whose options are those
    /// of the field that it is compared with, and for a kind that there is not.
    pub fn field(&self) -> Option<FieldModel> {
        let to = self.to.clone().map(Json::String);
        let definition = FieldDefinition { kind: self.kind.clone(), to, ..FieldDefinition::default() };
        field_alone(&self.name, definition).filter(|field| !field.kind.is_choice())
    }
}

/// What a report is grouped by.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Dimension {
    /// The path to the field.
    pub field: String,
    /// For dates: day, week, month, quarter, year.
    pub by: Option<String>,
    /// Another heading than the field's own.
    pub title: Option<String>,
    /// The name in sort and chart; the path when nothing is said.
    #[serde(rename = "as")]
    pub name: Option<String>,
}

impl Dimension {
    /// The name in sort, chart and results.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.field)
    }
}

/// Measures of another entity beside those of the report.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Block {
    /// The block's name.
    pub name: String,
    /// The entity whose records it counts.
    pub entity: String,
    /// Which records.
    #[serde(rename = "where")]
    pub filter: Option<Json>,
    /// What the rows of the report stand for here: a path for each of them, in their order.
    pub fields: Vec<String>,
    /// What is counted.
    pub measures: Vec<Measure>,
}

/// What is counted: exactly one of the functions, or a formula over other measures.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Measure {
    /// The name in formulas, sort and chart.
    #[serde(rename = "as")]
    pub name: String,
    /// The heading.
    pub title: Option<String>,
    /// How many records.
    pub count: bool,
    /// How many different values of a field.
    pub count_distinct: Option<String>,
    /// The total of a field.
    pub sum: Option<String>,
    /// The mean of a field.
    pub avg: Option<String>,
    /// The smallest value of a field.
    pub min: Option<String>,
    /// The greatest value of a field.
    pub max: Option<String>,
    /// The middle value of a field.
    pub median: Option<String>,
    /// Worked out over other measures.
    pub formula: Option<String>,
    /// The name of a measure before it: how much of everything a group is, in percent.
    pub share: Option<String>,
    /// The name of a measure before it: all groups up to this one together.
    pub running: Option<String>,
    /// The name of a measure before it: the change against the group before, in percent.
    pub change: Option<String>,
    /// Which records count.
    #[serde(rename = "where")]
    pub filter: Option<Json>,
    /// How the number is written: integer, decimal, percent, money.
    pub kind: Option<String>,
    /// Digits after the point.
    pub scale: Option<u8>,
}

impl Measure {
    /// How it compares groups, and by which measure; `None` for one that counts records or is a formula.
    pub fn compares(&self) -> Option<(&'static str, &str)> {
        let of = [("share", &self.share), ("running", &self.running), ("change", &self.change)];
        of.into_iter().find_map(|(key, of)| Some((key, of.as_deref()?)))
    }

    /// The function and the path that it is applied to; `None` for a formula. A count has no path.
    pub fn function(&self) -> Option<(&'static str, Option<&str>)> {
        let of = [
            ("count_distinct", &self.count_distinct),
            ("sum", &self.sum),
            ("avg", &self.avg),
            ("min", &self.min),
            ("max", &self.max),
            ("median", &self.median),
        ];
        if self.count {
            return Some(("count", None));
        }
        of.into_iter().find_map(|(function, path)| path.as_deref().map(|path| (function, Some(path))))
    }
}

/// How a report is drawn.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Chart {
    /// bar, row, line, area, pie, funnel.
    #[serde(rename = "type")]
    pub chart_type: String,
    /// The name of a dimension.
    pub x: String,
    /// The names of measures.
    #[serde(deserialize_with = "one_or_many")]
    pub y: Vec<String>,
    /// The name of a second dimension.
    pub stack: Option<String>,
}

/// A text or a list of texts.
fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    match Json::deserialize(deserializer)? {
        Json::String(text) => Ok(vec![text]),
        Json::Null => Ok(Vec::new()),
        json => serde_json::from_value(json).map_err(serde::de::Error::custom),
    }
}
