//! Where a field stands on the forms of its entity, and the sections in which it could stand.

use kontor_model::definition::DefinitionKind;
use kontor_model::{EntityModel, Json, Problem, Problems};
use kontor_view::field::{FieldView, OptionView};
use kontor_view::page::admin::DraftState;
use kontor_view::page::part::Link;

use super::facets::Editing;
use super::{entity as present_entity, form_editor, inputs};
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::Reading;
use crate::routes::admin::draft::{Draft, text};

/// The inputs begin with this; the form's name follows.
const INPUT: &str = "on.";
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

fn is_item(item: &Json, field: &str) -> bool {
    item.as_str().or_else(|| item.get("field").and_then(Json::as_str)) == Some(field)
}

fn holds(section: &Json, field: &str) -> bool {
    let items = section.get("items").and_then(Json::as_array).into_iter().flatten();
    items.into_iter().any(|item| is_item(item, field))
}

/// The forms that show the field, and how many there are.
fn counted(draft: &Draft<'_>, entity: &str, field: &str) -> (usize, usize) {
    let all = forms(draft, entity);
    let shown = all.iter().filter(|(_, form)| sections(form).any(|(_, section)| holds(section, field)));
    (shown.count(), all.len())
}

/// Whether an entity has forms of its own and none of them shows the field.
pub fn is_nowhere(draft: &Draft<'_>, entity: &str, field: &str) -> bool {
    matches!(counted(draft, entity, field), (0, 1..))
}

/// Where the field stands and where it could. Who comes from a form, a record or a list to add a field wants to see it
/// there: `back` says where that was.
pub fn of(editing: &Editing<'_>, back: &str) -> FormPlaces {
    let mut found = FormPlaces::default();
    if !editing.list.is_empty() {
        return found;
    }
    let reading = editing.reading;
    let entity = editing.model.entity(editing.entity).map(AsRef::as_ref);
    for (name, form) in forms(editing.draft, editing.entity) {
        let title = reading.label(DefinitionKind::Form, name, "title", text(form, "title"));
        let standing = sections(form).find(|(_, section)| holds(section, editing.name));
        if let Some((tab, section)) = standing.filter(|_| !editing.name.is_empty()) {
            let own = reading.admin_href(&format!("forms/{}", address::segment(name)));
            let item = format!("{}/{}", text(section, "name"), editing.name);
            let href = address::with_query(&own, [("tab", text(tab, "name")), ("item", item.as_str())]);
            let place = place_title(reading, entity, name, form, (tab, section));
            found.standing.push(Link {
                note: place,
                ..Link::new(href, title, present_entity::icon_of(DefinitionKind::Form))
            });
            continue;
        }
        let input = format!("{INPUT}{name}");
        let chosen = match editing.typed.get(&input) {
            Some(typed) => typed.to_owned(),
            None if editing.name.is_empty() => suggested(reading, name, form, back),
            None => String::new(),
        };
        let mut options = vec![OptionView::new("", reading.t("field_editor.not_on_form"), chosen.is_empty())];
        options.extend(sections(form).map(|(tab, section)| {
            let value = format!("{}{BETWEEN}{}", text(tab, "name"), text(section, "name"));
            let is_chosen = value == chosen;
            OptionView::new(value, place_title(reading, entity, name, form, (tab, section)), is_chosen)
        }));
        let line = FieldView {
            label: title,
            required: true,
            ..inputs::line(reading, &input, "field_editor.on_form", &chosen)
        };
        found.offered.push(inputs::choice(line, options));
    }
    found
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

/// The place that is ticked for a new field: the section that was looked at in the form editor; for who comes from a
/// record or a list the last section of the first tab that everybody sees.
fn suggested(reading: &Reading<'_>, name: &str, form: &Json, back: &str) -> String {
    let (path, query) = back.split_once('?').unwrap_or((back, ""));
    let query = Query(address::pairs(query.as_bytes()));
    let is_editor = path == reading.admin_href(&format!("forms/{}", address::segment(name)));
    let is_page = address::is_own_path(back) && !path.starts_with(&reading.admin_href(""));
    let is_inside = matches!(text(form, "channel"), "" | "internal" | "quick");
    if !is_editor && !(is_page && is_inside) {
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

/// The forms that the posted choices put the field on, as they become.
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
    for (name, form) in forms(draft, entity) {
        let input = format!("{INPUT}{name}");
        let wanted = sent.text(&input);
        if wanted.is_empty() || sections(form).any(|(_, section)| holds(section, field)) {
            continue;
        }
        let mut form = form.clone();
        let items = wanted.split_once(BETWEEN).and_then(|(tab, section)| items_of(&mut form, tab, section));
        let Some(items) = items else {
            return Err(Problem::at_field("unknown_option", &input).with("value", wanted).into());
        };
        items.push(field.into());
        changed.push((name.to_owned(), form));
    }
    Ok(changed)
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
    use serde_json::json;

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
        assert!(sections(&form).any(|(_, section)| holds(section, "z")));
    }
}
