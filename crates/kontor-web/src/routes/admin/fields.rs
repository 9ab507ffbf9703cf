//! `admin/entities/{entity}/fields`: adding, changing, renaming and removing a field, all in the draft.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_core::definitions::{drafts, edit};
use kontor_model::definition::DefinitionKind;
use kontor_model::{Json, Problem, Problems, labels, name};
use kontor_view::page::deletion::DeletionPage;
use kontor_view::page::part::EntityHead;
use serde::Deserialize;

use super::draft::{self, Draft, text};
use super::entity::EntityPath;
use super::field_page::{Shown, draw};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::admin::{entity as present_entity, facets, field_definition};
use crate::present::flash;
use crate::visit::Reader;

#[derive(Deserialize)]
pub struct FieldPath {
    /// The entity.
    pub entity: String,
    /// The field.
    pub field: String,
}

/// `GET …/fields/new?kind=&source=&back=`.
pub async fn show_new(
    reader: Reader,
    Path(path): Path<EntityPath>,
    query: Query,
) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let body = draft.demand(DefinitionKind::Entity, &path.entity)?;
    let kind = facets::offered().into_iter().find(|kind| *kind == query.text("kind")).unwrap_or("text");
    let source =
        facets::SOURCES.into_iter().find(|source| *source == query.text("source")).unwrap_or("typed");
    let shown = Shown {
        entity: &path.entity,
        body,
        field: "",
        kind: kind.to_owned(),
        source,
        back: query.text("back").to_owned(),
    };
    // What was typed before another kind was chosen, and what the way here says already.
    let given = query.0.iter().filter(|(name, _)| matches!(name.as_str(), "title" | "to" | "name"));
    draw(&reader, &draft, &shown, &Form(given.cloned().collect()), &Problems::new()).await
}

/// `GET …/fields/{field}?kind=&source=`.
pub async fn show_field(
    reader: Reader,
    Path(path): Path<FieldPath>,
    query: Query,
) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let body = draft.demand(DefinitionKind::Entity, &path.entity)?;
    let field = body.get("properties").and_then(|all| all.get(&path.field)).ok_or_else(Failure::not_found)?;
    let kind = facets::offered()
        .into_iter()
        .find(|kind| *kind == query.text("kind"))
        .unwrap_or_else(|| text(field, "kind"));
    let source = facets::SOURCES
        .into_iter()
        .find(|source| *source == query.text("source"))
        .unwrap_or_else(|| facets::source_of(field));
    let shown = Shown {
        entity: &path.entity,
        body,
        field: &path.field,
        kind: kind.to_owned(),
        source,
        back: query.text("back").to_owned(),
    };
    draw(&reader, &draft, &shown, &Form::default(), &Problems::new()).await
}

/// `POST …/fields`.
pub async fn create_field(
    reader: Reader,
    Path(path): Path<EntityPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let body = draft.demand(DefinitionKind::Entity, &path.entity)?;
    let is_taken = |name: &str| body.get("properties").is_some_and(|all| all.get(name).is_some());
    let wanted = match sent.text("name") {
        "" => name::derive(sent.text("title"), is_taken),
        own => own.to_owned(),
    };
    let mut problems = Problems::new();
    if sent.text("title").is_empty() {
        problems
            .push(Problem::at_field("required", "title").with("field", reader.reading().t("entity.label")));
    } else if is_taken(&wanted) {
        problems.push(Problem::at_field("name_taken", "name").with("name", &wanted));
    }
    if let Some(other) = same_label(body, "", sent.text("title")) {
        problems.push(Problem::at_field("label_taken", "title").with("field", other));
    }
    let source = chosen_source(&sent);
    let shown = Shown {
        entity: &path.entity,
        body,
        field: "",
        kind: sent.text("kind").to_owned(),
        source,
        back: sent.text("_back").to_owned(),
    };
    if problems.has_errors() {
        return draw(&reader, &draft, &shown, &sent, &problems).await;
    }
    let mut changed = body.clone();
    set_field(
        &mut changed,
        &wanted,
        field_definition::definition(&shown.kind, source, &shown.definition(), &sent),
        &sent,
    );
    match draft::put(&reader.session, DefinitionKind::Entity, &path.entity, changed).await {
        Ok(()) => {
            save_labels(&reader, &path.entity, &wanted, &sent).await?;
            let base = reader.reading().admin_href(&format!("entities/{}", address::segment(&path.entity)));
            let next = if sent.text("_next") == "again" {
                format!("{base}/fields/new")
            } else {
                address::own_path_or(sent.text("_back"), &base).to_owned()
            };
            Ok(reader.go_saying(&next, &flash::done("admin.saved_draft", &[])))
        }
        Err(Error::Problems(problems)) => {
            draw(&reader, &draft, &shown, &sent, &at_inputs(problems, &wanted)).await
        }
        Err(other) => Err(other.into()),
    }
}

/// `POST …/fields/{field}`: changes, and renames when another name is given.
pub async fn save_field(
    reader: Reader,
    Path(path): Path<FieldPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let session = &reader.session;
    let draft = Draft::open(session).await?;
    let body = draft.demand(DefinitionKind::Entity, &path.entity)?;
    let before =
        body.get("properties").and_then(|all| all.get(&path.field)).ok_or_else(Failure::not_found)?;
    let source = if sent.has("source") || facets::SOURCES.iter().any(|one| sent.has(one)) {
        chosen_source(&sent)
    } else {
        facets::source_of(before)
    };
    let shown = Shown {
        entity: &path.entity,
        body,
        field: &path.field,
        kind: sent.text("kind").to_owned(),
        source,
        back: sent.text("_back").to_owned(),
    };
    let mut changed = body.clone();
    set_field(
        &mut changed,
        &path.field,
        field_definition::definition(&shown.kind, source, before, &sent),
        &sent,
    );
    let wanted = if sent.text("name").is_empty() { path.field.as_str() } else { sent.text("name") };
    if text(before, "title") != sent.text("title")
        && let Some(other) = same_label(body, &path.field, sent.text("title"))
    {
        let problem = Problem::at_field("label_taken", "title").with("field", other);
        return draw(&reader, &draft, &shown, &sent, &problem.into()).await;
    }
    let saved = async {
        draft::put(session, DefinitionKind::Entity, &path.entity, changed).await?;
        save_labels(&reader, &path.entity, &path.field, &sent).await?;
        if wanted != path.field {
            let id = drafts::own(session).await?;
            edit::rename_field(session, id, &path.entity, &path.field, wanted).await?;
        }
        Ok::<_, Error>(())
    };
    match saved.await {
        Ok(()) => {
            let base = reader.reading().admin_href(&format!("entities/{}", address::segment(&path.entity)));
            Ok(reader.go_saying(
                address::own_path_or(sent.text("_back"), &base),
                &flash::done("admin.saved_draft", &[]),
            ))
        }
        Err(Error::Problems(problems)) => {
            draw(&reader, &draft, &shown, &sent, &at_inputs(problems, &path.field)).await
        }
        Err(other) => Err(other.into()),
    }
}

/// `GET …/fields/{field}/removal`.
pub async fn ask_removal(reader: Reader, Path(path): Path<FieldPath>) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let body = draft.demand(DefinitionKind::Entity, &path.entity)?;
    let field = body.get("properties").and_then(|all| all.get(&path.field)).ok_or_else(Failure::not_found)?;
    let reading = reader.reading();
    let base = reading.admin_href(&format!("entities/{}", address::segment(&path.entity)));
    let own = format!("{base}/fields/{}", address::segment(&path.field));
    let kind = reading.t("list.filter_field");
    let page = DeletionPage {
        at: reader.visit.place(),
        entity: EntityHead {
            title: kind.clone(),
            plural: kind,
            icon: "database".to_owned(),
            ..EntityHead::default()
        },
        titles: vec![text(field, "title").to_owned()],
        count: 1,
        impacts: present_entity::removal_impacts(&reading, &path.entity, Some(&path.field)).await?,
        action: format!("{own}/removal"),
        cancel_href: own.clone(),
        drafted: true,
        ..DeletionPage::default()
    };
    reader.draw().below(text(body, "title"), base).below(text(field, "title"), own).view(&page).await
}

/// `POST …/fields/{field}/removal`.
pub async fn remove_field(
    reader: Reader,
    Path(path): Path<FieldPath>,
    _sent: Form,
) -> Result<Response, Failure> {
    let session = &reader.session;
    Draft::open(session).await?;
    let id = drafts::own(session).await?;
    edit::remove_field(session, id, &path.entity, &path.field).await?;
    let base = reader.reading().admin_href(&format!("entities/{}", address::segment(&path.entity)));
    Ok(reader.go_saying(&base, &flash::done("admin.saved_draft", &[])))
}

/// The name of another field with the same label: two that read alike cannot be told apart in forms and lists.
fn same_label<'b>(body: &'b Json, own: &str, title: &str) -> Option<&'b str> {
    let fold = kontor_model::value::fold;
    let wanted = fold(title.trim());
    let fields = body.get("properties")?.as_object()?;
    let mut others = fields.iter().filter(|(name, _)| *name != own);
    others
        .find(|(_, facets)| !wanted.is_empty() && fold(text(facets, "title")) == wanted)
        .map(|(name, _)| name.as_str())
}

/// The label of a field in other languages, as far as the form says any.
async fn save_labels(reader: &Reader, entity: &str, field: &str, sent: &Form) -> kontor_core::Result<()> {
    for language in sent.below("title.") {
        let draft = Draft::open(&reader.session).await?;
        let Some(file) = draft.definition(DefinitionKind::Locale, language) else { continue };
        let mut changed = file.clone();
        let path = format!("properties.{field}.title");
        let typed = sent.text(&format!("title.{language}")).to_owned();
        labels::set(&mut changed, &labels::key(DefinitionKind::Entity, entity, &path), &typed);
        if changed != *file {
            draft::put(&reader.session, DefinitionKind::Locale, language, changed).await?;
        }
    }
    Ok(())
}

/// The source whose input came with the form.
fn chosen_source(sent: &Form) -> &'static str {
    facets::SOURCES.into_iter().skip(1).find(|source| !sent.text(source).is_empty()).unwrap_or("typed")
}

/// Puts a field into an entity's definition, and into or out of what is required.
fn set_field(body: &mut Json, name: &str, field: Json, sent: &Form) {
    let Some(object) = body.as_object_mut() else { return };
    if let Some(properties) =
        object.entry("properties").or_insert_with(|| Json::Object(serde_json::Map::new())).as_object_mut()
    {
        properties.insert(name.to_owned(), field);
    }
    if !sent.has("required") {
        return;
    }
    if let Some(required) = object.entry("required").or_insert_with(|| Json::Array(Vec::new())).as_array_mut()
    {
        required.retain(|known| known.as_str() != Some(name));
        if sent.get("required") == Some("true") {
            required.push(name.into());
        }
    }
}

/// Problems of the field's part of the definition stand at the inputs of its facets.
fn at_inputs(mut problems: Problems, field: &str) -> Problems {
    let prefix = format!("/properties/{field}");
    for problem in &mut problems.0 {
        let Some(rest) = problem.path.strip_prefix(&prefix) else { continue };
        let key = rest.trim_start_matches('/').split('/').next().unwrap_or_default();
        let input = if key.is_empty() { "name" } else { key };
        problem.path = format!("/{input}");
    }
    problems
}
