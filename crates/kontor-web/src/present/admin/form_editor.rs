//! A form definition as sections with things in them, and what its buttons do to it.

use kontor_model::definition::DefinitionKind;
use kontor_model::{EntityModel, Json};
use kontor_view::field::OptionView;
use kontor_view::page::admin::form_editor::{EditorSection, Slot};
use serde_json::json;

use crate::extract::form::Form;
use crate::present::Reading;
use crate::routes::admin::draft::text;

/// Most columns of a section.
const MOST_COLUMNS: usize = 4;

/// Takes away what says nothing: nulls, empty lists, `false`.
pub fn prune(json: &mut Json) {
    match json {
        Json::Object(object) => {
            object.values_mut().for_each(prune);
            object.retain(|key, value| {
                let says_nothing = value.is_null()
                    || *value == Json::Bool(false)
                    || value.as_array().is_some_and(Vec::is_empty);
                !says_nothing || matches!(key.as_str(), "items" | "sections" | "tabs")
            });
        }
        Json::Array(list) => list.iter_mut().for_each(prune),
        _ => {}
    }
}

/// The identity of an item inside its section.
fn name_of(item: &Json, index: usize) -> String {
    match item {
        Json::String(field) => field.clone(),
        item => {
            match (item.get("field").and_then(Json::as_str), item.get("related").and_then(Json::as_str)) {
                (Some(field), _) => field.to_owned(),
                (None, Some(related)) => format!("related:{related}"),
                (None, None) => format!("text:{index}"),
            }
        }
    }
}

/// The sections of the present tab.
pub fn sections(reading: &Reading<'_>, entity: &EntityModel, form: &Json, tab: usize) -> Vec<EditorSection> {
    let own = text(form, "name");
    let tab_name = form.pointer(&format!("/tabs/{tab}/name")).and_then(Json::as_str).unwrap_or_default();
    let list = form.pointer(&format!("/tabs/{tab}/sections")).and_then(Json::as_array).into_iter().flatten();
    list.map(|section| {
        let name = text(section, "name");
        let columns = section
            .get("columns")
            .and_then(Json::as_u64)
            .and_then(|columns| usize::try_from(columns).ok())
            .unwrap_or(2);
        let items = section.get("items").and_then(Json::as_array).into_iter().flatten();
        EditorSection {
            name: name.to_owned(),
            title: reading.label(
                DefinitionKind::Form,
                own,
                &format!("tabs.{tab_name}.sections.{name}.title"),
                text(section, "title"),
            ),
            columns: (1..=MOST_COLUMNS)
                .map(|number| {
                    OptionView::new(
                        number.to_string(),
                        reading.words().count("form_editor.column_count", number),
                        number == columns,
                    )
                })
                .collect(),
            slots: items
                .enumerate()
                .map(|(index, item)| slot(reading, entity, &name_of(item, index), item))
                .collect(),
        }
    })
    .collect()
}

fn slot(reading: &Reading<'_>, entity: &EntityModel, name: &str, item: &Json) -> Slot {
    let made = |label: String, kind: &str, note: String| Slot {
        name: name.to_owned(),
        label,
        kind: kind.to_owned(),
        note,
        selected: false,
    };
    if let Some(related) = name.strip_prefix("related:") {
        return made(related_label(reading, entity, related), "related", String::new());
    }
    if name.starts_with("text:") {
        return made(text(item, "text").to_owned(), "text", String::new());
    }
    match entity.field(name) {
        Some(field) => {
            let note = if field.required {
                reading.t("entity.required")
            } else if field.is_typed() {
                String::new()
            } else {
                reading.t("entity.calculated")
            };
            made(field.label(&reading.labels).to_owned(), field.kind.name(), note)
        }
        None => made(name.to_owned(), "text", String::new()),
    }
}

fn related_label(reading: &Reading<'_>, entity: &EntityModel, name: &str) -> String {
    let Some(link) = entity.back_links.iter().find(|link| link.name == name) else { return name.to_owned() };
    reading
        .labels
        .label("entity", &link.entity, &format!("properties.{}.back.title", link.field), &link.title)
        .to_owned()
}

/// What could still be put on the form.
pub fn palette(reading: &Reading<'_>, entity: &EntityModel, form: &Json, chosen: &str) -> Vec<Slot> {
    let mut placed = Vec::new();
    let tabs = form.get("tabs").and_then(Json::as_array).into_iter().flatten();
    for section in tabs.filter_map(|tab| tab.get("sections").and_then(Json::as_array)).flatten() {
        for (index, item) in section.get("items").and_then(Json::as_array).into_iter().flatten().enumerate() {
            placed.push(name_of(item, index));
        }
    }
    let fields = entity.fields.iter().filter(|field| {
        field.companion_of.is_none()
            && !matches!(field.name.as_str(), "id" | "version" | "deleted_at" | "record_type")
    });
    let names = fields
        .map(|field| field.name.clone())
        .chain(entity.back_links.iter().map(|link| format!("related:{}", link.name)));
    names
        .filter(|name| !placed.contains(name))
        .map(|name| Slot { selected: name == chosen, ..slot(reading, entity, &name, &Json::Null) })
        .collect()
}

/// What a button does; `false` when it was none.
pub fn apply(form: &mut Json, tab: usize, sent: &Form) -> bool {
    rename(form, tab, sent);
    let Some(sections) = form.pointer_mut(&format!("/tabs/{tab}/sections")).and_then(Json::as_array_mut)
    else {
        return false;
    };
    let place =
        |sections: &[Json], name: &str| sections.iter().position(|section| text(section, "name") == name);
    if sent.text("_add") == "section" {
        let name = kontor_model::name::derive("section", |taken| place(sections, taken).is_some());
        sections.push(json!({ "name": name, "columns": 2, "items": [] }));
        return true;
    }
    for (button, by) in [("_section_up", -1_isize), ("_section_down", 1)] {
        if let Some(index) = place(sections, sent.text(button)) {
            move_by(sections, index, by);
            return true;
        }
    }
    if let Some(index) = place(sections, sent.text("_section_drop")) {
        sections.remove(index);
        return true;
    }
    if let Some(index) = place(sections, sent.text("_place")) {
        let pick = sent.text("pick");
        if let (false, Some(items)) = (pick.is_empty(), items_mut(sections, index)) {
            items.push(match pick.strip_prefix("related:") {
                Some(related) => json!({ "name": related, "related": related }),
                None => pick.into(),
            });
        }
        return true;
    }
    for (button, by) in [("_up", -1_isize), ("_down", 1), ("_off", 0)] {
        let Some((section, item)) = sent.text(button).split_once('/') else { continue };
        let Some(items) = place(sections, section).and_then(|index| items_mut(sections, index)) else {
            continue;
        };
        let found = items.iter().enumerate().position(|(index, one)| name_of(one, index) == item);
        if let Some(index) = found {
            if by == 0 {
                items.remove(index);
            } else {
                move_by(items, index, by);
            }
        }
        return true;
    }
    sent.has("_save")
}

fn items_mut(sections: &mut [Json], index: usize) -> Option<&mut Vec<Json>> {
    let section = sections.get_mut(index)?.as_object_mut()?;
    section.entry("items").or_insert_with(|| Json::Array(Vec::new())).as_array_mut()
}

fn move_by(list: &mut [Json], index: usize, by: isize) {
    if let Some(other) = index.checked_add_signed(by).filter(|other| *other < list.len()) {
        list.swap(index, other);
    }
}

/// Headings and numbers of columns, which every button sends along.
fn rename(form: &mut Json, tab: usize, sent: &Form) {
    let Some(sections) = form.pointer_mut(&format!("/tabs/{tab}/sections")).and_then(Json::as_array_mut)
    else {
        return;
    };
    for section in sections.iter_mut().filter_map(Json::as_object_mut) {
        let name = section.get("name").and_then(Json::as_str).unwrap_or_default().to_owned();
        if let Some(title) = sent.get(&format!("section.{name}.title")) {
            match title.trim() {
                "" => section.shift_remove("title"),
                title => section.insert("title".into(), title.into()),
            };
        }
        if let Ok(columns) = sent.text(&format!("section.{name}.columns")).parse::<usize>() {
            section.insert("columns".into(), columns.clamp(1, MOST_COLUMNS).into());
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use crate::frame::address;

    fn form() -> Json {
        json!({ "name": "visit", "tabs": [{ "name": "main", "sections": [
            { "name": "a", "items": ["x", { "field": "y" }] }, { "name": "b", "items": [] }
        ] }] })
    }

    fn pressed(body: &str) -> Json {
        let mut changed = form();
        assert!(apply(&mut changed, 0, &Form(address::pairs(body.as_bytes()))), "{body}");
        changed.pointer("/tabs/0/sections").cloned().unwrap_or_default()
    }

    #[test]
    fn every_button_does_what_it_says() {
        assert_eq!(pressed("_down=a/x")[0]["items"], json!([{ "field": "y" }, "x"]));
        assert_eq!(pressed("_up=a/x")[0]["items"], json!(["x", { "field": "y" }]));
        assert_eq!(pressed("_off=a/y")[0]["items"], json!(["x"]));
        assert_eq!(pressed("_place=b&pick=z")[1]["items"], json!(["z"]));
        assert_eq!(
            pressed("_place=b&pick=related:visits")[1]["items"],
            json!([{ "name": "visits", "related": "visits" }])
        );
        assert_eq!(pressed("_section_down=a")[0]["name"], "b");
        assert_eq!(pressed("_section_drop=a").as_array().map(Vec::len), Some(1));
        assert_eq!(pressed("_add=section")[2]["name"], "section");
        assert_eq!(
            pressed("_save=1&section.a.title=Cost&section.a.columns=3")[0],
            json!({ "name": "a", "items": ["x", { "field": "y" }], "title": "Cost", "columns": 3 })
        );
        assert!(!apply(&mut form(), 0, &Form::default()));
    }
}
