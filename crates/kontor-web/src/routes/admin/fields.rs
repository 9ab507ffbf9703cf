//! `admin/entities/{entity}/fields`: adding, changing and renaming a field, and the columns that links have of
//! their own, all in the draft.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_model::definition::DefinitionKind;
use kontor_model::kind::{self, FieldKind};
use kontor_model::{Json, Problem, Problems, name};
use serde::Deserialize;

use super::draft::{Draft, text};
use super::entity::EntityPath;
use super::field_base;
use super::field_page::{Place, Shown, draw};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::admin::{facets, form_places, options, removed};
use crate::present::flash;
use crate::visit::Reader;

mod kept;

use kept::{at_inputs, keep, put_on_forms, rename, same_label, settled};

#[derive(Deserialize)]
pub struct FieldPath {
    /// The entity.
    pub entity: String,
    /// The field.
    pub field: String,
}

#[derive(Deserialize)]
pub struct ColumnPath {
    entity: String,
    field: String,
    column: String,
}

/// A field of an entity.
fn own(entity: &str) -> Place {
    Place { entity: entity.to_owned(), list: String::new() }
}

/// A column of the list `field`.
fn inside(entity: &str, field: &str) -> Place {
    Place { entity: entity.to_owned(), list: field.to_owned() }
}

/// `GET …/fields/new?kind=&source=&back=`.
pub async fn show_new(
    reader: Reader,
    Path(path): Path<EntityPath>,
    query: Query,
) -> Result<Response, Failure> {
    show_blank(&reader, &own(&path.entity), &query).await
}

/// `GET …/fields/{field}/columns/new`.
pub async fn show_new_column(
    reader: Reader,
    Path(path): Path<FieldPath>,
    query: Query,
) -> Result<Response, Failure> {
    show_blank(&reader, &inside(&path.entity, &path.field), &query).await
}

async fn show_blank(reader: &Reader, place: &Place, query: &Query) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let body = draft.demand(DefinitionKind::Entity, &place.entity)?;
    place.holder(body).ok_or_else(Failure::not_found)?;
    let chosen = facets::offered().into_iter().find(|kind| *kind == query.text("kind"));
    let source =
        facets::SOURCES.into_iter().find(|source| *source == query.text("source")).unwrap_or("typed");
    let shown = Shown {
        place,
        body,
        field: "",
        kind: chosen.unwrap_or("text").to_owned(),
        chosen: chosen.is_some(),
        source,
        back: query.text("back").to_owned(),
    };
    // What the way here says already.
    let given = query.without(&["kind", "source", "back"]).into_iter();
    let given = given.filter(|(name, _)| !name.starts_with('_')).collect();
    draw(reader, &draft, &shown, &Form(given), &Problems::new()).await
}

/// `GET …/fields/{field}?kind=&source=`.
pub async fn show_field(
    reader: Reader,
    Path(path): Path<FieldPath>,
    query: Query,
) -> Result<Response, Failure> {
    show_known(&reader, &own(&path.entity), &path.field, &query).await
}

/// `GET …/fields/{field}/columns/{column}`.
pub async fn show_column(
    reader: Reader,
    Path(path): Path<ColumnPath>,
    query: Query,
) -> Result<Response, Failure> {
    show_known(&reader, &inside(&path.entity, &path.field), &path.column, &query).await
}

async fn show_known(reader: &Reader, place: &Place, field: &str, query: &Query) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let body = draft.demand(DefinitionKind::Entity, &place.entity)?;
    if place.list.is_empty() && removed::is_removed(&draft, &place.entity, field) {
        // It is still in the list, where it can be taken back.
        return Ok(reader.go(&format!("{}#field-{field}", place.base(&reader.reading()))));
    }
    let known = known(place, body, field)?;
    let kind = facets::offered()
        .into_iter()
        .find(|kind| *kind == query.text("kind"))
        .unwrap_or_else(|| text(known, "kind"));
    let source = facets::SOURCES
        .into_iter()
        .find(|source| *source == query.text("source"))
        .unwrap_or_else(|| facets::source_of(known));
    let shown = Shown {
        place,
        body,
        field,
        kind: kind.to_owned(),
        chosen: true,
        source,
        back: query.text("back").to_owned(),
    };
    draw(reader, &draft, &shown, &Form::default(), &Problems::new()).await
}

/// The definition of a field that is there.
fn known<'j>(place: &Place, body: &'j Json, field: &str) -> Result<&'j Json, Failure> {
    let fields = place.holder(body).and_then(|holder| holder.get("properties"));
    fields.and_then(|all| all.get(field)).ok_or_else(Failure::not_found)
}

/// What a button begins with that keeps the form and goes on to another page.
const GO: &str = "go:";

/// The form as the page shows it again, when a button asked for another kind, another source, or a change of a table;
/// `None` when it is to be saved.
fn again(sent: &Form) -> Option<Form> {
    let order = sent.text("_do");
    if let Some(order) = order.strip_prefix("oneOf:") {
        return Some(options::pressed(sent, order));
    }
    let is_kept = matches!(order, "" | "save" | "remove") || order.starts_with(GO);
    let asks = sent.has("_kind") || sent.has("_source") || !is_kept;
    asks.then(|| sent.clone())
}

/// The kind that the form is about.
fn chosen_kind(sent: &Form) -> &str {
    let wanted = sent.text("_kind");
    if facets::offered().contains(&wanted) { wanted } else { sent.text("kind") }
}

/// `POST …/fields`.
pub async fn create_field(
    reader: Reader,
    Path(path): Path<EntityPath>,
    sent: Form,
) -> Result<Response, Failure> {
    create(&reader, &own(&path.entity), sent).await
}

/// `POST …/fields/{field}/columns`.
pub async fn create_column(
    reader: Reader,
    Path(path): Path<FieldPath>,
    sent: Form,
) -> Result<Response, Failure> {
    create(&reader, &inside(&path.entity, &path.field), sent).await
}

async fn create(reader: &Reader, place: &Place, sent: Form) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let body = draft.demand(DefinitionKind::Entity, &place.entity)?;
    let holder = place.holder(body).ok_or_else(Failure::not_found)?;
    let mut shown = Shown {
        place,
        body,
        field: "",
        kind: chosen_kind(&sent).to_owned(),
        chosen: true,
        source: chosen_source(&sent),
        back: sent.text("_back").to_owned(),
    };
    if kind::find(&shown.kind).is_none_or(FieldKind::is_internal) {
        return Err(Problem::at_field("unknown_option", "kind").with("value", &shown.kind).into());
    }
    if let Some(form) = again(&sent) {
        shown.source = source_for(&shown.kind, shown.source);
        return draw(reader, &draft, &shown, &form, &Problems::new()).await;
    }
    let sent = options::settled(&sent);
    let gone = removed::names(&draft, place);
    let is_there = |name: &str| holder.get("properties").is_some_and(|all| all.get(name).is_some());
    // What the draft removes keeps its name and column until that is published: another field is another one.
    let is_taken = |name: &str| is_there(name) || gone.iter().any(|one| one == name);
    let wanted = match sent.text("name") {
        "" => {
            name::derive(sent.text("title"), |name| is_taken(name) || kontor_model::is_reserved_field(name))
        }
        own => own.to_owned(),
    };
    let mut problems = Problems::new();
    if sent.text("title").is_empty() {
        problems
            .push(Problem::at_field("required", "title").with("field", reader.reading().t("entity.label")));
    } else if is_there(&wanted) {
        problems.push(Problem::at_field("name_taken", "name").with("name", &wanted));
    } else if is_taken(&wanted) {
        problems.push(Problem::at_field("name_of_removed", "name").with("name", &wanted));
    }
    if let Some(other) = same_label(holder, "", sent.text("title")) {
        problems.push(Problem::at_field("label_taken", "title").with("field", other));
    }
    if problems.has_errors() {
        return draw(reader, &draft, &shown, &sent, &problems).await;
    }
    let saved = async {
        // A section that is not there is told before anything is kept.
        if place.list.is_empty() {
            form_places::placed(&draft, &place.entity, &wanted, &sent)?;
        }
        keep(reader, &draft, &shown, &wanted, None, &sent).await?;
        put_on_forms(reader, place, &wanted, &sent).await
    };
    match saved.await {
        Ok(()) => {
            let reading = reader.reading();
            let next = if sent.text("_next") == "again" {
                let next = format!("{}/new", place.fields(&reading));
                address::with_query(&next, [("back", shown.back.as_str())])
            } else {
                address::own_path_or(&shown.back, &place.base(&reading)).to_owned()
            };
            let draft = Draft::open(&reader.session).await?;
            let is_nowhere = place.list.is_empty() && form_places::is_nowhere(&draft, &place.entity, &wanted);
            let is_list_nowhere =
                place.list.is_empty() && form_places::list_is_nowhere(&draft, &place.entity, &wanted);
            let said = match (is_nowhere, is_list_nowhere) {
                (true, _) => "field_editor.saved_off_forms",
                (false, true) => "field_editor.saved_list_off_forms",
                _ => "admin.saved_draft",
            };
            Ok(reader.go_saying(&next, &flash::done(said, &[])))
        }
        Err(Error::Problems(problems)) => {
            draw(reader, &draft, &shown, &sent, &at_inputs(place, problems, &wanted)).await
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
    change(&reader, &own(&path.entity), &path.field, sent).await
}

/// `POST …/fields/{field}/columns/{column}`: the same of a column; `_do=remove` takes it out.
pub async fn save_column(
    reader: Reader,
    Path(path): Path<ColumnPath>,
    sent: Form,
) -> Result<Response, Failure> {
    change(&reader, &inside(&path.entity, &path.field), &path.column, sent).await
}

async fn change(reader: &Reader, place: &Place, opened: &str, sent: Form) -> Result<Response, Failure> {
    let session = &reader.session;
    let draft = Draft::open(session).await?;
    let body = draft.demand(DefinitionKind::Entity, &place.entity)?;
    let renamed = field_base::name_now(place, body, opened, &sent);
    let field = renamed.as_deref().unwrap_or(opened);
    let before = known(place, body, field)?;
    let holder = place.holder(body).ok_or_else(Failure::not_found)?;
    let says_source = sent.has("_source") || sent.has("source");
    let source = if says_source || facets::SOURCES.iter().any(|one| sent.has(one)) {
        chosen_source(&sent)
    } else {
        facets::source_of(before)
    };
    let mut shown = Shown {
        place,
        body,
        field,
        kind: chosen_kind(&sent).to_owned(),
        chosen: true,
        source,
        back: sent.text("_back").to_owned(),
    };
    if let Some(form) = again(&sent) {
        shown.source = source_for(&shown.kind, shown.source);
        return draw(reader, &draft, &shown, &form, &Problems::new()).await;
    }
    let sent = options::settled(&sent);
    let usual = address::own_path_or(&shown.back, &place.base(&reader.reading())).to_owned();
    let next =
        sent.text("_do").strip_prefix(GO).map_or(usual.as_str(), |to| address::own_path_or(to, &usual));
    let next = next.to_owned();
    if sent.text("_do") == "remove" && !place.list.is_empty() {
        let mut changed = body.clone();
        let fields = place.holder_mut(&mut changed).and_then(|holder| holder.get_mut("properties"));
        if let Some(fields) = fields.and_then(Json::as_object_mut) {
            fields.shift_remove(field);
        }
        draft.put(DefinitionKind::Entity, &place.entity, changed).await?;
        return Ok(reader.go_saying(&next, &flash::done("admin.saved_draft", &[])));
    }
    let wanted = Some(sent.text("name")).filter(|name| !name.is_empty() && *name != opened).unwrap_or(field);
    let wanted = wanted.to_owned();
    // Where it goes on is named by the field as it was called.
    let next = if wanted != field && sent.text("_do").starts_with(GO) {
        format!("{}/{}", place.fields(&reader.reading()), address::segment(&wanted))
    } else {
        next
    };
    if text(before, "title") != sent.text("title")
        && let Some(other) = same_label(holder, field, sent.text("title"))
    {
        let problem = Problem::at_field("label_taken", "title").with("field", other);
        return draw(reader, &draft, &shown, &sent, &problem.into()).await;
    }
    let (settled, sent) = match settled(reader, &draft, &shown, sent).await {
        Ok(settled) => settled,
        Err((problems, sent)) => return draw(reader, &draft, &shown, &sent, &problems).await,
    };
    let saved = async {
        keep(reader, &draft, &shown, field, settled, &sent).await?;
        if wanted != field {
            rename(reader, place, field, &wanted).await?;
        }
        put_on_forms(reader, place, &wanted, &sent).await
    };
    match saved.await {
        Ok(()) => Ok(reader.go_saying(&next, &flash::done("admin.saved_draft", &[]))),
        Err(Error::Problems(problems)) => {
            draw(reader, &draft, &shown, &sent, &at_inputs(place, problems, field)).await
        }
        Err(other) => Err(other.into()),
    }
}

/// The source that the form is about: the one that was pressed, the one it was drawn with, or the one whose input came.
fn chosen_source(sent: &Form) -> &'static str {
    let of = |wanted: &str| facets::SOURCES.into_iter().find(|source| *source == wanted);
    let filled = || facets::SOURCES.into_iter().skip(1).find(|source| !sent.text(source).is_empty());
    of(sent.text("_source")).or_else(|| of(sent.text("source"))).or_else(filled).unwrap_or("typed")
}

/// The same source, as far as the kind may have it.
fn source_for(kind: &str, source: &'static str) -> &'static str {
    let is_typed_only =
        |kind: &dyn FieldKind| kind.is_drawn() || kind.is_link() || kind.is_list() || kind.is_write_only();
    if kind::find(kind).is_some_and(is_typed_only) { "typed" } else { source }
}
