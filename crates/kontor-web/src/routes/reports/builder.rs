//! `reports/new`: a report in the making beside its live preview; saving puts it into the draft.

use std::collections::HashMap;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::definitions::{self, change_sets, drafts};
use kontor_core::permissions::demand_admin;
use kontor_core::{Error, Session, reports, saved};
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::read;
use kontor_model::definition::report::ReportDefinition;
use kontor_model::filter::FieldPath;
use kontor_model::{EntityModel, Problems, name};
use kontor_view::page::part::Notice;
use kontor_view::page::report_builder::ReportBuilderPage;

use super::ReportPath;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::{Reading, builder, condition_rows, flash, report};
use crate::routes::own;
use crate::visit::Reader;

/// The name of a report that has none yet.
const UNSAVED: &str = "preview";

/// `GET reports/new`.
pub async fn show_builder(reader: Reader, query: Query) -> Result<Response, Failure> {
    demand_admin(&reader.session, definitions::DESIGN)?;
    if query.text("entity").is_empty() {
        let beginning = builder::beginning(&reader.reading());
        return Ok(reader.go(&address::with_query(&format!("{}/reports/new", reader.visit.base), beginning)));
    }
    draw(&reader, &query, Problems::new()).await
}

/// `GET reports/{name}/edit`: the builder with the inputs of a saved report, or the form of its definition when the builder cannot say it all.
pub async fn edit_report(reader: Reader, Path(path): Path<ReportPath>) -> Result<Response, Failure> {
    if saved::id_of(&path.name).is_some() {
        return Ok(reader.go(&own::own_href(&reader.reading(), DefinitionKind::Report, &path.name)));
    }
    let json = definitions::effective(&reader.session, DefinitionKind::Report, &path.name)?;
    let to = match builder::inputs(&json) {
        Some(pairs) => address::with_query(&format!("{}/reports/new", reader.visit.base), pairs),
        None => reader.reading().admin_href(&format!("edit/report/{}", address::segment(&path.name))),
    };
    Ok(reader.go(&to))
}

/// `POST reports/new`.
pub async fn save_report(reader: Reader, sent: Form) -> Result<Response, Failure> {
    let session = &reader.session;
    demand_admin(session, definitions::DESIGN)?;
    let drafted = reader.drafted().await?;
    let entity = drafted.session.entity(sent.text("entity"))?;
    let query = Query(condition_rows::with_values(&drafted.reading(), &entity, sent.0.clone()));
    let own = query.text("name").trim();
    let wanted = if own.is_empty() {
        name::derive(query.text("title"), |taken| {
            drafted.session.model.definition(DefinitionKind::Report, taken).is_some()
        })
    } else {
        own.to_owned()
    };
    let body = builder::definition(&entity, &query, &wanted);
    let id = drafts::own(session).await?;
    match change_sets::put(session, id, DefinitionKind::Report, &wanted, body).await {
        Ok(()) => {
            Ok(reader
                .go_saying(&reader.reading().admin_href("changes"), &flash::done("admin.saved_draft", &[])))
        }
        Err(Error::Problems(problems)) => draw(&reader, &query, problems).await,
        Err(other) => Err(other.into()),
    }
}

async fn draw(reader: &Reader, query: &Query, problems: Problems) -> Result<Response, Failure> {
    let session = &reader.session;
    // Whatever the draft makes can be reported on; what is counted is what is published.
    let drafted = reader.drafted().await?;
    let reading = drafted.reading();
    let refused = problems.has_errors();
    let entity = drafted.session.entity(query.text("entity")).ok();
    let mut page = builder::form(&reading, entity.as_ref(), query, &problems);
    if let Some(entity) = &entity {
        let inputs = Query(condition_rows::with_values(&reading, entity, query.0.clone()));
        let json = builder::definition(entity, &inputs, UNSAVED);
        page.query = serde_json::to_string_pretty(&json).unwrap_or_default();
        if session.model.entity(&entity.name).is_none() {
            page.notices = vec![unpublished(&reading)];
            return finish(reader, page, refused).await;
        }
        let found = kontor_model::check::check_definition(DefinitionKind::Report, UNSAVED, &json);
        let run = async {
            found.into_result(())?;
            let definition: ReportDefinition = read(&json)?;
            let answer = reports::run(session, &definition, &HashMap::new()).await?;
            Ok::<_, Error>((definition, answer))
        };
        match run.await {
            Ok((definition, answer)) => {
                page.notices = report::notices(&reading, &answer);
                page.chart = report::chart_html(&reading, &definition, &answer, false);
                page.table = report::table(&reading, &definition, &answer, "", &Query::default());
                page.summary = report::summary(&reading, &definition, &answer);
            }
            Err(Error::Problems(wrong)) if is_of_draft(&drafted.session, entity, &wrong) => {
                page.notices = vec![unpublished(&reading)];
            }
            Err(Error::Problems(wrong)) => page.problems.extend(reading.problem_lines(&wrong, "b-")),
            Err(other) => return Err(other.into()),
        }
    }
    finish(reader, page, refused).await
}

/// Says why nothing is counted: what is counted there is in the draft alone.
fn unpublished(reading: &Reading<'_>) -> Notice {
    Notice { tone: "t-amber".to_owned(), title: reading.t("builder.unpublished"), lines: Vec::new() }
}

/// Whether all that is wrong is that fields are asked for which the draft has and nobody has published.
fn is_of_draft(drafted: &Session, entity: &EntityModel, wrong: &Problems) -> bool {
    wrong.iter().all(|problem| {
        let field = problem.parameters.iter().find(|(name, _)| *name == "field");
        problem.code == "unknown_field"
            && field.is_some_and(|(_, field)| FieldPath::parse(field, entity, &drafted.model).is_ok())
    })
}

async fn finish(reader: &Reader, page: ReportBuilderPage, refused: bool) -> Result<Response, Failure> {
    let reading = reader.reading();
    let draw = reader.draw().below(reading.t("reports.title"), format!("{}/reports", reader.visit.base));
    if refused { draw.refused().view(&page).await } else { draw.view(&page).await }
}
