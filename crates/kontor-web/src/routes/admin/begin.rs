//! `admin/begin/{kind}`: a new form or view begins with the entity it is for; then its editor opens with what the fields
//! suggest.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::definitions::drafts;
use kontor_core::records::Titles;
use kontor_model::definition::DefinitionKind;
use kontor_model::{Model, Problem, Problems, name};
use kontor_view::field::{FieldView, OptionView};
use kontor_view::page::admin::item::ItemPage;
use serde::Deserialize;

use super::draft::Draft;
use crate::api::definitions::kind_of;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::frame::address;
use crate::present::Reading;
use crate::present::admin::{inputs, view_editor};
use crate::visit::Reader;

#[derive(Deserialize)]
pub struct BeginPath {
    kind: String,
}

/// The kinds that begin here.
pub const KINDS: [DefinitionKind; 2] = [DefinitionKind::Form, DefinitionKind::View];

impl BeginPath {
    fn kind(&self) -> Result<DefinitionKind, Failure> {
        let kind = kind_of(&self.kind)?;
        if KINDS.contains(&kind) { Ok(kind) } else { Err(Failure::not_found()) }
    }
}

/// `GET`.
pub async fn show_begin(reader: Reader, Path(path): Path<BeginPath>) -> Result<Response, Failure> {
    draw(&reader, path.kind()?, &Form::default(), &Problems::new()).await
}

/// `POST`: `entity`, of a view also `type`. Nothing is kept yet: the editor's own buttons do that.
pub async fn choose(reader: Reader, Path(path): Path<BeginPath>, sent: Form) -> Result<Response, Failure> {
    let kind = path.kind()?;
    let draft = Draft::open(&reader.session).await?;
    let model = drafts::model(&reader.session).await?;
    let reading = reader.reading();
    let entity = sent.text("entity");
    let Some(found) = model.entity(entity).filter(|_| !entity.is_empty()) else {
        let problem = Problem::at_field("required", "entity").with("field", reading.t("begin.entity"));
        return draw(&reader, kind, &sent, &problem.into()).await;
    };
    let list = reading.admin_href(&format!("definitions/{kind}"));
    let mut pairs = vec![("entity", entity), ("back", list.as_str())];
    let editor = if kind == DefinitionKind::Form {
        let name = name::derive(&found.name, |name| name == "new" || draft.definition(kind, name).is_some());
        reading.admin_href(&format!("forms/{}", address::segment(&name)))
    } else {
        pairs.push(("type", sent.text("type")));
        reading.admin_href("views/new")
    };
    Ok(reader.go(&address::with_query(&editor, pairs)))
}

/// The entities that people work with, built in ones last.
fn entities(reading: &Reading<'_>, model: &Model, chosen: &str) -> Vec<OptionView> {
    let mut found: Vec<(bool, OptionView)> = model
        .entities
        .values()
        .filter(|entity| entity.implied.is_none())
        .map(|entity| {
            let option = OptionView::new(&entity.name, reading.title_of(entity), entity.name == chosen);
            (entity.is_built_in(), option)
        })
        .collect();
    found.sort_by(|left, right| (left.0, &left.1.title).cmp(&(right.0, &right.1.title)));
    found.into_iter().map(|(_, option)| option).collect()
}

async fn draw(
    reader: &Reader,
    kind: DefinitionKind,
    sent: &Form,
    problems: &Problems,
) -> Result<Response, Failure> {
    Draft::open(&reader.session).await?;
    let reading = reader.reading();
    let model = drafts::model(&reader.session).await?;
    let line = |key: &str| FieldView {
        required: true,
        ..inputs::line(&reading, key, &format!("begin.{key}"), sent.text(key))
    };
    let mut fields = vec![inputs::choice(line("entity"), entities(&reading, &model, sent.text("entity")))];
    if kind == DefinitionKind::View {
        let layouts = view_editor::LAYOUTS;
        let chosen = if sent.text("type").is_empty() { "list" } else { sent.text("type") };
        fields.push(inputs::choice(line("type"), inputs::worded(&reading, "begin.type", &layouts, chosen)));
    }
    let mut places: Vec<_> = fields.iter_mut().collect();
    let lines = reading.presenter(&Titles::new()).place_problems(problems, &mut places, false);
    let list = reading.admin_href(&format!("definitions/{kind}"));
    let page = ItemPage {
        at: reader.visit.place(),
        what: reading.t(&format!("definition.{kind}.one")),
        heading: reading.t(&format!("begin.new_{kind}")),
        lead: reading.t(&format!("begin.lead_{kind}")),
        action: reading.admin_href(&format!("begin/{kind}")),
        back_href: list.clone(),
        save: reading.t("begin.go_on"),
        fields,
        problems: lines,
        ..ItemPage::default()
    };
    let mut draw = reader.draw().below(reading.t(&format!("definition.{kind}.plural")), list);
    if !problems.is_empty() {
        draw = draw.refused();
    }
    draw.view(&page).await
}
