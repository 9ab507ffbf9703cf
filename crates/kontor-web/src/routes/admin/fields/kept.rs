//! What the page of a field changes in the draft: the field, its name, its labels, the forms that show it.

use kontor_core::Error;
use kontor_core::definitions::{drafts, edit};
use kontor_model::definition::DefinitionKind;
use kontor_model::{Json, Problem, Problems, labels};

use crate::extract::form::Form;
use crate::present::admin::{facets, field_definition, form_places, options};
use crate::routes::admin::draft::{self, Draft, text};
use crate::routes::admin::field_page::{Place, Shown};
use crate::routes::admin::{field_base, rows_link};
use crate::visit::Reader;

/// Puts a field on the forms that its page says, behind what is there.
pub(super) async fn put_on_forms(
    reader: &Reader,
    place: &Place,
    field: &str,
    sent: &Form,
) -> kontor_core::Result<()> {
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
pub(super) async fn keep(
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
    save_labels(reader, (place, name), shown.field.is_empty(), sent).await
}

/// The field that the form makes of `before`.
pub(super) async fn described(
    reader: &Reader,
    shown: &Shown<'_>,
    before: &Json,
    sent: &Form,
) -> kontor_core::Result<Json> {
    let model = drafts::model(&reader.session).await?;
    let reading = reader.reading();
    Ok(field_definition::definition(&reading, &model, &shown.kind, shown.source, before, sent)?)
}

/// The form beside what others changed since its page was drawn: the field to keep, when there is any of that.
pub(super) async fn settled(
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
pub(super) async fn rename(
    reader: &Reader,
    place: &Place,
    field: &str,
    wanted: &str,
) -> kontor_core::Result<()> {
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
pub(super) fn same_label<'b>(body: &'b Json, own: &str, title: &str) -> Option<&'b str> {
    let fold = kontor_model::value::fold;
    let wanted = fold(title.trim());
    let fields = body.get("properties")?.as_object()?;
    let mut others = fields.iter().filter(|(name, _)| *name != own);
    others
        .find(|(_, facets)| !wanted.is_empty() && fold(text(facets, "title")) == wanted)
        .map(|(name, _)| name.as_str())
}

/// The label of a field in other languages, as far as the form says any.
pub(super) async fn save_labels(
    reader: &Reader,
    (place, field): (&Place, &str),
    is_new: bool,
    sent: &Form,
) -> kontor_core::Result<()> {
    for language in sent.below("title.") {
        // The page of a new field could not show what a field of that name was called before: nobody emptied that.
        if is_new && sent.text(&format!("title.{language}")).is_empty() {
            continue;
        }
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

/// Puts a field into the definition that holds it, and into or out of what is required, where the form says that.
pub(super) fn set_field(holder: &mut Json, name: &str, field: Json, is_typed: bool, sent: Option<&Form>) {
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
pub(super) fn at_inputs(place: &Place, mut problems: Problems, field: &str) -> Problems {
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
