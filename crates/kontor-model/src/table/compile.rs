//! From the definition of a decision table to what answers: columns become fields, cells become values.

use std::collections::HashSet;

use chrono::NaiveDate;
use indexmap::IndexMap;

use super::{Input, Matching, Row, Table, Version, compare};
use crate::Json;
use crate::compile::field_alone;
use crate::definition::entity::FieldDefinition;
use crate::definition::table::{ColumnDefinition, RowDefinition, TableDefinition};
use crate::entity::FieldModel;
use crate::formula::Type;
use crate::kind::ParseContext;
use crate::locale::Catalogue;
use crate::problem::{Problem, Problems};
use crate::value::Value;

pub(super) fn compile(name: &str, json: &Json) -> Result<Table, Problems> {
    let definition: TableDefinition = crate::definition::read(json)?;
    let mut problems = Problems::new();
    let mut seen = HashSet::new();
    let mut inputs = Vec::new();
    for (index, column) in definition.inputs.iter().enumerate() {
        let at = format!("/inputs/{index}");
        let Some(field) = column_field(column, &at, &mut seen, &mut problems) else { continue };
        let matching = match column.matching.as_deref() {
            Some("at_least") => Matching::AtLeast,
            Some("at_most") => Matching::AtMost,
            _ => Matching::Equal,
        };
        let has_order = matches!(field.kind.formula_type(), Type::Number | Type::Date);
        if matching != Matching::Equal && !has_order {
            let problem = Problem::new("no_order", format!("{at}/match")).with("kind", field.kind.name());
            problems.push(problem);
        }
        inputs.push(Input { field, matching });
    }
    let mut outputs = Vec::new();
    for (index, column) in definition.outputs.iter().enumerate() {
        let at = format!("/outputs/{index}");
        outputs.extend(column_field(column, &at, &mut seen, &mut problems));
        if column.matching.is_some() {
            problems.push(Problem::new("only_for_inputs", format!("{at}/match")));
        }
    }
    let mut versions = vec![Version {
        from: day(definition.valid_from.as_deref(), "/valid_from", &mut problems),
        rows: rows(&definition.rows, "/rows", &inputs, &outputs, &mut problems),
    }];
    for (index, version) in definition.versions.iter().enumerate() {
        let at = format!("/versions/{index}");
        let from = day(Some(&version.valid_from), &format!("{at}/valid_from"), &mut problems);
        if from.is_some() && versions.iter().any(|earlier| earlier.from == from) {
            let problem = Problem::new("duplicate_value", format!("{at}/valid_from"));
            problems.push(problem.with("value", &version.valid_from));
        }
        let rows = rows(&version.rows, &format!("{at}/rows"), &inputs, &outputs, &mut problems);
        versions.push(Version { from, rows });
    }
    problems.into_result(())?;
    let mut warnings = Problems::new();
    for (index, version) in versions.iter().enumerate() {
        let at = if index == 0 { "/rows".to_owned() } else { format!("/versions/{}/rows", index - 1) };
        warn_of_unreached(&inputs, &version.rows, &at, &mut warnings);
    }
    versions.sort_by_key(|version| version.from);
    Ok(Table { name: name.to_owned(), inputs, outputs, versions, warnings })
}

fn column_field(
    column: &ColumnDefinition,
    at: &str,
    seen: &mut HashSet<String>,
    problems: &mut Problems,
) -> Option<FieldModel> {
    if !seen.insert(column.name.clone()) {
        problems.push(Problem::new("duplicate_value", format!("{at}/name")).with("value", &column.name));
        return None;
    }
    // A choice without options is a text that people call by its value.
    let kind = if column.kind == "choice" { "text" } else { column.kind.as_str() };
    let definition = FieldDefinition {
        kind: kind.to_owned(),
        title: column.title.clone().unwrap_or_else(|| column.name.clone()),
        scale: (kind == "decimal").then_some(8),
        ..FieldDefinition::default()
    };
    let field = field_alone(&column.name, definition);
    if field.is_none() {
        problems.push(Problem::new("unknown_kind", format!("{at}/kind")).with("value", &column.kind));
    }
    field
}

fn day(written: Option<&str>, at: &str, problems: &mut Problems) -> Option<NaiveDate> {
    let written = written?;
    let day = written.parse::<NaiveDate>().ok();
    if day.is_none() {
        problems.push(Problem::new("not_a_date", at).with("value", written));
    }
    day
}

fn rows(
    written: &[RowDefinition],
    at: &str,
    inputs: &[Input],
    outputs: &[FieldModel],
    problems: &mut Problems,
) -> Vec<Row> {
    let catalogue = Catalogue::default();
    let context = ParseContext::neutral(&catalogue);
    let mut rows = Vec::with_capacity(written.len());
    for (index, row) in written.iter().enumerate() {
        let at = format!("{at}/{index}/cells");
        let known = || inputs.iter().map(|input| &input.field).chain(outputs);
        for key in row.cells.keys().filter(|key| !known().any(|field| field.name == **key)) {
            let names: Vec<&str> = known().map(|field| field.name.as_str()).collect();
            let problem = Problem::new("unknown_key", format!("{at}/{key}")).with("key", key);
            problems.push(problem.with("options", names.join(", ")));
        }
        let mut cell = |field: &FieldModel| read(field, &row.cells, &at, &context, problems);
        let inputs = inputs.iter().map(|input| cell(&input.field)).collect();
        let outputs = outputs.iter().map(&mut cell).collect();
        rows.push(Row { inputs, outputs });
    }
    rows
}

fn read(
    field: &FieldModel,
    cells: &IndexMap<String, Json>,
    at: &str,
    context: &ParseContext<'_>,
    problems: &mut Problems,
) -> Value {
    let Some(json) = cells.get(&field.name).filter(|json| !json.is_null() && json.as_str() != Some(""))
    else {
        return Value::Empty;
    };
    let mut found = Problems::new();
    let value = match field.kind.parse_json(field, json, context) {
        Ok(mut value) => {
            field.kind.check(field, &mut value, &mut found);
            value
        }
        Err(problem) => {
            found.push(problem);
            Value::Empty
        }
    };
    problems.extend_under(at, found);
    value
}

/// A row is never reached when an earlier one fits whatever it fits.
fn warn_of_unreached(inputs: &[Input], rows: &[Row], at: &str, warnings: &mut Problems) {
    /// A longer table is not searched: the search takes the square of its length.
    const MOST: usize = 2_000;
    for (index, row) in rows.iter().take(MOST).enumerate() {
        let covering = rows.iter().take(index).position(|earlier| covers(inputs, earlier, row));
        if let Some(covering) = covering {
            let problem = Problem::new("row_not_reached", format!("{at}/{index}"));
            warnings.push(problem.with("row", index + 1).with("by", covering + 1).as_warning());
        }
    }
}

fn covers(inputs: &[Input], earlier: &Row, later: &Row) -> bool {
    inputs.iter().zip(earlier.inputs.iter().zip(&later.inputs)).all(|(input, (wide, narrow))| {
        if wide.is_empty() {
            return true;
        }
        let Some(order) = compare(narrow, wide) else { return false };
        match input.matching {
            Matching::Equal => order.is_eq(),
            Matching::AtLeast => order.is_ge(),
            Matching::AtMost => order.is_le(),
        }
    })
}
