//! `admin/entities/{entity}/{rules,duplicates,types}/{name}`: one rule, duplicate rule or record type, into the draft.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_core::definitions::drafts;
use kontor_core::records::duplicates::{self, RuleTrial};
use kontor_core::records::{self};
use kontor_model::definition::DefinitionKind;
use kontor_model::entity::EntityModel;
use kontor_model::{Json, Problem, Problems, name};
use kontor_view::page::admin::item::{ItemPage, Trial, TrialSet};
use kontor_view::page::part::{Link, Place};
use serde::Deserialize;

use super::as_read;
use super::draft::{Draft, text};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::frame::address;
use crate::present::admin::conditions::{self, Shown};
use crate::present::admin::items::{self, Part};
use crate::present::{Reading, flash};
use crate::visit::Reader;

#[derive(Deserialize)]
pub struct ItemPath {
    entity: String,
    part: String,
    name: String,
}

/// The name in the address of one that has none yet.
const NEW: &str = "new";

impl ItemPath {
    fn part(&self) -> Result<Part, Failure> {
        Part::parse(&self.part).ok_or_else(Failure::not_found)
    }
}

/// `GET`.
pub async fn show_item(reader: Reader, Path(path): Path<ItemPath>) -> Result<Response, Failure> {
    draw(&reader, &path, None, &Problems::new(), None).await
}

/// `POST`.
pub async fn save_item(reader: Reader, Path(path): Path<ItemPath>, sent: Form) -> Result<Response, Failure> {
    let session = &reader.session;
    let part = path.part()?;
    let draft = Draft::open(session).await?;
    let body = draft.demand(DefinitionKind::Entity, &path.entity)?;
    let wanted = sent.text("_do");
    if matches!(wanted, "more" | "json" | "rows") {
        return draw(&reader, &path, Some(&sent), &Problems::new(), None).await;
    }
    let model = drafts::model(session).await?;
    let entity = model.entity(&path.entity).cloned();
    let mut list = items::list_of(body, part);
    let index = list.iter().position(|item| text(item, "name") == path.name);
    if index.is_none() && path.name != NEW {
        return Err(Failure::not_found());
    }
    if wanted == "remove" {
        if let Some(index) = index {
            list.remove(index);
        }
    } else {
        let standing = index.and_then(|index| list.get(index)).cloned();
        let base = as_read::sent(&sent).filter(|_| index.is_some());
        if let Some(base) = &base
            && let Some(place) = index.and_then(|index| list.get_mut(index))
        {
            place.clone_from(base);
        }
        let item = match read(&reader.reading(), part, entity.as_deref(), &list, index, &sent) {
            Ok(item) => item,
            Err(problems) => return draw(&reader, &path, Some(&sent), &problems, None).await,
        };
        if wanted == "try" {
            let found = tried(&reader, entity.as_ref(), &item).await;
            return match found {
                Ok(trial) => draw(&reader, &path, Some(&sent), &Problems::new(), Some(trial)).await,
                Err(Failure::Core(Error::Problems(problems))) => {
                    draw(&reader, &path, Some(&sent), &problems, None).await
                }
                Err(other) => Err(other),
            };
        }
        let item = match (&base, &standing) {
            (Some(base), Some(standing)) => match as_read::settle(base, standing, &item, &sent) {
                Ok(item) => item,
                Err((problems, sent)) => {
                    return draw(&reader, &path, Some(&sent), &problems, None).await;
                }
            },
            _ => item,
        };
        match index.and_then(|index| list.get_mut(index)) {
            Some(place) => *place = item,
            None => list.push(item),
        }
    }
    let mut changed = body.clone();
    if let Some(object) = changed.as_object_mut() {
        object.insert(part.key().to_owned(), Json::Array(list));
    }
    match draft.put(DefinitionKind::Entity, &path.entity, changed).await {
        Ok(()) => Ok(reader.go_saying(&back_href(&reader, &path), &flash::done("admin.saved_draft", &[]))),
        Err(Error::Problems(problems)) => draw(&reader, &path, Some(&sent), &problems, None).await,
        Err(other) => Err(other.into()),
    }
}

/// The part that the form describes.
fn read(
    reading: &Reading<'_>,
    part: Part,
    entity: Option<&EntityModel>,
    list: &[Json],
    index: Option<usize>,
    sent: &Form,
) -> Result<Json, Problems> {
    let stored = index
        .and_then(|index| list.get(index))
        .cloned()
        .unwrap_or_else(|| Json::Object(serde_json::Map::default()));
    let mut problems = Problems::new();
    let label = sent.text(part.label_key()).trim();
    if label.is_empty() {
        let problem = Problem::at_field("required", part.label_key());
        problems.push(problem.with("field", reading.t(&format!("item.{}", part.label_key()))));
    }
    let mut object = items::read(part, entity, &stored, sent);
    if index.is_none() {
        let is_taken = |name: &str| name == NEW || list.iter().any(|item| text(item, "name") == name);
        object.shift_insert(0, "name".to_owned(), name::derive(label, is_taken).into());
    }
    if part == Part::Duplicate && sent.all("match").all(str::is_empty) {
        let label = reading.t("item.match");
        problems.push(Problem::at_field("required", "match").with("field", label));
    }
    if part != Part::RecordType {
        match conditions::read_over(reading, entity, stored.get("when"), sent) {
            Ok(Some(condition)) => drop(object.insert("when".to_owned(), condition)),
            Ok(None) if part == Part::Rule => {
                let label = reading.t("condition.legend");
                problems.push(Problem::at_field("required", "when").with("field", label));
            }
            Ok(None) => drop(object.shift_remove("when")),
            Err(problem) => problems.push(Problem { path: "/when".into(), ..problem }),
        }
    }
    problems.into_result(Json::Object(object))
}

/// What the duplicate rule finds among the records that are there.
async fn tried(
    reader: &Reader,
    entity: Option<&Arc<EntityModel>>,
    item: &Json,
) -> Result<RuleTrial, Failure> {
    let published = entity.and_then(|entity| reader.session.model.entity(&entity.name));
    let Some(entity) = published else {
        return Err(Problem::new("not_published_yet", "").into());
    };
    let names = item.get("match").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
    let mut fields = Vec::new();
    for name in names {
        let index = entity.field_index(name);
        fields.push(index.ok_or_else(|| Failure::from(Problem::new("not_published_yet", "/match")))?);
    }
    Ok(duplicates::try_fields(&reader.session, entity, fields).await?)
}

fn back_href(reader: &Reader, path: &ItemPath) -> String {
    let reading = reader.reading();
    let base = reading.admin_href(&format!("entities/{}", address::segment(&path.entity)));
    address::with_query(&base, [("tab", "rules")])
}

async fn draw(
    reader: &Reader,
    path: &ItemPath,
    sent: Option<&Form>,
    problems: &Problems,
    trial: Option<RuleTrial>,
) -> Result<Response, Failure> {
    let part = path.part()?;
    let session = &reader.session;
    let draft = Draft::open(session).await?;
    let body = draft.demand(DefinitionKind::Entity, &path.entity)?;
    let reading = reader.reading();
    let model = drafts::model(session).await?;
    let entity = model.entity(&path.entity).cloned();
    let list = items::list_of(body, part);
    let stored = list.iter().find(|item| text(item, "name") == path.name);
    if stored.is_none() && path.name != NEW {
        return Err(Failure::not_found());
    }
    let empty = Json::Object(serde_json::Map::new());
    let item = stored.unwrap_or(&empty);
    let mut fields = items::views(&reading, part, entity.as_deref(), item, sent);
    if part == Part::Duplicate && stored.is_some() {
        // The name is what layers refer to: it stays.
        fields.retain(|field| field.name != "name");
    }
    let shown = Shown {
        legend: reading.t(&format!("item.{}_when", part.word())),
        lead: reading.t(&format!("item.{}_when_lead", part.word())),
        condition: item.get("when"),
        entity: entity.as_deref(),
        about_changes: true,
    };
    let word = part.word();
    let heading = match stored {
        Some(stored) => items::title_of(&reading, &path.entity, part, stored),
        None => reading.t(&format!("item.new_{word}")),
    };
    let mut places: Vec<_> = fields.iter_mut().collect();
    let mut lines = reading.presenter(&records::Titles::new()).place_problems(
        &at_inputs(part, problems),
        &mut places,
        false,
    );
    for line in lines.iter_mut().filter(|line| line.anchor.is_empty() && line.label == "when") {
        conditions::ANCHOR.clone_into(&mut line.anchor);
        line.label.clone_from(&shown.legend);
    }
    let base = reading.admin_href(&format!("entities/{}", address::segment(&path.entity)));
    let entity_title = reading.definition_title(DefinitionKind::Entity, &path.entity, body);
    let page = ItemPage {
        at: Place {
            read: stored.map(|stored| as_read::carried(sent, stored)).unwrap_or_default(),
            ..reader.visit.place()
        },
        what: entity_title.clone(),
        heading,
        lead: reading.t(&format!("item.{word}_lead")),
        action: format!("{base}/{}/{}", part.path(), address::segment(&path.name)),
        back_href: back_href(reader, path),
        can_remove: stored.is_some(),
        can_try: part == Part::Duplicate,
        fields,
        more: false,
        condition: (part != Part::RecordType).then(|| conditions::editor(&reading, &shown, sent)),
        trial: match (trial, &entity) {
            (Some(trial), Some(entity)) => Some(shown_trial(reader, entity, trial).await),
            _ => None,
        },
        problems: lines,
        ..ItemPage::default()
    };
    let mut draw = reader
        .draw()
        .below(reading.t("entities.title"), reading.admin_href("entities"))
        .below(entity_title, base);
    if !problems.is_empty() {
        draw = draw.refused();
    }
    draw.view(&page).await
}

/// Pointers into the definition as names of inputs: `/rules/2/message` is at `message`.
fn at_inputs(part: Part, problems: &Problems) -> Problems {
    let prefix = format!("/{}/", part.key());
    let at = |problem: &Problem| {
        let rest = problem.path.strip_prefix(&prefix).and_then(|rest| rest.split_once('/'));
        let path = rest.map_or_else(|| problem.path.clone(), |(_, rest)| format!("/{rest}"));
        Problem { path, ..problem.clone() }
    };
    Problems(problems.iter().map(at).collect())
}

async fn shown_trial(reader: &Reader, entity: &Arc<EntityModel>, trial: RuleTrial) -> Trial {
    let reading = reader.reading();
    let number = |count: u64| reading.format.integer(i64::try_from(count).unwrap_or(i64::MAX));
    let key = if trial.capped { "item.tried_capped" } else { "item.tried" };
    let lead = reading.words().with(
        key,
        &[
            ("records", number(trial.looked_at).as_str()),
            ("alike", number(trial.alike).as_str()),
            ("sets", number(trial.clusters).as_str()),
        ],
    );
    let mut sets = Vec::new();
    for cluster in trial.shown {
        let mut found = Vec::new();
        for id in cluster.records {
            if let Ok(view) = records::get(&reader.session, entity, id).await {
                found.push(Link::new(reading.record_href(&entity.name, id), view.title(&reader.session), ""));
            }
        }
        sets.push(TrialSet { count: number(cluster.count), records: found });
    }
    Trial { lead, sets }
}
