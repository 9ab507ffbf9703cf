//! A report in the making: a GET form beside its live preview.

use serde::Serialize;

use super::part::{Notice, Place, ProblemLine};
use super::report::ReportTable;
use crate::field::OptionView;
use crate::{Html, View, Words};

/// A dimension: a field, and for dates its granularity. Posted as `<name>` and `<name>.by`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DimensionChoice {
    /// Name of the input: `rows`, `rows2`, `columns`.
    pub name: String,
    /// Label, as a key below `builder.`: `rows`, `then_by`, `columns`.
    pub label: String,
    /// Fields to choose from; the first is "none" where it may be empty.
    pub fields: Vec<OptionView>,
    /// Day, week, month, quarter, year; empty when the field is no date.
    pub granularities: Vec<OptionView>,
}

/// A measure: posted as `measure.<n>.function`, `measure.<n>.field`; an empty function removes it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MeasureChoice {
    /// Its number, from 1.
    pub number: String,
    /// count, sum, avg, min, max …
    pub functions: Vec<OptionView>,
    /// Fields that fit.
    pub fields: Vec<OptionView>,
}

/// A condition: posted as `where.<n>.field`, `where.<n>.operator`, `where.<n>.value`; an empty field removes it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ConditionChoice {
    /// Its number, from 1.
    pub number: String,
    /// Fields, the first is "none".
    pub fields: Vec<OptionView>,
    /// Operators.
    pub operators: Vec<OptionView>,
    /// The value as typed.
    pub value: String,
    /// Options to tick instead, posted under the same name, several make a list; empty where a value is typed.
    pub values: Vec<OptionView>,
}

/// Context of `report_builder.html`. "Update preview" is GET; "Save report" posts the same inputs with `title` and `name`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReportBuilderPage {
    /// Where the page is.
    pub at: Place,
    /// Where the GET form goes.
    pub action: String,
    /// Where saving posts.
    pub save_action: String,
    /// What the report is called in the reader's language; as typed for a new one.
    pub heading: String,
    /// Title of the report, as typed.
    pub report_title: String,
    /// Name of the report when it exists already; empty for a new one.
    pub name: String,
    /// Entities.
    pub entities: Vec<OptionView>,
    /// Dimensions.
    pub dimensions: Vec<DimensionChoice>,
    /// Measures, one empty at the end.
    pub measures: Vec<MeasureChoice>,
    /// Conditions, one empty at the end.
    pub conditions: Vec<ConditionChoice>,
    /// Chart types: bar, `stacked_bar`, line, funnel, none.
    pub charts: Vec<OptionView>,
    /// What is wrong with the definition.
    pub problems: Vec<ProblemLine>,
    /// Things to know about the preview.
    pub notices: Vec<Notice>,
    /// The preview's chart.
    pub chart: Html,
    /// The preview's table.
    pub table: ReportTable,
    /// "69 deals · 15 groups".
    pub summary: String,
    /// The query as JSON, to be looked at.
    pub query: String,
}

impl View for ReportBuilderPage {
    const TEMPLATE: &'static str = "report_builder.html";

    fn title(&self, words: &Words) -> String {
        if self.heading.is_empty() { words.t("builder.title") } else { self.heading.clone() }
    }
}
