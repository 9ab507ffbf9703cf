//! `admin/entities/{entity}/sets/{unique,indexes}/{fields}`: fields whose values occur once together, and fields with a
//! common index, into the draft. A group is known by its fields in their order.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_core::definitions::drafts;
use kontor_core::records;
use kontor_model::definition::DefinitionKind;
use kontor_model::{Json, Problem, Problems};
use kontor_view::field::FieldView;
use kontor_view::page::admin::item::ItemPage;
use serde::Deserialize;

use super::draft::{Draft, text};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::frame::address;
use crate::present::admin::field_sets::{self, INPUT, NEW, SetList};
use crate::present::flash;
use crate::visit::Reader;

#[derive(Deserialize)]
pub struct SetPath {
    entity: String,
    list: String,
    fields: String,
}

impl SetPath {
    fn list(&self) -> Result<SetList, Failure> {
        SetList::parse(&self.list).ok_or_else(Failure::not_found)
    }
}

/// `GET`.
pub async fn show_set(reader: Reader, Path(path): Path<SetPath>) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let body = draft.demand(DefinitionKind::Entity, &path.entity)?;
    let is_there = field_sets::all(body, path.list()?).iter().any(|set| set.join(",") == path.fields);
    if !is_there && path.fields != NEW {
        return Err(Failure::not_found());
    }
    draw(&reader, &path, None, &Problems::new()).await
}

/// `POST`: `fields`, once for each place; `_do=remove` takes the group out.
pub async fn save_set(reader: Reader, Path(path): Path<SetPath>, sent: Form) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let body = draft.demand(DefinitionKind::Entity, &path.entity)?;
    let list = path.list()?;
    let mut sets = field_sets::all(body, list);
    let at = sets.iter().position(|set| set.join(",") == path.fields);
    if sent.text("_do") == "remove" {
        if let Some(at) = at {
            sets.remove(at);
        }
    } else {
        let set = match chosen(&reader, &sent, &sets, at) {
            Ok(set) => set,
            Err(problem) => return draw(&reader, &path, Some(&sent), &problem.into()).await,
        };
        match at.and_then(|at| sets.get_mut(at)) {
            Some(place) => *place = set,
            // Somebody took it out meanwhile: what is typed counts.
            None => sets.push(set),
        }
    }
    let mut changed = body.clone();
    if let Some(object) = changed.as_object_mut() {
        if sets.is_empty() {
            object.shift_remove(list.key());
        } else {
            object.insert(list.key().to_owned(), sets.into_iter().map(Json::from).collect());
        }
    }
    match draft.put(DefinitionKind::Entity, &path.entity, changed).await {
        Ok(()) => Ok(reader.go_saying(&back_href(&reader, &path), &flash::done("admin.saved_draft", &[]))),
        Err(Error::Problems(problems)) => draw(&reader, &path, Some(&sent), &problems).await,
        Err(other) => Err(other.into()),
    }
}

/// The group that the form says.
fn chosen(
    reader: &Reader,
    sent: &Form,
    sets: &[Vec<String>],
    at: Option<usize>,
) -> Result<Vec<String>, Problem> {
    let mut set: Vec<String> = Vec::new();
    for number in 1..=field_sets::MOST {
        let input = format!("{INPUT}{number}");
        let field = sent.text(&input);
        if field.is_empty() {
            continue;
        }
        if set.iter().any(|known| known == field) {
            return Err(Problem::at_field("field_twice", &input));
        }
        set.push(field.to_owned());
    }
    let first = format!("{INPUT}1");
    if set.is_empty() {
        let label = reader.reading().t("field_set.first");
        return Err(Problem::at_field("required", &first).with("field", label));
    }
    if sets.iter().enumerate().any(|(index, known)| Some(index) != at && *known == set) {
        return Err(Problem::at_field("set_there", &first));
    }
    Ok(set)
}

fn back_href(reader: &Reader, path: &SetPath) -> String {
    let base = reader.reading().admin_href(&format!("entities/{}", address::segment(&path.entity)));
    address::with_query(&base, [("tab", "rules")])
}

async fn draw(
    reader: &Reader,
    path: &SetPath,
    sent: Option<&Form>,
    problems: &Problems,
) -> Result<Response, Failure> {
    let session = &reader.session;
    let draft = Draft::open(session).await?;
    let body = draft.demand(DefinitionKind::Entity, &path.entity)?;
    let (reading, list) = (reader.reading(), path.list()?);
    let model = drafts::model(session).await?;
    let entity = model.entity(&path.entity).ok_or_else(Failure::not_found)?;
    let is_new = path.fields == NEW;
    let stored: Vec<String> =
        if is_new { Vec::new() } else { path.fields.split(',').map(str::to_owned).collect() };
    let mut fields = field_sets::views(&reading, entity, list, &stored, sent);
    let mut inputs: Vec<&mut FieldView> = fields.iter_mut().collect();
    let lines = reading.presenter(&records::Titles::new()).place_problems(problems, &mut inputs, false);
    let base = reading.admin_href(&format!("entities/{}", address::segment(&path.entity)));
    let word = list.word();
    let page = ItemPage {
        at: reader.visit.place(),
        what: reading.label(DefinitionKind::Entity, &path.entity, "title", text(body, "title")),
        heading: if is_new {
            reading.t(&format!("field_set.new_{word}"))
        } else {
            field_sets::title(&reading, &path.entity, body, &stored)
        },
        lead: reading.t(&format!("field_set.{word}_lead")),
        action: format!("{base}/sets/{}/{}", list.key(), address::segment(&path.fields)),
        back_href: back_href(reader, path),
        can_remove: !is_new,
        fields,
        problems: lines,
        ..ItemPage::default()
    };
    let mut draw = reader
        .draw()
        .below(reading.t("entities.title"), reading.admin_href("entities"))
        .below(page.what.clone(), base);
    if !problems.is_empty() {
        draw = draw.refused();
    }
    draw.view(&page).await
}
