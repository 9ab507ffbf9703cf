//! Where a field stands on the forms of its entity, and where the list that a link brings stands on the forms of the other
//! side; and the sections in which they could stand.

use kontor_model::definition::DefinitionKind;
use kontor_model::diff::Use;
use kontor_model::{EntityModel, Json, Problem, Problems};
use kontor_view::field::{FieldView, OptionView};
use kontor_view::page::admin::DraftState;
use kontor_view::page::part::Link;
use serde_json::json;

use super::facets::Editing;
use super::{entity as present_entity, form_editor, inputs};
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::Reading;
use crate::routes::admin::draft::{Draft, text};

/// The inputs of the field's own entity begin with this; the form's name follows.
const HERE: &str = "on.";
/// Those of the entities that a link leads to.
const THERE: &str = "there.";
/// Between the tab and the section of a place: neither name has one.
const BETWEEN: char = '/';

/// A field among the forms of its entity.
#[derive(Debug, Default)]
pub struct FormPlaces {
    /// Where it stands, each leading to the form editor.
    pub standing: Vec<Link>,
    /// A choice of sections for each form that does not show it.
    pub offered: Vec<FieldView>,
}

/// The entity's forms as the draft has them; none when its form is made from the fields.
fn forms<'a>(draft: &'a Draft<'_>, entity: &str) -> Vec<(&'a str, &'a Json)> {
    let mut found = present_entity::parts_of(draft, DefinitionKind::Form, entity);
    found.retain(|(name, _)| draft.state(DefinitionKind::Form, name) != DraftState::Removed);
    found
}

/// The sections of a form, each with its tab.
fn sections(form: &Json) -> impl Iterator<Item = (&Json, &Json)> {
    let tabs = form.get("tabs").and_then(Json::as_array).into_iter().flatten();
    tabs.flat_map(|tab| {
        let own = tab.get("sections").and_then(Json::as_array).into_iter().flatten();
        own.map(move |section| (tab, section))
    })
}

/// What is put on a form.
#[derive(Clone, Copy, Debug)]
enum Thing<'n> {
    /// A field of the form's entity.
    Field(&'n str),
    /// A list of records that link to the form's entity, by its name.
    List(&'n str),
}

impl Thing<'_> {
    fn is(self, item: &Json) -> bool {
        let said = |key: &str| item.get(key).and_then(Json::as_str);
        match self {
            Self::Field(name) => item.as_str().or_else(|| said("field")) == Some(name),
            Self::List(name) => said("related") == Some(name),
        }
    }

    fn item(self) -> Json {
        match self {
            Self::Field(name) => name.into(),
            Self::List(name) => json!({ "name": name, "related": name }),
        }
    }

    /// How the form editor addresses it inside its section.
    fn slot(self) -> String {
        match self {
            Self::Field(name) => name.to_owned(),
            Self::List(name) => format!("related:{name}"),
        }
    }

    fn stands_in(self, section: &Json) -> bool {
        let items = section.get("items").and_then(Json::as_array).into_iter().flatten();
        items.into_iter().any(|item| self.is(item))
    }
}

/// Whether an entity has forms of its own and none of them shows the thing.
fn is_on_none(draft: &Draft<'_>, entity: &str, thing: Thing<'_>) -> bool {
    let all = forms(draft, entity);
    !all.is_empty() && !all.iter().any(|(_, form)| sections(form).any(|(_, one)| thing.stands_in(one)))
}

/// Whether an entity has forms of its own and none of them shows the field.
pub fn is_nowhere(draft: &Draft<'_>, entity: &str, field: &str) -> bool {
    is_on_none(draft, entity, Thing::Field(field))
}

/// The list that a link brings: its name, and the entities whose records have it.
fn list_of(field: &Json) -> Option<(&str, Vec<&str>)> {
    let back = text(field.get("back")?, "name");
    let to = match field.get("to")? {
        Json::String(one) => vec![one.as_str()],
        Json::Array(several) => several.iter().filter_map(Json::as_str).collect(),
        _ => return None,
    };
    (!back.is_empty()).then_some((back, to))
}

/// Whether the list that a link brings is on none of the forms of an entity that it leads to.
pub fn list_is_nowhere(draft: &Draft<'_>, entity: &str, field: &str) -> bool {
    let body = draft.definition(DefinitionKind::Entity, entity);
    let field = body.and_then(|body| body.get("properties")?.get(field));
    let Some((list, targets)) = field.and_then(list_of) else { return false };
    targets.iter().any(|target| is_on_none(draft, target, Thing::List(list)))
}

/// Where the field stands and where it could. Who comes from a form, a record or a list to add a field wants to see it
/// there: `back` says where that was.
pub fn of(editing: &Editing<'_>, back: &str) -> FormPlaces {
    let mut found = FormPlaces::default();
    if !editing.list.is_empty() {
        return found;
    }
    add(&mut found, editing, editing.entity, (HERE, Thing::Field(editing.name)), back);
    if let Some((list, targets)) = list_of(editing.field).filter(|_| !editing.name.is_empty()) {
        for target in targets {
            add(&mut found, editing, target, (THERE, Thing::List(list)), "");
        }
    }
    found
}

fn add(
    found: &mut FormPlaces,
    editing: &Editing<'_>,
    owner: &str,
    (prefix, thing): (&str, Thing<'_>),
    back: &str,
) {
    let reading = editing.reading;
    let is_new = editing.name.is_empty();
    let entity = editing.model.entity(owner).map(AsRef::as_ref);
    for (name, form) in forms(editing.draft, owner) {
        let title = reading.label(DefinitionKind::Form, name, "title", text(form, "title"));
        let standing = sections(form).find(|(_, section)| thing.stands_in(section));
        if let Some((tab, section)) = standing.filter(|_| !is_new) {
            let own = reading.admin_href(&format!("forms/{}", address::segment(name)));
            let item = format!("{}/{}", text(section, "name"), thing.slot());
            let href = address::with_query(&own, [("tab", text(tab, "name")), ("item", item.as_str())]);
            let place = place_title(reading, entity, name, form, (tab, section));
            let icon = present_entity::icon_of(DefinitionKind::Form);
            found.standing.push(Link { note: place, ..Link::new(href, title, icon) });
            continue;
        }
        let input = format!("{prefix}{name}");
        let chosen = match editing.typed.get(&input) {
            Some(typed) => typed.to_owned(),
            None if is_new => suggested(reading, name, form, back),
            None => String::new(),
        };
        let mut options = vec![OptionView::new("", reading.t("field_editor.not_on_form"), chosen.is_empty())];
        options.extend(sections(form).map(|(tab, section)| {
            let value = format!("{}{BETWEEN}{}", text(tab, "name"), text(section, "name"));
            let is_chosen = value == chosen;
            OptionView::new(value, place_title(reading, entity, name, form, (tab, section)), is_chosen)
        }));
        let label = match thing {
            Thing::Field(_) => title,
            Thing::List(_) => reading.words().with("field_editor.list_on", &[("form", &title)]),
        };
        let line = inputs::line(reading, &input, "field_editor.on_form", &chosen);
        found.offered.push(inputs::choice(FieldView { label, required: true, ..line }, options));
    }
}

/// "Details › Money"; of a form with one tab the section alone.
fn place_title(
    reading: &Reading<'_>,
    entity: Option<&EntityModel>,
    name: &str,
    form: &Json,
    (tab, section): (&Json, &Json),
) -> String {
    let own = form_editor::section_title(reading, entity, name, tab, section);
    let tabs = form.get("tabs").and_then(Json::as_array).map_or(0, Vec::len);
    if tabs < 2 {
        return own;
    }
    let path = format!("tabs.{}.title", text(tab, "name"));
    format!("{} › {own}", reading.label(DefinitionKind::Form, name, &path, text(tab, "title")))
}

/// Where on a published form something is used; `None` for what is no form, or stands elsewhere in it.
pub fn place_at(reading: &Reading<'_>, one: &Use) -> Option<String> {
    let model = &reading.session.model;
    let form =
        model.definition(DefinitionKind::Form, &one.name).filter(|_| one.kind == DefinitionKind::Form)?;
    let mut keys = one.pointer.strip_prefix("/tabs/")?.split('/');
    let tab = form.get("tabs")?.get(keys.next()?.parse::<usize>().ok()?)?;
    let section = (keys.next()? == "sections").then(|| keys.next())??;
    let section = tab.get("sections")?.get(section.parse::<usize>().ok()?)?;
    let entity = model.entity(text(form, "entity")).map(AsRef::as_ref);
    Some(place_title(reading, entity, &one.name, form, (tab, section)))
}

/// The place that is ticked for a new field: the section that was looked at in the form editor; for who comes from a
/// record or a list the last section of the first tab that everybody sees.
fn suggested(reading: &Reading<'_>, name: &str, form: &Json, back: &str) -> String {
    let (path, query) = back.split_once('?').unwrap_or((back, ""));
    let query = Query(address::pairs(query.as_bytes()));
    let is_editor = path == reading.admin_href(&format!("forms/{}", address::segment(name)));
    let is_page = address::is_own_path(back) && !path.starts_with(&reading.admin_href(""));
    let is_inside = matches!(text(form, "channel"), "" | "internal" | "quick");
    if !(is_editor || is_page && is_inside) {
        return String::new();
    }
    let of = |tab: &Json, section: &Json| format!("{}{BETWEEN}{}", text(tab, "name"), text(section, "name"));
    let tab = query.text("tab");
    let looked_at = query.text("item").split('/').next().unwrap_or_default();
    let exact = sections(form).find(|(own, section)| {
        is_editor && text(own, "name") == tab && !looked_at.is_empty() && text(section, "name") == looked_at
    });
    let first = form.pointer("/tabs/0");
    let is_wanted = |own: &Json| {
        if is_editor && !tab.is_empty() { text(own, "name") == tab } else { Some(own) == first }
    };
    let is_plain = |section: &Json| {
        section.get("visible_when").is_none() && section.get("collapsed") != Some(&Json::Bool(true))
    };
    let last = sections(form).filter(|(own, section)| is_wanted(own) && is_plain(section)).last();
    let found = exact.or(last).or_else(|| sections(form).next());
    found.map(|(tab, section)| of(tab, section)).unwrap_or_default()
}

/// The forms that the posted choices put the field on, and the list that it brings, as they become.
///
/// # Errors
/// At the input whose section is not there.
pub fn placed(
    draft: &Draft<'_>,
    entity: &str,
    field: &str,
    sent: &Form,
) -> Result<Vec<(String, Json)>, Problems> {
    let mut changed = Vec::new();
    put(draft, entity, (HERE, Thing::Field(field)), sent, &mut changed)?;
    let body = draft.definition(DefinitionKind::Entity, entity);
    let written = body.and_then(|body| body.get("properties")?.get(field));
    if let Some((list, targets)) = written.and_then(list_of) {
        for target in targets {
            put(draft, target, (THERE, Thing::List(list)), sent, &mut changed)?;
        }
    }
    Ok(changed)
}

fn put(
    draft: &Draft<'_>,
    owner: &str,
    (prefix, thing): (&str, Thing<'_>),
    sent: &Form,
    changed: &mut Vec<(String, Json)>,
) -> Result<(), Problems> {
    for (name, form) in forms(draft, owner) {
        let input = format!("{prefix}{name}");
        let wanted = sent.text(&input);
        if wanted.is_empty() || sections(form).any(|(_, section)| thing.stands_in(section)) {
            continue;
        }
        // A link to its own entity puts both on one form.
        let known = changed.iter().position(|(other, _)| other == name);
        let mut form = known.map_or_else(|| form.clone(), |at| changed.remove(at).1);
        let items = wanted.split_once(BETWEEN).and_then(|(tab, section)| items_of(&mut form, tab, section));
        let Some(items) = items else {
            return Err(Problem::at_field("unknown_option", &input).with("value", wanted).into());
        };
        items.push(thing.item());
        changed.push((name.to_owned(), form));
    }
    Ok(())
}

fn items_of<'f>(form: &'f mut Json, tab: &str, section: &str) -> Option<&'f mut Vec<Json>> {
    let named = |list: &'f mut Json, name: &str| {
        list.as_array_mut()?.iter_mut().find(|one| text(one, "name") == name)
    };
    let tab = named(form.get_mut("tabs")?, tab)?;
    let section = named(tab.get_mut("sections")?, section)?;
    let items = section.as_object_mut()?.entry("items").or_insert_with(|| Json::Array(Vec::new()));
    items.as_array_mut()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_field_goes_to_the_end_of_a_section() {
        let mut form = json!({ "tabs": [{ "name": "a", "sections": [{ "name": "b", "items": ["x"] }, { "name": "c" }] }] });
        items_of(&mut form, "a", "b").unwrap().push("y".into());
        items_of(&mut form, "a", "c").unwrap().push("z".into());
        assert!(items_of(&mut form, "b", "c").is_none());
        assert_eq!(
            form,
            json!({ "tabs": [{ "name": "a", "sections": [
                { "name": "b", "items": ["x", "y"] }, { "name": "c", "items": ["z"] }] }] })
        );
        assert!(sections(&form).any(|(_, section)| Thing::Field("z").stands_in(section)));
        items_of(&mut form, "a", "c").unwrap().push(Thing::List("z").item());
        assert!(sections(&form).any(|(_, section)| Thing::List("z").stands_in(section)));
    }
}
