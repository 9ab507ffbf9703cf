//! `admin/processes/new`: a process begins with the field whose options are its stages.

use axum::response::Response;
use kontor_core::Error;
use kontor_core::definitions::drafts;
use kontor_core::records::Titles;
use kontor_model::definition::DefinitionKind;
use kontor_model::{EntityModel, Json, Model, Problem, Problems, name};
use kontor_view::field::FieldView;
use kontor_view::page::admin::item::ItemPage;
use serde_json::json;

use super::draft::Draft;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::present::admin::steps;
use crate::present::{Reading, flash};
use crate::visit::Reader;

const KIND: DefinitionKind = DefinitionKind::Process;

/// `GET`.
pub async fn show_new(reader: Reader) -> Result<Response, Failure> {
    Draft::open(&reader.session).await?;
    draw(&reader, &Form::default(), &Problems::new()).await
}

/// `POST`: `title`, `stages` (`entity/field`). The stages are the options of the field, in their order; every move is
/// allowed until the process says otherwise.
pub async fn create_process(reader: Reader, sent: Form) -> Result<Response, Failure> {
    let session = &reader.session;
    let draft = Draft::open(session).await?;
    let model = drafts::model(session).await?;
    let chosen = sent.text("stages").split_once('/');
    let found = chosen.and_then(|(entity, field)| {
        let entity = model.entity(entity)?;
        Some((entity, entity.field(field).filter(|field| !field.definition.one_of.is_empty())?))
    });
    let mut problems = Problems::new();
    for (key, missing) in [("title", sent.text("title").trim().is_empty()), ("stages", found.is_none())] {
        if missing {
            let label = reader.reading().t(&format!("step_key.{key}"));
            problems.push(Problem::at_field("required", key).with("field", label));
        }
    }
    let Some((entity, field)) = found.filter(|_| !problems.has_errors()) else {
        return draw(&reader, &sent, &problems).await;
    };
    let name =
        name::derive(sent.text("title"), |name| name == "new" || draft.definition(KIND, name).is_some());
    let options = field.definition.one_of.iter().filter(|option| !option.retired);
    let stages: Vec<Json> = options.map(|option| json!({ "value": option.value })).collect();
    let body = json!({
        "name": name, "title": sent.text("title").trim(), "entity": entity.name, "field": field.name,
        "stages": stages
    });
    match draft.put(KIND, &name, body).await {
        Ok(()) => Ok(reader.go_saying(
            &super::shape::href(&reader.reading(), KIND, &name),
            &flash::done("admin.saved_draft", &[]),
        )),
        Err(Error::Problems(problems)) => draw(&reader, &sent, &problems).await,
        Err(other) => Err(other.into()),
    }
}

/// The choice fields of all entities: "Deal › Stage".
fn stage_fields(reading: &Reading<'_>, model: &Model) -> Vec<(String, String)> {
    let of = |entity: &EntityModel| -> Vec<(String, String)> {
        let title = reading.title_of(entity);
        let fields = entity.own_fields().filter(|field| {
            field.kind.is_choice() && field.name != "record_type" && !field.definition.one_of.is_empty()
        });
        fields
            .map(|field| {
                (
                    format!("{}/{}", entity.name, field.name),
                    format!("{title} › {}", field.label(&reading.labels)),
                )
            })
            .collect()
    };
    let mut found: Vec<(String, String)> = model.entities.values().flat_map(|entity| of(entity)).collect();
    found.sort_by(|left, right| left.1.cmp(&right.1));
    found
}

async fn draw(reader: &Reader, sent: &Form, problems: &Problems) -> Result<Response, Failure> {
    let reading = reader.reading();
    let model = drafts::model(&reader.session).await?;
    let line = |key: &str| FieldView {
        required: true,
        value: sent.text(key).to_owned(),
        text: sent.text(key).to_owned(),
        ..steps::labelled(&reading, key, key, &json!({}))
    };
    let options = steps::choices(&reading, stage_fields(&reading, &model), sent.text("stages"));
    let help = reading.t("workflows.process_title_help");
    let mut fields = vec![
        FieldView { help, ..line("title") },
        FieldView { kind: "choice".into(), closed: true, options, ..line("stages") },
    ];
    let mut places: Vec<_> = fields.iter_mut().collect();
    let lines = reading.presenter(&Titles::new()).place_problems(problems, &mut places, false);
    let list = reading.admin_href("definitions/process");
    let page = ItemPage {
        at: reader.visit.place(),
        what: reading.t("definition.process.one"),
        heading: reading.t("workflows.new_process"),
        lead: reading.t("workflows.new_process_lead"),
        action: reading.admin_href("processes/new"),
        back_href: list.clone(),
        fields,
        problems: lines,
        ..ItemPage::default()
    };
    let mut draw = reader.draw().below(reading.t("definition.process.plural"), list);
    if !problems.is_empty() {
        draw = draw.refused();
    }
    draw.view(&page).await
}
