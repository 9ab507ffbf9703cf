//! `report`: a report is run with the rights of whoever it is done for, and becomes a file of the record. The file and the
//! run's position are stored together, so a run that is taken again makes no second one.

use std::collections::HashMap;
use std::sync::Arc;

use crate::records::batch::Batch;
use crate::records::{Incoming, Save, save};
use crate::reports::{self, table};
use crate::{Error, Result, Session, files};
use kontor_flow::RunState;
use kontor_flow::step::Report;
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::report::ReportDefinition;
use kontor_model::format::Format;
use kontor_model::{Json, Problem, Problems, Words, conventions};
use kontor_store::system::FileRow;
use serde_json::json;

use super::Effect;
use super::scope::RunScope;

/// Makes the file.
pub async fn run(
    session: &Session,
    batch: &mut Batch,
    scope: &RunScope,
    state: &RunState,
    report: &Report,
) -> Result<Effect> {
    // Nobody is told apart whether there is none, or none for them.
    let unreadable = |error| match error {
        Error::NotFound | Error::Forbidden(_) => {
            Problem::new("report_unreadable", "/report").with("name", &report.report).into()
        }
        other => other,
    };
    let definition = reports::find(session, &report.report).map_err(unreadable)?;
    let parameters = parameters(scope, report, &definition)?;
    let answer = reports::run(session, &definition, &parameters).await.map_err(unreadable)?;
    let form = if report.format == "csv" { table::FileForm::Csv } else { table::FileForm::Xlsx };
    let bytes = table::of_answer(&format_of(session), &answer).bytes(form)?;
    let ending = format!(".{}", form.extension());
    let mut name = name_of(session, scope, report, &definition);
    if !name.to_lowercase().ends_with(&ending) {
        name.push_str(&ending);
    }
    let file = files::made::make(session, batch, &name, &bytes)?;
    let mut warnings = Problems::new();
    match &report.to {
        Some(field) => warnings = hold(session, batch, scope, state, (field, &file)).await?,
        None => files::made::put(session, batch, scope.entity(), state.record, &file).await?,
    }
    let output = json!({ "file": file.id, "name": file.name, "rows": answer.rows.len() });
    let known = json!({ "name": file.name, "file": file.id.to_string(), "rows": answer.rows.len() });
    Ok(Effect { output, warnings, answer: Some(known), ..Effect::default() })
}

/// The values of the parameters: what the step says, else their defaults. One that comes out empty would leave its condition
/// out, and the file would say more than was asked for.
fn parameters(
    scope: &RunScope,
    report: &Report,
    definition: &ReportDefinition,
) -> Result<HashMap<String, Json>> {
    let mut values = HashMap::new();
    let mut problems = Problems::new();
    for parameter in &definition.parameters {
        let name = &parameter.name;
        let written = report.parameters.iter().find(|one| one.field == *name);
        let value = match written {
            Some(one) => one.source.resolve(parameter.field().as_ref(), scope, scope.model()),
            None => parameter.default.clone().unwrap_or(Json::Null),
        };
        if value.is_null() || value.as_str().is_some_and(str::is_empty) {
            let problem = Problem::new("parameter_empty", format!("/parameters/{name}"));
            problems.push(problem.with("name", name).with("report", &definition.name));
        }
        values.insert(name.clone(), value);
    }
    Ok(problems.into_result(values)?)
}

/// What the file is called, without its ending.
fn name_of(session: &Session, scope: &RunScope, report: &Report, definition: &ReportDefinition) -> String {
    let said = report.file_name.as_ref().map(|name| name.render(scope, scope.model())).unwrap_or_default();
    // What stands in a gap leads into no folder.
    let said = said.replace(['/', '\\'], "-");
    if !said.trim().is_empty() {
        return said.trim().to_owned();
    }
    let kind = DefinitionKind::Report.as_str();
    session.catalogue.label(kind, &definition.name, "title", &definition.title).to_owned()
}

/// The record takes the file into a field: of several, it is one more.
async fn hold(
    session: &Session,
    batch: &mut Batch,
    scope: &RunScope,
    state: &RunState,
    (name, file): (&str, &FileRow),
) -> Result<Problems> {
    let entity = scope.entity();
    let field = entity.field(name).ok_or(Error::NotFound)?;
    let own = Json::String(file.id.to_string());
    let value = if field.kind.holds_many_files() {
        let record = batch.record(session, entity, state.record).await?.ok_or(Error::NotFound)?;
        let before = record.at(field.index).files().iter().map(|held| Json::String(held.id.to_string()));
        before.chain([own]).collect()
    } else {
        own
    };
    let values = vec![(name.to_owned(), Incoming::Json(value))];
    let prepared = save::prepare(session, batch, Save::update(entity, state.record, values)).await?;
    Ok(prepared.draft.problems)
}

/// How whoever it is done for reads.
fn format_of(session: &Session) -> Format {
    let own = session.actor.formats.as_str();
    Format {
        words: Arc::new(Words::new(Arc::clone(&session.catalogue))),
        conventions: conventions::of(if own.is_empty() { &session.actor.language } else { own }),
        zone: session.actor.zone,
        now: session.now,
        currency: session.workspace.settings().currency.clone(),
    }
}
