//! `admin/entities/{entity}/fields`: adding, changing and renaming a field, and the columns that links have of
//! their own, all in the draft.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_core::definitions::{drafts, edit};
use kontor_model::definition::DefinitionKind;
use kontor_model::kind::{self, FieldKind};
use kontor_model::{Json, Problem, Problems, labels, name};
use serde::Deserialize;

use super::draft::{self, Draft, text};
use super::entity::EntityPath;
use super::field_base;
use super::field_page::{Place, Shown, draw};
use super::rows_link;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::admin::{facets, field_definition, form_places, options, removed};
use crate::present::flash;
use crate::visit::Reader;

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

/// Puts a field on the forms that its page says, behind what is there.
async fn put_on_forms(reader: &Reader, place: &Place, field: &str, sent: &Form) -> kontor_core::Result<()> {
    if !place.list.is_empty() {
        return Ok(());
    }
    let draft = Draft::open(&reader.session).await?;
    for (form, json) in form_places::placed(&draft, &place.entity, field, sent)? {
        draft.put(DefinitionKind::Form, &form, json).await?;
    }
    Ok(())
}

/// Puts the field that the form describes into the draft, with the entity or link that its rows need.
async fn keep(
    reader: &Reader,
    draft: &Draft<'_>,
    shown: &Shown<'_>,
    name: &str,
    settled: Option<Json>,
    sent: &Form,
) -> kontor_core::Result<()> {
    let reading = reader.reading();
    let mut field = match settled {
        Some(field) => field,
        None => described(reader, shown, &shown.definition(), sent).await?,
    };
    let place = shown.place;
    let made = if facets::has_link_here(&shown.kind) {
        rows_link::settle(&reading, draft, &place.entity, &mut field, sent)?
    } else {
        None
    };
    let mut changed = shown.body.clone();
    if let Some(holder) = place.holder_mut(&mut changed) {
        set_field(holder, name, field, shown.source == "typed", place.list.is_empty().then_some(sent));
    }
    if let Some((other, json)) = &made {
        draft::put(&reader.session, DefinitionKind::Entity, other, json.clone()).await?;
    }
    let kept = draft.put(DefinitionKind::Entity, &place.entity, changed).await;
    if let (Err(_), Some((other, _))) = (&kept, made) {
        rows_link::put_link_back(reader, draft, &other).await?;
    }
    kept?;
    save_labels(reader, place, name, sent).await
}

/// The field that the form makes of `before`.
async fn described(
    reader: &Reader,
    shown: &Shown<'_>,
    before: &Json,
    sent: &Form,
) -> kontor_core::Result<Json> {
    let model = drafts::model(&reader.session).await?;
    let reading = reader.reading();
    Ok(field_definition::definition(&reading, &model, &shown.kind, shown.source, before, sent)?)
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

/// The form beside what others changed since its page was drawn: the field to keep, when there is any of that.
async fn settled(
    reader: &Reader,
    draft: &Draft<'_>,
    shown: &Shown<'_>,
    sent: Form,
) -> Result<(Option<Json>, Form), (Problems, Form)> {
    let standing = field_base::standing(draft, shown.place, shown.body, shown.field);
    let Some(base) = field_base::sent(&sent).filter(|base| *base != standing) else {
        return Ok((None, sent));
    };
    // What is wrong with the form itself is told when it is kept.
    let Ok(mine) = described(reader, shown, &field_base::definition(&base), &sent).await else {
        return Ok((None, sent));
    };
    let done = field_base::settle(&base, &standing, &mine, &sent)?;
    Ok((Some(done.field), done.form))
}

/// Gives a field another name. The column in the database keeps its own.
async fn rename(reader: &Reader, place: &Place, field: &str, wanted: &str) -> kontor_core::Result<()> {
    let session = &reader.session;
    let id = drafts::own(session).await?;
    if place.list.is_empty() {
        return edit::rename_field(session, id, &place.entity, field, wanted).await;
    }
    let draft = Draft::open(session).await?;
    let mut body = draft.demand(DefinitionKind::Entity, &place.entity)?.clone();
    let columns = place.holder_mut(&mut body).and_then(|holder| holder.get_mut("properties"));
    let columns = columns.and_then(Json::as_object_mut).ok_or(Error::NotFound)?;
    if columns.contains_key(wanted) {
        return Err(Problem::at_field("name_taken", "name").with("name", wanted).into());
    }
    let mut renamed = serde_json::Map::new();
    for (name, mut column) in std::mem::take(columns) {
        if name != field {
            renamed.insert(name, column);
            continue;
        }
        if let Some(object) = column.as_object_mut() {
            object.entry("key").or_insert_with(|| field.into());
        }
        renamed.insert(wanted.to_owned(), column);
    }
    *columns = renamed;
    draft::put(session, DefinitionKind::Entity, &place.entity, body).await
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
async fn save_labels(reader: &Reader, place: &Place, field: &str, sent: &Form) -> kontor_core::Result<()> {
    for language in sent.below("title.") {
        let draft = Draft::open(&reader.session).await?;
        let Some(file) = draft.definition(DefinitionKind::Locale, language) else { continue };
        let mut changed = file.clone();
        let fields = place.pointer().trim_start_matches('/').replace('/', ".");
        let path = format!("{fields}.{field}.title");
        let typed = sent.text(&format!("title.{language}")).to_owned();
        labels::set(&mut changed, &labels::key(DefinitionKind::Entity, &place.entity, &path), &typed);
        if changed != *file {
            draft::put(&reader.session, DefinitionKind::Locale, language, changed).await?;
        }
    }
    Ok(())
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

/// Puts a field into the definition that holds it, and into or out of what is required, where the form says that.
fn set_field(holder: &mut Json, name: &str, field: Json, is_typed: bool, sent: Option<&Form>) {
    let Some(object) = holder.as_object_mut() else { return };
    if let Some(properties) =
        object.entry("properties").or_insert_with(|| Json::Object(serde_json::Map::new())).as_object_mut()
    {
        properties.insert(name.to_owned(), field);
    }
    let Some(sent) = sent.filter(|sent| !is_typed || sent.has("required")) else { return };
    let is_required = is_typed && sent.get("required") == Some("true");
    if !is_required && object.get("required").is_none() {
        return;
    }
    if let Some(required) = object.entry("required").or_insert_with(|| Json::Array(Vec::new())).as_array_mut()
    {
        // What is in the list already keeps its place.
        let is_known = required.iter().any(|known| known.as_str() == Some(name));
        if is_required && !is_known {
            required.push(name.into());
        } else if !is_required {
            required.retain(|known| known.as_str() != Some(name));
        }
    }
}

/// Problems of the field's part of the definition stand at the inputs of its facets.
fn at_inputs(place: &Place, mut problems: Problems, field: &str) -> Problems {
    let prefix = format!("{}/{field}", place.pointer());
    for problem in &mut problems.0 {
        let Some(rest) = problem.path.strip_prefix(&prefix) else { continue };
        // `twitch` is another field than `tw`.
        let Some(rest) = rest.strip_prefix('/').or(Some(rest).filter(|rest| rest.is_empty())) else {
            continue;
        };
        let (key, inner) = rest.split_once('/').unwrap_or((rest, ""));
        problem.path = match (key, inner.split('/').next().unwrap_or_default()) {
            ("", _) => "/name".to_owned(),
            ("rollup", "" | "of") => "/rollup.of".to_owned(),
            ("rollup", "where") => "/where".to_owned(),
            ("rollup", "by") => "/rollup.by".to_owned(),
            ("rollup", "limit") => "/rollup.limit".to_owned(),
            ("rollup", _) => "/rollup.field".to_owned(),
            // Rows of tables have their own places.
            (options::KEY, _) => format!("/{rest}"),
            _ => format!("/{key}"),
        };
    }
    problems
}
