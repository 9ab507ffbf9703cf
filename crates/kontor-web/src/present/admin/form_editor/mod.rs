//! A form definition as tabs and sections with things in them.

mod acts;
mod audience;
mod properties;

pub use acts::{NewWords, apply};
pub use audience::{audience, siblings};
pub use properties::properties;

use crate::present::Reading;
use crate::routes::admin::draft::text;
use kontor_model::definition::DefinitionKind;
use kontor_model::{EntityModel, Json};
use kontor_view::field::OptionView;
use kontor_view::page::admin::form_editor::{EditorSection, Slot};

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

fn in_text(name: &str) -> String {
    format!("text:{name}")
}

/// What a chart, or suggestions, are known by.
fn beside(item: &Json) -> Option<String> {
    let of = |key: &str| item.get(key).and_then(Json::as_str);
    match (of("chart"), of("by"), of("suggest")) {
        (Some(report), None, _) => Some(format!("chart:{report}")),
        (Some(report), Some(by), _) => Some(format!("chart:{report}:{by}")),
        (None, _, Some(entity)) => Some(format!("suggest:{entity}")),
        (None, _, None) => None,
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
                (None, None) => match beside(item).or_else(|| item.get("name")?.as_str().map(in_text)) {
                    Some(name) => name,
                    None => format!("text:{index}"),
                },
            }
        }
    }
}

/// The sections of the present tab; `href` gives the page with the properties of a thing in it, `chosen` is that thing.
pub fn sections(
    reading: &Reading<'_>,
    entity: &EntityModel,
    form: &Json,
    tab: usize,
    chosen: &str,
    href: &dyn Fn(&str) -> String,
) -> Vec<EditorSection> {
    let own_tab = form.pointer(&format!("/tabs/{tab}")).unwrap_or(&Json::Null);
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
            // As it is written, not as it reads in the administrator's language: every button sends it back.
            title: text(section, "title").to_owned(),
            shown: Some(section_label(reading, text(form, "name"), own_tab, section))
                .filter(|shown| shown != text(section, "title"))
                .unwrap_or_default(),
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
                .map(|(index, item)| {
                    let own = name_of(item, index);
                    let path = format!("{name}/{own}");
                    Slot {
                        href: href(&path),
                        selected: path == chosen,
                        wide: item.get("wide") == Some(&Json::Bool(true)),
                        conditional: item.get("visible_when").is_some(),
                        ..slot(reading, entity, &own, item)
                    }
                })
                .collect(),
            href: href(&format!("{name}/")),
            selected: chosen == format!("{name}/"),
            conditional: section.get("visible_when").is_some(),
            folded: section.get("collapsed") == Some(&Json::Bool(true)),
        }
    })
    .collect()
}

/// The heading of a section in the reader's language.
fn section_label(reading: &Reading<'_>, form: &str, tab: &Json, section: &Json) -> String {
    let path = format!("tabs.{}.sections.{}.title", text(tab, "name"), text(section, "name"));
    reading.label(DefinitionKind::Form, form, &path, text(section, "title"))
}

/// What a section is called: its heading, else what stands in it.
pub fn section_title(
    reading: &Reading<'_>,
    entity: Option<&EntityModel>,
    form: &str,
    tab: &Json,
    section: &Json,
) -> String {
    let own = section_label(reading, form, tab, section);
    if !own.is_empty() {
        return own;
    }
    let items = section.get("items").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let label = |(index, item): (usize, &Json)| {
        entity.map(|entity| slot(reading, entity, &name_of(item, index), item).label)
    };
    let names: Vec<String> = items.iter().enumerate().filter_map(label).take(2).collect();
    if names.is_empty() {
        return reading.t("form_editor.section_empty");
    }
    let comma = reading.t("said.comma");
    let more = if items.len() > names.len() { " …" } else { "" };
    let named = format!("{}{more}", names.join(&comma));
    reading.words().with("form_editor.section_of", &[("fields", &named)])
}

fn slot(reading: &Reading<'_>, entity: &EntityModel, name: &str, item: &Json) -> Slot {
    let made = |label: String, kind: &str, note: String| Slot {
        name: name.to_owned(),
        label,
        kind: kind.to_owned(),
        note,
        ..Slot::default()
    };
    let own = text(item, "title");
    if let Some(related) = name.strip_prefix("related:") {
        let label = related_label(reading, entity, related);
        return made(if own.is_empty() { label } else { own.to_owned() }, "related", String::new());
    }
    if let Some(chart) = name.strip_prefix("chart:") {
        let (report, by) = chart.split_once(':').unwrap_or((chart, ""));
        let json = reading.session.model.definition(DefinitionKind::Report, report);
        let label = json.map_or_else(
            || report.to_owned(),
            |json| reading.definition_title(DefinitionKind::Report, report, json),
        );
        let about = json.and_then(|json| reading.session.model.entity(text(json, "entity")));
        let way = about.and_then(|about| about.field(by)).map_or(by, |field| field.label(&reading.labels));
        let mut note = reading.t("form_editor.chart");
        if !way.is_empty() {
            note = format!("{note} › {way}");
        }
        return made(if own.is_empty() { label } else { own.to_owned() }, "chart", note);
    }
    if let Some(other) = name.strip_prefix("suggest:") {
        let other = reading
            .session
            .model
            .entity(other)
            .map_or_else(|| other.to_owned(), |one| reading.plural_of(one));
        let label = reading.words().with("suggest.title", &[("entity", &other)]);
        return made(if own.is_empty() { label } else { own.to_owned() }, "suggest", String::new());
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
            let label = if own.is_empty() { field.label(&reading.labels) } else { own };
            made(label.to_owned(), field.kind.name(), note)
        }
        None => made(name.to_owned(), "text", String::new()),
    }
}

fn related_label(reading: &Reading<'_>, entity: &EntityModel, name: &str) -> String {
    let Some(link) = entity.back_links.iter().find(|link| link.name == name) else { return name.to_owned() };
    let path = format!("properties.{}.back.title", link.field);
    let own = reading.labels.label("entity", &link.entity, &path, &link.title);
    if !own.is_empty() {
        return own.to_owned();
    }
    // A link without a heading of its own list is called by where it stands.
    let model = &reading.session.model;
    let plural = model.entity(&link.entity).map_or_else(|| link.entity.clone(), |one| reading.plural_of(one));
    let field = model.entity(&link.entity).and_then(|one| one.field(&link.field));
    let label = field.map_or(link.field.as_str(), |field| field.label(&reading.labels));
    format!("{plural} › {label}")
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
    // Records that a list of the form holds are not offered a second time.
    let related = entity.back_links.iter().filter(|link| link.list.is_none());
    let names =
        fields.map(|field| field.name.clone()).chain(related.map(|link| format!("related:{}", link.name)));
    names
        .chain(charts(reading, entity))
        .chain(suggestions(reading, entity))
        .filter(|name| !placed.contains(name))
        .map(|name| Slot { selected: name == chosen, ..slot(reading, entity, &name, &Json::Null) })
        .collect()
}

/// Most reports, and most kinds of record, that the palette offers.
const MOST_OFFERED: usize = 40;

/// The reports whose records lead to a record of the form, once for each way.
fn charts(reading: &Reading<'_>, entity: &EntityModel) -> Vec<String> {
    let model = &reading.session.model;
    let mut found = Vec::new();
    for (name, json) in model.definitions_of(DefinitionKind::Report) {
        let Some(about) = model.entity(text(json, "entity")) else { continue };
        match kontor_model::form::ways_to(about, entity).as_slice() {
            [] => {}
            [_] => found.push(format!("chart:{name}")),
            ways => found.extend(ways.iter().map(|way| format!("chart:{name}:{}", way.name))),
        }
    }
    found.truncate(MOST_OFFERED);
    found
}

/// The kinds of record that can be found by words, when the form's own have words to compare.
fn suggestions(reading: &Reading<'_>, entity: &EntityModel) -> Vec<String> {
    if !entity.fields.iter().any(kontor_model::form::has_words) {
        return Vec::new();
    }
    let model = &reading.session.model;
    let found = model.entities.values().filter(|other| !other.search.is_empty() && !other.is_built_in());
    found.map(|other| format!("suggest:{}", other.name)).take(MOST_OFFERED).collect()
}
