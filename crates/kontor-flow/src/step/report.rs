//! `report`: a report is run and kept as a file of the record.
//! `{ "do": "report", "report": "won_by_month", "format": "csv", "parameters": { "from": { "now": "-30d" } },
//! "to": { "field": "papers" }, "file_name": "Won {{ now }}", "as": "made" }`.

use kontor_model::definition::report::{Parameter, ReportDefinition};
use kontor_model::definition::{self, DefinitionKind};
use kontor_model::entity::FILES;
use kontor_model::value::{HeldFile, Value};
use kontor_model::{FieldModel, Json, Problem, Problems};

use super::values::{self, FieldValue};
use crate::Template;
use crate::names::Names;
use crate::read::{Reader, escape};
use crate::value::ValueSource;

/// What it is written as unless it is said.
const USUAL: &str = "xlsx";
/// What a report is written as, with the media types of these.
const FORMATS: [(&str, &str); 2] =
    [("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), ("csv", "text/csv")];
/// What later steps know of the file: its name, its id, and how many rows it has.
pub(crate) const FIELDS: [(&str, &str); 3] = [("name", "text"), ("file", "text"), ("rows", "integer")];

/// Runs a report and keeps it as a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The report's name.
    pub report: String,
    /// `xlsx` or `csv`.
    pub format: String,
    /// The values of its parameters, by their names.
    pub parameters: Vec<FieldValue>,
    /// The field that takes the file; the record's own files where it is none.
    pub to: Option<String>,
    /// What the file is called, without its ending; as the report where nothing is said.
    pub file_name: Option<Template>,
    /// The name under which later steps know the file.
    pub name_of_result: Option<String>,
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Report> {
    let format = format(reader);
    let to = target(reader, names, &format);
    let file_name = reader.text("file_name").filter(|text| !text.trim().is_empty());
    let file_name = file_name.and_then(|text| match Template::read(&text, names) {
        Ok(template) => Some(template),
        Err(problems) => {
            let at = format!("{}/file_name", reader.at);
            reader.problems.extend_under(&at, problems);
            None
        }
    });
    let name_of_result = values::name_of_answer(reader, names);
    let report = reader.required_text("report")?;
    let Some(found) = names.plain.definition(DefinitionKind::Report, &report) else {
        let known = names.plain.definitions_of(DefinitionKind::Report).map(|(name, _)| name);
        let problem = reader.problem("unknown_definition", "report").with("kind", DefinitionKind::Report);
        let problem = problem.with("name", &report).among(&report, known);
        reader.push(problem);
        return None;
    };
    // One that does not read is told where it is written.
    let definition: ReportDefinition = definition::read(found).ok()?;
    let parameters = parameters(reader, &definition, names);
    Some(Report { report, format, parameters, to, file_name, name_of_result })
}

fn format(reader: &mut Reader<'_>) -> String {
    let known = FORMATS.map(|(name, _)| name);
    let Some(format) = reader.text("format") else { return USUAL.to_owned() };
    if !known.contains(&format.as_str()) {
        let problem =
            reader.problem("not_an_option", "format").with("value", &format).with("field", "format");
        reader.push(problem.with("options", known.join(", ")));
    }
    format
}

/// The field that takes the file. Without one, records of the entity have files of their own.
fn target(reader: &mut Reader<'_>, names: &Names<'_>, format: &str) -> Option<String> {
    let Some(to) = reader.member("to") else {
        values::with_feature(reader, names, FILES)?;
        return None;
    };
    let entity = values::own_entity(reader, names)?;
    let Some(name) = to.get("field").and_then(Json::as_str) else {
        reader.missing("to/field");
        return None;
    };
    let field = values::writable(reader, entity, name, "to/field")?;
    if let Some(problem) = unfit(field, format) {
        let fitting = entity.own_fields().filter(|one| one.is_typed() && unfit(one, format).is_none());
        let fitting: Vec<&str> = fitting.map(|one| one.name.as_str()).collect();
        let path = format!("{}/to/field", reader.at);
        reader.push(Problem { path, ..problem }.with("options", fitting.join(", ")));
        return None;
    }
    Some(name.to_owned())
}

/// Why a field would not take the file.
fn unfit(field: &FieldModel, format: &str) -> Option<Problem> {
    let holds_none = || Problem::new("holds_no_files", "").with("field", &field.name);
    if !field.kind.holds_files() || field.kind.is_signed() {
        return Some(holds_none());
    }
    let media_type = FORMATS.iter().find(|(name, _)| *name == format).map(|(_, media)| *media)?;
    let file = HeldFile {
        id: uuid::Uuid::nil(),
        name: format!("{}.{format}", field.name),
        size: 1,
        media_type: media_type.to_owned(),
        pixels: None,
        signed: None,
    };
    let mut problems = Problems::new();
    field.kind.check(field, &mut Value::Files(vec![file]), &mut problems);
    problems.0.into_iter().find(|problem| !problem.warning)
}

/// The values of the report's parameters. What has no default must be given: its condition would be left out, and the file
/// would say more than anybody asked for.
fn parameters(reader: &mut Reader<'_>, report: &ReportDefinition, names: &Names<'_>) -> Vec<FieldValue> {
    let given = reader.member("parameters").and_then(Json::as_object);
    let known: Vec<&str> = report.parameters.iter().map(|one| one.name.as_str()).collect();
    for (name, _) in given.into_iter().flatten().filter(|(name, _)| !known.contains(&name.as_str())) {
        let problem = reader.problem("unknown_parameter", &format!("parameters/{}", escape(name)));
        reader.push(problem.with("name", name).with("options", known.join(", ")));
    }
    let mut found = Vec::new();
    for parameter in &report.parameters {
        let key = format!("parameters/{}", escape(&parameter.name));
        match given.and_then(|given| given.get(&parameter.name)).filter(|json| !json.is_null()) {
            None if parameter.default.is_none() => {
                let problem = reader.problem("parameter_missing", &key).with("name", &parameter.name);
                reader.push(problem.with("report", &report.name));
            }
            None => {}
            Some(json) => match value(json, parameter, names) {
                Ok(source) => found.push(FieldValue { field: parameter.name.clone(), source }),
                Err(problems) => {
                    let at = format!("{}/{key}", reader.at);
                    reader.problems.extend_under(&at, problems);
                }
            },
        }
    }
    found
}

fn value(json: &Json, parameter: &Parameter, names: &Names<'_>) -> Result<ValueSource, Problems> {
    let field = parameter.field();
    let source = ValueSource::read(json, field.as_ref(), names)?;
    match &source {
        ValueSource::Literal(Json::String(_)) | ValueSource::Field(_) | ValueSource::Text(_) => {}
        // A choice is a word; all others were looked at by their kind.
        ValueSource::Literal(_) if field.is_none() => {
            return Err(Problem::new("wrong_type", "").with("expected", "text").into());
        }
        ValueSource::Literal(json) if json.is_null() => {
            return Err(Problem::new("required", "").into());
        }
        _ => {}
    }
    Ok(source)
}
