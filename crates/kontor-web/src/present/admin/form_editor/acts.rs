//! What the buttons of the form editor do to a form. Everything that the page shows is sent along with every button, so that
//! nothing typed is lost.

use kontor_model::form::has_words;
use kontor_model::{EntityModel, Json, name};
use serde_json::{Map, json};

use super::{MOST_COLUMNS, name_of};
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::present::condition_rows;
use crate::routes::admin::draft::text;

/// Most facts at the top of a record.
const MOST_FACTS: usize = 6;

/// What a button did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// The tab that is shown afterwards, where it is another.
    pub tab: Option<String>,
    /// What is chosen afterwards, where it is another; empty for nothing.
    pub item: Option<String>,
}

/// What new things are called, in the language of who adds them.
#[derive(Clone, Debug, Default)]
pub struct NewWords {
    /// A tab.
    pub tab: String,
}

/// Does what a button says; `None` when it was none.
pub fn apply(
    form: &mut Json,
    entity: &EntityModel,
    words: &NewWords,
    tab: usize,
    sent: &Form,
) -> Option<Done> {
    say(form, tab, sent);
    let mut done = describe(form, entity, tab, sent);
    if let Some(act) = sent.get("_tab") {
        done.tab = of_tab(form, words, tab, act);
        done.item = Some(String::new());
        return Some(done);
    }
    let sections = form.pointer_mut(&format!("/tabs/{tab}/sections")).and_then(Json::as_array_mut)?;
    if of_section(sections, entity, sent, &mut done)
        || of_slot(sections, sent, &mut done)
        || sent.has("_save")
    {
        return Some(done);
    }
    None
}

fn place(sections: &[Json], name: &str) -> Option<usize> {
    sections.iter().position(|section| !name.is_empty() && text(section, "name") == name)
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

/// Tabs: one more, one place on, away. Gives the name of the tab to show.
fn of_tab(form: &mut Json, words: &NewWords, tab: usize, act: &str) -> Option<String> {
    let tabs = form.pointer_mut("/tabs").and_then(Json::as_array_mut)?;
    match act {
        "add" => {
            let name = name::derive("tab", |taken| tabs.iter().any(|tab| text(tab, "name") == taken));
            tabs.push(json!({ "name": name, "title": words.tab, "sections": [
                { "name": format!("{name}_main"), "columns": 2, "items": [] } ] }));
            Some(name)
        }
        "left" | "right" => {
            let name = tabs.get(tab).map(|tab| text(tab, "name").to_owned());
            move_by(tabs, tab, if act == "left" { -1 } else { 1 });
            name
        }
        // A form has one tab at least.
        "drop" if tabs.len() > 1 && tab < tabs.len() => {
            tabs.remove(tab);
            tabs.first().map(|tab| text(tab, "name").to_owned())
        }
        _ => None,
    }
}

fn of_section(sections: &mut Vec<Json>, entity: &EntityModel, sent: &Form, done: &mut Done) -> bool {
    if sent.text("_add") == "section" {
        let name = name::derive("section", |taken| place(sections, taken).is_some());
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
        done.item = Some(String::new());
        return true;
    }
    if let Some(index) = place(sections, sent.text("_text")) {
        let section = sent.text("_text");
        let taken: Vec<String> = sections
            .iter()
            .filter_map(|section| section.get("items").and_then(Json::as_array))
            .flatten()
            .map(|item| text(item, "name").to_owned())
            .collect();
        let name = name::derive("text", |name| taken.iter().any(|known| known == name));
        if let Some(items) = items_mut(sections, index) {
            items.push(json!({ "name": name, "text": "…" }));
            done.item = Some(format!("{section}/text:{name}"));
        }
        return true;
    }
    if let Some(index) = place(sections, sent.text("_place")) {
        let pick = sent.text("pick");
        if let (false, Some(items)) = (pick.is_empty(), items_mut(sections, index)) {
            items.push(placed(entity, pick));
        }
        return true;
    }
    false
}

/// What was picked, as it is put on the form.
fn placed(entity: &EntityModel, pick: &str) -> Json {
    match pick.split_once(':') {
        Some(("related", name)) => json!({ "name": name, "related": name }),
        Some(("chart", name)) => match name.split_once(':') {
            Some((report, by)) => json!({ "chart": report, "by": by }),
            None => json!({ "chart": name }),
        },
        Some(("suggest", name)) => {
            let display = Some(entity.display_field()).filter(|field| has_words(field));
            let first = display.or_else(|| entity.own_fields().find(|field| has_words(field)));
            let from: Vec<&str> = first.iter().map(|field| field.name.as_str()).collect();
            json!({ "suggest": name, "from": from })
        }
        _ => pick.into(),
    }
}

fn of_slot(sections: &mut [Json], sent: &Form, done: &mut Done) -> bool {
    for (button, by) in [("_up", -1_isize), ("_down", 1), ("_off", 0)] {
        let Some((section, item)) = sent.text(button).split_once('/') else { continue };
        let Some(at) = place(sections, section) else { continue };
        let Some(items) = items_mut(sections, at) else { continue };
        let found = items.iter().enumerate().position(|(index, one)| name_of(one, index) == item);
        let Some(index) = found else { return true };
        if by == 0 {
            items.remove(index);
            done.item = Some(String::new());
            return true;
        }
        let is_edge = if by < 0 { index == 0 } else { index + 1 == items.len() };
        let other = at.checked_add_signed(by).filter(|other| *other < sections.len());
        match other.filter(|_| is_edge) {
            // Beyond the edge of its section a thing goes on into the next one.
            Some(other) => carry(sections, (at, index), other, by < 0),
            None => {
                if let Some(items) = items_mut(sections, at) {
                    move_by(items, index, by);
                }
            }
        }
        return true;
    }
    false
}

/// Takes a thing out of one section and puts it at the end, or the beginning, of another.
fn carry(sections: &mut [Json], (from, index): (usize, usize), to: usize, at_end: bool) {
    let Some(items) = items_mut(sections, from).filter(|items| index < items.len()) else { return };
    let item = items.remove(index);
    if let Some(items) = items_mut(sections, to) {
        items.insert(if at_end { items.len() } else { 0 }, item);
    }
}

fn set_text(object: &mut Map<String, Json>, key: &str, value: &str) {
    if value.is_empty() {
        object.shift_remove(key);
    } else {
        object.insert(key.to_owned(), value.into());
    }
}

fn set_flag(object: &mut Map<String, Json>, key: &str, value: bool) {
    if value {
        object.insert(key.to_owned(), true.into());
    } else {
        object.shift_remove(key);
    }
}

/// Titles and numbers of columns, and for whom the form is.
fn say(form: &mut Json, tab: usize, sent: &Form) {
    if let Some(sections) = form.pointer_mut(&format!("/tabs/{tab}/sections")).and_then(Json::as_array_mut) {
        for section in sections.iter_mut().filter_map(Json::as_object_mut) {
            let name = section.get("name").and_then(Json::as_str).unwrap_or_default().to_owned();
            if let Some(title) = sent.get(&format!("section.{name}.title")) {
                set_text(section, "title", title.trim());
            }
            if let Ok(columns) = sent.text(&format!("section.{name}.columns")).parse::<usize>() {
                section.insert("columns".into(), columns.clamp(1, MOST_COLUMNS).into());
            }
        }
    }
    if let (Some(tab), Some(title)) =
        (form.pointer_mut(&format!("/tabs/{tab}")).and_then(Json::as_object_mut), sent.get("tab.title"))
        && !title.trim().is_empty()
    {
        tab.insert("title".into(), title.trim().into());
    }
    let Some(form) = form.as_object_mut().filter(|_| sent.has("form.title")) else { return };
    if !sent.text("form.title").is_empty() {
        form.insert("title".into(), sent.text("form.title").into());
    }
    set_text(form, "record_type", sent.text("form.type"));
    let channel = sent.text("form.channel");
    set_text(form, "channel", if channel == kontor_model::form::INTERNAL { "" } else { channel });
    for (key, input) in [("roles", "form.role"), ("facts", "form.fact")] {
        let most = if key == "facts" { MOST_FACTS } else { usize::MAX };
        let chosen: Vec<&str> = sent.all(input).take(most).collect();
        if chosen.is_empty() {
            form.shift_remove(key);
        } else {
            form.insert(key.to_owned(), json!(chosen));
        }
    }
}

/// What was said of the chosen thing.
fn describe(form: &mut Json, entity: &EntityModel, tab: usize, sent: &Form) -> Done {
    let mut done = Done::default();
    let Some((section, slot)) = sent.get("item").and_then(|item| item.split_once('/')) else { return done };
    let query = Query(sent.0.clone());
    let conditions = |object: &mut Map<String, Json>| {
        // Conditions that say more than the page can show are not shown and not touched.
        if condition_rows::condition_inputs(object.get("visible_when")).is_some() {
            match condition_rows::conditions_json(entity, &query) {
                Some(filter) => object.insert("visible_when".into(), filter),
                None => object.shift_remove("visible_when"),
            };
        }
    };
    if section.is_empty() {
        if let Some(tab) = form.pointer_mut(&format!("/tabs/{tab}")).and_then(Json::as_object_mut) {
            conditions(tab);
        }
        return done;
    }
    let Some(sections) = form.pointer_mut(&format!("/tabs/{tab}/sections")).and_then(Json::as_array_mut)
    else {
        return done;
    };
    let Some(at) = place(sections, section) else { return done };
    if slot.is_empty() {
        if let Some(object) = sections.get_mut(at).and_then(Json::as_object_mut) {
            set_text(object, "description", sent.text("item.text"));
            set_flag(object, "collapsed", sent.has("item.folded"));
            conditions(object);
        }
        move_section(form, tab, at, sent, &mut done);
        return done;
    }
    let Some(items) = items_mut(sections, at) else { return done };
    let found = items.iter().enumerate().position(|(index, one)| name_of(one, index) == slot);
    let Some(item) = found.and_then(|index| items.get_mut(index)) else { return done };
    describe_item(item, sent, &conditions);
    let wanted = sent.text("item.section").to_owned();
    if let (Some((other, to)), Some(index)) = (wanted.split_once('/'), found) {
        to_tab(form, (tab, at, index), (other, to), slot, &mut done);
        return done;
    }
    if wanted != section
        && let (Some(to), Some(index)) = (place(sections, &wanted), found)
    {
        carry(sections, (at, index), to, true);
        done.item = Some(format!("{wanted}/{slot}"));
    }
    done
}

fn describe_item(item: &mut Json, sent: &Form, conditions: &dyn Fn(&mut Map<String, Json>)) {
    let mut object = match item.take() {
        Json::String(field) => Map::from_iter([("field".to_owned(), Json::String(field))]),
        Json::Object(object) => object,
        _ => return,
    };
    if object.contains_key("text") {
        if !sent.text("item.text").is_empty() {
            object.insert("text".into(), sent.text("item.text").into());
        }
    } else {
        set_text(&mut object, "title", sent.text("item.title"));
        set_flag(&mut object, "wide", sent.has("item.wide"));
    }
    if object.contains_key("field") {
        set_flag(&mut object, "readonly", sent.has("item.readonly"));
    }
    if object.contains_key("chart") && sent.has("item.by") {
        set_text(&mut object, "by", sent.text("item.by"));
    }
    let from: Vec<&str> = sent.all("item.from").collect();
    if object.contains_key("suggest") && !from.is_empty() {
        object.insert("from".into(), json!(from));
    }
    if object.contains_key("related") {
        let columns: Vec<&str> = sent.all("item.column").collect();
        if columns.is_empty() {
            object.shift_remove("columns");
        } else {
            object.insert("columns".into(), json!(columns));
        }
        match sent.text("item.limit").parse::<u32>() {
            Ok(limit) => object.insert("limit".into(), limit.into()),
            Err(_) => object.shift_remove("limit"),
        };
    }
    conditions(&mut object);
    // A field of which nothing is said is written as its name alone.
    *item = match object.get("field").and_then(Json::as_str).map(str::to_owned) {
        Some(field) if object.len() == 1 => Json::String(field),
        _ => Json::Object(object),
    };
}

/// A thing goes to a section of another tab, with all that is said of it.
fn to_tab(
    form: &mut Json,
    (tab, section, index): (usize, usize, usize),
    (other, to): (&str, &str),
    slot: &str,
    done: &mut Done,
) {
    let list = form.get("tabs").and_then(Json::as_array);
    let Some(at) = list.and_then(|tabs| tabs.iter().position(|tab| text(tab, "name") == other)) else {
        return;
    };
    let mut of =
        |tab: usize, place: &dyn Fn(&[Json]) -> Option<usize>, act: &mut dyn FnMut(&mut Vec<Json>)| {
            let sections = form.pointer_mut(&format!("/tabs/{tab}/sections")).and_then(Json::as_array_mut);
            if let Some(sections) = sections
                && let Some(found) = place(sections)
                && let Some(items) = items_mut(sections, found)
            {
                act(items);
            }
        };
    let target = |sections: &[Json]| place(sections, to);
    let mut is_there = false;
    of(at, &target, &mut |_| is_there = true);
    if !is_there {
        return;
    }
    let mut taken = None;
    of(tab, &|_| Some(section), &mut |items| taken = (index < items.len()).then(|| items.remove(index)));
    let Some(item) = taken else { return };
    of(at, &target, &mut |items| items.push(item.clone()));
    done.tab = Some(other.to_owned());
    done.item = Some(format!("{to}/{slot}"));
}

/// A section goes to another tab.
fn move_section(form: &mut Json, tab: usize, at: usize, sent: &Form, done: &mut Done) {
    let wanted = sent.text("item.tab");
    let Some(tabs) = form.pointer_mut("/tabs").and_then(Json::as_array_mut) else { return };
    let Some(to) = tabs.iter().position(|tab| text(tab, "name") == wanted).filter(|to| *to != tab) else {
        return;
    };
    let sections = |tab: &mut Json| -> Option<Vec<Json>> {
        let list = tab.as_object_mut()?.entry("sections").or_insert_with(|| Json::Array(Vec::new()));
        list.as_array_mut().map(std::mem::take)
    };
    let Some(mut own) = tabs.get_mut(tab).and_then(sections) else { return };
    let mut other = tabs.get_mut(to).and_then(sections).unwrap_or_default();
    if at < own.len() {
        let mut section = own.remove(at);
        let name = text(&section, "name").to_owned();
        // The name of a section is its own within its tab.
        let fresh = name::derive(&name, |taken| place(&other, taken).is_some());
        if let Some(object) = section.as_object_mut() {
            object.insert("name".into(), fresh.clone().into());
        }
        other.push(section);
        done.tab = Some(wanted.to_owned());
        done.item = Some(format!("{fresh}/"));
    }
    for (index, list) in [(tab, own), (to, other)] {
        if let Some(object) = tabs.get_mut(index).and_then(Json::as_object_mut) {
            object.insert("sections".into(), list.into());
        }
    }
}

#[cfg(test)]
mod tests;
